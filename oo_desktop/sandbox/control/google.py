"""Do to the stand-in Google what happens elsewhere: to events, calendars, people and sign-in.

`email` is whose (Ada's, if nobody is named), `calendar` an id or `primary`, `id` an event's or an
instance's. What `fields` holds goes into the resource as it is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from oo_desktop.sandbox.control.table import (
    BadParameter,
    Button,
    ButtonGroup,
    Form,
    Input,
    Parameter,
    action,
    one_of,
    parameters_of,
)
from oo_desktop.sandbox.google import CLIENT_ID, CLIENT_SECRET, GOOGLE_ISSUER, seed
from oo_desktop.sandbox.google.errors import API_REASONS, known_error
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
from oo_desktop.sandbox.oauth.policy import SandboxClient
from oo_desktop.sandbox.world import World

_TROUBLES = {
    403: "forbidden",
    404: "notFound",
    410: "deleted",
    500: "backendError",
    503: "backendError",
}
_CLIENT_FILE = """
<p class="small after"><a href="/sandbox/google/client_secret.json" download>The client’s file</a>,
as the Cloud console offers it</p>"""
_LOOK = (
    *(Parameter(name, str) for name in ("summaryOverride", "backgroundColor", "foregroundColor")),
    Parameter("colorId", str),
    Parameter("defaultReminders", list),
)


@dataclass(frozen=True)
class Who:
    """Says which Google account is meant; the first person's, if nobody is named."""

    email: str | None = None

    def person(self, world: World) -> Person:
        """Return whose it is. Raises BadParameter."""
        state = world.google.state
        first = next(iter(state.people.values()))
        person = first if self.email is None else state.person(self.email)
        if person is None:
            raise BadParameter("email is nobody's")
        return person

    def entry(self, world: World, calendar: str | None) -> CalendarEntry:
        """Return the entry of a calendar in their list (None: their own). Raises BadParameter."""
        entry = self.person(world).entry(calendar or "primary")
        if entry is None:
            raise BadParameter("calendar is none of theirs")
        return entry


@dataclass(frozen=True)
class OneEvent:
    """Says which event is meant: on `calendar`, where the same id is on several."""

    id: str
    email: str | None = None
    calendar: str | None = None

    def found(self, world: World) -> tuple[SandboxCalendar, SandboxEvent]:
        """Return it and its calendar; an instance is stored. Raises BadParameter."""
        state = world.google.state
        calendars = list(state.calendars.values())
        if self.calendar is not None:
            known = state.calendars.get(self.calendar)
            calendars = [known or Who(self.email).entry(world, self.calendar).calendar]
        for calendar in calendars:
            event = instance_by_id(calendar, self.id)
            if event is not None:
                return calendar, state.exception(calendar, event)
        raise BadParameter("id is no event's")


@dataclass(frozen=True)
class When:
    """Says when an event is.

    `start` and `end`; or `in_minutes` from now for `minutes`; or, with `days`, whole days from
    `in_days` days from today.
    """

    start: Any = None
    end: Any = None
    in_minutes: float = 30
    minutes: float = 30
    in_days: float = 0
    days: float | None = None

    def span(self, calendar: SandboxCalendar, now: datetime) -> tuple[EventTime, EventTime]:
        """Return start and end. Raises BadParameter."""
        start: EventTime = (now + timedelta(minutes=self.in_minutes)).replace(
            second=0, microsecond=0
        )
        if self.start is not None:
            start = _time(self.start, calendar)
        elif self.days is not None:
            start = (now.astimezone(calendar.zoneinfo) + timedelta(days=self.in_days)).date()
        if self.end is not None:
            return _of_one_kind(start, _time(self.end, calendar))
        if isinstance(start, datetime):
            return start, start + timedelta(minutes=self.minutes)
        return start, start + timedelta(days=max(1, self.days or 1))


def _object(fields: object) -> dict[str, Any]:
    if isinstance(fields, str):
        try:
            fields = json.loads(fields or "{}")
        except ValueError as error:
            raise BadParameter("fields must be JSON") from error
    if not isinstance(fields, Mapping):
        raise BadParameter("fields must be an object")
    return dict(fields)


def _resource(fields: object, more: Mapping[str, Any]) -> dict[str, Any]:
    """What goes into the resource: `fields`, and every parameter the action does not know."""
    content = {**more, **_object(fields)}
    return {key: value for key, value in content.items() if key not in ("start", "end")}


def _time(given: object, calendar: SandboxCalendar) -> EventTime:
    """A date, a time with or without an offset, or `{date}` or `{dateTime}`."""
    text = {"date" if len(given) == 10 else "dateTime": given} if isinstance(given, str) else given
    try:
        return moment_from_json(text, calendar.zoneinfo)[0]
    except ValueError as error:
        raise BadParameter("start and end must be dates or times") from error


