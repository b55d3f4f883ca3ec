"""Talks to a service for one account: the `ServiceClient` that a connector is given.

It adds the token, renews it once after a 401, keeps to the account's own host, pauses when told to
slow down, and is the one place where a status becomes an error:

| answer | becomes |
|---|---|
| 200; any 2xx to a change | the body |
| another 2xx to a question | `Unavailable`: a part (206), or not yet there: never the whole |
| 401 | another token and one repetition; then `AuthRequired` |
| 403, 404, other 4xx | `Refused`, with what the service's error says of itself |
| 410 | `Refused`: this version of oO asks for what no longer exists |
| 408, 425, 429, 5xx, 3xx, anything else | `Unavailable` |
| a web page, whatever its status but 5xx | `WebPage`, an `Unavailable`: a captive portal, a proxy |
| a web page with 511 (RFC 6585, section 6) | the same: so a network says that it asks to sign in |

WebDAV servers are web servers that people set up themselves: their errors are pages, so there the
status counts, and a page is only one in the place of an answer (`ServiceClient.dav`).

An `Unavailable` says whether the service may have done what was asked. It certainly did nothing
where nothing was sent (no connection, no token, a pause) and where it said 429. A web page proves
nothing: a proxy may have passed a change on before it lost patience.

(The plan was to override `AsyncClient.send`, because httpx calls response hooks before an
`httpx.Auth` flow sees the 401. With the 401 handled in this wrapper neither is needed: httpx is
used as it is, and stays behind `transport`.)
"""

import random
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Literal, Protocol, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from oo_desktop.clock import Clock
from oo_desktop.errors import (
    CARRIES_ON,
    KEEPS_TRYING,
    AuthRequired,
    Rejected,
    SourceError,
    Unavailable,
)
from oo_desktop.http.answers import (
    Answer,
    AnswerLost,
    AnswerUnusable,
    Asked,
    HostUnknown,
    NotSent,
    Untrusted,
    bounded_wait,
)
from oo_desktop.http.requests import Http
from oo_desktop.language import translated

__all__ = [
    "Answer",
    "AnswerLost",
    "AnswerUnusable",
    "BearerTokens",
    "DavMethod",
    "HostUnknown",
    "Http",
    "NotSent",
    "Refused",
    "ServiceClient",
    "Untrusted",
    "WaitOfError",
    "WebPage",
]

T = TypeVar("T")

MAX_ERROR_BODY = 64 * 1024
"""Bytes of the body of an error that a connector is given; of a larger one it is given nothing."""

NETWORK_ASKS = 511
"""Network Authentication Required: of all 5xx, the one that no service sends."""

DavMethod = Literal["GET", "OPTIONS", "PROPFIND", "REPORT", "PUT", "DELETE"]
"""What is asked of a WebDAV server."""

WaitOfError = Callable[[bytes], float | None]
"""How many seconds the body of an error asks to wait, where a service says that there."""

Address = Callable[[str], tuple[str, str]]
"""Where to ask, and as whom: the base URL and the Authorization header a token stands for."""


class BearerTokens(Protocol):
    """Gives a `ServiceClient` its account's token, which nobody else sees."""

    async def access_token(self) -> str:
        """Return the token to send. Raises VaultError, AuthRequired or Unavailable."""
        ...

    async def renewed(self, refused: str) -> str:
        """Return another token, after a 401 for `refused`. Raises as `access_token` does.

        Many requests may bring the same refused token at once: one renewal is theirs to share.
        """
        ...


class Refused(Rejected):
    """Reports a 4xx, with what the service says of it for its connector's eyes, in no text."""

    def __init__(self, reason: str, *, answer: Answer) -> None:
        super().__init__(reason, status=answer.status)
        self._answer = answer

    @property
    def body(self) -> bytes:
        """Return the body of the answer; nothing of one that is longer than MAX_ERROR_BODY."""
        body = self._answer.body
        return body if len(body) <= MAX_ERROR_BODY else b""


