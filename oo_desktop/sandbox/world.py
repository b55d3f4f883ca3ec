"""Hold everything one sandbox remembers in one place: its services, its time, its faults."""

import os
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oo_desktop.sandbox.caldav.service import CalDav
from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.faults import Faults
from oo_desktop.sandbox.google.service import Google
from oo_desktop.sandbox.ical import IcsLinks
from oo_desktop.sandbox.todoist.service import Todoist

MAX_REQUESTS_KEPT = 2000


@dataclass(frozen=True, kw_only=True)
class RequestSeen:
    """Holds a request that came in, never its query, headers or body. `status`: None if cut off.

    account: who asked, where that is known (Google, CalDAV): an e-mail address.
    """

    at: datetime
    method: str
    path: str
    status: int | None
    account: str | None = None


class World:
    """Holds one sandbox. `zone` is where its people live (IANA)."""

    def __init__(self, *, clock: SandboxClock | None = None, zone: str = "UTC") -> None:
        self.clock = clock or SandboxClock()
        self.zoneinfo = ZoneInfo(zone)
        self.faults = Faults(now=self.clock.now)
        self.requests: deque[RequestSeen] = deque(maxlen=MAX_REQUESTS_KEPT)
        self.todoist = Todoist(clock=self.clock, zone=zone)
        self.google = Google(clock=self.clock, zone=zone)
        self.caldav = CalDav(clock=self.clock, zone=zone)
        self.ics = IcsLinks(clock=self.clock, zone=zone, faults=self.faults)

    def reset(self, *, apps: bool = False) -> None:
        """Make all as at the start, the time too; `apps`: forget connected apps as well."""
        self.clock.offset = timedelta()
        self.faults.clear()
        self.requests.clear()
        self.todoist.reset(apps=apps)
        self.google.reset(apps=apps)
        self.caldav.reset(apps=apps)
        self.ics.reset()


def machine_zone() -> str:
    """Return the machine's zone by its IANA name, UTC where that cannot be found out."""
    name = os.environ.get("TZ", "").lstrip(":")
    if not name:
        link = Path("/etc/localtime")
        name = str(link.resolve()).partition("/zoneinfo/")[2] if link.is_symlink() else ""
    try:
        return ZoneInfo(name).key if name else "UTC"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
