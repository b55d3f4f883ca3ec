"""Puts a selection in the order of the days, tasks and events together: for a window.

A menu shows few rows, so it keeps events and tasks apart and counts each. A window has room for the
day as it is: what has a time stands in the order of the times, whatever it is; whole days stand
above it, for they are about all of it, and tasks without a time below it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, time, timedelta
from itertools import chain
from typing import NamedTuple

from oo_desktop.agenda.placement import DueOrder, Entries, Entry
from oo_desktop.agenda.plan import PlannedEvent
from oo_desktop.agenda.selection import Section, Selection
from oo_desktop.model.signals import day_of, time_of
from oo_desktop.model.zones import today_in

_Ordered = tuple[DueOrder, Entry]
_Make = Callable[[], Iterable[Entry]]

_MIDNIGHT = time()


class TimelineSection(NamedTuple):
    """Holds what stands under one heading, all of it. NOW: what runs, and what is next."""

    section: Section
    entries: tuple[Entry, ...]


class Timeline:
    """Puts selections in order; what has not changed since the last is the very same tuple."""

    def __init__(self) -> None:
        self._made: dict[Section, tuple[tuple[object, ...], tuple[Entry, ...]]] = {}
        self._later: tuple[Entries | None, date | None] = (None, None)
        self._split: tuple[list[_Ordered], list[_Ordered]] = ([], [])

    def sections(self, selection: Selection) -> tuple[TimelineSection, ...]:
        """Return those in which there is anything, in the order in which they are read."""
        plan, today = selection.plan, today_in(selection.local_zone, selection.now)
        tomorrows, laters = self._split_later(selection.later, today + timedelta(days=1))
        found = (
            self._kept(Section.NOW, (plan.now, plan.next), lambda: _of(plan.now, plan.next)),
            self._kept(Section.OVERDUE, (selection.overdue,), lambda: selection.overdue),
            self._kept(
                Section.TODAY,
                (selection.today, plan.today),
                lambda: _day(list(selection.today.ordered()), plan.today),
            ),
            self._kept(
                Section.TOMORROW,
                (tomorrows, plan.tomorrow),
                lambda: _day(tomorrows, plan.tomorrow),
            ),
            self._kept(Section.LATER, (laters, plan.later), lambda: _in_order(laters, plan.later)),
        )
        return tuple(each for each in found if each.entries)

    def _kept(self, section: Section, made_of: tuple[object, ...], make: _Make) -> TimelineSection:
        before = self._made.get(section)
        if before is None or not all(map(_is_same, before[0], made_of)):
            before = self._made[section] = (made_of, tuple(make()))
        return TimelineSection(section, before[1])

    def _split_later(self, later: Entries, tomorrow: date) -> tuple[list[_Ordered], list[_Ordered]]:
        if self._later[0] is not later or self._later[1] != tomorrow:
            self._later = (later, tomorrow)
            ordered = list(later.ordered())
            # In the order of their days: those of tomorrow come first.
            count = next((n for n, ((day, *_), _) in enumerate(ordered) if day > tomorrow), None)
            self._split = (ordered[:count], [] if count is None else ordered[count:])
        return self._split


def _is_same(before: object, now: object) -> bool:
    return before is now or (before == () == now)


def _of(*groups: Sequence[PlannedEvent]) -> Iterator[Entry]:
    return (each.entry for each in chain(*groups))


def _day(tasks: Sequence[_Ordered], events: Sequence[PlannedEvent]) -> Iterator[Entry]:
    """Whole days, then times, then tasks of any time; among equals, an event comes first."""
    timed = [(_event_order(each), each.entry) for each in events if each.starts is not None]
    timed += [each for each in tasks if each[0][1]]
    timed.sort(key=lambda each: each[0][2])
    yield from (each.entry for each in events if each.starts is None)
    yield from (entry for _, entry in timed)
    yield from (entry for order, entry in tasks if not order[1])


def _in_order(tasks: Sequence[_Ordered], events: Sequence[PlannedEvent]) -> Iterator[Entry]:
    """By day, each day whole days first; what has no date is last."""
    ordered = [(_event_order(each), each.entry) for each in events]
    ordered += tasks
    ordered.sort(key=lambda each: each[0])
    return (entry for _, entry in ordered)


def _event_order(planned: PlannedEvent) -> DueOrder:
    event, zone = planned.event, planned.entry.zone
    at = time_of(event.start, zone)
    if at is None:
        return (day_of(event.start, zone), False, _MIDNIGHT)
    return (day_of(event.start, zone), True, at)
