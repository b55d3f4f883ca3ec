"""Remembers which reminders were given, so that no restart gives one twice."""

import logging
from typing import Any

from sqlalchemy import and_, delete, select
from sqlalchemy.dialects.sqlite import insert

from oo_desktop.model.reminders import Told
from oo_desktop.model.signals import AccountKey, ProviderId, SignalId, SignalKey, UserId
from oo_desktop.store.columns import (
    instant,
    instant_or_none,
    of_account,
    timestamp_or_none,
)
from oo_desktop.store.database import Database
from oo_desktop.store.schema import reminders as table

log = logging.getLogger(__name__)


class ReminderStore:
    """Reads and writes which reminders were given. Every method may raise StoreError.

    A method that returns has committed: the row survives a crash and a power cut.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Told, ...]:
        """Return everything that was told, in that order; rows that cannot be read are left out."""
        with self._database.reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.told_at)).all()
        told = []
        for row in rows:
            try:
                told.append(_told(row))
            except ValueError:  # an instant that is none
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
        """Forget what was told of an account that is disconnected."""
        with self._database.transaction() as connection:
            connection.execute(delete(table).where(of_account(table, key)))


def _told(row: Any) -> Told:
    account = AccountKey(ProviderId(row.provider), UserId(row.user_id))
    return Told(
        key=SignalKey(account, SignalId(row.signal_id)),
        start=instant(row.start),
        minutes=row.minutes,
        ends=instant(row.ends),
        told_at=instant(row.told_at),
        twin=row.twin,
        snoozed_until=instant_or_none(row.snoozed_until),
    )


def _row(told: Told) -> dict[str, object]:
    return {
        "provider": told.key.account.provider,
        "user_id": told.key.account.user_id,
        "signal_id": told.key.id,
        "start": told.start.timestamp(),
        "minutes": told.minutes,
        "ends": told.ends.timestamp(),
        "told_at": told.told_at.timestamp(),
        "twin": told.twin,
        "snoozed_until": timestamp_or_none(told.snoozed_until),
    }
