"""Reads what Google Calendar says: its forms, its times, names and ids. All pure.

Facts: developers.google.com/calendar/api/v3/reference (CalendarList, Events) and the API's
machine-readable description. Only the keys that are needed are decoded; each may be missing or
null. One item that makes no sense costs only itself.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, field

from oo_desktop.connectors.plain_text import clean
from oo_desktop.errors import Rejected
from oo_desktop.http import client
from oo_desktop.http.paging import Page, Paging
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import (
    MAX_REMINDER_MINUTES,
    YEARS,
    Container,
    Day,
    Fixed,
    ProviderId,
    SignalId,
    day_from_text,
)
from oo_desktop.model.zones import zone_named

GOOGLE_CALENDAR = ProviderId("google_calendar")

GOOGLE_NOT_UNDERSTOOD = untranslated(
    "Google answered in a way this oO does not understand. Please update oO."
)

MAX_EVENT_ID = 512
"""Characters of a signal's id, which holds a calendar's and an event's."""

MAX_EVENT_REMINDERS = 10
"""Of one event. Google takes five; those of a calendar have no bound of their own."""

T = TypeVar("T")


class MomentWire(Struct, frozen=True, gc=False, rename="camel"):
    """Says when: `date` for whole days, `dateTime` with an offset for instants, beside a zone."""

    date: str | None = None
    date_time: str | None = None
    time_zone: str | None = None


class AttendeeWire(Struct, frozen=True, gc=False, rename="camel"):
    """Holds a guest. is_self: the calendar this copy of the event is on, not always the reader."""

    is_self: bool | None = field(name="self", default=None)
    response_status: str | None = None


class EntryPointWire(Struct, frozen=True, gc=False, rename="camel"):
    entry_point_type: str | None = None
    uri: str | None = None


class ConferenceWire(Struct, frozen=True, gc=False, rename="camel"):
    entry_points: list[EntryPointWire] | None = None


class ReminderWire(Struct, frozen=True, gc=False):
    method: str | None = None
    minutes: int | None = None


class RemindersWire(Struct, frozen=True, gc=False, rename="camel"):
    use_default: bool | None = None
    overrides: list[ReminderWire] | None = None


class EventWire(Struct, frozen=True, gc=False, rename="camel"):
    id: str
    uid: str | None = field(name="iCalUID", default=None)
    status: str | None = None
    summary: str | None = None
    location: str | None = None
    description: str | None = None
    html_link: str | None = None
    hangout_link: str | None = None
    start: MomentWire | None = None
    end: MomentWire | None = None
    original_start_time: MomentWire | None = None
    event_type: str | None = None
    visibility: str | None = None
    attendees: list[AttendeeWire] | None = None
    conference_data: ConferenceWire | None = None
    reminders: RemindersWire | None = None


EVENT_FIELDS = (
    "kind,nextPageToken,items(id,iCalUID,status,summary,location,description,htmlLink,hangoutLink,"
    "start,end,originalStartTime,eventType,visibility,attendees(self,responseStatus),"
    "conferenceData/entryPoints(entryPointType,uri),reminders)"
)
"""What `EventWire` and `GooglePageWire` have. No address of any guest is asked for."""


class CalendarWire(Struct, frozen=True, rename="camel"):
    """Holds an entry of the list of calendars. selected, hidden, deleted: left out where false."""

    id: str
    summary: str | None = None
    summary_override: str | None = None
    primary: bool | None = None
    selected: bool | None = None
    hidden: bool | None = None
    deleted: bool | None = None
    access_role: str | None = None
    time_zone: str | None = None
    background_color: str | None = None
    default_reminders: list[ReminderWire] | None = None


CALENDAR_FIELDS = (
    "kind,nextPageToken,items(id,summary,summaryOverride,primary,selected,hidden,deleted,"
    "accessRole,timeZone,backgroundColor,defaultReminders)"
)


class GooglePageWire(Struct, frozen=True, rename="camel"):
    """Holds one page of any list. What is in it is decoded one by one."""

    kind: str | None = None
    items: list[msgspec.Raw] | None = None
    next_page_token: str | None = None


class AboutWire(Struct, frozen=True, rename="camel"):
    """Holds what a list of events says of its calendar."""

    summary: str | None = None
    time_zone: str | None = None
    default_reminders: list[ReminderWire] | None = None


class Shelf(Struct, frozen=True):
    """Holds what has to be known of a calendar to tell what its events are.

    zone: that of its events where they name none. reminders: minutes; None: not known.
    mine: whether it is the user's own, so that an invitation on it is one to the user.
    shows_busy_only: whether the user may see when its events are, and nothing else.
    """

    id: str
    container: Container
    zone: str | None = None
    reminders: tuple[int, ...] | None = None
    mine: bool = False
    shows_busy_only: bool = False


def decoded(body: bytes, form: type[T]) -> T:
    """Return `body` as `form`. Raises as `http.client.decoded` does."""
    return client.decoded(
        body,
        form,
        not_understood=GOOGLE_NOT_UNDERSTOOD,
        unreadable=untranslated("Google sent an answer that oO cannot read."),
    )


