"""Find the zones of a calendar: by their IANA names, or as the calendar itself describes them.

A TZID is any text. What it means is the first of these that there is (`zone_from_id`):

| | |
|---|---|
| none, with a Z | UTC |
| none | that of the calendar (X-WR-TIMEZONE), else of whoever looks: a floating time |
| an IANA name of an area and a place, or one at its end | that zone, whatever a VTIMEZONE says |
| the VTIMEZONE of that name, with an IANA name as its X-LIC-LOCATION | that zone |
| the VTIMEZONE of that name | as it says (RFC 5545, section 3.6.5) |
| an IANA name of one word (vobject calls New York's zone EST, and describes it) | that zone |
| a name of Windows, which Outlook uses | the zone that Unicode CLDR (`windowsZones`) names for it |
| an IANA name in other letters, or with spaces | that zone |
| an offset: `GMT-0500`, `UTC+5:30`, `+01:00` | that offset |
| places with their offset: `(UTC+01:00) Amsterdam, Berlin` | the zone in which all places are \
that are known, if there is one, else that offset |
| places alone, all of them known | the zone in which all of them are, if there is one |
| anything else, such as `Customized Time Zone` | as a floating time |

Windows' names are taken in any letters, in quotes, with "Daylight" for "Standard", and with the
number that Outlook appends. CLDR's table comes with tzlocal. Descriptions stay with their calendar:
two calendars may call different zones by one name.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.connectors.icalendar.lines import Component, Property, Unreadable
from oo_desktop.connectors.icalendar.rules import Rule, occurrences, rules_from_component
from oo_desktop.connectors.icalendar.values import (
    UTC_ID,
    listed_from_component,
    moment_from_property,
    zone_id_from_text,
)
from oo_desktop.model.zones import zone_named

_MAX_YEARS_KEPT = 50
_MAX_ONSET_PERIODS = 2000
"""Of one observance that are looked at in two years: real ones take two."""

_A_YEAR = timedelta(days=366)


class Zone(Protocol):
    """Tells instants from wall-clock times."""

    @property
    def name(self) -> str | None:
        """Return its IANA name, where it has one."""
        ...

    def to_utc(self, local: datetime) -> datetime:
        """Return the instant that is `local`, in UTC.

        What the clocks skip is read as if they did not; of what comes twice, the first is meant
        (RFC 5545, section 3.3.5).
        """
        ...


class IanaZone:
    """Is a Zone by its IANA name."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    @property
    def name(self) -> str | None:
        return self.zone.key

    def to_utc(self, local: datetime) -> datetime:
        return _utc(local, self.zone)


class OffsetZone:
    """Is a Zone that is the same all year."""

    def __init__(self, offset: timedelta) -> None:
        self._zone = timezone(offset)

    @property
    def name(self) -> str | None:
        return None if self._zone.utcoffset(None) else UTC_ID

    def to_utc(self, local: datetime) -> datetime:
        return _utc(local, self._zone)


def _utc(local: datetime, zone: tzinfo) -> datetime:
    try:
        return local.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:  # the first and the last day of the calendar
        return local.replace(tzinfo=UTC)


class Observance(Struct, frozen=True, gc=False):
    """Holds a STANDARD or DAYLIGHT part: from when on (in the time until then) which offset is."""

    start: datetime
    before: timedelta
    after: timedelta
    rules: tuple[Rule, ...] = ()
    others: tuple[datetime, ...] = ()

    def onsets(self, low: datetime, high: datetime) -> list[datetime]:
        """Return when it sets in, between two times, and whenever it does so without a rule.

        Raises Unreadable where its rules never end to set in.
        """
        found = [self.start, *self.others]
        periods = 0

        def step() -> None:
            nonlocal periods
            periods += 1
            if periods > _MAX_ONSET_PERIODS:
                raise Unreadable("VTIMEZONE")

        for rule in self.rules:
            until, last, since = rule.until, high, low
            if until is not None:
                last = until.local + (self.before if until.zone_id == UTC_ID else timedelta())
                since = min(low, last - _A_YEAR)  # what came last holds for ever
            found += [at for at in occurrences(rule, self.start, since, high, step) if at <= last]
        return found


