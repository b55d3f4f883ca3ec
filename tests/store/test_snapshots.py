import asyncio
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies

from oo_desktop.model.signals import (
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
    TaskList,
    UserId,
)
from oo_desktop.model.source import Snapshot
from oo_desktop.store.database import Database
from oo_desktop.store.snapshots import SnapshotStore, StoredSnapshot
from tests.kept_memory import bytes_of_one_more

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


async def test_how_much_could_not_be_read_is_kept_with_the_list(store: SnapshotStore) -> None:
    await store.replace(KEY, Snapshot(signals=(), unread=3), fetched_at=NOW)
    assert store.all()[KEY].snapshot.unread == 3
    await store.replace(KEY, Snapshot(signals=()), fetched_at=NOW)
    assert store.all()[KEY].snapshot.unread == 0


async def test_every_form_of_signal_is_read_as_it_was_written(store: SnapshotStore) -> None:
    snapshot = Snapshot(signals=tuple(FULL), zone="Europe/Berlin")
    await store.replace(KEY, snapshot, fetched_at=NOW)
    assert store.all() == {KEY: StoredSnapshot(snapshot, NOW)}


async def test_an_account_with_nothing_due_is_not_one_never_asked(store: SnapshotStore) -> None:
    assert store.all() == {}
    await store.replace(KEY, Snapshot(signals=()), fetched_at=NOW)
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
async def test_each_replacement_is_the_whole_truth_in_its_order(
    store: SnapshotStore, rounds: list[list[tuple[int, str]]]
) -> None:
    for pairs in rounds:
        snapshot = Snapshot(signals=tuple(task(number, title) for number, title in pairs))
        await store.replace(KEY, snapshot, fetched_at=NOW)
        assert store.all()[KEY].snapshot == snapshot


async def test_accounts_do_not_see_each_others_signals(store: SnapshotStore) -> None:
    mine = Snapshot(signals=(task(1),))
    theirs = Snapshot(signals=(task(1, "Another", key=OTHER),))
    await store.replace(KEY, mine, fetched_at=NOW)
    await store.replace(OTHER, theirs, fetched_at=NOW)
    await store.replace(KEY, Snapshot(signals=()), fetched_at=NOW)
    assert store.all()[OTHER].snapshot == theirs
    store.delete(OTHER)
    assert list(store.all()) == [KEY]


async def test_a_deleted_account_leaves_no_title_behind(
    store: SnapshotStore, database: Database
) -> None:
    await store.replace(KEY, Snapshot(signals=(task(1),)), fetched_at=NOW)
    store.delete(KEY)
    with database.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM signals").fetchone()[0] == 0
    assert store.all() == {}


async def test_a_signal_that_cannot_be_read_leaves_the_others(
    store: SnapshotStore, database: Database
) -> None:
    await store.replace(KEY, Snapshot(signals=(task(1), task(2))), fetched_at=NOW)
    with database.transaction() as connection:
        connection.execute("UPDATE signals SET body = '{' WHERE id = '1'")
    assert store.all()[KEY].snapshot.signals == (task(2),)
    await store.replace(KEY, Snapshot(signals=(task(1), task(2))), fetched_at=NOW)
    assert store.all()[KEY].snapshot.signals == (task(1), task(2))


def count_writes(database: Database) -> Callable[[], int]:
    """Watches the table; returns how many rows were written or deleted since it was last asked."""
    with database.transaction() as connection:
        connection.execute("CREATE TABLE writes (id)")
        for change, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            connection.execute(
                f"CREATE TRIGGER on_{change} AFTER {change} ON signals"
                f" BEGIN INSERT INTO writes VALUES ({row}.id); END"
            )

    def writes() -> int:
        with database.transaction() as connection:
            count: int = connection.execute("SELECT count(*) FROM writes").fetchone()[0]
            connection.execute("DELETE FROM writes")
        return count

    return writes


