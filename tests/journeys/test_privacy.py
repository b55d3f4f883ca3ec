"""oO without a screen, watched; and that the watch would notice."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from oo_desktop.sandbox.process import SandboxProcess, config_toml
from tests.journeys.process import Oo
from tests.watching import Watch


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_without_a_screen_it_asks_nobody_and_writes_nothing_that_is_not_listed(
    watch: Watch, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    unwatched = tmp_path / "unwatched"
    unwatched.mkdir()
    oo = Oo(unwatched)
    del oo.environment["OO_DESKTOP_HOME"]
    browser = oo.environment["BROWSER"]
    oo.environment |= {**watch.environment, "BROWSER": f"env -u WATCHED {browser}"}
    watch.config.write_text(config_toml(sandbox.url))
    oo.start()
    oo.until((watch.data / "oo.db").exists)
    oo.ask("connect", "todoist")
    oo.ask("refresh")
    oo.ask("quit")
    assert oo.process is not None
    assert oo.process.wait(20) == 0
    assert watch.hosts() == {sandbox.url.removeprefix("http://")}
    assert watch.programs() <= {"env", sys.executable}
    assert watch.unnamed_files() == set()


def test_a_connection_a_program_and_a_file_that_are_not_listed_are_noticed(
    watch: Watch, listener: socket.socket
) -> None:
    host, port = listener.getsockname()
    code = (
        "import pathlib, socket, subprocess, tempfile\n"
        f"socket.create_connection(('localhost', {port})).close()\n"
        "with socket.socket(type=socket.SOCK_DGRAM) as datagram:\n"
        f"    datagram.sendto(b'', ('127.0.0.1', {port}))\n"
        "subprocess.run(['true'])\n"
        "(pathlib.Path.home() / '.config' / 'telemetry').write_text('')\n"
        "tempfile.mkstemp(suffix='.leak')"
    )
    (watch.home / ".config").mkdir()
    environment = {**os.environ, **watch.environment}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert watch.hosts() == {"localhost", f"{host}:{port}"}
    assert watch.programs() == {"true"}
    config, temporary = sorted(watch.unnamed_files(), key=lambda name: name[0], reverse=True)
    assert config == "~/.config/telemetry"
    assert temporary.startswith("/tmp/")
    assert temporary.endswith(".leak")
