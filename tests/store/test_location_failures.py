"""Attempts to put a file back that fail: they cost nothing, and are made again."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from oo_desktop.model.signals import AccountKey, ActionKind, ProviderId, SignalId, Task, UserId
from oo_desktop.store.database import Database
from oo_desktop.store.errors import DatabaseDamaged, DatabaseUnusable
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.store.recovery.rescue import open_database
from oo_desktop.testing import FakeClock
from tests.full_disk import no_file_longer_than

pytestmark = pytest.mark.logs_warnings  # what was put back is worth one line

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = AccountKey(ProviderId("todoist"), UserId("1"))
STALE = "oo.db.rescued-20261122T110000Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "oo.db"


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    with closing(Database(path, clock=FakeClock(NOW))) as database:
        yield database


def click(database: Database, uuid: str) -> None:
    task = Task(id=SignalId(uuid), source=KEY.provider, user_id=KEY.user_id, title="Water")
    OutboxStore(database).add(ActionKind.DONE, uuid, task, clicked_at=NOW, send_at=NOW)


def found_at_the_next_start(path: Path) -> list[str]:
    with closing(open_database(path, clock=FakeClock(NOW)).database) as database:
        return [item.uuid for item in OutboxStore(database).all()]


def into_one_file(path: Path) -> None:
    """Nothing is left in the log: what becomes of the file decides."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_an_attempt_that_failed_is_made_again(path: Path) -> None:
    with opened(path) as database:
        click(database, "before")
        into_one_file(path)
        path.unlink()
        path.write_bytes(b"another program's")
        with no_file_longer_than(1000):
            for _ in range(2):
                with pytest.raises(DatabaseUnusable, match="room"):
                    click(database, "refused")
        click(database, "after")
        assert database.problem is None
    assert found_at_the_next_start(path) == ["before", "after"]


def test_what_an_attempt_that_failed_has_left_does_not_come_back(path: Path) -> None:
    with opened(path) as database:
        click(database, "before")
        into_one_file(path)
        shutil.copy(path, path.with_name(STALE))
        path.unlink()
        click(database, "after")
        assert not path.with_name(STALE).exists()
    assert found_at_the_next_start(path) == ["before", "after"]


def test_nor_does_it_where_the_file_came_back_by_itself(path: Path) -> None:
    with opened(path) as database:
        click(database, "before")
        into_one_file(path)
        away = path.rename(path.with_name("away.db"))
        with no_file_longer_than(1000), pytest.raises(DatabaseUnusable):
            database.keep_location()
        shutil.copy(away, path.with_name(STALE))
        away.rename(path)
        click(database, "after")
        assert (database.problem, database.notice) == (None, None)
    assert found_at_the_next_start(path) == ["before", "after"]


@pytest.mark.parametrize("taken", [False, True])
def test_a_file_that_was_put_back_and_could_not_be_used_at_once_is_no_intruder(
    path: Path, *, taken: bool
) -> None:
    class Hesitant(Database):
        hesitates = 0

        def _use_wal(self, busy_timeout: float) -> None:
            if self.hesitates:
                self.hesitates -= 1
                raise DatabaseUnusable(f"The disk with {path} is full.")
            super()._use_wal(busy_timeout)

    with closing(Hesitant(path, clock=FakeClock(NOW))) as database:
        click(database, "before")
        path.unlink()
        if taken:
            path.write_bytes(b"another program's")
        database.hesitates = 2
        for _ in range(2):
            with pytest.raises(DatabaseUnusable, match="full"):
                click(database, "refused")
        click(database, "after")
        assert database.problem is None
        assert len([*path.parent.glob("*.set-aside-*")]) == taken
    assert found_at_the_next_start(path) == ["before", "after"]


def test_what_was_committed_is_not_said_to_have_failed(path: Path) -> None:
    with opened(path) as database:
        click(database, "before")
        with no_file_longer_than(40_000), database.transaction() as connection:
            connection.execute(text("UPDATE outbox SET reason = 'committed'"))
            path.unlink()
        assert "room" in (database.problem or "")
        database.keep_location()
        assert database.problem is None
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT reason FROM outbox").fetchall() == [("committed",)]


def test_that_it_is_damaged_stays_said_when_it_is_in_its_place_again(path: Path) -> None:
    with opened(path) as database:
        click(database, "before")
        path.unlink()
        click(database, "after")
        with pytest.raises(DatabaseDamaged), database.transaction():
            raise DatabaseDamaged("It is damaged.")
        database.keep_location()
        assert database.problem == "It is damaged."
