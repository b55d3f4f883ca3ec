"""What Todoist's refusals mean, in oO's words: of whole answers and of single commands.

Todoist's own sentence is never passed on: it may repeat what was sent. (Facts:
developer.todoist.com/api/v1, "Errors"; one envelope for answers and for the commands of /sync.)
"""

from collections.abc import Awaitable
from typing import TypeVar

from oo_desktop.errors import Rejected, SourceError, Unavailable
from oo_desktop.http.client import Refused
from oo_desktop.http.error_bodies import ErrorEnvelope

T = TypeVar("T")

_TAGS = {
    20: "INVALID_ARGUMENT_VALUE",
    22: "ITEM_NOT_FOUND",
    35: "LIMITS_REACHED",
    49: "MAX_ITEMS_LIMIT_REACHED",
    55: "INVALID_SEARCH_QUERY",
    478: "NOT_FOUND",
}
"""For an envelope that has a code alone."""

_REASONS = {
    "AUTH_INSUFFICIENT_TOKEN_SCOPE": (
        "oO may only read this account. Disconnect it and connect it again."
    ),
    "FORBIDDEN": "You may not change this in Todoist.",
    "INVALID_ARGUMENT_VALUE": "Todoist does not accept this change.",
    "INVALID_SEARCH_QUERY": "Todoist does not understand the filter in the settings.",
    "MAX_ITEMS_LIMIT_REACHED": "This project already has as many tasks as Todoist allows.",
}


def _tag(error: ErrorEnvelope) -> str:
    return error.tag or _TAGS.get(error.code or 0, "")


def reason(error: ErrorEnvelope) -> str | None:
    """Why Todoist refuses, in our words: never its own, which may repeat what was sent."""
    if error.argument == "query":
        return _REASONS["INVALID_SEARCH_QUERY"]
    return _REASONS.get(_tag(error))


async def told_plainly(answer: Awaitable[T]) -> T:
    """`answer`; a refusal in our words."""
    try:
        return await answer
    except Refused as error:
        plainly = Rejected(reason(error.envelope) or error.reason, status=error.status)
    raise plainly


def is_gone(error: ErrorEnvelope) -> bool:
    """Whether Todoist has no such task, or none that is still open."""
    return error.status == 404 or _tag(error) in ("NOT_FOUND", "ITEM_NOT_FOUND")


def error_of_command(error: ErrorEnvelope) -> SourceError:
    """What an error in `sync_status` means, where the task is still there."""
    if error.status == 429 or _tag(error) == "LIMITS_REACHED":
        return Unavailable(
            "Todoist asked oO to slow down. oO carries on by itself.",
            retry_after=error.wait,
            limited=True,
            reached=False,
        )
    if error.status in (401, 408, 425) or (error.status or 0) >= 500 or error == ErrorEnvelope():
        return Unavailable("Todoist could not do this just now. oO asks again.")
    return Rejected(reason(error) or "Todoist refuses this change.", status=error.status)
