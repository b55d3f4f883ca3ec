"""What the command line asks, answered by a real engine."""

from datetime import datetime

import msgspec
import pytest

from oo_desktop.errors import OoError, Rejected, SignInError
from oo_desktop.ipc.protocol import WRONG_USAGE, CommandError
from oo_desktop.model.clicks import OutboxState
from tests.journeys.story import Story, ask

TASK = "Take back the library books"
RECURRING = "Water the plants"


async def test_signals_are_listed_with_every_field_of_the_interface(story: Story) -> None:
    await story.connect()
    signals = await ask(story, "signals")
    task = next(signal for signal in signals if signal["title"] == TASK)
    assert task.keys() == {
        "id", "source", "user_id", "kind", "title", "due", "all_day", "overdue", "priority",
        "container", "url", "join_url", "actions", "pending", "unconfirmed",
        "labels", "parent", "reminders",
    }  # fmt: skip
    assert (task["source"], task["kind"], task["overdue"]) == ("todoist", "task", True)
    assert task["actions"] == ["done", "later_today", "tomorrow", "next_week", "no_date"]


async def test_integrations_are_listed_with_every_field_of_the_interface(story: Story) -> None:
    await story.connect()
    (account,) = await ask(story, "integrations")
    assert account.keys() == {
        "provider", "user_id", "label", "token_status", "connection", "last_success", "pending",
    }  # fmt: skip
    assert (account["provider"], account["token_status"]) == ("todoist", "active")


async def test_status_tells_the_version_and_each_account(story: Story) -> None:
    await story.connect()
    status = await ask(story, "status")
    assert status["version"]
    (account,) = status["accounts"]
    assert account["next_poll"] > account["last_success"]


async def test_done_and_undo_name_the_task(story: Story) -> None:
    story.undo_seconds = 30
    await story.close()
    await story.open()
    await story.connect()
    id_ = story.key(TASK).id
    assert (await ask(story, "done", id=id_))["title"] == TASK
    assert TASK not in story.titles()
    assert (await ask(story, "undo"))["title"] == TASK
    assert TASK in story.titles()


async def test_a_task_can_be_named_with_its_source_and_user(story: Story) -> None:
    await story.connect()
    key = story.key(TASK)
    answer = await ask(story, "done", id=f"{key.account.provider}:{key.account.user_id}:{key.id}")
    assert answer["id"] == key.id


async def test_a_task_can_be_moved_and_the_move_be_undone(story: Story) -> None:
    await _slow(story)
    id_ = story.key(TASK).id
    moved = await ask(story, "act", id=id_, action="Next week")
    assert (moved["action"], moved["title"], moved["state"]) == ("next_week", TASK, "queued")
    assert datetime.fromisoformat(moved["due"]).weekday() == 0
    assert TASK not in story.titles()
    (row,) = await ask(story, "outbox")
    assert row.keys() == {
        "number", "id", "source", "user_id", "action", "title", "due", "state", "clicked_at",
        "send_at", "sent_at", "attempts", "unconfirmed", "reason",
    }  # fmt: skip
    assert row == {key: moved[key] for key in row}
    assert moved["undo"] == row["number"]
    undone = await ask(story, "act", id=id_, action="reopen")
    assert (undone["id"], undone["action"]) == (id_, "reopen")
    assert TASK in story.titles()
    assert await ask(story, "outbox") == []


async def test_any_of_the_last_clicks_can_be_undone_by_its_task(story: Story) -> None:
    await _slow(story)
    first, second = story.key(TASK).id, story.key(RECURRING).id
    await ask(story, "done", id=first)
    await ask(story, "done", id=second)
    assert [click["id"] for click in await ask(story, "undoable")] == [second, first]
    assert (await ask(story, "undo", id=first))["id"] == first
    assert [click["id"] for click in await ask(story, "undoable")] == [second]
    for command, action in (("undo", None), ("act", "reopen")):
        with pytest.raises(Rejected, match=r"^There is nothing to undo for this id\."):
            await ask(story, command, id=first, action=action)


async def test_only_what_is_possible_now_is_offered_and_done(story: Story) -> None:
    await _slow(story)
    signals = {signal["title"]: signal for signal in await ask(story, "signals")}
    recurring = signals[RECURRING]
    assert "no_date" not in recurring["actions"]
    with pytest.raises(Rejected, match="does not offer no_date now"):
        await ask(story, "act", id=recurring["id"], action="no-date")
    with pytest.raises(CommandError, match="done, reopen, later_today") as caught:
        await ask(story, "act", id=recurring["id"], action="explode")
    assert caught.value.code == WRONG_USAGE


async def test_a_refused_click_is_listed_tried_again_and_forgotten(story: Story) -> None:
    await story.connect()
    id_ = story.key(TASK).id
    for answer in ("retry", "discard"):
        with pytest.raises(Rejected, match=r"^Nothing was refused for this id\."):
            await ask(story, answer, id=id_)
    assert await ask(story, "retry", all=True) == []
    await story.control("fail", path="/api/v1/sync", status=403, count=50)
    await ask(story, "done", id=id_)
    await story.until(lambda: _states(story) == [OutboxState.REJECTED])
    (row,) = await ask(story, "outbox")
    assert (row["state"], bool(row["reason"])) == ("refused", True)
    (tried,) = await ask(story, "retry", id=id_)
    assert (tried["id"], tried["state"]) == (id_, "queued")
    await story.until(lambda: _states(story) == [OutboxState.REJECTED])
    assert (await ask(story, "discard", id=id_))["title"] == TASK
    assert await ask(story, "outbox") == []
    assert TASK in story.titles()


