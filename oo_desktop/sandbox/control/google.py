"""What can be done to the stand-in Google from outside: its calendars and events.

Parameters as in the other actions. `email` is whose (Ada's, if nobody is named), `calendar` an id
or `primary`, `id` an event's or an instance's. What `fields` holds goes into the resource as it is.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from oo_desktop.sandbox.control.google_sign_in import OAUTH_ACTIONS, person_of, revoke_google
from oo_desktop.sandbox.control.parameters import BadParameter, Given, number, switch
from oo_desktop.sandbox.google import seed
from oo_desktop.sandbox.google.errors import (
    REASONS,
    GoogleError,
    backend_error,
    deleted,
    forbidden,
    not_found,
)
from oo_desktop.sandbox.google.model import ROLES, Calendar, Entry, Event
from oo_desktop.sandbox.google.recurrence import instance_by_id
from oo_desktop.sandbox.google.times import Moment, moment_from_json, zone_from_name
from oo_desktop.sandbox.google.writing import RESPONSES
from oo_desktop.sandbox.world import World

__all__ = ["GOOGLE_ACTIONS", "revoke_google"]

_TROUBLES: dict[int, Callable[[], GoogleError]] = {
    403: forbidden,
    404: not_found,
    410: deleted,
    500: backend_error,
    503: lambda: backend_error(503),
}
_NAMES = """
attendees attendeesOmitted birthdayProperties colorId conferenceData creator description
endTimeUnspecified eventType extendedProperties focusTimeProperties guestsCanModify hangoutLink
iCalUID location locked organizer outOfOfficeProperties privateCopy recurrence reminders sequence
source status summary transparency visibility workingLocationProperties
"""
_RESOURCE = frozenset(_NAMES.split())
_LOOK = ("summaryOverride", "backgroundColor", "foregroundColor", "colorId", "defaultReminders")


def _entry(world: World, given: Given) -> Entry:
    person = person_of(world, given)
    entry = person.entry(str(given.get("calendar", "primary")))
    if entry is None:
        raise BadParameter("calendar is none of theirs")
    return entry


def _event(world: World, given: Given) -> tuple[Calendar, Event]:
    """The event `id`, on `calendar` where the same id is on several; an instance is stored."""
    calendars = list(world.google.state.calendars.values())
    if "calendar" in given:
        known = world.google.state.calendars.get(str(given["calendar"]))
        calendars = [known or _entry(world, given).calendar]
    for calendar in calendars:
        event = instance_by_id(calendar, str(given.get("id")))
        if event is not None:
            return calendar, world.google.state.exception(calendar, event)
    raise BadParameter("id is no event's")


def _fields(given: Given) -> dict[str, Any]:
    """What goes into the resource: `fields`, and every parameter that has a resource's name."""
    more = given.get("fields", {})
    if isinstance(more, str):
        try:
            more = json.loads(more or "{}")
        except ValueError as error:
            raise BadParameter("fields must be JSON") from error
    if not isinstance(more, Mapping):
        raise BadParameter("fields must be an object")
    named = {key: given[key] for key in _RESOURCE if key in given}
    return {**named, **more}


def _moment(given: object, calendar: Calendar) -> Moment:
    """A date, a time with or without an offset, or `{date}` or `{dateTime}`."""
    text = {"date" if len(given) == 10 else "dateTime": given} if isinstance(given, str) else given
    try:
        return moment_from_json(text, calendar.zoneinfo)[0]
    except ValueError as error:
        raise BadParameter("start and end must be dates or times") from error


def _start(world: World, calendar: Calendar, given: Given) -> Moment:
    if "start" in given:
        return _moment(given["start"], calendar)
    now = world.clock.now()
    if "days" in given:
        ahead = timedelta(days=number(given, "in_days", 0))
        return (now.astimezone(calendar.zoneinfo) + ahead).date()
    minutes = number(given, "in_minutes", 30)
    return (now + timedelta(minutes=minutes)).replace(second=0, microsecond=0)


def _end(calendar: Calendar, start: Moment, given: Given) -> Moment:
    if "end" in given:
        end = _moment(given["end"], calendar)
    elif isinstance(start, datetime):
        end = start + timedelta(minutes=number(given, "minutes", 30))
    else:
        end = start + timedelta(days=max(1, number(given, "days", 1)))
    if isinstance(start, datetime) is not isinstance(end, datetime):
        raise BadParameter("start and end must be of one kind")
    return end


# Events


def add_event(world: World, given: Given) -> object:
    """Add `times` (1) events `every` so many minutes (`minutes`, their length): `summary`, …

    When: `start` and `end`; or `in_minutes` (30) from now for `minutes` (30); or, with `days`,
    whole days from `in_days` (0) days from today. `zone`: the event's own. `id`: what it is to be.
    """
    calendar = _entry(world, given).calendar
    start = _start(world, calendar, given)
    end = _end(calendar, start, given)
    zone = _zone(given)
    fields = {k: v for k, v in _fields(given).items() if k not in ("start", "end")}
    times, ids = int(number(given, "times", 1)), []
    for turn in range(times):
        later = timedelta(minutes=number(given, "every", number(given, "minutes", 30)) * turn)
        if times > 1:
            fields["summary"] = f"{given.get('summary', 'Event')} {turn + 1}"
        event = world.google.state.add(
            calendar,
            start=start + later,
            end=end + later,
            zone=zone,
            id_=str(given["id"]) if "id" in given else None,
            **fields,
        )
        ids.append(event.id)
    return {"id": ids[0] if ids else None, "ids": ids}


def _zone(given: Given) -> str | None:
    name = given.get("zone")
    if name is None:
        return None
    try:
        return zone_from_name(str(name)).key
    except ValueError as error:
        raise BadParameter("zone is no zone's name") from error


