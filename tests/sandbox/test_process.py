"""The sandbox as a child process, and the visitor who clicks without a browser."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from oo_desktop.sandbox.process import SandboxError, SandboxProcess, config_toml
from oo_desktop.sandbox.visitor import VisitFailed, main, visit
from tests.ports import ports_of_nobody
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


# The process


def test_control_and_state_reach_the_child(sandbox: SandboxProcess) -> None:
    added = sandbox.control("add_task", content="From a test", due_string="today")
    assert added["id"] in {task["id"] for task in sandbox.state()["tasks"]}
    assert sandbox.state()["accounts"][0]["zone"] == "Europe/Berlin"
    with pytest.raises(SandboxError, match="Unknown action"):
        sandbox.control("dance")


def test_the_config_section_points_at_the_sandbox() -> None:
    section = tomllib.loads(config_toml("http://127.0.0.1:4711"))["todoist"]
    assert section == {
        "api_url": "http://127.0.0.1:4711/api/v1/",
        "authorize_url": "http://127.0.0.1:4711/oauth/authorize",
        "token_url": "http://127.0.0.1:4711/oauth/access_token",
        "register_url": "http://127.0.0.1:4711/oauth/register",
    }


def test_stopping_twice_is_harmless_and_the_port_is_free_again() -> None:
    (port,) = ports_of_nobody(1)
    sandbox = SandboxProcess(port=port)
    sandbox.start()
    sandbox.stop()
    sandbox.stop()
    with socket.create_server(("127.0.0.1", port)):
        pass
    with pytest.raises(SandboxError, match="does not answer"):
        sandbox.state()


def test_a_killed_sandbox_can_be_followed_by_one_on_the_same_port() -> None:
    (port,) = ports_of_nobody(1)
    first = SandboxProcess(port=port)
    first.start()
    first.kill()
    with SandboxProcess(port=port) as second:
        assert second.url == first.url


def test_a_command_that_says_nothing_is_an_error() -> None:
    silent = SandboxProcess(command=[sys.executable, "-c", "pass"])
    with pytest.raises(SandboxError, match="did not start"):
        silent.start()


def test_a_port_that_is_taken_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        sandbox = SandboxProcess(port=taken.getsockname()[1])
        with pytest.raises(SandboxError):
            sandbox.start()
    assert "cannot listen on port" in capfd.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_even_with_answers_under_way(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "oo_desktop.sandbox"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        url = json.loads(child.stdout.readline())["url"]
        httpx.post(f"{url}/sandbox/api/delay", json={"seconds": 3600}, trust_env=False)
        host = urlsplit(url)
        with socket.create_connection((host.hostname, host.port)) as slow:
            slow.sendall(b"GET /api/v1/user HTTP/1.1\r\nHost: x\r\n\r\n")
            httpx.get(f"{url}/sandbox", trust_env=False)
            os.kill(child.pid, number)
            assert child.wait(10) == 0
        assert child.stdout.read() == ""
        assert child.stderr.read() == ""


def test_it_ends_when_its_parent_does() -> None:
    parent = (
        "import os, sys; from oo_desktop.sandbox.process import SandboxProcess; "
        "print(SandboxProcess().start(), flush=True); os._exit(0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", parent], capture_output=True, text=True, check=True, timeout=30
    )
    port = urlsplit(run.stdout.strip()).port or 0
    # Its parent's standard output is the child's only sign of life left to us: wait for the port.
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return
        threading.Event().wait(0.01)
    pytest.fail("the sandbox outlived its parent")


# The visitor


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


def test_a_child_serves_the_style_sheet_it_was_shipped_with(sandbox: SandboxProcess) -> None:
    sheet = httpx.get(f"{sandbox.url}/sandbox/page.css", trust_env=False)
    shipped = Path(__file__).parents[2] / "oo_desktop/sandbox/templates/page.css"
    assert sheet.text == shipped.read_text(encoding="utf-8")
