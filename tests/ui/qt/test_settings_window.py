"""The window of the settings: what is changed is handed over at once, and what counts is shown."""

import gettext
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec import structs
from PySide6.QtCore import QLocale, QPoint, Qt, QTime
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QTimeEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from oo_desktop import language
from oo_desktop.commands.commands import (
    Asker,
    Change,
    Command,
    Connect,
    CopyReport,
    Reconnect,
    ShowCalendar,
    ShowLog,
    StartAtLogin,
)
from oo_desktop.connectors.registry import CONNECTOR_SETTINGS
from oo_desktop.errors import ConfigError
from oo_desktop.language import Formats
from oo_desktop.model.settings import SETTINGS, CurrentSetting, Value
from oo_desktop.model.signals import AccountKey, Calendar, ProviderId, UserId
from oo_desktop.model.state import AccountState, AppState, Connection, TokenStatus
from oo_desktop.ui.qt.settings_window import (
    SettingsWindow,
    _CommandTick,
    _FactsPage,
    _GeneralPage,
    _QuietHours,
    _SettingsPage,
)
from oo_desktop.ui.view.settings import Fact, Page, SettingsView, Tick, settings_view
from tests.fixtures.services import SERVICES

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
GOOGLE = AccountKey(ProviderId("google_calendar"), UserId("ada"))
ALL = (*SETTINGS, *CONNECTOR_SETTINGS)


def view(*accounts: AccountState, mistakes: tuple[str, ...] = (), **values: Value) -> SettingsView:
    given = {name.replace("__", "."): value for name, value in values.items()}
    settings = [CurrentSetting(each, given.get(each.name, each.default)) for each in ALL]
    state = AppState(accounts=accounts, services=SERVICES, mistakes=mistakes)
    return settings_view(state, settings, now=NOW, zone=ZoneInfo("UTC"), starts_at_login=False)


class Window(SettingsWindow):
    """The window, and what it hands over."""

    def __init__(self) -> None:
        self.asked: list[Command] = []
        self.askers: list[Asker] = []
        super().__init__(execute=self._take, settings=ALL, settle=10)

    def _take(self, command: Command, asker: Asker | None = None) -> None:
        self.asked.append(command)
        if asker is not None:
            self.askers.append(asker)

    def control(self, page: Page, name: str) -> QWidget:
        shown = self.pages[page]
        assert isinstance(shown, _SettingsPage | _GeneralPage)
        return shown.controls[name].focus


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    window = Window()
    qtbot.addWidget(window)
    window.show_view(view())
    window.show()
    return window


def test_what_counts_is_shown(window: Window) -> None:
    window.show_view(
        view(show__all_day=False, google_calendar__days_ahead=3, todoist__filter="#Work")
    )
    assert not window.control(Page.SHOWN, "show.all_day").isChecked()  # type: ignore[attr-defined]  # a check box
    days = window.control(Page.SHOWN, "google_calendar.days_ahead")
    assert days.text() == "3 days"  # type: ignore[attr-defined]  # a spin box
    field = window.control(Page.SHOWN, "todoist.filter")
    assert field.text() == "#Work"  # type: ignore[attr-defined]  # a field
    assert window.asked == []


@pytest.mark.parametrize(("days", "words"), [(0, "today only"), (1, "1 day"), (2, "2 days")])
def test_a_number_says_what_it_counts(window: Window, days: int, words: str) -> None:
    window.show_view(view(ics__days_ahead=days))
    assert window.control(Page.SHOWN, "ics.days_ahead").text() == words  # type: ignore[attr-defined]  # a spin box


def test_a_switch_counts_at_once(window: Window) -> None:
    window.show_page(Page.GENERAL)
    box = window.control(Page.GENERAL, "hide_titles")
    assert isinstance(box, QAbstractButton)
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert window.asked == [Change("hide_titles", "on")]
    window.show_view(view(hide_titles=True))
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert window.asked[1:] == [Change("hide_titles", "off")]


def test_one_of_several_is_chosen_by_what_it_is_called(window: Window) -> None:
    window.show_page(Page.GENERAL)
    box = window.control(Page.GENERAL, "icon")
    assert isinstance(box, QComboBox)
    assert box.currentText() == "Seen on every panel"
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert window.asked == [Change("icon", "light")]


def test_a_number_counts_once_it_stands_still(window: Window, qtbot: QtBot) -> None:
    window.show_page(Page.GENERAL)
    box = window.control(Page.GENERAL, "undo_seconds")
    for _ in range(3):
        QTest.keyClick(box, Qt.Key.Key_Up)
        window.show_view(view())  # whatever comes meanwhile
    qtbot.waitUntil(lambda: window.asked == [Change("undo_seconds", "8")])


