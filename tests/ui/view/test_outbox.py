"""Clicks on the screen: pending, to be undone, not confirmed, refused."""

# ruff: noqa: DTZ001  # floating times are naive: that is what they are

from datetime import date, datetime, timedelta

import pytest

from oo_desktop.commands.commands import Discard, Done, OpenUrl, Retry, Undo
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import ActionKind, Day, Due, Floating
from oo_desktop.model.state import AppState
from oo_desktop.ui.view.icon import Mark
from oo_desktop.ui.view.outbox import MAX_REFUSED, MAX_REFUSED_FOLDED, UNDO_SHOWN, happened
from oo_desktop.ui.view.tray import tray_lines
from tests.ui.view.views import (
    BERLIN,
    NOW,
    TODAY,
    MakeAccount,
    MakeClick,
    MakeTask,
    changes_at,
    row,
    rows_of,
    shown,
    state_of,
    texts,
)

TOMORROW = Day(date(2026, 11, 23))
AT_FIVE = Floating(datetime(2026, 11, 22, 17))
KINDS = (ActionKind.DONE, ActionKind.LATER_TODAY, ActionKind.TOMORROW)

# On their way


def test_a_click_hides_its_task_and_puts_undo_on_top(
    make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick
) -> None:
    task = make_task("Buy milk", TODAY)
    click = make_click(task, 5)
    view = shown(state_of(make_account(), task, outbox=(click,), undoable=(click,)))
    assert texts(view)[:2] == ["Undo “Buy milk”", "Nothing due. Enjoy."]
    assert view.rows[0].command == Undo(5)


def test_what_moves_within_the_day_shows_its_new_time_and_can_be_done_meanwhile(
    make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick
) -> None:
    task = make_task("Buy milk", TODAY, actions=KINDS)
    click = make_click(task, 5, kind=ActionKind.LATER_TODAY, due=AT_FIVE)
    view = shown(state_of(make_account(), task, outbox=(click,)))
    found = row(view, "task", "todoist", "7", "1")
    assert found.text == "17:00  Buy milk · on its way"
    assert found.enabled
    assert not any(each.id[0] == "reschedule" for each in view.rows)


def test_a_recurring_task_that_moves_stays_a_task_that_waits(
    make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick
) -> None:
    task = make_task("Water plants", TODAY, actions=KINDS, recurring=True)
    click = make_click(task, 5, kind=ActionKind.LATER_TODAY, due=AT_FIVE)
    view = shown(state_of(make_account(), task, outbox=(click,)))
    found = row(view, "task", "todoist", "7", "1")
    assert found.text == "17:00  Water plants · on its way"
    assert not found.enabled  # which occurrence that would be is only known then
    assert view.icon.due == 1


def test_an_undone_task_is_back_before_the_service_says_so(
    make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick
) -> None:
    task = make_task("Buy milk", TODAY)
    clicks = (make_click(task, 1), make_click(task, 2, kind=ActionKind.REOPEN, undoes=1))
    found = row(shown(state_of(make_account(), outbox=clicks)), "task", "todoist", "7", "1")
    assert not found.enabled  # nothing more can be asked of it until the service has it again


def test_what_stays_unconfirmed_is_shown_again_with_a_mark_in_words(
    make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick
) -> None:
    task = make_task("Buy milk", TODAY, project="Home", priority=2, actions=KINDS)
    click = make_click(task, state=OutboxState.SENT, unconfirmed=True, sent_at=NOW)
    view = shown(state_of(make_account(), task, outbox=(click,)))
    found = row(view, "task", "todoist", "7", "1")
    assert found.text == "Buy milk · Home · p2 · not confirmed yet"
    assert (found.command, found.enabled) == (Done(task.key), True)
    assert row(view, "reschedule").rows[0].text == found.text
    assert view.icon.mark is Mark.FINE


# Undo


@pytest.mark.parametrize("kind", [ActionKind.TOMORROW, ActionKind.NO_DATE])
def test_a_move_is_undone_by_its_name(
    make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick, kind: ActionKind
) -> None:
    click = make_click(make_task("Call Ana", TODAY), 5, kind=kind)
    view = shown(state_of(make_account(), outbox=(click,), undoable=(click,)))
    assert texts(view)[0] == "Undo moving “Call Ana”"


def test_a_sent_click_can_be_undone_on_top_for_a_while(
    make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick
) -> None:
    clicked = NOW - timedelta(hours=3)
    click = make_click(make_task(), state=OutboxState.CONFIRMED, clicked_at=clicked, sent_at=NOW)
    state = state_of(make_account(), outbox=(click,), undoable=(click,))
    assert texts(shown(state))[0] == "Undo “Buy milk”"
    assert changes_at(state) == NOW + UNDO_SHOWN
    assert texts(shown(state, NOW + UNDO_SHOWN))[0] == "Nothing due. Enjoy."


def test_older_clicks_are_one_step_away(
    make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick
) -> None:
    clicks = tuple(make_click(make_task(f"T{n}", id=str(n)), n) for n in (5, 4, 3, 2, 1))
    view = shown(state_of(make_account(), outbox=clicks, undoable=clicks))
    assert texts(view)[:2] == ["Undo “T5”", "Undo an earlier one"]
    assert [each.command for each in view.rows[1].rows] == [Undo(4), Undo(3), Undo(2), Undo(1)]


