"""Brings what talks with others, once the saved list is on the screen: see `late_imports`."""

import sys

from oo_desktop.app.config_watch import ConfigWatch
from oo_desktop.app.ports import own_system_events
from oo_desktop.commands.requests import command_from_request
from oo_desktop.ipc.server import InstanceServer

if sys.platform == "linux":
    import oo_desktop.app.late_linux  # noqa: F401  # what the shell imports next

__all__ = [
    "ConfigWatch",
    "InstanceServer",
    "command_from_request",
    "own_system_events",
]
