"""Fill Ada's and Grace's calendars: ordinary days, with all in them that is hard to show."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oo_desktop.sandbox.google.model import (
    CalendarEntry,
    GoogleState,
    Person,
    SandboxCalendar,
    SandboxEvent,
)
from oo_desktop.sandbox.google.recurrence import occurrences

ADA = "ada@example.com"
GRACE_EMAIL = "grace@example.com"
IDS = {"108226001815121000001": ADA, "109120619921209000002": GRACE_EMAIL}
"""Who is there from the start."""
GRACE_ZONE = "America/New_York"
ENGINE = "c_188a7d0engine@group.calendar.google.com"
FAMILY = "family04871@group.calendar.google.com"
GERMAN_HOLIDAYS = "en.german#holiday@group.v.calendar.google.com"
US_HOLIDAYS = "en.usa#holiday@group.v.calendar.google.com"
ROOM = "c_188room+turin@resource.calendar.google.com"
OLD = "c_188old@group.calendar.google.com"
CHOIR = "choir0912@group.calendar.google.com"

_POPUP = {"method": "popup", "minutes": 10}
_MAIL = {"method": "email", "minutes": 30}
_COLOURS = {
    "blue": ("14", "#9fe1e7", "#000000"),
    "green": ("8", "#16a765", "#000000"),
    "grape": ("3", "#f83a22", "#ffffff"),
    "lemon": ("12", "#fad165", "#000000"),
    "slate": ("19", "#c2c2c2", "#000000"),
}


def fill(state: GoogleState, *, zone: str) -> None:
    """Add Ada, who lives in `zone`, Grace, and all they have planned."""
    ada_id, grace_id = IDS
    ada = _person(state, email=ADA, name="Ada Example", zone=zone, id_=ada_id)
    grace = _person(state, email=GRACE_EMAIL, name="Grace Example", zone=GRACE_ZONE, id_=grace_id)
    _lists(state, ada, grace)
    _ada_today(state, ada)
    _ada_kinds(state, ada)
    _together(state, ada)
    _grace(state, grace)


def add_person(
    state: GoogleState, *, email: str, name: str, zone: str, id_: str | None = None
) -> Person:
    """Add an account with an empty calendar."""
    return _person(
        state, email=email, name=name, zone=zone, id_=id_ or f"1100000{state.revision:014d}"
    )


def _person(state: GoogleState, *, email: str, name: str, zone: str, id_: str) -> Person:
    person = Person(id=id_, email=email, name=name, zone=zone)
    state.people[id_] = person
    calendar = SandboxCalendar(id=email, summary=email, zone=zone)
    add_calendar(state, person, calendar, role="owner", colour="blue", primary=True)
    return person


def add_calendar(
    state: GoogleState,
    person: Person,
    calendar: SandboxCalendar,
    *,
    role: str,
    colour: str = "slate",
    reminders: tuple[dict[str, Any], ...] = (_POPUP,),
    **more: Any,
) -> CalendarEntry:
    """Put a calendar on somebody's list. more: what an Entry has, or `look`."""
    number, background, foreground = _COLOURS[colour]
    look = {
        "colorId": number,
        "backgroundColor": background,
        "foregroundColor": foreground,
        "defaultReminders": [dict(reminder) for reminder in reminders],
        **more.pop("look", {}),
    }
    entry = CalendarEntry(
        calendar=calendar, role=role, look=look, revision=state.next_revision(), **more
    )
    state.calendars[calendar.id] = calendar
    person.entries[calendar.id] = entry
    return entry


def _lists(state: GoogleState, ada: Person, grace: Person) -> None:
    def add(person: Person, id_: str, summary: str, role: str, **more: Any) -> None:
        known = state.calendars.get(id_)
        calendar = known or SandboxCalendar(id=id_, summary=summary, zone=person.zone)
        calendar.data_owner = more.pop("data_owner", calendar.data_owner)
        add_calendar(state, person, calendar, role=role, **more)

    engine = {"summaryOverride": "Engine"}
    add(ada, ENGINE, "Analytical Engine", "owner", colour="green", look=engine, data_owner=ADA)
    add(ada, FAMILY, "Family", "writer", colour="lemon", reminders=(_POPUP, _MAIL))
    add(ada, GERMAN_HOLIDAYS, "Holidays in Germany", "reader", reminders=())
    add(ada, GRACE_EMAIL, GRACE_EMAIL, "reader", colour="grape", selected=False)
    add(ada, ROOM, "Room “Turin”", "freeBusyReader", hidden=True, selected=False)
    add(ada, OLD, "An old project", "reader", deleted=True)
    add(grace, ENGINE, "Analytical Engine", "writer", colour="green")
    add(grace, CHOIR, "Choir", "owner", colour="lemon", data_owner=GRACE_EMAIL)
    add(grace, US_HOLIDAYS, "Holidays in United States", "reader", reminders=())
    state.calendars[GERMAN_HOLIDAYS].description = "Holidays and Observances in Germany"


