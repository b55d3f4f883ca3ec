"""Read a calendar: keep everything of it that can still matter, and nothing else.

| a VEVENT | is |
|---|---|
| DTSTART missing or unreadable, its END missing | left out alone, and counted |
| DTSTART:00000000T000000 | left out alone: it is on no day. Evolution makes such birthdays of \
contacts without a year |
| the same, and RECURRENCE-ID says which occurrence it was | that occurrence is left out, too |
| any other property that is empty | as if it were not there |
| any other property that cannot be read | as if it were not there, and noted |
| one value of RDATE or EXDATE that cannot be read | left out alone, and noted |
| RRULE or RDATE unreadable, and nothing of it is seen | counted: more of it may have been on |
| RECURRENCE-ID unreadable | an event beside its series |
| EXRULE | occurrences that are left out (RFC 2445, section 4.8.5.2): Evolution still writes it |
| RRULE, RDATE, EXDATE of an occurrence | not looked at: it is one alone |
| a property twice | the first in capitals that can be read |
| DATE with a time | a whole day (section 3.2.20); in UTC, of the midnight nearest to it |
| X-MICROSOFT-CDO-ALLDAYEVENT, from midnight to midnight | whole days ([MS-OXCICAL]), also where \
the midnights are named in UTC |
| DTEND missing, and DURATION too | that one day, or a moment (section 3.6.1) |
| DTEND before DTSTART, or of the other kind and no midnight | the same |
| DURATION | days of the calendar and exact seconds; where negative, none |
| RDATE that is a period | as long as it says (3.8.5.2) |
| DTEND of a series | an exact length for all of it (3.8.5.3) |
| a TZID that nothing explains | in the zone of whoever looks (`zones` has the rest) |
| STATUS:CANCELLED | left out; of a series, that one occurrence |
| STATUS:TENTATIVE | shown as tentative |
| ATTENDEE of whose calendar it is | declined: as cancelled; tentative, not answered: tentative |
| TRANSP, CLASS | shown all the same: it is the user's own calendar |
| SUMMARY missing | "Busy" where CLASS says it is private, else "(no title)" |
| UID missing | an event of its own |
| the same UID and start twice | the one with the higher SEQUENCE, else the later one |
| SEQUENCE missing or no number | 0 |
| URL | without escapes: no URI has a backslash, and many programs write some |
| URL that is not plain https | left out of the event |
| VALARM that shows or sounds, relative to start or end | a reminder, also without its text; after \
the start only for a whole day, on its first one |
| VALARM at a fixed time, as Apple and Tasks.org write some | a reminder, so long before it; left \
out of a series, which it says nothing about |
| VALARM that cannot be read | left out of the event |
| none of these VALARMs | as the settings say; none for whole days |
| over, and not recurring | dropped: a window only moves on |

(All sections are those of RFC 5545.) A VTIMEZONE that cannot be read explains nothing. A VCALENDAR
that does not end is none: what is not there is not known to be gone.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.connectors.icalendar.lines import (
    Component,
    Property,
    Unreadable,
    components,
    utf8_from_body,
)
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.connectors.icalendar.recurrence import ONCE, Repeats, repeats_from_component
from oo_desktop.connectors.icalendar.values import (
    UTC_ID,
    IcalMoment,
    Length,
    day_from_moment,
    duration_from_text,
    length_from_property,
    moment_from_property,
    text_from_value,
    zone_id_from_text,
)
from oo_desktop.connectors.icalendar.zones import (
    Zone,
    zone_from_name,
    zones_from_component,
)
from oo_desktop.connectors.meeting_links import (
    first_meeting,
    safe_url,
    without_addresses,
)
from oo_desktop.connectors.plain_text import clean
from oo_desktop.model.signals import MAX_REMINDER_MINUTES, YEARS
from oo_desktop.model.text import BUSY, NO_TITLE

T = TypeVar("T")

MAX_ENTRIES = 50_000
"""Events that are not over. Some 40 MB."""

_MAX_ALARMS = 5
"""Reminders of one event: what Google takes, too."""

_MAX_MINUTES_INTO_A_DAY = 24 * 60 - 1
"""A whole day is reminded of until its first one is over: “on the day at 9” is 540."""

MAX_UID = 1000
MAX_SUMMARY = 2000
_MAX_NAME = 100
"""Characters looked at."""

_MAX_ADDRESSES = 5
"""Properties of one name that are looked through for a link to join."""

_KEPT_AFTER = timedelta(days=400)
"""What was said of an occurrence longer ago is no longer needed: none is still on."""

_LINK_PROPERTIES = (
    "X-GOOGLE-CONFERENCE",
    "CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
    "URL",
    "LOCATION",
    "DESCRIPTION",
)
"""Where a link to join may be, from what programs write to what people do."""

_NO_DAY = "00000000"
"""How libical writes a time that is none."""

_ALL_DAY_FLAGS = ("X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT")

EVENT_PROPERTIES = frozenset(
    {
        *_ALL_DAY_FLAGS,
        *("UID", "DTSTART", "DTEND", "DURATION"),
        *("RRULE", "RDATE", "EXRULE", "EXDATE", "RECURRENCE-ID"),
        *("SEQUENCE", "STATUS", "SUMMARY", "CLASS", "ACTION", "TRIGGER", *_LINK_PROPERTIES),
        *("TZID", "TZOFFSETFROM", "TZOFFSETTO", "X-LIC-LOCATION"),
        *("X-WR-CALNAME", "NAME", "X-WR-TIMEZONE", "TIMEZONE-ID", "X-APPLE-CALENDAR-COLOR"),
        *("COLOR",),
    }
)


class NotACalendar(Exception):
    """Says that something else answered. page: a web page did, such as one to sign in."""

    def __init__(self, *, page: bool) -> None:
        super().__init__()
        self.page = page


class IncompleteCalendar(Exception):
    """Says that the end is missing: what is not there is not known to be gone."""


class CalendarTooLarge(Exception):
    """Says that there are more events than oO keeps."""


class LeftOut(NamedTuple):
    """Names what was left out of a calendar, and what of it cannot be read.

    component: such as VEVENT, where all of it was; the property, where that was left out alone.
    unreadable: a property, or the component itself where all of it is broken.
    """

    component: str
    unreadable: str

    @classmethod
    def because(cls, component: str, error: Exception) -> "LeftOut":
        """Name it after what its reading raised."""
        return cls(component, error.name if isinstance(error, Unreadable) else component)


class IcalEntry(Struct, frozen=True, gc=False, kw_only=True):
    """Holds a VEVENT: an event, a series, or what is different about an occurrence of one.

    end: as written; None where `length` says it, or neither does.
    recurrence: which occurrence it stands for. and_future: and for all after it, too.
    unread: its properties that could not be read.
    reminders: minutes before the start; None: as the settings say.
    alarms: when to remind of it as well; none of what repeats.
    """

    uid: str | None
    start: IcalMoment
    end: IcalMoment | None = None
    length: Length | None = None
    repeats: Repeats = ONCE
    recurrence: IcalMoment | None = None
    and_future: bool = False
    sequence: int = 0
    cancelled: bool = False
    tentative: bool = False
    title: str = NO_TITLE
    where: str | None = None
    url: str | None = None
    join_url: str | None = None
    reminders: tuple[int, ...] | None = None
    alarms: tuple[datetime, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def recurs(self) -> bool:
        """Return whether it is a series, also one of which the rule cannot be read."""
        return bool(self.repeats.rules or self.repeats.also) or not self.is_whole

    @property
    def is_whole(self) -> bool:
        """Return whether all is known of when it is."""
        return "RRULE" not in self.unread and "RDATE" not in self.unread

    def longest(self) -> timedelta:
        """Return how long the longest of its occurrences is."""
        if not self.repeats.lengths:
            return self.nominal()
        return max([self.nominal(), *(each.nominal() for each in self.with_own_lengths())])

    def with_own_lengths(self) -> Iterable["IcalEntry"]:
        """Yield the entry as it is at each occurrence that has a length of its own."""
        for start, said in self.repeats.lengths:
            is_length = isinstance(said, Length)
            yield replace(
                self,
                start=start,
                end=None if is_length else said,
                length=said if is_length else None,
                repeats=self.repeats._replace(lengths=()),
            )

    def nominal(self) -> timedelta:
        """Return how long it is, as if no clock were ever changed; never negative."""
        if self.end is not None and self.end.whole_day == self.start.whole_day:
            return max(self.end.local - self.start.local, timedelta())
        if self.length is not None:
            return self.length.nominal()
        return timedelta(days=1) if self.start.whole_day else timedelta()


E = TypeVar("E", bound=IcalEntry)


class IcalCalendar(Struct, frozen=True, kw_only=True):
    """Holds a calendar as it was read.

    fingerprint: of all that can make a difference.
    zone: that of its floating times, by its IANA name.
    zones: those it describes, by their TZID.
    series: all that is said of one UID together.
    left_out: what could not be read, and how often that was so.
    since: what was over before that day is not in it.
    """

    fingerprint: bytes
    name: str = ""
    color: str | None = None
    zone: str | None = None
    zones: Mapping[str, Zone]
    series: tuple[tuple[IcalEntry, ...], ...]
    left_out: Mapping[LeftOut, int]
    since: date


def fingerprint(body: bytes, pacer: Pacer) -> bytes:
    """Return the same for calendars that say the same. Raises TooMuchWork.

    Google writes the moment of asking into every event (DTSTAMP), so no two answers are equal.
    """
    digest = hashlib.sha256()
    for start in range(0, len(body), 1 << 18):
        piece = memoryview(body)[start : start + (1 << 18)]
        digest.update(_TIME_OF_ASKING.sub(b"", piece))
        pacer.step()
    return digest.digest()


_TIME_OF_ASKING = re.compile(rb"\nDTSTAMP:[0-9]{8}T[0-9]{6}Z(?=\r?\n)")


def calendar_from_body(
    body: bytes,
    *,
    since: date,
    owner: str | None = None,
    charset: str | None = None,
    pacer: Pacer,
) -> IcalCalendar:
    """Read a calendar.

    owner: the e-mail address of whose calendar it is, where that is known.
    charset: what the body is said to be written in.

    Raises NotACalendar, IncompleteCalendar, CalendarTooLarge and TooMuchWork.
    """
    digest = fingerprint(body, pacer)
    body = utf8_from_body(body, charset, pacer)
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").upper()
    if not head.startswith(b"BEGIN:VCALENDAR"):
        raise NotACalendar(page=head.startswith(b"<"))
    reading = CalendarReading(since)
    with_value = {"ATTENDEE": frozenset({f"mailto:{owner}"})} if owner else {}
    for component in components(body, EVENT_PROPERTIES, pacer, with_value=with_value):
        reading.take(component)
        pacer.step()
    return reading.calendar(digest)


class CalendarReading:
    """Holds what has been read of a calendar so far.

    since: what was over before that day is dropped.
    """

    def __init__(self, since: date) -> None:
        self._since = datetime(since.year, since.month, since.day)  # noqa: DTZ001  # a wall clock's
        self._by_uid: dict[str, list[IcalEntry]] = {}
        self._alone: list[IcalEntry] = []
        self._zones: dict[str, Zone] = {}
        self._left_out: Counter[LeftOut] = Counter()
        self._head: Component | None = None
        self._size = 0

    def take(self, component: Component) -> None:
        """Take one component; what makes no sense is left out, and counted.

        Raises IncompleteCalendar and CalendarTooLarge.
        """
        try:
            match component.name:
                case "VEVENT":
                    self._take_event(component)
                case "VTIMEZONE":
                    self._zones |= zones_from_component(component)
                case "VCALENDAR":
                    self._take_calendar(component)
        except (ValueError, OverflowError) as error:
            self._left_out[LeftOut.because(component.name, error)] += 1

    def _take_event(self, component: Component) -> None:
        try:
            entry = entry_from_component(component, self._since)
        except (ValueError, OverflowError) as error:
            self._left_out[LeftOut.because(component.name, error)] += 1
            entry = _hidden_occurrence(component)
        if entry is None:
            return
        for name in entry.unread:
            self._left_out[LeftOut(name, name)] += 1
        self._size += 1
        if self._size > MAX_ENTRIES:
            raise CalendarTooLarge
        if entry.uid is None:
            self._alone.append(entry)
        else:
            self._by_uid.setdefault(entry.uid, []).append(entry)

    def _take_calendar(self, component: Component) -> None:
        if component.broken:
            raise IncompleteCalendar
        if self._head is None or not self._head.properties:
            self._head = component

    def calendar(self, digest: bytes) -> IcalCalendar:
        """Return all of it. Raises IncompleteCalendar where none has begun and ended."""
        head = self._head
        if head is None:
            raise IncompleteCalendar
        zone = zone_from_name(zone_id_from_text(head.value("X-WR-TIMEZONE", "TIMEZONE-ID")) or "")
        return IcalCalendar(
            fingerprint=digest,
            name=clean(text_from_value(head.value("X-WR-CALNAME", "NAME")), longest=_MAX_NAME),
            color=_color(head.value("X-APPLE-CALENDAR-COLOR", "COLOR")),
            zone=zone.name if zone else None,
            zones=self._zones,
            series=(
                *(tuple(newest(entries)) for entries in self._by_uid.values()),
                *((entry,) for entry in self._alone),
            ),
            left_out=self._left_out,
            since=self._since.date(),
        )


def newest(entries: Iterable[E]) -> Iterable[E]:
    """Return of each event and each occurrence of one UID what was said last."""
    found: dict[tuple[IcalMoment | None, IcalMoment | None, bool], E] = {}
    for entry in entries:
        beside = "RECURRENCE-ID" in entry.unread  # its series must not be lost to it
        key = (entry.recurrence, None if entry.recurrence else entry.start, beside)
        before = found.get(key)
        if before is None or entry.sequence >= before.sequence:
            found[key] = entry
    return found.values()


def _color(text: str) -> str | None:
    found = re.match(r"#[0-9A-Fa-f]{6}", text)
    return found[0].upper() if found else None


# Events


def entry_from_component(component: Component, since: datetime) -> IcalEntry | None:
    """Return the event in a VEVENT; None for one that was over before `since`, or is on no day.

    since: a wall-clock time, far enough in the past for any zone.
    Raises Unreadable.
    """
    if component.broken:
        raise Unreadable(component.name)
    if component.value("DTSTART").startswith(_NO_DAY):
        return None
    unread: list[str] = []
    recurrence = read_alone(component, "RECURRENCE-ID", moment_from_property, unread)
    length = read_alone(component, "DURATION", length_from_property, unread)
    start, end = _whole_days_if_meant(
        component,
        component.required("DTSTART", moment_from_property),
        read_alone(component, "DTEND", moment_from_property, unread),
    )
    repeats = ONCE
    if recurrence is None:
        repeats = repeats_from_component(component, start.local, unread)
    entry = IcalEntry(
        uid=component.value("UID")[:MAX_UID] or None,
        start=start,
        end=end,
        length=length,
        repeats=repeats,
        recurrence=recurrence,
        and_future=is_for_all_after(component),
        unread=tuple(unread),
    )
    if _is_over(entry, since):
        return None
    status = component.value("STATUS").upper()
    answer = parameter_of(component.first("ATTENDEE"), "PARTSTAT")  # no other guest is kept
    return replace(
        entry,
        sequence=sequence_of(component),
        cancelled=status == "CANCELLED" or answer == "DECLINED",
        tentative=status == "TENTATIVE" or answer in ("TENTATIVE", "NEEDS-ACTION"),
        title=_title(component),
        where=clean(without_addresses(text_from_value(component.value("LOCATION")))) or None,
        url=safe_url(text_from_value(component.value("URL"))),
        join_url=_join_url(component),
        reminders=_reminders(component, entry),
        alarms=() if entry.recurs or entry.and_future else alarms_at(component),
    )


def read_alone(
    component: Component, name: str, reader: Callable[[Property], T], unread: list[str]
) -> T | None:
    """Return what the property says; where it cannot be read, add its name to `unread`."""
    if name not in component.properties and name not in component.unreadable:
        return None
    try:
        return component.read(name, reader)
    except Unreadable:
        unread.append(name)
        return None


def _whole_days_if_meant(
    component: Component, start: IcalMoment, end: IcalMoment | None
) -> tuple[IcalMoment, IcalMoment | None]:
    if start.whole_day:
        return start, end and day_from_moment(end)
    if component.value(*_ALL_DAY_FLAGS).upper() != "TRUE":
        return start, end
    day, after = day_from_moment(start), end and day_from_moment(end)
    return (start, end) if day is None or (end is not None and after is None) else (day, after)


def is_for_all_after(component: Component) -> bool:
    """Return whether it stands for its occurrence and all after it (RFC 5545, section 3.2.13)."""
    return parameter_of(component.first("RECURRENCE-ID"), "RANGE") == "THISANDFUTURE"


def _hidden_occurrence(component: Component) -> IcalEntry | None:
    """What is known of an occurrence that cannot be read: that it is not where it was (3.8.4.4)."""
    try:
        recurrence = component.read("RECURRENCE-ID", moment_from_property)
    except Unreadable:
        return None
    uid, sequence = component.value("UID")[:MAX_UID], sequence_of(component)
    if recurrence is None or not uid:
        return None
    return IcalEntry(
        uid=uid,
        start=recurrence,
        recurrence=recurrence,
        and_future=is_for_all_after(component),
        sequence=sequence,
        cancelled=True,
    )


def sequence_of(component: Component) -> int:
    """Return its SEQUENCE; 0 where there is none, or no number."""
    text = component.value("SEQUENCE")
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0


def _is_over(entry: IcalEntry, since: datetime) -> bool:
    """Whether nothing of it can ever be on again after `since`, wherever one is."""
    if entry.recurrence is not None:
        is_long_ago = since - entry.recurrence.local > _KEPT_AFTER
        return is_long_ago and not entry.and_future and since - entry.start.local > entry.nominal()
    if "RRULE" in entry.unread or "RDATE" in entry.unread:
        return False
    last = entry.start.local
    if entry.repeats.also:
        last = max(last, *(each.local for each in entry.repeats.also))
    for rule in entry.repeats.rules:
        if rule.until is None:
            return False
        last = max(last, rule.until.local)
    return since - last > entry.longest()


def parameter_of(found: Property | None, name: str) -> str:
    """Return a parameter of a property, in capitals; empty where nothing says it."""
    return found.parameters.get(name, "").upper() if found else ""


def _title(component: Component) -> str:
    title = clean(text_from_value(component.value("SUMMARY")[:MAX_SUMMARY]))
    if title:
        return title
    hidden = component.value("CLASS").upper() in ("PRIVATE", "CONFIDENTIAL")
    return BUSY if hidden else NO_TITLE


def _join_url(component: Component) -> str | None:
    return first_meeting(
        text_from_value(found.value)
        for name in _LINK_PROPERTIES
        for found in component.all(name)[:_MAX_ADDRESSES]
        if "https:" in found.value
    )


def _reminders(component: Component, entry: IcalEntry) -> tuple[int, ...] | None:
    minutes = minutes_before(
        component, whole_day=entry.start.whole_day, of_start=timedelta(), of_end=-entry.nominal()
    )
    return minutes or (() if entry.start.whole_day else None)


def minutes_before(
    component: Component, *, whole_day: bool, of_start: timedelta, of_end: timedelta
) -> tuple[int, ...]:
    """Return how many minutes before something its alarms are that show or sound, each once.

    Those at a fixed time are told by `alarms_at`; those that are too late or make no sense are left
    out.

    whole_day: it is one, so an alarm may be after its beginning.
    of_start, of_end: what to add to what an alarm says of the start or the end (RELATED).
    """
    minutes = (
        before // timedelta(minutes=1)
        for each in _shown_alarms(component)
        if (before := _before(each, of_start, of_end)) is not None
    )
    return sensible_minutes(minutes, whole_day=whole_day)


def sensible_minutes(minutes: Iterable[int], *, whole_day: bool) -> tuple[int, ...]:
    """Return those minutes before something at which to remind of it, each once, in their order."""
    least = -_MAX_MINUTES_INTO_A_DAY if whole_day else 0
    sensible = {each for each in minutes if least <= each <= MAX_REMINDER_MINUTES}
    return tuple(sorted(sensible, reverse=True)[:_MAX_ALARMS])


def alarms_at(component: Component) -> tuple[datetime, ...]:
    """Return the instants at which alarms show or sound that name one (RFC 5545, 3.8.6.3)."""
    found = []
    for alarm in _shown_alarms(component):
        try:
            moment = alarm.read("TRIGGER", moment_from_property)
        except Unreadable:
            continue
        if moment is None or moment.zone_id != UTC_ID or moment.local.year not in YEARS:
            continue
        found.append(moment.local.replace(tzinfo=UTC))
    return tuple(found[:_MAX_ALARMS])


def _shown_alarms(component: Component) -> list[Component]:
    return [
        each
        for each in component.components
        if each.name == "VALARM" and each.value("ACTION").upper() in ("DISPLAY", "AUDIO")
    ]


def _before(alarm: Component, of_start: timedelta, of_end: timedelta) -> timedelta | None:
    try:
        trigger = alarm.read("TRIGGER", lambda found: duration_from_text(found.value))
    except Unreadable:
        return None
    if trigger is None or alarm.broken:
        return None
    sign, length = trigger
    at_end = parameter_of(alarm.first("TRIGGER"), "RELATED") == "END"
    return -sign * length.nominal() + (of_end if at_end else of_start)
