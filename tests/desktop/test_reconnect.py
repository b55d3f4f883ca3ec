"""A refused token: one calm notification, one button, and everything goes on."""

import time

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktop.notifications import Notification
from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession
from tests.desktop.test_sign_in import CONSENT, connect_in_browser
from tests.desktop.test_tasks import REPORT, task

SAYS = "Todoist needs you to sign in again"


@pytest.fixture
def signed_in(desktop: DesktopSession, oo: RunningOo) -> RunningOo:
    """oO connected in the browser, so that it has a refresh token to lose."""
    desktop.browser.start()
    oo.start()
    connect_in_browser(desktop, oo, "Allow")
    oo.menu.wait_for(REPORT)
    return oo


def reconnect_notifications(desktop: DesktopSession) -> list[Notification]:
    return [n for n in desktop.notifications.received() if n.title == SAYS]


def test_an_expired_token_is_refreshed_without_a_word(
    desktop: DesktopSession, signed_in: RunningOo, sandbox: SandboxProcess
) -> None:
    sandbox.control("expire")

    signed_in.ask("refresh")

    assert sandbox.state()["refreshes"] == 1
    assert desktop.notifications.received() == []


def test_a_revoked_token_is_mended_from_its_one_notification(
    desktop: DesktopSession, signed_in: RunningOo, sandbox: SandboxProcess
) -> None:
    sandbox.control("revoke")
    signed_in.say("refresh")

    notice = desktop.notifications.wait_for(SAYS)
    assert notice.buttons == ("Reconnect",)
    assert len(desktop.browser.urls()) == 1, "a browser was opened unasked"
    signed_in.menu.wait_for("Reconnect Todoist…")
    signed_in.menu.click(REPORT)
    desktop.notifications.press(notice, "Reconnect")
    desktop.browser.page(CONSENT).click("Allow")

    wait_until(lambda: task(sandbox, REPORT)["checked"], "the click to be sent", within=20)
    signed_in.menu.wait_without("Reconnect Todoist…")
    (account,) = signed_in.ask("integrations")
    assert account["token_status"] == "active"


def test_the_notification_is_withdrawn_when_the_account_is_mended_from_the_menu(
    desktop: DesktopSession, signed_in: RunningOo, sandbox: SandboxProcess
) -> None:
    sandbox.control("revoke")
    signed_in.say("refresh")
    notice = desktop.notifications.wait_for(SAYS)

    signed_in.menu.click("Reconnect Todoist…")
    desktop.browser.page(CONSENT).click("Allow")

    desktop.notifications.wait_until_withdrawn(notice)


def test_the_notification_is_withdrawn_when_its_own_button_mended_the_account(
    desktop: DesktopSession, signed_in: RunningOo, sandbox: SandboxProcess
) -> None:
    sandbox.control("revoke")
    signed_in.say("refresh")
    notice = desktop.notifications.wait_for(SAYS)

    desktop.notifications.press(notice, "Reconnect")
    desktop.browser.page(CONSENT).click("Allow")
    signed_in.menu.wait_without("Reconnect Todoist…")

    desktop.notifications.wait_until_withdrawn(notice, within=2)


def test_a_refused_account_is_announced_once_over_polls_and_starts(
    desktop: DesktopSession, signed_in: RunningOo, sandbox: SandboxProcess
) -> None:
    sandbox.control("revoke")
    signed_in.say("refresh")
    desktop.notifications.wait_for(SAYS)

    signed_in.say("refresh")
    signed_in.stop()
    signed_in.start()
    signed_in.menu.wait_for("Reconnect Todoist…")
    signed_in.say("refresh")

    assert len(reconnect_notifications(desktop)) == 1
    signed_in.menu.wait_for(REPORT)


def test_without_a_notification_daemon_the_menu_asks(
    desktop: DesktopSession, signed_in: RunningOo, sandbox: SandboxProcess
) -> None:
    desktop.notifier.stop()
    sandbox.control("revoke")
    signed_in.say("refresh")

    signed_in.menu.wait_for("Reconnect Todoist…")
    signed_in.menu.click("Reconnect Todoist…")
    desktop.browser.page(CONSENT).click("Allow")

    signed_in.menu.wait_without("Reconnect Todoist…")
    assert signed_in.program.running


def test_an_unreachable_service_is_no_sign_out(
    desktop: DesktopSession, signed_in: RunningOo, sandbox: SandboxProcess
) -> None:
    sandbox.control("offline")
    signed_in.say("refresh")

    signed_in.menu.wait_for("Todoist: offline")
    signed_in.menu.wait_for(REPORT)
    time.sleep(0.5)  # a notification would have come by now
    assert desktop.notifications.received() == []
