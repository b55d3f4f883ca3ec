"""Tells whether there is a screen to draw on, and by which name desktops know oO."""

import os
import sys
from collections.abc import Mapping


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether a window could be seen."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def desktop_name(environment: Mapping[str, str] = os.environ) -> str:
    """Return what oO's desktop entry and its icons are called.

    In a Flatpak they have its id for a name, since nothing else of them is shown outside of it
    (docs.flatpak.org, "Conventions", "Exporting"). By this name desktops find the entry of a
    window and of a notification.
    """
    return environment.get("FLATPAK_ID") or "oo-desktop"
