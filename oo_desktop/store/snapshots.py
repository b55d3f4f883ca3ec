"""The last good signals of every account: what is shown before and without any network."""

from datetime import UTC, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from oo_desktop.signals.model import AccountKey, AnySignal, ProviderId, UserId
from oo_desktop.signals.source import Snapshot
from oo_desktop.store.database import Database
from oo_desktop.store.schema import signals, snapshots

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(AnySignal)


class StoredSnapshot(Struct, frozen=True):
    """A snapshot and when the poll that brought it began."""

    snapshot: Snapshot
    fetched_at: datetime


class SnapshotStore:
    """Reads and writes snapshots. Every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[AccountKey, StoredSnapshot]:
        """Everything cached. A row that no longer decodes is left out: the next poll brings it."""
        with self._database.transaction() as connection:
            heads = connection.execute(select(snapshots)).all()
            rows = connection.execute(select(signals).order_by(signals.c.position)).all()
        bodies: dict[AccountKey, list[AnySignal]] = {}
        for row in rows:
            key = AccountKey(ProviderId(row.provider), UserId(row.user_id))
            try:
                bodies.setdefault(key, []).append(_decoder.decode(row.body))
            except msgspec.DecodeError:
                continue
        stored = {}
        for head in heads:
            key = AccountKey(ProviderId(head.provider), UserId(head.user_id))
            snapshot = Snapshot(signals=tuple(bodies.get(key, ())), zone=head.zone)
            stored[key] = StoredSnapshot(snapshot, datetime.fromtimestamp(head.fetched_at, UTC))
        return stored

    def replace(self, key: AccountKey, snapshot: Snapshot, *, fetched_at: datetime) -> None:
        """Make `snapshot` what is cached for `key`, in one transaction; writes only differences."""
        wanted: dict[str, tuple[int, str]] = {
            signal.id: (position, _encoder.encode(signal).decode())
            for position, signal in enumerate(snapshot.signals)
        }
        with self._database.transaction() as connection:
            present = {
                row.id: (row.position, row.body)
                for row in connection.execute(select(signals).where(_of(key)))
            }
            gone = present.keys() - wanted.keys()
            changed = {id_: row for id_, row in wanted.items() if present.get(id_) != row}
            _write_signals(connection, key, gone, changed)
            head = {"fetched_at": fetched_at.timestamp(), "zone": snapshot.zone}
            connection.execute(
                insert(snapshots)
                .values(provider=key.provider, user_id=key.user_id, **head)
                .on_conflict_do_update(index_elements=["provider", "user_id"], set_=head)
            )

    def delete(self, key: AccountKey) -> None:
        with self._database.transaction() as connection:
            connection.execute(delete(signals).where(_of(key)))
            connection.execute(
                delete(snapshots).where(
                    snapshots.c.provider == key.provider, snapshots.c.user_id == key.user_id
                )
            )


def _write_signals(
    connection: Connection, key: AccountKey, gone: set[str], changed: dict[str, tuple[int, str]]
) -> None:
    if gone:
        connection.exec_driver_sql(
            "DELETE FROM signals WHERE provider = ? AND user_id = ? AND id = ?",
            [(key.provider, key.user_id, id_) for id_ in gone],
        )
    if changed:
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO signals (provider, user_id, id, position, body)"
            " VALUES (?, ?, ?, ?, ?)",
            [(key.provider, key.user_id, id_, *row) for id_, row in changed.items()],
        )


def _of(key: AccountKey):  # type: ignore[no-untyped-def]  # SQLAlchemy's own type is unspeakable
    return (signals.c.provider == key.provider) & (signals.c.user_id == key.user_id)
