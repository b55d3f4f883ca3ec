"""What oO says in notifications, and how seldom."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import pytest

from oo_desktop.signals.model import AccountKey, Task
from oo_desktop.signals.state import AccountState, OutboxItem, OutboxState
from oo_desktop.testing import FakeClock
from oo_desktop.ui.notices import AT_MOST_EVERY, DONE_SECONDS, ClickNotices, ReconnectNotices
from oo_desktop.ui.notifications import Urgency


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
    )


@pytest.fixture
def clicks(screen: Screen, clock: FakeClock, asked: list[object]) -> ClickNotices:
    return ClickNotices(notifier=screen, clock=clock, undo=asked.append, retry=asked.append)


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


async def test_a_done_task_can_be_undone_from_its_notification(
    clicks: ClickNotices,
    screen: Screen,
    make_task: MakeTask,
    make_click: MakeClick,
    asked: list[object],
) -> None:
    await clicks.done(make_click(make_task("Buy\nmilk"), 3))
    assert screen.shown == {"done": ("Done: Buy milk", "")}
    screen.buttons["Undo"]()
    assert asked == [3]
    await clicks.undone(3)
    await clicks.undone(3)
    assert screen.shown == {}


async def test_clicks_in_a_row_share_one_notification(
    clicks: ClickNotices,
    screen: Screen,
    make_task: MakeTask,
    make_click: MakeClick,
    clock: FakeClock,
    asked: list[object],
) -> None:
    for number in range(1, 8):
        await clicks.done(make_click(make_task(f"T{number}"), number))
    assert screen.shown == {"done": ("7 tasks done", "T3\nT4\nT5\nT6\nT7\nand 2 more")}
    screen.buttons["Undo the last"]()
    assert asked == [7]
    await clicks.undone(7)
    assert screen.shown["done"][0] == "6 tasks done"
    await clock.advance(DONE_SECONDS + 1)
    await clicks.done(make_click(make_task("Later"), 9))
    assert screen.shown["done"][0] == "Done: Later"


async def test_a_refusal_is_told_with_its_reason_until_it_is_settled(
    clicks: ClickNotices,
    screen: Screen,
    make_task: MakeTask,
    make_click: MakeClick,
    asked: list[object],
) -> None:
    refused = make_click(make_task(), 4, state=OutboxState.REFUSED, reason="It is read-only")
    await clicks.refused(refused)
    assert screen.shown == {"refused:4": ("Not done: Buy milk", "It is read-only.")}
    screen.buttons["Try again"]()
    assert asked == [4]
    await clicks.settled(4)
    assert screen.shown == {}


async def test_a_task_whose_title_shows_nothing_is_named(
    clicks: ClickNotices, screen: Screen, make_task: MakeTask, make_click: MakeClick
) -> None:
    await clicks.done(make_click(make_task("\u200b\u200d\u200f")))
    assert screen.shown["done"][0] == "Done: (no title)"
