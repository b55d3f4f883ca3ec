"""The real Evolution Data Server: what its lists show, how changes are heard, what clicks write.

On a session's own bus, without a screen: a local list, and one on a CalDAV server (Radicale) whose
password is in the session's keyring.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.connectors.desktop.actions import act
from oo_desktop.connectors.desktop.bus import DesktopBus
from oo_desktop.connectors.desktop.connector import connector
from oo_desktop.connectors.desktop.source import (
    AS_BEFORE,
    LIST_SECONDS,
    NOT_INSTALLED,
    SILENT,
    UNSIGNED,
    DesktopSource,
)
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.model.signals import ActionKind, AnySignal, Calendar, Day, Due, Task, UserId
from oo_desktop.model.source import Action, Snapshot
from tests.connectors.caldav.servers import PASSWORD, USER, Server, radicale
from tests.desktop.data_server import (
    ADDRESS_BOOKS,
    CALENDAR,
    CALENDAR_LIST,
    SOURCES,
    TASK_LIST,
    DataServer,
    caldav_source,
    event,
    local_source,
    todo,
    value,
)
from tests.desktop.gate import Gate, Way, gate_to
from tests.desktop.programs import wait_until
from tests.desktop.session import Session

ME = UserId("this-computer")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""A Monday."""
TODAY = "20261123"

_numbers = count()


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as session:
        yield session


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture(scope="module")
def installed(session: Session) -> DataServer:
    return DataServer(session)


@pytest.fixture
def eds(session: Session, installed: DataServer) -> DataServer:
    """The service, with the lists it makes by itself and nothing in them."""
    installed.install()
    session.keyring_daemon.start()
    return installed


