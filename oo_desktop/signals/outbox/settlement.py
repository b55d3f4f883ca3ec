"""Decides what becomes of a click, by how its attempt ended and by what polls show afterwards.

==================  ================================================================================
attempt ended with  then the row
==================  ================================================================================
success             is SENT
Unavailable         waits: backoff, and at least the service's Retry-After; same uuid
VaultError          waits, a shorter backoff, for as long as it takes
AuthRequired        waits until the account is reconnected
Rejected            is REJECTED, with the service's reason; the item is back on the list
another OoError     waits: a full disk, for instance, may pass
anything else       is REJECTED: a bug of the connector. Trying again by itself would hammer, never
                    trying again would lose the click, so the user decides
==================  ================================================================================

Rejected, AuthRequired, VaultError and Unavailable(reached=False) say that this attempt did nothing;
then `may_be_done` is again what it was before. A row that is certainly not done, and was undone
while it was sent, disappears together with its undo: it was not done, and is not wanted.

Whether the service's list shows what the service said it has done, a poll tells that began after
the answer: one already in the air brings the old list. What confirms depends on what was asked:

==================  ================================================================================
asked for           confirmed when the signal
==================  ================================================================================
DONE                is gone, or, where it recurs, has another date
a reschedule        is gone, or has another date
REOPEN              is listed; where it recurs, with the date it had
RESTORE             is listed with the date it had
ADD                 is listed, or is due on a day for which nobody can expect that
REMOVE              is gone
==================  ================================================================================

A list that says otherwise for two minutes is what the user must see: the row is `unconfirmed`,
hides nothing any more, and waits for a later poll or another click. Where there is nothing to mark
(what was brought back is not listed, or was given yet another date; what was added is not listed)
its story is over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from oo_desktop.errors import AuthRequired, OoError, Rejected, Unavailable, VaultError
from oo_desktop.language import translated, untranslated
from oo_desktop.model.clicks import (
    UNDOING,
    OutboxItem,
    OutboxState,
    has_same_date,
    is_same_occurrence,
)
from oo_desktop.model.signals import ActionKind, AnySignal, SignalId, Task, begins_at

CONFIRM_WITHIN = timedelta(minutes=2)
"""How long a service may need until its list shows what it said it has done."""

SOON = timedelta(hours=14)
"""From the poll to the beginning of any day that is called today somewhere: so far do zones go."""

WAITS_FOR_RECONNECT = untranslated("Waits until you reconnect this account.")


class Settlement(NamedTuple):
    """Holds the rows as they are from now on, and those that are over."""

    changed: Sequence[OutboxItem] = ()
    gone: Sequence[OutboxItem] = ()


def after_attempt(
    item: OutboxItem,
    error: Exception | None,
    *,
    was_maybe_done: bool,
    undo: OutboxItem | None,
    now: datetime,
    added_id: SignalId | None = None,
) -> Settlement:
    """Return what becomes of `item`, which was sent, and of its undo.

    error: how the attempt ended; None: the service has it.
    was_maybe_done: an attempt before this one may have reached the service.
    undo: the row that takes it back, where there is one.
    now: when the answer came. Not when the attempt began: a poll that began in between may not
        have seen it.
    added_id: what the service calls the task that an ADD has added; None: not known.
    """
    if error is None:
        sent = msgspec.structs.replace(item, state=OutboxState.SENT, sent_at=now, reason=None)
        if added_id is None:
            return Settlement(changed=(sent,))
        # Its undo takes back the same, whenever that was asked for.
        return Settlement(changed=[_named(each, added_id) for each in (sent, undo) if each])
    if did_nothing(error):
        item = msgspec.structs.replace(item, may_be_done=was_maybe_done)
    if undo is not None and not item.may_be_done:
        return Settlement(gone=(item, undo))
    if not is_final(error):
        reason = str(error)
        if isinstance(error, AuthRequired):
            reason = translated(WAITS_FOR_RECONNECT)
        return Settlement(changed=(msgspec.structs.replace(item, reason=reason),))
    if undo is not None:
        # It may have been done after all: then the undo still has to go out.
        return Settlement(gone=(item,))
    reason = str(error) if isinstance(error, Rejected) else _fault(error)
    rejected = msgspec.structs.replace(item, state=OutboxState.REJECTED, reason=reason)
    return Settlement(changed=(rejected,))


def _named(item: OutboxItem, id_: SignalId) -> OutboxItem:
    signal = msgspec.structs.replace(item.signal, id=id_)
    return msgspec.structs.replace(item, signal=signal)


def did_nothing(error: Exception) -> bool:
    """Return whether an attempt that ended so has certainly changed nothing at the service."""
    if isinstance(error, Unavailable):
        return not error.reached
    return isinstance(error, Rejected | AuthRequired | VaultError)


def is_final(error: Exception) -> bool:
    """Return whether sending the same again by itself would lead to nothing."""
    return isinstance(error, Rejected) or not isinstance(error, OoError)


def _fault(error: Exception) -> str:
    kind = type(error).__name__
    return translated(
        "oO could not do this: a fault in its connector ({kind}). Try again.", kind=kind
    )


def after_poll(
    items: Sequence[OutboxItem], listed: AnySignal | None, *, began_at: datetime
) -> list[OutboxItem | None]:
    """Return the SENT rows of one signal, oldest first, as a poll leaves them.

    None: it is over, and there is nothing to undo. A list shows what all of them together have
    made of the signal: when it has the newest, it has those before.

    listed: the signal in that poll, if it was there. began_at: when the poll began.
    """
    newest = _after_poll(items[-1], listed, began_at)
    if newest is None or newest.state is OutboxState.CONFIRMED:
        return [*map(as_confirmed, items[:-1]), newest]
    return [*(_after_poll(item, listed, began_at) for item in items[:-1]), newest]


def _after_poll(
    item: OutboxItem, listed: AnySignal | None, began_at: datetime
) -> OutboxItem | None:
    if item.sent_at is None:
        return item
    age = began_at - item.sent_at
    # By the wall clock a poll can begin long before the answer only if that was set back; then it
    # counts, too.
    if -CONFIRM_WITHIN <= age < timedelta():
        return item
    if is_confirmed(item, listed) or _is_elsewhere(item, began_at):
        return as_confirmed(item)
    if age < CONFIRM_WITHIN:
        return item
    if item.kind is ActionKind.ADD:
        return as_confirmed(item)
    if item.kind in UNDOING and not _is_contradicted(item, listed):
        return None
    return item if item.unconfirmed else msgspec.structs.replace(item, unconfirmed=True)


def as_confirmed(item: OutboxItem) -> OutboxItem | None:
    """Return a row whose story is over as it is kept to be undone; None where nothing can be."""
    if item.kind in UNDOING:
        return None
    return msgspec.structs.replace(item, state=OutboxState.CONFIRMED, unconfirmed=False)


def is_confirmed(item: OutboxItem, listed: AnySignal | None) -> bool:
    """Return whether a list that has `listed` for the row's signal shows what the row asked for."""
    if listed is None:
        return item.kind not in (ActionKind.ADD, ActionKind.REOPEN, ActionKind.RESTORE)
    match item.kind:
        case ActionKind.ADD:
            return True
        case ActionKind.REMOVE:
            return False
        case ActionKind.DONE:
            return not is_same_occurrence(item.signal, listed)
        case ActionKind.REOPEN:
            return is_same_occurrence(item.signal, listed)
        case ActionKind.RESTORE:
            return has_same_date(item.signal, listed)
        case _:
            return not has_same_date(item.signal, listed)


def _is_elsewhere(item: OutboxItem, began_at: datetime) -> bool:
    """Whether what was added stands where the list need not show it: later, or under an id that
    nobody has told."""
    if item.kind is not ActionKind.ADD or not isinstance(item.signal, Task):
        return False
    due = item.signal.due
    return not item.is_named or due is None or begins_at(due, ZoneInfo("UTC")) > began_at + SOON


def _is_contradicted(item: OutboxItem, listed: AnySignal | None) -> bool:
    """Whether the list shows the very thing that the row took back."""
    if listed is None:
        return False
    if item.kind in (ActionKind.REOPEN, ActionKind.REMOVE):
        return True
    return getattr(listed, "due", None) == item.due
