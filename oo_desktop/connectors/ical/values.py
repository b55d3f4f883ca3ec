"""The values of iCalendar properties (RFC 5545, section 3.3): dates, times, durations, texts.

Everything raises ValueError for what makes no sense: whoever reads a component leaves it out then.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from oo_desktop.connectors.ical.lines import Part, Property

UTC_ID = "UTC"


class Moment(NamedTuple):
    """When something is, as it was written.

    local: the wall-clock time, naive; midnight for a whole day.
    zone_id: the zone's name in its calendar, UTC_ID, or None: wherever one is.
    """

    local: datetime
    zone_id: str | None = None
    whole_day: bool = False


class Length(NamedTuple):
    """A duration: days are days of the calendar, seconds are exact (RFC 5545, section 3.3.6)."""

    days: int
    seconds: int

    def timedelta(self) -> timedelta:
        """As if each day had 24 hours."""
        return timedelta(days=self.days, seconds=self.seconds)


_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_DATE_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?(Z?)", re.ASCII)
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def moment(text: str, zone_id: str | None = None) -> Moment:
    """A DATE or a DATE-TIME. A Z counts for more than a TZID."""
    text = text.strip()
    if found := _DATE_TIME.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        # A leap second is the last one of its minute for everybody else.
        at = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001  # a wall clock's
        return Moment(at, UTC_ID if found[7] else zone_id)
    if found := _DATE.fullmatch(text):
        return Moment(_midnight(date(*map(int, found.groups()))), None, whole_day=True)
    raise ValueError("neither a date nor a time")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def duration(text: str) -> tuple[int, Length]:
    """Its sign, 1 or -1, and its length."""
    found = _DURATION.fullmatch(text.strip().upper())
    if found is None or text.strip()[-1:] in ("P", "T", "p", "t"):
        raise ValueError("not a duration")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    length = Length(weeks * 7 + days, hours * 3600 + minutes * 60 + seconds)
    return (-1 if found[1] == "-" else 1), length


def text_from_value(value: str) -> str:
    """A TEXT without its escapes."""
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def moment_from_property(found: Property | None) -> Moment | None:
    """The moment of a property that may be missing."""
    return moment(found.value, _zone_id(found)) if found else None


def moments_from_part(part: Part, name: str) -> Iterable[Moment]:
    """Those of all properties of a name, which may hold several each."""
    for found in part.all(name):
        for text in found.value.split(","):
            # Of a period, what counts is its beginning: it is as long as all others here.
            if text.strip():
                yield moment(text.partition("/")[0], _zone_id(found))


def _zone_id(found: Property) -> str | None:
    return found.parameters.get("TZID", "")[:200] or None
