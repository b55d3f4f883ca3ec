"""A file that is damaged or another program's is set aside; what can be read of it goes on."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies
from msgspec.structs import replace
from sqlalchemy import insert

from oo_desktop.errors import StoreError
from oo_desktop.model.integrations import Integration
from oo_desktop.model.reminders import Told
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    ProviderId,
    SignalId,
    SignalKey,
    Task,
    UserId,
)
from oo_desktop.model.state import OutboxState
from oo_desktop.store.database import Database
from oo_desktop.store.errors import Damaged
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.store.oauth_clients import OAuthClientStore, RegisteredClient
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.store.recovery.rescue import open_database
from oo_desktop.store.reminders import ReminderStore
from oo_desktop.store.schema import VERSION, metadata
from oo_desktop.testing import FakeClock
from tests.full_disk import no_file_longer_than
from tests.store.stored import contents, file_from_dump

pytestmark = pytest.mark.logs_warnings  # what was set aside is worth one line

tables = metadata.tables
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = AccountKey(ProviderId("todoist"), UserId("1"))
ACCOUNT = {"provider": KEY.provider, "user_id": KEY.user_id}
PAGE = 4096
ASIDE = "oo.db.set-aside-20261122T120000Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "oo.db"


def task(number: int) -> Task:
    return Task(
        id=SignalId(f"task-{number}"),
        source=KEY.provider,
        user_id=KEY.user_id,
        title=f"Task {number} " + "with a long title " * 10,
        actions=(ActionKind.DONE,),
    )


def fill(path: Path, *, clicks: int = 120, signals: int = 0) -> None:
    with closing(Database(path)) as database:
        IntegrationStore(database).save(
            Integration(key=KEY, label="ada@example.com", connected_at=NOW, updated_at=NOW)
        )
        OAuthClientStore(database).save(
            RegisteredClient(
                provider=KEY.provider,
                client_id="tdd_1",
                register_url="https://example.com/register",
                redirect_uris=("http://localhost:1/",),
                registered_at=NOW,
            )
        )
        outbox = OutboxStore(database)
        for number in range(1, clicks + 1):
            outbox.add(
                ActionKind.DONE,
                f"uuid-{number}",
                task(number),
                clicked_at=NOW + timedelta(seconds=number),
                send_at=NOW,
            )
        with database.transaction() as connection:
            connection.execute(insert(tables["snapshots"]).values(**ACCOUNT, fetched_at=0.0))
            for number in range(signals):
                body = msgspec.json.encode(task(number)).decode()
                connection.execute(
                    insert(tables["signals"]).values(
                        **ACCOUNT, id=f"task-{number}", position=number, body=body
                    )
                )


@contextmanager
def opened(path: Path) -> Iterator[tuple[Database, str | None]]:
    database, notice = open_database(path, clock=FakeClock(NOW))
    with closing(database):
        yield database, notice


def clicked(database: Database) -> list[str]:
    return [item.uuid for item in OutboxStore(database).all()]


def pages_of(path: Path, table: str) -> list[int]:
    """The leaf pages of a table: found by what is written on them."""
    content = path.read_bytes()
    marker = {"outbox": b"uuid-", "signals": b'"title"'}[table]
    leaves = []
    for page in range(len(content) // PAGE):
        part = content[page * PAGE : (page + 1) * PAGE]
        if part[0] == 0x0D and marker in part and (table == "outbox") == (b"uuid-" in part):
            leaves.append(page)
    return leaves


def damage(path: Path, page: int, *, with_: bytes = b"\xff") -> bytes:
    content = bytearray(path.read_bytes())
    content[page * PAGE : (page + 1) * PAGE] = (with_ * PAGE)[:PAGE]
    path.write_bytes(content)
    return bytes(content)


def names(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


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

KILLED_WHILE_NEW = """
import os, sys
from pathlib import Path
from oo_desktop.store.recovery.rescue import open_database
from oo_desktop.testing import FakeClock

STEPS = ("tempfile.mkstemp", "os.link", "os.remove", "sqlite3.connect")

