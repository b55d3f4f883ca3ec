"""Hold all of the stand-in Todoist in one place: accounts, apps, limits, moods."""

from datetime import timedelta
from typing import Any

from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.limits import PageCuts, RateLimit
from oo_desktop.sandbox.oauth.grants import SandboxGrants
from oo_desktop.sandbox.todoist import seed
from oo_desktop.sandbox.todoist.oauth import TODOIST_SCOPES, TodoistPolicy
from oo_desktop.sandbox.todoist.state import TodoistAccount, TodoistState

ADA_ID = "68428830"
MAX_TASKS_PER_PAGE = 200
_WINDOW = timedelta(minutes=15)


class Todoist:
    """Holds one stand-in Todoist. `zone` is where its first person lives.

    sparse: tasks lack what may be left out. reads, full_syncs: how many a user's apps may make
    together (developer.todoist.com, "Request limits"); registrations: from one address.
    """

    def __init__(self, *, clock: SandboxClock, zone: str) -> None:
        self.clock = clock
        self.zone = zone
        self.state = TodoistState(now=clock.now)
        self.reads = RateLimit(1000, window=_WINDOW, now=clock.now)
        self.full_syncs = RateLimit(100, window=_WINDOW, now=clock.now)
        self.registrations = RateLimit(100, window=_WINDOW, now=clock.now)
        self.sign_in = TodoistPolicy(self.state, self.registrations)
        self.grants = SandboxGrants(self.sign_in, now=clock.now)
        self.reset(apps=True)

    def add_account(
        self,
        *,
        email: str = seed.ADA_EMAIL,
        full_name: str = "Ada Example",
        zone: str | None = None,
        id_: str | None = None,
        with_tasks: bool = True,
    ) -> TodoistAccount:
        """Add a person, with a personal API token."""
        return seed.add_account(
            self.state,
            email=email,
            full_name=full_name,
            zone=zone or self.zone,
            id_=id_,
            with_tasks=with_tasks,
        )

    def caller(self, value: str) -> tuple[TodoistAccount, frozenset[str]] | None:
        """Return whose token that is, and what it may do; None for a token that opens nothing.

        A personal API token may do everything, for ever.
        """
        for account in self.state.accounts.values():
            if value == account.personal_token:
                return account, TODOIST_SCOPES
        token = self.grants.token(value)
        if token is None or token.grant.user_id not in self.state.accounts:
            return None
        return self.state.accounts[token.grant.user_id], frozenset(token.scope)

    def reset(self, *, apps: bool) -> None:
        """Make tasks and moods as at the start; `apps`: forget connected apps and others, too."""
        self.cuts = PageCuts(most=MAX_TASKS_PER_PAGE)
        self.sparse = False
        self.sign_in.send_iss = None
        for limit in (self.reads, self.full_syncs, self.registrations):
            limit.reset()
        if apps:
            self.grants.forget()
            self.grants.clients.clear()
            for other in [id_ for id_ in self.state.accounts if id_ != ADA_ID]:
                del self.state.accounts[other]
        for account in self.state.accounts.values():
            seed.fill(self.state, account)
        if ADA_ID not in self.state.accounts:
            self.add_account(id_=ADA_ID)

    def user_json(self, account: TodoistAccount) -> dict[str, Any]:
        """Return `GET /user`, with two tokens that no client should keep."""
        now = self.clock.now().astimezone(account.zoneinfo)
        offset = now.strftime("%z")
        return {
            "id": account.id,
            "email": account.email,
            "full_name": account.full_name,
            **dict.fromkeys(("avatar_big", "avatar_medium", "avatar_s640", "avatar_small")),
            "lang": "en",
            "tz_info": {
                "timezone": account.zone,
                "gmt_string": f"{offset[:3]}:{offset[3:]}",
                "hours": int(offset[:3]),
                "minutes": int(offset[0] + offset[3:]),
                "is_dst": 1 if now.dst() else 0,
            },
            "inbox_project_id": account.inbox.id,
            "start_day": 1,
            "next_week": 1,
            "weekend_start_day": 6,
            "date_format": 0,
            "time_format": 0,
            "daily_goal": 5,
            "completed_today": 0,
            "is_premium": False,
            "premium_status": "not_premium",
            "token": account.personal_token,
            "websocket_url": f"wss://ws.todoist.example/ws?token={account.personal_token}",
        }
