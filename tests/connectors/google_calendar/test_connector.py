"""Google Calendar's connector keeps the contract that oO asks of plug-ins."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from oo_desktop.connectors.google_calendar.source import GoogleCalendarSource
from oo_desktop.connectors.google_calendar.wire import GOOGLE_CALENDAR
from oo_desktop.testing import ConnectorContract, Stage
from tests.connectors.google_calendar.desk import LIST, ME, WRITE, GrantedTokens
from tests.connectors.sandboxed import sandbox

# It warns of what makes no sense, and nothing makes sense here.
pytestmark = pytest.mark.logs_warnings


class TestGoogleCalendar(ConnectorContract):
    def stage(self) -> AbstractAsyncContextManager[Stage]:
        return self._in_sandbox()

    @asynccontextmanager
    async def _in_sandbox(self) -> AsyncIterator[Stage]:
        async with sandbox(GOOGLE_CALENDAR) as (world, connector, http, clock):
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
