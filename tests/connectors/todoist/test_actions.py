"""Clicks on their way to Todoist: one command each, its status read, repeats harmless."""

import json
from typing import Any

import pytest

from oo_desktop.connectors.todoist.source import TodoistSource
from oo_desktop.errors import AuthRequired, Rejected, SourceError, Unavailable
from oo_desktop.http.client import AnswerLost, ServiceClient
from oo_desktop.model.signals import ActionKind, SignalId, UserId
from oo_desktop.model.source import Action
from tests.connectors.todoist.lists import page
from tests.http.scripted import TOKEN, Reply, ScriptedService

ADA = UserId("1234567")
TASK = SignalId("6XGgmFVcrG5RRjVr")
UUID = "b5b8a8a4-8d3a-4b43-a7d0-6a9a0d3a2b11"
DUE = {
    "date": "2026-11-22T14:30:00",
    "timezone": None,
    "string": "every day at 14:30",
    "lang": "en",
    "is_recurring": True,
}
DONE = Action(kind=ActionKind.DONE, uuid=UUID)
REOPEN = Action(kind=ActionKind.REOPEN, uuid=UUID)


@pytest.fixture
def source(client: ServiceClient) -> TodoistSource:
    return TodoistSource(client=lambda _: client)


def status(value: object) -> dict[str, object]:
    return {"sync_status": {UUID: value}, "sync_token": "x", "temp_id_mapping": {}}


async def test_done_closes_the_task(source: TodoistSource, service: ScriptedService) -> None:
    service.body = status("ok")
    await source.act(ADA, TASK, DONE)
    (asked,) = service.asked
    assert (asked.method, asked.path) == ("POST", "/api/v1/sync")
    assert list(asked.form) == ["commands"]
    assert asked.commands == [{"type": "item_close", "uuid": UUID, "args": {"id": TASK}}]


