"""Tells what oO runs on, for a report: versions, the session, the tray, the keyring; and how the
desktop that runs comes to have a tray."""

import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QSystemTrayIcon

from oo_desktop import __version__
from oo_desktop.config import Settings
from oo_desktop.language import translated, untranslated

PACKAGES = ("SQLAlchemy", "dbus-fast", "httpx", "keyring", "msgspec", "qasync")
"""Of what oO is built on, what a fault may lie in."""


_TRAYS = {
    "GNOME": untranslated("Install GNOME’s AppIndicator extension, and the icon comes by itself."),
    "UNITY": untranslated("Start the panel’s indicators, and the icon comes by itself."),
    "KDE": untranslated("Add the System Tray to a panel, and the icon comes by itself."),
    "LXQT": untranslated("Add the Status Notifier to the panel, and the icon comes by itself."),
    "XFCE": untranslated("Add the Status Tray Plugin to the panel, and the icon comes by itself."),
    "MATE": untranslated("Add the Notification Area to the panel, and the icon comes by itself."),
    "X-CINNAMON": untranslated(
        "Add the XApp Status applet to the panel, and the icon comes by itself."
    ),
    "BUDGIE": untranslated(
        "Add the System Tray applet to the panel, and the icon comes by itself."
    ),
    **dict.fromkeys(
        ("SWAY", "HYPRLAND", "NIRI", "RIVER", "WAYFIRE", "WLROOTS"),
        untranslated("Start a bar with a tray, such as Waybar, and the icon comes by itself."),
    ),
    "I3": untranslated("Start a bar with a tray, such as i3bar, and the icon comes by itself."),
}
"""What to add where there is none, by the names in XDG_CURRENT_DESKTOP (in capitals)."""

_ANY_TRAY = untranslated("Start a panel or a bar with a tray, and the icon comes by itself.")


def tray_advice(environment: Mapping[str, str] = os.environ, *, taken_by: str | None = None) -> str:
    """Say how the desktop in `environment` comes to show tray icons.

    taken_by: the process that has the tray's place and shows none; empty: it has no name.
    """
    if taken_by is not None:
        return translated(
            "{program} has taken the tray’s place, and shows no icons. End it, then start the panel"
            " and oO again.",
            program=taken_by or translated("Another program"),
        )
    names = environment.get("XDG_CURRENT_DESKTOP", "").upper().split(":")
    # The most particular name stands first: `Budgie:GNOME` is no GNOME Shell.
    return translated(next((_TRAYS[name] for name in names if name in _TRAYS), _ANY_TRAY))


def surroundings(
    *,
    started_at: datetime,
    keyring: str,
    settings: Settings,
    tray_host: str | None = None,
    environment: Mapping[str, str] = os.environ,
    os_release: Callable[[], dict[str, str]] = platform.freedesktop_os_release,
) -> dict[str, object]:
    """Return it as plain values.

    started_at: when oO began (aware). keyring: which answered last; empty: none has.
    tray_host: the process that shows tray icons; None: there is none that can be told.
    """
    return {
        "version": __version__,
        "started_at": started_at.astimezone(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "qt": qVersion(),
        "pyside": pyside_version,
        "packages": {name: _version_of(name) for name in PACKAGES},
        "system": _system(os_release),
        "desktop": environment.get("XDG_CURRENT_DESKTOP", ""),
        "session": environment.get("XDG_SESSION_TYPE", ""),
        "qt_platform": QGuiApplication.platformName(),
        "screens": [_screen(screen) for screen in QGuiApplication.screens()],
        "tray": QSystemTrayIcon.isSystemTrayAvailable(),
        "tray_host": tray_host,
        "keyring": keyring,
        "settings": sorted(_changed(settings)),
    }


def _version_of(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _system(os_release: Callable[[], dict[str, str]]) -> str:
    try:
        name = os_release().get("PRETTY_NAME", "")
    except OSError:
        name = ""
    return f"{name or sys.platform}, {platform.machine()}"


def _screen(screen: QScreen) -> str:
    size, ratio = screen.size(), screen.devicePixelRatio()
    return f"{size.width()}x{size.height()} at {ratio:g}"


def _changed(settings: Settings) -> Iterable[str]:
    """The names of what config.toml sets; of a section that is oO's own, each key."""
    usual = Settings()
    for name in Settings.__struct_fields__:
        value, default = getattr(settings, name), getattr(usual, name)
        if name == "origin" or value == default:
            continue
        if name == "sections":
            for section, keys in value.items():
                yield from (f"{section}.{key}" for key in keys) if isinstance(keys, dict) else ()
        elif hasattr(value, "__struct_fields__"):
            yield from (
                f"{name}.{key}"
                for key in value.__struct_fields__
                if getattr(value, key) != getattr(default, key)
            )
        else:
            yield name
