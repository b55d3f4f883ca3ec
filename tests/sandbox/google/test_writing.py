"""`events.patch`: answering an invitation, and what a guest may not change."""

from typing import Any

import pytest

from oo_desktop.sandbox.google.seed import ENGINE, GERMAN_HOLIDAYS
from tests.sandbox.google.guest import (
    ADA,
    BOTH,
    GRACE,
    LIST,
    WRITE,
    GoogleGuest,
    reason,
)

YES = {
    "attendeesOmitted": True,
    "attendees": [{"email": ADA, "self": True, "responseStatus": "accepted"}],
}


@pytest.fixture
async def writer(google: GoogleGuest) -> GoogleGuest:
    """A guest who may write, too."""
    await google.connect(scope=f"{LIST} {WRITE}")
    return google


def responses(google: GoogleGuest, calendar: str = ADA) -> dict[str, str]:
    review = google.find("Design review", calendar)
    return {who["email"]: who["responseStatus"] for who in review.attendees}


async def test_ones_own_answer_reaches_every_copy_and_drops_nobody(writer: GoogleGuest) -> None:
    review = writer.find("Design review")
    before = review.etag
    answer = await writer.patch("primary", review.id, YES, sendUpdates="all")
    assert answer.status_code == 200
    assert answer.json()["etag"] != before
    for calendar in (ADA, GRACE, ENGINE):
        assert responses(writer, calendar)[ADA] == "accepted"
        assert len(responses(writer, calendar)) == 4
    (done,) = (await writer.state())["google"]["history"]
    assert (done["email"], done["event"]) == (ADA, review.id)
    assert (done["response"], done["send_updates"]) == ("accepted", "all")


async def test_a_list_of_guests_replaces_the_one_there_was(writer: GoogleGuest) -> None:
    review = writer.find("Design review")
    await writer.patch("primary", review.id, {"attendees": YES["attendees"]})
    assert responses(writer) == {ADA: "accepted"}


@pytest.mark.parametrize("response", ["accepted", "tentative", "declined", "needsAction"])
async def test_every_answer_can_be_given(writer: GoogleGuest, response: str) -> None:
    body = {"attendeesOmitted": True, "attendees": [{"email": ADA, "responseStatus": response}]}
    await writer.patch("primary", writer.find("Design review").id, body)
    assert responses(writer)[ADA] == response


async def test_an_answer_can_be_for_one_instance_or_for_all(writer: GoogleGuest) -> None:
    series = writer.find("Stand-up")
    one = await writer.patch("primary", f"{series.id}_20261127T083000Z", YES | _said("declined"))
    assert one.json()["attendees"][0]["responseStatus"] == "declined"
    assert one.json()["recurringEventId"] == series.id
    assert series.attendees[0]["responseStatus"] == "accepted"
    await writer.patch("primary", series.id, YES | _said("tentative"))
    assert series.attendees[0]["responseStatus"] == "tentative"


def _said(response: str) -> dict[str, Any]:
    return {"attendees": [{"email": ADA, "responseStatus": response}]}


async def test_a_change_from_an_older_version_is_refused(writer: GoogleGuest) -> None:
    review = writer.find("Design review")
    old = review.etag
    await writer.control("respond", id=review.id, calendar=ADA, email=GRACE, response="tentative")
    refused = await writer.patch("primary", review.id, YES, headers={"If-Match": old})
    assert (refused.status_code, reason(refused)) == (412, "conditionNotMet")
    assert responses(writer)[ADA] == "tentative"
    for version in (review.etag, "*"):
        answer = await writer.patch("primary", review.id, YES, headers={"If-Match": version})
        assert answer.status_code == 200


async def test_without_the_scope_nothing_is_written(google: GoogleGuest) -> None:
    await google.connect(scope=BOTH)
    refused = await google.patch("primary", google.find("Design review").id, YES)
    assert (refused.status_code, reason(refused)) == (403, "insufficientPermissions")
    assert (await google.state())["google"]["history"] == []


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ({"summary": "Mine"}, 403, "forbiddenForNonOrganizer"),
        ({"start": {"date": "2026-11-30"}}, 403, "forbiddenForNonOrganizer"),
        ({"attendees": [{"email": ADA, "responseStatus": "maybe"}]}, 400, "badRequest"),
        ({"attendees": [{"responseStatus": "accepted"}]}, 400, "badRequest"),
        ({"attendees": "me"}, 400, "invalid"),
        ([], 400, "badRequest"),
    ],
)
async def test_what_a_guest_may_not_change_is_refused(
    writer: GoogleGuest, body: Any, status: int, why: str
) -> None:
    before = writer.find("Design review").revision
    refused = await writer.patch("primary", writer.find("Design review").id, body)
    assert (refused.status_code, reason(refused)) == (status, why)
    assert writer.find("Design review").revision == before


async def test_a_refused_change_leaves_no_exception_behind(writer: GoogleGuest) -> None:
    series = writer.find("Stand-up")
    instance = f"{series.id}_20261127T083000Z"
    refused = await writer.patch("primary", instance, {"start": {"date": "soon"}})
    assert refused.status_code == 400
    assert instance not in writer.google.state.calendars[ADA].events


async def test_calendars_one_only_reads_cannot_be_changed(writer: GoogleGuest) -> None:
    holiday = writer.find("Punch Card Day", GERMAN_HOLIDAYS)
    refused = await writer.patch(GERMAN_HOLIDAYS, holiday.id, {"summary": "Mine"})
    assert (refused.status_code, reason(refused)) == (403, "requiredAccessLevel")
    await writer.control("edit_event", id=writer.find("Dentist").id, locked=True)
    locked = await writer.patch("primary", writer.find("Dentist").id, {"summary": "Mine"})
    assert (locked.status_code, reason(locked)) == (403, "forbidden")


async def test_the_organizer_changes_what_all_share(writer: GoogleGuest) -> None:
    dentist = writer.find("Dentist")
    body = {
        "start": {"dateTime": "2026-11-22T17:00:00+01:00"},
        "end": {"dateTime": "2026-11-22T17:45:00+01:00"},
        "summary": "Dentist, later",
        "location": None,
        "id": "another",
        "status": "tentative",
    }
    changed = (await writer.patch("primary", dentist.id, body)).json()
    assert changed["start"]["dateTime"] == "2026-11-22T17:00:00+01:00"
    assert (changed["summary"], changed["status"]) == ("Dentist, later", "tentative")
    assert changed["id"] == dentist.id
    assert "location" not in changed


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"end": {"dateTime": "2026-11-22T10:00:00+01:00"}}, "timeRangeEmpty"),
        ({"end": {"date": "2026-11-23"}}, "badRequest"),
        ({"start": "soon"}, "badRequest"),
        ({"start": {"dateTime": "2026-11-22T16:00:00", "timeZone": "Mars"}}, "badRequest"),
    ],
)
async def test_times_that_make_no_sense_are_refused(
    writer: GoogleGuest, body: Any, why: str
) -> None:
    refused = await writer.patch("primary", writer.find("Dentist").id, body)
    assert (refused.status_code, reason(refused)) == (400, why)


async def test_who_is_told_is_one_of_three(writer: GoogleGuest) -> None:
    refused = await writer.patch("primary", writer.find("Dentist").id, {}, sendUpdates="everybody")
    assert reason(refused) == "invalid"
