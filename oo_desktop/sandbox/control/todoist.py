"""What can be done to a sandbox from outside: each action is one function of world and parameters.

Parameters come from JSON or from a form, so that numbers and switches may be texts.
"""

from collections.abc import Callable
from typing import Any

from oo_desktop.sandbox.control.faults import FAULT_ACTIONS
from oo_desktop.sandbox.control.google import GOOGLE_ACTIONS, revoke_google
from oo_desktop.sandbox.control.ical import ICS_ACTIONS
from oo_desktop.sandbox.control.parameters import (
    GOOGLE_CALENDAR,
    TODOIST,
    BadParameter,
    Given,
    concerns,
    number,
    switch,
)
from oo_desktop.sandbox.todoist.due import due_from_text
from oo_desktop.sandbox.todoist.fields import changes_from_sync
from oo_desktop.sandbox.todoist.state import Account, Task, TodoistState
from oo_desktop.sandbox.world import World

_RAW_FIELDS = ("added_at", "updated_at", "is_deleted", "responsible_uid", "parent_id", "day_order")


def _account(world: World, given: Given) -> Account:
    user_id = given.get("user_id")
    if user_id is not None:
        try:
            return world.todoist.accounts[str(user_id)]
        except KeyError as error:
            raise BadParameter("user_id is nobody's") from error
    return world.todoist.account_by_email(given.get("email"))


def _task(world: World, given: Given) -> tuple[Account, Task]:
    for account in world.todoist.accounts.values():
        for task in account.tasks.values():
            if task.id == given.get("id"):
                return account, task
    raise BadParameter("id is no task's")


# Tokens


def revoke(world: World, given: Given) -> object:
    """End what apps were given: `tokens` all (default), access or refresh; one `user_id` or all.

    `personal` ends Todoist's personal API token too, and gives the account another one. One
    `service`, or all; Google's people go by `email`.
    """
    ended = 0
    if concerns(given, GOOGLE_CALENDAR) and "user_id" not in given:
        ended = revoke_google(world, given)
    if concerns(given, TODOIST):
        ended += _revoke_todoist(world, given)
    return {"revoked": ended}


def _revoke_todoist(world: World, given: Given) -> int:
    tokens = given.get("tokens", "all")
    user_id = given.get("user_id")
    if user_id is None and "email" in given:
        user_id = _account(world, given).id
    ended = world.grants.revoke(
        user_id=user_id, access=tokens in ("all", "access"), refresh=tokens in ("all", "refresh")
    )
    if switch(given, "personal", default=False):
        account = _account(world, given)
        world.grants.access[account.personal_token].revoked = True
        account.personal_token = account.personal_token[::-1]
        world.grants.add_personal(account.personal_token, account.id)
    return ended


def forget_apps(world: World, _given: Given) -> object:
    """Forget registered apps: their client ids become unknown, their tokens end."""
    world.grants.revoke()
    forgotten = len(world.grants.clients)
    world.grants.clients.clear()
    return {"forgotten": forgotten}


def personal_token(world: World, given: Given) -> object:
    """The personal API token of an account (`user_id` or `email`; default the first)."""
    return {"token": _account(world, given).personal_token}


def send_iss(world: World, given: Given) -> object:
    """Send `iss` (RFC 9207) along on the callback; `value` null: don't."""
    world.send_iss = given.get("value", "https://todoist.com")
    return {}


def sparse(world: World, given: Given) -> object:
    """Leave out of tasks what may be left out; `on` false: no more."""
    world.sparse = switch(given, "on", default=True)
    return {}


# Tasks


def _fields(world: World, account: Account, given: Given) -> dict[str, Any]:
    """Task fields as /sync has them, or `due_string`, or a project's name as `project`."""
    now = world.clock.now()
    fields = changes_from_sync(_with_numbers(given), account=account, now=now)
    if text := given.get("due_string"):
        try:
            fields["due"] = due_from_text(text, lang="en", now=now, zone=account.zoneinfo)
        except ValueError as error:
            raise BadParameter("due_string is not understood") from error
    if name := given.get("project"):
        fields["project_id"] = _project_id(account, name)
    fields.update({key: given[key] for key in _RAW_FIELDS if key in given})
    return fields


def _project_id(account: Account, name: object) -> str:
    for project in account.projects.values():
        if project.name == name:
            return project.id
    raise BadParameter("project is no project's name")