def killed_at(step, path):
    seen = 0
    def audit(event, arguments):
        nonlocal seen
        synced = event == "open" and str(arguments[0]) == str(path.parent)
        if synced or event in STEPS:
            seen += 1
            if seen == step:
                os.kill(os.getpid(), 9)
    sys.addaudithook(audit)
    open_database(path, clock=FakeClock()).database.close()
    os._exit(0)

folder, step, status = Path(sys.argv[1]), 0, 9
while status == 9:
    step += 1
    path = folder / str(step) / "oo.db"
    path.parent.mkdir()
    child = os.fork()
    if not child:
        killed_at(step, path)
    status = os.waitpid(child, 0)[1]
print(status, step)
"""


def test_killed_at_any_step_of_its_beginning_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_NEW, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=100,
    )
    status, steps = map(int, ended.stdout.split())
    assert status == 0
    assert steps > 6
    begun = 0
    for step in range(1, steps + 1):
        path = tmp_path / str(step) / "oo.db"
        if path.exists():
            begun += 1
            assert set(contents(path)) >= set(metadata.tables), step
        for _ in "twice":
            with opened(path) as (database, notice):
                assert clicked(database) == []
            assert notice is None, step
        assert names(path) == ["oo.db"], step
    assert 0 < begun < steps


def test_two_that_begin_the_same_file_use_the_same_one(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.store.recovery.test_rescue import *\n"
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


@pytest.mark.parametrize("which", [0, 1, -1, -2])
def test_a_damaged_page_costs_no_more_than_the_clicks_on_it(path: Path, which: int) -> None:
    fill(path)
    lost_page = pages_of(path, "outbox")[which]
    lost = path.read_bytes()[lost_page * PAGE : (lost_page + 1) * PAGE]
    damaged = damage(path, lost_page)
    with opened(path) as (database, notice):
        saved = clicked(database)
        assert saved == [f"uuid-{n}" for n in range(1, 121) if f"uuid-{n}{{".encode() not in lost]
        assert 100 < len(saved) < 120
        assert IntegrationStore(database).get(KEY) is not None
        assert OAuthClientStore(database).get(KEY.provider) is not None
    aside = path.with_name(ASIDE)
    assert aside.read_bytes() == damaged
    assert notice is not None
    assert f"{len(saved)} clicks and 1 account" in notice
    assert str(aside) in notice


def test_a_saved_click_is_what_it_was(path: Path) -> None:
    fill(path)
    before = {row["number"]: row for row in contents(path)["outbox"]}
    damage(path, pages_of(path, "outbox")[3])
    with opened(path):
        pass
    saved = contents(path)["outbox"]
    assert saved
    assert all(before[row["number"]] == row for row in saved)


def test_no_number_of_a_lost_click_is_used_again(path: Path) -> None:
    fill(path)
    damage(path, pages_of(path, "outbox")[-1])
    with opened(path) as (database, _notice):
        item = OutboxStore(database).add(
            ActionKind.DONE, "new", task(1), clicked_at=NOW, send_at=NOW
        )
    assert item.number > 120


def test_damage_among_the_cached_signals_costs_no_click(path: Path) -> None:
    fill(path, clicks=5, signals=300)
    damage(path, pages_of(path, "signals")[4])
    with opened(path) as (database, notice):
        assert len(clicked(database)) == 5
    assert contents(path)["signals"] == []  # half a list would look like a whole one
    assert contents(path)["snapshots"] == []
    assert "5 clicks and 1 account" in (notice or "")


def test_damage_among_the_clicks_costs_no_cached_signal(path: Path) -> None:
    fill(path, clicks=50, signals=300)
    damage(path, pages_of(path, "outbox")[1])
    with opened(path):
        pass
    assert len(contents(path)["signals"]) == 300
    assert len(contents(path)["snapshots"]) == 1


@pytest.mark.parametrize("junk", [b"\0", b"\xff", b"junk"])
def test_without_its_first_page_every_click_is_saved(path: Path, junk: bytes) -> None:
    fill(path)
    damaged = damage(path, 0, with_=junk)
    with opened(path) as (database, notice):
        assert len(clicked(database)) == 120
        assert IntegrationStore(database).get(KEY) is not None
    assert path.with_name(ASIDE).read_bytes() == damaged
    assert "120 clicks" in (notice or "")
    assert names(path) == ["oo.db", ASIDE]


def test_damaged_marks_do_not_make_it_another_programs(path: Path) -> None:
    fill(path, clicks=3)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA application_id = 7")
    with opened(path) as (database, notice):
        assert len(clicked(database)) == 3
    assert "3 clicks" in (notice or "")


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


def told(number: int) -> Told:
    return Told(
        key=SignalKey(KEY, SignalId(f"event-{number}")),
        start=NOW + timedelta(minutes=number),
        minutes=10,
        ends=NOW + timedelta(hours=1),
        told_at=NOW,
        twin="meeting",
        snoozed_until=NOW + timedelta(minutes=5) if number == 1 else None,
    )


@pytest.mark.parametrize("page", [0, -1])
def test_reminders_that_were_given_are_not_given_again_after_damage(path: Path, page: int) -> None:
    fill(path)
    with closing(Database(path)) as database:
        ReminderStore(database).write(told(1), told(2))
    damage(path, page if page == 0 else pages_of(path, "outbox")[page])
    with opened(path) as (database, _notice):
        assert ReminderStore(database).all() == (told(1), told(2))


def test_a_reminder_at_no_possible_time_is_not_carried_over(path: Path) -> None:
    fill(path, clicks=3)
    with closing(Database(path)) as database:
        ReminderStore(database).write(told(1), told(2))
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE reminders SET ends = 1e300 WHERE signal_id = 'event-1'")
        raw.execute("DROP TABLE oauth_clients")
        raw.commit()
    with opened(path) as (_database, _notice):
        pass
    assert [row["signal_id"] for row in contents(path)["reminders"]] == ["event-2"]


def test_damaged_marks_do_not_make_an_earlier_oos_file_another_programs(path: Path) -> None:
    file_from_dump(path, version=1)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA application_id = 7")
    with opened(path) as (database, notice):
        assert len(clicked(database)) == 8
    assert "8 clicks" in (notice or "")


def test_a_damaged_index_costs_nothing(path: Path) -> None:
    fill(path)
    content = path.read_bytes()
    leaf = next(
        page
        for page in range(len(content) // PAGE)
        if content[page * PAGE] == 0x0A and b"uuid-" in content[page * PAGE : (page + 1) * PAGE]
    )
    damage(path, leaf)
    with opened(path) as (database, _notice):
        assert len(clicked(database)) == 120
    assert path.with_name(ASIDE).exists()


def test_text_that_is_none_costs_only_its_row(path: Path) -> None:
    fill(path, clicks=4)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE outbox SET signal = CAST(X'FFFEFD' AS TEXT) WHERE number = 2")
        raw.commit()
    with opened(path) as (database, notice):
        assert clicked(database) == ["uuid-1", "uuid-3", "uuid-4"]
    assert "3 clicks" in (notice or "")


def test_a_row_that_contradicts_itself_is_not_carried_over(path: Path) -> None:
    """What names two tasks must not finish one of them."""
    fill(path, clicks=30)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE outbox SET signal_id = 'another' WHERE number = 1")
        raw.execute("UPDATE outbox SET kind = 'nonsense' WHERE number = 2")
        raw.execute("UPDATE outbox SET clicked_at = 1e300 WHERE number = 3")
        raw.execute("UPDATE outbox SET state = X'00' WHERE number = 4")
        raw.execute("UPDATE integration_tokens SET token_status = 'nonsense'")
        raw.commit()
    damage(path, pages_of(path, "outbox")[-1])
    with opened(path) as (database, _notice):
        assert clicked(database)[0] == "uuid-5"
        assert IntegrationStore(database).all() == ()


def test_clicks_of_an_earlier_version_are_saved_as_a_migration_would(path: Path) -> None:
    file_from_dump(path, version=1)
    with closing(Database(path)) as database:
        migrated = OutboxStore(database).all()
    path.unlink()
    file_from_dump(path, version=1)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("UPDATE signals SET body = CAST(X'FF' AS TEXT)")
        raw.commit()
    with opened(path) as (database, notice):
        assert OutboxStore(database).all() == migrated
    assert "8 clicks and 2 accounts" in (notice or "")


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


def test_what_was_only_in_the_log_is_saved_and_set_aside_with_it(path: Path) -> None:
    """Killed before anything reached the main file, whose pages were damaged since."""
    program = (
        "import os, sys; from pathlib import Path; from tests.store.recovery.test_rescue import *\n"
        "database = Database(Path(sys.argv[1])); store = OutboxStore(database)\n"
        "for n in (901, 902):\n"
        "    store.add(ActionKind.DONE, f'uuid-{n}', task(n), clicked_at=NOW, send_at=NOW)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    fill(path)
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    damage(path, pages_of(path, "outbox")[2])
    with opened(path) as (database, _notice):
        assert clicked(database)[-2:] == ["uuid-901", "uuid-902"]
    assert {ASIDE, f"{ASIDE}-wal"} <= set(names(path))


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


@given(data=strategies.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_damaged_it_opens_and_invents_nothing(
    data: strategies.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("damage") / "oo.db"
    path.write_bytes(_FILLED or _filled(tmp_path_factory))
    rows = {row["number"]: row for row in _ROWS}
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(strategies.integers(1, 4))):
        at = data.draw(strategies.integers(0, len(content) - 1))
        junk = data.draw(strategies.binary(min_size=1, max_size=64)) * data.draw(
            strategies.sampled_from([1, 1, 8, 64])
        )
        content[at : at + len(junk)] = junk
    if data.draw(strategies.integers(0, 5)) == 0:
        del content[data.draw(strategies.integers(0, len(content))) :]
    path.write_bytes(content)
    if int.from_bytes(content[60:64], "big") > VERSION and content[:16] == _FILLED[:16]:
        return  # it says that it is a newer oO's, and is refused
    with opened(path) as (_database, notice):
        saved = contents(path)["outbox"]
    aside = list(path.parent.glob("*.set-aside-*Z"))
    assert len(aside) == (notice is not None)
    assert all(file.read_bytes() == content for file in aside)
    assert all(row["number"] in rows for row in saved)


_FILLED = b""
_ROWS: list[dict[str, Any]] = []


def _filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    global _FILLED  # noqa: PLW0603  # made once for all examples
    path = tmp_path_factory.mktemp("filled") / "oo.db"
    fill(path, clicks=40, signals=40)
    _FILLED = path.read_bytes()
    _ROWS[:] = contents(path)["outbox"]
    return _FILLED


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
    assert not isinstance(raised.value, Damaged)
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.set-aside-*"))


# Cut short


KILLED = """
import os, shutil, sys
from pathlib import Path
from oo_desktop.store.recovery.rescue import open_database
from oo_desktop.testing import FakeClock

def killed_at(step, path):
    seen = 0
    def audit(event, arguments):
        nonlocal seen
        synced = event == "open" and str(arguments[0]) == str(path.parent)
        if synced or event in ("os.rename", "os.remove"):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), 9)
    sys.addaudithook(audit)
    open_database(path, clock=FakeClock()).database.close()
    os._exit(0)

folder, step, status = Path(sys.argv[1]), 0, 9
while status == 9:
    step += 1
    path = folder / str(step) / "oo.db"
    path.parent.mkdir()
    shutil.copy(folder / "damaged.db", path)
    child = os.fork()
    if not child:
        killed_at(step, path)
    status = os.waitpid(child, 0)[1]
print(status, step)
"""


def test_killed_at_any_step_the_next_start_saves_as_much(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    fill(damaged, clicks=30)
    content = damage(damaged, 0)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=100,
    )
    status, steps = map(int, ended.stdout.split())
    assert status == 0
    assert steps > 10
    for step in range(1, steps + 1):
        path = tmp_path / str(step) / "oo.db"
        with opened(path) as (database, _notice):
            assert len(clicked(database)) == 30, step
        kept = [file.read_bytes() for file in path.parent.glob("*.set-aside-*Z")]
        assert kept == [content], step


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
