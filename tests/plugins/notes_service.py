"""A Plain Notes server on a real socket."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from oo_desktop.testing import Sent
from tests.plugins.example.test_plain_notes import PlainNotes


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
