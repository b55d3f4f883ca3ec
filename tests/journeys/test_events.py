"""What is planned, from the stand-in Google to what the tray and the command line say of it."""

from typing import Any

import pytest

from oo_desktop.commands.commands import OpenUrl
from oo_desktop.errors import Rejected
from oo_desktop.ipc.protocol import WRONG_USAGE, CommandError
from oo_desktop.model.signals import AccountKey, ProviderId, UserId
from oo_desktop.model.state import Connection
from oo_desktop.ui.view.rows import Row
from tests.journeys.story import Story, ask, tray
from tests.journeys.test_google_sign_in import GRACE, connect

ADAS = AccountKey(ProviderId("google_calendar"), UserId("ada@example.com"))
MEET = {
    "conferenceData": {
        "entryPoints": [{"entryPointType": "video", "uri": "https://meet.google.com/abc-defg-hij"}]
    }
}


def rows(story: Story) -> tuple[Row, ...]:
    return tray(story).rows


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
        "priority", "container", "url", "join_url", "actions", "pending", "tentative",
        "unanswered", "where", "unconfirmed", "zone",
    }  # fmt: skip
    assert (event["kind"], event["all_day"], event["overdue"]) == ("event", False, False)
    assert event["join_url"].startswith("https://meet.google.com/")


async def test_a_calendar_that_is_not_wanted_is_gone_with_one_click(story: Story) -> None:
    await connect(story)
    account = story.engine.state().accounts[0]
    family = next(each for each in account.calendars if each.name == "Family")
    assert family.shown
    assert any("· Family" in line for line in told(story))
    await story.engine.show_calendar(ADAS, family.id, shown=False)
    await story.until(lambda: not any("· Family" in line for line in told(story)))
    await story.engine.show_calendar(ADAS, family.id, shown=True)
    await story.until(lambda: any("· Family" in line for line in told(story)))


async def test_calendars_are_listed_with_every_field_of_the_interface(story: Story) -> None:
    await connect(story)
    calendars = await ask(story, "calendars")
    assert {"name": "Family", "shown": True}.items() <= calendars_by_name(calendars)[
        "Family"
    ].items()
    assert calendars[0].keys() == {
        "provider", "user_id", "id", "name", "color", "shown", "problem", "read_only", "group",
    }  # fmt: skip
    assert await ask(story, "calendars", user=ADAS.user_id) == calendars
    with pytest.raises(Rejected, match="no account bob here"):
        await ask(story, "calendars", user="bob")


def calendars_by_name(calendars: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in calendars}


async def test_a_calendar_can_be_chosen_by_its_id_and_the_answer_comes_with_its_events(
    story: Story,
) -> None:
    await connect(story)
    family = calendars_by_name(await ask(story, "calendars"))["Family"]
    hidden = await ask(story, "show_calendar", calendar=family["id"], shown=False)
    assert hidden == {**family, "shown": False}
    assert not any("· Family" in line for line in told(story))
    assert hidden in await ask(story, "calendars")
    assert await ask(story, "show_calendar", calendar=family["id"], shown=True) == family
    assert any("· Family" in line for line in told(story))


async def test_a_choice_is_kept_and_told_while_google_cannot_be_reached(story: Story) -> None:
    await connect(story)
    family = calendars_by_name(await ask(story, "calendars"))["Family"]
    await story.control("offline")
    answer = await ask(story, "show_calendar", calendar=family["id"], shown=False)
    assert answer["shown"] is False
    assert story.engine.vault.calendars(ADAS) == {family["id"]: False}


async def test_a_calendar_that_two_accounts_have_is_chosen_for_one_of_them(story: Story) -> None:
    for email in (ADAS.user_id, GRACE):
        await story.control("add_calendar", email=email, id="club", summary="Club", selected=True)
        await connect(story, email)
    with pytest.raises(
        CommandError, match=r"--user: ada@example\.com, grace@example\.com"
    ) as caught:
        await ask(story, "show_calendar", calendar="club", shown=False)
    assert caught.value.code == WRONG_USAGE
    answer = await ask(story, "show_calendar", calendar="club", shown=False, user=GRACE)
    assert (answer["user_id"], answer["shown"]) == (GRACE, False)
    clubs = [one for one in await ask(story, "calendars") if one["id"] == "club"]
    assert [one["shown"] for one in clubs] == [True, False]


async def test_a_calendar_there_is_not_cannot_be_chosen(story: Story) -> None:
    await connect(story)
    with pytest.raises(Rejected, match="See: oo-desktop calendars"):
        await ask(story, "show_calendar", calendar="nobody@example.com", shown=True)
    with pytest.raises(CommandError, match="Which calendar") as caught:
        await ask(story, "show_calendar", shown=True)
    assert caught.value.code == WRONG_USAGE
    assert story.engine.vault.calendars(ADAS) == {}


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
