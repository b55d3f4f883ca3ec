"""Carries out what a person asks for, whichever way it came: the one place where that is done.

Whoever asks hands over a value of `commands.py`, and hears what comes of it: notifications for a
menu row or a button, a window for what was pasted into it, the socket for its peer. What goes wrong
on purpose (OoError) is told to whoever asked; anything else is a bug, and is let out.

A click is committed when `execute` returns, in the very slot of the menu that was clicked: six
calls of ours lie between the two, which `tests/journeys/test_hops.py` counts.

Nothing that takes time is imported here: a menu works before the engine is loaded.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, assert_never

from msgspec import UNSET

from oo_desktop.commands import commands
from oo_desktop.commands.commands import Asker, Command, KnownUser
from oo_desktop.commands.names import (
    NOTHING_REFUSED,
    NOTHING_TO_UNDO,
    account_named,
    adding_account_named,
    calendar_named,
    calendars_named,
    click_named,
    signal_named,
)
from oo_desktop.commands.report import report_json, report_text
from oo_desktop.errors import OoError, Rejected
from oo_desktop.events import SignInChanged
from oo_desktop.ipc.protocol import WRONG_USAGE, CommandError
from oo_desktop.language import translated, untranslated
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.listing import without_title
from oo_desktop.model.reschedule import possible_actions
from oo_desktop.model.settings import CurrentSetting
from oo_desktop.model.signals import (
    REPLIES,
    AccountKey,
    ActionKind,
    AnySignal,
    Calendar,
    ProviderId,
    SignalKey,
)
from oo_desktop.model.state import ClientHelp, Connecting, Service, zones_of
from oo_desktop.model.text import title_text
from oo_desktop.model.zones import machine_zone

if TYPE_CHECKING:
    from oo_desktop.agenda.agenda import Agenda
    from oo_desktop.agenda.placement import Entry
    from oo_desktop.engine import Engine
    from oo_desktop.model.integrations import Integration

NO_REPLIES = untranslated(
    "oO may only read this calendar. Choose “Allow replies to invitations” in oO’s menu, under "
    "Accounts, or run: oo-desktop connect {provider} --write"
)

WHICH_SIGNAL = untranslated("Which task or event? Give its id. See: oo-desktop signals")


class Screen(Protocol):
    """Does what only a screen can: asks the person, and hands over the command that follows.

    can_ask: whether a window could be seen.
    """

    @property
    def can_ask(self) -> bool: ...

    def ask_for_token(self, provider: ProviderId, service: str) -> None:
        """Ask for an API token."""
        ...

    def ask_for_link(
        self, provider: ProviderId, *, where: str, user: AccountKey | None = None, label: str = ""
    ) -> None:
        """Ask for a secret link; for the current one of `user`'s calendar, called `label`.

        where: sentences on where such a link is found.
        """
        ...

    def ask_for_password(self, service: Service, *, known: KnownUser | None = None) -> None:
        """Ask for a server, a user name and a password; for the password of `known` alone."""
        ...

    def ask_for_server(self, service: Service) -> None:
        """Ask for the address of a server to sign in at with the browser."""
        ...

    def ask_for_client(self, provider: ProviderId, help: ClientHelp) -> None:  # noqa: A002  # as in BringClient
        """Ask for the file of a client; `help`: what to explain about making one."""
        ...

    def ask_to_disconnect(self, command: commands.AskToDisconnect) -> None:
        """Ask whether to forget an account."""
        ...

    def ask_for_day(self, command: commands.AskForDay) -> None:
        """Ask to which day to move tasks."""
        ...

    def copy(self, text: str) -> None:
        """Put `text` on the clipboard."""
        ...


class App(Protocol):
    """Does what is around the engine."""

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """Run `work` behind whatever goes on."""
        ...

    def try_to_begin(self) -> None:
        """Try to open the database again, where that has failed."""
        ...

    async def open_url(self, url: str) -> None:
        """Show a page in the browser. Raises OoError."""
        ...

    def show_window(self, *, adding: bool = False) -> None:
        """Open the window; `adding`: at the field for a new task. Raises OoError."""
        ...

    def unlock(self) -> None:
        """Ask for the keyring again."""
        ...

    def wake(self) -> None:
        """Show that oO runs, and look for news."""
        ...

    def surroundings(self) -> Mapping[str, object]:
        """Return what oO runs on, for a report."""
        ...

    def show_log(self) -> None:
        """Show the file that the log is in. Raises OoError."""
        ...

    def quit(self) -> None:
        """End oO."""
        ...

    def show_settings(self) -> None:
        """Open the window of the settings. Raises OoError where none could be seen."""
        ...

    def settings(self) -> Sequence[CurrentSetting]:
        """Return every setting with its value."""
        ...

    async def change_setting(self, name: str, value: str) -> CurrentSetting:
        """Write a setting into config.toml, and go by it. Raises OoError."""
        ...

    async def start_at_login(self, *, on: bool) -> None:
        """Start with the session from now on, or no longer. Raises OoError."""
        ...


class Connected(NamedTuple):
    """Says what a Connect came to; `again`: the account was known before."""

    integration: "Integration"
    again: bool


class Executor:
    """Carries commands out, once `begin` has brought somebody to act on.

    agenda: says which meeting is next.
    """

    def __init__(self, *, app: App, screen: Screen, agenda: "Agenda") -> None:
        self._app = app
        self._screen = screen
        self._agenda = agenda
        self._engine: Engine | None = None
        self._told = Asker()

    def begin(self, engine: "Engine", *, told: Asker) -> None:
        """Act on `engine` from now on; `told` hears of what is asked on the screen."""
        self._engine = engine
        self._told = told

    def execute(  # noqa: C901  # one arm for each command: mypy misses none
        self, command: Command, asker: Asker | None = None, /
    ) -> Coroutine[Any, Any, None] | None:
        """Carry `command` out, or begin to; `asker` hears what comes of it.

        asker: by default the screen, which is told in notifications. One that waits gets back what
        it has to await, where the command takes time; for others that runs behind.
        """
        asker = asker or self._told
        engine = self._engine
        if engine is None:
            self._execute_alone(command, asker)
            return None
        result: object = None
        try:
            match command:
                case commands.Done(signal):
                    result = engine.outbox.click(engine.signal(_signal_key(engine, signal)))
                case commands.Act(signal, ActionKind.REOPEN):
                    result = _reopen(engine, signal)
                case commands.Act(signal, kind):
                    seen = _offering(engine, signal, kind)
                    result = engine.outbox.click(seen, kind, due=engine.due_after(seen, kind))
                case commands.Move(key, day):
                    seen = engine.signal(key)
                    due = engine.due_on(seen, day)
                    result = engine.outbox.click(seen, ActionKind.ON_DAY, due=due)
                case commands.AskForDay():
                    self._screen.ask_for_day(command)
                case commands.Every(several):
                    for each in several:
                        self.execute(each, asker)
                    return None
                case commands.Add():
                    result = _add(engine, command)
                case commands.Join():
                    result = self._join(engine)
                case commands.Snooze(key):
                    engine.reminders.snooze(key)
                case commands.Pause(until):
                    result = engine.pause(until)
                case commands.Resume():
                    engine.resume()
                case commands.OpenUrl(url):
                    result = self._app.open_url(url)
                case commands.Undo(click):
                    result = engine.outbox.undo(_undoable(engine, click))
                case commands.Retry(_, every=True):
                    result = _retry_all(engine)
                case commands.Retry(click):
                    result = engine.retry(_refused(engine, click))
                case commands.Discard(click):
                    result = engine.outbox.discard(_refused(engine, click))
                case commands.Connect():
                    result = self._connect(engine, command, asker)
                case commands.Reconnect(key):
                    result = self._reconnect(engine, key, asker)
                case commands.Disconnect(provider, user):
                    key = account_named(engine.state(), provider, user)
                    result = engine.accounts.disconnect(key)
                case commands.AskToDisconnect():
                    self._screen.ask_to_disconnect(command)
                case commands.PasteToken(provider, service):
                    self._screen.ask_for_token(provider, service)
                case commands.PasteLink(provider, _, where):
                    self._screen.ask_for_link(provider, where=where)
                case commands.TypePassword(provider):
                    self._screen.ask_for_password(_service(engine, provider))
                case commands.NameServer(provider):
                    self._screen.ask_for_server(_service(engine, provider))
                case commands.BringClient(provider, help_):
                    self._screen.ask_for_client(provider, help_)
                case commands.CheckClient(provider, text):
                    engine.accounts.read_client(provider, text)
                case commands.UseClient(provider, text):
                    result = self._use_client(engine, provider, text)
                case commands.CancelSignIn(provider):
                    engine.accounts.cancel(provider)
                case commands.CopyLink(provider):
                    self._copy_link(engine, provider)
                case commands.CopyUrl(url):
                    self._screen.copy(url)
                case commands.ShowCalendar(calendar, user, shown):
                    result = _show_calendar(engine, calendar, user, shown=shown)
                case commands.ShowWindow():
                    self._app.show_window()
                case commands.AskToAdd():
                    self._app.show_window(adding=True)
                case commands.Unlock():
                    self._app.unlock()
                case commands.Refresh():
                    result = engine.refresh()
                case commands.Wake():
                    self._app.wake()
                case commands.ShowSettings():
                    self._app.show_settings()
                case commands.Change(name, value):
                    result = self._app.change_setting(name, value)
                case commands.StartAtLogin(on):
                    result = self._app.start_at_login(on=on)
                case commands.ListSettings():
                    result = self._app.settings()
                case commands.Quit():
                    self._app.quit()
                case (
                    commands.TellStatus()
                    | commands.ListSignals()
                    | commands.ListIntegrations()
                    | commands.ListOutbox()
                    | commands.WatchSignals()
                ):
                    result = engine.state()
                case commands.ListCalendars(user):
                    result = calendars_named(engine.state(), user)
                case commands.ListUndoable():
                    result = engine.outbox.undoable()
                case commands.TellReport():
                    result = self._report(engine)
                case commands.CopyReport():
                    self._screen.copy(report_text(self._report(engine)))
                case commands.ShowLog():
                    self._app.show_log()
                case _:
                    assert_never(command)
        except OoError as error:
            asker.failed(error)
            return None
        if not isinstance(result, Coroutine):
            asker.answered(command, result)
            return None
        work = _tell_the_end(command, result, asker, self._told)
        if asker.waits:
            return work
        self._app.spawn(work)
        return None

    def _execute_alone(self, command: Command, asker: Asker) -> None:
        """There is nobody to act on yet: do what needs nobody, and else nothing."""
        match command:
            case commands.Quit():
                self._app.quit()
                asker.answered(command, None)
            case commands.OpenUrl(url):
                self._app.spawn(self._app.open_url(url))
            case commands.Refresh():
                self._app.try_to_begin()
            case commands.ShowWindow() | commands.AskToAdd():
                self._app.show_window()
            case commands.ShowSettings():
                try:
                    self._app.show_settings()
                except OoError as error:
                    asker.failed(error)
            case commands.Change(name, value):
                work = self._app.change_setting(name, value)
                self._app.spawn(_tell_the_end(command, work, asker, self._told))
            case commands.StartAtLogin(on):
                begun = self._app.start_at_login(on=on)
                self._app.spawn(_tell_the_end(command, begun, asker, self._told))
            case _:
                pass

    def _report(self, engine: "Engine") -> Mapping[str, object]:
        return report_json(engine.state(), self._app.surroundings())

    async def _join(self, engine: "Engine") -> "Entry":
        now = engine.clock.now()
        meeting = self._agenda.select(engine.state(), now).plan.meeting_to_join(now)
        if meeting is None or meeting.join_url is None:
            raise Rejected(
                translated(
                    "There is no meeting to join: none with a link is running or begins within an "
                    "hour."
                )
            )
        await self._app.open_url(meeting.join_url)
        return meeting.entry

    async def _connect(
        self, engine: "Engine", command: commands.Connect, asker: Asker
    ) -> Connected | None:
        """Return the account; None where the sign-in was cancelled.

        Tells meanwhile why the keyring does not take it yet.
        """

        def tell(event: SignInChanged) -> None:
            for waiting in engine.accounts.sign_ins():
                if waiting.provider == event.provider == command.provider and waiting.note:
                    asker.progress({"note": waiting.note})

        tell(SignInChanged(command.provider))  # of one that waits already, and is joined
        unsubscribe = engine.bus.subscribe(SignInChanged, tell)
        try:
            return await self._connected(engine, command, asker)
        finally:
            unsubscribe()

    async def _connected(
        self, engine: "Engine", command: commands.Connect, asker: Asker
    ) -> Connected | None:
        provider, user = command.provider, command.user
        expected = None if user is None else account_named(engine.state(), provider, user)
        known = {integration.key for integration in engine.accounts.all()}
        if command.token is not UNSET:
            found = await engine.accounts.connect_with_token(
                provider, command.token, expected=expected
            )
            return Connected(found, found.key in known)
        asks_nothing = _service(engine, provider).connecting is Connecting.NOTHING
        if asks_nothing and command.client is None:
            found = await engine.connect_here(provider, expected=expected)
            return Connected(found, found.key in known)
        if command.client is not None:
            await engine.bring_client(provider, command.client)
        from oo_desktop.integrations.sign_in import ClientNeeded

        try:
            signed_in = await _sign_in(engine, command, expected, asker)
        except ClientNeeded as error:
            if asker is not self._told or not self._screen.can_ask:
                raise
            self._screen.ask_for_client(provider, error.help)
            return None
        return None if signed_in is None else Connected(signed_in, signed_in.key in known)

    def _reconnect(
        self, engine: "Engine", key: AccountKey, asker: Asker
    ) -> Coroutine[Any, Any, object] | None:
        """Sign in again; or ask for the current link or password, where the account has one."""
        state = engine.state()
        labels = [account.label for account in state.accounts if account.key == key]
        if labels and self._screen.can_ask:
            match service := _service(engine, key.provider):
                case Service(connecting=Connecting.LINK, where=where):
                    self._screen.ask_for_link(key.provider, where=where, user=key, label=labels[0])
                    return None
                case Service(connecting=Connecting.PASSWORD):
                    self._screen.ask_for_password(service, known=_known(engine, key))
                    return None
        return self._connect(engine, commands.Connect(key.provider, key), asker)

    async def _use_client(self, engine: "Engine", provider: ProviderId, text: str) -> None:
        """What goes wrong with the file is told where it was brought; the sign-in's as ever."""
        await engine.bring_client(provider, text)
        self.execute(commands.Connect(provider))

    def _copy_link(self, engine: "Engine", provider: ProviderId) -> None:
        for sign_in in engine.accounts.sign_ins():
            if sign_in.provider == provider:
                self._screen.copy(sign_in.url)


