"""One task per account, from when it may begin to when all have ended."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from oo_desktop.signals.tasks import Tasks
from oo_desktop.testing import settle


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks[str]]:
    tasks: Tasks[str] = Tasks()
    tasks.open()
    yield tasks
    await tasks.close()


async def for_ever() -> None:
    await asyncio.Event().wait()


async def at_once() -> None:
    return


async def test_nothing_runs_before_the_beginning_and_after_the_end() -> None:
    tasks: Tasks[str] = Tasks()
    assert not tasks.start("ada", for_ever)
    tasks.open()
    assert tasks.start("ada", for_ever)
    await tasks.close()
    assert not tasks.start("ada", for_ever)
    assert tasks.running() == set()


async def test_there_is_one_task_per_key_until_that_has_ended(tasks: Tasks[str]) -> None:
    assert tasks.start("ada", at_once)
    assert not tasks.start("ada", for_ever)
    assert tasks.start("grace", for_ever)
    await settle()
    assert tasks.running() == {"grace"}
    assert tasks.start("ada", for_ever)


async def test_the_end_waits_until_all_have_cleaned_up(tasks: Tasks[str]) -> None:
    cleaned_up: list[str] = []

    async def work() -> None:
        try:
            await for_ever()
        finally:
            await asyncio.sleep(0)
            cleaned_up.append("yes")

    tasks.start("ada", work)
    tasks.start("grace", work)
    await settle()
    tasks.end("grace")
    await tasks.close()
    assert cleaned_up == ["yes", "yes"]


async def test_a_task_knows_when_it_was_told_to_end(tasks: Tasks[str]) -> None:
    told: list[bool] = []

    async def work() -> None:
        told.append(tasks.is_current("ada"))
        tasks.end("ada")
        told.append(tasks.is_current("ada"))

    assert not tasks.is_current("ada")
    tasks.start("ada", work)
    await settle()
    assert told == [True, False]


async def test_a_task_that_dies_is_reported_to_whoever_watches_the_loop(tasks: Tasks[str]) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: reported.append(context)
    )

    async def work() -> None:
        raise ZeroDivisionError

    tasks.start("ada", work)
    await settle()
    (context,) = reported
    assert context["message"] == "the task of ada died"
    assert isinstance(context["exception"], ZeroDivisionError)
    assert tasks.running() == set()
