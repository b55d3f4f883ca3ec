"""Offers to pause notifications and to hide titles, and says that they are. Pure."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from oo_desktop.commands.commands import Change, Pause, Resume
from oo_desktop.language import translated, untranslated
from oo_desktop.model.pause import MORNING, PauseUntil
from oo_desktop.model.state import AppState
from oo_desktop.model.text import clock_words, moment_words
from oo_desktop.ui.view.rows import Row, command_row, menu_row

_CHOICES = {
    PauseUntil.HALF_HOUR: untranslated("For 30 minutes"),
    PauseUntil.HOUR: untranslated("For 1 hour"),
    PauseUntil.TOMORROW: untranslated("Until tomorrow {time}"),
}


def pause_row(state: AppState, now: datetime, zone: ZoneInfo) -> Row:
    """Return the row that offers a pause, or that says until when one runs, and ends it."""
    if state.paused_until is not None:
        until = moment_words(state.paused_until, now, zone)
        text = translated("Notifications paused until {time}: resume", time=until)
        return command_row(("resume",), text, Resume())
    morning = clock_words(MORNING)
    choices = (
        command_row(("pause", it), translated(text, time=morning), Pause(it))
        for it, text in _CHOICES.items()
    )
    return menu_row(("pause",), translated("Pause notifications"), tuple(choices))


def hide_titles_row(state: AppState) -> Row:
    """Return the row that hides what tasks and events are called, or shows it again."""
    hide = Change("hide_titles", "off" if state.hide_titles else "on")
    return command_row(("hide-titles",), translated("Hide titles"), hide, ticked=state.hide_titles)


def pause_lines(state: AppState, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """Yield the line of the tooltip that says so."""
    if state.paused_until is not None:
        until = moment_words(state.paused_until, now, zone)
        yield translated("Notifications paused until {time}", time=until)
