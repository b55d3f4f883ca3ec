"""Undo: free while a click is held, a second action afterwards."""

from collections.abc import Callable

import pytest

from oo_desktop.errors import AuthRequired, Rejected, Unavailable, VaultError
from oo_desktop.model.signals import ActionKind
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.testing import settle, task
from tests.signals.outbox.desk import NEXT_DAY, Desk, movable

DONE, REOPEN = ActionKind.DONE, ActionKind.REOPEN

OFFLINE = Unavailable("You are offline.", reached=False)
LOST = Unavailable("The answer was lost.")
LOCKED = VaultError("Unlock your keyring.")
EXPIRED = AuthRequired("Sign in again.")
NO = Rejected("No.")

Attempts = list[tuple[Exception | None, float]]
"""How attempts end while so many seconds pass; None: well."""


@pytest.mark.parametrize(
    ("attempts", "confirmed", "goes_out"),
    [
        pytest.param([(None, 4)], False, [], id="none was made: it leaves no trace"),
        pytest.param([(None, 6)], False, [REOPEN], id="one went well: a second action"),
        pytest.param([(None, 6)], True, [REOPEN], id="and a poll confirmed it: the same"),
        pytest.param([(OFFLINE, 600)], False, [], id="none ever arrived: no trace"),
        pytest.param([(LOCKED, 600)], False, [], id="the keyring was locked: no trace"),
        pytest.param([(EXPIRED, 600)], False, [], id="a reconnect is required: no trace"),
        pytest.param(
            [(LOST, 6), (OFFLINE, 600)], False, [DONE, REOPEN], id="one may have: both go out"
        ),
    ],
)
async def test_an_undo_after_attempts_of_which(
    desk: Desk, attempts: Attempts, confirmed: bool, goes_out: list[ActionKind]
) -> None:
    item = desk.click("1")
    for failure, seconds in attempts:
        desk.source.act_failure = failure
        await desk.passes(seconds)
    assert bool(desk.sent) is (attempts != [(None, 4)])
    if confirmed:
        desk.poll()
        assert desk.outbox.items() == ()
    desk.source.act_failure = None
    desk.source.acted.clear()
    undone = desk.outbox.undo()
    assert undone is not None
    assert (undone.number, undone.signal) == (item.number, task("1"))
    assert (desk.outbox.undo(), desk.undoable) == (None, [])
    await desk.passes(600)
    assert desk.sent_kinds == goes_out
    assert (item.uuid in desk.sent_uuids) is (DONE in goes_out)
    # What was undone has nothing left to wait for, its undo waits for a poll.
    assert [row.kind for row in desk.stored] == ([REOPEN] if goes_out else [])


@pytest.mark.parametrize(
    ("earlier", "ends", "sent", "left"),
    [
        pytest.param(None, None, [DONE, REOPEN], [REOPEN], id="arrives: then the undo goes out"),
        pytest.param(None, OFFLINE, [DONE], [], id="never arrives: gone with its undo"),
        pytest.param(None, NO, [DONE], [], id="is rejected: nothing is left to say"),
        pytest.param(
            None,
            ZeroDivisionError(),
            [DONE, REOPEN],
            [REOPEN],
            id="meets a bug: compensated without a word",
            marks=pytest.mark.logs_warnings,
        ),
        pytest.param(
            LOST, NO, [DONE, DONE, REOPEN], [REOPEN], id="repeats what may be done: the same"
        ),
    ],
)
async def test_an_undo_of_a_click_in_the_air_that(
    desk: Desk,
    earlier: Exception | None,
    ends: Exception | None,
    sent: list[ActionKind],
    left: list[ActionKind],
) -> None:
    if earlier is None:
        desk.source.act_gate.clear()
    desk.source.act_failure = earlier
    desk.click("1")
    await desk.passes(6)
    desk.source.act_gate.clear()
    await desk.passes(10)
    in_the_air = desk.sent_kinds
    assert desk.outbox.undo() is not None
    await settle()
    assert desk.sent_kinds == in_the_air  # it waits
    desk.source.act_failure = ends
    desk.source.act_gate.set()
    await desk.passes(600 if ends is OFFLINE else 0)
    assert desk.sent_kinds == sent
    assert [row.kind for row in desk.stored] == left


