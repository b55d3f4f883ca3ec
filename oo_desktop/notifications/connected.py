"""Says that an account is connected, once its first list is there."""

import math
from collections.abc import Callable, Sequence

from oo_desktop.clock import Clock
from oo_desktop.language import plural, translated
from oo_desktop.model.signals import AccountKey, AnySignal, ProviderId, Task
from oo_desktop.model.state import AccountState, AppState, Connection, Service
from oo_desktop.notifications.notifier import MAX_NAMED, Notifier

TOGETHER_SECONDS = 60.0
"""Within which several accounts share one notification."""


class ConnectedNotice:
    """Shows which accounts were connected on the screen, and what that has brought.

    service: says what the screen knows of a service.
    """

    def __init__(
        self,
        *,
        notifier: Notifier,
        clock: Clock,
        state: Callable[[], AppState],
        service: Callable[[ProviderId], Service],
    ) -> None:
        self._notifier = notifier
        self._clock = clock
        self._state = state
        self._service = service
        self._waiting: dict[AccountKey, None] = {}
        self._told: dict[AccountKey, str] = {}
        self._told_at = -math.inf

    @property
    def waits(self) -> bool:
        """Return whether an account was connected whose list has not come yet."""
        return bool(self._waiting)

    async def connected(self, key: AccountKey) -> None:
        """Hear of an account that was just connected."""
        self._waiting[key] = None
        await self.look()

    async def look(self) -> None:
        """Tell of the accounts whose first list has come, or did not. Raises StoreError."""
        state = self._state()
        accounts = {account.key: account for account in state.accounts}
        gone = [key for key in self._waiting if key not in accounts]
        told = [
            accounts[key]
            for key in self._waiting
            if key in accounts and accounts[key].connection is not Connection.UNKNOWN
        ]
        # All at once: while one is told of, somebody else may look.
        for key in (*gone, *(account.key for account in told)):
            del self._waiting[key]
        for account in told:
            await self._tell(account, state.signals.get(account.key, ()))

    async def _tell(self, account: AccountState, signals: Sequence[AnySignal]) -> None:
        now = self._clock.monotonic()
        if now - self._told_at > TOGETHER_SECONDS:
            self._told.clear()
        self._told_at = now
        name = self._service(account.key.provider).name
        self._told[account.key] = _sentence(name, account, signals)
        sentences = list(self._told.values())
        if len(sentences) == 1:
            title, body = sentences[0], translated("You find it behind the two rings in the tray.")
        else:
            title = plural(
                "{count} account is connected", "{count} accounts are connected", len(sentences)
            )
            body = "\n".join(sentences[-MAX_NAMED:])
        await self._notifier.show("connected", title=title, body=body)


def _sentence(name: str, account: AccountState, signals: Sequence[AnySignal]) -> str:
    if account.last_success is None:
        return translated("{service} is connected, and its list is not here yet", service=name)
    tasks, count = sum(isinstance(signal, Task) for signal in signals), len(signals)
    if not signals:
        return translated("{service} is connected: nothing is on the list", service=name)
    if tasks == count:
        return plural(
            "{service} is connected: {count} task is on the list",
            "{service} is connected: {count} tasks are on the list",
            count,
            service=name,
        )
    if not tasks:
        return plural(
            "{service} is connected: {count} event is on the list",
            "{service} is connected: {count} events are on the list",
            count,
            service=name,
        )
    return plural(
        "{service} is connected: {count} entry is on the list",
        "{service} is connected: {count} entries are on the list",
        count,
        service=name,
    )
