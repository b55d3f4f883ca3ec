"""The agenda, which remembers what it can, says at every moment what a forgetful one would say."""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from importlib import import_module
from itertools import chain, groupby, islice
from pkgutil import walk_packages
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

import oo_desktop.agenda
import oo_desktop.ui.view
from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.placement import Entry
from oo_desktop.agenda.selection import Selection
from oo_desktop.model.clicks import (
    OutboxItem,
    OutboxState,
    is_same_occurrence,
    shown_signals,
    standing_clicks,
)
from oo_desktop.model.preferences import Show
from oo_desktop.model.signals import (
    AccountKey,
    ActionKind,
    AnySignal,
    Day,
    Due,
    Event,
    Fixed,
    Floating,
    ProviderId,
    SignalId,
    Task,
    UserId,
    day_of,
    ends_at,
    sort_key,
    time_of,
)
from oo_desktop.model.state import AccountState, AppState, zones_of
from oo_desktop.model.zones import today_in

NOW = datetime(2026, 3, 28, 22, tzinfo=UTC)
"""The evening before the clocks change in Berlin."""

BERLIN = ZoneInfo("Europe/Berlin")
TODOIST = ProviderId("todoist")
ADA, BOB = (AccountKey(TODOIST, UserId(user)) for user in ("ada", "bob"))

remembering = Agenda()
"""One for all tests and all their examples: there is much that it remembers."""


def select(state: AppState, now: datetime = NOW) -> Selection:
    return remembering.select(state, now, local_zone=BERLIN)


# What it has to say, told without remembering anything


Told = dict[str, list[Entry]]
"""The entries of each section."""


def told(shown: Selection) -> Told:
    return {
        "overdue": list(shown.overdue),
        "today": list(shown.today),
        "later": list(shown.later),
        "events": list(shown.events),
    }


def forgetful_agenda(state: AppState, now: datetime, *, local_zone: ZoneInfo) -> Told:
    zones = zones_of(state, local_zone)
    clicks = standing_clicks(state.outbox)
    accounts = dict.fromkeys([*zones, *state.signals])
    listed = {key: state.signals.get(key, ()) for key in accounts}
    sections: Told = {"overdue": [], "today": [], "later": [], "events": []}
    for key, signals in shown_signals(listed, state.outbox).items():
        zone = zones.get(key, local_zone)
        for signal in signals:
            section = section_of(signal, now, zone)
            if section is not None:
                pending = signal not in listed[key] or any(
                    is_same_occurrence(click.signal, signal) for click in clicks.get(signal.key, ())
                )
                sections[section].append(Entry(signal, zone, section == "overdue", pending))
    sections["events"] = without_copies(sections["events"])
    for entries in sections.values():
        entries.sort(key=order_of)
    return sections


def without_copies(entries: list[Entry]) -> list[Entry]:
    """Of those that are one meeting, the first whose user is sure, or else the first."""
    meetings: list[list[Entry]] = []
    for _, listed in groupby(entries, lambda entry: entry.signal.account):
        for entry in sorted(listed, key=order_of):  # within an account, as the agenda has them
            for meeting in meetings:
                if is_copy(entry.signal, meeting[0].signal):
                    meeting.append(entry)
                    break
            else:
                meetings.append([entry])
    shown = [min(meeting, key=tentative) for meeting in meetings]
    return [entry for entry in entries if any(entry is each for each in shown)]


def is_copy(one: AnySignal, other: AnySignal) -> bool:
    assert isinstance(one, Event)
    assert isinstance(other, Event)
    if one.twin is None or one.twin != other.twin:
        return False
    alike = one.where == other.where and one.end == other.end and one.where is not None
    return one.account == other.account or one.title == other.title or alike


def tentative(entry: Entry) -> bool:
    return isinstance(entry.signal, Event) and (entry.signal.tentative or entry.signal.unanswered)


