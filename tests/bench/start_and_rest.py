"""Measure the time to the icon, memory and wake-ups at rest: oO beside the floor, in turns."""

import time
from collections.abc import Sequence

from tests.bench.costs import pss_megabytes, wakeups_a_second
from tests.bench.figures import Figure
from tests.bench.stage import Pulse, Stage

ICON_LIMIT = 1.25
PSS_LIMIT = 2.5
STARTING = 4.0
"""Seconds after the icon in which a program still starts; stalls are looked for in them."""
SETTLED = {"floor": 0.0, "oo": 8.0}
"""Seconds after that until it rests: ten seconds in, oO looks once whether a panel took it in."""


def bench(stage: Stage, runs: int, rest: float) -> Sequence[Figure]:
    """Measure both in turns, `runs` times.

    rest: seconds over which wake-ups are counted.
    """
    found: dict[str, list[float]] = {}
    for run in range(runs + 1):
        for subject in ("floor", "oo"):
            figures = _one_run(stage, subject, rest)
            if run > 0:  # the first warms the caches
                for name, value in figures.items():
                    found.setdefault(f"{subject} {name}", []).append(value)
    return (
        Figure("exec to icon", "ms", found["oo icon"], found["floor icon"], ICON_LIMIT),
        Figure("PSS at rest", "MB", found["oo pss"], found["floor pss"], PSS_LIMIT),
        Figure("wake-ups at rest", "/s", found["oo wakeups"], found["floor wakeups"]),
        Figure("longest stall while starting", "ms", found["oo stall"], found["floor stall"]),
    )


def _one_run(stage: Stage, subject: str, rest: float) -> dict[str, float]:
    program, icon = stage.milliseconds_to_icon(subject)
    address = stage.desktop.env["DBUS_SESSION_BUS_ADDRESS"]
    with Pulse(address, stage.desktop.tray_item(program)) as pulse:
        time.sleep(STARTING)
    time.sleep(SETTLED[subject])
    wakeups = wakeups_a_second(program.pid, rest)
    pss = pss_megabytes(program.pid)
    program.stop(patience=10)
    return {"icon": icon, "pss": pss, "wakeups": wakeups, "stall": pulse.longest}
