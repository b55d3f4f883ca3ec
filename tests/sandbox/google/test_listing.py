"""`events.list` and `.get`: which events, which page, and what is said of each."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oo_desktop.sandbox.google.seed import ENGINE, FAMILY, GERMAN_HOLIDAYS, ROOM
from tests.sandbox.conftest import NOON
from tests.sandbox.google.guest import ADA, BOTH, GRACE, GoogleGuest, events_of, reason

TODAY = {
    "timeMin": "2026-11-22T00:00:00+01:00",
    "timeMax": "2026-11-23T00:00:00+01:00",
    "singleEvents": "true",
    "orderBy": "startTime",
}

WINDOW = {"timeMin": TODAY["timeMin"], "timeMax": "2026-11-24T00:00:00+01:00"}


def at(hour: int, minute: int = 0, second: int = 0) -> str:
    """A time of the sandbox's Sunday in Berlin."""
    return f"2026-11-22T{hour:02}:{minute:02}:{second:02}+01:00"


@pytest.fixture
async def empty(google: GoogleGuest) -> GoogleGuest:
    """No events at all."""
    await google.control("clear_events")
    return google


# The window


async def test_a_day_in_its_order(google: GoogleGuest) -> None:
    assert await google.titles(**TODAY) == [
        "Conference in Turin",
        "Home",
        "Charles’s birthday",
        "Stand-up",
        "Focus: tables",
        "Pairing on Bernoulli numbers",
        "Hand-over",
        "Lunch with Charles",
        "Design review",
        "Budget call",
        "Dentist",
        None,
        "Night train to Lisbon",
    ]


@pytest.mark.parametrize(
    ("window", "found"),
    [
        ({"timeMin": at(9), "timeMax": at(10)}, True),
        ({"timeMin": at(9, 59, 59)}, True),
        ({"timeMin": at(10)}, False),
        ({"timeMax": at(9, 0, 1)}, True),
        ({"timeMax": at(9)}, False),
        ({"timeMin": at(9, 15), "timeMax": at(9, 30)}, True),
    ],
)
async def test_both_ends_of_the_window_are_exclusive(
    empty: GoogleGuest, window: dict[str, str], found: bool
) -> None:
    await empty.add("Nine to ten", start=at(9), end=at(10))
    assert await empty.titles(**window) == (["Nine to ten"] if found else [])


