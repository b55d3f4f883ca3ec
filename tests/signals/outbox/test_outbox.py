"""What the user does: click, retry, discard, disconnect."""

from datetime import timedelta

import pytest
from msgspec import structs

from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import ActionKind, Due, Task
from oo_desktop.testing import settle, task
from tests.signals.outbox.desk import NEXT_DAY, TONIGHT, Desk, movable

DONE, TOMORROW, NEXT_WEEK = ActionKind.DONE, ActionKind.TOMORROW, ActionKind.NEXT_WEEK
LATER_TODAY, REOPEN, RESTORE = ActionKind.LATER_TODAY, ActionKind.REOPEN, ActionKind.RESTORE

DAILY = task("1", recurring=True)
NEXT_DAILY = task("1", recurring=True, due=NEXT_DAY)


async def test_a_click_is_written_down_before_it_returns(desk: Desk) -> None:
    item = desk.click("1")
    assert desk.stored == (item,)
    assert (item.state, item.signal, item.attempts) == (OutboxState.QUEUED, task("1"), 0)
    assert item.send_at - item.clicked_at == timedelta(seconds=5)


async def test_a_click_is_sent_when_the_time_to_undo_it_is_over(desk: Desk) -> None:
    item = desk.click("1")
    await desk.passes(4.9)
    assert desk.sent == []
    await desk.passes(0.2)
    ((key, action),) = desk.source.acted
    assert (key, action.uuid, action.kind) == (item.key, item.uuid, DONE)
    assert desk.row.state is OutboxState.SENT


async def test_the_connector_is_given_what_it_needs_to_undo(desk: Desk) -> None:
    desk.click(structs.replace(DAILY, undo='{"due":"…"}'))
    await desk.passes(6)
    ((_, action),) = desk.source.acted
    assert (action.undo, action.recurring) == ('{"due":"…"}', True)


async def test_the_connector_is_told_where_a_reschedule_leads_as_it_was_decided_at_the_click(
    desk: Desk,
) -> None:
    desk.source.act_failure = Unavailable("You are offline.", reached=False)
    item = desk.put_off("1")
    assert item.due == NEXT_DAY
    await desk.passes(3600)
    desk.source.act_failure = None
    desk.source.acted.clear()
    await desk.restart()
    ((_, action),) = desk.source.acted
    assert (action.kind, action.due) == (TOMORROW, NEXT_DAY)


PUT_OFF = (movable("1"), TOMORROW, NEXT_DAY)
MOVED_TODAY = (movable("1"), LATER_TODAY, TONIGHT)


@pytest.mark.parametrize(
    ("first", "seconds", "second", "means"),
    [
        pytest.param((DAILY, DONE, None), 0, (DAILY, DONE, None), "the first", id="while it waits"),
        pytest.param((DAILY, DONE, None), 6, (DAILY, DONE, None), "the first", id="after it went"),
        pytest.param(
            (DAILY, DONE, None), 6, (NEXT_DAILY, DONE, None), "another", id="its next occurrence"
        ),
        pytest.param(PUT_OFF, 0, PUT_OFF, "the first", id="the same reschedule"),
        pytest.param(
            PUT_OFF, 0, (movable("1"), DONE, NEXT_DAY), "nothing", id="done, on the way elsewhere"
        ),
        pytest.param(
            PUT_OFF, 0, (movable("1"), NEXT_WEEK, NEXT_DAY), "nothing", id="another reschedule"
        ),
        pytest.param(MOVED_TODAY, 0, PUT_OFF, "nothing", id="put off what moves within the day"),
        pytest.param(
            MOVED_TODAY, 0, (movable("1"), DONE, None), "another", id="done, moving within the day"
        ),
    ],
)
async def test_a_click_on_what_was_clicked_before_means(
    desk: Desk,
    first: tuple[Task, ActionKind, Due | None],
    seconds: float,
    second: tuple[Task, ActionKind, Due | None],
    means: str,
) -> None:
    before = desk.click(first[0], kind=first[1], due=first[2])
    await desk.passes(seconds)
    before = desk.row
    if means == "nothing":
        with pytest.raises(Rejected, match="Undo that first"):
            desk.click(second[0], kind=second[1], due=second[2])
        assert desk.row == before
        return
    again = desk.click(second[0], kind=second[1], due=second[2])
    assert (again == before) is (means == "the first")
    await desk.passes(6)
    expected = [first[1]] if means == "the first" else [first[1], second[1]]
    assert desk.sent_kinds == expected
    assert len({*desk.sent_uuids}) == len(expected)


async def test_what_an_undo_brought_back_can_be_clicked_before_the_list_has_it(desk: Desk) -> None:
    desk.click(DAILY)
    await desk.passes(6)
    desk.outbox.undo()
    await settle()
    # Whoever clicks sees the occurrence that came back, whatever list the signal is from.
    assert desk.click(NEXT_DAILY).signal == DAILY


