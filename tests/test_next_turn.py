"""The one timer of the screen."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from oo_desktop.clock import SystemClock
from oo_desktop.next_turn import NextTurn
from oo_desktop.testing import FakeClock
from tests.qt_loop import qt_runner


class Screen:
    """Renders when told to, and when its time has come; `changes` is when that is."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.rendered: list[datetime] = []
        self.changes: list[datetime] = []
        self.next_turn = NextTurn(clock=self.clock, turn=self.render)

    def render(self) -> None:
        now = self.clock.now()
        self.rendered.append(now)
        self.next_turn.plan(min((at for at in self.changes if at > now), default=None))

    def changes_in(self, *minutes: float) -> None:
        self.changes = [self.clock.now() + timedelta(minutes=each) for each in minutes]

    def minutes(self) -> list[float]:
        """Since the first render, of those that followed."""
        return [(at - self.rendered[0]).total_seconds() / 60 for at in self.rendered[1:]]


@pytest.fixture
async def screen() -> AsyncIterator[Screen]:
    screen = Screen()
    yield screen
    await screen.next_turn.aclose()


async def test_it_turns_at_each_change_and_then_never_again(screen: Screen) -> None:
    screen.changes_in(1, 2, 700)
    screen.render()
    await screen.clock.advance(86_400)
    assert screen.minutes() == [1, 2, 700]
    assert not screen.clock._sleepers


async def test_where_nothing_changes_there_is_no_timer(screen: Screen) -> None:
    screen.render()
    screen.changes_in(5)
    screen.render()
    screen.changes_in()
    screen.render()
    await screen.clock.advance(86_400)
    assert screen.minutes() == [0, 0]


async def test_what_comes_earlier_than_planned_is_turned_to(screen: Screen) -> None:
    screen.changes_in(700)
    screen.render()
    screen.changes_in(5, 700)
    screen.render()
    await screen.clock.advance(86_400)
    assert screen.minutes() == [0, 5, 700]


async def test_what_comes_later_than_planned_comes_all_the_same(screen: Screen) -> None:
    screen.changes_in(5)
    screen.render()
    screen.changes_in(700)
    screen.render()
    await screen.clock.advance(86_400)
    assert screen.minutes() == [0, 5, 700]


async def test_a_clock_that_is_set_forward_brings_the_turn_forward(screen: Screen) -> None:
    screen.changes_in(60)
    screen.render()
    screen.clock.jump(59 * 60)
    screen.render()  # whoever notices the jump renders
    await screen.clock.advance(60)
    assert screen.minutes() == [59, 60]


async def test_what_is_closed_does_not_turn(screen: Screen) -> None:
    screen.changes_in(5)
    screen.render()
    await screen.next_turn.aclose()
    await screen.clock.advance(86_400)
    assert screen.minutes() == []


def test_a_hundred_renders_leave_one_timer_in_qts_loop(qapp: QApplication) -> None:
    """qasync frees a cancelled timer only when it would have fired."""

    async def story() -> int:
        loop: Any = asyncio.get_running_loop()
        clock = SystemClock()
        next_turn = NextTurn(clock=clock, turn=lambda: None)
        midnight = clock.now() + timedelta(hours=9)
        for _ in range(100):
            next_turn.plan(midnight)
            await asyncio.sleep(0)
        timers = len(loop._timer._SimpleTimer__callbacks)
        await next_turn.aclose()
        return timers

    with qt_runner(qapp) as runner:
        # Beside the one: what this very turn of the loop is made of.
        assert 1 <= runner.run(story()) <= 5
