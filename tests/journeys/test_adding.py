"""A new task, from what is typed to the service that has it once; and back."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from oo_desktop.connectors.caldav.wire import CALDAV_ID
from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.errors import Rejected
from oo_desktop.ipc.protocol import CommandError
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import ActionKind
from tests.journeys import test_caldav as caldav
from tests.journeys.story import Story, ask, tray

SYNC = "/api/v1/sync"


async def at_todoist(story: Story, title: str) -> list[dict[str, Any]]:
    """The tasks of that name, but for those that are deleted."""
    tasks = (await story.todoist())["tasks"]
    return [each for each in tasks if each["content"] == title and not each["is_deleted"]]


async def until(story: Story, title: str, condition: Callable[[list[Any]], bool]) -> list[Any]:
    for _ in range(400):
        found = await at_todoist(story, title)
        if condition(found):
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(await at_todoist(story, title))


async def with_token(story: Story) -> None:
    """Connect with a personal token, which may delete."""
    token = (await story.control("personal_token"))["token"]
    await story.engine.accounts.connect_with_token(TODOIST, token)
    await story.until(lambda: bool(story.titles()))


async def test_what_is_typed_is_in_todoist_once_and_on_the_list(story: Story) -> None:
    await story.connect()
    told = await ask(story, "add", text="Water the cactus today p1 #Work @plants")
    assert (told["title"], told["priority"], told["container"]) == ("Water the cactus", 1, "Work")
    assert (told["pending"], told["labels"], told["kind"]) == (True, ["plants"], "task")
    assert told["understood"] == "Due today, priority 1, in Work"
    assert (told["account"], told["service"]) == ("ada@example.com", "Todoist")
    (shown,) = [
        each.text for each in tray(story).rows if "cactus" in each.text and each.id[0] == "task"
    ]
    assert shown.endswith("Water the cactus · Work · p1 · on its way")
    (task,) = await until(story, "Water the cactus", bool)
    assert (task["priority"], task["labels"]) == (4, ["plants"])
    await story.until(lambda: not story.engine.outbox.items())
    (key,) = [story.key("Water the cactus")]
    assert key.id == task["id"]
    assert ActionKind.DONE in story.engine.signal(key).actions


async def test_all_that_scripts_were_promised_is_told(story: Story) -> None:
    await story.connect()
    told = await ask(story, "add", text="Tea")
    (listed, *_) = await ask(story, "signals")
    assert told.keys() == listed.keys() | {
        *("undo", "understood", "account", "service", "connection")
    }
    (click, *_) = await ask(story, "outbox")
    assert (click["action"], click["number"], click["title"]) == ("add", told["undo"], "Tea")


async def test_before_the_lists_are_known_they_are_asked_for(story: Story) -> None:
    token = (await story.control("personal_token"))["token"]
    await story.engine.accounts.connect_with_token(TODOIST, token)
    told = await ask(story, "add", text="Tea #Work")
    assert (told["title"], told["container"]) == ("Tea", "Work")


@pytest.mark.parametrize("lost", ["drop_request", "drop_answer"])
async def test_whatever_is_lost_it_is_there_once(story: Story, lost: str) -> None:
    await story.connect()
    await story.control(lost, path=SYNC, count=1)
    await ask(story, "add", text="Tea today")
    await until(story, "Tea", bool)
    await story.until(lambda: not story.engine.outbox.items())
    assert len(await at_todoist(story, "Tea")) == 1
    assert story.titles().count("Tea") == 1


async def test_offline_it_is_kept_and_sent_after_a_restart(story: Story) -> None:
    await story.connect()
    await story.control("offline")
    told = await ask(story, "add", text="Tea today #Work")
    assert told["container"] == "Work"
    await story.close()
    await story.open()
    assert "Tea" in story.titles()
    await story.control("online")
    story.engine.poll_soon()
    await until(story, "Tea", bool)
    await story.until(lambda: not story.engine.outbox.items())
    assert len(await at_todoist(story, "Tea")) == 1


async def test_taken_back_in_time_nothing_is_sent(story: Story) -> None:
    story.undo_seconds = 30
    await story.close()
    await story.open()
    await story.connect()
    told = await ask(story, "add", text="Tea today")
    assert story.engine.outbox.undo(told["undo"]) is not None
    assert "Tea" not in story.titles()
    await story.engine.refresh()
    assert not (await story.todoist())["history"]


async def test_taken_back_later_it_is_deleted_where_that_is_allowed(story: Story) -> None:
    await with_token(story)
    told = await ask(story, "add", text="Tea today")
    await until(story, "Tea", bool)
    story.engine.outbox.undo(told["undo"])
    assert "Tea" not in story.titles()
    await until(story, "Tea", lambda found: not found)
    await story.until(lambda: not story.engine.outbox.items())


async def test_where_oo_may_not_delete_it_says_so(story: Story) -> None:
    await story.connect()
    told = await ask(story, "add", text="Tea today")
    await until(story, "Tea", bool)
    story.engine.outbox.undo(told["undo"])
    await story.until(
        lambda: any(item.state is OutboxState.REJECTED for item in story.engine.outbox.items())
    )
    (refused,) = [i for i in story.engine.outbox.items() if i.state is OutboxState.REJECTED]
    assert refused.reason == "oO may not delete tasks in Todoist. Please delete it there."
    assert "Tea" in story.titles()


async def test_where_it_is_to_go_can_be_said(story: Story) -> None:
    await story.connect()
    secret = await caldav.password(story)
    await story.engine.accounts.connect_with_token(CALDAV_ID, secret)
    first = await ask(story, "add", text="To the first")
    other = await ask(story, "add", text="To CalDAV", account="caldav", list="work")
    assert (first["source"], other["source"], other["container"]) == ("todoist", "caldav", "Work")
    with pytest.raises(Rejected, match="no list of this name"):
        await ask(story, "add", text="x", account="caldav", list="nowhere")
    with pytest.raises(Rejected, match="no account nobody"):
        await ask(story, "add", text="x", account="nobody")


async def test_a_task_needs_a_name_an_account_and_a_length(story: Story) -> None:
    with pytest.raises(Rejected, match="no account yet"):
        await ask(story, "add", text="x")
    await story.connect()
    with pytest.raises(Rejected, match="Give the task a name"):
        await ask(story, "add", text="  \t ")
    with pytest.raises(Rejected, match="too long"):
        await ask(story, "add", text="x" * 501)
    with pytest.raises(CommandError, match="Give the task a name"):
        await ask(story, "add", text="")
    assert not story.engine.outbox.items()


async def test_a_calendar_server_has_it_once_whatever_is_lost(story: Story) -> None:
    await caldav.connect(story)
    await story.control("drop_answer", path=caldav.HOME, method="PUT")
    told = await ask(story, "add", text="Mend the kite today 23:59 p2")
    assert (told["source"], told["container"]) == ("caldav", "Personal")
    await story.until(lambda: not story.engine.outbox.items())
    (wrote,) = [each for each in await caldav.writes(story) if each["method"] == "PUT"]
    assert "SUMMARY:Mend the kite" in wrote["after"]
    assert "PRIORITY:5" in wrote["after"]
    assert story.titles().count("Mend the kite") == 1
    assert story.key("Mend the kite").id == wrote["path"]
    story.engine.outbox.undo(told["undo"])
    await story.until(lambda: not story.engine.outbox.items())
    assert "Mend the kite" not in story.titles()
    assert (await caldav.writes(story))[-1]["after"] is None
