"""A file that is deleted, moved or replaced while oO runs is put back: no click goes with it."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from oo_desktop.model.signals import AccountKey, ActionKind, ProviderId, SignalId, Task, UserId
from oo_desktop.model.source import Snapshot
from oo_desktop.store.database import Database
from oo_desktop.store.errors import DatabaseDamaged, DatabaseUnusable
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.store.recovery.rescue import open_database
from oo_desktop.store.snapshots import SnapshotStore, StoredSnapshot
from oo_desktop.testing import FakeClock
from tests.full_disk import no_file_longer_than
from tests.store.killed import Program, kill_at_every_step
from tests.store.stored import contents

pytestmark = pytest.mark.logs_warnings  # what was put back is worth one line

T = TypeVar("T")

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = AccountKey(ProviderId("todoist"), UserId("1"))
ASIDE = "oo.db.set-aside-20261122T120000Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "oo.db"


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    with closing(Database(path, clock=FakeClock(NOW))) as database:
        yield database


def task(uuid: str) -> Task:
    return Task(id=SignalId(uuid), source=KEY.provider, user_id=KEY.user_id, title="Water")


def click(database: Database, uuid: str) -> None:
    OutboxStore(database).add(ActionKind.DONE, uuid, task(uuid), clicked_at=NOW, send_at=NOW)


def clicked_in(path: Path) -> list[str]:
    """As the next start would find it after a SIGKILL: from a copy of what is there now."""
    copied = path.parent.with_name("copied")
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(path.parent, copied)
    with closing(open_database(copied / path.name, clock=FakeClock(NOW)).database) as database:
        return [item.uuid for item in OutboxStore(database).all()]


def content(path: Path) -> bytes:
    return path.read_bytes()


def names(path: Path) -> list[str]:
    """The databases there are."""
    return [file.name for file in path.parent.glob("*.db")]


def deleted(path: Path) -> None:
    path.unlink()


def deleted_with_all_that_belongs_to_it(path: Path) -> None:
    for file in path.parent.iterdir():
        file.unlink()


def moved(path: Path) -> None:
    path.rename(path.with_name("kept.db"))


def moved_to_another_folder_and_back_as_a_copy(path: Path) -> None:
    shutil.copy(path, path.parent.with_name("backup.db"))
    path.unlink()
    shutil.copy(path.parent.with_name("backup.db"), path)


def its_log_deleted(path: Path) -> None:
    path.with_name("oo.db-wal").unlink()


def its_folder_deleted_and_made_again(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.mkdir()


HARM = [
    deleted,
    deleted_with_all_that_belongs_to_it,
    moved,
    moved_to_another_folder_and_back_as_a_copy,
    its_log_deleted,
    its_folder_deleted_and_made_again,
]


@pytest.mark.parametrize("harm", HARM)
def test_the_next_click_takes_all_earlier_ones_to_their_place(
    path: Path, harm: Callable[[Path], None]
) -> None:
    with opened(path) as database:
        click(database, "before")
        harm(path)
        click(database, "after")
        assert clicked_in(path) == ["before", "after"]
        assert "while oO ran" in (database.notice or "")
        click(database, "later")
        assert clicked_in(path) == ["before", "after", "later"]
        assert database.problem is None
    assert clicked_in(path) == ["before", "after", "later"]


@pytest.mark.parametrize("harm", HARM)
def test_what_is_deleted_during_a_click_is_put_back_with_that_click(
    path: Path, harm: Callable[[Path], None]
) -> None:
    with opened(path) as database:
        click(database, "before")
        with database.transaction() as connection:
            connection.execute("UPDATE outbox SET reason = 'during'")
            harm(path)
        assert clicked_in(path) == ["before"]
        assert contents(path)["outbox"][0]["reason"] == "during"


def test_what_is_deleted_is_put_back_at_the_end(path: Path) -> None:
    with opened(path) as database:
        click(database, "before")
        deleted_with_all_that_belongs_to_it(path)
    assert clicked_in(path) == ["before"]


def test_a_file_that_takes_its_place_is_kept(path: Path) -> None:
    with opened(path) as database:
        click(database, "before")
        path.unlink()
        path.write_bytes(b"precious")
        click(database, "after")
        assert path.with_name(ASIDE).read_bytes() == b"precious"
        assert ASIDE in (database.notice or "")
        assert clicked_in(path) == ["before", "after"]


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_database_that_takes_its_place_is_not_given_its_log(path: Path, mode: str) -> None:
    """SQLite would write what is in a log to whatever database stands beside it."""
    other = path.parent.with_name("other.db")
    with closing(sqlite3.connect(other)) as raw:
        raw.execute(f"PRAGMA journal_mode = {mode}")
        raw.execute("CREATE TABLE places (name)")
        raw.execute("INSERT INTO places VALUES ('home')")
        raw.commit()
    with opened(path) as database:
        click(database, "before")
        other.rename(path)
        click(database, "after")
    assert sorted(file.name for file in path.parent.iterdir()) == ["oo.db", ASIDE]
    with closing(sqlite3.connect(path.with_name(ASIDE))) as raw:
        assert raw.execute("SELECT name FROM places").fetchall() == [("home",)]


def test_a_deleted_database_leaves_nothing_beside_the_new_one(path: Path) -> None:
    with opened(path) as database:
        deleted(path)
        click(database, "after")
    assert [file.name for file in path.parent.iterdir()] == ["oo.db"]


def test_two_programs_do_not_take_turns_for_ever(path: Path) -> None:
    with opened(path) as database:
        click(database, "before")
        for content in (b"first", b"second"):
            path.unlink()
            path.write_bytes(content)
            if content == b"first":
                click(database, "after")
        with pytest.raises(DatabaseUnusable, match="again and again"):
            click(database, "late")
        assert "again and again" in (database.problem or "")
        assert path.read_bytes() == b"second"
        path.unlink()
        click(database, "late")
        assert database.problem is None
        assert clicked_in(path) == ["before", "after", "late"]


@pytest.mark.parametrize("times", [2, 5])
def test_it_may_be_deleted_as_often_as_one_likes(path: Path, times: int) -> None:
    with opened(path) as database:
        for number in range(times):
            path.unlink()
            click(database, str(number))
    assert clicked_in(path) == [str(number) for number in range(times)]


def test_without_its_folder_nothing_is_promised_and_it_goes_on_once_that_is_back(
    path: Path,
) -> None:
    with opened(path) as database:
        click(database, "before")
        shutil.rmtree(path.parent)
        with pytest.raises(DatabaseUnusable, match=r"folder of .* is gone"):
            click(database, "refused")
        assert "is gone" in (database.problem or "")
        assert not path.parent.exists()
        path.parent.mkdir()
        database.keep_location()
        assert database.problem is None
        click(database, "after")
    assert clicked_in(path) == ["before", "after"]


def test_a_folder_that_is_away_for_a_while_is_as_good_as_before(path: Path) -> None:
    with opened(path) as database:
        click(database, "before")
        away = path.parent.rename(path.parent.with_name("away"))
        with pytest.raises(DatabaseUnusable):
            database.keep_location()
        away.rename(path.parent)
        database.keep_location()
        assert (database.problem, database.notice) == (None, None)
        click(database, "after")
    assert clicked_in(path) == ["before", "after"]


def cut_short(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.truncate(path, 5000)


def test_what_is_damaged_is_not_put_back_as_if_it_were_whole(path: Path) -> None:
    with opened(path) as database:
        click(database, "before")
        cut_short(path)
        moved(path)
        with pytest.raises(DatabaseDamaged, match="damaged"):
            click(database, "after")
        assert "damaged" in (database.problem or "")
        assert names(path) == ["kept.db"]


def test_nothing_is_promised_to_a_file_that_was_emptied(path: Path) -> None:
    with opened(path) as database:
        click(database, "before")
        path.write_bytes(b"")
        with pytest.raises(DatabaseDamaged, match="damaged"):
            click(database, "after")
        assert "Quit oO and start it again" in (database.problem or "")
        assert path.read_bytes() == b""
        assert clicked_in(path) == ["before"]
    assert clicked_in(path) == ["before"]


async def test_a_list_is_written_to_the_file_that_was_put_back(path: Path) -> None:
    with opened(path) as database:
        store = SnapshotStore(database)
        first = Snapshot(signals=(task("1"), task("2")))
        await store.replace(KEY, first, fetched_at=NOW)
        deleted(path)
        second = Snapshot(signals=(task("1"), task("2"), task("3")))
        await store.replace(KEY, second, fetched_at=NOW)
        assert store.all() == {KEY: StoredSnapshot(second, NOW)}
    assert len(contents(path)["signals"]) == 3


async def test_a_list_is_not_written_into_a_file_of_somebody_elses(path: Path) -> None:
    with opened(path) as database:
        store = SnapshotStore(database)
        location = database.location
        deleted(path)
        with opened(path):
            pass
        with pytest.raises(DatabaseUnusable, match="while oO ran"):
            location.require()
        other = content(path)
        await store.replace(KEY, Snapshot(signals=(task("1"),)), fetched_at=NOW)
    assert content(path.with_name(ASIDE)) == other


def click_after_a_deletion(path: Path, from_here_on: Callable[[], None]) -> None:
    database = Database(path, clock=FakeClock(NOW))
    click(database, "before")
    deleted_with_all_that_belongs_to_it(path)
    from_here_on()
    click(database, "after")


def click_after_a_replacement(path: Path, from_here_on: Callable[[], None]) -> None:
    database = Database(path, clock=FakeClock(NOW))
    click(database, "before")
    deleted_with_all_that_belongs_to_it(path)
    path.write_bytes(b"precious")
    from_here_on()
    click(database, "after")


@pytest.mark.parametrize(
    "program", [click_after_a_deletion, click_after_a_replacement], ids=["deleted", "replaced"]
)
def test_killed_at_any_step_it_is_all_there_or_was_never_put_back(
    tmp_path: Path, program: Program
) -> None:
    steps = ("tempfile.mkstemp", "os.link", "os.remove", "os.rename")
    paths = kill_at_every_step(tmp_path, program, steps=steps)
    assert len(paths) > 4
    found = [clicked_in(path) for path in paths]
    if program is click_after_a_replacement:
        for path in paths:
            kept = [file for file in path.parent.iterdir() if file.read_bytes() == b"precious"]
            assert len(kept) == 1, path
    assert found == sorted(found, key=len)  # from one step on it is safe, and stays so
    assert [] in found
    assert ["before"] in found
    assert found[-1] == ["before", "after"]


def test_a_click_survives_the_kill_that_follows_a_deletion(path: Path) -> None:
    program = (
        "import os, sys; from tests.store.test_location import *\n"
        "path = Path(sys.argv[1]); database = Database(path)\n"
        "click(database, 'before'); deleted_with_all_that_belongs_to_it(path)\n"
        "click(database, 'after'); os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert clicked_in(path) == ["before", "after"]


class AfterDeletion(Executor):
    """Runs what it is given when the file is gone: as if it had been deleted just then."""

    def __init__(self, path: Path) -> None:
        self.path: Path | None = path

    def submit(self, job: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        if self.path is not None:
            self.path.unlink()
            self.path = None
        future: Future[T] = Future()
        try:
            future.set_result(job(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  # handed to whoever waits
            future.set_exception(error)
        return future


async def test_a_list_whose_file_was_deleted_while_it_was_written_comes_with_the_next_poll(
    path: Path,
) -> None:
    with opened(path) as database:
        store = SnapshotStore(database, executor=AfterDeletion(path))
        found = Snapshot(signals=(task("1"), task("2")))
        with pytest.raises(DatabaseUnusable):
            await store.replace(KEY, found, fetched_at=NOW)
        assert names(path) == []
        await store.replace(KEY, found, fetched_at=NOW)
    assert len(contents(path)["signals"]) == 2


# Attempts to put it back that fail: they cost nothing, and are made again

STALE = "oo.db.rescued-20261122T110000Z"


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
            connection.execute("UPDATE outbox SET reason = 'committed'")
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
