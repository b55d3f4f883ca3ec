"""A new task: written down, shown as it will be, added once, taken back where that can be."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.model.clicks import OutboxItem, OutboxState, shown_signals
from oo_desktop.model.signals import ActionKind, Container, Day, Due, NewTask, Task
from oo_desktop.testing import TODAY, ScriptedAddingSource, ScriptedSource, settle, task
from tests.signals.outbox.desk import NEXT_DAY, Desk

ADD, REMOVE = ActionKind.ADD, ActionKind.REMOVE

OFFLINE = Unavailable("You are offline.", reached=False)
LOST = Unavailable("The answer was lost.")
NO = Rejected("No.")
NEXT_WEEK = Day(TODAY.day + timedelta(days=7))


@pytest.fixture
def source() -> ScriptedAddingSource:
    source = ScriptedAddingSource()
    source.names = {"Tea": "t1", "Milk": "t2"}
    return source


def add(desk: Desk, title: str = "Tea", *, due: Due | None = TODAY) -> OutboxItem:
    new = NewTask(
        uuid=desk.outbox.new_uuid(),
        text=title,
        typed_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
        title=title,
        due=due,
        priority=2,
        list="home",
    )
    return desk.outbox.add(desk.source.key(), new, container=Container("Home"))


def shown(desk: Desk, *listed: Task) -> list[tuple[str, str]]:
    """The ids and titles on the screen."""
    signals = shown_signals({desk.source.key(): listed}, desk.outbox.items())
    return [(each.id, each.title) for each in signals[desk.source.key()]]


def given(desk: Desk) -> list[tuple[str, bool]]:
    """What the service was asked to add: the uuid, and whether it may be there already."""
    assert isinstance(desk.source, ScriptedAddingSource)
    return [(new.uuid, may_be) for new, may_be in desk.source.added]


def taken_back(desk: Desk) -> list[str | None]:
    assert isinstance(desk.source, ScriptedAddingSource)
    return [id_ for _, id_, _ in desk.source.removed]


TEA = structs.replace(task("t1"), title="Tea", priority=2)


async def test_it_is_written_down_and_shown_before_anything_is_sent(desk: Desk) -> None:
    item = add(desk)
    (stored,) = desk.stored
    assert stored == item
    assert (stored.kind, stored.state, stored.uuid) == (ADD, OutboxState.QUEUED, item.uuid)
    assert stored.added is not None
    assert stored.added.list == "home"
    assert isinstance(item.signal, Task)
    assert (item.signal.title, item.signal.due, item.signal.priority) == ("Tea", TODAY, 2)
    assert shown(desk) == [(f"add:{item.uuid}", "Tea")]
    assert given(desk) == []


async def test_it_is_added_under_its_uuid_and_called_what_the_service_calls_it(desk: Desk) -> None:
    item = add(desk)
    await desk.passes(6)
    assert given(desk) == [(item.uuid, False)]
    assert desk.states == {"t1": OutboxState.SENT}
    assert desk.stored == (desk.row,)
    assert shown(desk) == [("t1", "Tea")]
    assert desk.polls_wanted == [desk.source.key()]


async def test_a_poll_that_lists_it_confirms_it(desk: Desk) -> None:
    add(desk)
    await desk.passes(6)
    desk.poll(TEA)
    assert desk.outbox.items() == ()
    assert shown_signals({desk.source.key(): (TEA,)}, desk.outbox.items()) == {
        desk.source.key(): (TEA,)
    }


async def test_a_poll_that_began_before_the_answer_does_not_take_it_off_the_screen(
    desk: Desk,
) -> None:
    add(desk)
    await desk.passes(6)
    desk.poll(began=desk.clock.now() - timedelta(seconds=3))
    assert shown(desk) == [("t1", "Tea")]


async def test_one_that_is_due_and_not_listed_is_shown_for_two_minutes(desk: Desk) -> None:
    add(desk)
    await desk.passes(6)
    desk.poll()
    assert shown(desk) == [("t1", "Tea")]
    await desk.passes(125)
    desk.poll()
    assert desk.outbox.items() == ()
    assert desk.undoable == ["t1"]


@pytest.mark.parametrize("due", [None, NEXT_WEEK])
async def test_one_that_no_list_need_show_is_over_with_the_next_poll(
    desk: Desk, due: Due | None
) -> None:
    add(desk, due=due)
    await desk.passes(6)
    desk.poll()
    assert desk.outbox.items() == ()


async def test_tomorrow_may_be_today_where_the_account_is(desk: Desk) -> None:
    add(desk, due=NEXT_DAY)
    await desk.passes(6)
    desk.poll()
    assert desk.states == {"t1": OutboxState.SENT}


async def test_one_whose_id_is_not_told_is_over_with_the_next_poll(desk: Desk) -> None:
    item = add(desk, "Bread")
    await desk.passes(6)
    assert shown(desk) == [(f"add:{item.uuid}", "Bread")]
    desk.poll(structs.replace(task("t9"), title="Bread"))
    assert desk.outbox.items() == ()


async def test_the_same_twice_is_two_tasks(desk: Desk) -> None:
    one, other = add(desk), add(desk)
    await desk.passes(6)
    assert given(desk) == [(one.uuid, False), (other.uuid, False)]


async def test_it_goes_alone_and_holds_no_click(desk: Desk) -> None:
    desk.click("1")
    add(desk)
    desk.click("2")
    await desk.passes(6)
    assert desk.sent == ["1", "2"]
    assert len(given(desk)) == 1


@pytest.mark.parametrize(
    ("failure", "may_be"), [(OFFLINE, False), (LOST, True)], ids=["unsent", "lost"]
)
async def test_it_is_sent_again_with_the_same_uuid(
    desk: Desk, failure: Exception, may_be: bool
) -> None:
    item = add(desk)
    desk.source.act_failure = failure
    await desk.passes(6)
    desk.source.act_failure = None
    await desk.passes(60)
    assert given(desk) == [(item.uuid, False), (item.uuid, may_be)]
    assert desk.states == {"t1": OutboxState.SENT}


async def test_after_a_restart_it_is_the_same(desk: Desk) -> None:
    item = add(desk)
    desk.source.act_failure = OFFLINE
    await desk.restart()
    assert shown(desk) == [(f"add:{item.uuid}", "Tea")]
    assert desk.row.added == item.added
    desk.source.act_failure = None
    await desk.restart()
    await desk.restart()
    assert desk.states == {"t1": OutboxState.SENT}
    assert desk.row.added == item.added
    assert set(given(desk)) == {(item.uuid, False)}


async def test_what_is_refused_comes_back_with_its_reason_and_is_tried_again(desk: Desk) -> None:
    desk.source.act_failure = NO
    item = add(desk)
    await desk.passes(6)
    assert (desk.row.state, desk.row.reason) == (OutboxState.REJECTED, "No.")
    assert shown(desk) == []
    desk.source.act_failure = None
    assert desk.outbox.retry(item.number, listed=task("1")) is not None
    assert shown(desk) == [(f"add:{item.uuid}", "Tea")]
    await desk.passes(1)
    assert given(desk) == [(item.uuid, False), (item.uuid, False)]
    assert desk.row.insists is False


async def test_what_is_refused_can_be_forgotten(desk: Desk) -> None:
    desk.source.act_failure = NO
    item = add(desk)
    await desk.passes(6)
    assert desk.outbox.discard(item.number) is not None
    assert desk.stored == ()


@pytest.mark.logs_warnings
@pytest.mark.parametrize("name", ["", "x" * 600])
async def test_an_id_that_cannot_be_one_is_a_fault_of_the_connector(desk: Desk, name: str) -> None:
    assert isinstance(desk.source, ScriptedAddingSource)
    desk.source.names["Tea"] = name
    add(desk)
    await desk.passes(6)
    assert desk.row.state is OutboxState.REJECTED
    assert desk.row.may_be_done


async def test_where_nothing_can_be_added_that_is_said(desk: Desk) -> None:
    only_acts = ScriptedSource()
    await desk.restart(sources={only_acts.id: only_acts})
    with pytest.raises(Rejected, match="cannot add"):
        add(desk)
    assert desk.stored == ()


async def test_what_is_being_added_cannot_be_clicked_yet(desk: Desk) -> None:
    item = add(desk)
    with pytest.raises(Rejected, match="being added"):
        desk.click(item.signal)
    await desk.passes(6)
    with pytest.raises(Rejected, match="being added"):
        desk.click(desk.row.signal)


# Taken back


async def test_before_it_is_sent_an_undo_leaves_no_trace(desk: Desk) -> None:
    add(desk)
    assert desk.outbox.undo() is not None
    await desk.passes(600)
    assert (desk.stored, given(desk), taken_back(desk), shown(desk)) == ((), [], [], [])


async def test_afterwards_it_is_deleted_under_the_id_that_the_service_gave_it(desk: Desk) -> None:
    item = add(desk)
    await desk.passes(6)
    assert desk.outbox.undo() is not None
    assert shown(desk) == []
    await desk.passes(1)
    assert taken_back(desk) == ["t1"]
    assert [row.kind for row in desk.stored] == [REMOVE]
    assert desk.row.added == item.added
    desk.poll()
    assert desk.stored == ()


async def test_confirmed_long_ago_it_is_the_same_after_a_restart(desk: Desk) -> None:
    add(desk)
    await desk.passes(6)
    desk.poll(TEA)
    await desk.restart()
    assert desk.outbox.undo() is not None
    assert shown(desk, TEA) == []
    await desk.passes(1)
    assert taken_back(desk) == ["t1"]


async def test_undone_while_it_is_sent_it_is_deleted_under_its_id(desk: Desk) -> None:
    desk.source.act_gate.clear()
    add(desk)
    await desk.passes(6)
    assert desk.outbox.undo() is not None
    assert shown(desk) == []
    desk.source.act_gate.set()
    await settle()
    assert taken_back(desk) == ["t1"]
    assert {row.signal.id for row in desk.stored} == {"t1"}
    desk.poll()
    assert desk.stored == ()


async def test_undone_while_it_never_arrives_nothing_is_left(desk: Desk) -> None:
    desk.source.act_gate.clear()
    desk.source.act_failure = OFFLINE
    add(desk)
    await desk.passes(6)
    desk.outbox.undo()
    desk.source.act_gate.set()
    await desk.passes(600)
    assert (desk.stored, taken_back(desk)) == ((), [])


async def test_after_a_lost_answer_it_is_added_for_certain_and_then_deleted(desk: Desk) -> None:
    item = add(desk)
    desk.source.act_failure = LOST
    await desk.passes(6)
    desk.outbox.undo()
    desk.source.act_failure = None
    await desk.passes(60)
    assert given(desk) == [(item.uuid, False), (item.uuid, True)]
    assert taken_back(desk) == ["t1"]


async def test_where_it_may_be_there_and_is_refused_it_is_looked_for_without_an_id(
    desk: Desk,
) -> None:
    add(desk)
    desk.source.act_failure = LOST
    await desk.passes(6)
    desk.outbox.undo()
    desk.source.act_failure = NO
    await desk.passes(60)
    assert (taken_back(desk), desk.row.kind) == ([None], REMOVE)
    desk.source.act_failure = None
    assert desk.outbox.retry(desk.row.number) is not None
    await desk.passes(1)
    assert taken_back(desk) == [None, None]
    desk.poll()
    assert desk.stored == ()


async def test_where_it_cannot_be_deleted_that_is_said_and_it_stays(desk: Desk) -> None:
    add(desk)
    await desk.passes(6)
    desk.poll(TEA)
    desk.outbox.undo()
    desk.source.act_failure = Rejected("Delete it there.")
    await desk.passes(1)
    assert (desk.row.kind, desk.row.reason) == (REMOVE, "Delete it there.")
    assert shown(desk, TEA) == [("t1", "Tea")]


async def test_a_deleted_one_that_is_listed_for_two_minutes_is_shown_again(desk: Desk) -> None:
    add(desk)
    await desk.passes(6)
    desk.poll(TEA)
    desk.outbox.undo()
    await desk.passes(125)
    desk.poll(TEA)
    assert desk.row.unconfirmed
    assert shown(desk, TEA) == [("t1", "Tea")]
    desk.poll()
    assert desk.stored == ()


async def test_done_after_it_was_added_only_that_is_offered_to_be_undone(desk: Desk) -> None:
    add(desk)
    await desk.passes(6)
    desk.poll(TEA)
    desk.click(TEA)
    assert [item.kind for item in desk.outbox.undoable()] == [ActionKind.DONE]