class DefinedZone:
    """Is a Zone as a VTIMEZONE describes it."""

    def __init__(self, observances: Sequence[Observance]) -> None:
        self._observances = sorted(observances, key=lambda each: each.start)
        self._years: dict[int, list[tuple[datetime, timedelta, timedelta]]] = {}

    @property
    def name(self) -> str | None:
        return None

    def to_utc(self, local: datetime) -> datetime:
        try:
            return (local - self._offset(local)).replace(tzinfo=UTC)
        except OverflowError:
            return local.replace(tzinfo=UTC)

    def _offset(self, local: datetime) -> timedelta:
        offset = self._observances[0].before
        for onset, before, after in self._changes(local.year):
            if onset > local:
                break
            # Between the two, the clocks are put forward: nobody's clock shows such a time.
            offset = before if local < onset + (after - before) else after
        return offset

    def _changes(self, year: int) -> list[tuple[datetime, timedelta, timedelta]]:
        if year not in self._years:
            if len(self._years) >= _MAX_YEARS_KEPT:
                self._years.clear()
            low = datetime(max(1, year - 1), 1, 1)  # noqa: DTZ001  # a wall clock's
            high = datetime(min(9999, year + 1), 1, 2)  # noqa: DTZ001  # a wall clock's
            self._years[year] = sorted(
                (onset, each.before, each.after)
                for each in self._observances
                for onset in each.onsets(low, high)
            )
        return self._years[year]


def iana_zone(zone_id: str) -> IanaZone | None:
    """Return the IANA zone that a TZID is or ends with, or None.

    Some end with it: `/freeassociation.sourceforge.net/Europe/Berlin`, `tzone://Microsoft/Utc`.
    """
    zone_id = zone_id.strip().strip('"')
    steps = zone_id.strip("/").split("/")
    sizes = (len(steps), 3, 2, 1) if zone_id.startswith("/") else (len(steps), 3, 2)
    for size in sizes:
        if size <= len(steps) and (zone := zone_named("/".join(steps[-size:]))):
            return IanaZone(zone)
    return None


def zone_from_id(zone_id: str | None, defined: Mapping[str, Zone], here: Zone) -> Zone:
    """Return the zone of a time, as the table above has it.

    defined: the zones its calendar describes. here: the zone of a floating time.
    """
    if zone_id is None:
        return here
    return defined.get(zone_id) or zone_from_name(zone_id) or here


# Names of other kinds


@lru_cache(maxsize=256)
def zone_from_name(zone_id: str) -> Zone | None:
    """Return the zone that a TZID means without a description, as the table above has it."""
    named = iana_zone(zone_id)
    if named is not None:
        return named
    name = " ".join(zone_id.replace('"', " ").removeprefix("tzone://Microsoft/").split()).lower()
    return _windows_zone(name) or _iana_zone_in_other_letters(name) or _zone_from_words(name)


class _Names(NamedTuple):
    """IANA names by what else they are called, in small letters.

    windows: names of Windows; regions: the same without "Standard Time".
    places: the last step of the name.
    """

    windows: Mapping[str, str]
    regions: Mapping[str, str]
    iana: Mapping[str, str]
    places: Mapping[str, Sequence[str]]


@lru_cache(maxsize=1)
def _names() -> _Names:
    from tzlocal.windows_tz import tz_win, win_tz  # few calendars need it

    places: dict[str, list[str]] = {}
    for name in tz_win:
        area, slash, place = name.lower().rpartition("/")
        if slash and area != "etc":
            places.setdefault(place.replace("_", " "), []).append(name)
    windows = {name.lower(): zone for name, zone in win_tz.items()}
    return _Names(
        windows,
        {_TIME.sub("", name): zone for name, zone in windows.items()},
        {name.lower(): name for name in tz_win},
        places,
    )


_TIME = re.compile(r"(?: standard| daylight)? time(?: \d{1,3})?$", re.ASCII)


def _windows_zone(name: str) -> Zone | None:
    region = _TIME.sub("", name)
    known = _names().windows.get(name) or (region != name and _names().regions.get(region))
    return _iana_zone_if_known(known or None)


def _iana_zone_in_other_letters(name: str) -> Zone | None:
    for size in (len(name.split("/")), 3, 2):
        ending = "/".join(name.strip("/").split("/")[-size:]).replace(" ", "_")
        if zone := _iana_zone_if_known(_names().iana.get(ending)):
            return zone
    return None


def _iana_zone_if_known(name: str | None) -> Zone | None:
    zone = zone_named(name)
    return None if zone is None else IanaZone(zone)


