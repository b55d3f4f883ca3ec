"""`python -m tests.desktop.pictures FOLDER`: pictures of oO as it is used, for people to look at.

They show the sandbox's Ada, never anybody's own tasks, and come out the same on every machine.
"""

import sys
import time
from pathlib import Path

from oo_desktop.sandbox.process import SandboxProcess
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession

DRAWN = 0.7
"""Seconds in which a menu, a page or a notification is certainly drawn."""


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with DesktopSession() as desktop, SandboxProcess() as sandbox:
        desktop.reset()
        desktop.browser.start()
        oo = RunningOo(desktop, sandbox)
        oo.start()
        oo.menu.wait_for("Connect Todoist…")
        oo.menu.click("Connect Todoist…")
        consent = desktop.browser.page("/oauth/authorize")
        consent.wait_for_text("Allow")
        time.sleep(DRAWN)
        desktop.screenshot(folder / "consent.png")
        consent.click("Allow")
        desktop.browser.page("/callback").wait_for_text("Return to oO")
        oo.menu.wait_for("Send the grant report")
        time.sleep(DRAWN)
        desktop.screenshot(folder / "return.png")
        desktop.browser.stop()
        _picture_menu(desktop, folder / "tray.png")
        oo.menu.click("Send the grant report")
        desktop.notifications.wait_for("Send the grant report")
        _picture_menu(desktop, folder / "undo.png")
        sandbox.control("revoke")
        oo.say("refresh")
        desktop.notifications.wait_for("sign in again")
        time.sleep(DRAWN)
        desktop.screenshot(folder / "reconnect.png", area="640x400+640+0")
        desktop.notifications.clear()
        _picture_menu(desktop, folder / "reconnect-menu.png")


def _picture_menu(desktop: DesktopSession, file: Path) -> None:
    desktop.open_tray_menu()
    time.sleep(DRAWN)
    desktop.screenshot(file, area="640x560+640+0")
    desktop.press_key("Escape")
    desktop.rest_pointer()
    time.sleep(DRAWN / 2)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
