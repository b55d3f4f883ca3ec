"""Sends the messages of a sign-in: RFC 6749 with PKCE (RFC 7636), registration (RFC 7591).

Our own, on the HTTP client we have, because the libraries cost more than these few requests:

- oauthlib refuses http endpoints on this machine, which every sandbox has, unless an environment
  variable switches its https check off for the whole process.
- Authlib brings 16 MB of `cryptography` and is changing its HTTP library. Given a denied callback
  it guesses `client_credentials` and sends those; a wrong state, a refused grant and an outage come
  as three unrelated exceptions; it stores nothing after an exchange, does nothing after a 401,
  never refreshes a token without an expiry, and sends secrets by Basic unless told otherwise.
- Neither tells a refresh that certainly did not happen from one whose answer was lost. With
  refresh tokens that rotate, that difference decides whether the user must sign in again.

What goes wrong is said in sentences from fixed tables. No text from a service, and no token, code
or verifier, gets into an exception, a log or a repr.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from msgspec import Struct

from oo_desktop.errors import AuthRequired, Rejected, SignInError, Unavailable
from oo_desktop.http.client import Answer, NotSent, Untrusted
from oo_desktop.language import translated, untranslated
from oo_desktop.model.state import ClientHelp
from oo_desktop.oauth.wire import (
    REFUSAL,
    SUCCESS,
    TokenAnswer,
    client_id_from,
    error_code,
    tokens_or_refusal,
)

__all__ = [
    "ClientRefused",
    "GrantRefused",
    "Misconfigured",
    "OAuthClient",
    "OAuthService",
    "OwnClient",
    "Requests",
    "SignInAttempt",
    "TokenAnswer",
    "authorize_url",
    "denied_reason",
    "exchange",
    "new_attempt",
    "refresh",
    "register",
    "revoke",
]


class GrantRefused(AuthRequired):
    """Reports that the service finally refuses the refresh token (`invalid_grant`)."""


class ClientRefused(SignInError):
    """Reports that the service does not accept oO itself: the client id is of no use."""


class Misconfigured(Rejected):
    """Reports that the user's own client is not accepted: no sign-in would mend that."""


class OAuthClient(Struct, frozen=True, kw_only=True):
    """Names as what oO signs in. secret: None where there is none, or the keyring lost it."""

    client_id: str
    secret: str | None = None

    def __repr__(self) -> str:
        return f"OAuthClient({self.client_id!r}, …)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own would show the secret
        return [("client_id", self.client_id)]


class OwnClient(Struct, frozen=True, kw_only=True):
    """Describes a client that users make in a service's console, for it registers none itself.

    from_file: takes it out of the text of the file that the console gives; raises SignInError.
    help: what to tell a person who has to make one.
    errors: the codes of errors that mean this client, besides those that mean any.
    remedies: what is wrong with it and what to do, by the code of the error.
    remedy: the same for every other code.
    configured: the one that config.toml names, or None.
    """

    from_file: Callable[[str], OAuthClient]
    help: ClientHelp
    errors: frozenset[str] = frozenset()
    remedies: Mapping[str, str] = {}
    remedy: str
    configured: OAuthClient | None = None


class OAuthService(Struct, frozen=True, kw_only=True):
    """Says where and as what to sign in.

    name: whom the user signs in with.
    register_url: where a client can be registered; None: nowhere.
    revocation_url: where tokens can be ended (RFC 7009); None: nowhere that works for oO.
    scope: what is asked for where nothing wider is wanted.
    issuers: of which `iss` in a callback must be one, if it is there; empty: not known.
    extras: parameters the service wants in its authorize URL besides those of RFC 6749.
    hints: whether it takes an account's user id as `login_hint` (OpenID Connect Core, 3.1.2.1).
    own_client: what there is to know of the client, where it is one the user made in the service's
        console: it is mended there, and by nothing oO could do.
    """

    name: str
    authorize_url: str
    token_url: str
    register_url: str | None = None
    revocation_url: str | None = None
    scope: str
    issuers: frozenset[str] = frozenset()
    extras: tuple[tuple[str, str], ...] = ()
    hints: bool = False
    own_client: OwnClient | None = None


class SignInAttempt(Struct, frozen=True):
    """Holds the two secrets of one sign-in, made anew for each and never stored.

    state: proves that a callback answers our request (RFC 6749, 10.12).
    verifier: proves that whoever redeems the code began the sign-in (RFC 7636).
    """

    state: str
    verifier: str

    @property
    def challenge(self) -> str:
        """Return the S256 challenge: what of the verifier may be shown."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")

    def __repr__(self) -> str:
        return "SignInAttempt(…)"


class Requests(Protocol):
    """Names what is needed of `Http`: any status is an Answer; raises only NotSent, AnswerLost."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
    ) -> Answer: ...


