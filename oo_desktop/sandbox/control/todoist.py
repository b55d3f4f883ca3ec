"""Do to the stand-in Todoist what happens elsewhere: to its tasks, accounts and apps.

`email` or `user_id` say whose (the first person's, if nobody is named), `id` is a task's.
"""

from dataclasses import dataclass
from typing import Any

from oo_desktop.sandbox.control.table import BadParameter, Form, Input, action, number
from oo_desktop.sandbox.todoist.due import due_from_text
from oo_desktop.sandbox.todoist.fields import changes_from_sync
from oo_desktop.sandbox.todoist.state import SandboxTask, TodoistAccount
from oo_desktop.sandbox.world import World

_PRIORITIES = (
    ("1", "No priority"),
    ("2", "Priority 3"),
    ("3", "Priority 2"),
    ("4", "Priority 1"),
)
_RAW_FIELDS = ("added_at", "updated_at", "is_deleted", "responsible_uid", "parent_id", "day_order")


@dataclass(frozen=True)
class Whose:
    """Says whose account is meant; the first person's, if nobody is named."""

    email: str | None = None
    user_id: str | None = None

    def account(self, world: World) -> TodoistAccount:
        """Return it. Raises BadParameter or TodoistApiError for nobody's."""
        state = world.todoist.state
        if self.user_id is None:
            return state.account_by_email(self.email)
        if self.user_id not in state.accounts:
            raise BadParameter("user_id is nobody's")
        return state.accounts[self.user_id]


@dataclass(frozen=True)
class OneTask:
    """Says which task is meant."""

    id: str

    def found(self, world: World) -> tuple[TodoistAccount, SandboxTask]:
        """Return it, and whose it is. Raises BadParameter."""
        for account in world.todoist.state.accounts.values():
            if self.id in account.tasks:
                return account, account.tasks[self.id]
        raise BadParameter("id is no task's")


# Tasks


def _fields(world: World, account: TodoistAccount, given: dict[str, Any]) -> dict[str, Any]:
    """Task fields as /sync has them, or `due_string`, or a project's name as `project`."""
    now = world.clock.now()
    if isinstance(given.get("priority"), str):
        given = {**given, "priority": int(number("priority", given["priority"]))}
    fields = changes_from_sync(given, account=account, now=now)
    if text := given.get("due_string"):
        try:
            fields["due"] = due_from_text(text, lang="en", now=now, zone=account.zoneinfo)
        except ValueError as error:
            raise BadParameter("due_string is not understood") from error
    if name := given.get("project"):
        fields["project_id"] = _project_id(account, name)
    fields.update({key: given[key] for key in _RAW_FIELDS if key in given})
    return fields


def _project_id(account: TodoistAccount, name: str) -> str:
    for project in account.projects.values():
        if project.name == name:
            return project.id
    raise BadParameter("project is no project's name")


def _project_names(world: World) -> list[tuple[str, str]]:
    projects = Whose().account(world).projects.values()
    return [(project.name, project.name) for project in projects]


@action(
    form=Form(
        "Add a task",
        [
            Input("content", "Title", placeholder="What is to be done", wide=True),
            Input("due_string", "Due, such as “every day at 9:00”", "today"),
            Input("priority", "Priority", choices=lambda _: _PRIORITIES),
            Input("project", "Project", choices=_project_names),
        ],
    )
)
def add_task(
    world: World,
    content: str,
    whose: Whose,
    times: int = 1,
    **fields: Any,
) -> object:
    """Add `times` tasks: `content`, `due` or `due_string`, `deadline`, `project`, …"""
    account = whose.account(world)
    known = {
        "project_id": account.inbox.id,
        **_fields(world, account, {"content": content, **fields}),
    }
    ids: list[str] = []
    for turn in range(times):
        known["content"] = f"{content} {turn + 1}" if times > 1 else content
        task = SandboxTask(user_id=account.id, **known)
        ids.append(world.todoist.state.add(account, task).id)
    return {"id": ids[0] if ids else None, "ids": ids}


@action()
def edit_task(world: World, which: OneTask, **fields: Any) -> None:
    """Change the task `id`; a `due` of null or the `due_string` "no date" takes its date away."""
    account, task = which.found(world)
    world.todoist.state.update(account, task, _fields(world, account, fields))
    for key in set(_RAW_FIELDS) & set(fields):
        setattr(task, key, fields[key])


@action()
def complete_task(world: World, which: OneTask) -> None:
    """Complete the task `id` as somebody elsewhere would."""
    world.todoist.state.close(*which.found(world))


@action()
def reopen_task(world: World, which: OneTask) -> None:
    """Reopen the task `id`."""
    world.todoist.state.uncomplete(*which.found(world))


@action()
def delete_task(world: World, which: OneTask) -> None:
    """Delete the task `id`."""
    world.todoist.state.delete(*which.found(world))


@action()
def move_task(world: World, which: OneTask, project: str) -> None:
    """Move the task `id` to the `project` of that name."""
    account, task = which.found(world)
    world.todoist.state.move(account, task, {"project_id": _project_id(account, project)})


@action()
def forget_commands(world: World) -> None:
    """Forget which commands were carried out: nobody says how long Todoist remembers uuids."""
    for account in world.todoist.state.accounts.values():
        account.executed.clear()


@action()
def clear_tasks(world: World) -> None:
    """Delete every task of every account."""
    for account in world.todoist.state.accounts.values():
        for task in account.tasks.values():
            world.todoist.state.delete(account, task)


@action()
def sparse(world: World, on: bool = True) -> None:
    """Leave out of tasks what may be left out; `on` false: no more."""
    world.todoist.sparse = on


# Accounts and apps


@action()
def add_account(
    world: World,
    email: str = "grace@example.com",
    full_name: str = "Grace Example",
    zone: str | None = None,
    with_tasks: bool = True,
) -> object:
    """Add a person: `email`, `full_name`, `zone`, `with_tasks`."""
    account = world.todoist.add_account(
        email=email, full_name=full_name, zone=zone, with_tasks=with_tasks
    )
    _ = account.zoneinfo
    return {"id": account.id, "token": account.personal_token}


@action()
def set_zone(world: World, whose: Whose, zone: str = "UTC") -> None:
    """Move an account to another `zone`."""
    account = whose.account(world)
    before, account.zone = account.zone, zone
    try:
        _ = account.zoneinfo
    except (KeyError, ValueError) as error:
        account.zone = before
        raise BadParameter("zone is no zone's name") from error


@action()
def personal_token(world: World, whose: Whose) -> object:
    """Answer with the personal API token of an account (`user_id` or `email`)."""
    return {"token": whose.account(world).personal_token}


@action()
def forget_apps(world: World) -> object:
    """Forget registered apps: their client ids become unknown, their tokens end."""
    world.todoist.grants.revoke()
    forgotten = len(world.todoist.grants.clients)
    world.todoist.grants.clients.clear()
    return {"forgotten": forgotten}


@action()
def send_iss(world: World, value: str | None = "https://todoist.com") -> None:
    """Send `iss` (RFC 9207) along on the callback; `value` null: don't."""
    world.todoist.sign_in.send_iss = value
