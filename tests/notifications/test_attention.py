"""What holds notices back holds them on the screen as well, and its end brings what still matters.

Noon is frozen; each test says what is against a notice, and ends that.
"""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from oo_desktop.commands.commands import Command, Done, OpenUrl, Snooze
from oo_desktop.events import PauseChanged, SignalsChanged, TokenExpired
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.preferences import Notifications
from oo_desktop.model.signals import Event, SignalKey
from oo_desktop.model.state import AccountState, AppState, TokenStatus
from oo_desktop.notifications.attention import Attention
from oo_desktop.notifications.center import NotificationCenter
from oo_desktop.notifications.rules import Notice, Verdict
from oo_desktop.testing import FakeClock, settle
from tests.journeys.recorder import NotificationRecorder
from tests.model.happenings import ADA as CALENDAR
from tests.model.happenings import meeting, minutes
from tests.notifications.parts import ADA, FewParts, titles, visible

QUIET = Notifications(quiet_from="11:00", quiet_until="13:00")
HOUR = 3600


class Desk:
    """A person's situation, and what may be said meanwhile."""

    def __init__(
        self, parts: FewParts, center: NotificationCenter, screen: NotificationRecorder
    ) -> None:
        self.parts = parts
        self.center = center
        self.screen = screen

    # What is against it, and its end

    async def begin(self, what: str) -> None:
        match what:
            case "quiet":
                self.parts.wishes = QUIET
            case "meeting":
                self.parts.wishes = Notifications(in_meetings=False)
                self.parts.listed = {CALENDAR: (meeting("Review", minutes(-5), lasts=minutes(65)),)}
            case "paused":
                self.parts.pause = self.parts.clock.now() + timedelta(hours=1)
            case "do_not_disturb":
                self.center.desktop_says(do_not_disturb=True, locked=False)
            case "locked":
                self.center.desktop_says(do_not_disturb=False, locked=True)
        await settle()

    async def end(self, what: str) -> None:
        if what in ("do_not_disturb", "locked"):
            self.center.desktop_says(do_not_disturb=False, locked=False)
        else:
            await self.parts.clock.advance(HOUR + 1)
        await settle()

    # What there is to say

    async def say(self, notice: str) -> None:
        match notice:
            case "answer":
                await self.center.did_not_work("It did not.")
            case "clicked":
                await self.center.clicked(self.parts.click(1))
            case "event":
                self.parts.remind("Demo", starts_in=timedelta(minutes=40), lasts=timedelta(hours=1))
            case "task":
                self.parts.remind_of_task("Call Ana")
            case "refused":
                self.refuse()
            case "reconnect":
                self.expire()
            case "sent":
                self.parts.click(1)
                self.parts.rows[1] = msgspec.structs.replace(
                    self.parts.rows[1], send_at=self.parts.clock.now() - timedelta(hours=1)
                )
                self.parts.becomes(OutboxState.SENT, 1)
        await settle()

    def refuse(self, number: int = 1) -> None:
        self.parts.click(number)
        self.parts.becomes(OutboxState.REJECTED, number, reason="It is gone.")

    def expire(self) -> None:
        self.parts.connected = (
            AccountState(key=ADA, label="Ada", token_status=TokenStatus.NEEDS_RECONNECT),
        )
        self.parts.bus.publish(TokenExpired(ADA))


SHOWS = {
    "answer": "That did not work",
    "clicked": "Done: Task 1",
    "event": "Demo at 12:40",
    "task": "Call Ana at 12:00",
    "refused": "Not done: Task 1",
    "reconnect": "Todoist needs you to sign in again",
    "sent": "1 change was sent to Todoist",
}


@pytest.fixture
def desk(parts: FewParts, center: NotificationCenter, screen: NotificationRecorder) -> Desk:
    return Desk(parts, center, screen)


def when(notice: str, against: str) -> str:
    """As the table says."""
    if notice == "answer":
        return "now"
    if notice == "sent":
        return "never"
    if notice == "clicked":
        return "never" if against in ("do_not_disturb", "locked") else "now"
    return "digest"


AGAINST = ("quiet", "meeting", "paused", "do_not_disturb", "locked")


@pytest.mark.parametrize("against", AGAINST)
@pytest.mark.parametrize("notice", SHOWS)
async def test_cell(desk: Desk, notice: str, against: str) -> None:
    await desk.begin(against)
    await desk.say(notice)
    expected = when(notice, against)
    assert titles(desk.screen) == ([SHOWS[notice]] if expected == "now" else [])
    await desk.end(against)
    assert titles(desk.screen) == ([] if expected == "never" else [SHOWS[notice]])


