"""Asks all sources for all accounts at once, and lets none of them spoil another.

Each account has a task of its own: wait until due and, with a long list, for its turn; poll;
settle. A poll that hangs, raises or lies ends as that account's health and nothing more; the last
good signals stay, with their age. Where its source tells of changes, a second task listens.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from random import Random
from types import MappingProxyType

import msgspec
from msgspec import Struct

from oo_desktop.clock import Clock
from oo_desktop.errors import (
    AuthRequired,
    OoError,
    Rejected,
    StoreError,
    Unavailable,
    VaultError,
)
from oo_desktop.events import EventBus, IntegrationsChanged, SignalsChanged
from oo_desktop.language import translated
from oo_desktop.model.faults import fault_report
from oo_desktop.model.signals import AccountKey, AnySignal, ProviderId, TaskList
from oo_desktop.model.source import (
    Calendar,
    SignalSource,
    Snapshot,
    TellingSource,
    fetched_again,
)
from oo_desktop.model.state import Connection
from oo_desktop.signals.backoff import either
from oo_desktop.signals.isolation import CANCEL_SECONDS, ActiveAccounts, IsolatedCalls
from oo_desktop.signals.schedule import Schedule
from oo_desktop.signals.snapshot_checks import checked_snapshot
from oo_desktop.signals.tasks import Tasks
from oo_desktop.signals.turns import Turns
from oo_desktop.signals.watching import watch_for_ever
from oo_desktop.store.snapshots import SnapshotStore

log = logging.getLogger(__name__)


Pace = Callable[[Snapshot, datetime], float]
"""Seconds until the next poll, from what a poll brought and the time (aware)."""


class Health(Struct, frozen=True, kw_only=True):
    """Says how an account's service can be reached.

    reason: one sentence on what is wrong or worth knowing, or None.
    last_success: when the poll began that brought the signals shown; they are that old.
    next_poll: when the next poll is planned, or None where none is.
    zone: the account's IANA zone, or None.
    unread: how many signals the list lacks because they could not be read.
    told: whether its changes are told, so that what is shown is as of now.
    last_error: the class of what went wrong last, whether it still does or not; None: nothing has.
    """

    connection: Connection = Connection.UNKNOWN
    reason: str | None = None
    last_success: datetime | None = None
    next_poll: datetime | None = None
    zone: str | None = None
    unread: int = 0
    told: bool = False
    last_error: str | None = None


class _PolledAccount:
    """What is known of one account, whether it is being polled or not."""

    def __init__(self, key: AccountKey, schedule: Schedule) -> None:
        self.key = key
        self.schedule = schedule
        self.snapshot = Snapshot(signals=())
        self.health = Health()
        # Done when a poll ends that began after somebody asked for it.
        self.next_round: asyncio.Future[None] | None = None
        self.fault_logged = False
        # What was last published of it, but for the times: of these the screen asks when it needs.
        self.published: tuple[Snapshot, Health, str | None] | None = None

    def release(self) -> None:
        """No poll will come for those who wait: let them go."""
        if self.next_round is not None and not self.next_round.done():
            self.next_round.set_result(None)
        self.next_round = None


class SignalAggregator:
    """Holds the signals and the health of every account, and polls those that are active.

    interval: seconds between polls of one account. deadline: seconds one poll may take, all pages
        together. max_signals: how many signals an account may have; a list of more is rejected.
    paces: for sources whose list says when it is worth asking again, in place of `interval`.
    on_polled: told of every good poll: account, snapshot, and when the poll began.
    """

    def __init__(
        self,
        *,
        sources: Mapping[ProviderId, SignalSource],
        accounts: ActiveAccounts,
        snapshots: SnapshotStore,
        bus: EventBus,
        clock: Clock,
        interval: float,
        deadline: float = 60.0,
        max_signals: int = 10_000,
        random: Random | None = None,
        paces: Mapping[ProviderId, Pace] = MappingProxyType({}),
        on_polled: Callable[[AccountKey, Snapshot, datetime], None] = lambda *_: None,
    ) -> None:
        self._sources = sources
        self._accounts = accounts
        self._snapshots = snapshots
        self._bus = bus
        self._clock = clock
        self._interval = interval
        self._max_signals = max_signals
        self._random = random or Random()  # noqa: S311  # spreads load, guards nothing
        self._paces = paces
        self._on_polled = on_polled
        self._calls = IsolatedCalls(clock=clock, deadline=deadline)
        self._watches = IsolatedCalls(clock=clock, deadline=None)
        self._turns = Turns(clock)
        self._known: dict[AccountKey, _PolledAccount] = {}
        self._loops: Tasks[AccountKey] = Tasks()
        self._listeners: Tasks[AccountKey] = Tasks()

    # Life

    def load(self) -> None:
        """Show what was cached, before any network. Raises StoreError."""
        for key, stored in self._snapshots.all().items():
            account = self._account(key)
            account.snapshot = stored.snapshot
            account.health = Health(
                last_success=stored.fetched_at,
                zone=stored.snapshot.zone,
                unread=stored.snapshot.unread,
            )
            account.schedule.days_begin_in(stored.snapshot.zone)

    def start(self) -> None:
        """Begin to poll every active account. Needs a running loop."""
        self._loops.open()
        self._listeners.open()
        self.follow_accounts()

    async def stop(self) -> None:
        """End all polls; what they would have brought is dropped."""
        for account in self._known.values():
            account.release()
        await asyncio.gather(self._loops.close(), self._listeners.close())
        await asyncio.gather(self._calls.stop(), self._watches.stop())
        # What is just being written; a disk that does not answer is left to itself.
        await either(self._snapshots.settled(), self._clock.sleep(CANCEL_SECONDS))

    def follow_accounts(self) -> None:
        """Poll exactly the accounts that are active: one came, went, or has expired."""
        try:
            active = [key for key in self._accounts.active() if key.provider in self._sources]
        except StoreError as error:
            log.warning("the accounts cannot be read, polling goes on as before: %s", error)
            return
        for key in self._loops.running() - set(active):
            self._leave(key)
        for key in active:
            account = self._account(key)
            if self._loops.start(key, partial(self._poll_for_ever, account)):
                account.schedule.poll_soon()
            self._listen(account)

    def ask_every(self, interval: float, *, paces: Mapping[ProviderId, Pace]) -> None:
        """Poll each account so often from now on.

        interval: seconds. paces: in its place, for sources whose list says when to ask again.
        """
        self._interval, self._paces = interval, paces
        for account in self._known.values():
            account.schedule.ask_every(interval)

    def restart(self, key: AccountKey) -> None:
        """Poll anew, for the account was signed in again: what is in the air counts no more."""
        self._leave(key)
        if key in self._known:
            self._known[key].schedule = self._new_schedule()
        self.follow_accounts()

    def forget(self, key: AccountKey) -> None:
        """Forget an account's signals, and whatever a poll in the air would bring."""
        self._leave(key)
        if self._known.pop(key, None) is not None:
            self._bus.publish(SignalsChanged(key))

    # What there is

    def signals(self) -> Mapping[AccountKey, tuple[AnySignal, ...]]:
        """Return the last good signals of every account, in the source's order."""
        return {key: account.snapshot.signals for key, account in self._known.items()}

    def calendars(self, key: AccountKey) -> tuple[Calendar, ...]:
        """Return the account's calendars as of the last good poll; none before the first."""
        account = self._known.get(key)
        return account.snapshot.calendars if account else ()

    def lists(self, key: AccountKey) -> tuple[TaskList, ...] | None:
        """Return the lists that new tasks can go to, as of the last good poll; None: not known."""
        account = self._known.get(key)
        return account.snapshot.lists if account else None

    def look(self, *, older_than: float) -> None:
        """Poll what is older than `older_than` seconds, for somebody looks at the list.

        Only accounts whose polls go well: those that fail have their own pace.
        """
        now = self._clock.now()
        for key in self._loops.running():
            account = self._known[key]
            polled_at = account.health.last_success
            if polled_at is None or account.health.connection is not Connection.OK:
                continue
            if (now - polled_at).total_seconds() > older_than:
                account.schedule.poll_soon()

    def health(self, key: AccountKey) -> Health:
        """Return how the account is; one nobody knows is `UNKNOWN`."""
        account = self._known.get(key)
        if account is None:
            return Health()
        if key not in self._loops.running():
            return account.health
        schedule = account.schedule
        return msgspec.structs.replace(
            account.health, next_poll=schedule.next_poll, told=schedule.told
        )

    # Polling

    async def refresh(self, key: AccountKey | None = None) -> None:
        """Poll one or all accounts now, and return when those polls are over.

        A poll already in the air is waited for, and one that begins now follows; all who ask
        meanwhile share that one. An account whose service asked for patience (Retry-After) is
        left alone; its health says when it is next.
        """
        rounds = [
            self._round(self._known[each])
            for each in self._asked(key)
            if not self._known[each].schedule.paused
        ]
        if rounds:
            await asyncio.wait(rounds)  # unlike gather, does not cancel what others wait for

    def poll_soon(self, key: AccountKey | None = None) -> None:
        """Poll one or all accounts as soon as their service allows; does not wait.

        For what makes the list likely to have changed, or the service likely to answer again: a
        delivered click, the network back, the machine awake, the clock or the zone set.
        """
        for each in self._asked(key):
            self._known[each].schedule.poll_soon()

    def _asked(self, key: AccountKey | None) -> Iterable[AccountKey]:
        running = self._loops.running()
        return running if key is None else running & {key}

    def _round(self, account: _PolledAccount) -> "asyncio.Future[None]":
        if account.next_round is None:
            account.next_round = asyncio.get_running_loop().create_future()
        account.schedule.poll_soon()
        return account.next_round

    async def _poll_for_ever(self, account: _PolledAccount) -> None:
        while True:
            await account.schedule.due()
            async with self._turns.turn(len(account.snapshot.signals)):
                account.schedule.began()
                this_round, account.next_round = account.next_round, None
                try:
                    await self._poll(account)
                finally:
                    if this_round is not None and not this_round.done():
                        this_round.set_result(None)
            if account.schedule.paused:
                account.release()  # who asked during the poll would wait for the pause to end
            if not self._loops.is_current(account.key):
                return  # to be reconnected, as this very task found out

    async def _poll(self, account: _PolledAccount) -> None:
        key, began_at = account.key, self._clock.now()
        source = self._sources[key.provider]
        failure: Exception | None = None
        found = known = account.snapshot
        try:
            fetched = await self._calls.run(key, lambda: fetched_again(source, key.user_id, known))
            found = await checked_snapshot(fetched, key, limit=self._max_signals, known=known)
        except Exception as error:  # noqa: BLE001  # one connector must not spoil the others
            # Dealt with below: in here its text would be the context of all that is logged.
            failure = error
        problem = self._snapshots.problem  # to save a list is to find out that it is over
        if failure is not None:
            self._failed(account, failure)
        else:
            # Before any click is confirmed by it: after a crash, nothing confirmed is listed again.
            unsaved = await self._unsaved(key, found, began_at)
            self._succeeded(account, found, began_at=began_at, unsaved=unsaved)
        self._publish(account, anyway=failure is not None or self._snapshots.problem != problem)

    def _publish(self, account: _PolledAccount, *, anyway: bool) -> None:
        """Say that something is different now; that a list is younger alone draws nothing anew."""
        health = msgspec.structs.replace(
            self.health(account.key), last_success=None, next_poll=None
        )
        now = (account.snapshot, health, self._snapshots.problem)
        before, account.published = account.published, now
        if anyway or before is None or before[0] is not now[0] or before[1:] != now[1:]:
            self._bus.publish(IntegrationsChanged())

    def _succeeded(
        self, account: _PolledAccount, found: Snapshot, *, began_at: datetime, unsaved: str | None
    ) -> None:
        changed = found.signals != account.snapshot.signals
        account.snapshot = found
        account.fault_logged = False
        account.schedule.succeeded(self._own_pace(account))
        account.schedule.days_begin_in(found.zone)
        self._turn(
            account,
            Health(
                connection=Connection.OK,
                reason=unsaved,
                last_success=began_at,
                zone=found.zone,
                unread=found.unread,
                last_error=account.health.last_error,
            ),
        )
        # First: what it confirms would otherwise be drawn as waiting and as listed at once.
        self._on_polled(account.key, found, began_at)
        if changed:
            self._bus.publish(SignalsChanged(account.key))

    def _own_pace(self, account: _PolledAccount) -> float | None:
        """Seconds until the next poll, where the service has a pace of its own; it goes by what is
        shown, whether the last poll brought that or could not replace it."""
        pace = self._paces.get(account.key.provider)
        return None if pace is None else pace(account.snapshot, self._clock.now())

    async def _unsaved(self, key: AccountKey, found: Snapshot, began_at: datetime) -> str | None:
        """Cache what will be shown; without a cache it is shown all the same."""
        try:
            await self._snapshots.replace(key, found, fetched_at=began_at)
        except StoreError as error:
            return str(error)
        return None

    def _failed(self, account: _PolledAccount, error: Exception) -> None:
        account.health = msgspec.structs.replace(account.health, last_error=_kind(error))
        match error:
            case AuthRequired():
                self._require_reconnect(account, str(error))
            case Unavailable(retry_after=retry_after, limited=limited):
                account.schedule.unavailable(retry_after)
                connection = Connection.LIMITED if limited else Connection.OFFLINE
                self._broke(account, connection, str(error))
            case VaultError():
                account.schedule.waits_for_keyring()
                self._broke(account, Connection.KEYRING, str(error))
            case Rejected():
                account.schedule.rejected(self._own_pace(account))
                self._broke(account, Connection.FAILING, str(error))
            case OoError():  # such as a full disk under a renewed token: it may pass
                account.schedule.unavailable()
                self._broke(account, Connection.FAILING, str(error))
            case _:
                self._faulty(account, error)

    def _require_reconnect(self, account: _PolledAccount, reason: str) -> None:
        try:
            # Publishes TokenExpired, whose subscribers call follow_accounts: that ends this loop.
            self._accounts.require_reconnect(account.key, reason)
        except StoreError as error:
            account.schedule.unavailable()
            self._broke(account, Connection.FAILING, str(error))
            return
        self._leave(account.key)
        self._broke(account, Connection.NEEDS_RECONNECT, reason)

    def _faulty(self, account: _PolledAccount, error: Exception) -> None:
        if not account.fault_logged:
            log.error("the connector of %s failed: %s", _name(account), fault_report(error))
            account.fault_logged = True
        account.schedule.rejected(self._own_pace(account))
        reason = translated(
            "oO could not read this account: a fault in its connector ({kind}).",
            kind=_kind(error),
        )
        self._broke(account, Connection.FAILING, reason)

    def _broke(self, account: _PolledAccount, connection: Connection, reason: str) -> None:
        health = msgspec.structs.replace(account.health, connection=connection, reason=reason)
        self._turn(account, health)

    def _turn(self, account: _PolledAccount, health: Health) -> None:
        """The one place where health changes: a line in the log when it breaks, and recovers."""
        sound = (Connection.OK, Connection.UNKNOWN)
        was = account.health.connection
        if was in sound and health.connection not in sound:
            log.info("%s broke: %s", _name(account), health.connection.value)
        elif was not in sound and health.connection is Connection.OK:
            log.info("%s recovered", _name(account))
        account.health = health

    # Within

    def _listen(self, account: _PolledAccount) -> None:
        source = self._sources[account.key.provider]
        if isinstance(source, TellingSource):
            self._listeners.start(
                account.key,
                partial(
                    watch_for_ever,
                    account.key,
                    source,
                    account.schedule,
                    calls=self._watches,
                    clock=self._clock,
                    random=self._random,
                ),
            )

    def _leave(self, key: AccountKey) -> None:
        self._loops.end(key)
        self._listeners.end(key)
        account = self._known.get(key)
        if account is not None:
            account.release()

    def _account(self, key: AccountKey) -> _PolledAccount:
        if key not in self._known:
            self._known[key] = _PolledAccount(key, self._new_schedule())
        return self._known[key]

    def _new_schedule(self) -> Schedule:
        return Schedule(clock=self._clock, interval=self._interval, random=self._random)


def _name(account: _PolledAccount) -> str:
    return f"{account.key.provider}/{account.key.user_id}"


def _kind(error: Exception) -> str:
    return type(error).__name__
