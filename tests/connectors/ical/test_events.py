"""What becomes of the events of a calendar, sound ones and all others."""

from datetime import date

import pytest

from oo_desktop.connectors.ical.calendar import IncompleteCalendar, NotACalendar
from oo_desktop.connectors.ical.lines import MAX_PROPERTIES
from oo_desktop.connectors.ical.pacing import Pacer, TooMuchWork
from oo_desktop.model.signals import Container, Fixed
from tests.connectors.ical.calendars import body, event, events, expanded, read, when

NINE = "DTSTART;TZID=Europe/Berlin:20261122T090000"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([NINE, "DTEND;TZID=Europe/Berlin:20261122T100000"], "20261122T0800/20261122T0900"),
        ([NINE, "DURATION:PT1H30M"], "20261122T0800/20261122T0930"),
        ([NINE], "20261122T0800/20261122T0800"),
        ([NINE, "DTEND;TZID=Europe/Berlin:20261122T080000"], "20261122T0800/20261122T0800"),
        ([NINE, "DTEND;TZID=America/New_York:20261122T040000"], "20261122T0800/20261122T0900"),
        (["DTSTART:20261122T090000Z"], "20261122T0900/20261122T0900"),
        (["DTSTART:20261122T090000"], "20261122T0800/20261122T0800"),
        (["DTSTART;TZID=Nowhere:20261122T090000"], "20261122T0800/20261122T0800"),
        (["DTSTART;TZID=/x.org/a/Asia/Tokyo:20261122T200000"], "20261122T1100/20261122T1100"),
        (["DTSTART;VALUE=DATE:20261122"], "20261122/20261123"),
        (["DTSTART;VALUE=DATE:20261120", "DTEND;VALUE=DATE:20261123"], "20261120/20261123"),
        (["DTSTART;VALUE=DATE:20261122", "DURATION:P2D"], "20261122/20261124"),
        (["DTSTART;VALUE=DATE:20261122", "DTEND;VALUE=DATE:20261101"], "20261122/20261123"),
        (["DTSTART:20200101T000000Z", "DTEND:99991231T235959Z"], "20200101T0000/99991231T2359"),
    ],
)
def test_an_event_begins_and_ends_as_it_says(lines: list[str], found: str) -> None:
    (one,) = events(*event(*lines))
    assert when(one) == found


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART;VALUE=DATE:20261121"],
        ["DTSTART;VALUE=DATE:20261124"],
        ["DTSTART:20261121T200000Z", "DTEND:20261121T230000Z"],
        ["DTSTART:20261123T230000Z"],
        [NINE, "STATUS:CANCELLED"],
    ],
)
def test_what_is_over_or_far_or_cancelled_is_left_out(lines: list[str]) -> None:
    assert not events(*event(*lines))


def test_everything_an_event_says_is_told() -> None:
    (one,) = events(
        "X-WR-CALNAME:The\\, team",
        "X-APPLE-CALENDAR-COLOR:#ff0000ff",
        *event(
            NINE,
            "SUMMARY:Plan\\, then\\ndo \\; or",
            "  not",
            "LOCATION:Room 5\\, https://meet.jit.si/Plan",
            "STATUS:TENTATIVE",
            "URL:https://example.com/plan",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-PT30M",
            "END:VALARM",
        ),
    )
    assert one.title == "Plan, then do ; or not"
    assert one.where == "Room 5"
    assert one.join_url == "https://meet.jit.si/Plan"
    assert one.url == "https://example.com/plan"
    assert one.container == Container("The, team", "#FF0000")
    assert one.tentative
    assert one.actions == ()
    assert one.reminders == (30,)
    assert one.start == Fixed(one.start.at, "Europe/Berlin")  # type: ignore[union-attr]  # it is


def test_a_character_that_is_folded_in_its_middle_is_whole() -> None:
    raw = body(*event(NINE, "SUMMARY:Caf\N{LATIN SMALL LETTER E WITH ACUTE}"))
    at = raw.index(b"\xc3") + 1
    (one,), _ = expanded(raw[:at] + b"\r\n " + raw[at:])
    assert one.title == "Café"


