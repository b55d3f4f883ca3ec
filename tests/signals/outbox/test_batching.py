"""What goes out together, and how each of it is settled by itself."""

from itertools import chain

import pytest

from oo_desktop.errors import AuthRequired, Rejected, Unavailable
from oo_desktop.events import BusEvent, OutboxChanged
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import ActionKind
from oo_desktop.testing import ScriptedBatchSource, settle, task
from tests.signals.outbox.desk import NEXT_DAY, Desk

QUEUED, SENT, REJECTED = OutboxState.QUEUED, OutboxState.SENT, OutboxState.REJECTED


@pytest.fixture
def source() -> ScriptedBatchSource:
    return ScriptedBatchSource()


def numbers(count: int) -> list[str]:
    return [str(n) for n in range(count)]


def all_but(guilty: set[str], count: int) -> dict[str, OutboxState]:
    """How `count` rows end when the service rejects the guilty ones."""
    return {n: REJECTED if n in guilty else SENT for n in numbers(count)}


async def in_time(desk: Desk) -> None:
    """Whatever waits for seconds has happened, however many requests it takes."""
    for _ in range(5):
        await desk.passes(6)
        await settle(100)


async def test_what_waits_goes_out_in_one_request(desk: Desk, source: ScriptedBatchSource) -> None:
    desk.click("1", "2", "3")
    await desk.passes(6)
    assert source.batches == [["1", "2", "3"]]
    assert {*desk.states.values()} == {SENT}


async def test_a_batch_is_no_larger_than_the_service_takes(
    desk: Desk, source: ScriptedBatchSource
) -> None:
    desk.click(*numbers(250))
    await desk.passes(6)
    assert [len(batch) for batch in source.batches] == [100, 100, 50]
    assert [*chain(*source.batches)] == numbers(250)
    assert desk.polls_wanted == [source.key()]


async def test_what_is_still_held_is_not_sent_with_what_is_not(
    desk: Desk, source: ScriptedBatchSource
) -> None:
    desk.click("1", "2")
    await desk.passes(3)
    desk.click("3")
    await desk.passes(3)
    assert source.batches == [["1", "2"]]
    await desk.passes(3)
    assert source.batches == [["1", "2"], ["3"]]


async def test_no_signal_is_named_twice_in_a_batch(desk: Desk, source: ScriptedBatchSource) -> None:
    desk.click(task("1", recurring=True), "2", task("1", recurring=True, due=NEXT_DAY), "3")
    await desk.passes(6)
    assert source.batches == [["1", "2"], ["1", "3"]]


async def test_a_batch_costs_two_transactions_and_one_event(
    desk: Desk, events: list[BusEvent]
) -> None:
    ran: list[str] = []
    desk.click(*numbers(100))
    events.clear()
    desk.database._connection.set_trace_callback(ran.append)
    await desk.passes(6)
    assert ran.count("COMMIT") == 2  # that it may be done, and that it is
    assert events == [OutboxChanged(desk.source.key())]


async def test_days_offline_end_in_few_requests_and_in_order(
    desk: Desk, source: ScriptedBatchSource
) -> None:
    source.act_failure = Unavailable("You are offline.", reached=False)
    for n in numbers(300):
        desk.click(n)
        await desk.passes(10)
    source.act_failure = None
    source.batches.clear()
    desk.outbox.deliver_soon()
    await settle(100)
    assert [len(batch) for batch in source.batches] == [100, 100, 100]
    assert [*chain(*source.batches)] == numbers(300)
    assert {*desk.sent_kinds} == {ActionKind.DONE}


# Settled


async def test_each_of_a_batch_is_settled_by_itself(
    desk: Desk, source: ScriptedBatchSource
) -> None:
    source.answers = {"2": Rejected("No."), "3": Unavailable("Not now.")}
    source.silent = {"4"}
    desk.click("1", "2", "3", "4", "5")
    await desk.passes(6)
    assert desk.states == {"1": SENT, "2": REJECTED, "3": QUEUED, "4": QUEUED, "5": SENT}
    reasons = [item.reason for item in desk.outbox.items()]
    assert reasons[1:3] == ["No.", "Not now."]
    assert "did not say" in str(reasons[3])
    assert desk.may_be_done == {"1": True, "2": False, "3": True, "4": True, "5": True}
    source.answers, source.silent = {}, set()
    uuids = dict(zip(desk.sent, desk.sent_uuids, strict=True))
    source.acted.clear()
    await desk.passes(20)
    again = dict(zip(desk.sent, desk.sent_uuids, strict=True))
    assert again == {"3": uuids["3"], "4": uuids["4"]}


async def test_what_may_be_done_is_told_to_the_connector_only_of_earlier_attempts(
    desk: Desk,
) -> None:
    desk.source.act_failure = Unavailable("The answer was lost.")
    desk.click("1")
    await desk.passes(20)
    told = [action.may_be_done for _, action in desk.source.acted]
    assert told[:2] == [False, True]


async def test_a_retry_after_for_one_holds_all(desk: Desk, source: ScriptedBatchSource) -> None:
    source.answers = {"2": Unavailable("Slow down.", retry_after=600, limited=True)}
    desk.click("1", "2")
    await desk.passes(6)
    desk.click("3")
    await desk.passes(590)
    assert source.batches == [["1", "2"]]
    source.answers = {}
    await desk.passes(20)
    assert source.batches[1:] == [["2", "3"]]


# Rejected as a whole