def section_of(signal: AnySignal, now: datetime, zone: ZoneInfo) -> str | None:
    today = today_in(zone, now)
    if isinstance(signal, Event):
        whole_days = time_of(signal.end, zone) is None
        if day_of(signal.end, zone) <= today if whole_days else ends_at(signal.end, zone) <= now:
            return None
        return "events"
    if signal.due is None:
        return "later"
    if ends_at(signal.due, zone) <= now:
        return "overdue"
    return "today" if day_of(signal.due, zone) <= today else "later"


def order_of(entry: Entry) -> tuple[date, bool, time, int]:
    signal = entry.signal
    if isinstance(signal, Task):
        return sort_key(signal, entry.zone)
    at = time_of(signal.start, entry.zone)
    return (day_of(signal.start, entry.zone), at is not None, at or time(), 4)


# Anything that can happen

offsets = st.integers(-72, 72).map(lambda hours: timedelta(hours=hours))
dues: st.SearchStrategy[Due] = st.one_of(
    offsets.map(lambda offset: Day((NOW + offset).date())),
    offsets.map(lambda offset: Floating((NOW + offset).replace(tzinfo=None))),
    offsets.map(lambda offset: Fixed(NOW + offset, "Asia/Tokyo")),
    st.just(Day(date.max)),
)


@st.composite
def signals(draw: st.DrawFn, account: AccountKey, number: int) -> AnySignal:
    named = {
        "id": SignalId(str(number)),
        "source": account.provider,
        "user_id": account.user_id,
        "title": draw(st.sampled_from(["Bread", "Milk"])),
    }
    if draw(st.integers(0, 2)) == 0:
        return Event(
            **named,  # type: ignore[arg-type]
            start=draw(dues),
            end=draw(dues),
            tentative=draw(st.booleans()),
            unanswered=draw(st.booleans()),
            where=draw(st.sampled_from([None, "Room 4"])),
            twin=draw(st.sampled_from([None, "a", "b"])),
        )
    return Task(
        **named,  # type: ignore[arg-type]
        due=draw(st.none() | dues),
        recurring=draw(st.booleans()),
        priority=draw(st.none() | st.integers(1, 4)),
    )


@st.composite
def lists(draw: st.DrawFn, account: AccountKey) -> tuple[AnySignal, ...]:
    numbers = draw(st.lists(st.integers(0, 9), unique=True, max_size=8))
    return tuple(draw(signals(account, number)) for number in numbers)


@st.composite
def outboxes(draw: st.DrawFn) -> tuple[OutboxItem, ...]:
    """On what is listed, was listed, or never was; of accounts that are gone, too."""
    return tuple(
        OutboxItem(
            number=number,
            kind=draw(st.sampled_from(list(ActionKind))),
            uuid=str(number),
            signal=draw(signals(draw(st.sampled_from([ADA, BOB])), draw(st.integers(0, 11)))),
            state=draw(st.sampled_from(list(OutboxState))),
            clicked_at=NOW,
            send_at=NOW,
            due=draw(st.none() | dues),
        )
        for number in range(draw(st.integers(0, 6)))
    )


zone_names = st.sampled_from(
    [None, "Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles", "No/Zone"]
)


@st.composite
def states(draw: st.DrawFn) -> AppState:
    keys = draw(st.lists(st.sampled_from([ADA, BOB]), unique=True))
    return AppState(
        accounts=tuple(
            AccountState(key=key, label="", zone=draw(zone_names))
            for key in keys
            if draw(st.integers(0, 4)) > 0
        ),
        signals={key: draw(lists(key)) for key in keys if draw(st.integers(0, 4)) > 0},
        outbox=draw(outboxes()),
    )


@st.composite
def changes(draw: st.DrawFn) -> Sequence[tuple[AppState, datetime]]:
    """What the screen shows, as time goes by (mostly) and one thing after the other changes."""
    state, now = draw(states()), NOW
    steps = [(state, now)]
    for _ in range(draw(st.integers(0, 6))):
        match draw(st.integers(0, 4)):
            case 0:
                state = draw(states())
            case 1:
                state = msgspec.structs.replace(state, outbox=draw(outboxes()))
            case 2:
                key = draw(st.sampled_from([ADA, BOB]))
                state = msgspec.structs.replace(
                    state, signals={**state.signals, key: draw(lists(key))}
                )
            case _:
                now += draw(st.integers(-5, 30).map(lambda hours: timedelta(hours=hours)))
        steps.append((state, now))
    return steps


