"""Tell which occurrences a series has: its recurrence set (RFC 5545, section 3.8.5), pure.

Occurrences are worked out in the wall-clock time of their own zone and then become instants, so
that a meeting at nine stays at nine when the clocks change. An occurrence is known by when it was
to begin: that is what EXDATE and RECURRENCE-ID name, as an instant, or as a day where they name
one.

| | counts in |
|---|---|
| whole days | the zone of whoever looks: a DATE is their day (section 3.3.4) |
| times without a zone | `Zones.here` |
| a whole day that UNTIL, EXDATE or RECURRENCE-ID names as an instant in UTC | the same; but \
midnight in UTC is that day wherever one is, as programs write it that know no zones |
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple

from oo_desktop.connectors.icalendar.lines import Component, Unreadable
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.connectors.icalendar.rules import (
    Rule,
    happens_at,
    occurrences,
    rules_from_component,
)
from oo_desktop.connectors.icalendar.values import (
    UTC_ID,
    IcalMoment,
    Length,
    listed_from_component,
)
from oo_desktop.connectors.icalendar.zones import IanaZone, Zone, zone_from_id
from oo_desktop.model.signals import Day, Fixed, stamp

MAX_PERIODS = 50_000
"""Periods of one series that are looked at: every day since 1890."""

MAX_BETWEEN_CLOCKS = timedelta(hours=26)
"""No two clocks in the world are farther apart."""

FIRST = datetime(1, 1, 3)  # noqa: DTZ001  # a wall clock's
"""The first time that is the same year on every clock."""

Key = datetime | date
"""Which occurrence something is: when it was to begin, an instant or a day."""


class Repeats(NamedTuple):
    """Holds what a component says of its occurrences beside the first.

    rules: RRULE. also: RDATE; lengths: the ends or lengths of those that have one of their own.
    but_not, but_not_by: what is left out, one by one (EXDATE) and by rules (EXRULE).
    """

    rules: tuple[Rule, ...] = ()
    also: tuple[IcalMoment, ...] = ()
    lengths: tuple[tuple[IcalMoment, IcalMoment | Length], ...] = ()
    but_not: tuple[IcalMoment, ...] = ()
    but_not_by: tuple[Rule, ...] = ()


ONCE = Repeats()


def repeats_from_component(component: Component, start: datetime, unread: list[str]) -> Repeats:
    """Read what repeats a component that begins at `start`: all of it that can be read; where that
    is not all, the property's name is added to `unread`."""
    rules, all_rules = rules_from_component(component, start)
    also = listed_from_component(component, "RDATE")
    but_not = listed_from_component(component, "EXDATE")
    but_not_by, all_but_not_by = rules_from_component(component, start, "EXRULE")
    readable = {
        "RRULE": all_rules,
        "RDATE": also.readable,
        "EXDATE": but_not.readable,
        "EXRULE": all_but_not_by,
    }
    unread += (name for name, is_read in readable.items() if not is_read)
    return Repeats(rules, also.moments, also.lengths, but_not.moments, but_not_by)


