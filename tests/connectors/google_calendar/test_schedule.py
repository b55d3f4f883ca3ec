"""How often Google is asked: seldom while nothing is near, soon enough when something is."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.google_calendar.schedule import poll_after
from oo_desktop.connectors.google_calendar.source import GoogleCalendarSource
from oo_desktop.http.client import ServiceClient
from oo_desktop.model.signals import Event, Fixed
from oo_desktop.model.source import Calendar, Snapshot
from oo_desktop.testing import FakeClock
from tests.connectors.google_calendar.resources import ADA, event, resource
from tests.http.scripted import Asked, Reply, ScriptedService

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = 24 * 3600
EARLY, LATE = 0.9, 1.1
"""How much of what it is told the schedule may add or take away."""


def begins_in(minutes: float) -> Event:
    at = NOW + timedelta(minutes=minutes)
    return event(start={"dateTime": at.isoformat(timespec="seconds")}, end=None)


def snapshot(*minutes: float, shown: int = 3) -> Snapshot:
    calendars = tuple(Calendar(id=str(number), name="c") for number in range(shown))
    return Snapshot(signals=tuple(map(begins_in, minutes)), calendars=calendars)


@pytest.mark.parametrize(
    ("minutes", "wait"),
    [
        ((), 16.6),
        ((300,), 16.6),
        ((40,), 10),
        ((36,), 6),
        ((31,), 5),
        ((20,), 5),
        ((5,), 5),
        ((3,), 4),
        ((0.5,), 1.5),
        ((0,), 16.6),
        ((-10,), 16.6),
        ((-10, 3, 20), 4),
    ],
)
def test_the_nearer_an_event_the_sooner_it_is_looked_for(
    minutes: tuple[float, ...], wait: float
) -> None:
    assert poll_after(snapshot(*minutes), NOW) / 60 == pytest.approx(wait, abs=0.1)


def test_whole_days_begin_without_hurry() -> None:
    day = event(start={"date": "2026-11-23"}, end={"date": "2026-11-24"})
    at = datetime(2026, 11, 22, 22, 58, tzinfo=UTC)
    assert poll_after(Snapshot(signals=(day,)), at) == 16 * 60


@pytest.mark.parametrize(("shown", "wait"), [(0, 16), (1, 16), (3, 16.6), (5, 27.7), (40, 30)])
def test_more_calendars_are_asked_for_less_often(shown: int, wait: float) -> None:
    assert poll_after(snapshot(shown=shown), NOW) / 60 == pytest.approx(wait, abs=0.1)


@given(st.lists(st.floats(-2000, 2000), max_size=8), st.integers(0, 50))
def test_it_is_always_soon_but_never_a_flood(minutes: list[float], shown: int) -> None:
    wait = poll_after(snapshot(*minutes, shown=shown), NOW)
    assert 60 <= wait <= 30 * 60


@given(st.lists(st.integers(0, DAY), max_size=12), st.sampled_from([EARLY, 1.0, LATE]))
def test_no_event_has_begun_for_two_minutes_without_a_look(
    begins: list[int], jitter: float
) -> None:
    start, looks, at = NOW, [], 0.0
    found = Snapshot(signals=tuple(begins_in(second / 60) for second in begins))
    while at < DAY + 3600:
        looks.append(at)
        at += poll_after(found, start + timedelta(seconds=at)) * jitter
    for begin in begins:
        assert any(begin <= look <= begin + 120 for look in looks)
    # Nor without one while it could still be moved.
    for begin in begins:
        assert begin < 1800 or any(begin - 1800 <= look <= begin for look in looks)


@pytest.mark.parametrize(("shown", "wait"), [(True, 2), (False, 16)])
def test_passing_trouble_is_looked_after_soon_where_it_is_shown(shown: bool, wait: float) -> None:
    said = "Google is away. oO looks again in about two minutes."
    troubled = Calendar(id="1", name="c", shown=shown, problem=said, recheck_after=120)
    assert poll_after(Snapshot(signals=(), calendars=(troubled,)), NOW) / 60 == wait


def test_what_will_not_pass_is_not_hurried_after() -> None:
    closed = Calendar(id="1", name="c", problem="Google does not let oO see this calendar.")
    assert poll_after(Snapshot(signals=(), calendars=(closed,)), NOW) == 16 * 60


class FourCalendars:
    """Shows three calendars of four. events: on the first. troubled: when the third fails."""

    def __init__(self, clock: FakeClock) -> None:
        self.events: list[dict[str, Any]] = []
        self.troubled: Callable[[], bool] = lambda: False
        self._clock = clock

    def __call__(self, asked: Asked) -> Reply:
        if "calendarList" in asked.path:
            entries = [
                {"id": name, "selected": True, "primary": name == "a", "timeZone": "Europe/Berlin"}
                for name in ("a", "b", "c", "d")
            ]
            entries[3]["selected"] = False
            return Reply(200, {"kind": "calendar#calendarList", "items": entries})
        if asked.path.endswith("calendars/c/events") and self.troubled():
            return Reply(503)
        here = self.events if asked.path.endswith("calendars/a/events") else []
        return Reply(200, {"kind": "calendar#events", "items": here})


@pytest.fixture
def google(service: ScriptedService, clock: FakeClock) -> FourCalendars:
    google = FourCalendars(clock)
    service.answer = google
    return google


@pytest.fixture
def a_day(client: ServiceClient, clock: FakeClock) -> Callable[[float], Any]:
    source = GoogleCalendarSource(client=lambda _: client, now=clock.now)

    async def pass_by(jitter: float) -> None:
        end = clock.now() + timedelta(days=1)
        while clock.now() < end:
            found = await source.fetch_signals(ADA)
            clock.jump(poll_after(found, clock.now()) * jitter)

    return pass_by


async def test_an_idle_day_with_three_calendars_stays_below_three_hundred_requests(
    a_day: Callable[[float], Any], google: FourCalendars, service: ScriptedService
) -> None:
    await a_day(1.0)
    assert 200 < len(service.asked) < 300


async def test_trouble_is_looked_after_quickly_at_first(
    client: ServiceClient, google: FourCalendars, clock: FakeClock
) -> None:
    source = GoogleCalendarSource(client=lambda _: client, now=clock.now)
    await source.fetch_signals(ADA)
    google.troubled = lambda: True
    waits = []
    for _ in range(5):
        waits.append(poll_after(await source.fetch_signals(ADA), clock.now()) / 60)
        clock.jump(waits[-1] * 60)
    assert waits == pytest.approx([2, 4, 8, 16.6, 16.6], abs=0.1)
    google.troubled = lambda: False
    await source.fetch_signals(ADA)
    clock.jump(13 * 3600)
    await source.fetch_signals(ADA)
    google.troubled = lambda: True
    assert poll_after(await source.fetch_signals(ADA), clock.now()) == 120


@pytest.mark.parametrize("every", [1, 3, 16])
async def test_trouble_that_stays_or_comes_and_goes_keeps_to_the_same_limit(
    every: int, a_day: Callable[[float], Any], google: FourCalendars, service: ScriptedService
) -> None:
    await a_day(1.0)
    asked, answers = len(service.asked), itertools.count()
    google.troubled = lambda: next(answers) % every == 0
    await a_day(1.0)
    assert len(service.asked) - asked < 300


async def test_a_day_of_eight_meetings_is_far_below_what_google_allows(
    a_day: Callable[[float], Any], google: FourCalendars, service: ScriptedService, clock: FakeClock
) -> None:
    for hour in range(8):
        at = clock.now() + timedelta(hours=1 + hour)
        start = {"dateTime": at.isoformat(timespec="seconds")}
        google.events.append(resource(id=f"e{hour}", start=start, end=None))
    await a_day(1.0)
    assert len(service.asked) < 600


def test_only_what_has_a_time_is_waited_for() -> None:
    assert isinstance(begins_in(1).start, Fixed)