@pytest.mark.parametrize(
    ("lines", "title"),
    [([], "(no title)"), (["CLASS:PRIVATE"], "Busy"), (["CLASS:PRIVATE", "SUMMARY:Me"], "Me")],
)
def test_an_event_without_a_title_has_one_all_the_same(lines: list[str], title: str) -> None:
    (one,) = events(*event(NINE, *lines))
    assert one.title == title


def asked(name: str, answer: str) -> str:
    """As Google writes it."""
    return (
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};CN={name}"
        f";X-NUM-GUESTS=0:mailto:{name}@example.com"
    )


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("ACCEPTED", [False]),
        ("TENTATIVE", [True]),
        ("NEEDS-ACTION", [True]),
        ("DECLINED", []),
        ("X-SOMETHING", [False]),
    ],
)
def test_the_owner_s_answer_to_an_invitation_counts(answer: str, shown: list[bool]) -> None:
    raw = body(*event(NINE, asked("bob", "DECLINED"), asked("Ada", answer)))
    found, _ = expanded(raw, owner="ada@example.com")
    assert [one.tentative for one in found] == shown
    assert len(expanded(raw)[0]) == 1  # of whose calendar it is nothing is known


@pytest.mark.parametrize(
    "guests",
    [
        ['ATTENDEE;CN=John "JJ" Smith;X-NUM-GUESTS=0:mailto:j@x'],
        ["ATTENDEE;CN=Smith; John:mailto:j@x"],
        ["ATTENDEE;X_Y=1:mailto:ada@example.com"],
        [asked(f"guest{number}", "ACCEPTED") for number in range(MAX_PROPERTIES)],
    ],
    ids=["a name in quotes", "a name in pieces", "no name of a parameter", "very many"],
)
def test_no_guest_costs_a_meeting(guests: list[str]) -> None:
    raw = body(*event(NINE, *guests))
    found, unread = expanded(raw, owner="ada@example.com")
    assert (len(found), unread) == (1, 0)


def test_an_owner_may_decline_one_meeting_of_a_series_or_accept_only_one() -> None:
    named = "RECURRENCE-ID;TZID=Europe/Berlin:20261123T090000"
    moved = [named, "DTSTART;TZID=Europe/Berlin:20261123T110000"]
    for answers, times in [
        (("ACCEPTED", "DECLINED"), ["22T0800"]),
        (("DECLINED", "ACCEPTED"), ["23T1000"]),
    ]:
        series, one = (asked("ada", answer) for answer in answers)
        raw = body(*event(*DAILY, series), *event(*moved, one))
        found, _ = expanded(raw, owner="ada@example.com")
        assert [when(each)[6:13] for each in found] == times


@pytest.mark.parametrize(
    ("alarm", "minutes"),
    [
        (["ACTION:DISPLAY", "TRIGGER:-P1DT1H"], (1500,)),
        (["ACTION:AUDIO", "TRIGGER;RELATED=END:-PT70M"], (10,)),
        (["ACTION:DISPLAY", "TRIGGER:PT5M"], None),
        (["ACTION:DISPLAY", "TRIGGER;VALUE=DATE-TIME:20261122T070000Z"], None),
        (["ACTION:DISPLAY", "TRIGGER:soon"], None),
        (["ACTION:DISPLAY"], None),
        (["ACTION:EMAIL", "TRIGGER:-PT5M"], None),
    ],
)
def test_alarms_are_reminders_where_they_can_be(
    alarm: list[str], minutes: tuple[int, ...] | None
) -> None:
    (one,) = events(*event(NINE, "DURATION:PT1H", "BEGIN:VALARM", *alarm, "END:VALARM"))
    assert one.reminders == minutes


@pytest.mark.parametrize(
    ("trigger", "minutes"),
    [("-PT15H", (900,)), ("PT9H", (-540,)), ("PT24H", ()), ("-P1W", (10_080,)), (None, ())],
)
def test_a_whole_day_is_reminded_of_before_it_or_while_it_lasts(
    trigger: str | None, minutes: tuple[int, ...]
) -> None:
    """Nine on that morning is what Apple and Nextcloud offer first."""
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:{trigger}", "END:VALARM"]
    (one,) = events(*event("DTSTART;VALUE=DATE:20261122", *(alarm if trigger else [])))
    assert one.reminders == minutes


