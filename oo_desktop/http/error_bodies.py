"""What the body of an error says of itself, in words made for programs: hostile, like every answer.

Nothing of it is shown: it only helps a connector to tell one refusal from another.
"""

import re

import msgspec
from msgspec import Struct

from oo_desktop.http.transport import bounded_wait


class ErrorEnvelope(Struct, frozen=True):
    """What an error says of itself in words made for programs; every part may be missing or odd.

    (developer.todoist.com/api/v1, "Errors"; one form for answers and for single /sync commands.)
    """

    error_code: object = None
    error_tag: object = None
    http_code: object = None
    error_extra: object = None

    def __repr__(self) -> str:
        return f"ErrorEnvelope({self.status})"

    @property
    def tag(self) -> str | None:
        return _text(self.error_tag)

    @property
    def code(self) -> int | None:
        return _number(self.error_code)

    @property
    def status(self) -> int | None:
        """The HTTP status it stands for."""
        return _number(self.http_code)

    @property
    def argument(self) -> str | None:
        """The argument that was not accepted."""
        return _text(self._extra("argument"))

    @property
    def wait(self) -> float | None:
        """Seconds asked for, bounded like those of the header."""
        seconds = self._extra("retry_after")
        if isinstance(seconds, int | float) and not isinstance(seconds, bool):
            return bounded_wait(seconds)
        return None

    def _extra(self, key: str) -> object:
        return self.error_extra.get(key) if isinstance(self.error_extra, dict) else None


def envelope_from_json(body: bytes) -> ErrorEnvelope:
    """The envelope in `body`; an empty one for a body of any other form."""
    try:
        return msgspec.json.decode(body, type=ErrorEnvelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ErrorEnvelope()


def reasons_from_json(body: bytes) -> frozenset[str]:
    """The reasons in an error of Google's form; none for a body of any other.

    They stand in two places, `errors` and `details`, and not all in both. Only what looks like a
    name is taken: a few short words, never a sentence that may repeat what was sent.
    """
    if len(body) > _MOST_OF_ERROR:
        return frozenset()
    try:
        error = msgspec.json.decode(body, type=_GoogleForm).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return frozenset()
    given = [
        entry.get("reason")
        for entries in (error.errors, error.details)
        if isinstance(entries, list)
        for entry in entries[:_MOST_REASONS]
        if isinstance(entry, dict)
    ]
    return frozenset(
        reason for reason in given if isinstance(reason, str) and _REASON.fullmatch(reason)
    )


_MOST_OF_ERROR = 64 * 1024
_MOST_REASONS = 10
_REASON = re.compile(r"[A-Za-z][A-Za-z_]{1,63}")


class _GoogleError(Struct, frozen=True):
    """(developers.google.com/calendar/api/guides/errors)"""

    errors: object = None
    details: object = None


class _GoogleForm(Struct, frozen=True):
    error: _GoogleError


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
