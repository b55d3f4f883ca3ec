"""What goes out together, and how each of it is settled by itself."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from itertools import chain

import pytest
from sqlalchemy import event

from oo_desktop.errors import AuthRequired, Rejected, Unavailable
from oo_desktop.events import BusEvent, OutboxChanged
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import AccountKey, ActionKind, Day
from oo_desktop.model.source import BatchSource
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.store.database import Database
from oo_desktop.testing import (
    TODAY,
    FakeAccounts,
    FakeClock,
    ScriptedBatchSource,
    settle,
    task,
)

Build = Callable[..., Outbox]
Running = Callable[[Outbox], AbstractAsyncContextManager[None]]

NEXT_DAY = Day(TODAY.day + timedelta(days=1))
QUEUED, SENT, REJECTED = OutboxState.QUEUED, OutboxState.SENT, OutboxState.REJECTED


@pytest.fixture
def source() -> ScriptedBatchSource:
    return ScriptedBatchSource()


def states(outbox: Outbox) -> dict[str, OutboxState]:
    return {str(item.signal.id): item.state for item in outbox.items()}


def may_be_done(outbox: Outbox) -> dict[str, bool]:
    return {str(item.signal.id): item.may_be_done for item in outbox.items()}


def click(outbox: Outbox, *ids: str) -> None:
    for id_ in ids:
        outbox.click(task(id_))


async def in_time(clock: FakeClock) -> None:
    """Whatever waits for seconds has happened, however many requests it takes."""
    for _ in range(5):
        await clock.advance(6)
        await settle(100)


def test_the_scripted_source_takes_batches(source: ScriptedBatchSource) -> None:
    assert isinstance(source, BatchSource)


async def test_what_waits_goes_out_in_one_request(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, "1", "2", "3")
        await clock.advance(6)
    assert source.batches == [["1", "2", "3"]]
    assert set(states(outbox).values()) == {SENT}


async def test_a_batch_is_no_larger_than_the_service_takes(
    build_outbox: Build,
    running: Running,
    source: ScriptedBatchSource,
    clock: FakeClock,
    polls_wanted: list[AccountKey],
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, *map(str, range(250)))
        await clock.advance(6)
        assert [len(batch) for batch in source.batches] == [100, 100, 50]
        assert [*chain(*source.batches)] == [str(n) for n in range(250)]
    assert polls_wanted == [source.key()]


async def test_what_is_still_held_is_not_sent_with_what_is_not(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, "1", "2")
        await clock.advance(3)
        click(outbox, "3")
        await clock.advance(3)
        assert source.batches == [["1", "2"]]
        await clock.advance(3)
        assert source.batches == [["1", "2"], ["3"]]


async def test_no_signal_is_named_twice_in_a_batch(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1", recurring=True))
        click(outbox, "2")
        outbox.click(task("1", recurring=True, due=NEXT_DAY))
        click(outbox, "3")
        await clock.advance(6)
    assert source.batches == [["1", "2"], ["1", "3"]]


async def test_a_batch_costs_two_transactions_and_one_event(
    build_outbox: Build,
    running: Running,
    source: ScriptedBatchSource,
    database: Database,
    clock: FakeClock,
    events: list[BusEvent],
) -> None:
    commits: list[object] = []
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, *map(str, range(100)))
        events.clear()
        event.listen(database._engine, "commit", commits.append)
        await clock.advance(6)
    assert len(commits) == 2  # that it may be done, and that it is
    assert events == [OutboxChanged(source.key())]


async def test_each_of_a_batch_is_settled_by_itself(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    source.answers = {"2": Rejected("No."), "3": Unavailable("Not now.")}
    source.silent = {"4"}
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, "1", "2", "3", "4", "5")
        await clock.advance(6)
        assert states(outbox) == {"1": SENT, "2": REJECTED, "3": QUEUED, "4": QUEUED, "5": SENT}
        reasons = [item.reason for item in outbox.items()]
        assert reasons[1:3] == ["No.", "Not now."]
        assert "did not say" in str(reasons[3])
        assert may_be_done(outbox) == {"1": True, "2": False, "3": True, "4": True, "5": True}
        source.answers, source.silent = {}, set()
        first = {str(key.id): action.uuid for key, action in source.acted}
        source.acted.clear()
        await clock.advance(20)
        assert {str(key.id): action.uuid for key, action in source.acted} == {
            "3": first["3"],
            "4": first["4"],
        }


async def test_what_may_be_done_is_told_to_the_connector_only_of_earlier_attempts(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    source.act_failure = Unavailable("The answer was lost.")
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, "1")
        await clock.advance(20)
    told = [action.may_be_done for _, action in source.acted]
    assert told[:2] == [False, True]


async def test_a_retry_after_for_one_holds_all(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    source.answers = {"2": Unavailable("Slow down.", retry_after=600, limited=True)}
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, "1", "2")
        await clock.advance(6)
        click(outbox, "3")
        await clock.advance(590)
        assert source.batches == [["1", "2"]]
        source.answers = {}
        await clock.advance(20)
        assert source.batches[1:] == [["2", "3"]]


async def test_a_batch_refused_as_a_whole_is_halved_until_the_guilty_one_is_alone(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    source.guilty = {"5"}
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, *map(str, range(8)))
        await clock.advance(6)
        await settle(100)
        expected = {str(n): REJECTED if n == 5 else SENT for n in range(8)}
        assert states(outbox) == expected
        assert may_be_done(outbox)["5"] is False
    assert [len(batch) for batch in source.batches[:3]] == [8, 4, 4]
    assert len(source.batches) <= 10
    sent = [batch for batch in source.batches if "5" not in batch]
    assert sorted(chain(*sent)) == ["0", "1", "2", "3", "4", "6", "7"]


async def test_after_a_refusal_batches_grow_again(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    source.guilty = {"0"}
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, *map(str, range(64)))
        await clock.advance(6)
        await settle(200)
        assert set(states(outbox).values()) == {SENT, REJECTED}
    sizes = [len(batch) for batch in source.batches]
    assert sizes == [64, 32, 16, 8, 4, 2, 1, 1, 2, 4, 8, 16, 32]


async def test_what_was_undone_while_its_batch_was_refused_is_not_sent_again(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    source.guilty = {"2"}
    outbox = build_outbox()
    async with running(outbox):
        source.act_gate.clear()
        click(outbox, "1", "2")
        await clock.advance(6)
        outbox.undo(outbox.items()[0].number)
        source.act_gate.set()
        await settle(100)
        assert states(outbox) == {"2": REJECTED}
    assert source.batches == [["1", "2"], ["2"]]


@pytest.mark.parametrize("status", [400, 403, 404, 410])
async def test_a_refusal_of_the_whole_account_costs_few_requests_however_much_was_clicked(
    build_outbox: Build,
    running: Running,
    source: ScriptedBatchSource,
    clock: FakeClock,
    status: int,
) -> None:
    source.act_failure = Rejected("oO may only read this account.", status=status)
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, *map(str, range(200)))
        await in_time(clock)
        assert set(states(outbox).values()) == {REJECTED}
        assert {item.reason for item in outbox.items()} == {"oO may only read this account."}
        assert not any(may_be_done(outbox).values())
        assert len(source.batches) <= 12
        source.act_failure = None
        for item in outbox.items():
            outbox.retry(item.number)
        await in_time(clock)
        assert set(states(outbox).values()) == {SENT}


async def test_clicks_that_come_one_by_one_to_an_account_that_refuses_all_cost_few_requests(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    source.act_failure = Rejected("oO may only read this account.", status=403)
    outbox = build_outbox()
    async with running(outbox):
        for n in range(200):
            click(outbox, str(n))
            await clock.advance(0.1)
        await in_time(clock)
        assert set(states(outbox).values()) == {REJECTED}
    assert len(source.batches) <= 12


async def test_two_that_are_guilty_side_by_side_do_not_spoil_the_others(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    source.guilty = {"4", "5"}
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, *map(str, range(16)))
        await clock.advance(6)
        await settle(100)
        assert states(outbox) == {str(n): REJECTED if n in (4, 5) else SENT for n in range(16)}


async def test_what_one_account_refused_of_late_is_not_held_against_the_next_clicks(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    source.act_failure = Rejected("No.", status=400)
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, "a", "b", "c")
        await in_time(clock)
        source.act_failure = None
        source.guilty = {"5"}
        click(outbox, *map(str, range(8)))
        await in_time(clock)
        expected = {str(n): REJECTED if n == 5 else SENT for n in range(8)}
        assert states(outbox) == expected | dict.fromkeys("abc", REJECTED)


@pytest.mark.logs_warnings
async def test_a_bug_spoils_only_the_click_that_meets_it(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    class Buggy(ScriptedBatchSource):
        async def act_all(self, user_id, asked):  # type: ignore[no-untyped-def]  # as below
            said = await super().act_all(user_id, asked)
            if "2" in self.batches[-1]:
                raise ZeroDivisionError
            return said

    buggy = Buggy()
    outbox = build_outbox(sources={buggy.id: buggy})
    async with running(outbox):
        click(outbox, *map(str, range(4)))
        await clock.advance(6)
        await settle(100)
        assert states(outbox) == {"0": SENT, "1": SENT, "2": REJECTED, "3": SENT}
        assert may_be_done(outbox)["2"] is True  # nobody knows


@pytest.mark.logs_warnings
async def test_an_answer_that_is_none_is_a_bug_of_the_connector(
    build_outbox: Build, running: Running, clock: FakeClock
) -> None:
    class Odd(ScriptedBatchSource):
        async def act_all(self, user_id, asked):  # type: ignore[no-untyped-def]  # breaks it
            return {action.uuid: "done" for _, action in asked}

    odd = Odd()
    outbox = build_outbox(sources={odd.id: odd})
    async with running(outbox):
        click(outbox, "1")
        await clock.advance(6)
        assert states(outbox) == {"1": REJECTED}


async def test_a_token_refused_for_a_batch_holds_all_of_it_as_never_sent(
    build_outbox: Build,
    running: Running,
    source: ScriptedBatchSource,
    accounts: FakeAccounts,
    clock: FakeClock,
) -> None:
    source.act_failure = AuthRequired("Sign in again.")
    outbox = build_outbox()
    async with running(outbox):
        click(outbox, "1", "2")
        await clock.advance(600)
        assert len(source.batches) == 1
        assert may_be_done(outbox) == {"1": False, "2": False}
        assert {item.reason for item in outbox.items()} == {
            "Waits until you reconnect this account."
        }
        assert accounts.refused == [(source.key(), "Sign in again.")]


async def test_a_disconnect_while_a_batch_is_in_the_air_forgets_all_of_it(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_gate.clear()
        click(outbox, "1", "2")
        await clock.advance(6)
        assert outbox.forget_account(source.key()) == 2
        source.act_gate.set()
        await settle()
        assert outbox.items() == ()


async def test_days_offline_end_in_few_requests_and_in_order(
    build_outbox: Build, running: Running, source: ScriptedBatchSource, clock: FakeClock
) -> None:
    source.act_failure = Unavailable("You are offline.", reached=False)
    outbox = build_outbox()
    async with running(outbox):
        for n in range(300):
            click(outbox, str(n))
            await clock.advance(10)
        source.act_failure = None
        source.batches.clear()
        outbox.deliver_soon()
        await settle(100)
        assert [len(batch) for batch in source.batches] == [100, 100, 100]
        assert [*chain(*source.batches)] == [str(n) for n in range(300)]
    assert all(action.kind is ActionKind.DONE for _, action in source.acted)
