"""In a language nobody speaks, no sentence escapes the catalogue, and none is cut."""

import re
from collections.abc import Iterator, Mapping

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from oo_desktop.app.live_settings import ALL
from oo_desktop.language import LANGUAGES
from oo_desktop.model.settings import CurrentSetting
from oo_desktop.model.state import AppState
from oo_desktop.ui.qt.main_window import MainWindow
from oo_desktop.ui.qt.settings_window import SettingsWindow
from oo_desktop.ui.view.settings import Page, settings_view
from tests.fixtures.services import SERVICES
from tests.pseudo_language import pseudo, pseudo_language
from tests.ui.scenes import NOW, SCENES, view_of
from tests.ui.view.views import BERLIN, rows_of, shown

# "This plugin does not support propagateSizeHints()": offscreen there is no window manager.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

NAMES = {"oO", "p1", "p2", "p3", "p4", "Ctrl"}
"""What is no sentence, and the same in every language."""


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]{2,}\d*", text))


@pytest.fixture(autouse=True)
def spoken() -> Iterator[None]:
    with pseudo_language():
        yield


def texts_in(value: object) -> Iterator[str]:
    """Every text within a value made of structs and collections."""
    match value:
        case str():
            yield value
        case msgspec.Struct():
            for field in value.__struct_fields__:
                yield from texts_in(getattr(value, field))
        case Mapping():
            for pair in value.items():
                yield from texts_in(pair)
        case list() | tuple() | set() | frozenset():
            for each in value:
                yield from texts_in(each)


def data_of(state: AppState) -> set[str]:
    """The words that come with the state: names, titles, ids."""
    return {word for text in texts_in((state, SERVICES)) for word in words_of(text)} | NAMES


def escaped(texts: Iterator[str], data: set[str]) -> set[str]:
    """The texts with a plain word that is not data."""
    return {
        text
        for text in texts
        for word in words_of(text)
        if word not in data and not any(each.startswith(word) for each in data)
    }


ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)

STATES = {name: state for name, state in SCENES.items() if state is not None}


@pytest.mark.parametrize("name", STATES)
def test_no_sentence_of_the_menu_escapes(name: str) -> None:
    view = shown(STATES[name], NOW)
    texts = [*view.tooltip, view.summary, *(row.text for row in rows_of(view.rows))]
    assert escaped(iter(texts), data_of(STATES[name])) == set()


def said_by(widget: QWidget) -> Iterator[str]:
    """All that a person can read or hear of a window, but for what its lists draw."""
    for each in (widget, *widget.findChildren(QWidget)):
        yield from (each.accessibleName(), each.accessibleDescription(), each.toolTip())
        yield each.windowTitle()
        match each:
            case QLabel() | QAbstractButton():
                yield each.text()
            case QGroupBox():
                yield each.title()
            case QLineEdit():
                yield each.placeholderText()
            case QComboBox():
                yield from (each.itemText(at) for at in range(each.count()))
            case QListWidget():
                yield from (each.item(at).text() for at in range(each.count()))
        yield from (action.text() for action in each.actions())


def window_of(name: str, qtbot: QtBot) -> MainWindow:
    window = MainWindow(execute=lambda _command, _asker=None: None)
    qtbot.addWidget(window)
    window.show_view(view_of(SCENES[name]))
    window.show()
    QApplication.processEvents()
    return window


@pytest.mark.parametrize("name", SCENES)
def test_no_sentence_of_the_window_escapes(name: str, qtbot: QtBot) -> None:
    window = window_of(name, qtbot)
    state = SCENES[name] or AppState()
    assert escaped(said_by(window), data_of(state)) == set()


@pytest.mark.parametrize("name", SCENES)
def test_no_row_of_the_window_escapes(name: str, qtbot: QtBot) -> None:
    model = window_of(name, qtbot).list.model()
    indexes = (model.index(at, 0) for at in range(model.rowCount()))
    texts = (str(index.data(role) or "") for index in indexes for role in ROLES)
    assert escaped(texts, data_of(SCENES[name] or AppState())) == set()


@pytest.mark.parametrize("name", SCENES)
def test_nothing_that_the_window_says_is_cut(name: str, qtbot: QtBot) -> None:
    assert cut(window_of(name, qtbot)) == []


def settings_window(state: AppState, qtbot: QtBot) -> SettingsWindow:
    window = SettingsWindow(execute=lambda _command, _asker=None: None, settings=ALL)
    qtbot.addWidget(window)
    values = [CurrentSetting(setting, setting.default) for setting in ALL]
    window.show_view(settings_view(state, values, now=NOW, zone=BERLIN, starts_at_login=True))
    window.show()
    return window


NAMES_IN_SETTINGS = {
    *(word for name in LANGUAGES.values() for word in words_of(name)),
    *(word for setting in ALL for word in words_of(str(setting.default))),
}


@pytest.mark.parametrize("name", STATES)
def test_no_sentence_of_the_settings_escapes(name: str, qtbot: QtBot) -> None:
    window = settings_window(STATES[name], qtbot)
    data = data_of(STATES[name]) | NAMES_IN_SETTINGS
    assert escaped(said_by(window), data) == set()


@pytest.mark.parametrize("page", list(Page))
def test_nothing_that_the_settings_say_is_cut(page: Page, qtbot: QtBot) -> None:
    window = settings_window(STATES["trouble"], qtbot)
    window.show_page(page)
    QApplication.processEvents()
    assert cut(window) == []


def cut(window: QWidget) -> list[str]:
    """The texts that have less room than they take."""
    found = []
    for each in window.findChildren(QWidget):
        match each:
            case QLabel() if each.isVisible() and not each.wordWrap():
                text = each.text()
            case QPushButton() | QCheckBox() if each.isVisible():
                text = each.text()
            case _:
                continue
        if text and each.width() < each.minimumSizeHint().width():
            found.append(text)
    return found


def test_a_text_in_it_is_longer_and_keeps_what_is_filled_in() -> None:
    assert pseudo("Offline since {time}") == "Őƒƒłíńé śíńćé {time}·······"
