"""How clicks reach a service that is away, says no, or breaks; and while something of ours does."""

import logging

import pytest

from oo_desktop.errors import AuthRequired, Rejected, StoreError, Unavailable, VaultError
from oo_desktop.events import EventBus, TokenExpired
from oo_desktop.model.clicks import OutboxState
from oo_desktop.testing import ScriptedSource, settle, task
from tests.signals.outbox.desk import Desk

OFFLINE = Unavailable("You are offline.")
LOCKED = VaultError("Unlock your keyring.")
EXPIRED = AuthRequired("Sign in again.")
FULL = StoreError("The disk is full.")


# Order


async def test_clicks_of_one_account_go_out_in_their_order_one_at_a_time(desk: Desk) -> None:
    desk.source.act_gate.clear()
    desk.click(*"01234")
    await desk.passes(6)
    assert desk.sent == ["0"]
    desk.source.act_gate.set()
    await settle(100)
    assert desk.sent == ["0", "1", "2", "3", "4"]


async def test_accounts_do_not_wait_for_each_other(desk: Desk) -> None:
    other = ScriptedSource("other")
    desk.accounts.connected.append(other.key())
    desk.source.act_gate.clear()
    await desk.restart(sources={desk.source.id: desk.source, other.id: other})
    desk.click("1", task("2", source="other"))
    await desk.passes(6)
    assert [key.id for key, _ in other.acted] == ["2"]


async def test_a_row_of_clicks_is_followed_by_one_poll(desk: Desk) -> None:
    desk.click(*"01234")
    await desk.passes(6)
    await settle(100)
    assert desk.polls_wanted == [desk.source.key()]


# Away


@pytest.mark.parametrize(
    ("failure", "seconds", "reason", "attempts", "mends_within"),
    [
        pytest.param(OFFLINE, 86_400, "You are offline.", 101, 300, id="a day offline"),
        pytest.param(FULL, 10_800, "The disk is full.", 20, 300, id="a disk that is full"),
        pytest.param(LOCKED, 10_800, "Unlock your keyring.", 101, 60, id="a locked keyring"),
        pytest.param(
            None, 36, "The service took too long to answer.", 1, 11, id="an answer that never comes"
        ),
    ],
)
async def test_a_click_is_held_with_its_reason_and_uuid_for_as_long_as_it_takes_by(
    desk: Desk,
    failure: Exception | None,
    seconds: float,
    reason: str,
    attempts: int,
    mends_within: float,
) -> None:
    desk.source.act_failure = failure
    if failure is None:
        desk.source.act_gate.clear()
    item = desk.click("1")
    await desk.passes(seconds)
    row = desk.row
    assert (row.state, row.reason) == (OutboxState.QUEUED, reason)
    assert row.attempts == len(desk.sent) >= attempts
    assert desk.accounts.to_reconnect == []
    desk.source.act_failure = None
    desk.source.act_gate.set()
    await desk.passes(mends_within)
    assert desk.row.state is OutboxState.SENT
    assert {*desk.sent_uuids} == {item.uuid}


async def test_why_a_click_waits_survives_a_restart(desk: Desk) -> None:
    desk.source.act_failure = OFFLINE
    desk.click("1")
    await desk.passes(6)
    assert (desk.row.attempts, desk.row.reason) == (1, "You are offline.")
    assert desk.stored == desk.outbox.items()


async def test_after_a_restart_a_click_goes_out_when_its_time_has_come(desk: Desk) -> None:
    desk.click("1")
    await desk.passes(2)
    await desk.stop()
    assert desk.sent == []  # nothing goes out after the end, though its time has come
    await desk.start()
    assert desk.sent == ["1"]


async def test_a_clock_set_back_does_not_hold_a_click_for_hours(desk: Desk) -> None:
    desk.click("1")
    desk.clock.jump(-3 * 3600)
    await desk.passes(6)
    assert desk.sent == ["1"]
    desk.click("2")
    await desk.stop()
    desk.clock.jump(-3 * 3600)
    await desk.start()
    await desk.passes(6)
    assert desk.sent == ["1", "2"]


async def test_a_retry_after_is_kept_even_when_the_network_comes_back(desk: Desk) -> None:
    desk.source.act_failure = Unavailable("Too many requests.", retry_after=600, limited=True)
    desk.click("1")
    await desk.passes(6)
    desk.outbox.deliver_soon()
    desk.poll(task("1"))
    await desk.passes(590)
    assert len(desk.sent) == 1
    desk.source.act_failure = None
    await desk.passes(10)
    assert len(desk.sent) == 2


@pytest.mark.parametrize("what", ["the network coming back", "the first good poll after trouble"])
async def test_a_backoff_ends_at_once_with(desk: Desk, what: str) -> None:
    desk.poll(task("1"))  # one before the trouble says nothing
    desk.source.act_failure = OFFLINE
    desk.click("1")
    await desk.passes(3600)
    desk.source.act_failure = None
    desk.source.acted.clear()
    if what == "the network coming back":
        desk.outbox.deliver_soon()
    else:
        desk.poll(task("1"))
    await desk.passes(0)
    assert desk.sent == ["1"]


