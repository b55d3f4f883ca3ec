"""One line of the agenda: what it says, what a click on it means, and where a task can be moved."""

# ruff: noqa: DTZ001  # floating times are naive: that is what they are

from datetime import UTC, date, datetime

from oo_desktop.commands.commands import Act, Done, OpenUrl
from oo_desktop.model.signals import RESCHEDULES, ActionKind, Day, Floating
from oo_desktop.ui.view.icon import RowIcon
from oo_desktop.ui.view.rows import RowKind
from oo_desktop.ui.view.tray import MAX_ROWS
from tests.ui.view.views import TODAY, MakeAccount, MakeTask, row, shown, state_of, texts

ALL = (ActionKind.DONE, *RESCHEDULES)
TUESDAY = datetime(2026, 11, 24, 12, tzinfo=UTC)  # 13:00 in Berlin


# The row


def test_a_time_that_has_passed_today_is_overdue_and_shows_the_time(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    view = shown(
        state_of(make_account(), make_task("Stand-up", Floating(datetime(2026, 11, 22, 9, 30))))
    )
    assert texts(view)[:2] == ["Overdue (1)", "09:30  Stand-up"]


def test_a_click_on_a_task_means_done(make_task: MakeTask, make_account: MakeAccount) -> None:
    task = make_task("Buy milk", TODAY, priority=1)
    found = row(shown(state_of(make_account(), task)), "task", "todoist", "7", "1")
    assert found.command == Done(task.key)
    assert found.enabled
    assert found.icon is RowIcon.TASK_1


def test_what_cannot_be_done_opens_in_the_browser(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    view = shown(
        state_of(
            make_account(),
            make_task("A header", TODAY, id="1", actions=(), url="https://example.org/1"),
            make_task("Not even that", TODAY, id="2", actions=(), url=None),
        )
    )
    opened = row(view, "task", "todoist", "7", "1", "open")
    assert (opened.command, opened.icon) == (OpenUrl("https://example.org/1"), RowIcon.NOTE)
    read = row(view, "task", "todoist", "7", "2", "text")
    assert (read.command, read.enabled) == (None, True), "the keyboard skips what is disabled"


def test_a_long_title_is_elided_and_one_that_shows_nothing_is_named(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    titles = ("x" * 400, "\n", "\u200b\u200f", "\u200d \u3164\ufe0f")
    tasks = [make_task(title, TODAY, id=str(i)) for i, title in enumerate(titles)]
    view = shown(state_of(make_account(), *tasks))
    assert texts(view)[1:5] == ["x" * 49 + "…", *["(no title)"] * 3]


# Moving it to another day


def ways(make_account: MakeAccount, task: object, now: datetime = TUESDAY) -> list[str]:
    (only,) = row(shown(state_of(make_account(), task), now), "reschedule").rows  # type: ignore[arg-type]  # a task
    return [each.text for each in only.rows]


def test_each_task_offers_what_makes_sense_for_it(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    today = make_task("Buy milk", Day(date(2026, 11, 24)), actions=ALL)
    assert ways(make_account, today) == [
        "Later today, 15:00",
        "Tomorrow, Wed 25 Nov",
        "Next week, Mon 30 Nov",
        "No date",
    ]
    overdue = make_task("Buy milk", Day(date(2026, 11, 20)), actions=ALL)
    assert ways(make_account, overdue)[0] == "Today"
    weekly = make_task("Report", Day(date(2026, 11, 24)), actions=ALL, recurring=True)
    assert "No date" not in ways(make_account, weekly)
    nothing = make_task("Some day", actions=ALL)
    assert ways(make_account, nothing)[-1] == "Next week, Mon 30 Nov"


def test_late_in_the_day_there_is_no_later_today(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    task = make_task("Buy milk", Day(date(2026, 11, 24)), actions=ALL)
    night = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)
    assert ways(make_account, task, night)[0] == "Tomorrow, Wed 25 Nov"


def test_on_sundays_tomorrow_is_offered_once(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    task = make_task("Buy milk", TODAY, actions=ALL)
    assert ways(make_account, task, sunday) == [
        "Later today, 15:00",
        "Tomorrow, Mon 23 Nov",
        "No date",
    ]


def test_a_click_asks_for_the_move_and_its_row_keeps_its_name(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    task = make_task("Call Ana", Floating(datetime(2026, 11, 24, 14, 30)), actions=ALL, priority=2)
    view = shown(state_of(make_account(), task), TUESDAY)
    (only,) = row(view, "reschedule").rows
    assert only.text == "14:30  Call Ana · p2"
    ways = [kind for kind in RESCHEDULES if kind is not ActionKind.ON_DAY]  # that takes a window
    assert [each.command for each in only.rows] == [Act(task.key, kind) for kind in ways]
    assert all(each.kind is RowKind.COMMAND and each.enabled for each in only.rows)
    assert len({each.id for each in only.rows}) == len(only.rows)


def test_the_submenu_stands_below_the_agenda_and_holds_what_is_in_sight(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    tasks = [make_task(f"T{n}", TODAY, id=str(n), actions=ALL) for n in range(200)]
    view = shown(state_of(make_account(), *tasks))
    found = row(view, "reschedule")
    in_sight = [each.text for each in view.rows if each.id[0] == "task"]
    assert [each.text for each in found.rows] == in_sight
    assert len(in_sight) == MAX_ROWS
    assert texts(view).index(found.text) == texts(view).index("185 more …") + 1


def test_where_nothing_can_be_moved_there_is_no_submenu(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    view = shown(state_of(make_account(), make_task("Buy milk", TODAY)))
    assert "Reschedule" not in texts(view)
