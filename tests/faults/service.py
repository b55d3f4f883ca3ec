"""Be the service of a storm: a sandbox in this very loop, whose every change is chronicled."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, time, timedelta
from random import Random
from typing import SupportsIndex
from urllib.parse import parse_qs, urlsplit

from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.server import SandboxServer, listen
from oo_desktop.sandbox.todoist.due import SandboxDue, on_day
from oo_desktop.sandbox.todoist.seed import DueDays
from oo_desktop.sandbox.todoist.state import HistoryEntry, SandboxTask, TodoistAccount
from oo_desktop.sandbox.world import World
from tests.faults.cutter import Cut, Cutter, Heard, Passed, Plan
from tests.faults.law import Changed, Entry, Looked, Made, TaskState
from tests.faults.swift import SwiftClock

ZONES = ("Etc/UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland")
PLENTY = 1_000_000
UNKNOWN = TaskState()


def state_of(task: SandboxTask) -> TaskState:
    due = task.due
    return TaskState(
        due=due.date if due else None,
        rule=due.string if due and due.is_recurring else None,
        checked=task.checked,
        deleted=task.is_deleted,
    )


class _History(list[HistoryEntry]):
    """The sandbox's own, which tells of every change the moment it is made."""

    def __init__(self, service: "Service") -> None:
        super().__init__()
        self._service = service

    def append(self, done: HistoryEntry) -> None:
        super().append(done)
        self._service.changed(done)

    def insert(self, index: SupportsIndex, done: HistoryEntry) -> None:
        raise NotImplementedError


