"""Carries outbox rows to their services: in order per account, each as often as it takes.

How an attempt ends decides what becomes of the row:

==================  ================================================================================
ended with          then
==================  ================================================================================
success             SENT; the account is polled
Unavailable         waits: backoff, and at least the service's Retry-After; same uuid
VaultError          waits, a shorter backoff, for as long as it takes
AuthRequired        waits until the account is reconnected
Rejected            REFUSED, with the service's reason; the item is back on the list
another OoError     waits: a full disk, for instance, may pass
anything else       REFUSED: a bug of the connector. Trying again by itself would hammer, never
                    trying again would lose the click, so the user decides
==================  ================================================================================

A row that was undone while it was sent, and is rejected, disappears together with its undo: it was
not done, and is not wanted.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from random import Random

from oo_desktop.clock import Clock
from oo_desktop.errors import (
    AuthRequired,
    OoError,
    Rejected,
    StoreError,
    Unavailable,
    VaultError,
)
from oo_desktop.signals.attempt import Accounts, Attempts, fault_report
from oo_desktop.signals.life import Tasks
from oo_desktop.signals.model import AccountKey, ActionKind, ProviderId, Task
from oo_desktop.signals.pace import Alarm, Backoff, bounded_retry_after
from oo_desktop.signals.rows import Rows
from oo_desktop.signals.source import ActingSource, Action, SignalSource
from oo_desktop.signals.state import OutboxItem, OutboxState

log = logging.getLogger(__name__)

SERVICE_ANSWERED_AFTER = 30.0
"""Seconds after a failed attempt from which a good poll is reason enough for the next."""

WAITS_FOR_RECONNECT = "Waits until you reconnect this account."


class Line:
    """One account's way out: when the next attempt may be made, on the monotonic clock."""

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._offline = Backoff(base=5.0, cap=300.0, random=random)
        self._keyring = Backoff(base=2.0, cap=60.0, random=random)
        self._not_before = self._paused_until = self._failed_at = clock.monotonic()
        self._failing = False
        self._heard_again = False
        self.alarm = Alarm(clock)

    def opens_at(self) -> float:
        return max(self._not_before, self._paused_until)

    def went_well(self) -> None:
        self._failing = False
        self._offline.reset()
        self._keyring.reset()

    def unavailable(self, retry_after: float | None = None) -> None:
        self._failed()
        pause = bounded_retry_after(retry_after)
        self._not_before = self._failed_at + max(self._offline.next(), pause)
        self._paused_until = self._failed_at + pause

    def waits_for_keyring(self) -> None:
        self._failed()
        self._not_before = self._failed_at + self._keyring.next()

    def hurry(self, *, after: float = 0.0) -> None:
        """Back off no longer than `after` seconds from the last failure; Retry-After holds."""
        self._not_before = min(self._not_before, self._failed_at + after)
        self.alarm.ring()

    def heard(self) -> None:
        """The service answered a poll: what waits goes out at once.

        Only the first time, for it may answer polls and still not take what waits.
        """
        if self._failing:
            self.hurry(after=SERVICE_ANSWERED_AFTER if self._heard_again else 0.0)
            self._heard_again = True

    def _failed(self) -> None:
        if not self._failing:
            self._heard_again = False
        self._failing = True
        self._failed_at = self._clock.monotonic()


