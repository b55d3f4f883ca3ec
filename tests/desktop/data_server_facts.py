"""Ask the installed Evolution Data Server how it behaves.

    python -m tests.desktop.data_server_facts

It takes five minutes, for some answers take that long. What the connector (`connectors/desktop`)
is built on is here, and hardly in any documentation. Debian 12 (3.46.4) and Debian 13 (3.56.2)
answered all of it alike:

| question | answer |
|---|---|
| names on the bus | AddressBook10, Calendar8, Sources5, UserPrompter0 |
| sources of a fresh account | 18 |
| a cancelled task is open | yes |
| a repeating task is due on its later days | no |
| a day from which an occurrence was moved away | the series, without the occurrence |
| GetObject of a series with an exception, of a server’s task | a VCALENDAR |
| an unknown function; a time zone nobody has | e_client_error 16; e_cal_client_error 1 |
| a VCALENDAR is written; a new birthday | e_cal_client_error 2; e_client_error 8 |
| a stale write, local | done |
| a stale write, server, flag FAIL (1) | e_client_error 21 |
| the same, flag KEEP_LOCAL (0) | done, the server’s is overwritten |
| a list without a password | awaiting-credentials; read at once, without an error |
| server down | connected; read at once; a write fails at once, g_io_error 39 |
| server refuses, after a Refresh | awaiting-credentials; read in 59 s; a write fails after 119 s, \
e_client_error 4 |
| server hangs, after a Refresh | connected; read in 179 s; a write fails after 269 s, \
g_io_error 24 |
| meanwhile, other lists | at once |
| 30 s with a view | 0 messages, 0 ms of CPU |
| still there 15 s after the last client | the registry; the factory is not |

A wait is 60 s or 90 s; a call waits for those that its list was given before, so that after a
Refresh it waits twice.
"""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.bench.costs import cpu_milliseconds
from tests.connectors.caldav.servers import PASSWORD, USER, Server, radicale
from tests.desktop.bus import Bus, BusError
from tests.desktop.data_server import (
    CALENDAR,
    CALENDAR_LIST,
    PREFIX,
    SOURCES,
    TASK_LIST,
    DataServer,
    caldav_source,
    event,
    todo,
)
from tests.desktop.gate import Gate, Way, gate_to
from tests.desktop.programs import wait_until
from tests.desktop.session import Session

TASKS, EVENTS, BIRTHDAYS = "system-task-list", "system-calendar", "birthdays"
REST_SECONDS = 30.0
PATIENCE_SECONDS = 300.0

DAY = '(make-time "20261122T230000Z") (make-time "20261123T230000Z")'


class Asked:
    """Is a service that answers questions, with lists on a CalDAV server, each behind a gate."""

    def __init__(self, session: Session, server: Server, ends: ExitStack) -> None:
        self.session = session
        self.eds = DataServer(session)
        self._server = server
        self._ends = ends
        self.paths: dict[str, str] = {}

    def far(self, uid: str, *, password: str = PASSWORD) -> Gate:
        """Add a list with one task; return the gate it is behind."""
        gate = self._ends.enter_context(gate_to(self._server))
        self.paths[uid] = self._server.make_collection(uid, uid)
        self._store(uid, "Report")
        if password:
            self.eds.store_password(uid, password)
        source = caldav_source(uid, TASK_LIST, port=gate.port, path=self.paths[uid], user=USER)
        self.eds.add_source(uid, source)
        if password:
            wait_until(lambda: self.eds.everything(uid), "the list on the server")
        return gate

    def _store(self, uid: str, title: str) -> None:
        text = stamped("t", f"SUMMARY:{title}")
        head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n"
        self._server.put(f"{self.paths[uid]}t.ics", f"{head}{text}END:VCALENDAR\r\n")

    def change_on_server(self, uid: str) -> None:
        self._store(uid, "Changed on the server")

    def on_server(self, uid: str) -> str:
        return self._server.get(f"{self.paths[uid]}t.ics")

    def opened(self, uid: str, kind: str = TASK_LIST) -> "Opened":
        """Open a list on a connection of its own, so that several may wait."""
        return Opened(Bus(self.session.address), uid, kind)


