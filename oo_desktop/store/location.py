"""Knows where the file of an open database is, and puts it back there.

Somebody may delete, move or replace the file of a running program. What that program then writes
goes into a file without a name, and is gone when the program ends. So the file is looked at before
and after whatever is written, which costs a few microseconds. Where it is not the one that is open,
all of it is put back: the open connection still reads every row. What stands at its place is set
aside. So the click that finds it out is kept like all before it, and oO goes on without a restart.

The look after the commit is the one that counts: what was written in between is put back with the
rest. The look before keeps what cannot be put back from being written at all.

Not put back: into another disk than the one it was on, which is away and may return with the file;
and a second time over what is not oO's own, or two programs would do so in turns for ever.
"""

import os
from pathlib import Path

from msgspec import Struct

from oo_desktop.language import translated
from oo_desktop.store.errors import DatabaseUnusable
from oo_desktop.store.files import beside, free_stamp, put_in_place, put_new, remove_rescued

FileIdentity = tuple[int, int] | None
"""The device and the number of a file; None: there is none."""


class FileLocation(Struct, frozen=True):
    """Holds which files stand at the path of a database, and on which disk its folder is.

    file: the database itself; None: there is none, or it was emptied.
    log: the write-ahead log beside it.
    disk: the device number of the folder.
    """

    path: Path
    file: FileIdentity
    log: FileIdentity
    disk: int

    @classmethod
    def of(cls, path: Path) -> "FileLocation":
        """Return what stands at `path` now. Raises OSError where there is no folder."""
        return cls(path, _filled(path), _identity(beside(path, "-wal")), _disk(path))

    def is_kept(self) -> bool:
        """Return whether the files are still those that were there."""
        return self.has_its_file() and _identity(beside(self.path, "-wal")) == self.log

    def has_its_file(self) -> bool:
        """Return whether the file is still that one, whatever log stands beside it."""
        return _filled(self.path) == self.file

    def require(self) -> None:
        """Raise DatabaseUnusable where they are not."""
        if not self.is_kept():
            raise DatabaseUnusable(
                translated(
                    "{file} was moved or replaced while oO ran. oO puts it back.", file=self.path
                )
            )

    def is_taken(self) -> bool:
        """Return whether something else stands there now."""
        return _identity(self.path) not in (None, self.file)

    def put_back(self, content: bytes, stamp: str) -> tuple["FileLocation", str]:
        """Put `content` there; returns the new location, and a sentence on what was done.

        content: the database as the bytes of one file.
        stamp: tells apart what is set aside, as `stamp_at` makes it.

        Called again after an error, it begins anew. Raises OSError, and DatabaseUnusable where the
        folder is gone or on another disk.
        """
        if not self._is_on_its_disk():
            raise DatabaseUnusable(
                translated(
                    "The folder of {file} is gone. Bring it back, or make it again; nothing is "
                    "lost while oO runs.",
                    file=self.path,
                )
            )
        was_there = self.path.exists()
        rescued = beside(self.path, f".rescued-{free_stamp(self.path, stamp)}")
        put_new(rescued, content)
        remove_rescued(self.path, but=rescued)
        then = FileLocation(self.path, _identity(rescued), None, self.disk)
        self._remove_log()
        aside = put_in_place(rescued, self.path)
        if was_there:
            return then, translated(
                "{file} was replaced or damaged by another program while oO ran. oO wrote it anew; "
                "what was there is kept as {name}.",
                file=self.path,
                name=aside.name,
            )
        return then, translated(
            "{file} was deleted or moved while oO ran. oO wrote it anew; nothing is lost.",
            file=self.path,
        )

    def _remove_log(self) -> None:
        """Remove our log, all of which is in the copy.

        SQLite would give it to whatever stands beside it now, and that must be kept as it is.
        """
        if _identity(beside(self.path, "-wal")) in (self.log, None):
            for suffix in ("-wal", "-shm"):
                beside(self.path, suffix).unlink(missing_ok=True)

    def _is_on_its_disk(self) -> bool:
        try:
            return _disk(self.path) == self.disk
        except OSError:
            return False


def _disk(path: Path) -> int:
    return path.parent.stat().st_dev


def _filled(path: Path) -> FileIdentity:
    """As `_identity`, but None, too, for one that was emptied where it stands."""
    found = _stat(path)
    return (found.st_dev, found.st_ino) if found and found.st_size else None


def _identity(path: Path) -> FileIdentity:
    found = _stat(path)
    return (found.st_dev, found.st_ino) if found else None


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
