"""The Todoist connector against a service that says what it is told to."""

import asyncio
import gc
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from oo_desktop.config import Settings
from oo_desktop.connectors.base import OAuthSignIn
from oo_desktop.connectors.registry import built_in_registry
from oo_desktop.connectors.todoist.settings import FILTER
from oo_desktop.connectors.todoist.source import AROUND_SECONDS, TodoistSource, identity
from oo_desktop.connectors.todoist.wire import TODOIST
from oo_desktop.errors import AuthRequired, Rejected, SourceError, Unavailable
from oo_desktop.http.client import ServiceClient
from oo_desktop.model.signals import Container, TaskList, UserId
from oo_desktop.model.source import ActingSource, ComparingSource, Identity, Snapshot
from oo_desktop.testing import FakeClock
from tests.connectors.todoist.lists import (
    ADA,
    HOME,
    USER,
    Todoist,
    TodoistWithin,
    ids,
    page,
    task,
)
from tests.http.scripted import TOKEN, Reply, ScriptedService

LISTS = (TaskList(id="p1", name="Home", color="#369307"),)


@pytest.fixture
def todoist(service: ScriptedService) -> Todoist:
    todoist = Todoist()
    service.answer = todoist
    return todoist


@pytest.fixture
def source(client: ServiceClient, clock: FakeClock) -> TodoistSource:
    return TodoistSource(client=lambda _: client, now=clock.monotonic)


def said(snapshot: Snapshot) -> Snapshot:
    """Without what it was made of."""
    return replace(snapshot, made_of=None)


def test_it_is_a_source_that_can_act_and_compare(source: TodoistSource) -> None:
    assert isinstance(source, ActingSource)
    assert isinstance(source, ComparingSource)
    assert source.id == "todoist"


# Who


async def test_a_label_is_what_the_owner_would_recognise(
    source: TodoistSource, client: ServiceClient, todoist: Todoist
) -> None:
    expected = ["ada@example.com", "Ada Example", "1234567"]
    for label, missing in zip(expected, ["", "email", "full_name"], strict=True):
        todoist.user = Reply(200, {**USER, "email": USER["email"] if not missing else None})
        if missing == "full_name":
            todoist.user = Reply(200, {"id": "1234567"})
        zone = None if missing == "full_name" else "Europe/Madrid"
        assert await identity(client) == Identity(ADA, label, zone)


@pytest.mark.parametrize("user", [{}, {"id": ""}, {"id": 7}, [], None])
async def test_a_user_without_an_id_is_nobody(
    user: object, source: TodoistSource, client: ServiceClient, todoist: Todoist
) -> None:
    todoist.user = Reply(200, user)
    with pytest.raises(Rejected):
        await identity(client)


# Reading


async def test_due_tasks_are_read_with_project_and_zone(
    source: TodoistSource, service: ScriptedService, todoist: Todoist
) -> None:
    snapshot = await source.fetch_signals(ADA)
    (signal,) = snapshot.signals
    assert (signal.title, signal.container) == ("Task a", Container("Home", "#369307"))
    assert (signal.source, signal.user_id) == ("todoist", ADA)
    assert snapshot.zone == "Europe/Madrid"
    assert service.paths() == ["tasks/filter", "projects", "user"]
    assert service.asked[0].query == {"query": FILTER, "limit": "200"}


async def test_the_filter_is_a_setting(
    client: ServiceClient, service: ScriptedService, todoist: Todoist
) -> None:
    query = "(p1 | overdue) & #Büro"
    await TodoistSource(client=lambda _: client, query=query).fetch_signals(ADA)
    assert service.asked[0].query["query"] == query


@pytest.mark.logs_warnings
async def test_tasks_that_make_no_sense_are_left_out_and_counted_once(
    source: TodoistSource, todoist: Todoist, caplog: pytest.LogCaptureFixture
) -> None:
    todoist.tasks = [page(task("a"), {"id": 7, "content": TOKEN}, task("b", due=[TOKEN]))]
    assert ids(await source.fetch_signals(ADA)) == ["a"]
    assert ids(await source.fetch_signals(ADA)) == ["a"]
    assert caplog.text.count("Todoist sent tasks that make no sense; left out: 2") == 1
    assert TOKEN not in caplog.text


async def test_a_list_nothing_of_which_makes_sense_is_not_an_empty_list(
    source: TodoistSource, todoist: Todoist
) -> None:
    todoist.tasks = [page({"ident": "a"})]
    with pytest.raises(Rejected, match="update oO"):
        await source.fetch_signals(ADA)


async def test_an_empty_list_is_an_empty_list(source: TodoistSource, todoist: Todoist) -> None:
    todoist.tasks = [page()]
    found = await source.fetch_signals(ADA)
    assert said(found) == Snapshot(signals=(), zone="Europe/Madrid", lists=LISTS)


