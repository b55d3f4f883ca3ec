"""What Google answers where a fault befalls a request: its own words."""

from typing import Any

import httpx
import pytest

from tests.sandbox.google.guest import (
    API,
    GOOGLE,
    PRIMARY,
    TOKEN,
    GoogleGuest,
    reason,
)


@pytest.mark.parametrize(
    ("status", "why", "kind"),
    [
        (401, "authError", "application/json; charset=UTF-8"),
        (403, "forbidden", "application/json; charset=UTF-8"),
        (404, "notFound", "application/json; charset=UTF-8"),
        (429, "rateLimitExceeded", "application/json; charset=UTF-8"),
        (500, None, "text/html; charset=UTF-8"),
        (503, None, "text/html; charset=UTF-8"),
    ],
)
async def test_a_status_comes_in_googles_own_words(
    google: GoogleGuest, status: int, why: str | None, kind: str
) -> None:
    await google.control("fail", service=GOOGLE, status=status)
    answer = await google.get(PRIMARY)
    assert (answer.status_code, answer.headers["content-type"]) == (status, kind)
    assert "retry-after" not in answer.headers
    if why is not None:
        assert reason(answer) == why
    assert (await google.get(PRIMARY)).status_code == 200


async def test_a_401_says_what_vdirsyncer_reads(google: GoogleGuest) -> None:
    await google.control("expire", service=GOOGLE)
    answer = await google.get(PRIMARY)
    assert answer.headers["www-authenticate"] == (
        'Bearer realm="https://accounts.google.com/", error=invalid_token'
    )
    nobody = await google.http.get(f"{API}/{PRIMARY}")
    assert (nobody.status_code, reason(nobody)) == (401, "required")


async def test_a_rate_limit_passes_without_a_word_about_when(google: GoogleGuest) -> None:
    await google.control("rate_limit", service=GOOGLE, seconds=30)
    answer = await google.get(PRIMARY)
    assert (answer.status_code, "retry-after" in answer.headers) == (429, False)
    await google.control("advance_clock", seconds=30)
    assert (await google.get(PRIMARY)).status_code == 200
    await google.control("fail", service=GOOGLE, status=429, retry_after=7)
    assert (await google.get(PRIMARY)).headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("given", "status", "error"),
    [
        ({"reason": "invalid_grant"}, 400, "invalid_grant"),
        ({"reason": "invalid_rapt"}, 400, "invalid_grant"),
        ({"reason": "invalid_client"}, 401, "invalid_client"),
        ({"reason": "deleted_client"}, 401, "deleted_client"),
        ({"reason": "unauthorized_client"}, 401, "unauthorized_client"),
        ({"reason": "invalid_request"}, 400, "invalid_request"),
        ({"reason": "server_error"}, 500, "internal_failure"),
    ],
)
async def test_the_token_endpoint_can_say_anything(
    google: GoogleGuest, given: dict[str, Any], status: int, error: str
) -> None:
    tokens = await google.connect()
    await google.control("fail", **given)
    answer = await google.refresh(tokens["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    if given["reason"] == "invalid_rapt":
        assert answer.json()["error_subtype"] == "invalid_rapt"
    assert (await google.refresh(tokens["refresh_token"])).status_code == 200


async def test_the_token_endpoint_has_bad_moments(google: GoogleGuest) -> None:
    tokens = await google.connect()
    await google.control("fail", path=TOKEN, status=429)
    limited = await google.refresh(tokens["refresh_token"])
    assert limited.json()["error"]["status"] == "RESOURCE_EXHAUSTED"
    for status in (400, 503):
        await google.control("fail", path=TOKEN, status=status)
        page = await google.refresh(tokens["refresh_token"])
        assert (page.status_code, page.text[:15]) == (status, "<!DOCTYPE html>")
    await google.control("garbage", path=TOKEN, kind="html", count=1)
    assert "Station Wi-Fi" in (await google.refresh(tokens["refresh_token"])).text
    await google.control("drop_answer", path=TOKEN)
    with pytest.raises(httpx.RemoteProtocolError):
        await google.refresh(tokens["refresh_token"])
    assert (await google.state())["google"]["refreshes"] == 1


@pytest.mark.parametrize("kind", ["html", "empty", "null", "types", "truncated", "bad_utf8"])
async def test_answers_can_be_garbage(google: GoogleGuest, kind: str) -> None:
    await google.control("garbage", service=GOOGLE, kind=kind, count=1)
    spoiled = await google.get(PRIMARY)
    assert spoiled.status_code == 200
    assert (await google.events())["kind"] == "calendar#events"


async def test_an_api_that_is_switched_off_says_where_to_switch_it_on(google: GoogleGuest) -> None:
    await google.control("google_client", api_enabled=False)
    error = (await google.get(PRIMARY)).json()["error"]
    assert (error["code"], error["errors"][0]["reason"]) == (403, "accessNotConfigured")
    assert error["details"][0]["reason"] == "SERVICE_DISABLED"
    assert "console.developers.google.com" in error["message"]
