"""Measure how long oO takes to end, also where something it asks never answers:
`python -m tests.bench.shutdown`.

From the signal of a log-out to the end of the process. What hangs is stopped in the middle of a
call: the keyring's daemon, the service, the daemon of notifications, the bus itself.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager

from tests.bench.figures import Figure, table
from tests.bench.stage import Stage, stage
from tests.desktop.running_oo import COMMAND

LIMIT = 300.0
"""Milliseconds."""

HANGING_SECONDS = 600.0
"""Longer than anything waits."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.shutdown", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each (5)")
    runs = parser.parse_args().runs
    with stage() as ready:
        print(table(bench(ready, runs)))
    return 0


def bench(stage: Stage, runs: int) -> Sequence[Figure]:
    found: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(runs):
        for name, hanging in WAYS.items():
            found[name].append(_milliseconds_to_end(stage, hanging))
    return tuple(Figure(f"end, {name}", "ms", found[name], limit=LIMIT) for name in WAYS)


def _milliseconds_to_end(stage: Stage, hanging: "Hanging") -> float:
    try:
        with hanging(stage):
            program = stage.oo.program
            started = time.perf_counter()
            program.send(signal.SIGTERM)
            program.ended(within=60)
            took = time.perf_counter() - started
    finally:
        stage.oo.stop()
        stage.sandbox.control("clear_faults", service="todoist")
    return took * 1000


@contextmanager
def _nothing(stage: Stage) -> Iterator[None]:
    _started(stage)
    yield


@contextmanager
def _request(stage: Stage) -> Iterator[None]:
    """Of a poll, to which there is no answer."""
    _started(stage)
    stage.sandbox.control("delay", service="todoist", seconds=HANGING_SECONDS)
    asking = stage.desktop.spawn(*COMMAND, "refresh", env=stage.oo.env)
    time.sleep(1)
    yield
    asking.stop()


@contextmanager
def _keyring(stage: Stage) -> Iterator[None]:
    """Asked for the account's token at the start."""
    with _stopped(stage.desktop.keyring_daemon.pid):
        stage.oo.start()
        stage.oo.await_ready()
        time.sleep(2)
        yield


@contextmanager
def _panel(stage: Stage) -> Iterator[None]:
    _started(stage)
    with _stopped(stage.desktop.tray_host.pid):
        yield


@contextmanager
def _notifications(stage: Stage) -> Iterator[None]:
    """Told that an account has to be reconnected, which is done at the next start."""
    _started(stage)
    stage.sandbox.control("revoke", service="todoist", personal=True)
    with _stopped(stage.desktop.notifier.pid):
        stage.oo.say("refresh")
        time.sleep(1)
        yield


@contextmanager
def _bus(stage: Stage) -> Iterator[None]:
    _started(stage)
    daemon = stage.desktop.bus.pid_of("org.freedesktop.DBus")
    assert daemon is not None
    with _stopped(daemon):
        yield


@contextmanager
def _start(stage: Stage) -> Iterator[None]:
    stage.oo.start()
    yield


def _started(stage: Stage) -> None:
    stage.oo.start_connected()
    time.sleep(1)


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


Hanging = Callable[[Stage], AbstractContextManager[None]]

WAYS: Mapping[str, Hanging] = {
    "nothing hangs": _nothing,
    "a request hangs": _request,
    "the keyring hangs": _keyring,
    "the panel hangs": _panel,
    "the bus hangs": _bus,
    "while it starts": _start,
    "notifications hang": _notifications,
}


if __name__ == "__main__":
    sys.exit(main())
