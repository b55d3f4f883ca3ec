"""The outbox rows: those in the store, and their copy in memory that everything reads."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import msgspec

from oo_desktop.clock import Clock
from oo_desktop.errors import StoreError
from oo_desktop.signals.model import AccountKey, ActionKind, AnySignal
from oo_desktop.signals.state import OutboxItem, OutboxState
from oo_desktop.store.outbox import OutboxStore

log = logging.getLogger(__name__)

UNDO_FOR = timedelta(minutes=10)
"""How long an action that is carried out is offered to be undone."""


class Rows:
    """Every row, and for a while those that are over, so that they can be undone.

    What the user does must be stored or fail: those methods raise StoreError and change nothing
    then. What a service did is true whether it can be stored or not: `change` and `settle` follow
    it in memory. After a crash such a row is as it was before, and goes out with its old uuid.

    changed: called with the account after every change.
    """

    def __init__(
        self, *, store: OutboxStore, clock: Clock, changed: Callable[[AccountKey], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._changed = changed
        self._items: dict[int, OutboxItem] = {}
        # Monotonic: a wall clock set back must not hold a click for hours.
        self._held_until: dict[int, float] = {}
        self._over: dict[int, OutboxItem] = {}

    # What there is

    def all(self) -> tuple[OutboxItem, ...]:
        """In the order of the clicks."""
        return tuple(self._items[number] for number in sorted(self._items))

    def of(self, key: AccountKey) -> tuple[OutboxItem, ...]:
        """An account's rows, in the order of the clicks."""
        return tuple(item for item in self.all() if item.signal.account == key)

    def over(self) -> tuple[OutboxItem, ...]:
        """Actions that were confirmed lately; they are no rows any more."""
        return tuple(self._over.values())

    def get(self, number: int) -> OutboxItem | None:
        return self._items.get(number)

    def next(self, key: AccountKey) -> OutboxItem | None:
        """What an account's service must be asked for first."""
        queued = (item for item in self.of(key) if item.state is OutboxState.QUEUED)
        return next(queued, None)

    def held_until(self, item: OutboxItem) -> float:
        """When a row may be sent, on the monotonic clock."""
        return self._held_until.get(item.number, 0.0)

    # What the user does

    def load(self, *, longest_hold: float) -> None:
        """Read what an earlier run left."""
        for item in self._store.all():
            held = (item.send_at - self._clock.now()).total_seconds()
            self._enter(item, hold=min(max(held, 0.0), longest_hold))

    def add(self, kind: ActionKind, uuid: str, signal: AnySignal, *, hold: float) -> OutboxItem:
        """Write a click down, to be sent in `hold` seconds. `changed` is the caller's to call."""
        now = self._clock.now()
        send_at = now + timedelta(seconds=hold)
        item = self._store.add(kind, uuid, signal, clicked_at=now, send_at=send_at)
        self._enter(item, hold=hold)
        return item

    def queue_again(self, item: OutboxItem, *, hold: float) -> OutboxItem:
        """A refused row goes out once more, with its uuid: it may have been carried out after all.

        Its attempts count on, for the same reason.
        """
        send_at = self._clock.now() + timedelta(seconds=hold)
        item = msgspec.structs.replace(item, state=OutboxState.QUEUED, send_at=send_at, reason=None)
        self._store.update(item)
        self._enter(item, hold=hold)
        self._changed(item.signal.account)
        return item

    def remove(self, item: OutboxItem) -> None:
        """The user takes it back, or gives it up."""
        self._store.remove(item.number)
        self._leave(item)
        self._changed(item.signal.account)

    def remove_account(self, key: AccountKey) -> tuple[OutboxItem, ...]:
        """Forget all of an account; returns what there was."""
        self._store.remove_account(key)
        items = self.of(key)
        for item in items:
            self._leave(item)
        self._over = {n: item for n, item in self._over.items() if item.signal.account != key}
        self._changed(key)
        return items

    # What became of it

    def begin_attempt(self, item: OutboxItem) -> OutboxItem:
        """Store that the service may have it from now on. Raises StoreError: then do not send."""
        item = msgspec.structs.replace(item, attempts=item.attempts + 1)
        self._store.update(item)
        self._items[item.number] = item
        return item

    def sent(self, item: OutboxItem, *, answered_at: datetime) -> None:
        """The service has it. What it took back has nothing left to wait for."""
        self.change(item, state=OutboxState.SENT, sent_at=answered_at, reason=None)
        superseded = [
            other
            for other in self.of(item.signal.account)
            if other.key == item.key
            and other.kind is not item.kind
            and other.number < item.number
            and other.state is OutboxState.SENT
        ]
        self.settle(superseded)

    def change(self, item: OutboxItem, **values: object) -> None:
        """Something happened to a row; nothing is written when that changes nothing."""
        changed = msgspec.structs.replace(item, **values)
        if changed == item:
            return
        self._items[item.number] = changed
        try:
            self._store.update(changed)
        except StoreError as error:
            log.warning("what became of an action cannot be stored: %s", error)
        self._changed(item.signal.account)

    def settle(self, items: Iterable[OutboxItem]) -> None:
        """Rows of one account are over. What cannot be removed now is by a later poll."""
        items = tuple(items)
        if not items:
            return
        try:
            self._store.remove(*(item.number for item in items))
        except StoreError as error:
            log.warning("confirmed actions cannot be removed yet: %s", error)
            return
        for item in items:
            self._leave(item)
            if item.kind is ActionKind.DONE and item.state is OutboxState.SENT:
                self._over[item.number] = item
        since = self._clock.now() - UNDO_FOR
        self._over = {n: item for n, item in self._over.items() if acted_at(item) >= since}
        self._changed(items[0].signal.account)

    def _enter(self, item: OutboxItem, *, hold: float) -> None:
        self._items[item.number] = item
        self._held_until[item.number] = self._clock.monotonic() + hold

    def _leave(self, item: OutboxItem) -> None:
        self._items.pop(item.number, None)
        self._held_until.pop(item.number, None)


def acted_at(item: OutboxItem) -> datetime:
    """When the service had it, or when it was clicked."""
    return item.sent_at or item.clicked_at
