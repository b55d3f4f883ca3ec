"""Translates what SQLite and the system say into errors: one sentence on what happened, what to do.

A file that cannot be used now (in use, a full disk, rights, a failing disk) is `DatabaseUnusable`
and may work later. One whose content cannot be used is `DatabaseDamaged`, and `recovery/rescue.py`
sets it aside.

Source of the codes: https://www.sqlite.org/rescode.html.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oo_desktop.errors import StoreError

SCHEMA_MISFIT_CODES = (
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_TOOBIG,
)
"""Codes that SQLite gives to good statements where the file is not what its version promises."""


class DatabaseUnusable(StoreError):
    """Says that the file cannot be used now: in use, a full disk, no rights, a failing disk."""


class DatabaseDamaged(StoreError):
    """Says that what is in the file is not, or no longer, a database of oO's.

    foreign: whether it is another program's, and nothing is wrong with it.
    """

    def __init__(self, message: str, *, foreign: bool = False) -> None:
        super().__init__(message)
        self.foreign = foreign


@contextmanager
def translate_errors(path: Path, *, opening: bool = False) -> Iterator[None]:
    """Raise StoreError for whatever SQLite says.

    path: the database, which the sentence names.
    opening: whether only our own, well-formed statements run: "no such column" then speaks of the
        file, and is DatabaseDamaged.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _error(path, error, opening=opening) from None
    except UnicodeDecodeError:  # sqlite3 cannot even read what SQLite says of a damaged schema
        raise DatabaseDamaged(damaged_while_open(path)) from None


def damaged_while_open(path: Path) -> str:
    """Return what is said of a file that is damaged while oO runs."""
    return f"{path} is damaged. Quit oO and start it again: it saves what it can."


@contextmanager
def translate_os_errors(path: Path, *, setting_aside: bool = False) -> Iterator[None]:
    """Raise DatabaseUnusable for whatever the operating system says.

    path: the database, which the sentence names.
    setting_aside: whether it is damaged and being set aside, which the sentence then says.
    """
    try:
        yield
    except OSError as error:
        if setting_aside:
            sentence = _not_set_aside(path, error)
        elif error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            sentence = _full(path)
        elif error.errno == errno.EIO:
            sentence = _failed(path)
        else:
            sentence = _locked_out(path)
        raise DatabaseUnusable(sentence) from None


def _full(path: Path) -> str:
    return f"The disk with {path} is full. Make some room; nothing is lost."


def _failed(path: Path) -> str:
    return f"The disk failed while oO used {path}."


def _locked_out(path: Path) -> str:
    return f"{path} cannot be opened. Check the permissions of its folder."


def _not_set_aside(path: Path, error: OSError) -> str:
    return (
        f"{path} is damaged and cannot be set aside ({error.strerror}). "
        "Check the permissions of its folder, and how much room it has."
    )


def _error(path: Path, error: sqlite3.Error, *, opening: bool) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    not_now = {
        sqlite3.SQLITE_FULL: _full(path),
        sqlite3.SQLITE_READONLY: (
            f"{path} cannot be written to. Check the permissions of its folder."
        ),
        sqlite3.SQLITE_CANTOPEN: _locked_out(path),
        sqlite3.SQLITE_PERM: _locked_out(path),
        sqlite3.SQLITE_BUSY: f"{path} is in use by another program. Try again in a moment.",
        sqlite3.SQLITE_LOCKED: f"{path} is in use by another program. Try again in a moment.",
        sqlite3.SQLITE_IOERR: _failed(path),
    }
    if primary in not_now:
        return DatabaseUnusable(not_now[primary])
    if primary == sqlite3.SQLITE_NOTADB:
        return DatabaseDamaged(f"{path} is not a database. Move it away and start oO again.")
    # Without a code, Python itself found text that is none.
    not_text = primary is None and isinstance(error, sqlite3.OperationalError)
    if (
        primary == sqlite3.SQLITE_CORRUPT
        or not_text
        or (opening and primary in SCHEMA_MISFIT_CODES)
    ):
        return DatabaseDamaged(damaged_while_open(path))
    said = type(error).__name__ if primary is None else f"SQLite error {primary}"
    return StoreError(f"{path} cannot be used ({said}).")
