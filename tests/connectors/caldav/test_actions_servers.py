"""Clicks on what real servers hold: what is stored after them, and what two readers see of it."""

import re
import warnings
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.connectors.caldav.actions import act
from oo_desktop.connectors.caldav.objects import object_from_body, signals_from_objects
from oo_desktop.connectors.icalendar.edit import parse
from oo_desktop.connectors.icalendar.events import Window
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.http.client import Http, ServiceClient
from oo_desktop.model.reschedule import rescheduled
from oo_desktop.model.signals import (
    RESCHEDULES,
    ActionKind,
    AnySignal,
    Container,
    Day,
    Fixed,
    Task,
    UserId,
)
from oo_desktop.model.source import Action
from oo_desktop.testing import FakeClock
from tests.connectors.caldav.desk import Relay, client_at, relay_to
from tests.connectors.caldav.resources import BERLIN, component, resource, todo
from tests.connectors.caldav.servers import PASSWORD, USER, Server
from tests.http.scripted import Asked, Reply

NOW = datetime(2026, 11, 29, 10, 30, tzinfo=UTC)
TODAY = NOW.date()
ZONE = ZoneInfo("Europe/Berlin")
OWNER = frozenset({"mailto:ada@example.com"})
SEAL = {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "CREATED"}
PROGRESS = {"STATUS", "COMPLETED", "PERCENT-COMPLETE"}

