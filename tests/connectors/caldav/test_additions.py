"""A new task is one resource on every server, whatever is lost, and one that programs can read."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from oo_desktop.connectors.caldav.additions import add, body_of, href_of, remove
from oo_desktop.connectors.caldav.source import CalDavSource
from oo_desktop.connectors.icalendar.lines import components
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.connectors.icalendar.todos import TODO_PROPERTIES, todo_from_component
from oo_desktop.errors import Rejected, SourceError, Unavailable
from oo_desktop.http.client import Http, ServiceClient
from oo_desktop.model.quick_add import understood
from oo_desktop.model.signals import (
    Adding,
    Day,
    Due,
    Fixed,
    Floating,
    NewTask,
    SignalId,
    Task,
    UserId,
)
from oo_desktop.model.source import AddingSource
from oo_desktop.testing import FakeClock
from tests.connectors.caldav.desk import Relay, client_at, relay_to
from tests.connectors.caldav.servers import Server
from tests.http.scripted import Asked, Reply, ScriptedService

TYPED_AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ADA = UserId("ada")
UUID = "8d0f6f30-0000-4000-8000-000000000001"


def new(title: str = "Buy milk", **more: Any) -> NewTask:
    given = {"due": Day(date(2026, 11, 22)), "list": "/ada/work/", **more}
    return NewTask(uuid=UUID, text=title, typed_at=TYPED_AT, title=title, **given)


# What is written


def lines(task: NewTask) -> list[str]:
    unfolded = re.sub(b"\r\n ", b"", body_of(task, BERLIN))
    return unfolded.decode().split("\r\n")


def test_a_new_task_is_a_whole_calendar_object() -> None:
    assert lines(new(priority=2)) == [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//oO desktop//oO//EN", "BEGIN:VTODO"),
        *(f"UID:{UUID}", "DTSTAMP:20261122T100000Z", "CREATED:20261122T100000Z"),
        *("LAST-MODIFIED:20261122T100000Z", "SUMMARY:Buy milk", "DUE;VALUE=DATE:20261122"),
        *("STATUS:NEEDS-ACTION", "PRIORITY:5", "END:VTODO", "END:VCALENDAR", ""),
    ]


@pytest.mark.parametrize(
    ("due", "line"),
    [
        (Day(date(2026, 11, 22)), "DUE;VALUE=DATE:20261122"),
        (Fixed(datetime(2026, 11, 22, 17, tzinfo=UTC), "Europe/Berlin"), "DUE:20261122T170000Z"),
        (Floating(datetime(2026, 11, 22, 18)), "DUE:20261122T170000Z"),  # noqa: DTZ001  # floats
        (Floating(datetime(2026, 6, 22, 18)), "DUE:20260622T160000Z"),  # noqa: DTZ001  # floats
    ],
)
def test_a_time_is_written_in_utc(due: Due, line: str) -> None:
    assert line in lines(new(due=due))


def test_without_a_date_there_is_none() -> None:
    assert not [line for line in lines(new(due=None)) if line.startswith("DUE")]


@pytest.mark.parametrize("priority", [1, 2, 3, 4])
def test_a_priority_is_read_back_as_it_was(priority: int) -> None:
    body = body_of(new(priority=priority), BERLIN)
    found = [each for each in components(body, TODO_PROPERTIES, Pacer()) if each.name == "VTODO"]
    todo = todo_from_component(found[0])
    assert todo is not None
    assert todo.priority == priority


@pytest.mark.parametrize(
    "title",
    [
        "One; two, three\\four: five",
        "Ünïcödé ✓ 👩‍👩‍👧 " * 12,
        'Say "hello"',
        "BEGIN:VTODO",
        "a\\nb",
        "x" * 500,
    ],
)
def test_a_title_is_read_by_others_as_it_was_typed(title: str) -> None:
    body = body_of(new(title, labels=("a,b", "c"), description="d;e"), BERLIN)
    assert max(map(len, body.split(b"\r\n"))) <= 75
    calendar = icalendar.Calendar.from_ical(body)
    todo: Any = calendar.walk("VTODO")[0]
    assert str(todo["SUMMARY"]) == title
    assert todo.categories == ["a,b", "c"]
    assert str(todo["DESCRIPTION"]) == "d;e"


# On real servers


class Desk:
    """One account on a real server, and somebody who adds to it."""

    def __init__(self, server: Server, relay: Relay, client: ServiceClient) -> None:
        self.server = server
        self.relay = relay
        self.client = client
        self.path = server.make_collection("work", "Work", components=["VTODO"])
        self.now = TYPED_AT
        self.source = self.made()

    def made(self) -> CalDavSource:
        return CalDavSource(client=lambda _: self.client, now=lambda: self.now, here=lambda: BERLIN)

    def stored(self) -> list[str]:
        """The names of what is in the collection."""
        with self.server.client() as client:
            answer = client.request("PROPFIND", self.path, headers={"Depth": "1"})
        return re.findall(r"([^/>]+\.ics)</", answer.text)

    async def listed(self) -> list[Task]:
        snapshot = await self.source.fetch_signals(ADA)
        return [each for each in snapshot.signals if isinstance(each, Task)]

    def lose_answers(self) -> None:
        def lost(asked: Asked, reply: Reply) -> Reply:
            return Reply(raw=b"", then="close") if asked.method == "PUT" else reply

        self.relay.meddle = lost

    def mend(self) -> None:
        self.relay.meddle = lambda _asked, reply: reply


@pytest.fixture
async def desk(server: Server, http: Http, clock: FakeClock) -> AsyncIterator[Desk]:
    async with relay_to(server) as relay:
        yield Desk(server, relay, client_at(relay.home, http, clock))


async def test_a_server_has_it_and_lists_it_as_it_was_understood(desk: Desk) -> None:
    assert isinstance(desk.source, AddingSource)
    before = await desk.source.fetch_signals(ADA)
    assert before.lists is not None
    (work,) = before.lists
    assert (work.name, before.signals) == ("Work", ())
    text = "Buy milk; and é, today 18:30 p1 #Work"
    found = understood(text, now=TYPED_AT, zone=BERLIN, adding=Adding(lists=before.lists))
    task = found.task(text, uuid=UUID, typed_at=TYPED_AT)
    added = await desk.source.add(ADA, task, may_be_added=False)
    (listed,) = await desk.listed()
    assert listed.id == added.id
    assert (listed.title, listed.priority) == ("Buy milk; and é,", 1)
    assert listed.due is not None
    assert not isinstance(listed.due, Day)
    assert listed.due.at.astimezone(UTC) == datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
    assert listed.actions


async def test_after_a_lost_answer_it_is_there_once(desk: Desk) -> None:
    task = new(list=desk.path)
    desk.lose_answers()
    with pytest.raises(Unavailable):
        await desk.source.add(ADA, task, may_be_added=False)
    desk.mend()
    ids = {
        (await desk.made().add(ADA, task, may_be_added=may_be)).id for may_be in (True, False, True)
    }
    assert desk.stored() == [f"{UUID}.ics"]
    assert ids == {each.id for each in await desk.listed()}


async def test_what_somebody_completed_in_between_stays_completed(desk: Desk) -> None:
    task = new(list=desk.path)
    await desk.source.add(ADA, task, may_be_added=False)
    href = href_of(task)
    body = desk.server.get(href).replace("STATUS:NEEDS-ACTION", "STATUS:COMPLETED")
    desk.server.put(href, body)
    for may_be in (True, False):
        await desk.source.add(ADA, task, may_be_added=may_be)
    assert "STATUS:COMPLETED" in desk.server.get(href)


async def test_taken_back_it_is_gone(desk: Desk) -> None:
    task = new(list=desk.path)
    added = await desk.source.add(ADA, task, may_be_added=False)
    assert len(await desk.listed()) == 1
    for _ in range(2):
        await desk.source.remove(ADA, task, added.id, uuid="u-2")
        assert desk.stored() == []
    assert await desk.listed() == []


async def test_a_collection_that_is_gone_is_no_place(desk: Desk) -> None:
    desk.server.delete(desk.path)
    with pytest.raises(Rejected):
        await desk.source.add(ADA, new(list=desk.path), may_be_added=False)


async def test_where_nothing_may_be_changed_nothing_is_added(desk: Desk) -> None:
    source = CalDavSource(client=lambda _: desk.client, may_write=lambda _: False)
    assert (await source.fetch_signals(ADA)).lists == ()
    with pytest.raises(Rejected, match="may not change"):
        await source.add(ADA, new(list=desk.path), may_be_added=False)
    with pytest.raises(Rejected, match="may not change"):
        await source.remove(ADA, new(list=desk.path), None, uuid="u-2")


# What servers answer


class Scripted:
    """A server that answers each method as told; a GET brings `stored`."""

    def __init__(self, service: ScriptedService) -> None:
        self.replies: dict[str, list[Reply]] = {}
        self.stored: bytes | None = None
        self.etag: str | None = '"1"'
        self.asked = service.asked
        service.answer = self._answer

    def _answer(self, asked: Asked) -> Reply:
        if replies := self.replies.get(asked.method):
            return replies.pop(0)
        if asked.method == "GET":
            headers = {} if self.etag is None else {"ETag": self.etag}
            return Reply(200, self.stored, headers) if self.stored is not None else Reply(404)
        return Reply(201 if asked.method == "PUT" else 204)

    def methods(self) -> list[str]:
        return [asked.method for asked in self.asked]


@pytest.fixture
def scripted(service: ScriptedService) -> Scripted:
    return Scripted(service)


@pytest.fixture
def dav(service: ScriptedService, http: Http, clock: FakeClock) -> ServiceClient:
    return client_at(f"http://127.0.0.1:{service.port}/ada/", http, clock)


OURS = body_of(new(), BERLIN)
THEIRS = OURS.replace(UUID.encode(), b"another")


async def adds(dav: ServiceClient, *, may_be: bool = False) -> SignalId | None:
    return (await add(dav, new(), may_be_added=may_be, zone=BERLIN)).id


async def test_it_is_created_and_overwrites_nothing(scripted: Scripted, dav: ServiceClient) -> None:
    assert await adds(dav) == f"/ada/work/{UUID}.ics"
    (asked,) = scripted.asked
    assert (asked.method, asked.path) == ("PUT", f"/ada/work/{UUID}.ics")
    assert asked.headers["if-none-match"] == "*"
    assert asked.body == OURS


async def test_before_it_is_sent_again_it_is_looked_at(
    scripted: Scripted, dav: ServiceClient
) -> None:
    scripted.stored = OURS
    assert await adds(dav, may_be=True)
    assert scripted.methods() == ["GET"]


@pytest.mark.parametrize(
    ("status", "stored", "error"),
    [
        (200, None, None),
        (412, OURS, None),
        (412, THEIRS, Rejected),
        (412, None, Rejected),
        (412, b"no calendar at all", Rejected),
        (207, None, Rejected),
        (403, None, Rejected),
        (404, None, Rejected),
        (409, None, Rejected),
        (415, None, Rejected),
        (423, None, Unavailable),
        (500, None, Unavailable),
        (507, None, SourceError),
    ],
)
async def test_what_a_server_says_decides(
    scripted: Scripted,
    dav: ServiceClient,
    status: int,
    stored: bytes | None,
    error: type[Exception] | None,
) -> None:
    scripted.replies = {"PUT": [Reply(status)]}
    scripted.stored = stored
    if error is None:
        assert await adds(dav)
    else:
        with pytest.raises(error):
            await adds(dav)


async def test_without_a_list_there_is_no_place(dav: ServiceClient) -> None:
    with pytest.raises(Rejected, match="which list"):
        await add(dav, new(list=None), may_be_added=False, zone=BERLIN)


@pytest.mark.parametrize("stored", [OURS, OURS.replace(b"NEEDS-ACTION", b"COMPLETED")])
async def test_it_is_deleted_in_the_version_that_was_seen(
    scripted: Scripted, dav: ServiceClient, stored: bytes
) -> None:
    scripted.stored = stored
    await remove(dav, new())
    assert scripted.methods() == ["GET", "DELETE"]
    assert scripted.asked[-1].headers["if-match"] == '"1"'


async def test_what_is_not_ours_is_not_deleted(scripted: Scripted, dav: ServiceClient) -> None:
    scripted.stored = THEIRS
    with pytest.raises(Rejected):
        await remove(dav, new())
    assert scripted.methods() == ["GET"]


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ([Reply(412)], None),
        ([Reply(404)], None),
        ([Reply(412), Reply(412)], Unavailable),
        ([Reply(403)], Rejected),
        ([Reply(423)], Unavailable),
        ([Reply(500)], Unavailable),
    ],
)
async def test_a_deletion_meets(
    scripted: Scripted,
    dav: ServiceClient,
    replies: list[Reply],
    error: type[Exception] | None,
) -> None:
    scripted.stored = OURS
    scripted.replies = {"DELETE": replies}
    if error is None:
        await remove(dav, new())
    else:
        with pytest.raises(error):
            await remove(dav, new())


async def test_without_a_version_nothing_is_deleted(scripted: Scripted, dav: ServiceClient) -> None:
    scripted.stored, scripted.etag = OURS, 'W/"1"'
    empty = b'<d:multistatus xmlns:d="DAV:"/>'
    scripted.replies = {"PROPFIND": [Reply(207, empty, content_type="application/xml")]}
    with pytest.raises(Rejected, match="tell versions apart"):
        await remove(dav, new())
