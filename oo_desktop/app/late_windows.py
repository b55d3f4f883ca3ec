"""Brings what the window of the settings needs, once somebody opens it."""

import sys

from oo_desktop.app.diagnostics import facts_of
from oo_desktop.app.ports import own_autostart
from oo_desktop.ui.qt.settings_window import SettingsWindow
from oo_desktop.ui.view.settings import settings_view

if sys.platform == "linux":
    import oo_desktop.linux.autostart  # noqa: F401  # what `own_autostart` imports

__all__ = ["SettingsWindow", "facts_of", "own_autostart", "settings_view"]
