"""What several tests of windows need."""

import gettext
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from oo_desktop import language


@pytest.fixture
def right_to_left(qapp: QApplication) -> Iterator[None]:
    """Windows that are made meanwhile are laid out from right to left."""
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


class _Spanish(gettext.NullTranslations):
    """Says otherwise what Qt has a word of its own for."""

    def gettext(self, message: str) -> str:
        return "Dejarlo" if message == "Cancel" else message


@pytest.fixture
def spanish() -> Iterator[None]:
    """A catalogue that calls Cancel as Qt does not."""
    language.use_catalogue("es", _Spanish())
    yield
    language.use_catalogue(language.ENGLISH, gettext.NullTranslations())
