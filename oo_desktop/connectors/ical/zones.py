"""Find the zones of a calendar: by their IANA names, or as the calendar itself describes them.

A TZID is any text. What it means is the first of these that there is (`zone_from_id`):

| | |
|---|---|
| none, with a Z | UTC |
| none | the zone of whoever looks: a floating time |
| the VTIMEZONE of that name, with an IANA name as its X-LIC-LOCATION | that zone |
| the VTIMEZONE of that name | as it says (RFC 5545, section 3.6.5) |
| an IANA name, or one at its end | that zone, whatever a VTIMEZONE beside it says |
| anything else | the zone of whoever looks |

Outlook's names are those of Windows, which only the VTIMEZONE beside them explains. Descriptions
stay with their calendar: two calendars may call different zones by one name.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.connectors.ical.lines import Component, Property, Unreadable
from oo_desktop.connectors.ical.rules import Rule, occurrences, rules_from_component
from oo_desktop.connectors.ical.values import (
    UTC_ID,
    moment_from_property,
    moments_from_component,
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

    Some end with it: `/freeassociation.sourceforge.net/Europe/Berlin`.
    """
    steps = zone_id.strip().strip('"').strip("/").split("/")
    for size in (len(steps), 3, 2):
        if size <= len(steps) and (zone := zone_named("/".join(steps[-size:]))):
            return IanaZone(zone)
    return None


def zone_from_id(zone_id: str | None, defined: Mapping[str, Zone], here: Zone) -> Zone:
    """Return the zone of a time, as the table above has it.

    defined: the zones its calendar describes. here: the zone of whoever looks.
    """
    if zone_id is None:
        return here
    return defined.get(zone_id) or iana_zone(zone_id) or here


# As a VTIMEZONE


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
    return Observance(
        start=start.local,
        before=component.required("TZOFFSETFROM", _offset),
        after=component.required("TZOFFSETTO", _offset),
        rules=rules_from_component(component, start.local),
        others=tuple(each.local for each in moments_from_component(component, "RDATE")),
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
