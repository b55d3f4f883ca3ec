"""Google's lists: whole or not at all, whatever is sent in their place."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oo_desktop.connectors.google_calendar import events as google_events
from oo_desktop.connectors.google_calendar import wire
from oo_desktop.connectors.google_calendar.source import GoogleCalendarSource, identity
from oo_desktop.errors import OoError, Rejected, Unavailable
from oo_desktop.http import paging as pages
from oo_desktop.http.client import ServiceClient, each_as
from oo_desktop.model.signals import AccountKey
from oo_desktop.model.source import Snapshot
from oo_desktop.signals.snapshot_checks import checked_snapshot
from oo_desktop.testing import FakeClock
from tests.connectors.google_calendar.resources import ADA, SHELF, resource
from tests.http.scripted import Asked, Reply, ScriptedService

MINE = {
    "id": "ada@example.com",
    "summary": "ada@example.com",
    "primary": True,
    "selected": True,
    "timeZone": "Europe/Berlin",
    "defaultReminders": [{"method": "popup", "minutes": 10}],
}
TEAM = {"id": "team#1@group.calendar.google.com", "summary": "Team", "selected": True}


def listed(*items: Any, token: str | None = None) -> Reply:
    page = {"kind": "calendar#events", "items": list(items)}
    return Reply(200, page if token is None else {**page, "nextPageToken": token})


def numbered(first: int, last: int) -> list[dict[str, Any]]:
    return [resource(id=f"e{number}", iCalUID=f"u{number}") for number in range(first, last)]


class Google:
    """Two lists. Each answer can be replaced."""

    def __init__(self) -> None:
        self.calendars: Reply = listed(MINE)
        self.pages: list[Reply] = [listed(resource())]
        self.of: dict[str, Reply] = {}

    def __call__(self, asked: Asked) -> Reply:
        path = asked.target.partition("?")[0].removeprefix("/api/v1/")
        if path == "users/me/calendarList":
            return self.calendars
        if path in self.of:
            return self.of[path]
        return self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]


@pytest.fixture
def google(service: ScriptedService) -> Google:
    google = Google()
    service.answer = google
    return google


@pytest.fixture
def fetch(client: ServiceClient, clock: FakeClock) -> Callable[[], Any]:
    source = GoogleCalendarSource(client=lambda _: client, now=clock.now)
    return lambda: source.fetch_signals(ADA)


async def test_the_question_is_a_window_with_nobodys_address(
    fetch: Callable[[], Any], google: Google, service: ScriptedService
) -> None:
    await fetch()
    asked = service.asked[1]
    assert asked.query == {
        "timeMin": "2026-11-21T23:00:00Z",
        "timeMax": "2026-11-23T23:00:00Z",
        "singleEvents": "true",
        "orderBy": "startTime",
        "maxAttendees": "1",
        "maxResults": "250",
        "fields": wire.EVENT_FIELDS,
    }
    assert "email" not in wire.EVENT_FIELDS


async def test_all_pages_are_read_and_each_event_shown_once(
    fetch: Callable[[], Any], google: Google, service: ScriptedService
) -> None:
    google.pages = [
        listed(token="1"),
        listed(*numbered(0, 3), token="2"),
        listed(*numbered(2, 5)),
    ]
    found = await fetch()
    assert [event.id for event in found.signals] == [f"ada%40example.com/e{n}" for n in range(5)]
    assert [asked.query.get("pageToken") for asked in service.asked] == [None, None, "1", "2"]


@pytest.mark.parametrize("bad", [Reply(500), Reply(200, b"{"), Reply(200, {}), Reply(404)])
async def test_a_page_that_fails_fails_the_whole_list(
    fetch: Callable[[], Any], google: Google, bad: Reply
) -> None:
    google.pages = [listed(resource(), token="1"), bad]
    with pytest.raises((Unavailable, Rejected)):
        await fetch()


async def test_a_forgotten_token_starts_the_list_anew_once(
    fetch: Callable[[], Any], google: Google, service: ScriptedService
) -> None:
    forgotten = Reply(400, {"error": {"errors": [{"reason": "invalid"}]}})
    google.pages = [listed(token="1"), forgotten, listed(token="2"), listed(resource())]
    assert len((await fetch()).signals) == 1
    google.pages = [listed(token="1"), forgotten, listed(token="2"), forgotten]
    with pytest.raises(Rejected):
        await fetch()


async def test_a_token_that_leads_in_circles_ends(fetch: Callable[[], Any], google: Google) -> None:
    google.pages = [listed(token="1"), listed(token="2"), listed(token="1")]
    with pytest.raises(Unavailable, match="again and again"):
        await fetch()


async def test_an_endless_list_of_nothing_ends(
    fetch: Callable[[], Any], google: Google, service: ScriptedService
) -> None:
    def page(asked: Asked) -> Reply | None:
        if "calendarList" in asked.path:
            return None
        return listed(token=str(len(service.asked)))

    service.answer = lambda asked: page(asked) or google(asked)
    with pytest.raises(Unavailable, match="no end"):
        await fetch()
    assert len(service.asked) == pages.MAX_PAGES + 1


@pytest.mark.parametrize(
    ("id_", "step"),
    [
        (
            "a/b#c?d%e@group.v.calendar.google.com",
            "a%2Fb%23c%3Fd%25e%40group.v.calendar.google.com",
        ),
        ("/a//b\\c", "%2Fa%2F%2Fb%5Cc"),
        ("..a..b+c d&e=f;g:h", "..a..b%2Bc%20d%26e%3Df%3Bg%3Ah"),
        ("%2F%2e", "%252F%252e"),
        ("grün@例え.jp", "gr%C3%BCn%40%E4%BE%8B%E3%81%88.jp"),
    ],
)
async def test_every_character_of_a_calendar_id_is_encoded_on_the_wire(
    fetch: Callable[[], Any], service: ScriptedService, google: Google, id_: str, step: str
) -> None:
    google.calendars = listed({"id": id_, "selected": True})
    (calendar,) = (await fetch()).calendars
    assert calendar.problem is None
    assert service.asked[-1].target.partition("?")[0] == f"/api/v1/calendars/{step}/events"


@pytest.mark.parametrize("id_", [".", "..", "a/../b"])
async def test_an_id_that_might_lead_elsewhere_costs_only_its_calendar(
    fetch: Callable[[], Any], service: ScriptedService, google: Google, id_: str
) -> None:
    google.calendars = listed(MINE, {"id": id_, "selected": True})
    found = await fetch()
    assert [bool(one.problem) for one in found.calendars] == [False, True]
    assert len(found.signals) == 1
    assert len(service.asked) == 2


async def test_too_much_on_one_calendar_is_refused_not_cut(
    fetch: Callable[[], Any], google: Google
) -> None:
    google.calendars = listed(MINE, TEAM)
    bare = {"id": "", "status": "cancelled"}
    google.of["calendars/team%231%40group.calendar.google.com/events"] = listed(
        *({**bare, "id": str(number)} for number in range(pages.MAX_ITEMS + 1))
    )
    found = await fetch()
    assert [one.problem for one in found.calendars] == [None, wire.GOOGLE_LISTS.too_much]
    assert len(found.signals) == 1


@pytest.mark.logs_warnings
async def test_a_list_of_nothing_but_nonsense_is_not_an_empty_one(
    fetch: Callable[[], Any], google: Google
) -> None:
    google.pages = [listed({"id": 1}, {"id": 2})]
    with pytest.raises(Rejected):
        await fetch()


async def test_a_list_that_is_empty_needs_no_items(
    fetch: Callable[[], Any], google: Google
) -> None:
    google.pages = [Reply(200, {"kind": "calendar#events"})]
    assert (await fetch()).signals == ()
    google.pages = [Reply(200, {"items": []})]
    assert (await fetch()).signals == ()


@pytest.mark.logs_warnings
async def test_a_broken_entry_of_the_list_of_calendars_costs_no_other(
    fetch: Callable[[], Any], google: Google
) -> None:
    google.calendars = listed({"id": 7}, MINE, {"id": "x", "summary": ["y"]}, {"id": ""})
    assert [one.name for one in (await fetch()).calendars] == ["ada@example.com"]


async def test_far_too_many_calendars_are_refused_not_cut(
    fetch: Callable[[], Any], google: Google
) -> None:
    google.calendars = listed(MINE, *({**TEAM, "id": f"c{n}"} for n in range(1000)))
    with pytest.raises(Rejected, match="more calendars than oO can show"):
        await fetch()


async def test_calendars_kept_serve_while_google_does_not_tell_them(
    fetch: Callable[[], Any], google: Google, clock: FakeClock
) -> None:
    await fetch()
    await clock.advance(4000)
    google.calendars = Reply(500)
    assert len((await fetch()).signals) == 1


async def test_a_clock_set_back_does_not_keep_a_list_for_ever(
    fetch: Callable[[], Any], google: Google, clock: FakeClock, service: ScriptedService
) -> None:
    await fetch()
    clock.jump(-100_000)
    await fetch()
    assert len(service.asked) == 4


async def test_no_more_than_four_calendars_are_asked_for_at_once(
    fetch: Callable[[], Any], google: Google, service: ScriptedService
) -> None:
    google.calendars = listed(MINE, *({**TEAM, "id": f"c{n}"} for n in range(20)))
    assert len((await fetch()).signals) == 21
    # One more: the first one asked for the list.
    assert service.connections <= 5


@pytest.mark.parametrize(
    "answer",
    [
        listed(),
        listed({**MINE, "primary": False}),
        Reply(200, {}),
        Reply(200, []),
        Reply(200, b"nothing"),
        Reply(403, {"error": {"errors": [{"reason": "insufficientPermissions"}]}}),
        Reply(403, {"error": {"errors": [{"reason": "notACalendarUser"}]}}),
        Reply(403),
        Reply(500),
    ],
)
async def test_whose_account_it_is_has_to_be_said(
    client: ServiceClient, google: Google, answer: Reply
) -> None:
    google.calendars = answer
    google.pages = [Reply(200, {"summary": "renamed"})]
    with pytest.raises((Rejected, Unavailable)):
        await identity(client)


# Whatever is sent

_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        ["2026-11-22", "2026-11-22T10:00:00Z", "cancelled", "popup", "https://zoom.us/j/1", "UTC"]
    ),
)
_names = st.sampled_from(
    sorted(
        {
            field.encode_name
            for form in (
                wire.EventWire,
                wire.CalendarWire,
                wire.MomentWire,
                wire.GooglePageWire,
                wire.RemindersWire,
                wire.ReminderWire,
                wire.ConferenceWire,
                wire.EntryPointWire,
                wire.AttendeeWire,
            )
            for field in msgspec.structs.fields(form)
        }
    )
)
anything = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(_names, inner, max_size=6)
    ),
    max_leaves=12,
)
moments = st.one_of(
    anything,
    st.fixed_dictionaries({"date": st.dates().map(str)}),
    st.fixed_dictionaries({"dateTime": st.datetimes().map(lambda at: f"{at.isoformat()}Z")}),
)
nearly_events = st.builds(
    lambda changes: {**resource(), **changes},
    st.dictionaries(_names, anything, max_size=4),
) | st.builds(lambda start, end: resource(start=start, end=end), moments, moments)


@settings(max_examples=300)
@given(anything)
def test_no_page_can_raise_anything_but_our_errors(said: object) -> None:
    body = msgspec.json.encode(said)
    for form in (wire.GooglePageWire, wire.AboutWire, wire.CalendarWire):
        try:
            wire.decoded(body, form)
            wire.page_from_body(body)
        except OoError as error:
            assert repr(said) not in str(error) or len(repr(said)) < 8  # noqa: PT017  # nor its words


@given(st.binary(max_size=200))
def test_no_bytes_can_either(body: bytes) -> None:
    try:
        wire.page_from_body(body)
    except OoError:
        return


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(nearly_events, max_size=4), st.booleans())
async def test_no_event_can_spoil_another_or_break_the_contract(
    said: list[dict[str, Any]], may_write: bool
) -> None:
    good = resource(id="good")
    raws = [msgspec.Raw(msgspec.json.encode(one)) for one in (*said, good)]
    found = {}
    for one in each_as(raws, wire.EventWire):
        if one is None or not google_events.is_shown(one):
            continue
        event = google_events.event_from_wire(one, user_id=ADA, shelf=SHELF, may_write=may_write)
        if event is not None:
            found[event.id] = event
    assert "ada%40example.com/good" in found
    key = AccountKey(wire.GOOGLE_CALENDAR, ADA)
    checked = await checked_snapshot(Snapshot(signals=tuple(found.values())), key, limit=10)
    assert len(checked.signals) == len(found)


@settings(max_examples=200)
@given(st.dictionaries(_names, anything, max_size=6))
def test_no_calendar_can_break_anything(said: dict[str, Any]) -> None:
    (calendar,) = each_as([msgspec.Raw(msgspec.json.encode(said))], wire.CalendarWire)
    if calendar is not None:
        assert wire.shelf_from_wire(calendar).container.name
