"""Write calendars as texts, and tell what becomes of them."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from oo_desktop.connectors.icalendar.calendar import IcalCalendar, calendar_from_body
from oo_desktop.connectors.icalendar.events import Expansion, Window, events_from_calendar
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.model.signals import Day, Event, Fixed, ProviderId, UserId

TODAY = date(2026, 11, 22)
ADA = UserId("ada")
ICS = ProviderId("ics")
NINE = "DTSTART;TZID=Europe/Berlin:20261122T090000"
DAILY = [NINE, "RRULE:FREQ=DAILY", "SUMMARY:Standup"]


def event(*lines: str, uid: str | None = "1@example.com") -> list[str]:
    """Return a VEVENT; `DTSTART:` alone is not added."""
    named = [] if uid is None else [f"UID:{uid}"]
    return ["BEGIN:VEVENT", *named, "DTSTAMP:20261122T000000Z", *lines, "END:VEVENT"]


def changed(*lines: str, named: str = ";TZID=Europe/Berlin:20261122T090000") -> list[str]:
    """Return a VEVENT that says what is different about one occurrence."""
    return event(f"RECURRENCE-ID{named}", *lines)


def body(*lines: str) -> bytes:
    """Return a VCALENDAR of these lines."""
    every = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *lines, "END:VCALENDAR"]
    return ("\r\n".join(every) + "\r\n").encode()


def read(raw: bytes, *, first: date = TODAY, owner: str | None = None) -> IcalCalendar:
    return calendar_from_body(raw, since=first - timedelta(days=3), owner=owner, pacer=Pacer())


def expansion(
    raw: bytes,
    *,
    zone: str = "Europe/Berlin",
    first: date = TODAY,
    days: int = 2,
    owner: str | None = None,
) -> Expansion:
    """Return what becomes of some days of a calendar."""
    calendar = read(raw, first=first, owner=owner)
    window = Window(ZoneInfo(zone), first, days)
    return events_from_calendar(
        calendar, window, source=ICS, user_id=ADA, name="example.com", pacer=Pacer()
    )


def expanded(
    raw: bytes, *, zone: str = "Europe/Berlin", first: date = TODAY, owner: str | None = None
) -> tuple[Sequence[Event], int]:
    """Return the events of some days, and how many events and series made no sense."""
    found = expansion(raw, zone=zone, first=first, owner=owner)
    left_out = found.left_out.items()
    return found.events, sum(count for each, count in left_out if each.component == "VEVENT")


def events(*lines: str, zone: str = "Europe/Berlin", first: date = TODAY) -> Sequence[Event]:
    """Return the events of a sound calendar."""
    found, unread = expanded(body(*lines), zone=zone, first=first)
    assert unread == 0
    return found


def when(found: Event) -> str:
    """Return its beginning and end as one text, in UTC or as days."""
    return f"{_text(found.start)}/{_text(found.end)}"


def _text(due: object) -> str:
    match due:
        case Day(day):
            return f"{day:%Y%m%d}"
        case Fixed(at):
            return f"{at:%Y%m%dT%H%M}"
    raise TypeError(due)
