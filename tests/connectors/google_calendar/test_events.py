"""Which of Google's events are shown, and as what: the table, row by row, with dicts."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.google_calendar import wire
from oo_desktop.connectors.google_calendar.events import is_on
from oo_desktop.model.signals import AccountKey, ActionKind, Container, Day, Fixed, SignalId
from oo_desktop.model.source import Snapshot
from oo_desktop.signals.snapshot_checks import checked_snapshot
from tests.connectors.google_calendar.resources import (
    ADA,
    SHELF,
    converted,
    event,
    is_shown,
    me,
    resource,
)

WHOLE_DAY: dict[str, Any] = {"start": {"date": "2026-11-22"}, "end": {"date": "2026-11-23"}}


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, True),
        ({"status": "tentative"}, True),
        ({"status": "cancelled"}, False),
        ({"status": None}, True),
        ({"attendees": me("declined")}, False),
        ({"attendees": [{"responseStatus": "declined"}]}, True),
        ({"attendees": me("needsAction")}, True),
        ({"eventType": None}, True),
        ({"eventType": "fromGmail"}, True),
        ({"eventType": "focusTime"}, True),
        ({"eventType": "focusTime", **WHOLE_DAY}, False),
        ({"eventType": "outOfOffice"}, True),
        ({"eventType": "outOfOffice", **WHOLE_DAY}, False),
        ({"eventType": "workingLocation"}, False),
        ({"eventType": "birthday", **WHOLE_DAY}, False),
        ({"eventType": "somethingNew"}, True),
    ],
)
def test_what_needs_nobody_is_left_out(changes: dict[str, Any], shown: bool) -> None:
    assert is_shown(**changes) is shown


def test_of_what_was_deleted_the_id_is_enough() -> None:
    trace = msgspec.convert({"id": "a", "status": "cancelled"}, wire.EventWire)
    assert trace.status == "cancelled"


@pytest.mark.parametrize(
    ("changes", "tentative", "unanswered"),
    [
        ({}, False, False),
        ({"status": "tentative"}, True, False),
        ({"attendees": me("accepted")}, False, False),
        ({"attendees": me("tentative")}, True, False),
        ({"attendees": me("needsAction")}, False, True),
        ({"attendees": me(None)}, False, True),
        ({"attendees": me("needsAction"), "status": "tentative"}, True, True),
        ({"attendees": [{"responseStatus": "tentative"}]}, False, False),
        ({"attendees": [{"responseStatus": "needsAction"}]}, False, False),
        ({"attendeesOmitted": True}, False, False),
    ],
)
def test_what_is_not_certain_is_marked_and_no_answer_is_no_maybe(
    changes: dict[str, Any], tentative: bool, unanswered: bool
) -> None:
    found = event(**changes)
    assert (found.tentative, found.unanswered) == (tentative, unanswered)


@pytest.mark.parametrize(
    ("changes", "busy_only", "title"),
    [
        ({"summary": None}, False, "(no title)"),
        ({"summary": "  \n "}, False, "(no title)"),
        ({"summary": None, "visibility": "private"}, False, "Busy"),
        ({"summary": None, "visibility": "confidential"}, False, "Busy"),
        ({"summary": None}, True, "Busy"),
        ({"summary": None, "eventType": "outOfOffice"}, False, "Out of office"),
        ({"summary": " ", "eventType": "focusTime"}, False, "Focus time"),
        (
            {"summary": None, "eventType": "outOfOffice", "visibility": "private"},
            False,
            "Out of office",
        ),
        ({"summary": None, "eventType": "outOfOffice"}, True, "Busy"),
        ({"summary": "Fishing", "eventType": "outOfOffice"}, False, "Fishing"),
        ({"summary": "Dentist", "visibility": "private"}, False, "Dentist"),
        ({"summary": "<b>1 & 2</b>\n_x_"}, False, "<b>1 & 2</b> _x_"),
        ({"summary": "a\u202egpj.exe\x07"}, False, "agpj.exe"),
    ],
)
def test_a_title_is_what_its_owner_wrote_on_one_line(
    changes: dict[str, Any], busy_only: bool, title: str
) -> None:
    shelf = msgspec.structs.replace(SHELF, shows_busy_only=busy_only)
    assert event(shelf, **changes).title == title


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ({"date": "2026-11-25"}, Day(date(2026, 11, 25))),
        ({"date": "2026-11-22"}, Day(date(2026, 11, 23))),
        ({"date": "2026-11-20"}, Day(date(2026, 11, 23))),
        ({"dateTime": "2026-11-24T00:00:00Z"}, Day(date(2026, 11, 23))),
        ({"date": "soon"}, Day(date(2026, 11, 23))),
        (None, Day(date(2026, 11, 23))),
    ],
)
def test_whole_days_end_on_the_day_after_the_last(end: Any, expected: Day) -> None:
    days = event(start={"date": "2026-11-22"}, end=end)
    assert (days.start, days.end) == (Day(date(2026, 11, 22)), expected)


@pytest.mark.parametrize(
    ("end", "minute"),
    [
        ({"dateTime": "2026-11-22T14:00:00+01:00"}, 0),
        ({"dateTime": "2026-11-22T14:30:00+01:00"}, 30),
        ({"dateTime": "2026-11-22T13:59:00+01:00"}, 0),
        ({"date": "2026-11-23"}, 0),
        ({}, 0),
        (None, 0),
    ],
)
def test_an_end_that_makes_no_sense_leaves_a_moment(end: Any, minute: int) -> None:
    assert event(end=end).end == Fixed(
        datetime(2026, 11, 22, 13, minute, tzinfo=UTC), "Europe/Berlin"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"start": None},
        {"start": {}},
        {"start": {"date": "2026-02-30"}},
        {"start": {"date": "0001-01-01"}},
        {"start": {"dateTime": "2026-11-22"}},
        {"start": {"dateTime": "9999-12-31T23:59:59-12:00"}},
        {"start": {"dateTime": "2026-11-22T25:00:00Z"}},
        {"id": ""},
        {"id": "x" * 600},
    ],
)
def test_what_has_no_beginning_or_name_makes_no_sense(changes: dict[str, Any]) -> None:
    assert converted(**changes) is None


@pytest.mark.parametrize(
    ("said", "default", "minutes"),
    [
        ({"useDefault": True}, (10,), (10,)),
        ({"useDefault": True}, (), ()),
        ({"useDefault": True}, None, None),
        (None, (10,), (10,)),
        (None, None, None),
        ({"useDefault": False}, (10,), ()),
        ({}, (10,), ()),
        ({"overrides": [{"method": "popup", "minutes": 5}]}, (10,), (5,)),
        ({"overrides": [{"method": "email", "minutes": 5}]}, (10,), ()),
        (
            {"overrides": [{"method": "popup", "minutes": m} for m in (0, 30, 30, 40320, 40321)]},
            None,
            (40320, 30, 0),
        ),
        ({"overrides": [{"method": "popup"}, {"minutes": 3}]}, None, ()),
    ],
)
def test_reminders_are_its_own_or_the_calendars(
    said: Any, default: tuple[int, ...] | None, minutes: tuple[int, ...] | None
) -> None:
    shelf = msgspec.structs.replace(SHELF, reminders=default)
    assert event(shelf, reminders=said).reminders == minutes


def test_a_calendars_reminders_are_not_those_of_whole_days() -> None:
    assert event(**WHOLE_DAY).reminders == ()
    own = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 900}]}
    assert event(**WHOLE_DAY, reminders=own).reminders == (900,)


def test_only_a_popup_of_the_calendar_reminds() -> None:
    shelf = wire.shelf_from_wire(
        msgspec.convert(
            {
                "id": "a@example.com",
                "defaultReminders": [
                    {"method": "email", "minutes": 30},
                    {"method": "popup", "minutes": 10},
                ],
            },
            wire.CalendarWire,
        )
    )
    assert shelf.reminders == (10,)
    assert shelf.container == Container("a@example.com", None)


@pytest.mark.parametrize(
    ("entry", "name", "color"),
    [
        ({"summary": "Team", "summaryOverride": "Ours"}, "Ours", None),
        ({"summary": "Team", "backgroundColor": "#16a765"}, "Team", "#16a765"),
        ({"summary": "", "backgroundColor": "red"}, "c1", None),
        ({"summary": "T\u202eeam\n1"}, "Team 1", None),
    ],
)
def test_a_calendar_is_called_what_its_user_calls_it(
    entry: dict[str, Any], name: str, color: str | None
) -> None:
    calendar = msgspec.convert({"id": "c1", **entry}, wire.CalendarWire)
    assert wire.shelf_from_wire(calendar).container == Container(name, color)


@pytest.mark.parametrize(
    ("changes", "twin"),
    [
        ({}, "5oo7review8design@google.com 20261122T130000Z"),
        (WHOLE_DAY, "5oo7review8design@google.com 20261122"),
        (
            {"originalStartTime": {"dateTime": "2026-11-22T09:30:00+05:30"}},
            "5oo7review8design@google.com 20261122T040000Z",
        ),
        ({"iCalUID": None}, None),
        ({"iCalUID": "u" * 301}, None),
    ],
)
def test_a_meeting_has_one_name_on_all_calendars(changes: dict[str, Any], twin: str) -> None:
    assert event(**changes).twin == twin


@pytest.mark.parametrize(
    ("location", "where"),
    [
        (None, None),
        ("", None),
        ("Room 5, Lindenstraße 7\n10115 Berlin", "Room 5, Lindenstraße 7 10115 Berlin"),
        ("https://zoom.us/j/1?pwd=secret", None),
        ("Room 5 - https://zoom.us/j/1?pwd=secret", "Room 5"),
        ("Zoom (https://zoom.us/j/1)", "Zoom"),
        ("Room (A), http://example.com/map and up", "Room (A), and up"),
    ],
)
def test_a_place_is_told_without_addresses_of_the_web(
    location: str | None, where: str | None
) -> None:
    assert event(location=location).where == where


def test_a_description_is_never_shown() -> None:
    told = event(description="<b>Bring</b> <a href='https://evil.example/'>cake</a> c4ke")
    assert "c4ke" not in repr(told)
    assert told.join_url is None


@pytest.mark.parametrize(
    ("link", "url"),
    [
        (
            "https://www.google.com/calendar/event?eid=a",
            "https://www.google.com/calendar/event?eid=a&authuser=ada%40example.com",
        ),
        ("http://www.google.com/calendar/event?eid=a", None),
        ("javascript:alert(1)", None),
        ("https://" + "a" * 3000, None),
        (None, None),
    ],
)
def test_an_event_is_opened_as_the_account_it_is_of(link: str | None, url: str | None) -> None:
    assert event(htmlLink=link).url == url


@pytest.mark.parametrize(
    ("response", "offered"),
    [
        ("needsAction", (ActionKind.ACCEPT, ActionKind.MAYBE, ActionKind.DECLINE)),
        (None, (ActionKind.ACCEPT, ActionKind.MAYBE, ActionKind.DECLINE)),
        ("accepted", (ActionKind.MAYBE, ActionKind.DECLINE)),
        ("tentative", (ActionKind.ACCEPT, ActionKind.DECLINE)),
    ],
)
def test_answers_that_would_change_something_are_offered(
    response: str | None, offered: tuple[ActionKind, ...]
) -> None:
    assert event(attendees=me(response), may_write=True).actions == offered


def test_nothing_can_be_answered_without_leave_or_by_somebody_else() -> None:
    invited = me("needsAction")
    assert event(attendees=invited).actions == ()
    assert event(may_write=True).actions == ()
    assert event(attendees=[{"email": "x"}], may_write=True).actions == ()
    theirs = msgspec.structs.replace(SHELF, mine=False)
    assert event(theirs, attendees=invited, may_write=True).actions == ()


def test_an_id_holds_calendar_and_event_and_comes_apart_again() -> None:
    id_ = wire.signal_id("en.german#holiday@group.v.calendar.google.com", "a/b_2026")
    assert id_ == "en.german%23holiday%40group.v.calendar.google.com/a%2Fb_2026"
    assert wire.ids_from_signal(id_) == (
        "en.german#holiday@group.v.calendar.google.com",
        "a/b_2026",
    )


@pytest.mark.parametrize("id_", ["", "a", "a/", "/b", "a/b/c", "a@b/c", "%zz/c", "%ff/c", "%2F/b"])
def test_an_id_of_nobodys_is_none(id_: str) -> None:
    ids = wire.ids_from_signal(SignalId(id_))
    assert ids is None or wire.signal_id(*ids) == id_


@given(st.text(), st.text())
def test_no_text_taken_for_an_id_can_fail(one: str, other: str) -> None:
    for id_ in (one, f"{one}/{other}", f"%{one}/{other}%"):
        ids = wire.ids_from_signal(SignalId(id_))
        assert ids is None or wire.signal_id(*ids) == id_


def test_whole_days_that_are_over_or_not_yet_on_are_left_out() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    begin, end = wire.window(datetime(2026, 11, 22, 11, tzinfo=UTC), zone, 1)
    days = {
        first: is_on(event(start={"date": first}, end={"date": after}), begin, end, zone)
        for first, after in (
            ("2026-11-21", "2026-11-22"),
            ("2026-11-20", "2026-11-23"),
            ("2026-11-22", "2026-11-23"),
            ("2026-11-23", "2026-11-24"),
            ("2026-11-24", "2026-11-25"),
        )
    }
    assert list(days.values()) == [False, True, True, True, False]


async def test_what_becomes_of_it_can_be_stored() -> None:
    full = event(
        may_write=True, attendees=me("needsAction"), location="x" * 9000, summary="y" * 9000
    )
    snapshot = Snapshot(signals=(full,), zone="Europe/Berlin")
    key = AccountKey(full.source, ADA)
    assert (await checked_snapshot(snapshot, key, limit=10)).signals == (full,)


def test_the_fields_that_are_asked_for_are_those_that_are_read() -> None:
    known = {field.encode_name for field in msgspec.structs.fields(wire.EventWire)}
    items = wire.EVENT_FIELDS.partition("items(")[2].removesuffix(")")
    asked, depth, name = set(), 0, ""
    for letter in items + ",":
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            asked.add(name.partition("(")[0].partition("/")[0])
            name = ""
        else:
            name += letter
    assert asked == known
    assert resource().keys() & known
