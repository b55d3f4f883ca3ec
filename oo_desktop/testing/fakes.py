"""Fakes for what a test cannot have for real: time, and services. Arguments, never patches.

Failure is a value: `source.failure = Unavailable("…")`.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from oo_desktop.errors import Rejected, SourceError
from oo_desktop.events import EventBus, TokenExpired
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    AnySignal,
    Day,
    Due,
    NewTask,
    ProviderId,
    SignalId,
    SignalKey,
    Task,
    UserId,
)
from oo_desktop.model.source import Action, Added, Asked, Snapshot


class FakeClock:
    """Tells a time that moves only when told to.

    `advance` moves both clocks and wakes every sleeper whose time has come; `jump` moves the wall
    clock alone, as a suspend or a set clock does.
    """

    def __init__(self, now: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)) -> None:
        self._now = now
        self._monotonic = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self._monotonic + seconds, future)
        self._sleepers.append(entry)
        try:
            await future
        finally:
            if entry in self._sleepers:
                self._sleepers.remove(entry)

    @property
    def sleepers(self) -> int:
        """Return how many wait for it."""
        return len(self._sleepers)

    def jump(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass, waking sleepers in their order and letting each run on."""
        end = self._monotonic + seconds
        await settle()
        while due := sorted(at for at, future in self._sleepers if at <= end and not future.done()):
            self._move_to(due[0])
            for at, future in tuple(self._sleepers):
                if at <= self._monotonic and not future.done():
                    future.set_result(None)
            await settle()
        self._move_to(end)
        await settle()

    def _move_to(self, monotonic: float) -> None:
        self._now += timedelta(seconds=monotonic - self._monotonic)
        self._monotonic = monotonic


async def settle(rounds: int = 20) -> None:
    """Let everything that can run without waiting run."""
    for _ in range(rounds):
        await asyncio.sleep(0)


TODAY = Day(date(2026, 11, 22))
"""The day on which a `FakeClock` begins."""


def task(
    id_: str,
    *,
    source: str = "scripted",
    user_id: str = "ada",
    due: Due | None = TODAY,
    recurring: bool = False,
) -> Task:
    """Return a task that can be done."""
    return Task(
        id=SignalId(id_),
        source=ProviderId(source),
        user_id=UserId(user_id),
        title=f"Task {id_}",
        due=due,
        recurring=recurring,
        actions=(ActionKind.DONE,),
    )


class FakeAccounts:
    """Keeps the connected accounts as a list; those refused leave it, with their reasons."""

    def __init__(self, *keys: AccountKey, bus: EventBus | None = None) -> None:
        self.connected = list(keys)
        self.to_reconnect: list[tuple[AccountKey, str]] = []
        self.failure: Exception | None = None
        self._bus = bus

    def active(self) -> tuple[AccountKey, ...]:
        if self.failure:
            raise self.failure
        return tuple(self.connected)

    def require_reconnect(self, key: AccountKey, reason: str) -> None:
        if self.failure:
            raise self.failure
        self.to_reconnect.append((key, reason))
        if key in self.connected:
            self.connected.remove(key)
            if self._bus:
                self._bus.publish(TokenExpired(key))


class ScriptedSource:
    """Does what a test says.

    lists: what each user's account holds; of users it does not name, nothing.
    failure, act_failure: raised by every fetch or act while set.
    gate, act_gate: where a fetch or act waits, after it has read or done its work, so that its
        answer is in the air until the gate opens.
    stubborn: ignore cancellation while waiting there.
    fetched, acted: everything that was asked, in order.
    """

    def __init__(self, id_: str = "scripted") -> None:
        self.id = ProviderId(id_)
        self.lists: dict[str, tuple[AnySignal, ...]] = {}
        self.zone: str | None = None
        self.failure: BaseException | None = None
        self.act_failure: BaseException | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.act_gate = asyncio.Event()
        self.act_gate.set()
        self.stubborn = False
        self.fetched: list[UserId] = []
        self.acted: list[tuple[SignalKey, Action]] = []

    def key(self, user_id: str = "ada") -> AccountKey:
        return AccountKey(self.id, UserId(user_id))

    def holds(self, signals: Iterable[AnySignal], *, user_id: str = "ada") -> None:
        """List this for the account from now on."""
        self.lists[user_id] = tuple(signals)

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        self.fetched.append(user_id)
        found = Snapshot(signals=self.lists.get(user_id, ()), zone=self.zone)
        await self._pass(self.gate)
        if self.failure:
            raise self.failure
        return found

    async def act(self, user_id: UserId, signal_id: SignalId, action: Action) -> None:
        self.acted.append((SignalKey(AccountKey(self.id, user_id), signal_id), action))
        await self._pass(self.act_gate)
        if self.act_failure:
            raise self.act_failure

    async def _pass(self, gate: asyncio.Event) -> None:
        while not gate.is_set():
            try:
                await gate.wait()
            except asyncio.CancelledError:
                if not self.stubborn:
                    raise


