"""What the user sees when the database cannot be used, and what is never lost by it.

The program runs as a process of its own, as it is; what stands in its way is real.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from oo_desktop.errors import StoreError
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.state import TokenStatus
from oo_desktop.sandbox.process import SandboxProcess, config_toml
from oo_desktop.store.migrations import VERSION
from tests.full_disk import no_file_longer_than
from tests.journeys.story import Story

TASK = "Take back the library books"


class Oo:
    """One home, and the process that uses it; nobody is signed in."""

    def __init__(self, folder: Path, sandbox: SandboxProcess) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.database = self.home / "oo.db"
        (self.home / "config.toml").write_text(config_toml(sandbox.url))
        self.environment = {
            **{name: value for name, value in os.environ.items() if "DISPLAY" not in name},
            "OO_DESKTOP_HOME": str(self.home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        self.output = folder / "output.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "oo_desktop"],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def ask(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "oo_desktop", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def status(self) -> Any:
        return json.loads(self.ask("status", "--json").stdout)

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 40
        while not condition():
            assert time.monotonic() < end, self.printed()
            time.sleep(0.05)

    def until_it_says(self, words: str) -> None:
        self.until(lambda: words in self.printed())

    def printed(self) -> str:
        return self.output.read_text()

    def end(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(40) == 0
            self.process = None
            assert "Traceback" not in self.printed()


@pytest.fixture
def oo(tmp_path: Path, sandbox: SandboxProcess) -> Iterator[Oo]:
    oo = Oo(tmp_path, sandbox)
    yield oo
    if oo.process is not None:
        oo.process.kill()
        oo.process.wait(40)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """While another program writes to the file, and does not come to an end."""
    with closing(sqlite3.connect(path, check_same_thread=False)) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


# At start


def test_a_file_in_use_is_said_and_oo_goes_on_once_it_is_free(oo: Oo) -> None:
    oo.start()
    oo.until(lambda: oo.ask("status").returncode == 0)
    oo.end()
    with held(oo.database):
        oo.start()
        oo.until_it_says("is in use by another program")
        refused = oo.ask("signals")
        assert refused.returncode == 1
        assert "in use" in refused.stderr
    assert oo.ask("signals").returncode == 0
    assert oo.status()["problem"] is None
    oo.end()


def test_a_place_that_cannot_be_opened_is_said_and_works_once_it_can(oo: Oo) -> None:
    oo.database.mkdir()
    oo.start()
    oo.until_it_says("cannot be opened")
    oo.until(lambda: oo.ask("refresh").returncode == 1)
    oo.database.rmdir()
    assert oo.ask("refresh").returncode == 0
    oo.end()


def test_a_newer_oos_database_is_refused_until_it_is_moved_away(oo: Oo) -> None:
    with closing(sqlite3.connect(oo.database)) as raw:
        raw.execute(f"PRAGMA application_id = {0x6F4F6454}")
        raw.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = oo.database.read_bytes()
    oo.start()
    oo.until_it_says("newer oO")
    assert oo.database.read_bytes() == before
    oo.database.rename(oo.home / "kept.db")
    oo.until(lambda: oo.ask("signals").returncode == 0)
    oo.end()


def test_a_file_that_is_none_is_set_aside_and_told_until_somebody_looks(oo: Oo) -> None:
    oo.database.write_bytes(b"precious" * 1000)
    oo.start()
    oo.until_it_says("The old file is kept as")
    oo.until(lambda: oo.ask("status").returncode == 0)
    assert "damaged" in oo.status()["problem"]
    assert oo.ask("refresh").returncode == 0
    assert oo.status()["problem"] is None
    (aside,) = oo.home.glob("oo.db.set-aside-*")
    assert aside.read_bytes() == b"precious" * 1000
    oo.end()


def test_what_was_set_aside_is_told_once(oo: Oo) -> None:
    oo.database.write_bytes(b"precious" * 1000)
    oo.start()
    oo.until(lambda: oo.ask("status").returncode == 0)
    oo.end()
    oo.start()
    oo.until(lambda: oo.ask("status").returncode == 0)
    assert oo.status()["problem"] is None
    oo.end()


# Rights, as they hold for somebody who is not root

OPENED = """
import os, resource, sys
from pathlib import Path
from oo_desktop.errors import StoreError
from oo_desktop.store.recovery import salvage  # which could not be imported later
from oo_desktop.store.recovery.rescue import open_database
from oo_desktop.testing import FakeClock

path = Path(sys.argv[1])
warm = open_database(path.with_name("warm.db"), clock=FakeClock())  # imports all there is
with warm.database.transaction():
    pass
