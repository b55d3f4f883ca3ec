"""What a connector is given: every status translated once, the token kept to its own host."""

import asyncio
import gzip
import json
import logging
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.todoist.errors import envelope_from_json
from oo_desktop.errors import AuthRequired, Rejected, SourceError, Unavailable, VaultError
from oo_desktop.http.client import (
    AnswerLost,
    Http,
    NotSent,
    Refused,
    ServiceClient,
    WebPage,
    bearer_at,
)
from oo_desktop.testing import FakeClock
from tests.http.scripted import TOKEN, Asked, Reply, ScriptedService, ScriptedTokens

# Asking


async def test_a_get_carries_the_token_and_returns_the_body(
    client: ServiceClient, service: ScriptedService
) -> None:
    service.body = {"results": []}
    assert json.loads(await client.get("tasks/filter", params={"query": "a & b"})) == {
        "results": []
    }
    (asked,) = service.asked
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert (asked.path, asked.query) == ("/api/v1/tasks/filter", {"query": "a & b"})


async def test_a_post_sends_a_form_or_json(client: ServiceClient, service: ScriptedService) -> None:
    await client.post("sync", form={"commands": "[]"})
    await client.post("tasks/1", json={"content": "x"})
    assert service.asked[0].form == {"commands": "[]"}
    assert json.loads(service.asked[1].body) == {"content": "x"}


async def test_an_answer_without_a_body_is_an_empty_one(
    client: ServiceClient, service: ScriptedService
) -> None:
    service.status = 204
    assert await client.post("tasks/1/close") == b""


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/x",
        "/etc",
        "user@evil.example",
        "..",
        "../x",
        "tasks/../../x",
        "tasks/%2e%2E/x",
        "tasks/.%2e",
        "tasks/./x",
        "tasks//x",
        "tasks\\x",
        "tasks/..%2fx",
        "tasks/x%2F..%2F..%2Fx",
        "tasks/x%5c.%5Cx",
        "tasks?a=b",
        "tasks#a",
        "tasks/%",
        "tasks/ä",
        "tasks/\n",
        "tasks\n",
        "http:evil.example",
        "",
        "tasks/",
    ],
)
async def test_a_path_that_could_lead_elsewhere_is_refused_unsent(
    path: str, client: ServiceClient, service: ScriptedService, tokens: ScriptedTokens
) -> None:
    with pytest.raises(Rejected):
        await client.get(path)
    assert not service.asked
    assert not tokens.asked


@pytest.mark.parametrize(
    "step", ["a%2Fb", "%2Fa", "a%5Cb", "a..b", "..a", "%23%3F%25%40", "%252e%252e"]
)
async def test_an_encoded_step_is_sent_as_it_is(
    step: str, client: ServiceClient, service: ScriptedService
) -> None:
    service.body = {}
    await client.get(f"tasks/{step}/x")
    assert [asked.target for asked in service.asked] == [f"/api/v1/tasks/{step}/x"]


@given(path=st.text(alphabet="abc/.%2eEfF\\@:?#\n", max_size=12))
def test_no_path_leaves_the_base_url(path: str) -> None:
    clock = FakeClock()
    client = ServiceClient(
        http=Http(clock=clock),
        address=bearer_at("https://a.example/v1/"),
        tokens=ScriptedTokens(),
        clock=clock,
        origin_name="Todoist",
    )
    try:
        client._check(path)
    except Rejected:
        return
    url = f"https://a.example/v1/{path}"
    assert url.startswith("https://a.example/v1/")
    steps = url.removeprefix("https://").split("/")
    assert all(steps)
    assert not {".", ".."} & set(unquote("/".join(steps)).replace("\\", "/").split("/"))


