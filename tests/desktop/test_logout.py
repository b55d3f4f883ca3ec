"""The session ends: oO ends with it, at once and in order, whichever part of it goes first."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from oo_desktop.sandbox.process import SandboxProcess, config_toml
from tests.journeys.process import Oo

TASK = "Take back the library books"
QUIT_BY_QT = """
import sys, threading
from oo_desktop.cli import main

def end():
    sys.stdin.readline()
    # Only now: where two threads import PySide6 at once, they may wait for each other for ever.
    from PySide6.QtCore import QCoreApplication, QMetaObject, Qt

    application = QCoreApplication.instance()
    QMetaObject.invokeMethod(application, "quit", Qt.ConnectionType.QueuedConnection)

threading.Thread(target=end, daemon=True).start()
sys.exit(main([]))
"""
"""What a session manager asks for, and what ends a program on other systems."""


class Display:
    """Is an X server of its own."""

    def __init__(self) -> None:
        reads, writes = os.pipe()
        self._process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writes), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
            pass_fds=[writes],
            stderr=subprocess.DEVNULL,
        )
        os.close(writes)
        with os.fdopen(reads) as told:
            self.name = f":{told.readline().strip()}"

    def die(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def display() -> Iterator[Display]:
    display = Display()
    yield display
    display.die()


@pytest.fixture
def oo(tmp_path: Path, sandbox: SandboxProcess, display: Display) -> Iterator[Oo]:
    """An oO on that display, connected, with a click that cannot be sent yet."""
    oo = Oo(tmp_path)
    oo.environment |= {"DISPLAY": display.name, "QT_QPA_PLATFORM": "xcb"}
    settings = "poll_interval = 5\nundo_seconds = 0\n"
    (oo.home / "config.toml").write_text(settings + config_toml(sandbox.url))
    with oo.output.open("ab") as output:
        oo.process = subprocess.Popen(
            [sys.executable, "-c", QUIT_BY_QT],
            env=oo.environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    oo.until_running()
    oo.ask("connect", "todoist")
    oo.ask("refresh")
    sandbox.control("offline")
    (task,) = [each for each in oo.ask_json("signals") if each["title"] == TASK]
    oo.ask("done", task["id"])
    yield oo
    sandbox.control("online")
    if oo.process is not None:
        oo.end(signal.SIGKILL)


@pytest.mark.parametrize("way", ["terminated", "hung up", "quit by Qt", "without its display"])
def test_it_ends_in_order_and_loses_no_click(
    oo: Oo, display: Display, sandbox: SandboxProcess, way: str
) -> None:
    process = oo.process
    assert process is not None
    assert process.stdin is not None
    match way:
        case "terminated":
            process.terminate()
        case "hung up":
            process.send_signal(signal.SIGHUP)
        case "quit by Qt":
            process.stdin.write(b"\n")
            process.stdin.flush()
        case _:
            display.die()
    assert process.wait(20) == 0, oo.printed()
    process.stdin.close()
    assert "Traceback" not in oo.printed()
    assert not list(oo.home.glob("report-*"))
    assert not (oo.home / "oo.db-wal").exists(), "the database was not closed"
    assert not (oo.home / "run" / "oo-desktop.sock").exists()

    sandbox.control("online")
    oo.environment["QT_QPA_PLATFORM"] = "offscreen"
    oo.start()
    oo.until_running()
    oo.until(lambda: not oo.ask_json("outbox"))
    history = sandbox.state()["history"]
    assert len(history) == 1, history
    assert oo.end(signal.SIGTERM) == 0
