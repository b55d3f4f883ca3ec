"""What the world does to a database, as errors that say in a sentence what happened and what to do.

A file that cannot be used now (in use, a full disk, rights, a failing disk) is `Unusable` and may
work later. One whose content cannot be used is `Damaged`, and `rescue.py` sets it aside.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from oo_desktop.errors import StoreError

MISFITS = (
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_TOOBIG,
)
"""What SQLite says of good statements when the file is not what its version promises."""


class Unusable(StoreError):
    """The file cannot be used now: in use, a full disk, no rights, a failing disk."""


class Damaged(StoreError):
    """What is in the file is not, or no longer, a database of oO's.

    foreign: it is another program's, and nothing is wrong with it.
    """

    def __init__(self, message: str, *, foreign: bool = False) -> None:
        super().__init__(message)
        self.foreign = foreign


@contextmanager
def translated(path: Path, *, opening: bool = False) -> Iterator[None]:
    """Raise StoreError for whatever SQLite says.

    opening: only our own, well-formed statements run, so "no such column" speaks of the file.
    """
    try:
        yield
    except DBAPIError as error:
        raise _error(path, error.orig, opening=opening) from None
    except sqlite3.Error as error:
        raise _error(path, error, opening=opening) from None
    except UnicodeDecodeError:  # sqlite3 cannot even read what SQLite says of a damaged schema
        raise Damaged(damaged(path)) from None
    except SQLAlchemyError as error:
        raise StoreError(f"{path} cannot be used ({type(error).__name__}).") from None


def damaged(path: Path) -> str:
    """What is said of a file that is damaged while oO runs."""
    return f"{path} is damaged. Quit oO and start it again: it saves what it can."


@contextmanager
def os_errors(path: Path) -> Iterator[None]:
    """Raise Unusable for whatever the operating system says."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            said = _full(path)
        elif error.errno == errno.EIO:
            said = _failed(path)
        else:
            said = _locked_out(path)
        raise Unusable(said) from None


def _full(path: Path) -> str:
    return f"The disk with {path} is full. Make some room; nothing is lost."


def _failed(path: Path) -> str:
    return f"The disk failed while oO used {path}."


def _locked_out(path: Path) -> str:
    return f"{path} cannot be opened. Check the rights of its folder."


def _error(path: Path, error: BaseException | None, *, opening: bool) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    not_now = {
        sqlite3.SQLITE_FULL: _full(path),
        sqlite3.SQLITE_READONLY: f"{path} cannot be written to. Check the rights of its folder.",
        sqlite3.SQLITE_CANTOPEN: _locked_out(path),
        sqlite3.SQLITE_PERM: _locked_out(path),
        sqlite3.SQLITE_BUSY: f"{path} is in use by another program. Try again in a moment.",
        sqlite3.SQLITE_LOCKED: f"{path} is in use by another program. Try again in a moment.",
        sqlite3.SQLITE_IOERR: _failed(path),
    }
    if primary in not_now:
        return Unusable(not_now[primary])
    if primary == sqlite3.SQLITE_NOTADB:
        return Damaged(f"{path} is not a database. Move it away and start oO again.")
    # Without a code, Python itself found text that is none.
    not_text = primary is None and isinstance(error, sqlite3.OperationalError)
    if primary == sqlite3.SQLITE_CORRUPT or not_text or (opening and primary in MISFITS):
        return Damaged(damaged(path))
    return StoreError(f"{path} cannot be used (SQLite error {primary}).")
