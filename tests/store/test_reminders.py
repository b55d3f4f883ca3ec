"""What was told survives, is replaced, pruned, and goes with its account."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from oo_desktop.errors import StoreError
from oo_desktop.model.reminders import Told
from oo_desktop.model.signals import AccountKey, ProviderId, SignalId, SignalKey, UserId
from oo_desktop.store.database import Database
from oo_desktop.store.reminders import ReminderStore

ADA = AccountKey(ProviderId("google_calendar"), UserId("ada@example.com"))
BOB = AccountKey(ProviderId("google_calendar"), UserId("bob@example.com"))
START = datetime(2026, 11, 22, 14, tzinfo=UTC)

TOLD = Told(
    key=SignalKey(ADA, SignalId("cal/one")),
    start=START,
    minutes=10,
    ends=START + timedelta(hours=1),
    told_at=START - timedelta(minutes=10, microseconds=-1),
    twin="uid 20261122T140000Z",
)


@pytest.fixture
def store(path: Path) -> Iterator[ReminderStore]:
    with closing(Database(path)) as database:
        yield ReminderStore(database)


def test_what_was_told_is_known_after_a_restart(store: ReminderStore, path: Path) -> None:
    other = msgspec.structs.replace(TOLD, minutes=5, twin=None, snoozed_until=START)
    store.write(TOLD, other)
    with closing(Database(path)) as database:
        assert set(ReminderStore(database).all()) == {TOLD, other}


def test_the_same_reminder_is_written_over(store: ReminderStore) -> None:
    store.write(TOLD)
    snoozed = msgspec.structs.replace(TOLD, snoozed_until=START)
    store.write(snoozed)
    assert store.all() == (snoozed,)


def test_another_start_is_another_reminder(store: ReminderStore) -> None:
    moved = msgspec.structs.replace(TOLD, start=START + timedelta(hours=1))
    store.write(TOLD, moved)
    assert set(store.all()) == {TOLD, moved}


def test_only_what_is_named_is_removed(store: ReminderStore) -> None:
    other = msgspec.structs.replace(TOLD, minutes=5)
    store.write(TOLD, other)
    store.remove(TOLD)
    assert store.all() == (other,)


def test_an_account_takes_its_rows_along(store: ReminderStore) -> None:
    bobs = msgspec.structs.replace(TOLD, key=SignalKey(BOB, TOLD.key.id))
    store.write(TOLD, bobs)
    store.remove_account(ADA)
    assert store.all() == (bobs,)


def test_nothing_to_write_or_remove_touches_nothing(store: ReminderStore, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        store.write()
        store.remove()
    assert store.all() == ()


def test_a_row_that_says_nothing_is_passed_over(store: ReminderStore, path: Path) -> None:
    store.write(TOLD, msgspec.structs.replace(TOLD, minutes=5))
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE reminders SET ends = 1e300 WHERE minutes = 5")
        other.commit()
    assert store.all() == (TOLD,)


def test_a_table_that_cannot_be_read_is_a_store_error(store: ReminderStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE reminders")
    with pytest.raises(StoreError):
        store.all()
