"""What is left behind when oO ends because of a bug: a traceback, and nothing anyone said."""

import platform
import sys
import traceback
from datetime import datetime
from pathlib import Path

from oo_desktop import __version__


def write(folder: Path, error: BaseException, *, now: datetime) -> Path | None:
    """Write a report into `folder`, readable by this user only; None where that is impossible.

    Frames are listed without their variables, and of an exception from outside only its class is
    named: texts of exceptions may quote what a service answered.
    """
    path = folder / f"report-{now:%Y%m%d-%H%M%S}.txt"
    lines = [
        f"oO {__version__}, Python {platform.python_version()}, {sys.platform}",
        f"{type(error).__module__}.{type(error).__qualname__}",
        *(line.rstrip() for line in traceback.format_tb(error.__traceback__)),
    ]
    try:
        with path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)
            file.write("\n".join([*lines, ""]))
    except OSError:
        return None
    return path
