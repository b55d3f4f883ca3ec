"""Serve Calendar v3: who may call, how it is counted, and what comes back.

developers.google.com/calendar/api/v3/reference. Served are what a desktop app reads and the one
thing it changes: calendarList.list and .get, events.list, .get and .patch.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from oo_desktop.sandbox.faults import RawAnswer
from oo_desktop.sandbox.google import GOOGLE_API, scopes
from oo_desktop.sandbox.google.errors import (
    GoogleApiError,
    Refusal,
    bad_request,
    error_answer,
    known_error,
    missing_scope,
    not_configured,
    page_refusal,
)
from oo_desktop.sandbox.google.listing import (
    calendars_page,
    count,
    events_page,
    question_from_query,
    response_zone,
)
from oo_desktop.sandbox.google.model import CalendarEntry, Person, SandboxCalendar, SandboxEvent
from oo_desktop.sandbox.google.recurrence import instance_by_id
from oo_desktop.sandbox.google.selection import Tree, selected, tree_from_text
from oo_desktop.sandbox.google.service import Google
from oo_desktop.sandbox.google.view import entry_as_json, event_as_json
from oo_desktop.sandbox.google.writing import patch
from oo_desktop.sandbox.oauth.grants import SandboxAccessToken

MAX_CALENDAR_BODY_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class CalendarCall:
    """Holds a request that was let in."""

    person: Person
    query: QueryParams
    body: Mapping[str, Any]
    calendar_id: str
    event_id: str
    if_match: str | None


CalendarHandler = Callable[[CalendarCall], dict[str, Any]]


class CalendarApi:
    """Serves everything under /google/calendar/v3."""

    def __init__(self, google: Google) -> None:
        self._google = google

    def routes(self) -> list[Route]:
        """Return the routes, at the root."""
        see, change = scopes.SEE_EVENTS, scopes.CHANGE_EVENTS
        event = "calendars/{calendar_id}/events/{event_id}"
        return [
            self._route("users/me/calendarList", self.calendars, scopes.SEE_LIST),
            self._route("users/me/calendarList/{calendar_id}", self.entry, scopes.SEE_ENTRY),
            self._route("calendars/{calendar_id}/events", self.events, see),
            self._route(event, self.event, see),
            self._route(event, self.patch, change, method="PATCH"),
        ]

    def _route(
        self,
        path: str,
        handler: CalendarHandler,
        accepted: frozenset[str],
        *,
        method: str = "GET",
    ) -> Route:
        endpoint = self._endpoint(handler, accepted)
        # Starlette adds HEAD to what answers GET; Google's front end does as well.
        return Route(GOOGLE_API + path, endpoint, methods=[method])

    def _endpoint(
        self, handler: CalendarHandler, accepted: frozenset[str]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                person = self._let_in(request, accepted)
                fields = request.query_params.get("fields")
                tree = tree_from_text(fields) if fields else {}
                call = CalendarCall(
                    person=person,
                    query=request.query_params,
                    body=await _body(request),
                    calendar_id=request.path_params.get("calendar_id", ""),
                    event_id=request.path_params.get("event_id", ""),
                    if_match=request.headers.get("if-match"),
                )
                return _answer(request, handler(call), tree)
            except GoogleApiError as error:
                return as_response(error_answer(error))

        return endpoint

    def _let_in(self, request: Request, accepted: frozenset[str]) -> Person:
        token = self._token(request)
        person = self._google.state.people.get(token.grant.user_id)
        if person is None:
            raise known_error("authError")
        client = token.grant.client
        if not client.api_enabled:
            raise not_configured(client.project)
        if not accepted & set(token.scope):
            raise missing_scope(accepted)
        self._google.check_limit(person, client)
        return person

    def _token(self, request: Request) -> SandboxAccessToken:
        """The caller's live token. Raises GoogleApiError (401)."""
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not value:
            raise known_error("required")
        token = self._google.grants.token(value)
        if token is None:
            raise known_error("authError")
        return token

    # What can be asked

    def calendars(self, call: CalendarCall) -> dict[str, Any]:
        """Answer `calendarList.list`."""
        return calendars_page(call.query, call.person, self._google.state, self._google.cuts)

    def entry(self, call: CalendarCall) -> dict[str, Any]:
        """Answer `calendarList.get`."""
        entry = call.person.entry(call.calendar_id)
        if entry is None or entry.deleted:
            raise known_error("notFound")
        return entry_as_json(entry)

    def events(self, call: CalendarCall) -> dict[str, Any]:
        """Answer `events.list`."""
        entry = self._open(call)
        state = self._google.state
        question = question_from_query(
            call.query, entry=entry, email=call.person.email, state=state
        )
        return events_page(question, entry, state, self._google.cuts)

    def event(self, call: CalendarCall) -> dict[str, Any]:
        """Answer `events.get`; deleted ones are found too."""
        entry = self._open(call)
        return self._shown(call, entry, _event(entry.calendar, call.event_id))

    def patch(self, call: CalendarCall) -> dict[str, Any]:
        """Answer `events.patch`, of an instance of a series or of all of it."""
        entry, state = self._open(call), self._google.state
        event = _event(entry.calendar, call.event_id)
        if call.if_match not in (None, "*", event.etag):
            raise known_error("conditionNotMet")
        stored = entry.calendar.events.get(event.id) or state.exception(entry.calendar, event)
        send_updates = call.query.get("sendUpdates", "none")
        try:
            patch(state, entry, stored, call.body, send_updates=send_updates)
        except GoogleApiError:
            if stored is not event:
                del entry.calendar.events[stored.id]
            raise
        return self._shown(call, entry, stored)

    def _open(self, call: CalendarCall) -> CalendarEntry:
        """The calendar asked for. A calendar of somebody else's is as good as none."""
        entry = call.person.entry(call.calendar_id)
        if entry is None or entry.deleted:
            raise known_error("notFound")
        if entry.calendar.trouble is not None:
            raise entry.calendar.trouble()
        return entry

    def _shown(
        self, call: CalendarCall, entry: CalendarEntry, event: SandboxEvent
    ) -> dict[str, Any]:
        zone = response_zone(call.query, entry.calendar)
        most = count(call.query, "maxAttendees", 0) or None
        return event_as_json(event, entry, zone=zone, most_attendees=most)


