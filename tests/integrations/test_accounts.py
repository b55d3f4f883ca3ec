"""Accounts: which can be asked, what a reconnect and a disconnect change, and who is told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from oo_desktop.connectors.google_calendar.wire import GOOGLE_CALENDAR
from oo_desktop.errors import SignInError, VaultError
from oo_desktop.events import IntegrationsChanged, SignInChanged, TokenExpired, TokenRestored
from oo_desktop.integrations.accounts import MAX_REASON_CHARACTERS
from oo_desktop.integrations.vault import Tokens
from oo_desktop.model.integrations import Integration
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import TokenStatus
from tests.connectors.google_calendar.accounts import ADA, ADAS, GoogleAccounts, google_accounts
from tests.integrations.rotating import until


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[GoogleAccounts]:
    async with google_accounts(tmp_path) as desk:
        yield desk


async def of_a_plug_in(desk: GoogleAccounts) -> Integration:
    """An account of a service that oO no longer knows."""
    now = desk.clock.now()
    key = AccountKey(ProviderId("gone"), UserId("1"))
    integration = Integration(key=key, label="Gone", connected_at=now, updated_at=now)
    await desk.vault.connect(integration, Tokens(access="a-token"))
    return integration


# Which can be asked


async def test_an_account_whose_plug_in_is_gone_is_not_asked_and_says_so(
    desk: GoogleAccounts,
) -> None:
    gone = await of_a_plug_in(desk)
    await desk.connect()
    assert [each.key for each in desk.accounts.all()] == [gone.key, ADAS]
    assert desk.accounts.active() == (ADAS,)
    assert "plug-in" in (desk.accounts.lack(gone) or "")
    assert not desk.accounts.may_write(gone.key)


async def test_an_account_whose_plug_in_is_gone_can_be_disconnected(desk: GoogleAccounts) -> None:
    gone = await of_a_plug_in(desk)
    ended = await desk.accounts.disconnect(gone.key)
    assert (ended.label, ended.revoked, ended.revoke_url) == ("Gone", None, "")
    assert (desk.accounts.all(), desk.keyring.entries) == ((), {})


async def test_a_service_nobody_knows_is_named_with_those_that_are_known(
    desk: GoogleAccounts,
) -> None:
    with pytest.raises(SignInError, match="called notion, only google_calendar"):
        desk.accounts.connect(ProviderId("notion"))


# Reconnecting


async def test_a_reconnect_is_asked_for_once_however_often_it_is_required(
    desk: GoogleAccounts,
) -> None:
    await desk.connect()
    desk.events.clear()
    for reason in ("It ended.", "It ended again."):
        desk.accounts.require_reconnect(ADAS, reason)
    (account,) = desk.accounts.all()
    assert (account.token_status, account.reason) == (TokenStatus.NEEDS_RECONNECT, "It ended.")
    assert desk.accounts.active() == ()
    assert desk.events == [TokenExpired(ADAS), IntegrationsChanged()]


async def test_the_reason_that_is_kept_has_an_end(desk: GoogleAccounts) -> None:
    await desk.connect()
    desk.accounts.require_reconnect(ADAS, "x" * 10_000)
    assert desk.accounts.all()[0].reason == "x" * MAX_REASON_CHARACTERS


async def test_a_reconnect_is_required_of_nobody_who_is_gone(desk: GoogleAccounts) -> None:
    desk.accounts.require_reconnect(ADAS, "It ended.")
    assert desk.events == []


async def test_a_reconnect_makes_the_account_active_and_brings_another_client(
    desk: GoogleAccounts,
) -> None:
    await desk.connect()
    client = desk.accounts.client(*ADAS)
    assert desk.accounts.client(*ADAS) is client
    desk.accounts.require_reconnect(ADAS, "It ended.")
    desk.events.clear()
    await desk.connect(expected=ADAS)
    assert desk.accounts.active() == (ADAS,)
    assert desk.accounts.client(*ADAS) is not client
    assert [each for each in desk.events if not isinstance(each, SignInChanged)] == [
        TokenRestored(ADAS),
        IntegrationsChanged(),
    ]


async def test_what_needs_a_sign_in_is_not_on_this_computer(desk: GoogleAccounts) -> None:
    with pytest.raises(SignInError, match="Google Calendar is not on this computer"):
        await desk.accounts.connect_here(GOOGLE_CALENDAR)


# A sign-in under way


async def test_whoever_waits_for_a_sign_in_may_stop_waiting_and_it_goes_on(
    desk: GoogleAccounts,
) -> None:
    running = desk.accounts.connect(GOOGLE_CALENDAR)
    await running.url()
    waiting = asyncio.ensure_future(running.result())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not running.task.done()
    assert [each.provider for each in desk.accounts.sign_ins()] == [GOOGLE_CALENDAR]


async def test_a_sign_in_that_ends_before_it_has_an_address_says_why(tmp_path: Path) -> None:
    async with google_accounts(tmp_path, configured=None) as desk:
        running = desk.accounts.connect(GOOGLE_CALENDAR)
        with pytest.raises(SignInError, match="needs a client of your own"):
            await running.url()
        await until(lambda: SignInChanged(GOOGLE_CALENDAR) in desk.events)
        assert desk.accounts.sign_ins() == ()


async def test_a_sign_in_that_is_cancelled_before_it_has_an_address_says_so(
    desk: GoogleAccounts,
) -> None:
    running = desk.accounts.connect(GOOGLE_CALENDAR)
    desk.accounts.cancel(GOOGLE_CALENDAR)
    with pytest.raises(SignInError, match="cancelled"):
        await running.url()


async def test_to_cancel_what_does_not_run_is_nothing(desk: GoogleAccounts) -> None:
    desk.accounts.cancel(GOOGLE_CALENDAR)
    assert desk.events == []


async def test_the_end_of_oo_ends_the_sign_ins_that_wait(desk: GoogleAccounts) -> None:
    running = desk.accounts.connect(GOOGLE_CALENDAR)
    await running.url()
    await desk.accounts.aclose()
    assert running.task.cancelled()
    assert desk.accounts.sign_ins() == ()


# Disconnecting


async def test_a_disconnect_forgets_row_entry_and_clicks_and_tells(desk: GoogleAccounts) -> None:
    await desk.connect()
    desk.events.clear()
    gone = await desk.accounts.disconnect(ADAS)
    assert (gone.key, gone.label, gone.dropped) == (ADAS, ADA, 0)
    assert desk.accounts.all() == ()
    assert not any(name == ADA for _, name in desk.keyring.entries)
    assert desk.events == [TokenRestored(ADAS), IntegrationsChanged()]


async def test_nobody_is_disconnected_twice(desk: GoogleAccounts) -> None:
    await desk.connect()
    await desk.accounts.disconnect(ADAS)
    with pytest.raises(SignInError, match="not connected"):
        await desk.accounts.disconnect(ADAS)


async def test_a_disconnect_while_the_keyring_is_locked_deletes_nothing(
    desk: GoogleAccounts,
) -> None:
    await desk.connect()
    desk.keyring.locked = True
    with pytest.raises(VaultError, match=f"{ADA} is still connected.* disconnect again"):
        await desk.accounts.disconnect(ADAS)
    desk.keyring.locked = False
    assert desk.accounts.active() == (ADAS,)
    assert b"items" in await desk.read()
