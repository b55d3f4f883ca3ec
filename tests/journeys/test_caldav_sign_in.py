"""Signing in to CalDAV servers as they are, from what a person types to an account that works."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from oo_desktop.clock import SystemClock
from oo_desktop.connectors.base import Connector, Password
from oo_desktop.connectors.caldav import nextcloud
from oo_desktop.connectors.caldav.discovery import find_server
from oo_desktop.connectors.caldav.presets import PRESETS
from oo_desktop.events import EventBus
from oo_desktop.http.client import Http
from oo_desktop.http.passwords import Credentials, CredentialsError, CredentialsField
from oo_desktop.integrations.accounts import Accounts
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.integrations.keyring_backends import KeyringBackend
from oo_desktop.integrations.oauth_clients import OAuthClients
from oo_desktop.integrations.vault import TokenVault
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.store.oauth_clients import OAuthClientStore
from oo_desktop.testing import ScriptedSource
from tests.connectors.caldav.servers import PASSWORD, USER, Server, radicale
from tests.connectors.caldav.test_nextcloud import APP_PASSWORD, Nextcloud
from tests.http.scripted import Asked, Reply, ScriptedService

DAV = ProviderId("dav")
CONNECTOR = Connector(
    id=DAV,
    name="CalDAV",
    sign_in=Password(find_server=find_server, presets=PRESETS, browser=nextcloud.SIGN_IN),
    source=lambda _given: ScriptedSource("dav"),
)


class Desk(NamedTuple):
    """One computer with a real network."""

    accounts: Accounts
    keyring: MemoryKeyring


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock = SystemClock()
    keyring = MemoryKeyring()
    backend: KeyringBackend = keyring
    port = KeyringPort(choose=lambda: backend, clock=clock)
    database = Database(tmp_path / "oo.db")
    vault = TokenVault(integrations=IntegrationStore(database), keyring=port, clock=clock)
    registered = OAuthClientStore(database)
    http = Http(clock=clock)
    accounts = Accounts(
        connectors=[CONNECTOR],
        vault=vault,
        oauth_clients=OAuthClients(store=registered, vault=vault, clock=clock),
        registered=registered,
        http=http,
        bus=EventBus(),
        clock=clock,
        lock_folder=tmp_path,
    )
    yield Desk(accounts, keyring)
    await accounts.aclose()
    await http.aclose()
    database.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with radicale(tmp_path_factory.mktemp("radicale")) as running:
        yield running


def given(server: str, *, user_name: str = USER, password: str = PASSWORD) -> str:
    return Credentials(server=server, user_name=user_name, password=password).secret


async def test_the_address_of_a_server_is_enough_and_a_new_password_is_taken_alone(
    desk: Desk, server: Server
) -> None:
    connected = await desk.accounts.connect_with_token(DAV, given(server.url))
    host = server.url.removeprefix("http://")
    assert connected.key == AccountKey(DAV, UserId(f"{USER}@{host}/{USER}/"))
    assert connected.label == f"{USER}@{host}"
    client = desk.accounts.client(DAV, connected.key.user_id)
    assert (await client.dav("PROPFIND", server.home, depth="0")).status == 207
    again = await desk.accounts.connect_with_token(
        DAV, given("", user_name=""), expected=connected.key
    )
    assert again.key == connected.key


async def test_a_wrong_password_keeps_nothing_and_is_in_no_log_and_no_error(
    desk: Desk, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(CredentialsError) as caught:
        await desk.accounts.connect_with_token(DAV, given(server.url, password="s3cret"))
    assert caught.value.field is CredentialsField.PASSWORD
    assert (desk.accounts.all(), desk.keyring.entries) == ((), {})
    assert "s3cret" not in caplog.text + str(caught.value)


# A Nextcloud


class Cloud:
    """A Nextcloud that knows where Ada's calendars are."""

    def __init__(self, service: ScriptedService) -> None:
        self.nextcloud = Nextcloud(service)
        self._answer = service.answer
        service.answer = self.answer

    def answer(self, asked: Asked) -> Reply | None:
        if asked.method != "PROPFIND":
            return self._answer(asked)  # type: ignore[misc]  # it was given one
        at = f"{self.nextcloud.at}/remote.php/dav"
        body = (
            '<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:response>'
            f"<d:href>{at}/</d:href><d:propstat><d:prop><d:current-user-principal><d:href>{at}"
            "/principals/users/ada/</d:href></d:current-user-principal><c:calendar-home-set>"
            f"<d:href>{at}/calendars/ada/</d:href></c:calendar-home-set></d:prop>"
            "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"
        )
        return Reply(207, body.encode(), content_type="application/xml; charset=utf-8")


@pytest.fixture
def cloud(service: ScriptedService) -> Cloud:
    return Cloud(service)


async def test_a_nextcloud_is_signed_in_to_in_the_browser_and_asked_to_end_it(
    desk: Desk, cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    running = desk.accounts.connect(DAV, server=cloud.nextcloud.url)
    assert (await running.url()).startswith(f"{cloud.nextcloud.url}/login/v2/flow/")
    cloud.nextcloud.agreed = True
    connected = await running.result()
    assert connected.label.startswith("ada@127.0.0.1:")
    assert desk.accounts.signs_in_at(DAV, f"{cloud.nextcloud.url}/remote.php/dav/")
    gone = await desk.accounts.disconnect(connected.key)
    assert (gone.revoked, gone.note) == (True, "Nextcloud has ended oO’s access.")
    assert cloud.nextcloud.password is None
    assert APP_PASSWORD not in caplog.text


async def test_a_folder_of_a_nextcloud_leads_to_its_page_to_sign_in(
    desk: Desk, cloud: Cloud
) -> None:
    cloud.nextcloud.agreed = True
    first = await desk.accounts.connect(DAV, server=cloud.nextcloud.url).result()
    home = f"{cloud.nextcloud.url}/remote.php/dav/calendars/ada/"
    cloud.nextcloud.agreed = True
    again = await desk.accounts.connect(DAV, expected=first.key, server=home).result()
    assert again.key == first.key


async def test_what_is_no_nextcloud_is_said_of_the_address(desk: Desk, server: Server) -> None:
    running = desk.accounts.connect(DAV, server=server.url)
    with pytest.raises(CredentialsError, match="no Nextcloud") as caught:
        await running.url()
    assert caught.value.field is CredentialsField.SERVER
