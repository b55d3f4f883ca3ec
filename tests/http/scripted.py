"""A service over a real socket that says what it is told to. Failure is a value."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import h11

TOKEN = "t0k3n-0123456789abcdef"


@dataclass(frozen=True)
class Asked:
    """A request as it arrived. `connection` counts the connections."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def commands(self) -> list[dict[str, Any]]:
        """The commands of a POST /sync."""
        return json.loads(self.form["commands"])  # type: ignore[no-any-return]  # test input


@dataclass(frozen=True)
class Reply:
    """What to answer.

    body: bytes as they are, anything else as JSON.
    raw: sent instead of a proper answer; it cannot be kept talking to.
    then: what becomes of the connection; `drip` sends the body a byte at a time, for ever.
    """

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = "application/json"
    raw: bytes | None = None
    then: Literal["keep", "close", "reset", "hang", "drip"] = "keep"

    def payload(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class ScriptedService:
    """Answers each request with the next of `replies`, then with `answer`, then with `status`.

    asked: what arrived, in order. open_connections: how many clients are connected now.
    """

    def __init__(self) -> None:
        self.status = 200
        self.body: object = {}
        self.headers: Mapping[str, str] = {}
        self.replies: list[Reply] = []
        self.answer: Callable[[Asked], Reply | None] | None = None
        self.asked: list[Asked] = []
        self.connections = 0
        self.open_connections = 0
        self.port = 0
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1/"

    def paths(self) -> list[str]:
        return [asked.path.removeprefix("/api/v1/") for asked in self.asked]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["ScriptedService"]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await server.wait_closed()

    async def until(self, condition: Callable[[], object]) -> None:
        """Return when `condition` holds; asked again after each request and each hanging up."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    async def gone(self) -> None:
        """Return when no client is connected any more."""
        await self.until(lambda: not self.open_connections)

    def _reply(self, asked: Asked) -> Reply:
        if self.replies:
            return self.replies.pop(0)
        answer = self.answer(asked) if self.answer else None
        return answer or Reply(self.status, self.body, self.headers)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open_connections += 1
        try:
            await self._converse(reader, writer, self.connections)
        except (OSError, h11.RemoteProtocolError, asyncio.CancelledError):
            pass
        finally:
            self.open_connections -= 1
            self._changed.set()
            self._tasks.discard(task)
            writer.close()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        wire = h11.Connection(h11.SERVER)
        while asked := await _next_request(wire, reader, number):
            self.asked.append(asked)
            self._changed.set()
            reply = self._reply(asked)
            writer.write(reply.raw if reply.raw is not None else _bytes(wire, asked, reply))
            await writer.drain()
            match reply.then:
                case "close":
                    return
                case "reset":
                    writer.transport.abort()
                    return
                case "hang":
                    await reader.read()
                    return
                case "drip":
                    await _drip(reader, writer)
                    return
                case "keep":
                    if reply.raw is not None:
                        return
                    wire.start_next_cycle()


class ScriptedTokens:
    """Hands out `token`, then `next_token`.

    access_failure, failure: raised instead, for the first token and for the renewal.
    """

    def __init__(self, token: str = TOKEN, next_token: str = f"another-{TOKEN}") -> None:
        self.token = token
        self.next_token = next_token
        self.access_failure: Exception | None = None
        self.failure: Exception | None = None
        self.refused: list[str] = []
        self.asked = 0

    async def access_token(self) -> str:
        self.asked += 1
        if self.access_failure is not None:
            raise self.access_failure
        return self.token

    async def renewed(self, refused: str) -> str:
        self.refused.append(refused)
        if self.failure is not None:
            raise self.failure
        self.token = self.next_token
        return self.token


async def _next_request(
    wire: h11.Connection, reader: asyncio.StreamReader, number: int
) -> Asked | None:
    head: h11.Request | None = None
    body = b""
    while True:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            assert head is not None
            headers = {name.decode(): value.decode() for name, value in head.headers}
            return Asked(head.method.decode(), head.target.decode(), headers, body, number)
        else:
            return None


def _bytes(wire: h11.Connection, asked: Asked, reply: Reply) -> bytes:
    payload = reply.payload()
    headers = {"content-length": str(len(payload)), **reply.headers}
    if reply.status < 200 or reply.status in (204, 304):
        payload = b""
        headers.pop("content-length")
    if reply.content_type is not None:
        headers["content-type"] = reply.content_type
    parts: list[h11.Event] = [
        h11.Response(status_code=reply.status, headers=list(headers.items())),
        *([h11.Data(data=payload)] if payload else []),
        h11.EndOfMessage(),
    ]
    return b"".join(wire.send(part) or b"" for part in parts)


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not reader.at_eof():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)
