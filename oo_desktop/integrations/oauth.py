"""The messages of a sign-in: RFC 6749 with PKCE (RFC 7636) and registration (RFC 7591).

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
from collections.abc import Mapping
from typing import Annotated, Protocol
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import msgspec
from msgspec import Meta, Struct, field

from oo_desktop.errors import AuthRequired, SignInError, Unavailable
from oo_desktop.integrations.http import Answer, AnswerLost, NotSent, Untrusted
from oo_desktop.signals.model import ProviderId

LONGEST_LIFE = 10 * 366 * 86400.0
"""Seconds. Todoist's tokens that never expire say 315360000, ten years of 365 days."""


class GrantRefused(AuthRequired):
    """The service finally refuses the refresh token (`invalid_grant`)."""


class ClientRefused(SignInError):
    """The service does not know, or no longer accepts, oO itself: the client id is of no use."""


class OAuthService(Struct, frozen=True, kw_only=True):
    """Where and as what to sign in.

    name: what the user calls the service.
    register_url: where a client can be registered; None: nowhere.
    issuer: what `iss` in a callback must be, if it is there; None: not known.
    """

    provider: ProviderId
    name: str
    authorize_url: str
    token_url: str
    register_url: str | None = None
    scope: str
    issuer: str | None = None


class SignInAttempt(Struct, frozen=True):
    """The two secrets of one sign-in, made anew for each and never stored.

    state: proves that a callback answers our request (RFC 6749, 10.12).
    verifier: proves that whoever redeems the code began the sign-in (RFC 7636).
    """

    state: str
    verifier: str

    @property
    def challenge(self) -> str:
        """The S256 challenge: what of the verifier may be shown."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")

    def __repr__(self) -> str:
        return "SignInAttempt(…)"


class TokenAnswer(Struct, frozen=True):
    """What a token endpoint gave.

    refresh_token: None: keep the one there is, if there is one.
    expires_in: seconds from when it was asked for; None: the service did not say.
    """

    access_token: str
    refresh_token: str | None
    expires_in: float | None
    scope: str | None

    def __repr__(self) -> str:
        return f"TokenAnswer(expires_in={self.expires_in!r}, …)"


class Requests(Protocol):
    """What is needed of `http.Http`: any status is an Answer; raises only NotSent, AnswerLost."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
    ) -> Answer: ...


def new_attempt() -> SignInAttempt:
    """256 bits of state, 384 of verifier (64 characters; RFC 7636 allows 43 to 128)."""
    return SignInAttempt(secrets.token_urlsafe(32), secrets.token_urlsafe(48))


