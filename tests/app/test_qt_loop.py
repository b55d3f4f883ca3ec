"""Qt's loop as asyncio's: timers that fire, and timers that are cancelled and gone."""

import asyncio
import weakref
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from tests.qt_loop import qt_runner


def waiting(loop: Any) -> int:
    return len(loop._timers._waiting)


def test_timers_fire_in_the_order_of_their_times(qapp: QApplication) -> None:
    async def story() -> list[str]:
        loop, heard, ended = asyncio.get_running_loop(), list[str](), asyncio.Event()
        loop.call_later(0.2, ended.set)
        loop.call_later(0.1, heard.append, "second")
        loop.call_at(loop.time() + 0.02, heard.append, "first")
        loop.call_later(0, heard.append, "at once")
        await ended.wait()
        return heard

    with qt_runner(qapp) as runner:
        assert runner.run(story()) == ["at once", "first", "second"]


def test_a_timer_that_fired_waits_no_more(qapp: QApplication) -> None:
    async def story() -> int:
        await asyncio.sleep(0.01)
        return waiting(asyncio.get_running_loop())

    with qt_runner(qapp) as runner:
        assert runner.run(story()) == 0


def test_a_cancelled_timer_is_gone_and_so_is_what_it_held(qapp: QApplication) -> None:
    class Held:
        def call(self) -> None:
            raise AssertionError("it was cancelled")

    async def story() -> tuple[int, object]:
        loop = asyncio.get_running_loop()
        held = Held()
        timer = loop.call_later(3600, held.call)
        timer.cancel()
        timer.cancel()  # again does no harm
        seen = weakref.ref(held)
        del held
        return waiting(loop), seen()

    with qt_runner(qapp) as runner:
        assert runner.run(story()) == (0, None)


def test_deadlines_that_are_met_leave_nothing_behind(qapp: QApplication) -> None:
    async def story() -> int:
        for _ in range(100):
            async with asyncio.timeout(3600):
                await asyncio.sleep(0)
        return waiting(asyncio.get_running_loop())

    with qt_runner(qapp) as runner:
        assert runner.run(story()) == 0


def test_a_timer_that_was_cancelled_late_ends_no_other(qapp: QApplication) -> None:
    """Qt gives the number of a timer that is over to the next one."""

    async def story() -> int:
        loop = asyncio.get_running_loop()
        over = loop.call_later(0.001, lambda: None)
        await asyncio.sleep(0.02)
        others = [loop.call_later(3600, lambda: None) for _ in range(10)]
        over.cancel()
        left = waiting(loop)
        for other in others:
            other.cancel()
        return left

    with qt_runner(qapp) as runner:
        assert runner.run(story()) == 10


def test_an_error_in_a_timer_is_given_to_the_loops_handler(qapp: QApplication) -> None:
    async def story() -> list[str]:
        loop, told = asyncio.get_running_loop(), list[str]()
        ended = asyncio.Event()
        loop.set_exception_handler(lambda _loop, context: told.append(repr(context["exception"])))
        loop.call_later(0.01, int, "no number")
        loop.call_later(0.05, ended.set)
        await ended.wait()
        return told

    with qt_runner(qapp) as runner:
        (told,) = runner.run(story())
    assert told.startswith("ValueError")


def test_a_closed_loop_fires_nothing_more(qapp: QApplication) -> None:
    heard: list[str] = []

    async def story() -> None:
        asyncio.get_running_loop().call_later(0.01, heard.append, "too late")

    with qt_runner(qapp) as runner:
        runner.run(story())
    qapp.processEvents()
    deadline = asyncio.new_event_loop()
    deadline.run_until_complete(asyncio.sleep(0.05))
    deadline.close()
    qapp.processEvents()
    assert heard == []


def test_what_runs_is_ended_in_order_though_qt_has_quit(qapp: QApplication) -> None:
    async def story() -> str:
        ended = asyncio.Event()
        qapp.aboutToQuit.connect(ended.set)
        qapp.quit()
        await ended.wait()
        await asyncio.sleep(0.05)
        return "in order"

    with qt_runner(qapp) as runner:
        assert runner.run(story()) == "in order"


def test_a_loop_that_qt_ends_again_and_again_goes_on_until_then(qapp: QApplication) -> None:
    """As where the X server is gone."""

    async def story() -> int:
        turns = 0
        while turns < 20:
            qapp.exit(1)
            await asyncio.sleep(0.001)
            turns += 1
        return turns

    with qt_runner(qapp) as runner:
        assert runner.run(story()) == 20


def test_what_ends_in_no_time_is_left(qapp: QApplication) -> None:
    async def story() -> None:
        qapp.exit(1)
        await asyncio.Event().wait()

    with qt_runner(qapp, ending_seconds=0.05) as runner, pytest.raises(RuntimeError):
        runner.run(story())


def test_what_a_story_raises_is_its_own(qapp: QApplication) -> None:
    async def story() -> None:
        raise RuntimeError("mine")

    with qt_runner(qapp) as runner, pytest.raises(RuntimeError, match="mine"):
        runner.run(story())
