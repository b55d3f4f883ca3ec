"""What the resources of a collection show, and what a click on it will know."""

from collections.abc import Sequence
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.caldav.objects import object_from_body, signals_from_objects
from oo_desktop.connectors.caldav.wire import CALDAV_ID, MAX_SIGNAL_ID, UndoWire
from oo_desktop.connectors.icalendar.objects import CalendarObject, Found
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.model.signals import (
    REPLIES,
    ActionKind,
    AnySignal,
    Container,
    Day,
    Event,
    SignalId,
    Task,
    UserId,
)
from tests.connectors.caldav.servers import Server
from tests.connectors.icalendar.calendars import DAILY, NINE, TODAY, body, event
from tests.connectors.icalendar.calendars import changed as changed_event
from tests.connectors.icalendar.todo_texts import changed, text, todo, window

ADA = frozenset({"mailto:ada@example.com", "/principals/ada/"})
HOME = Container("Home", "#FF0000")
DUE = "DUE;VALUE=DATE:20261122"
BERLIN = ";TZID=Europe/Berlin"
STANDUP = [f"DUE{BERLIN}:20261120T090000", "RRULE:FREQ=DAILY"]


def resource(name: str, *lines: str, owner: frozenset[str] = ADA) -> CalendarObject:
    """Return what is kept of a resource."""
    return object_from_body(
        f"/ada/home/{name}.ics",
        '"1"',
        body(*lines),
        since=date(2026, 11, 19),
        owner=owner,
        pacer=Pacer(),
    )


def found(*objects: CalendarObject, may_write: bool = True, may_reply: bool = True) -> Found:
    return signals_from_objects(
        objects,
        window(),
        user_id=UserId("ada"),
        container=HOME,
        may_write=may_write,
        may_reply=may_reply,
        pacer=Pacer(),
    )


def task_of(*objects: CalendarObject) -> Task:
    """Return the only signal."""
    (one,) = found(*objects).signals
    assert isinstance(one, Task)
    return one


def event_of(*objects: CalendarObject, may_reply: bool = True) -> Event:
    """Return the only signal."""
    (one,) = found(*objects, may_reply=may_reply).signals
    assert isinstance(one, Event)
    return one


def undo_of(signal: AnySignal) -> UndoWire:
    return msgspec.json.decode(signal.undo or "", type=UndoWire)


def ids(*objects: CalendarObject) -> Sequence[SignalId]:
    return [one.id for one in found(*objects).signals]


# Tasks


def test_everything_a_task_says_is_told() -> None:
    said = [
        *(DUE, "SUMMARY:Feed the cat", "PRIORITY:5", "CATEGORIES:Cat,Home", "STATUS:NEEDS-ACTION"),
        *("URL:https://example.com/cat", "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:PT9H"),
        "END:VALARM",
    ]
    one = task_of(resource("cat", *todo(*said)))
    assert one == Task(
        id=SignalId("/ada/home/cat.ics"),
        source=CALDAV_ID,
        user_id=UserId("ada"),
        title="Feed the cat",
        url="https://example.com/cat",
        container=HOME,
        due=Day(TODAY),
        priority=2,
        labels=("Cat", "Home"),
        reminders=(-540,),
        actions=one.actions,
        undo=one.undo,
    )
    assert undo_of(one) == UndoWire(
        "/ada/home/cat.ics", None, {"DUE": DUE, "STATUS": "STATUS:NEEDS-ACTION"}
    )


@pytest.mark.parametrize(
    ("lines", "actions"),
    [
        ([DUE], ["done", "later_today", "tomorrow", "next_week", "no_date", "on_day"]),
        (STANDUP, ["done", "later_today", "tomorrow", "next_week", "on_day"]),
        ([*STANDUP, "RRULE:FREQ=SOMETIMES"], []),
        ([DUE, "STATUS:" + "x" * 15_000, "PERCENT-COMPLETE:" + "x" * 15_000], []),
    ],
    ids=["a task", "a series", "a rule that cannot be read", "absurdly long"],
)
def test_a_task_can_be_changed_as_far_as_that_can_be_undone(
    lines: list[str], actions: list[str]
) -> None:
    one = task_of(resource("a", *todo(*lines)))
    assert [kind.value for kind in one.actions] == actions
    assert (one.undo is None) is (not actions)


