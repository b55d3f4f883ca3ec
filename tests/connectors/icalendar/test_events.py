"""When the events of a calendar happen, and which of them cannot."""

from datetime import UTC, date, datetime
from itertools import chain

import pytest

from oo_desktop.connectors.icalendar.calendar import LeftOut
from oo_desktop.connectors.icalendar.lines import MAX_PROPERTIES
from oo_desktop.model.signals import Fixed
from tests.connectors.icalendar.calendars import (
    DAILY,
    NINE,
    body,
    changed,
    event,
    events,
    expanded,
    expansion,
    when,
)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([NINE, "DTEND;TZID=Europe/Berlin:20261122T100000"], "20261122T0800/20261122T0900"),
        ([NINE, "DURATION:PT1H30M"], "20261122T0800/20261122T0930"),
        ([NINE], "20261122T0800/20261122T0800"),
        ([NINE, "DTEND;TZID=Europe/Berlin:20261122T080000"], "20261122T0800/20261122T0800"),
        ([NINE, "DTEND;TZID=America/New_York:20261122T040000"], "20261122T0800/20261122T0900"),
        (["DTSTART:20261122T090000Z"], "20261122T0900/20261122T0900"),
        (["DTSTART:20261122T090000"], "20261122T0800/20261122T0800"),
        (["DTSTART;TZID=Nowhere:20261122T090000"], "20261122T0800/20261122T0800"),
        (["DTSTART;TZID=/x.org/a/Asia/Tokyo:20261122T200000"], "20261122T1100/20261122T1100"),
        (["DTSTART;VALUE=DATE:20261122"], "20261122/20261123"),
        (["DTSTART;VALUE=DATE:20261120", "DTEND;VALUE=DATE:20261123"], "20261120/20261123"),
        (["DTSTART;VALUE=DATE:20261122", "DURATION:P2D"], "20261122/20261124"),
        (["DTSTART;VALUE=DATE:20261122", "DTEND;VALUE=DATE:20261101"], "20261122/20261123"),
        (["DTSTART:20200101T000000Z", "DTEND:99991231T235959Z"], "20200101T0000/99991231T2359"),
    ],
)
def test_an_event_begins_and_ends_as_it_says(lines: list[str], found: str) -> None:
    (one,) = events(*event(*lines))
    assert when(one) == found


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART;VALUE=DATE:20261121"],
        ["DTSTART;VALUE=DATE:20261124"],
        ["DTSTART:20261121T200000Z", "DTEND:20261121T230000Z"],
        ["DTSTART:20261123T230000Z"],
        [NINE, "STATUS:CANCELLED"],
    ],
)
def test_what_is_over_or_far_or_cancelled_is_left_out(lines: list[str]) -> None:
    assert not events(*event(*lines))


# Series


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], ["22T0800", "23T0800"]),
        (["EXDATE;TZID=Europe/Berlin:20261122T090000"], ["23T0800"]),
        (["EXDATE:20261122T080000Z,20261123T080000Z"], []),
        (["EXDATE;VALUE=DATE:20261123"], ["22T0800"]),
        (["EXRULE:FREQ=DAILY;UNTIL=20261122T080000Z"], ["23T0800"]),
        (["EXRULE:FREQ=DAILY;UNTIL=20261122"], ["23T0800"]),
        (["EXRULE:FREQ=DAILY;COUNT=1", "EXRULE:FREQ=WEEKLY;BYDAY=MO"], []),
        (["EXRULE:FREQ=WEEKLY;BYDAY=MO", "RDATE:20261123T200000Z"], ["22T0800", "23T2000"]),
        (["RDATE:20261123T200000Z"], ["22T0800", "23T0800", "23T2000"]),
        (["RDATE:20261123T080000Z"], ["22T0800", "23T0800"]),
        (["RDATE;VALUE=PERIOD:20261123T200000Z/PT1H"], ["22T0800", "23T0800", "23T2000"]),
    ],
)
def test_a_series_is_its_rule_and_more_and_less(lines: list[str], found: list[str]) -> None:
    assert [when(one)[6:13] for one in events(*event(*DAILY, *lines))] == found


def test_whole_days_that_a_rule_leaves_out_are_not_there() -> None:
    lines = ["DTSTART;VALUE=DATE:20261120", "RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY;UNTIL=20261122"]
    assert [when(one) for one in events(*event(*lines))] == ["20261123/20261124"]


