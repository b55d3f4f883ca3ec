"""The one SQLite file: opening it, writing to it safely, and saying plainly what is wrong with it.

WAL with `synchronous=FULL`, so that what a committed row promises survives a power cut; a one-row
commit still takes well under a millisecond. Writes begin with `BEGIN IMMEDIATE`: a read that turns
into a write after another process committed would otherwise fail at once, whatever the timeout.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from oo_desktop.errors import StoreError
from oo_desktop.store.schema import MIGRATIONS, VERSION, metadata

APPLICATION_ID = 0x6F4F6454
"""`PRAGMA application_id`: marks the file as ours, so that no other program's is written to."""

BUSY_TIMEOUT = 2.0
"""Seconds to wait for another process's write."""


class Database:
    """An open database. Used from one thread.

    busy_timeout: seconds to wait for another process's write.

    Raises StoreError, from its constructor and from `transaction`, for everything the world can do
    to a file; the sentence names the file and what to do.
    """

    def __init__(self, path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self._engine = _engine(path, busy_timeout)
        _create_private(path)
        try:
            with self._translated():
                self._check_ours()
                self._use_wal()
                self._prepare()
        except BaseException:
            self._engine.dispose()
            raise

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One atomic piece of work: committed at the end, rolled back on any exception."""
        with self._translated(), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    def _check_ours(self) -> None:
        """Raises StoreError for a file we must not change; up to here nothing was written to it."""
        with self._engine.begin() as connection:
            application = connection.execute(text("PRAGMA application_id")).scalar_one()
            version = connection.execute(text("PRAGMA user_version")).scalar_one()
            tables = connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar_one()
        if application != APPLICATION_ID and (application or version or tables):
            raise StoreError(f"{self.path} is another program’s database. Move it away.")
        if version > VERSION:
            raise StoreError(
                f"{self.path} was written by a newer oO. Update oO, or move the file away."
            )

    def _use_wal(self) -> None:
        with closing(self._engine.raw_connection()) as connection:
            connection.cursor().execute(
                "PRAGMA journal_mode = WAL"
            )  # not possible in a transaction

    def _prepare(self) -> None:
        # The version is read again: another process may have been here since the check.
        with self._engine.begin() as connection:
            version = connection.execute(text("PRAGMA user_version")).scalar_one()
            if version == VERSION:
                return
            if version == 0:
                metadata.create_all(connection)
            else:
                for statement in chain.from_iterable(MIGRATIONS[version - 1 :]):
                    connection.execute(text(statement))
            connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
            connection.execute(text(f"PRAGMA user_version = {VERSION}"))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StoreError(_sentence(self.path, error.orig)) from None
        except sqlite3.Error as error:
            raise StoreError(_sentence(self.path, error)) from None
        except SQLAlchemyError as error:
            raise StoreError(f"{self.path} cannot be used ({type(error).__name__}).") from None


def _create_private(path: Path) -> None:
    """Make a new file readable by its user alone; SQLite gives its other files the same rights."""
    with suppress(OSError):  # it is there already, or SQLite will say what is wrong
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _engine(path: Path, busy_timeout: float) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),  # a path is not a URL: it may have a ? or a %
        poolclass=StaticPool,  # one connection: the loop's thread is the only one that asks
        hide_parameters=True,  # titles are private, and exceptions end up in reports
        connect_args={"timeout": busy_timeout, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN below is the only one
        # Neither writes to the file: it may be another program's.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _sentence(path: Path, error: BaseException | None) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    sentences = {
        sqlite3.SQLITE_FULL: f"The disk with {path} is full. Make some room; nothing is lost.",
        sqlite3.SQLITE_READONLY: f"{path} cannot be written to. Check the rights of its folder.",
        sqlite3.SQLITE_CANTOPEN: f"{path} cannot be opened. Check the rights of its folder.",
        sqlite3.SQLITE_PERM: f"{path} cannot be opened. Check the rights of its folder.",
        sqlite3.SQLITE_BUSY: f"{path} is in use by another program.",
        sqlite3.SQLITE_LOCKED: f"{path} is in use by another program.",
        sqlite3.SQLITE_NOTADB: f"{path} is not a database. Move it away and start oO again.",
        sqlite3.SQLITE_CORRUPT: f"{path} is damaged. Move it away and start oO again.",
        sqlite3.SQLITE_IOERR: f"The disk failed while oO used {path}.",
    }
    return sentences.get(code, f"{path} cannot be used (SQLite error {code}).")
