"""When accounts are polled: by themselves, on request, and as they come and go."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from oo_desktop.errors import (
    AuthRequired,
    Rejected,
    StoreError,
    Unavailable,
    VaultError,
)
from oo_desktop.events import (
    BusEvent,
    EventBus,
    TokenExpired,
)
from oo_desktop.model.signals import AccountKey
from oo_desktop.model.state import Connection
from oo_desktop.signals.aggregator import SignalAggregator
from oo_desktop.testing import FakeAccounts, FakeClock, ScriptedSource, settle, task

Build = Callable[..., SignalAggregator]
Running = Callable[[SignalAggregator], AbstractAsyncContextManager[None]]


def shown(aggregator: SignalAggregator, key: AccountKey) -> list[str]:
    return [signal.id for signal in aggregator.signals().get(key, ())]


# Pace


async def test_a_service_that_is_away_is_asked_less_and_less(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.failure = Unavailable("off")
    async with running(build()):
        await clock.advance(86_400)
    assert 96 <= len(source.fetched) <= 300


@pytest.mark.logs_warnings
@pytest.mark.parametrize("failure", [Rejected("It is switched off."), ValueError("a fault")])
async def test_a_service_with_a_pace_of_its_own_is_asked_no_more_often_for_refusing(
    build: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    failure: Exception,
) -> None:
    source.failure = failure
    paces = {source.id: lambda _snapshot, _now: 1000.0}
    async with running(build(paces=paces)):
        await clock.advance(86_400)
    assert 80 <= len(source.fetched) <= 100


async def test_a_retry_after_holds_even_a_manual_refresh(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.failure = Unavailable("Too many requests.", retry_after=600, limited=True)
    aggregator = build()
    async with running(aggregator):
        await asyncio.wait_for(aggregator.refresh(), 1)
        aggregator.poll_soon()
        await clock.advance(590)
        assert len(source.fetched) == 1
        next_poll = aggregator.health(source.key()).next_poll
        assert next_poll is not None
        assert next_poll - clock.now() >= timedelta(seconds=9)
        await clock.advance(90)
        assert len(source.fetched) == 2


async def test_a_refresh_that_meets_a_429_does_not_wait_for_it_to_end(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        source.gate.clear()
        first = asyncio.ensure_future(aggregator.refresh())
        await settle()
        second = asyncio.ensure_future(aggregator.refresh())
        source.failure = Unavailable("Too many requests.", retry_after=600, limited=True)
        await settle()
        source.gate.set()
        await settle()
        assert first.done()
        assert second.done()


async def test_a_locked_keyring_is_tried_for_as_long_as_it_takes(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts, clock: FakeClock
) -> None:
    source.failure = VaultError("Unlock your keyring.")
    aggregator = build()
    async with running(aggregator):
        await clock.advance(86_400)
        assert len(source.fetched) > 1000
        assert accounts.to_reconnect == []
        source.failure = None
        await clock.advance(60)
        assert aggregator.health(source.key()).connection is Connection.OK


async def test_a_hundred_polls_with_a_refused_token_ask_for_one_reconnect(
    build: Build,
    running: Running,
    source: ScriptedSource,
    accounts: FakeAccounts,
    bus: EventBus,
    clock: FakeClock,
    events: list[BusEvent],
) -> None:
    source.holds([task("1")])
    aggregator = build()
    bus.subscribe(TokenExpired, lambda _: aggregator.follow_accounts())
    async with running(aggregator):
        source.failure = AuthRequired("Todoist asks you to sign in again.")
        await clock.advance(100 * 120)
        await asyncio.wait_for(aggregator.refresh(), 1)
        aggregator.poll_soon()
        await clock.advance(100)
        assert len(source.fetched) == 2
        assert accounts.to_reconnect == [(source.key(), "Todoist asks you to sign in again.")]
        assert events.count(TokenExpired(source.key())) == 1
        health = aggregator.health(source.key())
        assert (health.connection, health.next_poll) == (Connection.NEEDS_RECONNECT, None)
        assert shown(aggregator, source.key()) == ["1"]


async def test_a_refused_account_stops_even_if_nobody_listens(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts, clock: FakeClock
) -> None:
    source.failure = AuthRequired("Sign in again.")
    async with running(build()):
        await clock.advance(3600)
    assert len(source.fetched) == 1
    assert len(accounts.to_reconnect) == 1


async def test_after_a_reconnect_the_account_is_polled_at_once(
    build: Build,
    running: Running,
    source: ScriptedSource,
    accounts: FakeAccounts,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    aggregator = build()
    async with running(aggregator):
        source.failure = AuthRequired("Sign in again.")
        await clock.advance(140)
        source.failure = None
        source.holds([task("1")])
        accounts.connected.append(source.key())
        aggregator.restart(source.key())
        await settle()
        assert shown(aggregator, source.key()) == ["1"]
        assert aggregator.health(source.key()).connection is Connection.OK
    assert "recovered" in caplog.text


async def test_a_refusal_that_cannot_be_stored_is_tried_again(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        source.failure = AuthRequired("Sign in again.")
        accounts.failure = StoreError("The disk is full.")
        await clock.advance(140)
        assert aggregator.health(source.key()).connection is Connection.FAILING
        accounts.failure = None
        await clock.advance(140)
        assert aggregator.health(source.key()).connection is Connection.NEEDS_RECONNECT


async def test_a_poll_in_the_air_with_the_old_token_cannot_refuse_the_new_one(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        source.gate.clear()
        source.failure = AuthRequired("Sign in again.")
        await clock.advance(140)
        aggregator.restart(source.key())
        source.failure = None
        source.gate.set()
        await settle()
        assert accounts.to_reconnect == []
        assert aggregator.health(source.key()).connection is Connection.OK


# Refresh


async def test_a_refresh_waits_for_the_poll_in_the_air_and_for_one_more(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.gate.clear()
    aggregator = build()
    async with running(aggregator):
        source.holds([task("new")])
        refreshing = [asyncio.ensure_future(aggregator.refresh()) for _ in range(5)]
        await settle()
        assert not any(each.done() for each in refreshing)
        source.gate.set()
        await asyncio.gather(*refreshing)
        assert len(source.fetched) == 2
        assert shown(aggregator, source.key()) == ["new"]


async def test_a_refresh_of_one_account_leaves_the_others_alone(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts, clock: FakeClock
) -> None:
    accounts.connected.append(source.key("grace"))
    aggregator = build()
    async with running(aggregator):
        source.fetched.clear()
        await aggregator.refresh(source.key("grace"))
        assert source.fetched == ["grace"]


async def test_a_refresh_that_is_given_up_does_not_end_the_others(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        source.gate.clear()
        first, second = (asyncio.ensure_future(aggregator.refresh()) for _ in range(2))
        await settle()
        first.cancel()
        source.gate.set()
        await second


async def test_a_refresh_without_accounts_returns(
    build: Build, running: Running, accounts: FakeAccounts, clock: FakeClock
) -> None:
    accounts.connected.clear()
    aggregator = build()
    async with running(aggregator):
        await asyncio.wait_for(aggregator.refresh(), 1)


async def test_who_waits_for_a_refresh_is_let_go_when_oo_stops(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        source.gate.clear()
        refreshing = [asyncio.ensure_future(aggregator.refresh()) for _ in range(2)]
        await settle()
        refreshing.append(asyncio.ensure_future(aggregator.refresh()))
        await settle()
    await asyncio.wait_for(asyncio.gather(*refreshing), 1)


async def test_poll_soon_during_a_poll_makes_one_more_follow(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.gate.clear()
    aggregator = build()
    async with running(aggregator):
        for _ in range(10):
            aggregator.poll_soon(source.key())
        source.gate.set()
        await settle()
        assert len(source.fetched) == 2


async def test_after_a_suspend_the_list_is_new_within_minutes(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    async with running(build(interval=3600)):
        await clock.advance(60)
        clock.jump(8 * 3600)  # the wall clock alone: Linux stops the other one
        await clock.advance(150)
        assert len(source.fetched) == 2


# Accounts that come and go


async def test_an_account_that_comes_is_polled_and_one_that_goes_is_not(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        accounts.connected = [source.key("grace")]
        source.fetched.clear()
        aggregator.follow_accounts()
        await clock.advance(600)
        assert set(source.fetched) == {"grace"}


async def test_following_the_same_accounts_again_polls_nobody(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        for _ in range(10):
            aggregator.follow_accounts()
        await settle()
        assert len(source.fetched) == 1


@pytest.mark.logs_warnings
async def test_while_the_accounts_cannot_be_read_polling_goes_on(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        accounts.failure = StoreError("The disk failed.")
        aggregator.follow_accounts()
        await clock.advance(140)
        assert len(source.fetched) == 2


async def test_a_poll_in_the_air_does_not_bring_a_disconnected_account_back(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts, clock: FakeClock
) -> None:
    source.holds([task("1")])
    aggregator = build()
    async with running(aggregator):
        source.gate.clear()
        await clock.advance(140)
        accounts.connected.clear()
        aggregator.forget(source.key())
        aggregator.follow_accounts()
        source.gate.set()
        await settle()
        assert source.key() not in aggregator.signals()
        assert aggregator.health(source.key()).connection is Connection.UNKNOWN


async def test_an_account_of_an_unknown_provider_is_left_alone(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts, clock: FakeClock
) -> None:
    accounts.connected.append(ScriptedSource("from a newer oO").key())
    async with running(build()):
        assert source.fetched == ["ada"]


async def test_stopping_is_not_held_by_a_source_that_ignores_it(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.stubborn = True
    source.gate.clear()
    async with running(build()):
        pass
    source.gate.set()
    await settle()


async def test_nothing_is_polled_before_the_start_or_after_the_end(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    aggregator = build()
    aggregator.follow_accounts()
    await settle()
    assert source.fetched == []
    async with running(aggregator):
        pass
    aggregator.follow_accounts()
    await clock.advance(600)
    assert len(source.fetched) == 1


async def test_a_bug_of_ours_reaches_whoever_watches_the_loop(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    reports: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: reports.append(context))
    async with running(build(on_polled=broken)):
        pass
    assert [type(report["exception"]) for report in reports] == [ZeroDivisionError]


async def test_the_file_holds_only_what_is_shown(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock, tmp_path: Path
) -> None:
    source.holds([task("1"), task("2")])
    async with running(build()):
        source.holds([task("2")])
        await clock.advance(140)
    with sqlite3.connect(tmp_path / "oo.db") as connection:
        rows = connection.execute("SELECT id FROM signals").fetchall()
    connection.close()
    assert rows == [("2",)]
