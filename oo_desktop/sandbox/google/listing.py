"""List calendars and events: which a question finds, in which order, and on which page.

developers.google.com/calendar/api/v3/reference/calendarList/list and …/events/list. Both ends of
the window are exclusive: `timeMin` of an event's end, `timeMax` of its start. Days begin at
midnight in the calendar's zone. Page and sync tokens are opaque, and good only for the person and
the question they came from.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from oo_desktop.sandbox.google.errors import (
    bad_request,
    invalid,
    known_error,
)
from oo_desktop.sandbox.google.model import (
    ROLES,
    CalendarEntry,
    GoogleState,
    Person,
    SandboxCalendar,
    SandboxEvent,
)
from oo_desktop.sandbox.google.recurrence import occurrences
from oo_desktop.sandbox.google.times import (
    google_timestamp,
    instant_from_text,
    instant_of,
    zone_from_name,
)
from oo_desktop.sandbox.google.view import entry_as_json, etag, event_as_json, trace_as_json
from oo_desktop.sandbox.limits import PageCuts

MAX_EVENTS_PER_PAGE = 2500
_DEFAULT_EVENTS = 250
_MAX_CALENDARS_PER_PAGE = 250
_DEFAULT_CALENDARS_PER_PAGE = 100
_REMEMBERED = timedelta(days=28)
"""How far back `updatedMin` may lie. Google does not document it."""
_EVENT_TYPES = frozenset(
    {"birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation"}
)
_NOT_WITH_SYNC = frozenset(
    {
        "iCalUID",
        "orderBy",
        "privateExtendedProperty",
        "q",
        "sharedExtendedProperty",
        "timeMin",
        "timeMax",
        "updatedMin",
    }
)
_PLAIN = frozenset({"alt", "fields", "key", "prettyPrint", "quotaUser", "oauth_token", "userIp"})
"""Parameters every method has, and that change nothing about what is asked."""
_LIST_NOT_WITH_SYNC = frozenset({"minAccessRole", "showOwnOrganizationOnly"})
_NO_SYNC_AFTER = _NOT_WITH_SYNC - {"timeMin", "timeMax"}
"""Questions that get no sync token. Google's own guide begins a sync with timeMin."""


@dataclass(frozen=True, kw_only=True)
class EventQuery:
    """Holds the parameters of `events.list`, understood."""

    after: datetime | None
    before: datetime | None
    updated_min: datetime | None
    single_events: bool
    show_deleted: bool
    order: str | None
    types: frozenset[str]
    uid: str | None
    text: str | None
    zone: ZoneInfo
    most: int
    most_attendees: int | None
    since: int | None
    """The revision a sync token is from."""
    position: int | None
    """Where a page token leads."""
    page_seal: str
    sync_seal: str
    may_sync: bool


def question_from_query(
    query: QueryParams, *, entry: CalendarEntry, email: str, state: GoogleState
) -> EventQuery:
    """Read a query. Raises GoogleApiError: 400, or 410 for what lies too far back."""
    who = f"{email} {entry.calendar.id}"
    asked = query.multi_items()
    page_seal = _seal(asked, without=frozenset({"pageToken"}), of=who)
    dropped = _NOT_WITH_SYNC | {"pageToken", "syncToken", "maxResults"}
    sync_seal = _seal(asked, without=dropped, of=who)
    forbidden = query.get("showDeleted") == "false" or bool(_NOT_WITH_SYNC & query.keys())
    question = EventQuery(
        after=_instant(query, "timeMin"),
        before=_instant(query, "timeMax"),
        updated_min=_instant(query, "updatedMin"),
        single_events=switch(query, "singleEvents"),
        show_deleted=switch(query, "showDeleted"),
        order=_order(query),
        types=_types(query),
        uid=query.get("iCalUID"),
        text=query.get("q"),
        zone=response_zone(query, entry.calendar),
        most=min(count(query, "maxResults", _DEFAULT_EVENTS), MAX_EVENTS_PER_PAGE),
        most_attendees=count(query, "maxAttendees", 0) or None,
        since=_since(query, sync_seal, state, forbidden=forbidden),
        position=position(query, page_seal),
        page_seal=page_seal,
        sync_seal=sync_seal,
        may_sync=not _NO_SYNC_AFTER & query.keys(),
    )
    if question.after and question.before and question.after >= question.before:
        raise known_error("timeRangeEmpty")
    if question.updated_min and question.updated_min < state.now() - _REMEMBERED:
        raise known_error("updatedMinTooLongAgo")
    return question


