"""One call of a connector, that cannot hold anybody else."""

import asyncio
from collections.abc import Iterator

import pytest

from oo_desktop.errors import Unavailable
from oo_desktop.model.faults import ConnectorFault
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.signals.isolation import IsolatedCalls
from oo_desktop.testing import FakeClock, settle

ADA = AccountKey(ProviderId("scripted"), UserId("ada"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def calls(clock: FakeClock) -> Iterator[IsolatedCalls]:
    calls = IsolatedCalls(clock=clock, deadline=30)
    yield calls
    assert not calls._calls


async def test_a_call_gives_its_result(calls: IsolatedCalls) -> None:
    async def call() -> int:
        return 7

    assert await calls.run(ADA, call) == 7


async def test_what_a_call_raises_is_raised(calls: IsolatedCalls) -> None:
    async def call() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await calls.run(ADA, call)
    await settle()


async def test_a_call_that_fails_before_it_begins_is_no_different(calls: IsolatedCalls) -> None:
    def call() -> asyncio.Future[int]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await calls.run(ADA, call)
    await settle()


async def test_at_the_deadline_a_call_is_cancelled(calls: IsolatedCalls, clock: FakeClock) -> None:
    running = asyncio.ensure_future(calls.run(ADA, asyncio.Event().wait))
    await clock.advance(29)
    assert not running.done()
    await clock.advance(1)
    with pytest.raises(Unavailable, match="too long"):
        await running


async def test_a_call_that_ends_well_while_it_is_cancelled_counts(
    calls: IsolatedCalls, clock: FakeClock
) -> None:
    async def call() -> int:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return 7
        return 0

    running = asyncio.ensure_future(calls.run(ADA, call))
    await clock.advance(30)
    assert await running == 7


async def test_a_call_that_ignores_its_cancellation_is_abandoned_and_not_joined_by_another(
    calls: IsolatedCalls, clock: FakeClock
) -> None:
    end = asyncio.Event()
    begun = 0

    async def stubborn() -> None:
        nonlocal begun
        begun += 1
        while not end.is_set():
            try:
                await end.wait()
            except asyncio.CancelledError:
                continue

    for expected in ("too long", "still not ended", "still not ended"):
        running = asyncio.ensure_future(calls.run(ADA, stubborn))
        await clock.advance(33)
        with pytest.raises(Unavailable, match=expected):
            await running
    assert begun == 1
    end.set()
    await settle()
    await calls.run(ADA, stubborn)
    assert begun == 2
    await settle()


async def test_an_abandoned_call_that_fails_at_last_is_no_unhandled_error(
    calls: IsolatedCalls, clock: FakeClock
) -> None:
    end = asyncio.Event()

    async def stubborn() -> None:
        while not end.is_set():
            try:
                await end.wait()
            except asyncio.CancelledError:
                continue
        raise ZeroDivisionError

    running = asyncio.ensure_future(calls.run(ADA, stubborn))
    await clock.advance(33)
    with pytest.raises(Unavailable):
        await running
    end.set()
    await settle()


async def test_a_call_that_cancels_itself_is_a_fault_and_cancels_nobody(
    calls: IsolatedCalls,
) -> None:
    async def call() -> None:
        raise asyncio.CancelledError

    with pytest.raises(ConnectorFault):
        await calls.run(ADA, call)
    await settle()


async def test_cancelling_who_waits_cancels_the_call_and_lets_it_clean_up(
    calls: IsolatedCalls,
) -> None:
    story: list[str] = []

    async def call() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            story.append("cleaned up")

    running = asyncio.ensure_future(calls.run(ADA, call))
    await settle()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert story == ["cleaned up"]
    await settle()


async def test_a_call_right_after_a_cancelled_one_waits_for_it_to_end(calls: IsolatedCalls) -> None:
    running = asyncio.ensure_future(calls.run(ADA, asyncio.Event().wait))
    await settle()
    running.cancel()
    await asyncio.sleep(0)

    async def call() -> int:
        return 7

    assert await calls.run(ADA, call) == 7
    await settle()
