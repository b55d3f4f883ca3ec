"""Keep clients, codes and tokens: who may do what, and until when.

RFC 6749, section 4.1.2: a code works once, and a second use ends what the first one gave. RFC 7636,
section 4.6: the verifier must fit the challenge. All else is the service's policy.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from oo_desktop.sandbox.oauth.policy import (
    Challenge,
    OAuthPolicy,
    OAuthRefused,
    SandboxClient,
    TokenKind,
)

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(kw_only=True, eq=False)
class Grant:
    """Holds what one consent gave, and what came of it. `ends_at`: by the person's own wish."""

    client: SandboxClient
    user_id: str
    scope: tuple[str, ...]
    given_at: datetime
    used_at: datetime
    ends_at: datetime | None = None
    revoked: bool = False


@dataclass(kw_only=True)
class AuthorizationCode:
    """Holds what a code was given for."""

    grant: Grant
    redirect_uri: str
    challenge: Challenge | None
    wants_refresh: bool
    expires_at: datetime
    nonce: str | None = None
    used: bool = False


@dataclass(kw_only=True)
class SandboxAccessToken:
    """Holds what opens the API."""

    value: str = field(repr=False)
    grant: Grant
    scope: tuple[str, ...]
    expires_at: datetime


@dataclass(kw_only=True)
class SandboxRefreshToken:
    """Holds what brings another access token; `replacement` is the one it brought."""

    value: str = field(repr=False)
    grant: Grant
    consumed_at: datetime | None = None
    replacement: SandboxAccessToken | None = None


