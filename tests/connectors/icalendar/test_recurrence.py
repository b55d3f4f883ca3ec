"""Recurrence sets: what rules name, until when, and what is left out of it."""

# ruff: noqa: DTZ001  # the times of a wall clock are naive

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.icalendar.lines import Unreadable
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.connectors.icalendar.recurrence import (
    MAX_PERIODS,
    Key,
    Periods,
    RecurrenceSet,
    Repeats,
    Zones,
    stamp_of,
)
from oo_desktop.connectors.icalendar.rules import rule_from_text
from oo_desktop.connectors.icalendar.values import UTC_ID, IcalMoment, moment_from_text
from oo_desktop.connectors.icalendar.zones import IanaZone

BERLIN = "Europe/Berlin"
ZONES = Zones({}, IanaZone(ZoneInfo(BERLIN)))
LOW, HIGH = datetime(2026, 11, 1), datetime(2027, 1, 1)


def moment(text: str) -> IcalMoment:
    return moment_from_text(text, BERLIN)


def recurrence(
    start: IcalMoment, *, but_not: Sequence[IcalMoment] = (), but_not_by: str = ""
) -> RecurrenceSet:
    ruled_out = (rule_from_text(but_not_by, start.local),) if but_not_by else ()
    repeats = Repeats(but_not=tuple(but_not), but_not_by=ruled_out)
    return RecurrenceSet(start, repeats, zones=ZONES, periods=Periods(Pacer()))


def days(start: IcalMoment, rule: str) -> list[int]:
    named = recurrence(start).named_by(rule_from_text(rule, start.local), LOW, HIGH)
    return [each.local.day for each in named]


@pytest.mark.parametrize(
    ("start", "until", "last"),
    [
        ("20261129T090000", "20261202T080000Z", 2),  # nine in Berlin is eight in UTC
        ("20261129T090000", "20261202T075959Z", 1),
        ("20261129T090000", "20261202T090000", 2),
        ("20261129T090000", "20261202", 2),
        ("20261129", "20261202", 2),
        ("20261129", "20261202T000000Z", 2),  # as programs write a day that know no zones
        ("20261129", "20261201T230000Z", 2),  # the midnight of Berlin
    ],
)
def test_a_rule_holds_until_its_end_in_whichever_form_that_is(
    start: str, until: str, last: int
) -> None:
    found = days(moment(start), f"FREQ=DAILY;UNTIL={until}")
    assert found == [29, 30, *range(1, last + 1)]


@pytest.mark.parametrize(
    ("but_not", "is_left_out"),
    [
        ("20261130T090000", True),
        ("20261130T080000Z", True),
        ("20261130", True),
        ("20261130T090000Z", False),
        ("20261201", False),
    ],
)
def test_what_is_named_as_an_instant_or_a_day_is_left_out(but_not: str, is_left_out: bool) -> None:
    found = recurrence(moment("20261129T090000"), but_not=[moment(but_not)])
    assert found.is_left_out(moment("20261130T090000")) == is_left_out


@pytest.mark.parametrize(
    ("rule", "is_left_out"),
    [
        ("FREQ=DAILY", True),
        ("FREQ=DAILY;UNTIL=20261129T080000Z", False),
        ("FREQ=WEEKLY;BYDAY=MO", True),
        ("FREQ=WEEKLY;BYDAY=TU", False),
        ("FREQ=DAILY;BYHOUR=10", False),
    ],
)
def test_what_another_rule_names_is_left_out(rule: str, is_left_out: bool) -> None:
    found = recurrence(moment("20261129T090000"), but_not_by=rule)
    assert found.is_left_out(moment("20261130T090000")) == is_left_out


def test_a_rule_leaves_out_nothing_that_was_written_in_another_zone() -> None:
    found = recurrence(moment("20261129T090000"), but_not_by="FREQ=DAILY")
    assert not found.is_left_out(IcalMoment(datetime(2026, 11, 30, 9), UTC_ID))


@given(st.sets(st.integers(0, 20)), st.booleans())
def test_a_series_is_what_its_rule_names_less_what_is_left_out(
    left_out: set[int], in_utc: bool
) -> None:
    start = moment("20261201T090000")
    rule = rule_from_text("FREQ=DAILY;COUNT=21", start.local)
    but_not = [start._replace(local=start.local + timedelta(days=each)) for each in left_out]
    if in_utc:
        but_not = [IcalMoment(ZONES.instant(each).replace(tzinfo=None), UTC_ID) for each in but_not]
    found = recurrence(start, but_not=but_not)
    there = [each for each in found.named_by(rule, LOW, HIGH) if not found.is_left_out(each)]
    assert {each.local.day - 1 for each in there} == set(range(21)) - left_out


def test_a_series_that_never_ends_to_be_looked_for_makes_no_sense() -> None:
    periods = Periods(Pacer())
    for _ in range(MAX_PERIODS):
        periods.step()
    with pytest.raises(Unreadable):
        periods.step()


@pytest.mark.parametrize(
    ("key", "stamp"),
    [
        (date(2026, 11, 30), "20261130"),
        (datetime(2026, 11, 30, 8, tzinfo=UTC), "20261130T080000Z"),
    ],
)
def test_an_occurrence_is_known_by_its_instant_or_its_day(key: Key, stamp: str) -> None:
    assert stamp_of(key) == stamp


def test_what_the_clocks_show_twice_is_told_the_first_time_alone() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert ZONES.local(first, BERLIN) == datetime(2026, 10, 25, 2, 30)
    assert ZONES.local(first + timedelta(hours=1), BERLIN) is None
