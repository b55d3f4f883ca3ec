"""The REST side: who is let in, pages, errors, and what can be written."""

from typing import Any

import pytest

from tests.sandbox.guest import DUE, Guest

ALL = {"query": "view all"}


async def test_a_wrong_token_is_401_with_a_challenge(guest: Guest) -> None:
    answer = await guest.get("/user", token="nonsense")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    body = answer.json()
    assert (body["error_tag"], body["error_code"], body["http_code"]) == ("UNAUTHORIZED", 477, 401)
    assert body["error_extra"]["retry_after"] == 3


@pytest.mark.parametrize("query", ["", "?token={token}"], ids=["none", "one in the query"])
async def test_no_token_is_401_without_a_challenge(guest: Guest, query: str) -> None:
    answer = await guest.http.get("/api/v1/user" + query.format(token=guest.token))
    assert answer.status_code == 401
    assert "www-authenticate" not in answer.headers


async def test_a_token_with_too_little_scope_is_403(guest: Guest) -> None:
    _, tokens = await guest.connect(scope="data:read")
    id_ = await guest.add()
    answer = await guest.post(f"/tasks/{id_}/close", token=tokens["access_token"])
    assert answer.status_code == 403
    assert answer.json()["error_tag"] == "AUTH_INSUFFICIENT_TOKEN_SCOPE"


async def test_deleting_needs_its_own_scope(guest: Guest) -> None:
    _, tokens = await guest.connect()
    id_ = await guest.add()
    token = guest.bearer(tokens["access_token"])
    assert (await guest.http.delete(f"/api/v1/tasks/{id_}", headers=token)).status_code == 403
    answer = await guest.http.delete(f"/api/v1/tasks/{id_}", headers=guest.bearer())
    assert (answer.status_code, answer.text) == (200, "null")


@pytest.mark.parametrize("path", ["/rest/v2/tasks", "/sync/v9/sync"])
async def test_old_paths_are_gone_in_plain_text(guest: Guest, path: str) -> None:
    answer = await guest.http.get(path, headers=guest.bearer())
    assert answer.status_code == 410
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("path", ["/tasks/6Xnothing", "/projects/6Xnothing", "/nothing", "/TASKS"])
async def test_what_is_not_there_is_404_478(guest: Guest, path: str) -> None:
    answer = await guest.get(path)
    assert (answer.status_code, answer.json()["error_code"]) == (404, 478)


async def test_the_user_has_the_traps_of_the_real_one(guest: Guest) -> None:
    user = (await guest.get("/user")).json()
    assert user["token"] == guest.token
    assert guest.token in user["websocket_url"]
    assert user["tz_info"]["timezone"] == "Europe/Berlin"
    assert isinstance(user["id"], str)


# Pages


