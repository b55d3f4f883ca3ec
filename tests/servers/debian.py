"""Runs servers of Debian in a root of their own (`tests/debian.py`)."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.connectors.caldav.servers import PASSWORD, USER, Server, free_port
from tests.debian import CannotStart, DebianRoot

START = Path(__file__).with_name("start")
START_SECONDS = 60.0


class DebianServer(NamedTuple):
    """Is one server: its packages, of which the first names it, and how it is laid out.

    home: the path of Ada's collections. typed: the path a person has to give.
    """

    name: str
    packages: tuple[str, ...]
    home: str
    typed: str = "/"


_APACHE = ("libapache2-mod-php", "php-cli")
SERVERS = (
    DebianServer("radicale", ("radicale",), f"/{USER}/"),
    DebianServer("xandikos", ("xandikos",), f"/{USER}/calendars/"),
    DebianServer(
        "davical", ("davical", "postgresql", "php-pgsql", *_APACHE), f"/caldav.php/{USER}/"
    ),
    DebianServer(
        "cyrus",
        ("cyrus-caldav", "cyrus-imapd", "sasl2-bin", "python3-minimal"),
        f"/dav/calendars/user/{USER}/",
    ),
    DebianServer(
        "sogo", ("sogo", "memcached", "postgresql"), f"/SOGo/dav/{USER}/Calendar/", "/SOGo/dav/"
    ),
    DebianServer(
        "sabredav",
        ("php-sabre-dav", "php-sqlite3", "php-xml", "php-mbstring", *_APACHE),
        f"/calendars/{USER}/",
    ),
)


@contextlib.contextmanager
def running(root: DebianRoot, server: DebianServer) -> Iterator[Server]:
    """Run a server with data of its own. Raises CannotStart."""
    start, data = root.folder / "opt/oo-start", root.folder / f"srv/oo-{server.name}"
    for folder in (start, data):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(START, start)
    data.mkdir()
    port, second, third = _free_ports(3)
    env = {
        "LANG": "C.UTF-8",
        "START": "/opt/oo-start",
        "DATA": f"/srv/oo-{server.name}",
        "PORT": str(port),
        "SECOND": str(second),
        "THIRD": str(third),
        "NAME": USER,
        "PASSWORD": PASSWORD,
    }
    script = f"/opt/oo-start/{server.name}.sh"
    with (data / "output").open("wb") as output:
        process = subprocess.Popen(
            root.apart(("sh", "-e", script), env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            if not _answers(process, port, server.home):
                said = (data / "output").read_text(errors="replace").strip()
                raise CannotStart(f"it did not start: {said[-200:]}")
            yield Server(server.name, f"http://127.0.0.1:{port}", server.home)
        finally:
            process.kill()  # and all in its namespace; it would not heed a polite signal
            process.wait()
            shutil.rmtree(data, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port())
    return list(found)


def _answers(process: "subprocess.Popen[bytes]", port: int, home: str) -> bool:
    """Whether it comes to answer for Ada's home: some listen before they can."""
    server = Server("", f"http://127.0.0.1:{port}", home)
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError), server.client() as client:
            answer = client.request("PROPFIND", home, headers={"Depth": "0"}, timeout=20)
            if answer.status_code in (207, 404):
                return True
        time.sleep(0.5)
    return False
