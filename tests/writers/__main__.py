"""Lets programs that write calendars write the same twelve events: `python -m tests.writers`.

Each is driven by its own interface: a library by a small program (`programs/`), an application by
its command line or its own file. What it really writes becomes
`tests/connectors/icalendar/written/NAME.ics`, and `test_written.py` holds our reader to it.

Outside CI: it installs pinned packages from PyPI and npm in a temporary folder, and needs Debian's
calcurse, khal, emacs-nox, libdata-ical-perl, ruby-icalendar, ruby and npm.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
EVENTS = HERE / "events.json"
WRITTEN = HERE.parent / "connectors" / "icalendar" / "written"

PYPI = ("icalendar==7.3.2", "ical==14.3.1", "vobject==0.9.9", "ics==0.7.3", "tzdata==2026.1")
NPM = ("ical-generator@11.1.2", "ics@3.12.0")
DEBIAN = ("calcurse", "khal", "emacs", "perl", "ruby", "npm")

Event = Mapping[str, Any]


def main() -> None:
    """Write every calendar anew; names the programs that are missing and ends with 2 for those."""
    missing = [name for name in DEBIAN if shutil.which(name) is None]
    if missing:
        print(f"Please install: {', '.join(missing)}", file=sys.stderr)
        raise SystemExit(2)
    WRITTEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        writers = _writers(home)
        for name, write in writers.items():
            text = _without_this_machine(write())
            (WRITTEN / f"{name}.ics").write_bytes(text)
            print(f"{name:20} {len(text):6} bytes, {text.count(b'BEGIN:VEVENT')} events")


def _writers(home: Path) -> Mapping[str, Callable[[], bytes]]:
    python = home / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", home / "venv"], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PYPI], check=True)
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", *NPM], cwd=home, check=True
    )
    for program in PROGRAMS.glob("*.mjs"):  # Node looks for packages beside the program
        shutil.copy(program, home)

    def ran(*command: str | Path) -> Callable[[], bytes]:
        return lambda: _output(home, *command)

    return {
        "icalendar": ran(python, "-W", "ignore", PROGRAMS / "with_icalendar.py"),
        "ical": ran(python, PROGRAMS / "with_ical.py"),
        "vobject": ran(python, PROGRAMS / "with_vobject.py"),
        "ics-py": ran(python, "-W", "ignore", PROGRAMS / "with_ics.py"),
        "data-ical": ran("perl", PROGRAMS / "with_data_ical.pl"),
        "ruby-icalendar": ran("ruby", PROGRAMS / "with_icalendar.rb"),
        "ical-generator": ran("node", "with_ical_generator.mjs"),
        "npm-ics": ran("node", "with_ics.mjs"),
        "org-mode": lambda: _org_mode(home),
        "calcurse": lambda: _calcurse(home),
        "khal": lambda: _khal(home),
    }


def _output(home: Path, *command: str | Path) -> bytes:
    environment = {**os.environ, "TZ": "Europe/Berlin", "HOME": str(home)}
    done = subprocess.run(
        list(command),
        input=EVENTS.read_bytes(),
        stdout=subprocess.PIPE,
        cwd=home,
        env=environment,
        check=True,
    )
    return done.stdout


def _events() -> list[Event]:
    events: list[Event] = json.loads(EVENTS.read_text())
    return events


def _org_mode(home: Path) -> bytes:
    _output(home, "emacs", "--batch", "--load", PROGRAMS / "with_org.el")
    return (home / "events.ics").read_bytes()


def _calcurse(home: Path) -> bytes:
    """Its own file of appointments: floating times, no guests, no links, nothing that moves."""
    lines = []
    for each in _events():
        if each.get("zone") not in {None, "Europe/Berlin"}:
            continue
        if len(each["start"]) == 10:
            days = (date.fromisoformat(each["end"]) - date.fromisoformat(each["start"])).days
            first = date.fromisoformat(each["start"])
            last = first + timedelta(days=days - 1)
            until = f" {{1D -> {last:%m/%d/%Y}}}" if days > 1 else ""
            lines.append(f"{first:%m/%d/%Y} [1]{until} {each['summary']}")
            continue
        start, end = (datetime.fromisoformat(each[name]) for name in ("start", "end"))
        rule = ""
        if "weekly" in each:
            last = start.date() + timedelta(weeks=each["weekly"] - 1)
            out = datetime.fromisoformat(each["left_out"])
            rule = f" {{1W -> {last:%m/%d/%Y} !{out:%m/%d/%Y}}}"
        lines.append(f"{start:%m/%d/%Y @ %H:%M} -> {end:%m/%d/%Y @ %H:%M}{rule}|{each['summary']}")
    folder = home / "calcurse"
    folder.mkdir()
    (folder / "apts").write_text("\n".join([*lines, ""]))
    (folder / "todo").touch()
    return _output(home, "calcurse", "-D", folder, "-C", folder, "-q", "-xical")


def _khal(home: Path) -> bytes:
    """Its command line: no guests, nothing left out or moved; one file for each event."""
    folder = home / "khal"
    folder.mkdir()
    settings = home / "khal.conf"
    settings.write_text(
        f"[calendars]\n[[events]]\npath = {folder}\ntype = calendar\n"
        "[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        "local_timezone = Europe/Berlin\ndefault_timezone = Europe/Berlin\n"
        f"[default]\ndefault_calendar = events\n[sqlite]\npath = {home}/khal.db\n"
    )
    for each in _events():
        if "moved" in each or "guest" in each:
            continue
        start, end = each["start"].replace("T", " "), each["end"].replace("T", " ")
        if len(start) == 10:
            end = (date.fromisoformat(end) - timedelta(days=1)).isoformat()
            when = [start, end]
        else:
            when = [*start.split(), *end.split()]
            when += [each["zone"]] if "zone" in each else []
        more: list[str] = []
        if "minutes_before" in each:
            more += ["-m", f"{each['minutes_before']}m"]
        for option, name in (("-l", "location"), ("-u", "url")):
            if name in each:
                more += [option, each[name]]
        note = ["::", each["description"]] if "description" in each else []
        _output(home, "khal", "-c", settings, "new", *more, *when, each["summary"], *note)
    return b"".join(file.read_bytes() for file in sorted(folder.glob("*.ics")))


def _without_this_machine(text: bytes) -> bytes:
    """Names of the machine and its user are nobody's business."""
    text = re.sub(rb"@[A-Za-z0-9.-]*(?=\r?\nDTSTAMP|\r?\nSUMMARY)", b"@example.com", text)
    return re.sub(rb"PRODID:-//[^/]*//Emacs", b"PRODID:-//ada//Emacs", text)


if __name__ == "__main__":
    main()
