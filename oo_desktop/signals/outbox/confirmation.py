"""What a poll says of a click: whether the service's list shows what the service said it has done.

Only a poll that began after the answer may speak: one already in the air brings the old list.
What confirms depends on what was asked:

==================  ================================================================================
asked for           confirmed when the signal
==================  ================================================================================
DONE                is gone, or, where it recurs, has another date
a reschedule        is gone, or has another date
REOPEN              is listed; where it recurs, with the date it had
RESTORE             is listed with the date it had
==================  ================================================================================

A list that says otherwise for two minutes is what the user must see: the row is `unconfirmed`,
hides nothing any more, and waits for a later poll or another click. Where there is nothing to mark
(what was brought back is not listed, or was given yet another date) its story is over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from oo_desktop.model.clicks import (
    UNDOING,
    OutboxItem,
    OutboxState,
    has_same_date,
    is_same_occurrence,
)
from oo_desktop.model.signals import ActionKind, AnySignal

CONFIRM_WITHIN = timedelta(minutes=2)
"""How long a service may need until its list shows what it said it has done."""


def after_poll(
    items: Sequence[OutboxItem], listed: AnySignal | None, *, began_at: datetime
) -> list[OutboxItem | None]:
    """The SENT rows of one signal, oldest first, as a poll leaves them.

    None: it is over, and there is nothing to undo. A list shows what all of them together have
    made of the signal: when it has the newest, it has those before.

    listed: the signal in that poll, if it was there.
    """
    newest = _after_poll(items[-1], listed, began_at)
    if newest is None or newest.state is OutboxState.CONFIRMED:
        return [*map(settled, items[:-1]), newest]
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
    if is_confirmed(item, listed):
        return settled(item)
    if age < CONFIRM_WITHIN:
        return item
    if item.kind in UNDOING and not _is_contradicted(item, listed):
        return None
    return item if item.unconfirmed else msgspec.structs.replace(item, unconfirmed=True)


def settled(item: OutboxItem) -> OutboxItem | None:
    """A row whose story is over: kept so that it can be undone; None where nothing can be."""
    if item.kind in UNDOING:
        return None
    return msgspec.structs.replace(item, state=OutboxState.CONFIRMED, unconfirmed=False)


def is_confirmed(item: OutboxItem, listed: AnySignal | None) -> bool:
    """Whether a list that has `listed` for the row's signal shows what the row asked for."""
    if listed is None:
        return item.kind not in UNDOING
    match item.kind:
        case ActionKind.DONE:
            return not is_same_occurrence(item.signal, listed)
        case ActionKind.REOPEN:
            return is_same_occurrence(item.signal, listed)
        case ActionKind.RESTORE:
            return has_same_date(item.signal, listed)
        case _:
            return not has_same_date(item.signal, listed)


def _is_contradicted(item: OutboxItem, listed: AnySignal | None) -> bool:
    """Whether the list shows the very thing that the row took back."""
    if listed is None:
        return False
    return item.kind is ActionKind.REOPEN or getattr(listed, "due", None) == item.due