# Series


DAILY = [NINE, "RRULE:FREQ=DAILY", "SUMMARY:Standup"]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], ["22T0800", "23T0800"]),
        (["EXDATE;TZID=Europe/Berlin:20261122T090000"], ["23T0800"]),
        (["EXDATE:20261122T080000Z,20261123T080000Z"], []),
        (["EXDATE;VALUE=DATE:20261123"], ["22T0800"]),
        (["RDATE:20261123T200000Z"], ["22T0800", "23T0800", "23T2000"]),
        (["RDATE:20261123T080000Z"], ["22T0800", "23T0800"]),
        (["RDATE;VALUE=PERIOD:20261123T200000Z/PT1H"], ["22T0800", "23T0800", "23T2000"]),
    ],
)
def test_a_series_is_its_rule_and_more_and_less(lines: list[str], found: list[str]) -> None:
    assert [when(one)[6:13] for one in events(*event(*DAILY, *lines))] == found


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("20261122T080000Z", 1),
        ("20261122T075959Z", 0),
        ("20261122", 1),
        ("20261122T090000", 1),
        ("20261123T080000Z", 2),
    ],
)
def test_until_is_an_instant_or_a_whole_day(until: str, count: int) -> None:
    lines = ["DTSTART;TZID=Europe/Berlin:20261101T090000", f"RRULE:FREQ=DAILY;UNTIL={until}"]
    assert len(events(*event(*lines))) == count


def changed(*lines: str, named: str = ";TZID=Europe/Berlin:20261122T090000") -> list[str]:
    return event(f"RECURRENCE-ID{named}", *lines)


def test_a_moved_occurrence_is_the_same_meeting_at_another_time() -> None:
    first, moved = events(
        *event(*DAILY),
        *changed("DTSTART;TZID=Europe/Berlin:20261123T180000", "SUMMARY:Later"),
    )
    assert (when(first)[:13], first.title) == ("20261123T0800", "Standup")
    assert (when(moved)[:13], moved.title) == ("20261123T1700", "Later")
    assert moved.twin == "1@example.com 20261122T080000Z"
    assert moved.id == "1@example.com/20261122T080000Z"


@pytest.mark.parametrize("named", [":20261122T080000Z", ";VALUE=DATE:20261122"])
def test_an_occurrence_may_be_named_as_an_instant_or_a_day(named: str) -> None:
    lines = ["DTSTART:20261122T100000Z"]
    found = events(*event(*DAILY), *changed(*lines, named=named))
    assert [when(one)[6:13] for one in found] == ["22T1000", "23T0800"]


def test_a_cancelled_occurrence_is_missing() -> None:
    found = events(*event(*DAILY), *changed(NINE, "STATUS:CANCELLED"))
    assert [when(one)[6:13] for one in found] == ["23T0800"]


def test_what_was_said_last_of_an_occurrence_counts() -> None:
    found = events(
        *changed("DTSTART:20261122T150000Z", "SEQUENCE:2"),
        *event(*DAILY),
        *changed("DTSTART:20261122T160000Z", "SEQUENCE:1"),
    )
    assert [when(one)[6:13] for one in found] == ["22T1500", "23T0800"]


def test_this_and_future_moves_all_that_follows() -> None:
    weekday = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261110T090000"
    start = "DTSTART;TZID=Europe/Berlin:20261110T113000"
    found = events(
        *event("DTSTART;TZID=Europe/Berlin:20261101T090000", "RRULE:FREQ=DAILY", "SUMMARY:Old"),
        *event(weekday, start, "DURATION:PT45M", "SUMMARY:New"),
        *changed("DTSTART;TZID=Europe/Berlin:20261122T120000", "SUMMARY:Once"),
    )
    assert [(one.title, when(one)) for one in found] == [
        ("Once", "20261122T1100/20261122T1100"),
        ("New", "20261123T1030/20261123T1115"),
    ]


