"""What can be done to the stand-in Google from outside, alone and beside Todoist."""

import tomllib
from typing import Any

import pytest

from oo_desktop.sandbox.google import CLIENT_ID, CLIENT_SECRET
from oo_desktop.sandbox.google.seed import ENGINE, FAMILY
from oo_desktop.sandbox.process import config_toml
from tests.sandbox.google.guest import (
    ADA,
    GRACE,
    GoogleGuest,
    events_of,
    reason,
)


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