@pytest.mark.parametrize("restarted", [False, True])
async def test_only_what_changed_is_written(database: Database, *, restarted: bool) -> None:
    store = SnapshotStore(database)
    tasks = [task(number) for number in range(100)]
    await store.replace(KEY, Snapshot(signals=tuple(tasks)), fetched_at=NOW)
    writes = count_writes(database)

    async def cost(changed: Sequence[AnySignal]) -> int:
        nonlocal store
        if restarted:
            store = SnapshotStore(database)
        snapshot = Snapshot(signals=tuple(changed))
        await store.replace(KEY, snapshot, fetched_at=NOW)
        assert SnapshotStore(database).all()[KEY].snapshot == snapshot
        return writes()

    assert await cost(tasks) == 0
    assert await cost(tasks[1:]) == 1
    assert await cost([task(200), *tasks[1:]]) == 1
    assert await cost([task(200), *tasks[2:50], task(1), *tasks[50:]]) == 1
    assert await cost([task(200), *tasks[2:50], task(1, "Another"), *tasks[50:]]) == 1


async def test_what_another_store_has_read_is_known_to_it(database: Database) -> None:
    await SnapshotStore(database).replace(KEY, Snapshot(signals=(task(1),)), fetched_at=NOW)
    store = SnapshotStore(database)
    read = store.all()[KEY].snapshot
    writes = count_writes(database)
    await store.replace(KEY, read, fetched_at=NOW)
    assert writes() == 0


# In a thread


async def test_the_loop_goes_on_while_the_database_is_in_use(
    store: SnapshotStore, database: Database
) -> None:
    with database.transaction():
        replacing = asyncio.create_task(
            store.replace(KEY, Snapshot(signals=(task(1),)), fetched_at=NOW)
        )
        await asyncio.sleep(0.05)
        assert not replacing.done()
    await replacing
    assert list(store.all()) == [KEY]


async def test_whoever_stops_waiting_leaves_all_or_nothing_behind(
    store: SnapshotStore, database: Database
) -> None:
    for number in range(20):
        several = Snapshot(signals=tuple(task(each, f"Round {number}") for each in range(200)))
        replacing = asyncio.create_task(store.replace(KEY, several, fetched_at=NOW))
        await asyncio.sleep(number / 4000)
        replacing.cancel()
        await asyncio.wait({replacing})
        last = Snapshot(signals=tuple(task(each, f"Then {number}") for each in range(0, 200, 2)))
        await store.replace(KEY, last, fetched_at=NOW)
        assert store.all()[KEY].snapshot == last


async def test_a_deleted_account_does_not_come_back_with_a_write_in_the_air(
    store: SnapshotStore, database: Database
) -> None:
    for number in range(20):
        several = Snapshot(signals=tuple(task(each) for each in range(200)))
        replacing = asyncio.create_task(store.replace(KEY, several, fetched_at=NOW))
        await asyncio.sleep(number / 4000)
        replacing.cancel()
        store.delete(KEY)
        await store.settled()
        assert store.all() == {}
    await store.replace(KEY, Snapshot(signals=(task(1),)), fetched_at=NOW)
    assert store.all()[KEY].snapshot.signals == (task(1),)


async def test_no_thread_is_left_when_all_is_written(store: SnapshotStore) -> None:
    waiting = [
        asyncio.create_task(store.replace(KEY, Snapshot(signals=(task(number),)), fetched_at=NOW))
        for number in range(5)
    ]
    await asyncio.sleep(0)
    await store.settled()
    await asyncio.gather(*waiting)
    assert store.all()[KEY].snapshot.signals == (task(4),)
    for thread in threading.enumerate():
        if thread.name == "oo-writer":
            thread.join(10)
    assert not [thread for thread in threading.enumerate() if thread.name == "oo-writer"]


async def test_a_replacement_that_fails_leaves_the_last_good_signals(
    store: SnapshotStore, database: Database
) -> None:
    good = Snapshot(signals=(task(1), task(2)))
    await store.replace(KEY, good, fetched_at=NOW)
    with database.transaction() as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON signals WHEN NEW.id = '3'"
            " BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(Exception, match="cannot be used"):
        await store.replace(KEY, Snapshot(signals=(task(3),)), fetched_at=NOW)
    assert store.all()[KEY].snapshot == good


LISTS = (TaskList(id="a", name="Inbox", color="#ff0000"), TaskList(id="b", name="☃"))


