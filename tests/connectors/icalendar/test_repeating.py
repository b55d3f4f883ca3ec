"""Completing one occurrence after the other goes through the series as its rule does."""

# ruff: noqa: DTZ001  # the times of a wall clock are naive

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from oo_desktop.connectors.icalendar import repeating
from oo_desktop.connectors.icalendar.edit import NotEditable
from oo_desktop.connectors.icalendar.lines import Component, Unreadable, components
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.connectors.icalendar.recurrence import Zones, stamp_of
from oo_desktop.connectors.icalendar.repeating import (
    Dates,
    Series,
    are_same,
    dates_at,
    dates_of,
    due_changed,
    is_due,
    moved_on,
    recurrence_line,
    written,
)
from oo_desktop.connectors.icalendar.values import IcalMoment
from oo_desktop.connectors.icalendar.zones import IanaZone, Zone, zone_from_component
from oo_desktop.model.signals import Day, Due, Fixed, Floating
from tests.connectors.caldav.resources import BERLIN, todo
from tests.connectors.icalendar.test_rules import rules, starts

HERE = IanaZone(ZoneInfo("Europe/Berlin"))
WANTED = frozenset(
    {
        *("DTSTART", "DUE", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "STATUS"),
        *("TZID", "TZOFFSETFROM", "TZOFFSETTO"),
    }
)


def read(text: str) -> Component:
    return next(components(text.encode(), WANTED, Pacer()))


def zones(**defined: Zone) -> Zones:
    return Zones(defined, HERE)


CUSTOM = zones(Custom=zone_from_component(read(BERLIN)))


def series(lines: Mapping[str, str], known: Zones = CUSTOM) -> Series:
    return Series(read(todo(*lines.values())), known, Pacer())


def named(*lines: str) -> dict[str, str]:
    return {line.split(":")[0].split(";")[0]: line for line in lines}


def completed(lines: Mapping[str, str]) -> dict[str, str] | None:
    """The lines after one completion; None where it was the last."""
    changes = moved_on(series(lines), lines)
    if changes is None:
        return None
    merged = {**lines, **changes}
    return {name: line for name, line in merged.items() if line is not None}


