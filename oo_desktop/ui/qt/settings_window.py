"""Shows the accounts and the settings in one window; what is changed in it counts at once.

It shows a `SettingsView` and hands commands over, as the menu does. There is no OK: what a person
changes is written into config.toml, and what comes back from there is shown. What cannot be done is
said below, and the control is put back.

It is made when it is first opened, and given back when it is closed.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QLocale, QPoint, QRect, QSize, Qt, QTime, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QFont,
    QGuiApplication,
    QHideEvent,
    QIcon,
    QKeySequence,
    QPixmap,
    QShortcut,
    QValidator,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QStyle,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from oo_desktop.commands.commands import (
    Answering,
    Change,
    Command,
    CopyReport,
    Execute,
    ShowLog,
    StartAtLogin,
)
from oo_desktop.language import formats, in_context, plural, translated
from oo_desktop.model.settings import (
    DEFAULT,
    Kind,
    Setting,
    words_from_value,
)
from oo_desktop.ui.qt.dialogs import announce, margins, wrapped
from oo_desktop.ui.qt.icons import app_icon, row_icon
from oo_desktop.ui.qt.language import locale_of_fields
from oo_desktop.ui.view.icon import RowIcon
from oo_desktop.ui.view.settings import (
    GENERAL,
    NOTIFICATIONS,
    SHOWN,
    TITLES,
    AccountPart,
    Button,
    Choice,
    Fact,
    Group,
    Page,
    SettingsView,
    Tick,
    groups_of_services,
    is_quiet,
)
from oo_desktop.ui.view.text import whole_line

SETTLE_MS = 400
"""Milliseconds a number stands still before it counts: on its way to it others are passed."""

USUAL_QUIET = ("22:00", "07:00")
"""What is proposed to whoever wants quiet hours."""

_POINT = re.compile(r"(?<=\d)[.,]")

Changed = Callable[[str, str], object]
"""Called with a setting's name and what it is to be, in words."""


