"""The cutter does what its plan says, as both sides see it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from oo_desktop.sandbox.server import serving
from oo_desktop.sandbox.world import World
from tests.faults.cutter import PASS, Cut, Cutter, Heard, Kind, cutting

LOST = (httpx.RemoteProtocolError, httpx.ReadError)


class Rig:
    """A sandbox behind a cutter, and a client with one kept connection."""

    def __init__(self, world: World, cutter: Cutter, client: httpx.AsyncClient) -> None:
        self.world = world
        self.cutter = cutter
        self.client = client

    def next(self, cut: Cut) -> None:
        """Befalls the next request; those after it pass."""
        cuts = iter([cut])

        def plan(_heard: Heard) -> Cut:
            return next(cuts, PASS)

        self.cutter.plan = plan

    async def close_one(self) -> httpx.Response:
        """Ask for something that can be counted."""
        account = self.world.todoist.state.account_by_email(None)
        task = next(task for task in account.tasks.values() if task.active and not task.due)
        headers = {"Authorization": f"Bearer {account.personal_token}"}
        return await self.client.post(f"/api/v1/tasks/{task.id}/close", headers=headers)

    async def ask_and_leave(self) -> None:
        """Ask the same, and give up once the cutter has heard it."""
        asking = asyncio.create_task(self.close_one())
        while not self.cutter.passed:  # noqa: ASYNC110  # the cutter rings no bell
            await asyncio.sleep(0.01)
        asking.cancel()

    @property
    def done(self) -> int:
        return sum(change.type == "item_close" for change in self.world.todoist.state.history)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    world = World()
    account = world.todoist.state.account_by_email(None)
    for number in range(5):
        add(world, f"Undated {number}")
    assert account.tasks
    async with (
        serving(world) as url,
        cutting(url) as cutter,
        httpx.AsyncClient(base_url=cutter.url, trust_env=False, verify=False) as client,
    ):
        yield Rig(world, cutter, client)


def add(world: World, title: str) -> None:
    from oo_desktop.sandbox.todoist.state import SandboxTask

    account = world.todoist.state.account_by_email(None)
    task = SandboxTask(user_id=account.id, project_id=account.inbox.id, content=title)
    world.todoist.state.add(account, task)


async def test_requests_pass_on_one_kept_connection(rig: Rig) -> None:
    for expected in (1, 2):
        assert (await rig.close_one()).is_success
        assert rig.done == expected
    assert [passed.forwarded for passed in rig.cutter.passed] == [True, True]
    assert rig.cutter.cuts == 0


@pytest.mark.parametrize("kind", [Kind.DROP_REQUEST, Kind.HALF_REQUEST, Kind.RESET])
async def test_a_request_that_is_cut_is_not_carried_out(rig: Rig, kind: Kind) -> None:
    rig.next(Cut(kind=kind))
    with pytest.raises(LOST):
        await rig.close_one()
    assert rig.done == 0
    assert (await rig.close_one()).is_success
    assert rig.done == 1


@pytest.mark.parametrize("kind", [Kind.DROP_ANSWER, Kind.HALF_ANSWER, Kind.RESET])
async def test_a_request_whose_answer_is_cut_was_carried_out(rig: Rig, kind: Kind) -> None:
    rig.next(Cut(kind=kind, acted=True))
    with pytest.raises(LOST):
        await rig.close_one()
    assert rig.done == 1
    assert rig.cutter.passed[0].status == 200


@pytest.mark.parametrize("acted", [False, True])
async def test_an_error_from_between_says_nothing_of_what_was_done(rig: Rig, acted: bool) -> None:
    rig.next(Cut(kind=Kind.ERROR, acted=acted))
    answer = await rig.close_one()
    assert (answer.status_code, answer.json()) == (500, {"error": "somewhere between"})
    assert rig.done == acted


@pytest.mark.parametrize("acted", [False, True])
async def test_a_stalled_request_arrives_in_the_end(rig: Rig, acted: bool) -> None:
    rig.next(Cut(kind=Kind.STALL, acted=acted, seconds=0.05))
    assert (await rig.close_one()).is_success
    assert rig.done == 1


async def test_a_stalled_request_of_somebody_who_left_is_dropped(rig: Rig) -> None:
    rig.next(Cut(kind=Kind.STALL, seconds=0.1))
    await rig.ask_and_leave()
    await asyncio.sleep(0.15)
    assert rig.done == 0


async def test_a_late_request_is_carried_out_though_nobody_waits(rig: Rig) -> None:
    rig.next(Cut(kind=Kind.STALL, seconds=0.1, late=True))
    await rig.ask_and_leave()
    async with asyncio.timeout(5):
        while not rig.done:  # noqa: ASYNC110  # the sandbox rings no bell
            await asyncio.sleep(0.01)


async def test_nobody_can_connect_while_it_refuses(rig: Rig) -> None:
    rig.next(Cut(kind=Kind.REFUSE, seconds=0.1))
    with pytest.raises(LOST):
        await rig.close_one()
    with pytest.raises(httpx.ConnectError):
        await rig.close_one()
    await asyncio.sleep(0.2)
    assert (await rig.close_one()).is_success
    assert rig.done == 1


async def test_the_plan_knows_what_is_asked(rig: Rig) -> None:
    heard: list[Heard] = []

    def plan(request: Heard) -> Cut:
        heard.append(request)
        return PASS

    rig.cutter.plan = plan
    await rig.client.post("/api/v1/sync?x=1", data={"commands": "[]"})
    assert [(h.number, h.method, h.path, h.body) for h in heard] == [
        (1, "POST", "/api/v1/sync", b"commands=%5B%5D")
    ]
