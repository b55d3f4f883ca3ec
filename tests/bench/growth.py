"""Measure what grows with the number of signals and of accounts: memory, first menu, click, polls.

A real oO in the test desktop, with real accounts of the stand-in Todoist; nothing of it is kept
small. `python -m tests.bench.growth --signals 200 --accounts 50` measures one point.
"""

import argparse
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from oo_desktop.sandbox.process import SandboxProcess
from tests.bench.costs import cpu_milliseconds, pss_megabytes
from tests.bench.figures import Curve, Figure, Point, curves_table
from tests.bench.stage import Pulse
from tests.desktop.programs import wait_until
from tests.desktop.running_oo import RunningOo
from tests.desktop.session import DesktopSession
from tests.desktop.tray import MENU, Menu, MenuEntry

SIGNALS = (200, 2_000, 20_000, 100_000)
ACCOUNTS = (1, 10, 50)
AMONG = 50
"""Accounts, while signals grow."""
SPREAD = 10_000
"""Signals, while accounts grow."""

MENU_LIMIT = 100.0
"""Milliseconds; a menu that opens later than that feels slow."""
FRAME = 16.0
"""Milliseconds: one picture of a 60 Hz screen."""
LINEAR = 1.1
"""How much more the last signals may take than the first: a tenth is noise."""

TITLE = "Task of kind"
KINDS = 40
"""Due dates there are: four on each of ten days, the first of them without a time."""
PATIENCE = 300.0
"""Seconds that a poll of everything may take."""
QUIET_SECONDS = 3.0
"""Without any work, after which a start or a poll is over."""
SETTLED_SECONDS = 9.0
"""After a start, until what only it needed is given back."""

MEASURED = {
    "pss": ("memory at rest (PSS)", "MB"),
    "menu": ("exec to saved signals in the menu", "ms"),
    "opening": ("a menu opens", "ms"),
    "commit": ("click to COMMIT", "ms"),
    "frame": ("click to the menu without it", "ms"),
    "poll": ("CPU of a poll, one changed", "ms"),
    "p99": ("wait in that poll, p99", "ms"),
    "stall": ("longest wait in that poll", "ms"),
}
"""What is measured, as it is called, with its unit."""

_MOST = f"{SIGNALS[-1]:,} signals in {AMONG} accounts"

BOUNDS: Mapping[str, tuple[str, float | None]] = {
    f"{_MOST}: memory for 1,000 more, to that at {SIGNALS[-2]:,}": ("pss", None),
    f"{_MOST}: time to the menu for 1,000 more, to that at {SIGNALS[-2]:,}": ("menu", None),
    f"{_MOST}: a menu opens": ("opening", MENU_LIMIT),
    f"{_MOST}: click to COMMIT": ("commit", FRAME),
    f"{_MOST}: click to the next picture": ("frame", FRAME),
    f"{_MOST}: wait in a poll, one changed, p99": ("p99", FRAME),
    f"{_MOST}: longest wait in that poll": ("stall", FRAME),
}
"""What is asked of the most signals, of what is measured; no limit: growth in proportion."""

OVER_SIGNALS = f"signals in {AMONG} accounts"
OVER_ACCOUNTS = f"accounts with {SPREAD:,} signals"

Found = dict[str, list[float]]


class Crowd:
    """Is an oO with so many accounts, at a sandbox of its own."""

    def __init__(self, desktop: DesktopSession, sandbox: SandboxProcess, accounts: int) -> None:
        self._desktop = desktop
        self._sandbox = sandbox
        self._people = [f"person-{number}@example.com" for number in range(accounts)]
        self._ids: list[str] = []
        self._each = 0
        self.oo = RunningOo(desktop, sandbox, settings="poll_interval = 86400\n")
        sandbox.control("limits", requests=10_000_000, registrations=1_000)

    def connect(self) -> None:
        """Connect every account; there are no tasks yet."""
        self.oo.start()
        self.oo.await_ready()
        for email in self._people:
            made = self._sandbox.control("add_account", email=email, with_tasks=False, zone="UTC")
            self.oo.ask("connect", "todoist", "--token", stdin=f"{made['token']}\n")
        self.oo.stop()

    def fill(self, signals: int) -> None:
        """Have so many tasks, no fewer than before, and oO know them; it does not run then."""
        more = signals // len(self._people) - self._each
        self._each += more
        for email in self._people:
            for kind in range(KINDS):
                times = more * (kind + 1) // KINDS - more * kind // KINDS
                given = {"email": email, "due": _due(kind), "times": times}
                added = self._sandbox.control("add_task", content=f"{TITLE} {kind},", **given)
                self._ids += added["ids"]
        self.oo.start()
        self.oo.await_ready()
        self.oo.say("refresh", within=PATIENCE)
        self._await_quiet()
        self.oo.stop()

    def measure(self) -> dict[str, float]:
        """Start it, take it through a click and a poll, and return what that took."""
        started = time.perf_counter()
        self.oo.launch()
        item = self.oo.item
        menu = item.menu
        is_there = lambda: any(TITLE in each.text for each in _all(menu.read()))  # noqa: E731
        wait_until(is_there, "signals in the menu", within=60, every=0.01)
        found = {"menu": (time.perf_counter() - started) * 1000}
        self._await_quiet()
        time.sleep(max(0.0, SETTLED_SECONDS - QUIET_SECONDS))
        found["pss"] = pss_megabytes(self.oo.program.pid)
        found |= self._click(menu)
        self._sandbox.control("edit_task", id=self._ids[-1], content=f"Renamed {started}")
        before = cpu_milliseconds(self.oo.program.pid)
        with Pulse(self._desktop.address, item) as pulse:
            self.oo.say("refresh", within=PATIENCE)
        found["poll"] = cpu_milliseconds(self.oo.program.pid) - before
        found |= {"p99": pulse.p99, "stall": pulse.longest}
        self.oo.stop()
        return found

    def _click(self, menu: Menu) -> dict[str, float]:
        """Tick off the first task, and take it back."""
        began = time.perf_counter()
        opened = menu.open()
        entry = next((each for each in _all(opened) if TITLE in each.text), None)
        assert entry is not None, "\n".join(opened.lines())
        opening = time.perf_counter() - began
        mark = self._desktop.record.mark()
        with closing(sqlite3.connect(f"file:{self.oo.home}/oo.db?mode=ro", uri=True)) as database:
            clicked = time.perf_counter()
            menu.press(entry)
            count = "SELECT count(*) FROM outbox"
            wait_until(lambda: database.execute(count).fetchone()[0], "the click", every=0.0005)
            written = time.perf_counter()
        menu.close()
        wait_until(lambda: entry.number not in _numbers(menu), "the menu without it", every=0.01)
        told = [
            passed.at
            for passed in self._desktop.record.since(mark)
            if (passed.interface, passed.member) == (MENU, "LayoutUpdated")
        ]
        self.oo.say("undo")
        return {
            "opening": opening * 1000,
            "commit": (written - clicked) * 1000,
            "frame": (told[0] - clicked) * 1000,
        }

    def _await_quiet(self) -> None:
        """Wait until it does nothing any more."""
        pid, ends = self.oo.program.pid, time.monotonic() + PATIENCE
        before = -1.0
        while (now := cpu_milliseconds(pid)) > before:
            assert time.monotonic() < ends, "it never rests"
            before = now
            time.sleep(QUIET_SECONDS)


