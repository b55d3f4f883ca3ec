"""The law of the clicks finds what is lost, done twice, or done without having been asked for."""

from dataclasses import replace
from datetime import date

import pytest

from tests.faults.kills_law import (
    Answer,
    Breach,
    Executed,
    Held,
    Verdict,
    Wanted,
    Wish,
    judge,
    judge_new,
)

TODAY = date(2026, 11, 22)
BEFORE = {
    "plain": Held(due="2026-11-22"),
    "daily": Held(due="2026-11-20", daily=True),
    "moved": Held(due="2026-11-22T09:00:00"),
}
AFTER = {
    "plain": Held(due="2026-11-22", checked=True),
    "daily": Held(due="2026-11-23", daily=True),
    "moved": Held(due="2026-11-23T09:00:00"),
}
WISHES = (
    Wish(task="plain", due="2026-11-22"),
    Wish(task="daily", due="2026-11-20"),
    Wish(task="daily", due="2026-11-22"),
    Wish(task="moved", due="2026-11-22T09:00:00", kind="tomorrow", target="2026-11-23T09:00:00"),
)
CLOSED = Executed(task="plain", type="item_close", uuid="1", day=TODAY)
ADVANCED = Executed(task="daily", type="item_close", uuid="2", day=TODAY)
AGAIN = Executed(task="daily", type="item_close", uuid="3", day=TODAY)
MOVED = Executed(task="moved", type="item_update", uuid="4", day=TODAY, due="2026-11-23T09:00:00")
EXECUTED = (CLOSED, ADVANCED, AGAIN, MOVED)
TAKEN_BACK = (
    Executed(task="plain", type="item_uncomplete", uuid="5", day=TODAY),
    Executed(task="daily", type="item_update_date_complete", uuid="6", day=TODAY, due="2026-11-22"),
    Executed(task="moved", type="item_update", uuid="7", day=TODAY, due="2026-11-22T09:00:00"),
)
UNDOS = tuple(replace(WISHES[number], undo=True) for number in (0, 2, 3))
AFTER_UNDOS = BEFORE | {"daily": Held(due="2026-11-22", daily=True)}


def verdict(
    *,
    wishes: tuple[Wish, ...] = WISHES,
    executed: tuple[Executed, ...] = EXECUTED,
    after: dict[str, Held] = AFTER,
) -> Verdict:
    return judge(before=BEFORE, wishes=wishes, executed=executed, after=after)


def breaches(verdict: Verdict) -> set[Breach]:
    return {violation.breach for violation in verdict.violations}


def test_everything_once_keeps_the_law() -> None:
    assert verdict() == Verdict(once=4)


@pytest.mark.parametrize("lost", EXECUTED)
def test_a_lost_click_is_found(lost: Executed) -> None:
    kept = tuple(one for one in EXECUTED if one != lost)
    assert Breach.LOST in breaches(verdict(executed=kept))


def test_a_lost_click_is_found_where_the_service_agrees_that_nothing_was_done() -> None:
    told = verdict(executed=EXECUTED[1:], after=AFTER | {"plain": BEFORE["plain"]})
    assert [violation.breach for violation in told.violations] == [Breach.LOST]


@pytest.mark.parametrize("twice", EXECUTED)
def test_a_command_carried_out_twice_is_found(twice: Executed) -> None:
    assert Breach.TWICE in breaches(verdict(executed=(*EXECUTED, twice)))


def test_a_skipped_occurrence_is_found() -> None:
    skipped = replace(AGAIN, uuid="8")
    after = AFTER | {"daily": Held(due="2026-11-24", daily=True)}
    assert breaches(verdict(executed=(*EXECUTED, skipped), after=after)) == {Breach.TWICE}


def test_a_series_that_was_ended_is_found() -> None:
    ended = replace(AGAIN, type="item_complete")
    after = AFTER | {"daily": Held(due="2026-11-22", daily=True, checked=True)}
    assert breaches(verdict(executed=(CLOSED, ADVANCED, ended, MOVED), after=after)) == {
        Breach.STRAY
    }


def test_a_move_to_another_day_than_clicked_is_found() -> None:
    elsewhere = replace(MOVED, due="2026-11-24T09:00:00")
    after = AFTER | {"moved": Held(due="2026-11-24T09:00:00")}
    assert breaches(verdict(executed=(*EXECUTED[:3], elsewhere), after=after)) == {Breach.STRAY}


def test_what_nobody_clicked_is_found() -> None:
    assert breaches(verdict(wishes=WISHES[1:])) == {Breach.STRAY}
    elsewhere = replace(CLOSED, task="another", uuid="9")
    assert breaches(verdict(executed=(*EXECUTED, elsewhere))) == {Breach.STRAY}


