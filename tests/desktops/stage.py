"""Runs one tray host on a screen of its own, with the pointer and the eyes of a person.

Everything of the desktop, its bus too, runs in a root of Debian where there is one; oO, the screen
(Xvfb) and the keyring run here. Compositors of Wayland have their screen in a window of Xvfb, so
that one pointer and one camera serve all.
"""

import os
import shutil
import signal
import struct
import time
from collections.abc import Sequence
from pathlib import Path

from tests.debian import DebianRoot
from tests.desktop.programs import NotInTime, Program, wait_until
from tests.desktop.session import DisplaySession
from tests.desktop.tray import WATCHER
from tests.desktops.hosts import Command, Screen, TrayHost
from tests.desktops.picture import Box, Picture

HOMES = Path(__file__).with_name("homes")
HERE = frozenset({"display", "keyring"})
"""Parts of the session that never run in the root."""

NOBODY = 65534
READER = ("org.a11y.Bus.service",)
"""What starts the accessibility bus."""

GROUND = "#5a6a70"
STILL_SECONDS = 0.4

CURSORS = ("default", "left_ptr", "pointer", "hand2", "watch", "progress", "left_ptr_watch")
_IMAGE = 0xFFFD0002
NO_CURSOR = struct.pack(
    "<4s3I 3I 9I", b"Xcur", 16, 0x10000, 1, _IMAGE, 24, 28, 36, _IMAGE, 24, 1, 1, 1, 0, 0, 0
) + bytes(4)
"""Draws nothing: a file of one transparent pixel (Xcursor(3))."""


