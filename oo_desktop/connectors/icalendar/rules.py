"""Tell when something recurs by an RRULE (RFC 5545, section 3.3.10), a few days at a time.

Other programs walk a rule from its beginning, with dateutil mostly: a daily meeting of 2006 then
takes 10 ms, 5,000 of them a minute, and a rule that matches nothing (30 February) is followed up to
the year 9999. Here the periods in question are computed, and only their days are looked at. Only
COUNT has to be counted from the start. Every period costs a step, and so does every tenth time in
one; steps are counted by whoever asks.

Where RFC 5545 leaves the weekday of BYWEEKNO to DTSTART, so do we (dateutil takes all seven).
A yearly rule for the last day of "the" month, of what begins on 29 February, is of February alone:
so Evolution writes the birthday of somebody who was born on that day.
SKIP says what becomes of the 31st in a month without one (RFC 7529); a rule in a calendar other
than the Gregorian (RSCALE) cannot be read: its days are others than those of its numbers.
"""

import calendar
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.connectors.icalendar.lines import Component
from oo_desktop.connectors.icalendar.values import IcalMoment, moment_from_text

MAX_NUMBER = 10**7
"""Of COUNT and INTERVAL. More would only lead out of the calendar."""

_MAX_VALUES = 400
"""Of one list."""

_PERIOD_SECONDS = {"SECONDLY": 1, "MINUTELY": 60, "HOURLY": 3600}
"""Of the frequencies that are shorter than a day."""

_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", *_PERIOD_SECONDS)

TIMES_IN_A_STEP = 10
"""Times within one period that cost a step more: a day may have 86,400 of them."""

_DAY_SECONDS = 86_400
_WEEKDAY_NUMBERS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}

_GREGORIAN = ("GREGORIAN", "GREGORY", "ISO8601")
"""What Unicode CLDR calls the calendar that we know, for RSCALE."""

Step = Callable[[], None]
"""Counts one period that is looked at, or some times in it; raises what shall end that."""


class Rule(Struct, frozen=True, gc=False, kw_only=True):
    """Holds a rule, with what it leaves to DTSTART filled in.

    by_day: week in the month or year (0: every one), weekday.
    by_hour, by_minute, by_second: the times of day; empty: not said, and as the period is.
    skip: FORWARD or BACKWARD: which day comes for one that a month has not; empty: none.
    """

    frequency: str
    interval: int = 1
    count: int | None = None
    until: IcalMoment | None = None
    by_month: tuple[int, ...] = ()
    by_week: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_hour: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_second: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0
    skip: str = ""


_NUMBER_LISTS = {
    "BYMONTH": ("by_month", 1, 12),
    "BYWEEKNO": ("by_week", -53, 53),
    "BYYEARDAY": ("by_year_day", -366, 366),
    "BYMONTHDAY": ("by_month_day", -31, 31),
    "BYHOUR": ("by_hour", 0, 23),
    "BYMINUTE": ("by_minute", 0, 59),
    "BYSECOND": ("by_second", 0, 60),
    "BYSETPOS": ("positions", -366, 366),
}


def rules_from_component(
    component: Component, start: datetime, name: str = "RRULE"
) -> tuple[tuple[Rule, ...], bool]:
    """Read the rules of something that begins at `start`: those that can be read, and whether all
    can. One that is empty is no rule.

    name: of the property: RRULE, or EXRULE (RFC 2445, section 4.8.5.2).
    """
    if name not in component.properties and name not in component.unreadable:
        return (), True
    found, readable = component.read_each(name, lambda found: _rule(found.value, start))
    return tuple(rule for rule in found if rule is not None), readable


def _rule(text: str, start: datetime) -> Rule | None:
    return rule_from_text(text, start) if text.strip("; ") else None


def rule_from_text(text: str, start: datetime) -> Rule:
    """Read a rule as RRULE has it, of something that begins at `start`. Raises ValueError.

    A part without a value says nothing. COUNT and UNTIL are not both allowed (section 3.3.10);
    where both are there, whichever comes first ends it.
    """
    said = (_part(part) for part in text.split(";") if part.strip())
    parts = {name: value for name, value in said if value}
    frequency = parts.pop("FREQ", "")
    if frequency not in _FREQUENCIES:
        raise ValueError("no frequency")
    if parts.get("RSCALE", _GREGORIAN[0]) not in _GREGORIAN:
        raise ValueError("another calendar")
    lists = {
        field: _numbers(parts[name], least, most)
        for name, (field, least, most) in _NUMBER_LISTS.items()
        if name in parts
    }
    rule = Rule(
        frequency=frequency,
        interval=_number(parts.get("INTERVAL", "1")),
        count=_number(parts["COUNT"]) if "COUNT" in parts else None,
        until=moment_from_text(parts["UNTIL"]) if "UNTIL" in parts else None,
        by_day=tuple(map(_weekday, _values(parts["BYDAY"]))) if "BYDAY" in parts else (),
        week_start=_WEEKDAY_NUMBERS[_known(parts.get("WKST", "MO"))],
        skip=parts.get("SKIP", ""),
        **lists,
    )
    return _completed(rule, start)


