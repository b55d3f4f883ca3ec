"""Tell where oO's memory is, at the icon and at rest: `python -m tests.bench.memory`.

Three tables, in MB of PSS: what each package adds when it is imported, before the icon and after
it; what is mapped at rest, beside the bare tray; and the sums. Memory hardly depends on what else
the machine does, so one run is enough.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.bench.costs import pss_by_mapping
from tests.bench.recorded_imports import Recorded
from tests.bench.stage import ROWS, Stage, stage

AT_REST = 13.0
"""Seconds after the icon: it has polled, and looked whether a panel took it in."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    parser.add_argument("--least", type=float, default=0.3, help="MB of a line (0.3)")
    least = parser.parse_args().least
    with stage() as ready:
        floor, oo = (_at_rest(ready, subject) for subject in ("floor", "oo"))
        recorded = _recorded(ready)
    print(imports_table(recorded, least))
    print(mappings_table(oo, floor, least))
    total, bare = (sum(each.values()) for each in (oo, floor))
    ratio = f"{total:.1f} MB, a bare tray {bare:.1f} MB, ratio {total / bare:.2f}"
    print(f"at rest, {ROWS} tasks: {ratio}")
    return 0


def imports_table(recorded: Iterable[Recorded], least: float) -> str:
    """Return how much each package added, most first, before the icon and after it."""
    sums: dict[bool, defaultdict[str, float]] = {
        True: defaultdict(float),
        False: defaultdict(float),
    }
    for module, megabytes, before_icon in recorded:
        sums[before_icon][package_of(module)] += megabytes
    packages = sorted({*sums[True], *sums[False]}, key=lambda each: -sum(_both(sums, each)))
    lines = [f"{'imported':40}{'before':>9}{'after':>9}  the icon"]
    lines += [
        f"{each:40}{_cell(before)}{_cell(after)}"
        for each in packages
        for before, after in [_both(sums, each)]
        if before + after >= least
    ]
    return "\n".join(
        [*lines, _row("sum", *(sum(sums[when].values()) for when in (True, False))), ""]
    )


def mappings_table(oo: Mapping[str, float], floor: Mapping[str, float], least: float) -> str:
    """Return what oO maps beyond the bare tray, most first."""
    more = {each: oo[each] - floor.get(each, 0.0) for each in oo}
    lines = [f"{'mapped at rest':40}{'floor':>9}{'oO':>9}"]
    lines += [
        _row(each, floor.get(each, 0.0), oo[each])
        for each in sorted(more, key=lambda each: -more[each])
        if more[each] >= least
    ]
    return "\n".join([*lines, ""])


def package_of(module: str) -> str:
    """Return what a module is counted with: a package of others, or a folder of ours."""
    parts = module.split(".")
    if parts[0] == "PySide6":
        return module
    return ".".join(parts[:2]) if parts[0] == "oo_desktop" else parts[0]


def _at_rest(stage: Stage, subject: str) -> Mapping[str, float]:
    program, _ = stage.milliseconds_to_icon(subject)
    time.sleep(AT_REST)
    found = pss_by_mapping(program.pid)
    program.stop(patience=10)
    return found


def _recorded(stage: Stage) -> Iterable[Recorded]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "imports.json"
        program = stage.desktop.spawn(
            sys.executable, "-m", "tests.bench.recorded_imports", str(file), env=stage.oo.env
        )
        stage.desktop.tray_item(program)
        time.sleep(AT_REST)
        program.stop(patience=10)
        return [Recorded(*each) for each in json.loads(file.read_text())]


def _both(sums: Mapping[bool, Mapping[str, float]], package: str) -> tuple[float, float]:
    return sums[True].get(package, 0.0), sums[False].get(package, 0.0)


def _row(name: str, *figures: float) -> str:
    return f"{name:40}" + "".join(map(_cell, figures))


def _cell(megabytes: float) -> str:
    return f"{megabytes:9.1f}" if abs(megabytes) >= 0.05 else " " * 9


if __name__ == "__main__":
    sys.exit(main())
