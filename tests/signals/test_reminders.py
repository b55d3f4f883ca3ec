"""Waiting for reminders: once each, never too late, over polls, restarts, sleeps and set clocks."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oo_desktop.errors import StoreError
from oo_desktop.events import (
    EventBus,
    IntegrationsChanged,
    OutboxChanged,
    ReminderDue,
    ReminderOver,
    SettingsChanged,
    SignalsChanged,
)
from oo_desktop.model.clicks import OutboxItem, OutboxState
from oo_desktop.model.preferences import Notifications, Show
from oo_desktop.model.reminders import Planned, Told, planned_reminders, spans_of
from oo_desktop.model.signals import ActionKind, AnySignal, Day, Event, Fixed, SignalKey, Task
from oo_desktop.signals.reminders import SPANS_AT_ONCE, Reminders
from oo_desktop.store.database import Database
from oo_desktop.store.reminders import ReminderStore
from oo_desktop.testing import FakeClock, settle
from tests.kept_memory import bytes_of_one_more, watched_by_one_more
from tests.model.happenings import ADA, BOB, NOON, Calendars, errand, meeting, minutes


class Running:
    """One oO's reminders, and what they say. `restart` ends it and begins another."""

    def __init__(self, store: ReminderStore, clock: FakeClock) -> None:
        self.store = store
        self.clock = clock
        self.calendars = Calendars()
        self.given: list[Planned] = []
        self.over: list[SignalKey] = []
        self.at_a_wrong_time: list[Planned] = []
        self.default_minutes = 10
        self.preferences = Notifications()

    async def start(self) -> None:
        self.bus = EventBus()
        self.reminders = Reminders(
            state=self.calendars.state,
            store=self.store,
            bus=self.bus,
            clock=self.clock,
            default_minutes=self.default_minutes,
            preferences=lambda: self.preferences,
        )
        self.bus.subscribe(ReminderDue, self._due)
        self.bus.subscribe(ReminderOver, lambda event: self.over.append(event.key))
        self.reminders.load()
        self.reminders.start()
        await settle()

    async def stop(self) -> None:
        await self.reminders.stop()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def poll(self, *signals: AnySignal) -> None:
        """The list is this now."""
        self.calendars.hold(*signals)
        await self.news()

    async def news(self) -> None:
        self.bus.publish(SignalsChanged(ADA))
        await settle()

    async def sleep(self, seconds: float) -> None:
        """The machine sleeps, and knows when it wakes."""
        self.clock.jump(seconds)
        self.reminders.woken()
        await settle()

    def _due(self, event: ReminderDue) -> None:
        for key in event.keys:
            reminder = self.reminders.shown(key)
            assert reminder is not None
            self.given.append(reminder)
            if not reminder.at <= self.clock.now() < reminder.ends:
                self.at_a_wrong_time.append(reminder)

    @property
    def said(self) -> list[tuple[str, int]]:
        return [(each.signal.title, each.minutes) for each in self.given]

    async def click(self, task: Task, kind: ActionKind = ActionKind.DONE, **more: Any) -> None:
        """Somebody clicks it; it is on its way."""
        now = self.clock.now()
        number = len(self.calendars.outbox) + 1
        row: dict[str, Any] = {
            "number": number,
            "kind": kind,
            "uuid": str(number),
            "signal": task,
            "state": OutboxState.QUEUED,
            "clicked_at": now,
            "send_at": now,
        }
        self.calendars.outbox += (OutboxItem(**row | more),)
        self.bus.publish(OutboxChanged(ADA))
        await settle()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ReminderStore]:
    with closing(Database(tmp_path / "oo.db")) as database:
        yield ReminderStore(database)


@pytest.fixture
async def oo(store: ReminderStore, clock: FakeClock) -> AsyncIterator[Running]:
    running = Running(store, clock)
    await running.start()
    yield running
    await running.stop()


# In time


async def test_a_reminder_comes_in_its_minute_and_once(oo: Running, clock: FakeClock) -> None:
    await oo.poll(meeting("a"))
    await clock.advance(50 * 60 - 1)
    assert oo.said == []
    await clock.advance(1)
    assert oo.said == [("a", 10)]
    await clock.advance(86_400)
    assert oo.said == [("a", 10)]


