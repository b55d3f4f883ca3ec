"""All there is to know of the stand-in Google, as JSON; never a token."""

from typing import Any

from oo_desktop.sandbox.google.model import Calendar, Event
from oo_desktop.sandbox.google.service import Google
from oo_desktop.sandbox.google.times import moment_as_json


def google_json(google: Google) -> dict[str, Any]:
    """The part of `GET /sandbox/api/state` under `google`."""
    state, grants = google.state, google.grants
    return {
        "accounts": [
            {
                "id": person.id,
                "email": person.email,
                "name": person.name,
                "zone": person.zone,
                "calendars": list(person.entries),
                "requests": google.requests[person.email],
                "units": google.units[person.email],
            }
            for person in state.people.values()
        ],
        "events": [
            _event(calendar, event)
            for calendar in state.calendars.values()
            for event in calendar.events.values()
        ],
        "history": [
            {
                "at": done.at.isoformat(),
                "email": done.email,
                "calendar": done.calendar,
                "event": done.event,
                "response": done.response,
                "send_updates": done.send_updates,
            }
            for done in state.history
        ],
        "apps": [
            {
                "client_id": client.id,
                "name": client.name,
                "access_tokens": len(grants.live_access(client)),
                "refresh_tokens": sum(
                    grant.client is client
                    and grant.refresh_token is not None
                    and grants.lives(grant)
                    for grant in grants.grants
                ),
            }
            for client in grants.clients.values()
        ],
        "refreshes": grants.refreshes,
    }


def _event(calendar: Calendar, event: Event) -> dict[str, Any]:
    zone = calendar.zoneinfo
    return {
        "id": event.id,
        "calendar": calendar.id,
        "summary": event.content.get("summary"),
        "status": event.status,
        "start": moment_as_json(event.start, shown_in=zone, zone=event.zone),
        "end": moment_as_json(event.end, shown_in=zone, zone=event.zone),
        "recurrence": event.recurrence,
        "responses": {
            guest["email"]: guest.get("responseStatus", "needsAction")
            for guest in event.attendees
            if isinstance(guest.get("email"), str)
        },
    }
