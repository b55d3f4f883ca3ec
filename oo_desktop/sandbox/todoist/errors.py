"""Say no as Todoist does (developer.todoist.com/api/v1, "Errors"): one envelope for all."""

import json
import math
import secrets
from collections.abc import Callable
from typing import Any

from oo_desktop.sandbox.faults import RawAnswer


class TodoistApiError(Exception):
    """Says that the API refuses. `extra` goes into `error_extra`, beside a fresh event id."""

    def __init__(self, status: int, code: int, tag: str, message: str, **extra: object) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.tag = tag
        self.message = message
        self.extra = extra

    def envelope(self) -> dict[str, Any]:
        """Return the JSON body, or one command's entry in `sync_status`."""
        return {
            "error": self.message,
            "error_code": self.code,
            "error_tag": self.tag,
            "http_code": self.status,
            "error_extra": {"event_id": secrets.token_hex(16), **self.extra},
        }


def invalid_argument(argument: str, explanation: str) -> TodoistApiError:
    """Return 400, code 20: a value that cannot be used."""
    return TodoistApiError(
        400,
        20,
        "INVALID_ARGUMENT_VALUE",
        "Invalid argument value",
        argument=argument,
        explanation=explanation,
    )


def missing_argument(argument: str) -> TodoistApiError:
    """Return 400, code 19: something required was not sent."""
    return TodoistApiError(
        400, 19, "ARGUMENT_MISSING", "Required argument is missing", argument=argument
    )


def bad_filter() -> TodoistApiError:
    """Return 400, code 55: a filter text Todoist does not understand."""
    return TodoistApiError(400, 55, "INVALID_SEARCH_QUERY", "The search query is incorrect")


def bad_temporary_id() -> TodoistApiError:
    """Return 400, code 15: a reference to a temp_id nobody introduced."""
    return TodoistApiError(400, 15, "INVALID_TEMPID", "Invalid temporary id")


def too_many_items(most: int) -> TodoistApiError:
    """Return 400, code 49."""
    return TodoistApiError(
        400, 49, "MAX_ITEMS_LIMIT_REACHED", "Maximum number of items reached", max_count=most
    )


def not_found(what: str) -> TodoistApiError:
    """Return 404, code 478; with the `retry_after` that Todoist sends and means nothing by."""
    return TodoistApiError(404, 478, "NOT_FOUND", f"{what} not found", retry_after=3)


def unauthorized() -> TodoistApiError:
    """Return 401, code 477; its `retry_after` is documented as one to ignore."""
    return TodoistApiError(401, 477, "UNAUTHORIZED", "Unauthorized", retry_after=3)


def insufficient_scope(needed: str) -> TodoistApiError:
    """Return 403: a good token that may not do this."""
    return TodoistApiError(
        403,
        403,
        "AUTH_INSUFFICIENT_TOKEN_SCOPE",
        "Insufficient Token scope",
        access_type="access_token",
        expected=needed,
    )


def limits_reached(retry_after: int) -> TodoistApiError:
    """Return 429, code 35; `retry_after` in whole seconds."""
    return TodoistApiError(
        429,
        35,
        "LIMITS_REACHED",
        "Too many requests. Limits reached. Try again later",
        retry_after=retry_after,
    )


def refused(*, status: int, seconds: float) -> RawAnswer:
    """Return what a fault says with `status`. seconds: to wait; 0: nothing is said of it.

    What stands before Todoist answers in HTML, not in Todoist's envelope.
    """
    known: dict[int, Callable[[], TodoistApiError]] = {
        401: unauthorized,
        403: lambda: insufficient_scope("data:read_write"),
        404: lambda: not_found("Task"),
        429: lambda: limits_reached(max(1, math.ceil(seconds))),
    }
    if status not in known:
        page = f"<html><body><h1>{status}</h1><p>The server had a bad moment.</p></body></html>"
        headers = {"Retry-After": str(round(seconds))} if seconds else {}
        return RawAnswer(
            status=status, content_type="text/html", body=page.encode(), headers=headers
        )
    error = known[status]()
    return RawAnswer(
        status=status,
        content_type="application/json",
        body=json.dumps(error.envelope()).encode(),
        headers={"Retry-After": str(error.extra["retry_after"])} if status == 429 else {},
    )
