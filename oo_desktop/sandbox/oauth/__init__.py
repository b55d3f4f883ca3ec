"""Runs the sign-in of either service: one OAuth server, and a policy per service.

RFC 6749 and 7636. `policy` says what a service does in its own way, `grants` keeps what apps were
given, `server` answers the browser and the app.
"""
