"""Reads the tasks that are due in Todoist, and carries out what was clicked.

Reading is GET /tasks/filter, because Todoist then decides what "today" and "overdue" mean in the
account's own zone. Writing is POST /sync, because its commands carry a uuid that Todoist runs only
once: closing a recurring task twice would skip an occurrence (developer.todoist.com/api/v1,
"Tasks" and "Sync").

The list is all or nothing: `fetch_signals` returns after the last page, or raises.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.connectors.plain_text import clean
from oo_desktop.connectors.todoist import additions, wire
from oo_desktop.connectors.todoist.actions import MAX_COMMANDS, act_all
from oo_desktop.connectors.todoist.errors import translate_refusals
from oo_desktop.connectors.todoist.precheck import Precheck
from oo_desktop.connectors.todoist.settings import FILTER
from oo_desktop.connectors.todoist.wire import TODOIST_LISTS
from oo_desktop.errors import Rejected, SourceError, Unavailable
from oo_desktop.http.client import ServiceClient
from oo_desktop.http.paging import Listed, Marks
from oo_desktop.language import translated
from oo_desktop.model.signals import Container, NewTask, SignalId, Task, TaskList, UserId
from oo_desktop.model.source import Action, Added, Asked, Identity, Snapshot
from oo_desktop.model.zones import zone_named

log = logging.getLogger(__name__)

AROUND_SECONDS = 3600.0
"""Seconds until projects and zone are asked for again."""


class _Around(Struct):
    """What changes rarely: projects and zone. Can be lost; then it is asked for again.

    missing: projects that tasks name and the list does not have.
    """

    containers: dict[str, Container]
    zone: str | None
    until: float
    missing: frozenset[str] = frozenset()
    lists: tuple[TaskList, ...] | None = None


class _MadeOf(Struct, frozen=True):
    """What the signals of an account are made of. projects: that the tasks name."""

    marks: Marks
    projects: frozenset[str]
    containers: Mapping[str, Container]
    zone: str | None


_NOTHING = _MadeOf((), frozenset(), {}, None)


class TodoistSource:
    """Serves Todoist as a BatchSource, a ComparingSource and an AddingSource. One object serves
    all its accounts.

    client: the one client that speaks for an account.
    query: a filter in Todoist's own language, 1 to 1024 characters, without commas.
    now: seconds that never go back.
    """

    id = wire.TODOIST
    most_actions = MAX_COMMANDS
    understands_marks = True
    has_inbox = True

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
        self._kept_around: dict[UserId, _Around] = {}
        self._unread: dict[UserId, int] = {}
        self._prechecks: dict[UserId, Precheck] = {}

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        """Return all tasks the filter finds, in the order of Todoist's own Today."""
        return await self.fetch_again(user_id, Snapshot(signals=()))

    async def fetch_again(self, user_id: UserId, known: Snapshot) -> Snapshot:
        """Return the same; the signals of `known` where they would be made of the same."""
        before = known.made_of if isinstance(known.made_of, _MadeOf) else _NOTHING
        client, params = self._client(user_id), {"query": self._query}
        listed = await translate_refusals(
            TODOIST_LISTS.listed(client, "tasks/filter", params, wire.TaskWire, known=before.marks)
        )
        projects = before.projects if listed.is_known else await _projects(listed)
        around = await self._around(user_id, client, projects)
        made_of = _MadeOf(listed.marks, projects, around.containers, around.zone)
        if made_of == before:
            made_of, signals, unread = before, known.signals, known.unread
        else:
            tasks, unread = await listed.items()
            zone = zone_named(around.zone) or ZoneInfo("UTC")
            signals = await _in_order(tasks, user_id, around.containers, zone)
        self._note_unread(user_id, unread)
        return Snapshot(
            signals=signals, zone=around.zone, unread=unread, lists=around.lists, made_of=made_of
        )

    async def act(self, user_id: UserId, signal_id: SignalId, action: Action) -> None:
        """Carry out one click. A task that is gone counts as closed."""
        outcomes = await self.act_all(user_id, [Asked(signal_id, action)])
        error = outcomes[action.uuid]
        if error is not None:
            raise error

    async def act_all(
        self, user_id: UserId, asked: Sequence[Asked]
    ) -> Mapping[str, SourceError | None]:
        """Carry out clicks in as few requests as they take; see `actions`."""
        precheck = self._prechecks.setdefault(user_id, Precheck(query=self._query))
        return await act_all(self._client(user_id), asked, precheck=precheck)

    async def add(self, user_id: UserId, task: NewTask, *, may_be_added: bool) -> Added:
        """Add a task, once; see `additions`."""
        return await additions.add(self._client(user_id), task, may_be_added=may_be_added)

    async def remove(
        self, user_id: UserId, task: NewTask, signal_id: SignalId | None, *, uuid: str
    ) -> None:
        """Delete a task that was added; see `additions`."""
        await additions.remove(self._client(user_id), task, signal_id, uuid=uuid)

    async def _around(
        self, user_id: UserId, client: ServiceClient, projects: frozenset[str]
    ) -> _Around:
        """Projects and zone, as kept or asked anew. What was kept serves while Todoist does not."""
        kept = self._kept_around.get(user_id)
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
        self._kept_around[user_id] = fresh
        return fresh

    async def _asked_around(self, client: ServiceClient, projects: frozenset[str]) -> _Around:
        containers: dict[str, Container] = {}
        lists: tuple[TaskList, ...] | None = None
        zone = None
        # Names and colours are an ornament: without them there is still a list to show.
        try:
            listed, _ = await TODOIST_LISTS.all_items(client, "projects", {}, wire.ProjectWire)
            containers = wire.containers_from_wire(listed.values())
            lists = wire.lists_from_wire(listed.values())
        except Rejected as error:
            log.info("Todoist does not tell its projects: %s", error.reason)
        try:
            zone = (await identity(client)).zone
        except Rejected as error:
            log.info("Todoist does not tell the account’s zone: %s", error.reason)
        return _Around(
            containers,
            zone,
            self._now() + AROUND_SECONDS,
            projects - containers.keys(),
            lists,
        )

    def _note_unread(self, user_id: UserId, unread: int) -> None:
        if unread and self._unread.get(user_id) != unread:
            log.warning("Todoist sent tasks that make no sense; left out: %d", unread)
        self._unread[user_id] = unread


