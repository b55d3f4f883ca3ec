"""Accounts of this computer: nothing is asked, and the keyring has nothing to do with them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from oo_desktop.connectors.base import Connector, OnThisComputer
from oo_desktop.errors import Rejected, SignInError, SourceError, Unavailable
from oo_desktop.events import BusEvent, EventBus, IntegrationsChanged, TokenRestored
from oo_desktop.http.client import Http
from oo_desktop.integrations.accounts import Accounts
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.integrations.oauth_clients import OAuthClients
from oo_desktop.integrations.vault import TokenVault
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.source import Identity
from oo_desktop.model.state import TokenStatus
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.store.oauth_clients import OAuthClientStore
from oo_desktop.testing import FakeClock, ScriptedSource

HERE = ProviderId("here")
KEY = AccountKey(HERE, UserId("this-computer"))


class Forbidden(MemoryKeyring):
    """A keyring that nobody may touch."""

    def __init__(self) -> None:
        super().__init__()
        self.touched: list[str] = []

    def get_password(self, service: str, _username: str) -> str | None:
        self.touched.append(service)
        raise PermissionError

    def set_password(self, service: str, _username: str, _password: str) -> None:
        self.touched.append(service)
        raise PermissionError

    def delete_password(self, service: str, _username: str) -> None:
        self.touched.append(service)
        raise PermissionError


class Desk:
    """One computer, and what is on it."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.keyring = Forbidden()
        self.events: list[BusEvent] = []
        self.forgotten: list[AccountKey] = []
        self.missing: SourceError | None = None
        self._database = Database(folder / "oo.db")
        self._http = Http(clock=self.clock)
        bus = EventBus()
        bus.subscribe_all(self.events.append)
        registered = OAuthClientStore(self._database)
        self.vault = TokenVault(
            integrations=IntegrationStore(self._database),
            keyring=KeyringPort(choose=lambda: self.keyring, clock=self.clock),
            clock=self.clock,
        )
        self.accounts = Accounts(
            connectors=[self._connector()],
            vault=self.vault,
            oauth_clients=OAuthClients(
                store=registered, vault=self.vault, clock=self.clock, configured={}
            ),
            registered=registered,
            http=self._http,
            bus=bus,
            clock=self.clock,
            lock_folder=folder,
            forget=self._forget,
        )

    def _connector(self) -> Connector:
        return Connector(
            id=HERE,
            name="Lists of this computer",
            sign_in=OnThisComputer(identity=self._identity),
            source=lambda _given: ScriptedSource(HERE),
        )

    async def _identity(self) -> Identity:
        if self.missing is not None:
            raise self.missing
        return Identity(KEY.user_id, "This computer")

    def _forget(self, key: AccountKey) -> int:
        self.forgotten.append(key)
        return 2

    async def aclose(self) -> None:
        await self.accounts.aclose()
        await self._http.aclose()
        self._database.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    await desk.aclose()
    assert desk.keyring.touched == []


async def test_it_is_active_at_once_and_everybody_is_told(desk: Desk) -> None:
    connected = await desk.accounts.connect_here(HERE)
    assert (connected.key, connected.label) == (KEY, "This computer")
    assert desk.accounts.all() == (connected,)
    assert desk.accounts.active() == (KEY,)
    assert desk.accounts.may_write(KEY)
    assert desk.accounts.lack(connected) is None
    assert desk.events == [TokenRestored(KEY), IntegrationsChanged()]


async def test_a_second_time_it_is_the_same_account_with_what_was_chosen(desk: Desk) -> None:
    first = await desk.accounts.connect_here(HERE)
    desk.vault.show_calendar(KEY, "birthdays", shown=True)
    await desk.clock.advance(60)
    await desk.accounts.connect_here(HERE, expected=KEY)
    (account,) = desk.accounts.all()
    assert account.connected_at == first.connected_at
    assert desk.vault.calendars(KEY) == {"birthdays": True}


async def test_a_connect_mends_one_that_was_refused(desk: Desk) -> None:
    await desk.accounts.connect_here(HERE)
    desk.accounts.require_reconnect(KEY, "It is gone.")
    await desk.accounts.connect_here(HERE)
    (account,) = desk.accounts.all()
    assert (account.token_status, account.reason) == (TokenStatus.ACTIVE, None)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        (Rejected("The service is not installed."), "The service is not installed."),
        (Unavailable("It does not answer."), "It does not answer."),
    ],
)
async def test_what_is_not_here_is_not_connected_and_says_why(
    desk: Desk, missing: SourceError, sentence: str
) -> None:
    desk.missing = missing
    with pytest.raises(SignInError) as raised:
        await desk.accounts.connect_here(HERE)
    assert str(raised.value) == sentence
    assert desk.accounts.all() == ()


async def test_it_is_not_connected_as_somebody_else(desk: Desk) -> None:
    await desk.accounts.connect_here(HERE)
    with pytest.raises(SignInError, match="not as somebody"):
        await desk.accounts.connect_here(HERE, expected=AccountKey(HERE, UserId("somebody")))


async def test_to_disconnect_it_no_keyring_is_asked_and_what_waited_is_forgotten(
    desk: Desk,
) -> None:
    await desk.accounts.connect_here(HERE)
    gone = await desk.accounts.disconnect(KEY)
    assert (gone.label, gone.dropped, gone.revoke_url) == ("This computer", 2, "")
    assert (desk.accounts.all(), desk.forgotten) == ((), [KEY])


async def test_there_is_neither_a_token_nor_a_sign_in_nor_a_client_for_it(desk: Desk) -> None:
    with pytest.raises(SignInError, match="needs no token"):
        await desk.accounts.connect_with_token(HERE, "t" * 30)
    with pytest.raises(SignInError, match="oo-desktop connect here"):
        desk.accounts.connect(HERE)
    with pytest.raises(SignInError, match="needs no client"):
        desk.accounts.read_client(HERE, "{}")


async def test_nobody_asks_it_over_http(desk: Desk) -> None:
    with pytest.raises(TypeError):
        desk.accounts.client(*KEY)
