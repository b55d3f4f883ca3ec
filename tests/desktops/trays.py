"""Tries oO at every tray host: `python -m tests.desktops trays FOLDER [--root DIR] [HOST …]`.

Each host gets a session of its own: a screen, a bus, a home, oO and a sandbox for it. The same
script is run at each (`tray_checks.py`). What came of it is written to FOLDER: `table.md`, a
picture of each thing seen, and all of them on `sheet.png`. Ends with 1 where a check fails.

Outside CI: desktops of gigabytes, and a minute for each host. With `--root DIR` (as root, with
debootstrap) DIR becomes a Debian of its own (`--suite`) with the hosts in it, and is kept for the
next time; without, those are tried that are installed here. HOST: only those whose names begin
so.
"""

import argparse
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

from oo_desktop.sandbox.process import SandboxProcess
from tests.debian import CannotStart, DebianRoot, is_possible
from tests.desktops.headless_gnome import session_class
from tests.desktops.hosts import HOSTS, TrayHost
from tests.desktops.screen_reader import ScreenReader
from tests.desktops.tray_checks import CHECKS, Script

NEEDED = ("dbus", "at-spi2-core", "fonts-dejavu-core", "adwaita-icon-theme")
SHOWN = (
    "icon",
    "menu-walked",
    "submenu",
    "left-button",
    "changed-while-open",
    "40-tasks",
)
"""Pictures on the sheet."""

Row = dict[str, str]


def main(words: list[str]) -> int:
    """Write the table and the sheet; 1 where a check fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.desktops trays")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--root", type=Path, metavar="DIR", help="a folder for Debian's hosts")
    parser.add_argument("--suite", default="bookworm", help="which Debian a new DIR is made of")
    parser.add_argument("hosts", nargs="*", metavar="HOST")
    options = parser.parse_intermixed_args(words)
    root = None
    if options.root is not None:
        if not is_possible():
            raise SystemExit("Debian's hosts need root, debootstrap, unshare and chroot.")
        root = DebianRoot(options.root.resolve())
        root.make(options.suite)
        root.install(NEEDED)
    chosen = [h for h in HOSTS if not options.hosts or h.name.startswith(tuple(options.hosts))]
    options.folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, Row] = {}
    for host in chosen:
        print(f"{host.name} …", file=sys.stderr)
        title, rows_of_host = _tried(host, root, options.folder)
        rows[title] = rows_of_host
        table = _table(rows)
        (options.folder / "table.md").write_text(table)
    print(table)
    _sheet(options.folder, chosen)
    return int(any(word.startswith("NO") for row in rows.values() for word in row.values()))


def _tried(host: TrayHost, root: DebianRoot | None, folder: Path) -> tuple[str, Row]:
    title = host.name
    try:
        if root is not None:
            root.install(host.packages)
            title = f"{host.name} {root.version(host.packages[0])}"
        elif shutil.which(host.command[0]) is None:
            return title, {"icon": "not installed"}
        pictures = folder / host.name.replace(", ", "-")
        shutil.rmtree(pictures, ignore_errors=True)
        pictures.mkdir()
        return title, _run(host, root, pictures)
    except CannotStart as error:
        return title, {"icon": f"not tried: {error}"}
    except Exception as error:  # noqa: BLE001  # whatever one host does, the others are tried
        traceback.print_exc()
        return title, {"icon": f"NO: {str(error).splitlines()[0][:90]}"}


def _run(host: TrayHost, root: DebianRoot | None, pictures: Path) -> Row:
    with (
        session_class(host.screen)(host, root) as session,
        SandboxProcess() as sandbox,
        ScreenReader(session.bus) as reader,
    ):
        try:
            session.start_desktop()
            return Script(session, sandbox, reader, pictures).run()
        finally:
            session.look().save(pictures / "last.png")
            shutil.copytree(session.logs, pictures / "logs")


def _table(rows: dict[str, Row]) -> str:
    lines = [("host", *CHECKS), *((title, *_cells(row)) for title, row in rows.items())]
    lines.insert(1, ("---",) * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cells(row: Row) -> list[str]:
    return [row.get(check, "").replace("|", "\\|").replace("\n", " ") for check in CHECKS]


def _sheet(folder: Path, hosts: list[TrayHost]) -> None:
    """Put the pictures of all hosts on one sheet, a line for each."""
    tiles: list[str] = []
    for host in hosts:
        name = host.name.replace(", ", "-")
        for picture in SHOWN:
            file = folder / name / f"{picture}.png"
            tiles += ["-label", f"{name}: {picture}", str(file) if file.exists() else "null:"]
    layout = ("-tile", f"{len(SHOWN)}x", "-geometry", "455x256+3+3", "-background", "#dddddd")
    subprocess.run(("montage", *tiles, *layout, str(folder / "sheet.png")), check=True)
