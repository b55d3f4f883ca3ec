"""The connector of calendar links keeps the contract that oO asks of plug-ins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.connectors.base import Connector
from oo_desktop.connectors.calendar_link.source import IcsSource
from oo_desktop.http.client import Answer
from oo_desktop.testing import ConnectorContract, Stage, StandIn
from tests.connectors.sandboxed import built_in
from tests.fixtures.http import NOON, PersonalToken

LINK = "http://127.0.0.1/private-s3cret/basic.ics"

# It warns of what makes no sense, and nothing makes sense here.
pytestmark = pytest.mark.logs_warnings


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
        return replace(
            built_in(IcsSource.id),
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
