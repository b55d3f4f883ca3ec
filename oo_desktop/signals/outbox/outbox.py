"""Carries out what the user asked for, from the click to the poll that shows the service has it.

A click is a row in the store before anything on the screen moves, and it leaves the store only when
a poll confirms it, or by the user's own hand. So a crash at any point loses nothing:

========================================  ==========================================================
crash, or answer lost                     after the restart
========================================  ==========================================================
before the row is committed               nothing was promised: the item is still on the list
while it is held, or waits                sent, when its time has come
while it is sent                          sent again with the same uuid, which makes that harmless
after the answer, before SENT is stored   the same
SENT, not confirmed                       hidden until a poll that began later has seen it
========================================  ==========================================================

Before anything is sent it is committed that it may be done: from then on an undo compensates,
unless the attempt turns out to have certainly not reached the service.

What was clicked may be changed elsewhere before the click gets there. One rule: what does not
depend on the date is carried out; what does is compared by the connector with the date there is
now, and comes back with its reason if that is another, so that no occurrence is skipped and no
newer wish overwritten unasked. Who then tries again insists: on what is listed now, or, where the
task is not listed any more, on whatever date it has. Clicking it anew wants what is clicked now.
One exception: an undo of a recurring DONE puts the date back even if it was changed elsewhere
since, for nobody can tell whether the service or a person has set the next one.

Changed before the click is sent:

============  ======  ==========  ==========  ========  =========  ========
elsewhere     DONE    DONE,       reschedule  REOPEN    REOPEN,    RESTORE
              .       recurring   .           .         recurring  .
============  ======  ==========  ==========  ========  =========  ========
title etc.    sent    sent        sent        sent      sent       sent
moved         sent    sent        sent        sent      sent       sent
completed     done    rejected    rejected    sent      sent       rejected
deleted       done    done        rejected    rejected  rejected   rejected
another date  sent    rejected    rejected    sent      sent       rejected
============  ======  ==========  ==========  ========  =========  ========

An ADD is about nothing that could be changed before: it is sent. A REMOVE takes the task away as it
is by then, and where it is gone, there is nothing left to do.

"done": there is nothing left to do. A rejected click hides nothing. While it still waits, a listed
date other than the clicked one is shown as it is, but for a plain DONE, which means any date. What
may have been done by an earlier attempt, whose answer was lost, counts as done, not as changed.

Changed after it was sent, before a poll has confirmed it:

============  ======  ==========  ==========  ========  ============  ========
elsewhere     DONE    DONE,       reschedule  REOPEN    REOPEN,       RESTORE
              .       recurring   .           .         recurring     .
============  ======  ==========  ==========  ========  ============  ========
title etc.    over    over        over        over      over          over
moved         over    over        over        over      over          over
completed     over    over        over        given up  given up      given up
deleted       over    over        over        given up  given up      given up
another date  over    over        over        over      unconfirmed   given up
============  ======  ==========  ==========  ========  ============  ========

An ADD is over when it is listed, under the id that the service gave it; and when it is not, given
up in the same way: it was moved, completed or deleted. A REMOVE is over, too, but where the task is
listed for two minutes: then it is unconfirmed.

"over": the next poll confirms it. "given up": shown as it was when clicked for two minutes, then
the list alone counts. "unconfirmed": after two minutes shown as listed, with a mark, for nobody can
tell whether the service did it. Nothing is ever sent again for any of these.

What was rejected, and what the service fails at again and again while it answers polls, does not
hold the others: order is kept within a signal, not between them.

`rows.py` keeps the rows, `delivery.py` sends them in batches that `batching.py` sizes, past those
that `quarantine.py` holds; `settlement.py` says what becomes of them, and `model/clicks.py` what is
seen meanwhile.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import uuid4

import msgspec

from oo_desktop.clock import Clock
from oo_desktop.errors import Rejected
from oo_desktop.events import EventBus, OutboxChanged
from oo_desktop.language import translated, untranslated
from oo_desktop.model.clicks import (
    UNDOING,
    OutboxItem,
    OutboxState,
    has_same_date,
    is_same_occurrence,
    is_standing,
    provisional_id,
    seen_after,
)
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    AnySignal,
    Container,
    Due,
    NewTask,
    ProviderId,
    SignalId,
    SignalKey,
    Task,
)
from oo_desktop.model.source import AddingSource, SignalSource, Snapshot
from oo_desktop.signals.isolation import ActiveAccounts
from oo_desktop.signals.outbox.delivery import Delivery
from oo_desktop.signals.outbox.rows import UNDO_FOR, OutboxRows, acted_at
from oo_desktop.signals.outbox.settlement import after_poll
from oo_desktop.store.outbox import OutboxStore

BEING_ADDED = untranslated("This task is being added. Undo that first, or wait a moment.")

MAX_UNDOABLE = 5
"""How many actions are offered to be undone, where more are not held at the moment."""


class Outbox:
    """Keeps the clicks that no service has confirmed, and delivers them.

    hold: seconds a click waits before it is sent, so that undo costs nothing.
    deadline: seconds one attempt may take.
    poll_soon: asked to poll an account whose list has just been changed.
    """

    def __init__(
        self,
        *,
        store: OutboxStore,
        sources: Mapping[ProviderId, SignalSource],
        accounts: ActiveAccounts,
        bus: EventBus,
        clock: Clock,
        hold: float,
        deadline: float = 30.0,
        new_uuid: Callable[[], str] = lambda: str(uuid4()),
        random: Random | None = None,
        poll_soon: Callable[[AccountKey], None] = lambda _key: None,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._hold = hold
        self._new_uuid = new_uuid
        self._rows = OutboxRows(store=store, clock=clock, changed=self._changed)
        self._delivery = Delivery(
            rows=self._rows,
            sources=sources,
            accounts=accounts,
            clock=clock,
            deadline=deadline,
            random=random or Random(),  # noqa: S311  # spreads load, guards nothing
            poll_soon=poll_soon,
        )

    # Life

    def load(self) -> None:
        """Take up what an earlier run left. Raises StoreError."""
        self._rows.load(longest_hold=self._hold)

    def start(self) -> None:
        """Begin to deliver for every active account. Needs a running loop."""
        self._delivery.start()

    async def stop(self) -> None:
        """End all attempts. What is in the air goes out again after the next start."""
        await self._delivery.stop()

    def follow_accounts(self) -> None:
        """Deliver for exactly the accounts that are active; clicks of others wait."""
        self._delivery.follow_accounts()

    def restart(self, key: AccountKey) -> None:
        """Repeat an attempt in the air with the old token: the account was signed in anew."""
        self._delivery.end(key)
        self._delivery.follow_accounts()

    def deliver_soon(self) -> None:
        """End every backoff, for the network is back or the machine awake; Retry-After holds."""
        self._delivery.hurry()

    def hold_for(self, seconds: float) -> None:
        """Let clicks wait so long before they are sent, from the next one on."""
        self._hold = seconds

    # What the user does

    def click(
        self, signal: AnySignal, kind: ActionKind = ActionKind.DONE, *, due: Due | None = None
    ) -> OutboxItem:
        """Write down that the user wants `kind` of `signal`; when this returns, it is safe.

        Clicking again what already waits changes nothing; clicking what was rejected sends that
        again, for what is seen and wanted now; clicking what a poll did not confirm asks the
        service once more: the first click may have done it, so that another date then tells that
        it is done.

        due: where a reschedule moves it.

        Raises Rejected when the signal does not offer that, StoreError when it cannot be kept.
        """
        if kind in UNDOING or self._delivery.source(signal.account) is None:
            raise Rejected(translated("oO cannot do this here. Open it in the service instead."))
        about = self._rows.about(signal.key)
        before = _clicked_before(about, signal, kind, due)
        if before is not None:
            return before
        seen = _clickable(about, signal, kind)
        rejected = _rejected_before(about, seen, kind, due)
        if rejected is not None:
            again = msgspec.structs.replace(rejected, signal=seen, due=due, insists=False)
            return self._rows.queue_again(again, hold=self._hold)
        doubted = [row for row in about if row.unconfirmed]
        now = self._clock.now()
        item = self._store.add(
            kind,
            self._new_uuid(),
            seen,
            clicked_at=now,
            send_at=now + timedelta(seconds=self._hold),
            due=due,
            may_be_done=any(_says_the_same(row, seen, kind, due) for row in doubted),
        )
        self._rows.enter(item, hold=self._hold)
        self._rows.record(signal.account, gone=doubted)
        self._changed(signal.account)
        return item

    def add(self, key: AccountKey, task: NewTask, *, container: Container | None) -> OutboxItem:
        """Write down that `task` is to be added to an account; when this returns, it is safe.

        container: the list that it goes to, as it will be shown.

        Raises Rejected where the service takes no tasks, StoreError when it cannot be kept.
        """
        if self._delivery.adding_source(key) is None:
            raise Rejected(translated("oO cannot add tasks there."))
        now = self._clock.now()
        signal = Task(
            id=provisional_id(task.uuid),
            source=key.provider,
            user_id=key.user_id,
            title=task.title,
            container=container,
            due=task.due,
            recurring=bool(task.repeats),
            priority=task.priority,
            labels=task.labels,
        )
        item = self._store.add(
            ActionKind.ADD,
            task.uuid,
            signal,
            clicked_at=now,
            send_at=now + timedelta(seconds=self._hold),
            added=task,
        )
        self._rows.enter(item, hold=self._hold)
        self._changed(key)
        return item

    def adding_source(self, key: AccountKey) -> AddingSource | None:
        """Return what can add tasks to the account's service, if anything can."""
        return self._delivery.adding_source(key)

    def new_uuid(self) -> str:
        """Return a uuid for a task that is to be added."""
        return self._new_uuid()

    def undo(self, number: int | None = None) -> OutboxItem | None:
        """Take back the newest undoable click, or that one; returns it, or None if there is none.

        What certainly never reached the service is forgotten. What is there, or may be, is
        compensated by a second click that goes out after the first. Raises StoreError.
        """
        offered = [item for item in self.undoable() if number in (None, item.number)]
        if not offered:
            return None
        item = offered[0]
        if not item.may_be_done:
            self._rows.remove(item)
            return item
        kind = _COMPENSATIONS.get(item.kind, ActionKind.RESTORE)
        now = self._clock.now()
        undo = self._store.add(
            kind,
            self._new_uuid(),
            item.signal,
            clicked_at=now,
            send_at=now,
            due=item.due,
            undoes=item.number,
            added=item.added,
        )
        self._rows.enter(undo, hold=0.0)
        self._changed(item.signal.account)
        return item

    def retry(self, number: int, *, listed: AnySignal | None = None) -> OutboxItem | None:
        """Send a rejected click again; returns it, or None if there is none. Raises StoreError.

        listed: the signal as the list has it now, if it is there. Where it was changed since the
        click, the user now asks for the same of what they see; and if it is changed again, or is
        not listed, of that, for they know that it was changed.
        """
        item = self._rejected(number)
        if item is None:
            return None
        if isinstance(listed, Task):
            item = _meant_for(listed, item)
        again = msgspec.structs.replace(item, insists=_can_insist(item))
        return self._rows.queue_again(again, hold=0.0)

    def discard(self, number: int) -> OutboxItem | None:
        """Forget a rejected click; returns it, or None if there is none. Raises StoreError."""
        item = self._rejected(number)
        if item:
            self._rows.remove(item)
        return item

    def forget_account(self, key: AccountKey) -> int:
        """Forget an account's clicks; returns how many were never delivered. Raises StoreError."""
        self._delivery.end(key)
        items = self._rows.remove_account(key)
        return sum(item.state is not OutboxState.SENT for item in items)

    # What there is

    def items(self) -> tuple[OutboxItem, ...]:
        """Return every row that is not confirmed, in the order of the clicks."""
        return self._rows.all()

    def about(self, key: SignalKey) -> tuple[OutboxItem, ...]:
        """Return the rows of one signal that are not confirmed, in the order of the clicks."""
        return self._rows.about(key)

    def undoable(self) -> tuple[OutboxItem, ...]:
        """Return what can be undone, newest first: all that is held, for it may be many that were
        done at once; else the last that wait, and that were done lately.

        Of one signal, only the newest: an older date cannot come back past a newer one.
        """
        now = self._clock.now()
        since = now - UNDO_FOR
        seen: set[SignalKey] = set()
        offered: list[OutboxItem] = []
        for item in self._rows.newest_first():
            if item.kind in UNDOING or item.state is OutboxState.REJECTED or item.key in seen:
                continue
            if self._rows.undo_of(item) is not None:
                continue
            seen.add(item.key)
            is_queued = item.state is OutboxState.QUEUED
            if len(offered) >= MAX_UNDOABLE and not (is_queued and now < item.send_at):
                break
            if is_queued or acted_at(item) >= since:
                offered.append(item)
        return tuple(offered)

    def pending(self, key: AccountKey) -> int:
        """Count an account's clicks that are on their way or not confirmed."""
        return sum(item.state is not OutboxState.REJECTED for item in self._rows.of(key))

    def waiting(self, key: AccountKey) -> int:
        """Count an account's clicks that are not delivered yet."""
        return sum(item.state is OutboxState.QUEUED for item in self._rows.of(key))

    # What polls tell

    def confirm(self, key: AccountKey, snapshot: Snapshot, began_at: datetime) -> None:
        """Settle what an account's list confirms, as a poll that began at `began_at` found it."""
        sent: defaultdict[SignalId, list[OutboxItem]] = defaultdict(list)
        for item in self._rows.of(key):
            if item.state is OutboxState.SENT:
                sent[item.signal.id].append(item)
        signals = snapshot.signals if sent else ()
        listed = {signal.id: signal for signal in signals if signal.id in sent}
        changed, gone = [], []
        for id_, items in sent.items():
            judged = after_poll(items, listed.get(id_), began_at=began_at)
            for item, after in zip(items, judged, strict=True):
                if after is None:
                    gone.append(item)
                elif after is not item:
                    changed.append(after)
        self._rows.record(key, changed, gone)
        self._rows.prune()
        self._delivery.polled(key)

    # Within

    def _changed(self, key: AccountKey) -> None:
        self._delivery.wake(key)
        self._bus.publish(OutboxChanged(key))

    def _rejected(self, number: int) -> OutboxItem | None:
        item = self._rows.get(number)
        return item if item and item.state is OutboxState.REJECTED else None