_OFFSET = r"(?:utc|gmt|z)?\s*([+-])\s*(\d{1,2}):?(\d\d)?"
_OFFSET_NAME = re.compile(rf"\(?(?:(?:utc|gmt|z)|{_OFFSET})\)?", re.ASCII)
_OFFSET_BEFORE_PLACES = re.compile(rf"\((?:(?:utc|gmt)|{_OFFSET})\)(.+)", re.ASCII)
_MAX_OFFSET = timedelta(hours=15)
_BETWEEN_PLACES = re.compile(r"[,;:/&]| and ")
_IN_BRACKETS = re.compile(r"\([^()]*+\)")


def _zone_from_words(name: str) -> Zone | None:
    """The zone of an offset, of places, or of both."""
    name = name.replace("\N{MINUS SIGN}", "-")
    if found := _OFFSET_NAME.fullmatch(name):
        offset = _said_offset(*found.groups())
        return None if offset is None else OffsetZone(offset)
    if found := _OFFSET_BEFORE_PLACES.fullmatch(name):
        offset = _said_offset(*found.groups()[:3])
        if offset is None:
            return None
        return _zone_of_places(found[4], offset) or OffsetZone(offset)
    return _zone_of_places(name, None)


def _said_offset(sign: str | None, hours: str, minutes: str | None) -> timedelta | None:
    if sign is None:
        return timedelta()
    size = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if size > _MAX_OFFSET:
        return None
    return -size if sign == "-" else size


def _zone_of_places(text: str, offset: timedelta | None) -> Zone | None:
    """The one zone in which all places are. offset: their own, in winter; then some may be unknown.

    As Windows lists them: "Amsterdam, Berlin", "Eastern Time (US & Canada)", "Central America".
    """
    names = _names()
    outside = " ".join(_IN_BRACKETS.sub(" ", text).split())
    if offset is None or "," not in outside:
        region = _iana_zone_if_known(names.regions.get(_TIME.sub("", outside)))
        if region is not None and offset in (None, _offsets_of(region.name)[0]):
            return region
    places = [place.strip() for place in _BETWEEN_PLACES.split(outside) if place.strip()]
    found = [names.places.get(place, ()) for place in places]
    if offset is None and not all(found):
        return None
    known = {zone: _offsets_of(zone) for zones in found for zone in zones}
    good = {zone: both for zone, both in known.items() if offset in (None, both[0])}
    return _iana_zone_if_known(next(iter(good))) if len(set(good.values())) == 1 else None


_WINTER_AND_SUMMER = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))


def _offsets_of(name: str | None) -> tuple[timedelta | None, ...]:
    """The offsets of a zone, that of its winter first, then those of January and July."""
    zone = zone_named(name)
    if zone is None:
        return (None,)
    both = [at.astimezone(zone).utcoffset() or timedelta() for at in _WINTER_AND_SUMMER]
    return (min(both), *both)


# As a VTIMEZONE


def zones_from_component(component: Component) -> Mapping[str, Zone]:
    """Return the zone of a VTIMEZONE by its TZID; none where that is known without. Raises
    Unreadable."""
    zone_id = zone_id_from_text(component.value("TZID"))
    if zone_id is None or zone_id == UTC_ID or ("/" in zone_id and iana_zone(zone_id) is not None):
        return {}
    return {zone_id: zone_from_component(component)}


def zone_from_component(component: Component) -> Zone:
    """Return the zone that a VTIMEZONE describes, or names. Raises Unreadable."""
    named = iana_zone(component.value("X-LIC-LOCATION"))
    if named is not None:
        return named
    observances = [_observance(each) for each in component.components if each.name in _OBSERVED]
    if not observances:
        raise Unreadable(component.name)
    return DefinedZone(observances)


_OBSERVED = ("STANDARD", "DAYLIGHT")
_UTC_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})?")


def _observance(component: Component) -> Observance:
    start = component.required("DTSTART", moment_from_property)
    rules, rules_are_readable = rules_from_component(component, start.local)
    others = listed_from_component(component, "RDATE")
    if not (rules_are_readable and others.readable):
        raise Unreadable("RDATE" if rules_are_readable else "RRULE")
    return Observance(
        start=start.local,
        before=component.required("TZOFFSETFROM", _offset),
        after=component.required("TZOFFSETTO", _offset),
        rules=rules,
        others=tuple(each.local for each in others.moments),
    )


def _offset(found: Property) -> timedelta:
    match = _UTC_OFFSET.fullmatch(found.value.strip())
    if match is None:
        raise ValueError("no offset")
    hours, minutes, seconds = (int(each or 0) for each in match.groups()[1:])
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if size >= timedelta(days=1):
        raise ValueError("no offset")
    return -size if match[1] == "-" else size
