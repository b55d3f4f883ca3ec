from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from oo_desktop.errors import StoreError
from oo_desktop.model.clicks import OutboxItem, OutboxState, provisional_id
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    NewTask,
    ProviderId,
    SignalId,
    Task,
    UserId,
)
from oo_desktop.store.database import Database
from oo_desktop.store.outbox import OutboxStore

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=5)
KEY = AccountKey(ProviderId("todoist"), UserId("1"))
OTHER = AccountKey(ProviderId("todoist"), UserId("2"))


@pytest.fixture
def store(database: Database) -> OutboxStore:
    return OutboxStore(database)


def click(store: OutboxStore, uuid: str, *, key: AccountKey = KEY) -> OutboxItem:
    signal = Task(
        id=SignalId("7"), source=key.provider, user_id=key.user_id, title="Water the plants"
    )
    return store.add(ActionKind.DONE, uuid, signal, clicked_at=NOW, send_at=LATER)


def test_a_click_is_read_as_it_was_written(store: OutboxStore) -> None:
    item = click(store, "a")
    assert store.all() == (item,)
    assert (item.state, item.attempts, item.clicked_at, item.send_at) == (
        OutboxState.QUEUED,
        0,
        NOW,
        LATER,
    )


def test_a_click_survives_a_restart(store: OutboxStore, database: Database) -> None:
    item = click(store, "a")
    database.close()
    again = Database(database.path)
    assert OutboxStore(again).all() == (item,)
    again.close()


def test_clicks_keep_their_order_and_no_number_comes_twice(store: OutboxStore) -> None:
    first, second = click(store, "a"), click(store, "b")
    store.remove(second.number)
    third = click(store, "c")
    assert store.all() == (first, third)
    assert first.number < second.number < third.number


def test_a_uuid_cannot_be_used_for_two_clicks(store: OutboxStore) -> None:
    item = click(store, "a")
    with pytest.raises(StoreError):
        click(store, "a")
    assert store.all() == (item,)


def test_what_happened_to_a_click_is_written(store: OutboxStore) -> None:
    item = replace(
        click(store, "a"),
        state=OutboxState.REJECTED,
        send_at=LATER,
        sent_at=NOW,
        attempts=3,
        reason="Todoist does not allow oO to do this.",
    )
    other = click(store, "b")
    store.update(item)
    assert store.all() == (item, other)


def test_what_sending_many_led_to_is_written(store: OutboxStore) -> None:
    first, other, last = click(store, "a"), click(store, "b"), click(store, "c")
    sent = replace(first, state=OutboxState.SENT, sent_at=NOW, attempts=2, may_be_done=True)
    refused = replace(last, state=OutboxState.REJECTED, attempts=1, reason="No. “'%s:?”")
    store.record(sent, refused)
    assert store.all() == (sent, other, refused)


def test_nothing_is_written_of_what_only_the_user_can_change(store: OutboxStore) -> None:
    item = click(store, "a")
    store.record(replace(item, state=OutboxState.SENT, send_at=NOW, insists=True))
    assert store.all() == (replace(item, state=OutboxState.SENT),)


def test_recording_nothing_writes_nothing(store: OutboxStore) -> None:
    item = click(store, "a")
    store.record()
    assert store.all() == (item,)


def test_removing_nothing_removes_nothing(store: OutboxStore) -> None:
    item = click(store, "a")
    store.remove()
    store.remove(item.number + 1)
    assert store.all() == (item,)


def test_a_disconnect_says_how_many_clicks_it_dropped(store: OutboxStore) -> None:
    click(store, "a")
    click(store, "b")
    other = click(store, "c", key=OTHER)
    assert store.remove_account(KEY) == 2
    assert store.remove_account(KEY) == 0
    assert store.all() == (other,)


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    ("column", "nonsense"),
    [("signal", "nonsense"), ("state", "nonsense"), ("kind", "nonsense"), ("send_at", 1e300)],
)
def test_a_click_that_cannot_be_read_is_named_kept_and_harms_no_other(
    store: OutboxStore,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    column: str,
    nonsense: object,
) -> None:
    broken, good = click(store, "a"), click(store, "b")
    with database.transaction() as connection:
        connection.execute(
            f"UPDATE outbox SET {column} = ? WHERE number = ?", (nonsense, broken.number)
        )
    assert store.all() == (good,)
    assert f"click {broken.number} of the outbox" in caplog.text
    with database.transaction() as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone()[0] == 2


def test_what_is_to_be_added_is_kept_and_called_what_its_service_calls_it(
    store: OutboxStore,
) -> None:
    new = NewTask(uuid="a", text="Tea p1", typed_at=NOW, title="Tea", labels=("x",), list="home")
    signal = Task(
        id=provisional_id("a"), source=KEY.provider, user_id=KEY.user_id, title="Tea", priority=1
    )
    item = store.add(ActionKind.ADD, "a", signal, clicked_at=NOW, send_at=LATER, added=new)
    assert store.all() == (item,)
    assert (item.added, item.is_named) == (new, False)
    store.record(replace(item, attempts=1))
    assert store.all()[0].signal == signal
    named = replace(item, state=OutboxState.SENT, signal=replace(signal, id=SignalId("7")))
    store.record(named)
    assert store.all() == (named,)
    assert named.is_named


def test_a_click_has_nothing_that_is_added(store: OutboxStore) -> None:
    item = click(store, "a")
    assert (item.added, item.is_named) == (None, False)
