"""The link of a calendar: what may be one, what it leads to, and that nobody is told of it."""

import asyncio
import gc
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence

import pytest

from oo_desktop.errors import AuthRequired, Unavailable
from oo_desktop.http.client import AnswerLost, Http, NotSent
from oo_desktop.http.secret_link import (
    BadLink,
    Fetched,
    LinkClient,
    NotModified,
    check_link,
    user_id_from_link,
)
from tests.http.scripted import Reply, ScriptedService

SECRET = "private-0123456789abcdef"
BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
CALENDAR = Reply(body=BODY, content_type="text/calendar")


def secret_of(service: ScriptedService) -> Callable[[], Awaitable[str]]:
    async def secret() -> str:
        return f"http://127.0.0.1:{service.port}/{SECRET}/basic.ics?key={SECRET}"

    return secret


@pytest.fixture
def client(http: Http, service: ScriptedService) -> LinkClient:
    return LinkClient(http=http, secret=secret_of(service))


# What may be a link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://example.com/a.ics", "https://example.com/a.ics"),
        ("  webcal://example.com/a?b=c \n", "https://example.com/a?b=c"),
        ("WEBCALS://example.com/a", "https://example.com/a"),
        ("https://example.com/a.ics#part", "https://example.com/a.ics"),
        ("http://127.0.0.1:8000/a.ics", "http://127.0.0.1:8000/a.ics"),
        ("http://[::1]/a.ics", "http://[::1]/a.ics"),
        ("http://localhost/a.ics", "http://localhost/a.ics"),
        ("webcal://127.0.0.1:8000/a.ics", "http://127.0.0.1:8000/a.ics"),
        ("Webcal://localhost/a.ics", "http://localhost/a.ics"),
        ("webcal://[::1]:80/a.ics", "http://[::1]:80/a.ics"),
        ("webcals://127.0.0.1/a.ics", "https://127.0.0.1/a.ics"),
        ("webcal://192.168.0.1/a.ics", "https://192.168.0.1/a.ics"),
        ("webcal:https://example.com/a.ics", "https://example.com/a.ics"),
        ("webcal:HTTPS://example.com/a.ics", "https://example.com/a.ics"),
        ("webcals:https://example.com/a.ics", "https://example.com/a.ics"),
        ("webcal://https://example.com/a.ics", "https://example.com/a.ics"),
        ("webcal:example.com/a.ics", "https://example.com/a.ics"),
        ("webcal:example.com:8443/a?b=c:/d", "https://example.com:8443/a?b=c:/d"),
        ("webcal:http://127.0.0.1:8000/a.ics", "http://127.0.0.1:8000/a.ics"),
        ("webcal:https://127.0.0.1:8000/a.ics", "https://127.0.0.1:8000/a.ics"),
        ("webcal:127.0.0.1:8000/a.ics", "http://127.0.0.1:8000/a.ics"),
        ("https://example.com/Prüfung/ö.ics", "https://example.com/Pr%C3%BCfung/%C3%B6.ics"),
        ("https://example.com/Pr%C3%BCfung.ics", "https://example.com/Pr%C3%BCfung.ics"),
        ("https://example.com/%c3%bc/ü", "https://example.com/%c3%bc/%C3%BC"),
        (
            "https://example.com/日程?名=甲&a=%20",
            "https://example.com/%E6%97%A5%E7%A8%8B?%E5%90%8D=%E7%94%B2&a=%20",
        ),
        ("webcal://example.com/🗓.ics", "https://example.com/%F0%9F%97%93.ics"),
        ("https://bücher.example/a.ics", "https://xn--bcher-kva.example/a.ics"),
        ("https://Bücher.example:444/ü", "https://xn--bcher-kva.example:444/%C3%BC"),
    ],
)
def test_a_link_becomes_an_https_address(text: str, link: str) -> None:
    assert check_link(text) == link


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a link",
        "example.com/s3cret.ics",
        "ftp://example.com/s3cret.ics",
        "file:///etc/s3cret",
        "http://example.com/s3cret.ics",
        "http://192.168.0.1/s3cret.ics",
        "http://127.0.0.1.example.com/s3cret.ics",
        "https://user:s3cret@example.com/a.ics",
        "https:///s3cret",
        "https://example.com:99999/s3cret",
        "https://[::1/s3cret",
        "https://example.com/s3cret\nHost: x",
        "https://example.com\\s3cret",
        "https://example.com/" + "s3crét" * 150,
        "https://example.com/s3crét\u202e.ics",
        "https://example.com/s3cr\u200bt",
        "https://example.com/s3crét\xa0b",
        "https://example.com/s3cr\udce9t",
        "https://faß.example/s3cret",
        "https://ｅxample.com/s3cret",
        "https://example\u3002com/s3cret",
        "https://ü@example.com/s3cret",
        "https://exämple.com\u2215s3cret@a",
        "https://" + "ü" * 64 + ".example/s3cret",
        "http://example.com/s3crét",
        "webcal:http://example.com/s3cret",
        "webcal:file:///s3cret",
        "webcal:ftp://example.com/s3cret",
        "webcal:javascript:alert('s3cret')",
        "webcal:https://user:s3cret@example.com/",
        "webcal:webcal://example.com/s3cret",
        "webcal:s3cret@example.com",
        "webcal:",
        "webcal:///s3cret",
        "https://example.com/" + "s3cret" * 200,
        "javascript:alert('s3cret')",
    ],
)
def test_anything_else_is_refused_in_words_that_do_not_repeat_it(text: str) -> None:
    with pytest.raises(BadLink) as caught:
        check_link(text)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value)[-1:])
    assert caught.value.__cause__ is None


