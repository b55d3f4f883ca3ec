"""Be a network that fails on purpose: a proxy on the loopback that cuts what a plan says.

It knows where requests and answers begin and end (RFC 9112, section 6), and so it can do what a bad
network does between any two of a program's steps: lose the request before the service has it, or
the answer after the service has acted. What it did is kept in `passed`.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from oo_desktop.clock import Clock, SystemClock
from tests.faults.messages import Message, read_message

LONGEST_HEAD = 256 * 1024


class Kind(Enum):
    """Says what happens to one request."""

    PASS = "pass"
    DROP_REQUEST = "drop request"
    """The connection is closed; the service never hears of it."""
    HALF_REQUEST = "half request"
    """The service gets a part of it, then both connections are closed."""
    DROP_ANSWER = "drop answer"
    """The service has answered; the connection is closed without a byte of it."""
    HALF_ANSWER = "half answer"
    RESET = "reset"
    """As DROP_REQUEST, or as DROP_ANSWER where `acted`, with a TCP reset instead of an end."""
    STALL = "stall"
    """Nothing for `seconds`, then the answer or, where `closes`, an end. Where `acted`, the service
    had the request before; otherwise it gets it then, unless whoever asked has left."""
    ERROR = "error"
    """500 from somewhere between; where `acted`, the service has done it nevertheless."""
    REFUSE = "refuse"
    """As DROP_REQUEST, and for `seconds` nobody can connect."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Says what a plan wants of one request.

    fraction: how much of a half request or answer arrives.
    late: a stalled request goes to the service even when whoever asked has left.
    """

    kind: Kind = Kind.PASS
    acted: bool = False
    seconds: float = 0.0
    closes: bool = False
    late: bool = False
    fraction: float = 0.5


PASS = Cut()


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Holds one whole request, as the plan is asked about it. number: from 1 on, as they came."""

    number: int
    method: str
    target: str
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


@dataclass(kw_only=True)
class Passed:
    """Says what became of one request. forwarded: the service had all of it."""

    heard: Heard
    cut: Cut
    forwarded: bool = False
    status: int | None = None


Plan = Callable[[Heard], Cut]


def pass_all(_heard: Heard) -> Cut:
    """Return the plan of a network that works."""
    return PASS


