"""Resources as other programs wrote them, and clicks on them as the list would make them."""

import msgspec

from oo_desktop.connectors.caldav.wire import UndoWire
from oo_desktop.connectors.icalendar.edit import parse
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.model.signals import ActionKind, Due
from oo_desktop.model.source import Action

KEPT = (
    *("DTSTART", "DTEND", "DUE", "DURATION", "RRULE"),
    *("STATUS", "COMPLETED", "PERCENT-COMPLETE"),
)

BERLIN = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""


def component(kind: str, *lines: str) -> str:
    """Return a component with these lines and those that each has."""
    fixed = ("UID:u1", "DTSTAMP:20261101T080000Z", "SUMMARY:Feed the cat")
    return "\n".join([f"BEGIN:{kind}", *fixed, *lines, f"END:{kind}", ""])


def todo(*lines: str) -> str:
    return component("VTODO", *lines)


def resource(*components: str) -> bytes:
    """Return a resource as most programs write them."""
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n{''.join(components)}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def lines_of(body: bytes, kind: str = "VTODO", *, number: int = 0) -> dict[str, str]:
    """Return the lines of a component by their names, the first of each; number: which one."""
    (calendar,) = parse(body, Pacer()).components("VCALENDAR")
    found: dict[str, str] = {}
    for line in calendar.components(kind)[number].lines():
        found.setdefault(line.split(":")[0].split(";")[0].upper(), line)
    return found


def count_of(body: bytes, kind: str = "VTODO") -> int:
    """Return how many of these components a resource holds."""
    (calendar,) = parse(body, Pacer()).components("VCALENDAR")
    return len(calendar.components(kind))


def undo_of(
    body: bytes,
    stamp: str | None = None,
    *,
    own: int | None = None,
    kind: str = "VTODO",
    href: str = "/ada/work/1.ics",
    owner: str = "",
) -> UndoWire:
    """Return what a click on a resource carries. own: which component is the occurrence's own."""
    master = _kept(lines_of(body, kind), owner, body, kind, 0)
    if own is None:
        return UndoWire(href, stamp, master)
    lines = _kept(lines_of(body, kind, number=own), owner, body, kind, own)
    return UndoWire(href, stamp, lines, master if own else None)


def _kept(lines: dict[str, str], owner: str, body: bytes, kind: str, number: int) -> dict[str, str]:
    kept = {name: line for name, line in lines.items() if name in KEPT}
    (calendar,) = parse(body, Pacer()).components("VCALENDAR")
    guests = calendar.components(kind)[number].lines("ATTENDEE")
    mine = [line for line in guests if owner and owner in line]
    return kept | ({"ATTENDEE": mine[0]} if mine else {})


def click(
    kind: ActionKind,
    undo: UndoWire,
    *,
    due: Due | None = None,
    may_be_done: bool = False,
    insists: bool = False,
) -> Action:
    return Action(
        kind=kind,
        uuid="u",
        undo=msgspec.json.encode(undo).decode(),
        recurring=undo.recurrence is not None,
        due=due,
        may_be_done=may_be_done,
        insists=insists,
    )
