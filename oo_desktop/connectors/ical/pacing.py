"""Work beside the loop that never holds it: a thread that rests before anyone has to wait for it.

Python runs one thread at a time. One that computes gives way only every 5 ms, and only when asked,
so a loop beside it is late again and again. This one looks at the clock between small pieces of
work, and sleeps a moment after each millisecond: then the loop has its turn at once. (A process of
its own would hold the loop no longer, but costs 20 MB and a tenth of a second each time, and a
packaged program has no Python to start it with.)

What a calendar makes us compute is bounded, too: somebody else wrote it.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SLICE = 0.001
"""Seconds of work at a time."""

REST = 0.0003
"""Seconds between two slices: enough for a waiting thread to take over."""

BUDGET = 10.0
"""Seconds of computing for one calendar: 5,000 events take half of one."""


class TooMuchWork(Exception):
    """The calendar takes more computing than anyone can have meant."""


class Pace:
    """Called between pieces of work of some 50 µs at most.

    budget: seconds of computing, not counting the rests nor what other programs take.
    """

    def __init__(self, *, budget: float = BUDGET) -> None:
        self._budget = budget
        self._begun = time.thread_time()
        self._since = time.perf_counter()
        self._stopped = threading.Event()

    def step(self) -> None:
        """Rest, where it is time to. Raises TooMuchWork, also after `stop`."""
        if time.perf_counter() - self._since < SLICE:
            return
        if self._stopped.is_set() or time.thread_time() - self._begun > self._budget:
            raise TooMuchWork
        time.sleep(REST)
        self._since = time.perf_counter()

    def stop(self) -> None:
        """Nobody waits for the result any more."""
        self._stopped.set()


async def beside(job: Callable[[Pace], T], *, budget: float = BUDGET) -> T:
    """The result of `job`, done in a thread of the loop's executor, at a pace that holds nobody."""
    pace: list[Pace] = []
    given_up = threading.Event()

    def run() -> T:
        pace.append(Pace(budget=budget))  # in the thread: it counts that thread's time
        if given_up.is_set():
            raise TooMuchWork
        return job(pace[0])

    try:
        return await asyncio.to_thread(run)
    except asyncio.CancelledError:
        given_up.set()
        for each in pace:
            each.stop()
        raise
