"""Measure what a CalDAV account of 10,000 tasks costs: the first poll, an idle one, one change.

The server is real (Radicale) and runs in a process of its own. So does oO, without a screen, anew
for each run: `python -m tests.bench.caldav` with the server's address and the home's path is that
program, and prints its figures as JSON. All tasks are due, so that all are shown. Requests and
bytes are those of polls, not of the sign-in. Run it alone with `python -m tests.bench.caldav`.
"""

import argparse
import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import httpx

from oo_desktop.clock import SystemClock
from oo_desktop.config import Settings
from oo_desktop.connectors.base import Connector
from oo_desktop.connectors.caldav.connector import connector as caldav
from oo_desktop.connectors.caldav.source import CalDavSource
from oo_desktop.connectors.caldav.wire import CALDAV_ID
from oo_desktop.connectors.caldav.xml import CALENDAR_SERVER, propfind
from oo_desktop.connectors.registry import Registry
from oo_desktop.engine import Engine
from oo_desktop.events import SignalsChanged
from oo_desktop.folders import Folders
from oo_desktop.http.client import Answer, ServiceClient
from oo_desktop.http.passwords import Credentials
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from tests.bench.costs import pss_megabytes
from tests.bench.figures import Figure, table
from tests.bench.lateness import Lateness, percentile
from tests.connectors.caldav.servers import PASSWORD, USER, Server, radicale

TASKS = 10_000
COLLECTIONS = 40
LIMIT = 16.0
"""Milliseconds at the 99th percentile: one picture of a 60 Hz screen."""

BARE = "bare loop"
FIRST, SECOND = "first poll", "the poll after it, which looks again"
IDLE, CHANGED = "idle poll", "one task changed elsewhere"

WARMING_SECONDS = 600.0
"""For the server to read its files: it keeps what it read."""

AFTER = 0.4
"""Seconds in which what follows from a poll may come."""

_RULES = ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=MONTHLY;BYDAY=2TU", "FREQ=YEARLY")


def bench(runs: int) -> Sequence[Figure]:
    """Run the program `runs` times beside one server."""
    with tempfile.TemporaryDirectory() as folder, radicale(Path(folder)) as server:
        fill(server, Path(folder))
        found = [_run(server, *watched) for _ in range(runs) for watched in ((), ("--watched",))]
    return figures_of(found)


def _run(server: Server, *watched: str) -> dict[str, Any]:
    arguments = ("-m", "tests.bench.caldav", *watched, server.url, server.home)
    program = subprocess.run(
        (sys.executable, *arguments), stdout=subprocess.PIPE, text=True, check=True
    )
    run: dict[str, Any] = json.loads(program.stdout)
    return run


def figures_of(found: Sequence[dict[str, Any]]) -> Sequence[Figure]:
    """Return the medians of all runs; p99 over all their moments together (see `lateness`)."""
    figures = []
    for kind in (BARE, FIRST, SECOND, IDLE, CHANGED):
        each = [seen for run in found for seen in run["polls"][kind]]
        watched = [seen for seen in each if seen["waits"]]
        unwatched = [seen for seen in each if not seen["waits"]]
        name = kind if kind == BARE else f"CalDAV, {TASKS:,} tasks, {kind}"
        limit = None if kind == BARE else LIMIT
        if kind != BARE:
            figures += [
                Figure(f"{name}: requests", "", [seen["requests"] for seen in unwatched]),
                Figure(f"{name}: received", "KB", [seen["bytes"] / 1024 for seen in unwatched]),
                Figure(
                    f"{name}: time, the server's too", "s", [seen["seconds"] for seen in unwatched]
                ),
                Figure(f"{name}: CPU", "ms", [seen["cpu"] * 1000 for seen in unwatched]),
            ]
        for measure, words in (("waits", "wait"), ("own", "own work in it")):
            together = list(chain.from_iterable(seen[measure] for seen in watched))
            figures += [
                Figure(f"{name}: {words}, p99", "ms", [percentile(together, 99)], limit=limit),
                Figure(f"{name}: {words}, longest", "ms", [max(seen[measure]) for seen in watched]),
            ]
    added = [run["after"] - run["before"] for run in found]
    return [*figures, Figure(f"CalDAV, {TASKS:,} tasks: memory added (PSS)", "MB", added)]


# The server's side


def fill(server: Server, folder: Path) -> None:
    """Give Ada all her tasks: written into Radicale's files, for it takes minutes to be sent them.

    folder: the server's.
    """
    each = TASKS // COLLECTIONS
    for number in range(COLLECTIONS):
        path = server.make_collection(f"list-{number:02}", f"List {number}", components=["VTODO"])
        files = folder / "collections" / "collection-root" / path.strip("/")
        for task in range(number * each, (number + 1) * each):
            (files / f"task-{task}.ics").write_bytes(task_text(task).encode())
    marks = propfind([f"{CALENDAR_SERVER}getctag"])
    with httpx.Client(auth=(USER, PASSWORD), trust_env=False, timeout=WARMING_SECONDS) as client:
        url = server.url + server.home
        answer = client.request("PROPFIND", url, content=marks, headers={"Depth": "1"})
        assert answer.status_code == 207, answer.text