def authorize_url(
    service: OAuthService, *, client_id: str, redirect_uri: str, attempt: SignInAttempt
) -> str:
    """The address to open in the browser. It can be copied: without the verifier it is useless."""
    query = urlencode(
        {
            "client_id": client_id,
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": service.scope,
            "state": attempt.state,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        },
        quote_via=quote,
    )
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

    redirect_uris: all that may ever be used; Todoist takes 1 to 10, and compares the port too.
    Raises SignInError when the service will not have us, Unavailable when it cannot be asked.
    """
    if service.register_url is None:
        raise SignInError(f"{service.name} needs a client id of your own, set in config.toml.")
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
    if answer.status in _SUCCESS:
        return _client_id(answer, service)
    if _error_code(answer) is not None and answer.status in _REFUSAL:
        raise SignInError(f"{service.name} did not let oO register. Check the settings of oO.")
    raise _not_now(answer, service)


async def exchange(
    http: Requests,
    service: OAuthService,
    *,
    client_id: str,
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
    }
    try:
        answer = await http.request("POST", service.token_url, form=form)
        tokens, refusal = _token_answer(answer, service)
    except Unavailable as error:
        raise SignInError(_unanswered(error, service)) from None
    if tokens is not None:
        return tokens
    if refusal in _CLIENT_ERRORS:
        raise _client_refused(service)
    if refusal is not None:
        raise SignInError(_EXCHANGE_REASONS.get(refusal, _EXCHANGE_REASON))
    raise SignInError(f"{service.name} cannot finish the sign-in right now. Try again later.")


async def refresh(
    http: Requests, service: OAuthService, *, client_id: str, refresh_token: str
) -> TokenAnswer:
    """Ask for a new access token, once.

    Raises GrantRefused or ClientRefused when the service finally says no; NotSent and Unavailable
    when the refresh certainly did not happen; AnswerLost when it may have, so that a rotated
    refresh token may be lost.
    """
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "refresh_token": refresh_token,
    }
    answer = await http.request("POST", service.token_url, form=form)
    tokens, refusal = _token_answer(answer, service)
    if tokens is not None:
        return tokens
    if refusal == "invalid_grant":
        raise GrantRefused(f"{service.name} no longer accepts this sign-in. Please reconnect.")
    if refusal in _CLIENT_ERRORS:
        raise _client_refused(service)
    raise _not_now(answer, service)


def denied_reason(error_code: str) -> str:
    """The sentence for a callback's `error` (RFC 6749, 4.1.2.1, and Todoist's own)."""
    return _CALLBACK_REASONS.get(error_code, "The service did not accept the sign-in. Try again.")


# Answers

_SUCCESS = range(200, 300)
_REFUSAL = (400, 401)
"""The statuses an OAuth error comes with (RFC 6749, 5.2). In any other answer it is not one."""

_Secret = Annotated[str, Meta(max_length=4096, pattern=r"^[!-~]+\Z")]
"""Printable, so that it cannot break out of a header. (`$` would allow a line break.)"""


class _TokenBody(Struct, frozen=True):
    # What is optional is read leniently: a rotated grant must not be lost over an odd `scope`.
    access_token: _Secret
    token_type: str = "bearer"  # noqa: S105  # the name of a scheme
    refresh_token: Annotated[str, Meta(max_length=4096, pattern=r"^[!-~]*\Z")] | None = None
    expires_in: object = None
    scope: object = None

    def __repr__(self) -> str:
        return "_TokenBody(…)"


class _ErrorBody(Struct, frozen=True):
    error: Annotated[str, Meta(min_length=1, max_length=256)]


class _RegistrationBody(Struct, frozen=True):
    client_id: Annotated[str, Meta(max_length=512, pattern=r"^[!-~]+\Z")]
    method: str = field(name="token_endpoint_auth_method", default="none")


_tokens = msgspec.json.Decoder(_TokenBody)
_errors = msgspec.json.Decoder(_ErrorBody)
_registrations = msgspec.json.Decoder(_RegistrationBody)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _token_answer(
    answer: Answer, service: OAuthService
) -> tuple[TokenAnswer, None] | tuple[None, str | None]:
    """The tokens, or else the code of an OAuth error, or else neither: not now.

    Raises AnswerLost for a success that cannot be read: the service may have done it.
    """
    if answer.status not in _SUCCESS:
        return None, _error_code(answer) if answer.status in _REFUSAL else None
    try:
        body = _tokens.decode(answer.body)
    except _UNREADABLE:
        body = None
    if body is not None and body.token_type.lower() == "bearer":
        return _tokens_from(body), None
    error = _error_code(answer)
    if error is None and _is_json(answer):
        raise AnswerLost(f"oO could not read the answer of {service.name}.")
    return None, error


def _tokens_from(body: _TokenBody) -> TokenAnswer:
    return TokenAnswer(
        access_token=body.access_token,
        refresh_token=body.refresh_token or None,
        expires_in=_life(body.expires_in),
        scope=body.scope if isinstance(body.scope, str) and len(body.scope) <= 4096 else None,
    )


def _life(expires_in: object) -> float | None:
    """Seconds, from a number or, as some services send it, digits; None for what is not sane."""
    if isinstance(expires_in, str) and expires_in.isdecimal() and len(expires_in) < 16:
        expires_in = int(expires_in)
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float):
        return None
    return float(expires_in) if 0 < expires_in <= LONGEST_LIFE else None


def _client_id(answer: Answer, service: OAuthService) -> str:
    try:
        body = _registrations.decode(answer.body)
    except _UNREADABLE:
        raise Unavailable(f"oO could not read the answer of {service.name}.") from None
    if body.method != "none":
        raise SignInError(f"{service.name} wants a secret oO does not have.")
    return body.client_id


def _error_code(answer: Answer) -> str | None:
    try:
        return _errors.decode(answer.body).error
    except _UNREADABLE:
        return None


def _is_json(answer: Answer) -> bool:
    """Whether it claims to be JSON, or begins like a JSON object."""
    return "json" in answer.content_type or answer.body.lstrip().startswith(b"{")


# Sentences

_CLIENT_ERRORS = {
    "invalid_client",
    "unauthorized_client",
    "deleted_client",
    "incorrect_application_credentials",
}
_EXCHANGE_REASON = "The service did not accept the sign-in. Please start again."
_EXCHANGE_LATE = "The sign-in took too long, or was used before. Please start again."
_EXCHANGE_REASONS = {
    "invalid_grant": _EXCHANGE_LATE,
    "bad_authorization_code": _EXCHANGE_LATE,
    "access_denied": "You did not give oO access. Nothing was connected.",
    "invalid_scope": "The service does not offer the access oO needs. Check for a newer oO.",
    "unsupported_grant_type": "The service has changed its sign-in. Check for a newer oO.",
}
_BUSY = "The service is not ready for a sign-in. Try again in a little while."
_CALLBACK_REASONS = {
    "access_denied": "You did not give oO access. Nothing was connected.",
    "invalid_scope": _EXCHANGE_REASONS["invalid_scope"],
    "invalid_application_status": "The service has switched this app off. Check for a newer oO.",
    "unauthorized_client": "The service does not accept this app. Check the settings of oO.",
    "unsupported_response_type": _EXCHANGE_REASONS["unsupported_grant_type"],
    "server_error": _BUSY,
    "temporarily_unavailable": _BUSY,
}


def _client_refused(service: OAuthService) -> ClientRefused:
    return ClientRefused(f"{service.name} does not know this copy of oO. Please sign in again.")


def _unanswered(error: Unavailable, service: OAuthService) -> str:
    """What to do about it: nobody keeps trying a sign-in but the user."""
    match error:
        case Untrusted():
            return str(error)
        case NotSent():
            return f"{service.name} cannot be reached. Check the connection and try again."
        case _:
            return f"The answer of {service.name} was lost. Please start the sign-in again."


def _not_now(answer: Answer, service: OAuthService) -> Unavailable:
    """A complete answer that is none of OAuth's: an overload, an outage, a captive portal."""
    if answer.status == 429:
        return Unavailable(
            f"{service.name} asks oO to slow down.",
            retry_after=answer.retry_after,
            limited=True,
        )
    return Unavailable(
        f"{service.name} is not reachable right now.", retry_after=answer.retry_after
    )
