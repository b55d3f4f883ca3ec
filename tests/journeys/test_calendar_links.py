"""A calendar by its secret link: no registration, and nobody else learns the link."""

import logging

import pytest

from oo_desktop.errors import SignInError
from oo_desktop.events import TokenExpired
from oo_desktop.integrations.ics_events import ICS
from oo_desktop.signals.state import AccountState, Connection, TokenStatus
from tests.journeys.story import Story
from tests.journeys.test_secrets import everything_written

# The sandbox's calendar has one event that makes no sense, as calendars do.
pytestmark = pytest.mark.logs_warnings


async def link_of(story: Story) -> str:
    return story.sandbox.url + str((await story.control("ics_path"))["path"])


async def subscribe(story: Story) -> AccountState:
    await story.engine.connect_with_token(ICS, await link_of(story))
    await story.until(lambda: calendar(story).connection is Connection.OK)
    return calendar(story)


def calendar(story: Story) -> AccountState:
    (found,) = (each for each in story.engine.state().accounts if each.key.provider == ICS)
    return found


def events(story: Story) -> list[str]:
    return [event.title for event in story.engine.state().signals[calendar(story).key]]


async def test_a_pasted_link_shows_the_calendar(story: Story) -> None:
    await subscribe(story)
    assert events(story)


async def test_what_is_no_link_is_refused_in_words(story: Story) -> None:
    with pytest.raises(SignInError, match="This is not a calendar link"):
        await story.engine.connect_with_token(ICS, "my calendar")


async def test_a_link_that_was_taken_back_asks_once_for_the_new_one(story: Story) -> None:
    account = await subscribe(story)
    await story.control("take_ics_back")
    await story.engine.refresh()
    assert calendar(story).token_status is TokenStatus.NEEDS_RECONNECT
    await story.engine.refresh()
    assert story.heard(TokenExpired) == [TokenExpired(account.key)]
    assert events(story)
    await story.engine.accounts.connect_with_token(ICS, await link_of(story), expected=account.key)
    await story.until(lambda: calendar(story).connection is Connection.OK)
    assert calendar(story).key == account.key


async def test_the_link_is_nowhere_but_in_the_keyring(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await subscribe(story)
        link = await link_of(story)
        await story.control("take_ics_back")
        await story.engine.refresh()
        shown = repr(story.engine.state()).encode()
        await story.close()
    secret = link.rsplit("/", 2)[1]
    assert len(secret) >= 20
    assert secret.encode() not in everything_written(story, caplog) + shown
    await story.open()
