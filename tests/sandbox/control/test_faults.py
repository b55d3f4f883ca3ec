"""What can go wrong for one service alone, and for how long."""

import httpx
import pytest

from tests.sandbox.google.guest import (
    GOOGLE,
    GRACE,
    PRIMARY,
    GoogleGuest,
    reason,
)
from tests.sandbox.guest import Guest


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


async def test_an_unknown_reason_is_refused(google: GoogleGuest) -> None:
    answer = await google.http.post("/sandbox/api/fail", json={"reason": "mood"})
    assert (answer.status_code, "invalid_grant" in answer.text) == (400, True)


async def test_a_minute_has_a_limit_for_each_person(google: GoogleGuest) -> None:
    await google.control("limits", service=GOOGLE, requests=2)
    answers = [await google.get(PRIMARY) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert reason(answers[2]) == "userRateLimitExceeded"
    await google.connect(email=GRACE)
    assert (await google.get(PRIMARY)).status_code == 200
    await google.control("advance_clock", seconds=61)
    assert (await google.get(PRIMARY)).status_code == 200