async def _tell_the_end(
    command: Command, work: Coroutine[Any, Any, object], asker: Asker, screen: Asker
) -> None:
    try:
        result = await work
    except OoError as error:
        (screen if asker.gone else asker).failed(error)
    else:
        hears = screen if asker.gone else asker
        hears.answered(command, result)
        if isinstance(command, commands.Connect) and hears is not screen and not asker.waits:
            # A window closes at once; that the account is there, a notification says.
            screen.answered(command, result)


async def _sign_in(
    engine: "Engine", command: commands.Connect, expected: AccountKey | None, asker: Asker
) -> "Integration | None":
    """Wait for a sign-in. Whoever gives that up gives up the sign-in they began, no other.

    One that somebody cancels is no failure: then there is no account.
    """
    provider = command.provider
    joined = any(waiting.provider == provider for waiting in engine.state().sign_ins)
    try:
        running = await engine.connect(
            provider,
            expected=expected,
            browser=command.browser,
            write=command.write,
            server=command.server or "",
        )
        asker.progress({"url": await running.url()})
        await asyncio.wait({running.task})
        return None if running.task.cancelled() else running.task.result()
    except asyncio.CancelledError:
        if not joined:
            engine.accounts.cancel(provider)
        raise


def _service(engine: "Engine", provider: ProviderId) -> Service:
    """Return what the screen knows of a service, also of one that nobody offers any more."""
    offered = (service for service in engine.state().services if service.id == provider)
    return next(offered, Service(id=provider, name=provider))


