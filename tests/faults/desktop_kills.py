"""Kill Evolution Data Server's factory between a click and its confirmation, again and again.

The real service on a bus of its own, with a list of this computer and one on a CalDAV server
(Radicale); oO's engine, whole, in this process. The law: each click is carried out once in effect.
A plain task is done, a series has moved on by one occurrence, and nothing else has changed.
"""

import asyncio
import contextlib
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from oo_desktop.clock import SystemClock
from oo_desktop.config import Settings
from oo_desktop.connectors.desktop.connector import connector
from oo_desktop.connectors.desktop.wire import DESKTOP_ID
from oo_desktop.connectors.registry import Registry
from oo_desktop.engine import Engine
from oo_desktop.folders import Folders
from oo_desktop.integrations.keyring import KeyringPort, MemoryKeyring
from oo_desktop.model.clicks import OutboxState
from oo_desktop.model.signals import AnySignal, SignalKey
from tests.connectors.caldav.servers import PASSWORD, USER, Server, radicale
from tests.desktop.data_server import (
    TASK_LIST,
    DataServer,
    caldav_source,
    local_source,
    todo,
    value,
)
from tests.desktop.session import Session

LOCAL, REMOTE = "errands", "work"

LONGEST_WAIT = 0.08
"""Seconds from a click to the first kill, at most: a local write takes 5 ms, one to a server 20."""

SETTLED_SECONDS = 60.0


class Place(NamedTuple):
    """Holds the service, and an oO that shows its lists.

    server: of the list REMOTE, which is at `path`.
    """

    eds: DataServer
    server: Server
    path: str
    engine: Engine

    def add(self, of: str, uid: str, text: str) -> None:
        """Put a task into a list; on a server as another program of its user does.

        One that is put there through the service is not whole in its cache at once: killed just
        then, 3.46 says of any change later that it is out of sync, or invalid.
        """
        if of == LOCAL:
            self.eds.create(of, text)
            return
        calendar = (
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//\r\n{text}\r\nEND:VCALENDAR\r\n"
        )
        self.server.put(f"{self.path}{uid}.ics", calendar)
        self.eds.refresh(of)


@contextlib.contextmanager
def lists(folder: Path) -> Iterator[tuple[Session, DataServer, Server, str]]:
    """Run the service with both lists, empty; the last two are the server and the list's path."""
    with radicale(folder) as server, Session() as session:
        eds = DataServer(session)
        path = server.make_collection("work", "Work", components=("VTODO",))
        port = int(server.url.rpartition(":")[2])
        eds.store_password(REMOTE, PASSWORD)
        source = caldav_source("Work", TASK_LIST, port=port, path=path, user=USER)
        eds.add_source(REMOTE, source)
        eds.add_source(LOCAL, local_source("Errands", TASK_LIST))
        yield session, eds, server, path


@contextlib.asynccontextmanager
async def oo(folder: Path, session: Session) -> AsyncIterator[Engine]:
    """Run oO's engine with these lists connected."""
    memory = MemoryKeyring()
    folders = Folders(folder, folder, folder / "run")
    folders.create()
    engine = Engine(
        folders=folders,
        settings=Settings(undo_seconds=0),
        keyring=KeyringPort(choose=lambda: memory),
        clock=SystemClock(),
        open_browser=_no_browser,
        registry=Registry(connectors=(connector({}, address=session.address),)),
    )
    engine.load()
    engine.start()
    try:
        await engine.connect_here(DESKTOP_ID)
        yield engine
    finally:
        await engine.stop()


async def _no_browser(_url: str) -> bool:
    return False


