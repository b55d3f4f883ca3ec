"""How much there is to do on an agenda, counted once: it may have 10,000 entries. Pure.

A render asks for these figures after every click and poll, mostly of the agenda it had before.
"""

from collections.abc import Iterable

from msgspec import Struct

from oo_desktop.signals.model import ActionKind, time_of
from oo_desktop.ui.agenda import Agenda
from oo_desktop.ui.placing import Entry


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


def is_ticked_off(entry: Entry) -> bool:
    """A task that nobody can tick off, such as a header, is listed but is nothing to do.

    With a click on its way it may offer nothing for that long, and is a task all the same.
    """
    return ActionKind.DONE in entry.signal.actions or entry.pending


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
    overdue, today = _to_do(agenda.overdue), _to_do(agenda.today)
    timed = (entry for entry in today if _has_time(entry))
    return Tally(len(overdue), len(today), next(timed, None))


def _to_do(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if is_ticked_off(entry)]


def _has_time(entry: Entry) -> bool:
    due = getattr(entry.signal, "due", None)
    return due is not None and time_of(due, entry.zone) is not None
