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
from oo_desktop.language import translated

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
    return translated(
        "{file} is damaged. Quit oO and start it again: it saves what it can.", file=path
    )


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
            sentence = full_disk(path)
        elif error.errno == errno.EIO:
            sentence = _failed(path)
        else:
            sentence = _locked_out(path)
        raise DatabaseUnusable(sentence) from None


def full_disk(path: Path) -> str:
    """Return what is said where the disk of `path` is full."""
    return translated("The disk with {file} is full. Make some room; nothing is lost.", file=path)


def _failed(path: Path) -> str:
    return translated("The disk failed while oO used {file}.", file=path)


def _locked_out(path: Path) -> str:
    return translated("{file} cannot be opened. Check the permissions of its folder.", file=path)


def _not_set_aside(path: Path, error: OSError) -> str:
    return translated(
        "{file} is damaged and cannot be set aside ({why}). Check the permissions of its folder, "
        "and how much room it has.",
        file=path,
        why=error.strerror,
    )


def _read_only(path: Path) -> str:
    return translated(
        "{file} cannot be written to. Check the permissions of its folder.", file=path
    )


def _busy(path: Path) -> str:
    return translated("{file} is in use by another program. Try again in a moment.", file=path)


def _error(path: Path, error: sqlite3.Error, *, opening: bool) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    not_now = {
        sqlite3.SQLITE_FULL: full_disk(path),
        sqlite3.SQLITE_READONLY: _read_only(path),
        sqlite3.SQLITE_CANTOPEN: _locked_out(path),
        sqlite3.SQLITE_PERM: _locked_out(path),
        sqlite3.SQLITE_BUSY: _busy(path),
        sqlite3.SQLITE_LOCKED: _busy(path),
        sqlite3.SQLITE_IOERR: _failed(path),
    }
    if primary in not_now:
        return DatabaseUnusable(not_now[primary])
    if primary == sqlite3.SQLITE_NOTADB:
        return DatabaseDamaged(
            translated("{file} is not a database. Move it away and start oO again.", file=path)
        )
    # Without a code, Python itself found text that is none.
    not_text = primary is None and isinstance(error, sqlite3.OperationalError)
    if (
        primary == sqlite3.SQLITE_CORRUPT
        or not_text
        or (opening and primary in SCHEMA_MISFIT_CODES)
    ):
        return DatabaseDamaged(damaged_while_open(path))
    said = type(error).__name__ if primary is None else f"SQLite error {primary}"
    return StoreError(translated("{file} cannot be used ({error}).", file=path, error=said))