warm.database.close()
if os.getuid() == 0:  # whom no rights stop
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
os.chmod(path.parent if sys.argv[2] == "folder" else path, int(sys.argv[3], 8))
try:
    database, notice = open_database(path, clock=FakeClock(), busy_timeout=0)
    with database.transaction() as connection:
        connection.execute("DELETE FROM outbox")
    print("opened", notice)
except StoreError as error:
    print(type(error).__name__, error)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that is another user's to enter: pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "data")
        folder.mkdir()
        if os.getuid() == 0:
            Path(name).chmod(0o755)
            os.chown(folder, 65534, 65534)
        yield folder
        folder.chmod(0o755)


def told_about(path: Path, what: str, mode: str) -> str:
    if os.getuid() == 0 and path.exists():
        os.chown(path, 65534, 65534)
    done = subprocess.run(
        [sys.executable, "-c", OPENED, str(path), what, mode],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def made(path: Path) -> bytes:
    program = (
        "import sys; from pathlib import Path; from oo_desktop.store.database import Database\n"
        "Database(Path(sys.argv[1])).close()"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, timeout=60)
    return path.read_bytes()


@pytest.mark.parametrize("exists", [True, False])
def test_a_read_only_folder_is_named_and_nothing_is_moved(open_folder: Path, exists: bool) -> None:
    path = open_folder / "oo.db"
    before = made(path) if exists else None
    said = told_about(path, "folder", "555")
    assert said.startswith("DatabaseUnusable")
    assert "Check the permissions of its folder" in said
    assert not list(open_folder.glob("*set-aside*"))
    assert (path.read_bytes() if exists else None) == before


@pytest.mark.parametrize("mode", ["444", "000"])
def test_a_file_without_rights_is_named_and_left_alone(open_folder: Path, mode: str) -> None:
    path = open_folder / "oo.db"
    before = made(path)
    said = told_about(path, "file", mode)
    assert said.startswith("DatabaseUnusable")
    assert "Check the permissions" in said
    assert not list(open_folder.glob("*set-aside*"))
    path.chmod(0o600)
    assert path.read_bytes() == before


def test_a_damaged_file_in_a_read_only_folder_stays_where_it_is(open_folder: Path) -> None:
    path = open_folder / "oo.db"
    path.write_bytes(b"precious" * 1000)
    said = told_about(path, "folder", "555")
    assert said.startswith("DatabaseUnusable")
    assert path.read_bytes() == b"precious" * 1000


FULL = """
import resource, sys
from pathlib import Path
from oo_desktop.errors import StoreError
from oo_desktop.store.recovery.rescue import open_database
from oo_desktop.testing import FakeClock

path = Path(sys.argv[1])
open_database(path.with_name("warm.db"), clock=FakeClock()).database.close()
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), hard))
try:
    open_database(path, clock=FakeClock())
    print("opened")
except StoreError as error:
    print(type(error).__name__, error)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
database, notice = open_database(path, clock=FakeClock())
print("then", notice)
"""


@pytest.mark.parametrize("room", [0, 1000, 4096, 10_000, 20_000])
def test_a_disk_that_is_full_at_the_first_start_passes(tmp_path: Path, room: int) -> None:
    """A limit on file sizes is as near to a full disk as a test without rights gets."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "oo.db"), str(room)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    first, then = done.stdout.splitlines()
    assert first.startswith("DatabaseUnusable")
    assert "full" in first or "disk failed" in first
    assert then == "then None"


# While it runs


@pytest.mark.logs_warnings
async def test_a_click_that_cannot_be_stored_says_so_and_the_item_stays(story: Story) -> None:
    await story.connect()
    with held(story.folders.database), pytest.raises(StoreError, match="in use"):
        await story.click(TASK)
    assert TASK in story.titles()
    assert story.engine.outbox.items() == ()
    assert "in use" in (story.engine.state().problem or "")
    await story.click(TASK)
    assert TASK not in story.titles()
    await story.until_at_todoist(TASK, lambda task: bool(task["checked"]))
    await story.until(lambda: story.engine.state().problem is None)


@pytest.mark.logs_warnings
async def test_a_file_that_is_free_again_is_no_problem_though_nothing_has_changed(
    story: Story,
) -> None:
    await story.connect()
    with held(story.folders.database), pytest.raises(StoreError, match="in use"):
        await story.click(TASK)
    await story.until(lambda: story.engine.state().problem is None)


@pytest.mark.logs_warnings
async def test_a_refresh_finds_it_free_where_no_service_can_be_reached(story: Story) -> None:
    await story.connect()
    await story.control("offline")
    with held(story.folders.database), pytest.raises(StoreError, match="in use"):
        await story.click(TASK)
    await story.engine.refresh()
    assert story.engine.state().problem is None


@pytest.mark.logs_warnings
async def test_on_a_full_disk_a_click_says_so_and_the_item_stays(story: Story) -> None:
    await story.connect()
    await story.engine.aggregator.stop()  # its polls write as well
    with no_file_longer_than(4096):
        with pytest.raises(StoreError, match=r"is full|disk failed"):
            await story.click(TASK)
        assert TASK in story.titles()
    await story.click(TASK)
    assert TASK not in story.titles()


@pytest.mark.logs_warnings
@pytest.mark.parametrize("title", [TASK, "Water the plants"])
async def test_what_todoist_did_stays_true_and_is_not_done_twice_after_a_crash(
    story: Story, title: str
) -> None:
    """The answer came, could not be stored, and oO was killed: the same uuid goes out again."""
    await story.connect()
    database = story.folders.database
    await story.control("delay", seconds=0.5, path="/api/v1/sync")
    await story.click(title)
    (clicked,) = story.engine.outbox.items()
    await story.until(lambda: story.engine.outbox.items()[0].attempts == 1)
    with held(database):
        await story.until(lambda: not waiting(story))
        assert story.engine.state().problem is not None
    await story.close()
    with closing(sqlite3.connect(database)) as raw:  # as the kill would have left it
        raw.execute("UPDATE outbox SET state = 'queued', sent_at = NULL, may_be_done = 1")
        raw.commit()
        assert raw.execute("SELECT uuid FROM outbox").fetchall() == [(clicked.uuid,)]
    await story.open()
    await story.until(lambda: not waiting(story))
    assert len((await story.todoist())["history"]) == 1


def waiting(story: Story) -> bool:
    return any(item.state is OutboxState.QUEUED for item in story.engine.outbox.items())


@pytest.mark.logs_warnings
async def test_a_database_deleted_while_oo_runs_is_put_back_with_every_click(story: Story) -> None:
    await story.connect()
    await story.control("offline")
    await story.click(TASK)
    story.folders.database.unlink()
    await story.click("Water the plants")
    assert "deleted or moved while oO ran" in (story.engine.state().problem or "")
    killed = story.folders.data / "as-the-kill-leaves-it"
    killed.mkdir()
    for suffix in ("", "-wal"):
        file = story.folders.database.with_name(f"oo.db{suffix}")
        (killed / file.name).write_bytes(file.read_bytes())
    with closing(sqlite3.connect(killed / "oo.db")) as raw:
        found = [title for (title,) in raw.execute("SELECT signal ->> 'title' FROM outbox")]
    assert found == [TASK, "Water the plants"]
    await story.control("online")
    await story.engine.refresh()
    assert story.engine.state().problem is None
    await story.until_at_todoist(TASK, lambda task: bool(task["checked"]))


@pytest.mark.logs_warnings
async def test_a_poll_puts_a_database_back_that_was_deleted(story: Story) -> None:
    await story.connect()
    story.folders.database.unlink()
    await story.until(lambda: "while oO ran" in (story.engine.state().problem or ""))
    assert story.folders.database.exists()
    await story.close()
    await story.open()
    assert TASK in story.titles()


# Damage


@pytest.mark.logs_warnings
async def test_after_damage_the_account_goes_on_and_the_click_is_delivered(story: Story) -> None:
    """The tokens are in the keyring, and nobody has touched them there."""
    await story.connect()
    await story.control("offline")
    await story.click(TASK)
    await story.close()
    damaged = bytearray(story.folders.database.read_bytes())
    damaged[:4096] = b"junk" * 1024
    story.folders.database.write_bytes(damaged)
    await story.open()
    assert "1 click and 1 account" in (story.engine.state().problem or "")
    assert story.account.token_status is TokenStatus.ACTIVE
    await story.control("online")
    story.engine.poll_soon()
    await story.until_at_todoist(TASK, lambda task: bool(task["checked"]))
    assert len((await story.todoist())["history"]) == 1
    (aside,) = story.folders.data.glob("oo.db.set-aside-*Z")
    assert aside.read_bytes() == damaged


@pytest.mark.logs_warnings
async def test_damage_while_it_runs_is_said_and_mended_by_the_next_start(story: Story) -> None:
    await story.connect()
    await story.engine.aggregator.stop()
    database = story.folders.database
    with closing(sqlite3.connect(database)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'outbox'").fetchone()
    content = bytearray(database.read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    database.write_bytes(content)
    with pytest.raises(StoreError, match="Quit oO and start it again"):
        await story.click(TASK)
    assert "damaged" in (story.engine.state().problem or "")
    assert TASK in story.titles()
    await story.close()
    await story.open()
    assert "1 account" in (story.engine.state().problem or "")
    await story.click(TASK)
    await story.until_at_todoist(TASK, lambda task: bool(task["checked"]))
