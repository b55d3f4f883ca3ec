"""Be the CalDAV server of a storm: the sandbox in this very loop, and whoever else writes there."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from random import Random
from urllib.parse import unquote

from oo_desktop.http.passwords import Credentials
from oo_desktop.model.signals import SignalId
from oo_desktop.sandbox.caldav.model import DavAccount, DavCollection
from oo_desktop.sandbox.clock import SandboxClock
from oo_desktop.sandbox.world import World
from tests.faults.caldav_law import (
    DATES,
    PROGRESS,
    RULES,
    Resource,
    Todo,
    Wrote,
    moved_line,
)
from tests.faults.cutter import Cut, Cutter, Heard, Plan
from tests.faults.service import StillServer
from tests.faults.swift import SwiftClock

ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Auckland")

ALARM = (
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "DESCRIPTION:Soon",
    "TRIGGER;RELATED=END:-PT15M",
    "X-EVOLUTION-ALARM-UID:alarm-1",
    "END:VALARM",
)
FOLDED = (
    'DESCRIPTION;ALTREP="https://example.org/notes":A long note of another program\\, wi',
    "\tth a line that is fold",
    " ed twice\\nand ends with an umlaut: ä",
)
OTHERS = ("X-APPLE-SORT-ORDER:602083021", 'X-OTHER;X-PARAM="a;b:c":kept', "CATEGORIES:home,stair")


class DavService:
    """Has one collection of tasks of every kind. random: of what happens elsewhere."""

    def __init__(self, *, clock: SwiftClock, random: Random) -> None:
        self._random = random
        self._zone = random.choice(ZONES)
        self.world = World(clock=SandboxClock(clock.now), zone="UTC")
        self._fill(clock.now().date())
        self.world.caldav.state.writes.clear()
        self.first = {self.account.path_of(self.shelf, n): b for n, b in self.stored.items()}
        self.race = 0.0

    @property
    def account(self) -> DavAccount:
        return self.world.caldav.state.accounts["ada"]

    @property
    def shelf(self) -> DavCollection:
        return self.account.collections["tasks"]

    @property
    def stored(self) -> dict[str, bytes]:
        return self.shelf.resources

    def secret(self, url: str) -> str:
        """What a person types, as it travels."""
        return Credentials(server=url, user_name="ada", password=self.account.password).secret

    @property
    def too_late(self) -> int:
        """How many writes were refused, because somebody else had written."""
        return sum(
            each.status == HTTPStatus.PRECONDITION_FAILED for each in self.world.caldav.state.writes
        )

    @property
    def writes(self) -> list[Wrote]:
        """Every write that was carried out, in order."""
        return [
            Wrote(
                path=each.path,
                before=None if each.before is None else each.before.encode(),
                after=None if each.after is None else each.after.encode(),
                by_us=each.account is not None,
            )
            for each in self.world.caldav.state.writes
            if each.status < 300
        ]

    @asynccontextmanager
    async def served(self, plan: Plan, clock: SwiftClock) -> AsyncIterator[Cutter]:
        """Serve behind a cutter that does as `plan` says."""
        async with StillServer.serving(self.world) as url:
            cutter = Cutter(url, self._racing(plan), clock=clock)
            await cutter.start()
            try:
                yield cutter
            finally:
                await cutter.stop()

    def _racing(self, plan: Plan) -> Plan:
        """Now and then, somebody else writes what oO has read and is about to write."""

        def raced(heard: Heard) -> Cut:
            name = name_of(heard.path)
            if heard.method == "PUT" and name in self.stored and self._random.random() < self.race:
                self._happen_to(name)
            return plan(heard)

        return raced

    # What happens elsewhere

    def happen(self, among: Sequence[SignalId] = ()) -> str:
        """Do something with another program; return what. among: to one of these, if there."""
        clicked = {name_of(each) for each in among} & self.stored.keys()
        names = sorted(clicked or self.stored)
        return self._happen_to(self._random.choice(names)) if names else "nothing"

    def forget(self) -> str:
        """Forget sync tokens, or begin or cease to know what they are."""
        if self._random.random() < 0.5:
            self.shelf.oldest = self.shelf.revision
            return "the server forgets its sync tokens"
        state = self.world.caldav.state
        state.syncs = not state.syncs
        return f"the server has sync-collection: {state.syncs}"

    def _happen_to(self, name: str) -> str:
        before = self.stored[name]
        resource = Resource(before)
        what = self._random.choice(
            (
                "rename",
                "rename",
                "add a line",
                "complete",
                "complete",
                "move",
                "leave out",
                "delete",
            )
        )
        match what:
            case "rename":
                todo = self._random.choice(list(resource.todos.values()))
                todo.put("SUMMARY", f"SUMMARY:{name} {self._random.randint(1, 999)}")
            case "add a line":
                todo = self._random.choice(list(resource.todos.values()))
                todo.lines.insert(2, b"X-ELSEWHERE;X-N=1:one\n two\n")
            case "complete":
                self._complete(resource)
            case "move":
                _move(resource, self._random.choice((-1, 1, 2)))
            case "leave out":
                self._leave_out(resource)
        after = None if what == "delete" else bytes(resource)
        if after != before:
            self._write(name, after)
        return f"elsewhere, {what} {name}"

    def _write(self, name: str, after: bytes | None) -> None:
        state, before = self.world.caldav.state, self.stored[name]
        state.store(self.shelf, name, after)
        path = self.account.path_of(self.shelf, name)
        state.record("PUT", path, account=None, status=204, before=before, after=after)

    def _complete(self, resource: Resource) -> None:
        """As Thunderbird does, or as tasks.org does; what does not repeat is begun again, too."""
        master = resource.master
        if not master.repeats:
            _finish(master, over=not master.is_over)
            return
        following = master.following()
        if len(resource.todos) == 1 and following and self._random.random() < 0.5:
            original, passed = following
            for name, at in master.dates_on(original).items():
                master.put(name, moved_line(master.line(name) or "", at))
            if master.count is not None:
                rule = master.rule.replace("COUNT", f"COUNT={master.count - passed}")
                master.put("RRULE", rule)
            return
        first = resource.first_open()
        if first is None:
            return
        own = resource.todos.get(first.stamp)
        if own is None:
            own = Todo(master.lines)
            for name in RULES:
                own.put(name, None)
            for name, at in master.dates_on(first).items():
                own.put(name, moved_line(own.line(name) or "", at))
            line = master.line("DTSTART") or master.line("DUE") or ""
            head = line.partition(":")[0].removeprefix("DTSTART").removeprefix("DUE")
            own.put("RECURRENCE-ID", moved_line(f"RECURRENCE-ID{head}:", first))
            resource.add(own)
        _finish(own, over=True)

    def _leave_out(self, resource: Resource) -> None:
        master = resource.master
        line = master.line("DTSTART")
        first = resource.first_open() if master.repeats else None
        if first is None or line is None or first.stamp in resource.todos:
            return
        left_out = moved_line(line.replace("DTSTART", "EXDATE"), first)
        master.lines.insert(1, left_out.encode() + b"\r\n")

    # What there is at first

    def _fill(self, today: date) -> None:
        state = self.world.caldav.state
        for account in state.accounts.values():
            account.collections.clear()
        shelf = DavCollection(slug="tasks", name="Tasks", components=("VTODO",))
        self.account.collections["tasks"] = shelf
        for name, todos in self._kinds(today).items():
            end = "\n" if name == "plain" else "\r\n"
            lines = [
                "BEGIN:VCALENDAR",
                "VERSION:2.0",
                "PRODID:-//Somebody//Else//EN",
                "X-WR-CALNAME:Tasks",
            ]
            for todo in todos:
                lines += [
                    "BEGIN:VTODO",
                    f"UID:{name}",
                    "DTSTAMP:20260101T000000Z",
                    f"SUMMARY:{name}",
                ]
                lines += [*todo, "END:VTODO"]
            body = end.join([*lines, "END:VCALENDAR", ""])
            state.store(shelf, f"{name}.ics", body.encode())

    def _kinds(self, today: date) -> dict[str, Sequence[Sequence[str]]]:
        def at(name: str, days: int, hour: int, minute: int = 0) -> str:
            moment = datetime.combine(today + timedelta(days), time(hour, minute))
            return f"{name};TZID={self._zone}:{moment:%Y%m%dT%H%M%S}"

        def day(name: str, days: int) -> str:
            return f"{name};VALUE=DATE:{today + timedelta(days):%Y%m%d}"

        monday = -today.weekday() - 7
        daily = (at("DTSTART", -3, 8), at("DUE", -3, 9), "RRULE:FREQ=DAILY", *OTHERS)
        return {
            "plain": [(day("DUE", -2), *OTHERS)],
            "at a time": [(at("DTSTART", 0, 9), *FOLDED, at("DUE", 0, 17, 30), *ALARM)],
            "utc": [
                (
                    f"DUE:{today:%Y%m%d}T090000Z",
                    "SEQUENCE:4",
                    "STATUS:IN-PROCESS",
                    "PERCENT-COMPLETE:40",
                )
            ],
            "days": [(day("DTSTART", -1), day("DUE", 0), "STATUS:NEEDS-ACTION", *FOLDED)],
            "length": [(at("DTSTART", -1, 9), "DURATION:PT2H", *ALARM)],
            "daily": [(*daily, "STATUS:NEEDS-ACTION", *FOLDED, *ALARM)],
            "counted": [
                (
                    day("DTSTART", -6),
                    "RRULE:FREQ=DAILY;COUNT=5;INTERVAL=2",
                    day("DUE", -6),
                    day("EXDATE", -4),
                )
            ],
            "weekdays": [
                (
                    at("DTSTART", monday, 7),
                    at("DUE", monday, 7, 30),
                    "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;WKST=MO",
                )
            ],
            "monthly": [(day("DTSTART", -32), day("DUE", -31), "RRULE:FREQ=MONTHLY", "SEQUENCE:7")],
            "last": [
                (at("DTSTART", -1, 9), at("DUE", -1, 10), "RRULE:FREQ=WEEKLY;COUNT=1", *OTHERS)
            ],
            "due only": [(at("DUE", -2, 18), "RRULE:FREQ=DAILY;COUNT=9", *ALARM)],
            "overrides": [
                daily,
                (
                    at("RECURRENCE-ID", -3, 8),
                    at("DTSTART", -3, 8),
                    at("DUE", -3, 9),
                    "STATUS:COMPLETED",
                    "COMPLETED:20261119T100000Z",
                    *OTHERS,
                ),
                (
                    at("RECURRENCE-ID", -1, 8),
                    at("DTSTART", -1, 11),
                    at("DUE", -1, 12),
                    "X-MINE:moved",
                    *ALARM,
                ),
            ],
            "also": [
                (day("DTSTART", -3), day("DUE", -3), "RRULE:FREQ=WEEKLY", day("RDATE", -2), *FOLDED)
            ],
        }


def name_of(path: str) -> str:
    """Return the name of the resource with that path, or of that signal."""
    return unquote(path.partition("#")[0].rpartition("/")[2])


def _finish(todo: Todo, *, over: bool) -> None:
    for name in PROGRESS:
        todo.put(name, None)
    if over:
        todo.put("STATUS", "STATUS:COMPLETED")
        todo.put("COMPLETED", "COMPLETED:20261122T100000Z")


def _move(resource: Resource, days: int) -> None:
    """Give another date to what does not repeat, or to an occurrence that has a component."""
    todo = list(resource.todos.values())[-1]
    if todo.repeats:
        return
    for name in DATES[:2]:
        moment = todo.time(name)
        if moment is not None:
            moment = moment._replace(local=moment.local + timedelta(days=days))
            todo.put(name, moved_line(todo.line(name) or "", moment))