@pytest.mark.parametrize(
    ("signal", "kind"),
    [
        pytest.param(task("1"), TOMORROW, id="what it does not offer"),
        pytest.param(task("1"), REOPEN, id="an undo of what was not done"),
        pytest.param(structs.replace(task("1"), actions=(REOPEN,)), REOPEN, id="an undo"),
        pytest.param(structs.replace(task("1"), actions=(RESTORE,)), RESTORE, id="its date back"),
        pytest.param(task("1", source="unknown"), DONE, id="of a service that nobody serves"),
    ],
)
async def test_what_cannot_be_asked_of_a_signal_is_rejected_at_once(
    desk: Desk, signal: Task, kind: ActionKind
) -> None:
    with pytest.raises(Rejected, match="Open it in the service instead"):
        desk.click(signal, kind=kind)
    assert desk.stored == ()


# Rejected rows


async def test_a_rejected_click_is_kept_with_its_reason_until_the_user_decides(desk: Desk) -> None:
    desk.source.act_failure = Rejected("You may not complete tasks of this project.")
    item = desk.click("1")
    await desk.passes(86_400)
    assert len(desk.sent) == 1
    assert desk.row.state is OutboxState.REJECTED
    assert desk.row.reason == "You may not complete tasks of this project."
    assert desk.outbox.pending(desk.source.key()) == 0
    assert desk.outbox.waiting(desk.source.key()) == 0
    assert desk.undoable == []
    desk.source.act_failure = None
    assert desk.outbox.retry(item.number) is not None
    await settle()
    assert desk.sent_uuids == [item.uuid] * 2
    row = desk.row
    assert (row.state, row.reason) == (OutboxState.SENT, None)


async def test_a_retry_of_an_occurrence_that_may_be_done_never_means_the_next_one(
    desk: Desk,
) -> None:
    desk.source.act_failure = Unavailable("The answer was lost.")
    item = desk.click(DAILY)
    await desk.passes(6)
    desk.source.act_failure = Rejected("No.")
    await desk.passes(30)
    desk.source.act_failure = None
    again = desk.outbox.retry(item.number, listed=NEXT_DAILY)
    assert again is not None
    assert again.signal == DAILY


async def test_a_fresh_click_never_takes_the_place_of_what_may_be_done(desk: Desk) -> None:
    desk.source.act_failure = Unavailable("The answer was lost.")
    item = desk.click(DAILY)
    await desk.passes(6)
    desk.source.act_failure = Rejected("No.")
    await desk.passes(30)
    assert desk.row.state is OutboxState.REJECTED
    another = desk.click(NEXT_DAILY)
    assert another.uuid != item.uuid
    assert len(desk.outbox.items()) == 2


async def test_a_retry_of_a_move_that_has_arrived_is_confirmed_by_the_date_it_led_to(
    desk: Desk,
) -> None:
    item = await desk.rejected(movable("1"), TOMORROW, due=NEXT_DAY)
    listed = movable("1", due=NEXT_DAY)
    desk.outbox.retry(item.number, listed=listed)
    await settle()
    desk.poll(listed)
    assert desk.outbox.items() == ()


async def test_what_a_retry_means_survives_a_restart(desk: Desk) -> None:
    item = await desk.rejected(DAILY)
    desk.source.act_failure = Unavailable("You are offline.", reached=False)
    desk.outbox.retry(item.number, listed=NEXT_DAILY)
    await desk.restart()
    assert (desk.row.uuid, desk.row.signal) == (item.uuid, NEXT_DAILY)


async def test_a_rejected_click_can_be_discarded_and_no_other(desk: Desk) -> None:
    desk.source.act_failure = Rejected("No.")
    item = desk.click("1")
    assert desk.outbox.discard(item.number) is None  # not rejected yet
    assert desk.outbox.retry(item.number) is None
    await desk.passes(6)
    assert desk.outbox.discard(item.number) is not None
    assert desk.stored == ()


async def test_clicking_what_was_rejected_tries_again_with_time_to_undo(desk: Desk) -> None:
    first = await desk.rejected(task("1"))
    assert desk.click("1").number == first.number
    await desk.passes(4)
    assert len(desk.sent) == 1
    await desk.passes(2)
    assert len(desk.sent) == 2


async def test_a_rejected_click_holds_up_nobody(desk: Desk) -> None:
    await desk.rejected(task("1"))
    desk.click("2")
    await desk.passes(6)
    assert desk.sent == ["1", "2"]


# Disconnect


async def test_a_disconnected_accounts_clicks_are_forgotten_and_counted(desk: Desk) -> None:
    desk.click("1")
    await desk.passes(6)
    desk.source.act_gate.clear()
    desk.click("2", "3")
    other = desk.click(task("4", user_id="grace"))
    await desk.passes(6)
    ada = desk.source.key()
    assert (desk.outbox.pending(ada), desk.outbox.waiting(ada)) == (3, 2)
    assert desk.outbox.forget_account(ada) == 2  # the first had been delivered
    desk.source.act_gate.set()
    await settle()
    assert desk.outbox.items() == desk.stored == desk.outbox.undoable() == (other,)