OTHERS = (
    "X-OTHER:as it is",
    "CATEGORIES:home,garden",
    "DESCRIPTION:Line one\\nLine two\\, and a very long end that has to be folded somewhere. é",
    *("BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "TRIGGER:-PT5M", "END:VALARM"),
)
ZONED = resource(
    BERLIN,
    todo(
        "DTSTART;TZID=Europe/Berlin:20261129T080000",
        "DUE;TZID=Europe/Berlin:20261129T090000",
        *OTHERS,
    ),
)
ZONED_SERIES = resource(
    BERLIN,
    todo(
        "DTSTART;TZID=Europe/Berlin:20261129T080000",
        "DUE;TZID=Europe/Berlin:20261129T090000",
        "RRULE:FREQ=DAILY;COUNT=9",
        *OTHERS,
    ),
)
DAYS = resource(todo("DUE;VALUE=DATE:20261128", "RRULE:FREQ=DAILY", *OTHERS))
WITH_DONE = resource(
    todo("DTSTART;VALUE=DATE:20261127", "DUE;VALUE=DATE:20261127", "RRULE:FREQ=DAILY", *OTHERS),
    todo(
        "RECURRENCE-ID;VALUE=DATE:20261127",
        "DTSTART;VALUE=DATE:20261127",
        "DUE;VALUE=DATE:20261127",
        "STATUS:COMPLETED",
        "COMPLETED:20261127T100000Z",
    ),
)
BODIES = {
    "a time": ZONED,
    "a day": resource(todo("DUE;VALUE=DATE:20261128", *OTHERS)),
    "no zone": resource(todo("DUE:20261129T090000", *OTHERS)),
    "a beginning": resource(todo("DTSTART;TZID=Europe/Berlin:20261127T090000", *OTHERS)),
    "a length": resource(todo("DTSTART:20261129T060000Z", "DURATION:PT2H", *OTHERS)),
    "a series": ZONED_SERIES,
    "a series of days": DAYS,
    "a series with one completed": WITH_DONE,
}


class Desk:
    """One resource on a real server, and a person who clicks on what is shown of it."""

    def __init__(self, server: Server, relay: Relay, client: ServiceClient) -> None:
        self.server = server
        self.relay = relay
        self._client = client
        self._others = server.client()  # one for all: to make one takes longer than all it asks
        self.href = server.make_collection("work", "Work") + "1.ics"

    def close(self) -> None:
        self._others.close()

    def store(self, body: bytes) -> None:
        headers = {"Content-Type": "text/calendar"}
        assert self._others.put(self.href, content=body, headers=headers).is_success

    def text(self) -> bytes:
        answer = self._others.get(self.href)
        assert answer.status_code == 200
        return answer.content

    def shown(self, *, today: date = TODAY) -> AnySignal | None:
        """The one signal that the list has of the resource."""
        read = object_from_body(
            self.href, None, self.text(), since=today, owner=OWNER, pacer=Pacer()
        )
        found = signals_from_objects(
            [read],
            Window(ZONE, today, 2),
            user_id=UserId("ada"),
            container=Container("Work"),
            may_write=True,
            may_reply=True,
            pacer=Pacer(),
        )
        assert found.unread == 0
        return next(iter(found.signals), None)

    def task(self, *, today: date = TODAY) -> Task:
        found = self.shown(today=today)
        assert isinstance(found, Task)
        return found

    async def click(
        self, signal: AnySignal, kind: ActionKind, *, of: Action | None = None, again: bool = False
    ) -> Action:
        """Carry a click out, or one that takes back the click `of`."""
        recurring = isinstance(signal, Task) and signal.recurring
        due = of.due if of else None
        if kind in RESCHEDULES and isinstance(signal, Task):
            due = rescheduled(kind, signal.due, now=NOW, zone=ZONE)
        action = Action(
            kind=kind, uuid="u", undo=signal.undo, recurring=recurring, due=due, may_be_done=again
        )
        await act(self._client, signal.id, action, owner=OWNER, now=NOW, zone=ZONE)
        return action


@pytest.fixture
async def desk(server: Server, http: Http, clock: FakeClock) -> AsyncIterator[Desk]:
    async with relay_to(server) as relay:
        desk = Desk(server, relay, client_at(relay.home, http, clock))
        yield desk
        desk.close()


Said = dict[str, list[str]]


def said(body: bytes) -> list[Said]:
    """What each component says, by the names of its properties, in any order: servers have theirs.

    An alarm is a property here. What Radicale adds of its own is left out.
    """
    found = []
    for calendar in parse(body, Pacer()).components("VCALENDAR"):
        for each in calendar.components("VTODO", "VEVENT"):
            lines: Said = {}
            for line in each.lines():
                name = re.split("[:;]", line, maxsplit=1)[0]
                if not name.startswith("X-RADICALE"):
                    lines.setdefault(name, []).append(line)
            lines["VALARM"] = sorted(
                line for alarm in each.components("VALARM") for line in alarm.lines()
            )
            found.append(lines)
    return sorted(found, key=lambda lines: lines.get("RECURRENCE-ID", []))


def changed_names(before: Said, after: Said) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


@pytest.mark.parametrize("body", [ZONED, resource(todo("DUE;VALUE=DATE:20261128", *OTHERS))])
async def test_completing_changes_what_says_so_and_nothing_else(desk: Desk, body: bytes) -> None:
    desk.store(body)
    before = desk.text()
    await desk.click(desk.task(), ActionKind.DONE)
    (was,), (is_,) = said(before), said(desk.text())
    assert changed_names(was, is_) <= PROGRESS | SEAL
    assert is_["STATUS"] == ["STATUS:COMPLETED"]
    assert is_["COMPLETED"] == ["COMPLETED:20261129T103000Z"]
    assert desk.shown() is None
    assert desk.relay.taken() == [f"GET {desk.href}", f"PUT {desk.href}"]


async def test_a_series_moves_on_one_by_one(desk: Desk) -> None:
    desk.store(ZONED_SERIES)
    before = desk.text()
    for number in range(9):
        day = TODAY + timedelta(days=number)
        task = desk.task(today=day)
        assert task.due == Fixed(
            datetime(day.year, day.month, day.day, 8, tzinfo=UTC), "Europe/Berlin"
        )
        await desk.click(task, ActionKind.DONE)
    (was,), (is_,) = said(before), said(desk.text())
    assert changed_names(was, is_) <= PROGRESS | SEAL | {"DTSTART", "DUE", "RRULE"}
    assert is_["RRULE"] == ["RRULE:FREQ=DAILY;COUNT=1"]
    assert is_["STATUS"] == ["STATUS:COMPLETED"]
    assert desk.shown(today=TODAY + timedelta(days=30)) is None


async def test_a_series_with_one_completed_gets_another(desk: Desk) -> None:
    desk.store(WITH_DONE)
    before = desk.text()
    for day in (28, 29):
        task = desk.task()
        assert task.due == Day(date(2026, 11, day))
        await desk.click(task, ActionKind.DONE)
    assert desk.shown() is None
    after = said(desk.text())
    assert after[: len(said(before))] == said(before)
    assert len(after) == 4
    master = after[0]
    for own in after[2:]:
        same = {"RRULE", "RECURRENCE-ID", "DTSTART", "DUE"} | PROGRESS | SEAL
        assert changed_names(master, own) <= same


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, ActionKind.DONE) for name in BODIES),
        *((name, ActionKind.TOMORROW) for name in BODIES),
        *((name, ActionKind.LATER_TODAY) for name in ("a day", "a beginning")),
        *((name, ActionKind.NO_DATE) for name in ("a time", "a length")),
    ],
)
async def test_what_is_taken_back_is_shown_and_stored_as_before(
    desk: Desk, name: str, kind: ActionKind
) -> None:
    desk.store(BODIES[name])
    before, task = said(desk.text()), desk.task()
    action = await desk.click(task, kind)
    moved = desk.shown(today=date(2026, 12, 31))
    if action.due is not None:
        assert isinstance(moved, Task)
        assert moved.due != task.due
        written = desk.text()
        await desk.click(task, kind, again=True)
        assert desk.text() == written
    back = ActionKind.REOPEN if kind is ActionKind.DONE else ActionKind.RESTORE
    await desk.click(task, back, of=action)
    assert desk.task().due == task.due
    after = said(desk.text())
    assert len(after) == len(before)
    for was, is_ in zip(before, after, strict=True):
        assert changed_names(was, is_) <= SEAL
    written = desk.text()
    await desk.click(task, back, of=action, again=True)
    assert desk.text() == written