async def test_each_of_an_events_minutes_comes_in_its_turn(oo: Running, clock: FakeClock) -> None:
    await oo.poll(meeting("a", reminders=(5, 30, 0)))
    await clock.advance(7200)
    assert oo.said == [("a", 30), ("a", 5), ("a", 0)]


async def test_what_is_asked_to_start_soon_is_told_at_once(oo: Running) -> None:
    await oo.poll(meeting("a", minutes(8)))
    assert oo.said == [("a", 10)]


async def test_with_nothing_planned_nothing_wakes(oo: Running, clock: FakeClock) -> None:
    await oo.poll(meeting("a", -minutes(90)), meeting("b", reminders=()))
    assert clock._sleepers == []


async def test_a_long_wait_looks_at_the_clock_now_and_then(oo: Running, clock: FakeClock) -> None:
    """The clock of the timer stands still while the machine sleeps, and nobody may say so."""
    await oo.poll(meeting("a", minutes(120)))
    clock.jump(112 * 60)
    await clock.advance(150)
    assert oo.said == [("a", 10)]


async def test_a_poll_is_a_look_at_the_clock(oo: Running, clock: FakeClock) -> None:
    await oo.poll(meeting("a", minutes(120)))
    clock.jump(112 * 60)
    oo.bus.publish(IntegrationsChanged())
    await settle()
    assert oo.said == [("a", 10)]


async def test_a_clock_that_is_set_back_repeats_nothing(oo: Running, clock: FakeClock) -> None:
    await oo.poll(meeting("a"))
    await clock.advance(55 * 60)
    await oo.sleep(-3600)
    await clock.advance(2 * 3600)
    assert oo.said == [("a", 10)]


async def test_a_clock_that_was_ahead_for_a_while_loses_and_repeats_nothing(
    oo: Running, clock: FakeClock
) -> None:
    await oo.poll(meeting("a", minutes(8)), meeting("b"))
    await oo.sleep(3 * 86_400)
    await oo.poll(meeting("a", minutes(8)), meeting("b"), meeting("c"))
    await oo.sleep(-3 * 86_400)
    await clock.advance(86_400)
    assert oo.said == [("a", 10), ("b", 10), ("c", 10)]


# Tasks


async def test_a_task_comes_at_its_time_and_once(oo: Running, clock: FakeClock) -> None:
    await oo.poll(errand("a", minutes(30)), errand("someday", Day(NOON.date())))
    await clock.advance(30 * 60 - 1)
    assert oo.said == []
    await clock.advance(1)
    await oo.restart()
    await clock.advance(86_400)
    assert oo.said == [("a", 0)]


async def test_a_task_that_is_done_is_not_reminded_of_and_takes_its_reminder_along(
    oo: Running, clock: FakeClock
) -> None:
    first, second = errand("a", minutes(10)), errand("b", minutes(20))
    await oo.poll(first, second)
    await clock.advance(600)
    assert oo.said == [("a", 0)]
    await oo.click(first)
    assert oo.over == [first.key]
    await oo.click(second)
    await clock.advance(3600)
    assert oo.said == [("a", 0)]


async def test_a_task_that_is_moved_to_later_today_comes_then(
    oo: Running, clock: FakeClock
) -> None:
    task = errand("a", minutes(10))
    await oo.poll(task)
    await clock.advance(600)
    later = Fixed(NOON + minutes(130), "Etc/UTC")
    await oo.click(task, ActionKind.LATER_TODAY, due=later)
    assert oo.over == [task.key]
    await oo.poll(msgspec.structs.replace(task, due=later))
    await clock.advance(2 * 3600)
    assert oo.said == [("a", 0), ("a", 0)]


async def test_a_recurring_task_comes_on_each_of_its_days(oo: Running, clock: FakeClock) -> None:
    await oo.poll(errand("a", minutes(10), recurring=True))
    await clock.advance(600)
    await oo.poll(errand("a", minutes(10 + 24 * 60), recurring=True))
    await clock.advance(86_400)
    assert oo.said == [("a", 0), ("a", 0)]


