from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from sqlalchemy import event

from oo_desktop.signals.model import (
    AccountKey,
    ActionKind,
    AnySignal,
    Container,
    Day,
    Event,
    Fixed,
    Floating,
    ProviderId,
    SignalId,
    Task,
    UserId,
)
from oo_desktop.signals.source import Snapshot
from oo_desktop.store.database import Database
from oo_desktop.store.snapshots import SnapshotStore, StoredSnapshot

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODOIST = ProviderId("todoist")
KEY = AccountKey(TODOIST, UserId("1"))
OTHER = AccountKey(TODOIST, UserId("2"))


def task(number: int, title: str = "Water the plants", *, key: AccountKey = KEY) -> Task:
    return Task(id=SignalId(str(number)), source=key.provider, user_id=key.user_id, title=title)


FULL: Sequence[AnySignal] = (
    Task(
        id=SignalId("1"),
        source=TODOIST,
        user_id=KEY.user_id,
        title="<b>&amp;</b> \u202e\x00 ☃",
        url="https://app.todoist.com/app/task/1",
        container=Container("Home", "#ff0000"),
        actions=(ActionKind.DONE,),
        undo='{"a":1}',
        due=Day(date(2026, 11, 22)),
        by_deadline=True,
        recurring=True,
        priority=1,
    ),
    Task(
        id=SignalId("2"),
        source=TODOIST,
        user_id=KEY.user_id,
        title="",
        due=Floating(datetime(2026, 11, 22, 9, 30)),  # noqa: DTZ001  # floating times are naive
    ),
    Event(
        id=SignalId("3"),
        source=TODOIST,
        user_id=KEY.user_id,
        title="Dentist",
        start=Fixed(NOW, "Europe/Berlin"),
        end=Fixed(NOW, "Europe/Berlin"),
    ),
)


@pytest.fixture
def store(database: Database) -> SnapshotStore:
    return SnapshotStore(database)


def test_every_form_of_signal_is_read_as_it_was_written(store: SnapshotStore) -> None:
    snapshot = Snapshot(signals=tuple(FULL), zone="Europe/Berlin")
    store.replace(KEY, snapshot, fetched_at=NOW)
    assert store.all() == {KEY: StoredSnapshot(snapshot, NOW)}


def test_an_account_with_nothing_due_is_not_one_never_asked(store: SnapshotStore) -> None:
    assert store.all() == {}
    store.replace(KEY, Snapshot(signals=()), fetched_at=NOW)
    assert store.all() == {KEY: StoredSnapshot(Snapshot(signals=()), NOW)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(
    rounds=strategies.lists(
        strategies.lists(
            strategies.tuples(strategies.integers(0, 9), strategies.text(max_size=3)),
            unique_by=lambda pair: pair[0],
        ),
        max_size=4,
    )
)
def test_each_replacement_is_the_whole_truth_in_its_order(
    store: SnapshotStore, rounds: list[list[tuple[int, str]]]
) -> None:
    for pairs in rounds:
        snapshot = Snapshot(signals=tuple(task(number, title) for number, title in pairs))
        store.replace(KEY, snapshot, fetched_at=NOW)
        assert store.all()[KEY].snapshot == snapshot


def test_accounts_do_not_see_each_others_signals(store: SnapshotStore) -> None:
    mine = Snapshot(signals=(task(1),))
    theirs = Snapshot(signals=(task(1, "Another", key=OTHER),))
    store.replace(KEY, mine, fetched_at=NOW)
    store.replace(OTHER, theirs, fetched_at=NOW)
    store.replace(KEY, Snapshot(signals=()), fetched_at=NOW)
    assert store.all()[OTHER].snapshot == theirs
    store.delete(OTHER)
    assert list(store.all()) == [KEY]


def test_a_deleted_account_leaves_no_title_behind(store: SnapshotStore, database: Database) -> None:
    store.replace(KEY, Snapshot(signals=(task(1),)), fetched_at=NOW)
    store.delete(KEY)
    with database.transaction() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM signals").scalar_one() == 0
    assert store.all() == {}


def test_a_signal_that_cannot_be_read_leaves_the_others(
    store: SnapshotStore, database: Database
) -> None:
    store.replace(KEY, Snapshot(signals=(task(1), task(2))), fetched_at=NOW)
    with database.transaction() as connection:
        connection.exec_driver_sql("UPDATE signals SET body = '{' WHERE id = '1'")
    assert store.all()[KEY].snapshot.signals == (task(2),)
    store.replace(KEY, Snapshot(signals=(task(1), task(2))), fetched_at=NOW)
    assert store.all()[KEY].snapshot.signals == (task(1), task(2))


def test_signals_that_did_not_change_are_not_written_again(
    store: SnapshotStore, database: Database
) -> None:
    snapshot = Snapshot(signals=tuple(task(number) for number in range(100)))
    store.replace(KEY, snapshot, fetched_at=NOW)
    statements: list[str] = []
    event.listen(
        database._engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: statements.append(statement),
    )
    store.replace(KEY, snapshot, fetched_at=NOW)
    assert not [text for text in statements if "INTO signals" in text or "DELETE" in text]


def test_a_replacement_that_fails_leaves_the_last_good_signals(
    store: SnapshotStore, database: Database
) -> None:
    good = Snapshot(signals=(task(1), task(2)))
    store.replace(KEY, good, fetched_at=NOW)
    with database.transaction() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON signals WHEN NEW.id = '3'"
            " BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(Exception, match="cannot be used"):
        store.replace(KEY, Snapshot(signals=(task(3),)), fetched_at=NOW)
    assert store.all()[KEY].snapshot == good
