"""Decides which events become notifications: the engine on one side, the desktop on the other."""

import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from oo_desktop.commands.commands import (
    Act,
    Add,
    Asker,
    Command,
    Done,
    Execute,
    OpenUrl,
    ShowSettings,
)
from oo_desktop.engine import Engine
from oo_desktop.errors import OoError
from oo_desktop.events import (
    OutboxChanged,
    ReminderDue,
    ReminderOver,
    TokenExpired,
    TokenRestored,
)
from oo_desktop.integrations.accounts import Disconnected
from oo_desktop.model.clicks import OutboxItem, OutboxState, is_rejected
from oo_desktop.model.signals import AccountKey, ProviderId
from oo_desktop.model.state import AccountState, Service, TokenStatus, zones_of
from oo_desktop.model.text import counted
from oo_desktop.model.zones import machine_zone
from oo_desktop.notifications.clicks import ClickedNotice, RejectedNotice, SentNotice
from oo_desktop.notifications.notifier import Notifier, SystemNotifier, Urgency, WithoutButtons
from oo_desktop.notifications.reconnect import ReconnectNotices
from oo_desktop.notifications.reminders import ReminderNotice
from oo_desktop.ui.view.accounts import service_of
from oo_desktop.ui.view.outbox import happened

log = logging.getLogger(__name__)

Spawn = Callable[[Coroutine[Any, Any, object]], None]


LONG_WAIT = timedelta(minutes=10)
"""How long a click must have waited until its going out is news."""
SHORT_WAIT = timedelta(minutes=1)
"""What waits longer than this waits for more than its turn."""


