"""Answer the browser and the app: the authorize page and the token endpoint of one service."""

import base64
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from oo_desktop.sandbox import pages
from oo_desktop.sandbox.oauth.grants import SandboxGrants
from oo_desktop.sandbox.oauth.policy import (
    Challenge,
    Consenter,
    OAuthPolicy,
    OAuthRefusal,
    OAuthRefused,
    Question,
    SandboxClient,
)

_CHALLENGES = {
    "S256": re.compile(r"[A-Za-z0-9_-]{43}"),
    "plain": re.compile(r"[A-Za-z0-9._~-]{43,128}"),
}


class _ToldToApp(Exception):
    """Says what is wrong with a question, to the app at its redirect address."""

    def __init__(self, redirect_uri: str, state: str | None, error: str) -> None:
        super().__init__(error)
        self.redirect_uri = redirect_uri
        self.state = state
        self.error = error


class OAuthServer:
    """Serves the sign-in of one service by its policy."""

    def __init__(self, policy: OAuthPolicy, grants: SandboxGrants) -> None:
        self._policy = policy
        self._grants = grants
        self._waiting: dict[str, Question] = {}

    def routes(self) -> list[Route]:
        """Return the routes, at the root."""
        policy = self._policy
        posts = {
            policy.authorize_path: self.decide,
            policy.token_path: self.token,
            policy.register_path: self.register,
            policy.revoke_path: self.revoke,
        }
        return [
            Route(policy.authorize_path, self.authorize, methods=["GET"]),
            *(Route(path, answer, methods=["POST"]) for path, answer in posts.items() if path),
        ]

    # In the browser

    async def authorize(self, request: Request) -> Response:
        """Ask the person, or say what is wrong with the question."""
        try:
            question = self._question(request.query_params)
        except OAuthRefused as refused:
            return self._policy.shown_refusal(refused.refusal)
        except _ToldToApp as told:
            return self._send_back(told.redirect_uri, told.state, error=told.error)
        ticket = secrets.token_urlsafe(24)
        self._waiting[ticket] = question
        return self._page(self._consent(question, ticket))

    def _question(self, query: Mapping[str, str]) -> Question:
        policy = self._policy
        client = self._grants.clients.get(query.get("client_id", ""))
        if client is None:
            raise OAuthRefused(policy.refusals.unknown_app)
        policy.check_app(client)
        redirect_uri = policy.checked_redirect(client, query.get("redirect_uri"))
        state = policy.checked_state(query.get("state"))
        try:
            if query.get("response_type") != "code":
                raise OAuthRefused(OAuthRefusal("unsupported_response_type"))
            scope = policy.checked_scope(client, query.get("scope", ""))
            challenge = self._challenge(client, query)
        except OAuthRefused as refused:
            if policy.tells_app:
                raise _ToldToApp(redirect_uri, state, refused.refusal.error) from refused
            raise
        if policy.knows_prompt and "none" in query.get("prompt", "").split():
            raise _ToldToApp(redirect_uri, state, "interaction_required")
        return Question(
            client=client,
            redirect_uri=redirect_uri,
            state=state,
            scope=scope,
            challenge=challenge,
            query=query,
        )

    def _challenge(self, client: SandboxClient, query: Mapping[str, str]) -> Challenge | None:
        """Return the challenge (RFC 7636, section 4.3: `plain` where no method is named)."""
        value, method = query.get("code_challenge"), query.get("code_challenge_method", "plain")
        if value is None and not self._policy.needs_challenge(client):
            return None
        if method not in self._policy.challenge_methods:
            raise _invalid_request("Invalid code_challenge_method")
        if value is None or not _CHALLENGES[method].fullmatch(value):
            raise _invalid_request("Invalid code_challenge")
        return Challenge(value=value, method=method)

    async def decide(self, request: Request) -> Response:
        """Take the person's answer, and lead back to the app."""
        form = await request.form()
        question = self._waiting.pop(str(form.get("ticket", "")), None)
        people = {person.id: person for person in self._policy.people()}
        person = people.get(str(form.get("account", "")))
        if question is None or person is None:
            words, after = self._policy.words, "Go back to the app and start again from there."
            page = pages.notice(words.over_title, words.over, after=after, service=words.service)
            return self._page(page, 400)
        ticked = [str(value) for value in form.getlist("scope")]
        scope = self._policy.given_scope(question, ticked)
        if form.get("decision") != "allow" or not scope:
            return self._send_back(question.redirect_uri, question.state, error="access_denied")
        first = not self._grants.knows(question.client, person.id)
        code = self._grants.consent(
            client=question.client,
            user_id=person.id,
            scope=scope,
            redirect_uri=question.redirect_uri,
            challenge=question.challenge,
            wants_refresh=self._policy.wants_refresh(question, first),
            nonce=question.query.get("nonce"),
        )
        more = self._policy.callback(question, person, scope, first)
        return self._send_back(question.redirect_uri, question.state, code=code, **more)

    def _consent(self, question: Question, ticket: str) -> str:
        """The page that asks whether an app may have what it wants."""
        words, app = self._policy.words, question.client.name
        no, yes = words.choices
        warns = words.unverified and not question.client.verified
        first = question.query.get("login_hint", "")
        body = f"""<main class="consent"><div class="card">
<div class="marks" aria-hidden="true"><span class="mark">{escape(_initials(app))}</span>
<span class="dots">•••</span><span class="mark list">✓</span></div>
<h1>{escape(words.heading.format(app))}</h1>
{f'<p class="warning">{escape(words.unverified)}</p>' if warns else ""}
<form method="post" action="{escape(self._policy.authorize_path)}">
<input type="hidden" name="ticket" value="{escape(ticket)}">
<ul class="may">{"".join(f"<li>{line}</li>" for line in self._policy.may(question.scope))}</ul>
{_who(self._policy.people(), first)}
<div class="choice">
<button type="submit" name="decision" value="deny" id="deny">{no}</button>
<button type="submit" name="decision" value="allow" id="allow" class="primary">{yes}</button>
</div>
</form>
<p class="after soft small">Either way, you return to
{escape(urlsplit(question.redirect_uri).netloc)}.</p>
</div></main>"""
        return pages.document(words.title, body, service=words.service)

    def _page(self, page: str, status: int = 200) -> Response:
        return HTMLResponse(page, status, {**self._policy.headers, **pages.SAFETY})

    def _send_back(self, redirect_uri: str, state: str | None, **answer: str) -> Response:
        back = {"state": state, "iss": self._policy.send_iss}
        given = {key: value for key, value in back.items() if value is not None}
        joint = "&" if urlsplit(redirect_uri).query else "?"
        url = f"{redirect_uri}{joint}{urlencode({**given, **answer})}"
        return RedirectResponse(url, 302, self._policy.headers)

    # Behind it

    async def register(self, request: Request) -> Response:
        """Register an app (RFC 7591): 201 with the client, or what is wrong with its metadata."""
        address = request.client.host if request.client else ""
        if refused := self._policy.refused_registration(address):
            return refused
        try:
            metadata = json.loads(await request.body())
        except ValueError:
            metadata = None
        try:
            client = self._policy.client_from_metadata(metadata)
        except OAuthRefused as wrong:
            return refusal_answer(wrong.refusal, self._policy)
        self._grants.clients[client.id] = client
        answer = {
            "client_id": client.id,
            "client_name": client.name,
            "redirect_uris": list(client.redirect_uris),
            "scope": " ".join(sorted(client.scope)),
            "grant_types": list(client.grant_types),
            "response_types": ["code"],
            "token_endpoint_auth_method": client.auth_method,
            "client_id_issued_at": int(self._grants.now().timestamp()),
            "client_secret_expires_at": 0,
        }
        if client.secret is not None:
            answer["client_secret"] = client.secret
        return JSONResponse(answer, 201, self._policy.headers)

    async def token(self, request: Request) -> Response:
        """Exchange a code, or refresh."""
        form = await self._form(request)
        try:
            client = self._client(request, form)
            answer = self._granted(client, form)
        except OAuthRefused as refused:
            return refusal_answer(refused.refusal, self._policy)
        return JSONResponse(answer, 200, self._policy.headers)

    async def _form(self, request: Request) -> dict[str, str]:
        """Read the form, or the JSON object where that works just as well."""
        if self._policy.takes_json and "json" in request.headers.get("content-type", ""):
            try:
                body = json.loads(await request.body())
            except ValueError:
                body = None
            given = body if isinstance(body, dict) else {}
        else:
            given = dict(await request.form())
        return {key: value for key, value in given.items() if isinstance(value, str)}

    async def revoke(self, request: Request) -> Response:
        """End all that a token's person gave its project (RFC 7009)."""
        form = await request.form()
        if self._grants.revoke_token(str(form.get("token") or request.query_params.get("token"))):
            return JSONResponse({}, 200, self._policy.headers)
        refusal = OAuthRefusal("invalid_token", "Token expired or revoked")
        return refusal_answer(refusal, self._policy)

    def _client(self, request: Request, form: Mapping[str, str]) -> SandboxClient:
        client_id, secret = _credentials(request, form)
        if not client_id:
            raise OAuthRefused(self._policy.refusals.no_client_id)
        client = self._grants.clients.get(client_id)
        if client is None:
            raise OAuthRefused(self._policy.refusals.unknown_client)
        self._policy.check_client(client, secret)
        return client

    def _granted(self, client: SandboxClient, form: Mapping[str, str]) -> dict[str, object]:
        kind = form.get("grant_type", "")
        if kind not in client.grant_types:
            raise OAuthRefused(self._policy.unsupported_grant(kind))
        if kind == "authorization_code":
            return self._grants.exchange(
                client,
                code=form.get("code", ""),
                redirect_uri=form.get("redirect_uri"),
                verifier=form.get("code_verifier"),
            )
        return self._grants.refresh(client, form.get("refresh_token", ""), form.get("scope"))