def test_the_menu_offers_the_newest_of_many(
    make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick
) -> None:
    clicks = tuple(make_click(make_task(f"T{n}", id=str(n)), n) for n in range(20, 0, -1))
    view = shown(state_of(make_account(), outbox=clicks, undoable=clicks))
    assert [each.command for each in view.rows[1].rows] == [Undo(n) for n in (19, 18, 17, 16)]


# Refused


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ActionKind.DONE, "Not done"),
        (ActionKind.NEXT_WEEK, "Not moved"),
        (ActionKind.NO_DATE, "Not moved"),
        (ActionKind.REOPEN, "Not undone"),
        (ActionKind.RESTORE, "Not undone"),
    ],
)
def test_a_refused_click_shows_its_reason_and_the_ways_on(
    make_task: MakeTask,
    make_account: MakeAccount,
    make_click: MakeClick,
    kind: ActionKind,
    words: str,
) -> None:
    task = make_task("Buy milk", TODAY, url="https://example.org/1")
    reason = "This task is\nread-only."
    refused = make_click(task, 4, kind=kind, state=OutboxState.REJECTED, reason=reason)
    view = shown(state_of(make_account(), task, outbox=(refused,)))
    assert view.rows[0].text == f"{words}: Buy milk"
    assert [(each.text, each.command) for each in view.rows[0].rows] == [
        ("This task is read-only.", None),
        ("Open in Todoist", OpenUrl("https://example.org/1")),
        ("Try again", Retry(4)),
        ("Forget this click", Discard(4)),
    ]
    assert "Buy milk" in texts(view)  # it came back
    assert view.icon.mark is Mark.ATTENTION


def test_many_refused_clicks_share_one_row(
    make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick
) -> None:
    def refused(count: int) -> tuple[object, ...]:
        return tuple(
            make_click(make_task(f"T{n}", id=str(n)), n, state=OutboxState.REJECTED)
            for n in range(count)
        )

    few = shown(state_of(make_account(), outbox=refused(MAX_REFUSED)))
    assert texts(few)[:MAX_REFUSED] == ["Not done: T2", "Not done: T1", "Not done: T0"]
    many = row(shown(state_of(make_account(), outbox=refused(1000))), "refused-all")
    assert many.text == "1000 changes were not accepted"
    assert many.rows[0].command == Retry(every=True)
    assert [each.text for each in many.rows if each.id[0] == "refused"] == [
        f"Not done: T{999 - n}" for n in range(MAX_REFUSED_FOLDED)
    ]
    assert many.rows[-1].text == "and 990 more"


def test_lines_name_what_was_refused(
    make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick
) -> None:
    clicks = [
        make_click(make_task(f"T{n}", id=str(n)), n, state=OutboxState.REJECTED, reason="No.")
        for n in range(12)
    ]
    one = tray_lines(shown(state_of(make_account(), outbox=tuple(clicks[:1]))))
    assert one[1:3] == ["Not done: T0", "    No."]
    all_ = tray_lines(shown(state_of(make_account(), outbox=tuple(clicks))))
    assert all_[1:3] == ["12 changes were not accepted", "    Not done: T11"]
    assert "    and 2 more" in all_


def test_a_render_puts_only_what_it_shows_into_words(
    make_task: MakeTask, make_account: MakeAccount, make_click: MakeClick
) -> None:
    tasks = [make_task(f"T{n}", TODAY, id=str(n), actions=KINDS) for n in range(2000)]
    clicks = tuple(
        make_click(make_task(f"C{n}", id=f"c{n}"), n, state=OutboxState.REJECTED)
        for n in range(1000)
    )
    view = shown(state_of(make_account(), *tasks, outbox=clicks, undoable=()))
    assert len(rows_of(view.rows)) < 300


# Words


@pytest.mark.parametrize(
    ("kind", "due", "words"),
    [
        (ActionKind.DONE, None, "Done"),
        (ActionKind.LATER_TODAY, AT_FIVE, "Moved to 17:00"),
        (ActionKind.LATER_TODAY, TODAY, "Moved to today"),
        (ActionKind.TOMORROW, TOMORROW, "Moved to tomorrow"),
        (ActionKind.NEXT_WEEK, Day(date(2026, 11, 30)), "Moved to Mon 30 Nov"),
        (ActionKind.NO_DATE, None, "Date removed"),
    ],
)
def test_what_happened_is_said_in_few_words(
    make_task: MakeTask, make_click: MakeClick, kind: ActionKind, due: Due | None, words: str
) -> None:
    assert happened(make_click(make_task(), kind=kind, due=due), NOW, BERLIN) == words


# New tasks


def test_a_new_task_stands_where_it_will_be_and_can_be_taken_back(
    make_account: MakeAccount, make_task: MakeTask, make_click: MakeClick
) -> None:
    account = make_account()
    new = make_task("Buy milk", TODAY, id="add:u", actions=())
    click = make_click(new, 5, kind=ActionKind.ADD)
    view = shown(AppState(accounts=(account,), outbox=(click,), undoable=(click,)))
    assert texts(view)[0] == "Undo adding “Buy milk”"
    assert row(view, "task", "todoist", "7", "add:u").text == "Buy milk · on its way"


def test_a_new_task_that_was_refused_says_so(
    make_account: MakeAccount, make_task: MakeTask, make_click: MakeClick
) -> None:
    new = make_task("Buy milk", TODAY, id="add:u", actions=())
    click = make_click(new, 5, state=OutboxState.REJECTED, kind=ActionKind.ADD, reason="No.")
    view = shown(AppState(accounts=(make_account(),), outbox=(click,)))
    assert "Not added: Buy milk" in texts(view)
    assert happened(click, NOW, BERLIN) == "Added"
