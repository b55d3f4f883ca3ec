"""Adds a task to Todoist, once, and takes that back.

Two requests of Todoist's take a new task (developer.todoist.com/api/v1, "Tasks" and "Sync"):

| request | understands quick-add text | does it once |
|---|---|---|
| POST /tasks/quick | all of it, in the account's language | no: nothing tells a repeat from a \
second task (what `X-Request-Id` does in this version is not documented) |
| POST /sync, `item_add` | no: content, due and labels are given apart | yes: a command whose uuid \
was carried out is not carried out again |

A task that is there twice because an answer was lost is worse than a word that stays in its title:
so it is `item_add`, and oO reads the marks (`#project`, `@label`, `p1`, `// note`) and dates
(`model/quick_add.py`). Days are sent as days, for "tomorrow" must be the day after it was typed,
however long oO was offline. How a task repeats is sent in words (`due.string`): Todoist understands
those and works out the first date. What only quick-add knows (`/section`, `+name`, `{deadline}`,
`!reminder`, dates in a language that oO is not in) stays in the
title.

Nobody says for how long Todoist remembers uuids, nor whether it tells the id again when a command
was repeated. So before a task is sent again that may be there already, it is looked for among those
of its project: one with the same words and priority, added since it was typed, is it. (Were that
one added elsewhere in the same minutes, it is there as well.) Were there none, it is sent.

| elsewhere, the task was | REMOVE |
|---|---|
| changed, moved, completed | deleted all the same |
| deleted, or never added | done |

Deleting takes the scope `data:delete`, which oO's own sign-in does not ask for ("Authorization"):
with a personal token it works, else it is refused in words that say so.
"""

from collections.abc import Mapping, Sequence

import msgspec

from oo_desktop.connectors.todoist import wire
from oo_desktop.connectors.todoist.errors import (
    ErrorEnvelope,
    envelope_from_json,
    error_of_command,
    is_gone,
    translate_refusals,
)
from oo_desktop.connectors.todoist.wire import TODOIST_LISTS
from oo_desktop.errors import Rejected, SourceError, Unavailable
from oo_desktop.http.client import ServiceClient, unreached
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import Fixed, NewTask, SignalId
from oo_desktop.model.source import Added

NO_LIST = untranslated("This project no longer exists in Todoist.")
MAY_NOT_DELETE = untranslated("oO may not delete tasks in Todoist. Please delete it there.")
WHICH = untranslated("oO cannot tell which task this is in Todoist. Please delete it there.")
NOT_SAID = untranslated("Todoist did not say what became of this. oO asks again.")


async def add(client: ServiceClient, task: NewTask, *, may_be_added: bool) -> Added:
    """Add a task as `AddingSource.add` says."""
    if may_be_added and (found := await _found_before_sending(client, task)) is not None:
        return Added(id=found)
    answer = await _answer(client, [add_command(task)])
    error = _error(answer, task.uuid)
    if error is not None:
        raise (
            Rejected(translated(NO_LIST), status=404) if is_gone(error) else error_of_command(error)
        )
    id_ = _id(answer, task.uuid)
    if id_ is None:
        try:
            id_ = await _found(client, task)
        except SourceError:
            id_ = None  # it has the task: whatever this is, that is so
    return Added(id=id_)


async def remove(
    client: ServiceClient, task: NewTask, signal_id: SignalId | None, *, uuid: str
) -> None:
    """Take back a task as `AddingSource.remove` says."""
    if signal_id is None:
        found = await _those_like(client, task)
        if not found:
            return
        if len(found) > 1:
            raise Rejected(translated(WHICH))
        signal_id = found[0]
    command = {"type": "item_delete", "uuid": uuid, "args": {"id": signal_id}}
    error = _error(await _answer(client, [command]), uuid)
    if error is None or is_gone(error):
        return
    if error.tag == "AUTH_INSUFFICIENT_TOKEN_SCOPE":
        raise Rejected(translated(MAY_NOT_DELETE), status=403)
    raise error_of_command(error)


def add_command(task: NewTask) -> dict[str, object]:
    """Return the command of POST /sync that adds `task`."""
    args: dict[str, object] = {"content": task.title, "priority": 5 - task.priority}
    if task.list is not None:
        args["project_id"] = task.list
    if task.repeats:
        args["due"] = {"string": task.repeats, "lang": "en"}
    elif task.due is not None:
        args["due"] = wire.wire_from_due(task.due, like=None)
    if task.labels:
        args["labels"] = list(task.labels)
    if task.description:
        args["description"] = task.description
    return {"type": "item_add", "uuid": task.uuid, "temp_id": task.uuid, "args": args}


async def _answer(client: ServiceClient, commands: Sequence[Mapping[str, object]]) -> wire.SyncWire:
    text = msgspec.json.encode(commands).decode()
    body = await translate_refusals(client.post("sync", form={"commands": text}))
    try:
        return wire.decoded(body, wire.SyncWire)
    except Rejected as error:
        # It said yes to something: whether it was done is only hidden, not refused.
        unclear = Unavailable(str(error))
    raise unclear


def _error(answer: wire.SyncWire, uuid: str) -> ErrorEnvelope | None:
    """What is wrong with a command; None where it was carried out. Raises Unavailable."""
    said = (answer.sync_status or {}).get(uuid)
    if said is None:
        raise Unavailable(translated(NOT_SAID))
    return None if bytes(said) == b'"ok"' else envelope_from_json(bytes(said))


def _id(answer: wire.SyncWire, temp_id: str) -> SignalId | None:
    said = (answer.temp_id_mapping or {}).get(temp_id)
    try:
        id_ = msgspec.json.decode(bytes(said or b"null"), type=str | None)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return SignalId(id_) if id_ and len(id_) <= wire.MAX_TASK_ID else None


async def _found_before_sending(client: ServiceClient, task: NewTask) -> SignalId | None:
    """A guard, and no gate: where Todoist refuses to tell, the uuid alone protects the task."""
    try:
        return await _found(client, task)
    except Unavailable as error:
        failure = unreached(error)
    except Rejected:
        return None
    raise failure


async def _found(client: ServiceClient, task: NewTask) -> SignalId | None:
    """The one that can only be `task`. Raises as the client does."""
    found = await _those_like(client, task)
    return found[0] if len(found) == 1 else None


async def _those_like(client: ServiceClient, task: NewTask) -> list[SignalId]:
    """Those of its project that may be `task`. Raises as the client does."""
    params = {} if task.list is None else {"project_id": task.list}
    listed, _ = await translate_refusals(
        TODOIST_LISTS.all_items(client, "tasks", params, wire.TaskWire)
    )
    return [SignalId(one.id) for one in listed.values() if _is_like(one, task)]


def _is_like(one: wire.TaskWire, task: NewTask) -> bool:
    added = wire.due_from_wire(one.added_at or "")
    return (
        one.content == task.title
        and (one.priority or 1) == 5 - task.priority
        and isinstance(added, Fixed)
        and added.at >= task.typed_at.replace(microsecond=0)
    )
