"""What is kept of a calendar: all that an event says, and nothing of what is over."""

import pytest

from oo_desktop.connectors.icalendar.calendar import (
    IncompleteCalendar,
    LeftOut,
    NotACalendar,
    fingerprint,
)
from oo_desktop.connectors.icalendar.lines import MAX_PROPERTIES
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.model.signals import Container, Fixed
from tests.connectors.icalendar.calendars import (
    DAILY,
    NINE,
    body,
    changed,
    event,
    events,
    expanded,
    read,
    when,
)


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


@pytest.mark.parametrize(
    ("lines", "title"),
    [([], "(no title)"), (["CLASS:PRIVATE"], "Busy"), (["CLASS:PRIVATE", "SUMMARY:Me"], "Me")],
)
def test_an_event_without_a_title_has_one_all_the_same(lines: list[str], title: str) -> None:
    (one,) = events(*event(NINE, *lines))
    assert one.title == title


def asked(name: str, answer: str) -> str:
    """Return an ATTENDEE as Google writes it."""
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
        (["ACTION:DISPLAY", "TRIGGER;VALUE=DATE-TIME:20261122T070000Z"], (60,)),
        (["ACTION:DISPLAY", "TRIGGER:20261122T074500Z"], (15,)),
        (["ACTION:DISPLAY", "TRIGGER;VALUE=DATE-TIME:20261122T080100Z"], None),
        (["ACTION:DISPLAY", "TRIGGER;VALUE=DATE-TIME:19760401T005545Z"], None),
        (["ACTION:DISPLAY", "TRIGGER;VALUE=DATE-TIME:20261122T070000"], None),
        (["ACTION:EMAIL", "TRIGGER;VALUE=DATE-TIME:20261122T070000Z"], None),
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


def alarm(trigger: str) -> list[str]:
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER{trigger}", "END:VALARM"]


@pytest.mark.parametrize(
    ("lines", "minutes"),
    [
        (["DTSTART:20261122T090000"], (60,)),
        (["DTSTART;TZID=America/New_York:20261122T030000"], (60,)),
        (["DTSTART:20261122T080000Z"], (60,)),
        (["DTSTART;VALUE=DATE:20261122"], (-480,)),
        (["DTSTART;VALUE=DATE:20261123"], (960,)),
        (["DTSTART:20261122T090000", "RRULE:FREQ=DAILY"], None),
        (["DTSTART:20261122T090000", "RDATE:20261123T090000"], None),
    ],
)
def test_an_alarm_at_a_fixed_time_reminds_then_of_what_does_not_repeat(
    lines: list[str], minutes: tuple[int, ...] | None
) -> None:
    """At eight o'clock in Berlin, as Apple and Tasks.org write it."""
    found = events(*event(*lines, *alarm(";VALUE=DATE-TIME:20261122T070000Z")))
    assert found[0].reminders == minutes


@pytest.mark.parametrize("trigger", ["00010101T000000Z", "99991231T235959Z"])
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_an_alarm_at_an_end_of_the_calendar_costs_nothing_but_itself(
    trigger: str, zone: str
) -> None:
    lines = event("DTSTART;VALUE=DATE:20261122", *alarm(f";VALUE=DATE-TIME:{trigger}"))
    (one,) = events(f"X-WR-TIMEZONE:{zone}", *lines)
    assert one.reminders == ()


def test_alarms_of_both_kinds_remind_together() -> None:
    fixed = alarm(";VALUE=DATE-TIME:20261122T070000Z")
    (one,) = events(*event(NINE, *alarm(":-PT5M"), *fixed, *alarm(":-PT1H")))
    assert one.reminders == (60, 5)


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


def test_a_birthday_of_no_year_is_on_no_day_and_nothing_that_cannot_be_read() -> None:
    """As evolution-data-server makes it of a contact."""
    ben = event("DTSTART:00000000T000000", "DTEND:00000000T000000", "RRULE:FREQ=YEARLY")
    found, left_out = expanded(body(*ben, *event(NINE, uid="another")))
    assert ([each.title for each in found], left_out) == (["(no title)"], 0)


def test_what_was_said_last_of_an_occurrence_counts() -> None:
    found = events(
        *changed("DTSTART:20261122T150000Z", "SEQUENCE:2"),
        *event(*DAILY),
        *changed("DTSTART:20261122T160000Z", "SEQUENCE:1"),
    )
    assert [when(one)[6:13] for one in found] == ["22T1500", "23T0800"]


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


def test_what_makes_no_sense_is_counted_by_what_it_was() -> None:
    calendar = read(
        body(
            *event("DTSTART:never", uid="1"),
            *event("DTSTART:never", uid="2"),
            *event(NINE, "RRULE:FREQ=NEVER", uid="3"),
            *event(NINE, "no line", "SUMMARY", uid="4"),
            *event(NINE, uid="sound"),
        )
    )
    assert calendar.left_out == {LeftOut("VEVENT", "DTSTART"): 2, LeftOut("RRULE", "RRULE"): 1}
    assert len(calendar.series) == 3


def test_calendars_that_say_the_same_have_one_fingerprint() -> None:
    raw = body(*event(NINE))
    asked_later = raw.replace(b"DTSTAMP:20261122T000000Z", b"DTSTAMP:20261123T111213Z")
    moved = raw.replace(b"T090000", b"T100000")
    prints = [fingerprint(each, Pacer()) for each in (raw, asked_later, moved)]
    assert prints[0] == prints[1] != prints[2]


def test_a_declined_meeting_is_not_shown_whatever_quotes_are_in_a_name() -> None:
    guest = r'ATTENDEE;RSVP=TRUE;PARTSTAT="DECLINED";CN="Ada, the \"first\"":mailto:ada@example.com'
    assert expanded(body(*event(NINE, guest)), owner="ada@example.com") == ((), 0)


@pytest.mark.parametrize(
    ("written", "url"),
    [
        (r"https://example.com/x\,y", "https://example.com/x,y"),
        (r"https://example.com/x\,y?a=1\;b=2", "https://example.com/x,y?a=1;b=2"),
        ("https://example.com/x,y;z", "https://example.com/x,y;z"),
        (r"https://example.com\@evil.example/", None),
        (r"http\://example.com/", None),
    ],
)
def test_an_address_is_opened_without_the_escapes_it_is_written_with(
    written: str, url: str | None
) -> None:
    (one,) = events(*event(NINE, f"URL;VALUE=URI:{written}"))
    assert one.url == url


@pytest.mark.parametrize("trigger", ["-P1DT", "-P1D", "-PT1D", "-PT1440M", "-P86400S"])
def test_an_alarm_a_day_before_is_that_however_it_is_written(trigger: str) -> None:
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:{trigger}", "END:VALARM"]
    (one,) = events(*event(NINE, *alarm))
    assert one.reminders == (1440,)


def test_a_place_is_that_of_the_event_and_not_of_a_line_in_its_text() -> None:
    (one,) = events(
        *event(NINE, "DESCRIPTION:Agenda", "Location: the usual", "Begin: 9", "LOCATION:Room 4")
    )
    assert one.where == "Room 4"


def test_an_event_is_whole_without_the_end_of_its_alarm() -> None:
    (one,) = events(*event(NINE, "BEGIN:VALARM", "TRIGGER:-PT5M", "SUMMARY:Plan"))
    assert (one.title, one.reminders) == ("Plan", None)
