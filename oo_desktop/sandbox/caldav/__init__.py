"""Stands in for a CalDAV server laid out as Nextcloud is, and for Nextcloud's sign-in.

Sources: RFC 4918 (WebDAV), 4791 (CalDAV), 6578 (sync-collection), 6638 (scheduling), 6764 (finding
the server), 5397 and 3744 (principal, privileges), 7617 (Basic); and docs.nextcloud.com, "Login
Flow" in the developer manual. Where these leave a choice it is sabre/dav's, which Nextcloud is made
of. Unlike it, nothing is filtered (calendar-query) and nothing is made or moved (MKCALENDAR, MOVE).
No imports here: the parent process of a sandbox reads these, too.
"""

WELL_KNOWN = "/.well-known/caldav"
DAV = "/remote.php/dav/"
LOGIN = "/index.php/login/v2"
FLOW = "/login/v2/"
"""Where a sign-in goes on: addresses without `index.php`, as most servers are set up."""
APP_PASSWORD = "/ocs/v2.php/core/apppassword"

CALDAV_PATHS = (WELL_KNOWN, DAV, LOGIN, FLOW, APP_PASSWORD)
"""The beginnings of all its paths, so that faults can befall it alone."""
