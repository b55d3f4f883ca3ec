"""Reads what can still be read of a damaged database, row by row, and writes it into a new one.

The damaged file is left as it is. What its columns can hold and what are keys, SQLAlchemy knows
(`schema.py`): this is all that needs it while oO runs, and is imported when a file is damaged.

A damaged page hides the rows on it, and a plain scan ends there. So the numbers of the rows are
collected from both ends of the table and from its indexes, whatever lies between is tried, and each
row is then asked for by its number: that leads around most damage. What only a damaged page leads
to is not looked for: pages that nothing leads to also hold clicks that were taken back.

Page 1 holds the schema and names the place of every table. Where it is gone, a copy is read that
has the first page of a new database: the tables of every oO begin on the same pages.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from sqlalchemy import Float, Table, insert
from sqlalchemy.dialects import sqlite

from oo_desktop.store.columns import instant
from oo_desktop.store.database import Database, connect_read_only, read_marks
from oo_desktop.store.errors import (
    DatabaseDamaged,
    DatabaseUnusable,
    full_disk,
    translate_errors,
)
from oo_desktop.store.files import beside, size_of
from oo_desktop.store.integrations import integration_from_row
from oo_desktop.store.migrations import VERSION, migrations_from
from oo_desktop.store.outbox import item_from_row
from oo_desktop.store.schema import (
    integration_tokens,
    metadata,
    oauth_clients,
    outbox,
    reminders,
    signals,
    snapshots,
)

TABLES_OF_EVERY_VERSION = (outbox, integration_tokens, oauth_clients, snapshots, signals)
"""What every oO has made, what matters most first."""

TABLES = (*TABLES_OF_EVERY_VERSION, reminders)

MAX_NUMBERS_TRIED = 100_000
"""Row numbers tried in a table where no list of them can be read."""

SKIPPED_NUMBERS = 1000
"""Click numbers passed over where some may have been used that cannot be read."""

MAX_COPIED_BYTES = 1 << 29
"""Above it no copy is made to read in: oO's own files are a thousand times smaller."""

COLUMN_DEFAULTS: dict[str, object] = {"attempts": 0, "may_be_done": 0}
"""What columns hold that a row of an earlier schema does not have; NULL is what the others hold."""

HEADER_PAGE_COUNT = slice(28, 32)
"""The header's bytes that say how many pages there are (sqlite.org/fileformat.html, 1.3.7)."""


class SalvagedRows(msgspec.Struct):
    """Holds the readable rows of one table.

    whole: whether there were certainly no others.
    """

    rows: list[dict[str, Any]]
    whole: bool


class Salvaged(msgspec.Struct):
    """Holds what could be read.

    version: of the schema it was written in.
    found: the rows by the table's name, the outbox first.
    last_number: the highest number a click may have had.
    """

    version: int
    found: dict[str, SalvagedRows]
    last_number: int


def salvage(path: Path) -> Salvaged:
    """Read everything that can be read of the database at `path`; changes nothing.

    Raises StoreError where it cannot be read now, and OSError where there is no room for a copy.
    """
    with _with_a_first_page(path) as readable, closing(connect_read_only(readable)) as connection:
        reader = _PageReader(readable, connection)
        # Grafted, the file says nothing of its version: the oldest is what harms no row.
        version = reader.version() if readable == path else 1
        found = {table.name: reader.rows(table) for table in TABLES}
        last_number = max(
            [reader.highest_given(outbox), *(row["number"] for row in found[outbox.name].rows)]
        )
    # Half a list would look like all there is to do.
    if not (found[signals.name].whole and found[snapshots.name].whole):
        found[signals.name].rows = []
        found[snapshots.name].rows = []
    if not found[outbox.name].whole:
        last_number += SKIPPED_NUMBERS
    return Salvaged(version, found, last_number)


def holds_our_tables(path: Path) -> bool:
    """Return whether the database is oO's for all that its marks say."""
    try:
        with translate_errors(path, opening=True), closing(connect_read_only(path)) as connection:
            for table in TABLES_OF_EVERY_VERSION:
                names = ", ".join(table.primary_key.columns.keys())
                connection.execute(f"SELECT {names} FROM {table.name} LIMIT 0")  # noqa: S608  # names of ours
    except (DatabaseDamaged, FileNotFoundError):
        return False
    return True


@contextmanager
def _with_a_first_page(path: Path) -> Iterator[Path]:
    """`path`, or a copy of it whose first page can be read."""
    if _has_a_first_page(path) or size_of(path) > MAX_COPIED_BYTES:
        yield path
        return
    with TemporaryDirectory(prefix=".rescue-", dir=path.parent) as folder:
        new, copy = Path(folder, "new.db"), Path(folder, "copy.db")
        Database(new).close()
        log = beside(path, "-wal")
        if log.exists():
            shutil.copyfile(log, beside(copy, "-wal"))
        _graft(path.read_bytes() if path.exists() else b"", new.read_bytes(), copy)
        yield copy


def _has_a_first_page(path: Path) -> bool:
    try:
        with translate_errors(path, opening=True), closing(connect_read_only(path)) as connection:
            read_marks(connection)
    except (DatabaseDamaged, FileNotFoundError):
        return False
    return True


