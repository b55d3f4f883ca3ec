"""Writes the log to a file as well, for most people start oO where nobody sees what it says.

logging's own `RotatingFileHandler` lies beside what sends records over the network, and brings
pickle along: half a megabyte.
"""

import logging
from itertools import pairwise
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

MAX_BYTES = 512 * 1024
"""Of one file: weeks of an ordinary log."""

OLDER_FILES = 2
"""Kept beside it, `oo.log.1` and `oo.log.2`."""


class LogFile(logging.FileHandler):
    """Writes to one file, and begins another when that is full. It opens none before it has to.

    A disk that is full, or a folder that is gone, is no reason to disturb anything: what cannot be
    written here is on standard error all the same.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", delay=True)
        self.setFormatter(logging.Formatter(FORMAT))
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, into a file that has room for it."""
        try:
            if self._size() + len(self.format(record).encode()) + 1 > MAX_BYTES:
                self._begin_another()
            super().emit(record)
        except Exception:  # noqa: BLE001  # whatever a value of the record does, as in logging's own
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's own name
        """Leave the record out, without a word."""

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0

    def _begin_another(self) -> None:
        if self.stream is not None:
            self.stream.close()
            self.stream = None  # it is opened anew
        files = [self._path, *(Path(f"{self._path}.{age}") for age in range(1, OLDER_FILES + 1))]
        for newer, older in reversed(list(pairwise(files))):
            if newer.exists():
                newer.replace(older)
