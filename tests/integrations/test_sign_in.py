"""One sign-in: how it ends, and what it leaves where it does not end well."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from oo_desktop.connectors.google_calendar.wire import GOOGLE_CALENDAR
from oo_desktop.errors import SignInError
from oo_desktop.events import SignInChanged
from oo_desktop.integrations.sign_in import (
    IDENTITY_PAUSES_SECONDS,
    KEYRING_PAUSE_SECONDS,
    FreshToken,
)
from oo_desktop.sandbox.visitor import visit
from tests.connectors.google_calendar.accounts import ADA, ADAS, GoogleAccounts, google_accounts
from tests.integrations.rotating import until


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[GoogleAccounts]:
    async with google_accounts(tmp_path) as desk:
        yield desk


async def test_what_is_shown_meanwhile_has_the_address_and_the_end(desk: GoogleAccounts) -> None:
    running = desk.accounts.connect(GOOGLE_CALENDAR)
    url = await running.url()
    (state,) = desk.accounts.sign_ins()
    assert (state.provider, state.url, state.note) == (GOOGLE_CALENDAR, url, None)
    assert (state.ends_at - desk.clock.now()).total_seconds() == 300
    assert SignInChanged(GOOGLE_CALENDAR) in desk.events


async def test_every_attempt_has_a_state_and_a_challenge_of_its_own(desk: GoogleAccounts) -> None:
    seen = []
    for _ in range(2):
        running = desk.accounts.connect(GOOGLE_CALENDAR)
        asked = parse_qs(urlsplit(await running.url()).query)
        seen.append((*asked["state"], *asked["code_challenge"]))
        desk.accounts.cancel(GOOGLE_CALENDAR)
        await asyncio.wait({running.task})
    assert not set(seen[0]) & set(seen[1])


async def test_a_person_who_says_no_changes_nothing(desk: GoogleAccounts) -> None:
    with pytest.raises(SignInError):
        await desk.connect(allow=False)
    assert (desk.accounts.all(), desk.accounts.sign_ins()) == ((), ())


async def test_who_signed_in_is_asked_again_where_the_service_stumbles(
    desk: GoogleAccounts,
) -> None:
    desk.fail(path="/google/calendar/v3/users/me/calendarList", status=503)
    signing_in = asyncio.ensure_future(desk.connect())
    while not signing_in.done():
        await desk.clock.advance(IDENTITY_PAUSES_SECONDS[0])
        await asyncio.sleep(0.005)
    assert signing_in.result().key == ADAS
    assert desk.world.faults.active == []  # it did stumble


async def test_a_new_account_waits_for_the_keyring_and_says_so(desk: GoogleAccounts) -> None:
    running = desk.accounts.connect(GOOGLE_CALENDAR)
    url = await running.url()
    desk.keyring.locked = True
    await asyncio.to_thread(visit, url, account=ADA)
    await until(lambda: any(state.note for state in desk.accounts.sign_ins()))
    assert desk.accounts.all() == ()
    desk.keyring.locked = False
    while not running.task.done():
        await desk.clock.advance(KEYRING_PAUSE_SECONDS)
        await asyncio.sleep(0.005)
    assert (await running.result()).key == ADAS


async def test_a_keyring_that_stays_locked_ends_the_sign_in(desk: GoogleAccounts) -> None:
    running = desk.accounts.connect(GOOGLE_CALENDAR)
    url = await running.url()
    desk.keyring.locked = True
    await asyncio.to_thread(visit, url, account=ADA)
    await until(lambda: any(state.note for state in desk.accounts.sign_ins()))
    while not running.task.done():
        await desk.clock.advance(60)
        await asyncio.sleep(0.005)
    with pytest.raises(SignInError, match="Then sign in again"):
        await running.result()
    desk.keyring.locked = False
    assert (desk.accounts.all(), [*desk.keyring.entries]) == ((), [])


async def test_a_token_of_somebody_just_signing_in_is_not_renewed() -> None:
    token = FreshToken("access", problem="The service does not accept it.")
    assert await token.access_token() == "access"
    with pytest.raises(SignInError, match="does not accept it"):
        await token.renewed("access")