def test_a_task_of_a_collection_that_can_only_be_read_offers_nothing() -> None:
    (one,) = found(resource("a", *todo(DUE)), may_write=False).signals
    assert (one.actions, one.undo) == ((), None)


def test_an_occurrence_is_named_by_its_resource_and_its_beginning() -> None:
    lines = [*todo(*STANDUP), *changed(f"{BERLIN}:20261121T090000", "STATUS:COMPLETED")]
    one = task_of(resource("standup", *lines))
    assert one.id == "/ada/home/standup.ics#20261122T080000Z"
    assert one.recurring
    assert undo_of(one) == UndoWire(
        "/ada/home/standup.ics",
        "20261122T080000Z",
        {"DUE": STANDUP[0], "RRULE": STANDUP[1]},
    )


def test_whole_days_are_named_by_their_day() -> None:
    one = task_of(resource("a", *todo("DUE;VALUE=DATE:20261121", "RRULE:FREQ=DAILY")))
    assert one.id == "/ada/home/a.ics#20261121"


def test_an_occurrence_of_its_own_is_undone_with_its_series() -> None:
    own = [f"DUE{BERLIN}:20261122T100000", "STATUS:IN-PROCESS"]
    lines = [*todo(*STANDUP), *changed(f"{BERLIN}:20261120T090000", *own)]
    undo = undo_of(task_of(resource("standup", *lines)))
    assert undo.recurrence == "20261120T080000Z"
    assert undo.lines == {"DUE": own[0], "STATUS": own[1]}
    assert undo.master == {"DUE": STANDUP[0], "RRULE": STANDUP[1]}


@pytest.mark.parametrize("other_first", [False, True])
def test_an_occurrence_alone_is_of_the_series_in_another_resource(other_first: bool) -> None:
    series = resource("series", *todo(*STANDUP))
    alone = resource("alone", *changed(":20261121T090000", "STATUS:COMPLETED"))
    objects = (alone, series) if other_first else (series, alone)
    assert ids(*objects) == ["/ada/home/series.ics#20261122T080000Z"]


def test_an_open_occurrence_alone_is_shown_where_it_is() -> None:
    series = resource("series", *todo(*STANDUP))
    own = [f"DUE{BERLIN}:20261122T100000"]
    alone = resource("alone", *changed(f"{BERLIN}:20261120T090000", *own))
    one = task_of(series, alone)
    assert one.id == "/ada/home/alone.ics#20261120T080000Z"
    assert undo_of(one).master is None
    assert ids(alone) == [one.id]


def test_an_occurrence_alone_may_be_named_by_its_due_date() -> None:
    dates = [f"DTSTART{BERLIN}:202611{{}}T090000", f"DUE{BERLIN}:202611{{}}T100000"]
    series = resource(
        "series", *todo(*(each.format(20 + n) for n, each in enumerate(dates)), STANDUP[1])
    )
    own = [each.format(19 + n) for n, each in enumerate(dates)]
    alone = resource("alone", *changed(":20261120T100000", *own, "STATUS:COMPLETED"))
    assert text(task_of(series, alone).due) == "20261121T0900Z Europe/Berlin"


def test_a_copy_under_another_uid_changes_nothing() -> None:
    series = resource("series", *todo(*STANDUP))
    copy = resource("copy", *todo(STANDUP[0], "STATUS:COMPLETED", uid="2@example.com"))
    assert ids(copy, series) == ["/ada/home/series.ics#20261120T080000Z"]


def test_two_resources_of_one_uid_are_two_tasks() -> None:
    one, other = resource("one", *todo(DUE)), resource("other", *todo(DUE))
    assert ids(one, other) == ["/ada/home/one.ics", "/ada/home/other.ics"]


