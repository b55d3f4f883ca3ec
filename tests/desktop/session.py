"""Run a whole and private desktop session: display, bus, panel, notifications, keyring, browser.
Or its bus and its keyring alone: what needs no screen runs where there is no X.

Every part is a program from a Debian package, started with a home of its own and known by its pid,
and can be stopped and started again while the others run: a panel that comes late, a keyring that
goes away. The bus starts only what is listed here, so that a stopped part stays stopped.
"""

import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Self

from tests.desktop.browser import Browser
from tests.desktop.bus import Bus, BusRecord, listens
from tests.desktop.keyring_daemon import PASSWORD, Keyring
from tests.desktop.notifications import Notifications, write_dunst_settings
from tests.desktop.programs import MARK, Program, end_marked, require, wait_until
from tests.desktop.tray import WATCHER, TrayItem

SCREEN = (1280, 800)

PANEL_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/><value type="int" value="2"/><value type="int" value="3"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
    <property name="plugin-3" type="string" value="clock">
      <property name="digital-layout" type="uint" value="3"/>
    </property>
  </property>
</channel>
"""
"""`configver` tells the panel that this is not its first start, so it asks nothing."""

BUS_SETTINGS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

BUS_SERVICES = {
    "org.xfce.Xfconf.service": "xfconf",
    "org.gnome.keyring.SystemPrompter.service": "gcr",
}
"""What the bus may start by itself: the panel's settings, and the keyring's password dialog."""


class Part:
    """Is one part of the session that can be missing, late, or restarted."""

    def __init__(self, start: Callable[[], Program], *, bus: Bus, name: str) -> None:
        self._start = start
        self._bus = bus
        self._name = name
        self._program: Program | None = None

    @property
    def running(self) -> bool:
        return self._program is not None and self._program.running

    @property
    def pid(self) -> int:
        assert self._program is not None, f"{self._name} was not started"
        return self._program.pid

    def launch(self) -> None:
        """Start without waiting; `start` waits."""
        if not self.running:
            self._program = self._start()

    def start(self) -> None:
        """Start, unless it runs, and wait until its bus name is owned."""
        self.launch()
        assert self._program is not None  # just launched
        self._program.wait(self._name, lambda: self._bus.owner(self._name))

    def stop(self) -> None:
        """End it and wait until its bus name is free."""
        if self._program is not None:
            self._program.stop()
            self._program = None
            self._bus.await_no_owner(self._name)

    def restart(self) -> None:
        self.stop()
        self.start()


class Session:
    """Is a context manager: a bus and a keyring; `env` is what a child process needs to use them.

    keyring_daemon: the part a test may stop and start.
    services: the folder of what can be installed on its bus.
    """

    services = Path("/usr/share/dbus-1/services")

    def __init__(self) -> None:
        self._mark = uuid.uuid4().hex
        self._ends = ExitStack()
        self._bus: Bus | None = None
        self._spawned: list[Program] = []
        self._numbers = count()
        # Short, because a socket's path has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="oo-desktop-"))
        self.home = self._new_folder("home")
        self.runtime = self._new_folder("run")
        self.logs = self._new_folder("logs")
        self.env = self._environment()

    def _new_folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        return folder

    def _environment(self) -> dict[str, str]:
        passed_on = {
            name: value
            for name, value in os.environ.items()
            if name in {"PATH", "TZ"} or name.startswith(("COVERAGE_", "COV_"))
        }
        return {
            **passed_on,
            MARK: self._mark,
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_DATA_HOME": str(self.home / ".local/share"),
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "XDG_STATE_HOME": str(self.home / ".local/state"),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.runtime}/bus",
            # The machine's own bus is none of this session's business.
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.runtime}/no-system-bus",
            "LANG": "C.UTF-8",
            "NO_AT_BRIDGE": "1",
            "GSETTINGS_BACKEND": "memory",
        }

    # Its life

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End every process of this session and remove its folder."""
        with ExitStack() as ends:
            ends.callback(shutil.rmtree, self.folder, ignore_errors=True)
            ends.callback(end_marked, self._mark)
            ends.push(self._ends.pop_all())

    def _start(self) -> None:
        self._start_bus()
        self._open_bus()
        self.keyring_daemon.start()

    def _start_bus(self) -> None:
        services = self._new_folder("services")
        settings = BUS_SETTINGS.format(socket=self.runtime / "bus", services=services)
        (self.folder / "bus.conf").write_text(settings)
        daemon = self._launch(
            "bus",
            ["dbus-daemon", f"--config-file={self.folder / 'bus.conf'}", "--nofork", "--nopidfile"],
        )
        daemon.wait("the session bus", lambda: listens(self.runtime / "bus"))

    def _open_bus(self) -> None:
        self._bus = Bus(self.address)
        self._ends.callback(self._bus.close)
        self.record = BusRecord(self.address)
        self._ends.callback(self.record.close)
        self.keyring = Keyring(self._bus)
        self.keyring_daemon = Part(
            self._start_keyring, bus=self.bus, name="org.freedesktop.secrets"
        )

    def _start_keyring(self) -> Program:
        command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
        return self._launch("keyring", command, stdin=PASSWORD.encode())

    def _part(self, name: str, *command: str) -> Part:
        return Part(lambda: self._launch(command[0], command), bus=self.bus, name=name)

    def _launch(
        self,
        name: str,
        command: Sequence[str],
        *,
        stdin: bytes | None = None,
        pass_fds: Sequence[int] = (),
    ) -> Program:
        log = self.logs / name
        program = Program(command, env=self.env, log=log, stdin=stdin, pass_fds=pass_fds)
        self._ends.callback(program.stop)
        return program

    # What a test does in it

    @property
    def bus(self) -> Bus:
        assert self._bus is not None, "the session was not started"
        return self._bus

    @property
    def address(self) -> str:
        """Return where its bus listens."""
        return self.env["DBUS_SESSION_BUS_ADDRESS"]

    def install(self, services: Mapping[str, str]) -> None:
        """Let the bus start these services by itself: files, each with the package it is from."""
        for name, package in services.items():
            source = self.services / name
            assert source.exists(), f"{source} is missing: sudo apt-get install {package}"
            shutil.copy(source, self.folder / "services")
        self.bus.daemon("ReloadConfig")

    def uninstall(self, services: Iterable[str]) -> None:
        """Let the bus start these no more; what runs goes on."""
        for name in services:
            (self.folder / "services" / name).unlink(missing_ok=True)
        self.bus.daemon("ReloadConfig")

    def spawn(
        self, *command: str, env: Mapping[str, str] | None = None, stdin: bytes | None = None
    ) -> Program:
        """Start a program as the user of this session would."""
        log = self.logs / f"spawned-{next(self._numbers)}"
        program = Program(command, env={**self.env, **(env or {})}, log=log, stdin=stdin)
        self._spawned.append(program)
        self._ends.callback(program.stop)
        return program

    def run(self, *command: str, env: Mapping[str, str] | None = None, within: float = 20) -> str:
        """Run a program to its end, which must be a good one; what it printed."""
        program = self.spawn(*command, env=env)
        code = program.ended(within=within)
        assert code == 0, f"{command[0]} ended with {code}:\n{program.printed}"
        return program.printed

    def end_spawned(self) -> None:
        """End what tests started."""
        for program in self._spawned:
            program.stop()
        self._spawned.clear()

    def reset(self) -> None:
        """Back to a fresh session: what tests started is ended, what they stopped runs again."""
        self.end_spawned()
        self.keyring_daemon.start()
        self.keyring.unlock()
        self.keyring.clear()


