"""The tray as a function of state and time."""

# ruff: noqa: DTZ001  # floating times are naive: that is what they are

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from oo_desktop import __version__
from oo_desktop.commands.commands import (
    Change,
    CopyReport,
    OpenUrl,
    Resume,
    ShowLog,
    ShowSettings,
)
from oo_desktop.model.signals import (
    Day,
    Event,
    Fixed,
    Floating,
    SignalId,
)
from oo_desktop.model.state import AppState
from oo_desktop.ui.view.icon import IconView, Mark
from oo_desktop.ui.view.rows import Row, RowKind, TrayView
from oo_desktop.ui.view.tray import MAX_FOLDED, MAX_ROWS, tray_lines, tray_view
from tests.fixtures.services import SERVICES
from tests.ui.view.views import (
    BERLIN,
    NOW,
    TODAY,
    TODOIST,
    MakeAccount,
    MakeTask,
    changes_at,
    row,
    rows_of,
    select,
    shown,
    state_of,
    texts,
)

# The list


def test_overdue_comes_before_today_each_with_its_count(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    view = shown(
        state_of(
            make_account(),
            make_task("Call Ana", Floating(datetime(2026, 11, 22, 14, 30)), id="1", priority=2),
            make_task("Buy milk", TODAY, id="2", project="Shopping"),
            make_task("Send invoice", Day(date(2026, 11, 20)), id="3", project="Work", priority=1),
            make_task("Water plants", Day(date(2026, 11, 21)), id="4"),
        )
    )
    assert texts(view)[:6] == [
        "Overdue (2)",
        "Fri 20 Nov  Send invoice · Work · p1",
        "Yesterday  Water plants",
        "Today (2)",
        "Buy milk · Shopping",
        "14:30  Call Ana · p2",
    ]
    assert view.icon == IconView(Mark.FINE, 4)
    assert view.tooltip == ("2 overdue, 2 today", "Next task: 14:30  Call Ana · p2")


def test_days_are_counted_in_the_accounts_zone(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    task = make_task("Buy milk", TODAY)
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # the 23rd in Berlin, the 22nd in Lima
    assert shown(state_of(make_account(zone="Europe/Berlin"), task), late).summary == "1 overdue"
    assert shown(state_of(make_account(zone="America/Lima"), task), late).summary == "1 today"
    assert shown(state_of(make_account(zone="No/Such"), task), late).summary == "1 overdue"


def test_what_comes_later_or_has_no_date_is_shown_but_not_counted(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    view = shown(
        state_of(
            make_account(),
            make_task("Some day"),
            make_task("Soon", Day(date(2026, 11, 23)), id="2"),
        )
    )
    assert texts(view)[:4] == ["Later (2)", "Tomorrow  Soon", "Some day", "Nothing due. Enjoy."]
    assert view.icon.due == 0


def test_what_cannot_be_done_is_listed_but_not_counted_as_something_to_do(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    at_four = Floating(datetime(2026, 11, 22, 16))
    header = make_task("A header", at_four, id="1", actions=())
    alone = shown(state_of(make_account(), header))
    assert (alone.icon.due, alone.tooltip) == (0, ("Nothing due",))
    assert texts(alone)[:2] == ["Today", "16:00  A header"]
    both = shown(state_of(make_account(), header, make_task("Buy milk", TODAY, id="2")))
    assert (both.icon.due, both.summary, texts(both)[0]) == (1, "1 today", "Today (1)")


def test_a_long_list_folds_so_that_no_section_pushes_out_another(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    old = [make_task(f"Old {i}", Day(date(2026, 11, 1)), id=f"o{i}") for i in range(22)]
    new = [make_task(f"New {i}", TODAY, id=f"n{i}") for i in range(200)]
    view = shown(state_of(make_account(), *old, *new))
    assert sum(each.id[0] == "task" for each in view.rows) == MAX_ROWS
    assert row(view, "more", "overdue").text == "14 more …"
    folded = row(view, "more", "today")
    assert folded.text == "193 more …"
    assert len(folded.rows) == MAX_FOLDED + 1
    assert folded.rows[-1].text == "and 143 more in Todoist…"
    assert folded.rows[-1].command == OpenUrl(SERVICES[0].home or "")


def test_a_fold_of_a_single_row_is_that_row(make_task: MakeTask, make_account: MakeAccount) -> None:
    tasks = [make_task(f"T {i}", TODAY, id=str(i)) for i in range(MAX_ROWS + 1)]
    view = shown(state_of(make_account(), *tasks))
    assert sum(each.id[0] == "task" for each in view.rows) == MAX_ROWS + 1


def test_an_event_shows_until_it_ends(make_account: MakeAccount) -> None:
    account = make_account()
    event = Event(
        id=SignalId("e"),
        source=TODOIST,
        user_id=account.key.user_id,
        title="Planning",
        url="https://example.org/e",
        start=Fixed(datetime(2026, 11, 22, 11, 30, tzinfo=UTC), "Europe/Berlin"),
        end=Fixed(datetime(2026, 11, 22, 12, 30, tzinfo=UTC), "Europe/Berlin"),
    )
    assert texts(shown(state_of(account, event)))[:2] == ["Now", "12:30–13:30  Planning"]
    later = NOW + timedelta(minutes=31)
    assert texts(shown(state_of(account, event), later))[0] == "Nothing due. Enjoy."


# Time


def test_the_view_changes_when_a_time_passes_and_at_midnight(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    timed = make_task("Call", Floating(datetime(2026, 11, 22, 14, 30)))
    midnight = datetime(2026, 11, 23, tzinfo=BERLIN)
    assert changes_at(state_of(make_account(), timed)) == datetime(
        2026, 11, 22, 14, 30, tzinfo=BERLIN
    )
    whole_day = state_of(make_account(), make_task("Milk", TODAY))
    assert changes_at(whole_day) == midnight
    assert shown(whole_day, midnight).summary == "1 overdue"


def test_lines_say_what_the_menu_says(make_task: MakeTask, make_account: MakeAccount) -> None:
    view = shown(state_of(make_account(), make_task("Buy milk", TODAY)))
    assert tray_lines(view) == [
        "oO · 1 today",
        "Today (1)",
        "  Buy milk",
        "Updated 2 min ago",
    ]


# Settings


def test_titles_are_hidden_and_shown_again_from_the_menu(make_account: MakeAccount) -> None:
    state = state_of(make_account())
    plain = other(shown(state), "hide-titles")
    assert (plain.text, plain.ticked, plain.command) == (
        "Hide titles",
        False,
        Change("hide_titles", "on"),
    )
    hidden = other(shown(msgspec.structs.replace(state, hide_titles=True)), "hide-titles")
    assert (hidden.ticked, hidden.command) == (True, Change("hide_titles", "off"))


def test_hidden_titles_are_in_no_row_and_no_tooltip(
    make_account: MakeAccount, make_task: MakeTask
) -> None:
    state = state_of(make_account(), make_task("Call Ana", TODAY, project="Family"))
    view = shown(msgspec.structs.replace(state, hide_titles=True))
    assert "Task" in "\n".join(texts(view))
    said = "\n".join([*tray_lines(view), *view.tooltip, view.summary])
    assert "Ana" not in said
    assert "Family" not in said


def test_a_mistake_in_the_file_is_one_row_that_leads_to_the_settings(
    make_account: MakeAccount,
) -> None:
    state = state_of(make_account())
    view = shown(msgspec.structs.replace(state, mistakes=("config.toml, line 3: no.", "More.")))
    mistake = row(view, "mistakes")
    assert (mistake.text, mistake.command) == ("config.toml, line 3: no. · 1 more", ShowSettings())
    assert view.icon.mark is Mark.ATTENTION
    assert "mistakes" not in {each.id[0] for each in shown(state).rows}


def other(view: TrayView, name: str) -> Row:
    """One of the rows under More."""
    return next(each for each in row(view, "others").rows if each.id == (name,))


def test_what_is_rarely_wanted_is_out_of_the_way(make_account: MakeAccount) -> None:
    view = shown(state_of(make_account()))
    assert texts(view)[-5:] == ["Open oO", "Refresh", "Accounts", "More", "Quit oO"]
    assert [each.text for each in row(view, "others").rows] == [
        "Pause notifications",
        "Hide titles",
        "Settings…",
        "",
        f"oO {__version__}",
        "Copy a report for finding faults",
        "Show the log",
    ]
    assert other(view, "settings").command == ShowSettings()
    assert other(view, "help-report").command == CopyReport()
    assert other(view, "help-log").command == ShowLog()


def test_a_pause_is_ended_from_the_menu_itself(make_account: MakeAccount) -> None:
    view = shown(state_of(make_account(), paused_until=NOW + timedelta(hours=1)))
    assert row(view, "resume").command == Resume()
    assert "pause" not in {each.id[0] for each in row(view, "others").rows}


# Room


def busy(make_task: MakeTask, make_account: MakeAccount) -> AppState:
    """A day of 40 tasks, and events now, next, later and tomorrow."""
    tasks = [make_task(f"Late {i}", Day(date(2026, 11, 20)), id=f"o{i}") for i in range(3)]
    tasks += [make_task(f"Task {i}", TODAY, id=f"t{i}") for i in range(37)]
    account = make_account()
    events = [
        Event(
            id=SignalId(f"e{minutes}"),
            source=TODOIST,
            user_id=account.key.user_id,
            title=f"In {minutes}",
            start=Fixed(NOW + timedelta(minutes=minutes), "Europe/Berlin"),
            end=Fixed(NOW + timedelta(minutes=minutes + 30), "Europe/Berlin"),
        )
        for minutes in (-10, 20, 40, 200, 300, 1300, 1400)
    ]
    return state_of(account, *tasks, *events)


def taken(view: TrayView) -> float:
    return sum(0.5 if each.kind is RowKind.SEPARATOR else 1 for each in view.rows)


@pytest.mark.parametrize("room", [19, 21, 24, 28, 35])
def test_on_a_small_screen_more_is_folded_and_every_command_in_sight(
    make_task: MakeTask, make_account: MakeAccount, room: float
) -> None:
    state = busy(make_task, make_account)
    view = tray_view(state, select(state), room)
    assert taken(view) <= room
    assert [each.id[0] for each in view.rows[-4:]] == ["refresh", "accounts", "others", "quit"]
    assert any(each.id[0] == "task" for each in view.rows)
    said = "\n".join(each.text for each in rows_of(view.rows))
    assert all(f"Late {i}" in said for i in range(3))


def test_where_there_is_room_nothing_is_folded_for_its_sake(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    state = busy(make_task, make_account)
    assert tray_view(state, select(state), 100) == tray_view(state, select(state))


def test_a_section_without_a_row_of_its_own_is_one_row_that_opens(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    state = busy(make_task, make_account)
    view = tray_view(state, select(state), 16)
    today = row(view, "more", "today")
    assert (today.text, today.kind) == ("Today (37)", RowKind.MENU)
    assert len(today.rows) == 37
    assert ("heading", "today") not in {each.id for each in view.rows}


def test_what_comes_last_is_one_row_together_where_it_has_no_room(
    make_task: MakeTask, make_account: MakeAccount
) -> None:
    state = busy(make_task, make_account)
    coming = row(tray_view(state, select(state), 19), "more", "coming")
    assert coming.text == "Coming up (4)"
    assert [each.text for each in coming.rows if each.id[0] == "heading"] == [
        "Planned today (2)",
        "Tomorrow (2)",
    ]
    assert len(coming.rows) == 6
