"""What the tests of everything that talks HTTP stand on."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from itertools import count

import pytest

from oo_desktop.connectors.todoist.source import TodoistSource
from oo_desktop.errors import AuthRequired
from oo_desktop.http.client import Http, ServiceClient
from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.server import serving
from oo_desktop.sandbox.todoist.state import Account
from oo_desktop.sandbox.world import World
from oo_desktop.testing import FakeClock
from tests.integrations.desk import Desk
from tests.integrations.scripted import ScriptedService, ScriptedTokens

NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)


class PersonalToken:
    """An API token that was pasted: there is no other one."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def access_token(self) -> str:
        return self._token

    async def renewed(self, refused: str) -> str:
        raise AuthRequired("Todoist no longer accepts this token. Please reconnect.")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def service() -> AsyncIterator[ScriptedService]:
    """A service on this machine that answers as told."""
    async with ScriptedService().serving() as service:
        yield service


@pytest.fixture
async def http(clock: FakeClock) -> AsyncIterator[Http]:
    """A client that takes bodies of up to 1 MiB."""
    http = Http(clock=clock, deadline=10, max_bytes=1024 * 1024)
    yield http
    await http.aclose()


@pytest.fixture
def tokens() -> ScriptedTokens:
    return ScriptedTokens()


@pytest.fixture
def client(
    http: Http, service: ScriptedService, tokens: ScriptedTokens, clock: FakeClock
) -> ServiceClient:
    return ServiceClient(
        http=http, base_url=service.url, tokens=tokens, clock=clock, noise=lambda: 0.5
    )


@pytest.fixture
def world() -> World:
    return World(clock=SandboxClock(base=lambda: NOON), zone="Europe/Berlin")


@pytest.fixture
def ada(world: World) -> Account:
    return next(iter(world.todoist.accounts.values()))


@pytest.fixture
async def sandboxed(
    world: World, ada: Account, http: Http, clock: FakeClock
) -> AsyncIterator[TodoistSource]:
    """The connector, and the stand-in Todoist it talks to as Ada."""
    async with serving(world) as url:
        client = ServiceClient(
            http=http,
            base_url=f"{url}/api/v1/",
            tokens=PersonalToken(ada.personal_token),
            clock=clock,
        )
        yield TodoistSource(client=lambda _: client)
        await http.aclose()


@pytest.fixture
def new_uuid() -> Callable[[], str]:
    numbers = count()
    return lambda: f"00000000-0000-4000-8000-{next(numbers):012d}"


@pytest.fixture
def desk(world: World, ada: Account, sandboxed: TodoistSource, new_uuid: Callable[[], str]) -> Desk:
    return Desk(world, ada, sandboxed, new_uuid)