class NotificationCenter(Asker):
    """Listens to the engine and tells the user what they would want to know, and no more.

    Hears as well what becomes of the commands that are given on the screen.

    execute: carries out what a button says. spawn: runs a coroutine behind an event.
    """

    def __init__(
        self, *, engine: Engine, execute: Execute, spawn: Spawn, notifier: Notifier | None = None
    ) -> None:
        self._engine = engine
        self._execute = execute
        self._spawn = spawn
        self._notifier = notifier or SystemNotifier()
        self._reconnects = ReconnectNotices(
            notifier=self._notifier,
            clock=engine.clock,
            last_notified=engine.vault.notified_at,
            set_notified=engine.vault.set_notified,
            execute=execute,
            service=self._service,
        )
        self._clicked = ClickedNotice(
            notifier=self._notifier, clock=engine.clock, execute=execute, says=self._happened
        )
        self._rejected = RejectedNotice(
            notifier=self._notifier, clock=engine.clock, execute=execute
        )
        self._sent = SentNotice(notifier=self._notifier, clock=engine.clock)
        self._reminders = ReminderNotice(
            notifier=self._notifier,
            clock=engine.clock,
            shown=engine.reminders.shown,
            execute=execute,
        )
        self._backlog = Backlog()
        self._delivered: set[int] = set()
        self._known_refused: frozenset[int] = frozenset()
        self._outbox_is_news = False
        self._looking = False
        self._telling = False

    def start(self) -> None:
        """Listen from now on. Raises StoreError where the accounts cannot be read."""
        bus = self._engine.bus
        bus.subscribe(TokenExpired, lambda event: self._spawn(self._expired(event.account)))
        bus.subscribe(
            TokenRestored, lambda event: self._spawn(self._reconnects.mended(event.account))
        )
        bus.subscribe(OutboxChanged, lambda _event: self._outbox_changed())
        bus.subscribe(ReminderDue, lambda event: self._spawn(self._reminders.due(event.keys)))
        bus.subscribe(ReminderOver, lambda event: self._spawn(self._reminders.over(event.key)))
        items = self._engine.outbox.items()
        self._known_refused = frozenset(item.number for item in items if is_rejected(item))
        self._backlog.start(items)
        for account in self._engine.state().accounts:
            if account.token_status is TokenStatus.NEEDS_RECONNECT:
                self._spawn(self._reconnects.refused(account))

    async def aclose(self) -> None:
        """Say nothing more."""
        await self._notifier.aclose()

    # What became of a command

    def answered(self, command: Command, result: object) -> None:
        match command, result:
            case ((Done() | Act() | Add()), OutboxItem() as item):
                self._spawn(self.clicked(item))
            case _, Disconnected() as gone:
                self._spawn(self.disconnected(gone))

    def failed(self, error: OoError) -> None:
        log.info("told the user: %s", error)
        self._spawn(self.did_not_work(str(error)))

    async def clicked(self, item: OutboxItem) -> None:
        """Show what was clicked on the screen: done, or moved."""
        await self._clicked.clicked(self._engine.click_as_shown(item), undoable=self._undoable())

    async def did_not_work(self, sentence: str) -> None:
        """Say why something the user asked for did not work."""
        await self._notifier.show("failed", title="That did not work", body=sentence)

    async def disconnected(self, gone: Disconnected) -> None:
        """Say what a disconnect did, and what it could not do."""
        dropped = (
            f"{counted(gone.dropped, 'click was', 'clicks were')} dropped. " if gone.dropped else ""
        )
        await self._notifier.show(
            "disconnected",
            title=f"{self._service(gone.key.provider).name} · {gone.label} is disconnected",
            body=dropped
            + (gone.note or "oO has forgotten its access; only you can end it at the service."),
            buttons={"End access…": partial(self._execute, OpenUrl(gone.revoke_url))}
            if gone.revoke_url
            else {},
            without_buttons=WithoutButtons(f"{dropped}End its access at {gone.revoke_url}")
            if gone.revoke_url and not gone.note
            else None,
        )

    async def closed_window(self) -> None:
        """Say that oO goes on where nothing of it is seen any more."""
        await self._notifier.show(
            "closed-window",
            title="oO is still running",
            body="Start oO again to see its window, or run: oo-desktop show",
            urgency=Urgency.LOW,
        )

    async def mistaken(self, mistakes: Sequence[str]) -> None:
        """Say what of config.toml cannot be used; where there is nothing, take that back."""
        if not mistakes:
            await self._notifier.withdraw("mistaken")
            return
        others = len(mistakes) - 1
        more = f"\nThere {'is' if others == 1 else 'are'} {others} more." if others else ""
        await self._notifier.show(
            "mistaken",
            title="A setting cannot be used",
            body=f"{mistakes[0]}{more}\nIn its place, what counted before goes on counting.",
            buttons={"Settings…": partial(self._execute, ShowSettings())},
        )

    async def no_browser(self) -> None:
        """Say that a sign-in waits, and no browser came up."""
        await self._notifier.show(
            "no-browser",
            title="No browser could be opened",
            body="Copy the link from oO’s menu, under Accounts, and open it yourself.",
        )

    async def no_tray(self) -> None:
        """Say that the desktop has no place for an icon."""
        await self._notifier.show(
            "no-tray",
            title="This desktop shows no tray icons",
            body="oO has a window instead. On GNOME, install the AppIndicator extension, and the "
            "icon comes by itself.",
        )

    async def _expired(self, key: AccountKey) -> None:
        account = self._account(key)
        if account is not None:
            await self._reconnects.refused(account)

    # What becomes of clicks

    def _outbox_changed(self) -> None:
        """Look at it once for all that happens until then: a thousand clicks bring as many events,
        and a daemon may take its time for each notification."""
        self._outbox_is_news = True
        if not self._looking:
            self._looking = True
            self._spawn(self._look())

    async def _look(self) -> None:
        try:
            while self._outbox_is_news:
                self._outbox_is_news = False
                items = self._engine.outbox.items()
                await self._look_for_refused(items)
                undoable = self._undoable()
                over = self._no_longer_true(items, undoable)
                await self._clicked.over(over, undoable=undoable)
                for key, count in self._backlog.gone_out(items, self._engine.clock.now()).items():
                    await self._sent.sent(count, self._service(key.provider).name)
        finally:
            self._looking = False

    async def _look_for_refused(self, items: Iterable[OutboxItem]) -> None:
        refused = {item.number: item for item in items if is_rejected(item)}
        new = [item for number, item in refused.items() if number not in self._known_refused]
        settled = self._known_refused - refused.keys()
        self._known_refused = frozenset(refused)
        self._rejected.refused(map(self._engine.click_as_shown, new))
        await self._rejected.settled(settled)
        wait = await self._rejected.tell()
        if wait is not None and not self._telling:
            self._telling = True
            self._spawn(self._tell_refused_in(wait))

    async def _tell_refused_in(self, wait: float | None) -> None:
        try:
            while wait is not None:
                await self._engine.clock.sleep(wait)
                wait = await self._rejected.tell()
        finally:
            self._telling = False

    def _no_longer_true(
        self, items: Iterable[OutboxItem], undoable: frozenset[int]
    ) -> frozenset[int]:
        """Of the clicks on the screen: those taken back, refused, or too old to be undone.

        What was sent and then is gone was confirmed; what is gone unsent was taken back.
        """
        told = self._clicked.numbers
        if not told & undoable:
            return told
        rows = {item.number: item for item in items if item.number in told}
        self._delivered &= told
        self._delivered |= {n for n, row in rows.items() if row.state is OutboxState.SENT}
        refused = {number for number, row in rows.items() if is_rejected(row)}
        taken_back = {item.undoes for item in items if item.undoes is not None}
        return (told - rows.keys() - undoable - self._delivered) | refused | (told & taken_back)

    def _undoable(self) -> frozenset[int]:
        return frozenset(item.number for item in self._engine.outbox.undoable())

    def _happened(self, item: OutboxItem) -> str:
        local = machine_zone()
        zone = zones_of(self._engine.state(), local).get(item.signal.account, local)
        return happened(item, self._engine.clock.now(), zone)

    def _service(self, provider: ProviderId) -> Service:
        return service_of(provider, self._engine.services)

    def _account(self, key: AccountKey) -> AccountState | None:
        accounts = self._engine.state().accounts
        return next((account for account in accounts if account.key == key), None)


