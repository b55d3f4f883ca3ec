"""What the stand-in Google answers, held against Google's own description of Calendar v3."""

from typing import Any

import pytest

from oo_desktop.sandbox.google.seed import GERMAN_HOLIDAYS
from tests.sandbox.google.guest import ADA, GRACE, LIST, WRITE, GoogleGuest, events_of
from tests.sandbox.google.schema import SCHEMAS, problems


@pytest.fixture(params=[ADA, GRACE])
async def person(google: GoogleGuest, request: pytest.FixtureRequest) -> GoogleGuest:
    """A guest of each person's, who may write."""
    await google.connect(email=request.param, scope=f"{LIST} {WRITE}")
    return google


def assert_valid(value: Any, schema: str) -> None:
    assert problems(value, SCHEMAS[schema]) == []


async def calendars(google: GoogleGuest) -> list[str]:
    answer = await google.read("users/me/calendarList", showHidden="true")
    return [entry["id"] for entry in answer["items"]]


async def test_the_list_of_calendars_is_valid(person: GoogleGuest) -> None:
    answer = await person.read("users/me/calendarList", showHidden="true", showDeleted="true")
    assert_valid(answer, "CalendarList")
    assert_valid(await person.read(f"users/me/calendarList/{GRACE}"), "CalendarListEntry")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"singleEvents": "true", "timeMax": "2027-11-22T00:00:00Z", "maxResults": "2500"},
        {"showDeleted": "true", "maxAttendees": "1"},
        {"timeZone": "Asia/Kathmandu", "maxResults": "2"},
    ],
)
async def test_every_event_of_every_calendar_is_valid(
    person: GoogleGuest, query: dict[str, str]
) -> None:
    for calendar in await calendars(person):
        answer = await person.events(calendar, **query)
        assert_valid(answer, "Events")
        for item in answer["items"][:20]:
            one = await person.read(f"{events_of(calendar)}/{item['id']}")
            assert_valid(one, "Event")


async def test_changes_are_valid(person: GoogleGuest) -> None:
    token = (await person.events(GRACE))["nextSyncToken"]
    await person.control("cancel_event", id=person.find("Compiler seminar", GRACE).id)
    await person.control("move_event", id=person.find("Navy log", GRACE).id)
    answer = await person.events(GRACE, syncToken=token)
    assert len(answer["items"]) == 2
    assert_valid(answer, "Events")


async def test_an_answered_invitation_is_valid(google: GoogleGuest) -> None:
    await google.connect(scope=f"{LIST} {WRITE}")
    body = {"attendeesOmitted": True, "attendees": [{"email": ADA, "responseStatus": "declined"}]}
    assert problems(body, SCHEMAS["Event"]) == []
    answer = await google.patch("primary", google.find("Design review").id, body)
    assert_valid(answer.json(), "Event")


async def test_the_validator_finds_what_is_broken(google: GoogleGuest) -> None:
    id_ = google.find("Punch Card Day", GERMAN_HOLIDAYS).id
    broken = {"summary": 7, "nonsense": 1, "start": {"date": "soon"}, "status": "off"}
    await google.control("break_event", id=id_, fields=broken)
    answer = await google.events(GERMAN_HOLIDAYS)
    assert sorted(problems(answer, SCHEMAS["Events"])) == [
        ".items[0].nonsense: unknown",
        ".items[0].start.date: date is expected",
        ".items[0].status: 'off' is none of ['confirmed', 'tentative', 'cancelled']",
        ".items[0].summary: string is expected",
    ]
