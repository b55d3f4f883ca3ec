"""What the connector shows, held against Google's own client: it shares nothing with oO.

The client reads all pages of all of Ada's calendars by itself, with every field there is, and what
it tells is turned into times by the standard library alone. It blocks, so the stand-in runs in a
process of its own; the connector talks to the same one.
"""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httplib2
import pytest
from googleapiclient.discovery import build_from_document

from oo_desktop.connectors.google_calendar.source import GoogleCalendarSource
from oo_desktop.connectors.google_calendar.wire import ids_from_signal
from oo_desktop.http.client import Http, ServiceClient, bearer_at
from oo_desktop.model.signals import Day, Due, Event, Fixed, UserId
from oo_desktop.sandbox.google import GOOGLE_API
from oo_desktop.sandbox.process import SandboxProcess
from oo_desktop.testing import FakeClock
from tests.sandbox.google.schema import DOCUMENT
from tests.sandbox.google.test_oracle import WithToken, access_token, pages

ZONES = ["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"]
ADA = UserId("ada@example.com")
Times = tuple[datetime | date, datetime | date]


class GivenToken:
    def __init__(self, token: str) -> None:
        self._token = token

    async def access_token(self) -> str:
        return self._token

    async def renewed(self, refused: str) -> str:
        raise AssertionError("the token is good for an hour")


@pytest.fixture(scope="module", params=ZONES)
def sandbox(request: pytest.FixtureRequest) -> Iterator[SandboxProcess]:
    with SandboxProcess(zone=request.param) as running:
        yield running


@pytest.fixture
def token(sandbox: SandboxProcess) -> str:
    sandbox.control("reset", apps=True)
    return access_token(sandbox.url)


@pytest.fixture
async def source(sandbox: SandboxProcess, token: str) -> AsyncIterator[GoogleCalendarSource]:
    clock = FakeClock(datetime.now(UTC))
    http = Http(clock=clock)
    client = ServiceClient(
        http=http,
        address=bearer_at(f"{sandbox.url}{GOOGLE_API}"),
        tokens=GivenToken(token),
        clock=clock,
        origin_name="Google",
    )
    yield GoogleCalendarSource(client=lambda _: client, days_ahead=6, now=clock.now)
    await http.aclose()


def theirs(sandbox: SandboxProcess, token: str, begin: str, end: str) -> dict[tuple[str, str], Any]:
    """Every event of every selected calendar, as Google's client reads them, by their ids."""
    description = json.dumps({**DOCUMENT, "rootUrl": f"{sandbox.url}/google/"})
    http: httplib2.Http = WithToken(token)
    api = build_from_document(description, http=http)
    found: dict[tuple[str, str], Any] = {}
    for listed in pages(api.calendarList().list(), api.calendarList().list_next):
        for entry in listed["items"]:
            if not entry.get("selected"):
                continue
            request = api.events().list(
                calendarId=entry["id"],
                timeMin=begin,
                timeMax=end,
                singleEvents=True,
                maxResults=3,
            )
            for page in pages(request, api.events().list_next):
                found |= {(entry["id"], item["id"]): item for item in page["items"]}
    api.close()
    return found


def times(item: dict[str, Any]) -> Times:
    def moment(said: dict[str, str]) -> datetime | date:
        if "date" in said:
            return date.fromisoformat(said["date"])
        return datetime.fromisoformat(said["dateTime"]).astimezone(UTC)

    return moment(item["start"]), moment(item["end"])


def ours(event: Event) -> Times:
    def moment(due: Due) -> datetime | date:
        match due:
            case Day(day):
                return day
            case Fixed(at):
                return at
        raise AssertionError("nothing of Google’s floats")

    return moment(event.start), moment(event.end)


def declined(item: dict[str, Any]) -> bool:
    return any(
        guest.get("self") and guest["responseStatus"] == "declined"
        for guest in item.get("attendees", [])
    )


async def test_googles_own_client_sees_the_same_events_at_the_same_times(
    sandbox: SandboxProcess, token: str, source: GoogleCalendarSource
) -> None:
    snapshot = await source.fetch_signals(ADA)
    zone = snapshot.zone
    assert zone in ZONES
    today = datetime.now(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    end = datetime.combine(today.date() + timedelta(days=7), today.time(), ZoneInfo(zone))
    known = theirs(sandbox, token, today.isoformat(), end.isoformat())
    expected = {
        ids: times(item)
        for ids, item in known.items()
        if not declined(item) and item["eventType"] not in ("workingLocation", "birthday")
    }
    found = {
        ids_from_signal(event.id): ours(event)
        for event in snapshot.signals
        if isinstance(event, Event)
    }
    assert len(found) > 20
    assert found == expected
    for event in snapshot.signals:
        ids = ids_from_signal(event.id)
        assert ids is not None
        assert isinstance(event, Event)
        item = known[ids]
        assert event.title == item.get("summary", "(no title)")
        assert event.twin is not None
        assert event.twin.startswith(item["iCalUID"])
        if isinstance(event.start, Fixed):
            assert event.start.zone == item["start"]["timeZone"]
