"""Puts clicks in words: what was asked for, what can be undone, what a service refused. Pure.

The same words stand in the menu and in notifications. Only what is shown is put into words, however
many clicks wait.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from oo_desktop.commands.commands import Discard, OpenUrl, Retry, Undo
from oo_desktop.model.clicks import OutboxItem, OutboxState, is_rejected
from oo_desktop.model.signals import REPLIES, RESCHEDULES, ActionKind
from oo_desktop.model.state import AppState, Service
from oo_desktop.model.text import counted, elided, plain_text, sentence, title_text
from oo_desktop.ui.view.accounts import service_of
from oo_desktop.ui.view.entries import target_words
from oo_desktop.ui.view.rows import Row, RowIcon, command_row, menu_row, separator

MAX_CLICK_TITLE = 40
MAX_CLICK_REASON = 100

UNDO_SHOWN = timedelta(minutes=10)
"""How long its undo stays on top, once the service has it."""

MAX_REFUSED = 3
"""Refused clicks in the menu itself; more share one submenu."""
MAX_REFUSED_FOLDED = 10
"""Refused clicks in that submenu. What is settled makes room for the next."""


def click_title(item: OutboxItem, most: int = MAX_CLICK_TITLE) -> str:
    """Return the title of what was clicked, in at most `most` characters."""
    return title_text(item.signal.title, most)


def reason_of(item: OutboxItem) -> str:
    """Say why it was refused, as a sentence."""
    return sentence(plain_text(item.reason or "")) or "The service said no."


def happened(item: OutboxItem, now: datetime, zone: ZoneInfo) -> str:
    """Say what a click did: `Done`, `Moved to tomorrow`, `Accepted`."""
    if item.kind not in RESCHEDULES:
        return _HAPPENED.get(item.kind, "Undone")
    if item.due is None:
        return "Date removed"
    return f"Moved to {target_words(item.due, now, zone)}"


def not_happened(item: OutboxItem) -> str:
    """Say what a refused click did not do."""
    if item.kind in RESCHEDULES:
        return "Not moved"
    if item.kind in REPLIES:
        return "Not answered"
    if item.kind is ActionKind.ADD:
        return "Not added"
    return "Not done" if item.kind is ActionKind.DONE else "Not undone"


_HAPPENED = {
    ActionKind.DONE: "Done",
    ActionKind.ADD: "Added",
    ActionKind.ACCEPT: "Accepted",
    ActionKind.MAYBE: "Answered “maybe”",
    ActionKind.DECLINE: "Declined",
}


# What the service said no to


def refused_rows(state: AppState) -> Iterator[Row]:
    """Yield the refused clicks, newest first: each stays until the user has decided."""
    refused = [item for item in state.outbox if is_rejected(item)]
    refused.sort(key=lambda item: -item.number)
    if len(refused) <= MAX_REFUSED:
        yield from (_refused_row(item, state.services) for item in refused)
        return
    rows = [
        command_row(("retry-all",), "Try all again", Retry(every=True)),
        separator("refused"),
        *(_refused_row(item, state.services) for item in refused[:MAX_REFUSED_FOLDED]),
    ]
    if len(refused) > MAX_REFUSED_FOLDED:
        rows.append(Row(("refused-more",), f"and {len(refused) - MAX_REFUSED_FOLDED} more"))
    text = refused_words(len(refused))
    yield menu_row(("refused-all",), text, tuple(rows), icon=RowIcon.ATTENTION)


def refused_words(count: int) -> str:
    """Say how many were refused."""
    return counted(count, "change was not accepted", "changes were not accepted")


def _refused_row(item: OutboxItem, services: Sequence[Service]) -> Row:
    number = str(item.number)
    rows = [
        Row(("reason", number), elided(reason_of(item), MAX_CLICK_REASON)),
        command_row(("retry", number), "Try again", Retry(item.number)),
        command_row(("discard", number), "Forget this click", Discard(item.number)),
    ]
    if item.signal.url:
        service = service_of(item.signal.source, services)
        link = OpenUrl(item.signal.url)
        rows.insert(1, command_row(("open", number), f"Open in {service.name}", link))
    text = f"{not_happened(item)}: {click_title(item)}"
    return menu_row(("refused", number), text, tuple(rows), icon=RowIcon.ATTENTION)


# What can be undone


def undo_rows(state: AppState, now: datetime) -> Iterator[Row]:
    """Yield the newest click on top, earlier ones one step away."""
    rows = [
        command_row(
            ("undo", str(item.number)), undo_words(item), Undo(item.number), icon=RowIcon.UNDO
        )
        for item in state.undoable
        if item.state is OutboxState.QUEUED or now < undo_ends(item)
    ]
    yield from rows[:1]
    if len(rows) > 2:
        earlier = tuple(rows[1:])
        yield menu_row(("undo-earlier",), "Undo an earlier one", earlier, icon=RowIcon.UNDO)
    else:
        yield from rows[1:]


def undo_words(item: OutboxItem) -> str:
    """Say what undoing it takes back."""
    what = "moving " if item.kind in RESCHEDULES else ""
    if item.kind in REPLIES:
        what = "the reply to "
    if item.kind is ActionKind.ADD:
        what = "adding "
    return f"Undo {what}“{click_title(item)}”"


def undo_ends(item: OutboxItem) -> datetime:
    """Return until when the undo of what the service has is shown."""
    return (item.sent_at or item.clicked_at) + UNDO_SHOWN
