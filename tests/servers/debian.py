"""Runs servers of Debian in a root of their own (debootstrap), none of them on this machine itself.

Each runs in namespaces of its own for processes and mounts, so that nothing is left of it when it
ends; the network is this machine's loopback. All of it needs to be root.
"""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.connectors.caldav.servers import PASSWORD, USER, Server, free_port

START = Path(__file__).with_name("start")
START_SECONDS = 60.0

_QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "HOME": "/root"}
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

_NAMESPACE = """
root=$1; shift
mount -t proc proc "$root/proc"
mount -t tmpfs run "$root/run"
mount -t tmpfs dev "$root/dev"
for each in null zero full random urandom tty; do
    touch "$root/dev/$each"
    mount --bind "/dev/$each" "$root/dev/$each"
done
mkdir -m 1777 "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
# Not exec: whoever dies with its parent must not have changed its user since.
"$@" &
wait $!
"""


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


class DebianRoot:
    """Is a Debian in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, suite: str) -> None:
        """Make it, of the suite of that name, where there is none yet."""
        if not (self._folder / "usr/bin/dpkg").exists():
            subprocess.run(
                ("debootstrap", "--variant=minbase", suite, str(self._folder)), check=True
            )
        for name in ("resolv.conf", "hosts"):
            shutil.copy(f"/etc/{name}", self._folder / "etc" / name)
        # Installing a package starts nothing.
        policy = self._folder / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)

    def install(self, server: DebianServer) -> None:
        """Install what a server needs and is not there. Raises CalledProcessError."""
        if all(self.version(each) for each in server.packages):
            return
        self._run("apt-get", "update", "-qq")
        install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")
        self._run(*install, *server.packages)

    def version(self, package: str) -> str:
        """Return the version that is installed; empty where it is not."""
        command = ("dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version}", package)
        found = subprocess.run(
            ("chroot", str(self._folder), *command), check=False, capture_output=True, text=True
        )
        installed, _, version = found.stdout.partition(" ")
        return version.strip() if found.returncode == 0 and installed == "ii" else ""

    def _run(self, *command: str) -> None:
        process = subprocess.run(
            self._in_namespace(command, _QUIET), check=False, capture_output=True, text=True
        )
        if process.returncode != 0:
            raise CannotStart(f"{' '.join(command[:2])} failed: {process.stderr.strip()[-200:]}")

    def _in_namespace(self, command: tuple[str, ...], env: dict[str, str]) -> tuple[str, ...]:
        given = {"PATH": _PATH, **env}
        return (
            *("unshare", "--mount", "--pid", "--fork", "--kill-child"),
            *("sh", "-c", f"{_NAMESPACE}", "sh", str(self._folder)),
            *("chroot", str(self._folder), "env", "-i"),
            *(f"{name}={value}" for name, value in given.items()),
            *command,
        )

    @contextlib.contextmanager
    def running(self, server: DebianServer) -> Iterator[Server]:
        """Run a server with data of its own. Raises CannotStart."""
        start, data = self._folder / "opt/oo-start", self._folder / f"srv/oo-{server.name}"
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
                self._in_namespace(("sh", "-e", script), env),
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


class CannotStart(Exception):
    """Says that a server did not start, or could not be installed."""


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


def is_possible() -> bool:
    """Return whether this machine has what it takes."""
    tools = ("debootstrap", "unshare", "chroot")
    return os.geteuid() == 0 and all(map(shutil.which, tools))
