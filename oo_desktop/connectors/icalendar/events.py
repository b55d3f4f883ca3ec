"""Make events of a calendar and a window of time: pure, apart from the pace.

Which occurrences there are, `recurrence` tells. What is different for "this and future" moves all
that follows by as much. The days of the window are those of whoever looks; times without a zone are
in the calendar's (X-WR-TIMEZONE), else in that of whoever looks.

The window ends where an event may begin no more; what began before it and is still on is in it. A
series with more than `MAX_OCCURRENCES` in the window (every minute, for ever) is left out as one
that makes no sense.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.connectors.icalendar.calendar import (
    IcalCalendar,
    IcalEntry,
    LeftOut,
    sensible_minutes,
)
from oo_desktop.connectors.icalendar.lines import Unreadable
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.connectors.icalendar.recurrence import (
    FIRST,
    MAX_BETWEEN_CLOCKS,
    Key,
    Periods,
    RecurrenceSet,
    Zones,
    stamp_of,
)
from oo_desktop.connectors.icalendar.values import UTC_ID, IcalMoment
from oo_desktop.connectors.icalendar.zones import IanaZone, zone_from_id
from oo_desktop.connectors.plain_text import clean
from oo_desktop.model.signals import (
    Container,
    Day,
    Due,
    Event,
    Fixed,
    Floating,
    ProviderId,
    SignalId,
    UserId,
)
from oo_desktop.model.zones import zone_named

MAX_OCCURRENCES = 500
"""Of one series in one window: every six minutes for two days."""

MAX_EVENTS = 10_000

_MAX_UID_IN_ID = 300
"""Characters of a UID in an id; a longer one is hashed."""

E = TypeVar("E", bound=IcalEntry)


class TooManyEvents(Exception):
    """Says that there are more events than anyone could look at."""


class Window(Struct, frozen=True):
    """Spans from the beginning of a day to the end of another, in the account's zone."""

    zone: ZoneInfo
    first: date
    days: int

    @property
    def after(self) -> date:
        """Return the day after the last."""
        return self.first + timedelta(days=self.days)

    @property
    def begin(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.after, time(), self.zone).astimezone(UTC)


class Expansion(NamedTuple):
    """Holds the events in a window, in the order in which they begin, and what was left out."""

    events: tuple[Event, ...]
    left_out: Mapping[LeftOut, int]


class Occurrence(Struct, frozen=True):
    """Holds one event as it is to be shown. original: when it was to begin, before it was moved."""

    entry: IcalEntry
    start: Key
    end: Key
    original: Key


def events_from_calendar(
    calendar: IcalCalendar,
    window: Window,
    *,
    source: ProviderId,
    user_id: UserId,
    name: str,
    pacer: Pacer,
) -> Expansion:
    """Return the events in the window, and what of the calendar is left out, series by series.

    source: whose events they become. name: what the calendar is called where it does not say.

    Raises TooManyEvents and TooMuchWork.
    """
    container = Container(calendar.name or name, calendar.color)
    here = zone_of_floating(calendar, window)
    found: dict[SignalId, tuple[tuple[float, bool], Event]] = {}
    left_out = Counter(calendar.left_out)
    for each in occurrences_from_calendar(calendar, window, left_out, pacer):
        event = event_from_occurrence(
            each, here, id_=_id(each), source=source, user_id=user_id, container=container
        )
        found[event.id] = (order_of(each, window), event)
        if len(found) > MAX_EVENTS:
            raise TooManyEvents
    ordered = sorted(found.values(), key=lambda pair: pair[0])
    return Expansion(tuple(event for _, event in ordered), left_out)


def zone_of_floating(calendar: IcalCalendar, window: Window) -> IanaZone:
    """Return the zone in which times without one are."""
    return IanaZone(zone_named(calendar.zone) or window.zone)


def occurrences_from_calendar(
    calendar: IcalCalendar, window: Window, left_out: Counter[LeftOut], pacer: Pacer
) -> Iterator[Occurrence]:
    """Yield what happens in the window, series by series; what cannot be told is counted in
    `left_out`. Raises TooMuchWork."""
    zones = Zones(calendar.zones, zone_of_floating(calendar, window))
    for series in calendar.series:
        try:
            expanded = _EventSeries(series, zones, window, pacer)
            happening = list(expanded.in_window())
        except (ValueError, OverflowError) as error:
            left_out[LeftOut.because("VEVENT", error)] += 1
            continue
        yield from happening
        if not happening:
            left_out.update(_unseen(series))
        pacer.step()


