"""Be the wire between oO and its service, cut by killing oO at a chosen moment of a request.

A small HTTP proxy in threads of the test's process, so that oO can be dead while the service goes
on. It notes every command it lets through, because the service's history has no arguments.
"""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

MOMENTS = ("arrived", "acted", "half", "answered")
"""The request is there and nothing done; it is done; half of the answer is out; all of it is."""

READ_IN = 0.05
"""Seconds in which oO reads what was sent to it."""


class Step(NamedTuple):
    """Names a moment of a request: `lookup`, `sync` or `poll`."""

    request: str
    moment: str


@dataclass(frozen=True)
class Reply:
    """Holds what the service answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Wire:
    """Forwards to `upstream`; at `kill_at`, calls `kill` and lets the request go no further.

    The poll meant is the first that begins after a /sync was let through since.
    """

    def __init__(self, upstream: str, kill: Callable[[], None]) -> None:
        self._upstream = urlsplit(upstream).netloc
        self._kill = kill
        self._step: Step | None = None
        self._synced = False
        self._held: threading.Event | None = None
        self._forwarded = threading.Event()
        self.pause: Callable[[], float] = lambda: 0.0
        """Seconds that a request takes on its way, and the answer on its way back."""
        self.commands: dict[str, dict[str, Any]] = {}
        """Every command that was let through, by its uuid."""
        wire = self

        class Handler(_Handler):
            pass

        Handler.wire = wire
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._held:
            self._held.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def kill_at(self, step: Step | None) -> None:
        """Plan an accident, or None."""
        self._step, self._synced = step, False

    @contextmanager
    def answers_to_sync_held(self) -> Iterator[threading.Event]:
        """Leave commands executed meanwhile unanswered; yields what is set when one was."""
        self._held, self._forwarded = threading.Event(), threading.Event()
        try:
            yield self._forwarded
        finally:
            self._held.set()
            self._held = None

    # Within, in a thread for each connection

    def pass_on(self, method: str, path: str, headers: Any, body: bytes) -> Iterator[Reply | bytes]:
        """Yield the answer, as one Reply; or only its beginning, as bytes; or nothing."""
        step = self._is_at(method, path)
        moment = step.moment if step else None
        if moment == "arrived":
            self._die()
            return
        held = self._held
        time.sleep(self.pause())
        reply = self._forwarded_to_service(method, path, headers, body)
        time.sleep(self.pause())
        if _request_name(method, path) == "sync":
            self._synced = True
            if held is not None:
                self._forwarded.set()
                held.wait(20)
        if moment == "acted":
            self._die()
            return
        yield _beginning(reply) if moment == "half" else reply
        if moment is not None:
            time.sleep(READ_IN if moment == "half" else 0)
            self._die()

    def _is_at(self, method: str, path: str) -> Step | None:
        step = self._step
        if step is None or step.request != _request_name(method, path):
            return None
        return step if step.request != "poll" or self._synced else None

    def _die(self) -> None:
        self._step = None
        self._kill()

    def _forwarded_to_service(self, method: str, path: str, headers: Any, body: bytes) -> Reply:
        if _request_name(method, path) == "sync":
            self._note(body)
        connection = http.client.HTTPConnection(self._upstream, timeout=20)
        try:
            kept = {
                name: value
                for name, value in headers.items()
                if name.lower() in ("authorization", "content-type", "accept")
            }
            connection.request(method, path, body=body or None, headers=kept)
            answer = connection.getresponse()
            return Reply(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def _note(self, body: bytes) -> None:
        fields = parse_qs(body.decode())
        text = fields["commands"][0] if "commands" in fields else body.decode()
        commands = json.loads(text)
        for command in commands if isinstance(commands, list) else commands["commands"]:
            self.commands[command["uuid"]] = command


def _request_name(method: str, path: str) -> str:
    parts = urlsplit(path)
    if parts.path.endswith("/sync"):
        return "sync"
    if parts.path.endswith("/tasks/filter"):
        return "poll"
    if parts.path.endswith("/tasks") or "/tasks/" in parts.path:
        return "lookup"
    return "other"


def _beginning(reply: Reply) -> bytes:
    head = [f"HTTP/1.1 {reply.status} OK", "Content-Type: application/json"]
    head.append(f"Content-Length: {len(reply.body)}")
    return "\r\n".join([*head, "", ""]).encode() + reply.body[: len(reply.body) // 2]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore it: who asked was killed, which is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wire: Wire

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answered = False
        with suppress(ConnectionError):
            for part in self.wire.pass_on(self.command, self.path, self.headers, body):
                answered = isinstance(part, Reply)
                self._send(part)
        self.close_connection = not answered

    def _send(self, part: Reply | bytes) -> None:
        if isinstance(part, bytes):
            self.wfile.write(part)
            return
        self.send_response(part.status)
        for name, value in part.headers:
            if name.lower() in ("content-type", "retry-after"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(part.body)))
        self.end_headers()
        self.wfile.write(part.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as the library has it
        """Say nothing."""