async def test_a_task_put_off_is_shown_where_it_was_put(desk: Desk) -> None:
    for name, body in BODIES.items():
        desk.store(body)
        action = await desk.click(desk.task(), ActionKind.TOMORROW)
        due = desk.task(today=TODAY + timedelta(days=1)).due
        if name == "a beginning":  # it was shown as a day, and keeps the time it has
            assert due == Fixed(datetime(2026, 11, 30, 8, tzinfo=UTC), "Europe/Berlin")
        else:
            assert due == action.due


async def test_an_invitation_is_answered(desk: Desk) -> None:
    invited = component(
        "VEVENT",
        "DTSTART:20261130T090000Z",
        "DTEND:20261130T100000Z",
        "ORGANIZER:mailto:eve@example.com",
        "ATTENDEE;CN=Ada;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ada@example.com",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.com",
    )
    desk.store(resource(invited))
    before = said(desk.text())
    event = desk.shown()
    assert event is not None
    for kind, partstat in ((ActionKind.ACCEPT, "ACCEPTED"), (ActionKind.RESTORE, "NEEDS-ACTION")):
        await desk.click(event, kind)
        (is_,) = said(desk.text())
        assert changed_names(before[0], is_) <= {"ATTENDEE", "DTSTAMP", "LAST-MODIFIED"}
        (mine,) = [line for line in is_["ATTENDEE"] if "ada" in line]
        assert f"PARTSTAT={partstat}" in mine
        assert ("RSVP" in mine) is (kind is ActionKind.RESTORE)


# Bad luck


@pytest.mark.parametrize("body", [ZONED, ZONED_SERIES, WITH_DONE])
async def test_a_lost_answer_is_settled_by_what_is_there(desk: Desk, body: bytes) -> None:
    desk.store(body)
    task = desk.task()

    def lost(asked: Asked, reply: Reply) -> Reply:
        return Reply(reply.status, raw=b"", then="reset") if asked.method == "PUT" else reply

    desk.relay.meddle = lost
    with pytest.raises(Unavailable):
        await desk.click(task, ActionKind.DONE)
    written = desk.text()
    await desk.click(task, ActionKind.DONE, again=True)
    assert desk.text() == written
    assert written != body


@pytest.mark.parametrize("body", [ZONED, ZONED_SERIES, WITH_DONE])
async def test_a_click_that_is_sent_twice_is_carried_out_once(desk: Desk, body: bytes) -> None:
    desk.store(body)
    task = desk.task()
    await desk.click(task, ActionKind.DONE)
    written = desk.text()
    await desk.click(task, ActionKind.DONE)
    assert desk.text() == written


