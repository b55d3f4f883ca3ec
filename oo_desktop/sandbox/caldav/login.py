"""Serve Nextcloud's sign-in in the browser: docs.nextcloud.com, developer manual, "Login Flow v2".

An app begins, the person grants in the browser, the app asks until it is given an app password,
once. `DELETE …/apppassword` ends the one it is asked with.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from oo_desktop.sandbox import pages
from oo_desktop.sandbox.caldav import APP_PASSWORD, FLOW, LOGIN
from oo_desktop.sandbox.caldav.api import CHALLENGE, login_from_header
from oo_desktop.sandbox.caldav.model import CalDavState, DavAccount

_LASTS = timedelta(minutes=20)
"""How long an app may ask (Login Flow v2: "the token will be valid for 20 minutes")."""

_PASSWORD_LENGTH = 72
_SERVICE = "Nextcloud"
_AFTER = "You can close this window."


@dataclass(kw_only=True)
class LoginFlow:
    """Holds a sign-in that an app began. granted: by whom, and the app password made for it."""

    app: str
    began: datetime
    page: str
    granted: tuple[DavAccount, str] | None = None


class NextcloudLogin:
    """Serves the sign-in. `flows`: those that wait, by what the app asks with."""

    def __init__(self, state: CalDavState) -> None:
        self._state = state
        self.flows: dict[str, LoginFlow] = {}

    def routes(self) -> list[Route]:
        """Return the routes, at the root."""
        return [
            Route(LOGIN, self.begin, methods=["POST"]),
            Route(f"{FLOW}flow/{{page}}", self.show, methods=["GET"]),
            Route(f"{FLOW}flow/{{page}}", self.grant, methods=["POST"]),
            Route(f"{FLOW}poll", self.poll, methods=["POST"]),
            Route(APP_PASSWORD, self.end, methods=["DELETE"]),
        ]

    async def begin(self, request: Request) -> Response:
        """Begin: answer with where the person goes, and where and with what the app asks."""
        token, page = secrets.token_urlsafe(96), secrets.token_urlsafe(96)
        app = request.headers.get("user-agent") or "unknown"
        self.flows[token] = LoginFlow(app=app, began=self._state.now(), page=page)
        base = _base(request)
        poll = {"token": token, "endpoint": f"{base}{FLOW}poll"}
        return JSONResponse({"poll": poll, "login": f"{base}{FLOW}flow/{page}"})

    async def show(self, request: Request) -> Response:
        """Ask the person."""
        flow = self._flow_of_page(request)
        if flow is None:
            return _notice("Access forbidden", "State token does not match", 403)
        body = f"""<main class="consent"><div class="card">
<h1>Account access</h1>
<p>You are about to grant “{escape(flow.app)}” access to your Nextcloud account.</p>
<form method="post" action="{escape(request.url.path)}">
{_who(list(self._state.accounts.values()))}
<div class="choice">
<button type="submit" name="decision" value="allow" id="allow" class="primary">Grant access</button>
</div>
</form>
<p class="after soft small">If you do not want that, close this window.</p>
</div></main>"""
        return _page(pages.document("Account access", body, service=_SERVICE))

    async def grant(self, request: Request) -> Response:
        """Make an app password, named for the app."""
        flow = self._flow_of_page(request)
        form = await request.form()
        account = self._state.accounts.get(str(form.get("account", "")))
        if flow is None or account is None or form.get("decision") != "allow":
            return _notice("Access forbidden", "Nothing was granted.", 403)
        password = secrets.token_hex(_PASSWORD_LENGTH // 2)
        account.app_passwords[password] = flow.app
        flow.granted = account, password
        return _notice("Account connected", "Your client should now be connected!")

    async def poll(self, request: Request) -> Response:
        """Answer with the app password, once; 404 while nobody has granted, and ever after."""
        token = str((await request.form()).get("token", ""))
        flow = self.flows.get(token)
        if flow is None or not self._lasts(flow) or flow.granted is None:
            return JSONResponse([], 404)
        del self.flows[token]
        account, password = flow.granted
        given = {"server": _base(request), "loginName": account.id, "appPassword": password}
        return JSONResponse(given)

    async def end(self, request: Request) -> Response:
        """End an app password ("Deleting an app password").

        Without the header that OCS wants of every client it is 412; the manual names no status.
        """
        login, password = login_from_header(request.headers.get("authorization", ""))
        account = self._state.account_by_login(login)
        if account is None or password not in account.app_passwords:
            return _ocs(401, "Current user is not logged in", CHALLENGE)
        if request.headers.get("ocs-apirequest", "").lower() != "true":
            return _ocs(412, "CSRF check failed")
        account.end(password)
        return _ocs(200, "OK")

    def _flow_of_page(self, request: Request) -> LoginFlow | None:
        page = request.path_params["page"]
        waiting = (flow for flow in self.flows.values() if flow.granted is None)
        return next((flow for flow in waiting if flow.page == page and self._lasts(flow)), None)

    def _lasts(self, flow: LoginFlow) -> bool:
        return self._state.now() < flow.began + _LASTS


def without_token(path: str) -> str:
    """Return `path` as it may be told: the person's page is a secret."""
    page = f"{FLOW}flow/"
    return f"{page}…" if path.startswith(page) else path


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _page(page: str, status: int = 200) -> Response:
    return HTMLResponse(page, status, pages.SAFETY)


def _notice(heading: str, said: str, status: int = 200) -> Response:
    return _page(pages.notice(heading, heading, said, after=_AFTER, service=_SERVICE), status)


def _ocs(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """Answer as the Open Collaboration Services do."""
    word = "ok" if status == 200 else "failure"
    body = (
        f'<?xml version="1.0"?>\n<ocs><meta><status>{word}</status><statuscode>{status}'
        f"</statuscode><message>{message}</message></meta><data/></ocs>\n"
    )
    return Response(body, status, headers, "application/xml; charset=utf-8")


def _who(people: Sequence[DavAccount]) -> str:
    return "".join(
        f'<label class="who"><input type="radio" name="account" value="{escape(person.id)}" '
        f'data-email="{escape(person.email)}"{" checked" if person is people[0] else ""}>'
        f'<span class="face" aria-hidden="true">{escape(person.name[:1])}</span>'
        f"<span><b>{escape(person.name)}</b>"
        f'<span class="soft small">{escape(person.email)}</span></span></label>'
        for person in people
    )
