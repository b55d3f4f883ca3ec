"""Keeps the outbox rows: those in the store, and their copy in memory that everything reads."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain

import msgspec

from oo_desktop.clock import Clock
from oo_desktop.errors import StoreError
from oo_desktop.model.clicks import UNDOING, OutboxItem, OutboxState
from oo_desktop.model.signals import AccountKey, SignalKey
from oo_desktop.signals.outbox.settlement import CONFIRM_WITHIN, Settlement, as_confirmed
from oo_desktop.store.outbox import OutboxStore

log = logging.getLogger(__name__)

UNDO_FOR = timedelta(minutes=10)
"""How long an action that is carried out is offered to be undone, and so is kept."""

LOOK_AFTER_SECONDS = CONFIRM_WITHIN.total_seconds() + 1.0
"""From an answer to the poll that decides. One to spare: the two clocks differ a little."""

MAX_DROPPED = 1000
"""How many old rows are removed at once; the others by the next poll."""


class OutboxRows:
    """Holds every row, and for a while those that are confirmed, so that they can be undone.

    What the user does must be stored or fail: those methods raise StoreError and change nothing
    then. What a service did is true whether it can be stored or not: `record` follows it in
    memory. After a crash such a row is as it was before, and goes out with its old uuid.

    Numbers rise and a row never gets another one, so dicts by number are in the order of the
    clicks: nothing is ever sorted.

    changed: called with the account after every change.
    """

    def __init__(
        self, *, store: OutboxStore, clock: Clock, changed: Callable[[AccountKey], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._changed = changed
        self._rows: dict[int, OutboxItem] = {}
        self._by_account: defaultdict[AccountKey, dict[int, OutboxItem]] = defaultdict(dict)
        self._confirmed: dict[int, OutboxItem] = {}
        # Which row takes back which: the number of the second by that of the first.
        self._undo: dict[int, int] = {}
        # Monotonic: a wall clock set back must not hold a click for hours.
        self._held_until: dict[int, float] = {}
        self._look_at: defaultdict[AccountKey, dict[int, float]] = defaultdict(dict)

    # What there is

    def all(self) -> tuple[OutboxItem, ...]:
        """Return the rows that are not confirmed, in the order of the clicks."""
        return tuple(self._rows.values())

    def of(self, key: AccountKey) -> tuple[OutboxItem, ...]:
        """Return an account's rows that are not confirmed, in the order of the clicks."""
        return tuple(self._by_account[key].values())

    def about(self, key: SignalKey) -> tuple[OutboxItem, ...]:
        """Return a signal's rows that are not confirmed, in the order of the clicks."""
        rows = self._by_account[key.account].values()
        return tuple(item for item in rows if item.signal.id == key.id)

    def get(self, number: int) -> OutboxItem | None:
        """Return that row, unless it is confirmed or gone."""
        return self._rows.get(number)

    def newest_first(self) -> Iterator[OutboxItem]:
        """Yield every row, the confirmed ones too."""
        for number in sorted(chain(self._rows, self._confirmed), reverse=True):
            yield self._rows.get(number) or self._confirmed[number]

    def undo_of(self, item: OutboxItem) -> OutboxItem | None:
        """Return the row that takes `item` back, if there is one."""
        return self._rows.get(self._undo.get(item.number, 0))

    def next_at(self, key: AccountKey, *, quarantined: Mapping[int, float]) -> float | None:
        """Return when something may be sent, on the monotonic clock; None while nothing waits.

        quarantined: rows that others go past, and until when.
        """
        first: float | None = None
        passed: set[str] = set()
        for item in filter(_is_queued, self._by_account[key].values()):
            if item.signal.id in passed:
                continue
            if item.number not in quarantined:
                held = self.held_until(item)
                return held if first is None else min(first, held)
            passed.add(item.signal.id)
            first = min(
                quarantined[item.number], first if first is not None else quarantined[item.number]
            )
        return first

    def batch(
        self, key: AccountKey, *, max_rows: int, quarantined: Mapping[int, float]
    ) -> list[OutboxItem]:
        """Return what may be sent now, in its order: at most `max_rows`, and no signal twice.

        What is new, or takes that back, is alone.

        quarantined: rows that other signals' go past, and until when; then such a row goes alone.
        """
        found: dict[str, OutboxItem] = {}
        passed: set[str] = set()
        for item in filter(_is_queued, self._by_account[key].values()):
            if item.signal.id in passed:
                continue
            if item.number in quarantined:
                if not found and quarantined[item.number] <= self._clock.monotonic():
                    return [item]
                passed.add(item.signal.id)
                continue
            held = self.held_until(item) > self._clock.monotonic()
            if held or item.signal.id in found or len(found) == max_rows:
                break
            if item.added is not None:
                return list(found.values()) or [item]
            found[item.signal.id] = item
        return list(found.values())

    def held_until(self, item: OutboxItem) -> float:
        """Return when a row may be sent, on the monotonic clock."""
        return self._held_until.get(item.number, 0.0)

    def next_look(self, key: AccountKey) -> float | None:
        """Return when, on the monotonic clock, an account's list should tell of what was sent."""
        return min(self._look_at[key].values(), default=None)

    def looked(self, key: AccountKey) -> None:
        """Forget what `next_look` was due for: a poll has been asked for."""
        now = self._clock.monotonic()
        self._look_at[key] = {n: at for n, at in self._look_at[key].items() if at > now}

    # What the user does

    def load(self, *, longest_hold: float) -> None:
        """Read what an earlier run left. Raises StoreError.

        longest_hold: seconds; a wall clock that was set back must not hold a click for longer.
        """
        now = self._clock.now()
        for item in self._store.all():
            held = (item.send_at - now).total_seconds()
            self.enter(item, hold=min(max(held, 0.0), longest_hold))
            age = (now - item.sent_at).total_seconds() if item.sent_at else LOOK_AFTER_SECONDS
            if item.state is OutboxState.SENT and 0 <= age < LOOK_AFTER_SECONDS:
                self._look_in(item, LOOK_AFTER_SECONDS - age)
        # A crash may have come between storing that an undo was sent and removing what it undid.
        sent = [row for row in self._rows.values() if row.state is OutboxState.SENT]
        undone = (self._rows.get(row.undoes or 0) for row in sent)
        self._drop([row for row in undone if row is not None])
        self.prune()

    def enter(self, item: OutboxItem, *, hold: float) -> None:
        """Take in a row that is in the store already, to be sent in `hold` seconds."""
        self._put(item)
        self._held_until[item.number] = self._clock.monotonic() + hold
        if item.undoes is not None:
            self._undo[item.undoes] = item.number

    def queue_again(self, item: OutboxItem, *, hold: float) -> OutboxItem:
        """Let a rejected row go out once more in `hold` seconds; returns it as it is now.

        Its uuid stays, and its attempts count on: it may have been carried out after all.
        """
        send_at = self._clock.now() + timedelta(seconds=hold)
        item = msgspec.structs.replace(item, state=OutboxState.QUEUED, send_at=send_at, reason=None)
        self._store.update(item)
        self.enter(item, hold=hold)
        self._changed(item.signal.account)
        return item

    def remove(self, item: OutboxItem) -> None:
        """Forget a row: the user takes it back, or gives it up."""
        self._store.remove(item.number)
        self._leave(item)
        self._changed(item.signal.account)

    def remove_account(self, key: AccountKey) -> tuple[OutboxItem, ...]:
        """Forget an account's rows; returns those that were not confirmed."""
        self._store.remove_account(key)
        items = self.of(key)
        confirmed = (row for row in self._confirmed.values() if row.signal.account == key)
        for item in (*items, *confirmed):
            self._leave(item)
        self._changed(key)
        return items

    # What became of it

    def begin_attempt(self, items: Sequence[OutboxItem]) -> list[OutboxItem]:
        """Store that the service may have them from now on; returns them so.

        Raises StoreError: then they must not be sent.
        """
        begun = [
            msgspec.structs.replace(item, attempts=item.attempts + 1, may_be_done=True)
            for item in items
        ]
        self._store.record(*begun)
        for item in begun:
            self._put(item)
        return begun

    def record(
        self,
        key: AccountKey,
        changed: Iterable[OutboxItem] = (),
        gone: Iterable[OutboxItem] = (),
    ) -> None:
        """Follow what became of an account's rows, whether that can be stored or not.

        One transaction and one event; none where nothing is changed.
        """
        changed = [item for item in changed if self._rows.get(item.number) != item]
        gone = list(gone)
        if not changed and not gone:
            return
        to_store = [item for item in changed if not item.unconfirmed]  # that is never stored
        for item in changed:
            if item.state is OutboxState.SENT and not item.unconfirmed:
                self._look_in(item, LOOK_AFTER_SECONDS)
            self._put(item)
        for item in gone:
            self._leave(item)
        try:
            self._store.record(*to_store)
            if gone:
                self._store.remove(*(item.number for item in gone))
        except StoreError as error:
            log.warning("what became of actions cannot be stored: %s", error)
        self._changed(key)

    def superseded(self, sent: Sequence[OutboxItem]) -> Settlement:
        """Return what has nothing left to wait for now that `sent`, of one account, are.

        What was taken back, and whatever was clicked on that signal before: neither the list nor
        the screen shows a trace of it.
        """
        undos = {item.signal.id: item for item in sent if item.kind in UNDOING}
        changed, gone = [], []
        rows = self._by_account[sent[0].signal.account].values() if undos else ()
        for row in rows:
            undo = undos.get(row.signal.id)
            if undo is None or row.state is not OutboxState.SENT or row.number >= undo.number:
                continue
            after = None if undo.undoes == row.number else as_confirmed(row)
            changed.append(after) if after else gone.append(row)
        undone = (self._confirmed.get(undo.undoes or 0) for undo in undos.values())
        gone += filter(None, undone)
        return Settlement(changed, gone)

    def prune(self) -> None:
        """Remove what was confirmed and is not offered to be undone any more."""
        now = self._clock.now()
        # What seems to lie in the future was acted on before the clock was set back.
        since, until = now - UNDO_FOR, now + UNDO_FOR
        old = [row for row in self._confirmed.values() if not since <= acted_at(row) <= until]
        self._drop(old[:MAX_DROPPED])

    def _drop(self, items: Sequence[OutboxItem]) -> None:
        if not items:
            return
        try:
            self._store.remove(*(item.number for item in items))
        except StoreError as error:
            log.warning("actions that are over cannot be removed yet: %s", error)
            return
        for item in items:
            self._leave(item)

    # Within

    def _put(self, item: OutboxItem) -> None:
        if item.state is OutboxState.CONFIRMED:
            self._leave(item)
            self._confirmed[item.number] = item
        else:
            self._rows[item.number] = item
            self._by_account[item.signal.account][item.number] = item

    def _leave(self, item: OutboxItem) -> None:
        number, account = item.number, item.signal.account
        self._rows.pop(number, None)
        self._by_account[account].pop(number, None)
        self._confirmed.pop(number, None)
        self._held_until.pop(number, None)
        self._look_at[account].pop(number, None)
        if item.undoes is not None and self._undo.get(item.undoes) == number:
            del self._undo[item.undoes]

    def _look_in(self, item: OutboxItem, seconds: float) -> None:
        self._look_at[item.signal.account][item.number] = self._clock.monotonic() + seconds


def _is_queued(item: OutboxItem) -> bool:
    return item.state is OutboxState.QUEUED


def acted_at(item: OutboxItem) -> datetime:
    """Return when the service had it, or when it was clicked."""
    return item.sent_at or item.clicked_at
