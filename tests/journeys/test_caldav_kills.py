"""oO as a process, killed between a click on a CalDAV task and its confirmation; a real server."""

import re
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


def stored_titles(server: Server, home: str) -> list[str]:
    with server.client() as client:
        answer = client.request("PROPFIND", home, headers={"Depth": "1"})
        names = re.findall(r"([^/>]+\.ics)</", answer.text)
        bodies = [client.get(home + name).text for name in names]
    return sorted(line for body in bodies for line in body.splitlines() if "SUMMARY:" in line)


def test_killed_at_any_moment_a_new_task_is_added_exactly_once(oo: Oo, server: Server) -> None:
    home = server.make_collection("tasks", "Tasks", components=["VTODO"])
    oo.ask("refresh")
    for number, seconds in enumerate(KILLED_AFTER_SECONDS):
        assert "Added: New" in oo.ask("add", f"New {number} today p1")
        time.sleep(seconds)
        oo.end(signal.SIGKILL)
        oo.start()
        oo.until_running()
    wanted = [f"SUMMARY:New {number}" for number in range(len(KILLED_AFTER_SECONDS))]
    oo.until(lambda: stored_titles(server, home) == wanted)
    oo.until(lambda: oo.ask_json("outbox") == [])
    assert stored_titles(server, home) == wanted
    assert sorted(oo.titles()) == [f"New {number}" for number in range(len(KILLED_AFTER_SECONDS))]


def test_killed_at_any_moment_a_new_task_is_taken_back(oo: Oo, server: Server) -> None:
    home = server.make_collection("tasks", "Tasks", components=["VTODO"])
    oo.ask("refresh")
    for number, seconds in enumerate((0.0, 0.02, 0.1)):
        oo.ask("add", f"New {number} today")
        oo.until(lambda: len(stored_titles(server, home)) == 1)
        oo.ask("undo")
        time.sleep(seconds)
        oo.end(signal.SIGKILL)
        oo.start()
        oo.until_running()
        oo.until(lambda: stored_titles(server, home) == [])
    oo.until(lambda: oo.ask_json("outbox") == [])
    assert oo.titles() == []
