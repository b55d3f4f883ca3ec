"""Series: their instances, what is different about some, and the clock on the wall."""

from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox.google.guest import ADA, GoogleGuest, events_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
async def empty(google: GoogleGuest) -> GoogleGuest:
    """No events at all."""
    await google.control("clear_events")
    return google


async def starts(google: GoogleGuest, **query: Any) -> list[str]:
    answer = await google.events(singleEvents="true", orderBy="startTime", **query)
    return [item["start"].get("dateTime") or item["start"]["date"] for item in answer["items"]]


async def test_a_series_is_one_event_or_all_of_its_instances(google: GoogleGuest) -> None:
    stand_up = google.find("Stand-up")
    window = {"timeMin": "2026-11-20T00:00:00Z", "timeMax": "2026-11-22T00:00:00Z", "q": "Stand"}
    (series,) = [i for i in (await google.events(**window))["items"] if "recurrence" in i]
    assert (series["id"], series["recurrence"]) == (stand_up.id, ["RRULE:FREQ=DAILY"])
    instances = (await google.events(singleEvents="true", **window))["items"]
    assert [item["id"] for item in instances] == [
        f"{stand_up.id}_20261120T083000Z",
        f"{stand_up.id}_20261121T083000Z",
    ]
    for item in instances:
        assert "recurrence" not in item
        assert item["recurringEventId"] == stand_up.id
        assert item["originalStartTime"] == item["start"]
        assert item["iCalUID"] == stand_up.uid


async def test_an_exception_takes_its_instances_place_and_a_cancelled_one_is_gone(
    google: GoogleGuest,
) -> None:
    window = {"timeMin": "2026-11-23T00:00:00+01:00", "timeMax": "2026-11-26T00:00:00+01:00"}
    items = (await google.events(singleEvents="true", q="Stand-up", **window))["items"]
    assert [item["summary"] for item in items] == ["Stand-up (later today)", "Stand-up"]
    moved = items[0]
    assert moved["start"]["dateTime"] == "2026-11-23T11:00:00+01:00"
    assert moved["originalStartTime"]["dateTime"] == "2026-11-23T09:30:00+01:00"
    assert moved["id"].endswith("_20261123T083000Z")


async def test_unexpanded_series_bring_their_exceptions_along(google: GoogleGuest) -> None:
    items = (await google.events())["items"]
    series = google.find("Stand-up").id
    exceptions = [item for item in items if item.get("recurringEventId") == series]
    assert [item["status"] for item in exceptions] == ["confirmed", "cancelled"]
    assert set(exceptions[1]) == {
        "kind",
        "etag",
        "id",
        "status",
        "recurringEventId",
        "originalStartTime",
    }


async def test_an_instance_can_be_read_by_its_id(google: GoogleGuest) -> None:
    series = google.find("Stand-up").id
    one = await google.read(f"{events_of(ADA)}/{series}_20270104T083000Z")
    assert one["start"]["dateTime"] == "2027-01-04T09:30:00+01:00"
    for wrong in ("20270104T093000Z", "20200101T083000Z", "soon"):
        answer = await google.get(f"{events_of(ADA)}/{series}_{wrong}")
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (["RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3"], ["23", "25", "30"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261125T080000Z"], ["23", "24", "25"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261125T075959Z"], ["23", "24"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261124"], ["23", "24"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20261124T090000"], ["23", "25"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261124T080000Z"], ["23", "25"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20261124,20261125"], ["23"]),
        (["RRULE:FREQ=DAILY;COUNT=1", "RDATE;TZID=UTC:20261126T080000"], ["23", "26"]),
        (["RRULE:FREQ=MONTHLY;BYDAY=4MO;COUNT=1"], ["23"]),
    ],
)
async def test_rules_are_followed(empty: GoogleGuest, rule: list[str], expected: list[str]) -> None:
    await empty.add("Series", start="2026-11-23T09:00:00", recurrence=rule)
    found = await starts(empty, timeMax="2026-12-20T00:00:00Z")
    assert found == [f"2026-11-{day}T09:00:00+01:00" for day in expected]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
