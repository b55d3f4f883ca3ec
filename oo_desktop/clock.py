"""Makes time an argument, so that tests can bend it."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells what time it is, and waits for it."""

    def now(self) -> datetime:
        """Return the wall clock, aware (UTC). It may jump: after a sleep, or when it is set."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back. They may stand still while the machine sleeps."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`, never earlier."""
        ...


class SystemClock:
    """Reads the machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        # Qt's coarse timers, and so qasync's, may fire up to 5 % early
        # (doc.qt.io/qt-6/qt.html#TimerType-enum).
        end = self.monotonic() + seconds
        while (left := end - self.monotonic()) > 0:  # noqa: ASYNC110  # waits for time itself
            await asyncio.sleep(left)
