"""Wait on this machine for the browser to bring a sign-in's answer.

RFC 8252 (7.3, 8.3), with the mix-up defence of RFC 9207 where the service sends `iss`. Our own on
`asyncio.start_server` with h11 as the parser, because every ready-made receiver that was tried ends
at the first stray request: a favicon, a preconnected socket, a page that guesses the port. Here
only a GET of exactly our path, for our host, with our state, ends the wait; anything else gets a
static page and the wait goes on. The deadline of the whole sign-in belongs to the caller; only a
single connection's is here.

Nothing a request carries reaches a log or an exception.
"""

import asyncio
import errno
import hmac
import logging
import re
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import unquote_plus

import h11
from msgspec import Struct

from oo_desktop.clock import Clock, SystemClock
from oo_desktop.errors import SignInError
from oo_desktop.integrations import loopback_pages as pages
from oo_desktop.language import translated

log = logging.getLogger(__name__)

MAX_HEAD_BYTES = 64 * 1024
"""Of one request's head. Generous: cookies ignore ports (RFC 6265, 8.5), so ours arrive with those
of every other program that ever served a page on this machine."""

MAX_CODE_CHARACTERS = 2048

MAX_PORT_DRAWS = 8
"""How often to draw another free port when the drawn one is taken on ::1."""

_MAX_CHARACTERS = {"code": MAX_CODE_CHARACTERS, "state": 512, "error": 256, "iss": 512}
"""The parameters we read, and how many characters each may have. Known codes have up to 256."""

_LITERALS: Mapping[str, tuple[str, ...]] = {
    # Browsers may resolve the name to either address, so it takes both.
    "localhost": ("127.0.0.1", "::1"),
    "127.0.0.1": ("127.0.0.1",),
    "::1": ("::1",),
}
_ADDRESS_ABSENT = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT}
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_PRINTABLE = re.compile("[ -~]*")
_TLS_HANDSHAKE = b"\x16"
_READ_BYTES = 8192


class Callback(Struct, frozen=True):
    """Holds what the browser brought: a code, or the service's error code. Exactly one is there."""

    code: str | None
    error: str | None

    def __repr__(self) -> str:
        return f"Callback(code={self.code and '…'!r}, error={self.error and '…'!r})"


class _CallbackQuery(Struct, frozen=True):
    state: str
    code: str | None = None
    error: str | None = None
    iss: str | None = None

    def __repr__(self) -> str:
        return "_CallbackQuery(…)"


OpenSocket = Callable[[str, int], socket.socket]


