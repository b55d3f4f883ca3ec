"""What the user asked for and no service has confirmed, in the order of the clicks."""

import logging
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from oo_desktop.signals.model import AccountKey, ActionKind, AnySignal, Due
from oo_desktop.signals.state import OutboxItem, OutboxState
from oo_desktop.store.database import Database
from oo_desktop.store.schema import outbox as table

log = logging.getLogger(__name__)

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(AnySignal)
_due_decoder = msgspec.json.Decoder(Due)


class OutboxStore:
    """Reads and writes outbox rows. Every method may raise StoreError.

    A method that returns has committed: the row survives a crash and a power cut.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[OutboxItem, ...]:
        """Every click, oldest first. One that cannot be read is named in the log, and kept."""
        with self._database.reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.number)).all()
        items = []
        for row in rows:
            try:
                items.append(item_from_row(row))
            except (msgspec.DecodeError, ValueError):
                log.warning("click %s of the outbox cannot be read", row.number)
        return tuple(items)

    def add(
        self,
        kind: ActionKind,
        uuid: str,
        signal: AnySignal,
        *,
        clicked_at: datetime,
        send_at: datetime,
        due: Due | None = None,
        undoes: int | None = None,
        may_be_done: bool = False,
    ) -> OutboxItem:
        """Write a click down; returns it with its number."""
        with self._database.transaction() as connection:
            row = connection.execute(
                insert(table)
                .values(
                    provider=signal.source,
                    user_id=signal.user_id,
                    signal_id=signal.id,
                    kind=kind.value,
                    uuid=uuid,
                    signal=_encoder.encode(signal).decode(),
                    state=OutboxState.QUEUED.value,
                    clicked_at=clicked_at.timestamp(),
                    send_at=send_at.timestamp(),
                    due=None if due is None else _encoder.encode(due).decode(),
                    undoes=undoes,
                    may_be_done=int(may_be_done),
                )
                .returning(table)
            ).one()
            return item_from_row(row)

    def update(self, *items: OutboxItem) -> None:
        """Write what can change of `items` to their rows, all or none; `kind` and `uuid` cannot."""
        if not items:
            return
        with self._database.transaction() as connection:
            connection.execute(
                update(table).where(table.c.number == bindparam("row")),
                [
                    {
                        "row": item.number,
                        "signal": _encoder.encode(item.signal).decode(),
                        "due": None if item.due is None else _encoder.encode(item.due).decode(),
                        "state": item.state.value,
                        "send_at": item.send_at.timestamp(),
                        "sent_at": item.sent_at.timestamp() if item.sent_at else None,
                        "attempts": item.attempts,
                        "may_be_done": int(item.may_be_done),
                        "insists": int(item.insists),
                        "reason": item.reason,
                    }
                    for item in items
                ],
            )

    def remove(self, *numbers: int) -> None:
        with self._database.transaction() as connection:
            connection.execute(delete(table).where(table.c.number.in_(numbers)))

    def remove_account(self, key: AccountKey) -> int:
        """Forget every click of an account that is disconnected; returns how many there were."""
        with self._database.transaction() as connection:
            return connection.execute(
                delete(table).where(
                    (table.c.provider == key.provider) & (table.c.user_id == key.user_id)
                )
            ).rowcount


def item_from_row(row: Any) -> OutboxItem:
    """`row` has the columns as attributes. Raises ValueError where it makes no sense."""
    return OutboxItem(
        number=row.number,
        kind=ActionKind(row.kind),
        uuid=row.uuid,
        signal=_decoder.decode(row.signal),
        state=OutboxState(row.state),
        clicked_at=datetime.fromtimestamp(row.clicked_at, UTC),
        send_at=datetime.fromtimestamp(row.send_at, UTC),
        sent_at=None if row.sent_at is None else datetime.fromtimestamp(row.sent_at, UTC),
        due=None if row.due is None else _due_decoder.decode(row.due),
        undoes=row.undoes,
        attempts=row.attempts,
        may_be_done=bool(row.may_be_done),
        insists=bool(row.insists),
        reason=row.reason,
    )
