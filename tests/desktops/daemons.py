"""Names the notification daemons that Debian has, and how each is started."""

import glob
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.desktop.bus import Bus

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"

Press = Callable[[Bus, int, str], object]
"""Presses a button of the notification with this number, by its key."""


class Daemon(NamedTuple):
    """Is one daemon: the Debian package, its program, and what it needs.

    before: where its program was until Debian 12, if it moved. wayland: it needs a compositor of
    its own kind. press: presses a button over the bus, where the daemon has a way; None: a person's
    click is made with the pointer.
    """

    package: str
    program: str
    before: str = ""
    wayland: bool = False
    press: Press | None = None

    @property
    def path(self) -> str | None:
        """Return where its program is; None where it is not installed."""
        for pattern in (self.program, self.before):
            if found := glob.glob(pattern):  # noqa: PTH207  # an absolute pattern
                return found[0]
        return shutil.which(self.program)


def _press_at_dunst(bus: Bus, _number: int, _key: str) -> object:
    """Press the default action of the first on the screen."""
    dunst = "org.dunstproject.cmd0"
    return bus.call(NAME, PATH, dunst, "NotificationAction", "u", 0)


def _press_at_mako(bus: Bus, number: int, key: str) -> object:
    return bus.call(
        NAME, "/fr/emersion/Mako", "fr.emersion.Mako", "InvokeAction", "us", number, key
    )


DAEMONS = (
    Daemon("dunst", "dunst", press=_press_at_dunst),
    Daemon("xfce4-notifyd", "/usr/lib/*/xfce4/notifyd/xfce4-notifyd"),
    Daemon("notification-daemon", "/usr/lib/notification-daemon/notification-daemon"),
    Daemon(
        "mate-notification-daemon",
        "/usr/libexec/mate-notification-daemon/mate-notification-daemon",
        before="/usr/lib/mate-notification-daemon/mate-notification-daemon",
    ),
    Daemon("lxqt-notificationd", "lxqt-notificationd"),
    Daemon("notify-osd", "/usr/libexec/notify-osd", before="/usr/lib/*/notify-osd"),
    Daemon("mako-notifier", "mako", wayland=True, press=_press_at_mako),
    Daemon("sway-notification-center", "swaync", wayland=True),
    Daemon("awesome", "awesome"),
    Daemon("plasma-desktop", "plasmashell"),
)

COMPOSITOR = "sway"


class Running:
    """Runs a daemon on this session's bus, and starts it again."""

    def __init__(self, daemon: Daemon, env: Mapping[str, str], log: Path, bus: Bus) -> None:
        self._daemon = daemon
        self._env = dict(env)
        self._log = log
        self._bus = bus
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it has its name."""
        assert self._daemon.path is not None
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._daemon.path], env=self._env, stdout=log, stderr=log, start_new_session=True
            )
        self._bus.await_owner(NAME, within=30)
        time.sleep(1)  # some take their name before they can draw

    def kill(self) -> None:
        """End it at once, as a crash does, with all it has started."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            self._bus.await_no_owner(NAME)
