"""When an account is polled next."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.signals.schedule import Schedule
from oo_desktop.testing import FakeClock

POLLS = 300


def scheduled(clock: FakeClock, interval: float = 120, seed: int = 1) -> Schedule:
    return Schedule(clock=clock, interval=interval, random=Random(seed))


async def polls_within(
    schedule: Schedule, clock: FakeClock, seconds: float, *, zone: str | None = None
) -> list[datetime]:
    """When polls began; each succeeds at once."""
    began: list[datetime] = []

    async def poll_for_ever() -> None:
        while True:
            await schedule.due()
            schedule.began()
            began.append(clock.now())
            schedule.succeeded()
            schedule.days_begin_in(zone)

    polling = asyncio.ensure_future(poll_for_ever())
    await clock.advance(seconds)
    polling.cancel()
    return began


async def due_within(schedule: Schedule, clock: FakeClock, seconds: float) -> bool:
    waiting = asyncio.ensure_future(schedule.due())
    await clock.advance(seconds)
    waiting.cancel()
    return waiting.done()


async def test_the_first_poll_is_due_at_once() -> None:
    await asyncio.wait_for(scheduled(FakeClock()).due(), 1)


async def test_polls_follow_each_other_at_the_interval_give_or_take_a_tenth() -> None:
    clock = FakeClock()
    began = await polls_within(scheduled(clock), clock, 3600)
    gaps = [(b - a).total_seconds() for a, b in pairwise(began)]
    assert all(107.9 <= gap <= 132.1 for gap in gaps)
    assert len(set(gaps)) > 10


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 20, tzinfo=UTC)),  # the night that lacks an hour
        ("Europe/Berlin", datetime(2026, 10, 24, 20, tzinfo=UTC)),  # the night with one more
        ("Asia/Beirut", datetime(2026, 3, 28, 20, tzinfo=UTC)),  # midnight itself is skipped
        ("America/Havana", datetime(2026, 11, 1, 3, tzinfo=UTC)),  # midnight comes twice
        ("Asia/Kolkata", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 11, 22, 5, tzinfo=UTC)),
        ("America/St_Johns", datetime(2026, 11, 22, 23, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 11, tzinfo=UTC)),
        ("Mars/Olympus", datetime(2026, 11, 22, 12, tzinfo=UTC)),  # then the machine's midnight
    ],
)
async def test_midnight_in_the_accounts_zone_polls_within_seconds(
    name: str, start: datetime
) -> None:
    clock = FakeClock(start)
    began = await polls_within(scheduled(clock, interval=90_000), clock, 86_400 + 7200, zone=name)
    zone = None if name == "Mars/Olympus" else ZoneInfo(name)
    at_midnight = [at for at in began[1:] if _seconds_into_day(at, zone) < 10]
    days = {at.astimezone(zone).date() for at in began}
    assert len(at_midnight) == len(days) - 1
    assert len(at_midnight) >= 1
    assert len(began) <= 1 + len(at_midnight) + 1


def _seconds_into_day(at: datetime, zone: ZoneInfo | None) -> float:
    before = (at - timedelta(seconds=10)).astimezone(zone).date()
    return 0 if before != at.astimezone(zone).date() else 86_400


async def test_a_poll_that_began_before_midnight_and_ended_after_is_followed_by_another() -> None:
    clock = FakeClock(datetime(2026, 11, 22, 23, 59, 55, tzinfo=UTC))
    schedule = scheduled(clock)
    schedule.days_begin_in("UTC")
    schedule.began()
    await clock.advance(20)
    schedule.succeeded()
    schedule.days_begin_in("UTC")
    assert await due_within(schedule, clock, 1)


@pytest.mark.parametrize("jump", [3 * 3600, -3 * 3600, 31, -31])
async def test_a_jump_of_the_wall_clock_makes_a_poll_due(jump: float) -> None:
    clock = FakeClock()
    schedule = scheduled(clock, interval=3600)
    schedule.began()
    schedule.succeeded()
    waiting = asyncio.ensure_future(schedule.due())
    await clock.advance(10)
    clock.jump(jump)
    await clock.advance(150)
    assert waiting.done()


async def test_a_clock_that_is_corrected_by_a_little_changes_nothing() -> None:
    clock = FakeClock()
    schedule = scheduled(clock, interval=3600)
    schedule.began()
    schedule.succeeded()
    waiting = asyncio.ensure_future(schedule.due())
    await clock.advance(10)
    clock.jump(20)
    await clock.advance(1000)
    assert not waiting.done()
    waiting.cancel()


async def test_somebody_asking_makes_a_poll_due_whatever_the_backoff() -> None:
    clock = FakeClock()
    schedule = scheduled(clock)
    for _ in range(POLLS):
        schedule.began()
        schedule.unavailable()
    waiting = asyncio.ensure_future(schedule.due())
    await clock.advance(1)
    assert not waiting.done()
    schedule.poll_soon()
    await asyncio.wait_for(waiting, 1)


async def test_nobody_is_polled_before_its_retry_after_is_over() -> None:
    clock = FakeClock()
    schedule = scheduled(clock)
    schedule.began()
    schedule.unavailable(600)
    schedule.poll_soon()
    clock.jump(7200)
    assert schedule.paused
    assert not await due_within(schedule, clock, 599)
    assert await due_within(schedule, clock, 1)
    assert not schedule.paused


async def test_a_quick_interval_means_a_quick_first_retry() -> None:
    clock = FakeClock()
    schedule = scheduled(clock, interval=5)
    schedule.began()
    schedule.unavailable()
    assert not await due_within(schedule, clock, 4.9)
    assert await due_within(schedule, clock, 5.1)


async def test_the_keyring_is_tried_again_within_seconds_and_then_every_minute_for_ever() -> None:
    clock = FakeClock()
    schedule = scheduled(clock)
    schedule.began()
    schedule.waits_for_keyring()
    assert schedule.next_poll - clock.now() <= timedelta(seconds=4)
    for _ in range(POLLS):
        schedule.waits_for_keyring()
        assert schedule.next_poll - clock.now() <= timedelta(seconds=60)


async def test_while_it_waits_there_is_one_timer() -> None:
    clock = FakeClock()
    schedule = scheduled(clock)
    schedule.began()
    schedule.succeeded()
    waiting = asyncio.ensure_future(schedule.due())
    await clock.advance(1)
    assert len(clock._sleepers) == 1
    waiting.cancel()


async def test_it_says_when_the_next_poll_is() -> None:
    clock = FakeClock()
    schedule = scheduled(clock)
    schedule.began()
    schedule.unavailable(600)
    assert timedelta(seconds=600) <= schedule.next_poll - clock.now() <= timedelta(seconds=660)


async def test_who_asks_for_quicker_polls_has_the_next_one_sooner() -> None:
    clock = FakeClock()
    schedule = scheduled(clock, 3600)
    schedule.began()
    schedule.succeeded()
    assert not await due_within(schedule, clock, 60)
    waiting = asyncio.ensure_future(schedule.due())
    await asyncio.sleep(0)
    schedule.ask_every(60)
    await clock.advance(67)
    assert waiting.done()


async def test_who_asks_for_slower_polls_has_the_next_one_as_planned() -> None:
    clock = FakeClock()
    schedule = scheduled(clock, 60)
    schedule.began()
    schedule.succeeded()
    schedule.ask_every(3600)
    assert await due_within(schedule, clock, 67)
    schedule.began()
    schedule.succeeded()
    assert not await due_within(schedule, clock, 3000)
