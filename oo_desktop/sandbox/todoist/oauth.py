"""Sign-in as Todoist does it: registering an app, asking the person, handing out tokens.

developer.todoist.com/api/v1, "Authorization"; RFC 6749, 7591 and 7636. A wrong redirect address is
answered with JSON in the browser, so that the app never hears of it; all else goes back to the app.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from oo_desktop.sandbox import consent_pages as pages
from oo_desktop.sandbox.todoist.errors import limits_reached
from oo_desktop.sandbox.todoist.grants import Client, GrantError, scope_from_text
from oo_desktop.sandbox.world import World

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A sign-in that waits for a person to agree. `redirect_uri` is a registered one."""

    client: Client
    redirect_uri: str
    state: str
    scope: frozenset[str]
    challenge: str | None


class SentBack(Exception):
    """What is wrong with a request is told to the app, at its redirect address."""

    def __init__(self, redirect_uri: str, state: str, error: str) -> None:
        super().__init__(error)
        self.redirect_uri = redirect_uri
        self.state = state
        self.error = error


class TodoistOAuth:
    """Everything under /oauth."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._grants = world.grants
        self._waiting: dict[str, Asked] = {}

    def routes(self) -> list[Route]:
        """The routes, at the root."""
        return [
            Route("/oauth/register", self.register, methods=["POST"]),
            Route("/oauth/authorize", self.authorize, methods=["GET"]),
            Route("/oauth/authorize", self.decide, methods=["POST"]),
            Route("/oauth/access_token", self.token, methods=["POST"]),
        ]

    async def register(self, request: Request) -> Response:
        """RFC 7591. 201 with the client, or what is wrong with it."""
        caller = request.client.host if request.client else ""
        if wait := self._world.registrations.wait_for(caller):
            refusal = limits_reached(wait).envelope()
            return JSONResponse(refusal, 429, {"Retry-After": str(wait), **NO_STORE})
        try:
            metadata = json.loads(await request.body())
        except ValueError:
            metadata = None
        if not isinstance(metadata, dict):
            return _oauth_error(GrantError("invalid_client_metadata", "A JSON object is expected"))
        try:
            client = self._grants.register(metadata)
        except GrantError as error:
            return _oauth_error(error)
        answer = {
            "client_id": client.id,
            "client_name": client.name,
            "redirect_uris": list(client.redirect_uris),
            "scope": " ".join(sorted(client.scope)),
            "grant_types": list(client.grant_types),
            "response_types": ["code"],
            "token_endpoint_auth_method": metadata.get(
                "token_endpoint_auth_method", "client_secret_basic"
            ),
            "client_id_issued_at": int(self._world.clock.now().timestamp()),
            "client_secret_expires_at": 0,
        }
        if client.secret is not None:
            answer["client_secret"] = client.secret
        return JSONResponse(answer, 201, NO_STORE)

    async def authorize(self, request: Request) -> Response:
        """Show the consent page, unless something is wrong with what was asked."""
        try:
            asked = self._asked(request.query_params)
        except GrantError as error:
            return _oauth_error(error)
        except SentBack as back:
            return self._send_back(back.redirect_uri, error=back.error, state=back.state)
        ticket = secrets.token_urlsafe(24)
        self._waiting[ticket] = asked
        page = pages.consent(
            app=asked.client.name,
            scope=asked.scope,
            returns_to=urlsplit(asked.redirect_uri).netloc,
            accounts=list(self._world.todoist.accounts.values()),
            ticket=ticket,
        )
        return HTMLResponse(page, headers={**NO_STORE, **pages.SAFETY})

    def _asked(self, query: Mapping[str, str]) -> Asked:
        client = self._grants.clients.get(query.get("client_id", ""))
        if client is None:
            raise GrantError("invalid_client", "Unknown client_id")
        redirect_uri = _redirect_uri(client, query.get("redirect_uri"))
        state = query.get("state", "")
        if not state:
            raise GrantError("invalid_request", "state is required")
        if query.get("response_type") != "code":
            raise SentBack(redirect_uri, state, "unsupported_response_type")
        try:
            scope = scope_from_text(query.get("scope", ""))
        except GrantError as error:
            raise SentBack(redirect_uri, state, error.error) from error
        if not scope <= client.scope:
            raise SentBack(redirect_uri, state, "invalid_scope")
        challenge = query.get("code_challenge")
        if challenge is None and client.public:
            raise SentBack(redirect_uri, state, "invalid_request")
        if challenge is not None and not _usable(challenge, query.get("code_challenge_method")):
            raise SentBack(redirect_uri, state, "invalid_request")
        return Asked(
            client=client,
            redirect_uri=redirect_uri,
            state=state,
            scope=scope,
            challenge=challenge,
        )

    async def decide(self, request: Request) -> Response:
        """The person clicked Allow or Deny."""
        form = await request.form()
        asked = self._waiting.pop(str(form.get("ticket", "")), None)
        account = self._world.todoist.accounts.get(str(form.get("account", "")))
        if asked is None or account is None:
            return HTMLResponse(pages.over(), 400, {**NO_STORE, **pages.SAFETY})
        if form.get("decision") != "allow":
            return self._send_back(asked.redirect_uri, error="access_denied", state=asked.state)
        code = self._grants.issue_code(
            client=asked.client,
            user_id=account.id,
            redirect_uri=asked.redirect_uri,
            scope=asked.scope,
            challenge=asked.challenge,
        )
        return self._send_back(asked.redirect_uri, code=code, state=asked.state)

    def _send_back(self, redirect_uri: str, **answer: str) -> Response:
        if self._world.send_iss is not None:
            answer["iss"] = self._world.send_iss
        joint = "&" if urlsplit(redirect_uri).query else "?"
        return RedirectResponse(f"{redirect_uri}{joint}{urlencode(answer)}", 302, NO_STORE)

    async def token(self, request: Request) -> Response:
        """Exchange a code, or refresh."""
        form = await _form(request)
        try:
            client = self._client(request, form)
            answer = self._granted(client, form)
        except GrantError as error:
            return _oauth_error(error)
        return JSONResponse(answer, 200, NO_STORE)

    def _client(self, request: Request, form: Mapping[str, str]) -> Client:
        client_id, secret = _basic(request.headers.get("authorization", ""))
        client = self._grants.clients.get(client_id or form.get("client_id", ""))
        if client is None:
            raise GrantError("invalid_client", status=401)
        given = secret or form.get("client_secret")
        if client.secret is not None and given != client.secret:
            raise GrantError("incorrect_application_credentials")
        return client

    def _granted(self, client: Client, form: Mapping[str, str]) -> dict[str, object]:
        kind = form.get("grant_type")
        if kind == "authorization_code":
            return self._grants.exchange(
                client,
                code=form.get("code", ""),
                redirect_uri=form.get("redirect_uri"),
                verifier=form.get("code_verifier"),
            )
        if kind == "refresh_token" and kind in client.grant_types:
            return self._grants.refresh(client, form.get("refresh_token", ""), form.get("scope"))
        raise GrantError("unsupported_grant_type")


def _redirect_uri(client: Client, given: str | None) -> str:
    """The registered address that was asked for; the port must be a registered one, too."""
    if given is None and len(client.redirect_uris) == 1:
        return client.redirect_uris[0]
    if given is None:
        raise GrantError("invalid_request", "redirect_uri is required")
    if given not in client.redirect_uris:
        raise GrantError("invalid_request", "Invalid redirect URI")
    return given


def _usable(challenge: str, method: str | None) -> bool:
    return method == "S256" and len(challenge) == 43 and challenge.isascii()


def _basic(authorization: str) -> tuple[str | None, str | None]:
    kind, _, value = authorization.partition(" ")
    if kind.lower() != "basic":
        return None, None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return None, None
    return name, secret


async def _form(request: Request) -> dict[str, str]:
    """The form, or the JSON object that works just as well."""
    if "json" not in request.headers.get("content-type", ""):
        form = await request.form()
        return {key: value for key, value in form.items() if isinstance(value, str)}
    try:
        body = json.loads(await request.body())
    except ValueError:
        return {}
    fields = body.items() if isinstance(body, dict) else ()
    return {key: value for key, value in fields if isinstance(value, str)}


def _oauth_error(error: GrantError) -> JSONResponse:
    return JSONResponse(error.body(), error.status, NO_STORE)
