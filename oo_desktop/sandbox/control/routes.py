"""The control page, and the same for tests as JSON: look at the sandbox, and make it misbehave.

`GET /sandbox` is the page, `GET /sandbox/api/state` everything as JSON (never a token), and
`POST /sandbox/api/<action>` does one of `ACTIONS`: a JSON object of parameters is answered in JSON,
a form (the page's buttons) with the page.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfoNotFoundError

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from oo_desktop.sandbox import consent_pages as pages
from oo_desktop.sandbox.control import page as control_page
from oo_desktop.sandbox.control.parameters import BadParameter
from oo_desktop.sandbox.control.todoist import ACTIONS
from oo_desktop.sandbox.google.download import client_file_routes
from oo_desktop.sandbox.google.telling import google_json
from oo_desktop.sandbox.ical import ics_json
from oo_desktop.sandbox.todoist.errors import ApiError
from oo_desktop.sandbox.world import World


class Control:
    """Everything under /sandbox."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """The routes, at the root."""
        return [
            Route("/sandbox", self.page, methods=["GET"]),
            Route("/sandbox/api/state", self.state, methods=["GET"]),
            Route("/sandbox/api/{action}", self.act, methods=["POST"]),
            *pages.static_routes(),
            *client_file_routes(self._world.google),
        ]

    async def page(self, _request: Request) -> Response:
        """The control page."""
        headers = {"Cache-Control": "no-store", **pages.SAFETY}
        return HTMLResponse(control_page.control(self._world), headers=headers)

    async def state(self, _request: Request) -> Response:
        """Everything there is to know, as JSON."""
        return JSONResponse(state_json(self._world))

    async def act(self, request: Request) -> Response:
        """Do one action. 403 for other web sites, 404 for an unknown action, 400 for its values."""
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            return JSONResponse({"error": "The control page is for this page only."}, 403)
        action = ACTIONS.get(request.path_params["action"])
        if action is None:
            return JSONResponse({"error": "Unknown action.", "actions": sorted(ACTIONS)}, 404)
        by_form = request.headers.get("content-type", "").startswith("application/x-www-form")
        try:
            answer = _perform(action, self._world, await _parameters(request, by_form=by_form))
        except BadParameter as error:
            return JSONResponse({"error": str(error)}, 400)
        return RedirectResponse("/sandbox", 303) if by_form else JSONResponse(answer)


def _perform(
    action: Callable[[World, Mapping[str, Any]], object], world: World, given: Mapping[str, Any]
) -> object:
    try:
        return action(world, given)
    except ApiError as error:
        raise BadParameter(f"{error.message}: {error.extra}") from error
    except ZoneInfoNotFoundError as error:
        raise BadParameter("Unknown zone") from error


async def _parameters(request: Request, *, by_form: bool) -> Mapping[str, Any]:
    if by_form:
        form = await request.form()
        return {key: value for key, value in form.items() if isinstance(value, str)}
    raw = await request.body()
    try:
        given = json.loads(raw) if raw else {}
    except ValueError as error:
        raise BadParameter("JSON is expected") from error
    if not isinstance(given, dict):
        raise BadParameter("An object is expected")
    return given


def state_json(world: World) -> dict[str, Any]:
    """What `GET /sandbox/api/state` answers."""
    todoist, grants = world.todoist, world.grants
    return {
        "now": world.clock.now().isoformat(),
        "clock_offset": world.clock.offset.total_seconds(),
        "accounts": [
            {"id": a.id, "email": a.email, "full_name": a.full_name, "zone": a.zone}
            for a in todoist.accounts.values()
        ],
        "tasks": [
            {
                **task.as_json(),
                "completions": task.completions,
                "project": account.projects[task.project_id].name,
            }
            for account in todoist.accounts.values()
            for task in account.tasks.values()
        ],
        "history": [done.as_json() for done in todoist.history],
        "apps": [
            {
                "client_id": client.id,
                "name": client.name,
                "access_tokens": sum(t.client_id == client.id for t in grants.of_apps()),
                "refresh_tokens": sum(
                    t.client_id == client.id and not t.revoked and t.consumed_at is None
                    for t in grants.refresh_tokens.values()
                ),
            }
            for client in grants.clients.values()
        ],
        "refreshes": grants.refreshes,
        "faults": [{"kind": f.kind, "path": f.path, "count": f.count} for f in world.faults.active],
        "requests": [
            {
                "at": r.at.isoformat(),
                "method": r.method,
                "path": r.path,
                "status": r.status,
                "account": r.account,
            }
            for r in world.requests
        ],
        "google": google_json(world.google),
        "ics": ics_json(world.ics),
    }
