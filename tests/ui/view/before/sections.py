"""What is shown under which heading, in the order in which it is read. Pure.

What happens now comes first, for it does not wait; then what there is to do, what else happens
today and tomorrow, and what comes later. Tasks and events are counted apart: a day with two
meetings has not two things more to do.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from tests.ui.view.before.agenda import Agenda, Entries, Entry
from tests.ui.view.before.planned import Happening, entries_of, planned

NOW, NEXT = "Now", "Next"
LATER = "Later"

UNCOUNTED = frozenset({NOW, NEXT})
"""Headings of sections so short that their number is seen."""

TOMORROW = "Tomorrow"

AHEAD = frozenset({TOMORROW, LATER})
"""Headings of what leaves today free."""


class Section(NamedTuple):
    """What stands under one heading: the first `entries` of `total`."""

    name: str
    total: int
    entries: tuple[Entry, ...]


def sections(shown: Agenda, now: datetime, *, most: int | None = None) -> tuple[Section, ...]:
    """All of them, also those in which there is nothing. `shown`: the agenda at `now` (aware).

    most: how many entries of each are wanted; None: all.
    """
    plan = planned(shown, now)
    return (
        _planned_section(NOW, plan.now, most),
        _planned_section(NEXT, plan.next, most),
        _section("Overdue", shown.overdue, most),
        _section("Today", shown.today, most),
        _planned_section("Planned today", plan.today, most),
        _planned_section(TOMORROW, plan.tomorrow, most),
        _both(_section(LATER, shown.later, most), _planned_section(LATER, plan.later, most), most),
    )


def _section(name: str, entries: Entries, most: int | None) -> Section:
    return Section(name, len(entries), entries.first(most))


def _planned_section(name: str, happenings: Sequence[Happening], most: int | None) -> Section:
    return Section(name, len(happenings), entries_of(happenings[:most]))


def _both(first: Section, second: Section, most: int | None) -> Section:
    entries = (*first.entries, *second.entries)[:most]
    return Section(first.name, first.total + second.total, entries)
