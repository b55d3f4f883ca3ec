"""What happened elsewhere between a click and its sending: each row of the table."""

from typing import Any

import msgspec
import pytest

from oo_desktop.errors import Rejected
from oo_desktop.model.signals import ActionKind
from oo_desktop.model.source import Action
from tests.connectors.todoist.desk import DAILY, DONE, LATER, NO_DATE, PLAIN, TOMORROW, Desk

# The table: what happened elsewhere, what was clicked, how the task was; what becomes of it

OTHER = "2026-12-24"
EDITS: dict[str, tuple[str, dict[str, Any]]] = {
    "renamed": ("edit_task", {"content": "Another name", "priority": 4}),
    "moved": ("move_task", {"project": "Work"}),
    "completed": ("complete_task", {}),
    "deleted": ("delete_task", {}),
    "put off": ("edit_task", {"due": {"date": OTHER}}),
    "put off, recurring": ("edit_task", {"due": {**DAILY, "date": OTHER}}),
    "another rule": ("edit_task", {"due": {**DAILY, "string": "every week at 9:00"}}),
    "a rule": ("edit_task", {"due": {**PLAIN, "string": "every day", "is_recurring": True}}),
    "as wished": ("edit_task", {"due": {"date": "2026-11-23"}}),
    "as wished, recurring": ("edit_task", {"due": {**DAILY, "date": "2026-11-23T09:00:00"}}),
    "back": ("edit_task", {"due": DAILY}),
    "stripped": ("edit_task", {"due": None}),
}
SENT, KEPT, REFUSED = "sent", "kept", "refused"
"""KEPT: counts as done, and nothing is sent."""
CHANGED = "changed in Todoist since you clicked"
GONE = "completed or deleted in Todoist"


async def send_after(elsewhere: str, action: Action, desk: Desk, end: str, words: str) -> None:
    """Something happens elsewhere before `action` is sent, which must end as the table says."""
    edit, fields = EDITS[elsewhere]
    desk.elsewhere(edit, **fields)
    before, sent = desk.due, len(desk.by_us())
    if end == REFUSED:
        with pytest.raises(Rejected, match=words) as caught:
            await desk.send(action)
        assert str(caught.value).endswith(".")
    else:
        await desk.send(action)
    assert len(desk.by_us()) == (sent + 1 if end == SENT else sent)
    if end != SENT:
        assert desk.due == before


@pytest.mark.parametrize(
    ("elsewhere", "kind", "due", "end", "words"),
    [
        ("renamed", DONE, PLAIN, SENT, ""),
        ("renamed", DONE, DAILY, SENT, ""),
        ("renamed", TOMORROW, PLAIN, SENT, ""),
        ("renamed", TOMORROW, DAILY, SENT, ""),
        ("moved", DONE, PLAIN, SENT, ""),
        ("moved", DONE, DAILY, SENT, ""),
        ("moved", TOMORROW, DAILY, SENT, ""),
        ("moved", NO_DATE, PLAIN, SENT, ""),
        ("completed", DONE, PLAIN, KEPT, ""),
        ("completed", DONE, DAILY, REFUSED, "Try again to complete the date it has now."),
        ("completed", TOMORROW, PLAIN, REFUSED, GONE),
        ("completed", TOMORROW, DAILY, REFUSED, CHANGED),
        ("completed", NO_DATE, PLAIN, REFUSED, GONE),
        ("deleted", DONE, PLAIN, KEPT, ""),
        ("deleted", DONE, DAILY, KEPT, ""),
        ("deleted", TOMORROW, PLAIN, REFUSED, GONE),
        ("deleted", LATER, DAILY, REFUSED, GONE),
        ("put off", DONE, PLAIN, SENT, ""),
        ("put off, recurring", DONE, DAILY, REFUSED, CHANGED),
        ("put off", TOMORROW, PLAIN, REFUSED, "Try again to put it off all the same."),
        ("put off, recurring", TOMORROW, DAILY, REFUSED, CHANGED),
        ("put off", NO_DATE, PLAIN, REFUSED, CHANGED),
        ("put off", TOMORROW, None, REFUSED, CHANGED),
        ("stripped", TOMORROW, PLAIN, REFUSED, CHANGED),
        ("stripped", DONE, DAILY, REFUSED, CHANGED),
        ("as wished", TOMORROW, PLAIN, KEPT, ""),
        ("as wished, recurring", TOMORROW, DAILY, KEPT, ""),
        ("stripped", NO_DATE, PLAIN, KEPT, ""),
        ("another rule", DONE, DAILY, SENT, ""),
        ("another rule", TOMORROW, DAILY, REFUSED, "How it repeats"),
        ("a rule", TOMORROW, PLAIN, REFUSED, "How it repeats"),
        ("a rule", DONE, PLAIN, SENT, ""),
    ],
)
async def test_what_happened_elsewhere_decides(
    elsewhere: str,
    kind: ActionKind,
    due: dict[str, Any] | None,
    end: str,
    words: str,
    desk: Desk,
) -> None:
    action = desk.click(kind, await desk.add(due))
    await send_after(elsewhere, action, desk, end, words)


