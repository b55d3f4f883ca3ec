"""The visitor who clicks without a browser."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from oo_desktop.sandbox.google import CLIENT_ID
from oo_desktop.sandbox.process import SandboxProcess
from oo_desktop.sandbox.visitor import VisitFailed, main, visit
from tests.sandbox.google.guest import (
    AUTHORIZE,
    BOTH,
    GRACE,
    LIST,
    GoogleGuest,
)
from tests.sandbox.guest import new_verifier


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess(zone="Europe/Berlin") as running:
        yield running


class App:
    """An app that waits for a callback on `http://localhost:<port>/callback`."""

    def __init__(self, port: int) -> None:
        self.redirect_uri = f"http://localhost:{port}/callback"
        self.heard: list[dict[str, list[str]]] = []


@contextmanager
def waiting_app(status: int = 200) -> Iterator[App]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            app.heard.append(parse_qs(urlsplit(self.path).query))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"Return to oO.")

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        app = App(server.server_port)
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield app
        finally:
            server.shutdown()
            serving.join()


def authorize_url(sandbox: SandboxProcess, app: App) -> str:
    client = httpx.post(
        f"{sandbox.url}/oauth/register",
        json={"redirect_uris": [app.redirect_uri], "token_endpoint_auth_method": "none"},
        trust_env=False,
    ).json()
    query = {
        "client_id": client["client_id"],
        "response_type": "code",
        "redirect_uri": app.redirect_uri,
        "scope": "data:read_write",
        "state": "a-state",
        "code_challenge": new_verifier()[1],
        "code_challenge_method": "S256",
    }
    return f"{sandbox.url}/oauth/authorize?{urlencode(query)}"


def test_the_visitor_allows_and_follows_the_way_back_once(sandbox: SandboxProcess) -> None:
    with waiting_app() as app:
        seen = visit(authorize_url(sandbox, app))
    assert (seen.status, seen.page) == (200, "Return to oO.")
    assert [set(query) for query in app.heard] == [{"code", "state"}]


def test_the_visitor_denies(sandbox: SandboxProcess) -> None:
    with waiting_app() as app:
        visit(authorize_url(sandbox, app), allow=False)
    assert app.heard == [{"error": ["access_denied"], "state": ["a-state"]}]


def test_the_visitor_chooses_an_account() -> None:
    with SandboxProcess() as sandbox, waiting_app() as app:
        sandbox.control("add_account", email="grace@example.com")
        visit(authorize_url(sandbox, app), account="grace@example.com")
        assert "code" in app.heard[0]
        with pytest.raises(VisitFailed, match="does not offer"):
            visit(authorize_url(sandbox, app), account="nobody@example.com")


def test_the_visitor_says_where_a_visit_ended(sandbox: SandboxProcess) -> None:
    with pytest.raises(VisitFailed, match="400"):
        visit(f"{sandbox.url}/oauth/authorize?client_id=nonsense")
    with pytest.raises(VisitFailed, match="on this machine"):
        visit("https://todoist.com/oauth/authorize")
    with pytest.raises(VisitFailed, match="no consent form"):
        visit(f"{sandbox.url}/sandbox/page.css")


def test_the_visitor_can_be_a_browser_command(
    sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    with waiting_app() as app:
        assert main([authorize_url(sandbox, app)]) == 0
        assert main([authorize_url(sandbox, app), "--deny"]) == 0
    with waiting_app(status=500) as broken:
        assert main([authorize_url(sandbox, broken)]) == 1
    gone = authorize_url(sandbox, broken)
    assert main([gone]) == 1
    assert "did not open" in capsys.readouterr().err


async def test_the_visitor_ticks_everything_but_what_it_is_told(google: GoogleGuest) -> None:
    heard: list[httpx.URL] = []

    async def app(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(httpx.URL((await reader.readline()).split()[1].decode()))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(app, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        query = httpx.QueryParams(
            client_id=CLIENT_ID,
            redirect_uri=f"http://127.0.0.1:{port}/",
            response_type="code",
            scope=BOTH,
        )
        url = f"{google.http.base_url}{AUTHORIZE}?{query}"
        await asyncio.to_thread(visit, url, account=GRACE)
        await asyncio.to_thread(visit, url, untick=["events.readonly"])
        with pytest.raises(VisitFailed):
            await asyncio.to_thread(visit, url, account="nobody@example.com")
    assert [set(one.params["scope"].split()) for one in heard] == [set(BOTH.split()), {LIST}]
    assert [one.params["authuser"] for one in heard] == ["1", "0"]
