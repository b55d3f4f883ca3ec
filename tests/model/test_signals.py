"""When a signal is due, in the zone of its account, and in which order signals come."""

from datetime import UTC, date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.model.signals import (
    ActionKind,
    AnySignal,
    Container,
    Day,
    Due,
    Event,
    Fixed,
    Floating,
    ProviderId,
    SignalId,
    Task,
    UserId,
    day_of,
    ends_at,
    sort_key,
    stamp,
    time_of,
)
from oo_desktop.testing import task

BERLIN = ZoneInfo("Europe/Berlin")
TOKYO = ZoneInfo("Asia/Tokyo")
ZONES = [ZoneInfo(name) for name in ("Pacific/Kiritimati", "Pacific/Niue", "Asia/Beirut", "UTC")]

dues = st.one_of(
    st.builds(Day, st.dates()),
    st.builds(Floating, st.datetimes()),
    st.builds(Fixed, st.datetimes(timezones=st.just(UTC)), st.just("Europe/Berlin")),
)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 22, hour, minute, tzinfo=UTC)


def floating(hour: int) -> Floating:
    return Floating(at(hour).replace(tzinfo=None))


@pytest.mark.parametrize(
    ("due", "zone", "day", "wall"),
    [
        (Day(date(2026, 11, 22)), TOKYO, date(2026, 11, 22), None),
        (floating(23), TOKYO, date(2026, 11, 22), time(23)),
        (Fixed(at(23), "Europe/Berlin"), BERLIN, date(2026, 11, 23), time(0)),
        (Fixed(at(14), "Europe/Berlin"), TOKYO, date(2026, 11, 22), time(23)),
        (Fixed(at(15), "Europe/Berlin"), TOKYO, date(2026, 11, 23), time(0)),
    ],
)
def test_the_day_of_a_due_date_is_that_of_the_accounts_zone(
    due: Due, zone: ZoneInfo, day: date, wall: time | None
) -> None:
    assert (day_of(due, zone), time_of(due, zone)) == (day, wall)


@pytest.mark.parametrize(
    ("due", "passes"),
    [
        (Day(date(2026, 11, 22)), at(23)),  # midnight in Berlin
        (floating(10), at(9)),  # ten o'clock in Berlin
        (Fixed(at(10), "Asia/Tokyo"), at(10)),
    ],
)
def test_a_due_date_has_passed_from_one_instant_on(due: Due, passes: datetime) -> None:
    assert ends_at(due, BERLIN) == passes


def test_a_day_ends_later_where_the_clocks_skip_midnight() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    ends = ends_at(Day(date(2026, 3, 28)), beirut)
    assert ends.astimezone(beirut).replace(tzinfo=None).isoformat() == "2026-03-29T01:00:00"
    assert ends == datetime(2026, 3, 28, 22, tzinfo=UTC)


@given(dues, st.sampled_from(ZONES))
def test_any_due_date_can_be_asked_anything(due: Due, zone: ZoneInfo) -> None:
    day_of(due, zone)
    time_of(due, zone)
    ends_at(due, zone)
    sort_key(task("1", due=due), zone)


@pytest.mark.parametrize(
    "due",
    [
        Day(date.max),
        Day(date.min),
        Floating(datetime.max),  # noqa: DTZ901  # the ends of the calendar are the point
        Floating(datetime.min),  # noqa: DTZ901  # the same
        Fixed(datetime.max.replace(tzinfo=UTC), "UTC"),
        Fixed(datetime.min.replace(tzinfo=UTC), "UTC"),
    ],
)
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_the_ends_of_the_calendar_are_days_like_others(due: Due, zone: ZoneInfo) -> None:
    far = day_of(due, zone).year > 5000
    assert (ends_at(due, zone) <= at(12)) is not far
    time_of(due, zone)


@pytest.mark.parametrize(
    ("moment", "text"),
    [(Day(date(2026, 11, 22)), "20261122"), (Fixed(at(9), "Asia/Tokyo"), "20261122T090000Z")],
)
def test_a_moment_is_stamped_as_calendars_write_it(moment: Day | Fixed, text: str) -> None:
    assert stamp(moment) == text


def test_tasks_come_by_day_then_whole_days_then_time_then_urgency() -> None:
    def with_priority(id_: str, due: Due | None, priority: int | None) -> Task:
        return msgspec.structs.replace(task(id_, due=due), priority=priority)

    ordered = [
        with_priority("yesterday", Day(date(2026, 11, 21)), None),
        with_priority("urgent day", Day(date(2026, 11, 22)), 1),
        with_priority("day", Day(date(2026, 11, 22)), 4),
        with_priority("nine, urgent", floating(9), 1),
        with_priority("nine", floating(9), 2),
        with_priority("ten in Berlin", Fixed(at(9), "UTC"), 1),
        with_priority("whenever, urgent", None, 1),
        with_priority("whenever", None, None),
    ]
    keys = [sort_key(each, BERLIN) for each in ordered]
    assert keys == sorted(keys)
    assert all(first < second for first, second in pairwise(keys))


def test_a_task_without_a_priority_is_as_urgent_as_the_least() -> None:
    least = msgspec.structs.replace(task("1"), priority=4)
    assert sort_key(least, BERLIN) == sort_key(task("1"), BERLIN)


texts = st.text(st.characters(codec="utf-8"), max_size=20)


@given(
    st.one_of(
        st.builds(
            Task,
            id=texts.map(SignalId),
            source=texts.map(ProviderId),
            user_id=texts.map(UserId),
            title=texts,
            container=st.none() | st.builds(Container, texts, st.none() | texts),
            actions=st.lists(st.sampled_from(ActionKind)).map(tuple),
            due=st.none() | dues,
            undo=st.none() | texts,
        ),
        st.builds(
            Event,
            id=texts.map(SignalId),
            source=texts.map(ProviderId),
            user_id=texts.map(UserId),
            title=texts,
            start=dues,
            end=dues,
        ),
    )
)
def test_a_signal_reads_back_as_it_was_written(signal: AnySignal) -> None:
    written = msgspec.json.encode(signal)
    assert msgspec.json.decode(written, type=AnySignal) == signal


def test_the_same_task_in_two_accounts_has_two_keys() -> None:
    assert task("1").key != task("1", user_id="grace").key
    assert task("1").key.account == task("2").account