_COMPENSATIONS = {ActionKind.DONE: ActionKind.REOPEN, ActionKind.ADD: ActionKind.REMOVE}
"""What takes a click back that the service may have; all others moved or answered something."""


def _clicked_before(
    about: Sequence[OutboxItem], signal: AnySignal, kind: ActionKind, due: Due | None
) -> OutboxItem | None:
    """The row that says the very same, was not taken back since, and is on its way."""
    standing: list[OutboxItem] = []
    for row in filter(is_standing, about):
        if row.kind in UNDOING:
            standing.clear()
        else:
            standing.append(row)
    return next((row for row in reversed(standing) if _says_the_same(row, signal, kind, due)), None)


def _rejected_before(
    about: Sequence[OutboxItem], seen: AnySignal, kind: ActionKind, due: Due | None
) -> OutboxItem | None:
    """The rejected row that a click on `seen` sends again: it keeps its uuid and its place.

    What may be done cannot be sent for anything else with the same uuid, and what was clicked
    since must not go out after it.
    """
    for row in reversed(about):
        if is_standing(row):
            return None
        if row.state is not OutboxState.REJECTED or row.kind is not kind:
            continue
        if not row.may_be_done or _says_the_same(row, seen, kind, due):
            return row
    return None


def _says_the_same(row: OutboxItem, signal: AnySignal, kind: ActionKind, due: Due | None) -> bool:
    if row.kind is not kind:
        return False
    if kind is ActionKind.DONE:
        return is_same_occurrence(row.signal, signal)
    return has_same_date(row.signal, signal) and row.due == due


