"""What the tray shows at one moment, as a value. Pure.

Apart from `view_model.py`, which makes it: the tray draws a first one before that is imported.
"""

from enum import StrEnum

from msgspec import Struct

from oo_desktop.ui.view.rows import Row


class Mark(StrEnum):
    """What the small ring of the icon says."""

    FINE = "fine"
    ATTENTION = "attention"
    OFFLINE = "offline"


class IconView(Struct, frozen=True):
    """The tray icon: how the services are, and how many tasks to tick off are due or overdue."""

    mark: Mark = Mark.FINE
    count: int = 0


class TrayView(Struct, frozen=True, kw_only=True):
    """Everything the tray shows at one moment.

    summary: the first line of the tooltip, and what a screen reader says of the icon.
    tooltip: without ages, for no host asks for it anew before it shows it.
    """

    icon: IconView
    summary: str
    tooltip: tuple[str, ...]
    rows: tuple[Row, ...]


def starting_view() -> TrayView:
    """What is shown in the moment before the saved list is."""
    return TrayView(
        icon=IconView(),
        summary="Starting…",
        tooltip=("Starting…",),
        rows=(Row(("status", "0"), "Starting…"),),
    )
