"""Build everything but the screen, join the parts, and offer what a person can ask for.

It knows no Qt, so that whole stories can be told without a display. Importing it imports sqlite3
and most of oO: that is done after the icon is in the tray. httpx comes with the first request.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from oo_desktop.clock import Clock
from oo_desktop.config import Settings
from oo_desktop.config_file import forget_secret
from oo_desktop.connectors.base import Connector, ConnectorContext, Offered
from oo_desktop.connectors.registry import Registry, built_in_registry, changed_connectors
from oo_desktop.errors import OoError, Rejected
from oo_desktop.events import (
    EventBus,
    IntegrationsChanged,
    OutboxChanged,
    PauseChanged,
    SettingsChanged,
    TokenExpired,
    TokenRestored,
)
from oo_desktop.folders import Folders
from oo_desktop.http.client import Http
from oo_desktop.integrations.accounts import Accounts, RunningSignIn
from oo_desktop.integrations.oauth_clients import OAuthClients, configured_clients
from oo_desktop.integrations.vault import Keyring, TokenVault
from oo_desktop.language import plural, translated, untranslated
from oo_desktop.model.clicks import OutboxItem, seen_after, standing_clicks
from oo_desktop.model.integrations import Integration
from oo_desktop.model.listing import without_title
from oo_desktop.model.pause import PauseUntil, pause_end, running_pause
from oo_desktop.model.preferences import Notifications
from oo_desktop.model.reschedule import moved_to, possible_actions, rescheduled
from oo_desktop.model.signals import (
    MAX_NEW_TASK,
    RESCHEDULES,
    YEARS,
    AccountKey,
    ActionKind,
    Adding,
    AnySignal,
    Container,
    Due,
    ProviderId,
    SignalKey,
    Task,
    TaskList,
)
from oo_desktop.model.state import AccountState, AppState, Connection, Service, TokenStatus
from oo_desktop.model.zones import machine_zone, zone_named
from oo_desktop.signals.aggregator import Pace, SignalAggregator
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.signals.reminders import Reminders
from oo_desktop.store.integrations import IntegrationStore
from oo_desktop.store.moments import Moment, MomentStore
from oo_desktop.store.oauth_clients import OAuthClientStore
from oo_desktop.store.outbox import OutboxStore
from oo_desktop.store.recovery.rescue import Opened, open_database
from oo_desktop.store.reminders import ReminderStore
from oo_desktop.store.snapshots import SnapshotStore

if TYPE_CHECKING:
    from oo_desktop.model.quick_add import Understood

log = logging.getLogger(__name__)

NOT_THERE = untranslated("This cannot be moved there. Open it in the service instead.")

LOOK_SECONDS = 60.0
"""After which a list is polled anew when somebody looks at it."""

OFFERED_SECONDS = 5.0
"""What a connector has to find out whether its service can be had here."""


NO_ACCOUNT = untranslated("There is no account yet that tasks can be added to. Connect one first.")
NO_ADDING_ACCOUNT = untranslated(
    "The account for new tasks that the settings name is not connected."
)
ADDS_NOTHING = untranslated("oO cannot add tasks to {account}.")
NO_NAME = untranslated("What is to be added? Give the task a name.")
NO_LISTS = untranslated("There is no list in {account} that a task can be added to.")
UNKNOWN_LISTS = untranslated(
    "oO has not read the lists of {account} yet. Try again when it can be reached."
)
NO_SUCH_LIST = untranslated("There is no list of this name in {account}.")


class Engine:
    """Runs oO without a screen: `load`, `start`, `stop`.

    Making one opens the database. Raises StoreError when that cannot be used.

    open_browser: shows a URL to the person; returns False where there is no browser.
    registry: what can be connected; left off: what comes with oO.
    opened: its database, where somebody has opened that already; whose it is from then on.
    """

    def __init__(
        self,
        *,
        folders: Folders,
        settings: Settings,
        keyring: Keyring,
        clock: Clock,
        open_browser: Callable[[str], Awaitable[bool]],
        registry: Registry | None = None,
        opened: Opened | None = None,
    ) -> None:
        self.bus = EventBus()
        self.settings = settings
        self.mistakes: tuple[str, ...] = ()
        self.clock = clock
        self._open_browser = open_browser
        self._database, notice = opened or open_database(folders.database, clock=clock)
        self._database.notice = notice
        self.vault = TokenVault(
            integrations=IntegrationStore(self._database), keyring=keyring, clock=clock
        )
        registered = OAuthClientStore(self._database)
        self._snapshots = SnapshotStore(self._database)
        self._http = Http(clock=clock)
        registry = registry or built_in_registry(settings)
        self._registry, sources = registry.with_sources(self._context)
        self._sources = dict(sources)
        connectors = self._registry.connectors
        self._offers = {each.id: each.offered for each in connectors if each.offered is not None}
        self._offered: set[ProviderId] = set()
        self._asking: asyncio.Task[None] | None = None
        self._oauth_clients = OAuthClients(
            store=registered,
            vault=self.vault,
            clock=clock,
            configured=configured_clients(connectors),
            forget=lambda provider, secret: forget_secret(
                folders.config_file, section=provider, key="client_secret", secret=secret
            ),
        )
        self.accounts = Accounts(
            connectors=connectors,
            vault=self.vault,
            oauth_clients=self._oauth_clients,
            registered=registered,
            http=self._http,
            bus=self.bus,
            clock=clock,
            lock_folder=folders.runtime,
            forget=self._forget,
        )
        self.outbox = Outbox(
            store=OutboxStore(self._database),
            sources=self._sources,
            accounts=self.accounts,
            bus=self.bus,
            clock=clock,
            hold=settings.undo_seconds,
            poll_soon=lambda key: self.aggregator.poll_soon(key),  # noqa: PLW0108  # made below
        )
        self.aggregator = SignalAggregator(
            sources=self._sources,
            accounts=self.accounts,
            snapshots=self._snapshots,
            bus=self.bus,
            clock=clock,
            interval=settings.poll_interval,
            paces=_paces(connectors, settings),
            on_polled=self.outbox.confirm,
        )
        self.reminders = Reminders(
            state=self.state,
            store=ReminderStore(self._database),
            bus=self.bus,
            clock=clock,
            default_minutes=settings.reminder_minutes,
            preferences=self.preferences,
        )
        self.reminders.hide_titles = settings.hide_titles
        self._moments = MomentStore(self._database)
        self._paused_until: datetime | None = None
        self.bus.subscribe(TokenExpired, self._follow)
        self.bus.subscribe(TokenRestored, self._begin_anew)
        self._refreshing = 0

    # Life

    def load(self) -> None:
        """Read what was cached and what waits: known before any network or keyring call.

        Blocks; any thread may call it, before `start` and while nobody asks for anything. Raises
        StoreError.
        """
        self.aggregator.load()
        self.outbox.load()
        self.reminders.load()
        self._paused_until = self._moments.get(Moment.PAUSED_UNTIL)

    def start(self) -> None:
        """Begin to poll, to deliver and to remind. Needs a running loop."""
        self._oauth_clients.start()
        self.aggregator.start()
        self.outbox.start()
        self.reminders.start()
        self._asking = asyncio.create_task(self._ask_what_is_offered(*self._offers))

    async def stop(self) -> None:
        """End everything, in an order that loses nothing: what is written down stays written."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        await self._oauth_clients.aclose()
        await self.accounts.aclose()
        await self.reminders.stop()
        await self.outbox.stop()
        await self.aggregator.stop()
        await self._http.aclose()
        self._database.close()

    def apply(self, settings: Settings) -> None:
        """Go by `settings` from now on, and ask again where they change what is asked for.

        What a click, a sign-in or a poll in the air began with, it ends with. Needs a running loop.
        """
        before, self.settings = self.settings, settings
        if settings == before:
            return
        for connector in changed_connectors(settings, before=before):
            if connector.id in self._sources:
                self._replace(connector)
        paces = _paces(self._registry.connectors, settings)
        self.aggregator.ask_every(settings.poll_interval, paces=paces)
        self.outbox.hold_for(settings.undo_seconds)
        self.reminders.remind_before(settings.reminder_minutes)
        self.reminders.hide_titles = settings.hide_titles
        self.bus.publish(SettingsChanged())

    # What there is to see

    def state(self) -> AppState:
        """Return all there is to see, as one value. Raises StoreError."""
        integrations = self.accounts.all()
        connected = {integration.key for integration in integrations}
        signals = self.aggregator.signals()
        return AppState(
            accounts=tuple(self._account_state(integration) for integration in integrations),
            signals={key: found for key, found in signals.items() if key in connected},
            outbox=tuple(map(self.click_as_shown, self.outbox.items())),
            undoable=tuple(map(self.click_as_shown, self.outbox.undoable())),
            sign_ins=self.accounts.sign_ins(),
            refreshing=self._refreshing > 0,
            services=self.services,
            left_out=self._registry.problems,
            problem=self._database.problem or self._database.notice,
            show=self.settings.show,
            hide_titles=self.settings.hide_titles,
            mistakes=self.mistakes,
            paused_until=self.paused_until(),
        )

    @property
    def services(self) -> tuple[Service, ...]:
        """Return what can be connected, and what could be elsewhere."""
        return tuple(
            replace(each, offered=False)
            if each.id in self._offers and each.id not in self._offered
            else each
            for each in self._registry.services
        )

    def click_as_shown(self, item: OutboxItem) -> OutboxItem:
        """Return a click as the screen may tell it: without the title where these are hidden."""
        if not self.settings.hide_titles:
            return item
        return replace(item, signal=without_title(item.signal))

    def preferences(self) -> Notifications:
        """Return what may interrupt, as the settings say now."""
        return self.settings.notifications

    def paused_until(self) -> datetime | None:
        """Return when notifications come again that a person has paused; None: they are not."""
        return running_pause(self._paused_until, self.clock.now())

    def pause(self, until: PauseUntil) -> datetime:
        """Hold notifications back; return until when (UTC). Raises StoreError."""
        end = pause_end(until, self.clock.now(), machine_zone())
        self._set_pause(end)
        return end

    def resume(self) -> None:
        """Hold notifications back no more. Raises StoreError."""
        self._set_pause(None)

    def welcome(self) -> bool:
        """Return whether this is the first start, with nothing connected; then never again.

        Raises StoreError.
        """
        if self._moments.get(Moment.WELCOMED) is not None:
            return False
        self._moments.set(Moment.WELCOMED, self.clock.now())
        return not self.accounts.all()

    def signal(self, key: SignalKey) -> AnySignal:
        """Return the signal shown under `key`. Raises Rejected when it is gone."""
        clicks = standing_clicks(self.outbox.about(key)).get(key, ())
        shown = seen_after(clicks, self._listed(key))
        if shown is None:
            raise Rejected(translated("This is no longer on the list."))
        return shown

    def due_after(self, signal: AnySignal, kind: ActionKind) -> Due | None:
        """Return where a reschedule leads, as the account's zone counts days; None for all else.

        Raises Rejected where the signal cannot be moved there.
        """
        if kind not in RESCHEDULES:
            return None
        zone, now = self._zone(signal), self.clock.now()
        if not isinstance(signal, Task) or kind not in possible_actions(signal, now, zone):
            raise Rejected(translated(NOT_THERE))
        return rescheduled(kind, _due_to_move(signal), now=now, zone=zone)

    def due_on(self, signal: AnySignal, day: date) -> Due:
        """Return `signal`'s due on another day, which is one of its account's zone.

        Raises Rejected where the signal cannot be moved there.
        """
        if ActionKind.ON_DAY not in signal.actions or day.year not in YEARS:
            raise Rejected(translated(NOT_THERE))
        try:
            return moved_to(day, _due_to_move(signal), zone=self._zone(signal))
        except ValueError:
            raise Rejected(translated(NOT_THERE)) from None

    # New tasks

    def adding_account(self, account: AccountKey | None = None) -> AccountState:
        """Return where a new task goes that is meant for `account`; None: where the settings say.

        Raises Rejected where no task can be added there.
        """
        accounts = self.state().accounts
        if account is not None:
            named = [each for each in accounts if each.key == account]
        else:
            wanted = self.settings.quick_add.account
            named = [each for each in accounts if wanted in ("", *_names_of(each.key))]
            named = [each for each in named if each.adding is not None] or named
        if not named:
            named_one = bool(self.settings.quick_add.account)
            raise Rejected(translated(NO_ADDING_ACCOUNT if named_one else NO_ACCOUNT))
        if named[0].adding is None:
            raise Rejected(translated(ADDS_NOTHING, account=named[0].label))
        return named[0]

    def understood(
        self, text: str, *, account: AccountKey | None = None, into: str | None = None
    ) -> "Understood":
        """Return what `text` says of a new task; adds nothing.

        into: the list it goes to if it names none, by its id or name; None: as the settings say.

        Raises Rejected as `adding_account` does, and where there is no such list.
        """
        from oo_desktop.model.quick_add import understood

        where = self.adding_account(account)
        return understood(
            text,
            now=self.clock.now(),
            zone=zone_named(where.zone) or machine_zone(),
            adding=where.adding or Adding(),
            into=self._list(where, into),
        )

    def knows_lists(self, account: AccountKey | None = None) -> bool:
        """Return whether it is known which lists there are, where a new task would go.

        Raises Rejected as `adding_account` does.
        """
        return self.aggregator.lists(self.adding_account(account).key) is not None

    async def learn_lists(self, account: AccountKey | None = None) -> None:
        """Ask the service which lists there are, as a poll does; returns when that is over."""
        await self.aggregator.refresh(self.adding_account(account).key)

    def add(
        self, text: str, *, account: AccountKey | None = None, into: str | None = None
    ) -> OutboxItem:
        """Write down that a task is to be added; when this returns, it is safe.

        `text`, `account`, `into`: as for `understood`. Raises Rejected, StoreError.
        """
        from oo_desktop.model.quick_add import typed_text

        text = typed_text(text)
        if len(text) > MAX_NEW_TASK:
            raise Rejected(
                plural(
                    "This is too long for a task. At most {count} character can be added.",
                    "This is too long for a task. At most {count} characters can be added.",
                    MAX_NEW_TASK,
                )
            )
        where = self.adding_account(account)
        found = self.understood(text, account=where.key, into=into)
        if not found.title:
            raise Rejected(translated(NO_NAME))
        source = self.outbox.adding_source(where.key)
        if found.list is None and not (source and source.has_inbox):
            known = self.aggregator.lists(where.key) is not None
            raise Rejected(translated(NO_LISTS if known else UNKNOWN_LISTS, account=where.label))
        task = found.task(text, uuid=self.outbox.new_uuid(), typed_at=self.clock.now())
        container = Container(found.list.name, found.list.color) if found.list else None
        return self.outbox.add(where.key, task, container=container)

    def _list(self, where: AccountState, named: str | None) -> TaskList | None:
        """The list with that id or name. Raises Rejected where somebody asked for one that is not
        there; of the settings, that may be one of another account."""
        wanted = named or self.settings.quick_add.list
        lists = where.adding.lists if where.adding else ()
        found = [each for each in lists if each.id == wanted] or [
            each for each in lists if each.name.casefold() == wanted.casefold()
        ]
        if named and not found:
            raise Rejected(translated(NO_SUCH_LIST, account=where.label))
        return found[0] if wanted and found else None

    # What takes more than one part

    def retry(self, number: int) -> OutboxItem | None:
        """Send a rejected click again, as meant for what the list shows now; None if it is gone.

        Raises StoreError.
        """
        click = next((item for item in self.outbox.items() if item.number == number), None)
        if click is None:
            return None
        return self.outbox.retry(number, listed=self._listed(click.key))

    async def refresh(self) -> None:
        """Poll every account now; returns when the round is over."""
        self._database.notice = None
        self._database.try_again()
        self._refreshing += 1
        self.bus.publish(IntegrationsChanged())
        try:
            await self.aggregator.refresh()
        finally:
            self._refreshing -= 1
            self.bus.publish(IntegrationsChanged())

    def look(self) -> None:
        """Ask again for what is older than a minute: somebody looks at the list."""
        self.aggregator.look(older_than=LOOK_SECONDS)

    async def show_calendar(self, key: AccountKey, calendar: str, *, shown: bool) -> None:
        """Show the events of one of an account's calendars, or no longer. Raises StoreError.

        Returns when the account was asked anew; at once where its service asked to wait.
        """
        self.vault.show_calendar(key, calendar, shown=shown)
        self.aggregator.poll_soon(key)
        await self.aggregator.refresh(key)

    async def connect(
        self,
        provider: ProviderId,
        *,
        expected: AccountKey | None = None,
        browser: bool = True,
        write: bool = False,
        server: str = "",
    ) -> RunningSignIn:
        """Begin a sign-in, or show the one that waits again; return it once it has an address.

        Raises SignInError, SourceError.

        expected: on a reconnect, the account that must come back.
        browser: whether to open the address here; if not, it is for whoever asked.
        write: where that takes a wider consent, ask for it: to answer invitations, say.
        server: where to sign in, as the person names it, at a service that has many servers.
        """
        running = self.accounts.connect(provider, expected=expected, write=write, server=server)
        url = await running.url()
        if browser and not await self._open_browser(url):
            log.info("no browser could be opened; the link can be copied")
        return running

    async def connect_here(
        self, provider: ProviderId, *, expected: AccountKey | None = None
    ) -> Integration:
        """Connect what is on this computer already; returns the account. Raises SignInError.

        expected: on a reconnect, the account that must come back.
        """
        await self._ask_what_is_offered(provider)
        return await self.accounts.connect_here(provider, expected=expected)

    def poll_soon(self) -> None:
        """Poll, deliver and remind soon: the network came back, the machine woke."""
        self.aggregator.poll_soon()
        self.outbox.deliver_soon()
        self.reminders.woken()

    async def bring_client(self, provider: ProviderId, text: str) -> None:
        """Sign in with the client in this file from now on; `text` is what the file holds.

        Raises SignInError for what is no such file, VaultError, StoreError.
        """
        await self.accounts.bring_client(provider, text)
        self.poll_soon()  # it may mend what the service did not accept

    # Within

    async def _ask_what_is_offered(self, *providers: ProviderId) -> None:
        """Find out which of them can be had here, all at once."""
        before = set(self._offered)
        asked = [each for each in providers if each in self._offers]
        for each, is_offered in zip(
            asked,
            await asyncio.gather(*(_is_offered(self._offers[each]) for each in asked)),
            strict=True,
        ):
            (self._offered.add if is_offered else self._offered.discard)(each)
        if self._offered != before:
            self.bus.publish(IntegrationsChanged())

    def _zone(self, signal: AnySignal) -> ZoneInfo:
        return zone_named(self.aggregator.health(signal.account).zone) or machine_zone()

    def _replace(self, connector: Connector) -> None:
        """Read and write with `connector`, and ask all its accounts anew."""
        known = self._registry.connectors
        self._registry = replace(
            self._registry,
            connectors=tuple(connector if each.id == connector.id else each for each in known),
        )
        self._oauth_clients.configure(
            connector.id, configured_clients([connector]).get(connector.id)
        )
        self.accounts.replace_connector(connector)
        self._sources[connector.id] = connector.source(self._context(connector.id))
        for account in self.accounts.all():
            if account.key.provider == connector.id:
                self.aggregator.poll_soon(account.key)

    def _set_pause(self, end: datetime | None) -> None:
        self._moments.set(Moment.PAUSED_UNTIL, end)
        self._paused_until = end
        self.bus.publish(PauseChanged())

    def _listed(self, key: SignalKey) -> AnySignal | None:
        """The signal as its service's list has it."""
        signals = self.aggregator.signals().get(key.account, ())
        return next((signal for signal in signals if signal.id == key.id), None)

    def _context(self, provider: ProviderId) -> ConnectorContext:
        return ConnectorContext(
            clients=lambda user_id: self.accounts.client(provider, user_id),
            may_write=lambda user_id: self.accounts.may_write(AccountKey(provider, user_id)),
            calendars=lambda user_id: self.vault.calendars(AccountKey(provider, user_id)),
            links=lambda user_id: self.accounts.link(provider, user_id),
            has_list=lambda user_id: self._has_list(AccountKey(provider, user_id)),
        )

    def _has_list(self, key: AccountKey) -> bool:
        return self.aggregator.health(key).last_success is not None

    def _account_state(self, integration: Integration) -> AccountState:
        health = self.aggregator.health(integration.key)
        reconnect = integration.token_status is TokenStatus.NEEDS_RECONNECT
        connection = Connection.NEEDS_RECONNECT if reconnect else health.connection
        if not reconnect and connection is Connection.NEEDS_RECONNECT:
            connection = Connection.UNKNOWN  # mended, and not asked since
        return AccountState(
            key=integration.key,
            label=integration.label,
            token_status=integration.token_status,
            connection=connection,
            reason=self._reason(integration, connection, health.reason),
            last_success=health.last_success,
            next_poll=None if reconnect else health.next_poll,
            zone=health.zone,
            pending=self.outbox.pending(integration.key),
            waiting=self.outbox.waiting(integration.key),
            calendars=self.aggregator.calendars(integration.key),
            may_write=self.accounts.lets_write(integration),
            unread=health.unread,
            told=health.told and connection is Connection.OK,
            adding=self._adding(integration.key, has_zone=health.zone is not None),
            last_error=health.last_error,
        )

    def _adding(self, key: AccountKey, *, has_zone: bool) -> Adding | None:
        source = self.outbox.adding_source(key)
        if source is None:
            return None
        lists = self.aggregator.lists(key) or ()
        return Adding(lists=lists, marks=source.understands_marks, floats=has_zone)

    def _reason(
        self, integration: Integration, connection: Connection, reason: str | None
    ) -> str | None:
        match connection:
            case Connection.NEEDS_RECONNECT:
                return integration.reason
            case Connection.UNKNOWN:
                return self.accounts.lack(integration)
            case Connection.OK:
                return reason or self.accounts.lack(integration) or self._lacking(integration.key)
            case _:
                return reason or self.accounts.lack(integration)

    def _lacking(self, key: AccountKey) -> str | None:
        """The first calendar that has a problem, by name: nothing else tells of it in words."""
        for calendar in self.aggregator.calendars(key):
            if calendar.shown and calendar.problem:
                return translated(
                    "The calendar “{calendar}” cannot be read: {problem}",
                    calendar=calendar.name,
                    problem=calendar.problem,
                )
        return None

    def _follow(self, _event: TokenExpired) -> None:
        self.aggregator.follow_accounts()
        self.outbox.follow_accounts()

    def _begin_anew(self, event: TokenRestored) -> None:
        """Whatever is in the air was asked with a token that no longer counts."""
        self.aggregator.restart(event.account)
        self.outbox.restart(event.account)

    def _forget(self, key: AccountKey) -> int:
        dropped = self.outbox.forget_account(key)
        self.aggregator.forget(key)
        self._snapshots.delete(key)
        self.reminders.forget(key)
        self.bus.publish(OutboxChanged(key))
        return dropped


async def _is_offered(offered: Offered) -> bool:
    try:
        async with asyncio.timeout(OFFERED_SECONDS):
            return await offered()
    except (OoError, TimeoutError):
        return False


def _due_to_move(signal: AnySignal) -> Due | None:
    """A deadline stays where it is: what moves is the date to work on it."""
    return signal.due if isinstance(signal, Task) and not signal.by_deadline else None


def _paces(connectors: Sequence[Connector], settings: Settings) -> Mapping[ProviderId, Pace]:
    """How often services are asked that know better; who wants all quicker than usual, wins."""
    if settings.poll_interval < Settings().poll_interval:
        return {}
    return {each.id: each.poll_after for each in connectors if each.poll_after is not None}


def _names_of(key: AccountKey) -> tuple[str, str]:
    return key.provider, f"{key.provider}:{key.user_id}"
