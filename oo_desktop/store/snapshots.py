"""Keeps the last good signals of every account: what is shown before and without any network.

There may be 10,000 of them. So they are written in a thread, over a connection of its own, and only
what differs from what is there, which is remembered. Commits of the loop's own connection, such as
a click, wait for such a write at most as long as its changed rows take.

It is a cache and promises nothing: its commits are not synced one by one. A power cut may take back
the last of them, and the next poll brings it again.
"""

import asyncio
import logging
import sqlite3
from array import array
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing
from datetime import datetime
from threading import Lock

import msgspec
from msgspec import Struct

from oo_desktop.model.sharing import SharedParts
from oo_desktop.model.signals import AccountKey, AnySignal, ProviderId, TaskList, UserId
from oo_desktop.model.source import Snapshot
from oo_desktop.store import sql
from oo_desktop.store.columns import decode_signal, encode_json, instant, of_account
from oo_desktop.store.database import BUSY_TIMEOUT_SECONDS, Database
from oo_desktop.store.errors import translate_errors
from oo_desktop.store.location import FileLocation
from oo_desktop.store.ordering import assign_positions
from oo_desktop.threads import DaemonExecutor

log = logging.getLogger(__name__)


class StoredSnapshot(Struct, frozen=True):
    """Holds a snapshot and when the poll that brought it began."""

    snapshot: Snapshot
    fetched_at: datetime


_lists_decoder = msgspec.json.Decoder(tuple[TaskList, ...])

StoredSignals = Mapping[str, tuple[int, AnySignal | None]]
"""What the table holds of an account, by id: position and signal; None: one nobody can read."""


class _Written(Struct, frozen=True):
    """What was written for an account: its signals in order, and their positions."""

    signals: tuple[AnySignal, ...]
    positions: "array[int]"  # not a list: of that, each number would be an object

    def rows(self) -> StoredSignals:
        placed = zip(self.positions, self.signals, strict=True)
        return {signal.id: (position, signal) for position, signal in placed}


class _Job(Struct, eq=False):
    """A snapshot on its way into the table.

    location: of the database that is in use.
    void: whether the account was deleted since.
    """

    key: AccountKey
    snapshot: Snapshot
    fetched_at: datetime
    location: FileLocation
    void: bool = False


class SnapshotStore:
    """Reads and writes snapshots. Every method but `settled` may raise StoreError.

    executor: writes, one job at a time and in their order; by default a thread.
    """

    def __init__(self, database: Database, *, executor: Executor | None = None) -> None:
        self._database = database
        self._executor = executor or DaemonExecutor(max_workers=1, name="oo-writer")
        self._jobs: dict[Future[None], _Job] = {}
        # Shared with the thread: what is in the table, as far as that is certain.
        self._lock = Lock()
        self._written: dict[AccountKey, _Written] = {}

    @property
    def problem(self) -> str | None:
        """Return what is to be said of the database; None: nothing."""
        return self._database.problem or self._database.notice

    def all(self) -> dict[AccountKey, StoredSnapshot]:
        """Return all that is cached, without rows that no longer decode: a poll brings them."""
        stored = {}
        with self._database.reading() as connection:
            for head in connection.execute(sql.SNAPSHOTS).fetchall():
                key = AccountKey(ProviderId(head["provider"]), UserId(head["user_id"]))
                found = self._signals(key, connection)
                try:
                    at = instant(head["fetched_at"])
                except ValueError:
                    log.info("what is saved of %s/%s cannot be read", key.provider, key.user_id)
                    continue
                zone, unread = head["zone"], head["unread"]
                snapshot = Snapshot(
                    signals=found,
                    zone=zone if isinstance(zone, str) else None,
                    unread=unread if isinstance(unread, int) else 0,
                    lists=_lists(head["lists"]),
                )
                stored[key] = StoredSnapshot(snapshot, at)
        return stored

    async def replace(self, key: AccountKey, snapshot: Snapshot, *, fetched_at: datetime) -> None:
        """Make `snapshot` what is cached for `key`, in one transaction; writes only differences.

        fetched_at: when the poll that brought it began.

        Whoever stops waiting may find it written or not, never a part of it.
        """
        self._database.keep_location()
        job = _Job(key, snapshot, fetched_at, self._database.location)
        future = self._executor.submit(self._write, job)
        self._jobs = {each: job for each, job in self._jobs.items() if not each.done()}
        self._jobs[future] = job
        await asyncio.wrap_future(future)

    def delete(self, key: AccountKey) -> None:
        """Forget an account, and whatever is about to be written for it."""
        with self._lock:
            for job in self._jobs.values():
                job.void = job.void or job.key == key
            self._written.pop(key, None)
        # A write that has begun holds the database until it is over; then its rows go, too.
        with self._database.transaction() as connection:
            connection.execute(sql.DELETE_SIGNALS_OF_ACCOUNT, of_account(key))
            connection.execute(sql.DELETE_SNAPSHOT, of_account(key))

    async def settled(self) -> None:
        """Return when nothing is being written any more."""
        await asyncio.gather(*map(asyncio.wrap_future, self._jobs), return_exceptions=True)

    def _signals(self, key: AccountKey, connection: sqlite3.Connection) -> tuple[AnySignal, ...]:
        """Row by row: the texts of all would take half as much again as what is made of them."""
        parts, positions = SharedParts(key), array("q")
        found: list[AnySignal] = []
        for _, position, body in connection.execute(sql.SIGNALS_OF_ACCOUNT, of_account(key)):
            positions.append(_position(position))
            if (signal := _signal(body)) is not None:
                found.append(parts.of(signal))
        signals = tuple(found)
        with self._lock:
            self._written.pop(key, None)
            if len(signals) == len(positions):
                self._written[key] = _Written(signals, positions)
        return signals

    # In the thread

    def _write(self, job: _Job) -> None:
        with self._lock:
            before = self._written.pop(job.key, None)
        path = job.location.path
        job.location.require()  # to open another file would change it
        with translate_errors(path), closing(_connected(path.absolute().as_uri())) as connection:
            written = _replaced(connection, job, before)
        job.location.require()  # what was written to a file that is gone has to be written again
        with self._lock:
            if written is not None and not job.void:
                self._written[job.key] = written


