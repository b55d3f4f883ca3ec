"""Works out what completing or moving one occurrence of a repeating task writes: pure.

No server completes an occurrence; each client has its own way, and reads only what it writes itself
(sources of November 2026):

| client | what it writes | what it makes of the other way |
|---|---|---|
| Thunderbird | an override in the same resource | a series that begins later |
| Nextcloud Tasks from 0.18 | an override in a resource of its own, and moves the master | is that |
| Nextcloud Tasks before | completes the master: the series ends | |
| tasks.org, Planify | move the master, COUNT less one | does not move on by itself |
| Evolution | moves the master, COUNT less one; completes the last | does not move on by itself |
| KOrganizer | leaves the master, names the next one in an X- property | |
| caldav (PyPI) | a copy with another UID, and moves the master to the time of the click | |
| todoman | completes the master, which repeats no more; the rest has another UID | |
| Apple Reminders | moves the master, as far as is known | |

So here, as the resource has it:

| the resource holds | an occurrence is completed by |
|---|---|
| one rule, no overrides; it is the master's own | moving the master to the next one |
| the same, and there is no next one | completing the master |
| any override, RDATE, EXRULE, several rules | an override |
| a rule with SKIP, or one that cannot be read or followed | an override |
| an occurrence after the master's own | an override: none before it is skipped |

Moved to another time, an occurrence always is an override: the phase of the series stays.

The master moves to the next occurrence that EXDATE does not name. DTSTART and DUE move by as much
on the wall clock of their zones, in the form they are written in: a clock change, or a DUE in
another zone than DTSTART, costs no time of day. COUNT becomes less by as many as were passed, those
that EXDATE names among them (RFC 5545, section 3.8.5.1: they are taken from a set that COUNT has
made). COMPLETED and PERCENT-COMPLETE go, and STATUS, where there is one, is NEEDS-ACTION. Without
DTSTART, which RFC 5545 asks for and hardly any client writes, the rule counts from DUE.
"""

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from oo_desktop.connectors.icalendar.edit import NotEditable, split_line, with_value
from oo_desktop.connectors.icalendar.lines import Component, Unreadable
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.connectors.icalendar.recurrence import (
    FIRST,
    MAX_BETWEEN_CLOCKS,
    Key,
    Periods,
    RecurrenceSet,
    Zones,
    repeats_from_component,
    stamp_of,
)
from oo_desktop.connectors.icalendar.rules import Rule
from oo_desktop.connectors.icalendar.values import (
    UTC_ID,
    IcalMoment,
    Length,
    length_from_property,
    moment_from_property,
)
from oo_desktop.model.signals import Day, Due, Fixed, Floating

RULES = ("RRULE", "RDATE", "EXDATE", "EXRULE")
"""What makes a component repeat, and what no override has."""

DATES = ("DTSTART", "DUE", "DURATION")
PROGRESS = ("STATUS", "COMPLETED", "PERCENT-COMPLETE")

Changes = Mapping[str, str | None]
"""Lines by the names of their properties; None: it goes."""

_LAST = datetime(9999, 12, 29)  # noqa: DTZ001  # a wall clock's
_COUNT = re.compile(r"(?<=[:;])COUNT=[^;]*", re.IGNORECASE)


class Dates(NamedTuple):
    """Holds when a task begins and is due, as its component says."""

    start: IcalMoment | None = None
    due: IcalMoment | None = None
    length: Length | None = None

    @property
    def deadline(self) -> IcalMoment | None:
        """Return when it is due: by its DUE, its length, or its beginning alone."""
        if self.due is not None or self.start is None or self.length is None:
            return self.due or self.start
        return self.start._replace(local=self.start.local + self.length.nominal())


def dates_of(component: Component) -> Dates:
    """Return the dates of a task. Raises Unreadable."""
    return Dates(
        component.read("DTSTART", moment_from_property),
        component.read("DUE", moment_from_property),
        component.read("DURATION", length_from_property),
    )


