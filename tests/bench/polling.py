"""Measure what one poll of 200 tasks costs, and how long it keeps the tray from answering."""

import time
from collections.abc import Sequence

from tests.bench.costs import cpu_milliseconds
from tests.bench.figures import Figure
from tests.bench.stage import ROWS, Pulse, Stage

STALL_LIMIT = 16.0
"""Milliseconds: one picture of a 60 Hz screen."""


def bench(stage: Stage, runs: int) -> Sequence[Figure]:
    item = stage.oo.start()
    stage.oo.await_ready()
    address = stage.desktop.env["DBUS_SESSION_BUS_ADDRESS"]
    costs: dict[str, list[float]] = {"same": [], "changed": []}
    stalls: dict[str, list[float]] = {"same": [], "changed": []}
    for run in range(runs):
        for kind in ("same", "changed"):
            if kind == "changed":
                tasks = stage.oo.ask("signals")
                stage.sandbox.control("edit_task", id=tasks[0]["id"], content=f"Renamed {run}")
            before = cpu_milliseconds(stage.oo.program.pid)
            with Pulse(address, item) as pulse:
                stage.oo.ask("refresh")
                time.sleep(0.2)
            costs[kind].append(cpu_milliseconds(stage.oo.program.pid) - before)
            stalls[kind].append(pulse.longest)
    stage.oo.stop()
    return (
        Figure(f"CPU of a poll with the screen, {ROWS} tasks, none changed", "ms", costs["same"]),
        Figure(f"CPU of a poll with the screen, {ROWS} tasks, one changed", "ms", costs["changed"]),
        Figure("longest stall in a poll, none changed", "ms", stalls["same"], limit=STALL_LIMIT),
        Figure("longest stall in a poll, one changed", "ms", stalls["changed"], limit=STALL_LIMIT),
    )