@pytest.mark.parametrize(
    ("elsewhere", "kind", "due", "end", "words"),
    [
        ("renamed", DONE, PLAIN, SENT, ""),
        ("renamed", DONE, DAILY, SENT, ""),
        ("renamed", TOMORROW, DAILY, SENT, ""),
        ("moved", NO_DATE, PLAIN, SENT, ""),
        ("deleted", DONE, PLAIN, REFUSED, "no longer exists"),
        ("deleted", DONE, DAILY, REFUSED, "no longer exists"),
        ("deleted", TOMORROW, PLAIN, REFUSED, GONE),
        ("completed", DONE, DAILY, SENT, ""),
        ("completed", TOMORROW, PLAIN, REFUSED, GONE),
        ("completed", TOMORROW, DAILY, REFUSED, "leaves it as it is"),
        ("put off, recurring", DONE, DAILY, SENT, ""),
        ("put off", TOMORROW, PLAIN, REFUSED, "leaves it as it is"),
        ("put off", NO_DATE, PLAIN, REFUSED, "leaves it as it is"),
        ("another rule", DONE, DAILY, KEPT, ""),  # on the old date: there is nothing to undo
        ("a rule", TOMORROW, PLAIN, KEPT, ""),
        ("back", DONE, DAILY, SENT, ""),
        ("back", TOMORROW, DAILY, SENT, ""),
        ("stripped", DONE, DAILY, REFUSED, "How it repeats"),
    ],
)
async def test_what_happened_elsewhere_decides_an_undo_too(
    elsewhere: str, kind: ActionKind, due: dict[str, Any], end: str, words: str, desk: Desk
) -> None:
    action = desk.click(kind, await desk.add(due))
    await desk.send(action)
    await send_after(elsewhere, desk.undone(action), desk, end, words)


async def test_an_undo_does_not_bring_an_old_rule_back(desk: Desk) -> None:
    action = desk.click(DONE, await desk.add(DAILY))
    await desk.send(action)
    weekly = {**DAILY, "string": "every week at 9:00", "date": "2026-11-29T09:00:00"}
    desk.elsewhere("edit_task", due=weekly)
    with pytest.raises(Rejected, match="How it repeats"):
        await desk.send(desk.undone(action))
    assert desk.task.due.string == "every week at 9:00"


# Rescheduling


@pytest.mark.parametrize(
    ("due", "kind", "moved"),
    [
        (PLAIN, TOMORROW, {"date": "2026-11-23"}),
        (PLAIN, LATER, {"date": "2026-11-22T14:00:00"}),
        (DAILY, TOMORROW, {**DAILY, "date": "2026-11-23T09:00:00"}),
        (DAILY, LATER, {**DAILY, "date": "2026-11-22T14:00:00"}),
        (
            {"date": "2026-11-20T22:30:00Z", "timezone": "Asia/Tokyo"},
            TOMORROW,
            {"date": "2026-11-23T22:30:00Z", "timezone": "Asia/Tokyo"},  # Monday in Berlin
        ),
        (None, TOMORROW, {"date": "2026-11-23"}),
    ],
)
async def test_a_task_is_put_off_and_brought_back_as_it_was(
    due: dict[str, Any] | None, kind: ActionKind, moved: dict[str, Any], desk: Desk
) -> None:
    task = await desk.add(due)
    before = desk.task.due
    action = desk.click(kind, task)
    await desk.send(action)
    now = desk.task.due
    assert {key: getattr(now, key) for key in moved} == moved
    assert now.is_recurring == bool(due and due.get("is_recurring"))
    assert (await desk.listed()).due == action.due
    await desk.send(desk.undone(action))
    assert desk.task.due == before
    assert (await desk.listed()) == task