async def test_a_task_can_be_snoozed_over_a_restart(oo: Running, clock: FakeClock) -> None:
    task = errand("a", minutes(10))
    await oo.poll(task)
    await clock.advance(600)
    oo.reminders.snooze(task.key)
    await oo.restart()
    await clock.advance(5 * 60)
    assert oo.said == [("a", 0), ("a", 0)]


async def test_a_sleep_until_the_next_day_brings_no_tasks_of_the_last(oo: Running) -> None:
    await oo.poll(*(errand(str(number), minutes(number)) for number in range(1, 100)))
    await oo.sleep(86_400)
    assert oo.said == []


async def test_a_first_list_brings_no_tasks_that_were_due_before(oo: Running) -> None:
    oo.calendars.lists[BOB] = (
        errand("before", -minutes(30), user_id=BOB.user_id),
        errand("soon", minutes(30), user_id=BOB.user_id, reminders=(40,)),
    )
    await oo.news()
    assert oo.said == [("soon", 40)]


@pytest.mark.parametrize(
    ("preferences", "said"),
    [
        (Notifications(events=False), [("task", 0)]),
        (Notifications(tasks=False), [("event", 10)]),
    ],
    ids=["no events", "no tasks"],
)
async def test_of_what_nobody_wants_to_be_reminded_comes_not_later_either(
    oo: Running, clock: FakeClock, preferences: Notifications, said: list[tuple[str, int]]
) -> None:
    oo.preferences = preferences
    await oo.poll(errand("task", minutes(20)), meeting("event", minutes(30)))
    await clock.advance(1200)
    oo.preferences = Notifications()
    await oo.news()
    await clock.advance(300)
    assert oo.said == said


async def test_what_was_held_back_and_not_seen_comes_again_after_a_restart(
    oo: Running, clock: FakeClock
) -> None:
    first, second = errand("a", minutes(10)), errand("b", minutes(10))
    await oo.poll(first, second)
    await clock.advance(600)
    oo.reminders.hold([first.key, second.key])
    oo.reminders.seen([second.key])
    await oo.news()
    assert oo.said == [("a", 0), ("b", 0)], "not in the same run"
    await oo.restart()
    assert oo.said == [("a", 0), ("b", 0), ("a", 0)]
    await oo.restart()
    assert len(oo.said) == 3


# After a sleep, and after a restart


async def test_a_sleep_brings_what_is_not_over_all_at_once(oo: Running) -> None:
    due: list[ReminderDue] = []
    oo.bus.subscribe(ReminderDue, due.append)
    await oo.poll(
        meeting("over", minutes(30)),
        meeting("running", minutes(170)),
        meeting("coming", minutes(185)),
        meeting("later", minutes(240)),
    )
    await oo.sleep(3 * 3600)
    assert [[key.id for key in event.keys] for event in due] == [["running", "coming"]]


async def test_nothing_comes_twice_after_a_restart(oo: Running, clock: FakeClock) -> None:
    await oo.poll(meeting("a", reminders=(30, 10)))
    await clock.advance(35 * 60)
    await oo.restart()
    assert oo.said == [("a", 30)]
    await clock.advance(20 * 60)
    assert oo.said == [("a", 30), ("a", 10)]
    await oo.restart()
    assert oo.said == [("a", 30), ("a", 10)]


async def test_what_fell_due_while_oo_did_not_run_is_told(oo: Running, clock: FakeClock) -> None:
    await oo.poll(meeting("a"))
    await oo.stop()
    clock.jump(55 * 60)
    await oo.start()
    assert oo.said == [("a", 10)]


async def test_of_a_new_account_only_what_begins_soon_is_told_late(
    oo: Running, clock: FakeClock
) -> None:
    oo.calendars.hold(
        meeting("running", -minutes(10), account=BOB),
        meeting("soon", minutes(5), account=BOB),
        meeting("tomorrow", timedelta(hours=23), account=BOB, reminders=(1440, 10)),
        account=BOB,
    )
    await oo.news()
    assert oo.said == [("soon", 10)]
    await clock.advance(24 * 3600)
    assert oo.said == [("soon", 10), ("tomorrow", 10)]


