"""Reads what is planned for today and the next days in Google Calendar, and answers invitations.

Reading is a windowed question per calendar, from the beginning of the account's today: what happens
now and next is all oO shows, and a sync token could not move along with the day. The list of
calendars is kept for an hour, so that a poll costs one request per calendar that is shown.

A calendar's events are all or nothing, as every list is. What is wrong with one calendar
(forbidden, gone, in trouble, not to be understood) is told beside its name and hides no other;
where it may pass, what was there before stays (see `last_good`). What is wrong with the
account or the way to Google (no token, no network, a rate limit, a missing scope) fails the whole
poll, for then what was shown last is truer than a part.

Somebody may grant the events without the list of calendars. Then the main calendar is all there is.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop import language
from oo_desktop.connectors.google_calendar import actions, wire
from oo_desktop.connectors.google_calendar import events as google_events
from oo_desktop.connectors.google_calendar.errors import (
    AccountRefused,
    NotHere,
    ScopeMissing,
    translate_refusals,
)
from oo_desktop.connectors.google_calendar.last_good import CalendarRead, LastGood
from oo_desktop.connectors.google_calendar.schedule import IDLE_SECONDS, SOONEST
from oo_desktop.connectors.google_calendar.wire import GOOGLE_LISTS
from oo_desktop.connectors.plain_text import clean
from oo_desktop.errors import Rejected, SourceError, Unavailable
from oo_desktop.http.client import NotSent, ServiceClient
from oo_desktop.http.paging import Marks
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import Day, Event, Fixed, SignalId, UserId
from oo_desktop.model.source import Action, Calendar, Identity, Snapshot
from oo_desktop.model.zones import zone_named

log = logging.getLogger(__name__)

LIST_LASTS = timedelta(hours=1)
"""How long the list of calendars is kept."""

LIST_IS_STALE = timedelta(seconds=60)
"""How long it is kept where polls come sooner than on an idle day: somebody asks, or an event is
near, and either may have to do with what has just been changed."""

AT_ONCE = 4
"""Calendars asked for at the same time."""

MAX_CALENDARS = 1000
TOO_MANY = untranslated("This account has more calendars than oO can show ({most}).")
CALENDAR_FORBIDDEN = untranslated("Google does not let oO see this calendar.")
CALENDAR_GONE = untranslated("This calendar is no longer there.")
LIST_FORBIDDEN = untranslated("Google does not let oO see this account’s calendars.")
NOBODY = untranslated(
    "Google did not say whose account this is. Connect it again and leave both boxes ticked."
)


class _CalendarList(Struct, frozen=True):
    """unread: entries of the list that made no sense."""

    calendars: tuple[wire.CalendarWire, ...] = ()
    unread: int = 0


class _KnownCalendars(Struct, frozen=True):
    """The calendars as they were at `at`. Can be lost; then it is asked for again."""

    at: datetime
    calendars: tuple[wire.CalendarWire, ...]
    unread: int = 0

    @property
    def zone(self) -> str | None:
        primary = next((one for one in self.calendars if one.primary), None)
        zone = zone_named(primary.time_zone) if primary else None
        return zone.key if zone else None


class _Asking(Struct, frozen=True, kw_only=True):
    """One poll of an account: what is asked of each calendar. `zone` decides which day is which."""

    user_id: UserId
    client: ServiceClient
    may_write: bool
    begin: datetime
    end: datetime
    zone: ZoneInfo

    @property
    def params(self) -> dict[str, str]:
        return {
            "timeMin": wire.text_from_instant(self.begin),
            "timeMax": wire.text_from_instant(self.end),
            "singleEvents": "true",
            "orderBy": "startTime",
            "maxAttendees": "1",  # then of all guests only oneself is told
            "fields": wire.EVENT_FIELDS,
        }


class _MadeOf(Struct, frozen=True):
    """What the events of a calendar are made of. language: that of titles which Google has none
    for."""

    marks: Marks
    shelf: wire.Shelf
    may_write: bool
    begin: datetime
    end: datetime
    zone: ZoneInfo
    language: str


class GoogleCalendarSource:
    """Serves Google Calendar as an ActingSource. One object serves all its accounts.

    client: the one client that speaks for an account.
    days_ahead: whole days shown after today.
    chosen: what the user chose of an account's calendars, by their ids; of the others, those are
        shown that are selected in Google.
    may_write: whether the account lets oO answer invitations.
    has_list: whether something of the account was saved, and is shown until a poll replaces it.
    now: the wall clock, aware.
    """

    id = wire.GOOGLE_CALENDAR

    def __init__(
        self,
        *,
        client: Callable[[UserId], ServiceClient],
        days_ahead: int = 1,
        chosen: Callable[[UserId], Mapping[str, bool]] = lambda _: {},
        may_write: Callable[[UserId], bool] = lambda _: False,
        has_list: Callable[[UserId], bool] = lambda _: False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._days_ahead = days_ahead
        self._chosen = chosen
        self._may_write = may_write
        self._has_list = has_list
        self._now = now
        self._lists: dict[UserId, _KnownCalendars] = {}
        self._polled: dict[UserId, datetime] = {}
        self._bad: dict[UserId, frozenset[str]] = {}
        self._unread: dict[UserId, int] = {}
        self._memory = LastGood(now=now)

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        """Return the events of all calendars that are shown, in the order in which they begin."""
        listed = await self._listed(user_id)
        chosen = self._chosen(user_id)
        shown = [one for one in listed.calendars if chosen.get(one.id, bool(one.selected))]
        read = await self._read(user_id, shown, listed.zone)
        self._judge(user_id, read)
        read = await self._memory.completed(
            user_id, read, zone_named(listed.zone), saved=self._has_list(user_id)
        )
        unread = sum(one.unread for one in read.values())
        self._note_unread(user_id, listed.unread + unread)
        return Snapshot(
            signals=await _in_order([one.events for one in read.values()], listed.zone),
            zone=listed.zone,
            calendars=tuple(_calendar(one, read.get(one.id)) for one in listed.calendars),
            unread=unread,
        )

    async def act(self, user_id: UserId, signal_id: SignalId, action: Action) -> None:
        """Answer an invitation, or take an answer back; see `actions`."""
        if not self._may_write(user_id):
            raise Rejected(translated(actions.MAY_NOT))
        await actions.act(self._client(user_id), signal_id, action)

    # Which calendars there are

    async def _listed(self, user_id: UserId) -> _KnownCalendars:
        """As kept or asked anew. What was kept serves while Google does not."""
        now, kept = self._now(), self._lists.get(user_id)
        before = self._polled.get(user_id, now)
        self._polled[user_id] = now
        idle = timedelta(seconds=IDLE_SECONDS * SOONEST)
        calm = now - before >= idle or self._memory.troubled(user_id)
        lasts = LIST_LASTS if calm else LIST_IS_STALE
        if kept is not None and timedelta() <= now - kept.at < lasts:
            return kept
        try:
            fresh = await self._asked(user_id)
        except Unavailable:
            if kept is None:
                raise
            return kept
        self._lists[user_id] = fresh
        return fresh

    async def _asked(self, user_id: UserId) -> _KnownCalendars:
        client, now = self._client(user_id), self._now()
        found = await _all_calendars(client)
        calendars = found.calendars or (await _main_calendar(client, user_id),)
        return _KnownCalendars(now, calendars, found.unread)

    # What is on them

    async def _read(
        self, user_id: UserId, shown: Sequence[wire.CalendarWire], zone: str | None
    ) -> dict[str, CalendarRead]:
        """The events of each calendar. Raises what is not about one calendar alone."""
        days = zone_named(zone) or ZoneInfo("UTC")
        begin, end = wire.window(self._now(), days, self._days_ahead)
        asking = _Asking(
            user_id=user_id,
            client=self._client(user_id),
            may_write=self._may_write(user_id),
            begin=begin,
            end=end,
            zone=days,
        )
        few = asyncio.Semaphore(AT_ONCE)
        tasks = {
            one.id: asyncio.ensure_future(
                _events_of(one, asking, few, self._memory.of_calendar(user_id, one.id))
            )
            for one in shown
        }
        try:
            await asyncio.gather(*tasks.values())
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        return {id_: task.result() for id_, task in tasks.items()}

    def _judge(self, user_id: UserId, read: Mapping[str, CalendarRead]) -> None:
        """Raises where no calendar could be read: what may pass before what will never work."""
        problems = {id_: one.problem for id_, one in read.items() if one.problem is not None}
        bad = frozenset(id_ for id_, problem in problems.items() if isinstance(problem, NotHere))
        if bad != self._bad.get(user_id, frozenset()):
            # The list would say so, but asked at every poll it would say the same again and again.
            self._lists.pop(user_id, None)
            self._bad[user_id] = bad
        if problems and len(problems) == len(read):
            raise min(problems.values(), key=lambda problem: isinstance(problem, Rejected))

    def _note_unread(self, user_id: UserId, unread: int) -> None:
        if unread and self._unread.get(user_id) != unread:
            log.warning("Google sent events that make no sense; left out: %d", unread)
        self._unread[user_id] = unread


async def identity(client: ServiceClient) -> Identity:
    """Return whose account `client` speaks for: the address that its main calendar is named by."""
    found = await _all_calendars(client)
    primary = next((one for one in found.calendars if one.primary and one.id), None)
    if primary is None:
        primary = await _main_calendar(client, None)
    zone = zone_named(primary.time_zone)
    return Identity(UserId(primary.id), clean(primary.id) or primary.id, zone.key if zone else None)


async def _all_calendars(client: ServiceClient) -> _CalendarList:
    """Those on the account's list; none where the consent does not cover the list."""
    params = {"fields": wire.CALENDAR_FIELDS}
    asked = GOOGLE_LISTS.all_items(client, "users/me/calendarList", params, wire.CalendarWire)
    try:
        found, unread = await translate_refusals(client, asked)
    except ScopeMissing:
        return _CalendarList()
    except NotHere as error:
        failure = Rejected(translated(LIST_FORBIDDEN), status=error.status)
    else:
        there = tuple(one for one in found.values() if _is_there(one))
        if len(there) <= MAX_CALENDARS:
            return _CalendarList(there, unread)
        most = f"{MAX_CALENDARS:,}"
        failure = Rejected(translated(TOO_MANY, most=most))
    raise failure


