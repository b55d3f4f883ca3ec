"""Which poll confirms a click, and which says nothing of it."""

from datetime import timedelta

import pytest
from msgspec import structs

from oo_desktop.errors import Unavailable
from oo_desktop.events import BusEvent, OutboxChanged
from oo_desktop.model.clicks import OutboxState, seen_after, shown_signals, standing_clicks
from oo_desktop.model.signals import ActionKind, Due, Task
from oo_desktop.model.source import Snapshot
from oo_desktop.testing import settle, task
from tests.signals.outbox.desk import NEXT_DAY, TONIGHT, Desk, movable

DONE, TOMORROW, NO_DATE = ActionKind.DONE, ActionKind.TOMORROW, ActionKind.NO_DATE
REOPEN, RESTORE = ActionKind.REOPEN, ActionKind.RESTORE

PLAIN, NEXT = task("1"), task("1", due=NEXT_DAY)
DAILY, NEXT_DAILY = task("1", recurring=True), task("1", recurring=True, due=NEXT_DAY)
MOVED = movable("1", due=NEXT_DAY)
DEADLINE = structs.replace(movable("1"), by_deadline=True)


def hides(desk: Desk, signal: Task) -> bool:
    clicks = standing_clicks(desk.outbox.items()).get(signal.key, ())
    return seen_after(clicks, signal) is None


CONFIRMS: dict[str, list[tuple[Task, ActionKind, Task | None, str, bool]]] = {
    "DONE": [
        (PLAIN, DONE, None, "is gone", True),
        (PLAIN, DONE, PLAIN, "is still there", False),
        (PLAIN, DONE, NEXT, "is there with another date", False),
    ],
    "DONE, recurring,": [
        (DAILY, DONE, None, "is gone", True),
        (DAILY, DONE, DAILY, "is still there", False),
        (DAILY, DONE, NEXT_DAILY, "is there with its next date", True),
    ],
    "a reschedule": [
        (movable("1"), TOMORROW, None, "is gone", True),
        (movable("1"), TOMORROW, movable("1"), "is still there", False),
        (movable("1"), TOMORROW, MOVED, "is there with another date", True),
        (movable("1"), NO_DATE, DEADLINE, "has lost its date to a deadline of that day", True),
    ],
    "REOPEN, recurring,": [
        (DAILY, REOPEN, NEXT_DAILY, "is there with its next date", False),
        (DAILY, REOPEN, DAILY, "is there with the date it had", True),
    ],
    "RESTORE": [
        (movable("1"), RESTORE, None, "is gone", False),
        (movable("1"), RESTORE, MOVED, "is there with the date it was moved to", False),
        (movable("1"), RESTORE, movable("1"), "is there with the date it had", True),
    ],
}
"""By what was asked: the signal, the click, what the list has, the same in words, and whether that
confirms it."""


@pytest.mark.parametrize(
    ("clicked", "kind", "listed", "confirmed"),
    [
        pytest.param(
            clicked,
            kind,
            listed,
            confirmed,
            id=f"{asked} of what {words}: {'over' if confirmed else 'waits'}",
        )
        for asked, rows in CONFIRMS.items()
        for clicked, kind, listed, words, confirmed in rows
    ],
)
async def test_a_poll_confirms(
    desk: Desk, clicked: Task, kind: ActionKind, listed: Task | None, confirmed: bool
) -> None:
    undone = {REOPEN: DONE, RESTORE: TOMORROW}.get(kind)
    due: Due | None = NEXT_DAY if TOMORROW in (kind, undone) else None
    desk.click(clicked, kind=undone or kind, due=due)
    await desk.passes(6)
    if undone:
        desk.outbox.undo()
        await settle()
    assert desk.row.kind is kind
    desk.poll(task("other"), *([listed] if listed else []))
    assert (desk.outbox.items() == ()) is confirmed


# Which polls may speak


async def test_a_poll_already_in_the_air_does_not_bring_a_done_task_back(desk: Desk) -> None:
    desk.click(DAILY)
    await desk.passes(4)
    began_before = desk.clock.now()
    await desk.passes(2)
    # Whatever the poll in the air says, it says nothing of the click.
    for listed in ((DAILY,), (), (NEXT,)):
        desk.poll(*listed, began=began_before)
        assert len(desk.outbox.items()) == 1
    assert hides(desk, DAILY)