def task_text(number: int, suffix: str = "") -> str:
    """Return a task that is due, about as others write them; one in ten repeats."""
    due = datetime.now(UTC).date() - timedelta(days=number % 100)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Nextcloud Tasks v0.16.1",
        "BEGIN:VTODO",
        f"UID:task-{number}",
        "CREATED:20260101T080000Z",
        "LAST-MODIFIED:20260102T080000Z",
        "DTSTAMP:20260102T080000Z",
        f"SUMMARY:Something that has to be done\\, of kind {number}{suffix}",
        "DESCRIPTION:" + "Words about it\\, at some length. " * 6,
        "CATEGORIES:home,garden",
        f"PRIORITY:{number % 10}",
        "STATUS:NEEDS-ACTION",
        "X-APPLE-SORT-ORDER:1",
    ]
    if number % 10 == 0:
        day = f"{due:%Y%m%d}T090000"
        lines += [f"DTSTART;TZID=Europe/Berlin:{day}", f"DUE;TZID=Europe/Berlin:{day}"]
        lines.append(f"RRULE:{_RULES[number // 10 % len(_RULES)]}")
    elif number % 3 == 0:
        lines.append(f"DUE:{due:%Y%m%d}T{number % 24:02}3000Z")
    else:
        lines.append(f"DUE;VALUE=DATE:{due:%Y%m%d}")
    if number % 5 == 0:
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Due", "TRIGGER:-PT15M"]
        lines.append("END:VALARM")
    return "\r\n".join([*lines, "END:VTODO", "END:VCALENDAR", ""])


# oO's side


@dataclass
class Asked:
    """Counts what polls ask for. received: bytes of bodies."""

    requests: int = 0
    received: int = 0


class CountedClient:
    """Asks as an account's own client does, and counts it."""

    def __init__(self, client: ServiceClient, asked: Asked) -> None:
        self._client = client
        self._asked = asked

    async def base_url(self) -> str:
        return await self._client.base_url()

    async def dav(self, *arguments: Any, **named: Any) -> Answer:
        self._asked.requests += 1
        answer = await self._client.dav(*arguments, **named)
        self._asked.received += len(answer.body)
        return answer


@dataclass
class Measured:
    """Runs oO without a screen beside a server; `seen` has the figures of each kind of poll.

    watched: whether the loop is; to watch it takes a tenth of a processor.
    """

    url: str
    home: str
    folder: Path
    watched: bool
    seen: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: Asked = field(default_factory=Asked)

    async def run(self) -> dict[str, Any]:
        folders = Folders(self.folder, self.folder, self.folder / "run")
        folders.create()
        memory = MemoryKeyring()
        engine = Engine(
            folders=folders,
            settings=Settings(poll_interval=86_400),
            keyring=KeyringPort(choose=lambda: memory),
            clock=SystemClock(),
            open_browser=_no_browser,
            registry=Registry(connectors=(self._connector(),)),
        )
        engine.load()
        engine.start()
        gc.collect()
        gc.freeze()  # as the shell does
        await self.during(BARE, lambda: asyncio.sleep(2))
        before = _pss()
        given = Credentials(server=self.url + self.home, user_name=USER, password=PASSWORD)

        changed = asyncio.Event()
        engine.bus.subscribe(SignalsChanged, lambda _: changed.set())

        async def first_poll() -> None:
            await engine.accounts.connect_with_token(CALDAV_ID, given.secret)
            while not any(engine.state().signals.values()):
                changed.clear()
                await changed.wait()

        await self.during(FIRST, first_poll)
        (signals,) = engine.state().signals.values()
        assert len(signals) == TASKS, len(signals)
        del signals
        await self.during(SECOND, engine.refresh)
        after = _pss()
        for _ in range(3):
            await self.during(IDLE, engine.refresh)
        suffix = f" {os.getpid()}"
        await asyncio.to_thread(self._change, suffix)
        await self.during(CHANGED, engine.refresh)
        (signals,) = engine.state().signals.values()
        assert [each for each in signals if each.title.endswith(suffix)], engine.state().accounts
        await engine.stop()
        return {"polls": self.seen, "before": before, "after": after}

    def _connector(self) -> Connector:
        def client_of(client: ServiceClient) -> Any:
            return CountedClient(client, self.asked)

        return replace(
            caldav({}),
            source=lambda given: CalDavSource(
                client=lambda user_id: client_of(given.clients(user_id))
            ),
        )

    async def during(self, kind: str, work: Callable[[], Awaitable[object]]) -> None:
        gc.collect()
        before, begun, worked = replace(self.asked), time.perf_counter(), time.process_time()
        lateness = Lateness()
        async with lateness if self.watched else nullcontext():
            await work()
            seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
            await asyncio.sleep(AFTER)
        self.seen.setdefault(kind, []).append(
            {
                "waits": lateness.waits,
                "own": lateness.own,
                "requests": self.asked.requests - before.requests,
                "bytes": self.asked.received - before.received,
                "seconds": seconds,
                "cpu": cpu,
            }
        )

    def _change(self, suffix: str) -> None:
        server = Server("radicale", self.url, self.home)
        server.put(f"{self.home}list-07/task-1751.ics", task_text(1751, suffix))


def _pss() -> float:
    gc.collect()
    return pss_megabytes(os.getpid())


async def _no_browser(_url: str) -> bool:
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--watched", action="store_true", help="measure waits; else what it costs")
    parser.add_argument("server", nargs="*", help="the address and the path of the home")
    options = parser.parse_args()
    if not options.server:
        print(table(bench(options.runs)))
        return 0
    url, home = options.server
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(Measured(url, home, Path(folder), options.watched).run())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
