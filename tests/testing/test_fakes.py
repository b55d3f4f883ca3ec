"""The clock that moves only when told to: a test that trusts it must be able to."""

import asyncio
from datetime import timedelta

import pytest

from oo_desktop.events import EventBus, TokenExpired
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.testing import FakeAccounts, FakeClock, settle

ADA = AccountKey(ProviderId("scripted"), UserId("ada"))


async def test_sleepers_wake_in_their_order_and_not_before_their_time() -> None:
    clock, woken = FakeClock(), list[float]()

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (3, 1, 2)]
    await clock.advance(2)
    assert woken == [1, 2]
    await clock.advance(1)
    assert woken == [1, 2, 3]
    await asyncio.gather(*tasks)


async def test_who_sleeps_again_while_time_passes_wakes_within_the_same_time() -> None:
    clock, at = FakeClock(), list[float]()

    async def ticker() -> None:
        for _ in range(3):
            await clock.sleep(10)
            at.append(clock.monotonic())

    ticking = asyncio.create_task(ticker())
    begun = clock.monotonic()
    await clock.advance(30)
    await ticking
    assert [moment - begun for moment in at] == [10, 20, 30]


async def test_a_jump_moves_the_wall_clock_alone() -> None:
    clock = FakeClock()
    now, monotonic = clock.now(), clock.monotonic()
    clock.jump(60)
    assert clock.now() - now == timedelta(seconds=60)
    assert clock.monotonic() == monotonic


async def test_a_sleeper_that_is_cancelled_is_forgotten() -> None:
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(5))
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await clock.advance(10)


def test_an_account_that_is_refused_leaves_the_list_and_is_told() -> None:
    bus = EventBus()
    told: list[AccountKey] = []
    bus.subscribe(TokenExpired, lambda event: told.append(event.account))
    accounts = FakeAccounts(ADA, bus=bus)
    accounts.require_reconnect(ADA, "why")
    assert accounts.active() == ()
    assert accounts.refused == [(ADA, "why")]
    assert told == [ADA]
