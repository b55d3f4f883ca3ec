"""Signing in at the stand-in Google: consent, codes, tokens, and how they end."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from oo_desktop.sandbox.google import CLIENT_ID
from tests.sandbox.google.guest import (
    ADA,
    AUTHORIZE,
    BOTH,
    CALLBACK,
    GRACE,
    LIST,
    READ,
    TOKEN,
    GoogleGuest,
)


def error(answer: httpx.Response) -> tuple[int, str, str | None]:
    body = answer.json()
    return answer.status_code, body["error"], body.get("error_description")


# The consent page


async def test_the_page_says_who_asks_for_what_and_lets_choose(google: GoogleGuest) -> None:
    page = (await google.authorize()).page
    assert "Sandbox — not the real Google" in page.text
    assert "oO desktop wants access to your Google Account" in page.text
    assert "See the list of Google calendars you’re subscribed to" in page.text
    assert page.text.count('type="checkbox"') == 2
    assert page.text.count('type="radio"') == 2
    assert "hasn’t verified" not in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_an_unverified_app_is_warned_about(google: GoogleGuest) -> None:
    await google.control("google_client", verified=False, name="<b>My</b> own")
    page = (await google.authorize()).page
    assert "Google hasn’t verified this app" in page.text
    assert "&lt;b&gt;My&lt;/b&gt; own" in page.text


async def test_one_scope_alone_has_no_checkbox_and_sign_in_beside_it_makes_one(
    google: GoogleGuest,
) -> None:
    assert "checkbox" not in (await google.authorize(scope=READ)).page.text
    assert (await google.authorize(scope=f"openid {READ}")).page.text.count("checkbox") == 1


async def test_a_hint_chooses_the_account_to_begin_with(google: GoogleGuest) -> None:
    page = (await google.authorize(login_hint=GRACE)).page.text
    assert f'data-email="{GRACE}" checked' in page
    assert f'data-email="{ADA}" checked' not in page


async def test_agreeing_leads_back_with_everything_google_sends(google: GoogleGuest) -> None:
    back = await google.decide(await google.authorize(), email=GRACE)
    assert set(back) == {"state", "iss", "code", "scope", "authuser", "prompt"}
    assert back["code"].startswith("4/0A")
    assert (back["state"], back["iss"]) == ("a-state", "https://accounts.google.com")
    assert (back["authuser"], back["prompt"]) == ("1", "consent")
    assert set(back["scope"].split()) == set(BOTH.split())


async def test_the_issuer_can_be_another_or_none(google: GoogleGuest) -> None:
    await google.control("google_iss", value="https://evil.example")
    assert (await google.decide(await google.authorize()))["iss"] == "https://evil.example"
    await google.control("google_iss", value=None)
    assert "iss" not in await google.decide(await google.authorize())


async def test_what_is_unticked_is_not_granted(google: GoogleGuest) -> None:
    attempt = await google.authorize()
    back = await google.decide(attempt, untick=(LIST,))
    answer = await google.exchange(attempt, back["code"])
    assert answer.json()["scope"] == READ


async def test_cancelling_and_unticking_everything_are_a_no(google: GoogleGuest) -> None:
    for choice in ({"decision": "deny"}, {"untick": (LIST, READ)}):
        back = await google.decide(await google.authorize(), **choice)
        assert back["error"] == "access_denied"
        assert back["state"] == "a-state"
        assert "code" not in back


async def test_a_page_can_be_answered_once(google: GoogleGuest) -> None:
    form = {"ticket": "gone", "account": "1", "decision": "allow"}
    answer = await google.http.post(AUTHORIZE, data=form)
    assert (answer.status_code, "expired" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("change", "status", "shown"),
    [
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"redirect_uri": "https://127.0.0.1/cb"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://example.com/cb"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1:x/cb"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "urn:ietf:wg:oauth:2.0:oob"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": None}, 400, "redirect_uri_mismatch"),
        ({"response_type": "token"}, 400, "unsupported_response_type"),
        ({"scope": None}, 400, "invalid_scope"),
        ({"scope": "https://www.googleapis.com/auth/everything"}, 400, "invalid_scope"),
        ({"code_challenge_method": "S512"}, 400, "invalid_request"),
        ({"code_challenge": "short"}, 400, "invalid_request"),
    ],
)
async def test_what_is_wrong_with_a_request_stays_on_googles_page(
    google: GoogleGuest, change: dict[str, str | None], status: int, shown: str
) -> None:
    page = (await google.authorize(**change)).page
    assert page.status_code == status
    assert f"Error: {shown}" in page.text


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:1/deep/path?a=b", "http://[::1]:65535/", "http://localhost:8080"]
)
async def test_any_port_and_path_of_this_machine_will_do(google: GoogleGuest, uri: str) -> None:
    attempt = await google.authorize(redirect_uri=uri)
    back = await google.decide(attempt)
    assert (await google.exchange(attempt, back["code"], redirect_uri=uri)).status_code == 200


async def test_an_administrator_can_block_the_app(google: GoogleGuest) -> None:
    await google.control("google_block", error="admin_policy_enforced")
    page = (await google.authorize()).page
    assert (page.status_code, "administrator" in page.text) == (403, True)
    await google.control("google_block", error="")
    assert (await google.authorize()).page.status_code == 200


async def test_without_a_page_there_is_no_answer(google: GoogleGuest) -> None:
    page = (await google.authorize(prompt="none")).page
    query = parse_qs(urlsplit(page.headers["location"]).query)
    assert query["error"] == ["interaction_required"]


# Codes


async def test_a_code_becomes_tokens(google: GoogleGuest) -> None:
    tokens = await google.connect()
    assert set(tokens) == {"access_token", "expires_in", "refresh_token", "scope", "token_type"}
    assert tokens["expires_in"] == 3599
    assert tokens["refresh_token"].startswith("1//0")
    assert set(tokens["scope"].split()) == set(BOTH.split())
    assert (await google.get("users/me/calendarList")).status_code == 200


async def test_a_code_works_once_and_a_second_use_ends_the_first_ones(google: GoogleGuest) -> None:
    attempt = await google.authorize()
    code = (await google.decide(attempt))["code"]
    google.token = (await google.exchange(attempt, code)).json()["access_token"]
    again = await google.exchange(attempt, code)
    assert error(again) == (400, "invalid_grant", "Bad Request")
    assert (await google.get("users/me/calendarList")).status_code == 401


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"code": "4/0Anything"}, (400, "invalid_grant", "Malformed auth code.")),
        ({"code_verifier": None}, (400, "invalid_grant", "Missing code verifier.")),
        ({"code_verifier": "x" * 43}, (400, "invalid_grant", "Invalid code verifier.")),
        ({"code_verifier": "short"}, (400, "invalid_grant", "Invalid code verifier.")),
        ({"redirect_uri": CALLBACK[:-1]}, (400, "redirect_uri_mismatch", "Bad Request")),
        ({"client_secret": None}, (400, "invalid_request", "client_secret is missing.")),
        (
            {"client_secret": "wrong"},
            (401, "invalid_client", "The provided client secret is invalid."),
        ),
        ({"client_id": "nobody"}, (401, "invalid_client", "The OAuth client was not found.")),
        (
            {"client_id": None},
            (400, "invalid_request", "Could not determine client ID from request."),
        ),
        ({"grant_type": "x"}, (400, "unsupported_grant_type", "Invalid grant_type: x")),
    ],
)
async def test_an_exchange_can_be_refused(
    google: GoogleGuest, change: dict[str, str | None], expected: tuple[int, str, str]
) -> None:
    attempt = await google.authorize()
    code = (await google.decide(attempt))["code"]
    assert error(await google.exchange(attempt, code, **change)) == expected
    if "code" not in change:
        assert (await google.exchange(attempt, code)).status_code == 200, "the code is still good"


async def test_a_code_is_over_after_ten_minutes(google: GoogleGuest) -> None:
    attempt = await google.authorize()
    code = (await google.decide(attempt))["code"]
    await google.control("advance_clock", seconds=600)
    assert error(await google.exchange(attempt, code))[1] == "invalid_grant"


async def test_the_secret_may_come_by_http_basic(google: GoogleGuest) -> None:
    attempt = await google.authorize()
    code = (await google.decide(attempt))["code"]
    client = google.google.grants.clients[CLIENT_ID]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": attempt.verifier,
    }
    answer = await google.http.post(TOKEN, data=form, auth=(client.id, client.secret or ""))
    assert answer.status_code == 200


async def test_plain_is_what_a_challenge_means_where_nothing_is_said(google: GoogleGuest) -> None:
    challenge = "p" * 43
    attempt = await google.authorize(code_challenge=challenge, code_challenge_method=None)
    code = (await google.decide(attempt))["code"]
    answer = await google.exchange(attempt, code, code_verifier=challenge)
    assert answer.status_code == 200


async def test_who_signed_in_is_said_only_where_it_was_asked(google: GoogleGuest) -> None:
    assert "id_token" not in await google.connect()
    tokens = await google.connect(scope=f"email {READ}", nonce="n-1")
    part = tokens["id_token"].split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert (claims["iss"], claims["aud"]) == ("https://accounts.google.com", CLIENT_ID)
    assert (claims["email"], claims["nonce"]) == (ADA, "n-1")
    assert "https://www.googleapis.com/auth/userinfo.email" in tokens["scope"].split()
    assert "openid" in tokens["scope"].split()


# Refresh tokens


async def test_only_the_first_consent_or_a_forced_one_brings_a_refresh_token(
    google: GoogleGuest,
) -> None:
    await google.control("reset", apps=True)
    assert "refresh_token" not in await google.connect(access_type=None)
    assert "refresh_token" not in await google.connect(prompt=None), "it is not the first"
    assert "refresh_token" in await google.connect()
    await google.control("reset", apps=True)
    assert "refresh_token" in await google.connect(prompt=None)


async def test_refreshing_brings_no_new_refresh_token(google: GoogleGuest) -> None:
    tokens = await google.connect()
    for _ in range(2):
        answer = (await google.refresh(tokens["refresh_token"])).json()
        assert set(answer) == {"access_token", "expires_in", "scope", "token_type"}
        assert answer["access_token"] != tokens["access_token"]
    assert (await google.state())["google"]["refreshes"] == 2


async def test_it_can_bring_one_all_the_same(google: GoogleGuest) -> None:
    tokens = await google.connect()
    await google.control("google_rotate")
    answer = (await google.refresh(tokens["refresh_token"])).json()
    assert answer["refresh_token"] != tokens["refresh_token"]
    assert error(await google.refresh(tokens["refresh_token"]))[1] == "invalid_grant"
    assert (await google.refresh(answer["refresh_token"])).status_code == 200


async def test_access_ends_after_an_hour_and_can_be_refreshed(google: GoogleGuest) -> None:
    tokens = await google.connect()
    await google.control("advance_clock", seconds=3599)
    assert (await google.get("users/me/calendarList")).status_code == 401
    google.token = (await google.refresh(tokens["refresh_token"])).json()["access_token"]
    assert (await google.get("users/me/calendarList")).status_code == 200


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"refresh_token": "1//0nothing"}, (400, "invalid_grant", "Bad Request")),
        ({"refresh_token": None}, (400, "invalid_grant", "Bad Request")),
        ({"client_secret": None}, (400, "invalid_request", "client_secret is missing.")),
        ({"scope": f"{READ} openid"}, (400, "invalid_scope", "Bad Request")),
    ],
)
async def test_a_refresh_can_be_refused(
    google: GoogleGuest, change: dict[str, str | None], expected: tuple[int, str, str]
) -> None:
    tokens = await google.connect()
    form = {"refresh_token": tokens["refresh_token"], **change}
    assert error(await google.refresh(**form)) == expected


OVER = (400, "invalid_grant", "Token has been expired or revoked.")


async def test_a_client_in_testing_loses_everything_after_seven_days(google: GoogleGuest) -> None:
    await google.control("google_client", testing=True)
    tokens = await google.connect()
    await google.control("age_grants", days=6.9)
    assert (await google.refresh(tokens["refresh_token"])).status_code == 200
    await google.control("age_grants", days=0.1)
    assert error(await google.refresh(tokens["refresh_token"])) == OVER
    assert (await google.get("users/me/calendarList")).status_code == 401


async def test_a_published_client_keeps_its_grants(google: GoogleGuest) -> None:
    tokens = await google.connect()
    await google.control("age_grants", days=30)
    assert (await google.refresh(tokens["refresh_token"])).status_code == 200


async def test_what_is_not_used_for_six_months_ends(google: GoogleGuest) -> None:
    tokens = await google.connect()
    await google.control("age_grants", days=184)
    assert error(await google.refresh(tokens["refresh_token"])) == OVER


async def test_a_person_can_let_in_for_a_while_only(google: GoogleGuest) -> None:
    await google.control("google_time_limit", seconds=86_400)
    tokens = await google.connect()
    assert tokens["refresh_token_expires_in"] == 86_400
    await google.control("advance_clock", seconds=86_400)
    assert error(await google.refresh(tokens["refresh_token"])) == OVER


async def test_the_oldest_of_more_than_a_hundred_ends_silently(google: GoogleGuest) -> None:
    first = await google.connect()
    second = await google.connect()
    for _ in range(98):
        last = await google.connect()
    # The fixture's own consent was the oldest of the hundred and one.
    assert (await google.refresh(first["refresh_token"])).status_code == 200
    await google.connect()
    assert error(await google.refresh(first["refresh_token"])) == OVER
    assert (await google.refresh(second["refresh_token"])).status_code == 200
    assert (await google.refresh(last["refresh_token"])).status_code == 200


async def test_a_deleted_client_is_told_so_everywhere(google: GoogleGuest) -> None:
    tokens = await google.connect()
    await google.control("google_client", deleted=True)
    assert error(await google.refresh(tokens["refresh_token"]))[:2] == (401, "deleted_client")
    assert "Error: deleted_client" in (await google.authorize()).page.text


# Ending it


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_revoking_either_token_ends_all_of_that_person_and_project(
    google: GoogleGuest, kind: str
) -> None:
    elsewhere = await google.connect()
    graces = await google.connect(email=GRACE)
    tokens = await google.connect()
    answer = await google.http.post("/google/revoke", data={"token": tokens[kind]})
    assert (answer.status_code, answer.json()) == (200, {})
    assert error(await google.refresh(elsewhere["refresh_token"])) == OVER
    assert (await google.refresh(graces["refresh_token"])).status_code == 200
    assert (await google.get("users/me/calendarList")).status_code == 401
    again = await google.http.post("/google/revoke", data={"token": tokens[kind]})
    assert error(again) == (400, "invalid_token", "Token expired or revoked")


async def test_a_second_client_of_the_console_is_its_own(google: GoogleGuest) -> None:
    made = await google.control("google_client", client_id="99-mine", secret="my-secret")
    assert (made["client_id"], made["client_secret"]) == ("99-mine", "my-secret")
    tokens = await google.connect()
    other = await google.refresh(
        tokens["refresh_token"], client_id="99-mine", client_secret="my-secret"
    )
    assert error(other) == (400, "invalid_grant", "Bad Request")


async def test_the_console_offers_the_client_as_a_file(google: GoogleGuest) -> None:
    answer = await google.http.get("/sandbox/google/client_secret.json")
    installed = answer.json()["installed"]
    assert installed["client_id"] == CLIENT_ID
    assert installed["token_uri"] == f"{google.http.base_url}/google/token"
    assert f"client_secret_{CLIENT_ID}.json" in answer.headers["content-disposition"]
    unknown = await google.http.get("/sandbox/google/client_secret.json?client_id=x")
    assert unknown.status_code == 404
