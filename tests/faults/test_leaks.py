"""What clicks leave behind in memory: nothing, once they can no longer be undone."""

import asyncio
import gc
from pathlib import Path
from random import Random

from oo_desktop.integrations.todoist_wire import TODOIST
from oo_desktop.sandbox.todoist_state import Task
from oo_desktop.signals.model import ActionKind
from tests.faults.cutter import pass_all
from tests.faults.life import Life
from tests.faults.service import Service
from tests.faults.storm import settings_for
from tests.faults.swift import SwiftClock, run_swiftly

CLICKS = 60
PACE = 12.0
"""Seconds between clicks: in sixty of them, all that came before can no longer be undone."""


def test_clicks_leave_nothing_behind_in_memory(tmp_path: Path) -> None:
    first, second = run_swiftly(objects_after_clicks(tmp_path))
    assert second - first < CLICKS / 2, f"{second - first} objects more after {CLICKS} clicks"


async def objects_after_clicks(folder: Path) -> tuple[int, int]:
    """How many objects there are after some clicks, and after as many again."""
    clock = SwiftClock()
    service = Service(clock=clock, random=Random(1))
    service.account.tasks.clear()
    counts = []
    async with service.served(pass_all, clock) as cutter:
        life = Life(folder, settings_for(cutter.url), clock, Random(1))
        life.open()
        await life.engine.connect_with_token(TODOIST, service.account.personal_token)
        for _ in range(3):
            await click(life, service, clock)
            # What the service and the network remember is no memory of oO's.
            service.forget_the_past()
            cutter.passed.clear()
            gc.collect()
            counts.append(len(gc.get_objects()))
        await life.engine.stop()
    return counts[1], counts[2]


async def click(life: Life, service: Service, clock: SwiftClock) -> None:
    account = service.account
    for number in range(CLICKS):
        task = Task(user_id=account.id, project_id=account.inbox.id, content=f"Task {number}")
        service.world.todoist.add(account, task)
    await life.engine.refresh()
    (listed,) = life.engine.state().signals.values()
    for signal in listed:
        life.engine.act(signal.key, ActionKind.DONE)
        await asyncio.sleep(PACE)
