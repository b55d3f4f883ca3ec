"""Do to the stand-in Google what happens elsewhere: to events, calendars, people and sign-in.

`email` is whose (Ada's, if nobody is named), `calendar` an id or `primary`, `id` an event's or an
instance's. What `fields` holds goes into the resource as it is.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from oo_desktop.sandbox.control.table import (
    UNSET,
    BadParameter,
    Button,
    Form,
    Group,
    Input,
    Unset,
    action,
    one_of,
)
from oo_desktop.sandbox.google import CLIENT_ID, CLIENT_SECRET, GOOGLE_ISSUER, seed
from oo_desktop.sandbox.google.errors import (
    REASONS,
    GoogleApiError,
    backend_error,
    deleted,
    forbidden,
    not_found,
)
from oo_desktop.sandbox.google.model import (
    ROLES,
    CalendarEntry,
    Person,
    SandboxCalendar,
    SandboxEvent,
)
from oo_desktop.sandbox.google.oauth import BLOCKED
from oo_desktop.sandbox.google.recurrence import instance_by_id
from oo_desktop.sandbox.google.times import EventTime, moment_from_json, zone_from_name
from oo_desktop.sandbox.google.writing import RESPONSES
from oo_desktop.sandbox.world import World

_TROUBLES: dict[int, Callable[[], GoogleApiError]] = {
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


def person_of(world: World, email: str | None) -> Person:
    """Return whose `email` that is; the first person, if none is given. Raises BadParameter."""
    state = world.google.state
    person = next(iter(state.people.values())) if email is None else state.person(email)
    if person is None:
        raise BadParameter("email is nobody's")
    return person


def _entry(world: World, email: str | None, calendar: str) -> CalendarEntry:
    entry = person_of(world, email).entry(calendar)
    if entry is None:
        raise BadParameter("calendar is none of theirs")
    return entry


def _event(
    world: World, id_: str, calendar: str | None, email: str | None
) -> tuple[SandboxCalendar, SandboxEvent]:
    """The event `id`, on `calendar` where the same id is on several; an instance is stored."""
    state = world.google.state
    calendars = list(state.calendars.values())
    if calendar is not None:
        calendars = [state.calendars.get(calendar) or _entry(world, email, calendar).calendar]
    for each in calendars:
        event = instance_by_id(each, id_)
        if event is not None:
            return each, state.exception(each, event)
    raise BadParameter("id is no event's")


def _resource(fields: object, named: Mapping[str, Any]) -> dict[str, Any]:
    """What goes into the resource: `fields`, and every parameter that has a resource's name."""
    if isinstance(fields, str):
        try:
            fields = json.loads(fields or "{}")
        except ValueError as error:
            raise BadParameter("fields must be JSON") from error
    if not isinstance(fields, Mapping):
        raise BadParameter("fields must be an object")
    return {**{key: value for key, value in named.items() if key in _RESOURCE}, **fields}


def _time(given: object, calendar: SandboxCalendar) -> EventTime:
    """A date, a time with or without an offset, or `{date}` or `{dateTime}`."""
    text = {"date" if len(given) == 10 else "dateTime": given} if isinstance(given, str) else given
    try:
        return moment_from_json(text, calendar.zoneinfo)[0]
    except ValueError as error:
        raise BadParameter("start and end must be dates or times") from error


def _of_one_kind(start: EventTime, end: EventTime) -> None:
    if isinstance(start, datetime) is not isinstance(end, datetime):
        raise BadParameter("start and end must be of one kind")


def _zone(name: str | None) -> str | None:
    try:
        return None if name is None else zone_from_name(name).key
    except ValueError as error:
        raise BadParameter("zone is no zone's name") from error


# Events


