"""The icon that is there before the tray is, and what becomes of it."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from oo_desktop.ui.qt.first_icon import FirstIcon, show_first_icon
from oo_desktop.ui.qt.tray import Tray
from oo_desktop.ui.view.rows import starting_view

pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged")


@pytest.fixture
def first(qtbot: QtBot) -> FirstIcon:
    return show_first_icon()


def icon_of(tray: Tray) -> QSystemTrayIcon:
    (icon,) = tray.findChildren(QSystemTrayIcon)
    return icon


@pytest.fixture
def tray(first: FirstIcon) -> Iterator[Tray]:
    tray = Tray(ink=first.ink, first=first)
    yield tray
    tray.close()


def test_it_shows_at_once_with_a_menu_that_is_empty_yet(first: FirstIcon) -> None:
    assert first.icon.isVisible()
    assert first.icon.contextMenu() is first.menu
    assert first.menu.actions() == []
    first.icon.hide()


def test_the_tray_takes_over_the_icon_and_its_menu(first: FirstIcon, tray: Tray) -> None:
    drawn = first.icon.icon().cacheKey()
    tray.render(starting_view())
    assert icon_of(tray) is first.icon
    assert tray.menu.menu is first.menu
    assert [action.text() for action in first.menu.actions()] == ["Starting…"]
    assert first.icon.icon().cacheKey() == drawn  # it is the same picture: nothing is drawn anew


def test_a_tray_whose_host_came_after_the_icon_makes_another(first: FirstIcon) -> None:
    tray = Tray(ink=first.ink, first=first._replace(has_host=not first.has_host))
    tray.render(starting_view())
    assert icon_of(tray) is not first.icon
    assert not first.icon.isVisible()
    assert icon_of(tray).isVisible()
    tray.close()
