"""Be a door to a server on the loopback: while shut, the server is down, hangs or refuses."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

from tests.connectors.caldav.servers import Server


class Way(StrEnum):
    """Names how the door is."""

    OPEN = "open"
    HANGS = "hangs"
    """Nobody answers."""
    DOWN = "down"
    """Connections are refused."""
    REFUSES = "refuses"
    """Every request is answered with 401."""


class Gate:
    """Is a door to a server on the loopback, open, or shut in one of three ways."""

    def __init__(self, server: Server) -> None:
        self._server = int(server.url.rpartition(":")[2])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._way = Way.OPEN
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._run(self._accept, self._listener)

    def be(self, way: Way) -> None:
        """Be open or shut from now on; connections that there are end."""
        with self._lock:
            was, self._way = self._way, way
            self._hang_up()
            if way is Way.DOWN:
                _shut(self._listener)
            elif was is Way.DOWN:
                self._listener = socket.create_server(("127.0.0.1", self.port))
                self._run(self._accept, self._listener)

    def stop(self) -> None:
        self.be(Way.DOWN)
        for thread in self._threads:
            thread.join(5)

    def _hang_up(self) -> None:
        for each in self._held:
            _shut(each)
        self._held.clear()

    def _run(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                visitor, _ = listener.accept()
            except OSError:  # shut
                return
            with self._lock:
                way = self._way
                if way is Way.DOWN:  # it was shut at this moment
                    _shut(visitor)
                    return
                self._held.append(visitor)
            if way is Way.OPEN:
                self._let_through(visitor)
            elif way is Way.REFUSES:
                self._run(_refuse, visitor)

    def _let_through(self, visitor: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._server))
        with self._lock:
            if visitor not in self._held:  # it was shut meanwhile
                _shut(server)
                return
            self._held.append(server)
        self._run(_pump, visitor, server)
        self._run(_pump, server, visitor)


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    _shut(other)


REFUSAL = (
    b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="lists"\r\n'
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)


def _refuse(visitor: socket.socket) -> None:
    with suppress(OSError):
        visitor.recv(65536)
        visitor.sendall(REFUSAL)
    _shut(visitor)


def _shut(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()


@contextmanager
def gate_to(server: Server) -> Iterator[Gate]:
    """Yield a door to the server, open."""
    door = Gate(server)
    try:
        yield door
    finally:
        door.stop()
