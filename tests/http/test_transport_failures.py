"""The HTTP client when things go wrong: it fails in two ways only, and says which."""

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from oo_desktop.http.answers import AnswerLost, HostUnknown, NotSent, Untrusted
from oo_desktop.http.requests import Http
from oo_desktop.testing import FakeClock
from tests.http.scripted import Reply, ScriptedService
from tests.ports import ports_of_nobody

SECRET = "s3cr3t-0123456789abcdef"


@pytest.fixture
async def hasty(clock: FakeClock) -> AsyncIterator[Http]:
    """A client whose patience ends soon."""
    http = Http(clock=clock, deadline=0.3)
    yield http
    await http.aclose()


async def test_a_refused_connection_means_not_sent(http: Http) -> None:
    (port,) = ports_of_nobody(1)
    with pytest.raises(NotSent, match="cannot be reached") as caught:
        await http.request("POST", f"http://127.0.0.1:{port}/")
    assert not caught.value.reached


async def test_a_name_that_nobody_knows_is_told_apart(http: Http) -> None:
    with pytest.raises(HostUnknown, match="cannot be reached") as caught:
        await http.request("GET", "http://nowhere.invalid/")
    assert not caught.value.reached


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1/", "https://", "nonsense", f"http://{'a' * 70}.invalid/", "http://[::1"],
)
async def test_an_impossible_address_means_not_sent(url: str, http: Http) -> None:
    with pytest.raises(NotSent):
        await http.request("GET", url)


async def test_a_header_that_cannot_be_sent_means_not_sent(
    http: Http, service: ScriptedService
) -> None:
    with pytest.raises(NotSent) as caught:
        await http.request("GET", service.url, headers={"Authorization": f"Bearer {SECRET}ä"})
    assert caught.value.__context__ is None
    assert not service.asked


async def test_plain_http_where_tls_was_expected_means_not_sent(
    http: Http, service: ScriptedService
) -> None:
    with pytest.raises(NotSent):
        await http.request("POST", f"https://127.0.0.1:{service.port}/")


async def test_a_certificate_nobody_vouches_for_is_told_apart(http: Http, tmp_path: Path) -> None:
    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(nothing, "127.0.0.1", 0, ssl=self_signed(tmp_path))
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Untrusted, match="certificate"):
        await http.request("POST", f"https://127.0.0.1:{port}/")
    server.close()
    await server.wait_closed()


def self_signed(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(raw=b"", then="close"), id="nothing"),
        pytest.param(Reply(raw=b"", then="reset"), id="reset"),
        pytest.param(Reply(raw=b"SSH-2.0-OpenSSH\r\n\r\n", then="close"), id="another protocol"),
        pytest.param(Reply(raw=b"HTTP/1.1 200 OK\r\nA", then="close"), id="half a head"),
        pytest.param(
            Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", then="close"),
            id="half a body",
        ),
        pytest.param(
            Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", then="reset"),
            id="reset in the body",
        ),
        pytest.param(
            Reply(raw=b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", then="close"),
            id="broken chunks",
        ),
        pytest.param(
            Reply(
                raw=b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n',
                then="close",
            ),
            id="chunks without the last",
        ),
        pytest.param(
            Reply(
                raw=b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{"a":',
                then="close",
            ),
            id="half a chunk",
        ),
        pytest.param(
            Reply(
                raw=b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\ncontent-encoding: gzip\r\n\r\n"
                + gzip.compress(b"{}"),
                then="close",
            ),
            id="a whole gzip in half a body",
        ),
        pytest.param(
            Reply(raw=b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000, then="close"), id="endless head"
        ),
        pytest.param(Reply(raw=b"HTTP/1.1 099 Odd\r\n\r\n", then="close"), id="status 99"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_answer_that_breaks_off_or_makes_no_sense_is_lost(
    method: str, reply: Reply, http: Http, service: ScriptedService
) -> None:
    service.replies = [reply, reply]
    with pytest.raises(AnswerLost) as caught:
        await http.request(method, service.url)
    assert caught.value.reached
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(raw=b"", then="hang"), id="silence"),
        pytest.param(
            Reply(raw=b"HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\n", then="drip"),
            id="a drip",
        ),
    ],
)
async def test_one_deadline_spans_the_whole_request(
    reply: Reply, hasty: Http, service: ScriptedService
) -> None:
    service.replies = [reply]
    with pytest.raises(AnswerLost, match="did not answer"):
        await hasty.request("GET", service.url)
    await service.gone()


