"""The HTTP client over real sockets: bounded, and failing in two ways only."""

import gzip
import logging
import sys
import tracemalloc
import zlib
from datetime import UTC, datetime
from importlib.abc import MetaPathFinder
from pathlib import Path

import pytest

from oo_desktop import __version__
from oo_desktop.http.answers import (
    ABSURD_RETRY_AFTER_SECONDS,
    MAX_RETRY_AFTER_SECONDS,
    THE_SERVICE,
    Answer,
    AnswerLost,
    AnswerUnusable,
    Asked,
    NotSent,
)
from oo_desktop.http.requests import Http
from oo_desktop.testing import FakeClock
from tests.http.scripted import Reply, ScriptedService
from tests.pseudo_language import pseudo, pseudo_language

SECRET = "s3cr3t-0123456789abcdef"


# What goes out


async def test_a_request_says_who_asks_and_carries_what_it_was_given(
    http: Http, service: ScriptedService
) -> None:
    await http.request("GET", service.url + "x", params={"a": "ä&b"}, headers={"X-Y": "z"})
    await http.request("POST", service.url + "x", form={"c": "d e"})
    await http.request("POST", service.url + "x", json={"f": 1})
    get, form, json = service.asked
    assert get.headers["user-agent"] == f"oO-desktop/{__version__}"
    assert get.headers["accept-encoding"] == "gzip"
    assert (get.query, get.headers["x-y"]) == ({"a": "ä&b"}, "z")
    assert form.form == {"c": "d e"}
    assert (json.headers["content-type"], json.body) == ("application/json", b'{"f":1}')


