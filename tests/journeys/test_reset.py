"""`oo-desktop reset` as a whole story: accounts, keyring, services, files."""

import json
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oo_desktop.sandbox.process import SandboxProcess, config_toml
from tests.journeys.process import Oo


@pytest.fixture
def oo(tmp_path: Path, sandbox: SandboxProcess) -> Iterator[Oo]:
    """An oO with Todoist, a Google account with a client of the person's own, and autostart."""
    oo = Oo(tmp_path)
    oo.environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    settings = "poll_interval = 5\n" + config_toml(sandbox.url, google_client=True)
    (oo.home / "config.toml").write_text(settings)
    oo.start()
    oo.until_running()
    oo.ask("connect", "todoist")
    oo.ask("connect", "google_calendar")
    oo.ask("autostart", "on")
    oo.until(lambda: len(entries(oo)) == 3)  # the client's secret is moved by itself
    yield oo
    if oo.process is not None:
        oo.end(signal.SIGKILL)


def entries(oo: Oo) -> dict[str, str]:
    file = Path(oo.environment["TEST_KEYRING"])
    found: dict[str, str] = json.loads(file.read_text())
    return found


def left_of(oo: Oo) -> set[str]:
    files = (path for path in oo.home.rglob("*") if path.is_file())
    return {path.relative_to(oo.home).as_posix() for path in files}


@pytest.mark.parametrize("runs", [True, False], ids=["running", "not running"])
def test_nothing_is_left_in_keyring_and_folders_and_google_has_ended_the_access(
    oo: Oo, sandbox: SandboxProcess, runs: bool
) -> None:
    if not runs:
        oo.ask("quit")
    answer = oo.ask_json("reset", "--yes")
    assert oo.process is not None
    assert oo.process.wait(20) == 0
    assert entries(oo) == {}
    assert left_of(oo) == {"config.toml", "run/oo-desktop.lock"}
    assert not (Path(oo.environment["XDG_CONFIG_HOME"]) / "autostart/oo-desktop.desktop").exists()
    assert answer["remained"] == []
    gone: dict[str, Any] = {each["provider"]: each for each in answer["accounts"]}
    assert gone["google_calendar"]["revoked"] is True
    assert sandbox.control("revoke", service="google_calendar")["revoked"] == 0
    assert gone["todoist"]["revoke_url"]


def test_after_it_oo_starts_as_at_first(oo: Oo) -> None:
    said = oo.ask("reset", "--yes")
    assert "oO has forgotten everything" in said
    assert "has ended oO’s access" in said
    assert oo.process is not None
    assert oo.process.wait(20) == 0
    oo.start()
    oo.until_running()
    assert oo.ask_json("integrations") == []
    assert oo.ask("autostart").startswith("oO does not start when you log in.")


def test_what_a_locked_keyring_keeps_is_said_and_can_be_deleted_later(oo: Oo) -> None:
    before = entries(oo)
    oo.environment["TEST_KEYRING_LOCKED"] = "yes"
    said = oo.ask("reset", "--yes", code=1)
    assert "is still connected, for your keyring did not let oO delete its token" in said
    assert "is still connected, too." in said
    assert entries(oo) == before
    assert {"oo.db", "config.toml"} <= left_of(oo)
    assert not {"oo.log", "window.json"} & left_of(oo)
    del oo.environment["TEST_KEYRING_LOCKED"]
    oo.ask("reset", "--yes")
    assert entries(oo) == {}
    assert "oo.db" not in left_of(oo)


def test_where_a_service_cannot_be_reached_the_page_for_it_is_named(
    oo: Oo, sandbox: SandboxProcess
) -> None:
    sandbox.control("offline")
    said = oo.ask("reset", "--yes")
    assert "oO could not end its access at Google. You can do it at https://" in said
    assert entries(oo) == {}


def test_accounts_of_a_newer_oo_are_refused_and_left(oo: Oo) -> None:
    oo.ask("quit")
    with sqlite3.connect(oo.home / "oo.db") as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    before = (oo.home / "oo.db").read_bytes()
    assert "was written by a newer oO" in oo.ask("reset", "--yes", code=1)
    assert (oo.home / "oo.db").read_bytes() == before
    assert {"oo.log", "config.toml"} <= left_of(oo)
    assert len(entries(oo)) == 3
