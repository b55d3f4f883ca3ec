"""Which events become notifications: the engine on one side, the desktop on the other."""

from collections.abc import Callable, Coroutine
from typing import Any

from oo_desktop.engine import Engine
from oo_desktop.events import OutboxChanged, TokenExpired, TokenRestored
from oo_desktop.integrations.accounts import Disconnected
from oo_desktop.signals.model import AccountKey
from oo_desktop.signals.state import AccountState, OutboxItem, OutboxState, TokenStatus
from oo_desktop.ui.commands import Commands
from oo_desktop.ui.notices import ClickNotices, ReconnectNotices
from oo_desktop.ui.notifications import Notifier, SystemNotifier, Urgency
from oo_desktop.ui.text import counted

Go = Callable[[Coroutine[Any, Any, object]], None]


class Notifying:
    """Listens to the engine and tells the user what they would want to know, and no more.

    go: runs a coroutine behind an event.
    """

    def __init__(
        self, *, engine: Engine, commands: Commands, go: Go, notifier: Notifier | None = None
    ) -> None:
        self._engine = engine
        self._commands = commands
        self._go = go
        self._notifier = notifier or SystemNotifier()
        self._reconnects = ReconnectNotices(
            notifier=self._notifier,
            clock=engine.clock,
            last_notified=engine.integrations.notified_at,
            set_notified=engine.integrations.set_notified,
            reconnect=commands.reconnect,
        )
        self._clicks = ClickNotices(
            notifier=self._notifier, clock=engine.clock, undo=commands.undo, retry=commands.retry
        )
        self._told_refused: frozenset[int] = frozenset()
        self._done: set[int] = set()

    def start(self) -> None:
        bus = self._engine.bus
        bus.subscribe(TokenExpired, lambda event: self._go(self._expired(event.account)))
        bus.subscribe(TokenRestored, lambda event: self._go(self._reconnects.mended(event.account)))
        bus.subscribe(OutboxChanged, lambda _event: self._go(self._outbox_changed()))
        for account in self._engine.state().accounts:
            if account.token_status is TokenStatus.NEEDS_RECONNECT:
                self._go(self._reconnects.refused(account))

    async def aclose(self) -> None:
        """Say nothing more."""
        await self._notifier.aclose()

    async def done(self, item: OutboxItem) -> None:
        """A task was clicked on the screen."""
        self._done.add(item.number)
        await self._clicks.done(item)

    async def failed(self, sentence: str) -> None:
        """Something the user asked for did not work."""
        await self._notifier.show("failed", title="That did not work", body=sentence)

    async def disconnected(self, gone: Disconnected) -> None:
        """What a disconnect did, and what it could not do."""
        dropped = (
            f"{counted(gone.dropped, 'click was', 'clicks were')} dropped. " if gone.dropped else ""
        )
        await self._notifier.show(
            "disconnected",
            title=f"{gone.label} is disconnected",
            body=f"{dropped}oO has forgotten its access; only you can end it at the service.",
            buttons={"End access…": lambda: self._commands.open_url(gone.revoke_url)},
            without_buttons=gone.revoke_url,
        )

    async def here(self) -> None:
        """oO was started while it runs."""
        await self._notifier.show(
            "here",
            title="oO is already running",
            body="Look for its two rings in the tray.",
            urgency=Urgency.LOW,
        )

    async def no_browser(self) -> None:
        """A sign-in waits, and no browser came up."""
        await self._notifier.show(
            "no-browser",
            title="No browser could be opened",
            body="Copy the link from oO’s menu, under Accounts, and open it yourself.",
        )

    async def no_tray(self) -> None:
        """The desktop has no place for an icon."""
        await self._notifier.show(
            "no-tray",
            title="This desktop shows no tray icons",
            body="On GNOME, install the AppIndicator extension; the icon then comes by itself. "
            "Meanwhile everything works from the command line: oo-desktop --help",
        )

    async def _expired(self, key: AccountKey) -> None:
        account = self._account(key)
        if account is not None:
            await self._reconnects.refused(account)

    async def _outbox_changed(self) -> None:
        items = self._engine.outbox.items()
        refused = {item.number: item for item in items if item.state is OutboxState.REFUSED}
        new = refused.keys() - self._told_refused
        settled = self._told_refused - refused.keys()
        self._told_refused = frozenset(refused)
        for number in new:
            await self._clicks.refused(refused[number])
        for number in settled:
            await self._clicks.settled(number)
        undoable = {item.number for item in self._engine.outbox.undoable()}
        for number in self._done - undoable:
            self._done.discard(number)
            await self._clicks.undone(number)

    def _account(self, key: AccountKey) -> AccountState | None:
        accounts = self._engine.state().accounts
        return next((account for account in accounts if account.key == key), None)
