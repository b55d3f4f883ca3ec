"""Watches what a process connects to, starts and writes: all of it, whoever's code it is.

Connections and programs are events of Python's audit (`tests/watched/sitecustomize.py`); files are
what is there afterwards, in a home, a runtime folder and a folder of temporary files of its own.
"""

import ast
import fnmatch
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from oo_desktop.cli.manual import AUTOSTART, FOLDERS
from tests.readme import named

ROOT = Path(__file__).parents[1]


class Noted(NamedTuple):
    """Is one event of a process's audit. arguments: as Python writes them."""

    event: str
    arguments: tuple[str, ...]


class Watch:
    """Is a user of its own, whose processes are watched.

    environment: what starts such a process.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._notes = folder / "notes"
        self.home = folder / "home"
        self._runtime = folder / "run"
        self._temporary = folder / "tmp"
        for each in (self.home, self._runtime, self._temporary):
            each.mkdir(mode=0o700)
        self.environment = {
            "HOME": str(self.home),
            # Empty is as good as not set (XDG Base Directory Specification).
            **{f"XDG_{name}_HOME": "" for name in ("CONFIG", "DATA", "CACHE", "STATE")},
            "XDG_RUNTIME_DIR": str(self._runtime),
            "TMPDIR": str(self._temporary),
            "PYTHONPATH": f"{ROOT / 'tests' / 'watched'}:{ROOT}",
            "PYTHONDONTWRITEBYTECODE": "1",  # installed, its modules are compiled already
            "WATCHED": str(self._notes),
        }

    def notes(self) -> list[Noted]:
        """Return everything noted so far, but for what a browser does."""
        lines = map(json.loads, self._notes.read_text().splitlines())
        return [Noted(line["event"], tuple(map(str, line["arguments"]))) for line in lines]

    def hosts(self) -> set[str]:
        """Return whom they asked over a network: addresses with ports, and names looked up."""
        return set(self._hosts())

    def _hosts(self) -> Iterator[str]:
        for noted in self.notes():
            match noted:
                case Noted("socket.connect" | "socket.sendto" | "socket.sendmsg", (_, address)):
                    found = ast.literal_eval(address) if address.startswith("(") else None
                    if isinstance(found, tuple):
                        yield f"{found[0]}:{found[1]}"
                case Noted("socket.getaddrinfo", (host, *_)) if host != "None":
                    yield host

    def sockets(self) -> set[Path]:
        """Return the sockets on this computer that they spoke to."""
        spoken = (n.arguments[1] for n in self.notes() if n.event == "socket.connect")
        return {Path(address) for address in spoken if address.startswith("/")}

    def listened_at(self) -> set[str]:
        """Return the addresses they listened at, without ports; not what only the kernel reaches
        (netlink, whose addresses are numbers), and no file."""
        bound = (n.arguments[1] for n in self.notes() if n.event == "socket.bind")
        hosts = (ast.literal_eval(each)[0] for each in bound if each.startswith("("))
        return {host for host in hosts if isinstance(host, str)}

    def programs(self) -> set[str]:
        """Return the programs they started."""
        return {n.arguments[0] for n in self.notes() if n.event in ("subprocess.Popen", "os.exec")}

    def files(self) -> set[str]:
        """Return all that is there now, as the README writes it, but for what a test put there."""
        places = ((self.home, "~"), (self._runtime, "$XDG_RUNTIME_DIR"), (self._temporary, "/tmp"))
        return {
            f"{name}/{file.relative_to(folder).as_posix()}"
            for folder, name in places
            for file in folder.rglob("*")
            if not file.is_dir()
        }

    def unnamed_files(self) -> set[str]:
        """Return those that the README does not name."""
        known = named("Files")
        return {
            file
            for file in self.files()
            if not any(fnmatch.fnmatchcase(file, pattern) for pattern in known)
        }

    @property
    def config(self) -> Path:
        """Return config.toml, whose folder is made."""
        file = self.home / FOLDERS["config"].removeprefix("~/") / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    @property
    def autostart(self) -> Path:
        return self.home / AUTOSTART[0].removeprefix("~/")

    @property
    def data(self) -> Path:
        return self.home / FOLDERS["data"].removeprefix("~/")
