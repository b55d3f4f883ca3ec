"""Everything one sandbox remembers, in one place: its services, its time, its faults."""

import os
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.faults import Faults
from oo_desktop.sandbox.google.service import Google
from oo_desktop.sandbox.ical import IcsLinks
from oo_desktop.sandbox.rate import WINDOW, RateLimit
from oo_desktop.sandbox.todoist.grants import Grants
from oo_desktop.sandbox.todoist.paging import Paging
from oo_desktop.sandbox.todoist.seed import add_account, fill
from oo_desktop.sandbox.todoist.state import Account, TodoistState

ADA_ID = "68428830"
REQUESTS_KEPT = 2000


@dataclass(frozen=True, kw_only=True)
class RequestSeen:
    """One request that came in: never its query, headers or body. `status` None: cut off.

    account: whose token it came with, where that is known (Google's).
    """

    at: datetime
    method: str
    path: str
    status: int | None
    account: str | None = None


class World:
    """One sandbox. `zone` is where its people live (IANA)."""

    def __init__(self, *, clock: SandboxClock | None = None, zone: str = "UTC") -> None:
        self.clock = clock or SandboxClock()
        self.zone = zone
        self.todoist = TodoistState(now=self.clock.now)
        self.grants = Grants(now=self.clock.now)
        self.faults = Faults(now=self.clock.now)
        self.paging = Paging()
        self.sparse = False
        self.send_iss: str | None = None
        self.reads = RateLimit(1000, now=self.clock.now)
        self.full_syncs = RateLimit(100, now=self.clock.now)
        self.registrations = RateLimit(100, now=self.clock.now)
        self.requests: deque[RequestSeen] = deque(maxlen=REQUESTS_KEPT)
        self.add_account(id_=ADA_ID, zone=zone)
        self.google = Google(clock=self.clock, zone=zone)
        self.ics = IcsLinks(clock=self.clock, zone=zone, faults=self.faults)

    def add_account(
        self,
        *,
        email: str = "ada@example.com",
        full_name: str = "Ada Example",
        zone: str | None = None,
        id_: str | None = None,
        with_tasks: bool = True,
    ) -> Account:
        """One more person, with a personal API token."""
        account = add_account(
            self.todoist,
            email=email,
            full_name=full_name,
            zone=zone or self.zone,
            id_=id_,
            with_tasks=with_tasks,
        )
        self.grants.add_personal(account.personal_token, account.id)
        return account

    def reset(self, *, apps: bool = False) -> None:
        """Tasks as at the start, no faults, the right time; `apps`: forget connected apps too."""
        self.clock.offset = timedelta()
        self.faults.clear()
        self.paging = Paging()
        self.sparse = False
        self.send_iss = None
        self.reads.most, self.full_syncs.most, self.registrations.most = 1000, 100, 100
        for limit in (self.reads, self.full_syncs, self.registrations):
            limit.window = WINDOW
            limit.forget()
        self.requests.clear()
        self.google.reset(apps=apps)
        self.ics.reset()
        for other in [id_ for id_ in self.todoist.accounts if id_ != ADA_ID]:
            if apps:
                del self.todoist.accounts[other]
        for account in self.todoist.accounts.values():
            fill(self.todoist, account)
        if apps:
            self.grants.forget()
            for account in self.todoist.accounts.values():
                self.grants.add_personal(account.personal_token, account.id)


def machine_zone() -> str:
    """The machine's zone by its IANA name, UTC where that cannot be found out."""
    name = os.environ.get("TZ", "").lstrip(":")
    if not name:
        link = Path("/etc/localtime")
        name = str(link.resolve()).partition("/zoneinfo/")[2] if link.is_symlink() else ""
    try:
        return ZoneInfo(name).key if name else "UTC"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
