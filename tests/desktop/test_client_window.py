"""A client’s file dropped on oO's window, and what becomes of its secret."""

import json
import re
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktop import drag_source
from tests.desktop.drag_source import PLACE, SIZE
from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession

TITLE = "Connect Google Calendar"
CONSENT = "/google/o/oauth2/v2/auth"
CALLBACK = "/api/integrations/google_calendar/callback"
EVENT = "Release freeze"
"""Lasts all day today and tomorrow."""


@pytest.fixture
def client_file(desktop: DesktopSession, sandbox: SandboxProcess) -> Path:
    """Return it as the Cloud console's download leaves it."""
    address = f"{sandbox.url}/sandbox/google/client_secret.json"
    with urllib.request.urlopen(address, timeout=5) as answer:
        body = answer.read()
    file = desktop.folder / "client_secret_1.json"  # outside of the home that is searched below
    file.write_bytes(body)
    return file


def window_number(desktop: DesktopSession) -> str | None:
    found = desktop.spawn("xdotool", "search", "--onlyvisible", "--name", f"^{TITLE}")
    found.ended()
    return found.printed.split()[0] if found.printed.split() else None


def middle_of_window(desktop: DesktopSession) -> tuple[int, int]:
    number = wait_until(lambda: window_number(desktop), "the window", every=0.1)
    told = desktop.run("xdotool", "getwindowgeometry", "--shell", number)
    shown = {name: int(value) for name, value in re.findall(r"([A-Z]+)=(\d+)", told)}
    return shown["X"] + shown["WIDTH"] // 2, shown["Y"] + shown["HEIGHT"] // 2


def drag_onto_window(desktop: DesktopSession, file: Path) -> None:
    """Drag it with the mouse, out of another program."""
    source = desktop.spawn(sys.executable, str(Path(drag_source.__file__)), file.as_uri())
    source.wait("the file to drag", lambda: "ready" in source.printed, within=20)
    start = (PLACE.x() + SIZE // 2, PLACE.y() + SIZE // 2)
    x, y = middle_of_window(desktop)
    desktop.run("xdotool", "mousemove", *map(str, start), "mousedown", "1")
    for step in range(1, 6):
        between = (old + (new - old) * step // 5 for old, new in zip(start, (x, y), strict=True))
        desktop.run("xdotool", "mousemove", *map(str, between))
        time.sleep(0.1)  # as a hand does; each program on the way has to answer
    desktop.run("xdotool", "mouseup", "1")
    source.wait("the drop to be taken", lambda: "Action" in source.printed)
    assert "CopyAction" in source.printed


def has_continued(desktop: DesktopSession) -> bool:
    """Choose “Continue in the browser” in the window; whether it is gone.

    That does nothing before the file has been taken, which no program outside can see.
    """
    number = window_number(desktop)
    if number is not None:
        activated = ("windowactivate", number, "sleep", "0.1")
        desktop.spawn("xdotool", *activated, "key", "alt+b").ended()
    return number is None


def connect_google(desktop: DesktopSession, oo: RunningOo, file: Path) -> None:
    oo.menu.wait_for("Connect Google Calendar…")
    oo.menu.click("Connect Google Calendar…")
    drag_onto_window(desktop, file)
    wait_until(lambda: has_continued(desktop), "the window to close", every=0.3)
    desktop.browser.page(CONSENT).click("Continue")
    desktop.browser.page(CALLBACK).wait_for_text("Return to oO")


@pytest.fixture
def planned(desktop: DesktopSession, oo: RunningOo, client_file: Path) -> RunningOo:
    """Return oO with the client of the file, and the event of an account connected with it."""
    desktop.browser.start()
    oo.start()
    connect_google(desktop, oo, client_file)
    # Wherever in the menu it is at this time of day.
    wait_until(lambda: EVENT in str(oo.menu), f"{EVENT} in the menu", every=0.1)
    return oo


def test_a_file_dropped_on_the_window_leads_to_events_in_the_menu(
    desktop: DesktopSession, planned: RunningOo, client_file: Path
) -> None:
    planned.menu.wait_for("Accounts", "ada@example.com", "Use another Google client…")
    assert window_number(desktop) is None
    assert client_file.exists()


def test_the_secret_of_the_client_is_in_the_keyring_and_nowhere_else(
    desktop: DesktopSession, planned: RunningOo, client_file: Path
) -> None:
    secret = json.loads(client_file.read_text())["installed"]["client_secret"]
    kept = [entry for entry in desktop.keyring.entries() if secret in entry.secret]
    process = Path("/proc", str(planned.program.pid))
    given = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    planned.stop()

    assert len(kept) == 1
    found = [file for file, data in planned.written().items() if secret.encode() in data]
    assert found == []
    assert secret.encode() not in given


def test_who_has_brought_a_client_is_led_to_the_browser_at_once(
    desktop: DesktopSession, planned: RunningOo
) -> None:
    opened = len(desktop.browser.urls())

    planned.menu.click("Accounts", "Connect another Google Calendar account…")

    wait_until(lambda: len(desktop.browser.urls()) > opened, "another page in the browser")
    assert window_number(desktop) is None
