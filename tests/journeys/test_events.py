"""What is planned, from the stand-in Google to what the tray and the command line say of it."""

import pytest

from oo_desktop.errors import Rejected
from oo_desktop.signals.model import AccountKey, ProviderId, UserId
from oo_desktop.signals.state import Connection
from oo_desktop.ui.commands import OpenUrl
from oo_desktop.ui.rows import Row
from oo_desktop.ui.view_model import tray_view
from tests.journeys.story import Story, ask
from tests.journeys.test_google_sign_in import connect

ADAS = AccountKey(ProviderId("google_calendar"), UserId("ada@example.com"))
MEET = {
    "conferenceData": {
        "entryPoints": [{"entryPointType": "video", "uri": "https://meet.google.com/abc-defg-hij"}]
    }
}


def rows(story: Story) -> tuple[Row, ...]:
    return tray_view(story.engine.state(), story.engine.clock.now()).rows


async def only_meeting(story: Story, **given: object) -> None:
    """Of all that was planned, one meeting is left."""
    await story.control("clear_events")
    await story.control("add_event", summary="Demo", **given)
    await connect(story)


async def test_a_meeting_that_runs_is_joined_from_the_first_row_or_a_shell(story: Story) -> None:
    await only_meeting(story, in_minutes=-5, minutes=30, fields=MEET)
    join = rows(story)[0]
    assert join.text == "Join “Demo”"
    assert isinstance(join.command, OpenUrl)
    assert join.command.url.startswith("https://meet.google.com/abc-defg-hij")
    answer = await ask(story, "join")
    assert (answer["title"], answer["kind"]) == ("Demo", "event")
    assert story.looked_at == [join.command.url]


async def test_the_next_meeting_can_be_joined_before_the_menu_offers_it(story: Story) -> None:
    await only_meeting(story, in_minutes=40, minutes=30, fields=MEET)
    assert not any(row.id[0] == "join" for row in rows(story))
    assert (await ask(story, "join"))["title"] == "Demo"


@pytest.mark.parametrize(
    "given", [{"in_minutes": 5}, {"in_minutes": 100, "fields": MEET}, {"days": 1, "fields": MEET}]
)
async def test_where_there_is_nothing_to_join_a_sentence_says_so(
    story: Story, given: dict[str, object]
) -> None:
    await only_meeting(story, **given)
    with pytest.raises(Rejected, match="no meeting to join"):
        await ask(story, "join")
    assert story.looked_at == []


async def test_events_are_listed_with_every_field_of_the_interface(story: Story) -> None:
    await only_meeting(story, in_minutes=20, fields=MEET)
    (event,) = await ask(story, "signals")
    assert event.keys() == {
        "id", "source", "user_id", "kind", "title", "start", "end", "all_day", "overdue",
        "priority", "container", "url", "join_url", "actions", "pending", "tentative", "where",
        "unconfirmed",
    }  # fmt: skip
    assert (event["kind"], event["all_day"], event["overdue"]) == ("event", False, False)
    assert event["join_url"].startswith("https://meet.google.com/")


async def test_a_calendar_that_is_not_wanted_is_gone_with_one_click(story: Story) -> None:
    await connect(story)
    account = story.engine.state().accounts[0]
    family = next(each for each in account.calendars if each.name == "Family")
    assert family.shown
    assert any("· Family" in line for line in told(story))
    story.engine.show_calendar(ADAS, family.id, shown=False)
    await story.until(lambda: not any("· Family" in line for line in told(story)))
    story.engine.show_calendar(ADAS, family.id, shown=True)
    await story.until(lambda: any("· Family" in line for line in told(story)))


def told(story: Story) -> list[str]:
    found = []
    for row in rows(story):
        found += [row.text, *(each.text for each in row.rows)]
    return found


async def test_a_calendar_in_trouble_is_named_and_its_meeting_stays(story: Story) -> None:
    await only_meeting(story, in_minutes=-5, minutes=30, fields=MEET)
    await story.control("fail_calendar", calendar=ADAS.user_id, status=500)
    await story.engine.refresh()
    (account,) = (each for each in story.engine.state().accounts if each.key == ADAS)
    assert (account.reason or "").startswith(
        "The calendar “ada@example.com” cannot be read: Google has a problem of its own (500)."
    )
    assert account.connection is Connection.OK
    assert rows(story)[0].text == "Join “Demo”"
