"""Clients of the user's own: brought as a file or in config.toml, kept in store and keyring."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from oo_desktop.config import Settings, settings_from_toml
from oo_desktop.connectors.google_calendar.wire import GOOGLE_CALENDAR
from oo_desktop.connectors.registry import built_in_registry
from oo_desktop.errors import SignInError, VaultError
from oo_desktop.integrations.oauth_clients import MOVE_PAUSE_SECONDS, configured_clients
from oo_desktop.integrations.sign_in import KEYRING_PAUSE_SECONDS
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.oauth.messages import OAuthClient
from oo_desktop.sandbox.google import CLIENT_ID, CLIENT_SECRET
from oo_desktop.sandbox.visitor import visit
from tests.connectors.google_calendar.accounts import (
    ADA,
    CLIENT,
    CLIENT_FILE,
    GoogleAccounts,
    google_accounts,
)

CONFIGURED = OAuthClient(client_id="configured", secret="GOCSPX-configured")
ENTRY = (f"oo-desktop:client:google_calendar:{CLIENT_ID}", CLIENT_ID)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[GoogleAccounts]:
    """Nobody has brought a client."""
    async with google_accounts(tmp_path, configured=None) as desk:
        yield desk


@pytest.fixture
async def configured(tmp_path: Path) -> AsyncIterator[GoogleAccounts]:
    """config.toml holds a client and its secret."""
    async with google_accounts(tmp_path, configured=CONFIGURED) as desk:
        yield desk


# Bringing one


async def test_without_a_client_the_sign_in_says_what_to_do(desk: GoogleAccounts) -> None:
    with pytest.raises(SignInError) as caught:
        await desk.connect()
    assert "README" in str(caught.value)
    assert "oo-desktop connect google_calendar --client FILE" in str(caught.value)
    assert desk.opened == []


async def test_a_client_that_was_brought_is_signed_in_with(desk: GoogleAccounts) -> None:
    await desk.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
    assert (await desk.connect()).label == ADA


async def test_its_id_goes_to_the_store_and_its_secret_to_the_keyring(desk: GoogleAccounts) -> None:
    await desk.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
    await desk.connect()
    known = desk.registered.get(GOOGLE_CALENDAR)
    assert known is not None
    assert known.client_id == CLIENT_ID
    assert desk.keyring.entries[ENTRY] == CLIENT_SECRET


async def test_it_is_forgotten_with_its_secret_and_those_of_accounts(desk: GoogleAccounts) -> None:
    await desk.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
    await desk.connect()
    older = ("oo-desktop:client:google_calendar:older", "older")
    others = ("oo-desktop:client:todoist:older", "older")
    desk.keyring.entries |= {older: "GOCSPX-older", others: "no matter"}
    await desk.accounts.delete_clients([(GOOGLE_CALENDAR, "older"), (ProviderId("todoist"), "x")])
    assert desk.registered.get(GOOGLE_CALENDAR) is None
    assert not {ENTRY, older} & set(desk.keyring.entries)
    assert others in desk.keyring.entries


async def test_its_secret_is_in_no_repr(desk: GoogleAccounts) -> None:
    client = CLIENT
    await desk.clients.bring(GOOGLE_CALENDAR, client)
    await desk.clients.keep_candidate(GOOGLE_CALENDAR, client)
    shown = f"{client!r} {client.__rich_repr__()} {desk.registered.get(GOOGLE_CALENDAR)!r}"
    assert CLIENT_ID in shown
    assert CLIENT_SECRET not in shown


async def test_it_survives_a_restart(tmp_path: Path) -> None:
    async with google_accounts(tmp_path, configured=None) as desk:
        await desk.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
        await desk.connect()
        entries = desk.keyring.entries
    async with google_accounts(tmp_path, configured=None) as desk:
        desk.keyring.entries |= entries
        assert (await desk.connect()).label == ADA


async def test_a_keyring_that_is_locked_takes_no_client(desk: GoogleAccounts) -> None:
    desk.keyring.locked = True
    with pytest.raises(VaultError):
        await desk.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
    desk.keyring.locked = False
    assert await desk.clients.current(GOOGLE_CALENDAR) is None


async def test_a_sign_in_while_the_keyring_is_locked_says_so(tmp_path: Path) -> None:
    async with google_accounts(tmp_path, configured=OAuthClient(client_id=CLIENT_ID)) as desk:
        desk.keyring.locked = True
        with pytest.raises(SignInError, match="keyring"):
            await desk.connect()


async def test_a_service_without_such_clients_takes_none(desk: GoogleAccounts) -> None:
    with pytest.raises(SignInError, match="does not know"):
        await desk.accounts.bring_client(ProviderId("notion"), CLIENT_FILE)


async def test_a_sign_in_that_waits_with_the_old_client_makes_room(
    configured: GoogleAccounts,
) -> None:
    """Google shows what it thinks of a client on a page of its own, and never comes back."""
    waiting = configured.accounts.connect(GOOGLE_CALENDAR)
    assert "client_id=configured" in await waiting.url()
    await configured.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
    assert waiting.task.cancelled()
    assert configured.accounts.sign_ins() == ()
    assert (await configured.connect()).client_id == CLIENT_ID


# Until the service has accepted it

WRONG_SECRET = CLIENT_FILE.replace(CLIENT_SECRET, "GOCSPX-wrong")
UNKNOWN = CLIENT_FILE.replace(CLIENT_ID, "99-unknown")


@pytest.fixture
async def connected(desk: GoogleAccounts) -> GoogleAccounts:
    """An account, connected with a client that was brought."""
    await desk.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
    await desk.connect()
    return desk


async def test_a_wrong_secret_never_takes_the_place_of_the_right_one(
    connected: GoogleAccounts,
) -> None:
    await connected.accounts.bring_client(GOOGLE_CALENDAR, WRONG_SECRET)
    assert connected.keyring.entries[ENTRY] == CLIENT_SECRET
    await connected.lose_access()
    await connected.read()
    with pytest.raises(SignInError, match="does not accept your client"):
        await connected.connect()
    assert connected.keyring.entries[ENTRY] == CLIENT_SECRET
    await connected.lose_access()
    await connected.read()
    assert (await connected.connect()).label == ADA


@pytest.mark.parametrize("file", [WRONG_SECRET, UNKNOWN])
async def test_what_nobody_accepted_is_gone_after_a_restart(tmp_path: Path, file: str) -> None:
    async with google_accounts(tmp_path, configured=None) as desk:
        await desk.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
        await desk.connect()
        entries = dict(desk.keyring.entries)
        await desk.accounts.bring_client(GOOGLE_CALENDAR, file)
        await desk.accounts.connect(GOOGLE_CALENDAR).url()
        assert desk.keyring.entries == entries
    async with google_accounts(tmp_path, configured=None) as desk:
        desk.keyring.entries |= entries
        assert (await desk.connect()).client_id == CLIENT_ID


async def test_a_new_client_whose_secret_is_refused_leaves_nothing_behind(
    connected: GoogleAccounts,
) -> None:
    entries = dict(connected.keyring.entries)
    connected.world.google.add_client("99-unknown", "GOCSPX-right")
    await connected.accounts.bring_client(GOOGLE_CALENDAR, UNKNOWN)
    with pytest.raises(SignInError, match="does not accept your client"):
        await connected.connect()
    assert connected.keyring.entries == entries
    assert (await connected.connect()).client_id == CLIENT_ID


async def test_a_first_client_that_is_refused_is_none(desk: GoogleAccounts) -> None:
    await desk.accounts.bring_client(GOOGLE_CALENDAR, WRONG_SECRET)
    with pytest.raises(SignInError, match="does not accept your client"):
        await desk.connect()
    assert desk.keyring.entries == {}
    assert desk.registered.get(GOOGLE_CALENDAR) is None
    with pytest.raises(SignInError, match="needs a client of your own"):
        await desk.connect()


async def test_a_sign_in_that_is_not_finished_can_be_begun_again_with_it(
    connected: GoogleAccounts,
) -> None:
    connected.world.google.add_client("99-unknown", CLIENT_SECRET)
    await connected.accounts.bring_client(GOOGLE_CALENDAR, UNKNOWN)
    waiting = connected.accounts.connect(GOOGLE_CALENDAR)
    await waiting.url()
    connected.accounts.cancel(GOOGLE_CALENDAR)
    with pytest.raises(SignInError, match="cancelled"):
        await waiting.result()
    assert (await connected.connect()).client_id == "99-unknown"


async def test_a_client_is_kept_when_it_was_accepted_and_the_account_was_not(
    desk: GoogleAccounts,
) -> None:
    await desk.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
    with pytest.raises(SignInError):
        await desk.connect(expected=AccountKey(GOOGLE_CALENDAR, UserId("somebody@example.com")))
    assert desk.keyring.entries == {ENTRY: CLIENT_SECRET}


async def test_a_keyring_that_locks_meanwhile_gets_the_client_when_it_opens(
    desk: GoogleAccounts,
) -> None:
    await desk.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
    running = desk.accounts.connect(GOOGLE_CALENDAR)
    url = await running.url()
    desk.keyring.locked = True
    await asyncio.to_thread(visit, url, allow=True, account=ADA)
    await until(lambda: any(state.note for state in desk.accounts.sign_ins()))
    desk.keyring.locked = False
    while not running.task.done():
        await desk.clock.advance(KEYRING_PAUSE_SECONDS)
        await asyncio.sleep(0.01)
    assert (await running.result()).client_id == CLIENT_ID
    assert desk.keyring.entries[ENTRY] == CLIENT_SECRET


async def test_a_secret_that_refreshes_an_account_is_kept(connected: GoogleAccounts) -> None:
    connected.world.google.grants.clients[CLIENT_ID].secret = "GOCSPX-wrong"
    await connected.accounts.bring_client(GOOGLE_CALENDAR, WRONG_SECRET)
    await connected.lose_access()
    await connected.read()
    assert connected.keyring.entries[ENTRY] == "GOCSPX-wrong"


# config.toml


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # what it waits for happens in threads
            await asyncio.sleep(0.01)


async def test_a_configured_client_is_signed_in_with(configured: GoogleAccounts) -> None:
    client = await configured.clients.current(GOOGLE_CALENDAR)
    assert client == CONFIGURED


async def test_a_configured_secret_moves_to_the_keyring_once(configured: GoogleAccounts) -> None:
    configured.clients.start()
    await until(lambda: configured.forgotten == ["GOCSPX-configured"])
    assert list(configured.keyring.entries.values()) == ["GOCSPX-configured"]
    assert await configured.clients.current(GOOGLE_CALENDAR) == CONFIGURED


async def test_it_is_used_from_where_it_is_until_the_keyring_takes_it(
    configured: GoogleAccounts,
) -> None:
    configured.keyring.locked = True
    configured.clients.start()
    await configured.clock.advance(MOVE_PAUSE_SECONDS * 3)
    assert await configured.clients.current(GOOGLE_CALENDAR) == CONFIGURED
    assert await configured.clients.secret(GOOGLE_CALENDAR, "configured") == CONFIGURED.secret
    assert configured.forgotten == []
    configured.keyring.locked = False
    async with asyncio.timeout(10):
        while not configured.forgotten:
            await configured.clock.advance(MOVE_PAUSE_SECONDS)
            await asyncio.sleep(0.01)
    assert list(configured.keyring.entries.values()) == ["GOCSPX-configured"]


async def test_a_file_brought_later_takes_its_place(configured: GoogleAccounts) -> None:
    await configured.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
    assert configured.forgotten == [], "it is not known yet whether the new one is any good"
    await configured.connect()
    client = await configured.clients.current(GOOGLE_CALENDAR)
    assert client is not None
    assert client.client_id == CLIENT_ID
    assert configured.forgotten == ["GOCSPX-configured"], "it would be the newer one again"
    assert await configured.clients.secret(GOOGLE_CALENDAR, "configured") == CONFIGURED.secret


async def test_an_id_whose_secret_was_moved_finds_it_again(tmp_path: Path) -> None:
    only_id = OAuthClient(client_id=CLIENT_ID)
    async with google_accounts(tmp_path, configured=only_id) as desk:
        desk.keyring.entries[ENTRY] = CLIENT_SECRET
        assert (await desk.connect()).label == ADA


def test_settings_without_an_id_configure_nothing() -> None:
    assert configured_clients(built_in_registry(Settings()).connectors) == {}
    text = '[google_calendar]\nclient_id = "an-id"\nclient_secret = "a-secret"\n'
    registry = built_in_registry(settings_from_toml(text))
    (client,) = configured_clients(registry.connectors).values()
    assert (client.client_id, client.secret) == ("an-id", "a-secret")
