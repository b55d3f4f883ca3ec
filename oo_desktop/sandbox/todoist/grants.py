"""Apps, codes and tokens: who may do what, and until when.

Rules from developer.todoist.com/api/v1, "Authorization" and "Refreshing access tokens": a public
client proves itself by PKCE (RFC 7636), access tokens live one hour, every refresh rotates the
refresh token, a consumed one is forgiven for 60 s (same replacement, no refresh token) and is a
replay afterwards, which ends everything that user gave that app. A code used twice ends what its
first use gave (RFC 6749, section 4.1.2).
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

ACCESS_LIFETIME = timedelta(hours=1)
CODE_LIFETIME = timedelta(minutes=10)
GRACE = timedelta(seconds=60)
SCOPES = frozenset(
    {"task:add", "data:read", "data:read_write", "data:delete", "project:delete", "backups:read"}
)
"""What an app may register for; the first-party scopes are refused."""
EVERYTHING = SCOPES
GRANT_TYPES = frozenset({"authorization_code", "refresh_token"})


class GrantError(Exception):
    """An OAuth error: `error` as it goes over the wire."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status

    def body(self) -> dict[str, str]:
        body = {"error": self.error}
        if self.description:
            body["error_description"] = self.description
        return body


@dataclass(frozen=True, kw_only=True)
class Client:
    """A registered app. `secret` is None for a public one."""

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    scope: frozenset[str]
    secret: str | None = None

    @property
    def public(self) -> bool:
        return self.secret is None


@dataclass(kw_only=True)
class Code:
    """An authorization code and what it was given for."""

    client_id: str
    user_id: str
    redirect_uri: str
    scope: frozenset[str]
    challenge: str | None
    expires_at: datetime
    used: bool = False
    tokens: list["AccessToken | RefreshToken"] = field(default_factory=list)


@dataclass(kw_only=True)
class AccessToken:
    """What opens the API. Personal ones have no client and do not expire."""

    value: str = field(default_factory=lambda: secrets.token_hex(20), repr=False)
    user_id: str
    client_id: str | None
    scope: frozenset[str]
    expires_at: datetime | None
    revoked: bool = False


@dataclass(kw_only=True)
class RefreshToken:
    """Good for one refresh; `replacement` is the access token that refresh gave."""

    value: str = field(default_factory=lambda: secrets.token_hex(20), repr=False)
    user_id: str
    client_id: str
    scope: frozenset[str]
    code: Code = field(repr=False)
    consumed_at: datetime | None = None
    replacement: AccessToken | None = None
    revoked: bool = False


