"""Puts the icon into the tray before anything else is imported: that is what a person waits for.

What it is drawn of and who hears its clicks comes a moment later: `Tray` takes it over.
"""

from typing import NamedTuple

from PySide6.QtDBus import QDBusConnection
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from oo_desktop.ui.qt.icons import Ink, ink_for, is_dark, tray_icon
from oo_desktop.ui.view.icon import IconView

WATCHER = "org.kde.StatusNotifierWatcher"
"""Who a tray icon registers with on Linux (freedesktop.org, StatusNotifierItem)."""


class FirstIcon(NamedTuple):
    """Holds the icon, and what it was made of.

    has_host: whether there was a host that it could register with.
    """

    icon: QSystemTrayIcon
    menu: QMenu
    view: IconView
    ink: Ink
    has_host: bool


def show_first_icon() -> FirstIcon:
    """Show the icon of an empty list, with a menu that is empty yet."""
    view, ink = IconView(), ink_for(dark=is_dark())
    bus = QDBusConnection.sessionBus()
    interface = bus.interface() if bus.isConnected() else None
    has_host = interface is not None and interface.isServiceRegistered(WATCHER).value() is True
    icon, menu = QSystemTrayIcon(tray_icon(view, ink)), QMenu()
    icon.setContextMenu(menu)  # some hosts never see one that comes later
    icon.show()
    return FirstIcon(icon, menu, view, ink, has_host)
