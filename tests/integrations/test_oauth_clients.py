"""Clients of the user's own: brought as a file or in config.toml, kept in store and keyring."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.config import Settings, settings_from_toml
from oo_desktop.errors import SignInError, VaultError
from oo_desktop.integrations.connectors import configured_clients
from oo_desktop.integrations.google_sign_in import GOOGLE_CALENDAR
from oo_desktop.integrations.oauth_clients import (
    LONGEST_FILE,
    MOVE_PAUSE,
    NOT_A_CLIENT,
    ONLY_HALF,
    WEB_CLIENT,
    OAuthClient,
    client_from_file,
)
from oo_desktop.sandbox.google.client import CLIENT_ID, CLIENT_SECRET
from oo_desktop.signals.model import ProviderId
from tests.integrations.google_accounts import ADA, CLIENT_FILE, GoogleAccounts, google_accounts

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


# The file


def file_of(kind: str = "installed", **changes: object) -> str:
    client = {"client_id": "an-id", "client_secret": "a-secret", "token_uri": "https://x"}
    return json.dumps({kind: {**client, **changes}})


def test_the_file_of_a_desktop_client_is_one() -> None:
    client = client_from_file("\ufeff" + file_of())
    assert (client.client_id, client.secret) == ("an-id", "a-secret")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (file_of("web"), WEB_CLIENT),
        (file_of(client_secret=None), ONLY_HALF),
        (json.dumps({"installed": {"client_id": "an-id"}}), ONLY_HALF),
        (file_of(client_id=""), NOT_A_CLIENT),
        (file_of(client_id=5), NOT_A_CLIENT),
        (file_of(client_secret="a b"), NOT_A_CLIENT),
        (file_of(client_secret="a\n"), NOT_A_CLIENT),
        (file_of(client_id="x" * 513), NOT_A_CLIENT),
        (json.dumps({"type": "service_account", "private_key": "a-secret"}), NOT_A_CLIENT),
        ("", NOT_A_CLIENT),
        ("[]", NOT_A_CLIENT),
        ("null", NOT_A_CLIENT),
        ("<html>", NOT_A_CLIENT),
        ("\ud800", NOT_A_CLIENT),
        ("[" * 10_000, NOT_A_CLIENT),
        (file_of() + " " * LONGEST_FILE, NOT_A_CLIENT),
    ],
)
def test_any_other_file_is_refused_in_a_sentence_without_its_words(
    text: str, sentence: str
) -> None:
    with pytest.raises(SignInError) as caught:
        client_from_file(text)
    assert str(caught.value) == sentence
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_any_text_is_a_client_or_refused(text: str) -> None:
    with pytest.raises(SignInError):
        client_from_file(text)


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
    known = desk.integrations.client(GOOGLE_CALENDAR)
    assert known is not None
    assert known.client_id == CLIENT_ID
    assert desk.keyring.entries == {ENTRY: CLIENT_SECRET}


async def test_its_secret_is_in_no_repr(desk: GoogleAccounts) -> None:
    client = await desk.clients.bring(GOOGLE_CALENDAR, CLIENT_FILE)
    shown = f"{client!r} {client.__rich_repr__()} {desk.integrations.client(GOOGLE_CALENDAR)!r}"
    assert CLIENT_ID in shown
    assert CLIENT_SECRET not in shown


async def test_it_survives_a_restart(tmp_path: Path) -> None:
    async with google_accounts(tmp_path, configured=None) as desk:
        await desk.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
        entries = desk.keyring.entries
    async with google_accounts(tmp_path, configured=None) as desk:
        desk.keyring.entries |= entries
        assert (await desk.connect()).label == ADA


async def test_a_keyring_that_is_locked_takes_no_client(desk: GoogleAccounts) -> None:
    desk.keyring.locked = True
    with pytest.raises(VaultError):
        await desk.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
    assert desk.integrations.client(GOOGLE_CALENDAR) is None


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
    await configured.clock.advance(MOVE_PAUSE * 3)
    assert await configured.clients.current(GOOGLE_CALENDAR) == CONFIGURED
    assert await configured.clients.secret(GOOGLE_CALENDAR, "configured") == CONFIGURED.secret
    assert configured.forgotten == []
    configured.keyring.locked = False
    async with asyncio.timeout(10):
        while not configured.forgotten:
            await configured.clock.advance(MOVE_PAUSE)
            await asyncio.sleep(0.01)
    assert list(configured.keyring.entries.values()) == ["GOCSPX-configured"]


async def test_a_file_brought_later_takes_its_place(configured: GoogleAccounts) -> None:
    await configured.accounts.bring_client(GOOGLE_CALENDAR, CLIENT_FILE)
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
    assert configured_clients(Settings()) == {}
    text = '[google_calendar]\nclient_id = "an-id"\nclient_secret = "a-secret"\n'
    (client,) = configured_clients(settings_from_toml(text)).values()
    assert (client.client_id, client.secret) == ("an-id", "a-secret")