class WebPage(Unavailable):
    """Reports a web page where none was asked for, with this HTTP status."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class ServiceClient:
    """Talks to one service as one account. Raises nothing but SourceError and VaultError.

    address: where everything that is asked for lies, and how the account's token is sent there;
        see `bearer_at`.
    origin_name: what the user calls the service.
    wait_of_error: reads how long to wait where the service says so in the body of a 429 or 503.
    noise: a number from 0 to 1, so that not all machines come back at the same moment.
    """

    def __init__(
        self,
        *,
        http: Http,
        address: Address,
        tokens: BearerTokens,
        clock: Clock,
        origin_name: str,
        wait_of_error: WaitOfError | None = None,
        noise: Callable[[], float] = random.random,
    ) -> None:
        self._http = http
        self._address = address
        self._tokens = tokens
        self._name = origin_name
        self._wait_of_error = wait_of_error
        self._pause = _Pause(clock)
        self._noise = noise

    async def get(self, path: str, *, params: Mapping[str, str] | None = None) -> bytes:
        """Return the body of a 200 answer to GET `path`, relative to the base URL."""
        return await self._request("GET", path, params=params)

    async def post(
        self, path: str, *, form: Mapping[str, str] | None = None, json: object = None
    ) -> bytes:
        """Return the body of a 2xx answer to POST `path`. Never repeated but after a 401."""
        return await self._request("POST", path, form=form, json=json)

    async def patch(
        self, path: str, *, params: Mapping[str, str], json: object, if_match: str
    ) -> bytes:
        """Return the body of a 2xx answer to PATCH `path`. Never repeated but after a 401.

        if_match: the ETag of what is to be changed; if that has become another, `Refused` (412).
        """
        if_match = self._sendable(if_match)
        return await self._request("PATCH", path, params=params, json=json, if_match=if_match)

    async def dav(
        self,
        method: DavMethod,
        href: str,
        *,
        body: bytes | None = None,
        content_type: str = "application/xml; charset=utf-8",
        depth: Literal["0", "1"] | None = None,
        if_match: str | None = None,
        if_none_match: bool = False,
        may_lead_on: bool = False,
    ) -> Answer:
        """Return the 2xx answer of a WebDAV server (RFC 4918) to `method` at `href`.

        href: an absolute path as the server wrote it, on the host of the account's base URL.
        if_match: the ETag of what is to be changed; if that has become another, `Refused` (412).
        if_none_match: create, and change nothing that is there already.
        may_lead_on: return a redirect, too, for whoever looks for the server. It is not followed.

        Raises as everything here; Rejected for an `href` that could lead the password elsewhere.
        """
        headers = {"Accept": "*/*"}  # Xandikos answers 406 to whoever would rather have JSON
        if depth is not None:
            headers["Depth"] = depth
        if body is not None:
            headers["Content-Type"] = content_type
        if method == "GET":
            # With a compressed answer some servers give a weak ETag, which no If-Match can have.
            headers["Accept-Encoding"] = "identity"
        if if_match is not None:
            headers["If-Match"] = self._sendable(if_match)
        if if_none_match:
            headers["If-None-Match"] = "*"
        self._check_href(href)

        async def send(base_url: str, authorization: Mapping[str, str]) -> Answer:
            return await self._http.request(
                method,
                _origin(base_url) + href,
                content=body,
                headers={**headers, **authorization},
                asked=Asked(self._name),
            )

        answer = await self._signed(send, is_refusal=_is_refused_password)
        status = answer.status
        if may_lead_on and 300 <= status < 400:
            return answer
        is_page = _is_html(answer) and answer.body  # PHP calls an empty answer HTML, too
        if (is_page and (status < 400 or status == NETWORK_ASKS)) or (
            status == 401 and not _is_refused_password(answer)
        ):
            raise self._page(answer)
        if 200 <= status < 300:
            return answer
        raise self._error(answer)

    async def base_url(self) -> str:
        """Return where the account's service lies. Raises as everything here."""
        return self._address(await self._tokens.access_token())[0]

    def slow_down(self, wait: float) -> Unavailable:
        """Pause the account for `wait` seconds and a little more; what to raise for it.

        For services that say "too many requests" in ways that only their connector understands.
        """
        wait *= 1 + 0.1 * self._noise()
        self._pause.extend(wait)
        return self._slow_down(wait)

    async def _request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,
        if_match: str | None = None,
    ) -> bytes:
        self._check(path)
        condition = {} if if_match is None else {"If-Match": if_match}

        async def send(base_url: str, authorization: Mapping[str, str]) -> Answer:
            return await self._http.request(
                method,
                base_url + path,
                params=params,
                form=form,
                json=json,
                headers={**authorization, **condition},
                asked=Asked(self._name),
            )

        answer = await self._signed(
            send, is_refusal=lambda answer: answer.status == 401 and not answer.is_page
        )
        return self._body(answer, whole=method == "GET")

    async def _signed(
        self,
        send: Callable[[str, Mapping[str, str]], Awaitable[Answer]],
        *,
        is_refusal: Callable[[Answer], bool],
    ) -> Answer:
        """The answer to `send`, which is given the base URL and the header that signs; sent once
        more with another token where that is refused."""

        async def with_token(token: str) -> Answer:
            self._raise_if_paused()
            base_url, authorization = self._address(token)
            if not (authorization.isascii() and authorization.isprintable()):
                raise self._auth_required()  # no header can carry it, no service has issued it
            return await send(base_url, {"Authorization": authorization})

        self._raise_if_paused()
        token = await _before_sending(self._tokens.access_token())
        answer = await with_token(token)
        if is_refusal(answer):
            answer = await with_token(await _before_sending(self._tokens.renewed(token)))
        return answer

    def _sendable(self, etag: str) -> str:
        if not (etag.isascii() and etag.isprintable()):
            raise Rejected(
                translated(
                    "{service} gave this a version that oO cannot send back.", service=self._name
                )
            )
        return etag

    def _check_href(self, href: str) -> None:
        """Raises Rejected for what is no absolute path, or walks up (RFC 3986, section 3.3)."""
        steps = re.split(r"[/\\]", unquote(href))
        if not _HREF.fullmatch(href) or {".", ".."} & set(steps):
            raise Rejected(
                translated(
                    "oO does not send this: the address does not belong to {service}.",
                    service=self._name,
                )
            )

    def _check(self, path: str) -> None:
        """Raises Rejected for whatever could lead the token elsewhere.

        An encoded slash is part of a step, and ids have them. But there are servers that decode
        first and take steps apart then: so no step may be made of dots, whichever way it is read.
        """
        steps = re.split(r"[/\\]", unquote(path))
        if (
            not re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-Fa-f]{2})+", path)
            or "" in path.split("/")
            or {".", ".."} & set(steps)
        ):
            raise Rejected(
                translated(
                    "oO does not send this: the address does not belong to {service}.",
                    service=self._name,
                )
            )

    def _raise_if_paused(self) -> None:
        rest = self._pause.rest()
        if rest > 0:
            raise self._slow_down(rest)

    def _body(self, answer: Answer, *, whole: bool) -> bytes:
        """whole: only 200 will do, which promises all there is (RFC 9110, section 15.3)."""
        if answer.is_page and (answer.status < 500 or answer.status == NETWORK_ASKS):
            raise self._page(answer)
        if answer.status == 200 or (200 < answer.status < 300 and not whole):
            return answer.body
        raise self._error(answer)

    def _page(self, answer: Answer) -> WebPage:
        return WebPage(
            translated(
                "A web page answered instead of {service}. Does this network ask you to sign in "
                "first?",
                service=self._name,
            ),
            status=answer.status,
        )

    def _error(self, answer: Answer) -> SourceError:
        status = answer.status
        if status == 401:
            return self._auth_required()
        if status in (429, 503):
            return self._limited(answer)
        if status in (408, 425) or not 400 <= status < 500:
            return Unavailable(
                translated(
                    "{service} has a problem of its own ({status}).",
                    service=self._name,
                    status=status,
                ),
                outlook=KEEPS_TRYING,
            )
        return Refused(self._refusal(status), answer=answer)

    def _refusal(self, status: int) -> str:
        match status:
            case 403:
                return translated("{service} does not allow oO to do this.", service=self._name)
            case 404:
                return translated("{service} does not have this.", service=self._name)
            case 410:
                return translated(
                    "{service} no longer offers what this oO asks for. Please update oO.",
                    service=self._name,
                )
            case _:
                return translated(
                    "{service} refuses what oO asked for ({status}).",
                    service=self._name,
                    status=status,
                )

    def _limited(self, answer: Answer) -> Unavailable:
        """429, and 503 where it names a time: the whole account waits, whatever is asked next."""
        told = self._wait_of_error(answer.body) if self._wait_of_error else None
        asked = (answer.retry_after, None if told is None else bounded_wait(told))
        waits = [wait for wait in asked if wait is not None]
        if waits:
            limited = self.slow_down(max(waits))
            limited.reached = answer.status != 429
            return limited
        if answer.status == 429:
            return self._slow_down(None)
        return Unavailable(
            translated("{service} is not available just now (503).", service=self._name),
            outlook=KEEPS_TRYING,
        )

    def _slow_down(self, wait: float | None) -> Unavailable:
        return Unavailable(
            translated("{service} asked oO to slow down.", service=self._name),
            outlook=CARRIES_ON,
            retry_after=wait,
            limited=True,
            reached=False,
        )

    def _auth_required(self) -> AuthRequired:
        return AuthRequired(
            translated(
                "{service} no longer accepts oO’s access. Please reconnect.", service=self._name
            )
        )


