"""Holds what the screen draws, as values: the tray, and the rows its menu is made of.

Apart from `tray`, which makes them: the screen draws a first one before that is imported.
"""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from oo_desktop.commands.commands import Command
from oo_desktop.language import translated
from oo_desktop.model.signals import AccountKey, SignalKey
from oo_desktop.ui.view.icon import IconView, RowIcon

HALF_ROW = 0.5
"""What a separator takes of the room for rows."""

RowId = tuple[str, ...]
"""Names the one thing a row stands for, as long as it stands: never its place in the menu."""


class RowKind(StrEnum):
    """Says how a row behaves."""

    COMMAND = "command"
    """Can be clicked, unless it is disabled."""
    TEXT = "text"
    """Only says something."""
    MENU = "menu"
    """Opens further rows."""
    SEPARATOR = "separator"


class Row(Struct, frozen=True):
    """Holds one row of a menu.

    text: plain, complete and in reading order; it is also the accessible name.
    command: what a click means; None for what only says something.
    rows: of a submenu.
    color: `#RRGGBB`, of the calendar; says nothing that the text does not say.
    ticked: of a switch: whether it is on; None: it is none.
    """

    id: RowId
    text: str = ""
    kind: RowKind = RowKind.TEXT
    command: Command | None = None
    enabled: bool = False
    icon: RowIcon | None = None
    rows: tuple["Row", ...] = ()
    color: str | None = None
    ticked: bool | None = None


def command_row(
    row_id: RowId,
    text: str,
    command: Command,
    *,
    icon: RowIcon | None = None,
    enabled: bool = True,
    color: str | None = None,
    ticked: bool | None = None,
) -> Row:
    return Row(row_id, text, RowKind.COMMAND, command, enabled, icon, color=color, ticked=ticked)


def reading_row(
    row_id: RowId, text: str, *, icon: RowIcon | None = None, color: str | None = None
) -> Row:
    """Return a row that somebody came to read, though a click does nothing.

    It is neither grey, nor skipped by the keyboard and with it by a screen reader, as what is
    disabled is.
    """
    return Row(row_id, text, RowKind.TEXT, None, True, icon, color=color)


def menu_row(
    row_id: RowId, text: str, rows: tuple[Row, ...], *, icon: RowIcon | None = None
) -> Row:
    return Row(row_id, text, RowKind.MENU, None, True, icon, rows)


def separator(name: str) -> Row:
    return Row(("separator", name), kind=RowKind.SEPARATOR)


def height_of(rows: Iterable[Row]) -> float:
    """Return how much room `rows` take, in rows."""
    return sum(HALF_ROW if row.kind is RowKind.SEPARATOR else 1 for row in rows)


def id_of_account(kind: str, key: AccountKey) -> RowId:
    return (kind, key.provider, key.user_id)


def id_of_signal(kind: str, key: SignalKey) -> RowId:
    return (kind, *key.account, key.id)


class TrayView(Struct, frozen=True, kw_only=True):
    """Holds everything the tray shows at one moment.

    summary: the first line of the tooltip, and what a screen reader says of the icon.
    tooltip: without ages, for no host asks for it anew before it shows it.
    """

    icon: IconView
    summary: str
    tooltip: tuple[str, ...]
    rows: tuple[Row, ...]


def starting_view() -> TrayView:
    """Return what is shown in the moment before the saved list is."""
    text = translated("Starting…")
    return TrayView(
        icon=IconView(), summary=text, tooltip=(text,), rows=(Row(("status", "0"), text),)
    )
