"""A service whose refresh tokens rotate, and everything an account needs to live on it.

The service follows developer.todoist.com, "Refreshing access tokens": each renewal replaces the
refresh token; the old one again within 60 s brings the same access token and no refresh token;
later it ends everything. It has a clock of its own: setting the user's does not set it.
"""

import asyncio
import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

from oo_desktop.clock import Clock
from oo_desktop.errors import Unavailable
from oo_desktop.http.client import AnswerLost, NotSent
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.integrations.tokens import AccountTokens
from oo_desktop.integrations.vault import Tokens, TokenVault
from oo_desktop.model.integrations import Integration
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.oauth.messages import GrantRefused, TokenAnswer
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.testing import FakeClock

KEY = AccountKey(ProviderId("todoist"), UserId("2671355"))
START = datetime(2026, 11, 22, 12, tzinfo=UTC)


def integration(key: AccountKey = KEY, *, client_id: str = "tdd_client") -> Integration:
    return Integration(
        key=key, label="ada@example.org", client_id=client_id, connected_at=START, updated_at=START
    )


async def until(true: Callable[[], bool]) -> None:
    """Wait for what the keyring's thread decides."""
    while not true():  # noqa: ASYNC110  # a thread has no asyncio.Event to set
        await asyncio.sleep(0.001)


class KeyringLocked(Exception):  # the name `keyring` gives it
    """What a locked keyring raises."""


class Network(Enum):
    """What happens to the next requests."""

    OK = "ok"
    NOT_SENT = "not sent"
    REQUEST_LOST = "request lost"
    ANSWER_LOST = "answer lost"
    BUSY = "busy"
    BUSY_AFTERWARDS = "busy, but the service has done it"
    """Such as a gateway that gave up waiting for the service behind it (502, 504)."""


class MoodyKeyring(MemoryKeyring):
    """A keyring that can be locked, broken or kept waiting, from the test's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.error: BaseException | None = None
        self.gate: threading.Event | None = None
        self.gated = {"get", "set", "delete"}
        self.calls: list[str] = []

    def _meet(self, call: str) -> None:
        self.calls.append(call)
        if self.gate is not None and call in self.gated:
            self.gate.wait(30)
        if self.error is not None:
            raise self.error

    def get_password(self, service: str, username: str) -> str | None:
        self._meet("get")
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._meet("set")
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._meet("delete")
        super().delete_password(service, username)


class RotatingService:
    """The token endpoint. `refresh` is what `AccountTokens` is given."""

    def __init__(self, clock: Clock, *, lifetime: float = 3600) -> None:
        self.network = Network.OK
        self.gate: asyncio.Event | None = None
        self.arrivals = 0
        self.replayed = False
        self.lifetime = lifetime
        self.asleep = 0.0
        self._clock = clock
        self._numbers = itertools.count(1)
        self._spent: dict[str, tuple[float, str]] = {}
        self._access: dict[str, float] = {}
        self.live_refresh: str | None = None

    def sign_in(self) -> Tokens:
        """The tokens of a new sign-in."""
        access, refresh = self._issue()
        ends = self._clock.now() + timedelta(seconds=self.lifetime)
        return Tokens(access=access, refresh=refresh, expires_at=ends, lifetime=self.lifetime)

    def honours(self, access: str) -> bool:
        return self._now() < self._access.get(access, 0)

    def forgives(self, refresh: str | None) -> bool:
        """Whether sending `refresh` now would bring an access token."""
        if refresh is None or self.live_refresh is None:
            return False
        return refresh == self.live_refresh or self._in_grace(refresh)

    def revoke(self) -> None:
        self.live_refresh = None
        self._access.clear()
        self._spent.clear()

    async def refresh(self, client_id: str, refresh_token: str) -> TokenAnswer:
        assert client_id == "tdd_client"
        network = self.network
        if network is Network.NOT_SENT:
            raise NotSent("Todoist cannot be reached.")
        if network is Network.REQUEST_LOST:
            raise AnswerLost("Todoist did not answer.")
        if network is Network.BUSY:
            raise Unavailable("Todoist is busy.")
        self.arrivals += 1
        try:
            answer = self._answer(refresh_token)
        finally:
            if self.gate is not None:
                await self.gate.wait()
        if network is Network.ANSWER_LOST:
            raise AnswerLost("Todoist did not answer.")
        if network is Network.BUSY_AFTERWARDS:
            raise Unavailable("Todoist is busy.")
        return answer

    def _answer(self, refresh_token: str) -> TokenAnswer:
        if refresh_token == self.live_refresh:
            access, refresh = self._issue()
            self._spent[refresh_token] = (self._now(), access)
            return TokenAnswer(access, refresh, self.lifetime, "data:read_write")
        if refresh_token not in self._spent:
            raise GrantRefused("Todoist no longer accepts this sign-in.")
        if self._in_grace(refresh_token):
            return TokenAnswer(self._spent[refresh_token][1], None, self.lifetime, None)
        self.replayed = True
        self.revoke()
        raise GrantRefused("Todoist no longer accepts this sign-in.")

    def _in_grace(self, refresh_token: str) -> bool:
        spent = self._spent.get(refresh_token)
        return spent is not None and self._now() - spent[0] < 60

    def _issue(self) -> tuple[str, str]:
        number = next(self._numbers)
        access, refresh = f"planted-access-{number}", f"planted-refresh-{number}"
        self._access[access] = self._now() + self.lifetime
        self.live_refresh = refresh
        return access, refresh

    def _now(self) -> float:
        """The service's clock: it runs on while the user's machine sleeps."""
        return self._clock.monotonic() + self.asleep


class Life:
    """One account over several runs of oO: files and keyring stay, everything else is made anew."""

    def __init__(self, folder: Path, *, rotates: bool = True) -> None:
        self.folder = folder
        self.rotates = rotates
        self.clock = FakeClock(START)
        self.keyring = MoodyKeyring()
        self.service = RotatingService(self.clock)
        self._database: Database | None = None
        self.start()

    def start(self) -> None:
        self._database = Database(self.folder / "oo.db")
        self.integrations = IntegrationStore(self._database)
        self.vault = TokenVault(
            integrations=self.integrations,
            keyring=KeyringPort(choose=lambda: self.keyring, clock=self.clock),
            clock=self.clock,
        )
        self.tokens = self.account_tokens()

    def account_tokens(self) -> AccountTokens:
        return AccountTokens(
            key=KEY,
            vault=self.vault,
            refresh=self.service.refresh,
            lock_folder=self.folder,
            clock=self.clock,
            rotates=self.rotates,
            lock_deadline=0,
        )

    def stop(self) -> None:
        """The process ends, as suddenly as the test likes: nothing is awaited."""
        if self._database is not None:
            self._database.close()
        self.tokens._lock.release()  # what the system does when a process is gone

    def restart(self) -> None:
        self.stop()
        self.start()

    def sleep(self, seconds: float) -> None:
        """The machine is suspended: the wall clock runs on, the monotonic one stands still."""
        self.clock.jump(seconds)
        self.service.asleep += seconds

    async def connect(self, tokens: Tokens | None = None) -> Tokens:
        tokens = tokens or self.service.sign_in()
        await self.vault.connect(integration(), tokens)
        return tokens

    async def expired(self) -> Tokens:
        """Connected, and an hour has gone by."""
        tokens = await self.connect()
        await self.clock.advance(3600)
        return tokens

    async def kept(self) -> Tokens | None:
        """What the keyring holds."""
        return await TokenVault(
            integrations=self.integrations,
            keyring=KeyringPort(choose=lambda: self.keyring),
            clock=self.clock,
        ).tokens(KEY)