@pytest.mark.parametrize(
    "base_url", ["", "x", "ftp://a.example", "https://", "https://user:pass@a.example/"]
)
def test_a_service_without_a_plain_address_is_a_mistake(base_url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        bearer_at(base_url)


# Statuses

EXPECTED: dict[int, type[SourceError]] = {
    **dict.fromkeys(range(201, 300), Unavailable),
    **dict.fromkeys(range(300, 400), Unavailable),
    **dict.fromkeys(range(400, 500), Rejected),
    **dict.fromkeys(range(500, 600), Unavailable),
    401: AuthRequired,
    408: Unavailable,
    425: Unavailable,
    429: Unavailable,
}


@pytest.mark.parametrize("status", [201, 202, 203, 204, 205, 206, 207, 226, 299])
async def test_an_answer_that_may_be_a_part_is_not_taken_for_the_whole(
    status: int, client: ServiceClient, service: ScriptedService
) -> None:
    service.replies = [Reply(status, {"results": [], "next_cursor": None})]
    with pytest.raises(Unavailable, match=f"{status}") as caught:
        await client.get("tasks/filter")
    assert not caught.value.limited


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 206, 207, 299])
async def test_any_yes_to_a_change_is_a_yes(
    status: int, client: ServiceClient, service: ScriptedService
) -> None:
    service.status = status
    await client.post("tasks/1/close")
    assert len(service.asked) == 1


async def test_every_status_becomes_a_body_or_one_of_our_errors(
    client: ServiceClient, service: ScriptedService
) -> None:
    for status in range(200, 600):
        service.status = status
        if status == 200:
            await client.get("x")
            continue
        with pytest.raises(EXPECTED[status]) as caught:
            await client.get("x")
        assert isinstance(caught.value, (Unavailable, AuthRequired, Rejected))
        assert "Todoist" in str(caught.value)
        assert str(caught.value).endswith((".", "?"))


async def test_an_announcement_without_an_answer_is_unavailable(
    client: ServiceClient, service: ScriptedService
) -> None:
    for status in (100, 101, 102, 199):
        service.replies = [Reply(raw=f"HTTP/1.1 {status} x\r\n\r\n".encode(), then="close")]
        with pytest.raises(Unavailable):
            await client.post("x")


async def test_410_says_to_update(client: ServiceClient, service: ScriptedService) -> None:
    service.replies = [Reply(410, b"This endpoint is gone", content_type="text/plain")]
    with pytest.raises(Rejected, match="update oO") as caught:
        await client.get("x")
    assert caught.value.status == 410


async def test_a_refusal_carries_the_envelope_but_not_its_sentence(
    client: ServiceClient, service: ScriptedService
) -> None:
    service.status = 400
    service.body = {
        "error": f"No such thing: {TOKEN}",
        "error_code": 20,
        "error_tag": "INVALID_ARGUMENT_VALUE",
        "http_code": 400,
        "error_extra": {"argument": "cursor", "retry_after": 3},
    }
    with pytest.raises(Refused) as caught:
        await client.get("x")
    envelope = envelope_from_json(caught.value.body)
    assert (envelope.tag, envelope.code, envelope.status) == ("INVALID_ARGUMENT_VALUE", 20, 400)
    assert envelope.argument == "cursor"
    assert TOKEN not in f"{caught.value} {caught.value!r} {caught.value.__dict__}"


@pytest.mark.parametrize("status", [200, 302, 401, 403, 404, 429, 511])
async def test_a_web_page_is_a_captive_portal_whatever_its_status(
    status: int, client: ServiceClient, service: ScriptedService, tokens: ScriptedTokens
) -> None:
    service.replies = [Reply(status, b"<html>Welcome to our hotel", content_type="text/html")]
    with pytest.raises(Unavailable, match="sign in first"):
        await client.get("x")
    assert not tokens.refused


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 505, 507, 520, 530, 599])
async def test_a_web_page_of_a_server_in_trouble_asks_nobody_to_sign_in(
    status: int, client: ServiceClient, service: ScriptedService
) -> None:
    service.replies = [Reply(status, b"<html>Bad gateway", content_type="text/html")]
    with pytest.raises(Unavailable) as caught:
        await client.get("x")
    assert not isinstance(caught.value, WebPage)
    assert str(caught.value).startswith("Todoist ")
    assert "sign in" not in str(caught.value)
    assert str(status) in str(caught.value)
    assert str(caught.value).endswith("oO keeps trying.")
    assert caught.value.reached


