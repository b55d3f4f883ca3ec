"""Measure what a poll of tasks that have not changed takes of the processor, beside the least there
is: `python -m tests.bench.polls`.

The least is httpx and json: the same requests to the same sandbox, the answer decoded and dropped.
oO's connector makes signals of it, and the aggregator finds that they are the same. Each in a
process of its own, in turns; its own processor time alone counts.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from oo_desktop.connectors.todoist.settings import FILTER
from oo_desktop.connectors.todoist.wire import MAX_TODOIST_PAGE, TODOIST
from oo_desktop.folders import Folders
from oo_desktop.sandbox.process import SandboxProcess, config_toml
from tests.bench.figures import Figure, table
from tests.bench.stage import ROWS

LIMIT = 1.5
POLLS = 100
"""In each process; the first ten do not count."""
UNCOUNTED = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.polls", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each (5)")
    parser.add_argument("--of", choices=sorted(WAYS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.of:
        print(asyncio.run(WAYS[options.of](os.environ["SANDBOX"], os.environ["TOKEN"])))
    else:
        print(table(bench(options.runs)))
    return 0


def bench(runs: int) -> Sequence[Figure]:
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    with SandboxProcess() as sandbox:
        sandbox.control("clear_tasks")
        sandbox.control("add_task", content="Task", due_string="today", times=ROWS)
        sandbox.control("limits", requests=1_000_000, registrations=1_000)
        token = sandbox.control("personal_token")["token"]
        given = {**os.environ, "SANDBOX": sandbox.url, "TOKEN": token}
        command = [sys.executable, "-m", "tests.bench.polls", "--of"]
        for _ in range(runs):
            for way in WAYS:
                said = subprocess.check_output([*command, way], env=given, text=True)
                found[way].append(float(said))
    name = f"CPU of a poll, {ROWS} tasks, none changed"
    return (Figure(name, "ms", found["oo"], found["bare"], LIMIT),)


async def _milliseconds(poll: Callable[[], Awaitable[object]]) -> float:
    """Processor time of one poll."""
    for _ in range(UNCOUNTED):
        await poll()
    before = time.process_time()
    for _ in range(POLLS):
        await poll()
    return (time.process_time() - before) / POLLS * 1000


async def _bare(url: str, token: str) -> float:
    import httpx

    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=f"{url}/api/v1/", headers=headers, trust_env=False
    ) as http:

        async def poll() -> None:
            found: list[object] = []
            params: dict[str, str] | None = {"query": FILTER, "limit": str(MAX_TODOIST_PAGE)}
            while params is not None:
                answer = await http.get("tasks/filter", params=params)
                page = json.loads(answer.content)
                found += page["results"]
                cursor = page["next_cursor"]
                params = params | {"cursor": cursor} if cursor else None
            assert len(found) == ROWS

        return await _milliseconds(poll)


async def _oo(url: str, token: str) -> float:
    from oo_desktop.clock import SystemClock
    from oo_desktop.config import settings_from_toml
    from oo_desktop.engine import Engine
    from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring

    memory = MemoryKeyring()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        folders = Folders(home, home, home / "run")
        folders.create()
        engine = Engine(
            folders=folders,
            settings=settings_from_toml(f"poll_interval = 86400\n{config_toml(url)}"),
            keyring=KeyringPort(choose=lambda: memory),
            clock=SystemClock(),
            open_browser=_no_browser,
        )
        engine.load()
        engine.start()
        await engine.accounts.connect_with_token(TODOIST, token)
        await engine.refresh()
        (signals,) = engine.state().signals.values()
        assert len(signals) == ROWS
        took = await _milliseconds(engine.refresh)
        await engine.stop()
    return took


async def _no_browser(_url: str) -> bool:
    return False


WAYS = {"bare": _bare, "oo": _oo}


if __name__ == "__main__":
    sys.exit(main())
