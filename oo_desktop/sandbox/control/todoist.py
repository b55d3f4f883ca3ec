"""Do to the stand-in Todoist what happens elsewhere: to its tasks, accounts and apps.

`email` or `user_id` say whose (the first person's, if nobody is named), `id` is a task's.
"""

from collections.abc import Callable
from typing import Any

from oo_desktop.sandbox.control.table import BadParameter, Form, Input, action, number
from oo_desktop.sandbox.todoist.due import due_from_text
from oo_desktop.sandbox.todoist.fields import changes_from_sync
from oo_desktop.sandbox.todoist.state import SandboxTask, TodoistAccount, TodoistState
from oo_desktop.sandbox.world import World

_RAW_FIELDS = ("added_at", "updated_at", "is_deleted", "responsible_uid", "parent_id", "day_order")


def account_of(
    world: World, email: str | None = None, user_id: str | None = None
) -> TodoistAccount:
    """Return whose `email` or `user_id` that is, or else the first. Raises BadParameter."""
    state = world.todoist.state
    if user_id is None:
        return state.account_by_email(email)
    try:
        return state.accounts[user_id]
    except KeyError as error:
        raise BadParameter("user_id is nobody's") from error


def _task(world: World, id_: str) -> tuple[TodoistAccount, SandboxTask]:
    for account in world.todoist.state.accounts.values():
        if id_ in account.tasks:
            return account, account.tasks[id_]
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
    projects = account_of(world).projects.values()
    return [(project.name, project.name) for project in projects]


@action(
    form=Form(
        heading="Add a task",
        inputs=(
            Input(name="content", label="Title", placeholder="What is to be done", wide=True),
            Input(name="due_string", label="Due, such as “every day at 9:00”", value="today"),
            Input(
                name="priority",
                label="Priority",
                choices=lambda _: [
                    ("1", "No priority"),
                    ("2", "Priority 3"),
                    ("3", "Priority 2"),
                    ("4", "Priority 1"),
                ],
            ),
            Input(name="project", label="Project", choices=_project_names),
        ),
    )
)
def add_task(
    world: World,
    *,
    content: str,
    email: str | None = None,
    user_id: str | None = None,
    times: int = 1,
    **fields: Any,
) -> object:
    """Add `times` tasks: `content`, `due` or `due_string`, `deadline`, `project`, …"""
    account = account_of(world, email, user_id)
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
def edit_task(world: World, *, id_: str, **fields: Any) -> object:
    """Change the task `id`; a `due` of null or the `due_string` "no date" takes its date away."""
    account, task = _task(world, id_)
    world.todoist.state.update(account, task, _fields(world, account, fields))
    for key in set(_RAW_FIELDS) & set(fields):
        setattr(task, key, fields[key])
    return {}


@action()
def complete_task(world: World, *, id_: str) -> object:
    """Complete the task `id` as somebody elsewhere would."""
    return _by_hand(world, id_, TodoistState.close)


@action()
def reopen_task(world: World, *, id_: str) -> object:
    """Reopen the task `id`."""
    return _by_hand(world, id_, TodoistState.uncomplete)


@action()
def delete_task(world: World, *, id_: str) -> object:
    """Delete the task `id`."""
    return _by_hand(world, id_, TodoistState.delete)


@action()
def move_task(world: World, *, id_: str, project: str) -> object:
    """Move the task `id` to the `project` of that name."""
    account, task = _task(world, id_)
    world.todoist.state.move(account, task, {"project_id": _project_id(account, project)})
    return {}


def _by_hand(
    world: World, id_: str, change: Callable[[TodoistState, TodoistAccount, SandboxTask], None]
) -> object:
    account, task = _task(world, id_)
    change(world.todoist.state, account, task)
    return {}


@action()
def forget_commands(world: World) -> object:
    """Forget which commands were carried out: nobody says how long Todoist remembers uuids."""
    for account in world.todoist.state.accounts.values():
        account.executed.clear()
    return {}


@action()
def clear_tasks(world: World) -> object:
    """Delete every task of every account."""
    for account in world.todoist.state.accounts.values():
        for task in account.tasks.values():
            world.todoist.state.delete(account, task)
    return {}


@action()
def sparse(world: World, *, on: bool = True) -> object:
    """Leave out of tasks what may be left out; `on` false: no more."""
    world.todoist.sparse = on
    return {}


# Accounts and apps


@action()
def add_account(
    world: World,
    *,
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
def set_zone(
    world: World, *, zone: str = "UTC", email: str | None = None, user_id: str | None = None
) -> object:
    """Move an account to another `zone`."""
    account = account_of(world, email, user_id)
    before, account.zone = account.zone, zone
    try:
        _ = account.zoneinfo
    except (KeyError, ValueError) as error:
        account.zone = before
        raise BadParameter("zone is no zone's name") from error
    return {}


@action()
def personal_token(world: World, *, email: str | None = None, user_id: str | None = None) -> object:
    """Answer with the personal API token of an account (`user_id` or `email`)."""
    return {"token": account_of(world, email, user_id).personal_token}


@action()
def forget_apps(world: World) -> object:
    """Forget registered apps: their client ids become unknown, their tokens end."""
    world.todoist.grants.revoke()
    forgotten = len(world.todoist.grants.clients)
    world.todoist.grants.clients.clear()
    return {"forgotten": forgotten}


@action()
def send_iss(world: World, *, value: str | None = "https://todoist.com") -> object:
    """Send `iss` (RFC 9207) along on the callback; `value` null: don't."""
    world.todoist.sign_in.send_iss = value
    return {}


TODOIST_ACTIONS = (
    add_task,
    edit_task,
    complete_task,
    reopen_task,
    delete_task,
    move_task,
    clear_tasks,
    forget_commands,
    sparse,
    add_account,
    set_zone,
    personal_token,
    forget_apps,
    send_iss,
)
