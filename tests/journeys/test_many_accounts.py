"""Two of Todoist, two of Google and a calendar by its link: one fails, one hangs, nobody else."""

import pytest

from oo_desktop.connectors.calendar_link.settings import ICS
from oo_desktop.connectors.google_calendar.wire import GOOGLE_CALENDAR
from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.events import TokenExpired
from oo_desktop.model.signals import AccountKey, UserId
from oo_desktop.model.state import AccountState, Connection
from tests.journeys.story import Story
from tests.journeys.test_calendar_links import link_of
from tests.journeys.test_google_sign_in import GRACE, connect

BOB = "bob@example.com"
GRACES = AccountKey(GOOGLE_CALENDAR, UserId(GRACE))


@pytest.fixture
async def five(story: Story) -> Story:
    """Everything connected that oO can be connected to."""
    await story.connect()
    await story.control("add_account", email=BOB)
    story.as_person = BOB
    await story.sign_in(TODOIST)
    await connect(story)
    await connect(story, GRACE)
    await story.engine.accounts.connect_with_token(ICS, await link_of(story))
    await story.until(lambda: all(each.connection is Connection.OK for each in accounts(story)))
    return story


def accounts(story: Story) -> tuple[AccountState, ...]:
    return story.engine.state().accounts


def last_polls(story: Story) -> dict[AccountKey, object]:
    """Of the accounts that are neither refused nor hanging."""
    return {
        each.key: each.last_success
        for each in accounts(story)
        if each.key != GRACES and each.key.provider != ICS
    }


async def test_a_revoked_and_a_hanging_account_leave_the_others_alone(five: Story) -> None:
    await five.control("set_ics", hangs=600)
    await five.control("revoke", service="google_calendar", email=GRACE)
    await five.control("add_task", content="Buy bread", due_string="today")
    await five.until(lambda: "Buy bread" in five.titles())
    await five.until(lambda: bool(five.notifications.about_reconnecting()))
    before = last_polls(five)
    assert len(before) == 3
    await five.until(lambda: not set(before.items()) & set(last_polls(five).items()))
    assert five.heard(TokenExpired) == [TokenExpired(GRACES)]
    assert len(five.notifications.about_reconnecting()) == 1
    assert {each.connection for each in accounts(five) if each.key in before} == {Connection.OK}