def _is_there(calendar: wire.CalendarWire) -> bool:
    known = 0 < len(calendar.id) <= wire.MAX_EVENT_ID
    return known and not (calendar.deleted or calendar.hidden)


async def _main_calendar(client: ServiceClient, user_id: UserId | None) -> wire.CalendarWire:
    """The main calendar, from its list of events: for accounts that do not show their calendars.

    user_id: the address it is named by; None: it is named as the list is, unless it was renamed.
    """
    params = {"maxResults": "1", "fields": "summary,timeZone,defaultReminders"}
    body = await translate_refusals(client, client.get("calendars/primary/events", params=params))
    about = wire.decoded(body, wire.AboutWire)
    named = user_id or about.summary or ""
    if "@" not in named:
        raise Rejected(translated(NOBODY))
    return wire.CalendarWire(
        id=named,
        summary=about.summary,
        primary=True,
        selected=True,
        time_zone=about.time_zone,
        default_reminders=about.default_reminders,
    )


async def _events_of(
    calendar: wire.CalendarWire, asking: _Asking, few: asyncio.Semaphore, before: CalendarRead
) -> CalendarRead:
    """few: how many calendars may be asked for at the same time. before: what was last read of
    this one; the same again where it is made of the same."""
    path, shelf = wire.events_path(calendar.id), wire.shelf_from_wire(calendar)
    known = before.made_of.marks if isinstance(before.made_of, _MadeOf) else ()
    try:
        async with few:
            asked = GOOGLE_LISTS.listed(
                asking.client, path, asking.params, wire.EventWire, known=known
            )
            listed = await translate_refusals(asking.client, asked)
    except (AccountRefused, NotSent):
        raise
    except (Rejected, Unavailable) as error:
        if isinstance(error, Unavailable) and error.limited:
            raise
        return CalendarRead(problem=_of_calendar(error))
    made_of = _MadeOf(
        listed.marks,
        shelf,
        asking.may_write,
        asking.begin,
        asking.end,
        asking.zone,
        language.code(),
    )
    if made_of == before.made_of:
        return before
    found, unread = await listed.items()
    events: list[Event] = []
    for part in GOOGLE_LISTS.slices(list(found.values())):
        for said in filter(google_events.is_shown, part):
            event = google_events.event_from_wire(
                said, user_id=asking.user_id, shelf=shelf, may_write=asking.may_write
            )
            if event is None:
                unread += 1
            elif google_events.is_on(event, asking.begin, asking.end, asking.zone):
                events.append(event)
        await asyncio.sleep(0)
    return CalendarRead(events, unread, made_of=made_of)


