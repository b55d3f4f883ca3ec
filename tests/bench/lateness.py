"""Measure how late a loop is for whoever comes at any moment.

A ticker that sleeps a millisecond at a time takes one sample in a stall, however long that is, and
a stall of 100 ms among 10,000 short sleeps would not show in any percentile. So every millisecond
of the wall clock counts: whoever comes in the middle of a stall waits for the rest of it.
"""

import asyncio
import time
from collections.abc import Sequence

STEP = 0.001
"""Seconds between two moments at which somebody might come."""


class Lateness:
    """Watches the running loop around a block.

    waits: milliseconds that whoever came at each moment had to wait.
    own: the same, but no longer than the process worked meanwhile. On a busy machine it often
        stands still with nothing to blame oO for; a wait for a lock is in `waits` alone.
    """

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.own: list[float] = []
        self._task: asyncio.Task[None] | None = None

    async def _tick(self) -> None:
        while True:
            due, worked = time.perf_counter() + STEP, time.process_time()
            await asyncio.sleep(STEP)
            late, work = time.perf_counter() - due, time.process_time() - worked
            self.waits += at_each_moment(late)
            # As many moments as there were: only how long they took is another question.
            mine = at_each_moment(min(late, work))
            self.own += mine + [0.0] * (len(self.waits) - len(self.own) - len(mine))

    async def __aenter__(self) -> "Lateness":
        self._task = asyncio.create_task(self._tick())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(2 * STEP)  # a stall at the very end counts, too
        if self._task is not None:
            self._task.cancel()


def at_each_moment(late: float) -> list[float]:
    """Return how many milliseconds is waited by who comes at each moment of `late` seconds."""
    return [(late - passed * STEP) * 1000 for passed in range(int(late / STEP) + 1)]


def percentile(waits: Sequence[float], percent: float) -> float:
    """Return the wait that `percent` of all moments do not exceed."""
    return sorted(waits)[min(int(len(waits) * percent / 100), len(waits) - 1)]