async def test_a_web_page_of_a_server_that_names_a_time_is_waited_for(
    client: ServiceClient, service: ScriptedService
) -> None:
    page, headers = b"<html>Maintenance", {"retry-after": "60"}
    service.replies = [Reply(503, page, content_type="text/html", headers=headers)]
    with pytest.raises(Unavailable, match="slow down") as caught:
        await client.get("x")
    assert caught.value.retry_after is not None


async def test_the_service_is_named_when_it_cannot_be_reached(
    http: Http, tokens: ScriptedTokens, clock: FakeClock
) -> None:
    client = ServiceClient(
        http=http,
        address=bearer_at("http://127.0.0.1:1"),
        tokens=tokens,
        clock=clock,
        origin_name="Google Calendar",
    )
    with pytest.raises(NotSent, match=r"^Google Calendar cannot be reached\. oO keeps trying\.$"):
        await client.get("x")


async def test_a_lost_answer_stays_told_apart(
    client: ServiceClient, service: ScriptedService
) -> None:
    service.replies = [Reply(raw=b"", then="close")]
    with pytest.raises(AnswerLost, match=r"^Todoist did not answer"):
        await client.post("sync", form={})


# 401


async def test_a_401_is_mended_unnoticed_by_another_token(
    client: ServiceClient, service: ScriptedService, tokens: ScriptedTokens
) -> None:
    service.replies = [Reply(401), Reply(200, {"ok": True})]
    assert json.loads(await client.get("x")) == {"ok": True}
    assert tokens.refused == [TOKEN]
    assert service.asked[1].headers["authorization"] == f"Bearer another-{TOKEN}"


async def test_a_post_is_repeated_whole_after_a_401(
    client: ServiceClient, service: ScriptedService
) -> None:
    service.replies = [Reply(401)]
    await client.post("sync", form={"commands": "[1]"})
    assert [asked.form for asked in service.asked] == [{"commands": "[1]"}] * 2


async def test_a_second_401_asks_the_user_to_reconnect(
    client: ServiceClient, service: ScriptedService, tokens: ScriptedTokens
) -> None:
    service.status = 401
    with pytest.raises(AuthRequired, match="reconnect"):
        await client.get("x")
    assert len(service.asked) == 2
    assert tokens.refused == [TOKEN]


@pytest.mark.parametrize(
    "failure", [AuthRequired("no"), Unavailable("later"), VaultError("locked")]
)
async def test_what_renewing_raises_is_passed_on(
    failure: Exception, client: ServiceClient, service: ScriptedService, tokens: ScriptedTokens
) -> None:
    service.status, tokens.failure = 401, failure
    with pytest.raises(type(failure)) as caught:
        await client.get("x")
    assert str(caught.value) == str(failure)
    assert len(service.asked) == 1


async def test_retry_after_on_401_and_404_means_nothing(
    client: ServiceClient, service: ScriptedService
) -> None:
    waits = {"retry-after": "60"}
    body = {"error_extra": {"retry_after": 60}}
    service.replies = [Reply(401, body, waits), Reply(404, body, waits), Reply(200, body, waits)]
    with pytest.raises(Rejected):
        await client.get("x")
    await client.get("x")


async def test_twenty_401s_at_once_each_name_the_token_that_was_refused(
    client: ServiceClient, service: ScriptedService, tokens: ScriptedTokens
) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(401 if asked.headers["authorization"] == f"Bearer {TOKEN}" else 200)

    service.answer = answer
    await asyncio.gather(*(client.get("x") for _ in range(20)))
    assert tokens.refused
    assert set(tokens.refused) == {TOKEN}


async def test_a_token_no_header_can_carry_is_no_token(
    client: ServiceClient, service: ScriptedService, tokens: ScriptedTokens
) -> None:
    for tokens.token in ("töken", "a\r\nX: y"):
        with pytest.raises(AuthRequired):
            await client.get("x")
    assert not service.asked


# Envelopes


