"""Say what Todoist's sign-in does in its own way, and register apps.

developer.todoist.com/api/v1, "Authorization" and "Refreshing access tokens"; RFC 7591. A public
client proves itself by PKCE, access tokens live one hour, every refresh rotates the refresh token,
a consumed one is forgiven for 60 s (same replacement, no refresh token) and is a replay afterwards,
which ends everything that user gave that app. A wrong redirect address is answered with JSON in the
browser, so that the app never hears of it; all else goes back to the app.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response

from oo_desktop.sandbox.limits import RateLimit
from oo_desktop.sandbox.oauth.policy import (
    Consenter,
    ConsentWords,
    OAuthPolicy,
    OAuthRefusal,
    OAuthRefused,
    Question,
    Refusals,
    SandboxClient,
    TokenKind,
)
from oo_desktop.sandbox.oauth.server import refusal_answer
from oo_desktop.sandbox.todoist import TODOIST_SIGN_IN
from oo_desktop.sandbox.todoist.errors import limits_reached
from oo_desktop.sandbox.todoist.state import TodoistState

TODOIST_SCOPES = frozenset(
    {"task:add", "data:read", "data:read_write", "data:delete", "project:delete", "backups:read"}
)
"""What an app may register for; the first-party scopes are refused."""

_GRANT_TYPES = frozenset({"authorization_code", "refresh_token"})
_NO_REFRESH_LIFETIME = timedelta(seconds=315_360_000)
_MAY = {
    "data:read": ["See your tasks and projects"],
    "data:read_write": ["See your tasks and projects", "Add, change and complete tasks"],
    "data:delete": ["Delete tasks"],
    "project:delete": ["Delete projects"],
    "task:add": ["Add tasks"],
    "backups:read": ["Read your backups"],
}
_BAD_CODE = OAuthRefusal("bad_authorization_code")
_UNKNOWN_CLIENT = OAuthRefusal("invalid_client", status=401)
_NOT_VERIFIED = OAuthRefusal("invalid_grant", "code_verifier does not match")
_INVALID_GRANT = OAuthRefusal("invalid_grant")


class TodoistPolicy(OAuthPolicy):
    """Says what Todoist's sign-in does in its own way."""

    authorize_path = f"{TODOIST_SIGN_IN}authorize"
    token_path = f"{TODOIST_SIGN_IN}access_token"
    register_path = f"{TODOIST_SIGN_IN}register"
    words = ConsentWords(
        service="Todoist",
        title="Connect an app",
        heading="{} would like to connect to your tasks",
        choices=("Deny", "Allow"),
        over="This question has been answered",
        over_title="Nothing to answer",
    )
    headers: Mapping[str, str] = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    refusals = Refusals(
        unknown_app=OAuthRefusal("invalid_client", "Unknown client_id"),
        no_client_id=_UNKNOWN_CLIENT,
        unknown_client=_UNKNOWN_CLIENT,
        wrong_secret=OAuthRefusal("incorrect_application_credentials"),
        unknown_code=_BAD_CODE,
        spent_code=_BAD_CODE,
        other_redirect=OAuthRefusal("invalid_grant", "redirect_uri does not match"),
        no_verifier=_NOT_VERIFIED,
        wrong_verifier=_NOT_VERIFIED,
        unknown_refresh_token=_INVALID_GRANT,
        over=_INVALID_GRANT,
        wider_scope=OAuthRefusal("invalid_scope"),
    )
    tells_app = True
    takes_json = True
    challenge_methods = frozenset({"S256"})
    scope_separator = ","
    rotates = True
    grace = timedelta(seconds=60)

    def __init__(self, state: TodoistState, registrations: RateLimit) -> None:
        self._state = state
        self._registrations = registrations

    # Registration

    def refused_registration(self, address: str) -> Response | None:
        """Return 429 in the words of the API, where it is one too many in a while."""
        wait = self._registrations.wait_for(address)
        headers = {"Retry-After": str(wait), **self.headers}
        return JSONResponse(limits_reached(wait).envelope(), 429, headers) if wait else None

    def client_from_metadata(self, metadata: object) -> SandboxClient:
        """Read an app's metadata with Todoist's limits."""
        if not isinstance(metadata, dict):
            raise _refused("invalid_client_metadata", "A JSON object is expected")
        uris = metadata.get("redirect_uris")
        if not isinstance(uris, list) or not 1 <= len(uris) <= 10:
            raise _refused("invalid_client_metadata", "redirect_uris must have 1 to 10 entries")
        if not all(isinstance(uri, str) and _redirect_allowed(uri) for uri in uris):
            raise _refused("invalid_client_metadata", "HTTPS is required, but for localhost")
        method = metadata.get("token_endpoint_auth_method", "client_secret_basic")
        if method not in ("none", "client_secret_basic", "client_secret_post"):
            raise _refused("invalid_client_metadata", "token_endpoint_auth_method")
        return SandboxClient(
            id="tdd_" + secrets.token_hex(16),
            name=_text(metadata, "client_name", "An app without a name"),
            secret=None if method == "none" else secrets.token_hex(16),
            redirect_uris=tuple(uris),
            grant_types=_grant_types(metadata),
            auth_method=method,
            scope=_scope_from_text(_text(metadata, "scope", "data:read_write")),
        )

    # The question

    def checked_redirect(self, client: SandboxClient, given: str | None) -> str:
        """Return the registered address asked for; the port must be a registered one, too."""
        if given is None:
            given = client.sole_redirect
        if given is None:
            raise _refused("invalid_request", "redirect_uri is required")
        if given not in client.redirect_uris:
            raise _refused("invalid_request", "Invalid redirect URI")
        return given

    def checked_state(self, given: str | None) -> str:
        if not given:
            raise _refused("invalid_request", "state is required")
        return given

    def checked_scope(self, client: SandboxClient, text: str) -> tuple[str, ...]:
        """Return the scopes, all of them registered."""
        scope = _scope_from_text(text)
        if not scope <= client.scope:
            raise _refused("invalid_scope")
        return tuple(sorted(scope))

    def needs_challenge(self, client: SandboxClient) -> bool:
        return client.secret is None

    # The browser

    def people(self) -> Sequence[Consenter]:
        return [
            Consenter(id=account.id, email=account.email, name=account.full_name)
            for account in self._state.accounts.values()
        ]

    def may(self, scope: tuple[str, ...]) -> list[str]:
        """Return a line for each thing, though several scopes allow it."""
        return [escape(line) for line in dict.fromkeys(line for one in scope for line in _MAY[one])]

    def shown_refusal(self, refusal: OAuthRefusal) -> Response:
        return refusal_answer(refusal, self)

    # The tokens

    def new_value(self, _kind: TokenKind) -> str:
        return secrets.token_hex(20)

    def access_lifetime(self, client: SandboxClient) -> timedelta:
        """Return an hour.

        Which kind of token an app without refresh tokens gets is not documented; seen were ten
        years.
        """
        refreshes = "refresh_token" in client.grant_types
        return timedelta(hours=1) if refreshes else _NO_REFRESH_LIFETIME

    def wants_refresh(self, question: Question, _first: bool) -> bool:
        return "refresh_token" in question.client.grant_types

    def check_client(self, client: SandboxClient, secret: str | None) -> None:
        if client.secret is not None and secret != client.secret:
            raise OAuthRefused(self.refusals.wrong_secret)


