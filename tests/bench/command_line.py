"""Measure how long `oo-desktop status` takes, beside a Python that does nothing."""

import sys
import time
from collections.abc import Sequence

from tests.bench.figures import Figure
from tests.bench.stage import Stage


def bench(stage: Stage, runs: int) -> Sequence[Figure]:
    stage.oo.start()
    stage.oo.await_ready()
    status, nothing = [], []
    for _ in range(runs):
        started = time.perf_counter()
        stage.desktop.spawn(sys.executable, "-c", "pass").ended()
        between = time.perf_counter()
        stage.oo.say("status")
        nothing.append((between - started) * 1000)
        status.append((time.perf_counter() - between) * 1000)
    stage.oo.stop()
    return (Figure("oo-desktop status", "ms", status, nothing),)
