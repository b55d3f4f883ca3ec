"""Whole calendars in windows of any zone, held against another program's reading of them.

`ical` is the one Home Assistant uses: another parser, another expansion. It does not recognise an
occurrence that is named in UTC, so series here are planned in zones.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from oo_desktop.model.signals import Day, Event, Fixed
from tests.connectors.ical.calendars import body, event, expanded

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Tokyo",
    "Pacific/Auckland",
)
CHANGES = (
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 9, 27),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2026, 6, 10),
)
"""Days on which the clocks are changed somewhere, both ways, and one on which none is."""

RULES = (
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=2",
    "FREQ=DAILY;COUNT=9",
    "FREQ=WEEKLY",
    "FREQ=MONTHLY",
    "FREQ=YEARLY",
)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[bytes, date]:
    """Draw a calendar with something going on around a day."""
    day = draw(st.sampled_from(CHANGES)) + timedelta(days=draw(st.integers(-2, 1)))
    lines: list[str] = []
    for number in range(draw(st.integers(1, 4))):
        lines += draw(series(str(number), day))
    return body(*lines), day


@st.composite
def series(draw: st.DrawFn, uid: str, day: date) -> list[str]:
    zone = draw(st.sampled_from(ZONES))
    whole_day = draw(st.integers(0, 3)) == 0
    at = time(draw(st.sampled_from([0, 1, 2, 3, 9, 12, 23])), draw(st.sampled_from([0, 30])))
    start = datetime.combine(day - timedelta(days=draw(st.sampled_from([0, 1, 7, 30, 365]))), at)

    def said(name: str, moment: datetime) -> str:
        if whole_day:
            return f"{name};VALUE=DATE:{moment:%Y%m%d}"
        return f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}"

    step = timedelta(days=1) if whole_day else timedelta(minutes=draw(st.sampled_from([15, 60])))
    lines = [said("DTSTART", start), said("DTEND", start + step), f"SUMMARY:Event {uid}"]
    named = datetime.combine(day, at)
    moved = named + draw(st.sampled_from([1, 4])) * timedelta(days=1 if whole_day else 0, hours=1)
    another: list[str] = []
    if rule := draw(st.sampled_from(("", *RULES))):
        lines.append(f"RRULE:{rule}")
        match draw(st.integers(0, 2)):
            case 1:
                lines.append(said("EXDATE", named))
            case 2:
                another = event(
                    said("RECURRENCE-ID", named),
                    said("DTSTART", moved),
                    said("DTEND", moved + step),
                    f"SUMMARY:Changed {uid}",
                    uid=uid,
                )
    return [*event(*lines, uid=uid), *another]


@settings(max_examples=200, deadline=None)
@given(calendars(), st.sampled_from(ZONES))
def test_a_window_of_any_calendar_is_as_another_program_sees_it(
    calendar: tuple[bytes, date], zone: str
) -> None:
    raw, day = calendar
    here = ZoneInfo(zone)
    found, unread = expanded(raw, zone=zone, first=day)
    timeline = IcsCalendarStream.calendar_from_ics(raw.decode()).timeline_tz(here)
    begin, end = (datetime.combine(day + timedelta(days=n), time(), here) for n in (0, 2))
    wanted = {(one.summary, _key(one.start)) for one in timeline.overlapping(begin, end)}
    assert unread == 0
    assert {(one.title, _start(one)) for one in found} == wanted
    assert len({one.id for one in found}) == len(found)


def _key(moment: date | datetime) -> str:
    return str(moment.astimezone(UTC) if isinstance(moment, datetime) else moment)


def _start(found: Event) -> str:
    match found.start:
        case Fixed(at):
            return str(at)
        case Day(day):
            return str(day)
    raise TypeError(found.start)
