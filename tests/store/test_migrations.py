"""A database of every released schema becomes one of today, whole or not at all."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from oo_desktop.errors import StoreError
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.integrations import SentRefresh
from oo_desktop.model.signals import AccountKey, ActionKind, ProviderId, UserId
from oo_desktop.model.state import TokenStatus
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.store.migrations import VERSION
from oo_desktop.store.oauth_clients import OAuthClientStore
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.store.snapshots import SnapshotStore
from tests.store.stored import contents, file_from_dump, structure, version_of

RELEASED = range(1, VERSION)
ADA = AccountKey(ProviderId("todoist"), UserId("2671355"))
BOB = AccountKey(ProviderId("todoist"), UserId("2671362"))


@pytest.fixture
def migrated(path: Path) -> Iterator[Database]:
    """A database that version 1 left behind, opened today."""
    file_from_dump(path, version=1)
    with closing(Database(path)) as database:
        yield database


def migrate(path: Path) -> None:
    Database(path).close()


@pytest.mark.parametrize("version", RELEASED)
def test_it_looks_as_if_it_had_been_made_today(path: Path, tmp_path: Path, version: int) -> None:
    file_from_dump(path, version=version)
    migrate(path)
    migrate(tmp_path / "new.db")
    assert structure(path) == structure(tmp_path / "new.db")
    assert version_of(path) == VERSION


@pytest.mark.parametrize("version", RELEASED)
def test_every_row_is_kept_as_it_was(path: Path, version: int) -> None:
    file_from_dump(path, version=version)
    before = contents(path)
    migrate(path)
    after = contents(path)
    assert before.keys() <= after.keys()
    for table, rows in before.items():
        assert len(rows) == len(after[table])
        for row, migrated in zip(rows, after[table], strict=True):
            assert row.items() <= migrated.items()


@pytest.mark.parametrize("version", RELEASED)
def test_every_stored_file_has_rows_in_every_table(path: Path, version: int) -> None:
    file_from_dump(path, version=version)
    assert all(contents(path).values())


def test_of_lists_of_version_2_nothing_is_known_to_be_missing(path: Path) -> None:
    file_from_dump(path, version=2)
    with closing(Database(path)) as database:
        cached = SnapshotStore(database).all()
    assert [stored.snapshot.unread for stored in cached.values()] == [0, 0]


def test_of_lists_of_version_3_nobody_knows_where_new_tasks_can_go(path: Path) -> None:
    file_from_dump(path, version=3)
    with closing(Database(path)) as database:
        cached = SnapshotStore(database).all()
        clicks = OutboxStore(database).all()
    assert [stored.snapshot.lists for stored in cached.values()] == [None, None]
    assert [stored.snapshot.unread for stored in cached.values()] == [2, 0]
    assert {click.added for click in clicks} == {None}


# What rows of version 1 become


def test_accounts_of_version_1_go_on(migrated: Database) -> None:
    store = IntegrationStore(migrated)
    statuses = {integration.key: integration.token_status for integration in store.all()}
    assert statuses == {ADA: TokenStatus.ACTIVE, BOB: TokenStatus.NEEDS_RECONNECT}
    assert isinstance(store.refresh_sent(ADA), SentRefresh)
    assert store.notified_at(BOB) is not None
    assert OAuthClientStore(migrated).get(ProviderId("todoist")) is not None


def test_why_version_1_was_refused_is_not_known(migrated: Database) -> None:
    assert {integration.reason for integration in IntegrationStore(migrated).all()} == {None}


def test_what_version_1_showed_is_shown(migrated: Database) -> None:
    cached = SnapshotStore(migrated).all()
    assert {key: len(stored.snapshot.signals) for key, stored in cached.items()} == {ADA: 5, BOB: 1}


def test_every_click_of_version_1_is_read_in_its_order(migrated: Database) -> None:
    found = [(item.number, item.kind, item.state) for item in OutboxStore(migrated).all()]
    done, reopen = ActionKind.DONE, ActionKind.REOPEN
    assert found == [
        (2, done, OutboxState.SENT),
        (3, done, OutboxState.QUEUED),
        (4, reopen, OutboxState.QUEUED),
        (5, done, OutboxState.REJECTED),
        (6, done, OutboxState.QUEUED),
        (7, done, OutboxState.QUEUED),
        (8, reopen, OutboxState.QUEUED),
        (9, reopen, OutboxState.QUEUED),
    ]


def test_what_version_1_has_tried_may_be_done(migrated: Database) -> None:
    """It did not write down how an attempt ended, and the careful answer costs one request."""
    may_be_done = {item.number: item.may_be_done for item in OutboxStore(migrated).all()}
    assert may_be_done == {
        2: True, 3: True, 4: False, 5: True, 6: False, 7: True, 8: False, 9: True
    }  # fmt: skip


def test_an_undo_of_version_1_knows_what_it_takes_back(migrated: Database) -> None:
    """But not where that was confirmed and gone already."""
    undoes = {item.number: item.undoes for item in OutboxStore(migrated).all()}
    assert undoes == {2: None, 3: None, 4: 3, 5: None, 6: None, 7: None, 8: 7, 9: None}


def test_nothing_of_version_1_is_a_reschedule(migrated: Database) -> None:
    assert all(item.due is None for item in OutboxStore(migrated).all())


def test_the_number_of_a_click_that_is_gone_is_not_used_again(migrated: Database) -> None:
    store = OutboxStore(migrated)
    (first, *_) = store.all()
    again = store.add(
        ActionKind.DONE,
        "another",
        first.signal,
        clicked_at=first.clicked_at,
        send_at=first.send_at,
    )
    assert again.number == 11


# Whole or not at all


OPEN = """
import os, signal, sqlite3, sys
from functools import partial
from pathlib import Path
from oo_desktop.store.database import Database