class DisplaySession(Session):
    """Is a session with a screen (Xvfb), and nothing on it but what a subclass starts."""

    def __init__(self, *, size: tuple[int, int] = SCREEN) -> None:
        super().__init__()
        self._screen = "x".join(map(str, size))

    def _start_display(self) -> None:
        """Xvfb takes the first free display and says which."""
        reader, writer = os.pipe()
        try:
            server = self._launch(
                "display",
                [
                    "Xvfb",
                    "-displayfd",
                    str(writer),
                    "-screen",
                    "0",
                    f"{self._screen}x24",
                    "-nolisten",
                    "tcp",
                ],
                pass_fds=[writer],
            )
        finally:
            os.close(writer)
        with os.fdopen(reader) as pipe:
            number = pipe.readline().strip()
        assert number, f"Xvfb did not start:\n{server.printed}"
        self.env["DISPLAY"] = f":{number}"

    # What a test does in it

    def tray_item(self, program: Program, *, within: float = 10) -> TrayItem:
        """Wait for the icon that `program` registers at the panel, and return it."""
        item = program.wait(
            "its tray icon",
            lambda: TrayItem.of_process(self.bus, program.pid),
            within=within,
        )
        assert isinstance(item, TrayItem)
        return item

    def has_tray_item(self, program: Program) -> bool:
        return TrayItem.of_process(self.bus, program.pid) is not None

    def screenshot(self, file: Path, *, area: str | None = None) -> Path:
        """Take a picture of the screen or an area of it (WIDTHxHEIGHT+X+Y), as PNG."""
        require("import")
        area = area or f"{self._screen}+0+0"
        self.run("import", "-window", "root", "-crop", area, "+repage", str(file))
        return file

    def press_key(self, key: str) -> None:
        """Press a key on the keyboard, named as X11 names it (`Escape`)."""
        require("xdotool")
        self.run("xdotool", "key", key)


