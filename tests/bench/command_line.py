"""Measure how long oO's commands take, beside a bare Python that asks a socket.

They run in an environment that has oO alone: some packages of the tests' environment add 8 ms to
every start of Python there (their `.pth` files import modules), whatever it runs.
"""

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import AF_UNIX, socket

from tests.bench.environments import environment
from tests.bench.figures import Figure
from tests.bench.results import ROOT
from tests.bench.stage import Stage

LIMIT = 1.7

FLOOR = """
import socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect(sys.argv[1])
    asked.sendall(b"x")
    sys.stdout.write(asked.recv(100).decode())
"""


def bench(stage: Stage, runs: int) -> Sequence[Figure]:
    """Return `status` and `done`, `runs` times each in turns with the floor: exec to exit."""
    stage.oo.start()
    stage.oo.await_ready()
    task = stage.oo.ask("signals")[0]["id"]
    found: dict[str, list[float]] = {"floor": [], "status": [], "done": []}
    oo = str(environment(stage.desktop.folder / "alone", f"{ROOT}\n"))
    with bare_python(stage) as floor:
        commands = {
            "floor": floor,
            "status": (oo, "status"),
            "done": (oo, "done", task),
        }
        for run in range(runs + 1):
            for name, command in commands.items():
                taken = exec_to_exit(stage, command)
                if run > 0:  # the first warms the caches
                    found[name].append(taken)
            stage.oo.say("undo")
    stage.oo.stop()
    return tuple(
        Figure(f"oo-desktop {name}, exec to exit", "ms", found[name], found["floor"], LIMIT)
        for name in ("status", "done")
    )


def exec_to_exit(stage: Stage, command: Sequence[str]) -> float:
    """Return the milliseconds that a command takes; it must end well."""
    started = time.perf_counter()
    program = stage.desktop.spawn(*command, env=stage.oo.env)
    code = program.ended(within=30)
    taken = (time.perf_counter() - started) * 1000
    assert code == 0, program.printed
    return taken


@contextmanager
def bare_python(stage: Stage) -> Iterator[Sequence[str]]:
    """Yield the command of the floor: a Python that asks a socket, which answers."""
    with _echo(stage.desktop.folder / "echo") as path:
        yield (sys.executable, "-I", "-S", "-c", FLOOR, str(path))


@contextmanager
def _echo(path: Path) -> Iterator[Path]:
    """A socket that answers whoever asks."""
    with socket(AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def answer() -> None:
            while True:
                try:
                    asking, _ = listening.accept()
                except OSError:  # closed
                    return
                with asking:
                    asking.sendall(asking.recv(10))

        threading.Thread(target=answer, daemon=True).start()
        yield path
        listening.shutdown(2)
