"""Which signals a waiting click hides, and which an undo brings back."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from oo_desktop.signals.model import ActionKind, AnySignal, Day
from oo_desktop.signals.state import OutboxItem, OutboxState, shown_signals
from oo_desktop.testing import TODAY, task

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NEXT_DAY = Day(TODAY.day + timedelta(days=1))
DONE, REOPEN = ActionKind.DONE, ActionKind.REOPEN


def click(
    number: int,
    signal: AnySignal,
    kind: ActionKind = DONE,
    state: OutboxState = OutboxState.QUEUED,
) -> OutboxItem:
    return OutboxItem(
        number=number,
        kind=kind,
        uuid=str(number),
        signal=signal,
        state=state,
        clicked_at=NOW,
        send_at=NOW,
    )


def shown(listed: Sequence[AnySignal], *clicks: OutboxItem) -> list[AnySignal]:
    account = task("1").account
    return list(shown_signals({account: tuple(listed)}, clicks)[account])


@pytest.mark.parametrize("state", [OutboxState.QUEUED, OutboxState.SENT])
def test_what_was_marked_done_is_not_shown(state: OutboxState) -> None:
    assert shown([task("1"), task("2")], click(1, task("1"), state=state)) == [task("2")]


def test_what_was_refused_is_back() -> None:
    refused = click(1, task("1"), state=OutboxState.REFUSED)
    assert shown([task("1")], refused) == [task("1")]


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


def test_an_undo_that_was_refused_brings_nothing_back() -> None:
    clicks = [
        click(1, task("1"), state=OutboxState.SENT),
        click(2, task("1"), REOPEN, OutboxState.REFUSED),
    ]
    assert shown([task("1")], *clicks) == []


def test_done_undone_and_done_again_is_done() -> None:
    clicks = [click(3, task("1")), click(1, task("1")), click(2, task("1"), REOPEN)]
    assert shown([task("1")], *clicks) == []


def test_another_accounts_click_hides_and_adds_nothing() -> None:
    others = task("1", user_id="grace")
    assert shown([task("1")], click(1, others)) == [task("1")]
    assert shown([], click(2, others, REOPEN)) == []
