"""Several clicks at once: one look, one request, and each settled on its own."""

import json
from datetime import date
from typing import Any

import pytest

from oo_desktop.connectors.todoist import wire
from oo_desktop.connectors.todoist.actions import MAX_COMMANDS, MAX_SYNC_BYTES
from oo_desktop.connectors.todoist.source import TodoistSource
from oo_desktop.errors import AuthRequired, Rejected, Unavailable
from oo_desktop.http.client import AnswerLost, ServiceClient
from oo_desktop.model.signals import ActionKind, Day, SignalId
from oo_desktop.model.source import Action, Asked, BatchSource
from tests.connectors.todoist.lists import ADA, page
from tests.http.scripted import Asked as Request
from tests.http.scripted import Reply, ScriptedService, ScriptedTokens

TODAY = {
    "date": "2026-11-22",
    "timezone": None,
    "string": "every day",
    "lang": "en",
    "is_recurring": True,
}
MOVED = {**TODAY, "date": "2026-11-23"}


@pytest.fixture
def source(client: ServiceClient) -> TodoistSource:
    return TodoistSource(client=lambda _: client)


def done(id_: str, *, recurring: bool = False, may_be_done: bool = False) -> Asked:
    undo = json.dumps({"due": TODAY}) if recurring else None
    return Asked(
        SignalId(id_),
        Action(
            kind=ActionKind.DONE,
            uuid=f"u-{id_}",
            undo=undo,
            recurring=recurring,
            may_be_done=may_be_done,
        ),
    )


def tomorrow(id_: str) -> Asked:
    return Asked(
        SignalId(id_),
        Action(
            kind=ActionKind.TOMORROW,
            uuid=f"u-{id_}",
            undo=json.dumps({"due": TODAY}),
            recurring=True,
            due=Day(date(2026, 11, 23)),
        ),
    )


def task(id_: str, due: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"id": id_, "content": id_, "due": TODAY if due is None else due}


def all_ok(asked: Request) -> Reply | None:
    if not asked.path.endswith("/sync"):
        return None
    return Reply(200, {"sync_status": {each["uuid"]: "ok" for each in asked.commands}})


def sent(service: ScriptedService) -> list[list[str]]:
    """The tasks of each POST /sync."""
    return [
        [command["args"]["id"] for command in asked.commands]
        for asked in service.asked
        if asked.path.endswith("/sync")
    ]


def test_todoist_can_be_written_to_in_batches(source: TodoistSource) -> None:
    assert isinstance(source, BatchSource)
    assert source.most_actions == MAX_COMMANDS == 100