@pytest.mark.parametrize("notice", SHOWS)
async def test_where_nothing_is_against_it_everything_is_shown_at_once(
    desk: Desk, notice: str
) -> None:
    await desk.say(notice)
    assert titles(desk.screen) == [SHOWS[notice]]


# The digest


async def test_what_was_held_back_of_several_kinds_comes_as_one(desk: Desk) -> None:
    await desk.begin("paused")
    for notice in ("event", "task", "refused", "reconnect"):
        await desk.say(notice)
    await desk.end("paused")
    (shown,) = desk.screen.all
    assert shown.title == "4 notifications were held back"
    assert shown.body.splitlines() == [
        "Demo at 12:40 · it has begun",
        "Call Ana at 12:00",
        "Not done: Task 1",
        "Todoist needs you to sign in again",
    ]
    assert list(shown.buttons) == []


async def test_several_of_one_kind_are_merged_as_ever(desk: Desk) -> None:
    await desk.begin("paused")
    desk.parts.remind_of_task("Call Ana", "Pay rent")
    for number in (1, 2):
        desk.refuse(number)
    await settle()
    await desk.end("paused")
    assert titles(desk.screen) == ["3 notifications were held back"]
    assert desk.screen.all[0].body.splitlines()[-1] == "2 changes were not accepted"


async def test_what_does_not_matter_any_more_is_not_in_it(desk: Desk) -> None:
    await desk.begin("paused")
    (key,) = desk.parts.remind_of_task("Call Ana")
    desk.refuse()
    desk.expire()
    await settle()
    desk.parts.take_back(key)  # done
    desk.parts.forget(1)  # given up
    desk.parts.connected = (AccountState(key=ADA, label="Ada"),)  # mended
    await desk.end("paused")
    assert titles(desk.screen) == []


async def test_a_meeting_that_is_over_by_then_is_not_in_it(desk: Desk) -> None:
    await desk.begin("paused")
    (key,) = desk.parts.remind("Stand-up")
    await settle()
    await desk.parts.clock.advance(HOUR / 2)
    desk.parts.take_back(key)
    await desk.end("paused")
    assert titles(desk.screen) == []


async def test_what_a_digest_says_goes_when_it_holds_no_longer(desk: Desk) -> None:
    await desk.begin("paused")
    (key,) = desk.parts.remind_of_task("Call Ana")
    desk.refuse()
    await settle()
    await desk.end("paused")
    assert visible(desk.screen) == ["2 notifications were held back"]
    desk.parts.take_back(key)
    await settle()
    assert visible(desk.screen) == ["1 notification was held back"]
    desk.parts.forget(1)
    await settle()
    assert visible(desk.screen) == []


async def test_a_pause_that_is_ended_by_hand_brings_it_at_once(desk: Desk) -> None:
    await desk.begin("paused")
    await desk.say("task")
    desk.parts.pause = None
    desk.parts.bus.publish(PauseChanged())
    await settle()
    assert titles(desk.screen) == ["Call Ana at 12:00"]


async def test_what_holds_longer_holds_it_on(desk: Desk) -> None:
    await desk.begin("locked")
    desk.parts.wishes = QUIET
    await desk.say("task")
    await desk.end("locked")
    assert titles(desk.screen) == []
    await desk.end("quiet")
    assert titles(desk.screen) == ["Call Ana at 12:00"]


async def test_a_meeting_that_is_cancelled_holds_nothing_back(desk: Desk) -> None:
    await desk.begin("meeting")
    await desk.say("task")
    desk.parts.listed = {CALENDAR: ()}
    desk.parts.bus.publish(SignalsChanged(CALENDAR))
    await settle()
    assert titles(desk.screen) == ["Call Ana at 12:00"]


async def test_a_meeting_is_no_reason_to_hold_back_its_own_reminder(desk: Desk) -> None:
    await desk.begin("meeting")
    (key,) = desk.parts.remind("Late one", starts_in=timedelta(minutes=-5))
    event = desk.parts.given[key].signal
    assert isinstance(event, Event)
    desk.parts.listed = {key.account: (event,)}
    await settle()
    assert visible(desk.screen) == ["Late one at 11:55"]


@pytest.mark.parametrize(
    "more", [{"tentative": True}, {"unanswered": True}], ids=["tentative", "unanswered"]
)
async def test_who_may_not_be_in_the_meeting_is_interrupted(
    desk: Desk, more: dict[str, Any]
) -> None:
    desk.parts.wishes = Notifications(in_meetings=False)
    desk.parts.listed = {CALENDAR: (meeting("Review", minutes(-5), lasts=minutes(65), **more),)}
    await desk.say("task")
    assert titles(desk.screen) == ["Call Ana at 12:00"]


