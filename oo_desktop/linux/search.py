"""Finds what a person types in the desktop's search, and does what they choose there.

It is asked at every key, so it looks only at what is in memory. While titles are hidden it finds
nothing: somebody shares their screen.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from oo_desktop.agenda.placement import Entry
from oo_desktop.agenda.selection import Selection
from oo_desktop.commands.commands import Act, Add, Command, Done, OpenUrl, ShowWindow
from oo_desktop.display import desktop_name
from oo_desktop.language import translated
from oo_desktop.model.reschedule import possible_actions
from oo_desktop.model.signals import (
    ActionKind,
    AnySignal,
    Event,
    SignalKey,
    day_of,
    time_of,
)
from oo_desktop.model.text import clock_words, day_words, elided, plain_text, title_text
from oo_desktop.model.zones import today_in

MAX_RESULTS = 20
MAX_TERMS = 10
MAX_TERM = 100
MAX_TITLE = 120
MAX_ADDED = 500
"""Characters of a task that is added from the search."""

ADD_WORDS = frozenset({"add", "todo", "task"})
"""What begins a search that adds a task: offered at no other, for it would be in every one."""

ADDS = "add:"
"""What the id of a result begins with that adds the rest; no provider is called so."""

ICON = desktop_name()
ADD_ICON = "list-add"


class Result(NamedTuple):
    """Holds one thing that was found, in words.

    actions: what can be done with it besides opening it.
    """

    id: str
    title: str
    about: str
    icon: str = ICON
    actions: tuple[ActionKind, ...] = ()


class DesktopSearch:
    """Searches the list as it is on the screen.

    selection: returns that list; None: it is not to be searched now.
    execute: carries out what is chosen.
    """

    def __init__(
        self,
        *,
        selection: Callable[[], Selection | None],
        execute: Callable[[Command], object],
    ) -> None:
        self._selection = selection
        self._execute = execute

    def results(self, words: Sequence[str]) -> list[Result]:
        """Return what fits all of `words`, in the order of the list; then what they would add."""
        kept = [word[:MAX_TERM] for word in words if word.strip()]
        found = [*self._found([word.casefold() for word in kept[:MAX_TERMS]])]
        if len(kept) > 1 and kept[0].casefold().rstrip(":") in ADD_WORDS:
            found.append(_adding(" ".join(kept[1:])))
        return found

    def described(self, ids: Sequence[str]) -> list[Result]:
        """Return the results of these ids that are still to be had, in their order."""
        selection = self._selection()
        found = (_described(selection, id_) for id_ in ids[: MAX_RESULTS + 1])
        return [result for result in found if result is not None]

    def open(self, id_: str) -> None:
        """Show it where it is at home, or in oO's window; add what is to be added."""
        if id_.startswith(ADDS):
            self._execute(Add(id_.removeprefix(ADDS)[:MAX_ADDED]))
            return
        entry = _entry(self._selection(), id_)
        url = None if entry is None else entry.signal.url
        self._execute(ShowWindow() if url is None else OpenUrl(url))

    def act(self, id_: str, kind: ActionKind) -> None:
        """Do something else with it; nothing where it does not offer that any more."""
        selection = self._selection()
        entry = _entry(selection, id_)
        if selection is None or entry is None:
            return
        if kind not in possible_actions(entry.signal, selection.now, entry.zone):
            return
        key = entry.signal.key
        self._execute(Done(key) if kind is ActionKind.DONE else Act(key, kind))

    def _found(self, terms: Sequence[str]) -> Iterator[Result]:
        selection = self._selection()
        if selection is None or not terms:
            return

        def fits(signal: AnySignal) -> bool:
            words = _words_of(signal)
            return all(term in words for term in terms)

        for entry in islice(selection.fitting(fits), MAX_RESULTS):
            yield _result(entry, selection.now)


def _described(selection: Selection | None, id_: str) -> Result | None:
    if id_.startswith(ADDS):
        return _adding(id_.removeprefix(ADDS))
    entry = _entry(selection, id_)
    return None if selection is None or entry is None else _result(entry, selection.now)


def _entry(selection: Selection | None, id_: str) -> Entry | None:
    if selection is None:
        return None

    def fits(signal: AnySignal) -> bool:
        return id_.endswith(signal.id) and id_of(signal.key) == id_

    return next(selection.fitting(fits), None)


def id_of(key: SignalKey) -> str:
    """Return an id that no two signals of any accounts share, as the command line takes it."""
    return ":".join((*key.account, key.id))


def _words_of(signal: AnySignal) -> str:
    where = signal.container.name if signal.container else ""
    return f"{signal.title}\n{where}".casefold()


def _adding(text: str) -> Result:
    text = elided(plain_text(text), MAX_ADDED)
    return Result(f"{ADDS}{text}", translated("Add a task: {task}", task=text), "", ADD_ICON)


def _result(entry: Entry, now: datetime) -> Result:
    signal = entry.signal
    return Result(
        id_of(signal.key),
        title_text(signal.title, MAX_TITLE),
        _about(entry, now),
        actions=() if entry.pending else possible_actions(signal, now, entry.zone),
    )


def _about(entry: Entry, now: datetime) -> str:
    """When and where it is: `Overdue: yesterday · Work`, `Today 14:30 · Team`."""
    container = entry.signal.container
    where = elided(plain_text(container.name), MAX_TITLE) if container else ""
    return " · ".join(part for part in (_when(entry, now), where) if part)


def _when(entry: Entry, now: datetime) -> str:
    signal = entry.signal
    due = signal.start if isinstance(signal, Event) else signal.due
    if due is None:
        return ""
    day = day_words(day_of(due, entry.zone), today_in(entry.zone, now))
    at = time_of(due, entry.zone)
    # Translators: a day and a time on it: “Today 14:30”, “Fri 20 Nov 14:30”
    when = translated("{day} {time}", day=day, time=clock_words(at)) if at else day
    return translated("Overdue since {day}", day=when) if entry.overdue else when
