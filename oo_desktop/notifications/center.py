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
    Connect,
    Done,
    Execute,
    OpenUrl,
    ShowSettings,
)
from oo_desktop.commands.execute import Connected
from oo_desktop.engine import Engine
from oo_desktop.errors import OoError, SignInError
from oo_desktop.events import (
    IntegrationsChanged,
    OutboxChanged,
    PauseChanged,
    ReminderDue,
    ReminderOver,
    SettingsChanged,
    SignalsChanged,
    SignInChanged,
    TokenExpired,
    TokenRestored,
)
from oo_desktop.integrations.accounts import Disconnected
from oo_desktop.language import plural, translated
from oo_desktop.model.clicks import OutboxItem, OutboxState, is_rejected
from oo_desktop.model.signals import AccountKey, ProviderId, SignalKey, Task
from oo_desktop.model.state import AccountState, Service, TokenStatus, zones_of
from oo_desktop.model.zones import machine_zone
from oo_desktop.notifications.attention import Attention
from oo_desktop.notifications.clicks import ClickedNotice, RejectedNotice, SentNotice
from oo_desktop.notifications.connected import ConnectedNotice
from oo_desktop.notifications.digest import HeldBackNotice
from oo_desktop.notifications.notifier import Notifier, Urgency, WithoutButtons
from oo_desktop.notifications.reconnect import ReconnectNotices
from oo_desktop.notifications.reminders import ReminderNotice, line_words
from oo_desktop.notifications.rules import Notice, Verdict
from oo_desktop.signals.backoff import Alarm
from oo_desktop.ui.view.accounts import service_of
from oo_desktop.ui.view.outbox import happened

log = logging.getLogger(__name__)

Spawn = Callable[[Coroutine[Any, Any, object]], None]


LONG_WAIT = timedelta(minutes=10)
"""How long a click must have waited until its going out is news."""
SHORT_WAIT = timedelta(minutes=1)
"""What waits longer than this waits for more than its turn."""

WELCOME = "welcome"
NOT_CONNECTED = "not-connected"
NOT_CONNECTED_SECONDS = 8

REJECTED = "rejected"
"""What the line of a digest is about that speaks of refused clicks."""


