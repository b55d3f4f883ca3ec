"""Holds our reader of calendars against four others for long: `python -m tests.readers --count N`.

Two are in the development extra; ical.js and node-ical are installed from npm in a temporary folder
(`--without-npm` leaves them out). What they disagree about is settled by the table in
`test_events_differential.py`; what no row of it settles is printed, and the end is then 1.

Outside CI: it needs Node (22, or 20 with a warning), npm and a network.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.connectors.icalendar.generated import DAYS, Generated, Series, calendars
from tests.connectors.icalendar.readers import OTHERS, Reading, Refused, in_window, ours
from tests.connectors.icalendar.test_events_differential import SETTLED, example, kinds, of, shown

PROGRAM = Path(__file__).with_name("read.mjs")
NPM = {"ical.js": "2.2.1", "node-ical": "0.27.2"}

_AT_ONCE = 500
"""Calendars of one seed: a longer run of Hypothesis draws fewer that are new."""

_SHOWN = 3
"""Calendars of each reader that are printed where nothing settles a disagreement."""

Readings = Mapping[str, Reading | str]
"""By reader; what it said instead where it refused the calendar."""


def main() -> None:
    """Read many calendars with every reader, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.readers")
    parser.add_argument("--count", type=int, default=2000, metavar="N", help="calendars to try")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-npm", action="store_true")
    options = parser.parse_args()
    drawn = list(_drawn(options.count, options.seed))
    asked = [*map(example, SETTLED), *drawn]
    readings: list[Readings] = [_with_python(each) for each in asked]
    if not options.without_npm:
        npm = _with_npm(asked)
        readings = [{**each, **more} for each, more in zip(readings, npm, strict=True)]
    stale = _stale(readings[: len(SETTLED)])
    unsettled = _report(drawn, readings[len(SETTLED) :])
    raise SystemExit(1 if stale or unsettled else 0)


def _drawn(count: int, number: int) -> Iterator[Generated]:
    """So many calendars, no two of them the same, from a seed on."""
    known: set[bytes] = set()
    while len(known) < count:
        for each in _of_seed(number):
            if each.raw not in known and len(known) < count:
                known.add(each.raw)
                yield each
        number += 1


def _of_seed(number: int) -> list[Generated]:
    found: list[Generated] = []

    @seed(number)
    @settings(
        max_examples=_AT_ONCE,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(calendars())
    def draw(calendar: Generated) -> None:
        found.append(calendar)

    draw()
    return found


def _with_python(calendar: Generated) -> Readings:
    found: dict[str, Reading | str] = {"oO": ours(calendar)}
    for name, read in OTHERS.items():
        try:
            found[name] = read(calendar)
        except Refused as error:
            found[name] = str(error)
    return found


def _with_npm(asked: Sequence[Generated]) -> Sequence[Readings]:
    """A process for each zone of whoever looks reads all of that zone."""
    found: dict[int, Readings] = {}
    with tempfile.TemporaryDirectory() as folder:
        packages = [f"{name}@{version}" for name, version in NPM.items()]
        quiet = ("--silent", "--no-audit", "--no-fund")
        subprocess.run(["npm", "install", *quiet, *packages], cwd=folder, check=True)
        shutil.copy(PROGRAM, folder)
        for zone in {each.zone for each in asked}:
            numbers = [number for number, each in enumerate(asked) if each.zone == zone]
            answers = _in_node(folder, zone, [asked[number] for number in numbers])
            found.update(zip(numbers, answers, strict=True))
    return [found[number] for number in range(len(asked))]


def _in_node(folder: str, zone: str, asked: Sequence[Generated]) -> Iterator[Readings]:
    said = [{"text": each.raw.decode(), "day": str(each.day), "days": DAYS} for each in asked]
    done = subprocess.run(
        ["node", PROGRAM.name],
        input=json.dumps(said).encode(),
        stdout=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "TZ": zone},
        check=True,
    )
    for each, line in zip(asked, done.stdout.splitlines(), strict=True):
        yield {name: _reading(answer, each) for name, answer in json.loads(line).items()}


def _reading(found: str | list[tuple[str, str, str]], calendar: Generated) -> Reading | str:
    if isinstance(found, str):
        return found
    return in_window(((title, _at(start), _at(end)) for title, start, end in found), calendar)


def _at(text: str) -> date:
    is_day = len(text) == len("2026-11-30")
    return date.fromisoformat(text) if is_day else datetime.fromisoformat(text)


def _stale(readings: Sequence[Readings]) -> bool:
    """Whether a row of the table is no longer so; says which."""
    stale = False
    for settled, read in zip(SETTLED, readings, strict=True):
        for name, found in read.items():
            if (found != shown(settled)) != (name in settled.otherwise):
                print(f"no longer so: {settled.kind}: {name} has {found}")
                stale = True
    return stale


def _report(drawn: Sequence[Generated], readings: Sequence[Readings]) -> bool:
    """Print the figures; whether something is settled by nothing."""
    compared = sum(len(each.series) for each in drawn)
    print(f"{len(drawn)} calendars, {compared} events and series")
    unsettled = False
    for name in readings[0]:
        if name == "oO":
            continue
        agreed, by_kind, open_ones = _compared(name, drawn, readings)
        print(f"\n{name}: {agreed} as oO; {compared - agreed} otherwise")
        for kind, count in by_kind.most_common():
            settled = next(each for each in SETTLED if each.kind == kind)
            word = "oO is right" if settled.defined else "open"
            print(f"  {count:5}  {kind} ({word}, {settled.section})")
        if open_ones:
            unsettled = True
            print(f"  {len(open_ones):5}  settled by nothing; the first:")
            print("\n".join(open_ones[:_SHOWN]))
    return unsettled


def _compared(
    name: str, drawn: Sequence[Generated], readings: Sequence[Readings]
) -> tuple[int, Counter[str], list[str]]:
    """How many it reads as we do, why it reads others otherwise, and what no row explains.

    What several rows explain counts for the first of them.
    """
    agreed, by_kind, open_ones = 0, Counter[str](), []
    for calendar, read in zip(drawn, readings, strict=True):
        own, others = read["oO"], read[name]
        assert not isinstance(own, str)
        for series in calendar.series:
            mine = of(series, own)
            theirs = others if isinstance(others, str) else of(series, others)
            if mine == theirs:
                agreed += 1
            elif kind := next(kinds(name, calendar, series), None):
                by_kind[kind] += 1
            else:
                open_ones.append(_described(calendar, series, mine, theirs))
    return agreed, by_kind, open_ones


def _described(calendar: Generated, series: Series, mine: Reading, theirs: Reading | str) -> str:
    lines = [
        f"in {calendar.zone}, from {calendar.day} on: {', '.join(sorted(series.odd))}",
        *(line for line in series.lines if not line.startswith("DTSTAMP")),
        f"oO:    {sorted(mine)}",
        f"other: {theirs if isinstance(theirs, str) else sorted(theirs)}",
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