class Backlog:
    """Counts clicks that could not be sent for long, until all of an account's have gone out.

    A refusal among them is told by itself; then nothing more needs to be said.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._sent: Counter[AccountKey] = Counter()
        self._long: set[AccountKey] = set()
        self._refused: set[AccountKey] = set()

    def start(self, items: Iterable[OutboxItem]) -> None:
        """Take what was sent before for no news."""
        self._seen = {item.number for item in items if item.state is not OutboxState.QUEUED}

    def gone_out(self, items: Iterable[OutboxItem], now: datetime) -> dict[AccountKey, int]:
        """Return how many clicks of each account have gone out, where none waits any more."""
        items = tuple(items)
        queued = {item.number for item in items if item.state is OutboxState.QUEUED}
        for item in items:
            if item.number not in self._seen and item.number not in queued:
                self._count(item)
        self._seen = {item.number for item in items} - queued
        waiting = {
            item.signal.account
            for item in items
            if item.number in queued and now - item.send_at >= SHORT_WAIT
        }
        over = self._sent.keys() - waiting
        told = {key: self._sent[key] for key in over & (self._long - self._refused)}
        for key in over:
            del self._sent[key]
        self._long -= over
        self._refused &= waiting
        return told

    def _count(self, item: OutboxItem) -> None:
        key = item.signal.account
        if is_rejected(item):
            self._refused.add(key)
        elif item.sent_at is not None and item.sent_at - item.send_at >= SHORT_WAIT:
            self._sent[key] += 1
            if item.sent_at - item.send_at > LONG_WAIT:
                self._long.add(key)