def test_the_account_is_named_after_its_link_and_tells_nothing_of_it() -> None:
    name = user_id_from_link("https://example.com/private")
    assert len(name) == 16
    assert name == user_id_from_link("https://example.com/private")
    assert name != user_id_from_link("https://example.com/privat")


# What it leads to


async def test_a_calendar_comes_with_what_to_ask_with_next_time(
    client: LinkClient, service: ScriptedService
) -> None:
    service.replies = [
        Reply(
            body=BODY,
            content_type="text/calendar",
            headers={"ETag": '"one"', "Last-Modified": "Sun, 22 Nov 2026 12:00:00 GMT"},
        ),
        Reply(304),
    ]
    answer = await client.get()
    assert isinstance(answer, Fetched)
    assert (answer.body, answer.charset) == (BODY, None)
    assert isinstance(await client.get(answer.etag, answer.last_modified), NotModified)
    first, second = service.asked
    assert "if-none-match" not in first.headers
    assert first.headers["accept"].startswith("text/calendar")
    assert second.headers["if-none-match"] == '"one"'
    assert second.headers["if-modified-since"] == "Sun, 22 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("calendar/ical/Ada%40example.com/private-0a/basic.ics", "ada@example.com"),
        ("users/ada@example.com/all.ics", "ada@example.com"),
        ("public.php?of=ada@example.com", None),
        ("a/%ff%40/%40/b@/basic.ics", None),
    ],
)
async def test_whose_calendar_it_is_stands_in_the_links_of_google(
    path: str, owner: str | None, http: Http, service: ScriptedService
) -> None:
    async def secret() -> str:
        return f"http://127.0.0.1:{service.port}/{path}"

    service.replies = [CALENDAR]
    found = await LinkClient(http=http, secret=secret).get()
    assert isinstance(found, Fetched)
    assert found.owner == owner


async def test_a_304_that_nobody_asked_for_is_no_answer(
    client: LinkClient, service: ScriptedService
) -> None:
    service.replies = [Reply(304)]
    with pytest.raises(Unavailable):
        await client.get()


@pytest.mark.parametrize("header", ['"' + "x" * 600 + '"', '"t\tab"'])
async def test_a_validator_that_is_absurd_is_not_kept(
    client: LinkClient, service: ScriptedService, header: str
) -> None:
    service.replies = [Reply(body=BODY, headers={"ETag": header})]
    answer = await client.get()
    assert isinstance(answer, Fetched)
    assert answer.etag is None


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_link_that_was_taken_back_asks_for_another(
    client: LinkClient, service: ScriptedService, status: int
) -> None:
    service.status = status
    with pytest.raises(AuthRequired, match="no longer valid"):
        await client.get()


