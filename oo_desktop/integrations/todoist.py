"""Todoist: reads the tasks that are due, closes the one that was clicked.

Reading is GET /tasks/filter, because Todoist then decides what "today" and "overdue" mean in the
account's own zone. Writing is POST /sync, because its commands carry a uuid that Todoist runs only
once: closing a recurring task twice would skip an occurrence (developer.todoist.com/api/v1,
"Tasks" and "Sync").

The list is all or nothing: `fetch_signals` returns after the last page, or raises. Were it cut at
some number of tasks, those beyond would seem to be done.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.integrations import todoist_wire as wire
from oo_desktop.integrations.http import (
    ErrorEnvelope,
    Refused,
    ServiceClient,
    envelope_from_json,
)
from oo_desktop.integrations.markdown import clean
from oo_desktop.signals.model import ActionKind, Container, SignalId, Task, UserId
from oo_desktop.signals.source import Action, Identity, Snapshot

log = logging.getLogger(__name__)

FILTER = "(today | overdue) & (assigned to: me | !assigned)"
"""English keywords are understood whatever language the account has, so `lang` is left off."""

PAGE = 200
"""The most a page may have."""

MOST_ITEMS = 10_000
MOST_BYTES = 64 * 1024 * 1024
"""More than this of one list is refused, for a part of it would be a lie.

An item counts once however often it comes. How long all pages may take is up to the caller.
"""

MOST_PAGES = 500
"""Pages may be small, and even empty, before the last: this only ends a list that never does."""

TOO_MUCH = "This is more than oO can show. Please narrow the filter in the settings."

LASTS = 3600.0
"""Seconds until projects and zone are asked for again."""

SLICE = 50
"""Tasks converted before the loop gets its turn: below 2 ms."""

T = TypeVar("T")
Item = TypeVar("Item", wire.TaskWire, wire.ProjectWire)


class _Surroundings(Struct):
    """What changes rarely: projects and zone. Can be lost; then it is asked for again.

    missing: projects that tasks name and the list does not have.
    """

    containers: dict[str, Container]
    zone: str | None
    until: float
    missing: frozenset[str] = frozenset()


class TodoistSource:
    """Todoist as an ActingSource. One object serves all its accounts.

    client: the one client that speaks for an account.
    query: a filter in Todoist's own language, 1 to 1024 characters, without commas.
    now: seconds that never go back.
    """

    id = wire.TODOIST

    def __init__(
        self,
        *,
        client: Callable[[UserId], ServiceClient],
        query: str = FILTER,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._query = query
        self._now = now
        self._surroundings: dict[UserId, _Surroundings] = {}
        self._unread: dict[UserId, int] = {}

    async def identity(self, client: ServiceClient) -> Identity:
        """Whose account `client` speaks for."""
        user = wire.decoded(await client.get("user"), wire.UserWire)
        if not user.id:
            raise Rejected("Todoist did not say whose account this is.")
        label = clean(user.email or "") or clean(user.full_name or "") or user.id
        return Identity(UserId(user.id), label, _zone_name(user))

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        """All tasks the filter finds, in the order of Todoist's own Today."""
        client = self._client(user_id)
        params = {"query": self._query}
        tasks, unread = await _told_plainly(_all(client, "tasks/filter", params, wire.TaskWire))
        self._note_unread(user_id, unread)
        projects = {task.project_id for task in tasks.values() if task.project_id}
        around = await self._around(user_id, client, frozenset(projects))
        zone = wire.zone_from_name(around.zone) or ZoneInfo("UTC")
        signals = await _in_order(tasks, user_id, around.containers, zone)
        return Snapshot(signals=signals, zone=around.zone)

    async def act(self, user_id: UserId, signal_id: SignalId, action: Action) -> None:
        """Close a task, or undo that. A task that is gone counts as closed."""
        commands = msgspec.json.encode([command(signal_id, action)]).decode()
        client = self._client(user_id)
        body = await _told_plainly(client.post("sync", form={"commands": commands}))
        check_status(wire.decoded(body, wire.SyncWire), action)

    async def _around(
        self, user_id: UserId, client: ServiceClient, projects: frozenset[str]
    ) -> _Surroundings:
        """Projects and zone, as kept or asked anew. What was kept serves while Todoist does not."""
        kept = self._surroundings.get(user_id)
        if (
            kept is not None
            and self._now() < kept.until
            and projects <= kept.containers.keys() | kept.missing
        ):
            return kept
        try:
            fresh = await self._asked_around(client, projects)
        except Unavailable:
            if kept is None:
                raise
            return kept
        self._surroundings[user_id] = fresh
        return fresh

    async def _asked_around(self, client: ServiceClient, projects: frozenset[str]) -> _Surroundings:
        containers: dict[str, Container] = {}
        zone = None
        # Names and colours are an ornament: without them there is still a list to show.
        try:
            listed, _ = await _all(client, "projects", {}, wire.ProjectWire)
            containers = wire.containers_from_wire(listed.values())
        except Rejected as error:
            log.info("Todoist does not tell its projects: %s", error.reason)
        try:
            zone = (await self.identity(client)).zone
        except Rejected as error:
            log.info("Todoist does not tell the account’s zone: %s", error.reason)
        return _Surroundings(containers, zone, self._now() + LASTS, projects - containers.keys())

    def _note_unread(self, user_id: UserId, unread: int) -> None:
        if unread and self._unread.get(user_id) != unread:
            log.warning("Todoist sent %d tasks that make no sense; they are left out", unread)
        self._unread[user_id] = unread


