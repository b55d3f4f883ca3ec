"""Keep what a run of the benches found: one JSON file, and a picture of each figure.

The file says what was measured, on what kind of machine, and with which versions; nothing in it
names the machine, its owner or a folder. `written` and `read` are each other's reverse.
"""

import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

from oo_desktop import __version__
from tests.bench.charts import curve_svg, figure_svg
from tests.bench.figures import Curve, Figure, Point

FORMAT = 1
ROOT = Path(__file__).parents[2]
FILE = "result.json"

TOLD = ("PySide6-Essentials", "qasync", "httpx", "msgspec", "keyring", "dbus-fast", "SQLAlchemy")
"""Packages whose versions decide most."""


@dataclass(frozen=True)
class Result:
    """Is all that one run found. around: machine, versions and date, as the file has them."""

    figures: Sequence[Figure]
    curves: Sequence[Curve] = ()
    around: Mapping[str, Any] = field(default_factory=dict)


def surroundings() -> Mapping[str, Any]:
    """Return when and on what is measured; no names of hosts, people or folders."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return {
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "oo": {"version": __version__, "commit": commit()},
        "machine": {
            "system": platform.freedesktop_os_release()["PRETTY_NAME"],
            "kernel": ".".join(platform.release().split(".")[:2]),
            "processor": _processor(),
            "processors": len(os.sched_getaffinity(0)),
            "memory_gb": round(memory),
            "load": [round(each, 2) for each in os.getloadavg()],
        },
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in TOLD},
        },
    }


def commit(root: Path = ROOT) -> str:
    """Return the commit that is measured, with `+` where files differ; empty: outside git."""
    command = ("git", "-C", str(root), "describe", "--always", "--exclude=*", "--dirty=+")
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    return found.stdout.strip()


def written(result: Result, folder: Path) -> Path:
    """Write the result and a picture of each figure into `folder`; return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    for figure in result.figures:
        (folder / f"{slug(figure.name)}.svg").write_text(figure_svg(figure), encoding="utf-8")
    for curve in result.curves:
        name = slug(f"{curve.name} by {curve.over}")
        (folder / f"{name}.svg").write_text(curve_svg(curve), encoding="utf-8")
    file = folder / FILE
    text = json.dumps(as_json(result), indent=1, ensure_ascii=False)
    # One line for each list of runs.
    text = re.sub(r"\[\s+([-0-9.,\s]+?)\s+\]", lambda it: f"[{' '.join(it[1].split())}]", text)
    file.write_text(f"{text}\n", encoding="utf-8")
    return file


def read(file: Path) -> Result:
    """Return what `written` has written."""
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["format"] == FORMAT, f"{file} is of another format"
    return Result(
        figures=tuple(
            Figure(
                name=each["name"],
                unit=each["unit"],
                oo=each["oo"]["runs"],
                floor=each["floor"]["runs"] if each["floor"] else (),
                limit=each["limit"],
            )
            for each in found["figures"]
        ),
        curves=tuple(
            Curve(
                name=each["name"],
                unit=each["unit"],
                over=each["over"],
                points=tuple(Point(of=point["of"], oo=point["runs"]) for point in each["points"]),
            )
            for each in found["curves"]
        ),
        around={key: found[key] for key in ("taken", "oo", "machine", "versions") if key in found},
    )


def as_json(result: Result) -> Mapping[str, Any]:
    """Return the result as the file has it."""
    return {
        "format": FORMAT,
        **result.around,
        "figures": [
            {
                "name": figure.name,
                "unit": figure.unit,
                "oo": _runs(figure.oo),
                "floor": _runs(figure.floor) if figure.floor else None,
                "ratio": None if figure.ratio is None else round(figure.ratio, 3),
                "limit": figure.limit,
                "verdict": figure.verdict,
            }
            for figure in result.figures
        ],
        "curves": [
            {
                "name": curve.name,
                "unit": curve.unit,
                "over": curve.over,
                "points": [{"of": point.of, **_runs(point.oo)} for point in curve.points],
            }
            for curve in result.curves
        ],
    }


def slug(name: str) -> str:
    """Return a name as that of a file."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _runs(values: Sequence[float]) -> Mapping[str, Any]:
    rounded = [round(each, 3) for each in values]
    return {
        "median": round(median(values), 3),
        "least": min(rounded),
        "most": max(rounded),
        "runs": rounded,
    }


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()
