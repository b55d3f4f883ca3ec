"""Time, and the fake of it."""

import asyncio
from datetime import UTC, timedelta

from oo_desktop.clock import SystemClock
from oo_desktop.testing import FakeClock


async def test_the_machines_clock_is_aware_and_never_wakes_early() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    for seconds in (0.0, -1.0, 0.001, 0.01):
        before = clock.monotonic()
        await clock.sleep(seconds)
        assert clock.monotonic() - before >= seconds


async def test_a_timer_that_fires_early_is_slept_on() -> None:
    class Coarse(SystemClock):
        """Less time has passed than the loop's timer believes: so it is with Qt's, by up to 5 %."""

        skipped = 0.0

        def monotonic(self) -> float:
            return super().monotonic() - self.skipped

    clock = Coarse()
    before = clock.monotonic()
    sleeping = asyncio.ensure_future(clock.sleep(0.02))
    await asyncio.sleep(0)
    clock.skipped = 0.01
    await sleeping
    assert clock.monotonic() - before >= 0.02


async def test_sleepers_of_a_fake_clock_wake_in_their_order() -> None:
    clock = FakeClock()
    woken: list[float] = []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    tasks = [asyncio.ensure_future(sleeper(seconds)) for seconds in (3, 1, 2, 9)]
    await clock.advance(5)
    assert woken == [1, 2, 3]
    tasks[-1].cancel()


async def test_a_fake_clock_moves_both_clocks_and_jumps_one() -> None:
    clock = FakeClock()
    wall, monotonic = clock.now(), clock.monotonic()
    await clock.advance(60)
    clock.jump(-3600)
    assert clock.monotonic() - monotonic == 60
    assert clock.now() - wall == timedelta(seconds=60 - 3600)


async def test_a_cancelled_sleeper_leaves_a_fake_clock() -> None:
    clock = FakeClock()
    sleeping = asyncio.ensure_future(clock.sleep(60))
    await asyncio.sleep(0)
    sleeping.cancel()
    await clock.advance(120)
    assert sleeping.cancelled()
    assert clock._sleepers == []
