"""Todoist's lists, whole or not at all: were one cut short, what is beyond would seem to be done.

Every list comes in pages with a cursor (developer.todoist.com/api/v1, "Pagination"): a page may be
empty before the last, an item may come twice while the list changes, and a cursor is forgotten.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.integrations import todoist_wire as wire
from oo_desktop.integrations.http import Refused, ServiceClient
from oo_desktop.integrations.lenient_json import each_as

PAGE = 200
"""The most a page may have."""

MOST_ITEMS = 10_000
MOST_BYTES = 64 * 1024 * 1024
"""More than this of one list is refused, for a part of it would be a lie.

An item counts once however often it comes. How long all pages may take is up to the caller.
"""

MOST_PAGES = 500
"""Pages may be small, and even empty, before the last: this only ends a list that never does."""

TOO_MUCH = "This is more than oO can show. Please narrow the filter in the settings."

SLICE = 50
"""Tasks converted before the loop gets its turn: below 2 ms."""

T = TypeVar("T")
Item = TypeVar("Item", wire.TaskWire, wire.ProjectWire)


async def all_items(
    client: ServiceClient, path: str, params: Mapping[str, str], form: type[Item]
) -> tuple[dict[str, Item], int]:
    """Every item of a list by its id, and how many made no sense.

    Raises when none did, when too much came, and when there is no end to it.
    """
    try:
        return await _pages(client, path, params, form)
    except Refused as error:
        if error.envelope.argument != "cursor":
            raise
    # A cursor that Todoist has forgotten: once more, from the first page.
    return await _pages(client, path, params, form)


async def _pages(
    client: ServiceClient, path: str, params: Mapping[str, str], form: type[Item]
) -> tuple[dict[str, Item], int]:
    items: dict[str, Item] = {}
    cursors: list[str] = []
    unread = size = 0
    while True:
        cursor = {"cursor": cursors[-1]} if cursors else {}
        body = await client.get(path, params={**params, "limit": str(PAGE), **cursor})
        page = wire.decoded(body, wire.PageWire)
        size += len(body)
        for raws in slices(page.results):
            read = [item for item in each_as(raws, form) if item is not None]
            # An item may come twice when the list changes between two pages: the newer one counts.
            items |= {item.id: item for item in read}
            unread += len(raws) - len(read)
            if len(items) > MOST_ITEMS or size > MOST_BYTES:
                raise Rejected(TOO_MUCH)
            await asyncio.sleep(0)
        if not page.next_cursor:
            break
        cursors.append(_next(page.next_cursor, cursors))
    if unread and not items:
        raise Rejected(wire.NOT_UNDERSTOOD)
    return items, unread


def _next(cursor: str, before: list[str]) -> str:
    if cursor in before:
        raise Unavailable("Todoist sent the same page again and again. oO keeps trying.")
    if len(before) + 1 >= MOST_PAGES:
        raise Unavailable("Todoist sent a list that has no end. oO keeps trying.")
    return cursor


def slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """`items` in parts small enough to be worked on between two turns of the loop."""
    for start in range(0, len(items), SLICE):
        yield items[start : start + SLICE]
