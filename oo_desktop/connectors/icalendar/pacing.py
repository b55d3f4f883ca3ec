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

WORK_SECONDS = 0.001
"""Of work at a time."""

REST_SECONDS = 0.0003
"""Between two pieces of work: enough for a waiting thread to take over."""

MAX_WORK_SECONDS = 10.0
"""Of computing for one calendar: 5,000 events take half of one."""

_turn = threading.Lock()
"""Held by whoever works. Several at a time would be no faster, and while one of them rests the
loop would wait for the others."""


class TooMuchWork(Exception):
    """Says that the calendar takes more computing than anyone can have meant."""


class Pacer:
    """Keeps the pace of work in a thread: called between pieces of it of some 50 µs at most.

    max_seconds: of computing, not counting the rests nor what other programs take.
    turn: held while it works; given to others while it rests. None: it is alone.
    """

    def __init__(
        self, *, max_seconds: float = MAX_WORK_SECONDS, turn: "threading.Lock | None" = None
    ) -> None:
        self._max_seconds = max_seconds
        self._turn = turn
        self._begun = time.thread_time()
        self._since = time.perf_counter()
        self._stopped = threading.Event()

    def step(self) -> None:
        """Rest, where it is time to. Raises TooMuchWork, also after `stop`."""
        if time.perf_counter() - self._since < WORK_SECONDS:
            return
        if self._stopped.is_set() or time.thread_time() - self._begun > self._max_seconds:
            raise TooMuchWork
        if self._turn is None:
            time.sleep(REST_SECONDS)
        else:
            self._turn.release()
            time.sleep(REST_SECONDS)
            self._turn.acquire()
        self._since = time.perf_counter()

    def stop(self) -> None:
        """End the work at its next step: nobody waits for the result any more."""
        self._stopped.set()


async def run_paced(job: Callable[[Pacer], T], *, max_seconds: float = MAX_WORK_SECONDS) -> T:
    """Run `job` in a thread of the loop's executor, at a pace that holds nobody.

    Returns its result; raises what it raises, and TooMuchWork. A call that is cancelled ends the
    job at its next step.
    """
    pacers: list[Pacer] = []
    given_up = threading.Event()

    def run() -> T:
        with _turn:
            # In the thread: it counts that thread's time.
            pacers.append(Pacer(max_seconds=max_seconds, turn=_turn))
            if given_up.is_set():
                raise TooMuchWork
            return job(pacers[0])

    try:
        return await asyncio.to_thread(run)
    except asyncio.CancelledError:
        given_up.set()
        for each in pacers:
            each.stop()
        raise
