"""Measure the window: until it is drawn, how long a filter holds it, and what is left of it.

`python -m tests.bench.window` is the program that is measured, offscreen; it prints figures as
JSON. Memory is that of a process of its own: before a window was ever open, with one, and after it
was closed and given back.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from tests.bench.figures import Figure

OPEN_LIMIT = 150.0
"""Milliseconds from asking for the window to its first picture, with 1,000 rows."""
FILTER_LIMIT = 16.0
"""Milliseconds for a key in the filter, 99 of 100 times, with 10,000 rows: one picture at 60 Hz."""
MEMORY_LIMIT = 1.03
"""What is left after a window, beside what there was before it was opened again. The first one ever
leaves what cannot be given back: code, Qt's libraries, fonts."""
QUERIES = ("call 12", "number 7", "work", "zzz", "papers 99")


def bench(runs: int) -> Sequence[Figure]:
    """Run the program `runs` times."""
    found: dict[str, list[float]] = {}
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    for run in range(runs + 1):
        command = [sys.executable, "-m", "tests.bench.window"]
        said = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        if run > 0:  # the first warms the caches
            for name, values in json.loads(said.stdout).items():
                found.setdefault(name, []).extend(values)
    return (
        Figure("window with 1,000 rows: first opening", "ms", found["first"], limit=OPEN_LIMIT),
        Figure("own work in it", "ms", found["first_own"], limit=OPEN_LIMIT),
        Figure("window with 1,000 rows: opened again", "ms", found["again"], limit=OPEN_LIMIT),
        Figure("a key in the filter, 10,000 rows, p99", "ms", found["filter"], limit=FILTER_LIMIT),
        Figure("own work in it, p99", "ms", found["filter_own"], limit=FILTER_LIMIT),
        Figure("a click with 10,000 rows", "ms", found["click"]),
        Figure("PSS with a window open", "MB", found["open"], found["before"]),
        Figure("PSS after the first window", "MB", found["after"], found["before"]),
        Figure("PSS after more", "MB", found["later"], found["after"], MEMORY_LIMIT),
    )


def main() -> None:
    """Be the program that is measured."""
    from msgspec import structs
    from PySide6.QtWidgets import QApplication

    from oo_desktop.agenda.agenda import Agenda
    from oo_desktop.app.window_life import WindowLife
    from oo_desktop.testing import FakeClock
    from oo_desktop.ui.qt.icons import Ink
    from oo_desktop.ui.qt.tray import Tray
    from oo_desktop.ui.view.tray import tray_view
    from tests.bench.costs import pss_megabytes
    from tests.bench.lateness import percentile
    from tests.ui.scenes import ADA, NOW, click, many

    app = QApplication.instance() or QApplication([])
    import_module("oo_desktop.app.late_imports")
    tray = Tray(ink=Ink.DARK)
    state = many(1000)
    main_agenda = Agenda()
    tray.render(tray_view(state, main_agenda.select(state, NOW)))
    with tempfile.TemporaryDirectory() as folder:
        life = WindowLife(
            agenda=main_agenda,
            clock=FakeClock(now=NOW),
            state=lambda: state,
            execute=lambda _command, _asker=None: None,
            file=Path(folder) / "window.json",
            looked_at=lambda: None,
            understand=lambda text: text,
            closed=lambda: None,
            give_back=1,
        )

        def settle(seconds: float) -> None:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                app.processEvents()
                time.sleep(0.005)

        def opened() -> tuple[float, float]:
            began, worked = time.perf_counter(), time.process_time()
            window = life.open()
            window.list.viewport().repaint()
            app.processEvents()
            return (
                (time.perf_counter() - began) * 1000,
                (time.process_time() - worked) * 1000,
            )

        def close() -> None:
            for window in QApplication.topLevelWidgets():
                window.close()
            settle(0.3)

        settle(0.5)
        before = pss_megabytes(os.getpid())
        first = opened()
        settle(0.3)
        with_window = pss_megabytes(os.getpid())
        close()
        after = pss_megabytes(os.getpid())
        again = []
        for _ in range(5):
            again.append(opened())
            close()
        later = pss_megabytes(os.getpid())

        state = many(10_000)
        main_agenda.select(state, NOW)
        window = life.open()
        settle(0.2)
        window.filter.setFocus()
        settle(0.1)
        keys, own = [], []
        for query in QUERIES:
            for end in range(len(query) + 1):
                began, worked = time.perf_counter(), time.process_time()
                window.filter.setText(query[:end])
                window.list.viewport().repaint()
                keys.append((time.perf_counter() - began) * 1000)
                own.append((time.process_time() - worked) * 1000)
                app.processEvents()
            window.filter.clear()
        clicks = []
        for number in (5000, 100, 1):
            done = click(1, state.signals[ADA][number])
            state = structs.replace(state, outbox=(done,), undoable=(done,))
            began = time.perf_counter()
            life.render()
            window.list.viewport().repaint()
            clicks.append((time.perf_counter() - began) * 1000)
    print(
        json.dumps(
            {
                "first": [first[0]],
                "first_own": [first[1]],
                "again": [each[0] for each in again],
                "filter": [percentile(keys, 99)],
                "filter_own": [percentile(own, 99)],
                "click": clicks,
                "before": [before],
                "open": [with_window],
                "after": [after],
                "later": [later],
            }
        )
    )


if __name__ == "__main__":
    main()
