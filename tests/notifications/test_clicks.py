"""What is said of clicks, and how seldom."""

from collections.abc import Callable

import pytest

from oo_desktop.commands.commands import Command, Execute, Retry, Undo
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.signals import ActionKind, Task
from oo_desktop.notifications.clicks import (
    CLICKED_SECONDS,
    SENT_TOGETHER_SECONDS,
    ClickedNotice,
    RejectedNotice,
    SentNotice,
)
from oo_desktop.notifications.notifier import MAX_TITLE
from oo_desktop.testing import FakeClock
from tests.notifications.screen import Screen

MakeTask = Callable[..., Task]
MakeClick = Callable[..., OutboxItem]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def clicked(screen: Screen, clock: FakeClock, execute: Execute) -> ClickedNotice:
    words = {ActionKind.DONE: "Done", ActionKind.TOMORROW: "Moved to tomorrow"}
    return ClickedNotice(
        notifier=screen, clock=clock, execute=execute, says=lambda item: words[item.kind]
    )


@pytest.fixture
def refusals(screen: Screen, clock: FakeClock, execute: Execute) -> RejectedNotice:
    return RejectedNotice(
        notifier=screen,
        clock=clock,
        execute=execute,
    )


@pytest.fixture
def refused(make_task: MakeTask, make_click: MakeClick) -> Callable[..., OutboxItem]:
    def make(number: int, reason: str | None = "It is read-only", **more: object) -> OutboxItem:
        task = make_task(f"T{number}", id=str(number))
        return make_click(task, number, state=OutboxState.REJECTED, reason=reason, **more)

    return make


# What was just clicked


async def test_a_done_task_can_be_undone_from_its_notification(
    clicked: ClickedNotice,
    screen: Screen,
    make_task: MakeTask,
    make_click: MakeClick,
    said: list[Command],
) -> None:
    await clicked.clicked(make_click(make_task("Buy\nmilk"), 3), undoable={3})
    assert screen.shown == {"clicked": ("Done: Buy milk", "")}
    screen.buttons["Undo"]()
    assert said == [Undo(3)]
    await clicked.over({3}, undoable=())
    await clicked.over({3}, undoable=())
    assert screen.shown == {}
    assert screen.count == 1


async def test_a_moved_task_says_where_it_went(
    clicked: ClickedNotice, screen: Screen, make_task: MakeTask, make_click: MakeClick
) -> None:
    await clicked.clicked(make_click(make_task(), 3, kind=ActionKind.TOMORROW), undoable={3})
    assert screen.shown == {"clicked": ("Moved to tomorrow: Buy milk", "")}
    assert list(screen.buttons) == ["Undo"]


async def test_clicks_in_a_row_share_one_notification(
    clicked: ClickedNotice,
    screen: Screen,
    make_task: MakeTask,
    make_click: MakeClick,
    clock: FakeClock,
    said: list[Command],
) -> None:
    for number in range(1, 4):
        undoable = set(range(1, number + 1))
        await clicked.clicked(make_click(make_task(f"T{number}"), number), undoable=undoable)
    assert screen.shown == {"clicked": ("3 tasks done", "T1\nT2\nT3")}
    screen.buttons["Undo the last"]()
    assert said == [Undo(3)]
    screen.buttons["Undo all"]()
    assert said[1:] == [Undo(3), Undo(2), Undo(1)]
    await clicked.over({3}, undoable={1, 2})
    assert screen.shown["clicked"][0] == "2 tasks done"
    await clock.advance(CLICKED_SECONDS + 1)
    await clicked.clicked(make_click(make_task("Later"), 9), undoable={9})
    assert screen.shown["clicked"][0] == "Done: Later"


async def test_undo_is_offered_for_as_many_as_can_be_undone(
    clicked: ClickedNotice,
    screen: Screen,
    make_task: MakeTask,
    make_click: MakeClick,
    said: list[Command],
) -> None:
    for number in range(1, 8):
        await clicked.clicked(
            make_click(make_task(f"T{number}"), number), undoable=set(range(3, number + 1))
        )
    assert screen.shown["clicked"] == ("7 tasks done", "T3\nT4\nT5\nT6\nT7\nand 2 more")
    screen.buttons["Undo the last 5"]()
    assert said == [Undo(number) for number in (7, 6, 5, 4, 3)]


async def test_what_was_done_and_moved_in_a_row_is_told_line_by_line(
    clicked: ClickedNotice, screen: Screen, make_task: MakeTask, make_click: MakeClick
) -> None:
    moved = [make_click(make_task(f"T{n}"), n, kind=ActionKind.TOMORROW) for n in (1, 2)]
    await clicked.clicked(moved[0], undoable={1})
    await clicked.clicked(moved[1], undoable={1, 2})
    assert screen.shown["clicked"] == (
        "2 tasks moved",
        "Moved to tomorrow: T1\nMoved to tomorrow: T2",
    )
    await clicked.clicked(make_click(make_task("T3"), 3), undoable={1, 2, 3})
    assert screen.shown["clicked"][0] == "3 changes"
    assert screen.shown["clicked"][1].endswith("Done: T3")