# What becomes of events


async def test_a_cancelled_event_takes_its_reminder_back(oo: Running) -> None:
    await oo.poll(meeting("a", minutes(8)))
    await oo.poll()
    assert [key.id for key in oo.over] == ["a"]


async def test_who_declines_is_reminded_no_more(oo: Running, clock: FakeClock) -> None:
    event = meeting("a", minutes(8), reminders=(10, 5))
    await oo.poll(event)
    now = clock.now()
    declined = OutboxItem(
        number=1,
        kind=ActionKind.DECLINE,
        uuid="1",
        signal=event,
        state=OutboxState.QUEUED,
        clicked_at=now,
        send_at=now,
    )
    oo.calendars.outbox = (declined,)
    oo.bus.publish(OutboxChanged(ADA))
    await clock.advance(3600)
    assert (oo.said, oo.over) == ([("a", 10)], [event.key])


async def test_what_comes_back_is_not_told_again(oo: Running) -> None:
    await oo.poll(meeting("a", minutes(8)))
    await oo.poll()
    await oo.poll(meeting("a", minutes(8)))
    assert oo.said == [("a", 10)]


async def test_a_moved_event_takes_its_reminder_back_and_is_planned_anew(
    oo: Running, clock: FakeClock
) -> None:
    await oo.poll(meeting("a", minutes(8)))
    await oo.poll(meeting("a", minutes(60)))
    assert [key.id for key in oo.over] == ["a"]
    await clock.advance(50 * 60)
    assert oo.said == [("a", 10), ("a", 10)]


async def test_a_reminder_is_taken_back_when_its_event_is_over(
    oo: Running, clock: FakeClock
) -> None:
    await oo.poll(meeting("a", minutes(8)))
    await clock.advance(37 * 60)
    assert oo.over == []
    await clock.advance(60)
    assert [key.id for key in oo.over] == ["a"]
    assert clock._sleepers == []


async def test_an_event_that_ends_later_keeps_its_reminder(oo: Running, clock: FakeClock) -> None:
    await oo.poll(meeting("a", minutes(8)))
    await oo.poll(meeting("a", minutes(8), lasts=minutes(60), title="Longer"))
    await clock.advance(40 * 60)
    assert oo.over == []
    shown = oo.reminders.shown(meeting("a").key)
    assert shown is not None
    assert shown.signal.title == "Longer"


async def test_another_copy_takes_the_place_of_the_first(oo: Running, clock: FakeClock) -> None:
    first = meeting("a", twin="x", tentative=True, reminders=(60, 10))
    other = meeting("b", twin="x", reminders=(60, 10))
    await oo.poll(first)
    await oo.poll(first, other)
    assert oo.said == [("a", 60)]
    assert oo.over == []
    await clock.advance(50 * 60)
    assert oo.said == [("a", 60), ("b", 10)]
    assert [key.id for key in oo.over] == ["a"]


class CountedTwin(str):
    """Is a `twin` that counts how often one is compared with another."""

    __slots__ = ()
    compared = 0

    def __ne__(self, other: object) -> bool:
        type(self).compared += 1
        return str.__ne__(self, other)

    __hash__ = str.__hash__


async def test_what_is_due_at_once_is_compared_with_its_copies_alone(oo: Running) -> None:
    many = [meeting(f"m{n}", minutes(5), twin=CountedTwin(n)) for n in range(200)]
    await oo.poll(*many)
    await settle()
    assert len(oo.given) == len(many)
    assert CountedTwin.compared < len(many)


