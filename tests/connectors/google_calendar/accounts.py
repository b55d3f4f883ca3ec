"""Accounts of the stand-in Google, over real sockets, with a person who clicks in the browser."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from oo_desktop.config import settings_from_toml
from oo_desktop.connectors.base import Connector
from oo_desktop.connectors.google_calendar.connector import connector
from oo_desktop.connectors.google_calendar.wire import GOOGLE_CALENDAR
from oo_desktop.events import BusEvent, EventBus
from oo_desktop.http.client import Http
from oo_desktop.integrations.accounts import Accounts
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.integrations.keyring_backends import KeyringBackend
from oo_desktop.integrations.oauth_clients import OAuthClients
from oo_desktop.integrations.vault import Tokens, TokenVault
from oo_desktop.model.integrations import Integration
from oo_desktop.model.signals import AccountKey, UserId
from oo_desktop.oauth.messages import OAuthClient
from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.faults import FaultKind, SandboxFault
from oo_desktop.sandbox.google import CLIENT_ID, CLIENT_SECRET
from oo_desktop.sandbox.process import config_toml
from oo_desktop.sandbox.server import serving
from oo_desktop.sandbox.visitor import visit
from oo_desktop.sandbox.world import World
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.store.oauth_clients import OAuthClientStore
from oo_desktop.testing import FakeClock

ADA = "ada@example.com"
GRACE = "grace@example.com"
ADAS = AccountKey(GOOGLE_CALENDAR, UserId(ADA))
CLIENT = OAuthClient(client_id=CLIENT_ID, secret=CLIENT_SECRET)
CLIENT_FILE = json.dumps(
    {"installed": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "project_id": "x"}}
)


class LockedKeyring(Exception):
    """What a locked back end raises here; the port calls it a failure."""


class OpenOrLocked(MemoryKeyring):
    """A keyring that can be locked."""

    locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise LockedKeyring
        return super().get_password(service, username)


class GoogleAccounts:
    """One computer: its accounts, its keyring, its database, and the person before it."""

    def __init__(
        self,
        *,
        world: World,
        url: str,
        folder: Path,
        clock: FakeClock,
        configured: OAuthClient | None = CLIENT,
        revoking: float = 10.0,
    ) -> None:
        self.world = world
        self.url = url
        self.clock = clock
        self.keyring = OpenOrLocked()
        self.forgotten: list[str] = []
        self.events: list[BusEvent] = []
        self.opened: list[str] = []
        self.database = Database(folder / "oo.db")
        self.http = Http(clock=clock)
        self._bus = EventBus()
        self._bus.subscribe_all(self.events.append)
        self.registered = OAuthClientStore(self.database)
        backend: KeyringBackend = self.keyring
        port = KeyringPort(choose=lambda: backend, clock=clock)
        self.vault = TokenVault(
            integrations=IntegrationStore(self.database), keyring=port, clock=clock
        )
        self.clients = OAuthClients(
            store=self.registered,
            vault=self.vault,
            clock=clock,
            configured={GOOGLE_CALENDAR: configured} if configured else {},
            forget=lambda _provider, secret: self.forgotten.append(secret),
        )
        self.accounts = Accounts(
            connectors=[google(url)],
            vault=self.vault,
            oauth_clients=self.clients,
            registered=self.registered,
            http=self.http,
            bus=self._bus,
            clock=clock,
            lock_folder=folder,
            revoking=revoking,
        )

    async def aclose(self) -> None:
        await self.clients.aclose()
        await self.accounts.aclose()
        await self.http.aclose()
        self.database.close()

    async def connect(
        self,
        *,
        email: str = ADA,
        allow: bool = True,
        untick: tuple[str, ...] = (),
        expected: AccountKey | None = None,
        write: bool = False,
        alter: Callable[[str], str] = lambda url: url,
    ) -> Integration:
        """A whole sign-in. alter: what becomes of the address on its way to the browser."""
        running = self.accounts.connect(GOOGLE_CALENDAR, expected=expected, write=write)
        url = await running.url()
        self.opened.append(url)
        await asyncio.to_thread(visit, alter(url), allow=allow, account=email, untick=untick)
        return await running.result()

    @property
    def asked(self) -> dict[str, str]:
        """What the last address that was opened asks for."""
        query = parse_qs(urlsplit(self.opened[-1]).query)
        return {key: values[0] for key, values in query.items()}

    async def read(self, email: str = ADA) -> bytes:
        """One request to the API as `email`."""
        client = self.accounts.client(GOOGLE_CALENDAR, UserId(email))
        return await client.get("calendars/primary/events", params={"maxResults": "1"})

    async def tokens(self, key: AccountKey = ADAS) -> Tokens:
        tokens = await self.vault.tokens(key, fresh=True)
        assert tokens is not None
        return tokens

    def fail(self, reason: str = "", *, path: str = "/google/token", status: int = 500) -> None:
        """Let the next request to `path` fail."""
        fault = SandboxFault(kind=FaultKind.FAIL, path=path, status=status, reason=reason, count=1)
        self.world.faults.add(fault)

    async def lose_access(self) -> None:
        """The hour of the access token is over, here and there."""
        await self.clock.advance(3700)


def google(url: str) -> Connector:
    """The connector of the stand-in at `url`."""
    section = settings_from_toml(config_toml(url, google=True)).sections["google_calendar"]
    return connector(section)


@asynccontextmanager
async def google_accounts(
    folder: Path,
    *,
    configured: OAuthClient | None = CLIENT,
    revoking: float = 10.0,
) -> AsyncIterator[GoogleAccounts]:
    """A desk and a Google whose clocks go together."""
    clock = FakeClock()
    world = World(clock=SandboxClock(base=clock.now), zone="Europe/Berlin")
    async with serving(world) as url:
        desk = GoogleAccounts(
            world=world,
            url=url,
            folder=folder,
            clock=clock,
            configured=configured,
            revoking=revoking,
        )
        try:
            yield desk
        finally:
            await desk.aclose()
