"""Clicks in words: what was asked for, what can be undone, and what a service said no to. Pure.

The same words stand in the menu and in notifications. Only what is shown is put into words, however
many clicks wait.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from oo_desktop.commands.commands import Discard, OpenUrl, Retry, Undo
from oo_desktop.model.signals import REPLIES, RESCHEDULES, ActionKind, SignalKey
from oo_desktop.model.state import AppState, OutboxItem, OutboxState, Service, is_standing
from oo_desktop.model.text import counted, elided, plain_text, sentence
from oo_desktop.ui.view.account_view import service_of
from oo_desktop.ui.view.reschedule_menu import target_words
from oo_desktop.ui.view.rows import Row, RowIcon, command_row, menu_row, separator

LONGEST_TITLE = 40
LONGEST_REASON = 100

UNDO_SHOWN = timedelta(minutes=10)
"""How long its undo stays on top, once the service has it."""

MOST_REFUSED = 3
"""Refused clicks in the menu itself; more share one submenu."""
MOST_REFUSED_FOLDED = 10
"""Refused clicks in that submenu. What is settled makes room for the next."""


def title_of(item: OutboxItem, most: int = LONGEST_TITLE) -> str:
    return elided(plain_text(item.signal.title) or "(no title)", most)


def reason_of(item: OutboxItem) -> str:
    """Why it was refused, as a sentence."""
    return sentence(plain_text(item.reason or "")) or "The service said no."


def happened(item: OutboxItem, now: datetime, zone: ZoneInfo) -> str:
    """What a click did: `Done`, `Moved to tomorrow`, `Accepted`."""
    if item.kind not in RESCHEDULES:
        return _HAPPENED.get(item.kind, "Undone")
    if item.due is None:
        return "Date removed"
    return f"Moved to {target_words(item.due, now, zone)}"


def not_happened(item: OutboxItem) -> str:
    """What a refused click did not do."""
    if item.kind in RESCHEDULES:
        return "Not moved"
    if item.kind in REPLIES:
        return "Not answered"
    return "Not done" if item.kind is ActionKind.DONE else "Not undone"


_HAPPENED = {
    ActionKind.DONE: "Done",
    ActionKind.ACCEPT: "Accepted",
    ActionKind.MAYBE: "Answered “maybe”",
    ActionKind.DECLINE: "Declined",
}


def is_refused(item: OutboxItem) -> bool:
    return item.state is OutboxState.REFUSED


def unconfirmed_keys(state: AppState) -> frozenset[SignalKey]:
    """Signals that are shown again: a service said that it has done something, its list says no."""
    return frozenset(item.key for item in state.outbox if item.unconfirmed)


def moving_keys(state: AppState) -> frozenset[SignalKey]:
    """Signals that are on their way to a later hour of today."""
    return frozenset(
        item.key
        for item in state.outbox
        if item.kind is ActionKind.LATER_TODAY and is_standing(item)
    )


# What the service said no to


def refused_rows(state: AppState) -> Iterator[Row]:
    """The refused clicks, newest first: each stays until the user has decided."""
    refused = [item for item in state.outbox if is_refused(item)]
    refused.sort(key=lambda item: -item.number)
    if len(refused) <= MOST_REFUSED:
        yield from (_refused_row(item, state.services) for item in refused)
        return
    rows = [
        command_row(("retry-all",), "Try all again", Retry(every=True)),
        separator("refused"),
        *(_refused_row(item, state.services) for item in refused[:MOST_REFUSED_FOLDED]),
    ]
    if len(refused) > MOST_REFUSED_FOLDED:
        rows.append(Row(("refused-more",), f"and {len(refused) - MOST_REFUSED_FOLDED} more"))
    text = refused_words(len(refused))
    yield menu_row(("refused-all",), text, tuple(rows), icon=RowIcon.ATTENTION)


def refused_words(count: int) -> str:
    return counted(count, "change was not accepted", "changes were not accepted")


def _refused_row(item: OutboxItem, services: Sequence[Service]) -> Row:
    number = str(item.number)
    rows = [
        Row(("reason", number), elided(reason_of(item), LONGEST_REASON)),
        command_row(("retry", number), "Try again", Retry(item.number)),
        command_row(("discard", number), "Forget this click", Discard(item.number)),
    ]
    if item.signal.url:
        service = service_of(item.signal.source, services)
        link = OpenUrl(item.signal.url)
        rows.insert(1, command_row(("open", number), f"Open in {service.name}", link))
    text = f"{not_happened(item)}: {title_of(item)}"
    return menu_row(("refused", number), text, tuple(rows), icon=RowIcon.ATTENTION)


# What can be undone


def undo_rows(state: AppState, now: datetime) -> Iterator[Row]:
    """The newest click on top, earlier ones one step away."""
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
    what = "moving " if item.kind in RESCHEDULES else ""
    if item.kind in REPLIES:
        what = "the reply to "
    return f"Undo {what}“{title_of(item)}”"


def undo_ends(item: OutboxItem) -> datetime:
    """Until when the undo of what the service has is shown."""
    return (item.sent_at or item.clicked_at) + UNDO_SHOWN
