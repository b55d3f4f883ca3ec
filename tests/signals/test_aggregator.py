"""The signals of all accounts, asked in parallel, each failure for itself."""

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from oo_desktop.errors import (
    Rejected,
    StoreError,
    Unavailable,
    VaultError,
)
from oo_desktop.events import (
    BusEvent,
    EventBus,
    IntegrationsChanged,
    SignalsChanged,
)
from oo_desktop.model.signals import AccountKey, UserId
from oo_desktop.model.source import Snapshot
from oo_desktop.model.state import Connection
from oo_desktop.signals.aggregator import SignalAggregator
from oo_desktop.signals.turns import AT_ONCE, LONG
from oo_desktop.store.database import Database
from oo_desktop.store.snapshots import SnapshotStore
from oo_desktop.testing import FakeAccounts, FakeClock, ScriptedSource, settle, task

Build = Callable[..., SignalAggregator]
Running = Callable[[SignalAggregator], AbstractAsyncContextManager[None]]


def shown(aggregator: SignalAggregator, key: AccountKey) -> list[str]:
    return [signal.id for signal in aggregator.signals().get(key, ())]


# Reading


async def test_at_the_start_every_account_is_polled(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts, clock: FakeClock
) -> None:
    other = ScriptedSource("other")
    accounts.connected += [source.key("grace"), other.key()]
    source.holds([task("1")])
    source.holds([task("2", user_id="grace")], user_id="grace")
    other.holds([task("3", source="other")])
    aggregator = build(sources={source.id: source, other.id: other})
    async with running(aggregator):
        assert shown(aggregator, source.key()) == ["1"]
        assert shown(aggregator, source.key("grace")) == ["2"]
        assert shown(aggregator, other.key()) == ["3"]


async def test_many_accounts_are_polled_at_once(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts
) -> None:
    accounts.connected[:] = [source.key(str(number)) for number in range(2 * AT_ONCE)]
    source.gate.clear()
    async with running(build()):
        assert len(source.fetched) == 2 * AT_ONCE


async def test_accounts_of_long_lists_are_polled_a_few_at_a_time(
    build: Build,
    running: Running,
    source: ScriptedSource,
    accounts: FakeAccounts,
    database: Database,
    clock: FakeClock,
) -> None:
    long_ones = [source.key(str(number)) for number in range(AT_ONCE + 3)]
    accounts.connected[:] = [*long_ones, source.key("short")]
    snapshot = Snapshot(signals=tuple(task(str(number)) for number in range(LONG)))
    for key in long_ones:
        await SnapshotStore(database).replace(key, snapshot, fetched_at=clock.now())
    source.gate.clear()
    async with running(build()):
        assert set(source.fetched) == {"short", *map(str, range(AT_ONCE))}
        source.gate.set()
        await settle()
        assert len(source.fetched) == len(long_ones) + 1


async def test_what_was_cached_is_shown_before_anything_is_asked(
    build: Build, source: ScriptedSource, database: Database, clock: FakeClock
) -> None:
    before = clock.now() - timedelta(hours=3)
    snapshot = Snapshot(signals=(task("old"),), zone="Asia/Tokyo")
    await SnapshotStore(database).replace(source.key(), snapshot, fetched_at=before)
    aggregator = build()
    aggregator.load()
    assert shown(aggregator, source.key()) == ["old"]
    health = aggregator.health(source.key())
    assert health.connection is Connection.UNKNOWN
    assert (health.last_success, health.zone) == (before, "Asia/Tokyo")
    assert source.fetched == []