class Series:
    """Is a repeating task: its master, by the rules of which it repeats.

    Raises Unreadable where the master has no date.
    """

    def __init__(self, master: Component, zones: Zones, pacer: Pacer) -> None:
        self.zones = zones
        self.dates = dates_of(master)
        anchor = self.dates.start or self.dates.due
        if anchor is None:
            raise Unreadable("DTSTART")
        self.anchor = anchor
        unread: list[str] = []
        repeats = repeats_from_component(master, anchor.local, unread)
        self._rules = repeats.rules
        self._also = [each._replace(whole_day=anchor.whole_day) for each in repeats.also]
        self._recurrence = RecurrenceSet(anchor, repeats, zones=zones, periods=Periods(pacer))
        self.is_plain = (
            len(self._rules) == 1
            and not {"RRULE", "RDATE", "EXRULE"}.intersection(unread)
            and not self._rules[0].skip  # moved to the 28th, it would not find the 31st again
            and "RDATE" not in master.properties
            and not repeats.but_not_by
        )

    def key(self, original: IcalMoment) -> Key:
        """Return which occurrence it is that begins at `original`."""
        return self.zones.key(original)

    def is_left_out(self, original: IcalMoment) -> bool:
        """Return whether EXDATE or EXRULE names that occurrence."""
        return self._recurrence.is_left_out(original)

    def is_named(self, original: IcalMoment, recurrence: IcalMoment) -> bool:
        """Return whether a RECURRENCE-ID means that occurrence."""
        named = self.zones.named(recurrence, self.anchor)
        return named in (self.key(original), original.local.date())

    def find(self, stamp: str) -> IcalMoment | None:
        """Return when the occurrence of that stamp begins; None where there is none.

        Raises Unreadable where the rules cannot be followed as far.
        """
        near = _local_from_stamp(stamp)
        if near is None:
            return None
        low, high = near - MAX_BETWEEN_CLOCKS, near + MAX_BETWEEN_CLOCKS
        for original in self._between(low, high):
            if stamp_of(self.key(original)) == stamp:
                return original
        return None

    def originals(self, after: Key | None = None) -> Iterator[IcalMoment]:
        """Yield when occurrences begin, in order, but for those left out; at first the master's
        own, or the first one after `after`. Raises Unreadable."""
        anchor = self.anchor
        low = anchor.local
        if after is not None:
            at = after if isinstance(after, datetime) else datetime.combine(after, time())
            low = max(low, at.replace(tzinfo=None) - MAX_BETWEEN_CLOCKS)
        for original in self._between(low, _LAST):
            key = self.key(original)
            if (after is None or is_later(key, after)) and not self.is_left_out(original):
                yield original

    def _between(self, low: datetime, high: datetime) -> Iterator[IcalMoment]:
        """All that begin there, left out or not, in order."""
        given = [each for each in (self.anchor, *self._also) if low <= each.local < high]
        if not self._rules:
            yield from sorted(given, key=lambda each: each.local)
            return
        last: IcalMoment | None = None
        for original in _merged([given, *(self._ruled(each, low, high) for each in self._rules)]):
            if original != last:
                yield original
            last = original

    def _ruled(self, rule: Rule, low: datetime, high: datetime) -> Iterator[IcalMoment]:
        for named in self._recurrence.named_by(rule, max(low, FIRST), min(high, _LAST)):
            yield _midnight_of(named) if named.whole_day else named

    def dates_on(self, original: IcalMoment) -> Dates:
        """Return the dates of the occurrence that begins at `original`."""
        start, due, length = self.dates
        return Dates(self._at(original, start), self._at(original, due), length)

    def _at(self, original: IcalMoment, moment: IcalMoment | None) -> IcalMoment | None:
        if moment is None or moment == self.anchor:
            return moment and original
        return self.zones.shifted(moment, self.anchor, original)

    def following(self) -> tuple[IcalMoment, int] | None:
        """Return the next occurrence after the master's own, of a plain series, and how many of
        COUNT it is away; None where there is none. Raises Unreadable."""
        passed = 0
        rule, begin = self._rules[0], self.anchor.local
        for named in self._recurrence.named_by(rule, max(begin, FIRST), _LAST):
            if named.local == begin:
                continue
            passed += 1
            original = _midnight_of(named) if named.whole_day else named
            if original.local > begin and not self.is_left_out(original):
                return original, passed
        return None

    def count(self) -> int | None:
        """Return COUNT of the first rule."""
        return self._rules[0].count if self._rules else None


