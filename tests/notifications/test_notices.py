"""What oO says in notifications, and how seldom."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pytest
from msgspec import structs

from oo_desktop.model.signals import AccountKey, ActionKind, ProviderId, Task, UserId
from oo_desktop.model.state import AccountState, OutboxItem, OutboxState
from oo_desktop.notifications.notices import (
    AT_MOST_EVERY,
    CLICKED_SECONDS,
    SENT_TOGETHER,
    ClickedNotice,
    ReconnectNotices,
    RefusedNotice,
    SentNotice,
)
from oo_desktop.notifications.notifier import Urgency
from oo_desktop.testing import FakeClock
from oo_desktop.ui.view.account_view import service_of
from tests.fixtures.services import SERVICES


class Screen:
    """A Notifier that keeps what is on it."""

    def __init__(self) -> None:
        self.shown: dict[str, tuple[str, str]] = {}
        self.buttons: dict[str, Callable[[], object]] = {}
        self.count = 0

    async def show(
        self,
        identifier: str,
        *,
        title: str,
        body: str = "",
        buttons: Mapping[str, Callable[[], object]] = {},
        without_buttons: str = "",
        urgency: Urgency = Urgency.NORMAL,
        seconds: int | None = None,
        click: Callable[[], object] | None = None,
    ) -> None:
        self.count += 1
        self.shown[identifier] = (title, body)
        self.buttons = dict(buttons)

    async def aclose(self) -> None: ...

    async def withdraw(self, identifier: str) -> None:
        self.shown.pop(identifier, None)


MakeTask = Callable[..., Task]
MakeClick = Callable[..., OutboxItem]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def account(make_account: Callable[..., AccountState]) -> AccountState:
    return make_account()


@pytest.fixture
def asked() -> list[object]:
    return []


@pytest.fixture
def told() -> dict[AccountKey, datetime | None]:
    """When the user was told of each account; kept across starts."""
    return {}


@pytest.fixture
def reconnect(
    screen: Screen,
    clock: FakeClock,
    told: dict[AccountKey, datetime | None],
    asked: list[object],
) -> ReconnectNotices:
    return ReconnectNotices(
        notifier=screen,
        clock=clock,
        last_notified=told.get,
        set_notified=told.__setitem__,
        reconnect=asked.append,
        service=lambda provider: service_of(provider, SERVICES),
    )


@pytest.fixture
def clicked(screen: Screen, clock: FakeClock, asked: list[object]) -> ClickedNotice:
    words = {ActionKind.DONE: "Done", ActionKind.TOMORROW: "Moved to tomorrow"}
    return ClickedNotice(
        notifier=screen, clock=clock, undo=asked.append, says=lambda item: words[item.kind]
    )


@pytest.fixture
def refusals(screen: Screen, clock: FakeClock, asked: list[object]) -> RefusedNotice:
    return RefusedNotice(
        notifier=screen,
        clock=clock,
        retry=asked.append,
        retry_all=lambda: asked.append("all"),
    )


@pytest.fixture
def refused(make_task: MakeTask, make_click: MakeClick) -> Callable[..., OutboxItem]:
    def make(number: int, reason: str | None = "It is read-only", **more: object) -> OutboxItem:
        task = make_task(f"T{number}", id=str(number))
        return make_click(task, number, state=OutboxState.REFUSED, reason=reason, **more)

    return make


async def test_a_link_that_is_no_longer_valid_asks_for_the_current_one(
    reconnect: ReconnectNotices, screen: Screen, account: AccountState
) -> None:
    key = AccountKey(ProviderId("ics"), UserId("0123456789abcdef"))
    await reconnect.refused(structs.replace(account, key=key, label="Team"))
    assert list(screen.shown.values()) == [
        (
            "The calendar link of Team is no longer valid",
            "Paste the current one. Your list stays as it is.",
        )
    ]
    assert list(screen.buttons) == ["Reconnect"]


async def test_a_refused_account_is_announced_once_with_a_button(
    reconnect: ReconnectNotices, screen: Screen, account: AccountState, asked: list[object]
) -> None:
    for _ in range(100):
        await reconnect.refused(account)
    assert screen.count == 1
    assert list(screen.shown.values()) == [
        (
            "Todoist needs you to sign in again",
            "ana@example.org\nYour list stays as it is. Clicks are kept and sent afterwards.",
        )
    ]
    screen.buttons["Reconnect"]()
    assert asked == [account.key]


async def test_it_is_repeated_after_a_day_and_not_before(
    reconnect: ReconnectNotices, screen: Screen, account: AccountState, clock: FakeClock
) -> None:
    await reconnect.refused(account)
    clock.jump(AT_MOST_EVERY.total_seconds() - 1)
    await reconnect.refused(account)
    assert screen.count == 1
    clock.jump(1)
    await reconnect.refused(account)
    assert screen.count == 2


async def test_a_clock_that_was_wrong_does_not_silence_it_for_years(
    reconnect: ReconnectNotices,
    screen: Screen,
    account: AccountState,
    clock: FakeClock,
    told: dict[AccountKey, datetime | None],
) -> None:
    told[account.key] = clock.now() + timedelta(days=3650)
    await reconnect.refused(account)
    assert screen.count == 1


async def test_a_mended_account_takes_its_notification_along(
    reconnect: ReconnectNotices, screen: Screen, account: AccountState
) -> None:
    await reconnect.refused(account)
    await reconnect.mended(account.key)
    assert screen.shown == {}
    await reconnect.refused(account)  # refused anew: that is news again
    assert screen.count == 2


# What was just clicked


async def test_a_done_task_can_be_undone_from_its_notification(
    clicked: ClickedNotice,
    screen: Screen,
    make_task: MakeTask,
    make_click: MakeClick,
    asked: list[object],
) -> None:
    await clicked.clicked(make_click(make_task("Buy\nmilk"), 3), undoable={3})
    assert screen.shown == {"clicked": ("Done: Buy milk", "")}
    screen.buttons["Undo"]()
    assert asked == [3]
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
    asked: list[object],
) -> None:
    for number in range(1, 4):
        undoable = set(range(1, number + 1))
        await clicked.clicked(make_click(make_task(f"T{number}"), number), undoable=undoable)
    assert screen.shown == {"clicked": ("3 tasks done", "T1\nT2\nT3")}
    screen.buttons["Undo the last"]()
    assert asked == [3]
    screen.buttons["Undo all"]()
    assert asked[1:] == [3, 2, 1]
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
    asked: list[object],
) -> None:
    for number in range(1, 8):
        await clicked.clicked(
            make_click(make_task(f"T{number}"), number), undoable=set(range(3, number + 1))
        )
    assert screen.shown["clicked"] == ("7 tasks done", "T3\nT4\nT5\nT6\nT7\nand 2 more")
    screen.buttons["Undo the last 5"]()
    assert asked == [7, 6, 5, 4, 3]


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
    refusals: RefusedNotice,
    screen: Screen,
    refused: Callable[..., OutboxItem],
    asked: list[object],
) -> None:
    refusals.refused([refused(4)])
    await refusals.tell()
    assert screen.shown == {"refused": ("Not done: T4", "It is read-only.")}
    screen.buttons["Try again"]()
    assert asked == [4]
    await refusals.settled({4})
    assert screen.shown == {}
    await refusals.tell()
    assert screen.count == 1


async def test_several_refusals_at_once_are_one_digest(
    refusals: RefusedNotice,
    screen: Screen,
    refused: Callable[..., OutboxItem],
    asked: list[object],
) -> None:
    refusals.refused([refused(1), refused(2), refused(3, "It is gone")])
    await refusals.tell()
    assert screen.shown == {
        "refused": ("3 changes were not accepted", "The menu of oO says which, and why.")
    }
    screen.buttons["Try again"]()
    assert asked == ["all"]
    await refusals.settled({2})  # whoever settles one is looking at the menu
    assert screen.shown == {}


async def test_a_reason_that_all_share_is_told(
    refusals: RefusedNotice, screen: Screen, refused: Callable[..., OutboxItem]
) -> None:
    refusals.refused([refused(1), refused(2)])
    await refusals.tell()
    assert screen.shown["refused"][1].startswith("It is read-only.\n")


async def test_refusals_that_go_on_and_on_are_told_more_and_more_seldom(
    refusals: RefusedNotice,
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
    refusals: RefusedNotice, screen: Screen, refused: Callable[..., OutboxItem], clock: FakeClock
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
    await clock.advance(SENT_TOGETHER + 1)
    await sent.sent(1, "Todoist")
    assert screen.shown["sent"][0] == "1 change was sent to Todoist"
