"""Reads what the endpoints of a sign-in answer: tokens, refusals, registrations.

RFC 6749, sections 5.1 and 5.2, and RFC 7591, section 3.2. What is optional is read leniently; what
counts is checked, for it goes into headers and the keyring.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

from oo_desktop.errors import SignInError, Unavailable
from oo_desktop.http.client import UNREADABLE, Answer, AnswerLost
from oo_desktop.language import translated

MAX_LIFE_SECONDS = 10 * 366 * 86400.0
"""Seconds. Todoist's tokens that never expire say 315360000, ten years of 365 days."""


class TokenAnswer(Struct, frozen=True):
    """Holds what a token endpoint gave.

    refresh_token: None: keep the one there is, if there is one.
    expires_in: seconds from when it was asked for; None: the service did not say.
    """

    access_token: str
    refresh_token: str | None
    expires_in: float | None
    scope: str | None

    def __repr__(self) -> str:
        return f"TokenAnswer(expires_in={self.expires_in!r}, …)"


SUCCESS = range(200, 300)
REFUSAL = (400, 401)
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


def tokens_or_refusal(
    answer: Answer, name: str
) -> tuple[TokenAnswer, None] | tuple[None, str | None]:
    """Return the tokens, or else the code of an OAuth error, or else neither: not now.

    Raises AnswerLost for a success that cannot be read: the service may have done it.
    """
    if answer.status not in SUCCESS:
        return None, error_code(answer) if answer.status in REFUSAL else None
    try:
        body = _tokens.decode(answer.body)
    except UNREADABLE:
        body = None
    if body is not None and body.token_type.lower() == "bearer":
        return _tokens_from(body), None
    error = error_code(answer)
    if error is None and _is_json(answer):
        raise AnswerLost(translated("oO could not read the answer of {service}.", service=name))
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
    return float(expires_in) if 0 < expires_in <= MAX_LIFE_SECONDS else None


def client_id_from(answer: Answer, name: str) -> str:
    try:
        body = _registrations.decode(answer.body)
    except UNREADABLE:
        raise Unavailable(
            translated("oO could not read the answer of {service}.", service=name)
        ) from None
    if body.method != "none":
        raise SignInError(translated("{service} wants a secret oO does not have.", service=name))
    return body.client_id


def error_code(answer: Answer) -> str | None:
    try:
        return _errors.decode(answer.body).error
    except UNREADABLE:
        return None


def _is_json(answer: Answer) -> bool:
    """Whether it claims to be JSON, or begins like a JSON object."""
    return "json" in answer.content_type or answer.body.lstrip().startswith(b"{")
