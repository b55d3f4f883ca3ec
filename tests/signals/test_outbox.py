"""What the user does: click, undo, retry, discard."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import msgspec
import pytest

from oo_desktop.errors import Rejected, StoreError, Unavailable
from oo_desktop.events import Event, OutboxChanged
from oo_desktop.signals.model import ActionKind, Day
from oo_desktop.signals.outbox import Outbox
from oo_desktop.signals.source import Snapshot
from oo_desktop.signals.state import OutboxState
from oo_desktop.store.database import Database
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.testing import TODAY, FakeClock, ScriptedSource, settle, task

Build = Callable[..., Outbox]
Running = Callable[[Outbox], AbstractAsyncContextManager[None]]

NEXT_DAY = Day(TODAY.day + timedelta(days=1))


def sent(source: ScriptedSource) -> list[tuple[str, ActionKind]]:
    return [(key.id, action.kind) for key, action in source.acted]


async def test_a_click_is_written_down_before_it_returns(
    build_outbox: Build, database: Database, clock: FakeClock
) -> None:
    item = build_outbox().click(task("1"))
    (row,) = OutboxStore(database).all()
    assert row == item
    assert (row.state, row.signal, row.attempts) == (OutboxState.QUEUED, task("1"), 0)
    assert row.send_at - row.clicked_at == timedelta(seconds=5)


async def test_a_click_is_sent_when_the_time_to_undo_it_is_over(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        item = outbox.click(task("1"))
        await clock.advance(4.9)
        assert source.acted == []
        await clock.advance(0.2)
        ((key, action),) = source.acted
        assert (key, action.uuid, action.kind) == (item.key, item.uuid, ActionKind.DONE)
        assert outbox.items()[0].state is OutboxState.SENT


async def test_the_connector_is_given_what_it_needs_to_undo(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    signal = msgspec.structs.replace(task("1", recurring=True), undo='{"due":"…"}')
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(signal)
        await clock.advance(6)
    ((_, action),) = source.acted
    assert (action.undo, action.recurring) == ('{"due":"…"}', True)


async def test_a_second_click_on_what_waits_is_the_first(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        first = outbox.click(task("1", recurring=True))
        assert outbox.click(task("1", recurring=True)) == first
        await clock.advance(6)
        assert outbox.click(task("1", recurring=True)).number == first.number
    assert len(source.acted) == 1


async def test_the_next_occurrence_of_a_task_is_another_thing_to_click(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        first = outbox.click(task("1", recurring=True))
        await clock.advance(6)
        second = outbox.click(task("1", recurring=True, due=NEXT_DAY))
        await clock.advance(6)
    assert first.uuid != second.uuid
    assert len(source.acted) == 2


async def test_what_a_signal_does_not_offer_is_refused_at_once(
    build_outbox: Build, database: Database
) -> None:
    with pytest.raises(Rejected):
        build_outbox().click(task("1"), ActionKind.REOPEN)
    with pytest.raises(Rejected):
        build_outbox().click(task("1", source="unknown"))
    assert OutboxStore(database).all() == ()


async def test_a_click_that_cannot_be_kept_is_an_error_and_not_a_promise(
    build_outbox: Build, database: Database
) -> None:
    outbox = build_outbox()
    with database.transaction() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="full"):
        outbox.click(task("x" * 5000))
    assert outbox.items() == ()


async def test_every_change_is_published(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    events: list[Event],
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        assert events == [OutboxChanged(source.key())]
        await clock.advance(6)
        assert len(events) == 2
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
        assert len(events) == 3
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
        assert len(events) == 3


# Undo


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


# Refused rows


async def test_a_refused_click_is_kept_with_its_reason_until_the_user_decides(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.act_failure = Rejected("You may not complete tasks of this project.")
    outbox = build_outbox()
    async with running(outbox):
        item = outbox.click(task("1"))
        await clock.advance(86_400)
        assert len(source.acted) == 1
        (row,) = outbox.items()
        assert row.state is OutboxState.REFUSED
        assert row.reason == "You may not complete tasks of this project."
        assert outbox.pending(source.key()) == 0
        assert outbox.undoable() == ()
        source.act_failure = None
        assert outbox.retry(item.number) is not None
        await settle()
        assert [action.uuid for _, action in source.acted] == [item.uuid] * 2
        assert outbox.items()[0].state is OutboxState.SENT
        assert outbox.items()[0].reason is None


async def test_a_refused_click_can_be_discarded(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    database: Database,
    clock: FakeClock,
) -> None:
    source.act_failure = Rejected("No.")
    outbox = build_outbox()
    async with running(outbox):
        item = outbox.click(task("1"))
        assert outbox.discard(item.number) is None  # not refused yet
        assert outbox.retry(item.number) is None
        await clock.advance(6)
        assert outbox.discard(item.number) is not None
    assert OutboxStore(database).all() == ()


async def test_clicking_what_was_refused_tries_again_with_time_to_undo(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.act_failure = Rejected("No.")
    outbox = build_outbox()
    async with running(outbox):
        first = outbox.click(task("1"))
        await clock.advance(6)
        source.act_failure = None
        assert outbox.click(task("1")).number == first.number
        await clock.advance(4)
        assert len(source.acted) == 1
        await clock.advance(2)
        assert len(source.acted) == 2


async def test_a_refused_click_holds_up_nobody(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_failure = Rejected("No.")
        outbox.click(task("1"))
        await clock.advance(6)
        source.act_failure = None
        outbox.click(task("2"))
        await clock.advance(6)
    assert sent(source)[-1] == ("2", ActionKind.DONE)


# Disconnect


async def test_a_disconnected_accounts_clicks_are_forgotten_and_counted(
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
        source.act_gate.clear()
        outbox.click(task("2"))
        outbox.click(task("3"))
        other = outbox.click(task("4", user_id="grace"))
        await clock.advance(6)
        assert outbox.pending(source.key()) == 3
        assert outbox.forget_account(source.key()) == 2  # the first had been delivered
        source.act_gate.set()
        await settle()
        assert outbox.items() == (other,)
        assert OutboxStore(database).all() == (other,)
        assert [item.number for item in outbox.undoable()] == [other.number]


async def test_numbers_and_uuids_are_never_used_twice(
    build_outbox: Build, running: Running
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        seen = set()
        for _ in range(5):
            item = outbox.click(task("1"))
            seen.add((item.number, item.uuid))
            outbox.undo()
    assert len(seen) == 5
