"""Brings what the saved list is read, drawn and clicked with, so that one import does, in a thread.

What is imported once that is on the screen is in `last_imports`.

Modules of their own, for these are real imports: type checker, import linter and PyInstaller see
them, and each name is written once. A list of modules in the shell would be seen by none of them.
"""

import sys

from oo_desktop.app.database_opener import DatabaseOpener
from oo_desktop.app.live_settings import LiveSettings
from oo_desktop.app.log_file import LogFile
from oo_desktop.app.ports import own_environment, own_notifier
from oo_desktop.commands.requests import RequestHandler
from oo_desktop.connectors.registry import full_registry, installed_plug_ins
from oo_desktop.engine import Engine
from oo_desktop.integrations.browser import open_browser
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.notifications.center import NotificationCenter

if sys.platform == "linux":
    import oo_desktop.linux.notifier  # noqa: F401  # what `own_notifier` imports

__all__ = [
    "DatabaseOpener",
    "Engine",
    "KeyringPort",
    "LiveSettings",
    "LogFile",
    "MemoryKeyring",
    "NotificationCenter",
    "RequestHandler",
    "full_registry",
    "installed_plug_ins",
    "open_browser",
    "own_environment",
    "own_notifier",
]
