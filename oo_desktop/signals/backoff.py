"""Says how long to wait, and waits for it: backoff, a pause, an alarm that can be rung early.

No tickers: whoever waits holds one timer for the next thing due, and none while nothing is.
"""

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

from oo_desktop.clock import Clock
from oo_desktop.http.answers import MAX_RETRY_AFTER_SECONDS

MAX_WAIT_SECONDS = 150.0
"""A longer wait ends then, to look at the clocks: one may have been set, or have stood still."""


class Backoff:
    """Draws growing, jittered pauses between failures.

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
        """Return the seconds to wait after one more failure."""
        self._failures += 1
        # The exponent is bounded: an account may fail for months.
        top = min(self._cap, self._base * 2.0 ** min(self._failures, 32))
        return self._random.uniform(self._base, top)

    def reset(self) -> None:
        """Begin again, for something worked: the next failure is the first."""
        self._failures = 0


class RequestedPause:
    """Keeps to the pause that a service asked for (Retry-After).

    until: when it is over, on the monotonic clock.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.until = clock.monotonic()

    def begin(self, asked: float | None) -> float:
        """Pause for the seconds a service asked for, None: for none; return how long that is.

        Never negative, never absurd.
        """
        # Not `asked <= 0`: that is false for NaN.
        seconds = min(asked, MAX_RETRY_AFTER_SECONDS) if asked and asked > 0 else 0.0
        self.until = self._clock.monotonic() + seconds
        return seconds


class Alarm:
    """Ends a wait early when it is rung. One waiter, who looks at the clock after each."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """End the wait, or the next one if nobody waits now."""
        self._rung.set()

    async def wait(self, seconds: float | None, *, longest: float = MAX_WAIT_SECONDS) -> None:
        """Return when rung or after `seconds`, `longest` at most; None: only when rung."""
        if seconds is None:
            await self._rung.wait()
        elif seconds > 0:
            await either(self._rung.wait(), self._clock.sleep(min(seconds, longest)))
        self._rung.clear()


async def either(*waits: Coroutine[Any, Any, object]) -> None:
    """Return when the first of `waits` is over; the others are cancelled."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
