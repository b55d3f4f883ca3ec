"""Everything the screen and the command line show, as values: accounts, signals, waiting clicks."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from oo_desktop.signals.model import (
    AccountKey,
    ActionKind,
    AnySignal,
    Due,
    ProviderId,
    SignalKey,
    Task,
)


class TokenStatus(StrEnum):
    """What is known of an account's token; kept in `integration_tokens.token_status`."""

    ACTIVE = "active"
    NEEDS_RECONNECT = "needs_reconnect"


class Connection(StrEnum):
    """How the last attempt to reach an account's service ended."""

    UNKNOWN = "unknown"
    """Not asked since oO started."""
    OK = "ok"
    OFFLINE = "offline"
    """No usable answer: no network, a time-out, a captive portal, a server error."""
    LIMITED = "rate_limited"
    """The service asked to slow down."""
    KEYRING = "waiting_for_keyring"
    """The keyring is locked, absent or silent; oO keeps trying."""
    FAILING = "failing"
    """The service refuses the request itself; the reason is worth reading."""
    REFUSED = "refused"
    """The service refuses the token; the account waits for a reconnect."""


class AccountState(Struct, frozen=True, kw_only=True):
    """One integration as the user sees it.

    reason: one sentence on what is wrong, or None.
    last_success, next_poll: aware instants, or None.
    zone: the account's IANA zone, or None where the service did not say.
    pending: clicks the service has not confirmed yet.
    """

    key: AccountKey
    label: str
    token_status: TokenStatus = TokenStatus.ACTIVE
    connection: Connection = Connection.UNKNOWN
    reason: str | None = None
    last_success: datetime | None = None
    next_poll: datetime | None = None
    zone: str | None = None
    pending: int = 0


class OutboxState(StrEnum):
    """Where a click is on its way."""

    QUEUED = "queued"
    """Written down, not sent: held for undo, or waiting for the service."""
    SENT = "sent"
    """The service has it; a poll that began later will confirm it."""
    CONFIRMED = "confirmed"
    """A poll has shown it. Kept for a while, so that it can be undone."""
    REFUSED = "refused"
    """The service said no; shown with its reason until the user retries or discards it."""


class OutboxItem(Struct, frozen=True, kw_only=True):
    """One thing the user asked for and the service has not confirmed.

    number: rises with every click, never reused.
    signal: the signal as it was when clicked.
    due: where a reschedule moves the signal, decided at the click; None: no date. Of a RESTORE,
        what it takes back.
    undoes: the number of the click this one takes back.
    sent_at: when the service's answer arrived; a poll that began later has seen the click.
    attempts: how often sending began.
    may_be_done: an attempt that began may have reached the service: undo has to compensate.
    unconfirmed: the service said yes, and two minutes later its list still says no; found anew by
        the first poll after a start.
    reason: why it was refused, or why it still waits; one sentence.
    """

    number: int
    kind: ActionKind
    uuid: str
    signal: AnySignal
    state: OutboxState
    clicked_at: datetime
    send_at: datetime
    due: Due | None = None
    undoes: int | None = None
    sent_at: datetime | None = None
    attempts: int = 0
    may_be_done: bool = False
    unconfirmed: bool = False
    reason: str | None = None

    @property
    def key(self) -> SignalKey:
        return self.signal.key


class SignInState(Struct, frozen=True, kw_only=True):
    """A sign-in that waits for the browser.

    url: can be copied; it is useless to anyone without the receiver that waits for its answer.
    note: what it waits for besides, such as a locked keyring.
    """

    provider: ProviderId
    url: str
    started_at: datetime
    ends_at: datetime
    note: str | None = None


class AppState(Struct, frozen=True, kw_only=True):
    """All of it at one moment; the screen is a function of this and the time.

    signals: per account, in the source's order.
    undoable: the clicks that can still be undone, newest first.
    problem: one sentence on something that concerns everything (the database, the keyring).
    """

    accounts: tuple[AccountState, ...] = ()
    signals: Mapping[AccountKey, tuple[AnySignal, ...]] = {}
    outbox: tuple[OutboxItem, ...] = ()
    undoable: tuple[OutboxItem, ...] = ()
    sign_ins: tuple[SignInState, ...] = ()
    refreshing: bool = False
    problem: str | None = None


def is_same_occurrence(clicked: AnySignal, listed: AnySignal) -> bool:
    """Whether a click on `clicked` was meant for `listed`, which has the same key.

    A recurring task keeps its id when it is done and moves to its next date: with another due, it
    is something else to do.
    """
    if isinstance(clicked, Task) and isinstance(listed, Task) and clicked.recurring:
        return clicked.due == listed.due
    return True


def standing_clicks(outbox: Iterable[OutboxItem]) -> dict[SignalKey, tuple[OutboxItem, ...]]:
    """Per signal, the newest clicks of one kind, oldest first; refused ones do not count.

    More than one only where several occurrences of a recurring task were clicked.
    """
    standing: dict[SignalKey, tuple[OutboxItem, ...]] = {}
    for item in sorted(outbox, key=lambda item: item.number):
        if item.state is not OutboxState.REFUSED:
            before = standing.get(item.key, ())
            continued = before and before[-1].kind is item.kind
            standing[item.key] = (*before, item) if continued else (item,)
    return standing


def is_hidden(signal: AnySignal, standing: Mapping[SignalKey, tuple[OutboxItem, ...]]) -> bool:
    """Whether one of the `standing_clicks` marked `signal` done, so that it is not shown."""
    return any(
        click.kind is ActionKind.DONE and is_same_occurrence(click.signal, signal)
        for click in standing.get(signal.key, ())
    )


def shown_signals(
    signals: Mapping[AccountKey, tuple[AnySignal, ...]], items: Iterable[OutboxItem]
) -> dict[AccountKey, tuple[AnySignal, ...]]:
    """What the user sees of `signals`: without what was marked done, with what was brought back.

    What an undo brings back is shown at once, as it was when clicked, even while the service's
    list does not have it yet, or has its next occurrence instead.
    """
    standing = standing_clicks(items)
    reopened = {
        key: clicks[-1] for key, clicks in standing.items() if clicks[-1].kind is ActionKind.REOPEN
    }
    shown = {}
    for account, listed in signals.items():
        kept = [signal for signal in listed if not is_hidden(signal, standing)]
        for place, signal in enumerate(kept):
            click = reopened.get(signal.key)
            if click is not None and not is_same_occurrence(click.signal, signal):
                kept[place] = click.signal
        present = {signal.key for signal in kept}
        kept += [
            item.signal
            for key, item in reopened.items()
            if key.account == account and key not in present
        ]
        shown[account] = tuple(kept)
    return shown
