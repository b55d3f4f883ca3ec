"""Read the values of iCalendar properties (RFC 5545, section 3.3): dates, times, durations, texts.

Each function raises ValueError for what makes no sense; those that take a property are readers for
`Component.read`, which says then which property it was.
"""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from oo_desktop.connectors.icalendar.lines import Component, Property

UTC_ID = "UTC"

_MAX_ZONE_ID = 200
"""Characters."""

_DATE_TEXT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_DATE_TIME_TEXT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?(Z?)", re.ASCII)
_DURATION_TEXT = re.compile(r"([+-]?)P((?:T?\d{1,9}[WDHMS])++)T?", re.ASCII)
_DURATION_PART = re.compile(r"(\d+)([WDHMS])", re.ASCII)
_DAYS_OF = {"W": 7, "D": 1}
_SECONDS_OF = {"H": 3600, "M": 60, "S": 1}
_MAX_DURATION_PARTS = 10
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


_NEAREST_MIDNIGHT = timedelta(hours=13)
"""Until the next one: later than that, an instant in UTC was meant as the midnight before."""


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


def day_from_moment(moment: IcalMoment) -> IcalMoment | None:
    """Return the whole day that is meant where a time stands for one: that of its midnight.

    The midnight of a place is some other hour in UTC: the nearest is meant, which is the right one
    from UTC-10 to UTC+13. Elsewhere a time that is no midnight stands for no day: None.
    """
    at = moment.local
    midnight = at.replace(hour=0, minute=0, second=0)
    if moment.whole_day or at == midnight:
        return IcalMoment(midnight, None, whole_day=True)
    if moment.zone_id != UTC_ID:
        return None
    following = midnight + timedelta(days=1)
    nearest = following if following - at <= _NEAREST_MIDNIGHT else midnight
    return IcalMoment(nearest, None, whole_day=True)


def duration_from_text(text: str) -> tuple[int, Length]:
    """Read a DURATION: its sign, 1 or -1, and its length. Raises ValueError.

    Its T may be anywhere or missing: people get `PT1D`, `P1DT` (npm's ics) and `P300S` (calcurse),
    and each unit says by itself what it is. M is minutes: a duration has no months.
    """
    found = _DURATION_TEXT.fullmatch(text.strip().upper())
    parts = _DURATION_PART.findall(found[2]) if found else ()
    if found is None or len(parts) > _MAX_DURATION_PARTS:
        raise ValueError("not a duration")
    days = sum(int(number) * _DAYS_OF.get(unit, 0) for number, unit in parts)
    seconds = sum(int(number) * _SECONDS_OF.get(unit, 0) for number, unit in parts)
    length = Length(days, seconds)
    length.nominal()  # raises OverflowError, early
    return (-1 if found[1] == "-" else 1), length


def text_from_value(value: str) -> str:
    """Return a TEXT without its escapes."""
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


# Readers of a property


def moment_from_property(found: Property) -> IcalMoment:
    """Read a DATE or a DATE-TIME in the zone that its TZID names. Raises ValueError.

    A DATE with a time is a whole day all the same (section 3.2.20).
    """
    return _moment(found.value, found)


def _moment(text: str, found: Property) -> IcalMoment:
    if not found.parameters:
        return moment_from_text(text)
    moment = moment_from_text(text, zone_id_from_text(found.parameters.get("TZID", "")))
    if not moment.whole_day and found.parameters.get("VALUE", "").upper() == "DATE":
        midnight = moment.local.replace(hour=0, minute=0, second=0)
        return day_from_moment(moment) or IcalMoment(midnight, None, whole_day=True)
    return moment


def length_from_property(found: Property) -> Length:
    """Read how long something takes: never less than nothing. Raises ValueError."""
    sign, size = duration_from_text(found.value)
    return size if sign > 0 else Length(0, 0)


class ListedMoments(NamedTuple):
    """Holds what properties of one name list.

    lengths: of those that are periods, the end or the length of each (RFC 5545, section 3.8.5.2).
    readable: all of it could be read.
    """

    moments: tuple[IcalMoment, ...] = ()
    lengths: tuple[tuple[IcalMoment, IcalMoment | Length], ...] = ()
    readable: bool = True


_NOTHING_LISTED = ListedMoments()


def listed_from_component(component: Component, name: str) -> ListedMoments:
    """Read what all properties of that name list, each value for itself."""
    if name not in component.properties and name not in component.unreadable:
        return _NOTHING_LISTED
    moments, lengths = [], []
    readable = name not in component.unreadable
    for found in component.all(name):
        for text in found.value.split(","):
            begin, slash, end = text.partition("/")
            if not text.strip():
                continue
            try:
                moment = _moment(begin, found)
                moments.append(moment)
                if slash:
                    lengths.append((moment, _end(end, found)))
            except (ValueError, OverflowError):
                readable = False
    return ListedMoments(tuple(moments), tuple(lengths), readable)


def _end(text: str, found: Property) -> IcalMoment | Length:
    if "P" not in text.upper():
        return _moment(text, found)
    sign, length = duration_from_text(text)
    return length if sign > 0 else Length(0, 0)


@lru_cache(maxsize=64)
def zone_id_from_text(text: str) -> str | None:
    """Return a TZID as it is kept, bounded; None for an empty one.

    It is a TEXT (section 3.8.3.1), so commas are escaped there; as a parameter it is quoted
    instead (section 3.2), and many do either in both places.
    """
    if not text:
        return None
    return text_from_value(text).strip(' \t"')[:_MAX_ZONE_ID] or None
