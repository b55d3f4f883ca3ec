"""Places the signals of one account in order, once and not at every render.

With 10,000 signals, a render has to be cheap after every click and every poll. What follows from a
due date alone is worked out once for all that share it; what follows from the time, once for every
moment at which anything begins or passes; and an entry is made only of what somebody looks at.
"""

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from enum import IntEnum
from functools import cached_property
from heapq import merge
from itertools import chain, islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.model.listing import without_title
from oo_desktop.model.signals import (
    ActionKind,
    AnySignal,
    Due,
    Event,
    SignalId,
    day_of,
    ends_at,
    time_of,
)

PLACED_AT_ONCE = 200
"""Signals placed before the loop gets its turn: below a millisecond, mostly."""


class Entry(Struct, frozen=True, gc=False):
    """Holds a signal that is shown.

    zone: its account's. pending: a click on it is on its way.
    """

    signal: AnySignal
    zone: ZoneInfo
    overdue: bool
    pending: bool


class Bucket(IntEnum):
    """Sorts what there is to do by when; and what happens, which `plan` sorts further."""

    OVERDUE = 0
    TODAY = 1
    LATER = 2
    EVENTS = 3


DueOrder = tuple[date, bool, time]
"""Day, whole days before times, time (see `model.signals.sort_key`)."""


class Times(Struct, frozen=True, gc=False):
    """Holds what follows from when a signal is due, in `zone`.

    day: the first day on which a task is not later's any more; None: it is later's for good.
    passes: when a task is overdue, or an event that ends at a time is over.
    gone_on: the day on which an event that ends with a day is over.
    moments: when anything about it changes.
    """

    order: DueOrder
    zone: ZoneInfo
    day: date | None = None
    passes: datetime | None = None
    gone_on: date | None = None
    moments: tuple[datetime, ...] = ()
    is_event: bool = False

    def bucket(self, now: datetime, today: date) -> Bucket | None:
        """Return where it stands; None for an event that is over. `today`: the day of `now`."""
        if self.gone_on is not None and self.gone_on <= today:
            return None
        if self.passes is not None and self.passes <= now:
            return None if self.is_event else Bucket.OVERDUE
        if self.is_event:
            return Bucket.EVENTS
        return Bucket.LATER if self.day is None or self.day > today else Bucket.TODAY


Placed = tuple[DueOrder, int, int, Times, AnySignal, bool, bool]
"""A signal in its place; whether a click on it is on its way, and whether it is to be ticked off.
Those of one account sort by what stands before the times: order, priority and the signal's place in
the service's own list, which no two share. (A plain tuple: the garbage collector drops those whose
content needs no watching, and there are many.)"""


class Ordered:
    """Holds what one account has in one bucket, in order. It never changes, so what is counted of
    it is counted once: there may be 10,000, and 50 accounts.

    (Around a tuple, not a list of its own: that, the garbage collector would go through each time.)
    """

    def __init__(self, placed: Iterable[Placed] = ()) -> None:
        self._placed = tuple(placed)

    def __len__(self) -> int:
        return len(self._placed)

    def __iter__(self) -> Iterator[Placed]:
        return iter(self._placed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ordered) and self._placed == other._placed

    __hash__ = None  # type: ignore[assignment]  # nobody keeps them in a set

    @cached_property
    def to_do(self) -> int:
        """Return how many of them can be ticked off."""
        return sum(each[6] for each in self._placed)

    @cached_property
    def first_timed(self) -> Placed | None:
        """Return the first of them to tick off that has a time, or None."""
        return next((each for each in self._placed if each[6] and _has_time(each)), None)


Buckets = tuple[Ordered, Ordered, Ordered, Ordered]
"""What stands in each bucket."""


def placed_order(placed: Placed) -> tuple[DueOrder, int]:
    """Return what those of several accounts are sorted by; among equals, an earlier account comes
    first."""
    return placed[:2]


