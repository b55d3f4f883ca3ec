"""What the tests of everything that talks HTTP stand on."""

from collections.abc import AsyncIterator

import pytest

from oo_desktop.integrations.http import Http, ServiceClient
from oo_desktop.testing import FakeClock
from tests.integrations.scripted import ScriptedService, ScriptedTokens


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
