"""Holds what the user asked of signals, and works out what they see while it is on its way."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

import msgspec
from msgspec import Struct

from oo_desktop.model.signals import (
    REPLIES,
    AccountKey,
    ActionKind,
    AnySignal,
    Due,
    Event,
    NewTask,
    SignalId,
    SignalKey,
    Task,
)


class OutboxState(StrEnum):
    """Tells where a click is on its way."""

    QUEUED = "queued"
    """Written down, not sent: held for undo, or waiting for the service."""
    SENT = "sent"
    """The service has it; a poll that began later will confirm it."""
    CONFIRMED = "confirmed"
    """A poll has shown it. Kept for a while, so that it can be undone."""
    REJECTED = "refused"  # the stored word; `outbox --json` says it, too
    """The service said no; shown with its reason until the user retries or discards it."""


class OutboxItem(Struct, frozen=True, kw_only=True):
    """Records one thing the user asked for and the service has not confirmed.

    number: rises with every click, never reused.
    signal: the signal as it was when clicked. Of an ADD, the task as it will be: its id is made up
        (`provisional_id`) until the service has given it one.
    added: of an ADD, what is to be added; of a REMOVE, what was.
    due: where a reschedule moves the signal, decided at the click; None: no date. Of a RESTORE,
        what it takes back.
    undoes: the number of the click this one takes back.
    sent_at: when the service's answer arrived; a poll that began later has seen the click.
    attempts: how often sending began.
    may_be_done: an attempt that began may have reached the service: undo has to compensate.
    insists: the user tried again after a rejection: it is meant for whatever date there is now.
    unconfirmed: the service said yes, and two minutes later its list still says no; found anew by
        the first poll after a start.
    reason: why it was rejected, or why it still waits; one sentence.
    """

    number: int
    kind: ActionKind
    uuid: str
    signal: AnySignal
    state: OutboxState
    clicked_at: datetime
    send_at: datetime
    due: Due | None = None
    undoes: int | None = None
    sent_at: datetime | None = None
    attempts: int = 0
    may_be_done: bool = False
    insists: bool = False
    added: NewTask | None = None
    unconfirmed: bool = False
    reason: str | None = None

    @property
    def key(self) -> SignalKey:
        """Return the name of the signal it is about."""
        return self.signal.key

    @property
    def is_named(self) -> bool:
        """Return whether `signal` has the id that the service gave to what was added."""
        return self.added is not None and self.signal.id != provisional_id(self.added.uuid)


def provisional_id(uuid: str) -> SignalId:
    """Return what a new task is called before its service has named it."""
    return SignalId(f"add:{uuid}")


UNDOING = (ActionKind.REOPEN, ActionKind.RESTORE, ActionKind.REMOVE)
"""What takes another click back."""


def is_same_occurrence(clicked: AnySignal, listed: AnySignal) -> bool:
    """Return whether a click on `clicked` was meant for `listed`, which has the same key.

    A recurring task keeps its id when it is done and moves to its next date: with another due, it
    is something else to do.
    """
    if isinstance(clicked, Task) and isinstance(listed, Task) and clicked.recurring:
        return clicked.due == listed.due
    return True


def has_same_date(clicked: AnySignal, listed: AnySignal) -> bool:
    """Return whether two signals with the same key stand in the same place of the calendar."""
    if isinstance(clicked, Task) and isinstance(listed, Task):
        return clicked.due == listed.due and clicked.by_deadline == listed.by_deadline
    return True


def is_rejected(click: OutboxItem) -> bool:
    """Return whether the service said no, and the user has not decided what becomes of it."""
    return click.state is OutboxState.REJECTED


def is_standing(click: OutboxItem) -> bool:
    """Return whether the screen goes by the click: it is on its way, undisputed by any list."""
    if click.state is OutboxState.QUEUED:
        return True
    return click.state is OutboxState.SENT and not click.unconfirmed


def standing_clicks(outbox: Iterable[OutboxItem]) -> dict[SignalKey, tuple[OutboxItem, ...]]:
    """Return, per signal, the clicks that are on their way, oldest first."""
    standing: dict[SignalKey, tuple[OutboxItem, ...]] = {}
    for item in sorted(filter(is_standing, outbox), key=attrgetter("number")):
        key = item.key
        standing[key] = (*standing.get(key, ()), item)
    return standing


def seen_after(clicks: Iterable[OutboxItem], listed: AnySignal | None) -> AnySignal | None:
    """Return what the user sees of a signal while `clicks` on it, oldest first, are on their way.

    listed: what the service's list has of it, or nothing. What was done or moved to another day is
    not shown; what moves within the day is, where it will be; what is added, as it will be; what an
    undo brings back is shown at once, as it was when clicked. Whatever has another date than a
    click was made on, somebody has changed meanwhile: that is shown as it is.
    """
    seen = listed
    for click in clicks:
        seen = _seen_after(click, seen, listed)
    return seen


def _seen_after(
    click: OutboxItem, seen: AnySignal | None, listed: AnySignal | None
) -> AnySignal | None:
    clicked = click.signal
    if click.kind is ActionKind.REMOVE:
        return None
    if click.kind is ActionKind.ADD:
        return clicked if listed is None else listed
    if click.kind in UNDOING:
        if listed is not None and has_same_date(clicked, listed):
            return listed
        return clicked
    if seen is None:
        return None
    if click.kind is ActionKind.DONE:
        return None if is_same_occurrence(clicked, seen) else seen
    if not has_same_date(clicked, seen):
        return seen
    if click.kind in REPLIES:
        return _replied(seen, click.kind)
    if click.kind is ActionKind.LATER_TODAY and isinstance(seen, Task):
        return _moved(seen, click.due)
    return None


def _replied(seen: AnySignal, reply: ActionKind) -> AnySignal | None:
    """What the user declines is gone; what they accept stays, as certain as they are."""
    if not isinstance(seen, Event):
        return seen
    if reply is ActionKind.DECLINE:
        return None
    maybe = reply is ActionKind.MAYBE
    return msgspec.structs.replace(seen, tentative=maybe, unanswered=False)


def _moved(task: Task, due: Due | None) -> Task:
    """`task` where a reschedule on its way takes it.

    Of what depends on its date, nothing is offered until the service has moved it: what is needed
    to do that is only known then.
    """
    kept = {ActionKind.DONE} if not task.recurring else set()
    actions = tuple(kind for kind in task.actions if kind in kept)
    return msgspec.structs.replace(task, due=due, by_deadline=False, actions=actions)


def shown_signals(
    signals: Mapping[AccountKey, tuple[AnySignal, ...]], items: Iterable[OutboxItem]
) -> dict[AccountKey, tuple[AnySignal, ...]]:
    """Return what the user sees of `signals`: without what was done, with what was brought back.

    Costs next to nothing for what was not clicked: an account without clicks keeps its tuple.
    """
    clicked: dict[AccountKey, dict[SignalId, tuple[OutboxItem, ...]]] = {}
    for key, clicks in standing_clicks(items).items():
        clicked.setdefault(key.account, {})[key.id] = clicks
    return {
        account: _shown_of(listed, clicked[account]) if account in clicked else listed
        for account, listed in signals.items()
    }


def _shown_of(
    listed: tuple[AnySignal, ...], clicked: Mapping[SignalId, tuple[OutboxItem, ...]]
) -> tuple[AnySignal, ...]:
    shown = []
    for signal in listed:
        if signal.id not in clicked:
            shown.append(signal)
        elif (seen := seen_after(clicked[signal.id], signal)) is not None:
            shown.append(seen)
    absent = clicked.keys() - {signal.id for signal in listed if signal.id in clicked}
    for id_, clicks in clicked.items():
        if id_ in absent and (seen := seen_after(clicks, None)) is not None:
            shown.append(seen)
    return tuple(shown)
