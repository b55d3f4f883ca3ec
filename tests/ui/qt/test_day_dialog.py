"""A day is picked with few keys, and handed over once."""

from datetime import date

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QTableView
from pytestqt.qtbot import QtBot

from oo_desktop.ui.qt.day_dialog import DAYS_AHEAD, DayDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Moved = list[date]


def dialog_of(qtbot: QtBot, moved: Moved, count: int = 1) -> DayDialog:
    dialog = DayDialog(moved.append, count=count)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_the_day_that_is_chosen_is_handed_over_once(qtbot: QtBot) -> None:
    moved: Moved = []
    dialog = dialog_of(qtbot, moved)
    day = QDate.currentDate().addDays(12)
    dialog.calendar.setSelectedDate(day)
    dialog.accept()
    assert moved == [date(day.year(), day.month(), day.day())]
    assert not dialog.isVisible()


def test_the_keyboard_alone_is_enough(qtbot: QtBot) -> None:
    moved: Moved = []
    dialog = dialog_of(qtbot, moved)
    days = dialog.calendar.findChild(QTableView)
    assert isinstance(days, QTableView)
    QTest.keyClick(days, Qt.Key.Key_Right)
    QTest.keyClick(days, Qt.Key.Key_Return)
    day = QDate.currentDate().addDays(2)
    assert moved == [date(day.year(), day.month(), day.day())]


def test_whoever_cancels_moves_nothing(qtbot: QtBot) -> None:
    moved: Moved = []
    dialog = dialog_of(qtbot, moved)
    dialog.reject()
    assert moved == []


def test_no_day_is_offered_that_is_over_or_years_away(qtbot: QtBot) -> None:
    dialog = dialog_of(qtbot, [])
    calendar = dialog.calendar
    today = QDate.currentDate()
    assert (calendar.minimumDate(), calendar.maximumDate()) == (today, today.addDays(DAYS_AHEAD))


@pytest.mark.parametrize(("count", "words"), [(1, "Move the task to:"), (3, "Move 3 tasks to:")])
def test_it_says_how_many_are_moved(qtbot: QtBot, count: int, words: str) -> None:
    dialog = dialog_of(qtbot, [], count)
    assert words in [label.text() for label in dialog.findChildren(QLabel)]
