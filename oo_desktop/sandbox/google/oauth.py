"""Say what Google's sign-in for desktop apps does in its own way, and end it.

developers.google.com/identity/protocols/oauth2/native-app and …/oauth2#expiration: a desktop client
sends its secret and proves itself by PKCE besides; a refresh brings no new refresh token; of one
account and client the oldest of more than a hundred refresh tokens ends silently; one that was not
used for six months ends, and so does everything of a client in testing after seven days. What is
wrong with a request is said on Google's own page and never redirected; only a person's “no” goes
back to the app.
"""

import base64
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, Response

from oo_desktop.sandbox import pages
from oo_desktop.sandbox.google import GOOGLE, GOOGLE_ISSUER, GOOGLE_TOKEN
from oo_desktop.sandbox.google.model import GoogleState
from oo_desktop.sandbox.google.scopes import (
    CALENDAR_SCOPES,
    SIGN_IN_SCOPES,
    granular,
    scopes_from_text,
)
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

_ERROR_TITLE = "Error – Google Accounts"
_TOKEN_FORMS = {
    TokenKind.CODE: ("4/0A", 48),
    TokenKind.ACCESS: ("ya29.", 60),
    TokenKind.REFRESH: ("1//0", 64),
}
_SIGN_IN_WORDS = {
    "openid": "Know who you are on Google",
    SIGN_IN_SCOPES["email"]: "See your primary Google Account email address",
    SIGN_IN_SCOPES["profile"]: "See your personal info, including any you’ve made public",
}
BLOCKED = {
    "access_denied": "The app is being tested, and can only be used by its approved testers.",
    "admin_policy_enforced": "Your administrator has not approved this app.",
    "deleted_client": "The OAuth client was deleted.",
    "disallowed_useragent": "This browser does not comply with Google’s policies.",
    "invalid_client": "The OAuth client was not found.",
    "invalid_request": "You can’t sign in because this app sent an invalid request.",
    "invalid_scope": "Some requested scopes were invalid.",
    "org_internal": "This app is restricted to users within its organization.",
    "redirect_uri_mismatch": "You can’t sign in because this app sent an invalid request.",
    "unsupported_response_type": "Invalid response_type.",
}
"""What Google's own page says of each error."""


TOKEN_REFUSALS = {
    "access_denied": OAuthRefusal("access_denied", "Account restricted", 403),
    "deleted_client": OAuthRefusal("deleted_client", "The OAuth client was deleted.", 401),
    "invalid_client": OAuthRefusal("invalid_client", "The provided client secret is invalid.", 401),
    "invalid_grant": OAuthRefusal("invalid_grant", "Token has been expired or revoked."),
    "invalid_rapt": OAuthRefusal(
        "invalid_grant", "reauth related error (invalid_rapt)", subtype="invalid_rapt"
    ),
    # “Optional”, says the documentation of the secret; this is what the real one answers.
    "invalid_request": OAuthRefusal("invalid_request", "client_secret is missing."),
    "invalid_scope": OAuthRefusal("invalid_scope", "Bad Request"),
    "server_error": OAuthRefusal("internal_failure", "Backend Error", 500),
    "unauthorized_client": OAuthRefusal("unauthorized_client", "Unauthorized", 401),
    "unsupported_grant_type": OAuthRefusal("unsupported_grant_type", "Invalid grant_type"),
}
"""Everything the token endpoint can be told to say, by a name."""


