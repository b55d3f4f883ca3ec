"""Do to the stand-in CalDAV server what other programs and its owner do. `email` says whose (Ada).

`path` is that of a calendar object, `collection` the last part of a collection's path.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from oo_desktop.sandbox.caldav.model import (
    DavAccount,
    DavCollection,
    component_of,
    line_of,
    uid_of,
)
from oo_desktop.sandbox.caldav.seed import PERSONAL, object_of
from oo_desktop.sandbox.control.table import (
    BadParameter,
    Form,
    Input,
    action,
    parameters_of,
)
from oo_desktop.sandbox.world import World


@dataclass(frozen=True)
class DavPerson:
    """Says which account is meant; Ada's, if nobody is named."""

    email: str | None = None

    def account(self, world: World) -> DavAccount:
        """Return it. Raises BadParameter."""
        accounts = list(world.caldav.state.accounts.values())
        found = (each for each in accounts if self.email in (None, each.email))
        account = next(found, None)
        if account is None:
            raise BadParameter("email is nobody's")
        return account


@dataclass(frozen=True)
class OneCollection:
    """Says which collection is meant."""

    collection: str = PERSONAL
    email: str | None = None

    def found(self, world: World) -> tuple[DavAccount, DavCollection]:
        """Return it, and whose it is. Raises BadParameter."""
        account = DavPerson(self.email).account(world)
        if self.collection not in account.collections:
            raise BadParameter("collection is none of theirs")
        return account, account.collections[self.collection]


@dataclass(frozen=True)
class OneResource:
    """Says which calendar object is meant."""

    path: str

    def found(self, world: World) -> tuple[DavAccount, DavCollection, str]:
        """Return where it is. Raises BadParameter."""
        for account, collection, name, _ in world.caldav.state.located():
            if account.path_of(collection, name) == self.path:
                return account, collection, name
        raise BadParameter("path is no calendar object's")


@action()
def caldav_account(world: World, whose: DavPerson) -> object:
    """Answer with what to sign in with: `server` (a path), `user_name`, `password`."""
    account = whose.account(world)
    return {"server": "/", "user_name": account.id, "password": account.password}


# What other programs do


def _written(
    world: World, account: DavAccount, collection: DavCollection, name: str, body: bytes | None
) -> object:
    state, path = world.caldav.state, account.path_of(collection, name)
    before = collection.resources.get(name)
    state.store(collection, name, body)
    state.record(
        "DELETE" if body is None else "PUT",
        path,
        account=None,
        status=201 if before is None else 204,
        before=before,
        after=body,
    )
    return {"path": path}


@action()
def put_resource(world: World, text: str, where: OneCollection, name: str | None = None) -> object:
    """Store the calendar object `text` as `name` (by its UID) in a collection."""
    account, collection = where.found(world)
    body = text.encode()
    uid = uid_of(body)
    if component_of(body) is None or not uid:
        raise BadParameter("text must be a calendar object with a UID")
    return _written(world, account, collection, name or f"{uid}.ics", body)


def _collections(world: World) -> Sequence[tuple[str, str]]:
    account = DavPerson().account(world)
    return [(each.slug, each.name) for each in account.collections.values()]


@action(
    form=Form(
        "Add a task at the calendar server",
        [
            Input("summary", "Title", placeholder="What is to be done", wide=True),
            Input("due", "Due, such as 2026-11-22 or 2026-11-22T17:30", placeholder="Today"),
            Input("rule", "Repeats, such as FREQ=DAILY", placeholder="FREQ=DAILY"),
            Input("collection", "Collection", choices=_collections),
        ],
    )
)
def add_caldav_task(
    world: World, summary: str, where: OneCollection, due: str = "", rule: str = ""
) -> object:
    """Add a task: `summary`, `due` (ISO 8601; today), `rule` (an RRULE)."""
    account, collection = where.found(world)
    now = world.clock.now()
    lines = [_due_line(due or f"{now.astimezone(world.zoneinfo):%Y-%m-%d}")]
    if rule:
        lines.append(f"RRULE:{rule}")
    uid = f"added-{world.caldav.state.next_revision()}"
    body = object_of("VTODO", uid, summary, now, *lines)
    return _written(world, account, collection, f"{uid}.ics", body)


def _due_line(due: str) -> str:
    try:
        if len(due) == len("2026-11-22"):
            return f"DUE;VALUE=DATE:{date.fromisoformat(due):%Y%m%d}"
        return f"DUE:{datetime.fromisoformat(due):%Y%m%dT%H%M%S}"
    except ValueError as error:
        raise BadParameter("due must be a date or a time (ISO 8601)") from error


@action()
def complete_resource(world: World, which: OneResource) -> None:
    """Complete the task at `path`, for good, as another program would."""
    account, collection, name = which.found(world)
    body = collection.resources[name]
    if component_of(body) != "VTODO" or line_of(body, "STATUS") == "COMPLETED":
        raise BadParameter("path is no open task's")
    kept = b"".join(
        line for line in body.splitlines(keepends=True) if not line.startswith(b"STATUS:")
    )
    done = f"STATUS:COMPLETED\r\nCOMPLETED:{world.clock.now():%Y%m%dT%H%M%SZ}\r\n"
    head, end, tail = kept.rpartition(b"END:VTODO")
    _written(world, account, collection, name, head + done.encode() + end + tail)


@action()
def delete_resource(world: World, which: OneResource) -> None:
    """Delete the calendar object at `path`."""
    _written(world, *which.found(world), None)


@action()
def clear_resources(world: World) -> None:
    """Delete every calendar object of everybody."""
    for account, collection, name, _ in list(world.caldav.state.located()):
        _written(world, account, collection, name, None)


# What the server does


@action(changes=parameters_of(DavCollection, "name", "color", "read_only"))
def set_collection(world: World, where: OneCollection, **changes: Any) -> None:
    """Change `name`, `color` or `read_only` of a collection."""
    _, collection = where.found(world)
    for key, value in changes.items():
        setattr(collection, key, value)


@action()
def set_caldav(world: World, schedules: bool | None = None, syncs: bool | None = None) -> None:
    """Change what the server can: `schedules` (send answers to invitations), `syncs` (REPORT)."""
    state = world.caldav.state
    state.schedules = state.schedules if schedules is None else schedules
    state.syncs = state.syncs if syncs is None else syncs


@action()
def forget_sync_tokens(world: World) -> None:
    """Forget every sync token that was given out: with one, 403 is answered."""
    state = world.caldav.state
    for account in state.accounts.values():
        for collection in account.collections.values():
            collection.revision = collection.oldest = state.next_revision()
