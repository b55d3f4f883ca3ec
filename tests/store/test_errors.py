"""What SQLite and the system say becomes a sentence: on what happened, and what to do."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from oo_desktop.errors import StoreError
from oo_desktop.store.errors import (
    DatabaseDamaged,
    DatabaseUnusable,
    translate_errors,
    translate_os_errors,
)

PATH = Path("/home/ada/oo.db")


def sqlite_error(code: int | None, kind: type[sqlite3.Error] = sqlite3.DatabaseError) -> Exception:
    """An error as sqlite3 raises it; None: one that it has found itself."""
    error = kind("the planted title")
    if code is not None:
        error.sqlite_errorcode = code
    return error


def raised(error: Exception, *, opening: bool = False) -> StoreError:
    with pytest.raises(StoreError) as caught, translate_errors(PATH, opening=opening):
        raise error
    assert caught.value.__cause__ is None
    assert str(PATH) in str(caught.value)
    assert "planted" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (sqlite3.SQLITE_FULL, DatabaseUnusable, "disk .* is full"),
        (sqlite3.SQLITE_READONLY, DatabaseUnusable, "cannot be written to"),
        (sqlite3.SQLITE_READONLY_DBMOVED, DatabaseUnusable, "cannot be written to"),
        (sqlite3.SQLITE_CANTOPEN, DatabaseUnusable, "cannot be opened"),
        (sqlite3.SQLITE_PERM, DatabaseUnusable, "cannot be opened"),
        (sqlite3.SQLITE_BUSY, DatabaseUnusable, "in use by another program"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, DatabaseUnusable, "in use by another program"),
        (sqlite3.SQLITE_LOCKED, DatabaseUnusable, "in use by another program"),
        (sqlite3.SQLITE_IOERR_FSYNC, DatabaseUnusable, "The disk failed"),
        (sqlite3.SQLITE_NOTADB, DatabaseDamaged, "not a database"),
        (sqlite3.SQLITE_CORRUPT, DatabaseDamaged, "is damaged"),
        (sqlite3.SQLITE_CORRUPT_VTAB, DatabaseDamaged, "is damaged"),
        (sqlite3.SQLITE_CONSTRAINT, StoreError, r"cannot be used \(SQLite error 19\)"),
        (sqlite3.SQLITE_ERROR, StoreError, r"cannot be used \(SQLite error 1\)"),
    ],
)
def test_what_sqlite_says_becomes_a_sentence(code: int, kind: type[StoreError], said: str) -> None:
    found = raised(sqlite_error(code))
    assert type(found) is kind
    with pytest.raises(StoreError, match=said):
        raise found


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_FORMAT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_TOOBIG,
    ],
)
def test_a_good_statement_that_makes_no_sense_to_a_file_speaks_of_the_file(code: int) -> None:
    assert isinstance(raised(sqlite_error(code), opening=True), DatabaseDamaged)
    assert type(raised(sqlite_error(code))) is StoreError


@pytest.mark.parametrize(
    "error",
    [
        sqlite_error(None, sqlite3.OperationalError),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
    ],
)
def test_text_that_is_none_is_damage(error: Exception) -> None:
    assert isinstance(raised(error), DatabaseDamaged)


def test_what_pythons_module_finds_itself_is_named_by_its_kind() -> None:
    found = raised(sqlite_error(None, sqlite3.ProgrammingError))
    assert str(found) == f"{PATH} cannot be used (ProgrammingError)."


def test_a_mistake_of_ours_passes_through() -> None:
    with pytest.raises(KeyError), translate_errors(PATH), translate_os_errors(PATH):
        raise KeyError


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "The disk with {} is full. Make some room; nothing is lost."),
        (errno.EDQUOT, "The disk with {} is full. Make some room; nothing is lost."),
        (errno.EFBIG, "The disk with {} is full. Make some room; nothing is lost."),
        (errno.EIO, "The disk failed while oO used {}."),
        (errno.EACCES, "{} cannot be opened. Check the permissions of its folder."),
        (errno.ENOENT, "{} cannot be opened. Check the permissions of its folder."),
    ],
)
def test_what_the_system_says_becomes_a_sentence(number: int, said: str) -> None:
    with pytest.raises(DatabaseUnusable) as caught, translate_os_errors(PATH):
        raise OSError(number, os.strerror(number))
    assert str(caught.value) == said.format(PATH)


def test_what_keeps_a_damaged_file_from_being_set_aside_is_said_with_that() -> None:
    with pytest.raises(DatabaseUnusable) as caught, translate_os_errors(PATH, setting_aside=True):
        raise PermissionError(errno.EACCES, "Permission denied")
    assert str(caught.value) == (
        f"{PATH} is damaged and cannot be set aside (Permission denied). "
        "Check the permissions of its folder, and how much room it has."
    )