def new_attempt() -> SignInAttempt:
    """Make 256 bits of state, 384 of verifier (64 characters; RFC 7636 allows 43 to 128)."""
    return SignInAttempt(secrets.token_urlsafe(32), secrets.token_urlsafe(48))


def authorize_url(
    service: OAuthService,
    *,
    client_id: str,
    redirect_uri: str,
    attempt: SignInAttempt,
    scope: str | None = None,
    hint: str | None = None,
) -> str:
    """Return the address to open in the browser: harmless to copy, for it lacks the verifier.

    scope: None: the service's usual one.
    hint: the user id of the account that should come back.
    """
    asked = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": scope or service.scope,
        "state": attempt.state,
        "code_challenge": attempt.challenge,
        "code_challenge_method": "S256",
        **dict(service.extras),
    }
    if hint is not None and service.hints:
        asked["login_hint"] = hint
    query = urlencode(asked, quote_via=quote)
    parts = urlsplit(service.authorize_url)
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))


async def register(
    http: Requests,
    service: OAuthService,
    *,
    redirect_uris: tuple[str, ...],
    client_name: str = "oO desktop",
) -> str:
    """Register oO as a public client (RFC 7591); returns the client id, to be kept.

    redirect_uris: all that may ever be used; a service may compare the port, too.
    Raises SignInError when the service will not have us, Unavailable when it cannot be asked.
    """
    if service.register_url is None:
        raise SignInError(
            translated(
                "{service} needs a client id of your own, set in config.toml.", service=service.name
            )
        )
    client = {
        "client_name": client_name,
        "redirect_uris": list(redirect_uris),
        # Without the second there is no refresh token.
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": service.scope,
    }
    try:
        answer = await http.request("POST", service.register_url, json=client)
    except Unavailable as error:
        raise type(error)(_unanswered(error, service)) from None
    if answer.status in SUCCESS:
        return client_id_from(answer, service.name)
    if error_code(answer) is not None and answer.status in REFUSAL:
        raise SignInError(
            translated(
                "{service} did not let oO register. Check the settings of oO.", service=service.name
            )
        )
    raise _not_now(answer, service)


async def exchange(
    http: Requests,
    service: OAuthService,
    *,
    client_id: str,
    client_secret: str | None = None,
    code: str,
    redirect_uri: str,
    verifier: str,
) -> TokenAnswer:
    """Redeem the code of a callback, once.

    It is never repeated, not even after a lost answer: a code that comes twice may end the tokens
    already given for it (RFC 9700, 4.2.4). The sign-in starts over instead.

    redirect_uri: exactly as in the authorize URL.
    Raises ClientRefused when the client id is of no use, SignInError for everything else.
    """
    form = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
        **_secret(client_secret),
    }
    try:
        answer = await http.request("POST", service.token_url, form=form)
        tokens, refusal = tokens_or_refusal(answer, service.name)
    except Unavailable as error:
        raise SignInError(_unanswered(error, service)) from None
    if tokens is not None:
        return tokens
    if refusal in _client_errors(service):
        raise ClientRefused(_client_refusal(service, refusal))
    if refusal is not None:
        raise SignInError(translated(_EXCHANGE_REASONS.get(refusal, _EXCHANGE_REASON)))
    raise SignInError(
        translated(
            "{service} cannot finish the sign-in right now. Try again later.", service=service.name
        )
    )


async def refresh(
    http: Requests,
    service: OAuthService,
    *,
    client_id: str,
    client_secret: str | None = None,
    refresh_token: str,
) -> TokenAnswer:
    """Ask for a new access token, once.

    Raises GrantRefused or ClientRefused when the service finally says no, Misconfigured when what
    it refuses is the user's own client; NotSent and Unavailable when the refresh certainly did not
    happen; AnswerLost when it may have, so that a rotated refresh token may be lost.
    """
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "refresh_token": refresh_token,
        **_secret(client_secret),
    }
    answer = await http.request("POST", service.token_url, form=form)
    tokens, refusal = tokens_or_refusal(answer, service.name)
    if tokens is not None:
        return tokens
    if refusal == "invalid_grant":
        raise GrantRefused(
            translated(
                "{service} no longer accepts this sign-in. Please reconnect.", service=service.name
            )
        )
    if refusal in _client_errors(service):
        sentence = _client_refusal(service, refusal)
        raise Misconfigured(sentence) if service.own_client else ClientRefused(sentence)
    raise _not_now(answer, service)


