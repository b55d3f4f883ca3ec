"""Measure the time to the icon and to the menu, and what is used at rest: oO beside the floor.

Both are started in turns; for the menu once more, because whoever asks for it all the time makes
the start longer.
"""

import time
from collections.abc import Mapping, Sequence

from tests.bench.costs import pss_megabytes, stamps, wakeups_a_second
from tests.bench.figures import Figure
from tests.bench.stage import Pulse, Stage
from tests.desktop.bus import BusError
from tests.desktop.programs import wait_until

ICON_LIMIT = 1.10
MENU_LIMIT = 1.8
PSS_LIMIT = 1.70
STALL_LIMIT = 16.0
"""Milliseconds: one picture of a 60 Hz screen."""
STARTING = 4.0
"""Seconds after the icon in which a program still starts; stalls are looked for in them."""
SETTLED: Mapping[str, float] = {"floor": 0.0, "oo": 9.0}
"""Seconds after that until it rests: ten seconds in, oO looks once whether a panel took it in."""
REST_SECONDS = 5.0
"""In which wake-ups, messages and writes are counted."""
SHOWN = {"floor": "Action 0", "oo": "Task "}
"""What is in the menu once it is filled."""


def bench(stage: Stage, runs: int) -> Sequence[Figure]:
    """Measure both in turns, `runs` times."""
    found: dict[str, list[float]] = {}
    for run in range(runs + 1):
        for subject in ("floor", "oo"):
            figures = {**at_rest(stage, subject), "menu": menu(stage, subject)}
            if run > 0:  # the first warms the caches
                for name, value in figures.items():
                    found.setdefault(f"{subject} {name}", []).append(value)

    def beside(name: str, unit: str, of: str, limit: float) -> Figure:
        return Figure(name, unit, found[f"oo {of}"], found[f"floor {of}"], limit)

    return (
        beside("exec to icon", "ms", "icon", ICON_LIMIT),
        beside("exec to saved signals in the menu", "ms", "menu", MENU_LIMIT),
        beside("memory at rest (PSS)", "MB", "pss", PSS_LIMIT),
        beside("wake-ups at rest", "/s", "wakeups", 0),
        beside("D-Bus messages at rest", "", "messages", 0),
        Figure("files written at rest", "", found["oo writes"], limit=0),
        Figure("wait while starting, p99", "ms", found["oo p99"], limit=STALL_LIMIT),
        Figure("longest wait while starting", "ms", found["oo stall"], limit=STALL_LIMIT),
        Figure("the floor's longest wait", "ms", found["floor stall"]),
    )


def at_rest(stage: Stage, subject: str) -> dict[str, float]:
    """Start it, wait until it rests, and return what it took and takes; it is ended then."""
    program, icon = stage.milliseconds_to_icon(subject)
    with Pulse(stage.desktop.address, stage.desktop.tray_item(program)) as pulse:
        time.sleep(STARTING)
    time.sleep(SETTLED[subject])
    record = stage.desktop.record
    mark, written = record.mark(), stamps(stage.oo.home)
    wakeups = wakeups_a_second(program.pid, REST_SECONDS)
    found = {
        "icon": icon,
        "stall": pulse.longest,
        "p99": pulse.p99,
        "wakeups": wakeups,
        "messages": float(len(record.sent_by(program.pid, mark))),
        "writes": float(len(set(stamps(stage.oo.home).items()) - set(written.items()))),
        "pss": pss_megabytes(program.pid),
    }
    program.stop(patience=10)
    return found


def menu(stage: Stage, subject: str) -> float:
    """Return milliseconds from exec until its menu is filled, as a panel gets it."""
    started = time.perf_counter()
    program = stage.start(subject)
    shown = stage.desktop.tray_item(program).menu

    def is_filled() -> bool:
        try:
            return any(each.text.startswith(SHOWN[subject]) for each in shown.read().entries)
        except BusError:  # the icon is there, and no menu yet
            return False

    wait_until(is_filled, "the menu", every=0.005)
    taken = (time.perf_counter() - started) * 1000
    program.stop(patience=10)
    return taken
