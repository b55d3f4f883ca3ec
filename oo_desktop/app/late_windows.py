"""Brings what the window of the settings needs, once somebody opens it."""

from oo_desktop.app.autostart import XdgAutostart
from oo_desktop.app.diagnostics import facts_of
from oo_desktop.ui.qt.settings_window import SettingsWindow
from oo_desktop.ui.view.settings import settings_view

__all__ = ["SettingsWindow", "XdgAutostart", "facts_of", "settings_view"]
