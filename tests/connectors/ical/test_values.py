"""The values of properties: dates, times, durations, texts, and what is none of them."""

# ruff: noqa: DTZ001  # the times of a wall clock are naive

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.ical.lines import Component, Property, Unreadable
from oo_desktop.connectors.ical.values import (
    UTC_ID,
    IcalMoment,
    Length,
    duration_from_text,
    length_from_property,
    moment_from_property,
    moment_from_text,
    moments_from_component,
    text_from_value,
)

NINE = datetime(2026, 11, 22, 9)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20261122", IcalMoment(datetime(2026, 11, 22), None, whole_day=True)),
        (" 20261122T0900 ", IcalMoment(NINE, "Z1")),
        ("20261122T090000", IcalMoment(NINE, "Z1")),
        ("20261122T090000Z", IcalMoment(NINE, UTC_ID)),
        ("20261231T235960Z", IcalMoment(datetime(2026, 12, 31, 23, 59, 59), UTC_ID)),
        ("00010101", IcalMoment(datetime(1, 1, 1), None, whole_day=True)),
    ],
)
def test_a_moment_is_a_day_or_a_time_in_some_zone(text: str, moment: IcalMoment) -> None:
    assert moment_from_text(text, "Z1") == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-11-22",
        "20260230",
        "20261122T25",
        "20261122T250000",
        "20261122T0900z",
        "00000101",
        "２０２６１１２２",
        "20261122T090000+0100",
    ],
)
def test_what_is_no_moment_is_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the caller looks at nothing else
        moment_from_text(text)


@given(st.datetimes(), st.sampled_from([None, "Z1", UTC_ID]))
def test_a_moment_is_read_as_it_was_written(at: datetime, zone_id: str | None) -> None:
    at = at.replace(microsecond=0)
    utc = "Z" if zone_id == UTC_ID else ""
    text = f"{at.year:04}{at:%m%dT%H%M%S}{utc}"
    assert moment_from_text(text, zone_id) == IcalMoment(at, zone_id)


@pytest.mark.parametrize(
    ("text", "sign", "length"),
    [
        ("PT1H30M", 1, Length(0, 5400)),
        ("-PT15M", -1, Length(0, 900)),
        ("+P1W", 1, Length(7, 0)),
        ("P1DT2H3M4S", 1, Length(1, 7384)),
        (" pt90s ", 1, Length(0, 90)),
        ("PT0S", 1, Length(0, 0)),
    ],
)
def test_a_duration_has_days_of_the_calendar_and_exact_seconds(
    text: str, sign: int, length: Length
) -> None:
    assert duration_from_text(text) == (sign, length)


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "1H", "PT1D", "P1H", "PT1.5H", "--PT1H"])
def test_what_is_no_duration_is_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the caller looks at nothing else
        duration_from_text(text)


def test_no_event_is_shorter_than_nothing() -> None:
    assert length_from_property(Property({}, "-PT5M")) == Length(0, 0)
    assert length_from_property(Property({}, "P1DT5M")).nominal() == timedelta(days=1, minutes=5)


def test_a_zone_is_named_by_a_parameter_and_bounded() -> None:
    found = moment_from_property(Property({"TZID": " Own "}, "20261122T090000"))
    assert found == IcalMoment(NINE, "Own")
    assert moment_from_property(Property({"TZID": ""}, "20261122T090000")).zone_id is None
    assert moment_from_property(Property({"TZID": "Own"}, "20261122T090000Z")).zone_id == UTC_ID
    absurd = moment_from_property(Property({"TZID": "x" * 5000}, "20261122T090000"))
    assert absurd.zone_id == "x" * 200


def test_moments_are_those_of_all_properties_of_a_name() -> None:
    component = Component("VEVENT")
    component.add("RDATE", Property({}, "20261122T090000Z,20261123,"))
    component.add("RDATE", Property({"VALUE": "PERIOD"}, "20261122T090000/PT1H"))
    assert moments_from_component(component, "RDATE") == (
        IcalMoment(NINE, UTC_ID),
        IcalMoment(datetime(2026, 11, 23), None, whole_day=True),
        IcalMoment(NINE),
    )
    component.add("RDATE", Property({}, "20261122,never"))
    with pytest.raises(Unreadable, match="RDATE"):
        moments_from_component(component, "RDATE")


@given(st.text(max_size=50))
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    escaped = text
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        escaped = escaped.replace(plain, written)
    assert text_from_value(escaped) == text


def test_an_escape_that_means_nothing_is_left_out() -> None:
    assert text_from_value(r"a\Nb\xc\\".replace("\\\\", "\\")) == "a\nbxc\\"
