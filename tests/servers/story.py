"""Lives through a day with a CalDAV server: oO's connector against it, step by step."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from oo_desktop.clock import SystemClock
from oo_desktop.connectors.caldav.collections import owner_of
from oo_desktop.connectors.caldav.discovery import find_server
from oo_desktop.connectors.caldav.source import CalDavSource
from oo_desktop.errors import SourceError
from oo_desktop.http.client import Answer, AnswerLost, Http, ServiceClient
from oo_desktop.http.passwords import Credentials, address_of
from oo_desktop.model.signals import ActionKind, AnySignal, Day, Due, Event, Task, UserId, time_of
from oo_desktop.model.source import Action
from oo_desktop.testing.wire import OneToken
from tests.connectors.caldav.desk import event, task
from tests.connectors.caldav.servers import PASSWORD, USER, Server

ZONE = ZoneInfo("Europe/Berlin")
WORKS = "yes"
A_SECOND = 1.1
_TOKEN = re.compile(rb"(sync-token>)[^<]+(<)")


class CountedHttp(Http):
    """Sends what is asked, and keeps its methods.

    spoils_tokens: sync tokens on their way become others. loses: the answers to this method.
    """

    def __init__(self) -> None:
        super().__init__(clock=SystemClock())
        self.asked: list[str] = []
        self.spoils_tokens = False
        self.loses = ""

    async def request(self, method: str, url: str, **more: Any) -> Answer:
        self.asked.append(method)
        if self.spoils_tokens and more.get("content"):
            more["content"] = _TOKEN.sub(rb"\1http://example.com/nothing\2", more["content"])
        answer = await super().request(method, url, **more)
        if method == self.loses:
            raise AnswerLost("The answer was lost.")
        return answer


class Story:
    """Holds what the steps share. Each step leaves the collection as it likes for the next."""

    def __init__(self, server: Server, typed: str, http: CountedHttp) -> None:
        self.server = server
        self.typed = typed
        self.http = http
        self.user_id = UserId(f"{USER}@{urlsplit(server.url).netloc}{server.home}")
        client = self.client_at(server.url + server.home)
        self.client = client
        self.source = CalDavSource(client=lambda _: client, here=lambda: ZONE)
        now = datetime.now(ZONE)
        self.today, self.tomorrow = now.date(), now.date() + timedelta(days=1)
        self.folder = ""

    def client_at(self, url: str) -> ServiceClient:
        given = Credentials(server=url, user_name=USER, password=PASSWORD)
        return ServiceClient(
            http=self.http,
            address=address_of,
            tokens=OneToken(given.secret),
            clock=SystemClock(),
            origin_name="CalDAV",
        )

    def put(self, name: str, text: str) -> None:
        """Store a resource as another client does."""
        self.server.put(f"{self.folder}{name}.ics", text)

    def stored(self, name: str) -> str:
        """Return a resource, unfolded."""
        return re.sub(r"\r?\n[ \t]", "", self.server.get(f"{self.folder}{name}.ics"))

    async def shown(self) -> dict[str, AnySignal]:
        """Poll; return what is shown, by title."""
        snapshot = await self.source.fetch_signals(self.user_id)
        problems = [each.problem for each in snapshot.calendars if each.problem]
        assert not problems, problems[0]
        assert not snapshot.unread, "something could not be read"
        return {each.title: each for each in snapshot.signals}

    async def at_rest(self) -> None:
        """Poll until nothing is new."""
        for _ in range(3):
            await self.shown()

    async def click(
        self,
        kind: ActionKind,
        signal: AnySignal,
        due: Due | None = None,
        *,
        may_be_done: bool = False,
    ) -> None:
        """Carry out a click on a signal as it was shown."""
        action = Action(
            kind=kind,
            uuid=str(uuid.uuid4()),
            undo=signal.undo,
            recurring=isinstance(signal, Task) and signal.recurring,
            due=due,
            may_be_done=may_be_done,
        )
        await self.source.act(self.user_id, signal.id, action)


Step = Callable[[Story], Awaitable[str]]


async def found(story: Story) -> str:
    """Find the home from what a person types."""
    home = await find_server(story.server.url + story.typed, USER, story.client_at)
    assert unquote(urlsplit(home).path) == story.server.home, "another home"
    return WORKS


async def reads_tasks(story: Story) -> str:
    """Show what is due, in a zone and as a day; not what is later, undated or done."""
    today, yesterday = story.today, story.today - timedelta(days=1)
    next_week = story.today + timedelta(days=7)
    story.folder = story.server.make_collection("story", "The story")
    story.put("day", task("day", "Day", f"DUE;VALUE=DATE:{today:%Y%m%d}"))
    timed = f"DUE;TZID=Europe/Berlin:{yesterday:%Y%m%d}T090000"
    story.put("timed", task("timed", "Timed", timed, "PRIORITY:1"))
    story.put("later", task("later", "Later", f"DUE;VALUE=DATE:{next_week:%Y%m%d}"))
    story.put("undated", task("undated", "Undated"))
    done = ("STATUS:COMPLETED", "COMPLETED:20261101T080000Z", "PERCENT-COMPLETE:100")
    story.put("done", task("done", "Done", f"DUE;VALUE=DATE:{today:%Y%m%d}", *done))
    shown = await story.shown()
    assert set(shown) == {"Day", "Timed"}, f"shown: {sorted(shown)}"
    assert all(isinstance(each, Task) for each in shown.values())
    return WORKS


async def reads_events(story: Story) -> str:
    """Show an event, and one of a series that is not moved by the change of clocks."""
    begun = datetime(story.today.year - 1, 7, 1, 9, tzinfo=ZONE)
    series = (f"DTSTART;TZID=Europe/Berlin:{begun:%Y%m%dT%H%M%S}", "DURATION:PT30M")
    story.put("series", event("series", "Series", *series, "RRULE:FREQ=DAILY"))
    day = f"{story.tomorrow:%Y%m%d}"
    story.put("one", event("one", "One", f"DTSTART:{day}T100000Z", f"DTEND:{day}T110000Z"))
    shown = await story.shown()
    assert {"One", "Series"} <= set(shown), f"shown: {sorted(shown)}"
    occurrence = shown["Series"]
    assert isinstance(occurrence, Event)
    assert time_of(occurrence.start, ZONE) == begun.time(), "at another time"
    return WORKS


async def completes(story: Story) -> str:
    """Complete a task, and take it back."""
    before = (await story.shown())["Day"]
    await story.click(ActionKind.DONE, before)
    assert "STATUS:COMPLETED" in story.stored("day"), "not stored as completed"
    assert "Day" not in await story.shown(), "still shown"
    await story.click(ActionKind.REOPEN, before)
    assert "COMPLETED" not in story.stored("day"), "still stored as completed"
    assert "Day" in await story.shown(), "not shown again"
    return WORKS


async def reschedules(story: Story) -> str:
    """Put a task off to tomorrow, and take that back."""
    before = (await story.shown())["Day"]
    await story.click(ActionKind.TOMORROW, before, Day(story.tomorrow))
    assert f"DUE;VALUE=DATE:{story.tomorrow:%Y%m%d}" in story.stored("day"), "not stored"
    assert "Day" not in await story.shown(), "still shown"
    await story.click(ActionKind.RESTORE, before, Day(story.tomorrow))
    assert f"DUE;VALUE=DATE:{story.today:%Y%m%d}" in story.stored("day"), "not put back"
    assert "Day" in await story.shown(), "not shown again"
    return WORKS


async def repeats(story: Story) -> str:
    """Complete an occurrence of a series of each kind, and take it back."""
    dates = (
        f"DTSTART;TZID=Europe/Berlin:{story.today:%Y%m%d}T000500",
        f"DUE;TZID=Europe/Berlin:{story.today:%Y%m%d}T001000",
        "RRULE:FREQ=DAILY",
    )
    story.put("plain", task("plain", "Plain", *dates))
    yesterday = story.today - timedelta(days=1)
    began = (
        f"DTSTART;VALUE=DATE:{yesterday:%Y%m%d}",
        f"DUE;VALUE=DATE:{yesterday:%Y%m%d}",
    )
    both = task("ticked", "Ticked", *began, "RRULE:FREQ=DAILY")
    override = task(
        "ticked",
        "Ticked",
        f"RECURRENCE-ID;VALUE=DATE:{yesterday:%Y%m%d}",
        *began,
        "STATUS:COMPLETED",
        f"COMPLETED:{yesterday:%Y%m%d}T100000Z",
    )
    component = override[override.index("BEGIN:VTODO") : override.index("END:VCALENDAR")]
    story.put("ticked", both.replace("END:VCALENDAR", component + "END:VCALENDAR"))
    before = await story.shown()
    for name, title in (("plain", "Plain"), ("ticked", "Ticked")):
        assert title in before, f"{title} is not shown"
        original = story.stored(name)
        await story.click(ActionKind.DONE, before[title])
        assert story.stored(name) != original, "nothing was stored"
        assert title not in await story.shown(), f"{title} is still shown"
        await story.click(ActionKind.REOPEN, before[title])
        assert title in await story.shown(), f"{title} is not shown again"
    return WORKS


async def arrives_once(story: Story) -> str:
    """Complete a task and an occurrence once, though the answer was lost and it is sent again."""
    before = await story.shown()
    for name, title in (("day", "Day"), ("plain", "Plain"), ("ticked", "Ticked")):
        story.http.loses = "PUT"
        try:
            await story.click(ActionKind.DONE, before[title])
        except AnswerLost:
            pass
        finally:
            story.http.loses = ""
        once = story.stored(name)
        await story.click(ActionKind.DONE, before[title], may_be_done=True)
        assert story.stored(name) == once, f"{title} was written twice"
        assert title not in await story.shown(), f"{title} is still shown"
        await story.click(ActionKind.REOPEN, before[title])
        assert title in await story.shown(), f"{title} is not shown again"
    return WORKS


async def answers(story: Story) -> str:
    """Accept an invitation where the server sends the answer."""
    owner = await owner_of(story.client)
    if not owner.may_reply:
        return "sends none"
    mail = next((each for each in owner.addresses if each.startswith("mailto:")), "")
    if not mail:
        return "names no address of hers"
    day = f"{story.tomorrow:%Y%m%d}"
    invitation = event(
        "invitation",
        "Invitation",
        f"DTSTART:{day}T120000Z",
        f"DTEND:{day}T130000Z",
        "ORGANIZER:mailto:grace@example.com",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:grace@example.com",
        f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:{mail}",
    )
    story.put("invitation", invitation)
    shown = (await story.shown()).get("Invitation")
    assert isinstance(shown, Event), "not shown"
    assert shown.unanswered, "shown as answered"
    await story.click(ActionKind.ACCEPT, shown)
    lines = story.stored("invitation").splitlines()
    own = next(each for each in lines if each.startswith("ATTENDEE") and mail in each.lower())
    assert "PARTSTAT=ACCEPTED" in own, "not stored"
    after = (await story.shown()).get("Invitation")
    assert isinstance(after, Event), "gone"
    assert not after.unanswered, "still shown as unanswered"
    return WORKS


async def sees_changes(story: Story) -> str:
    """See what another client changes, adds and deletes, soon after."""
    await story.at_rest()
    due = f"DUE;VALUE=DATE:{story.today:%Y%m%d}"
    story.put("day", task("day", "Renamed", due, "SEQUENCE:1"))
    story.put("new", task("new", "New", due))
    story.server.delete(f"{story.folder}timed.ics")
    titles = set(await story.shown()) | set(await story.shown())
    assert {"Renamed", "New"} <= titles, "what is new is not shown"
    assert not {"Day", "Timed"} & set(await story.shown()), "what is gone is shown"
    return WORKS


async def is_quiet(story: Story) -> str:
    """Ask one question while nothing changes."""
    await story.at_rest()
    story.http.asked.clear()
    await story.shown()
    assert story.http.asked == ["PROPFIND"], " ".join(story.http.asked)
    return WORKS


async def bears_a_bad_token(story: Story) -> str:
    """See everything where the server is asked with a token it does not know."""
    await story.at_rest()
    due = f"DUE;VALUE=DATE:{story.today:%Y%m%d}"
    story.put("newer", task("newer", "Newer", due))
    story.server.delete(f"{story.folder}new.ics")
    story.http.spoils_tokens = True
    try:
        await story.shown()
        titles = set(await story.shown())
    finally:
        story.http.spoils_tokens = False
    assert "Newer" in titles, "what is new is not shown"
    assert "New" not in titles, "what is gone is shown"
    return WORKS


STEPS: dict[str, Step] = {
    "found": found,
    "tasks": reads_tasks,
    "events": reads_events,
    "complete, undo": completes,
    "put off, undo": reschedules,
    "repeating tasks": repeats,
    "answer lost": arrives_once,
    "invitations": answers,
    "changes elsewhere": sees_changes,
    "one question at rest": is_quiet,
    "unknown sync token": bears_a_bad_token,
}
"""In their order: each may need what those before have left."""


async def lived(server: Server, typed: str) -> dict[str, str]:
    """Return what became of each step, in words; what begins with NO is wrong."""
    rows: dict[str, str] = {}
    async with _http() as http:
        story = Story(server, typed, http)
        for name, step in STEPS.items():
            # SOGo's marks are seconds; between real polls there are more.
            await asyncio.sleep(A_SECOND)
            try:
                rows[name] = await step(story)
            except SourceError as error:
                rows[name] = f"NO: {type(error).__name__}: {error}"
            except Exception as error:  # noqa: BLE001  # told in the table; the other steps go on
                rows[name] = f"NO: {type(error).__name__}: {' '.join(str(error).split())[:100]}"
    return rows


@asynccontextmanager
async def _http() -> AsyncIterator[CountedHttp]:
    http = CountedHttp()
    try:
        yield http
    finally:
        await http.aclose()