class Entries:
    """Lists what stands in one bucket: maybe 100,000 signals, of which a menu shows the first few.
    So the lists of several accounts become one only for whoever goes through all of it.

    They never change, so what is counted of them is counted once.

    accounts: what each has. hide_titles: leaves out what they are called, of each when it is
        looked at.
    """

    def __init__(
        self,
        accounts: Sequence[Ordered] = (),
        *,
        overdue: bool = False,
        hide_titles: bool = False,
    ) -> None:
        self._accounts = accounts
        self._overdue = overdue
        self._hide_titles = hide_titles

    def __len__(self) -> int:
        return sum(map(len, self._accounts))

    def __iter__(self) -> Iterator[Entry]:
        return map(self._entry, self._placed)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Entries):
            return NotImplemented
        # Lists that did not change are the very same, and those compare at once; so do members.
        return self._overdue == other._overdue and self._accounts == other._accounts

    __hash__ = None  # type: ignore[assignment]  # nobody keeps them in a set

    def first(self, most: int | None) -> tuple[Entry, ...]:
        """Return at most so many of them; None: all."""
        if most is None:
            return tuple(self)
        return tuple(map(self._entry, islice(merge(*self._accounts, key=placed_order), most)))

    def fitting(self, fits: Callable[[AnySignal], bool]) -> Iterator[Entry]:
        """Yield those whose signal fits; nothing is made of the others."""
        return (self._entry(each) for each in self._placed if fits(each[4]))

    def ordered(self) -> Iterator[tuple[DueOrder, Entry]]:
        """Yield them with when they are due, for whoever puts them in another order."""
        return ((placed[0], self._entry(placed)) for placed in self._placed)

    @cached_property
    def to_do(self) -> int:
        """Return how many of them can be ticked off."""
        return sum(each.to_do for each in self._accounts)

    @cached_property
    def first_timed(self) -> Entry | None:
        """Return the first of them to tick off that has a time, or None."""
        found = [each.first_timed for each in self._accounts if each.first_timed is not None]
        return self._entry(min(found, key=placed_order)) if found else None

    @cached_property
    def _placed(self) -> Iterable[Placed]:
        """All of them, in order."""
        if len(self._accounts) == 1:
            return self._accounts[0]
        return sorted(chain.from_iterable(self._accounts), key=placed_order)

    def _entry(self, placed: Placed) -> Entry:
        _, _, _, times, signal, pending, _ = placed
        if self._hide_titles:
            signal = without_title(signal)
        return Entry(signal, times.zone, self._overdue, pending)


def _has_time(placed: Placed) -> bool:
    _day, has_time, _time = placed[0]
    return has_time


def can_be_ticked_off(signal: AnySignal, *, pending: bool) -> bool:
    """Return whether it is something to do: a header, say, is a task that nobody can tick off.

    With a click on its way it may offer nothing for that long, and is a task all the same.
    """
    return pending or ActionKind.DONE in signal.actions


class _Group(NamedTuple):
    """Signals that are due at the same time and equally urgent, in the service's order."""

    order: DueOrder
    priority: int
    times: Times
    signals: tuple[Placed, ...] = ()


