"""What is shown under which heading, in the order in which it is read. Pure.

What happens now comes first, for it does not wait; then what there is to do, what else happens
today and tomorrow, and what comes later. Tasks and events are counted apart: a day with two
meetings has not two things more to do.
"""

from datetime import datetime
from typing import NamedTuple

from oo_desktop.ui.agenda import Agenda, Entry
from oo_desktop.ui.planned import entries_of, planned

NOW, NEXT = "Now", "Next"
LATER = "Later"

UNCOUNTED = frozenset({NOW, NEXT})
"""Headings of sections so short that their number is seen."""

TOMORROW = "Tomorrow"

AHEAD = frozenset({TOMORROW, LATER})
"""Headings of what leaves today free."""


class Section(NamedTuple):
    """Entries under one heading."""

    name: str
    entries: tuple[Entry, ...]


def sections(shown: Agenda, now: datetime) -> tuple[Section, ...]:
    """All of them, also those in which there is nothing. `shown`: the agenda at `now` (aware)."""
    plan = planned(shown, now)
    return (
        Section(NOW, entries_of(plan.now)),
        Section(NEXT, entries_of(plan.next)),
        Section("Overdue", shown.overdue),
        Section("Today", shown.today),
        Section("Planned today", entries_of(plan.today)),
        Section(TOMORROW, entries_of(plan.tomorrow)),
        Section(LATER, (*shown.later, *entries_of(plan.later))),
    )
