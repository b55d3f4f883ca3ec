"""/sync: once per uuid, a status for each command, and moving recurring tasks there and back."""

import json
from typing import Any

import pytest

from tests.sandbox.guest import DUE, Guest, command

DAILY = {"date": "2026-11-22T14:30:00", "string": "every day at 14:30", "is_recurring": True}


async def test_a_click_completes_a_task(guest: Guest) -> None:
    id_ = await guest.add("Once", due_string="today")
    answer = await guest.sync(command("item_close", "u1", id=id_))
    assert answer["sync_status"] == {"u1": "ok"}
    assert "Once" not in await guest.titles(DUE)
    assert (await guest.get(f"/tasks/{id_}")).status_code == 404


GONE = "gone"
MOVED = {**DAILY, "date": "2026-11-26T14:30:00", "lang": "en", "timezone": None}
CLOSE: tuple[str, dict[str, Any]] = ("item_close", {})


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ([CLOSE, CLOSE], {"date": "2026-11-24T14:30:00"}),
        ([("item_close", {"uuid": "u1"})] * 2, {"date": "2026-11-23T14:30:00"}),
        ([CLOSE, ("item_uncomplete", {})], {"date": "2026-11-23T14:30:00"}),
        ([("item_complete", {})], GONE),
        ([("item_delete", {})], GONE),
        ([("item_update", {"due": MOVED})], MOVED),
        ([("item_update", {"due": MOVED}), CLOSE], {**MOVED, "date": "2026-11-27T14:30:00"}),
        ([("item_update", {"due": MOVED}), ("item_update", {"due": None})], None),
        (
            [("item_update", {"due": {"date": "2026-11-26"}})],
            {"date": "2026-11-26", "is_recurring": False},
        ),
        ([("item_update", {"due": None})], None),
    ],
    ids=[
        "another uuid closes again",
        "the same uuid twice in one request runs once",
        "item_uncomplete does not bring a recurring task back",
        "item_complete ends a series",
        "a deleted task is gone",
        "rescheduling with the whole due keeps the recurrence",
        "closing follows the rule from where the task was moved to",
        "what was moved can lose its date",
        "a date alone ends the recurrence",
        "no due takes the date away",
    ],
)
async def test_what_commands_make_of_the_due_date_of_a_daily_task(
    guest: Guest, commands: list[tuple[str, dict[str, Any]]], expected: Any
) -> None:
    id_ = await guest.add(due=DAILY)
    await guest.sync(*(command(type_, id=id_, **args) for type_, args in commands))
    answer = await guest.get(f"/tasks/{id_}")
    if expected == GONE:
        assert answer.status_code == 404
        return
    due = answer.json()["due"]
    assert due == (None if expected is None else {**due, **expected})


@pytest.mark.parametrize(
    ("before", "type_", "args", "code"),
    [
        ("item_close", "item_close", {}, 478),
        ("item_close", "item_update", {"due": {"date": "2026-11-26"}}, 478),
        (None, "item_close", {"id": "3f4b7d0a-9f2c-4a66-8f36-1be4a7b3c9ad"}, 15),
        (None, "item_move", {"parent_id": "its child"}, 20),
    ],
    ids=[
        "closing what is done is not found",
        "a completed task cannot be changed",
        "an unknown temp_id is code 15",
        "a task cannot be moved below itself",
    ],
)
async def test_what_a_command_is_refused_for(
    guest: Guest, before: str | None, type_: str, args: dict[str, Any], code: int
) -> None:
    id_ = await guest.add(due_string="today")
    child = await guest.add(parent_id=id_)
    if before is not None:
        await guest.sync(command(before, id=id_))
    if "parent_id" in args:
        args = {"parent_id": child}
    answer = await guest.sync(command(type_, "u1", **{"id": id_, **args}))
    assert answer["sync_status"]["u1"]["error_code"] == code


async def test_a_task_moves_to_another_project(guest: Guest) -> None:
    id_ = await guest.add()
    work = next(p.id for p in guest.ada.projects.values() if p.name == "Work")
    await guest.sync(command("item_move", id=id_, project_id=work))
    assert (await guest.task(id_))["project_id"] == work


async def test_the_same_uuid_never_runs_twice_and_still_answers_ok(guest: Guest) -> None:
    id_ = await guest.add(due=DAILY)
    for _ in range(3):
        answer = await guest.sync(command("item_close", "u1", id=id_))
        assert answer["sync_status"] == {"u1": "ok"}
    assert (await guest.task(id_))["due"]["date"] == "2026-11-23T14:30:00"
    done = [entry for entry in (await guest.state())["history"] if entry["uuid"] == "u1"]
    assert len(done) == 1


async def test_a_command_that_failed_may_be_sent_again_with_its_uuid(guest: Guest) -> None:
    id_ = await guest.add()
    bad = {"type": "item_update", "uuid": "u1", "args": {"id": id_, "priority": 9}}
    assert (await guest.sync(bad))["sync_status"]["u1"]["error_code"] == 20
    bad["args"]["priority"] = 3  # type: ignore[index]  # a literal dict
    assert (await guest.sync(bad))["sync_status"] == {"u1": "ok"}
    assert (await guest.task(id_))["priority"] == 3


async def test_uuids_of_one_person_are_not_those_of_another(guest: Guest) -> None:
    grace = await guest.control("add_account", email="grace@example.com")
    mine = await guest.add("Mine")
    hers = (await guest.control("add_task", email="grace@example.com", content="Hers"))["id"]
    await guest.sync(command("item_close", "u1", id=mine))
    guest.token = grace["token"]
    assert (await guest.sync(command("item_close", "u1", id=hers)))["sync_status"] == {"u1": "ok"}
    assert (await guest.get(f"/tasks/{hers}")).status_code == 404