async def test_a_whole_day_begins_and_ends_at_midnight_of_the_calendar(empty: GoogleGuest) -> None:
    await empty.add("All day", start="2026-11-22")
    assert await empty.titles(timeMin="2026-11-22T22:59:59Z") == ["All day"]
    assert await empty.titles(timeMin="2026-11-22T23:00:00Z") == []
    assert await empty.titles(timeMax="2026-11-21T23:00:01Z") == ["All day"]
    assert await empty.titles(timeMax="2026-11-21T23:00:00Z") == []


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"timeMin": at(10), "timeMax": at(10)}, "timeRangeEmpty"),
        ({"timeMin": at(11), "timeMax": at(10)}, "timeRangeEmpty"),
        ({"timeMin": "2026-11-22T10:00:00"}, "badRequest"),
        ({"timeMin": "2026-11-22"}, "badRequest"),
        ({"timeMin": "2026-11-22T10:00:00 01:00"}, "badRequest"),
        ({"timeMax": "soon"}, "badRequest"),
        ({"timeMin": "0001-01-01T00:00:00+14:00"}, "badRequest"),
        ({"orderBy": "startTime"}, "badRequest"),
        ({"orderBy": "colour"}, "invalid"),
        ({"singleEvents": "True"}, "invalid"),
        ({"maxResults": "0"}, "invalid"),
        ({"maxResults": "many"}, "invalid"),
        ({"maxAttendees": "-1"}, "invalid"),
        ({"timeZone": "Mars/Olympus"}, "invalid"),
        ({"eventTypes": "party"}, "invalid"),
        ({"fields": "items(id,nonsense)"}, "invalidParameter"),
        ({"fields": "items(id"}, "invalidParameter"),
        ({"fields": "items)"}, "invalidParameter"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(
    google: GoogleGuest, query: dict[str, str], why: str
) -> None:
    answer = await google.get(events_of("primary"), **query)
    assert (answer.status_code, reason(answer)) == (400, why)


# What is said of an event


async def test_times_have_the_offset_of_the_calendar_or_the_one_asked_for(
    google: GoogleGuest,
) -> None:
    pune = next(
        item
        for item in (await google.events(ENGINE))["items"]
        if item["summary"] == "Call with Pune"
    )
    assert pune["start"] == {
        "dateTime": "2026-11-23T11:00:00+01:00",
        "timeZone": "Asia/Kolkata",
    }
    asked = (await google.events(ENGINE, timeZone="Asia/Kathmandu", q="pune"))["items"][0]
    assert asked["start"]["dateTime"] == "2026-11-23T15:45:00+05:45"
    utc = (await google.events(ENGINE, timeZone="UTC", q="pune"))["items"][0]
    assert utc["end"]["dateTime"] == "2026-11-23T10:30:00Z"


async def test_the_end_of_whole_days_is_the_day_after(google: GoogleGuest) -> None:
    turin = (await google.events(q="Turin"))["items"][0]
    assert (turin["start"], turin["end"]) == ({"date": "2026-11-21"}, {"date": "2026-11-24"})


async def test_every_kind_of_event_is_there_and_can_be_asked_for(google: GoogleGuest) -> None:
    items = (await google.events(singleEvents="true", **WINDOW))["items"]
    every = {"birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation"}
    assert {item["eventType"] for item in items} == every
    two = await google.events(eventTypes=["birthday", "focusTime"], **WINDOW)
    assert [item["eventType"] for item in two["items"]] == ["focusTime", "birthday"]


async def test_an_event_may_have_no_name(google: GoogleGuest) -> None:
    assert [item for item in (await google.events(**TODAY))["items"] if "summary" not in item]


async def test_a_meeting_has_the_same_uid_on_every_calendar(google: GoogleGuest) -> None:
    copies = [(await google.events(id_, q="Design review"))["items"][0] for id_ in (ADA, ENGINE)]
    assert copies[0]["iCalUID"] == copies[1]["iCalUID"]
    assert copies[0]["id"] != copies[1]["id"]
    assert len((await google.events(iCalUID=copies[0]["iCalUID"]))["items"]) == 1


async def test_self_is_the_calendar_and_not_the_reader(google: GoogleGuest) -> None:
    own = (await google.events(q="Design review"))["items"][0]
    assert [who["email"] for who in own["attendees"] if who.get("self")] == [ADA]
    graces = (await google.events(GRACE, q="Design review"))["items"][0]
    assert [who["email"] for who in graces["attendees"] if who.get("self")] == [GRACE]
    assert graces["organizer"]["self"] is True


async def test_with_too_many_guests_only_ones_own_answer_is_told(google: GoogleGuest) -> None:
    few = (await google.events(q="Design review", maxAttendees=1))["items"][0]
    assert few["attendees"] == [{"email": ADA, "responseStatus": "tentative", "self": True}]
    assert few["attendeesOmitted"] is True
    many = (await google.events(q="Design review", maxAttendees=4))["items"][0]
    assert len(many["attendees"]) == 4
    assert "attendeesOmitted" not in many
    shared = (await google.events(ENGINE, q="Design review", maxAttendees=1))["items"][0]
    assert "attendees" not in shared, "the calendar itself was not invited"


async def test_a_video_call_has_its_conference(google: GoogleGuest) -> None:
    call = (await google.events(q="Hand-over"))["items"][0]
    video = [e for e in call["conferenceData"]["entryPoints"] if e["entryPointType"] == "video"]
    assert [entry["uri"] for entry in video] == [call["hangoutLink"]]


async def test_reminders_are_the_calendars_or_the_events_own(google: GoogleGuest) -> None:
    answer = await google.events(FAMILY)
    assert answer["defaultReminders"] == [
        {"method": "popup", "minutes": 10},
        {"method": "email", "minutes": 30},
    ]
    by_title = {item["summary"]: item["reminders"] for item in answer["items"]}
    assert by_title["Parents’ evening"] == {"useDefault": True}


async def test_private_events_of_others_are_only_a_time(google: GoogleGuest) -> None:
    items = (await google.events(GRACE, timeMin=at(18), timeMax=at(19)))["items"]
    hidden = next(item for item in items if item.get("visibility") == "private")
    assert "summary" not in hidden
    assert "start" in hidden
    await google.connect(email=GRACE)
    assert "A surprise for Ada" in await google.titles()


async def test_free_and_busy_is_all_one_sees_of_a_room(google: GoogleGuest) -> None:
    answer = await google.events(ROOM)
    assert answer["accessRole"] == "freeBusyReader"
    assert "summary" not in answer["items"][0]


async def test_one_event_is_found_even_when_it_is_cancelled(google: GoogleGuest) -> None:
    id_ = google.find("Rehearsal").id
    assert (await google.read(f"{events_of(ADA)}/{id_}"))["status"] == "cancelled"
    assert reason(await google.get(f"{events_of(ADA)}/nothing")) == "notFound"


async def test_one_broken_event_is_among_good_ones(google: GoogleGuest) -> None:
    id_ = google.find("Dentist").id
    await google.control("break_event", id=id_)
    items = (await google.events(**TODAY))["items"]
    assert [item["start"] for item in items if item["id"] == id_] == [{}]
    assert len(items) == 13
    await google.control("break_event", id=id_, fields={"summary": 7, "end": None})
    (broken,) = [i for i in (await google.events(**TODAY))["items"] if i["id"] == id_]
    assert broken["summary"] == 7
    assert "end" not in broken
    await google.control("break_event", id=id_, fields={})
    assert "Dentist" in await google.titles(**TODAY)


# Pages


async def test_pages_lead_to_each_other(empty: GoogleGuest) -> None:
    await empty.control("add_event", summary="Event", times=7, start=at(9), minutes=10)
    seen: list[str] = []
    query: dict[str, Any] = {"maxResults": 3, "singleEvents": "true", "orderBy": "startTime"}
    for size in (3, 3, 1):
        page = await empty.events(**query)
        assert len(page["items"]) == size
        assert "nextSyncToken" not in page
        seen += [item["summary"] for item in page["items"]]
        query["pageToken"] = page.get("nextPageToken")
    assert query["pageToken"] is None
    assert seen == [f"Event {turn}" for turn in range(1, 8)]


async def test_a_page_may_be_short_or_empty_though_more_follow(empty: GoogleGuest) -> None:
    await empty.control("add_event", summary="Event", times=3, start=at(9), minutes=10)
    await empty.control("paging", service="google_calendar", limit=2, empty=True)
    sizes: list[int] = []
    more: dict[str, str] = {}
    for _ in range(3):
        page = await empty.events(**more)
        sizes.append(len(page["items"]))
        more = {"pageToken": page["nextPageToken"]} if "nextPageToken" in page else {}
    assert (sizes, more) == ([0, 2, 1], {})


async def test_no_page_has_more_than_2500(empty: GoogleGuest) -> None:
    await empty.control("add_event", summary="Event", times=2501, start=at(0), minutes=1, every=0)
    page = await empty.events(maxResults=9999, fields="items/id,nextPageToken")
    assert len(page["items"]) == 2500
    assert "nextPageToken" in page
    assert len((await empty.events(fields="items/id"))["items"]) == 250


# Changes


async def test_nothing_changed_is_304(google: GoogleGuest) -> None:
    first = await google.get(events_of(FAMILY))
    etag = first.headers["etag"]
    assert first.json()["etag"] == etag
    again = await google.get(events_of(FAMILY), headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    await google.control("move_event", id=google.find("Fetch Byron", FAMILY).id)
    moved = await google.get(events_of(FAMILY), headers={"If-None-Match": etag})
    assert moved.status_code == 200


async def test_deleted_events_show_where_they_are_asked_for(google: GoogleGuest) -> None:
    assert "Rehearsal" not in await google.titles()
    shown = await google.events(showDeleted="true", **TODAY)
    (trace,) = [item for item in shown["items"] if item["status"] == "cancelled"]
    assert set(trace) == {"kind", "etag", "id", "status"}
    await google.control("cancel_event", id=google.find("Dentist").id)
    assert "Dentist" not in await google.titles(**TODAY)


async def test_updated_min_brings_what_changed_and_what_was_deleted(google: GoogleGuest) -> None:
    await google.control("advance_clock", seconds=60)
    since = (NOON + timedelta(minutes=1)).astimezone(UTC).isoformat()
    await google.control("cancel_event", id=google.find("Dentist").id)
    await google.control("move_event", id=google.find("Hand-over").id)
    items = (await google.events(updatedMin=since, orderBy="updated"))["items"]
    assert [item["status"] for item in items] == ["cancelled", "confirmed"]
    long_ago = datetime(2026, 10, 1, tzinfo=UTC).isoformat()
    answer = await google.get(events_of("primary"), updatedMin=long_ago)
    assert (answer.status_code, reason(answer)) == (410, "updatedMinTooLongAgo")


async def test_a_sync_token_brings_changes_and_traces(google: GoogleGuest) -> None:
    first = await google.events(timeMin=at(0), maxAttendees=1)
    token = first["nextSyncToken"]
    gone = google.find("Dentist").id
    await google.control("cancel_event", id=gone)
    await google.add("New", in_minutes=60)
    changes = await google.events(syncToken=token, maxAttendees=1)
    assert {item.get("summary"): item["status"] for item in changes["items"]} == {
        None: "cancelled",
        "New": "confirmed",
    }
    later = await google.events(syncToken=changes["nextSyncToken"], maxAttendees=1)
    assert later["items"] == []


@pytest.mark.parametrize(
    "forbidden",
    [
        {"timeMin": at(0)},
        {"timeMax": at(0)},
        {"orderBy": "updated"},
        {"q": "x"},
        {"iCalUID": "x"},
        {"updatedMin": at(0)},
        {"showDeleted": "false"},
        {"singleEvents": "true"},
    ],
)
async def test_a_sync_token_goes_with_the_first_question_only(
    google: GoogleGuest, forbidden: dict[str, str]
) -> None:
    token = (await google.events())["nextSyncToken"]
    answer = await google.get(events_of("primary"), syncToken=token, **forbidden)
    assert (answer.status_code, reason(answer)) == (400, "badRequest")


async def test_an_old_sync_token_means_reading_everything_anew(google: GoogleGuest) -> None:
    token = (await google.events())["nextSyncToken"]
    await google.control("expire_sync")
    answer = await google.get(events_of("primary"), syncToken=token)
    assert (answer.status_code, reason(answer)) == (410, "fullSyncRequired")


async def test_an_ordered_question_gets_no_sync_token(google: GoogleGuest) -> None:
    assert "nextSyncToken" not in await google.events(**TODAY)


# Where from


async def test_a_calendar_id_must_be_encoded_to_its_last_character(google: GoogleGuest) -> None:
    assert await google.titles(GERMAN_HOLIDAYS) == ["Punch Card Day"]
    path = f"calendars/{GERMAN_HOLIDAYS}/events"
    assert (await google.get(path)).status_code == 404, "“#” begins a fragment"


async def test_somebody_elses_calendar_is_as_good_as_none(google: GoogleGuest) -> None:
    await google.connect(email=GRACE, scope=BOTH)
    answer = await google.get(events_of(FAMILY))
    assert (answer.status_code, reason(answer)) == (404, "notFound")
