"""Opens the one SQLite file, writes to it safely, and says what is wrong with it.

WAL, and synced with every commit, so that what a committed row promises survives a power cut; a
one-row commit still takes well under a millisecond. Writes begin with `BEGIN IMMEDIATE`: a read
that turns into a write after another process committed would otherwise fail at once, whatever the
timeout. What only reads waits for nobody.
"""

import logging
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import sleep

from msgspec import Struct

from oo_desktop.clock import Clock, SystemClock
from oo_desktop.errors import StoreError
from oo_desktop.language import translated
from oo_desktop.store import sql
from oo_desktop.store.errors import (
    DatabaseDamaged,
    DatabaseUnusable,
    damaged_while_open,
    translate_errors,
    translate_os_errors,
)
from oo_desktop.store.files import put_new, remove_rescued, stamp_at
from oo_desktop.store.location import FileLocation
from oo_desktop.store.migrations import VERSION, migrations_from

log = logging.getLogger(__name__)

APPLICATION_ID = 0x6F4F6454
"""`PRAGMA application_id`: marks the file as ours, so that no other program's is written to."""

BUSY_TIMEOUT_SECONDS = 2.0
"""How long to wait for another process's write."""

BUSY_PAUSE_SECONDS = 0.02
"""Between two looks whether that write is over, where SQLite does not wait by itself."""

HEADER_JOURNAL_BYTES = slice(18, 20)
"""The header's bytes that say whether there is a log (sqlite.org/fileformat.html, 1.3.3)."""


class FileMarks(Struct, frozen=True):
    """Holds what a database says of itself.

    application: `PRAGMA application_id`.
    version: `PRAGMA user_version`.
    tables: how many entries its schema has, of any kind.
    """

    application: int
    version: int
    tables: int


