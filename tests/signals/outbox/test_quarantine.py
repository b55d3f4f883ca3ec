"""One action that its service cannot take does not hold all the others."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from oo_desktop.errors import SourceError, Unavailable
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import ActionKind, UserId
from oo_desktop.model.source import Asked
from oo_desktop.testing import ScriptedBatchSource, settle, task
from tests.signals.outbox.desk import NEXT_DAY, Desk

TEN = [str(n) for n in range(10)]


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


async def passes_with_polls(desk: Desk, seconds: int) -> None:
    """With a good poll each two minutes, and whenever one is wanted."""
    for second in range(seconds):
        await desk.passes(1)
        if desk.polls_wanted or second % 120 == 0:
            desk.polls_wanted.clear()
            # Nothing that was sent is judged: it began long ago.
            desk.poll(began=desk.clock.now() - timedelta(seconds=60))
            await settle()


async def test_the_others_go_past_what_the_service_cannot_take(desk: Desk, source: Choking) -> None:
    desk.click(*TEN)
    await passes_with_polls(desk, 900)
    assert sorted(source.done) == [n for n in TEN if n != "3"]
    (left,) = (row for row in desk.outbox.items() if row.state is OutboxState.QUEUED)
    assert (str(left.signal.id), left.may_be_done) == ("3", True)
    desk.click("new")
    await passes_with_polls(desk, 20)
    assert source.done[-1] == "new"
    source.poison = set()
    await passes_with_polls(desk, 1000)
    assert source.done.count("3") == 1
    assert len(source.done) == 11
    assert len({action.uuid for key, action in source.acted if key.id == "3"}) == 1
    assert len(source.batches) < 40


async def test_what_was_clicked_on_the_same_signal_since_waits_behind_it(
    desk: Desk, source: Choking
) -> None:
    first = desk.click(task("3", recurring=True))
    desk.click(task("3", recurring=True, due=NEXT_DAY), "4")
    await passes_with_polls(desk, 900)
    assert source.done == ["4"]
    assert {action.uuid for key, action in source.acted if key.id == "3"} == {first.uuid}
    assert desk.outbox.undo(first.number) is None  # only the newest of a signal is offered
    source.poison = set()
    await passes_with_polls(desk, 1000)
    assert source.done == ["4", "3", "3"]
    assert {*desk.sent_kinds} == {ActionKind.DONE}


async def test_while_polls_fail_too_nothing_is_taken_for_the_fault_of_a_row(
    desk: Desk, source: Choking
) -> None:
    source.poison = {*TEN}
    desk.click(*TEN)
    for _ in range(3600):
        await desk.passes(1)
    assert {len(batch) for batch in source.batches} == {10}
    source.poison = set()
    await passes_with_polls(desk, 10)
    assert source.done == TEN
