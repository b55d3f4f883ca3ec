"""Make events of a calendar and a window of time: pure, apart from the pace.

Occurrences are worked out in the wall-clock time of their own zone and then become instants, so
that a meeting at nine stays at nine when the clocks change. An occurrence is known by when it was
to begin: that is what EXDATE and RECURRENCE-ID name, as an instant, or as a day where they name
one. What is different for "this and future" moves all that follows by as much.

| | counts in |
|---|---|
| whole days, and the days of the window | the zone of whoever looks: a DATE is their day (3.3.4) |
| times without a zone | the calendar's zone (X-WR-TIMEZONE), else that of whoever looks |
| a whole day that UNTIL, EXDATE or RECURRENCE-ID names as an instant in UTC | the same; but \
midnight in UTC is that day wherever one is, as programs write it that know no zones |

The window ends where an event may begin no more; what began before it and is still on is in it. A
series with more than `MAX_OCCURRENCES` in the window (every minute, for ever) is left out as one
that makes no sense.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from oo_desktop.connectors.icalendar.rules import Rule, happens_at, occurrences
from oo_desktop.connectors.icalendar.values import UTC_ID, IcalMoment
from oo_desktop.connectors.icalendar.zones import IanaZone, Zone, zone_from_id
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
    stamp,
)
from oo_desktop.model.zones import zone_named

MAX_OCCURRENCES = 500
"""Of one series in one window: every six minutes for two days."""

MAX_PERIODS = 50_000
"""Periods of one series that are looked at: every day since 1890."""

MAX_EVENTS = 10_000

_MAX_UID_IN_ID = 300
"""Characters of a UID in an id; a longer one is hashed."""

MAX_BETWEEN_CLOCKS = timedelta(hours=26)
"""No two clocks in the world are farther apart."""

_FIRST = datetime(1, 1, 3)  # noqa: DTZ001  # a wall clock's

Key = datetime | date
"""When an occurrence was to begin: an instant, or a day."""


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
    """Return the zone in which times without one are, as the table above has it."""
    return IanaZone(zone_named(calendar.zone) or window.zone)


def occurrences_from_calendar(
    calendar: IcalCalendar, window: Window, left_out: Counter[LeftOut], pacer: Pacer
) -> Iterator[Occurrence]:
    """Yield what happens in the window, series by series; what cannot be told is counted in
    `left_out`. Raises TooMuchWork."""
    here = zone_of_floating(calendar, window)
    for series in calendar.series:
        try:
            expanded = _EventSeries(series, calendar.zones, window, here, pacer)
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
        zones: Mapping[str, Zone],
        window: Window,
        here: IanaZone,
        pacer: Pacer,
    ) -> None:
        self._window = window
        self._pacer = pacer
        self._zones = zones
        self._here = here
        self._periods = 0
        self._masters = [entry for entry in entries if entry.recurrence is None]
        self._changed = [entry for entry in entries if entry.recurrence is not None]

    def _for_all_after(self) -> list[E]:
        """What was said of an occurrence and all after it, in order."""
        return sorted(
            (entry for entry in self._changed if entry.and_future),
            key=lambda entry: self._instant(known(entry.recurrence)),
        )

    def _moved(self, master: E, start: IcalMoment, later: Sequence[E]) -> tuple[E, IcalMoment]:
        """What an occurrence becomes by what was said of it and all before it."""
        at = self._instant(start) if later else None
        for entry in reversed(later):
            said = known(entry.recurrence)
            if at is not None and self._instant(said) <= at:
                local = start.local + self._shift(entry)
                return entry, IcalMoment(local, start.zone_id, entry.start.whole_day)
        return master, start

    def _shift(self, entry: E) -> timedelta:
        said = known(entry.recurrence)
        if entry.start.whole_day:
            return entry.start.local - datetime.combine(self._day(said), time())
        if said.zone_id == entry.start.zone_id or said.whole_day:
            return entry.start.local - said.local
        return self._instant(entry.start) - self._instant(said)

    # When it happens

    def _until(self, rule: Rule, start: IcalMoment) -> Callable[[datetime], bool]:
        """Whether the rule still holds at a time. UNTIL may be of another kind than the start."""
        until = rule.until
        if until is None:
            return lambda _local: True
        if until.whole_day or start.whole_day:
            last_day = until.local.date() if until.whole_day else self._day(until)
            return lambda local: local.date() <= last_day
        if until.zone_id == UTC_ID:
            last, zone = until.local.replace(tzinfo=UTC), self._zone(start)
            return lambda local: zone.to_utc(local) <= last
        return lambda local: local <= until.local

    def _excluded(self, master: E) -> set[Key]:
        never = set()
        for each in master.but_not:
            never.add(self._named(each, master.start))
            self._pacer.step()
        return never

    def _is_ruled_out(self, master: E, start: IcalMoment) -> bool:
        """Whether a rule says that it is left out."""
        return start.zone_id == master.start.zone_id and any(
            self._until(rule, master.start)(start.local)
            and happens_at(rule, master.start.local, start.local, self._step)
            for rule in master.but_not_by
        )

    def _step(self) -> None:
        self._periods += 1
        if self._periods > MAX_PERIODS:
            raise Unreadable("RRULE")
        self._pacer.step()

    # What time that is

    def _zone(self, moment: IcalMoment) -> Zone:
        return zone_from_id(moment.zone_id, self._zones, self._here)

    def _instant(self, moment: IcalMoment) -> datetime:
        return self._zone(moment).to_utc(moment.local)

    def _key(self, moment: IcalMoment) -> Key:
        return moment.local.date() if moment.whole_day else self._instant(moment)

    def _day(self, moment: IcalMoment) -> date:
        """The whole day that a moment names, as the table above has it."""
        if moment.zone_id != UTC_ID or moment.local.time() == time():
            return moment.local.date()
        at = moment.local.replace(tzinfo=UTC)
        return at.astimezone(self._here.zone).date()

    def _named(self, moment: IcalMoment, start: IcalMoment | None) -> Key:
        """The occurrence that is meant of a series that begins at `start`, also where the kind of
        time is not the same."""
        if start is not None and start.whole_day:
            return self._day(moment)
        if start is not None and moment.zone_id is None:
            moment = moment._replace(zone_id=start.zone_id)
        return self._key(moment)


class _EventSeries(Series[IcalEntry]):
    """Tells which events of a series are in the window."""

    def in_window(self) -> Iterator[Occurrence]:
        begins = self._masters[0].start if self._masters else None
        changed = {self._named(known(e.recurrence), begins): e for e in self._changed}
        later = self._for_all_after()
        for master in self._masters:
            for start in self._starts(master, later):
                if self._key(start) in changed or start.local.date() in changed:
                    continue
                entry, moved = self._moved(master, start, later)
                if entry is master and master.lengths:
                    entry = self._as_long_as_said(master, start)
                yield from self._if_seen(entry, moved, self._key(start))
        for key, entry in changed.items():
            yield from self._if_seen(entry, entry.start, key)

    def _if_seen(self, entry: IcalEntry, start: IcalMoment, original: Key) -> Iterator[Occurrence]:
        if entry.cancelled:
            return
        begin, end = self._key(start), self._end(entry, start)
        window: tuple[Key, Key] = (self._window.begin, self._window.end)
        if start.whole_day:
            window = (self._window.first, self._window.after)
        # Comparable: all of them are days, or all of them are instants.
        if begin < window[1] and (end > window[0] or begin >= window[0]):
            yield Occurrence(entry, begin, end, original)

    def _as_long_as_said(self, master: IcalEntry, start: IcalMoment) -> IcalEntry:
        for each in master.with_own_lengths():
            if self._key(like(each.start, master.start)) == self._key(start):
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
        given = [master.start, *(like(each, master.start) for each in master.also)]
        starts = [start for start in given if low <= start.local < high]
        starts += [master.start._replace(local=local) for local in self._ruled(master, low, high)]
        if not starts:
            return []
        never = self._excluded(master)
        by_key = {self._key(start): start for start in starts}
        return [
            start
            for key, start in by_key.items()
            if key not in never
            and start.local.date() not in never
            and not self._is_ruled_out(master, start)
        ]

    def _ruled(self, master: IcalEntry, low: datetime, high: datetime) -> list[datetime]:
        found: dict[datetime, None] = {}  # a set that keeps its order
        for rule in master.rules:
            goes_on = self._until(rule, master.start)
            for local in occurrences(rule, master.start.local, low, high, self._step):
                if not goes_on(local):
                    break
                found[local] = None
                if len(found) > MAX_OCCURRENCES:
                    raise Unreadable("RRULE")
        return list(found)

    def _end(self, entry: IcalEntry, start: IcalMoment) -> Key:
        if start.whole_day:
            days = max(1, entry.nominal().days)
            return _day(start.local.toordinal() + days)
        begin = self._instant(start)
        if entry.end is not None and not entry.end.whole_day:
            exact = self._instant(entry.end) - self._instant(entry.start)
            return plus(begin, max(exact, timedelta()))
        if entry.length is None:
            return begin
        nominal = start._replace(local=plus(start.local, timedelta(days=entry.length.days)))
        return plus(self._instant(nominal), timedelta(seconds=entry.length.seconds))


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
    return at - by if at - _FIRST.replace(tzinfo=at.tzinfo) > by else _FIRST


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


def stamp_of(key: Key) -> str:
    """Return what tells an occurrence from others of its series."""
    return stamp(Fixed(key, UTC_ID) if isinstance(key, datetime) else Day(key))


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
