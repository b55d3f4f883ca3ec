"""Accounts that are connected with a user name and an app password."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from oo_desktop.errors import AuthRequired, SignInError, Unavailable
from oo_desktop.events import EventBus
from oo_desktop.http.client import NotSent
from oo_desktop.http.passwords import CredentialsError, CredentialsField, address_of
from oo_desktop.integrations.accounts import Accounts, RunningSignIn
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.integrations.keyring_backends import KeyringBackend
from oo_desktop.integrations.oauth_clients import OAuthClients
from oo_desktop.integrations.vault import TokenVault
from oo_desktop.model.signals import AccountKey, UserId
from oo_desktop.store.database import Database
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.store.oauth_clients import OAuthClientStore
from oo_desktop.testing import FakeClock, settle
from tests.connectors.password_server import (
    SERVER,
    VAULT,
    Granting,
    JobVault,
    connector,
    credentials,
)

ADA = AccountKey(VAULT, UserId("ada@dav.example/jobs/"))


class Desk:
    """One computer, whose network leads to the server alone."""

    def __init__(self, folder: Path) -> None:
        self.clock = clock = FakeClock()
        self.keyring = MemoryKeyring()
        backend: KeyringBackend = self.keyring
        port = KeyringPort(choose=lambda: backend, clock=clock)
        self.server = JobVault()
        self.granting = Granting()
        self.database = Database(folder / "oo.db")
        registered = OAuthClientStore(self.database)
        vault = TokenVault(integrations=IntegrationStore(self.database), keyring=port, clock=clock)
        self.accounts = Accounts(
            connectors=[connector(self.granting.browser)],
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


@pytest.mark.parametrize(
    ("server", "user_name", "key"),
    [
        ("dav.example", "ada", "ada@dav.example/jobs/"),
        ("jobs", "ada", "ada@dav.example/jobs/"),
        ("JOBS", "ada", "ada@dav.example/jobs/"),
        ("", "ada@dav.example", "ada%40dav.example@dav.example/jobs/"),
        ("other", "ada@dav.example", "ada%40dav.example@dav.example/jobs/"),
    ],
    ids=["a host", "a preset", "a preset in capitals", "an e-mail address", "no preset"],
)
async def test_the_server_is_found_from_what_the_person_knows(
    desk: Desk, server: str, user_name: str, key: str
) -> None:
    desk.server.authorization = address_of(credentials(user_name=user_name))[1]
    given = credentials(server=server, user_name=user_name)
    connected = await desk.accounts.connect_with_token(VAULT, given)
    assert connected.key.user_id == key
    assert await desk.accounts.client(VAULT, connected.key.user_id).base_url() == SERVER


async def test_a_preset_without_an_address_asks_for_the_server(desk: Desk) -> None:
    with pytest.raises(CredentialsError, match="address of the server") as caught:
        await desk.accounts.connect_with_token(VAULT, credentials(server="other"))
    assert caught.value.field is CredentialsField.SERVER


async def test_a_server_that_cannot_be_reached_is_said_of_the_server(desk: Desk) -> None:
    desk.server.failure = NotSent("No.")
    with pytest.raises(CredentialsError, match="cannot be reached") as caught:
        await desk.accounts.connect_with_token(VAULT, credentials())
    assert caught.value.field is CredentialsField.SERVER


async def test_a_server_in_trouble_is_asked_once(desk: Desk) -> None:
    desk.server.failure = Unavailable("It has a problem.", outlook="oO keeps trying.")
    with pytest.raises(SignInError, match=r"^It has a problem. Try again later.$"):
        await desk.accounts.connect_with_token(VAULT, credentials())
    assert desk.server.failed == 1


# Reconnect


async def test_a_reconnect_takes_the_new_password_alone(desk: Desk) -> None:
    await desk.accounts.connect_with_token(VAULT, credentials())
    desk.accounts.require_reconnect(ADA, "It was withdrawn.")
    desk.server.authorization = address_of(credentials(password="another"))[1]
    given = credentials(server="", user_name="", password="another")
    again = await desk.accounts.connect_with_token(VAULT, given, expected=ADA)
    assert again.key == ADA
    assert desk.accounts.active() == (ADA,)
    await desk.accounts.client(VAULT, ADA.user_id).get("list")


async def test_a_refused_reconnect_leaves_the_account_as_it_was(desk: Desk) -> None:
    await desk.accounts.connect_with_token(VAULT, credentials())
    desk.accounts.require_reconnect(ADA, "It was withdrawn.")
    before = dict(desk.keyring.entries)
    given = credentials(server="", user_name="", password="wrong")
    with pytest.raises(CredentialsError):
        await desk.accounts.connect_with_token(VAULT, given, expected=ADA)
    assert desk.keyring.entries == before
    assert desk.accounts.active() == ()


async def test_somebody_else_does_not_come_back_in_the_place_of_an_account(desk: Desk) -> None:
    await desk.accounts.connect_with_token(VAULT, credentials())
    desk.server.authorization = address_of(credentials(user_name="ben"))[1]
    given = credentials(user_name="ben")
    with pytest.raises(SignInError, match="You signed in as ben@dav"):
        await desk.accounts.connect_with_token(VAULT, given, expected=ADA)
    assert [known.key for known in desk.accounts.all()] == [ADA]


async def test_a_user_whose_folder_was_moved_is_the_same_account(desk: Desk) -> None:
    await desk.accounts.connect_with_token(VAULT, credentials())
    given = credentials(server=f"{SERVER}moved/")
    again = await desk.accounts.connect_with_token(VAULT, given, expected=ADA)
    assert again.key == ADA
    assert await desk.accounts.client(VAULT, ADA.user_id).base_url() == f"{SERVER}moved/"


async def test_a_check_can_be_cancelled_and_keeps_nothing(desk: Desk) -> None:
    desk.server.silent = True
    connecting = asyncio.ensure_future(desk.accounts.connect_with_token(VAULT, credentials()))
    await settle()
    desk.accounts.cancel(VAULT)
    with pytest.raises(SignInError, match="cancelled"):
        await connecting
    assert desk.keyring.entries == {}


async def test_no_password_is_in_the_log_or_an_error(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for given in (
        credentials(password="s3cret"),
        credentials(password="s3cret", server="http://dav.example"),
        credentials(password="s3cret", user_name="a:b"),
        credentials(password="s3cret\n"),
    ):
        with pytest.raises(SignInError) as caught:
            await desk.accounts.connect_with_token(VAULT, given)
        told = "".join(traceback.format_exception(caught.value))
        assert "s3cret" not in told
    assert "s3cret" not in caplog.text


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


# With the browser


def begun(desk: Desk, expected: AccountKey | None = None) -> RunningSignIn:
    return desk.accounts.connect(VAULT, expected=expected, server="cloud.example")


async def test_a_server_makes_the_password_once_the_person_agrees(desk: Desk) -> None:
    running = begun(desk)
    assert await running.url() == "https://dav.example/login/7"
    assert desk.granting.address == "cloud.example"
    (state,) = desk.accounts.sign_ins()
    assert state.ends_at == desk.clock.now() + timedelta(minutes=20)
    await desk.clock.advance(60)
    desk.granting.agree()
    await desk.clock.advance(10)
    connected = await running.result()
    assert (connected.key, connected.label) == (ADA, "ada@dav.example")
    assert desk.accounts.sign_ins() == ()


async def test_a_question_that_gets_lost_is_asked_again(desk: Desk) -> None:
    desk.granting.failures = [Unavailable("Not now."), Unavailable("Not now.", retry_after=9.0)]
    desk.granting.agree()
    running = begun(desk)
    await desk.clock.advance(30)
    assert (await running.result()).key == ADA


async def test_nobody_waits_longer_for_the_browser_than_the_server_does(desk: Desk) -> None:
    running = begun(desk)
    await settle()
    await desk.clock.advance(1300)
    with pytest.raises(SignInError, match="not finished in the browser"):
        await running.result()
    assert desk.accounts.all() == ()


async def test_an_address_without_such_a_server_is_said_at_once(desk: Desk) -> None:
    running = desk.accounts.connect(VAULT, server="nowhere.example")
    with pytest.raises(SignInError, match="This is no Job Cloud"):
        await running.url()


async def test_another_address_begins_another_sign_in(desk: Desk) -> None:
    first = begun(desk)
    assert begun(desk) is first
    second = desk.accounts.connect(VAULT, server="other.example")
    await settle()
    assert first.task.cancelled()
    assert await second.url()


async def test_a_server_may_call_the_owner_of_a_known_folder_by_another_name(desk: Desk) -> None:
    await desk.accounts.connect_with_token(VAULT, credentials())
    desk.granting.agree(user_name="ada@dav.example")
    desk.server.authorization = address_of(credentials(user_name="ada@dav.example"))[1]
    running = begun(desk, expected=ADA)
    await desk.clock.advance(10)
    assert (await running.result()).key == ADA
    await desk.accounts.client(VAULT, ADA.user_id).get("list")


async def test_a_password_of_which_no_account_comes_is_ended(desk: Desk) -> None:
    await desk.accounts.connect_with_token(VAULT, credentials())
    desk.granting.agree(server=f"{SERVER}moved/", user_name="ben", password="of-ben")
    desk.server.authorization = address_of(credentials(user_name="ben", password="of-ben"))[1]
    running = begun(desk, expected=ADA)
    await desk.clock.advance(10)
    with pytest.raises(SignInError, match="not as ada@"):
        await running.result()
    assert desk.granting.ended == ["of-ben"]


@pytest.mark.parametrize("refuses", [False, True])
async def test_disconnecting_ends_the_password_that_a_server_made(
    desk: Desk, *, refuses: bool
) -> None:
    desk.granting.agree()
    desk.granting.refuses = refuses
    running = begun(desk)
    await desk.clock.advance(10)
    await running.result()
    gone = await desk.accounts.disconnect(ADA)
    assert desk.keyring.entries == {}
    if refuses:
        assert (gone.revoked, gone.revoke_url) == (False, f"{SERVER}settings")
        assert gone.note == (
            "oO could not end its access at Job Cloud. You can do it at "
            "https://dav.example/jobs/settings"
        )
    else:
        assert (gone.revoked, gone.revoke_url) == (True, "")
        assert gone.note == "Job Cloud has ended oO’s access."
        assert desk.granting.ended == ["app-pass-word"]


async def test_a_password_that_a_person_made_is_theirs_to_end(desk: Desk) -> None:
    await desk.accounts.connect_with_token(VAULT, credentials())
    gone = await desk.accounts.disconnect(ADA)
    assert (gone.revoked, desk.granting.ended) == (None, [])
