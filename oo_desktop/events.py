"""Publishes events, and defines every one there is.

Events say *that* something changed, never carry the data: who cares reads it anew, so a missed or
repeated event does no harm.
"""

import logging
from collections.abc import Callable
from typing import ClassVar, TypeVar

from msgspec import Struct

from oo_desktop.model.signals import AccountKey, ProviderId, SignalKey

E = TypeVar("E", bound="BusEvent")

log = logging.getLogger(__name__)


class BusEvent(Struct, frozen=True):
    """Tells that something happened; `name` is stable and may be relied on by others."""

    name: ClassVar[str]


class SignalsChanged(BusEvent, frozen=True):
    """Tells that an account shows other signals than before."""

    name: ClassVar[str] = "signals.changed"
    account: AccountKey


class IntegrationsChanged(BusEvent, frozen=True):
    """Tells that an account came, went, or changed its token status or connection."""

    name: ClassVar[str] = "signals.integration.changed"


class TokenExpired(BusEvent, frozen=True):
    """Tells that a service no longer accepts an account's sign-in: it has to be reconnected."""

    name: ClassVar[str] = "signals.integration.token_expired"
    account: AccountKey


class TokenRestored(BusEvent, frozen=True):
    """Tells that an account needs its old token no more: it was connected anew, or disconnected."""

    name: ClassVar[str] = "signals.integration.token_restored"
    account: AccountKey


class OutboxChanged(BusEvent, frozen=True):
    """Tells that something was asked for, delivered, confirmed, rejected or undone."""

    name: ClassVar[str] = "signals.outbox.changed"
    account: AccountKey


class SignInChanged(BusEvent, frozen=True):
    """Tells that a sign-in began to wait for the browser or the keyring, or ended."""

    name: ClassVar[str] = "integrations.sign_in.changed"
    provider: ProviderId


class SettingsChanged(BusEvent, frozen=True):
    """Tells that other settings count than before, or other mistakes are in config.toml."""

    name: ClassVar[str] = "settings.changed"


class ReminderDue(BusEvent, frozen=True):
    """Tells that it is time to remind of events or tasks; of several at once after a sleep."""

    name: ClassVar[str] = "signals.reminder.due"
    keys: tuple[SignalKey, ...]


class ReminderOver(BusEvent, frozen=True):
    """Tells that a reminder has nothing to say any more.

    Its event was moved, cancelled or ended, its task done, or the user snoozed it.
    """

    name: ClassVar[str] = "signals.reminder.over"
    key: SignalKey


class PauseChanged(BusEvent, frozen=True):
    """Tells that notifications were paused, or come again because somebody said so."""

    name: ClassVar[str] = "notifications.pause.changed"


class EventBus:
    """Calls every subscriber of an event's class, in order, isolating each.

    A failing handler is logged with its traceback and spoils nothing else: this is one of the
    three places that may catch `Exception`.
    """

    def __init__(self) -> None:
        self._handlers: dict[type[BusEvent], dict[object, Callable[[BusEvent], None]]] = {}

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Call `handler` with every event of class `kind`; return what ends that, once."""
        handlers = self._handlers.setdefault(kind, {})
        ticket = object()  # the same handler may be subscribed twice
        handlers[ticket] = handler  # type: ignore[assignment]  # only called with its own kind

        def unsubscribe() -> None:
            handlers.pop(ticket, None)

        return unsubscribe

    def subscribe_all(self, handler: Callable[[BusEvent], None]) -> Callable[[], None]:
        """Call `handler` with every event there is; return what ends that."""
        return self.subscribe(BusEvent, handler)

    def publish(self, event: BusEvent) -> None:
        """Call every subscriber of this event, and return when all have been called."""
        mine, everybodys = (self._handlers.get(kind, {}) for kind in (type(event), BusEvent))
        for handler in (*mine.values(), *everybodys.values()):
            try:
                handler(event)
            except Exception:  # one bad subscriber must not silence the others
                log.exception("a handler of %s failed", event.name)