async def test_a_date_is_taken_away_and_brought_back(desk: Desk) -> None:
    task = await desk.add(PLAIN)
    action = desk.click(NO_DATE, task)
    await desk.send(action)
    assert desk.due is None
    await desk.send(desk.undone(action))
    assert await desk.listed() == task


async def test_a_task_with_only_a_deadline_gets_a_date_and_loses_it_again(desk: Desk) -> None:
    task = await desk.add(None, deadline="2026-11-22")
    action = desk.click(TOMORROW, task)
    await desk.send(action)
    assert (desk.due, desk.task.deadline) == ("2026-11-23", "2026-11-22")
    await desk.send(desk.undone(action))
    assert await desk.listed() == task


async def test_a_put_off_occurrence_is_completed_and_the_rule_goes_on(desk: Desk) -> None:
    action = desk.click(TOMORROW, await desk.add(DAILY))
    await desk.send(action)
    await desk.send(desk.click(DONE, await desk.listed()))
    assert desk.due == "2026-11-24T09:00:00"


WEEKLY = {**DAILY, "string": "every week at 9:00", "date": "2026-11-29T09:00:00"}


@pytest.mark.parametrize(
    ("kind", "clicked", "now", "end"),
    [
        (DONE, DAILY, WEEKLY, "2026-12-06T09:00:00"),
        (TOMORROW, DAILY, WEEKLY, "2026-11-23T09:00:00"),
        (TOMORROW, PLAIN, WEEKLY, "2026-11-23"),
        (TOMORROW, DAILY, {"date": OTHER}, "2026-11-23T09:00:00"),
        (TOMORROW, PLAIN, None, "2026-11-23"),
        (NO_DATE, PLAIN, {"date": OTHER}, None),
    ],
)
async def test_a_click_that_insists_is_sent_and_keeps_the_rule_there_is_now(
    kind: ActionKind,
    clicked: dict[str, Any],
    now: dict[str, Any] | None,
    end: str | None,
    desk: Desk,
) -> None:
    action = desk.click(kind, await desk.add(clicked))
    desk.elsewhere("edit_task", due=now)
    with pytest.raises(Rejected, match="changed in Todoist"):
        await desk.send(action)
    again = msgspec.structs.replace(action, insists=True)
    for _ in range(2):
        await desk.send(again)
    assert len(desk.by_us()) == 1
    assert desk.due == end
    rule = now.get("string") if now and now.get("is_recurring") else None
    due = desk.task.due
    assert (due.string if due and due.is_recurring else None) == rule


@pytest.mark.parametrize("kind", [DONE, TOMORROW])
async def test_an_undo_that_insists_puts_the_old_date_back(kind: ActionKind, desk: Desk) -> None:
    await desk.add(DAILY)
    before = desk.task.due
    action = desk.click(kind, await desk.listed())
    await desk.send(action)
    desk.elsewhere("edit_task", due=WEEKLY)
    undo = desk.undone(action)
    with pytest.raises(Rejected):
        await desk.send(undo)
    await desk.send(msgspec.structs.replace(undo, insists=True))
    assert desk.task.due == before


async def test_insisting_on_no_date_does_not_end_a_recurrence(desk: Desk) -> None:
    action = desk.click(NO_DATE, await desk.add(PLAIN))
    desk.elsewhere("edit_task", due=DAILY)
    with pytest.raises(Rejected, match="It repeats now"):
        await desk.send(msgspec.structs.replace(action, insists=True))
    assert (desk.due, desk.by_us()) == (DAILY["date"], [])