def _unseen(series: Sequence[IcalEntry]) -> Iterator[LeftOut]:
    """What may have been on, had it been readable."""
    for entry in series:
        if entry.unread and not entry.cancelled:
            unread = [name for name in ("RRULE", "RDATE") if name in entry.unread]
            yield from (LeftOut("VEVENT", name) for name in unread[:1])


class Series(Generic[E]):
    """Holds all that is said of one UID, and tells when that is; for one window."""

    def __init__(
        self,
        entries: Sequence[E],
        zones: Zones,
        window: Window,
        pacer: Pacer,
    ) -> None:
        self._window = window
        self._zones = zones
        self._periods = Periods(pacer)
        self._masters = [entry for entry in entries if entry.recurrence is None]
        self._changed = [entry for entry in entries if entry.recurrence is not None]

    def _for_all_after(self) -> list[E]:
        """What was said of an occurrence and all after it, in order."""
        return sorted(
            (entry for entry in self._changed if entry.and_future),
            key=lambda entry: self._zones.instant(known(entry.recurrence)),
        )

    def _moved(self, master: E, start: IcalMoment, later: Sequence[E]) -> tuple[E, IcalMoment]:
        """What an occurrence becomes by what was said of it and all before it."""
        at = self._zones.instant(start) if later else None
        for entry in reversed(later):
            said = known(entry.recurrence)
            if at is not None and self._zones.instant(said) <= at:
                local = start.local + self._shift(entry)
                return entry, IcalMoment(local, start.zone_id, entry.start.whole_day)
        return master, start

    def _shift(self, entry: E) -> timedelta:
        said = known(entry.recurrence)
        if entry.start.whole_day:
            return entry.start.local - datetime.combine(self._zones.day(said), time())
        if said.zone_id == entry.start.zone_id or said.whole_day:
            return entry.start.local - said.local
        return self._zones.instant(entry.start) - self._zones.instant(said)

    def _recurrence(self, master: E) -> RecurrenceSet:
        return RecurrenceSet(master.start, master.repeats, zones=self._zones, periods=self._periods)


class _EventSeries(Series[IcalEntry]):
    """Tells which events of a series are in the window."""

    def in_window(self) -> Iterator[Occurrence]:
        begins = self._masters[0].start if self._masters else None
        changed = {self._zones.named(known(e.recurrence), begins): e for e in self._changed}
        later = self._for_all_after()
        for master in self._masters:
            for start in self._starts(master, later):
                if self._zones.key(start) in changed or start.local.date() in changed:
                    continue
                entry, moved = self._moved(master, start, later)
                if entry is master and master.repeats.lengths:
                    entry = self._as_long_as_said(master, start)
                yield from self._if_seen(entry, moved, self._zones.key(start))
        for key, entry in changed.items():
            yield from self._if_seen(entry, entry.start, key)

    def _if_seen(self, entry: IcalEntry, start: IcalMoment, original: Key) -> Iterator[Occurrence]:
        if entry.cancelled:
            return
        begin, end = self._zones.key(start), self._end(entry, start)
        window: tuple[Key, Key] = (self._window.begin, self._window.end)
        if start.whole_day:
            window = (self._window.first, self._window.after)
        # Comparable: all of them are days, or all of them are instants.
        if begin < window[1] and (end > window[0] or begin >= window[0]):
            yield Occurrence(entry, begin, end, original)

    def _as_long_as_said(self, master: IcalEntry, start: IcalMoment) -> IcalEntry:
        for each in master.with_own_lengths():
            if self._zones.key(like(each.start, master.start)) == self._zones.key(start):
                return each
        return master

    def _starts(self, master: IcalEntry, later: Sequence[IcalEntry]) -> list[IcalMoment]:
        """When the series is to begin, as its own rules say, near the window."""
        longest = max([master.longest(), *(entry.nominal() for entry in later)])
        shift = max([abs(self._shift(entry)) for entry in later], default=timedelta())
        low = minus(
            self._window.begin.replace(tzinfo=None), longest + shift + 2 * MAX_BETWEEN_CLOCKS
        )
        high = plus(self._window.end.replace(tzinfo=None), shift + MAX_BETWEEN_CLOCKS)
        recurrence = self._recurrence(master)
        given = [master.start, *(like(each, master.start) for each in master.repeats.also)]
        found = {self._zones.key(start): start for start in given if low <= start.local < high}
        for rule in master.repeats.rules:
            for start in recurrence.named_by(rule, low, high):
                found[self._zones.key(start)] = start
                if len(found) > len(given) + MAX_OCCURRENCES:
                    raise Unreadable("RRULE")
        return [start for start in found.values() if not recurrence.is_left_out(start)]

    def _end(self, entry: IcalEntry, start: IcalMoment) -> Key:
        if start.whole_day:
            days = max(1, entry.nominal().days)
            return _day(start.local.toordinal() + days)
        begin = self._zones.instant(start)
        if entry.end is not None and not entry.end.whole_day:
            exact = self._zones.instant(entry.end) - self._zones.instant(entry.start)
            return plus(begin, max(exact, timedelta()))
        if entry.length is None:
            return begin
        nominal = start._replace(local=plus(start.local, timedelta(days=entry.length.days)))
        return plus(self._zones.instant(nominal), timedelta(seconds=entry.length.seconds))


