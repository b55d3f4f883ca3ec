"""Hold what the stand-in Todoist knows: people, their projects and tasks, and their history.

Pure: no HTTP here. Whatever changes gets the next revision of its account, which is what a
`sync_token` stands for.
"""

import secrets
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from oo_desktop.sandbox.todoist.due import NotADate, SandboxDue, next_due
from oo_desktop.sandbox.todoist.errors import invalid_argument, not_found

_ID_LETTERS = string.ascii_letters + string.digits
_OPTIONAL = ("section_id", "parent_id", "deadline", "duration", "completed_at", "day_order")
"""Task fields that real answers may leave out when there is nothing in them."""


def new_id() -> str:
    """Return an opaque id that looks like one of Todoist's."""
    return "6X" + "".join(secrets.choice(_ID_LETTERS) for _ in range(14))


def todoist_timestamp(moment: datetime) -> str:
    """Write an instant as Todoist does: UTC, `Z`, microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(kw_only=True)
class SandboxProject:
    """Holds a project. Personal ones have `parent_id`; `inbox_project` marks the Inbox."""

    name: str
    color: str = "charcoal"
    id: str = field(default_factory=new_id)
    parent_id: str | None = None
    child_order: int = 0
    is_archived: bool = False
    is_deleted: bool = False
    is_favorite: bool = False
    is_shared: bool = False
    inbox_project: bool = False
    created_at: str | None = None
    updated_at: str | None = None
    revision: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the project as the API answers it."""
        answer = {
            **_stored(self, without=("inbox_project", "revision")),
            "is_frozen": False,
            "is_collapsed": False,
            "view_style": "list",
            "description": "",
            "can_assign_tasks": self.is_shared,
            "default_order": 0,
            "access": None,
            "role": None,
        }
        return {**answer, "inbox_project": True} if self.inbox_project else answer


@dataclass(kw_only=True)
class SandboxTask:
    """Holds a task, field by field as the API has it.

    completions: for the control page alone. due_noted: the due date the history knows last.
    """

    user_id: str
    project_id: str
    content: str
    id: str = field(default_factory=new_id)
    description: str = ""
    priority: int = 1
    labels: list[str] = field(default_factory=list)
    due: SandboxDue | None = None
    deadline: str | None = None
    duration: dict[str, Any] | None = None
    section_id: str | None = None
    parent_id: str | None = None
    child_order: int = 0
    day_order: int = -1
    checked: bool = False
    is_deleted: bool = False
    is_collapsed: bool = False
    added_at: str | None = None
    updated_at: str | None = None
    completed_at: str | None = None
    assigned_by_uid: str | None = None
    responsible_uid: str | None = None
    completed_by_uid: str | None = None
    completions: int = 0
    revision: int = 0
    due_noted: SandboxDue | None = None

    @property
    def active(self) -> bool:
        return not (self.checked or self.is_deleted)

    def as_json(self, *, sparse: bool = False) -> dict[str, Any]:
        """Return the task as the API answers it; `sparse` leaves out what may be left out."""
        answer = {
            **_stored(self, without=("completions", "revision", "due_noted")),
            "labels": list(self.labels),
            "due": self.due.as_json() if self.due else None,
            "deadline": {"date": self.deadline, "lang": "en"} if self.deadline else None,
            "note_count": 0,
            "added_by_uid": self.user_id,
            "goal_ids": [],
            "completed_count": self.completions,
            "postponed_count": 0,
        }
        return sparsely(answer) if sparse else answer


def _stored(one: "SandboxProject | SandboxTask", *, without: tuple[str, ...]) -> dict[str, Any]:
    return {each.name: getattr(one, each.name) for each in fields(one) if each.name not in without}