def bench(runs: int) -> tuple[Sequence[Figure], Sequence[Curve]]:
    """Return how each figure grows, and how the last point stands to its limit."""
    accounts = []
    for number in ACCOUNTS[:-1]:
        with _crowd(number) as crowd:
            accounts.append((number, _point(crowd, SPREAD, runs)))
    with _crowd(AMONG) as crowd:
        points = [(each, _point(crowd, each, runs)) for each in sorted({SPREAD, *SIGNALS})]
    accounts.append((AMONG, dict(points)[SPREAD]))
    signals = [(number, found) for number, found in points if number in SIGNALS]
    curves = (*_curves(OVER_SIGNALS, signals), *_curves(OVER_ACCOUNTS, accounts))
    return figures_of(signals), curves


def figures_of(signals: Sequence[tuple[int, Found]]) -> Sequence[Figure]:
    """Return what is asked of the largest number of signals: bounds, and growth in proportion."""
    _, last = signals[-1]
    found: list[Figure] = []
    for name, (of, limit) in BOUNDS.items():
        unit = MEASURED[of][1]
        if limit is not None:
            found.append(Figure(name, unit, last[of], limit=limit))
            continue
        # The last stretch beside the one before, for 1,000 signals more.
        before, after = (
            [
                (high - low) / (there - here) * 1000
                for low, high in zip(sorted(less[of]), sorted(more[of]), strict=True)
            ]
            for (here, less), (there, more) in list(pairwise(signals))[-2:]
        )
        found.append(Figure(name, unit, after, before, limit=LINEAR))
    return found


def _curves(over: str, points: Sequence[tuple[int, Found]]) -> Iterator[Curve]:
    for key, (name, unit) in MEASURED.items():
        yield Curve(name, unit, over, [Point(of, found[key]) for of, found in points])


@contextmanager
def _crowd(accounts: int) -> Iterator[Crowd]:
    with DesktopSession() as desktop, SandboxProcess(zone="UTC") as sandbox:
        desktop.reset()
        crowd = Crowd(desktop, sandbox, accounts)
        crowd.connect()
        yield crowd


def _point(crowd: Crowd, signals: int, runs: int) -> Found:
    crowd.fill(signals)
    found: Found = {}
    for _ in range(runs):
        for name, value in crowd.measure().items():
            found.setdefault(name, []).append(value)
    return found


def _numbers(menu: Menu) -> set[int]:
    return {entry.number for entry in _all(menu.read())}


def _all(menu: MenuEntry) -> Iterator[MenuEntry]:
    """Its entries, and then those of its submenus: few are shown at once where much is wrong."""
    yield from menu.entries
    for entry in menu.entries:
        yield from _all(entry)


def _due(kind: int) -> dict[str, object]:
    day = datetime.now(UTC).date() - timedelta(days=kind // 4)
    return {"date": f"{day}T{kind % 4 * 6:02}:30:00" if kind % 4 else str(day)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--signals", type=int, default=SIGNALS[-1])
    parser.add_argument("--accounts", type=int, default=AMONG)
    options = parser.parse_args()
    with _crowd(options.accounts) as crowd:
        found = _point(crowd, options.signals, options.runs)
    over = f"signals in {options.accounts} accounts"
    print(curves_table([*_curves(over, [(options.signals, found)])]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