def meet(code: str) -> dict[str, Any]:
    """Return a video call as Calendar attaches one: `hangoutLink` and its conference data."""
    link = f"https://meet.google.com/{code}"
    entry_points = [
        {"entryPointType": "video", "uri": link, "label": link.removeprefix("https://")},
        {
            "entryPointType": "phone",
            "uri": "tel:+49-40-8081617343",
            "label": "+49 40 8081617343",
            "pin": "5152537",
            "regionCode": "DE",
        },
        {"entryPointType": "more", "uri": f"https://tel.meet/{code}?pin=5152537", "pin": "5152537"},
    ]
    conference = {
        "entryPoints": entry_points,
        "conferenceId": code,
        "conferenceSolution": {
            "key": {"type": "hangoutsMeet"},
            "name": "Google Meet",
            "iconUri": "https://fonts.gstatic.com/s/i/productlogos/meet_2020q4/v6/icon.png",
        },
    }
    return {"hangoutLink": link, "conferenceData": conference}


def guest(email: str, response: str, **more: Any) -> dict[str, Any]:
    """Return an entry of `attendees`."""
    return {"email": email, "responseStatus": response, **more}


class CalendarDays:
    """Counts times and days from a calendar's today."""

    def __init__(self, state: GoogleState, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self.now = state.now()
        self.today = self.now.astimezone(self._zone).date()

    def at(self, ahead: int, hour: int, minute: int = 0) -> datetime:
        """Return a wall-clock time, `ahead` days from today."""
        day = self.today + timedelta(days=ahead)
        return datetime.combine(day, time(hour, minute), self._zone).astimezone(UTC)

    def day(self, ahead: int) -> date:
        """Return a whole day."""
        return self.today + timedelta(days=ahead)

    def span(self, ahead: int, hour: int, minute: int, length: int) -> dict[str, Any]:
        """Return start and end; `length` in minutes."""
        start = self.at(ahead, hour, minute)
        return {"start": start, "end": start + timedelta(minutes=length)}

    def days(self, ahead: int, length: int = 1) -> dict[str, Any]:
        """Return start and end of whole days; the end is the day after the last."""
        return {"start": self.day(ahead), "end": self.day(ahead + length)}


def _ada_today(state: GoogleState, ada: Person) -> None:
    own, days = state.calendars[ADA], CalendarDays(state, ada.zone)
    quarter = days.now.replace(minute=days.now.minute // 15 * 15, second=0, microsecond=0)
    until = quarter + timedelta(minutes=45)

    def add(summary: str | None, **fields: Any) -> SandboxEvent:
        named: dict[str, Any] = {} if summary is None else {"summary": summary}
        return state.add(own, **named, **fields)

    add("Pairing on Bernoulli numbers", start=quarter, end=until, **meet("abc-defg-hij"))
    add("Hand-over", start=until, end=until + timedelta(minutes=15), **meet("klm-nopq-rst"))
    call = "https://example.zoom.us/j/81234567890?pwd=b25seSBhIHNhbmRib3g"
    add("Lunch with Charles", **days.span(0, 13, 15, 60), location=call)
    add(
        "Budget call",
        **days.span(0, 15, 30, 30),
        organizer={"email": GRACE_EMAIL, "displayName": "Grace Example"},
        attendees=[guest(GRACE_EMAIL, "accepted", organizer=True), guest(ADA, "declined")],
    )
    add("Dentist", **days.span(0, 16, 30, 45), visibility="private", location="Lindenstraße 7")
    add(None, **days.span(0, 18, 0, 30))
    add("Rehearsal", **days.span(0, 19, 0, 60), status="cancelled")
    add(
        "Night train to Lisbon",
        start=days.at(0, 22),
        end=days.at(1, 7, 30),
        description='<b>Coach 12.</b> Ticket: <a href="https://example.com/t/1">here</a>',
    )
    add("Conference in Turin", **days.days(-1, 3), transparency="transparent")
    add("Next week’s plan", **days.span(1, 16, 0, 30), reminders=_own_reminders(5))


def _own_reminders(minutes: int) -> dict[str, Any]:
    return {"useDefault": False, "overrides": [{"method": "popup", "minutes": minutes}]}


def _ada_kinds(state: GoogleState, ada: Person) -> None:
    """An event of every `eventType`, and a series with everything series have."""
    own, days = state.calendars[ADA], CalendarDays(state, ada.zone)
    stand_up = state.add(
        own,
        summary="Stand-up",
        **days.span(-7, 9, 30, 15),
        recurrence=["RRULE:FREQ=DAILY"],
        attendees=[guest(ADA, "accepted", organizer=True), guest(GRACE_EMAIL, "accepted")],
        **meet("uvw-xyza-bcd"),
    )
    _exceptions(state, own, stand_up, days)
    state.add(
        own,
        summary="Focus: tables",
        **days.span(0, 10, 0, 90),
        eventType="focusTime",
        focusTimeProperties={"autoDeclineMode": "declineNone", "chatStatus": "doNotDisturb"},
    )
    state.add(
        own,
        summary="Out of office",
        **days.span(1, 13, 0, 240),
        eventType="outOfOffice",
        outOfOfficeProperties={
            "autoDeclineMode": "declineOnlyNewConflictingInvitations",
            "declineMessage": "Back tomorrow.",
        },
    )
    state.add(
        own,
        summary="Home",
        **days.days(0),
        eventType="workingLocation",
        visibility="public",
        transparency="transparent",
        workingLocationProperties={"type": "homeOffice", "homeOffice": {}},
    )
    state.add(
        own,
        summary="Charles’s birthday",
        **days.days(0),
        recurrence=["RRULE:FREQ=YEARLY"],
        eventType="birthday",
        visibility="private",
        transparency="transparent",
        birthdayProperties={"contact": "people/c12345", "type": "birthday"},
    )
    state.add(
        own,
        summary="Flight to London (BA 902)",
        **days.span(1, 8, 40, 95),
        eventType="fromGmail",
        location="Frankfurt FRA",
        source={"title": "Your booking", "url": "https://mail.google.com/mail?extsrc=cal&plid=1"},
        visibility="private",
        privateCopy=True,
    )


def _exceptions(
    state: GoogleState, calendar: SandboxCalendar, series: SandboxEvent, days: CalendarDays
) -> None:
    """One instance moved to later, one called off."""
    window = {"after": days.at(1, 0), "before": days.at(3, 0)}
    moved, off = list(occurrences(calendar, series, **window))
    moved = state.exception(calendar, moved)
    moved.start, moved.end = days.at(1, 11), days.at(1, 11, 15)
    moved.content["summary"] = "Stand-up (later today)"
    state.cancel(calendar, state.exception(calendar, off))


def _together(state: GoogleState, ada: Person) -> None:
    """What is on shared calendars, and one meeting that is on three."""
    days = CalendarDays(state, ada.zone)
    review: dict[str, Any] = {
        "summary": "Design review",
        **days.span(0, 14, 0, 60),
        "iCalUID": "5oo7review8design9of10cards@google.com",
        "organizer": {"email": GRACE_EMAIL, "displayName": "Grace Example"},
        "creator": {"email": GRACE_EMAIL},
        "attendees": [
            guest(GRACE_EMAIL, "accepted", organizer=True),
            guest(ADA, "tentative"),
            guest("babbage@example.net", "needsAction", optional=True),
            guest(ROOM, "accepted", resource=True, displayName="Room “Turin”"),
        ],
        **meet("efg-hijk-lmn"),
    }
    for id_ in (ADA, GRACE_EMAIL, ENGINE):
        state.add(state.calendars[id_], **review)
    engine, family = state.calendars[ENGINE], state.calendars[FAMILY]
    pune = datetime.combine(days.day(1), time(15, 30), ZoneInfo("Asia/Kolkata"))
    state.add(
        engine,
        summary="Call with Pune",
        start=pune.astimezone(UTC),
        end=(pune + timedelta(minutes=30)).astimezone(UTC),
        zone="Asia/Kolkata",
        description="Dial in: https://teams.microsoft.com/l/meetup-join/19%3asandbox",
    )
    state.add(engine, summary="Release freeze", **days.days(0, 2), status="tentative")
    state.add(
        family, summary="Fetch Byron", **days.span(0, 17, 15, 30), reminders=_own_reminders(20)
    )
    state.add(family, summary="Parents’ evening", **days.span(1, 19, 0, 90))
    state.add(
        state.calendars[GERMAN_HOLIDAYS],
        summary="Punch Card Day",
        description="Public holiday",
        **days.days(0),
        visibility="public",
        transparency="transparent",
    )
    state.add(state.calendars[ROOM], summary="Board", **days.span(0, 9, 0, 60))


def _grace(state: GoogleState, grace: Person) -> None:
    own, days = state.calendars[GRACE_EMAIL], CalendarDays(state, grace.zone)
    state.add(own, summary="Compiler seminar", **days.span(0, 11, 0, 90), **meet("opq-rstu-vwx"))
    state.add(own, summary="A surprise for Ada", **days.span(0, 12, 30, 30), visibility="private")
    state.add(
        own,
        summary="Navy log",
        **days.span(-3, 8, 0, 20),
        recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", _skip(days)],
    )
    state.add(state.calendars[CHOIR], summary="Choir", **days.span(0, 19, 30, 120))
    state.add(
        state.calendars[US_HOLIDAYS], summary="Nanosecond Day", **days.days(1), visibility="public"
    )


def _skip(days: CalendarDays) -> str:
    """Not the day after tomorrow."""
    return f"EXDATE;TZID={GRACE_ZONE}:{days.day(2):%Y%m%d}T080000"
