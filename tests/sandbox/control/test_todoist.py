"""What happens to tasks elsewhere."""

from tests.sandbox.guest import Guest, command


async def test_a_task_can_be_moved_as_on_another_device(guest: Guest) -> None:
    id_ = await guest.add()
    await guest.control("move_task", id=id_, project="Work")
    state = await guest.state()
    assert [task["project"] for task in state["tasks"] if task["id"] == id_] == ["Work"]
    assert state["history"][-1]["type"] == "item_move"


async def test_commands_that_were_carried_out_can_be_forgotten(guest: Guest) -> None:
    id_ = await guest.add(due={"date": "2026-11-22", "string": "every day", "is_recurring": True})
    await guest.sync(command("item_close", "u1", id=id_))
    await guest.control("forget_commands")
    await guest.sync(command("item_close", "u1", id=id_))
    assert (await guest.task(id_))["due"]["date"] == "2026-11-24"


async def test_many_tasks_can_be_added_at_once(guest: Guest) -> None:
    added = await guest.control("add_task", content="Many", times=250, due_string="today")
    assert len(set(added["ids"])) == 250


async def test_a_task_can_be_edited_down_to_its_raw_fields(guest: Guest) -> None:
    id_ = await guest.add()
    await guest.control("edit_task", id=id_, content="Other", priority=2, updated_at=None)
    task = await guest.task(id_)
    assert (task["content"], task["priority"], task["updated_at"]) == ("Other", 2, None)