def _can_insist(item: OutboxItem) -> bool:
    """Whether to try again means whatever date there is: not if an occurrence may be done twice."""
    if item.added is not None:
        return False  # there is nothing it could be meant for but itself
    return not (item.kind is ActionKind.DONE and item.may_be_done)


def _meant_for(listed: Task, item: OutboxItem) -> OutboxItem:
    """A rejected row as if it were clicked on what is listed now; where it leads to stays.

    The uuid stays: either the service has rejected it, or it may have been carried out, and then
    must not be again. So an occurrence that may be done is not exchanged for the next one.
    """
    match item.kind:
        case ActionKind.ADD | ActionKind.REMOVE | ActionKind.REOPEN:
            return item
        case ActionKind.RESTORE:
            return msgspec.structs.replace(item, due=listed.due)
        case ActionKind.DONE:
            wanted = not item.may_be_done
        case _:
            wanted = listed.due != item.due
    return msgspec.structs.replace(item, signal=listed) if wanted else item


def _clickable(about: Sequence[OutboxItem], signal: AnySignal, kind: ActionKind) -> AnySignal:
    """`signal` as the user sees it, whatever list it was taken from; Rejected where it cannot be.

    While an earlier click on it is on its way, only what does not depend on that can be asked.
    """
    if any(row.kind is ActionKind.ADD for row in filter(is_standing, about)) and (
        kind not in signal.actions
    ):
        raise Rejected(translated(BEING_ADDED))
    if kind not in signal.actions:
        raise Rejected(translated("oO cannot do this here. Open it in the service instead."))
    seen = seen_after(filter(is_standing, about), signal)
    if seen is None or kind not in seen.actions:
        raise Rejected(
            translated("Another change to this is on its way. Undo that first, or wait a moment.")
        )
    return seen
