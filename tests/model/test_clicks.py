"""Which signals a waiting click hides, and which an undo brings back."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import pytest
from msgspec import structs

from oo_desktop.model.clicks import OutboxItem, OutboxState, provisional_id, shown_signals
from oo_desktop.model.signals import (
    RESCHEDULES,
    ActionKind,
    AnySignal,
    Day,
    Due,
    Floating,
    NewTask,
    Task,
)
from oo_desktop.testing import TODAY, task
from tests.model.happenings import meeting

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NEXT_DAY = Day(TODAY.day + timedelta(days=1))
TONIGHT = Floating(datetime.combine(TODAY.day, time(20)))
DONE, REOPEN = ActionKind.DONE, ActionKind.REOPEN


def click(
    number: int,
    signal: AnySignal,
    kind: ActionKind = DONE,
    state: OutboxState = OutboxState.QUEUED,
    *,
    due: Due | None = None,
    undoes: int | None = None,
    unconfirmed: bool = False,
) -> OutboxItem:
    return OutboxItem(
        number=number,
        kind=kind,
        uuid=str(number),
        signal=signal,
        state=state,
        clicked_at=NOW,
        send_at=NOW,
        due=due,
        undoes=undoes,
        unconfirmed=unconfirmed,
    )


def movable(*, due: Due | None = TODAY, recurring: bool = False) -> Task:
    """A task that can be put off as well."""
    signal = task("1", due=due, recurring=recurring)
    return structs.replace(signal, actions=(DONE, *RESCHEDULES))


def shown(listed: Sequence[AnySignal], *clicks: OutboxItem) -> list[AnySignal]:
    account = task("1").account
    return list(shown_signals({account: tuple(listed)}, clicks)[account])


@pytest.mark.parametrize("state", [OutboxState.QUEUED, OutboxState.SENT])
def test_what_was_marked_done_is_not_shown(state: OutboxState) -> None:
    assert shown([task("1"), task("2")], click(1, task("1"), state=state)) == [task("2")]


def test_what_was_rejected_is_back() -> None:
    rejected = click(1, task("1"), state=OutboxState.REJECTED)
    assert shown([task("1")], rejected) == [task("1")]


def test_a_task_that_was_only_moved_stays_hidden() -> None:
    assert shown([task("1", due=NEXT_DAY)], click(1, task("1"))) == []


def test_the_next_occurrence_of_a_recurring_task_is_shown() -> None:
    done = click(1, task("1", recurring=True), state=OutboxState.SENT)
    following = task("1", recurring=True, due=NEXT_DAY)
    assert shown([task("1", recurring=True)], done) == []
    assert shown([following], done) == [following]


def test_an_undo_brings_it_back_before_the_service_has() -> None:
    clicks = [click(1, task("1"), state=OutboxState.SENT), click(2, task("1"), REOPEN)]
    assert shown([], *clicks) == [task("1")]
    assert shown([task("1")], *clicks) == [task("1")]


def test_what_an_undo_brought_back_has_the_name_the_list_gives_it() -> None:
    renamed = structs.replace(task("1"), title="Another name")
    clicks = [click(1, task("1"), state=OutboxState.SENT), click(2, task("1"), REOPEN)]
    assert shown([renamed], *clicks) == [renamed]


def test_an_undo_brings_the_old_occurrence_back_in_place_of_the_next() -> None:
    clicks = [
        click(1, task("1", recurring=True), state=OutboxState.SENT),
        click(2, task("1", recurring=True), REOPEN),
    ]
    listed = [task("0"), task("1", recurring=True, due=NEXT_DAY), task("2")]
    assert shown(listed, *clicks) == [task("0"), task("1", recurring=True), task("2")]


def test_each_clicked_occurrence_stays_hidden() -> None:
    following = task("1", recurring=True, due=NEXT_DAY)
    clicks = [click(1, task("1", recurring=True)), click(2, following)]
    assert shown([task("1", recurring=True)], *clicks) == []
    assert shown([following], *clicks) == []


def test_an_undo_that_was_rejected_brings_nothing_back() -> None:
    clicks = [
        click(1, task("1"), state=OutboxState.SENT),
        click(2, task("1"), REOPEN, OutboxState.REJECTED),
    ]
    assert shown([task("1")], *clicks) == []


def test_done_undone_and_done_again_is_done() -> None:
    clicks = [click(3, task("1")), click(1, task("1")), click(2, task("1"), REOPEN)]
    assert shown([task("1")], *clicks) == []


def test_another_accounts_click_hides_and_adds_nothing() -> None:
    others = task("1", user_id="grace")
    assert shown([task("1")], click(1, others)) == [task("1")]
    assert shown([], click(2, others, REOPEN)) == []


# Reschedules


@pytest.mark.parametrize(
    ("kind", "due"),
    [(ActionKind.TOMORROW, NEXT_DAY), (ActionKind.NEXT_WEEK, NEXT_DAY), (ActionKind.NO_DATE, None)],
)
@pytest.mark.parametrize("recurring", [False, True])
def test_what_was_put_off_is_not_shown_until_its_date_is_another(
    kind: ActionKind, due: Due | None, recurring: bool
) -> None:
    clicked = movable(recurring=recurring)
    moved = click(1, clicked, kind, due=due)
    assert shown([clicked], moved) == []
    changed_elsewhere = movable(recurring=recurring, due=TONIGHT)
    assert shown([changed_elsewhere], moved) == [changed_elsewhere]


def test_what_moves_within_the_day_is_shown_where_it_will_be() -> None:
    later = click(1, movable(), ActionKind.LATER_TODAY, due=TONIGHT)
    (seen,) = shown([movable()], later)
    assert isinstance(seen, Task)
    assert (seen.due, seen.by_deadline) == (TONIGHT, False)
    assert shown([movable(due=TONIGHT)], later) == [movable(due=TONIGHT)]
    assert shown([], later) == []


def test_of_what_is_being_moved_only_what_needs_no_date_can_be_asked() -> None:
    for recurring, offered in ((False, (DONE,)), (True, ())):
        later = click(1, movable(recurring=recurring), ActionKind.LATER_TODAY, due=TONIGHT)
        (seen,) = shown([movable(recurring=recurring)], later)
        assert seen.actions == offered


def test_what_is_moved_within_the_day_and_then_done_is_not_shown() -> None:
    later = click(1, movable(), ActionKind.LATER_TODAY, due=TONIGHT)
    (seen,) = shown([movable()], later)
    assert shown([movable()], later, click(2, seen)) == []


def test_taking_back_a_new_date_shows_the_old_one_at_once() -> None:
    clicks = [
        click(1, movable(), ActionKind.TOMORROW, OutboxState.SENT, due=NEXT_DAY),
        click(2, movable(), ActionKind.RESTORE, due=NEXT_DAY, undoes=1),
    ]
    for listed in ([], [movable(due=NEXT_DAY)], [movable()]):
        assert shown(listed, *clicks) == [movable()]


# Replies


@pytest.mark.parametrize(
    ("reply", "tentative"),
    [
        pytest.param(ActionKind.ACCEPT, False, id="accepted: certain"),
        pytest.param(ActionKind.MAYBE, True, id="maybe: tentative"),
        pytest.param(ActionKind.DECLINE, None, id="declined: gone"),
    ],
)
def test_an_invitation_that_is_answered_is_shown_as_it_will_be(
    reply: ActionKind, tentative: bool | None
) -> None:
    invitation = meeting("1", unanswered=True)
    answer = click(1, invitation, reply)
    seen = shown_signals({invitation.account: (invitation,)}, [answer])[invitation.account]
    if tentative is None:
        assert seen == ()
    else:
        assert seen == (structs.replace(invitation, tentative=tentative, unanswered=False),)


# What no poll has confirmed, and what one has


@pytest.mark.parametrize("kind", [DONE, ActionKind.TOMORROW])
def test_what_no_poll_has_confirmed_for_long_is_shown_again(kind: ActionKind) -> None:
    row = click(1, movable(), kind, OutboxState.SENT, due=NEXT_DAY, unconfirmed=True)
    assert shown([movable()], row) == [movable()]


def test_what_an_undo_brought_back_follows_the_list_when_that_speaks_against_it() -> None:
    following = task("1", recurring=True, due=NEXT_DAY)
    row = click(2, task("1", recurring=True), REOPEN, OutboxState.SENT, unconfirmed=True)
    assert shown([following], row) == [following]


def test_a_confirmed_click_hides_nothing() -> None:
    done = click(1, task("1"), state=OutboxState.CONFIRMED)
    assert shown([task("1")], done) == [task("1")]


def test_an_account_without_clicks_keeps_its_list_as_it_is() -> None:
    mine, others = (task("1"),), (task("2", user_id="grace"),)
    signals = {mine[0].account: mine, others[0].account: others}
    seen = shown_signals(signals, [click(1, task("1"))])
    assert seen[others[0].account] is others
    assert seen[mine[0].account] == ()


# What others rely on


def test_the_words_that_the_database_and_the_command_line_know_stay() -> None:
    assert {state.name: state.value for state in OutboxState} == {
        "QUEUED": "queued",
        "SENT": "sent",
        "CONFIRMED": "confirmed",
        "REJECTED": "refused",
    }


def test_what_is_added_is_shown_as_it_will_be_until_it_is_listed() -> None:
    new = task("add:1", due=None)
    adding = click(1, new, ActionKind.ADD)
    assert shown([task("2")], adding) == [task("2"), new]
    listed = structs.replace(task("1"), title="As the service has it")
    sent = click(1, task("1"), ActionKind.ADD, OutboxState.SENT)
    assert shown([listed], sent) == [listed]
    assert shown([], click(1, new, ActionKind.ADD, OutboxState.REJECTED)) == []


def test_what_was_added_and_is_taken_back_is_not_shown() -> None:
    sent = click(1, task("1"), ActionKind.ADD, OutboxState.SENT)
    back = click(2, task("1"), ActionKind.REMOVE, undoes=1)
    assert shown([task("1")], sent, back) == []
    assert shown([], sent, back) == []
    doubted = click(2, task("1"), ActionKind.REMOVE, OutboxState.SENT, unconfirmed=True)
    assert shown([task("1")], doubted) == [task("1")]


def test_a_new_task_has_a_name_of_its_own_once_its_service_has_given_it_one() -> None:
    new = NewTask(uuid="1", text="Tea", typed_at=NOW, title="Tea")
    adding = structs.replace(click(1, task(provisional_id("1")), ActionKind.ADD), added=new)
    assert not adding.is_named
    assert structs.replace(adding, signal=task("7")).is_named
    assert not click(1, task("7")).is_named