def test_a_task_that_was_changed_by_other_means_is_found() -> None:
    after = AFTER | {"plain": Held(due="2026-11-29", checked=True)}
    assert breaches(verdict(after=after)) == {Breach.STRAY}


def test_undone_clicks_leave_nothing_behind() -> None:
    told = verdict(wishes=WISHES + UNDOS, executed=EXECUTED + TAKEN_BACK, after=AFTER_UNDOS)
    assert told == Verdict(once=1, undone=3)


def test_undone_clicks_may_never_have_been_sent() -> None:
    told = verdict(wishes=WISHES + UNDOS, executed=(ADVANCED,), after=AFTER_UNDOS)
    assert told == Verdict(once=1, undone=3)


@pytest.mark.parametrize("number", range(3))
def test_an_undo_that_was_lost_is_found(number: int) -> None:
    kept = TAKEN_BACK[:number] + TAKEN_BACK[number + 1 :]
    told = verdict(wishes=WISHES + UNDOS, executed=EXECUTED + kept, after=AFTER_UNDOS)
    assert Breach.STRAY in breaches(told)


@pytest.mark.parametrize("number", range(3))
def test_an_undo_that_was_carried_out_twice_is_found(number: int) -> None:
    again = replace(TAKEN_BACK[number], uuid="10")
    executed = (*EXECUTED, *TAKEN_BACK, again)
    told = verdict(wishes=WISHES + UNDOS, executed=executed, after=AFTER_UNDOS)
    assert breaches(told)


def test_a_click_that_was_undone_and_clicked_again_stands() -> None:
    again = replace(CLOSED, uuid="11")
    executed = (*EXECUTED, TAKEN_BACK[0], again)
    assert verdict(wishes=(*WISHES, UNDOS[0], WISHES[0]), executed=executed) == Verdict(
        once=4, undone=1
    )


def test_a_click_without_an_answer_may_be_done_or_not() -> None:
    unanswered = (replace(WISHES[0], answer=Answer.NONE), *WISHES[1:])
    assert verdict(wishes=unanswered) == Verdict(once=3, unanswered_done=1)
    after = AFTER | {"plain": BEFORE["plain"]}
    told = verdict(wishes=unanswered, executed=EXECUTED[1:], after=after)
    assert told == Verdict(once=3, unanswered_not=1)


def test_an_undo_without_an_answer_may_be_done_or_not() -> None:
    wishes = (*WISHES, replace(UNDOS[0], answer=Answer.NONE))
    assert verdict(wishes=wishes) == Verdict(once=4)
    after = AFTER | {"plain": BEFORE["plain"]}
    told = verdict(wishes=wishes, executed=(*EXECUTED, TAKEN_BACK[0]), after=after)
    assert told == Verdict(once=3, undone=1)


def test_a_click_that_was_refused_must_not_be_done() -> None:
    refused = (replace(WISHES[0], answer=Answer.NO), *WISHES[1:])
    assert breaches(verdict(wishes=refused)) == {Breach.STRAY}


# New tasks

TEA = Wanted(title="Tea")
TAKEN = replace(TEA, undo=True)


@pytest.mark.parametrize(
    ("wanted", "there", "counts"),
    [
        ([TEA], ["Tea"], (1, 0, 0, 0)),
        ([TEA, TAKEN], [], (0, 1, 0, 0)),
        ([replace(TEA, answer=Answer.NO)], [], (0, 1, 0, 0)),
        ([replace(TEA, answer=Answer.NONE)], ["Tea"], (0, 0, 1, 0)),
        ([replace(TEA, answer=Answer.NONE)], [], (0, 0, 0, 1)),
        ([TEA, replace(TAKEN, answer=Answer.NONE)], ["Tea"], (0, 0, 1, 0)),
        ([TEA, replace(TAKEN, answer=Answer.NONE)], [], (0, 0, 0, 1)),
    ],
)
def test_new_tasks_that_are_as_they_were_asked_for(
    wanted: list[Wanted], there: list[str], counts: tuple[int, int, int, int]
) -> None:
    once, undone, done, not_done = counts
    assert judge_new(wanted, there) == Verdict(once, undone, done, not_done)


@pytest.mark.parametrize(
    ("wanted", "there", "breach"),
    [
        ([TEA], [], Breach.LOST),
        ([TEA], ["Tea", "Tea"], Breach.TWICE),
        ([TEA, TAKEN], ["Tea"], Breach.STRAY),
        ([replace(TEA, answer=Answer.NO)], ["Tea"], Breach.STRAY),
        ([], ["Tea"], Breach.STRAY),
    ],
)
def test_new_tasks_that_are_not(wanted: list[Wanted], there: list[str], breach: Breach) -> None:
    assert [each.breach for each in judge_new(wanted, there).violations] == [breach]
