"""Starts a connector before its service, as the contract’s tests see them."""

import asyncio
import logging
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Coroutine, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any, assert_never
from uuid import uuid4
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from oo_desktop.connectors.base import (
    ApiToken,
    Connector,
    ConnectorContext,
    OAuthSignIn,
    OnThisComputer,
    Password,
    SecretLink,
)
from oo_desktop.errors import OoError, SourceError, VaultError
from oo_desktop.http.client import BearerTokens, Http, ServiceClient
from oo_desktop.http.passwords import (
    checked_credentials,
    credentials_from_text,
    label_of,
    user_id_of,
)
from oo_desktop.http.secret_link import LinkClient
from oo_desktop.integrations.sign_in import client_of, clients_at
from oo_desktop.model.reschedule import moved_to, rescheduled
from oo_desktop.model.signals import (
    RESCHEDULES,
    AccountKey,
    ActionKind,
    AnySignal,
    Day,
    Due,
    Event,
    NewTask,
    Task,
    UserId,
)
from oo_desktop.model.source import (
    ActingSource,
    Action,
    AddingSource,
    Identity,
    Snapshot,
    TellingSource,
    fetched_again,
)
from oo_desktop.model.zones import zone_named
from oo_desktop.signals.snapshot_checks import checked_snapshot
from oo_desktop.testing.fakes import FakeClock, settle
from oo_desktop.testing.wire import PLANTED, OneToken, Wire

MAX_SIGNALS = 10_000
ANOTHER_DAY = timedelta(days=10)
STAGE_USER = UserId("ada")


@dataclass(kw_only=True)
class Stage:
    """Holds what a connector is tried with: a service, and what it accepts.

    user_id: whose account it is; anybody's, for most services.
    """

    connector: Connector
    service: Http
    tokens: BearerTokens = field(default_factory=OneToken)
    user_id: UserId = STAGE_USER
    clock: FakeClock = field(default_factory=FakeClock)

    def actor(self, user_id: UserId | None = None) -> "Actor":
        """Return a connector that was just started."""
        return Actor(self, user_id or self.user_id)


class OnlyReads(Exception):
    """Says that the connector cannot write back, and does not have to."""


class Actor:
    """Acts as one account of a connector that was just started, over a wire to its service."""

    def __init__(self, stage: Stage, user_id: UserId) -> None:
        self._stage = stage
        self.user_id = user_id
        self.wire = Wire(stage.service)
        self._known = Snapshot(signals=())
        self.link = LinkClient(http=self.wire, secret=stage.tokens.access_token)
        self.source = stage.connector.source(
            ConnectorContext(
                clients=lambda _: self.client,
                may_write=lambda _: True,
                calendars=lambda _: {},
                links=lambda _: self.link,
                has_list=lambda _: False,
            )
        )

    @cached_property
    def client(self) -> ServiceClient:
        """Return the one client that speaks for the account."""
        stage = self._stage
        return client_of(
            stage.connector,
            http=self.wire,
            tokens=stage.tokens,
            clock=stage.clock,
            noise=lambda: 0.0,
        )

    async def identity(self) -> Identity:
        """Return whose account it is."""
        match self._stage.connector.sign_in:
            case SecretLink(identity=asked):
                return await asked(self.link)
            case OAuthSignIn() | ApiToken() as how:
                return await how.identity(self.client)
            case OnThisComputer(identity=on_this_computer):
                return await on_this_computer()
            case Password(find_server=find_server):
                given = credentials_from_text(await self._stage.tokens.access_token())
                client_at = clients_at(
                    self._stage.connector, given, http=self.wire, clock=self._stage.clock
                )
                found = await find_server(given.server, given.user_name, client_at)
                kept = checked_credentials(replace(given, server=found))
                return Identity(user_id_of(kept), label_of(kept))
            case other:
                assert_never(other)

    async def fetch(self) -> Snapshot:
        """Return a list that oO can rely on, asked for as oO does, which knows the last one."""
        found = await fetched_again(self.source, self.user_id, self._known)
        self._known = await checked_snapshot(
            found, self.account, limit=MAX_SIGNALS, known=self._known
        )
        return self._known

    @property
    def account(self) -> AccountKey:
        return AccountKey(self.source.id, self.user_id)

    async def act(self, signal: AnySignal, action: Action) -> None:
        await self.acting.act(self.user_id, signal.id, action)

    @property
    def acts(self) -> bool:
        return isinstance(self.source, ActingSource)

    @property
    def tells(self) -> bool:
        return isinstance(self.source, TellingSource)

    @property
    def acting(self) -> ActingSource:
        if not isinstance(self.source, ActingSource):
            raise OnlyReads
        return self.source

    @property
    def adding(self) -> AddingSource:
        if not isinstance(self.source, AddingSource):
            raise OnlyReads
        return self.source

    async def new_task(self) -> NewTask:
        """Return a task that is due today, for the first list there is."""
        snapshot = await self.fetch()
        now = self._stage.clock.now()
        today = now.astimezone(zone_named(snapshot.zone) or ZoneInfo("UTC")).date()
        require(
            self.adding.has_inbox or snapshot.lists, "there is no list that a new task can go to"
        )
        title = "Mend the kite; twice, \\ maybe"
        return NewTask(
            uuid=str(uuid4()),
            text=title,
            typed_at=now,
            title=title,
            due=Day(today),
            priority=2,
            list=snapshot.lists[0].id if snapshot.lists else None,
        )

    async def action(self, signal: AnySignal, kind: ActionKind) -> Action:
        """Return a click on `signal`."""
        due: Due | None = None
        if kind in RESCHEDULES and isinstance(signal, Task):
            zone = zone_named((await self.fetch()).zone) or ZoneInfo("UTC")
            now = self._stage.clock.now()
            if kind is ActionKind.ON_DAY:
                due = moved_to(now.date() + ANOTHER_DAY, signal.due, zone=zone)
            else:
                due = rescheduled(kind, signal.due, now=now, zone=zone)
        recurring = isinstance(signal, Task) and signal.recurring
        return Action(kind=kind, uuid=str(uuid4()), undo=signal.undo, recurring=recurring, due=due)