class Cutter:
    """Is the proxy. `start` and `stop` it in one loop; `plan` may be exchanged at any time.

    target: the service's URL. clock: measures stalls. on_forward, on_answer: told when the service
    is about to get a request, and when its whole answer is there.
    """

    def __init__(
        self,
        target: str,
        plan: Plan = pass_all,
        *,
        clock: Clock | None = None,
        on_forward: Callable[[Passed], None] = lambda _passed: None,
        on_answer: Callable[[Passed], None] = lambda _passed: None,
    ) -> None:
        parts = urlsplit(target)
        if parts.hostname is None or parts.port is None:
            raise ValueError("the cutter needs a URL with host and port")
        self._target = (parts.hostname, parts.port)
        self.plan = plan
        self.passed: list[Passed] = []
        self._clock = clock or SystemClock()
        self._on_forward = on_forward
        self._on_answer = on_answer
        self._reserved: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._closed = 0

    @property
    def port(self) -> int:
        assert self._reserved is not None, "not started"
        port: int = self._reserved.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Return where to connect instead of the service, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def cuts(self) -> int:
        """Return how many requests did not simply pass."""
        return sum(passed.cut.kind is not Kind.PASS for passed in self.passed)

    async def start(self) -> str:
        """Listen; returns the URL."""
        # Bound and never listening: keeps the port ours while nobody may connect.
        self._reserved = _socket(0)
        await self._listen()
        return self.url

    async def stop(self) -> None:
        """End everything at once."""
        await self._deafen()
        tasks = set(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._reserved is not None:
            self._reserved.close()

    async def refuse(self, seconds: float) -> None:
        """Let nobody connect for `seconds`, or for longer where it was told so twice."""
        self._closed += 1
        await self._deafen()
        await self._clock.sleep(seconds)
        self._closed -= 1
        if not self._closed:
            await self._listen()

    async def _listen(self) -> None:
        if self._server is None:
            listener = _socket(self.port)
            self._server = await asyncio.start_server(
                self._serve, sock=listener, limit=LONGEST_HEAD
            )

    async def _deafen(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await asyncio.sleep(0)

    def _go(self, work: "asyncio.Task[None]") -> None:
        self._running.add(work)
        work.add_done_callback(self._running.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._go(task)
        line = _Line(reader, writer, self._target)
        with suppress(OSError, EOFError, asyncio.CancelledError):
            try:
                while await self._exchange(line):
                    pass
            finally:
                line.close()

    async def _exchange(self, line: "_Line") -> bool:
        """One request; whether another may follow."""
        request = await read_message(line.reader)
        method, target = request.first.split(" ")[:2]
        number = len(self.passed) + 1
        heard = Heard(number=number, method=method, target=target, body=request.body)
        passed = Passed(heard=heard, cut=self.plan(heard))
        self.passed.append(passed)
        cut = passed.cut
        match cut.kind:
            case Kind.PASS:
                line.writer.write(await self._forward(line, request, passed))
                await line.writer.drain()
                return True
            case Kind.DROP_REQUEST:
                return False
            case Kind.REFUSE:
                self._go(asyncio.ensure_future(self.refuse(cut.seconds)))
                return False
            case Kind.HALF_REQUEST:
                await line.send_part(request.raw, cut.fraction)
                return False
            case Kind.STALL:
                return await self._stall(line, request, passed)
        return await self._cut_after(line, request, passed)

    async def _cut_after(self, line: "_Line", request: "Message", passed: Passed) -> bool:
        cut = passed.cut
        answer = b""
        if cut.acted or cut.kind in (Kind.DROP_ANSWER, Kind.HALF_ANSWER):
            answer = await self._forward(line, request, passed)
        if cut.kind is Kind.RESET:
            line.reset()
        elif cut.kind is Kind.ERROR:
            line.writer.write(_ERROR)
            await line.writer.drain()
            return True
        elif cut.kind is Kind.HALF_ANSWER:
            # Never all of it: that would be no cut.
            line.writer.write(answer[: min(int(len(answer) * cut.fraction), len(answer) - 1)])
            await line.writer.drain()
        return False

    async def _stall(self, line: "_Line", request: "Message", passed: Passed) -> bool:
        cut = passed.cut
        answer = await self._forward(line, request, passed) if cut.acted else b""
        await self._clock.sleep(cut.seconds)
        left = line.reader.at_eof()
        if cut.closes and not cut.late:
            return False
        if not cut.acted and (cut.late or not left):
            answer = await self._forward(line, request, passed)
        if left or cut.closes:
            return False
        line.writer.write(answer)
        await line.writer.drain()
        return True

    async def _forward(self, line: "_Line", request: "Message", passed: Passed) -> bytes:
        """What the service answers, whole."""
        reader, writer = await line.upstream()
        self._on_forward(passed)
        passed.forwarded = True
        writer.write(request.raw)
        await writer.drain()
        answer = await read_message(reader, answers=request.first)
        passed.status = int(answer.first.split(" ")[1])
        self._on_answer(passed)
        return answer.raw


class _Line:
    """A connection from whoever asks, and the one to the service that goes with it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: tuple[str, int]
    ) -> None:
        self.reader = reader
        self.writer = writer
        self._target = target
        self._upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def upstream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._upstream is not None and self._upstream[0].at_eof():
            self._upstream[1].transport.abort()
            self._upstream = None
        if self._upstream is None:
            self._upstream = await asyncio.open_connection(*self._target, limit=LONGEST_HEAD)
        return self._upstream

    async def send_part(self, raw: bytes, fraction: float) -> None:
        _, writer = await self.upstream()
        writer.write(raw[: min(int(len(raw) * fraction), len(raw) - 1)])
        await writer.drain()

    def reset(self) -> None:
        raw: socket.socket = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def close(self) -> None:
        """Close it: what was written still arrives; what the service still says does not."""
        self.writer.close()
        if self._upstream is not None:
            self._upstream[1].close()


_PROBLEM = b'{"error": "somewhere between"}'
_ERROR = (
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_PROBLEM), _PROBLEM)
)


def _socket(port: int) -> socket.socket:
    # The protocol must be said, or asyncio leaves Nagle's algorithm on: 40 ms for every answer.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    return bound


@asynccontextmanager
async def cutting(target: str, plan: Plan = pass_all) -> AsyncIterator[Cutter]:
    """Yield a cutter in front of `target`, in the running loop."""
    cutter = Cutter(target, plan)
    await cutter.start()
    try:
        yield cutter
    finally:
        await cutter.stop()


@contextmanager
def cutting_in_a_thread(target: str, plan: Plan = pass_all) -> Iterator[Cutter]:
    """Yield the same for callers without a loop. The plan is called in that thread."""
    started: list[Cutter] = []
    ready, done = threading.Event(), threading.Event()

    async def run() -> None:
        async with cutting(target, plan) as cutter:
            started.append(cutter)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    ready.wait(10)
    try:
        yield started[0]
    finally:
        done.set()
        thread.join(10)
