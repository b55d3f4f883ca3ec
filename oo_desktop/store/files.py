"""Writes files that are whole or not there: beside the database, and into its place.

A file is written under another name and synced before it gets its own, so that no crash and no
power cut leaves one that is empty or half written. An empty one was therefore emptied.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from glob import escape
from pathlib import Path
from tempfile import mkstemp

COMPANIONS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database, and belongs to it."""

NO_LINKS = frozenset({errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP})
"""What a file system says that has no hard links."""


def beside(path: Path, suffix: str) -> Path:
    """Return `path` with `suffix` at its end."""
    return path.with_name(path.name + suffix)


def put_new(path: Path, content: bytes) -> None:
    """Put a new file at `path`, readable by its user alone; one that is there already stays.

    Raises OSError; then nothing is left behind.
    """
    descriptor, name = mkstemp(prefix=f"{path.name}.new-", dir=path.parent)
    begun = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        _name_unless_taken(begun, path)
    finally:
        begun.unlink(missing_ok=True)
    sync_folder(path.parent)


def _name_unless_taken(begun: Path, path: Path) -> None:
    try:
        path.hardlink_to(begun)
    except FileExistsError:
        pass  # another process was faster
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if not path.exists():
            begun.rename(path)


def remove_begun(path: Path) -> None:
    """Remove what a `put_new` that was killed left beside `path`. Raises OSError."""
    for begun in path.parent.glob(f"{escape(path.name)}*.new-*"):
        begun.unlink(missing_ok=True)


def rescued_beside(path: Path) -> Path | None:
    """Return what is whole and waits to be put in the place of `path`. Raises OSError."""
    return next(_rescued(path), None)


def remove_rescued(path: Path, *, but: Path | None = None) -> None:
    """Remove what waits to be put there, all but `but`, for something newer is known.

    Raises OSError.
    """
    for rescued in [file for file in _rescued(path) if file != but]:
        rescued.unlink(missing_ok=True)


def _rescued(path: Path) -> Iterator[Path]:
    found = path.parent.glob(f"{escape(path.name)}.rescued-*")
    return (file for file in found if ".new-" not in file.name)


def put_in_place(rescued: Path, path: Path) -> Path:
    """Put `rescued`, which is whole and synced, at `path`; what is there is set aside.

    `rescued` is called `….rescued-…`: called again after a crash, this goes on. Returns the name
    under which the old file is kept, if there was one. Raises OSError.
    """
    stamp = rescued.name.rpartition("-")[2]
    aside = beside(path, f".set-aside-{stamp}")
    if path.exists() and aside.exists():  # an oO that knows no rescue was here in between
        aside = beside(path, f".set-aside-{free_stamp(path, stamp)}")
    for source, suffix in _belonging_to(path):
        source.rename(beside(aside, suffix))
    sync_folder(path.parent)
    rescued.rename(path)
    sync_folder(path.parent)
    return aside


def _belonging_to(path: Path) -> Iterator[tuple[Path, str]]:
    """What there is of a database: its companions first, for they are nothing without it."""
    for suffix in (*COMPANIONS, ""):
        file = beside(path, suffix)
        if file.exists():
            yield file, suffix


def size_of(path: Path) -> int:
    """Return how many bytes a file has; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def remove_with_companions(path: Path) -> None:
    """Remove a database that was begun, and what belongs to it. Raises OSError."""
    for suffix in ("", *COMPANIONS):
        beside(path, suffix).unlink(missing_ok=True)


def stamp_at(now: datetime) -> str:
    """Return what tells files apart that were set aside at different times. `now`: UTC."""
    return f"{now:%Y%m%dT%H%M%SZ}"


def free_stamp(path: Path, stamp: str) -> str:
    """Return `stamp`, numbered if something was set aside under it: no file is ever overwritten."""
    number, free = 1, stamp
    while any(path.parent.glob(f"{escape(path.name)}.*-{free}*")):
        number += 1
        free = f"{stamp}.{number}"
    return free


def sync_folder(folder: Path) -> None:
    """Make renames survive a power cut, where a folder can be synced."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