@pytest.mark.parametrize("typed", [False, True], ids=["stepped", "typed"])
def test_a_number_that_is_changed_last_counts_when_the_window_closes(
    window: Window, typed: bool
) -> None:
    window.show_page(Page.GENERAL)
    box = window.control(Page.GENERAL, "poll_interval")
    assert isinstance(box, QDoubleSpinBox)
    box.setFocus()
    if typed:
        box.selectAll()
        QTest.keyClicks(box, "121")
    else:
        QTest.keyClick(box, Qt.Key.Key_Up)
    window.close()
    assert window.asked == [Change("poll_interval", "121")]


def test_a_text_that_is_typed_last_counts_when_the_window_closes(window: Window) -> None:
    window.show_page(Page.SHOWN)
    field = window.control(Page.SHOWN, "todoist.filter")
    assert isinstance(field, QLineEdit)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "#Work")
    window.close()
    assert window.asked == [Change("todoist.filter", "#Work")]


def test_a_text_counts_when_it_is_finished_and_stays_while_it_is_typed(
    window: Window, qtbot: QtBot
) -> None:
    window.show_page(Page.SHOWN)
    field = window.control(Page.SHOWN, "todoist.filter")
    assert isinstance(field, QLineEdit)
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.selectAll()
    QTest.keyClicks(field, "p1")
    window.show_view(view())
    assert field.text() == "p1"
    assert window.asked == []
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.asked == [Change("todoist.filter", "p1")]


def test_the_usual_filter_comes_back(window: Window) -> None:
    page = window.pages[Page.SHOWN]
    assert isinstance(page, _SettingsPage)
    usual = page.controls["todoist.filter"].usual  # type: ignore[attr-defined]  # a text
    assert not usual.isEnabled()
    window.show_view(view(todoist__filter="#Work"))
    QTest.mouseClick(usual, Qt.MouseButton.LeftButton)
    assert window.asked == [Change("todoist.filter", "default")]


def test_quiet_hours_are_proposed_and_taken_back(window: Window) -> None:
    window.show_page(Page.NOTIFICATIONS)
    page = window.pages[Page.NOTIFICATIONS]
    assert isinstance(page, _SettingsPage)
    hours = page.controls["notifications.quiet_from"]
    assert isinstance(hours, _QuietHours)
    assert not hours.times[0].isEnabled()
    QTest.keyClick(hours.box, Qt.Key.Key_Space)
    assert window.asked == [
        Change("notifications.quiet_from", "22:00"),
        Change("notifications.quiet_until", "07:00"),
    ]
    window.show_view(view(notifications__quiet_from="22:00", notifications__quiet_until="07:00"))
    assert hours.times[1].isEnabled()
    QTest.keyClick(hours.box, Qt.Key.Key_Space)
    assert [each.value for each in window.asked[2:] if isinstance(each, Change)] == ["default"] * 2


def test_what_went_wrong_is_said_and_what_counts_is_shown_again(window: Window) -> None:
    window.show_page(Page.GENERAL)
    box = window.control(Page.GENERAL, "hide_titles")
    assert isinstance(box, QAbstractButton)
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert box.isChecked()
    window.askers[0].failed(ConfigError("config.toml has a mistake in it."))
    assert window.said.isVisible()
    assert window.said.label.text() == "config.toml has a mistake in it."
    assert not box.isChecked()
    window.askers[0].answered(window.asked[0], None)
    assert not window.said.isVisible()


def test_once_it_is_closed_others_hear_the_end_of_what_was_asked_in_it(window: Window) -> None:
    box = window.control(Page.GENERAL, "hide_titles")
    assert isinstance(box, QAbstractButton)
    box.click()
    (asker,) = window.askers
    assert not asker.gone
    window.close()
    assert asker.gone


def test_mistakes_stand_on_every_page(window: Window) -> None:
    assert not window.mistakes.isVisible()
    window.show_view(view(mistakes=("config.toml, line 1: a.", "config.toml, line 2: b.")))
    assert window.mistakes.isVisible()
    assert window.mistakes.label.text().count("\n") == 1


def test_where_new_tasks_go_is_chosen(window: Window) -> None:
    key = AccountKey(ProviderId("todoist"), UserId("7"))
    window.show_view(view(AccountState(key=key, label="ada")))
    window.show_page(Page.GENERAL)
    box = window.control(Page.GENERAL, "quick_add.account")
    assert isinstance(box, QComboBox)
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert window.asked == [Change("quick_add.account", "todoist:7")]


