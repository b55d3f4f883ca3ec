"""What can be done to the stand-in Google from outside, alone and beside Todoist."""

import asyncio
import tomllib
from typing import Any

import httpx
import pytest

from oo_desktop.sandbox.google import CLIENT_ID, CLIENT_SECRET
from oo_desktop.sandbox.google.seed import ENGINE, FAMILY
from oo_desktop.sandbox.process import config_toml
from oo_desktop.sandbox.visitor import VisitFailed, visit
from tests.sandbox.google.guest import (
    ADA,
    API,
    AUTHORIZE,
    BOTH,
    GRACE,
    LIST,
    TOKEN,
    GoogleGuest,
    events_of,
    reason,
)
from tests.sandbox.guest import Guest

GOOGLE = "google_calendar"
PRIMARY = events_of("primary")


# Faults of one service


async def test_google_can_be_offline_alone(google: GoogleGuest, guest: Guest) -> None:
    await google.control("offline", service=GOOGLE)
    for request in (google.get(PRIMARY), google.refresh("x"), google.authorize()):
        with pytest.raises(httpx.TransportError):
            await request
    assert (await guest.get("/user")).status_code == 200
    await google.control("online", service=GOOGLE)
    assert (await google.get(PRIMARY)).status_code == 200


async def test_todoist_can_be_offline_alone(google: GoogleGuest, guest: Guest) -> None:
    await google.control("offline", service="todoist")
    assert (await google.get(PRIMARY)).status_code == 200
    for path in ("/api/v1/user", "/oauth/authorize"):
        with pytest.raises(httpx.TransportError):
            await guest.http.get(path)
    await google.control("online")
    assert (await guest.get("/user")).status_code == 200


async def test_faults_can_be_cleared_for_one_service(google: GoogleGuest, guest: Guest) -> None:
    await google.control("fail", status=503, count=5)
    await google.control("fail", status=503, count=5, service=GOOGLE)
    await google.control("clear_faults", service=GOOGLE)
    assert (await google.get(PRIMARY)).status_code == 200
    assert (await guest.get("/user")).status_code == 503


async def test_a_service_nobody_knows_is_refused(google: GoogleGuest) -> None:
    answer = await google.http.post("/sandbox/api/offline", json={"service": "outlook"})
    assert (answer.status_code, "todoist, google_calendar" in answer.text) == (400, True)


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


async def test_an_unknown_reason_is_refused(google: GoogleGuest) -> None:
    answer = await google.http.post("/sandbox/api/fail", json={"reason": "mood"})
    assert (answer.status_code, "invalid_grant" in answer.text) == (400, True)


# Calendars and people


@pytest.mark.parametrize(
    ("given", "status", "why"),
    [
        ({"status": 403}, 403, "forbidden"),
        ({"status": 404}, 404, "notFound"),
        ({"status": 500}, 500, "backendError"),
        ({"reason": "accessNotConfigured"}, 403, "accessNotConfigured"),
    ],
)
async def test_one_calendar_fails_and_the_others_do_not(
    google: GoogleGuest, given: dict[str, Any], status: int, why: str
) -> None:
    await google.control("fail_calendar", calendar=ENGINE, **given)
    answer = await google.get(events_of(ENGINE))
    assert (answer.status_code, reason(answer)) == (status, why)
    assert (await google.get(events_of(FAMILY))).status_code == 200
    await google.control("fail_calendar", calendar=ENGINE, status=0)
    assert (await google.get(events_of(ENGINE))).status_code == 200


async def test_an_api_that_is_switched_off_says_where_to_switch_it_on(google: GoogleGuest) -> None:
    await google.control("google_client", api_enabled=False)
    error = (await google.get(PRIMARY)).json()["error"]
    assert (error["code"], error["errors"][0]["reason"]) == (403, "accessNotConfigured")
    assert error["details"][0]["reason"] == "SERVICE_DISABLED"
    assert "console.developers.google.com" in error["message"]


async def test_events_come_move_and_go(google: GoogleGuest) -> None:
    id_ = await google.add("Tea", in_minutes=12, minutes=20, location="Garden")
    tea = (await google.events(q="Tea"))["items"][0]
    assert tea["start"]["dateTime"] == "2026-11-22T12:12:00+01:00"
    assert tea["end"]["dateTime"] == "2026-11-22T12:32:00+01:00"
    assert tea["location"] == "Garden"
    await google.control("move_event", id=id_, by=30)
    assert (await google.events(q="Tea"))["items"][0]["start"]["dateTime"][11:16] == "12:42"
    await google.control("move_event", id=id_, start="2026-11-24")
    assert (await google.events(q="Tea"))["items"][0]["start"] == {"date": "2026-11-24"}
    await google.control("edit_event", id=id_, fields={"summary": "Coffee", "location": None})
    assert "location" not in (await google.events(q="Coffee"))["items"][0]
    await google.control("cancel_event", id=id_)
    assert await google.titles(q="Coffee") == []