def meddling(desk: Desk, new: bytes) -> None:
    """Another client stores `new` as soon as oO has read the resource, once."""

    def store(asked: Asked, reply: Reply) -> Reply:
        if asked.method == "GET":
            desk.store(new)
            desk.relay.meddle = lambda _asked, reply: reply
        return reply

    desk.relay.meddle = store


async def test_what_was_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    desk.store(ZONED)
    meddling(desk, ZONED.replace(b"the cat", b"the dog"))
    await desk.click(desk.task(), ActionKind.DONE)
    (is_,) = said(desk.text())
    assert is_["SUMMARY"] == ["SUMMARY:Feed the dog"]
    assert is_["STATUS"] == ["STATUS:COMPLETED"]
    methods = [asked.partition(" ")[0] for asked in desk.relay.taken()]
    assert methods == ["GET", "PUT", "GET", "PUT"]


async def test_a_newer_date_that_came_meanwhile_stays(desk: Desk) -> None:
    desk.store(ZONED)
    newer = ZONED.replace(b"20261129T090000", b"20270115T090000")
    meddling(desk, newer)
    with pytest.raises(Rejected):
        await desk.click(desk.task(), ActionKind.TOMORROW)
    (is_,) = said(desk.text())
    assert is_["DUE"] == ["DUE;TZID=Europe/Berlin:20270115T090000"]


async def test_an_occurrence_completed_by_two_at_once_is_completed_once(desk: Desk) -> None:
    desk.store(ZONED_SERIES)
    task = desk.task()
    await desk.click(task, ActionKind.DONE)
    once = desk.text()
    desk.store(ZONED_SERIES)
    meddling(desk, once)
    await desk.click(task, ActionKind.DONE)
    assert said(desk.text()) == said(once)


async def test_what_was_deleted_meanwhile_counts_as_done(desk: Desk) -> None:
    desk.store(ZONED)
    task = desk.task()
    desk.server.delete(desk.href)
    await desk.click(task, ActionKind.DONE)
    with pytest.raises(Rejected):
        await desk.click(task, ActionKind.TOMORROW)


async def test_a_component_that_stands_alone_is_completed_alone(desk: Desk) -> None:
    desk.store(resource(todo("RECURRENCE-ID:20261129T090000", "DUE:20261129T090000")))
    await desk.click(desk.task(), ActionKind.DONE)
    (is_,) = said(desk.text())
    assert is_["RECURRENCE-ID"] == ["RECURRENCE-ID:20261129T090000"]
    assert is_["STATUS"] == ["STATUS:COMPLETED"]


# Another reader


def as_caldav_has_it(server: Server, name: str) -> list[tuple[str, datetime | date, object]]:
    """What the library of PyPI reads of a collection: status, due date, occurrence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of niquests and icalendar
        from caldav.davclient import DAVClient

        with DAVClient(url=server.url + server.home, username=USER, password=PASSWORD) as client:
            calendar = client.calendar(url=f"{server.url}{server.home}{name}/")  # type: ignore[no-untyped-call]  # as it is
            found = []
            for each in calendar.todos(include_completed=True):
                for part in each.icalendar_instance.walk("VTODO"):
                    due, own = part.get("DUE"), part.get("RECURRENCE-ID")
                    found.append((str(part.get("STATUS", "")), due.dt, own and own.dt))
    return sorted(found, key=str)


async def test_another_reader_sees_what_was_written(desk: Desk) -> None:
    desk.store(ZONED_SERIES)
    await desk.click(desk.task(), ActionKind.DONE)
    nine = datetime(2026, 11, 30, 9, tzinfo=ZONE)
    ((status, due, own),) = as_caldav_has_it(desk.server, "work")
    assert (status in ("", "NEEDS-ACTION"), due, own) == (True, nine, None)
    desk.store(WITH_DONE)
    await desk.click(desk.task(), ActionKind.DONE)
    found = as_caldav_has_it(desk.server, "work")
    assert ("COMPLETED", date(2026, 11, 28), date(2026, 11, 28)) in found
    assert len(found) == 3
