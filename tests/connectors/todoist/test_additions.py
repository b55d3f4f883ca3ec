"""A new task reaches Todoist once, whatever is lost on the way, and can be deleted again."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from msgspec import structs

from oo_desktop.connectors.todoist.additions import add_command
from oo_desktop.connectors.todoist.source import TodoistSource
from oo_desktop.errors import AuthRequired, Rejected, Unavailable
from oo_desktop.http.client import AnswerLost, ServiceClient
from oo_desktop.model.quick_add import understood
from oo_desktop.model.signals import Adding, Day, Due, Fixed, Floating, NewTask, SignalId, UserId
from oo_desktop.model.source import AddingSource
from oo_desktop.sandbox.todoist.state import SandboxTask
from tests.connectors.todoist.desk import Desk
from tests.connectors.todoist.lists import ADA, page
from tests.http.scripted import Asked, Reply, ScriptedService

SYNC = "/api/v1/sync"
TYPED_AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


def new(title: str = "Buy *milk*", *, uuid: str = "u-1", **more: Any) -> NewTask:
    return NewTask(uuid=uuid, text=title, typed_at=TYPED_AT, title=title, **more)


class Till:
    """Adds to the sandbox, as Ada."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        desk.ada.tasks.clear()
        self.user = UserId(desk.ada.id)

    @property
    def tasks(self) -> list[SandboxTask]:
        return [task for task in self._desk.ada.tasks.values() if not task.is_deleted]

    @property
    def task(self) -> SandboxTask:
        (task,) = self.tasks
        return task

    async def add(self, task: NewTask, *, may_be_added: bool = False) -> SignalId | None:
        added = await self._desk.source.add(self.user, task, may_be_added=may_be_added)
        return added.id

    async def remove(self, task: NewTask, id_: SignalId | None) -> None:
        await self._desk.source.remove(self.user, task, id_, uuid="u-2")

    async def lose(self, what: str, task: NewTask) -> None:
        """Add it, and hear nothing."""
        self._desk.control(what, path=SYNC)
        with pytest.raises(AnswerLost):
            await self.add(task)

    def forget(self) -> None:
        self._desk.control("forget_commands")


@pytest.fixture
def till(desk: Desk) -> Till:
    return Till(desk)


def test_todoist_takes_tasks(sandboxed: TodoistSource) -> None:
    assert isinstance(sandboxed, AddingSource)


@pytest.mark.parametrize(
    ("due", "said", "zone"),
    [
        (None, None, None),
        (Day(date(2026, 11, 23)), "2026-11-23", None),
        (Floating(datetime(2026, 11, 23, 18)), "2026-11-23T18:00:00", None),  # noqa: DTZ001  # floats
        (
            Fixed(datetime(2026, 11, 23, 17, tzinfo=UTC), "Europe/Berlin"),
            "2026-11-23T17:00:00Z",
            "Europe/Berlin",
        ),
    ],
)
async def test_it_is_there_as_it_was_understood(
    till: Till, due: Due | None, said: str | None, zone: str | None
) -> None:
    id_ = await till.add(new(due=due, priority=1, labels=("shop", "x"), description="The blue one"))
    task = till.task
    assert id_ == task.id
    assert (task.content, task.priority, task.labels, task.description) == (
        "Buy *milk*",
        4,
        ["shop", "x"],
        "The blue one",
    )
    assert (task.due.date if task.due else None, task.due.timezone if task.due else None) == (
        said,
        zone,
    )


async def test_what_was_typed_goes_to_the_project_it_names(till: Till, desk: Desk) -> None:
    snapshot = await desk.source.fetch_signals(till.user)
    assert snapshot.lists is not None
    assert snapshot.lists[0].id == desk.ada.inbox.id
    text = "Write it down tomorrow p1 #Work @desk"
    found = understood(
        text,
        now=TYPED_AT,
        zone=desk.ada.zoneinfo,
        adding=Adding(lists=snapshot.lists, marks=True, floats=True),
    )
    await till.add(found.task(text, uuid="u-1", typed_at=TYPED_AT))
    task = till.task
    assert desk.ada.projects[task.project_id].name == "Work"
    assert (task.content, task.labels) == ("Write it down", ["desk"])
    assert task.due is not None
    assert task.due.date == "2026-11-23"


