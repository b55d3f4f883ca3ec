"""Offers to pause notifications, and says that they are. Pure."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from oo_desktop.commands.commands import Pause, Resume
from oo_desktop.model.pause import MORNING, PauseUntil
from oo_desktop.model.state import AppState
from oo_desktop.model.text import moment_words
from oo_desktop.ui.view.rows import Row, command_row, menu_row

_CHOICES = {
    PauseUntil.HALF_HOUR: "For 30 minutes",
    PauseUntil.HOUR: "For 1 hour",
    PauseUntil.TOMORROW: f"Until tomorrow {MORNING:%H:%M}",
}


def pause_row(state: AppState, now: datetime, zone: ZoneInfo) -> Row:
    """Return the row that offers a pause, or that says until when one runs, and ends it."""
    if state.paused_until is not None:
        until = moment_words(state.paused_until, now, zone)
        return command_row(("resume",), f"Notifications paused until {until}: resume", Resume())
    choices = (command_row(("pause", it), text, Pause(it)) for it, text in _CHOICES.items())
    return menu_row(("pause",), "Pause notifications", tuple(choices))


def pause_lines(state: AppState, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """Yield the line of the tooltip that says so."""
    if state.paused_until is not None:
        yield f"Notifications paused until {moment_words(state.paused_until, now, zone)}"
