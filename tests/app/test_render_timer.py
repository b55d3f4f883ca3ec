"""The one timer of the screen."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from oo_desktop.app.render_timer import RenderTimer
from oo_desktop.testing import FakeClock


class Screen:
    """Renders when told to, and when its time has come; `changes` is when that is."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.rendered: list[datetime] = []
        self.changes: list[datetime] = []
        self.render_timer = RenderTimer(clock=self.clock, render=self.render)

    def render(self) -> None:
        now = self.clock.now()
        self.rendered.append(now)
        self.render_timer.plan(min((at for at in self.changes if at > now), default=None))

    def changes_in(self, *minutes: float) -> None:
        self.changes = [self.clock.now() + timedelta(minutes=each) for each in minutes]

    def minutes(self) -> list[float]:
        """Since the first render, of those that followed."""
        return [(at - self.rendered[0]).total_seconds() / 60 for at in self.rendered[1:]]


@pytest.fixture
async def screen() -> AsyncIterator[Screen]:
    screen = Screen()
    yield screen
    await screen.render_timer.aclose()


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


async def test_what_comes_later_than_planned_is_not_turned_to_before(screen: Screen) -> None:
    screen.changes_in(5)
    screen.render()
    screen.changes_in(700)
    screen.render()
    await screen.clock.advance(86_400)
    assert screen.minutes() == [0, 700]


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
    await screen.render_timer.aclose()
    await screen.clock.advance(86_400)
    assert screen.minutes() == []
