"""Write tasks as texts, and tell what is shown of them on TODAY, in Berlin."""

from datetime import date
from zoneinfo import ZoneInfo

from oo_desktop.connectors.icalendar.calendar import CalendarReading
from oo_desktop.connectors.icalendar.events import Window
from oo_desktop.connectors.icalendar.lines import components
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.connectors.icalendar.recurrence import Zones
from oo_desktop.connectors.icalendar.todos import (
    TODO_PROPERTIES,
    IcalTodo,
    Shown,
    TodoSeries,
    todo_from_component,
)
from oo_desktop.connectors.icalendar.zones import IanaZone
from oo_desktop.model.signals import Day, Due, Fixed, Floating
from tests.connectors.icalendar.calendars import TODAY, body

BERLIN = ";TZID=Europe/Berlin"
ZONE = frozenset({"TZID", "TZOFFSETFROM", "TZOFFSETTO"})


def todo(*lines: str, uid: str | None = "1@example.com") -> list[str]:
    """Return a VTODO."""
    named = [] if uid is None else [f"UID:{uid}"]
    return ["BEGIN:VTODO", *named, "DTSTAMP:20261122T000000Z", *lines, "END:VTODO"]


def changed(named: str, *lines: str) -> list[str]:
    """Return a VTODO that says what is different about the occurrence of RECURRENCE-ID `named`."""
    return todo(f"RECURRENCE-ID{named}", *lines)


def window(zone: str = "Europe/Berlin", first: date = TODAY) -> Window:
    return Window(ZoneInfo(zone), first, 2)


def todos_from(*lines: str) -> list[IcalTodo]:
    """Return those of the tasks that have a date. Raises Unreadable."""
    found = components(body(*lines), TODO_PROPERTIES, Pacer())
    read = [todo_from_component(one) for one in found if one.name == "VTODO"]
    return [each for each in read if each is not None]


def shown(*lines: str, zone: str = "Europe/Berlin", first: date = TODAY) -> Shown | None:
    """Return what is shown of tasks of one UID. Raises Unreadable."""
    reading = CalendarReading(first)
    todos = []
    for one in components(body(*lines), TODO_PROPERTIES | ZONE | {"SUMMARY"}, Pacer()):
        if one.name == "VTODO":
            found = todo_from_component(one)
            todos += [] if found is None else [found]
        else:
            reading.take(one)
    here = window(zone, first)
    zones = Zones(reading.calendar(b"").zones, IanaZone(here.zone))
    return TodoSeries(todos, zones, here, Pacer()).shown()


def text(due: Due | None) -> str | None:
    """Return it as iCalendar has it."""
    match due:
        case Day(day):
            return f"{day:%Y%m%d}"
        case Floating(at):
            return f"{at:%Y%m%dT%H%M}"
        case Fixed(at, zone):
            return f"{at:%Y%m%dT%H%M}Z {zone}"
    return None


def when(*lines: str, zone: str = "Europe/Berlin", first: date = TODAY) -> str | None:
    """Return when what is shown is due; None where nothing is."""
    found = shown(*lines, zone=zone, first=first)
    return None if found is None else text(found.due)
