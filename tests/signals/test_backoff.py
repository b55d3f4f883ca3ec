"""Backoff and alarms."""

import asyncio
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.signals.backoff import (
    MAX_WAIT_SECONDS,
    Alarm,
    Backoff,
    RequestedPause,
)
from oo_desktop.testing import FakeClock, settle


@given(st.integers(), st.integers(1, 400))
def test_a_backoff_never_leaves_its_bounds(seed: int, failures: int) -> None:
    backoff = Backoff(base=30, cap=900, random=Random(seed))
    delays = [backoff.next() for _ in range(failures)]
    assert all(30 <= delay <= 900 for delay in delays)
    assert delays[0] <= 60


def test_a_backoff_grows_and_begins_again_after_a_success() -> None:
    backoff = Backoff(base=30, cap=900, random=Random(1))
    later = [backoff.next() for _ in range(200)][10:]
    assert max(later) > 600
    backoff.reset()
    assert backoff.next() <= 60


def test_two_machines_do_not_come_back_in_step() -> None:
    first, second = (Backoff(base=30, cap=900, random=Random(seed)) for seed in (1, 2))
    assert [first.next() for _ in range(5)] != [second.next() for _ in range(5)]


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(None, 0), (-5.0, 0), (0.0, 0), (66.0, 66), (float("nan"), 0), (1e9, 3600)],
)
def test_a_retry_after_is_never_negative_and_never_absurd(
    asked: float | None, waits: float
) -> None:
    clock = FakeClock()
    pause = RequestedPause(clock)
    assert pause.begin(asked) == waits
    assert pause.until == clock.monotonic() + waits


async def test_an_alarm_ends_a_wait_early() -> None:
    clock = FakeClock()
    alarm = Alarm(clock)
    waiting = asyncio.ensure_future(alarm.wait(100))
    await settle()
    assert not waiting.done()
    alarm.ring()
    await waiting
    assert not clock._sleepers  # no timer is left behind


async def test_whoever_waits_long_looks_at_the_clock_now_and_then() -> None:
    clock = FakeClock()
    waiting = asyncio.ensure_future(Alarm(clock).wait(3600))
    await clock.advance(MAX_WAIT_SECONDS - 1)
    assert not waiting.done()
    await clock.advance(1)
    assert waiting.done()


async def test_an_alarm_rung_before_the_wait_is_not_missed() -> None:
    alarm = Alarm(FakeClock())
    alarm.ring()
    await asyncio.wait_for(alarm.wait(None), 1)


async def test_an_alarm_rings_by_itself_when_its_time_has_come() -> None:
    clock = FakeClock()
    waiting = asyncio.ensure_future(Alarm(clock).wait(100))
    await clock.advance(99)
    assert not waiting.done()
    await clock.advance(1)
    await waiting
