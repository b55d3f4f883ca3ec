"""Puts clicks in words: what was asked for, what can be undone, what a service refused. Pure.

The same words stand in the menu and in notifications. Only what is shown is put into words, however
many clicks wait.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from oo_desktop.commands.commands import Discard, OpenUrl, Retry, Undo
from oo_desktop.language import plural, translated, untranslated
from oo_desktop.model.clicks import OutboxItem, OutboxState, is_rejected
from oo_desktop.model.signals import REPLIES, RESCHEDULES, ActionKind
from oo_desktop.model.state import AppState, Service
from oo_desktop.model.text import elided, isolated, plain_text, sentence, title_text
from oo_desktop.ui.view.accounts import service_of
from oo_desktop.ui.view.entries import target_words
from oo_desktop.ui.view.icon import RowIcon
from oo_desktop.ui.view.rows import Row, command_row, menu_row, separator

MAX_CLICK_TITLE = 40
MAX_CLICK_REASON = 100

UNDO_SHOWN = timedelta(minutes=10)
"""How long its undo stays on top, once the service has it."""

MAX_UNDO_ROWS = 5
"""Clicks that the menu offers to undo; the window and the command line offer all."""

MAX_REFUSED = 3
"""Refused clicks in the menu itself; more share one submenu."""
MAX_REFUSED_FOLDED = 10
"""Refused clicks in that submenu. What is settled makes room for the next."""


def click_title(item: OutboxItem, most: int = MAX_CLICK_TITLE) -> str:
    """Return the title of what was clicked, in at most `most` characters."""
    return title_text(item.signal.title, most)


def reason_of(item: OutboxItem) -> str:
    """Say why it was refused, as a sentence."""
    return sentence(plain_text(item.reason or "")) or translated("The service said no.")


def happened(item: OutboxItem, now: datetime, zone: ZoneInfo) -> str:
    """Say what a click did: `Done`, `Moved to tomorrow`, `Accepted`."""
    if item.kind not in RESCHEDULES:
        return translated(_HAPPENED.get(item.kind, UNDONE))
    if item.due is None:
        return translated("Date removed")
    # Translators: {day} is a time, or a day such as “tomorrow”
    return translated("Moved to {day}", day=target_words(item.due, now, zone))


def not_happened(item: OutboxItem) -> str:
    """Say what a refused click did not do."""
    if item.kind in RESCHEDULES:
        return translated("Not moved")
    if item.kind in REPLIES:
        return translated("Not answered")
    if item.kind is ActionKind.ADD:
        return translated("Not added")
    return translated("Not done") if item.kind is ActionKind.DONE else translated("Not undone")


_HAPPENED = {
    # Translators: what a click did
    ActionKind.DONE: untranslated("Done"),
    ActionKind.ADD: untranslated("Added"),
    ActionKind.ACCEPT: untranslated("Accepted"),
    ActionKind.MAYBE: untranslated("Answered “maybe”"),
    ActionKind.DECLINE: untranslated("Declined"),
}
# Translators: a task that was done is to be done again
UNDONE = untranslated("Undone")


def refusal(item: OutboxItem, most: int = MAX_CLICK_TITLE) -> str:
    """Say what a refused click did not do, and to what: `Not done: Call Ana`."""
    # Translators: what was not done, and the title of what was clicked: “Not done: Call Ana”
    return translated(
        "{what}: {title}", what=not_happened(item), title=isolated(click_title(item, most))
    )


# What the service said no to


def refused_rows(state: AppState) -> Iterator[Row]:
    """Yield the refused clicks, newest first: each stays until the user has decided."""
    refused = [item for item in state.outbox if is_rejected(item)]
    refused.sort(key=lambda item: -item.number)
    if len(refused) <= MAX_REFUSED:
        yield from (_refused_row(item, state.services) for item in refused)
        return
    rows = [
        command_row(("retry-all",), translated("Try all again"), Retry(every=True)),
        separator("refused"),
        *(_refused_row(item, state.services) for item in refused[:MAX_REFUSED_FOLDED]),
    ]
    if (beyond := len(refused) - MAX_REFUSED_FOLDED) > 0:
        rows.append(Row(("refused-more",), plural("and {count} more", "and {count} more", beyond)))
    text = refused_words(len(refused))
    yield menu_row(("refused-all",), text, tuple(rows), icon=RowIcon.ATTENTION)


def refused_words(count: int) -> str:
    """Say how many were refused."""
    return plural("{count} change was not accepted", "{count} changes were not accepted", count)


def _refused_row(item: OutboxItem, services: Sequence[Service]) -> Row:
    number = str(item.number)
    rows = [
        Row(("reason", number), elided(reason_of(item), MAX_CLICK_REASON)),
        command_row(("retry", number), translated("Try again"), Retry(item.number)),
        command_row(("discard", number), translated("Forget this click"), Discard(item.number)),
    ]
    if item.signal.url:
        service = service_of(item.signal.source, services)
        link = OpenUrl(item.signal.url)
        rows.insert(
            1,
            command_row(
                ("open", number), translated("Open in {service}", service=service.name), link
            ),
        )
    return menu_row(("refused", number), refusal(item), tuple(rows), icon=RowIcon.ATTENTION)


# What can be undone


def undo_rows(state: AppState, now: datetime) -> Iterator[Row]:
    """Yield the newest click on top, earlier ones one step away."""
    rows = [
        command_row(
            ("undo", str(item.number)), undo_words(item), Undo(item.number), icon=RowIcon.UNDO
        )
        for item in state.undoable[:MAX_UNDO_ROWS]
        if item.state is OutboxState.QUEUED or now < undo_ends(item)
    ]
    yield from rows[:1]
    if len(rows) > 2:
        earlier = tuple(rows[1:])
        yield menu_row(
            ("undo-earlier",), translated("Undo an earlier one"), earlier, icon=RowIcon.UNDO
        )
    else:
        yield from rows[1:]


def undo_words(item: OutboxItem) -> str:
    """Say what undoing it takes back."""
    title = isolated(click_title(item))
    if item.kind is ActionKind.ADD:
        return translated("Undo adding “{title}”", title=title)
    if item.kind in REPLIES:
        return translated("Undo the reply to “{title}”", title=title)
    if item.kind in RESCHEDULES:
        return translated("Undo moving “{title}”", title=title)
    return translated("Undo “{title}”", title=title)


def undo_ends(item: OutboxItem) -> datetime:
    """Return until when the undo of what the service has is shown."""
    return (item.sent_at or item.clicked_at) + UNDO_SHOWN
