"""Measure comparable programs in the same run: `python -m tests.bench peers --root DIR`.

Each is started in turns with the floor and oO, in the test desktop: exec to its icon at the
watcher, or to its first window where it shows none; then, at rest, memory and wake-ups of all its
processes. None of them has an account, which spares them work; oO has one, with 200 tasks.

Outside CI: with root and debootstrap. DIR becomes a Debian with those that it has; beside that,
those from PyPI are installed there, with the Python that runs this. It is kept for the next time.
"""

import subprocess
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.costs import pss_megabytes, wakeups_a_second
from tests.bench.figures import Figure
from tests.bench.results import Result, surroundings
from tests.bench.stage import Stage, stage
from tests.bench.start_and_rest import REST_SECONDS
from tests.debian import DebianRoot, is_possible
from tests.desktop.programs import NotInTime, marked_pids, wait_until
from tests.desktop.tray import WATCHER, TrayItem

EXEC = "exec to icon or window"
PSS = "memory at rest (PSS)"
WAKEUPS = "wake-ups at rest"

SUITE = "bookworm"
MARK = "OO_DESKTOP_BENCH_PEER"
"""In the environment of a program and all it starts."""

WITHOUT_GTK = {"QT_QPA_PLATFORMTHEME": "generic"}
"""Else Qt's theme for GTK is loaded at this desktop, which takes memory, and ends a program that
shows a dialog where GTK finds no loader of pictures."""

SETTLED_SECONDS = 15.0
WINDOW_SECONDS = 10.0
"""After which a program without an icon is taken for one that has a window alone."""


@dataclass(frozen=True)
class Peer:
    """Is a comparable program.

    package: Debian's or PyPI's. more: what is installed with it.
    before: what it needs running, as one of its processes. settings: files of its home.
    """

    name: str
    package: str
    command: Sequence[str]
    from_pypi: bool = False
    more: Sequence[str] = ()
    before: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


PEERS = (
    Peer("Vorta", "vorta", ("vorta",), from_pypi=True, more=("pyqt6",)),
    Peer("Maestral", "maestral", ("maestral", "gui"), from_pypi=True, more=("maestral-qt",)),
    Peer("Nextcloud", "nextcloud-desktop", ("nextcloud",)),
    Peer(
        "KDE Connect",
        "kdeconnect",
        ("kdeconnect-indicator",),
        before=("/usr/lib/x86_64-linux-gnu/libexec/kdeconnectd",),
    ),
    Peer(
        "KeePassXC",
        "keepassxc",
        ("keepassxc",),
        settings={
            ".config/keepassxc/keepassxc.ini": "[General]\nUpdateCheckMessageShown=true\n"
            "[GUI]\nShowTrayIcon=true\nCheckForUpdates=false\n"
        },
    ),
)


@dataclass(frozen=True)
class Installed:
    """Is a peer that can be run. command, before: as they are run here."""

    title: str
    peer: Peer
    command: Sequence[str]
    before: Sequence[str]


def bench(folder: Path, runs: int) -> Result:
    """Return three figures of each program; oO is the first."""
    if not is_possible():
        raise SystemExit("Debian's programs need root, debootstrap, unshare and chroot.")
    root = DebianRoot(folder.resolve() / "debian")
    root.make(SUITE)
    root.install([peer.package for peer in PEERS if not peer.from_pypi])
    found: dict[str, dict[str, list[float]]] = {}
    with stage() as ready:
        peers = [_installed(each, root, folder.resolve(), ready) for each in PEERS]
        for run in range(runs + 1):
            for title, figures in _round(ready, peers):
                if run > 0:  # the first warms the caches
                    of = found.setdefault(title, {})
                    for name, value in figures.items():
                        of.setdefault(name, []).append(value)
    floor = found.pop("floor")
    units = {EXEC: "ms", PSS: "MB", WAKEUPS: "/s"}
    return Result(
        [
            Figure(f"{title}: {name}", unit, figures[name], floor[name])
            for title, figures in found.items()
            for name, unit in units.items()
        ],
        around=surroundings(),
    )


