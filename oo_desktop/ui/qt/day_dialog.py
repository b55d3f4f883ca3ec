"""Asks for a day."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QCalendarWidget, QDialog, QDialogButtonBox, QVBoxLayout

from oo_desktop.language import plural, translated
from oo_desktop.ui.qt.dialogs import wrapped
from oo_desktop.ui.qt.icons import app_icon

DAYS_AHEAD = 730
"""How far ahead a task can be moved here."""


class DayDialog(QDialog):
    """Asks to which day to move tasks; a double click on one is enough.

    move: called with the day. count: how many tasks are moved.
    """

    def __init__(self, move: Callable[[date], object], *, count: int) -> None:
        super().__init__()
        self._move = move
        self.setWindowTitle(translated("Pick a date"))
        self.setWindowIcon(app_icon())
        text = translated("Move the task to:")
        if count > 1:
            text = plural("Move {count} task to:", "Move {count} tasks to:", count)
        self.calendar = QCalendarWidget()
        self.calendar.setAccessibleName(translated("Date"))
        today = QDate.currentDate()
        self.calendar.setDateRange(today, today.addDays(DAYS_AHEAD))
        self.calendar.setSelectedDate(today.addDays(1))
        header = QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader
        self.calendar.setVerticalHeaderFormat(header)
        self.calendar.activated.connect(self.accept)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        # Translators: a button: moves tasks to the day chosen
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText(translated("Move"))
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(translated("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        unit = self.fontMetrics().height()
        layout.setContentsMargins(unit, unit, unit, unit * 3 // 4)
        layout.setSpacing(unit * 2 // 3)
        for widget in (wrapped(text), self.calendar, buttons):
            layout.addWidget(widget)
        self.calendar.setFocus()

    def accept(self, *_: object) -> None:
        day = self.calendar.selectedDate()
        super().accept()
        self._move(date(day.year(), day.month(), day.day()))
