"""Make the README's tables and pictures of results: `python -m tests.bench readme RESULT.json`."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tests.bench.charts import curve_svg
from tests.bench.figures import Figure, limit_text
from tests.bench.growth import BOUNDS, MEASURED, OVER_SIGNALS
from tests.bench.peers import EXEC, PSS, WAKEUPS
from tests.bench.results import Result
from tests.bench.stage import ROWS as TASKS

ROWS = {
    "exec to icon": "exec to icon",
    "exec to saved signals in the menu": "exec to saved tasks in the menu",
    "memory at rest (PSS)": f"memory at rest (PSS), {TASKS} saved tasks, connected",
    "wake-ups at rest": "wake-ups at rest",
    "D-Bus messages at rest": "D-Bus messages at rest",
    "files written at rest": "files written at rest",
    "oo-desktop status, exec to exit": "`oo-desktop status`, exec to exit",
    "oo-desktop done, exec to exit": "`oo-desktop done`, exec to exit",
    f"CPU of a poll, {TASKS} tasks, none changed": f"CPU of a poll of {TASKS} unchanged tasks",
    "end, nothing hangs": "asked to end, until it has ended",
    "end, a request hangs": "the same while a request hangs",
    "end, the keyring hangs": "the same while the keyring hangs",
    "longest wait while starting": "longest wait for the menu while starting",
    "longest stall in a poll, one changed": f"longest wait for the menu in a poll of {TASKS} tasks",
    "poll, all changed: wait, p99": (
        "wait in a poll of 10,000 tasks, all changed, 99th percentile"
    ),
    "5,000 events, all changed: wait, p99": (
        "wait in a poll of a calendar of 5,000 events, 99th percentile"
    ),
    **{figure: figure for figure in BOUNDS},
    "files of code before the icon": "files of code read before the icon",
    "installed from PyPI": "installed from PyPI, with all it needs",
}
"""What is told to everybody, in this order and these words; all else is in the file."""

HEAD = ("medians", "floor", "oO", "ratio", "limit")
PEERS_HEAD = ("program", "exec to icon", "memory at rest", "wake-ups")


PICTURES = {
    Path(__file__).parent / "pictures/memory.svg": (MEASURED["pss"][0], OVER_SIGNALS),
}
"""What the README shows: files, and the curves in them by name and by what they grow with."""


def draw_pictures(result: Result) -> Sequence[Path]:
    """Draw those whose curves are in the result; return their files."""
    curves = {(curve.name, curve.over): curve for curve in result.curves}
    drawn = {file: curves[curve] for file, curve in PICTURES.items() if curve in curves}
    for file, curve in drawn.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(curve_svg(curve), encoding="utf-8")
    return tuple(drawn)


def readme_table(result: Result) -> str:
    """Return the figures that the README tells, as Markdown."""
    told = {figure.name: figure for figure in result.figures}
    rows = [(words, *_cells(told[name])) for name, words in ROWS.items() if name in told]
    return _markdown(HEAD, rows)


def peers_table(result: Result) -> str:
    """Return what comparable programs take, as Markdown; in brackets: to the floor."""
    programs = dict.fromkeys(figure.name.partition(": ")[0] for figure in result.figures)
    told = {figure.name: figure for figure in result.figures}
    rows = []
    for program in programs:
        start, memory, wakeups = (told[f"{program}: {what}"] for what in (EXEC, PSS, WAKEUPS))
        rows.append((program, _beside(start), _beside(memory), _value(wakeups, wakeups.oo)))
    return _markdown(PEERS_HEAD, rows)


def _cells(figure: Figure) -> tuple[str, ...]:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    limit = "" if figure.limit is None else limit_text(figure)
    floor = _value(figure, figure.floor) if figure.floor else ""
    return floor, _value(figure, figure.oo), ratio, limit


def _beside(figure: Figure) -> str:
    ratio = "" if figure.ratio is None else f" ({figure.ratio:.2f})"
    return f"{_value(figure, figure.oo)}{ratio}"


def _value(figure: Figure, values: Sequence[float]) -> str:
    found = median(values)
    number = f"{found:.0f}" if found >= 100 or found == int(found) else f"{found:.1f}"
    return f"{number} {figure.unit}".rstrip()


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ("---", *("--:",) * (len(head) - 1)), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
