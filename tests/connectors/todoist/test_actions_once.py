"""Each click once, whatever is lost on the way, and even where the service forgets its uuids."""

from typing import Any

import msgspec
import pytest

from oo_desktop.errors import Rejected
from oo_desktop.model.signals import ActionKind
from oo_desktop.model.source import Action
from tests.connectors.todoist.desk import DAILY, DONE, PLAIN, TOMORROW, Desk


async def once(desk: Desk, action: Action, command: str) -> None:
    """However often it is sent now, it was carried out once."""
    for _ in range(3):
        await desk.send(action)
    assert desk.by_us().count(command) == 1


@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize("due", [PLAIN, DAILY])
async def test_a_click_whose_answer_was_lost_is_done_once(
    due: dict[str, Any], forgetful: bool, desk: Desk
) -> None:
    action = await desk.lose_answer(desk.click(DONE, await desk.add(due)))
    moved = desk.due
    if forgetful:
        desk.control("forget_commands")
    await once(desk, action, "item_close")
    assert desk.due == moved


@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize("due", [PLAIN, DAILY])
async def test_a_reschedule_whose_answer_was_lost_is_done_once(
    due: dict[str, Any], forgetful: bool, desk: Desk
) -> None:
    action = await desk.lose_answer(desk.click(TOMORROW, await desk.add(due)))
    if forgetful:
        desk.control("forget_commands")
    await once(desk, action, "item_update")


@pytest.mark.parametrize("kind", [DONE, TOMORROW])
@pytest.mark.parametrize("due", [PLAIN, DAILY])
async def test_a_click_that_never_arrived_is_done_at_the_next_attempt(
    kind: ActionKind, due: dict[str, Any], desk: Desk
) -> None:
    action = await desk.lose_request(desk.click(kind, await desk.add(due)))
    assert not desk.by_us()
    await once(desk, action, "item_close" if kind is DONE else "item_update")


@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize("kind", [DONE, TOMORROW])
async def test_an_undo_whose_answer_was_lost_is_done_once(
    kind: ActionKind, forgetful: bool, desk: Desk
) -> None:
    await desk.add(DAILY)
    before = desk.task.due
    action = desk.click(kind, await desk.listed())
    await desk.send(action)
    undo = await desk.lose_answer(desk.undone(action))
    if forgetful:
        desk.control("forget_commands")
    command = "item_update_date_complete" if kind is DONE else "item_update"
    for _ in range(3):
        await desk.send(undo)
    assert desk.by_us().count(command) == (1 if kind is DONE else 2)
    assert desk.task.due == before
    assert desk.task.completions == 0


async def test_an_occurrence_done_elsewhere_is_not_taken_for_the_next_one(desk: Desk) -> None:
    action = desk.click(DONE, await desk.add(DAILY))
    desk.elsewhere("complete_task")
    with pytest.raises(Rejected, match="Its date was changed"):
        await desk.send(action)
    assert (desk.due, desk.task.completions) == ("2026-11-22T09:00:00", 1)


@pytest.mark.parametrize("forgetful", [False, True])
async def test_done_elsewhere_after_a_request_that_never_arrived_counts_as_done(
    forgetful: bool, desk: Desk
) -> None:
    action = await desk.lose_request(desk.click(DONE, await desk.add(DAILY)))
    desk.elsewhere("complete_task")
    if forgetful:
        desk.control("forget_commands")
    await desk.send(action)
    assert (desk.due, desk.task.completions, desk.by_us()) == ("2026-11-22T09:00:00", 1, [])


async def test_a_reschedule_is_not_repeated_over_a_newer_wish(desk: Desk) -> None:
    action = await desk.lose_answer(desk.click(TOMORROW, await desk.add(DAILY)))
    desk.elsewhere("edit_task", due={**DAILY, "date": "2026-12-24T09:00:00"})
    desk.control("forget_commands")
    with pytest.raises(Rejected, match="changed in Todoist"):
        await desk.send(action)
    assert desk.due == "2026-12-24T09:00:00"


async def test_a_click_that_is_made_again_completes_the_date_it_has_now(desk: Desk) -> None:
    await desk.add(DAILY)
    action = desk.click(DONE, await desk.listed())
    desk.elsewhere("complete_task")
    with pytest.raises(Rejected):
        await desk.send(action)
    again = desk.click(DONE, await desk.listed())
    await desk.send(msgspec.structs.replace(again, uuid=action.uuid))
    assert (desk.due, desk.task.completions) == ("2026-11-23T09:00:00", 2)
