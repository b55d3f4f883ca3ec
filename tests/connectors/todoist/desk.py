"""One task in the sandbox, the clicks on it, and what is done to it on another device."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from oo_desktop.connectors.todoist.source import TodoistSource
from oo_desktop.http.client import AnswerLost
from oo_desktop.model.reschedule import rescheduled
from oo_desktop.model.signals import ActionKind, SignalId, Task, UserId
from oo_desktop.model.source import Action
from oo_desktop.sandbox.control.actions import ACTIONS
from oo_desktop.sandbox.todoist.state import TodoistAccount
from oo_desktop.sandbox.world import World

DONE, REOPEN, RESTORE = ActionKind.DONE, ActionKind.REOPEN, ActionKind.RESTORE
TOMORROW, NO_DATE, LATER = ActionKind.TOMORROW, ActionKind.NO_DATE, ActionKind.LATER_TODAY

PLAIN = {"date": "2026-11-22", "string": "today"}
DAILY = {"date": "2026-11-21T09:00:00", "string": "every day at 9:00", "is_recurring": True}
"""Overdue since yesterday: completing it once leads to today."""


class Desk:
    """One task, the clicks on it, and what is done to it on another device."""

    def __init__(
        self, world: World, ada: TodoistAccount, source: TodoistSource, new_uuid: Callable[[], str]
    ) -> None:
        self.world = world
        self.ada = ada
        self.source = source
        self.new_uuid = new_uuid
        self.id = ""

    def elsewhere(self, action: str, **given: Any) -> None:
        """Something is done on another device."""
        ACTIONS[action](self.world, {"id": self.id, **given})

    def control(self, action: str, **given: Any) -> None:
        ACTIONS[action](self.world, given)

    async def add(self, due: dict[str, Any] | None, **fields: Any) -> Task:
        given = {"content": "The task", "due": due, **fields}
        answer: Any = ACTIONS["add_task"](self.world, given)
        self.id = answer["id"]
        return await self.listed()

    async def listed(self) -> Task:
        source = TodoistSource(client=self.source._client, query="view all")
        snapshot = await source.fetch_signals(UserId(self.ada.id))
        (task,) = [each for each in snapshot.signals if each.id == self.id]
        assert isinstance(task, Task)
        return task

    def click(self, kind: ActionKind, task: Task) -> Action:
        """What is written down at a click."""
        due = None
        if kind not in (DONE, REOPEN, RESTORE):
            due = rescheduled(kind, task.due, now=self.world.clock.now(), zone=self.ada.zoneinfo)
        return Action(
            kind=kind, uuid=self.new_uuid(), undo=task.undo, recurring=task.recurring, due=due
        )

    def undone(self, action: Action) -> Action:
        """The click that takes `action` back."""
        kind = REOPEN if action.kind is DONE else RESTORE
        return msgspec.structs.replace(action, kind=kind, uuid=self.new_uuid(), may_be_done=False)

    async def send(self, action: Action) -> None:
        await self.source.act(UserId(self.ada.id), SignalId(self.id), action)

    async def lose_answer(self, action: Action) -> Action:
        """Send `action`, which is done, and hear nothing; returns what is sent the next time."""
        self.control("drop_answer", path="/api/v1/sync")
        with pytest.raises(AnswerLost):
            await self.send(action)
        return msgspec.structs.replace(action, may_be_done=True)

    async def lose_request(self, action: Action) -> Action:
        """Send `action`, which never arrives; returns what is sent the next time."""
        self.control("drop_request", path="/api/v1/sync")
        with pytest.raises(AnswerLost):
            await self.send(action)
        return msgspec.structs.replace(action, may_be_done=True)

    @property
    def task(self) -> Any:
        return self.ada.tasks[self.id]

    @property
    def due(self) -> str | None:
        return self.task.due.date if self.task.due else None

    def by_us(self) -> list[str]:
        """The commands that were carried out for us."""
        history = self.world.todoist.state.history
        return [each.type for each in history if each.task_id == self.id and each.uuid]