async def test_nine_oclock_stays_nine_oclock_all_year(empty: GoogleGuest, zone: str) -> None:
    begin = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo(zone))
    await empty.add("Daily", start=begin.isoformat(), zone=zone, recurrence=["RRULE:FREQ=DAILY"])
    found = await starts(empty, timeZone=zone, maxResults=2500, timeMax="2027-11-23T00:00:00Z")
    assert len(found) > 363
    assert {text[11:19] for text in found} == {"09:00:00"}
    assert len({text[19:] for text in found}) == 2, "both of the zone's offsets"


async def test_days_repeat_as_days(empty: GoogleGuest) -> None:
    rule = ["RRULE:FREQ=YEARLY"]
    id_ = await empty.add("Birthday", start="2024-02-29", recurrence=rule, eventType="birthday")
    items = (await empty.events(singleEvents="true", timeMax="2033-01-01T00:00:00Z"))["items"]
    assert [item["start"]["date"] for item in items] == ["2024-02-29", "2028-02-29", "2032-02-29"]
    assert items[1]["end"] == {"date": "2028-03-01"}
    assert items[1]["id"] == f"{id_}_20280229"


async def test_a_series_without_an_end_is_cut_somewhere(empty: GoogleGuest) -> None:
    await empty.add("For ever", start="2026-11-23", recurrence=["RRULE:FREQ=DAILY"])
    assert len(await starts(empty, maxResults=2500)) == 730


async def test_what_moved_into_the_window_is_in_it(empty: GoogleGuest) -> None:
    rule = ["RRULE:FREQ=WEEKLY;COUNT=4"]
    id_ = await empty.add("Weekly", start="2026-11-23T09:00:00", recurrence=rule)
    await empty.control(
        "move_event", id=f"{id_}_20261207T080000Z", start="2026-11-24T10:00:00+01:00"
    )
    window = {"timeMin": "2026-11-24T00:00:00+01:00", "timeMax": "2026-11-25T00:00:00+01:00"}
    assert await starts(empty, **window) == ["2026-11-24T10:00:00+01:00"]
    assert await starts(empty, timeMin="2026-12-07T00:00:00+01:00") == ["2026-12-14T09:00:00+01:00"]


async def test_cancelling_a_series_ends_all_of_it(empty: GoogleGuest) -> None:
    rule = ["RRULE:FREQ=DAILY;COUNT=3"]
    id_ = await empty.add("Daily", start="2026-11-23T09:00:00", recurrence=rule)
    await empty.control("move_event", id=f"{id_}_20261124T080000Z", by=60)
    token = (await empty.events(singleEvents="true"))["nextSyncToken"]
    await empty.control("cancel_event", id=id_)
    assert await starts(empty) == []
    traces = (await empty.events(singleEvents="true", syncToken=token))["items"]
    assert [item["status"] for item in traces] == ["cancelled"] * 3
    assert {item["recurringEventId"] for item in traces} == {id_}


async def test_a_changed_instance_alone_comes_with_the_sync(empty: GoogleGuest) -> None:
    id_ = await empty.add("Daily", start="2026-11-23", recurrence=["RRULE:FREQ=DAILY;COUNT=9"])
    token = (await empty.events(singleEvents="true"))["nextSyncToken"]
    await empty.control("cancel_event", id=f"{id_}_20261125")
    (trace,) = (await empty.events(singleEvents="true", syncToken=token))["items"]
    assert trace["originalStartTime"] == {"date": "2026-11-25"}
    days = [date(2026, 11, 23) + timedelta(days=n) for n in islice(range(9), 9)]
    assert await starts(empty) == [d.isoformat() for d in days if d != date(2026, 11, 25)]
