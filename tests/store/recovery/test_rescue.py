"""A file that is damaged or another program's is set aside, and a new one takes its place."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from oo_desktop.errors import StoreError
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import (
    ActionKind,
)
from oo_desktop.store import sql
from oo_desktop.store.database import Database
from oo_desktop.store.errors import DatabaseDamaged
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.store.migrations import VERSION
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.store.recovery.rescue import open_database
from oo_desktop.testing import FakeClock
from tests.full_disk import no_file_longer_than
from tests.store.killed import kill_at_every_step
from tests.store.recovery.damage import (
    ASIDE,
    NOW,
    clicked,
    damage,
    fill,
    names,
    opened,
    pages_of,
    task,
)
from tests.store.stored import contents, file_from_dump

pytestmark = pytest.mark.logs_warnings  # what was set aside is worth one line


# Nothing is wrong


@pytest.mark.parametrize("exists", [True, False])
def test_a_good_file_or_none_is_simply_opened(path: Path, exists: bool) -> None:
    if exists:
        fill(path, clicks=3)
    with opened(path) as (database, notice):
        assert len(clicked(database)) == (3 if exists else 0)
    assert notice is None
    assert names(path) == ["oo.db"]


def test_a_database_that_was_begun_and_never_filled_is_used(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
    with opened(path) as (database, notice):
        assert clicked(database) == []
    assert notice is None


def test_a_file_of_an_earlier_version_is_migrated(path: Path) -> None:
    file_from_dump(path, version=1)
    with opened(path) as (database, notice):
        assert len(clicked(database)) == 8
    assert notice is None


# Begun


def begin(path: Path, from_here_on: Callable[[], None]) -> None:
    from_here_on()
    open_database(path, clock=FakeClock()).database.close()


def test_killed_at_any_step_of_its_beginning_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    steps = ("tempfile.mkstemp", "os.link", "os.remove", "sqlite3.connect")
    paths = kill_at_every_step(tmp_path, begin, steps=steps)
    assert len(paths) > 6
    begun = 0
    for path in paths:
        if path.exists():
            begun += 1
            assert set(contents(path)) >= set(sql.ALL_COLUMNS), path
        for _ in "twice":
            with opened(path) as (database, notice):
                assert clicked(database) == []
            assert notice is None, path
        assert names(path) == ["oo.db"], path
    assert 0 < begun < len(paths)


def test_two_that_begin_the_same_file_use_the_same_one(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.store.recovery.damage import *\n"
        "input(); database, notice = open_database(Path(sys.argv[1]), clock=FakeClock())\n"
        "OutboxStore(database).add(\n"
        "    ActionKind.DONE, sys.argv[2], task(1), clicked_at=NOW, send_at=NOW)\n"
        "database.close(); print(notice)\n"
    )
    for attempt in range(3):
        path = path.parent / str(attempt) / "oo.db"
        path.parent.mkdir()
        both = [
            subprocess.Popen(
                [sys.executable, "-c", program, str(path), name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for name in ("a", "b")
        ]
        for one in both:
            assert one.stdin is not None
            one.stdin.write("\n")
            one.stdin.flush()
        assert [one.communicate(timeout=60)[0] for one in both] == ["None\n", "None\n"]
        with opened(path) as (database, _notice):
            assert sorted(clicked(database)) == ["a", "b"]


# Damaged


def test_an_emptied_file_is_said_and_kept(path: Path) -> None:
    path.touch()
    with opened(path) as (database, notice):
        assert clicked(database) == []
    assert (notice or "").startswith("oO’s database was empty. Nothing in it could be read")
    assert names(path) == ["oo.db", ASIDE]
    assert path.with_name(ASIDE).read_bytes() == b""


@pytest.mark.parametrize("table", ["outbox", "integration_tokens", "signals"])
def test_a_missing_table_costs_only_what_was_in_it(path: Path, table: str) -> None:
    fill(path, clicks=3, signals=3)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"DROP TABLE {table}")
    with opened(path) as (database, _notice):
        assert len(clicked(database)) == (0 if table == "outbox" else 3)
        assert len(IntegrationStore(database).all()) == (0 if table == "integration_tokens" else 1)
    assert path.with_name(ASIDE).exists()


def test_a_missing_column_is_damage(path: Path) -> None:
    fill(path, clicks=3)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("ALTER TABLE outbox DROP COLUMN undoes")
    with opened(path) as (database, notice):
        assert len(clicked(database)) == 3
    assert "3 clicks" in (notice or "")


def test_confirmed_clicks_are_saved_and_not_counted(path: Path) -> None:
    fill(path, clicks=2)
    with closing(Database(path)) as database:
        store = OutboxStore(database)
        store.update(replace(store.all()[0], state=OutboxState.CONFIRMED))
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DROP TABLE oauth_clients")
    with opened(path) as (database, notice):
        assert len(clicked(database)) == 2
    assert "1 click and 1 account" in (notice or "")


@pytest.mark.parametrize("gone", ["removed", "emptied"])
def test_a_log_whose_database_is_gone_is_not_thrown_away(path: Path, gone: str) -> None:
    with closing(Database(path)) as database:
        OutboxStore(database).add(ActionKind.DONE, "a", task(1), clicked_at=NOW, send_at=NOW)
        log = path.with_name("oo.db-wal").read_bytes()
    path.unlink()
    path.with_name("oo.db-wal").write_bytes(log)
    if gone == "emptied":
        path.touch()
    with opened(path) as (database, notice):
        assert clicked(database) == ["a"]
    said = "was gone" if gone == "removed" else "was empty"
    assert said in (notice or "")
    assert path.with_name(f"{ASIDE}-wal").read_bytes() == log
    assert "1 click" in (notice or "")


@pytest.mark.parametrize("content", [b"precious" * 1000, b"SQLite format 3", b"\0" * 10_000])
def test_a_file_that_is_no_database_is_kept_and_a_new_one_begun(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with opened(path) as (database, notice):
        assert clicked(database) == []
    assert path.with_name(ASIDE).read_bytes() == content
    assert "connect your accounts again" in (notice or "")


def test_earlier_files_set_aside_are_never_overwritten(path: Path) -> None:
    for content in (b"first" * 99, b"second" * 99, b"third" * 99):
        path.write_bytes(content)
        with opened(path):
            pass
    kept = [file.read_bytes()[:5] for file in sorted(path.parent.glob("*.set-aside-*"))]
    assert kept == [b"first", b"secon", b"third"]


def test_the_user_is_told_once(path: Path) -> None:
    path.write_bytes(b"precious" * 1000)
    with opened(path) as (_database, first), closing(sqlite3.connect(path)):
        pass
    with opened(path) as (_database, second):
        pass
    assert first is not None
    assert second is None


def test_a_name_that_is_a_link_is_followed(tmp_path: Path, path: Path) -> None:
    real = tmp_path / "elsewhere"
    real.mkdir()
    (real / "real.db").write_bytes(b"precious" * 99)
    path.symlink_to(real / "real.db")
    with opened(path):
        pass
    assert path.is_symlink()
    assert sorted(file.name.split(".set")[0] for file in real.iterdir()) == ["real.db", "real.db"]


# Another program's, or a newer oO's


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_another_programs_database_is_kept_as_it_is(path: Path, mode: str) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA journal_mode = {mode}")
        raw.execute("CREATE TABLE places (name)")
        raw.execute("INSERT INTO places VALUES ('home')")
        raw.commit()
        kept = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    for name, content in kept.items():  # as a crash of that program leaves them
        path.with_name(name).write_bytes(content)
    with opened(path) as (database, notice):
        assert clicked(database) == []
    assert "another program’s" in (notice or "")
    for name in ("oo.db", "oo.db-wal"):
        if name in kept:
            assert path.with_name(name.replace("oo.db", ASIDE)).read_bytes() == kept[name]
    with closing(sqlite3.connect(path.with_name(ASIDE))) as raw:
        assert raw.execute("SELECT name FROM places").fetchall() == [("home",)]


def test_a_newer_oos_database_is_refused_and_not_touched(path: Path) -> None:
    fill(path, clicks=2)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer oO") as raised, opened(path):
        pass
    assert not isinstance(raised.value, DatabaseDamaged)
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.set-aside-*"))


# Cut short


def rescue(path: Path, from_here_on: Callable[[], None]) -> None:
    shutil.copy(path.parent.with_name("damaged.db"), path)
    from_here_on()
    open_database(path, clock=FakeClock()).database.close()


def test_killed_at_any_step_the_next_start_saves_as_much(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    fill(damaged, clicks=30)
    content = damage(damaged, 0)
    paths = kill_at_every_step(tmp_path, rescue, steps=("os.rename", "os.remove"))
    assert len(paths) > 10
    for path in paths:
        with opened(path) as (database, _notice):
            assert len(clicked(database)) == 30, path
        kept = [file.read_bytes() for file in path.parent.glob("*.set-aside-*Z")]
        assert kept == [content], path


def test_what_was_begun_meanwhile_is_kept_as_well(path: Path) -> None:
    """A completed rescue, its old file moved, and then an oO that knows nothing of rescues."""
    fill(path, clicks=3)
    path.rename(path.with_name("oo.db.rescued-20261122T110000Z"))
    path.with_name("oo.db.set-aside-20261122T110000Z").write_bytes(b"the damaged one")
    path.write_bytes(b"begun meanwhile")
    with opened(path) as (database, notice):
        assert len(clicked(database)) == 3
    assert "3 clicks" in (notice or "")
    kept = sorted(file.read_bytes() for file in path.parent.glob("*.set-aside-*"))
    assert kept == [b"begun meanwhile", b"the damaged one"]


# What may pass is not damage


def test_a_disk_that_is_full_during_the_rescue_loses_nothing(path: Path) -> None:
    fill(path)
    damage(path, pages_of(path, "outbox")[0])
    before = path.read_bytes()
    with (
        no_file_longer_than(40_000),
        pytest.raises(StoreError, match=r"full|disk failed|set aside"),
        opened(path),
    ):
        pass
    assert path.read_bytes() == before
    assert not [name for name in names(path) if "set-aside" in name or "rescu" in name]
    with opened(path) as (database, _notice):
        assert len(clicked(database)) > 100


def test_a_file_in_use_is_not_set_aside(path: Path) -> None:
    fill(path, clicks=2)
    with closing(sqlite3.connect(path)) as other:
        other.isolation_level = None
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="in use"):
            open_database(path, clock=FakeClock(NOW), busy_timeout=0)
    with opened(path) as (database, notice):
        assert len(clicked(database)) == 2
    assert notice is None


def test_a_pipe_in_its_place_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(StoreError, match="not a file"), opened(path):
        pass