class Opened:
    """Is an opened list; calls may take as long as they take."""

    def __init__(self, bus: Bus, uid: str, kind: str) -> None:
        self._bus = bus
        factory = f"/{PREFIX.replace('.', '/')}CalendarFactory"
        member = {TASK_LIST: "OpenTaskList", CALENDAR_LIST: "OpenCalendar"}[kind]
        self._path, self._name = bus.call(
            CALENDAR,
            factory,
            f"{PREFIX}CalendarFactory",
            member,
            "s",
            uid,
            timeout=PATIENCE_SECONDS,
        )
        self.call("Open")

    def call(self, member: str, signature: str = "", *arguments: object) -> tuple[Any, ...]:
        interface = f"{PREFIX}Calendar"
        return self._bus.call(
            self._name,
            self._path,
            interface,
            member,
            signature,
            *arguments,
            timeout=PATIENCE_SECONDS,
        )

    def query(self, text: str) -> list[str]:
        return list(self.call("GetObjectList", "s", text)[0])

    def write(self, component: str, flags: int = 1) -> None:
        self.call("ModifyObjects", "assu", [component], "this", flags)

    def timed_read(self) -> str:
        """Read everything; return how long that took, and its error."""
        return timed(lambda: self.query("#t"))

    def timed_write(self, component: str) -> str:
        return timed(lambda: self.write(component))

    def view(self) -> str:
        """Have a view that listens; it stays while this connection does."""
        (path,) = self.call("GetView", "s", "#t")
        for member, signature, body in (("SetFlags", "u", (0,)), ("Start", "", ())):
            self._bus.call(self._name, path, f"{PREFIX}CalendarView", member, signature, *body)
        return str(path)

    def close(self) -> None:
        self._bus.close()


def stamped(uid: str, *lines: str) -> str:
    return todo(uid, "DTSTAMP:20261101T080000Z", *lines)


def error_of(work: Callable[[], object]) -> str:
    """Return the name of the error it ends with, as the service calls it."""
    try:
        work()
    except BusError as error:
        return error.name.rpartition("Quark._")[2] or error.name
    return "none"


def timed(work: Callable[[], object]) -> str:
    began = time.monotonic()
    error = error_of(work)
    return f"{time.monotonic() - began:.0f} s, error: {error}"


def answers(asked: Asked) -> Iterator[tuple[str, object]]:
    """Yield each question, and what the service answers."""
    version = ["dpkg-query", "-W", "-f", "${Version}", "evolution-data-server"]
    yield "version", subprocess.run(version, capture_output=True, text=True, check=True).stdout
    names = sorted(p.stem for p in Path("/usr/share/dbus-1/services").glob(f"{PREFIX}*"))
    yield "names on the bus", ", ".join(name.removeprefix(PREFIX) for name in names)
    yield "sources of a fresh account", len(asked.eds.sources())
    yield from queries(asked)
    yield from writes(asked)
    yield from troubles(asked)
    yield from rest(asked)


def queries(asked: Asked) -> Iterator[tuple[str, object]]:
    tasks, events = asked.opened(TASKS), asked.opened(EVENTS, CALENDAR_LIST)
    asked.eds.create(TASKS, todo("c", "STATUS:CANCELLED"))
    asked.eds.create(TASKS, todo("d", "DUE:20261120T090000Z", "RRULE:FREQ=DAILY"))
    found = tasks.query("(not (is-completed?))")
    yield "a cancelled task is open", any("UID:c\r" in each for each in found)
    found = tasks.query(f"(due-in-time-range? {DAY})")
    yield "a repeating task is due on its later days", any("UID:d\r" in each for each in found)
    series = ("DTSTART:20261120T090000Z", "DTEND:20261120T100000Z", "RRULE:FREQ=DAILY")
    asked.eds.create(EVENTS, event("e", *series), kind=CALENDAR_LIST)
    moved = ("RECURRENCE-ID:20261123T090000Z", "DTSTART:20261125T090000Z", "DTEND:20261125T100000Z")
    events.write(event("e", *moved))
    found = events.query(f"(occur-in-time-range? {DAY})")
    moved_found = any("RECURRENCE-ID" in each for each in found)
    yield (
        "a day from which an occurrence was moved away",
        (
            f"{len(found)} component{'s' * (len(found) != 1)}, "
            f"{'with' if moved_found else 'without'} the occurrence"
        ),
    )
    (text,) = events.call("GetObject", "ss", "e", "")
    yield "GetObject of a series with an exception", text.splitlines()[0]
    yield "an unknown function", error_of(lambda: tasks.query("(completed?)"))
    yield "a time zone nobody has", error_of(lambda: tasks.call("GetTimezone", "s", "Nowhere"))
    for opened in (tasks, events):
        opened.close()


