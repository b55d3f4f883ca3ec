"""After a power cut the file holds the first so many of what was committed, and never half of one.

What a power cut leaves is made from copies of a live database: SQLite syncs its log with every
commit, so what can be torn is the end of the log that nobody was promised, or the main file while
the log is being moved into it.
"""

import random
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from oo_desktop.model.signals import ActionKind, ProviderId, SignalId, Task, UserId
from oo_desktop.store.database import Database
from oo_desktop.store.errors import DatabaseUnusable
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.store.recovery.rescue import open_database
from oo_desktop.testing import FakeClock

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAIRS = 25
PAGE = 4096


class Cut:
    """Copies of a live database: before anything was moved out of its log, and after."""

    def __init__(self, folder: Path) -> None:
        path = folder / "live.db"
        self.ends: list[int] = []
        with closing(Database(path)) as database:
            with database.transaction() as connection:
                connection.execute("PRAGMA wal_autocheckpoint = 0")
            log = path.with_name("live.db-wal")
            for pair in range(PAIRS):
                add_pair(database, pair)
                self.ends.append(log.stat().st_size)
            self.main, self.log = path.read_bytes(), log.read_bytes()
        self.moved = path.read_bytes()

    def pairs_after(self, folder: Path, *, main: bytes, log: bytes) -> int:
        """How many whole pairs are there when oO starts from these files."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "oo.db").write_bytes(main)
        (folder / "oo.db-wal").write_bytes(log)
        database, notice = open_database(folder / "oo.db", clock=FakeClock())
        with closing(database):
            numbers = [item.number for item in OutboxStore(database).all()]
        assert notice is None
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) % 2 == 0, "half a transaction"
        return len(numbers) // 2


def add_pair(database: Database, pair: int) -> None:
    """Two rows that are committed together, on more than one page."""
    with database.transaction() as connection:
        for half in (0, 1):
            connection.execute(
                "INSERT INTO outbox (provider, user_id, signal_id, kind, uuid, signal, state,"
                " clicked_at, send_at) VALUES ('todoist', '1', '7', 'done', ?, ?, 'queued', 0, 0)",
                (f"{pair}-{half}", SIGNAL),
            )


SIGNAL = '{"type":"task","id":"7","source":"todoist","user_id":"1","title":"' + "long " * 300 + '"}'


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Cut:
    return Cut(tmp_path_factory.mktemp("live"))


PROPERTY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@PROPERTY
@given(at=strategies.integers(0, 10**7))
def test_a_log_cut_off_anywhere_keeps_every_transaction_before(
    cut: Cut, tmp_path: Path, at: int
) -> None:
    at %= len(cut.log) + 1
    promised = sum(end <= at for end in cut.ends)
    assert cut.pairs_after(tmp_path / "oo", main=cut.main, log=cut.log[:at]) == promised


@PROPERTY
@given(at=strategies.integers(0, 10**7), junk=strategies.binary(min_size=1, max_size=5000))
def test_junk_in_the_tail_of_the_log_keeps_every_transaction_before(
    cut: Cut, tmp_path: Path, at: int, junk: bytes
) -> None:
    at %= len(cut.log)
    log = cut.log[:at] + junk + cut.log[at + len(junk) :]
    promised = sum(end <= at for end in cut.ends)
    found = cut.pairs_after(tmp_path / "oo", main=cut.main, log=log)
    assert found >= promised
    assert log == cut.log or found < PAIRS or len(log) > len(cut.log)


@PROPERTY
@given(seed=strategies.integers(0, 10**6))
def test_a_power_cut_while_the_log_is_moved_loses_nothing(
    cut: Cut, tmp_path: Path, seed: int
) -> None:
    """Any pages of the main file may be new, old or torn: the log still has all of them."""
    chosen = random.Random(seed)
    main = bytearray(cut.main.ljust(len(cut.moved), b"\0"))
    for start in range(0, len(cut.moved), PAGE):
        torn = chosen.choice([0, 512, 2048, PAGE])
        main[start : start + torn] = cut.moved[start : start + torn]
    assert cut.pairs_after(tmp_path / "oo", main=bytes(main), log=cut.log) == PAIRS


def test_the_connection_that_stores_clicks_syncs_its_log_with_every_commit(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "oo.db")) as database:
        for used in (database.transaction, database.reading):
            with used() as connection:
                asked = ("journal_mode", "synchronous", "fullfsync")
                found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked]
            assert found == ["wal", 3, 1]


# Two processes on one file

HAMMER = """
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from oo_desktop.model.signals import ActionKind, ProviderId, SignalId, Task, UserId
from oo_desktop.store.database import Database
from oo_desktop.store.outbox import OutboxStore

name, count = sys.argv[2], int(sys.argv[3])
task = Task(id=SignalId("7"), source=ProviderId("todoist"), user_id=UserId(name), title=name)
now = datetime.now(UTC)
with closing(Database(Path(sys.argv[1]), busy_timeout=30)) as database:
    store = OutboxStore(database)
    for number in range(count):
        item = store.add(ActionKind.DONE, f"{name}-{number}", task, clicked_at=now, send_at=now)
        assert item.uuid == f"{name}-{number}"
        print(item.number, flush=True)
"""


def hammer(path: Path, name: str, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HAMMER, str(path), name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_that_click_at_once_lose_no_row_and_share_no_number(tmp_path: Path) -> None:
    path = tmp_path / "oo.db"
    processes = {name: hammer(path, name, 300) for name in ("a", "b")}
    numbers: dict[int, str] = {}
    for name, process in processes.items():
        printed, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        for number in map(int, printed.split()):
            assert number not in numbers
            numbers[number] = name
    with closing(Database(path)) as database:
        items = OutboxStore(database).all()
    assert {item.number: item.signal.user_id for item in items} == numbers
    assert len(items) == 600
    for name in processes:
        mine = [item.uuid for item in items if item.signal.user_id == name]
        assert mine == [f"{name}-{number}" for number in range(300)]


def test_a_row_that_was_reported_survives_a_kill_beside_another_writer(tmp_path: Path) -> None:
    path = tmp_path / "oo.db"
    with hammer(path, "killed", 100_000) as killed, hammer(path, "other", 200) as other:
        assert killed.stdout is not None
        reported = [int(killed.stdout.readline()) for _ in range(100)]
        killed.kill()
        reported += [int(line) for line in killed.stdout if line.endswith("\n")]
        other.communicate(timeout=60)
        assert other.returncode == 0
    with closing(Database(path)) as database:
        items = OutboxStore(database).all()
    assert {item.number for item in items} >= set(reported)
    assert sum(item.signal.user_id == "other" for item in items) == 200


def test_one_that_cannot_have_its_turn_says_so_and_stores_nothing(tmp_path: Path) -> None:
    path = tmp_path / "oo.db"
    task = Task(id=SignalId("7"), source=ProviderId("todoist"), user_id=UserId("1"), title="Water")
    with closing(Database(path)) as first, closing(Database(path, busy_timeout=0)) as second:
        store = OutboxStore(second)
        with first.transaction(), pytest.raises(DatabaseUnusable, match="in use"):
            store.add(ActionKind.DONE, "a", task, clicked_at=NOW, send_at=NOW)
        assert store.all() == ()
        store.add(ActionKind.DONE, "a", task, clicked_at=NOW, send_at=NOW)
        assert len(store.all()) == 1