@pytest.mark.parametrize(
    ("start", "named", "now", "found"),
    [
        (";VALUE=DATE:20261122", ";VALUE=DATE:20261123", ":20261123T110000Z", "20261123T1100"),
        (":20261122T110000Z", ":20261123T110000Z", ";VALUE=DATE:20261123", "20261123"),
    ],
)
def test_an_occurrence_of_another_kind_than_its_series_is_there_once(
    start: str, named: str, now: str, found: str
) -> None:
    series = event(f"DTSTART{start}", "RRULE:FREQ=DAILY")
    one = changed(f"DTSTART{now}", named=named)
    assert [when(each).partition("/")[0] for each in events(*series, *one)][1:] == [found]


def test_one_that_a_rule_leaves_out_stays_where_it_was_moved() -> None:
    moved = changed("DTSTART:20261122T150000Z", "SUMMARY:Standup")
    found = events(*event(*DAILY, "EXRULE:FREQ=DAILY;UNTIL=20261123"), *moved)
    assert [when(one)[6:13] for one in found] == ["22T1500"]


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("20261122T080000Z", 1),
        ("20261122T075959Z", 0),
        ("20261122", 1),
        ("20261122T090000", 1),
        ("20261123T080000Z", 2),
    ],
)
def test_until_is_an_instant_or_a_whole_day(until: str, count: int) -> None:
    lines = ["DTSTART;TZID=Europe/Berlin:20261101T090000", f"RRULE:FREQ=DAILY;UNTIL={until}"]
    assert len(events(*event(*lines))) == count


def test_a_moved_occurrence_is_the_same_meeting_at_another_time() -> None:
    first, moved = events(
        *event(*DAILY),
        *changed("DTSTART;TZID=Europe/Berlin:20261123T180000", "SUMMARY:Later"),
    )
    assert (when(first)[:13], first.title) == ("20261123T0800", "Standup")
    assert (when(moved)[:13], moved.title) == ("20261123T1700", "Later")
    assert moved.twin == "1@example.com 20261122T080000Z"
    assert moved.id == "1@example.com/20261122T080000Z"


@pytest.mark.parametrize("named", [":20261122T080000Z", ";VALUE=DATE:20261122"])
def test_an_occurrence_may_be_named_as_an_instant_or_a_day(named: str) -> None:
    lines = ["DTSTART:20261122T100000Z"]
    found = events(*event(*DAILY), *changed(*lines, named=named))
    assert [when(one)[6:13] for one in found] == ["22T1000", "23T0800"]


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Europe/Berlin", "20261121T230000Z"),
        ("America/Los_Angeles", "20261122T080000Z"),
        ("Asia/Tokyo", "20261121T150000Z"),
        ("America/Los_Angeles", "20261122T000000Z"),  # as programs write it that know no zones
        ("Asia/Tokyo", "20261122T000000Z"),
        ("Europe/Berlin", "20261122T000000"),
    ],
)
def test_a_whole_day_that_is_named_as_its_midnight_in_utc_is_that_day(
    zone: str, midnight: str
) -> None:
    series = ["DTSTART;VALUE=DATE:20261101", "RRULE:FREQ=DAILY"]
    moved = changed("DTSTART;VALUE=DATE:20261122", "SUMMARY:Swapped", named=f":{midnight}")
    found = events(*event(*series), *moved, zone=zone)
    assert [(when(one), one.title) for one in found] == [
        ("20261122/20261123", "Swapped"),
        ("20261123/20261124", "(no title)"),
    ]
    (left,) = events(*event(*series, f"EXDATE:{midnight}"), zone=zone)
    assert when(left) == "20261123/20261124"
    ending = ["DTSTART;VALUE=DATE:20261101", f"RRULE:FREQ=DAILY;UNTIL={midnight}"]
    (last,) = events(*event(*ending), zone=zone)
    assert when(last) == "20261122/20261123"


def test_until_in_utc_is_a_day_of_the_calendar_where_it_says_which_zone_is_its_own() -> None:
    lines = ["DTSTART;VALUE=DATE:20261101", "RRULE:FREQ=DAILY;UNTIL=20261121T230000Z"]
    (one,) = events("X-WR-TIMEZONE:Europe/Berlin", *event(*lines), zone="America/New_York")
    assert when(one) == "20261122/20261123"


