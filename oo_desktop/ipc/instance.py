"""Keep one oO per user: the private folder, the lock that says who runs, the socket's address.

The lock is a flock: the kernel releases it with the process, even after kill -9, whereas a file
with a process number in it can name somebody else's process after a crash. A socket file outlives
its process, so it proves nothing; only whoever holds the lock may remove one.

Everything is done relative to the opened folder, not to its path: what was checked is what is used,
whoever renames things in between, and a path too long for a socket address (107 bytes) still works.
"""

from __future__ import annotations

import os
import stat
import sys

from oo_desktop.errors import OoError
from oo_desktop.language import translated
from oo_desktop.locks import try_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from typing import Self, TypeAlias

    StrPath: TypeAlias = str | os.PathLike[str]

SOCKET_NAME = "oo-desktop.sock"
LOCK_NAME = "oo-desktop.lock"
_MAX_ADDRESS = 107
"""Bytes of a socket path on Linux (`sun_path` in unix(7), less its NUL)."""


class InstanceError(OoError):
    """Says that the running oO cannot be talked to, or the folder to meet it in is not safe."""


class NotOnWindows(InstanceError):
    """Says that nothing here is made for Windows: a folder that is held open, and its socket."""

    def __init__(self) -> None:
        super().__init__(translated("oO does not run on Windows yet."))


class NotRunning(InstanceError):
    """Says that no oO is running."""

    def __init__(self) -> None:
        super().__init__(translated("oO is not running. Start it with: oo-desktop"))


class RuntimeFolder:
    """Holds the folder of socket and lock open; checked to be this user's alone."""

    def __init__(self, descriptor: int, path: StrPath) -> None:
        self.descriptor = descriptor
        self.path = path

    @classmethod
    def open(cls, path: StrPath, *, owner: int | None = None) -> Self:
        """Open the folder and check it.

        owner: the uid it must belong to; by default this user's.

        Raises FileNotFoundError when there is none, InstanceError when it cannot be trusted.
        """
        if sys.platform == "win32":
            raise NotOnWindows
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        try:
            folder = cls(os.open(path, flags), path)
        except FileNotFoundError:
            raise
        except OSError as error:
            if os.path.islink(path):
                sentence = translated("oO cannot use the folder {path}: it is a link.", path=path)
            else:
                sentence = translated(
                    "oO cannot use the folder {path}: {reason}.", path=path, reason=error.strerror
                )
            raise InstanceError(sentence) from error
        try:
            folder._check(os.getuid() if owner is None else owner)
        except InstanceError:
            folder.close()
            raise
        return folder

    def _check(self, owner: int) -> None:
        status = os.fstat(self.descriptor)
        if status.st_uid != owner:
            raise InstanceError(
                translated("oO does not use {path}: it belongs to another user.", path=self.path)
            )
        if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise InstanceError(
                translated(
                    "oO does not use {path}: other users may write into it. Close it with: chmod "
                    "700 {path}",
                    path=self.path,
                )
            )

    def close_to_others(self) -> None:
        """Take from other users what a lax umask or a restored backup gave them."""
        if sys.platform == "win32":
            raise NotOnWindows
        if stat.S_IMODE(os.fstat(self.descriptor).st_mode) != stat.S_IRWXU:
            os.fchmod(self.descriptor, stat.S_IRWXU)

    def address(self) -> str:
        """Return where the socket is bound and found.

        Raises InstanceError where its path is too long.
        """
        through_proc = f"/proc/self/fd/{self.descriptor}"
        if os.path.isdir(through_proc):
            return f"{through_proc}/{SOCKET_NAME}"
        plain = os.path.join(self.path, SOCKET_NAME)
        if len(os.fsencode(plain)) > _MAX_ADDRESS:
            raise InstanceError(
                translated("The path {path} is too long here. Use a shorter folder.", path=plain)
            )
        return plain

    def close(self) -> None:
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class InstanceLock:
    """Is held by the one running oO, from before its first window to after its last write."""

    def __init__(self, folder: RuntimeFolder, descriptor: int) -> None:
        self._folder = folder
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, path: StrPath) -> Self | None:
        """Become the running instance in folder `path`, made if need be; None when there is one.

        Also None, for an instant, while a command looks whether somebody holds the lock: try again
        when whoever seems to run does not answer. Raises InstanceError.
        """
        folder = _made(path)
        try:
            descriptor = _locked(folder)
        except OSError as error:
            folder.close()
            raise InstanceError(
                translated(
                    "oO cannot use the folder {path}: {reason}.", path=path, reason=error.strerror
                )
            ) from error
        if descriptor is None:
            folder.close()
            return None
        return cls(folder, descriptor)

    def listen(self) -> socket.socket:
        """Return the listening socket, non-blocking, in place of any that a dead instance left.

        Raises InstanceError.
        """
        if sys.platform == "win32":
            raise NotOnWindows
        import socket  # after the icon

        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.remove_socket()
            # On Linux the file gets the mode of the socket it is bound to (unix(7)), so there is
            # no moment at which it is open to more.
            os.fchmod(listener.fileno(), stat.S_IRUSR | stat.S_IWUSR)
            listener.bind(self._folder.address())
            listener.listen(100)
            listener.setblocking(False)
        except (OSError, InstanceError) as error:
            listener.close()
            if isinstance(error, InstanceError):
                raise
            raise InstanceError(
                translated(
                    "oO cannot open its socket in {path}: {reason}.",
                    path=self._folder.path,
                    reason=error.strerror,
                )
            ) from error
        return listener

    def remove_socket(self) -> None:
        """Remove the socket's file, whoever left it."""
        try:
            os.unlink(SOCKET_NAME, dir_fd=self._folder.descriptor)
        except FileNotFoundError:
            pass

    def release(self) -> None:
        """Let the next instance start. The file stays: unlinking it could give two the lock."""
        if self._descriptor < 0:
            return
        os.close(self._descriptor)
        self._descriptor = -1
        self._folder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def holder(folder: RuntimeFolder) -> int | None:
    """Return the process that runs in `folder`: its number, 0 when it did not say, or None."""
    if sys.platform == "win32":
        raise NotOnWindows
    try:
        descriptor = os.open(LOCK_NAME, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder.descriptor)
    except OSError:
        return None
    try:
        if try_lock(descriptor, shared=True):
            return None
        text = os.pread(descriptor, 20, 0).strip()
        return int(text) if text.isdigit() else 0
    finally:
        os.close(descriptor)


def _made(path: StrPath) -> RuntimeFolder:
    try:
        os.makedirs(path, mode=stat.S_IRWXU, exist_ok=True)
    except OSError as error:
        if not os.path.islink(path):  # a link gets its own sentence below
            raise InstanceError(
                translated(
                    "oO cannot make the folder {path}: {reason}.", path=path, reason=error.strerror
                )
            ) from error
    try:
        folder = RuntimeFolder.open(path)
    except FileNotFoundError as error:
        raise InstanceError(
            translated("oO cannot use the folder {path}: it is gone.", path=path)
        ) from error
    folder.close_to_others()
    return folder


def _locked(folder: RuntimeFolder) -> int | None:
    """The descriptor that holds the lock, or None when another process holds it."""
    if sys.platform == "win32":
        raise NotOnWindows
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    descriptor = os.open(LOCK_NAME, flags, stat.S_IRUSR | stat.S_IWUSR, dir_fd=folder.descriptor)
    try:
        if not try_lock(descriptor):
            os.close(descriptor)
            return None
    except OSError:
        os.close(descriptor)
        raise
    # Only a courtesy to `quit` and to people, so a full disk does not matter.
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError:
        pass
    return descriptor