async def test_another_zone_of_the_account_moves_its_whole_days(
    oo: Running, clock: FakeClock
) -> None:
    day = meeting("a").start
    assert isinstance(day, Fixed)
    holiday = Day(day.at.date() + timedelta(days=1)), Day(day.at.date() + timedelta(days=2))
    oo.calendars.zones[ADA] = "Asia/Kolkata"
    await oo.poll(meeting("a", start=holiday[0], end=holiday[1], reminders=(60,)))
    await clock.advance(3600)
    assert oo.said == []
    oo.calendars.zones[ADA] = "Pacific/Kiritimati"  # where it has begun already
    oo.reminders.woken()
    await settle()
    assert oo.said == [("a", 60)]


# Snooze


async def test_a_snoozed_reminder_goes_and_comes_again_in_five_minutes(
    oo: Running, clock: FakeClock
) -> None:
    await oo.poll(meeting("a", minutes(8)))
    oo.reminders.snooze(meeting("a").key)
    assert [key.id for key in oo.over] == ["a"]
    await clock.advance(299)
    assert len(oo.said) == 1
    await clock.advance(1)
    assert oo.said == [("a", 10), ("a", 10)]
    await clock.advance(86_400)
    assert len(oo.said) == 2


async def test_a_snooze_survives_a_restart(oo: Running, clock: FakeClock) -> None:
    await oo.poll(meeting("a", minutes(8)))
    oo.reminders.snooze(meeting("a").key)
    await oo.restart()
    assert len(oo.said) == 1
    await clock.advance(300)
    assert oo.said == [("a", 10), ("a", 10)]


async def test_a_later_reminder_answers_a_snooze(oo: Running, clock: FakeClock) -> None:
    await oo.poll(meeting("a", minutes(10), reminders=(10, 7)))
    oo.reminders.snooze(meeting("a").key)
    await clock.advance(86_400)
    assert oo.said == [("a", 10), ("a", 7)]


async def test_what_was_never_told_cannot_be_snoozed(oo: Running, store: ReminderStore) -> None:
    await oo.poll(meeting("a"))
    oo.reminders.snooze(meeting("a").key)
    assert store.all() == ()


# What is kept


async def test_it_is_written_down_before_it_is_told(oo: Running, store: ReminderStore) -> None:
    rows: list[int] = []
    oo.bus.subscribe(ReminderDue, lambda _event: rows.append(len(store.all())))
    await oo.poll(meeting("a", minutes(8)))
    assert rows == [1]


async def test_a_day_after_its_event_it_is_forgotten(
    oo: Running, store: ReminderStore, clock: FakeClock
) -> None:
    await oo.poll(meeting("a", minutes(8)))
    await clock.advance(24 * 3600)
    await oo.poll(meeting("b", timedelta(days=3)))
    assert len(store.all()) == 1
    await clock.advance(3600)
    await oo.poll()
    assert store.all() == ()


async def test_an_account_that_is_forgotten_leaves_nothing(
    oo: Running, store: ReminderStore
) -> None:
    await oo.poll(meeting("a", minutes(8)))
    oo.calendars.hold()
    oo.reminders.forget(ADA)
    await settle()
    assert ([key.id for key in oo.over], store.all()) == (["a"], ())


class BrokenStore(ReminderStore):
    """A full disk."""

    def write(self, *told: Told) -> None:
        raise StoreError("The disk is full.")

    def remove(self, *told: Told) -> None:
        raise StoreError("The disk is full.")


async def test_without_room_to_write_reminders_come_all_the_same_and_once(
    store: ReminderStore, clock: FakeClock
) -> None:
    oo = Running(BrokenStore(store._database), clock)
    await oo.start()
    await oo.poll(meeting("a", minutes(8)))
    await oo.poll(meeting("a", minutes(8)), meeting("b", minutes(9)))
    await clock.advance(2 * 86_400)
    await oo.poll()
    assert oo.said == [("a", 10), ("b", 10)]
    await oo.stop()


async def test_a_list_that_cannot_be_read_leaves_the_plan_as_it_was(
    oo: Running, clock: FakeClock
) -> None:
    await oo.poll(meeting("a"))
    oo.calendars.failure = StoreError("The disk failed.")
    await oo.news()
    await clock.advance(50 * 60)
    assert oo.said == [("a", 10)]


# Whatever happens

