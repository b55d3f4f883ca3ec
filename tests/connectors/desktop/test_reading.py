"""What a list of this computer shows of the bare components it answers."""

from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.desktop.reading import (
    MAX_COMPONENT,
    MAX_COMPONENTS,
    MAX_ZONES,
    Components,
    TooManyComponents,
    components_from_texts,
    objects_from_components,
    query_to_read,
    query_to_watch,
    signals_from_list,
)
from oo_desktop.connectors.desktop.sources import List, ListKind
from oo_desktop.connectors.desktop.wire import DESKTOP_ID, UndoWire
from oo_desktop.connectors.icalendar.objects import Found
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.model.signals import (
    Container,
    Day,
    Event,
    SignalId,
    Task,
    UserId,
)
from tests.connectors.desktop.lists import CALENDAR, TASKS, WINDOW, changed, event, todo
from tests.connectors.icalendar.calendars import DAILY, NINE, TODAY, when

ADA = frozenset({"mailto:ada@example.com"})
DUE = "DUE;VALUE=DATE:20261122"
HERE = UserId("this-computer")


def read(*texts: str, one: List = TASKS) -> Components:
    return components_from_texts(texts, one, ADA, Pacer())


def found(
    *texts: str, one: List = TASKS, zones: Mapping[str, str] | None = None, may_write: bool = True
) -> Found:
    components = read(*texts, one=one)
    objects = objects_from_components(
        components, zones or {}, first=TODAY, owner=ADA, pacer=Pacer()
    )
    shown = signals_from_list(
        one, objects, WINDOW, user_id=HERE, may_write=may_write, pacer=Pacer()
    )
    return Found(shown.signals, shown.unread + components.unread)


def events(*texts: str, zones: Mapping[str, str] | None = None) -> list[str]:
    """Return title and time of each event."""
    signals = found(*texts, one=CALENDAR, zones=zones).signals
    return [f"{one.title} {when(one)}" for one in signals if isinstance(one, Event)]


# What is asked


def test_open_tasks_and_all_series_are_asked_for_and_heard_of() -> None:
    query = "(or (not (is-completed?)) (has-recurrences?))"
    assert query_to_read(ListKind.TASKS, WINDOW) == query
    assert query_to_watch(ListKind.TASKS, WINDOW) == query


def test_events_of_the_days_shown_and_a_day_around_them_are_asked_for() -> None:
    times = '(make-time "20261120T230000Z") (make-time "20261124T230000Z")'
    query = f"(occur-in-time-range? {times})"
    assert query_to_read(ListKind.CALENDAR, WINDOW) == query
    assert query_to_watch(ListKind.CALENDAR, WINDOW) == f"(or {query} (has-recurrences?))"


# Tasks


def test_a_task_is_what_its_component_says() -> None:
    text = todo(DUE, "SUMMARY:Feed the cat", "PRIORITY:5", "X-EVOLUTION-CALDAV-ETAG:1-2")
    (one,) = found(text).signals
    assert isinstance(one, Task)
    assert one == Task(
        id=SignalId("tasks#1@example.com"),
        source=DESKTOP_ID,
        user_id=HERE,
        title="Feed the cat",
        container=Container("Tasks", "#BECEDD"),
        due=Day(TODAY),
        priority=2,
        actions=one.actions,
        undo=one.undo,
    )
    assert [kind.value for kind in one.actions] == [
        *("done", "later_today", "tomorrow", "next_week", "no_date", "on_day")
    ]
    assert msgspec.json.decode(one.undo or "", type=UndoWire) == UndoWire(
        "tasks", "1@example.com", None, {"DUE": DUE}
    )


