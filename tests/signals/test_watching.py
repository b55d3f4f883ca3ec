"""Sources that tell when to ask: their accounts are asked then, and otherwise hardly ever."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oo_desktop.errors import AuthRequired, Unavailable, VaultError
from oo_desktop.events import TokenExpired
from oo_desktop.model.signals import UserId
from oo_desktop.model.state import Connection
from oo_desktop.signals.aggregator import SignalAggregator
from oo_desktop.signals.isolation import IsolatedCalls
from oo_desktop.signals.schedule import MAX_TOLD_SECONDS, RARELY_SECONDS, TOLD_SECONDS, Schedule
from oo_desktop.signals.watching import WATCH_AGAIN_SECONDS, watch_for_ever
from oo_desktop.testing import FakeAccounts, FakeClock, ScriptedTellingSource, settle, task

Build = Callable[..., SignalAggregator]
Running = Callable[[SignalAggregator], AbstractAsyncContextManager[None]]

INTERVAL = 120
DAY = 86_400


@pytest.fixture
def source() -> ScriptedTellingSource:
    return ScriptedTellingSource()


@pytest.fixture
def clock() -> FakeClock:
    """Early in the day, so that no midnight comes into it by chance."""
    return FakeClock(datetime(2026, 11, 22, 1, tzinfo=UTC))


# What is told


async def test_a_change_that_is_told_is_asked_for_a_moment_later_and_once(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        await clock.advance(60)
        source.fetched.clear()
        source.holds([task("new")])
        source.tell()
        await clock.advance(TOLD_SECONDS - 0.01)
        assert source.fetched == []
        await clock.advance(0.02)
        assert source.fetched == ["ada"]
        assert [each.id for each in aggregator.signals()[source.key()]] == ["new"]
        await clock.advance(600)
        assert source.fetched == ["ada"]


async def test_a_burst_of_changes_is_asked_for_once(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    async with running(build()):
        await clock.advance(60)
        source.fetched.clear()
        for _ in range(64):
            source.tell()
            await clock.advance(0.001)
        await clock.advance(60)
        assert source.fetched == ["ada"]


async def test_a_change_during_a_fetch_is_followed_by_one_more(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        await clock.advance(60)
        source.gate.clear()
        source.tell()
        await clock.advance(1)
        source.fetched.clear()
        source.holds([task("during")])
        for _ in range(10):
            source.tell()
        await clock.advance(5)
        assert source.fetched == []  # one at a time
        source.gate.set()
        await clock.advance(1)
        assert source.fetched == ["ada"]
        assert [each.id for each in aggregator.signals()[source.key()]] == ["during"]


async def test_only_the_account_that_changed_is_asked(
    build: Build,
    running: Running,
    source: ScriptedTellingSource,
    accounts: FakeAccounts,
    clock: FakeClock,
) -> None:
    accounts.connected.append(source.key("grace"))
    async with running(build()):
        await clock.advance(60)
        source.fetched.clear()
        source.tell("grace")
        await clock.advance(60)
        assert source.fetched == ["grace"]


async def test_what_changed_before_it_was_heard_is_asked_for(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    """A watch says once that it hears."""
    async with running(build()):
        await clock.advance(1)
        assert source.fetched == ["ada", "ada"]


async def test_a_pause_the_service_asked_for_holds_what_is_told_as_well(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    async with running(build()):
        await clock.advance(60)
        source.failure = Unavailable("Too many.", retry_after=600, limited=True)
        source.tell()
        await clock.advance(1)
        source.fetched.clear()
        source.tell()
        await clock.advance(590)
        assert source.fetched == []
        await clock.advance(100)
        assert source.fetched == ["ada"]


async def test_polls_that_lead_to_changes_do_not_fill_the_day(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    class Chasing(ScriptedTellingSource):
        """Takes its own fetches for changes."""

        async def fetch_signals(self, user_id: UserId) -> object:  # type: ignore[override]  # the same
            found = await super().fetch_signals(user_id)
            self.tell()
            return found

    chasing = Chasing()
    async with running(build(sources={chasing.id: chasing})):
        await clock.advance(3600)
    assert len(chasing.fetched) <= 3600 / MAX_TOLD_SECONDS + 10


async def test_after_a_storm_of_changes_a_single_one_is_asked_for_in_a_moment_again(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    async with running(build()):
        for _ in range(600):
            source.tell()
            await clock.advance(0.1)
        await clock.advance(2 * MAX_TOLD_SECONDS)
        source.fetched.clear()
        source.tell()
        await clock.advance(TOLD_SECONDS + 0.01)
        assert source.fetched == ["ada"]


# What is not told


async def test_while_changes_are_told_the_clock_asks_rarely(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    async with running(build()):
        await clock.advance(60)
        source.fetched.clear()
        await clock.advance(0.8 * RARELY_SECONDS)
        assert source.fetched == []
        await clock.advance(0.4 * RARELY_SECONDS)
        assert source.fetched == ["ada"]


async def test_at_rest_there_is_one_timer_that_is_hours_away_and_nobody_wakes_up(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    class Counted(FakeClock):
        sleeps = 0

        async def sleep(self, seconds: float) -> None:
            Counted.sleeps += 1
            await super().sleep(seconds)

    counted = Counted(clock.now())
    aggregator = build(clock=counted)
    aggregator.start()
    await counted.advance(60)
    Counted.sleeps = 0
    await counted.advance(3600)
    assert Counted.sleeps == 0
    assert [at - counted.monotonic() > 1800 for at, _ in counted._sleepers] == [True]
    stopping = asyncio.ensure_future(aggregator.stop())
    await counted.advance(5)
    await stopping


async def test_midnight_is_asked_for_all_the_same(
    build: Build, running: Running, source: ScriptedTellingSource
) -> None:
    clock = FakeClock(datetime(2026, 11, 22, 14, 30, tzinfo=UTC))
    source.zone = "Asia/Tokyo"  # 23:30 there
    async with running(build(clock=clock)):
        await clock.advance(60)
        source.fetched.clear()
        await clock.advance(28 * 60)
        assert source.fetched == []
        await clock.advance(60 + 10)
        assert source.fetched == ["ada"]
        await clock.advance(600)
        assert source.fetched == ["ada"]


async def test_waking_a_change_of_the_zone_and_whoever_asks_are_a_poll_at_once(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        await clock.advance(60)
        source.fetched.clear()
        clock.jump(8 * 3600)
        aggregator.poll_soon()  # as for a machine that woke, and a clock or a zone that was set
        await settle()
        assert source.fetched == ["ada"]
        await aggregator.refresh()
        assert source.fetched == ["ada", "ada"]
        await clock.advance(600)
        assert source.fetched == ["ada", "ada"]


async def test_a_jump_of_the_clock_that_nobody_noticed_is_seen_at_the_next_rare_poll(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    async with running(build()):
        await clock.advance(60)
        source.fetched.clear()
        clock.jump(DAY)
        await clock.advance(1.2 * RARELY_SECONDS)
        assert len(source.fetched) >= 1


async def test_a_fetch_that_fails_is_tried_again_as_soon_as_any_other(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        await clock.advance(60)
        source.failure = Unavailable("off")
        source.tell()
        await clock.advance(1)
        assert aggregator.health(source.key()).connection is Connection.OFFLINE
        source.failure = None
        await clock.advance(120)
        assert aggregator.health(source.key()).connection is Connection.OK


async def test_the_health_says_whether_changes_are_told(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        assert aggregator.health(source.key()).told
        source.end()
        await settle()
        assert not aggregator.health(source.key()).told


# A watch that goes wrong


async def test_one_that_does_not_hear_yet_leaves_the_account_to_the_interval(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    source.hears = False
    aggregator = build()
    async with running(aggregator):
        await clock.advance(3600)
        assert 28 <= len(source.fetched) <= 34
        assert source.watched == ["ada"]
        assert not aggregator.health(source.key()).told


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    "error",
    [Unavailable("off"), VaultError("Locked."), KeyError("s3cret"), RecursionError(), None],
    ids=lambda each: type(each).__name__,
)
async def test_one_that_ends_leaves_the_account_to_the_interval_until_it_is_called_again(
    build: Build,
    running: Running,
    source: ScriptedTellingSource,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    error: Exception | None,
) -> None:
    aggregator = build()
    async with running(aggregator):
        await clock.advance(600)
        source.watch_failure = Unavailable("off")  # from the second on
        source.fetched.clear()
        source.end(error)
        await clock.advance(3600)
        assert 28 <= len(source.fetched) <= 50
        assert aggregator.health(source.key()).connection is Connection.OK
        assert "s3cret" not in caplog.text
        tried = len(source.watched)
        assert 5 <= tried <= 30
        source.watch_failure = None
        await clock.advance(WATCH_AGAIN_SECONDS[1])
        assert len(source.watched) == tried + 1
        await clock.advance(INTERVAL * 1.2)
        source.fetched.clear()
        await clock.advance(0.5 * RARELY_SECONDS)
        assert source.fetched == []


async def test_what_changed_while_it_ended_is_asked_for(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    async with running(build()):
        await clock.advance(600)
        source.hears = False
        source.fetched.clear()
        source.end(Unavailable("off"))
        await clock.advance(1)
        assert source.fetched == ["ada"]


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    ("error", "level"), [(Unavailable("off"), logging.INFO), (ValueError("x"), logging.ERROR)]
)
async def test_one_that_goes_on_failing_is_in_the_log_once_until_it_worked(
    build: Build,
    running: Running,
    source: ScriptedTellingSource,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    level: int,
) -> None:
    def lines() -> list[int]:
        return [each.levelno for each in caplog.records if each.name.endswith("watching")]

    source.watch_failure = error
    async with running(build()):
        await clock.advance(7200)
        assert lines() == [level]
        source.watch_failure = None
        await clock.advance(WATCH_AGAIN_SECONDS[1] + 600)
        source.watch_failure = error
        source.end(error)
        await clock.advance(7200)
        assert lines() == [level, level]


async def test_one_whose_sign_in_is_refused_leads_to_the_poll_that_finds_that_out(
    build: Build,
    running: Running,
    source: ScriptedTellingSource,
    accounts: FakeAccounts,
    clock: FakeClock,
) -> None:
    aggregator = build()
    async with running(aggregator):
        aggregator._bus.subscribe(TokenExpired, lambda _event: aggregator.follow_accounts())
        await clock.advance(600)
        source.failure = AuthRequired("It ended.")
        source.end(AuthRequired("It ended."))
        await clock.advance(1)
        assert accounts.to_reconnect == [(source.key(), "It ended.")]
        watched = len(source.watched)
        await clock.advance(7200)
        assert len(source.watched) == watched


async def test_one_that_ignores_its_cancellation_is_left_to_itself_and_heard_no_more(
    build: Build,
    running: Running,
    source: ScriptedTellingSource,
    accounts: FakeAccounts,
    clock: FakeClock,
) -> None:
    source.deaf = True
    aggregator = build()
    async with running(aggregator):
        await clock.advance(60)
        for connected in ([], [source.key()]):
            accounts.connected[:] = connected
            aggregator.follow_accounts()
            await settle()
        source.tell()
        await clock.advance(10)
        source.fetched.clear()
        source.tell()
        await clock.advance(1)
        assert source.fetched == []
        assert not aggregator.health(source.key()).told
        assert len(source.watched) == 1  # never a second beside it
        source.end()
        await clock.advance(WATCH_AGAIN_SECONDS[1])
        assert len(source.watched) == 2
        source.deaf = False


# Coming and going


async def test_an_account_that_is_disconnected_is_watched_no_more(
    build: Build,
    running: Running,
    source: ScriptedTellingSource,
    accounts: FakeAccounts,
    clock: FakeClock,
) -> None:
    aggregator = build()
    async with running(aggregator):
        await clock.advance(60)
        accounts.connected.clear()
        aggregator.forget(source.key())
        await settle()
        source.fetched.clear()
        source.tell()
        await clock.advance(DAY)
        assert (source.fetched, source.watched) == ([], ["ada"])
        assert clock._sleepers == []


async def test_an_account_that_comes_is_watched_from_then_on(
    build: Build,
    running: Running,
    source: ScriptedTellingSource,
    accounts: FakeAccounts,
    clock: FakeClock,
) -> None:
    aggregator = build()
    async with running(aggregator):
        accounts.connected.append(source.key("grace"))
        aggregator.follow_accounts()
        await settle()
        assert source.watched == ["ada", "grace"]


async def test_a_reconnect_is_watched_anew(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    aggregator = build()
    async with running(aggregator):
        await clock.advance(60)
        aggregator.restart(source.key())
        await clock.advance(1)
        assert source.watched == ["ada", "ada"]
        source.fetched.clear()
        source.tell()
        await clock.advance(1)
        assert source.fetched == ["ada"]


async def test_the_end_is_the_end_of_every_watch(
    build: Build, running: Running, source: ScriptedTellingSource, clock: FakeClock
) -> None:
    async with running(build()):
        await clock.advance(60)
    source.fetched.clear()
    source.tell()
    await clock.advance(DAY)
    assert (source.fetched, source.watched) == ([], ["ada"])
    assert clock._sleepers == []


# Whatever happens in whatever order

Step = tuple[str, float]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["change", "change", "pass", "hold", "release", "end", "turn"]),
        st.floats(0, 400),
    ),
    max_size=30,
)


@settings(max_examples=150)
@given(steps=STEPS, seed=st.integers(0, 1000))
def test_no_change_is_lost_and_polls_are_bounded(steps: list[Step], seed: int) -> None:
    asyncio.run(_judged(steps, seed))


async def _judged(steps: list[Step], seed: int) -> None:
    """Play `steps` with a schedule and a watch; judge what was polled.

    A change is what `version` counts up to; a poll knows the one at which it began.
    """
    clock = FakeClock(datetime(2026, 11, 22, 1, tzinfo=UTC))
    schedule = Schedule(clock=clock, interval=INTERVAL, random=Random(seed))
    source = ScriptedTellingSource()
    calls = IsolatedCalls(clock=clock, deadline=None)
    version, polled, began = 0, list[int](), clock.monotonic()
    gate = asyncio.Event()
    gate.set()

    async def poll_for_ever() -> None:
        while True:
            await schedule.due()
            schedule.began()
            polled.append(version)
            await gate.wait()
            schedule.succeeded()
            schedule.days_begin_in("UTC")

    async def watch() -> None:
        await watch_for_ever(
            source.key(), source, schedule, calls=calls, clock=clock, random=Random(seed)
        )

    def change() -> None:
        nonlocal version
        version += 1
        source.tell()

    def turn() -> None:
        source.watch_failure = None if source.watch_failure else Unavailable("off")

    steps_of: Mapping[str, Callable[[], object]] = {
        "change": change,
        "hold": gate.clear,
        "release": gate.set,
        "end": lambda: source.end(Unavailable("off")),
        "turn": turn,
        "pass": lambda: None,
    }
    working = [asyncio.ensure_future(each()) for each in (poll_for_ever, watch)]
    for what, seconds in steps:
        steps_of[what]()
        await clock.advance(seconds)
    gate.set()
    # A watch that is away leaves it to the interval; one that is there, to what is told.
    await clock.advance(INTERVAL * 1.1 + MAX_TOLD_SECONDS)
    assert polled[-1] == version
    elapsed = clock.monotonic() - began
    by_clock = elapsed / (INTERVAL * 0.9) + 2
    assert len(polled) <= by_clock + version + 2 * len(source.watched)
    for each in working:
        each.cancel()
    await asyncio.gather(*working, return_exceptions=True)
