"""Brings all that is imported after the icon is in the tray, so that one import does, in a thread.

A module of its own, for these are real imports: type checker, import linter and PyInstaller see
them, and each name is written once. A list of modules in the shell would be seen by none of them.
"""

from oo_desktop.app.config_watch import ConfigWatch
from oo_desktop.app.database_opener import DatabaseOpener
from oo_desktop.app.live_settings import LiveSettings
from oo_desktop.app.log_file import LogFile
from oo_desktop.commands.requests import RequestHandler, command_from_request
from oo_desktop.connectors.registry import full_registry, installed_plug_ins
from oo_desktop.dbus import krunner, search_provider, service
from oo_desktop.dbus.bus import BusPresence, Export
from oo_desktop.dbus.search import DesktopSearch
from oo_desktop.engine import Engine
from oo_desktop.integrations.browser import open_browser
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.ipc.server import InstanceServer
from oo_desktop.notifications.center import NotificationCenter
from oo_desktop.ui.qt.desktop_quiet import DesktopQuiet
from oo_desktop.ui.qt.system_events import SystemCallables, SystemEvents

__all__ = [
    "BusPresence",
    "ConfigWatch",
    "DatabaseOpener",
    "DesktopQuiet",
    "DesktopSearch",
    "Engine",
    "Export",
    "InstanceServer",
    "KeyringPort",
    "LiveSettings",
    "LogFile",
    "MemoryKeyring",
    "NotificationCenter",
    "RequestHandler",
    "SystemCallables",
    "SystemEvents",
    "command_from_request",
    "full_registry",
    "installed_plug_ins",
    "krunner",
    "open_browser",
    "search_provider",
    "service",
]
