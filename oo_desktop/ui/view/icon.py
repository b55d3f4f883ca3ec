"""Holds what a picture says, as values: the tray icon's, and that of a row.

Apart from `rows`: the icon is in the tray before what the menu's rows are made of is imported.
"""

from enum import StrEnum
from typing import NamedTuple


class RowIcon(StrEnum):
    """Names the picture before a row: an empty ring is a task to tick off, a heavier one urgent."""

    TASK_1 = "task-1"
    TASK_2 = "task-2"
    TASK_3 = "task-3"
    TASK_4 = "task-4"
    NOTE = "note"
    """Cannot be ticked off."""
    EVENT = "event"
    JOIN = "join"
    """Take part in a meeting."""
    SHOWN = "shown"
    HIDDEN = "hidden"
    UNDO = "undo"
    ATTENTION = "attention"


class Mark(StrEnum):
    """Names what the small ring of the icon says."""

    FINE = "fine"
    ATTENTION = "attention"
    OFFLINE = "offline"


MANY_DUE = 10
"""From so many tasks on the picture is the same."""


class IconView(NamedTuple):
    """Holds the icon: how the services are, and how many tasks to tick off are due or overdue."""

    mark: Mark = Mark.FINE
    due: int = 0

    @property
    def picture(self) -> "IconView":
        """Return an equal one for all that look the same: 99 tasks and 98 are one picture."""
        return self._replace(due=min(self.due, MANY_DUE))