class Run:
    """Is one task, clicked once."""

    def __init__(self, number: int, random: Random) -> None:
        self.number = number
        self._random = random
        self.uid = f"run-{number}"
        self.of = random.choice((LOCAL, REMOTE))
        self.repeats = random.random() < 0.5
        self.kills = 0

    @property
    def kind(self) -> str:
        """Say what it is about."""
        return f"{'series' if self.repeats else 'task'}, {self.of}"

    def _text(self) -> str:
        today = f"{date.today():%Y%m%d}"  # noqa: DTZ011  # the machine's day, as the list counts
        dates = [f"DTSTART;VALUE=DATE:{today}", f"DUE;VALUE=DATE:{today}"]
        rule = ["RRULE:FREQ=DAILY;COUNT=9"] if self.repeats else []
        return todo(self.uid, f"SUMMARY:Run {self.number}", "X-FOO:bar", *dates, *rule)

    async def play(self, place: Place) -> list[str]:
        """Play it; return what is against the law."""
        await asyncio.to_thread(place.add, self.of, self.uid, self._text())
        seen = await self._listed(place.engine)
        place.engine.outbox.click(seen)
        await asyncio.sleep(self._random.uniform(0, LONGEST_WAIT))
        await self._kill(place.eds)
        if self._random.random() < 0.3:
            await asyncio.sleep(self._random.uniform(0, 0.5))
            await self._kill(place.eds)
        wrong = [] if await self._settled(place.engine, seen.key) else ["was never confirmed"]
        return [*wrong, *await asyncio.to_thread(self._judged, place.eds)]

    async def _listed(self, engine: Engine) -> AnySignal:
        end = time.monotonic() + SETTLED_SECONDS
        while time.monotonic() < end:
            for signals in engine.aggregator.signals().values():
                for signal in signals:
                    # A list that was just opened anew may offer nothing for a moment.
                    if signal.title == f"Run {self.number}" and signal.actions:
                        return signal
            await asyncio.sleep(0.02)
            engine.poll_soon()
        raise AssertionError(f"run {self.number} was never listed")

    async def _kill(self, eds: DataServer) -> None:
        with contextlib.suppress(AssertionError):  # it is just being started anew
            await asyncio.to_thread(eds.kill_factory)
            self.kills += 1

    async def _settled(self, engine: Engine, key: SignalKey) -> bool:
        end = time.monotonic() + SETTLED_SECONDS
        while time.monotonic() < end:
            states = {item.state for item in engine.outbox.about(key)}
            if OutboxState.REJECTED in states:
                return False
            if states <= {OutboxState.CONFIRMED}:
                return True
            await asyncio.sleep(0.1)
            engine.poll_soon()
        return False

    def _judged(self, eds: DataServer) -> list[str]:
        found = eds.components(self.of, self.uid)
        if len(found) != 1:
            return [f"{len(found)} components"]
        (component,) = found
        wrong = [] if value(component, "X-FOO") == "bar" else ["lost a line"]
        if not self.repeats:
            is_done = value(component, "STATUS") == "COMPLETED"
            return wrong if is_done else [*wrong, "lost"]
        tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011  # as above
        told = value(component, "DTSTART"), value(component, "RRULE")
        if told != (f"{tomorrow:%Y%m%d}", "FREQ=DAILY;COUNT=8"):
            wrong.append(f"stands at {told}")
        return wrong


async def play(*, runs: int, seed: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """Play `runs`; return how many there were of each kind, and what is against the law."""
    random = Random(seed)  # chooses moments
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    (folder / "server").mkdir()
    (folder / "oo").mkdir()
    with lists(folder / "server") as (session, eds, server, path):
        async with oo(folder / "oo", session) as engine:
            for number in range(runs):
                run = Run(number, random)
                found = await run.play(Place(eds, server, path, engine))
                counts[run.kind] += 1
                counts["kills"] += run.kills
                wrong += [f"run {number} ({run.kind}) {each}" for each in found]
    return counts, wrong


def main(*, runs: int, seed: int) -> int:
    """Play many and say how it went; the exit code."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        counts, wrong = asyncio.run(play(runs=runs, seed=seed, folder=Path(folder)))
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    print(f"{runs} runs in {time.monotonic() - began:.0f} s: {told}")
    print(*wrong or ["each click once in effect"], sep="\n")
    return 1 if wrong else 0