def test_tasks_without_a_uid_are_each_their_own() -> None:
    one, other = (resource(name, *todo(DUE, uid=None)) for name in ("one", "other"))
    assert ids(one, other) == ["/ada/home/one.ics", "/ada/home/other.ics"]


def test_a_task_without_a_uid_is_no_ones_parent() -> None:
    for one in found(resource("a", *todo(DUE, uid=None)), resource("b", *todo(DUE))).signals:
        assert isinstance(one, Task)
        assert one.parent is None


def part(of: str) -> CalendarObject:
    return resource("part", *todo(DUE, f"RELATED-TO:{of}", uid="part"))


@pytest.mark.parametrize(
    ("lines", "parent"),
    [
        ([DUE], "/ada/home/whole.ics"),
        ([], "/ada/home/whole.ics"),
        (["DUE:20270101T000000"], "/ada/home/whole.ics"),
        (STANDUP, "/ada/home/whole.ics#20261120T080000Z"),
        ([DUE, "STATUS:COMPLETED"], None),
    ],
    ids=["is due", "has no date", "is not due yet", "recurs", "is done"],
)
def test_a_part_knows_what_it_is_a_part_of(lines: list[str], parent: str | None) -> None:
    whole = resource("whole", *todo(*lines, uid="whole"))
    for objects in ((part("whole"), whole), (whole, part("whole"))):
        by_id = {one.id: one for one in found(*objects).signals}
        one = by_id[SignalId("/ada/home/part.ics")]
        assert isinstance(one, Task)
        assert one.parent == parent


@pytest.mark.parametrize("of", ["elsewhere", "part"])
def test_a_part_of_itself_or_of_what_is_not_there_is_no_part(of: str) -> None:
    assert task_of(part(of)).parent is None


def test_a_start_of_an_earlier_day_does_not_remind_each_day() -> None:
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT5M", "END:VALARM"]
    for day, minutes in ((21, ()), (22, (5,))):
        one = task_of(resource("a", *todo(f"DTSTART:202611{day}T090000", *alarm)))
        assert one.reminders == minutes


@pytest.mark.parametrize(
    ("lines", "minutes"),
    [
        ([DUE], (-480,)),
        (["DUE:20261122T083000Z"], (90,)),
        (["DUE:20261122T093000"], (90,)),
        ([f"DTSTART{BERLIN}:20261121T090000", f"DUE{BERLIN}:20261122T093000"], (90,)),
        (["DUE:20261122T060000Z"], None),
        ([f"DTSTART{BERLIN}:20261121T090000"], ()),
        ([f"DUE{BERLIN}:20261122T093000", "RRULE:FREQ=DAILY"], None),
    ],
)
def test_an_alarm_at_a_fixed_time_reminds_then_of_a_task_that_does_not_repeat(
    lines: list[str], minutes: tuple[int, ...] | None
) -> None:
    fixed = "TRIGGER;VALUE=DATE-TIME:20261122T070000Z"
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", fixed, "END:VALARM"]
    assert task_of(resource("a", *todo(*lines, *alarm))).reminders == minutes


@pytest.mark.parametrize(
    ("lines", "uid", "kept"),
    [
        (todo(DUE, "STATUS:COMPLETED"), None, 0),
        (todo(*STANDUP, "STATUS:COMPLETED"), None, 0),
        (todo("SUMMARY:Some day"), "1@example.com", 0),
        (todo(DUE), "1@example.com", 1),
        ([*todo(*STANDUP, "STATUS:COMPLETED"), *changed(":20261120", DUE)], None, 2),
        (changed(":20261120T090000", DUE, "STATUS:COMPLETED"), None, 1),
        (
            [
                *todo(*STANDUP),
                *changed(f"{BERLIN}:20261120T090000", "STATUS:COMPLETED"),
                *changed(f"{BERLIN}:20261121T090000", "STATUS:COMPLETED"),
                *changed(f"{BERLIN}:20261119T090000", "STATUS:CANCELLED"),
                *changed(";RANGE=THISANDFUTURE:20261118T090000", "STATUS:COMPLETED"),
                *changed(f"{BERLIN}:20261115T090000", "STATUS:COMPLETED"),
            ],
            "1@example.com",
            4,
        ),
    ],
    ids=[
        *("done", "a series that is done", "without a date", "open", "an occurrence is open"),
        *("an occurrence alone", "occurrences that are done"),
    ],
)
def test_nothing_is_kept_that_cannot_matter_again(
    lines: list[str], uid: str | None, kept: int
) -> None:
    one = resource("a", *lines)
    assert (one.uid, len(one.tasks), one.unread) == (uid, kept, 0)


