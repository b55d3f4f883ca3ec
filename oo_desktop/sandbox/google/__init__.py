"""Stands in for Google: sign-in for desktop apps, and Calendar v3.

Sources: developers.google.com/identity/protocols/oauth2/native-app, …/calendar/api/v3/reference
and …/calendar/api/guides, and the machine-readable schema of the API, against which the
tests hold its answers. Where these are silent the docstrings say which choice was made. No imports
here: the parent process of a sandbox reads these, too.
"""

GOOGLE = "/google/"
"""Where all of it is, so that faults can befall Google alone."""

GOOGLE_API = f"{GOOGLE}calendar/v3/"
GOOGLE_TOKEN = f"{GOOGLE}token"
GOOGLE_ISSUER = "https://accounts.google.com"
CLIENT_ID = "407408718192-oosandbox.apps.googleusercontent.com"
"""The desktop client there is from the start."""
CLIENT_SECRET = "GOCSPX-opens-nothing"
CLIENT_PROJECT = "407408718192"
