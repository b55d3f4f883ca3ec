"""Google's lists, whole or not at all: were one cut short, what is beyond would seem cancelled.

Every list comes in pages. A page may be short or empty although more follow: only the absence of
`nextPageToken` ends it (developers.google.com/calendar/api/guides/pagination).
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.integrations import google_wire as wire
from oo_desktop.integrations.http import Refused, ServiceClient
from oo_desktop.integrations.lenient_json import each_as

PAGE = 250
"""Items of a page: the most of calendarList, and of events what a loop's turn can take apart."""

MOST_ITEMS = 10_000
MOST_BYTES = 64 * 1024 * 1024
"""More than this of one list is refused, for a part of it would be a lie.

An item counts once however often it comes. How long all pages may take is up to the caller.
"""

MOST_PAGES = 500
"""Pages may be small, and even empty, before the last: this only ends a list that never does."""

TOO_MUCH = "This is more than oO can show."

SLICE = 10
"""Items taken apart before the loop gets its turn: below 2 ms."""

T = TypeVar("T")
Item = TypeVar("Item", wire.EventWire, wire.CalendarWire)


async def all_items(
    client: ServiceClient, path: str, params: Mapping[str, str], form: type[Item]
) -> tuple[dict[str, Item], int]:
    """Every item of a list by its id, and how many made no sense.

    Raises when none did, when too much came, and when there is no end to it.
    """
    tokens: list[str] = []
    try:
        return await _pages(client, path, params, form, tokens)
    except Refused as error:
        if error.status != 400 or not tokens:
            raise
    # A token that Google does not know any more: once more, from the first page.
    return await _pages(client, path, params, form, [])


async def _pages(
    client: ServiceClient,
    path: str,
    params: Mapping[str, str],
    form: type[Item],
    tokens: list[str],
) -> tuple[dict[str, Item], int]:
    """tokens: those of the pages that were asked for, also after an error."""
    items: dict[str, Item] = {}
    unread = size = 0
    while True:
        token = {"pageToken": tokens[-1]} if tokens else {}
        body = await client.get(path, params={**params, "maxResults": str(PAGE), **token})
        page = wire.page_from_body(body)
        size += len(body)
        for raws in slices(page.items or ()):
            read = [item for item in each_as(raws, form) if item is not None]
            # An item may come twice when the list changes between two pages: the newer one counts.
            items |= {item.id: item for item in read}
            unread += len(raws) - len(read)
            if len(items) > MOST_ITEMS or size > MOST_BYTES:
                raise Rejected(TOO_MUCH)
            await asyncio.sleep(0)
        if not page.next_page_token:
            break
        tokens.append(_next(page.next_page_token, tokens))
    if unread and not items:
        raise Rejected(wire.NOT_UNDERSTOOD)
    return items, unread


def _next(token: str, before: list[str]) -> str:
    if token in before:
        raise Unavailable("Google sent the same page again and again. oO keeps trying.")
    if len(before) + 1 >= MOST_PAGES:
        raise Unavailable("Google sent a list that has no end. oO keeps trying.")
    return token


def slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """`items` in parts small enough to be worked on between two turns of the loop."""
    for start in range(0, len(items), SLICE):
        yield items[start : start + SLICE]
