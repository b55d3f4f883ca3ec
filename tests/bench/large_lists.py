"""Measure how long 10,000 tasks and 1,000 clicks on their way keep the tray from answering.

Everything is real but the panel: the shell with its tray (drawn offscreen) and the sandbox in a
process of its own. `python -m tests.bench.large_lists` is the program that is measured; it prints
its figures as JSON. p99 is taken over every millisecond of all polls of a kind together (see
`lateness`), beside the longest wait of each poll: short polls cannot hide in long ones.
"""

import argparse
import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import msgspec

from oo_desktop.clock import SystemClock
from oo_desktop.commands.commands import Done, Undo
from oo_desktop.config import Settings, settings_from_toml
from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.engine import Engine
from oo_desktop.folders import Folders
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.ipc.instance import InstanceLock
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import AnySignal
from oo_desktop.sandbox.process import SandboxProcess, config_toml
from oo_desktop.store.database import Database
from oo_desktop.store.outbox import OutboxStore
from tests.bench.figures import Figure
from tests.bench.lateness import Lateness, percentile

TASKS = 10_000
CLICKS = 1_000
REFUSED = 50
"""Of the clicks; the others wait for a time to undo that does not end."""

POLL_LIMIT = 16.0
"""Milliseconds at the 99th percentile: one picture of a 60 Hz screen."""

BATCH = 100
"""Commands in one /sync."""

AFTER = 0.4
"""Seconds a poll's events and render may take to come."""

BARE = "bare loop"
"""Qt's loop before there is anything of oO's on it."""

GROUPS = 100
"""Tasks of one group have the same due date, and so stand in the order of their age."""

_opener = build_opener(ProxyHandler({}))


Kinds = dict[str, list[dict[str, list[float]]]]
"""By what happened: of each time, the `waits` and the `own` of its `Lateness`."""


def bench(runs: int) -> Sequence[Figure]:
    """Run the program: `runs` polls, clicks and renders of each kind."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)  # notifications are nobody's business here
    found = subprocess.run(
        [sys.executable, "-m", "tests.bench.large_lists", "--runs", str(runs)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return figures_of(json.loads(found.stdout))


def figures_of(kinds: Kinds) -> Sequence[Figure]:
    """Return percentiles over all moments of a kind together, and the longest wait of each time."""
    return [
        figure
        for name, times in kinds.items()
        for measure, words in (("waits", "wait"), ("own", "own work in it"))
        for figure in _figures(f"{name}: {words}", [each[measure] for each in times])
    ]


def _figures(name: str, times: Sequence[list[float]]) -> Sequence[Figure]:
    longest = Figure(f"{name}, longest", "ms", [max(each) for each in times])
    if not name.startswith(("poll", BARE)):
        return [longest]
    together = list(chain.from_iterable(times))
    limit = POLL_LIMIT if name.startswith("poll") else None
    return [
        Figure(f"{name}, p99", "ms", [percentile(together, 99)], limit=limit),
        Figure(f"{name}, p99.9", "ms", [percentile(together, 99.9)]),
        longest,
    ]


class Todoist:
    """Is the sandbox with a long list."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self._sandbox = sandbox
        sandbox.control("limits", requests=10_000_000, registrations=1_000)
        sandbox.control("clear_tasks")
        for number in Random(1).sample(range(GROUPS), GROUPS):
            sandbox.control(
                "add_task",
                content=f"Something that has to be done, of kind {number}",
                due=_due(number),
                priority=number % 4 + 1,
                times=TASKS // GROUPS,
            )
        self.token = str(sandbox.control("personal_token")["token"])

    def rename_all(self, signals: Sequence[AnySignal], suffix: str) -> None:
        """Change every task, so that a poll finds nothing as it was."""
        for start in range(0, len(signals), BATCH):
            commands = [
                {
                    "type": "item_update",
                    "uuid": str(uuid.uuid4()),
                    "args": {"id": signal.id, "content": f"Renamed {suffix} {signal.id}"},
                }
                for signal in signals[start : start + BATCH]
            ]
            request = Request(  # our own URL
                f"{self._sandbox.url}/api/v1/sync",
                data=urlencode({"commands": json.dumps(commands)}).encode(),
                headers={"Authorization": f"Bearer {self.token}"},
            )
            with _opener.open(request, timeout=30) as answer:
                said = json.load(answer)["sync_status"]
            assert set(said.values()) == {"ok"}, said


class Waits:
    """Holds all that was measured, by what happened meanwhile."""

    def __init__(self) -> None:
        self.kinds: Kinds = {}

    async def during(self, kind: str, work: Callable[[], Awaitable[object]]) -> None:
        gc.collect()
        async with Lateness() as lateness:
            await work()
            await asyncio.sleep(AFTER)
        seen = {"waits": lateness.waits, "own": lateness.own}
        self.kinds.setdefault(kind, []).append(seen)


async def nothing() -> None:
    await asyncio.sleep(2)


