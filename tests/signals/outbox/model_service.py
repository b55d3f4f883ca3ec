"""A service as a connector sees it, small enough to be believed: it looks before it leaps.

It remembers uuids, and compares whatever depends on a date with the date there is, as connectors
must: an occurrence is never skipped, a newer wish never overwritten.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import msgspec

from oo_desktop.errors import AuthRequired, Rejected, SourceError, Unavailable, VaultError
from oo_desktop.model.clicks import UNDOING
from oo_desktop.model.signals import (
    RESCHEDULES,
    ActionKind,
    Container,
    Day,
    Due,
    Floating,
    ProviderId,
    SignalId,
    Task,
    UserId,
)
from oo_desktop.model.source import Action, Asked, Snapshot
from oo_desktop.testing import TODAY

BEFORE = ("never left", "rate limit", "keyring locked", "token expired", "rejected", "bug before")
AFTER = ("answer lost", "answer never comes", "bug after", "one rejected", "one not told")
FAULTS = (*BEFORE, *AFTER)


@dataclass
class Item:
    """A task as the service keeps it. done: how often it was completed."""

    title: str
    due: Due | None = TODAY
    recurring: bool = False
    project: str = "Inbox"
    is_open: bool = True
    deleted: bool = False
    done: int = 0

    @property
    def exists(self) -> bool:
        return self.is_open and not self.deleted


class ModelService:
    """One account.

    until: the last day that is listed; None: everything is.
    faults: how the next requests go wrong, one after the other.
    history: what was carried out, in order. met: the uuids that were found to be so already.
    """

    id = ProviderId("scripted")

    def __init__(
        self, items: Iterable[Item], *, until: date | None = None, most_actions: int = 3
    ) -> None:
        self.items = {item.title: item for item in items}
        self.until = until
        self.most_actions = most_actions
        self.faults: deque[str] = deque()
        self.history: list[tuple[str, ActionKind, str]] = []
        self.answered: set[str] = set()
        self.met: set[str] = set()

    # Reading

    def listed(self) -> tuple[Task, ...]:
        return tuple(
            _signal(name, item)
            for name, item in self.items.items()
            if item.exists and self._is_near(item.due)
        )

    def _is_near(self, due: Due | None) -> bool:
        return self.until is None or (due is not None and day(due) <= self.until)

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        return Snapshot(signals=self.listed())

    # Writing

    async def act(self, user_id: UserId, signal_id: SignalId, action: Action) -> None:
        (outcome,) = (await self.act_all(user_id, [Asked(signal_id, action)])).values()
        if outcome is not None:
            raise outcome

    async def act_all(
        self, user_id: UserId, asked: Sequence[Asked]
    ) -> Mapping[str, SourceError | None]:
        assert 0 < len(asked) <= self.most_actions
        assert len({signal_id for signal_id, _ in asked}) == len(asked)
        fault = self.faults.popleft() if self.faults else ""
        if fault in BEFORE:
            raise _failure(fault)
        guilty = asked[-1].action.uuid if fault == "one rejected" else None
        said = {
            action.uuid: Rejected("not this") if action.uuid == guilty else self._one(id_, action)
            for id_, action in asked
        }
        if fault == "answer never comes":
            await asyncio.Event().wait()
        if fault in ("answer lost", "bug after"):
            raise _failure(fault)
        if fault == "one not told":
            del said[asked[0].action.uuid]
        return said

    def _one(self, name: SignalId, action: Action) -> SourceError | None:
        item = self.items[name]
        try:
            if item.exists and not self._is_wanted(item, action):
                self.met.add(action.uuid)
            else:
                self._carry_out(item, action)
        except Rejected as error:
            return error
        return None

    def _is_wanted(self, item: Item, action: Action) -> bool:
        """Whether it is to be done; False: it is so already."""
        was = due_from_undo(action.undo)
        if action.kind is ActionKind.DONE:
            if not action.recurring or item.due == was:
                return True
            if action.may_be_done:
                return False
        elif action.kind is ActionKind.REOPEN:
            return not (action.recurring and item.due == was)
        else:
            wish, there = (was, action.due) if action.kind in UNDOING else (action.due, was)
            if item.due == wish:
                return False
            if item.due == there:
                return True
        if action.insists:
            return True
        raise Rejected("Its date was changed.")

    def _carry_out(self, item: Item, action: Action) -> None:
        if action.uuid in self.answered:
            return
        was = due_from_undo(action.undo)
        if action.kind is ActionKind.DONE:
            if not item.exists:
                self.met.add(action.uuid)
                return
            item.done += 1
            item.is_open = item.recurring
            item.due = next_date(item.due) if item.recurring else item.due
        elif item.deleted or (action.kind is not ActionKind.REOPEN and not item.is_open):
            raise Rejected("It is gone.")
        elif action.kind is ActionKind.REOPEN:
            item.done -= 1
            item.is_open = True
            item.due = was if item.recurring else item.due
        else:
            item.due = was if action.kind is ActionKind.RESTORE else action.due
        self.answered.add(action.uuid)
        self.history.append((action.uuid, action.kind, item.title))


def day(due: Due) -> date:
    """The day of `due`, in a world that has one zone."""
    return due.day if isinstance(due, Day) else due.at.date()


def next_date(due: Due | None) -> Due | None:
    """The next occurrence of what recurs daily."""
    if isinstance(due, Day):
        return Day(due.day + timedelta(days=1))
    return msgspec.structs.replace(due, at=due.at + timedelta(days=1)) if due else None


def due_from_undo(undo: str | None) -> Due | None:
    due: Due | None = msgspec.json.decode(undo or "null", type=Due | None)
    return due


def _signal(name: str, item: Item) -> Task:
    return Task(
        id=SignalId(name),
        source=ModelService.id,
        user_id=UserId("ada"),
        title=item.title,
        container=Container(item.project),
        due=item.due,
        recurring=item.recurring,
        actions=(ActionKind.DONE, *RESCHEDULES),
        undo=msgspec.json.encode(item.due).decode(),
    )


def _failure(fault: str) -> Exception:
    match fault:
        case "never left":
            return Unavailable("You are offline.", reached=False)
        case "rate limit":
            return Unavailable("slow down", retry_after=600, limited=True)
        case "keyring locked":
            return VaultError("locked")
        case "token expired":
            return AuthRequired("sign in again")
        case "rejected":
            return Rejected("no")
        case "answer lost":
            return Unavailable("lost")
        case _:
            return ZeroDivisionError()


TARGETS: Mapping[ActionKind, Due | None] = {
    ActionKind.LATER_TODAY: Floating(datetime.combine(TODAY.day, time(18))),
    ActionKind.TOMORROW: Day(TODAY.day + timedelta(days=1)),
    ActionKind.NEXT_WEEK: Day(TODAY.day + timedelta(days=8)),
    ActionKind.NO_DATE: None,
}
"""Where the reschedules lead, in a world where it is always the same day."""
