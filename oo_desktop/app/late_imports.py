"""Brings all that is imported after the icon is in the tray, so that one import does, in a thread.

A module of its own, for these are real imports: type checker, import linter and PyInstaller see
them, and each name is written once. A list of modules in the shell would be seen by none of them.
"""

import sys

from oo_desktop.app.config_watch import ConfigWatch
from oo_desktop.app.database_opener import DatabaseOpener
from oo_desktop.app.live_settings import LiveSettings
from oo_desktop.app.log_file import LogFile
from oo_desktop.app.ports import own_environment, own_notifier, own_system_events
from oo_desktop.commands.requests import RequestHandler, command_from_request
from oo_desktop.connectors.registry import full_registry, installed_plug_ins
from oo_desktop.engine import Engine
from oo_desktop.integrations.browser import open_browser
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.ipc.server import InstanceServer
from oo_desktop.notifications.center import NotificationCenter

if sys.platform == "linux":
    import oo_desktop.app.late_linux  # noqa: F401  # what the shell imports next

__all__ = [
    "ConfigWatch",
    "DatabaseOpener",
    "Engine",
    "InstanceServer",
    "KeyringPort",
    "LiveSettings",
    "LogFile",
    "MemoryKeyring",
    "NotificationCenter",
    "RequestHandler",
    "command_from_request",
    "full_registry",
    "installed_plug_ins",
    "open_browser",
    "own_environment",
    "own_notifier",
    "own_system_events",
]
