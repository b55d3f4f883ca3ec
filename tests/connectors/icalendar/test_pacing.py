"""Work beside the loop: it gives way, it is bounded, and it ends when nobody waits for it."""

import asyncio
import threading

import pytest

from oo_desktop.connectors.icalendar.pacing import Pacer, TooMuchWork, run_paced


async def test_the_result_of_the_work_comes_back() -> None:
    assert await run_paced(lambda pacer: threading.current_thread().name) != "MainThread"


async def test_what_the_work_raises_comes_back() -> None:
    def job(pacer: Pacer) -> None:
        raise TooMuchWork

    with pytest.raises(TooMuchWork):
        await run_paced(job)


async def test_work_that_nobody_waits_for_any_more_ends() -> None:
    began, ended = threading.Event(), threading.Event()

    def job(pacer: Pacer) -> None:
        began.set()
        try:
            while True:
                pacer.step()
        except TooMuchWork:
            ended.set()

    working = asyncio.create_task(run_paced(job, max_seconds=3600))
    await asyncio.to_thread(began.wait)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await asyncio.to_thread(ended.wait, 10)


async def test_endless_work_ends_with_its_budget() -> None:
    def job(pacer: Pacer) -> None:
        while True:
            pacer.step()

    with pytest.raises(TooMuchWork):
        await run_paced(job, max_seconds=0.01)


def test_more_computing_than_anyone_means_is_refused() -> None:
    pacer = Pacer(max_seconds=0)

    def work() -> None:
        while True:
            pacer.step()

    with pytest.raises(TooMuchWork):
        work()


async def test_only_one_works_at_a_time() -> None:
    working = threading.Lock()
    met = []

    def job(pacer: Pacer) -> None:
        for _ in range(300):
            met.append(not working.acquire(blocking=False))
            sum(range(2000))
            working.release()
            pacer.step()

    await asyncio.gather(*(run_paced(job) for _ in range(3)))
    assert len(met) == 900
    assert not any(met)


async def test_short_work_does_not_wait_for_the_end_of_long_work() -> None:
    began = threading.Event()

    def endless(pacer: Pacer) -> None:
        while True:
            began.set()
            pacer.step()

    working = asyncio.create_task(run_paced(endless, max_seconds=3600))
    await asyncio.to_thread(began.wait)
    async with asyncio.timeout(10):
        assert await run_paced(lambda pacer: "done") == "done"
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
