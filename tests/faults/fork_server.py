"""Start oO again and again without importing it again and again: a process that forks for each.

    python -m tests.faults.fork_server

It imports what a running oO has, and for each line on its standard input becomes two: the child is
`kills_child`, a process of its own that is killed as any other. A line is the child's plan and the
file for its output, as JSON; the answers are the child's PID, and how it ended, once it has. There
is one child at a time. Its PID is no other process's before the next line.
"""

import gc
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast

ROOT = Path(__file__).resolve().parents[2]


class ForkServer:
    """Is that process, as the tests' own sees it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def start(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # what is left to read is in the pipe, where `select` sees it
        )

    def stop(self) -> None:
        self._server.communicate()

    def fork(self, plan: Path, output: Path) -> "Forked":
        """Start a child; the one before has ended."""
        line = json.dumps([str(plan), str(output)])
        cast("IO[bytes]", self._server.stdin).write(f"{line}\n".encode())
        return Forked(cast("IO[bytes]", self._server.stdout))


class Forked:
    """Is a child, with what `subprocess.Popen` says of one. Used from several threads."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._lock = threading.Lock()
        self.returncode: int | None = None
        self.pid = int(answers.readline())

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def poll(self) -> int | None:
        """Return how it ended; None while it runs."""
        with self._lock:
            if self.returncode is None and select.select([self._answers], [], [], 0)[0]:
                self.returncode = int(self._answers.readline())
            return self.returncode

    def wait(self) -> int:
        """Wait for its end; return how that was."""
        while (code := self.poll()) is None:
            select.select([self._answers], [], [], 1)
        return code


def serve() -> None:
    """Fork for each line, until there are no more."""
    import oo_desktop.app.last_imports
    import oo_desktop.app.late_imports
    import oo_desktop.app.shell
    import oo_desktop.http.transport  # noqa: F401  # they are what a running oO has
    from tests.faults.kills_child import live

    gc.collect()
    gc.freeze()  # or each child would copy all of it when it first collects
    child = 0
    for line in sys.stdin:
        if child:
            os.waitpid(child, 0)
        plan, output = json.loads(line)
        child = os.fork()
        if not child:
            _redirect(output)
            sys.exit(live(Path(plan)))
        print(child, flush=True)
        # It stays until the next line, so that nobody kills another process by its PID.
        end = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        assert end is not None  # only None where it need not wait
        print(end.si_status if end.si_code == os.CLD_EXITED else -end.si_status, flush=True)


def _redirect(output: str) -> None:
    """Give this process nothing to read, and a file to write to."""
    with Path(os.devnull).open("rb") as nothing, Path(output).open("ab") as file:
        for opened, number in ((nothing, 0), (file, 1), (file, 2)):
            os.dup2(opened.fileno(), number)


if __name__ == "__main__":
    serve()