# What cannot be read


@pytest.mark.parametrize(
    ("lines", "shown", "unread"),
    [
        (todo("DUE:soon"), 0, 1),
        (todo(DUE, "RECURRENCE-ID:soon"), 0, 1),
        ([*todo(DUE), *todo(DUE, uid="2@example.com")], 1, 1),
        ([*todo(DUE), *todo(DUE, "STATUS:COMPLETED", uid="2@example.com")], 1, 0),
        ([*todo(DUE), *event(NINE)], 1, 1),
        (
            todo("DUE:19900101T000000", "RRULE:FREQ=SECONDLY;COUNT=9000000")
            + changed(":20261121T000000", "STATUS:COMPLETED"),
            0,
            1,
        ),
        (todo(DUE, "PRIORITY:x", "DURATION:x", "CATEGORIES;x", "PERCENT-COMPLETE:x"), 1, 0),
        (event("DTSTART:soon"), 0, 1),
        (event(NINE, "RRULE:FREQ=SOMETIMES"), 1, 0),
        (["BEGIN:VJOURNAL", "UID:1", "END:VJOURNAL"], 0, 0),
    ],
)
def test_what_cannot_be_read_costs_itself(lines: list[str], shown: int, unread: int) -> None:
    result = found(resource("a", *lines), resource("b", *todo(DUE, uid="3@example.com")))
    assert (len(result.signals) - 1, result.unread) == (shown, unread)


@pytest.mark.parametrize(
    "raw", [b"", b"<html>", b"BEGIN:VCALENDAR\n", body(*todo(DUE))[:-20], b"\xff\xfe\0"]
)
def test_what_is_no_calendar_is_counted(raw: bytes) -> None:
    one = object_from_body("/a.ics", None, raw, since=TODAY, owner=frozenset(), pacer=Pacer())
    assert one == CalendarObject(name="/a.ics", etag=None, unread=1)


def test_a_path_that_is_too_long_for_an_id_is_counted() -> None:
    one = resource("x" * MAX_SIGNAL_ID, *todo(DUE))
    assert (one.unread, one.tasks) == (1, ())


PIECES = st.lists(
    st.sampled_from(
        [
            *("BEGIN:VTODO", "END:VTODO", "BEGIN:VEVENT", "END:VEVENT", "UID:1", "UID:2", DUE),
            *("DTSTART:20261101T090000", "DTSTART;VALUE=DATE:20261101", "DUE:00010101T000000Z"),
            *("DUE:99991231T235959", "DURATION:P999999999D", "DURATION:-P1D", "RRULE:FREQ=DAILY"),
            *("RRULE:FREQ=YEARLY;COUNT=0", "RRULE:FREQ=MINUTELY", "RDATE:20261120,00010101T000000"),
            *("EXDATE:99991231", "RECURRENCE-ID:20261120T090000", "RECURRENCE-ID:20261120"),
            *(
                "RECURRENCE-ID;RANGE=THISANDFUTURE:20261119T090000Z",
                "STATUS:COMPLETED",
                "COMPLETED",
            ),
            *("X-KDE-LIBKCAL-DTRECURRENCE:99991231T235959Z", "X-KDE-LIBKCAL-DTRECURRENCE:x"),
            *("CATEGORIES:\\,\\", "RELATED-TO:1", "ATTENDEE:mailto:ada@example.com", "ORGANIZER:x"),
            *("BEGIN:VALARM", "TRIGGER:-P999999999W", "ACTION:DISPLAY", "END:VALARM", "PRIORITY:٣"),
            *("BEGIN:VTIMEZONE", "TZID:A/B", "END:VTIMEZONE", "DUE;TZID=A/B:20261122T010000"),
        ]
    ),
    max_size=25,
)


