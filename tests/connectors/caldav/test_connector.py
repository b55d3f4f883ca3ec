"""CalDAV's connector keeps the contract that oO asks of plug-ins."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from oo_desktop.connectors.base import Connector
from oo_desktop.connectors.caldav.connector import connector
from oo_desktop.connectors.caldav.source import CalDavSource
from oo_desktop.http.client import Http
from oo_desktop.model.zones import zone_named
from oo_desktop.testing import ConnectorContract, FakeClock, OneToken, Stage
from tests.connectors.caldav.desk import event, task
from tests.connectors.caldav.stand_in import CREDENTIALS, DavStandIn, Shelf

# It warns of what makes no sense, and nothing makes sense here.
pytestmark = pytest.mark.logs_warnings

ME = "mailto:ada@example.com"


def stand_in(**manners: object) -> DavStandIn:
    """Return a server with a task, a series, an event and an invitation."""
    server = DavStandIn(**manners)
    server.shelves["home"] = Shelf(name="Home")
    work, home = server.shelves.values()
    work.put("trip.ics", task("trip", "Plan the trip", "DUE;TZID=Europe/Berlin:20261122T180000"))
    work.put(
        "cat.ics",
        task("cat", "Feed the cat", "DTSTART;VALUE=DATE:20261121", "RRULE:FREQ=DAILY;COUNT=9"),
    )
    times = ("DTSTART:20261122T150000Z", "DTEND:20261122T160000Z")
    home.put("tea.ics", event("tea", "Tea", *times))
    guests = ("ORGANIZER:mailto:grace@example.com", f"ATTENDEE;PARTSTAT=NEEDS-ACTION:{ME}")
    home.put("call.ics", event("call", "Call", *times, *guests))
    return server


def at_noon(clock: FakeClock) -> Connector:
    made = connector({})
    zone = zone_named("Europe/Berlin")
    assert zone is not None
    return replace(
        made,
        source=lambda given: CalDavSource(
            client=given.clients, may_write=given.may_write, now=clock.now, here=lambda: zone
        ),
    )


class CalDavContract(ConnectorContract):
    def server(self) -> Http:
        raise NotImplementedError

    def stage(self) -> AbstractAsyncContextManager[Stage]:
        return self._signed_in()

    @asynccontextmanager
    async def _signed_in(self) -> AsyncIterator[Stage]:
        clock = FakeClock()
        yield Stage(
            connector=at_noon(clock),
            service=self.server(),
            tokens=OneToken(CREDENTIALS.secret),
            clock=clock,
        )


class TestAServerThatSyncs(CalDavContract):
    def server(self) -> Http:
        return stand_in()


class TestAServerThatBringsNoDataWithWhatChanged(CalDavContract):
    def server(self) -> Http:
        return stand_in(sync_data=False)


class TestAServerThatOnlyLists(CalDavContract):
    def server(self) -> Http:
        return stand_in(marks="none")
