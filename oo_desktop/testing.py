"""Fakes for what a test cannot have for real: time. Arguments, never patches."""

import asyncio
from datetime import UTC, datetime, timedelta


class FakeClock:
    """A clock that moves only when told to.

    `advance` moves both clocks and wakes every sleeper whose time has come; `jump` moves the wall
    clock alone, as a suspend or a set clock does.
    """

    def __init__(self, now: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)) -> None:
        self._now = now
        self._monotonic = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self._monotonic + seconds, future)
        self._sleepers.append(entry)
        try:
            await future
        finally:
            if entry in self._sleepers:
                self._sleepers.remove(entry)

    def jump(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass, waking sleepers in their order and letting each run on."""
        end = self._monotonic + seconds
        await settle()
        while due := sorted(at for at, future in self._sleepers if at <= end and not future.done()):
            self._move_to(due[0])
            for at, future in tuple(self._sleepers):
                if at <= self._monotonic and not future.done():
                    future.set_result(None)
            await settle()
        self._move_to(end)
        await settle()

    def _move_to(self, monotonic: float) -> None:
        self._now += timedelta(seconds=monotonic - self._monotonic)
        self._monotonic = monotonic


async def settle(rounds: int = 20) -> None:
    """Let everything that can run without waiting run."""
    for _ in range(rounds):
        await asyncio.sleep(0)