async def test_a_good_poll_is_reason_to_try_again_but_not_to_hammer(desk: Desk) -> None:
    desk.source.act_failure = Unavailable("Writing is down.")
    desk.click("1")
    await desk.passes(3600)
    desk.source.acted.clear()
    for _ in range(60):
        desk.poll(task("1"))
        await desk.passes(1)
    assert 1 <= len(desk.sent) <= 3


async def test_what_requires_a_reconnect_holds_the_clicks_until_then(
    desk: Desk, bus: EventBus
) -> None:
    bus.subscribe(TokenExpired, lambda _: desk.outbox.follow_accounts())
    desk.source.act_failure = EXPIRED
    first, second = desk.click("1"), desk.click("2")
    await desk.passes(86_400)
    assert desk.sent == ["1"]
    assert desk.accounts.to_reconnect == [(desk.source.key(), "Sign in again.")]
    assert desk.outbox.items()[0].reason == "Waits until you reconnect this account."
    assert desk.outbox.pending(desk.source.key()) == 2
    desk.source.act_failure = None
    desk.accounts.connected.append(desk.source.key())
    desk.outbox.follow_accounts()
    await settle(100)
    assert desk.sent == ["1", "1", "2"]
    assert desk.sent_uuids[1:] == [first.uuid, second.uuid]


async def test_an_attempt_in_the_air_with_the_old_token_is_repeated_with_the_new_one(
    desk: Desk,
) -> None:
    desk.source.act_gate.clear()
    desk.click("1")
    await desk.passes(6)
    desk.outbox.restart(desk.source.key())
    desk.source.act_gate.set()
    await settle()
    assert len({*desk.sent_uuids}) == 1
    assert desk.row.state is OutboxState.SENT


async def test_a_rejection_is_followed_by_a_poll_that_shows_what_is_true(desk: Desk) -> None:
    desk.source.act_failure = Rejected("No.")
    desk.click("1")
    await desk.passes(6)
    assert desk.polls_wanted == [desk.source.key()]


async def test_while_nothing_waits_there_is_no_timer(desk: Desk) -> None:
    assert desk.clock._sleepers == []
    desk.click("1")
    await settle()
    assert len(desk.clock._sleepers) == 1
    await desk.passes(6)
    assert len(desk.clock._sleepers) == 1  # for the poll that decides if none confirms before
    desk.poll()
    await settle()
    assert desk.clock._sleepers == []


# While something of ours is broken: a connector, the database, the accounts


async def test_that_a_reconnect_is_required_is_met_again_where_it_could_not_be_stored(
    desk: Desk,
) -> None:
    desk.source.act_failure = EXPIRED
    desk.accounts.failure = FULL
    desk.click("1")
    await desk.passes(6)
    desk.accounts.failure = None
    await desk.passes(20)
    assert desk.accounts.to_reconnect == [(desk.source.key(), "Sign in again.")]


@pytest.mark.logs_warnings
async def test_a_bug_of_a_connector_neither_loses_the_click_nor_hammers(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.source.act_failure = ZeroDivisionError("SECRET")
    item = desk.click("1")
    await desk.passes(86_400)
    assert len(desk.sent) == 1
    row = desk.row
    assert row.state is OutboxState.REJECTED
    assert "ZeroDivisionError" in str(row.reason)
    assert "SECRET" not in caplog.text + repr(row)
    assert [r.levelno for r in caplog.records] == [logging.ERROR]
    desk.source.act_failure = None
    desk.outbox.retry(item.number)
    await settle()
    assert desk.sent_uuids == [item.uuid] * 2


@pytest.mark.logs_warnings
async def test_nothing_is_sent_that_could_not_be_written_down_first(desk: Desk) -> None:
    desk.click("1")
    desk.make_read_only(True)
    await desk.passes(60)
    assert desk.sent == []
    assert "written" in str(desk.row.reason)
    desk.make_read_only(False)
    await desk.passes(600)
    assert desk.sent == ["1"]


@pytest.mark.logs_warnings
async def test_what_a_service_has_done_is_true_even_if_it_cannot_be_stored(desk: Desk) -> None:
    desk.source.act_gate.clear()
    desk.click("1")
    await desk.passes(6)
    desk.make_read_only(True)
    desk.source.act_gate.set()
    await desk.passes(600)
    assert len(desk.sent) == 1
    assert desk.row.state is OutboxState.SENT
    desk.poll()
    assert desk.outbox.items() == ()
    desk.make_read_only(False)
    # What the store knows of it is older: it goes out again, with the same uuid.
    await desk.restart()
    assert len({*desk.sent_uuids}) == 1


@pytest.mark.logs_warnings
async def test_while_the_accounts_cannot_be_read_delivery_goes_on(desk: Desk) -> None:
    desk.accounts.failure = StoreError("The disk failed.")
    desk.outbox.follow_accounts()
    desk.click("1")
    await desk.passes(6)
    assert desk.sent == ["1"]
