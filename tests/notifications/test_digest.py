"""One notification for what was held back of several kinds."""

import pytest

from oo_desktop.commands.commands import Command, Execute, Refresh
from oo_desktop.notifications.digest import HeldBackNotice
from tests.journeys.recorder import NotificationRecorder


@pytest.fixture
def notice(screen: NotificationRecorder, execute: Execute) -> HeldBackNotice:
    return HeldBackNotice(notifier=screen, execute=execute, show=None)


async def test_it_names_as_much_as_a_daemon_shows(
    notice: HeldBackNotice, screen: NotificationRecorder
) -> None:
    await notice.tell({number: f"Line {number}" for number in range(8)})
    (shown,) = screen.all
    assert shown.title == "8 notifications were held back"
    assert shown.body.splitlines() == [*(f"Line {n}" for n in range(5)), "and 3 more"]
    assert list(shown.buttons) == []
    assert shown.click is None


async def test_where_there_is_a_place_to_see_it_all_it_leads_there(
    screen: NotificationRecorder, execute: Execute, said: list[Command]
) -> None:
    notice = HeldBackNotice(notifier=screen, execute=execute, show=Refresh())
    await notice.tell({1: "Line 1"})
    (shown,) = screen.all
    assert list(shown.buttons) == ["Show"]
    shown.buttons["Show"]()
    assert shown.click is not None
    shown.click()
    assert said == [Refresh(), Refresh()]


async def test_what_is_merely_old_does_not_bring_it_up_again(
    notice: HeldBackNotice, screen: NotificationRecorder
) -> None:
    await notice.tell({1: "Line 1", 2: "Line 2"})
    await notice.forget(1)
    await notice.forget(3, wrong=True)
    assert len(screen.all) == 1
    await notice.forget(2)
    assert screen.visible == {}
