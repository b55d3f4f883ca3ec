"""The notification daemon is restarted, and has its own ideas of buttons: dunst, as it is."""

import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktop.bus import PROPERTIES
from tests.desktop.notifications import DUNST, NOTIFICATIONS, PATH, Notification
from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession
from tests.desktop.test_events import MEET, MEETING
from tests.desktop.test_reconnect import SAYS, allow_in_browser, notice, revoked, signed_in

__all__ = ["notice", "revoked", "signed_in"]

_numbers = count()


def notify_as_another_program(desktop: DesktopSession, title: str, button: str) -> Notification:
    """Show a notification that is not oO's."""
    arguments: tuple[object, ...] = ("other", 0, "", title, "", ["0", button], {}, 0)
    desktop.bus.call(
        NOTIFICATIONS, PATH, NOTIFICATIONS, "Notify", "susssasa{sv}i", *arguments, timeout=10
    )
    return desktop.notifications.wait_for(title)


def announced(desktop: DesktopSession) -> list[Notification]:
    return [n for n in desktop.notifications.received() if n.title == SAYS]


def test_after_restarts_of_the_daemon_other_programs_notifications_are_left_alone(
    desktop: DesktopSession, revoked: RunningOo, notice: Notification
) -> None:
    desktop.notifier.restart()
    wait_until(lambda: len(announced(desktop)) == 2, "it to be shown again")
    desktop.notifier.restart()

    theirs = notify_as_another_program(desktop, "Disk is full", "Delete file")
    assert theirs.number in {shown.number for shown in announced(desktop)}
    urls = desktop.browser.urls()
    desktop.notifications.press(theirs, "Delete file")
    time.sleep(1)  # a browser would have been asked by now
    assert desktop.browser.urls() == urls
    assert len(announced(desktop)) == 2, "once more is enough"

    revoked.menu.click("Reconnect Todoist…")
    allow_in_browser(desktop)
    revoked.menu.wait_without("Reconnect Todoist…")
    time.sleep(0.5)
    assert desktop.notifications.displayed() == 1


def test_a_daemon_that_draws_no_buttons_is_given_words_and_a_click(
    desktop: DesktopSession, notice: Notification
) -> None:
    assert notice.body.endswith("Choose Reconnect in oO’s menu.")
    assert notice.actions["default"] == "Reconnect"


@pytest.fixture
def meeting(desktop: DesktopSession, sandbox: SandboxProcess, tmp_path: Path) -> Iterator[Path]:
    """Yield the file of what the browser is asked to show; oO reminds of a meeting."""
    looked_at, browser = tmp_path / "looked_at", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {looked_at}\n')
    browser.chmod(0o700)
    sandbox.control("clear_events")
    sandbox.control("add_event", summary="Demo", in_minutes=9, minutes=60, fields=MEET)
    oo = RunningOo(desktop, sandbox, name=f"reminded-{next(_numbers)}", google=True)
    oo.env["BROWSER"] = str(browser)
    oo.start()
    oo.await_ready()
    oo.connect_google("ada@example.com")
    yield looked_at
    oo.end_well()


def test_a_reminder_goes_once_its_meeting_was_joined(
    desktop: DesktopSession, meeting: Path
) -> None:
    reminder = desktop.notifications.wait_for("Demo")
    desktop.notifications.press(reminder, "Join")
    wait_until(meeting.exists, "the browser to be asked")
    assert meeting.read_text().startswith(MEETING)
    desktop.notifications.wait_until_withdrawn(reminder)
    wait_until(lambda: desktop.notifications.displayed() == 0, "an empty screen")


def set_paused(desktop: DesktopSession, *, paused: bool) -> None:
    """Have dunst keep notifications back, or no longer."""
    desktop.bus.call(NOTIFICATIONS, PATH, PROPERTIES, "Set", "ssv", DUNST, "paused", ("b", paused))


@pytest.mark.usefixtures("meeting")
def test_while_the_daemon_keeps_notifications_back_none_is_given_to_it(
    desktop: DesktopSession, sandbox: SandboxProcess
) -> None:
    desktop.notifications.wait_for("Demo")
    set_paused(desktop, paused=True)
    try:
        desktop.notifications.clear()
        sandbox.control("add_event", summary="Review", in_minutes=9, minutes=60, fields=MEET)
        time.sleep(8)  # a poll at least
        assert desktop.notifications.received() == []
    finally:
        set_paused(desktop, paused=False)
    desktop.notifications.wait_for("Review")