@pytest.mark.parametrize(
    "envelope",
    [
        {"error_tag": "INVALID_SEARCH_QUERY", "error_code": 55},
        {"error_code": 55},
        {"error_tag": "INVALID_ARGUMENT_VALUE", "error_extra": {"argument": "query"}},
    ],
)
async def test_a_filter_todoist_does_not_understand_is_told_in_words(
    envelope: dict[str, Any], source: TodoistSource, todoist: Todoist
) -> None:
    todoist.tasks = [Reply(400, {"error": f"The query {TOKEN} is incorrect", **envelope})]
    with pytest.raises(Rejected, match="filter in the settings") as caught:
        await source.fetch_signals(ADA)
    assert caught.value.status == 400
    assert TOKEN not in repr(caught.value)


async def test_a_token_with_too_little_scope_is_told_in_words(
    source: TodoistSource, todoist: Todoist
) -> None:
    todoist.tasks = [Reply(403, {"error_tag": "AUTH_INSUFFICIENT_TOKEN_SCOPE"})]
    with pytest.raises(Rejected, match="only read"):
        await source.fetch_signals(ADA)


GARBAGE = [
    Reply(200, b""),
    Reply(200, b"oops"),
    Reply(200, b"{}"),
    Reply(200, b"null"),
    Reply(200, b'{"results": {}}'),
    Reply(200, b'{"results": [' + b"[" * 50_000),
    Reply(200, b"\xff\xfe"),
    Reply(200, b"<html>", content_type="text/html"),
    Reply(200, b"x" * (1024 * 1024 + 1)),
    Reply(204),
    Reply(206, {"results": [], "next_cursor": None}),
    Reply(302, headers={"location": "http://portal.example"}),
    Reply(raw=b"", then="close"),
    *(Reply(status) for status in (400, 401, 403, 404, 410, 418, 429, 500, 502, 503, 504)),
]


@pytest.mark.parametrize("reply", GARBAGE)
@pytest.mark.parametrize("where", ["tasks", "user", "projects"])
async def test_whatever_comes_back_only_our_errors_come_out(
    where: str, reply: Reply, source: TodoistSource, client: ServiceClient, todoist: Todoist
) -> None:
    setattr(todoist, where, [reply] if where == "tasks" else reply)
    try:
        snapshot = await source.fetch_signals(ADA)
    except SourceError:
        pass
    else:
        assert where != "tasks"
        assert ids(snapshot) == ["a"]


# Projects and zone


async def test_projects_and_zone_are_asked_for_once_an_hour(
    source: TodoistSource, service: ScriptedService, clock: FakeClock, todoist: Todoist
) -> None:
    for _ in range(3):
        await source.fetch_signals(ADA)
    assert service.paths().count("projects") == 1
    await clock.advance(AROUND_SECONDS)
    await source.fetch_signals(ADA)
    assert service.paths().count("projects") == service.paths().count("user") == 2


async def test_a_new_project_is_asked_for_at_once_and_one_nobody_has_only_once(
    source: TodoistSource, service: ScriptedService, todoist: Todoist
) -> None:
    await source.fetch_signals(ADA)
    todoist.tasks = [page(task("a"), task("b", project_id="p2"), task("c", project_id="p3"))]
    todoist.projects = page(HOME, {"id": "p2", "name": "Work", "color": "blue"})
    for _ in range(3):
        snapshot = await source.fetch_signals(ADA)
    containers = [signal.container for signal in snapshot.signals]
    assert containers == [Container("Home", "#369307"), Container("Work", "#4180FF"), None]
    assert service.paths().count("projects") == 2


@pytest.mark.parametrize("where", ["projects", "user"])
async def test_what_was_known_serves_while_todoist_does_not(
    where: str, source: TodoistSource, clock: FakeClock, todoist: Todoist
) -> None:
    before = await source.fetch_signals(ADA)
    setattr(todoist, where, Reply(503))
    await clock.advance(AROUND_SECONDS)
    assert await source.fetch_signals(ADA) == before


@pytest.mark.parametrize("where", ["projects", "user"])
async def test_a_first_list_is_whole_or_an_error(
    where: str, source: TodoistSource, todoist: Todoist
) -> None:
    setattr(todoist, where, Reply(503))
    with pytest.raises(Unavailable):
        await source.fetch_signals(ADA)


async def test_projects_and_zone_that_are_refused_cost_only_themselves(
    source: TodoistSource, todoist: Todoist
) -> None:
    todoist.projects = todoist.user = Reply(403)
    snapshot = await source.fetch_signals(ADA)
    assert (ids(snapshot), snapshot.signals[0].container, snapshot.zone) == (["a"], None, None)


async def test_a_token_refused_on_the_way_is_refused(
    source: TodoistSource, todoist: Todoist
) -> None:
    todoist.projects = Reply(401)
    with pytest.raises(AuthRequired):
        await source.fetch_signals(ADA)


async def test_a_zone_this_machine_does_not_know_is_none(
    source: TodoistSource, todoist: Todoist
) -> None:
    todoist.user = Reply(200, {**USER, "tz_info": {"timezone": "Mars/Base"}})
    assert (await source.fetch_signals(ADA)).zone is None


async def test_accounts_do_not_share_what_is_known(source: TodoistSource, todoist: Todoist) -> None:
    await source.fetch_signals(ADA)
    todoist.user = Reply(200, {**USER, "tz_info": {"timezone": "Asia/Tokyo"}})
    assert (await source.fetch_signals(UserId("2"))).zone == "Asia/Tokyo"
    assert (await source.fetch_signals(ADA)).zone == "Europe/Madrid"