def _known(engine: "Engine", key: AccountKey) -> KnownUser:
    from oo_desktop.http.passwords import server_and_user_name

    server, user_name = server_and_user_name(key.user_id)
    return KnownUser(key, server, user_name, engine.accounts.signs_in_at(key.provider, server))


async def _show_calendar(
    engine: "Engine", named: str, user: AccountKey | str | None, *, shown: bool
) -> tuple[AccountKey, Calendar]:
    key, calendar = calendar_named(engine.state(), named, user)
    await engine.show_calendar(key, calendar.id, shown=shown)
    return calendar_named(engine.state(), named, key)


def _signal_key(engine: "Engine", named: SignalKey | str) -> SignalKey:
    return named if isinstance(named, SignalKey) else signal_named(engine.state(), named)


def _offering(engine: "Engine", named: SignalKey | str, kind: ActionKind) -> AnySignal:
    """Return the signal that is to be acted on.

    What a row offered was possible when it was drawn. For what a person names, raise Rejected in
    words that say what would be possible.
    """
    signal = engine.signal(_signal_key(engine, named))
    if isinstance(named, SignalKey):
        return signal
    local = machine_zone()
    zone = zones_of(engine.state(), local).get(signal.account, local)
    if kind in REPLIES and not engine.accounts.may_write(signal.account):
        raise Rejected(translated(NO_REPLIES, provider=signal.source))
    possible = possible_actions(signal, engine.clock.now(), zone)
    if kind not in possible:
        shown = without_title(signal) if engine.state().hide_titles else signal
        title = title_text(shown.title, 50)
        if not possible:
            raise Rejected(
                translated("“{title}” does not offer {action} now.", title=title, action=kind)
            )
        raise Rejected(
            translated(
                "“{title}” does not offer {action} now. Possible now: {actions}.",
                title=title,
                action=kind,
                actions=", ".join(possible),
            )
        )
    return signal


