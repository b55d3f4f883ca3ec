"""Translates Todoist's refusals into oO's words: of whole answers and of single commands.

Todoist's own sentence is never passed on: it may repeat what was sent. (Facts:
developer.todoist.com/api/v1, "Errors"; one envelope for answers and for the commands of /sync.)
"""

from collections.abc import Awaitable
from typing import TypeVar

import msgspec
from msgspec import Struct

from oo_desktop.errors import CARRIES_ON, Rejected, SourceError, Unavailable
from oo_desktop.http.answers import bounded_wait
from oo_desktop.http.client import Refused
from oo_desktop.language import translated, untranslated

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
    "AUTH_INSUFFICIENT_TOKEN_SCOPE": untranslated(
        "oO may only read this account. Disconnect it and connect it again."
    ),
    "FORBIDDEN": untranslated("You may not change this in Todoist."),
    "INVALID_ARGUMENT_VALUE": untranslated("Todoist does not accept this change."),
    "INVALID_SEARCH_QUERY": untranslated("Todoist does not understand the filter in the settings."),
    "MAX_ITEMS_LIMIT_REACHED": untranslated(
        "This project already has as many tasks as Todoist allows."
    ),
}


class ErrorEnvelope(Struct, frozen=True):
    """Holds what an error says of itself in words made for programs.

    It is hostile, like every answer: every part may be missing or odd. Nothing of it is shown.
    """

    error_code: object = None
    error_tag: object = None
    http_code: object = None
    error_extra: object = None

    def __repr__(self) -> str:
        return f"ErrorEnvelope({self.status})"

    @property
    def tag(self) -> str | None:
        """Return the name of the error."""
        return _text(self.error_tag)

    @property
    def code(self) -> int | None:
        """Return the number of the error."""
        return _number(self.error_code)

    @property
    def status(self) -> int | None:
        """Return the HTTP status it stands for."""
        return _number(self.http_code)

    @property
    def argument(self) -> str | None:
        """Return the argument that was not accepted."""
        return _text(self._extra("argument"))

    @property
    def wait(self) -> float | None:
        """Return the seconds asked for, bounded like those of a Retry-After."""
        seconds = self._extra("retry_after")
        if isinstance(seconds, int | float) and not isinstance(seconds, bool):
            return bounded_wait(seconds)
        return None

    def _extra(self, key: str) -> object:
        return self.error_extra.get(key) if isinstance(self.error_extra, dict) else None


def envelope_from_json(body: bytes) -> ErrorEnvelope:
    """Return the envelope in `body`; an empty one for a body of any other form."""
    try:
        return msgspec.json.decode(body, type=ErrorEnvelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ErrorEnvelope()


def wait_of_error(body: bytes) -> float | None:
    """Return how many seconds the body of an error asks to wait, if it does."""
    return envelope_from_json(body).wait


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _tag(error: ErrorEnvelope) -> str:
    return error.tag or _TAGS.get(error.code or 0, "")


def reason(error: ErrorEnvelope) -> str | None:
    """Return why Todoist refuses, in our words: never its own, which may repeat what was sent."""
    if error.argument == "query":
        return translated(_REASONS["INVALID_SEARCH_QUERY"])
    sentence = _REASONS.get(_tag(error))
    return None if sentence is None else translated(sentence)


async def translate_refusals(answer: Awaitable[T]) -> T:
    """Return `answer`, or raise its refusal in our words."""
    try:
        return await answer
    except Refused as error:
        said = reason(envelope_from_json(error.body))
        translated = Rejected(said or error.reason, status=error.status)
    raise translated


def is_gone(error: ErrorEnvelope) -> bool:
    """Return whether Todoist has no such task, or none that is still open."""
    return error.status == 404 or _tag(error) in ("NOT_FOUND", "ITEM_NOT_FOUND")


def error_of_command(error: ErrorEnvelope) -> SourceError:
    """Return what an error in `sync_status` means, where the task is still there."""
    if error.status == 429 or _tag(error) == "LIMITS_REACHED":
        return Unavailable(
            translated("Todoist asked oO to slow down."),
            outlook=CARRIES_ON,
            retry_after=error.wait,
            limited=True,
            reached=False,
        )
    if error.status in (401, 408, 425) or (error.status or 0) >= 500 or error == ErrorEnvelope():
        return Unavailable(translated("Todoist could not do this just now. oO asks again."))
    return Rejected(
        reason(error) or translated("Todoist refuses this change."), status=error.status
    )
