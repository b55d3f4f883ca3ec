"""How much there is to do on an agenda, counted once: it may have 10,000 entries. Pure.

A render asks for these figures after every click and poll, mostly of the agenda it had before.
"""

from msgspec import Struct

from tests.ui.view.before.agenda import Agenda, Entries
from tests.ui.view.before.placing import Entry, Line


class Tally(Struct, frozen=True):
    """overdue, today: what there is to do; events are not.

    next: the first of today that has a time, or None.
    """

    overdue: int
    today: int
    next: Entry | None

    @property
    def tasks(self) -> int:
        return self.overdue + self.today


class _Counted:
    """The agenda that was counted last."""

    def __init__(self) -> None:
        self._agenda = Agenda()
        self._tally = Tally(0, 0, None)

    def tally(self, agenda: Agenda) -> Tally:
        before = self._agenda
        if agenda.overdue is not before.overdue or agenda.today is not before.today:
            self._tally = _counted(agenda)
        self._agenda = agenda
        return self._tally


_last = _Counted()


def tally(agenda: Agenda) -> Tally:
    """What there is to do on `agenda`."""
    return _last.tally(agenda)


def _counted(agenda: Agenda) -> Tally:
    today = _to_do(agenda.today)
    first = next(filter(_has_time, today), None)
    return Tally(
        overdue=len(_to_do(agenda.overdue)),
        today=len(today),
        next=None if first is None else agenda.today.entry(first),
    )


def _to_do(entries: Entries) -> list[Line]:
    return [line for line in entries.lines if line[6]]


def _has_time(line: Line) -> bool:
    _day, has_time, _time = line[0]
    return has_time
