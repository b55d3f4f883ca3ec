"""Tasks and events of a CalDAV server, from the sign-in to a click that arrives once."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from oo_desktop.connectors.caldav.wire import CALDAV_ID
from oo_desktop.events import TokenExpired
from oo_desktop.http.passwords import Credentials
from oo_desktop.integrations.tokens import PASSWORD_REFUSED
from oo_desktop.model.signals import ActionKind, Event
from oo_desktop.model.state import AccountState, Connection, TokenStatus
from tests.journeys.story import Story

HOME = "/remote.php/dav/calendars/ada/"
TASK = "Plan the trip"
SERIES = "Feed the cat"


async def password(story: Story, email: str = "ada@example.com") -> str:
    """What a person types, as it travels."""
    given = await story.control("caldav_account", email=email)
    credentials = Credentials(
        server=story.sandbox.url, user_name=given["user_name"], password=given["password"]
    )
    return credentials.secret


async def connect(story: Story) -> AccountState:
    await story.engine.accounts.connect_with_token(CALDAV_ID, await password(story))
    await story.until(lambda: bool(story.titles()))
    return story.account


async def writes(story: Story, path: str = "") -> list[dict[str, Any]]:
    """What was written through oO and was not refused."""
    told = (await story.todoist())["caldav"]["writes"]
    return [
        each
        for each in told
        if each["account"] and each["path"].startswith(path or HOME) and each["status"] < 300
    ]


async def stored(story: Story, title: str) -> str:
    found = (await story.todoist())["caldav"]["resources"]
    return str(next(each["text"] for each in found if f"SUMMARY:{title}" in each["text"]))


async def until_stored(story: Story, title: str, condition: Callable[[str], bool]) -> None:
    text = await stored(story, title)
    for _ in range(400):
        if condition(text):
            return
        await asyncio.sleep(0.05)
        text = await stored(story, title)
    raise AssertionError(text)


async def test_who_connects_sees_tasks_and_events_at_once(story: Story) -> None:
    account = await connect(story)
    assert account.label.startswith("ada@127.0.0.1")
    assert {TASK, SERIES, "Send the invoice", "Dinner with Charles"} <= set(story.titles())
    assert not {"Buy a lamp", "Pay the rent", "Tune the piano"} & set(story.titles())


async def test_a_click_is_written_once_though_its_answer_was_lost(story: Story) -> None:
    await connect(story)
    await story.control("drop_answer", service="caldav", method="PUT")
    await story.click(TASK)
    await story.until(lambda: not story.engine.outbox.items())
    assert "STATUS:COMPLETED" in await stored(story, TASK)
    assert len(await writes(story)) == 1
    assert TASK not in story.titles()


async def test_undo_after_it_was_written_brings_the_task_back(story: Story) -> None:
    await connect(story)
    number = await story.click(TASK)
    await until_stored(story, TASK, lambda text: "STATUS:COMPLETED" in text)
    story.engine.outbox.undo(number)
    await until_stored(story, TASK, lambda text: "COMPLETED" not in text)
    await story.until(lambda: TASK in story.titles() and not story.engine.outbox.items())


async def test_an_occurrence_moves_on_and_undo_moves_it_back(story: Story) -> None:
    await connect(story)
    before = await stored(story, SERIES)
    number = await story.click(SERIES)
    await until_stored(story, SERIES, lambda text: text != before)
    await story.until(lambda: SERIES not in story.titles())
    story.engine.outbox.undo(number)
    dates = [line for line in before.splitlines() if line.startswith(("DTSTART", "DUE"))]
    await until_stored(story, SERIES, lambda text: all(line in text for line in dates))
    await story.until(lambda: SERIES in story.titles())


async def test_a_task_completed_elsewhere_leaves_the_list(story: Story) -> None:
    await connect(story)
    await story.control("complete_resource", path=story.key(TASK).id)
    await story.until(lambda: TASK not in story.titles())


async def test_a_forgotten_sync_token_costs_nothing(story: Story) -> None:
    await connect(story)
    await story.control("forget_sync_tokens")
    await story.control("add_caldav_task", summary="Buy oil")
    await story.until(lambda: "Buy oil" in story.titles())
    assert story.account.connection is Connection.OK


async def test_what_can_only_be_read_has_no_buttons(story: Story) -> None:
    await connect(story)
    assert story.engine.signal(story.key("Order new chairs")).actions == ()


async def test_an_invitation_is_accepted(story: Story) -> None:
    await connect(story)
    title = "Review of the engine"
    invitation = story.engine.signal(story.key(title))
    assert isinstance(invitation, Event)
    assert invitation.unanswered
    story.engine.outbox.click(invitation, ActionKind.ACCEPT)
    await until_stored(story, title, lambda text: "NEEDS-ACTION" not in text)
    assert len(await writes(story)) == 1


async def test_a_revoked_password_asks_once_and_a_new_one_sends_what_waited(story: Story) -> None:
    account = await connect(story)
    await story.control("revoke", service="caldav")
    await story.until(lambda: story.account.token_status is TokenStatus.NEEDS_RECONNECT)
    assert story.account.reason == PASSWORD_REFUSED
    await story.click(TASK)
    await story.engine.refresh()
    assert story.heard(TokenExpired) == [TokenExpired(account.key)]
    assert not await writes(story)
    await story.engine.accounts.connect_with_token(
        CALDAV_ID, await password(story), expected=account.key
    )
    await until_stored(story, TASK, lambda text: "STATUS:COMPLETED" in text)
    assert story.account.key == account.key


@pytest.mark.parametrize("fault", ["offline", "garbage"])
async def test_a_click_waits_for_the_server_to_come_back(story: Story, fault: str) -> None:
    await connect(story)
    await story.control(fault, service="caldav")
    await story.click(TASK)
    await story.engine.refresh()
    assert TASK not in story.titles()
    await story.control("clear_faults")
    await story.control("online")
    await until_stored(story, TASK, lambda text: "STATUS:COMPLETED" in text)
    assert len(await writes(story)) == 1


async def test_a_nextcloud_is_signed_in_to_with_the_browser_and_its_password_ended(
    story: Story,
) -> None:
    running = await story.engine.connect(CALDAV_ID, server=story.sandbox.url)
    await running.task
    await story.until(lambda: TASK in story.titles())
    apps = (await story.todoist())["caldav"]["accounts"][0]["apps"]
    assert apps == ["The control page", "oO"]
    await story.engine.accounts.disconnect(story.account.key)
    apps = (await story.todoist())["caldav"]["accounts"][0]["apps"]
    assert apps == ["The control page"]
