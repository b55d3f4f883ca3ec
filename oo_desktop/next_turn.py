"""Renders again when time alone changes the view: one timer, and none while nothing is due."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from oo_desktop.clock import Clock


class NextTurn:
    """The one timer of the screen.

    turn: called when its time has come; it plans the next.
    """

    def __init__(self, *, clock: Clock, turn: Callable[[], object]) -> None:
        self._clock = clock
        self._turn = turn
        self._due = 0.0  # on the monotonic clock
        self._waiting: asyncio.Task[None] | None = None

    def plan(self, at: datetime | None) -> None:
        """Turn at `at` (aware); None: not at all.

        What is planned for earlier stays, and plans anew: qasync keeps a cancelled timer until it
        would have fired, which may be at midnight, and every click renders.
        """
        due = None
        if at is not None:
            due = self._clock.monotonic() + (at - self._clock.now()).total_seconds()
        if self._waiting is not None:
            if due is not None and self._due <= due:
                return
            self._waiting.cancel()
        self._waiting = None
        if due is not None:
            self._due = due
            self._waiting = asyncio.create_task(self._wait(due))

    async def aclose(self) -> None:
        """Turn no more."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    async def _wait(self, due: float) -> None:
        await self._clock.sleep(due - self._clock.monotonic())
        self._waiting = None
        self._turn()
