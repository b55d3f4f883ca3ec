"""Google's tokens after the sign-in: renewed, refused, ended by age, revoked."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from oo_desktop.connectors.google_calendar.settings import GoogleCalendarSettings
from oo_desktop.connectors.google_calendar.sign_in import (
    PERMISSIONS,
    TESTING,
    google_sign_in,
)
from oo_desktop.connectors.google_calendar.source import identity
from oo_desktop.connectors.google_calendar.wire import GOOGLE_CALENDAR
from oo_desktop.errors import AuthRequired, Rejected, SignInError, Unavailable
from oo_desktop.model.state import TokenStatus
from oo_desktop.oauth.messages import Misconfigured
from oo_desktop.sandbox.faults import FaultKind, Garbage, SandboxFault
from oo_desktop.sandbox.google import CLIENT_ID
from tests.connectors.google_calendar.accounts import (
    ADA,
    ADAS,
    CLIENT,
    CLIENT_FILE,
    GRACE,
    GoogleAccounts,
    google_accounts,
)

TOKEN = "/google/token"
REVOKE = "/google/revoke"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[GoogleAccounts]:
    """Ada is connected."""
    async with google_accounts(tmp_path) as desk:
        await desk.connect()
        yield desk


# Renewing


async def test_a_renewal_without_a_refresh_token_keeps_the_old_one(desk: GoogleAccounts) -> None:
    before = await desk.tokens()
    for _ in range(2):
        await desk.lose_access()
        await desk.read()
    after = await desk.tokens()
    assert after.refresh == before.refresh
    assert after.access != before.access
    assert after.granted_at == before.granted_at == desk.accounts.all()[0].connected_at
    assert desk.world.google.grants.refreshes == 2


async def test_a_renewal_with_a_refresh_token_replaces_the_old_one(desk: GoogleAccounts) -> None:
    before = await desk.tokens()
    desk.world.google.sign_in.rotates = True
    await desk.lose_access()
    await desk.read()
    assert (await desk.tokens()).refresh != before.refresh
    await desk.lose_access()
    await desk.read()


async def test_many_requests_share_one_renewal(desk: GoogleAccounts) -> None:
    await desk.lose_access()
    await asyncio.gather(*(desk.read() for _ in range(8)))
    assert desk.world.google.grants.refreshes == 1


async def test_a_renewal_whose_answer_was_lost_costs_nothing(desk: GoogleAccounts) -> None:
    await desk.lose_access()
    desk.world.faults.add(SandboxFault(kind=FaultKind.DROP_ANSWER, path=TOKEN, count=1))
    with pytest.raises(Unavailable):
        await desk.read()
    await desk.read()


async def test_a_token_that_is_refused_early_is_renewed_and_the_request_repeated(
    desk: GoogleAccounts,
) -> None:
    desk.world.google.grants.expire_access()
    await desk.read()
    assert desk.world.google.grants.refreshes == 1


async def test_a_second_401_asks_to_reconnect(desk: GoogleAccounts) -> None:
    fault = SandboxFault(kind=FaultKind.FAIL, path="/google/calendar/v3/", status=401, count=2)
    desk.world.faults.add(fault)
    with pytest.raises(AuthRequired, match="Google no longer accepts oO’s access"):
        await desk.read()


@pytest.mark.parametrize("reason", ["invalid_grant", "invalid_rapt"])
async def test_a_grant_that_is_refused_asks_to_reconnect(desk: GoogleAccounts, reason: str) -> None:
    await desk.lose_access()
    desk.fail(reason)
    with pytest.raises(AuthRequired, match="no longer accepts this sign-in"):
        await desk.read()


@pytest.mark.parametrize(
    "reason", ["invalid_client", "invalid_request", "unauthorized_client", "deleted_client"]
)
async def test_a_client_that_is_refused_is_no_sign_out(desk: GoogleAccounts, reason: str) -> None:
    await desk.lose_access()
    desk.fail(reason)
    with pytest.raises(Misconfigured, match="Google does not accept your client"):
        await desk.read()
    assert desk.accounts.all()[0].token_status is TokenStatus.ACTIVE
    await desk.read()


async def test_a_token_that_is_still_good_is_used_whatever_google_says_of_the_client(
    desk: GoogleAccounts,
) -> None:
    await desk.clock.advance(3599 - 30)
    desk.fail("invalid_client")
    await desk.read()
    assert desk.world.google.grants.refreshes == 0


@pytest.mark.parametrize(
    "fault",
    [
        SandboxFault(kind=FaultKind.FAIL, path=TOKEN, status=403),
        SandboxFault(kind=FaultKind.FAIL, path=TOKEN, status=429),
        SandboxFault(kind=FaultKind.FAIL, path=TOKEN, status=500),
        SandboxFault(kind=FaultKind.FAIL, path=TOKEN, status=503, seconds=30),
        SandboxFault(kind=FaultKind.FAIL, path=TOKEN, reason="server_error"),
        SandboxFault(kind=FaultKind.FAIL, path=TOKEN, reason="access_denied"),
        SandboxFault(kind=FaultKind.GARBAGE, path=TOKEN, garbage=Garbage.HTML),
        SandboxFault(kind=FaultKind.GARBAGE, path=TOKEN, garbage=Garbage.REDIRECT),
        SandboxFault(kind=FaultKind.GARBAGE, path=TOKEN, garbage=Garbage.EMPTY),
        SandboxFault(kind=FaultKind.GARBAGE, path=TOKEN, garbage=Garbage.TRUNCATED),
        SandboxFault(kind=FaultKind.DROP_REQUEST, path=TOKEN),
        SandboxFault(kind=FaultKind.OFFLINE, path=TOKEN),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.reason or fault.garbage}-{fault.status}",
)
async def test_nothing_else_is_a_sign_out(desk: GoogleAccounts, fault: SandboxFault) -> None:
    before = await desk.tokens()
    await desk.lose_access()
    desk.world.faults.add(fault)
    with pytest.raises(Unavailable):
        await desk.read()
    assert (await desk.tokens()).refresh == before.refresh
    desk.world.faults.clear()
    await desk.read()


async def test_the_clients_file_brought_again_mends_a_changed_secret(desk: GoogleAccounts) -> None:
    await desk.lose_access()
    desk.world.google.grants.clients[CLIENT_ID].secret = "GOCSPX-another"
    with pytest.raises(Rejected, match="id or secret is not the right one"):
        await desk.read()
    text = CLIENT_FILE.replace(CLIENT.secret or "", "GOCSPX-another")
    await desk.accounts.bring_client(GOOGLE_CALENDAR, text)
    await desk.read()


async def test_an_account_goes_on_with_the_client_it_was_connected_with(
    desk: GoogleAccounts,
) -> None:
    text = CLIENT_FILE.replace(CLIENT_ID, "99-new").replace(CLIENT.secret or "", "new-secret")
    desk.world.google.add_client("99-new", "new-secret")
    await desk.accounts.bring_client(GOOGLE_CALENDAR, text)
    await desk.lose_access()
    await desk.read()
    assert (await desk.connect(email=GRACE)).client_id == "99-new"
    await desk.lose_access()
    await desk.read()
    await desk.read(GRACE)


# Seven days


@pytest.mark.parametrize(
    ("days", "testing"), [(6, False), (6.6, True), (7.2, True), (7.9, True), (9, False)]
)
async def test_the_end_of_a_sign_in_after_seven_days_is_explained(
    desk: GoogleAccounts, days: float, testing: bool
) -> None:
    desk.world.google.grants.revoke()
    await desk.clock.advance(days * 86400)
    with pytest.raises(AuthRequired) as caught:
        await desk.read()
    assert (str(caught.value) == TESTING) == testing


async def test_it_is_the_last_consent_that_counts(desk: GoogleAccounts) -> None:
    desk.world.google.grants.clients[CLIENT_ID].testing = True
    await desk.clock.advance(5 * 86400)
    await desk.connect(expected=ADAS)
    await desk.clock.advance(6.9 * 86400)
    await desk.read()
    await desk.clock.advance(0.2 * 86400)
    with pytest.raises(AuthRequired) as caught:
        await desk.read()
    assert str(caught.value) == TESTING


# The end of it


async def test_a_disconnect_ends_the_access_at_google_and_says_where_else(
    desk: GoogleAccounts,
) -> None:
    gone = await desk.accounts.disconnect(ADAS)
    assert (gone.revoked, gone.revoke_url) == (True, "")
    assert "on your other computers" in gone.note
    assert not [each for each in desk.world.google.grants.grants if not each.revoked]
    assert desk.accounts.all() == ()
    assert not any(service == f"oo-desktop:google_calendar:{ADA}" for service in entries(desk))


async def test_a_disconnect_leaves_other_people_connected(desk: GoogleAccounts) -> None:
    await desk.connect(email=GRACE)
    await desk.accounts.disconnect(ADAS)
    await desk.lose_access()
    await desk.read(GRACE)


async def test_access_that_was_over_before_is_over(desk: GoogleAccounts) -> None:
    desk.world.google.grants.revoke()
    assert (await desk.accounts.disconnect(ADAS)).revoked is True


@pytest.mark.parametrize(
    "fault",
    [
        SandboxFault(kind=FaultKind.OFFLINE, path=REVOKE),
        SandboxFault(kind=FaultKind.FAIL, path=REVOKE, status=503),
        SandboxFault(kind=FaultKind.FAIL, path=REVOKE, status=400),
        SandboxFault(kind=FaultKind.GARBAGE, path=REVOKE, garbage=Garbage.HTML),
        SandboxFault(kind=FaultKind.DROP_ANSWER, path=REVOKE),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
async def test_a_disconnect_google_does_not_hear_of_forgets_all_the_same(
    desk: GoogleAccounts, fault: SandboxFault
) -> None:
    desk.world.faults.add(fault)
    gone = await desk.accounts.disconnect(ADAS)
    assert (gone.revoked, gone.revoke_url) == (False, PERMISSIONS)
    assert PERMISSIONS in gone.note
    assert desk.accounts.all() == ()
    assert await desk.vault.tokens(ADAS, fresh=True) is None


async def test_a_google_that_does_not_answer_holds_nobody_up(tmp_path: Path) -> None:
    async with google_accounts(tmp_path, revoking=0.1) as desk:
        await desk.connect()
        desk.world.faults.add(SandboxFault(kind=FaultKind.DELAY, path=REVOKE, seconds=60))
        gone = await desk.accounts.disconnect(ADAS)
        assert (gone.revoked, desk.accounts.all()) == (False, ())
        desk.world.faults.clear()


async def test_an_account_whose_token_has_gone_can_be_disconnected(desk: GoogleAccounts) -> None:
    desk.keyring.entries.clear()
    await desk.vault.tokens(ADAS, fresh=True)
    gone = await desk.accounts.disconnect(ADAS)
    assert (gone.revoked, desk.accounts.all()) == (False, ())


async def test_a_reconnect_revokes_nothing(desk: GoogleAccounts) -> None:
    elsewhere = await desk.tokens()
    await desk.connect(expected=ADAS)
    assert (await desk.tokens()).refresh != elsewhere.refresh
    assert not [each for each in desk.world.google.grants.grants if each.revoked]


async def test_a_service_that_cannot_be_asked_is_not(tmp_path: Path) -> None:
    async with google_accounts(tmp_path) as desk:
        with pytest.raises(SignInError, match="not connected"):
            await desk.accounts.disconnect(ADAS)


def test_google_keeps_its_refresh_tokens() -> None:
    how = google_sign_in(GoogleCalendarSettings(), identity=identity)
    assert not how.rotates
    assert how.rules.ended(timedelta(days=7)) == TESTING


def entries(desk: GoogleAccounts) -> list[str]:
    return [service for service, _user in desk.keyring.entries]
