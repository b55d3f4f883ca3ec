"""Signing in to Google: what is asked for, what comes back, and what is refused."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from oo_desktop.connectors.google_calendar.settings import GoogleCalendarSettings
from oo_desktop.connectors.google_calendar.sign_in import (
    CHANGE_EVENTS,
    NO_EVENTS,
    NO_LIST,
    NOT_LASTING,
    PERMISSIONS,
    SEE_EVENTS,
    SEE_LIST,
    GoogleRules,
    google_sign_in,
)
from oo_desktop.connectors.google_calendar.source import identity
from oo_desktop.connectors.google_calendar.wire import GOOGLE_CALENDAR
from oo_desktop.errors import SignInError
from oo_desktop.model.state import TokenStatus
from oo_desktop.oauth.messages import TokenAnswer
from oo_desktop.sandbox.google import CLIENT_ID, CLIENT_SECRET
from oo_desktop.sandbox.visitor import visit
from tests.connectors.google_calendar.accounts import (
    ADA,
    ADAS,
    CLIENT,
    GRACE,
    GoogleAccounts,
    google_accounts,
)

ISSUER = "https://accounts.google.com"
LIST, EVENTS = "calendarlist.readonly", "events.readonly"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[GoogleAccounts]:
    async with google_accounts(tmp_path) as desk:
        yield desk


# What is asked for


async def test_the_account_is_named_by_its_address_and_can_be_read(desk: GoogleAccounts) -> None:
    integration = await desk.connect()
    assert (integration.key, integration.label) == (ADAS, ADA)
    assert integration.client_id == CLIENT_ID
    assert desk.accounts.active() == (ADAS,)
    assert b"items" in await desk.read()


async def test_the_browser_is_sent_with_all_google_wants_and_no_secret(
    desk: GoogleAccounts,
) -> None:
    await desk.connect()
    asked = desk.asked
    assert {key: asked[key] for key in ("access_type", "prompt", "response_type")} == {
        "access_type": "offline",
        "prompt": "consent",
        "response_type": "code",
    }
    assert asked["code_challenge_method"] == "S256"
    assert set(asked["scope"].split()) == {SEE_LIST, SEE_EVENTS}
    assert not {"include_granted_scopes", "client_secret", "login_hint"} & set(asked)
    assert CLIENT_SECRET not in desk.opened[-1]


async def test_the_way_back_is_a_free_port_of_the_literal_address(desk: GoogleAccounts) -> None:
    await desk.connect()
    back = urlsplit(desk.asked["redirect_uri"])
    assert (back.scheme, back.hostname) == ("http", "127.0.0.1")
    assert back.path == "/api/integrations/google_calendar/callback"
    await desk.connect(email=GRACE)
    assert back.port != urlsplit(desk.asked["redirect_uri"]).port


async def test_only_a_reconnect_says_who_is_expected(desk: GoogleAccounts) -> None:
    await desk.connect()
    assert "login_hint" not in desk.asked
    await desk.connect(expected=ADAS)
    assert desk.asked["login_hint"] == ADA
    assert desk.asked["prompt"] == "consent"


async def test_a_wider_consent_is_asked_for_only_where_it_is_wanted(desk: GoogleAccounts) -> None:
    await desk.connect()
    assert not desk.accounts.may_write(ADAS)
    await desk.connect(expected=ADAS, write=True)
    assert set(desk.asked["scope"].split()) == {SEE_LIST, CHANGE_EVENTS}
    assert desk.accounts.may_write(ADAS)
    assert CHANGE_EVENTS in desk.accounts.all()[0].granted


async def test_a_reconnect_does_not_lose_the_wider_consent(desk: GoogleAccounts) -> None:
    await desk.connect(write=True)
    await desk.connect(expected=ADAS)
    assert desk.accounts.may_write(ADAS)


async def test_a_sign_in_that_waits_makes_room_for_one_that_asks_for_more(
    desk: GoogleAccounts,
) -> None:
    waiting = desk.accounts.connect(GOOGLE_CALENDAR)
    await waiting.url()
    assert desk.accounts.connect(GOOGLE_CALENDAR) is waiting
    await desk.connect(write=True)
    assert waiting.task.cancelled()
    assert desk.accounts.may_write(ADAS)


async def test_a_sign_in_that_has_just_ended_is_over(desk: GoogleAccounts) -> None:
    desk.fail("access_denied")
    ended = desk.accounts.connect(GOOGLE_CALENDAR)
    await asyncio.to_thread(visit, await ended.url(), account=ADA)
    while not ended.task.done():  # noqa: ASYNC110  # to see it before anybody is told
        await asyncio.sleep(0)
    assert desk.accounts.connect(GOOGLE_CALENDAR) is not ended
    with pytest.raises(SignInError, match="right now"):
        await ended.result()


async def test_nobody_may_write_to_an_account_that_is_not_there(desk: GoogleAccounts) -> None:
    assert not desk.accounts.may_write(ADAS)


# Whose account it is


async def test_another_person_on_reconnect_is_never_a_silent_swap(desk: GoogleAccounts) -> None:
    await desk.connect()
    before = desk.accounts.all(), await desk.tokens()
    with pytest.raises(SignInError, match=f"signed in as {GRACE}, not as {ADA}"):
        await desk.connect(email=GRACE, expected=ADAS)
    assert (desk.accounts.all(), await desk.tokens()) == before


async def test_a_second_person_connects_beside_the_first(desk: GoogleAccounts) -> None:
    await desk.connect()
    await desk.connect(email=GRACE)
    assert [each.label for each in desk.accounts.all()] == [ADA, GRACE]
    await desk.read(ADA)
    await desk.read(GRACE)


# What is granted


async def test_without_the_list_the_account_works_and_says_what_it_lacks(
    desk: GoogleAccounts,
) -> None:
    integration = await desk.connect(untick=(LIST,))
    assert desk.accounts.lack(integration) == NO_LIST
    await desk.read()


async def test_with_both_it_lacks_nothing(desk: GoogleAccounts) -> None:
    assert desk.accounts.lack(await desk.connect()) is None


@pytest.mark.parametrize("write", [False, True])
async def test_without_the_events_nothing_is_connected(desk: GoogleAccounts, write: bool) -> None:
    with pytest.raises(SignInError) as caught:
        await desk.connect(untick=("calendar.events" if write else EVENTS,), write=write)
    assert str(caught.value) == NO_EVENTS
    assert desk.accounts.all() == ()


async def test_a_wider_consent_that_is_refused_leaves_the_account_as_it_was(
    desk: GoogleAccounts,
) -> None:
    before = await desk.connect()
    with pytest.raises(SignInError):
        await desk.connect(expected=ADAS, write=True, untick=("calendar.events",))
    assert [each.scopes for each in desk.accounts.all()] == [before.scopes]
    await desk.read()


@pytest.mark.parametrize("untick", [(), (LIST, EVENTS)], ids=["cancel", "no box ticked"])
async def test_a_person_can_say_no(desk: GoogleAccounts, untick: tuple[str, ...]) -> None:
    with pytest.raises(SignInError, match="You did not give oO access"):
        await desk.connect(allow=bool(untick), untick=untick)
    assert desk.accounts.all() == ()


async def test_access_for_an_hour_only_is_not_connected(desk: GoogleAccounts) -> None:
    with pytest.raises(SignInError) as caught:
        await desk.connect(alter=lambda url: url.replace("access_type=offline", ""))
    assert str(caught.value) == NOT_LASTING.format(page=PERMISSIONS)
    assert desk.accounts.all() == ()


@pytest.mark.parametrize(
    ("granted", "refusal", "lacks", "writes"),
    [
        (f"{SEE_EVENTS} {SEE_LIST}", False, False, False),
        (f"openid {SEE_LIST}  {SEE_EVENTS} https://example.com/more", False, False, False),
        (f"{SEE_LIST} {CHANGE_EVENTS}", False, False, True),
        ("https://www.googleapis.com/auth/calendar.readonly", False, False, False),
        ("https://www.googleapis.com/auth/calendar", False, False, True),
        (SEE_EVENTS, False, True, False),
        (SEE_LIST, True, False, False),
        ("", True, True, False),
    ],
)
def test_scopes_are_compared_as_sets(
    granted: str, refusal: bool, lacks: bool, writes: bool
) -> None:
    rules, scopes = GoogleRules(), frozenset(granted.split())
    answer = TokenAnswer("access", "refresh", 3599, granted)
    assert (rules.refusal(answer, scopes) is not None) == refusal
    assert (rules.lack(scopes) is not None) == lacks
    assert rules.may_write(scopes) == writes


# What goes wrong


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("invalid_client", "does not accept your client"),
        ("invalid_request", "does not accept your client"),
        ("unauthorized_client", "Desktop app"),
        ("deleted_client", "it was deleted there"),
        ("invalid_grant", "took too long"),
        ("invalid_rapt", "took too long"),
        ("invalid_scope", "does not offer the access"),
        ("unsupported_grant_type", "has changed its sign-in"),
        ("access_denied", "cannot finish the sign-in right now"),
        ("server_error", "cannot finish the sign-in right now"),
    ],
)
async def test_each_refusal_of_a_code_is_a_sentence_and_nothing_is_kept(
    desk: GoogleAccounts, reason: str, sentence: str
) -> None:
    desk.fail(reason)
    with pytest.raises(SignInError, match=sentence):
        await desk.connect()
    assert desk.accounts.all() == ()
    assert (await desk.connect()).key == ADAS, "the client is still there"


@pytest.mark.parametrize("status", [403, 429, 502])
async def test_a_page_in_place_of_an_answer_is_not_now(desk: GoogleAccounts, status: int) -> None:
    desk.fail(status=status)
    with pytest.raises(SignInError, match="right now"):
        await desk.connect()


async def test_a_wrong_secret_is_said_to_be_one(tmp_path: Path) -> None:
    wrong = type(CLIENT)(client_id=CLIENT_ID, secret="GOCSPX-wrong")
    async with google_accounts(tmp_path, configured=wrong) as desk:
        with pytest.raises(SignInError, match="Google does not accept your client"):
            await desk.connect()


async def test_a_reconnect_that_fails_changes_nothing(desk: GoogleAccounts) -> None:
    await desk.connect()
    before = await desk.tokens()
    desk.fail("invalid_client")
    with pytest.raises(SignInError):
        await desk.connect(expected=ADAS)
    assert await desk.tokens() == before
    assert desk.accounts.all()[0].token_status is TokenStatus.ACTIVE


async def test_what_google_says_on_a_page_of_its_own_only_ends_by_cancelling(
    desk: GoogleAccounts,
) -> None:
    desk.world.google.sign_in.blocked = "admin_policy_enforced"
    waiting = desk.accounts.connect(GOOGLE_CALENDAR)
    url = await waiting.url()
    assert (await desk.http.request("GET", url)).status == 403
    assert not waiting.task.done()
    desk.accounts.cancel(GOOGLE_CALENDAR)
    with pytest.raises(SignInError, match="cancelled"):
        await waiting.result()


# In whose name the answer comes


def test_the_genuine_google_answers_in_one_name_only() -> None:
    genuine = google_sign_in(GoogleCalendarSettings(), identity=identity)
    assert genuine.service.issuers == {ISSUER}


async def test_the_right_issuer_or_none_is_accepted(desk: GoogleAccounts) -> None:
    for said in (ISSUER, None, desk.url):
        desk.world.google.sign_in.send_iss = said
        assert (await desk.connect()).key == ADAS


@pytest.mark.logs_warnings
@pytest.mark.parametrize("said", ["https://accounts.example", f"{ISSUER}/", "http://127.0.0.1:1"])
async def test_an_answer_in_the_name_of_another_is_passed_over(
    desk: GoogleAccounts, said: str
) -> None:
    desk.world.google.sign_in.send_iss = said
    waiting = desk.accounts.connect(GOOGLE_CALENDAR)
    seen = await asyncio.to_thread(visit, await waiting.url())
    assert seen.status == 400
    assert not waiting.task.done()
    desk.accounts.cancel(GOOGLE_CALENDAR)
    with pytest.raises(SignInError, match="cancelled"):
        await waiting.result()


# Without a browser


async def test_a_token_cannot_be_pasted(desk: GoogleAccounts) -> None:
    with pytest.raises(SignInError, match="has no tokens to paste"):
        await desk.accounts.connect_with_token(GOOGLE_CALENDAR, "x" * 40)