def _part(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError("not a rule")
    return name.strip().upper(), value.strip().upper()


def _values(text: str) -> list[str]:
    values = [value.strip() for value in text.split(",")]
    if len(values) > _MAX_VALUES:
        raise ValueError("an absurdly long list")
    return values


def _number(text: str) -> int:
    number = int(text) if len(text) < 12 else MAX_NUMBER + 1
    if number < 1:
        raise ValueError("not a positive number")
    return min(number, MAX_NUMBER)


def _numbers(text: str, least: int, most: int) -> tuple[int, ...]:
    numbers = {int(value) for value in _values(text) if len(value) < 5}
    if not numbers or not all(least <= n <= most and (n or least == 0) for n in numbers):
        raise ValueError("a number out of its range")
    return tuple(sorted({min(n, 59) for n in numbers} if most == 60 else numbers))


def _known(day: str) -> str:
    if day not in _WEEKDAY_NUMBERS:
        raise ValueError("no weekday")
    return day


def _weekday(text: str) -> tuple[int, int]:
    day, week = _known(text[-2:]), text[:-2]
    number = int(week) if week and len(week) < 4 else 0
    if (week and not number) or abs(number) > 53:
        raise ValueError("no week of a year")
    return number, _WEEKDAY_NUMBERS[day]


def _completed(rule: Rule, start: datetime) -> Rule:
    """What a rule does not say, its start does."""
    fields: dict[str, tuple[int, ...]] = _months_of_a_leap_day(rule, start)
    by_day = rule.by_day
    if not (rule.by_week or rule.by_year_day or rule.by_month_day or rule.by_day):
        if rule.frequency == "YEARLY":
            fields["by_month"] = rule.by_month or (start.month,)
        if rule.frequency in ("YEARLY", "MONTHLY"):
            fields["by_month_day"] = (start.day,)
        if rule.frequency == "WEEKLY":
            by_day = ((0, start.weekday()),)
    elif rule.by_week and not (rule.by_day or rule.by_month_day or rule.by_year_day):
        by_day = ((0, start.weekday()),)
    days = fields.get("by_month_day", rule.by_month_day)
    can_skip = rule.frequency in ("YEARLY", "MONTHLY") and max(days, default=0) > 28
    skip = rule.skip if can_skip and rule.skip in ("FORWARD", "BACKWARD") else ""
    if rule.frequency not in ("YEARLY", "MONTHLY"):  # elsewhere the week says nothing
        by_day = tuple((0, day) for _, day in by_day)
    period = _PERIOD_SECONDS.get(rule.frequency, _DAY_SECONDS)
    if period > 3600:
        fields["by_hour"] = rule.by_hour or (start.hour,)
    if period > 60:
        fields["by_minute"] = rule.by_minute or (start.minute,)
    if period > 1:
        fields["by_second"] = rule.by_second or (start.second,)
    return replace(rule, by_day=by_day, skip=skip, **fields)


def _months_of_a_leap_day(rule: Rule, start: datetime) -> dict[str, tuple[int, ...]]:
    """February for `FREQ=YEARLY;BYMONTHDAY=-1` from 29 February on: nobody means all months."""
    said = (rule.by_month, rule.by_day, rule.by_week, rule.by_year_day)
    is_last_day = rule.frequency == "YEARLY" and rule.by_month_day == (-1,) and not any(said)
    return {"by_month": (2,)} if is_last_day and (start.month, start.day) == (2, 29) else {}


def occurrences(
    rule: Rule, start: datetime, low: datetime, high: datetime, step: Step
) -> Iterator[datetime]:
    """Yield when it happens, in order, from `low` to before `high`, and not before `start`.

    All times are those of the same wall clock. UNTIL is left to whoever knows zones. `start` counts
    as the first of COUNT, even where the rule does not name it (RFC 5545, section 3.8.5.3).
    """
    if rule.count is None:
        yield from _between(rule, start, max(low, start), high, step)
        return
    left = rule.count
    for number, at in enumerate(_between(rule, start, start, high, step)):
        if number == 0 and at != start:
            left -= 1
        if left <= 0:
            return
        left -= 1
        if at >= low:
            yield at


def happens_at(rule: Rule, start: datetime, at: datetime, step: Step) -> bool:
    """Return whether it happens at that very time; all else is as for `occurrences`."""
    return any(True for _ in occurrences(rule, start, at, at + datetime.resolution, step))


def _between(
    rule: Rule, start: datetime, low: datetime, high: datetime, step: Step
) -> Iterator[datetime]:
    sets = _short_sets if rule.frequency in _PERIOD_SECONDS else _sets
    for found in sets(rule, start, low, high, step):
        for at in _positions(rule, found):
            if at >= high:
                return
            if at >= low:
                yield at


def _count_times(number: int, step: Step) -> None:
    for _ in range(number // TIMES_IN_A_STEP):
        step()


def _positions(rule: Rule, found: list[datetime]) -> list[datetime]:
    if not rule.positions:
        return found
    size = len(found)
    places = {n - 1 if n > 0 else size + n for n in rule.positions}
    return [found[place] for place in sorted(places) if 0 <= place < size]


# Periods of a day and longer


def _sets(
    rule: Rule, start: datetime, low: datetime, high: datetime, step: Step
) -> Iterator[list[datetime]]:
    """What happens in each period, in order; only from `low` to `high` where that changes nothing.

    A position counts within the whole period, so then all of it is wanted.
    """
    times = [
        time(hour, minute, second)
        for hour in rule.by_hour
        for minute in rule.by_minute
        for second in rule.by_second
    ]
    _count_times(len(times), step)
    first, last = low.toordinal(), high.toordinal()
    happens, comes_instead = _filter(rule), _filter(replace(rule, by_month=(), by_month_day=()))
    latest = date.min
    # The day that comes instead may be the first of the next period.
    for begin, end in _periods(rule, start.date(), max(1, first - bool(rule.skip)), last):
        step()
        days = range(begin, end)
        if not rule.positions:
            days = range(max(begin, first), min(end, last + 1))
        good = [day for day in map(date.fromordinal, days) if happens(day)]
        if rule.skip:
            good = sorted({*good, *filter(comes_instead, _instead(rule, begin, end))})
            good = [day for day in good if day > latest]
        if good:
            latest = good[-1]
            _count_times(len(good) * len(times), step)
            yield [datetime.combine(day, at) for day in good for at in times]


def _instead(rule: Rule, begin: int, end: int) -> Iterator[date]:
    """The days that come for those that the months of a period have not."""
    while begin < end:
        month = date.fromordinal(begin)
        size = calendar.monthrange(month.year, month.month)[1]
        begin += size
        if max(rule.by_month_day) > size and (not rule.by_month or month.month in rule.by_month):
            yield date.fromordinal(begin if rule.skip == "FORWARD" else begin - 1)


def _periods(rule: Rule, start: date, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The periods that meet the days from `first` to `last`: first day, and day after the last."""
    span: Callable[[int], tuple[int, int]]
    match rule.frequency:
        case "YEARLY":
            index, limit = start.year, 9999
            wanted, span = date.fromordinal(first).year, _year
        case "MONTHLY":
            index, limit = start.year * 12 + start.month - 1, 9999 * 12 + 11
            day = date.fromordinal(first)
            wanted, span = day.year * 12 + day.month - 1, _month
        case "WEEKLY":
            # Weeks, counted from one that begins as this rule's weeks do.
            index, limit = (start.toordinal() - 1 - rule.week_start) // 7, date.max.toordinal() // 7
            wanted = (first - 1 - rule.week_start) // 7
            span = _week(rule.week_start)
        case _:
            index, limit = start.toordinal(), date.max.toordinal()
            wanted, span = first, _day
    index += max(0, wanted - index) // rule.interval * rule.interval
    while index <= limit:
        begin, end = span(index)
        if begin > last:
            return
        yield begin, end
        index += rule.interval


def _year(index: int) -> tuple[int, int]:
    begin = date(index, 1, 1).toordinal()
    return begin, begin + 365 + calendar.isleap(index)


def _month(index: int) -> tuple[int, int]:
    year, month = divmod(index, 12)
    begin = date(year, month + 1, 1).toordinal()
    return begin, begin + calendar.monthrange(year, month + 1)[1]


def _week(week_start: int) -> Callable[[int], tuple[int, int]]:
    def span(index: int) -> tuple[int, int]:
        begin = index * 7 + 1 + week_start
        return max(begin, 1), min(begin + 7, date.max.toordinal() + 1)

    return span


def _day(index: int) -> tuple[int, int]:
    return index, index + 1


# Which days are meant


def _filter(rule: Rule) -> Callable[[date], bool]:
    """Whether a day is one of those the rule names; only what the rule says is looked at."""
    tests: list[Callable[[date], bool]] = []
    if rule.by_month:
        tests.append(lambda day: day.month in rule.by_month)
    if rule.by_month_day:
        tests.append(lambda day: _is_month_day(rule, day))
    if rule.by_day:
        tests.append(lambda day: _is_weekday(rule, day))
    if rule.by_year_day:
        tests.append(lambda day: _is_year_day(rule, day))
    if rule.by_week:
        tests.append(lambda day: _is_in_week(rule, day))
    return lambda day: all(test(day) for test in tests)


def _is_month_day(rule: Rule, day: date) -> bool:
    from_end = day.day - calendar.monthrange(day.year, day.month)[1] - 1
    return day.day in rule.by_month_day or from_end in rule.by_month_day


def _year_day(day: date) -> tuple[int, int]:
    """Which day of its year it is, and how many that year has."""
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1, 365 + calendar.isleap(day.year)


def _is_year_day(rule: Rule, day: date) -> bool:
    number, size = _year_day(day)
    return number in rule.by_year_day or number - size - 1 in rule.by_year_day


def _is_weekday(rule: Rule, day: date) -> bool:
    weekday = day.weekday()
    weeks = [week for week, named in rule.by_day if named == weekday]
    if not weeks or 0 in weeks:
        return bool(weeks)
    if rule.frequency == "YEARLY" and not rule.by_month:
        number, size = _year_day(day)
    else:
        number, size = day.day, calendar.monthrange(day.year, day.month)[1]
    return (number - 1) // 7 + 1 in weeks or -((size - number) // 7 + 1) in weeks


def _is_in_week(rule: Rule, day: date) -> bool:
    number, size = _week_number(day, rule.week_start)
    return number in rule.by_week or number - size - 1 in rule.by_week


def _week_number(day: date, week_start: int) -> tuple[int, int]:
    """Which week of its year, and how many that has: the first has four days in the year."""
    ordinal = day.toordinal()
    year = day.year
    if ordinal < _first_week(year, week_start):
        year -= 1
    elif year < 9999 and ordinal >= _first_week(year + 1, week_start):
        year += 1
    begin = _first_week(year, week_start)
    after = _first_week(year + 1, week_start) if year < 9999 else begin + 364
    return (ordinal - begin) // 7 + 1, (after - begin) // 7


@lru_cache(maxsize=256)
def _first_week(year: int, week_start: int) -> int:
    if year < 1:
        return -365
    fourth = date(year, 1, 4)
    return fourth.toordinal() - (fourth.weekday() - week_start) % 7


# Periods shorter than a day


def _short_sets(
    rule: Rule, start: datetime, low: datetime, high: datetime, step: Step
) -> Iterator[list[datetime]]:
    unit, happens = _PERIOD_SECONDS[rule.frequency], _filter(rule)
    index, wanted, end = _seconds(start) // unit, _seconds(low) // unit, _seconds(high)
    index += max(0, wanted - index) // rule.interval * rule.interval
    while (begin := index * unit) < end:
        step()
        day = date.fromordinal(begin // _DAY_SECONDS)
        next_one = index + rule.interval
        if not happens(day):
            index = _aligned(
                next_one, (begin // _DAY_SECONDS + 1) * _DAY_SECONDS // unit, rule.interval
            )
            continue
        hour = begin % _DAY_SECONDS // 3600
        if rule.by_hour and hour not in rule.by_hour:
            index = _aligned(next_one, (begin // 3600 + 1) * 3600 // unit, rule.interval)
            continue
        if found := _within(rule, day, begin % _DAY_SECONDS, unit):
            _count_times(len(found), step)
            yield found
        index = next_one


def _aligned(index: int, wanted: int, interval: int) -> int:
    """The first of index, index + interval, … that is not before `wanted`."""
    return index + max(0, -(-(wanted - index) // interval)) * interval


def _within(rule: Rule, day: date, second_of_day: int, unit: int) -> list[datetime]:
    hour, rest = divmod(second_of_day, 3600)
    minute, second = divmod(rest, 60)
    minutes = rule.by_minute if unit > 60 else (minute,)
    if unit <= 60 and rule.by_minute and minute not in rule.by_minute:
        return []
    seconds = rule.by_second if unit > 1 else (second,)
    if unit == 1 and rule.by_second and second not in rule.by_second:
        return []
    return [datetime.combine(day, time(hour, each, every)) for each in minutes for every in seconds]


def _seconds(at: datetime) -> int:
    """Seconds since the day of ordinal 0."""
    return at.toordinal() * _DAY_SECONDS + (at.hour * 60 + at.minute) * 60 + at.second
