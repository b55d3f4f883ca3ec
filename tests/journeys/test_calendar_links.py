"""A calendar by its secret link: no registration, and nobody else learns the link."""

import logging

import pytest

from oo_desktop.commands.commands import Connect, Reconnect
from oo_desktop.connectors.calendar_link.settings import ICS
from oo_desktop.errors import Rejected, SignInError
from oo_desktop.events import TokenExpired
from oo_desktop.model.state import AccountState, Connection, TokenStatus
from tests.journeys.screen import Screen
from tests.journeys.story import Story, ask
from tests.journeys.test_secrets import everything_written

NAMED = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:{}\r\nEND:VCALENDAR\r\n"
BROKEN = """\
BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTART;VALUE=DATE:20200101
RRULE:FREQ=DAILY
SUMMARY:Stand-up
END:VEVENT
BEGIN:VEVENT
DTSTART:tomorrow
SUMMARY:Nobody knows when
END:VEVENT
END:VCALENDAR
"""


async def link_of(story: Story, name: str = "basic") -> str:
    return story.sandbox.url + str((await story.control("ics_path", name=name))["path"])


async def subscribe(story: Story) -> AccountState:
    await story.engine.accounts.connect_with_token(ICS, await link_of(story))
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


@pytest.mark.logs_warnings
async def test_what_cannot_be_read_of_a_calendar_is_counted(story: Story) -> None:
    await story.control("set_ics", body=BROKEN)
    account = await subscribe(story)
    assert (account.unread, set(events(story))) == (1, {"Stand-up"})


async def test_what_is_no_link_is_refused_in_words(story: Story) -> None:
    with pytest.raises(SignInError, match="This is not a calendar link"):
        await story.engine.accounts.connect_with_token(ICS, "my calendar")


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


async def test_a_calendar_that_cannot_be_reached_is_said_to_be_so_at_once(story: Story) -> None:
    with pytest.raises(SignInError) as caught:
        await story.engine.accounts.connect_with_token(ICS, "http://127.0.0.1:9/basic.ics")
    assert str(caught.value) == (
        "This calendar cannot be reached. Check the link and your connection."
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"status": 500},
            "The calendar’s server has a problem of its own (500). Try again later.",
        ),
        (
            {"status": 429},
            "The calendar’s server asked oO to slow down. Try again later.",
        ),
        (
            {"redirect": "http://example.com/"},
            "This calendar link leads to an address that oO does not follow.",
        ),
    ],
)
async def test_what_else_is_wrong_with_a_calendar_is_said_at_once_and_promises_nothing(
    story: Story, wrong: dict[str, object], said: str
) -> None:
    await story.control("set_ics", **wrong)
    with pytest.raises(SignInError) as caught:
        await story.engine.accounts.connect_with_token(ICS, await link_of(story))
    assert str(caught.value) == said


async def refused(story: Story) -> AccountState:
    """An account whose link was taken back."""
    account = await subscribe(story)
    await story.control("take_ics_back")
    await story.engine.refresh()
    return account


async def test_the_new_link_of_a_calendar_of_the_same_name_takes_the_place_of_the_dead_one(
    story: Story,
) -> None:
    account = await refused(story)
    answer = await ask(story, "connect", provider="ics", token=await link_of(story))
    assert (answer["user_id"], answer["reconnected"]) == (account.key.user_id, True)
    await story.until(lambda: calendar(story).connection is Connection.OK)
    assert calendar(story).token_status is TokenStatus.ACTIVE


async def test_the_link_of_another_calendar_is_another_account(story: Story) -> None:
    account = await refused(story)
    await story.control("set_ics", name="team", body=NAMED.format("Another"))
    answer = await ask(story, "connect", provider="ics", token=await link_of(story, "team"))
    assert answer["reconnected"] is False
    assert answer["user_id"] != account.key.user_id
    assert len(story.engine.state().accounts) == 2


async def test_a_calendar_that_works_is_not_replaced_by_one_of_the_same_name(story: Story) -> None:
    account = await subscribe(story)
    await story.control("set_ics", name="team", body=NAMED.format(account.label))
    answer = await ask(story, "connect", provider="ics", token=await link_of(story, "team"))
    assert answer["reconnected"] is False
    assert len(story.engine.state().accounts) == 2


async def test_the_account_to_reconnect_can_be_named(story: Story) -> None:
    account = await refused(story)
    await story.control("set_ics", name="team", body=NAMED.format("Another"))
    link = await link_of(story, "team")
    answer = await ask(story, "connect", provider="ics", token=link, user=account.key.user_id)
    assert (answer["user_id"], answer["reconnected"]) == (account.key.user_id, True)
    assert calendar(story).label == "Another"


async def test_reconnecting_nobody_says_so(story: Story) -> None:
    with pytest.raises(Rejected, match="no such ics account"):
        await ask(story, "connect", provider="ics", token=await link_of(story), user="nobody")


async def test_reconnect_on_the_screen_asks_for_the_link_of_that_account(story: Story) -> None:
    account = await refused(story)
    screen = Screen(story)
    await screen.gives(Reconnect(account.key))
    ((provider, user, label, where),) = screen.links
    assert (provider, user, label) == (account.key.provider, account.key, account.label)
    assert "Integrate calendar" in where
    link = await link_of(story)
    await screen.gives_in_a_window(Connect(account.key.provider, account.key, token=link))
    assert (screen.answers, screen.told) == ([None], [])
    await story.until(lambda: calendar(story).connection is Connection.OK)
    assert calendar(story).key == account.key


async def test_where_no_window_can_be_seen_reconnect_says_where_to_give_the_link(
    story: Story,
) -> None:
    account = await refused(story)
    screen = Screen(story, can_ask=False)
    await screen.gives(Reconnect(account.key))
    (told,) = screen.told
    assert "oo-desktop connect ics" in told


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