def _zone_name(user: wire.UserWire) -> str | None:
    zone = wire.zone_from_name(user.tz_info.timezone if user.tz_info else None)
    return zone.key if zone else None


async def _all(
    client: ServiceClient, path: str, params: Mapping[str, str], form: type[Item]
) -> tuple[dict[str, Item], int]:
    """Every item of a list by its id, and how many made no sense.

    Raises when none did, when too much came, and when there is no end to it.
    """
    try:
        return await _pages(client, path, params, form)
    except Refused as error:
        if error.envelope.argument != "cursor":
            raise
    # A cursor that Todoist has forgotten: once more, from the first page.
    return await _pages(client, path, params, form)


async def _pages(
    client: ServiceClient, path: str, params: Mapping[str, str], form: type[Item]
) -> tuple[dict[str, Item], int]:
    items: dict[str, Item] = {}
    cursors: list[str] = []
    unread = size = 0
    while True:
        cursor = {"cursor": cursors[-1]} if cursors else {}
        body = await client.get(path, params={**params, "limit": str(PAGE), **cursor})
        page = wire.decoded(body, wire.PageWire)
        size += len(body)
        for raws in _slices(page.results):
            read = [item for item in wire.each_decoded(raws, form) if item is not None]
            # An item may come twice when the list changes between two pages: the newer one counts.
            items |= {item.id: item for item in read}
            unread += len(raws) - len(read)
            if len(items) > MOST_ITEMS or size > MOST_BYTES:
                raise Rejected(TOO_MUCH)
            await asyncio.sleep(0)
        if not page.next_cursor:
            break
        cursors.append(_next(page.next_cursor, cursors))
    if unread and not items:
        raise Rejected(wire.NOT_UNDERSTOOD)
    return items, unread


def _next(cursor: str, before: list[str]) -> str:
    if cursor in before:
        raise Unavailable("Todoist sent the same page again and again. oO keeps trying.")
    if len(before) + 1 >= MOST_PAGES:
        raise Unavailable("Todoist sent a list that has no end. oO keeps trying.")
    return cursor


