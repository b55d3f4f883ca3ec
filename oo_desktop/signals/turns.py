"""Lets a few polls of long lists begin at a time, where many would begin at once.

50 of 2,000 signals would hold all their answers in memory together. Much of what stays is made in
between, so that little of it could be given back: with 100,000 signals, 90 MB were free and kept.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from oo_desktop.clock import Clock

AT_ONCE = 3

LONG = 1_000
"""Signals of a list from which on its poll takes a turn; no other waits for anybody."""

TURN_SECONDS = 5.0
"""After which one that has not ended no longer counts: its service may not answer at all."""


class Turns:
    """Gives turns, in the order they are asked for; nobody waits long for one that hangs."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def turn(self, signals: int) -> AsyncIterator[None]:
        """Wait for a turn, and have it around a block. signals: how long the list was so far."""
        if signals < LONG:
            yield
            return
        await self._free.acquire()
        over = asyncio.ensure_future(self._clock.sleep(TURN_SECONDS))
        over.add_done_callback(lambda _: self._free.release())
        try:
            yield
        finally:
            over.cancel()