def _instant(query: QueryParams, name: str) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        return instant_from_text(text)
    except ValueError as error:
        raise bad_request(parameter=name) from error


def switch(query: QueryParams, name: str) -> bool:
    """Read a parameter that is `true` or `false`. Raises GoogleApiError."""
    text = query.get(name, "false")
    if text not in ("true", "false"):
        raise invalid(name, f"Invalid boolean value: '{text}'.")
    return text == "true"


def count(query: QueryParams, name: str, default: int) -> int:
    """Read a parameter that is a number from 1. Raises GoogleApiError."""
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= 1):
        raise invalid(name, f"Invalid value '{text}'. Values must be within the range: [1, ∞)")
    return int(text)


def response_zone(query: QueryParams, calendar: SandboxCalendar) -> ZoneInfo:
    """Return the zone of the offsets in an answer: the one asked for, or the calendar's."""
    try:
        return zone_from_name(query["timeZone"]) if "timeZone" in query else calendar.zoneinfo
    except ValueError as error:
        raise invalid("timeZone") from error


def _order(query: QueryParams) -> str | None:
    order = query.get("orderBy")
    if order not in (None, "startTime", "updated"):
        raise invalid("orderBy")
    if order == "startTime" and not switch(query, "singleEvents"):
        message = "The requested ordering is not available for the particular query."
        raise bad_request(message, "orderBy")
    return order


def _types(query: QueryParams) -> frozenset[str]:
    types = frozenset(query.getlist("eventTypes"))
    if not types <= _EVENT_TYPES:
        raise invalid("eventTypes")
    return types or _EVENT_TYPES


def _since(
    query: QueryParams, sync_seal: str, state: GoogleState, *, forbidden: bool
) -> int | None:
    """The revision a sync token is from; None without one. Raises GoogleApiError: 400 or 410."""
    text = query.get("syncToken")
    if text is None:
        return None
    if forbidden:
        raise bad_request("Sync token cannot be used with the given parameters.", "syncToken")
    try:
        since = _number_in(text, sync_seal)
    except ValueError as error:
        # Undefined behaviour, says Google; being refused is the kindest form of it.
        raise bad_request("Invalid sync token value.", "syncToken") from error
    if since < state.oldest_sync:
        raise known_error("fullSyncRequired")
    return since


def position(query: QueryParams, page_seal: str) -> int | None:
    """Return where a page token leads, or None. Raises GoogleApiError (400) for another's."""
    try:
        return _number_in(query["pageToken"], page_seal) if "pageToken" in query else None
    except ValueError as error:
        raise invalid("pageToken", "Invalid page token value.") from error


# Finding


def found(question: EventQuery, calendar: SandboxCalendar) -> list[SandboxEvent]:
    """Return every event the question is about, in its order."""
    events = [e for e in _candidates(question, calendar) if _matches(e, question)]
    zone = calendar.zoneinfo
    if question.order == "startTime":
        events.sort(key=lambda event: instant_of(event.start, zone))
    elif question.order == "updated":
        events.sort(key=lambda event: (event.updated, event.revision))
    return events


def _candidates(question: EventQuery, calendar: SandboxCalendar) -> Iterator[SandboxEvent]:
    window = {"after": question.after, "before": question.before}
    for event in list(calendar.events.values()):
        if event.recurrence and question.single_events:
            yield from occurrences(calendar, event, **window)
        elif event.recurrence:
            if next(occurrences(calendar, event, **window), None) is not None:
                yield event
        elif _stands_alone(event, question, calendar) and calendar.has_between(event, **window):
            yield event


def _stands_alone(event: SandboxEvent, question: EventQuery, calendar: SandboxCalendar) -> bool:
    """Not an exception that comes with its series; one may be invited to a single instance."""
    return not question.single_events or event.series not in calendar.events


def _matches(event: SandboxEvent, question: EventQuery) -> bool:
    content = event.content
    if question.since is not None and event.revision <= question.since:
        return False
    if question.updated_min is not None and event.updated < question.updated_min:
        return False
    if event.cancelled and not _deleted_are_shown(event, question):
        return False
    if question.uid is not None and event.uid != question.uid:
        return False
    if question.text is not None:
        texts = (content.get(key, "") for key in ("summary", "description", "location"))
        if not any(question.text.casefold() in text.casefold() for text in texts):
            return False
    return content.get("eventType", "default") in question.types


