import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from oo_desktop.errors import StoreError
from oo_desktop.store import sql
from oo_desktop.store.database import APPLICATION_ID, Database
from oo_desktop.store.errors import DatabaseDamaged
from oo_desktop.store.migrations import VERSION
from tests.full_disk import no_file_longer_than
from tests.store.stored import contents, file_from_dump, version_of

EXTRA = 3
"""The level of `PRAGMA synchronous` above FULL, which is 2."""


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    database = Database(path)
    try:
        yield database
    finally:
        database.close()


def insert(connection: sqlite3.Connection, user_id: str, *, label: str = "ada") -> None:
    connection.execute(
        "INSERT INTO integration_tokens"
        " (provider, user_id, token_status, label, connected_at, updated_at)"
        " VALUES ('todoist', :user_id, 'active', :label, 0, 0)",
        {"user_id": user_id, "label": label},
    )


def insert_all(database: Database, *user_ids: str) -> None:
    with database.transaction() as connection:
        for user_id in user_ids:
            insert(connection, user_id)


def users(connection: sqlite3.Connection) -> list[str]:
    return [user_id for (user_id,) in connection.execute("SELECT user_id FROM integration_tokens")]


def test_a_new_file_is_marked_as_ours_and_complete(path: Path) -> None:
    with opened(path):
        pass
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert raw.execute("PRAGMA user_version").fetchone() == (VERSION,)
        names = {name for (name,) in raw.execute("SELECT name FROM sqlite_master")}
    assert set(sql.ALL_COLUMNS) <= names


def test_what_is_committed_survives_a_power_cut(path: Path) -> None:
    with opened(path) as database, database.transaction() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == EXTRA


