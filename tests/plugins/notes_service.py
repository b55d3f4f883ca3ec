"""A Plain Notes server: its answers, within a test or over a real socket."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from oo_desktop.testing import Sent, StandIn

NOTES = {
    "n1": {"id": "n1", "text": "Feed the cat", "due": "2026-11-22"},
    "n-2": {"id": "n-2", "text": "Mend the <b>kite</b>"},
}


class PlainNotes(StandIn):
    """open: the notes that are not done. performed: what was done, by its uuid."""

    at = "api"

    def __init__(self) -> None:
        self.open: dict[str, Any] = dict(NOTES)
        self.performed: list[str] = []

    def answer(self, sent: Sent) -> tuple[int, object]:
        if sent.path == "me":
            return 200, {"id": "u-7", "email": "ada@example.com"}
        if sent.path == "notes":
            return 200, list(self.open.values())
        id_, _, word = sent.path.removeprefix("notes/").rpartition("/")
        if sent.method != "POST" or id_ not in NOTES or word not in ("done", "open"):
            return 404, {}
        if sent.json["uuid"] not in self.performed:
            self.performed.append(sent.json["uuid"])
            if word == "done" and self.open.pop(id_, None) is None:
                return 404, {}
            if word == "open":
                self.open[id_] = NOTES[id_]
        return 200, {}


@contextmanager
def served(notes: PlainNotes, token: str) -> Iterator[str]:
    """Serve `notes` to whoever has `token`; yields the address of its API."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name http.server calls
            self._answer(None)

        def do_POST(self) -> None:  # as above
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, content: object) -> None:
            status: int = 401
            said: object = {}
            if self.headers["Authorization"] == f"Bearer {token}":
                sent = Sent.from_url(self.command, self.path, at=notes.at, json=content)
                status, said = notes.answer(sent)
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  # its name

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