def _event(calendar: SandboxCalendar, id_: str) -> SandboxEvent:
    event = instance_by_id(calendar, id_)
    if event is None:
        raise known_error("notFound")
    return event


async def _body(request: Request) -> Mapping[str, Any]:
    raw = await request.body()
    if len(raw) > MAX_CALENDAR_BODY_BYTES:
        raise GoogleApiError("uploadTooLarge", Refusal(413, "Request Entity Too Large"))
    try:
        body = json.loads(raw) if raw else {}
    except ValueError as error:
        raise GoogleApiError("parseError", Refusal(400, "Parse Error")) from error
    if not isinstance(body, dict):
        raise bad_request("Invalid JSON payload received.")
    return body


def _answer(request: Request, body: dict[str, Any], tree: Tree) -> Response:
    """The answer, or 304 where the caller has it."""
    headers = {"Cache-Control": "private, max-age=0, must-revalidate, no-transform"}
    headers["ETag"] = body["etag"]
    if request.method == "GET" and request.headers.get("if-none-match") == body["etag"]:
        return Response(status_code=304, headers=headers)
    return JSONResponse(
        selected(body, tree), headers=headers, media_type="application/json; charset=UTF-8"
    )


def as_response(refused: RawAnswer) -> Response:
    """Return a whole answer as Starlette has it."""
    return Response(
        refused.body,
        refused.status,
        dict(refused.headers),
        media_type=refused.content_type,
    )


def nothing_here() -> Response:
    """Return what a path answers that is none."""
    return as_response(page_refusal(404))
