"""Where the signals of one account stand, worked out once and not at every render.

With 10,000 signals, a render has to be cheap after every click and every poll. What follows from a
due date alone is worked out once for all that share it; what follows from the time, once for every
moment at which anything begins or passes.
"""

from bisect import bisect_right, insort
from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from enum import IntEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.signals.model import (
    AnySignal,
    Due,
    Event,
    SignalId,
    day_of,
    ends_at,
    time_of,
)


class Entry(Struct, frozen=True, gc=False):
    """A signal on the screen. `zone`: its account's. `pending`: a click on it is on its way."""

    signal: AnySignal
    zone: ZoneInfo
    overdue: bool
    pending: bool


class Section(IntEnum):
    """What there is to do, by when; and what happens, which `planned` sorts further."""

    OVERDUE = 0
    TODAY = 1
    LATER = 2
    EVENTS = 3


Order = tuple[date, bool, time]
"""Day, whole days before times, time (see `signals.model.sort_key`)."""

Line = tuple[Order, int, int, Entry]
"""An entry in its place. Lines of one account sort by what stands before the entry: order, priority
and the signal's place in the service's own list, which no two share."""

Lines = tuple[list[Line], list[Line], list[Line], list[Line]]
"""The lines of each section."""


class Times(Struct, frozen=True, gc=False):
    """What follows from when a signal is due, in one zone.

    day: the first day on which a task is not later's any more; None: it is later's for good.
    passes: when a task is overdue, or an event that ends at a time is over.
    gone_on: the day on which an event that ends with a day is over.
    moments: when anything about it changes.
    """

    order: Order
    day: date | None = None
    passes: datetime | None = None
    gone_on: date | None = None
    moments: tuple[datetime, ...] = ()
    is_event: bool = False

    def section(self, now: datetime, today: date) -> Section | None:
        """Where it stands; None for an event that is over. `today`: the day of `now`."""
        if self.gone_on is not None and self.gone_on <= today:
            return None
        if self.passes is not None and self.passes <= now:
            return None if self.is_event else Section.OVERDUE
        if self.is_event:
            return Section.EVENTS
        return Section.LATER if self.day is None or self.day > today else Section.TODAY


_Ranked = tuple[Order, int, int, Times, AnySignal]
"""A signal in its place, as a `Line` is. (A plain tuple: the garbage collector drops those whose
content needs no watching, and there are many.)"""


class Placed:
    """The signals of one account. They never change; a new list is placed anew."""

    def __init__(self, listed: tuple[AnySignal, ...], zone: ZoneInfo) -> None:
        self.listed = listed
        self.zone = zone
        self._times: dict[object, Times] = {}
        self._ranked = sorted(map(self._rank, listed, range(len(listed))))
        self._moments = sorted({each for times in self._times.values() for each in times.moments})
        self._at: tuple[int, date] | None = None
        self._lines: Lines = ([], [], [], [])

    def get(self, id_: SignalId) -> AnySignal | None:
        """The signal of that id, if it is listed."""
        place = self._place_of.get(id_)
        return None if place is None else self.listed[place]

    @cached_property
    def _place_of(self) -> Mapping[SignalId, int]:
        return {signal.id: place for place, signal in enumerate(self.listed)}

    def lines(self, now: datetime) -> Lines:
        """All of them in order at `now` (aware). Shared: not to be changed."""
        at = (bisect_right(self._moments, now), now.astimezone(self.zone).date())
        if at != self._at:
            self._at, self._lines = at, self._sorted_out(now)
        return self._lines

    def lines_with(self, changed: Mapping[SignalId, AnySignal | None], now: datetime) -> Lines:
        """As `lines`, but for what waits for the service: how that is shown; None: not at all.

        What is not listed comes last among equals, in the order given. Of events, which are
        clicked rarely, it is the same list where none is among them.
        """
        places = self._place_of
        taken = {places[each] for each in changed if each in places}
        overdue, today, later, events = self.lines(now)
        if any(isinstance(signal, Event) for signal in changed.values()) or any(
            isinstance(self.listed[place], Event) for place in taken
        ):
            events = _without(taken, events)
        found: Lines = (
            _without(taken, overdue),
            _without(taken, today),
            _without(taken, later),
            events,
        )
        day = now.astimezone(self.zone).date()
        beyond = len(self.listed)
        for number, (id_, signal) in enumerate(changed.items()):
            if signal is not None:
                place = places.get(id_, beyond + number)
                order, priority, _, times, _ = self._rank(signal, place)
                section = times.section(now, day)
                if section is not None:
                    entry = Entry(signal, self.zone, section is Section.OVERDUE, pending=True)
                    insort(found[section], (order, priority, place, entry))
        return found

    def next_moment(self, now: datetime) -> datetime | None:
        """When something of them begins, ends or passes next."""
        place = bisect_right(self._moments, now)
        return self._moments[place] if place < len(self._moments) else None

    def moments_of(self, signal: AnySignal) -> tuple[datetime, ...]:
        """When something about `signal` changes, or did."""
        return self._times_of(signal).moments

    def _rank(self, signal: AnySignal, place: int) -> _Ranked:
        times = self._times_of(signal)
        priority = 4 if isinstance(signal, Event) else signal.priority or 4
        return (times.order, priority, place, times, signal)

    def _times_of(self, signal: AnySignal) -> Times:
        key = (signal.start, signal.end) if isinstance(signal, Event) else signal.due
        times = self._times.get(key)
        if times is None:
            times = self._times[key] = (
                _times_of_event(signal, self.zone)
                if isinstance(signal, Event)
                else _times_of_task(signal.due, self.zone)
            )
        return times

    def _sorted_out(self, now: datetime) -> Lines:
        day = now.astimezone(self.zone).date()
        sections = {id(times): times.section(now, day) for times in self._times.values()}
        zone, overdue = self.zone, Section.OVERDUE
        found: Lines = ([], [], [], [])
        for order, priority, place, times, signal in self._ranked:
            section = sections[id(times)]
            if section is not None:
                entry = Entry(signal, zone, section is overdue, pending=False)
                found[section].append((order, priority, place, entry))
        return found


def _without(taken: Collection[int], lines: list[Line]) -> list[Line]:
    return [line for line in lines if line[2] not in taken]


def _times_of_task(due: Due | None, zone: ZoneInfo) -> Times:
    if due is None:
        return Times((date.max, False, time()))
    passes = ends_at(due, zone)
    order = _order(due, zone)
    return Times(order, order[0], passes, moments=(passes,))


def _times_of_event(event: Event, zone: ZoneInfo) -> Times:
    order = _order(event.start, zone)
    whole_days = time_of(event.end, zone) is None
    ends = ends_at(event.end, zone)
    return Times(
        order,
        passes=None if whole_days else ends,
        gone_on=day_of(event.end, zone) if whole_days else None,
        moments=(ends_at(event.start, zone), ends),
        is_event=True,
    )


def _order(due: Due, zone: ZoneInfo) -> Order:
    at = time_of(due, zone)
    return (day_of(due, zone), at is not None, at or time())
