"""The look before a click is sent: a guard, which never keeps the clicks from being sent."""

import msgspec
import pytest

from oo_desktop.connectors.todoist.source import TodoistSource
from oo_desktop.errors import AuthRequired, Rejected, Unavailable
from oo_desktop.http.client import ServiceClient
from oo_desktop.model.signals import UserId
from oo_desktop.model.source import Asked
from tests.connectors.todoist.lists import ADA, page
from tests.connectors.todoist.test_actions_batch import MOVED, all_ok, done, sent, task, tomorrow
from tests.http.scripted import Asked as Request
from tests.http.scripted import Reply, ScriptedService

BEN = UserId("7654321")
MEANS_NEVER = [
    pytest.param(Reply(404, b"<html>", content_type="text/html"), id="404 as a web page"),
    pytest.param(Reply(404, b"404: Not Found", content_type="text/plain"), id="404 as text"),
    pytest.param(Reply(405), id="405"),
    pytest.param(Reply(200, b"null"), id="null"),
    pytest.param(Reply(200, []), id="a list"),
    pytest.param(Reply(200, {}), id="an object"),
]
MEANS_LATER = [
    pytest.param(Reply(500), id="500"),
    pytest.param(Reply(501, b"", content_type="text/plain"), id="501"),
    pytest.param(Reply(502, b"<html>", content_type="text/html"), id="502 as a web page"),
    pytest.param(Reply(503), id="503"),
    pytest.param(Reply(200, b"<html>", content_type="text/html"), id="a web page"),
    pytest.param(Reply(200, b"oops"), id="garbage"),
    pytest.param(Reply(206), id="a part"),
    pytest.param(Reply(raw=b"", then="close"), id="no answer"),
    pytest.param(
        Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", then="close"), id="half a body"
    ),
]


class Blind:
    """Todoist, which answers each look with `look`, the list with `listed`, and all else well."""

    def __init__(self, look: Reply, listed: Reply | None = None) -> None:
        self.look = look
        self.listed = listed or page()

    def __call__(self, asked: Request) -> Reply | None:
        match asked.path.removeprefix("/api/v1/"):
            case "tasks":
                return self.look
            case "tasks/filter":
                return self.listed
        return all_ok(asked)


@pytest.fixture
def source(client: ServiceClient) -> TodoistSource:
    return TodoistSource(client=lambda _: client)


