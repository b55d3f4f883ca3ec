"""Has Qt say its own words in oO's language, and lay out windows as that is read.

These are the buttons of its dialogs, the names of months in its calendar, and which side comes
first. Qt's catalogues come with it (PySide6's folder `Qt/translations`); English needs none.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from oo_desktop import language

if TYPE_CHECKING:
    from PySide6.QtCore import Qt


WESTERN_ARABIC = "ar_AE"
"""Qt takes Arabic alone for Egypt's, whose digits are ٠١٢; oO writes 012 in every language."""


class QtLanguage:
    """Keeps Qt in the language that `oo_desktop.language` has."""

    def __init__(self, qt: QApplication) -> None:
        self._qt = qt
        self._translator: QTranslator | None = None

    def follow(self) -> None:
        """Take the language over; windows that are open already keep the words they have."""
        code = language.code()
        if self._translator is not None:
            self._qt.removeTranslator(self._translator)
            self._translator = None
        if code != language.ENGLISH:
            translator = QTranslator(self._qt)
            folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
            if translator.load(f"qtbase_{code}", folder):
                self._translator = translator
                self._qt.installTranslator(translator)
        QLocale.setDefault(_locale_of(code))
        if self._qt.isRightToLeft() != language.is_right_to_left():
            self._qt.setLayoutDirection(_direction(right_to_left=language.is_right_to_left()))


def _direction(*, right_to_left: bool) -> "Qt.LayoutDirection":
    """Not for those who read as Qt does anyway: all that `Qt` names takes 1 MB and 20 ms."""
    from PySide6.QtCore import Qt

    return Qt.LayoutDirection.RightToLeft if right_to_left else Qt.LayoutDirection.LeftToRight


def locale_of_fields() -> QLocale:
    """Return the locale for a field that oO itself writes into: its digits are those oO writes."""
    locale = QLocale()
    return locale if locale.zeroDigit() == "0" else QLocale(WESTERN_ARABIC)


def _locale_of(code: str) -> QLocale:
    """The session's own where that is the language: it knows the country."""
    session, chosen = QLocale.system(), QLocale(WESTERN_ARABIC if code == "ar" else code)
    return session if session.language() == chosen.language() else chosen
