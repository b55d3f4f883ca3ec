"""The connector against the stand-in Todoist, which was written from the facts alone."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import msgspec
import pytest

from oo_desktop.connectors.todoist.source import TodoistSource, identity
from oo_desktop.errors import AuthRequired, Rejected, Unavailable
from oo_desktop.http.client import AnswerLost
from oo_desktop.model.signals import ActionKind, Container, Day, Fixed, Task, UserId
from oo_desktop.model.source import Action
from oo_desktop.sandbox.control.actions import ACTIONS
from oo_desktop.sandbox.faults import Garbage
from oo_desktop.sandbox.todoist.state import TodoistAccount
from oo_desktop.sandbox.world import World
from oo_desktop.testing import FakeClock


@pytest.fixture
def source(sandboxed: TodoistSource) -> TodoistSource:
    return sandboxed


async def shown(source: TodoistSource, ada: TodoistAccount) -> dict[str, Task]:
    snapshot = await source.fetch_signals(UserId(ada.id))
    assert snapshot.zone == ada.zone
    return {signal.title: signal for signal in snapshot.signals if isinstance(signal, Task)}


async def test_a_day_like_anybodys_is_shown_in_todoists_order(
    source: TodoistSource, ada: TodoistAccount
) -> None:
    tasks = await shown(source, ada)
    assert list(tasks) == [
        "Take back the library books",
        "Back up the laptop",
        "Send the grant report",
        "File the VAT return",
        "Review <b>oO</b> & rename snake_case_names",
        "Water the plants",
        "Errands on the way home",
        "Call Ana about the offer",
        "Stand-up with Lisbon",
    ]


async def test_each_kind_of_task_is_what_it_is(source: TodoistSource, ada: TodoistAccount) -> None:
    tasks = await shown(source, ada)
    today = Day(date(2026, 11, 22))
    assert tasks["Send the grant report"].priority == 1
    assert tasks["Send the grant report"].container == Container("Work", "#4180FF")
    assert tasks["Water the plants"].recurring
    vat = tasks["File the VAT return"]
    assert (vat.due, vat.by_deadline) == (today, True)
    lisbon = tasks["Stand-up with Lisbon"]
    assert lisbon.due == Fixed(datetime(2026, 11, 22, 17, tzinfo=UTC), "Europe/Lisbon")
    errands = tasks["Errands on the way home"]
    assert (errands.actions, errands.container) == ((), Container("Inbox", "#808080"))


async def test_ada_is_known_by_her_address(source: TodoistSource, ada: TodoistAccount) -> None:
    known = await identity(source._client(UserId(ada.id)))
    assert (known.user_id, known.label) == (ada.id, "ada@example.com")


async def test_pages_that_overlap_or_are_empty_make_one_list(
    source: TodoistSource, ada: TodoistAccount, world: World
) -> None:
    whole = await shown(source, ada)
    ACTIONS["paging"](world, {"limit": 2, "repeat": 1, "empty": True})
    assert await shown(source, ada) == whole


async def test_tasks_without_what_may_be_missing_are_shown_all_the_same(
    source: TodoistSource, ada: TodoistAccount, world: World
) -> None:
    whole = await shown(source, ada)
    ACTIONS["sparse"](world, {})
    assert list(await shown(source, ada)) == list(whole)


async def test_done_and_undone_are_seen_at_the_service(
    source: TodoistSource, ada: TodoistAccount, new_uuid: Callable[[], str]
) -> None:
    before = await shown(source, ada)
    report = before["Send the grant report"]
    done = Action(kind=ActionKind.DONE, uuid=new_uuid())
    await source.act(UserId(ada.id), report.id, done)
    assert ada.tasks[report.id].checked
    assert report.title not in await shown(source, ada)
    await source.act(UserId(ada.id), report.id, done)
    await source.act(UserId(ada.id), report.id, Action(kind=ActionKind.REOPEN, uuid=new_uuid()))
    assert await shown(source, ada) == before


@pytest.mark.parametrize("title", ["Water the plants", "Back up the laptop"])
async def test_a_recurring_task_moves_on_once_and_comes_back_as_it_was(
    title: str,
    source: TodoistSource,
    ada: TodoistAccount,
    world: World,
    new_uuid: Callable[[], str],
) -> None:
    before = await shown(source, ada)
    task = before[title]
    old = ada.tasks[task.id].due
    done = Action(kind=ActionKind.DONE, uuid=new_uuid(), undo=task.undo, recurring=True)
    ACTIONS["drop_answer"](world, {"path": "/api/v1/sync"})
    with pytest.raises(AnswerLost):
        await source.act(UserId(ada.id), task.id, done)
    moved = ada.tasks[task.id].due
    assert moved != old
    await source.act(UserId(ada.id), task.id, msgspec.structs.replace(done, may_be_done=True))
    assert ada.tasks[task.id].due == moved
    undo = Action(kind=ActionKind.REOPEN, uuid=new_uuid(), undo=task.undo, recurring=True)
    await source.act(UserId(ada.id), task.id, undo)
    assert ada.tasks[task.id].due == old
    assert await shown(source, ada) == before


async def test_a_task_deleted_elsewhere_counts_as_done(
    source: TodoistSource, ada: TodoistAccount, world: World, new_uuid: Callable[[], str]
) -> None:
    report = (await shown(source, ada))["Send the grant report"]
    ACTIONS["delete_task"](world, {"id": report.id})
    await source.act(UserId(ada.id), report.id, Action(kind=ActionKind.DONE, uuid=new_uuid()))


async def test_a_rate_limit_pauses_reading_and_writing_alike(
    source: TodoistSource,
    ada: TodoistAccount,
    world: World,
    clock: FakeClock,
    new_uuid: Callable[[], str],
) -> None:
    report = (await shown(source, ada))["Send the grant report"]
    ACTIONS["rate_limit"](world, {"seconds": 60})
    with pytest.raises(Unavailable) as caught:
        await shown(source, ada)
    assert caught.value.limited
    assert 50 < (caught.value.retry_after or 0) < 70
    ACTIONS["clear_faults"](world, {})
    done = Action(kind=ActionKind.DONE, uuid=new_uuid())
    with pytest.raises(Unavailable):
        await source.act(UserId(ada.id), report.id, done)
    assert not ada.tasks[report.id].checked
    await clock.advance(70)
    await source.act(UserId(ada.id), report.id, done)


@pytest.mark.parametrize("fault", ["offline", "garbage", "drop_request", "drop_answer"])
async def test_a_service_in_trouble_is_unavailable_and_then_back(
    fault: str, source: TodoistSource, ada: TodoistAccount, world: World
) -> None:
    whole = await shown(source, ada)
    ACTIONS[fault](world, {"count": 2})  # a GET may be repeated once
    with pytest.raises(Unavailable):
        await shown(source, ada)
    ACTIONS["clear_faults"](world, {})
    assert await shown(source, ada) == whole


# A stall is what deadlines are for, and a list by another content type is still the list.
HARMLESS = {Garbage.STALL, Garbage.NOT_JSON_TYPE}


@pytest.mark.parametrize("kind", sorted(set(Garbage) - HARMLESS))
async def test_garbage_is_never_taken_for_a_list(
    kind: Garbage, source: TodoistSource, ada: TodoistAccount, world: World
) -> None:
    whole = await shown(source, ada)
    ACTIONS["garbage"](world, {"kind": kind, "path": "/api/v1/tasks"})
    with pytest.raises((Unavailable, Rejected)):
        await shown(source, ada)
    ACTIONS["clear_faults"](world, {})
    assert await shown(source, ada) == whole


async def test_a_revoked_token_asks_for_a_reconnect(
    source: TodoistSource, ada: TodoistAccount, world: World
) -> None:
    ACTIONS["revoke"](world, {"personal": True})
    with pytest.raises(AuthRequired):
        await shown(source, ada)
