"""Hold all of the stand-in CalDAV server in one place: what it keeps, its sign-in, its moods."""

from collections import Counter

from starlette.datastructures import Headers
from starlette.routing import Route
from starlette.types import Scope

from oo_desktop.sandbox.caldav import CALDAV_PATHS, seed
from oo_desktop.sandbox.caldav.api import CalDavApi, login_from_header
from oo_desktop.sandbox.caldav.login import NextcloudLogin
from oo_desktop.sandbox.caldav.model import CalDavState
from oo_desktop.sandbox.clock import SandboxClock


class CalDav:
    """Holds one stand-in server. `zone` is where its people live."""

    def __init__(self, *, clock: SandboxClock, zone: str) -> None:
        self._zone = zone
        self.state = CalDavState(now=clock.now)
        self.login = NextcloudLogin(self.state)
        self.requests: Counter[str] = Counter()
        self.reset(apps=True)

    def reset(self, *, apps: bool) -> None:
        """Make all as at the start; `apps`: end app passwords, too."""
        self.state.schedules = self.state.syncs = True
        self.state.writes.clear()
        self.requests.clear()
        if apps:
            self.state.accounts.clear()
            self.login.flows.clear()
        seed.add_people(self.state)
        seed.fill(self.state, zone=self._zone)

    def revoke(self, email: str | None = None) -> int:
        """End every app password, of one person or of all; return how many."""
        return sum(
            account.renew_password()
            for account in self.state.accounts.values()
            if email in (None, account.email)
        )

    def caller(self, scope: Scope) -> str | None:
        """Return who says to ask, and count it for them."""
        if not scope["path"].startswith(CALDAV_PATHS):
            return None
        login, _ = login_from_header(Headers(scope=scope).get("authorization", ""))
        account = self.state.account_by_login(login)
        if account is None:
            return None
        self.requests[account.email] += 1
        return account.email

    def routes(self) -> list[Route]:
        """Return the routes, at the root."""
        return [*CalDavApi(self.state).routes(), *self.login.routes()]
