"""Read calendars with ours and with other programs, into what can be compared."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events  # type: ignore[import-untyped]  # it ships no types
from ical.calendar_stream import IcsCalendarStream

from oo_desktop.model.signals import Day, Fixed
from tests.connectors.icalendar.calendars import expansion
from tests.connectors.icalendar.generated import DAYS, Generated

Occurrence = tuple[str, str, str]
"""A title, when it begins and when it ends: instants in UTC, or days."""

Reading = frozenset[Occurrence]

_WIDE = timedelta(days=3)
"""Asked for on both sides of the window, which is then cut out for all readers alike."""


class Refused(Exception):
    """Says that a reader does not take the calendar at all."""


def ours(calendar: Generated) -> Reading:
    found = expansion(calendar.raw, zone=calendar.zone, first=calendar.day, days=DAYS)
    assert found.left_out == {}
    assert len({each.id for each in found.events}) == len(found.events)
    return frozenset((each.title, _due(each.start), _due(each.end)) for each in found.events)


def _due(due: object) -> str:
    match due:
        case Fixed(at):
            return written(at)
        case Day(day):
            return written(day)
    raise TypeError(due)


def written(at: date) -> str:
    """Return an instant or a day as a text."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S}" if isinstance(at, datetime) else f"{at:%Y%m%d}"


def icalendar_and_recurring(calendar: Generated) -> Reading:
    found: list[tuple[str, date, date]] = []
    try:
        for part in icalendar.Calendar.from_ical(calendar.raw, multiple=True):
            query = recurring_ical_events.of(part)
            found += [
                (str(each["SUMMARY"]), each.start, each.end)
                for each in query.between(calendar.day - _WIDE, calendar.day + _WIDE)
                if str(each.get("STATUS", "")) != "CANCELLED"
            ]
    except Exception as error:
        raise Refused(error) from error
    return in_window(found, calendar)


def ical(calendar: Generated) -> Reading:
    here = ZoneInfo(calendar.zone)
    begin, end = (
        datetime.combine(calendar.day + timedelta(days=n), time(), here) for n in (0, DAYS)
    )
    found: list[tuple[str, date, date]] = []
    try:
        for part in IcsCalendarStream.from_ics(calendar.raw.decode()).calendars:
            found += [
                (str(each.summary), each.start, each.end)
                for each in part.timeline_tz(here).overlapping(begin, end)
                if each.status != "CANCELLED"
            ]
    except Exception as error:
        raise Refused(error) from error
    return in_window(found, calendar)


def in_window(found: Iterable[tuple[str, date, date]], calendar: Generated) -> Reading:
    """Return what is on in the window: it ends where an event may begin no more."""
    here = ZoneInfo(calendar.zone)

    def instant(at: date) -> datetime:
        if not isinstance(at, datetime):
            return datetime.combine(at, time(), here).astimezone(UTC)
        return (at if at.tzinfo else at.replace(tzinfo=here)).astimezone(UTC)

    first, after = calendar.day, calendar.day + timedelta(days=DAYS)
    seen = set()
    for title, start, end in found:
        if instant(start) < instant(after) and (
            instant(end) > instant(first) or instant(start) >= instant(first)
        ):
            timed = isinstance(start, datetime)
            begin, last = (written(instant(at) if timed else at) for at in (start, end))
            seen.add((title, begin, last))
    return frozenset(seen)


OTHERS: Mapping[str, Callable[[Generated], Reading]] = {
    "recurring-ical-events": icalendar_and_recurring,
    "ical": ical,
}
