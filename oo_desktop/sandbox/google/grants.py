"""Clients, codes and tokens as Google's: who may do what, and until when.

developers.google.com/identity/protocols/oauth2/native-app and …/oauth2#expiration: a desktop client
sends its secret and proves itself by PKCE besides; a refresh brings no new refresh token; of one
account and client the oldest of more than a hundred refresh tokens ends silently; one that was not
used for six months ends, and so does everything of a client in testing after seven days.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

ACCESS_LIFETIME = timedelta(seconds=3599)
CODE_LIFETIME = timedelta(minutes=10)
TESTING_LIFETIME = timedelta(days=7)
UNUSED_LIFETIME = timedelta(days=183)
MOST_REFRESH_TOKENS = 100
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class GrantError(Exception):
    """An OAuth error: `error` as it goes over the wire."""

    def __init__(
        self, error: str, description: str = "", status: int = 400, subtype: str = ""
    ) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self._more = {"error_description": description, "error_subtype": subtype}

    def body(self) -> dict[str, str]:
        """The JSON body."""
        return {"error": self.error} | {key: text for key, text in self._more.items() if text}


OVER = "Token has been expired or revoked."
ERRORS: dict[str, Callable[[], GrantError]] = {
    "access_denied": lambda: GrantError("access_denied", "Account restricted", 403),
    "deleted_client": lambda: GrantError("deleted_client", "The OAuth client was deleted.", 401),
    "invalid_client": lambda: GrantError(
        "invalid_client", "The provided client secret is invalid.", 401
    ),
    "invalid_grant": lambda: GrantError("invalid_grant", OVER),
    "invalid_rapt": lambda: GrantError(
        "invalid_grant", "reauth related error (invalid_rapt)", subtype="invalid_rapt"
    ),
    "invalid_request": lambda: GrantError("invalid_request", "client_secret is missing."),
    "invalid_scope": lambda: GrantError("invalid_scope", "Bad Request"),
    "server_error": lambda: GrantError("internal_failure", "Backend Error", 500),
    "unauthorized_client": lambda: GrantError("unauthorized_client", "Unauthorized", 401),
    "unsupported_grant_type": lambda: GrantError("unsupported_grant_type", "Invalid grant_type"),
}
"""Everything the token endpoint can be told to say, by a name."""


def known_error(name: str) -> GrantError:
    """One of ERRORS, to be raised."""
    return ERRORS[name]()


@dataclass(kw_only=True)
class Client:
    """A desktop client somebody created in the Cloud console."""

    id: str
    secret: str
    name: str
    project: str
    testing: bool = False
    verified: bool = True
    deleted: bool = False
    api_enabled: bool = True


@dataclass(kw_only=True)
class Grant:
    """What one consent gave, and what came of it."""

    person_id: str
    client: Client
    scope: tuple[str, ...]
    given_at: datetime
    used_at: datetime
    refresh_token: str | None = field(default=None, repr=False)
    ends_at: datetime | None = None
    revoked: bool = False


@dataclass(kw_only=True)
class Code:
    """An authorization code and what it was given for."""

    grant: Grant
    redirect_uri: str
    challenge: str | None
    method: str
    wants_refresh: bool
    expires_at: datetime
    nonce: str | None = None
    used: bool = False


@dataclass(kw_only=True)
class AccessToken:
    """What opens the API."""

    grant: Grant
    scope: tuple[str, ...]
    expires_at: datetime


class Grants:
    """Every client and everything it was given.

    rotates: refreshing brings a new refresh token, and the old one ends. time_limit: how long a
    person lets apps in (“time-based access”), None: until they say otherwise.
    """

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self.now = now
        self.clients: dict[str, Client] = {}
        self.codes: dict[str, Code] = {}
        self.access: dict[str, AccessToken] = {}
        self.grants: list[Grant] = []
        self.refreshes = 0
        self.rotates = False
        self.time_limit: timedelta | None = None

    def consent(
        self,
        *,
        client: Client,
        person_id: str,
        scope: tuple[str, ...],
        redirect_uri: str,
        challenge: tuple[str | None, str],
        wants_refresh: bool,
        nonce: str | None = None,
    ) -> str:
        """A code for what a person agreed to."""
        now = self.now()
        grant = Grant(person_id=person_id, client=client, scope=scope, given_at=now, used_at=now)
        if self.time_limit is not None:
            grant.ends_at = now + self.time_limit
        value = "4/0A" + secrets.token_urlsafe(48)
        self.codes[value] = Code(
            grant=grant,
            redirect_uri=redirect_uri,
            challenge=challenge[0],
            method=challenge[1],
            wants_refresh=wants_refresh,
            expires_at=now + CODE_LIFETIME,
            nonce=nonce,
        )
        return value

    def knows(self, client: Client, person_id: str) -> bool:
        """Has this person let that client in before?"""
        return any(
            grant.client is client and grant.person_id == person_id and self.lives(grant)
            for grant in self.grants
        )

    def exchange(
        self, client: Client, *, code: str, redirect_uri: str, verifier: str
    ) -> tuple[dict[str, Any], Code]:
        """The token answer for a code. Raises GrantError; a second use ends the first one's."""
        found = self.codes.get(code)
        if found is None or found.grant.client is not client:
            raise GrantError("invalid_grant", "Malformed auth code.")
        if found.used or self.now() >= found.expires_at:
            # Whether Google ends what the first use gave is not documented; RFC 6749, section
            # 4.1.2, says it should.
            found.grant.revoked = True
            raise GrantError("invalid_grant", "Bad Request")
        if redirect_uri != found.redirect_uri:
            raise GrantError("redirect_uri_mismatch", "Bad Request")
        _prove(found, verifier)
        found.used = True
        self.grants.append(found.grant)
        if found.wants_refresh:
            found.grant.refresh_token = _refresh_value()
            self._end_the_oldest(found.grant)
        answer = self._answer(found.grant, found.grant.scope)
        if found.grant.refresh_token is not None:
            answer["refresh_token"] = found.grant.refresh_token
        if found.grant.ends_at is not None:
            left = (found.grant.ends_at - self.now()).total_seconds()
            answer["refresh_token_expires_in"] = round(left)
        return answer, found

    def refresh(self, client: Client, value: str, wanted: str | None = None) -> dict[str, Any]:
        """The token answer for a refresh token. Raises GrantError."""
        grant = next((g for g in self.grants if value and g.refresh_token == value), None)
        if grant is None or grant.client is not client:
            raise GrantError("invalid_grant", "Bad Request")
        if not self.lives(grant):
            raise GrantError("invalid_grant", OVER)
        scope = tuple((wanted or "").split()) or grant.scope
        if not set(scope) <= set(grant.scope):
            raise GrantError("invalid_scope", "Bad Request")
        self.refreshes += 1
        grant.used_at = self.now()
        answer = self._answer(grant, scope)
        if self.rotates:
            grant.refresh_token = answer["refresh_token"] = _refresh_value()
        return answer

    def _answer(self, grant: Grant, scope: tuple[str, ...]) -> dict[str, Any]:
        value = "ya29." + secrets.token_urlsafe(60)
        expires_at = self.now() + ACCESS_LIFETIME
        self.access[value] = AccessToken(grant=grant, scope=scope, expires_at=expires_at)
        return {
            "access_token": value,
            "expires_in": round(ACCESS_LIFETIME.total_seconds()),
            "scope": " ".join(scope),
            "token_type": "Bearer",
        }

    def _end_the_oldest(self, newest: Grant) -> None:
        alike = [
            grant
            for grant in self.grants
            if grant.client is newest.client
            and grant.person_id == newest.person_id
            and grant.refresh_token is not None
            and self.lives(grant)
        ]
        for grant in alike[:-MOST_REFRESH_TOKENS]:
            grant.revoked = True

    def lives(self, grant: Grant) -> bool:
        """Can this still be refreshed?"""
        now, client = self.now(), grant.client
        return not (
            grant.revoked
            or client.deleted
            or (client.testing and now - grant.given_at >= TESTING_LIFETIME)
            or now - grant.used_at >= UNUSED_LIFETIME
            or (grant.ends_at is not None and now >= grant.ends_at)
        )

    def token(self, value: str) -> AccessToken | None:
        """The live access token of that value, or None."""
        found = self.access.get(value)
        if found is None or self.now() >= found.expires_at or not self.lives(found.grant):
            return None
        return found

    # What a person, or a test, can do to them

    def revoke_token(self, value: str) -> bool:
        """End all that the token's person gave the token's project. False: no such token."""
        access = self.access.get(value)
        grant = access.grant if access else None
        if grant is None:
            grant = next((g for g in self.grants if value and g.refresh_token == value), None)
        if grant is None or not self.lives(grant):
            return False
        for other in self.grants:
            if other.person_id == grant.person_id and other.client.project == grant.client.project:
                other.revoked = True
        return True

    def revoke(self, person_id: str | None = None) -> int:
        """End what everybody, or one person, gave. How many consents ended."""
        ended = [g for g in self.grants if not g.revoked and person_id in (None, g.person_id)]
        for grant in ended:
            grant.revoked = True
        return len(ended)

    def live_access(self, client: Client | None = None) -> list[AccessToken]:
        """The access tokens that open something now, of all clients or of one."""
        return [
            token
            for value, token in self.access.items()
            if self.token(value) and client in (None, token.grant.client)
        ]

    def expire_access(self) -> int:
        """Let every access token's hour be over. How many were live."""
        live = self.live_access()
        for token in live:
            token.expires_at = self.now()
        return len(live)

    def age(self, by: timedelta) -> None:
        """Let every consent, and its last use, lie that much further back."""
        for grant in self.grants:
            grant.given_at -= by
            grant.used_at -= by

    def forget(self) -> None:
        """Everything clients were given; the clients stay."""
        self.codes.clear()
        self.access.clear()
        self.grants.clear()
        self.refreshes = 0


def _refresh_value() -> str:
    return "1//0" + secrets.token_urlsafe(64)


def _prove(code: Code, verifier: str) -> None:
    """PKCE (RFC 7636, section 4.6). Raises GrantError."""
    if code.challenge is None:
        return
    if not verifier:
        raise GrantError("invalid_grant", "Missing code verifier.")
    expected = verifier
    if code.method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    well_formed = _VERIFIER.fullmatch(verifier) is not None
    if not well_formed or not hmac.compare_digest(expected, code.challenge):
        raise GrantError("invalid_grant", "Invalid code verifier.")