async def test_all_refused_clicks_are_tried_again_at_once(story: Story) -> None:
    await story.connect()
    await story.control("fail", path="/api/v1/sync", status=403, count=50)
    await ask(story, "done", id=story.key(TASK).id)
    await ask(story, "done", id=story.key(RECURRING).id)
    await story.until(lambda: _states(story) == [OutboxState.REJECTED] * 2)
    await story.control("clear_faults")
    assert len(await ask(story, "retry", all=True)) == 2
    await story.until(lambda: _states(story) == [])
    assert await ask(story, "outbox") == []


async def test_where_titles_are_hidden_no_list_of_clicks_tells_one(story: Story) -> None:
    await _slow(story)
    await story.control("fail", path="/api/v1/sync", status=403, count=50)
    story.engine.apply(msgspec.structs.replace(story.engine.settings, undo_seconds=0))
    await ask(story, "done", id=story.key(TASK).id)
    await story.until(lambda: _states(story) == [OutboxState.REJECTED])
    story.engine.apply(msgspec.structs.replace(story.engine.settings, undo_seconds=30))
    await ask(story, "done", id=story.key(RECURRING).id)
    story.engine.apply(msgspec.structs.replace(story.engine.settings, hide_titles=True))
    for command in ("outbox", "undoable", "retry"):
        told = await ask(story, command, all=True)
        assert {click["title"] for click in told} == {"Task"}


async def test_where_titles_are_hidden_no_refusal_tells_one(story: Story) -> None:
    await story.connect()
    id_ = story.key(RECURRING).id
    story.engine.apply(msgspec.structs.replace(story.engine.settings, hide_titles=True))
    with pytest.raises(Rejected, match=r"^“Task” does not offer no_date now"):
        await ask(story, "act", id=id_, action="no_date")


async def _slow(story: Story) -> None:
    """Connected, with all the time to undo."""
    story.undo_seconds = 30
    await story.close()
    await story.open()
    await story.connect()


def _states(story: Story) -> list[OutboxState]:
    return [item.state for item in story.engine.outbox.items()]


async def test_what_is_not_on_the_list_cannot_be_done(story: Story) -> None:
    await story.connect()
    with pytest.raises(Rejected, match="on the list"):
        await ask(story, "done", id="nothing")
    with pytest.raises(Rejected, match="undo"):
        await ask(story, "undo")


@pytest.mark.parametrize("request_", [("brew", {}), ("done", {}), ("done", {"id": 7})])
async def test_a_request_oo_does_not_understand_is_wrong_usage(
    story: Story, request_: tuple[str, dict[str, object]]
) -> None:
    command, args = request_
    with pytest.raises(CommandError) as caught:
        await ask(story, command, **args)
    assert caught.value.code == WRONG_USAGE


@pytest.mark.parametrize(
    ("command", "args", "words"),
    [
        ("act", {"id": "", "action": "done"}, "Which task or event? Give its id."),
        ("done", {}, "Which task or event? Give its id."),
        ("undo", {"id": ""}, "Which task or event? Give its id."),
        ("act", {"id": "x"}, "What is to be done with it?"),
        ("connect", {}, "Which service?"),
        ("connect", {"provider": "todoist", "token": ""}, "The request names no token."),
    ],
)
async def test_a_word_that_is_missing_is_asked_for_in_a_plain_sentence(
    story: Story, command: str, args: dict[str, object], words: str
) -> None:
    with pytest.raises(CommandError) as caught:
        await ask(story, command, **args)
    assert str(caught.value).startswith(words)
    assert caught.value.code == WRONG_USAGE


async def test_refresh_answers_when_the_round_is_over(story: Story) -> None:
    await story.connect()
    await story.control("add_task", content="Just added", due_string="today")
    await ask(story, "refresh")
    assert "Just added" in story.titles()


async def test_refresh_names_the_accounts_that_could_not_be_reached_and_why(story: Story) -> None:
    await story.connect()
    assert (await ask(story, "refresh"))["failed"] == []
    await story.control("offline")
    answer = await ask(story, "refresh")
    (account,), (failed,) = answer["accounts"], answer["failed"]
    assert failed == {
        "provider": "todoist",
        "user_id": account["user_id"],
        "label": account["label"],
        "connection": "offline",
        "reason": account["reason"],
    }
    assert "cannot be reached" in failed["reason"] or "did not answer" in failed["reason"]


async def test_refresh_names_an_account_that_waits_for_a_reconnect_also_after_a_restart(
    story: Story,
) -> None:
    await story.connect()
    await story.control("revoke")
    for restarts in (False, True):
        if restarts:
            await story.close()
            await story.open()
        (failed,) = (await ask(story, "refresh"))["failed"]
        assert failed["connection"] == "refused"
        assert "reconnect" in failed["reason"]


async def test_an_unknown_service_cannot_be_connected(story: Story) -> None:
    with pytest.raises(SignInError, match="called myspace, only desktop, todoist"):
        await ask(story, "connect", provider="myspace")


async def test_with_two_accounts_disconnect_asks_which(story: Story) -> None:
    await story.connect()
    await story.control("add_account", email="bob@example.com")
    story.as_person = "bob@example.com"
    await story.sign_in(story.account.key.provider)
    with pytest.raises(CommandError) as caught:
        await ask(story, "disconnect", provider="todoist")
    assert caught.value.code == WRONG_USAGE
    bob = story.engine.state().accounts[1].key
    answer = await ask(story, "disconnect", provider="todoist", user=bob.user_id)
    assert (answer["label"], answer["dropped"]) == ("bob@example.com", 0)
    assert answer["revoke_url"].startswith("https://app.todoist.com/")


async def test_disconnecting_nobody_says_so(story: Story) -> None:
    with pytest.raises(OoError, match="no such todoist account"):
        await ask(story, "disconnect", provider="todoist")