def _with_numbers(given: Given) -> dict[str, Any]:
    fields = dict(given)
    if isinstance(fields.get("priority"), str):
        fields["priority"] = int(number(given, "priority", 1))
    return fields


def add_task(world: World, given: Given) -> object:
    """Add `times` (1) tasks: `content`, `due` or `due_string`, `deadline`, `project`, …"""
    account = _account(world, given)
    fields = {"project_id": account.inbox.id, **_fields(world, account, given)}
    if "content" not in fields:
        raise BadParameter("content is missing")
    times = int(number(given, "times", 1))
    content = fields.pop("content")
    ids: list[str] = []
    for turn in range(times):
        title = f"{content} {turn + 1}" if times > 1 else content
        task = Task(user_id=account.id, content=title, **fields)
        ids.append(world.todoist.add(account, task).id)
    return {"id": ids[0] if ids else None, "ids": ids}


def edit_task(world: World, given: Given) -> object:
    """Change the task `id`; a `due` of null or the `due_string` "no date" takes its date away."""
    account, task = _task(world, given)
    world.todoist.update(account, task, _fields(world, account, given))
    for key in set(_RAW_FIELDS) & set(given):
        setattr(task, key, given[key])
    return {}


def complete_task(world: World, given: Given) -> object:
    """Complete the task `id` as somebody elsewhere would."""
    return _by_hand(world, given, TodoistState.close)


def reopen_task(world: World, given: Given) -> object:
    """Reopen the task `id`."""
    return _by_hand(world, given, TodoistState.uncomplete)


def delete_task(world: World, given: Given) -> object:
    """Delete the task `id`."""
    return _by_hand(world, given, TodoistState.delete)


def move_task(world: World, given: Given) -> object:
    """Move the task `id` to the `project` of that name."""
    account, task = _task(world, given)
    world.todoist.move(account, task, {"project_id": _project_id(account, given.get("project"))})
    return {}


def forget_commands(world: World, _given: Given) -> object:
    """Forget which commands were carried out: nobody says how long Todoist remembers uuids."""
    for account in world.todoist.accounts.values():
        account.executed.clear()
    return {}


def _by_hand(
    world: World, given: Given, change: Callable[[TodoistState, Account, Task], None]
) -> object:
    account, task = _task(world, given)
    change(world.todoist, account, task)
    return {}


def clear_tasks(world: World, _given: Given) -> object:
    """Delete every task of every account."""
    for account in world.todoist.accounts.values():
        for task in account.tasks.values():
            world.todoist.delete(account, task)
    return {}


# All of it


def add_account(world: World, given: Given) -> object:
    """One more person: `email`, `full_name`, `zone`, `with_tasks`."""
    account = world.add_account(
        email=str(given.get("email", "grace@example.com")),
        full_name=str(given.get("full_name", "Grace Example")),
        zone=given.get("zone"),
        with_tasks=switch(given, "with_tasks", default=True),
    )
    _ = account.zoneinfo
    return {"id": account.id, "token": account.personal_token}


def set_zone(world: World, given: Given) -> object:
    """Move an account to another `zone`."""
    account = _account(world, given)
    before, account.zone = account.zone, str(given.get("zone", "UTC"))
    try:
        _ = account.zoneinfo
    except (KeyError, ValueError) as error:
        account.zone = before
        raise BadParameter("zone is no zone's name") from error
    return {}


def advance_clock(world: World, given: Given) -> object:
    """Let the sandbox's clock be `seconds` later."""
    world.clock.advance(number(given, "seconds", 3600))
    return {"now": world.clock.now().isoformat()}


def reset(world: World, given: Given) -> object:
    """Start anew; connected apps stay, unless `apps` is true."""
    world.reset(apps=switch(given, "apps", default=False))
    return {}


ACTIONS: dict[str, Callable[[World, Given], object]] = {
    action.__name__: action
    for action in (
        *FAULT_ACTIONS,
        *GOOGLE_ACTIONS,
        *ICS_ACTIONS,
        add_account,
        add_task,
        advance_clock,
        clear_tasks,
        complete_task,
        delete_task,
        edit_task,
        forget_apps,
        forget_commands,
        move_task,
        personal_token,
        reopen_task,
        reset,
        revoke,
        send_iss,
        set_zone,
        sparse,
    )
}
