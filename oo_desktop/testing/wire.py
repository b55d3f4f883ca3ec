"""Stands between a connector and its service in a test: stand-ins, and everything that breaks.

The client is the real one; only what it sends its requests through is another. So a status becomes
the error it will be in oO, and a connector that goes round its client is found out.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree as ET

from msgspec.structs import replace

from oo_desktop.errors import AuthRequired
from oo_desktop.http.answers import THE_SERVICE, Asked
from oo_desktop.http.client import Answer, AnswerLost, Http, NotSent

PLANTED = "planted-7c1e-words"
"""Stands in everything a broken service says, and must never come out of a connector."""

PASTED_TOKEN = "token-of-ada-7c1e"  # noqa: S105  # opens nothing

Ask = Callable[[], Awaitable[Answer]]
Fault = Callable[[Ask], Awaitable[Answer]]
"""Stands in the way of a request: asks the service, or answers in its place."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Holds a request as a stand-in gets it. `path` is decoded and has no leading slash."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_url(
        cls,
        method: str,
        url: str,
        *,
        at: str,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Sent":
        parts = urlsplit(url)
        return cls(
            method=method,
            path=unquote(parts.path).strip("/").removeprefix(at).strip("/"),
            params={**dict(parse_qsl(parts.query)), **(params or {})},
            form=form or {},
            json=json,
            content=content,
            headers=headers or {},
        )


class StandIn(Http):
    """Answers as a service within the test: a subclass says what, with a status and JSON, or whole.

    at: the path its API lies under, without slashes at its ends.
    authorization: the header it wants of whoever asks.
    """

    at = ""
    authorization = f"Bearer {PASTED_TOKEN}"

    def __init__(self) -> None:
        """No connection is made: it answers by itself."""

    def answer(self, sent: Sent) -> tuple[int, object] | Answer:
        raise NotImplementedError

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,  # the name it has in oO
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,  # noqa: ARG002  # its answers are small
        asked: Asked = THE_SERVICE,  # noqa: ARG002  # it always answers
    ) -> Answer:
        if (headers or {}).get("Authorization") != self.authorization:
            return json_answer(401, {})
        await asyncio.sleep(0)
        sent = Sent.from_url(
            method,
            url,
            at=self.at,
            params=params,
            form=form,
            json=json,
            content=content,
            headers=headers,
        )
        answer = self.answer(sent)
        return answer if isinstance(answer, Answer) else json_answer(*answer)

    async def aclose(self) -> None:
        """Close nothing: nothing is open."""


class OneToken:
    """Gives a token that is never renewed, as one that was pasted."""

    def __init__(self, token: str = PASTED_TOKEN) -> None:
        self._token = token

    async def access_token(self) -> str:
        return self._token

    async def renewed(self, refused: str) -> str:  # noqa: ARG002  # BearerTokens' signature
        raise AuthRequired("The service no longer accepts this token.")


class Wire(Http):
    """Carries requests to `service`, of which some meet a fault.

    count: how many requests there were.
    """

    def __init__(self, service: Http) -> None:
        self._service = service
        self._fault: Fault | None = None
        self._numbers: Callable[[int], bool] = bool
        self.count = 0

    @contextmanager
    def broken(self, fault: Fault, *, first: int, last: int | None = None) -> Iterator[None]:
        """Meet requests `first` (counted from now) to `last`, or to the end, with `fault`."""
        self.count = 0
        self._fault = fault
        self._numbers = lambda number: first <= number and (last is None or number <= last)
        try:
            yield
        finally:
            self._fault = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: object = None,  # the name it has in oO
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        asked: Asked = THE_SERVICE,
    ) -> Answer:
        async def ask() -> Answer:
            # In a task of its own: the service's work is not the connector's.
            asking = self._service.request(
                method,
                url,
                params=params,
                form=form,
                json=json,
                content=content,
                headers=headers,
                max_bytes=max_bytes,
                asked=asked,
            )
            return await asyncio.create_task(asking)

        number, self.count = self.count, self.count + 1
        if self._fault is not None and self._numbers(number):
            return await self._fault(ask)
        return await ask()


def json_answer(status: int, content: object) -> Answer:
    return Answer(status, "application/json", json.dumps(content).encode())