class GooglePolicy(OAuthPolicy):
    """Says what Google's sign-in does in its own way.

    blocked: the error that stands on Google's own page instead of a question; empty: none. rotates:
    off at first. time_limit: how long a person lets apps in (“time-based access”); None: until they
    say otherwise.
    """

    authorize_path = f"{GOOGLE}o/oauth2/v2/auth"
    token_path = GOOGLE_TOKEN
    revoke_path = f"{GOOGLE}revoke"
    words = ConsentWords(
        service="Google",
        title="Sign in – Google Accounts",
        heading="{} wants access to your Google Account",
        choices=("Cancel", "Continue"),
        unverified=(
            "Google hasn’t verified this app. Only go on if you know and trust its developer."
        ),
        over="This page has expired",
        over_title=_ERROR_TITLE,
    )
    headers: Mapping[str, str] = {
        "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
        "Pragma": "no-cache",
    }
    refusals = Refusals(
        unknown_app=OAuthRefusal("invalid_client", status=401),
        no_client_id=OAuthRefusal("invalid_request", "Could not determine client ID from request."),
        unknown_client=OAuthRefusal("invalid_client", "The OAuth client was not found.", 401),
        wrong_secret=TOKEN_REFUSALS["invalid_client"],
        unknown_code=OAuthRefusal("invalid_grant", "Malformed auth code."),
        # Whether Google ends what the first use gave is not documented; RFC 6749, section 4.1.2,
        # says it should.
        spent_code=OAuthRefusal("invalid_grant", "Bad Request"),
        other_redirect=OAuthRefusal("redirect_uri_mismatch", "Bad Request"),
        no_verifier=OAuthRefusal("invalid_grant", "Missing code verifier."),
        wrong_verifier=OAuthRefusal("invalid_grant", "Invalid code verifier."),
        unknown_refresh_token=OAuthRefusal("invalid_grant", "Bad Request"),
        over=TOKEN_REFUSALS["invalid_grant"],
        wider_scope=TOKEN_REFUSALS["invalid_scope"],
    )
    tells_app = False
    knows_prompt = True
    challenge_methods = frozenset({"S256", "plain"})
    scope_separator = " "
    unused_lifetime = timedelta(days=183)
    testing_lifetime = timedelta(days=7)
    max_refresh_tokens = 100

    def __init__(self, state: GoogleState) -> None:
        self._state = state
        self.reset()

    def reset(self) -> None:
        """Make its moods as at the start."""
        self.send_iss = GOOGLE_ISSUER
        self.blocked = ""
        self.rotates = False
        self.time_limit = None

    # The question

    def check_app(self, client: SandboxClient) -> None:
        """Let every client ask that is not deleted, while nobody blocks apps."""
        if client.deleted:
            raise OAuthRefused(OAuthRefusal("deleted_client", status=401))
        if self.blocked:
            raise OAuthRefused(OAuthRefusal(self.blocked, status=403))

    def checked_redirect(self, _client: SandboxClient, given: str | None) -> str:
        """Return an address of the client's own machine, on any port and path."""
        if given is None or not _loopback(given):
            raise OAuthRefused(OAuthRefusal("redirect_uri_mismatch", f"redirect_uri={given or ''}"))
        return given

    def checked_scope(self, _client: SandboxClient, text: str) -> tuple[str, ...]:
        """Return the scopes as Google names them."""
        try:
            return scopes_from_text(text)
        except ValueError as error:
            raise OAuthRefused(OAuthRefusal("invalid_scope", str(error))) from error

    # The browser

    def people(self) -> Sequence[Consenter]:
        return [
            Consenter(id=person.id, email=person.email, name=person.name)
            for person in self._state.people.values()
        ]

    def may(self, scope: tuple[str, ...]) -> list[str]:
        """Return a line for each scope, with a box where a person can leave it out."""
        loose, lines = granular(scope), []
        for one in scope:
            words = escape(CALENDAR_SCOPES.get(one) or _SIGN_IN_WORDS[one])
            box = f'<input type="checkbox" name="scope" value="{escape(one)}" checked>'
            lines.append(f"<label>{box} {words}</label>" if one in loose else words)
        return lines

    def shown_refusal(self, refusal: OAuthRefusal) -> Response:
        """Return what Google says on its own page, and the app never hears of."""
        page = pages.notice(
            _ERROR_TITLE,
            "Access blocked",
            BLOCKED.get(refusal.error, "Something went wrong."),
            refusal.description,
            after=f"Error: {refusal.error}",
            service="Google",
        )
        return HTMLResponse(page, refusal.status, {**self.headers, **pages.SAFETY})

    def given_scope(self, question: Question, ticked: Iterable[str]) -> tuple[str, ...]:
        """Return what was ticked, and what could not be left out."""
        loose, boxes = granular(question.scope), set(ticked)
        return tuple(scope for scope in question.scope if scope not in loose or scope in boxes)

    def callback(
        self, question: Question, person: Consenter, scope: tuple[str, ...], first: bool
    ) -> dict[str, str]:
        return {
            # Not in the order they were asked for: Google promises none.
            "scope": " ".join(reversed(scope)),
            "authuser": str(list(self._state.people).index(person.id)),
            "prompt": "consent" if first or _forced(question) else "none",
        }

    # The tokens

    def new_value(self, kind: TokenKind) -> str:
        prefix, length = _TOKEN_FORMS[kind]
        return prefix + secrets.token_urlsafe(length)

    def access_lifetime(self, _client: SandboxClient) -> timedelta:
        """Return an hour, but for a second."""
        return timedelta(seconds=3599)

    def wants_refresh(self, question: Question, first: bool) -> bool:
        """Return whether access offline was asked for, by a first or a forced consent."""
        offline = question.query.get("access_type") == "offline"
        return offline and (first or _forced(question))

    def check_client(self, client: SandboxClient, secret: str | None) -> None:
        if client.deleted:
            raise OAuthRefused(TOKEN_REFUSALS["deleted_client"])
        if not secret:
            raise OAuthRefused(TOKEN_REFUSALS["invalid_request"])
        if secret != client.secret:
            raise OAuthRefused(self.refusals.wrong_secret)

    def unsupported_grant(self, grant_type: str) -> OAuthRefusal:
        """Return an error that repeats the type."""
        return OAuthRefusal("unsupported_grant_type", f"Invalid grant_type: {grant_type}")

    def identity(
        self, client: SandboxClient, user_id: str, scope: tuple[str, ...], nonce: str | None
    ) -> dict[str, Any]:
        """Return an `id_token` (OpenID Connect) where it was asked for, signed by nobody."""
        if "openid" not in scope:
            return {}
        person = self._state.people[user_id]
        now = int(self._state.now().timestamp())
        claims: dict[str, object] = {
            "iss": GOOGLE_ISSUER,
            "aud": client.id,
            "azp": client.id,
            "sub": person.id,
            "iat": now,
            "exp": now + 3600,
        }
        if SIGN_IN_SCOPES["email"] in scope:
            claims |= {"email": person.email, "email_verified": True}
        if nonce is not None:
            claims["nonce"] = nonce
        header = {"alg": "RS256", "kid": "sandbox", "typ": "JWT"}
        return {"id_token": f"{_part(header)}.{_part(claims)}.bm90LXNpZ25lZA"}


def _forced(question: Question) -> bool:
    return "consent" in question.query.get("prompt", "").split()


def _loopback(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return False
    near = parts.hostname in ("127.0.0.1", "::1", "localhost")
    return parts.scheme == "http" and near and not parts.fragment and "@" not in parts.netloc


def _part(value: Mapping[str, object]) -> str:
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
