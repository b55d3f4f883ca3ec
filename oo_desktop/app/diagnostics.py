"""Tells what a person who looks for a fault wants to know of this oO first; nothing secret."""

import os
import platform
from collections.abc import Mapping

import PySide6
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

from oo_desktop import __version__
from oo_desktop.folders import Folders
from oo_desktop.language import translated
from oo_desktop.ui.view.settings import Fact


def facts_of(
    folders: Folders, *, keyring: str, environment: Mapping[str, str] = os.environ
) -> tuple[Fact, ...]:
    """Return versions, session, keyring and paths.

    keyring: the class of its back end; empty before it has answered.
    """
    session = environment.get("XDG_SESSION_TYPE") or QGuiApplication.platformName()
    desktop = environment.get("XDG_CURRENT_DESKTOP") or translated("unknown desktop")
    host = QSystemTrayIcon.isSystemTrayAvailable()
    return (
        Fact("oO", __version__),
        Fact("Python", platform.python_version()),
        Fact("Qt", f"{qVersion()}, PySide {PySide6.__version__}"),
        Fact(translated("System"), f"{platform.system()} {platform.release()}"),
        # Translators: what somebody is logged in to: “wayland, GNOME”
        Fact(translated("Session"), f"{session}, {desktop}"),
        Fact(
            translated("Tray"),
            translated("shown by this desktop") if host else translated("this desktop shows none"),
        ),
        Fact(translated("Keyring"), keyring or translated("not asked yet")),
        # Translators: before the path of a file
        Fact(translated("Settings"), str(folders.config_file)),
        # Translators: before the path of a folder
        Fact(translated("Data"), str(folders.data)),
        Fact(translated("Socket"), str(folders.runtime)),
    )
