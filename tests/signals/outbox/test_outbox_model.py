"""The outbox against a model of a service that loses, rejects and breaks, under any user.

The law: each click is carried out exactly once; or it is rejected, and listed with its reason; or
it was taken back, and has no effect on balance. So where nothing was rejected, the service ends up
with what the user last wanted.
"""

import asyncio
import itertools
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec import structs

from oo_desktop.events import EventBus
from oo_desktop.model.clicks import UNDOING, OutboxItem, OutboxState, shown_signals
from oo_desktop.model.signals import ActionKind, AnySignal, Due, Task
from oo_desktop.model.source import Snapshot
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.store.database import Database
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.testing import FakeAccounts, FakeClock, ScriptedSource, settle
from tests.signals.outbox.model_service import FAULTS, TARGETS, Item, ModelService, next_date

pytestmark = pytest.mark.logs_warnings

ADA = ScriptedSource().key()
ONCE, EVERY_DAY = ("letter", "call", "bill"), ("water", "walk")


@dataclass(frozen=True)
class Wish:
    """How the user wants a task to be."""

    due: Due | None
    is_open: bool = True


class AnyUserAndAnyService(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        items = [Item(name, recurring=name in EVERY_DAY) for name in (*ONCE, *EVERY_DAY)]
        self.service = ModelService(items)
        self.accounts = FakeAccounts(ADA)
        self.database = Database(Path(self.folder.name) / "oo.db")
        self.uuids = itertools.count()  # chance would keep a failure from being repeated
        self.asked: dict[str, OutboxItem] = {}
        self.wishes = {item.title: Wish(item.due) for item in items}
        self.unclear: set[str] = set()  # tasks of which something was rejected
        self.taken_back: set[str] = set()
        self.undo_of: dict[str, str] = {}
        self.list: tuple[Task, ...] = self.service.listed()
        self.in_the_air: tuple[datetime, tuple[Task, ...]] | None = None
        self.outbox = self._outbox()
        self.runner.run(self._start())

    def _outbox(self) -> Outbox:
        return Outbox(
            store=OutboxStore(self.database),
            sources={self.service.id: self.service},
            accounts=self.accounts,
            bus=EventBus(),
            clock=self.clock,
            hold=5,
            random=Random(1),
            new_uuid=lambda: str(next(self.uuids)),
        )

    async def _start(self) -> None:
        self.outbox.load()
        self.outbox.start()
        await settle()

    def _shown(self) -> tuple[AnySignal, ...]:
        return shown_signals({ADA: self.list}, self.outbox.items())[ADA]

    # The user

    def _choices(self) -> list[tuple[Task, ActionKind]]:
        """What can be clicked, and what would change something."""
        return [
            (signal, kind)
            for signal in self._shown()
            if isinstance(signal, Task)
            for kind in signal.actions
            if kind is ActionKind.DONE
            or (
                kind in TARGETS
                and (
                    TARGETS[kind] != signal.due and not (signal.recurring and TARGETS[kind] is None)
                )
            )
        ]

    @precondition(lambda self: self._choices())
    @rule(data=st.data())
    def clicks(self, data: st.DataObject) -> None:
        signal, kind = data.draw(st.sampled_from(self._choices()))
        item = self.outbox.click(signal, kind, due=TARGETS.get(kind))
        self.asked[item.uuid] = item
        self.taken_back.discard(item.uuid)
        wish = Wish(signal.due)
        if kind is not ActionKind.DONE:
            wish = Wish(TARGETS[kind])
        elif signal.recurring:
            wish = Wish(next_date(signal.due))
        else:
            wish = replace(wish, is_open=False)
        self.wishes[signal.id] = wish

    @precondition(lambda self: self._choices())
    @rule(data=st.data(), clicks=st.integers(1, 5), faults=st.lists(st.sampled_from(FAULTS)))
    def clicks_and_lets_it_go_out(
        self, data: st.DataObject, clicks: int, faults: list[str]
    ) -> None:
        for _ in range(clicks):
            if self._choices():
                self.clicks(data)
        self.service.faults.extend(faults[:2])
        self.time_passes(6)

    @precondition(lambda self: self.outbox.undoable())
    @rule(data=st.data())
    def undoes(self, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(self.outbox.undoable()))
        before = {row.uuid for row in self.outbox.items()}
        assert self.outbox.undo(item.number) is not None
        new = [row for row in self.outbox.items() if row.uuid not in before]
        for row in new:
            assert row.undoes == item.number
            self.asked[row.uuid] = row
            self.undo_of[row.uuid] = item.uuid
        if not new:
            assert item.uuid not in {uuid for uuid, _, _ in self.service.history}
            self.taken_back.add(item.uuid)
        signal = item.signal
        assert isinstance(signal, Task)
        self.wishes[signal.id] = Wish(signal.due)

    @precondition(lambda self: self._rejected())
    @rule(data=st.data(), again=st.booleans())
    def decides_on_what_was_rejected(self, data: st.DataObject, again: bool) -> None:
        item = data.draw(st.sampled_from(self._rejected()))
        if again:
            listed = next((signal for signal in self.list if signal.key == item.key), None)
            assert self.outbox.retry(item.number, listed=listed) is not None
        else:
            assert self.outbox.discard(item.number) is not None
            self.taken_back.add(item.uuid)

    def _rejected(self) -> list[OutboxItem]:
        return [item for item in self.outbox.items() if item.state is OutboxState.REJECTED]

    # The world

    @rule(seconds=st.sampled_from([0.5, 4, 6, 35, 130, 700]))
    def time_passes(self, seconds: float) -> None:
        self.runner.run(self.clock.advance(seconds))

    @rule(faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4))
    def the_service_will_fail(self, faults: list[str]) -> None:
        self.service.faults.extend(faults)

    @precondition(lambda self: self.in_the_air is None)
    @rule()
    def a_poll_begins(self) -> None:
        self.in_the_air = (self.clock.now(), self.service.listed())

    @precondition(lambda self: self.in_the_air is not None)
    @rule()
    def the_poll_ends(self) -> None:
        assert self.in_the_air is not None
        began_at, self.list = self.in_the_air
        self.in_the_air = None
        self.runner.run(self._confirm(began_at))

    async def _confirm(self, began_at: datetime) -> None:
        self.outbox.confirm(ADA, Snapshot(signals=self.list), began_at)
        await settle()

    @rule()
    def oo_is_killed_and_started_again(self) -> None:
        undoable = [item.number for item in self.outbox.undoable()]
        self.runner.run(self.outbox.stop())
        self.in_the_air = None
        self.outbox = self._outbox()
        self.outbox.load()
        assert [item.number for item in self.outbox.undoable()] == undoable
        self.outbox = self._outbox()
        self.runner.run(self._start())

    @precondition(lambda self: not self.accounts.connected)
    @rule()
    def the_user_reconnects(self) -> None:
        self.accounts.connected.append(ADA)
        self.runner.run(self._follow())

    async def _follow(self) -> None:
        self.outbox.follow_accounts()
        await settle()

    # The law

    @invariant()
    def the_law_holds_at_every_moment(self) -> None:
        self.unclear |= {item.signal.id for item in self._rejected()}
        self.nothing_was_done_twice_or_unasked()
        self.memory_and_store_agree()
        self.what_is_shown_is_what_is_left_to_do()

    def nothing_was_done_twice_or_unasked(self) -> None:
        counts = Counter(uuid for uuid, _, _ in self.service.history)
        assert all(count == 1 for count in counts.values())
        assert counts.keys() <= self.asked.keys()

    def memory_and_store_agree(self) -> None:
        stored = OutboxStore(self.database).all()
        waiting = tuple(row for row in stored if row.state is not OutboxState.CONFIRMED)
        # Whether a list speaks against a row is found out anew by the first poll of a run.
        known = tuple(structs.replace(row, unconfirmed=False) for row in self.outbox.items())
        assert waiting == known
        assert not any(row.kind in UNDOING for row in stored if row not in waiting)

    def what_is_shown_is_what_is_left_to_do(self) -> None:
        shown = {str(signal.id): signal for signal in self._shown()}
        for name, wish in self.wishes.items():
            if name not in self.unclear and (signal := shown.get(name)) is not None:
                assert wish.is_open
                assert isinstance(signal, Task)
                assert signal.due == wish.due

    def teardown(self) -> None:
        try:
            self._heal()
            self._check_the_end()
        finally:
            self.runner.run(self.outbox.stop())
            self.runner.close()
            self.database.close()
            self.folder.cleanup()

    def _heal(self) -> None:
        self.service.faults.clear()
        if not self.accounts.connected:
            self.the_user_reconnects()
        for _ in range(2):
            self.time_passes(1400)
            self.in_the_air = None
            self.a_poll_begins()
            self.the_poll_ends()
            self.the_law_holds_at_every_moment()

    def _check_the_end(self) -> None:
        rows = self.outbox.items()
        assert all(row.state is OutboxState.REJECTED or row.unconfirmed for row in rows)
        assert {str(row.signal.id) for row in rows} <= self.unclear
        carried_out = {uuid for uuid, _, _ in self.service.history} | self.service.met
        # What is rejected after it was undone goes without a word, and so does its undo.
        undone = set(self.undo_of.values())
        idle = {undo for undo, first in self.undo_of.items() if first not in carried_out}
        rejected = {row.uuid for row in rows}
        assert self.asked.keys() <= carried_out | rejected | self.taken_back | undone | idle
        for name, wish in self.wishes.items():
            if name not in self.unclear:
                item = self.service.items[name]
                assert (item.is_open, item.due) == (wish.is_open, wish.due), name
        assert self._shown() == self.service.listed()


TestAnyUserAndAnyService = AnyUserAndAnyService.TestCase
TestAnyUserAndAnyService.settings = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,  # the suite repeats itself; look for more with another seed and more examples
    suppress_health_check=[HealthCheck.too_slow],
)
