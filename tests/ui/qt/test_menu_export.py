"""What Qt says of an exported menu, held back (`tests/desktop` has a panel listen to it)."""

import os
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtDBus import QDBusConnection
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from oo_desktop.ui.qt.menu_export import CONNECTION, MENU_PATH, SUBMENUS_AFTER_MS, MenuExport


@pytest.fixture
def exported(private_bus: str) -> Iterator[QObject]:
    """What stands where Qt exports the menu of the third icon of this process."""
    name = CONNECTION.format(pid=os.getpid(), number=3)
    exported = QObject()
    bus = QDBusConnection.connectToBus(private_bus, name)
    assert bus.registerObject(MENU_PATH, exported)
    yield exported
    QDBusConnection.disconnectFromBus(name)


@pytest.fixture
def menu(qtbot: QtBot) -> QMenu:
    menu = QMenu()
    qtbot.addWidget(menu)
    return menu


def test_nothing_is_said_within_and_one_row_that_is_not_seen_changes_after(
    exported: QObject, menu: QMenu
) -> None:
    export = MenuExport(menu)
    for _ in range(2):
        with export.at_once():
            assert exported.signalsBlocked()
            menu.addAction("x")
        assert not exported.signalsBlocked()
        assert not menu.actions()[-1].isVisible()
    assert [action.text() for action in menu.actions() if action.isVisible()] == ["x", "x"]


@pytest.mark.usefixtures("exported")
def test_each_submenu_that_has_changed_has_a_row_that_is_not_seen_come_or_go(
    menu: QMenu, qtbot: QtBot
) -> None:
    changed, same = menu.addMenu("Reschedule"), menu.addMenu("Accounts")
    export = MenuExport(menu, submenus=True)
    with export.at_once():
        changed.addAction("x")
        new = menu.addMenu("More")
        within = new.addMenu("y")
    qtbot.waitUntil(lambda: (unseen_in(changed), unseen_in(new)) == (1, 1))
    with export.at_once():
        changed.addAction("y")
    qtbot.waitUntil(lambda: unseen_in(changed) == 0)
    assert (unseen_in(new), unseen_in(same), unseen_in(within)) == (1, 0, 0)


@pytest.mark.usefixtures("exported")
def test_submenus_are_left_alone_where_the_panel_reads_them_with_the_menu(
    menu: QMenu, qtbot: QtBot
) -> None:
    submenu = menu.addMenu("Reschedule")
    with MenuExport(menu).at_once():
        submenu.addAction("x")
    qtbot.wait(SUBMENUS_AFTER_MS + 50)
    assert len(submenu.actions()) == 1


def unseen_in(menu: QMenu) -> int:
    return sum(not action.isVisible() for action in menu.actions())


def test_what_goes_wrong_within_leaves_nothing_blocked(exported: QObject, menu: QMenu) -> None:
    with pytest.raises(RuntimeError), MenuExport(menu).at_once():
        raise RuntimeError
    assert not exported.signalsBlocked()


def test_a_menu_that_is_not_exported_is_changed_as_any_other(menu: QMenu) -> None:
    with MenuExport(menu).at_once():
        menu.addAction("x")
    assert len(menu.actions()) == 1
