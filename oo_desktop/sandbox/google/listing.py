"""`events.list`: which events a question finds, in which order, and on which page.

developers.google.com/calendar/api/v3/reference/events/list. Both ends of the window are exclusive:
`timeMin` of an event's end, `timeMax` of its start. Days begin at midnight in the calendar's zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from oo_desktop.sandbox.google import tokens
from oo_desktop.sandbox.google.errors import (
    bad_request,
    empty_range,
    invalid,
    sync_token_over,
    updated_min_too_long_ago,
)
from oo_desktop.sandbox.google.model import Calendar, Entry, Event, GoogleState
from oo_desktop.sandbox.google.recurrence import occurrences
from oo_desktop.sandbox.google.times import instant_from_text, instant_of, timestamp, zone_from_name
from oo_desktop.sandbox.google.view import etag, event_as_json, trace_as_json

MOST = 2500
REMEMBERED = timedelta(days=28)
"""How far back `updatedMin` may lie. Google does not document it."""
TYPES = frozenset(
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
_NO_SYNC_AFTER = _NOT_WITH_SYNC - {"timeMin", "timeMax"}
"""Questions that get no sync token. Google's own guide begins a sync with timeMin."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """The parameters of `events.list`, understood."""

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
    query: QueryParams, *, entry: Entry, email: str, state: GoogleState
) -> Question:
    """Understand a query. Raises GoogleError: 400, or 410 for what lies too far back."""
    who = f"{email} {entry.calendar.id}"
    asked = query.multi_items()
    page_seal = tokens.seal(asked, without=frozenset({"pageToken"}), of=who)
    dropped = _NOT_WITH_SYNC | {"pageToken", "syncToken", "maxResults"}
    sync_seal = tokens.seal(asked, without=dropped, of=who)
    question = Question(
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
        most=min(count(query, "maxResults", 250), MOST),
        most_attendees=count(query, "maxAttendees", 0) or None,
        since=_since(query, sync_seal, state),
        position=position(query, page_seal),
        page_seal=page_seal,
        sync_seal=sync_seal,
        may_sync=not _NO_SYNC_AFTER & query.keys(),
    )
    if question.after and question.before and question.after >= question.before:
        raise empty_range()
    if question.updated_min and question.updated_min < state.now() - REMEMBERED:
        raise updated_min_too_long_ago()
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
    """A parameter that is `true` or `false`."""
    text = query.get(name, "false")
    if text not in ("true", "false"):
        raise invalid(name, f"Invalid boolean value: '{text}'.")
    return text == "true"


def count(query: QueryParams, name: str, default: int) -> int:
    """A parameter that is a number from 1."""
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= 1):
        raise invalid(name, f"Invalid value '{text}'. Values must be within the range: [1, ∞)")
    return int(text)


def response_zone(query: QueryParams, calendar: Calendar) -> ZoneInfo:
    """The zone of the offsets in an answer: the one asked for, or the calendar's."""
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
    if not types <= TYPES:
        raise invalid("eventTypes")
    return types or TYPES


def _since(query: QueryParams, sync_seal: str, state: GoogleState) -> int | None:
    text = query.get("syncToken")
    if text is None:
        return None
    if query.get("showDeleted") == "false" or _NOT_WITH_SYNC & query.keys():
        raise bad_request("Sync token cannot be used with the given parameters.", "syncToken")
    try:
        since = tokens.number_in(text, sync_seal)
    except ValueError as error:
        # Undefined behaviour, says Google; being refused is the kindest form of it.
        raise bad_request("Invalid sync token value.", "syncToken") from error
    if since < state.oldest_sync:
        raise sync_token_over()
    return since


def position(query: QueryParams, page_seal: str) -> int | None:
    """Where a page token leads; None without one. Raises GoogleError (400) for another's."""
    try:
        return tokens.number_in(query["pageToken"], page_seal) if "pageToken" in query else None
    except ValueError as error:
        raise invalid("pageToken", "Invalid page token value.") from error


# Finding


def found(question: Question, calendar: Calendar) -> list[Event]:
    """Every event the question is about, in its order."""
    events = [e for e in _candidates(question, calendar) if _matches(e, question)]
    zone = calendar.zoneinfo
    if question.order == "startTime":
        events.sort(key=lambda event: instant_of(event.start, zone))
    elif question.order == "updated":
        events.sort(key=lambda event: (event.updated, event.revision))
    return events


def _candidates(question: Question, calendar: Calendar) -> Iterator[Event]:
    window = {"after": question.after, "before": question.before}
    for event in list(calendar.events.values()):
        if event.recurrence and question.single_events:
            yield from occurrences(calendar, event, **window)
        elif event.recurrence:
            if next(occurrences(calendar, event, **window), None) is not None:
                yield event
        elif _stands_alone(event, question, calendar) and _overlaps(
            event, question, calendar.zoneinfo
        ):
            yield event


def _stands_alone(event: Event, question: Question, calendar: Calendar) -> bool:
    """Not an exception that comes with its series; one may be invited to a single instance."""
    return not question.single_events or event.series not in calendar.events


def _overlaps(event: Event, question: Question, zone: ZoneInfo) -> bool:
    late_enough = question.after is None or instant_of(event.end, zone) > question.after
    return late_enough and (
        question.before is None or instant_of(event.start, zone) < question.before
    )


def _matches(event: Event, question: Question) -> bool:
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


def _deleted_are_shown(event: Event, question: Question) -> bool:
    if question.show_deleted or question.since is not None or question.updated_min is not None:
        return True
    return event.series is not None and not question.single_events


# Answering


def page(
    question: Question, entry: Entry, state: GoogleState, *, most: int, empty_first: bool
) -> dict[str, Any]:
    """One page. most: of events on it; empty_first: the first has none, and more follow."""
    calendar = entry.calendar
    events = found(question, calendar)
    start = question.position or 0
    first_empty = empty_first and question.position is None
    size = 0 if first_empty else min(question.most, most)
    shown = events[start : start + size]
    answer: dict[str, Any] = {
        "kind": "calendar#events",
        "summary": calendar.summary,
        "updated": timestamp(max((e.updated for e in events), default=state.now())),
        "timeZone": calendar.zone,
        "accessRole": entry.role,
        "defaultReminders": entry.look.get("defaultReminders", []),
        "items": [_item(event, question, entry) for event in shown],
    }
    if calendar.description:
        answer["description"] = calendar.description
    answer["etag"] = etag(answer)
    if first_empty or start + size < len(events):
        answer["nextPageToken"] = tokens.token(start + size, question.page_seal)
    elif question.may_sync:
        answer["nextSyncToken"] = tokens.token(state.revision, question.sync_seal)
    return answer


def _item(event: Event, question: Question, entry: Entry) -> dict[str, Any]:
    if event.cancelled:
        return trace_as_json(event, question.zone)
    return event_as_json(event, entry, zone=question.zone, most_attendees=question.most_attendees)
