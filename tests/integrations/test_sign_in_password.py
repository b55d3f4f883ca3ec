"""Accounts that are connected with a user name and an app password."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from oo_desktop.errors import AuthRequired, SignInError
from oo_desktop.events import EventBus
from oo_desktop.http.passwords import CredentialsError, CredentialsField
from oo_desktop.integrations.accounts import Accounts
from oo_desktop.integrations.keyring import KeyringBackend, KeyringPort, MemoryKeyring
from oo_desktop.integrations.oauth_clients import OAuthClients
from oo_desktop.integrations.vault import TokenVault
from oo_desktop.model.signals import AccountKey, UserId
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.store.oauth_clients import OAuthClientStore
from oo_desktop.testing import FakeClock
from tests.connectors.password_server import SERVER, VAULT, JobVault, connector, credentials

ADA = AccountKey(VAULT, UserId("ada@dav.example/jobs/"))


class Desk:
    """One computer, whose network leads to the server alone."""

    def __init__(self, folder: Path) -> None:
        clock = FakeClock()
        self.keyring = MemoryKeyring()
        backend: KeyringBackend = self.keyring
        port = KeyringPort(choose=lambda: backend, clock=clock)
        self.server = JobVault()
        self.database = Database(folder / "oo.db")
        registered = OAuthClientStore(self.database)
        vault = TokenVault(integrations=IntegrationStore(self.database), keyring=port, clock=clock)
        self.accounts = Accounts(
            connectors=[connector()],
            vault=vault,
            oauth_clients=OAuthClients(store=registered, vault=vault, clock=clock),
            registered=registered,
            http=self.server,
            bus=EventBus(),
            clock=clock,
            lock_folder=folder,
        )


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    await desk.accounts.aclose()
    desk.database.close()


async def test_a_user_name_and_a_password_connect_an_account(desk: Desk) -> None:
    connected = await desk.accounts.connect_with_token(VAULT, credentials())
    assert (connected.key, connected.label) == (ADA, "ada@dav.example")
    assert desk.accounts.active() == (ADA,)
    assert desk.accounts.may_write(ADA)


async def test_they_are_kept_in_the_keyring_and_nowhere_else(desk: Desk) -> None:
    connected = await desk.accounts.connect_with_token(VAULT, credentials())
    (entry,) = desk.keyring.entries.values()
    assert "app-pass-word" in entry
    assert "app-pass-word" not in repr(connected)


async def test_requests_go_to_the_server_that_was_named_as_that_user(desk: Desk) -> None:
    await desk.accounts.connect_with_token(VAULT, credentials(server=SERVER.rstrip("/")))
    await desk.accounts.client(VAULT, ADA.user_id).get("list")
    assert desk.server.asked == ["me", "list"]


async def test_a_wrong_password_is_said_at_once_and_nothing_is_kept(desk: Desk) -> None:
    with pytest.raises(CredentialsError, match="does not accept this user name") as caught:
        await desk.accounts.connect_with_token(VAULT, credentials(password="wrong"))
    assert caught.value.field is CredentialsField.PASSWORD
    assert desk.keyring.entries == {}
    assert desk.accounts.all() == ()


async def test_a_server_that_is_not_encrypted_is_not_asked(desk: Desk) -> None:
    with pytest.raises(SignInError, match="must use https"):
        await desk.accounts.connect_with_token(VAULT, credentials(server="http://dav.example"))
    assert desk.server.asked == []


async def test_a_password_that_was_withdrawn_asks_for_a_reconnect(desk: Desk) -> None:
    await desk.accounts.connect_with_token(VAULT, credentials())
    desk.server.authorization = "Basic bmV3"
    with pytest.raises(AuthRequired):
        await desk.accounts.client(VAULT, ADA.user_id).get("list")


async def test_there_is_no_page_to_sign_in_at(desk: Desk) -> None:
    with pytest.raises(SignInError, match="user name and an app password"):
        desk.accounts.connect(VAULT)


async def test_disconnecting_forgets_the_password(desk: Desk) -> None:
    await desk.accounts.connect_with_token(VAULT, credentials())
    gone = await desk.accounts.disconnect(ADA)
    assert (gone.revoke_url, gone.revoked) == ("", None)
    assert desk.keyring.entries == {}
