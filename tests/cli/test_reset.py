"""`oo-desktop reset` asks first, ends whoever runs, and deletes only what is oO's."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from oo_desktop.cli.reset import SETTINGS_WORD, SURE_WORD
from oo_desktop.folders import WRITTEN
from tests.cli.conftest import Home

OURS = {
    "oo.db", "oo.db-wal", "oo.db-shm", "oo.db.set-aside-20261122T120000Z", "oo.log", "oo.log.1",
    "window.json", "report-20261122-120000.txt", "run/renewal-00ff.lock", "config.toml",
}  # fmt: skip
"""What a home may hold, beside the lock and the socket."""

LOCK = "run/oo-desktop.lock"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with every kind of file, but for a database that can be asked."""
    home = Home(tmp_path / "home")
    home.folder.mkdir()
    (home.folder / "run").mkdir(mode=0o700)
    for name in OURS - {"oo.db", "oo.db-wal", "oo.db-shm"}:
        (home.folder / name).touch()
    (home.folder / "notes.txt").write_text("somebody's own")
    home.environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    autostart = tmp_path / "config" / "autostart" / "oo-desktop.desktop"
    autostart.parent.mkdir(parents=True)
    autostart.write_text("[Desktop Entry]\n")
    return home


def left_of(home: Home) -> set[str]:
    files = (path for path in home.folder.rglob("*") if path.is_file())
    return {path.relative_to(home.folder).as_posix() for path in files}


def typed(home: Home, words: str, *answers: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command on a terminal, and type the answers."""
    theirs, ours = pty.openpty()
    os.write(theirs, "".join(f"{answer}\n" for answer in answers).encode())
    with os.fdopen(theirs, "wb"), os.fdopen(ours, "rb") as stdin:
        return subprocess.run(
            home.command(*words.split()),
            stdin=stdin,
            capture_output=True,
            env=home.environment,
            check=False,
        )


def test_the_patterns_know_every_kind_of_file() -> None:
    names = [Path(name) for name in OURS]
    unknown = [file.names for file in WRITTEN if not any(each.match(file.names) for each in names)]
    assert unknown == ["oo-desktop.sock", "oo-desktop.lock"]


def test_with_nobody_to_ask_nothing_is_done(home: Home) -> None:
    before = left_of(home)
    said = home.say("reset")
    assert (said.code, said.out) == (2, "")
    assert "--yes" in said.err
    assert left_of(home) == before


@pytest.mark.parametrize("answer", ["", "yes", "no", "y"])
def test_whoever_does_not_type_the_word_keeps_everything(home: Home, answer: str) -> None:
    before = left_of(home)
    said = typed(home, "reset", answer)
    assert (said.returncode, said.stdout) == (1, b"")
    assert b"Nothing was changed." in said.stderr
    assert left_of(home) == before


def test_who_types_it_is_asked_for_the_settings_apart(home: Home) -> None:
    said = typed(home, "reset", SURE_WORD, "")
    assert said.returncode == 0
    assert left_of(home) == {"notes.txt", "config.toml", LOCK}
    assert f"Your settings stay: {home.folder}/config.toml.".encode() in said.stdout
    said = typed(home, "reset", SURE_WORD.upper(), SETTINGS_WORD)
    assert said.returncode == 0
    assert left_of(home) == {"notes.txt", LOCK}


def test_a_script_is_told_what_went_and_what_stays(home: Home) -> None:
    said = home.say("reset", "--yes", "--json")
    assert (said.code, said.err) == (0, "")
    answer = json.loads(said.out)
    assert (answer["accounts"], answer["remained"]) == ([], [])
    assert answer["kept"] == [str(home.folder / "config.toml")]
    assert str(home.folder / "oo.log") in answer["deleted"]
    assert answer["deleted"][-1].endswith("/autostart/oo-desktop.desktop")
    assert home.say("reset", "--yes", "--settings").code == 0
    assert left_of(home) == {"notes.txt", LOCK}


def test_a_file_that_cannot_be_deleted_is_named(home: Home) -> None:
    stubborn = home.folder / "oo.log.2"
    stubborn.mkdir()
    said = home.say("reset", "--yes")
    assert said.code == 1
    assert f"{stubborn} cannot be deleted: " in said.err


def test_the_one_that_runs_is_asked_to_quit_first(running: Home) -> None:
    said = running.say("reset", "--yes")
    assert (said.code, said.err) == (0, "")
    assert (running.folder / "ended").exists()
    assert running.say("status").code == 3


def test_its_own_empty_folders_go_and_no_other(tmp_path: Path) -> None:
    home = Home(tmp_path)
    del home.environment["OO_DESKTOP_HOME"]
    (tmp_path / "run").mkdir(mode=0o700)
    home.environment |= {
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
    }
    (tmp_path / "data" / "oo-desktop").mkdir(parents=True)
    (tmp_path / "data" / "oo-desktop" / "oo.log").touch()
    assert home.say("reset", "--yes").code == 0
    assert list((tmp_path / "data").iterdir()) == []
    assert list((tmp_path / "config").iterdir()) == []