async def test_too_many_requests_wait_as_long_as_the_server_says(
    client: LinkClient, service: ScriptedService
) -> None:
    service.replies = [Reply(429, headers={"Retry-After": "120"})]
    with pytest.raises(Unavailable) as caught:
        await client.get()
    assert (caught.value.limited, caught.value.retry_after) == (True, 120)


@pytest.mark.parametrize("status", [100 + 104, 206, 400, 418, 500, 502, 503])
async def test_any_other_answer_is_tried_again(
    client: LinkClient, service: ScriptedService, status: int
) -> None:
    service.status = status
    with pytest.raises(Unavailable) as caught:
        await client.get()
    assert not caught.value.limited


async def test_a_server_that_is_not_there_is_tried_again(http: Http) -> None:
    async def secret() -> str:
        return f"http://127.0.0.1:9/{SECRET}"

    with pytest.raises(NotSent, match="The calendar cannot be reached"):
        await LinkClient(http=http, secret=secret).get()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(then="reset", raw=b""),
        Reply(then="close", raw=b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nBEGIN:VCAL"),
        Reply(body=BODY, headers={"Content-Encoding": "gzip"}),
    ],
    ids=["cut", "half a body", "not what it says"],
)
async def test_an_answer_that_is_lost_is_tried_again(
    client: LinkClient, service: ScriptedService, reply: Reply
) -> None:
    service.replies = [reply, reply]
    with pytest.raises(AnswerLost):
        await client.get()


async def test_a_calendar_beyond_the_cap_is_not_read_to_its_end(
    http: Http, service: ScriptedService
) -> None:
    small = LinkClient(http=http, secret=secret_of(service), max_bytes=2_000)
    service.replies = [Reply(body=b"x" * 2_000), Reply(body=b"x" * 2_001)]
    assert isinstance(await small.get(), Fetched)
    with pytest.raises(AnswerLost):
        await small.get()


async def test_the_cap_of_a_calendar_may_be_above_that_of_others(
    http: Http, service: ScriptedService
) -> None:
    client = LinkClient(http=http, secret=secret_of(service))
    service.replies = [Reply(body=b"x" * (2 * 1024 * 1024))]  # others: 1 MiB
    answer = await client.get()
    assert isinstance(answer, Fetched)
    assert len(answer.body) == 2 * 1024 * 1024


@pytest.mark.parametrize("then", ["hang", "drip"])
async def test_a_calendar_that_never_ends_is_given_up(
    http: Http, service: ScriptedService, then: str
) -> None:
    slow = LinkClient(http=http, secret=secret_of(service), deadline=0.2)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    service.replies = [Reply(raw=head, then=then)]  # type: ignore[arg-type]  # one of its words
    with pytest.raises(Unavailable, match="did not answer"):
        await slow.get()
    await service.gone()


# Redirects


def moved(to: str, status: int = 302) -> Reply:
    return Reply(status, headers={"Location": to})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(
    client: LinkClient, service: ScriptedService, status: int
) -> None:
    service.replies = [moved("/elsewhere.ics#top", status), CALENDAR]
    assert isinstance(await client.get(), Fetched)
    assert service.asked[-1].target == "/elsewhere.ics"


async def test_five_redirects_are_followed_and_not_a_sixth(
    client: LinkClient, service: ScriptedService
) -> None:
    service.replies = [*[moved("/on")] * 5, CALENDAR, *[moved("/on")] * 6]
    assert isinstance(await client.get(), Fetched)
    with pytest.raises(Unavailable, match="from address to address"):
        await client.get()
    assert len(service.asked) == 12


@pytest.mark.parametrize(
    "target",
    [
        "http://example.com/a.ics",
        "ftp://example.com/a.ics",
        "file:///etc/passwd",
        "https://user@example.com/a.ics",
        "https://",
    ],
)
async def test_a_redirect_out_of_https_is_not_followed(
    client: LinkClient, service: ScriptedService, target: str
) -> None:
    service.replies = [moved(target)]
    with pytest.raises(Unavailable, match="does not follow"):
        await client.get()
    assert len(service.asked) == 1


