"""The connectors that come with oO, set up for the stand-in of both services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from oo_desktop.config import Settings, settings_from_toml
from oo_desktop.connectors.base import Connector
from oo_desktop.connectors.registry import built_in_registry
from oo_desktop.http.client import Http
from oo_desktop.model.signals import ProviderId
from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.process import config_toml
from oo_desktop.sandbox.server import serving
from oo_desktop.sandbox.world import World
from oo_desktop.testing import FakeClock
from tests.fixtures.http import NOON


def built_in(provider: ProviderId, settings: Settings | None = None) -> Connector:
    """The connector that oO itself would make."""
    found = {each.id: each for each in built_in_registry(settings or Settings()).connectors}
    return found[provider]


@asynccontextmanager
async def sandbox(provider: ProviderId) -> AsyncIterator[tuple[World, Connector, Http, FakeClock]]:
    """The stand-in of both, as new, and the connector that is set up for it."""
    clock = FakeClock(NOON)
    world = World(clock=SandboxClock(base=lambda: NOON), zone="Europe/Berlin")
    async with serving(world) as url:
        connector = built_in(provider, settings_from_toml(config_toml(url, google=True)))
        http = Http(clock=clock)
        try:
            yield world, connector, http, clock
        finally:
            await http.aclose()