class NotificationCenter(Asker):
    """Listens to the engine and tells the user what they would want to know, and no more.

    Hears as well what becomes of the commands that are given on the screen.

    What may not interrupt now (`rules.py`) is held back, and said in one when that is over.

    execute: carries out what a button says. spawn: runs a coroutine behind an event.
    show: opens the place where all of it stands; None: there is none.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        execute: Execute,
        spawn: Spawn,
        notifier: Notifier,
        show: Command | None = None,
    ) -> None:
        self._engine = engine
        self._execute = execute
        self._spawn = spawn
        self._notifier = notifier
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
        self._connected = ConnectedNotice(
            notifier=self._notifier, clock=engine.clock, state=engine.state, service=self._service
        )
        self._attention = Attention(
            clock=engine.clock, preferences=engine.preferences, state=engine.state
        )
        self._held_back = HeldBackNotice(notifier=self._notifier, execute=execute, show=show)
        self._held_reminders: dict[SignalKey, None] = {}
        self._reminders_over: list[SignalKey] = []
        self._held_accounts: dict[AccountKey, None] = {}
        self._refusals_held = False
        self._alarm = Alarm(engine.clock)
        self._holding = False
        self._backlog = Backlog()
        self._delivered: set[int] = set()
        self._known_refused: frozenset[int] = frozenset()
        self._outbox_is_news = False
        self._looking = False
        self._telling = False
        self._not_connected = False
        self._welcoming = False

    def start(self) -> None:
        """Listen from now on. Raises StoreError where the accounts cannot be read."""
        bus = self._engine.bus
        bus.subscribe(TokenExpired, lambda event: self._spawn(self._expired(event.account)))
        bus.subscribe(TokenRestored, lambda event: self._spawn(self._mended(event.account)))
        bus.subscribe(OutboxChanged, lambda _event: self._outbox_changed())
        bus.subscribe(ReminderDue, lambda event: self._spawn(self._due(event.keys)))
        bus.subscribe(ReminderOver, lambda event: self._reminder_over(event.key))
        bus.subscribe(PauseChanged, lambda _event: self._alarm.ring())
        bus.subscribe(SettingsChanged, lambda _event: self.look_again())
        bus.subscribe(SignalsChanged, lambda _event: self._news())
        bus.subscribe(IntegrationsChanged, lambda _event: self._news())
        bus.subscribe(SignInChanged, lambda _event: self._sign_in_changed())
        items = self._engine.outbox.items()
        self._known_refused = frozenset(item.number for item in items if is_rejected(item))
        self._backlog.start(items)
        for account in self._engine.state().accounts:
            if account.token_status is TokenStatus.NEEDS_RECONNECT:
                self._spawn(self._needs_reconnect(account))

    def desktop_says(self, *, do_not_disturb: bool, locked: bool) -> None:
        """Hear whether the desktop is not to be disturbed, and whether its screen is locked."""
        self._attention.do_not_disturb, self._attention.locked = do_not_disturb, locked
        self._alarm.ring()

    def look_again(self) -> None:
        """Judge anew what is held back: the clock or the settings have changed."""
        self._alarm.ring()

    async def aclose(self) -> None:
        """Say nothing more."""
        await self._notifier.aclose()

    # What became of a command

    def answered(self, command: Command, result: object) -> None:
        match command, result:
            case ((Done() | Act() | Add()), OutboxItem() as item):
                self._spawn(self.clicked(item))
            case Connect(), Connected(integration, _):
                self._spawn(self._connected.connected(integration.key))
            case _, Disconnected() as gone:
                self._spawn(self.disconnected(gone))

    def failed(self, error: OoError) -> None:
        log.info("told the user: %s", error)
        if isinstance(error, SignInError):
            self._spawn(self.not_connected(str(error)))
        else:
            self._spawn(self.did_not_work(str(error)))

    async def clicked(self, item: OutboxItem) -> None:
        """Show what was clicked on the screen: done, or moved."""
        wanted = self._engine.preferences().clicks
        if wanted and self._attention.verdict(Notice.CLICKED) is Verdict.NOW:
            await self._clicked.clicked(
                self._engine.click_as_shown(item), undoable=self._undoable()
            )

    async def did_not_work(self, sentence: str) -> None:
        """Say why something the user asked for did not work."""
        await self._notifier.show("failed", title=translated("That did not work"), body=sentence)

    async def not_connected(self, sentence: str) -> None:
        """Say why a sign-in came to nothing: briefly, for the menu opens where it stands."""
        self._not_connected = True
        await self._notifier.show(
            NOT_CONNECTED,
            title=translated("Not connected"),
            body=sentence,
            urgency=Urgency.LOW,
            seconds=NOT_CONNECTED_SECONDS,
        )

    async def welcome(self) -> None:
        """Say where oO is, at its very first start and while nothing is connected."""
        if self._engine.welcome():
            self._welcoming = True
            await self._notifier.show(
                WELCOME,
                title=translated("oO is in the tray"),
                body=translated("Click its two rings to connect your tasks and calendars."),
            )

    async def disconnected(self, gone: Disconnected) -> None:
        """Say what a disconnect did, and what it could not do."""
        service = self._service(gone.key.provider).name
        note = gone.note or translated(
            "oO has forgotten its access; only you can end it at the service."
        )
        instead = translated("End its access at {address}", address=gone.revoke_url)
        if gone.dropped:
            dropped = plural(
                "{count} click was dropped.", "{count} clicks were dropped.", gone.dropped
            )
            note, instead = f"{dropped} {note}", f"{dropped} {instead}"
        await self._notifier.show(
            "disconnected",
            title=translated(
                "{service} · {account} is disconnected", service=service, account=gone.label
            ),
            body=note,
            buttons={translated("End access…"): partial(self._execute, OpenUrl(gone.revoke_url))}
            if gone.revoke_url
            else {},
            without_buttons=WithoutButtons(instead) if gone.revoke_url and not gone.note else None,
        )

    async def closed_window(self) -> None:
        """Say that oO goes on where nothing of it is seen any more."""
        await self._notifier.show(
            "closed-window",
            title=translated("oO is still running"),
            body=translated("Start oO again to see its window, or run: oo-desktop show"),
            urgency=Urgency.LOW,
        )

    async def mistaken(self, mistakes: Sequence[str]) -> None:
        """Say what of config.toml cannot be used; where there is nothing, take that back."""
        if not mistakes:
            await self._notifier.withdraw("mistaken")
            return
        others = len(mistakes) - 1
        more = plural("There is {count} more.", "There are {count} more.", others) if others else ""
        rest = translated("In its place, what counted before goes on counting.")
        await self._notifier.show(
            "mistaken",
            title=translated("A setting cannot be used"),
            body="\n".join(filter(None, (mistakes[0], more, rest))),
            buttons={translated("Settings…"): partial(self._execute, ShowSettings())},
        )

    async def no_browser(self) -> None:
        """Say that a sign-in waits, and no browser came up."""
        await self._notifier.show(
            "no-browser",
            title=translated("No browser could be opened"),
            body=translated("Copy the link from oO’s menu, under Accounts, and open it yourself."),
        )

    async def no_tray(self, advice: str) -> None:
        """Say that the desktop has no place for an icon; `advice`: how to have one."""
        await self._notifier.show(
            "no-tray",
            title=translated("This desktop shows no tray icons"),
            # Translators: advice is a whole sentence
            body=translated("oO has a window instead. {advice}", advice=advice),
        )

    async def _expired(self, key: AccountKey) -> None:
        account = self._account(key)
        if account is not None:
            await self._needs_reconnect(account)

    async def _needs_reconnect(self, account: AccountState) -> None:
        if self._attention.verdict(Notice.RECONNECT) is Verdict.NOW:
            await self._reconnects.refused(account)
        elif not self._reconnects.told_of(account.key):
            self._held_accounts[account.key] = None
            self._hold()

    async def _mended(self, key: AccountKey) -> None:
        self._held_accounts.pop(key, None)
        await self._reconnects.mended(key)
        await self._held_back.forget(key)

    # Reminders

    async def _due(self, keys: Iterable[SignalKey]) -> None:
        loud: list[SignalKey] = []
        held: list[SignalKey] = []
        for key, verdict in self._verdicts_on_reminders(keys).items():
            (loud if verdict is Verdict.NOW else held).append(key)
        if held:
            self._held_reminders |= dict.fromkeys(held)
            self._engine.reminders.hold(held)
            self._hold()
        if loud:
            await self._reminders.due(loud)

    def _verdicts_on_reminders(self, keys: Iterable[SignalKey]) -> dict[SignalKey, Verdict]:
        """Without those that hold no longer."""
        shown = self._engine.reminders.shown
        notices = {
            key: Notice.TASK if isinstance(reminder.signal, Task) else Notice.EVENT
            for key in keys
            if (reminder := shown(key)) is not None
        }
        verdicts = self._attention.verdicts((notice, key) for key, notice in notices.items())
        return dict(zip(notices, verdicts, strict=True))

    def _reminder_over(self, key: SignalKey) -> None:
        """Take back those of one moment together: with an account 5,000 may go."""
        self._reminders_over.append(key)
        if len(self._reminders_over) == 1:
            self._spawn(self._over())

    async def _over(self) -> None:
        keys, self._reminders_over = self._reminders_over, []
        for key in keys:
            self._held_reminders.pop(key, None)
        await self._reminders.over(keys)
        await self._held_back.forget(*keys, wrong=True)

    # What is held back

    def _hold(self) -> None:
        if not self._holding:
            self._holding = True
            self._spawn(self._wait_for_the_end())

    async def _wait_for_the_end(self) -> None:
        """Hold one timer, for a known end, while something is held back; and none otherwise."""
        try:
            while True:
                await self._release()
                if not (self._held_reminders or self._held_accounts or self._refusals_held):
                    return
                end = self._attention.next_end()
                left = None if end is None else (end - self._engine.clock.now()).total_seconds()
                await self._alarm.wait(left)
        finally:
            self._holding = False

    async def _release(self) -> None:
        """Say what may be said by now, of what still matters: in one, where it is of two kinds."""
        reminders = self._released_reminders()
        accounts = self._released_accounts()
        refused = self._released_refusals()
        if bool(reminders) + bool(accounts) + refused > 1:
            await self._tell_in_one(reminders, accounts, refused=refused)
            return
        if reminders:
            await self._reminders.due(reminders)
        for account in accounts:
            await self._reconnects.refused(account)
        if refused:
            await self._tell_refused()

    async def _tell_in_one(
        self, keys: Iterable[SignalKey], accounts: Iterable[AccountState], *, refused: bool
    ) -> None:
        now = self._engine.clock.now()
        lines: dict[object, str] = {}
        for key in keys:
            if (reminder := self._engine.reminders.shown(key)) is not None:
                lines[key] = line_words(reminder, now)
        if refused:
            lines[REJECTED] = self._rejected.told_elsewhere()
        lines |= {each.key: self._reconnects.told_elsewhere(each) for each in accounts}
        await self._held_back.tell(lines)

    def _released_reminders(self) -> list[SignalKey]:
        released = []
        verdicts = self._verdicts_on_reminders(self._held_reminders)
        for key in tuple(self._held_reminders):
            verdict = verdicts.get(key)
            if verdict is not Verdict.DIGEST:
                del self._held_reminders[key]
            if verdict is Verdict.NOW:
                released.append(key)
        self._engine.reminders.seen(released)
        return released

    def _released_accounts(self) -> list[AccountState]:
        if not self._held_accounts or self._attention.verdict(Notice.RECONNECT) is Verdict.DIGEST:
            return []
        held = [self._account(key) for key in self._held_accounts]
        self._held_accounts.clear()
        return [
            account
            for account in held
            if account is not None and account.token_status is TokenStatus.NEEDS_RECONNECT
        ]

    def _released_refusals(self) -> bool:
        if not self._refusals_held or self._attention.verdict(Notice.REJECTED) is Verdict.DIGEST:
            return False
        self._refusals_held = False
        return self._rejected.untold

    # Accounts that were just connected

    def _news(self) -> None:
        self._alarm.ring()
        if self._connected.waits:
            self._spawn(self._connected.look())
        if self._welcoming and self._engine.state().accounts:
            self._welcoming = False
            self._spawn(self._notifier.withdraw(WELCOME))

    def _sign_in_changed(self) -> None:
        """A new sign-in: that the last came to nothing is no news any more."""
        if self._not_connected and self._engine.accounts.sign_ins():
            self._not_connected = False
            self._spawn(self._notifier.withdraw(NOT_CONNECTED))

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
                gone_out = self._backlog.gone_out(items, self._engine.clock.now())
                if self._attention.verdict(Notice.SENT) is not Verdict.NOW:
                    continue
                for key, count in gone_out.items():
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
        if settled and not refused:
            await self._held_back.forget(REJECTED)
        await self._tell_refused()

    async def _tell_refused(self) -> None:
        wait = await self._tell_refused_now()
        if wait is not None and not self._telling:
            self._telling = True
            self._spawn(self._tell_refused_in(wait))

    async def _tell_refused_in(self, wait: float | None) -> None:
        try:
            while wait is not None:
                await self._engine.clock.sleep(wait)
                wait = await self._tell_refused_now()
        finally:
            self._telling = False

    async def _tell_refused_now(self) -> float | None:
        """Say what was refused, unless that is held back. Returns seconds until another try."""
        if not self._rejected.untold:
            return None
        if self._attention.verdict(Notice.REJECTED) is Verdict.NOW:
            return await self._rejected.tell()
        self._refusals_held = True
        self._hold()
        return None

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
