"""One notification per event, and one for all that was slept through."""

from datetime import date, timedelta

import pytest

from oo_desktop.commands.commands import Command, OpenUrl, Snooze
from oo_desktop.model.signals import (
    Container,
    Day,
)
from oo_desktop.notifications.notifier import WithoutButtons
from oo_desktop.testing import settle
from tests.journeys.recorder import NotificationRecorder
from tests.notifications.parts import FewParts, titles, visible

pytestmark = pytest.mark.usefixtures("center")


async def test_a_reminder_says_what_and_when_and_leads_to_the_event(
    parts: FewParts, screen: NotificationRecorder, said: list[Command]
) -> None:
    container = Container("Work", "#0000ff")
    parts.remind("Stand-up", join_url="https://meet.example/a", where="Room 4", container=container)
    await settle()
    (shown,) = screen.all
    assert shown.identifier == "event:calendar:ada:Stand-up"
    assert (shown.title, shown.body) == ("Stand-up at 12:10", "In 10 min · Work\nRoom 4")
    assert list(shown.buttons) == ["Join", "Snooze"]
    shown.buttons["Join"]()
    assert shown.click is not None
    shown.click()
    assert said == [
        OpenUrl("https://meet.example/a"),
        OpenUrl("https://calendar.example/Stand-up"),
    ]


async def test_where_no_buttons_are_drawn_a_reminder_says_where_to_join(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.remind("Stand-up", join_url="https://meet.example/a", where="Room 4")
    parts.remind("Lunch")
    await settle()
    assert [shown.without_buttons for shown in screen.all] == [
        WithoutButtons("In 10 min\nJoin from oO’s menu.\nRoom 4"),
        None,
    ]


async def test_snooze_is_passed_on(
    parts: FewParts, screen: NotificationRecorder, said: list[Command]
) -> None:
    (key,) = parts.remind("Stand-up")
    await settle()
    screen.all[0].buttons["Snooze"]()
    assert said == [Snooze(key)]


async def test_whatever_is_in_a_title_it_is_one_plain_line(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.remind("Plan\nB\u202e", where="https://meet.example/secret")
    await settle()
    (shown,) = screen.all
    assert (shown.title, shown.body) == ("Plan B at 12:10", "In 10 min")


async def test_a_meeting_about_to_end_cannot_be_snoozed(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.remind("Stand-up", starts_in=timedelta(minutes=-26))
    await settle()
    assert (screen.all[0].body, list(screen.all[0].buttons)) == ("It has begun", ["Open"])


async def test_an_event_that_is_gone_takes_its_reminder_along(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    first, _ = parts.remind("Stand-up", "Lunch")
    await settle()
    parts.take_back(first)
    await settle()
    assert visible(screen) == ["Lunch at 12:10"]


async def test_what_is_taken_back_before_it_is_shown_is_not_shown(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    (key,) = parts.remind("Stand-up")
    parts.take_back(key)
    await settle()
    assert titles(screen) == []


async def test_the_next_reminder_of_an_event_takes_the_place_of_the_last(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.remind("Stand-up")
    await parts.clock.advance(300)
    parts.remind("Stand-up", starts_in=timedelta(minutes=5))
    await settle()
    assert [shown.body for shown in screen.visible.values()] == ["In 5 min"]


async def test_what_was_slept_through_is_one_digest(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.remind("Stand-up", "Lunch", "Review", late=timedelta(minutes=5))
    await settle()
    (shown,) = screen.all
    assert shown.title == "3 events coming up"
    assert shown.body == "Stand-up at 12:10\nLunch at 12:10\nReview at 12:10"


async def test_what_the_first_poll_after_a_sleep_brings_joins_the_digest(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.remind("Stand-up", "Lunch", late=timedelta(hours=1))
    await parts.clock.advance(5)
    parts.remind("Review", late=timedelta(hours=1))
    await settle()
    assert visible(screen) == ["3 events coming up"]


async def test_a_single_late_reminder_is_like_any_other(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.remind("Stand-up", late=timedelta(hours=1), starts_in=timedelta(days=1))
    await settle()
    assert titles(screen) == ["Stand-up tomorrow at 12:00"]


async def test_a_cancelled_event_leaves_the_digest_and_the_last_takes_it_along(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    first, second = parts.remind("Stand-up", "Lunch", late=timedelta(minutes=5))
    await settle()
    parts.take_back(first)
    await settle()
    assert visible(screen) == ["1 event coming up"]
    parts.take_back(second)
    await settle()
    assert visible(screen) == []


async def test_what_is_cancelled_at_once_is_taken_from_the_digest_at_once(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    first, *others = parts.remind(*(f"Birthday {number}" for number in range(20)))
    await settle()
    for key in others:
        parts.take_back(key)
    await settle()
    assert titles(screen) == ["20 events coming up", "1 event coming up"]
    assert visible(screen) == ["1 event coming up"]
    parts.take_back(first)
    await settle()
    assert visible(screen) == []


async def test_what_merely_ends_does_not_bring_the_digest_up_again(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    first, _ = parts.remind("Stand-up", "Lunch", late=timedelta(minutes=5))
    await parts.clock.advance(3600)
    parts.take_back(first)
    await settle()
    assert len(screen.all) == 1


async def test_a_digest_offers_to_join_what_is_about_to_begin(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    titles = ("A", "B", "C", "D")
    parts.remind(*titles, late=timedelta(minutes=5), join_url="https://meet.example/x")
    await settle()
    assert list(screen.all[0].buttons) == ["Join “A”", "Join “B”"]


async def test_twenty_reminders_at_once_are_one_notification(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.remind(*(f"Birthday {number}" for number in range(20)))
    await settle()
    (shown,) = screen.all
    assert shown.title == "20 events coming up"
    assert shown.body.endswith("\nand 15 more")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 21), "Fair today"),
        (date(2026, 11, 22), "Fair today"),
        (date(2026, 11, 23), "Fair tomorrow"),
        (date(2026, 11, 25), "Fair on Wed 25 Nov"),
    ],
)
async def test_whole_days_are_told_by_their_day(
    parts: FewParts, screen: NotificationRecorder, day: date, words: str
) -> None:
    parts.remind("Fair", start=Day(day), end=Day(date(2026, 11, 26)))
    await settle()
    assert (screen.all[0].title, screen.all[0].body) == (words, "")