async def revoke(http: Requests, service: OAuthService, *, token: str) -> bool:
    """End what a refresh or access token opens (RFC 7009); whether the service says it is over.

    Raises Unavailable when it cannot be asked.
    """
    if service.revocation_url is None:
        return False
    answer = await http.request("POST", service.revocation_url, form={"token": token})
    if answer.status in SUCCESS:
        return not (answer.body and answer.is_page)
    return answer.status in REFUSAL and error_code(answer) == "invalid_token"  # over before


def issuers(name: str, *, authorize_url: str, own_page: str) -> frozenset[str]:
    """Return in whose name the answer to an authorization may come (RFC 9207).

    name: the service's. own_page: where it asks people itself. A stand-in asks elsewhere; then the
    answer comes in the service's name, or in that of an address above the page that asked: which,
    nobody told us, but in anybody else's it is none of its answers.
    """
    if authorize_url == own_page:
        return frozenset({name})
    steps = authorize_url.partition("?")[0].split("/")
    above = ["/".join(steps[:length]) for length in range(3, len(steps))]
    return frozenset({name, *above, *(f"{each}/" for each in above)})


def _secret(client_secret: str | None) -> dict[str, str]:
    """As a field of the form (client_secret_post), which who takes Basic takes too."""
    return {} if client_secret is None else {"client_secret": client_secret}


def denied_reason(error_code: str) -> str:
    """Return the sentence for a callback's `error` (RFC 6749, 4.1.2.1, and one besides)."""
    return translated(_CALLBACK_REASONS.get(error_code, _CALLBACK_REASON))


# Sentences

_CLIENT_ERRORS = {
    "invalid_client",
    "unauthorized_client",
    "deleted_client",
    "incorrect_application_credentials",
}
_EXCHANGE_REASON = untranslated("The service did not accept the sign-in. Please start again.")
_EXCHANGE_LATE = untranslated("The sign-in took too long, or was used before. Please start again.")
_EXCHANGE_REASONS = {
    "invalid_grant": _EXCHANGE_LATE,
    "bad_authorization_code": _EXCHANGE_LATE,
    "access_denied": untranslated("You did not give oO access. Nothing was connected."),
    "invalid_scope": untranslated(
        "The service does not offer the access oO needs. Check for a newer oO."
    ),
    "unsupported_grant_type": untranslated(
        "The service has changed its sign-in. Check for a newer oO."
    ),
}
_NOT_READY = untranslated("The service is not ready for a sign-in. Try again in a little while.")
_CALLBACK_REASON = untranslated("The service did not accept the sign-in. Try again.")
_CALLBACK_REASONS = {
    "access_denied": untranslated("You did not give oO access. Nothing was connected."),
    "invalid_scope": _EXCHANGE_REASONS["invalid_scope"],
    "invalid_application_status": untranslated(
        "The service has switched this app off. Check for a newer oO."
    ),
    "unauthorized_client": untranslated(
        "The service does not accept this app. Check the settings of oO."
    ),
    "unsupported_response_type": _EXCHANGE_REASONS["unsupported_grant_type"],
    "server_error": _NOT_READY,
    "temporarily_unavailable": _NOT_READY,
}


def _client_errors(service: OAuthService) -> set[str]:
    return _CLIENT_ERRORS | service.own_client.errors if service.own_client else _CLIENT_ERRORS


def _client_refusal(service: OAuthService, refusal: str | None) -> str:
    if service.own_client is None:
        return translated(
            "{service} does not know this copy of oO. Please sign in again.", service=service.name
        )
    why = service.own_client.remedies.get(refusal or "", service.own_client.remedy)
    # Translators: {why} is a sentence in lower case: “it was deleted there, …”.
    return translated(
        "{service} does not accept your client: {why}", service=service.name, why=translated(why)
    )


def _unanswered(error: Unavailable, service: OAuthService) -> str:
    """What to do about it: nobody keeps trying a sign-in but the user."""
    match error:
        case Untrusted():
            return str(error)
        case NotSent():
            return translated(
                "{service} cannot be reached. Check the connection and try again.",
                service=service.name,
            )
        case _:
            return translated(
                "The answer of {service} was lost. Please start the sign-in again.",
                service=service.name,
            )


def _not_now(answer: Answer, service: OAuthService) -> Unavailable:
    """A complete answer that is none of OAuth's: an overload, an outage, a captive portal."""
    if answer.status == 429:
        return Unavailable(
            translated("{service} asks oO to slow down.", service=service.name),
            retry_after=answer.retry_after,
            limited=True,
        )
    return Unavailable(
        translated("{service} is not reachable right now.", service=service.name),
        retry_after=answer.retry_after,
    )
