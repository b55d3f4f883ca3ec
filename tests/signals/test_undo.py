"""Undo: free while a click is held, a second action afterwards."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.signals.model import ActionKind, Day
from oo_desktop.signals.outbox import Outbox
from oo_desktop.signals.source import Snapshot
from oo_desktop.store.database import Database
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.testing import TODAY, FakeClock, ScriptedSource, settle, task

Build = Callable[..., Outbox]
Running = Callable[[Outbox], AbstractAsyncContextManager[None]]

NEXT_DAY = Day(TODAY.day + timedelta(days=1))


def sent(source: ScriptedSource) -> list[tuple[str, ActionKind]]:
    return [(key.id, action.kind) for key, action in source.acted]


async def test_what_was_never_sent_is_undone_without_a_trace(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    database: Database,
    clock: FakeClock,
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        item = outbox.click(task("1"))
        await clock.advance(4)
        assert outbox.undo() == item
        await clock.advance(60)
    assert source.acted == []
    assert OutboxStore(database).all() == ()
    assert outbox.undoable() == ()


async def test_what_was_sent_is_undone_by_a_second_action(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
        undone = outbox.undo()
        assert undone is not None
        await settle()
        assert sent(source) == [("1", ActionKind.DONE), ("1", ActionKind.REOPEN)]
        assert source.acted[0][1].uuid != source.acted[1][1].uuid
        assert outbox.undo() is None
        # The first has nothing left to wait for, the second waits for a poll.
        assert [item.kind for item in outbox.items()] == [ActionKind.REOPEN]


async def test_what_was_confirmed_can_still_be_undone(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
        assert outbox.items() == ()
        undone = outbox.undo()
        assert undone is not None
        assert undone.signal == task("1")
        await settle()
        assert sent(source)[-1] == ("1", ActionKind.REOPEN)


async def test_an_undo_in_flight_waits_for_it_and_then_compensates(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_gate.clear()
        outbox.click(task("1"))
        await clock.advance(6)
        assert outbox.undo() is not None
        await settle()
        assert sent(source) == [("1", ActionKind.DONE)]
        source.act_gate.set()
        await settle()
        assert sent(source) == [("1", ActionKind.DONE), ("1", ActionKind.REOPEN)]


async def test_an_undo_of_what_may_have_been_sent_comes_after_it_even_after_a_restart(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.act_failure = Unavailable("The answer was lost.")
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
    source.act_failure = None
    source.acted.clear()
    again = build_outbox()
    again.load()
    assert again.undo() is not None
    async with running(build_outbox()):
        await settle()
    assert sent(source) == [("1", ActionKind.DONE), ("1", ActionKind.REOPEN)]


async def test_what_was_undone_and_is_then_rejected_leaves_nothing_to_say(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_gate.clear()
        outbox.click(task("1"))
        await clock.advance(6)
        outbox.undo()
        source.act_failure = Rejected("No.")
        source.act_gate.set()
        await settle()
        assert outbox.items() == ()
    assert sent(source) == [("1", ActionKind.DONE)]


async def test_an_undo_goes_out_even_if_a_repeat_of_what_it_undoes_is_rejected(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.act_failure = Unavailable("The answer was lost.")
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
        source.act_gate.clear()
        await clock.advance(10)
        outbox.undo()
        source.act_failure = Rejected("No.")
        source.act_gate.set()
        await settle()
    assert sent(source) == [("1", ActionKind.DONE)] * 2 + [("1", ActionKind.REOPEN)]


async def test_the_last_five_can_be_undone_newest_first_and_one_by_its_number(
    build_outbox: Build, running: Running, clock: FakeClock
) -> None:
    outbox = build_outbox(hold=60)
    async with running(outbox):
        items = [outbox.click(task(str(n))) for n in range(7)]
        assert [item.signal.id for item in outbox.undoable()] == ["6", "5", "4", "3", "2"]
        assert outbox.undo(items[4].number) == items[4]
        assert [item.signal.id for item in outbox.undoable()] == ["6", "5", "3", "2", "1"]
        assert outbox.undo(items[4].number) is None
        assert outbox.undo(999) is None


async def test_only_the_newest_occurrence_is_offered_and_then_the_one_before(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        first = outbox.click(task("1", recurring=True))
        await clock.advance(6)
        second = outbox.click(task("1", recurring=True, due=NEXT_DAY))
        await clock.advance(6)
        assert [item.number for item in outbox.undoable()] == [second.number]
        outbox.undo()
        await settle()
        assert [item.number for item in outbox.undoable()] == [first.number]


async def test_what_was_done_long_ago_is_not_offered_and_what_waits_always_is(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
        source.act_failure = Unavailable("off")
        outbox.click(task("2"))
        await clock.advance(600)
        assert [item.signal.id for item in outbox.undoable()] == ["2"]


async def test_after_a_restart_what_is_still_in_the_store_can_be_undone(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    first = build_outbox()
    async with running(first):
        first.click(task("1"))
        await clock.advance(6)
        first.click(task("2"))
        await clock.advance(6)
        first.undo()
        await settle()
    again = build_outbox()
    again.load()
    assert [item.signal.id for item in again.undoable()] == ["1"]
