"""Tries oO's connector of CalDAV on real servers: `python -m tests.servers [--root DIR] [NAME …]`.

The same story at each (`story.py`): find it, read, complete, put off, answer, see what others
change. What came of it is printed as one table. Ends with 1 where oO did wrong.

Radicale and Xandikos of PyPI run anywhere. With `--root DIR` (as root, with debootstrap) those of
Debian do, too: DIR becomes a Debian of its own (`--suite`), in which they are installed and
started; it is kept for the next time. NAME: only that server.

Outside CI: a root of a gigabyte, and minutes.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from tests.connectors.caldav.servers import SERVERS as OF_PYPI
from tests.debian import CannotStart, DebianRoot, is_possible
from tests.servers.debian import SERVERS as OF_DEBIAN
from tests.servers.debian import running
from tests.servers.story import STEPS, lived

Row = tuple[str, dict[str, str]]


def main(words: list[str]) -> int:
    """Print the table; 1 where oO did wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers")
    parser.add_argument("--root", type=Path, metavar="DIR", help="a folder for Debian's servers")
    parser.add_argument("--suite", default="bookworm", help="which Debian a new DIR is made of")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args(words)
    rows = list(_of_pypi(options.names))
    if options.root is not None:
        rows += _of_debian(options.root.resolve(), options.suite, options.names)
    _print_table(rows)
    return int(any(word.startswith("NO") for _, row in rows for word in row.values()))


def _of_pypi(names: list[str]) -> Iterator[Row]:
    for name, run in OF_PYPI.items():
        if not names or name in names:
            with tempfile.TemporaryDirectory() as folder, run(Path(folder)) as server:
                print(f"{name} …", file=sys.stderr)
                yield f"{name} {version(name)}", asyncio.run(lived(server, "/"))


def _of_debian(folder: Path, suite: str, names: list[str]) -> Iterator[Row]:
    if not is_possible():
        raise SystemExit("Debian's servers need root, debootstrap, unshare and chroot.")
    root = DebianRoot(folder)
    root.make(suite)
    for each in OF_DEBIAN:
        if names and each.name not in names:
            continue
        print(f"{each.name} …", file=sys.stderr)
        try:
            root.install(each.packages)
            title = f"{each.name} {root.version(each.packages[0])}"
            with running(root, each) as server:
                yield title, asyncio.run(lived(server, each.typed))
        except CannotStart as error:
            yield each.name, {next(iter(STEPS)): f"not tried: {error}"}


def _print_table(rows: list[Row]) -> None:
    print("| " + " | ".join(("server", *STEPS)) + " |")
    print("|" + "---|" * (len(STEPS) + 1))
    for title, row in rows:
        print("| " + " | ".join((title, *(row.get(step, "") for step in STEPS))) + " |")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