FORMS = {
    "whole days": (
        ["DTSTART;VALUE=DATE:20261129", "DUE;VALUE=DATE:20261130", "RRULE:FREQ=WEEKLY"],
        ["DTSTART;VALUE=DATE:20261206", "DUE;VALUE=DATE:20261207"],
    ),
    "a whole day that does not say so": (
        ["DUE:20261129", "RRULE:FREQ=DAILY"],
        ["DUE:20261130"],
    ),
    "no zone": (
        ["DTSTART:20261129T090000", "DUE:20261129T170000", "RRULE:FREQ=DAILY"],
        ["DTSTART:20261130T090000", "DUE:20261130T170000"],
    ),
    "a zone, over a change of clocks": (
        [
            "DTSTART;TZID=Europe/Berlin:20261024T090000",
            "DUE;TZID=Europe/Berlin:20261025T013000",
            "RRULE:FREQ=DAILY",
        ],
        ["DTSTART;TZID=Europe/Berlin:20261025T090000", "DUE;TZID=Europe/Berlin:20261026T013000"],
    ),
    "a zone as it is described, with other parameters": (
        ['DUE;X-A="b:c";TZID=Custom:20260328T090000', "RRULE:FREQ=DAILY"],
        ['DUE;X-A="b:c";TZID=Custom:20260329T090000'],
    ),
    "UTC": (
        ["DTSTART:20261129T080000Z", "RRULE:FREQ=MONTHLY"],
        ["DTSTART:20261229T080000Z"],
    ),
    "a due in UTC beside a zone": (
        [
            "DTSTART;TZID=Europe/Berlin:20261024T090000",
            "DUE:20261024T150000Z",
            "RRULE:FREQ=DAILY",
        ],
        ["DTSTART;TZID=Europe/Berlin:20261025T090000", "DUE:20261025T160000Z"],
    ),
    "a length": (
        ["DTSTART:20261129T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY"],
        ["DTSTART:20261130T090000", "DURATION:PT1H"],
    ),
    "the 31st": (
        ["DUE;VALUE=DATE:20270131", "RRULE:FREQ=MONTHLY"],
        ["DUE;VALUE=DATE:20270331"],
    ),
    "every second week, two days": (
        ["DUE;VALUE=DATE:20261204", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR"],
        ["DUE;VALUE=DATE:20261214"],
    ),
    "a day left out, of a number": (
        [
            "DUE;VALUE=DATE:20261129",
            "RRULE:FREQ=DAILY;COUNT=5;INTERVAL=1",
            "EXDATE;VALUE=DATE:20261130,20261201",
        ],
        ["DUE;VALUE=DATE:20261202", "RRULE:FREQ=DAILY;COUNT=2;INTERVAL=1"],
    ),
    "left out in UTC what is in a zone": (
        [
            "DUE;TZID=Europe/Berlin:20261129T090000",
            "RRULE:FREQ=DAILY",
            "EXDATE:20261130T080000Z",
        ],
        ["DUE;TZID=Europe/Berlin:20261201T090000"],
    ),
    "a beginning that the rule does not name": (
        ["DTSTART:20261129T090000", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3"],
        ["DTSTART:20261130T090000", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2"],
    ),
    "progress": (
        [
            "DUE;VALUE=DATE:20261129",
            "RRULE:FREQ=DAILY",
            "STATUS:IN-PROCESS",
            "PERCENT-COMPLETE:40",
        ],
        ["DUE;VALUE=DATE:20261130", "STATUS:NEEDS-ACTION"],
    ),
    "several times a day": (
        ["DUE:20261129T090000", "RRULE:FREQ=DAILY;BYHOUR=9,17;COUNT=9"],
        ["DUE:20261129T170000", "RRULE:FREQ=DAILY;BYHOUR=9,17;COUNT=8"],
    ),
    "hours of whole days": (
        ["DUE;VALUE=DATE:20261129", "RRULE:FREQ=HOURLY;COUNT=48"],
        ["DUE;VALUE=DATE:20261130", "RRULE:FREQ=HOURLY;COUNT=24"],
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_completed_occurrence_moves_the_master_to_the_next(form: str) -> None:
    lines, expected = FORMS[form]
    rule = {name: line for name, line in named(*lines).items() if name in ("RRULE", "EXDATE")}
    assert completed(named(*lines)) == rule | named(*expected)


@pytest.mark.parametrize(
    "lines",
    [
        ["DUE;VALUE=DATE:20261129", "RRULE:FREQ=DAILY;COUNT=1"],
        ["DUE;VALUE=DATE:20261129", "RRULE:FREQ=DAILY;UNTIL=20261129"],
        ["DUE;VALUE=DATE:20261129", "RRULE:FREQ=DAILY;UNTIL=20261129T225959Z"],
        ["DUE:20261129T090000", "RRULE:FREQ=DAILY;UNTIL=20261130T085959"],
        ["DUE;TZID=Europe/Berlin:20261129T090000", "RRULE:FREQ=DAILY;UNTIL=20261130T075959Z"],
        ["DUE;VALUE=DATE:20261129", "RRULE:FREQ=DAILY;COUNT=2", "EXDATE;VALUE=DATE:20261130"],
        ["DUE;VALUE=DATE:99991228", "RRULE:FREQ=YEARLY"],
        ["DUE;VALUE=DATE:20230130", "RRULE:FREQ=YEARLY;BYMONTH=2"],
    ],
)
def test_the_last_occurrence_has_no_next(lines: list[str]) -> None:
    assert completed(named(*lines)) is None


def test_until_is_the_last_that_happens() -> None:
    lines = named(
        "DUE;TZID=Europe/Berlin:20261129T090000", "RRULE:FREQ=DAILY;UNTIL=20261130T080000Z"
    )
    after = completed(lines)
    assert after is not None
    assert after["DUE"] == "DUE;TZID=Europe/Berlin:20261130T090000"


MANY = 9
"""Occurrences that are looked at after the first."""


@settings(max_examples=150)
@given(
    rule=rules(),
    start=starts,
    form=st.sampled_from(["", ";TZID=Europe/Berlin", ";TZID=Custom", ";TZID=America/New_York"]),
    due_only=st.booleans(),
    left_out=st.sets(st.integers(1, 6), max_size=3),
    length=st.timedeltas(timedelta(), timedelta(days=3)),
    data=st.data(),
)
def test_after_n_completions_the_series_is_at_the_nth_that_dateutil_says(
    rule: str,
    start: datetime,
    form: str,
    due_only: bool,
    left_out: set[int],
    length: timedelta,
    data: st.DataObject,
) -> None:
    found = rrulestr(rule, dtstart=start)
    begins = list(islice((at for at in found.xafter(start)), MANY))
    expected = [start, *begins]
    count = None
    if next(iter(found), None) == start:
        count = data.draw(st.none() | st.integers(1, len(expected)))
    expected = expected[:count]
    text = "%Y%m%dT%H%M%S"
    out = [expected[number] for number in sorted(left_out) if number < len(expected)]
    wanted = [at for at in expected if at not in out]
    length = timedelta(minutes=length // timedelta(minutes=1))
    lines = {
        "DTSTART": f"DTSTART{form}:{start:{text}}",
        "DUE": f"DUE{form}:{start + length:{text}}",
    }
    if due_only:
        lines = {"DUE": f"DUE{form}:{start:{text}}"}
    lines["RRULE"] = f"RRULE:{rule}" + (f";COUNT={count}" if count else "")
    if out:
        lines["EXDATE"] = f"EXDATE{form}:" + ",".join(f"{at:{text}}" for at in out)
    shown: dict[str, str] | None = lines
    for at in wanted:
        assert shown is not None
        assert shown["DUE" if due_only else "DTSTART"].endswith(f"{form}:{at:{text}}")
        assert due_only or shown["DUE"] == f"DUE{form}:{at + length:{text}}"
        shown = completed(shown)
    # A rule may name no day after the first: 30 February.
    assert (shown is None) is (count is not None or len(begins) < MANY)


@pytest.mark.parametrize(
    "lines",
    [
        ["RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"],
        ["RRULE:FREQ=DAILY", "RDATE:20261231T090000"],
        ["RRULE:FREQ=DAILY", "RDATE;VALUE=NONSENSE"],
        ["RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"],
        ["RRULE:FREQ=DAILY", "EXRULE:FREQ=SOMETIMES"],
        ["RRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD"],
        ["RRULE:FREQ=SOMETIMES"],
        ["RDATE:20261231T090000"],
    ],
)
def test_what_is_more_than_one_rule_is_not_plain(lines: list[str]) -> None:
    found = Series(read(todo("DUE:20261129T090000", *lines)), CUSTOM, Pacer())
    assert not found.is_plain


def test_a_rule_that_never_happens_again_is_not_followed_for_ever() -> None:
    lines = named("DUE;VALUE=DATE:20260101", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    with pytest.raises(Unreadable):
        completed(lines)


def test_a_series_without_a_date_is_none() -> None:
    with pytest.raises(Unreadable):
        series(named("RRULE:FREQ=DAILY"))


@pytest.mark.parametrize(
    ("lines", "stamp", "expected"),
    [
        (["DUE;VALUE=DATE:20261129"], "20261205", "DUE;VALUE=DATE:20261205"),
        (["DUE:20261129T090000"], "20261205T080000Z", "DUE:20261205T090000"),
        (
            ["DUE;TZID=Custom:20260701T090000"],
            "20261205T080000Z",
            "DUE;TZID=Custom:20261205T090000",
        ),
        (["DUE:20261129T090000Z"], "20261205T090000Z", "DUE:20261205T090000Z"),
    ],
)
def test_an_occurrence_is_found_by_its_stamp(lines: list[str], stamp: str, expected: str) -> None:
    given = named(*lines, "RRULE:FREQ=DAILY")
    found = series(given)
    original = found.find(stamp)
    assert original is not None
    assert stamp_of(found.key(original)) == stamp
    assert dates_at(found, original, given) == {"DUE": expected}
    assert recurrence_line(original, given) == expected.replace("DUE", "RECURRENCE-ID")


@pytest.mark.parametrize("stamp", ["20261128", "20261129T090000Z", "20270101", "nonsense", ""])
def test_what_is_no_occurrence_is_not_found(stamp: str) -> None:
    found = series(named("DUE;VALUE=DATE:20261129", "RRULE:FREQ=DAILY;UNTIL=20261231"))
    assert found.find(stamp) is None


def test_occurrences_come_in_order_from_all_that_makes_them() -> None:
    lines = [
        *("DUE;VALUE=DATE:20261129", "RRULE:FREQ=WEEKLY;COUNT=2", "RRULE:FREQ=DAILY;COUNT=3"),
        *("RDATE;VALUE=DATE:20261203", "EXDATE;VALUE=DATE:20261130"),
        "EXRULE:FREQ=WEEKLY;UNTIL=20261206;BYDAY=TU",
    ]
    found = Series(read(todo(*lines)), CUSTOM, Pacer())
    days = [each.local.day for each in found.originals()]
    assert days == [29, 3, 6]
    later = found.originals(found.key(IcalMoment(datetime(2026, 12, 1), None, whole_day=True)))
    assert [each.local.day for each in later] == [3, 6]


@pytest.mark.parametrize(
    "recurrence",
    [
        IcalMoment(datetime(2026, 11, 30, 9), "Europe/Berlin"),
        IcalMoment(datetime(2026, 11, 30, 8), "UTC"),
        IcalMoment(datetime(2026, 11, 30, 9)),
        IcalMoment(datetime(2026, 11, 30), whole_day=True),
        IcalMoment(datetime(2026, 11, 30, 3), "America/New_York"),
    ],
)
def test_a_recurrence_id_names_its_occurrence_in_whichever_form(recurrence: IcalMoment) -> None:
    found = series(named("DUE;TZID=Europe/Berlin:20261129T090000", "RRULE:FREQ=DAILY"))
    first, second = (each for each, _ in zip(found.originals(), range(2), strict=False))
    assert found.is_named(second, recurrence)
    assert not found.is_named(first, recurrence)


# Another time

ELEVEN = datetime(2026, 11, 30, 10, tzinfo=ZoneInfo("UTC"))

MOVES: dict[str, tuple[list[str], Due | None, list[str | None]]] = {
    "a day": (["DUE;VALUE=DATE:20261129"], Day(ELEVEN.date()), ["DUE;VALUE=DATE:20261130"]),
    "days": (
        ["DTSTART;VALUE=DATE:20261127", "DUE;VALUE=DATE:20261129"],
        Day(ELEVEN.date()),
        ["DTSTART;VALUE=DATE:20261128", "DUE;VALUE=DATE:20261130"],
    ),
    "a day becomes a time": (
        ["DTSTART;VALUE=DATE:20261129", "DUE;VALUE=DATE:20261129"],
        Floating(datetime(2026, 11, 30, 11)),
        ["DTSTART:20261130T000000", "DUE:20261130T110000"],
    ),
    "no zone": (
        ["DTSTART:20261128T090000", "DUE:20261129T110000"],
        Floating(datetime(2026, 11, 30, 11)),
        ["DTSTART:20261129T090000", "DUE:20261130T110000"],
    ),
    "a zone stays": (
        ["DTSTART;TZID=Europe/Berlin:20261024T110000", "DUE;TZID=Europe/Berlin:20261024T120000"],
        Fixed(ELEVEN, "Europe/Berlin"),
        ["DTSTART;TZID=Europe/Berlin:20261130T100000", "DUE;TZID=Europe/Berlin:20261130T110000"],
    ),
    "a zone that is only described stays": (
        ["DUE;TZID=Custom:20261024T120000"],
        Fixed(ELEVEN, "Europe/Berlin"),
        ["DUE;TZID=Custom:20261130T110000"],
    ),
    "a zone that nobody knows stays": (
        ["DUE;TZID=Nowhere:20261024T120000"],
        Fixed(ELEVEN, "Europe/Berlin"),
        ["DUE;TZID=Nowhere:20261130T110000"],
    ),
    "UTC stays": (["DUE:20261024T120000Z"], Fixed(ELEVEN, "UTC"), ["DUE:20261130T100000Z"]),
    "a time in no zone becomes one in UTC": (
        ["DUE:20261024T120000"],
        Fixed(ELEVEN, "Europe/Berlin"),
        ["DUE:20261130T100000Z"],
    ),
    "a length": (
        ["DTSTART:20261129T090000", "DURATION:PT2H"],
        Floating(datetime(2026, 11, 30, 11)),
        ["DTSTART:20261130T090000"],
    ),
    "a length of days becomes a time": (
        ["DTSTART;VALUE=DATE:20261128", "DURATION:P1D"],
        Floating(datetime(2026, 11, 30, 11)),
        ["DTSTART:20261129T110000"],
    ),
    "a beginning alone": (
        ["DTSTART;VALUE=DATE:20261120"],
        Day(ELEVEN.date()),
        ["DTSTART;VALUE=DATE:20261130"],
    ),
    "a beginning alone keeps its time": (
        ["DTSTART;TZID=America/New_York:20261120T230000"],
        Day(ELEVEN.date()),
        ["DTSTART;TZID=America/New_York:20261129T230000"],
    ),
    "a beginning alone keeps its zone": (
        ["DTSTART;TZID=America/New_York:20261120T090000"],
        Floating(datetime(2026, 11, 30, 18)),
        ["DTSTART;TZID=America/New_York:20261130T120000"],
    ),
    "no date before": ([], Day(ELEVEN.date()), ["DUE;VALUE=DATE:20261130"]),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_move_keeps_the_form_and_the_distance(move: str) -> None:
    lines, due, expected = MOVES[move]
    dates = dates_of(read(todo(*lines)))
    changes = due_changed(dates, due, named(*lines), CUSTOM)
    assert list(changes.values()) == sorted(
        expected, key=lambda line: not str(line).startswith("DUE")
    )
    moved = {**named(*lines), **changes}
    after = dates_of(read(todo(*(line for line in moved.values() if line))))
    assert is_due(after, due, CUSTOM)
    assert not is_due(dates, due, CUSTOM)


def test_no_date_takes_all_that_says_one() -> None:
    dates = dates_of(read(todo("DTSTART:20261129T090000", "DURATION:PT2H")))
    changes = due_changed(dates, None, {}, CUSTOM)
    assert changes == {"DTSTART": None, "DUE": None, "DURATION": None}
    assert is_due(Dates(), None, CUSTOM)
    assert not is_due(dates, None, CUSTOM)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("DUE;TZID=Europe/Berlin:20261129T090000", "DUE:20261129T080000Z", True),
        ("DUE:20261129T090000", "DUE:20261129T080000Z", False),
        ("DUE;VALUE=DATE:20261129", "DUE:20261129", True),
        ("DUE;VALUE=DATE:20261129", "DUE:20261129T000000", False),
        ("DUE:20261129T090000Z", "X:1", False),
    ],
)
def test_dates_are_the_same_in_whichever_zone(one: str, other: str, same: bool) -> None:
    first, second = (dates_of(read(todo(line))) for line in (one, other))
    assert are_same(first, second, CUSTOM) is same


def test_a_zone_that_was_never_written_is_not_made_up() -> None:
    with pytest.raises(NotEditable):
        written("DUE", IcalMoment(datetime(2026, 11, 29, 9), "Europe/Berlin"), None, None)


def test_an_hour_that_the_clocks_show_twice_is_written_in_utc_the_second_time() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("UTC"))
    lines = named("DUE;TZID=Europe/Berlin:20261024T090000")
    dates = dates_of(read(todo(*lines.values())))
    assert due_changed(dates, Fixed(second, "Europe/Berlin"), lines, CUSTOM) == {
        "DUE": "DUE:20261025T013000Z"
    }


def test_the_first_years_are_written_with_four_digits() -> None:
    assert repeating.value_of(IcalMoment(datetime(33, 4, 3), whole_day=True)) == "00330403"
