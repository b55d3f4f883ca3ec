"""A stand-in Google: sign-in for desktop apps, and Calendar v3.

Sources: developers.google.com/identity/protocols/oauth2/native-app, …/calendar/api/v3/reference
and …/calendar/api/guides, and the machine-readable schema of the API, against which the
tests hold its answers. Where these are silent the docstrings say which choice was made.
"""

PREFIX = "/google"
"""Where all of it is, so that faults can befall Google alone."""

API = f"{PREFIX}/calendar/v3/"
TOKEN = f"{PREFIX}/token"
ISSUER = "https://accounts.google.com"
