"""Drives oO's notifications at one real daemon: `python -m tests.desktops.checks PACKAGE FOLDER`.

Runs in a session of its own (`tests.desktops` makes it), prints what came of each check as JSON.
What begins with NO is a fault of oO's; the rest is how this daemon is.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from oo_desktop.linux.notifier import SystemNotifier
from oo_desktop.notifications.notifier import WithoutButtons
from tests.desktop.bus import Bus, BusRecord, Passed
from tests.desktops.daemons import COMPOSITOR, DAEMONS, NAME, PATH, Daemon, Running

NOBODY = 65534

CHECKS = (
    "name",
    "draws buttons",
    "show",
    "replace",
    "withdraw",
    "press",
    "after it",
    "restart",
    "stranger",
    "forged",
    "gone",
)


class Script:
    """Holds one run: what oO shows, what a stranger does, and what passed over the bus."""

    def __init__(self, daemon: Daemon, running: Running, bus: Bus, address: str) -> None:
        self._daemon = daemon
        self._running = running
        self._bus = bus
        self._record = BusRecord(address)
        self._notifier = SystemNotifier(address=address)
        self._pressed: list[str] = []

    async def run(self) -> dict[str, str]:
        """Return each check's outcome."""
        found = {"name": str(self._bus.call(NAME, PATH, NAME, "GetServerInformation")[0])}
        await self._press(found)
        await self._show_and_withdraw(found)
        await self._restart(found)
        self._running.kill()
        began = time.monotonic()
        await self._notifier.show("gone", title="Nobody shows this")
        await self._notifier.aclose()
        found["gone"] = "quiet" if time.monotonic() - began < 1 else "NO: it waited"
        self._record.close()
        return found

    async def _show(self, identifier: str, title: str, *, standing: bool = False) -> int:
        """Show a text with two buttons as oO does; the number it got, 0 for none."""
        mark = self._record.mark()
        await self._notifier.show(
            identifier,
            title=title,
            body="ana@example.org\nYour list stays as it is.",
            buttons={
                "Reconnect": lambda: self._pressed.append("Reconnect"),
                "Snooze": lambda: self._pressed.append("Snooze"),
            },
            without_buttons=WithoutButtons("Choose Reconnect in oO’s menu.", click="Reconnect"),
            standing=standing,
        )
        return self._number(mark)

    def _number(self, mark: int) -> int:
        passed = self._record.since(mark)
        calls = {(call.sender, call.serial) for call in passed if call.member == "Notify"}
        answers = [p for p in passed if (p.destination, p.reply_to) in calls and p.body]
        return int(answers[-1].body[0]) if answers and answers[-1].kind == "method_return" else 0

    def _notify_as_stranger(self, title: str) -> int:
        arguments: tuple[object, ...] = (
            "other",
            0,
            "",
            title,
            "",
            ["0", "Delete file", "default", "Show"],
            {},
            -1,
        )
        reply = self._bus.call(NAME, PATH, NAME, "Notify", "susssasa{sv}i", *arguments)
        return int(reply[0])

    def _heard(self, member: str, mark: int) -> list[Passed]:
        return [p for p in self._record.since(mark) if (p.kind, p.member) == ("signal", member)]

    async def _until(self, probe: Callable[[], object], *, within: float = 3) -> bool:
        end = time.monotonic() + within
        while time.monotonic() < end:
            if probe():
                return True
            await asyncio.sleep(0.1)
        return False

    async def _show_and_withdraw(self, found: dict[str, str]) -> None:
        mark = self._record.mark()
        first = await self._show("one", "Todoist needs you to sign in again")
        (call,) = [p for p in self._record.since(mark) if p.member == "Notify"]
        found["draws buttons"] = "yes" if call.body[4].startswith("ana@") else "no: told in words"
        found["show"] = f"number {first}" if first else "NO: no number"
        second = await self._show("one", "Todoist still needs you to sign in")
        found["replace"] = "in place" if second == first else f"NO: {first} became {second}"
        mark = self._record.mark()
        await self._notifier.withdraw("one")
        closed = await self._until(
            lambda: any(p.body[0] == second for p in self._heard("NotificationClosed", mark))
        )
        found["withdraw"] = "closed" if closed else "NO: not closed"

    async def _press(self, found: dict[str, str]) -> None:
        """Press the notification itself: over the bus or with the pointer."""
        press = self._daemon.press
        if press is None and self._daemon.wayland:
            found["press"] = "not tried"
            return
        before = _picture()
        mark = self._record.mark()
        heard: list[str] = []
        await self._notifier.show(
            "click", title="Lunch", body="In 10 min", click=lambda: heard.append("click")
        )
        number = self._number(mark)
        await asyncio.sleep(1.5)
        if press is not None:
            press(self._bus, number, "default")
        elif not _click_on_change(before):
            found["press"] = "not seen"
            return
        await self._until(lambda: heard)
        await self._until(lambda: self._heard("NotificationClosed", mark))
        await asyncio.sleep(0.5)
        closed = [p.body[1] for p in self._heard("NotificationClosed", mark) if p.body[0] == number]
        if heard:
            found["press"] = "acts"
            found["after it"] = (
                f"closed, {', '.join(map(str, closed))}" if closed else "NO: it stands"
            )
        else:
            found["press"] = "closes" if closed else "nothing"
            invoked = self._heard("ActionInvoked", mark)
            found["after it"] = "NO: not done" if invoked else ""
        if any(p.member == "CloseNotification" for p in self._record.since(mark)):
            found["after it"] += " (oO asked)"

    async def _restart(self, found: dict[str, str]) -> None:
        """Restart it twice: what stands is shown again once, and a stranger gets our numbers."""
        title = "Todoist needs you to sign in again"
        numbers = {await self._show("other", "1 task done")}
        numbers.add(await self._show("account", title, standing=True))
        again = []
        for _ in range(2):
            self._running.kill()
            mark = self._record.mark()
            self._running.start()
            await asyncio.sleep(1)
            again.append(self._number(mark))
        found["restart"] = (
            "shown once more" if again[0] and not again[1] else f"NO: then {again[0]}, {again[1]}"
        )
        numbers |= set(again)
        theirs = {self._notify_as_stranger(f"Disk {n} is full") for n in range(max(numbers) + 1)}
        if not theirs & numbers:
            found["stranger"] = "has no number of ours"
        mark = self._record.mark()
        await self._notifier.withdraw("account")
        mine = await self._show("other", "2 tasks done")
        await self._notifier.withdraw("other")
        await asyncio.sleep(0.5)
        gone = {p.body[0] for p in self._heard("NotificationClosed", mark)} & theirs
        found.setdefault("stranger", f"NO: {gone} closed" if gone else "stands")
        if mine in theirs:
            found["stranger"] = "NO: overwritten"
        mine = await self._show("last", title)
        _forge(mine)
        await asyncio.sleep(0.5)
        found["forged"] = f"NO: {self._pressed}" if self._pressed else "not heard"