async def test_nothing_secret_is_logged_or_raised(
    client: ServiceClient, service: ScriptedService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    echo = {"error": TOKEN, "error_tag": TOKEN, "error_extra": {"argument": TOKEN}}
    packed = Reply(500, gzip.compress(TOKEN.encode()), {"content-encoding": "gzip"})
    service.replies = [Reply(400, echo), Reply(429, echo), packed, Reply(raw=TOKEN.encode())]
    for _ in range(4):
        with pytest.raises(SourceError) as caught:
            await client.post("x", form={"secret": TOKEN})
        logging.getLogger("oo_desktop.test").info("failed", exc_info=caught.value)
        assert TOKEN not in repr(caught.value)
    assert TOKEN not in caplog.text


# WebDAV


@pytest.mark.parametrize(
    "href",
    ["x", "", "//evil.example/x", "/a/../b", "/a/%2e%2e/b", "/a?b", "/a#b", "/a b", "/a\\..\\b"],
)
async def test_a_webdav_address_that_could_lead_elsewhere_is_refused_unsent(
    client: ServiceClient, service: ScriptedService, href: str
) -> None:
    with pytest.raises(Rejected):
        await client.dav("GET", href)
    assert service.asked == []


async def test_a_webdav_resource_is_asked_for_by_its_path_as_it_was_written(
    client: ServiceClient, service: ScriptedService
) -> None:
    await client.dav("PROPFIND", "/ada/a%20b@c%c3%a9.ics", body=b"<a/>", depth="0")
    (asked,) = service.asked
    assert asked.target == "/ada/a%20b@c%c3%a9.ics"
    assert asked.headers["depth"] == "0"
    assert asked.body == b"<a/>"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(401, headers={"WWW-Authenticate": "Basic"}, content_type="text/html"), AuthRequired),
        (Reply(401, b"<html>", content_type="text/html"), WebPage),
        (Reply(200, b"<html>", content_type="text/html"), WebPage),
        (Reply(403, b"<html>", content_type="text/html"), Refused),
        (Reply(404, b"<a/>", content_type="application/xml"), Refused),
        (Reply(412), Refused),
        (Reply(423), Refused),
        (Reply(302, headers={"Location": "/x"}), Unavailable),
        (Reply(507), Unavailable),
    ],
)
async def test_a_webdav_servers_status_counts_and_a_page_only_in_place_of_an_answer(
    client: ServiceClient, service: ScriptedService, reply: Reply, kind: type[SourceError]
) -> None:
    service.replies = [reply, reply]
    with pytest.raises(kind):
        await client.dav("PROPFIND", "/ada/")


async def test_a_multistatus_is_an_answer_and_a_redirect_for_whoever_wants_it(
    client: ServiceClient, service: ScriptedService
) -> None:
    service.replies = [
        Reply(207, b"<?xml version='1.0'?><a/>", content_type="text/xml"),
        Reply(301, headers={"Location": "/dav/"}),
    ]
    assert (await client.dav("PROPFIND", "/ada/")).status == 207
    led_on = await client.dav("PROPFIND", "/ada/", may_lead_on=True)
    assert (led_on.status, led_on.location) == (301, "/dav/")


async def test_an_empty_answer_of_a_webdav_server_is_no_page(
    client: ServiceClient, service: ScriptedService
) -> None:
    service.replies = [Reply(200, b"", {"DAV": "1"}, content_type="text/html; charset=UTF-8")]
    assert (await client.dav("OPTIONS", "/ada/")).status == 200


async def test_a_webdav_resource_is_taken_in_whichever_format_it_has(
    client: ServiceClient, service: ScriptedService
) -> None:
    await client.dav("GET", "/a.ics")
    assert service.asked[0].headers["accept"] == "*/*"


async def test_a_webdav_change_is_made_on_a_condition_or_not_at_all(
    client: ServiceClient, service: ScriptedService
) -> None:
    await client.dav("PUT", "/a.ics", body=b"x", content_type="text/calendar", if_match='"1"')
    await client.dav("PUT", "/b.ics", body=b"x", content_type="text/calendar", if_none_match=True)
    changed, made = service.asked
    assert (changed.headers["if-match"], changed.headers["content-type"]) == (
        '"1"',
        "text/calendar",
    )
    assert made.headers["if-none-match"] == "*"
