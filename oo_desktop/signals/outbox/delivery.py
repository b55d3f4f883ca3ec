"""Delivers outbox rows to their services: in order, each as often as it takes.

Order matters only within a signal: the others go past what the service answers with errors only,
though it answers polls (`quarantine.py`).

What may go out together does: rows that follow each other, up to what the service takes at once,
and no signal twice, for of two changes of one thing the second may depend on the first. A new task,
and the undo of one, goes alone: it is asked for in another way. Each row of
a batch is settled by itself (`settlement.py`). A batch that is rejected as a whole is tried again
in halves, until the row that is guilty is alone; so is one that a bug of the connector has ended.
When one row after the other is rejected alone, for the same, and then all that is left together, it
is the account that is rejected: then each of a batch is, for a request each would change nothing.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random

import msgspec

from oo_desktop.clock import Clock
from oo_desktop.errors import (
    AuthRequired,
    OoError,
    Rejected,
    StoreError,
    Unavailable,
    VaultError,
)
from oo_desktop.language import translated, untranslated
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.faults import ConnectorFault, fault_report
from oo_desktop.model.signals import AccountKey, ActionKind, ProviderId, SignalId, Task
from oo_desktop.model.source import (
    ActingSource,
    Action,
    AddingSource,
    Asked,
    BatchSource,
    SignalSource,
)
from oo_desktop.signals.isolation import ActiveAccounts, IsolatedCalls
from oo_desktop.signals.outbox.batching import Batcher
from oo_desktop.signals.outbox.rows import OutboxRows
from oo_desktop.signals.outbox.settlement import Settlement, after_attempt, did_nothing, is_final
from oo_desktop.signals.snapshot_checks import checked_id
from oo_desktop.signals.tasks import Tasks

log = logging.getLogger(__name__)

Said = Mapping[str, Exception | None]
"""What became of each row of a batch, by its uuid; None: the service has it."""

NOT_SAID = untranslated("The service did not say what became of this. oO asks again.")


class Delivery:
    """Delivers for every active account whose source can act; none waits for another.

    deadline: seconds one attempt may take.
    poll_soon: asked to poll an account whose list has just been changed.
    """

    def __init__(
        self,
        *,
        rows: OutboxRows,
        sources: Mapping[ProviderId, SignalSource],
        accounts: ActiveAccounts,
        clock: Clock,
        deadline: float,
        random: Random,
        poll_soon: Callable[[AccountKey], None],
    ) -> None:
        self._rows = rows
        self._sources = sources
        self._adding: dict[ProviderId, tuple[SignalSource | None, AddingSource | None]] = {}
        self._accounts = accounts
        self._clock = clock
        self._random = random
        self._poll_soon = poll_soon
        self._calls = IsolatedCalls(clock=clock, deadline=deadline)
        self._batchers: dict[AccountKey, Batcher] = {}
        self._tasks: Tasks[AccountKey] = Tasks()

    def start(self) -> None:
        """Begin to deliver. Needs a running loop."""
        self._tasks.open()
        self.follow_accounts()

    async def stop(self) -> None:
        """End all attempts."""
        await self._tasks.close()
        await self._calls.stop()

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
            batcher = Batcher(self._clock, self._random)
            if self._tasks.start(key, partial(self._deliver, key, batcher)):
                self._batchers[key] = batcher

    def end(self, key: AccountKey) -> None:
        """Deliver nothing more for an account."""
        self._tasks.end(key)
        self._batchers.pop(key, None)

    def wake(self, key: AccountKey) -> None:
        """Look at an account's rows anew: they have changed."""
        if key in self._batchers:
            self._batchers[key].alarm.ring()

    def hurry(self) -> None:
        """End every backoff: the services are likely to answer again; a Retry-After still holds."""
        for batcher in self._batchers.values():
            batcher.hurry()

    def polled(self, key: AccountKey) -> None:
        """Note that an account's service has just answered a poll."""
        if key in self._batchers:
            self._batchers[key].polled()

    def source(self, key: AccountKey) -> ActingSource | None:
        """Return what can write to the account's service, if anything can."""
        source = self._sources.get(key.provider)
        return source if isinstance(source, ActingSource) else None

    def adding_source(self, key: AccountKey) -> AddingSource | None:
        """Return what can add tasks to the account's service, if anything can."""
        source = self._sources.get(key.provider)
        known = self._adding.get(key.provider)
        if known is None or known[0] is not source:
            # Each render asks for every account, and to check against a protocol is slow.
            adding = source if isinstance(source, AddingSource) else None
            known = self._adding[key.provider] = (source, adding)
        return known[1]

    async def _deliver(self, key: AccountKey, batcher: Batcher) -> None:
        while True:
            self._ask_for_poll(key)
            send_at, look_at = self._send_at(key, batcher), self._rows.next_look(key)
            now = self._clock.monotonic()
            if send_at is None or send_at > now:
                at = min((at for at in (send_at, look_at) if at is not None), default=None)
                await batcher.alarm.wait(None if at is None else at - now)
                continue
            await self._attempt(key, batcher)
            if not self._tasks.is_current(key):
                return  # to be reconnected, as this very task found out

    def _ask_for_poll(self, key: AccountKey) -> None:
        """For the one that decides on what no poll has confirmed for long."""
        look_at = self._rows.next_look(key)
        if look_at is not None and look_at <= self._clock.monotonic():
            self._rows.looked(key)
            self._poll_soon(key)

    def _send_at(self, key: AccountKey, batcher: Batcher) -> float | None:
        at = self._rows.next_at(key, quarantined=batcher.quarantine.until)
        return None if at is None else max(batcher.opens_at(), at)

    async def _attempt(self, key: AccountKey, batcher: Batcher) -> None:
        source = self.source(key)
        most = source.most_actions if isinstance(source, BatchSource) else 1
        batch = self._rows.batch(
            key, max_rows=batcher.max_rows(most), quarantined=batcher.quarantine.until
        )
        before = {item.number: item.may_be_done for item in batch}
        try:
            begun = self._rows.begin_attempt(batch)
        except StoreError as error:
            # Not sent: after a crash nobody would know that the service may have it.
            batcher.unavailable()
            reason = str(error)
            self._rows.record(key, [msgspec.structs.replace(row, reason=reason) for row in batch])
            return
        said: Said | Exception
        added: dict[int, SignalId | None] = {}
        try:
            if begun[0].added is None:
                asked = [
                    Asked(item.signal.id, _action_of(item, may_be_done=before[item.number]))
                    for item in begun
                ]
                said = await self._calls.run(key, partial(self._ask, key, asked))
            else:
                (item,) = begun
                may_be_done = before[item.number]
                adding = partial(self._ask_to_add, key, item, may_be_done=may_be_done)
                added[item.number] = await self._calls.run(key, adding)
                said = {item.uuid: None}
        except Exception as error:  # noqa: BLE001  # one connector must not spoil the others
            said = error
        if any(self._rows.get(item.number) is not item for item in begun):
            return  # the account was forgotten meanwhile
        self._settle(key, batcher, begun, before, said, added)

    async def _ask(self, key: AccountKey, asked: Sequence[Asked]) -> Said:
        source = self.source(key)
        if source is None:
            raise Rejected(translated("oO cannot change this service."))
        if not isinstance(source, BatchSource):
            ((signal_id, action),) = asked
            await source.act(key.user_id, signal_id, action)
            return {action.uuid: None}
        said = dict(await source.act_all(key.user_id, asked))
        if not all(each is None or isinstance(each, Exception) for each in said.values()):
            raise ConnectorFault("the connector answered with something else than errors")
        return said

    async def _ask_to_add(
        self, key: AccountKey, item: OutboxItem, *, may_be_done: bool
    ) -> SignalId | None:
        """Add what is new, or take that back; returns what the service calls it, where it says."""
        source = self.adding_source(key)
        if source is None or item.added is None:
            raise Rejected(translated("oO cannot add tasks there."))
        if item.kind is ActionKind.ADD:
            added = await source.add(key.user_id, item.added, may_be_added=may_be_done)
            return checked_id(added)
        named = item.signal.id if item.is_named else None
        await source.remove(key.user_id, item.added, named, uuid=item.uuid)
        return None

    def _settle(
        self,
        key: AccountKey,
        batcher: Batcher,
        begun: Sequence[OutboxItem],
        before: Mapping[int, bool],
        said: Said | Exception,
        added: Mapping[int, SignalId | None],
    ) -> None:
        """What an answer means for the rows of a batch, for the next one, and for the account."""
        if isinstance(said, Exception):
            if is_final(said) and not batcher.rejected(len(begun), said):
                self._restore(key, begun, before, said)
                return
            said = dict.fromkeys((item.uuid for item in begun), said)
        else:
            batcher.answered()
        lost = Unavailable(translated(NOT_SAID))
        errors = {item.number: said.get(item.uuid, lost) for item in begun}
        self._pace(key, batcher, errors)
        now = self._clock.now()
        settlements = [
            after_attempt(
                item,
                errors[item.number],
                was_maybe_done=before[item.number],
                undo=self._rows.undo_of(item),
                now=now,
                added_id=added.get(item.number),
            )
            for item in begun
        ]
        self._record(key, settlements)
        for item in begun:
            error = errors[item.number]
            if error is not None and not isinstance(error, OoError):
                log.error("the connector of %s failed: %s", item.key, fault_report(error))
        expired = next((e for e in errors.values() if isinstance(e, AuthRequired)), None)
        if expired is not None:
            self._require_reconnect(batcher, key, str(expired))
        elif any(error is None or is_final(error) for error in errors.values()):
            self._poll_when_drained(key, batcher)

    def _restore(
        self,
        key: AccountKey,
        begun: Sequence[OutboxItem],
        before: Mapping[int, bool],
        error: Exception,
    ) -> None:
        """None of a rejected batch was done; of one that met a bug, nobody knows."""
        if not did_nothing(error):
            return
        restored = [
            msgspec.structs.replace(item, may_be_done=before[item.number]) for item in begun
        ]
        settlements = []
        for item in restored:
            undo = self._rows.undo_of(item)
            idle = undo is not None and not item.may_be_done
            settlements.append(
                Settlement(gone=(item, undo)) if undo and idle else Settlement((item,))
            )
        self._record(key, settlements)

    def _record(self, key: AccountKey, settlements: Sequence[Settlement]) -> None:
        changed = [item for each in settlements for item in each.changed]
        gone = [item for each in settlements for item in each.gone]
        sent = [item for item in changed if item.state is OutboxState.SENT]
        superseded = self._rows.superseded(sent)
        self._rows.record(key, [*changed, *superseded.changed], [*gone, *superseded.gone])

    def _pace(
        self, key: AccountKey, batcher: Batcher, errors: Mapping[int, Exception | None]
    ) -> None:
        """What the errors of a batch, by its rows' numbers, mean for the next one."""
        if all(map(_is_broken_off, errors.values())):
            if batcher.broke_off([*errors]):
                self._poll_soon(key)
            return
        self._slow_down(batcher, tuple(errors.values()))
        for number, error in errors.items():
            if not isinstance(error, Unavailable):
                batcher.quarantine.release(number)

    def _slow_down(self, batcher: Batcher, errors: Sequence[Exception | None]) -> None:
        away = [error for error in errors if isinstance(error, Unavailable)]
        if away:
            batcher.unavailable(max((e.retry_after for e in away if e.retry_after), default=None))
        elif any(isinstance(error, VaultError) for error in errors):
            batcher.waits_for_keyring()
        elif any(isinstance(e, OoError) and not _is_answer(e) for e in errors):
            batcher.unavailable()
        elif any(error is None or isinstance(error, Rejected) for error in errors):
            batcher.went_well()
            if None in errors:
                batcher.widen()

    def _require_reconnect(self, batcher: Batcher, key: AccountKey, reason: str) -> None:
        try:
            # Publishes TokenExpired, whose subscribers call follow_accounts: that ends this task.
            self._accounts.require_reconnect(key, reason)
        except StoreError:
            batcher.unavailable()
            return
        self.end(key)

    def _poll_when_drained(self, key: AccountKey, batcher: Batcher) -> None:
        """One poll for a row of clicks, not one for each."""
        send_at = self._send_at(key, batcher)
        if send_at is None:
            batcher.drained()
        if send_at is None or send_at > self._clock.monotonic():
            self._poll_soon(key)


def _is_broken_off(error: Exception | None) -> bool:
    """Whether the service was reached, and neither answered nor asked to be left alone."""
    if not isinstance(error, Unavailable) or error.limited or error.retry_after is not None:
        return False
    return error.reached


def _is_answer(error: OoError) -> bool:
    """Whether the service itself has decided; waiting would change nothing."""
    return isinstance(error, Rejected | AuthRequired)


def _action_of(item: OutboxItem, *, may_be_done: bool) -> Action:
    signal = item.signal
    return Action(
        kind=item.kind,
        uuid=item.uuid,
        undo=signal.undo,
        recurring=isinstance(signal, Task) and signal.recurring,
        due=item.due,
        may_be_done=may_be_done,
        insists=item.insists,
    )
