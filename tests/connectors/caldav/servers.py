"""Start real CalDAV servers on the loopback, each in a folder and a process of its own."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import httpx

from oo_desktop.connectors.caldav.xml import multistatus_from_body
from oo_desktop.connectors.icalendar.pacing import Pacer

USER = "ada"
PASSWORD = "app-pass-word"  # opens a folder that is deleted after the test

START_SECONDS = 30.0


class Server(NamedTuple):
    """Tells where a server is. home: the path of Ada's collections; it exists."""

    name: str
    url: str
    home: str

    def client(self) -> httpx.Client:
        """Return a client that is signed in, to arrange and look at things behind oO's back."""
        # Without TLS there is nothing to verify, and no certificates need to be read.
        signed = (USER, PASSWORD)
        return httpx.Client(base_url=self.url, auth=signed, trust_env=False, verify=False)

    def collections(self) -> list[str]:
        """Return the paths of what lies in the home."""
        with self.client() as client:
            answer = client.request("PROPFIND", self.home, headers={"Depth": "1"})
        if answer.status_code == 404:
            return []
        found = multistatus_from_body(answer.content, self.url + self.home, Pacer()).members
        return [each.href for each in found if each.path != self.home]

    def make_collection(
        self, slug: str, name: str, *, components: Sequence[str] = ("VTODO", "VEVENT")
    ) -> str:
        """Make a collection of these components and return its path."""
        path = f"{self.home}{slug}/"
        comps = "".join(f'<c:comp name="{each}"/>' for each in components)
        body = (
            '<?xml version="1.0" encoding="utf-8"?>'
            '<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>'
            f"<d:displayname>{escape(name)}</d:displayname>"
            f"<c:supported-calendar-component-set>{comps}</c:supported-calendar-component-set>"
            "</d:prop></d:set></c:mkcalendar>"
        )
        with self.client() as client:
            answer = client.request(
                "MKCALENDAR", path, content=body, headers={"Content-Type": "application/xml"}
            )
        assert answer.status_code == 201, answer.text
        return path

    def rename(self, path: str, name: str) -> None:
        """Give a collection another name."""
        body = (
            '<?xml version="1.0" encoding="utf-8"?><d:propertyupdate xmlns:d="DAV:"><d:set><d:prop>'
            f"<d:displayname>{escape(name)}</d:displayname></d:prop></d:set></d:propertyupdate>"
        )
        with self.client() as client:
            answer = client.request(
                "PROPPATCH", path, content=body, headers={"Content-Type": "application/xml"}
            )
        assert answer.status_code == 207, answer.text

    def put(self, path: str, text: str) -> None:
        """Store a resource."""
        with self.client() as client:
            answer = client.put(
                path, content=text.encode(), headers={"Content-Type": "text/calendar"}
            )
        assert answer.status_code in (201, 204), answer.text

    def get(self, path: str) -> str:
        """Return a resource as it is stored."""
        with self.client() as client:
            answer = client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def delete(self, path: str) -> None:
        """Delete a resource or a collection."""
        with self.client() as client:
            assert client.delete(path).status_code in (200, 204)


@contextlib.contextmanager
def radicale(folder: Path) -> Iterator[Server]:
    """Run Radicale, which wants a password."""
    users = folder / "users"
    users.write_text(f"{USER}:{PASSWORD}\n")
    port = free_port()
    arguments = (
        *("-m", "radicale", "--config", "", "--hosts", f"127.0.0.1:{port}"),
        *("--auth-type", "htpasswd", "--auth-htpasswd-filename", str(users)),
        *("--auth-htpasswd-encryption", "plain", "--auth-delay", "0"),
        *("--storage-filesystem-folder", str(folder / "collections")),
        *("--logging-level", "error"),
    )
    with _running(arguments, port):
        server = Server("radicale", f"http://127.0.0.1:{port}", f"/{USER}/")
        with server.client() as client:
            client.request("PROPFIND", server.home, headers={"Depth": "0"})  # makes the home
        yield server


@contextlib.contextmanager
def xandikos(folder: Path) -> Iterator[Server]:
    """Run Xandikos, which has no log-in: whoever asks is Ada."""
    port = free_port()
    arguments = (
        *("-m", "xandikos", "serve", "-d", str(folder), "-l", "127.0.0.1", "-p", str(port)),
        *("--current-user-principal", f"/{USER}/", "--autocreate"),
    )
    with _running(arguments, port):
        yield Server("xandikos", f"http://127.0.0.1:{port}", f"/{USER}/calendars/")


SERVERS = {"radicale": radicale, "xandikos": xandikos}


@contextlib.contextmanager
def _running(arguments: Sequence[str], port: int) -> Iterator[None]:
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        (sys.executable, *arguments),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(process, port)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {process.args!r}")


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
