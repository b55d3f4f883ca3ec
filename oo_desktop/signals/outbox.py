"""What the user asked for, from the click to the poll that shows the service has it.

A click is a row in the store before anything on the screen moves, and it leaves the store only when
a poll confirms it, or by the user's own hand. So a crash at any point loses nothing:

========================================  ==========================================================
crash, or answer lost                     after the restart
========================================  ==========================================================
before the row is committed               nothing was promised: the item is still on the list
while it is held, or waits                sent, when its time has come
while it is sent                          sent again with the same uuid, which makes that harmless
after the answer, before SENT is stored   the same
SENT, not confirmed                       hidden until a poll that began later has seen it
========================================  ==========================================================

`attempts` is committed before sending: from 1 on the service may have it, so an undo compensates.
`rows.py` keeps the rows, `delivery.py` sends them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

from oo_desktop.clock import Clock
from oo_desktop.errors import Rejected
from oo_desktop.events import EventBus, OutboxChanged
from oo_desktop.signals.attempt import Accounts
from oo_desktop.signals.delivery import Delivery
from oo_desktop.signals.model import AccountKey, ActionKind, AnySignal, ProviderId, SignalKey
from oo_desktop.signals.rows import UNDO_FOR, Rows, acted_at
from oo_desktop.signals.source import SignalSource, Snapshot
from oo_desktop.signals.state import OutboxItem, OutboxState, is_same_occurrence, standing_clicks
from oo_desktop.store.outbox import OutboxStore

CONFIRM_WITHIN = timedelta(minutes=2)
"""How long a service may need until its list shows what it said it has done."""

UNDO_DEPTH = 5
"""How many actions are offered to be undone."""


class Outbox:
    """The clicks that no service has confirmed, and their delivery.

    hold: seconds a click waits before it is sent, so that undo costs nothing.
    deadline: seconds one attempt may take.
    poll_soon: asked to poll an account whose list has just been changed.
    """

    def __init__(
        self,
        *,
        store: OutboxStore,
        sources: Mapping[ProviderId, SignalSource],
        accounts: Accounts,
        bus: EventBus,
        clock: Clock,
        hold: float,
        deadline: float = 30.0,
        new_uuid: Callable[[], str] = lambda: str(uuid4()),
        random: Random | None = None,
        poll_soon: Callable[[AccountKey], None] = lambda _key: None,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._hold = hold
        self._new_uuid = new_uuid
        self._rows = Rows(store=store, clock=clock, changed=self._changed)
        self._delivery = Delivery(
            rows=self._rows,
            sources=sources,
            accounts=accounts,
            clock=clock,
            deadline=deadline,
            random=random or Random(),  # noqa: S311  # spreads load, guards nothing
            poll_soon=poll_soon,
        )
        # The DONEs that were compensated; what was never sent is simply gone.
        self._undone: set[int] = set()

    # Life

    def load(self) -> None:
        """Take up what an earlier run left. Raises StoreError."""
        self._rows.load(longest_hold=self._hold)
        done: dict[SignalKey, int] = {}
        for item in self._rows.all():
            if item.kind is ActionKind.DONE:
                done[item.key] = item.number
            elif item.key in done:
                self._undone.add(done[item.key])

    def start(self) -> None:
        """Begin to deliver for every active account. Needs a running loop."""
        self._delivery.start()

    async def stop(self) -> None:
        """End all attempts. What is in the air goes out again after the next start."""
        await self._delivery.stop()

    def follow_accounts(self) -> None:
        """Deliver for exactly the accounts that are active; clicks of others wait."""
        self._delivery.follow_accounts()

    def restart(self, key: AccountKey) -> None:
        """The account was signed in anew: an attempt in the air with the old token is repeated."""
        self._delivery.end(key)
        self._delivery.follow_accounts()

    def deliver_soon(self) -> None:
        """The network is back or the machine awake: no backoff; a Retry-After still holds."""
        self._delivery.hurry()

    # What the user does

    def click(self, signal: AnySignal, kind: ActionKind = ActionKind.DONE) -> OutboxItem:
        """Write down that the user wants `kind` of `signal`; when this returns, it is safe.

        Clicking again what already waits changes nothing; clicking what was refused tries again.
        Raises Rejected when the signal does not offer that, StoreError when it cannot be kept.
        """
        if kind not in signal.actions or self._delivery.source(signal.account) is None:
            raise Rejected("oO cannot do this here. Open it in the service instead.")
        before = self._clicked_before(signal, kind)
        if before is None:
            item = self._rows.add(kind, self._new_uuid(), signal, hold=self._hold)
            self._changed(signal.account)
            return item
        if before.state is OutboxState.REFUSED:
            return self._rows.queue_again(before, hold=self._hold)
        return before

    def undo(self, number: int | None = None) -> OutboxItem | None:
        """Take back the newest undoable action, or that one; None when there is none.

        What never left is forgotten. What the service has, or may have, is compensated by a second
        action that goes out after the first. Raises StoreError.
        """
        offered = [item for item in self.undoable() if number in (None, item.number)]
        if not offered:
            return None
        item = offered[0]
        if item.attempts == 0:
            self._rows.remove(item)
        else:
            self._rows.add(ActionKind.REOPEN, self._new_uuid(), item.signal, hold=0.0)
            self._undone.add(item.number)
            self._changed(item.signal.account)
        return item

    def retry(self, number: int) -> OutboxItem | None:
        """Send a refused action again; None when there is no such row. Raises StoreError."""
        item = self._refused(number)
        return self._rows.queue_again(item, hold=0.0) if item else None

    def discard(self, number: int) -> OutboxItem | None:
        """Forget a refused action; None when there is no such row. Raises StoreError."""
        item = self._refused(number)
        if item:
            self._rows.remove(item)
        return item

    def forget_account(self, key: AccountKey) -> int:
        """Forget an account's actions; returns how many were never delivered. Raises StoreError."""
        self._delivery.end(key)
        items = self._rows.remove_account(key)
        return sum(item.state is not OutboxState.SENT for item in items)

    # What there is

    def items(self) -> tuple[OutboxItem, ...]:
        """Every row, in the order of the clicks."""
        return self._rows.all()

    def undoable(self) -> tuple[OutboxItem, ...]:
        """What can be undone, newest first: what still waits, and what was done lately.

        Of one signal, only the newest: an older occurrence cannot come back past a newer one.
        """
        newest = {
            item.key: item
            for item in sorted(self._rows.over() + self.items(), key=lambda item: item.number)
            if item.kind is ActionKind.DONE
            and item.state is not OutboxState.REFUSED
            and item.number not in self._undone
        }
        since = self._clock.now() - UNDO_FOR
        offered = [
            item
            for item in newest.values()
            if item.state is OutboxState.QUEUED or acted_at(item) >= since
        ]
        return tuple(sorted(offered, key=lambda item: -item.number)[:UNDO_DEPTH])

    def pending(self, key: AccountKey) -> int:
        """How many of an account's actions are on their way or not confirmed."""
        return sum(item.state is not OutboxState.REFUSED for item in self._rows.of(key))

    # What polls tell

    def confirm(self, key: AccountKey, snapshot: Snapshot, began_at: datetime) -> None:
        """An account's list, as a poll that began at `began_at` found it."""
        listed = {signal.id: signal for signal in snapshot.signals}
        self._rows.settle(
            item
            for item in self._rows.of(key)
            if is_settled(item, listed.get(item.signal.id), began_at=began_at)
        )
        self._delivery.heard(key)

    # Within

    def _clicked_before(self, signal: AnySignal, kind: ActionKind) -> OutboxItem | None:
        """The row that says the same of this very occurrence, and was not taken back since."""
        same = [item for item in self._rows.of(signal.account) if item.key == signal.key]
        waiting = standing_clicks(same).get(signal.key, ())
        refused = (item for item in same if item.state is OutboxState.REFUSED)
        for item in (*reversed(waiting), *refused):
            if item.kind is kind and is_same_occurrence(item.signal, signal):
                return item
        return None

    def _changed(self, key: AccountKey) -> None:
        self._delivery.look(key)
        self._bus.publish(OutboxChanged(key))

    def _refused(self, number: int) -> OutboxItem | None:
        item = self._rows.get(number)
        return item if item and item.state is OutboxState.REFUSED else None


def is_settled(item: OutboxItem, listed: AnySignal | None, *, began_at: datetime) -> bool:
    """Whether a poll ends the row's story; `listed` is its signal in that poll, if it was there.

    Only a row that was sent when the poll began: a poll already in the air brings the old list. By
    the wall clock a poll can begin long before only if that was set back; then it counts, too.
    """
    if item.state is not OutboxState.SENT or item.sent_at is None:
        return False
    age = began_at - item.sent_at
    if -CONFIRM_WITHIN <= age < timedelta():
        return False
    if item.kind is ActionKind.DONE:
        seen = listed is None or not is_same_occurrence(item.signal, listed)
    else:
        seen = listed is not None and is_same_occurrence(item.signal, listed)
    # The service said yes and its list says no, for long: the list is what the user must see.
    return seen or age >= CONFIRM_WITHIN
