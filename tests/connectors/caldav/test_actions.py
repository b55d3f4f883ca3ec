"""What becomes of a click when a server answers as only some do, or not at all."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from oo_desktop.connectors.caldav import actions
from oo_desktop.connectors.caldav.actions import act
from oo_desktop.connectors.icalendar.changes import FORGOTTEN, GONE
from oo_desktop.errors import Rejected, SourceError, Unavailable
from oo_desktop.http.client import ServiceClient
from oo_desktop.model.signals import ActionKind, SignalId
from oo_desktop.model.source import Action
from tests.connectors.caldav.resources import click, lines_of, resource, todo, undo_of
from tests.http.scripted import Asked, Reply, ScriptedService

HREF = "/ada/work/1.ics"
TASK = resource(todo("DUE;VALUE=DATE:20261129"))
SERIES = resource(todo("DUE;VALUE=DATE:20261129", "RRULE:FREQ=DAILY"))
NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)


class OneResource:
    """A server with one resource: what is stored, and what it says of it.

    got, put: statuses to answer with in the place of its own, the first ones first.
    etags: what GET and PROPFIND say of `version`, None: nothing.
    meanwhile: what another client stores before each PUT arrives.
    """

    def __init__(self, service: ScriptedService, body: bytes | None) -> None:
        self.body = body
        self.version = 1
        self.etags: Mapping[str, str | None] = {"GET": '"{}"', "PROPFIND": '"{}"'}
        self.put: list[Reply] = []
        self.meanwhile: list[bytes | None] = []
        self.asked = service.asked
        service.answer = self._answer

    def _answer(self, asked: Asked) -> Reply:
        if asked.method == "PUT":
            return self._put(asked)
        if self.body is None:
            return Reply(404)
        etag = self.etags[asked.method]
        etag = None if etag is None else etag.format(self.version)
        if asked.method == "GET":
            headers = {} if etag is None else {"ETag": etag}
            return Reply(200, self.body, headers, content_type="text/calendar")
        said = "" if etag is None else etag.replace('"', "&quot;")
        answer = (
            f'<d:multistatus xmlns:d="DAV:"><d:response><d:href>{HREF}</d:href><d:propstat><d:prop>'
            f"<d:getetag>{said}</d:getetag></d:prop><d:status>HTTP/1.1 200 OK</d:status>"
            "</d:propstat></d:response></d:multistatus>"
        )
        return Reply(207, answer.encode(), content_type="application/xml")

    def _put(self, asked: Asked) -> Reply:
        if self.meanwhile:
            self.body = self.meanwhile.pop(0)
            self.version += 1
        reply = self.put.pop(0) if self.put else Reply(204)
        if reply.status >= 300 or reply.status == 207:
            return reply
        if asked.headers.get("if-match") != f'"{self.version}"':
            return Reply(412)
        self.body = asked.body
        self.version += 1
        return reply

    def methods(self) -> list[str]:
        return [asked.method for asked in self.asked]


@pytest.fixture
def stored(service: ScriptedService) -> OneResource:
    return OneResource(service, TASK)


async def carry_out(client: ServiceClient, action: Action) -> None:
    await act(
        client, SignalId(HREF), action, owner=frozenset(), now=NOW, zone=ZoneInfo("Europe/Berlin")
    )


DONE = click(ActionKind.DONE, undo_of(TASK))
NO_DATE = click(ActionKind.NO_DATE, undo_of(TASK))


async def test_a_click_is_one_question_and_one_change(
    client: ServiceClient, stored: OneResource
) -> None:
    await carry_out(client, DONE)
    assert stored.methods() == ["GET", "PUT"]
    assert stored.asked[0].headers["accept-encoding"] == "identity"
    assert stored.asked[1].headers["if-match"] == '"1"'
    assert stored.asked[1].headers["content-type"].startswith("text/calendar")
    assert stored.body is not None
    assert lines_of(stored.body)["STATUS"] == "STATUS:COMPLETED"
    await carry_out(client, DONE)
    assert stored.methods() == ["GET", "PUT", "GET"]


async def test_what_is_gone_is_done(client: ServiceClient, stored: OneResource) -> None:
    stored.body = None
    await carry_out(client, DONE)
    with pytest.raises(Rejected) as refused:
        await carry_out(client, NO_DATE)
    assert (refused.value.reason, refused.value.status) == (GONE, 404)


@pytest.mark.parametrize(
    ("said", "methods"),
    [
        (('W/"{}"', '"{}"'), ["GET", "PROPFIND", "GET", "PUT"]),
        ((None, '"{}"'), ["GET", "PROPFIND", "GET", "PUT"]),
        (("unquoted-{}", '"{}"'), ["GET", "PROPFIND", "GET", "PUT"]),
        (('"{}"', None), ["GET", "PUT"]),
    ],
)
async def test_a_version_that_no_condition_can_have_is_asked_for(
    said: tuple[str | None, str | None],
    methods: list[str],
    client: ServiceClient,
    stored: OneResource,
) -> None:
    stored.etags = dict(zip(("GET", "PROPFIND"), said, strict=True))
    await carry_out(client, DONE)
    assert stored.methods() == methods
    assert stored.asked[-1].headers["if-match"] == '"1"'


@pytest.mark.parametrize("said", [None, 'W/"{}"'])
async def test_without_any_version_nothing_is_written(
    said: str | None, client: ServiceClient, stored: OneResource
) -> None:
    stored.etags = {"GET": None, "PROPFIND": said}
    with pytest.raises(Rejected) as refused:
        await carry_out(client, DONE)
    assert refused.value.reason == actions.NO_VERSION
    assert "PUT" not in stored.methods()


async def test_a_version_of_what_nobody_has_read_is_not_used(
    client: ServiceClient, stored: OneResource, service: ScriptedService
) -> None:
    stored.etags = {"GET": None, "PROPFIND": '"{}"'}
    answer = service.answer
    assert answer is not None

    def changing(asked: Asked) -> Reply | None:
        if asked.method == "PROPFIND" and stored.version == 1:
            stored.version, stored.body = 2, TASK.replace(b"cat", b"dog")
        return answer(asked)

    service.answer = changing
    await carry_out(client, DONE)
    assert stored.methods() == ["GET", "PROPFIND", "GET", "GET", "PROPFIND", "GET", "PUT"]
    assert stored.body is not None
    assert lines_of(stored.body)["SUMMARY"] == "SUMMARY:Feed the dog"


async def test_what_was_changed_meanwhile_is_read_again(
    client: ServiceClient, stored: OneResource
) -> None:
    stored.meanwhile = [TASK.replace(b"cat", b"dog")]
    await carry_out(client, DONE)
    assert stored.methods() == ["GET", "PUT", "GET", "PUT"]
    assert stored.body is not None
    lines = lines_of(stored.body)
    assert (lines["SUMMARY"], lines["STATUS"]) == ("SUMMARY:Feed the dog", "STATUS:COMPLETED")


async def test_what_was_deleted_meanwhile_is_done(
    client: ServiceClient, stored: OneResource
) -> None:
    stored.meanwhile = [None]
    stored.put = [Reply(404)]
    await carry_out(client, DONE)
    assert stored.methods() == ["GET", "PUT", "GET"]


async def test_a_newer_wish_that_came_meanwhile_is_kept(
    client: ServiceClient, stored: OneResource
) -> None:
    newer = TASK.replace(b"20261129", b"20270115")
    stored.meanwhile = [newer]
    with pytest.raises(Rejected):
        await carry_out(client, NO_DATE)
    assert stored.body == newer


async def test_what_keeps_changing_waits(client: ServiceClient, stored: OneResource) -> None:
    stored.meanwhile = [TASK.replace(b"cat", name) for name in (b"dog", b"cow", b"hen")]
    with pytest.raises(Unavailable) as waits:
        await carry_out(client, DONE)
    assert not waits.value.reached
    assert stored.methods() == ["GET", "PUT"] * actions.MAX_ATTEMPTS


def said(name: str, namespace: str = "urn:ietf:params:xml:ns:caldav") -> bytes:
    return f'<d:error xmlns:d="DAV:" xmlns:x="{namespace}"><x:{name}/></d:error>'.encode()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(207, said("no-uid-conflict"), content_type="application/xml"), actions.NOT_TAKEN),
        (Reply(403), actions.READ_ONLY),
        (Reply(405), actions.READ_ONLY),
        (Reply(403, said("need-privileges", "DAV:")), actions.READ_ONLY),
        (Reply(403, said("valid-calendar-data")), actions.NOT_TAKEN),
        (Reply(403, said("max-resource-size")), actions.TOO_LARGE),
        (Reply(403, said("quota-not-exceeded", "DAV:")), actions.FULL),
        (Reply(413), actions.TOO_LARGE),
        (Reply(409), actions.NOT_TAKEN),
        (Reply(415, b"<p>no"), actions.NOT_TAKEN),
        (Reply(400, b"\xff"), actions.NOT_TAKEN),
    ],
)
async def test_a_refusal_says_what_to_do(
    reply: Reply, reason: str, client: ServiceClient, stored: OneResource
) -> None:
    stored.put = [reply]
    with pytest.raises(Rejected) as refused:
        await carry_out(client, DONE)
    assert (refused.value.reason, refused.value.status) == (reason, reply.status)
    assert stored.body == TASK


@pytest.mark.parametrize("status", [423, 500, 503, 507, 301])
async def test_what_may_pass_waits(status: int, client: ServiceClient, stored: OneResource) -> None:
    stored.put = [Reply(status)]
    with pytest.raises(Unavailable):
        await carry_out(client, DONE)
    await carry_out(client, DONE)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_other_yes_is_one(
    status: int, client: ServiceClient, stored: OneResource
) -> None:
    stored.put = [Reply(status, content_type="text/plain")]
    await carry_out(client, DONE)
    assert stored.methods() == ["GET", "PUT"]


@pytest.mark.parametrize("status", [202, 206, 207])
async def test_a_part_of_a_resource_is_none(
    status: int, client: ServiceClient, service: ScriptedService
) -> None:
    service.replies = [Reply(status, TASK, {"ETag": '"1"'}, content_type="text/calendar")]
    with pytest.raises(Unavailable):
        await carry_out(client, DONE)
    assert len(service.asked) == 1


@pytest.mark.parametrize("method", ["GET", "PROPFIND"])
async def test_who_may_not_read_is_told(
    method: str, client: ServiceClient, stored: OneResource, service: ScriptedService
) -> None:
    stored.etags = {"GET": None, "PROPFIND": '"{}"'}
    answer = service.answer
    assert answer is not None
    service.answer = lambda asked: Reply(403) if asked.method == method else answer(asked)
    with pytest.raises(Rejected) as refused:
        await carry_out(client, DONE)
    assert refused.value.status == 403


async def test_what_is_deleted_before_its_version_is_known_is_done(
    client: ServiceClient, stored: OneResource, service: ScriptedService
) -> None:
    stored.etags = {"GET": None, "PROPFIND": '"{}"'}
    answer = service.answer
    assert answer is not None

    def deleting(asked: Asked) -> Reply | None:
        if asked.method == "PROPFIND":
            stored.body = None
        return answer(asked)

    service.answer = deleting
    await carry_out(client, DONE)
    assert stored.methods() == ["GET", "PROPFIND", "GET"]


@pytest.mark.parametrize("body", [TASK, SERIES])
@pytest.mark.parametrize("then", ["reset", "close"])
async def test_a_lost_answer_is_settled_by_what_is_there(
    body: bytes, then: str, client: ServiceClient, stored: OneResource
) -> None:
    stored.body = body
    stamp = None if body is TASK else "20261129"
    stored.put = [Reply(204, raw=b"", then=then)]  # type: ignore[arg-type]  # one of them
    done = click(ActionKind.DONE, undo_of(body, stamp))
    with pytest.raises(Unavailable) as lost:
        await carry_out(client, done)
    assert lost.value.reached
    written = stored.body
    assert written != body
    again = click(ActionKind.DONE, undo_of(body, stamp), may_be_done=True)
    await carry_out(client, again)
    assert stored.body == written


@pytest.mark.parametrize("undo", [None, "", "[]", "{}", '{"href": 1}', '{"href": "/another.ics"}'])
async def test_a_click_that_nobody_knows_any_more_is_refused_unsent(
    undo: str | None, client: ServiceClient, service: ScriptedService
) -> None:
    with pytest.raises(Rejected) as refused:
        await carry_out(client, Action(kind=ActionKind.DONE, uuid="u", undo=undo))
    assert refused.value.reason == FORGOTTEN
    assert not service.asked


async def test_too_much_to_work_out_is_refused(client: ServiceClient, stored: OneResource) -> None:
    rules = [f"RRULE:FREQ=SECONDLY;COUNT=9999999;INTERVAL={n + 1};BYHOUR=3" for n in range(2)]
    stored.body = resource(todo("DUE:19700101T090000Z", *rules))
    late = click(ActionKind.DONE, undo_of(stored.body, "20261129T090000Z"))
    with pytest.raises(SourceError):
        await carry_out(client, late)
    assert stored.methods() == ["GET"]
