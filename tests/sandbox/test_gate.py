"""What goes wrong on purpose, over real sockets, and that the control page never does."""

import asyncio
import json

import httpx
import pytest

from tests.sandbox.guest import Guest, command

DAILY = {"date": "2026-11-22", "string": "every day", "is_recurring": True}


async def test_offline_cuts_every_connection_but_to_the_control_page(guest: Guest) -> None:
    await guest.control("offline")
    for path in ("/api/v1/user", "/oauth/authorize", "/anything"):
        with pytest.raises(httpx.RemoteProtocolError):
            await guest.http.get(path, headers=guest.bearer())
    assert (await guest.http.get("/sandbox")).status_code == 200
    await guest.control("online")
    assert (await guest.get("/user")).status_code == 200


async def test_a_dropped_answer_was_carried_out(guest: Guest) -> None:
    id_ = await guest.add(due=DAILY)
    await guest.control("drop_answer", path="/api/v1/sync")
    close = command("item_close", "u1", id=id_)
    with pytest.raises(httpx.RemoteProtocolError):
        await guest.sync(close)
    assert (await guest.task(id_))["due"]["date"] == "2026-11-23"
    assert (await guest.sync(close))["sync_status"] == {"u1": "ok"}
    assert (await guest.task(id_))["due"]["date"] == "2026-11-23"


async def test_a_dropped_request_was_not(guest: Guest) -> None:
    id_ = await guest.add(due=DAILY)
    await guest.control("drop_request", path="/api/v1/sync")
    with pytest.raises(httpx.RemoteProtocolError):
        await guest.sync(command("item_close", "u1", id=id_))
    assert (await guest.task(id_))["due"]["date"] == "2026-11-22"


async def test_a_dropped_token_answer_leaves_the_grace(guest: Guest) -> None:
    client_id, first = await guest.connect()
    await guest.control("drop_answer", path="/oauth/access_token")
    with pytest.raises(httpx.RemoteProtocolError):
        await guest.refresh(client_id, first["refresh_token"])
    again = await guest.refresh(client_id, first["refresh_token"])
    assert again.status_code == 200
    assert "refresh_token" not in again.json()


@pytest.mark.parametrize(
    ("status", "content_type"),
    [
        (401, "application/json"),
        (403, "application/json"),
        (404, "application/json"),
        (429, "application/json"),
        (500, "text/html"),
        (502, "text/html"),
        (503, "text/html"),
    ],
)
async def test_failing_a_number_of_times(guest: Guest, status: int, content_type: str) -> None:
    await guest.control("fail", status=status, count=2)
    for _ in range(2):
        answer = await guest.get("/user")
        assert answer.status_code == status
        assert answer.headers["content-type"] == content_type
    assert (await guest.get("/user")).status_code == 200


async def test_a_failure_may_name_a_time_to_wait(guest: Guest) -> None:
    await guest.control("fail", status=503, retry_after=7)
    assert (await guest.get("/user")).headers["retry-after"] == "7"


async def test_a_rate_limit_ends_by_itself(guest: Guest) -> None:
    await guest.control("rate_limit", seconds=30)
    answer = await guest.get("/user")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert answer.json()["error_extra"]["retry_after"] == 30
    await guest.control("advance_clock", seconds=30)
    assert (await guest.get("/user")).status_code == 200


async def test_a_slow_answer_comes_when_the_fault_is_cleared(guest: Guest) -> None:
    await guest.control("delay", seconds=3600)
    slow = asyncio.create_task(guest.get("/user"))
    await asyncio.sleep(0.05)
    assert not slow.done()
    await guest.control("clear_faults")
    assert (await slow).status_code == 200


async def test_a_sandbox_that_ends_lets_slow_answers_go(guest: Guest) -> None:
    await guest.control("garbage", kind="stall")
    slow = asyncio.create_task(guest.get("/user"))
    await asyncio.sleep(0.05)
    guest.world.faults.clear()
    with pytest.raises(httpx.RemoteProtocolError):
        await slow


@pytest.mark.parametrize(
    ("kind", "content_type", "beginning"),
    [
        ("html", "text/html; charset=utf-8", b"<!doctype html>"),
        ("nesting", "application/json", b"[[[["),
        ("bad_utf8", "application/json", b'{"results":["\xff'),
        ("empty", "application/json", b""),
        ("nan", "application/json", b'{"results":[NaN'),
        ("null", "application/json", b"null"),
        ("types", "application/json", b'{"results": {'),
    ],
)
async def test_garbage_comes_with_status_200(
    guest: Guest, kind: str, content_type: str, beginning: bytes
) -> None:
    await guest.control("garbage", kind=kind, count=1)
    answer = await guest.get("/user")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == content_type
    assert answer.content.startswith(beginning)
    assert (await guest.get("/user")).json()["id"] == guest.ada.id


async def test_a_redirect_leads_to_another_host(guest: Guest) -> None:
    await guest.control("garbage", kind="redirect")
    answer = await guest.get("/user")
    assert answer.status_code == 302
    assert httpx.URL(answer.headers["location"]).host == "wifi.example"


async def test_a_huge_answer_does_not_end_soon(guest: Guest) -> None:
    await guest.control("garbage", kind="huge")
    seen = 0
    async with guest.http.stream("GET", "/api/v1/user", headers=guest.bearer()) as answer:
        async for chunk in answer.aiter_bytes():
            seen += len(chunk)
            if seen > 20 * 1024 * 1024:
                break
    assert seen > 20 * 1024 * 1024


async def test_a_truncated_answer_is_whole_http_and_half_json(guest: Guest) -> None:
    await guest.control("garbage", kind="truncated")
    answer = await guest.get("/user")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_a_cut_answer_is_not_even_whole_http(guest: Guest) -> None:
    await guest.control("garbage", kind="cut")
    with pytest.raises(httpx.RemoteProtocolError):
        await guest.get("/user")


async def test_the_right_answer_can_come_under_a_wrong_name(guest: Guest) -> None:
    await guest.control("garbage", kind="text")
    answer = await guest.get("/user")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.json()["id"] == guest.ada.id


async def test_a_fault_befalls_only_its_paths(guest: Guest) -> None:
    await guest.control("fail", path="/api/v1/projects", status=500)
    assert (await guest.get("/user")).status_code == 200
    assert (await guest.get("/projects")).status_code == 500


@pytest.mark.parametrize("action", ["offline", "rate_limit", "fail", "garbage", "drop_request"])
async def test_no_fault_befalls_the_control_page(guest: Guest, action: str) -> None:
    await guest.control(action, path="/")
    assert (await guest.http.get("/sandbox")).status_code == 200
    assert (await guest.state())["faults"][0]["kind"] == action
    await guest.control("clear_faults")
    assert (await guest.state())["faults"] == []