async def test_a_redirect_that_leads_nowhere_is_not_followed(
    client: LinkClient, service: ScriptedService
) -> None:
    service.replies = [Reply(302)]
    with pytest.raises(Unavailable, match="does not follow"):
        await client.get()


class Outside(Http):
    """Answers for the whole internet; it remembers what it was asked for."""

    def __init__(self, http: Http, service: ScriptedService) -> None:
        self._within, self._port = http, service.port
        self.urls: list[str] = []

    async def request(self, method: str, url: str, **options: object) -> object:  # type: ignore[override]  # a stand-in
        self.urls.append(url)
        inside = f"http://127.0.0.1:{self._port}/"
        return await self._within.request(method, inside, headers=options["headers"])  # type: ignore[arg-type]  # as given


@pytest.mark.parametrize(
    "target",
    [
        "https://127.0.0.1/a",
        "https://localhost/a",
        "https://192.168.1.1/a",
        "https://10.0.0.1/a",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a",
        "https://[fe80::1]/a",
        "https://[::ffff:127.0.0.1]/a",
        "https://0.0.0.0/a",
        "https://inside.example/a",
        "http://127.0.0.1/a",
    ],
)
async def test_a_link_from_outside_cannot_lead_inside(
    http: Http, service: ScriptedService, target: str
) -> None:
    async def secret() -> str:
        return f"https://calendar.example/{SECRET}"

    async def resolve(host: str) -> Sequence[str]:
        return ["93.184.215.14", "10.1.2.3"] if host == "inside.example" else ["93.184.215.14"]

    outside = Outside(http, service)
    service.replies = [moved(target)]
    with pytest.raises(Unavailable, match="does not follow"):
        await LinkClient(http=outside, secret=secret, resolve=resolve).get()
    assert len(outside.urls) == 1


# Secrets


FAULTS = [
    Reply(404),
    Reply(500),
    Reply(429),
    Reply(then="reset", raw=b""),
    moved(f"http://example.com/{SECRET}"),
    moved(f"https://[{SECRET}/"),
]


@pytest.mark.parametrize("reply", FAULTS)
async def test_no_fault_tells_the_link(
    client: LinkClient,
    service: ScriptedService,
    reply: Reply,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    service.replies = [reply]
    with pytest.raises((AuthRequired, Unavailable)) as caught:
        await client.get()
    error = caught.value
    said = [str(error), repr(error), repr(error.args), repr(client), caplog.text]
    assert error.__cause__ is None
    assert error.__context__ is None or SECRET not in repr(error.__context__)
    assert not any(SECRET in text for text in said)


async def test_no_answer_shows_what_it_holds(client: LinkClient, service: ScriptedService) -> None:
    service.replies = [CALENDAR]
    assert "VCALENDAR" not in repr(await client.get())


async def test_giving_up_leaves_no_connection_behind(
    client: LinkClient, service: ScriptedService
) -> None:
    service.replies = [Reply(raw=b"", then="hang")]
    asking = asyncio.create_task(client.get())
    await service.until(lambda: service.asked)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await service.gone()
    gc.collect()


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("text/calendar; charset=ISO-8859-1", "iso-8859-1"),
        ('text/calendar;method=PUBLISH; Charset = "Shift_JIS"', "shift_jis"),
        ("text/calendar; charset='utf-8'; component=VEVENT", "utf-8"),
        ("text/calendar; charset=", None),
        ("text/calendar; x-charset=koi8-r", None),
        ("charset=koi8-r", None),
    ],
)
async def test_a_calendar_comes_with_the_charset_its_server_names(
    client: LinkClient, service: ScriptedService, content_type: str, charset: str | None
) -> None:
    service.replies = [Reply(body=BODY, content_type=content_type)]
    answer = await client.get()
    assert isinstance(answer, Fetched)
    assert answer.charset == charset
