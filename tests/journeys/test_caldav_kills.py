"""oO as a process, killed between a click on a CalDAV task and its confirmation; a real server."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.connectors.caldav.servers import PASSWORD, USER, Server, radicale
from tests.journeys.process import Oo

KILLED_AFTER_SECONDS = (0.0, 0.15, 0.3, 0.32, 0.35, 0.4, 0.5)
"""After the click, which is sent after 0.3 seconds."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "server"
    folder.mkdir()
    with radicale(folder) as running:
        yield running


@pytest.fixture
def oo(tmp_path: Path, server: Server) -> Iterator[Oo]:
    oo = Oo(tmp_path)
    (oo.home / "config.toml").write_text("undo_seconds = 0.3\npoll_interval = 5\n")
    oo.start()
    oo.until_running()
    words = ("connect", "caldav", "--server", server.url, "--username", USER)
    subprocess.run(
        [sys.executable, "-m", "oo_desktop", *words],
        env=oo.environment,
        input=f"{PASSWORD}\n".encode(),
        capture_output=True,
        timeout=40,
        check=True,
    )
    yield oo
    oo.end(signal.SIGKILL)


def weekly(number: int, start: date) -> str:
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VTODO", f"UID:{number}"),
        *("DTSTAMP:20261101T000000Z", f"SUMMARY:Task {number}", f"DUE;VALUE=DATE:{start:%Y%m%d}"),
        *("RRULE:FREQ=WEEKLY;COUNT=9", "X-OTHER:kept", "END:VTODO", "END:VCALENDAR", ""),
    )
    return "\r\n".join(lines)


def test_killed_at_any_moment_an_occurrence_is_completed_exactly_once(
    oo: Oo, server: Server
) -> None:
    today = date.today()  # noqa: DTZ011  # the day of the process, which has no other clock
    home = server.make_collection("tasks", "Tasks")
    paths = [f"{home}{number}.ics" for number in range(len(KILLED_AFTER_SECONDS))]
    for number, path in enumerate(paths):
        server.put(path, weekly(number, today))
    oo.ask("refresh")
    for path, seconds in zip(paths, KILLED_AFTER_SECONDS, strict=True):
        oo.ask("done", f"{path}#{today:%Y%m%d}")
        time.sleep(seconds)
        oo.end(signal.SIGKILL)
        oo.start()
        oo.until_running()
    due = f"DUE;VALUE=DATE:{today + timedelta(days=7):%Y%m%d}"
    oo.until(lambda: all(due in server.get(path) for path in paths))
    oo.until(lambda: oo.ask_json("outbox") == [])
    for path in paths:
        stored = server.get(path).splitlines()
        assert {due, "RRULE:FREQ=WEEKLY;COUNT=8", "SEQUENCE:1", "X-OTHER:kept"} <= {*stored}