async def test_the_answer_is_200_with_a_status_for_each_command(guest: Guest) -> None:
    id_ = await guest.add()
    answer = await guest.sync(
        command("item_close", "good", id=id_),
        command("item_close", "bad", id="6XnobodysTask000"),
        command("item_dance", "odd", id=id_),
    )
    status = answer["sync_status"]
    assert status["good"] == "ok"
    assert (status["bad"]["http_code"], status["bad"]["error_tag"]) == (404, "NOT_FOUND")
    assert status["odd"]["http_code"] == 400


async def test_undo_of_a_plain_close_is_item_uncomplete(guest: Guest) -> None:
    id_ = await guest.add("Back again", due_string="today")
    await guest.sync(command("item_close", id=id_))
    await guest.sync(command("item_uncomplete", id=id_))
    assert "Back again" in await guest.titles("today")
    assert (await guest.task(id_))["completed_at"] is None


async def test_undo_of_a_recurring_close_is_the_old_due_and_is_forward_0(guest: Guest) -> None:
    id_ = await guest.add(due=DAILY)
    before = (await guest.task(id_))["due"]
    await guest.sync(command("item_close", id=id_))
    undo = command("item_update_date_complete", id=id_, due=before, is_forward=0)
    await guest.sync(undo)
    assert (await guest.task(id_))["due"] == before
    shown = next(task for task in (await guest.state())["tasks"] if task["id"] == id_)
    assert shown["completions"] == 0


async def test_closing_takes_subtasks_along_and_reopening_one_brings_its_parents(
    guest: Guest,
) -> None:
    parent = await guest.add("Parent", due_string="today")
    child = await guest.add("Child", parent_id=parent)
    grandchild = await guest.add("Grandchild", parent_id=child)
    await guest.sync(command("item_close", id=parent))
    assert (await guest.get(f"/tasks/{grandchild}")).status_code == 404
    await guest.sync(command("item_uncomplete", id=child))
    assert (await guest.task(parent))["checked"] is False
    assert (await guest.get(f"/tasks/{grandchild}")).status_code == 404


async def test_a_temp_id_can_be_used_in_the_same_batch(guest: Guest) -> None:
    temporary = "3f4b7d0a-9f2c-4a66-8f36-1be4a7b3c9ad"
    add = {**command("item_add", "u1", content="Parent"), "temp_id": temporary}
    child = command("item_add", "u2", content="Child", parent_id=temporary)
    answer = await guest.sync(add, child)
    real = answer["temp_id_mapping"][temporary]
    assert (await guest.task(real))["content"] == "Parent"
    again = await guest.sync(add)
    assert again["temp_id_mapping"] == {temporary: real}


async def test_more_than_100_commands_are_refused_as_a_whole(guest: Guest) -> None:
    id_ = await guest.add(due=DAILY)
    commands = [command("item_close", id=id_) for _ in range(101)]
    answer = await guest.post("/sync", {"commands": commands})
    assert (answer.status_code, answer.json()["error_code"]) == (400, 49)
    assert (await guest.task(id_))["due"]["date"] == "2026-11-22T14:30:00"


@pytest.mark.parametrize("as_text", [True, False])
async def test_json_bodies_work_with_lists_and_with_their_text(guest: Guest, as_text: bool) -> None:
    commands: Any = [command("item_close", "u1", id=await guest.add())]
    body = {"commands": json.dumps(commands) if as_text else commands}
    answer = await guest.post("/sync", body)
    assert answer.json()["sync_status"] == {"u1": "ok"}


@pytest.mark.parametrize(
    "body", [{}, {"commands": "nonsense"}, {"commands": {}}, {"commands": [{"type": "item_close"}]}]
)
async def test_a_body_without_sense_is_400(guest: Guest, body: dict[str, Any]) -> None:
    assert (await guest.post("/sync", body)).status_code == 400


async def test_reading_gives_what_is_active_and_then_only_what_changed(guest: Guest) -> None:
    kinds = ["items", "projects", "user", "labels"]
    first = (await guest.post("/sync", {"sync_token": "*", "resource_types": kinds})).json()
    assert first["full_sync"] is True
    assert len(first["items"]) == 13
    assert first["user"]["email"] == "ada@example.com"

    closed, deleted = first["items"][0]["id"], first["items"][1]["id"]
    await guest.sync(command("item_close", id=closed), command("item_delete", id=deleted))
    body = {"sync_token": first["sync_token"], "resource_types": kinds}
    second = (await guest.post("/sync", body)).json()
    assert second["full_sync"] is False
    changed = {item["id"]: item for item in second["items"]}
    assert changed[closed]["checked"] is True
    assert changed[deleted] == {"id": deleted, "is_deleted": True}
    assert len(changed) == 2
    assert second["projects"] == []


async def test_a_bad_sync_token_is_400(guest: Guest) -> None:
    body = {"sync_token": "x" * 40, "resource_types": ["items"]}
    answer = await guest.post("/sync", body)
    assert (answer.status_code, answer.json()["error_extra"]["argument"]) == (400, "sync_token")


async def test_a_reading_token_may_read_but_each_command_is_refused(guest: Guest) -> None:
    _, tokens = await guest.connect(scope="data:read")
    guest.token = tokens["access_token"]
    assert (await guest.post("/sync", {"resource_types": ["items"]})).status_code == 200
    id_ = next(iter(guest.ada.tasks))
    status = (await guest.sync(command("item_close", "u1", id=id_)))["sync_status"]["u1"]
    assert (status["http_code"], status["error_tag"]) == (403, "AUTH_INSUFFICIENT_TOKEN_SCOPE")
