"""The event bus, and every event there is.

Events say *that* something changed, never carry the data: who cares reads it anew, so a missed or
repeated event does no harm.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from oo_desktop.model.signals import AccountKey, ProviderId, SignalKey

E = TypeVar("E", bound="Event")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """Something that happened; `name` is stable and may be relied on by others."""

    name: ClassVar[str]


@dataclass(frozen=True)
class SignalsChanged(Event):
    """An account shows other signals than before."""

    name: ClassVar[str] = "signals.changed"
    account: AccountKey


@dataclass(frozen=True)
class IntegrationsChanged(Event):
    """An account came, went, or changed its token status or connection."""

    name: ClassVar[str] = "signals.integration.changed"


@dataclass(frozen=True)
class TokenExpired(Event):
    """A service no longer accepts an account's sign-in: it has to be reconnected."""

    name: ClassVar[str] = "signals.integration.token_expired"
    account: AccountKey


@dataclass(frozen=True)
class TokenRestored(Event):
    """An account has no more use for its old token: it was connected anew, or disconnected."""

    name: ClassVar[str] = "signals.integration.token_restored"
    account: AccountKey


@dataclass(frozen=True)
class OutboxChanged(Event):
    """Something was asked for, delivered, confirmed, refused or undone."""

    name: ClassVar[str] = "signals.outbox.changed"
    account: AccountKey


@dataclass(frozen=True)
class SignInChanged(Event):
    """A sign-in began to wait for the browser, or ended."""

    name: ClassVar[str] = "integrations.sign_in.changed"
    provider: ProviderId


@dataclass(frozen=True)
class ReminderDue(Event):
    """It is time to remind of events; of several at once after a sleep."""

    name: ClassVar[str] = "signals.reminder.due"
    keys: tuple[SignalKey, ...]


@dataclass(frozen=True)
class ReminderOver(Event):
    """A reminder that was given has nothing to say any more: its event was moved, cancelled or
    ended, or the user snoozed it."""

    name: ClassVar[str] = "signals.reminder.over"
    key: SignalKey


class EventBus:
    """Calls every subscriber of an event's class, in order, isolating each.

    A failing handler is logged with its traceback and spoils nothing else: this is one of the
    three places that may catch `Exception`.
    """

    def __init__(self) -> None:
        self._handlers: dict[type[Event], dict[object, Callable[[Event], None]]] = {}

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Call `handler` with every event of class `kind`; returns what ends that, once."""
        handlers = self._handlers.setdefault(kind, {})
        ticket = object()  # the same handler may be subscribed twice
        handlers[ticket] = handler  # type: ignore[assignment]  # only called with its own kind

        def unsubscribe() -> None:
            handlers.pop(ticket, None)

        return unsubscribe

    def subscribe_all(self, handler: Callable[[Event], None]) -> Callable[[], None]:
        """Call `handler` with every event there is; returns what ends that."""
        return self.subscribe(Event, handler)

    def publish(self, event: Event) -> None:
        mine, everybodys = (self._handlers.get(kind, {}) for kind in (type(event), Event))
        for handler in (*mine.values(), *everybodys.values()):
            try:
                handler(event)
            except Exception:  # one bad subscriber must not silence the others
                log.exception("a handler of %s failed", event.name)
