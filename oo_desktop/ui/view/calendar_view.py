"""The calendars of an account in words: which are shown, and why one is not. Pure."""

from collections.abc import Iterator

from oo_desktop.commands.commands import ShowCalendar
from oo_desktop.model.signals import Calendar
from oo_desktop.model.state import AccountState
from oo_desktop.model.text import counted, elided, plain_text, sentence
from oo_desktop.ui.view.rows import Row, RowIcon, command_row, id_of_account, menu_row

LONGEST_NAME = 40
LONGEST_REASON = 80

MOST = 50
"""Calendars in the submenu; some accounts subscribe to hundreds."""


def calendar_rows(account: AccountState) -> Iterator[Row]:
    """One submenu with a click per calendar; none where there is nothing to choose."""
    if not account.calendars:
        return
    rows = [_calendar_row(account, calendar) for calendar in account.calendars[:MOST]]
    if (beyond := len(account.calendars) - MOST) > 0:
        rows.append(Row(id_of_account("calendars-more", account.key), f"and {beyond} more"))
    troubled = sum(each.problem is not None for each in account.calendars)
    text = "Calendars"
    if troubled:
        text += f" · {counted(troubled, 'cannot be shown', 'cannot be shown')}"
    icon = RowIcon.ATTENTION if troubled else None
    yield menu_row(id_of_account("calendars", account.key), text, tuple(rows), icon=icon)


def _calendar_row(account: AccountState, calendar: Calendar) -> Row:
    """Whether it is shown is said in words as well: a tick is a picture."""
    name = elided(plain_text(calendar.name) or "(no name)", LONGEST_NAME)
    icon = RowIcon.SHOWN if calendar.shown else RowIcon.HIDDEN
    words = "shown" if calendar.shown else "not shown"
    if calendar.problem is not None:
        icon = RowIcon.ATTENTION
        reason = elided(sentence(plain_text(calendar.problem)), LONGEST_REASON)
        words = "cannot be shown" if calendar.shown else words
        words = f"{words}: {reason}" if reason else words
    row_id = (*id_of_account("calendar", account.key), calendar.id)
    command = ShowCalendar(calendar.id, account.key, shown=not calendar.shown)
    return command_row(row_id, f"{name} · {words}", command, icon=icon)