def says(status: int, body: bytes, content_type: str = "application/json") -> Fault:
    """Answer this, whatever is asked."""

    async def fault(_ask: Ask) -> Answer:
        return Answer(status, content_type, body)

    return fault


async def unreachable(_ask: Ask) -> Answer:
    raise NotSent("There is no network.")


async def answer_lost(ask: Ask) -> Answer:
    """Let the service do what it is asked, and nobody hear of it."""
    await ask()
    raise AnswerLost("The answer was lost.")


async def cut(ask: Ask) -> Answer:
    answer = await ask()
    return Answer(answer.status, answer.content_type, answer.body[: len(answer.body) // 2])


async def silent(_ask: Ask) -> Answer:
    """Wait for ever."""
    await asyncio.Event().wait()
    raise AssertionError


_ERROR = json.dumps({"error": PLANTED, "message": PLANTED}).encode()

UNAVAILABLE: Mapping[str, Fault] = {
    "429": says(429, _ERROR),
    "500": says(500, _ERROR),
    "503": says(503, _ERROR),
    "no network": unreachable,
    "an answer that is lost": answer_lost,
}
"""What passes: a connector must raise Unavailable."""

REFUSALS: Mapping[str, Fault] = {
    str(status): says(status, _ERROR) for status in (400, 401, 403, 404, 410, 418)
}
"""What the service means. 401: the token is refused, and must be AuthRequired."""

WEB_PAGE = "a web page"

UNREADABLE: Mapping[str, Fault] = {
    WEB_PAGE: says(200, f"<html>{PLANTED}".encode(), "text/html"),
    "an answer cut in half": cut,
    "an empty answer": says(200, b""),
    "no JSON": says(200, PLANTED.encode()),
    "bytes that are no text": says(200, b"\xff\xfe\x00" + PLANTED.encode()),
    "JSON that is too deep": says(200, b"[" * 100_000),
}

SHAPES: Mapping[str, Fault] = {
    text: says(200, text.encode())
    for text in (
        "null",
        "true",
        "42",
        "[]",
        "{}",
        "[null]",
        "[[]]",
        "[{}]",
        f'"{PLANTED}"',
        f'["{PLANTED}"]',
        f'{{"{PLANTED}": "{PLANTED}"}}',
    )
}
"""JSON of another form. Some of it may be a list, if an empty one: the connector has to say."""

STRANGE_VALUES: tuple[object, ...] = (
    None,
    [],
    {},
    -1,
    10**30,
    True,
    "",
    PLANTED,
    "9999-99-99T99:99:99Z",
    "0001-01-01",
    "\ud800",
)


def with_one_strange_value(choice: int) -> Fault:
    """Return the real answer but for one value; each `choice` is another value or another place."""

    async def fault(ask: Ask) -> Answer:
        answer = await ask()
        if "xml" in answer.content_type:
            return _with_one_strange_text(answer, choice)
        try:
            content = json.loads(answer.body)
        except ValueError:
            return answer
        places = list(_places(content))
        if not places:
            return answer
        inside, key = places[choice * 7919 % len(places)]
        inside[key] = STRANGE_VALUES[choice % len(STRANGE_VALUES)]
        return json_answer(answer.status, content)

    return fault


def _with_one_strange_text(answer: Answer, choice: int) -> Answer:
    """An answer in XML: a text, an attribute or a name in it is another."""
    try:
        root = ET.fromstring(answer.body)  # noqa: S314  # a stand-in's own
    except ET.ParseError:
        return answer
    places: list[tuple[ET.Element, str | None]] = []
    for element in root.iter():
        places += [(element, None), *((element, name) for name in element.attrib)]
    element, name = places[choice * 7919 % len(places)]
    value = STRANGE_VALUES[choice % len(STRANGE_VALUES)]
    text = str(value).encode(errors="replace").decode()
    if name is not None:
        element.set(name, text)
    elif len(element):
        element.tag = PLANTED
    else:
        element.text = text
    return replace(answer, body=ET.tostring(root, encoding="utf-8"))


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Every value within `content`, as what holds it and where."""
    keys = content if isinstance(content, dict) else range(len(content))
    if not isinstance(content, dict | list):
        return
    for key in list(keys):
        yield content, key
        if isinstance(content[key], dict | list):
            yield from _places(content[key])
