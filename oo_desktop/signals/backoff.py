"""How long to wait, and waiting for it: backoff, and an alarm that can be rung early.

No tickers: whoever waits holds one timer for the next thing due, and none while nothing is.
"""

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

from oo_desktop.clock import Clock
from oo_desktop.http.transport import MAX_RETRY_AFTER_SECONDS

LOOK = 150.0
"""Seconds after which a longer wait ends, to look at the clocks: one may have been set, or have
stood still."""


class Backoff:
    """Growing, jittered pauses between failures.

    Each delay is drawn evenly between `base` and a top that doubles with every failure in a row,
    up to `cap` (all seconds): never below `base`, so that nobody is hammered, and spread from the
    first one on, so that a thousand machines do not come back to a mended service in step.
    """

    def __init__(self, *, base: float, cap: float, random: Random) -> None:
        self._base = base
        self._cap = cap
        self._random = random
        self._failures = 0

    def next(self) -> float:
        """Seconds to wait after one more failure."""
        self._failures += 1
        # The exponent is bounded: an account may fail for months.
        top = min(self._cap, self._base * 2.0 ** min(self._failures, 32))
        return self._random.uniform(self._base, top)

    def reset(self) -> None:
        """Something worked: the next failure is the first again."""
        self._failures = 0


class Alarm:
    """A wait that can be ended early. One waiter, who looks at the clock after each."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """End the wait, or the next one if nobody waits now."""
        self._rung.set()

    async def wait(self, seconds: float | None) -> None:
        """Return after `seconds`, or LOOK if those are more, or when rung; None: only when rung."""
        if seconds is None:
            await self._rung.wait()
        elif seconds > 0:
            await either(self._rung.wait(), self._clock.sleep(min(seconds, LOOK)))
        self._rung.clear()


async def either(*waits: Coroutine[Any, Any, object]) -> None:
    """Return when the first of `waits` is over; the others are cancelled."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def bounded_retry_after(seconds: float | None) -> float:
    """What a service asked for as seconds to wait: never negative, never absurd."""
    if seconds is None or not seconds > 0:  # also false for NaN
        return 0.0
    return min(seconds, MAX_RETRY_AFTER_SECONDS)  # a connector may say anything
