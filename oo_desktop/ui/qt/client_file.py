"""Reading a file that a person drops or chooses: whatever it is, it must not hang or fill anything.

Knows no Qt; whether what is read is a client's file, others judge.
"""

import os
import stat
from pathlib import Path

from oo_desktop.errors import OoError
from oo_desktop.model.state import MAX_CLIENT_FILE


class FileRefused(OoError):
    """A file cannot be taken; the text says why."""


def read_client_file(path: Path, *, file_name: str) -> str:
    """What the file holds; `file_name` is what the service calls it.

    Raises FileRefused for what is no small file that can be read. A pipe or a device with that name
    is opened without waiting for its other end, and not read.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise FileRefused(f"This is not a file. Choose {file_name} itself.")
            data = file.read(MAX_CLIENT_FILE + 1)
    except IsADirectoryError:
        raise FileRefused(f"This is a folder. Choose {file_name} itself.") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "its name is none"
        raise FileRefused(f"oO cannot read this file: {why}.") from None
    if len(data) > MAX_CLIENT_FILE:
        raise FileRefused("This file is too large to be the one of a client.")
    return data.decode("utf-8", errors="replace")


def _without_waiting(path: str, flags: int) -> int:
    """Windows has no such flag, and no such files either."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