class DesktopSession(DisplaySession):
    """Is a session with a desktop: window manager, panel, notifications, browser.

    tray_host, notifier: parts a test may stop and start, too.
    theme: of the panel, as GTK names it; None: GTK's own. scale: pixels for each of its points.
    """

    def __init__(self, *, theme: str | None = None, scale: int = 1) -> None:
        width, height = SCREEN
        super().__init__(size=(width * scale, height * scale))
        self.env |= {"GTK_THEME": theme} if theme else {}
        if scale != 1:
            self.env |= {"GDK_SCALE": str(scale), "QT_SCALE_FACTOR": str(scale)}

    def _environment(self) -> dict[str, str]:
        return {
            **super()._environment(),
            "XDG_CURRENT_DESKTOP": "XFCE",
            "XDG_SESSION_TYPE": "x11",
            "BROWSER": str(self.folder / "browser"),
            "QT_QPA_PLATFORM": "xcb",
        }

    def _start(self) -> None:
        self._write_settings()
        self._start_bus()
        self._start_display()
        self._open_bus()
        self.install(BUS_SERVICES)
        self.window_manager = self._launch("openbox", ["openbox", "--sm-disable"])
        self.tray_host = self._part(WATCHER, "xfce4-panel", "--disable-wm-check")
        self.notifier = self._part("org.freedesktop.Notifications", "dunst")
        parts = (self.tray_host, self.notifier, self.keyring_daemon)
        for part in parts:
            part.launch()
        for part in parts:
            part.start()

    def _write_settings(self) -> None:
        channel = self.home / ".config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"
        channel.parent.mkdir(parents=True)
        channel.write_text(PANEL_SETTINGS)
        write_dunst_settings(self.home, self.folder)

    def _open_bus(self) -> None:
        super()._open_bus()
        self.notifications = Notifications(self.bus, self.record, self.folder)
        self.browser = Browser(self.folder, self.env, self.logs / "browser")
        self._ends.callback(self.browser.stop)

    # What a test does in it

    def open_tray_menu(self) -> None:
        """Press the right mouse button on the last icon of the panel, as a person does."""
        x, y = self._last_icon()
        self.run("xdotool", "mousemove", str(x), str(y), "click", "3")

    def _last_icon(self) -> tuple[int, int]:
        """Where the tray plugin of the panel, at the top of the screen, draws its last icon."""
        require("xdotool")
        plugin = ["--onlyvisible", "--name", "^wrapper-2.0$"]
        found = self.run("xdotool", "search", *plugin, "getwindowgeometry", "--shell", "%@")
        for window in found.split("WINDOW=")[1:]:
            shown = {name: int(value) for name, value in re.findall(r"([A-Z]+)=(\d+)", window)}
            if shown["Y"] == 0:
                middle = shown["HEIGHT"] // 2
                return shown["X"] + shown["WIDTH"] - middle, middle
        raise AssertionError(f"the panel shows no tray:\n{found}")

    def rest_pointer(self) -> None:
        """Move the pointer to where it raises no tooltip."""
        self.run("xdotool", "mousemove", "2", "790")

    def reset(self) -> None:
        """Back to a fresh session, with an empty screen and no notification, too."""
        self.end_spawned()
        self.browser.close_pages()
        self.tray_host.start()
        self.notifier.start()
        self.notifications.clear()
        super().reset()
        wait_until(lambda: not TrayItem.registered(self.bus), "the tray to be empty")
