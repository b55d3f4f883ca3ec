"""Somebody changes elsewhere what was clicked: the table of the outbox, cell by cell."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from msgspec import structs

from oo_desktop.model.clicks import OutboxItem, OutboxState, shown_signals
from oo_desktop.model.signals import ActionKind, Day, Task
from oo_desktop.model.source import Snapshot
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.testing import TODAY, FakeClock, ScriptedSource, settle
from tests.signals.outbox.desk import TONIGHT
from tests.signals.outbox.model_service import TARGETS, Item, ModelService, next_date

Running = Callable[[Outbox], AbstractAsyncContextManager[None]]

ADA = ScriptedSource().key()
LATER = Day(TODAY.day.replace(day=TODAY.day.day + 3))

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

DEPEND_ON_THE_DATE = ["done, recurring", "reschedule", "reschedule, recurring"]


class ChangingDesk:
    """One user, one task, and a service that lists what is due today and is changed elsewhere."""

    def __init__(self, build: Callable[..., Outbox], clock: FakeClock, *, recurring: bool) -> None:
        self.item = Item("water", recurring=recurring)
        self.service = ModelService([self.item], until=TODAY.day)
        self.clock = clock
        self.outbox = build(sources={self.service.id: self.service})
        self.listed = self.service.listed()

    def click(self, kind: ActionKind) -> None:
        self.outbox.click(self.listed[0], kind, due=TARGETS.get(kind))

    async def passes(self, seconds: float) -> None:
        await self.clock.advance(seconds)

    async def poll(self) -> None:
        self.listed = self.service.listed()
        self.outbox.confirm(ADA, Snapshot(signals=self.listed), self.clock.now())
        await settle()

    async def retry(self, item: OutboxItem) -> OutboxItem:
        """As meant for what is listed now, if it is; returns the row as it goes out."""
        listed = self.listed[0] if self.listed else None
        again = self.outbox.retry(item.number, listed=listed)
        assert again is not None
        await settle()
        return again

    @property
    def row(self) -> OutboxItem:
        """The only one there is."""
        (row,) = self.outbox.items()
        return row

    def left(self) -> str:
        """What is left to tell the user."""
        for row in self.outbox.items():
            if row.state is OutboxState.REJECTED:
                assert row.reason
                return "rejected"
            return "unconfirmed" if row.unconfirmed else "waits"
        return "nothing"

    def shown(self) -> list[object]:
        """The dates at which the user sees the task."""
        shown = shown_signals({ADA: self.listed}, self.outbox.items())[ADA]
        return [getattr(signal, "due", None) for signal in shown]

    def carried_out(self) -> list[str]:
        """The uuids of what the service has done."""
        return [uuid for uuid, _, _ in self.service.history]

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
            await self.passes(6)
            await self.poll()


Begin = Callable[[str], AbstractAsyncContextManager[ChangingDesk]]


@pytest.fixture
def begin(build_outbox: Callable[..., Outbox], clock: FakeClock, running: Running) -> Begin:
    """A desk at which something of ASKED was asked."""

    @asynccontextmanager
    async def begin(asked: str) -> AsyncIterator[ChangingDesk]:
        desk = ChangingDesk(build_outbox, clock, recurring=ASKED[asked][1])
        async with running(desk.outbox):
            await desk.ask(asked)
            yield desk

    return begin


def cells(table: str) -> list[object]:
    """(asked, elsewhere, expected) for every cell of a table written as text."""
    head, *lines = [
        [cell.strip() for cell in line.split("|")] for line in table.split("\n") if line
    ]
    return [
        pytest.param(asked, line[0], expected, id=f"{line[0]}: {asked} is {expected}")
        for line in lines
        for asked, expected in zip(head[1:], line[1:], strict=True)
    ]


BEFORE = """\
|done|done, recurring|reschedule|reschedule, recurring|reopen|reopen, recurring|restore
renamed            | sent | sent     | sent     | sent     | sent     | sent     | sent
moved              | sent | sent     | sent     | sent     | sent     | sent     | sent
completed          | done | rejected | rejected | rejected | sent     | sent     | rejected
deleted            | done | done     | rejected | rejected | rejected | rejected | rejected
given another date | sent | rejected | rejected | rejected | sent     | sent     | rejected
"""

AFTER = """\
|done|done, recurring|reschedule|reschedule, recurring|reopen|reopen, recurring|restore
renamed            | over | over | over | over | over     | over        | over
moved              | over | over | over | over | over     | over        | over
completed          | over | over | over | over | given up | given up    | given up
deleted            | over | over | over | over | given up | given up    | given up
given another date | over | over | over | over | over     | unconfirmed | given up
"""


@pytest.mark.parametrize(("asked", "elsewhere", "expected"), cells(BEFORE))
async def test_what_is_changed_elsewhere_before_a_click_is_sent(
    begin: Begin, asked: str, elsewhere: str, expected: str
) -> None:
    async with begin(asked) as desk:
        desk.change(elsewhere)
        carried_out = len(desk.carried_out())
        if ASKED[asked][2]:
            desk.outbox.undo()
        await desk.passes(6)
        await desk.poll()
        sent = len(desk.carried_out()) > carried_out
        assert sent is (expected == "sent")
        assert desk.left() == ("rejected" if expected == "rejected" else "nothing")
        # A rejected click hides nothing: what the list has now is what is seen.
        assert desk.shown() == [signal.due for signal in desk.listed]


@pytest.mark.parametrize(("asked", "elsewhere", "expected"), cells(AFTER))
async def test_what_is_changed_elsewhere_after_a_click_was_sent(
    begin: Begin, asked: str, elsewhere: str, expected: str
) -> None:
    async with begin(asked) as desk:
        if ASKED[asked][2]:
            desk.outbox.undo()
        await desk.passes(6)
        carried_out = len(desk.carried_out())
        desk.change(elsewhere)
        await desk.poll()
        assert desk.left() == ("nothing" if expected == "over" else "waits")
        await desk.passes(120)
        await desk.poll()
        assert desk.left() == ("unconfirmed" if expected == "unconfirmed" else "nothing")
        assert desk.shown() == [signal.due for signal in desk.listed]
    assert len(desk.carried_out()) == carried_out  # and nothing is ever sent for it again


@pytest.mark.parametrize(
    ("asked", "shown"), [("done", []), *((asked, [TONIGHT]) for asked in DEPEND_ON_THE_DATE)]
)
async def test_what_has_another_date_is_shown_unless_a_plain_done_waits(
    begin: Begin, asked: str, shown: list[object]
) -> None:
    async with begin(asked) as desk:
        assert desk.shown() == []
        desk.change("given another date")
        await desk.poll()
        assert desk.shown() == shown


# Trying again


@pytest.mark.parametrize("asked", DEPEND_ON_THE_DATE)
async def test_a_retry_means_the_date_that_is_listed_now(begin: Begin, asked: str) -> None:
    async with begin(asked) as desk:
        desk.change("given another date")
        await desk.passes(6)
        await desk.poll()
        rejected, listed = desk.row, desk.listed[0]
        again = await desk.retry(rejected)
        assert (again.uuid, again.signal) == (rejected.uuid, listed)
        assert desk.left() == "waits"
        assert desk.carried_out() == [rejected.uuid]
        await desk.poll()
        assert (desk.left(), desk.shown()) == ("nothing", [])


async def test_a_retried_restore_takes_back_the_date_that_is_listed_now(begin: Begin) -> None:
    async with begin("restore") as desk:
        desk.change("given another date")
        desk.outbox.undo()
        await settle()
        await desk.poll()
        await desk.retry(desk.row)
        await desk.poll()
        assert (desk.left(), desk.shown()) == ("nothing", [TODAY])


async def test_a_retried_reopen_brings_the_same_occurrence_back(begin: Begin) -> None:
    async with begin("reopen, recurring") as desk:
        desk.service.faults.append("rejected")
        desk.outbox.undo()
        await settle()
        rejected = desk.row
        assert isinstance(rejected.signal, Task)
        listed = structs.replace(rejected.signal, due=next_date(rejected.signal.due))
        again = desk.outbox.retry(rejected.number, listed=listed)
        assert again is not None
        assert (again.uuid, again.signal) == (rejected.uuid, rejected.signal)


@pytest.mark.parametrize("elsewhere", [LATER, None], ids=["put off", "without a date"])
@pytest.mark.parametrize("asked", DEPEND_ON_THE_DATE)
async def test_a_retry_insists_where_the_task_has_left_the_list(
    begin: Begin, asked: str, elsewhere: Day | None
) -> None:
    async with begin(asked) as desk:
        desk.item.due = elsewhere
        await desk.passes(6)
        await desk.poll()
        assert (desk.left(), desk.listed) == ("rejected", ())
        rejected = desk.row
        assert not rejected.insists
        assert (await desk.retry(rejected)).insists
        assert desk.carried_out() == [rejected.uuid]
        await desk.poll()
        assert desk.left() == "nothing"


async def test_a_restore_that_insists_is_over_when_no_list_can_tell_of_it(begin: Begin) -> None:
    async with begin("restore") as desk:
        desk.item.due = LATER
        desk.outbox.undo()
        await settle()
        await desk.poll()
        await desk.retry(desk.row)
        assert desk.item.due == TODAY
        desk.item.due = LATER  # and changed once more, before any poll
        await desk.poll()
        await desk.passes(130)
        await desk.poll()
        assert desk.left() == "nothing"


async def test_that_a_retry_insists_survives_a_restart(
    begin: Begin, build_outbox: Callable[..., Outbox]
) -> None:
    async with begin("reschedule") as desk:
        desk.service.faults.append("rejected")
        await desk.passes(6)
        desk.service.faults.append("never left")
        await desk.retry(desk.row)
    restarted = build_outbox(sources={desk.service.id: desk.service})
    restarted.load()
    assert [row.insists for row in restarted.items()] == [True]


@pytest.mark.parametrize("by", ["retry", "click"])
async def test_trying_again_knows_how_the_task_repeats_now(begin: Begin, by: str) -> None:
    async with begin("reschedule, recurring") as desk:
        desk.service.faults.append("rejected")
        await desk.passes(6)
        rejected = desk.row
        listed = structs.replace(desk.listed[0], undo='{"new": "rule"}')
        if by == "retry":
            desk.outbox.retry(rejected.number, listed=listed)
        else:
            desk.outbox.click(listed, PUT_OFF, due=TARGETS[PUT_OFF])
        again = desk.row
        assert (again.uuid, again.signal.undo) == (rejected.uuid, listed.undo)
        assert (again.state, again.insists) == (OutboxState.QUEUED, by == "retry")


async def test_a_fresh_click_on_what_was_rejected_wants_what_is_clicked_now(begin: Begin) -> None:
    async with begin("reschedule, recurring") as desk:
        desk.change("given another date")
        await desk.passes(6)
        await desk.poll()
        rejected, listed = desk.row, desk.listed[0]
        desk.outbox.click(listed, PUT_OFF, due=LATER)
        again = desk.row
        assert (again.uuid, again.signal, again.due) == (rejected.uuid, listed, LATER)
        assert not again.insists
        await desk.passes(6)
        await desk.poll()
        assert (desk.left(), desk.item.due) == ("nothing", LATER)


async def test_clicking_again_what_the_list_does_not_show_done_never_takes_it_for_changed_elsewhere(
    begin: Begin,
) -> None:
    async with begin("done, recurring") as desk:
        stale = Snapshot(signals=desk.listed)
        await desk.passes(136)
        desk.outbox.confirm(ADA, stale, desk.clock.now())
        assert desk.left() == "unconfirmed"
        desk.click(DONE)
        assert desk.row.may_be_done
        await desk.passes(6)
        await desk.poll()
        assert (desk.left(), desk.item.done) == ("nothing", 1)


@pytest.mark.logs_warnings
async def test_an_occurrence_that_may_be_done_is_never_insisted_on(begin: Begin) -> None:
    async with begin("done, recurring") as desk:
        desk.service.faults.append("bug after")
        await desk.passes(6)
        rejected = desk.row
        assert rejected.may_be_done
        desk.outbox.retry(rejected.number)
        await settle()
        await desk.poll()
        assert (desk.left(), desk.item.done) == ("nothing", 1)