class HostSession(DisplaySession):
    """Is a session with one tray host.

    root: where the host is installed; None: on this machine.
    """

    def __init__(self, host: TrayHost, root: DebianRoot | None = None) -> None:
        super().__init__(size=host.size)
        self.host = host
        self._root = root
        self._program: Program | None = None
        self.env |= {
            "XDG_CURRENT_DESKTOP": host.desktop,
            "XDG_SESSION_TYPE": "x11" if host.screen is Screen.X11 else "wayland",
            "QT_QPA_PLATFORM": "xcb" if host.screen is Screen.X11 else "wayland",
            "GSETTINGS_BACKEND": "keyfile",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            **host.env,
        }
        del self.env["NO_AT_BRIDGE"]
        if root is not None:
            # Themes of panels are looked up where the panel is installed.
            shares = (root.folder / "usr/share", Path("/usr/share"))
            self.env["XDG_DATA_DIRS"] = ":".join(map(str, shares))
            self.services = root.folder / "usr/share/dbus-1/services"

    def _start(self) -> None:
        if self.host.home:
            shutil.copytree(HOMES / self.host.home, self.home, dirs_exist_ok=True)
        for name, text in self.host.files.items():
            file = self.home / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        cursors = self.home / ".icons/blank/cursors"
        cursors.mkdir(parents=True)
        for name in CURSORS:  # a compositor in a window draws its own, into our pictures
            (cursors / name).write_bytes(NO_CURSOR)
        self._start_display()  # before the bus: what that starts has to find it
        super()._start()
        self.install(dict.fromkeys((*READER, *self.host.services), "the root"))

    def _launch(
        self,
        name: str,
        command: Sequence[str],
        *,
        stdin: bytes | None = None,
        pass_fds: Sequence[int] = (),
    ) -> Program:
        if self._root is not None and name not in HERE:
            # Pictures go from program to program in shared memory: an icon of xapp, to Cinnamon.
            memory = self.folder / "memory"
            memory.mkdir(exist_ok=True)
            memory.chmod(0o1777)
            screens = Path("/tmp/.X11-unix")
            command = self._root.inside(command, self.folder, screens, memory=memory)
        return super()._launch(name, command, stdin=stdin, pass_fds=pass_fds)

    # The host

    def start_desktop(self) -> None:
        """Start what the host needs, and the host."""
        if self.host.screen is Screen.SWAY:
            self._start_sway()
        else:  # a panel may be as black as a bare screen; (display ends with 1 when it has done it)
            self.spawn("display", "-window", "root", f"xc:{GROUND}").ended()
        for number, command in enumerate(self.host.before):
            self._launch(f"{number}-{Path(command[0]).name}", command)
        if self.host.screen is Screen.X11 and not self.host.manages:
            wait_until(self._managed, "a window manager", within=20, every=0.1)
        self.start_host()

    def _managed(self) -> bool:
        """Whether windows are managed: a panel that is there earlier may not be seen."""
        return self.spawn("xdotool", "get_desktop").ended() == 0

    def start_host(self) -> None:
        """Start the host, again where it was killed, and wait until it takes icons."""
        if self._program is not None and self.host.extension:
            self._switch_extension("EnableExtension")
            return
        headless = self.host.screen is Screen.HEADLESS
        before = None if headless else self.look()
        self._program = self._launch("host", self.host.command)
        if self.host.hides:
            time.sleep(1)  # nothing tells when it is there
        elif before is None:
            self._program.wait("the shell", lambda: self.bus.owner("org.gnome.Shell"), within=40)
        else:
            self._program.wait(
                "the host to be seen",
                lambda: self.look().changed(before, self.host.strip),
                within=40,
            )
        if not self.host.embeds:
            self._program.wait("a watcher", lambda: self.bus.owner(WATCHER), within=40)
        if self.host.screen is Screen.NESTED:
            self.look_still(within=20, still=self.host.settles)
            self.press_key("Escape")  # it begins with an overview of windows

    def _switch_extension(self, method: str) -> None:
        name, path = "org.gnome.Shell", "/org/gnome/Shell"
        self.bus.call(name, path, f"{name}.Extensions", method, "s", self.host.extension)

    def kill_host(self) -> None:
        """End it as a crash does; an extension as its user does."""
        if self.host.extension:
            self._switch_extension("DisableExtension")
            self.bus.await_no_owner(WATCHER)
            return
        assert self._program is not None, "the host was not started"
        self._program.send(signal.SIGKILL)
        self._program.ended()

    @property
    def host_printed(self) -> str:
        return self._program.printed if self._program is not None else ""

    def _start_sway(self) -> None:
        """Start it in a window that is the whole screen; it refuses to be root."""
        self.folder.chmod(0o711)
        runtime = self.folder / "compositor"
        runtime.mkdir(mode=0o700)
        settings = runtime / "config"
        shutil.copy(self.home / ".config/sway/config", settings)
        env = [f"XDG_RUNTIME_DIR={runtime}", "WLR_BACKENDS=x11", "WLR_RENDERER=pixman"]
        command: Command = ("env", *env, "sway", "--config", str(settings))
        if os.geteuid() == 0:
            for path in (runtime, settings):
                os.chown(path, NOBODY, NOBODY)
            ids = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
            command = ("setpriv", *ids, *command)
        sway = self._launch("sway", command)
        socket = sway.wait(
            "its socket",
            lambda: next((p for p in runtime.glob("wayland-*") if p.suffix != ".lock"), None),
            within=20,
        )
        self.env["WAYLAND_DISPLAY"] = str(socket)

    # Eyes and hands

    def look(self) -> Picture:
        """Return what the screen shows now."""
        return Picture.of_screen(self.env, self.host.size)

    def look_still(self, *, within: float = 8, still: float = STILL_SECONDS) -> Picture:
        """Return what the screen shows once nothing has changed for `still` seconds."""
        end = time.monotonic() + within
        before = self.look()
        while True:
            time.sleep(still)
            now = self.look()
            if now.changed(before) is None:
                return now
            if time.monotonic() > end:
                raise NotInTime(f"the screen did not rest within {within:g} s")
            before = now

    @property
    def free_area(self) -> Box:
        """Return the screen without the strip of icons."""
        strip, (width, height) = self.host.strip, self.host.size
        if strip.y == 0:
            return Box(0, strip.bottom, width, height - strip.bottom)
        return Box(0, 0, width, strip.y)

    def see(
        self, before: Picture, area: Box, what: str, *, at_least: int = 1, within: float = 5
    ) -> Box:
        """Wait until `area` differs from `before` over `at_least` pixels each way; where."""

        def change() -> Box | None:
            box = self.look().changed(before, area)
            return box if box and min(box.width, box.height) >= at_least else None

        return wait_until(change, what, within=within, every=0.05)

    def point(self, x: int, y: int) -> None:
        """Move the pointer there, in two steps: some hosts want to see it enter."""
        self.run("xdotool", "mousemove", str(x - 3), str(y), "mousemove", str(x), str(y))

    def press(self, x: int, y: int, button: int) -> None:
        """Click there, with the time between down and up that a finger takes."""
        self.point(x, y)
        time.sleep(0.15)
        self.run("xdotool", "mousedown", str(button), "sleep", "0.06", "mouseup", str(button))

    @property
    def nowhere(self) -> tuple[int, int]:
        """Return a place where there is nothing."""
        width, height = self.host.size
        return width // 3, height - 60 if self.host.strip.y == 0 else 60

    def rest_pointer(self) -> None:
        """Move the pointer to where it raises nothing."""
        self.point(*self.nowhere)
