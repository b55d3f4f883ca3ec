"""Signing in: registering, consenting, exchanging, refreshing, and every documented refusal."""

import httpx
import pytest

from tests.sandbox.guest import CALLBACK, Guest, new_verifier

# Registration (RFC 7591)


async def test_registering_a_public_client(guest: Guest) -> None:
    answer = await guest.register()
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    client = answer.json()
    assert client["client_id"].startswith("tdd_")
    assert len(client["client_id"]) == 36
    assert "client_secret" not in client
    assert client["redirect_uris"] == [CALLBACK]
    assert client["client_secret_expires_at"] == 0


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"redirect_uris": []}, "invalid_client_metadata"),
        ({"redirect_uris": [CALLBACK] * 11}, "invalid_client_metadata"),
        ({"redirect_uris": ["http://example.com/cb"]}, "invalid_client_metadata"),
        ({"redirect_uris": ["http://127.0.0.1:8771/cb"]}, "invalid_client_metadata"),
        ({"redirect_uris": [CALLBACK + "x" * 512]}, "invalid_client_metadata"),
        ({"redirect_uris": "http://localhost/cb"}, "invalid_client_metadata"),
        ({"grant_types": ["refresh_token"]}, "invalid_client_metadata"),
        ({"grant_types": ["authorization_code", "password"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "magic"}, "invalid_client_metadata"),
        ({"client_name": 7}, "invalid_client_metadata"),
        ({"scope": "dev:app_console"}, "invalid_scope"),
        ({"scope": "data:everything"}, "invalid_scope"),
    ],
)
async def test_bad_metadata_is_refused(guest: Guest, change: dict[str, object], error: str) -> None:
    answer = await guest.register(**change)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_registrations_are_rate_limited(guest: Guest) -> None:
    await guest.control("limits", registrations=1)
    assert (await guest.register()).status_code == 201
    refused = await guest.register()
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


async def test_a_client_that_did_not_ask_for_refresh_tokens_gets_none(guest: Guest) -> None:
    client_id, tokens = await guest.connect(grant_types=["authorization_code"])
    assert "refresh_token" not in tokens
    assert tokens["expires_in"] == 315_360_000
    refused = await guest.refresh(client_id, "anything")
    assert refused.json()["error"] == "unsupported_grant_type"


# Consent


async def test_the_consent_page_says_who_asks_for_what(guest: Guest) -> None:
    page = await guest.authorize(await guest.begin(client_name='<b>"Bold" & co</b>'))
    assert page.status_code == 200
    assert "Sandbox — not the real Todoist" in page.text
    assert "&lt;b&gt;&quot;Bold&quot; &amp; co&lt;/b&gt;" in page.text
    assert "Add, change and complete tasks" in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_allowing_leads_back_with_a_code_and_the_state(guest: Guest) -> None:
    callback = await guest.decide(await guest.authorize(await guest.begin()))
    assert callback["state"] == "a-state"
    assert set(callback) == {"code", "state"}


async def test_denying_leads_back_with_an_error(guest: Guest) -> None:
    callback = await guest.decide(await guest.authorize(await guest.begin()), "deny")
    assert callback == {"error": "access_denied", "state": "a-state"}


async def test_a_page_can_be_answered_once(guest: Guest) -> None:
    page = await guest.authorize(await guest.begin())
    await guest.decide(page)
    again = await guest.http.post(
        "/oauth/authorize", data={"ticket": "gone", "account": guest.ada.id, "decision": "allow"}
    )
    assert again.status_code == 400
    assert "has been answered" in again.text


async def test_with_several_accounts_the_person_chooses(guest: Guest) -> None:
    grace = await guest.control("add_account", email="grace@example.com")
    attempt = await guest.begin()
    page = await guest.authorize(attempt)
    ticket = page.text.split('name="ticket" value="')[1].split('"')[0]
    answer = await guest.http.post(
        "/oauth/authorize", data={"ticket": ticket, "account": grace["id"], "decision": "allow"}
    )
    code = httpx.URL(answer.headers["location"]).params["code"]
    tokens = (await guest.exchange(attempt, code)).json()
    user = (await guest.get("/user", token=tokens["access_token"])).json()
    assert user["email"] == "grace@example.com"


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://localhost:8772/callback",
        "http://localhost:8771/other",
        "http://127.0.0.1:8771/callback",
        "http://localhost/callback",
    ],
)
async def test_an_unregistered_redirect_is_json_in_the_browser(
    guest: Guest, redirect_uri: str
) -> None:
    answer = await guest.authorize(await guest.begin(), redirect_uri=redirect_uri)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_request",
        "error_description": "Invalid redirect URI",
    }


