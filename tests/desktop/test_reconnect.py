"""A refused token: one calm notification, one button, and everything goes on."""

import time

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktop.notifications import Notification
from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession
from tests.desktop.test_sign_in import CONSENT, start_and_connect
from tests.desktop.test_tasks import REPORT, task

SAYS = "Todoist needs you to sign in again"


@pytest.fixture
def signed_in(desktop: DesktopSession, oo: RunningOo) -> RunningOo:
    """Return oO connected in the browser, so that it has a refresh token to lose."""
    start_and_connect(desktop, oo, "Allow")
    oo.menu.wait_for(REPORT)
    return oo


@pytest.fixture
def revoked(signed_in: RunningOo, sandbox: SandboxProcess) -> RunningOo:
    """Return the same after its tokens were revoked, and it has noticed."""
    sandbox.control("revoke")
    signed_in.say("refresh")
    return signed_in


@pytest.fixture
def notice(desktop: DesktopSession, revoked: RunningOo) -> Notification:
    """Return what it says of that, in a notification."""
    return desktop.notifications.wait_for(SAYS)


def allow_in_browser(desktop: DesktopSession) -> None:
    desktop.browser.page(CONSENT).click("Allow")


def test_an_expired_token_is_refreshed_without_a_word(
    desktop: DesktopSession, signed_in: RunningOo, sandbox: SandboxProcess
) -> None:
    desktop.notifications.wait_for("Todoist is connected")
    desktop.notifications.clear()
    sandbox.control("expire")

    signed_in.ask("refresh")

    assert sandbox.state()["refreshes"] == 1
    assert desktop.notifications.received() == []


def test_a_revoked_token_is_mended_from_its_one_notification(
    desktop: DesktopSession, revoked: RunningOo, notice: Notification, sandbox: SandboxProcess
) -> None:
    assert notice.buttons == ("Reconnect",)
    assert len(desktop.browser.urls()) == 1, "a browser was opened unasked"
    revoked.menu.wait_for("Reconnect Todoist…")
    revoked.menu.click(REPORT)
    desktop.notifications.press(notice, "Reconnect")
    allow_in_browser(desktop)

    wait_until(lambda: task(sandbox, REPORT)["checked"], "the click to be sent", within=20)
    revoked.menu.wait_without("Reconnect Todoist…")
    (account,) = revoked.ask("integrations")
    assert account["token_status"] == "active"


def test_the_notification_is_withdrawn_when_the_account_is_mended_from_the_menu(
    desktop: DesktopSession, revoked: RunningOo, notice: Notification
) -> None:
    revoked.menu.click("Reconnect Todoist…")
    allow_in_browser(desktop)

    desktop.notifications.wait_until_withdrawn(notice)


def test_the_notification_is_withdrawn_when_its_own_button_mended_the_account(
    desktop: DesktopSession, revoked: RunningOo, notice: Notification
) -> None:
    desktop.notifications.press(notice, "Reconnect")
    allow_in_browser(desktop)
    revoked.menu.wait_without("Reconnect Todoist…")

    desktop.notifications.wait_until_withdrawn(notice, within=2)


def test_a_refused_account_is_announced_once_over_polls_and_starts(
    desktop: DesktopSession, revoked: RunningOo, notice: Notification
) -> None:
    revoked.say("refresh")
    revoked.stop()
    revoked.start()
    revoked.menu.wait_for("Reconnect Todoist…")
    revoked.say("refresh")

    assert [n.title for n in desktop.notifications.received()].count(SAYS) == 1
    revoked.menu.wait_for(REPORT)


def test_without_a_notification_daemon_the_menu_asks(
    desktop: DesktopSession, signed_in: RunningOo, sandbox: SandboxProcess
) -> None:
    desktop.notifier.stop()
    sandbox.control("revoke")
    signed_in.say("refresh")

    signed_in.menu.wait_for("Reconnect Todoist…")
    signed_in.menu.click("Reconnect Todoist…")
    allow_in_browser(desktop)

    signed_in.menu.wait_without("Reconnect Todoist…")
    assert signed_in.program.running


def test_an_unreachable_service_is_no_sign_out(
    desktop: DesktopSession, signed_in: RunningOo, sandbox: SandboxProcess
) -> None:
    desktop.notifications.wait_for("Todoist is connected")
    desktop.notifications.clear()
    sandbox.control("offline")
    signed_in.say("refresh")

    signed_in.menu.wait_for("Todoist: offline")
    signed_in.menu.wait_for(REPORT)
    time.sleep(0.5)  # a notification would have come by now
    assert desktop.notifications.received() == []