class LoopbackReceiver:
    """Listens while a sign-in waits: an async context manager, closed after.

    path: the one path served, `/…`; compared byte by byte.
    state: the sign-in's; whoever does not know it cannot end the wait, not even with an error.
    ports: tried in order; 0 means any free one. Held from binding to the end, never re-bound.
    advertise: the host in `redirect_uri`. `localhost` binds 127.0.0.1 and, where there is one, ::1.
    issuers: of which `iss` must be one, if it comes (RFC 9207); none: it is not looked at.
    deadline: seconds one connection may take, however it drips.
    cap: connections held at once; one more ends the oldest.
    bind: makes a listening socket of a literal address and a port, or raises OSError.

    Entering raises SignInError when no port can be had. `redirect_uri` is there from then on. A
    repeated callback is told so for as long as the context stays open.
    """

    redirect_uri: str

    def __init__(
        self,
        *,
        path: str,
        state: str,
        ports: Sequence[int],
        advertise: str = "localhost",
        issuers: Collection[str] = (),
        clock: Clock | None = None,
        deadline: float = 5.0,
        cap: int = 32,
        bind: OpenSocket | None = None,
    ) -> None:
        self._path = path
        self._state = state
        self._ports = tuple(ports)
        self._advertise = advertise
        self._issuers = frozenset(issuers)
        self._clock = clock or SystemClock()
        self._deadline = deadline
        self._cap = cap
        self._bind = bind or listening_socket
        self._authorities: frozenset[str] = frozenset()
        self._servers: list[asyncio.Server] = []
        self._open: dict[asyncio.StreamWriter, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    async def __aenter__(self) -> Self:
        self._received: asyncio.Future[Callback] = asyncio.get_running_loop().create_future()
        literals = _LITERALS[self._advertise]
        sockets = _sockets(literals, self._ports, self._bind)
        port = sockets[0].getsockname()[1]
        self._authorities = frozenset(
            f"{_in_url(host)}:{port}" for host in (self._advertise, *literals)
        )
        self.redirect_uri = f"http://{_in_url(self._advertise)}:{port}{self._path}"
        try:
            for listening in sockets:
                # Not serving yet: it would suspend here, and a cancellation lose the server.
                server = await asyncio.start_server(
                    self._accept, sock=listening, start_serving=False
                )
                self._servers.append(server)
            for server in self._servers:
                await server.start_serving()
        except BaseException:
            await self._close()
            for listening in sockets:
                listening.close()
            raise
        log.debug("waiting for the browser on port %d", port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._close()

    async def receive(self) -> Callback:
        """Wait for the one valid callback and return it; the first wins.

        May be cancelled and called again.
        """
        return await asyncio.shield(self._received)

    async def _close(self) -> None:
        self._closing = True
        self._received.cancel()
        for server in self._servers:
            server.close()
        for writer in self._open:
            writer.close()  # what is written still goes out; the connection's deadline goes on
        if self._tasks:
            await asyncio.wait(self._tasks)
        for server in self._servers:
            await server.wait_closed()

    # One connection

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._closing:
            writer.transport.abort()
            return
        if len(self._open) >= self._cap:
            oldest = next(iter(self._open))
            del self._open[oldest]
            oldest.transport.abort()
        self._open[writer] = None
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        expiry = asyncio.get_running_loop().create_task(self._expire(writer))
        try:
            # The browser may go away at any moment, and often does.
            with suppress(OSError):
                await self._converse(reader, writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        finally:
            writer.transport.abort()  # does nothing unless we were cancelled
            self._open.pop(writer, None)
            expiry.cancel()
            await asyncio.wait({expiry})

    async def _expire(self, writer: asyncio.StreamWriter) -> None:
        await self._clock.sleep(self._deadline)
        writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _request(reader)
        if request is None:
            return
        page, callback = (request, None) if isinstance(request, bytes) else self._reply(request)
        log.debug("the browser, or a stranger, gets a %s", page[9:12].decode())
        writer.write(page)
        # Only now: the caller may close us at once, and the page must be on its way by then.
        if callback is not None:
            self._received.set_result(callback)
        writer.write_eof()
        # Closing over unread bytes resets the connection and may take the page with it.
        while await reader.read(_READ_BYTES):
            pass

    # One request

    def _reply(self, request: h11.Request) -> tuple[bytes, Callback | None]:
        """The page for `request`, and the callback if this is the one we wait for."""
        target, _, raw = request.target.decode("ascii").partition("?")
        refusal = self._refusal(request, target)
        if refusal is not None:
            return refusal, None
        query = _query(raw)
        if query is None or not hmac.compare_digest(query.state, self._state):
            return pages.not_for_us(HTTPStatus.BAD_REQUEST), None
        if self._issuers and query.iss is not None and query.iss not in self._issuers:
            log.warning("ignored a sign-in’s answer in the name of another service")
            return pages.not_for_us(HTTPStatus.BAD_REQUEST), None
        if bool(query.code) == bool(query.error):
            return pages.not_for_us(HTTPStatus.BAD_REQUEST), None
        if self._received.done():
            return pages.already_received(), None
        if query.code:
            return pages.received(), Callback(query.code, None)
        return pages.denied(), Callback(None, query.error)

    def _refusal(self, request: h11.Request, target: str) -> bytes | None:
        """The page for a request that is not a browser navigating to our address; else None."""
        if request.method == b"HEAD":
            return pages.method_not_allowed(has_body=False)
        if request.method != b"GET":
            return pages.method_not_allowed()
        hosts = _header(request, b"host")
        if len(hosts) != 1:
            return pages.not_for_us(HTTPStatus.BAD_REQUEST)
        if hosts[0].lower() not in self._authorities:  # DNS rebinding
            return pages.not_for_us(HTTPStatus.MISDIRECTED_REQUEST)
        ours = {f"http://{authority}" for authority in self._authorities}
        # A navigation has none. (Referer says nothing: it is stripped from https to http.)
        if not ours.issuperset(_header(request, b"origin")):
            return pages.not_for_us(HTTPStatus.FORBIDDEN)
        return None if target == self._path else pages.not_for_us(HTTPStatus.NOT_FOUND)


async def _request(reader: asyncio.StreamReader) -> h11.Request | bytes | None:
    """A request's head; or the page for what is malformed; or None for what is no HTTP."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
    first = True
    while data := await reader.read(_READ_BYTES):
        if first and data.startswith(_TLS_HANDSHAKE):  # a browser that insists on https
            return None
        first = False
        try:
            connection.receive_data(data)
            event = connection.next_event()
        except h11.RemoteProtocolError as error:
            too_large = error.error_status_hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            return pages.not_for_us(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if too_large else HTTPStatus.BAD_REQUEST
            )
        if isinstance(event, h11.Request):
            return event
    return None


def _header(request: h11.Request, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in request.headers if key == name]


def _query(raw: str) -> _CallbackQuery | None:
    """What we read of a query string; None if any of it is malformed, repeated or too long.

    Unknown parameters are ignored, as RFC 6749 (4.1.2) asks, however malformed they are.
    """
    found: dict[str, str] = {}
    for pair in raw.split("&"):
        name, _, escaped = pair.partition("=")
        name = unquote_plus(name, "latin-1")
        if name not in _MAX_CHARACTERS:
            continue
        value = unquote_plus(escaped, "latin-1")
        if name in found or not _is_sound(name, escaped, value):
            return None
        found[name] = value
    return _CallbackQuery(**found) if "state" in found and "#" not in raw else None


def _is_sound(name: str, escaped: str, value: str) -> bool:
    return (
        _BAD_ESCAPE.search(escaped) is None
        and _PRINTABLE.fullmatch(value) is not None
        and len(value) <= _MAX_CHARACTERS[name]
    )


# Sockets


def listening_socket(host: str, port: int) -> socket.socket:
    """Open a socket that listens on the literal loopback address `host`. Raises OSError.

    It listens at once: on Linux two programs may bind one port, but only one can listen.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setblocking(False)
        listening.setsockopt(socket.SOL_SOCKET, address_option(vars(socket)), 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((host, port))
        listening.listen()
    except BaseException:
        listening.close()
        raise
    return listening


def address_option(names: Mapping[str, int]) -> int:
    """Choose the socket option that gives a port to us alone, of those that `socket` has here.

    On Windows SO_REUSEADDR lets another process take a port that is in use, and
    SO_EXCLUSIVEADDRUSE prevents that. Elsewhere SO_REUSEADDR only skips the wait after a close.
    https://learn.microsoft.com/windows/win32/winsock/using-so-reuseaddr-and-so-exclusiveaddruse

    names: the options of this platform and their numbers.
    """
    return names.get("SO_EXCLUSIVEADDRUSE", names["SO_REUSEADDR"])


def _sockets(
    literals: Sequence[str], ports: Sequence[int], bind: OpenSocket
) -> list[socket.socket]:
    """Sockets listening on the first free port, one for each address this machine has."""
    for port in ports:
        for _ in range(1 if port else MAX_PORT_DRAWS):
            sockets = _sockets_on(literals, port, bind)
            if sockets:
                return sockets
    fixed = ", ".join(str(port) for port in ports if port)
    if not fixed:
        raise SignInError(
            translated("oO cannot wait for the browser on this computer. Try again later.")
        )
    raise SignInError(
        translated(
            "Other programs are using the ports oO needs to sign in ({ports}). Close one of them "
            "and try again.",
            ports=fixed,
        )
    )


def _sockets_on(literals: Sequence[str], port: int, bind: OpenSocket) -> list[socket.socket]:
    """All of them or none: a stranger on the same port of ::1 would be sent our callback."""
    sockets: list[socket.socket] = []
    for literal in literals:
        try:
            sockets.append(bind(literal, port))
        except OSError as error:
            if error.errno in _ADDRESS_ABSENT:
                continue
            log.debug("port %d cannot be had (%s)", port, errno.errorcode.get(error.errno or 0))
            for listening in sockets:
                listening.close()
            return []
        port = sockets[0].getsockname()[1]
    return sockets


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
