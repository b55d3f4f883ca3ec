"""The window is built when it is opened, drawn while it is, and given back later."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.app.window_life import WindowLife
from oo_desktop.commands.commands import Execute
from oo_desktop.model.state import AppState
from oo_desktop.testing import FakeClock
from tests.ui import scenes
from tests.ui.scenes import NOW

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


class World:
    def __init__(self, folder: Path, execute: Execute) -> None:
        self.state: AppState | None = scenes.full_day()
        self.closed = 0
        self.file = folder / "window.json"
        self.clock = FakeClock(now=NOW)
        self.life = self.another(execute)

    def another(self, execute: Execute) -> WindowLife:
        return WindowLife(
            agenda=Agenda(),
            clock=self.clock,
            state=lambda: self.state,
            execute=execute,
            file=self.file,
            looked_at=lambda: None,
            understand=lambda text: text,
            closed=self._closed,
            give_back=10,
        )

    def _closed(self) -> None:
        self.closed += 1


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path, execute: Execute) -> Iterator[World]:
    world = World(tmp_path, execute)
    yield world
    world.life.aclose()


def test_it_shows_what_there_is_as_soon_as_it_is_opened(world: World) -> None:
    window = world.life.open()
    assert world.life.is_open
    assert len(window.list._model.rows) > 10


def test_before_anything_is_known_it_says_that_oo_starts(world: World) -> None:
    world.state = None
    window = world.life.open()
    assert window._placard.title.text() == "Starting…"
    assert world.life.render() is None


def test_it_says_when_time_alone_changes_it(world: World) -> None:
    assert world.life.render() is None
    world.life.open()
    changes_at = world.life.render()
    assert changes_at is not None
    assert NOW < changes_at <= NOW + timedelta(minutes=1)


def test_opening_it_again_brings_the_same_to_the_front(world: World) -> None:
    assert world.life.open() is world.life.open()


def test_a_closed_one_is_given_back_and_only_after_a_while(world: World, qtbot: QtBot) -> None:
    window = world.life.open()
    with qtbot.waitSignal(window.destroyed):
        window.close()
        assert world.closed == 1
        assert world.life.render() is None, "nobody sees it"
        del window
    assert world.life.open().isVisible()


def test_one_that_is_opened_again_at_once_is_the_same(world: World, qtbot: QtBot) -> None:
    window = world.life.open()
    window.close()
    assert world.life.open() is window
    qtbot.wait(50)
    assert window.isVisible()


def test_its_size_is_kept(world: World, execute: Execute) -> None:
    assert not world.life.was_ever_open
    window = world.life.open()
    assert world.life.was_ever_open
    window.resize(700, 610)
    window.close()
    again = world.another(execute)
    assert (again.open().width(), again.open().height()) == (700, 610)
    again.aclose()


@pytest.mark.parametrize(
    "kept", ["", "{", '{"width": "large"}', '{"width": -3, "height": 9}', "[" * 5000]
)
def test_a_file_that_makes_no_sense_is_as_good_as_none(world: World, kept: str) -> None:
    world.file.write_text(kept)
    assert world.life.open().width() > 200


@pytest.mark.parametrize("width", [1, 90_000, 10**30])
def test_no_size_makes_it_smaller_than_it_can_be_or_larger_than_the_screen(
    world: World, width: int
) -> None:
    world.file.write_text(f'{{"width": {width}, "height": 3}}')
    window = world.life.open()
    assert window.width() >= window.minimumWidth()
    assert window.width() <= window.screen().size().width()


def test_where_its_size_cannot_be_kept_it_works_all_the_same(world: World) -> None:
    world.file.mkdir()
    window = world.life.open()
    window.close()
    assert world.closed == 1


def test_a_click_that_is_held_keeps_its_row(world: World) -> None:
    world.state = scenes.held_day()
    window = world.life.open()
    assert [row.id for row in window.list._model.rows] == [
        row.id for row in scenes.view_of(scenes.full_day()).rows.all
    ]


def test_nothing_of_it_is_imported_before() -> None:
    """Counted after what a running oO has imported."""
    late = ("ui.qt.main_window", "ui.qt.signal_list", "ui.qt.motion", "ui.qt.day_dialog",
            "ui.view.window", "agenda.timeline")  # fmt: skip
    code = (
        "import sys; import oo_desktop.app.main, oo_desktop.app.shell, oo_desktop.app.late_imports;"
        f"print([each for each in {late} if 'oo_desktop.' + each in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