def test_an_occurrence_whose_series_is_missing_is_an_event() -> None:
    (one,) = events(*changed("DTSTART:20261122T100000Z"))
    assert when(one)[:13] == "20261122T1000"


def test_an_occurrence_that_is_named_without_a_zone_is_named_in_that_of_its_series() -> None:
    """Some programs write so; recurring-ical-events reads it so."""
    lines = ["DTSTART;TZID=America/New_York:20261101T200000", "RRULE:FREQ=DAILY"]
    found = events(
        *event(*lines, "EXDATE:20261121T200000"),
        *changed("DTSTART;TZID=America/New_York:20261122T220000", named=":20261122T200000"),
        zone="Asia/Tokyo",
    )
    assert [when(one)[6:13] for one in found] == ["23T0300"]


@pytest.mark.parametrize(
    ("first", "hours"),
    [
        (date(2026, 3, 28), ["28T0800", "29T0700"]),
        (date(2026, 10, 24), ["24T0700", "25T0800"]),
    ],
)
def test_a_meeting_at_nine_stays_at_nine_when_the_clocks_change(
    first: date, hours: list[str]
) -> None:
    lines = ["DTSTART;TZID=Europe/Berlin:20260105T090000", "RRULE:FREQ=DAILY"]
    assert [when(one)[6:13] for one in events(*event(*lines), first=first)] == hours


# Zones of its own

OUTLOOK = [
    "BEGIN:VTIMEZONE",
    "TZID:Customized Time Zone",
    *("BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100"),
    *("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD"),
    *("BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200"),
    *("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE"),
]


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("20260329T013000", "20260329T0030"),
        ("20260329T023000", "20260329T0130"),  # skipped: as if the clocks had not been changed
        ("20260329T033000", "20260329T0130"),
        ("20260701T120000", "20260701T1000"),
        ("20261025T023000", "20261025T0030"),  # twice: the first
        ("20261025T033000", "20261025T0230"),
        ("20261122T120000", "20261122T1100"),
    ],
)
@pytest.mark.parametrize("zone", ["Customized Time Zone", "Europe/Berlin"])
def test_a_zone_that_the_calendar_explains_is_as_good_as_a_known_one(
    zone: str, local: str, utc: str
) -> None:
    first = date(2026, int(local[4:6]), int(local[6:8]))
    lines = [*OUTLOOK, *event(f'DTSTART;TZID="{zone}":{local}')]
    (one,) = events(*lines, zone="UTC", first=first)
    assert when(one)[:13] == utc


def test_a_zone_whose_rules_have_ended_is_as_the_last_of_them_left_it() -> None:
    """Brazil put its clocks back for good in February 2019; the rules began the other way round."""
    zone = [
        "BEGIN:VTIMEZONE",
        "TZID:Brazil",
        *("BEGIN:STANDARD", "DTSTART:20090215T000000", "TZOFFSETFROM:-0200", "TZOFFSETTO:-0300"),
        *("RRULE:FREQ=YEARLY;BYDAY=3SU;BYMONTH=2;UNTIL=20190217T020000Z", "END:STANDARD"),
        *("BEGIN:DAYLIGHT", "DTSTART:20171015T000000", "TZOFFSETFROM:-0300", "TZOFFSETTO:-0200"),
        *("RRULE:FREQ=YEARLY;BYDAY=3SU;BYMONTH=10;UNTIL=20181021T030000Z", "END:DAYLIGHT"),
        "END:VTIMEZONE",
    ]
    (one,) = events(*zone, *event("DTSTART;TZID=Brazil:20261122T090000"))
    assert when(one)[:13] == "20261122T1200"


# What is broken, and what nobody can have meant

BROKEN = {
    "no start": [],
    "no date": ["DTSTART:tomorrow"],
    "no such day": ["DTSTART:20260230T000000Z"],
    "no rule": [NINE, "RRULE:FREQ=SOMETIMES"],
    "no length": [NINE, "DURATION:long"],
    "no line": [NINE, "SUMMARY"],
    "a bomb": ["DTSTART:20000101T000000Z", "RRULE:FREQ=SECONDLY"],
    "a bomb by the minute": ["DTSTART:00010101T000000Z", "RRULE:FREQ=MINUTELY"],
    "a long count": ["DTSTART:00010101T000000Z", "RRULE:FREQ=HOURLY;COUNT=9999999"],
    "many at once": ["DTSTART:19000101T000000Z", "DURATION:P40000D", "RRULE:FREQ=DAILY"],
}


