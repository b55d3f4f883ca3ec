"""The connectors that come with oO keep the contract that it asks of plug-ins."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from oo_desktop.config import settings_from_toml
from oo_desktop.integrations.connectors import Connector, built_in_connectors
from oo_desktop.integrations.google_calendar import GoogleCalendarSource
from oo_desktop.integrations.http import Http
from oo_desktop.integrations.todoist import TodoistSource
from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.process import config_toml
from oo_desktop.sandbox.server import serving
from oo_desktop.sandbox.world import World
from oo_desktop.signals.model import ProviderId, UserId
from oo_desktop.testing import ConnectorContract, FakeClock, Stage
from tests.integrations.conftest import NOON, PersonalToken
from tests.integrations.google_desk import LIST, ME, WRITE, GrantedTokens

# They warn of what makes no sense, and nothing makes sense here.
pytestmark = pytest.mark.logs_warnings


@asynccontextmanager
async def sandbox(provider: ProviderId) -> AsyncIterator[tuple[World, Connector, Http, FakeClock]]:
    """The stand-in of both, as new, and the connector that is set up for it."""
    clock = FakeClock(NOON)
    world = World(clock=SandboxClock(base=lambda: NOON), zone="Europe/Berlin")
    async with serving(world) as url:
        settings = settings_from_toml(config_toml(url, google=True))
        found = {each.id: each for each in built_in_connectors(settings)}
        http = Http(clock=clock)
        try:
            yield world, found[provider], http, clock
        finally:
            await http.aclose()


class TestTodoist(ConnectorContract):
    def stage(self) -> AbstractAsyncContextManager[Stage]:
        return self._in_sandbox()

    @asynccontextmanager
    async def _in_sandbox(self) -> AsyncIterator[Stage]:
        async with sandbox(TodoistSource.id) as (world, connector, http, clock):
            ada = next(iter(world.todoist.accounts.values()))
            yield Stage(
                connector=connector,
                service=http,
                tokens=PersonalToken(ada.personal_token),
                user_id=UserId(ada.id),
                clock=clock,
            )


class TestGoogleCalendar(ConnectorContract):
    def stage(self) -> AbstractAsyncContextManager[Stage]:
        return self._in_sandbox()

    @asynccontextmanager
    async def _in_sandbox(self) -> AsyncIterator[Stage]:
        async with sandbox(GoogleCalendarSource.id) as (world, connector, http, clock):
            at_noon = replace(
                connector,
                source=lambda given: GoogleCalendarSource(
                    client=given.clients,
                    chosen=given.calendars,
                    may_write=given.may_write,
                    now=world.clock.now,
                ),
            )
            yield Stage(
                connector=at_noon,
                service=http,
                tokens=GrantedTokens(world, LIST, WRITE),
                user_id=ME,
                clock=clock,
            )