class SandboxGrants:
    """Keeps every client of one service and everything it was given."""

    def __init__(self, policy: OAuthPolicy, *, now: Callable[[], datetime]) -> None:
        self.now = now
        self._policy = policy
        self.clients: dict[str, SandboxClient] = {}
        self.codes: dict[str, AuthorizationCode] = {}
        self.access: dict[str, SandboxAccessToken] = {}
        self.refresh_tokens: dict[str, SandboxRefreshToken] = {}
        self.grants: list[Grant] = []
        self.refreshes = 0

    # What an app asks for

    def consent(
        self,
        *,
        client: SandboxClient,
        user_id: str,
        scope: tuple[str, ...],
        redirect_uri: str,
        challenge: Challenge | None = None,
        wants_refresh: bool = True,
        nonce: str | None = None,
    ) -> str:
        """Return a code for what a person agreed to."""
        now, limit = self.now(), self._policy.time_limit
        grant = Grant(
            client=client,
            user_id=user_id,
            scope=scope,
            given_at=now,
            used_at=now,
            ends_at=None if limit is None else now + limit,
        )
        value = self._policy.new_value(TokenKind.CODE)
        self.codes[value] = AuthorizationCode(
            grant=grant,
            redirect_uri=redirect_uri,
            challenge=challenge,
            wants_refresh=wants_refresh,
            expires_at=now + self._policy.code_lifetime,
            nonce=nonce,
        )
        return value

    def knows(self, client: SandboxClient, user_id: str) -> bool:
        """Return whether a grant of this person to that client lives."""
        return any(
            grant.client is client and grant.user_id == user_id and self.lives(grant)
            for grant in self.grants
        )

    def exchange(
        self,
        client: SandboxClient,
        *,
        code: str,
        redirect_uri: str | None,
        verifier: str | None = None,
    ) -> dict[str, Any]:
        """Return the token answer for a code. Raises OAuthRefused.

        A second use ends what the first one gave.
        """
        found, refusals = self.codes.get(code), self._policy.refusals
        if found is None or found.grant.client is not client:
            raise OAuthRefused(refusals.unknown_code)
        grant = found.grant
        if found.used or self.now() >= found.expires_at:
            grant.revoked = True
            raise OAuthRefused(refusals.spent_code)
        if (redirect_uri or client.sole_redirect) != found.redirect_uri:
            raise OAuthRefused(refusals.other_redirect)
        self._prove(found.challenge, verifier)
        found.used = True
        self.grants.append(grant)
        refresh = None
        if found.wants_refresh:
            refresh = self._new_refresh(grant)
            self._end_the_oldest(grant)
        told = self._policy.identity(client, grant.user_id, grant.scope, found.nonce)
        return {**self._answer(self._new_access(grant, grant.scope), refresh), **told}

    def refresh(
        self, client: SandboxClient, value: str, wanted: str | None = None
    ) -> dict[str, Any]:
        """Return the token answer for a refresh token. Raises OAuthRefused.

        wanted: scopes, if fewer than were granted.
        """
        found, refusals = self.refresh_tokens.get(value), self._policy.refusals
        if found is None or found.grant.client is not client:
            raise OAuthRefused(refusals.unknown_refresh_token)
        grant = found.grant
        if not self.lives(grant):
            raise OAuthRefused(refusals.over)
        separator = self._policy.scope_separator
        scope = tuple((wanted or "").replace(separator, " ").split()) or grant.scope
        if not set(scope) <= set(grant.scope):
            raise OAuthRefused(refusals.wider_scope)
        if found.consumed_at is not None:
            return self._again(found)
        self.refreshes += 1
        grant.used_at = self.now()
        access = self._new_access(grant, scope)
        if not self._policy.rotates:
            return self._answer(access)
        found.consumed_at, found.replacement = self.now(), access
        if self._policy.grace is None:
            del self.refresh_tokens[value]
        return self._answer(access, self._new_refresh(grant))

    def _again(self, found: SandboxRefreshToken) -> dict[str, Any]:
        """Give the same replacement within the grace; after it, end everything."""
        consumed_at, replacement = found.consumed_at, found.replacement
        grace = self._policy.grace or timedelta()
        if consumed_at is None or replacement is None or self.now() - consumed_at > grace:
            self.revoke(user_id=found.grant.user_id, client=found.grant.client)
            raise OAuthRefused(self._policy.refusals.over)
        return self._answer(replacement)

    def _new_access(self, grant: Grant, scope: tuple[str, ...]) -> SandboxAccessToken:
        access = SandboxAccessToken(
            value=self._policy.new_value(TokenKind.ACCESS),
            grant=grant,
            scope=scope,
            expires_at=self.now() + self._policy.access_lifetime(grant.client),
        )
        self.access[access.value] = access
        return access

    def _new_refresh(self, grant: Grant) -> SandboxRefreshToken:
        refresh = SandboxRefreshToken(value=self._policy.new_value(TokenKind.REFRESH), grant=grant)
        self.refresh_tokens[refresh.value] = refresh
        return refresh

    def _end_the_oldest(self, newest: Grant) -> None:
        most = self._policy.max_refresh_tokens
        if most is None:
            return
        alike = [
            token.grant
            for token in self.refresh_tokens.values()
            if token.grant.client is newest.client
            and token.grant.user_id == newest.user_id
            and self.lives(token.grant)
        ]
        for grant in alike[:-most]:
            grant.revoked = True

    def _prove(self, challenge: Challenge | None, verifier: str | None) -> None:
        """Check the verifier (RFC 7636, section 4.6). Raises OAuthRefused."""
        if challenge is None:
            return
        if not verifier:
            raise OAuthRefused(self._policy.refusals.no_verifier)
        expected = verifier
        if challenge.method == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        well_formed = _VERIFIER.fullmatch(verifier) is not None
        if not well_formed or not hmac.compare_digest(expected, challenge.value):
            raise OAuthRefused(self._policy.refusals.wrong_verifier)

    def _answer(
        self, access: SandboxAccessToken, refresh: SandboxRefreshToken | None = None
    ) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "access_token": access.value,
            "token_type": "Bearer",
            "expires_in": max(0, round((access.expires_at - self.now()).total_seconds())),
            "scope": self._policy.scope_separator.join(access.scope),
        }
        if refresh is not None:
            answer["refresh_token"] = refresh.value
            if refresh.grant.ends_at is not None:
                left = (refresh.grant.ends_at - self.now()).total_seconds()
                answer["refresh_token_expires_in"] = round(left)
        return answer

    # What the API asks

    def lives(self, grant: Grant) -> bool:
        """Return whether this can still be used."""
        now, policy = self.now(), self._policy

        def over(since: datetime, lifetime: timedelta | None) -> bool:
            return lifetime is not None and now - since >= lifetime

        return not (
            grant.revoked
            or grant.client.deleted
            or (grant.client.testing and over(grant.given_at, policy.testing_lifetime))
            or over(grant.used_at, policy.unused_lifetime)
            or (grant.ends_at is not None and now >= grant.ends_at)
        )

    def token(self, value: str) -> SandboxAccessToken | None:
        """Return the live access token of that value, or None."""
        found = self.access.get(value)
        if found is None or self.now() >= found.expires_at or not self.lives(found.grant):
            return None
        return found

    # What a person, or a test, can do to them

    def live_access(self, client: SandboxClient | None = None) -> list[SandboxAccessToken]:
        """Return the access tokens that open something now, of all clients or of one."""
        return [
            token
            for value, token in self.access.items()
            if self.token(value) and client in (None, token.grant.client)
        ]

    def live_refresh(self, client: SandboxClient) -> list[SandboxRefreshToken]:
        """Return the refresh tokens of that client which bring something now."""
        return [
            token
            for token in self.refresh_tokens.values()
            if token.grant.client is client
            and token.consumed_at is None
            and self.lives(token.grant)
        ]

    def expire_access(self) -> int:
        """Let every access token's hour be over. Return how many were live."""
        live = self.live_access()
        for token in live:
            token.expires_at = self.now()
        return len(live)

    def revoke(self, *, user_id: str | None = None, client: SandboxClient | None = None) -> int:
        """End what everybody, or one person, gave all clients, or one. Return how many grants."""
        ended = [
            grant
            for grant in self.grants
            if not grant.revoked
            and user_id in (None, grant.user_id)
            and client in (None, grant.client)
        ]
        for grant in ended:
            grant.revoked = True
        return len(ended)

    def revoke_token(self, value: str) -> bool:
        """End all that the token's person gave the token's project. Return False for no token."""
        found = self.access.get(value) or self.refresh_tokens.get(value)
        if found is None or not self.lives(found.grant):
            return False
        for other in self.grants:
            if (other.user_id, other.client.project) == (
                found.grant.user_id,
                found.grant.client.project,
            ):
                other.revoked = True
        return True

    def age(self, by: timedelta) -> None:
        """Let every grant, and its last use, lie that much further back."""
        for grant in self.grants:
            grant.given_at -= by
            grant.used_at -= by

    def forget(self) -> None:
        """Forget everything clients were given; the clients stay."""
        self.codes.clear()
        self.access.clear()
        self.refresh_tokens.clear()
        self.grants.clear()
        self.refreshes = 0