def page_from_body(body: bytes) -> GooglePageWire:
    """Return a page. Raises as `decoded`: other JSON than Google's is no empty list."""
    page = decoded(body, GooglePageWire)
    if page.items is None and not (page.kind or "").startswith("calendar#"):
        raise Rejected(translated(GOOGLE_NOT_UNDERSTOOD))
    return page


MAX_GOOGLE_PAGE = 250
"""Items of a page: the most of calendarList, and of events what a loop's turn can take apart."""


def _page(body: bytes) -> Page:
    """Only the absence of `nextPageToken` ends a list, as the API's guide to pagination has it
    (developers.google.com/calendar/api/guides/pagination)."""
    page = page_from_body(body)
    return Page(page.items or (), page.next_page_token)


GOOGLE_LISTS = Paging(
    service="Google",
    size={"maxResults": str(MAX_GOOGLE_PAGE)},
    cursor="pageToken",
    read=_page,
    is_forgotten=lambda error: error.status == 400,
    slice=10,
    too_much=untranslated("This is more than oO can show."),
    not_understood=GOOGLE_NOT_UNDERSTOOD,
)


def name_from_wire(calendar: CalendarWire) -> str:
    """Return what the user calls that calendar."""
    names = (calendar.summary_override, calendar.summary, calendar.id)
    return next(filter(None, (clean(name or "") for name in names)), translated("(no name)"))


_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


def shelf_from_wire(calendar: CalendarWire) -> Shelf:
    """Return what the calendar's events are read with."""
    color = calendar.background_color
    if color is not None and not _COLOR.fullmatch(color):
        color = None
    said = calendar.default_reminders
    return Shelf(
        id=calendar.id,
        container=Container(name_from_wire(calendar), color),
        zone=calendar.time_zone,
        reminders=None if said is None else minutes_from_wire(said),
        mine=bool(calendar.primary),
        shows_busy_only=calendar.access_role == "freeBusyReader",
    )


def minutes_from_wire(reminders: Sequence[ReminderWire]) -> tuple[int, ...]:
    """Return the minutes before the start of those that pop up, the earliest first."""
    minutes = {
        reminder.minutes
        for reminder in reminders
        if reminder.method == "popup"
        and reminder.minutes is not None
        and 0 <= reminder.minutes <= MAX_REMINDER_MINUTES
    }
    return tuple(sorted(minutes, reverse=True)[:MAX_EVENT_REMINDERS])


# Times

_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?P<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})?"
)


def moment_from_wire(moment: MomentWire | None, zone: str | None = None) -> Day | Fixed | None:
    """Return when that is; None for what makes no sense.

    An offset decides which instant it is; the zone, the moment's own or else the calendar's
    (`zone`), is where it was planned. A time without an offset is one in that zone.
    """
    if moment is None:
        return None
    try:
        if moment.date is not None:
            return day_from_text(moment.date)
        if moment.date_time is not None:
            return _instant(moment.date_time, zone_named(moment.time_zone) or zone_named(zone))
    except ValueError:
        pass
    return None


def _instant(text: str, zone: ZoneInfo | None) -> Fixed | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    at = datetime.fromisoformat(text.upper()).replace(microsecond=0)
    if at.year not in YEARS:
        return None
    if found["offset"] is None:
        at = at.replace(tzinfo=zone or UTC)
    return Fixed(at.astimezone(UTC), zone.key if zone else "UTC")


def window(now: datetime, zone: ZoneInfo, days_ahead: int) -> tuple[datetime, datetime]:
    """Return the beginning of today in `zone` and the end of the day `days_ahead` later, in UTC.

    It stays the same all day, and so does the question.
    """
    today = now.astimezone(zone).date()
    end = today + timedelta(days=days_ahead + 1)
    return (
        datetime.combine(today, time(), zone).astimezone(UTC),
        datetime.combine(end, time(), zone).astimezone(UTC),
    )


def text_from_instant(at: datetime) -> str:
    """Return the time as Google takes it (RFC 3339)."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


# Ids


def quoted(id_: str) -> str:
    """Return an id as one step of a path: `@`, `#`, `+` are encoded, which calendars' ids hold."""
    return quote(id_, safe="")


def events_path(calendar_id: str) -> str:
    """Return where a calendar's events are."""
    return f"calendars/{quoted(calendar_id)}/events"


def signal_id(calendar_id: str, event_id: str) -> SignalId:
    """Name an event among those of all the account's calendars."""
    return SignalId(f"{quoted(calendar_id)}/{quoted(event_id)}")


def ids_from_signal(id_: SignalId) -> tuple[str, str] | None:
    """Return the ids of the calendar and of the event; None for what `signal_id` never made."""
    if not id_.isascii():
        return None
    calendar, slash, event = id_.partition("/")
    ids = unquote(calendar, errors="replace"), unquote(event, errors="replace")
    return ids if slash and all(ids) and signal_id(*ids) == id_ else None
