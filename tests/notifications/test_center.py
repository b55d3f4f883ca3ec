"""Which events become notifications, and that no order of events becomes a flood of them."""

import asyncio
from collections.abc import Coroutine
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
import pytest

from oo_desktop.engine import Engine
from oo_desktop.events import EventBus, OutboxChanged, ReminderDue, ReminderOver
from oo_desktop.model.reminders import Planned
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    Container,
    Day,
    Event,
    Fixed,
    ProviderId,
    SignalId,
    SignalKey,
    UserId,
)
from oo_desktop.model.state import AppState, OutboxItem, OutboxState
from oo_desktop.notifications.notifying import Notifying
from oo_desktop.testing import FakeClock, settle, task
from oo_desktop.ui.view.commands import Commands
from tests.fixtures.services import SERVICES
from tests.journeys.recorder import NotificationRecorder

ADA = AccountKey(ProviderId("todoist"), UserId("ada"))
BOB = AccountKey(ProviderId("todoist"), UserId("bob"))


def reminder(
    title: str,
    now: datetime,
    *,
    late: timedelta = timedelta(0),
    starts_in: timedelta = timedelta(minutes=10),
    **more: Any,
) -> Planned:
    start = now + starts_in
    ends = start + timedelta(minutes=30)
    details: dict[str, Any] = {
        "id": SignalId(title),
        "source": ProviderId("calendar"),
        "user_id": UserId("ada"),
        "title": title,
        "url": f"https://calendar.example/{title}",
        "start": Fixed(start, "Etc/UTC"),
        "end": Fixed(ends, "Etc/UTC"),
    }
    event = Event(**details | more)
    utc = ZoneInfo("Etc/UTC")
    return Planned(event=event, zone=utc, start=start, ends=ends, minutes=10, at=now - late)