class Zones(NamedTuple):
    """Tells what the times of one resource mean.

    defined: the zones it describes. here: the zone of floating times.
    """

    defined: Mapping[str, Zone]
    here: IanaZone

    def zone(self, moment: IcalMoment) -> Zone:
        """Return the zone of a time."""
        return zone_from_id(moment.zone_id, self.defined, self.here)

    def instant(self, moment: IcalMoment) -> datetime:
        """Return when a moment is, or begins, in UTC."""
        return self.zone(moment).to_utc(moment.local)

    def key(self, moment: IcalMoment) -> Key:
        """Return which occurrence begins so."""
        return moment.local.date() if moment.whole_day else self.instant(moment)

    def day(self, moment: IcalMoment) -> date:
        """Return the whole day that a moment names, as the table above has it."""
        if moment.zone_id != UTC_ID or moment.local.time() == time():
            return moment.local.date()
        return self.instant(moment).astimezone(self.here.zone).date()

    def named(self, moment: IcalMoment, start: IcalMoment | None) -> Key:
        """Return which occurrence of a series that begins at `start` a moment names, whichever form
        it is written in."""
        if start is not None and start.whole_day:
            return self.day(moment)
        if start is not None and moment.zone_id is None:
            moment = moment._replace(zone_id=start.zone_id)
        return self.key(moment)

    def local(self, at: datetime, zone_id: str | None) -> datetime | None:
        """Return what the clocks of a zone show at an instant; None where they show it for the
        second time, and nothing that is written could say so."""
        zone = zone_from_id(zone_id, self.defined, self.here)
        guess = at.replace(tzinfo=None)
        for _ in range(3):
            guess += at - zone.to_utc(guess)
        return guess if zone.to_utc(guess) == at else None

    def shifted(self, moment: IcalMoment, old: IcalMoment, new: IcalMoment) -> IcalMoment:
        """Return `moment` moved as `new` is from `old`, on its own wall clock; one in UTC on that
        of `old`."""
        shift = new.local - old.local
        if moment.zone_id == UTC_ID and old.zone_id not in (None, UTC_ID):
            shown = self.local(self.instant(moment), old.zone_id)
            if shown is not None:
                at = self.zone(old).to_utc(shown + shift)
                return moment._replace(local=at.replace(tzinfo=None))
        return moment._replace(local=moment.local + shift)


def stamp_of(key: Key) -> str:
    """Return the stamp by which an occurrence is known among those of its series."""
    return stamp(Fixed(key, UTC_ID) if isinstance(key, datetime) else Day(key))


class Periods:
    """Counts the periods of one series that are looked at, at a pace."""

    def __init__(self, pacer: Pacer) -> None:
        self.pacer = pacer
        self._looked_at = 0

    def step(self) -> None:
        """Count one. Raises Unreadable after MAX_PERIODS, and TooMuchWork."""
        self._looked_at += 1
        if self._looked_at > MAX_PERIODS:
            raise Unreadable("RRULE")
        self.pacer.step()


class RecurrenceSet:
    """Tells what the rules of a component name, and what of it is left out.

    start: what the rules count from. periods: those of its series; where they never end, all of
        this raises as `Periods.step`.
    """

    def __init__(
        self, start: IcalMoment, repeats: Repeats, *, zones: Zones, periods: Periods
    ) -> None:
        self.start = start
        self._repeats = repeats
        self._zones = zones
        self._periods = periods

    def named_by(self, rule: Rule, low: datetime, high: datetime) -> Iterator[IcalMoment]:
        """Yield what a rule names from `low` until `high`, in order, left out or not: of whole
        days each time of one that it names."""
        until = self._until(rule)
        for local in occurrences(rule, self.start.local, low, high, self._periods.step):
            if not until(local):
                return
            yield self.start._replace(local=local)

    def is_left_out(self, original: IcalMoment) -> bool:
        """Return whether EXDATE or EXRULE names the occurrence that begins so."""
        never = self._never
        if never and (self._zones.key(original) in never or original.local.date() in never):
            return True
        return any(self._is_named_by(rule, original) for rule in self._repeats.but_not_by)

    def _is_named_by(self, rule: Rule, original: IcalMoment) -> bool:
        return (
            original.zone_id == self.start.zone_id
            and self._until(rule)(original.local)
            and happens_at(rule, self.start.local, original.local, self._periods.step)
        )

    @cached_property
    def _never(self) -> frozenset[Key]:
        return frozenset(self._named(each) for each in self._repeats.but_not)

    def _named(self, moment: IcalMoment) -> Key:
        self._periods.pacer.step()
        return self._zones.named(moment, self.start)

    def _until(self, rule: Rule) -> Callable[[datetime], bool]:
        """Whether the rule still holds at a time. UNTIL may be of another kind than the start."""
        until, start = rule.until, self.start
        if until is None:
            return lambda _local: True
        if until.whole_day or start.whole_day:
            last_day = until.local.date() if until.whole_day else self._zones.day(until)
            return lambda local: local.date() <= last_day
        if until.zone_id == UTC_ID:
            last, zone = until.local.replace(tzinfo=UTC), self._zones.zone(start)
            return lambda local: zone.to_utc(local) <= last
        return lambda local: local <= until.local
