"""Keeps what the user asked for and no service has confirmed, in the order of the clicks."""

import logging
from datetime import datetime

import msgspec

from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.signals import AccountKey, ActionKind, AnySignal, Due, NewTask
from oo_desktop.store import sql
from oo_desktop.store.columns import (
    Row,
    decode_signal,
    encode_json,
    instant,
    instant_or_none,
    of_account,
    timestamp_or_none,
)
from oo_desktop.store.database import Database

log = logging.getLogger(__name__)

_due_decoder = msgspec.json.Decoder(Due)
_added_decoder = msgspec.json.Decoder(NewTask)


class OutboxStore:
    """Reads and writes outbox rows. Every method may raise StoreError.

    A method that returns has committed: the row survives a crash and a power cut.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[OutboxItem, ...]:
        """Return every click, oldest first; one that cannot be read is logged, and kept."""
        with self._database.reading() as connection:
            rows = connection.execute(sql.CLICKS).fetchall()
        items = []
        for row in rows:
            try:
                items.append(item_from_row(row))
            except (msgspec.DecodeError, ValueError):
                log.warning("click %s of the outbox cannot be read", row["number"])
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
        added: NewTask | None = None,
    ) -> OutboxItem:
        """Write a click down; returns it with its number.

        uuid: what the service is told to recognise a repeat by; no two clicks share one.
        due: where a reschedule moves the signal.
        undoes: the number of the click that this one takes back.
        may_be_done: whether the service may have done it already.
        added: the new task that it adds, or takes back.
        """
        asked = {
            "provider": signal.source,
            "user_id": signal.user_id,
            "signal_id": signal.id,
            "kind": kind.value,
            "uuid": uuid,
            "signal": encode_json(signal),
            "state": OutboxState.QUEUED.value,
            "clicked_at": clicked_at.timestamp(),
            "send_at": send_at.timestamp(),
            "due": None if due is None else encode_json(due),
            "undoes": undoes,
            "may_be_done": int(may_be_done),
            "added": None if added is None else encode_json(added),
        }
        with self._database.transaction() as connection:
            row = connection.execute(sql.ADD_CLICK, asked).fetchone()
            return item_from_row(row)

    def update(self, *items: OutboxItem) -> None:
        """Write what can change of `items` to their rows, all or none; `kind` and `uuid` cannot."""
        if not items:
            return
        with self._database.transaction() as connection:
            connection.executemany(
                sql.UPDATE_CLICK, [_asked(item) | _became(item) for item in items]
            )

    def record(self, *items: OutboxItem) -> None:
        """Write what sending `items` led to, all or none: a poll may settle thousands."""
        if not items:
            return
        with self._database.transaction() as connection:
            connection.executemany(
                sql.RECORD_CLICK, [_became(item) | {"named": _named(item)} for item in items]
            )

    def remove(self, *numbers: int) -> None:
        """Forget the clicks with these numbers, all or none."""
        if not numbers:
            return
        with self._database.transaction() as connection:
            connection.executemany(sql.DELETE_CLICK, [{"number": number} for number in numbers])

    def remove_account(self, key: AccountKey) -> int:
        """Forget every click of an account that is disconnected; returns how many there were."""
        with self._database.transaction() as connection:
            return connection.execute(sql.DELETE_CLICKS_OF_ACCOUNT, of_account(key)).rowcount


def _asked(item: OutboxItem) -> dict[str, object]:
    """What the user can change of a click."""
    return {
        "signal": encode_json(item.signal),
        "due": None if item.due is None else encode_json(item.due),
        "send_at": item.send_at.timestamp(),
        "insists": int(item.insists),
    }


def _became(item: OutboxItem) -> dict[str, object]:
    """What sending it, the service's answer and its list change."""
    return {
        "number": item.number,
        "state": item.state.value,
        "sent_at": timestamp_or_none(item.sent_at),
        "attempts": item.attempts,
        "may_be_done": int(item.may_be_done),
        "reason": item.reason,
        "signal_id": item.signal.id,
    }


def _named(item: OutboxItem) -> str | None:
    """The signal, where the service has told its id; of all others it has not changed."""
    return encode_json(item.signal) if item.is_named else None


def item_from_row(row: Row) -> OutboxItem:
    """Return the click of a row of the table. Raises ValueError where it makes no sense."""
    return OutboxItem(
        number=row["number"],
        kind=ActionKind(row["kind"]),
        uuid=row["uuid"],
        signal=decode_signal(row["signal"]),
        state=OutboxState(row["state"]),
        clicked_at=instant(row["clicked_at"]),
        send_at=instant(row["send_at"]),
        sent_at=instant_or_none(row["sent_at"]),
        due=None if row["due"] is None else _due_decoder.decode(row["due"]),
        undoes=row["undoes"],
        attempts=row["attempts"],
        may_be_done=bool(row["may_be_done"]),
        insists=bool(row["insists"]),
        added=None if row["added"] is None else _added_decoder.decode(row["added"]),
        reason=row["reason"],
    )
