"""Tells what oO runs on, for a report: versions, the session, the tray, the keyring."""

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

PACKAGES = ("SQLAlchemy", "dbus-fast", "httpx", "keyring", "msgspec", "qasync")
"""Of what oO is built on, what a fault may lie in."""


def surroundings(
    *,
    started_at: datetime,
    keyring: str,
    settings: Settings,
    environment: Mapping[str, str] = os.environ,
    os_release: Callable[[], dict[str, str]] = platform.freedesktop_os_release,
) -> dict[str, object]:
    """Return it as plain values.

    started_at: when oO began (aware). keyring: which answered last; empty: none has.
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