async def test_a_click_that_was_not_sent_is_confirmed_by_nothing(desk: Desk) -> None:
    desk.click("1")
    desk.poll(began=desk.clock.now() + timedelta(hours=1))
    assert len(desk.outbox.items()) == 1


async def test_other_accounts_polls_confirm_nothing(desk: Desk) -> None:
    desk.click("1")
    await desk.passes(6)
    desk.outbox.confirm(desk.source.key("grace"), Snapshot(signals=()), desk.clock.now())
    assert len(desk.outbox.items()) == 1


async def test_a_wall_clock_set_back_does_not_keep_a_click_from_being_confirmed(
    desk: Desk,
) -> None:
    desk.click("1")
    await desk.passes(6)
    desk.clock.jump(-3 * 3600)
    desk.poll(PLAIN)
    assert len(desk.outbox.items()) == 1
    desk.poll()
    assert desk.outbox.items() == ()


# After two minutes


async def test_a_done_task_the_service_still_lists_after_two_minutes_is_shown_again(
    desk: Desk,
) -> None:
    desk.click("1")
    await desk.passes(106)
    desk.poll(PLAIN)
    assert hides(desk, PLAIN)
    await desk.passes(20)
    desk.poll(PLAIN)
    assert desk.row.unconfirmed
    assert not hides(desk, PLAIN)
    await desk.passes(600)
    assert len(desk.sent) == 1  # and never sent again by itself
    desk.poll()
    assert desk.outbox.items() == ()


async def test_what_is_found_unconfirmed_is_published(desk: Desk, events: list[BusEvent]) -> None:
    desk.click("1")
    await desk.passes(130)
    events.clear()
    stored = desk.stored
    for _ in range(2):  # once is enough
        desk.poll(PLAIN)
    assert events == [OutboxChanged(desk.source.key())]
    assert desk.stored == stored  # the next run finds it out by itself
    assert not hides(desk, PLAIN)


async def test_a_click_on_what_was_not_confirmed_asks_anew_and_settles_the_old_one(
    desk: Desk,
) -> None:
    first = desk.click("1")
    await desk.passes(130)
    desk.poll(PLAIN)
    second = desk.click("1")
    assert second.uuid != first.uuid
    assert desk.outbox.items() == desk.stored == (second,)
    await desk.passes(6)
    desk.poll()
    assert desk.outbox.items() == ()
    assert len(desk.sent) == 2


async def test_a_poll_is_asked_for_when_two_minutes_are_over_and_only_if_none_has_confirmed(
    desk: Desk,
) -> None:
    desk.click("1", "2")
    await desk.passes(6)
    desk.poll(PLAIN)
    desk.polls_wanted.clear()
    await desk.passes(119)
    assert desk.polls_wanted == []
    await desk.passes(3)
    assert desk.polls_wanted == [desk.source.key()]
    desk.poll()
    desk.click("3")
    await desk.passes(6)
    desk.poll()
    desk.polls_wanted.clear()
    await desk.passes(600)
    assert desk.polls_wanted == []


async def test_that_poll_is_asked_for_after_a_restart_too(desk: Desk) -> None:
    desk.click("1")
    await desk.passes(60)
    await desk.stop()
    desk.polls_wanted.clear()
    await desk.start()
    await desk.passes(70)
    assert desk.polls_wanted == [desk.source.key()]
    desk.poll(PLAIN)
    assert desk.row.unconfirmed


async def test_waiting_for_that_poll_does_not_end_a_backoff(desk: Desk) -> None:
    desk.click("1")
    await desk.passes(6)
    desk.source.act_failure = Unavailable("Slow down.", retry_after=900, limited=True)
    desk.click("2")
    await desk.passes(606)
    assert desk.sent == ["1", "2"]


# Several clicks on one signal


async def test_what_follows_an_undo_is_seen_at_once_though_the_list_is_older_than_both(
    desk: Desk,
) -> None:
    desk.put_off("1")
    await desk.passes(6)
    desk.poll(MOVED)
    desk.outbox.undo()
    await settle()
    desk.click(MOVED, kind=ActionKind.LATER_TODAY, due=TONIGHT)
    await desk.passes(6)
    assert {*desk.states.values()} == {OutboxState.SENT}
    account = desk.source.key()
    (seen,) = shown_signals({account: (MOVED,)}, desk.outbox.items())[account]
    assert isinstance(seen, Task)
    assert seen.due == TONIGHT
    # The poll that has the newer one has the older one, too.
    desk.poll(movable("1", due=TONIGHT))
    assert desk.outbox.items() == ()
