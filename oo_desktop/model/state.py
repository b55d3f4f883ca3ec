"""Everything the screen and the command line show, as values: accounts, signals, waiting clicks."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

import msgspec
from msgspec import Struct

from oo_desktop.model.signals import (
    REPLIES,
    AccountKey,
    ActionKind,
    AnySignal,
    Calendar,
    Due,
    Event,
    ProviderId,
    SignalId,
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


class Connecting(StrEnum):
    """How an account of a service is connected."""

    BROWSER = "browser"
    """By signing in there."""
    TOKEN = "token"  # noqa: S105  # a word
    """With a personal API token that the user pastes, and by nothing else."""
    LINK = "link"
    """With a secret link that the user pastes."""
    PASSWORD = "password"  # noqa: S105  # a word
    """With a user name and an app password, at a server that the user names."""


MAX_CLIENT_FILE = 16 * 1024
"""Bytes, and characters, of the file of a client: the real ones have some 400."""


class ClientHelp(Struct, frozen=True, kw_only=True):
    """What a person is told about the client they have to make, in the words of its connector.

    service: what is connected with it. vendor: who gives it out.
    file_name: what its file is called there.
    why: a sentence on what it is for.
    steps: how to make one, in the order they are done; with `<a href>` and `<b>`.
    warning: what the person is going to meet in the browser.
    """

    service: str
    vendor: str
    file_name: str
    why: str
    steps: tuple[str, ...]
    warning: str


class Service(Struct, frozen=True, kw_only=True):
    """One service oO can be connected to, as the screen knows it.

    home: its web address, or None.
    pastes_tokens: whether a personal API token does instead of a sign-in.
    own_client: what to tell of the client that a sign-in needs and the user makes; None: of none.
    saved: what stays on the screen while it cannot be reached, “saved tasks”; None: not known.
    where: sentences on where a person finds a link to paste.
    """

    id: ProviderId
    name: str
    home: str | None = None
    connecting: Connecting = Connecting.BROWSER
    pastes_tokens: bool = False
    own_client: ClientHelp | None = None
    saved: str | None = None
    where: str = ""


class AccountState(Struct, frozen=True, kw_only=True):
    """One integration as the user sees it.

    reason: one sentence on what is wrong, or None.
    last_success, next_poll: aware instants, or None.
    zone: the account's IANA zone, or None where the service did not say.
    pending: clicks the service has not confirmed yet.
    waiting: those of them that it does not have yet.
    calendars: those the user can choose from, in the service's order.
    may_write: whether its owner lets oO change things at the service.
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
    waiting: int = 0
    calendars: tuple[Calendar, ...] = ()
    may_write: bool = True


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
    insists: the user tried again after a refusal: it is meant for whatever date there is now.
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
    insists: bool = False
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
    services: those an account can be connected to, in the order they are offered.
    left_out: the plug-ins that do not work, and why; a sentence each.
    """

    accounts: tuple[AccountState, ...] = ()
    signals: Mapping[AccountKey, tuple[AnySignal, ...]] = {}
    outbox: tuple[OutboxItem, ...] = ()
    undoable: tuple[OutboxItem, ...] = ()
    sign_ins: tuple[SignInState, ...] = ()
    refreshing: bool = False
    problem: str | None = None
    services: tuple[Service, ...] = ()
    left_out: tuple[str, ...] = ()


UNDOING = (ActionKind.REOPEN, ActionKind.RESTORE)
"""What takes another click back."""


def is_same_occurrence(clicked: AnySignal, listed: AnySignal) -> bool:
    """Whether a click on `clicked` was meant for `listed`, which has the same key.

    A recurring task keeps its id when it is done and moves to its next date: with another due, it
    is something else to do.
    """
    if isinstance(clicked, Task) and isinstance(listed, Task) and clicked.recurring:
        return clicked.due == listed.due
    return True


def has_same_date(clicked: AnySignal, listed: AnySignal) -> bool:
    """Whether two signals with the same key stand in the same place of the calendar."""
    if isinstance(clicked, Task) and isinstance(listed, Task):
        return clicked.due == listed.due and clicked.by_deadline == listed.by_deadline
    return True


def is_standing(click: OutboxItem) -> bool:
    """Whether the screen goes by the click: it is on its way, and nothing speaks against it."""
    if click.state is OutboxState.QUEUED:
        return True
    return click.state is OutboxState.SENT and not click.unconfirmed


def standing_clicks(outbox: Iterable[OutboxItem]) -> dict[SignalKey, tuple[OutboxItem, ...]]:
    """Per signal, the clicks that are on their way, oldest first."""
    standing: dict[SignalKey, tuple[OutboxItem, ...]] = {}
    for item in sorted(filter(is_standing, outbox), key=attrgetter("number")):
        key = item.key
        standing[key] = (*standing.get(key, ()), item)
    return standing


def seen_after(clicks: Iterable[OutboxItem], listed: AnySignal | None) -> AnySignal | None:
    """What the user sees of a signal while `clicks` on it, oldest first, are on their way.

    listed: what the service's list has of it, or nothing. What was done or moved to another day is
    not shown; what moves within the day is, where it will be; what an undo brings back is shown at
    once, as it was when clicked. Whatever has another date than a click was made on, somebody has
    changed meanwhile: that is shown as it is.
    """
    seen = listed
    for click in clicks:
        seen = _seen_after(click, seen, listed)
    return seen


def _seen_after(
    click: OutboxItem, seen: AnySignal | None, listed: AnySignal | None
) -> AnySignal | None:
    clicked = click.signal
    if click.kind in UNDOING:
        if listed is not None and has_same_date(clicked, listed):
            return listed
        return clicked
    if seen is None:
        return None
    if click.kind is ActionKind.DONE:
        return None if is_same_occurrence(clicked, seen) else seen
    if not has_same_date(clicked, seen):
        return seen
    if click.kind in REPLIES:
        return _replied(seen, click.kind)
    if click.kind is ActionKind.LATER_TODAY and isinstance(seen, Task):
        return _moved(seen, click.due)
    return None


def _replied(seen: AnySignal, reply: ActionKind) -> AnySignal | None:
    """What the user declines is gone; what they accept stays, as certain as they are."""
    if not isinstance(seen, Event):
        return seen
    if reply is ActionKind.DECLINE:
        return None
    maybe = reply is ActionKind.MAYBE
    return msgspec.structs.replace(seen, tentative=maybe, unanswered=False)


def _moved(task: Task, due: Due | None) -> Task:
    """`task` where a reschedule on its way takes it.

    Of what depends on its date, nothing is offered until the service has moved it: what is needed
    to do that is only known then.
    """
    kept = {ActionKind.DONE} if not task.recurring else set()
    actions = tuple(kind for kind in task.actions if kind in kept)
    return msgspec.structs.replace(task, due=due, by_deadline=False, actions=actions)


def is_hidden(signal: AnySignal, standing: Mapping[SignalKey, tuple[OutboxItem, ...]]) -> bool:
    """Whether the `standing_clicks` leave nothing of `signal` to be shown."""
    return seen_after(standing.get(signal.key, ()), signal) is None


def shown_signals(
    signals: Mapping[AccountKey, tuple[AnySignal, ...]], items: Iterable[OutboxItem]
) -> dict[AccountKey, tuple[AnySignal, ...]]:
    """What the user sees of `signals`: without what was marked done, with what was brought back.

    Costs next to nothing for what was not clicked: an account without clicks keeps its tuple.
    """
    clicked: dict[AccountKey, dict[SignalId, tuple[OutboxItem, ...]]] = {}
    for key, clicks in standing_clicks(items).items():
        clicked.setdefault(key.account, {})[key.id] = clicks
    return {
        account: _shown(listed, clicked[account]) if account in clicked else listed
        for account, listed in signals.items()
    }


def _shown(
    listed: tuple[AnySignal, ...], clicked: Mapping[SignalId, tuple[OutboxItem, ...]]
) -> tuple[AnySignal, ...]:
    shown = []
    for signal in listed:
        if signal.id not in clicked:
            shown.append(signal)
        elif (seen := seen_after(clicked[signal.id], signal)) is not None:
            shown.append(seen)
    absent = clicked.keys() - {signal.id for signal in listed if signal.id in clicked}
    for id_, clicks in clicked.items():
        if id_ in absent and (seen := seen_after(clicks, None)) is not None:
            shown.append(seen)
    return tuple(shown)