class ScriptedTellingSource(ScriptedSource):
    """Tells of changes when a test says so.

    watched: whose account was watched, each time in order.
    hears: whether a watch hears of changes from its beginning, as it does with a sound service.
    watch_failure: raised by every watch while set, at once.
    deaf: ignore the cancellation of a watch, and go on telling.
    """

    def __init__(self, id_: str = "scripted") -> None:
        super().__init__(id_)
        self.watched: list[UserId] = []
        self.hears = True
        self.watch_failure: BaseException | None = None
        self.deaf = False
        self._watches: list[tuple[UserId, Callable[[], None], asyncio.Future[None]]] = []

    def tell(self, user_id: str = "ada") -> None:
        """Tell everybody who ever watched the account, for as long as they let us."""
        for watcher, changed, _ in tuple(self._watches):
            if watcher == user_id:
                changed()

    def end(self, error: BaseException | None = None) -> None:
        """End every watch: return, or raise `error`."""
        for _, _, ended in self._watches:
            if not ended.done():
                ended.set_exception(error) if error else ended.set_result(None)

    async def watch(self, user_id: UserId, changed: Callable[[], None]) -> None:
        self.watched.append(user_id)
        if self.watch_failure:
            raise self.watch_failure
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (user_id, changed, ended)
        self._watches.append(entry)
        if self.hears:
            changed()
        while not ended.done():
            try:
                await asyncio.shield(ended)
            except asyncio.CancelledError:
                if not self.deaf:
                    self._watches.remove(entry)
                    raise
        self._watches.remove(entry)
        ended.result()


class ScriptedBatchSource(ScriptedSource):
    """Takes several actions at once, as a test says.

    batches: the ids of the signals of every batch, in order.
    answers: what becomes of an action, by its signal's id; of those it does not name, success.
    silent: the ids of signals of which the answer says nothing.
    guilty: the ids of signals for whose sake a whole batch is refused.
    """

    def __init__(self, id_: str = "scripted", *, most_actions: int = 100) -> None:
        super().__init__(id_)
        self.most_actions = most_actions
        self.batches: list[list[str]] = []
        self.answers: dict[str, SourceError] = {}
        self.silent: set[str] = set()
        self.guilty: set[str] = set()

    async def act_all(
        self, user_id: UserId, asked: Sequence[Asked]
    ) -> Mapping[str, SourceError | None]:
        self.batches.append([signal_id for signal_id, _ in asked])
        account = AccountKey(self.id, user_id)
        self.acted += [(SignalKey(account, signal_id), action) for signal_id, action in asked]
        await self._pass(self.act_gate)
        if self.act_failure:
            raise self.act_failure
        if not self.guilty.isdisjoint(self.batches[-1]):
            raise Rejected("This request makes no sense.")
        return {
            action.uuid: self.answers.get(signal_id)
            for signal_id, action in asked
            if signal_id not in self.silent
        }


class ScriptedAddingSource(ScriptedSource):
    """Adds tasks as well, as a test says.

    names: the ids it gives, by the titles of what is added; what is not in it gets none.
    added, removed: everything that was asked, in order; the first with whether it may be there, the
        second with the id that was known.
    """

    understands_marks = True
    has_inbox = True

    def __init__(self, id_: str = "scripted") -> None:
        super().__init__(id_)
        self.names: dict[str, str] = {}
        self.added: list[tuple[NewTask, bool]] = []
        self.removed: list[tuple[NewTask, SignalId | None, str]] = []

    async def add(self, user_id: UserId, task: NewTask, *, may_be_added: bool) -> Added:  # noqa: ARG002  # the protocol's
        self.added.append((task, may_be_added))
        await self._pass(self.act_gate)
        if self.act_failure:
            raise self.act_failure
        name = self.names.get(task.title)
        return Added(id=None if name is None else SignalId(name))

    async def remove(
        self,
        user_id: UserId,  # noqa: ARG002  # the protocol's
        task: NewTask,
        signal_id: SignalId | None,
        *,
        uuid: str,
    ) -> None:
        self.removed.append((task, signal_id, uuid))
        await self._pass(self.act_gate)
        if self.act_failure:
            raise self.act_failure
