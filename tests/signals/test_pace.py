"""Backoff, alarms and midnights."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.signals.pace import (
    Alarm,
    Backoff,
    bounded_retry_after,
    next_midnight,
    zone_named,
)
from oo_desktop.testing import FakeClock, settle

ZONES = [
    "Europe/Berlin",
    "America/St_Johns",
    "Asia/Kolkata",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Australia/Lord_Howe",
    "America/Havana",
    "Asia/Beirut",
]


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
    assert bounded_retry_after(asked) == waits


async def test_an_alarm_ends_a_wait_early() -> None:
    clock = FakeClock()
    alarm = Alarm(clock)
    waiting = asyncio.ensure_future(alarm.wait(100))
    await settle()
    assert not waiting.done()
    alarm.ring()
    await waiting
    assert not clock._sleepers  # no timer is left behind


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


@pytest.mark.parametrize("name", ZONES)
def test_midnight_is_the_first_instant_of_the_next_day_on_every_day_of_a_year(name: str) -> None:
    zone = ZoneInfo(name)
    instant = datetime(2026, 1, 1, 9, 41, tzinfo=UTC)
    while instant.year == 2026:
        midnight = next_midnight(instant, zone)
        before = (midnight - timedelta(seconds=1)).astimezone(zone)
        assert before.date() == instant.astimezone(zone).date()
        after = midnight.astimezone(zone).date()
        assert after == instant.astimezone(zone).date() + timedelta(days=1)
        instant += timedelta(hours=7)


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Asia/Beirut", date(2026, 3, 28)), ("America/Havana", date(2026, 3, 7))],
)
def test_where_the_clocks_skip_midnight_the_day_begins_at_one(zone: str, day: date) -> None:
    place = ZoneInfo(zone)
    noon = datetime.combine(day, time(12), place)
    midnight = next_midnight(noon, place).astimezone(place)
    assert (midnight.hour, midnight.day) == (1, day.day + 1)


def test_a_day_can_have_23_or_25_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    spring = next_midnight(datetime(2026, 3, 28, 12, tzinfo=UTC), berlin)
    assert next_midnight(spring, berlin) - spring == timedelta(hours=23)
    autumn = next_midnight(datetime(2026, 10, 24, 12, tzinfo=UTC), berlin)
    assert next_midnight(autumn, berlin) - autumn == timedelta(hours=25)


def test_without_a_zone_it_is_the_machines_midnight() -> None:
    midnight = next_midnight(datetime(2026, 11, 22, 12, tzinfo=UTC), None)
    local = midnight.astimezone()
    assert (local.hour, local.minute) == (0, 0)


@pytest.mark.parametrize(
    "name",
    [None, "", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "\0", "x" * 5000],
)
def test_what_is_no_zone_means_the_machines(name: str | None) -> None:
    assert zone_named(name) is None
