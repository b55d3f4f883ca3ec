"""Keep what is in a collection up to date, asking for as little as its server lets one.

| | is asked for |
|---|---|
| the first time | all there is, with its data (`sync-collection`, RFC 6578) |
| when its marks are others than before | what has changed since, with its data |
| at the poll after a change, once | the same: SOGo's marks are seconds, and the next change may \
have come in the same |
| once a day; each time where there are no marks; where the answer above is of no use | the ETags \
of all there is (PROPFIND), and then what is new among them |
| what came without data | by name, some at a time (`calendar-multiget`, RFC 4791, 7.9) |

Nothing is asked of what is in the resources, for no two servers mean the same by it, and Xandikos
0.4.10 something else the seventh time.

| an answer | means |
|---|---|
| a refusal, or an error, of a question with a token (403, 409, 410, 412; Xandikos 500) | the \
token is of no use: all ETags |
| one to a token that names what has not changed (DAViCal and SOGo, to a token they do not know) | \
perhaps the whole list, without what is gone: all ETags |
| no change, and the same token as was sent, though the marks changed (SabreDAV `…/zz`) | the same |
| too large, no XML, or 5xx to a question for data | less at a time, down to one; what cannot be \
read even alone, while others can, costs itself; it is asked for at the next polls, too, for the \
trouble may have passed |
| 404 for a resource, or a whole list without it | it is gone |
| a multiget that leaves a resource out (DAViCal, SabreDAV) | nothing: all ETags |
| 507 for the collection itself (RFC 6578, 3.6) | there is more, to be had with the new token |
| what lies elsewhere, by a path that walks up, too, or is a collection | nothing |
| a list that does not even name the collection | no list |

What is kept is changed as answers come, never so that a part would count as the whole: a first
look that was cut short goes on where it was.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from oo_desktop.connectors.caldav.collections import (
    GET_ETAG,
    RESOURCE_TYPE,
    Collection,
    Marks,
    mark,
)
from oo_desktop.connectors.caldav.errors import TOO_MUCH, UNREADABLE, is_of_content
from oo_desktop.connectors.caldav.objects import object_from_body
from oo_desktop.connectors.caldav.xml import (
    CALDAV,
    DAV,
    Member,
    MultiStatus,
    multiget,
    propfind,
    read_multistatus,
    sync_collection,
)
from oo_desktop.connectors.icalendar.objects import CalendarObject
from oo_desktop.connectors.icalendar.pacing import Pacer, TooMuchWork, run_paced
from oo_desktop.errors import KEEPS_TRYING, Rejected, SourceError, Unavailable
from oo_desktop.http.client import Answer, Refused, ServiceClient
from oo_desktop.language import translated

LIST_LASTS = timedelta(days=1)
"""How long marks and tokens are trusted before everything is listed."""

BATCH = 100
"""Resources asked for by name at a time."""

MAX_FAILURES = 24
"""Questions of one look that may fail for what is in the answer: halving a batch down to one bad
resource takes eight."""

MAX_TRIES = 10
"""Polls in a row that ask for a resource that cannot be read; then those that ask for all do."""

MAX_PARTS = 100
"""Answers to one question, of a server that gives a part at a time."""

MAX_OBJECTS = 50_000
"""Resources of one collection."""

MAX_RESOURCE_BYTES = 2 * 1024 * 1024
"""Of one resource; servers take some 10 MB at most, with pictures inside."""

_DATA = f"{CALDAV}calendar-data"
_COLLECTION = f"{DAV}collection"
_MORE = 507


@dataclass(kw_only=True)
class Kept:
    """Holds what is known of a collection. It can be lost; then it is asked for again.

    since: events over before that day are not in it. owner: for whom it was read.
    objects: by the path of the resource, as it is compared. marks: as they were when it was last
    read; `whole` says whether it ever was. token: where to go on; None: nowhere.
    looks_again: at the next poll, whatever the marks are. listed_at: when the whole list was last
    asked for. failed: what could not be read even alone, and how many times in a row. version:
    another number after each change of `objects`. too_much: it is more than can be kept.
    """

    since: date
    owner: frozenset[str]
    objects: dict[str, CalendarObject] = field(default_factory=dict)
    whole: bool = False
    marks: Marks | None = None
    token: str | None = None
    looks_again: bool = False
    listed_at: datetime | None = None
    failed: dict[str, int] = field(default_factory=dict)
    version: int = 0
    too_much: bool = False


@dataclass(frozen=True, kw_only=True)
class Look:
    """Says how to look at a collection.

    home: the URL that hrefs are on the host of. since, owner: as for `Kept`. now: aware.
    doubtful: paths of what has to be read again, whatever is said of it.
    """

    client: ServiceClient
    home: str
    since: date
    owner: frozenset[str]
    now: datetime
    doubtful: frozenset[str] = frozenset()


async def bring_up_to_date(kept: Kept, collection: Collection, look: Look) -> None:
    """Make `kept` what is in `collection` now. Raises as the client does, and TooMuch.

    Nothing is asked for where the marks say that nothing has changed.
    """
    try:
        await _Looking(kept, collection, look).run()
    except TooMuch:
        # It would be as much the next time: it is asked for again when it has changed.
        kept.objects.clear()
        kept.failed.clear()
        kept.whole, kept.marks, kept.listed_at = False, collection.marks, look.now
        kept.too_much = True
        raise


class TooMuch(Rejected):
    """Says that a collection is more than can be kept."""


class _Sorted(NamedTuple):
    """What an answer says: read, gone, not read for it came without data, and the same as before.

    named: whether it names anything at all.
    """

    read: Mapping[str, CalendarObject]
    gone: frozenset[str]
    bare: Mapping[str, CalendarObject]
    as_before: bool
    named: bool


class _Looking:
    """One look at one collection."""

    def __init__(self, kept: Kept, collection: Collection, look: Look) -> None:
        self._kept = kept
        self._collection = collection
        self._look = look
        self._failures = 0
        self._read_now = set[str]()
        self._again = {path for path, times in kept.failed.items() if times < MAX_TRIES}
        kept.since = max(kept.since, look.since)

    async def run(self) -> None:
        kept, look = self._kept, self._look
        changed = self._collection.marks is None or self._collection.marks != kept.marks
        if kept.too_much and not changed and not self._is_list_old():
            raise TooMuch(translated(TOO_MUCH))
        kept.too_much = False
        if not kept.whole:
            # What an interrupted look has read stays, and is not asked for with its data again.
            synced = not kept.objects and await self._synced_first()
            if not synced:
                await self._list()
        elif self._collection.marks is None or self._is_list_old():
            await self._list()
        elif changed or kept.looks_again or look.doubtful:
            if not await self._synced_on(changed=changed):
                await self._list()
        elif not self._again:
            return
        await self._read_doubtful()
        kept.looks_again = changed
        kept.marks = self._collection.marks
        kept.whole = True

    def _is_list_old(self) -> bool:
        listed_at = self._kept.listed_at
        return listed_at is None or not timedelta() <= self._look.now - listed_at < LIST_LASTS

    # What has changed

    async def _synced_first(self) -> bool:
        """Whether all there is could be had in one question."""
        if self._collection.token is None:
            return False
        if await self._synced(""):
            self._kept.listed_at = self._look.now
            return True
        return False

    async def _synced_on(self, *, changed: bool) -> bool:
        """Whether what has changed since the last time is known now."""
        token = self._kept.token
        return token is not None and await self._synced(token, changed=changed)

    async def _synced(self, token: str, *, changed: bool = True) -> bool:
        sent, named = token, False
        bare: dict[str, CalendarObject] = {}
        for _ in range(MAX_PARTS):
            try:
                answer = await self._asked(sync_collection(sent, (GET_ETAG, _DATA)), depth=True)
            except SourceError as error:
                if isinstance(error, Refused) or is_of_content(error):
                    return False
                raise
            found = await self._sorted(answer.members)
            self._take(found)
            bare |= found.bare
            named = named or found.named
            new = mark(answer.sync_token)
            if new is None or (token and found.as_before):
                return False
            if not self._has_more(answer.members):
                break
            if new == sent:
                return False
            sent = new
        else:
            return False
        if changed and not named and new == token and new != self._collection.token:
            return False
        if await self._read(bare):
            return False
        self._kept.token = new
        return True

    def _has_more(self, members: Iterable[Member]) -> bool:
        return any(each.status == _MORE and self._is_itself(each) for each in members)

    # All there is

    async def _list(self) -> None:
        # The token is older than the list: what changes between the two is told once more.
        token = self._collection.token
        names = propfind((GET_ETAG, RESOURCE_TYPE))
        answer = await self._look.client.dav(
            "PROPFIND", self._collection.href, body=names, depth="1"
        )
        members = (await self._multistatus(answer)).members
        if not members:
            raise Unavailable(translated(UNREADABLE), outlook=KEEPS_TRYING)
        found = await self._sorted(members, is_list=True)
        self._take(found)
        for left_out in await self._read(found.bare):
            known = found.bare[left_out]
            self._put({left_out: _unreadable(known.name, known.etag)})
        self._kept.token = token
        self._kept.listed_at = self._look.now

    # Data, by name

    async def _read_doubtful(self) -> None:
        """Read what was changed through oO, or failed, where nothing that came told of it."""
        objects = self._kept.objects
        left_out = await self._read(
            {
                path: objects[path]
                for path in (self._look.doubtful | self._again) - self._read_now
                if path in objects
            }
        )
        if left_out:
            await self._list()

    async def _read(self, wanted: Mapping[str, CalendarObject]) -> frozenset[str]:
        """Read these resources; return the paths of those of which nothing was said."""
        paths = iter(wanted)
        batches = deque(iter(lambda: tuple(islice(paths, BATCH)), ()))
        silent: set[str] = set()
        failed: dict[str, Unavailable] = {}
        while batches:
            batch = batches.popleft()
            hrefs = [wanted[path].name for path in batch]
            try:
                answer = await self._asked(multiget(hrefs, (GET_ETAG, _DATA)))
            except Unavailable as error:
                self._failures += 1
                if not is_of_content(error) or self._failures > MAX_FAILURES:
                    raise
                middle = len(batch) // 2
                if middle:
                    batches.extendleft((batch[middle:], batch[:middle]))
                else:
                    failed[batch[0]] = error
                continue
            found = await self._sorted(answer.members)
            self._take(found)
            silent.update(set(batch) - found.read.keys() - found.gone)
        if failed:
            await self._raise_if_nothing_can_be_read(failed)
            # Without an ETag, so that every list asks for them again.
            self._put({path: _unreadable(wanted[path].name) for path in failed})
            self._read_now |= failed.keys()
            for path in failed:
                self._kept.failed[path] = self._kept.failed.get(path, 0) + 1
        return frozenset(silent)

    async def _raise_if_nothing_can_be_read(self, failed: Mapping[str, Unavailable]) -> None:
        """Raise what happened, unless the server can give data of another resource just now."""
        good = (
            each.name
            for path, each in self._kept.objects.items()
            if path not in failed and not each.unread
        )
        href = next(good, None)
        if href is None:
            raise next(iter(failed.values()))
        await self._asked(multiget([href], (GET_ETAG, _DATA)))

    # Asking, and taking over

    async def _asked(self, body: bytes, *, depth: bool = False) -> MultiStatus:
        answer = await self._look.client.dav(
            "REPORT", self._collection.href, body=body, depth="0" if depth else None
        )
        return await self._multistatus(answer)

    async def _multistatus(self, answer: Answer) -> MultiStatus:
        return await read_multistatus(answer, self._look.home)

    async def _sorted(self, members: tuple[Member, ...], *, is_list: bool = False) -> _Sorted:
        look, known = self._look, self._kept.objects

        def job(pacer: Pacer) -> _Sorted:
            read: dict[str, CalendarObject] = {}
            bare: dict[str, CalendarObject] = {}
            gone, there, as_before, named = set[str](), set[str](), False, False
            for member in members:
                pacer.step()
                if not self._is_resource(member):
                    continue
                path, named = member.path, True
                there.add(path)
                if member.status in (404, 410):
                    gone.add(path)
                    continue
                if member.status is not None and not 200 <= member.status < 300:
                    continue
                etag, data = mark(member.text(GET_ETAG)), member.properties.get(_DATA)
                same = path in known and etag is not None and known[path].etag == etag
                as_before = as_before or same
                text = "" if data is None else data.text or ""
                if text.strip():
                    read[path] = _read_object(member.href, etag, text, look, pacer)
                elif not same:
                    bare[path] = CalendarObject(name=member.href, etag=etag)
            if is_list:
                gone = (known.keys() - there) | gone
            return _Sorted(read, frozenset(gone), bare, as_before, named)

        try:
            return await run_paced(job)
        except TooMuchWork:
            pass
        raise TooMuch(translated(TOO_MUCH))

    def _take(self, found: _Sorted) -> None:
        self._put(found.read)
        self._read_now |= found.read.keys()
        for path in found.read.keys() | found.gone:
            self._kept.failed.pop(path, None)
        for path in found.gone:
            if self._kept.objects.pop(path, None) is not None:
                self._kept.version += 1
        if len(self._kept.objects) + len(found.bare) > MAX_OBJECTS:
            raise TooMuch(translated(TOO_MUCH))

    def _put(self, objects: Mapping[str, CalendarObject]) -> None:
        if objects:
            self._kept.objects |= objects
            self._kept.version += 1

    def _is_itself(self, member: Member) -> bool:
        return member.path.rstrip("/") == self._collection.path.rstrip("/")

    def _is_resource(self, member: Member) -> bool:
        """Whether it is something within the collection, and no collection of its own."""
        kinds = member.properties.get(RESOURCE_TYPE)
        if kinds is not None and kinds.find(_COLLECTION) is not None:
            return False
        inside = self._collection.path.rstrip("/") + "/"
        walks = {".", ".."} & set(member.path.split("/"))
        return member.path.startswith(inside) and not member.path.endswith("/") and not walks


def _read_object(
    href: str, etag: str | None, text: str, look: Look, pacer: Pacer
) -> CalendarObject:
    if len(text) > MAX_RESOURCE_BYTES:
        return _unreadable(href, etag)
    return object_from_body(
        href, etag, text.encode(), since=look.since, owner=look.owner, pacer=pacer
    )


def _unreadable(href: str, etag: str | None = None) -> CalendarObject:
    return CalendarObject(name=href, etag=etag, unread=1)
