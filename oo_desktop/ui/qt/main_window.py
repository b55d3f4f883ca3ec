"""Shows oO in a window of its own: bars, a filter, the list, and how fresh it is.

An ordinary window of the platform's style, built when it is first opened. It draws `WindowView`s
and hands over what is asked of it, as the tray does; nothing of it is imported before.

Keys: typing filters, Ctrl+F goes to the filter; Up and Down move, Space marks as done and takes
that back, Enter opens, the menu key offers the rest; Ctrl+Z takes back the last click, F5
refreshes, Escape clears the filter and then closes. What is asked of several selected rows is asked
of each.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QColor,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QShortcut,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from oo_desktop.commands.commands import Add, Asker, Command, Execute, Refresh, Undo
from oo_desktop.errors import OoError
from oo_desktop.language import translated
from oo_desktop.model.signals import MAX_NEW_TASK
from oo_desktop.ui.qt.dialogs import announce, margins, wrapped
from oo_desktop.ui.qt.icons import app_icon
from oo_desktop.ui.qt.menu import RowMenu, command_of
from oo_desktop.ui.qt.motion import Motion
from oo_desktop.ui.qt.signal_list import SignalList, mixed
from oo_desktop.ui.view.rows import Row, RowId
from oo_desktop.ui.view.text import MenuChannel
from oo_desktop.ui.view.window import Bar, Placard, WindowView, words_of

MAX_QUERY = 200
"""Characters somebody may look for."""

USUAL_SIZE = (28, 40)
SMALLEST = (18, 18)
"""In heights of a line: of the window, unless somebody has chosen another."""

NOTICE_MS = 10_000
"""Milliseconds for which it is said in the window that something did not work."""


class WindowSize(NamedTuple):
    """Holds how large the window is, in pixels that no screen scales."""

    width: int
    height: int


class MainWindow(QMainWindow):  # which screen readers hear as a window; a plain widget they do not
    """Shows what needs the user, and hands over what they ask for.

    execute: carries that out.
    size: how large it was when it was last closed; None: never.
    closed: called when it was closed, with how large it was.
    looked_at: called when it comes to the front: lists may be too old then.
    understand: says what is understood of a new task as it is typed.
    """

    def __init__(
        self,
        *,
        execute: Execute,
        size: WindowSize | None = None,
        closed: Callable[[WindowSize], object] = lambda _size: None,
        looked_at: Callable[[], object] = lambda: None,
        understand: Callable[[str], str] = lambda _text: "",
    ) -> None:
        super().__init__()
        self._execute = execute
        self._closed = closed
        self._looked_at = looked_at
        self._understand = understand
        self._view: WindowView | None = None
        self._focus_order: tuple[QWidget, ...] = ()
        self._motion = Motion(self)
        self.setWindowTitle("oO")
        self.setWindowIcon(app_icon())
        self._build()
        self._connect_keys()
        unit = self.fontMetrics().height()
        self.setMinimumSize(*(unit * each for each in SMALLEST))
        wanted = QSize(*size) if size else QSize(*(unit * each for each in USUAL_SIZE))
        frame = QSize(0, self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight))
        self.resize(wanted.boundedTo(self.screen().availableSize() - frame))

    # How it is made

    def _build(self) -> None:
        unit = self.fontMetrics().height()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(translated("Filter"))
        self.filter.setAccessibleName(translated("Filter"))
        self.filter.setMaxLength(MAX_QUERY)
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(lambda _text: self._show_rows(folds=False))
        self.filter.installEventFilter(self)
        self.add_field = QLineEdit()
        self.add_field.setPlaceholderText(translated("Add a task"))
        self.add_field.setAccessibleName(translated("Add a task"))
        self.add_field.setMaxLength(MAX_NEW_TASK)
        self.add_field.textChanged.connect(self._show_understood)
        self.add_field.returnPressed.connect(self._add)
        self.add_field.installEventFilter(self)
        self.understood = wrapped("")
        self.understood.setContentsMargins(unit, 0, unit, unit // 3)
        self.understood.hide()
        self.menu_button = QToolButton()
        self.menu_button.setText("☰")
        self.menu_button.setAutoRaise(True)
        self.menu_button.setAccessibleName(translated("Menu"))
        self.menu_button.setToolTip(translated("Accounts and more"))
        self.menu_button.clicked.connect(self._open_main_menu)
        self._top = QHBoxLayout()
        self._top.setSpacing(unit // 2)
        self._top.setContentsMargins(margins(unit * 3 // 4, unit * 2 // 3, unit // 2, unit // 3))
        self._top.addWidget(self.add_field, 3)
        self._top.addWidget(self.filter, 2)
        self._top.addStretch(0)
        self._top.addWidget(self.menu_button)
        self._bars = Bars(self._hand_over)
        self.list = SignalList(
            execute=self._click, open_menu=self._open_menu, animated=lambda: self._motion.allowed
        )
        self.list.typed.connect(self._type)
        self._placard = PlacardView(self._hand_over)
        self._nothing_found = PlacardView(self._hand_over)
        self._nothing_found.show_placard(_nothing_found())
        clear = QPushButton(translated("Clear the filter"))
        clear.clicked.connect(self.filter.clear)
        self._nothing_found.add(clear)
        self._body = QStackedWidget()
        for widget in (self.list, self._placard, self._nothing_found):
            self._body.addWidget(widget)
        self.fresh = wrapped("")
        self.refresh_button = QToolButton()
        self.refresh_button.setText(translated("Refresh"))
        self.refresh_button.setAutoRaise(True)
        self.refresh_button.setToolTip(translated("Ask all services now (F5)"))
        self.refresh_button.clicked.connect(lambda: self._hand_over(Refresh()))
        self._bottom = QWidget()
        bottom = QHBoxLayout(self._bottom)
        bottom.setContentsMargins(margins(unit * 9 // 10, unit // 4, unit // 2, unit // 3))
        bottom.addWidget(self.fresh, 1)
        bottom.addWidget(self.refresh_button)
        content = QWidget()
        self.setCentralWidget(content)
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._top)
        layout.addWidget(self.understood)
        layout.addWidget(self._bars)
        layout.addWidget(self._body, 1)
        layout.addWidget(self._bottom)
        self._menu = RowMenu(channel=MenuChannel.QT)
        self._menu.menu.triggered.connect(partial(_of_action, self._click))
        self._main_menu = RowMenu(channel=MenuChannel.QT)
        self._main_menu.menu.triggered.connect(partial(_of_action, self._hand_over))

    def _connect_keys(self) -> None:
        keys = {
            QKeySequence(QKeySequence.StandardKey.Find): self._go_to_filter,
            QKeySequence(QKeySequence.StandardKey.New): self.ask_to_add,
            QKeySequence(QKeySequence.StandardKey.Undo): lambda: self._click(Undo()),
            QKeySequence(QKeySequence.StandardKey.Refresh): self._refresh,
            QKeySequence(QKeySequence.StandardKey.Close): self.close,
            QKeySequence(Qt.Key.Key_Escape): self._escape,
        }
        for key, slot in keys.items():
            QShortcut(key, self).activated.connect(slot)

    # What it shows

    def show_view(self, view: WindowView) -> None:
        """Show `view`; the filter stays."""
        self._view = view
        self._bars.show_bars(view.bars)
        self.fresh.setText(view.fresh)
        self._bottom.setVisible(bool(view.fresh))
        self.refresh_button.setEnabled(view.can_refresh)
        self.refresh_button.setText(
            translated("Refresh") if view.can_refresh else translated("Refreshing…")
        )
        self.add_field.setVisible(view.can_add)
        self._show_filter()
        if view.placard is not None:
            self._placard.show_placard(view.placard)
        self._order_focus()
        self._show_rows()

    def bring_to_front(self) -> None:
        """Show it above other windows, as far as the desktop lets it."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()
        if not self.filter.hasFocus():
            self.list.setFocus()

    def ask_to_add(self) -> None:
        """Put the cursor in the field for a new task, where there is one."""
        self.add_field.setFocus()

    def say(self, sentence: str) -> None:
        """Say for a moment that something did not work."""
        self._bars.say(sentence)

    def _show_filter(self) -> None:
        """Show the filter where there is a list, but for what is typed beside it."""
        listed = self._view is not None and self._view.placard is None
        self.filter.setVisible(listed and not self.add_field.hasFocus())

    def _show_understood(self, text: str) -> None:
        sentence = self._understand(text) if text.strip() else ""
        self.understood.setText(sentence)
        self.understood.setVisible(bool(sentence))

    def _add(self) -> None:
        text = self.add_field.text().strip()
        if text:
            self._execute(Add(text), _Adding(self))

    def _order_focus(self) -> None:
        """Lead the Tab key from the top to the bottom: bars and their buttons come and go."""
        order = (
            *(self.add_field, self.filter, self.menu_button),
            *self._bars.buttons,
            *(self.list, *self._placard.buttons, self.refresh_button),
        )
        if order != self._focus_order:
            self._focus_order = order
            for before, after in pairwise(order):
                QWidget.setTabOrder(before, after)

    def _show_rows(self, *, folds: bool = True) -> None:
        view = self._view
        if view is None:
            return
        words = words_of(self.filter.text())
        rows = view.rows.matching(words) if view.placard is None else ()
        self.list.show_rows(rows, view.words, folds=folds)
        if view.placard is not None:
            self._body.setCurrentWidget(self._placard)
        elif words and not rows:
            self._body.setCurrentWidget(self._nothing_found)
        else:
            self._body.setCurrentWidget(self.list)

    # What is asked of it

    def _hand_over(self, command: Command) -> None:
        self._execute(command)

    def _click(self, command: Command) -> None:
        """What becomes of it shows in the list: no notification need tell of it."""
        self._execute(command, _InWindow(self))

    def _refresh(self) -> None:
        if self._view is not None and self._view.can_refresh:
            self._hand_over(Refresh())

    def _open_main_menu(self) -> None:
        if self._view is not None:
            where = self.menu_button.rect()
            corner = where.bottomRight() if self.isRightToLeft() else where.bottomLeft()
            self._main_menu.show(self._view.menu)
            self._pop_up(self._main_menu, self.menu_button.mapToGlobal(corner))

    def _open_menu(self, rows: Sequence[Row], at: QPoint) -> None:
        if rows:
            self._menu.show(tuple(rows))
            self._pop_up(self._menu, at)

    def _pop_up(self, menu: RowMenu, at: QPoint) -> None:
        """Open a menu so that the corner where its lines begin is there."""
        if self.isRightToLeft():
            at -= QPoint(menu.menu.sizeHint().width(), 0)
        menu.menu.popup(at)

    def _type(self, text: str) -> None:
        if self.filter.isVisible():
            self.filter.setFocus()
            self.filter.setText(self.filter.text() + text)

    def _go_to_filter(self) -> None:
        self.filter.setFocus()
        self.filter.selectAll()

    def _escape(self) -> None:
        if self.add_field.hasFocus():
            self.add_field.clear()
            self.list.setFocus()
        elif self.filter.text():
            self.filter.clear()
            self.list.setFocus()
        else:
            self.close()

    # Qt's own

    def eventFilter(self, watched: object, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Lead from the filter into the list, by Down and Enter, and make room for a new task."""
        if watched is self.add_field and event.type() in (
            QEvent.Type.FocusIn,
            QEvent.Type.FocusOut,
        ):
            QTimer.singleShot(0, self, self._show_filter)
        if watched is self.filter and event.type() is QEvent.Type.FocusIn and self._view:
            self._view.rows.prepare()
        if watched is self.filter and isinstance(event, QKeyEvent):
            keys = (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if event.type() is QEvent.Type.KeyPress and event.key() in keys:
                self.list.go_to_first()
                return True
        return False

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self._looked_at()
        super().changeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's name
        super().closeEvent(event)
        self._closed(WindowSize(self.width(), self.height()))


def _nothing_found() -> Placard:
    return Placard(
        title=translated("Nothing matches"),
        text=translated("The filter looks through titles, projects, calendars, labels and places."),
    )


class _InWindow(Asker):
    """Hears what becomes of a click in the window: what went wrong is said there."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    @property
    def gone(self) -> bool:
        return not (isValid(self._window) and self._window.isVisible())

    def failed(self, error: OoError) -> None:
        self._window.say(str(error))


class _Adding(_InWindow):
    """Hears what becomes of a new task: once it is kept, the field is free for the next."""

    def answered(self, _command: Command, _result: object) -> None:
        self._window.add_field.clear()


class Bars(QWidget):
    """Shows what there is to know above the list, each with what helps."""

    def __init__(self, hand_over: Callable[[Command], object]) -> None:
        super().__init__()
        self._hand_over = hand_over
        self._shown: tuple[Bar, ...] = ()
        self._views: dict[RowId, BarView] = {}
        self._notice = ""
        self._notice_end = QTimer(self)
        self._notice_end.setSingleShot(True)
        self._notice_end.setInterval(NOTICE_MS)
        self._notice_end.timeout.connect(lambda: self._set_notice(""))
        unit = self.fontMetrics().height()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(unit * 3 // 4, unit // 4, unit * 3 // 4, unit // 4)
        self._layout.setSpacing(unit // 3)
        self.hide()

    def show_bars(self, bars: tuple[Bar, ...]) -> None:
        """Show `bars`; one that says the same as before is left alone, with its focus."""
        self._shown = bars
        self._lay_out()

    @property
    def buttons(self) -> list[QPushButton]:
        """Return those of all bars, from the top."""
        return [button for view in self._views.values() for button in view.buttons]

    def say(self, sentence: str) -> None:
        """Show a sentence for a moment."""
        self._set_notice(sentence)
        self._notice_end.start()

    def _set_notice(self, sentence: str) -> None:
        self._notice = sentence
        self._lay_out()

    def _lay_out(self) -> None:
        bars = self._shown
        if self._notice:
            bars = (Bar(("notice",), self._notice), *bars)
        wanted = {bar.id: bar for bar in bars}
        for row_id in [each for each in self._views if each not in wanted]:
            self._discard(row_id)
        for place, (row_id, bar) in enumerate(wanted.items()):
            if (known := self._views.get(row_id)) is not None and known.bar != bar:
                self._discard(row_id)
            if row_id not in self._views:
                self._views[row_id] = BarView(bar, self._hand_over)
            self._layout.insertWidget(place, self._views[row_id])
        self._views = {row_id: self._views[row_id] for row_id in wanted}
        self.setVisible(bool(wanted))

    def _discard(self, row_id: RowId) -> None:
        view = self._views.pop(row_id)
        self._layout.removeWidget(view)
        view.hide()
        view.deleteLater()


class BarView(QWidget):
    """Shows one thing to know: a sentence, and buttons."""

    def __init__(self, bar: Bar, hand_over: Callable[[Command], object]) -> None:
        super().__init__()
        self.bar = bar
        unit = self.fontMetrics().height()
        self.label = wrapped(bar.text)
        self.buttons = [_button(row, hand_over) for row in bar.rows]
        row = QHBoxLayout()
        row.setSpacing(unit // 2)
        row.addStretch(1)
        for button in self.buttons:
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(margins(unit * 9 // 10, unit // 2, unit // 2, unit // 2))
        layout.setSpacing(unit // 3)
        layout.addWidget(self.label)
        if self.buttons:
            layout.addLayout(row)
        announce(self.label)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        """Draw a quiet ground; what needs the user has a line of another colour at its start."""
        palette, unit = self.palette(), self.fontMetrics().height()
        base = palette.color(QPalette.ColorRole.Window)
        text = palette.color(QPalette.ColorRole.WindowText)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(base, text, 0.06))
        painter.drawRoundedRect(self.rect(), unit / 3, unit / 3)
        width = max(3, unit // 5)
        edge = self.rect().adjusted(0, 0, width - self.width(), 0)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            edge.moveRight(self.rect().right())
        painter.setBrush(AMBER if self.bar.alarming else mixed(base, text, 0.3))
        painter.drawRoundedRect(edge.adjusted(0, unit // 3, 0, -unit // 3), width / 2, width / 2)
        painter.end()


AMBER = QColor("#d97706")


class PlacardView(QWidget):
    """Says what there is to say where there is no list, and offers what helps."""

    def __init__(self, hand_over: Callable[[Command], object]) -> None:
        super().__init__()
        self._hand_over = hand_over
        self._shown: Placard | None = None
        self.buttons: list[QPushButton] = []
        unit = self.fontMetrics().height()
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.picture.setPixmap(app_icon().pixmap(QSize(unit * 4, unit * 4)))
        self.title = wrapped("")
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.35)
        font.setBold(True)
        self.title.setFont(font)
        self.text = wrapped("")
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._buttons = QVBoxLayout()
        self._buttons.setSpacing(unit // 2)
        inner = QVBoxLayout()
        inner.setSpacing(unit * 2 // 3)
        inner.addStretch(2)
        inner.addWidget(self.picture)
        inner.addWidget(self.title)
        inner.addWidget(self.text)
        inner.addSpacing(unit // 2)
        inner.addLayout(self._buttons)
        inner.addStretch(3)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(unit * 2, unit, unit * 2, unit)
        layout.addLayout(inner)

    def show_placard(self, placard: Placard) -> None:
        """Show `placard`; an equal one does nothing."""
        if placard == self._shown:
            return
        self._shown = placard
        self.title.setText(placard.title)
        self.text.setText(placard.text)
        self.text.setVisible(bool(placard.text))
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons.clear()
        for row in placard.rows:
            self.add(_button(row, self._hand_over))
        if placard.more:
            self._buttons.addSpacing(self.fontMetrics().height() // 2)
        for row in placard.more:
            self.add(_link(row, self._hand_over))
        announce(self.title)

    def add(self, widget: QPushButton) -> None:
        """Offer one more thing."""
        self.buttons.append(widget)
        unit = self.fontMetrics().height()
        widget.setMinimumWidth(unit * 14)
        widget.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._buttons.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)


def _button(row: Row, hand_over: Callable[[Command], object]) -> QPushButton:
    button = QPushButton(row.text.replace("&", "&&"))
    button.setAutoDefault(True)
    button.setEnabled(row.enabled)
    if row.command is not None:
        button.clicked.connect(partial(_hand, hand_over, row.command))
    return button


def _link(row: Row, hand_over: Callable[[Command], object]) -> QPushButton:
    button = _button(row, hand_over)
    button.setFlat(True)
    return button


def _of_action(carry_out: Callable[[Command], object], action: QAction) -> None:
    if (command := command_of(action)) is not None:
        carry_out(command)


def _hand(hand_over: Callable[[Command], object], command: Command, *_: object) -> None:
    hand_over(command)
