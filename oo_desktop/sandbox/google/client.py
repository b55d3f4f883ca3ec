"""The desktop client there is from the start. No imports: the parent process reads it too."""

CLIENT_ID = "407408718192-oosandbox.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-opens-nothing"
PROJECT = "407408718192"
