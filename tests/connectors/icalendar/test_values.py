"""The values of properties: dates, times, durations, texts, and what is none of them."""

# ruff: noqa: DTZ001  # the times of a wall clock are naive

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.icalendar.lines import Component, Property
from oo_desktop.connectors.icalendar.values import (
    UTC_ID,
    IcalMoment,
    Length,
    day_from_moment,
    duration_from_text,
    length_from_property,
    listed_from_component,
    moment_from_property,
    moment_from_text,
    text_from_value,
    zone_id_from_text,
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
        ("PT1D", 1, Length(1, 0)),
        ("-P2DT", -1, Length(2, 0)),
        ("P1WT", 1, Length(7, 0)),
        ("-P300S", -1, Length(0, 300)),
        ("P1H", 1, Length(0, 3600)),
        ("P90M", 1, Length(0, 5400)),
        ("-P0DT0H1440M0S", -1, Length(0, 86_400)),
        ("PT0S", 1, Length(0, 0)),
    ],
)
def test_a_duration_has_days_of_the_calendar_and_exact_seconds(
    text: str, sign: int, length: Length
) -> None:
    assert duration_from_text(text) == (sign, length)


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "1H", "PT1.5H", "--PT1H", "P1", "PTT1H", "P1Y", "P999999999W", "P1D" * 9],
)
def test_what_is_no_duration_is_none(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        duration_from_text(text)


@given(
    st.lists(st.tuples(st.integers(0, 99_999), st.sampled_from("WDHMS")), min_size=1, max_size=10),
    st.data(),
)
def test_a_duration_is_the_same_wherever_its_t_is(
    parts: list[tuple[int, str]], data: st.DataObject
) -> None:
    seconds = {"W": 604_800, "D": 86_400, "H": 3600, "M": 60, "S": 1}
    written = [f"{data.draw(st.sampled_from(['', 'T']))}{number}{unit}" for number, unit in parts]
    text = f"-P{''.join(written)}{data.draw(st.sampled_from(['', 'T']))}"
    sign, length = duration_from_text(text)
    assert sign == -1
    assert length.nominal() == timedelta(seconds=sum(n * seconds[unit] for n, unit in parts))


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
    found = listed_from_component(component, "RDATE")
    assert found.moments == (
        IcalMoment(NINE, UTC_ID),
        IcalMoment(datetime(2026, 11, 23), None, whole_day=True),
        IcalMoment(NINE),
    )
    assert found.lengths == ((IcalMoment(NINE), Length(0, 3600)),)
    assert found.readable
    component.add("RDATE", Property({}, "20261124,never"))
    more = listed_from_component(component, "RDATE")
    assert more.moments[3:] == (IcalMoment(datetime(2026, 11, 24), None, whole_day=True),)
    assert not more.readable


@pytest.mark.parametrize(
    ("end", "length"),
    [
        ("PT3H", Length(0, 10_800)),
        ("-PT3H", Length(0, 0)),
        ("20261122T1100", IcalMoment(datetime(2026, 11, 22, 11), "Own")),
    ],
)
def test_a_period_has_a_length_of_its_own(end: str, length: Length | IcalMoment) -> None:
    component = Component("VEVENT")
    component.add("RDATE", Property({"TZID": "Own"}, f"20261122T0900/{end}"))
    assert listed_from_component(component, "RDATE").lengths == ((IcalMoment(NINE, "Own"), length),)


@pytest.mark.parametrize("value", ["20261130", "20261130T000000", "20261130T235959"])
@pytest.mark.parametrize("utc", ["", "Z"])
def test_a_date_with_a_time_is_a_day(value: str, utc: str) -> None:
    if utc and not value.endswith("T000000"):
        return
    found = moment_from_property(Property({"VALUE": "date", "TZID": "Own"}, value + utc))
    assert found == IcalMoment(datetime(2026, 11, 30), None, whole_day=True)


@given(st.integers(-10, 13), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_a_day_named_by_its_midnight_in_utc_is_that_day_wherever_it_was_written(
    offset: int, day: date
) -> None:
    midnight = datetime.combine(day, time()) - timedelta(hours=offset)
    found = moment_from_property(Property({"VALUE": "DATE"}, f"{midnight:%Y%m%dT%H%M%SZ}"))
    assert found == IcalMoment(datetime.combine(day, time()), None, whole_day=True)


def test_an_instant_at_some_hour_of_a_place_stands_for_no_day() -> None:
    assert day_from_moment(IcalMoment(NINE, "Own")) is None
    assert day_from_moment(IcalMoment(NINE)) is None


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60), st.booleans())
def test_a_zone_is_known_by_its_name_however_that_is_escaped(name: str, quoted: bool) -> None:
    name = name.strip(' "')
    escaped = name
    for plain in ("\\", ";", ","):
        escaped = escaped.replace(plain, "\\" + plain)
    written = f'"{escaped}"' if quoted else escaped
    assert zone_id_from_text(f" {written} ") == (name or None)


@given(st.text(max_size=50))
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    escaped = text
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        escaped = escaped.replace(plain, written)
    assert text_from_value(escaped) == text


def test_an_escape_that_means_nothing_is_left_out() -> None:
    assert text_from_value(r"a\Nb\xc\\".replace("\\\\", "\\")) == "a\nbxc\\"
