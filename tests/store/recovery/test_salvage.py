"""What can still be read of a damaged database is carried over, and nothing is invented."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from oo_desktop.model.signals import (
    ActionKind,
)
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.store.migrations import VERSION
from oo_desktop.store.oauth_clients import OAuthClientStore
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.store.reminders import ReminderStore
from tests.store.recovery.damage import (
    ASIDE,
    KEY,
    NOW,
    PAGE,
    clicked,
    damage,
    fill,
    names,
    opened,
    pages_of,
    task,
    told,
)
from tests.store.stored import contents, file_from_dump

pytestmark = pytest.mark.logs_warnings  # what was set aside is worth one line


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


def test_what_was_only_in_the_log_is_saved_and_set_aside_with_it(path: Path) -> None:
    """Killed before anything reached the main file, whose pages were damaged since."""
    program = (
        "import os, sys; from pathlib import Path; from tests.store.recovery.damage import *\n"
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
