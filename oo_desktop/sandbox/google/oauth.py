"""Sign-in as Google does it for desktop apps: asking the person, handing out tokens, revoking.

developers.google.com/identity/protocols/oauth2/native-app. What is wrong with a request is said on
Google's own page and never redirected; only a person's “no” goes back to the app.
"""

import base64
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from oo_desktop.sandbox import consent_pages as pages
from oo_desktop.sandbox.google import ISSUER, PREFIX, consent
from oo_desktop.sandbox.google.grants import Client, Code, GrantError, known_error
from oo_desktop.sandbox.google.model import Person
from oo_desktop.sandbox.google.scopes import granular, scopes_from_text
from oo_desktop.sandbox.google.service import Google

AUTHORIZE = f"{PREFIX}/o/oauth2/v2/auth"
NO_STORE = {"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate", "Pragma": "no-cache"}
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A sign-in that waits for a person."""

    client: Client
    redirect_uri: str
    state: str | None
    scopes: tuple[str, ...]
    challenge: tuple[str | None, str]
    offline: bool
    prompt: frozenset[str]
    nonce: str | None


class Blocked(Exception):
    """Why Google shows a page of its own, and no question."""

    def __init__(self, error: str, detail: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.detail = detail
        self.status = status


class GoogleOAuth:
    """The authorize page, the token endpoint and the revocation endpoint."""

    def __init__(self, google: Google) -> None:
        self._google = google
        self._waiting: dict[str, Asked] = {}

    def routes(self) -> list[Route]:
        """The routes, at the root."""
        return [
            Route(AUTHORIZE, self.authorize, methods=["GET"]),
            Route(AUTHORIZE, self.decide, methods=["POST"]),
            Route(f"{PREFIX}/token", self.token, methods=["POST"]),
            Route(f"{PREFIX}/revoke", self.revoke, methods=["POST"]),
        ]

    # In the browser

    async def authorize(self, request: Request) -> Response:
        """Ask the person, or say on Google's own page why not."""
        try:
            asked = self._asked(request.query_params)
        except Blocked as blocked:
            page = consent.trouble(blocked.error, blocked.detail)
            return HTMLResponse(page, blocked.status, {**NO_STORE, **pages.SAFETY})
        if "none" in asked.prompt:
            return self._send_back(asked, error="interaction_required")
        ticket = secrets.token_urlsafe(24)
        self._waiting[ticket] = asked
        page = consent.consent(
            app=asked.client.name,
            verified=asked.client.verified,
            scopes=asked.scopes,
            people=list(self._google.state.people.values()),
            hint=request.query_params.get("login_hint", ""),
            returns_to=urlsplit(asked.redirect_uri).netloc,
            ticket=ticket,
            action=AUTHORIZE,
        )
        return HTMLResponse(page, headers={**NO_STORE, **pages.SAFETY})

    def _asked(self, query: Mapping[str, str]) -> Asked:
        client = self._google.grants.clients.get(query.get("client_id", ""))
        if client is None:
            raise Blocked("invalid_client", status=401)
        if client.deleted:
            raise Blocked("deleted_client", status=401)
        if self._google.blocked:
            raise Blocked(self._google.blocked, status=403)
        redirect_uri = query.get("redirect_uri", "")
        if not _loopback(redirect_uri):
            raise Blocked("redirect_uri_mismatch", f"redirect_uri={redirect_uri}")
        if query.get("response_type") != "code":
            raise Blocked("unsupported_response_type")
        try:
            scopes = scopes_from_text(query.get("scope", ""))
        except ValueError as error:
            raise Blocked("invalid_scope", str(error)) from error
        return Asked(
            client=client,
            redirect_uri=redirect_uri,
            state=query.get("state"),
            scopes=scopes,
            challenge=_challenge(query),
            offline=query.get("access_type") == "offline",
            prompt=frozenset(query.get("prompt", "").split()),
            nonce=query.get("nonce"),
        )

    async def decide(self, request: Request) -> Response:
        """The person clicked Continue or Cancel."""
        form = await request.form()
        asked = self._waiting.pop(str(form.get("ticket", "")), None)
        person = self._google.state.people.get(str(form.get("account", "")))
        if asked is None or person is None:
            return HTMLResponse(consent.over(), 400, {**NO_STORE, **pages.SAFETY})
        ticked = {str(value) for value in form.getlist("scope")}
        loose = granular(asked.scopes)
        given = tuple(scope for scope in asked.scopes if scope not in loose or scope in ticked)
        if form.get("decision") != "allow" or not given:
            return self._send_back(asked, error="access_denied")
        return self._agreed(asked, person, given)

    def _agreed(self, asked: Asked, person: Person, given: tuple[str, ...]) -> Response:
        grants = self._google.grants
        first = not grants.knows(asked.client, person.id)
        code = grants.consent(
            client=asked.client,
            person_id=person.id,
            scope=given,
            redirect_uri=asked.redirect_uri,
            challenge=asked.challenge,
            wants_refresh=asked.offline and (first or "consent" in asked.prompt),
            nonce=asked.nonce,
        )
        answer = {
            "code": code,
            # Not in the order they were asked for: Google promises none.
            "scope": " ".join(reversed(given)),
            "authuser": str(list(self._google.state.people).index(person.id)),
            "prompt": "consent" if first or "consent" in asked.prompt else "none",
        }
        return self._send_back(asked, **answer)

    def _send_back(self, asked: Asked, **answer: str) -> Response:
        back = {} if asked.state is None else {"state": asked.state}
        if self._google.send_iss is not None:
            back["iss"] = self._google.send_iss
        joint = "&" if urlsplit(asked.redirect_uri).query else "?"
        url = f"{asked.redirect_uri}{joint}{urlencode({**back, **answer})}"
        return RedirectResponse(url, 302, NO_STORE)

    # Behind it

    async def token(self, request: Request) -> Response:
        """Exchange a code, or refresh."""
        form = {k: v for k, v in (await request.form()).items() if isinstance(v, str)}
        try:
            client = self._client(request, form)
            answer = self._granted(client, form)
        except GrantError as error:
            return JSONResponse(error.body(), error.status, NO_STORE)
        return JSONResponse(answer, 200, NO_STORE)

    def _client(self, request: Request, form: Mapping[str, str]) -> Client:
        client_id, secret = _credentials(request, form)
        if not client_id:
            raise GrantError("invalid_request", "Could not determine client ID from request.")
        client = self._google.grants.clients.get(client_id)
        if client is None:
            raise GrantError("invalid_client", "The OAuth client was not found.", 401)
        if client.deleted:
            raise known_error("deleted_client")
        if not secret:
            # “Optional”, says the documentation; this is what the real one answers.
            raise known_error("invalid_request")
        if secret != client.secret:
            raise known_error("invalid_client")
        return client

    def _granted(self, client: Client, form: Mapping[str, str]) -> dict[str, object]:
        grants, kind = self._google.grants, form.get("grant_type", "")
        if kind == "authorization_code":
            answer, code = grants.exchange(
                client,
                code=form.get("code", ""),
                redirect_uri=form.get("redirect_uri", ""),
                verifier=form.get("code_verifier", ""),
            )
            if "openid" in code.grant.scope:
                answer["id_token"] = self._id_token(client, code)
            return answer
        if kind == "refresh_token":
            return grants.refresh(client, form.get("refresh_token", ""), form.get("scope"))
        raise GrantError("unsupported_grant_type", f"Invalid grant_type: {kind}")

    def _id_token(self, client: Client, code: Code) -> str:
        """Who it was (OpenID Connect), signed by nobody."""
        person = self._google.state.people[code.grant.person_id]
        now = int(self._google.clock.now().timestamp())
        claims: dict[str, object] = {
            "iss": ISSUER,
            "aud": client.id,
            "azp": client.id,
            "sub": person.id,
            "iat": now,
            "exp": now + 3600,
        }
        if any(scope.endswith("userinfo.email") for scope in code.grant.scope):
            claims |= {"email": person.email, "email_verified": True}
        if code.nonce is not None:
            claims["nonce"] = code.nonce
        header = {"alg": "RS256", "kid": "sandbox", "typ": "JWT"}
        return ".".join((_part(header), _part(claims), "bm90LXNpZ25lZA"))

    async def revoke(self, request: Request) -> Response:
        """End all that a token's person gave its project."""
        form = await request.form()
        value = str(form.get("token") or request.query_params.get("token", ""))
        if self._google.grants.revoke_token(value):
            return JSONResponse({}, 200, NO_STORE)
        error = GrantError("invalid_token", "Token expired or revoked")
        return JSONResponse(error.body(), 400, NO_STORE)


def _loopback(uri: str) -> bool:
    """A desktop client's own machine, on any port and path."""
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return False
    near = parts.hostname in ("127.0.0.1", "::1", "localhost")
    return parts.scheme == "http" and near and not parts.fragment and "@" not in parts.netloc


def _challenge(query: Mapping[str, str]) -> tuple[str | None, str]:
    challenge, method = query.get("code_challenge"), query.get("code_challenge_method", "plain")
    if challenge is None:
        return None, method
    if method not in ("S256", "plain"):
        raise Blocked("invalid_request", "Invalid code_challenge_method")
    if not _CHALLENGE.fullmatch(challenge):
        raise Blocked("invalid_request", "Invalid code_challenge")
    return challenge, method


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """Client id and secret: from the form, or from HTTP Basic, which works as well."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except ValueError:
            return "", ""
        return name, secret
    return form.get("client_id", ""), form.get("client_secret", "")


def _part(value: Mapping[str, object]) -> str:
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