async def _in_order(
    tasks: Mapping[str, wire.TaskWire],
    user_id: UserId,
    containers: Mapping[str, Container],
    zone: ZoneInfo,
) -> tuple[Task, ...]:
    found: list[tuple[wire.Order, Task]] = []
    for part in _slices(list(tasks.values())):
        for said in part:
            task = wire.task_from_wire(said, user_id=user_id, containers=containers)
            if task is not None:
                found.append((wire.order(task, said, zone), task))
        await asyncio.sleep(0)
    found.sort(key=lambda pair: pair[0])
    return tuple(task for _, task in found)


def _slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), SLICE):
        yield items[start : start + SLICE]


def command(signal_id: SignalId, action: Action) -> dict[str, object]:
    """`action` as one command of POST /sync. Raises Rejected when it cannot be said.

    item_close is the click on the checkbox: item_complete would end a recurring task for ever.
    item_uncomplete does not turn back a recurring one: its due date has to be put back.
    """
    args: dict[str, object] = {"id": signal_id}
    if action.kind is ActionKind.DONE:
        name = "item_close"
    elif action.recurring:
        name = "item_update_date_complete"
        args |= {"due": _old_due(action), "is_forward": 0}
    else:
        name = "item_uncomplete"
    return {"type": name, "uuid": action.uuid, "args": args}


def _old_due(action: Action) -> wire.DueWire:
    try:
        return msgspec.json.decode(action.undo or "", type=wire.UndoWire).due
    except msgspec.DecodeError:
        error = Rejected("oO no longer knows when this task was due. Please set it in Todoist.")
    raise error


def check_status(answer: wire.SyncWire, action: Action) -> None:
    """Return when the command was carried out, now or by an earlier attempt; else raise."""
    said = (answer.sync_status or {}).get(action.uuid)
    if said is None:
        raise Unavailable("Todoist did not say what became of this. oO asks again.")
    if bytes(said) == b'"ok"':
        return
    error = envelope_from_json(bytes(said))
    if _is_gone(error):
        if action.kind is ActionKind.DONE:
            return
        raise Rejected("This task no longer exists in Todoist.", status=404)
    if error.status == 429 or _tag(error) == "LIMITS_REACHED":
        raise Unavailable(
            "Todoist asked oO to slow down. oO carries on by itself.",
            retry_after=error.wait,
            limited=True,
        )
    if error.status in (401, 408, 425) or (error.status or 0) >= 500 or error == ErrorEnvelope():
        raise Unavailable("Todoist could not do this just now. oO asks again.")
    raise Rejected(reason(error) or "Todoist refuses this change.", status=error.status)


def _is_gone(error: ErrorEnvelope) -> bool:
    return error.status == 404 or _tag(error) in ("NOT_FOUND", "ITEM_NOT_FOUND")


_TAGS = {
    20: "INVALID_ARGUMENT_VALUE",
    22: "ITEM_NOT_FOUND",
    35: "LIMITS_REACHED",
    49: "MAX_ITEMS_LIMIT_REACHED",
    55: "INVALID_SEARCH_QUERY",
    478: "NOT_FOUND",
}
"""For an envelope that has a code alone."""

_REASONS = {
    "AUTH_INSUFFICIENT_TOKEN_SCOPE": (
        "oO may only read this account. Disconnect it and connect it again."
    ),
    "FORBIDDEN": "You may not change this in Todoist.",
    "INVALID_ARGUMENT_VALUE": "Todoist does not accept this change.",
    "INVALID_SEARCH_QUERY": "Todoist does not understand the filter in the settings.",
    "MAX_ITEMS_LIMIT_REACHED": "This project already has as many tasks as Todoist allows.",
}


def _tag(error: ErrorEnvelope) -> str:
    return error.tag or _TAGS.get(error.code or 0, "")


def reason(error: ErrorEnvelope) -> str | None:
    """Why Todoist refuses, in our words: never its own, which may repeat what was sent."""
    if error.argument == "query":
        return _REASONS["INVALID_SEARCH_QUERY"]
    return _REASONS.get(_tag(error))


async def _told_plainly(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except Refused as error:
        plainly = Rejected(reason(error.envelope) or error.reason, status=error.status)
    raise plainly
