"""Answering invitations: one submenu below the agenda, as for moving tasks. Pure.

What can be answered, the service decides; nothing is offered while an answer is on its way.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from oo_desktop.commands.commands import Act
from oo_desktop.model.reschedule import possible_actions
from oo_desktop.model.signals import REPLIES, ActionKind, Event
from oo_desktop.ui.view.agenda import Entry
from oo_desktop.ui.view.entry_view import EntryWords
from oo_desktop.ui.view.rows import Row, RowIcon, command_row, id_of_signal, menu_row

TITLE = "Reply"

WORDS = {
    ActionKind.ACCEPT: "Accept",
    ActionKind.MAYBE: "Maybe",
    ActionKind.DECLINE: "Decline",
}


def reply_rows(entries: Sequence[Entry], now: datetime, words: EntryWords) -> Iterator[Row]:
    """One submenu with every event of `entries` that can be answered; none where none can."""
    rows = tuple(row for entry in entries for row in _event_rows(entry, now, words))
    if rows:
        yield menu_row(("reply",), TITLE, rows)


def _event_rows(entry: Entry, now: datetime, words: EntryWords) -> Iterator[Row]:
    event = entry.signal
    if not isinstance(event, Event) or not words.can_be_moved(entry):
        return
    possible = possible_actions(event, now, entry.zone)
    row_id = id_of_signal("answer", event.key)
    answers = tuple(
        command_row((*row_id, kind.value), WORDS[kind], Act(event.key, kind))
        for kind in REPLIES
        if kind in possible
    )
    if answers:
        yield menu_row(row_id, words.text(entry, alone=True), answers, icon=RowIcon.EVENT)
