"""The connector, and the stand-in Google it talks to as Ada, over a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from oo_desktop.connectors.google_calendar.source import GoogleCalendarSource
from oo_desktop.errors import AuthRequired
from oo_desktop.http.client import Http, ServiceClient, bearer_at
from oo_desktop.model.signals import Event, UserId
from oo_desktop.model.source import Snapshot
from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.control.actions import ACTIONS
from oo_desktop.sandbox.google import GOOGLE_API
from oo_desktop.sandbox.google.model import SandboxEvent
from oo_desktop.sandbox.google.seed import ADA
from oo_desktop.sandbox.oauth.policy import OAuthRefused
from oo_desktop.sandbox.server import serving
from oo_desktop.sandbox.world import World
from oo_desktop.testing import FakeClock

NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)
"""Of a Sunday in Berlin."""

_SCOPE = "https://www.googleapis.com/auth/calendar"
LIST = f"{_SCOPE}.calendarlist.readonly"
READ = f"{_SCOPE}.events.readonly"
WRITE = f"{_SCOPE}.events"
ME = UserId(ADA)
CALLBACK = "http://127.0.0.1/"


class GrantedTokens:
    """Ada's tokens, for what she agreed to."""

    def __init__(self, world: World, *scopes: str) -> None:
        self._grants = world.google.grants
        self._client = next(iter(self._grants.clients.values()))
        person = world.google.state.person(ADA)
        assert person is not None
        code = self._grants.consent(
            client=self._client,
            user_id=person.id,
            scope=scopes,
            redirect_uri=CALLBACK,
        )
        self._answer = self._grants.exchange(self._client, code=code, redirect_uri=CALLBACK)
        self._refresh_token = self._answer["refresh_token"]

    async def access_token(self) -> str:
        return str(self._answer["access_token"])

    async def renewed(self, refused: str) -> str:
        try:
            self._answer = self._grants.refresh(self._client, self._refresh_token)
        except OAuthRefused:
            raise AuthRequired("Google no longer accepts oO’s access.") from None
        return await self.access_token()


@dataclass
class GoogleDesk:
    """chosen, may_write, has_list: what the source is told of the user."""

    world: World
    clock: FakeClock
    client: ServiceClient
    source: GoogleCalendarSource = field(init=False)
    chosen: dict[str, bool] = field(default_factory=dict)
    may_write: bool = False
    has_list: bool = False

    def __post_init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Have a source that knows nothing."""
        self.source = GoogleCalendarSource(
            client=lambda _: self.client,
            chosen=lambda _: self.chosen,
            may_write=lambda _: self.may_write,
            has_list=lambda _: self.has_list,
            now=self.world.clock.now,
        )

    def do(self, action: str, **given: Any) -> Any:
        """What the sandbox's control page can do."""
        return ACTIONS[action](self.world, given)

    def stored(self, summary: str, calendar: str = ADA) -> SandboxEvent:
        events = self.world.google.state.calendars[calendar].events.values()
        return next(event for event in events if event.content.get("summary") == summary)

    async def fetch(self) -> Snapshot:
        return await self.source.fetch_signals(ME)

    async def events(self) -> dict[str, Event]:
        """What is shown, by its title."""
        found = (await self.fetch()).signals
        assert all(isinstance(event, Event) for event in found)
        return {event.title: event for event in found if isinstance(event, Event)}

    @property
    def requests(self) -> int:
        return self.world.google.requests[ADA]


@asynccontextmanager
async def google_desk(*scopes: str, zone: str = "Europe/Berlin") -> AsyncIterator[GoogleDesk]:
    """A sandbox of its own, and a source that Ada granted `scopes` (or what oO asks for)."""
    world = World(clock=SandboxClock(base=lambda: NOON), zone=zone)
    clock = FakeClock(NOON)
    http = Http(clock=clock, deadline=10, max_bytes=4 * 1024 * 1024)
    async with serving(world) as url:
        client = ServiceClient(
            http=http,
            address=bearer_at(f"{url}{GOOGLE_API}"),
            tokens=GrantedTokens(world, *(scopes or (LIST, READ))),
            clock=clock,
            origin_name="Google",
            noise=lambda: 0.0,
        )
        yield GoogleDesk(world, clock, client)
        await http.aclose()