def _of_one_kind(start: EventTime, end: EventTime) -> tuple[EventTime, EventTime]:
    if isinstance(start, datetime) is not isinstance(end, datetime):
        raise BadParameter("start and end must be of one kind")
    return start, end


def _zone(name: str | None) -> str | None:
    try:
        return None if name is None else zone_from_name(name).key
    except ValueError as error:
        raise BadParameter("zone is no zone's name") from error


# Events


@action(
    form=Form(
        "Plan something",
        [
            Input("summary", "Title", placeholder="What is planned", wide=True),
            Input("in_minutes", "In how many minutes", "15"),
            Input("minutes", "For how many minutes", "30"),
        ],
        hint="in … minutes, for … minutes",
        after=_CLIENT_FILE,
    )
)
def add_event(
    world: World,
    who: Who,
    when: When,
    calendar: str | None = None,
    times: int = 1,
    every: float | None = None,
    zone: str | None = None,
    id: str | None = None,  # noqa: A002  # as JSON has it
    fields: Any = "",
    **resource: Any,
) -> object:
    """Add `times` events `every` so many minutes (`minutes`, their length): `summary`, …

    `zone`: the event's own. `id`: what it is to be.
    """
    where = who.entry(world, calendar).calendar
    start, end = when.span(where, world.clock.now())
    content = _resource(fields, resource)
    own_zone, ids = _zone(zone), []
    for turn in range(times):
        later = timedelta(minutes=when.minutes if every is None else every) * turn
        if times > 1:
            content["summary"] = f"{resource.get('summary', 'Event')} {turn + 1}"
        event = world.google.state.add(
            where, start=start + later, end=end + later, zone=own_zone, id_=id, **content
        )
        ids.append(event.id)
    return {"id": ids[0] if ids else None, "ids": ids}


@action()
def edit_event(world: World, which: OneEvent, fields: Any = "", **resource: Any) -> object:
    """Change the event `id`: fields of the resource; null takes one away."""
    _, event = which.found(world)
    content = _resource(fields, resource)
    event.status = str(content.pop("status", event.status))
    event.content.update(content)
    world.google.state.touch(event)
    return {"id": event.id}


@action()
def move_event(
    world: World, which: OneEvent, by: float = 15, start: Any = None, end: Any = None
) -> object:
    """Move the event `id` by `by` minutes, or to `start` (and `end`)."""
    calendar, event = which.found(world)
    if start is not None:
        length, event.start = event.length, _time(start, calendar)
        event.end = event.start + length
        if end is not None:
            _, event.end = _of_one_kind(event.start, _time(end, calendar))
    else:
        event.start += timedelta(minutes=by)
        event.end += timedelta(minutes=by)
    world.google.state.touch(event)
    return {"id": event.id}


@action()
def cancel_event(world: World, which: OneEvent) -> object:
    """Cancel the event `id`: an event, an instance, or a whole series."""
    calendar, event = which.found(world)
    world.google.state.cancel(calendar, event)
    return {"id": event.id}


@action()
def break_event(world: World, which: OneEvent, fields: Any = '{"start": {}}') -> object:
    """Break what is said of the event `id`: `fields` laid over it (no start); none: well again."""
    _, event = which.found(world)
    event.spoiled = _object(fields)
    world.google.state.touch(event)
    return {"id": event.id}


@action()
def respond(world: World, which: OneEvent, response: str = "declined") -> object:
    """Answer the event `id` as a guest: `email`, `response`."""
    one_of("response", response, sorted(RESPONSES))
    _, event = which.found(world)
    guest = Who(which.email).person(world).email
    if event.attendee(guest) is None:
        event.content.setdefault("attendees", []).append({"email": guest})
    world.google.state.answer(event, guest, response)
    return {"id": event.id}


@action()
def clear_events(world: World, who: Who, calendar: str | None = None) -> None:
    """Forget every event, or those of one `calendar`, as if there had never been any."""
    one = None if calendar is None else who.entry(world, calendar).calendar
    for each in world.google.state.calendars.values():
        if one in (None, each):
            each.events.clear()


# Calendars and people


