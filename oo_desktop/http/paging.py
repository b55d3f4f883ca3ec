"""Reads lists in pages, whole or not at all: of one cut short, the rest would seem to be gone.

A page may be short or even empty before the last, an item may come twice while the list changes,
and a service forgets the token that leads to the next page: then the list is begun once more.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

import msgspec
from msgspec import Struct

from oo_desktop.errors import KEEPS_TRYING, Rejected, Unavailable
from oo_desktop.http.client import Refused, ServiceClient, each_as
from oo_desktop.language import translated

MAX_ITEMS = 10_000
MAX_LIST_BYTES = 64 * 1024 * 1024
"""More than this of one list is refused, for a part of it would be a lie.

An item counts once however often it comes. How long all pages may take is up to the caller.
"""

MAX_PAGES = 500
"""Pages may be small, and even empty, before the last: this only ends a list that never does."""


class HasId(Protocol):
    """Names what is needed of what stands on a list."""

    @property
    def id(self) -> str: ...


T = TypeVar("T")
Item = TypeVar("Item", bound=HasId)


class Page(NamedTuple):
    """Holds a page. items: each decoded by itself, later. next_token: of the next; none ends it."""

    items: Sequence[msgspec.Raw]
    next_token: str | None


class Paging(Struct, frozen=True, kw_only=True):
    """Says how a service hands out its lists.

    service: its name, for sentences.
    size: what to ask for with each page: how many items.
    cursor: the parameter that takes `Page.next_token`.
    read: takes a page apart. Raises Rejected or Unavailable for what is none.
    is_forgotten: whether the refusal of a page after the first means its token.
    slice: items taken apart before the loop gets its turn: below 2 ms.
    too_much, not_understood: what to say of a list that is too long, and of one of no sense;
        marked by `untranslated`.
    """

    service: str
    size: Mapping[str, str]
    cursor: str
    read: Callable[[bytes], Page]
    is_forgotten: Callable[[Refused], bool]
    slice: int
    too_much: str
    not_understood: str

    async def all_items(
        self, client: ServiceClient, path: str, params: Mapping[str, str], form: type[Item]
    ) -> tuple[dict[str, Item], int]:
        """Return every item of a list by its id, and how many made no sense.

        Raises when none did, when too much came, and when there is no end to it.
        """
        tokens: list[str] = []
        try:
            return await self._all_pages(client, path, params, form, tokens)
        except Refused as error:
            if not (tokens and self.is_forgotten(error)):
                raise
        return await self._all_pages(client, path, params, form, [])

    def slices(self, items: Sequence[T]) -> Iterator[Sequence[T]]:
        """Return `items` in parts small enough to be worked on between two turns of the loop."""
        for start in range(0, len(items), self.slice):
            yield items[start : start + self.slice]

    async def _all_pages(
        self,
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
            token = {self.cursor: tokens[-1]} if tokens else {}
            body = await client.get(path, params={**params, **self.size, **token})
            page = self.read(body)
            size += len(body)
            for raws in self.slices(page.items):
                read = [item for item in each_as(raws, form) if item is not None]
                # Twice when the list changes between two pages: the newer one counts.
                items |= {item.id: item for item in read}
                unread += len(raws) - len(read)
                if len(items) > MAX_ITEMS or size > MAX_LIST_BYTES:
                    raise Rejected(translated(self.too_much))
                await asyncio.sleep(0)
            if not page.next_token:
                break
            tokens.append(self._next(page.next_token, tokens))
        if unread and not items:
            raise Rejected(translated(self.not_understood))
        return items, unread

    def _next(self, token: str, before: Sequence[str]) -> str:
        if token in before:
            raise Unavailable(
                translated("{service} sent the same page again and again.", service=self.service),
                outlook=KEEPS_TRYING,
            )
        if len(before) + 1 >= MAX_PAGES:
            raise Unavailable(
                translated("{service} sent a list that has no end.", service=self.service),
                outlook=KEEPS_TRYING,
            )
        return token