@pytest.mark.parametrize("lists", [None, (), LISTS])
async def test_where_new_tasks_can_go_is_kept_with_the_list(
    store: SnapshotStore, lists: tuple[TaskList, ...] | None
) -> None:
    await store.replace(KEY, Snapshot(signals=(), lists=lists), fetched_at=NOW)
    assert store.all()[KEY].snapshot.lists == lists


async def test_lists_that_cannot_be_read_are_not_known(
    store: SnapshotStore, database: Database
) -> None:
    await store.replace(KEY, Snapshot(signals=(task(1),), lists=LISTS), fetched_at=NOW)
    with database.transaction() as connection:
        connection.execute("UPDATE snapshots SET lists = '[1'")
    found = store.all()[KEY].snapshot
    assert (found.lists, len(found.signals)) == (None, 1)


@pytest.mark.parametrize("value", [1e300, "yesterday"])
async def test_what_is_saved_at_no_instant_is_asked_for_anew(
    store: SnapshotStore, database: Database, value: object
) -> None:
    snapshot = Snapshot(signals=(task(1),))
    for key in (KEY, OTHER):
        await store.replace(key, snapshot, fetched_at=NOW)
    with database.transaction() as connection:
        connection.execute("UPDATE snapshots SET fetched_at = ? WHERE user_id = '1'", (value,))
    assert list(store.all()) == [OTHER]
    await store.replace(KEY, snapshot, fetched_at=NOW)
    assert store.all()[KEY] == StoredSnapshot(snapshot, NOW)


@pytest.mark.parametrize("is_shown_first", [True, False])
@pytest.mark.parametrize("value", [1.5, "first", b"\xff"])
async def test_a_signal_whose_place_cannot_be_read_is_there_and_gets_another(
    store: SnapshotStore, database: Database, value: object, is_shown_first: bool
) -> None:
    await store.replace(KEY, Snapshot(signals=(task(1), task(2))), fetched_at=NOW)
    with database.transaction() as connection:
        connection.execute("UPDATE signals SET position = ? WHERE id = '1'", (value,))
    again = SnapshotStore(database)
    if is_shown_first:
        assert set(again.all()[KEY].snapshot.signals) == {task(1), task(2)}
    wanted = Snapshot(signals=(task(2), task(1), task(3)))
    await again.replace(KEY, wanted, fetched_at=NOW)
    assert SnapshotStore(database).all()[KEY].snapshot == wanted


async def test_what_of_a_list_cannot_be_read_is_not_known(
    store: SnapshotStore, database: Database
) -> None:
    await store.replace(KEY, Snapshot(signals=(task(1),), zone="Asia/Tokyo"), fetched_at=NOW)
    with database.transaction() as connection:
        connection.execute("UPDATE snapshots SET zone = x'ff', unread = 'many'")
    assert store.all()[KEY].snapshot == Snapshot(signals=(task(1),))


async def test_a_signal_that_is_read_takes_little_memory_beside_its_texts(
    tmp_path: Path,
) -> None:
    def texts_of(number: int) -> dict[str, str]:
        return {"title": f"Task {number}", "url": f"https://app.todoist.com/app/task/{number:016}"}

    def signal(number: int) -> AnySignal:
        return msgspec.structs.replace(
            FULL[0],
            id=SignalId(f"{number:016}"),
            due=Day(date(2026, 11, 1 + number % 20)),
            undo=f'{{"due":{number % 20}}}',
            **texts_of(number),
        )

    async def stored(count: int) -> SnapshotStore:
        store = SnapshotStore(Database(tmp_path / f"{count}.db"))
        await store.replace(KEY, Snapshot(signals=tuple(map(signal, range(count)))), fetched_at=NOW)
        return store

    stores = {count: await stored(count) for count in (500, 2_500)}
    own = sum(map(sys.getsizeof, (signal(1000).id, *texts_of(1000).values())))
    beside = bytes_of_one_more(lambda count: stores[count].all()) - own
    # Itself, its place in a tuple, and the position of its row: eight bytes each; and some room.
    assert beside < sys.getsizeof(signal(1000)) + 3 * 8
