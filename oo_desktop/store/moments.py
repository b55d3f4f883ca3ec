"""Remembers single instants that concern all of oO, such as the end of a pause."""

import logging
from datetime import datetime
from enum import StrEnum

from oo_desktop.store import sql
from oo_desktop.store.columns import instant
from oo_desktop.store.database import Database

log = logging.getLogger(__name__)


class Moment(StrEnum):
    """Names what is remembered."""

    PAUSED_UNTIL = "paused_until"
    """When notifications come again."""
    WELCOMED = "welcomed"
    """When the person was told where oO is."""


class MomentStore:
    """Reads and writes instants. Every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: Moment) -> datetime | None:
        """Return the instant (UTC) of that name; None where there is none, or none to be read."""
        with self._database.reading() as connection:
            row = connection.execute(sql.MOMENT, {"name": name.value}).fetchone()
        try:
            return None if row is None else instant(row["at"])
        except ValueError:
            log.info("the moment “%s” cannot be read", name.value)
            return None

    def set(self, name: Moment, at: datetime | None) -> None:
        """Remember `at` (aware) under that name; None: forget it."""
        with self._database.transaction() as connection:
            if at is None:
                connection.execute(sql.DELETE_MOMENT, {"name": name.value})
            else:
                row = {"name": name.value, "at": at.timestamp()}
                connection.execute(sql.REPLACE_MOMENT, row)