path, at, what = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

class Watched(sqlite3.Connection):
    def execute(self, statement, *parameters):
        if statement.startswith(at):
            self.reached()
        return super().execute(statement, *parameters)

    def reached(self):
        if what == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "raise":
            raise KeyboardInterrupt
        print("waiting", flush=True)
        sys.stdin.readline()

sqlite3.connect = partial(sqlite3.connect, factory=Watched)
Database(path, busy_timeout=30).close()
"""

STEPS = [
    "ALTER TABLE outbox ADD COLUMN due",
    "ALTER TABLE outbox ADD COLUMN may_be_done",
    "UPDATE outbox SET may_be_done",
    "UPDATE outbox SET undoes",
    "CREATE TABLE reminders",
    "PRAGMA application_id =",
    "PRAGMA user_version =",
]


def opening(path: Path, at: str, what: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", OPEN, str(path), at, what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


@pytest.mark.parametrize("what", ["kill", "raise"])
@pytest.mark.parametrize("step", STEPS)
def test_a_migration_that_is_cut_short_has_not_happened(path: Path, step: str, what: str) -> None:
    file_from_dump(path, version=1)
    before, shape = contents(path), structure(path)
    with opening(path, step, what) as process:
        assert process.wait(30) != 0
    assert (version_of(path), structure(path), contents(path)) == (1, shape, before)
    migrate(path)
    assert version_of(path) == VERSION
    assert len(contents(path)["outbox"]) == len(before["outbox"])


def test_another_process_waits_for_the_migration_and_finds_it_done(path: Path) -> None:
    file_from_dump(path, version=1)
    with opening(path, STEPS[3], "wait") as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "waiting\n"
        with opening(path, "nothing", "wait") as second:
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(0.3)
            first.communicate("go on\n", timeout=30)
            assert (first.returncode, second.wait(30)) == (0, 0)
    assert version_of(path) == VERSION
    assert len(contents(path)["outbox"]) == 8


def test_another_process_that_cannot_wait_says_so_and_changes_nothing(path: Path) -> None:
    file_from_dump(path, version=1)
    with opening(path, STEPS[3], "wait") as first:
        assert first.stdout is not None
        first.stdout.readline()
        with pytest.raises(StoreError, match="in use"):
            Database(path, busy_timeout=0)
        first.communicate("go on\n", timeout=30)
    migrate(path)
    assert len(contents(path)["outbox"]) == 8


def test_a_file_that_became_newer_while_it_was_waited_for_stays_newer(path: Path) -> None:
    """Another process may be a newer oO: its version is read again, under the lock."""
    newer = f"UPDATE outbox SET undoes = NULL; PRAGMA user_version = {VERSION + 1}"
    file_from_dump(path, version=1)
    with opening(path, "BEGIN IMMEDIATE", "wait") as waiting:
        assert waiting.stdout is not None
        waiting.stdout.readline()
        migrate(path)
        with closing(sqlite3.connect(path)) as other:
            other.executescript(newer)
        waiting.communicate("go on\n", timeout=30)
        assert waiting.returncode == 1
    assert version_of(path) == VERSION + 1
