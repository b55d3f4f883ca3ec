"""Due dates and how they move on."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.sandbox.todoist.due import (
    NotADate,
    SandboxDue,
    due_from_text,
    local_from_due,
    next_due,
    on_day,
    recurrence_from_text,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))
rules = st.sampled_from(
    [
        "every day",
        "every 3 days",
        "every other day",
        "every week",
        "every 2 weeks",
        "every monday",
        "every fri",
        "every weekday",
        "every month",
        "every 3 months",
        "every year",
        "daily",
        "every! 5 days",
        "every week at 9:00",
    ]
)


def recurring(day: str, rule: str, **more: str) -> SandboxDue:
    return SandboxDue(date=day, string=rule, is_recurring=True, **more)


@pytest.mark.parametrize(
    ("before", "rule", "after"),
    [
        ("2026-11-22", "every day", "2026-11-23"),
        ("2026-11-22", "every 3 days", "2026-11-25"),
        ("2026-11-22", "every week", "2026-11-29"),
        ("2026-11-22", "every monday", "2026-11-23"),
        ("2026-11-22", "every other sunday", "2026-12-06"),
        ("2026-11-20", "every workday", "2026-11-23"),
        ("2026-11-30", "every month", "2026-12-30"),
        ("2027-01-31", "every month", "2027-02-28"),
        ("2026-11-22", "every year", "2027-11-22"),
        ("2026-11-22T14:30:00", "every day at 14:30", "2026-11-23T14:30:00"),
        ("2026-11-22T14:30:00.000000", "every day at 14:30", "2026-11-23T14:30:00.000000"),
    ],
)
def test_closing_moves_to_the_next_occurrence_and_keeps_the_time(
    before: str, rule: str, after: str
) -> None:
    assert next_due(recurring(before, rule), now=NOON, zone=BERLIN).date == after


def test_a_late_task_moves_to_the_first_occurrence_that_is_not_past() -> None:
    assert next_due(recurring("2026-11-10", "every day"), now=NOON, zone=BERLIN).date == (
        "2026-11-22"
    )
    assert next_due(recurring("2026-11-10", "every week"), now=NOON, zone=BERLIN).date == (
        "2026-11-24"
    )


def test_every_with_an_exclamation_mark_counts_from_the_day_of_completion() -> None:
    late = recurring("2026-11-01", "every! 3 days")
    early = recurring("2026-12-24", "every! 3 days")
    assert next_due(late, now=NOON, zone=BERLIN).date == "2026-11-25"
    assert next_due(early, now=NOON, zone=BERLIN).date == "2026-11-25"


def test_a_fixed_time_keeps_its_wall_clock_over_the_end_of_summer_time() -> None:
    before = recurring("2026-10-24T07:00:00Z", "every day at 9:00", timezone="Europe/Berlin")
    now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    after = next_due(before, now=now, zone=ZoneInfo("America/New_York"))
    assert (after.date, after.timezone) == ("2026-10-25T08:00:00Z", "Europe/Berlin")


@given(day=days, today=days, hour=st.integers(0, 23))
def test_the_next_due_is_never_past_and_never_the_same(day: date, today: date, hour: int) -> None:
    due = recurring(day.isoformat(), "every 2 days")
    now = datetime(today.year, today.month, today.day, hour, tzinfo=UTC)
    found = date.fromisoformat(next_due(due, now=now, zone=BERLIN).date)
    assert found > day
    assert found >= now.astimezone(BERLIN).date()
    assert (found - day).days % 2 == 0


@given(day=days, rule=rules, form=st.sampled_from(["", "T09:00:00", "T09:00:00.000000", "Z"]))
def test_moving_on_changes_nothing_but_the_day(day: date, rule: str, form: str) -> None:
    zone = "Europe/Berlin" if form == "Z" else None
    text = f"{day}T12:00:00Z" if form == "Z" else f"{day}{form}"
    before = SandboxDue(date=text, string=rule, is_recurring=True, timezone=zone)
    after = next_due(before, now=NOON, zone=BERLIN)
    assert local_from_due(after, BERLIN)[1] == local_from_due(before, BERLIN)[1]
    assert after.date[10:11] == before.date[10:11]
    assert after.date.endswith("Z") == before.date.endswith("Z")
    assert (after.string, after.timezone, after.is_recurring) == (rule, zone, True)


@given(day=days, other=days)
def test_a_day_that_is_set_and_set_back_gives_the_same_due(day: date, other: date) -> None:
    due = SandboxDue(date=f"{day}T12:00:00Z", timezone="Europe/Berlin")
    assert on_day(on_day(due, other, BERLIN), day, BERLIN) == due


@given(st.text(max_size=40))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    try:
        due = due_from_text(text, lang="en", now=NOON, zone=BERLIN)
    except NotADate:
        return
    assert due is None or local_from_due(due, BERLIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", "2026-11-22"),
        ("tomorrow at 9:15", "2026-11-23T09:15:00"),
        ("in 3 days", "2026-11-25"),
        ("monday", "2026-11-23"),
        ("5pm", "2026-11-22T17:00:00"),
        ("every day at 14:30", "2026-11-22T14:30:00"),
        ("every monday", "2026-11-23"),
        ("2026-12-24", "2026-12-24"),
    ],
)
def test_due_strings_are_read_in_the_accounts_zone(text: str, expected: str) -> None:
    due = due_from_text(text, lang="en", now=NOON, zone=BERLIN)
    assert due is not None
    assert due.date == expected
    assert due.is_recurring == text.startswith("every")


def test_late_in_the_evening_today_is_the_accounts_today() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    due = due_from_text("today", lang="en", now=late, zone=BERLIN)
    assert due is not None
    assert due.date == "2026-11-23"


def test_no_date_is_no_due() -> None:
    assert due_from_text("no date", lang="en", now=NOON, zone=BERLIN) is None


def test_a_rule_nobody_knows_is_no_rule() -> None:
    assert recurrence_from_text("every full moon") is None
    assert recurrence_from_text("every 0 days") is None
    with pytest.raises(NotADate):
        due_from_text("every full moon", lang="en", now=NOON, zone=BERLIN)


def test_a_rule_that_cannot_be_read_counts_as_daily() -> None:
    moved = next_due(recurring("2026-11-22", "alle zwei Tage"), now=NOON, zone=BERLIN)
    assert moved.date == (date(2026, 11, 22) + timedelta(days=1)).isoformat()