ZONES = (
    "Etc/UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "America/Havana",
)
BEGIN = datetime.fromisoformat("2026-10-24T18:00+00:00")
"""The clocks go back in Europe in seven hours, and in New York in a week."""


def day_event(id_: str, days: int, own: tuple[int, ...]) -> Event:
    day = BEGIN.date() + timedelta(days=days)
    return meeting(id_, start=Day(day), end=Day(day + timedelta(days=1)), reminders=own)


OWN = st.none() | st.lists(st.sampled_from([0, 5, 10, 60, 900, 1440]), max_size=3).map(tuple)
IDS = st.sampled_from("abcd")
EVENT = st.one_of(
    st.builds(
        lambda id_, at, lasts, own, twin: meeting(
            id_, BEGIN + minutes(at), lasts=minutes(lasts), reminders=own, twin=twin
        ),
        IDS,
        st.integers(-60, 2880),
        st.sampled_from([0, 1, 30, 600]),
        OWN,
        st.sampled_from([None, None, "x"]),
    ),
    st.builds(day_event, IDS, st.integers(0, 3), OWN.map(lambda own: own or ())),
)
STEP = st.one_of(
    st.tuples(st.just("poll"), st.lists(EVENT, max_size=4, unique_by=lambda event: event.id)),
    st.tuples(st.just("pass"), st.integers(1, 6 * 3600)),
    st.tuples(st.just("jump"), st.integers(-12 * 3600, 20 * 3600)),
    st.tuples(st.just("sleep"), st.integers(1, 20 * 3600)),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("snooze"), st.none()),
)


@asynccontextmanager
async def watched(store: ReminderStore, clock: FakeClock) -> AsyncIterator[Running]:
    oo = Running(store, clock)
    await oo.start()
    try:
        yield oo
    finally:
        await oo.stop()


class Watch:
    """Checks every reminder the moment it is given."""

    def __init__(self, oo: Running) -> None:
        self.oo = oo
        self.seen: set[tuple[Any, datetime, int]] = set()
        self.snoozed: set[tuple[Any, datetime, int]] = set()
        self.checked = 0

    def check(self) -> None:
        assert self.oo.at_a_wrong_time == []
        for each in self.oo.given[self.checked :]:
            for name in {each.key, each.meeting or each.key}:
                reminder = (name, each.start, each.minutes)
                assert reminder not in self.seen or reminder in self.snoozed
                self.seen.add(reminder)
                self.snoozed.discard(reminder)
        self.checked = len(self.oo.given)

    def snooze(self) -> None:
        for each in {reminder.key for reminder in self.oo.given}:
            shown = self.oo.reminders.shown(each)
            if shown is not None:
                names = {shown.key, shown.meeting or shown.key}
                self.snoozed |= {(name, shown.start, shown.minutes) for name in names}
                self.oo.reminders.snooze(each)

    def nothing_is_overdue(self) -> None:
        """Whatever fell due was told of; nothing on the screen is over."""
        now = self.oo.clock.now()
        local = ZoneInfo("Etc/UTC")
        minutes = self.oo.default_minutes
        spans = spans_of(
            self.oo.calendars.events,
            zone_of=lambda key: ZoneInfo(self.oo.calendars.zones.get(key, local.key)),
            default_minutes=minutes,
        )
        told = self.oo.store.all()
        left = planned_reminders(spans, now=now, default_minutes=minutes, told=told)
        assert all(each.at > now for each in left)
        for event in self.oo.calendars.events:
            shown = self.oo.reminders.shown(event.key)
            assert shown is None or shown.ends > now


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(STEP, min_size=4, max_size=20), zone=st.sampled_from(ZONES))
def test_nothing_is_told_after_its_end_or_twice_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]], zone: str
) -> None:
    async def story(store: ReminderStore) -> None:
        clock = FakeClock(BEGIN)
        async with watched(store, clock) as oo:
            oo.calendars.zones[ADA] = zone
            watch, latest = Watch(oo), clock.now()
            for kind, value in steps:
                match kind:
                    case "poll":
                        await oo.poll(*value)
                    case "pass":
                        await clock.advance(value)
                    case "jump":  # never more than a day behind what it once said
                        least = (latest - timedelta(hours=20) - clock.now()).total_seconds()
                        await oo.sleep(max(value, least))
                    case "sleep":
                        clock.jump(value)
                        await clock.advance(150)
                    case "restart":
                        await oo.restart()
                    case "snooze":
                        watch.snooze()
                        await settle()
                latest = max(latest, clock.now())
                watch.check()
                watch.nothing_is_overdue()

    with closing(Database(tmp_path_factory.mktemp("told") / "oo.db")) as database:
        asyncio.run(story(ReminderStore(database)))


