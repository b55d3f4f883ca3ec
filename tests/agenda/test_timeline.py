"""Everything of a day stands in one order, whatever it is; what stays is not made anew."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.selection import Section
from oo_desktop.agenda.timeline import Timeline
from oo_desktop.model.signals import AnySignal, Day, Floating, Task
from oo_desktop.model.state import AccountState, AppState
from tests.ui.view.happenings import ADA, calendars, meeting, whole_days
from tests.ui.view.views import BERLIN

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
"""A Wednesday, at 13:00 in Berlin."""
TODAY = date(2026, 11, 25)


def clock(hour: int) -> Floating:
    return Floating(datetime(2026, 11, 25, hour))  # noqa: DTZ001  # floating


MakeTask = Callable[..., Task]
MakeAccount = Callable[..., AccountState]


def state_of(account: AccountState, tasks: tuple[AnySignal, ...], *events: AnySignal) -> AppState:
    return AppState(
        accounts=(account, calendars()), signals={account.key: tasks, ADA: tuple(events)}
    )


def told(state: AppState) -> dict[Section, list[str]]:
    selection = Agenda().select(state, NOON, local_zone=BERLIN)
    sections = Timeline().sections(selection)
    return {each.section: [entry.signal.title for entry in each.entries] for each in sections}


def test_a_day_is_in_the_order_of_its_times_below_what_lasts_all_of_it(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    tasks = (
        make_task("any time", Day(TODAY), id="1"),
        make_task("urgent, any time", Day(TODAY), id="2", priority=1),
        make_task("at 16", clock(16), id="3"),
        make_task("at 20", clock(20), id="4"),
    )
    state = state_of(
        make_account(),
        tasks,
        meeting("at 18", NOON + timedelta(hours=5)),
        meeting("also at 16", NOON + timedelta(hours=3)),
        whole_days("all day", TODAY),
    )
    assert told(state) == {
        Section.TODAY: [
            "all day", "also at 16", "at 16", "at 18", "at 20", "urgent, any time", "any time",
        ]
    }  # fmt: skip


def test_what_runs_comes_before_what_is_next_and_both_before_all_else(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    state = state_of(
        make_account(),
        (make_task("late", Day(TODAY - timedelta(days=1))),),
        meeting("next", NOON + timedelta(minutes=30)),
        meeting("runs", NOON - timedelta(minutes=5)),
    )
    assert told(state) == {Section.NOW: ["runs", "next"], Section.OVERDUE: ["late"]}


def test_tomorrow_has_its_tasks_too_and_what_has_no_date_is_last(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    tasks = (
        make_task("someday", None, id="1"),
        make_task("in a week", Day(TODAY + timedelta(days=7)), id="2"),
        make_task("tomorrow", Day(TODAY + timedelta(days=1)), id="3"),
    )
    state = state_of(
        make_account(),
        tasks,
        meeting("tomorrow at noon", NOON + timedelta(days=1)),
        meeting("in two days", NOON + timedelta(days=2)),
        whole_days("in nine days", TODAY + timedelta(days=9)),
    )
    assert told(state) == {
        Section.TOMORROW: ["tomorrow at noon", "tomorrow"],
        Section.LATER: ["in two days", "in a week", "in nine days", "someday"],
    }


def test_where_only_one_section_has_changed_the_others_are_the_very_same(
    make_task: MakeTask, make_account: MakeAccount, make_click: Callable[..., object]
) -> None:
    tasks = tuple(
        make_task(str(days), Day(TODAY + timedelta(days=days)), id=str(days))
        for days in (-1, 0, 1, 9)
    )
    agenda, timeline = Agenda(), Timeline()
    state = state_of(make_account(), tasks, meeting("tonight", NOON + timedelta(hours=5)))
    before = timeline.sections(agenda.select(state, NOON, local_zone=BERLIN))
    same = timeline.sections(agenda.select(state, NOON, local_zone=BERLIN))
    assert all(one.entries is other.entries for one, other in zip(before, same, strict=True))
    moved = state_of(make_account(), (make_task("new", Day(TODAY), id="0"), *tasks[:1], *tasks[2:]))
    after = timeline.sections(agenda.select(moved, NOON, local_zone=BERLIN))
    assert [each.section for each in after] == [
        Section.OVERDUE, Section.TODAY, Section.TOMORROW, Section.LATER,
    ]  # fmt: skip
    assert [entry.signal.title for entry in after[1].entries] == ["new"]