class Timed:
    """Awaits `work`, measuring the longest computing between two awaits, in seconds of CPU."""

    def __init__(self, work: Coroutine[Any, Any, Any]) -> None:
        self._work = work
        self.longest = 0.0

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._work.__await__()
        value: Any = None
        while True:
            began = time.thread_time()
            try:
                waited_for = steps.send(value)
            except StopIteration as end:
                return end.value
            finally:
                self.longest = max(self.longest, time.thread_time() - began)
            value = yield waited_for


def require(condition: object, sentence: str) -> None:
    if not condition:
        raise AssertionError(sentence)


def seen(snapshot: Snapshot) -> list[tuple[object, ...]]:
    """Return what a person sees of it."""
    return [_seen(signal) for signal in snapshot.signals]


def _seen(signal: AnySignal) -> tuple[object, ...]:
    if isinstance(signal, Event):
        certain = (signal.tentative, signal.unanswered)
        return signal.id, signal.title, signal.start, signal.end, certain
    return signal.id, signal.title, signal.due, signal.priority


def looks(snapshot: Snapshot) -> list[tuple[object, ...]]:
    """Return what a person sees of it, but for the ids, which each service gives anew."""
    return [tuple(rest) for _, *rest in map(_seen, snapshot.signals)]


def is_whole(found: Snapshot, whole: list[tuple[object, ...]]) -> bool:
    """Return whether nothing is missing, or what is missing is named."""
    ids = {signal.id for signal in found.signals}
    named = any(calendar.problem for calendar in found.calendars)
    return named or ids >= {id_ for id_, *_ in whole}


async def click(actor: Actor, kind: ActionKind) -> tuple[AnySignal, Action]:
    """Return a click on the first signal that offers `kind`."""
    for signal in (await actor.fetch()).signals:
        if kind in signal.actions:
            return signal, await actor.action(signal, kind)
    raise AssertionError(f"a service as new has nothing that offers {kind}, and once it had")


async def watch_of(actor: Actor, told: list[None]) -> None:
    """Watch the account; each change that is told is one more in `told`."""
    assert isinstance(actor.source, TellingSource)  # noqa: S101  # whoever asks knows
    await actor.source.watch(actor.user_id, lambda: told.append(None))


@asynccontextmanager
async def watched(actor: Actor) -> AsyncIterator[list[None]]:
    """Watch while the block lasts, from when that has settled; it must not end by itself."""
    told: list[None] = []
    watch = asyncio.ensure_future(watch_of(actor, told))
    await settle(200)
    try:
        yield told
        if watch.done():
            watch.result()
        require(not watch.done(), "the watch ended by itself")
    finally:
        watch.cancel()
        await asyncio.wait({watch})


def again(action: Action) -> Action:
    """Return `action` as it is sent when nobody knows what became of it."""
    return replace(action, may_be_done=True)


async def requests_of_a_fetch(stage: Stage) -> int:
    actor = stage.actor()
    await actor.fetch()
    return actor.wire.count


async def cancelled(work: Awaitable[object]) -> None:
    """Cancel `work` where it waits for the service: it must end, and by that."""
    task = asyncio.ensure_future(work)
    await settle(200)
    task.cancel()
    await settle(200)
    done = task.done()
    task.cancel()
    require(done and task.cancelled(), "it does not end when it is cancelled")


async def tried(
    stage: Stage,
    name: str,
    work: Awaitable[object],
    *,
    may_raise: tuple[type[OoError], ...] = (SourceError, VaultError),
) -> Exception | None:
    """Return what `work` raised: only what a connector may raise, without what none may read."""
    error: Exception | None = None
    with logged() as said:
        try:
            await work
        except Exception as raised:  # noqa: BLE001  # any other kind is what this looks for
            error = raised
    text = "".join([*said, *traceback.format_exception(error)]) if error else "".join(said)
    require(
        error is None or isinstance(error, may_raise),
        f"{name}: raises {type(error).__name__}, which is no SourceError",
    )
    for secret in (PLANTED, await stage.tokens.access_token()):
        require(secret not in text, f"{name}: what nobody may read is in an exception or the log")
    return error


@contextmanager
def logged() -> Iterator[list[str]]:
    """Collect every record of the log as text, but for httpx's: addresses and statuses."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.name.startswith(("httpx", "httpcore")):
                said.append(self.format(record))

    root, listener = logging.getLogger(), Listener()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        root.removeHandler(listener)
        root.setLevel(level)
