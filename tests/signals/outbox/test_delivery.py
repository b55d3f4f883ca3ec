"""How clicks reach a service that is away, refuses, or breaks."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from oo_desktop.errors import (
    AuthRequired,
    Rejected,
    Unavailable,
    VaultError,
)
from oo_desktop.events import EventBus, TokenExpired
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import AccountKey, Day
from oo_desktop.model.source import Snapshot
from oo_desktop.signals.outbox.outbox import Outbox
from oo_desktop.testing import TODAY, FakeAccounts, FakeClock, ScriptedSource, settle, task

Build = Callable[..., Outbox]
Running = Callable[[Outbox], AbstractAsyncContextManager[None]]

NEXT_DAY = Day(TODAY.day + timedelta(days=1))


def sent(source: ScriptedSource) -> list[str]:
    return [key.id for key, _ in source.acted]


# Order


async def test_clicks_of_one_account_go_out_in_their_order_one_at_a_time(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_gate.clear()
        for n in range(5):
            outbox.click(task(str(n)))
        await clock.advance(6)
        assert sent(source) == ["0"]
        source.act_gate.set()
        await settle(100)
        assert sent(source) == ["0", "1", "2", "3", "4"]


async def test_accounts_do_not_wait_for_each_other(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    accounts: FakeAccounts,
    clock: FakeClock,
) -> None:
    other = ScriptedSource("other")
    accounts.connected.append(other.key())
    source.act_gate.clear()
    outbox = build_outbox(sources={source.id: source, other.id: other})
    async with running(outbox):
        outbox.click(task("1"))
        outbox.click(task("2", source="other"))
        await clock.advance(6)
        assert sent(other) == ["2"]


async def test_a_row_of_clicks_is_followed_by_one_poll(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    polls_wanted: list[AccountKey],
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        for n in range(5):
            outbox.click(task(str(n)))
        await clock.advance(6)
        await settle(100)
    assert polls_wanted == [source.key()]


# Away


async def test_what_cannot_be_delivered_is_tried_again_with_the_same_uuid_until_it_can(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.act_failure = Unavailable("You are offline.")
    outbox = build_outbox()
    async with running(outbox):
        item = outbox.click(task("1"))
        await clock.advance(86_400)
        (row,) = outbox.items()
        assert (row.state, row.reason) == (OutboxState.QUEUED, "You are offline.")
        assert row.attempts == len(source.acted) > 100
        source.act_failure = None
        await clock.advance(300)
        assert outbox.items()[0].state is OutboxState.SENT
    assert {action.uuid for _, action in source.acted} == {item.uuid}


async def test_why_a_click_waits_survives_a_restart(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.act_failure = Unavailable("You are offline.")
    async with running(outbox := build_outbox()):
        outbox.click(task("1"))
        await clock.advance(6)
    again = build_outbox()
    again.load()
    assert again.items() == outbox.items()
    assert (again.items()[0].attempts, again.items()[0].reason) == (1, "You are offline.")


async def test_after_a_restart_a_click_goes_out_when_its_time_has_come(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    async with running(outbox := build_outbox()):
        outbox.click(task("1"))
        await clock.advance(2)
    assert source.acted == []  # nothing goes out after the end, though its time has come
    async with running(build_outbox()):
        await settle()
        assert sent(source) == ["1"]


async def test_a_clock_set_back_does_not_hold_a_click_for_hours(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        clock.jump(-3 * 3600)
        await clock.advance(6)
        assert sent(source) == ["1"]
        outbox.click(task("2"))
    clock.jump(-3 * 3600)
    async with running(build_outbox()):
        await clock.advance(6)
        assert sent(source) == ["1", "2"]


async def test_a_retry_after_is_kept_even_when_the_network_comes_back(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.act_failure = Unavailable("Too many requests.", retry_after=600, limited=True)
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
        outbox.deliver_soon()
        outbox.confirm(source.key(), Snapshot(signals=(task("1"),)), clock.now())
        await clock.advance(590)
        assert len(source.acted) == 1
        source.act_failure = None
        await clock.advance(10)
        assert len(source.acted) == 2


async def test_the_network_coming_back_ends_the_backoff(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.act_failure = Unavailable("You are offline.")
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(3600)
        source.act_failure = None
        source.acted.clear()
        outbox.deliver_soon()
        await settle()
        assert sent(source) == ["1"]


async def test_the_first_good_poll_after_trouble_sends_what_waits_at_once(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        outbox.confirm(source.key(), Snapshot(signals=(task("1"),)), clock.now())
        source.act_failure = Unavailable("Nothing answers.")
        outbox.click(task("1"))
        await clock.advance(3600)
        source.act_failure = None
        source.acted.clear()
        outbox.confirm(source.key(), Snapshot(signals=(task("1"),)), clock.now())
        await clock.advance(0)
        assert len(source.acted) == 1


async def test_a_good_poll_is_reason_to_try_again_but_not_to_hammer(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.act_failure = Unavailable("Writing is down.")
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(3600)
        source.acted.clear()
        for _ in range(60):
            outbox.confirm(source.key(), Snapshot(signals=(task("1"),)), clock.now())
            await clock.advance(1)
        assert 1 <= len(source.acted) <= 3


async def test_a_locked_keyring_holds_a_click_for_as_long_as_it_takes(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    accounts: FakeAccounts,
    clock: FakeClock,
) -> None:
    source.act_failure = VaultError("Unlock your keyring.")
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(10_800)
        assert outbox.items()[0].reason == "Unlock your keyring."
        assert accounts.refused == []
        source.act_failure = None
        await clock.advance(60)
        assert outbox.items()[0].state is OutboxState.SENT


async def test_a_refused_token_holds_the_clicks_until_the_reconnect(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    accounts: FakeAccounts,
    bus: EventBus,
    clock: FakeClock,
) -> None:
    source.act_failure = AuthRequired("Sign in again.")
    outbox = build_outbox()
    bus.subscribe(TokenExpired, lambda _: outbox.follow_accounts())
    async with running(outbox):
        first, second = outbox.click(task("1")), outbox.click(task("2"))
        await clock.advance(86_400)
        assert sent(source) == ["1"]
        assert accounts.refused == [(source.key(), "Sign in again.")]
        assert outbox.items()[0].reason == "Waits until you reconnect this account."
        assert outbox.pending(source.key()) == 2
        source.act_failure = None
        accounts.connected.append(source.key())
        outbox.follow_accounts()
        await settle(100)
        assert sent(source) == ["1", "1", "2"]
    assert [action.uuid for _, action in source.acted[1:]] == [first.uuid, second.uuid]


async def test_an_attempt_in_the_air_with_the_old_token_is_repeated_with_the_new_one(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    accounts: FakeAccounts,
    clock: FakeClock,
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_gate.clear()
        outbox.click(task("1"))
        await clock.advance(6)
        outbox.restart(source.key())
        source.act_gate.set()
        await settle()
        assert len({action.uuid for _, action in source.acted}) == 1
        assert outbox.items()[0].state is OutboxState.SENT


async def test_a_service_that_never_answers_is_given_up_and_asked_again(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        source.act_gate.clear()
        outbox.click(task("1"))
        await clock.advance(36)
        assert outbox.items()[0].reason == "The service took too long to answer."
        source.act_gate.set()
        await clock.advance(11)
        assert outbox.items()[0].state is OutboxState.SENT


async def test_a_rejection_is_followed_by_a_poll_that_shows_what_is_true(
    build_outbox: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    polls_wanted: list[AccountKey],
) -> None:
    source.act_failure = Rejected("No.")
    outbox = build_outbox()
    async with running(outbox):
        outbox.click(task("1"))
        await clock.advance(6)
    assert polls_wanted == [source.key()]


async def test_while_nothing_waits_there_is_no_timer(
    build_outbox: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    outbox = build_outbox()
    async with running(outbox):
        assert clock._sleepers == []
        outbox.click(task("1"))
        await settle()
        assert len(clock._sleepers) == 1
        await clock.advance(6)
        assert len(clock._sleepers) == 1  # for the poll that decides if none confirms before
        outbox.confirm(source.key(), Snapshot(signals=()), clock.now())
        await settle()
        assert clock._sleepers == []