def _reopen(engine: "Engine", named: SignalKey | str) -> OutboxItem:
    """Take back the newest click on a signal. Raises Rejected where there is none."""
    item = click_named(engine.outbox.undoable(), named, nothing=NOTHING_TO_UNDO)
    undone = engine.outbox.undo(item.number)
    if undone is None:
        raise Rejected(translated("oO has nothing to take back here."))
    return undone


def _add(engine: "Engine", command: commands.Add) -> OutboxItem | Coroutine[Any, Any, OutboxItem]:
    """Add a task at once; where it is not known yet which lists there are, when it is."""
    named = command.account
    account = None if named is None else adding_account_named(engine.state(), named)
    if engine.knows_lists(account):
        return engine.add(command.text, account=account, into=command.list)
    return _learn_and_add(engine, command, account)


async def _learn_and_add(
    engine: "Engine", command: commands.Add, account: AccountKey | None
) -> OutboxItem:
    await engine.learn_lists(account)
    return engine.add(command.text, account=account, into=command.list)


def _undoable(engine: "Engine", click: int | str | None) -> int | None:
    if not isinstance(click, str):
        return click
    return click_named(engine.outbox.undoable(), click, nothing=NOTHING_TO_UNDO).number


def _refused(engine: "Engine", click: int | str | None) -> int:
    """Return the number of the newest refused click on the signal named."""
    if isinstance(click, int):
        return click
    if click is None:
        raise CommandError(WHICH_SIGNAL, code=WRONG_USAGE)
    items = reversed(engine.outbox.items())
    refused = (item for item in items if item.state is OutboxState.REJECTED)
    return click_named(refused, click, nothing=NOTHING_REFUSED).number


async def _retry_all(engine: "Engine") -> tuple[OutboxItem, ...]:
    """Send everything that was refused again, leaving room for others in between."""
    tried = []
    for item in engine.outbox.items():
        if item.state is OutboxState.REJECTED and (again := engine.retry(item.number)):
            tried.append(again)
            await asyncio.sleep(0)
    return tuple(tried)
