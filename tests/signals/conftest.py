"""What signals stand on in tests: a real database, a clock that is moved, and no service."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, ParamSpec, Protocol, TypeVar

import pytest

from oo_desktop.errors import StoreError
from oo_desktop.events import (
    BusEvent,
    EventBus,
    IntegrationsChanged,
    OutboxChanged,
    SignalsChanged,
    TokenExpired,
)
from oo_desktop.model.signals import AccountKey
from oo_desktop.signals.aggregator import SignalAggregator
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.store.database import Database
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.store.snapshots import SnapshotStore
from oo_desktop.testing import FakeAccounts, FakeClock, ScriptedSource, settle

P = ParamSpec("P")
T = TypeVar("T")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "oo.db")
    yield database
    database.close()


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


@pytest.fixture
def events(bus: EventBus) -> list[BusEvent]:
    """Everything that was published."""
    published: list[BusEvent] = []
    for kind in (SignalsChanged, IntegrationsChanged, OutboxChanged, TokenExpired):
        bus.subscribe(kind, published.append)
    return published


@pytest.fixture
def source() -> ScriptedSource:
    return ScriptedSource()


@pytest.fixture
def accounts(source: ScriptedSource, bus: EventBus) -> FakeAccounts:
    """One account: Ada's."""
    return FakeAccounts(source.key(), bus=bus)


@pytest.fixture
def build(
    source: ScriptedSource,
    accounts: FakeAccounts,
    database: Database,
    bus: EventBus,
    clock: FakeClock,
) -> Callable[..., SignalAggregator]:
    """Builds aggregators; what is not said is Ada's account, every two minutes."""

    def build(**changes: Any) -> SignalAggregator:
        options: dict[str, Any] = {
            "sources": {source.id: source},
            "accounts": accounts,
            "snapshots": SnapshotStore(database, executor=AtOnce()),
            "bus": bus,
            "clock": clock,
            "interval": 120,
            "random": Random(1),
        }
        return SignalAggregator(**options | changes)

    return build


@pytest.fixture
def polls_wanted() -> list[AccountKey]:
    """The accounts that delivery asked to be polled."""
    return []


@pytest.fixture
def build_outbox(
    source: ScriptedSource,
    accounts: FakeAccounts,
    database: Database,
    bus: EventBus,
    clock: FakeClock,
    polls_wanted: list[AccountKey],
) -> Callable[..., Outbox]:
    """Builds outboxes on one database, so that a second one is a restart."""

    def build(**changes: Any) -> Outbox:
        options: dict[str, Any] = {
            "store": OutboxStore(database),
            "sources": {source.id: source},
            "accounts": accounts,
            "bus": bus,
            "clock": clock,
            "hold": 5,
            "random": Random(1),
            "poll_soon": polls_wanted.append,
        }
        return Outbox(**options | changes)

    return build


class AtOnce(Executor):
    """Writes while it is asked to, for time stands still in these tests and threads do not."""

    def submit(self, job: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(job(*args, **kwargs))
        except StoreError as error:
            future.set_exception(error)
        return future


class Startable(Protocol):
    """What has a life."""

    def load(self) -> None: ...
    def start(self) -> None: ...
    async def stop(self) -> None: ...


@pytest.fixture
def running(clock: FakeClock) -> Callable[[Startable], AbstractAsyncContextManager[None]]:
    """Loads, starts and stops a part around a block."""

    @asynccontextmanager
    async def running(part: Startable) -> AsyncIterator[None]:
        part.load()
        part.start()
        await settle()
        try:
            yield
        finally:
            stopping = asyncio.ensure_future(part.stop())
            await clock.advance(5)
            await stopping

    return running