class Delivery:
    """Delivers for every active account whose source can act. Accounts do not wait for each other.

    deadline: seconds one attempt may take.
    poll_soon: asked to poll an account whose list has just been changed.
    """

    def __init__(
        self,
        *,
        rows: Rows,
        sources: Mapping[ProviderId, SignalSource],
        accounts: Accounts,
        clock: Clock,
        deadline: float,
        random: Random,
        poll_soon: Callable[[AccountKey], None],
    ) -> None:
        self._rows = rows
        self._sources = sources
        self._accounts = accounts
        self._clock = clock
        self._random = random
        self._poll_soon = poll_soon
        self._attempts = Attempts(clock=clock, deadline=deadline)
        self._lines: dict[AccountKey, Line] = {}
        self._tasks: Tasks[AccountKey] = Tasks()

    def start(self) -> None:
        """Begin to deliver. Needs a running loop."""
        self._tasks.open()
        self.follow_accounts()

    async def stop(self) -> None:
        """End all attempts."""
        await self._tasks.close()
        await self._attempts.stop()

    def follow_accounts(self) -> None:
        """Deliver for exactly the accounts that are active now."""
        try:
            active = [key for key in self._accounts.active() if self.source(key)]
        except StoreError as error:
            log.warning("the accounts cannot be read, delivery goes on as before: %s", error)
            return
        for key in self._tasks.running() - set(active):
            self.end(key)
        for key in active:
            line = Line(self._clock, self._random)
            if self._tasks.start(key, partial(self._deliver, key, line)):
                self._lines[key] = line

    def end(self, key: AccountKey) -> None:
        """Deliver nothing more for an account."""
        self._tasks.end(key)
        self._lines.pop(key, None)

    def look(self, key: AccountKey) -> None:
        """An account's rows have changed."""
        if key in self._lines:
            self._lines[key].alarm.ring()

    def hurry(self) -> None:
        """All services are likely to answer again: no backoff; a Retry-After still holds."""
        for line in self._lines.values():
            line.hurry()

    def heard(self, key: AccountKey) -> None:
        """An account's service has just answered a poll."""
        if key in self._lines:
            self._lines[key].heard()

    def source(self, key: AccountKey) -> ActingSource | None:
        """What can write to the account's service, if anything can."""
        source = self._sources.get(key.provider)
        return source if isinstance(source, ActingSource) else None

    async def _deliver(self, key: AccountKey, line: Line) -> None:
        while True:
            item = self._rows.next(key)
            wait = None if item is None else self._wait(line, item)
            if item is None or wait:
                await line.alarm.wait(wait)
                continue
            await self._attempt(line, item)
            if not self._tasks.is_current(key):
                return  # refused, as this very task found out

    def _wait(self, line: Line, item: OutboxItem) -> float:
        at = max(line.opens_at(), self._rows.held_until(item))
        return max(at - self._clock.monotonic(), 0.0)

    async def _attempt(self, line: Line, item: OutboxItem) -> None:
        try:
            item = self._rows.begin_attempt(item)
        except StoreError as error:
            # Not sent: after a crash nobody would know that the service may have it.
            line.unavailable()
            self._rows.change(item, reason=str(error))
            return
        failure: Exception | None = None
        try:
            await self._attempts.run(item.signal.account, partial(self._act, item))
        except Exception as error:  # noqa: BLE001  # one connector must not spoil the others
            failure = error
        if self._rows.get(item.number) is not item:
            return  # the account was forgotten meanwhile
        if failure is not None:
            self._failed(line, item, failure)
            return
        line.went_well()
        # Not when the attempt began: a poll that began in between may not have seen it.
        self._rows.sent(item, answered_at=self._clock.now())
        self._poll_when_drained(line, item.signal.account)

    async def _act(self, item: OutboxItem) -> None:
        signal = item.signal
        source = self.source(signal.account)
        if source is None:
            raise Rejected("oO cannot change this service.")
        recurring = isinstance(signal, Task) and signal.recurring
        action = Action(kind=item.kind, uuid=item.uuid, undo=signal.undo, recurring=recurring)
        await source.act(signal.user_id, signal.id, action)

    def _failed(self, line: Line, item: OutboxItem, error: Exception) -> None:
        match error:
            case Rejected():
                line.went_well()
                self._rejected(item, str(error))
                self._poll_when_drained(line, item.signal.account)
                return
            case AuthRequired():
                self._auth_required(line, item, str(error))
                return
            case VaultError():
                line.waits_for_keyring()
            case Unavailable(retry_after=retry_after):
                line.unavailable(retry_after)
            case OoError():
                line.unavailable()
            case _:
                log.error("the connector of %s failed: %s", item.key, fault_report(error))
                kind = type(error).__name__
                reason = f"oO could not do this: a fault in its connector ({kind}). Try again."
                self._rows.change(item, state=OutboxState.REFUSED, reason=reason)
                return
        self._rows.change(item, reason=str(error))

    def _rejected(self, item: OutboxItem, reason: str) -> None:
        following = (row for row in self._rows.of(item.signal.account) if row.number > item.number)
        undo = next((row for row in following if row.key == item.key), None)
        if item.kind is ActionKind.DONE and undo and undo.kind is ActionKind.REOPEN:
            # An earlier attempt, whose answer was lost, may have done it: then the undo still goes.
            self._rows.settle([item, undo] if item.attempts == 1 else [item])
        else:
            self._rows.change(item, state=OutboxState.REFUSED, reason=reason)

    def _auth_required(self, line: Line, item: OutboxItem, reason: str) -> None:
        key = item.signal.account
        self._rows.change(item, reason=WAITS_FOR_RECONNECT)
        try:
            # Publishes TokenExpired, whose subscribers call follow_accounts: that ends this line.
            self._accounts.refuse(key, reason)
        except StoreError:
            line.unavailable()
            return
        self.end(key)

    def _poll_when_drained(self, line: Line, key: AccountKey) -> None:
        """One poll for a row of clicks, not one for each."""
        following = self._rows.next(key)
        if following is None or self._wait(line, following):
            self._poll_soon(key)