async def test_a_hundred_clicks_are_one_look_and_one_request(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [page(*(task(f"{n}") for n in range(0, 100, 2)))]
    service.answer = all_ok
    asked = [done(f"{n}", recurring=n % 2 == 0) for n in range(100)]
    outcomes = await source.act_all(ADA, asked)
    assert outcomes == {f"u-{n}": None for n in range(100)}
    assert service.paths() == ["tasks", "sync"]
    assert service.asked[0].query == {
        "ids": ",".join(str(n) for n in range(0, 100, 2)),
        "limit": "200",
    }
    assert sent(service) == [[str(n) for n in range(100)]]


async def test_what_no_date_decides_is_not_looked_at(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = all_ok
    await source.act_all(ADA, [done("a"), done("b")])
    assert service.paths() == ["sync"]


async def test_nothing_to_do_is_no_request_at_all(
    source: TodoistSource, service: ScriptedService
) -> None:
    assert await source.act_all(ADA, []) == {}
    assert not service.asked


async def test_each_command_has_its_own_outcome(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.body = {
        "sync_status": {
            "u-a": "ok",
            "u-b": {"http_code": 403, "error_tag": "FORBIDDEN"},
            "u-c": {"http_code": 500},
            "u-d": {"http_code": 404},
        }
    }
    outcomes = await source.act_all(ADA, [done(id_) for id_ in "abcde"])
    assert outcomes["u-a"] is None
    assert isinstance(outcomes["u-b"], Rejected)
    assert isinstance(outcomes["u-c"], Unavailable)
    assert outcomes["u-d"] is None
    assert isinstance(outcomes["u-e"], Unavailable)


async def test_what_need_not_be_sent_is_settled_without_a_word(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [page(task("a", MOVED), task("b", MOVED), task("c", MOVED))]
    asked = [done("a", recurring=True), done("b", recurring=True, may_be_done=True), tomorrow("c")]
    outcomes = await source.act_all(ADA, asked)
    assert service.paths() == ["tasks"]
    assert str(outcomes["u-a"]).startswith("Its date was changed in Todoist since you clicked.")
    assert (outcomes["u-b"], outcomes["u-c"]) == (None, None)


async def test_a_look_over_several_pages_is_read_to_its_end(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [page(task("a", MOVED), cursor="2"), page(task("b", MOVED))]
    outcomes = await source.act_all(ADA, [done("a", recurring=True), done("b", recurring=True)])
    assert all(isinstance(outcome, Rejected) for outcome in outcomes.values())


@pytest.mark.parametrize("status", [400, 403, 404, 410, 414])
async def test_where_todoist_refuses_the_look_the_commands_decide(
    status: int, source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [Reply(status)]
    service.answer = all_ok
    assert await source.act_all(ADA, [done("a", recurring=True)]) == {"u-a": None}


async def test_a_token_refused_at_the_look_asks_for_a_reconnect(
    source: TodoistSource, service: ScriptedService, tokens: ScriptedTokens
) -> None:
    service.status = 401
    with pytest.raises(AuthRequired):
        await source.act_all(ADA, [done("a", recurring=True)])
    assert not sent(service)


@pytest.mark.parametrize("gone", [{"checked": True}, {"is_deleted": True}])
async def test_a_task_that_is_over_is_not_compared(
    gone: dict[str, bool], source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [page({**task("a", MOVED), **gone})]
    service.answer = all_ok
    assert await source.act_all(ADA, [done("a", recurring=True)]) == {"u-a": None}
    assert sent(service) == [["a"]]


async def test_a_lost_answer_does_not_befall_what_was_never_sent(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [page(task("a", MOVED)), Reply(raw=b"", then="close")]
    outcomes = await source.act_all(ADA, [done("a", recurring=True), done("b")])
    assert isinstance(outcomes["u-a"], Rejected)
    lost = outcomes["u-b"]
    assert isinstance(lost, AnswerLost)
    assert lost.reached


@pytest.mark.parametrize(("others", "kind"), [(1, Rejected), (2, Unavailable)])
async def test_a_refusal_of_the_whole_is_met_again_alone(
    others: int, kind: type[Exception], source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [page(task("a", MOVED)), Reply(400)]
    rest = [done(f"{n}") for n in range(others)]
    outcomes = await source.act_all(ADA, [done("a", recurring=True), *rest])
    assert isinstance(outcomes["u-a"], Rejected)
    for one in rest:
        outcome = outcomes[one.action.uuid]
        assert isinstance(outcome, kind)
        assert not (isinstance(outcome, Unavailable) and outcome.reached)


async def test_a_refusal_of_the_whole_is_raised_where_nothing_is_settled(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.status = 400
    with pytest.raises(Rejected):
        await source.act_all(ADA, [done("a"), done("b")])


async def test_a_click_that_cannot_be_said_leaves_the_others_alone(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = all_ok
    reopen = Action(kind=ActionKind.REOPEN, uuid="u-a", undo="oops", recurring=True)
    outcomes = await source.act_all(ADA, [Asked(SignalId("a"), reopen), done("b")])
    assert isinstance(outcomes["u-a"], Rejected)
    assert outcomes["u-b"] is None
    assert service.paths() == ["sync"]


def wordy(id_: str, length: int) -> Asked:
    due = {**TODAY, "string": "€" * length}
    return Asked(
        SignalId(id_),
        Action(
            kind=ActionKind.REOPEN,
            uuid=f"u-{id_}",
            undo=json.dumps({"due": due}, ensure_ascii=False),
            recurring=True,
        ),
    )


async def test_the_longest_dates_that_are_kept_fit_into_one_request(
    source: TodoistSource, service: ScriptedService
) -> None:
    due = wire.DueWire("2026-11-22", string="😀" * (wire.MAX_UNDO - 100), is_recurring=True)
    undo = wire._undo(due)
    assert undo is not None
    asked = [
        Asked(
            SignalId(f"{n}"),
            Action(kind=ActionKind.REOPEN, uuid=f"u-{n}", undo=undo, recurring=True),
        )
        for n in range(100)
    ]
    service.replies = [page()]
    service.answer = all_ok
    await source.act_all(ADA, asked)
    assert len(sent(service)) == 1
    assert len(service.asked[-1].body) < MAX_SYNC_BYTES


async def test_clicks_that_are_too_large_for_one_request_take_two(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [page()]
    service.answer = all_ok
    outcomes = await source.act_all(ADA, [wordy(f"{n}", 50_000) for n in range(4)])
    assert set(outcomes.values()) == {None}
    assert sent(service) == [["0", "1"], ["2", "3"]]
    assert all(len(asked.body) < 1024 * 1024 for asked in service.asked)


async def test_what_comes_after_a_lost_answer_was_not_sent(
    source: TodoistSource, service: ScriptedService
) -> None:
    ok = {"sync_status": {"u-0": "ok", "u-1": "ok"}}
    service.replies = [page(), Reply(200, ok), Reply(raw=b"", then="close")]
    outcomes = await source.act_all(ADA, [wordy(f"{n}", 50_000) for n in range(6)])
    assert (outcomes["u-0"], outcomes["u-1"]) == (None, None)
    reached = [outcome.reached for outcome in outcomes.values() if isinstance(outcome, Unavailable)]
    assert reached == [True, True, False, False]
