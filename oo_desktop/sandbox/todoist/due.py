"""Keep due dates as Todoist does, and move them on when a recurring task is closed.

All forms live in `due.date` (developer.todoist.com/api/v1, "Due dates"): a calendar day, a floating
wall-clock time, or a UTC instant with the zone it was planned in. Moving on keeps form, zone and
wall-clock time, also over a change to or from summer time.

Not documented, so chosen here: closing a late `every …` task moves it to the first occurrence that
is today or later (it may then still match `today`, or `overdue` by its time); `every! …` counts
from the day it was closed.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DUE_DATE = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:T(?P<time>\d\d:\d\d:\d\d)(?P<fraction>\.\d+)?(?P<utc>Z)?)?"
)
_CLOCK = re.compile(
    r"(?:^|\s+)(?:at\s+)?(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?\s*(?P<half>am|pm)?$"
)
_RULE = re.compile(r"(?P<every>every!?|after)\s+(?:(?P<count>\d+|other)\s+)?(?P<unit>[a-z]+)")
_WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORTHANDS = {"daily": "every day", "weekly": "every week", "monthly": "every month"}
_UNITS = {"day", "week", "month", "year", "workday", "weekday"}
_LAST_YEAR = 9000


@dataclass(frozen=True, kw_only=True)
class SandboxDue:
    """Holds a due date in any of its forms."""

    date: str
    timezone: str | None = None
    string: str = ""
    lang: str = "en"
    is_recurring: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as the API does."""
        return asdict(self)


@dataclass(frozen=True)
class Recurrence:
    """Holds `every <count> <unit>`: a day, week, month, year, workday or a weekday's name."""

    unit: str
    count: int = 1
    from_completion: bool = False


class NotADate(ValueError):
    """Says that a text is no date we understand."""


def zone_named(name: str | None, fallback: ZoneInfo) -> ZoneInfo:
    """Return the zone of that name; `fallback` where there is none."""
    try:
        return ZoneInfo(name) if name else fallback
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return fallback


def local_from_due(due: SandboxDue, zone: ZoneInfo) -> tuple[date, time | None]:
    """Return calendar day and wall-clock time (None: all day) in the due's own zone, else `zone`.

    Raises NotADate.
    """
    match = _DUE_DATE.fullmatch(due.date)
    if not match:
        raise NotADate(due.date)
    try:
        day = date.fromisoformat(match["day"])
        if not match["time"]:
            return day, None
        at = time.fromisoformat(match["time"])
        if not match["utc"]:
            return day, at
        moment = datetime.combine(day, at, UTC).astimezone(zone_named(due.timezone, zone))
    except (ValueError, OverflowError) as error:
        raise NotADate(due.date) from error
    return moment.date(), moment.time()


def moment_from_due(due: SandboxDue, zone: ZoneInfo) -> tuple[date, datetime | None]:
    """Return the day a due falls on for a user in `zone`, and its instant unless it is all day."""
    day, at = local_from_due(due, zone)
    if at is None:
        return day, None
    home = zone_named(due.timezone, zone) if due.timezone else zone
    moment = datetime.combine(day, at, home).astimezone(zone)
    return moment.date(), moment


def on_day(due: SandboxDue, day: date, zone: ZoneInfo) -> SandboxDue:
    """Return the due on another day: form, zone, wall-clock time and precision stay."""
    match = _DUE_DATE.fullmatch(due.date)
    _, at = local_from_due(due, zone)
    if at is None or match is None:
        return replace(due, date=day.isoformat())
    local = datetime.combine(day, at)
    if match["utc"]:
        home = zone_named(due.timezone, zone)
        local = local.replace(tzinfo=home).astimezone(UTC).replace(tzinfo=None)
    text = local.strftime("%Y-%m-%dT%H:%M:%S")
    return replace(due, date=text + (match["fraction"] or "") + (match["utc"] or ""))