def _midnight_of(moment: IcalMoment) -> IcalMoment:
    return moment._replace(local=datetime.combine(moment.local.date(), time()))


def is_later(key: Key, other: Key) -> bool:
    """Return whether an occurrence is later than another; a day is all that is on it."""
    if isinstance(key, datetime) and isinstance(other, datetime):
        return key > other
    return _day(key) > _day(other)


def _day(key: Key) -> date:
    return key.date() if isinstance(key, datetime) else key


def _merged(sources: Iterable[Iterable[IcalMoment]]) -> Iterator[IcalMoment]:
    ordered = [sorted(each) if isinstance(each, list) else each for each in sources]
    return heapq.merge(*ordered, key=lambda each: each.local)


def _local_from_stamp(text: str) -> datetime | None:
    for form in ("%Y%m%dT%H%M%SZ", "%Y%m%d"):
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  # near enough on any clock
        except ValueError:
            continue
    return None


# What is written


def moved_on(series: Series, lines: Mapping[str, str]) -> Changes | None:
    """Return what of the master of a plain series changes when its own occurrence is completed;
    None where it is the last one.

    lines: of the master. Raises Unreadable where its rule cannot be followed, and NotEditable.
    """
    found = series.following()
    if found is None:
        return None
    following, passed = found
    changes = dict(dates_at(series, following, lines))
    if series.count() is not None:
        left = (series.count() or 0) - passed
        changes["RRULE"] = _COUNT.sub(f"COUNT={left}", lines["RRULE"], count=1)
    changes |= {"COMPLETED": None, "PERCENT-COMPLETE": None}
    if "STATUS" in lines:
        changes["STATUS"] = "STATUS:NEEDS-ACTION"
    return changes


def dates_at(series: Series, original: IcalMoment, lines: Mapping[str, str]) -> Changes:
    """Return DTSTART and DUE of the occurrence that begins at `original`, as the master's `lines`
    have them. Raises NotEditable."""
    found: dict[str, str | None] = {}
    dates, then = series.dates, series.dates_on(original)
    for name, moment, at in (("DTSTART", dates.start, then.start), ("DUE", dates.due, then.due)):
        if at is not None:
            found[name] = written(name, at, lines.get(name), moment)
    return found


def recurrence_line(original: IcalMoment, lines: Mapping[str, str]) -> str:
    """Return the RECURRENCE-ID of an occurrence, in the form and zone of the master's beginning.

    Raises NotEditable.
    """
    line = lines.get("DTSTART") or lines["DUE"]
    name, _, _ = split_line(line)
    return "RECURRENCE-ID" + with_value(line, value_of(original)).lstrip()[len(name.strip()) :]


def due_changed(dates: Dates, due: Due | None, lines: Mapping[str, str], zones: Zones) -> Changes:
    """Return what changes where a task is moved to be due at `due`. Raises NotEditable.

    DTSTART keeps its distance. A time in a zone stays in that zone, as it is written; one in no
    zone that is to be fixed becomes one in UTC. So no zone is ever needed that is not there, and
    none has to be described. Whole days become times together: DTSTART that of its midnight.
    """
    if due is None:
        return dict.fromkeys(DATES)
    old = dates.deadline
    new = _moment(due, old, zones)
    if old is None:
        return {"DUE": written("DUE", new, lines.get("DUE"), None)}
    found: dict[str, str | None] = {}
    if dates.due is not None:
        found["DUE"] = written("DUE", new, lines.get("DUE"), old)
    if dates.start is not None:
        start = _start(dates, old, new, zones)
        found["DTSTART"] = written("DTSTART", start, lines.get("DTSTART"), dates.start)
    return found


