"""Serve the control page, and the same for tests as JSON.

`GET /sandbox` is the page, `GET /sandbox/api/state` everything as JSON (never a token), and
`POST /sandbox/api/<action>` does one of `ACTIONS`: a JSON object of parameters is answered in JSON,
a form (the page's buttons) with the page.
"""

import json
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfoNotFoundError

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from oo_desktop.sandbox import pages
from oo_desktop.sandbox.control.actions import ACTIONS
from oo_desktop.sandbox.control.page import control_page
from oo_desktop.sandbox.control.state import state_json
from oo_desktop.sandbox.control.table import BadParameter, ControlAction, Given
from oo_desktop.sandbox.google import CLIENT_ID, GOOGLE
from oo_desktop.sandbox.todoist.errors import TodoistApiError
from oo_desktop.sandbox.world import World


class Control:
    """Serves everything under /sandbox."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """Return the routes, at the root."""
        return [
            Route("/sandbox", self.page, methods=["GET"]),
            Route("/sandbox/api/state", self.state, methods=["GET"]),
            Route("/sandbox/api/{action}", self.act, methods=["POST"]),
            Route("/sandbox/google/client_secret.json", self.client_file, methods=["GET"]),
            *pages.static_routes(),
        ]

    async def page(self, _request: Request) -> Response:
        """Answer with the control page."""
        headers = {"Cache-Control": "no-store", **pages.SAFETY}
        return HTMLResponse(control_page(self._world), headers=headers)

    async def state(self, _request: Request) -> Response:
        """Answer with everything there is to know, as JSON."""
        return JSONResponse(state_json(self._world))

    async def client_file(self, request: Request) -> Response:
        """Answer with the file the Cloud console offers for a desktop client.

        `client_secret_….json`, of `client_id` or of the client from the start.
        """
        google = self._world.google
        client = google.grants.clients.get(request.query_params.get("client_id", CLIENT_ID))
        if client is None:
            return Response(status_code=404)
        base = f"{request.url.scheme}://{request.url.netloc}"
        installed = {
            "client_id": client.id,
            "project_id": f"sandbox-{client.project}",
            "auth_uri": base + google.sign_in.authorize_path,
            "token_uri": base + google.sign_in.token_path,
            "auth_provider_x509_cert_url": f"{base}{GOOGLE}oauth2/v1/certs",
            "client_secret": client.secret,
            "redirect_uris": ["http://localhost"],
        }
        name = f"client_secret_{client.id}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return JSONResponse({"installed": installed}, headers=headers)

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


def _perform(action: ControlAction, world: World, given: Given) -> object:
    try:
        return action(world, given)
    except TodoistApiError as error:
        raise BadParameter(f"{error.message}: {error.extra}") from error
    except ZoneInfoNotFoundError as error:
        raise BadParameter("Unknown zone") from error


async def _parameters(request: Request, *, by_form: bool) -> dict[str, Any]:
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
