"""Due dates as they are kept for the way back, set by commands, and compared by their meaning."""

import json
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.todoist import wire
from oo_desktop.model.signals import (
    RESCHEDULES,
    ActionKind,
    Day,
    Due,
    Fixed,
    Floating,
    Task,
    UserId,
)

DAILY = {
    "date": "2026-11-22T14:30:00",
    "timezone": None,
    "string": "every day at 14:30",
    "lang": "en",
    "is_recurring": True,
}


# The way back


def shown(due: dict[str, Any] | None) -> Task:
    said = msgspec.convert({"id": "1", "content": "x", "due": due}, wire.TaskWire)
    task = wire.task_from_wire(said, user_id=UserId("ada"), containers={})
    assert task is not None
    return task


def test_a_task_with_a_date_knows_its_way_back() -> None:
    task = shown(DAILY)
    assert task.recurring
    assert json.loads(task.undo or "") == {"due": DAILY}
    assert json.loads(shown({"date": "2026-11-22"}).undo or "")["due"]["date"] == "2026-11-22"
    assert shown(None).undo is None


def test_what_recurs_can_be_put_off_but_not_be_stripped_of_its_date() -> None:
    assert shown({"date": "2026-11-22"}).actions == (ActionKind.DONE, *RESCHEDULES)
    assert shown(None).actions == (ActionKind.DONE, *RESCHEDULES)
    assert shown(DAILY).actions == (
        ActionKind.DONE,
        ActionKind.LATER_TODAY,
        ActionKind.TOMORROW,
        ActionKind.NEXT_WEEK,
        ActionKind.ON_DAY,
    )


@pytest.mark.parametrize("recurring", [True, False])
def test_a_monstrous_due_text_is_not_kept_so_that_its_task_can_only_be_done(
    recurring: bool,
) -> None:
    task = shown({"date": "2026-11-22", "string": "x" * wire.MAX_UNDO, "is_recurring": recurring})
    assert task.undo is None
    assert task.actions == (ActionKind.DONE,)


# As commands set them and as they are compared


def due_wire(text: str, **changes: Any) -> wire.DueWire:
    return msgspec.convert({"date": text, **changes}, wire.DueWire)


@pytest.mark.parametrize(
    ("due", "like", "said"),
    [
        (None, due_wire("2026-11-22"), None),
        (Day(date(2026, 11, 23)), None, {"date": "2026-11-23"}),
        (Day(date(2026, 11, 23)), due_wire("2026-11-22", string="today"), {"date": "2026-11-23"}),
        (
            Floating(datetime(2026, 11, 22, 15)),  # noqa: DTZ001  # naive
            due_wire("2026-11-22"),
            {"date": "2026-11-22T15:00:00"},
        ),
        (
            Fixed(datetime(2026, 11, 23, 12, tzinfo=UTC), "Europe/Madrid"),
            due_wire("2026-11-22T12:00:00Z", timezone="Europe/Madrid"),
            {"date": "2026-11-23T12:00:00Z", "timezone": "Europe/Madrid"},
        ),
        (
            Fixed(datetime(2026, 11, 23, 12, tzinfo=UTC), "UTC"),
            due_wire("2026-11-22T12:00:00Z"),
            {"date": "2026-11-23T12:00:00Z"},
        ),
    ],
)
def test_a_date_is_said_in_its_own_form(
    due: Due | None, like: wire.DueWire | None, said: dict[str, str] | None
) -> None:
    assert wire.wire_from_due(due, like=like) == said


def test_a_recurring_date_is_said_with_all_it_recurs_by() -> None:
    moved = Floating(datetime(2026, 11, 30, 14, 30))  # noqa: DTZ001  # naive
    said = wire.wire_from_due(moved, like=msgspec.convert(DAILY, wire.DueWire))
    assert msgspec.to_builtins(said) == {**DAILY, "date": "2026-11-30T14:30:00"}


@given(
    st.one_of(
        st.dates(date(1950, 1, 1), date(2500, 1, 1)).map(Day),
        st.datetimes(datetime(1950, 1, 1), datetime(2500, 1, 1)).map(  # noqa: DTZ001  # naive
            lambda at: Floating(at.replace(microsecond=0))
        ),
        st.datetimes(
            datetime(1950, 1, 1),  # noqa: DTZ001  # naive
            datetime(2500, 1, 1),  # noqa: DTZ001  # naive
            timezones=st.just(UTC),
        ).map(lambda at: Fixed(at.replace(microsecond=0), "Europe/Madrid")),
    )
)
def test_what_is_said_is_understood_as_it_was_meant(due: Due) -> None:
    said = wire.wire_from_due(due, like=None)
    assert wire.means(msgspec.convert(said, wire.DueWire), due)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (due_wire("2026-11-22"), due_wire("2026-11-22", string="today"), True),
        (due_wire("2026-11-22T12:00:00"), due_wire("2026-11-22T12:00:00.000000"), True),
        (
            due_wire("2026-11-22T12:00:00Z", timezone="Europe/Madrid"),
            due_wire("2026-11-22T13:00:00", timezone="Europe/Madrid"),
            True,
        ),
        (due_wire("2026-11-22"), due_wire("2026-11-23"), False),
        (due_wire("2026-11-22"), due_wire("2026-11-22T00:00:00"), False),
        (due_wire("2026-11-22"), None, False),
        (None, due_wire("2026-11-22"), False),
        (None, None, True),
        (due_wire("some day"), due_wire("some day"), True),
        (due_wire("some day"), due_wire("another day"), False),
        (due_wire("some day"), None, False),
    ],
)
def test_dates_are_compared_by_what_they_mean(
    one: wire.DueWire | None, other: wire.DueWire | None, same: bool
) -> None:
    assert wire.is_same_due(one, other) is same


def test_a_date_that_makes_no_sense_is_not_the_same_as_none() -> None:
    assert not wire.means(due_wire("some day"), None)
    assert wire.means(None, None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (due_wire("2026-11-22", string="today"), due_wire("2026-11-22", string="22 Nov"), True),
        (due_wire("2026-11-22"), None, True),
        (msgspec.convert(DAILY, wire.DueWire), due_wire("2026-11-22T14:30:00"), False),
        (
            due_wire("2026-11-22", string="Every  day", is_recurring=True),
            due_wire("2026-11-22", string="every day", is_recurring=True),
            True,
        ),
        (
            due_wire("2026-11-22", string="every day", is_recurring=True),
            due_wire("2026-11-22", string="every week", is_recurring=True),
            False,
        ),
    ],
)
def test_rules_are_compared_where_something_recurs(
    one: wire.DueWire, other: wire.DueWire | None, same: bool
) -> None:
    assert wire.is_same_rule(one, other) is same