@given(st.lists(PIECES, max_size=3), st.binary(max_size=60))
def test_no_body_raises_anything(pieces: list[list[str]], tail: bytes) -> None:
    bodies = [body(*lines) for lines in pieces] + [body(*todo(DUE)) + tail]
    objects = [
        object_from_body(
            f"/{number}.ics", None, raw, since=date(2026, 11, 19), owner=ADA, pacer=Pacer()
        )
        for number, raw in enumerate(bodies)
    ]
    result = found(*objects)
    assert len(set(ids(*objects))) == len(result.signals)


# Events

ASKED = ["ORGANIZER:mailto:bob@example.com", "ATTENDEE;PARTSTAT={}:mailto:ada@example.com"]


def asked(answer: str) -> list[str]:
    return [line.format(answer) for line in ASKED]


def test_an_event_is_named_by_its_resource_and_an_occurrence_by_its_beginning_too() -> None:
    assert event_of(resource("a", *event(NINE))).id == "/ada/home/a.ics"
    assert ids(resource("a", *event(*DAILY))) == [
        "/ada/home/a.ics#20261122T080000Z",
        "/ada/home/a.ics#20261123T080000Z",
    ]


def test_an_event_is_what_it_is_on_a_calendar_link() -> None:
    one = event_of(resource("a", *event(NINE, "SUMMARY:Plan", "STATUS:TENTATIVE", "LOCATION:R5")))
    assert (one.title, one.tentative, one.where, one.container) == ("Plan", True, "R5", HOME)
    assert one.twin == "1@example.com 20261122T080000Z"
    assert (one.actions, one.undo, one.unanswered) == ((), None, False)


@pytest.mark.parametrize(
    ("answer", "tentative", "unanswered", "left"),
    [
        ("ACCEPTED", False, False, REPLIES[1:]),
        ("TENTATIVE", True, False, (ActionKind.ACCEPT, ActionKind.DECLINE)),
        ("NEEDS-ACTION", False, True, REPLIES),
        ("X-PERHAPS", False, False, REPLIES),
    ],
)
def test_an_invitation_can_be_answered(
    answer: str, tentative: bool, unanswered: bool, left: tuple[ActionKind, ...]
) -> None:
    one = event_of(resource("a", *event(NINE, *asked(answer))))
    assert (one.tentative, one.unanswered, one.actions) == (tentative, unanswered, left)
    assert undo_of(one).lines == {
        "DTSTART": NINE,
        "ATTENDEE": f"ATTENDEE;PARTSTAT={answer}:mailto:ada@example.com",
    }


def test_an_invitation_without_an_answer_has_none() -> None:
    one = event_of(resource("a", *event(NINE, ASKED[0], "ATTENDEE:/principals/ada")))
    assert one.unanswered


def test_a_declined_invitation_is_not_shown() -> None:
    assert ids(resource("a", *event(NINE, *asked("DECLINED")))) == []


