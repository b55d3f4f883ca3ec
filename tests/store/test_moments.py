"""Single instants, kept over restarts."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oo_desktop.store.database import Database
from oo_desktop.store.moments import Moment, MomentStore

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ONE = datetime(2026, 11, 22, 13, tzinfo=UTC)


def test_a_moment_survives_a_restart(path: Path) -> None:
    with closing(Database(path)) as database:
        assert MomentStore(database).get(Moment.PAUSED_UNTIL) is None
        MomentStore(database).set(Moment.PAUSED_UNTIL, NOON)
        MomentStore(database).set(Moment.PAUSED_UNTIL, ONE)
    with closing(Database(path)) as database:
        assert MomentStore(database).get(Moment.PAUSED_UNTIL) == ONE
        assert MomentStore(database).get(Moment.WELCOMED) is None


def test_a_moment_can_be_forgotten(path: Path) -> None:
    with closing(Database(path)) as database:
        store = MomentStore(database)
        store.set(Moment.PAUSED_UNTIL, NOON)
        store.set(Moment.PAUSED_UNTIL, None)
        store.set(Moment.PAUSED_UNTIL, None)
        assert store.get(Moment.PAUSED_UNTIL) is None


@pytest.mark.parametrize("written", [1e300, -1e300])
def test_what_is_no_instant_is_none(path: Path, written: float) -> None:
    with closing(Database(path)) as database:
        MomentStore(database).set(Moment.WELCOMED, NOON)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE moments SET at = ?", (written,))
    with closing(Database(path)) as database:
        assert MomentStore(database).get(Moment.WELCOMED) is None