class FewParts:
    """Stands for the engine: a clock, a bus, and an outbox that a test fills."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.bus = EventBus()
        self.rows: dict[int, OutboxItem] = {}
        self.integrations = self
        self.outbox = self
        self.reminders = self
        self.given: dict[SignalKey, Planned] = {}
        self.snoozed: list[SignalKey] = []
        self.opened: list[str] = []

    services = SERVICES

    def state(self) -> AppState:
        return AppState(outbox=self.items())

    def items(self) -> tuple[OutboxItem, ...]:
        rows = self.rows.values()
        return tuple(item for item in rows if item.state is not OutboxState.CONFIRMED)

    def undoable(self) -> tuple[OutboxItem, ...]:
        taken_back = {item.undoes for item in self.rows.values()}
        since = self.clock.now() - timedelta(minutes=10)
        return tuple(
            item
            for item in reversed(self.rows.values())
            if item.undoes is None
            and item.number not in taken_back
            and item.state is not OutboxState.REFUSED
            and (item.sent_at or self.clock.now()) >= since
        )[:5]

    def notified_at(self, key: AccountKey) -> datetime | None: ...

    def set_notified(self, key: AccountKey, at: datetime | None) -> None: ...

    def shown(self, key: SignalKey) -> Planned | None:
        return self.given.get(key)

    def snooze(self, key: SignalKey) -> None:
        self.snoozed.append(key)

    # What happens

    def remind(self, *titles: str, **more: Any) -> tuple[SignalKey, ...]:
        """It is time to remind of events with these titles; each begins in ten minutes."""
        found = [reminder(title, self.clock.now(), **more) for title in titles]
        self.given |= {each.key: each for each in found}
        keys = tuple(each.key for each in found)
        self.bus.publish(ReminderDue(keys))
        return keys

    def take_back(self, key: SignalKey) -> None:
        del self.given[key]
        self.bus.publish(ReminderOver(key))

    def click(self, number: int, account: AccountKey = ADA, **more: Any) -> OutboxItem:
        signal = task(str(number), source=account.provider, user_id=account.user_id)
        row: dict[str, Any] = {
            "number": number,
            "kind": ActionKind.DONE,
            "uuid": str(number),
            "signal": signal,
            "state": OutboxState.QUEUED,
            "clicked_at": self.clock.now(),
            "send_at": self.clock.now() + timedelta(seconds=5),
        }
        self.rows[number] = OutboxItem(**row | more)
        self.bus.publish(OutboxChanged(account))
        return self.rows[number]

    def becomes(self, state: OutboxState, *numbers: int, **more: Any) -> None:
        if state is OutboxState.SENT:
            more["sent_at"] = self.clock.now()
        for number in numbers:
            self.rows[number] = msgspec.structs.replace(self.rows[number], state=state, **more)
        self.bus.publish(OutboxChanged(self.rows[numbers[0]].signal.account))

    def forget(self, number: int) -> None:
        account = self.rows.pop(number).signal.account
        self.bus.publish(OutboxChanged(account))


@pytest.fixture
def parts() -> FewParts:
    return FewParts()


@pytest.fixture
def screen() -> NotificationRecorder:
    return NotificationRecorder()


@pytest.fixture
async def notifying(
    parts: FewParts, screen: NotificationRecorder, monkeypatch: pytest.MonkeyPatch
) -> Any:
    monkeypatch.setenv("TZ", "Etc/UTC")  # the clock on the wall
    tasks: set[asyncio.Task[Any]] = set()

    def go(work: Coroutine[Any, Any, object]) -> None:
        tasks.add(asyncio.ensure_future(work))

    def nothing(*_args: object) -> None: ...

    fields: dict[str, Any] = dict.fromkeys(Commands.__dataclass_fields__, nothing)
    commands = Commands(**fields | {"open_url": parts.opened.append})
    engine = cast("Engine", parts)  # all that Notifying asks of one
    notifying = Notifying(engine=engine, commands=commands, go=go, notifier=screen)
    notifying.start()
    yield notifying
    for running in tasks:
        running.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


pytestmark = pytest.mark.usefixtures("notifying")


def titles(screen: NotificationRecorder) -> list[str]:
    return [shown.title for shown in screen.all]


def visible(screen: NotificationRecorder) -> list[str]:
    return [shown.title for shown in screen.visible.values()]


async def test_a_click_that_is_sent_and_confirmed_in_time_says_nothing_more(
    parts: FewParts, notifying: Notifying, screen: NotificationRecorder
) -> None:
    await notifying.clicked(parts.click(1))
    await parts.clock.advance(6)
    parts.becomes(OutboxState.SENT, 1)
    await settle()
    parts.becomes(OutboxState.CONFIRMED, 1)
    await settle()
    assert visible(screen) == ["Done: Task 1"]
    assert len(screen.all) == 1


async def test_where_undo_has_ended_its_notification_goes(
    parts: FewParts, notifying: Notifying, screen: NotificationRecorder
) -> None:
    await notifying.clicked(parts.click(1))
    parts.becomes(OutboxState.SENT, 1)
    await settle()
    parts.becomes(OutboxState.CONFIRMED, 1)
    await parts.clock.advance(601)
    parts.click(2)
    await settle()
    assert visible(screen) == []


async def test_a_click_taken_back_takes_its_notification_along(
    parts: FewParts, notifying: Notifying, screen: NotificationRecorder
) -> None:
    await notifying.clicked(parts.click(1))
    parts.forget(1)  # undone before it was sent
    await settle()
    assert visible(screen) == []
    await notifying.clicked(parts.click(2))
    parts.becomes(OutboxState.SENT, 2)
    parts.click(3, kind=ActionKind.REOPEN, undoes=2)
    await settle()
    assert visible(screen) == []


async def test_a_click_that_is_refused_is_no_longer_called_done(
    parts: FewParts, notifying: Notifying, screen: NotificationRecorder
) -> None:
    await notifying.clicked(parts.click(1))
    parts.becomes(OutboxState.REFUSED, 1, reason="It is read-only.")
    await settle()
    assert visible(screen) == ["Not done: Task 1"]
    parts.becomes(OutboxState.QUEUED, 1)  # tried again
    await settle()
    assert visible(screen) == []
    await parts.clock.advance(5)
    parts.becomes(OutboxState.REFUSED, 1)
    await settle()
    assert visible(screen) == ["Not done: Task 1"]


async def test_more_clicks_than_can_be_undone_stay_named_as_done(
    parts: FewParts, notifying: Notifying, screen: NotificationRecorder
) -> None:
    for number in range(1, 8):
        await notifying.clicked(parts.click(number))
    await settle()
    assert visible(screen) == ["7 tasks done"]
    assert len(screen.all) == 7


async def test_what_was_refused_before_the_start_is_no_news(
    parts: FewParts, screen: NotificationRecorder, notifying: Notifying
) -> None:
    parts.click(1)
    await settle()
    parts.rows[1] = msgspec.structs.replace(parts.rows[1], state=OutboxState.REFUSED)
    notifying.start()
    parts.click(3)
    await settle()
    assert titles(screen) == []


async def test_what_waited_for_long_is_told_once_when_all_has_gone_out(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    for number in range(12):
        parts.click(number)
    await parts.clock.advance(3 * 86_400)
    parts.becomes(OutboxState.SENT, *range(6))
    await settle()
    assert titles(screen) == []
    await parts.clock.advance(2)
    parts.becomes(OutboxState.SENT, *range(6, 12))
    await settle()
    parts.becomes(OutboxState.CONFIRMED, *range(12))
    parts.click(12)  # just clicked: it waits for its own reasons
    await settle()
    assert titles(screen) == ["12 changes were sent to Todoist"]


async def test_a_short_wait_is_not_worth_a_word(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.click(1)
    await parts.clock.advance(300)
    parts.becomes(OutboxState.SENT, 1)
    await settle()
    assert titles(screen) == []


async def test_after_a_long_wait_a_refusal_is_the_only_thing_to_know(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    for number in range(5):
        parts.click(number)
    await parts.clock.advance(3600)
    parts.becomes(OutboxState.REFUSED, 0, reason="It is gone.")
    await settle()
    parts.becomes(OutboxState.SENT, 1, 2, 3, 4)
    await settle()
    assert titles(screen) == ["Not done: Task 0"]


async def test_two_accounts_that_are_back_share_a_digest(
    parts: FewParts, screen: NotificationRecorder
) -> None:
    parts.click(1)
    parts.click(2, BOB)
    await parts.clock.advance(3600)
    parts.becomes(OutboxState.SENT, 1)
    parts.becomes(OutboxState.SENT, 2)
    await settle()
    assert visible(screen) == ["2 changes were sent to Todoist"]


@pytest.fixture(params=range(5))
def random(request: pytest.FixtureRequest) -> Random:
    return Random(request.param)


async def test_a_thousand_rows_in_any_order_of_events_are_no_flood(
    parts: FewParts, screen: NotificationRecorder, random: Random
) -> None:
    for number in range(1000):
        parts.click(number)
    await parts.clock.advance(7200)
    order = list(range(1000))
    random.shuffle(order)
    while order:
        batch = [order.pop() for _ in range(min(len(order), random.randint(1, 100)))]
        state = random.choice([OutboxState.SENT, OutboxState.SENT, OutboxState.REFUSED])
        for number in batch if random.random() < 0.5 else ():
            parts.becomes(state, number)  # one by one
        parts.becomes(state, *batch)
        await (settle() if random.random() < 0.5 else parts.clock.advance(random.random()))
    await parts.clock.advance(3600)
    assert len(screen.all) <= 5
    refused = sum(item.state is OutboxState.REFUSED for item in parts.items())
    assert visible(screen) == [f"{refused} changes were not accepted"]


# Reminders


async def test_a_reminder_says_what_and_when_and_leads_to_the_event(
    parts: FewParts, screen: NotificationRecorder
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
    assert parts.opened == ["https://meet.example/a", "https://calendar.example/Stand-up"]


async def test_snooze_is_passed_on(parts: FewParts, screen: NotificationRecorder) -> None:
    (key,) = parts.remind("Stand-up")
    await settle()
    screen.all[0].buttons["Snooze"]()
    assert parts.snoozed == [key]


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
    assert (screen.all[0].body, list(screen.all[0].buttons)) == ("It has begun", [])


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
