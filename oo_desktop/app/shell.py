"""Runs what is around the engine: the screen, notifications, requests, and the end.

A bug, which is any exception outside the tree in `errors.py`, ends the program with a report.
"""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QGuiApplication

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.selection import Selection
from oo_desktop.app.crash_report import report_text, write_report
from oo_desktop.app.demo import Demo, open_as_visitor
from oo_desktop.app.render_timer import RenderTimer
from oo_desktop.clock import SystemClock
from oo_desktop.commands.commands import Connect, Quit
from oo_desktop.commands.execute import Executor
from oo_desktop.config import Settings
from oo_desktop.errors import OoError, StoreError
from oo_desktop.folders import Folders
from oo_desktop.ipc import InstanceLock, Progress, Request
from oo_desktop.model.signals import ProviderId
from oo_desktop.model.state import AppState
from oo_desktop.threads import DaemonExecutor, to_thread_shielded
from oo_desktop.ui.qt.icons import ink_for, is_dark
from oo_desktop.ui.qt.tray import Tray
from oo_desktop.ui.view.rows import TrayView, starting_view
from oo_desktop.ui.view.tray import next_change, tray_lines, tray_view

if TYPE_CHECKING:
    from oo_desktop.app.database_opener import DatabaseOpener
    from oo_desktop.commands.requests import RequestHandler
    from oo_desktop.connectors.registry import Registry
    from oo_desktop.engine import Engine
    from oo_desktop.integrations.keyring import KeyringPort
    from oo_desktop.ipc.server import InstanceServer
    from oo_desktop.notifications.center import NotificationCenter
    from oo_desktop.store.recovery.rescue import Opened
    from oo_desktop.ui.qt.desktop_quiet import DesktopQuiet

log = logging.getLogger(__name__)

BUG = 70
"""Exit code of a bug (EX_SOFTWARE of sysexits.h)."""