def _start(dates: Dates, old: IcalMoment, new: IcalMoment, zones: Zones) -> IcalMoment:
    start = dates.start
    if start is None or (start == old and dates.due is None):
        return new
    if old.whole_day == new.whole_day:
        return zones.shifted(start, old, new)
    if not start.whole_day or new.whole_day:
        return new._replace(local=new.local - (old.local - start.local))
    days = timedelta(days=(old.local.date() - start.local.date()).days)
    if dates.due is None:
        return new._replace(local=new.local - days)
    return new._replace(local=datetime.combine(new.local.date() - days, time()))


def _moment(due: Due, old: IcalMoment | None, zones: Zones) -> IcalMoment:
    match due:
        case Day(day):
            if old is None or old.whole_day:
                return IcalMoment(datetime.combine(day, time()), None, whole_day=True)
            # A beginning with a time, which is shown as that day: it keeps its time.
            today = zones.instant(old).astimezone(zones.here.zone).date()
            return old._replace(local=old.local + (day - today))
        case Floating(at):
            # A beginning that was shown as a day again and again: it keeps its zone.
            local = _kept_zone(zones.here.to_utc(at), old, zones)
            return local or IcalMoment(at)
        case Fixed(at):
            local = _kept_zone(at, old, zones)
            return local or IcalMoment(at.replace(tzinfo=None), UTC_ID)


def _kept_zone(at: datetime, old: IcalMoment | None, zones: Zones) -> IcalMoment | None:
    """That instant in the zone `old` is written in; None where that is none."""
    if old is None or old.zone_id is None:
        return None
    local = zones.local(at, old.zone_id)
    return None if local is None else IcalMoment(local, old.zone_id)


def is_due(dates: Dates, due: Due | None, zones: Zones) -> bool:
    """Return whether a task with these dates is due then."""
    now = dates.deadline
    if now is None or due is None:
        return now is None and due is None
    match due:
        case Day(day):
            if now.whole_day or dates.due is not None:
                return now.whole_day and now.local.date() == day
            return zones.instant(now).astimezone(zones.here.zone).date() == day
        case Floating(at):
            return not now.whole_day and zones.instant(now) == zones.here.to_utc(at)
        case Fixed(at):
            return not now.whole_day and zones.instant(now) == at


def are_same(dates: Dates, others: Dates, zones: Zones) -> bool:
    """Return whether both say the same, in whichever zone."""
    pairs = ((dates.start, others.start), (dates.due, others.due))
    return dates.length == others.length and all(is_same(*pair, zones) for pair in pairs)


def is_same(one: IcalMoment | None, other: IcalMoment | None, zones: Zones) -> bool:
    """Return whether two moments are the same, in whichever zone each is written."""
    if one == other:
        return True
    if one is None or other is None or one.whole_day or other.whole_day:
        return False
    if (one.zone_id is None) != (other.zone_id is None):
        return False
    return zones.instant(one) == zones.instant(other)


def written(name: str, moment: IcalMoment, line: str | None, old: IcalMoment | None) -> str:
    """Return the line of a moment: as `line`, which says `old`, where it is of the same form.

    Raises NotEditable.
    """
    value = value_of(moment)
    form = moment.whole_day, moment.zone_id
    if line is not None and old is not None and (old.whole_day, old.zone_id) == form:
        return with_value(line, value)
    if moment.zone_id not in (None, UTC_ID):
        raise NotEditable  # it was never written here, so there is no knowing how
    return f"{name}{';VALUE=DATE' if moment.whole_day else ''}:{value}"


def value_of(moment: IcalMoment) -> str:
    """Return a moment as it is written: a DATE or a DATE-TIME (RFC 5545, section 3.3.4 and 5)."""
    at = moment.local
    day = f"{at.year:04}{at:%m%d}"
    if moment.whole_day:
        return day
    return f"{day}T{at:%H%M%S}{'Z' if moment.zone_id == UTC_ID else ''}"