def _connected(uri: str) -> sqlite3.Connection:
    """To a file that is there: were it moved away, a new one would not be the one in use."""
    connection = sqlite3.connect(
        f"{uri}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None
    )
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _replaced(
    connection: sqlite3.Connection, job: _Job, before: _Written | None
) -> _Written | None:
    """Write what differs; returns what is there now, or None where the job is void."""
    wanted = job.snapshot.signals
    gone: Iterable[str] = ()
    changed: Sequence[tuple[str, int, str]] = ()
    now = before
    if now is None or now.signals is not wanted:
        # Worked out before the database is locked. No one else writes these tables.
        rows = _rows(connection, job.key) if before is None else before.rows()
        positions = assign_positions(
            [signal.id for signal in wanted], {id_: rows[id_][0] for id_ in rows}
        )
        now = _Written(wanted, array("q", positions))
        gone = rows.keys() - now.rows().keys()
        changed = _changed(now, rows)
    connection.execute("BEGIN IMMEDIATE")
    if job.void:
        return None
    connection.executemany(sql.DELETE_SIGNAL, [of_account(job.key, id=id_) for id_ in gone])
    connection.executemany(
        sql.REPLACE_SIGNAL,
        [
            of_account(job.key, id=id_, position=position, body=body)
            for id_, position, body in changed
        ],
    )
    lists = job.snapshot.lists
    connection.execute(
        sql.REPLACE_SNAPSHOT,
        of_account(
            job.key,
            fetched_at=job.fetched_at.timestamp(),
            zone=job.snapshot.zone,
            unread=job.snapshot.unread,
            lists=None if lists is None else encode_json(lists),
        ),
    )
    connection.execute("COMMIT")
    return now


def _changed(now: _Written, before: StoredSignals) -> Sequence[tuple[str, int, str]]:
    return [
        (id_, position, encode_json(signal))
        for id_, (position, signal) in now.rows().items()
        if before.get(id_) != (position, signal)
    ]


def _rows(connection: sqlite3.Connection, key: AccountKey) -> StoredSignals:
    found = connection.execute(sql.SIGNALS_OF_ACCOUNT, of_account(key))
    return {id_: (_position(position), _signal(body)) for id_, position, body in found}


def _position(value: object) -> int:
    """What a column holds; -1, which is none, where that is no number."""
    return value if isinstance(value, int) else -1


def _signal(body: str) -> AnySignal | None:
    try:
        return decode_signal(body)
    except msgspec.DecodeError:
        return None


def _lists(text: str | None) -> tuple[TaskList, ...] | None:
    try:
        return None if text is None else _lists_decoder.decode(text)
    except msgspec.DecodeError:
        return None