def _round(stage: Stage, peers: Sequence[Installed]) -> Sequence[tuple[str, Mapping[str, float]]]:
    return [
        ("floor", _own(stage, "floor")),
        ("oO", _own(stage, "oo")),
        *((each.title, _measured(stage, each)) for each in peers),
    ]


def _own(stage: Stage, subject: str) -> Mapping[str, float]:
    program, icon = stage.milliseconds_to_icon(subject)
    time.sleep(SETTLED_SECONDS)
    found = {EXEC: icon, **_at_rest([program.pid])}
    program.stop(patience=10)
    return found


def _measured(stage: Stage, installed: Installed) -> Mapping[str, float]:
    desktop, mark = stage.desktop, uuid.uuid4().hex
    env = {**WITHOUT_GTK, MARK: mark}
    for name, text in installed.peer.settings.items():
        file = desktop.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    before = [desktop.spawn(*installed.before, env=env)] if installed.before else []
    time.sleep(2 if before else 0)
    windows, passed = _windows(stage), desktop.record.mark()
    started = time.perf_counter()
    program = desktop.spawn(*installed.command, env=env)
    seen: list[float] = []

    def has_icon() -> bool:
        if not seen and _windows(stage) - windows:
            seen.append(time.perf_counter())
        pids = marked_pids(mark, MARK)
        items = TrayItem.registered(desktop.bus)
        return any(desktop.bus.pid_of(item.destination) in pids for item in items)

    try:
        wait_until(has_icon, f"the icon of {installed.title}", within=WINDOW_SECONDS)
        shown = next(
            each.at
            for each in desktop.record.since(passed)
            if (each.interface, each.member) == (WATCHER, "StatusNotifierItemRegistered")
        )
    except NotInTime:
        assert seen, f"{installed.title} shows nothing: {program.printed}"
        shown = seen[0]
    time.sleep(SETTLED_SECONDS)
    assert program.running, f"{installed.title} has ended: {program.printed}"
    found = {EXEC: (shown - started) * 1000, **_at_rest(marked_pids(mark, MARK))}
    for each in (program, *before):
        each.stop()
    for pid in marked_pids(mark, MARK):
        subprocess.run(("kill", "-KILL", str(pid)), check=False)
    wait_until(lambda: not marked_pids(mark, MARK), f"the end of {installed.title}")
    return found


def _at_rest(pids: Sequence[int]) -> Mapping[str, float]:
    """The sum over processes; counted one after the other, for wake-ups are those of each."""
    return {
        PSS: sum(pss_megabytes(pid) for pid in pids),
        WAKEUPS: sum(wakeups_a_second(pid, REST_SECONDS / len(pids)) for pid in pids),
    }


def _windows(stage: Stage) -> set[str]:
    """Those that can be seen."""
    command = ("xdotool", "search", "--onlyvisible", "--name", ".")
    found = subprocess.run(
        command, env=stage.desktop.env, check=False, capture_output=True, text=True
    )
    return set(found.stdout.split())


def _installed(peer: Peer, root: DebianRoot, folder: Path, stage: Stage) -> Installed:
    if not peer.from_pypi:
        shared = (stage.desktop.folder, Path("/tmp/.X11-unix"))  # X's own place
        return Installed(
            f"{peer.name} {_upstream(root.version(peer.package))}",
            peer,
            root.inside(peer.command, *shared),
            root.inside(peer.before, *shared) if peer.before else (),
        )
    place = folder / peer.package
    if not (place / "bin" / peer.command[0]).exists():
        subprocess.run((sys.executable, "-m", "venv", str(place)), check=True)
        install = (str(place / "bin/pip"), "install", "-q", "--disable-pip-version-check")
        subprocess.run((*install, peer.package, *peer.more), check=True)
    asked = f"from importlib.metadata import version; print(version({peer.package!r}))"
    version = subprocess.run(
        (str(place / "bin/python"), "-c", asked), check=True, capture_output=True, text=True
    )
    command = (str(place / "bin" / peer.command[0]), *peer.command[1:])
    return Installed(f"{peer.name} {version.stdout.strip()}", peer, command, ())


def _upstream(version: str) -> str:
    """A version without Debian's part of it."""
    return version.rpartition(":")[2].partition("-")[0].partition("+")[0]