def test_a_date_is_a_day_of_whoever_looks_and_a_time_without_a_zone_one_of_the_calendar() -> None:
    day, lunch = events(
        "X-WR-TIMEZONE:Tokyo Standard Time",
        *event("DTSTART;VALUE=DATE:20261122", uid="day"),
        *event("DTSTART:20261122T210000", uid="lunch"),
        zone="America/Los_Angeles",
    )
    assert when(day) == "20261122/20261123"
    assert lunch.start == Fixed(datetime(2026, 11, 22, 12, tzinfo=UTC), "Asia/Tokyo")


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["DTSTART;VALUE=DATE:20261122T000000"], "20261122/20261123"),
        (
            ["DTSTART;VALUE=DATE:20261122T090000", "DTEND;VALUE=DATE:20261124T090000"],
            "20261122/20261124",
        ),
        (["DTSTART;VALUE=DATE:20261122", "DTEND:20261124T000000"], "20261122/20261124"),
        (["DTSTART;VALUE=DATE:20261122", "DTEND:20261124T100000"], "20261122/20261123"),
    ],
)
def test_a_date_is_a_whole_day_also_where_it_has_a_time(lines: list[str], found: str) -> None:
    (one,) = events(*event(*lines))
    assert when(one) == found
    assert one.reminders == ()


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["DTSTART;TZID=Asia/Tokyo:20261122T000000"], "20261122/20261123"),
        (["DTSTART:20261122T000000", "DTEND:20261124T000000"], "20261122/20261124"),
        (["DTSTART:20261122T000000", "DURATION:PT48H"], "20261122/20261124"),
        (["DTSTART:20261121T230000Z", "DTEND:20261122T230000Z"], "20261122/20261123"),
        (["DTSTART:20261122T080000Z", "DTEND:20261123T080000Z"], "20261122/20261123"),
        (["DTSTART:20261122T090000", "DTEND:20261123T000000"], "20261122T0800/20261122T2300"),
        (["DTSTART:20261122T000000", "DTEND:20261122T120000"], "20261121T2300/20261122T1100"),
    ],
)
@pytest.mark.parametrize("flag", ["CDO", "MSNCALENDAR"])
def test_what_outlook_calls_all_day_is_a_whole_day_where_it_begins_and_ends_as_one(
    lines: list[str], found: str, flag: str
) -> None:
    (one,) = events(*event(*lines, f"X-MICROSOFT-{flag}-ALLDAYEVENT:True"))
    assert when(one) == found
    for timed in events(*event(*lines, f"X-MICROSOFT-{flag}-ALLDAYEVENT:FALSE")):
        assert "T" in when(timed)


@pytest.mark.parametrize(
    ("lines", "times"),
    [
        (["RDATE;VALUE=PERIOD:20261123T060000Z/PT3H"], ["22T0600/0700", "23T0600/0900"]),
        (
            ["RDATE;VALUE=PERIOD:20261123T060000Z/20261123T063000Z,20261123T120000Z/PT1M"],
            ["22T0600/0700", "23T0600/0630", "23T1200/1201"],
        ),
        (["RDATE;VALUE=PERIOD:20261120T060000Z/P3D"], ["20T0600/0600", "22T0600/0700"]),
        (["RDATE;VALUE=PERIOD:20261123T060000Z/long"], ["22T0600/0700", "23T0600/0700"]),
        (["RRULE:FREQ=DAILY", "RDATE:20261123T060000Z/PT3H"], ["22T0600/0700", "23T0600/0900"]),
    ],
)
def test_an_occurrence_that_is_a_period_is_as_long_as_it_says(
    lines: list[str], times: list[str]
) -> None:
    raw = body(*event("DTSTART:20261122T060000Z", "DTEND:20261122T070000Z", *lines))
    assert [when(one)[6:13] + when(one)[-5:].replace("T", "/") for one in expanded(raw)[0]] == times


def test_a_series_with_two_ends_has_the_first_of_them() -> None:
    for rule, days in (("COUNT=1;UNTIL=20261201", 1), ("COUNT=9;UNTIL=20261122T100000Z", 1)):
        assert len(events(*event(NINE, f"RRULE:FREQ=DAILY;{rule}"))) == days


def test_a_cancelled_occurrence_is_missing() -> None:
    found = events(*event(*DAILY), *changed(NINE, "STATUS:CANCELLED"))
    assert [when(one)[6:13] for one in found] == ["23T0800"]