class Shell:
    """Runs one oO, from the icon to the end.

    tray: shows the icon already.
    """

    def __init__(
        self,
        *,
        tray: Tray,
        folders: Folders,
        settings: Settings,
        lock: InstanceLock,
        demo: Demo | None,
        headless: bool,
    ) -> None:
        self._tray = tray
        self._folders = folders
        self._settings = settings
        self._lock = lock
        self._demo = demo
        self._headless = headless
        self._clock = SystemClock()
        self._engine: Engine | None = None
        self._registry: Registry | None = None
        self._center: NotificationCenter | None = None
        self._requests: RequestHandler | None = None
        self._problem: str | None = None
        self._opener: DatabaseOpener | None = None
        self._desktop_quiet: DesktopQuiet | None = None
        self._printed: list[str] = []
        self._tasks: set[asyncio.Task[object]] = set()
        self._agenda = Agenda()
        self._rendering: asyncio.Task[None] | None = None
        self._render_timer = RenderTimer(clock=self._clock, render=self._changed)
        self._ended = asyncio.Event()
        self._exit_code = 0
        self._executor = Executor(app=self, screen=tray, agenda=self._agenda)

    async def main(self) -> int:
        """Run until oO is quit; returns the exit code."""
        self._prepare_loop()
        self._tray.serve(
            execute=self._executor.execute, fresh=self._fresh, on_no_host=self._no_host
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
        # In a thread, for together they take longer to import than a menu may stand still.
        await asyncio.to_thread(__import__, "oo_desktop.app.late_imports")
        gc.freeze()  # all of that stays; going through it each time would hold the loop for long
        from oo_desktop.app.late_imports import (
            DatabaseOpener,
            DesktopQuiet,
            InstanceServer,
            SystemCallables,
            SystemEvents,
            full_registry,
            installed_plug_ins,
        )

        plug_ins = tuple if self._demo else installed_plug_ins  # the demo is of oO alone
        self._registry = await full_registry(self._settings, entry_points=plug_ins)
        path, clock = self._folders.database, self._clock
        self._opener = DatabaseOpener(
            path=path, clock=clock, begin=self._begin, failed=self._cannot_open
        )
        await self._opener.attempt()
        server = InstanceServer(lock=self._lock, handle=self._handle)
        await server.start()
        self._system_events = SystemEvents(
            SystemCallables(
                network_back=self._poll_soon,
                woken=self._poll_soon,
                clock_changed=self._poll_soon,
                colors_changed=self._colors_changed,
            )
        )
        self._desktop_quiet = DesktopQuiet(self._desktop_says)
        return server

    def _cannot_open(self, reason: str) -> None:
        if reason != self._problem:
            log.warning("%s", reason)
        self._problem = reason
        self._render()

    async def _begin(self, opened: "Opened") -> None:
        from oo_desktop.app.late_imports import Engine, NotificationCenter, RequestHandler

        engine = Engine(
            folders=self._folders,
            settings=self._settings,
            keyring=self._keyring(),
            clock=self._clock,
            open_browser=self._open_browser,
            registry=self._registry,
            opened=opened,
        )
        # In a thread: with a long list it would hold the first menu for long.
        await to_thread_shielded(engine.load)
        await self._prepare(self._state_of(engine))
        center = NotificationCenter(engine=engine, execute=self._executor.execute, spawn=self.spawn)
        center.start()  # reads what there is: nothing has begun yet, should that fail
        self._engine, self._center, self._problem = engine, center, None
        self._requests = RequestHandler(engine=engine, agenda=self._agenda, executor=self._executor)
        self._executor.begin(engine, told=center)
        engine.bus.subscribe_all(lambda _event: self._changed())
        self._render()
        engine.start()
        if (quiet := self._desktop_quiet) is not None:  # the database was opened late
            self._desktop_says(quiet.do_not_disturb, quiet.locked)
        if not self._demo and not self._headless:
            self.spawn(center.welcome())
        if self._demo:
            self._executor.execute(Connect(ProviderId("ics"), token=self._demo.calendar))
            account = self._demo.account.secret
            self._executor.execute(Connect(ProviderId("caldav"), token=account))
            self._executor.execute(Connect(ProviderId("todoist")))

    def try_to_begin(self) -> None:
        """Try to open the database again; does nothing once it is open."""
        if self._opener is not None:
            self.spawn(self._opener.attempt())

    def _keyring(self) -> "KeyringPort":
        from oo_desktop.app.late_imports import KeyringPort, MemoryKeyring

        if self._demo:
            memory = MemoryKeyring()
            return KeyringPort(choose=lambda: memory, clock=self._clock, returned=self._poll_soon)
        return KeyringPort(clock=self._clock, returned=self._poll_soon)

    async def _stop(self, server: "InstanceServer | None") -> None:
        self._tray.close()
        if self._opener is not None:
            await self._opener.aclose()
        await self._render_timer.aclose()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if server is not None:
            await server.stop()
        if self._engine is not None:
            await self._engine.stop()
        if self._center is not None:
            await self._center.aclose()

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
            return AppState(problem=self._problem)
        return self._state_of(self._engine)

    def _state_of(self, engine: "Engine") -> AppState:
        try:
            return engine.state()
        except StoreError as error:  # not even the accounts can be read
            return AppState(problem=str(error))

    def _fresh(self) -> TrayView:
        """What the menu shows when it opens: somebody looks, so try again what did not work."""
        if self._problem:
            self.try_to_begin()
        if self._engine is not None:
            self._engine.look()
        state = self._state()
        return self._view(state, self._select(state))

    def _select(self, state: AppState) -> Selection:
        return self._agenda.select(state, self._clock.now())

    def _view(self, state: AppState, selection: Selection) -> TrayView:
        if self._engine is None and self._problem is None:
            return starting_view()
        return tray_view(state, selection)

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
        selection = self._select(state)
        view = self._view(state, selection)
        self._tray.render(view)
        if self._headless:
            self._print(view)
        self._render_timer.plan(next_change(state, selection))

    def _print(self, view: TrayView) -> None:
        lines = tray_lines(view)
        if lines != self._printed:
            self._printed = lines
            print("\n".join([*lines, ""]), flush=True)  # noqa: T201  # the screen of who has none

    def _no_host(self) -> None:
        """Said once; the icon comes by itself when a host does."""
        sentence = (
            "This desktop shows no tray icons. On GNOME, install the AppIndicator extension; "
            "meanwhile oO works from the command line: oo-desktop --help"
        )
        if not self._headless:
            log.info("%s", sentence)
            if self._center is not None:
                self.spawn(self._center.no_tray())

    def _colors_changed(self) -> None:
        self._tray.set_ink(ink_for(dark=is_dark()))

    async def open_url(self, url: str) -> None:
        """Show a page in the browser. Raises OoError where there is none."""
        from oo_desktop.app.late_imports import open_browser

        if not await open_browser(url):
            raise OoError("No browser could be opened.")

    async def _open_browser(self, url: str) -> bool:
        """For a sign-in, whose link can be had from the menu as well."""
        from oo_desktop.app.late_imports import open_browser

        opened = await open_browser(url)
        if not opened and self._demo:
            return await open_as_visitor(url)
        if not opened and self._center is not None:
            await self._center.no_browser()
        return opened

    # What others ask for

    async def _handle(self, request: Request, progress: Progress) -> object:
        from oo_desktop.app.late_imports import command_from_request

        command = command_from_request(request)
        if isinstance(command, Quit):  # whatever state oO is in
            self._executor.execute(command)
            return {}
        if self._opener is not None:
            await self._opener.attempt()
        if self._requests is None:
            raise StoreError(self._problem or "oO is starting. Try again in a moment.")
        return await self._requests.answer(command, progress)

    def wake(self) -> None:
        """Show that oO is here, to somebody who started it again, and look for news."""
        self._poll_soon()
        if self._center is not None:
            self.spawn(self._center.here())

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
