"""The zones of a calendar: by their IANA names, or as the calendar itself describes them.

A TZID is any text. Most are IANA names, some end with one, and Outlook's are Windows names that
only the VTIMEZONE beside them explains (RFC 5545, section 3.6.5). Descriptions stay with their
calendar: two calendars may call different zones by one name.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.connectors.ical.lines import Part
from oo_desktop.connectors.ical.rules import Rule, occurrences, rule_from_text
from oo_desktop.connectors.ical.values import UTC_ID, moment_from_property, moments_from_part
from oo_desktop.model.zones import zone_named

_YEARS_KEPT = 50
_A_YEAR = timedelta(days=366)
_MOST_STEPS = 2000
"""Of one observance in two years: real ones take two."""


class Zone(Protocol):
    """Tells instants from wall-clock times."""

    @property
    def name(self) -> str | None:
        """Its IANA name, where it has one."""
        ...

    def instant(self, local: datetime) -> datetime:
        """In UTC. What the clocks skip is read as if they did not; of what comes twice, the first
        is meant (RFC 5545, section 3.3.5)."""
        ...


class NamedZone:
    """An IANA zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    @property
    def name(self) -> str | None:
        return self.zone.key

    def instant(self, local: datetime) -> datetime:
        return _utc(local, self.zone)


def _utc(local: datetime, zone: tzinfo) -> datetime:
    try:
        return local.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:  # the first and the last day of the calendar
        return local.replace(tzinfo=UTC)


class Observance(Struct, frozen=True, gc=False):
    """A STANDARD or DAYLIGHT part: from when on (in the time until then) which offset holds."""

    start: datetime
    before: timedelta
    after: timedelta
    rules: tuple[Rule, ...] = ()
    others: tuple[datetime, ...] = ()

    def onsets(self, low: datetime, high: datetime) -> list[datetime]:
        """When it sets in, between two times, and whenever it does so without a rule."""
        found = [self.start, *self.others]
        steps = 0

        def step() -> None:
            nonlocal steps
            steps += 1
            if steps > _MOST_STEPS:
                raise ValueError("an absurd zone")

        for rule in self.rules:
            until, last, since = rule.until, high, low
            if until is not None:
                last = until.local + (self.before if until.zone_id == UTC_ID else timedelta())
                since = min(low, last - _A_YEAR)  # what came last holds for ever
            found += [at for at in occurrences(rule, self.start, since, high, step) if at <= last]
        return found


class DefinedZone:
    """A zone as a VTIMEZONE describes it."""

    def __init__(self, observances: Sequence[Observance]) -> None:
        if not observances:
            raise ValueError("a zone without a time")
        self._observances = sorted(observances, key=lambda each: each.start)
        self._years: dict[int, list[tuple[datetime, timedelta, timedelta]]] = {}

    @property
    def name(self) -> str | None:
        return None

    def instant(self, local: datetime) -> datetime:
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
            if len(self._years) >= _YEARS_KEPT:
                self._years.clear()
            low = datetime(max(1, year - 1), 1, 1)  # noqa: DTZ001  # a wall clock's
            high = datetime(min(9999, year + 1), 1, 2)  # noqa: DTZ001  # a wall clock's
            self._years[year] = sorted(
                (onset, each.before, each.after)
                for each in self._observances
                for onset in each.onsets(low, high)
            )
        return self._years[year]


def named(zone_id: str) -> NamedZone | None:
    """The IANA zone a TZID is or ends with: `/freeassociation.sourceforge.net/Europe/Berlin`."""
    parts = zone_id.strip().strip('"').strip("/").split("/")
    for size in (len(parts), 3, 2):
        if size <= len(parts) and (zone := zone_named("/".join(parts[-size:]))):
            return NamedZone(zone)
    return None


def zone_from_id(zone_id: str | None, defined: Mapping[str, Zone], here: Zone) -> Zone:
    """The zone a time is in; `here` for floating ones, and for names that nothing explains."""
    if zone_id is None:
        return here
    return defined.get(zone_id) or named(zone_id) or here


# As a VTIMEZONE


def zone_from_part(part: Part) -> Zone:
    """The zone a VTIMEZONE describes, or names. Raises ValueError."""
    place = named(part.value("X-LIC-LOCATION") or "")
    if place is not None:
        return place
    return DefinedZone([_observance(each) for each in part.parts if each.name in _OBSERVED])


_OBSERVED = ("STANDARD", "DAYLIGHT")
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})?")


def _observance(part: Part) -> Observance:
    start = moment_from_property(part.first("DTSTART"))
    if start is None:
        raise ValueError("no start")
    return Observance(
        start=start.local,
        before=_offset(part.value("TZOFFSETFROM")),
        after=_offset(part.value("TZOFFSETTO")),
        rules=tuple(rule_from_text(each.value, start.local) for each in part.all("RRULE")),
        others=tuple(each.local for each in moments_from_part(part, "RDATE")),
    )


def _offset(text: str | None) -> timedelta:
    found = _OFFSET.fullmatch((text or "").strip())
    if found is None:
        raise ValueError("no offset")
    hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if size >= timedelta(days=1):
        raise ValueError("no offset")
    return -size if found[1] == "-" else size