def test_a_repeating_task_is_shown_once_and_knows_which_occurrence_it_is() -> None:
    series = todo("DTSTART;TZID=Europe/Berlin:20261120T090000", "RRULE:FREQ=DAILY")
    done = todo(
        "RECURRENCE-ID;TZID=Europe/Berlin:20261120T090000",
        "DTSTART;TZID=Europe/Berlin:20261120T090000",
        "STATUS:COMPLETED",
    )
    (one,) = found(series, done).signals
    assert one.id == "tasks#1@example.com#20261121T080000Z"
    assert isinstance(one, Task)
    assert one.recurring
    undo = msgspec.json.decode(one.undo or "", type=UndoWire)
    assert (undo.recurrence, undo.lines["RRULE"]) == ("20261121T080000Z", "RRULE:FREQ=DAILY")


def test_a_list_that_can_only_be_read_offers_nothing() -> None:
    (one,) = found(todo(DUE), may_write=False).signals
    assert (one.actions, one.undo) == ((), None)


@pytest.mark.parametrize(
    "lines",
    [
        [DUE, "STATUS:CANCELLED"],
        [DUE, "STATUS:COMPLETED"],
        ["DUE;VALUE=DATE:20261123"],
        ["SUMMARY:Some day"],
    ],
    ids=["cancelled", "done", "tomorrow", "no date"],
)
def test_a_task_that_is_not_due_is_not_shown(lines: list[str]) -> None:
    assert found(todo(*lines)) == Found((), 0)


def test_a_task_knows_what_it_is_a_part_of() -> None:
    part = todo(DUE, "RELATED-TO:whole", uid="part")
    first, second = found(todo(DUE, uid="whole"), part).signals
    assert isinstance(second, Task)
    assert second.parent == first.id


# Events


def test_an_event_of_a_series_is_shown_when_it_is() -> None:
    series = event(*DAILY)
    assert events(series) == [
        "Standup 20261122T0800/20261122T0800",
        "Standup 20261123T0800/20261123T0800",
    ]


def test_events_can_only_be_looked_at() -> None:
    (one,) = found(event(NINE), one=CALENDAR).signals
    assert one.id == "cal#1@example.com"
    assert (one.actions, one.undo) == ((), None)


def starts(*texts: str, zones: Mapping[str, str] | None = None) -> list[str]:
    return [one.partition("/")[0] for one in events(*texts, zones=zones)]


@pytest.mark.parametrize(
    ("texts", "shown"),
    [
        (
            [event(*DAILY), changed("DTSTART:20261205T080000Z", "SUMMARY:Moved")],
            ["Standup 20261123T0800"],
        ),
        (
            [event(*DAILY), changed("DTSTART:20261122T140000Z", "SUMMARY:Later")],
            ["Later 20261122T1400", "Standup 20261123T0800"],
        ),
        ([event(*DAILY), changed(NINE, "STATUS:CANCELLED")], ["Standup 20261123T0800"]),
        ([event(*DAILY, "EXDATE:20261122T090000")], ["Standup 20261123T0800"]),
        ([event(*DAILY, "EXDATE;VALUE=DATE:20261122")], ["Standup 20261123T0800"]),
        ([event(NINE, "SUMMARY:Gone", "STATUS:CANCELLED")], []),
        (
            [event(NINE, "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@example.com")],
            [],
        ),
        (
            [event(NINE, "ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.com", "SUMMARY:Bob")],
            ["Bob 20261122T0800"],
        ),
        ([event("DTSTART;VALUE=DATE:20261122", "SUMMARY:Day")], ["Day 20261122"]),
        ([event("DTSTART:20261122T090000", "SUMMARY:Float")], ["Float 20261122T0800"]),
        (
            [event("DTSTART;TZID=/freeassociation.sourceforge.net/Asia/Tokyo:20261122T180000")],
            ["(no title) 20261122T0900"],
        ),
        (
            [event("DTSTART;TZID=W. Europe Standard Time:20261122T090000")],
            ["(no title) 20261122T0800"],
        ),
        ([changed("DTSTART:20261123T100000Z", "SUMMARY:Alone")], ["Alone 20261123T1000"]),
    ],
    ids=[
        "an occurrence moved away",
        "an occurrence moved within the day",
        "an occurrence cancelled",
        "EXDATE without its zone",
        "EXDATE by its day",
        "cancelled",
        "declined",
        "declined by another guest",
        "a whole day",
        "floating",
        "freeassociation",
        "Windows",
        "an occurrence without its series",
    ],
)
def test_what_a_series_and_its_exceptions_come_to(texts: list[str], shown: list[str]) -> None:
    assert starts(*texts) == shown


