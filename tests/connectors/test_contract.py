"""The connectors that come with oO keep the contract that it asks of plug-ins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.config import Settings, settings_from_toml
from oo_desktop.connectors.builtin import Connector, built_in_connectors
from oo_desktop.connectors.google_calendar.source import GoogleCalendarSource
from oo_desktop.connectors.ical.source import IcsSource
from oo_desktop.connectors.todoist.source import TodoistSource
from oo_desktop.http.client import Answer, Http
from oo_desktop.model.signals import ProviderId, UserId
from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.process import config_toml
from oo_desktop.sandbox.server import serving
from oo_desktop.sandbox.world import World
from oo_desktop.testing import ConnectorContract, FakeClock, Stage, StandIn
from tests.connectors.google_calendar.desk import LIST, ME, WRITE, GrantedTokens
from tests.fixtures.http import NOON, PersonalToken

LINK = "http://127.0.0.1/private-s3cret/basic.ics"

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
            ada = next(iter(world.todoist.state.accounts.values()))
            yield Stage(
                connector=connector,
                service=http,
                tokens=PersonalToken(ada.personal_token),
                user_id=UserId(ada.id),
                clock=clock,
            )


class CalendarFile(StandIn):
    """A calendar behind a link, which is all one has to know."""

    def __init__(self) -> None:
        day = NOON.strftime("%Y%m%d")
        events = [
            f"BEGIN:VEVENT\r\nUID:{number}@example.com\r\nDTSTAMP:{day}T000000Z\r\n"
            f"DTSTART:{day}T{number:02}0000Z\r\nDTEND:{day}T{number:02}3000Z\r\n"
            f"SUMMARY:Event {number}\r\nEND:VEVENT\r\n"
            for number in range(12, 20)
        ]
        lines = "".join(["BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", *events, "END:VCALENDAR\r\n"])
        self._body = lines.encode()

    async def request(self, method: str, url: str, **_options: object) -> Answer:
        assert (method, url) == ("GET", LINK)
        await asyncio.sleep(0)
        return Answer(200, "text/calendar", self._body)


class TestCalendarLink(ConnectorContract):
    def connector(self) -> Connector:
        found = {each.id: each for each in built_in_connectors(Settings())}
        return replace(
            found[IcsSource.id],
            source=lambda given: IcsSource(
                link=given.links, now=lambda: NOON, here=lambda: ZoneInfo("Europe/Berlin")
            ),
        )

    def stage(self) -> AbstractAsyncContextManager[Stage]:
        return self._behind_a_link()

    @asynccontextmanager
    async def _behind_a_link(self) -> AsyncIterator[Stage]:
        tokens = PersonalToken(LINK)
        yield Stage(connector=self.connector(), service=CalendarFile(), tokens=tokens)


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