def test_this_and_future_moves_all_that_follows() -> None:
    weekday = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261110T090000"
    start = "DTSTART;TZID=Europe/Berlin:20261110T113000"
    found = events(
        *event("DTSTART;TZID=Europe/Berlin:20261101T090000", "RRULE:FREQ=DAILY", "SUMMARY:Old"),
        *event(weekday, start, "DURATION:PT45M", "SUMMARY:New"),
        *changed("DTSTART;TZID=Europe/Berlin:20261122T120000", "SUMMARY:Once"),
    )
    assert [(one.title, when(one)) for one in found] == [
        ("Once", "20261122T1100/20261122T1100"),
        ("New", "20261123T1030/20261123T1115"),
    ]


def test_an_occurrence_whose_series_is_missing_is_an_event() -> None:
    (one,) = events(*changed("DTSTART:20261122T100000Z"))
    assert when(one)[:13] == "20261122T1000"


def test_an_occurrence_that_is_named_without_a_zone_is_named_in_that_of_its_series() -> None:
    """Some programs write so; recurring-ical-events reads it so."""
    lines = ["DTSTART;TZID=America/New_York:20261101T200000", "RRULE:FREQ=DAILY"]
    found = events(
        *event(*lines, "EXDATE:20261121T200000"),
        *changed("DTSTART;TZID=America/New_York:20261122T220000", named=":20261122T200000"),
        zone="Asia/Tokyo",
    )
    assert [when(one)[6:13] for one in found] == ["23T0300"]


@pytest.mark.parametrize(
    ("first", "hours"),
    [
        (date(2026, 3, 28), ["28T0800", "29T0700"]),
        (date(2026, 10, 24), ["24T0700", "25T0800"]),
    ],
)
def test_a_meeting_at_nine_stays_at_nine_when_the_clocks_change(
    first: date, hours: list[str]
) -> None:
    lines = ["DTSTART;TZID=Europe/Berlin:20260105T090000", "RRULE:FREQ=DAILY"]
    assert [when(one)[6:13] for one in events(*event(*lines), first=first)] == hours


# What is broken, and what nobody can have meant

BROKEN = {
    "no start": ([], "DTSTART"),
    "no date": (["DTSTART:tomorrow"], "DTSTART"),
    "no such day": (["DTSTART:20260230T000000Z"], "DTSTART"),
    "a rule of which nothing is seen": (
        ["DTSTART:20201122T090000Z", "RRULE:FREQ=SOMETIMES"],
        "RRULE",
    ),
    "a bomb": (["DTSTART:20000101T000000Z", "RRULE:FREQ=SECONDLY"], "RRULE"),
    "a bomb by the minute": (["DTSTART:00010101T000000Z", "RRULE:FREQ=MINUTELY"], "RRULE"),
    "a long count": (["DTSTART:00010101T000000Z", "RRULE:FREQ=HOURLY;COUNT=9999999"], "RRULE"),
    "many at once": (
        ["DTSTART:19000101T000000Z", "DURATION:P40000D", "RRULE:FREQ=DAILY"],
        "RRULE",
    ),
}


@pytest.mark.parametrize(("lines", "unreadable"), BROKEN.values(), ids=BROKEN)
def test_a_broken_event_costs_only_itself(lines: list[str], unreadable: str) -> None:
    found = expansion(body(*event(*lines, uid="broken"), *event(NINE, uid="sound")))
    assert [one.id for one in found.events] == ["sound/20261122T080000Z"]
    assert found.left_out[LeftOut("VEVENT", unreadable)] == 1


@pytest.mark.parametrize(
    "line",
    [
        *("RRULE:FREQ=SOMETIMES", "RRULE:FREQ=DAILY;UNTIL=INVALID DATE", "RRULE"),
        "RRULE:RSCALE=CHINESE;FREQ=YEARLY",
        *("DTEND:never", "DTEND;VALUE=DATE-TIME", "DURATION:long", "DURATION:PT"),
        *("EXDATE:never", "EXRULE:FREQ=NEVER", "RDATE:never", "RECURRENCE-ID:never"),
    ],
)
def test_a_property_that_cannot_be_read_costs_itself_alone_and_is_noted(line: str) -> None:
    found = expansion(body(*event(NINE, line)))
    assert [when(one) for one in found.events] == ["20261122T0800/20261122T0800"]
    name = line.partition(":")[0].partition(";")[0]
    assert found.left_out == {LeftOut(name, name): 1}


@pytest.mark.parametrize(
    "name", ["RRULE", "RDATE", "EXDATE", "EXRULE", "DTEND", "DURATION", "RECURRENCE-ID"]
)
@pytest.mark.parametrize("value", ["", " ", ";VALUE=DATE:"])
def test_an_empty_property_is_none(name: str, value: str) -> None:
    line = f"{name}{value}" if ":" in value else f"{name}:{value}"
    (one,) = events(*event(NINE, line))
    assert when(one) == "20261122T0800/20261122T0800"


