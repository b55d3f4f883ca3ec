"""Measure oO beside a bare PySide6 tray, as medians and ratios: `python -m tests.bench`.

Absolute figures drift between machines and hours; the ratios hold. Nothing here fails: the limits
stand in the table, and it is for people to look at. The result is a file that programs can read,
with a picture of each figure and each curve.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench import (
    against,
    caldav,
    calendars,
    command_line,
    growth,
    installed,
    large_lists,
    peers,
    polling,
    polls,
    shutdown,
    start_and_rest,
    window,
)
from tests.bench.figures import Curve, Figure, curves_table, table
from tests.bench.readme import draw_pictures, peers_table, readme_table
from tests.bench.results import ROOT, Result, read, surroundings, written
from tests.bench.stage import Stage, stage

Bench = Callable[[int], Sequence[Figure]]
StageBench = Callable[[Stage, int], Sequence[Figure]]

ON_STAGE: Sequence[StageBench] = (
    start_and_rest.bench,
    command_line.bench,
    polling.bench,
    shutdown.bench,
)
"""What is played in one desktop session, with an oO that knows 200 tasks."""

ALONE: Sequence[Bench] = (
    installed.bench,
    polls.bench,
    calendars.bench,
    caldav.bench,
    large_lists.bench,
    window.bench,
)
"""What needs nothing but how often it is run."""

MOST_GROWTH_RUNS = 2
"""With 100,000 signals each takes a minute."""


def main() -> int:
    options = _parser().parse_args()
    return int(options.run(options))


def _own(options: argparse.Namespace) -> int:
    asked = options.only or NAMES
    figures: list[Figure] = []
    curves: Sequence[Curve] = ()
    if on_stage := [bench for bench in ON_STAGE if _name(bench) in asked]:
        with stage() as ready:
            figures += [figure for bench in on_stage for figure in bench(ready, options.runs)]
    for bench in ALONE:
        if _name(bench) in asked:
            figures += bench(options.runs)
    if _name(growth.bench) in asked:
        bounds, curves = growth.bench(min(options.runs, MOST_GROWTH_RUNS))
        figures += bounds
    return _publish(Result(figures, curves, surroundings()), options.into)


def _name(bench: Callable[..., object]) -> str:
    return bench.__module__.rpartition(".")[2]


APART = ("peers", "against")
"""What is asked for by its own word."""
NAMES = (*map(_name, ON_STAGE), *map(_name, ALONE), _name(growth.bench))


def _peers(options: argparse.Namespace) -> int:
    found = peers.bench(options.root, options.runs)
    return _publish(found, options.into / "peers")


def _against(options: argparse.Namespace) -> int:
    found = against.bench(options.commit, options.runs)
    return _publish(found, options.into / "against")


def _readme(options: argparse.Namespace) -> int:
    result = read(options.result)
    print(readme_table(result))
    for file in draw_pictures(result):
        print(f"\n{file}", file=sys.stderr)
    if options.peers is not None:
        print(f"\n{peers_table(read(options.peers))}")
    return 0


def _publish(result: Result, folder: Path) -> int:
    print(table(result.figures))
    if result.curves:
        print(curves_table(result.curves))
    print(written(result, folder))
    return 0


def _parser() -> argparse.ArgumentParser:
    usual = argparse.ArgumentParser(add_help=False)
    usual.add_argument("--runs", type=int, default=5, help="counted runs of each (5)")
    usual.add_argument(
        "--into", type=Path, default=ROOT / "build/bench", help="folder (build/bench)"
    )
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, parents=[usual]
    )
    parser.add_argument("--only", nargs="+", choices=NAMES, help="these alone")
    parser.set_defaults(run=_own)
    words = parser.add_subparsers(metavar="WHAT")
    others = words.add_parser("peers", parents=[usual], help="comparable programs beside oO")
    others.add_argument("--root", type=Path, required=True, help="folder to install them in")
    others.set_defaults(run=_peers)
    earlier = words.add_parser("against", parents=[usual], help="an earlier commit beside oO")
    earlier.add_argument("commit")
    earlier.set_defaults(run=_against)
    told = words.add_parser("readme", help="make the README’s tables and pictures of results")
    told.add_argument("result", type=Path)
    told.add_argument("peers", type=Path, nargs="?")
    told.set_defaults(run=_readme)
    return parser


if __name__ == "__main__":
    sys.exit(main())
