"""oO as a process without a display: started, asked, killed, started again."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from oo_desktop.sandbox.process import SandboxProcess, config_toml
from tests.journeys.process import Oo

TASK = "Take back the library books"
ADA = "ada@example.com"


@pytest.fixture
def oo(tmp_path: Path, sandbox: SandboxProcess) -> Iterator[Oo]:
    oo = Oo(tmp_path)
    settings = "poll_interval = 5\nundo_seconds = 0.2\n" + config_toml(sandbox.url)
    (oo.home / "config.toml").write_text(settings)
    yield oo
    if oo.process is not None:
        oo.end(signal.SIGKILL)


def test_without_an_instance_every_command_exits_with_3(oo: Oo) -> None:
    for command in ("status", "signals", "undo", "refresh", "integrations", "quit"):
        assert "not running" in oo.ask(command, code=3)


def test_connect_list_do_and_quit_from_the_command_line(oo: Oo, sandbox: SandboxProcess) -> None:
    oo.start()
    oo.until_running()
    assert "ada@example.com" in oo.ask("connect", "todoist")
    oo.ask("refresh")
    task = next(signal for signal in oo.ask_json("signals") if signal["title"] == TASK)
    oo.ask("done", task["id"])
    assert TASK not in oo.titles()
    oo.until(lambda: bool(sandbox.state()["history"]))
    assert TASK in oo.printed()
    oo.ask("quit")
    assert oo.process is not None
    assert oo.process.wait(20) == 0
    oo.ask("status", code=3)


def test_killed_and_started_offline_it_shows_the_saved_list(
    oo: Oo, sandbox: SandboxProcess
) -> None:
    oo.start()
    oo.until_running()
    oo.ask("connect", "todoist")
    oo.ask("refresh")
    titles = oo.titles()
    oo.end(signal.SIGKILL)
    sandbox.control("offline")
    oo.start()
    oo.until_running()
    assert oo.titles() == titles
    oo.until(lambda: oo.ask_json("integrations")[0]["connection"] == "offline")
    assert oo.titles() == titles
    assert oo.ask_json("integrations")[0]["token_status"] == "active"
    sandbox.control("online")


def test_a_second_start_wakes_the_first(oo: Oo) -> None:
    oo.start()
    oo.until_running()
    assert "already running" in oo.ask()


def test_a_pause_is_kept_over_a_kill_and_ended_by_hand(oo: Oo) -> None:
    oo.start()
    oo.until_running()
    assert "Notifications are not paused." in oo.ask("pause", "off")
    assert "Notifications are paused until" in oo.ask("pause", "1h")
    until = oo.ask_json("status")["paused_until"]
    oo.end(signal.SIGKILL)
    oo.start()
    oo.until_running()
    assert oo.ask_json("status")["paused_until"] == until is not None
    assert "Notifications are paused until" in oo.ask("status")
    assert oo.ask_json("pause", "off") == {"paused_until": None}
    assert oo.ask_json("status")["paused_until"] is None
    assert "invalid choice" in oo.ask("pause", "ever", code=2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(oo: Oo, number: signal.Signals) -> None:
    oo.start()
    oo.until_running()
    assert oo.end(number) == 0
    assert "Traceback" not in oo.printed()


def test_the_demo_shows_tasks_and_events_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    oo = Oo(tmp_path)
    del oo.environment["BROWSER"]
    oo.start("--demo")
    oo.until(lambda: TASK in oo.printed() and "Book fair" in oo.printed())
    (folder,) = set(re.findall(r"OO_DESKTOP_HOME=(\S+)", oo.printed()))
    assert Path(folder).exists()
    oo.environment["OO_DESKTOP_HOME"] = folder
    assert ADA in oo.ask("connect", "google_calendar"), "a Google of its own, too"
    oo.environment["OO_DESKTOP_HOME"] = str(oo.home)
    assert oo.end(signal.SIGINT) == 0
    assert not Path(folder).exists()
    assert not list(oo.home.iterdir())
    assert "Traceback" not in oo.printed()
