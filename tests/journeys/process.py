"""oO as a process of its own: one home, a keyring in a file, and the command line to ask it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.answering import answers
from tests.file_keyring import environment


class Oo:
    """One home, and the processes that use it."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.environment = {
            **environment(self.home, folder / "keyring.json"),
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
        self.until(lambda: answers(self.home))

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(20)
        self.process = None
        return code

    def printed(self) -> str:
        return self.output.read_text()
