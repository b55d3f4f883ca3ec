"""Pages and cursors (developer.todoist.com/api/v1, "Pagination").

A cursor is opaque and good only for the same person asking the same thing. Items may repeat while
data changes, and an empty page may have a cursor: both can be had on purpose.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from oo_desktop.sandbox.todoist.errors import invalid_argument
from oo_desktop.sandbox.todoist.state import Account

DEFAULT = 50
MOST = 200


class Paging:
    """How pages are cut: never more than `most`, repeating items, beginning with empty ones."""

    def __init__(self, *, most: int = MOST, repeat: int = 0, empty_pages: bool = False) -> None:
        self.most = most
        self.repeat = repeat
        self.empty_pages = empty_pages


def page(
    items: Sequence[dict[str, Any]], query: Mapping[str, str], account: Account, paging: Paging
) -> dict[str, Any]:
    """One page of `items` as the API answers it. Raises ApiError (400, code 20)."""
    limit = min(_limit(query), paging.most)
    seal = _seal(query, account)
    if paging.empty_pages and "cursor" not in query:
        return {"results": [], "next_cursor": _cursor(0, seal)}
    start = _position(query["cursor"], seal) if "cursor" in query else 0
    end = start + limit
    begin = max(0, start - paging.repeat)
    # Repeated items come on top of the limit's worth of new ones, or the last would be lost.
    following = _cursor(end, seal) if end < len(items) else None
    return {"results": list(items[begin:end]), "next_cursor": following}


def _limit(query: Mapping[str, str]) -> int:
    try:
        limit = int(query.get("limit", DEFAULT))
    except ValueError as error:
        raise invalid_argument("limit", "A number is expected") from error
    if limit < 1:
        raise invalid_argument("limit", "Input should be greater than or equal to 1")
    if limit > MOST:
        raise invalid_argument("limit", f"Input should be less than or equal to {MOST}")
    return limit


def _seal(query: Mapping[str, str], account: Account) -> str:
    asked = sorted((key, value) for key, value in query.items() if key != "cursor")
    text = json.dumps([account.id, account.personal_token, asked])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _cursor(position: int, seal: str) -> str:
    return base64.urlsafe_b64encode(f"{position}.{seal}".encode()).decode().rstrip("=")


def _position(cursor: str, seal: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        position, _, found = text.partition(".")
        if found == seal:
            return int(position)
    except ValueError as error:
        raise invalid_argument("cursor", "Cursor is not valid") from error
    raise invalid_argument("cursor", "Cursor is not valid")