async def test_whole_days_are_added_by_their_number(google: GoogleGuest) -> None:
    await google.add("Fair", calendar=FAMILY, days=2, in_days=1)
    (fair,) = (await google.events(FAMILY, q="Fair"))["items"]
    assert (fair["start"], fair["end"]) == ({"date": "2026-11-23"}, {"date": "2026-11-25"})


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("add_event", {"calendar": "nowhere"}),
        ("add_event", {"start": "soon"}),
        ("add_event", {"start": "2026-11-22", "end": "2026-11-22T10:00:00"}),
        ("add_event", {"zone": "Mars"}),
        ("add_event", {"fields": "not json"}),
        ("add_event", {"fields": "[]"}),
        ("add_event", {"email": "nobody@example.com"}),
        ("move_event", {"id": "nothing"}),
        ("respond", {"response": "perhaps"}),
        ("fail_calendar", {"status": 418}),
        ("fail_calendar", {"reason": "mood"}),
        ("add_google_account", {"email": ADA}),
        ("add_calendar", {"role": "king"}),
        ("google_block", {"error": "mood"}),
    ],
)
async def test_parameters_that_make_no_sense_are_refused(
    google: GoogleGuest, action: str, given: dict[str, Any]
) -> None:
    if action == "respond":
        given = {**given, "id": google.find("Dentist").id}
    answer = await google.http.post(f"/sandbox/api/{action}", json=given)
    assert answer.status_code == 400, answer.text


async def test_declining_elsewhere_is_told_to_every_copy(google: GoogleGuest) -> None:
    await google.control("respond", id=google.find("Design review").id)
    for calendar in (ADA, GRACE, ENGINE):
        guests = google.find("Design review", calendar).attendees
        assert {who["email"]: who["responseStatus"] for who in guests}[ADA] == "declined"


async def test_people_and_calendars_can_come_later(google: GoogleGuest) -> None:
    await google.control("add_google_account", email="charles@example.com", zone="Asia/Kolkata")
    await google.connect(email="charles@example.com")
    assert (await google.events())["timeZone"] == "Asia/Kolkata"
    made = await google.control("add_calendar", email="charles@example.com", summary="Engines")
    await google.control(
        "edit_calendar", email="charles@example.com", calendar=made["id"], hidden=1
    )
    shown = await google.read("users/me/calendarList")
    assert [entry["id"] for entry in shown["items"]] == ["charles@example.com"]
    await google.control("reset")
    assert (await google.events())["items"] == [], "they stay, and what they planned does not"


# Tokens


async def test_expiring_and_revoking_mean_one_service_or_all(
    google: GoogleGuest, guest: Guest
) -> None:
    client_id, tokens = await guest.connect()
    google_tokens = await google.connect()
    assert (await google.control("expire", service=GOOGLE))["expired"] == 2
    assert (await guest.get("/user", token=tokens["access_token"])).status_code == 200
    await google.control("revoke", service=GOOGLE)
    assert (await google.refresh(google_tokens["refresh_token"])).status_code == 400
    assert (await guest.refresh(client_id, tokens["refresh_token"])).status_code == 200
    google_tokens = await google.connect()
    await google.control("revoke")
    assert (await google.refresh(google_tokens["refresh_token"])).status_code == 400


async def test_one_persons_consent_can_be_revoked(google: GoogleGuest) -> None:
    graces = await google.connect(email=GRACE)
    adas = await google.connect()
    await google.control("revoke", service=GOOGLE, email=ADA)
    assert (await google.refresh(adas["refresh_token"])).status_code == 400
    assert (await google.refresh(graces["refresh_token"])).status_code == 200


# Counting


async def test_requests_are_counted_for_each_account(google: GoogleGuest) -> None:
    await google.connect(scope=f"{BOTH} https://www.googleapis.com/auth/calendar.events")
    await google.get(PRIMARY)
    await google.get("users/me/calendarList")
    await google.patch("primary", google.find("Dentist").id, {})
    await google.control("fail", service=GOOGLE, status=503)
    await google.get(PRIMARY)
    await google.control("offline", service=GOOGLE)
    with pytest.raises(httpx.TransportError):
        await google.get(PRIMARY)
    await google.control("online")
    state = await google.state()
    ada, grace = state["google"]["accounts"]
    assert (ada["requests"], ada["units"]) == (4, 6)
    assert grace["requests"] == 0
    seen = [(r["status"], r["account"]) for r in state["requests"] if API in r["path"]]
    assert seen == [(200, ADA)] * 3 + [(503, ADA), (None, None)]


