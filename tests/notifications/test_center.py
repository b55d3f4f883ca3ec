"""Which events become notifications, and that no order of events becomes a flood of them."""

from random import Random

import msgspec
import pytest

from oo_desktop.errors import SignInError
from oo_desktop.events import IntegrationsChanged, SignInChanged
from oo_desktop.integrations.accounts import Disconnected
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import (
    ActionKind,
)
from oo_desktop.model.state import AccountState, SignInState
from oo_desktop.notifications.center import NotificationCenter
from oo_desktop.testing import settle
from tests.journeys.recorder import NotificationRecorder
from tests.notifications.parts import BOB, FewParts, titles, visible

pytestmark = pytest.mark.usefixtures("center")


async def test_a_click_that_is_sent_and_confirmed_in_time_says_nothing_more(
    parts: FewParts, center: NotificationCenter, screen: NotificationRecorder
) -> None:
    await center.clicked(parts.click(1))
    await parts.clock.advance(6)
    parts.becomes(OutboxState.SENT, 1)
    await settle()
    parts.becomes(OutboxState.CONFIRMED, 1)
    await settle()
    assert visible(screen) == ["Done: Task 1"]
    assert len(screen.all) == 1


async def test_where_undo_has_ended_its_notification_goes(
    parts: FewParts, center: NotificationCenter, screen: NotificationRecorder
) -> None:
    await center.clicked(parts.click(1))
    parts.becomes(OutboxState.SENT, 1)
    await settle()
    parts.becomes(OutboxState.CONFIRMED, 1)
    await parts.clock.advance(601)
    parts.click(2)
    await settle()
    assert visible(screen) == []


async def test_where_nothing_of_oo_is_seen_it_is_said_how_to_find_it(
    center: NotificationCenter, screen: NotificationRecorder
) -> None:
    await center.no_tray("Start a panel.")
    await center.closed_window()
    assert visible(screen) == ["This desktop shows no tray icons", "oO is still running"]
    assert screen.all[0].body == "oO has a window instead. Start a panel."
    assert "oo-desktop show" in screen.all[-1].body


async def test_a_click_taken_back_takes_its_notification_along(
    parts: FewParts, center: NotificationCenter, screen: NotificationRecorder
) -> None:
    await center.clicked(parts.click(1))
    parts.forget(1)  # undone before it was sent
    await settle()
    assert visible(screen) == []
    await center.clicked(parts.click(2))
    parts.becomes(OutboxState.SENT, 2)
    parts.click(3, kind=ActionKind.REOPEN, undoes=2)
    await settle()
    assert visible(screen) == []


async def test_a_click_that_is_refused_is_no_longer_called_done(
    parts: FewParts, center: NotificationCenter, screen: NotificationRecorder
) -> None:
    await center.clicked(parts.click(1))
    parts.becomes(OutboxState.REJECTED, 1, reason="It is read-only.")
    await settle()
    assert visible(screen) == ["Not done: Task 1"]
    parts.becomes(OutboxState.QUEUED, 1)  # tried again
    await settle()
    assert visible(screen) == []
    await parts.clock.advance(5)
    parts.becomes(OutboxState.REJECTED, 1)
    await settle()
    assert visible(screen) == ["Not done: Task 1"]


async def test_more_clicks_than_can_be_undone_stay_named_as_done(
    parts: FewParts, center: NotificationCenter, screen: NotificationRecorder
) -> None:
    for number in range(1, 8):
        await center.clicked(parts.click(number))
    await settle()
    assert visible(screen) == ["7 tasks done"]
    assert len(screen.all) == 7


async def test_where_no_buttons_are_drawn_a_disconnect_says_where_access_is_ended(
    center: NotificationCenter, screen: NotificationRecorder
) -> None:
    url = "https://app.todoist.com/app/settings/integrations"
    await center.disconnected(Disconnected(key=BOB, label="Bob", dropped=2, revoke_url=url))
    (shown,) = screen.all
    assert list(shown.buttons) == ["End access…"]
    assert shown.without_buttons is not None
    assert shown.without_buttons.body == f"2 clicks were dropped. End its access at {url}"