async def identity(client: ServiceClient) -> Identity:
    """Return whose account `client` speaks for."""
    user = wire.decoded(await client.get("user"), wire.UserWire)
    if not user.id:
        raise Rejected(translated("Todoist did not say whose account this is."))
    label = clean(user.email or "") or clean(user.full_name or "") or user.id
    return Identity(UserId(user.id), label, _zone_name(user))


def _zone_name(user: wire.UserWire) -> str | None:
    zone = zone_named(user.tz_info.timezone if user.tz_info else None)
    return zone.key if zone else None


async def _projects(listed: Listed[wire.TaskWire]) -> frozenset[str]:
    tasks, _ = await listed.items()
    return frozenset(task.project_id for task in tasks.values() if task.project_id)


async def _in_order(
    tasks: Mapping[str, wire.TaskWire],
    user_id: UserId,
    containers: Mapping[str, Container],
    zone: ZoneInfo,
) -> tuple[Task, ...]:
    found: list[tuple[wire.Order, Task]] = []
    for part in TODOIST_LISTS.slices(list(tasks.values())):
        for said in part:
            task = wire.task_from_wire(said, user_id=user_id, containers=containers)
            if task is not None:
                found.append((wire.order(task, said, zone), task))
        await asyncio.sleep(0)
    found.sort(key=lambda pair: pair[0])
    return tuple(task for _, task in found)