@pytest.mark.parametrize("lines", BROKEN.values(), ids=BROKEN)
def test_a_broken_event_costs_only_itself(lines: list[str]) -> None:
    raw = body(*event(*lines, uid="broken"), *event(NINE, uid="sound"))
    found, unread = expanded(raw)
    assert [one.id for one in found] == ["sound/20261122T080000Z"]
    assert unread == 1


@pytest.mark.parametrize(
    "lines",
    [
        ["BEGIN:VEVENT", NINE, "UID:lost"],
        ["BEGIN:VEVENT", NINE, "UID:lost", "BEGIN:VALARM"],
        ["BEGIN:VTIMEZONE", "TZID:x", "BEGIN:STANDARD"],
        ["END:VEVENT", "END:VALARM", "BEGIN:VTODO", "SUMMARY:x", "END:VTODO"],
        ["\x00\xff nothing", "", ":", ";;;"],
        ["X-LONG:" + "x" * 400_000],
    ],
)
def test_a_torn_component_ends_with_itself(lines: list[str]) -> None:
    found, _ = expanded(body(*lines, *event(NINE, uid="sound")))
    assert [one.id for one in found] == ["sound/20261122T080000Z"]


def test_birthdays_of_the_year_one_come_every_year() -> None:
    (one,) = events(*event("DTSTART;VALUE=DATE:00011122", "RRULE:FREQ=YEARLY"))
    assert when(one) == "20261122/20261123"


@pytest.mark.parametrize("at", ["00010101T000000Z", "99991231T235959Z", "99991231T235959"])
@pytest.mark.parametrize("rule", [[], ["RRULE:FREQ=YEARLY"], ["DURATION:P99999W"]])
def test_the_ends_of_time_are_no_reason_to_fail(at: str, rule: list[str]) -> None:
    events(*event(f"DTSTART:{at}", *rule), zone="Pacific/Auckland")


def test_events_without_a_uid_are_events_of_their_own() -> None:
    found = events(*event(NINE, "SUMMARY:One", uid=None), *event(NINE, "SUMMARY:Two", uid=None))
    assert [one.title for one in found] == ["One", "Two"]
    assert [one.twin for one in found] == [None, None]
    assert len({one.id for one in found}) == 2


def test_an_absurd_uid_makes_a_bounded_id() -> None:
    (one,) = events(*event(NINE, uid="x" * 5000))
    assert len(one.id) < 100


@pytest.mark.parametrize(
    ("raw", "page"),
    [(b"", False), (b"{}", False), (b"  <!doctype html>", True), (b"BEGIN:VCARD\r\n", False)],
)
def test_what_is_no_calendar_is_none(raw: bytes, page: bool) -> None:
    with pytest.raises(NotACalendar) as caught:
        read(raw)
    assert caught.value.page == page


@pytest.mark.parametrize(
    "raw",
    [
        body(*event(NINE))[:-20],
        body(*event(NINE)).replace(b"\r\n", b"\r"),
        b"BEGIN:VCALENDAR",
        b"BEGIN:VCALENDARS\r\nEND:VCALENDARS\r\n",
    ],
)
def test_a_calendar_that_does_not_begin_and_end_as_one_is_incomplete(raw: bytes) -> None:
    """Were it taken for an empty one, everything would seem to be gone."""
    with pytest.raises(IncompleteCalendar):
        read(raw)


def test_a_hundred_thousand_events_that_are_over_leave_nothing_behind() -> None:
    over = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20200101T000000Z\r\nEND:VEVENT"
    calendar = read(body(*[over] * 100_000))
    assert calendar.series == ()


def test_more_computing_than_anyone_means_is_refused() -> None:
    pacer = Pacer(max_seconds=0)

    def work() -> None:
        while True:
            pacer.step()

    with pytest.raises(TooMuchWork):
        work()