def refusal_answer(refusal: OAuthRefusal, policy: OAuthPolicy) -> JSONResponse:
    """Return a refusal as JSON."""
    return JSONResponse(refusal.body(), refusal.status, policy.headers)


def _invalid_request(description: str) -> OAuthRefused:
    return OAuthRefused(OAuthRefusal("invalid_request", description))


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Read client id and secret: from HTTP Basic (RFC 6749, section 2.3.1), or from the form."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return form.get("client_id"), form.get("client_secret")
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return None, None
    return name, secret


def _initials(app: str) -> str:
    """What stands for an app without an icon: its first word where that is short."""
    word = (app.split() or ["?"])[0]
    return word if len(word) <= 2 else word[0].upper()


def _who(people: Sequence[Consenter], first: str) -> str:
    if len(people) == 1:
        only = people[0]
        hidden = f'<input type="hidden" name="account" value="{escape(only.id)}">'
        return f'{hidden}<div class="who">{_face(only)}</div>'
    begin = next((person for person in people if person.email == first), people[0])
    return "".join(
        f'<label class="who"><input type="radio" name="account" value="{escape(person.id)}" '
        f'data-email="{escape(person.email)}"{" checked" if person is begin else ""}>'
        f"{_face(person)}</label>"
        for person in people
    )


def _face(person: Consenter) -> str:
    return (
        f'<span class="face" aria-hidden="true">{escape(person.name[:1])}</span>'
        f"<span><b>{escape(person.name)}</b>"
        f'<span class="soft small">{escape(person.email)}</span></span>'
    )
