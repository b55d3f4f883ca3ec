"""Runs what is around the engine: the screen, notifications, requests, and the end.

A bug, which is any exception outside the tree in `errors.py`, ends the program with a report.
"""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from oo_desktop import language
from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.changes import ListChanges
from oo_desktop.agenda.selection import Selection
from oo_desktop.app.crash_report import report_text, write_report
from oo_desktop.app.demo import Demo, open_as_visitor
from oo_desktop.app.heap import return_free_memory
from oo_desktop.app.render_timer import RenderTimer
from oo_desktop.app.window_life import WindowLife
from oo_desktop.clock import SystemClock
from oo_desktop.commands.commands import AskToAdd, Connect, Quit, ShowWindow, Wake
from oo_desktop.commands.execute import Executor
from oo_desktop.errors import OoError, StoreError
from oo_desktop.events import SettingsChanged
from oo_desktop.folders import Folders, resource
from oo_desktop.ipc.instance import InstanceLock
from oo_desktop.ipc.protocol import GIVES_WAY, Progress, Request
from oo_desktop.language import language_of, translated
from oo_desktop.model.preferences import Language
from oo_desktop.model.signals import ProviderId
from oo_desktop.model.state import AppState
from oo_desktop.model.zones import machine_zone
from oo_desktop.threads import DaemonExecutor, to_thread_shielded
from oo_desktop.ui.qt.icons import ink_for, is_dark, when_colors_change
from oo_desktop.ui.qt.tray import Tray
from oo_desktop.ui.view.rows import TrayView, starting_view
from oo_desktop.ui.view.tray import next_change, tray_lines, tray_view

if TYPE_CHECKING:
    from oo_desktop.app.config_watch import ConfigWatch
    from oo_desktop.app.database_opener import DatabaseOpener
    from oo_desktop.app.live_settings import LiveSettings
    from oo_desktop.commands.requests import RequestHandler
    from oo_desktop.config import Settings
    from oo_desktop.connectors.registry import Registry
    from oo_desktop.engine import Engine
    from oo_desktop.integrations.keyring import KeyringPort
    from oo_desktop.ipc.server import InstanceServer
    from oo_desktop.linux.bus import BusPresence
    from oo_desktop.linux.desktop_quiet import DesktopQuiet
    from oo_desktop.model.settings import CurrentSetting
    from oo_desktop.notifications.center import NotificationCenter
    from oo_desktop.store.recovery.rescue import Opened
    from oo_desktop.ui.qt.settings_window import SettingsWindow
    from oo_desktop.ui.view.settings import Fact, SettingsView

log = logging.getLogger(__name__)

BUG = 70
"""Exit code of a bug (EX_SOFTWARE of sysexits.h)."""

SETTLED_SECONDS = 4.0
"""Without anything new to draw, after which the start and the first polls are over."""


