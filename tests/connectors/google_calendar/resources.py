"""Google's resources as dicts, and what the connector makes of them."""

from typing import Any

import msgspec

from oo_desktop.connectors.google_calendar import events as google_events
from oo_desktop.connectors.google_calendar import wire as google_wire
from oo_desktop.model.signals import Container, Event, UserId

ADA = UserId("ada@example.com")

SHELF = google_wire.Shelf(
    id="ada@example.com",
    container=Container("Ada", "#9fe1e7"),
    zone="Europe/Berlin",
    reminders=(10,),
    mine=True,
)


def resource(**changes: Any) -> dict[str, Any]:
    """An event as the API page shows it; None takes a part of it away."""
    whole = {
        "kind": "calendar#event",
        "etag": '"3470000000000000"',
        "id": "5oo7review8design",
        "status": "confirmed",
        "htmlLink": "https://www.google.com/calendar/event?eid=NW9vN3Jldmlldw",
        "created": "2026-11-01T08:00:00.000Z",
        "updated": "2026-11-01T08:00:00.000Z",
        "summary": "Design review",
        "creator": {"email": "grace@example.com"},
        "organizer": {"email": "grace@example.com"},
        "start": {"dateTime": "2026-11-22T14:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-22T15:00:00+01:00", "timeZone": "Europe/Berlin"},
        "iCalUID": "5oo7review8design@google.com",
        "sequence": 0,
        "reminders": {"useDefault": True},
        "eventType": "default",
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def wired(**changes: Any) -> google_wire.EventWire:
    return msgspec.convert(resource(**changes), google_wire.EventWire)


def converted(
    shelf: google_wire.Shelf = SHELF, *, may_write: bool = False, **changes: Any
) -> Event | None:
    """The signal of it; None where it makes no sense."""
    return google_events.event_from_wire(
        wired(**changes), user_id=ADA, shelf=shelf, may_write=may_write
    )


def event(shelf: google_wire.Shelf = SHELF, *, may_write: bool = False, **changes: Any) -> Event:
    found = converted(shelf, may_write=may_write, **changes)
    assert found is not None
    return found


def is_shown(**changes: Any) -> bool:
    return google_events.is_shown(wired(**changes))


def me(response: str | None, **more: Any) -> list[dict[str, Any]]:
    """A list of guests that tells of oneself alone, as with `maxAttendees=1`."""
    mine = {"self": True, **more}
    return [mine if response is None else {**mine, "responseStatus": response}]
