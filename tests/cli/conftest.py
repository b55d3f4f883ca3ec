"""Real processes: a scripted instance, and the commands that talk to it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

SCRIPTED = Path(__file__).with_name("scripted_instance.py")


class Said(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Home:
    """A home of its own, and commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "OO_DESKTOP_HOME": str(folder), "PYTHONUTF8": "1"}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "oo_desktop", *words]

    def say(self, *words: str, stdin: str | bytes = "", **environment: str) -> Said:
        """Run `oo-desktop words…` to its end."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        ended = subprocess.run(
            self.command(*words),
            input=data,
            capture_output=True,
            env=self.environment | environment,
            check=False,
        )
        return Said(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def begin(self, *words: str) -> "subprocess.Popen[bytes]":
        """Run `oo-desktop words…`, and go on meanwhile."""
        return subprocess.Popen(
            self.command(*words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
        )

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        """`oo-desktop`, with a script in place of the tray."""
        return subprocess.Popen(
            [sys.executable, str(SCRIPTED), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=self.environment,
        )


def first_line(process: "subprocess.Popen[bytes]") -> bytes:
    assert process.stdout
    return process.stdout.readline()


def end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.communicate()


@pytest.fixture
def here(tmp_path: Path) -> Home:
    """A home in which nothing runs."""
    return Home(tmp_path)


@pytest.fixture
def running(here: Home) -> Iterator[Home]:
    """A home in which an instance runs."""
    process = here.start()
    assert first_line(process) == b"ready\n"
    yield here
    end(process)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with an instance that many tests ask and none changes."""
    home = Home(tmp_path_factory.mktemp("home"))
    process = home.start()
    assert first_line(process) == b"ready\n"
    yield home
    end(process)


@pytest.fixture
def starting(here: Home) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Starts instances, and ends them after the test."""
    processes: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        processes.append(here.start())
        return processes[-1]

    yield start
    for process in processes:
        end(process)
