"""Undo: free while a click is held, a second action afterwards."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest
from msgspec import structs

from oo_desktop.errors import AuthRequired, Rejected, Unavailable, VaultError
from oo_desktop.model.signals import RESCHEDULES, ActionKind, Day, Task
from oo_desktop.model.source import Snapshot
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.store.database import Database
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.testing import TODAY, FakeClock, ScriptedSource, settle, task

Build = Callable[..., Outbox]
Running = Callable[[Outbox], AbstractAsyncContextManager[None]]

NEXT_DAY = Day(TODAY.day + timedelta(days=1))


def movable(id_: str) -> Task:
    """A task that can be put off as well."""
    return structs.replace(task(id_), actions=(ActionKind.DONE, *RESCHEDULES), undo="what it was")


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
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    database: Database,
    clock: FakeClock,
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
        # What was undone has no story left; its undo waits for a poll.
        assert [row.kind for row in OutboxStore(database).all()] == [ActionKind.REOPEN]


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


async def test_undo_survives_a_restart_even_of_what_was_confirmed(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    first = build_outbox()
    async with running(first):
        for id_ in ("1", "2", "3"):
            first.click(task(id_))
            await clock.advance(6)
        first.undo()
        await settle()
        first.confirm(source.key(), Snapshot(signals=(task("3"),)), clock.now())
        assert first.items() == ()
        undoable = first.undoable()
        assert [item.signal.id for item in undoable] == ["2", "1"]
    async with running(again := build_outbox()):
        assert again.undoable() == undoable
        assert again.undo(undoable[1].number) == undoable[1]
        await settle()
        assert sent(source)[-1] == ("1", ActionKind.REOPEN)
        assert [item.signal.id for item in again.undoable()] == ["2"]


async def test_what_was_confirmed_is_forgotten_when_it_cannot_be_undone_any_more(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    database: Database,
    clock: FakeClock,
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
        assert len(OutboxStore(database).all()) == 1
        await clock.advance(601)
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
        assert OutboxStore(database).all() == ()
        outbox.click(task("2"))
        await clock.advance(6)
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
    await clock.advance(601)
    build_outbox().load()
    assert OutboxStore(database).all() == ()


@pytest.mark.parametrize(
    "failure",
    [
        Unavailable("You are offline.", reached=False),
        VaultError("Unlock your keyring."),
        AuthRequired("Sign in again."),
    ],
)
async def test_what_never_reached_the_service_is_undone_without_a_trace_after_any_attempts(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    database: Database,
    clock: FakeClock,
    failure: Exception,
) -> None:
    source.act_failure = failure
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(600)
        assert source.acted
        assert outbox.undo() is not None
    assert OutboxStore(database).all() == ()


async def test_one_lost_answer_among_failures_is_enough_to_compensate(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_failure = Unavailable("The answer was lost.")
        outbox.click(task("1"))
        await clock.advance(6)
        source.act_failure = Unavailable("You are offline.", reached=False)
        await clock.advance(600)
        outbox.undo()
        source.act_failure = None
        source.acted.clear()
        await clock.advance(600)
    assert sent(source) == [("1", ActionKind.DONE), ("1", ActionKind.REOPEN)]


async def test_what_was_undone_in_flight_and_never_arrived_is_gone_with_its_undo(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    database: Database,
    clock: FakeClock,
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_gate.clear()
        outbox.click(task("1"))
        await clock.advance(6)
        outbox.undo()
        source.act_failure = Unavailable("You are offline.", reached=False)
        source.act_gate.set()
        await clock.advance(600)
    assert sent(source) == [("1", ActionKind.DONE)]
    assert OutboxStore(database).all() == ()


@pytest.mark.logs_warnings
async def test_what_was_undone_and_met_a_bug_is_compensated_without_a_word(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_gate.clear()
        outbox.click(task("1"))
        await clock.advance(6)
        outbox.undo()
        source.act_failure = ZeroDivisionError()
        source.act_gate.set()
        await clock.advance(0)
        (undo,) = outbox.items()
        assert undo.kind is ActionKind.REOPEN


async def test_a_reschedule_is_undone_by_putting_the_old_date_back(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        item = outbox.click(movable("1"), ActionKind.TOMORROW, due=NEXT_DAY)
        await clock.advance(6)
        outbox.undo()
        await settle()
        assert sent(source) == [("1", ActionKind.TOMORROW), ("1", ActionKind.RESTORE)]
        (_, first), (_, second) = source.acted
        assert first.due == second.due == NEXT_DAY
        assert first.undo == second.undo == "what it was"
        (row,) = outbox.items()
        assert (row.undoes, row.signal) == (item.number, movable("1"))


async def test_an_undo_is_not_offered_to_be_undone(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(movable("1"), ActionKind.TOMORROW, due=NEXT_DAY)
        await clock.advance(6)
        outbox.undo()
        assert outbox.undoable() == ()
        await settle()
        assert outbox.undoable() == ()


async def test_an_undo_that_is_refused_and_given_up_can_be_tried_again(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
        source.act_failure = Rejected("No.")
        outbox.undo()
        await settle()
        assert outbox.undoable() == ()  # it is listed, with its own Retry
        undo = outbox.items()[-1]
        outbox.discard(undo.number)
        assert [item.signal.id for item in outbox.undoable()] == ["1"]


async def test_a_crash_between_an_undo_and_its_bookkeeping_leaves_nothing_behind(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    database: Database,
    clock: FakeClock,
) -> None:
    async with running(outbox := build_outbox()):
        outbox.click(task("1"))
        await clock.advance(6)
        (done,) = OutboxStore(database).all()
        outbox.undo()
        await settle()
    store = OutboxStore(database)
    (undo,) = store.all()
    older = store.add(
        done.kind, "older", done.signal, clicked_at=done.clicked_at, send_at=done.send_at
    )
    store.update(structs.replace(older, state=done.state, sent_at=done.sent_at))
    with database.transaction() as connection:
        connection.exec_driver_sql(f"UPDATE outbox SET undoes = {older.number} WHERE kind='reopen'")
    again = build_outbox()
    again.load()
    assert [item.number for item in again.items()] == [undo.number]
    assert again.undoable() == ()
