"""The door every request comes through: it plays the faults and writes down who came.

What is under /sandbox goes through untouched, so that a person or a test can always reach the
control page.
"""

import asyncio
import json
import math
from collections.abc import Callable, Iterator
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from oo_desktop.sandbox.faults import SPOILED, Fault, FaultKind, Garbage
from oo_desktop.sandbox.google import PREFIX as GOOGLE
from oo_desktop.sandbox.google.faults import refused
from oo_desktop.sandbox.ical import without_secret
from oo_desktop.sandbox.todoist.errors import (
    ApiError,
    insufficient_scope,
    limits_reached,
    not_found,
    unauthorized,
)
from oo_desktop.sandbox.world import RequestSeen, World

HUGE_BYTES = 64 * 1024 * 1024
DEPTH = 100_000
_CONNECTIONS: dict[object, asyncio.Transport] = {}
"""Open connections by their peer's address: ASGI has no word for cutting one."""

PORTAL = b"""<!doctype html><html><head><title>Welcome to Station Wi-Fi</title></head>
<body><h1>Welcome</h1><p>Please accept our terms to go online.</p></body></html>"""
_TYPES = {
    "results": {"6X": 1},
    "next_cursor": ["x"],
    "items": {"6X": 1},
    "nextPageToken": ["x"],
    "id": 7,
    "sync_status": "ok",
    "access_token": None,
    "expires_in": "soon",
}
_SMALL: dict[Garbage, tuple[str, bytes]] = {
    Garbage.HTML: ("text/html; charset=utf-8", PORTAL),
    Garbage.NESTING: ("application/json", b"[" * DEPTH + b"]" * DEPTH),
    Garbage.BAD_UTF8: ("application/json", b'{"results":["\xff\xfe\xc3"],"next_cursor":null}'),
    Garbage.EMPTY: ("application/json", b""),
    Garbage.NAN: ("application/json", b'{"results":[NaN,Infinity],"next_cursor":-Infinity}'),
    Garbage.NULL: ("application/json", b"null"),
    Garbage.TYPES: ("application/json", json.dumps(_TYPES).encode()),
}


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with connections that can be found again in order to cut them."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        super().connection_made(transport)
        _CONNECTIONS[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _CONNECTIONS.pop(self.client, None)
        super().connection_lost(exc)


class Entry:
    """One request's line in the log, written once: before its client hears how it ended."""

    def __init__(self, world: World, scope: Scope) -> None:
        self._world = world
        self._scope = scope
        self._written = False

    def write(self, status: int | None, *, arrived: bool = True) -> None:
        """`status` None: the connection is cut instead of an answer. arrived: was it read?"""
        if self._written:
            return
        self._written = True
        account = self._world.google.caller(self._scope) if arrived else None
        seen = RequestSeen(
            at=self._world.clock.now(),
            method=self._scope["method"],
            path=without_secret(self._scope["path"]),
            status=status,
            account=account,
        )
        self._world.requests.append(seen)


class Gate:
    """ASGI middleware around everything the sandbox serves."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/sandbox"):
            await self._app(scope, receive, send)
            return
        entry = Entry(self._world, scope)

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.write(message["status"])
            await send(message)

        try:
            await self._play(scope, receive, watched, entry)
        finally:
            entry.write(None)

    async def _play(self, scope: Scope, receive: Receive, send: Send, entry: Entry) -> None:
        path, faults = scope["path"], self._world.faults
        for kind in (FaultKind.OFFLINE, FaultKind.DROP_REQUEST):
            if faults.take(kind, path):
                entry.write(None, arrived=False)
                await _cut(scope)
                return
        if delay := faults.take(FaultKind.DELAY, path):
            await faults.hold(delay.seconds)
        if limit := faults.take(FaultKind.RATE_LIMIT, path):
            await _fail(send, path, _too_many(limit, faults.seconds_left(limit)))
        elif fail := faults.take(FaultKind.FAIL, path):
            await _fail(send, path, fail)
        elif garbage := faults.take(FaultKind.GARBAGE, path):
            await self._spoil(garbage.garbage, scope, receive, send)
        elif faults.take(FaultKind.DROP_ANSWER, path):
            await _recorded(self._app, scope, receive)
            entry.write(None)
            await _cut(scope)
        else:
            await self._app(scope, receive, send)

    async def _spoil(self, kind: Garbage, scope: Scope, receive: Receive, send: Send) -> None:
        if kind in SPOILED:
            await self._spoil_real_answer(kind, scope, receive, send)
        elif kind is Garbage.HUGE:
            await _stream(send, _huge())
        elif kind is Garbage.REDIRECT:
            away = (b"location", b"http://wifi.example/login")
            await _answer(send, 302, ("text/html", PORTAL), away)
        else:
            await _answer(send, 200, _SMALL[kind])

    async def _spoil_real_answer(
        self, kind: Garbage, scope: Scope, receive: Receive, send: Send
    ) -> None:
        start, body = await _recorded(self._app, scope, receive)
        status, half = start["status"], body[: len(body) // 2]
        if kind is Garbage.TRUNCATED:
            await _answer(send, status, ("application/json", half))
            return
        if kind is Garbage.NOT_JSON_TYPE:
            await _answer(send, status, ("text/plain; charset=utf-8", body))
            return
        await send(start)
        await send({"type": "http.response.body", "body": half, "more_body": True})
        if kind is Garbage.STALL:
            await self._world.faults.hold()
        await _cut(scope, after_flush=True)


def retry_after(error: ApiError) -> tuple[bytes, bytes]:
    """The header that goes with a 429."""
    return b"retry-after", str(error.extra["retry_after"]).encode()


def _json(error: ApiError) -> tuple[str, bytes]:
    return "application/json", json.dumps(error.envelope()).encode()


def _too_many(limit: Fault, seconds_left: float) -> Fault:
    return Fault(kind=limit.kind, path=limit.path, status=429, seconds=math.ceil(seconds_left))


async def _fail(send: Send, path: str, fault: Fault) -> None:
    if path.startswith(GOOGLE):
        await _fail_as_google(send, path, fault)
        return
    known: dict[int, Callable[[], ApiError]] = {
        401: unauthorized,
        403: lambda: insufficient_scope("data:read_write"),
        404: lambda: not_found("Task"),
        429: lambda: limits_reached(max(1, math.ceil(fault.seconds or 1))),
    }
    if fault.status in known:
        error = known[fault.status]()
        headers = [retry_after(error)] if fault.status == 429 else []
        await _answer(send, fault.status, _json(error), *headers)
        return
    # What stands before Todoist answers in HTML, not in Todoist's envelope.
    page = f"<html><body><h1>{fault.status}</h1><p>The server had a bad moment.</p></body></html>"
    headers = [(b"retry-after", str(round(fault.seconds)).encode())] if fault.seconds else []
    await _answer(send, fault.status, ("text/html", page.encode()), *headers)


async def _fail_as_google(send: Send, path: str, fault: Fault) -> None:
    # Calendar sends no Retry-After with its own limits; with a fault of that kind it may be asked.
    seconds = 0 if fault.kind is FaultKind.RATE_LIMIT else round(fault.seconds)
    answer = refused(path=path, status=fault.status, reason=fault.reason, retry_after=seconds)
    headers = [(key.lower().encode(), value.encode()) for key, value in answer.headers.items()]
    await _answer(send, answer.status, (answer.content_type, answer.body), *headers)


async def _answer(
    send: Send, status: int, content: tuple[str, bytes], *headers: tuple[bytes, bytes]
) -> None:
    content_type, body = content
    every = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": every})
    await send({"type": "http.response.body", "body": body})


async def _stream(send: Send, chunks: Iterator[bytes]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _huge() -> Iterator[bytes]:
    yield b'{"results":['
    filling = b'"' + b"x" * 65_534 + b'",'
    for _ in range(HUGE_BYTES // len(filling)):
        yield filling
    yield b'""],"next_cursor":null}'


async def _recorded(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[dict[str, Any], bytes]:
    """Let the app act, and keep its answer."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    body = b"".join(message.get("body", b"") for message in messages)
    return dict(messages[0]), body


async def _cut(scope: Scope, *, after_flush: bool = False) -> None:
    """Close the connection a request came in on, and wait until it is closed."""
    peer = scope.get("client")
    transport = _CONNECTIONS.get(peer)
    if transport is None:
        return
    if after_flush:
        transport.close()
    else:
        transport.abort()
    for _ in range(200):
        if peer not in _CONNECTIONS:
            return
        await asyncio.sleep(0.01)
