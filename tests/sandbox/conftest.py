"""A sandbox in the test's own loop, on a real socket, at noon of a Sunday in Berlin."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.server import serving
from oo_desktop.sandbox.world import World
from tests.sandbox.caldav.guest import DavGuest
from tests.sandbox.google.guest import GoogleGuest
from tests.sandbox.guest import Guest

NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return World(clock=SandboxClock(base=lambda: NOON), zone="Europe/Berlin")


@pytest.fixture
async def guest(world: World) -> AsyncIterator[Guest]:
    async with (
        serving(world) as url,
        # Without TLS there is nothing to verify, and no certificates need to be read.
        httpx.AsyncClient(base_url=url, trust_env=False, verify=False) as http,
    ):
        yield Guest(http, world)


@pytest.fixture
async def google(guest: Guest, world: World) -> GoogleGuest:
    """A guest who has Ada's consent to read her list and her events."""
    google = GoogleGuest(guest.http, world)
    await google.connect()
    return google


@pytest.fixture
async def dav(guest: Guest, world: World) -> DavGuest:
    """Ada's sign-in at the stand-in CalDAV server."""
    return DavGuest(guest.http, world)