async def test_a_request_searches_the_disk_for_no_module(
    http: Http, service: ScriptedService, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[str] = []

    class Listener(MetaPathFinder):
        def find_spec(self, name: str, *_: object) -> None:
            searched.append(name)

    await http.request("GET", service.url)
    monkeypatch.setattr(sys, "meta_path", [Listener(), *sys.meta_path])
    await http.request("GET", service.url)
    assert searched == []


async def test_no_cookie_is_kept(http: Http, service: ScriptedService) -> None:
    service.headers = {"set-cookie": "a=b; Path=/"}
    await http.request("GET", service.url)
    await http.request("GET", service.url)
    assert "cookie" not in service.asked[1].headers


async def test_a_redirect_is_an_answer_like_any_other(http: Http, service: ScriptedService) -> None:
    service.status, service.headers = 302, {"location": service.url + "elsewhere"}
    answer = await http.request("POST", service.url + "token", form={"code": "x"})
    assert answer.status == 302
    assert service.paths() == ["token"]


async def test_a_netrc_is_not_read(
    http: Http, service: ScriptedService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password " + SECRET)
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    await http.request("GET", service.url)
    assert "authorization" not in service.asked[0].headers


async def test_a_service_on_this_machine_is_never_asked_through_a_proxy(
    clock: FakeClock, service: ScriptedService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ScriptedService().serving() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        http = Http(clock=clock)
        assert (await http.request("GET", service.url)).status == 200
        await http.aclose()
        assert not proxy.asked


async def test_a_proxy_that_refuses_the_tunnel_means_not_sent(
    clock: FakeClock, service: ScriptedService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.status = 407
    monkeypatch.setenv("https_proxy", f"http://user:{SECRET}@127.0.0.1:{service.port}")
    http = Http(clock=clock)
    with pytest.raises(NotSent) as caught:
        await http.request("POST", "https://service.invalid/", form={"a": SECRET})
    await http.aclose()
    assert service.asked[0].method == "CONNECT"
    assert SECRET not in repr(caught.value)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "gopher://x", "http://[", "::"])
async def test_an_unusable_proxy_setting_is_told_in_words(
    proxy: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    http = Http(clock=clock)
    with pytest.raises(NotSent):
        await http.request("GET", "https://service.invalid/")
    await http.aclose()


# What comes back


async def test_every_status_is_an_answer(http: Http, service: ScriptedService) -> None:
    for status in range(200, 600):
        service.status = status
        assert (await http.request("POST", service.url)).status == status


@pytest.mark.parametrize("status", [100, 101, 102, 103, 150, 199])
async def test_an_announcement_without_an_answer_is_a_lost_answer(
    status: int, http: Http, service: ScriptedService
) -> None:
    service.replies = [Reply(raw=f"HTTP/1.1 {status} Soon\r\n\r\n".encode(), then="close")]
    with pytest.raises(AnswerLost):
        await http.request("POST", service.url)


async def test_an_announcement_before_the_answer_is_passed_over(
    http: Http, service: ScriptedService
) -> None:
    raw = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    service.replies = [Reply(raw=raw, then="close")]
    assert (await http.request("POST", service.url)).status == 200


async def test_an_answer_shows_nothing_of_its_body(http: Http, service: ScriptedService) -> None:
    service.body = {"token": SECRET}
    answer = await http.request("GET", service.url)
    assert SECRET.encode() in answer.body
    assert repr(answer) == "Answer(200)"


@pytest.mark.parametrize(
    ("content_type", "body", "is_page"),
    [
        ("text/html", b"", True),
        ("application/xhtml+xml", b"", True),
        ("", b"\r\n <!DOCTYPE html>", True),
        ("application/json", b"<html>", True),
        ("application/json", b"null", False),
        ("text/plain", b"Gone", False),
        ("", b"", False),
    ],
)
def test_a_web_page_is_told_from_an_answer(content_type: str, body: bytes, is_page: bool) -> None:
    assert Answer(200, content_type, body).is_page is is_page


async def test_a_gzip_answer_is_inflated(http: Http, service: ScriptedService) -> None:
    body = bytes(range(256)) * 2000
    service.replies = [Reply(body=gzip.compress(body), headers={"content-encoding": "GZIP"})]
    assert (await http.request("GET", service.url)).body == body


async def test_a_body_of_exactly_the_limit_is_taken(http: Http, service: ScriptedService) -> None:
    body = b"x" * 1024 * 1024
    service.replies = [
        Reply(body=body),
        Reply(body=gzip.compress(body), headers={"content-encoding": "gzip"}),
    ]
    assert (await http.request("GET", service.url)).body == body
    assert (await http.request("GET", service.url)).body == body


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        pytest.param(b"x" * (1024 * 1024 + 1), "", id="one byte too many"),
        pytest.param(gzip.compress(b"x" * (1024 * 1024 + 1)), "gzip", id="too many inside"),
        pytest.param(gzip.compress(b"x" * 5000)[:-9], "gzip", id="gzip cut short"),
        pytest.param(b"not gzip at all", "gzip", id="not gzip"),
        pytest.param(zlib.compress(b"x"), "deflate", id="not asked for"),
        pytest.param(b"x", "gzip, gzip", id="twice"),
    ],
)
async def test_a_body_that_cannot_be_used_is_a_lost_answer_of_its_kind(
    body: bytes, encoding: str, http: Http, service: ScriptedService
) -> None:
    service.replies = [Reply(body=body, headers={"content-encoding": encoding} if encoding else {})]
    with pytest.raises(AnswerUnusable):
        await http.request("GET", service.url)


async def test_a_bomb_is_not_unpacked(http: Http, service: ScriptedService) -> None:
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    zeros = bytes(1024 * 1024)
    bomb = b"".join(packer.compress(zeros) for _ in range(256)) + packer.flush()
    service.replies = [Reply(body=bomb, headers={"content-encoding": "gzip"})]
    tracemalloc.start()
    try:
        with pytest.raises(AnswerLost):
            await http.request("GET", service.url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


# What is written about it


async def test_nothing_of_a_request_is_logged_even_when_everything_is(
    http: Http, service: ScriptedService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.headers = {"set-cookie": f"c={SECRET}", "x-secret": SECRET}
    service.body = {"token": SECRET}
    service.replies = [
        Reply(200, {"token": SECRET}, {"set-cookie": f"c={SECRET}"}),
        Reply(raw=f"{SECRET} nonsense\r\n\r\n".encode(), then="close"),
    ]
    headers = {"Authorization": f"Bearer {SECRET}"}
    await http.request("GET", service.url, params={"code": SECRET}, headers=headers)
    with pytest.raises(AnswerLost) as caught:
        await http.request("POST", service.url, form={"code": SECRET}, headers=headers)
    logging.getLogger("oo_desktop.test").info("failed", exc_info=caught.value)
    assert SECRET not in caplog.text


# When to come back

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)  # FakeClock's


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("66", 66),
        ("1.5", 1.5),
        ("3600", MAX_RETRY_AFTER_SECONDS),
        ("7200", MAX_RETRY_AFTER_SECONDS),
        (str(int(ABSURD_RETRY_AFTER_SECONDS) + 1), None),
        ("9" * 12, None),
        ("9" * 400, None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("٣", None),
        ("", None),
        ("soon", None),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90),
        ("Sun, 22 Nov 2026 12:01:30 -0000", 90),
        ("Sunday, 22-Nov-26 12:01:30 GMT", 90),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("Sun, 22 Nov 2026 18:00:00 GMT", MAX_RETRY_AFTER_SECONDS),
        ("Sun, 22 Nov 2099 12:00:00 GMT", None),
        ("Sun, 99 Nov 2026 12:00:00 GMT", None),
    ],
)
async def test_retry_after_is_read_in_both_forms_and_bounded(
    header: str, seconds: float | None, http: Http, service: ScriptedService, clock: FakeClock
) -> None:
    assert clock.now() == NOW
    head = f"HTTP/1.1 429 No\r\nretry-after: {header}\r\ncontent-length: 0\r\n\r\n"
    service.replies = [Reply(raw=head.encode(), then="close")]
    assert (await http.request("GET", service.url)).retry_after == seconds


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (THE_SERVICE, pseudo("The service cannot be reached.")),
        (Asked("Todoist"), pseudo("{service} cannot be reached.").format(service="Todoist")),
    ],
)
async def test_who_cannot_be_reached_is_said_in_the_language_of_the_person(
    asked: Asked, sentence: str, http: Http
) -> None:
    with pseudo_language(), pytest.raises(NotSent) as caught:
        await http.request("GET", "http://127.0.0.1:1/", asked=asked)
    assert caught.value.fact == sentence
