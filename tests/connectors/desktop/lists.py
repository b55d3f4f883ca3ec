"""Lists of this computer, and components as Evolution Data Server answers them."""

from zoneinfo import ZoneInfo

from oo_desktop.connectors.desktop.sources import List, ListKind
from oo_desktop.connectors.icalendar.events import Window
from tests.connectors.icalendar import calendars, todo_texts
from tests.connectors.icalendar.calendars import TODAY

WINDOW = Window(ZoneInfo("Europe/Berlin"), TODAY, 2)
TASKS = List(uid="tasks", kind=ListKind.TASKS, name="Tasks", color="#BECEDD")
CALENDAR = List(uid="cal", kind=ListKind.CALENDAR, name="Work")


def todo(*lines: str, uid: str | None = "1@example.com") -> str:
    """Return a bare VTODO."""
    return _text(todo_texts.todo(*lines, uid=uid))


def event(*lines: str, uid: str | None = "1@example.com") -> str:
    """Return a bare VEVENT."""
    return _text(calendars.event(*lines, uid=uid))


def changed(*lines: str, named: str = ";TZID=Europe/Berlin:20261122T090000") -> str:
    """Return a bare VEVENT of one occurrence."""
    return _text(calendars.changed(*lines, named=named))


def _text(lines: list[str]) -> str:
    return "\r\n".join(lines) + "\r\n"
