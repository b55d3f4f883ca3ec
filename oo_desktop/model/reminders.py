"""Plans when to remind of what. Pure: signals, a time and what was told in, reminders out.

| What | Rule |
|---|---|
| A task with a time, without minutes of its own | at that time |
| A task of a whole day, without minutes of its own | none |
| When a task is over | at the end of its day: then it is overdue, and the menu says so |
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
from datetime import date, datetime, time, timedelta
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
    Task,
    UserId,
    begins_at,
    day_of,
    ends_at,
    shown_copies,
)

SNOOZE = timedelta(minutes=5)

MIN_SNOOZE = timedelta(minutes=1)
"""A snooze ends at the start of its event rather than after it, unless that is sooner than this."""


class Told(Struct, frozen=True, gc=False, kw_only=True):
    """Records a reminder that was given.

    start, ends: of the event or task, as they were. minutes: how long before it this one is for.
    twin: an event's `meeting`, so that no other copy of it repeats this.
    """

    key: SignalKey
    start: datetime
    minutes: int
    ends: datetime
    told_at: datetime
    twin: str | None = None
    snoozed_until: datetime | None = None

    def is_of(self, signal: Event | Task, start: datetime) -> bool:
        """Return whether it was told of `signal`, which begins at `start`, or of a copy of it."""
        if self.start != start:
            return False
        if self.twin is None or isinstance(signal, Task) or signal.twin is None:
            return self.key == signal.key
        if self.key == signal.key:
            return True
        if self.key.account == signal.account:
            return _twin_in(self.twin) == signal.twin
        return self.twin == signal.meeting


class Planned(Struct, frozen=True, gc=False):
    """Plans a reminder, to be given `at` an instant (UTC).

    start, ends: of the event, in UTC; of a task, when it is due, and when its day is over.
    zone: of its account. minutes: how long before it this is.
    """

    signal: Event | Task
    zone: ZoneInfo
    start: datetime
    ends: datetime
    minutes: int
    at: datetime

    @property
    def key(self) -> SignalKey:
        """Return the signal's name."""
        return self.signal.key

    @property
    def meeting(self) -> str | None:
        """Return the `meeting` of an event that stands on several calendars; None of all else."""
        return self.signal.meeting if isinstance(self.signal, Event) else None


def planned_reminders(
    spans: Iterable["Span"], *, now: datetime, default_minutes: int, told: Iterable[Told] = ()
) -> tuple[Planned, ...]:
    """Return the reminders still to be given, in their order; due are those until `now` (aware).

    spans: from `spans_of`, with the same `default_minutes`. told: what was given.
    """
    alive = [each for each in spans if each[3] > now]
    chosen = shown_copies(each[0] for each in alive if isinstance(each[0], Event))
    rows = _ToldBySignal(told)
    found: list[Planned] = []
    for signal, zone, start, ends in alive:
        if _twin_of(signal) is not None and id(signal) not in chosen:
            continue
        wanted = _wanted(signal, default_minutes)
        moments = _moments(when(signal), zone, start, wanted, rows.of(signal, start))
        for at, minutes in _worth_telling(moments, now):
            if at < ends:
                found.append(Planned(signal, zone, start, ends, minutes, at))
    found.sort(key=attrgetter("at", "start"))
    return tuple(found)


Span = tuple[Event | Task, ZoneInfo, datetime, datetime]
"""An event or task, its zone, when it starts and when it ends."""


def can_be_reminded_of(signal: Event | Task) -> bool:
    """Return whether any setting could have a reminder of `signal`. Quick: there may be 10,000."""
    if isinstance(signal, Event):
        return True
    if signal.due is None:
        return False
    return bool(signal.reminders) or not isinstance(signal.due, Day)


def when(signal: Event | Task) -> Due:
    """Return when an event begins, or a task is due. Raises ValueError for one without a date."""
    begins = signal.start if isinstance(signal, Event) else signal.due
    if begins is None:
        raise ValueError("it has no date")
    return begins


def _twin_of(signal: Event | Task) -> str | None:
    return signal.twin if isinstance(signal, Event) else None


def spans_of(
    signals: Iterable[Event | Task],
    *,
    zone_of: Callable[[AccountKey], ZoneInfo],
    default_minutes: int,
) -> list[Span]:
    """Return when those begin and end that may be reminded of, or have a twin that may.

    Takes some 10 microseconds for each, and depends on no clock.
    signals: account after account, in the order of the screen. zone_of: the zone of an account.
    default_minutes: for events that say nothing themselves; 0 for none.
    """
    zones: dict[tuple[ProviderId, UserId], ZoneInfo] = {}
    spans = []
    for signal in signals:
        if _twin_of(signal) is None and not _wanted(signal, default_minutes):
            continue
        owner = (signal.source, signal.user_id)
        if (zone := zones.get(owner)) is None:
            zone = zones[owner] = zone_of(signal.account)
        spans.append((signal, zone, *span_of(signal, zone)))
    return spans


class _ToldBySignal:
    """What was told, by signal. There may be thousands of them; few were told of."""

    def __init__(self, told: Iterable[Told]) -> None:
        self._by_name: dict[str, set[Told]] = {}
        for row in told:
            self._by_name.setdefault(row.key.id, set()).add(row)
            if row.twin is not None:
                self._by_name.setdefault(_twin_in(row.twin), set()).add(row)

    def of(self, signal: Event | Task, start: datetime) -> list[Told]:
        """What was told of `signal`, or of another copy of it, as it is now."""
        near = self._by_name.get(signal.id)
        twin = _twin_of(signal)
        twins = None if twin is None else self._by_name.get(twin)
        if near is None and twins is None:
            return []
        return [row for row in (near or set()) | (twins or set()) if row.is_of(signal, start)]


def _twin_in(meeting: str) -> str:
    """The `twin` of the event with that `meeting`."""
    return meeting.partition("\n")[0]


def span_of(signal: Event | Task, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instants (UTC) at which `signal` begins and ends; days do at midnight in `zone`.

    A task begins when it is due, and ends with that day. Raises ValueError for one without a date.
    """
    start = begins_at(when(signal), zone)
    if isinstance(signal, Event):
        return start, max(begins_at(signal.end, zone), start)
    return start, _end_of_day(day_of(when(signal), zone), zone)


@lru_cache(maxsize=64)
def _end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """One instant for all tasks of a day, which come after each other: there may be 100,000."""
    return ends_at(Day(day), zone)


def snoozed_until(reminder: Planned, now: datetime) -> datetime | None:
    """Return when a snooze at `now` ends; None where the event is over by then."""
    until = now + SNOOZE
    if now + MIN_SNOOZE <= reminder.start < until:
        until = reminder.start
    return until if until < reminder.ends else None


def _wanted(signal: Event | Task, default_minutes: int) -> tuple[int, ...]:
    if signal.reminders is not None:
        return signal.reminders
    if isinstance(when(signal), Day):
        return ()
    if isinstance(signal, Task):
        return (0,)
    return (default_minutes,) if default_minutes else ()


_Alert = tuple[datetime, int]
"""When to tell, and of which minutes."""


def _moments(
    begins: Due, zone: ZoneInfo, start: datetime, wanted: Iterable[int], rows: list[Told]
) -> list[_Alert]:
    """When which minutes are to be told of: those after all that was, and the snoozed."""
    last = min([row.minutes for row in rows]) if rows else None
    moments: list[_Alert] = []
    for minutes in dict.fromkeys(wanted):
        if last is None or minutes < last:
            at = _before(begins, start, minutes, zone)
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
