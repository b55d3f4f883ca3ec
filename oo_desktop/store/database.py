"""The one SQLite file: opening it, writing to it safely, and saying plainly what is wrong with it.

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
from itertools import chain
from pathlib import Path
from time import sleep

from msgspec import Struct
from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.pool import StaticPool

from oo_desktop.clock import Clock, SystemClock
from oo_desktop.errors import StoreError
from oo_desktop.store.errors import Damaged, Unusable, damaged, os_errors, translated
from oo_desktop.store.files import put_new, remove_rescued, stamp_at
from oo_desktop.store.location import Place
from oo_desktop.store.schema import MIGRATIONS, VERSION, metadata

log = logging.getLogger(__name__)

APPLICATION_ID = 0x6F4F6454
"""`PRAGMA application_id`: marks the file as ours, so that no other program's is written to."""

BUSY_TIMEOUT = 2.0
"""Seconds to wait for another process's write."""

BUSY_PAUSE = 0.02
"""Seconds between two looks whether it is over, where SQLite does not wait by itself."""

ONLY_READS = "oo_only_reads"
"""Execution option of a connection whose transaction writes nothing."""


LOGGED = slice(18, 20)
"""Where the header of a database says whether it has a log (SQLite file format, 1.3)."""


class Marks(Struct, frozen=True):
    """What a database says of itself; `tables` counts everything in its schema."""

    application: int
    version: int
    tables: int


class Database:
    """An open database. Used from one thread at a time.

    place: where its file is, and stays.
    problem: one sentence on why nothing can be written to it at present, or None.
    notice: one sentence on what had to be done to keep it; whoever has told the user clears it.
    busy_timeout: seconds to wait for another process's write.
    clock: the machine's by default.

    Raises StoreError, from its constructor, `transaction`, `reading` and `keep_place`, for
    everything the world can do to a file; the sentence names the file and what to do.
    """

    def __init__(
        self, path: Path, *, clock: Clock | None = None, busy_timeout: float = BUSY_TIMEOUT
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
        with translated(path, opening=True), os_errors(path):
            if not path.exists():
                put_new(path, new_content())
            with closing(only_reading(path, busy_timeout)) as reader:
                require_ours(path, marks(reader))
        self._engine = _engine(path, busy_timeout)
        self.place: Place
        try:
            self._make_ready()
        except BaseException:
            self._engine.dispose()
            raise

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One atomic piece of work: committed at the end, rolled back on any exception.

        Where the file has lost its place meanwhile and cannot be put back yet, the work is done all
        the same: it is in the open file, and `problem` says what is wrong.
        """
        with self._watched():
            self._keep_place()
            with self._engine.begin() as connection:
                yield connection
        if not self._damaged:
            self.problem = None
        with suppress(StoreError):
            self.keep_place()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """What is read here was all true at one moment; waits for no writer, writes nothing."""
        with (
            self._watched(),
            self._engine.connect() as connection,
            connection.execution_options(**{ONLY_READS: True}).begin(),
        ):
            yield connection

    def keep_place(self) -> None:
        """Put the file back if it is not where it was: what the next start finds is this one."""
        was_misplaced = self._misplaced
        with self._watched():
            self._keep_place()
        if was_misplaced and not self._damaged:
            self.problem = None

    def close(self) -> None:
        """For good: whatever comes late gets a StoreError, and does not open the file again."""
        if not self._closed:
            with suppress(StoreError):  # there is nobody left to tell
                self.keep_place()
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

    def _keep_place(self) -> None:
        if not (self.place.is_kept() if self._is_ready else self.place.has_its_file()):
            self._misplaced = True
            self._put_back()
        if not self._is_ready:
            self._make_ready()
        if self._misplaced:
            with os_errors(self.path):  # what an attempt that failed has left would come back
                remove_rescued(self.path)
            self._misplaced = False

    def _put_back(self) -> None:
        taken = self.place.is_taken()
        if taken and self._took_its_place_back:
            raise Unusable(
                f"Another program replaces {self.path} again and again. "
                "Find and end it; nothing is lost while oO runs."
            )
        with closing(self._engine.raw_connection()) as raw:
            content = whole_content(raw.driver_connection)  # type: ignore[arg-type]  # sqlite3's
        if content is None:
            raise Damaged(damaged(self.path))
        with os_errors(self.path):
            self.place, self.notice = self.place.put_back(content, stamp_at(self._clock.now()))
        self._took_its_place_back = self._took_its_place_back or taken
        self._is_ready = False
        log.warning("%s", self.notice)
        before, self._engine = self._engine, _engine(self.path, self._busy_timeout)
        before.dispose()

    def _make_ready(self) -> None:
        """Make the file one that can be used, and remember where it is."""
        with translated(self.path, opening=True), os_errors(self.path):
            self._use_wal(self._busy_timeout)
            self._prepare()
            self.place = Place.of(self.path)
        self._is_ready = True

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


def whole_content(connection: sqlite3.Connection) -> bytes | None:
    """A database, with what its log holds, as the bytes of one file; None where it is damaged.

    Where a file was cut off, SQLite reads zeros, and says nothing.
    """
    content = bytearray(connection.serialize())
    content[LOGGED] = b"\1\1"  # in memory there is no log; whoever opens the file begins one
    with closing(sqlite3.connect(":memory:")) as copy:
        copy.deserialize(bytes(content))
        said = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    return bytes(content) if said == "ok" else None


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