async def test_without_a_list_it_goes_to_the_inbox(till: Till, desk: Desk) -> None:
    await till.add(new())
    assert till.task.project_id == desk.ada.inbox.id


async def test_todoist_works_out_when_it_repeats(till: Till) -> None:
    await till.add(new(repeats="every friday at 9:00"))
    due = till.task.due
    assert due is not None
    assert (due.date, due.is_recurring) == ("2026-11-27T09:00:00", True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"list": "gone"}, "no longer exists"),
        ({"repeats": "every now and then"}, "does not accept"),
    ],
)
async def test_what_todoist_does_not_take_is_refused(
    till: Till, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(Rejected, match=words):
        await till.add(new(**fields))
    assert till.tasks == []


# Once


@pytest.mark.parametrize("forgetful", [False, True])
async def test_added_while_the_answer_was_lost_it_is_there_once(
    till: Till, forgetful: bool
) -> None:
    await till.lose("drop_answer", new())
    if forgetful:
        till.forget()
    ids = {await till.add(new(), may_be_added=True) for _ in range(3)}
    assert ids == {till.task.id}


async def test_one_that_never_arrived_is_added_by_the_next_attempt(till: Till) -> None:
    await till.lose("drop_request", new())
    assert till.tasks == []
    assert await till.add(new(), may_be_added=True) == till.task.id


async def test_sent_twice_without_a_word_it_is_there_once(till: Till) -> None:
    assert await till.add(new()) == await till.add(new())
    assert len(till.tasks) == 1


async def test_completed_elsewhere_before_it_is_sent_again_it_is_not_added_anew(
    till: Till, desk: Desk
) -> None:
    await till.lose("drop_answer", new())
    desk.id = till.task.id
    desk.elsewhere("complete_task")
    await till.add(new(), may_be_added=True)
    assert till.task.checked


async def test_one_of_the_same_name_from_before_is_another(till: Till) -> None:
    await till.add(new())
    later = structs.replace(new(uuid="u-3"), typed_at=datetime(2030, 1, 1, tzinfo=UTC))
    await till.add(later, may_be_added=True)
    assert len(till.tasks) == 2


# Taken back


async def test_it_is_deleted_under_its_id(till: Till) -> None:
    id_ = await till.add(new())
    for _ in range(2):
        await till.remove(new(), id_)
        assert till.tasks == []


async def test_it_is_found_and_deleted_without_its_id(till: Till) -> None:
    await till.lose("drop_answer", new())
    await till.remove(new(), None)
    assert till.tasks == []
    await till.remove(new(), None)


async def test_where_nobody_can_tell_which_it_is_nothing_is_deleted(till: Till) -> None:
    await till.add(new())
    await till.add(new(uuid="u-3"))
    with pytest.raises(Rejected, match="cannot tell which"):
        await till.remove(new(), None)
    assert len(till.tasks) == 2


# What Todoist says


@pytest.fixture
def source(client: ServiceClient) -> TodoistSource:
    return TodoistSource(client=lambda _: client)


def told(answer: object, tasks: Reply | None = None) -> Callable[[Asked], Reply | None]:
    def reply(asked: Asked) -> Reply | None:
        if asked.path == SYNC:
            return answer if isinstance(answer, Reply) else Reply(200, answer)
        return tasks or page()

    return reply


OK = {"sync_status": {"u-1": "ok"}}


def listed(id_: str, **changes: Any) -> dict[str, Any]:
    found = {"id": id_, "content": "Buy *milk*", "priority": 1, "added_at": "2026-11-22T10:00:01Z"}
    return {**found, **changes}


@pytest.mark.parametrize(
    ("answer", "tasks", "id_"),
    [
        ({**OK, "temp_id_mapping": {"u-1": "6X1"}}, page(), "6X1"),
        (OK, page(listed("6X1"), listed("6X2", content="Other")), "6X1"),
        (OK, page(listed("6X1"), listed("6X2")), None),
        (OK, page(listed("6X1", added_at="2026-11-22T09:59:59.9Z")), None),
        (OK, page(listed("6X1", added_at=None)), None),
        (OK, page(listed("6X1", priority=4)), None),
        (OK, page(), None),
        ({**OK, "temp_id_mapping": {"u-1": 7}}, page(), None),
        ({**OK, "temp_id_mapping": {"u-1": "x" * 300}}, page(), None),
        ({**OK, "temp_id_mapping": None}, Reply(500), None),
        (OK, Reply(403), None),
    ],
)
async def test_its_id_is_told_or_found_or_not_known(
    source: TodoistSource, service: ScriptedService, answer: object, tasks: Reply, id_: str | None
) -> None:
    service.answer = told(answer, tasks)
    assert (await source.add(ADA, new(), may_be_added=False)).id == id_


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"sync_status": {}}, Unavailable),
        ({}, Unavailable),
        ([], Unavailable),
        ({"sync_status": {"u-1": {"http_code": 500}}}, Unavailable),
        ({"sync_status": {"u-1": {"error_tag": "MAX_ITEMS_LIMIT_REACHED"}}}, Rejected),
        ({"sync_status": {"u-1": {"error_code": 35, "http_code": 429}}}, Unavailable),
        (Reply(401), AuthRequired),
        (Reply(503), Unavailable),
        (Reply(403), Rejected),
    ],
)
async def test_what_is_no_yes_is_an_error(
    source: TodoistSource, service: ScriptedService, answer: object, kind: type[Exception]
) -> None:
    service.answer = told(answer)
    with pytest.raises(kind):
        await source.add(ADA, new(), may_be_added=False)


