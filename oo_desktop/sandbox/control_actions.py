"""What can be done to a sandbox from outside: each action is one function of world and parameters.

Parameters come from JSON or from a form, so that numbers and switches may be texts.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from .faults import API, EVERYWHERE, Fault, FaultKind, Garbage
from .paging import Paging
from .todoist_due import due_from_text
from .todoist_fields import changes_from_sync
from .todoist_state import Account, Task, TodoistState
from .world import World

Given = Mapping[str, Any]
_RAW_FIELDS = ("added_at", "updated_at", "is_deleted", "responsible_uid", "parent_id", "day_order")


class BadParameter(Exception):
    """A parameter an action cannot use; the text says which."""


def _number(given: Given, key: str, default: float) -> float:
    try:
        return float(given.get(key, default))
    except (TypeError, ValueError) as error:
        raise BadParameter(f"{key} must be a number") from error


def _count(given: Given, default: int | None) -> int | None:
    value = given.get("count", default)
    return (
        None if value is None else int(_number(given, "count", 0 if default is None else default))
    )


def _switch(given: Given, key: str, *, default: bool) -> bool:
    return given.get(key, default) in (True, "true", "on", "1", 1)


def _path(given: Given, default: str = API) -> str:
    return str(given.get("path", default))


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


def expire(world: World, _given: Given) -> object:
    """End the hour of every access token now. Refreshing goes on working."""
    return {"expired": world.grants.expire_access()}


def revoke(world: World, given: Given) -> object:
    """End what apps were given: `tokens` all (default), access or refresh; one `user_id` or all.

    `personal` ends the personal API token too, and gives the account another one.
    """
    tokens = given.get("tokens", "all")
    user_id = given.get("user_id")
    ended = world.grants.revoke(
        user_id=user_id, access=tokens in ("all", "access"), refresh=tokens in ("all", "refresh")
    )
    if _switch(given, "personal", default=False):
        account = _account(world, given)
        world.grants.access[account.personal_token].revoked = True
        account.personal_token = account.personal_token[::-1]
        world.grants.add_personal(account.personal_token, account.id)
    return {"revoked": ended}


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


# Faults


def _fault(world: World, fault: Fault) -> object:
    world.faults.add(fault)
    return {}


def offline(world: World, given: Given) -> object:
    """Cut every connection but to the control page, until `online`."""
    return _fault(world, Fault(kind=FaultKind.OFFLINE, path=_path(given, EVERYWHERE)))


def online(world: World, _given: Given) -> object:
    """Back from `offline`."""
    world.faults.clear(FaultKind.OFFLINE)
    return {}


def clear_faults(world: World, _given: Given) -> object:
    """Nothing goes wrong any more; what waits goes on."""
    world.faults.clear()
    return {}


def rate_limit(world: World, given: Given) -> object:
    """429 on `path` (the API) for `seconds` (60)."""
    until = world.faults.end_after(_number(given, "seconds", 60))
    return _fault(world, Fault(kind=FaultKind.RATE_LIMIT, path=_path(given), until=until))


def limits(world: World, given: Given) -> object:
    """Change the real limits: `requests` per `window` seconds, `registrations` likewise."""
    window = timedelta(seconds=_number(given, "window", 900))
    for limit, key in ((world.reads, "requests"), (world.registrations, "registrations")):
        limit.most = int(_number(given, key, limit.most))
        limit.window = window
    return {}


def delay(world: World, given: Given) -> object:
    """Let requests to `path` (everything) wait `seconds` first; 0: no more."""
    path, seconds = _path(given, EVERYWHERE), _number(given, "seconds", 5)
    if seconds <= 0:
        world.faults.clear(FaultKind.DELAY)
        return {}
    fault = Fault(kind=FaultKind.DELAY, path=path, seconds=seconds, count=_count(given, None))
    return _fault(world, fault)


def fail(world: World, given: Given) -> object:
    """Answer `count` (1) requests to `path` (the API) with `status` (500)."""
    return _fault(
        world,
        Fault(
            kind=FaultKind.FAIL,
            path=_path(given),
            status=int(_number(given, "status", 500)),
            count=_count(given, 1),
            seconds=_number(given, "retry_after", 0),
        ),
    )


def garbage(world: World, given: Given) -> object:
    """Answer requests to `path` (the API) with a `kind` of garbage, `count` times or for good."""
    try:
        kind = Garbage(given.get("kind", "html"))
    except ValueError as error:
        raise BadParameter("kind must be one of " + ", ".join(Garbage)) from error
    fault = Fault(
        kind=FaultKind.GARBAGE, path=_path(given), garbage=kind, count=_count(given, None)
    )
    return _fault(world, fault)


def drop_answer(world: World, given: Given) -> object:
    """Carry out `count` (1) requests to `path` (the API), then cut the connection."""
    return _fault(
        world, Fault(kind=FaultKind.DROP_ANSWER, path=_path(given), count=_count(given, 1))
    )


def drop_request(world: World, given: Given) -> object:
    """Cut the connection of `count` (1) requests to `path` (the API) and do nothing."""
    return _fault(
        world, Fault(kind=FaultKind.DROP_REQUEST, path=_path(given), count=_count(given, 1))
    )


def paging(world: World, given: Given) -> object:
    """Pages of at most `limit`, repeating `repeat` items, `empty`: beginning with an empty one."""
    world.paging = Paging(
        most=int(_number(given, "limit", 200)),
        repeat=int(_number(given, "repeat", 0)),
        empty_pages=_switch(given, "empty", default=False),
    )
    return {}


def sparse(world: World, given: Given) -> object:
    """Leave out of tasks what may be left out; `on` false: no more."""
    world.sparse = _switch(given, "on", default=True)
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
        fields["priority"] = int(_number(given, "priority", 1))
    return fields


def add_task(world: World, given: Given) -> object:
    """Add `times` (1) tasks: `content`, `due` or `due_string`, `deadline`, `project`, …"""
    account = _account(world, given)
    fields = {"project_id": account.inbox.id, **_fields(world, account, given)}
    if "content" not in fields:
        raise BadParameter("content is missing")
    times = int(_number(given, "times", 1))
    content = fields.pop("content")
    ids: list[str] = []
    for number in range(times):
        title = f"{content} {number + 1}" if times > 1 else content
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
        with_tasks=_switch(given, "with_tasks", default=True),
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
    world.clock.advance(_number(given, "seconds", 3600))
    return {"now": world.clock.now().isoformat()}


def reset(world: World, given: Given) -> object:
    """Start anew; connected apps stay, unless `apps` is true."""
    world.reset(apps=_switch(given, "apps", default=False))
    return {}


ACTIONS: dict[str, Callable[[World, Given], object]] = {
    action.__name__: action
    for action in (
        add_account,
        add_task,
        advance_clock,
        clear_faults,
        clear_tasks,
        complete_task,
        delay,
        delete_task,
        drop_answer,
        drop_request,
        edit_task,
        expire,
        fail,
        forget_apps,
        forget_commands,
        garbage,
        limits,
        move_task,
        offline,
        online,
        paging,
        personal_token,
        rate_limit,
        reopen_task,
        reset,
        revoke,
        send_iss,
        set_zone,
        sparse,
    )
}
