"""Recurrence rules, held against dateutil, and those that nobody can have meant."""

# ruff: noqa: DTZ001  # the times of a wall clock are naive

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice, takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from oo_desktop.connectors.icalendar.lines import Component, Property, Unreadable
from oo_desktop.connectors.icalendar.rules import occurrences, rule_from_text, rules_from_component

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONG = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
SHORT = ("HOURLY", "MINUTELY")
FIRSTS = ["0101", "0131", "0201", "0301", "0331"]

SHORT_DO_WITHOUT = ("BYMONTH", "BYMONTHDAY", "BYHOUR", "BYMINUTE", "BYSETPOS")
NOT_WITH = {
    # Of the week of the start, dateutil numbers only the days from that on.
    "WEEKLY": ("BYMONTHDAY", "BYSETPOS"),
    # Were one of these never to be matched, dateutil would look for it for hours.
    **dict.fromkeys(SHORT, SHORT_DO_WITHOUT),
}


def some(values: range, most: int = 3) -> st.SearchStrategy[str]:
    chosen = st.lists(
        st.sampled_from([value for value in values if value]),
        min_size=1,
        max_size=most,
        unique=True,
    )
    return chosen.map(lambda numbers: ",".join(map(str, sorted(numbers))))


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Draw rules of all kinds on which all readers of RFC 5545 agree."""
    frequency = draw(st.sampled_from(LONG + SHORT))
    parts: dict[str, str] = {"FREQ": frequency}
    optional: Mapping[str, st.SearchStrategy[str]] = {
        "INTERVAL": st.integers(1, 6).map(str),
        "BYMONTH": some(range(1, 13)),
        "BYMONTHDAY": some(range(-28, 29)),
        "BYDAY": _weekdays(frequency),
        "BYHOUR": some(range(1, 24), 2),
        "BYMINUTE": st.sampled_from(["0", "30", "15,45"]),
        "WKST": st.sampled_from(DAYS),
        "BYSETPOS": st.sampled_from(["1", "-1", "1,-1"]),
    }
    for name, values in optional.items():
        if name not in NOT_WITH.get(frequency, ()) and draw(st.booleans()):
            parts[name] = draw(values)
    # Neither may a rule exclude all there is: then dateutil walks to the year 9999.
    if "BYMONTH" in parts:
        parts.pop("INTERVAL", None)
    if "BYMONTHDAY" in parts:
        parts.pop("BYDAY", None)
    if not any(name in parts for name in ("BYDAY", "BYMONTHDAY", "BYHOUR")):
        parts.pop("BYSETPOS", None)
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _weekdays(frequency: str) -> st.SearchStrategy[str]:
    # All with a number or none: dateutil takes a mixture for an impossible day.
    numbers = ["", "1", "2", "-1"] if frequency in ("YEARLY", "MONTHLY") else [""]
    days = st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True)
    return st.tuples(st.sampled_from(numbers), days).map(
        lambda pair: ",".join(f"{pair[0]}{day}" for day in pair[1])
    )


starts = (
    st.datetimes(datetime(2023, 1, 1), datetime(2026, 6, 1))
    .map(lambda at: at.replace(second=0, microsecond=0))
    .filter(lambda at: (at.month, at.day) != (2, 29))  # dateutil does not know what Evolution means
)


@settings(max_examples=150, deadline=None)
@given(rules(), starts, st.integers(0, 900), st.sampled_from([2, 40, 400]))
def test_any_days_of_any_rule_are_those_that_dateutil_finds(
    text: str, start: datetime, later: int, days: int
) -> None:
    is_short = any(name in text for name in SHORT)
    low = start + timedelta(days=later % 3 if is_short else later)
    high = low + timedelta(days=2 if is_short else days)
    found = list(occurrences(rule_from_text(text, start), start, low, high, lambda: None))
    until = f"{text};UNTIL={high:%Y%m%dT%H%M%S}"
    wanted = takewhile(lambda at: at < high, iter(rrulestr(until, dtstart=start)))
    assert found == [at for at in wanted if at >= low]


@settings(max_examples=50, deadline=None)
@given(rules(), starts, st.integers(1, 30))
def test_a_count_is_counted_from_the_start(text: str, start: datetime, count: int) -> None:
    high = start + timedelta(days=3 if any(name in text for name in SHORT) else 900)
    limited = f"{text};UNTIL={high:%Y%m%dT%H%M%S}"
    wanted = [at for at in islice(rrulestr(limited, dtstart=start), count) if at < high]
    assume(wanted and wanted[0] == start)
    rule = rule_from_text(f"{text};COUNT={count}", start)
    assert list(occurrences(rule, start, start, high, lambda: None)) == wanted


def test_the_week_of_a_year_has_the_weekday_of_its_start() -> None:
    start = datetime(2026, 5, 11)  # the Monday of week 20
    rule = rule_from_text("FREQ=YEARLY;BYWEEKNO=20", start)
    found = list(occurrences(rule, start, start, datetime(2029, 1, 1), lambda: None))
    assert found == [datetime(2026, 5, 11), datetime(2027, 5, 17), datetime(2028, 5, 15)]


@pytest.mark.parametrize(
    ("text", "start", "days"),
    [
        ("FREQ=YEARLY;BYMONTHDAY=-1", "20000229", ["20270228", "20280229"]),
        ("FREQ=YEARLY;BYMONTHDAY=-1;BYMONTH=1", "20000229", ["20270131", "20280131"]),
        ("FREQ=YEARLY", "20240229", ["20280229"]),
    ],
)
def test_a_birthday_on_a_leap_day_is_once_a_year(text: str, start: str, days: list[str]) -> None:
    """As evolution-data-server writes those of contacts."""
    begin = datetime.fromisoformat(start)
    rule = rule_from_text(text, begin)
    found = occurrences(rule, begin, datetime(2027, 1, 1), datetime(2028, 4, 1), lambda: None)
    assert [f"{at:%Y%m%d}" for at in found] == days


def test_a_yearly_rule_for_the_last_days_of_months_is_of_all_months() -> None:
    start = datetime(2026, 1, 31)
    rule = rule_from_text("FREQ=YEARLY;BYMONTHDAY=-1", start)
    found = occurrences(rule, start, start, datetime(2026, 4, 1), lambda: None)
    assert [f"{at:%m%d}" for at in found] == ["0131", "0228", "0331"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("FREQ=YEARLY;BYYEARDAY=100,-1", ["0410", "1231"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=1,2,3", ["0131", "0331"]),
        ("FREQ=MONTHLY;BYDAY=5SU;BYMONTH=3,4,5", ["0329", "0531"]),
        ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", ["0213", "0313", "1113"]),
        ("FREQ=YEARLY;BYDAY=20MO", ["0518"]),
        ("FREQ=WEEKLY;INTERVAL=20;BYDAY=WE,FR;BYSETPOS=1", ["0520", "1007"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;BYMONTH=1", ["0129"]),
    ],
)
def test_rare_rules_are_what_they_say(text: str, days: list[str]) -> None:
    start = datetime(2026, 1, 1)
    found = occurrences(
        rule_from_text(text, start), start, start, datetime(2027, 1, 1), lambda: None
    )
    assert [f"{at:%m%d}" for at in found] == days


@pytest.mark.parametrize(
    ("start", "text", "days"),
    [
        ("20260131", "FREQ=MONTHLY;SKIP=BACKWARD", ["0131", "0228", "0331", "0430", "0531"]),
        ("20260131", "FREQ=MONTHLY;SKIP=FORWARD", ["0131", "0301", "0331", "0501", "0531"]),
        ("20260131", "FREQ=MONTHLY;SKIP=OMIT", ["0131", "0331", "0531"]),
        ("20260131", "FREQ=MONTHLY;INTERVAL=3;SKIP=FORWARD", ["0131", "0501"]),
        ("20260101", "FREQ=MONTHLY;BYMONTHDAY=1,31;BYMONTH=1,2,3;SKIP=FORWARD", FIRSTS),
        ("20240229", "FREQ=YEARLY;SKIP=FORWARD", ["0229", "0301", "0301"]),
        ("20240229", "FREQ=YEARLY;SKIP=BACKWARD", ["0229", "0228", "0228"]),
        ("20240229", "FREQ=YEARLY;SKIP=FORWARD;COUNT=2", ["0229", "0301"]),
        (
            "20260130",
            "FREQ=MONTHLY;BYMONTHDAY=30;BYDAY=FR,SA;SKIP=BACKWARD",
            ["0130", "0228", "0530"],
        ),
        ("20260131", "FREQ=MONTHLY;BYMONTHDAY=1,31;BYSETPOS=-1;SKIP=FORWARD;BYMONTH=2", ["0301"]),
        ("20260131", "FREQ=DAILY;BYMONTHDAY=31;SKIP=FORWARD", ["0131", "0331", "0531"]),
    ],
)
def test_a_day_that_a_month_has_not_is_another_where_the_rule_says_so(
    start: str, text: str, days: list[str]
) -> None:
    first = datetime.fromisoformat(start)
    rule = rule_from_text(f"RSCALE=GREGORIAN;{text}", first)
    found = list(occurrences(rule, first, first, datetime(2026, 6, 20), lambda: None))
    assert [f"{at:%m%d}" for at in found] == days
    for at in found if rule.count is None else ():
        low = at - timedelta(hours=1)
        assert list(occurrences(rule, first, low, at + timedelta(hours=1), lambda: None)) == [at]


def test_weekdays_with_and_without_a_number_are_any_of_them() -> None:
    start = datetime(2026, 6, 1)
    rule = rule_from_text("FREQ=MONTHLY;BYDAY=1MO,FR", start)
    found = list(occurrences(rule, start, start, datetime(2026, 6, 20), lambda: None))
    assert [at.day for at in found] == [1, 5, 12, 19]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=NEVER",
        "INTERVAL=2",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=many",
        "FREQ=DAILY;UNTIL=soon",
        "FREQ=MONTHLY;BYDAY=XX",
        "FREQ=MONTHLY;BYDAY=99MO",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=YEARLY;BYMONTH=13",
        "RSCALE=CHINESE;FREQ=YEARLY",
        "FREQ=YEARLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTHDAY=" + ",".join(["1"] * 1000),
        "FREQ",
    ],
)
def test_what_makes_no_sense_is_no_rule(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the caller looks at nothing else
        rule_from_text(text, datetime(2026, 1, 1))


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY;INTERVAL=9999999",
        "FREQ=HOURLY;BYHOUR=1;INTERVAL=24",
        "FREQ=DAILY;INTERVAL=99999999999999999999",
        "FREQ=WEEKLY;INTERVAL=9999999",
    ],
)
@pytest.mark.parametrize("start", [datetime(1, 1, 1, 3, 30), datetime(2026, 11, 22, 3, 30)])
def test_rules_that_match_nothing_take_few_steps(text: str, start: datetime) -> None:
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    low = datetime(2026, 11, 23)
    rule = rule_from_text(text, start)
    found = list(occurrences(rule, start, low, low + timedelta(days=3), step))
    assert (len(found) <= 1, steps < 100) == (True, True)


@pytest.mark.parametrize(
    "frequency", ["YEARLY;BYDAY=MO,TU;BYSETPOS=-1", "DAILY;COUNT=9999999", "HOURLY"]
)
def test_many_times_in_a_period_cost_steps_before_they_are_made(frequency: str) -> None:
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps > 50_000:
            raise Unreadable("RRULE")

    start = datetime(2020, 1, 1)
    numbers = ",".join(map(str, range(60)))
    hours = ",".join(map(str, range(24)))
    rule = rule_from_text(
        f"FREQ={frequency};BYHOUR={hours};BYMINUTE={numbers};BYSECOND={numbers}", start
    )
    with pytest.raises(Unreadable):
        deque(occurrences(rule, start, start, start + timedelta(days=1000), step), maxlen=0)


@pytest.mark.parametrize("frequency", [*LONG, *SHORT, "SECONDLY"])
def test_both_ends_of_the_calendar_are_an_end(frequency: str) -> None:
    for start in (datetime(1, 1, 1), datetime(9999, 12, 31)):
        rule = rule_from_text(f"FREQ={frequency}", start)
        high = min(start, datetime(9999, 12, 30)) + timedelta(hours=1)
        assert list(occurrences(rule, start, start, high, lambda: None))[:1] in ([start], [])


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", 3),
        ("FREQ=DAILY;INTERVAL=;COUNT=3;BYDAY=", 3),
        ("freq=daily;;count=3;", 3),
    ],
)
def test_a_rule_is_read_for_what_it_says(text: str, days: int) -> None:
    start = datetime(2026, 11, 22, 9)
    rule = rule_from_text(text, start)
    found = list(occurrences(rule, start, start, start + timedelta(days=9), lambda: None))
    assert found == [start + timedelta(days=day) for day in range(days)]


def test_each_rule_is_read_for_itself_and_an_empty_one_is_none() -> None:
    component = Component("VEVENT")
    start = datetime(2026, 11, 22, 9)
    assert rules_from_component(component, start) == ((), True)
    for text in ("", " ; "):
        component.add("RRULE", Property({}, text))
    assert rules_from_component(component, start) == ((), True)
    for text in ("FREQ=DAILY", "FREQ=NEVER"):
        component.add("RRULE", Property({}, text))
    assert rules_from_component(component, start) == ((rule_from_text("FREQ=DAILY", start),), False)