# Always


@pytest.mark.parametrize(("where", "requests"), [("tasks", 1), ("projects", 2), ("user", 3)])
async def test_a_fetch_can_be_cancelled_anywhere(
    where: str, requests: int, source: TodoistSource, service: ScriptedService, todoist: Todoist
) -> None:
    silence = Reply(raw=b"", then="hang")
    setattr(todoist, where, [silence] if where == "tasks" else silence)
    fetch = asyncio.create_task(source.fetch_signals(ADA))
    await service.until(lambda: len(service.asked) == requests)
    fetch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetch


async def test_nothing_secret_reaches_a_snapshot(source: TodoistSource, todoist: Todoist) -> None:
    assert TOKEN not in repr(await source.fetch_signals(ADA))
    assert TOKEN not in repr(vars(source))


def test_what_comes_back_from_its_consent_page_comes_in_todoists_name() -> None:
    (todoist,) = (each for each in built_in_registry(Settings()).connectors if each.id == TODOIST)
    assert isinstance(todoist.sign_in, OAuthSignIn)
    assert todoist.sign_in.service.issuers == {"https://todoist.com"}


# Again


@dataclass(frozen=True)
class Said:
    """What Todoist says at a poll, and the filter that it is asked for."""

    pages: list[list[Any]]
    projects: list[Any]
    zone: str
    query: str

    def source(self, todoist: TodoistWithin) -> TodoistSource:
        todoist.pages, todoist.projects, todoist.zone = self.pages, self.projects, self.zone
        return TodoistSource(client=lambda _: todoist.client, query=self.query)


TASKS = st.sampled_from(
    [
        task("a"),
        task("a", content="Newer"),
        task("b", project_id="p2"),
        task("c", due={"date": "2026-11-22T23:30:00Z"}),
        task("d", due={"date": "2026-11-23T09:00:00"}),
        task("e", checked=True),
        {"ident": "a"},
    ]
)
SAID = st.builds(
    Said,
    pages=st.lists(st.lists(TASKS, max_size=3), min_size=1, max_size=3),
    projects=st.sampled_from([[HOME], [{**HOME, "name": "Work"}], []]),
    zone=st.sampled_from(["Europe/Madrid", "Asia/Tokyo"]),
    query=st.sampled_from(["today", "overdue"]),
)


async def fetched(source: TodoistSource, known: Snapshot) -> Snapshot | str:
    """What a poll brings; or how it is refused."""
    try:
        return await source.fetch_again(ADA, known)
    except Rejected as error:
        return error.reason


@pytest.mark.logs_warnings
@given(polls=st.lists(SAID, max_size=4))
def test_whatever_is_known_a_poll_brings_what_it_would(polls: list[Said]) -> None:
    async def story() -> None:
        todoist, known = TodoistWithin(), Snapshot(signals=())
        for each in polls:
            found = await fetched(each.source(todoist), known)
            assert found == await fetched(each.source(todoist), Snapshot(signals=()))
            if isinstance(found, Snapshot):
                known = found
                again = await fetched(each.source(todoist), known)
                assert isinstance(again, Snapshot)
                assert again == known
                assert again.signals is known.signals
                assert again.made_of is known.made_of

    asyncio.run(story())


async def test_the_signals_of_a_list_that_is_the_same_are_the_same_objects(
    source: TodoistSource, todoist: Todoist, clock: FakeClock
) -> None:
    known = await source.fetch_signals(ADA)
    again = await source.fetch_again(ADA, known)
    assert again.signals is known.signals
    todoist.projects = page({**HOME, "name": "Flat"})
    await clock.advance(AROUND_SECONDS)
    (moved,) = (await source.fetch_again(ADA, again)).signals
    assert moved.container == Container("Flat", "#369307")


async def test_nothing_of_a_list_is_kept_but_by_who_asked(
    source: TodoistSource, todoist: Todoist
) -> None:
    known = await source.fetch_signals(ADA)
    again = await source.fetch_again(ADA, known)
    owners = [each for each in gc.get_referrers(known.signals) if isinstance(each, Snapshot)]
    assert len(owners) == len(gc.get_referrers(known.signals)) == 2
    assert {id(each) for each in owners} == {id(known), id(again)}


@pytest.mark.logs_warnings
async def test_what_makes_no_sense_counts_again_where_nothing_has_changed(
    source: TodoistSource, todoist: Todoist, caplog: pytest.LogCaptureFixture
) -> None:
    todoist.tasks = [page(task("a"), {"ident": "b"})]
    known = await source.fetch_signals(ADA)
    again = await source.fetch_again(ADA, known)
    assert (again.unread, again.signals is known.signals) == (1, True)
    assert caplog.text.count("left out: 1") == 1


async def test_what_another_connector_made_is_not_taken_for_the_same(
    source: TodoistSource, todoist: Todoist
) -> None:
    strange = Snapshot(signals=(), made_of="what another connector made it of")
    assert ids(await source.fetch_again(ADA, strange)) == ["a"]