async def test_pages_follow_each_other_to_the_end(guest: Guest) -> None:
    await guest.control("add_task", content="Many", times=120)
    seen: list[str] = []
    query: dict[str, Any] = {**ALL, "limit": 50}
    while True:
        page = (await guest.get("/tasks/filter", **query)).json()
        seen += [task["id"] for task in page["results"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 133


async def test_a_page_has_50_items_unless_asked(guest: Guest) -> None:
    await guest.control("add_task", content="Many", times=60)
    assert len((await guest.get("/tasks/filter", **ALL)).json()["results"]) == 50


@pytest.mark.parametrize("limit", ["0", "201", "many"])
async def test_a_limit_out_of_bounds_is_code_20(guest: Guest, limit: str) -> None:
    answer = await guest.get("/tasks/filter", query="today", limit=limit)
    assert (answer.status_code, answer.json()["error_code"]) == (400, 20)
    assert answer.json()["error_extra"]["argument"] == "limit"


async def test_a_cursor_is_good_only_for_the_same_person_and_question(guest: Guest) -> None:
    grace = await guest.control("add_account", email="grace@example.com")
    cursor = (await guest.get("/tasks/filter", **ALL, limit=2)).json()["next_cursor"]
    asked: dict[str, Any] = {**ALL, "limit": 2, "cursor": cursor}
    assert (await guest.get("/tasks/filter", **asked)).status_code == 200
    for other in (
        await guest.get("/tasks/filter", **{**asked, "query": "today"}),
        await guest.get("/tasks/filter", **asked, token=grace["token"]),
        await guest.get("/tasks/filter", **{**asked, "cursor": "nonsense"}),
    ):
        assert other.status_code == 400
        assert other.json()["error_extra"]["argument"] == "cursor"


async def test_pages_may_be_short_overlap_and_begin_empty(guest: Guest) -> None:
    await guest.control("paging", limit=5, repeat=2, empty=True)
    first = (await guest.get("/tasks/filter", **ALL)).json()
    assert (first["results"], bool(first["next_cursor"])) == ([], True)
    second = (await guest.get("/tasks/filter", **ALL, cursor=first["next_cursor"])).json()
    third = (await guest.get("/tasks/filter", **ALL, cursor=second["next_cursor"])).json()
    assert second["results"][-2:] == third["results"][:2]


async def test_projects_come_in_pages_too(guest: Guest) -> None:
    page = (await guest.get("/projects", limit=2)).json()
    assert page["results"][0]["inbox_project"] is True
    assert "inbox_project" not in page["results"][1]
    assert page["next_cursor"]


async def test_a_bad_filter_is_code_55_and_a_missing_one_code_19(guest: Guest) -> None:
    assert (await guest.get("/tasks/filter", query="hoy")).json()["error_code"] == 55
    assert (await guest.get("/tasks/filter")).json()["error_code"] == 19
    long = await guest.get("/tasks/filter", query="p1 | " * 300 + "p1")
    assert long.json()["error_code"] == 20


# Tasks


async def test_a_task_has_nulls_where_it_has_nothing(guest: Guest) -> None:
    task = await guest.task(await guest.add())
    for key in ("section_id", "parent_id", "due", "deadline", "duration", "completed_at"):
        assert task[key] is None
    assert task["due"] is None
    assert not {"url", "comment_count", "is_completed"} & set(task)


async def test_what_may_be_left_out_can_be_left_out(guest: Guest) -> None:
    id_ = await guest.add(due_string="today")
    await guest.control("sparse")
    task = await guest.task(id_)
    assert not {"section_id", "parent_id", "deadline", "completed_at", "goal_ids"} & set(task)
    assert "timezone" not in task["due"]
    assert task["content"] == "A task"


async def test_close_answers_null_and_a_second_close_is_404(guest: Guest) -> None:
    id_ = await guest.add()
    answer = await guest.post(f"/tasks/{id_}/close")
    assert (answer.status_code, answer.text) == (200, "null")
    assert (await guest.post(f"/tasks/{id_}/close")).status_code == 404
    answer = await guest.post(f"/tasks/{id_}/reopen")
    assert (answer.status_code, answer.text) == (200, "null")
    assert (await guest.task(id_))["checked"] is False


async def test_an_added_task_goes_to_the_inbox_with_its_text_unread(guest: Guest) -> None:
    body = {"content": "#Work @phone p1 tomorrow", "due_string": "every day at 14:30"}
    task = (await guest.post("/tasks", body)).json()
    assert task["content"] == body["content"]
    assert task["project_id"] == guest.ada.inbox.id
    assert task["due"]["date"] == "2026-11-22T14:30:00"
    assert task["due"]["is_recurring"] is True


async def test_a_rest_due_date_replaces_the_recurrence(guest: Guest) -> None:
    id_ = await guest.add(due_string="every day at 14:30")
    task = (await guest.post(f"/tasks/{id_}", {"due_string": "tomorrow"})).json()
    assert (task["due"]["date"], task["due"]["is_recurring"]) == ("2026-11-23", False)


async def test_due_forms_are_told_apart_by_their_letters(guest: Guest) -> None:
    id_ = await guest.add()

    async def due(**body: str) -> dict[str, Any]:
        answer: dict[str, Any] = (await guest.post(f"/tasks/{id_}", body)).json()["due"]
        return answer

    assert (await due(due_date="2026-12-01"))["date"] == "2026-12-01"
    assert (await due(due_datetime="2026-12-01T09:00:00"))["timezone"] is None
    assert (await due(due_datetime="2026-12-01T09:00:00Z"))["timezone"] == "Europe/Berlin"
    assert await due(due_string="no date") is None


@pytest.mark.parametrize(
    "body",
    [
        {"due_string": None},
        {"due_string": "whenever"},
        {"due_date": "soon"},
        {"due_datetime": "2026-12-01"},
        {"priority": 5},
        {"content": ""},
        {"labels": "phone"},
        {"duration": "long"},
        {"deadline_date": "soon"},
        {"due_date": "2026-12-01", "due_datetime": "2026-12-01T09:00:00"},
    ],
)
async def test_values_of_the_wrong_kind_are_code_20(guest: Guest, body: dict[str, Any]) -> None:
    id_ = await guest.add()
    answer = await guest.post(f"/tasks/{id_}", body)
    assert (answer.status_code, answer.json()["error_code"]) == (400, 20)


async def test_a_body_that_is_no_object_or_too_large_is_refused(guest: Guest) -> None:
    assert (await guest.post("/tasks", [])).status_code == 400
    assert (await guest.post("/tasks", {"content": "x" * 1_100_000})).status_code == 413
    assert (await guest.post("/tasks", {})).json()["error_code"] == 19


# Limits


async def test_too_many_requests_are_429_until_the_window_has_passed(guest: Guest) -> None:
    await guest.control("limits", requests=3, window=100)
    for _ in range(3):
        assert (await guest.get("/user")).status_code == 200
    await guest.control("advance_clock", seconds=40)
    refused = await guest.get("/user")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert refused.json()["error_extra"]["retry_after"] == 60
    assert refused.json()["error_tag"] == "LIMITS_REACHED"
    await guest.control("advance_clock", seconds=60)
    assert (await guest.get("/user")).status_code == 200


async def test_full_syncs_have_a_smaller_limit_of_their_own(guest: Guest) -> None:
    guest.world.todoist.full_syncs.most = 1
    full = {"sync_token": "*", "resource_types": ["items"]}
    first = await guest.post("/sync", full)
    assert (await guest.post("/sync", full)).status_code == 429
    partial = {**full, "sync_token": first.json()["sync_token"]}
    assert (await guest.post("/sync", partial)).status_code == 200


async def test_a_task_closed_elsewhere_leaves_the_list(guest: Guest) -> None:
    id_ = await guest.add("Seen twice", due_string="today")
    await guest.control("complete_task", id=id_)
    assert "Seen twice" not in await guest.titles(DUE)
