"""Fill Ada Example's Todoist: a day like anybody's, with all in it that is hard to show."""

import secrets
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oo_desktop.sandbox.todoist.due import SandboxDue
from oo_desktop.sandbox.todoist.state import (
    SandboxProject,
    SandboxTask,
    TodoistAccount,
    TodoistState,
    todoist_timestamp,
)

ADA_EMAIL = "ada@example.com"
GRACE_USER_ID = "2671356"
"""Somebody Ada shares a project with."""


def add_account(
    state: TodoistState,
    *,
    email: str = ADA_EMAIL,
    full_name: str = "Ada Example",
    zone: str = "UTC",
    id_: str | None = None,
    with_tasks: bool = True,
) -> TodoistAccount:
    """Add a person; `with_tasks` with Ada's projects and tasks, else with an empty Inbox."""
    account = TodoistAccount(
        id=id_ or str(10_000_000 + secrets.randbelow(80_000_000)),
        email=email,
        full_name=full_name,
        zone=zone,
    )
    state.accounts[account.id] = account
    fill(state, account, with_tasks=with_tasks)
    return account


def fill(state: TodoistState, account: TodoistAccount, *, with_tasks: bool = True) -> None:
    """Give an account the tasks and projects it starts with, instead of those it has."""
    account.tasks.clear()
    account.projects.clear()
    account.executed.clear()
    account.revision += 1
    _add_project(state, account, SandboxProject(name="Inbox", inbox_project=True))
    if with_tasks:
        account.labels = [
            {"id": "2156154810", "name": "phone", "color": "teal", "order": 1, "is_favorite": False}
        ]
        for task in _ada_tasks(state, account):
            state.add(account, task)
    state.history = [done for done in state.history if done.user_id != account.id]


def _add_project(
    state: TodoistState, account: TodoistAccount, project: SandboxProject
) -> SandboxProject:
    project.created_at = project.updated_at = todoist_timestamp(state.now())
    project.child_order = len(account.projects)
    project.revision = account.revision
    account.projects[project.id] = project
    return project


def _ada_tasks(state: TodoistState, account: TodoistAccount) -> list[SandboxTask]:
    home = _add_project(state, account, SandboxProject(name="Home", color="green"))
    work = _add_project(state, account, SandboxProject(name="Work", color="blue", is_favorite=True))
    letters = _add_project(state, account, SandboxProject(name="Notes & Letters", color="grape"))
    engine = _add_project(
        state, account, SandboxProject(name="Analytical Engine", color="orange", is_shared=True)
    )
    today = state.now().astimezone(account.zoneinfo).date()
    days = DueDays(today)

    def task(project: SandboxProject, content: str, **fields: Any) -> SandboxTask:
        return SandboxTask(user_id=account.id, project_id=project.id, content=content, **fields)

    return [
        task(home, "Take back the library books", priority=3, due=days.day(-2)),
        task(
            work,
            "Send the grant report",
            priority=4,
            due=days.day(0),
            description="Grace asked for the *short* version.",
        ),
        task(
            work,
            "Call **Ana** about [the offer](https://example.com/offer)",
            priority=2,
            labels=["phone"],
            due=days.at(0, time(14, 30)),
            duration={"amount": 30, "unit": "minute"},
        ),
        task(engine, "Stand-up with Lisbon", due=days.fixed(0, time(17), "Europe/Lisbon")),
        task(home, "Water the plants", due=days.day(0, "every day")),
        task(home, "Back up the laptop", due=days.at(-1, time(9), "every week at 9:00")),
        task(work, "File the VAT return", priority=3, deadline=today.isoformat()),
        task(letters, "Review <b>oO</b> & rename snake_case_names", priority=2, due=days.day(0)),
        task(account.inbox, "* Errands on the way home", due=days.day(0)),
        task(
            engine,
            "Order punch cards",
            due=days.day(0),
            responsible_uid=GRACE_USER_ID,
            assigned_by_uid=account.id,
        ),
        task(home, "Book the train to Turin", priority=2, due=days.day(1)),
        task(letters, "Wish Charles a happy birthday", due=days.day(5, "every year")),
        task(account.inbox, "Read “Notes on the Analytical Engine”"),
    ]


class DueDays:
    """Counts due dates from a day."""

    def __init__(self, today: date) -> None:
        self._today = today

    def day(self, ahead: int, rule: str = "") -> SandboxDue:
        """Return a whole day, `ahead` days from today; `rule` makes it recurring."""
        day = (self._today + timedelta(days=ahead)).isoformat()
        return SandboxDue(date=day, string=rule or day, is_recurring=bool(rule))

    def at(self, ahead: int, at: time, rule: str = "") -> SandboxDue:
        """Return a wall-clock time."""
        text = f"{(self._today + timedelta(days=ahead)).isoformat()}T{at.isoformat()}"
        return SandboxDue(date=text, string=rule or text, is_recurring=bool(rule))

    def fixed(self, ahead: int, at: time, zone: str) -> SandboxDue:
        """Return an instant, planned in `zone`."""
        local = datetime.combine(self._today + timedelta(days=ahead), at, ZoneInfo(zone))
        text = local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return SandboxDue(date=text, timezone=zone, string=text)
