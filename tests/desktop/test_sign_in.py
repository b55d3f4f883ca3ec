"""Connecting in a real browser, and where the token is kept."""

import json
from typing import Any

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession

CONSENT = "/oauth/authorize"
CALLBACK = "/api/integrations/todoist/callback"


def connect_in_browser(desktop: DesktopSession, oo: RunningOo, decision: str) -> None:
    """Choose Connect in the menu, and click `decision` on the page that opens."""
    oo.menu.wait_for("Connect Todoist…")
    oo.menu.click("Connect Todoist…")
    desktop.browser.page(CONSENT).click(decision)


def start_and_connect(desktop: DesktopSession, oo: RunningOo, decision: str) -> None:
    """Do the same, with a browser that runs already."""
    desktop.browser.start()
    oo.start()
    connect_in_browser(desktop, oo, decision)


def strings_in(value: Any) -> set[str]:
    """Return every text inside a decoded JSON value."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return set().union(*(strings_in(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(strings_in(inner) for inner in value))
    return set()


def test_allow_clicked_in_the_browser_brings_the_tasks_into_the_menu(
    desktop: DesktopSession, oo: RunningOo
) -> None:
    start_and_connect(desktop, oo, "Allow")

    desktop.browser.page(CALLBACK).wait_for_text("Return to oO")
    oo.menu.wait_for("Send the grant report")
    oo.menu.wait_for("Accounts", "ada@example.com")
    assert len(desktop.browser.urls()) == 1
    (shown,) = desktop.notifications.shown()
    assert shown.title.startswith("Todoist is connected: ")


def test_deny_clicked_in_the_browser_connects_nothing_and_says_so(
    desktop: DesktopSession, oo: RunningOo
) -> None:
    start_and_connect(desktop, oo, "Deny")

    desktop.browser.page(CALLBACK).wait_for_text("Nothing was connected")
    oo.menu.wait_for("Connect Todoist…")
    assert oo.ask("integrations") == []
    assert desktop.keyring.entries() == []


def test_a_browser_that_does_not_run_yet_is_started(desktop: DesktopSession, oo: RunningOo) -> None:
    oo.start()

    connect_in_browser(desktop, oo, "Allow")

    oo.menu.wait_for("Send the grant report")


def test_the_token_is_in_the_keyring_and_in_no_file(
    desktop: DesktopSession, oo: RunningOo, sandbox: SandboxProcess
) -> None:
    start_and_connect(desktop, oo, "Allow")
    oo.menu.wait_for("Send the grant report")

    secrets = {
        text
        for entry in desktop.keyring.entries()
        for text in strings_in(json.loads(entry.secret))
        if len(text) >= 20
    }
    oo.stop()

    assert len(secrets) >= 2, "an access token and a refresh token were expected"
    ours = {file: data for file, data in oo.written().items() if "chromium" not in file.parts}
    for secret in secrets:
        found = [file for file, data in ours.items() if secret.encode() in data]
        assert found == []


def test_disconnecting_empties_the_keyring(desktop: DesktopSession, connected: RunningOo) -> None:
    assert len(desktop.keyring.entries()) == 1

    connected.ask("disconnect", "todoist")

    assert desktop.keyring.entries() == []
    connected.menu.wait_for("Connect Todoist…")
