"""Hears that somebody saved config.toml, without looking at it while nobody does.

Editors write a file anew in many ways: in place, by renaming another over it, by moving it away
first. So its folder is watched, and the file itself, for what is written in place; and the folder
above, for a folder does not say that it is moved. Where one is not there yet, the nearest above it
is. What a link leads to is watched as well.

What is not heard: another machine that writes to a shared folder (NFS, SMB, sshfs), and what lies
on a file system that tells nothing (some of FUSE). `look` finds that when it is called.
"""

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer

SETTLE_MS = 200
"""Milliseconds without another change after which a file counts as saved."""

Stamp = tuple[int, int, int] | None


class ConfigWatch(QObject):
    """Calls `changed` some time after the file was saved, made or deleted; for as long as it lives.

    settle: milliseconds in which nothing more may happen to it.
    """

    def __init__(
        self, path: Path, changed: Callable[[], object], *, settle: int = SETTLE_MS
    ) -> None:
        super().__init__()
        self._path = path
        self._changed = changed
        self._stamp = _stamp(path)
        self._watched: dict[str, int] = {}
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._look)
        self._watcher.fileChanged.connect(self._look)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(settle)
        self._settled.timeout.connect(self.look)
        self._watch()

    def look(self) -> None:
        """Call `changed` if the file is another than when it was last looked at."""
        self._settled.stop()
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._stamp = stamp
            self._changed()

    def _look(self) -> None:
        self._watch()
        if _stamp(self._path) != self._stamp:  # else it was another file of that folder
            self._settled.start()

    def _watch(self) -> None:
        """Watch what is there now; what took the place of another of its name is watched anew."""
        real = Path(os.path.realpath(self._path))
        paths = [real, *(folder for path in (self._path, real) for folder in path.parents[:2])]
        wanted = {str(path): inode for path in paths if (inode := _inode(path))}
        if len(wanted) < len(set(paths)):
            existing = next(each for each in self._path.parents if _inode(each))
            wanted[str(existing)] = _inode(existing)
        if gone := [path for path, inode in self._watched.items() if wanted.get(path) != inode]:
            self._watcher.removePaths(gone)
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if new := [path for path in wanted if path not in watched]:
            self._watcher.addPaths(new)
        self._watched = wanted


def _inode(path: Path) -> int:
    """The number of a file or folder; 0 where there is none."""
    try:
        return path.stat().st_ino
    except OSError:
        return 0


def _stamp(path: Path) -> Stamp:
    """What tells one content from another; None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns)