class Grants:
    """All apps and everything they were given."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self.now = now
        self.clients: dict[str, Client] = {}
        self.codes: dict[str, Code] = {}
        self.access: dict[str, AccessToken] = {}
        self.refresh_tokens: dict[str, RefreshToken] = {}
        self.refreshes = 0

    # What an app asks for

    def register(self, metadata: dict[str, Any]) -> Client:
        """RFC 7591 with Todoist's limits. Raises GrantError."""
        uris = metadata.get("redirect_uris")
        if not isinstance(uris, list) or not 1 <= len(uris) <= 10:
            raise GrantError("invalid_client_metadata", "redirect_uris must have 1 to 10 entries")
        if not all(isinstance(uri, str) and _redirect_allowed(uri) for uri in uris):
            raise GrantError("invalid_client_metadata", "HTTPS is required, but for localhost")
        method = metadata.get("token_endpoint_auth_method", "client_secret_basic")
        client = Client(
            id="tdd_" + secrets.token_hex(16),
            name=_text(metadata, "client_name", "An app without a name"),
            redirect_uris=tuple(uris),
            grant_types=_grant_types(metadata),
            scope=scope_from_text(_text(metadata, "scope", "data:read_write")),
            secret=None if method == "none" else secrets.token_hex(16),
        )
        if method not in {"none", "client_secret_basic", "client_secret_post"}:
            raise GrantError("invalid_client_metadata", "token_endpoint_auth_method")
        self.clients[client.id] = client
        return client

    def issue_code(
        self,
        *,
        client: Client,
        user_id: str,
        redirect_uri: str,
        scope: frozenset[str],
        challenge: str | None,
    ) -> str:
        """A code for an app the user agreed to."""
        value = secrets.token_hex(20)
        self.codes[value] = Code(
            client_id=client.id,
            user_id=user_id,
            redirect_uri=redirect_uri,
            scope=scope,
            challenge=challenge,
            expires_at=self.now() + CODE_LIFETIME,
        )
        return value

    def exchange(
        self, client: Client, *, code: str, redirect_uri: str | None, verifier: str | None
    ) -> dict[str, Any]:
        """The token answer for a code. Raises GrantError; a second use ends the first one's."""
        found = self.codes.get(code)
        if found is None or found.client_id != client.id or self.now() >= found.expires_at:
            raise GrantError("bad_authorization_code")
        if found.used:
            for token in found.tokens:
                token.revoked = True
            raise GrantError("bad_authorization_code")
        sole = client.redirect_uris[0] if len(client.redirect_uris) == 1 else None
        if (redirect_uri or sole) != found.redirect_uri:
            raise GrantError("invalid_grant", "redirect_uri does not match")
        if found.challenge is not None and not _proves(verifier or "", found.challenge):
            raise GrantError("invalid_grant", "code_verifier does not match")
        found.used = True
        return self._issue(found, client)

    def _issue(self, code: Code, client: Client) -> dict[str, Any]:
        access = self._new_access(code, code.scope)
        if "refresh_token" not in client.grant_types:
            # Which kind of token such an app gets is not documented; seen were ten years.
            access.expires_at = self.now() + timedelta(seconds=315_360_000)
            return _answer(access, self.now())
        return _answer(access, self.now(), self._new_refresh(code))

    def _new_access(self, code: Code, scope: frozenset[str]) -> AccessToken:
        access = AccessToken(
            user_id=code.user_id,
            client_id=code.client_id,
            scope=scope,
            expires_at=self.now() + ACCESS_LIFETIME,
        )
        self.access[access.value] = access
        code.tokens.append(access)
        return access

    def _new_refresh(self, code: Code) -> RefreshToken:
        refresh = RefreshToken(
            user_id=code.user_id, client_id=code.client_id, scope=code.scope, code=code
        )
        self.refresh_tokens[refresh.value] = refresh
        code.tokens.append(refresh)
        return refresh

    def refresh(self, client: Client, value: str, scope: str | None = None) -> dict[str, Any]:
        """The token answer for a refresh token. Raises GrantError."""
        found = self.refresh_tokens.get(value)
        if found is None or found.client_id != client.id or found.revoked:
            raise GrantError("invalid_grant")
        wanted = scope_from_text(scope) if scope else found.scope
        if not wanted <= found.scope:
            raise GrantError("invalid_scope")
        if found.consumed_at is not None:
            return self._again(found)
        self.refreshes += 1
        found.consumed_at = self.now()
        found.replacement = self._new_access(found.code, wanted)
        return _answer(found.replacement, self.now(), self._new_refresh(found.code))

    def _again(self, found: RefreshToken) -> dict[str, Any]:
        consumed_at, replacement = found.consumed_at, found.replacement
        if consumed_at is None or replacement is None or self.now() - consumed_at > GRACE:
            self.revoke(user_id=found.user_id, client_id=found.client_id)
            raise GrantError("invalid_grant")
        return _answer(replacement, self.now())

    # What the API asks

    def add_personal(self, value: str, user_id: str) -> AccessToken:
        """A personal API token: everything, for ever."""
        token = AccessToken(
            value=value, user_id=user_id, client_id=None, scope=EVERYTHING, expires_at=None
        )
        self.access[value] = token
        return token

    def token(self, value: str) -> AccessToken | None:
        """The live access token of that value, or None."""
        found = self.access.get(value)
        if found is None or found.revoked:
            return None
        expired = found.expires_at is not None and self.now() >= found.expires_at
        return None if expired else found

    # What a person, or a test, can do to them

    def forget(self) -> None:
        """Every app and everything they were given."""
        for everything in (self.clients, self.codes, self.access, self.refresh_tokens):
            everything.clear()
        self.refreshes = 0

    def of_apps(self) -> Iterable[AccessToken]:
        """The access tokens apps hold and can still use."""
        return [t for t in self.access.values() if t.client_id and self.token(t.value)]

    def expire_access(self) -> int:
        """Let every app's access token be over its hour. How many were live."""
        live = list(self.of_apps())
        for token in live:
            token.expires_at = self.now()
        return len(live)

    def revoke(
        self,
        *,
        user_id: str | None = None,
        client_id: str | None = None,
        access: bool = True,
        refresh: bool = True,
    ) -> int:
        """End what was given, to all apps or one, by all users or one. How many tokens ended."""
        tokens: list[AccessToken | RefreshToken] = []
        if access:
            tokens += [token for token in self.access.values() if token.client_id is not None]
        if refresh:
            tokens += self.refresh_tokens.values()
        ended = 0
        for token in tokens:
            of_user = user_id is None or token.user_id == user_id
            of_client = client_id is None or token.client_id == client_id
            if of_user and of_client and not token.revoked:
                token.revoked = True
                ended += 1
        return ended


def scope_from_text(text: str) -> frozenset[str]:
    """Scopes separated by spaces or commas. Raises GrantError for an unknown or restricted one."""
    scope = frozenset(text.replace(",", " ").split())
    if not scope or not scope <= SCOPES:
        raise GrantError("invalid_scope")
    return scope


def _answer(
    access: AccessToken, now: datetime, refresh: RefreshToken | None = None
) -> dict[str, Any]:
    left = (access.expires_at - now).total_seconds() if access.expires_at else 0
    answer: dict[str, Any] = {
        "access_token": access.value,
        "token_type": "Bearer",
        "expires_in": max(0, round(left)),
    }
    if refresh is not None:
        answer["refresh_token"] = refresh.value
    answer["scope"] = ",".join(sorted(access.scope))
    return answer


def _proves(verifier: str, challenge: str) -> bool:
    if not 43 <= len(verifier) <= 128 or not verifier.isascii():
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(expected, challenge)


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


def _text(metadata: dict[str, Any], key: str, default: str) -> str:
    value = metadata.get(key, default)
    if not isinstance(value, str) or not value:
        raise GrantError("invalid_client_metadata", key)
    return value


def _grant_types(metadata: dict[str, Any]) -> tuple[str, ...]:
    kinds = metadata.get("grant_types", ["authorization_code"])
    known = isinstance(kinds, list) and all(
        isinstance(kind, str) and kind in GRANT_TYPES for kind in kinds
    )
    if not known or "authorization_code" not in kinds:
        raise GrantError("invalid_client_metadata", "grant_types")
    return tuple(kinds)
