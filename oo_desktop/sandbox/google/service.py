"""Hold all of the stand-in Google in one place: people and calendars, clients, limits, moods."""

from collections import Counter
from datetime import timedelta

from starlette.datastructures import Headers
from starlette.types import Scope

from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.google import CLIENT_ID, CLIENT_PROJECT, CLIENT_SECRET, GOOGLE_API, seed
from oo_desktop.sandbox.google.errors import known_error
from oo_desktop.sandbox.google.listing import MAX_EVENTS_PER_PAGE
from oo_desktop.sandbox.google.model import GoogleState, Person
from oo_desktop.sandbox.google.oauth import GooglePolicy
from oo_desktop.sandbox.limits import PageCuts, RateLimit
from oo_desktop.sandbox.oauth.grants import SandboxGrants
from oo_desktop.sandbox.oauth.policy import SandboxClient

_PATCH_UNITS = 3
"""What one change counts as (developers.google.com/calendar/api/v3/reference/events/patch)."""
_MAX_PER_MINUTE = 600
"""Requests per minute, person and project (developers.google.com/calendar/api/guides/quota)."""


class Google:
    """Holds one stand-in Google. `zone` is where its first person lives.

    requests: how many each address made, and units: what they count as.
    """

    def __init__(self, *, clock: SandboxClock, zone: str) -> None:
        self.clock = clock
        self.zone = zone
        self.state = GoogleState(now=clock.now)
        self.sign_in = GooglePolicy(self.state)
        self.grants = SandboxGrants(self.sign_in, now=clock.now)
        self.limit = RateLimit(_MAX_PER_MINUTE, window=timedelta(minutes=1), now=clock.now)
        self.requests: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        self.reset(apps=True)

    def reset(self, *, apps: bool) -> None:
        """Make all as at the start; `apps`: forget grants, and people who came later, too."""
        self.cuts = PageCuts(most=MAX_EVENTS_PER_PAGE)
        self.sign_in.reset()
        self.limit.reset()
        self.requests.clear()
        self.units.clear()
        for client in self.grants.clients.values():
            client.testing = client.deleted = False
            client.verified = client.api_enabled = True
        if apps:
            self.grants.forget()
            self.grants.clients.clear()
            self.add_client(CLIENT_ID, CLIENT_SECRET, project=CLIENT_PROJECT)
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
    ) -> SandboxClient:
        """Make a desktop client, as in the Cloud console."""
        project = project or id_.partition("-")[0]
        client = SandboxClient(id=id_, secret=secret, name=name, project=project)
        self.grants.clients[id_] = client
        return client

    def caller(self, scope: Scope) -> str | None:
        """Return whose token a request comes with, live or not, and count it for them."""
        if not scope["path"].startswith(GOOGLE_API):
            return None
        kind, _, value = Headers(scope=scope).get("authorization", "").partition(" ")
        token = self.grants.access.get(value) if kind.lower() == "bearer" else None
        person = self.state.people.get(token.grant.user_id) if token else None
        if person is None:
            return None
        self.requests[person.email] += 1
        self.units[person.email] += _PATCH_UNITS if scope["method"] == "PATCH" else 1
        return person.email

    def check_limit(self, person: Person, client: SandboxClient) -> None:
        """Count a request. Raises GoogleApiError where it is one too many in a minute."""
        if self.limit.wait_for(f"{person.id} {client.project}"):
            raise known_error("userRateLimitExceeded")