def bearer_at(base_url: str) -> Address:
    """Return the address of an account whose token is sent to `base_url` (RFC 6750).

    Raises ValueError for what is no plain http or https address.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("a service needs a plain http or https address")
    base_url = base_url.rstrip("/") + "/"
    return lambda token: (base_url, f"Bearer {token}")


_HREF = re.compile(r"/(?!/)(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")


def _origin(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_html(answer: Answer) -> bool:
    return answer.is_page and "xml" not in answer.content_type.replace("xhtml+xml", "")


def _is_refused_password(answer: Answer) -> bool:
    """Whether a 401 is the server's: it has to say how to sign in (RFC 9110, section 11.6.1)."""
    return answer.status == 401 and (answer.asks_password or not _is_html(answer))


async def _before_sending(token: Awaitable[str]) -> str:
    """`token`. That a renewal's own answer was lost says nothing of the request it is for."""
    try:
        return await token
    except Unavailable as error:
        unsent = unreached(error)
    raise unsent


def unreached(error: Exception) -> Unavailable:
    """Return `error` for what was not sent because of it."""
    if isinstance(error, Unavailable):
        return Unavailable(
            error.fact,
            outlook=error.outlook,
            retry_after=error.retry_after,
            limited=error.limited,
            reached=False,
        )
    return Unavailable(str(error), reached=False)