class Service:
    """Has one account with a few tasks, most of them recurring; and the network before it.

    cutter: set while it is served. sent: every command that left oO, by its uuid.
    """

    def __init__(self, *, clock: SwiftClock, random: Random) -> None:
        self._random = random
        self.world = World(clock=SandboxClock(clock.now), zone=random.choice(ZONES))
        for limit in (
            self.world.todoist.reads,
            self.world.todoist.full_syncs,
            self.world.todoist.registrations,
        ):
            limit.most = PLENTY
        self.chronicle: list[Entry] = []
        self.sent: defaultdict[str, set[str]] = defaultdict(set)
        self._states: dict[str, TaskState] = {}
        self._heard: dict[int, int] = {}
        self._left: dict[str, int] = {}
        self.account.tasks.clear()
        self.world.todoist.state.history = _History(self)
        self._fill()
        self._first = frozenset(self.account.tasks)
        self.chronicle.clear()

    @property
    def account(self) -> TodoistAccount:
        return self.world.todoist.state.account_by_email(None)

    @property
    def listed(self) -> dict[str, str | None]:
        """Return what a poll with the filter `all` would bring."""
        return {
            task.id: task.due.date if task.due else None
            for task in self.account.tasks.values()
            if task.active
        }

    @property
    def made(self) -> list[Made]:
        """Return the tasks that were added since the beginning."""
        return [
            Made(title=task.content, gone=task.is_deleted)
            for task in self.account.tasks.values()
            if task.id not in self._first
        ]

    @asynccontextmanager
    async def served(self, plan: Plan, clock: SwiftClock) -> AsyncIterator[Cutter]:
        """Serve behind a cutter that does as `plan` says."""
        async with StillServer.serving(self.world) as url:
            cutter = Cutter(url, self._noting(plan), clock=clock, on_forward=self._forwarded)
            await cutter.start()
            try:
                yield cutter
            finally:
                await cutter.stop()

    # What happens elsewhere

    def happen(self) -> str:
        """Do something on another device; return what."""
        tasks = [task for task in self.account.tasks.values() if not task.is_deleted]
        if not tasks:
            return "nothing"
        task, state = self._random.choice(tasks), self.world.todoist.state
        if task.checked:
            state.uncomplete(self.account, task)
            return f"{task.content} is reopened elsewhere"
        match self._random.choice(("close", "close", "move", "move", "move", "delete")):
            case "close":
                state.close(self.account, task)
            case "delete":
                state.delete(self.account, task)
            case _:
                state.update(self.account, task, {"due": self._moved(task.due)})
        return f"{task.content} is now {state_of(task)}"

    def forget(self) -> None:
        """Forget every command that was executed."""
        self.account.executed.clear()

    def forget_the_past(self) -> None:
        """Keep nothing but what is open: for those who count what is left."""
        self.forget()
        self.chronicle.clear()
        self.sent.clear()
        self._states.clear()
        self._heard.clear()
        self._left.clear()
        self.world.todoist.state.history.clear()
        self.world.requests.clear()
        for task in [task for task in self.account.tasks.values() if not task.active]:
            del self.account.tasks[task.id]

    def changed(self, done: HistoryEntry) -> None:
        """The sandbox has carried something out."""
        task = self.account.tasks[done.task_id]
        after = state_of(task)
        self.chronicle.append(
            Changed(
                type=done.type,
                task=task.id,
                uuid=done.uuid,
                before=self._states.get(task.id, after),
                after=after,
                heard=self._left.get(done.uuid or "", 0),
            )
        )
        self._states[task.id] = after

    # Within

    def _fill(self) -> None:
        today = self.world.clock.now().astimezone(self.account.zoneinfo).date()
        days = DueDays(today)
        dues: dict[str, SandboxDue | None] = {
            "daily": days.day(-3, "every day"),
            "daily at nine": days.at(-1, time(9), "every day at 9:00"),
            "weekly": days.day(-16, "every week"),
            "after completion": days.day(0, "every! 3 days"),
            "planned in Tokyo": _recurring(days.fixed(0, time(8), "Asia/Tokyo"), "every day at 8"),
            "today": days.day(0),
            "overdue": days.day(-2),
            "this evening": days.at(0, time(21)),
            "a call": days.fixed(1, time(15), "Europe/Lisbon"),
            "whenever": None,
        }
        for title, due in dues.items():
            task = SandboxTask(
                user_id=self.account.id, project_id=self.account.inbox.id, content=title, due=due
            )
            self.world.todoist.state.add(self.account, task)

    def _moved(self, due: SandboxDue | None) -> SandboxDue:
        ahead = timedelta(days=self._random.randint(-2, 9))
        day = self.world.clock.now().date() + ahead
        if due is None:
            return _on(day)
        return on_day(due, day, self.account.zoneinfo)

    def _noting(self, plan: Plan) -> Plan:
        def noted(heard: Heard) -> Cut:
            self._heard[heard.number] = len(self.chronicle)
            for uuid, command in _commands(heard):
                self.sent[uuid].add(command)
            return plan(heard)

        return noted

    def _forwarded(self, passed: Passed) -> None:
        heard = passed.heard
        for uuid, _ in _commands(heard):
            self._left[uuid] = self._heard[heard.number]
        asked = parse_qs(urlsplit(heard.target).query).get("ids")
        if asked and heard.method == "GET":
            self.chronicle.append(Looked(tasks=frozenset(asked[0].split(","))))


class StillServer(SandboxServer):
    """Does not wake every second: in a swift loop that is what costs."""

    @classmethod
    @asynccontextmanager
    async def serving(cls, world: World) -> AsyncIterator[str]:
        """Serve `world` in the running loop; gives the URL."""
        server = cls(world, listen(), on_listening=lambda _url: None)
        running = asyncio.create_task(server.run_until_stopped(with_signals=False))
        try:
            yield server.url
        finally:
            server.stop()
            await running

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._stopped.wait()


def _recurring(due: SandboxDue, rule: str) -> SandboxDue:
    return SandboxDue(date=due.date, timezone=due.timezone, string=rule, is_recurring=True)


def _on(day: date) -> SandboxDue:
    return SandboxDue(date=day.isoformat(), string=day.isoformat())


def _commands(heard: Heard) -> list[tuple[str, str]]:
    """Each command of a request to /sync: its uuid, and all of it as one text."""
    if not heard.path.endswith("/sync"):
        return []
    said = parse_qs(heard.body.decode()).get("commands", ["[]"])[0]
    return [(command["uuid"], json.dumps(command, sort_keys=True)) for command in json.loads(said)]
