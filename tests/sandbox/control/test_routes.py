"""The control page and its JSON: what they show, what they do, and what they never show."""

import httpx
import pytest

from tests.sandbox.guest import Guest, command

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_the_page_shows_tasks_as_plain_text(guest: Guest) -> None:
    page = (await guest.http.get("/sandbox")).text
    assert "Sandbox — not the real Todoist" in page
    assert "Review &lt;b&gt;oO&lt;/b&gt; &amp; rename snake_case_names" in page
    assert "<b>oO" not in page


async def test_a_button_leads_back_to_the_page(guest: Guest) -> None:
    answer = await guest.http.post("/sandbox/api/offline", headers=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sandbox")
    page = (await guest.http.get("/sandbox")).text
    assert "Now offline" in page
    assert "Go online" in page


async def test_the_form_adds_a_task_with_its_texts(guest: Guest) -> None:
    form = {"content": "From the page", "due_string": "today", "priority": "4", "project": "Work"}
    await guest.http.post("/sandbox/api/add_task", data=form)
    assert "From the page" in await guest.titles("today & p1 & #Work")


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_other_sites_cannot_push_the_buttons(guest: Guest, origin: str) -> None:
    answer = await guest.http.post("/sandbox/api/offline", headers={"Origin": origin, **FORM})
    assert answer.status_code == 403
    assert (await guest.state())["faults"] == []


async def test_the_history_has_every_change_with_its_uuid(guest: Guest) -> None:
    id_ = await guest.add()
    await guest.sync(command("item_close", "u1", id=id_))
    await guest.control("reopen_task", id=id_)
    history = (await guest.state())["history"]
    mine = [(done["type"], done["uuid"]) for done in history if done["task_id"] == id_]
    assert mine == [("item_add", None), ("item_close", "u1"), ("item_uncomplete", None)]


async def test_the_history_tells_what_became_of_the_due_date(guest: Guest) -> None:
    daily = {"date": "2026-11-22", "string": "every day", "is_recurring": True}
    id_ = await guest.add(due=daily)
    await guest.sync(command("item_close", "u1", id=id_))
    await guest.control("edit_task", id=id_, due={**daily, "date": "2026-11-30"})
    await guest.control("edit_task", id=id_, due=None)
    await guest.control("delete_task", id=id_)
    history = (await guest.state())["history"]
    dues = [
        [due and due["date"] for due in (done["due_before"], done["due_after"])]
        for done in history
        if done["task_id"] == id_
    ]
    assert dues == [
        [None, "2026-11-22"],
        ["2026-11-22", "2026-11-23"],
        ["2026-11-23", "2026-11-30"],
        ["2026-11-30", None],
        [None, None],
    ]
    assert history[-4]["due_after"]["string"] == "every day"


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


async def test_requests_are_kept_by_method_path_and_status_alone(guest: Guest) -> None:
    await guest.titles("today")
    await guest.get("/user", token="nonsense")
    await guest.control("offline")
    with pytest.raises(httpx.RemoteProtocolError):
        await guest.get("/labels")
    seen = (await guest.state())["requests"]
    assert [(one["method"], one["path"], one["status"]) for one in seen] == [
        ("GET", "/api/v1/tasks/filter", 200),
        ("GET", "/api/v1/user", 401),
        ("GET", "/api/v1/labels", None),
    ]


async def test_neither_page_nor_state_holds_a_token(guest: Guest) -> None:
    client_id, tokens = await guest.connect()
    await guest.refresh(client_id, tokens["refresh_token"])
    shown = (await guest.http.get("/sandbox")).text + str(await guest.state())
    grants = guest.world.todoist.grants
    secrets = [guest.token, *grants.access, *grants.refresh_tokens, *grants.codes]
    assert len(secrets) == 6
    assert not [secret for secret in secrets if secret in shown]


async def test_connected_apps_are_counted(guest: Guest) -> None:
    client_id, _ = await guest.connect(client_name="oO desktop")
    state = await guest.state()
    assert state["apps"] == [
        {"client_id": client_id, "name": "oO desktop", "access_tokens": 1, "refresh_tokens": 1}
    ]
    assert "connected" in (await guest.http.get("/sandbox")).text


async def test_a_reset_keeps_apps_connected_unless_told(guest: Guest) -> None:
    _, tokens = await guest.connect()
    await guest.control("clear_tasks")
    await guest.control("offline")
    await guest.control("reset")
    assert len(await guest.titles("view all")) == 13
    assert (await guest.get("/user", token=tokens["access_token"])).status_code == 200
    await guest.control("reset", apps=True)
    assert (await guest.get("/user", token=tokens["access_token"])).status_code == 401
    assert (await guest.get("/user")).status_code == 200


async def test_many_tasks_can_be_added_at_once(guest: Guest) -> None:
    added = await guest.control("add_task", content="Many", times=250, due_string="today")
    assert len(set(added["ids"])) == 250


async def test_a_task_can_be_edited_down_to_its_raw_fields(guest: Guest) -> None:
    id_ = await guest.add()
    await guest.control("edit_task", id=id_, content="Other", priority=2, updated_at=None)
    task = await guest.task(id_)
    assert (task["content"], task["priority"], task["updated_at"]) == ("Other", 2, None)


async def test_an_unknown_action_names_the_known_ones(guest: Guest) -> None:
    answer = await guest.http.post("/sandbox/api/dance")
    assert answer.status_code == 404
    assert "revoke" in answer.json()["actions"]


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("delay", {"seconds": "long"}),
        ("garbage", {"kind": "nonsense"}),
        ("complete_task", {"id": "6Xnobody"}),
        ("move_task", {"id": "6Xnobody", "project": "Work"}),
        ("add_task", {}),
        ("add_task", {"content": "x", "due_string": "whenever"}),
        ("add_task", {"content": "x", "project": "None of them"}),
        ("add_task", {"content": "x", "priority": 7}),
        ("set_zone", {"zone": "Mars/Olympus"}),
        ("add_account", {"zone": "Mars/Olympus"}),
        ("personal_token", {"user_id": "nobody"}),
    ],
)
async def test_a_parameter_without_sense_is_400(
    guest: Guest, action: str, given: dict[str, object]
) -> None:
    answer = await guest.http.post(f"/sandbox/api/{action}", json=given)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_a_body_that_is_no_object_is_400(guest: Guest) -> None:
    answer = await guest.http.post("/sandbox/api/delay", content=b"[1]")
    assert answer.status_code == 400
