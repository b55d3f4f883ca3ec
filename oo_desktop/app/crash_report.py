"""Writes what is left behind when oO ends because of a bug: a traceback without any text."""

import platform
import sys
from datetime import datetime
from pathlib import Path

from oo_desktop import __version__
from oo_desktop.model.faults import fault_report


def report_text(error: BaseException) -> str:
    """Return which oO it was, and where in it `error` came from; no text of any exception."""
    program = f"oO {__version__}, Python {platform.python_version()}, {sys.platform}"
    return f"{program}\n{fault_report(error)}\n"


def write_report(folder: Path, text: str, *, now: datetime) -> Path | None:
    """Write a report into `folder`, for this user only; return its path, or None if that failed."""
    path = folder / f"report-{now:%Y%m%d-%H%M%S}.txt"
    try:
        with path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)
            file.write(text)
    except OSError:
        return None
    return path