async def test_a_deadline_that_ends_while_connecting_means_not_sent(
    hasty: Http, service: ScriptedService
) -> None:
    # A listener that nobody accepts from and whose queue is full answers no further SYN.
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        with pytest.raises(NotSent):
            await hasty.request("POST", f"http://127.0.0.1:{deaf.getsockname()[1]}/")
        for filler in fillers:
            filler.close()


async def test_a_deadline_in_the_tls_handshake_means_not_sent(
    hasty: Http, service: ScriptedService
) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(NotSent):
        await hasty.request("POST", f"https://127.0.0.1:{port}/")
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "PROPFIND", "REPORT"])
async def test_what_only_asks_is_repeated_once_on_a_connection_just_closed(
    method: str, http: Http, service: ScriptedService
) -> None:
    service.replies = [Reply(), Reply(raw=b"", then="close"), Reply(status=204)]
    await http.request("GET", service.url)
    assert (await http.request(method, service.url)).status == 204
    assert [asked.connection for asked in service.asked] == [1, 1, 2]


async def test_a_get_that_fails_on_its_own_connection_is_not_repeated(
    http: Http, service: ScriptedService
) -> None:
    service.replies = [Reply(raw=b"", then="close")]
    with pytest.raises(AnswerLost):
        await http.request("GET", service.url)
    assert len(service.asked) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_change_on_a_connection_just_closed_is_a_lost_answer(
    method: str, http: Http, service: ScriptedService
) -> None:
    service.replies = [Reply(), Reply(raw=b"", then="close")]
    await http.request("GET", service.url)
    with pytest.raises(AnswerLost):
        await http.request(method, service.url)
    assert len(service.asked) == 2


async def test_cancelled_requests_leave_nothing_behind(
    http: Http, service: ScriptedService
) -> None:
    service.replies = [Reply(raw=b"", then="hang") for _ in range(10)]
    tasks = [asyncio.create_task(http.request("GET", service.url)) for _ in range(10)]
    await service.until(lambda: len(service.asked) == 10)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert all(task.cancelled() for task in tasks)
    await service.gone()
    assert (await http.request("GET", service.url)).status == 200


async def test_closing_ends_requests_under_way_and_refuses_new_ones(
    http: Http, service: ScriptedService
) -> None:
    service.replies = [Reply(raw=b"", then="hang")]
    waiting = asyncio.create_task(http.request("GET", service.url))
    await service.until(lambda: service.asked)
    await http.aclose()
    with pytest.raises(AnswerLost):
        await waiting
    with pytest.raises(NotSent):
        await http.request("GET", service.url)


def every_subclass(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for child in root.__subclasses__():
        yield from every_subclass(child)


HTTPX_ERRORS = sorted(
    {
        error
        for root in (
            httpx.HTTPError,
            httpx.InvalidURL,
            httpx.StreamError,
            httpx.CookieConflict,
        )
        for error in every_subclass(root)
    },
    key=lambda error: error.__name__,
)
NEVER_SENT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "ProxyError"}


def made(error: type[BaseException]) -> BaseException:
    request = httpx.Request("GET", f"https://service.invalid/?code={SECRET}")
    if error is httpx.HTTPStatusError:
        return httpx.HTTPStatusError(SECRET, request=request, response=httpx.Response(500))
    if error in (
        httpx.StreamConsumed,
        httpx.StreamClosed,
        httpx.ResponseNotRead,
        httpx.RequestNotRead,
    ):
        return error()
    if issubclass(error, httpx.HTTPError) and error is not httpx.HTTPError:
        return error(SECRET, request=request)  # type: ignore[call-arg]  # all but the root take it
    return error(SECRET)


@pytest.mark.parametrize("error", HTTPX_ERRORS)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_every_exception_of_the_library_becomes_ours(
    method: str, error: type[BaseException], clock: FakeClock
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise made(error)

    http = Http(clock=clock, transport=httpx.MockTransport(fail))
    expected = NotSent if error.__name__ in {*NEVER_SENT, "InvalidURL"} else AnswerLost
    with pytest.raises(expected) as caught:
        await http.request(method, "https://service.invalid/")
    await http.aclose()
    assert type(caught.value) is expected
    assert caught.value.__context__ is None
    assert SECRET not in repr(caught.value)


def test_every_public_exception_of_the_library_is_walked() -> None:
    public = {
        thing
        for thing in vars(httpx).values()
        if isinstance(thing, type) and issubclass(thing, Exception)
    }
    assert public <= set(HTTPX_ERRORS)
