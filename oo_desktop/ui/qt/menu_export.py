"""Tells a panel of all that changed in a tray menu at once.

Qt exports a tray menu over D-Bus by itself, and says `LayoutUpdated` for every single action that
comes, goes or moves: filling the menu at the start is 40 of them, a task done 4 to 30 (measured).
GTK's hosts and GNOME read the whole menu again after each burst, and LXQt closes it. Qt has no call
to hold them back. But the object that it exports can be had from its own connection, and while that
object's signals are blocked, none is sent. One more change afterwards, of a row that is never seen,
makes Qt say it once, with the right revision.

Plasma takes that for the menu itself alone: it would never read a submenu again that it has read
once, and puts one that it has not read to where an empty one has room, beyond the screen's edge.
(`slotLayoutUpdated` and `slotAboutToShowDBusCallFinished`, dbusmenuimporter.cpp of plasma-workspace
5.27.) So each submenu that has changed is told of there as well, a moment after the menu.

It is an internal name of Qt's (`org.kde.StatusNotifierItem-PID-N`, qdbustrayicon.cpp) by which the
connection is found. Where it is not, panels hear of every action, as ever.

Qt is asked for the object past PySide, which would look for the class of what it has never seen
among all that there are, and make 385 classes for that: 5 MB and 45 ms (6.11.3).
"""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import NamedTuple

import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtDBus import QDBusConnection
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

CONNECTION = "org.kde.StatusNotifierItem-{pid}-{number}"
MENU_PATH = "/MenuBar"

MAX_NUMBER = 32
"""How many connections for icons Qt may have made before: each look for a tray makes one."""


SUBMENUS_AFTER_MS = 200
"""Milliseconds in which Plasma has read the menu: it knows no submenu before."""

UNSEEN = "unseen"
"""What the row of a submenu is called whose coming and going is told of."""


class MenuExport:
    """Watches over what is said of one menu.

    menu: the context menu of a tray icon.
    submenus: whether the panel wants to be told of each submenu, too.
    """

    def __init__(self, menu: QMenu, *, submenus: bool = False) -> None:
        self._menu = menu
        self.submenus = submenus
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
        before = self._rows_of_submenus()
        exported.block_signals(True)
        try:
            yield
            self._menu.removeAction(self._last)
        finally:
            exported.block_signals(False)
            self._menu.addAction(self._last)
        for submenu, rows in self._rows_of_submenus().items():
            # What is new within a submenu is read when that opens.
            if rows != before.get(submenu) and (
                submenu in before or submenu.parent() is self._menu
            ):
                QTimer.singleShot(SUBMENUS_AFTER_MS, submenu, partial(_tell_of, submenu))

    def _rows_of_submenus(self) -> dict[QMenu, list[QAction]]:
        if not self.submenus:
            return {}
        return {submenu: submenu.actions() for submenu in self._menu.findChildren(QMenu)}

    def _exported(self) -> "_Exported | None":
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


def _tell_of(submenu: QMenu) -> None:
    """Have Qt say that a submenu has changed."""
    unseen = submenu.findChild(QAction, UNSEEN)
    if unseen is None:
        unseen = QAction(submenu, visible=False)
        unseen.setObjectName(UNSEEN)
    if unseen in submenu.actions():
        submenu.removeAction(unseen)
    else:
        submenu.addAction(unseen)


def _at(name: str) -> "_Exported | None":
    connection, qt = QDBusConnection(name), _qt()
    if qt is None or not connection.isConnected():
        return None
    path = _String(None, ctypes.c_char_p(MENU_PATH.encode("utf-16-le")), len(MENU_PATH))
    (own,) = shiboken6.getCppPointer(connection)
    address = qt.object_registered_at(own, ctypes.byref(path))
    return _Exported(address, qt) if address else None


class _String(ctypes.Structure):
    """A QString of Qt 6 over characters that are somebody else's."""

    _fields_ = (
        ("owner", ctypes.c_void_p),
        ("characters", ctypes.c_char_p),
        ("size", ctypes.c_ssize_t),
    )


class _Qt(NamedTuple):
    """Two of its functions: `QDBusConnection::objectRegisteredAt`, `QObject::blockSignals`."""

    object_registered_at: "ctypes._NamedFuncPointer"
    block_signals: "ctypes._NamedFuncPointer"


class _Exported(NamedTuple):
    """An object of Qt's, by its address: good until the loop has its turn."""

    address: int
    qt: _Qt

    def block_signals(self, block: bool) -> None:
        self.qt.block_signals(self.address, block)


@cache
def _qt() -> _Qt | None:
    """None where Qt's libraries are not those of Qt 6 for Linux, which are loaded already."""
    if sys.platform != "linux":  # no menus go over D-Bus there
        return None
    try:
        bus, core = (ctypes.CDLL(f"libQt6{name}.so.6", os.RTLD_NOLOAD) for name in ("DBus", "Core"))
        registered = bus["_ZNK15QDBusConnection18objectRegisteredAtERK7QString"]
        block = core["_ZN7QObject12blockSignalsEb"]
    except (OSError, AttributeError):
        return None
    registered.argtypes, registered.restype = (ctypes.c_void_p, ctypes.c_void_p), ctypes.c_void_p
    block.argtypes, block.restype = (ctypes.c_void_p, ctypes.c_bool), ctypes.c_bool
    return _Qt(registered, block)
