"""JSON as services really send it, decoded into the forms that connectors keep of it.

Titles are cut in the middle of a character, and then half of a surrogate pair stands in a text that
is fine otherwise. It is no character, but no reason to lose a whole list either: it is shown as
what it is, a character that cannot be shown.
"""

import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec

T = TypeVar("T")

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises. A `msgspec.ValidationError`, JSON of another form, is one of them."""

_ESCAPE = re.compile(
    rb"\\\\"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def json_as(body: bytes, form: type[T]) -> T:
    """`body` as `form`. Raises what is in UNREADABLE."""
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        mended = _ESCAPE.sub(lambda found: found[0] if len(found[0]) != 6 else rb"\ufffd", body)
        return msgspec.json.decode(mended, type=form)


def each_as(raws: Iterable[msgspec.Raw], form: type[T]) -> list[T | None]:
    """Each of `raws` as `form`, or None in the place of one that makes no sense."""
    return [_or_none(raw, form) for raw in raws]


def _or_none(raw: msgspec.Raw, form: type[T]) -> T | None:
    try:
        return json_as(bytes(raw), form)
    except UNREADABLE:
        return None
