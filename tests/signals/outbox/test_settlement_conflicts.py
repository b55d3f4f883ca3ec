"""Somebody changes elsewhere what was clicked: the table of the outbox, cell by cell."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, time

import pytest
from msgspec import structs

from oo_desktop.model.clicks import OutboxState, shown_signals
from oo_desktop.model.signals import ActionKind, Day, Floating
from oo_desktop.model.source import Snapshot
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.testing import TODAY, FakeClock, ScriptedSource, settle
from tests.signals.outbox.model_service import TARGETS, Item, ModelService, next_date

Build = Callable[..., Outbox]
Running = Callable[[Outbox], AbstractAsyncContextManager[None]]

ADA = ScriptedSource().key()
TONIGHT = Floating(datetime.combine(TODAY.day, time(20)))

DONE, PUT_OFF = ActionKind.DONE, ActionKind.NEXT_WEEK
ASKED = {
    "done": (DONE, False, False),
    "done, recurring": (DONE, True, False),
    "reschedule": (PUT_OFF, False, False),
    "reschedule, recurring": (PUT_OFF, True, False),
    "reopen": (DONE, False, True),
    "reopen, recurring": (DONE, True, True),
    "restore": (PUT_OFF, False, True),
}
"""By name: what is clicked, whether the task recurs, and whether it is about taking that back."""


class Desk:
    """One user, one task, one service that lists what is due today."""

    def __init__(self, build: Build, clock: FakeClock, *, recurring: bool) -> None:
        self.item = Item("water", recurring=recurring)
        self.service = ModelService([self.item], until=TODAY.day)
        self.clock = clock
        self.outbox = build(sources={self.service.id: self.service})
        self.listed = self.service.listed()

    def click(self, kind: ActionKind) -> None:
        self.outbox.click(self.listed[0], kind, due=TARGETS.get(kind))

    async def poll(self) -> None:
        self.listed = self.service.listed()
        self.outbox.confirm(ADA, Snapshot(signals=self.listed), self.clock.now())
        await settle()

    def left(self) -> str:
        """What is left to tell the user."""
        for row in self.outbox.items():
            if row.state is OutboxState.REJECTED:
                assert row.reason
                return "refused"
            return "unconfirmed" if row.unconfirmed else "waits"
        return "nothing"

    def shown(self) -> list[object]:
        """The dates at which the user sees the task."""
        shown = shown_signals({ADA: self.listed}, self.outbox.items())[ADA]
        return [getattr(signal, "due", None) for signal in shown]

    def change(self, how: str) -> None:
        """Somebody does something elsewhere."""
        item = self.item
        match how:
            case "renamed":
                item.title = "Water the plants"
            case "moved":
                item.project = "Home"
            case "completed":
                item.is_open = item.recurring
                item.due = next_date(item.due) if item.recurring else item.due
            case "deleted":
                item.deleted = True
            case "given another date":
                item.due = TONIGHT

    async def ask(self, asked: str) -> None:
        """Click; for what takes a click back, until that is confirmed."""
        kind, _, undone = ASKED[asked]
        self.click(kind)
        if undone:
            await self.clock.advance(6)
            await self.poll()


def cells(table: str) -> list[tuple[str, str, str]]:
    """(asked, elsewhere, expected) for every cell of a table written as text."""
    head, *lines = [
        [cell.strip() for cell in line.split("|")] for line in table.split("\n") if line
    ]
    return [
        (asked, line[0], expected)
        for line in lines
        for asked, expected in zip(head[1:], line[1:], strict=True)
    ]


BEFORE = """\
|done|done, recurring|reschedule|reschedule, recurring|reopen|reopen, recurring|restore
renamed            | sent | sent    | sent    | sent    | sent    | sent    | sent
moved              | sent | sent    | sent    | sent    | sent    | sent    | sent
completed          | done | refused | refused | refused | sent    | sent    | refused
deleted            | done | done    | refused | refused | refused | refused | refused
given another date | sent | refused | refused | refused | sent    | sent    | refused
"""

AFTER = """\
|done|done, recurring|reschedule|reschedule, recurring|reopen|reopen, recurring|restore
renamed            | over | over | over | over | over   | over        | over
moved              | over | over | over | over | over   | over        | over
completed          | over | over | over | over | gives up | gives up    | gives up
deleted            | over | over | over | over | gives up | gives up    | gives up
given another date | over | over | over | over | over   | unconfirmed | gives up
"""


@pytest.mark.parametrize(("asked", "elsewhere", "expected"), cells(BEFORE))
async def test_what_is_changed_elsewhere_before_a_click_is_sent(
    build_outbox: Build,
    clock: FakeClock,
    running: Running,
    asked: str,
    elsewhere: str,
    expected: str,
) -> None:
    desk = Desk(build_outbox, clock, recurring=ASKED[asked][1])
    async with running(desk.outbox):
        await desk.ask(asked)
        desk.change(elsewhere)
        carried_out = len(desk.service.history)
        if ASKED[asked][2]:
            desk.outbox.undo()
        await clock.advance(6)
        await desk.poll()
        sent = len(desk.service.history) > carried_out
        assert sent is (expected == "sent")
        assert desk.left() == ("refused" if expected == "refused" else "nothing")
        # A refused click hides nothing: what the list has now is what is seen.
        assert desk.shown() == [signal.due for signal in desk.listed]


@pytest.mark.parametrize(("asked", "elsewhere", "expected"), cells(AFTER))
async def test_what_is_changed_elsewhere_after_a_click_was_sent(
    build_outbox: Build,
    clock: FakeClock,
    running: Running,
    asked: str,
    elsewhere: str,
    expected: str,
) -> None:
    desk = Desk(build_outbox, clock, recurring=ASKED[asked][1])
    async with running(desk.outbox):
        await desk.ask(asked)
        if ASKED[asked][2]:
            desk.outbox.undo()
        await clock.advance(6)
        carried_out = len(desk.service.history)
        desk.change(elsewhere)
        await desk.poll()
        assert desk.left() == ("nothing" if expected == "over" else "waits")
        await clock.advance(120)
        await desk.poll()
        assert desk.left() == ("unconfirmed" if expected == "unconfirmed" else "nothing")
        assert desk.shown() == [signal.due for signal in desk.listed]
    assert len(desk.service.history) == carried_out  # and nothing is ever sent for it again


@pytest.mark.parametrize("asked", ["done, recurring", "reschedule", "reschedule, recurring"])
async def test_what_has_another_date_is_shown_though_a_click_on_the_old_one_still_waits(
    build_outbox: Build, clock: FakeClock, running: Running, asked: str
) -> None:
    desk = Desk(build_outbox, clock, recurring=ASKED[asked][1])
    async with running(desk.outbox):
        await desk.ask(asked)
        assert desk.shown() == []
        desk.change("given another date")
        await desk.poll()
        assert desk.shown() == [TONIGHT]


async def test_a_plain_task_marked_done_stays_away_whatever_its_date(
    build_outbox: Build, clock: FakeClock, running: Running
) -> None:
    desk = Desk(build_outbox, clock, recurring=False)
    async with running(desk.outbox):
        await desk.ask("done")
        desk.change("given another date")
        await desk.poll()
        assert desk.shown() == []


@pytest.mark.parametrize("asked", ["done, recurring", "reschedule", "reschedule, recurring"])
async def test_a_retry_means_the_date_that_is_listed_now(
    build_outbox: Build, clock: FakeClock, running: Running, asked: str
) -> None:
    desk = Desk(build_outbox, clock, recurring=ASKED[asked][1])
    async with running(desk.outbox):
        await desk.ask(asked)
        desk.change("given another date")
        await clock.advance(6)
        await desk.poll()
        (refused,) = desk.outbox.items()
        again = desk.outbox.retry(refused.number, listed=desk.listed[0])
        assert again is not None
        assert (again.uuid, again.signal) == (refused.uuid, desk.listed[0])
        await settle()
        assert desk.left() == "waits"
        assert [uuid for uuid, _, _ in desk.service.history] == [refused.uuid]
        await desk.poll()
        assert (desk.left(), desk.shown()) == ("nothing", [])


async def test_a_retried_restore_takes_back_the_date_that_is_listed_now(
    build_outbox: Build, clock: FakeClock, running: Running
) -> None:
    desk = Desk(build_outbox, clock, recurring=False)
    async with running(desk.outbox):
        await desk.ask("restore")
        desk.change("given another date")
        desk.outbox.undo()
        await settle()
        await desk.poll()
        (refused,) = desk.outbox.items()
        desk.outbox.retry(refused.number, listed=desk.listed[0])
        await settle()
        await desk.poll()
        assert (desk.left(), desk.shown()) == ("nothing", [TODAY])


async def test_clicking_again_what_the_list_does_not_show_done_never_takes_it_for_changed_elsewhere(
    build_outbox: Build, clock: FakeClock, running: Running
) -> None:
    desk = Desk(build_outbox, clock, recurring=True)
    stale = Snapshot(signals=desk.listed)
    async with running(desk.outbox):
        desk.click(DONE)
        await clock.advance(6)
        await clock.advance(130)
        desk.outbox.confirm(ADA, stale, clock.now())
        assert desk.left() == "unconfirmed"
        desk.click(DONE)
        (again,) = desk.outbox.items()
        assert again.may_be_done
        await clock.advance(6)
        await desk.poll()
        assert (desk.left(), desk.item.done) == ("nothing", 1)


LATER = Day(TODAY.day.replace(day=TODAY.day.day + 3))


@pytest.mark.parametrize("elsewhere", [LATER, None])
@pytest.mark.parametrize("asked", ["done, recurring", "reschedule", "reschedule, recurring"])
async def test_a_retry_insists_where_the_task_has_left_the_list(
    build_outbox: Build,
    clock: FakeClock,
    running: Running,
    asked: str,
    elsewhere: Day | None,
) -> None:
    desk = Desk(build_outbox, clock, recurring=ASKED[asked][1])
    async with running(desk.outbox):
        await desk.ask(asked)
        desk.item.due = elsewhere
        await clock.advance(6)
        await desk.poll()
        assert (desk.left(), desk.listed) == ("refused", ())
        (refused,) = desk.outbox.items()
        assert not refused.insists
        again = desk.outbox.retry(refused.number)
        assert again is not None
        assert again.insists
        await settle()
        assert [uuid for uuid, _, _ in desk.service.history] == [refused.uuid]
        await desk.poll()
        assert desk.left() == "nothing"


async def test_a_restore_that_insists_is_over_when_no_list_can_tell_of_it(
    build_outbox: Build, clock: FakeClock, running: Running
) -> None:
    desk = Desk(build_outbox, clock, recurring=False)
    async with running(desk.outbox):
        await desk.ask("restore")
        desk.item.due = LATER
        desk.outbox.undo()
        await settle()
        await desk.poll()
        (refused,) = desk.outbox.items()
        desk.outbox.retry(refused.number)
        await settle()
        assert desk.item.due == TODAY
        desk.item.due = LATER  # and changed once more, before any poll
        await desk.poll()
        await clock.advance(130)
        await desk.poll()
        assert desk.left() == "nothing"


async def test_that_a_retry_insists_survives_a_restart(
    build_outbox: Build, clock: FakeClock, running: Running
) -> None:
    desk = Desk(build_outbox, clock, recurring=False)
    async with running(desk.outbox):
        desk.click(PUT_OFF)
        desk.service.faults.append("rejected")
        await clock.advance(6)
        (refused,) = desk.outbox.items()
        desk.service.faults.append("never left")
        desk.outbox.retry(refused.number)
        await settle()
    restarted = build_outbox(sources={desk.service.id: desk.service})
    restarted.load()
    assert [row.insists for row in restarted.items()] == [True]


@pytest.mark.parametrize("by", ["retry", "click"])
async def test_trying_again_knows_how_the_task_repeats_now(
    build_outbox: Build, clock: FakeClock, running: Running, by: str
) -> None:
    desk = Desk(build_outbox, clock, recurring=True)
    async with running(desk.outbox):
        desk.click(PUT_OFF)
        desk.service.faults.append("rejected")
        await clock.advance(6)
        (refused,) = desk.outbox.items()
        listed = structs.replace(desk.listed[0], undo='{"new": "rule"}')
        if by == "retry":
            desk.outbox.retry(refused.number, listed=listed)
        else:
            desk.outbox.click(listed, PUT_OFF, due=TARGETS[PUT_OFF])
        (again,) = desk.outbox.items()
        assert (again.uuid, again.signal.undo) == (refused.uuid, listed.undo)
        assert (again.state, again.insists) == (OutboxState.QUEUED, by == "retry")


async def test_a_fresh_click_on_what_was_refused_wants_what_is_clicked_now(
    build_outbox: Build, clock: FakeClock, running: Running
) -> None:
    desk = Desk(build_outbox, clock, recurring=True)
    async with running(desk.outbox):
        desk.click(PUT_OFF)
        desk.change("given another date")
        await clock.advance(6)
        await desk.poll()
        (refused,) = desk.outbox.items()
        desk.outbox.click(desk.listed[0], PUT_OFF, due=LATER)
        (again,) = desk.outbox.items()
        assert (again.uuid, again.signal, again.due) == (refused.uuid, desk.listed[0], LATER)
        assert not again.insists
        await clock.advance(6)
        await desk.poll()
        assert (desk.left(), desk.item.due) == ("nothing", LATER)


@pytest.mark.logs_warnings
async def test_an_occurrence_that_may_be_done_is_never_insisted_on(
    build_outbox: Build, clock: FakeClock, running: Running
) -> None:
    desk = Desk(build_outbox, clock, recurring=True)
    async with running(desk.outbox):
        desk.click(DONE)
        desk.service.faults.append("bug after")
        await clock.advance(6)
        (refused,) = desk.outbox.items()
        assert refused.may_be_done
        desk.outbox.retry(refused.number)
        await settle()
        await desk.poll()
        assert (desk.left(), desk.item.done) == ("nothing", 1)
