"""Click in a storm: what is done is drawn, and written down for the law."""

from collections.abc import Callable
from random import Random

from oo_desktop.engine import Engine
from oo_desktop.errors import Rejected
from oo_desktop.model.clicks import OutboxItem, OutboxState, shown_signals
from oo_desktop.model.signals import (
    RESCHEDULES,
    ActionKind,
    AnySignal,
    Day,
    Due,
    Fixed,
    SignalKey,
    Task,
)
from tests.faults.law import Addition, Click, Kept
from tests.faults.life import Life

Say = Callable[[str], None]


def act(engine: Engine, key: SignalKey, kind: ActionKind) -> OutboxItem:
    """Click what is shown. Raises Rejected where that cannot be done now."""
    signal = engine.signal(key)
    return engine.outbox.click(signal, kind, due=engine.due_after(signal, kind))


class Person:
    """Clicks, and keeps the book of what was clicked."""

    def __init__(self, life: Life, random: Random, say: Say) -> None:
        self._life = life
        self._random = random
        self._say = say
        self.book: dict[str, Click] = {}
        self._undos: dict[str, Click] = {}
        self.additions: dict[str, Addition] = {}
        self._removals: dict[str, Addition] = {}

    @property
    def _engine(self) -> Engine:
        return self._life.engine

    def shown(self) -> list[AnySignal]:
        state = self._engine.state()
        return [
            s for signals in shown_signals(state.signals, state.outbox).values() for s in signals
        ]

    def click(self) -> None:
        shown = self.shown()
        if not shown:
            return
        signal = self._random.choice(shown)
        kinds = [kind for kind in signal.actions if kind is not ActionKind.REOPEN]
        if not kinds:
            return
        # Half of the clicks are the plainest there is.
        kind = self._random.choice([*kinds, *kinds[:1] * (len(kinds) - 2)])
        try:
            item = act(self._engine, signal.key, kind)
        except Rejected as error:
            self._say(f"  {kind} of {signal.title}: {error}")
            return
        self._say(f"  {kind} of {signal.title} ({due_of(signal)}): row {item.number}")
        click = self.book.setdefault(item.uuid, _click(item))
        if due_of(item.signal) not in click.dues:  # a refused one, tried again as it is listed now
            click.dues.append(due_of(item.signal))

    def add(self) -> None:
        """Type a new task, that is due today, later, or at no time."""
        words = ("today", "today 23:59", "tomorrow", "in 3 days p1", "p2", "", "2026-11-01")
        title = f"New {len(self.additions)}"
        item = self._engine.add(f"{title} {self._random.choice(words)}")
        self._say(f"  add {item.signal.title} ({due_of(item.signal)}): row {item.number}")
        self.additions[item.uuid] = Addition(uuid=item.uuid, title=item.signal.title)

    def undo(self) -> None:
        offered = self._engine.outbox.undoable()
        if not offered:
            return
        known = {item.number for item in self._engine.outbox.items()}
        item = self._engine.outbox.undo(self._random.choice(offered).number)
        if item is None:
            self._say("  undo: nothing")
            return
        if item.uuid in self.additions:
            self._taken_back(item, known)
            return
        click = self.book[item.uuid]
        click.undone = True
        for row in self._engine.outbox.items():
            if row.number not in known:
                click.undo = self._undos[row.uuid] = _undo(row, click)
        self._say(f"  undo row {item.number}" + (" by another" if click.undo else ""))

    def _taken_back(self, item: OutboxItem, known: set[int]) -> None:
        addition = self.additions[item.uuid]
        addition.undone = True
        for row in self._engine.outbox.items():
            if row.number not in known:
                self._removals[row.uuid] = addition
        self._say(f"  take back row {item.number}, {addition.title}")

    def answer_refusal(self) -> None:
        """Try one again, or give it up."""
        refused = self._rows(OutboxState.REJECTED)
        if not refused:
            return
        row = self._random.choice(refused)
        if self._random.random() < 0.5:
            again = self._engine.retry(row.number)
            self._say(f"  retry row {row.number}")
            if again and not again.added:
                # From now on it is meant for what is listed now; an undo, to take that back.
                meant = due_of(again.signal) if row.uuid in self.book else due_text(again.due)
                click = self._known(row.uuid)
                click.dues.append(meant)
                click.insists = True
        else:
            self._engine.outbox.discard(row.number)
            self._say(f"  discard row {row.number}")
            if row.uuid in self.additions:
                self.additions[row.uuid].discarded = True
                return
            if row.uuid in self._removals:
                self._removals[row.uuid].undo_discarded = True
                return
            self._known(row.uuid).discarded = True

    def waits(self) -> bool:
        """Return whether anything is still on its way."""
        rows = (*self._rows(OutboxState.QUEUED), *self._rows(OutboxState.SENT))
        return any(not row.unconfirmed for row in rows)

    def close_the_book(self) -> list[Click]:
        """Return every click, with what became of its row."""
        for item in self._engine.outbox.items():
            if item.uuid in self.additions:
                addition = self.additions[item.uuid]
                addition.kept, addition.reason = _kept(item), item.reason
            elif item.uuid in self._removals:
                addition = self._removals[item.uuid]
                addition.undo, addition.undo_reason = _kept(item), item.reason
            else:
                click = self._known(item.uuid)
                click.kept, click.reason = _kept(item), item.reason
        return list(self.book.values())

    def _known(self, uuid: str) -> Click:
        return self.book.get(uuid) or self._undos[uuid]

    def _rows(self, state: OutboxState) -> list[OutboxItem]:
        return [item for item in self._engine.outbox.items() if item.state is state]


def _kept(item: OutboxItem) -> Kept:
    match item.state:
        case OutboxState.REJECTED:
            return Kept.REFUSED
        case OutboxState.CONFIRMED:
            return Kept.GONE
        case _:
            return Kept.UNCONFIRMED if item.unconfirmed else Kept.WAITING


def _click(item: OutboxItem) -> Click:
    return Click(
        uuid=item.uuid,
        kind=item.kind,
        task=item.signal.id,
        recurring=isinstance(item.signal, Task) and item.signal.recurring,
        dues=[due_of(item.signal)],
        moves=item.kind in RESCHEDULES,
        to=due_text(item.due),
    )


def _undo(row: OutboxItem, click: Click) -> Click:
    """A REOPEN is about no date. A RESTORE moves from where the click moved to, back."""
    moves = row.kind is ActionKind.RESTORE
    return Click(
        uuid=row.uuid,
        kind=row.kind,
        task=row.signal.id,
        dues=[click.to] if moves else [],
        moves=moves,
        to=click.dues[-1] if moves else None,
    )


def due_of(signal: AnySignal) -> str | None:
    return due_text(signal.due) if isinstance(signal, Task) else None


def due_text(due: Due | None) -> str | None:
    """Return it as the service writes it."""
    if due is None:
        return None
    if isinstance(due, Day):
        return due.day.isoformat()
    text = due.at.strftime("%Y-%m-%dT%H:%M:%S")
    return text + "Z" if isinstance(due, Fixed) else text
