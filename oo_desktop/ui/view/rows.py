"""The rows a menu is made of, as values. Pure."""

from enum import StrEnum

from msgspec import Struct

from oo_desktop.commands.commands import Command
from oo_desktop.model.signals import AccountKey, SignalKey

RowId = tuple[str, ...]
"""Names the one thing a row stands for, as long as it stands: never its place in the menu."""


class RowKind(StrEnum):
    """How a row behaves."""

    COMMAND = "command"
    """Can be clicked, unless it is disabled."""
    TEXT = "text"
    """Only says something."""
    MENU = "menu"
    """Opens further rows."""
    SEPARATOR = "separator"


class RowIcon(StrEnum):
    """The picture before a row: an empty ring is a task to tick off, a heavier one more urgent."""

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


class Row(Struct, frozen=True):
    """One row of a menu.

    text: plain, complete and in reading order; it is also the accessible name.
    command: what a click means; None for what only says something.
    rows: of a submenu.
    color: `#RRGGBB`, of the calendar; says nothing that the text does not say.
    """

    id: RowId
    text: str = ""
    kind: RowKind = RowKind.TEXT
    command: Command | None = None
    enabled: bool = False
    icon: RowIcon | None = None
    rows: tuple["Row", ...] = ()
    color: str | None = None


def command_row(
    row_id: RowId,
    text: str,
    command: Command,
    *,
    icon: RowIcon | None = None,
    enabled: bool = True,
    color: str | None = None,
) -> Row:
    return Row(row_id, text, RowKind.COMMAND, command, enabled, icon, color=color)


def reading_row(
    row_id: RowId, text: str, *, icon: RowIcon | None = None, color: str | None = None
) -> Row:
    """What somebody came to read, though a click does nothing: neither grey, nor skipped by the
    keyboard and with it by a screen reader, as what is disabled is."""
    return Row(row_id, text, RowKind.TEXT, None, True, icon, color=color)


def menu_row(
    row_id: RowId, text: str, rows: tuple[Row, ...], *, icon: RowIcon | None = None
) -> Row:
    return Row(row_id, text, RowKind.MENU, None, True, icon, rows)


def separator(name: str) -> Row:
    return Row(("separator", name), kind=RowKind.SEPARATOR)


def id_of_account(kind: str, key: AccountKey) -> RowId:
    return (kind, key.provider, key.user_id)


def id_of_signal(kind: str, key: SignalKey) -> RowId:
    return (kind, *key.account, key.id)
