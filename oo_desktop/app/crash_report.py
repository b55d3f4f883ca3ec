"""Leaves behind a traceback where oO ends because of a bug, and nothing that anyone said."""

import platform
import sys
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from oo_desktop import __version__


def report_text(error: BaseException) -> str:
    """Say where `error` came from and what led to it: frames without variables, and classes.

    The texts of exceptions are left out, because they may quote what a service answered.
    """
    lines = [f"oO {__version__}, Python {platform.python_version()}, {sys.platform}"]
    for each in _chain(error):
        lines.append(f"{type(each).__module__}.{type(each).__qualname__}")
        lines += [line.rstrip() for line in traceback.format_tb(each.__traceback__)]
    return "\n".join([*lines, ""])


def write_report(folder: Path, text: str, *, now: datetime) -> Path | None:
    """Write a report into `folder`, readable by this user only; None where that is impossible."""
    path = folder / f"report-{now:%Y%m%d-%H%M%S}.txt"
    try:
        with path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)
            file.write(text)
    except OSError:
        return None
    return path


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
