"""Which poll confirms a click, and which says nothing of it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, time, timedelta

import pytest
from msgspec import structs

from oo_desktop.errors import Unavailable
from oo_desktop.events import BusEvent, OutboxChanged
from oo_desktop.model.clicks import OutboxState, is_hidden, shown_signals, standing_clicks
from oo_desktop.model.signals import RESCHEDULES, AccountKey, ActionKind, Day, Due, Floating, Task
from oo_desktop.model.source import Snapshot
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.store.database import Database
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.testing import TODAY, FakeClock, ScriptedSource, settle, task

Build = Callable[..., Outbox]
Running = Callable[[Outbox], AbstractAsyncContextManager[None]]

NEXT_DAY = Day(TODAY.day + timedelta(days=1))
TONIGHT = Floating(datetime.combine(TODAY.day, time(20)))


def movable(id_: str, *, due: Due | None = TODAY) -> Task:
    """A task that can be put off as well."""
    return structs.replace(task(id_, due=due), actions=(ActionKind.DONE, *RESCHEDULES))


async def test_a_poll_already_in_the_air_does_not_bring_a_done_task_back(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1", recurring=True))
        await clock.advance(4)
        began_before = clock.now()
        await clock.advance(2)
        # Whatever the poll in the air says, it says nothing of the click.
        for listed in ((task("1", recurring=True),), (), (task("1", due=NEXT_DAY),)):
            outbox.confirm(source.key(), Snapshot(signals=listed), began_before)
            assert len(outbox.items()) == 1
        assert is_hidden(task("1", recurring=True), standing_clicks(outbox.items()))


@pytest.mark.parametrize(
    ("clicked", "listed", "confirmed"),
    [
        (task("1"), None, True),
        (task("1"), task("1"), False),
        (task("1"), task("1", due=NEXT_DAY), False),
        (task("1", recurring=True), None, True),
        (task("1", recurring=True), task("1", recurring=True), False),
        (task("1", recurring=True), task("1", recurring=True, due=NEXT_DAY), True),
    ],
)
async def test_a_done_task_is_confirmed_by_its_absence_or_its_next_date(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    clicked: object,
    listed: object,
    confirmed: bool,
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(clicked)  # type: ignore[arg-type]  # both are tasks
        await clock.advance(6)
        signals = (task("other"), *([listed] if listed else []))
        outbox.confirm(source.key(), Snapshot(signals=signals), clock.now())  # type: ignore[arg-type]  # tasks
        assert (outbox.items() == ()) is confirmed


async def test_a_click_that_was_not_sent_is_confirmed_by_nothing(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now() + timedelta(hours=1))
        assert len(outbox.items()) == 1


async def test_a_done_task_the_service_still_lists_after_two_minutes_is_shown_again(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
        await clock.advance(100)
        outbox.confirm(source.key(), Snapshot(signals=(task("1"),)), clock.now())
        assert is_hidden(task("1"), standing_clicks(outbox.items()))
        await clock.advance(20)
        outbox.confirm(source.key(), Snapshot(signals=(task("1"),)), clock.now())
        assert [item.unconfirmed for item in outbox.items()] == [True]
        assert not is_hidden(task("1"), standing_clicks(outbox.items()))
        await clock.advance(600)
        assert len(source.acted) == 1  # and never sent again by itself
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
        assert outbox.items() == ()


async def test_a_poll_is_asked_for_when_two_minutes_are_over_and_only_if_none_has_confirmed(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    polls_wanted: list[AccountKey],
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        outbox.click(task("2"))
        await clock.advance(6)
        outbox.confirm(source.key(), Snapshot(signals=(task("1"),)), clock.now())
        polls_wanted.clear()
        await clock.advance(119)
        assert polls_wanted == []
        await clock.advance(3)
        assert polls_wanted == [source.key()]
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
        polls_wanted.clear()
        outbox.click(task("3"))
        await clock.advance(6)
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
        polls_wanted.clear()
        await clock.advance(600)
        assert polls_wanted == []


async def test_that_poll_is_asked_for_after_a_restart_too(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    polls_wanted: list[AccountKey],
) -> None:
    async with running(outbox := build_outbox()):
        outbox.click(task("1"))
        await clock.advance(60)
    polls_wanted.clear()
    async with running(outbox := build_outbox()):
        await clock.advance(70)
        assert polls_wanted == [source.key()]
        outbox.confirm(source.key(), Snapshot(signals=(task("1"),)), clock.now())
        assert outbox.items()[0].unconfirmed


async def test_waiting_for_that_poll_does_not_end_a_backoff(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
        source.act_failure = Unavailable("Slow down.", retry_after=900, limited=True)
        outbox.click(task("2"))
        await clock.advance(6)
        await clock.advance(600)
        assert [key.id for key, _ in source.acted] == ["1", "2"]


async def test_what_is_found_unconfirmed_is_published(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    database: Database,
    events: list[BusEvent],
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(130)
        events.clear()
        stored = OutboxStore(database).all()
        for _ in range(2):  # once is enough
            outbox.confirm(source.key(), Snapshot(signals=(task("1"),)), clock.now())
        assert events == [OutboxChanged(source.key())]
        assert OutboxStore(database).all() == stored  # the next run finds it out by itself
        assert not is_hidden(task("1"), standing_clicks(outbox.items()))


async def test_a_click_on_what_was_not_confirmed_asks_anew_and_settles_the_old_one(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    database: Database,
    clock: FakeClock,
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        first = outbox.click(task("1"))
        await clock.advance(130)
        outbox.confirm(source.key(), Snapshot(signals=(task("1"),)), clock.now())
        second = outbox.click(task("1"))
        assert second.uuid != first.uuid
        assert outbox.items() == OutboxStore(database).all() == (second,)
        await clock.advance(6)
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
        assert outbox.items() == ()
    assert len(source.acted) == 2


@pytest.mark.parametrize(
    ("listed", "confirmed"),
    [(None, True), (movable("1"), False), (movable("1", due=NEXT_DAY), True)],
)
async def test_a_reschedule_is_confirmed_by_absence_or_another_date(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    listed: Task | None,
    confirmed: bool,
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(movable("1"), ActionKind.TOMORROW, due=NEXT_DAY)
        await clock.advance(6)
        signals = (listed,) if listed else ()
        outbox.confirm(source.key(), Snapshot(signals=signals), clock.now())
        assert (outbox.items() == ()) is confirmed


async def test_losing_its_date_to_a_deadline_of_the_same_day_confirms_a_reschedule(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(movable("1"), ActionKind.NO_DATE)
        await clock.advance(6)
        deadline = structs.replace(movable("1"), by_deadline=True)
        outbox.confirm(source.key(), Snapshot(signals=(deadline,)), clock.now())
        assert outbox.items() == ()


async def test_a_restored_date_is_confirmed_by_being_listed(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(movable("1"), ActionKind.TOMORROW, due=NEXT_DAY)
        await clock.advance(6)
        outbox.undo()
        await settle()
        for listed in ((), (movable("1", due=NEXT_DAY),)):
            outbox.confirm(source.key(), Snapshot(signals=listed), clock.now())
            assert [item.kind for item in outbox.items()] == [ActionKind.RESTORE]
        outbox.confirm(source.key(), Snapshot(signals=(movable("1"),)), clock.now())
        assert outbox.items() == ()


async def test_a_wall_clock_set_back_does_not_keep_a_click_from_being_confirmed(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
        clock.jump(-3 * 3600)
        outbox.confirm(source.key(), Snapshot(signals=(task("1"),)), clock.now())
        assert len(outbox.items()) == 1
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
        assert outbox.items() == ()


async def test_what_was_reopened_is_confirmed_by_being_there(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1", recurring=True))
        await clock.advance(6)
        outbox.undo()
        await settle()
        assert [item.kind for item in outbox.items()] == [ActionKind.REOPEN]
        moved_on = Snapshot(signals=(task("1", recurring=True, due=NEXT_DAY),))
        outbox.confirm(source.key(), moved_on, clock.now())
        assert len(outbox.items()) == 1
        outbox.confirm(source.key(), Snapshot(signals=(task("1", recurring=True),)), clock.now())
        assert outbox.items() == ()


async def test_what_follows_an_undo_is_seen_at_once_though_the_list_is_older_than_both(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(movable("1"), ActionKind.TOMORROW, due=NEXT_DAY)
        await clock.advance(6)
        listed = (movable("1", due=NEXT_DAY),)
        outbox.confirm(source.key(), Snapshot(signals=listed), clock.now())
        outbox.undo()
        await settle()
        outbox.click(movable("1", due=NEXT_DAY), ActionKind.LATER_TODAY, due=TONIGHT)
        await clock.advance(6)
        assert {item.state for item in outbox.items()} == {OutboxState.SENT}
        (seen,) = shown_signals({source.key(): listed}, outbox.items())[source.key()]
        assert isinstance(seen, Task)
        assert seen.due == TONIGHT
        # The poll that has the newer one has the older one, too.
        listed = (movable("1", due=TONIGHT),)
        outbox.confirm(source.key(), Snapshot(signals=listed), clock.now())
        assert outbox.items() == ()


async def test_other_accounts_polls_confirm_nothing(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
        outbox.confirm(source.key("grace"), Snapshot(signals=()), clock.now())
        assert len(outbox.items()) == 1
