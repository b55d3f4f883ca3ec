"""The window in a real session: what opens it, what it is without a panel, and the keyboard."""

from pathlib import Path

import pytest

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession
from tests.desktop.test_tasks import REPORT, task


def windows(desktop: DesktopSession) -> list[str]:
    """The windows of oO that can be seen, by their numbers."""
    try:
        found = desktop.run("xdotool", "search", "--onlyvisible", "--name", "^oO$")
    except AssertionError:  # it finds none
        return []
    return found.split()


def wait_for_window(desktop: DesktopSession, *, within: float = 10) -> str:
    return wait_until(lambda: windows(desktop), "the window", within=within)[0]


def type_keys(desktop: DesktopSession, window: str, *keys: str) -> None:
    desktop.run("xdotool", "windowactivate", "--sync", window, "key", *keys)


def test_the_very_first_start_welcomes_in_a_window_and_no_later_one_does(
    desktop: DesktopSession, sandbox: SandboxProcess
) -> None:
    oo = RunningOo(desktop, sandbox, name="first", first=True)
    oo.start()
    wait_for_window(desktop)
    assert oo.stop() == 0
    oo.start()
    oo.await_ready()
    assert windows(desktop) == []
    oo.end_well()


@pytest.mark.parametrize("way", ["icon", "menu", "show", "second start"])
def test_it_is_opened(desktop: DesktopSession, connected: RunningOo, way: str) -> None:
    assert windows(desktop) == []
    match way:
        case "icon":
            connected.item.activate()
        case "menu":
            connected.menu.click("Open oO")
        case "show":
            assert connected.say("show").printed == "oO’s window is open.\n"
        case _:
            connected.say()
    wait_for_window(desktop)


def test_a_task_is_done_with_the_keyboard_alone(
    desktop: DesktopSession, connected: RunningOo, sandbox: SandboxProcess
) -> None:
    connected.say("show")
    window = wait_for_window(desktop)
    type_keys(desktop, window, "g", "r", "a", "n", "t")
    type_keys(desktop, window, "Down", "space")
    wait_until(lambda: task(sandbox, REPORT)["checked"], "the task to be done")
    type_keys(desktop, window, "Escape", "Escape")
    wait_until(lambda: not windows(desktop), "the window to close")


def test_without_a_panel_the_window_opens_and_closing_it_loses_nothing(
    desktop: DesktopSession, oo: RunningOo
) -> None:
    desktop.tray_host.stop()
    oo.launch()
    oo.await_ready()
    window = wait_for_window(desktop, within=20)  # a panel that is late is waited for
    desktop.notifications.wait_for("tray", within=20)
    type_keys(desktop, window, "Escape")
    desktop.notifications.wait_for("still running")
    assert windows(desktop) == []
    oo.say()
    wait_for_window(desktop)
    desktop.tray_host.start()
    oo.menu.wait_for("Connect Todoist…")


def test_its_size_outlives_oo(desktop: DesktopSession, connected: RunningOo) -> None:
    connected.say("show")
    window = wait_for_window(desktop)
    desktop.run("xdotool", "windowsize", "--sync", window, "620", "540")
    type_keys(desktop, window, "Escape")
    wait_until(lambda: not windows(desktop), "the window to close")
    assert connected.stop() == 0
    kept = Path(connected.home / "window.json").read_text()
    assert kept == '{"width":620,"height":540}'
