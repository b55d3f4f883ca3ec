"""The window: what each key and button leads to, and what it says meanwhile."""

from collections.abc import Iterator

import pytest
from msgspec import structs
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from oo_desktop.commands.commands import (
    Add,
    Asker,
    Command,
    Connect,
    Discard,
    Done,
    Quit,
    Reconnect,
    Refresh,
    Undo,
    Unlock,
)
from oo_desktop.errors import Rejected
from oo_desktop.model.signals import Adding
from oo_desktop.model.state import AppState
from oo_desktop.ui.qt.main_window import BarView, MainWindow, WindowSize
from oo_desktop.ui.qt.signal_list import SignalList
from oo_desktop.ui.view.window import EntryRow
from tests.ui import scenes
from tests.ui.pictures import dark_palette
from tests.ui.scenes import ADA, SCENES, TASKS, account, full_day, taking_tasks, view_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


class Opened:
    """A window, and what was asked in it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.asked: list[tuple[Command, Asker | None]] = []
        self.closed: list[WindowSize] = []
        self.looked_at = 0
        self.window = MainWindow(
            execute=lambda command, asker=None: self.asked.append((command, asker)),
            size=WindowSize(460, 700),
            closed=self.closed.append,
            looked_at=self._look,
            understand=lambda text: f"Understood: {text}",
        )
        qtbot.addWidget(self.window)

    def _look(self) -> None:
        self.looked_at += 1

    def show(self, shown: AppState | None) -> None:
        self.window.show_view(view_of(shown))
        self.window.bring_to_front()
        QApplication.processEvents()

    @property
    def commands(self) -> list[Command]:
        return [command for command, _ in self.asked]

    def button(self, text: str) -> QPushButton:
        return next(
            button
            for button in self.window.findChildren(QPushButton)
            if button.text() == text and button.isVisible()
        )

    def says(self) -> list[str]:
        labels = self.window.findChildren(QLabel)
        return [label.text() for label in labels if label.isVisible() and label.text()]

    def entries(self) -> list[EntryRow]:
        return [row for row in self.window.list._model.rows if isinstance(row, EntryRow)]

    def titles(self) -> list[str]:
        return [row.entry.signal.title for row in self.entries()]


@pytest.fixture
def opened(qtbot: QtBot) -> Opened:
    return Opened(qtbot)


def test_on_a_small_screen_there_is_room_for_its_title_bar(qtbot: QtBot) -> None:
    window = MainWindow(execute=lambda *_: None, size=WindowSize(9000, 9000))
    qtbot.addWidget(window)
    room = window.screen().availableSize()
    assert window.width() == room.width()
    assert room.height() // 2 < window.height() < room.height()


# What it says


@pytest.mark.parametrize("scene", SCENES)
def test_every_state_can_be_shown_after_every_other(opened: Opened, scene: str) -> None:
    for name in (scene, "day", scene):
        opened.show(SCENES[name])
    placard = view_of(SCENES[scene]).placard
    if placard is not None:
        assert placard.title in opened.says()
        assert not opened.window.list.isVisible()


def test_the_welcome_connects_at_one_press(opened: Opened) -> None:
    opened.show(scenes.NOBODY)
    opened.button("Connect Todoist…").click()
    assert opened.commands == [Connect(scenes.TODOIST)]


@pytest.mark.parametrize(
    ("shown", "text", "command"),
    [
        (scenes.troubled_day(), "Reconnect Todoist…", Reconnect(ADA)),
        (scenes.troubled_day(), "Forget", Discard(3)),
        (scenes.locked(), "Unlock…", Unlock()),
        (SCENES["unreached"], "Try again", Refresh()),
    ],
)
def test_what_helps_is_a_button_beside_what_is_wrong(
    opened: Opened, shown: AppState, text: str, command: Command
) -> None:
    opened.show(shown)
    opened.button(text).click()
    assert opened.commands == [command]


def test_a_bar_that_says_the_same_keeps_the_keyboard(opened: Opened) -> None:
    opened.show(scenes.troubled_day())
    button = opened.button("Reconnect Todoist…")
    button.setFocus()
    opened.show(scenes.troubled_day())
    assert opened.button("Reconnect Todoist…") is button


def test_a_bar_is_gone_with_what_it_told_of(opened: Opened) -> None:
    opened.show(scenes.troubled_day())
    assert len([bar for bar in opened.window.findChildren(BarView) if bar.isVisible()]) == 3
    opened.show(full_day())
    assert not [bar for bar in opened.window.findChildren(BarView) if bar.isVisible()]


def test_what_goes_wrong_with_a_click_is_said_in_the_window(qtbot: QtBot, opened: Opened) -> None:
    opened.show(full_day())
    QTest.keyClick(opened.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    ((command, asker),) = opened.asked
    assert command == Undo()
    assert asker is not None
    asker.failed(Rejected("There is nothing to undo."))
    assert "There is nothing to undo." in opened.says()
    opened.window._bars._notice_end.timeout.emit()
    assert "There is nothing to undo." not in opened.says()


# Keys


@pytest.mark.parametrize(
    ("key", "modifier", "command"),
    [
        (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier, Refresh()),
        (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier, Undo()),
    ],
)
def test_keys_ask(
    qtbot: QtBot, opened: Opened, key: Qt.Key, modifier: Qt.KeyboardModifier, command: Command
) -> None:
    opened.show(full_day())
    QTest.keyClick(opened.window, key, modifier)
    assert opened.commands == [command]


def test_while_it_refreshes_a_key_asks_for_nothing_more(qtbot: QtBot, opened: Opened) -> None:
    opened.show(full_day(refreshing=True))
    QTest.keyClick(opened.window, Qt.Key.Key_F5)
    assert opened.commands == []
    assert not opened.window.refresh_button.isEnabled()


def test_a_day_is_worked_by_the_keyboard_alone(qtbot: QtBot, opened: Opened) -> None:
    """Open, look for a task, mark it as done, clear the filter, close."""
    opened.show(full_day())
    QTest.keyClicks(opened.window.list, "a")
    QTest.keyClicks(opened.window.filter, "na")
    assert opened.window.filter.text() == "ana"
    assert opened.titles() == ["Call Ana"]
    QTest.keyClick(opened.window.filter, Qt.Key.Key_Down)
    QTest.keyClick(opened.window.list, Qt.Key.Key_Space)
    assert opened.commands == [Done(TASKS[2].key)]
    QTest.keyClick(opened.window, Qt.Key.Key_Escape)
    assert len(opened.titles()) == len(TASKS) + len(scenes.EVENTS)
    QTest.keyClick(opened.window, Qt.Key.Key_Escape)
    assert not opened.window.isVisible()


def test_ctrl_f_goes_to_the_filter_from_anywhere(qtbot: QtBot, opened: Opened) -> None:
    opened.show(full_day())
    QTest.keyClick(opened.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert opened.window.filter.hasFocus()


def test_where_nothing_matches_the_filter_is_cleared_by_a_button(
    qtbot: QtBot, opened: Opened
) -> None:
    opened.show(full_day())
    opened.window.filter.setText("nothing like it")
    assert "Nothing matches" in opened.says()
    opened.button("Clear the filter").click()
    assert opened.window.list.isVisible()


def test_the_filter_stays_when_a_new_list_comes(opened: Opened) -> None:
    opened.show(full_day())
    opened.window.filter.setText("call")
    opened.show(scenes.held_day())
    assert opened.titles() == ["Call Ana"]


# A new task


def test_what_is_typed_is_understood_and_added_at_enter(qtbot: QtBot, opened: Opened) -> None:
    opened.show(taking_tasks())
    QTest.keyClick(opened.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert opened.window.add_field.hasFocus()
    QTest.keyClicks(opened.window.add_field, "Bread tomorrow")
    assert "Understood: Bread tomorrow" in opened.says()
    QTest.keyClick(opened.window.add_field, Qt.Key.Key_Return)
    ((command, asker),) = opened.asked
    assert command == Add("Bread tomorrow")
    assert asker is not None
    asker.answered(command, None)
    assert opened.window.add_field.text() == ""
    assert not opened.window.understood.isVisible()


@pytest.mark.usefixtures("qtbot")
def test_once_it_is_closed_others_hear_the_end_of_what_was_asked_in_it() -> None:
    askers: list[Asker | None] = []
    window = MainWindow(execute=lambda _command, asker=None: askers.append(asker))
    window.show_view(view_of(taking_tasks()))
    window.show()
    window.add_field.setText("Bread")
    QTest.keyClick(window.add_field, Qt.Key.Key_Return)
    (asker,) = askers
    assert asker is not None
    assert not asker.gone
    window.close()
    assert asker.gone
    delete(window)
    assert asker.gone


def test_what_could_not_be_added_stays_to_be_mended(qtbot: QtBot, opened: Opened) -> None:
    opened.show(taking_tasks())
    opened.window.add_field.setText("Bread")
    QTest.keyClick(opened.window.add_field, Qt.Key.Key_Return)
    asker = opened.asked[0][1]
    assert asker is not None
    asker.failed(Rejected("There is no such list."))
    assert opened.window.add_field.text() == "Bread"
    assert "There is no such list." in opened.says()


def test_a_blank_text_adds_nothing(qtbot: QtBot, opened: Opened) -> None:
    opened.show(taking_tasks())
    opened.window.add_field.setText("  ")
    QTest.keyClick(opened.window.add_field, Qt.Key.Key_Return)
    assert opened.asked == []


def test_where_no_account_takes_tasks_there_is_no_field(opened: Opened) -> None:
    opened.show(full_day())
    assert not opened.window.add_field.isVisible()


# Closing


def test_closing_tells_how_large_it_was(qtbot: QtBot, opened: Opened) -> None:
    opened.show(full_day())
    opened.window.resize(QSize(600, 500))
    opened.window.close()
    assert opened.closed == [WindowSize(600, 500)]


def test_its_menu_ends_oo(opened: Opened) -> None:
    opened.show(full_day())
    opened.window.menu_button.click()
    opened.window._main_menu.action(("quit",)).trigger()
    opened.window._main_menu.menu.close()
    assert opened.asked == [(Quit(), None)], "and what comes of it is told as ever"


def test_what_a_row_offers_is_asked_and_told_in_the_window(opened: Opened) -> None:
    opened.show(full_day())
    opened.window._open_menu(opened.window._view.words.menu(opened.entries()[2:3]), QPoint())  # type: ignore[union-attr]  # it was shown
    opened.window._menu.action(("done",)).trigger()
    opened.window._menu.menu.close()
    ((command, asker),) = opened.asked
    assert command == Done(opened.entries()[2].entry.signal.key)
    assert asker is not None


# For everybody


def walk(widget: QWidget) -> Iterator[QWidget]:
    for child in widget.findChildren(QWidget):
        if child.isVisible() and child.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            yield child


@pytest.mark.parametrize("scene", ["day", "trouble", "welcome", "keyring"])
def test_everything_that_takes_the_keyboard_has_a_name(opened: Opened, scene: str) -> None:
    opened.show(SCENES[scene])
    named = QPushButton | QToolButton | SignalList
    interfaces = [
        QAccessible.queryAccessibleInterface(widget)
        for widget in walk(opened.window)
        if isinstance(widget, named) and not widget.objectName().startswith("qt_")
    ]
    assert interfaces
    assert all(each.text(QAccessible.Text.Name) for each in interfaces)


def test_the_keyboard_goes_from_the_top_to_the_bottom(opened: Opened) -> None:
    opened.show(
        structs.replace(
            scenes.troubled_day(),
            accounts=(account(ADA, "a", adding=Adding()), *scenes.troubled_day().accounts[1:]),
        )
    )
    order, widget = [], opened.window.nextInFocusChain()
    while widget is not None and widget is not opened.window:
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            order.append(widget.mapTo(opened.window, widget.rect().topLeft()))
        widget = widget.nextInFocusChain()
    rows = [place.y() for place in order]
    assert rows == sorted(rows)


def test_dark_and_light_are_followed_while_it_is_open(opened: Opened, qapp: QApplication) -> None:
    opened.show(full_day())

    def grab() -> QColor:
        return opened.window.list.grab().toImage().pixelColor(3, 300)

    before = qapp.palette()
    light = grab()
    try:
        qapp.setPalette(dark_palette())
        QApplication.processEvents()
        dark = grab()
    finally:
        qapp.setPalette(before)
    assert light.lightness() > 200
    assert dark.lightness() < 60


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_nothing_is_wider_than_the_window(
    opened: Opened, qapp: QApplication, direction: Qt.LayoutDirection
) -> None:
    opened.window.setLayoutDirection(direction)
    for scene in SCENES.values():
        opened.show(scene)
        opened.window.resize(opened.window.minimumSize())
        QApplication.processEvents()
        for widget in opened.window.findChildren(QPushButton):
            if widget.isVisible():
                place = widget.mapTo(opened.window, widget.rect().topLeft()).x()
                assert place >= 0
                assert place + widget.width() <= opened.window.width()


def menu_beside_its_button(opened: Opened) -> tuple[QRect, QRect]:
    """Where both are on the screen."""
    opened.show(full_day())
    opened.window.move(300, 40)
    button = opened.window.menu_button
    button.click()
    menu = opened.window._main_menu.menu
    found = menu.geometry()
    menu.close()
    return found, QRect(button.mapToGlobal(QPoint(0, 0)), button.size())


def test_its_menu_opens_where_lines_begin(opened: Opened) -> None:
    opened.window.resize(460, 400)
    menu, button = menu_beside_its_button(opened)
    assert menu.top() >= button.bottom()
    assert menu.left() <= button.left()


@pytest.mark.usefixtures("right_to_left")
def test_from_right_to_left_its_menu_ends_where_its_button_does(qtbot: QtBot) -> None:
    menu, button = menu_beside_its_button(Opened(qtbot))
    assert abs(menu.right() - button.right()) <= 1
    assert menu.top() >= button.bottom()


@pytest.mark.usefixtures("right_to_left")
def test_from_right_to_left_the_menu_button_is_at_the_left(qtbot: QtBot) -> None:
    opened = Opened(qtbot)
    opened.show(full_day())
    window = opened.window
    assert window.menu_button.geometry().right() < window.filter.geometry().left()
    assert window.filter.geometry().right() < window.width()
    assert window.refresh_button.geometry().right() < window.fresh.geometry().left()
