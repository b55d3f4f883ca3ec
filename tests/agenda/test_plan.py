"""What is planned, which remembers what it can, is at every moment what a forgetful one would say.

Anywhere: the zones have half and quarter hours, lie a day apart and change their clocks.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.plan import JOINABLE_WITHIN, NEXT_WITHIN, Plan, PlannedEvent, minutes_until
from oo_desktop.agenda.selection import Selection
from oo_desktop.model.signals import (
    AccountKey,
    Day,
    Due,
    Event,
    Fixed,
    Floating,
    SignalId,
    UserId,
    day_of,
    ends_at,
)
from oo_desktop.model.state import AccountState, AppState
from oo_desktop.model.zones import today_in
from oo_desktop.ui.view.rows import TrayView
from oo_desktop.ui.view.tray import next_change, tray_view
from tests.ui.view.happenings import ADA, BOB, GOOGLE

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (
    "Europe/Berlin",
    "America/Los_Angeles",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    None,
)
SPRING = datetime(2026, 3, 29, 1, tzinfo=UTC)
"""Berlin's clocks go on; a week later Lord Howe's go back, by half an hour."""
AUTUMN = datetime(2026, 10, 25, 1, tzinfo=UTC)
"""Berlin's clocks go back."""

remembering = Agenda()
"""One for all tests and all their examples: there is much that it remembers."""


def select(state: AppState, now: datetime) -> Selection:
    return remembering.select(state, now, local_zone=BERLIN)


def tray(state: AppState, now: datetime) -> TrayView:
    return tray_view(state, select(state, now))


around = st.sampled_from([SPRING, AUTUMN, SPRING + timedelta(days=7), AUTUMN - timedelta(days=21)])
minutes = st.integers(-36 * 12, 36 * 12).map(lambda fives: timedelta(minutes=5 * fives))


@st.composite
def dues(draw: st.DrawFn, near: datetime) -> Due:
    at = near + draw(minutes)
    match draw(st.integers(0, 3)):
        case 0:
            return Day(at.date())
        case 1:
            return Floating(at.replace(tzinfo=None))
        case _:
            seconds = draw(st.sampled_from([0, 0, 1, 59]))
            return Fixed(at + timedelta(seconds=seconds), "Asia/Tokyo")


@st.composite
def events(draw: st.DrawFn, near: datetime, account: AccountKey, number: int) -> Event:
    return Event(
        id=SignalId(str(number)),
        source=account.provider,
        user_id=account.user_id,
        title=draw(st.sampled_from(["Review", "Lunch"])),
        start=draw(dues(near)),
        end=draw(dues(near)),
        join_url=draw(st.sampled_from([None, "https://meet.example/1"])),
        tentative=draw(st.booleans()),
        unanswered=draw(st.booleans()),
        twin=draw(st.sampled_from([None, None, "a", "b"])),
    )


@st.composite
def states(draw: st.DrawFn, near: datetime) -> AppState:
    """Accounts that were never asked: nothing about them ages."""
    keys = draw(st.lists(st.sampled_from([ADA, BOB]), unique=True, min_size=1))
    return AppState(
        accounts=tuple(
            AccountState(key=key, label=key.user_id, zone=draw(st.sampled_from(ZONES)))
            for key in keys
        ),
        signals={
            key: tuple(draw(events(near, key, number)) for number in range(draw(st.integers(0, 6))))
            for key in keys
        },
    )


@st.composite
def moments(draw: st.DrawFn) -> tuple[AppState, datetime]:
    near = draw(around)
    seconds = draw(st.sampled_from([0, 0, 30, 59]))
    return draw(states(near)), near + draw(minutes) + timedelta(seconds=seconds)


@st.composite
def days(draw: st.DrawFn) -> Sequence[tuple[AppState, datetime]]:
    """Time goes by, mostly onwards, and now and then a list changes."""
    near = draw(around)
    state, now = draw(states(near)), near + draw(minutes)
    steps = [(state, now)]
    for _ in range(draw(st.integers(1, 8))):
        if draw(st.integers(0, 3)) == 0:
            key = draw(st.sampled_from(sorted(state.signals)))
            listed = tuple(draw(events(near, key, number)) for number in range(3))
            state = msgspec.structs.replace(state, signals={**state.signals, key: listed})
        now += timedelta(minutes=draw(st.sampled_from([-90, 0, 1, 5, 30, 60, 600])))
        steps.append((state, now))
    return steps


def two_meetings(*, begun: int, begins: int) -> tuple[AppState, datetime]:
    """One that runs since `begun` minutes, and one that begins in `begins`; both with a link."""
    listed = tuple(
        Event(
            id=SignalId(title),
            source=ADA.provider,
            user_id=ADA.user_id,
            title=title,
            start=Fixed(SPRING + timedelta(minutes=start), "Etc/UTC"),
            end=Fixed(SPRING + timedelta(minutes=start + 60), "Etc/UTC"),
            join_url="https://meet.example/1",
        )
        for title, start in (("Review", -begun), ("Lunch", begins))
    )
    account = AccountState(key=ADA, label="ada", zone="Etc/UTC")
    return AppState(accounts=(account,), signals={ADA: listed}), SPRING


# What it has to say, told without remembering anything


def forgetful(state: AppState, now: datetime) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {
        name: [] for name in ("now", "next", "today", "tomorrow", "later")
    }
    for entry in select(state, now).events:
        event = entry.signal
        assert isinstance(event, Event)
        starts = None if isinstance(event.start, Day) else ends_at(event.start, entry.zone)
        ahead = (day_of(event.start, entry.zone) - today_in(entry.zone, now)).days
        if starts is not None and starts <= now:
            found["now"].append(event)
        elif starts is not None and starts <= now + timedelta(hours=1):
            found["next"].append(event)
        else:
            found["today" if ahead <= 0 else "tomorrow" if ahead == 1 else "later"].append(event)
    return found