def test_the_report_is_copied_and_the_log_shown_from_the_diagnostics(window: Window) -> None:
    window.show_page(Page.DIAGNOSTICS)
    page = window.pages[Page.DIAGNOSTICS]
    for button in (page.copy_report, page.show_log):  # type: ignore[attr-defined]  # of that page
        QTest.keyClick(button, Qt.Key.Key_Space)
    assert window.asked == [CopyReport(), ShowLog()]


def test_starting_with_the_session_is_asked_of_the_desktop(window: Window) -> None:
    window.show_page(Page.GENERAL)
    start = window.pages[Page.GENERAL].start  # type: ignore[attr-defined]  # of that page
    QTest.keyClick(start, Qt.Key.Key_Space)
    assert window.asked == [StartAtLogin(on=True)]
    window.show_view(msgspec.structs.replace(view(), starts_at_login=None))
    assert not start.isVisible()


def google(*, refused: bool = False, shown: bool = True) -> AccountState:
    return AccountState(
        key=GOOGLE,
        label="ada@example.com",
        token_status=TokenStatus.NEEDS_RECONNECT if refused else TokenStatus.ACTIVE,
        connection=Connection.OK,
        last_success=NOW,
        calendars=(Calendar(id="c", name="R&D", shown=shown),),
    )


def test_accounts_are_connected_reconnected_and_their_calendars_chosen(window: Window) -> None:
    page = window.accounts
    QTest.mouseClick(page.connect_buttons[0], Qt.MouseButton.LeftButton)
    window.show_view(view(google(refused=True)))
    (part,) = page.parts
    (tick,) = part.ticks
    assert (tick.isChecked(), tick.text(), tick.accessibleName()) == (True, "R&&D", "R&D")
    QTest.mouseClick(part.buttons[0], Qt.MouseButton.LeftButton)
    QTest.keyClick(tick, Qt.Key.Key_Space)
    assert window.asked == [
        Connect(ProviderId("todoist")),
        Reconnect(GOOGLE),
        ShowCalendar("c", GOOGLE, shown=False),
    ]


def test_what_changes_of_an_account_leaves_its_widgets_where_they_are(window: Window) -> None:
    window.show_view(view(google()))
    (tick,) = window.accounts.parts[0].ticks
    window.show_view(view(google(shown=False)))
    assert window.accounts.parts[0].ticks == [tick]
    assert not tick.isChecked()
    window.show_view(view())
    assert window.accounts.parts == []


def test_escape_closes_it_and_that_is_told(window: Window, qtbot: QtBot) -> None:
    closed = QSignalSpy(window.closed)
    window.activateWindow()
    qtbot.waitActive(window)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
    assert closed.count() == 1


def test_everything_that_can_be_reached_by_keyboard_has_a_name(window: Window) -> None:
    window.show_view(view(google()))
    for widget in window.findChildren(QWidget):
        takes_focus = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        own = widget.objectName() != "qt_spinbox_lineedit"
        if takes_focus and own and isinstance(widget, QAbstractButton | QLineEdit | QComboBox):
            name = widget.accessibleName() or getattr(widget, "text", lambda: "")()
            assert name, widget


@pytest.mark.usefixtures("right_to_left")
def test_from_right_to_left_calendars_are_indented_from_the_right(qtbot: QtBot) -> None:
    window = Window()
    qtbot.addWidget(window)
    window.show_view(view(google()))
    window.show()
    (part,) = window.accounts.parts
    (tick,) = part.ticks
    assert part.rect().right() - tick.geometry().right() > part.fontMetrics().height() // 2
    assert tick.geometry().left() == part.rect().left()


@pytest.fixture
def twelve_hours(tmp_path: Path) -> Iterator[None]:
    language.use(language.ENGLISH, tmp_path, Formats(hours_12=True))
    yield
    language.use(language.ENGLISH, tmp_path, Formats())


@pytest.mark.usefixtures("twelve_hours")
def test_times_are_written_as_the_session_writes_them_and_kept_as_ever(qtbot: QtBot) -> None:
    window = Window()
    qtbot.addWidget(window)
    window.show_view(view(notifications__quiet_from="22:00", notifications__quiet_until="07:00"))
    page = window.pages[Page.NOTIFICATIONS]
    assert isinstance(page, _SettingsPage)
    hours = page.controls["notifications.quiet_from"]
    assert isinstance(hours, _QuietHours)
    assert hours.times[0].text().upper() == "10:00 PM"
    hours.times[0].setTime(QTime(21, 30))
    hours.times[0].editingFinished.emit()
    assert window.asked == [Change("notifications.quiet_from", "21:30")]