async def test_an_undo_of_what_may_have_been_sent_comes_after_it_even_after_a_restart(
    desk: Desk, build_outbox: Callable[..., Outbox]
) -> None:
    desk.source.act_failure = LOST
    desk.click("1")
    await desk.passes(6)
    await desk.stop()
    desk.source.act_failure = None
    desk.source.acted.clear()
    again = build_outbox()
    again.load()
    assert again.undo() is not None
    await desk.start()
    assert desk.sent_kinds == [DONE, REOPEN]


async def test_the_last_five_can_be_undone_newest_first_and_one_by_its_number(desk: Desk) -> None:
    items = [desk.click(str(n)) for n in range(7)]
    await desk.passes(60)
    assert desk.undoable == ["6", "5", "4", "3", "2"]
    undone = desk.outbox.undo(items[4].number)
    assert undone is not None
    assert undone.key == items[4].key
    assert desk.undoable == ["6", "5", "3", "2", "1"]
    assert desk.outbox.undo(items[4].number) is None
    assert desk.outbox.undo(999) is None


async def test_all_that_is_held_can_be_undone(desk: Desk) -> None:
    await desk.restart(hold=60)
    desk.click("0")
    await desk.passes(30)
    for n in range(1, 8):
        desk.click(str(n))
    assert desk.undoable == ["7", "6", "5", "4", "3", "2", "1", "0"]
    await desk.passes(31)
    assert desk.undoable == ["7", "6", "5", "4", "3", "2", "1"]
    await desk.passes(30)
    assert desk.undoable == ["7", "6", "5", "4", "3"]


async def test_only_the_newest_occurrence_is_offered_and_then_the_one_before(desk: Desk) -> None:
    first = desk.click(task("1", recurring=True))
    await desk.passes(6)
    second = desk.click(task("1", recurring=True, due=NEXT_DAY))
    await desk.passes(6)
    assert [item.number for item in desk.outbox.undoable()] == [second.number]
    desk.outbox.undo()
    await settle()
    assert [item.number for item in desk.outbox.undoable()] == [first.number]


async def test_what_was_done_long_ago_is_not_offered_and_what_waits_always_is(desk: Desk) -> None:
    desk.click("1")
    await desk.passes(6)
    desk.source.act_failure = LOST
    desk.click("2")
    await desk.passes(600)
    assert desk.undoable == ["2"]


async def test_undo_survives_a_restart_even_of_what_was_confirmed(desk: Desk) -> None:
    for id_ in ("1", "2", "3"):
        desk.click(id_)
        await desk.passes(6)
    desk.outbox.undo()
    await settle()
    desk.poll(task("3"))
    assert desk.outbox.items() == ()
    undoable = desk.outbox.undoable()
    assert desk.undoable == ["2", "1"]
    await desk.restart()
    assert desk.outbox.undoable() == undoable
    assert desk.outbox.undo(undoable[1].number) == undoable[1]
    await settle()
    assert (desk.sent[-1], desk.sent_kinds[-1]) == ("1", REOPEN)
    assert desk.undoable == ["2"]


async def test_a_reschedule_is_undone_by_putting_the_old_date_back(desk: Desk) -> None:
    item = desk.put_off("1")
    await desk.passes(6)
    desk.outbox.undo()
    await settle()
    assert desk.sent_kinds == [ActionKind.TOMORROW, ActionKind.RESTORE]
    (_, first), (_, second) = desk.source.acted
    assert first.due == second.due == NEXT_DAY
    assert first.undo == second.undo == "what it was"
    assert (desk.row.undoes, desk.row.signal) == (item.number, movable("1"))


async def test_an_undo_is_not_offered_to_be_undone(desk: Desk) -> None:
    desk.put_off("1")
    await desk.passes(6)
    desk.outbox.undo()
    assert desk.undoable == []
    await settle()
    assert desk.undoable == []


async def test_an_undo_that_is_rejected_and_given_up_can_be_tried_again(desk: Desk) -> None:
    desk.click("1")
    await desk.passes(6)
    desk.source.act_failure = NO
    desk.outbox.undo()
    await settle()
    assert desk.undoable == []  # it is listed, with its own Retry
    desk.outbox.discard(desk.outbox.items()[-1].number)
    assert desk.undoable == ["1"]
