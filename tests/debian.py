"""Makes a Debian in a folder (debootstrap) and runs its programs, none of them on this machine.

Each runs in a namespace of its own for mounts, so that nothing is left mounted when it ends; the
network is this machine's loopback. All of it needs to be root.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "HOME": "/root"}
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

_MOUNTS = """
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
while [ "$1" != -- ]; do
    mkdir -p "$root${1#*:}"
    mount --bind "${1%%:*}" "$root${1#*:}"
    shift
done
shift
"""
_APART = """
# Not exec: whoever dies with its parent must not have changed its user since.
"$@" &
wait $!
"""


class DebianRoot:
    """Is a Debian in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, suite: str) -> None:
        """Make it, of the suite of that name, where there is none yet."""
        if not (self.folder / "usr/bin/dpkg").exists():
            subprocess.run(
                ("debootstrap", "--variant=minbase", suite, str(self.folder)), check=True
            )
        for name in ("resolv.conf", "hosts"):
            shutil.copy(f"/etc/{name}", self.folder / "etc" / name)
        # Installing a package starts nothing.
        policy = self.folder / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)

    def install(self, packages: Sequence[str]) -> None:
        """Install those that are not there. Raises CannotStart."""
        if all(map(self.version, packages)):
            return
        self._run("apt-get", "update", "-qq")
        install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")
        self._run(*install, *packages)

    def version(self, package: str) -> str:
        """Return the version that is installed; empty where it is not."""
        command = ("dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version}", package)
        found = subprocess.run(
            ("chroot", str(self.folder), *command), check=False, capture_output=True, text=True
        )
        installed, _, version = found.stdout.partition(" ")
        return version.strip() if found.returncode == 0 and installed == "ii" else ""

    def _run(self, *command: str) -> None:
        process = subprocess.run(
            self.apart(command, _QUIET), check=False, capture_output=True, text=True
        )
        if process.returncode != 0:
            raise CannotStart(f"{' '.join(command[:2])} failed: {process.stderr.strip()[-200:]}")

    def apart(self, command: Sequence[str], env: Mapping[str, str]) -> tuple[str, ...]:
        """Return what runs `command` with processes of its own, which all end with it."""
        return (
            *("unshare", "--mount", "--pid", "--fork", "--kill-child"),
            *("sh", "-c", _MOUNTS + _APART, "sh", str(self.folder), "--"),
            *("chroot", str(self.folder), "env", "-i", f"PATH={_PATH}"),
            *(f"{name}={value}" for name, value in env.items()),
            *command,
        )

    def inside(
        self, command: Sequence[str], *shared: Path, memory: Path | None = None
    ) -> tuple[str, ...]:
        """Return what runs `command` among this machine's processes, with the caller's environment.

        It keeps the process's number. shared: folders of this machine it sees at the same path.
        memory: what is its /dev/shm; None: one of its own, which no other program sees.
        """
        return (
            *("unshare", "--mount", "sh", "-c", _MOUNTS + 'exec "$@"', "sh", str(self.folder)),
            *map(str, shared),
            *((f"{memory}:/dev/shm",) if memory else ()),
            *("--", "chroot", str(self.folder), "env", f"PATH={_PATH}"),
            *command,
        )


class CannotStart(Exception):
    """Says that something did not start, or could not be installed."""


def is_possible() -> bool:
    """Return whether this machine has what it takes."""
    tools = ("debootstrap", "unshare", "chroot")
    return os.geteuid() == 0 and all(map(shutil.which, tools))
