"""Sorts the events by when they are: now, next, today, tomorrow. Pure, but for `Planner`.

An event of whole days never begins or runs as a meeting does: it belongs to its days. One with a
time is now from its start on, and next in the hour before; what is over is not on the agenda.

There may be 2,500 events and a render follows every click, so they are sorted out once, and again
only when one of them comes, goes, begins or is an hour away, or a day ends somewhere.
"""

from datetime import date, datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.agenda.placement import Entry
from oo_desktop.model.signals import Day, Event, day_of, ends_at
from oo_desktop.model.zones import next_midnight, today_in

NEXT_WITHIN = timedelta(hours=1)
"""How long before its start an event stands under "Next"."""

JOINABLE_WITHIN = timedelta(minutes=10)
"""How long before its start a meeting can be joined from the menu."""


class PlannedEvent(Struct, frozen=True, gc=False):
    """Holds an event that is shown. `starts`: the instant; None for whole days."""

    entry: Entry
    event: Event
    day: date
    starts: datetime | None

    @property
    def join_url(self) -> str | None:
        return self.event.join_url


class Plan(Struct, frozen=True, gc=False):
    """Holds the events, by when they are: each once, in the order they are shown.

    changes_at: when one of them moves to another of these, or None.
    """

    now: tuple[PlannedEvent, ...] = ()
    next: tuple[PlannedEvent, ...] = ()
    today: tuple[PlannedEvent, ...] = ()
    tomorrow: tuple[PlannedEvent, ...] = ()
    later: tuple[PlannedEvent, ...] = ()
    changes_at: datetime | None = None

    def joinable(self, now: datetime, *, ahead: timedelta = JOINABLE_WITHIN) -> list[PlannedEvent]:
        """Return the meetings with a link that run or begin within `ahead` (an hour at most).

        The one whose start is nearest comes first: five minutes before the next one, most are ready
        to leave the one they are in; five minutes into it, they are late for it.
        """
        found = [
            (abs(each.starts - now), each.starts > now, number, each)
            for number, each in enumerate((*self.now, *self.next))
            if each.join_url and each.starts is not None and each.starts - now <= ahead
        ]
        return [each for _, _, _, each in sorted(found, key=lambda found: found[:3])]

    def meeting_to_join(self, now: datetime) -> PlannedEvent | None:
        """Return what somebody means who wants to join: what the menu offers first, or where that
        offers none, the next within the hour.

        now: the moment of the plan (aware).
        """
        return next(iter(self.joinable(now) or self.joinable(now, ahead=NEXT_WITHIN)), None)


def planned_event(entry: Entry, event: Event) -> PlannedEvent:
    """Return `entry`, whose signal is `event`, as what it is."""
    starts = None if isinstance(event.start, Day) else ends_at(event.start, entry.zone)
    return PlannedEvent(entry, event, day_of(event.start, entry.zone), starts)


def minutes_until(starts: datetime, now: datetime) -> int:
    """Return how many minutes are left; begun ones count: 61 seconds are 2 minutes."""
    return -((now - starts) // timedelta(minutes=1))


class Planner:
    """Sorts events by when they are, and remembers them as they were last sorted."""

    def __init__(self) -> None:
        self._events: tuple[Entry, ...] = ()
        self._since: datetime | None = None
        self._plan = Plan()
        self._known: dict[int, PlannedEvent] = {}

    def plan(self, events: tuple[Entry, ...], now: datetime) -> Plan:
        """Return the plan of `events` at `now` (aware): the very same until something changes."""
        if not events:
            return Plan()
        if events is not self._events or not self._still_right(now):
            self._plan = self._sorted_out(events, now)
            self._events, self._since = events, now
        return self._plan

    def _still_right(self, now: datetime) -> bool:
        until = self._plan.changes_at
        return self._since is not None and self._since <= now and (until is None or now < until)

    def _sorted_out(self, events: tuple[Entry, ...], now: datetime) -> Plan:
        running: list[PlannedEvent] = []
        soon: list[PlannedEvent] = []
        by_day: tuple[list[PlannedEvent], ...] = ([], [], [])  # today, tomorrow, later
        moments: set[datetime] = set()
        todays: dict[ZoneInfo, date] = {}
        for each in self._planned_events(events):
            zone = each.entry.zone
            if (today := todays.get(zone)) is None:
                today = todays[zone] = today_in(zone, now)
                moments.add(next_midnight(now, zone))
            starts = each.starts
            if starts is not None and starts <= now:
                running.append(each)
            elif starts is not None and starts - now <= NEXT_WITHIN:
                soon.append(each)
                moments.add(starts)
            else:
                by_day[min(max((each.day - today).days, 0), 2)].append(each)
                if starts is not None:
                    moments.add(starts - NEXT_WITHIN)
        return Plan(
            now=tuple(sorted(running, key=attrgetter("starts"))),
            next=tuple(sorted(soon, key=attrgetter("starts"))),
            today=_times_first(by_day[0]),
            tomorrow=_times_first(by_day[1]),
            later=tuple(by_day[2]),
            changes_at=min(moments, default=None),
        )

    def _planned_events(self, events: tuple[Entry, ...]) -> list[PlannedEvent]:
        """What follows from their times is worked out once for each."""
        before, self._known = self._known, {}
        found = []
        for entry in events:
            event = entry.signal
            if not isinstance(event, Event):
                continue
            known = before.get(id(event))
            if known is None or known.event is not event or known.entry.zone is not entry.zone:
                known = planned_event(entry, event)
            elif known.entry != entry:
                known = PlannedEvent(entry, event, known.day, known.starts)
            self._known[id(event)] = known
            found.append(known)
        return found


def _times_first(day: list[PlannedEvent]) -> tuple[PlannedEvent, ...]:
    """Whole days stand apart, below what somebody waits for."""
    return tuple(sorted(day, key=lambda each: each.starts is None))
