"""A calendar as it is kept: everything of it that can still matter, and nothing else.

| a VEVENT | is |
|---|---|
| DTSTART missing or no date, a rule that makes no sense | left out alone, and counted |
| DTEND missing | that one day, or a moment (section 3.6.1) |
| DTEND before DTSTART, or of the other kind | the same |
| DURATION | days of the calendar and exact seconds |
| DTEND of a series | an exact length for all of it (3.8.5.3) |
| STATUS:CANCELLED | left out; of a series, that one occurrence |
| STATUS:TENTATIVE | shown as tentative |
| ATTENDEE of whose calendar it is | declined: as cancelled; tentative, not answered: tentative |
| TRANSP, CLASS | shown all the same: it is the user's own calendar |
| SUMMARY missing | "Busy" where CLASS says it is private, else "(no title)" |
| UID missing | an event of its own |
| the same UID and start twice | the one with the higher SEQUENCE, else the later one |
| VALARM that shows or sounds, relative to start or end | a reminder, also without its text; after \
the start only for a whole day, on its first one |
| none of these VALARMs | as the settings say; none for whole days |
| over, and not recurring | dropped: a window only moves on |

(All sections are those of RFC 5545.)
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct

from oo_desktop.connectors.ical.lines import Part, parts
from oo_desktop.connectors.ical.pacing import Pace
from oo_desktop.connectors.ical.rules import Rule, rule_from_text
from oo_desktop.connectors.ical.values import (
    Length,
    Moment,
    duration,
    moment_from_property,
    moments_from_part,
    text_from_value,
)
from oo_desktop.connectors.ical.zones import Zone, named, zone_from_part
from oo_desktop.connectors.meeting_links import checked, meeting_in, place
from oo_desktop.connectors.plain_text import clean

MOST_ENTRIES = 50_000
"""Events that are not over. Some 40 MB."""

LONGEST_REMINDER = 40_320
MOST_REMINDERS = 5
"""Minutes, and how many: what Google takes, too."""

_FIRST_DAY = 1 - 24 * 60
"""Minutes before a day, until its last one: “on the day at 9” is -540."""

_LOOKS_BACK = timedelta(days=400)
"""What was said of an occurrence longer ago is no longer needed: none is still on."""

NO_TITLE = "(no title)"
BUSY = "Busy"

_LINKS = (
    "X-GOOGLE-CONFERENCE",
    "CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
    "URL",
    "LOCATION",
    "DESCRIPTION",
)
"""Where a link to join may be, from what programs write to what people do."""

_WANTED = frozenset(
    {
        *("UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"),
        *("SEQUENCE", "STATUS", "SUMMARY", "CLASS", "ACTION", "TRIGGER", *_LINKS),
        *("TZID", "TZOFFSETFROM", "TZOFFSETTO", "X-LIC-LOCATION"),
        *("X-WR-CALNAME", "NAME", "X-WR-TIMEZONE", "TIMEZONE-ID", "X-APPLE-CALENDAR-COLOR"),
        *("COLOR",),
    }
)


class NotACalendar(Exception):
    """Something else answered. page: a web page did, such as one to sign in."""

    def __init__(self, *, page: bool) -> None:
        super().__init__()
        self.page = page


class Incomplete(Exception):
    """The end of the calendar is missing: what is not there is not known to be gone."""


class TooLarge(Exception):
    """More events than oO keeps."""


class Entry(Struct, frozen=True, gc=False, kw_only=True):
    """One VEVENT: an event, a series, or what is different about an occurrence of one.

    end: as written; None where `length` says it, or neither does.
    recurrence: which occurrence it stands for. and_future: and for all after it, too.
    """

    uid: str | None
    start: Moment
    end: Moment | None = None
    length: Length | None = None
    rules: tuple[Rule, ...] = ()
    also: tuple[Moment, ...] = ()
    but_not: tuple[Moment, ...] = ()
    recurrence: Moment | None = None
    and_future: bool = False
    sequence: int = 0
    cancelled: bool = False
    tentative: bool = False
    title: str = NO_TITLE
    where: str | None = None
    url: str | None = None
    join_url: str | None = None
    reminders: tuple[int, ...] | None = None

    def about(self) -> timedelta:
        """How long it is, as if no clock were ever changed; never negative."""
        if self.end is not None and self.end.whole_day == self.start.whole_day:
            return max(self.end.local - self.start.local, timedelta())
        if self.length is not None:
            return self.length.timedelta()
        return timedelta(days=1) if self.start.whole_day else timedelta()


class Calendar(Struct, frozen=True, kw_only=True):
    """A calendar. since: what was over before that day is not in it. unread: how many made no
    sense. fingerprint: of all that can make a difference."""

    fingerprint: bytes
    name: str = ""
    color: str | None = None
    zone: str | None = None
    zones: Mapping[str, Zone]
    series: tuple[tuple[Entry, ...], ...]
    unread: int
    since: date


def fingerprint(body: bytes, pace: Pace) -> bytes:
    """The same for calendars that say the same.

    Google writes the moment of asking into every event (DTSTAMP), so no two answers are equal.
    """
    digest = hashlib.sha256()
    for start in range(0, len(body), 1 << 18):
        piece = memoryview(body)[start : start + (1 << 18)]
        digest.update(_STAMP.sub(b"", piece))
        pace.step()
    return digest.digest()


_STAMP = re.compile(rb"\nDTSTAMP:[0-9]{8}T[0-9]{6}Z(?=\r?\n)")


def calendar_from_body(
    body: bytes, *, since: date, owner: str | None = None, pace: Pace
) -> Calendar:
    """Read a calendar. Raises NotACalendar, Incomplete, TooLarge and TooMuchWork.

    owner: the e-mail address of whose calendar it is, where that is known.
    """
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").upper()
    if not head.startswith(b"BEGIN:VCALENDAR"):
        raise NotACalendar(page=head.startswith(b"<"))
    reading = _Reading(since)
    welcome = {"ATTENDEE": f"mailto:{owner}"} if owner else {}
    for part in parts(body, _WANTED, pace, welcome=welcome):
        reading.take(part)
        pace.step()
    return reading.calendar(fingerprint(body, pace))


class _Reading:
    """What has been read of a calendar so far."""

    def __init__(self, since: date) -> None:
        self._since = datetime(since.year, since.month, since.day)  # noqa: DTZ001  # a wall clock's
        self._by_uid: dict[str, list[Entry]] = {}
        self._alone: list[Entry] = []
        self._zones: dict[str, Zone] = {}
        self._head: Part | None = None
        self._size = self._unread = 0

    def take(self, part: Part) -> None:
        """One component. What makes no sense is counted."""
        try:
            match part.name:
                case "VEVENT":
                    self._take_event(part)
                case "VTIMEZONE":
                    self._take_zone(part)
                case "VCALENDAR":
                    self._take_calendar(part)
        except (ValueError, OverflowError):
            self._unread += part.name == "VEVENT"

    def _take_event(self, part: Part) -> None:
        if part.broken:
            raise ValueError("a broken component")
        entry = entry_from_part(part, self._since)
        if entry is None:
            return
        self._size += 1
        if self._size > MOST_ENTRIES:
            raise TooLarge
        if entry.uid is None:
            self._alone.append(entry)
        else:
            self._by_uid.setdefault(entry.uid, []).append(entry)

    def _take_zone(self, part: Part) -> None:
        zone_id = part.value("TZID")
        if zone_id is not None and named(zone_id) is None:
            self._zones[zone_id[:200]] = zone_from_part(part)

    def _take_calendar(self, part: Part) -> None:
        if part.broken:
            raise Incomplete
        if self._head is None or not self._head.properties:
            self._head = part

    def calendar(self, digest: bytes) -> Calendar:
        """All of it. Raises Incomplete where none has begun and ended."""
        head = self._head
        if head is None:
            raise Incomplete
        zone = named(head.value("X-WR-TIMEZONE", "TIMEZONE-ID") or "")
        return Calendar(
            fingerprint=digest,
            name=clean(text_from_value(head.value("X-WR-CALNAME", "NAME") or ""), longest=100),
            color=_color(head.value("X-APPLE-CALENDAR-COLOR", "COLOR")),
            zone=zone.name if zone else None,
            zones=self._zones,
            series=(
                *(tuple(_newest(entries)) for entries in self._by_uid.values()),
                *((entry,) for entry in self._alone),
            ),
            unread=self._unread,
            since=self._since.date(),
        )


def _newest(entries: Iterable[Entry]) -> Iterable[Entry]:
    """Of each event and each occurrence, what was said last."""
    found: dict[tuple[Moment | None, Moment | None], Entry] = {}
    for entry in entries:
        key = (entry.recurrence, None if entry.recurrence else entry.start)
        before = found.get(key)
        if before is None or entry.sequence >= before.sequence:
            found[key] = entry
    return found.values()


def _color(text: str | None) -> str | None:
    found = re.match(r"#[0-9A-Fa-f]{6}", text or "")
    return found[0].upper() if found else None


# Events


def entry_from_part(part: Part, since: datetime) -> Entry | None:
    """The event in a VEVENT; None for one that was over before `since`. Raises ValueError."""
    start = moment_from_property(part.first("DTSTART"))
    if start is None:
        raise ValueError("no start")
    stands_for = part.first("RECURRENCE-ID")
    reach = stands_for.parameters.get("RANGE", "").upper() if stands_for else ""
    times = Entry(
        uid=(part.value("UID") or "").strip()[:1000] or None,
        start=start,
        end=moment_from_property(part.first("DTEND")),
        length=_length(part.value("DURATION")),
        rules=tuple(rule_from_text(each.value, start.local) for each in part.all("RRULE")),
        also=tuple(moments_from_part(part, "RDATE")),
        but_not=tuple(moments_from_part(part, "EXDATE")),
        recurrence=moment_from_property(stands_for),
        and_future=reach == "THISANDFUTURE",
    )
    if _is_over(times, since):
        return None
    status = (part.value("STATUS") or "").strip().upper()
    answer = _answer(part)
    sequence = part.value("SEQUENCE") or ""
    fields = {name: getattr(times, name) for name in Entry.__struct_fields__}
    fields |= {
        "sequence": int(sequence) if re.fullmatch("[0-9]{1,9}", sequence.strip()) else 0,
        "cancelled": status == "CANCELLED" or answer == "DECLINED",
        "tentative": status == "TENTATIVE" or answer in ("TENTATIVE", "NEEDS-ACTION"),
        "title": _title(part),
        "where": clean(place(text_from_value(part.value("LOCATION") or ""))) or None,
        "url": checked((part.value("URL") or "").strip()),
        "join_url": _join_url(part),
        "reminders": _reminders(part, times),
    }
    return Entry(**fields)


def _is_over(entry: Entry, since: datetime) -> bool:
    """Whether nothing of it can ever be on again after `since`, wherever one is.

    `since` is far enough in the past for any zone.
    """
    if entry.recurrence is not None:
        is_long_ago = since - entry.recurrence.local > _LOOKS_BACK
        return is_long_ago and not entry.and_future and since - entry.start.local > entry.about()
    last = entry.start.local
    if entry.also:
        last = max(last, *(each.local for each in entry.also))
    for rule in entry.rules:
        if rule.until is None:
            return False
        last = max(last, rule.until.local)
    return since - last > entry.about()


def _answer(part: Part) -> str:
    """What the owner of the calendar has answered to an invitation; empty where nothing says it."""
    mine = part.first("ATTENDEE")  # no other guest is kept
    return mine.parameters.get("PARTSTAT", "").upper() if mine else ""


def _length(text: str | None) -> Length | None:
    if text is None:
        return None
    sign, length = duration(text)
    return length if sign > 0 else Length(0, 0)


def _title(part: Part) -> str:
    title = clean(text_from_value((part.value("SUMMARY") or "")[:2000]))
    if title:
        return title
    hidden = (part.value("CLASS") or "").strip().upper() in ("PRIVATE", "CONFIDENTIAL")
    return BUSY if hidden else NO_TITLE


def _join_url(part: Part) -> str | None:
    for name in _LINKS:
        for found in part.all(name)[:5]:
            if "https:" in found.value and (url := meeting_in(text_from_value(found.value))):
                return url
    return None


def _reminders(part: Part, entry: Entry) -> tuple[int, ...] | None:
    alarms = [each for each in part.parts if each.name == "VALARM"]
    shown = [each for each in alarms if (each.value("ACTION") or "").upper() in _SHOWN]
    minutes = {found for each in shown if (found := _minutes(each, entry)) is not None}
    if not minutes:
        return () if entry.start.whole_day else None
    return tuple(sorted(minutes, reverse=True)[:MOST_REMINDERS])


_SHOWN = ("DISPLAY", "AUDIO")


def _minutes(alarm: Part, entry: Entry) -> int | None:
    """How long before the start; None for what is too late, at a fixed time, or makes no sense."""
    trigger = alarm.first("TRIGGER")
    if trigger is None or alarm.broken:
        return None
    try:
        sign, length = duration(trigger.value)
    except ValueError:
        return None
    before = -sign * length.timedelta()
    if trigger.parameters.get("RELATED", "").upper() == "END":
        before -= entry.about()
    minutes = before // timedelta(minutes=1)
    least = _FIRST_DAY if entry.start.whole_day else 0
    return minutes if least <= minutes <= LONGEST_REMINDER else None
