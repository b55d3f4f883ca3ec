"""What the lists of this computer show, when they are asked, and what is heard of them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from oo_desktop.connectors.desktop.bus import (
    BUS_INTERFACE,
    BUS_NAME,
    BUS_PATH,
    DesktopBus,
    EdsCode,
    EdsError,
)
from oo_desktop.connectors.desktop.source import (
    AS_BEFORE,
    BUS_LOST,
    FAILED,
    NOT_ALLOWED,
    NOT_INSTALLED,
    OTHER_VERSION,
    REGISTRY_SILENT,
    SILENT,
    TOO_MUCH,
    UNREACHABLE,
    UNSIGNED,
    WENT_AWAY,
    DesktopSource,
    lack,
    user_language,
)
from oo_desktop.connectors.desktop.wire import CALENDAR_NAME, SOURCES_NAME
from oo_desktop.errors import Unavailable
from oo_desktop.model.signals import ActionKind, Calendar, UserId
from oo_desktop.model.source import ComparingSource, SignalSource, Snapshot, TellingSource
from tests.connectors.desktop.conftest import OwnBus
from tests.connectors.desktop.lists import changed, event, todo
from tests.connectors.desktop.service import (
    PASSWORD,
    EdsStandIn,
    Source,
    account_file,
    error_name,
    key_file,
)
from tests.connectors.icalendar.calendars import DAILY, NINE

ME = UserId("this-computer")
DUE = "DUE;VALUE=DATE:20261122"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
CALENDAR_FILE = key_file("Work", kind="Calendar")


class Desk:
    """Is a source at the stand-in, at a time of its own, and the choices of its owner."""

    def __init__(
        self, bus: DesktopBus, *, list_seconds: float = 5, recheck_seconds: float = 300
    ) -> None:
        self.now = NOW
        self.zone = ZoneInfo("Europe/Berlin")
        self.chosen: dict[str, bool] = {}
        self.may_write = True
        self.told = 0
        self.known = Snapshot(signals=())
        self._telling = asyncio.Event()
        self.source = DesktopSource(
            bus=bus,
            chosen=lambda _: self.chosen,
            may_write=lambda _: self.may_write,
            now=lambda: self.now,
            here=lambda: self.zone,
            language=lambda: "C",
            list_seconds=list_seconds,
            recheck_seconds=recheck_seconds,
        )

    async def fetch(self) -> Snapshot:
        self.known = await self.source.fetch_again(ME, self.known)
        return self.known

    async def titles(self) -> list[str]:
        return [one.title for one in (await self.fetch()).signals]

    async def calendar(self, uid: str = "tasks") -> Calendar:
        (one,) = (one for one in (await self.fetch()).calendars if one.id == uid)
        return one

    def _tell(self) -> None:
        self.told += 1
        self._telling.set()

    async def until_told(self) -> None:
        async with asyncio.timeout(5):
            await self._telling.wait()
        self._telling.clear()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator["asyncio.Task[None]"]:
        """Watch, and have what is shown fetched once since."""
        watch = asyncio.ensure_future(self.source.watch(ME, self._tell))
        await self.until_told()
        await self.fetch()
        yield watch
        watch.cancel()
        with suppress(asyncio.CancelledError, Unavailable):
            await watch


@pytest.fixture
async def desk(bus: DesktopBus, eds: EdsStandIn) -> Desk:
    return Desk(bus)


@pytest.fixture
def tasks(eds: EdsStandIn) -> Source:
    """A task list with one task that is due."""
    eds.add("local-stub", account_file("On This Computer"))
    return eds.add("tasks", key_file("Tasks"), todo(DUE, "SUMMARY:Feed the cat"))


# What is there


def test_it_is_what_sources_are() -> None:
    source = DesktopSource()
    assert isinstance(source, SignalSource)
    assert isinstance(source, TellingSource)
    assert isinstance(source, ComparingSource)


async def test_lists_in_which_nothing_changed_show_the_very_same(desk: Desk, tasks: Source) -> None:
    first = await desk.fetch()
    assert (await desk.fetch()).signals is first.signals
    desk.may_write = False
    (alone,) = (await desk.fetch()).signals
    assert alone.actions == ()


async def test_a_list_shows_what_is_due(desk: Desk, tasks: Source) -> None:
    snapshot = await desk.fetch()
    assert [one.title for one in snapshot.signals] == ["Feed the cat"]
    assert snapshot.calendars == (
        Calendar(id="tasks", name="Tasks", color="#BECEDD", group="On This Computer"),
    )


async def test_a_calendar_shows_its_days_without_what_was_moved_away(
    desk: Desk, eds: EdsStandIn
) -> None:
    moved = changed("DTSTART:20261205T080000Z", "SUMMARY:Moved")
    eds.add("cal", CALENDAR_FILE, event(*DAILY), moved, event(NINE, "SUMMARY:Once", uid="o"))
    assert await desk.titles() == ["Once", "Standup"]


async def test_a_zone_of_which_only_the_list_knows_is_asked_for_once(
    desk: Desk, eds: EdsStandIn
) -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Odd\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    other = event("DTSTART;TZID=Other:20261122T090000", uid="2")
    calendar = eds.add("cal", CALENDAR_FILE, event("DTSTART;TZID=Odd:20261122T090000"), other)
    calendar.zones["Odd"] = zone
    (first, _) = (await desk.fetch()).signals
    assert "2026, 11, 22, 7, 0" in repr(first)
    await desk.fetch()
    assert eds.members("cal").count("GetTimezone") == 2  # one for each of the names


async def test_lists_are_ticked_as_gnome_shows_them_until_their_owner_chooses(
    desk: Desk, eds: EdsStandIn, tasks: Source
) -> None:
    eds.add("hidden", key_file("Hidden", selected=False), todo(DUE, "SUMMARY:Hidden", uid="h"))
    assert await desk.titles() == ["Feed the cat"]
    desk.chosen = {"tasks": False, "hidden": True}
    assert await desk.titles() == ["Hidden"]


async def test_a_list_that_is_not_shown_is_not_opened(desk: Desk, eds: EdsStandIn) -> None:
    eds.add("hidden", key_file("Hidden", selected=False))
    await desk.fetch()
    assert eds.members("hidden") == []


@pytest.mark.parametrize(("writable", "may_write"), [(False, True), (True, False)])
async def test_what_may_not_be_written_offers_nothing(
    desk: Desk, tasks: Source, *, writable: bool, may_write: bool
) -> None:
    tasks.data = key_file("Tasks", backend="caldav")
    tasks.writable, desk.may_write = writable, may_write
    snapshot = await desk.fetch()
    assert [one.actions for one in snapshot.signals] == [()]
    assert [one.read_only for one in snapshot.calendars] == [not writable]


async def test_a_list_in_a_file_can_be_written_whatever_the_service_says_of_it(
    desk: Desk, tasks: Source
) -> None:
    tasks.writable = False
    snapshot = await desk.fetch()
    (task,) = snapshot.signals
    assert ActionKind.DONE in task.actions
    assert [one.read_only for one in snapshot.calendars] == [False]


async def test_the_lists_owner_has_declined_what_they_declined(desk: Desk, eds: EdsStandIn) -> None:
    declined = event(NINE, "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@example.com")
    eds.add("cal", CALENDAR_FILE, declined).owner = "Ada@Example.com"
    assert await desk.titles() == []


@pytest.mark.logs_warnings
async def test_what_cannot_be_read_is_counted(desk: Desk, tasks: Source, eds: EdsStandIn) -> None:
    eds.put(tasks, todo("DUE:yesterday", uid="2"))
    assert (await desk.fetch()).unread == 1


# What is not there


async def test_without_the_service_nothing_is_there(own_bus: OwnBus, bus: DesktopBus) -> None:
    with pytest.raises(Unavailable, match=NOT_INSTALLED):
        await Desk(bus).fetch()


async def test_another_version_is_not_asked(own_bus: OwnBus, bus: DesktopBus) -> None:
    eds = EdsStandIn(own_bus.address)
    await eds.start_registry("org.gnome.evolution.dataserver.Sources6")
    with pytest.raises(Unavailable, match=OTHER_VERSION):
        await Desk(bus).fetch()
    assert eds.calls == []
    await eds.stop()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ({SOURCES_NAME, CALENDAR_NAME, "org.other"}, None),
        ({SOURCES_NAME}, OTHER_VERSION),
        ({"org.gnome.evolution.dataserver.Sources4"}, OTHER_VERSION),
        ({"org.freedesktop.DBus"}, NOT_INSTALLED),
    ],
    ids=["there", "half", "older", "hidden, as by Flatpak"],
)
def test_what_is_there_is_told_by_names(names: set[str], said: str | None) -> None:
    assert lack(frozenset(names)) == said


async def test_a_list_that_is_no_longer_there_is_gone(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    await desk.fetch()
    eds.remove("tasks")
    assert (await desk.fetch()).calendars == ()


# Lists in trouble


async def test_a_list_that_hangs_keeps_what_it_showed_and_holds_no_other(
    bus: DesktopBus, eds: EdsStandIn, tasks: Source
) -> None:
    desk = Desk(bus, list_seconds=0.2)
    assert await desk.titles() == ["Feed the cat"]
    tasks.hangs = asyncio.Event()
    eds.add("more", key_file("More"), todo(DUE, "SUMMARY:More", uid="m"))
    snapshot = await desk.fetch()
    assert {one.title for one in snapshot.signals} == {"Feed the cat", "More"}
    problems = {one.id: one.problem for one in snapshot.calendars}
    assert problems == {"tasks": f"{SILENT} {AS_BEFORE}", "more": None}
    tasks.hangs.set()


async def test_a_list_that_has_never_answered_is_empty_and_says_so(
    bus: DesktopBus, eds: EdsStandIn, tasks: Source
) -> None:
    desk = Desk(bus, list_seconds=0.1)
    tasks.hangs = asyncio.Event()
    assert (await desk.calendar()).problem == SILENT
    tasks.hangs.set()


async def test_a_list_that_hangs_is_not_asked_again_until_it_has_answered(
    bus: DesktopBus, eds: EdsStandIn, tasks: Source
) -> None:
    desk = Desk(bus, list_seconds=0.1)
    tasks.hangs = asyncio.Event()
    await desk.fetch()
    await desk.fetch()
    assert eds.members("tasks").count("Open") == 1
    tasks.hangs.set()


async def test_nobody_waits_twice_for_a_list_that_hangs(
    bus: DesktopBus, eds: EdsStandIn, tasks: Source
) -> None:
    desk = Desk(bus, list_seconds=0.1)
    tasks.hangs = asyncio.Event()
    await desk.fetch()
    desk.source._list_seconds = 60  # a second wait would never end
    async with asyncio.timeout(5):
        assert (await desk.calendar()).problem == SILENT
    tasks.hangs.set()


async def test_a_late_answer_is_told_and_taken_without_another_question(
    bus: DesktopBus, eds: EdsStandIn, tasks: Source
) -> None:
    desk = Desk(bus, list_seconds=0.2)
    async with desk.watching():
        tasks.hangs = asyncio.Event()
        eds.change(tasks, todo(DUE, "SUMMARY:Feed the dog"))
        await desk.until_told()
        assert await desk.titles() == ["Feed the cat"]
        asked = eds.members("tasks").count("GetObjectList")
        tasks.hangs.set()
        await desk.until_told()
        snapshot = await desk.fetch()
        assert [one.title for one in snapshot.signals] == ["Feed the dog"]
        assert snapshot.calendars[0].problem is None
        assert eds.members("tasks").count("GetObjectList") == asked


async def test_what_a_silent_list_showed_is_of_today(bus: DesktopBus, eds: EdsStandIn) -> None:
    calendar = eds.add("cal", CALENDAR_FILE, event(*DAILY))
    desk = Desk(bus, list_seconds=0.2)
    await desk.fetch()
    calendar.hangs = asyncio.Event()
    desk.now += timedelta(days=1)
    first, _ = (await desk.fetch()).signals
    assert "2026, 11, 23" in repr(first)
    calendar.hangs.set()


async def test_a_list_that_waits_for_its_password_says_where_to_give_it(
    desk: Desk, tasks: Source
) -> None:
    tasks.status = "awaiting-credentials"
    tasks.components.clear()
    assert (await desk.calendar()).problem == UNSIGNED


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (error_name("g-io-error-quark", 39), UNREACHABLE),
        (error_name("e-soup-session-error-quark", 401), UNSIGNED),
    ],
    ids=["the server is down", "the password is wrong"],
)
async def test_a_list_that_waits_because_its_server_is_down_says_that(
    desk: Desk, tasks: Source, error: str, problem: str
) -> None:
    tasks.status = "awaiting-credentials"
    tasks.required = ("rejected", "", "", error, "Verbindungsaufbau abgelehnt")
    assert (await desk.calendar()).problem == f"{problem} {AS_BEFORE}"


async def test_a_list_that_waits_for_its_password_is_not_made_to_ask_for_it_again(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    tasks.status = "awaiting-credentials"
    async with desk.watching():
        await desk.fetch()
        await desk.fetch()
        assert "Refresh" not in eds.members("tasks")


@pytest.mark.parametrize(
    ("refusal", "problem"),
    [
        (error_name("g-io-error-quark", 39), SILENT),
        (error_name("e-client-error-quark", 19), FAILED),
    ],
)
async def test_a_list_that_refuses_says_so_and_is_asked_again(
    desk: Desk, tasks: Source, refusal: str, problem: str
) -> None:
    tasks.refuses = refusal
    assert (await desk.calendar()).problem == problem
    tasks.refuses = ""
    assert (await desk.calendar()).problem is None
    assert await desk.titles() == ["Feed the cat"]


async def test_a_list_that_failed_is_asked_again_after_a_while(
    bus: DesktopBus, eds: EdsStandIn, tasks: Source
) -> None:
    desk = Desk(bus, recheck_seconds=0.2)
    tasks.refuses = error_name("e-client-error-quark", 19)
    async with desk.watching():
        tasks.refuses = ""
        await desk.until_told()
        assert await desk.titles() == ["Feed the cat"]
        told = desk.told
        await asyncio.sleep(0.3)
        assert desk.told == told


async def test_a_list_with_too_much_is_left_out_alone(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    much = eds.add("much", key_file("Much"))
    much.components = {(f"{n}", ""): "x" for n in range(10_001)}
    assert await desk.titles() == ["Feed the cat"]
    assert (await desk.calendar("much")).problem == TOO_MUCH


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ("org.freedesktop.DBus.Error.Timeout", REGISTRY_SILENT),
        ("org.freedesktop.DBus.Error.ServiceUnknown", NOT_INSTALLED),
        ("org.freedesktop.DBus.Error.AccessDenied", NOT_ALLOWED),
    ],
    ids=["hangs", "cannot be started", "Flatpak"],
)
async def test_a_registry_that_does_not_answer_is_told_as_what_it_is(
    desk: Desk, eds: EdsStandIn, refusal: str, said: str
) -> None:
    eds.registry_refuses = refusal
    with pytest.raises(Unavailable, match=said):
        await desk.fetch()


@pytest.mark.parametrize(
    "answered", [("no path", CALENDAR_NAME), ("/", "no name"), ("/nothing/here", CALENDAR_NAME)]
)
async def test_a_list_that_is_nowhere_has_failed_alone(
    desk: Desk, tasks: Source, eds: EdsStandIn, answered: tuple[str, str]
) -> None:
    eds.add("odd", key_file("Odd")).answered = answered
    assert await desk.titles() == ["Feed the cat"]
    assert (await desk.calendar("odd")).problem == FAILED


async def test_a_view_by_whose_name_nothing_can_be_heard_has_failed(
    desk: Desk, tasks: Source
) -> None:
    tasks.view = "/" + "a" * 300
    async with desk.watching():
        assert (await desk.calendar()).problem == FAILED


# What is heard


async def test_a_change_is_told_and_its_list_alone_is_asked(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    eds.add("more", key_file("More"))
    async with desk.watching():
        eds.calls.clear()
        eds.change(tasks, todo(DUE, "SUMMARY:Feed the dog"))
        await desk.until_told()
        assert await desk.titles() == ["Feed the dog"]
        assert [call for call in eds.calls if call[1] != "tasks"] == []


async def test_any_other_fetch_asks_all_and_has_their_servers_looked_at(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    async with desk.watching():
        eds.calls.clear()
        eds.put(tasks, todo(DUE, "SUMMARY:Silently"))
        assert await desk.titles() == ["Silently"]
        assert {"Refresh", "GetObjectList"} <= set(eds.members("tasks"))


async def test_while_nothing_happens_nothing_is_asked_and_nothing_told(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    async with desk.watching():
        told = desk.told
        eds.calls.clear()
        await asyncio.sleep(0.3)
        assert (eds.calls, desk.told) == ([], told)


async def test_a_fetch_leads_to_no_other(desk: Desk, tasks: Source, eds: EdsStandIn) -> None:
    async with desk.watching():
        told = desk.told
        await desk.fetch()
        await desk.fetch()
        await asyncio.sleep(0.1)
        assert desk.told == told


@pytest.mark.parametrize(
    "happens",
    [
        lambda eds, _: eds.add("more", key_file("More")),
        lambda eds, _: eds.remove("tasks"),
        lambda eds, tasks: eds.set_status(tasks, "awaiting-credentials"),
        lambda eds, tasks: eds.set_data(tasks, key_file("Renamed")),
    ],
    ids=["added", "removed", "waits for its password", "renamed"],
)
async def test_what_happens_to_a_list_is_told_and_asked_for(
    desk: Desk, tasks: Source, eds: EdsStandIn, happens: Callable[[EdsStandIn, Source], None]
) -> None:
    async with desk.watching():
        before = (await desk.fetch()).calendars
        happens(eds, tasks)
        await desk.until_told()
        assert (await desk.fetch()).calendars != before


async def test_a_list_that_connects_is_no_news(desk: Desk, tasks: Source, eds: EdsStandIn) -> None:
    async with desk.watching():
        told = desk.told
        eds.set_status(tasks, "connecting")
        eds.set_status(tasks, "connected")
        await desk.fetch()
        assert desk.told == told


async def test_a_view_is_made_anew_at_midnight_and_the_old_one_ended(
    desk: Desk, eds: EdsStandIn
) -> None:
    calendar = eds.add("cal", CALENDAR_FILE, event(*DAILY))
    async with desk.watching():
        (before,) = eds.views
        desk.now += timedelta(days=1)
        await desk.fetch()
        await eds.until_called("Dispose")
        (after,) = eds.views
        assert after != before
        eds.change(calendar, event(*DAILY, "SUMMARY:Later"))
        await desk.until_told()


async def test_a_view_is_made_anew_where_the_machines_zone_changes(
    desk: Desk, eds: EdsStandIn
) -> None:
    eds.add("cal", CALENDAR_FILE)
    async with desk.watching():
        desk.zone = ZoneInfo("Asia/Tokyo")
        await desk.fetch()
        await eds.until_called("Dispose")
        ((_, query, started),) = eds.views.values()
        assert started
        assert "20261120T150000Z" in query


async def test_a_list_that_is_no_longer_shown_is_let_go(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    async with desk.watching():
        desk.chosen = {"tasks": False}
        await desk.fetch()
        await eds.until_called("Close")
        assert (eds.views, eds.opened) == ({}, {})


async def test_all_is_opened_anew_when_the_factory_was_started_anew(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    async with desk.watching():
        await eds.stop_factory()
        await eds.start_factory()
        await desk.until_told()
        assert await desk.titles() == ["Feed the cat"]
        assert (await desk.calendar()).problem is None
        eds.change(tasks, todo(DUE, "SUMMARY:Feed the dog"))
        await desk.until_told()
        assert await desk.titles() == ["Feed the dog"]


async def test_a_factory_that_was_started_anew_unheard_is_asked_all_the_same(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    await desk.fetch()
    await eds.stop_factory()
    await eds.start_factory()
    eds.put(tasks, todo(DUE, "SUMMARY:Feed the dog"))
    assert await desk.titles() == ["Feed the dog"]
    assert (await desk.calendar()).problem is None


async def test_the_lists_are_asked_for_when_the_registry_was_started_anew(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    async with desk.watching():
        await eds.stop_registry()
        tasks.data = key_file("Renamed")
        await eds.start_registry()
        await desk.until_told()
        assert (await desk.calendar()).name == "Renamed"


async def test_a_service_that_goes_away_again_and_again_is_left_alone(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    async with desk.watching() as watch:
        await eds.stop_factory()
        await eds.start_factory()
        await desk.until_told()
        await desk.fetch()
        await eds.stop_factory()
        with pytest.raises(Unavailable, match=WENT_AWAY):
            async with asyncio.timeout(5):
                await watch


async def test_a_bus_that_goes_away_ends_the_watch(
    own_bus: OwnBus, desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    async with desk.watching() as watch:
        own_bus.stop()
        with pytest.raises(Unavailable, match="D-Bus was lost") as caught:
            async with asyncio.timeout(5):
                await watch
        assert caught.value.fact == BUS_LOST


async def test_after_a_watch_has_ended_another_hears(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    async with desk.watching():
        pass
    async with desk.watching():
        eds.change(tasks, todo(DUE, "SUMMARY:Feed the dog"))
        await desk.until_told()
        assert await desk.titles() == ["Feed the dog"]


async def test_a_question_that_nobody_waits_for_ends_with_the_watch(
    bus: DesktopBus, eds: EdsStandIn, tasks: Source
) -> None:
    desk = Desk(bus, list_seconds=0.1)
    async with desk.watching():
        tasks.hangs = asyncio.Event()
        await desk.fetch()
    told = desk.told
    tasks.hangs.set()
    tasks.hangs = None
    assert (await desk.calendar()).problem is None
    assert desk.told == told


async def test_when_nobody_watches_any_more_nothing_is_held(
    own_bus: OwnBus, desk: Desk, tasks: Source
) -> None:
    async with desk.watching():
        pass
    other = DesktopBus(own_bus.address)
    # The bus itself, the stand-in's two, and the one that asks.
    assert sum(name.startswith(":") for name in await other.names()) == 3
    await other.aclose()


# Lists that are written to


async def test_an_opened_list_tells_what_can_be_done_with_it(desk: Desk, tasks: Source) -> None:
    tasks.capabilities = ("task-handle-recur", "no-alarms")
    opened = await desk.source.opened("tasks")
    assert (opened.one.uid, opened.writable) == ("tasks", True)
    assert opened.capabilities == {"task-handle-recur", "no-alarms"}


async def test_what_is_written_to_a_list_is_there_and_is_told(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    async with desk.watching():
        opened = await desk.source.opened("tasks")
        await opened.modify(todo(DUE, "SUMMARY:Feed the dog"))
        await desk.until_told()
        assert await desk.titles() == ["Feed the dog"]
        assert len(await opened.query('(uid? "1@example.com")')) == 1
    assert eds.members("tasks").count("Open") == 1


async def test_a_list_is_opened_anew_to_be_written_to_where_it_was_closed(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    before = await desk.source.opened("tasks")
    await eds.stop_factory()
    await eds.start_factory()
    with pytest.raises(EdsError) as caught:
        await before.query("#t")
    assert caught.value.code is EdsCode.NO_OBJECT
    assert len(await (await desk.source.opened("tasks")).query("#t")) == 1


async def test_a_list_that_is_not_there_cannot_be_opened(desk: Desk, tasks: Source) -> None:
    with pytest.raises(EdsError) as caught:
        await desk.source.opened("other")
    assert caught.value.code is EdsCode.NO_SOURCE


async def test_a_list_that_is_not_shown_is_let_go_after_it_was_written_to(
    desk: Desk, tasks: Source, eds: EdsStandIn
) -> None:
    desk.chosen = {"tasks": False}
    await (await desk.source.opened("tasks")).refresh()
    assert [one.shown for one in (await desk.fetch()).calendars] == [False]
    await eds.until_called("Close")


# Safety


async def test_every_rule_there_ever_is_keeps_passwords_out_and_nothing_is_logged(
    own_bus: OwnBus,
    desk: Desk,
    tasks: Source,
    eds: EdsStandIn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    calendar = eds.add("cal", CALENDAR_FILE, event(*DAILY))
    async with monitored(own_bus) as passed:
        async with desk.watching():
            eds.set_status(tasks, "awaiting-credentials")
            eds.authenticate(tasks)
            eds.change(calendar, event(*DAILY, "SUMMARY:Secret meeting"))
            await desk.fetch()
            desk.now += timedelta(days=1)
            await desk.fetch()
            await eds.stop_factory()
            await eds.start_factory()
            await desk.fetch()
        async with desk.watching():
            await desk.fetch()
        rules = {
            message.body[0]
            for message in passed
            if message.message_type is MessageType.METHOD_CALL and message.member == "AddMatch"
        }
        assert len([rule for rule in rules if "CalendarView" in rule]) >= 3
        eavesdropper = await MessageBus(bus_address=own_bus.address).connect()
        received: list[str] = []
        came = asyncio.Event()

        def receive(message: Message) -> None:
            received.append(message.member or "")
            if message.member == "PropertiesChanged":
                came.set()

        eavesdropper.add_message_handler(receive)
        for rule in sorted(rules):
            await eavesdropper.call(to_bus("AddMatch", "s", rule))
        eds.authenticate(tasks)
        eds.set_status(tasks, "connected")
        async with asyncio.timeout(5):
            await came.wait()
        eavesdropper.disconnect()
    assert "Authenticate" not in received
    assert any(message.member == "Authenticate" for message in passed)
    for secret in (PASSWORD, "Secret meeting", "Feed the cat", "Das ging nicht"):
        assert secret not in caplog.text


def to_bus(member: str, signature: str, *body: object) -> Message:
    interface = "org.freedesktop.DBus.Monitoring" if member == "BecomeMonitor" else BUS_INTERFACE
    return Message(
        destination=BUS_NAME,
        path=BUS_PATH,
        interface=interface,
        member=member,
        signature=signature,
        body=list(body),
    )


@asynccontextmanager
async def monitored(own_bus: OwnBus) -> AsyncIterator[list[Message]]:
    """Keep all that passes over the bus."""
    passed: list[Message] = []

    def keep(message: Message) -> bool:
        passed.append(message)
        return True

    monitor = await MessageBus(bus_address=own_bus.address).connect()
    await monitor.call(to_bus("BecomeMonitor", "asu", [], 0))
    monitor.add_message_handler(keep)
    yield passed
    monitor.disconnect()


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de_DE.UTF-8"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_FR"}, "fr_FR"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_FR", "LC_ALL": "C"}, "C"),
        ({}, ""),
    ],
)
def test_the_language_is_that_of_messages(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANG", "LC_MESSAGES", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert user_language() == language
