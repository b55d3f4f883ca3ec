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


class IconView(NamedTuple):
    """Holds the icon: how the services are, and how many tasks to tick off are due or overdue."""

    mark: Mark = Mark.FINE
    due: int = 0