@pytest.mark.parametrize(
    "line", ["SUMMARY", "LOCATION", "URL", "STATUS", "SEQUENCE", "CLASS", "UID"]
)
def test_a_line_that_is_none_costs_itself_alone(line: str) -> None:
    (one,) = events(*event(NINE, line))
    assert when(one) == "20261122T0800/20261122T0800"


def test_a_length_is_that_which_can_be_read() -> None:
    (one,) = expanded(body(*event(NINE, "DTEND:", "DURATION:PT1H")))[0]
    assert when(one) == "20261122T0800/20261122T0900"
    (one,) = expanded(body(*event(NINE, "DTEND:never", "DTEND:20261122T100000Z")))[0]
    assert when(one) == "20261122T0800/20261122T1000"


def test_what_can_be_read_of_a_list_of_dates_counts() -> None:
    lines = [*DAILY, "EXDATE:20261122T080000Z,never", "RDATE:x,20261122T120000Z"]
    assert [when(one)[6:13] for one in expanded(body(*event(*lines)))[0]] == ["22T1200", "23T0800"]


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:20261122T150000Z", "RRULE:FREQ=WEEKLY;UNTIL=INVALID DATE"],
        ["DTSTART:20261122T150000Z", "DTEND:never", "DURATION:long", "SUMMARY", "EXDATE:never"],
        ["DTSTART:20261122T150000Z", "BEGIN:VALARM", "TRIGGER"],
        ["DTSTART:never"],
        ["DTSTART"],
        [],
        ["DTSTART:20261122T150000Z", *["EXDATE:20260101T000000Z"] * MAX_PROPERTIES],
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_moved_occurrence_is_never_at_its_old_time_whatever_is_wrong_with_it(
    lines: list[str], first: bool
) -> None:
    both = [changed(*lines), event(*DAILY)]
    found, left_out = expanded(body(*chain(*(both if first else reversed(both)))))
    times = [when(one)[6:13] for one in found]
    assert times in (["22T1500", "23T0800"], ["23T0800"])
    assert left_out == (len(times) == 1)


def test_a_moved_occurrence_without_its_end_is_not_at_its_old_time() -> None:
    torn = changed("DTSTART:20261122T150000Z")[:-1]
    found, left_out = expanded(body(*torn, *event(*DAILY)))
    assert ([when(one)[6:13] for one in found], left_out) == (["23T0800"], 1)


def test_an_occurrence_that_names_none_is_shown_beside_its_series() -> None:
    found, left_out = expanded(body(*event(*DAILY), *changed(NINE, "SEQUENCE:9", named=":never")))
    assert ([when(one)[6:13] for one in found], left_out) == (["22T0800", "23T0800"], 0)


def test_birthdays_of_the_year_one_come_every_year() -> None:
    (one,) = events(*event("DTSTART;VALUE=DATE:00011122", "RRULE:FREQ=YEARLY"))
    assert when(one) == "20261122/20261123"


@pytest.mark.parametrize("at", ["00010101T000000Z", "99991231T235959Z", "99991231T235959"])
@pytest.mark.parametrize("rule", [[], ["RRULE:FREQ=YEARLY"], ["DURATION:P99999W"]])
def test_the_ends_of_time_are_no_reason_to_fail(at: str, rule: list[str]) -> None:
    events(*event(f"DTSTART:{at}", *rule), zone="Pacific/Auckland")


def test_events_without_a_uid_are_events_of_their_own() -> None:
    found = events(*event(NINE, "SUMMARY:One", uid=None), *event(NINE, "SUMMARY:Two", uid=None))
    assert [one.title for one in found] == ["One", "Two"]
    assert [one.twin for one in found] == [None, None]
    assert len({one.id for one in found}) == 2


def test_an_absurd_uid_makes_a_bounded_id() -> None:
    (one,) = events(*event(NINE, uid="x" * 5000))
    assert len(one.id) < 100


def test_an_event_without_a_uid_keeps_its_id_from_version_to_version() -> None:
    """What was said of it before, such as that its reminder was seen, is kept by its id."""
    (one,) = events(*event(NINE, "SUMMARY:One", uid=None))
    assert one.id == "58f0049b4b355398c3c3f71d6b2d6cbb/20261122T080000Z"