def edit_event(world: World, given: Given) -> object:
    """Change the event `id`: fields of the resource; null takes one away."""
    _, event = _event(world, given)
    fields = _fields(given)
    event.status = str(fields.pop("status", event.status))
    event.content.update(fields)
    world.google.state.touch(event)
    return {"id": event.id}


def move_event(world: World, given: Given) -> object:
    """Move the event `id` by `by` minutes, or to `start` (and `end`)."""
    calendar, event = _event(world, given)
    length = _length(event)
    if "start" in given:
        event.start = _moment(given["start"], calendar)
        event.end = _end(calendar, event.start, given) if "end" in given else event.start + length
    else:
        by = timedelta(minutes=number(given, "by", 15))
        event.start, event.end = event.start + by, event.end + by
    world.google.state.touch(event)
    return {"id": event.id}


def _length(event: Event) -> timedelta:
    if isinstance(event.start, datetime) and isinstance(event.end, datetime):
        return event.end - event.start
    return timedelta(days=event.end.toordinal() - event.start.toordinal())


def cancel_event(world: World, given: Given) -> object:
    """Cancel the event `id`: an event, an instance, or a whole series."""
    calendar, event = _event(world, given)
    world.google.state.cancel(calendar, event)
    return {"id": event.id}


def break_event(world: World, given: Given) -> object:
    """Spoil what is said of the event `id`: `fields` laid over it (no start); none: well again."""
    _, event = _event(world, given)
    event.spoiled = dict(_fields({"fields": given.get("fields", {"start": {}})}))
    world.google.state.touch(event)
    return {"id": event.id}


def respond(world: World, given: Given) -> object:
    """A guest answers the event `id`: `email` (Ada), `response` (declined)."""
    _, event = _event(world, given)
    email, response = person_of(world, given).email, given.get("response", "declined")
    if response not in RESPONSES:
        raise BadParameter("response must be one of " + ", ".join(sorted(RESPONSES)))
    if event.attendee(email) is None:
        event.content.setdefault("attendees", []).append({"email": email})
    world.google.state.answer(event, email, str(response))
    return {"id": event.id}


def clear_events(world: World, given: Given) -> object:
    """Forget every event, or those of one `calendar`, as if there had never been any."""
    one = _entry(world, given).calendar if "calendar" in given else None
    for calendar in world.google.state.calendars.values():
        if one in (None, calendar):
            calendar.events.clear()
    return {}


# Calendars


def add_google_account(world: World, given: Given) -> object:
    """One more Google account with an empty calendar: `email`, `name`, `zone`."""
    email = str(given.get("email", "charles@example.com"))
    if world.google.state.person(email) is not None:
        raise BadParameter("email is somebody's")
    person = seed.add_person(
        world.google.state,
        email=email,
        name=str(given.get("name", "Charles Example")),
        zone=_zone(given) or world.zone,
    )
    return {"id": person.id}


def add_calendar(world: World, given: Given) -> object:
    """Put a calendar on somebody's list: `summary`, `id`, `role` (owner), and what one can edit."""
    person, state = person_of(world, given), world.google.state
    id_ = str(given.get("id", f"c_{state.revision:08x}@group.calendar.google.com"))
    calendar = state.calendars.get(id_)
    if calendar is None:
        summary = str(given.get("summary", "Another calendar"))
        calendar = Calendar(
            id=id_, summary=summary, zone=_zone(given) or person.zone, data_owner=person.email
        )
    entry = seed.add_calendar(state, person, calendar, role=_role(given, "owner"))
    _edit(entry, given)
    return {"id": id_}


def edit_calendar(world: World, given: Given) -> object:
    """Change `calendar` in somebody's list: `selected`, `hidden`, `deleted`, `role`, colours, …"""
    entry = _entry(world, given)
    entry.role = _role(given, entry.role)
    _edit(entry, given)
    entry.calendar.summary = str(given.get("summary", entry.calendar.summary))
    entry.calendar.zone = _zone(given) or entry.calendar.zone
    entry.revision = world.google.state.next_revision()
    return {}


def _role(given: Given, default: str) -> str:
    role = str(given.get("role", default))
    if role not in ROLES:
        raise BadParameter("role must be one of " + ", ".join(ROLES))
    return role


def _edit(entry: Entry, given: Given) -> None:
    for name in ("selected", "hidden", "deleted"):
        if name in given:
            setattr(entry, name, switch(given, name, default=False))
    entry.look.update({key: given[key] for key in _LOOK if key in given})


def fail_calendar(world: World, given: Given) -> object:
    """Refuse everything about one `calendar`: `status` 403, 404, 410, 500 or 503; 0: no more.

    `reason` instead: any the API knows.
    """
    calendar = _entry(world, given).calendar
    status, reason = int(number(given, "status", 403)), given.get("reason")
    if reason is not None and reason not in REASONS:
        raise BadParameter("reason must be one of " + ", ".join(sorted(REASONS)))
    if reason is None and status and status not in _TROUBLES:
        raise BadParameter("status must be 0 or one of " + ", ".join(map(str, _TROUBLES)))
    calendar.trouble = REASONS[str(reason)] if reason else _TROUBLES.get(status)
    return {}


def expire_sync(world: World, _given: Given) -> object:
    """End every sync token there is: they are answered with 410."""
    world.google.state.oldest_sync = world.google.state.next_revision()
    return {}


GOOGLE_ACTIONS = (
    *OAUTH_ACTIONS,
    add_calendar,
    add_event,
    add_google_account,
    break_event,
    cancel_event,
    clear_events,
    edit_calendar,
    edit_event,
    expire_sync,
    fail_calendar,
    move_event,
    respond,
)
