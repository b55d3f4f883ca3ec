"""Stands in for Todoist: sign-in and API v1 (developer.todoist.com/api/v1)."""

TODOIST_API = "/api/v1/"
TODOIST_SIGN_IN = "/oauth/"