class SettingsWindow(QWidget):
    """Shows accounts, settings and diagnostics, a page each.

    execute: carries out what is clicked.
    settings: those there are.
    settle: milliseconds a number stands still before it counts.
    """

    closed = Signal()

    def __init__(
        self, *, execute: Execute, settings: Sequence[Setting], settle: int = SETTLE_MS
    ) -> None:
        super().__init__(None, Qt.WindowType.Window)
        named = {setting.name: setting for setting in settings}
        make = partial(_SettingsPage, named, self._change, settle=settle)
        self._execute = execute
        self._over = False
        self._view = SettingsView()
        self.setWindowTitle(translated("Settings"))
        self.setWindowIcon(app_icon())
        self.accounts = _AccountsPage(self._do)
        self.pages: dict[Page, _Page] = {
            Page.ACCOUNTS: self.accounts,
            Page.SHOWN: make((*SHOWN, *groups_of_services(settings))),
            Page.NOTIFICATIONS: make(NOTIFICATIONS),
            Page.GENERAL: _GeneralPage(make(GENERAL), self._do),
            Page.DIAGNOSTICS: _FactsPage(self._do),
        }
        self.mistakes = _Notice()
        self.said = _Notice()
        self.names = QListWidget()
        self.names.setAccessibleName(translated("Pages"))
        self.names.setFrameShape(QFrame.Shape.NoFrame)
        self._stack = QStackedWidget()
        for page, widget in self.pages.items():
            name = translated(TITLES[page])
            self.names.addItem(self._item(name))
            self._stack.addWidget(_scrolling(widget, name))
        self.names.currentRowChanged.connect(self._stack.setCurrentIndex)
        self.names.setCurrentRow(0)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self, self.close)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        self._lay_out()

    @property
    def page(self) -> Page:
        """Return the page that is seen."""
        return list(self.pages)[self.names.currentRow()]

    def show_page(self, page: Page) -> None:
        """Turn to that page."""
        self.names.setCurrentRow(list(self.pages).index(page))

    def show_view(self, view: SettingsView) -> None:
        """Show `view`; what a person is just typing stays."""
        self._view = view
        self.mistakes.say("\n".join(view.mistakes))
        for page in self.pages.values():
            page.show_view(view)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's name
        super().closeEvent(event)
        self._over = True
        self.closed.emit()

    def _item(self, name: str) -> QListWidgetItem:
        metrics = self.fontMetrics()
        em = metrics.height()
        item = QListWidgetItem(name)
        item.setSizeHint(QSize(metrics.horizontalAdvance(name) + 2 * em, 2 * em))
        room = QPixmap(em // 2, 1)  # before the name, which some styles begin at the very edge
        room.fill(Qt.GlobalColor.transparent)
        icon = QIcon(room)
        icon.addPixmap(room, QIcon.Mode.Selected)  # else it is tinted, and seen
        item.setIcon(icon)
        return item

    def _lay_out(self) -> None:
        em = self.fontMetrics().height()
        width = self.names.sizeHintForColumn(0)
        self.names.setFixedWidth(width)
        self.names.setIconSize(QSize(em // 2, 1))
        right = QVBoxLayout()
        right.setSpacing(0)
        right.setContentsMargins(0, 0, 0, 0)
        for widget in (self.mistakes, self._stack, self.said):
            right.addWidget(widget)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.names)
        layout.addLayout(right, 1)
        wanted = QSize(width + 36 * em, 30 * em)
        self.resize(wanted.boundedTo(self.screen().availableSize() * 0.9))

    def _change(self, name: str, words: str) -> None:
        self._do(Change(name, words))

    def _do(self, command: Command) -> None:
        self._execute(command, Answering(self._answered, lambda: self._over))

    def _answered(self, problem: str | None) -> None:
        """Say what went wrong, and show what counts all the same."""
        self.said.say(problem or "")
        if problem:
            announce(self.said.label)
            self.show_view(self._view)


class _Page(QWidget):
    """One page. Its layout is a column of groups."""

    def __init__(self) -> None:
        super().__init__()
        em = self.fontMetrics().height()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(em, em, em, em)
        self.column.setSpacing(em // 2)

    def show_view(self, view: SettingsView) -> None:
        raise NotImplementedError


def _scrolling(page: QWidget, name: str) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setAccessibleName(name)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def _heading(text: str) -> QLabel:
    label = wrapped(text)
    font = QFont(label.font())
    font.setBold(True)
    label.setFont(font)
    return label


class _Notice(QFrame):
    """A sentence with a sign before it; takes no room without one."""

    def __init__(self) -> None:
        super().__init__()
        em = self.fontMetrics().height()
        self.label = wrapped("")
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        sign = QLabel()
        sign.setPixmap(row_icon(RowIcon.ATTENTION).pixmap(QSize(em, em), self.devicePixelRatioF()))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(em, em // 2, em, em // 2)
        layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.label, 1)
        self.hide()

    def say(self, words: str) -> None:
        self.label.setText(words)
        self.setVisible(bool(words))


# Settings


class _SettingsPage(_Page):
    """Groups of settings."""

    def __init__(
        self,
        named: Mapping[str, Setting],
        changed: Changed,
        groups: Sequence[Group],
        *,
        settle: int,
    ) -> None:
        super().__init__()
        self.controls: dict[str, _Control] = {}
        for number, group in enumerate(groups):
            if number:
                self.column.addSpacing(self.fontMetrics().height() // 2)
            self.column.addWidget(_heading(translated(group.heading)))
            settings = [named[name] for name in group.names]
            if settings[0].kind is Kind.TIME:
                control: _Control = _QuietHours(settings, changed)
                self.column.addWidget(control)
                self.controls[settings[0].name] = control
                continue
            form: QFormLayout | None = None
            for setting in settings:
                control = _control(setting, changed, settle=settle)
                self.controls[setting.name] = control
                if setting.kind is Kind.SWITCH:
                    form = None
                    self.column.addWidget(control)
                elif setting.kind is Kind.TEXT:
                    label = wrapped(translated(setting.label))
                    label.setBuddy(control.focus)
                    self.column.addWidget(label)
                    self.column.addWidget(control)
                else:
                    if form is None:
                        form = QFormLayout()
                        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
                        form.setFieldGrowthPolicy(
                            QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint
                        )
                        self.column.addLayout(form)
                    label = QLabel(translated(setting.label))
                    label.setBuddy(control.focus)
                    form.addRow(label, control)
        self.column.addStretch()

    def show_view(self, view: SettingsView) -> None:
        for control in self.controls.values():
            control.show_view(view)


class _GeneralPage(_Page):
    """The settings, and starting with the session, which is the desktop's to know."""

    def __init__(self, settings: _SettingsPage, do: Callable[[Command], object]) -> None:
        super().__init__()
        self.settings = settings
        self.controls = settings.controls
        self.start = QCheckBox(translated("Start oO when you log in"))
        self.start.clicked.connect(lambda on: do(StartAtLogin(on)))
        margins = self.column.contentsMargins()
        self.column.setContentsMargins(0, 0, 0, 0)
        settings.column.insertWidget(0, self.start)
        settings.column.insertSpacing(1, self.fontMetrics().height() // 2)
        self.column.addWidget(settings)
        settings.column.setContentsMargins(margins)

    def show_view(self, view: SettingsView) -> None:
        self.settings.show_view(view)
        self.start.setVisible(view.starts_at_login is not None)
        self.start.setChecked(bool(view.starts_at_login))


class _Control(QWidget):
    """Shows one setting, and lets it be changed.

    focus: what a label before it leads to.
    """

    focus: QWidget

    def __init__(self) -> None:
        super().__init__()
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)

    def show_view(self, view: SettingsView) -> None:
        raise NotImplementedError


def _control(setting: Setting, changed: Changed, *, settle: int) -> _Control:
    match setting.kind:
        case Kind.SWITCH:
            return _Switch(setting, changed)
        case Kind.NUMBER | Kind.WHOLE:
            return _Number(setting, changed, settle=settle)
        case Kind.ACCOUNT:
            return _Choice(setting, changed, lambda view: view.accounts_for_tasks)
        case Kind.LIST:
            return _Choice(setting, changed, lambda view: view.lists_for_tasks)
        case Kind.CHOICE:
            choices = tuple(Choice(value, translated(text)) for value, text in setting.choices)
            return _Choice(setting, changed, lambda _view: choices)
        case _:
            return _Text(setting, changed)


class _Switch(_Control):
    def __init__(self, setting: Setting, changed: Changed) -> None:
        super().__init__()
        self._name = setting.name
        self.box = QCheckBox(translated(setting.label))
        self.box.setAccessibleDescription(translated(setting.meaning))
        self.box.clicked.connect(lambda on: changed(setting.name, words_from_value(bool(on))))
        self.focus = self.box
        self.row.addWidget(self.box)

    def show_view(self, view: SettingsView) -> None:
        self.box.setChecked(view.values.get(self._name) is True)


class _Number(_Control):
    def __init__(self, setting: Setting, changed: Changed, *, settle: int) -> None:
        super().__init__()
        self._setting = setting
        self._changed = changed
        self.box = _NumberBox(setting)
        self.focus = self.box
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(settle)
        self._settled.timeout.connect(self._tell)
        self.box.valueChanged.connect(lambda _value: self._settled.start())
        self.row.addWidget(self.box)

    def show_view(self, view: SettingsView) -> None:
        value = view.values.get(self._setting.name)
        if self._settled.isActive() or not isinstance(value, int | float):
            return
        self.box.blockSignals(True)
        self.box.setValue(value)
        self.box.blockSignals(False)
        self.box.count()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  # Qt's name
        """Wait no longer: the window may be closing."""
        self.box.interpretText()  # what is typed counts as well
        if self._settled.isActive():
            self._settled.stop()
            self._tell()
        super().hideEvent(event)

    def _tell(self) -> None:
        self._changed(self._setting.name, f"{self.box.value():g}")


class _NumberBox(QDoubleSpinBox):
    """A number with what it counts: `1 day`, `2 days`."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._unit = setting.unit or ("", "")
        locale = locale_of_fields()
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
        self.setLocale(locale)
        self.setDecimals(0 if setting.kind is Kind.WHOLE else 1)
        self.setRange(setting.least, setting.most)
        self.setSpecialValueText(translated(setting.least_words))
        self.setKeyboardTracking(False)
        self.setAccessibleName(translated(setting.label))
        self.setAccessibleDescription(translated(setting.meaning))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a wheel over it scrolls the page
        self.valueChanged.connect(self.count)
        self.setValue(setting.most)
        self.setMinimumWidth(self.sizeHint().width() + self.fontMetrics().height())

    def count(self) -> None:
        """Say what is counted, of one or of several."""
        value = self.value()
        count = int(value) if value.is_integer() else math.ceil(value) + 1  # never as one is
        self.setSuffix(f" {plural(*self._unit, count)}")

    def textFromValue(self, value: float) -> str:  # noqa: N802  # Qt's name
        return self.locale().toString(value, "f", 0 if value.is_integer() else 1)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Take a full stop and a comma both for the decimal point: none stands between thousands.

        Else `1.5` would be fifteen where people write `1,5`.
        """
        point = self.locale().decimalPoint()
        return super().validate(_POINT.sub(point, text, count=1), position)


class _Text(_Control):
    """A line of text, and a button that puts the usual one back."""

    def __init__(self, setting: Setting, changed: Changed) -> None:
        super().__init__()
        self._setting = setting
        self.field = QLineEdit()
        self.field.setMaxLength(setting.most)
        self.field.setAccessibleName(translated(setting.label))
        self.field.editingFinished.connect(self._finished)
        self.usual = QPushButton(translated("Put the usual one back"))
        self.usual.setAutoDefault(False)
        self.usual.clicked.connect(lambda: changed(setting.name, DEFAULT))
        self._changed = changed
        self.focus = self.field
        box = QVBoxLayout()
        box.addWidget(self.field)
        box.addWidget(self.usual, 0, Qt.AlignmentFlag.AlignLeading)
        self.row.addLayout(box)

    def show_view(self, view: SettingsView) -> None:
        value = str(view.values.get(self._setting.name, ""))
        self.usual.setEnabled(value != self._setting.default)
        if self.field.hasFocus() and self.field.isModified():
            return
        if value != self.field.text():
            self.field.setText(value)
            self.field.setCursorPosition(0)
        self.field.setModified(False)

    def _finished(self) -> None:
        if self.field.isModified():
            self.field.setModified(False)
            self._changed(self._setting.name, self.field.text())


class _Choice(_Control):
    """One of several.

    choices: those of a view.
    """

    def __init__(
        self,
        setting: Setting,
        changed: Changed,
        choices: Callable[[SettingsView], tuple[Choice, ...]],
    ) -> None:
        super().__init__()
        self._name = setting.name
        self._choices_of = choices
        self._choices: tuple[Choice, ...] = ()
        self.box = QComboBox()
        self.box.setAccessibleName(translated(setting.label))
        self.box.setAccessibleDescription(translated(setting.meaning))
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.box.activated.connect(lambda at: changed(setting.name, self._choices[at].value))
        self.focus = self.box
        self.row.addWidget(self.box)

    def show_view(self, view: SettingsView) -> None:
        if (choices := self._choices_of(view)) != self._choices:
            self._choices = choices
            self.box.clear()
            self.box.addItems([choice.text for choice in self._choices])
        values = [choice.value for choice in self._choices]
        chosen = view.values.get(self._name)
        if chosen in values:
            self.box.setCurrentIndex(values.index(str(chosen)))


class _QuietHours(_Control):
    """From when to when nothing interrupts, or never. `settings`: those two."""

    def __init__(self, settings: Sequence[Setting], changed: Changed) -> None:
        super().__init__()
        self._changed = changed
        self._settings = tuple(settings)
        # Translators: before two times with “to” between them
        self.box = QCheckBox(translated("No notifications from"))
        self.box.clicked.connect(self._switched)
        self.focus = self.box
        self.times = tuple(map(self._time, settings))
        to = QLabel(in_context("between two times", "to"))
        for widget in (self.box, self.times[0], to, self.times[1]):
            self.row.addWidget(widget)
        self.row.addStretch()

    def show_view(self, view: SettingsView) -> None:
        quiet = is_quiet(view.values)
        self.box.setChecked(quiet)
        for setting, time, usual in zip(self._settings, self.times, USUAL_QUIET, strict=True):
            time.setEnabled(quiet)
            if not time.hasFocus():
                value = str(view.values.get(setting.name)) if quiet else usual
                time.setTime(QTime.fromString(value, "HH:mm"))

    def _time(self, setting: Setting) -> QTimeEdit:
        time = QTimeEdit()
        time.setLocale(locale_of_fields())
        # From right to left Qt 6.11.3 puts minutes before hours (findings/times-from-the-right.sh).
        time.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        time.setDisplayFormat("h:mm AP" if formats().hours_12 else "HH:mm")
        time.setAccessibleName(translated(setting.label))
        time.editingFinished.connect(
            lambda: self._changed(setting.name, time.time().toString("HH:mm"))
        )
        return time

    def _switched(self, on: bool) -> None:
        for setting, time in zip(self._settings, USUAL_QUIET, strict=True):
            self._changed(setting.name, time if on else DEFAULT)


# Accounts


class _AccountsPage(_Page):
    """What is connected, each with its calendars, and what can be."""

    def __init__(self, do: Callable[[Command], object]) -> None:
        super().__init__()
        self._do = do
        self._shape: object = None
        self.parts: list[_Account] = []
        self.connect_buttons: list[_CommandButton] = []

    def show_view(self, view: SettingsView) -> None:
        shape = (
            [_shape_of(part) for part in view.accounts],
            [button.id for button in view.connect],
        )
        if shape != self._shape:
            self._shape = shape
            self._build(view)
        for mine, part in zip(self.parts, view.accounts, strict=True):
            mine.show_part(part)
        for mine_, button in zip(self.connect_buttons, view.connect, strict=True):
            mine_.show_button(button)

    def _build(self, view: SettingsView) -> None:
        _clear(self.column)
        em = self.fontMetrics().height()
        self.parts = [_Account(part, self._do) for part in view.accounts]
        for part in self.parts:
            self.column.addWidget(part)
            self.column.addSpacing(em // 2)
        if not self.parts:
            self.column.addWidget(
                wrapped(
                    translated(
                        "Nothing is connected yet. Choose what oO shows you; it takes a minute."
                    )
                )
            )
            self.column.addSpacing(em // 2)
        self.column.addWidget(_heading(translated("Connect")))
        self.connect_buttons = [_CommandButton(self._do) for _ in view.connect]
        for button in self.connect_buttons:
            self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading)
        self.column.addStretch()


def _shape_of(part: AccountPart) -> object:
    """What needs other widgets when it changes; texts do not."""
    return (
        part.id,
        len(part.lines),
        part.needs_user,
        [button.id for button in part.buttons],
        [tick.id for tick in part.calendars],
        bool(part.beyond),
    )


def _clear(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            _clear(inner)


class _Account(QFrame):
    """One account, with all it offers."""

    def __init__(self, part: AccountPart, do: Callable[[Command], object]) -> None:
        super().__init__()
        em = self.fontMetrics().height()
        self._title = _heading("")
        self._lines = [wrapped("") for _ in part.lines]
        self.buttons = [_CommandButton(do) for _ in part.buttons]
        self.ticks = [_CommandTick(do) for _ in part.calendars]
        self._beyond = wrapped("")
        title = QHBoxLayout()
        if part.needs_user:
            sign = QLabel()
            icon = row_icon(RowIcon.ATTENTION)
            sign.setPixmap(icon.pixmap(QSize(em, em), self.devicePixelRatioF()))
            title.addWidget(sign)
        title.addWidget(self._title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(em // 3)
        column.addLayout(title)
        for line in self._lines:
            column.addWidget(line)
        if self.ticks:
            column.addWidget(QLabel(translated("Calendars:")))
        calendars = QVBoxLayout()
        calendars.setContentsMargins(margins(em, 0, 0, 0))
        calendars.setSpacing(em // 4)
        for tick in self.ticks:
            calendars.addWidget(tick)
        if part.beyond:
            calendars.addWidget(self._beyond)
        column.addLayout(calendars)
        flow = _Flow(em // 3)
        for button in self.buttons:
            flow.addWidget(button)
        column.addLayout(flow)

    def show_part(self, part: AccountPart) -> None:
        self._title.setText(part.title)
        self._beyond.setText(part.beyond)
        for line, text in zip(self._lines, part.lines, strict=True):
            line.setText(text)
        for mine, button in zip(self.buttons, part.buttons, strict=True):
            mine.show_button(button)
        for tick, calendar in zip(self.ticks, part.calendars, strict=True):
            tick.show_tick(calendar)


class _Flow(QLayout):
    """Puts one after the other, in as many rows as it takes."""

    def __init__(self, gap: int) -> None:
        super().__init__()
        self._gap = gap
        self._items: list[QLayoutItem] = []

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802  # Qt's name
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802  # Qt's name; it asks beyond the last
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802  # as above
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802  # Qt's name
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802  # Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802  # Qt's name
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802  # Qt's name
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return self.minimumSize()

    def minimumSize(self) -> QSize:  # noqa: N802  # Qt's name
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        """Returns the height. Mirrored where text runs from right to left."""
        direction = QGuiApplication.layoutDirection()
        left, top, row = 0, 0, 0
        for item in self._items:
            size = item.sizeHint()
            if left and left + size.width() > rect.width():
                left, top, row = 0, top + row + self._gap, 0
            if move:
                place = QRect(rect.topLeft() + QPoint(left, top), size)
                item.setGeometry(QStyle.visualRect(direction, rect, place))
            left += size.width() + self._gap
            row = max(row, size.height())
        return top + row


class _CommandButton(QPushButton):
    def __init__(self, do: Callable[[Command], object]) -> None:
        super().__init__()
        self._do = do
        self._command: Command | None = None
        self.setAutoDefault(False)
        self.setIcon(QIcon())
        self.clicked.connect(self._clicked)

    def show_button(self, button: Button) -> None:
        self._command = button.command
        self.setText(button.text.replace("&", "&&"))
        self.setAccessibleName(button.text)

    def _clicked(self) -> None:
        if self._command is not None:
            self._do(self._command)


class _CommandTick(QCheckBox):
    def __init__(self, do: Callable[[Command], object]) -> None:
        super().__init__()
        self._do = do
        self._command: Command | None = None
        self.clicked.connect(self._clicked)

    def show_tick(self, tick: Tick) -> None:
        self._command = tick.command
        text = f"{tick.text} · {tick.note}" if tick.note else tick.text
        self.setText(whole_line(text).replace("&", "&&"))
        self.setAccessibleName(text)
        self.setChecked(tick.on)

    def _clicked(self) -> None:
        if self._command is not None:
            self._do(self._command)


# Diagnostics


class _FactsPage(_Page):
    """What is known of oO, to be read and copied."""

    def __init__(self, do: Callable[[Command], object]) -> None:
        super().__init__()
        self._facts: tuple[Fact, ...] = ()
        self.column.addWidget(_heading(translated("How oO is doing")))
        self._form = QFormLayout()
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(self._form)
        self.column.addSpacing(self.fontMetrics().height() // 2)
        self.copy_report = QPushButton(translated("Copy a report for finding faults"))
        self.copy_report.clicked.connect(lambda: do(CopyReport()))
        self.show_log = QPushButton(translated("Show the log"))
        self.show_log.clicked.connect(lambda: do(ShowLog()))
        buttons = QHBoxLayout()
        for button in (self.copy_report, self.show_log):
            buttons.addWidget(button)
        buttons.addStretch()
        self.column.addLayout(buttons)
        self.column.addStretch()
        self.values: list[QLabel] = []

    def show_view(self, view: SettingsView) -> None:
        if [fact.name for fact in view.facts] != [fact.name for fact in self._facts]:
            self._build(view.facts)
        for label, fact in zip(self.values, view.facts, strict=True):
            if label.text() != fact.value:
                label.setText(fact.value)
                label.setAccessibleName(f"{fact.name}: {fact.value}")
        self._facts = view.facts

    def _build(self, facts: Sequence[Fact]) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        self.values = []
        for fact in facts:
            name = QLabel(fact.name)
            name.setTextFormat(Qt.TextFormat.PlainText)
            name.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop)
            value = (
                QLabel()
            )  # not `Label`: what is copied from it has nothing in it that is not seen
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setWordWrap(True)
            value.setAlignment(_begin())
            value.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse
                | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            value.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            self._form.addRow(name, value)
            self.values.append(value)


def _begin() -> Qt.AlignmentFlag:
    """Where lines begin, whatever is in them."""
    mirrored = QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    side = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignAbsolute
