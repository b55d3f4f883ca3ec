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
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from oo_desktop.sandbox.process import SandboxError, SandboxProcess, config_toml
from tests.ports import ports_of_nobody


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess(zone="Europe/Berlin") as running:
        yield running


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


def test_a_child_serves_the_style_sheet_it_was_shipped_with(sandbox: SandboxProcess) -> None:
    sheet = httpx.get(f"{sandbox.url}/sandbox/page.css", trust_env=False)
    shipped = Path(__file__).parents[2] / "oo_desktop/sandbox/templates/page.css"
    assert sheet.text == shipped.read_text(encoding="utf-8")