async def test_the_redirect_is_optional_only_where_one_is_registered(guest: Guest) -> None:
    one = await guest.begin()
    assert (await guest.authorize(one, redirect_uri=None)).status_code == 200
    two = await guest.begin(redirect_uris=[CALLBACK, "http://localhost:8772/callback"])
    assert (await guest.authorize(two, redirect_uri=None)).json()["error"] == "invalid_request"


async def test_an_unknown_client_and_a_missing_state_stay_in_the_browser(guest: Guest) -> None:
    attempt = await guest.begin()
    assert (await guest.authorize(attempt, state=None)).json()["error"] == "invalid_request"
    await guest.control("forget_apps")
    assert (await guest.authorize(attempt)).json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "data:everything"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "data:read_write,data:delete"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
)
async def test_other_mistakes_are_told_to_the_app(
    guest: Guest, change: dict[str, str | None], error: str
) -> None:
    answer = await guest.authorize(await guest.begin(), **change)
    back = httpx.URL(answer.headers["location"])
    assert (answer.status_code, back.params["error"]) == (302, error)
    assert back.params["state"] == "a-state"


async def test_the_issuer_comes_along_where_that_is_switched_on(guest: Guest) -> None:
    await guest.control("send_iss")
    callback = await guest.decide(await guest.authorize(await guest.begin()))
    assert callback["iss"] == "https://todoist.com"


# Exchange


async def test_a_code_gives_an_hour_and_a_way_to_another(guest: Guest) -> None:
    attempt = await guest.begin()
    callback = await guest.decide(await guest.authorize(attempt))
    answer = await guest.exchange(attempt, callback["code"])
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 3600)
    assert tokens["scope"] == "data:read_write"
    assert len(tokens["access_token"]) == 40
    assert (await guest.get("/user", token=tokens["access_token"])).status_code == 200