def test_only_the_user_can_read_the_file(path: Path) -> None:
    before = os.umask(0)
    try:
        with opened(path) as database, database.transaction() as connection:
            insert(connection, "1")
            modes = {file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {0o600}


def test_a_piece_of_work_that_fails_leaves_nothing_behind(path: Path) -> None:
    with opened(path) as database:
        with pytest.raises(StoreError):
            insert_all(database, "1", "1")
        with database.transaction() as connection:
            assert users(connection) == []


def test_a_file_of_an_earlier_run_is_opened_as_it_was(path: Path) -> None:
    with opened(path) as database, database.transaction() as connection:
        insert(connection, "1")
    with opened(path) as database, database.transaction() as connection:
        assert users(connection) == ["1"]


def test_an_empty_file_was_emptied_and_is_left_alone(path: Path) -> None:
    path.touch()
    with pytest.raises(DatabaseDamaged, match="is empty"):
        Database(path)
    assert [file.name for file in path.parent.iterdir()] == ["oo.db"]
    assert path.read_bytes() == b""


def test_a_link_that_leads_nowhere_is_not_filled_in_by_sqlite(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere.db"))
    with pytest.raises(StoreError, match="cannot be opened"):
        Database(path)
    assert [file.name for file in path.parent.iterdir()] == ["oo.db"]


@pytest.mark.parametrize("name", ["what?mode=memory", "100%20 #1", "naïve ☃", "a;b&c=d"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with opened(folder / "oo.db"):
        pass
    assert (folder / "oo.db").stat().st_size > 0


# What the world can do to a file


def test_another_programs_database_is_not_touched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE places (id)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program’s"):
        Database(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["oo.db"]


def test_an_empty_database_marked_by_another_program_is_not_touched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA application_id = 42")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program’s"):
        Database(path)
    assert path.read_bytes() == before


def test_a_newer_database_is_not_touched(path: Path) -> None:
    with opened(path):
        pass
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer oO"):
        Database(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database, only text " * 100, b"SQLite format 3"])
def test_a_file_that_is_no_database_is_named_and_kept(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not a database"):
        Database(path)
    assert path.read_bytes() == content


def test_a_damaged_database_is_named(path: Path) -> None:
    with opened(path) as database, database.transaction() as connection:
        for number in range(500):
            insert(connection, str(number), label="ada" * 50)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with (
        pytest.raises(StoreError, match="damaged"),
        opened(path) as database,
        database.transaction() as connection,
    ):
        users(connection)


def test_a_truncated_database_is_named(path: Path) -> None:
    with opened(path):
        pass
    path.write_bytes(path.read_bytes()[:5000])
    with (
        pytest.raises(StoreError, match=r"damaged|not a database"),
        opened(path) as database,
        database.transaction() as connection,
    ):
        users(connection)


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="Check the permissions"):
        Database(tmp_path / "file" / "oo.db")


def test_a_database_that_is_a_folder_is_named(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        Database(path)


def test_a_full_disk_is_named_and_loses_nothing(path: Path) -> None:
    with opened(path) as database:
        with database.transaction() as connection:
            insert(connection, "1")
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="is full"), database.transaction() as connection:
            insert(connection, "2", label="a" * 100_000)
        with database.transaction() as connection:
            assert users(connection) == ["1"]
            connection.execute("PRAGMA max_page_count = 1000000")
            insert(connection, "2", label="a" * 100_000)


def test_a_disk_that_fails_while_writing_is_named(path: Path) -> None:
    """A limit on file sizes is as near to a failing disk as a test without one gets."""
    with opened(path) as database:
        with (
            no_file_longer_than(200_000),
            pytest.raises(StoreError, match=r"disk failed|is full"),
            database.transaction() as connection,
        ):
            insert(connection, "1", label="a" * 1_000_000)
        with database.transaction() as connection:
            assert users(connection) == []
            insert(connection, "1", label="a" * 1_000_000)


def test_a_query_that_makes_no_sense_is_a_store_error_without_its_values(path: Path) -> None:
    with opened(path) as database:
        with pytest.raises(StoreError) as raised, database.transaction() as connection:
            connection.execute("SELECT :title FROM nowhere", {"title": "planted-title"})
        shown = repr(raised.value) + str(raised.value.__cause__)
    assert "planted" not in shown


# Two at once


def test_another_process_that_writes_for_ever_is_named(path: Path) -> None:
    with opened(path), closing(sqlite3.connect(path)) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="in use"):
            Database(path, busy_timeout=0)
        other.execute("ROLLBACK")


WRITER = """
import sys
from pathlib import Path
from oo_desktop.store.database import Database
from tests.full_disk import no_file_longer_than
database = Database(Path(sys.argv[1]))
for number in range(100):
    with database.transaction() as connection:
        connection.execute("SELECT count(*) FROM integration_tokens").fetchone()[0]
        connection.execute(
            "INSERT INTO integration_tokens (provider, user_id, token_status, label,"
            " connected_at, updated_at) VALUES ('todoist', :user_id, 'active', '', 0, 0)",
            {"user_id": f"{sys.argv[2]}-{number}"},
        )
database.close()
"""


def test_two_processes_that_read_and_write_both_succeed(path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in ("a", "b")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with opened(path) as database, database.transaction() as connection:
        assert len(users(connection)) == 200


def test_a_killed_writer_leaves_what_it_committed(path: Path) -> None:
    program = WRITER.replace("database.close()", "print('done', flush=True); input()")
    writer = subprocess.Popen(
        [sys.executable, "-c", program, str(path), "a"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"done\n"
        writer.kill()
    with opened(path) as database, database.transaction() as connection:
        assert len(users(connection)) == 100


@contextmanager
def held(path: Path) -> Iterator[None]:
    """While another program writes, and does not come to an end."""
    with closing(sqlite3.connect(path)) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_reading_waits_for_no_writer(path: Path) -> None:
    with closing(Database(path, busy_timeout=0)) as database:
        insert_all(database, "1")
        with held(path), database.reading() as connection:
            assert users(connection) == ["1"]


def test_reading_writes_nothing(path: Path) -> None:
    with opened(path) as database:
        before = path.with_name("oo.db-wal").read_bytes()
        with database.reading() as connection:
            assert users(connection) == []
        assert path.with_name("oo.db-wal").read_bytes() == before


def test_what_stops_writing_is_known_until_writing_works_again(path: Path) -> None:
    with closing(Database(path, busy_timeout=0)) as database:
        with held(path), pytest.raises(StoreError):
            insert_all(database, "1")
        assert database.problem is not None
        assert "in use" in database.problem
        with database.reading():
            pass
        assert database.problem is not None
        insert_all(database, "1")
        assert database.problem is None


def test_that_it_can_be_written_to_again_is_found_without_anything_to_write(path: Path) -> None:
    with closing(Database(path, busy_timeout=0)) as database:
        with held(path):
            with pytest.raises(StoreError):
                insert_all(database, "1")
            database.keep_location()
            assert database.problem is not None
        database.keep_location()
        assert database.problem is None


def test_room_on_a_full_disk_is_found_without_anything_to_write(path: Path) -> None:
    with opened(path) as database:
        with no_file_longer_than(4096):
            with pytest.raises(StoreError):
                insert_all(database, "1")
            database.keep_location()
            assert database.problem is not None
        database.keep_location()
        assert database.problem is None


def test_a_mistake_in_a_query_is_no_problem_of_the_file(path: Path) -> None:
    with opened(path) as database:
        with pytest.raises(StoreError):
            insert_all(database, "1", "1")
        assert database.problem is None


# At rest

WITHOUT_SQLALCHEMY = """
import sys
sys.modules["sqlalchemy"] = None
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from oo_desktop.model.signals import ActionKind, ProviderId, SignalId, Task, UserId
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.store.recovery.rescue import open_database
from oo_desktop.testing import FakeClock

task = Task(id=SignalId("7"), source=ProviderId("todoist"), user_id=UserId("1"), title="Water")
now = datetime.now(UTC)
database, _ = open_database(Path(sys.argv[1]), clock=FakeClock())
with closing(database):
    OutboxStore(database).add(ActionKind.DONE, "a", task, clicked_at=now, send_at=now)
"""
"""SQLAlchemy takes more memory than all else that a store needs, and is not kept in it."""


@pytest.mark.parametrize("version", [None, *range(1, VERSION)], ids=str)
def test_a_file_is_made_migrated_and_used_without_sqlalchemy(
    path: Path, version: int | None
) -> None:
    if version is not None:
        file_from_dump(path, version=version)
    subprocess.run([sys.executable, "-c", WITHOUT_SQLALCHEMY, str(path)], check=True)
    assert version_of(path) == VERSION
    assert contents(path)["outbox"][-1]["uuid"] == "a"


# The end


def test_a_closed_database_refuses_everything(path: Path) -> None:
    with opened(path) as database:
        pass
    with pytest.raises(StoreError, match="closed"), database.transaction():
        pass
    with pytest.raises(StoreError, match="closed"), database.reading():
        pass


def test_a_closed_database_leaves_no_file_open(path: Path) -> None:
    with opened(path) as database:
        insert_all(database, "1")
    with pytest.raises(StoreError):
        insert_all(database, "2")
    ours = [os.path.realpath(entry) for entry in Path("/proc/self/fd").iterdir()]
    assert not [name for name in ours if name.startswith(str(path))]
    assert [file.name for file in path.parent.iterdir()] == ["oo.db"]
