"""Work beside the loop: it gives way, it is bounded, and it ends when nobody waits for it."""

import asyncio
import threading

import pytest

from oo_desktop.connectors.ical.pacing import Pace, TooMuchWork, beside


async def test_the_result_of_the_work_comes_back() -> None:
    assert await beside(lambda pace: threading.current_thread().name) != "MainThread"


async def test_what_the_work_raises_comes_back() -> None:
    def job(pace: Pace) -> None:
        raise TooMuchWork

    with pytest.raises(TooMuchWork):
        await beside(job)


async def test_work_that_nobody_waits_for_any_more_ends() -> None:
    began, ended = threading.Event(), threading.Event()

    def job(pace: Pace) -> None:
        began.set()
        try:
            while True:
                pace.step()
        except TooMuchWork:
            ended.set()

    working = asyncio.create_task(beside(job, budget=3600))
    await asyncio.to_thread(began.wait)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await asyncio.to_thread(ended.wait, 10)


async def test_endless_work_ends_with_its_budget() -> None:
    def job(pace: Pace) -> None:
        while True:
            pace.step()

    with pytest.raises(TooMuchWork):
        await beside(job, budget=0.01)
