"""Decides what is listed of what there is, and what of it the screen may tell. Pure."""

from typing import TypeVar

from msgspec import structs

from oo_desktop.language import translated, untranslated
from oo_desktop.model.preferences import Show
from oo_desktop.model.signals import AnySignal, Day, Event, Task

S = TypeVar("S", Task, Event, AnySignal)

HIDDEN_TASK = untranslated("Task")
HIDDEN_EVENT = untranslated("Event")
"""What is said in place of titles that are hidden."""


def is_listed(signal: AnySignal, show: Show) -> bool:
    """Return whether `signal` is on the list; every task is."""
    if not isinstance(signal, Event):
        return True
    if isinstance(signal.start, Day) and not show.all_day:
        return False
    if signal.unanswered and not show.unanswered:
        return False
    return show.tentative or not signal.tentative


def without_title(signal: S) -> S:
    """Return `signal` as it is shown where titles are hidden.

    What it is called goes, and so do its labels, its place and the name of its project or
    calendar; when it is and what can be done with it stays.
    """
    container = signal.container and structs.replace(signal.container, name="")
    if isinstance(signal, Event):
        return structs.replace(
            signal, title=translated(HIDDEN_EVENT), container=container, where=None
        )
    return structs.replace(signal, title=translated(HIDDEN_TASK), container=container, labels=())
