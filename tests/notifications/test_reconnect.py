"""Accounts that need a reconnect are announced once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec import structs

from oo_desktop.commands.commands import Command, Execute, Reconnect
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import AccountState, Connecting, Service
from oo_desktop.notifications.notifier import WithoutButtons
from oo_desktop.notifications.reconnect import MIN_BETWEEN, ReconnectNotices
from oo_desktop.testing import FakeClock
from oo_desktop.ui.view.accounts import service_of
from tests.fixtures.services import SERVICES
from tests.notifications.screen import Screen


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
def told() -> dict[AccountKey, datetime | None]:
    """When the user was told of each account; kept across starts."""
    return {}


@pytest.fixture
def reconnect(
    screen: Screen,
    clock: FakeClock,
    told: dict[AccountKey, datetime | None],
    execute: Execute,
) -> ReconnectNotices:
    return ReconnectNotices(
        notifier=screen,
        clock=clock,
        last_notified=told.get,
        set_notified=told.__setitem__,
        execute=execute,
        service=lambda provider: service_of(provider, SERVICES),
    )


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


async def test_a_password_that_is_no_longer_accepted_is_asked_for_again(
    screen: Screen, clock: FakeClock, account: AccountState, execute: Execute, said: list[Command]
) -> None:
    dav = Service(id=ProviderId("dav"), name="Dav", connecting=Connecting.PASSWORD)
    reconnect = ReconnectNotices(
        notifier=screen,
        clock=clock,
        last_notified=lambda _key: None,
        set_notified=lambda _key, _at: None,
        execute=execute,
        service=lambda _provider: dav,
    )
    key = AccountKey(dav.id, UserId("ada@dav.example/"))
    await reconnect.refused(structs.replace(account, key=key, label="ada@dav.example"))
    assert list(screen.shown.values()) == [
        (
            "Dav needs your password again",
            "ada@dav.example\nThe one it has is no longer accepted. Your list stays as it is. "
            "Clicks are kept and sent afterwards.",
        )
    ]
    screen.buttons["Reconnect"]()
    assert said == [Reconnect(key)]


async def test_a_refused_account_is_announced_once_with_a_button(
    reconnect: ReconnectNotices, screen: Screen, account: AccountState, said: list[Command]
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
    assert said == [Reconnect(account.key)]


async def test_it_is_repeated_after_a_day_and_not_before(
    reconnect: ReconnectNotices, screen: Screen, account: AccountState, clock: FakeClock
) -> None:
    await reconnect.refused(account)
    clock.jump(MIN_BETWEEN.total_seconds() - 1)
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


async def test_where_no_buttons_are_drawn_it_says_where_to_reconnect_and_a_click_does_it(
    reconnect: ReconnectNotices, screen: Screen, account: AccountState
) -> None:
    await reconnect.refused(account)
    assert screen.without_buttons == WithoutButtons(
        "ana@example.org\nChoose Reconnect in oO’s menu.", click="Reconnect"
    )


async def test_it_stands_until_it_is_mended_even_where_the_daemon_is_restarted(
    reconnect: ReconnectNotices, screen: Screen, account: AccountState
) -> None:
    await reconnect.refused(account)
    assert screen.standing
