"""oO as a process of its own: one home, a keyring in a file, and the command line to ask it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.answering import answers

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
        self.until(lambda: answers(self.home))

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(20)
        self.process = None
        return code

    def printed(self) -> str:
        return self.output.read_text()
