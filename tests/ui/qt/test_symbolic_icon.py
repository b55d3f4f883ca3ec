"""Icons by name: what panels colour themselves, and what is drawn where they do not know it."""

import re
from collections.abc import Iterator
from itertools import product

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from oo_desktop.folders import resource
from oo_desktop.ui.qt.icons import TRAY_SIZES, Ink, tray_icon
from oo_desktop.ui.qt.symbolic_icon import named_icon, symbolic_name
from oo_desktop.ui.view.icon import IconView, Mark

VIEWS = [IconView(mark, count) for mark, count in product(Mark, (0, 3))]


def test_every_state_has_an_icon_of_its_own(qtbot: QtBot) -> None:
    names = {symbolic_name(view) for view in VIEWS}
    assert len(names) == len(VIEWS)
    assert "oo-desktop-symbolic" in names
    for name in names:
        assert QSvgRenderer(str(resource(f"icons/{name}.svg"))).isValid(), name


@pytest.mark.parametrize("view", VIEWS, ids=symbolic_name)
def test_a_symbolic_icon_is_of_filled_shapes_in_one_colour(view: IconView) -> None:
    """GTK and GNOME fill every path and leave strokes as they are; KDE colours by a class."""
    text = resource(f"icons/{symbolic_name(view)}.svg").read_text("utf-8")
    assert "stroke" not in text
    assert set(re.findall("#[0-9a-fA-F]{3,6}", text)) == {"#2e3436"}
    assert text.count("<path ") == text.count('class="ColorScheme-Text" fill="currentColor"')


@pytest.fixture
def installed(qtbot: QtBot) -> Iterator[None]:
    """Our icons, as where a package put them into the theme."""
    before = QIcon.fallbackSearchPaths()
    QIcon.setFallbackSearchPaths([str(resource("icons"))])
    yield
    QIcon.setFallbackSearchPaths(before)


def test_an_icon_that_is_not_installed_goes_by_no_name(qtbot: QtBot) -> None:
    drawn = tray_icon(IconView(due=2), Ink.SYMBOLIC)
    assert drawn.name() == ""
    assert len(drawn.availableSizes()) == len(TRAY_SIZES)


@pytest.mark.usefixtures("installed")
def test_an_installed_icon_goes_by_its_name() -> None:
    assert tray_icon(IconView(due=2), Ink.SYMBOLIC).name() == "oo-desktop-due-symbolic"


@pytest.mark.usefixtures("installed")
def test_a_named_icon_is_drawn_as_the_one_behind_it() -> None:
    drawn = tray_icon(IconView(due=3), Ink.LIGHT)
    named = named_icon("oo-desktop-due-symbolic", drawn)
    again = QIcon(named)
    del named
    assert again.name() == "oo-desktop-due-symbolic"
    assert again.availableSizes() == drawn.availableSizes()
    size = QSize(22, 22)
    assert again.pixmap(size).toImage() == drawn.pixmap(size).toImage()
