"""The stand-in for calendars by link."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.server import serving
from oo_desktop.sandbox.world import World

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return World(clock=SandboxClock(base=lambda: NOON), zone="Europe/Berlin")


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(world) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


async def test_its_calendar_has_events_around_now(world: World, client: httpx.AsyncClient) -> None:
    answer = await client.get(world.ics.link("basic").path)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "DTSTART:20261122T130000Z\r\n" in answer.text


@pytest.mark.parametrize(
    ("mine", "theirs"), [("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")]
)
async def test_what_has_not_changed_is_not_sent_again(
    world: World, client: httpx.AsyncClient, mine: str, theirs: str
) -> None:
    path = world.ics.link("basic").path
    known = (await client.get(path)).headers[mine]
    answer = await client.get(path, headers={theirs: known})
    assert (answer.status_code, answer.content) == (304, b"")
    assert world.ics.link("basic").not_modified == 1


async def test_a_link_is_the_only_key_and_can_be_taken_back(
    world: World, client: httpx.AsyncClient
) -> None:
    old = world.ics.link("basic").path
    told = await client.post("/sandbox/api/take_ics_back", json={})
    assert (await client.get(old)).status_code == 404
    assert (await client.get(told.json()["path"])).status_code == 200


async def test_its_answers_can_be_chosen(world: World, client: httpx.AsyncClient) -> None:
    path = (await client.post("/sandbox/api/ics_path", json={"name": "team"})).json()["path"]
    await client.post("/sandbox/api/set_ics", json={"name": "team", "body": "BEGIN:VCALENDAR"})
    assert (await client.get(path)).text == "BEGIN:VCALENDAR"
    await client.post(
        "/sandbox/api/set_ics", json={"name": "team", "status": 429, "retry_after": 7}
    )
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


async def test_its_state_never_tells_a_secret(world: World, client: httpx.AsyncClient) -> None:
    await client.get(world.ics.link("basic").path)
    state = await client.get("/sandbox/api/state")
    assert world.ics.link("basic").secret not in state.text
    assert state.json()["ics"] == [{"name": "basic", "asked": 1, "not_modified": 0}]