def _graft(damaged: bytes, new: bytes, copy: Path) -> None:
    size = int.from_bytes(new[16:18], "big")
    page = bytearray(new[:size])
    page[HEADER_PAGE_COUNT] = bytes(4)  # as many as there are: the log may know of more
    pages = max(len(damaged) // size, 1)
    copy.write_bytes(page + damaged[size : pages * size])


class _PageReader:
    """Reads around damage. Whatever else keeps it from reading is a StoreError."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def version(self) -> int:
        try:
            with translate_errors(self._path, opening=True):
                return read_marks(self._connection).version
        except DatabaseDamaged:
            return VERSION

    def rows(self, table: Table) -> SalvagedRows:
        listed, whole = self._listed(table)
        tried = listed
        if not whole:
            highest = max([self.highest_given(table), *listed])
            tried = listed | set(range(1, min(highest, MAX_NUMBERS_TRIED) + 1))
        found = SalvagedRows([], whole)
        query = f"SELECT * FROM {table.name} WHERE rowid = ?"  # noqa: S608  # a name of ours
        for number in sorted(tried):
            answer = self._asked(query, number)
            for row in answer or ():
                known = {name: value for name, value in row.items() if name in table.c}
                if makes_sense(table, known):
                    found.rows.append(known)
                else:
                    found.whole = False
            if answer is None or (not answer and number in listed):
                found.whole = False
        return found

    def highest_given(self, table: Table) -> int:
        """The highest number a row of `table` ever had, if that is kept and can be read."""
        asked = self._asked("SELECT seq FROM sqlite_sequence WHERE name = ?", table.name)
        number = asked[0]["seq"] if asked else 0
        return number if isinstance(number, int) else 0

    def _listed(self, table: Table) -> tuple[set[int], bool]:
        """The numbers of the rows; True when these are certainly all."""
        name, numbers, whole = table.name, set[int](), True
        indexes = self._asked("SELECT name FROM pragma_index_list(?)", name) or []
        for way in (
            "NOT INDEXED ORDER BY rowid",
            "NOT INDEXED ORDER BY rowid DESC",
            *(f"INDEXED BY {index['name']}" for index in indexes),
        ):
            try:
                with translate_errors(self._path, opening=True):
                    query = f"SELECT rowid FROM {name} {way}"  # noqa: S608  # names of ours
                    for (number,) in self._connection.execute(query):
                        numbers.add(number)  # one by one: these are known even if it ends early
            except DatabaseDamaged:
                whole = False
        return numbers, whole

    def _asked(self, query: str, value: object) -> list[dict[str, Any]] | None:
        """The answer, column by column; None where damage is in the way."""
        try:
            with translate_errors(self._path, opening=True):
                cursor = self._connection.execute(query, (value,))
                names = [column[0] for column in cursor.description]
                return [dict(zip(names, row, strict=True)) for row in cursor]
        except DatabaseDamaged:
            return None


def makes_sense(table: Table, row: dict[str, Any]) -> bool:
    """Return whether the stores could read `row`, and it says one thing only."""
    if not all(_fits(table, name, value) for name, value in row.items()):
        return False
    names = table.columns.keys()
    whole = {name: row.get(name, COLUMN_DEFAULTS.get(name)) for name in names}
    try:
        if table is outbox:
            item = item_from_row(whole)
            said = (item.signal.source, item.signal.user_id, item.signal.id)
            return said == (whole["provider"], whole["user_id"], whole["signal_id"])
        if table is integration_tokens:
            integration_from_row(whole)
        for name, value in row.items():
            if isinstance(table.c[name].type, Float) and value is not None:
                instant(value)
    except (ValueError, AttributeError, TypeError):
        return False
    return True


def _fits(table: Table, name: str, value: object) -> bool:
    column = table.c[name]
    if value is None:
        return bool(column.nullable)
    kinds = (int, float) if isinstance(column.type, Float) else column.type.python_type
    return isinstance(value, kinds)


# Into a new file


def fill_anew(new: Path, old: Path, *, foreign: bool) -> None:
    """Make a database at `new`, with all that can be read of `old` unless that is foreign.

    Raises StoreError and OSError where that cannot be done now; `new` may have been begun then.
    """
    with closing(Database(new)) as database:
        if not foreign:
            salvaged = salvage(old)
            with database.transaction() as connection:
                _write(connection, salvaged)
    if beside(new, "-wal").exists():  # the last to close it could not move everything into it
        raise DatabaseUnusable(full_disk(old))


def _write(connection: sqlite3.Connection, salvaged: Salvaged) -> None:
    for name, found in salvaged.found.items():
        if found.rows:
            # Of two rows with one key, which a damaged index let in, the first.
            into = insert(metadata.tables[name]).prefix_with("OR IGNORE")
            named = into.compile(
                dialect=sqlite.dialect(paramstyle="named"), column_keys=list(found.rows[0])
            )
            connection.executemany(str(named), found.rows)
    # Rows of an earlier schema become what a migration would have made of them.
    for statement in migrations_from(salvaged.version):
        if statement.startswith("UPDATE "):
            connection.execute(statement)
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'outbox'")
    connection.execute(
        "INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', ?)", (salvaged.last_number,)
    )
