"""Renders again when time alone changes the view: one timer, and none while nothing is due."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from oo_desktop.clock import Clock


class RenderTimer:
    """Waits for the one time at which the screen is to be rendered next.

    render: called when that has come; it plans the next.
    """

    def __init__(self, *, clock: Clock, render: Callable[[], object]) -> None:
        self._clock = clock
        self._render = render
        self._waiting: asyncio.Task[None] | None = None

    def plan(self, at: datetime | None) -> None:
        """Render at `at` (aware), and no more at what was planned before; None: not at all."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = None
        if at is not None:
            seconds = (at - self._clock.now()).total_seconds()
            self._waiting = asyncio.create_task(self._wait(seconds))

    async def aclose(self) -> None:
        """Render no more."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    async def _wait(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._waiting = None
        self._render()