@pytest.mark.parametrize("look", [*MEANS_NEVER, *MEANS_LATER])
async def test_a_look_that_fails_holds_up_nothing_that_no_date_decides(
    look: Reply, source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = Blind(look)
    outcomes = await source.act_all(ADA, [done("a", recurring=True), done("b")])
    assert outcomes["u-b"] is None


@pytest.mark.parametrize("look", MEANS_NEVER)
async def test_where_the_look_cannot_be_asked_the_commands_decide_at_once(
    look: Reply, source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = Blind(look)
    outcomes = await source.act_all(ADA, [done("a", recurring=True), tomorrow("c")])
    assert outcomes == {"u-a": None, "u-c": None}


@pytest.mark.parametrize("look", MEANS_LATER)
async def test_the_second_failed_look_in_a_row_is_gone_without_where_the_list_answers(
    look: Reply, source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = Blind(look, page(task("a"), task("c")))
    first = await source.act_all(ADA, [done("a", recurring=True), tomorrow("c")])
    for outcome in first.values():
        assert isinstance(outcome, Unavailable)
        assert not outcome.reached
    assert not sent(service)
    second = await source.act_all(ADA, [done("a", recurring=True), tomorrow("c")])
    assert second == {"u-a": None, "u-c": None}


@pytest.mark.parametrize("look", MEANS_LATER)
async def test_what_the_list_does_not_have_is_sent_after_the_fifth_failed_look(
    look: Reply, source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = Blind(look)
    for _ in range(4):
        outcome = (await source.act_all(ADA, [done("a", recurring=True)]))["u-a"]
        assert isinstance(outcome, Unavailable)
    assert not sent(service)
    for _ in range(2):
        assert await source.act_all(ADA, [done("a", recurring=True)]) == {"u-a": None}


async def test_a_look_that_succeeds_makes_the_next_failure_the_first(
    source: TodoistSource, service: ScriptedService
) -> None:
    for look in (Reply(500), page(task("a")), Reply(500)):
        service.answer = Blind(look)
        outcome = (await source.act_all(ADA, [done("a", recurring=True)]))["u-a"]
    assert isinstance(outcome, Unavailable)


async def test_failed_looks_of_another_account_do_not_count(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = Blind(Reply(500))
    for account in (ADA, BEN):
        outcome = (await source.act_all(account, [done("a", recurring=True)]))["u-a"]
        assert isinstance(outcome, Unavailable)


@pytest.mark.parametrize(
    "look",
    [
        Reply(429),
        Reply(429, headers={"retry-after": "9"}),
        Reply(503, headers={"retry-after": "9"}),
    ],
)
async def test_a_service_that_asks_for_patience_gets_it(
    look: Reply, source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = Blind(look)
    for _ in range(3):
        with pytest.raises(Unavailable) as caught:
            await source.act_all(ADA, [done("a", recurring=True), done("b")])
        assert caught.value.limited
        assert not caught.value.reached
    assert not sent(service)


async def test_a_lost_answer_does_not_befall_what_waits_for_its_look(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [Reply(500), Reply(raw=b"", then="close")]
    outcomes = await source.act_all(ADA, [done("a", recurring=True), done("b")])
    waits, lost = outcomes["u-a"], outcomes["u-b"]
    assert isinstance(waits, Unavailable)
    assert isinstance(lost, Unavailable)
    assert (waits.reached, lost.reached) == (False, True)


@pytest.mark.parametrize(("status", "error"), [(400, Rejected), (401, AuthRequired)])
async def test_what_concerns_the_whole_request_is_raised_though_some_wait_for_their_look(
    status: int, error: type[Exception], source: TodoistSource, service: ScriptedService
) -> None:
    service.replies = [Reply(500)]
    service.status = status
    with pytest.raises(error):
        await source.act_all(ADA, [done("a", recurring=True), done("b"), done("c")])


# The list, where there is no look


async def test_where_there_is_no_look_the_list_tells_of_a_newer_wish(
    source: TodoistSource, service: ScriptedService
) -> None:
    later = {**MOVED, "date": "2026-12-24"}
    service.answer = Blind(Reply(404), page(task("a", later), task("c", later)))
    outcomes = await source.act_all(ADA, [done("a", recurring=True), tomorrow("c"), done("b")])
    assert isinstance(outcomes["u-a"], Rejected)
    assert isinstance(outcomes["u-c"], Rejected)
    assert sent(service) == [["b"]]


async def test_where_the_list_fails_too_nothing_shows_that_todoist_is_there(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = Blind(Reply(500), Reply(500))
    for _ in range(3):
        outcome = (await source.act_all(ADA, [done("a", recurring=True)]))["u-a"]
        assert isinstance(outcome, Unavailable)
    assert not sent(service)


@pytest.mark.parametrize(
    ("listed", "commands"),
    [
        pytest.param(page(task("a")), [["a"]], id="as it was clicked"),
        pytest.param(page(task("a", MOVED)), [], id="on another date"),
        pytest.param(page(), [], id="not listed"),
        pytest.param(Reply(400), [["a"]], id="cannot be listed"),
    ],
)
async def test_an_occurrence_that_may_be_done_is_looked_up_in_the_list(
    listed: Reply, commands: list[list[str]], source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = Blind(Reply(404), listed)
    asked = [done("a", recurring=True, may_be_done=True)]
    assert await source.act_all(ADA, asked) == {"u-a": None}
    assert sent(service) == commands


async def test_an_occurrence_that_may_be_done_waits_for_the_list_alone(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = Blind(Reply(404), Reply(500))
    asked = [done("a", recurring=True, may_be_done=True), done("b", recurring=True), tomorrow("c")]
    outcomes = dict(await source.act_all(ADA, asked))
    assert isinstance(outcomes.pop("u-a"), Unavailable)
    assert outcomes == {"u-b": None, "u-c": None}
    assert sent(service) == [["b", "c"]]


# A click that insists


def insisting(asked: Asked) -> Asked:
    return asked._replace(action=msgspec.structs.replace(asked.action, insists=True))


async def test_done_that_insists_needs_no_look(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = Blind(page(task("a", MOVED)))
    assert await source.act_all(ADA, [insisting(done("a", recurring=True))]) == {"u-a": None}
    assert service.paths() == ["sync"]


async def test_a_reschedule_that_insists_keeps_the_rule_it_has_now(
    source: TodoistSource, service: ScriptedService
) -> None:
    now = {**MOVED, "date": "2026-12-24", "string": "jede Woche", "lang": "de"}
    service.answer = Blind(page(task("c", now)))
    assert await source.act_all(ADA, [insisting(tomorrow("c"))]) == {"u-c": None}
    (command,) = service.asked[-1].commands
    assert command["args"]["due"] == {**now, "date": "2026-11-23"}


async def test_a_reschedule_that_insists_falls_back_to_the_rule_it_had(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = Blind(Reply(404))
    assert await source.act_all(ADA, [insisting(tomorrow("c"))]) == {"u-c": None}
    (command,) = service.asked[-1].commands
    assert command["args"]["due"] == MOVED


async def test_a_reschedule_that_insists_waits_for_its_look_like_any_other(
    source: TodoistSource, service: ScriptedService
) -> None:
    service.answer = Blind(Reply(500), page(task("c")))
    outcomes = await source.act_all(ADA, [insisting(tomorrow("c"))])
    assert isinstance(outcomes["u-c"], Unavailable)
    assert await source.act_all(ADA, [insisting(tomorrow("c"))]) == {"u-c": None}
