"""Read the values of iCalendar properties (RFC 5545, section 3.3): dates, times, durations, texts.

Each function raises ValueError for what makes no sense; those that take a property are readers for
`Component.read`, which says then which property it was.
"""

import re
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import NamedTuple

from oo_desktop.connectors.ical.lines import Component, Property

UTC_ID = "UTC"

_MAX_ZONE_ID = 200
"""Characters."""

_DATE_TEXT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_DATE_TIME_TEXT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?(Z?)", re.ASCII)
_DURATION_TEXT = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class IcalMoment(NamedTuple):
    """Says when something is, as it was written: a DATE or a DATE-TIME.

    local: the wall-clock time, naive; midnight for a whole day.
    zone_id: the zone's name in its calendar, UTC_ID, or None: wherever one is.
    """

    local: datetime
    zone_id: str | None = None
    whole_day: bool = False


class Length(NamedTuple):
    """Holds a DURATION: days of the calendar, and exact seconds (RFC 5545, section 3.3.6)."""

    days: int
    seconds: int

    def nominal(self) -> timedelta:
        """Return how long it is where each day has 24 hours."""
        return timedelta(days=self.days, seconds=self.seconds)


def moment_from_text(text: str, zone_id: str | None = None) -> IcalMoment:
    """Read a DATE or a DATE-TIME. A Z counts for more than a TZID. Raises ValueError."""
    text = text.strip()
    if found := _DATE_TIME_TEXT.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        # A leap second is the last one of its minute for everybody else.
        at = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001  # a wall clock's
        return IcalMoment(at, UTC_ID if found[7] else zone_id)
    if found := _DATE_TEXT.fullmatch(text):
        day_at = datetime.combine(date(*map(int, found.groups())), time())
        return IcalMoment(day_at, None, whole_day=True)
    raise ValueError("neither a date nor a time")


def duration_from_text(text: str) -> tuple[int, Length]:
    """Read a DURATION: its sign, 1 or -1, and its length. Raises ValueError."""
    text = text.strip().upper()
    found = _DURATION_TEXT.fullmatch(text)
    if found is None or text[-1:] in ("P", "T"):
        raise ValueError("not a duration")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    length = Length(weeks * 7 + days, hours * 3600 + minutes * 60 + seconds)
    return (-1 if found[1] == "-" else 1), length


def text_from_value(value: str) -> str:
    """Return a TEXT without its escapes."""
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


# Readers of a property


def moment_from_property(found: Property) -> IcalMoment:
    """Read a DATE or a DATE-TIME in the zone that its TZID names. Raises ValueError."""
    return moment_from_text(found.value, zone_id_from_text(found.parameters.get("TZID", "")))


def length_from_property(found: Property) -> Length:
    """Read how long something takes: never less than nothing. Raises ValueError."""
    sign, size = duration_from_text(found.value)
    return size if sign > 0 else Length(0, 0)


def moments_from_component(component: Component, name: str) -> tuple[IcalMoment, ...]:
    """Read those of all properties of that name, which may hold several each. Raises Unreadable."""
    return tuple(chain.from_iterable(component.read_all(name, _moments)))


def _moments(found: Property) -> list[IcalMoment]:
    zone_id = zone_id_from_text(found.parameters.get("TZID", ""))
    # Of a period, what counts is its beginning: it is as long as all others here.
    return [
        moment_from_text(text.partition("/")[0], zone_id)
        for text in found.value.split(",")
        if text.strip()
    ]


def zone_id_from_text(text: str) -> str | None:
    """Return a TZID as it is kept, bounded; None for an empty one."""
    return text.strip()[:_MAX_ZONE_ID] or None
