"""The screen of a story, with windows that a test answers."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

from oo_desktop.commands.commands import (
    Answering,
    Asker,
    AskForDay,
    AskToDisconnect,
    Command,
    KnownUser,
)
from oo_desktop.commands.execute import Executor
from oo_desktop.errors import OoError
from oo_desktop.model.settings import CurrentSetting
from oo_desktop.model.signals import AccountKey, ProviderId
from oo_desktop.model.state import ClientHelp, Service
from tests.journeys.story import Story


class Screen(Asker):
    """Hands commands over as the tray does, and keeps what they came to.

    can_ask: whether a window could be seen.
    """

    def __init__(self, story: Story, *, can_ask: bool = True) -> None:
        self._story = story
        self.can_ask = can_ask
        self.asked: list[tuple[ProviderId, ClientHelp]] = []
        self.links: list[tuple[ProviderId, AccountKey | None, str, str]] = []
        self.copied: list[str] = []
        self.answers: list[str | None] = []
        self.told: list[str] = []
        self._running: list[asyncio.Task[object]] = []
        self._executor = Executor(app=self, screen=self, agenda=story.agenda)
        self._executor.begin(story.engine, told=self)

    async def gives(self, command: Command) -> None:
        """Give a command, and wait for all that it began."""
        self._executor.execute(command)
        await self._settle()

    async def gives_in_a_window(self, command: Command) -> None:
        """The same from a window, which is told in place: see `answers`."""
        self._executor.execute(command, Answering(self.answers.append))
        await self._settle()

    async def _settle(self) -> None:
        async with asyncio.timeout(20):
            while self._running:
                await self._running.pop(0)

    # execute.Screen

    def ask_for_token(self, provider: ProviderId, service: str) -> None: ...

    def ask_for_password(self, service: Service, *, known: KnownUser | None = None) -> None: ...

    def ask_for_server(self, service: Service) -> None: ...

    def ask_for_link(
        self, provider: ProviderId, *, where: str, user: AccountKey | None = None, label: str = ""
    ) -> None:
        self.links.append((provider, user, label, where))

    def ask_for_client(self, provider: ProviderId, help: ClientHelp) -> None:  # noqa: A002  # as in BringClient
        self.asked.append((provider, help))

    def ask_to_disconnect(self, command: AskToDisconnect) -> None: ...

    def ask_for_day(self, command: AskForDay) -> None: ...

    def copy(self, text: str) -> None:
        self.copied.append(text)

    # execute.App

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        self._running.append(asyncio.create_task(work))

    def try_to_begin(self) -> None: ...

    async def open_url(self, url: str) -> None:
        await self._story.open_url(url)

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

    # Asker

    def failed(self, error: OoError) -> None:
        self.told.append(str(error))
