"""Everything there is to know of a sandbox, as JSON."""

import httpx
import pytest

from oo_desktop.sandbox.google import CLIENT_SECRET
from tests.sandbox.google.guest import (
    ADA,
    API,
    BOTH,
    GOOGLE,
    PRIMARY,
    GoogleGuest,
)
from tests.sandbox.guest import Guest, command


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


async def test_requests_are_counted_for_each_account(google: GoogleGuest) -> None:
    await google.connect(scope=f"{BOTH} https://www.googleapis.com/auth/calendar.events")
    await google.get(PRIMARY)
    await google.get("users/me/calendarList")
    await google.patch("primary", google.find("Dentist").id, {})
    await google.control("fail", service=GOOGLE, status=503)
    await google.get(PRIMARY)
    await google.control("offline", service=GOOGLE)
    with pytest.raises(httpx.TransportError):
        await google.get(PRIMARY)
    await google.control("online")
    state = await google.state()
    ada, grace = state["google"]["accounts"]
    assert (ada["requests"], ada["units"]) == (4, 6)
    assert grace["requests"] == 0
    seen = [(r["status"], r["account"]) for r in state["requests"] if API in r["path"]]
    assert seen == [(200, ADA)] * 3 + [(503, ADA), (None, None)]


async def test_the_state_has_no_token_and_no_secret(google: GoogleGuest) -> None:
    tokens = await google.connect()
    text = (await google.http.get("/sandbox/api/state")).text
    for secret in (tokens["access_token"], tokens["refresh_token"], CLIENT_SECRET):
        assert secret not in text
    (app,) = (await google.state())["google"]["apps"]
    assert (app["access_tokens"], app["refresh_tokens"]) == (2, 2)


async def test_its_state_never_tells_a_secret(guest: Guest) -> None:
    link = guest.world.ics.link("basic")
    await guest.http.get(link.path)
    state = await guest.http.get("/sandbox/api/state")
    assert link.secret not in state.text
    assert state.json()["ics"] == [{"name": "basic", "asked": 1, "not_modified": 0}]
