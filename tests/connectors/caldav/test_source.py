"""What a CalDAV account shows, poll after poll, and what its clicks leave to be read again."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.connectors.caldav.collections import MAX_COLLECTIONS
from oo_desktop.connectors.caldav.source import MAX_FAILED_POLLS, OWNER_AGAIN, CalDavSource
from oo_desktop.errors import AuthRequired, Rejected, SourceError, Unavailable
from oo_desktop.http.client import Answer, Http, NotSent
from oo_desktop.model.signals import ActionKind, AnySignal, Calendar, SignalId, Task, UserId
from oo_desktop.model.source import ActingSource, Action, Snapshot
from oo_desktop.testing import FakeClock
from oo_desktop.testing.fakes import settle
from oo_desktop.testing.wire import Wire, answer_lost, cut, says, silent, unreachable
from tests.connectors.caldav.desk import NOON, Relay, client_at, event, relay_to, task
from tests.connectors.caldav.servers import Server
from tests.connectors.caldav.stand_in import HOME, HOST, DavStandIn, Shelf, found
from tests.http.scripted import Asked, Reply

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = "DUE;VALUE=DATE:20261122"
TOMORROW = "DUE;VALUE=DATE:20261123"
ADA = UserId("ada@dav.example/dav/ada/")
LIST = "PROPFIND /dav/ada"
SYNC = "REPORT /dav/ada/work sync-collection"
OWNER = ["OPTIONS /dav/ada", LIST, "PROPFIND /principals/ada"]


class Desk:
    """A source, and the server it reads. now, may_write, has_list, chosen: what it is told.

    known: what it brought last.
    """

    def __init__(self, http: Http, home: str, *, user_id: UserId = ADA) -> None:
        self.user_id = user_id
        self.known = Snapshot(signals=())
        self.now = NOON
        self.may_write = True
        self.has_list = False
        self.chosen: Mapping[str, bool] = {}
        client = client_at(home, http, FakeClock())
        self.source = CalDavSource(
            client=lambda _: client,
            chosen=lambda _: self.chosen,
            may_write=lambda _: self.may_write,
            has_list=lambda _: self.has_list,
            now=lambda: self.now,
            here=lambda: BERLIN,
        )

    async def fetch(self) -> Snapshot:
        self.known = await self.source.fetch_again(self.user_id, self.known)
        return self.known

    async def titles(self) -> list[str]:
        return [signal.title for signal in (await self.fetch()).signals]

    async def calendar(self, name: str) -> Calendar:
        return next(each for each in (await self.fetch()).calendars if each.name == name)

    async def act(self, kind: ActionKind, title: str) -> None:
        signal = next(each for each in (await self.fetch()).signals if each.title == title)
        await self.click(kind, signal)

    async def click(self, kind: ActionKind, signal: AnySignal) -> None:
        recurring = isinstance(signal, Task) and signal.recurring
        action = Action(kind=kind, uuid="u", undo=signal.undo, recurring=recurring)
        await self.source.act(self.user_id, signal.id, action)


class Served(Desk):
    """A source that reads the stand-in."""

    def __init__(self, *, user_id: UserId = ADA, **manners: object) -> None:
        self.server = DavStandIn(**manners)
        self.wire = Wire(self.server)
        super().__init__(self.wire, HOST + HOME, user_id=user_id)

    def put(self, title: str, *lines: str, shelf: str = "work") -> None:
        shelves = self.server.shelves
        shelves.setdefault(shelf, Shelf(name=shelf.title())).put(title, task(title, title, *lines))

    async def settled(self) -> None:
        """Poll until a poll is one question."""
        for _ in range(3):
            await self.fetch()
        self.server.taken()
        await self.fetch()
        assert self.server.taken() == [LIST]


@pytest.fixture
async def relay(server: Server) -> AsyncIterator[Relay]:
    async with relay_to(server) as relay:
        yield relay


@pytest.fixture
async def desk(relay: Relay, clock: FakeClock) -> AsyncIterator[Desk]:
    """A source that reads a real server, through a relay."""
    http = Http(clock=clock)
    yield Desk(http, relay.home)
    await http.aclose()


async def quiet(server: Server, relay: Relay, desk: Desk) -> None:
    """Poll until a poll is one question."""
    for _ in range(3):
        relay.taken()
        await desk.fetch()
    assert relay.taken() == [f"PROPFIND {server.home}"]


# Real servers


async def test_an_idle_poll_of_a_real_server_is_one_question(
    server: Server, relay: Relay, desk: Desk
) -> None:
    work = server.make_collection("work", "Work")
    home = server.make_collection("home", "Home", components=("VEVENT",))
    server.put(f"{work}trip.ics", task("trip", "Plan the trip", TODAY))
    times = ("DTSTART:20261122T150000Z", "DTEND:20261122T160000Z")
    server.put(f"{home}tea.ics", event("tea", "Tea", *times))
    assert await desk.titles() == ["Plan the trip", "Tea"]
    await desk.fetch()
    relay.taken()
    assert await desk.titles() == ["Plan the trip", "Tea"]
    assert relay.taken() == [f"PROPFIND {server.home}"]


async def test_a_click_on_a_real_server_is_on_the_list_at_once(server: Server, desk: Desk) -> None:
    work = server.make_collection("work", "Work")
    server.put(f"{work}a.ics", task("a", "Water the plants", TODAY))
    server.put(f"{work}b.ics", task("b", "Feed the cat", TODAY))
    await desk.act(ActionKind.DONE, "Water the plants")
    assert await desk.titles() == ["Feed the cat"]
    assert "STATUS:COMPLETED" in server.get(f"{work}a.ics")


async def test_a_collection_made_or_deleted_elsewhere_is_seen_by_the_next_poll(
    server: Server, desk: Desk
) -> None:
    work = server.make_collection("work", "Work")
    server.put(f"{work}a.ics", task("a", "A", TODAY))
    assert await desk.titles() == ["A"]
    other = server.make_collection("other", "Other")
    server.put(f"{other}b.ics", task("b", "B", TODAY))
    assert await desk.titles() == ["B", "A"]
    server.delete(work)
    assert await desk.titles() == ["B"]


async def test_what_changed_elsewhere_is_asked_for_in_its_own_collection_alone(
    server: Server, relay: Relay, desk: Desk
) -> None:
    work = server.make_collection("work", "Work")
    other = server.make_collection("other", "Other")
    for number in range(12):
        server.put(f"{work}{number}.ics", task(str(number), f"Task {number:03}"))
    server.put(f"{other}b.ics", task("b", "B", TODAY))
    await quiet(server, relay, desk)
    server.put(f"{work}7.ics", task("7", "Seven", TODAY))
    server.put(f"{work}new.ics", task("new", "New", TODAY))
    assert await desk.titles() == ["B", "Seven", "New"]
    # The change, and for a server that brings no data with it, the two by their names.
    with_data = server.name == "radicale"
    assert relay.taken() == [f"PROPFIND {server.home}", *[f"REPORT {work}"] * (2 - with_data)]
    # Marks of some servers are seconds: one more look, which finds nothing.
    await desk.fetch()
    assert relay.taken() == [f"PROPFIND {server.home}", f"REPORT {work}"]
    await desk.fetch()
    assert relay.taken() == [f"PROPFIND {server.home}"]


async def test_what_was_deleted_elsewhere_goes_with_one_more_question(
    server: Server, relay: Relay, desk: Desk
) -> None:
    work = server.make_collection("work", "Work")
    server.put(f"{work}a.ics", task("a", "A", TODAY))
    server.put(f"{work}b.ics", task("b", "B", TODAY))
    await quiet(server, relay, desk)
    server.delete(f"{work}a.ics")
    assert await desk.titles() == ["B"]
    assert relay.taken() == [f"PROPFIND {server.home}", f"REPORT {work}"]


async def test_a_poll_is_one_question_again_soon_after_a_click(
    server: Server, relay: Relay, desk: Desk
) -> None:
    work = server.make_collection("work", "Work")
    server.put(f"{work}a.ics", task("a", "A", TODAY))
    server.put(f"{work}b.ics", task("b", "B", TODAY))
    await quiet(server, relay, desk)
    await desk.act(ActionKind.DONE, "A")
    polls = 0
    relay.taken()
    while True:
        assert await desk.titles() == ["B"]
        if relay.taken() == [f"PROPFIND {server.home}"]:
            break
        polls += 1
    assert polls == 2  # what confirms it, and the one more look after a change


async def test_another_name_of_a_collection_is_seen_by_the_next_poll(
    server: Server, desk: Desk
) -> None:
    work = server.make_collection("work", "Work")
    server.put(f"{work}a.ics", task("a", "A", TODAY))
    await desk.fetch()
    server.rename(work, "Garden")
    found = await desk.fetch()
    assert [each.name for each in found.calendars] == ["Garden"]
    assert [each.container.name for each in found.signals if each.container] == ["Garden"]


async def test_what_is_hidden_on_a_real_server_is_not_asked_for(
    server: Server, relay: Relay, desk: Desk
) -> None:
    work = server.make_collection("work", "Work")
    other = server.make_collection("other", "Other")
    server.put(f"{work}a.ics", task("a", "A", TODAY))
    server.put(f"{other}b.ics", task("b", "B", TODAY))
    hidden = (await desk.calendar("Work")).id
    desk.chosen = {hidden: False}
    relay.taken()
    server.put(f"{work}c.ics", task("c", "C", TODAY))
    assert await desk.titles() == ["B"]
    assert not [each for each in relay.taken() if work in each]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Reply(403), id="forbidden"),
        pytest.param(Reply(404), id="gone"),
        pytest.param(Reply(500), id="in trouble"),
        pytest.param(Reply(207, b"<multistatus", content_type="application/xml"), id="no XML"),
        pytest.param(Reply(207, b"\xff\x00" * 99, content_type="text/xml"), id="garbage"),
        pytest.param(
            Reply(raw=b"HTTP/1.1 207 X\r\ncontent-length: 9\r\n\r\n", then="close"), id="cut"
        ),
    ],
)
async def test_a_bad_collection_of_a_real_server_is_marked_and_mends(
    answer: Reply, server: Server, relay: Relay, desk: Desk
) -> None:
    work = server.make_collection("work", "Work")
    other = server.make_collection("other", "Other")
    server.put(f"{work}a.ics", task("a", "A", TODAY))
    server.put(f"{other}b.ics", task("b", "B", TODAY))
    relay.meddle = lambda asked, reply: answer if asked.path.startswith(work) else reply
    found = await desk.fetch()
    assert [each.title for each in found.signals] == ["B"]
    assert [each.name for each in found.calendars if each.problem] == ["Work"]
    relay.meddle = lambda _asked, reply: reply
    found = await desk.fetch()
    assert [each.title for each in found.signals] == ["B", "A"]
    assert not [each for each in found.calendars if each.problem]


@pytest.mark.parametrize("then", ["close", "reset"])
async def test_a_list_that_is_cut_in_the_middle_loses_nothing(
    then: Literal["close", "reset"], server: Server, relay: Relay, desk: Desk
) -> None:
    work = server.make_collection("work", "Work")
    server.put(f"{work}a.ics", task("a", "A", TODAY))
    await quiet(server, relay, desk)
    server.put(f"{work}b.ics", task("b", "B", TODAY))

    def cut_short(_asked: Asked, reply: Reply) -> Reply:
        half = reply.payload()[: len(reply.payload()) // 2]
        head = f"HTTP/1.1 207 X\r\ncontent-length: {len(half) * 2}\r\n\r\n".encode()
        return Reply(raw=head + half, then=then)

    relay.meddle = cut_short
    with pytest.raises(Unavailable):
        await desk.fetch()
    relay.meddle = lambda _asked, reply: reply
    assert await desk.titles() == ["A", "B"]


async def test_what_a_real_server_calls_by_weak_etags_is_read_and_can_be_done(
    server: Server, relay: Relay, desk: Desk
) -> None:
    work = server.make_collection("work", "Work")
    server.put(f"{work}a.ics", task("a", "A", TODAY))

    def weakened(asked: Asked, reply: Reply) -> Reply:
        if asked.method != "GET" or "etag" not in reply.headers:
            return reply
        weak = {**reply.headers, "etag": f"W/{reply.headers['etag']}"}
        return replace(reply, headers=weak)

    relay.meddle = weakened
    await desk.act(ActionKind.DONE, "A")
    assert await desk.titles() == []
    assert "STATUS:COMPLETED" in server.get(f"{work}a.ics")


async def test_a_name_of_any_letters_can_be_done(server: Server, desk: Desk) -> None:
    work = server.make_collection("work", "Work")
    path = f"{work}a%20b%40c%C3%A9.ics"
    server.put(path, task("a", "A", TODAY))
    await desk.act(ActionKind.DONE, "A")
    assert await desk.titles() == []
    assert "STATUS:COMPLETED" in server.get(path)


# A poll


def test_it_is_a_source_that_acts() -> None:
    assert isinstance(Served().source, ActingSource)


async def test_the_first_poll_also_asks_whose_account_it_is() -> None:
    served = Served()
    await served.fetch()
    assert served.server.taken() == [LIST, *OWNER, SYNC]
    await served.settled()


async def test_a_new_day_is_worked_out_without_a_question() -> None:
    served = Served()
    served.put("today", TODAY)
    served.put("tomorrow", TOMORROW)
    await served.settled()
    assert await served.titles() == ["today"]
    served.server.taken()
    served.now += timedelta(hours=12)
    assert await served.titles() == ["today", "tomorrow"]
    assert served.server.taken() == [LIST]


async def test_a_list_on_which_nothing_changed_is_the_very_same() -> None:
    served = Served()
    served.put("a", TODAY)
    first = await served.fetch()
    again = await served.fetch()
    assert again.signals is first.signals
    assert again.made_of is first.made_of
    served.put("b", TODAY)
    assert (await served.fetch()).signals[:1] == first.signals


async def test_what_another_connector_made_is_not_taken_for_the_same() -> None:
    served = Served()
    served.put("a", TODAY)
    for strange in ("what another connector made it of", (), (1,)):
        served.known = Snapshot(signals=(), made_of=strange)
        assert await served.titles() == ["a"]


async def test_the_order_does_not_depend_on_when_a_task_was_read() -> None:
    running = Served()
    for title in "cab":
        running.put(title, TODAY)
        await running.fetch()
    running.put("late", "DUE:20261122T170000Z")
    running.put("overdue", "DUE;VALUE=DATE:20261120")
    started = Served()
    started.server.shelves = running.server.shelves
    titles = await running.titles()
    assert titles == await started.titles()
    assert titles == ["overdue", "a", "b", "c", "late"]


async def test_tasks_come_first_and_then_events_by_their_beginning() -> None:
    served = Served()
    later = ("DTSTART:20261122T170000Z", "DTEND:20261122T180000Z")
    sooner = ("DTSTART:20261122T150000Z", "DTEND:20261122T160000Z")
    day = ("DTSTART;VALUE=DATE:20261122", "DTEND;VALUE=DATE:20261123")
    served.server.work.put("1", event("1", "Later", *later))
    served.server.shelves["a"] = Shelf(name="A")
    served.server.shelves["a"].put("2", event("2", "Sooner", *sooner))
    served.server.shelves["a"].put("3", event("3", "Whole day", *day))
    served.put("task", TODAY)
    assert await served.titles() == ["task", "Whole day", "Sooner", "Later"]


async def test_the_zone_of_an_account_is_the_machines() -> None:
    assert (await Served().fetch()).zone is None


async def test_what_was_over_is_back_when_the_clock_is_put_back() -> None:
    served = Served()
    times = ("DTSTART:20261101T150000Z", "DTEND:20261101T160000Z")
    served.server.work.put("1", event("1", "Long ago", *times))
    assert await served.titles() == []
    served.now -= timedelta(days=21)
    assert await served.titles() == ["Long ago"]


@pytest.mark.logs_warnings
async def test_what_cannot_be_read_is_counted_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    served = Served()
    served.put("a", TODAY)
    served.server.work.put("bad", "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:secret")
    for _ in range(3):
        found = await served.fetch()
        assert (len(found.signals), found.unread) == (1, 1)
    (record,) = [each for each in caplog.records if each.levelname == "WARNING"]
    assert record.getMessage() == "CalDAV has entries that make no sense; left out: 1"


# Collections


async def test_each_collection_is_told_with_what_it_is() -> None:
    served = Served()
    served.server.work.properties = (
        "<i:calendar-color>#aabbccFF</i:calendar-color><d:current-user-privilege-set>"
        "<d:privilege><d:read/></d:privilege></d:current-user-privilege-set>"
    )
    assert (await served.fetch()).calendars == (
        Calendar(id="/dav/ada/work/", name="Work", color="#aabbcc", read_only=True),
    )


async def test_what_the_owner_hid_is_not_even_asked_for() -> None:
    served = Served()
    served.put("a", TODAY)
    served.put("b", TODAY, shelf="home")
    served.chosen = {"/dav/ada/work/": False}
    assert await served.titles() == ["b"]
    assert SYNC not in served.server.taken()
    assert not (await served.calendar("Work")).shown
    served.chosen = {}
    assert await served.titles() == ["b", "a"]


async def test_what_can_only_be_read_has_no_actions() -> None:
    served = Served()
    served.put("a", TODAY)
    assert (await served.fetch()).signals[0].actions
    served.server.work.properties = (
        "<d:current-user-privilege-set><d:privilege><d:read/></d:privilege>"
        "</d:current-user-privilege-set>"
    )
    assert (await served.fetch()).signals[0].actions == ()


async def test_a_resource_that_lies_in_two_collections_is_listed_once() -> None:
    data = f"<d:getetag>x</d:getetag><c:calendar-data>{task('x', 'X', TODAY)}</c:calendar-data>"
    kind = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"
    served = Served(
        home_extra=found(f"{HOME}work/inner/", kind), sync_extra=found(f"{HOME}work/inner/x", data)
    )
    listed = await served.fetch()
    assert [each.name for each in listed.calendars] == ["inner", "Work"]
    assert [each.title for each in listed.signals] == ["X"]


# What goes wrong with one collection


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (403, "The server does not let oO see this calendar."),
        (404, "This calendar is no longer there."),
        (418, "CalDAV refuses what oO asked for (418)."),
        (500, "CalDAV has a problem of its own (500). oO keeps trying."),
    ],
)
async def test_a_bad_collection_says_why_and_hides_no_other(status: int, sentence: str) -> None:
    served = Served()
    served.put("a", TODAY)
    served.put("b", TODAY, shelf="home")
    served.server.status = {SYNC: status, "PROPFIND /dav/ada/work": status}
    assert await served.titles() == ["b"]
    assert (await served.calendar("Work")).problem == sentence
    assert (await served.calendar("Home")).problem is None


async def test_what_was_there_stays_while_a_collection_is_in_passing_trouble() -> None:
    served = Served()
    served.put("a", TODAY)
    served.put("tomorrow", TOMORROW)
    served.put("b", TODAY, shelf="home")
    await served.settled()
    served.put("new", TODAY)
    served.server.status = {SYNC: 500, "PROPFIND /dav/ada/work": 500}
    served.now += timedelta(hours=12)  # and is as of today
    assert await served.titles() == ["b", "a", "tomorrow"]
    problem = (await served.calendar("Work")).problem
    assert problem is not None
    assert "It is shown as it was before." in problem
    served.server.status = {}
    assert await served.titles() == ["b", "a", "new", "tomorrow"]
    assert (await served.calendar("Work")).problem is None


async def test_what_was_there_goes_with_a_collection_that_is_forbidden() -> None:
    served = Served()
    served.put("a", TODAY)
    served.put("b", TODAY, shelf="home")
    await served.settled()
    served.put("new", TODAY)
    served.server.status = {SYNC: 403, "PROPFIND /dav/ada/work": 403}
    assert await served.titles() == ["b"]


async def test_where_every_collection_is_bad_the_poll_fails() -> None:
    served = Served()
    served.put("b", TODAY, shelf="home")
    served.server.status = {SYNC: 403, "PROPFIND /dav/ada/work": 403}
    served.server.status |= {"REPORT /dav/ada/home": 500, "PROPFIND /dav/ada/home": 500}
    with pytest.raises(Unavailable):  # what may pass before what will not
        await served.fetch()


async def test_after_a_start_the_saved_list_stays_a_few_polls_for_a_collection_in_trouble() -> None:
    served = Served()
    served.has_list = True
    served.put("b", TODAY, shelf="home")
    served.server.status = {SYNC: 500, "PROPFIND /dav/ada/work": 500}
    for _ in range(MAX_FAILED_POLLS):
        with pytest.raises(Unavailable):
            await served.fetch()
    assert await served.titles() == ["b"]


async def test_more_events_than_can_be_shown_are_said_beside_the_collection() -> None:
    served = Served()
    served.put("b", TODAY, shelf="home")
    times = ("DTSTART:20261122T000000Z", "DTEND:20261122T000100Z")
    for number in range(30):
        rule = "RRULE:FREQ=MINUTELY;INTERVAL=6;COUNT=480"
        served.server.work.put(str(number), event(str(number), "Tick", *times, rule))
    assert await served.titles() == ["b"]
    problem = (await served.calendar("Work")).problem
    assert problem == "This calendar is more than oO can show."


# What goes wrong with the account


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(unreachable, NotSent, id="no network"),
        pytest.param(says(429, b"{}"), Unavailable, id="too many requests"),
        pytest.param(says(200, b"<html>Sign in", "text/html"), Unavailable, id="a portal"),
    ],
)
async def test_what_is_wrong_with_the_account_fails_the_poll(
    fault: object, kind: type[Exception]
) -> None:
    served = Served()
    served.put("a", TODAY)
    served.put("b", TODAY, shelf="home")
    await served.settled()
    served.put("new", TODAY)
    with served.wire.broken(fault, first=1), pytest.raises(kind):  # type: ignore[arg-type]  # each is
        await served.fetch()
    assert await served.titles() == ["b", "a", "new"]


async def test_a_revoked_password_asks_for_a_reconnect() -> None:
    served = Served()
    served.server.status = {LIST: 401}
    with pytest.raises(AuthRequired):
        await served.fetch()


async def test_an_absurd_number_of_collections_is_refused() -> None:
    served = Served()
    served.server.shelves = {str(each): Shelf() for each in range(MAX_COLLECTIONS + 1)}
    with pytest.raises(Rejected):
        await served.fetch()


async def test_a_poll_that_was_given_up_leaves_nothing_running_and_the_next_is_whole() -> None:
    served = Served()
    for number in range(10):
        served.put(f"task {number}", TODAY, shelf=f"list-{number}")
    with served.wire.broken(silent, first=6):
        poll = asyncio.ensure_future(served.fetch())
        await settle(200)
        poll.cancel()
        with pytest.raises(asyncio.CancelledError):
            await poll
    assert [each for each in asyncio.all_tasks() if "one" in repr(each.get_coro())] == []
    assert len(await served.titles()) == 10


async def test_no_more_than_four_collections_are_asked_for_at_once() -> None:
    class Slow(Wire):
        at_once = most = 0

        async def request(self, *args: object, **more: object) -> Answer:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            await asyncio.sleep(0.001)
            try:
                return await super().request(*args, **more)  # type: ignore[arg-type]  # passed on
            finally:
                self.at_once -= 1

    server = DavStandIn()
    server.shelves = {str(number): Shelf() for number in range(20)}
    slow = Slow(server)
    await Desk(slow, HOST + HOME).fetch()
    assert slow.most == 4


# The owner


CALL = (
    "DTSTART:20261122T150000Z",
    "DTEND:20261122T160000Z",
    "ORGANIZER:mailto:grace@example.com",
)


def invitation(address: str, answer: str = "NEEDS-ACTION") -> str:
    return event("call", "Call", *CALL, f"ATTENDEE;PARTSTAT={answer}:{address}")


@pytest.mark.parametrize("address", ["mailto:ADA@example.com", "/principals/ada/"])
async def test_an_invitation_of_the_owner_can_be_answered(address: str) -> None:
    served = Served()
    served.server.work.put("call", invitation(address))
    (call,) = (await served.fetch()).signals
    assert ActionKind.ACCEPT in call.actions


async def test_an_address_that_one_signs_in_with_is_ones_own() -> None:
    served = Served(user_id=UserId("ada%40work.example@dav.example/dav/ada/"), addresses=())
    served.server.work.put("call", invitation("mailto:ada@work.example"))
    (call,) = (await served.fetch()).signals
    assert ActionKind.ACCEPT in call.actions


async def test_a_server_that_delivers_no_answers_is_given_none() -> None:
    served = Served(dav="1, calendar-access")
    served.server.work.put("call", invitation("mailto:ada@example.com"))
    (call,) = (await served.fetch()).signals
    assert call.actions == ()


@pytest.mark.parametrize("asked", ["OPTIONS /dav/ada", "PROPFIND /principals/ada"])
async def test_an_owner_who_cannot_be_told_costs_nothing_and_is_asked_for_later(
    asked: str,
) -> None:
    served = Served()
    served.put("a", TODAY)
    served.server.work.put("call", invitation("mailto:ada@example.com"))
    served.server.status = {asked: 500}
    assert await served.titles() == ["a", "Call"]
    served.server.status = {}
    await served.settled()
    served.now += OWNER_AGAIN
    (call,) = [each for each in (await served.fetch()).signals if each.title == "Call"]
    assert ActionKind.ACCEPT in call.actions


# Acting


async def test_what_a_click_changed_is_read_again_though_no_mark_says_so() -> None:
    served = Served(frozen=True)
    served.put("a", TODAY)
    served.put("b", TODAY)
    await served.settled()
    await served.act(ActionKind.DONE, "a")
    assert await served.titles() == ["b"]
    await served.settled()


async def test_what_a_click_may_have_changed_is_read_again_though_its_answer_was_lost() -> None:
    served = Served(frozen=True)
    served.put("a", TODAY)
    await served.settled()
    (signal,) = (await served.fetch()).signals
    with served.wire.broken(answer_lost, first=1), pytest.raises(Unavailable):
        await served.click(ActionKind.DONE, signal)
    with served.wire.broken(cut, first=1), pytest.raises(SourceError):  # and this poll is lost, too
        await served.fetch()
    assert await served.titles() == []


async def test_a_click_right_after_a_start_needs_no_poll() -> None:
    served = Served()
    served.put("a", TODAY)
    (signal,) = (await served.fetch()).signals
    started = Served()
    started.server.shelves = served.server.shelves
    await started.click(ActionKind.DONE, signal)
    assert await started.titles() == []


async def test_an_account_that_may_not_be_changed_is_not() -> None:
    served = Served()
    served.may_write = False
    served.put("a", TODAY)
    (signal,) = (await served.fetch()).signals
    assert signal.actions == ()
    served.server.taken()
    with pytest.raises(Rejected, match="may not change"):
        await served.click(ActionKind.DONE, signal)
    assert served.server.taken() == []


async def test_a_signal_nobody_knows_is_for_the_writing_to_judge() -> None:
    action = Action(kind=ActionKind.DONE, uuid="u")
    with pytest.raises(SourceError):
        await Served().source.act(ADA, SignalId("/dav/ada/work/unknown"), action)
