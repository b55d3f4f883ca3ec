"""Which reminders were given, so that no restart gives one twice."""

import logging
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, delete, select
from sqlalchemy.dialects.sqlite import insert

from oo_desktop.model.reminders import Told
from oo_desktop.model.signals import AccountKey, ProviderId, SignalId, SignalKey, UserId
from oo_desktop.store.database import Database
from oo_desktop.store.schema import reminders as table

log = logging.getLogger(__name__)


class ReminderStore:
    """Reads and writes what was told. Every method may raise StoreError.

    A method that returns has committed: the row survives a crash and a power cut.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Told, ...]:
        """Everything that was told, in that order."""
        with self._database.reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.told_at)).all()
        told = []
        for row in rows:
            try:
                told.append(_told(row))
            except (ValueError, OverflowError, OSError):  # an instant that is none
                log.info("what was told of an event cannot be read")
        return tuple(told)

    def write(self, *told: Told) -> None:
        """Write `told` down, all or none; what was there for the same reminder is replaced."""
        if not told:
            return
        statement = insert(table)
        new = statement.excluded
        with self._database.transaction() as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=list(table.primary_key),
                    set_={
                        "ends": new.ends,
                        "told_at": new.told_at,
                        "twin": new.twin,
                        "snoozed_until": new.snoozed_until,
                    },
                ),
                [_row(each) for each in told],
            )

    def remove(self, *told: Told) -> None:
        """Forget that these were told."""
        if not told:
            return
        names = table.primary_key.columns.keys()
        with self._database.transaction() as connection:
            for each in told:
                row = _row(each)
                connection.execute(
                    delete(table).where(and_(*(table.c[name] == row[name] for name in names)))
                )

    def remove_account(self, key: AccountKey) -> None:
        """Forget an account that is disconnected."""
        with self._database.transaction() as connection:
            connection.execute(
                delete(table).where(
                    (table.c.provider == key.provider) & (table.c.user_id == key.user_id)
                )
            )


def _told(row: Any) -> Told:
    account = AccountKey(ProviderId(row.provider), UserId(row.user_id))
    until = row.snoozed_until
    return Told(
        key=SignalKey(account, SignalId(row.signal_id)),
        start=datetime.fromtimestamp(row.start, UTC),
        minutes=row.minutes,
        ends=datetime.fromtimestamp(row.ends, UTC),
        told_at=datetime.fromtimestamp(row.told_at, UTC),
        twin=row.twin,
        snoozed_until=None if until is None else datetime.fromtimestamp(until, UTC),
    )


def _row(told: Told) -> dict[str, object]:
    until = told.snoozed_until
    return {
        "provider": told.key.account.provider,
        "user_id": told.key.account.user_id,
        "signal_id": told.key.id,
        "start": told.start.timestamp(),
        "minutes": told.minutes,
        "ends": told.ends.timestamp(),
        "told_at": told.told_at.timestamp(),
        "twin": told.twin,
        "snoozed_until": None if until is None else until.timestamp(),
    }