def sparsely(task: dict[str, Any]) -> dict[str, Any]:
    """Return a task without the keys that may be missing: empty, the uids, `due.timezone`."""
    kept = {
        key: value
        for key, value in task.items()
        if value is not None and not key.endswith(("_uid", "_at", "goal_ids", "_count"))
    }
    for key in _OPTIONAL:
        if kept.get(key) in (None, -1):
            kept.pop(key, None)
    if isinstance(kept.get("due"), dict):
        kept["due"] = {key: value for key, value in kept["due"].items() if value is not None}
    return kept


@dataclass(kw_only=True)
class TodoistAccount:
    """Holds a person's Todoist. `executed`: the uuids of commands that were carried out."""

    id: str
    email: str
    full_name: str
    zone: str = "UTC"
    personal_token: str = field(default_factory=lambda: secrets.token_hex(20))
    revision: int = 1
    tasks: dict[str, SandboxTask] = field(default_factory=dict)
    projects: dict[str, SandboxProject] = field(default_factory=dict)
    labels: list[dict[str, Any]] = field(default_factory=list)
    executed: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def zoneinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def inbox(self) -> SandboxProject:
        return next(project for project in self.projects.values() if project.inbox_project)


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """Records a change that was carried out, and what it did to the due date.

    uuid: None for REST calls and the control page.
    """

    at: datetime
    user_id: str
    type: str
    task_id: str
    uuid: str | None = None
    due_before: SandboxDue | None = None
    due_after: SandboxDue | None = None


