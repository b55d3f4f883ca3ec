import asyncio
from collections.abc import Coroutine
from typing import Any, cast

import pytest

from oo_desktop.commands.commands import Execute
from oo_desktop.engine import Engine
from oo_desktop.notifications.center import NotificationCenter
from tests.journeys.recorder import NotificationRecorder
from tests.notifications.parts import FewParts


@pytest.fixture
def parts() -> FewParts:
    return FewParts()


@pytest.fixture
def screen() -> NotificationRecorder:
    return NotificationRecorder()


@pytest.fixture
async def center(
    parts: FewParts,
    screen: NotificationRecorder,
    execute: Execute,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    monkeypatch.setenv("TZ", "Etc/UTC")  # the clock on the wall
    tasks: set[asyncio.Task[Any]] = set()

    def spawn(work: Coroutine[Any, Any, object]) -> None:
        tasks.add(asyncio.ensure_future(work))

    engine = cast("Engine", parts)  # all that a NotificationCenter asks of one
    center = NotificationCenter(engine=engine, execute=execute, spawn=spawn, notifier=screen)
    center.start()
    yield center
    for running in tasks:
        running.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
