"""Tells whether there is a screen to draw on."""

import os
import sys
from collections.abc import Mapping


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether a window could be seen."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
