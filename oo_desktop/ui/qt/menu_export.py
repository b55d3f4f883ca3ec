"""Tells a panel of all that changed in a tray menu at once.

Qt exports a tray menu over D-Bus by itself, and says `LayoutUpdated` for every single action that
comes, goes or moves: filling the menu at the start is 40 of them, a task done 4 to 30 (measured).
GTK's hosts and GNOME read the whole menu again after each burst, and LXQt closes it. Qt has no call
to hold them back. But the object that it exports can be had from its own connection, and while that
object's signals are blocked, none is sent. One more change afterwards, of a row that is never seen,
makes Qt say it once, with the right revision.

It is an internal name of Qt's (`org.kde.StatusNotifierItem-PID-N`, qdbustrayicon.cpp) by which the
connection is found. Where it is not, panels hear of every action, as ever.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject
from PySide6.QtDBus import QDBusConnection
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

CONNECTION = "org.kde.StatusNotifierItem-{pid}-{number}"
MENU_PATH = "/MenuBar"

MAX_NUMBER = 32
"""How many connections for icons Qt may have made before: each look for a tray makes one."""


class MenuExport:
    """Watches over what is said of one menu.

    menu: the context menu of a tray icon.
    """

    def __init__(self, menu: QMenu) -> None:
        self._menu = menu
        self._connection: str | None = None
        self._last = QAction(menu)
        self._last.setVisible(False)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Have all that comes, goes and moves within told as one change."""
        exported = self._exported()
        if exported is None:
            yield
            return
        exported.blockSignals(True)
        try:
            yield
            self._menu.removeAction(self._last)
        finally:
            exported.blockSignals(False)
            self._menu.addAction(self._last)

    def _exported(self) -> QObject | None:
        """What Qt exports; None: nothing, or it cannot be found."""
        if self._connection is not None:
            return _at(self._connection)
        for number in range(MAX_NUMBER, 0, -1):  # the newest is this icon's
            name = CONNECTION.format(pid=os.getpid(), number=number)
            found = _at(name)
            if found is not None:
                self._connection = name
                return found
        return None


def _at(name: str) -> QObject | None:
    connection = QDBusConnection(name)
    return connection.objectRegisteredAt(MENU_PATH) if connection.isConnected() else None
