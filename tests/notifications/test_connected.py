"""That an account is connected is said once its first list is there."""

import asyncio
from typing import Any

import pytest

from oo_desktop.model.signals import AccountKey, AnySignal
from oo_desktop.model.state import AccountState, AppState, Connection
from oo_desktop.notifications.connected import ConnectedNotice
from oo_desktop.testing import FakeClock, task
from oo_desktop.ui.view.accounts import service_of
from tests.fixtures.services import SERVICES
from tests.journeys.recorder import NotificationRecorder
from tests.model.happenings import ADA as CALENDAR
from tests.model.happenings import NOON, meeting
from tests.notifications.parts import ADA, BOB, titles, visible


class Accounts:
    """What there is to see of accounts."""

    def __init__(self) -> None:
        self.known: dict[AccountKey, AccountState] = {}
        self.signals: AppState = AppState()

    def become(self, key: AccountKey, connection: Connection, *signals: AnySignal) -> None:
        success = NOON if connection is Connection.OK else None
        self.known[key] = AccountState(
            key=key, label=key.user_id, connection=connection, last_success=success
        )
        self.signals = AppState(signals={**self.signals.signals, key: tuple(signals)})

    def state(self) -> AppState:
        return AppState(accounts=tuple(self.known.values()), signals=self.signals.signals)


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def notice(accounts: Accounts, screen: NotificationRecorder, clock: FakeClock) -> ConnectedNotice:
    return ConnectedNotice(
        notifier=screen,
        clock=clock,
        state=accounts.state,
        service=lambda provider: service_of(provider, SERVICES),
    )


async def test_it_says_how_much_is_on_the_list(
    notice: ConnectedNotice, accounts: Accounts, screen: NotificationRecorder
) -> None:
    accounts.become(ADA, Connection.UNKNOWN)
    await notice.connected(ADA)
    assert titles(screen) == []
    assert notice.waits
    accounts.become(ADA, Connection.OK, *(task(str(number)) for number in range(9)))
    await notice.look()
    await notice.look()
    assert titles(screen) == ["Todoist is connected: 9 tasks are on the list"]
    assert not notice.waits


@pytest.mark.parametrize(
    ("signals", "words"),
    [
        ((task("1"),), "1 task is on the list"),
        ((), "nothing is on the list"),
        ((meeting("a"), meeting("b")), "2 events are on the list"),
        ((task("1"), meeting("a")), "2 entries are on the list"),
    ],
    ids=["one", "none", "events", "both"],
)
async def test_it_says_what_is_on_it(
    notice: ConnectedNotice,
    accounts: Accounts,
    screen: NotificationRecorder,
    signals: tuple[AnySignal, ...],
    words: str,
) -> None:
    accounts.become(ADA, Connection.OK, *signals)
    await notice.connected(ADA)
    assert titles(screen) == [f"Todoist is connected: {words}"]


async def test_a_list_that_does_not_come_is_not_waited_for(
    notice: ConnectedNotice, accounts: Accounts, screen: NotificationRecorder
) -> None:
    accounts.become(ADA, Connection.OFFLINE)
    await notice.connected(ADA)
    assert titles(screen) == ["Todoist is connected, and its list is not here yet"]


async def test_an_account_that_is_gone_by_then_is_not_spoken_of(
    notice: ConnectedNotice, screen: NotificationRecorder
) -> None:
    await notice.connected(ADA)
    assert titles(screen) == []
    assert not notice.waits


async def test_accounts_that_are_connected_in_a_row_share_one(
    notice: ConnectedNotice, accounts: Accounts, screen: NotificationRecorder, clock: FakeClock
) -> None:
    for key in (ADA, CALENDAR):
        accounts.become(key, Connection.OK)
        await notice.connected(key)
        await clock.advance(20)
    assert visible(screen) == ["2 accounts are connected"]
    await clock.advance(60)
    accounts.become(BOB, Connection.OK)
    await notice.connected(BOB)
    assert visible(screen) == ["Todoist is connected: nothing is on the list"]


async def test_while_one_is_told_of_somebody_may_look_for_the_others(
    accounts: Accounts, clock: FakeClock
) -> None:
    class Slow(NotificationRecorder):
        async def show(self, identifier: str, **text: Any) -> None:
            await asyncio.sleep(0)
            await super().show(identifier, **text)

    screen = Slow()
    notice = ConnectedNotice(
        notifier=screen,
        clock=clock,
        state=accounts.state,
        service=lambda provider: service_of(provider, SERVICES),
    )
    for key in (ADA, BOB, CALENDAR):
        accounts.become(key, Connection.UNKNOWN)
        await notice.connected(key)
    for key in (ADA, BOB, CALENDAR):
        accounts.become(key, Connection.OK)
    await asyncio.gather(notice.look(), notice.look())
    assert visible(screen) == ["3 accounts are connected"]
    assert not notice.waits
