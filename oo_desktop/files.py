"""Replaces a file in one step, so that nobody ever reads half of one."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, after: bytes, *, before: bytes | None) -> None:
    """Put `after` in place of what `path` holds; its rights stay, and so does a link to it.

    before: what it held when it was read; None: there was no such file.

    Raises OSError, also where it was changed meanwhile (`FileChanged`).
    """
    real = path.resolve()
    number, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        if before is not None:
            shutil.copymode(real, temporary)
        if content_of(real) != before:
            raise FileChanged
        temporary.replace(real)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class FileChanged(OSError):
    """Says that somebody else wrote the file meanwhile."""


def content_of(path: Path) -> bytes | None:
    """Return what a file holds; None where there is none. Raises OSError."""
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return None