@action(
    form=Form(
        heading="Plan something",
        inputs=(
            Input(name="summary", label="Title", placeholder="What is planned", wide=True),
            Input(name="in_minutes", label="In how many minutes", value="15"),
            Input(name="minutes", label="For how many minutes", value="30"),
        ),
        hint="in … minutes, for … minutes",
    )
)
def add_event(
    world: World,
    *,
    summary: str | Unset = UNSET,
    email: str | None = None,
    calendar: str = "primary",
    start: Any = None,
    end: Any = None,
    in_minutes: float = 30,
    minutes: float = 30,
    in_days: float = 0,
    days: float | None = None,
    times: int = 1,
    every: float | None = None,
    zone: str | None = None,
    id_: str | None = None,
    fields: Any = "",
    **resource: Any,
) -> object:
    """Add `times` events `every` so many minutes (`minutes`, their length): `summary`, …

    When: `start` and `end`; or `in_minutes` from now for `minutes`; or, with `days`, whole days
    from `in_days` days from today. `zone`: the event's own. `id`: what it is to be.
    """
    where = _entry(world, email, calendar).calendar
    now = world.clock.now()
    if start is not None:
        begin = _time(start, where)
    elif days is not None:
        begin = (now.astimezone(where.zoneinfo) + timedelta(days=in_days)).date()
    else:
        begin = (now + timedelta(minutes=in_minutes)).replace(second=0, microsecond=0)
    if end is not None:
        until = _time(end, where)
    elif isinstance(begin, datetime):
        until = begin + timedelta(minutes=minutes)
    else:
        until = begin + timedelta(days=max(1, 1 if days is None else days))
    _of_one_kind(begin, until)
    named = resource if summary is UNSET else {"summary": summary, **resource}
    content = _resource(fields, named)
    for key in ("start", "end"):
        content.pop(key, None)
    own_zone, ids = _zone(zone), []
    for turn in range(times):
        later = timedelta(minutes=minutes if every is None else every) * turn
        if times > 1:
            content["summary"] = f"{'Event' if summary is UNSET else summary} {turn + 1}"
        event = world.google.state.add(
            where, start=begin + later, end=until + later, zone=own_zone, id_=id_, **content
        )
        ids.append(event.id)
    return {"id": ids[0] if ids else None, "ids": ids}


@action()
def edit_event(
    world: World,
    *,
    id_: str,
    email: str | None = None,
    calendar: str | None = None,
    fields: Any = "",
    **resource: Any,
) -> object:
    """Change the event `id`: fields of the resource; null takes one away."""
    _, event = _event(world, id_, calendar, email)
    content = _resource(fields, resource)
    event.status = str(content.pop("status", event.status))
    event.content.update(content)
    world.google.state.touch(event)
    return {"id": event.id}


@action()
def move_event(
    world: World,
    *,
    id_: str,
    email: str | None = None,
    calendar: str | None = None,
    by: float = 15,
    start: Any = None,
    end: Any = None,
) -> object:
    """Move the event `id` by `by` minutes, or to `start` (and `end`)."""
    where, event = _event(world, id_, calendar, email)
    if start is not None:
        length = _length(event)
        event.start = _time(start, where)
        event.end = event.start + length if end is None else _time(end, where)
        _of_one_kind(event.start, event.end)
    else:
        event.start += timedelta(minutes=by)
        event.end += timedelta(minutes=by)
    world.google.state.touch(event)
    return {"id": event.id}


def _length(event: SandboxEvent) -> timedelta:
    if isinstance(event.start, datetime) and isinstance(event.end, datetime):
        return event.end - event.start
    return timedelta(days=event.end.toordinal() - event.start.toordinal())


@action()
def cancel_event(
    world: World, *, id_: str, email: str | None = None, calendar: str | None = None
) -> object:
    """Cancel the event `id`: an event, an instance, or a whole series."""
    where, event = _event(world, id_, calendar, email)
    world.google.state.cancel(where, event)
    return {"id": event.id}


