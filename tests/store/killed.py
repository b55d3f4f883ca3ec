"""Kills a program at every step it takes with its files: one step later in each run.

What is killed is a fork of a process of its own: an audit hook stays for good, and the tests have
threads.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection
from importlib import import_module
from pathlib import Path

Program = Callable[[Path, Callable[[], None]], None]
"""Makes ready what stands at the path, calls what it is given, and from there on may be killed."""

MAX_SECONDS = 100


def kill_at_every_step(folder: Path, program: Program, *, steps: Collection[str]) -> list[Path]:
    """Run `program`, a function on top of a module, until a run ends by itself.

    steps: the audit events that count, beside the syncing of the file's folder.

    Returns the path that each run was given; the last is that of the run that was not killed.
    """
    name = f"{program.__module__}:{program.__name__}"
    subprocess.run(
        [sys.executable, "-m", "tests.store.killed", str(folder), name, *steps],
        check=True,
        timeout=MAX_SECONDS,
    )
    return [run / "oo.db" for run in sorted(folder.glob("run-*"))]


def _run(program: Program, path: Path, steps: Collection[str], last: int) -> None:
    taken = 0

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal taken
        synced = event == "open" and str(arguments[0]) == str(path.parent)
        if synced or event in steps:
            taken += 1
            if taken == last:
                os.kill(os.getpid(), signal.SIGKILL)

    program(path, lambda: sys.addaudithook(audit))
    os._exit(0)


def _main(folder: Path, name: str, *steps: str) -> None:
    module, _, function = name.partition(":")
    program: Program = getattr(import_module(module), function)
    last, status = 0, int(signal.SIGKILL)
    while status == signal.SIGKILL:
        last += 1
        path = folder / f"run-{last:03}" / "oo.db"
        path.parent.mkdir()
        child = os.fork()
        if not child:
            _run(program, path, steps, last)
        status = os.waitpid(child, 0)[1]
    sys.exit(status != 0)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), *sys.argv[2:])
