"""Qt speaks oO's language, and lays out windows as it is read."""

import gettext
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from oo_desktop import language
from oo_desktop.ui.qt.language import QtLanguage, locale_of_fields


@pytest.fixture
def qt_language(qapp: QApplication) -> Iterator[QtLanguage]:
    followed = QtLanguage(qapp)
    yield followed
    speak("en")
    followed.follow()
    QLocale.setDefault(QLocale.system())


def speak(code: str) -> None:
    language.use_catalogue(code, gettext.NullTranslations())


def cancel_button(qtbot: QtBot) -> str:
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    return box.button(QDialogButtonBox.StandardButton.Cancel).text().replace("&", "")


@pytest.mark.parametrize(("code", "cancel"), [("de", "Abbrechen"), ("fr", "Annuler")])
def test_buttons_of_qt_are_translated(
    qt_language: QtLanguage, qtbot: QtBot, code: str, cancel: str
) -> None:
    speak(code)
    qt_language.follow()
    assert cancel_button(qtbot) == cancel


def test_back_in_english_they_are_english(qt_language: QtLanguage, qtbot: QtBot) -> None:
    for code in ("de", "en"):
        speak(code)
        qt_language.follow()
    assert cancel_button(qtbot) == "Cancel"


def test_arabic_is_laid_out_from_right_to_left(qt_language: QtLanguage, qapp: QApplication) -> None:
    speak("ar")
    qt_language.follow()
    assert qapp.layoutDirection() is Qt.LayoutDirection.RightToLeft
    speak("en")
    qt_language.follow()
    assert qapp.layoutDirection() is Qt.LayoutDirection.LeftToRight


def test_arabic_is_written_with_the_digits_that_oo_writes(qt_language: QtLanguage) -> None:
    speak("ar")
    qt_language.follow()
    if QLocale.system().language() is not QLocale.Language.Arabic:
        assert QLocale().toString(29) == "29"
    assert QLocale().standaloneMonthName(11) == "نوفمبر"


@pytest.mark.usefixtures("qt_language")
@pytest.mark.parametrize(("session", "point"), [("ar_EG", "."), ("ar_MA", ","), ("de_DE", ",")])
def test_fields_have_those_digits_in_every_session(session: str, point: str) -> None:
    QLocale.setDefault(QLocale(session))
    assert locale_of_fields().toString(1.5) == f"1{point}5"


def test_months_have_their_names_in_the_language(qt_language: QtLanguage) -> None:
    speak("es")
    qt_language.follow()
    assert QLocale().standaloneMonthName(1) == "enero"