@action()
def break_event(
    world: World,
    *,
    id_: str,
    email: str | None = None,
    calendar: str | None = None,
    fields: Any = '{"start": {}}',
) -> object:
    """Spoil what is said of the event `id`: `fields` laid over it (no start); none: well again."""
    _, event = _event(world, id_, calendar, email)
    event.spoiled = _resource(fields, {})
    world.google.state.touch(event)
    return {"id": event.id}


@action()
def respond(
    world: World,
    *,
    id_: str,
    email: str | None = None,
    calendar: str | None = None,
    response: str = "declined",
) -> object:
    """Answer the event `id` as a guest: `email`, `response`."""
    _, event = _event(world, id_, calendar, email)
    guest = person_of(world, email).email
    one_of("response", response, sorted(RESPONSES))
    if event.attendee(guest) is None:
        event.content.setdefault("attendees", []).append({"email": guest})
    world.google.state.answer(event, guest, response)
    return {"id": event.id}


@action()
def clear_events(world: World, *, email: str | None = None, calendar: str | None = None) -> object:
    """Forget every event, or those of one `calendar`, as if there had never been any."""
    one = None if calendar is None else _entry(world, email, calendar).calendar
    for each in world.google.state.calendars.values():
        if one in (None, each):
            each.events.clear()
    return {}


# Calendars and people


@action()
def add_google_account(
    world: World,
    *,
    email: str = "charles@example.com",
    name: str = "Charles Example",
    zone: str | None = None,
) -> object:
    """Add a Google account with an empty calendar: `email`, `name`, `zone`."""
    state = world.google.state
    if state.person(email) is not None:
        raise BadParameter("email is somebody's")
    own_zone = _zone(zone) or world.google.zone
    return {"id": seed.add_person(state, email=email, name=name, zone=own_zone).id}


@action()
def add_calendar(
    world: World,
    *,
    email: str | None = None,
    id_: str | None = None,
    summary: str = "Another calendar",
    zone: str | None = None,
    role: str = "owner",
    **look: Any,
) -> object:
    """Put a calendar on somebody's list: `summary`, `id`, `role`, and what one can edit."""
    person, state = person_of(world, email), world.google.state
    id_ = id_ or f"c_{state.revision:08x}@group.calendar.google.com"
    calendar = state.calendars.get(id_) or SandboxCalendar(
        id=id_, summary=summary, zone=_zone(zone) or person.zone, data_owner=person.email
    )
    entry = seed.add_calendar(state, person, calendar, role=one_of("role", role, ROLES))
    edit_calendar(world, {"email": email, "calendar": id_, **look})
    return {"id": entry.calendar.id}


@action()
def edit_calendar(
    world: World,
    *,
    email: str | None = None,
    calendar: str = "primary",
    role: str | Unset = UNSET,
    selected: bool | Unset = UNSET,
    hidden: bool | Unset = UNSET,
    deleted: bool | Unset = UNSET,
    summary: str | Unset = UNSET,
    zone: str | None = None,
    **look: Any,
) -> object:
    """Change `calendar` in somebody's list: `selected`, `hidden`, `deleted`, `role`, colours, …"""
    entry = _entry(world, email, calendar)
    if role is not UNSET:
        entry.role = one_of("role", role, ROLES)
    for name, value in (("selected", selected), ("hidden", hidden), ("deleted", deleted)):
        if value is not UNSET:
            setattr(entry, name, value)
    entry.look.update({key: look[key] for key in _LOOK if key in look})
    if summary is not UNSET:
        entry.calendar.summary = summary
    entry.calendar.zone = _zone(zone) or entry.calendar.zone
    entry.revision = world.google.state.next_revision()
    return {}


