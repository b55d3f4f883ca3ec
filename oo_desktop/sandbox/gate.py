"""Let every request in: play the faults, and write down who came.

What is under /sandbox goes through untouched, so that a person or a test can always reach the
control page.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from oo_desktop.sandbox.caldav import CALDAV_PATHS
from oo_desktop.sandbox.caldav.api import refused as caldav_refused
from oo_desktop.sandbox.caldav.login import without_token
from oo_desktop.sandbox.faults import SPOILED, FaultKind, Garbage, RawAnswer, SandboxFault
from oo_desktop.sandbox.google import GOOGLE
from oo_desktop.sandbox.google.faults import refused as google_refused
from oo_desktop.sandbox.ical import without_secret
from oo_desktop.sandbox.todoist.errors import refused as todoist_refused
from oo_desktop.sandbox.world import RequestSeen, World

_HUGE_BYTES = 64 * 1024 * 1024
_NESTING = 100_000
_CONNECTIONS: dict[object, asyncio.Transport] = {}
"""Open connections by their peer's address: ASGI has no word for cutting one."""

_PORTAL = b"""<!doctype html><html><head><title>Welcome to Station Wi-Fi</title></head>
<body><h1>Welcome</h1><p>Please accept our terms to go online.</p></body></html>"""
_WRONG_TYPES = {
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
    Garbage.HTML: ("text/html; charset=utf-8", _PORTAL),
    Garbage.NESTING: ("application/json", b"[" * _NESTING + b"]" * _NESTING),
    Garbage.BAD_UTF8: ("application/json", b'{"results":["\xff\xfe\xc3"],"next_cursor":null}'),
    Garbage.EMPTY: ("application/json", b""),
    Garbage.NAN: ("application/json", b'{"results":[NaN,Infinity],"next_cursor":-Infinity}'),
    Garbage.NULL: ("application/json", b"null"),
    Garbage.TYPES: ("application/json", json.dumps(_WRONG_TYPES).encode()),
}


class CuttableProtocol(H11Protocol):
    """Speaks uvicorn's HTTP/1.1, and finds connections again in order to cut them."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        super().connection_made(transport)
        _CONNECTIONS[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _CONNECTIONS.pop(self.client, None)
        super().connection_lost(exc)


class RequestLogEntry:
    """Writes a request into the log, once, and before its client hears how it ended."""

    def __init__(self, world: World, scope: Scope) -> None:
        self._world = world
        self._scope = scope
        self._written = False

    def write(self, status: int | None, *, arrived: bool = True) -> None:
        """Write it down. status: None if the connection is cut. arrived: was it read?"""
        if self._written:
            return
        self._written = True
        account = self._caller() if arrived else None
        seen = RequestSeen(
            at=self._world.clock.now(),
            method=self._scope["method"],
            path=without_token(without_secret(self._scope["path"])),
            status=status,
            account=account,
        )
        self._world.requests.append(seen)

    def _caller(self) -> str | None:
        world = self._world
        return world.google.caller(self._scope) or world.caldav.caller(self._scope)


class Gate:
    """Stands before everything the sandbox serves, as ASGI middleware."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/sandbox"):
            await self._app(scope, receive, send)
            return
        entry = RequestLogEntry(self._world, scope)

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.write(message["status"])
            await send(message)

        try:
            await self._play(scope, receive, watched, entry)
        finally:
            entry.write(None)

    async def _play(
        self, scope: Scope, receive: Receive, send: Send, entry: RequestLogEntry
    ) -> None:
        path, method, faults = scope["path"], scope["method"], self._world.faults
        for kind in (FaultKind.OFFLINE, FaultKind.DROP_REQUEST):
            if faults.take(kind, path, method):
                entry.write(None, arrived=False)
                await _cut(scope)
                return
        if delay := faults.take(FaultKind.DELAY, path, method):
            await faults.hold(delay.seconds)
        if limit := faults.take(FaultKind.RATE_LIMIT, path, method):
            await _send_raw(send, _refused(limit, path, faults.seconds_left(limit)))
        elif fail := faults.take(FaultKind.FAIL, path, method):
            await _send_raw(send, _refused(fail, path, fail.seconds))
        elif garbage := faults.take(FaultKind.GARBAGE, path, method):
            await self._spoil(garbage.garbage, scope, receive, send)
        elif faults.take(FaultKind.DROP_ANSWER, path, method):
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
            await _answer(send, 302, ("text/html", _PORTAL), away)
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


def _refused(fault: SandboxFault, path: str, seconds: float) -> RawAnswer:
    """What the service of that path says where it fails on purpose."""
    limited = fault.kind is FaultKind.RATE_LIMIT
    status = 429 if limited else fault.status
    if path.startswith(CALDAV_PATHS):
        return caldav_refused(status=status, seconds=seconds)
    if not path.startswith(GOOGLE):
        return todoist_refused(status=status, seconds=seconds)
    # Calendar sends no Retry-After with its own limits; with a fault of that kind it may be asked.
    wait = 0 if limited else round(seconds)
    return google_refused(path=path, status=status, reason=fault.reason, retry_after=wait)


async def _send_raw(send: Send, answer: RawAnswer) -> None:
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
    for _ in range(_HUGE_BYTES // len(filling)):
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
