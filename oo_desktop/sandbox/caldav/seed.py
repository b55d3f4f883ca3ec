"""Fill Ada's and Grace's calendar server: a day like anybody's, with what is hard to show.

Zones are named and not described: they are IANA's, which everybody knows (RFC 7809).
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oo_desktop.sandbox.caldav.model import CalDavState, DavAccount, DavCollection

ADA_EMAIL = "ada@example.com"
GRACE_EMAIL = "grace@example.com"
_PEOPLE = {"ada": ADA_EMAIL, "grace": GRACE_EMAIL}
PERSONAL, WORK, TEAM = "personal", "work", "team_shared_by_grace"


def add_people(state: CalDavState) -> None:
    """Add Ada and Grace where they are not there, with an app password each."""
    for id_, email in _PEOPLE.items():
        if id_ not in state.accounts:
            account = DavAccount(id=id_, email=email, name=f"{id_.capitalize()} Example")
            account.renew_password()
            state.accounts[id_] = account


def fill(state: CalDavState, *, zone: str) -> None:
    """Give them the collections they start with, around now in `zone`, instead of what there is."""
    local = ZoneInfo(zone)
    now = state.now().astimezone(local)
    ada, grace = (state.accounts[id_] for id_ in _PEOPLE)
    for account in state.accounts.values():
        account.collections.clear()
    writer = _Writer(zone, now)
    _add(state, ada, DavCollection(slug=PERSONAL, name="Personal"), _personal(writer))
    work = DavCollection(slug=WORK, name="Work", color="#2d73be")
    _add(state, ada, work, _work(writer))
    team = DavCollection(slug=TEAM, name="Team (Grace Example)", color="#c98879", read_only=True)
    _add(state, ada, team, _team(writer))
    mine = [writer.task("grace-1", "Tune the piano", f"DUE;VALUE=DATE:{now:%Y%m%d}")]
    _add(state, grace, DavCollection(slug=PERSONAL, name="Personal"), mine)


def _add(
    state: CalDavState, account: DavAccount, collection: DavCollection, bodies: Iterable[bytes]
) -> None:
    account.collections[collection.slug] = collection
    for number, body in enumerate(bodies, 1):
        state.store(collection, f"{collection.slug}-{number}.ics", body)
    # No token from before is known: somebody who has one must look at everything.
    collection.oldest = collection.revision


class _Writer:
    """Writes calendar objects around `now`."""

    def __init__(self, zone: str, now: datetime) -> None:
        self._zone = zone
        self.now = now
        self.today = now.date()

    def at(self, name: str, day: date, hour: int, minute: int = 0) -> str:
        """Return the line of a time in the zone."""
        moment = datetime.combine(day, time(hour, minute))
        return f"{name};TZID={self._zone}:{moment:%Y%m%dT%H%M%S}"

    def day(self, name: str, day: date) -> str:
        """Return the line of a date."""
        return f"{name};VALUE=DATE:{day:%Y%m%d}"

    def task(self, uid: str, summary: str, *lines: str) -> bytes:
        return object_of("VTODO", uid, summary, self.now, *lines)

    def event(self, uid: str, summary: str, *lines: str) -> bytes:
        return object_of("VEVENT", uid, summary, self.now, *lines)


def _personal(write: _Writer) -> Iterable[bytes]:
    """Tasks due and overdue, one that repeats, one with a parent; some that are not for today."""
    today, yesterday = write.today, write.today - timedelta(days=1)
    yield write.task("trip", "Plan the trip", write.day("DUE", today), "PRIORITY:5")
    yield write.task(
        "train",
        "Book the train, second class",
        write.at("DUE", today, 17, 30),
        "RELATED-TO:trip@sandbox",
        "CATEGORIES:phone,travel",
        "PRIORITY:1",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Book the train",
        "TRIGGER;RELATED=END:-PT15M",
        "END:VALARM",
    )
    yield write.task("atlas", "Return the atlas", write.day("DUE", yesterday), "PRIORITY:9")
    yield write.task(
        "cat",
        "Feed the cat",
        write.at("DTSTART", today, 8),
        write.at("DUE", today, 9),
        "RRULE:FREQ=DAILY",
        "STATUS:NEEDS-ACTION",
    )
    yield write.task("lamp", "Buy a lamp")
    yield write.task(
        "rent",
        "Pay the rent",
        write.day("DUE", yesterday),
        "STATUS:COMPLETED",
        f"COMPLETED:{yesterday:%Y%m%d}T080000Z",
        "PERCENT-COMPLETE:100",
    )
    yield write.event(
        "dinner",
        "Dinner with Charles",
        write.at("DTSTART", today, 19, 30),
        write.at("DTEND", today, 21, 30),
        "LOCATION:Dorset Street 1",
    )


def _work(write: _Writer) -> Iterable[bytes]:
    """Meetings, an invitation that waits for an answer, and a task."""
    today, tomorrow = write.today, write.today + timedelta(days=1)
    last_week = today - timedelta(days=7)
    yield write.event(
        "standup",
        "Standup",
        write.at("DTSTART", last_week, 9, 15),
        write.at("DTEND", last_week, 9, 30),
        "RRULE:FREQ=DAILY",
    )
    yield write.event(
        "engine",
        "Review of the engine",
        write.at("DTSTART", tomorrow, 14),
        write.at("DTEND", tomorrow, 15),
        "LOCATION:https://meet.jit.si/ReviewOfTheEngine",
        f"ORGANIZER;CN=Grace Example:mailto:{GRACE_EMAIL}",
        f"ATTENDEE;CN=Grace Example;PARTSTAT=ACCEPTED:mailto:{GRACE_EMAIL}",
        f"ATTENDEE;CN=Ada Example;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{ADA_EMAIL}",
    )
    yield write.task("invoice", "Send the invoice", write.day("DUE", today))


def _team(write: _Writer) -> Iterable[bytes]:
    yield write.event(
        "picnic",
        "Team picnic",
        write.day("DTSTART", write.today + timedelta(days=1)),
        write.day("DTEND", write.today + timedelta(days=2)),
    )
    yield write.task("chairs", "Order new chairs", write.day("DUE", write.today))


def object_of(component: str, uid: str, summary: str, now: datetime, *lines: str) -> bytes:
    """Return a calendar object of one component (RFC 5545, section 3.4), folded."""
    escaped = summary.translate({ord(each): f"\\{each}" for each in "\\;,"})
    every = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//oO//sandbox//EN",
        f"BEGIN:{component}",
        f"UID:{uid}@sandbox",
        f"DTSTAMP:{now.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{escaped}",
        *lines,
        f"END:{component}",
        "END:VCALENDAR",
    )
    return b"".join(map(_folded, every))


def _folded(line: str) -> bytes:
    """Fold at 75 octets, between characters (section 3.1)."""
    parts, part = [], b""
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > 74:
            parts.append(part)
            part = b""
        part += octets
    return b"\r\n ".join([*parts, part]) + b"\r\n"