@action()
def fail_calendar(
    world: World,
    *,
    email: str | None = None,
    calendar: str = "primary",
    status: int = 403,
    reason: str | None = None,
) -> object:
    """Refuse everything about one `calendar`: `status` 403, 404, 410, 500 or 503; 0: no more.

    `reason` instead: any the API knows.
    """
    failing = _entry(world, email, calendar).calendar
    if reason is not None:
        failing.trouble = REASONS[one_of("reason", reason, sorted(REASONS))]
        return {}
    if status and status not in _TROUBLES:
        raise BadParameter("status must be 0 or one of " + ", ".join(map(str, _TROUBLES)))
    failing.trouble = _TROUBLES.get(status)
    return {}


@action()
def expire_sync(world: World) -> object:
    """End every sync token there is: they are answered with 410."""
    world.google.state.oldest_sync = world.google.state.next_revision()
    return {}


# Sign-in


def _in_testing(world: World) -> bool:
    return next(iter(world.google.grants.clients.values())).testing


@action(
    Button(
        label="Set the app to testing",
        group=Group.GOOGLE,
        fields={"testing": "true"},
        shown=lambda world: not _in_testing(world),
    ),
    Button(
        label="Publish the app",
        group=Group.GOOGLE,
        fields={"testing": "false"},
        shown=_in_testing,
        pressed=_in_testing,
    ),
)
def google_client(
    world: World,
    *,
    client_id: str = CLIENT_ID,
    secret: str | Unset = UNSET,
    name: str | Unset = UNSET,
    testing: bool | Unset = UNSET,
    verified: bool | Unset = UNSET,
    deleted: bool | Unset = UNSET,
    api_enabled: bool | Unset = UNSET,
) -> object:
    """Make or change a desktop client of the Cloud console: `client_id`, `secret`, `name`.

    `testing`: its consents end after 7 days. `verified` false: the person is warned. `deleted`,
    `api_enabled` false: as in the console. Answers with all of it.
    """
    google = world.google
    client = google.grants.clients.get(client_id) or google.add_client(client_id, CLIENT_SECRET)
    given = {
        "secret": secret,
        "name": name,
        "testing": testing,
        "verified": verified,
        "deleted": deleted,
        "api_enabled": api_enabled,
    }
    for key, value in given.items():
        if value is not UNSET:
            setattr(client, key, value)
    told = {key: getattr(client, key) for key in given if key != "secret"}
    return {"client_id": client.id, "client_secret": client.secret, **told}


@action()
def google_iss(world: World, *, value: str | None = GOOGLE_ISSUER) -> object:
    """Say what `iss` is on the callback; `value` null: it is left out."""
    world.google.sign_in.send_iss = value
    return {}


@action()
def google_rotate(world: World, *, on: bool = True) -> object:
    """Let every refresh bring a new refresh token and end the old one; `on` false: no more."""
    world.google.sign_in.rotates = on
    return {}


@action()
def google_block(world: World, *, error: str = "admin_policy_enforced") -> object:
    """Answer sign-ins with `error` on Google's own page, never redirecting; empty: no more."""
    world.google.sign_in.blocked = one_of("error", error, ["", *sorted(BLOCKED)])
    return {}


@action()
def google_time_limit(world: World, *, seconds: float = 86_400) -> object:
    """Let new consents end after `seconds` by the person's wish (“time-based access”); 0: never."""
    world.google.sign_in.time_limit = timedelta(seconds=seconds) if seconds > 0 else None
    return {}


@action(Button(label="Seven days pass", group=Group.GOOGLE, fields={"days": 7}))
def age_grants(world: World, *, days: float = 7) -> object:
    """Let consents, and their last use, lie `days` further back, and the clock stay."""
    world.google.grants.age(timedelta(days=days))
    return {}


GOOGLE_ACTIONS = (
    add_event,
    edit_event,
    move_event,
    cancel_event,
    break_event,
    respond,
    clear_events,
    add_google_account,
    add_calendar,
    edit_calendar,
    fail_calendar,
    expire_sync,
    google_client,
    google_iss,
    google_rotate,
    google_block,
    google_time_limit,
    age_grants,
)
