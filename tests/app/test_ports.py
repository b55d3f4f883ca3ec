"""Each port has a half for every system, and no module needs what another system lacks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from oo_desktop.app.ports import (
    NoAutostart,
    TrayNotifier,
    own_autostart,
    own_notifier,
    own_system_events,
)
from oo_desktop.errors import ConfigError
from oo_desktop.linux.autostart import XdgAutostart
from oo_desktop.linux.notifier import SystemNotifier
from oo_desktop.linux.system_events import SystemEvents
from oo_desktop.notifications.notifier import Notifier, WithoutButtons

PACKAGE = Path(__file__).parents[2] / "oo_desktop"

LACKING = {
    "win32": {"fcntl", "grp", "pwd", "termios", "resource", "pty", "tty", "dbus_fast", "jeepney",
              "secretstorage", "oo_desktop.linux"},
    "darwin": {"dbus_fast", "jeepney", "secretstorage", "oo_desktop.linux"},
}  # fmt: skip
"""What is not there: of Python itself, of what is installed on Linux alone, and of oO."""

ELSEWHERE = """
import asyncio, importlib, multiprocessing, ssl, sqlite3, subprocess, sys, tempfile, pathlib
import httpx, keyring, msgspec, platformdirs, qasync, sqlalchemy, tomlkit, tzlocal
import PySide6.QtDBus, PySide6.QtNetwork, PySide6.QtWidgets
from sqlalchemy.dialects import sqlite

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in LACKING or name in LACKING:
            raise ModuleNotFoundError(f"{name} is not on this system", name=name)

LACKING = set(sys.argv[2].split(","))
for name in [name for name in sys.modules if name.partition(".")[0] in LACKING]:
    del sys.modules[name]
sys.meta_path.insert(0, Absent())
sys.platform = sys.argv[1]
del sys.argv[1:3]
"""
"""What the libraries do on another system is theirs: they are imported before."""

IMPORTS = """
for name in sys.argv[1:]:
    importlib.import_module(name)
    print(name)
"""

RUNS = """
from oo_desktop.cli import main
sys.exit(main())
"""


def modules() -> list[str]:
    """Every module of oO but the Linux half, and the sandbox, which is for tests."""
    paths = (path.relative_to(PACKAGE.parent).with_suffix("") for path in PACKAGE.rglob("*.py"))
    names = sorted(".".join(path.parts).removesuffix(".__init__") for path in paths)
    apart = ("oo_desktop.linux", "oo_desktop.app.late_linux", "oo_desktop.sandbox")
    return [name for name in names if not name.startswith(apart) and "__main__" not in name]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "QT_QPA_PLATFORM": "offscreen"}


def elsewhere(platform: str, program: str, *words: str) -> list[str]:
    """The command that runs a program as if on another system, where nothing is of Linux."""
    lacking = ",".join(sorted(LACKING[platform]))
    return [sys.executable, "-c", ELSEWHERE + program, platform, lacking, *words]


def said_by(command: list[str], **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=ENVIRONMENT | environment
    )


@pytest.mark.parametrize("platform", sorted(LACKING))
def test_every_module_is_imported_without_what_another_system_lacks(platform: str) -> None:
    said = said_by(elsewhere(platform, IMPORTS, *modules()))
    assert said.returncode == 0, said.stderr
    assert said.stdout.split() == modules()


@pytest.mark.parametrize("platform", sorted(LACKING))
def test_what_is_of_linux_would_be_noticed(platform: str) -> None:
    said = said_by(elsewhere(platform, IMPORTS, "oo_desktop.linux.service"))
    assert said.returncode == 1
    assert "oo_desktop.linux is not on this system" in said.stderr


def test_without_the_linux_half_oo_runs_with_what_stands_in_for_it(tmp_path: Path) -> None:
    """As on macOS, as far as that can be told here."""
    demo = subprocess.Popen(
        elsewhere("darwin", RUNS, "--demo"),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=ENVIRONMENT | {"BROWSER": "true", "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    try:
        assert demo.stdout is not None
        line = next(line for line in demo.stdout if "OO_DESKTOP_HOME=" in line)
        home = line.partition("OO_DESKTOP_HOME=")[2].split()[0]
        for words, code in (("refresh", 0), ("signals", 0), ("autostart on", 1), ("quit", 0)):
            said = said_by(elsewhere("darwin", RUNS, *words.split()), OO_DESKTOP_HOME=home)
            assert said.returncode == code, said.stderr
        assert demo.wait() == 0
    finally:
        demo.kill()
        demo.communicate()


def test_on_windows_oo_says_that_it_cannot_start_yet(tmp_path: Path) -> None:
    for words in ([], ["status"]):
        said = said_by(elsewhere("win32", RUNS, *words), OO_DESKTOP_HOME=str(tmp_path))
        assert (said.returncode, said.stderr) == (1, "oO does not run on Windows yet.\n")


def test_here_the_linux_half_is_chosen(qtbot: QtBot) -> None:
    assert isinstance(own_autostart(), XdgAutostart)
    assert isinstance(own_notifier(lambda _title, _body: None), SystemNotifier)
    watch = own_system_events(network_back=print, woken=print, clock_changed=print)
    assert isinstance(watch, SystemEvents)


def test_elsewhere_starting_at_login_is_refused_in_words() -> None:
    autostart = NoAutostart()
    assert not autostart.is_on()
    with pytest.raises(ConfigError, match="oO cannot do this here yet"):
        autostart.turn(on=True)


async def test_elsewhere_a_notification_is_the_icons_message() -> None:
    shown: list[tuple[str, str]] = []
    notifier: Notifier = TrayNotifier(lambda title, body: shown.append((title, body)))
    await notifier.show("a", title="Done", body="Bread", buttons={"Undo": lambda: None})
    short = WithoutButtons("Choose “Undo” in the menu.")
    await notifier.show("a", title="Done", buttons={"Undo": print}, without_buttons=short)
    await notifier.show("b", title="Soon", body="Stand-up", without_buttons=short)
    await notifier.withdraw("a")
    await notifier.aclose()
    assert shown == [
        ("Done", "Bread"),
        ("Done", "Choose “Undo” in the menu."),
        ("Soon", "Stand-up"),
    ]
