"""Plans when to remind of which event. Pure: events, a time and what was told in, reminders out.

| What | Rule |
|---|---|
| An event without minutes of its own | the setting's; one of whole days: none |
| Minutes of its own | each of them; an empty list is none |
| A time | minutes before it, as they pass |
| Whole days | minutes before local midnight, on the clock: 900 is nine the morning before, -540 \
that morning |
| A meeting on several calendars | once, for the copy that the screen shows |
| Several that are due for one event | the last of them; the earlier ones have nothing to add |
| What is over | never |
| What was told of | never again, nor anything earlier than that, unless it has moved since |
| What was snoozed | again at that time, if it is not over by then |
"""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from functools import lru_cache
from operator import attrgetter
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.model.signals import (
    AccountKey,
    Day,
    Due,
    Event,
    Floating,
    ProviderId,
    SignalKey,
    UserId,
    begins_at,
    shown_copies,
)

SNOOZE = timedelta(minutes=5)

MIN_SNOOZE = timedelta(minutes=1)
"""A snooze ends at the start of its event rather than after it, unless that is sooner than this."""


class Told(Struct, frozen=True, gc=False, kw_only=True):
    """Records a reminder that was given.

    start, ends: of the event, as they were. minutes: how long before it this one is for.
    twin: the event's `meeting`, so that no other copy of it repeats this.
    """

    key: SignalKey
    start: datetime
    minutes: int
    ends: datetime
    told_at: datetime
    twin: str | None = None
    snoozed_until: datetime | None = None

    def is_of(self, event: Event, start: datetime) -> bool:
        """Return whether it was told of `event`, which begins at `start`, or of a copy of it."""
        if self.start != start:
            return False
        if self.key == event.key or self.twin is None or event.twin is None:
            return self.key == event.key
        if self.key.account == event.account:
            return _twin_in(self.twin) == event.twin
        return self.twin == event.meeting


class Planned(Struct, frozen=True, gc=False):
    """Plans a reminder, to be given `at` an instant (UTC).

    start, ends: of the event, in UTC. zone: of its account. minutes: how long before it this is.
    """

    event: Event
    zone: ZoneInfo
    start: datetime
    ends: datetime
    minutes: int
    at: datetime

    @property
    def key(self) -> SignalKey:
        """Return the event's name."""
        return self.event.key


def planned_reminders(
    events: Iterable[Event],
    *,
    now: datetime,
    zone_of: Callable[[AccountKey], ZoneInfo],
    default_minutes: int,
    told: Iterable[Told] = (),
) -> tuple[Planned, ...]:
    """Return the reminders still to be given, in their order; due are those until `now` (aware).

    events: account after account, in the order of the screen. zone_of: the zone of an account.
    default_minutes: for events that say nothing themselves; 0 for none. told: what was given.
    """
    alive = _alive(events, now, zone_of, default_minutes)
    chosen = shown_copies(each[0] for each in alive)
    rows = _ToldByEvent(told)
    found: list[Planned] = []
    for event, zone, start, ends in alive:
        if event.twin is not None and id(event) not in chosen:
            continue
        wanted = _wanted(event, default_minutes)
        moments = _moments(event, zone, start, wanted, rows.of(event, start))
        for at, minutes in _worth_telling(moments, now):
            if at < ends:
                found.append(Planned(event, zone, start, ends, minutes, at))
    found.sort(key=attrgetter("at", "start"))
    return tuple(found)


_Spanned = tuple[Event, ZoneInfo, datetime, datetime]
"""An event, its zone, when it starts and when it ends."""


def _alive(
    events: Iterable[Event],
    now: datetime,
    zone_of: Callable[[AccountKey], ZoneInfo],
    default_minutes: int,
) -> list[_Spanned]:
    """Those that are not over and may be reminded of, or have a twin that may."""
    zones: dict[tuple[ProviderId, UserId], ZoneInfo] = {}
    alive = []
    for event in events:
        if event.twin is None and not _wanted(event, default_minutes):
            continue
        owner = (event.source, event.user_id)
        if (zone := zones.get(owner)) is None:
            zone = zones[owner] = zone_of(event.account)
        start, ends = span_of(event, zone)
        if ends > now:
            alive.append((event, zone, start, ends))
    return alive


class _ToldByEvent:
    """What was told, by event. There may be thousands of events; few of them were told of."""

    def __init__(self, told: Iterable[Told]) -> None:
        self._by_name: dict[str, set[Told]] = {}
        for row in told:
            self._by_name.setdefault(row.key.id, set()).add(row)
            if row.twin is not None:
                self._by_name.setdefault(_twin_in(row.twin), set()).add(row)

    def of(self, event: Event, start: datetime) -> list[Told]:
        """What was told of `event`, or of another copy of it, as it is now."""
        near = self._by_name.get(event.id)
        twins = None if event.twin is None else self._by_name.get(event.twin)
        if near is None and twins is None:
            return []
        return [row for row in (near or set()) | (twins or set()) if row.is_of(event, start)]


def _twin_in(meeting: str) -> str:
    """The `twin` of the event with that `meeting`."""
    return meeting.partition("\n")[0]


def span_of(event: Event, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instants (UTC) at which `event` begins and ends; days do at midnight in `zone`."""
    start = begins_at(event.start, zone)
    return start, max(begins_at(event.end, zone), start)


def snoozed_until(reminder: Planned, now: datetime) -> datetime | None:
    """Return when a snooze at `now` ends; None where the event is over by then."""
    until = now + SNOOZE
    if now + MIN_SNOOZE <= reminder.start < until:
        until = reminder.start
    return until if until < reminder.ends else None


def _wanted(event: Event, default_minutes: int) -> tuple[int, ...]:
    if event.reminders is not None:
        return event.reminders
    if isinstance(event.start, Day) or not default_minutes:
        return ()
    return (default_minutes,)


_Alert = tuple[datetime, int]
"""When to tell, and of which minutes."""


def _moments(
    event: Event, zone: ZoneInfo, start: datetime, wanted: Iterable[int], rows: list[Told]
) -> list[_Alert]:
    """When which minutes are to be told of: those after all that was, and the snoozed."""
    last = min([row.minutes for row in rows]) if rows else None
    moments: list[_Alert] = []
    for minutes in dict.fromkeys(wanted):
        if last is None or minutes < last:
            at = _before(event.start, start, minutes, zone)
            if at is not None:
                moments.append((at, minutes))
    if rows:
        moments += [(row.snoozed_until, row.minutes) for row in rows if row.snoozed_until]
    return moments


def _before(begins: Due, start: datetime, minutes: int, zone: ZoneInfo) -> datetime | None:
    early = _minutes(minutes)
    try:
        if isinstance(begins, Day):
            return begins_at(Floating(datetime.combine(begins.day, time()) - early), zone)
        return start - early
    except OverflowError:  # before the first day of the calendar
        return None


@lru_cache(maxsize=64)
def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def _worth_telling(moments: list[_Alert], now: datetime) -> list[_Alert]:
    """Those to come, and of those that are due the last."""
    if len(moments) == 1:
        return moments
    due = [moment for moment in moments if moment[0] <= now]
    if len(due) < 2:
        return moments
    return [moment for moment in moments if moment[0] > now] + [max(due)]
