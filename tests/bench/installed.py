"""Measure what is installed, and how many files of code are read before the icon is in the tray."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

import oo_desktop
from tests.bench.figures import Figure

OO = "oo-desktop"
QT = "PySide6-Essentials"

ONCE_THE_ICON_IS_THERE = "oo_desktop.ui.qt.language"
"""The first that is imported then."""

_LISTED = """
import json, os, sys

class Last:
    def find_spec(name, path=None, target=None):
        if name == {last!r}:
            found = sys.modules.items()
            files = [each for each, module in found if getattr(module, "__file__", None)]
            print(json.dumps(files), flush=True)
            os._exit(0)

sys.meta_path.insert(0, Last)
sys.argv = ["oo-desktop"]
{run}
import {last}
"""


def bench(_runs: int) -> Sequence[Figure]:
    """Return counts and sizes: they are the same each time."""
    oo, floor = modules_before_icon(), modules_of_floor()
    return (
        Figure("files of code before the icon", "", [len(oo)], [len(floor)]),
        Figure("installed from PyPI", "MB", [megabytes(OO)], [megabytes(QT)]),
    )


def modules_before_icon() -> Sequence[str]:
    """Return the modules of files that are imported when the icon is in the tray, in order."""
    return _modules("from oo_desktop.__main__ import main; main()", ONCE_THE_ICON_IS_THERE)


def modules_of_floor() -> Sequence[str]:
    """Return those that a bare tray needs."""
    return _modules("import tests.desktop.bare_tray", "the_end")


def megabytes(name: str) -> float:
    """Return what a package and all it needs take on the disk, without what Python compiles."""
    return sum(map(_bytes, _needed(name, {}))) / 1e6


def _modules(run: str, last: str) -> Sequence[str]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "OO_DESKTOP_HOME": folder, "QT_QPA_PLATFORM": "offscreen"}
        environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
        command = (sys.executable, "-c", _LISTED.format(run=run, last=last))
        said = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=60
        )
    modules: Sequence[str] = json.loads(said.stdout)
    return modules


def _needed(name: str, found: dict[str, metadata.Distribution]) -> Iterator[metadata.Distribution]:
    """It, and all it needs here, each once."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in found:
        return
    try:
        found[key] = metadata.distribution(name)
    except metadata.PackageNotFoundError:  # of another system
        return
    yield found[key]
    for line in found[key].requires or ():
        if "extra ==" not in line:
            yield from _needed(re.split(r"[ ;<>=!~\[(]", line, maxsplit=1)[0], found)


def _bytes(package: metadata.Distribution) -> int:
    if package.metadata["Name"] == OO:  # installed by reference
        roots: Mapping[Path, Sequence[str]] = {
            Path(oo_desktop.__file__).parent: ("*.py", "*.css", "*.js"),
            Path(oo_desktop.__file__).parents[1] / "resources": ("*",),
        }
        files = [
            file for root, kinds in roots.items() for kind in kinds for file in root.rglob(kind)
        ]
    else:
        files = [Path(str(each.locate())) for each in package.files or ()]
    return sum(
        file.stat().st_size for file in files if file.is_file() and "__pycache__" not in file.parts
    )