class Person:
    """Is whose lists they are, by the source that oO has for them."""

    def __init__(
        self, address: str, eds: DataServer, *, list_seconds: float = LIST_SECONDS
    ) -> None:
        self.bus = DesktopBus(address)
        self.chosen: dict[str, bool] = {}
        self.told = asyncio.Event()
        self.source = DesktopSource(
            bus=self.bus,
            chosen=lambda _: self.chosen,
            now=lambda: NOW,
            here=lambda: BERLIN,
            language=lambda: "C",
            list_seconds=list_seconds,
        )
        self.eds = eds

    async def fetch(self) -> Snapshot:
        return await self.source.fetch_signals(ME)

    async def titles(self, of: str) -> list[str]:
        """What one list shows."""
        return [one.title for one in (await self.fetch()).signals if one.id.startswith(f"{of}#")]

    async def one(self, of: str) -> AnySignal:
        (found,) = (one for one in (await self.fetch()).signals if one.id.startswith(f"{of}#"))
        return found

    async def calendar(self, of: str) -> Calendar:
        (found,) = (one for one in (await self.fetch()).calendars if one.id == of)
        return found

    async def click(
        self, seen: AnySignal, kind: ActionKind = ActionKind.DONE, due: Due | None = None
    ) -> None:
        action = Action(
            kind=kind,
            uuid="u",
            undo=seen.undo,
            recurring=isinstance(seen, Task) and seen.recurring,
            due=due,
        )
        await act(self.source, seen.id, action, now=NOW, zone=BERLIN)

    async def until(self, condition: Callable[[], Awaitable[bool]], within: float = 15) -> None:
        async with asyncio.timeout(within):
            while not await condition():  # noqa: ASYNC110  # nothing announces what a test looks at
                await asyncio.sleep(0.05)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Hear of changes; what was there when it began is fetched."""
        watch = asyncio.ensure_future(self.source.watch(ME, self.told.set))
        await self.hears()
        await self.fetch()
        self.told.clear()
        yield
        watch.cancel()
        with suppress(asyncio.CancelledError, Unavailable):
            await watch

    def says(self, of: str, problem: str) -> Callable[[], Awaitable[bool]]:
        async def said() -> bool:
            return problem in ((await self.calendar(of)).problem or "")

        return said

    def lacks(self, of: str) -> Callable[[], Awaitable[bool]]:
        async def is_gone() -> bool:
            return of not in {one.id for one in (await self.fetch()).calendars}

        return is_gone

    async def hears(self) -> None:
        async with asyncio.timeout(10):
            await self.told.wait()
        self.told.clear()


@pytest.fixture
async def person(session: Session, eds: DataServer) -> AsyncIterator[Person]:
    person = Person(session.address, eds)
    yield person
    await person.bus.aclose()


@pytest.fixture
def local(eds: DataServer) -> Iterator[str]:
    """A task list of this computer alone, new."""
    uid = f"local-{next(_numbers)}"
    eds.add_source(uid, local_source("Errands", TASK_LIST))
    yield uid
    eds.remove_source(uid)


@pytest.fixture
def calendar(eds: DataServer) -> Iterator[str]:
    """A calendar of this computer alone, new."""
    uid = f"calendar-{next(_numbers)}"
    eds.add_source(uid, local_source("Team", CALENDAR_LIST))
    yield uid
    eds.remove_source(uid)


@pytest.fixture
def path(server: Server) -> str:
    """A collection on the server, new."""
    return server.make_collection(f"c{next(_numbers)}", "Work")


@pytest.fixture
def remote(eds: DataServer, server: Server, path: str) -> Iterator[str]:
    """A task list on the server, with a task that is due, as the service has it."""
    task = todo("t1", "SUMMARY:Write report", f"DUE:{TODAY}T150000Z", "X-FOO:bar")
    server.put(f"{path}t1.ics", resource(task))
    uid = f"remote-{next(_numbers)}"
    eds.store_password(uid, PASSWORD)
    eds.add_source(uid, remote_source(server, path))
    wait_until(lambda: eds.everything(uid), "the list on the server")
    yield uid
    eds.remove_source(uid)


def remote_source(server: Server, path: str) -> str:
    port = int(server.url.rpartition(":")[2])
    return caldav_source("Work", TASK_LIST, port=port, path=path, user=USER)


def resource(component: str) -> str:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n"
    stamped = component.replace("BEGIN:VTODO", "BEGIN:VTODO\r\nDTSTAMP:20261101T080000Z")
    return f"{head}{stamped}END:VCALENDAR\r\n"


# What is there


async def test_the_lists_are_ticked_as_gnome_shows_them_and_grouped_by_their_account(
    person: Person,
) -> None:
    lists = {one.id: one for one in (await person.fetch()).calendars}
    assert lists["system-task-list"].shown
    assert lists["system-calendar"].shown
    assert lists["system-task-list"].group == "On This Computer"
    assert not lists["birthdays"].shown


async def test_a_list_that_is_not_ticked_in_gnome_is_offered_unticked(
    person: Person, eds: DataServer
) -> None:
    eds.add_source("unticked", local_source("Old", TASK_LIST, selected=False))
    assert not (await person.calendar("unticked")).shown
    eds.remove_source("unticked")


async def test_open_tasks_that_are_due_are_shown(
    person: Person, eds: DataServer, local: str
) -> None:
    eds.create(
        local,
        todo("a", "SUMMARY:Due", f"DUE;VALUE=DATE:{TODAY}"),
        todo("b", "SUMMARY:Overdue", "DUE;VALUE=DATE:20261120"),
        todo("c", "SUMMARY:Next week", "DUE;VALUE=DATE:20261130"),
        todo("d", "SUMMARY:Done", f"DUE;VALUE=DATE:{TODAY}", "STATUS:COMPLETED"),
        todo("e", "SUMMARY:Cancelled", f"DUE;VALUE=DATE:{TODAY}", "STATUS:CANCELLED"),
        todo("f", "SUMMARY:Daily", "DTSTART;VALUE=DATE:20261121", "RRULE:FREQ=DAILY"),
    )
    assert sorted(await person.titles(local)) == ["Daily", "Due", "Overdue"]
    assert (await person.fetch()).signals[0].container is not None


async def test_of_a_series_the_day_shows_what_was_not_moved_away(
    person: Person, eds: DataServer, calendar: str
) -> None:
    head = "DTSTART;TZID=Europe/Berlin:20261116T090000", "DTEND;TZID=Europe/Berlin:20261116T093000"
    eds.create(
        calendar,
        event("s1", "SUMMARY:Moved away", *head, "RRULE:FREQ=DAILY"),
        event("s2", "SUMMARY:Left out", *head, "RRULE:FREQ=DAILY", "EXDATE:20261123T090000"),
        event("s3", "SUMMARY:Stand-up", *head, "RRULE:FREQ=DAILY"),
        kind=CALENDAR_LIST,
    )
    moved = event(
        "s1",
        "SUMMARY:Moved away",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261123T090000",
        "DTSTART;TZID=Europe/Berlin:20261127T090000",
        "DTEND;TZID=Europe/Berlin:20261127T093000",
    )
    eds.modify(calendar, moved, kind=CALENDAR_LIST)
    shown = (await person.fetch()).signals
    today = [
        one.title
        for one in shown
        if one.id.startswith(f"{calendar}#") and one.id.endswith("20261123T080000Z")
    ]
    assert today == ["Stand-up"]


# Changes


async def test_a_change_is_heard_without_asking(
    person: Person, eds: DataServer, local: str
) -> None:
    async with person.watching():
        eds.create(local, todo("a", "SUMMARY:New", f"DUE;VALUE=DATE:{TODAY}"))
        await person.hears()
        assert await person.titles(local) == ["New"]
        eds.remove_object(local, "a")
        await person.hears()
        assert await person.titles(local) == []


async def test_while_nothing_happens_nothing_passes_over_the_bus(
    person: Person, session: Session, local: str
) -> None:
    async with person.watching():
        await asyncio.sleep(2.5)  # the service holds changes back for up to two seconds
        mark = session.record.mark()
        await asyncio.sleep(3)
        passed = session.record.since(mark)
        assert passed == []
        assert not person.told.is_set()


async def test_a_list_that_comes_or_goes_is_heard_of(person: Person, eds: DataServer) -> None:
    async with person.watching():
        eds.add_source("comes", local_source("Comes", TASK_LIST))
        await person.hears()
        assert (await person.calendar("comes")).name == "Comes"
        eds.remove_source("comes")
        await person.hears()
        await person.until(person.lacks("comes"))


async def test_after_the_factory_was_killed_everything_is_as_before(
    person: Person, eds: DataServer, local: str
) -> None:
    eds.create(local, todo("a", "SUMMARY:Stays", f"DUE;VALUE=DATE:{TODAY}"))
    async with person.watching():
        eds.kill_factory()
        await person.hears()
        assert await person.titles(local) == ["Stays"]
        eds.create(local, todo("b", "SUMMARY:New", f"DUE;VALUE=DATE:{TODAY}"))
        await person.hears()
        assert await person.titles(local) == ["Stays", "New"]


async def test_after_the_registry_was_killed_everything_is_as_before(
    person: Person, eds: DataServer, local: str
) -> None:
    eds.create(local, todo("a", "SUMMARY:Stays", f"DUE;VALUE=DATE:{TODAY}"))
    async with person.watching():
        eds.kill_registry()
        await person.hears()
        assert await person.titles(local) == ["Stays"]


async def test_without_the_service_it_says_so(person: Person, eds: DataServer) -> None:
    eds.remove()
    with pytest.raises(Unavailable) as waits:
        await person.fetch()
    assert NOT_INSTALLED in str(waits.value)


async def test_a_list_that_waits_for_its_password_says_where_to_give_it(
    person: Person, eds: DataServer, server: Server, path: str
) -> None:
    eds.add_source("unsigned", remote_source(server, path))
    with suppress(AssertionError):
        eds.everything("unsigned")
    await person.until(person.says("unsigned", UNSIGNED))
    eds.remove_source("unsigned")


async def test_asking_whether_it_is_there_starts_nothing(eds: DataServer, session: Session) -> None:
    offered = connector({}, address=session.address).offered
    assert offered is not None
    eds.remove()
    assert not await offered()
    eds.install()
    assert await offered()
    assert session.bus.owner(SOURCES) is None


async def test_what_is_not_shown_is_not_opened(
    person: Person, eds: DataServer, session: Session
) -> None:
    eds.remove()  # what another test has started of it
    eds.install()
    async with person.watching():
        assert session.bus.owner(CALENDAR) is not None
        assert session.bus.owner(ADDRESS_BOOKS) is None  # which birthdays would have started


@pytest.mark.parametrize("may_talk", [True, False])
async def test_a_flatpak_needs_two_names_and_without_them_it_is_as_if_not_installed(
    eds: DataServer, session: Session, local: str, tmp_path: Path, may_talk: bool
) -> None:
    names = [f"--talk={SOURCES}", f"--talk={CALENDAR}"] if may_talk else []
    command = ("xdg-dbus-proxy", session.address, str(tmp_path / "bus"), "--filter", *names)
    session.spawn(*command).wait("the proxy", (tmp_path / "bus").exists)
    person = Person(f"unix:path={tmp_path / 'bus'}", eds)
    if may_talk:
        async with person.watching():
            eds.create(local, todo("a", "SUMMARY:Buy milk", f"DUE;VALUE=DATE:{TODAY}"))
            await person.hears()
            assert await person.titles(local) == ["Buy milk"]
    else:
        with pytest.raises(Unavailable, match="not installed"):
            await person.fetch()
    await person.bus.aclose()


# A server of a list that does not answer


@pytest.fixture
def gate(server: Server) -> Iterator[Gate]:
    with gate_to(server) as gate:
        yield gate


@pytest.fixture
def behind(eds: DataServer, server: Server, path: str, gate: Gate) -> Iterator[str]:
    """A task list on the server behind the gate, with a task that is due, as the service has it."""
    task = todo("t1", "SUMMARY:Write report", f"DUE:{TODAY}T150000Z")
    server.put(f"{path}t1.ics", resource(task))
    uid = f"behind-{next(_numbers)}"
    eds.store_password(uid, PASSWORD)
    eds.add_source(uid, caldav_source("Work", TASK_LIST, port=gate.port, path=path, user=USER))
    wait_until(lambda: eds.everything(uid), "the list on the server")
    yield uid
    eds.remove_source(uid)


@pytest.fixture
async def hasty(session: Session, eds: DataServer) -> AsyncIterator[Person]:
    """Yield somebody who waits a second for a list."""
    person = Person(session.address, eds, list_seconds=1)
    yield person
    await person.bus.aclose()


async def test_a_server_that_is_down_hides_nothing(person: Person, gate: Gate, behind: str) -> None:
    gate.be(Way.DOWN)
    async with person.watching():
        assert await person.titles(behind) == ["Write report"]


@pytest.mark.parametrize(
    ("way", "says"), [(Way.HANGS, SILENT), (Way.REFUSES, UNSIGNED)], ids=["hangs", "refuses"]
)
async def test_a_server_that_hangs_or_refuses_hides_nothing_and_delays_no_other_list(
    hasty: Person, eds: DataServer, gate: Gate, behind: str, local: str, way: Way, says: str
) -> None:
    assert await hasty.titles(behind) == ["Write report"]
    gate.be(way)
    eds.refresh(behind)
    eds.create(local, todo("a", "SUMMARY:Buy milk", f"DUE;VALUE=DATE:{TODAY}"))
    async with hasty.watching():
        await hasty.until(hasty.says(behind, f"{says} {AS_BEFORE}"))
        assert await hasty.titles(local) == ["Buy milk"]
        assert await hasty.titles(behind) == ["Write report"]


async def test_a_server_that_answers_again_is_heard_of(
    hasty: Person, eds: DataServer, gate: Gate, behind: str
) -> None:
    await hasty.fetch()
    gate.be(Way.HANGS)
    eds.refresh(behind)
    async with hasty.watching():
        await hasty.until(hasty.says(behind, SILENT))
        hasty.told.clear()
        gate.be(Way.OPEN)
        await hasty.hears()
        assert (await hasty.calendar(behind)).problem is None


async def test_a_click_waits_while_the_server_is_down(
    person: Person, gate: Gate, behind: str, server: Server, path: str
) -> None:
    seen = await person.one(behind)
    gate.be(Way.DOWN)
    with pytest.raises(Unavailable):
        await person.click(seen)
    gate.be(Way.OPEN)
    await person.click(seen)
    assert "STATUS:COMPLETED" in server.get(f"{path}t1.ics")


async def test_a_wrong_password_is_a_list_that_waits_for_one(
    person: Person, eds: DataServer, server: Server, path: str
) -> None:
    eds.store_password("wrong", "not the password")
    eds.add_source("wrong", remote_source(server, path))
    async with person.watching():
        await person.until(person.says("wrong", UNSIGNED))
    eds.remove_source("wrong")


# Clicks on a list of this computer


async def test_a_task_is_done_and_comes_back(person: Person, eds: DataServer, local: str) -> None:
    eds.create(local, todo("a", "SUMMARY:Buy milk", f"DUE;VALUE=DATE:{TODAY}", "X-FOO:bar"))
    seen = await person.one(local)
    await person.click(seen)
    (done,) = eds.components(local, "a")
    assert (value(done, "STATUS"), value(done, "X-FOO")) == ("COMPLETED", "bar")
    assert await person.titles(local) == []
    await person.click(seen, ActionKind.REOPEN)
    (back,) = eds.components(local, "a")
    assert value(back, "STATUS") == value(back, "COMPLETED") == ""
    assert await person.titles(local) == ["Buy milk"]


async def test_a_task_is_moved_to_another_day(person: Person, eds: DataServer, local: str) -> None:
    eds.create(local, todo("a", "SUMMARY:Buy milk", f"DUE;VALUE=DATE:{TODAY}"))
    seen = await person.one(local)
    await person.click(seen, ActionKind.TOMORROW, Day(date(2026, 11, 24)))
    (moved,) = eds.components(local, "a")
    assert value(moved, "DUE") == "20261124"
    assert await person.titles(local) == []


async def test_a_repeating_task_moves_on_as_the_services_own_programs_move_it(
    person: Person, eds: DataServer, local: str
) -> None:
    eds.create(
        local,
        todo(
            "a",
            "SUMMARY:Water plants",
            f"DTSTART;TZID=Europe/Berlin:{TODAY}T090000",
            f"DUE;TZID=Europe/Berlin:{TODAY}T100000",
            "RRULE:FREQ=DAILY;COUNT=3",
        ),
    )
    seen = await person.one(local)
    await person.click(seen)
    await person.click(seen)
    (after,) = eds.components(local, "a")
    assert value(after, "DTSTART") == "20261124T090000"
    assert value(after, "DUE") == "20261124T100000"
    assert value(after, "RRULE") == "FREQ=DAILY;COUNT=2"
    await person.click(seen, ActionKind.REOPEN)
    (back,) = eds.components(local, "a")
    assert value(back, "DTSTART") == f"{TODAY}T090000"


async def test_birthdays_cannot_be_changed(person: Person) -> None:
    person.chosen["birthdays"] = True
    assert (await person.calendar("birthdays")).read_only


# Clicks on a list of a server


async def test_a_task_on_a_server_is_done_there(
    person: Person, server: Server, path: str, remote: str
) -> None:
    await person.click(await person.one(remote))
    stored = server.get(f"{path}t1.ics")
    assert value(stored, "STATUS") == "COMPLETED"
    assert value(stored, "X-FOO") == "bar"
    assert "X-EVOLUTION" not in stored


async def test_what_was_changed_on_the_server_meanwhile_is_not_overwritten(
    person: Person, server: Server, path: str, remote: str
) -> None:
    seen = await person.one(remote)
    stored = server.get(f"{path}t1.ics")
    server.put(f"{path}t1.ics", stored.replace("Write report", "Write a better report"))
    await person.click(seen)
    stored = server.get(f"{path}t1.ics")
    assert value(stored, "SUMMARY") == "Write a better report"
    assert value(stored, "STATUS") == "COMPLETED"


async def test_what_was_moved_on_the_server_meanwhile_is_not_moved_again(
    person: Person, server: Server, path: str, remote: str
) -> None:
    seen = await person.one(remote)
    stored = server.get(f"{path}t1.ics")
    server.put(f"{path}t1.ics", stored.replace(f"DUE:{TODAY}", "DUE:20261201"))
    with pytest.raises(Rejected):
        await person.click(seen, ActionKind.TOMORROW, Day(date(2026, 11, 24)))
    assert value(server.get(f"{path}t1.ics"), "DUE") == "20261201T150000Z"


async def test_a_task_that_was_deleted_on_the_server_counts_as_done(
    person: Person, server: Server, path: str, remote: str
) -> None:
    seen = await person.one(remote)
    server.delete(f"{path}t1.ics")
    await person.click(seen)
    with pytest.raises(Rejected):
        await person.click(seen, ActionKind.REOPEN)
