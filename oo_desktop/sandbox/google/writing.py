"""Change events: `events.patch`, and what it may change.

developers.google.com/calendar/api/v3/reference/events/patch. An array that is given replaces the
one there was; with `attendeesOmitted` in the body only the sender's own answer is taken. A guest
may change nothing that all guests share.
"""

from collections.abc import Mapping
from typing import Any

from oo_desktop.sandbox.google.errors import (
    bad_request,
    invalid,
    known_error,
)
from oo_desktop.sandbox.google.model import (
    CalendarEntry,
    GoogleState,
    RecordedPatch,
    SandboxCalendar,
    SandboxEvent,
)
from oo_desktop.sandbox.google.times import instant_of, moment_from_json

RESPONSES = frozenset({"needsAction", "declined", "tentative", "accepted"})
SEND_UPDATES = frozenset({"all", "externalOnly", "none"})
_OWN = frozenset({"attendees", "attendeesOmitted", "reminders", "colorId", "transparency"})
"""What a guest may send; of the attendees, their own entry counts."""
_FIXED = frozenset(
    {"kind", "etag", "id", "created", "updated", "iCalUID", "htmlLink", "hangoutLink", "creator"}
)
"""Read-only: sent along they change nothing."""


def patch(
    state: GoogleState,
    entry: CalendarEntry,
    event: SandboxEvent,
    body: Mapping[str, Any],
    *,
    send_updates: str,
) -> None:
    """Change an event that is stored. Raises GoogleApiError; then nothing has changed."""
    _may_write(entry, event, body)
    if send_updates not in SEND_UPDATES:
        raise invalid("sendUpdates")
    own = _own_answer(entry, body)
    start, end, zone = _times(event, body, entry.calendar)
    event.start, event.end, event.zone = start, end, zone
    if body.get("status") in ("confirmed", "tentative", "cancelled"):
        event.status = body["status"]
    for key, value in body.items():
        if key not in _FIXED | {"start", "end", "status", "attendees", "attendeesOmitted"}:
            event.content[key] = value
    if "attendees" in body and not body.get("attendeesOmitted"):
        event.content["attendees"] = [_plain(who) for who in body["attendees"]]
    state.touch(event)
    if own is not None:
        email, response, comment = own
        state.answer(event, email, response, comment=comment)
    _write_down(state, entry, event, send_updates, own[1] if own else None)


def _may_write(entry: CalendarEntry, event: SandboxEvent, body: Mapping[str, Any]) -> None:
    if not entry.allows("writerWithoutPrivateAccess"):
        raise known_error("requiredAccessLevel")
    if event.content.get("locked"):
        raise known_error("forbidden")
    organizer = event.content.get("organizer", {})
    theirs = organizer.get("email") == entry.calendar.id or event.content.get("guestsCanModify")
    if not theirs and not body.keys() <= _OWN | _FIXED:
        raise known_error("forbiddenForNonOrganizer")


def _own_answer(
    entry: CalendarEntry, body: Mapping[str, Any]
) -> tuple[str, str, str | None] | None:
    """The sender's address, answer and comment; None if there is none. Raises GoogleApiError."""
    if "attendees" not in body:
        return None
    attendees = body["attendees"]
    if not isinstance(attendees, list) or not all(isinstance(who, dict) for who in attendees):
        raise invalid("attendees")
    for who in attendees:
        if who.get("responseStatus", "needsAction") not in RESPONSES:
            raise bad_request("Invalid response status.")
        if not isinstance(who.get("email"), str):
            raise bad_request("Missing attendee email.")
    email = entry.calendar.id
    mine = next((who for who in attendees if who["email"] == email), None)
    if mine is None or "responseStatus" not in mine:
        return None
    return email, mine["responseStatus"], mine.get("comment")


def _times(
    event: SandboxEvent, body: Mapping[str, Any], calendar: SandboxCalendar
) -> tuple[Any, Any, Any]:
    start, end, zone = event.start, event.end, event.zone
    try:
        if "start" in body:
            start, zone = moment_from_json(body["start"], calendar.zoneinfo)
        if "end" in body:
            end, _ = moment_from_json(body["end"], calendar.zoneinfo)
    except ValueError as error:
        raise bad_request("Invalid start or end time.") from error
    if type(start) is not type(end):
        raise bad_request("Invalid start or end time.")
    if instant_of(start, calendar.zoneinfo) > instant_of(end, calendar.zoneinfo):
        raise known_error("timeRangeEmpty")
    return start, end, zone


def _plain(who: Mapping[str, Any]) -> dict[str, Any]:
    """A guest as stored: whose `self` they are depends on the calendar."""
    return {"responseStatus": "needsAction", **{k: v for k, v in who.items() if k != "self"}}


def _write_down(
    state: GoogleState,
    entry: CalendarEntry,
    event: SandboxEvent,
    send_updates: str,
    response: str | None,
) -> None:
    person = next(p for p in state.people.values() if entry in p.entries.values())
    done = RecordedPatch(
        at=state.now(),
        email=person.email,
        calendar=entry.calendar.id,
        event=event.id,
        send_updates=send_updates,
        response=response,
    )
    state.history.append(done)
