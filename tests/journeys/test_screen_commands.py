"""What a click on the screen leads to, where that takes a client of the user's own."""

import pytest

from oo_desktop.commands.commands import CheckClient, Connect, UseClient
from oo_desktop.connectors.google_calendar.own_client import HELP, NOT_A_CLIENT
from oo_desktop.connectors.google_calendar.wire import GOOGLE_CALENDAR
from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.integrations.keyring import MemoryKeyring
from tests.journeys.screen import Screen
from tests.journeys.story import KeyringLocked, Story
from tests.journeys.test_google_sign_in import ADAS, CLIENT_FILE, connect, events, google


@pytest.fixture
def screen(story: Story) -> Screen:
    return Screen(story)


async def test_connecting_without_a_client_asks_for_one_and_complains_of_nothing(
    screen: Screen,
) -> None:
    await screen.gives(Connect(GOOGLE_CALENDAR))
    assert screen.asked == [(GOOGLE_CALENDAR, HELP)]
    assert screen.told == []


async def test_where_no_window_can_be_seen_it_is_said_how_to_bring_one(story: Story) -> None:
    screen = Screen(story, can_ask=False)
    await screen.gives(Connect(GOOGLE_CALENDAR))
    (told,) = screen.told
    assert "--client FILE" in told


async def test_a_file_that_is_none_of_a_client_is_told_before_anything_is_kept(
    screen: Screen,
) -> None:
    await screen.gives_in_a_window(CheckClient(GOOGLE_CALENDAR, "{}"))
    await screen.gives_in_a_window(CheckClient(GOOGLE_CALENDAR, CLIENT_FILE))
    assert screen.answers == [NOT_A_CLIENT, None]
    assert screen.told == []


async def test_a_client_that_is_brought_signs_in_at_once(story: Story, screen: Screen) -> None:
    await screen.gives_in_a_window(UseClient(GOOGLE_CALENDAR, CLIENT_FILE))
    assert screen.answers == [None]
    await story.until(lambda: bool(events(story)))


async def test_a_client_that_cannot_be_kept_is_told_where_it_was_brought(
    story: Story, screen: Screen
) -> None:
    class Locked(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            raise KeyringLocked

    story.keyring = Locked()
    await screen.gives_in_a_window(UseClient(GOOGLE_CALENDAR, CLIENT_FILE))
    (answer,) = screen.answers
    assert answer is not None
    assert "keyring" in answer
    assert screen.told == []
    assert story.engine.accounts.sign_ins() == ()


async def test_what_is_wrong_with_a_pasted_token_is_told_where_it_was_pasted(
    story: Story, screen: Screen
) -> None:
    await screen.gives_in_a_window(Connect(TODOIST, token="short"))
    assert screen.answers == ["This does not look like an API token. Copy all of it and try again."]
    assert screen.told == []
    token = (await story.control("personal_token"))["token"]
    await screen.gives_in_a_window(Connect(TODOIST, token=token))
    assert screen.answers[1:] == [None]


async def test_allowing_replies_signs_the_same_account_in_to_write(
    story: Story, screen: Screen
) -> None:
    await connect(story)
    assert not google(story).may_write
    await screen.gives(Connect(GOOGLE_CALENDAR, ADAS, write=True))
    assert screen.told == []
    assert google(story).may_write