async def test_a_poll_is_kept_for_the_next_start(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.holds([task("1"), task("2")])
    source.zone = "Europe/Berlin"
    async with running(build()):
        pass
    again = build()
    again.load()
    assert shown(again, source.key()) == ["1", "2"]
    assert again.health(source.key()).zone == "Europe/Berlin"


async def test_an_account_is_polled_again_and_again(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    async with running(build()):
        await clock.advance(3600)
    assert 28 <= len(source.fetched) <= 34


async def test_the_same_list_again_is_no_change(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock, events: list[BusEvent]
) -> None:
    source.holds([task("1")])
    async with running(build()):
        await clock.advance(3600)
        assert events.count(SignalsChanged(source.key())) == 1
        source.holds([task("1"), task("2")])
        await clock.advance(140)
        assert events.count(SignalsChanged(source.key())) == 2


async def test_a_poll_that_finds_nothing_new_draws_nothing_anew(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock, events: list[BusEvent]
) -> None:
    source.holds([task("1")])
    aggregator = build()
    async with running(aggregator):
        assert set(events) == {SignalsChanged(source.key()), IntegrationsChanged()}
        events.clear()
        await clock.advance(3600)
        assert events == []
        polled_at = aggregator.health(source.key()).last_success
        assert polled_at is not None
        assert clock.now() - polled_at < timedelta(seconds=140)
        source.zone = "Asia/Tokyo"
        await clock.advance(140)
        assert set(events) == {IntegrationsChanged()}


async def test_a_poll_tells_of_a_problem_with_the_database_once_and_that_it_is_over(
    build: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    events: list[BusEvent],
    database: Database,
) -> None:
    source.holds([task("1")])
    async with running(build()):
        database.problem = "The disk was full when something was clicked."
        events.clear()
        await clock.advance(140)
        assert events == [IntegrationsChanged()]
        assert database.problem is None
        database.notice = "Its file was put back."
        events.clear()
        await clock.advance(3600)
        assert events == [IntegrationsChanged()]


async def test_each_failure_is_told_for_when_it_is_tried_again_is_new(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock, events: list[BusEvent]
) -> None:
    aggregator = build()
    async with running(aggregator):
        source.failure = Unavailable("The network is down.")
        await clock.advance(140)
        source.fetched.clear()
        events.clear()
        await clock.advance(3600)
        assert events == [IntegrationsChanged()] * len(source.fetched)
        source.failure = None
        events.clear()
        await clock.advance(3600)
        assert events == [IntegrationsChanged()]


class Comparing(ScriptedSource):
    """Compares by the list itself. known: what it was given, each time."""

    def __init__(self) -> None:
        super().__init__()
        self.known: list[Snapshot] = []

    async def fetch_again(self, user_id: UserId, known: Snapshot) -> Snapshot:
        self.known.append(known)
        found = await self.fetch_signals(user_id)
        made_of = [signal.title for signal in found.signals]
        if known.made_of == made_of:
            return replace(known, made_of=made_of)
        return replace(found, made_of=made_of)


@pytest.fixture
def comparing() -> Comparing:
    return Comparing()


async def test_a_source_that_compares_is_given_what_is_shown_and_gives_it_back(
    build: Build, running: Running, comparing: Comparing, clock: FakeClock, events: list[BusEvent]
) -> None:
    polled: list[Snapshot] = []
    comparing.holds([task("1"), task("2")])
    aggregator = build(
        sources={comparing.id: comparing}, on_polled=lambda _key, found, _at: polled.append(found)
    )
    async with running(aggregator):
        shown = aggregator.signals()[comparing.key()]
        await aggregator.refresh()
        assert aggregator.signals()[comparing.key()] is shown
        assert aggregator.health(comparing.key()).last_success == clock.now()
    assert [each.made_of for each in comparing.known] == [None, ["Task 1", "Task 2"]]
    assert comparing.known[1].signals is shown
    assert [each.signals is shown for each in polled] == [True, True]
    assert events.count(SignalsChanged(comparing.key())) == 1


async def test_a_source_that_compares_is_not_given_what_was_refused(
    build: Build, running: Running, comparing: Comparing
) -> None:
    comparing.holds([task("1")])
    aggregator = build(sources={comparing.id: comparing}, max_signals=1)
    async with running(aggregator):
        comparing.holds([task("1"), task("2")])
        await aggregator.refresh()
        await aggregator.refresh()
    assert [each.made_of for each in comparing.known] == [None, ["Task 1"], ["Task 1"]]


async def test_a_source_that_compares_is_given_nothing_of_an_account_that_was_forgotten(
    build: Build, running: Running, comparing: Comparing
) -> None:
    comparing.holds([task("1")])
    aggregator = build(sources={comparing.id: comparing})
    async with running(aggregator):
        aggregator.forget(comparing.key())
        aggregator.follow_accounts()
        await settle()
    assert comparing.known == [Snapshot(signals=())] * 2


async def test_a_source_that_compares_is_told_that_it_made_nothing_of_what_was_cached(
    build: Build, running: Running, comparing: Comparing
) -> None:
    comparing.holds([task("1")])
    async with running(build(sources={comparing.id: comparing})):
        pass
    again = build(sources={comparing.id: comparing})
    async with running(again):
        assert again.signals()[comparing.key()] is comparing.known[1].signals
        await again.refresh()
    assert [each.made_of for each in comparing.known] == [None, None, ["Task 1"]]


async def test_the_age_is_that_of_the_moment_the_poll_began(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    began_at = clock.now()
    source.gate.clear()
    aggregator = build()
    async with running(aggregator):
        await clock.advance(10)
        source.gate.set()
        await settle()
        assert aggregator.health(source.key()).last_success == began_at


async def test_a_poll_tells_who_confirms_clicks_when_it_began(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    polled: list[tuple[AccountKey, Snapshot, datetime]] = []
    source.holds([task("1")])
    began_at = clock.now()
    async with running(build(on_polled=lambda *told: polled.append(told))):
        source.failure = Unavailable("off")
        await clock.advance(140)
    assert polled == [(source.key(), Snapshot(signals=(task("1"),)), began_at)]


async def test_midnight_in_the_accounts_zone_is_polled(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.zone = "Asia/Tokyo"  # 21:00 there
    async with running(build(interval=86_400)):
        await clock.advance(3 * 3600)
        assert len(source.fetched) == 1
        await clock.advance(10)
        assert len(source.fetched) == 2


# Isolation


async def test_a_source_that_hangs_delays_nobody(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts, clock: FakeClock
) -> None:
    other = ScriptedSource("other")
    accounts.connected.append(other.key())
    source.gate.clear()
    other.holds([task("3", source="other")])
    aggregator = build(sources={source.id: source, other.id: other})
    async with running(aggregator):
        assert shown(aggregator, other.key()) == ["3"]
        await clock.advance(59)
        assert aggregator.health(source.key()).connection is Connection.UNKNOWN
        await clock.advance(1)
        health = aggregator.health(source.key())
        assert health.connection is Connection.OFFLINE
        assert health.reason == "The service took too long to answer."


async def test_two_accounts_of_one_source_do_not_wait_for_each_other(
    build: Build, running: Running, source: ScriptedSource, accounts: FakeAccounts, clock: FakeClock
) -> None:
    accounts.connected.append(source.key("grace"))
    source.gate.clear()
    async with running(build()):
        assert sorted(source.fetched) == ["ada", "grace"]


async def test_a_poll_that_ignores_its_cancellation_is_not_joined_by_a_second(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.holds([task("1")])
    aggregator = build()
    async with running(aggregator):
        source.stubborn = True
        source.gate.clear()
        await clock.advance(7200)
        assert len(source.fetched) == 2
        assert shown(aggregator, source.key()) == ["1"]
        assert aggregator.health(source.key()).connection is Connection.OFFLINE
        source.gate.set()
        await clock.advance(1000)
        assert len(source.fetched) > 2
        assert aggregator.health(source.key()).connection is Connection.OK


@pytest.mark.parametrize(
    ("failure", "connection"),
    [
        (Unavailable("You are offline."), Connection.OFFLINE),
        (Unavailable("Too many requests.", limited=True), Connection.LIMITED),
        (VaultError("Unlock your keyring."), Connection.KEYRING),
        (Rejected("The filter is wrong.", status=400), Connection.FAILING),
        (StoreError("The disk is full."), Connection.FAILING),
    ],
)
async def test_a_failure_keeps_the_list_and_says_why(
    build: Build,
    running: Running,
    source: ScriptedSource,
    accounts: FakeAccounts,
    clock: FakeClock,
    events: list[BusEvent],
    failure: Exception,
    connection: Connection,
) -> None:
    source.holds([task("1")])
    aggregator = build()
    async with running(aggregator):
        success = aggregator.health(source.key()).last_success
        source.failure = failure
        events.clear()
        await clock.advance(140)
        health = aggregator.health(source.key())
        assert (health.connection, health.reason) == (connection, str(failure))
        assert health.last_success == success
        assert shown(aggregator, source.key()) == ["1"]
        assert set(events) == {IntegrationsChanged()}
        assert accounts.to_reconnect == []  # none of these is a sign-out
        source.failure = None
        await clock.advance(140)
        assert aggregator.health(source.key()).connection is Connection.OK
        assert aggregator.health(source.key()).reason is None


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    "failure", [ZeroDivisionError("SECRET"), MemoryError(), RecursionError(), KeyError("SECRET")]
)
async def test_a_bug_of_a_connector_is_its_own_and_is_reported_once_without_secrets(
    build: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
) -> None:
    source.holds([task("1")])
    aggregator = build()
    async with running(aggregator):
        source.failure = failure
        await clock.advance(3600)
        health = aggregator.health(source.key())
        assert health.connection is Connection.FAILING
        assert type(failure).__name__ in str(health.reason)
        assert shown(aggregator, source.key()) == ["1"]
        reports = [r for r in caplog.records if r.levelno == logging.ERROR]
        assert len(reports) == 1
        assert "fetch_signals" in reports[0].getMessage()
        assert "SECRET" not in caplog.text
        source.failure = None
        await clock.advance(140)
        source.failure = failure
        await clock.advance(140)
        assert len([r for r in caplog.records if r.levelno == logging.ERROR]) == 2


@pytest.mark.logs_warnings
async def test_a_source_that_lies_changes_nothing(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    source.holds([task("1")])
    aggregator = build()
    async with running(aggregator):
        source.holds([task("stolen", user_id="grace")])
        await clock.advance(140)
        assert shown(aggregator, source.key()) == ["1"]
        assert aggregator.health(source.key()).connection is Connection.FAILING


async def test_a_list_that_is_too_long_is_refused_whole_and_confirms_nothing(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock
) -> None:
    polled: list[AccountKey] = []
    source.holds(task(str(n)) for n in range(20))
    aggregator = build(max_signals=20, on_polled=lambda key, *_: polled.append(key))
    async with running(aggregator):
        source.holds(task(str(n)) for n in range(21))
        await clock.advance(140)
        assert len(source.fetched) > 1
        assert len(polled) == 1
        assert len(shown(aggregator, source.key())) == 20
        health = aggregator.health(source.key())
        assert health.connection is Connection.FAILING
        assert "more than oO can show (20)" in str(health.reason)
        source.holds(task(str(n)) for n in range(5, 20))
        await clock.advance(3600)
        assert aggregator.health(source.key()).connection is Connection.OK
        assert len(shown(aggregator, source.key())) == 15


async def test_what_a_poll_confirms_is_stored_before(
    build: Build, running: Running, source: ScriptedSource, database: Database
) -> None:
    """Or a crash in between would list a task again that is done."""
    stored: list[Snapshot] = []
    source.holds([task("1")])

    def confirm(key: AccountKey, _snapshot: Snapshot, _began_at: datetime) -> None:
        stored.append(SnapshotStore(database).all()[key].snapshot)

    async with running(build(on_polled=confirm)):
        pass
    assert stored == [Snapshot(signals=(task("1"),))]


async def test_one_line_when_an_account_breaks_and_one_when_it_recovers(
    build: Build,
    running: Running,
    source: ScriptedSource,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running(build()):
        source.failure = Unavailable("off")
        await clock.advance(7200)
        source.failure = None
        await clock.advance(7200)
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["scripted/ada broke: offline", "scripted/ada recovered"]


@pytest.mark.logs_warnings
async def test_a_store_that_fails_hides_nothing(
    build: Build, running: Running, source: ScriptedSource, clock: FakeClock, database: Database
) -> None:
    source.holds([task("1")])
    aggregator = build()
    async with running(aggregator):
        with database.transaction() as connection:
            connection.execute(
                "CREATE TRIGGER full BEFORE INSERT ON signals BEGIN SELECT RAISE(ABORT, ''); END"
            )
        source.holds(task(f"{n}") for n in range(1, 9))
        await clock.advance(140)
        assert len(shown(aggregator, source.key())) == 8
        health = aggregator.health(source.key())
        assert health.connection is Connection.OK
        assert "cannot be used" in str(health.reason)


@pytest.mark.logs_warnings
async def test_a_connectors_words_are_no_part_of_another_failures_report(
    build: Build,
    running: Running,
    source: ScriptedSource,
    bus: EventBus,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_event: object) -> None:
        raise ZeroDivisionError

    bus.subscribe(IntegrationsChanged, broken)
    source.failure = ValueError("SECRET")
    async with running(build()):
        pass
    assert "ZeroDivisionError" in caplog.text
    assert "SECRET" not in caplog.text