def told(plan: Plan) -> dict[str, list[Event]]:
    sections = {
        "now": plan.now,
        "next": plan.next,
        "today": plan.today,
        "tomorrow": plan.tomorrow,
        "later": plan.later,
    }
    return {name: [each.event for each in section] for name, section in sections.items()}


def by_start(found: dict[str, list[Event]], plan: Plan) -> dict[str, list[Event]]:
    """What has begun and what comes next stand in the order of their instants; of a day, what has
    a time comes first."""
    starts = {id(each.event): each.starts for each in (*plan.now, *plan.next)}
    for name in ("now", "next"):
        assert {id(event) for event in found[name]} <= starts.keys()
        found[name].sort(key=lambda event: starts[id(event)] or SPRING)
    for name in ("today", "tomorrow"):
        found[name].sort(key=lambda event: isinstance(event.start, Day))
    return found


@settings(max_examples=200, deadline=None)
@given(days())
def test_what_is_remembered_changes_nothing(steps: Sequence[tuple[AppState, datetime]]) -> None:
    for state, now in steps:
        plan = select(state, now).plan
        assert told(plan) == by_start(forgetful(state, now), plan)
        assert plan == Agenda().select(state, now, local_zone=BERLIN).plan


@settings(max_examples=150, deadline=None)
@given(moments(), st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=5))
def test_until_the_timer_rings_the_view_stays_as_it_is(
    moment: tuple[AppState, datetime], parts: list[float]
) -> None:
    state, now = moment
    change = next_change(state, select(state, now))
    view = tray(state, now)
    if change is None:
        assert not any(state.signals.values())
        return
    for part in parts:
        between = min(now + part * (change - now), change - timedelta(microseconds=1))
        assert tray(state, between) == view


@settings(max_examples=150, deadline=None)
@given(moments())
def test_the_timer_rings_often_only_where_minutes_are_told(
    moment: tuple[AppState, datetime],
) -> None:
    state, now = moment
    change = next_change(state, select(state, now))
    plan = select(state, now).plan
    if change is None or plan.next:
        return
    after = tray(state, change)
    began = any(
        ends_at(due, ZoneInfo(zone)) - ahead == change
        for account in state.accounts
        for event in state.signals[account.key]
        for due in (event.start, event.end)  # type: ignore[union-attr]  # they are all events
        for zone in [account.zone or "Europe/Berlin"]
        for ahead in (timedelta(0), NEXT_WITHIN)
    )
    midnight = any(
        today_in(zone, change) != today_in(zone, change - timedelta(microseconds=1))
        for zone in {BERLIN, *(ZoneInfo(each.zone or "Europe/Berlin") for each in state.accounts)}
    )
    assert began or midnight or after != tray(state, now)


@settings(max_examples=150, deadline=None)
@given(moments())
@example(two_meetings(begun=20, begins=15))
def test_what_can_be_joined_runs_or_begins_soon_and_has_a_link(
    moment: tuple[AppState, datetime],
) -> None:
    state, now = moment
    plan = select(state, now).plan
    found = plan.joinable(now)
    assert [each for each in (*plan.now, *plan.next) if can_be_joined(each, now)] == sorted(
        found, key=lambda each: each.starts or now
    )
    distances = [abs((each.starts or now) - now) for each in found]
    assert distances == sorted(distances)
    meant = plan.meeting_to_join(now)
    assert (meant is None) == (not any(each.join_url for each in (*plan.now, *plan.next)))
    if found:
        assert meant == found[0]


@pytest.mark.parametrize(
    ("begun", "begins", "title"),
    [(20, 15, "Review"), (20, 10, "Lunch"), (5, 10, "Review"), (59, 11, "Review")],
)
def test_the_command_opens_the_meeting_that_the_menu_offers_first(
    begun: int, begins: int, title: str
) -> None:
    state, now = two_meetings(begun=begun, begins=begins)
    plan = select(state, now).plan
    meant = plan.meeting_to_join(now)
    assert meant is not None
    assert meant.event.title == plan.joinable(now)[0].event.title == title


def test_without_one_that_the_menu_offers_the_command_opens_the_next_within_the_hour() -> None:
    state, now = two_meetings(begun=60, begins=45)
    plan = select(state, now).plan
    meant = plan.meeting_to_join(now)
    assert plan.joinable(now) == []
    assert meant is not None
    assert meant.event.title == "Lunch"


def can_be_joined(each: PlannedEvent, now: datetime) -> bool:
    return bool(each.join_url) and each.starts is not None and each.starts <= now + JOINABLE_WITHIN


@given(st.integers(1, 3600 * 10**6))
def test_minutes_are_counted_up_to_the_next_whole_one(microseconds: int) -> None:
    ahead = timedelta(microseconds=microseconds)
    found = minutes_until(SPRING + ahead, SPRING)
    assert timedelta(minutes=found - 1) < ahead <= timedelta(minutes=found)


def test_the_same_plan_is_kept_until_something_in_it_changes() -> None:
    account = AccountKey(GOOGLE, UserId("1"))
    event = Event(
        id=SignalId("1"),
        source=GOOGLE,
        user_id=account.user_id,
        title="Review",
        start=Fixed(SPRING + timedelta(minutes=30), "UTC"),
        end=Fixed(SPRING + timedelta(minutes=60), "UTC"),
    )
    state = AppState(
        accounts=(AccountState(key=account, label="", zone="Europe/Berlin"),),
        signals={account: (event,)},
    )

    def plan(minutes: int) -> Plan:
        now = SPRING + timedelta(minutes=minutes)
        return select(state, now).plan

    first = plan(0)
    assert plan(29) is first
    assert plan(30) is not first
