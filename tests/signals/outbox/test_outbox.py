"""What the user does: click, retry, discard, disconnect."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, time, timedelta

import pytest
from msgspec import structs

from oo_desktop.errors import Rejected, StoreError, Unavailable
from oo_desktop.events import BusEvent, OutboxChanged
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import RESCHEDULES, ActionKind, Day, Floating, Task
from oo_desktop.model.source import Snapshot
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.store.database import Database
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.testing import TODAY, FakeClock, ScriptedSource, settle, task

Build = Callable[..., Outbox]
Running = Callable[[Outbox], AbstractAsyncContextManager[None]]

NEXT_DAY = Day(TODAY.day + timedelta(days=1))
TONIGHT = Floating(datetime.combine(TODAY.day, time(20)))


def movable(id_: str) -> Task:
    """A task that can be put off as well."""
    return structs.replace(task(id_), actions=(ActionKind.DONE, *RESCHEDULES))


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
    signal = structs.replace(task("1", recurring=True), undo='{"due":"…"}')
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


async def test_the_connector_is_told_where_a_reschedule_leads_as_it_was_decided_at_the_click(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.act_failure = Unavailable("You are offline.", reached=False)
    async with running(outbox := build_outbox()):
        item = outbox.click(movable("1"), ActionKind.TOMORROW, due=NEXT_DAY)
        assert item.due == NEXT_DAY
        await clock.advance(3600)
    source.act_failure = None
    source.acted.clear()
    async with running(build_outbox()):
        await settle()
    ((_, action),) = source.acted
    assert (action.kind, action.due) == (ActionKind.TOMORROW, NEXT_DAY)


async def test_the_same_reschedule_clicked_twice_is_one(build_outbox: Build) -> None:
    outbox = build_outbox()
    first = outbox.click(movable("1"), ActionKind.TOMORROW, due=NEXT_DAY)
    assert outbox.click(movable("1"), ActionKind.TOMORROW, due=NEXT_DAY) == first
    assert outbox.items() == (first,)


@pytest.mark.parametrize("kind", [ActionKind.DONE, ActionKind.NEXT_WEEK])
async def test_what_is_on_its_way_to_another_day_cannot_be_asked_for_more(
    build_outbox: Build, kind: ActionKind
) -> None:
    outbox = build_outbox()
    first = outbox.click(movable("1"), ActionKind.TOMORROW, due=NEXT_DAY)
    with pytest.raises(Rejected, match="Undo that first"):
        outbox.click(movable("1"), kind, due=NEXT_DAY)
    assert outbox.items() == (first,)


async def test_what_moves_within_the_day_can_be_done_but_not_moved_again(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(movable("1"), ActionKind.LATER_TODAY, due=TONIGHT)
        with pytest.raises(Rejected):
            outbox.click(movable("1"), ActionKind.TOMORROW, due=NEXT_DAY)
        outbox.click(movable("1"))
        await clock.advance(6)
    assert sent(source) == [("1", ActionKind.LATER_TODAY), ("1", ActionKind.DONE)]


async def test_what_an_undo_brought_back_can_be_clicked_before_the_list_has_it(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1", recurring=True))
        await clock.advance(6)
        outbox.undo()
        await settle()
        # Whoever clicks sees the occurrence that came back, whatever list the signal is from.
        again = outbox.click(task("1", recurring=True, due=NEXT_DAY))
        assert again.signal == task("1", recurring=True)


async def test_an_undo_cannot_be_clicked(build_outbox: Build) -> None:
    odd = structs.replace(task("1"), actions=tuple(ActionKind))
    for kind in (ActionKind.REOPEN, ActionKind.RESTORE):
        with pytest.raises(Rejected):
            build_outbox().click(odd, kind)


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
    events: list[BusEvent],
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
        assert row.state is OutboxState.REJECTED
        assert row.reason == "You may not complete tasks of this project."
        assert outbox.pending(source.key()) == 0
        assert outbox.waiting(source.key()) == 0
        assert outbox.undoable() == ()
        source.act_failure = None
        assert outbox.retry(item.number) is not None
        await settle()
        assert [action.uuid for _, action in source.acted] == [item.uuid] * 2
        assert outbox.items()[0].state is OutboxState.SENT
        assert outbox.items()[0].reason is None


async def test_a_retry_of_an_occurrence_that_may_be_done_never_means_the_next_one(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_failure = Unavailable("The answer was lost.")
        item = outbox.click(task("1", recurring=True))
        await clock.advance(6)
        source.act_failure = Rejected("No.")
        await clock.advance(30)
        source.act_failure = None
        listed = task("1", recurring=True, due=NEXT_DAY)
        again = outbox.retry(item.number, listed=listed)
        assert again is not None
        assert again.signal == task("1", recurring=True)


async def test_a_retry_of_a_move_that_has_arrived_is_confirmed_by_the_date_it_led_to(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_failure = Rejected("No.")
        item = outbox.click(movable("1"), ActionKind.TOMORROW, due=NEXT_DAY)
        await clock.advance(6)
        source.act_failure = None
        listed = structs.replace(movable("1"), due=NEXT_DAY)
        outbox.retry(item.number, listed=listed)
        await settle()
        outbox.confirm(source.key(), Snapshot(signals=(listed,)), clock.now())
        assert outbox.items() == ()


async def test_what_a_retry_means_survives_a_restart(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.act_failure = Rejected("Its date was changed.")
    async with running(outbox := build_outbox()):
        item = outbox.click(task("1", recurring=True))
        await clock.advance(6)
        outbox.retry(item.number, listed=task("1", recurring=True, due=NEXT_DAY))
    restarted = build_outbox()
    restarted.load()
    (row,) = restarted.items()
    assert (row.uuid, row.signal) == (item.uuid, task("1", recurring=True, due=NEXT_DAY))


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
        assert outbox.waiting(source.key()) == 2
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
