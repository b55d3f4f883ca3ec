"""Remembers which reminders were given, so that no restart gives one twice."""

import logging
import sqlite3

from oo_desktop.model.reminders import Told
from oo_desktop.model.signals import AccountKey, ProviderId, SignalId, SignalKey, UserId
from oo_desktop.store import sql
from oo_desktop.store.columns import (
    instant,
    instant_or_none,
    of_account,
    timestamp_or_none,
)
from oo_desktop.store.database import Database

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
            rows = connection.execute(sql.REMINDERS).fetchall()
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
        with self._database.transaction() as connection:
            connection.executemany(sql.REPLACE_REMINDER, map(_parameters, told))

    def remove(self, *told: Told) -> None:
        """Forget that these were told."""
        if not told:
            return
        with self._database.transaction() as connection:
            connection.executemany(sql.DELETE_REMINDER, map(_parameters, told))

    def remove_account(self, key: AccountKey) -> None:
        """Forget what was told of an account that is disconnected."""
        with self._database.transaction() as connection:
            connection.execute(sql.DELETE_REMINDERS_OF_ACCOUNT, of_account(key))


def _told(row: sqlite3.Row) -> Told:
    account = AccountKey(ProviderId(row["provider"]), UserId(row["user_id"]))
    return Told(
        key=SignalKey(account, SignalId(row["signal_id"])),
        start=instant(row["start"]),
        minutes=row["minutes"],
        ends=instant(row["ends"]),
        told_at=instant(row["told_at"]),
        twin=row["twin"],
        snoozed_until=instant_or_none(row["snoozed_until"]),
    )


def _parameters(told: Told) -> dict[str, object]:
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
