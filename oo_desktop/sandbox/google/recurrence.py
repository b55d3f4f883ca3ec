"""Expand series into their instances (RFC 5545, section 3.8.5), by python-dateutil.

A rule is followed in the series' own zone by the clock on the wall: nine o'clock stays nine o'clock
when summer time begins. As with Google, the first start has to be one the rule gives.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr

from oo_desktop.sandbox.google.model import SandboxCalendar, SandboxEvent
from oo_desktop.sandbox.google.times import EventTime, compact, instant_of

MAX_INSTANCES = 730
"""Of one series, where nothing else limits them. Google's own limit is not documented."""

_INSTANCE = re.compile(r"\d{8}(T\d{6}Z)?", re.ASCII)
_UNTIL = re.compile(r"UNTIL=(\d{8})(T\d{6}Z?)?")
_DATES = re.compile(r"(EXDATE|RDATE)((?:;[^:]*)?):(.+)")
_TZID = re.compile(r";TZID=([^;:]+)")


def occurrences(
    calendar: SandboxCalendar,
    series: SandboxEvent,
    *,
    after: datetime | None,
    before: datetime | None,
) -> Iterator[SandboxEvent]:
    """Yield the instances that end after `after` and start before `before`, with exceptions.

    Cancelled instances are among them. Raises ValueError for a rule nobody understands.
    """
    exceptions = {event.original: event for event in calendar.exceptions(series)}
    zone = calendar.zoneinfo
    given = 0
    for original in _starts(series, zone):
        instance = exceptions.pop(original, None) or _instance(series, original)
        starts = instant_of(original, zone)
        if before is not None and starts >= before:
            break
        if calendar.has_between(instance, after, before):
            yield instance
            given += 1
        if before is None and given >= MAX_INSTANCES:
            break
    # Moved into the window from outside of it.
    yield from (
        event for event in exceptions.values() if calendar.has_between(event, after, before)
    )


def instance_by_id(calendar: SandboxCalendar, id_: str) -> SandboxEvent | None:
    """Return an event, or an instance of a series though nothing is stored about it."""
    if id_ in calendar.events:
        return calendar.events[id_]
    name, _, when = id_.rpartition("_")
    series = calendar.events.get(name)
    if series is None or not series.recurrence or not _INSTANCE.fullmatch(when):
        return None
    for original in _starts(series, calendar.zoneinfo):
        if compact(original) >= when:
            return _instance(series, original) if compact(original) == when else None
    return None


def _instance(series: SandboxEvent, original: EventTime) -> SandboxEvent:
    """One of a series, as nobody has touched it."""
    content = {key: value for key, value in series.content.items() if key != "recurrence"}
    return replace(
        series,
        id=f"{series.id}_{compact(original)}",
        start=original,
        end=original + series.length,
        content=content,
        series=series.id,
        original=original,
    )


def _starts(series: SandboxEvent, default: ZoneInfo) -> Iterator[EventTime]:
    zone = ZoneInfo(series.zone) if series.zone else default
    all_day = not isinstance(series.start, datetime)
    first = (
        series.start.astimezone(zone).replace(tzinfo=None)
        if isinstance(series.start, datetime)
        else datetime.combine(series.start, time())
    )
    for wall in _rules(series.recurrence, first, zone):
        yield wall.date() if all_day else wall.replace(tzinfo=zone).astimezone(UTC)


def _rules(lines: list[str], first: datetime, zone: ZoneInfo) -> rruleset:
    """All lines together, in the zone's wall-clock times."""
    rules = rruleset()
    for line in lines:
        if dates := _DATES.fullmatch(line):
            add = rules.exdate if dates[1] == "EXDATE" else rules.rdate
            named = _TZID.search(dates[2])
            for text in dates[3].split(","):
                add(_wall(text, ZoneInfo(named[1]) if named else zone, zone, first))
        else:
            rule = rrulestr(_UNTIL.sub(lambda until: _until(until, zone), line), dtstart=first)
            rules.rrule(rule)  # type: ignore[arg-type]  # one line without dates is one rule
    return rules


def _until(until: re.Match[str], zone: ZoneInfo) -> str:
    """`UNTIL` in UTC, or a day, as a wall-clock time."""
    day, at = until[1], until[2] or "T235959"
    moment = datetime.strptime(f"{day}{at.rstrip('Z')}", "%Y%m%dT%H%M%S")  # noqa: DTZ007  # its zone follows
    if at.endswith("Z"):
        moment = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return f"UNTIL={moment:%Y%m%dT%H%M%S}"


def _wall(text: str, of_text: ZoneInfo, zone: ZoneInfo, first: datetime) -> datetime:
    """A date or time of EXDATE or RDATE; a date means the usual time of day."""
    if "T" not in text:
        day = datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  # a day has no zone
        return datetime.combine(day, first.time())
    moment = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007  # its zone follows
    source = UTC if text.endswith("Z") else of_text
    return moment.replace(tzinfo=source).astimezone(zone).replace(tzinfo=None)
