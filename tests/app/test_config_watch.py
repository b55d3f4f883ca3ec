"""Somebody saves config.toml, in whichever way, and it is heard; all else is not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from oo_desktop.app.config_watch import ConfigWatch

SETTLE = 20


class Heard:
    """Counts what is heard."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "config" / "config.toml"
    file.parent.mkdir()
    file.write_text("a = 1\n")
    return file


def replaced(file: Path) -> None:
    beside = file.with_name(".new")
    beside.write_text("a = 2222\n")
    beside.rename(file)


def moved_away_first(file: Path) -> None:
    file.rename(file.with_name("config.toml~"))
    file.write_text("a = 2222\n")


def in_place(file: Path) -> None:
    file.write_text("a = 2222\n")


def deleted(file: Path) -> None:
    file.unlink()


def folder_replaced(file: Path) -> None:
    file.parent.rename(file.parent.with_name("old"))
    file.parent.mkdir()
    file.write_text("a = 2222\n")


@pytest.mark.parametrize("change", [replaced, moved_away_first, in_place, deleted, folder_replaced])
def test_every_way_to_save_it_is_heard_twice_in_a_row(
    qtbot: QtBot, file: Path, change: Callable[[Path], None]
) -> None:
    heard = Heard()
    watch = ConfigWatch(file, heard, settle=SETTLE)
    change(file)
    qtbot.waitUntil(lambda: heard.times == 1)
    file.parent.mkdir(exist_ok=True)
    replaced(file)
    file.write_text("a = 33333\n")
    qtbot.waitUntil(lambda: heard.times == 2)
    assert watch.parent() is None


def test_a_file_that_comes_into_a_folder_that_was_not_there_is_heard(
    qtbot: QtBot, tmp_path: Path
) -> None:
    heard = Heard()
    file = tmp_path / "not" / "yet" / "config.toml"
    watch = ConfigWatch(file, heard, settle=SETTLE)
    file.parent.parent.mkdir()
    qtbot.wait(50)
    file.parent.mkdir()
    qtbot.wait(50)
    file.write_text("a = 1\n")
    qtbot.waitUntil(lambda: heard.times == 1)
    watch.look()
    assert heard.times == 1


def test_what_a_link_leads_to_is_heard(qtbot: QtBot, file: Path, tmp_path: Path) -> None:
    heard = Heard()
    link = tmp_path / "home" / "config.toml"
    link.parent.mkdir()
    link.symlink_to(file)
    watch = ConfigWatch(link, heard, settle=SETTLE)
    replaced(file)
    qtbot.waitUntil(lambda: heard.times == 1)
    in_place(file)
    watch.look()
    assert heard.times == 2


def test_other_files_of_the_folder_are_nothing_and_no_timer_runs(qtbot: QtBot, file: Path) -> None:
    heard = Heard()
    watch = ConfigWatch(file, heard, settle=SETTLE)
    file.with_name("oo.db").write_text("x")
    qtbot.wait(3 * SETTLE)
    assert heard.times == 0
    assert not watch._settled.isActive()


def test_what_changes_again_and_again_is_heard_once_it_stays(qtbot: QtBot, file: Path) -> None:
    heard = Heard()
    watch = ConfigWatch(file, heard, settle=150)
    for number in range(5):
        file.write_text(f"a = {10**number}\n")
        qtbot.wait(20)
    assert heard.times == 0
    qtbot.waitUntil(lambda: heard.times == 1)
    assert watch._stamp is not None


def test_what_nobody_tells_of_is_found_when_somebody_looks(file: Path, qtbot: QtBot) -> None:
    heard = Heard()
    watch = ConfigWatch(file, heard, settle=SETTLE)
    watch._watcher.removePaths([*watch._watcher.files(), *watch._watcher.directories()])
    in_place(file)
    os.utime(file, (1, 1))
    qtbot.wait(3 * SETTLE)
    assert heard.times == 0
    watch.look()
    assert heard.times == 1