def _of_calendar(error: Rejected | Unavailable) -> SourceError:
    """`error` as a sentence beside a calendar's name."""
    if isinstance(error, NotHere):
        sentence = CALENDAR_FORBIDDEN if error.status == 403 else CALENDAR_GONE
        return NotHere(translated(sentence), status=error.status)
    return error


def _calendar(calendar: wire.CalendarWire, read: CalendarRead | None) -> Calendar:
    """read: what became of it; None: it is not shown."""
    shelf = wire.shelf_from_wire(calendar)
    problem = read.problem if read else None
    return Calendar(
        id=calendar.id,
        name=shelf.container.name,
        color=shelf.container.color,
        shown=read is not None,
        problem=str(problem) if problem else None,
        recheck_after=read.recheck_after if read else None,
    )


async def _in_order(calendars: Sequence[Sequence[Event]], zone: str | None) -> tuple[Event, ...]:
    """By their beginning; whole days first, and where all is equal as the calendars are."""
    days = zone_named(zone) or ZoneInfo("UTC")
    found: list[tuple[float, bool, int, Event]] = []
    for events in calendars:
        for part in GOOGLE_LISTS.slices(events):
            found += [
                (_begins(event, days), isinstance(event.start, Fixed), len(found) + number, event)
                for number, event in enumerate(part)
            ]
            await asyncio.sleep(0)
    found.sort(key=lambda entry: entry[:3])
    return tuple(entry[3] for entry in found)


def _begins(event: Event, zone: ZoneInfo) -> float:
    match event.start:
        case Fixed(at):
            return at.timestamp()
        case Day(day):
            return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
    raise TypeError("no event of Google floats")
