"""Writes the log to a file as well, for most people start oO where nobody sees what it says."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

MAX_BYTES = 512 * 1024
"""Of one file: weeks of an ordinary log."""

OLDER_FILES = 2
"""Kept beside it, `oo.log.1` and `oo.log.2`."""


class LogFile(RotatingFileHandler):
    """Writes to one file, and begins another when that is full. It opens none before it has to.

    A disk that is full, or a folder that is gone, is no reason to disturb anything: what cannot be
    written here is on standard error all the same.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(
            path, maxBytes=MAX_BYTES, backupCount=OLDER_FILES, encoding="utf-8", delay=True
        )
        self.setFormatter(logging.Formatter(FORMAT))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        """Leave the record out, without a word."""