def known(moment: IcalMoment | None) -> IcalMoment:
    """Return the RECURRENCE-ID of what has one. Raises Unreadable for None."""
    if moment is None:
        raise Unreadable("RECURRENCE-ID")
    return moment


def like(moment: IcalMoment, start: IcalMoment) -> IcalMoment:
    """Return another beginning: a whole day, or none, as the series is."""
    return moment._replace(whole_day=start.whole_day)


def _day(ordinal: int) -> date:
    return date.fromordinal(min(ordinal, date.max.toordinal()))


def minus(at: datetime, by: timedelta) -> datetime:
    """Return what is earlier, within the calendar."""
    return at - by if at - FIRST.replace(tzinfo=at.tzinfo) > by else FIRST


def plus(at: datetime, by: timedelta) -> datetime:
    """Return what is later, within the calendar."""
    try:
        return at + by
    except OverflowError:
        return datetime.max.replace(tzinfo=at.tzinfo)


# As signals


def event_from_occurrence(
    each: Occurrence,
    here: IanaZone,
    *,
    id_: SignalId,
    source: ProviderId,
    user_id: UserId,
    container: Container,
) -> Event:
    """Return the signal of an event. here: the zone of its floating times."""
    entry = each.entry
    start, end = _due(each.start, entry, here), _due(each.end, entry, here)
    return Event(
        id=id_,
        source=source,
        user_id=user_id,
        title=entry.title,
        url=entry.url,
        container=container,
        start=start,
        end=end,
        join_url=entry.join_url,
        where=entry.where,
        tentative=entry.tentative,
        twin=_twin(each),
        reminders=reminders_of(entry, start, here),
    )


def reminders_of(entry: IcalEntry, start: Due, here: IanaZone) -> tuple[int, ...] | None:
    """Return how many minutes before `start` to remind of an entry; None: as the settings say.

    here: the zone of floating times, and of whole days.
    """
    if not entry.alarms:
        return entry.reminders
    minutes = (_before(start, at, here) // timedelta(minutes=1) for at in entry.alarms)
    both = (*(entry.reminders or ()), *minutes)
    return sensible_minutes(both, whole_day=isinstance(start, Day)) or entry.reminders


def _before(start: Due, at: datetime, here: IanaZone) -> timedelta:
    match start:
        case Day(day):  # on the clock, as other reminders of whole days
            return datetime.combine(day, time()) - at.astimezone(here.zone).replace(tzinfo=None)
        case Floating(local):
            return here.to_utc(local) - at
        case Fixed(instant):
            return instant - at


def _due(key: Key, entry: IcalEntry, here: IanaZone) -> Day | Fixed:
    if not isinstance(key, datetime):
        return Day(key)
    zone = zone_from_id(entry.start.zone_id, {}, here)
    return Fixed(key, zone.name or here.name or UTC_ID)


def _id(each: Occurrence) -> SignalId:
    uid = quote(each.entry.uid or "", safe="@")
    if not uid or len(uid) > _MAX_UID_IN_ID:
        said = each.entry.uid or _content(each.entry)
        uid = hashlib.sha256(said.encode()).hexdigest()[:32]
    return SignalId(f"{uid}/{stamp_of(each.original)}")


def _content(entry: IcalEntry) -> str:
    """What tells an event without a UID from others.

    As oO 0.1.0 wrote it: another text makes another id, and what was said of the event is lost.
    """
    local, zone_id, whole_day = entry.start
    start = f"Moment(local={local!r}, zone_id={zone_id!r}, whole_day={whole_day!r})"
    return f"{entry.title}\n{start}\n{entry.where}"


def _twin(each: Occurrence) -> str | None:
    """As for Google's events: the same meeting may be on a calendar there, too."""
    uid = each.entry.uid
    if not uid or len(uid) > _MAX_UID_IN_ID:
        return None
    return f"{clean(uid)} {stamp_of(each.original)}"


def order_of(each: Occurrence, window: Window) -> tuple[float, bool]:
    """Return what puts occurrences in their order: by the beginning, whole days first."""
    if isinstance(each.start, datetime):
        return each.start.timestamp(), True
    return datetime.combine(each.start, time(), window.zone).timestamp(), False
