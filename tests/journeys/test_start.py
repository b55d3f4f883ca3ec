"""A start with saved signals: the list is there first, then what talks with others.

oO runs as a process that says on its output what it imports, and in which thread.
"""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from oo_desktop.ipc.client import running_pid
from oo_desktop.sandbox.process import SandboxProcess, config_toml
from tests.journeys.process import Oo

TASK = "Take back the library books"

TELLING = """
import os, sys, threading

def heard(event, arguments):
    if event == "import":
        where = "loop" if threading.current_thread() is threading.main_thread() else "thread"
        # Not print: a thread that is in it while Python ends would end it with SIGABRT.
        os.write(1, f"imports {arguments[0]} {where}\\n".encode())

sys.addaudithook(heard)
from oo_desktop.__main__ import main
sys.exit(main())
"""

TALKS_WITH_OTHERS = ("httpx", "anyio", "dbus_fast", "oo_desktop.ipc.server")

SMALL = {"oo_desktop.connectors.desktop.bus", "sniffio"}
"""The one takes a millisecond; the other is not there, and httpcore looks for it each time anew."""


class TellingOo(Oo):
    """Prints its imports, as `imports NAME loop` or `imports NAME thread`."""

    def start(self, *arguments: str) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", TELLING, *arguments],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def place(self, words: str) -> int:
        """Return where `words` stand in what it printed."""
        assert words in self.printed()
        return self.printed().index(words)


@pytest.fixture
def oo(tmp_path: Path, sandbox: SandboxProcess) -> Iterator[TellingOo]:
    """oO that has saved the list of an account, and runs no more."""
    oo = TellingOo(tmp_path)
    settings = "poll_interval = 5\nundo_seconds = 0\n" + config_toml(sandbox.url)
    (oo.home / "config.toml").write_text(settings)
    oo.start()
    oo.until_running()
    oo.ask("connect", "todoist")
    oo.ask("refresh")
    assert oo.end(signal.SIGTERM) == 0
    yield oo
    if oo.process is not None:
        oo.end(signal.SIGKILL)


def test_the_saved_list_is_shown_before_what_talks_with_others_is_imported(oo: TellingOo) -> None:
    oo.start()
    oo.until_running()
    oo.ask("refresh")
    shown = oo.place(TASK)
    assert [each for each in TALKS_WITH_OTHERS if oo.place(f"imports {each} ") < shown] == []


def test_from_its_first_turn_the_loop_imports_nothing_that_takes_long(oo: TellingOo) -> None:
    oo.start()
    oo.until_running()
    oo.ask("refresh")
    running = oo.printed()[oo.place("imports oo_desktop.app.late_imports thread") :]
    found = set(re.findall(r"^imports (\S+) loop$", running, re.MULTILINE))
    others = {each for each in found if each.partition(".")[0] not in sys.stdlib_module_names}
    assert others <= SMALL


def test_what_is_asked_while_it_starts_is_done(oo: TellingOo, sandbox: SandboxProcess) -> None:
    (id_,) = [task["id"] for task in sandbox.state()["tasks"] if task["content"] == TASK]
    oo.start()
    oo.until(lambda: running_pid(oo.home / "run") is not None)
    oo.ask("done", id_)
    oo.until(lambda: bool(sandbox.state()["history"]))
    assert [each["id"] for each in sandbox.state()["tasks"] if each["checked"]] == [id_]


def test_ended_at_any_moment_of_its_start_it_ends_well(oo: TellingOo) -> None:
    for moment in (
        "imports oo_desktop.app.late_imports ",
        "imports oo_desktop.engine ",
        TASK,
        "imports dbus_fast ",
        "imports httpx ",
    ):
        oo.start()
        oo.until(lambda moment=moment: moment in oo.printed())  # type: ignore[misc]  # of this turn
        assert oo.end(signal.SIGTERM) == 0, f"{moment}: {oo.printed()[-1000:]}"
        assert "Traceback" not in oo.printed(), moment
