"""What is in the store and what is in memory: through failures, crashes, and time."""

import pytest
from msgspec import structs

from oo_desktop.errors import StoreError
from oo_desktop.events import BusEvent, OutboxChanged
from oo_desktop.model.signals import ActionKind
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.testing import settle, task
from tests.signals.outbox.desk import Desk


async def test_a_click_that_cannot_be_kept_is_an_error_and_not_a_promise(desk: Desk) -> None:
    with desk.database.transaction() as connection:
        connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="full"):
        desk.click(task("x" * 5000))
    assert desk.outbox.items() == ()


async def test_every_change_is_published(desk: Desk, events: list[BusEvent]) -> None:
    desk.click("1")
    assert events == [OutboxChanged(desk.source.key())]
    await desk.passes(6)
    assert len(events) == 2
    desk.poll()
    assert len(events) == 3
    desk.poll()
    assert len(events) == 3


async def test_numbers_and_uuids_are_never_used_twice(desk: Desk) -> None:
    seen = set()
    for _ in range(5):
        item = desk.click("1")
        seen.add((item.number, item.uuid))
        desk.outbox.undo()
    assert len(seen) == 5


async def test_what_was_confirmed_is_forgotten_when_it_cannot_be_undone_any_more(
    desk: Desk,
) -> None:
    desk.click("1")
    await desk.passes(6)
    desk.poll()
    assert len(desk.stored) == 1
    await desk.passes(601)
    desk.poll()
    assert desk.stored == ()
    desk.click("2")
    await desk.passes(6)
    desk.poll()
    await desk.stop()
    await desk.passes(601)
    await desk.start()
    assert desk.stored == ()


@pytest.mark.logs_warnings
async def test_what_cannot_be_forgotten_yet_is_forgotten_later(desk: Desk) -> None:
    desk.click("1")
    await desk.passes(6)
    desk.poll()
    await desk.passes(601)
    desk.make_read_only(True)
    desk.poll()
    assert len(desk.stored) == 1
    desk.make_read_only(False)
    desk.poll()
    assert desk.stored == ()


async def test_a_crash_between_an_undo_and_its_bookkeeping_leaves_nothing_behind(
    desk: Desk,
) -> None:
    desk.click("1")
    await desk.passes(6)
    (done,) = desk.stored
    desk.outbox.undo()
    await settle()
    (undo,) = desk.stored
    store = OutboxStore(desk.database)
    older = store.add(
        done.kind, "older", done.signal, clicked_at=done.clicked_at, send_at=done.send_at
    )
    store.update(structs.replace(older, state=done.state, sent_at=done.sent_at))
    with desk.database.transaction() as connection:
        connection.execute(f"UPDATE outbox SET undoes = {older.number} WHERE kind='reopen'")
    await desk.restart()
    assert (desk.row.number, desk.row.kind) == (undo.number, ActionKind.REOPEN)
    assert desk.undoable == []