class Database:
    """Holds an open database, to be used from one thread at a time.

    location: where its file is, and stays.
    problem: one sentence on why nothing can be written to it at present, or None.
    notice: one sentence on what had to be done to keep it; whoever has told the user clears it.
    busy_timeout: seconds to wait for another process's write.
    clock: the machine's by default.

    Raises StoreError, from its constructor, `transaction`, `reading` and `keep_location`, for
    everything the world can do to a file; the sentence names the file and what to do.
    """

    def __init__(
        self, path: Path, *, clock: Clock | None = None, busy_timeout: float = BUSY_TIMEOUT_SECONDS
    ) -> None:
        self.path = path
        self.problem: str | None = None
        self.notice: str | None = None
        self._clock = clock or SystemClock()
        self._busy_timeout = busy_timeout
        self._damaged = False
        self._misplaced = False
        self._took_its_place_back = False
        self._is_ready = False
        self._closed = False
        with translate_errors(path, opening=True), translate_os_errors(path):
            if not path.exists():
                put_new(path, serialize_new())
            with closing(connect_read_only(path, busy_timeout)) as reader:
                require_ours(path, read_marks(reader))
        self._open: sqlite3.Connection | None = None
        self.location: FileLocation
        try:
            self._make_ready()
        except BaseException:
            self._disconnect()
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection whose work is committed at the end, or rolled back on any exception.

        Where the file has been moved meanwhile and cannot be put back yet, the work is done all the
        same: it is in the open file, and `problem` says what is wrong.
        """
        with self._watched():
            self._keep_location()
            with self._begun("BEGIN IMMEDIATE") as connection:
                yield connection
        if not self._damaged:
            self.problem = None
        with suppress(StoreError):
            self.keep_location()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that reads one moment's state; waits for no writer, writes nothing."""
        with self._watched(), self._begun("BEGIN") as connection:
            yield connection

    def keep_location(self) -> None:
        """Put the file back if it is not where it was: what the next start finds is this one.

        Where nothing could be written to it, find out whether that is over.
        """
        was_misplaced = self._misplaced
        with self._watched():
            self._keep_location()
        if was_misplaced and not self._damaged:
            self.problem = None
        self.try_again()

    def try_again(self) -> None:
        """Write what is there already where nothing could be written, so that `problem` is as of
        now. Waits for no other process."""
        if self.problem is None or self._damaged:
            return
        with suppress(StoreError), self._watched():
            self._wait_for_others(0)
            try:
                with self.transaction() as connection:
                    version = connection.execute("PRAGMA user_version").fetchone()[0]
                    connection.execute(f"PRAGMA user_version = {version}")
            finally:
                self._wait_for_others(self._busy_timeout)

    def close(self) -> None:
        """Close for good: what comes late gets a StoreError and does not open the file again."""
        if not self._closed:
            with suppress(StoreError):  # there is nobody left to tell
                self.keep_location()
        self._closed = True
        self._disconnect()

    @property
    def _connection(self) -> sqlite3.Connection:
        """The one connection; made anew after `_disconnect`."""
        if self._open is None:
            self._open = _connected(self.path, self._busy_timeout)
        return self._open

    def _wait_for_others(self, seconds: float) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")

    def _disconnect(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None

    @contextmanager
    def _begun(self, begin: str) -> Iterator[sqlite3.Connection]:
        connection = self._connection
        connection.execute(begin)
        try:
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.rollback()  # after a COMMIT that worked there is nothing to roll back

    @contextmanager
    def _watched(self) -> Iterator[None]:
        if self._closed:
            raise StoreError(translated("oO has closed its database already."))
        try:
            with translate_errors(self.path):
                yield
        except (DatabaseUnusable, DatabaseDamaged) as error:
            self._damaged = self._damaged or isinstance(error, DatabaseDamaged)
            self.problem = str(error)
            raise

    def _keep_location(self) -> None:
        if not (self.location.is_kept() if self._is_ready else self.location.has_its_file()):
            self._misplaced = True
            self._put_back()
        if not self._is_ready:
            self._make_ready()
        if self._misplaced:
            with translate_os_errors(self.path):
                remove_rescued(self.path)  # what a failed attempt has left would come back
            self._misplaced = False

    def _put_back(self) -> None:
        taken = self.location.is_taken()
        if taken and self._took_its_place_back:
            raise DatabaseUnusable(
                translated(
                    "Another program replaces {file} again and again. Find that program and end "
                    "it; nothing is lost while oO runs.",
                    file=self.path,
                )
            )
        content = serialize_if_intact(self._connection)
        if content is None:
            raise DatabaseDamaged(damaged_while_open(self.path))
        with translate_os_errors(self.path):
            self.location, self.notice = self.location.put_back(
                content, stamp_at(self._clock.now())
            )
        self._took_its_place_back = self._took_its_place_back or taken
        self._is_ready = False
        log.warning("%s", self.notice)
        self._disconnect()

    def _make_ready(self) -> None:
        """Make the file one that can be used, and remember where it is."""
        with translate_errors(self.path, opening=True), translate_os_errors(self.path):
            self._use_wal(self._busy_timeout)
            self._prepare()
            self.location = FileLocation.of(self.path)
        self._is_ready = True

    def _use_wal(self, busy_timeout: float) -> None:
        tries = int(busy_timeout / BUSY_PAUSE_SECONDS)
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                # Two that make the same new file: here SQLite itself does not wait.
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not tries:
                    raise
            tries -= 1
            sleep(BUSY_PAUSE_SECONDS)

    def _prepare(self) -> None:
        # Asked again, under the lock: another process may have been here since the check.
        with self._begun("BEGIN IMMEDIATE") as connection:
            found = read_marks(connection)
            require_ours(self.path, found)
            if found.version != VERSION:
                bring_up_to_date(connection, found.version)
            for rows in sql.ALL_COLUMNS.values():  # its version may promise more than there is
                connection.execute(f"{rows} LIMIT 0")


def bring_up_to_date(connection: sqlite3.Connection, version: int) -> None:
    """Make a database of `version` one of today; 0: a new one. Commits nothing."""
    for statement in migrations_from(version) if version else sql.CREATE_TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def serialize_new() -> bytes:
    """Return a new database as the bytes of its file, made in memory so that it is whole."""
    with closing(sqlite3.connect(":memory:")) as connection:
        bring_up_to_date(connection, 0)
        return connection.serialize()


def serialize_if_intact(connection: sqlite3.Connection) -> bytes | None:
    """Return a database, with what its log holds, as the bytes of one file; None if damaged.

    Where a file was cut off, SQLite reads zeros, and says nothing.
    """
    content = bytearray(connection.serialize())
    content[HEADER_JOURNAL_BYTES] = b"\1\1"  # no log in memory; whoever opens the file begins one
    with closing(sqlite3.connect(":memory:")) as copy:
        copy.deserialize(bytes(content))
        verdict = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    return bytes(content) if verdict == "ok" else None


def connect_read_only(path: Path, busy_timeout: float = BUSY_TIMEOUT_SECONDS) -> sqlite3.Connection:
    """Return a connection that leaves the file as it is, whosever it may be.

    Raises FileNotFoundError where there is nothing, DatabaseUnusable for what is not a file, and
    DatabaseDamaged for an empty one, for oO makes none.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise FileNotFoundError(path) from error
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for whoever fills it
        raise DatabaseUnusable(translated("{file} cannot be opened: it is not a file.", file=path))
    if status.st_size == 0:
        raise DatabaseDamaged(
            translated("{file} is empty. Move it away and start oO again.", file=path)
        )
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=busy_timeout)


def read_marks(connection: sqlite3.Connection) -> FileMarks:
    """Return what the database says of itself."""
    asked = ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    return FileMarks(*(connection.execute(question).fetchone()[0] for question in asked))


def require_ours(path: Path, found: FileMarks) -> None:
    """Raise StoreError for a file that oO must not change: another program's, or a newer oO's."""
    used = found.application or found.version or found.tables
    if used and found.application != APPLICATION_ID:
        raise DatabaseDamaged(
            translated("{file} is another program’s database. Move it away.", file=path),
            foreign=True,
        )
    if found.version > VERSION:
        raise StoreError(
            translated(
                "{file} was written by a newer oO. Update oO, or move the file away.", file=path
            )
        )


def _connected(path: Path, busy_timeout: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",  # what is not there is never made by SQLite
        uri=True,
        timeout=busy_timeout,
        isolation_level=None,  # the BEGIN of `Database._begun` is the only one
        check_same_thread=False,  # one thread at a time: it is opened in another
    )
    try:
        # EXTRA is FULL where there is WAL; on a file system that has none it syncs the folder, too.
        connection.execute("PRAGMA synchronous = EXTRA")
        connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone stops at the drive's cache
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection
