"""Read tasks and events from a CalDAV server (RFC 4791), and write back what becomes of them.

A poll asks for the list of collections, which has a mark of each: while nothing changes that is
all. What is in them is kept, so a new day is worked out without asking for anything. Servers of
people's own have no quota, and so they are asked as often as `poll_interval` says: soon enough for
a collection in trouble, too, which therefore asks for no sooner look of its own.

What is wrong with one collection (forbidden, gone, in trouble, too much) is told beside its name
and hides no other; where it may pass, what was there before stays, as of today. What is wrong with
the account or the way to it fails the whole poll, for then what was shown last is truer than a
part. That also goes for the first polls after a start, for a collection in passing trouble of
which nothing is known yet, while a list from before the start is shown.

Who the account's owner is, for invitations, is asked once; where that fails, later again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from oo_desktop.connectors.caldav import actions, additions
from oo_desktop.connectors.caldav.collections import Collection, Owner, collections_of, owner_of
from oo_desktop.connectors.caldav.errors import AS_BEFORE, TOO_MUCH, is_of_account, of_collection
from oo_desktop.connectors.caldav.objects import signals_from_objects
from oo_desktop.connectors.caldav.sync import Kept, Look, TooMuch, bring_up_to_date
from oo_desktop.connectors.caldav.wire import CALDAV_ID
from oo_desktop.connectors.icalendar.events import TooManyEvents, Window
from oo_desktop.connectors.icalendar.objects import Found, put_together
from oo_desktop.connectors.icalendar.pacing import Pacer, TooMuchWork, run_paced
from oo_desktop.errors import Rejected, SourceError, Unavailable
from oo_desktop.http.client import ServiceClient
from oo_desktop.http.passwords import server_and_user_name
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import (
    Calendar,
    Container,
    NewTask,
    SignalId,
    TaskList,
    UserId,
)
from oo_desktop.model.source import Action, Added, Snapshot
from oo_desktop.model.zones import machine_zone

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Collections asked for at the same time."""

OWNER_AGAIN = timedelta(hours=1)
"""How long an account whose owner could not be told is left without one."""

MAX_FAILED_POLLS = 3
"""Polls after a start that fail as a whole for a collection of which nothing is known."""

MAY_NOT = untranslated("oO may not change anything in this account.")

_ZONE_MARGIN = timedelta(days=2)
"""No day anywhere is farther from the same day in UTC."""


class _MadeOf(Struct, frozen=True):
    """What the signals of a collection depend on."""

    version: int
    window: Window
    container: Container
    may_write: bool
    may_reply: bool


class _Shown(Struct, frozen=True):
    """The signals of a collection; found: None for more than can be shown."""

    made_of: _MadeOf
    found: Found | None


class _Read(Struct, frozen=True):
    """What became of a collection in a poll."""

    found: Found = Found((), 0)
    problem: Rejected | Unavailable | None = None


@dataclass(kw_only=True)
class _Account:
    """What is known of an account. It can be lost; then it is asked for again.

    owner: None while it is not known; asked_owner: when it was asked for. doubtful: paths of what
    was changed through oO since the last poll. missed: polls that failed for want of something.
    """

    owner: Owner | None = None
    asked_owner: datetime | None = None
    kept: dict[str, Kept] = field(default_factory=dict)
    shown: dict[str, _Shown] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    missed: int = 0
    unread: int = 0


class CalDavSource:
    """Serves CalDAV as an AddingSource and a ComparingSource. One object serves all its accounts.

    client: the one client that speaks for an account.
    days_ahead: whole days shown after today.
    chosen: what the user chose of an account's collections, by their ids; all others are shown.
    may_write: whether the account lets oO change things.
    has_list: whether something of the account was saved, and is shown until a poll replaces it.
    now: the wall clock, aware. here: the machine's zone.
    """

    id = CALDAV_ID
    understands_marks = False
    has_inbox = False

    def __init__(
        self,
        *,
        client: Callable[[UserId], ServiceClient],
        days_ahead: int = 1,
        chosen: Callable[[UserId], Mapping[str, bool]] = lambda _: {},
        may_write: Callable[[UserId], bool] = lambda _: True,
        has_list: Callable[[UserId], bool] = lambda _: False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        here: Callable[[], ZoneInfo] = machine_zone,
    ) -> None:
        self._client = client
        self._days_ahead = days_ahead
        self._chosen = chosen
        self._may_write = may_write
        self._has_list = has_list
        self._now = now
        self._here = here
        self._accounts: dict[UserId, _Account] = {}

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        """Return the tasks that are due and the events of all collections that are shown."""
        return await self.fetch_again(user_id, Snapshot(signals=()))

    async def fetch_again(self, user_id: UserId, known: Snapshot) -> Snapshot:
        """Return the same; the signals of `known` where no collection shows anything else."""
        account = self._accounts.setdefault(user_id, _Account())
        client = self._client(user_id)
        listed = await collections_of(client)
        owner = await self._owner(account, client, user_id)
        chosen = self._chosen(user_id)
        shown = [each for each in listed if chosen.get(each.id, True)]
        read = await self._read(account, user_id, client, shown, owner)
        self._judge(account, user_id, read)
        found = await put_together([each.found for each in read.values()], self._here(), known)
        self._note_unread(account, found.unread)
        return structs.replace(
            found,
            calendars=tuple(_calendar(each, read.get(each.path)) for each in listed),
            lists=_lists(listed, chosen) if self._may_write(user_id) else (),
        )

    async def act(self, user_id: UserId, signal_id: SignalId, action: Action) -> None:
        """Change a task, or answer an invitation; see `actions`."""
        if not self._may_write(user_id):
            raise Rejected(translated(MAY_NOT))
        account = self._accounts.setdefault(user_id, _Account())
        client = self._client(user_id)
        owner = await self._owner(account, client, user_id)
        try:
            await actions.act(
                client,
                signal_id,
                action,
                owner=owner.addresses,
                now=self._now(),
                zone=self._here(),
            )
        finally:
            # Some marks are seconds (SOGo), and this may be the second of the last poll.
            account.doubtful.add(unquote(signal_id.partition("#")[0]))

    async def add(self, user_id: UserId, task: NewTask, *, may_be_added: bool) -> Added:
        """Put a new resource into a collection; see `additions`."""
        client, path = self._adding(user_id, task)
        zone = self._here()
        try:
            return await additions.add(client, task, may_be_added=may_be_added, zone=zone)
        finally:
            self._accounts.setdefault(user_id, _Account()).doubtful.add(path)

    async def remove(
        self,
        user_id: UserId,
        task: NewTask,
        signal_id: SignalId | None,  # noqa: ARG002  # it follows from the task
        *,
        uuid: str,  # noqa: ARG002  # what is deleted is not deleted twice
    ) -> None:
        """Delete a resource that was added; see `additions`."""
        client, path = self._adding(user_id, task)
        try:
            await additions.remove(client, task)
        finally:
            self._accounts.setdefault(user_id, _Account()).doubtful.add(path)

    def _adding(self, user_id: UserId, task: NewTask) -> tuple[ServiceClient, str]:
        """Who asks, and the path of the task's resource. Raises Rejected."""
        if not self._may_write(user_id):
            raise Rejected(translated(MAY_NOT))
        return self._client(user_id), unquote(additions.href_of(task))

    async def _owner(self, account: _Account, client: ServiceClient, user_id: UserId) -> Owner:
        """As known or asked for. An address that one signs in with is one's own, too."""
        now, asked = self._now(), account.asked_owner
        if account.owner is None and (asked is None or not asked <= now < asked + OWNER_AGAIN):
            try:
                account.owner = await owner_of(client)
            except SourceError as error:
                if not is_of_account(error):
                    account.asked_owner = now
        owner = account.owner or Owner()
        _, user_name = server_and_user_name(user_id)
        if "@" in user_name:
            return Owner(owner.addresses | {f"mailto:{user_name.lower()}"}, owner.may_reply)
        return owner

    # What is in the collections

    async def _read(
        self,
        account: _Account,
        user_id: UserId,
        client: ServiceClient,
        shown: Sequence[Collection],
        owner: Owner,
    ) -> dict[str, _Read]:
        """What each has to show. Raises what is not about one collection alone."""
        self._forget_others(account, {each.path for each in shown}, owner)
        doubtful, account.doubtful = account.doubtful, set()
        now = self._now()
        since = (now - _ZONE_MARGIN).date() - timedelta(days=1)
        home, few = await client.base_url(), asyncio.Semaphore(AT_ONCE)

        async def one(collection: Collection) -> _Read:
            inside = collection.path.rstrip("/") + "/"
            look = Look(
                client=client,
                home=home,
                since=since,
                owner=owner.addresses,
                now=now,
                doubtful=frozenset(each for each in doubtful if each.startswith(inside)),
            )
            path = collection.path
            kept = account.kept.get(path)
            if kept is None:
                kept = account.kept[path] = Kept(since=since, owner=owner.addresses)
            async with few:
                problem = await _problem_of(bring_up_to_date(kept, collection, look))
                if problem is not None:
                    # What was not read again this time is still in doubt.
                    account.doubtful |= look.doubtful
                if isinstance(problem, Rejected):
                    if not isinstance(problem, TooMuch):
                        del account.kept[path]
                    return _Read(problem=problem)
                if problem is not None and kept.whole:
                    problem = Unavailable(
                        f"{problem.fact} {translated(AS_BEFORE)}", outlook=problem.outlook
                    )
                found = await self._found(account, user_id, collection, kept, owner)
            if found is None:
                return _Read(problem=Rejected(translated(TOO_MUCH)))
            return _Read(found, problem)

        tasks = {each.path: asyncio.ensure_future(one(each)) for each in shown}
        try:
            await asyncio.gather(*tasks.values())
        except BaseException:
            account.doubtful |= doubtful
            raise
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        return {path: task.result() for path, task in tasks.items()}

    def _forget_others(self, account: _Account, paths: set[str], owner: Owner) -> None:
        """Forget what is no longer shown, was read for somebody else, or before a clock that was
        put back: what was over then is not in it."""
        oldest = self._now().astimezone(self._here()).date() - _ZONE_MARGIN
        account.kept = {
            path: kept
            for path, kept in account.kept.items()
            if path in paths and kept.owner == owner.addresses and kept.since <= oldest
        }
        account.shown = {path: one for path, one in account.shown.items() if path in account.kept}

    async def _found(
        self, account: _Account, user_id: UserId, collection: Collection, kept: Kept, owner: Owner
    ) -> Found | None:
        """The signals of a collection, none of one never read whole; None: too many to show."""
        if not kept.whole:
            return Found((), 0)
        may_write = self._may_write(user_id) and not collection.read_only
        zone = self._here()
        made_of = _MadeOf(
            kept.version,
            Window(zone, self._now().astimezone(zone).date(), self._days_ahead + 1),
            Container(collection.name, collection.color),
            may_write,
            may_write and owner.may_reply,
        )
        before = account.shown.get(collection.path)
        if before is not None and before.made_of == made_of:
            return before.found
        objects = dict(kept.objects)

        def job(pacer: Pacer) -> Found:
            return signals_from_objects(
                [objects[path] for path in sorted(objects)],
                made_of.window,
                user_id=user_id,
                container=made_of.container,
                may_write=made_of.may_write,
                may_reply=made_of.may_reply,
                pacer=pacer,
            )

        try:
            found = await run_paced(job)
        except (TooManyEvents, TooMuchWork):
            found = None
        account.shown[collection.path] = _Shown(made_of, found)
        return found

    def _judge(self, account: _Account, user_id: UserId, read: Mapping[str, _Read]) -> None:
        """Raises where no collection could be read: what may pass before what will never work;
        and after a start, where what is shown is better than what is known."""
        problems = [each.problem for each in read.values() if each.problem is not None]
        if problems and len(problems) == len(read):
            raise min(problems, key=lambda problem: isinstance(problem, Rejected))
        unknown = [
            each.problem
            for path, each in read.items()
            if isinstance(each.problem, Unavailable) and not account.kept[path].whole
        ]
        if unknown and self._has_list(user_id) and account.missed < MAX_FAILED_POLLS:
            account.missed += 1
            raise unknown[0]
        # What is shown from here on is no longer what was saved.
        account.missed = MAX_FAILED_POLLS

    def _note_unread(self, account: _Account, unread: int) -> None:
        if unread and account.unread != unread:
            log.warning("CalDAV has entries that make no sense; left out: %d", unread)
        account.unread = unread


async def _problem_of(work: Awaitable[None]) -> Rejected | Unavailable | None:
    """What went wrong with one collection. Raises what is wrong with the account."""
    try:
        await work
    except (Rejected, Unavailable) as error:
        if is_of_account(error):
            raise
        return of_collection(error)
    return None


def _calendar(collection: Collection, read: _Read | None) -> Calendar:
    """read: what became of it; None: it is not shown."""
    problem = read.problem if read else None
    return Calendar(
        id=collection.id,
        name=collection.name,
        color=collection.color,
        shown=read is not None,
        problem=str(problem) if problem else None,
        read_only=collection.read_only,
    )


def _lists(listed: Sequence[Collection], chosen: Mapping[str, bool]) -> tuple[TaskList, ...]:
    """Those that are shown first, and among them those that are for tasks alone."""
    able = [each for each in listed if each.takes_tasks]
    able.sort(key=lambda each: (not chosen.get(each.id, True), "VEVENT" in each.holds))
    return tuple(TaskList(id=each.id, name=each.name, color=each.color) for each in able)