class TodoistState:
    """Holds all accounts and does to their tasks what can be done. Raises TodoistApiError."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self.now = now
        self.accounts: dict[str, TodoistAccount] = {}
        self.history: list[HistoryEntry] = []

    def account_by_email(self, email: str | None) -> TodoistAccount:
        """Return the account with that address; the first one where none is given."""
        for account in self.accounts.values():
            if email is None or account.email == email:
                return account
        raise not_found("User")

    def note(
        self, account: TodoistAccount, type_: str, task: SandboxTask, uuid: str | None
    ) -> None:
        """Write a change down, and give the task the account's next revision."""
        account.revision += 1
        task.revision = account.revision
        task.updated_at = todoist_timestamp(self.now())
        self.history.append(
            HistoryEntry(
                at=self.now(),
                user_id=account.id,
                type=type_,
                task_id=task.id,
                uuid=uuid,
                due_before=task.due_noted,
                due_after=task.due,
            )
        )
        task.due_noted = task.due

    def task(self, account: TodoistAccount, id_: object, *, active: bool = True) -> SandboxTask:
        """Return the task of that id, or raise a 404: also for one done, where `active` matters."""
        task = account.tasks.get(id_) if isinstance(id_, str) else None
        if task is None or task.is_deleted or (active and task.checked):
            raise not_found("Task")
        return task

    def project(self, account: TodoistAccount, id_: object) -> SandboxProject:
        """Return the project of that id, or raise a 404."""
        project = account.projects.get(id_) if isinstance(id_, str) else None
        if project is None or project.is_deleted:
            raise not_found("Project")
        return project

    def add(
        self, account: TodoistAccount, task: SandboxTask, uuid: str | None = None
    ) -> SandboxTask:
        """Take a new task in, last in its project."""
        self.project(account, task.project_id)
        if task.parent_id is not None:
            self.task(account, task.parent_id)
        siblings = [t for t in account.tasks.values() if t.project_id == task.project_id]
        task.child_order = task.child_order or len(siblings) + 1
        task.added_at = todoist_timestamp(self.now())
        account.tasks[task.id] = task
        self.note(account, "item_add", task, uuid)
        return task

    def update(
        self,
        account: TodoistAccount,
        task: SandboxTask,
        changes: dict[str, Any],
        uuid: str | None = None,
    ) -> None:
        """Set fields that were already checked."""
        for name, value in changes.items():
            setattr(task, name, value)
        self.note(account, "item_update", task, uuid)

    def close(self, account: TodoistAccount, task: SandboxTask, uuid: str | None = None) -> None:
        """Close as a click does: recurring tasks move on and stay open, others are done."""
        if task.due and task.due.is_recurring:
            task.due = self._moved_on(account, task.due)
            task.completions += 1
            self.note(account, "item_close", task, uuid)
            return
        self._check(account, task, "item_close", uuid)

    def complete(self, account: TodoistAccount, task: SandboxTask, uuid: str | None = None) -> None:
        """Complete for good: a recurring task ends its series."""
        self._check(account, task, "item_complete", uuid)

    def _check(
        self, account: TodoistAccount, task: SandboxTask, type_: str, uuid: str | None
    ) -> None:
        for child in self.subtasks(account, task):
            if child.active:
                self._mark(account, child, checked=True)
        self._mark(account, task, checked=True)
        self.note(account, type_, task, uuid)

    def _mark(self, account: TodoistAccount, task: SandboxTask, *, checked: bool) -> None:
        account.revision += 1
        task.revision = account.revision
        task.checked = checked
        task.completions += 1 if checked else -1
        task.completed_at = todoist_timestamp(self.now()) if checked else None
        task.completed_by_uid = account.id if checked else None

    def subtasks(self, account: TodoistAccount, task: SandboxTask) -> Iterable[SandboxTask]:
        """Yield everything below a task, at any depth."""
        for child in list(account.tasks.values()):
            if child.parent_id == task.id:
                yield child
                yield from self.subtasks(account, child)

    def uncomplete(
        self, account: TodoistAccount, task: SandboxTask, uuid: str | None = None
    ) -> None:
        """Reopen, with its ancestors. Does nothing to a recurring task that moved on."""
        above: SandboxTask | None = task
        while above is not None:
            if above.checked:
                self._mark(account, above, checked=False)
            above = account.tasks.get(above.parent_id or "")
        self.note(account, "item_uncomplete", task, uuid)

    def update_date_complete(
        self,
        account: TodoistAccount,
        task: SandboxTask,
        *,
        due: SandboxDue | None,
        forward: bool,
        uuid: str | None = None,
    ) -> None:
        """Move a recurring task on (`forward`) or back, to `due` or to the next occurrence."""
        if due is None:
            if task.due is None or not forward:
                raise invalid_argument("due", "A due date is required")
            due = self._moved_on(account, task.due)
        task.due = due
        task.completions += 1 if forward else -1
        self.note(account, "item_update_date_complete", task, uuid)

    def delete(self, account: TodoistAccount, task: SandboxTask, uuid: str | None = None) -> None:
        """Delete with everything below it."""
        for child in self.subtasks(account, task):
            child.is_deleted = True
            account.revision += 1
            child.revision = account.revision
        task.is_deleted = True
        self.note(account, "item_delete", task, uuid)

    def move(
        self,
        account: TodoistAccount,
        task: SandboxTask,
        args: dict[str, Any],
        uuid: str | None = None,
    ) -> None:
        """Move to exactly one of a project, a section, a parent."""
        given = [key for key in ("project_id", "section_id", "parent_id") if args.get(key)]
        if len(given) != 1:
            raise invalid_argument("project_id", "Exactly one destination is expected")
        if given == ["project_id"]:
            task.project_id = self.project(account, args["project_id"]).id
            task.parent_id = task.section_id = None
        elif given == ["parent_id"]:
            parent = self.task(account, args["parent_id"])
            if parent is task or parent in self.subtasks(account, task):
                raise invalid_argument("parent_id", "A task cannot be below itself")
            task.project_id, task.parent_id = parent.project_id, parent.id
        else:
            raise not_found("Section")
        self.note(account, "item_move", task, uuid)

    def _moved_on(self, account: TodoistAccount, due: SandboxDue) -> SandboxDue:
        try:
            return next_due(due, now=self.now(), zone=account.zoneinfo)
        except NotADate as error:
            raise invalid_argument("due", "Date is invalid") from error