def _forge(number: int) -> None:
    """Say, as any program can, that the first button of a notification was pressed."""
    words = [PATH, f"{NAME}.ActionInvoked", f"uint32:{number}", "string:0"]
    subprocess.run(["dbus-send", "--session", *words], check=True)


def _picture() -> bytes:
    command = ["import", "-window", "root", "png:-"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def _click_on_change(before: bytes) -> bool:
    """Click in the middle of what is on the screen now and was not; False where nothing is."""
    folder = Path(os.environ["XDG_RUNTIME_DIR"])
    (folder / "before.png").write_bytes(before)
    (folder / "after.png").write_bytes(_picture())
    difference = ["before.png", "after.png", "-compose", "difference", "-composite"]
    where = ["-threshold", "5%", "-trim", "-format", "%w %h %X %Y", "info:"]
    box = subprocess.run(
        ["convert", *difference, *where], check=True, cwd=folder, stdout=subprocess.PIPE, text=True
    ).stdout
    width, height, left, top = (int(number) for number in box.split())
    if left < 0:
        return False
    x, y = left + width // 2, top + height // 2
    subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], check=True)
    return True


def _compositor(folder: Path) -> subprocess.Popen[bytes]:
    """Start one without a screen; afterwards WAYLAND_DISPLAY names it. It refuses to be root."""
    home = folder / "compositor"
    home.mkdir(mode=0o700)
    settings = home / "config"
    settings.write_text("output * resolution 1000x640\n")
    env = dict(
        os.environ,
        WLR_BACKENDS="headless",
        WLR_RENDERER="pixman",
        WLR_LIBINPUT_NO_DEVICES="1",
        XDG_RUNTIME_DIR=str(home),
    )
    somebody = []
    if os.geteuid() == 0:
        somebody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        folder.chmod(0o711)
        for path in (home, settings):
            os.chown(path, NOBODY, NOBODY)
    log = folder / "compositor.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*somebody, COMPOSITOR, "--config", settings], env=env, stdout=output, stderr=output
        )
    end = time.monotonic() + 20
    while not (found := [p for p in home.glob("wayland-*") if p.suffix != ".lock"]):
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)
    os.environ["WAYLAND_DISPLAY"] = str(found[0])
    return process


def main(package: str, folder: Path) -> None:
    """Run the script at one daemon and print what came of it."""
    daemon = next(each for each in DAEMONS if each.package == package)
    address = os.environ["DBUS_SESSION_BUS_ADDRESS"]
    compositor = _compositor(folder) if daemon.wayland else None
    bus = Bus(address)
    running = Running(daemon, os.environ, folder / "daemon.log", bus)
    try:
        running.start()
        print(json.dumps(asyncio.run(Script(daemon, running, bus, address).run())))
    finally:
        running.kill()
        if compositor is not None:
            compositor.terminate()
            compositor.wait(10)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
