"""Everything that is shown stands in one section, in the order in which it is read."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given

from oo_desktop.agenda.agenda import Agenda
from oo_desktop.agenda.selection import Section
from oo_desktop.model.signals import AnySignal, Day, Task
from oo_desktop.model.state import AccountState, AppState
from tests.agenda import test_agenda
from tests.ui.view.happenings import ADA, calendars, meeting, whole_days

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")

MakeTask = Callable[..., Task]
MakeAccount = Callable[..., AccountState]


def full(make_task: MakeTask, make_account: MakeAccount) -> AppState:
    """A state with something in every section."""
    account = make_account()
    tasks = tuple(
        make_task(title, due, id=title)
        for title, due in (
            ("someday", None),
            ("next month", Day(date(2026, 12, 22))),
            ("today", Day(date(2026, 11, 22))),
            ("overdue", Day(date(2026, 11, 20))),
        )
    )
    events = (
        whole_days("fair", date(2026, 11, 28)),
        meeting("tomorrow", NOW + timedelta(days=1)),
        meeting("tonight", NOW + timedelta(hours=8)),
        meeting("next", NOW + timedelta(minutes=30)),
        meeting("now", NOW - timedelta(minutes=5)),
    )
    return AppState(accounts=(account, calendars()), signals={account.key: tasks, ADA: events})


def test_the_sections_come_in_the_order_in_which_they_are_read(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    selection = Agenda().select(full(make_task, make_account), NOW, local_zone=BERLIN)
    sections = selection.sections()
    assert [each.section for each in sections] == list(Section)
    assert [[entry.signal.title for entry in each.entries] for each in sections] == [
        ["now"],
        ["next"],
        ["overdue"],
        ["today"],
        ["tonight"],
        ["tomorrow"],
        ["next month", "someday", "fair"],
    ]


def test_as_many_entries_of_each_are_made_as_are_wanted_and_all_are_counted(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    selection = Agenda().select(full(make_task, make_account), NOW, local_zone=BERLIN)
    later = selection.sections(most=2)[-1]
    assert (later.total, len(later.entries)) == (3, 2)
    assert [len(each.entries) for each in selection.sections(most=0)] == [0] * len(Section)


def test_only_tasks_that_are_due_are_to_do(make_task: MakeTask, make_account: MakeAccount) -> None:
    assert Agenda().select(full(make_task, make_account), NOW, local_zone=BERLIN).to_do == 2


@given(test_agenda.states())
def test_nothing_is_lost_between_sections_and_nothing_is_in_two(state: AppState) -> None:
    selection = Agenda().select(state, test_agenda.NOW, local_zone=BERLIN)
    shown: list[AnySignal] = [
        entry.signal for each in selection.sections() for entry in each.entries
    ]
    found = [entry.signal for entry in test_agenda.all_of(selection)]
    assert sorted(map(id, shown)) == sorted(map(id, found))
    assert sum(each.total for each in selection.sections()) == len(found)


def test_what_fits_is_found_in_the_order_in_which_it_is_read(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    selection = Agenda().select(full(make_task, make_account), NOW, local_zone=BERLIN)
    everything = [entry for part in selection.sections() for entry in part.entries]
    assert list(selection.fitting(lambda _: True)) == everything
    (found,) = selection.fitting(lambda signal: signal.title == "tonight")
    assert found.signal.title == "tonight"
