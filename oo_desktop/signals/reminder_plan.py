"""When to remind of which event. Pure: events, a time and what was told in, reminders out.

| What | Rule |
|---|---|
| An event without minutes of its own | the setting's; one of whole days: none |
| Minutes of its own | each of them; an empty list is none |
| A time | minutes before it, as they pass |
| Whole days | minutes before local midnight, on the clock: 900 is nine the morning before |
| A meeting on several calendars | once, for the copy that the screen shows |
| Several that are due for one event | the last of them; the earlier ones have nothing to add |
| What is over | never |
| What was told of | never again, nor anything earlier than that, unless it has moved since |
| What was snoozed | again at that time, if it is not over by then |
"""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.signals.model import AccountKey, Day, Due, Event, Floating, SignalKey, ends_at

SNOOZE = timedelta(minutes=5)

SHORTEST_SNOOZE = timedelta(minutes=1)
"""A snooze ends at the start of its event rather than after it, unless that is sooner than this."""


class Told(Struct, frozen=True, kw_only=True):
    """A reminder that was given.

    start, ends: of the event, as they were. minutes: how long before it this one is for.
    twin: as in the event, so that no other copy of the meeting repeats it.
    """

    key: SignalKey
    start: datetime
    minutes: int
    ends: datetime
    told_at: datetime
    twin: str | None = None
    snoozed_until: datetime | None = None


class Planned(Struct, frozen=True, kw_only=True):
    """A reminder that is to be given `at` an instant (UTC)."""

    event: Event
    zone: ZoneInfo
    start: datetime
    ends: datetime
    minutes: int
    at: datetime

    @property
    def key(self) -> SignalKey:
        return self.event.key


def planned(
    events: Iterable[Event],
    *,
    now: datetime,
    zone_of: Callable[[AccountKey], ZoneInfo],
    default_minutes: int,
    told: Iterable[Told] = (),
) -> tuple[Planned, ...]:
    """The reminders still to be given at `now` (aware), in their order; due are those until `now`.

    events: account after account, in the order of the screen. default_minutes: 0 for none.
    """
    by_event: dict[object, list[Told]] = {}
    for row in told:
        by_event.setdefault((row.key, row.start), []).append(row)
        if row.twin is not None:
            by_event.setdefault((row.twin, row.start), []).append(row)
    alive = []
    for event in events:
        if event.twin is not None or _wanted(event, default_minutes):
            zone = zone_of(event.account)
            start, ends = span_of(event, zone)
            if ends > now:
                alive.append((event, zone, start, ends))
    found: list[Planned] = []
    shown = _chosen(event for event, *_ in alive)
    for event, zone, start, ends in alive:
        if event.twin is not None and shown[event.twin] is not event:
            continue
        rows = by_event.get((event.key, start), [])
        if event.twin is not None:
            rows = rows + by_event.get((event.twin, start), [])
        moments = _moments(event, zone, start, _wanted(event, default_minutes), rows)
        found += [
            Planned(event=event, zone=zone, start=start, ends=ends, minutes=minutes, at=at)
            for at, minutes in _worth_telling(moments, now)
            if at < ends
        ]
    return tuple(sorted(found, key=lambda each: (each.at, each.start)))


def span_of(event: Event, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants (UTC) at which `event` begins and ends; days do at midnight in `zone`."""
    start = _instant(event.start, zone)
    return start, max(_instant(event.end, zone), start)


def snoozed_until(reminder: Planned, now: datetime) -> datetime | None:
    """When a snooze at `now` ends; None where the event is over by then."""
    until = now + SNOOZE
    if now + SHORTEST_SNOOZE <= reminder.start < until:
        until = reminder.start
    return until if until < reminder.ends else None


def _instant(due: Due, zone: ZoneInfo) -> datetime:
    if isinstance(due, Day):
        due = Floating(datetime.combine(due.day, time()))
    return ends_at(due, zone)


def _wanted(event: Event, default_minutes: int) -> tuple[int, ...]:
    if event.reminders is not None:
        return event.reminders
    if isinstance(event.start, Day) or not default_minutes:
        return ()
    return (default_minutes,)


def _chosen(events: Iterable[Event]) -> dict[str, Event]:
    """The copy of each meeting that counts: the first that is certain, or else the first."""
    chosen: dict[str, Event] = {}
    for event in events:
        if event.twin is not None:
            first = chosen.setdefault(event.twin, event)
            if first.tentative and not event.tentative:
                chosen[event.twin] = event
    return chosen


def _moments(
    event: Event, zone: ZoneInfo, start: datetime, wanted: Iterable[int], rows: list[Told]
) -> list[tuple[datetime, int]]:
    """When which minutes are to be told of: those after all that was, and the snoozed."""
    last = min((row.minutes for row in rows), default=None)
    moments = {
        (at, minutes)
        for minutes in wanted
        if (last is None or minutes < last)
        and (at := _before(event.start, start, minutes, zone)) is not None
    }
    return [*moments | {(row.snoozed_until, row.minutes) for row in rows if row.snoozed_until}]


def _before(begins: Due, start: datetime, minutes: int, zone: ZoneInfo) -> datetime | None:
    early = timedelta(minutes=minutes)
    try:
        if isinstance(begins, Day):
            return _instant(Floating(datetime.combine(begins.day, time()) - early), zone)
        return start - early
    except OverflowError:  # before the first day of the calendar
        return None


def _worth_telling(
    moments: list[tuple[datetime, int]], now: datetime
) -> list[tuple[datetime, int]]:
    due = [moment for moment in moments if moment[0] <= now]
    return [moment for moment in moments if moment[0] > now] + ([max(due)] if due else [])
