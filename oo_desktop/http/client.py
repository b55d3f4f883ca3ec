"""What a connector is given to talk to its service: one `ServiceClient` per account.

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
| a web page, whatever its status | `WebPage`, an `Unavailable`: a captive portal or a proxy |

An `Unavailable` says whether the service may have done what was asked. It certainly did nothing
where nothing was sent (no connection, no token, a pause) and where it said 429. A web page proves
nothing: a proxy may have passed a change on before it lost patience.

(The plan was to override `AsyncClient.send`, because httpx calls response hooks before an
`httpx.Auth` flow sees the 401. With the 401 handled in this wrapper neither is needed: httpx is
used as it is, and stays behind `transport`.)
"""

import random
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol
from urllib.parse import unquote, urlsplit

from oo_desktop.clock import Clock
from oo_desktop.errors import AuthRequired, Rejected, SourceError, Unavailable
from oo_desktop.http.error_bodies import (
    ErrorEnvelope,
    envelope_from_json,
    reasons_from_json,
)
from oo_desktop.http.transport import (
    Answer,
    AnswerLost,
    Http,
    NotSent,
    Untrusted,
)

__all__ = [
    "Answer",
    "AnswerLost",
    "BearerTokens",
    "Http",
    "NotSent",
    "Refused",
    "ServiceClient",
    "Untrusted",
    "WebPage",
]


class BearerTokens(Protocol):
    """Where a `ServiceClient` gets its account's token; the only one who sees it is the client."""

    async def access_token(self) -> str:
        """The token to send. Raises VaultError, AuthRequired or Unavailable."""
        ...

    async def renewed(self, refused: str) -> str:
        """Another token, after a 401 for `refused`. Raises as `access_token` does.

        Many requests may bring the same refused token at once: one renewal is theirs to share.
        """
        ...


class Refused(Rejected):
    """A 4xx, with what the service's error says of itself for the connector that can read it.

    envelope: as Todoist puts it. reasons: as Google does.
    """

    def __init__(
        self,
        reason: str,
        *,
        status: int,
        envelope: ErrorEnvelope,
        reasons: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(reason, status=status)
        self.envelope = envelope
        self.reasons = reasons


class WebPage(Unavailable):
    """A web page came back where none was asked for, with this HTTP status."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class ServiceClient:
    """Talks to one service as one account. Raises nothing but SourceError and VaultError.

    base_url: everything asked for lies under it.
    origin_name: what the user calls the service.
    noise: a number from 0 to 1, so that not all machines come back at the same moment.
    """

    def __init__(
        self,
        *,
        http: Http,
        base_url: str,
        tokens: BearerTokens,
        clock: Clock,
        origin_name: str = "Todoist",
        noise: Callable[[], float] = random.random,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
            raise ValueError("a service needs a plain http or https address")
        self._base_url = base_url.rstrip("/") + "/"
        self._http = http
        self._tokens = tokens
        self._name = origin_name
        self._pause = _Pause(clock)
        self._noise = noise

    async def get(self, path: str, *, params: Mapping[str, str] | None = None) -> bytes:
        """The body of a 200 answer to GET `path`, relative to the base URL."""
        return await self._request("GET", path, params=params)

    async def post(
        self, path: str, *, form: Mapping[str, str] | None = None, json: object = None
    ) -> bytes:
        """The body of a 2xx answer to POST `path`. Never repeated but after a 401."""
        return await self._request("POST", path, form=form, json=json)

    async def patch(
        self, path: str, *, params: Mapping[str, str], json: object, if_match: str
    ) -> bytes:
        """The body of a 2xx answer to PATCH `path`. Never repeated but after a 401.

        if_match: the ETag of what is to be changed; if that has become another, `Refused` (412).
        """
        if not (if_match.isascii() and if_match.isprintable()):
            raise Rejected(f"{self._name} names a version of this that oO cannot repeat.")
        return await self._request("PATCH", path, params=params, json=json, if_match=if_match)

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
        url = self._url(path)
        condition = {} if if_match is None else {"If-Match": if_match}

        async def send(token: str) -> Answer:
            self._raise_if_paused()
            if not (token.isascii() and token.isprintable()):
                raise self._auth_required()  # no header can carry it, no service has issued it
            headers = {"Authorization": f"Bearer {token}", **condition}
            try:
                return await self._http.request(
                    method, url, params=params, form=form, json=json, headers=headers
                )
            except (NotSent, AnswerLost) as error:
                raise self._named(error) from None

        self._raise_if_paused()
        token = await _before_sending(self._tokens.access_token())
        answer = await send(token)
        if answer.status == 401 and not answer.is_page:
            answer = await send(await _before_sending(self._tokens.renewed(token)))
        return self._body(answer, whole=method == "GET")

    def _url(self, path: str) -> str:
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
            raise Rejected(f"oO does not send this: the address is not one of {self._name}.")
        return self._base_url + path

    def _raise_if_paused(self) -> None:
        rest = self._pause.rest()
        if rest > 0:
            raise self._slow_down(rest)

    def _body(self, answer: Answer, *, whole: bool) -> bytes:
        """whole: only 200 will do, which promises all there is (RFC 9110, section 15.3)."""
        if answer.is_page:
            raise WebPage(
                f"A web page answered instead of {self._name}. Does this network ask you to sign"
                " in first?",
                status=answer.status,
            )
        if answer.status == 200 or (200 < answer.status < 300 and not whole):
            return answer.body
        raise self._error(answer)

    def _error(self, answer: Answer) -> SourceError:
        status = answer.status
        if status == 401:
            return self._auth_required()
        if status in (429, 503):
            return self._limited(answer)
        if status in (408, 425) or not 400 <= status < 500:
            return Unavailable(
                f"{self._name} has a problem of its own ({status}). oO keeps trying."
            )
        return Refused(
            self._refusal(status),
            status=status,
            envelope=envelope_from_json(answer.body),
            reasons=reasons_from_json(answer.body),
        )

    def _refusal(self, status: int) -> str:
        match status:
            case 403:
                return f"{self._name} does not allow oO to do this."
            case 404:
                return f"{self._name} does not have this."
            case 410:
                return f"{self._name} no longer offers what this oO asks for. Please update oO."
            case _:
                return f"{self._name} refuses what oO asked for ({status})."

    def _limited(self, answer: Answer) -> Unavailable:
        """429, and 503 where it names a time: the whole account waits, whatever is asked next."""
        asked = (answer.retry_after, envelope_from_json(answer.body).wait)
        waits = [wait for wait in asked if wait is not None]
        if waits:
            limited = self.slow_down(max(waits))
            limited.reached = answer.status != 429
            return limited
        if answer.status == 429:
            return self._slow_down(None)
        return Unavailable(f"{self._name} is not available just now (503). oO keeps trying.")

    def _slow_down(self, wait: float | None) -> Unavailable:
        sentence = f"{self._name} asked oO to slow down. oO carries on by itself."
        return Unavailable(sentence, retry_after=wait, limited=True, reached=False)

    def _auth_required(self) -> AuthRequired:
        return AuthRequired(f"{self._name} no longer accepts oO’s access. Please reconnect.")

    def _named(self, error: NotSent | AnswerLost) -> Unavailable:
        """The transport's error with the service's name in its sentence."""
        return type(error)(str(error).replace("The service", self._name))


async def _before_sending(token: Awaitable[str]) -> str:
    """`token`. That a renewal's own answer was lost says nothing of the request it is for."""
    try:
        return await token
    except Unavailable as error:
        unsent = Unavailable(
            str(error), retry_after=error.retry_after, limited=error.limited, reached=False
        )
    raise unsent


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