def test_the_watch_sees_a_reminder_that_comes_twice(clock: FakeClock) -> None:
    """A property that cannot fail would prove nothing."""
    spans = spans_of([meeting("a")], zone_of=lambda _key: ZoneInfo("UTC"), default_minutes=10)
    (reminder,) = planned_reminders(spans, now=clock.now(), default_minutes=10)
    oo = Running.__new__(Running)
    oo.at_a_wrong_time = []
    oo.given = [reminder, msgspec.structs.replace(reminder)]
    with pytest.raises(AssertionError):
        Watch(oo).check()


async def test_a_long_list_is_gone_through_in_slices(oo: Running) -> None:
    count = 10
    soon = [meeting(f"m{n}", minutes(5)) for n in range(count * SPANS_AT_ONCE)]
    oo.calendars.hold(*soon)
    oo.bus.publish(SignalsChanged(ADA))
    turns = 0
    while not oo.given:
        await asyncio.sleep(0)
        turns += 1
    assert turns >= count
    assert len(oo.given) == len(soon)


async def test_what_goes_while_a_long_list_is_gone_through_is_not_reminded_of(oo: Running) -> None:
    oo.calendars.hold(*(meeting(f"m{n}", minutes(5)) for n in range(20 * SPANS_AT_ONCE)))
    oo.bus.publish(SignalsChanged(ADA))
    await settle(10)
    assert not oo.given
    await oo.poll(meeting("Stand-up", minutes(5)))
    await settle()
    assert [each.signal.title for each in oo.given] == ["Stand-up"]


async def test_another_time_before_events_counts_at_once(oo: Running) -> None:
    await oo.poll(meeting("Stand-up", minutes(30)))
    oo.reminders.remind_before(30)
    await settle()
    assert [reminder.minutes for reminder in oo.given] == [30]
    oo.reminders.remind_before(0)
    await oo.clock.advance(25 * 60)
    assert len(oo.given) == 1


async def test_of_events_that_are_not_listed_nobody_is_reminded(oo: Running) -> None:
    await oo.poll(msgspec.structs.replace(meeting("Fair", minutes(30)), tentative=True))
    oo.calendars.show = Show(tentative=False)
    oo.bus.publish(SettingsChanged())
    await oo.clock.advance(21 * 60)
    assert oo.given == []
    oo.calendars.show = Show()
    oo.bus.publish(SettingsChanged())
    await settle()
    assert len(oo.given) == 1


async def test_where_titles_are_hidden_a_reminder_tells_none(oo: Running) -> None:
    oo.reminders.hide_titles = True
    await oo.poll(meeting("Therapy", minutes(10)))
    (reminder,) = oo.given
    assert reminder.signal.title == "Event"


def test_what_there_is_to_remind_of_takes_little_memory_and_no_garbage_collection(
    store: ReminderStore,
) -> None:
    async def started(count: int) -> Running:
        oo = Running(store, FakeClock())
        oo.calendars.hold(*tasks[count])
        await oo.start()
        await oo.stop()
        return oo

    tasks = {
        count: tuple(errand(str(number), minutes(60 + number)) for number in range(count))
        for count in (500, 2_500)
    }
    # When it begins and ends in a tuple of four, and its place in two tuples.
    assert bytes_of_one_more(lambda count: asyncio.run(started(count))) < 120
    assert watched_by_one_more(lambda count: asyncio.run(started(count))) < 0.1