def writes(asked: Asked) -> Iterator[tuple[str, object]]:
    tasks, birthdays = asked.opened(TASKS), asked.opened(BIRTHDAYS, CALENDAR_LIST)
    asked.eds.create(TASKS, stamped("w", "SUMMARY:First"))
    (stale,) = tasks.query('(uid? "w")')
    tasks.write(stale.replace("First", "Second"))
    yield "a stale write, local", error_of(lambda: tasks.write(stale))
    new = event("b", "DTSTART:20261120T090000Z", "SUMMARY:x")
    yield "a new birthday", error_of(lambda: birthdays.call("CreateObjects", "asu", [new], 0))
    yield (
        "a VCALENDAR",
        error_of(
            lambda: tasks.write(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{stale}END:VCALENDAR\r\n")
        ),
    )
    asked.far("stale")
    far = asked.opened("stale")
    (text,) = far.call("GetObject", "ss", "t", "")
    yield "GetObject of a server’s task", text.splitlines()[0]
    (stale,) = far.query('(uid? "t")')
    yield "the server’s ETag is in the text", "X-EVOLUTION-CALDAV-ETAG" in stale
    asked.change_on_server("stale")
    ours = stale.replace("SUMMARY:Report", "SUMMARY:Ours")
    yield "a stale write, server, flag FAIL (1)", error_of(lambda: far.write(ours))
    error = error_of(lambda: far.write(ours, 0))
    kept = "overwritten" if "SUMMARY:Ours" in asked.on_server("stale") else "kept"
    yield "the same, flag KEEP_LOCAL (0)", f"error: {error}; the server’s is {kept}"
    for opened in (tasks, birthdays, far):
        opened.close()


def troubles(asked: Asked) -> Iterator[tuple[str, object]]:
    asked.far("unsigned", password="")
    unsigned = asked.opened("unsigned")
    eds = asked.eds
    wait_until(lambda: eds.status("unsigned") == "awaiting-credentials", "its waiting")
    yield "a list without a password: status", eds.status("unsigned")
    yield "a list without a password: read", unsigned.timed_read()
    ways = (Way.DOWN, Way.REFUSES, Way.HANGS)
    lists = {f"{way}-{what}": way for way in ways for what in ("read", "write")}
    gates = {uid: asked.far(uid) for uid in lists}
    opened = {uid: asked.opened(uid) for uid in lists}
    text = {uid: one.query('(uid? "t")')[0] for uid, one in opened.items()}
    for uid, way in lists.items():
        gates[uid].be(way)
        opened[uid].call("Refresh")
    time.sleep(1)
    with ThreadPoolExecutor(len(lists)) as pool:
        took = {
            uid: pool.submit(one.timed_read)
            if uid.endswith("read")
            else pool.submit(one.timed_write, text[uid])
            for uid, one in opened.items()
        }
        time.sleep(2)
        local = asked.opened(TASKS)
        yield "meanwhile, a read of another list", local.timed_read()
        local.close()
        for way in ways:
            yield f"server {way}: status", eds.status(f"{way}-read")
            yield f"server {way}: read", took[f"{way}-read"].result()
            yield f"server {way}: write", took[f"{way}-write"].result()
    for each in (*opened.values(), unsigned):
        each.close()


def rest(asked: Asked) -> Iterator[tuple[str, object]]:
    eds, bus = asked.eds, asked.session.bus
    eds.remove()
    eds.install()
    opened = asked.opened(TASKS)
    opened.view()
    time.sleep(5)
    pids = [pid for name in (CALENDAR, SOURCES) if (pid := bus.pid_of(name))]
    before, mark = sum(map(cpu_milliseconds, pids)), asked.session.record.mark()
    time.sleep(REST_SECONDS)
    passed = asked.session.record.since(mark)
    used = sum(map(cpu_milliseconds, pids)) - before
    yield f"{REST_SECONDS:.0f} s with a view", f"{len(passed)} messages, {used:.0f} ms of CPU"
    opened.close()
    time.sleep(15)
    alive = [name.removeprefix(PREFIX) for name in (CALENDAR, SOURCES) if bus.owner(name)]
    yield "still there 15 s after the last client", ", ".join(alive) or "none"


def main() -> None:
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        session = ends.enter_context(Session())
        server = ends.enter_context(radicale(folder))
        for question, answer in answers(Asked(session, server, ends)):
            print(f"| {question} | {answer} |", flush=True)


if __name__ == "__main__":
    main()