@action()
def add_google_account(
    world: World,
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
    who: Who,
    id: str | None = None,  # noqa: A002  # as JSON has it
    summary: str = "Another calendar",
    zone: str | None = None,
    role: str = "owner",
    **changes: Any,
) -> object:
    """Put a calendar on somebody's list: `summary`, `id`, `role`, and what one can edit."""
    person, state = who.person(world), world.google.state
    id_ = id or f"c_{state.revision:08x}@group.calendar.google.com"
    calendar = state.calendars.get(id_) or SandboxCalendar(
        id=id_, summary=summary, zone=_zone(zone) or person.zone, data_owner=person.email
    )
    seed.add_calendar(state, person, calendar, role=one_of("role", role, ROLES))
    edit_calendar(world, {**changes, "email": who.email, "calendar": id_})
    return {"id": id_}


_LISTED = ("selected", "hidden", "deleted")


@action(changes=(*parameters_of(CalendarEntry, "role", *_LISTED), *_LOOK))
def edit_calendar(
    world: World,
    who: Who,
    calendar: str | None = None,
    summary: str | None = None,
    zone: str | None = None,
    **changes: Any,
) -> None:
    """Change `calendar` in somebody's list: `selected`, `hidden`, `deleted`, `role`, colours, …"""
    entry = who.entry(world, calendar)
    one_of("role", changes.get("role", entry.role), ROLES)
    for key, value in changes.items():
        if key in ("role", *_LISTED):
            setattr(entry, key, value)
        else:
            entry.look[key] = value
    entry.calendar.summary = summary or entry.calendar.summary
    entry.calendar.zone = _zone(zone) or entry.calendar.zone
    entry.revision = world.google.state.next_revision()


@action()
def fail_calendar(
    world: World,
    who: Who,
    calendar: str | None = None,
    status: int = 403,
    reason: str | None = None,
) -> None:
    """Refuse everything about one `calendar`: `status` 403, 404, 410, 500 or 503; 0: no more.

    `reason` instead: any the API knows.
    """
    failing = who.entry(world, calendar).calendar
    if reason is None:
        one_of("status", str(status), ["0", *map(str, _TROUBLES)])
    else:
        one_of("reason", reason, sorted(API_REASONS))
    told, as_status = reason or _TROUBLES.get(status), None if reason else status
    failing.trouble = (lambda: known_error(told, as_status)) if told else None


@action()
def expire_sync(world: World) -> None:
    """End every sync token there is: they are answered with 410."""
    world.google.state.oldest_sync = world.google.state.next_revision()


# Sign-in


def _in_testing(world: World) -> bool:
    return next(iter(world.google.grants.clients.values())).testing


_KEPT = ("name", "testing", "verified", "deleted", "api_enabled")
"""What the Cloud console shows of a client, beside its id and its secret."""


@action(
    Button(
        "Set the app to testing",
        ButtonGroup.GOOGLE,
        {"testing": "true"},
        shown=lambda world: not _in_testing(world),
    ),
    Button(
        "Publish the app",
        ButtonGroup.GOOGLE,
        {"testing": "false"},
        shown=_in_testing,
        pressed=_in_testing,
    ),
    changes=parameters_of(SandboxClient, "secret", *_KEPT),
)
def google_client(world: World, client_id: str = CLIENT_ID, **changes: Any) -> object:
    """Make or change a desktop client of the Cloud console: `client_id`, `secret`, `name`.

    `testing`: its consents end after 7 days. `verified` false: the person is warned. `deleted`,
    `api_enabled` false: as in the console. Answers with all of it.
    """
    google = world.google
    client = google.grants.clients.get(client_id) or google.add_client(client_id, CLIENT_SECRET)
    for key, value in changes.items():
        setattr(client, key, value)
    told = {key: getattr(client, key) for key in _KEPT}
    return {"client_id": client.id, "client_secret": client.secret, **told}


@action()
def google_iss(world: World, value: str | None = GOOGLE_ISSUER) -> None:
    """Say what `iss` is on the callback; `value` null: it is left out."""
    world.google.sign_in.send_iss = value


@action()
def google_rotate(world: World, on: bool = True) -> None:
    """Let every refresh bring a new refresh token and end the old one; `on` false: no more."""
    world.google.sign_in.rotates = on


@action()
def google_block(world: World, error: str = "admin_policy_enforced") -> None:
    """Answer sign-ins with `error` on Google's own page, never redirecting; empty: no more."""
    world.google.sign_in.blocked = one_of("error", error, ["", *sorted(BLOCKED)])


@action()
def google_time_limit(world: World, seconds: float = 86_400) -> None:
    """Let new consents end after `seconds` by the person's wish (“time-based access”); 0: never."""
    world.google.sign_in.time_limit = timedelta(seconds=seconds) if seconds > 0 else None


@action(Button("Seven days pass", ButtonGroup.GOOGLE, {"days": 7}))
def age_grants(world: World, days: float = 7) -> None:
    """Let consents, and their last use, lie `days` further back, and the clock stay."""
    world.google.grants.age(timedelta(days=days))
