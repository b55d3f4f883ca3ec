"""What a task says, when it is due, and which occurrence of a series is the next."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.icalendar.lines import Unreadable
from oo_desktop.connectors.icalendar.todos import MAX_LABELS, may_be_due
from oo_desktop.model.signals import Day
from tests.connectors.icalendar.calendars import TODAY
from tests.connectors.icalendar.todo_texts import (
    BERLIN,
    changed,
    shown,
    todo,
    todos_from,
    when,
    window,
)

DUE = f"DUE{BERLIN}:20261122T090000"
DAILY = "RRULE:FREQ=DAILY"

# What it says


@pytest.mark.parametrize(
    ("lines", "due"),
    [
        (["DUE;VALUE=DATE:20261122"], "20261122"),
        (["DUE;VALUE=DATE:20261101"], "20261101"),
        (["DUE;VALUE=DATE:20261123"], None),
        (["DUE:20261122T180000"], "20261122T1800"),
        ([f"DUE{BERLIN}:20261122T090000"], "20261122T0800Z Europe/Berlin"),
        (["DUE;TZID=America/New_York:20261122T200000"], None),
        (["DUE;TZID=America/New_York:20261121T200000"], "20261122T0100Z America/New_York"),
        (["DUE:20261122T080000Z"], "20261122T0800Z UTC"),
        (["DUE:20261122T233000Z"], None),
        (["DUE;TZID=Nowhere:20261122T090000"], "20261122T0900"),
        (["DUE;VALUE=DATE:20261122T090000"], "20261122"),
        (["DTSTART:20261110T090000Z", "DUE:20261122T080000Z"], "20261122T0800Z UTC"),
        (["DTSTART:20261210T090000Z", "DUE:20261122T080000Z"], "20261122T0800Z UTC"),
        ([f"DTSTART{BERLIN}:20261110T090000", "DUE;VALUE=DATE:20261122"], "20261122"),
        (["DTSTART;VALUE=DATE:20261110", "DUE:20261122T080000Z"], "20261122T0800Z UTC"),
        (["DTSTART;VALUE=DATE:20261120", "DURATION:P2D"], "20261122"),
        (["DTSTART;VALUE=DATE:20261120", "DURATION:P3D"], None),
        ([f"DTSTART{BERLIN}:20261121T090000", "DURATION:P1DT1H"], "20261122T0900Z Europe/Berlin"),
        (["DTSTART:20261121T090000", "DURATION:PT25H"], "20261122T1000"),
        (["DTSTART;VALUE=DATE:20261122"], "20261122"),
        (["DTSTART;VALUE=DATE:20261101"], "20261122"),
        (["DTSTART;VALUE=DATE:20261123"], None),
        ([f"DTSTART{BERLIN}:20261122T140000"], "20261122T1300Z Europe/Berlin"),
        ([f"DTSTART{BERLIN}:20261121T140000"], "20261122"),
        (["DUE:soon", "DTSTART;VALUE=DATE:20261101"], "20261122"),
        (["DUE:20261122T080000Z", "DTSTART:soon"], "20261122T0800Z UTC"),
        (["DTSTART;VALUE=DATE:20261101", "DURATION:long"], "20261122"),
        (["DUE:", "DTSTART:"], None),
        ([], None),
        (["DURATION:P1D"], None),
    ],
)
def test_a_task_is_due_when_it_says(lines: list[str], due: str | None) -> None:
    assert when(*todo(*lines)) == due


def test_seconds_of_a_duration_are_exact_and_its_days_are_of_the_calendar() -> None:
    lines = [f"DTSTART{BERLIN}:20261024T120000", "DURATION:P1D"]
    assert when(*todo(*lines), first=date(2026, 10, 26)) == "20261025T1100Z Europe/Berlin"
    lines[1] = "DURATION:PT24H"
    assert when(*todo(*lines), first=date(2026, 10, 26)) == "20261025T1000Z Europe/Berlin"


@pytest.mark.parametrize(
    "lines",
    [
        ["DUE:soon"],
        ["DTSTART:soon"],
        ["DUE:18991231"],
        ["DUE:90000101T000000Z"],
        ["DUE:20261122", "RECURRENCE-ID:soon"],
    ],
)
def test_a_task_of_which_no_date_can_be_read_is_left_out(lines: list[str]) -> None:
    with pytest.raises(Unreadable):
        todos_from(*todo(*lines))


def test_a_task_without_an_end_is_left_out() -> None:
    with pytest.raises(Unreadable):
        todos_from(*todo(DUE)[:-1])


def test_a_done_task_needs_no_date() -> None:
    assert todos_from(*todo("DUE:soon", "STATUS:COMPLETED")) == []


@pytest.mark.parametrize(
    ("line", "done"),
    [
        ("STATUS:COMPLETED", True),
        ("STATUS:completed", True),
        ("STATUS:CANCELLED", True),
        ("STATUS:NEEDS-ACTION", False),
        ("STATUS:IN-PROCESS", False),
        ("STATUS:WHATEVER", False),
        ("COMPLETED:20261121T080000Z", True),
        ("COMPLETED:", False),
        ("PERCENT-COMPLETE:100", True),
        ("PERCENT-COMPLETE:99", False),
        ("PERCENT-COMPLETE:1000", False),
        ("PERCENT-COMPLETE:all", False),
        ("X-DONE:1", False),
    ],
)
def test_what_is_done_is_not_shown(line: str, done: bool) -> None:
    (one,) = todos_from(*todo(DUE, line))
    assert one.done is done
    assert (when(*todo(DUE, line)) is None) is done


@pytest.mark.parametrize("status", ["NEEDS-ACTION", "IN-PROCESS", "needs-action"])
def test_a_task_that_is_said_to_be_open_is_open_whatever_its_percentage(status: str) -> None:
    (one,) = todos_from(*todo(DUE, f"STATUS:{status}", "PERCENT-COMPLETE:100"))
    assert not one.done


@pytest.mark.parametrize("line", ["STATUS:CANCELLED", "STATUS:WHATEVER", "STATUS:", "X-DONE:1"])
def test_a_percentage_of_100_is_done_where_no_status_says_that_it_is_open(line: str) -> None:
    (one,) = todos_from(*todo(DUE, line, "PERCENT-COMPLETE:100"))
    assert one.done


def test_a_task_with_a_time_of_completion_is_done_whatever_its_status() -> None:
    (one,) = todos_from(*todo(DUE, "STATUS:NEEDS-ACTION", "COMPLETED:20261121T080000Z"))
    assert one.done


@pytest.mark.parametrize(
    ("said", "priority"),
    [
        *((str(number), 1) for number in (1, 2, 3, 4)),
        ("5", 2),
        *((str(number), 3) for number in (6, 7, 8, 9)),
        ("0", 4),
        ("10", 4),
        ("-1", 4),
        ("high", 4),
        ("", 4),
    ],
)
def test_priorities_are_the_three_of_the_standard(said: str, priority: int) -> None:
    (one,) = todos_from(*todo(DUE, f"PRIORITY:{said}"))
    assert one.priority == priority


def test_a_task_without_a_priority_has_none() -> None:
    (one,) = todos_from(*todo(DUE))
    assert one.priority == 4


@pytest.mark.parametrize(
    ("lines", "labels"),
    [
        (["CATEGORIES:Home"], ("Home",)),
        (["CATEGORIES:Home,Work", "CATEGORIES:Work, Phone "], ("Home", "Work", "Phone")),
        (["CATEGORIES:A\\,B,C\\;D"], ("A,B", "C;D")),
        (["CATEGORIES:A\\\\,B"], ("A\\", "B")),
        (["CATEGORIES:,, ,"], ()),
        (["CATEGORIES:A\\"], ("A",)),
        (["CATEGORIES:" + "x" * 200], ("x" * 99 + "…",)),
        ([], ()),
    ],
)
def test_all_categories_are_labels(lines: list[str], labels: tuple[str, ...]) -> None:
    (one,) = todos_from(*todo(DUE, *lines))
    assert one.labels == labels


def test_there_is_a_bound_on_labels() -> None:
    said = ",".join(f"label {number}" for number in range(1000))
    (one,) = todos_from(*todo(DUE, *[f"CATEGORIES:{said}"] * 100))
    assert one.labels == tuple(f"label {number}" for number in range(MAX_LABELS))


@pytest.mark.parametrize(
    ("lines", "parent"),
    [
        (["RELATED-TO:a"], "a"),
        (["RELATED-TO;RELTYPE=PARENT:a\\,b"], "a,b"),
        (["RELATED-TO;RELTYPE=parent:a"], "a"),
        (["RELATED-TO;RELTYPE=CHILD:a", "RELATED-TO;RELTYPE=SIBLING:b"], None),
        (["RELATED-TO;RELTYPE=CHILD:a", "RELATED-TO:b"], "b"),
        (["RELATED-TO:"], None),
        ([], None),
    ],
)
def test_a_part_names_what_it_is_a_part_of(lines: list[str], parent: str | None) -> None:
    (one,) = todos_from(*todo(DUE, *lines))
    assert one.parent == parent


@pytest.mark.parametrize(
    ("dates", "trigger", "minutes"),
    [
        ([DUE], ":-PT15M", (15,)),
        ([DUE], ";RELATED=END:-PT15M", (15,)),
        ([f"DTSTART{BERLIN}:20261122T080000", DUE], ":-PT15M", (75,)),
        ([f"DTSTART{BERLIN}:20261122T080000", DUE], ":PT15M", (45,)),
        ([f"DTSTART{BERLIN}:20261122T080000", DUE], ";RELATED=END:-PT15M", (15,)),
        ([f"DTSTART{BERLIN}:20261122T080000", "DURATION:PT1H"], ":-PT15M", (75,)),
        ([f"DTSTART{BERLIN}:20261122T080000"], ":-PT15M", (15,)),
        (["DUE;VALUE=DATE:20261122"], ":PT9H", (-540,)),
        (["DUE;VALUE=DATE:20261122"], ":-PT15H", (900,)),
        ([DUE], ":PT15M", None),
        ([DUE], ";VALUE=DATE-TIME:20261122T070000Z", None),
        ([DUE], ":soon", None),
    ],
)
def test_alarms_remind_before_it_is_due(
    dates: list[str], trigger: str, minutes: tuple[int, ...] | None
) -> None:
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER{trigger}", "END:VALARM"]
    (one,) = todos_from(*todo(*dates, *alarm))
    assert one.reminders == minutes


def test_a_task_keeps_the_lines_that_a_click_may_change() -> None:
    said = ["STATUS:NEEDS-ACTION", "PRIORITY:1", 'DUE;TZID="Europe/Berlin":20261122T090000', DAILY]
    (one,) = todos_from(*todo(*said))
    assert one.lines == ("DUE;TZID=Europe/Berlin:20261122T090000", DAILY, "STATUS:NEEDS-ACTION")


def test_a_title_and_a_link_are_told_without_escapes() -> None:
    (one,) = todos_from(*todo(DUE, "SUMMARY:Buy\\, then\\ncook", "URL:https://example.com/a\\,b"))
    assert (one.title, one.url) == ("Buy, then cook", "https://example.com/a,b")
    (one,) = todos_from(*todo(DUE, "URL:javascript:alert(1)"))
    assert (one.title, one.url) == ("(no title)", None)


# Series


def at(day: int) -> str:
    return f"{BERLIN}:202611{day:02}T090000"


def done(day: int, *lines: str) -> list[str]:
    return changed(at(day), f"DUE{at(day)}", "STATUS:COMPLETED", *lines)


def open_(day: int, due: int) -> list[str]:
    return changed(at(day), f"DUE{at(due)}")


def moved_and_done(day: int, due: int) -> list[str]:
    return changed(at(day), f"DUE{at(due)}", "STATUS:COMPLETED")


def master(day: int, *lines: str, rule: str = DAILY) -> list[str]:
    return todo(f"DUE{at(day)}", rule, *lines)


def utc(day: int) -> str:
    return f"202611{day:02}T0800Z Europe/Berlin"


@pytest.mark.parametrize(
    ("lines", "due", "original"),
    [
        (master(22), 22, 22),
        (master(20), 20, 20),
        (master(23), None, None),
        ([*master(10), *done(21)], 22, 22),
        ([*master(10), *done(18)], 19, 19),
        ([*master(10), *done(18), *done(20)], 21, 21),
        ([*done(18), *master(10)], 19, 19),
        ([*master(10), *done(22)], None, None),
        ([*master(10), *open_(15, 22), *done(18)], 22, 15),
        ([*master(10), *open_(10, 24)], None, None),
        ([*master(10), *open_(20, 24)], 10, 10),
        ([*master(25), *open_(27, 21)], 21, 27),
        ([*master(10), *open_(10, 24), *open_(27, 21)], 21, 27),
        ([*master(22), *moved_and_done(24, 21)], 22, 22),
        ([*master(10), *changed(at(10), "STATUS:CANCELLED")], 11, 11),
        ([*master(10), *done(18), *changed(at(19), "STATUS:CANCELLED")], 20, 20),
        ([*master(10), *changed(at(18), "STATUS:CANCELLED")], 10, 10),
        (master(10, f"EXDATE{at(10)}"), 11, 11),
        ([*master(10, f"EXDATE{at(19)},20261120T090000"), *done(18)], 21, 21),
        (master(10, "EXDATE;VALUE=DATE:20261110"), 11, 11),
        (master(10, "EXRULE:FREQ=DAILY;UNTIL=20261114T080000Z"), 15, 15),
        ([*master(10, "EXRULE:FREQ=DAILY;COUNT=5"), *done(16)], 17, 17),
        (master(10, "EXRULE:FREQ=DAILY"), None, None),
        ([*master(15), *done(10)], 15, 15),
        ([*master(22), *done(10), *done(21)], 22, 22),
        (master(10, "STATUS:COMPLETED"), None, None),
        ([*master(10, "STATUS:COMPLETED"), *open_(15, 16)], 16, 15),
        ([*master(10, rule=f"{DAILY};COUNT=5"), *done(13)], 14, 14),
        ([*master(10, rule=f"{DAILY};COUNT=5"), *done(14)], None, None),
        ([*master(10, rule=f"{DAILY};UNTIL=20261114T080000Z"), *done(14)], None, None),
        ([*master(10, rule="RRULE:FREQ=WEEKLY"), *done(10)], 17, 17),
        (master(10, f"RDATE{at(12)}", rule=f"EXDATE{at(10)}"), 12, 12),
        ([*master(10, f"RDATE{at(12)}", rule="RRULE:FREQ=WEEKLY"), *done(10)], 12, 12),
        ([*master(10, "RRULE:FREQ=WEEKLY;BYDAY=TH", rule="RRULE:FREQ=WEEKLY"), *done(10)], 12, 12),
        (master(10, f"X-KDE-LIBKCAL-DTRECURRENCE{at(21)}"), 21, 21),
        (master(10, f"X-KDE-LIBKCAL-DTRECURRENCE{at(23)}"), None, None),
        (master(22, f"X-KDE-LIBKCAL-DTRECURRENCE{at(12)}"), 22, 22),
        ([*master(10, f"X-KDE-LIBKCAL-DTRECURRENCE{at(12)}"), *done(18)], 19, 19),
        (done(21), None, None),
        (open_(20, 21), 21, 20),
        ([*done(20), *open_(21, 22)], 22, 21),
        ([*todo(f"DUE{at(20)}"), *done(19)], 20, None),
        ([*todo(f"DUE{at(20)}"), *done(20)], None, None),
        ([*todo(f"DUE{at(10)}"), *done(20)], 10, None),
    ],
)
def test_a_series_shows_its_first_open_occurrence(
    lines: list[str], due: int | None, original: int | None
) -> None:
    found = shown(*lines)
    assert when(*lines) == (None if due is None else utc(due))
    if found is not None:
        expected = original and datetime(2026, 11, original, 8, tzinfo=UTC)
        assert found.original == expected


@pytest.mark.parametrize(
    ("due", "named", "now", "found"),
    [
        (";VALUE=DATE:20261122", ";VALUE=DATE:20261122", ":20261122T180000", "20261122T1800"),
        (":20261122T180000", ":20261122T180000", ";VALUE=DATE:20261122", "20261122"),
        (";VALUE=DATE:20261122", ";VALUE=DATE:20261122", ":20261124T180000", None),
    ],
)
def test_an_occurrence_of_another_kind_than_its_series_is_due_once(
    due: str, named: str, now: str, found: str | None
) -> None:
    assert when(*todo(f"DUE{due}", DAILY), *changed(named, f"DUE{now}")) == found


@pytest.mark.parametrize(
    ("named", "due"),
    [
        (":20261118T090000", 19),
        (";VALUE=DATE:20261118", 19),
        (":20261118T080000Z", 19),
        (";TZID=America/New_York:20261118T030000", 19),
    ],
)
def test_an_occurrence_may_be_named_in_any_form(named: str, due: int) -> None:
    assert when(*master(10), *changed(named, "STATUS:COMPLETED")) == utc(due)


@pytest.mark.parametrize(
    ("named", "due"),
    [(";VALUE=DATE:20261118", "20261119"), (":20261118T000000Z", "20261119")],
)
def test_whole_days_recur_as_days(named: str, due: str) -> None:
    lines = todo("DUE;VALUE=DATE:20261110", DAILY)
    assert when(*lines, *changed(named, "STATUS:COMPLETED")) == due


def test_floating_times_stay_so() -> None:
    lines = [*todo("DUE:20261110T090000", DAILY), *changed(":20261120T090000", "STATUS:COMPLETED")]
    assert when(*lines) == "20261121T0900"


def test_a_time_of_day_stays_when_the_clocks_change() -> None:
    lines = todo(f"DTSTART{BERLIN}:20261020T080000", f"DUE{BERLIN}:20261020T090000", DAILY)
    lines += changed(f"{BERLIN}:20261025T080000", "STATUS:COMPLETED")
    assert when(*lines) == "20261026T0800Z Europe/Berlin"


@pytest.mark.parametrize(
    ("dates", "due"),
    [
        (["DTSTART;VALUE=DATE:20261102", "DUE;VALUE=DATE:20261104"], "20261118"),
        ([f"DTSTART{BERLIN}:20261102T080000", "DUE;VALUE=DATE:20261104"], "20261118"),
        (
            ["DTSTART;VALUE=DATE:20261102", f"DUE{BERLIN}:20261104T090000"],
            "20261118T0800Z Europe/Berlin",
        ),
        (["DTSTART;VALUE=DATE:20261102", "DURATION:P2D"], "20261118"),
        (["DTSTART;VALUE=DATE:20261102"], "20261122"),
        (["DTSTART;VALUE=DATE:20261102", "DUE;VALUE=DATE:20261101"], "20261115"),
    ],
)
def test_an_occurrence_is_due_as_long_after_its_beginning_as_the_series(
    dates: list[str], due: str
) -> None:
    named = ":20261109T080000" if "T08" in dates[0] else ";VALUE=DATE:20261109"
    lines = todo(*dates, "RRULE:FREQ=WEEKLY")
    assert when(*lines, *changed(named, "STATUS:COMPLETED")) == due


def test_an_occurrence_without_dates_has_those_of_its_series() -> None:
    lines = todo(f"DTSTART{BERLIN}:20261110T080000", f"DUE{BERLIN}:20261110T090000", DAILY)
    lines += changed(f"{BERLIN}:20261112T080000", "SUMMARY:Special")
    lines += changed(f"{BERLIN}:20261111T080000", "STATUS:COMPLETED")
    found = shown(*lines)
    assert found is not None
    assert (found.todo.title, when(*lines)) == ("Special", "20261112T0800Z Europe/Berlin")


def test_what_is_said_of_an_occurrence_and_all_after_it_holds_for_all_after_it() -> None:
    later = ";RANGE=THISANDFUTURE"
    lines = [*master(10), *changed(later + at(15), f"DUE{BERLIN}:20261115T120000", "SUMMARY:New")]
    assert when(*lines, *done(13)) == utc(14)
    assert when(*lines, *done(16)) == "20261117T1100Z Europe/Berlin"


def test_a_series_may_be_completed_from_an_occurrence_on() -> None:
    ended = changed(";RANGE=THISANDFUTURE" + at(15), f"DUE{at(15)}", "STATUS:COMPLETED")
    assert when(*master(10), *ended) is None


@pytest.mark.parametrize("line", ["RRULE:FREQ=SOMETIMES", "RDATE:soon"])
def test_a_series_whose_rule_cannot_be_read_is_one_all_the_same(line: str) -> None:
    (one,) = todos_from(*todo(DUE, line))
    assert one.recurs
    assert not one.is_whole
    assert when(*todo(DUE, line)) == utc(22)


def test_a_start_of_an_earlier_day_is_due_again_today() -> None:
    found = shown(*todo("DTSTART;VALUE=DATE:20261101"))
    assert found is not None
    assert (found.due, found.again) == (Day(TODAY), True)
    found = shown(*todo("DTSTART;VALUE=DATE:20261122"))
    assert found is not None
    assert not found.again


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Honolulu", "Europe/Berlin"])
@pytest.mark.parametrize("hour", range(0, 24, 6))
def test_the_cheap_question_never_hides_what_is_due(zone: str, hour: int) -> None:
    for day in range(19, 27):
        for form in (f":202611{day}", f":202611{day}T{hour:02}0000Z", f"{at(day)}"):
            (one,) = todos_from(*todo(f"DUE{form}"))
            if shown(*todo(f"DUE{form}"), zone=zone) is not None:
                assert may_be_due(one, window(zone))


# Bounds


@pytest.mark.parametrize(
    ("rule", "completed"),
    [
        (f"{DAILY};COUNT=40000", "20261121T090000"),
        ("RRULE:FREQ=MINUTELY", "20261122T085900"),
        ("RRULE:FREQ=HOURLY;BYHOUR=9", "20261121T090000"),
    ],
)
def test_a_series_of_decades_is_shown_at_once(rule: str, completed: str) -> None:
    lines = todo(f"DUE{BERLIN}:19900101T090000", rule)
    lines += changed(f"{BERLIN}:{completed}", "STATUS:COMPLETED")
    assert when(*lines) == utc(22)


@pytest.mark.parametrize(
    "lines",
    [
        todo("DUE:19900101T000000", "RRULE:FREQ=SECONDLY;COUNT=1000000000")
        + changed(":20261121T000000", "STATUS:COMPLETED"),
        todo("DUE:19900101T000000", "RRULE:FREQ=SECONDLY")
        + changed(";RANGE=THISANDFUTURE:19900101T000000", "STATUS:CANCELLED"),
    ],
)
def test_a_series_that_takes_too_long_to_tell_is_left_out(lines: list[str]) -> None:
    with pytest.raises(Unreadable):
        shown(*lines)


def test_a_rule_that_names_no_day_ends() -> None:
    rule = "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"
    lines = todo("DUE:19900101T000000", rule) + changed(":19900101T000000", "STATUS:COMPLETED")
    assert when(*lines) is None


# Laws

RULES = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=DAILY;COUNT=9",
        "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "FREQ=WEEKLY;INTERVAL=2",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=YEARLY",
        "FREQ=DAILY;UNTIL=20261030T000000",
        "FREQ=HOURLY;INTERVAL=7;BYHOUR=8,9,10,15",
    ]
)
STARTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 11, 30))  # noqa: DTZ001  # a wall clock's


@given(
    rule=RULES,
    start=STARTS,
    completed=st.sets(st.integers(0, 40), max_size=4),
    excluded=st.sets(st.integers(0, 40), max_size=4),
    cancelled=st.sets(st.integers(0, 40), max_size=2),
)
def test_what_is_shown_is_the_first_open_occurrence(
    rule: str, start: datetime, completed: set[int], excluded: set[int], cancelled: set[int]
) -> None:
    start = start.replace(microsecond=0)
    # Another reader's occurrences, with the beginning among them as RFC 5545 has it.
    ruled = islice(iter(rrulestr(rule, dtstart=start)), 3000)
    known = list(dict.fromkeys([start, *ruled]))

    def named(numbers: set[int]) -> list[datetime]:
        return [known[number] for number in sorted(numbers) if number < len(known)]

    done_ones, gone = named(completed), {*named(excluded), *named(cancelled)}
    last = max(done_ones, default=start - timedelta(days=1))
    left = [each for each in known if each > last and each not in gone]
    lines = todo(f"DUE:{start:%Y%m%dT%H%M%S}", f"RRULE:{rule}", *exdates(named(excluded)))
    for each in named(cancelled):
        if each not in done_ones:
            lines += changed(f":{each:%Y%m%dT%H%M%S}", "STATUS:CANCELLED")
    for each in done_ones:
        lines += changed(f":{each:%Y%m%dT%H%M%S}", "STATUS:COMPLETED")
    expected = f"{left[0]:%Y%m%dT%H%M}" if left and left[0].date() <= TODAY else None
    assert when(*lines) == expected


def exdates(moments: list[datetime]) -> list[str]:
    return [f"EXDATE:{each:%Y%m%dT%H%M%S}" for each in moments]


@given(
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata"]),
    here=st.sampled_from(["Europe/Berlin", "Pacific/Honolulu", "Pacific/Kiritimati"]),
    due=st.datetimes(datetime(2026, 11, 20), datetime(2026, 11, 25)),  # noqa: DTZ001  # a wall clock's
)
def test_a_time_is_shown_from_the_day_on_that_it_falls_on_here(
    zone: str, here: str, due: datetime
) -> None:
    due = due.replace(microsecond=0)
    local = due.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo(here))
    found = when(*todo(f"DUE;TZID={zone}:{due:%Y%m%dT%H%M%S}"), zone=here)
    assert (found is not None) is (local.date() <= TODAY)
