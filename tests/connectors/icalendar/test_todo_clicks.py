"""A click changes the component it is about; CalDAV's and EDS's tables test what it decides."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.connectors.icalendar.edit import NotEditable, parse
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.connectors.icalendar.todo_clicks import Resource, is_owner, seal
from tests.connectors.icalendar.calendars import body
from tests.connectors.icalendar.todo_texts import changed, todo

NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
SERIES = todo("DUE;VALUE=DATE:20261129", "RRULE:FREQ=DAILY")


def resource(*lines: str) -> Resource:
    pacer = Pacer()
    return Resource(parse(body(*lines), pacer), "VTODO", ZoneInfo("Europe/Berlin"), pacer)


def test_a_resource_has_one_task_and_what_differs_of_its_occurrences() -> None:
    found = resource(*SERIES, *changed(";VALUE=DATE:20261130", "DUE;VALUE=DATE:20261201"))
    own = found.override("20261130", found.series())
    assert own is not None
    assert own.lines()["DUE"] == "DUE;VALUE=DATE:20261201"
    assert found.override("20261129", found.series()) is None
    assert found.master is not None
    assert found.master.repeats


def test_several_tasks_in_one_resource_are_not_told_apart() -> None:
    with pytest.raises(NotEditable):
        resource(*SERIES, *todo(uid="another"))


def test_an_override_that_is_added_can_be_taken_out_again() -> None:
    found = resource(*SERIES)
    before = bytes(found.root)
    series = found.series()
    assert series is not None
    own = found.add_override(series.anchor, series)
    assert own.lines()["RECURRENCE-ID"] == "RECURRENCE-ID;VALUE=DATE:20261129"
    found.take_out(own)
    assert bytes(found.root) == before


def test_a_change_is_sealed_with_its_time_and_its_number() -> None:
    master = resource(*todo("SEQUENCE:4")).master
    assert master is not None
    assert seal(master, frozenset(), NOW) == {
        "DTSTAMP": "DTSTAMP:20261129T123000Z",
        "LAST-MODIFIED": "LAST-MODIFIED:20261129T123000Z",
        "SEQUENCE": "SEQUENCE:5",
    }


@pytest.mark.parametrize(
    ("line", "is_theirs"),
    [
        ("ORGANIZER;CN=A:MAILTO:Ada@example.com", True),
        ("ORGANIZER:mailto:eve@example.com", False),
        ("ORGANIZER", False),
    ],
)
def test_whose_an_address_is_shows_in_its_line(line: str, is_theirs: bool) -> None:
    assert is_owner(line, frozenset({"mailto:ada@example.com"})) is is_theirs