def recurrence_from_text(text: str) -> Recurrence | None:
    """Read the rule in a due string such as `every! 3 days at 9:00`, or return None."""
    words = text.strip().lower()
    words = _SHORTHANDS.get(words, words)
    match = _RULE.match(words)
    if not match:
        return None
    unit = _unit_from_word(match["unit"])
    if unit is None:
        return None
    count = {"other": 2, None: 1}.get(match["count"]) or int(match["count"])
    if not 1 <= count <= 1000:
        return None
    return Recurrence(unit, count, from_completion=match["every"] != "every")


def _unit_from_word(word: str) -> str | None:
    singular = word.removesuffix("s")
    if singular in _UNITS:
        return "workday" if singular == "weekday" else singular
    return next((name for name in _WEEKDAY_NAMES if singular in (name, name[:3])), None)


def days_of_rule(rule: Recurrence, day: date) -> Iterator[date]:
    """Yield the days after `day` on which the rule falls, in order."""
    while day.year < _LAST_YEAR:
        day = _next_day(rule, day)
        yield day


def _next_day(rule: Recurrence, day: date) -> date:
    if rule.unit == "day":
        return day + timedelta(days=rule.count)
    if rule.unit == "week":
        return day + timedelta(weeks=rule.count)
    if rule.unit == "workday":
        return day + timedelta(days={4: 3, 5: 2}.get(day.weekday(), 1))
    if rule.unit in _WEEKDAY_NAMES:
        ahead = (_WEEKDAY_NAMES.index(rule.unit) - day.weekday() - 1) % 7 + 1
        return day + timedelta(days=ahead, weeks=rule.count - 1)
    months = rule.count * (12 if rule.unit == "year" else 1)
    return _months_later(day, months)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_after - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def next_due(due: SandboxDue, *, now: datetime, zone: ZoneInfo) -> SandboxDue:
    """Return where closing moves a recurring due. A rule nobody can read counts as `every day`."""
    rule = recurrence_from_text(due.string) or Recurrence("day")
    home = zone_named(due.timezone, zone)
    today = now.astimezone(home).date()
    if rule.from_completion:
        day = today
        today += timedelta(days=1)
    else:
        day, _ = local_from_due(due, zone)
    later = (found for found in days_of_rule(rule, day) if found >= today)
    return on_day(due, next(later, day), zone)


def due_from_text(text: str, *, lang: str, now: datetime, zone: ZoneInfo) -> SandboxDue | None:
    """Read a `due_string` (English). None means no date. Raises NotADate for anything unknown."""
    words = " ".join(text.strip().lower().split())
    if words in {"no date", "no due date"}:
        return None
    today = now.astimezone(zone).date()
    rule_words, at = _split_clock(words)
    rule = recurrence_from_text(rule_words)
    day = _first_day(rule, today) if rule else _day_from_words(rule_words, today)
    date_text = day.isoformat() if at is None else f"{day.isoformat()}T{at.isoformat()}"
    return SandboxDue(date=date_text, string=text.strip(), lang=lang, is_recurring=rule is not None)


def _first_day(rule: Recurrence, today: date) -> date:
    if rule.unit in _WEEKDAY_NAMES or rule.unit == "workday":
        return next(days_of_rule(Recurrence(rule.unit), today - timedelta(days=1)))
    return today


def _split_clock(words: str) -> tuple[str, time | None]:
    match = _CLOCK.search(words)
    if not match or not (match["minute"] or match["half"]):
        return words, None
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] == "pm" else 0)
    try:
        at = time(hour, int(match["minute"] or 0))
    except ValueError as error:
        raise NotADate(words) from error
    return words[: match.start()].strip() or "today", at


def _day_from_words(words: str, today: date) -> date:
    named = {"today": 0, "tod": 0, "tomorrow": 1, "tom": 1, "yesterday": -1}
    if words in named:
        return today + timedelta(days=named[words])
    if match := re.fullmatch(r"in (\d{1,4}) days?", words):
        return today + timedelta(days=int(match[1]))
    if words in _WEEKDAY_NAMES:
        return next(days_of_rule(Recurrence(words), today))
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise NotADate(words) from error