class Placement:
    """Holds the signals of one account in order. They never change; a new list is placed anew.

    It may be asked once it is complete: all `steps` are done, by whomever.
    """

    def __init__(self, listed: tuple[AnySignal, ...], zone: ZoneInfo) -> None:
        self.listed = listed
        self.zone = zone
        self.steps = self._steps()
        """What is left to do until it is complete; there may be 10,000 signals."""
        self._times: dict[object, Times] = {}
        self._groups: list[_Group] = []
        self._place_of: dict[SignalId, int] = {}
        self._moments: list[datetime] = []
        self._at: tuple[int, date] | None = None
        self._buckets: Buckets = (Ordered(), Ordered(), Ordered(), Ordered())

    def is_of(self, listed: tuple[AnySignal, ...], zone: ZoneInfo) -> bool:
        """Return whether it is, or will be, what would be made of these."""
        return self.listed is listed and self.zone is zone

    def complete(self) -> None:
        """Do what is left to do."""
        deque(self.steps, maxlen=0)

    def _steps(self) -> Iterator[None]:
        groups: dict[object, tuple[_Group, list[Placed]]] = {}
        for start in range(0, len(self.listed), PLACED_AT_ONCE):
            for place, signal in enumerate(self.listed[start : start + PLACED_AT_ONCE], start):
                self._place_of[signal.id] = place
                if isinstance(signal, Event):
                    alike: object = (signal.start, signal.end)
                else:
                    alike = (signal.due, signal.priority)
                found = groups.get(alike)
                if found is None:
                    found = groups[alike] = (self._group_of(signal), [])
                (order, priority, times, _), signals = found
                to_do = can_be_ticked_off(signal, pending=False)
                signals.append((order, priority, place, times, signal, False, to_do))
            yield
        filled = (group._replace(signals=tuple(signals)) for group, signals in groups.values())
        self._groups = sorted(filled, key=lambda group: group[:2])
        yield
        self._moments = sorted({each for times in self._times.values() for each in times.moments})

    def get(self, id_: SignalId) -> AnySignal | None:
        """Return the signal of that id, if it is listed."""
        place = self._place_of.get(id_)
        return None if place is None else self.listed[place]

    def buckets(self, now: datetime) -> Buckets:
        """Return all of them in order at `now` (aware). Shared: not to be changed."""
        at = (bisect_right(self._moments, now), now.astimezone(self.zone).date())
        if at != self._at:
            self._at, self._buckets = at, self._sorted_out(now)
        return self._buckets

    def buckets_with(self, changed: Mapping[SignalId, AnySignal | None], now: datetime) -> Buckets:
        """Return `buckets`, with what waits for the service as it is shown; None: not at all.

        What is not listed comes last among equals, in the order given. A bucket in which nothing
        waits is the very same.
        """
        places = self._place_of
        taken = {places[each] for each in changed if each in places}
        added: dict[Bucket, list[Placed]] = {}
        day = now.astimezone(self.zone).date()
        beyond = len(self.listed)
        for number, (id_, signal) in enumerate(changed.items()):
            if signal is not None:
                place = places.get(id_, beyond + number)
                order, priority, times, _ = self._group_of(signal)
                bucket = times.bucket(now, day)
                if bucket is not None:
                    placed = (order, priority, place, times, signal, True, True)
                    added.setdefault(bucket, []).append(placed)
        overdue, today, later, events = (
            _changed(signals, taken, added.get(bucket, ()))
            for bucket, signals in zip(Bucket, self.buckets(now), strict=True)
        )
        return overdue, today, later, events

    def next_moment(self, now: datetime) -> datetime | None:
        """Return when something of them begins, ends or passes next."""
        place = bisect_right(self._moments, now)
        return self._moments[place] if place < len(self._moments) else None

    def moments_of(self, signal: AnySignal) -> tuple[datetime, ...]:
        """Return when something about `signal` changes, or did."""
        return self._times_of(signal).moments

    def _group_of(self, signal: AnySignal) -> _Group:
        """An empty one, in which `signal` would stand."""
        times = self._times_of(signal)
        priority = 4 if isinstance(signal, Event) else signal.priority or 4
        return _Group(times.order, priority, times)

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

    def _sorted_out(self, now: datetime) -> Buckets:
        day = now.astimezone(self.zone).date()
        found: tuple[list[Placed], ...] = ([], [], [], [])
        for group in self._groups:
            bucket = group.times.bucket(now, day)
            if bucket is not None:
                found[bucket].extend(group.signals)
        # The groups are in order: only where two are equals, something is left to do.
        overdue, today, later, events = (Ordered(sorted(each)) for each in found)
        return overdue, today, later, events


def _changed(signals: Ordered, taken: Collection[int], added: Iterable[Placed]) -> Ordered:
    """Without those of the places `taken`, with `added`; the very same where that is nothing."""
    changed = [each for each in signals if each[2] not in taken]
    if len(changed) == len(signals) and not added:
        return signals
    for placed in added:
        insort(changed, placed)
    return Ordered(changed)


def _times_of_task(due: Due | None, zone: ZoneInfo) -> Times:
    if due is None:
        return Times((date.max, False, time()), zone)
    passes = ends_at(due, zone)
    order = _order(due, zone)
    return Times(order, zone, order[0], passes, moments=(passes,))


def _times_of_event(event: Event, zone: ZoneInfo) -> Times:
    order = _order(event.start, zone)
    whole_days = time_of(event.end, zone) is None
    ends = ends_at(event.end, zone)
    return Times(
        order,
        zone,
        passes=None if whole_days else ends,
        gone_on=day_of(event.end, zone) if whole_days else None,
        moments=(ends_at(event.start, zone), ends),
        is_event=True,
    )


def _order(due: Due, zone: ZoneInfo) -> DueOrder:
    at = time_of(due, zone)
    return (day_of(due, zone), at is not None, at or time())
