"""One action that its service cannot take does not hold all the others."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest

from oo_desktop.errors import SourceError, Unavailable
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import AccountKey, ActionKind, Day, UserId
from oo_desktop.model.source import Asked, Snapshot
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.testing import TODAY, FakeClock, ScriptedBatchSource, settle, task

Build = Callable[..., Outbox]
Running = Callable[[Outbox], AbstractAsyncContextManager[None]]


class Choking(ScriptedBatchSource):
    """A service that breaks off on whatever it is asked for together with some signals."""

    def __init__(self) -> None:
        super().__init__()
        self.poison = {"3"}
        self.done: list[str] = []

    async def act_all(
        self, user_id: UserId, asked: Sequence[Asked]
    ) -> Mapping[str, SourceError | None]:
        said = await super().act_all(user_id, asked)
        if not self.poison.isdisjoint(self.batches[-1]):
            raise Unavailable("Something went wrong there.")
        self.done += self.batches[-1]
        return said


@pytest.fixture
def source() -> Choking:
    return Choking()


class World:
    """Time, and a service that answers polls."""

    def __init__(self, outbox: Outbox, clock: FakeClock, wanted: list[AccountKey]) -> None:
        self.outbox = outbox
        self.clock = clock
        self.wanted = wanted

    async def passes(self, seconds: int, *, polls: bool = True) -> None:
        """With a poll each two minutes, and whenever one is wanted."""
        for second in range(seconds):
            await self.clock.advance(1)
            if polls and (self.wanted or second % 120 == 0):
                self.wanted.clear()
                # Nothing that was sent is judged: it began long ago.
                began = self.clock.now() - timedelta(seconds=60)
                self.outbox.confirm(ScriptedBatchSource().key(), Snapshot(signals=()), began)
                await settle()


async def test_the_others_go_past_what_the_service_cannot_take(
    build_outbox: Build,
    running: Running,
    source: Choking,
    clock: FakeClock,
    polls_wanted: list[AccountKey],
) -> None:
    outbox = build_outbox()
    world = World(outbox, clock, polls_wanted)
    async with running(outbox):
        for n in range(10):
            outbox.click(task(str(n)))
        await world.passes(900)
        assert sorted(source.done) == [str(n) for n in range(10) if n != 3]
        (left,) = (row for row in outbox.items() if row.state is OutboxState.QUEUED)
        assert (str(left.signal.id), left.may_be_done) == ("3", True)
        outbox.click(task("new"))
        await world.passes(20)
        assert source.done[-1] == "new"
        source.poison = set()
        await world.passes(1000)
        assert source.done.count("3") == 1
        assert len(source.done) == 11
    assert len({action.uuid for key, action in source.acted if key.id == "3"}) == 1
    assert len(source.batches) < 40


async def test_what_was_clicked_on_the_same_signal_since_waits_behind_it(
    build_outbox: Build,
    running: Running,
    source: Choking,
    clock: FakeClock,
    polls_wanted: list[AccountKey],
) -> None:
    outbox = build_outbox()
    world = World(outbox, clock, polls_wanted)
    async with running(outbox):
        first = outbox.click(task("3", recurring=True))
        outbox.click(task("3", recurring=True, due=Day(TODAY.day + timedelta(days=1))))
        outbox.click(task("4"))
        await world.passes(900)
        assert source.done == ["4"]
        assert {action.uuid for key, action in source.acted if key.id == "3"} == {first.uuid}
        assert outbox.undo(first.number) is None  # only the newest of a signal is offered
        source.poison = set()
        await world.passes(1000)
        assert source.done == ["4", "3", "3"]
    assert {action.kind for _, action in source.acted} == {ActionKind.DONE}


async def test_while_polls_fail_too_nothing_is_taken_for_the_fault_of_a_row(
    build_outbox: Build,
    running: Running,
    source: Choking,
    clock: FakeClock,
    polls_wanted: list[AccountKey],
) -> None:
    source.poison = {str(n) for n in range(10)}
    outbox = build_outbox()
    world = World(outbox, clock, polls_wanted)
    async with running(outbox):
        for n in range(10):
            outbox.click(task(str(n)))
        await world.passes(3600, polls=False)
        assert {len(batch) for batch in source.batches} == {10}
        source.poison = set()
        await world.passes(10)
    assert source.done == [str(n) for n in range(10)]
