"""Measure an earlier commit beside this one, and beside the floor: `python -m tests.bench against`.

The commit is checked out beside the builds. It runs with the packages of this environment where its
own lock asks for no others; else `packaging/setup.sh` of its own installs them.
"""

import re
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.command_line import bare_python, exec_to_exit
from tests.bench.environments import environment
from tests.bench.figures import Figure
from tests.bench.results import ROOT, Result, surroundings
from tests.bench.stage import Stage, connected, stage
from tests.bench.start_and_rest import at_rest, menu

LOCK = "packaging/lock.txt"
WORDS = "status"
NAMES = {
    "icon": ("exec to icon", "ms"),
    "menu": ("exec to saved signals in the menu", "ms"),
    "pss": ("memory at rest (PSS)", "MB"),
    "wakeups": ("wake-ups at rest", "/s"),
    "stall": ("longest wait while starting", "ms"),
    "status": ("oo-desktop status, exec to exit", "ms"),
}
"""What is measured, as it is called, with its unit."""


def bench(commit: str, runs: int) -> Result:
    """Return each figure three times: old beside the floor, new beside it, new beside old."""
    found: dict[str, list[float]] = {}
    with checked_out(commit) as (title, command), stage() as new:
        old_oo = connected(new.desktop, new.sandbox, name="old", command=command)
        old = Stage(new.desktop, new.sandbox, old_oo)
        subjects = {"floor": (new, "floor"), "old": (old, "oo"), "new": (new, "oo")}
        with bare_python(new) as floor:
            for run in range(runs + 1):
                for name, (ready, subject) in subjects.items():
                    figures = at_rest(ready, subject)
                    figures["menu"] = menu(ready, subject)
                    asked = floor if subject == "floor" else (*ready.oo.command, WORDS)
                    figures["status"] = _status(ready, subject, asked)
                    if run > 0:  # the first warms the caches
                        for key, value in figures.items():
                            found.setdefault(f"{name} {key}", []).append(value)
    return Result(list(_figures(found, title)), around=surroundings())


def _status(ready: Stage, subject: str, command: Sequence[str]) -> float:
    """The least of three: one may be disturbed."""
    if subject == "floor":
        return min(exec_to_exit(ready, command) for _ in range(3))
    ready.oo.start()
    ready.oo.await_ready()
    taken = min(exec_to_exit(ready, command) for _ in range(3))
    ready.oo.stop()
    return taken


def _figures(found: dict[str, list[float]], title: str) -> Iterator[Figure]:
    for key, (name, unit) in NAMES.items():
        floor, old, new = (found[f"{subject} {key}"] for subject in ("floor", "old", "new"))
        yield Figure(f"{name}: {title}, to the floor", unit, old, floor)
        yield Figure(f"{name}: now, to the floor", unit, new, floor)
        yield Figure(f"{name}: now, to {title}", unit, new, old)


@contextmanager
def checked_out(commit: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the short name of a commit and what runs it, from a folder that goes again."""
    title = _git("rev-parse", "--short", f"{commit}^{{commit}}")
    folder = ROOT / "build/against" / title
    if not folder.exists():
        _git("worktree", "add", "--quiet", "--detach", str(folder), title)
    try:
        if _is_served_here(folder):
            _share_packages(folder)
        else:
            subprocess.run(("sh", "packaging/setup.sh", "run"), cwd=folder, check=True)
        yield title, (str(folder / ".venv/bin/oo-desktop"),)
    finally:
        _git("worktree", "remove", "--force", str(folder))


def _is_served_here(folder: Path) -> bool:
    """Whether each package it pins is pinned here in the same version."""
    old, here = (_pinned(root / LOCK) for root in (folder, ROOT))
    return old <= here


def _pinned(lock: Path) -> set[str]:
    return set(re.findall(r"^[\w.-]+==\S+", lock.read_text(), re.MULTILINE))


def _share_packages(folder: Path) -> None:
    """An environment with its modules, and the packages of this one."""
    place = folder / ".venv"
    # As a place of packages, for what those do at each start; its own modules come first.
    packages = sysconfig.get_path("purelib")
    environment(place, f"{folder}\nimport site; site.addsitedir({packages!r})\n")
    languages = folder / "packaging/languages.py"
    if languages.exists():
        subprocess.run((str(place / "bin/python"), str(languages), "compile"), check=True)


def _git(*words: str) -> str:
    found = subprocess.run(
        ("git", "-C", str(ROOT), *words), check=True, stdout=subprocess.PIPE, text=True
    )
    return found.stdout.strip()
