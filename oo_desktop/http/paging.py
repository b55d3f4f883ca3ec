"""Reads lists in pages, whole or not at all: of one cut short, the rest would seem to be gone.

A page may be short or even empty before the last, an item may come twice while the list changes,
and a service forgets the token that leads to the next page: then the list is begun once more.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

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


Marks = tuple[bytes, ...]
"""A cryptographic digest of all that stands on a page of a list, for each page."""


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
        return await (await self.listed(client, path, params, form)).items()

    async def listed(
        self,
        client: ServiceClient,
        path: str,
        params: Mapping[str, str],
        form: type[Item],
        *,
        known: Marks = (),
    ) -> "Listed[Item]":
        """Return a whole list. What is on it has been decoded, unless its marks are `known`.

        known: those of a list of which all items could be had.
        Raises as `all_items` does.
        """
        tokens: list[str] = []
        try:
            return await self._all_pages(client, path, params, Listed(self, form, known), tokens)
        except Refused as error:
            if not (tokens and self.is_forgotten(error)):
                raise
        return await self._all_pages(client, path, params, Listed(self, form, known), [])

    def slices(self, items: Sequence[T]) -> Iterator[Sequence[T]]:
        """Return `items` in parts small enough to be worked on between two turns of the loop."""
        for start in range(0, len(items), self.slice):
            yield items[start : start + self.slice]

    async def _all_pages(
        self,
        client: ServiceClient,
        path: str,
        params: Mapping[str, str],
        listed: "Listed[Item]",
        tokens: list[str],
    ) -> "Listed[Item]":
        """tokens: those of the pages that were asked for, also after an error."""
        size = 0
        while True:
            token = {self.cursor: tokens[-1]} if tokens else {}
            body = await client.get(path, params={**params, **self.size, **token})
            page = self.read(body)
            size += len(body)
            if size > MAX_LIST_BYTES:
                raise Rejected(translated(self.too_much))
            await listed.add(page.items)
            if not page.next_token:
                break
            tokens.append(self._next(page.next_token, tokens))
        if not listed.is_known:
            await listed.items()
        return listed

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


class Listed(Generic[Item]):
    """Holds what stands on a list, page by page; decodes it when that is not known yet.

    known: the marks of a list that was decoded before. While these pages are those, they wait.
    """

    def __init__(self, paging: Paging, form: type[Item], known: Marks) -> None:
        self._paging = paging
        self._form = form
        self._known = known
        self._waiting: list[Sequence[msgspec.Raw]] = []
        self._items: dict[str, Item] = {}
        self._unread = 0
        self.marks: Marks = ()

    @property
    def is_known(self) -> bool:
        """Return whether it says what the known list said."""
        return self.marks == self._known

    async def add(self, raws: Sequence[msgspec.Raw]) -> None:
        """Take what stands on the next page. Raises Rejected for too much."""
        digest = hashlib.blake2b(digest_size=32)
        for part in self._paging.slices(raws):
            # Between two values of JSON, so that it is seen where one ends.
            digest.update(b",".join((*part, b"")))
            await asyncio.sleep(0)
        self.marks += (digest.digest(),)
        self._waiting.append(raws)
        if self.marks != self._known[: len(self.marks)]:
            await self._decode()

    async def items(self) -> tuple[dict[str, Item], int]:
        """Return every item by its id, and how many made no sense. Raises Rejected when none did,
        and for too many."""
        await self._decode()
        if self._unread and not self._items:
            raise Rejected(translated(self._paging.not_understood))
        return self._items, self._unread

    async def _decode(self) -> None:
        waiting, self._waiting = self._waiting, []
        for page in waiting:
            for raws in self._paging.slices(page):
                read = [item for item in each_as(raws, self._form) if item is not None]
                # Twice when the list changes between two pages: the newer one counts.
                self._items |= {item.id: item for item in read}
                self._unread += len(raws) - len(read)
                if len(self._items) > MAX_ITEMS:
                    raise Rejected(translated(self._paging.too_much))
                await asyncio.sleep(0)
