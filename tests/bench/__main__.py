"""Measure oO beside a bare PySide6 tray, as medians and ratios: `python -m tests.bench`.

Absolute figures drift between machines and hours; the ratios hold. Nothing here fails: the limits
stand in the table, and it is for people to look at.
"""

import argparse
import sys

from tests.bench import (
    caldav,
    calendars,
    command_line,
    large_lists,
    polling,
    start_and_rest,
    window,
)
from tests.bench.figures import table
from tests.bench.stage import stage


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each (5)")
    parser.add_argument("--rest", type=float, default=5, help="seconds at rest a run (5)")
    options = parser.parse_args()
    with stage() as ready:
        figures = [
            *start_and_rest.bench(ready, options.runs, options.rest),
            *polling.bench(ready, options.runs),
            *calendars.bench(options.runs),
            *caldav.bench(options.runs),
            *command_line.bench(ready, 2 * options.runs),
        ]
    figures += [*large_lists.bench(options.runs), *window.bench(options.runs)]
    print(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