@settings(max_examples=300)
@given(changes())
def test_what_is_remembered_changes_nothing(steps: Sequence[tuple[AppState, datetime]]) -> None:
    for state, now in steps:
        expected = forgetful_agenda(state, now, local_zone=BERLIN)
        assert told(select(state, now)) == expected
        assert told(select(state, now)) == expected
        assert told(Agenda().select(state, now, local_zone=BERLIN)) == expected


@settings(max_examples=200)
@given(changes(), st.data())
def test_what_is_prepared_to_the_end_or_not_changes_nothing(
    steps: Sequence[tuple[AppState, datetime]], data: st.DataObject
) -> None:
    for state, now in steps:
        zone = data.draw(st.sampled_from([BERLIN, ZoneInfo("Asia/Tokyo")]))
        begun = remembering.prepare(state, now, local_zone=zone)
        deque(islice(begun, data.draw(st.integers(0, 5))), maxlen=0)
        expected = forgetful_agenda(state, now, local_zone=BERLIN)
        assert told(select(state, now)) == expected
        deque(islice(begun, data.draw(st.integers(0, 5))), maxlen=0)
        assert told(select(state, now)) == expected


@settings(max_examples=200)
@given(states(), st.integers(-80, 80))
def test_until_it_says_that_it_changes_nothing_changes(state: AppState, hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    change = select(state, now).changes_at
    assert change is not None
    assert change > now
    for minutes in range(0, 600, 30):
        later = now + timedelta(minutes=minutes)
        if later < change:
            assert told(select(state, later)) == told(select(state, now))


@settings(max_examples=200)
@given(states(), st.integers(-80, 80))
def test_the_next_moment_is_the_first_of_all_that_are_shown(state: AppState, hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    moments = [
        moment
        for entry in all_of(select(state, now))
        for due in dues_of(entry.signal)
        if (moment := ends_at(due, entry.zone)) > now
    ]
    found = select(state, now).changes_at
    assert found is not None
    assert not moments or found <= min(moments)


def all_of(shown: Selection) -> Iterator[Entry]:
    return chain.from_iterable(told(shown).values())


def dues_of(signal: AnySignal) -> list[Due]:
    if isinstance(signal, Event):
        return [signal.start, signal.end]
    return [signal.due] if signal.due else []


# What makes it fast


def test_the_same_question_again_has_the_very_same_answer() -> None:
    task = Task(id=SignalId("1"), source=TODOIST, user_id=ADA.user_id, title="Bread")
    accounts = (AccountState(key=ADA, label=""),)
    listed = (task,)
    first = select(AppState(accounts=accounts, signals={ADA: listed}))
    again = AppState(accounts=accounts, signals={ADA: listed}, refreshing=True)
    later = select(again, NOW + timedelta(minutes=1))
    for part in ("overdue", "today", "later", "events"):
        assert getattr(later, part) is getattr(first, part)


def many_tasks(count: int, account: AccountKey = ADA) -> tuple[Task, ...]:
    return tuple(
        Task(id=SignalId(str(number)), source=TODOIST, user_id=account.user_id, title="Bread")
        for number in range(count)
    )


def prepare(state: AppState, zone: ZoneInfo = BERLIN) -> int:
    """Returns in how many steps."""
    return len(list(remembering.prepare(state, NOW, local_zone=zone)))


def test_a_long_list_is_prepared_in_many_steps_and_a_render_finds_it_done() -> None:
    listed = many_tasks(10_000)
    state = AppState(accounts=(AccountState(key=ADA, label=""),), signals={ADA: listed})
    assert prepare(state) >= 50
    assert prepare(state) == 0
    assert len(select(state).later) == len(listed)
    assert prepare(state) == 0


def test_a_selection_in_the_middle_of_it_does_what_is_left() -> None:
    listed = many_tasks(10_000)
    state = AppState(accounts=(AccountState(key=ADA, label=""),), signals={ADA: listed})
    begun = remembering.prepare(state, NOW, local_zone=BERLIN)
    next(begun)
    assert len(select(state).later) == len(listed)
    assert list(begun) == []


def test_what_is_shown_already_is_not_prepared_again() -> None:
    listed = many_tasks(3)
    state = AppState(accounts=(AccountState(key=ADA, label=""),), signals={ADA: listed})
    select(state)
    assert prepare(state) == 0
    assert prepare(state, ZoneInfo("Asia/Tokyo")) > 0


def test_of_an_account_that_is_gone_nothing_is_shown_though_its_list_was_prepared() -> None:
    tasks = {key: many_tasks(1, key) for key in (ADA, BOB)}
    accounts = tuple(AccountState(key=key, label="") for key in (ADA, BOB))
    begun = remembering.prepare(AppState(accounts=accounts, signals=tasks), NOW, local_zone=BERLIN)
    next(begun)
    left = AppState(accounts=accounts[1:], signals={BOB: tasks[BOB]})
    assert [entry.signal for entry in select(left).later] == list(tasks[BOB])
    list(begun)
    assert [entry.signal for entry in select(left).later] == list(tasks[BOB])


def test_nothing_is_remembered_but_by_the_agenda_itself() -> None:
    """No module it is made of, or that draws it, holds an object of ours that could change."""
    for package in (oo_desktop.agenda, oo_desktop.ui.view):
        for found in walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(import_module(found.name)).items():
                ours = type(value).__module__.startswith("oo_desktop.")
                frozen = isinstance(value, Enum) or (
                    isinstance(value, Struct) and type(value).__struct_config__.frozen
                )
                assert not ours or frozen, (found.name, name)


def event(number: str, **more: Any) -> Event:
    at = Fixed(NOW + timedelta(minutes=30), "UTC")
    end = Fixed(NOW + timedelta(minutes=60), "UTC")
    given = {"title": "Fair", "start": at, "end": end, **more}
    return Event(id=SignalId(number), source=TODOIST, user_id=ADA.user_id, **given)


def test_what_is_not_to_be_listed_is_not_and_comes_back() -> None:
    whole_day = event("1", start=Day(NOW.date()), end=Day(NOW.date() + timedelta(days=2)))
    listed = (whole_day, event("2", tentative=True), event("3", unanswered=True), event("4"))
    agenda = Agenda()

    def shown(show: Show) -> list[str]:
        state = AppState(signals={ADA: listed}, show=show)
        return sorted(each.signal.id for each in agenda.select(state, NOW).events)

    assert shown(Show()) == ["1", "2", "3", "4"]
    assert shown(Show(all_day=False)) == ["2", "3", "4"]
    assert shown(Show(tentative=False)) == ["1", "3", "4"]
    assert shown(Show(tentative=False, unanswered=False)) == ["1", "4"]
    assert shown(Show()) == ["1", "2", "3", "4"]


def test_a_filter_is_applied_once_to_a_list() -> None:
    agenda = Agenda()
    state = AppState(signals={ADA: (event("1"),)}, show=Show(all_day=False))
    first = agenda.select(state, NOW)
    assert agenda.select(msgspec.structs.replace(state), NOW).events is first.events


def test_hidden_titles_are_nowhere_and_come_back() -> None:
    task = Task(
        id=SignalId("5"),
        source=TODOIST,
        user_id=ADA.user_id,
        title="Call Ana",
        due=Day(NOW.date()),
        actions=(ActionKind.DONE,),
    )
    agenda = Agenda()
    state = AppState(signals={ADA: (event("4"), task)})

    def titles(*, hidden: bool) -> set[str]:
        selection = agenda.select(msgspec.structs.replace(state, hide_titles=hidden), NOW)
        entries = [entry for part in selection.sections() for entry in part.entries]
        return {entry.signal.title for entry in (*entries, *selection.events)}

    assert titles(hidden=False) == {"Fair", "Call Ana"}
    assert titles(hidden=True) == {"Event", "Task"}
    assert titles(hidden=False) == {"Fair", "Call Ana"}