async def test_what_is_out_of_date_later_is_taken_away_and_not_shown_anew(
    clicked: ClickedNotice,
    screen: Screen,
    make_task: MakeTask,
    make_click: MakeClick,
    clock: FakeClock,
) -> None:
    for number in (1, 2):
        await clicked.clicked(make_click(make_task(), number), undoable={1, 2})
    await clock.advance(600)
    await clicked.over({1}, undoable={2})
    assert (screen.shown, screen.count) == ({}, 2)


async def test_a_task_whose_title_shows_nothing_is_named(
    clicked: ClickedNotice, screen: Screen, make_task: MakeTask, make_click: MakeClick
) -> None:
    await clicked.clicked(make_click(make_task("\u200b\u200d\u200f")), undoable={1})
    assert screen.shown["clicked"][0] == "Done: (no title)"


# What was refused


async def test_a_refusal_is_told_with_its_reason_until_it_is_settled(
    refusals: RejectedNotice,
    screen: Screen,
    refused: Callable[..., OutboxItem],
    said: list[Command],
) -> None:
    refusals.refused([refused(4)])
    await refusals.tell()
    assert screen.shown == {"refused": ("Not done: T4", "It is read-only.")}
    screen.buttons["Try again"]()
    assert said == [Retry(4)]
    await refusals.settled({4})
    assert screen.shown == {}
    await refusals.tell()
    assert screen.count == 1


async def test_where_no_buttons_are_drawn_a_refusal_says_where_to_try_again(
    refusals: RejectedNotice, screen: Screen, refused: Callable[..., OutboxItem]
) -> None:
    refusals.refused([refused(4, "It is read-only, " * 10)])
    await refusals.tell()
    assert screen.without_buttons is not None
    reason, menu = screen.without_buttons.body.split("\n")
    assert (len(reason), menu) == (MAX_TITLE, "oO’s menu offers to try again.")


async def test_several_refusals_at_once_are_one_digest(
    refusals: RejectedNotice,
    screen: Screen,
    refused: Callable[..., OutboxItem],
    said: list[Command],
) -> None:
    refusals.refused([refused(1), refused(2), refused(3, "It is gone")])
    await refusals.tell()
    assert screen.shown == {
        "refused": ("3 changes were not accepted", "The menu of oO says which, and why.")
    }
    screen.buttons["Try again"]()
    assert said == [Retry(every=True)]
    await refusals.settled({2})  # whoever settles one is looking at the menu
    assert screen.shown == {}


async def test_a_reason_that_all_share_is_told(
    refusals: RejectedNotice, screen: Screen, refused: Callable[..., OutboxItem]
) -> None:
    refusals.refused([refused(1), refused(2)])
    await refusals.tell()
    assert screen.shown["refused"][1].startswith("It is read-only.\n")


async def test_refusals_that_go_on_and_on_are_told_more_and_more_seldom(
    refusals: RejectedNotice,
    screen: Screen,
    clock: FakeClock,
    refused: Callable[..., OutboxItem],
) -> None:
    for number in range(1000):  # one every half second
        refusals.refused([refused(number)])
        await refusals.tell()
        await clock.advance(0.5)
    assert screen.count <= 8
    wait = await refusals.tell()
    assert wait is not None
    await clock.advance(wait)
    assert await refusals.tell() is None
    assert screen.shown["refused"][0] == "1000 changes were not accepted"
    await clock.advance(3600)  # another day's refusal is news at once
    await refusals.settled(range(1000))
    refusals.refused([refused(2000)])
    assert await refusals.tell() is None
    assert screen.shown["refused"][0] == "Not done: T2000"


async def test_what_was_settled_before_it_was_told_is_not_told(
    refusals: RejectedNotice, screen: Screen, refused: Callable[..., OutboxItem], clock: FakeClock
) -> None:
    refusals.refused([refused(1)])
    await refusals.tell()
    refusals.refused([refused(2)])
    wait = await refusals.tell()
    await refusals.settled({1, 2})
    await clock.advance(wait or 0)
    await refusals.tell()
    assert (screen.shown, screen.count) == ({}, 1)


# What has gone out


async def test_what_has_gone_out_is_one_calm_digest(screen: Screen, clock: FakeClock) -> None:
    sent = SentNotice(notifier=screen, clock=clock)
    await sent.sent(12, "Todoist")
    assert screen.shown == {
        "sent": ("12 changes were sent to Todoist", "All that was waiting has gone out.")
    }
    await sent.sent(1, "Todoist")
    assert screen.shown["sent"][0] == "13 changes were sent to Todoist"
    await sent.sent(2, "Calendar")
    assert screen.shown["sent"][0] == "15 changes were sent"
    await clock.advance(SENT_TOGETHER_SECONDS + 1)
    await sent.sent(1, "Todoist")
    assert screen.shown["sent"][0] == "1 change was sent to Todoist"