@pytest.mark.parametrize(
    "lines",
    [
        ["ORGANIZER:mailto:ada@example.com", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.com"],
        ["ORGANIZER;EMAIL=ada@example.com:urn:uuid:7", "ATTENDEE:mailto:ada@example.com"],
        ["ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.com"],
        ["ORGANIZER:mailto:bob@example.com", "ATTENDEE:mailto:eve@example.com"],
    ],
    ids=["one's own", "one's own by e-mail", "of nobody", "not a guest"],
)
def test_what_is_no_invitation_cannot_be_answered(lines: list[str]) -> None:
    one = event_of(resource("a", *event(NINE, *lines)))
    assert (one.actions, one.unanswered) == ((), False)


def test_an_invitation_is_as_on_a_link_where_answers_are_not_sent() -> None:
    one = event_of(resource("a", *event(NINE, *asked("NEEDS-ACTION"))), may_reply=False)
    assert (one.actions, one.unanswered, one.tentative) == ((), False, True)


def test_an_occurrence_can_have_an_answer_of_its_own() -> None:
    moved = changed_event(NINE, *asked("ACCEPTED"))
    one, other = found(resource("a", *event(*DAILY, *asked("NEEDS-ACTION")), *moved)).signals
    assert isinstance(one, Event)
    assert isinstance(other, Event)
    assert (one.unanswered, other.unanswered) == (False, True)
    assert undo_of(one).recurrence == "20261122T080000Z"


def test_tasks_come_first_and_events_as_they_begin() -> None:
    late = event("DTSTART:20261122T120000Z", uid="late")
    early = event("DTSTART:20261122T060000Z", uid="early")
    whole = event("DTSTART;VALUE=DATE:20261122", uid="whole")
    objects = [
        resource(name, *lines)
        for name, lines in (("a", late), ("b", early), ("c", whole), ("d", todo(DUE)))
    ]
    assert [one[-5] for one in ids(*objects)] == ["d", "c", "b", "a"]


def test_an_event_that_is_over_is_not_kept() -> None:
    assert resource("a", *event("DTSTART:20261101T090000Z")).events is None


# As real servers give back what was written

KDE = [
    *(f"DTSTART{BERLIN}:20261101T080000", f"DUE{BERLIN}:20261101T090000", "RRULE:FREQ=DAILY"),
    f"X-KDE-LIBKCAL-DTRECURRENCE{BERLIN}:20261121T080000",
]
STORED = [
    todo(DUE, "SUMMARY:A\\, b", "CATEGORIES:Home,Work", "RELATED-TO:x", "PRIORITY:9"),
    todo(*STANDUP, f"EXDATE{BERLIN}:20261122T090000")
    + changed(f"{BERLIN}:20261121T090000", *STANDUP[:1], "STATUS:COMPLETED")
    + changed(f"{BERLIN}:20261120T090000", f"DUE{BERLIN}:20261122T230000"),
    todo(*KDE),
    todo("DTSTART;VALUE=DATE:20261101", "DURATION:P21D"),
    event(*DAILY, *asked("NEEDS-ACTION")),
]
ZONE = [
    *("BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "BEGIN:STANDARD", "DTSTART:19961027T030000"),
    *("TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
    *("END:STANDARD", "BEGIN:DAYLIGHT", "DTSTART:19810329T020000", "TZOFFSETFROM:+0100"),
    *("TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT"),
    "END:VTIMEZONE",
]


@pytest.mark.parametrize("lines", STORED, ids=["task", "series", "KDE", "duration", "invitation"])
def test_a_server_changes_nothing_of_what_is_shown(server: Server, lines: list[str]) -> None:
    path = server.make_collection("home", "Home") + "a.ics"
    written = body(*ZONE, *lines)
    server.put(path, written.decode())
    shown = [
        found(object_from_body(path, None, raw, since=date(2026, 11, 19), owner=ADA, pacer=Pacer()))
        for raw in (written, server.get(path).encode())
    ]
    assert shown[0].signals
    assert shown[0] == shown[1]


def test_a_zone_means_in_each_resource_what_that_resource_says() -> None:
    """Two people's Outlooks call two zones alike; icalendar and vobject take them for one."""

    def meeting(name: str, offset: str) -> CalendarObject:
        zone = ["BEGIN:VTIMEZONE", "TZID:Customized Time Zone", "BEGIN:STANDARD"]
        zone += ["DTSTART:19700101T000000", f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}"]
        start = "DTSTART;TZID=Customized Time Zone:20261122T090000"
        lines = (*zone, "END:STANDARD", "END:VTIMEZONE", *event(start, "SUMMARY:Review", uid=name))
        return resource(name, *lines)

    signals = found(meeting("east", "+0300"), meeting("west", "-0500")).signals
    starts = [each.start.at.hour for each in signals if isinstance(each, Event)]  # type: ignore[union-attr]  # timed
    assert starts == [6, 14]