def _deleted_are_shown(event: SandboxEvent, question: EventQuery) -> bool:
    if question.show_deleted or question.since is not None or question.updated_min is not None:
        return True
    return event.series is not None and not question.single_events


# Answering


def events_page(
    question: EventQuery, entry: CalendarEntry, state: GoogleState, cuts: PageCuts
) -> dict[str, Any]:
    """Return one page of `events.list`."""
    calendar = entry.calendar
    events = found(question, calendar)
    start, end = _cut(question.position, question.most, cuts)
    answer: dict[str, Any] = {
        "kind": "calendar#events",
        "summary": calendar.summary,
        "updated": google_timestamp(max((e.updated for e in events), default=state.now())),
        "timeZone": calendar.zone,
        "accessRole": entry.role,
        "defaultReminders": entry.look.get("defaultReminders", []),
        "items": [_item(event, question, entry) for event in events[start:end]],
    }
    if calendar.description:
        answer["description"] = calendar.description
    answer["etag"] = etag(answer)
    if start == end or end < len(events):
        answer["nextPageToken"] = _token(end, question.page_seal)
    elif question.may_sync:
        answer["nextSyncToken"] = _token(state.revision, question.sync_seal)
    return answer


def _item(event: SandboxEvent, question: EventQuery, entry: CalendarEntry) -> dict[str, Any]:
    if event.cancelled:
        return trace_as_json(event, question.zone)
    return event_as_json(event, entry, zone=question.zone, most_attendees=question.most_attendees)


# Calendars


def calendars_page(
    query: QueryParams, person: Person, state: GoogleState, cuts: PageCuts
) -> dict[str, Any]:
    """Return one page of `calendarList.list`. Raises GoogleApiError."""
    asked = query.multi_items()
    page_seal = _seal(asked, without=frozenset({"pageToken"}), of=person.email)
    dropped = frozenset({"pageToken", "syncToken", "maxResults", "showHidden", "showDeleted"})
    sync_seal = _seal(asked, without=dropped, of=f"list {person.email}")
    forbidden = bool(_LIST_NOT_WITH_SYNC & query.keys())
    since = _since(query, sync_seal, state, forbidden=forbidden)
    entries = [entry for entry in person.entries.values() if _is_listed(entry, query, since)]
    most = min(count(query, "maxResults", _DEFAULT_CALENDARS_PER_PAGE), _MAX_CALENDARS_PER_PAGE)
    start, end = _cut(position(query, page_seal), most, cuts)
    items = [entry_as_json(entry) for entry in entries[start:end]]
    answer: dict[str, Any] = {"kind": "calendar#calendarList", "items": items}
    answer["etag"] = etag(answer)
    if start == end or end < len(entries):
        answer["nextPageToken"] = _token(end, page_seal)
    else:
        answer["nextSyncToken"] = _token(state.revision, sync_seal)
    return answer


def _is_listed(entry: CalendarEntry, query: QueryParams, since: int | None) -> bool:
    if since is not None:
        return entry.revision > since
    role = query.get("minAccessRole")
    if role is not None and role not in ROLES:
        raise invalid("minAccessRole")
    return (
        (role is None or entry.allows(role))
        and (not entry.hidden or switch(query, "showHidden"))
        and (not entry.deleted or switch(query, "showDeleted"))
    )


# Pages and tokens


def _cut(place: int | None, most: int, cuts: PageCuts) -> tuple[int, int]:
    """Where a page begins and ends; nothing on it: the first is empty, and more follow."""
    start = place or 0
    if cuts.empty_first and place is None:
        return start, start
    return start, start + min(most, cuts.most)


def _seal(asked: Iterable[tuple[str, str]], *, without: frozenset[str], of: str) -> str:
    """A fingerprint of a question: its parameters but for some, and whose question it is."""
    kept = sorted((key, value) for key, value in asked if key not in _PLAIN | without)
    return hashlib.sha256(json.dumps([of, kept]).encode()).hexdigest()[:16]


def _token(number: int, fingerprint: str) -> str:
    """A token that holds a position or a revision."""
    return base64.urlsafe_b64encode(f"{number}.{fingerprint}".encode()).decode()


def _number_in(text: str, fingerprint: str) -> int:
    """What `_token` was given. Raises ValueError where the fingerprint is another."""
    held, _, of = base64.urlsafe_b64decode(text.encode()).decode().partition(".")
    if of != fingerprint:
        raise ValueError("this token belongs to another question")
    return int(held)
