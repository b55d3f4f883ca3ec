"""Brings what of Linux is imported after the icon is in the tray: see `last_imports`."""

from oo_desktop.linux import krunner, search_provider, service
from oo_desktop.linux.bus import BusPresence, Export
from oo_desktop.linux.desktop_quiet import DesktopQuiet
from oo_desktop.linux.search import DesktopSearch
from oo_desktop.linux.system_events import SystemEvents

__all__ = [
    "BusPresence",
    "DesktopQuiet",
    "DesktopSearch",
    "Export",
    "SystemEvents",
    "krunner",
    "search_provider",
    "service",
]