async def test_a_minute_has_a_limit_for_each_person(google: GoogleGuest) -> None:
    await google.control("limits", service=GOOGLE, requests=2)
    answers = [await google.get(PRIMARY) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert reason(answers[2]) == "userRateLimitExceeded"
    await google.connect(email=GRACE)
    assert (await google.get(PRIMARY)).status_code == 200
    await google.control("advance_clock", seconds=61)
    assert (await google.get(PRIMARY)).status_code == 200


async def test_the_state_has_no_token_and_no_secret(google: GoogleGuest) -> None:
    tokens = await google.connect()
    text = (await google.http.get("/sandbox/api/state")).text
    for secret in (tokens["access_token"], tokens["refresh_token"], CLIENT_SECRET):
        assert secret not in text
    (app,) = (await google.state())["google"]["apps"]
    assert (app["access_tokens"], app["refresh_tokens"]) == (2, 2)


# The page


async def page(google: GoogleGuest) -> str:
    return (await google.http.get("/sandbox")).text


async def test_the_page_shows_what_is_planned_and_can_change_it(google: GoogleGuest) -> None:
    await google.add("<b>Tea</b>", in_minutes=12, minutes=20)
    shown = await page(google)
    assert "&lt;b&gt;Tea&lt;/b&gt;" in shown
    assert "Today 12:12 to 12:32" in shown
    assert "Rehearsal" not in shown, "it is cancelled"
    form = {"id": google.find("Dentist").id, "calendar": ADA, "by": "15"}
    answer = await google.http.post("/sandbox/api/move_event", data=form)
    assert answer.status_code == 303
    assert "Today 16:45 to 17:30" in await page(google)
    await google.http.post("/sandbox/api/cancel_event", data=form)
    assert "Dentist" not in await page(google)


async def test_the_page_plans_something_from_its_form(google: GoogleGuest) -> None:
    form = {"summary": "Walk", "in_minutes": "5", "minutes": "30"}
    await google.http.post("/sandbox/api/add_event", data=form)
    assert "Today 12:05 to 12:35" in await page(google)
    await google.control("clear_events")
    assert "Nothing planned." in await page(google)


async def test_the_page_says_how_google_sees_the_app(google: GoogleGuest) -> None:
    assert "oO desktop, at Google</span>" in await page(google)
    assert ">connected<" in await page(google)
    await google.control("expire")
    assert ">can refresh<" in await page(google)
    await google.control("google_client", testing="true")
    assert "Publish the app" in await page(google)
    await google.control("age_grants")
    assert ">not connected<" in await page(google)
    await google.control("reset", apps=True)
    assert "None yet." in await page(google)


# From outside


def test_the_config_section_points_at_the_sandbox() -> None:
    url = "http://127.0.0.1:4711"
    assert "google_calendar" not in tomllib.loads(config_toml(url))
    sections = tomllib.loads(config_toml(url, google=True))
    assert sections["google_calendar"] == {
        "api_url": f"{url}/google/calendar/v3/",
        "authorize_url": f"{url}/google/o/oauth2/v2/auth",
        "token_url": f"{url}/google/token",
        "revoke_url": f"{url}/google/revoke",
    }
    section = tomllib.loads(config_toml(url, google_client=True))["google_calendar"]
    assert (section["client_id"], section["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)


async def test_the_visitor_ticks_everything_but_what_it_is_told(google: GoogleGuest) -> None:
    heard: list[httpx.URL] = []

    async def app(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(httpx.URL((await reader.readline()).split()[1].decode()))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(app, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        query = httpx.QueryParams(
            client_id=CLIENT_ID,
            redirect_uri=f"http://127.0.0.1:{port}/",
            response_type="code",
            scope=BOTH,
        )
        url = f"{google.http.base_url}{AUTHORIZE}?{query}"
        await asyncio.to_thread(visit, url, account=GRACE)
        await asyncio.to_thread(visit, url, untick=["events.readonly"])
        with pytest.raises(VisitFailed):
            await asyncio.to_thread(visit, url, account="nobody@example.com")
    assert [set(one.params["scope"].split()) for one in heard] == [set(BOTH.split()), {LIST}]
    assert [one.params["authuser"] for one in heard] == ["1", "0"]
