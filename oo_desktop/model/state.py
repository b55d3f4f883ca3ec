"""Holds everything the screen and the command line show, as values."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.model.clicks import OutboxItem, is_standing
from oo_desktop.model.preferences import Show
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    Adding,
    AnySignal,
    Calendar,
    ProviderId,
    SignalKey,
)
from oo_desktop.model.zones import zone_named


class TokenStatus(StrEnum):
    """Tells what is known of an account's token; kept in `integration_tokens.token_status`."""

    ACTIVE = "active"
    NEEDS_RECONNECT = "needs_reconnect"


class Connection(StrEnum):
    """Tells how the last attempt to reach an account's service ended."""

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
    NEEDS_RECONNECT = "refused"
    """The service refuses the token; the account waits for a reconnect."""


class Connecting(StrEnum):
    """Tells how an account of a service is connected."""

    BROWSER = "browser"
    """By signing in there."""
    TOKEN = "token"  # noqa: S105  # a word
    """With a personal API token that the user pastes, and by nothing else."""
    LINK = "link"
    """With a secret link that the user pastes."""
    PASSWORD = "password"  # noqa: S105  # a word
    """With a user name and an app password, at a server that the user names."""
    NOTHING = "nothing"
    """By asking for it: it is on this computer already. There is one account of it."""


class Listed(StrEnum):
    """Names what a service mostly lists."""

    TASKS = "tasks"
    EVENTS = "events"


MAX_CLIENT_FILE = 16 * 1024
"""Bytes, and characters, of the file of a client: the real ones have some 400."""


class ClientHelp(Struct, frozen=True, kw_only=True):
    """Tells a person about the client they have to make, in the words of its connector.

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


class Preset(Struct, frozen=True, kw_only=True):
    """Describes a well-known server that a person can choose instead of naming one.

    id: names it on the command line. name: what the screen calls it.
    server: its address; empty: each has its own, which the person gives.
    hint: a sentence on what to type there.
    """

    id: str
    name: str
    server: str = ""
    hint: str = ""


class Service(Struct, frozen=True, kw_only=True):
    """Describes one service oO can be connected to, as the screen knows it.

    home: its web address, or None.
    pastes_tokens: whether a personal API token does instead of a sign-in.
    own_client: what to tell of the client that a sign-in needs and the user makes; None: of none.
    saved: what stays on the screen while it cannot be reached, “saved tasks”; None: not known.
    where: sentences on where a person finds a link to paste.
    presets: well-known servers, where a person names one.
    browser: what the screen calls servers of its own kind that let a person sign in with the
        browser instead of a password; empty: there are none.
    lists: what is missing where something of it could not be read.
    connect, connect_another: what offers to, where “Connect NAME” says it badly; else empty.
    offered: whether it can be connected here. Also named is what no longer can: it may have been.
    """

    id: ProviderId
    name: str
    home: str | None = None
    connecting: Connecting = Connecting.BROWSER
    pastes_tokens: bool = False
    own_client: ClientHelp | None = None
    saved: str | None = None
    where: str = ""
    presets: tuple[Preset, ...] = ()
    browser: str = ""
    lists: Listed = Listed.EVENTS
    connect: str = ""
    connect_another: str = ""
    offered: bool = True


class AccountState(Struct, frozen=True, kw_only=True):
    """Describes one integration as the user sees it.

    reason: one sentence on what is wrong, or None.
    last_success, next_poll: aware instants, or None.
    zone: the account's IANA zone, or None where the service did not say.
    pending: clicks the service has not confirmed yet.
    waiting: those of them that it does not have yet.
    calendars: those the user can choose from, in the service's order.
    may_write: whether its owner lets oO change things at the service.
    unread: how many of its signals are missing from the list because they could not be read.
    told: whether its changes are told, so that what is shown is as of now.
    adding: what a new task can have; None: it takes none.
    last_error: the class of what went wrong last when its service was asked; None: nothing has.
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
    unread: int = 0
    told: bool = False
    adding: Adding | None = None
    last_error: str | None = None


class SignInState(Struct, frozen=True, kw_only=True):
    """Describes a sign-in that waits for the browser, or for the keyring.

    url: can be copied; it is useless to anyone without the receiver that waits for its answer.
        Empty where a person pasted what they sign in with.
    note: why the keyring cannot take the account yet, a sentence; None: it was not asked so far.
    """

    provider: ProviderId
    url: str
    ends_at: datetime
    note: str | None = None


class AppState(Struct, frozen=True, kw_only=True):
    """Holds all of it at one moment; the screen is a function of this and the time.

    signals: per account, in the source's order.
    undoable: the clicks that can still be undone, newest first.
    problem: one sentence on something that concerns everything (the database, the keyring).
    services: those an account can be connected to, in the order they are offered.
    left_out: the plug-ins that do not work, and why; a sentence each.
    show: which events are listed.
    hide_titles: whether the screen leaves out what things are called.
    mistakes: what of config.toml cannot be used, a sentence each.
    paused_until: when notifications come again that a person has paused; None: they are not.
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
    show: Show = Show()
    hide_titles: bool = False
    paused_until: datetime | None = None
    mistakes: tuple[str, ...] = ()


def zones_of(state: AppState, local_zone: ZoneInfo) -> dict[AccountKey, ZoneInfo]:
    """Return the zone each account counts its days in; `local_zone` for those that have none."""
    return {account.key: zone_named(account.zone) or local_zone for account in state.accounts}


def unconfirmed_keys(state: AppState) -> frozenset[SignalKey]:
    """Return the signals that are shown again: a service said that it has done something, and its
    list says no."""
    return frozenset(item.key for item in state.outbox if item.unconfirmed)


def moving_keys(state: AppState) -> frozenset[SignalKey]:
    """Return the signals that are on their way to a later hour of today."""
    return frozenset(
        item.key
        for item in state.outbox
        if item.kind is ActionKind.LATER_TODAY and is_standing(item)
    )
