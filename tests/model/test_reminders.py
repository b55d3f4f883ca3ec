"""When to remind of what: minutes, days, zones, copies, and what was told already."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.model.reminders import (
    Planned,
    Told,
    can_be_reminded_of,
    planned_reminders,
    snoozed_until,
    spans_of,
)
from oo_desktop.model.signals import Day, Event, Fixed, Floating, Task
from oo_desktop.model.state import AccountState, AppState
from tests.model.happenings import ADA, BOB, NOON, errand, in_zone, meeting, minutes


def plan(
    *signals: Event | Task,
    now: datetime = NOON,
    zone: str = "Etc/UTC",
    default: int = 10,
    told: Iterable[Told] = (),
) -> tuple[Planned, ...]:
    spans = spans_of(signals, zone_of=in_zone(zone), default_minutes=default)
    return planned_reminders(spans, now=now, default_minutes=default, told=told)


def times(*signals: Event | Task, **more: Any) -> list[str]:
    """When reminders come: `22 12:50`, in UTC."""
    return [f"{each.at:%d %H:%M}" for each in plan(*signals, **more)]


def told(reminder: Planned, **more: datetime | None) -> Told:
    return Told(
        key=reminder.key,
        start=reminder.start,
        minutes=reminder.minutes,
        ends=reminder.ends,
        told_at=reminder.at,
        twin=reminder.meeting,
        **more,
    )


# Which minutes


def test_an_event_without_minutes_of_its_own_has_those_of_the_setting() -> None:
    assert times(meeting("a"), default=15) == ["22 12:45"]


def test_without_a_setting_only_minutes_of_their_own_count() -> None:
    own = meeting("b", reminders=(5,))
    assert times(meeting("a"), own, default=0) == ["22 12:55"]


def test_each_of_an_events_minutes_is_a_reminder() -> None:
    event = meeting("a", timedelta(days=1), reminders=(10, 60, 0, 10))
    assert times(event) == ["23 11:00", "23 11:50", "23 12:00"]


def test_an_empty_list_of_minutes_is_none() -> None:
    assert times(meeting("a", reminders=())) == []


def test_whole_days_have_no_reminder_unless_they_say_so() -> None:
    holiday = Day(date(2026, 11, 24)), Day(date(2026, 11, 25))
    assert times(meeting("a", start=holiday[0], end=holiday[1])) == []
    asked = meeting("b", start=holiday[0], end=holiday[1], reminders=(900,))
    assert times(asked, zone="Europe/Berlin") == ["23 08:00"]


def test_a_tentative_event_is_reminded_of() -> None:
    assert times(meeting("a", tentative=True)) == ["22 12:50"]


# Tasks


@pytest.mark.parametrize(
    ("task", "at"),
    [
        (errand("a"), ["22 13:00"]),
        (errand("a", reminders=(15, 60)), ["22 12:00", "22 12:45"]),
        (errand("a", reminders=()), []),
        (errand("a", Floating(datetime.fromisoformat("2026-11-22T18:00"))), ["22 17:00"]),
        (errand("a", Day(date(2026, 11, 23))), []),
        (errand("a", Day(date(2026, 11, 23)), reminders=(-540,)), ["23 08:00"]),
        (errand("a", None), []),
        (errand("a", None, reminders=(10,)), []),
    ],
    ids=["time", "own", "none", "floating", "day", "day with own", "no date", "no date with own"],
)
def test_a_task_is_reminded_of_at_its_time_unless_it_says_more(task: Task, at: list[str]) -> None:
    alike = [each for each in [task] if can_be_reminded_of(each)]
    assert times(*alike, zone="Europe/Berlin") == at


def test_no_setting_for_events_reminds_of_tasks_earlier() -> None:
    assert times(errand("a"), default=30) == times(errand("a"), default=0) == ["22 13:00"]


def test_a_task_of_today_is_told_of_late_and_one_of_yesterday_never() -> None:
    assert times(errand("a", -minutes(90))) == ["22 10:30"]
    assert times(errand("a", -timedelta(hours=13))) == []


def test_a_task_ends_with_its_day_where_its_owner_is() -> None:
    (reminder,) = plan(errand("a", timedelta(hours=10)), zone="America/New_York")
    assert reminder.ends == datetime(2026, 11, 23, 5, tzinfo=UTC)


def test_a_task_that_was_told_of_is_not_told_of_again_unless_it_moves() -> None:
    task = errand("a")
    (reminder,) = plan(task)
    assert plan(task, told=[told(reminder)]) == ()
    assert len(plan(errand("a", minutes(90)), told=[told(reminder)])) == 1


# Times and zones


@pytest.mark.parametrize(
    ("zone", "day", "reminder"),
    [
        # Two days before at nine on the clock, over a change of the clocks in between.
        ("Europe/Berlin", date(2026, 10, 26), "24 07:00"),
        ("Europe/Berlin", date(2027, 3, 29), "27 08:00"),
        ("America/New_York", date(2026, 11, 2), "31 13:00"),
        ("Australia/Lord_Howe", date(2027, 4, 5), "02 22:00"),
        ("Asia/Kolkata", date(2026, 11, 24), "22 03:30"),
        ("Pacific/Kiritimati", date(2026, 11, 24), "21 19:00"),
        ("Asia/Beirut", date(2027, 3, 29), "27 07:00"),
    ],
)
def test_minutes_before_a_day_are_on_the_clock(zone: str, day: date, reminder: str) -> None:
    event = meeting("a", start=Day(day), end=Day(day + timedelta(days=1)), reminders=(1440 + 900,))
    assert times(event, zone=zone, now=datetime(2026, 10, 1, tzinfo=UTC)) == [reminder]


def test_nine_on_the_morning_of_a_day_is_on_the_clock_too() -> None:
    day = date(2026, 10, 25)  # the clocks go back at three
    event = meeting("a", start=Day(day), end=Day(day + timedelta(days=1)), reminders=(-540,))
    assert times(event, zone="Europe/Berlin", now=datetime(2026, 10, 1, tzinfo=UTC)) == ["25 08:00"]


def test_minutes_before_a_time_are_as_they_pass() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 25, 9, tzinfo=berlin).astimezone(UTC)  # the clocks go back before
    event = meeting("a", start, reminders=(1440,))
    assert times(event, zone="Europe/Berlin", now=datetime(2026, 10, 1, tzinfo=UTC)) == ["24 08:00"]


def test_a_floating_time_is_in_the_accounts_zone() -> None:
    start = datetime.fromisoformat("2026-11-22T18:00")
    event = meeting("a", start=Floating(start), end=Floating(start + timedelta(hours=1)))
    assert times(event, zone="Asia/Kolkata") == ["22 12:20"]


def test_the_ends_of_the_calendar_do_no_harm() -> None:
    ever = meeting("a", start=Day(date.min), end=Day(date.max), reminders=(40320,))
    late = meeting("b", datetime(9999, 12, 31, 23, tzinfo=UTC))
    assert times(ever, late, zone="Pacific/Kiritimati") == ["31 22:50"]


# What is due, and what is over


def test_what_is_over_is_not_reminded_of() -> None:
    assert times(meeting("a", -minutes(30)), meeting("b", -minutes(300))) == []


def test_what_is_running_still_is() -> None:
    assert times(meeting("a", -minutes(29))) == ["22 11:21"]


def test_an_end_before_the_start_means_the_start() -> None:
    wrong = meeting("a", minutes(-5), lasts=-minutes(60))
    assert times(wrong) == []


def test_of_several_that_are_due_the_last_counts() -> None:
    event = meeting("a", minutes(8), reminders=(60, 30, 10, 5))
    assert times(event) == ["22 11:58", "22 12:03"]


# What was told


def test_what_was_told_does_not_come_again() -> None:
    (first, *_) = plan(meeting("a", reminders=(60, 10)))
    assert times(meeting("a", reminders=(60, 10)), told=[told(first)]) == ["22 12:50"]


def test_nothing_earlier_follows_what_was_told() -> None:
    (reminder,) = plan(meeting("a", reminders=(10,)))
    changed = meeting("a", reminders=(60, 30))
    assert times(changed, told=[told(reminder)]) == []


def test_an_event_that_has_moved_is_reminded_of_anew() -> None:
    (reminder,) = plan(meeting("a"))
    assert times(meeting("a", minutes(120)), told=[told(reminder)]) == ["22 13:50"]


def test_what_was_snoozed_comes_again_at_that_time() -> None:
    (reminder,) = plan(meeting("a"))
    row = told(reminder, snoozed_until=NOON + minutes(55))
    assert times(meeting("a"), told=[row]) == ["22 12:55"]


def test_a_snooze_beyond_the_end_is_forgotten() -> None:
    (reminder,) = plan(meeting("a"))
    row = told(reminder, snoozed_until=NOON + minutes(90))
    assert times(meeting("a"), told=[row]) == []


@pytest.mark.parametrize(
    ("starts_in", "until"),
    [(10, 5), (5, 5), (3, 3), (1, 1), (0.5, 5), (-3, 5), (-24, 5), (-25, None), (-29, None)],
)
def test_a_snooze_lasts_five_minutes_or_until_the_start(
    starts_in: float, until: float | None
) -> None:
    (reminder,) = plan(meeting("a", minutes(starts_in)))[:1]
    wanted = None if until is None else NOON + minutes(until)
    assert snoozed_until(reminder, NOON) == wanted


# Copies


def test_a_meeting_on_two_calendars_is_reminded_of_once() -> None:
    found = plan(meeting("a", twin="x", title="R"), meeting("b", twin="x", title="R", account=BOB))
    assert [each.key.account for each in found] == [ADA]


def test_the_copy_that_is_certain_counts() -> None:
    unsure = meeting("a", twin="x", title="R", unanswered=True)
    found = plan(unsure, meeting("b", twin="x", title="R", account=BOB))
    assert [each.key.account for each in found] == [BOB]


def test_what_was_told_of_one_copy_is_not_repeated_for_another() -> None:
    (reminder,) = plan(meeting("a", twin="x", title="Review"))
    other = meeting("b", twin="x", title="Review", account=BOB, reminders=(10, 5))
    assert times(other, told=[told(reminder)]) == ["22 12:55"]


def test_another_meeting_of_the_same_name_and_time_is_reminded_of_as_well() -> None:
    ours, theirs = meeting("a", twin="1"), meeting("b", twin="1", account=BOB)
    assert len(plan(ours, theirs)) == 2
    assert len(plan(theirs, told=[told(plan(ours)[0])])) == 1


@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.booleans(), st.booleans()).map(tuple), max_size=12
    )
)
def test_the_copies_that_count_are_those_on_the_screen(
    drawn: list[tuple[str, bool, bool]],
) -> None:
    events = [
        meeting(
            str(number),
            minutes(60 + "xyz".index(twin)),
            account=BOB if of_bob else ADA,
            twin=twin,
            tentative=tentative,
            reminders=(1,),
        )
        for number, (twin, tentative, of_bob) in enumerate(drawn)
    ]
    by_account = {key: tuple(each for each in events if each.account == key) for key in (ADA, BOB)}
    accounts = tuple(AccountState(key=key, label="", zone="Etc/UTC") for key in by_account)
    state = AppState(accounts=accounts, signals=dict(by_account))
    shown = Agenda().select(state, NOON, local_zone=ZoneInfo("Etc/UTC")).events
    reminded = plan(*by_account[ADA], *by_account[BOB])
    assert {each.key for each in reminded} == {entry.signal.key for entry in shown}


# Any events at all

ZONES = (
    "Etc/UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Havana",
    "Pacific/Kiritimati",
    "Africa/Casablanca",
)

NAIVE = st.datetimes(datetime.fromisoformat("2026-10-20"), datetime.fromisoformat("2027-04-10"))
TIMED = st.builds(
    lambda at, lasts: (
        Fixed(at.replace(tzinfo=UTC), ""),
        Fixed((at + lasts).replace(tzinfo=UTC), ""),
    ),
    NAIVE,
    st.timedeltas(timedelta(0), timedelta(days=3)),
)
FLOATING = st.builds(
    lambda at, lasts: (Floating(at), Floating(at + lasts)),
    NAIVE,
    st.timedeltas(timedelta(0), timedelta(days=3)),
)
DAYS = st.builds(
    lambda at, count: (Day(at.date()), Day(at.date() + timedelta(days=count))),
    NAIVE,
    st.integers(1, 4),
)
EVENTS = st.builds(
    lambda number, span, own: meeting(str(number), start=span[0], end=span[1], reminders=own),
    st.integers(0, 5),
    st.one_of(TIMED, FLOATING, DAYS),
    st.none() | st.lists(st.integers(0, 40320), max_size=4).map(tuple),
)


@given(
    st.lists(EVENTS, max_size=6, unique_by=lambda event: event.id),
    NAIVE.map(lambda at: at.replace(tzinfo=UTC)),
    st.sampled_from(ZONES),
    st.integers(0, 60),
)
def test_any_plan_is_in_order_once_each_before_the_end_and_exhausts_itself(
    events: list[Event], now: datetime, zone: str, default: int
) -> None:
    found = plan(*events, now=now, zone=zone, default=default)
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert len({(each.key, each.minutes) for each in found}) == len(found)
    for each in found:
        assert each.at < each.ends
        assert each.ends > now
        assert each.start - each.at <= minutes(each.minutes) + minutes(60)  # clocks change
    rows = [told(each) for each in found]
    assert plan(*events, now=now, zone=zone, default=default, told=rows) == ()
