"""The one SQLite file: opening it, writing to it safely, and saying plainly what is wrong with it.

WAL, and synced with every commit, so that what a committed row promises survives a power cut; a
one-row commit still takes well under a millisecond. Writes begin with `BEGIN IMMEDIATE`: a read
that turns into a write after another process committed would otherwise fail at once, whatever the
timeout. What only reads waits for nobody.

A file that cannot be used now (in use, a full disk, rights, a failing disk) is `Unusable` and may
work later. One whose content cannot be used is `Damaged`, and `rescue.py` sets it aside.
"""

import errno
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from time import sleep

from msgspec import Struct
from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from oo_desktop.errors import StoreError
from oo_desktop.store.files import put_new
from oo_desktop.store.schema import MIGRATIONS, VERSION, metadata

APPLICATION_ID = 0x6F4F6454
"""`PRAGMA application_id`: marks the file as ours, so that no other program's is written to."""

BUSY_TIMEOUT = 2.0
"""Seconds to wait for another process's write."""

BUSY_PAUSE = 0.02
"""Seconds between two looks whether it is over, where SQLite does not wait by itself."""

ONLY_READS = "oo_only_reads"
"""Execution option of a connection whose transaction writes nothing."""


class Unusable(StoreError):
    """The file cannot be used now: in use, a full disk, no rights, a failing disk."""


class Damaged(StoreError):
    """What is in the file is not, or no longer, a database of oO's.

    foreign: it is another program's, and nothing is wrong with it.
    """

    def __init__(self, message: str, *, foreign: bool = False) -> None:
        super().__init__(message)
        self.foreign = foreign


class Marks(Struct, frozen=True):
    """What a database says of itself; `tables` counts everything in its schema."""

    application: int
    version: int
    tables: int