def _refused(error: str, description: str = "") -> OAuthRefused:
    return OAuthRefused(OAuthRefusal(error, description))


def _scope_from_text(text: str) -> frozenset[str]:
    """Scopes separated by spaces or commas. Raises OAuthRefused for one an app may not have."""
    scope = frozenset(text.replace(",", " ").split())
    if not scope or not scope <= TODOIST_SCOPES:
        raise _refused("invalid_scope")
    return scope


def _redirect_allowed(uri: str) -> bool:
    if len(uri) > 512:
        return False
    try:
        parts = urlsplit(uri)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return False
    if parts.fragment or not host:
        return False
    # The documentation says "localhost is allowed for testing", and no word of 127.0.0.1.
    return parts.scheme == "https" or (parts.scheme == "http" and host == "localhost")


def _text(metadata: Mapping[str, Any], key: str, default: str) -> str:
    value = metadata.get(key, default)
    if not isinstance(value, str) or not value:
        raise _refused("invalid_client_metadata", key)
    return value


def _grant_types(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    kinds = metadata.get("grant_types", ["authorization_code"])
    known = isinstance(kinds, list) and all(
        isinstance(kind, str) and kind in _GRANT_TYPES for kind in kinds
    )
    if not known or "authorization_code" not in kinds:
        raise _refused("invalid_client_metadata", "grant_types")
    return tuple(kinds)
