"""Prepare what the benches play on: a desktop session, a sandbox, the floor and oO.

The floor is a bare PySide6 tray with 20 actions: what any Python tray costs at least. oO is
connected once, for real, to a sandbox with 200 tasks, so that later starts have 200 cached rows.
"""

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from oo_desktop.sandbox.process import SandboxProcess
from tests.bench.lateness import STEP, at_each_moment, percentile
from tests.desktop import bare_tray
from tests.desktop.bus import Bus
from tests.desktop.programs import Program, wait_until
from tests.desktop.running_oo import COMMAND, RunningOo
from tests.desktop.session import DesktopSession
from tests.desktop.tray import ITEM, WATCHER, TrayItem

ROWS = 200


@dataclass(frozen=True)
class Stage:
    """Holds everything a bench may use."""

    desktop: DesktopSession
    sandbox: SandboxProcess
    oo: RunningOo

    def start(self, subject: str) -> Program:
        """Start `floor` or `oo`, and return before its icon is there."""
        if subject == "oo":
            return self.oo.launch()
        assert bare_tray.__file__ is not None
        return self.desktop.spawn(sys.executable, bare_tray.__file__)

    def milliseconds_to_icon(self, subject: str) -> tuple[Program, float]:
        """Start `floor` or `oo`; the program, and the time from exec to its icon at the watcher."""
        mark = self.desktop.record.mark()
        started = time.perf_counter()
        program = self.start(subject)
        self.desktop.tray_item(program)
        registered = [
            passed.at
            for passed in self.desktop.record.since(mark)
            if (passed.interface, passed.member) == (WATCHER, "StatusNotifierItemRegistered")
        ]
        return program, (registered[0] - started) * 1000


@contextmanager
def stage() -> Iterator[Stage]:
    """Yield a session with an oO that knows 200 tasks, not running."""
    with DesktopSession() as desktop, SandboxProcess() as sandbox:
        desktop.reset()
        sandbox.control("clear_tasks")
        sandbox.control("add_task", content="Task", due_string="today", times=ROWS)
        sandbox.control("limits", requests=1_000_000, registrations=1_000)
        yield Stage(desktop, sandbox, connected(desktop, sandbox))


def connected(
    desktop: DesktopSession,
    sandbox: SandboxProcess,
    *,
    name: str = "oo",
    command: Sequence[str] = COMMAND,
) -> RunningOo:
    """Return an oO that knows the sandbox's tasks, not running; `command` runs it."""
    oo = RunningOo(desktop, sandbox, name=name, settings="poll_interval = 3600\n", command=command)
    oo.start_connected()
    wait_until(lambda: len(oo.ask("signals")) == ROWS, f"{ROWS} tasks", within=30, every=0.2)
    oo.stop()
    return oo


class Pulse:
    """Asks a tray item for its title again and again: the longest answer is the longest stall.

    That is what a person feels: the same loop has to open the menu. Over every millisecond, whoever
    asks in the middle of a stall waits for the rest of it (see `lateness`).
    """

    PAUSE = 0.002

    def __init__(self, address: str, item: TrayItem) -> None:
        self._address = address
        self._item = item
        self._stopped = threading.Event()
        self._answers: list[float] = []
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def _beat(self) -> None:
        bus = Bus(self._address)
        while not self._stopped.is_set():
            asked = time.perf_counter()
            bus.get(self._item.destination, self._item.path, ITEM, "Title")
            self._answers.append((time.perf_counter() - asked) * 1000)
            time.sleep(self.PAUSE)
        bus.close()

    @property
    def longest(self) -> float:
        """Return the longest answer, in milliseconds."""
        return max(self._answers)

    @property
    def p99(self) -> float:
        """Return the wait that 99 of 100 moments do not exceed, in milliseconds."""
        idle = [0.0] * round(self.PAUSE / STEP)
        waits = [[*at_each_moment(each / 1000), *idle] for each in self._answers]
        return percentile(list(chain(*waits)), 99)

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(10)