# Zones

ODD = "DTSTART;TZID=Customized Time Zone:20261122T090000"
TWO_HOURS_AHEAD = (
    "BEGIN:VTIMEZONE\r\nTZID:/elsewhere/Customized\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


def test_zones_that_nothing_explains_are_to_be_asked_for() -> None:
    texts = [event(ODD, uid="a"), event(ODD, uid="b"), event(NINE, uid="c")]
    assert read(*texts, one=CALENDAR).zone_ids == ("Customized Time Zone",)


def test_a_zone_is_what_the_list_says_it_is_however_it_calls_it() -> None:
    zones = {"Customized Time Zone": TWO_HOURS_AHEAD}
    (shown,) = starts(event(ODD, "SUMMARY:Odd"), zones=zones)
    assert shown.startswith("Odd 20261122T0700")


@pytest.mark.parametrize("text", ["", "BEGIN:VTIMEZONE\r\n", "x" * (MAX_COMPONENT + 1), "{}"])
def test_a_zone_that_makes_no_sense_explains_nothing(text: str) -> None:
    zones = {"Customized Time Zone": text}
    assert starts(event(ODD, "SUMMARY:Odd"), zones=zones) == ["Odd 20261122T0800"]


def test_only_so_many_zones_are_asked_for() -> None:
    texts = [event(f"DTSTART;TZID=Odd {n}:20261122T090000", uid=f"{n}") for n in range(50)]
    assert len(read(*texts, one=CALENDAR).zone_ids) == MAX_ZONES


def test_a_zone_whose_name_is_not_for_a_message_is_not_asked_for() -> None:
    assert read(event(f"DTSTART;TZID={'x' * 300}:20261122T090000"), one=CALENDAR).zone_ids == ()


# What makes no sense


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BEGIN:VCARD\r\nEND:VCARD\r\n",
        event(NINE),
        todo(DUE, uid=None),
        todo(DUE, uid="x" * 600),
        todo(DUE, "DESCRIPTION:" + "x" * MAX_COMPONENT),
        todo(DUE).replace("END:VTODO", ""),
        todo("DUE:yesterday"),
    ],
    ids=["empty", "a card", "of another kind", "no UID", "long UID", "long", "cut", "no date"],
)
def test_what_cannot_be_read_is_left_out_alone_and_counted(text: str) -> None:
    result = found(todo(DUE, uid="good"), text)
    assert ([one.id for one in result.signals], result.unread) == (["tasks#good"], 1)


def test_a_list_may_hold_only_so_much() -> None:
    with pytest.raises(TooManyComponents):
        read(*[""] * (MAX_COMPONENTS + 1))


def test_a_series_is_known_by_its_uid() -> None:
    texts = [
        event(*DAILY, uid="rule"),
        event(NINE, "RDATE:20261123T090000Z", uid="dates"),
        event("RECURRENCE-ID:20261122T090000Z", NINE, uid="alone"),
        event(NINE, uid="once"),
    ]
    assert read(*texts, one=CALENDAR).series == ("rule", "dates", "alone")


def test_a_uid_is_asked_for_as_queries_compare_it() -> None:
    texts = [event(*DAILY, uid=r"a\,b\;c")]
    assert read(*texts, one=CALENDAR).series == ("a,b;c",)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_any_texts_are_read(texts: list[str]) -> None:
    assert found(*texts).unread <= len(texts)


def test_texts_are_never_markup_and_one_line() -> None:
    (one,) = found(todo(DUE, "SUMMARY:<b>Evil</b>\\n\u202etxt")).signals
    assert one.title == "<b>Evil</b> txt"


def test_every_query_is_an_expression() -> None:
    for kind in ListKind:
        for query in (query_to_read(kind, WINDOW), query_to_watch(kind, WINDOW)):
            assert query.count("(") == query.count(")")
