"""Reminders from Google's calendar to the notification, over moves, cancellations and restarts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oo_desktop.commands.commands import Connect, Resume
from oo_desktop.connectors.google_calendar.wire import GOOGLE_CALENDAR
from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.model.pause import PauseUntil
from oo_desktop.model.signals import AccountKey, Event, UserId
from tests.journeys.recorder import Shown
from tests.journeys.story import Story
from tests.journeys.test_google_sign_in import ADA, connect, events

ADAS = AccountKey(GOOGLE_CALENDAR, UserId(ADA))
NO_REMINDER = {"useDefault": False, "overrides": []}


def at(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat(timespec="seconds")


def reminders(minutes: int) -> dict[str, Any]:
    return {"useDefault": False, "overrides": [{"method": "popup", "minutes": minutes}]}


@pytest.fixture
async def calendar(story: Story) -> Story:
    """Ada's Google, connected, with nothing in it."""
    await story.control("clear_events")
    await connect(story)
    return story


async def add(story: Story, title: str, starts_in: float = 10, **fields: Any) -> str:
    """Plan a meeting of half an hour, whose reminder is due ten minutes before; returns its id."""
    fields = {"reminders": reminders(10)} | fields
    when = {"start": at(starts_in), "end": at(starts_in + 30)}
    added = await story.control("add_event", summary=title, **when, **fields)
    id_: str = added["id"]
    await story.engine.refresh()
    await story.until(lambda: title in events(story))
    return id_


def name(line: str) -> str:
    """`Stand-up`, of `Stand-up at 14:00`; stories are told around midnight, too."""
    return line.partition(" at ")[0].removesuffix(" tomorrow").removesuffix(" yesterday")


def said(story: Story) -> list[str]:
    return [name(each.title) for each in story.notifications.all]


def notification(story: Story, title: str) -> Shown:
    found = (each for each in story.notifications.all if each.title.startswith(title))
    return next(found)


def signal(story: Story, title: str) -> Event:
    listed = story.engine.state().signals[ADAS]
    found = next(each for each in listed if each.title == title)
    assert isinstance(found, Event)
    return found


async def test_a_meeting_is_reminded_of_with_a_way_in(calendar: Story) -> None:
    await add(calendar, "Stand-up", hangoutLink="https://meet.google.com/abc-defg-hij")
    await calendar.until(lambda: said(calendar) == ["Stand-up"])
    shown = notification(calendar, "Stand-up")
    event = signal(calendar, "Stand-up")
    assert shown.identifier == f"event:google_calendar:{ADA}:{event.id}"
    assert shown.body.startswith("In ")
    assert list(shown.buttons) == ["Join", "Snooze"]


async def test_only_what_has_a_reminder_is_reminded_of(calendar: Story) -> None:
    await add(calendar, "Quiet", reminders=NO_REMINDER)
    await add(calendar, "Later", 40)
    await add(calendar, "Stand-up")
    await calendar.until(lambda: said(calendar) == ["Stand-up"])


async def test_a_cancelled_meeting_takes_its_reminder_along(calendar: Story) -> None:
    id_ = await add(calendar, "Stand-up")
    await calendar.until(lambda: bool(calendar.notifications.visible))
    await calendar.control("cancel_event", id=id_)
    await calendar.engine.refresh()
    await calendar.until(lambda: not calendar.notifications.visible)


async def test_a_moved_meeting_is_reminded_of_anew_when_it_is_time(calendar: Story) -> None:
    id_ = await add(calendar, "Stand-up")
    await calendar.until(lambda: bool(calendar.notifications.visible))
    await calendar.control("move_event", id=id_, by=30)
    await calendar.engine.refresh()
    await calendar.until(lambda: not calendar.notifications.visible)
    await calendar.control("move_event", id=id_, by=-31)
    await calendar.engine.refresh()
    await calendar.until(lambda: said(calendar) == ["Stand-up", "Stand-up"])


async def test_a_restart_repeats_nothing(calendar: Story) -> None:
    await add(calendar, "Stand-up")
    await calendar.until(lambda: said(calendar) == ["Stand-up"])
    await calendar.close()
    await calendar.open()
    await add(calendar, "Lunch")
    await calendar.until(lambda: said(calendar) == ["Stand-up", "Lunch"])


async def test_what_fell_due_while_oo_did_not_run_is_one_digest(calendar: Story) -> None:
    await calendar.close()
    for title, starts_in in (("Running", -20), ("Soon", 3), ("Over", -60)):
        when = {"start": at(starts_in), "end": at(starts_in + 30)}
        await calendar.control("add_event", summary=title, **when, reminders=reminders(10))
    await calendar.open()
    await calendar.until(lambda: said(calendar) == ["2 events running or coming up"])
    body = calendar.notifications.visible["reminders"].body
    assert [name(line) for line in body.splitlines()] == ["Running", "Soon"]


async def test_a_snoozed_reminder_is_gone_for_now(calendar: Story) -> None:
    await add(calendar, "Stand-up")
    await calendar.until(lambda: bool(calendar.notifications.visible))
    notification(calendar, "Stand-up").buttons["Snooze"]()
    await calendar.until(lambda: not calendar.notifications.visible)
    await calendar.engine.refresh()
    assert said(calendar) == ["Stand-up"]


async def test_a_disconnected_account_takes_its_reminders_along(calendar: Story) -> None:
    await add(calendar, "Stand-up")
    await calendar.until(lambda: bool(calendar.notifications.visible))
    await calendar.engine.accounts.disconnect(ADAS)
    await calendar.until(lambda: not calendar.notifications.visible)


# Held back, and connected


def is_due(story: Story, title: str) -> bool:
    return story.engine.reminders.shown(signal(story, title).key) is not None


async def test_what_a_pause_held_back_comes_when_it_ends_also_after_a_restart(
    calendar: Story,
) -> None:
    calendar.engine.pause(PauseUntil.HOUR)
    await add(calendar, "Stand-up")
    await calendar.until(lambda: is_due(calendar, "Stand-up"))
    await calendar.close()
    await calendar.open()
    await calendar.until(lambda: is_due(calendar, "Stand-up"))
    assert said(calendar) == []
    calendar.executor.execute(Resume())
    await calendar.until(lambda: said(calendar) == ["Stand-up"])


async def test_a_connection_that_was_asked_for_on_the_screen_is_confirmed(story: Story) -> None:
    story.executor.execute(Connect(TODOIST))
    await story.until(lambda: bool(story.notifications.all))
    (shown,) = story.notifications.all
    count = len(story.titles())
    assert shown.title == f"Todoist is connected: {count} tasks are on the list"