async def test_in_a_meeting_one_is_interrupted_unless_one_has_said_no(desk: Desk) -> None:
    desk.parts.listed = {CALENDAR: (meeting("Review", minutes(-5), lasts=minutes(65)),)}
    await desk.say("task")
    assert titles(desk.screen) == ["Call Ana at 12:00"]


async def test_clicks_of_which_nobody_wants_to_hear_are_not_told(desk: Desk) -> None:
    desk.parts.wishes = Notifications(clicks=False)
    await desk.say("clicked")
    assert titles(desk.screen) == []


async def test_held_reminders_are_written_down_as_not_seen_until_they_are(desk: Desk) -> None:
    await desk.begin("paused")
    (key,) = desk.parts.remind_of_task("Call Ana")
    await settle()
    assert desk.parts.held == [key]
    await desk.end("paused")
    assert desk.parts.held == []


# Time


async def test_a_sleep_through_the_end_of_a_pause_brings_one_digest(desk: Desk) -> None:
    await desk.begin("paused")
    keys = desk.parts.remind_of_task(*(f"Task {n}" for n in range(20)))
    await settle()
    desk.parts.clock.jump(8 * HOUR)
    desk.center.look_again()
    await settle()
    assert titles(desk.screen) == ["20 tasks are due"]
    assert len(keys) == 20


async def test_a_clock_set_back_makes_no_pause_longer_than_two_days(desk: Desk) -> None:
    await desk.begin("paused")
    await desk.say("task")
    desk.parts.clock.jump(-30 * 24 * HOUR)
    desk.center.look_again()
    await settle()
    assert len(desk.screen.all) == 1


async def test_nothing_waits_where_nothing_is_held_back(desk: Desk) -> None:
    await desk.begin("paused")
    await desk.say("answer")
    assert desk.parts.clock.sleepers == 0
    await desk.say("task")
    assert desk.parts.clock.sleepers == 1
    await desk.end("paused")
    assert desk.parts.clock.sleepers == 0


async def test_behind_a_locked_screen_no_timer_runs(desk: Desk) -> None:
    await desk.begin("locked")
    await desk.say("task")
    assert desk.parts.clock.sleepers == 0


# Tasks


async def test_a_reminder_of_a_task_offers_done_and_snooze(desk: Desk, said: list[Command]) -> None:
    (key,) = desk.parts.remind_of_task("Call Ana")
    await settle()
    (shown,) = desk.screen.all
    assert shown.identifier == "task:todoist:ada:Call Ana"
    assert (shown.title, shown.body) == ("Call Ana at 12:00", "Due now")
    assert list(shown.buttons) == ["Done", "Snooze"]
    for button in shown.buttons.values():
        button()
    assert shown.click is not None
    shown.click()
    assert said == [Done(key), Snooze(key), OpenUrl("https://todoist.example/Call Ana")]
    assert shown.without_buttons is not None
    assert shown.without_buttons.body == "Due now\nTick it off in oO’s menu."
    desk.parts.take_back(key)
    await settle()
    assert visible(desk.screen) == []


async def test_a_task_that_can_only_be_looked_at_is_opened(desk: Desk) -> None:
    desk.parts.remind_of_task("Call Ana", actions=())
    await settle()
    assert list(desk.screen.all[0].buttons) == ["Open", "Snooze"]


async def test_events_and_tasks_that_come_in_a_crowd_are_counted_together(desk: Desk) -> None:
    keys: list[SignalKey] = []
    keys += desk.parts.remind("Stand-up", late=timedelta(minutes=5), publish=False)
    keys += desk.parts.remind_of_task("Call Ana", late=timedelta(minutes=5), publish=False)
    desk.parts.publish(*keys)
    await settle()
    assert titles(desk.screen) == ["2 reminders"]


def test_reminders_that_are_due_at_once_are_judged_at_one_look(clock: FakeClock) -> None:
    state = AppState(signals={CALENDAR: (meeting("Review", minutes(-5)),)})
    looks: list[AppState] = []

    def look() -> AppState:
        looks.append(state)
        return state

    attention = Attention(
        clock=clock, preferences=lambda: Notifications(in_meetings=False), state=look
    )
    keys = [meeting(name).key for name in ("Review", "Lunch", "Walk")]
    verdicts = attention.verdicts((Notice.EVENT, key) for key in keys)
    assert verdicts == [Verdict.NOW, Verdict.DIGEST, Verdict.DIGEST]
    assert len(looks) == 1