async def test_where_the_look_fails_it_waits(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = told(OK, Reply(500))
    with pytest.raises(Unavailable) as caught:
        await source.add(ADA, new(), may_be_added=True)
    assert not caught.value.reached
    assert service.paths() == ["tasks"]


async def test_where_the_look_is_refused_the_uuid_alone_protects_it(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = told({**OK, "temp_id_mapping": {"u-1": "6X1"}}, Reply(403))
    assert (await source.add(ADA, new(), may_be_added=True)).id == "6X1"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"error_tag": "AUTH_INSUFFICIENT_TOKEN_SCOPE", "http_code": 403}, "delete it there"),
        ({"error_tag": "FORBIDDEN", "http_code": 403}, "may not change"),
    ],
)
async def test_a_deletion_that_todoist_refuses_comes_back_with_its_reason(
    source: TodoistSource, service: ScriptedService, error: object, words: str
) -> None:
    service.answer = told({"sync_status": {"u-2": error}})
    with pytest.raises(Rejected, match=words):
        await source.remove(ADA, new(), SignalId("6X1"), uuid="u-2")


async def test_what_is_gone_is_deleted(source: TodoistSource, service: ScriptedService) -> None:
    gone = {"error_tag": "NOT_FOUND", "http_code": 404}
    service.answer = told({"sync_status": {"u-2": gone}})
    await source.remove(ADA, new(), SignalId("6X1"), uuid="u-2")
    (asked,) = service.asked
    assert asked.commands == [{"type": "item_delete", "uuid": "u-2", "args": {"id": "6X1"}}]


def test_the_same_task_is_always_the_same_command() -> None:
    task = new(due=Day(date(2026, 11, 23)), list="p1", labels=("a",))
    assert json.dumps(add_command(task)) == json.dumps(add_command(task))
    assert add_command(task) == {
        "type": "item_add",
        "uuid": "u-1",
        "temp_id": "u-1",
        "args": {
            "content": "Buy *milk*",
            "priority": 1,
            "project_id": "p1",
            "due": {"date": "2026-11-23"},
            "labels": ["a"],
        },
    }