async def test_the_very_first_start_says_where_oo_is(
    parts: FewParts, center: NotificationCenter, screen: NotificationRecorder
) -> None:
    await center.welcome()
    parts.first_start = False
    await center.welcome()
    assert titles(screen) == visible(screen) == ["oO is in the tray"]
    parts.connected = (AccountState(key=BOB, label="Bob"),)
    parts.bus.publish(IntegrationsChanged())
    await settle()
    assert visible(screen) == []


async def test_a_sign_in_that_came_to_nothing_is_told_briefly_until_the_next_begins(
    parts: FewParts, center: NotificationCenter, screen: NotificationRecorder
) -> None:
    center.failed(SignInError("You did not give oO access."))
    await settle()
    assert visible(screen) == ["Not connected"]
    assert screen.all[0].body == "You did not give oO access."
    parts.waiting = (SignInState(provider=BOB.provider, url="", ends_at=parts.clock.now()),)
    parts.bus.publish(SignInChanged(BOB.provider))
    await settle()
    assert visible(screen) == []


async def test_what_was_refused_before_the_start_is_no_news(
    parts: FewParts, screen: NotificationRecorder, center: NotificationCenter
) -> None:
    parts.click(1)
    await settle()
    parts.rows[1] = msgspec.structs.replace(parts.rows[1], state=OutboxState.REJECTED)
    center.start()
    parts.click(3)
    await settle()
    assert titles(screen) == []


async def test_what_waited_for_long_is_told_once_when_all_has_gone_out(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    for number in range(12):
        parts.click(number)
    await parts.clock.advance(3 * 86_400)
    parts.becomes(OutboxState.SENT, *range(6))
    await settle()
    assert titles(screen) == []
    await parts.clock.advance(2)
    parts.becomes(OutboxState.SENT, *range(6, 12))
    await settle()
    parts.becomes(OutboxState.CONFIRMED, *range(12))
    parts.click(12)  # just clicked: it waits for its own reasons
    await settle()
    assert titles(screen) == ["12 changes were sent to Todoist"]


async def test_a_short_wait_is_not_worth_a_word(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.click(1)
    await parts.clock.advance(300)
    parts.becomes(OutboxState.SENT, 1)
    await settle()
    assert titles(screen) == []


async def test_after_a_long_wait_a_refusal_is_the_only_thing_to_know(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    for number in range(5):
        parts.click(number)
    await parts.clock.advance(3600)
    parts.becomes(OutboxState.REJECTED, 0, reason="It is gone.")
    await settle()
    parts.becomes(OutboxState.SENT, 1, 2, 3, 4)
    await settle()
    assert titles(screen) == ["Not done: Task 0"]


async def test_two_accounts_that_are_back_share_a_digest(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.click(1)
    parts.click(2, BOB)
    await parts.clock.advance(3600)
    parts.becomes(OutboxState.SENT, 1)
    parts.becomes(OutboxState.SENT, 2)
    await settle()
    assert visible(screen) == ["2 changes were sent to Todoist"]


@pytest.fixture(params=range(5))
def random(request: pytest.FixtureRequest) -> Random:
    return Random(request.param)


async def test_a_thousand_rows_in_any_order_of_events_are_no_flood(
    parts: FewParts, screen: NotificationRecorder, random: Random
) -> None:
    for number in range(1000):
        parts.click(number)
    await parts.clock.advance(7200)
    order = list(range(1000))
    random.shuffle(order)
    while order:
        batch = [order.pop() for _ in range(min(len(order), random.randint(1, 100)))]
        state = random.choice([OutboxState.SENT, OutboxState.SENT, OutboxState.REJECTED])
        for number in batch if random.random() < 0.5 else ():
            parts.becomes(state, number)  # one by one
        parts.becomes(state, *batch)
        await (settle() if random.random() < 0.5 else parts.clock.advance(random.random()))
    await parts.clock.advance(3600)
    assert len(screen.all) <= 5
    refused = sum(item.state is OutboxState.REJECTED for item in parts.items())
    assert visible(screen) == [f"{refused} changes were not accepted"]


async def test_mistakes_of_the_file_are_told_in_one_place_and_taken_back(
    center: NotificationCenter, screen: NotificationRecorder
) -> None:
    await center.mistaken(("config.toml, line 1: no.",))
    await center.mistaken(("config.toml, line 1: no.", "config.toml, line 2: no."))
    assert visible(screen) == ["A setting cannot be used"]
    assert "There is 1 more." in screen.all[-1].body
    await center.mistaken(())
    assert visible(screen) == []