async def test_reopening_a_plain_task_uncompletes_it(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.body = status("ok")
    await source.act(ADA, TASK, REOPEN)
    assert service.asked[0].commands == [
        {"type": "item_uncomplete", "uuid": UUID, "args": {"id": TASK}}
    ]


async def test_reopening_a_recurring_task_puts_its_old_date_back(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [page()]
    service.body = status("ok")
    action = Action(
        kind=ActionKind.REOPEN, uuid=UUID, undo=json.dumps({"due": DUE}), recurring=True
    )
    await source.act(ADA, TASK, action)
    (command,) = service.asked[1].commands
    assert command["type"] == "item_update_date_complete"
    assert command["args"] == {"id": TASK, "due": DUE, "is_forward": 0}


@pytest.mark.parametrize("undo", [None, "", "{}", "null", "oops", '{"due":null}'])
async def test_a_date_nobody_remembers_is_said_to_be_lost(
    undo: str | None, source: TodoistSource, service: ScriptedService
) -> None:
    action = Action(kind=ActionKind.REOPEN, uuid=UUID, undo=undo, recurring=True)
    with pytest.raises(Rejected, match="when this task was due"):
        await source.act(ADA, TASK, action)
    assert not service.asked


async def test_a_lost_answer_is_told_and_the_repeat_carries_the_same_uuid(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [Reply(raw=b"", then="close")]
    service.body = status("ok")
    with pytest.raises(AnswerLost):
        await source.act(ADA, TASK, DONE)
    await source.act(ADA, TASK, DONE)
    assert [asked.commands[0]["uuid"] for asked in service.asked] == [UUID, UUID]


@pytest.mark.parametrize(
    "error",
    [
        {"error_tag": "NOT_FOUND", "error_code": 478, "http_code": 404, "error": "Task not found"},
        {"http_code": 404},
        {"error_code": 478},
        {"error_code": 22, "error": "Item not found", "http_code": 400},
        {"error_tag": "ITEM_NOT_FOUND"},
    ],
)
async def test_a_task_that_is_gone_is_done_but_cannot_be_reopened(
    error: dict[str, Any], source: TodoistSource, service: ScriptedService
) -> None:
    service.body = status(error)
    await source.act(ADA, TASK, DONE)
    with pytest.raises(Rejected, match="no longer exists"):
        await source.act(ADA, TASK, REOPEN)


COMMAND_ERRORS: list[tuple[object, type[SourceError], str]] = [
    ({"http_code": 429, "error_tag": "LIMITS_REACHED"}, Unavailable, "slow down"),
    ({"error_code": 35}, Unavailable, "slow down"),
    ({"http_code": 500, "error": TOKEN}, Unavailable, "just now"),
    ({"http_code": 503}, Unavailable, "just now"),
    ({"http_code": 401, "error_code": 477, "error_tag": "UNAUTHORIZED"}, Unavailable, "just now"),
    ({"http_code": 408}, Unavailable, "just now"),
    ({}, Unavailable, "just now"),
    ("failed", Unavailable, "just now"),
    (None, Unavailable, "just now"),
    ([], Unavailable, "just now"),
    (7, Unavailable, "just now"),
    ({"http_code": 403, "error_tag": "FORBIDDEN"}, Rejected, "may not"),
    (
        {"http_code": 403, "error_tag": "AUTH_INSUFFICIENT_TOKEN_SCOPE"},
        Rejected,
        "connect it again",
    ),
    ({"http_code": 400, "error_code": 20}, Rejected, "does not accept"),
    ({"http_code": 400, "error_tag": "MAX_ITEMS_LIMIT_REACHED"}, Rejected, "as many tasks"),
    ({"http_code": 400, "error_code": 49}, Rejected, "as many tasks"),
    ({"http_code": 400, "error_code": 15, "error": TOKEN}, Rejected, "refuses this change"),
    ({"http_code": 418, "error_tag": TOKEN * 100, "error": TOKEN}, Rejected, "refuses this"),
]


@pytest.mark.parametrize(("error", "kind", "words"), COMMAND_ERRORS)
async def test_each_way_a_command_fails_has_one_meaning(
    error: object,
    kind: type[SourceError],
    words: str,
    source: TodoistSource,
    service: ScriptedService,
) -> None:
    service.body = status(error)
    with pytest.raises(kind, match=words) as caught:
        await source.act(ADA, TASK, DONE)
    assert TOKEN not in repr(caught.value)
    assert len(str(caught.value)) < 200


async def test_a_command_that_is_limited_says_for_how_long(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.body = status({"http_code": 429, "error_extra": {"retry_after": 66}})
    with pytest.raises(Unavailable) as caught:
        await source.act(ADA, TASK, DONE)
    assert (caught.value.limited, caught.value.retry_after) == (True, 66)
    assert not caught.value.reached


async def test_every_http_code_of_a_command_becomes_one_of_our_errors(
    source: TodoistSource, service: ScriptedService
) -> None:
    for code in range(100, 600):
        service.body = status({"http_code": code})
        if code == 404:
            await source.act(ADA, TASK, DONE)
            continue
        with pytest.raises((Unavailable, Rejected)) as caught:
            await source.act(ADA, TASK, DONE)
        later = code in (401, 408, 425, 429) or code >= 500
        assert isinstance(caught.value, Unavailable if later else Rejected)


@pytest.mark.parametrize(
    "body",
    [{}, {"sync_status": {}}, {"sync_status": None}, {"sync_status": {"another": "ok"}}],
)
async def test_no_word_about_a_command_means_asking_again(
    body: object, source: TodoistSource, service: ScriptedService
) -> None:
    service.body = body
    with pytest.raises(Unavailable, match="what became of this"):
        await source.act(ADA, TASK, DONE)


async def test_an_answer_that_makes_no_sense_may_hide_that_it_was_done(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.body = {"sync_status": ["ok"]}
    with pytest.raises(Unavailable, match="does not understand") as caught:
        await source.act(ADA, TASK, DONE)
    assert caught.value.reached


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(401), AuthRequired),
        (Reply(403, {"error_tag": "FORBIDDEN"}), Rejected),
        (Reply(404, b"<html>", content_type="text/html"), Unavailable),
        (Reply(404, {"error_code": 478}), Rejected),  # the address, not the task, is gone
        (Reply(410), Rejected),
        (Reply(429), Unavailable),
        (Reply(500), Unavailable),
        (Reply(200, b"oops"), Unavailable),
        (Reply(200, b""), Unavailable),
        (Reply(200, b"[]"), Unavailable),
        (Reply(200, {"sync_status": ["ok"]}), Unavailable),
        (Reply(400, {"error_code": 20}), Rejected),
        (Reply(413), Rejected),
    ],
)
async def test_a_request_that_fails_is_never_taken_for_done(
    reply: Reply, error: type[SourceError], source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [reply, reply]
    with pytest.raises(error):
        await source.act(ADA, TASK, DONE)
