"""oO as a process without a display: started, asked, killed, started again."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from oo_desktop.sandbox.process import SandboxProcess, config_toml

TASK = "Take back the library books"
ADA = "ada@example.com"
KEYRING = '''
import json, pathlib, os
import keyring.backend


class FileKeyring(keyring.backend.KeyringBackend):
    """Keeps its entries across processes, as a desktop's keyring does."""

    priority = 5
    file = pathlib.Path(os.environ["TEST_KEYRING"])

    def _all(self):
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def get_password(self, service, username):
        return self._all().get(f"{service}|{username}")

    def set_password(self, service, username, password):
        self.file.write_text(json.dumps({**self._all(), f"{service}|{username}": password}))

    def delete_password(self, service, username):
        entries = self._all()
        del entries[f"{service}|{username}"]
        self.file.write_text(json.dumps(entries))
'''


class Oo:
    """One home, and the processes that use it."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        module = folder / "modules"
        module.mkdir()
        (module / "file_keyring.py").write_text(KEYRING)
        self.environment = {
            **{name: value for name, value in os.environ.items() if "DISPLAY" not in name},
            "OO_DESKTOP_HOME": str(self.home),
            "PYTHONPATH": str(module),
            "PYTHON_KEYRING_BACKEND": "file_keyring.FileKeyring",
            "TEST_KEYRING": str(folder / "keyring.json"),
            "BROWSER": f"{sys.executable} -m oo_desktop.sandbox.visitor",
        }
        self.output = folder / "output.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> None:
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "oo_desktop", *arguments],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def ask(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "oo_desktop", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
        )
        assert done.returncode == code, (words, done.returncode, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def ask_json(self, *words: str) -> Any:
        return json.loads(self.ask(*words, "--json"))

    def titles(self) -> list[str]:
        return [signal["title"] for signal in self.ask_json("signals")]

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end, self.printed()
            time.sleep(0.05)

    def until_running(self) -> None:
        def answers() -> bool:
            asked = subprocess.run(
                [sys.executable, "-m", "oo_desktop", "status"],
                env=self.environment,
                capture_output=True,
                timeout=40,
                check=False,
            )
            return asked.returncode == 0

        self.until(answers)

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(20)
        self.process = None
        return code

    def printed(self) -> str:
        return self.output.read_text()


@pytest.fixture
def oo(tmp_path: Path, sandbox: SandboxProcess) -> Iterator[Oo]:
    oo = Oo(tmp_path)
    settings = "poll_interval = 5\nundo_seconds = 0.2\n" + config_toml(sandbox.url)
    (oo.home / "config.toml").write_text(settings)
    yield oo
    if oo.process is not None:
        oo.end(signal.SIGKILL)


def test_without_an_instance_every_command_exits_with_3(oo: Oo) -> None:
    for command in ("status", "signals", "undo", "refresh", "integrations", "quit"):
        assert "not running" in oo.ask(command, code=3)


def test_connect_list_do_and_quit_from_the_command_line(oo: Oo, sandbox: SandboxProcess) -> None:
    oo.start()
    oo.until_running()
    assert "ada@example.com" in oo.ask("connect", "todoist")
    oo.ask("refresh")
    task = next(signal for signal in oo.ask_json("signals") if signal["title"] == TASK)
    oo.ask("done", task["id"])
    assert TASK not in oo.titles()
    oo.until(lambda: bool(sandbox.state()["history"]))
    assert TASK in oo.printed()
    oo.ask("quit")
    assert oo.process is not None
    assert oo.process.wait(20) == 0
    oo.ask("status", code=3)


def test_killed_and_started_offline_it_shows_the_saved_list(
    oo: Oo, sandbox: SandboxProcess
) -> None:
    oo.start()
    oo.until_running()
    oo.ask("connect", "todoist")
    oo.ask("refresh")
    titles = oo.titles()
    oo.end(signal.SIGKILL)
    sandbox.control("offline")
    oo.start()
    oo.until_running()
    assert oo.titles() == titles
    oo.until(lambda: oo.ask_json("integrations")[0]["connection"] == "offline")
    assert oo.titles() == titles
    assert oo.ask_json("integrations")[0]["token_status"] == "active"
    sandbox.control("online")


def test_a_second_start_wakes_the_first(oo: Oo) -> None:
    oo.start()
    oo.until_running()
    assert "already running" in oo.ask()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(oo: Oo, number: signal.Signals) -> None:
    oo.start()
    oo.until_running()
    assert oo.end(number) == 0
    assert "Traceback" not in oo.printed()


def test_a_bad_setting_is_named_and_nothing_starts(oo: Oo) -> None:
    (oo.home / "config.toml").write_text('[todoist]\napi_url = "http://example.com/"\n')
    assert "todoist.api_url must use https" in oo.ask(code=1)


def test_the_demo_shows_tasks_by_itself_and_leaves_nothing_behind(tmp_path: Path) -> None:
    oo = Oo(tmp_path)
    del oo.environment["BROWSER"]
    oo.start("--demo")
    oo.until(lambda: TASK in oo.printed())
    (folder,) = set(re.findall(r"OO_DESKTOP_HOME=(\S+)", oo.printed()))
    assert Path(folder).exists()
    oo.environment["OO_DESKTOP_HOME"] = folder
    assert ADA in oo.ask("connect", "google_calendar"), "a Google of its own, too"
    oo.environment["OO_DESKTOP_HOME"] = str(oo.home)
    assert oo.end(signal.SIGINT) == 0
    assert not Path(folder).exists()
    assert not list(oo.home.iterdir())
    assert "Traceback" not in oo.printed()
