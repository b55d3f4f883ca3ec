"""Of many polls of long lists a few begin at a time, and those that hang hold nobody for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from oo_desktop.signals.turns import AT_ONCE, LONG, TURN_SECONDS, Turns
from oo_desktop.testing import FakeClock, settle


class Crowd:
    """Is many, each of whom asks for a turn and has it until told to end."""

    def __init__(self, clock: FakeClock, count: int, *, signals: int = LONG) -> None:
        self._signals = signals
        self._turns = Turns(clock)
        self.ends = [asyncio.Event() for _ in range(count)]
        self.began: list[int] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def _one(self, number: int) -> None:
        async with self._turns.turn(self._signals):
            self.began.append(number)
            await self.ends[number].wait()

    @asynccontextmanager
    async def waiting(self) -> AsyncIterator["Crowd"]:
        self.tasks = [asyncio.create_task(self._one(each)) for each in range(len(self.ends))]
        await settle()
        yield self
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_a_few_begin_at_once_and_the_next_when_one_of_them_ends(clock: FakeClock) -> None:
    async with Crowd(clock, AT_ONCE + 2).waiting() as crowd:
        assert crowd.began == list(range(AT_ONCE))
        crowd.ends[1].set()
        await settle()
        assert crowd.began == list(range(AT_ONCE + 1))


async def test_with_short_lists_nobody_waits(clock: FakeClock) -> None:
    async with Crowd(clock, 2 * AT_ONCE, signals=LONG - 1).waiting() as crowd:
        assert crowd.began == list(range(2 * AT_ONCE))


async def test_one_that_hangs_holds_the_others_for_seconds(clock: FakeClock) -> None:
    async with Crowd(clock, 2 * AT_ONCE).waiting() as crowd:
        await clock.advance(TURN_SECONDS)
        assert crowd.began == list(range(2 * AT_ONCE))


async def test_who_ends_late_lets_no_more_in(clock: FakeClock) -> None:
    async with Crowd(clock, 3 * AT_ONCE).waiting() as crowd:
        await clock.advance(TURN_SECONDS)
        for late in crowd.ends[:AT_ONCE]:
            late.set()
        await settle()
        assert crowd.began == list(range(2 * AT_ONCE))


async def test_who_waits_no_longer_takes_no_turn(clock: FakeClock) -> None:
    async with Crowd(clock, AT_ONCE + 2).waiting() as crowd:
        crowd.tasks[AT_ONCE].cancel()
        await settle()
        crowd.ends[0].set()
        await settle()
        assert crowd.began == [*range(AT_ONCE), AT_ONCE + 1]


async def test_after_turns_nobody_waits_for_the_clock(clock: FakeClock) -> None:
    async with Crowd(clock, AT_ONCE + 1).waiting() as crowd:
        for end in crowd.ends:
            end.set()
        await settle()
        assert clock.sleepers == 0