class Shell:
    """Runs one oO, from the icon to the end.

    tray: shows the icon already.
    language_changed: called when another language is spoken, before anything is drawn in it.
    """

    def __init__(
        self,
        *,
        tray: Tray,
        folders: Folders,
        lock: InstanceLock,
        demo: Demo | None,
        headless: bool,
        language_changed: Callable[[], object] = lambda: None,
    ) -> None:
        self._tray = tray
        self._language_changed = language_changed
        self._folders = folders
        self._lock = lock
        self._demo = demo
        self._headless = headless
        self._clock = SystemClock()
        self._live: LiveSettings | None = None
        self._config_watch: ConfigWatch | None = None
        self._keyring_port: KeyringPort | None = None
        self._settings_window: SettingsWindow | None = None
        self._facts: tuple[Fact, ...] = ()
        self._engine: Engine | None = None
        self._registry: Registry | None = None
        self._center: NotificationCenter | None = None
        self._requests: RequestHandler | None = None
        self._problem: str | None = None
        self._opener: DatabaseOpener | None = None
        self._presence: BusPresence | None = None
        self._summary = ""
        self._desktop_quiet: DesktopQuiet | None = None
        self._printed: list[str] = []
        self._tasks: set[asyncio.Task[object]] = set()
        self._agenda = Agenda()
        self._changes = ListChanges()
        self._started_at = self._clock.now()
        self._drawn = 0
        self._rendering: asyncio.Task[None] | None = None
        self._render_timer = RenderTimer(clock=self._clock, render=self._changed)
        self._ended = asyncio.Event()
        self._exit_code = 0
        self._executor = Executor(app=self, screen=tray, agenda=self._agenda)
        self._window = WindowLife(
            agenda=self._agenda,
            clock=self._clock,
            state=self._state_to_see,
            execute=self._executor.execute,
            file=folders.data / "window.json",
            looked_at=self._look,
            understand=self._understand,
            closed=self._window_closed,
        )

    async def main(self) -> int:
        """Run until oO is quit; returns the exit code."""
        self._prepare_loop()
        self._tray.serve(
            execute=self._executor.execute,
            fresh=self._fresh,
            on_no_host=self._no_host,
            on_host=self._host_came,
        )
        server = None
        try:
            server = await self._start()
            await self._ended.wait()
        finally:
            await self._stop(server)
        return self._exit_code

    # Life

    async def _start(self) -> "InstanceServer":
        await _imported("oo_desktop.app.late_imports")
        from oo_desktop.app.late_imports import (
            DatabaseOpener,
            LogFile,
            full_registry,
            installed_plug_ins,
        )

        logging.getLogger().addHandler(LogFile(self._folders.log_file))
        self._live = live = self._live_settings()
        settings = live.settings
        plug_ins = self._folders.plug_ins
        # The demo is of oO alone, and touches nothing of the person's.
        self._registry = await full_registry(
            settings,
            entry_points=tuple if self._demo else lambda: installed_plug_ins(plug_ins),
            of_this_computer=sys.platform == "linux" and not self._demo,
        )
        path, clock = self._folders.database, self._clock
        self._opener = DatabaseOpener(
            path=path,
            clock=clock,
            begin=lambda opened: self._begin(opened, settings),
            failed=self._cannot_open,
        )
        await self._opener.attempt()
        # What is saved is on the screen, and clicks are taken. Now what others ask, and are asked.
        await _imported("oo_desktop.app.last_imports")
        from oo_desktop.app.last_imports import ConfigWatch, InstanceServer, own_system_events

        server = InstanceServer(lock=self._lock, handle=self._handle)
        await server.start()
        self._config_watch = ConfigWatch(self._folders.config_file, live.read)
        self._system_events = own_system_events(
            network_back=self._poll_soon, woken=self._poll_soon, clock_changed=self._poll_soon
        )
        when_colors_change(self._colors_changed)
        if sys.platform == "linux":
            from oo_desktop.app.late_linux import DesktopQuiet

            self._desktop_quiet = DesktopQuiet(self._desktop_says)
        self.spawn(self._settle())
        return server

    async def _settle(self) -> None:
        """Let go of what only the start needed, once that is over: with many accounts, their first
        polls take longer."""
        drawn = -1
        while drawn != self._drawn:
            drawn = self._drawn
            await self._clock.sleep(SETTLED_SECONDS)
        return_free_memory()

    def _cannot_open(self, reason: str) -> None:
        if reason != self._problem:
            log.warning("%s", reason)
        self._problem = reason
        self._render()

    def _live_settings(self) -> "LiveSettings":
        from oo_desktop.app.late_imports import LiveSettings

        live = LiveSettings(self._folders.config_file, apply=self._apply, told=self._tell_mistakes)
        live.read()
        return live

    async def _begin(self, opened: "Opened", settings: "Settings") -> None:
        """settings: those that the registry was made with."""
        from oo_desktop.app.late_imports import (
            Engine,
            NotificationCenter,
            RequestHandler,
            own_notifier,
        )

        self._keyring_port = self._keyring()
        engine = Engine(
            folders=self._folders,
            settings=settings,
            keyring=self._keyring_port,
            clock=self._clock,
            open_browser=self._open_browser,
            registry=self._registry,
            opened=opened,
        )
        # In a thread: with a long list it would hold the first menu for long.
        await to_thread_shielded(engine.load)
        await self._prepare(self._state_of(engine))
        center = NotificationCenter(
            engine=engine,
            execute=self._executor.execute,
            spawn=self.spawn,
            notifier=own_notifier(self._tray.show_message),
            show=ShowWindow(),
        )
        center.start()  # reads what there is: nothing has begun yet, should that fail
        self._engine, self._center, self._problem = engine, center, None
        self._requests = RequestHandler(
            engine=engine, agenda=self._agenda, changes=self._changes, executor=self._executor
        )
        self._executor.begin(engine, told=center)
        # Whoever asks on the bus asks for their own list.
        if sys.platform == "linux" and not self._demo:
            self.spawn(self._appear_on_the_bus(self._requests))
        engine.bus.subscribe_all(lambda _event: self._changed())
        self._render()
        engine.start()
        if self._live is not None:
            engine.apply(self._live.settings)  # what was changed since then
        self._tell_mistakes()
        if not (self._demo or self._window.was_ever_open or engine.accounts.all()):
            self._open_window()  # the very first start: nobody knows yet where to look
        elif not self._demo and not self._headless:
            self.spawn(center.welcome())
        if (quiet := self._desktop_quiet) is not None:  # the database was opened late
            self._desktop_says(quiet.do_not_disturb, quiet.locked)
        if self._demo:
            self._executor.execute(Connect(ProviderId("ics"), token=self._demo.calendar))
            account = self._demo.account.secret
            self._executor.execute(Connect(ProviderId("caldav"), token=account))
            self._executor.execute(Connect(ProviderId("todoist")))

    async def _appear_on_the_bus(self, requests: "RequestHandler") -> None:
        await asyncio.to_thread(__import__, "oo_desktop.app.late_linux")
        from oo_desktop.app.late_linux import (
            BusPresence,
            DesktopSearch,
            Export,
            krunner,
            search_provider,
            service,
        )

        search = DesktopSearch(selection=self._searched, execute=self._executor.execute)
        oo1 = service.Oo1(
            answer=lambda command: requests.answer(command, lambda _said: None),
            summary=lambda: self._summary,
        )
        self._changes.follow(oo1.changed)
        self._presence = BusPresence(
            (
                Export(service.PATH, oo1),
                Export(search_provider.PATH, search_provider.SearchProvider(search)),
                Export(krunner.PATH, krunner.Runner(search)),
            )
        )
        await self._presence.start()

    def _searched(self) -> Selection | None:
        """The list, as the desktop's search may see it."""
        state = self._state()
        return None if state.hide_titles else self._select(state)

    def _apply(self, settings: "Settings") -> None:
        self._speak(settings.language)
        self._tray.set_ink(ink_for(settings.icon, dark=is_dark()))
        if self._engine is not None:
            self._engine.apply(settings)

    def _speak(self, chosen: Language) -> None:
        """Say everything in the language chosen; windows are built anew, at the same page."""
        code = language_of() if chosen is Language.AUTO else chosen.value
        if code == language.code():
            return
        language.use(code, resource("languages"))
        self._language_changed()
        self._window.rebuild()
        if self._settings_window is not None:
            page = self._settings_window.page
            self._settings_closed()
            self.show_settings()
            self._settings_window.show_page(page)
        self._changed()

    def _tell_mistakes(self) -> None:
        """Show what of config.toml cannot be used, or that all of it can again."""
        if self._engine is None or self._center is None or self._live is None:
            return
        if self._engine.mistakes != self._live.mistakes:
            self._engine.mistakes = self._live.mistakes
            self._engine.bus.publish(SettingsChanged())
            self.spawn(self._center.mistaken(self._live.mistakes))

    def try_to_begin(self) -> None:
        """Try to open the database again; does nothing once it is open."""
        if self._opener is not None:
            self.spawn(self._opener.attempt())

    def _keyring(self) -> "KeyringPort":
        from oo_desktop.app.late_imports import KeyringPort, MemoryKeyring

        if self._demo:
            memory = MemoryKeyring()
            port = KeyringPort(choose=lambda: memory, clock=self._clock, returned=self._poll_soon)
        else:
            port = KeyringPort(clock=self._clock, returned=self._poll_soon)
        self._keyring_port = port
        return port

    async def _stop(self, server: "InstanceServer | None") -> None:
        self._tray.close()
        self._window.aclose()
        if self._settings_window is not None:
            self._settings_window.close()
        if self._opener is not None:
            await self._opener.aclose()
        await self._render_timer.aclose()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if server is not None:
            await server.stop()
        if self._presence is not None:
            self._presence.stop()
        if self._engine is not None:
            await self._engine.stop()
        if self._center is not None:
            await self._center.aclose()
        if self._keyring_port is not None:
            self._keyring_port.close()

    def _prepare_loop(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(DaemonExecutor())
        loop.set_exception_handler(self._unhandled)
        sys.excepthook = lambda _kind, error, _traceback: self._bug(error)  # a slot of Qt's
        if sys.platform != "win32":
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self.quit)
        QGuiApplication.instance().aboutToQuit.connect(self.quit)  # type: ignore[union-attr]  # it was made in run

    def quit(self) -> None:
        """End: `main` returns soon."""
        self._ended.set()

    def _unhandled(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What asyncio found nobody to give to."""
        error = context.get("exception")
        if error is None or isinstance(error, OoError):
            log.info("%s", error or context["message"])  # somebody stopped waiting for it
        else:
            self._bug(error)

    def _bug(self, error: BaseException) -> None:
        """End with a report: going on could only do worse."""
        text = report_text(error)
        path = write_report(self._folders.data, text, now=self._clock.now())
        log.critical("oO made a mistake and ends. This is also in %s:\n%s", path, text)
        self._exit_code = BUG
        self._ended.set()

    # The screen is a function of the state

    def _state(self) -> AppState:
        if self._engine is None:
            mistakes = () if self._live is None else self._live.mistakes
            return AppState(problem=self._problem, mistakes=mistakes)
        return self._state_of(self._engine)

    def _state_of(self, engine: "Engine") -> AppState:
        try:
            return engine.state()
        except StoreError as error:  # not even the accounts can be read
            return AppState(problem=str(error))

    def _fresh(self) -> TrayView:
        """What the menu shows when it opens: somebody looks, so try again what did not work."""
        self._look()
        state = self._state()
        return self._view(state, self._select(state))

    def _look(self) -> None:
        if self._problem:
            self.try_to_begin()
        if self._engine is not None:
            self._engine.look()

    def _state_to_see(self) -> AppState | None:
        """What the window shows; None: oO is only starting."""
        return None if self._engine is None and self._problem is None else self._state()

    def _select(self, state: AppState) -> Selection:
        return self._agenda.select(state, self._clock.now())

    def _view(self, state: AppState, selection: Selection) -> TrayView:
        if self._engine is None and self._problem is None:
            return starting_view()
        return tray_view(state, selection, None if self._headless else self._tray.room)

    def _changed(self) -> None:
        """Render once for all that happens until the new lists, if any, are prepared."""
        if self._rendering is None:
            self._rendering = asyncio.create_task(self._render_prepared())
            self._tasks.add(self._rendering)
            self._rendering.add_done_callback(self._gone)

    async def _render_prepared(self) -> None:
        state = self._state()
        while await self._prepare(state):
            state = self._state()
        self._rendering = None
        self._draw(state)

    async def _prepare(self, state: AppState) -> bool:
        """Have the agenda take in what is new, and others their turn between: there may be 10,000
        signals. Returns whether there was anything."""
        steps = 0
        for _ in self._agenda.prepare(state, self._clock.now()):
            steps += 1
            await asyncio.sleep(0)
        return steps > 0

    def _render(self) -> None:
        self._draw(self._state())

    def _draw(self, state: AppState) -> None:
        if self._ended.is_set():
            return
        self._drawn += 1
        selection = self._select(state)
        view = self._view(state, selection)
        self._tray.render(view)
        self._summary = view.summary
        self._changes.drawn(selection)
        if self._settings_window is not None:
            self._settings_window.show_view(self._settings_view(state))
        if self._headless:
            self._print(view)
        changes = [next_change(state, selection)]
        if self._window.is_open:
            changes.append(self._window.render())
        self._render_timer.plan(min(filter(None, changes), default=None))

    def _print(self, view: TrayView) -> None:
        lines = tray_lines(view)
        if lines != self._printed:
            self._printed = lines
            print("\n".join([*lines, ""]), flush=True)  # noqa: T201  # the screen of who has none

    def _no_host(self) -> None:
        """Said once, and the window is there instead; the icon comes by itself when a host does."""
        self._window.has_tray = False
        if self._headless:
            return
        log.info("this desktop shows no tray icons; oO has a window instead")
        if self._center is not None:
            from oo_desktop.app.surroundings import tray_advice

            self.spawn(self._center.no_tray(tray_advice(taken_by=self._tray.taken_by)))
        self._open_window()

    def _host_came(self) -> None:
        self._window.has_tray = True
        self._changed()

    def _open_window(self, *, adding: bool = False) -> None:
        if not self._headless:
            self._window.open(adding=adding)
            self._changed()

    def _understand(self, text: str) -> str:
        """Say what is understood of a new task, or why there can be none."""
        try:
            return "" if self._engine is None else self._engine.understood(text).sentence
        except OoError as error:
            return str(error)

    def _window_closed(self) -> None:
        """Without a tray nobody sees that oO goes on."""
        if not (self._window.has_tray or self._ended.is_set() or self._center is None):
            self.spawn(self._center.closed_window())

    def show_window(self, *, adding: bool = False) -> None:
        """Open the window; `adding`: at the field for a new task. Raises OoError."""
        if self._headless:
            raise OoError(translated("There is no screen to open a window on."))
        self._open_window(adding=adding)

    def unlock(self) -> None:
        """Ask for the keyring again, also where its prompt was dismissed."""
        if self._keyring_port is not None:
            self._keyring_port.forget_dismissals()
        self._poll_soon()

    def _colors_changed(self) -> None:
        if self._live is not None:
            self._tray.set_ink(ink_for(self._live.settings.icon, dark=is_dark()))

    def surroundings(self) -> Mapping[str, object]:
        """Return what oO runs on, for a report."""
        from oo_desktop.app.surroundings import surroundings
        from oo_desktop.config import Settings

        keyring = self._engine.vault.keyring_name if self._engine is not None else ""
        settings = self._engine.settings if self._engine is not None else Settings()
        return surroundings(
            started_at=self._started_at,
            keyring=keyring,
            settings=settings,
            tray_host=self._tray.host,
        )

    def show_log(self) -> None:
        """Show the file that the log is in. Raises OoError where nothing can show it."""
        url = QUrl.fromLocalFile(str(self._folders.log_file))
        if not QDesktopServices.openUrl(url):
            raise OoError(
                translated(
                    "No program shows text files here. The log is {file}", file=url.toLocalFile()
                )
            )

    async def open_url(self, url: str) -> None:
        """Show a page in the browser. Raises OoError where there is none."""
        from oo_desktop.app.late_imports import open_browser, own_environment

        if not await open_browser(url, environment=own_environment()):
            raise OoError(translated("No browser could be opened."))

    async def _open_browser(self, url: str) -> bool:
        """For a sign-in, whose link can be had from the menu as well."""
        from oo_desktop.app.late_imports import open_browser, own_environment

        opened = await open_browser(url, environment=own_environment())
        if not opened and self._demo:
            return await open_as_visitor(url)
        if not opened and self._center is not None:
            await self._center.no_browser()
        return opened

    # What others ask for

    async def _handle(self, request: Request, progress: Progress) -> object:
        from oo_desktop.app.last_imports import command_from_request

        command = command_from_request(request)
        if isinstance(command, Quit):  # whatever state oO is in
            self._executor.execute(command)
            return {}
        if self._headless and isinstance(command, Wake | AskToAdd) and command.screen:
            log.info("an oO that has a screen takes the place of this one")
            self._executor.execute(Quit())
            return {GIVES_WAY: True}
        if self._opener is not None:
            await self._opener.attempt()
        if self._requests is None:
            raise StoreError(self._problem or translated("oO is starting. Try again in a moment."))
        return await self._requests.answer(command, progress)

    def show_settings(self) -> None:
        """Open the window of the settings. Raises OoError where none could be seen."""
        if self._headless:
            raise OoError(translated("There is no window here. See: oo-desktop settings"))
        from oo_desktop.app.late_windows import SettingsWindow, facts_of

        keyring = "" if self._keyring_port is None else self._keyring_port.name
        self._facts = facts_of(self._folders, keyring=keyring)
        if self._settings_window is None:
            self._settings_window = SettingsWindow(
                execute=self._executor.execute,
                settings=[setting for setting, _ in self.settings()],
            )
            self._settings_window.closed.connect(self._settings_closed)
        if self._config_watch is not None:
            self._config_watch.look()  # on some file systems nobody tells of changes
        self._settings_window.show_view(self._settings_view(self._state()))
        self._settings_window.show()
        self._settings_window.raise_()
        self._settings_window.activateWindow()

    def _settings_closed(self) -> None:
        """Give the window back."""
        window, self._settings_window = self._settings_window, None
        if window is not None:
            window.deleteLater()

    def _settings_view(self, state: AppState) -> "SettingsView":
        from oo_desktop.app.late_windows import own_autostart, settings_view

        return settings_view(
            state,
            self.settings(),
            now=self._clock.now(),
            zone=machine_zone(),
            starts_at_login=own_autostart().is_on(),
            facts=self._facts,
        )

    def settings(self) -> "Sequence[CurrentSetting]":
        """Return every setting with its value."""
        return () if self._live is None else self._live.values()

    async def change_setting(self, name: str, value: str) -> "CurrentSetting":
        """Write a setting into config.toml, and go by it. Raises OoError."""
        if self._live is None:
            raise OoError(translated("oO is starting. Try again in a moment."))
        return await self._live.change(name, value)

    async def start_at_login(self, *, on: bool) -> None:
        """Start with the session from now on, or no longer. Raises OoError."""
        from oo_desktop.app.ports import own_autostart

        await asyncio.to_thread(own_autostart().turn, on=on)
        self._changed()

    def wake(self) -> None:
        """Show that oO is here, to somebody who started it again, and look for news."""
        self._poll_soon()
        self._open_window()

    def _desktop_says(self, do_not_disturb: bool, locked: bool) -> None:
        if self._center is not None:
            self._center.desktop_says(do_not_disturb=do_not_disturb, locked=locked)

    def _poll_soon(self) -> None:
        """The network is back, the machine awake, or the clock set."""
        if self._engine is not None:
            self._engine.poll_soon()
        if self._center is not None:
            self._center.look_again()
        self._changed()  # the timers stood still: what time alone changes is late already

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that takes time behind all else; what went wrong on purpose is told."""
        task = asyncio.create_task(self._told(work))
        self._tasks.add(task)
        task.add_done_callback(self._gone)
        task.add_done_callback(lambda _: work.close())  # nothing, but where it never began

    async def _told(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except OoError as error:
            if self._center is not None:
                self._center.failed(error)
            else:
                log.info("%s", error)

    def _gone(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._bug(error)


async def _imported(name: str) -> None:
    """Import a module in a thread, for it takes longer than a menu may stand still.

    All of it stays: going through it at each collection would hold the loop for long, and twenty
    times while it is imported.
    """
    gc.disable()
    try:
        await asyncio.to_thread(__import__, name)
    finally:
        gc.freeze()
        gc.enable()
