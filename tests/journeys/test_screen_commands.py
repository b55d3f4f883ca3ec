"""What a click on the screen leads to, where that takes a client of the user's own."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from oo_desktop.app.actions import ShellCommands
from oo_desktop.connectors.google_calendar.own_client import HELP, NOT_A_CLIENT
from oo_desktop.connectors.google_calendar.wire import GOOGLE_CALENDAR
from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.errors import OoError
from oo_desktop.integrations.keyring_choice import MemoryKeyring
from oo_desktop.model.signals import ProviderId
from oo_desktop.model.state import ClientHelp
from oo_desktop.ui.view.commands import Answered, Commands
from tests.journeys.story import KeyringLocked, Story
from tests.journeys.test_google_sign_in import ADAS, CLIENT_FILE, connect, events, google


class Screen:
    """The commands as the tray has them, and what they came to."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self.asked: list[tuple[ProviderId, ClientHelp]] = []
        self.links: list[tuple[str, str, Callable[[str, Answered], object]]] = []
        self.answers: list[str | None] = []
        self.told: list[str] = []
        self._running: list[asyncio.Task[None]] = []

    def commands(self, *, windows: bool = True) -> Commands:
        """windows: whether one could be seen."""
        return ShellCommands(
            begun=lambda: (self._story.engine, self._story.notifying),
            try_to_begin=lambda: None,
            go=self._go,
            open_url=self._story.look_at,
            ask_for_client=(lambda *asked: self.asked.append(asked)) if windows else None,
            ask_for_link=(lambda *asked: self.links.append(asked)) if windows else None,
        ).commands(quit_=lambda: None)

    def _go(self, work: Coroutine[Any, Any, object]) -> None:
        async def tell() -> None:
            try:
                await work
            except OoError as error:
                self.told.append(str(error))

        self._running.append(asyncio.create_task(tell()))

    async def settle(self) -> None:
        """Wait for all that was begun."""
        async with asyncio.timeout(20):
            await asyncio.gather(*self._running)


@pytest.fixture
def screen(story: Story) -> Screen:
    return Screen(story)


async def test_connecting_without_a_client_asks_for_one_and_complains_of_nothing(
    screen: Screen,
) -> None:
    screen.commands().connect(GOOGLE_CALENDAR)
    await screen.settle()
    assert screen.asked == [(GOOGLE_CALENDAR, HELP)]
    assert screen.told == []


async def test_where_no_window_can_be_seen_it_is_said_how_to_bring_one(screen: Screen) -> None:
    screen.commands(windows=False).connect(GOOGLE_CALENDAR)
    await screen.settle()
    (told,) = screen.told
    assert "--client FILE" in told


async def test_a_file_that_is_none_of_a_client_is_told_before_anything_is_kept(
    screen: Screen,
) -> None:
    commands = screen.commands()
    assert commands.check_client(GOOGLE_CALENDAR, "{}") == NOT_A_CLIENT
    assert commands.check_client(GOOGLE_CALENDAR, CLIENT_FILE) is None


async def test_a_client_that_is_brought_signs_in_at_once(story: Story, screen: Screen) -> None:
    screen.commands().bring_client(GOOGLE_CALENDAR, CLIENT_FILE, screen.answers.append)
    await screen.settle()
    assert screen.answers == [None]
    await story.until(lambda: bool(events(story)))


async def test_a_client_that_cannot_be_kept_is_told_where_it_was_brought(
    story: Story, screen: Screen
) -> None:
    class Locked(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            raise KeyringLocked

    story.keyring = Locked()
    screen.commands().bring_client(GOOGLE_CALENDAR, CLIENT_FILE, screen.answers.append)
    await screen.settle()
    (answer,) = screen.answers
    assert answer is not None
    assert "keyring" in answer
    assert screen.told == []
    assert story.engine.accounts.sign_ins() == ()


async def test_what_is_wrong_with_a_pasted_token_is_told_where_it_was_pasted(
    story: Story, screen: Screen
) -> None:
    commands = screen.commands()
    commands.paste_token(TODOIST, "short", screen.answers.append)
    await screen.settle()
    assert screen.answers == ["This does not look like an API token. Copy all of it and try again."]
    assert screen.told == []
    token = (await story.control("personal_token"))["token"]
    commands.paste_token(TODOIST, token, screen.answers.append)
    await screen.settle()
    assert screen.answers[1:] == [None]


async def test_allowing_replies_signs_the_same_account_in_to_write(
    story: Story, screen: Screen
) -> None:
    await connect(story)
    assert not google(story).may_write
    screen.commands().allow_replies(ADAS)
    await screen.settle()
    assert screen.told == []
    assert google(story).may_write
