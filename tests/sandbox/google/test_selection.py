"""Partial responses: `fields`."""

from oo_desktop.sandbox.google import selection
from tests.sandbox.google.guest import GoogleGuest
from tests.sandbox.google.schema import SCHEMAS, names


def test_every_field_of_what_is_served_can_be_selected() -> None:
    served = (
        "CalendarList",
        "CalendarListEntry",
        "CalendarNotification",
        "ConferenceData",
        "ConferenceProperties",
        "ConferenceSolution",
        "EntryPoint",
        "Event",
        "EventAttendee",
        "EventBirthdayProperties",
        "EventDateTime",
        "EventFocusTimeProperties",
        "EventOutOfOfficeProperties",
        "EventReminder",
        "EventWorkingLocationProperties",
        "Events",
    )
    every = set().union(*(names(SCHEMAS[name]) for name in served))
    for name in every:
        assert selection.tree_from_text(name) == {name: {}}


async def test_a_part_of_the_answer_is_as_it_was_asked_for(google: GoogleGuest) -> None:
    answer = await google.events(
        fields="nextPageToken,timeZone,items(id,start/date,attendees(self,responseStatus))",
        q="Design review",
    )
    assert set(answer) == {"timeZone", "items"}
    (item,) = answer["items"]
    assert set(item) == {"id", "start", "attendees"}
    assert item["start"] == {}
    assert item["attendees"][1] == {"responseStatus": "tentative", "self": True}
    whole = await google.events(fields="*", q="Design review")
    assert whole == await google.events(q="Design review")
    assert await google.events(fields="items/id", q="Budget") == {
        "items": [{"id": google.find("Budget call").id}]
    }