@pytest.fixture(params=["ar_EG", "ar_AE", "de_DE"])
def session(request: pytest.FixtureRequest) -> Iterator[str]:
    """A session in which numbers are written in its way."""
    QLocale.setDefault(QLocale(request.param))
    yield request.param
    QLocale.setDefault(QLocale.system())


@pytest.mark.usefixtures("right_to_left", "session")
def test_quiet_hours_are_read_from_the_hour_whatever_the_direction(qtbot: QtBot) -> None:
    window = Window()
    qtbot.addWidget(window)
    window.show_view(view(notifications__quiet_from="22:00", notifications__quiet_until="07:30"))
    page = window.pages[Page.NOTIFICATIONS]
    assert isinstance(page, _SettingsPage)
    hours = page.controls["notifications.quiet_from"]
    assert isinstance(hours, _QuietHours)
    assert [time.text() for time in hours.times] == ["22:00", "07:30"]
    hours.times[0].setSelectedSection(QTimeEdit.Section.HourSection)
    QTest.keyClicks(hours.times[0], "2315")
    assert hours.times[0].time() == QTime(23, 15)


@pytest.mark.parametrize("typed", ["2.5", "2,5"])
def test_a_fraction_is_what_was_typed_however_the_session_writes_it(
    qtbot: QtBot, session: str, typed: str
) -> None:
    window = Window()
    qtbot.addWidget(window)
    window.show_view(view(undo_seconds=1.5))
    page = window.pages[Page.GENERAL]
    assert isinstance(page, _GeneralPage)
    box = page.controls["undo_seconds"].focus
    assert isinstance(box, QDoubleSpinBox)
    box.interpretText()
    assert box.value() == 1.5
    box.selectAll()
    QTest.keyClicks(box, typed)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 2.5
    assert box.cleanText() == ("2,5" if session == "de_DE" else "2.5")


@pytest.mark.usefixtures("right_to_left")
def test_from_right_to_left_a_calendar_is_named_before_its_note(qtbot: QtBot) -> None:
    language.use_catalogue("ar", gettext.NullTranslations())
    tick = _CommandTick(lambda _command: None)
    qtbot.addWidget(tick)
    tick.show_tick(Tick(("calendar",), "Work & co", note="للقراءة فقط", on=True, command=ShowLog()))
    language.use_catalogue(language.ENGLISH, gettext.NullTranslations())
    assert tick.text() == "\u200fWork && co · للقراءة فقط"
    assert tick.accessibleName() == "Work & co · للقراءة فقط"


@pytest.mark.usefixtures("right_to_left")
def test_from_right_to_left_facts_are_at_the_right_and_copied_as_they_are(qtbot: QtBot) -> None:
    window = Window()
    qtbot.addWidget(window)
    window.show_view(structs.replace(view(), facts=(Fact("Data", "/home/ada/oo"),)))
    page = window.pages[Page.DIAGNOSTICS]
    assert isinstance(page, _FactsPage)
    (value,) = page.values
    assert value.text() == "/home/ada/oo"
    window.show_page(Page.DIAGNOSTICS)
    window.show()
    QApplication.processEvents()
    image = value.grab().toImage()
    ground, rows = image.pixelColor(0, 0), range(image.height())
    inked = [x for x in range(image.width()) if any(image.pixelColor(x, y) != ground for y in rows)]
    assert image.width() > 200
    assert image.width() - max(inked) < 5
    assert min(inked) > image.width() // 2


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_the_name_of_a_fact_stands_beside_the_first_line_of_it(
    qtbot: QtBot, qapp: QApplication, direction: Qt.LayoutDirection
) -> None:
    qapp.setLayoutDirection(direction)
    window = Window()
    qtbot.addWidget(window)
    window.show_view(structs.replace(view(), facts=(Fact("Data", "Data " * 60),)))
    page = window.pages[Page.DIAGNOSTICS]
    assert isinstance(page, _FactsPage)
    window.show_page(Page.DIAGNOSTICS)
    window.show()
    QApplication.processEvents()
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    (value,) = page.values
    name = page._form.labelForField(value)
    assert abs(first_inked(name) - first_inked(value)) <= 1


def first_inked(label: QWidget) -> int:
    """The first row with something in it, as the window counts."""
    image = label.grab().toImage()
    ground, columns = image.pixelColor(0, 0), range(image.width())
    row = next(
        y for y in range(image.height()) if any(image.pixelColor(x, y) != ground for x in columns)
    )
    return label.mapTo(label.window(), QPoint(0, row)).y()
