"""What becomes of a row by the way an attempt to send it ended.

==================  ================================================================================
ended with          then the row
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
"""

from datetime import datetime
from typing import NamedTuple

import msgspec

from oo_desktop.errors import AuthRequired, OoError, Rejected, Unavailable, VaultError
from oo_desktop.model.clicks import OutboxItem, OutboxState

WAITS_FOR_RECONNECT = "Waits until you reconnect this account."


class Outcome(NamedTuple):
    """The rows as they are from now on, and those that are over."""

    changed: tuple[OutboxItem, ...] = ()
    gone: tuple[OutboxItem, ...] = ()


def after_attempt(
    item: OutboxItem,
    error: Exception | None,
    *,
    was_maybe_done: bool,
    undo: OutboxItem | None,
    now: datetime,
) -> Outcome:
    """What becomes of `item`, which was sent.

    was_maybe_done: an attempt before this one may have reached the service.
    undo: the row that takes it back, where there is one.
    now: when the answer came. Not when the attempt began: a poll that began in between may not
        have seen it.
    """
    if error is None:
        sent = msgspec.structs.replace(item, state=OutboxState.SENT, sent_at=now, reason=None)
        return Outcome(changed=(sent,))
    certain = did_nothing(error)
    if certain:
        item = msgspec.structs.replace(item, may_be_done=was_maybe_done)
    if undo is not None and not item.may_be_done:
        return Outcome(gone=(item, undo))
    if not is_final(error):
        reason = WAITS_FOR_RECONNECT if isinstance(error, AuthRequired) else str(error)
        return Outcome(changed=(msgspec.structs.replace(item, reason=reason),))
    if undo is not None:
        # It may have been done after all: then the undo still has to go out.
        return Outcome(gone=(item,))
    reason = str(error) if isinstance(error, Rejected) else _fault(error)
    return Outcome(
        changed=(msgspec.structs.replace(item, state=OutboxState.REJECTED, reason=reason),)
    )


def did_nothing(error: Exception) -> bool:
    """Whether an attempt that ended so has certainly changed nothing at the service."""
    if isinstance(error, Unavailable):
        return not error.reached
    return isinstance(error, Rejected | AuthRequired | VaultError)


def is_final(error: Exception) -> bool:
    """Whether sending the same again by itself would lead to nothing."""
    return isinstance(error, Rejected) or not isinstance(error, OoError)


def _fault(error: Exception) -> str:
    kind = type(error).__name__
    return f"oO could not do this: a fault in its connector ({kind}). Try again."
