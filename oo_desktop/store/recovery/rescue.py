"""Opens the database at start, whatever has become of its file.

A file that cannot be used now (in use, a full disk, no rights) is left alone, and so is one of a
newer oO. A damaged one, or another program's at our place, is set aside under a new name and never
deleted; a new one takes its place, with every row that could still be read.

The order makes a crash at any point harmless. The new file is complete and synced before it is
called `….rescued-…`; from then on a start finishes what was begun: it moves the old files aside,
then the new one to their place. Before that, a start begins from the beginning.

`PRAGMA integrity_check` and reading every row cost 20 ms with 10,000 signals and 1,000 clicks.
"""

import logging
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from oo_desktop.clock import Clock
from oo_desktop.errors import StoreError
from oo_desktop.language import plural, translated
from oo_desktop.model.clicks import OutboxState
from oo_desktop.store import sql
from oo_desktop.store.database import (
    BUSY_TIMEOUT_SECONDS,
    Database,
    connect_read_only,
    read_marks,
    require_ours,
)
from oo_desktop.store.errors import (
    DatabaseDamaged,
    translate_errors,
    translate_os_errors,
)
from oo_desktop.store.files import (
    beside,
    free_stamp,
    put_in_place,
    remove_begun,
    remove_with_companions,
    rescued_beside,
    size_of,
    stamp_at,
    sync_folder,
)

log = logging.getLogger(__name__)


class Opened(NamedTuple):
    """Holds an open database, and a sentence or two on what was done for it, or None."""

    database: Database
    notice: str | None


def open_database(
    path: Path, *, clock: Clock, busy_timeout: float = BUSY_TIMEOUT_SECONDS
) -> Opened:
    """Open the database at `path`; a file that is none is set aside. Blocks, in any thread.

    busy_timeout: seconds to wait for another process's write.

    Raises StoreError where the file cannot be used now, or is a newer oO's; nothing is moved then.
    """
    path = Path(os.path.realpath(path))  # SQLite keeps its other files beside the real one
    notice = _finish(path)
    try:
        return Opened(_checked(path, clock, busy_timeout), notice)
    except DatabaseDamaged as damage:
        log.info("%s", damage)
        notice = _replace(path, damage, stamp_at(clock.now()))
    log.warning("%s", notice)
    return Opened(_checked(path, clock, busy_timeout), notice)


def _checked(path: Path, clock: Clock, busy_timeout: float) -> Database:
    try:
        with (
            translate_errors(path, opening=True),
            closing(connect_read_only(path, busy_timeout)) as connection,
        ):
            _examine(path, connection)
    except FileNotFoundError:
        # A new database makes SQLite delete what the log of this one still holds.
        if size_of(beside(path, "-wal")):
            raise DatabaseDamaged(
                translated("{file} is gone, but not what was written to it last.", file=path)
            ) from None
    return Database(path, clock=clock, busy_timeout=busy_timeout)


def _examine(path: Path, connection: sqlite3.Connection) -> None:
    """Raises StoreError unless all of it can be read."""
    found = read_marks(connection)
    require_ours(path, found)
    if not found.tables:
        return
    verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise DatabaseDamaged(translated("{file} is damaged.", file=path))
    listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    there = {name for (name,) in listed}
    # An earlier oO made fewer of them; what is missing though it should be there, opening it finds.
    for table in sql.ALL_COLUMNS.keys() & there:
        for _row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608  # a name of ours
            pass  # it is text where it says so


# Out of the old file, into a new one


def _replace(path: Path, damage: DatabaseDamaged, stamp: str) -> str:
    # It brings SQLAlchemy with it, which a start with a good file does without.
    from oo_desktop.store.recovery.salvage import fill_anew, holds_our_tables

    foreign = damage.foreign and not holds_our_tables(path)
    new = beside(path, ".rescuing")
    try:
        with translate_os_errors(path, setting_aside=True):
            remove_with_companions(new)  # an interrupted rescue's: all of it is in the old file
            fill_anew(new, path, foreign=foreign)
            sync_folder(path.parent)
            rescued = new.rename(beside(path, f".rescued-{free_stamp(path, stamp)}"))
    except StoreError:
        with suppress(OSError):
            remove_with_companions(new)
        raise
    return _put_in_place(rescued, path, foreign=foreign)


# Into its place


def _finish(path: Path) -> str | None:
    """Go on with a rescue that an earlier start completed and did not bring to its end."""
    with translate_os_errors(path, setting_aside=True):
        if path.exists():
            remove_begun(path)  # else it may be another process's, which is about to name it
        rescued = rescued_beside(path)
    return None if rescued is None else _put_in_place(rescued, path, foreign=False)


def _put_in_place(rescued: Path, path: Path, *, foreign: bool) -> str:
    with translate_os_errors(path, setting_aside=True):
        aside = put_in_place(rescued, path)
    return _notice(path, aside, foreign=foreign)


def _notice(path: Path, aside: Path, *, foreign: bool) -> str:
    if foreign:
        return translated(
            "{file} was another program’s database. It is kept as {name}, and oO has begun its "
            "own.",
            file=path,
            name=aside.name,
        )
    with translate_errors(path), closing(connect_read_only(path)) as connection:
        waiting = connection.execute(
            "SELECT count(*) FROM outbox WHERE state != ?", (OutboxState.CONFIRMED.value,)
        ).fetchone()[0]
        accounts = connection.execute("SELECT count(*) FROM integration_tokens").fetchone()[0]
    if not (waiting or accounts):
        held = translated("Nothing in it could be read: please connect your accounts again.")
    else:
        held = translated(
            "oO saved {clicks} and {accounts} from it.",
            clicks=plural("{count} click", "{count} clicks", waiting),
            accounts=plural("{count} account", "{count} accounts", accounts),
        )
    if not aside.exists():
        # Translators: held is a whole sentence, what could be saved
        return translated("oO’s database was gone. {held}", held=held)
    if size_of(aside):
        return translated(
            "oO’s database was damaged. {held} The old file is kept as {file}.",
            held=held,
            file=aside,
        )
    return translated(
        "oO’s database was empty. {held} The old file is kept as {file}.", held=held, file=aside
    )
