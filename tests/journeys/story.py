"""Whole stories: a real engine over real HTTP against a real sandbox process, without a screen."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.changes import ListChanges
from oo_desktop.clock import SystemClock
from oo_desktop.commands.commands import AskForDay, AskToDisconnect, KnownUser
from oo_desktop.commands.execute import Executor
from oo_desktop.commands.requests import RequestHandler, command_from_request
from oo_desktop.config import Sections, Settings, settings_from_toml
from oo_desktop.connectors.todoist.settings import FILTER
from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.engine import Engine
from oo_desktop.events import BusEvent
from oo_desktop.folders import Folders
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.integrations.keyring_backends import KeyringBackend
from oo_desktop.ipc.protocol import Progress, Request
from oo_desktop.model.clicks import shown_signals
from oo_desktop.model.settings import CurrentSetting
from oo_desktop.model.signals import AccountKey, ProviderId, SignalKey
from oo_desktop.model.state import AccountState, ClientHelp, Service
from oo_desktop.notifications.center import NotificationCenter
from oo_desktop.sandbox.process import SandboxProcess, config_toml
from oo_desktop.sandbox.visitor import VisitFailed, visit
from oo_desktop.ui.view.rows import TrayView
from oo_desktop.ui.view.tray import tray_view
from tests.journeys.recorder import NotificationRecorder
from tests.ports import ports_of_nobody

PATIENCE = 20.0
"""Seconds until a story that does not go on is given up."""


class KeyringLocked(Exception):
    """Named as the keyring library names its own."""


class Story:
    """One person, one oO, one Todoist. `open` starts oO, `close` ends it; twice makes a restart."""

    def __init__(self, home: Path, sandbox: SandboxProcess) -> None:
        self.folders = Folders(home, home, home / "run")
        self.folders.create()
        self.sandbox = sandbox
        self.keyring: KeyringBackend = MemoryKeyring()
        self.notifications = NotificationRecorder()
        self.events: list[BusEvent] = []
        self.allow = True
        self.as_person: str | None = None
        self.untick: tuple[str, ...] = ()
        self.browser: Callable[[str], Awaitable[bool]] | None = None
        self.looked_at: list[str] = []
        self.undo_seconds = 0.1
        self.filter = FILTER
        self.callback_ports = ports_of_nobody(2)
        self._tasks: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Start oO, as after a click on its icon."""
        self.engine = Engine(
            folders=self.folders,
            settings=self._settings(),
            keyring=KeyringPort(choose=lambda: self.keyring),
            clock=SystemClock(),
            open_browser=self._browse,
        )
        self.engine.bus.subscribe_all(self.events.append)
        self.agenda = Agenda()
        self.executor = Executor(app=self, screen=NoScreen(), agenda=self.agenda)
        self.center = NotificationCenter(
            engine=self.engine,
            execute=self.executor.execute,
            spawn=self.spawn,
            notifier=self.notifications,
        )
        self.executor.begin(self.engine, told=self.center)
        self.engine.load()
        self.engine.start()
        self.center.start()

    async def close(self) -> None:
        await self.engine.stop()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def go(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What the person does

    async def connect(self) -> None:
        await self.sign_in(TODOIST)
        await self.until(lambda: bool(self.titles()))

    async def sign_in(
        self, provider: ProviderId, *, expected: AccountKey | None = None, write: bool = False
    ) -> None:
        """Connect, or reconnect `expected`, to the end. Raises SignInError, SourceError."""
        running = await self.engine.connect(provider, expected=expected, write=write)
        await asyncio.wait({running.task})
        if not running.task.cancelled():
            running.task.result()

    async def click(self, title: str) -> int:
        """Click the task; returns the number of the click."""
        return self.engine.outbox.click(self.engine.signal(self.key(title))).number

    # What the person sees

    def titles(self) -> list[str]:
        state = self.engine.state()
        shown = shown_signals(state.signals, state.outbox)
        return [signal.title for signals in shown.values() for signal in signals]

    def key(self, title: str) -> SignalKey:
        for signals in self.engine.state().signals.values():
            for signal in signals:
                if signal.title == title:
                    return signal.key
        raise AssertionError(f"{title} is not on the list")

    @property
    def account(self) -> AccountState:
        (account,) = self.engine.state().accounts
        return account

    def heard(self, kind: type[BusEvent]) -> list[BusEvent]:
        return [event for event in self.events if type(event) is kind]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds."""
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110  # the story is watched from outside
                await asyncio.sleep(0.02)

    # What happens at Todoist

    async def control(self, action: str, **parameters: object) -> Any:
        return await asyncio.to_thread(self.sandbox.control, action, **parameters)

    async def todoist(self) -> dict[str, Any]:
        return await asyncio.to_thread(self.sandbox.state)

    async def task_at_todoist(self, title: str) -> dict[str, Any]:
        tasks = (await self.todoist())["tasks"]
        found: dict[str, Any] = next(task for task in tasks if task["content"] == title)
        return found

    async def until_at_todoist(
        self, title: str, condition: Callable[[dict[str, Any]], bool]
    ) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition(await self.task_at_todoist(title)):  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.05)

    # Within

    def config(self, *, google_client: bool = False) -> str:
        """What of a config.toml leads to the sandbox; `google_client`: with a client's secret."""
        return config_toml(self.sandbox.url, google=True, google_client=google_client)

    def _settings(self) -> Settings:
        written = self.folders.config_file
        text = written.read_text() if written.exists() else self.config()
        settings = settings_from_toml(text)
        wishes = {"filter": self.filter, "callback_ports": self.callback_ports}
        todoist = {**settings.sections.get("todoist", {}), **wishes}
        return msgspec.structs.replace(
            settings,
            poll_interval=0.5,
            undo_seconds=self.undo_seconds,
            sections=Sections({**settings.sections, "todoist": todoist}),
        )

    async def _browse(self, url: str) -> bool:
        if self.browser is not None:
            return await self.browser(url)

        async def person() -> None:
            with suppress(VisitFailed):  # the sign-in says how it ended
                await asyncio.to_thread(
                    visit, url, allow=self.allow, account=self.as_person, untick=self.untick
                )

        self.go(person())
        return True

    # What runs around the engine (`execute.App`)

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        self.go(work)

    def try_to_begin(self) -> None: ...

    async def open_url(self, url: str) -> None:
        """A browser for what needs no answer."""
        self.looked_at.append(url)

    def show_window(self, *, adding: bool = False) -> None: ...

    def unlock(self) -> None: ...

    def wake(self) -> None: ...

    def surroundings(self) -> Mapping[str, object]:
        return {"version": "1"}

    def show_log(self) -> None: ...

    def quit(self) -> None: ...

    def show_settings(self) -> None: ...

    def settings(self) -> tuple[CurrentSetting, ...]:
        return ()

    async def change_setting(self, name: str, value: str) -> CurrentSetting:
        raise AssertionError(name, value)

    async def start_at_login(self, *, on: bool) -> None: ...


class NoScreen:
    """A screen on which no window can be seen."""

    can_ask = False

    def ask_for_token(self, provider: ProviderId, service: str) -> None: ...

    def ask_for_password(self, service: Service, *, known: KnownUser | None = None) -> None: ...

    def ask_for_server(self, service: Service) -> None: ...

    def ask_for_link(
        self, provider: ProviderId, *, where: str, user: AccountKey | None = None, label: str = ""
    ) -> None: ...

    def ask_for_client(self, provider: ProviderId, help: ClientHelp) -> None: ...  # noqa: A002  # as in BringClient

    def ask_to_disconnect(self, command: AskToDisconnect) -> None: ...

    def ask_for_day(self, command: AskForDay) -> None: ...

    def copy(self, text: str) -> None: ...


def tray(story: Story) -> TrayView:
    """What the tray would show."""
    state = story.engine.state()
    return tray_view(state, Agenda().select(state, story.engine.clock.now()))


async def ask(
    story: Story, command: str, progress: Progress = lambda _said: None, /, **args: object
) -> Any:
    """The answer as whoever asked reads it: through JSON."""
    requests = RequestHandler(
        engine=story.engine,
        agenda=story.agenda,
        changes=ListChanges(),
        executor=story.executor,
    )
    asked = command_from_request(Request(command, args))
    answer = await requests.answer(asked, progress)
    return json.loads(json.dumps(answer))