class _Pause:
    """Until when an account asks for nothing.

    Kept on both clocks, and over when either says so: one stands still while the machine sleeps,
    the other may be set.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = (clock.monotonic(), clock.now().timestamp())

    def rest(self) -> float:
        """Seconds left; 0 or less when there is no pause."""
        monotonic, wall = self._until
        return min(monotonic - self._clock.monotonic(), wall - self._clock.now().timestamp())

    def extend(self, seconds: float) -> None:
        """Wait at least `seconds` from now. A pause is never made shorter."""
        if seconds > self.rest():
            self._until = (
                self._clock.monotonic() + seconds,
                self._clock.now().timestamp() + seconds,
            )


# JSON

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises. A `msgspec.ValidationError`, JSON of another form, is one of them."""

_ESCAPE = re.compile(
    rb"\\\\"
    rb"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
"""Titles are cut in the middle of a character, and then half of a surrogate pair stands in a text
that is fine otherwise. It is no character, but no reason to lose a whole list either: it is shown
as what it is, a character that cannot be shown."""


def json_as(body: bytes, form: type[T]) -> T:
    """Return the JSON in `body` as `form`. Raises what is in UNREADABLE."""
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        mended = _ESCAPE.sub(lambda found: found[0] if len(found[0]) != 6 else rb"\ufffd", body)
        return msgspec.json.decode(mended, type=form)


def each_as(raws: Iterable[msgspec.Raw], form: type[T]) -> list[T | None]:
    """Return each of `raws` as `form`, or None in the place of one that makes no sense."""
    return [_or_none(raw, form) for raw in raws]


def _or_none(raw: msgspec.Raw, form: type[T]) -> T | None:
    try:
        return json_as(bytes(raw), form)
    except UNREADABLE:
        return None


def decoded(body: bytes, form: type[T], *, not_understood: str, unreadable: str) -> T:
    """Return the JSON in `body` as `form`: a msgspec Struct, a list of them, any type it knows.

    Raises Rejected, saying `not_understood`, for JSON of another form, and Unavailable, saying
    `unreadable`, for what is no JSON; both are marked by `untranslated`. Neither repeats any of it.
    """
    try:
        return json_as(body.removeprefix(b"\xef\xbb\xbf"), form)
    except msgspec.ValidationError:
        error: Exception = Rejected(translated(not_understood))
    except UNREADABLE:
        error = Unavailable(translated(unreadable), outlook=KEEPS_TRYING)
    raise error
