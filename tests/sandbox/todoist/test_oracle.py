"""What the sandbox says, read by Todoist's own Python SDK: a parser that shares nothing with it.

Known gaps of the SDK (4.0.0), not of the sandbox: it needs `updated_at` and `created_at`, drops
`checked` and `day_order`, and has no /sync, /user or refresh.
"""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import httpx
import pytest
from todoist_api_python.api_async import TodoistAPIAsync
from todoist_api_python.models import Task

from tests.sandbox.guest import DUE, Guest


class ToSandbox(httpx.AsyncHTTPTransport):
    """Sends to the sandbox what was meant for Todoist."""

    def __init__(self, sandbox: httpx.URL) -> None:
        super().__init__()
        self._sandbox = sandbox

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == "api.todoist.com"
        request.url = request.url.copy_with(
            scheme=self._sandbox.scheme, host=self._sandbox.host, port=self._sandbox.port
        )
        return await super().handle_async_request(request)


@pytest.fixture
async def sdk(guest: Guest) -> AsyncIterator[TodoistAPIAsync]:
    client = httpx.AsyncClient(transport=ToSandbox(guest.http.base_url))
    async with TodoistAPIAsync(guest.token, client=client) as api:
        yield api


async def due_tasks(sdk: TodoistAPIAsync, limit: int = 200) -> dict[str, Task]:
    pages = await sdk.filter_tasks(query=DUE, limit=limit)
    return {task.content: task async for page in pages for task in page}


async def test_every_form_of_due_date_is_understood(sdk: TodoistAPIAsync) -> None:
    tasks = await due_tasks(sdk)
    assert len(tasks) == 9

    def due(content: str) -> object:
        found = tasks[content].due
        return found.date if found else None

    assert due("Send the grant report") == date(2026, 11, 22)
    floating = datetime(2026, 11, 22, 14, 30)  # noqa: DTZ001  # a floating time has no zone
    assert due("Call **Ana** about [the offer](https://example.com/offer)") == floating
    assert due("Stand-up with Lisbon") == datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert due("File the VAT return") is None
    deadline = tasks["File the VAT return"].deadline
    assert deadline is not None
    assert deadline.date == date(2026, 11, 22)
    plants = tasks["Water the plants"].due
    assert plants is not None
    assert (plants.is_recurring, plants.string) == (True, "every day")


async def test_pages_are_followed(sdk: TodoistAPIAsync, guest: Guest) -> None:
    await guest.control("add_task", content="Many", times=20, due_string="today")
    assert len(await due_tasks(sdk, limit=7)) == 29


async def test_tasks_can_be_listed_read_and_moved(sdk: TodoistAPIAsync) -> None:
    projects = [one async for page in await sdk.get_projects() for one in page]
    assert [project.name for project in projects if project.is_inbox_project] == ["Inbox"]
    work = next(project for project in projects if project.name == "Work")
    assert (await sdk.get_project(work.id)).color == "blue"
    in_work = [task async for page in await sdk.get_tasks(project_id=work.id) for task in page]
    assert len(in_work) == 3
    task = await sdk.get_task(in_work[0].id)
    assert task.priority == 4
    assert task.url.endswith(task.id)
    await sdk.move_task(task.id, project_id=projects[0].id)
    assert (await sdk.get_task(task.id)).project_id == projects[0].id


async def test_tasks_can_be_added_changed_done_reopened_and_deleted(sdk: TodoistAPIAsync) -> None:
    added = await sdk.add_task(
        "From the SDK",
        labels=["phone"],
        priority=4,
        due_string="every day at 9:00",
        duration=30,
        duration_unit="minute",
    )
    assert added.due is not None
    assert added.due.is_recurring
    assert added.duration is not None
    changed = await sdk.update_task(added.id, content="Changed", due_date=date(2026, 12, 1))
    assert changed.due is not None
    assert not changed.due.is_recurring
    assert await sdk.complete_task(added.id)
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        await sdk.get_task(added.id)
    assert await sdk.uncomplete_task(added.id)
    assert not (await sdk.get_task(added.id)).is_completed
    assert await sdk.delete_task(added.id)


async def test_a_recurring_task_done_by_the_sdk_moves_on(sdk: TodoistAPIAsync) -> None:
    plants = (await due_tasks(sdk))["Water the plants"]
    await sdk.complete_task(plants.id)
    moved = (await sdk.get_task(plants.id)).due
    assert moved is not None
    assert moved.date == date(2026, 11, 23)


async def test_labels_are_understood(sdk: TodoistAPIAsync) -> None:
    labels = [label async for page in await sdk.get_labels() for label in page]
    assert [(label.name, label.color) for label in labels] == [("phone", "teal")]


async def test_a_refused_token_is_an_http_error_to_it(sdk: TodoistAPIAsync, guest: Guest) -> None:
    await guest.control("revoke", personal=True)
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        await due_tasks(sdk)
