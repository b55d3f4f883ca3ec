"""One person before one outbox, and one service that does what a test says."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

from msgspec import structs

from oo_desktop.errors import Rejected
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.signals import (
    RESCHEDULES,
    AccountKey,
    ActionKind,
    AnySignal,
    Day,
    Due,
    Floating,
    Task,
)
from oo_desktop.model.source import Snapshot
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.store.database import Database
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.testing import TODAY, FakeAccounts, FakeClock, ScriptedSource, settle, task

NEXT_DAY = Day(TODAY.day + timedelta(days=1))
TONIGHT = Floating(datetime.combine(TODAY.day, time(20)))


def movable(id_: str, *, due: Due | None = TODAY) -> Task:
    """A task that can be put off as well."""
    actions = (ActionKind.DONE, *RESCHEDULES)
    return structs.replace(task(id_, due=due), actions=actions, undo="what it was")


class Desk:
    """Runs an outbox.

    outbox: the one that runs now; after a restart it is another one.
    polls_wanted: the accounts that delivery asked to be polled.
    """

    outbox: Outbox

    def __init__(
        self,
        build: Callable[..., Outbox],
        *,
        source: ScriptedSource,
        accounts: FakeAccounts,
        database: Database,
        clock: FakeClock,
        polls_wanted: list[AccountKey],
    ) -> None:
        self._build = build
        self.source = source
        self.accounts = accounts
        self.database = database
        self.clock = clock
        self.polls_wanted = polls_wanted

    # Its life

    async def start(self, **changes: object) -> None:
        self.outbox = self._build(**changes)
        self.outbox.load()
        self.outbox.start()
        await settle()

    async def stop(self) -> None:
        stopping = asyncio.ensure_future(self.outbox.stop())
        await self.clock.advance(5)
        await stopping

    async def restart(self, **changes: object) -> None:
        """`changes`: what the outbox is built with from now on, where it is something else."""
        await self.stop()
        await self.start(**changes)

    # What happens

    def click(
        self, *clicked: AnySignal | str, kind: ActionKind = ActionKind.DONE, due: Due | None = None
    ) -> OutboxItem:
        """Click each; the last click is returned. A text is the id of a task."""
        for each in clicked:
            signal = task(each) if isinstance(each, str) else each
            item = self.outbox.click(signal, kind, due=due)
        return item

    def put_off(self, clicked: str, *, due: Due | None = NEXT_DAY) -> OutboxItem:
        return self.click(movable(clicked), kind=ActionKind.TOMORROW, due=due)

    async def passes(self, seconds: float) -> None:
        await self.clock.advance(seconds)

    def poll(self, *listed: AnySignal, began: datetime | None = None) -> None:
        """A good poll of the account; by default one that begins now."""
        snapshot = Snapshot(signals=listed)
        self.outbox.confirm(self.source.key(), snapshot, began or self.clock.now())

    def make_read_only(self, yes: bool) -> None:
        """Nothing can be written to the database; or it can again."""
        self.database._connection.execute(f"PRAGMA query_only = {int(yes)}")

    async def rejected(
        self, signal: AnySignal, kind: ActionKind = ActionKind.DONE, *, due: Due | None = None
    ) -> OutboxItem:
        """A click that the service said no to."""
        self.source.act_failure = Rejected("No.")
        item = self.click(signal, kind=kind, due=due)
        await self.passes(6)
        self.source.act_failure = None
        return item

    # What there is

    @property
    def row(self) -> OutboxItem:
        """The only one there is."""
        (row,) = self.outbox.items()
        return row

    @property
    def states(self) -> dict[str, OutboxState]:
        """Of all rows, by the id of their signal."""
        return {str(item.signal.id): item.state for item in self.outbox.items()}

    @property
    def may_be_done(self) -> dict[str, bool]:
        return {str(item.signal.id): item.may_be_done for item in self.outbox.items()}

    @property
    def undoable(self) -> list[str]:
        return [item.signal.id for item in self.outbox.undoable()]

    @property
    def stored(self) -> Sequence[OutboxItem]:
        """What a new start would find."""
        return OutboxStore(self.database).all()

    @property
    def sent(self) -> list[str]:
        """The ids of the signals that the service was asked to change, in order."""
        return [str(key.id) for key, _ in self.source.acted]

    @property
    def sent_kinds(self) -> list[ActionKind]:
        return [action.kind for _, action in self.source.acted]

    @property
    def sent_uuids(self) -> list[str]:
        return [action.uuid for _, action in self.source.acted]
