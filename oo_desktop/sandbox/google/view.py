"""Show calendars and events to one person: the API's resources."""

import base64
import copy
import hashlib
import json
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from oo_desktop.sandbox.google.model import CalendarEntry, SandboxEvent
from oo_desktop.sandbox.google.times import google_timestamp, moment_as_json

_SHOWN_OF_HIDDEN = ("iCalUID", "eventType", "transparency", "sequence", "recurrence")


def etag(value: object) -> str:
    """Return a collection's etag: the same as long as the answer is."""
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    return f'"{digest[:20]}"'


def event_as_json(
    event: SandboxEvent, entry: CalendarEntry, *, zone: ZoneInfo, most_attendees: int | None = None
) -> dict[str, Any]:
    """Return an event as the owner of `entry` sees it, with times in `zone`."""
    content = copy.deepcopy(event.content)
    if _details_are_hidden(event, entry):
        content = {key: content[key] for key in _SHOWN_OF_HIDDEN if key in content}
        content["visibility"] = "private"
    shown = {
        "kind": "calendar#event",
        "etag": event.etag,
        "id": event.id,
        "status": event.status,
        "htmlLink": _link(event, entry),
        "created": google_timestamp(event.created),
        "updated": google_timestamp(event.updated),
        **content,
        "start": moment_as_json(event.start, shown_in=zone, zone=event.zone),
        "end": moment_as_json(event.end, shown_in=zone, zone=event.zone),
        **_place_in_series(event, zone),
    }
    if "reminders" in shown and not entry.primary and not entry.allows("owner"):
        # Reminders are each person's own; the stored ones are the owner's.
        shown["reminders"] = {"useDefault": True}
    _say_who_is_self(shown, entry)
    if most_attendees is not None and len(shown.get("attendees", [])) > most_attendees:
        _leave_out_attendees(shown)
    shown.update(event.spoiled)
    return {key: value for key, value in shown.items() if value is not None}


def trace_as_json(event: SandboxEvent, zone: ZoneInfo) -> dict[str, Any]:
    """Return what is left of a deleted event: all that Google guarantees, and nothing more."""
    return {
        "kind": "calendar#event",
        "etag": event.etag,
        "id": event.id,
        "status": "cancelled",
        **_place_in_series(event, zone),
    }


def entry_as_json(entry: CalendarEntry) -> dict[str, Any]:
    """Return a calendar in somebody's list. What is false is left out, as Google does."""
    calendar = entry.calendar
    shown: dict[str, Any] = {
        "kind": "calendar#calendarListEntry",
        "etag": f'"{entry.revision:016d}"',
        "id": calendar.id,
    }
    if entry.deleted:
        return {**shown, "deleted": True}
    shown |= {
        "summary": calendar.summary,
        "timeZone": calendar.zone,
        **entry.look,
        "accessRole": entry.role,
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    if calendar.description:
        shown["description"] = calendar.description
    if calendar.data_owner and not entry.primary:
        shown["dataOwner"] = calendar.data_owner
    for name in ("primary", "selected", "hidden"):
        if getattr(entry, name):
            shown[name] = True
    return shown


def _details_are_hidden(event: SandboxEvent, entry: CalendarEntry) -> bool:
    if entry.role == "freeBusyReader":
        return True
    private = event.content.get("visibility") in ("private", "confidential")
    return private and not entry.allows("writer")


def _link(event: SandboxEvent, entry: CalendarEntry) -> str:
    name = f"{event.id} {entry.calendar.id}".encode()
    eid = base64.urlsafe_b64encode(name).decode().rstrip("=")
    return f"https://www.google.com/calendar/event?eid={eid}"


def _place_in_series(event: SandboxEvent, zone: ZoneInfo) -> dict[str, Any]:
    if event.series is None or event.original is None:
        return {}
    original = moment_as_json(event.original, shown_in=zone, zone=event.zone)
    return {"recurringEventId": event.series, "originalStartTime": original}


def _say_who_is_self(shown: dict[str, Any], entry: CalendarEntry) -> None:
    """`self` marks the calendar this copy is on, not the person who reads it."""
    people = [shown.get("creator"), shown.get("organizer"), *shown.get("attendees", [])]
    for who in people:
        if isinstance(who, Mapping) and who.get("email") == entry.calendar.id:
            who["self"] = True  # type: ignore[index]  # a copy of ours, made of dicts


def _leave_out_attendees(shown: dict[str, Any]) -> None:
    shown["attendees"] = [who for who in shown["attendees"] if who.get("self")]
    shown["attendeesOmitted"] = True
    if not shown["attendees"]:
        del shown["attendees"]
