"""All that is imported after the icon is in the tray, so that one import brings it in a thread."""

from oo_desktop.app.database_opener import Opening
from oo_desktop.commands.requests import Requests, retry_all
from oo_desktop.connectors.registry import full_registry, installed_plug_ins
from oo_desktop.engine import Engine
from oo_desktop.integrations.browser import open_browser
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.integrations.sign_in import ClientNeeded
from oo_desktop.ipc.server import InstanceServer
from oo_desktop.notifications.notifying import Notifying
from oo_desktop.ui.qt.system_events import SystemCallables, SystemEvents

__all__ = [
    "ClientNeeded",
    "Engine",
    "InstanceServer",
    "KeyringPort",
    "MemoryKeyring",
    "Notifying",
    "Opening",
    "Requests",
    "SystemCallables",
    "SystemEvents",
    "full_registry",
    "installed_plug_ins",
    "open_browser",
    "retry_all",
]