class Database:
    """An open database. Used from one thread at a time.

    problem: one sentence on why nothing can be written to it at present, or None.
    busy_timeout: seconds to wait for another process's write.

    Raises StoreError, from its constructor, `transaction` and `reading`, for everything the world
    can do to a file; the sentence names the file and what to do.
    """

    def __init__(self, path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self.problem: str | None = None
        self._damaged = False
        self._closed = False
        with translated(path, opening=True), os_errors(path):
            if not path.exists():
                put_new(path, new_content())
            with closing(only_reading(path, busy_timeout)) as reader:
                require_ours(path, marks(reader))
        self._engine = _engine(path, busy_timeout)
        try:
            with translated(path, opening=True):
                self._use_wal(busy_timeout)
                self._prepare()
        except BaseException:
            self._engine.dispose()
            raise

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One atomic piece of work: committed at the end, rolled back on any exception."""
        with self._watched(), self._engine.begin() as connection:
            yield connection
        if not self._damaged:
            self.problem = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """What is read here was all true at one moment; waits for no writer, writes nothing."""
        with (
            self._watched(),
            self._engine.connect() as connection,
            connection.execution_options(**{ONLY_READS: True}).begin(),
        ):
            yield connection

    def close(self) -> None:
        """For good: whatever comes late gets a StoreError, and does not open the file again."""
        self._closed = True
        self._engine.dispose()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        if self._closed:
            raise StoreError("oO has closed its database already.")
        try:
            with translated(self.path):
                yield
        except (Unusable, Damaged) as error:
            self._damaged = self._damaged or isinstance(error, Damaged)
            self.problem = str(error)
            raise

    def _use_wal(self, busy_timeout: float) -> None:
        patience = int(busy_timeout / BUSY_PAUSE)
        with closing(self._engine.raw_connection()) as connection:
            while True:
                try:
                    connection.cursor().execute("PRAGMA journal_mode = WAL")  # in no transaction
                    return
                except sqlite3.OperationalError as error:
                    # Two that make the same new file: here SQLite itself does not wait.
                    if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not patience:
                        raise
                patience -= 1
                sleep(BUSY_PAUSE)

    def _prepare(self) -> None:
        # Asked again, under the lock: another process may have been here since the check.
        with self._engine.begin() as connection:
            found = marks(connection.connection.dbapi_connection)  # type: ignore[arg-type]  # it is sqlite3's
            require_ours(self.path, found)
            if found.version != VERSION:
                self._bring_up_to_date(connection, found.version)
            for table in metadata.sorted_tables:  # its version may promise more than there is
                connection.execute(select(table).limit(0))

    def _bring_up_to_date(self, connection: Connection, version: int) -> None:
        if version == 0:
            make_anew(connection)
            return
        for statement in chain.from_iterable(migrations_from(version)):
            connection.execute(text(statement))
        mark(connection)


def make_anew(connection: Connection) -> None:
    """All of today's tables, where there are none."""
    metadata.create_all(connection)
    mark(connection)


def mark(connection: Connection) -> None:
    """Say whose it is, and of which version."""
    connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
    connection.execute(text(f"PRAGMA user_version = {VERSION}"))


def new_content() -> bytes:
    """A new database, as the bytes of its file: made in memory, so that it is whole or not."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.begin() as connection:
            make_anew(connection)
        with closing(engine.raw_connection()) as raw:
            content: bytes = raw.driver_connection.serialize()  # type: ignore[union-attr]  # sqlite3's
    finally:
        engine.dispose()
    return content


def migrations_from(version: int) -> tuple[tuple[str, ...], ...]:
    """What turns a database of `version` into one of today; nothing for a new one."""
    return MIGRATIONS[version - 1 :] if version else ()


def only_reading(path: Path, busy_timeout: float = BUSY_TIMEOUT) -> sqlite3.Connection:
    """A connection that leaves the file as it is, whosever it may be.

    Raises FileNotFoundError where there is nothing; an empty file is Damaged, for oO makes none.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise FileNotFoundError(path) from error
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for whoever fills it
        raise Unusable(f"{path} cannot be opened: it is not a file.")
    if status.st_size == 0:
        raise Damaged(f"{path} is empty. Move it away and start oO again.")
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=busy_timeout)


def marks(connection: sqlite3.Connection) -> Marks:
    """What the database says of itself."""
    asked = ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    return Marks(*(connection.execute(question).fetchone()[0] for question in asked))


def require_ours(path: Path, found: Marks) -> None:
    """Raises StoreError for a file we must not change."""
    used = found.application or found.version or found.tables
    if used and found.application != APPLICATION_ID:
        raise Damaged(f"{path} is another program’s database. Move it away.", foreign=True)
    if found.version > VERSION:
        raise StoreError(f"{path} was written by a newer oO. Update oO, or move the file away.")


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
        raise Damaged(_damaged(path)) from None
    except SQLAlchemyError as error:
        raise StoreError(f"{path} cannot be used ({type(error).__name__}).") from None


def _engine(path: Path, busy_timeout: float) -> Engine:
    uri = f"{path.absolute().as_uri()}?mode=rw"  # what is not there is never made by SQLite

    def connected() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=busy_timeout, check_same_thread=False)

    engine = create_engine(
        "sqlite://",
        creator=connected,
        poolclass=StaticPool,  # one connection: one thread at a time asks
        hide_parameters=True,  # titles are private, and exceptions end up in reports
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN below is the only one
        # EXTRA is FULL where there is WAL; on a file system that has none it syncs the folder, too.
        connection.execute("PRAGMA synchronous = EXTRA")
        connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone stops at the drive's cache
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        only_reads = connection.get_execution_options().get(ONLY_READS)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

    return engine


def _damaged(path: Path) -> str:
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
        return Damaged(_damaged(path))
    return StoreError(f"{path} cannot be used (SQLite error {primary}).")


MISFITS = (
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_TOOBIG,
)
"""What SQLite says of good statements when the file is not what its version promises."""