async def test_a_code_used_twice_ends_what_it_gave(guest: Guest) -> None:
    attempt = await guest.begin()
    callback = await guest.decide(await guest.authorize(attempt))
    tokens = (await guest.exchange(attempt, callback["code"])).json()
    refreshed = (await guest.refresh(attempt.client_id, tokens["refresh_token"])).json()
    again = await guest.exchange(attempt, callback["code"])
    assert (again.status_code, again.json()) == (400, {"error": "bad_authorization_code"})
    for token in (tokens["access_token"], refreshed["access_token"]):
        assert (await guest.get("/user", token=token)).status_code == 401
    refused = await guest.refresh(attempt.client_id, refreshed["refresh_token"])
    assert refused.json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code": "nonsense"}, "bad_authorization_code"),
        ({"code_verifier": new_verifier()[0]}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://localhost:9999/callback"}, "invalid_grant"),
        ({"client_id": "tdd_unknown"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_an_exchange_that_does_not_fit_is_refused(
    guest: Guest, change: dict[str, str], error: str
) -> None:
    attempt = await guest.begin()
    callback = await guest.decide(await guest.authorize(attempt))
    answer = await guest.exchange(attempt, callback["code"], **change)
    assert answer.json()["error"] == error
    assert answer.status_code == (401 if error == "invalid_client" else 400)


async def test_a_code_is_only_good_for_the_client_it_was_made_for(guest: Guest) -> None:
    mine, other = await guest.begin(), await guest.begin()
    callback = await guest.decide(await guest.authorize(mine))
    answer = await guest.exchange(mine, callback["code"], client_id=other.client_id)
    assert answer.json()["error"] == "bad_authorization_code"


async def test_a_code_does_not_wait_for_ever(guest: Guest) -> None:
    attempt = await guest.begin()
    callback = await guest.decide(await guest.authorize(attempt))
    await guest.control("advance_clock", seconds=601)
    answer = await guest.exchange(attempt, callback["code"])
    assert answer.json()["error"] == "bad_authorization_code"


async def test_a_confidential_client_must_show_its_secret(guest: Guest) -> None:
    client = (await guest.register(token_endpoint_auth_method="client_secret_post")).json()
    form = {"grant_type": "refresh_token", "client_id": client["client_id"], "refresh_token": "x"}
    wrong = await guest.http.post("/oauth/access_token", data=form)
    assert wrong.json()["error"] == "incorrect_application_credentials"
    form["client_secret"] = client["client_secret"]
    right = await guest.http.post("/oauth/access_token", data=form)
    assert right.json()["error"] == "invalid_grant"


# Refresh


async def test_a_token_lives_an_hour(guest: Guest) -> None:
    _, tokens = await guest.connect()
    await guest.control("advance_clock", seconds=3599)
    assert (await guest.get("/user", token=tokens["access_token"])).status_code == 200
    await guest.control("advance_clock", seconds=1)
    assert (await guest.get("/user", token=tokens["access_token"])).status_code == 401


async def test_every_refresh_rotates(guest: Guest) -> None:
    client_id, first = await guest.connect()
    second = (await guest.refresh(client_id, first["refresh_token"])).json()
    third = (await guest.refresh(client_id, second["refresh_token"])).json()
    assert len({first["refresh_token"], second["refresh_token"], third["refresh_token"]}) == 3
    assert (await guest.get("/user", token=third["access_token"])).status_code == 200


async def test_within_the_grace_the_same_replacement_comes_without_a_refresh_token(
    guest: Guest,
) -> None:
    client_id, first = await guest.connect()
    second = (await guest.refresh(client_id, first["refresh_token"])).json()
    await guest.control("advance_clock", seconds=60)
    again = (await guest.refresh(client_id, first["refresh_token"])).json()
    assert again["access_token"] == second["access_token"]
    assert "refresh_token" not in again
    assert again["expires_in"] == 3540
    assert (await guest.refresh(client_id, second["refresh_token"])).status_code == 200


async def test_a_replay_after_the_grace_ends_everything_of_that_user_and_app(guest: Guest) -> None:
    client_id, first = await guest.connect()
    _, bystander = await guest.connect()
    second = (await guest.refresh(client_id, first["refresh_token"])).json()
    await guest.control("advance_clock", seconds=61)
    replay = await guest.refresh(client_id, first["refresh_token"])
    assert (replay.status_code, replay.json()) == (400, {"error": "invalid_grant"})
    assert (await guest.get("/user", token=second["access_token"])).status_code == 401
    refused = await guest.refresh(client_id, second["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    assert (await guest.get("/user", token=bystander["access_token"])).status_code == 200


async def test_a_narrower_scope_may_be_asked_and_a_wider_not(guest: Guest) -> None:
    client_id, tokens = await guest.connect()
    wider = await guest.refresh(client_id, tokens["refresh_token"], scope="data:delete")
    assert wider.json()["error"] == "invalid_scope"
    same = await guest.refresh(client_id, tokens["refresh_token"], scope="data:read_write")
    assert same.status_code == 200


async def test_a_refresh_token_is_only_good_for_its_client(guest: Guest) -> None:
    _, tokens = await guest.connect()
    other = await guest.begin()
    refused = await guest.refresh(other.client_id, tokens["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    unknown = await guest.refresh("tdd_unknown", tokens["refresh_token"])
    assert (unknown.status_code, unknown.json()) == (401, {"error": "invalid_client"})


async def test_the_token_endpoint_takes_json_too(guest: Guest) -> None:
    client_id, tokens = await guest.connect()
    body = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "refresh_token": tokens["refresh_token"],
    }
    assert (await guest.http.post("/oauth/access_token", json=body)).status_code == 200


async def test_expiring_leaves_the_refresh_token_and_revoking_does_not(guest: Guest) -> None:
    client_id, tokens = await guest.connect()
    assert await guest.control("expire") == {"expired": 1}
    assert (await guest.get("/user", token=tokens["access_token"])).status_code == 401
    second = (await guest.refresh(client_id, tokens["refresh_token"])).json()
    await guest.control("revoke")
    assert (await guest.get("/user", token=second["access_token"])).status_code == 401
    refused = await guest.refresh(client_id, second["refresh_token"])
    assert refused.json() == {"error": "invalid_grant"}


async def test_a_personal_token_outlives_hours_and_revoked_apps(guest: Guest) -> None:
    await guest.control("revoke")
    await guest.control("advance_clock", seconds=10_000_000)
    assert (await guest.get("/user")).status_code == 200
    await guest.control("revoke", personal=True)
    assert (await guest.get("/user")).status_code == 401