class Measured:
    """Runs oO with its long list, at home in `folder`."""

    def __init__(self, folder: Path, sandbox: SandboxProcess, waits: Waits) -> None:
        self.folders = Folders(folder, folder, folder / "run")
        self.folders.create()
        self.settings: Settings = msgspec.structs.replace(
            settings_from_toml(config_toml(sandbox.url)), poll_interval=86_400, undo_seconds=86_400
        )
        self.memory = MemoryKeyring()
        self.todoist = Todoist(sandbox)
        self.waits = waits

    async def connected(self) -> None:
        """Connect an account with all its tasks, and click; poll first on a loop without Qt."""
        engine = Engine(
            folders=self.folders,
            settings=self.settings,
            keyring=KeyringPort(choose=lambda: self.memory),
            clock=SystemClock(),
            open_browser=_no_browser,
        )
        engine.load()
        engine.start()

        async def first_poll() -> None:
            await engine.accounts.connect_with_token(TODOIST, self.todoist.token)
            await engine.refresh()

        await self.waits.during("first poll (no Qt)", first_poll)
        (signals,) = engine.state().signals.values()
        assert len(signals) == TASKS, len(signals)
        for signal in signals[:: TASKS // CLICKS]:
            engine.outbox.click(signal)
        await engine.stop()
        database = Database(self.folders.database)
        store = OutboxStore(database)
        store.update(
            *(
                msgspec.structs.replace(
                    item, state=OutboxState.REJECTED, reason="The sandbox said no."
                )
                for item in store.all()[:: CLICKS // REFUSED]
            )
        )
        database.close()

    async def on_screen(self, runs: int) -> None:
        """Take the shell and its tray through polls, clicks and renders."""
        from oo_desktop.app.live_settings import LiveSettings
        from oo_desktop.app.shell import Shell
        from oo_desktop.ui.qt.icons import ink_for, is_dark
        from oo_desktop.ui.qt.tray import Tray

        memory, settings = self.memory, self.settings

        class MeasuredShell(Shell):
            def _keyring(self) -> KeyringPort:
                return KeyringPort(choose=lambda: memory)

            def _live_settings(self) -> LiveSettings:
                live = super()._live_settings()
                live.settings = settings
                return live

        await self.waits.during(BARE, nothing)
        lock = InstanceLock.acquire(self.folders.runtime)
        assert lock is not None
        with lock:
            shell = MeasuredShell(
                tray=Tray(ink=ink_for(dark=is_dark())),
                folders=self.folders,
                lock=lock,
                demo=None,
                headless=False,
            )
            life = asyncio.create_task(shell.main())

            async def started() -> None:
                while shell._engine is None:  # noqa: ASYNC110  # watched from outside
                    await asyncio.sleep(0.01)

            await self.waits.during("start", started)
            assert shell._engine is not None
            await shell._engine.refresh()
            await self._measure(shell, shell._engine, runs)
            shell.quit()
            await life

    async def _measure(self, shell: Any, engine: Engine, runs: int) -> None:
        await self.waits.during("rest", nothing)
        for run in range(runs):
            await self.waits.during("poll, nothing changed", engine.refresh)
            (signals,) = engine.state().signals.values()
            await asyncio.to_thread(self.todoist.rename_all, signals, str(run))
            await self.waits.during("poll, all changed", engine.refresh)
            (signals,) = engine.state().signals.values()
            assert signals[0].title.startswith(f"Renamed {run}")

            async def click(signal: AnySignal = signals[10 * run + 5]) -> None:
                shell._executor.execute(Done(signal.key))

            await self.waits.during("click", click)

            async def undo() -> None:
                shell._executor.execute(Undo(engine.outbox.undoable()[0].number))

            await self.waits.during("undo", undo)

            async def render() -> None:
                shell._render()

            await self.waits.during("render", render)


def _due(number: int) -> dict[str, object]:
    """Of every form: days, times, recurring ones; half are overdue."""
    day = datetime.now(UTC).date() - timedelta(days=max(0, number - GROUPS // 2))
    if number % 5 == 0:
        return {"date": f"{day}T{number % 24:02}:30:00"}
    if number % 5 == 1:
        return {"date": str(day), "string": "every day", "is_recurring": True}
    return {"date": str(day)}


async def _no_browser(_url: str) -> bool:
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    waits = Waits()
    with tempfile.TemporaryDirectory() as folder, SandboxProcess(zone="UTC") as sandbox:
        measured = Measured(Path(folder), sandbox, waits)
        asyncio.run(measured.connected())

        from PySide6.QtWidgets import QApplication

        from oo_desktop.app.qt_loop import QtLoop

        qt = QApplication(["oo-desktop"])
        qt.setQuitOnLastWindowClosed(False)
        with asyncio.Runner(loop_factory=lambda: QtLoop(qt)) as runner:
            runner.run(measured.on_screen(options.runs))
    print(json.dumps(waits.kinds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
