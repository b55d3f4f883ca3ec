"""Tell everything there is to know of a sandbox, as JSON; never a token, never a secret."""

from dataclasses import asdict
from typing import Any

from oo_desktop.sandbox.caldav.model import RecordedWrite, etag_of
from oo_desktop.sandbox.caldav.service import CalDav
from oo_desktop.sandbox.google.model import RecordedPatch, SandboxCalendar, SandboxEvent
from oo_desktop.sandbox.google.service import Google
from oo_desktop.sandbox.google.times import moment_as_json
from oo_desktop.sandbox.oauth.grants import SandboxGrants
from oo_desktop.sandbox.todoist.state import HistoryEntry
from oo_desktop.sandbox.world import RequestSeen, World


def state_json(world: World) -> dict[str, Any]:
    """Return what `GET /sandbox/api/state` answers."""
    todoist = world.todoist
    return {
        "now": world.clock.now().isoformat(),
        "clock_offset": world.clock.offset.total_seconds(),
        "accounts": [
            {"id": a.id, "email": a.email, "full_name": a.full_name, "zone": a.zone}
            for a in todoist.state.accounts.values()
        ],
        "tasks": [
            {
                **task.as_json(),
                "completions": task.completions,
                "project": account.projects[task.project_id].name,
            }
            for account in todoist.state.accounts.values()
            for task in account.tasks.values()
        ],
        "history": [_dated(done) for done in todoist.state.history],
        "apps": _apps(todoist.grants),
        "refreshes": todoist.grants.refreshes,
        "faults": [{"kind": f.kind, "path": f.path, "count": f.count} for f in world.faults.active],
        "requests": [_dated(seen) for seen in world.requests],
        "google": _google(world.google),
        "caldav": _caldav(world.caldav),
        "ics": [
            {"name": link.name, "asked": link.asked, "not_modified": link.not_modified}
            for link in world.ics.links.values()
        ],
    }


def _dated(done: HistoryEntry | RecordedPatch | RecordedWrite | RequestSeen) -> dict[str, Any]:
    return {**asdict(done), "at": done.at.isoformat()}


def _apps(grants: SandboxGrants) -> list[dict[str, Any]]:
    return [
        {
            "client_id": client.id,
            "name": client.name,
            "access_tokens": len(grants.live_access(client)),
            "refresh_tokens": len(grants.live_refresh(client)),
        }
        for client in grants.clients.values()
    ]


def _google(google: Google) -> dict[str, Any]:
    state = google.state
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
        "history": [_dated(done) for done in state.history],
        "apps": _apps(google.grants),
        "refreshes": google.grants.refreshes,
    }


def _caldav(caldav: CalDav) -> dict[str, Any]:
    state = caldav.state
    return {
        "accounts": [
            {
                "id": account.id,
                "email": account.email,
                "name": account.name,
                "home": account.home,
                "collections": list(account.collections),
                "apps": list(account.app_passwords.values()),
                "requests": caldav.requests[account.email],
            }
            for account in state.accounts.values()
        ],
        "resources": [
            {
                "path": account.path_of(collection, name),
                "account": account.email,
                "collection": collection.slug,
                "etag": etag_of(body),
                "text": body.decode("utf-8", "replace"),
            }
            for account, collection, name, body in state.located()
        ],
        "writes": [_dated(done) for done in state.writes],
    }


def _event(calendar: SandboxCalendar, event: SandboxEvent) -> dict[str, Any]:
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