@pytest.mark.parametrize(
    ("rows", "guilty", "sizes"),
    [
        pytest.param(
            8, {"5"}, [8, 4, 4, 2, 1, 2, 1, 1, 1], id="the sixth of eight: halves until it is alone"
        ),
        pytest.param(
            64,
            {"0"},
            [64, 32, 16, 8, 4, 2, 1, 1, 2, 4, 8, 16, 32],
            id="the first of 64: then batches grow again",
        ),
        pytest.param(
            16, {"4", "5"}, [16, 8, 4, 8, 4, 2, 1, 1, 10], id="two side by side: only those"
        ),
    ],
)
async def test_a_batch_rejected_for_the_sake_of(
    desk: Desk, source: ScriptedBatchSource, rows: int, guilty: set[str], sizes: list[int]
) -> None:
    source.guilty = guilty
    desk.click(*numbers(rows))
    await desk.passes(6)
    await settle(200)
    assert desk.states == all_but(guilty, rows)
    assert not any(desk.may_be_done[n] for n in guilty)
    assert [len(batch) for batch in source.batches] == sizes
    delivered = [batch for batch in source.batches if guilty.isdisjoint(batch)]
    assert sorted(chain(*delivered)) == sorted({*numbers(rows)} - guilty)


@pytest.mark.parametrize(
    ("status", "seconds_apart"),
    [
        pytest.param(400, 0, id="400, to 200 clicks at once"),
        pytest.param(403, 0, id="403, to 200 clicks at once"),
        pytest.param(404, 0, id="404, to 200 clicks at once"),
        pytest.param(410, 0, id="410, to 200 clicks at once"),
        pytest.param(403, 0.1, id="403, to 200 clicks one by one"),
    ],
)
async def test_an_account_that_rejects_everything_costs_few_requests(
    desk: Desk, source: ScriptedBatchSource, status: int, seconds_apart: float
) -> None:
    source.act_failure = Rejected("oO may only read this account.", status=status)
    for n in numbers(200):
        desk.click(n)
        if seconds_apart:
            await desk.passes(seconds_apart)
    await in_time(desk)
    assert {*desk.states.values()} == {REJECTED}
    assert {item.reason for item in desk.outbox.items()} == {"oO may only read this account."}
    assert not any(desk.may_be_done.values())
    assert len(source.batches) <= 12
    source.act_failure = None
    for item in desk.outbox.items():
        desk.outbox.retry(item.number)
    await in_time(desk)
    assert {*desk.states.values()} == {SENT}


async def test_what_one_account_rejected_of_late_is_not_held_against_the_next_clicks(
    desk: Desk, source: ScriptedBatchSource
) -> None:
    source.act_failure = Rejected("No.", status=400)
    desk.click("a", "b", "c")
    await in_time(desk)
    source.act_failure = None
    source.guilty = {"5"}
    desk.click(*numbers(8))
    await in_time(desk)
    assert desk.states == all_but({"5"}, 8) | dict.fromkeys("abc", REJECTED)


async def test_what_was_undone_while_its_batch_was_rejected_is_not_sent_again(
    desk: Desk, source: ScriptedBatchSource
) -> None:
    source.guilty = {"2"}
    source.act_gate.clear()
    desk.click("1", "2")
    await desk.passes(6)
    desk.outbox.undo(desk.outbox.items()[0].number)
    source.act_gate.set()
    await settle(100)
    assert desk.states == {"2": REJECTED}
    assert source.batches == [["1", "2"], ["2"]]


async def test_a_reconnect_required_for_a_batch_holds_all_of_it_as_never_sent(
    desk: Desk, source: ScriptedBatchSource
) -> None:
    source.act_failure = AuthRequired("Sign in again.")
    desk.click("1", "2")
    await desk.passes(600)
    assert len(source.batches) == 1
    assert desk.may_be_done == {"1": False, "2": False}
    reasons = {item.reason for item in desk.outbox.items()}
    assert reasons == {"Waits until you reconnect this account."}
    assert desk.accounts.to_reconnect == [(source.key(), "Sign in again.")]


async def test_a_disconnect_while_a_batch_is_in_the_air_forgets_all_of_it(desk: Desk) -> None:
    desk.source.act_gate.clear()
    desk.click("1", "2")
    await desk.passes(6)
    assert desk.outbox.forget_account(desk.source.key()) == 2
    desk.source.act_gate.set()
    await settle()
    assert desk.outbox.items() == ()


# A connector that breaks its contract


@pytest.mark.logs_warnings
async def test_a_bug_spoils_only_the_click_that_meets_it(desk: Desk) -> None:
    class Buggy(ScriptedBatchSource):
        async def act_all(self, user_id, asked):  # type: ignore[no-untyped-def]  # as below
            said = await super().act_all(user_id, asked)
            if "2" in self.batches[-1]:
                raise ZeroDivisionError
            return said

    buggy = Buggy()
    await desk.restart(sources={buggy.id: buggy})
    desk.click(*numbers(4))
    await desk.passes(6)
    await settle(100)
    assert desk.states == all_but({"2"}, 4)
    assert desk.may_be_done["2"] is True  # nobody knows


@pytest.mark.logs_warnings
async def test_an_answer_that_is_none_is_a_bug_of_the_connector(desk: Desk) -> None:
    class Odd(ScriptedBatchSource):
        async def act_all(self, user_id, asked):  # type: ignore[no-untyped-def]  # breaks it
            return {action.uuid: "done" for _, action in asked}

    odd = Odd()
    await desk.restart(sources={odd.id: odd})
    desk.click("1")
    await desk.passes(6)
    assert desk.states == {"1": REJECTED}
