"""All of the stand-in Google in one place: people and calendars, clients, limits, moods."""

from collections import Counter
from datetime import timedelta

from starlette.datastructures import Headers
from starlette.types import Scope

from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.google import API, ISSUER, seed
from oo_desktop.sandbox.google.client import CLIENT_ID, CLIENT_SECRET, PROJECT
from oo_desktop.sandbox.google.errors import rate_limited
from oo_desktop.sandbox.google.grants import Client, Grants
from oo_desktop.sandbox.google.model import GoogleState, Person
from oo_desktop.sandbox.rate import RateLimit
from oo_desktop.sandbox.todoist.paging import Paging

MINUTE = timedelta(minutes=1)
PATCH_UNITS = 3
"""What one change counts as (developers.google.com/calendar/api/v3/reference/events/patch)."""
MOST_PER_MINUTE = 600
"""Requests per minute, person and project (developers.google.com/calendar/api/guides/quota)."""


class Google:
    """One stand-in Google. `zone` is where its first person lives.

    send_iss: what `iss` says on the callback; None: it is left out. blocked: the error that stands
    on Google's own page instead of a question. requests: how many each address made, and
    units: what they count as.
    """

    def __init__(self, *, clock: SandboxClock, zone: str) -> None:
        self.clock = clock
        self.zone = zone
        self.state = GoogleState(now=clock.now)
        self.grants = Grants(now=clock.now)
        self.limit = RateLimit(MOST_PER_MINUTE, now=clock.now, window=MINUTE)
        self.requests: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        self.reset(apps=True)

    def reset(self, *, apps: bool) -> None:
        """As at the start; `apps`: forget what was granted, and people who came later, too."""
        self.paging = Paging(most=2500)
        self.send_iss: str | None = ISSUER
        self.blocked = ""
        self.limit.most = MOST_PER_MINUTE
        self.limit.forget()
        self.requests.clear()
        self.units.clear()
        self.grants.rotates = False
        self.grants.time_limit = None
        for client in self.grants.clients.values():
            client.testing = client.deleted = False
            client.verified = client.api_enabled = True
        if apps:
            self.grants.forget()
            self.grants.clients.clear()
            self.add_client(CLIENT_ID, CLIENT_SECRET, project=PROJECT)
        later = [] if apps else [p for p in self.state.people.values() if p.id not in seed.IDS]
        self.state.people.clear()
        self.state.calendars.clear()
        self.state.history.clear()
        self.state.oldest_sync = self.state.next_revision()
        seed.fill(self.state, zone=self.zone)
        for person in later:
            seed.add_person(
                self.state, email=person.email, name=person.name, zone=person.zone, id_=person.id
            )

    def add_client(
        self, id_: str, secret: str, *, name: str = "oO desktop", project: str = ""
    ) -> Client:
        """A desktop client, as made in the Cloud console."""
        project = project or id_.partition("-")[0]
        client = Client(id=id_, secret=secret, name=name, project=project)
        self.grants.clients[id_] = client
        return client

    def caller(self, scope: Scope) -> str | None:
        """Whose token a request comes with, live or not; counts it for them."""
        if not scope["path"].startswith(API):
            return None
        kind, _, value = Headers(scope=scope).get("authorization", "").partition(" ")
        token = self.grants.access.get(value) if kind.lower() == "bearer" else None
        person = self.state.people.get(token.grant.person_id) if token else None
        if person is None:
            return None
        self.requests[person.email] += 1
        self.units[person.email] += PATCH_UNITS if scope["method"] == "PATCH" else 1
        return person.email

    def check_limit(self, person: Person, client: Client) -> None:
        """Raises GoogleError where this is one request too many in a minute."""
        if self.limit.wait_for(f"{person.id} {client.project}"):
            raise rate_limited(of_user=True)
