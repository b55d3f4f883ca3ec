"""Which proxy a request goes through: what people write into these variables, and anything else."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import getproxies_environment

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from oo_desktop.http import transport
from oo_desktop.http.answers import NotSent
from oo_desktop.http.proxies import Proxies
from oo_desktop.http.requests import Http
from oo_desktop.testing import FakeClock
from tests.http.scripted import ScriptedService
from tests.http.tunnel import Tunnel

SECRET = "s3cr3t-0123456789abcdef"
SERVICE = "https://service.example/api"

UNUSABLE = [
    "socks://127.0.0.1:3128/",
    "socks5://127.0.0.1:1",
    "socks5h://127.0.0.1:1",
    "gopher://x",
    "http://",
    "http://the proxy:3128",
    "http://[",
    "http://proxy:99999",
    "http://proxy:port",
    f"http://user:{SECRET}#@proxy:3128",
    "http://\udcff",
    "//proxy:3128",
    "::",
]

NO_PROXY = [
    "localhost,127.0.0.1,[::1]",
    "localhost,127.0.0.1,::1",
    "fe80::/10",
    "[fe80::]/10",
    "[::1]:8080",
    "x:y",
    "bücher.example",
    "xn--bcher-kva.example",
    "ßtraße.example,…,\udcff",
    "10.0.0.0/8;192.168.0.0/16",
    "localhost 127.0.0.1\t[::1]\n",
    "http://[,://,http://x:y,[,],[]",
    "*.,.,**,*.*",
    "a" * 5000,
]

VARIABLES = [
    name
    for kind in ("http", "https", "all", "no")
    for name in (f"{kind}_proxy", f"{kind}_PROXY".upper())
]
LOOPBACK = ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]

texts = st.text() | st.sampled_from(UNUSABLE + NO_PROXY) | st.just("http://127.0.0.1:9")
environments = st.dictionaries(st.sampled_from([*VARIABLES, "REQUEST_METHOD"]), texts)


@pytest.fixture
async def proxy() -> AsyncIterator[Tunnel]:
    async with Tunnel().serving() as proxy:
        yield proxy


async def ask(url: str, environment: Mapping[str, str], deadline: float = 10) -> int:
    http = Http(clock=FakeClock(), deadline=deadline, environment=environment)
    try:
        return (await http.request("GET", url)).status
    finally:
        await http.aclose()


def variables(environment: Mapping[str, str], url: str = SERVICE) -> list[str]:
    """The variables whose proxies are tried for `url`."""
    scheme, _, rest = url.partition("://")
    host, _, port = rest.partition("/")[0].partition(":")
    proxies = Proxies(environment).asked_for(scheme, host, int(port) if port else None)
    return [proxy.variable for proxy in proxies]


def is_direct(no_proxy: str, host: str, port: int | None = None) -> bool:
    proxies = Proxies({"all_proxy": "http://proxy:3128", "no_proxy": no_proxy})
    return not proxies.asked_for("https", host, port)


# As people have them


@pytest.mark.parametrize("no_proxy", NO_PROXY)
async def test_no_proxy_of_any_kind_leaves_oo_on_the_network_without_a_proxy(
    no_proxy: str, service: ScriptedService
) -> None:
    assert await ask(service.url, {"NO_PROXY": no_proxy}) == 200


@pytest.mark.parametrize("no_proxy", NO_PROXY)
async def test_no_proxy_of_any_kind_leaves_the_proxy_in_use(
    no_proxy: str, service: ScriptedService, proxy: Tunnel
) -> None:
    environment = {"NO_PROXY": no_proxy, "HTTPS_PROXY": proxy.url, "HTTP_PROXY": proxy.url}
    assert await ask(service.url, environment) == 200
    with pytest.raises(NotSent, match="cannot be reached"):
        await ask(SERVICE, environment)
    assert proxy.asked == ["CONNECT service.example:443 HTTP/1.1"]


@pytest.mark.parametrize("unusable", UNUSABLE)
async def test_an_unusable_proxy_for_all_harms_nothing_beside_good_ones(
    unusable: str, service: ScriptedService, proxy: Tunnel
) -> None:
    environment = {"http_proxy": proxy.url, "https_proxy": proxy.url, "all_proxy": unusable}
    assert await ask(service.url, environment) == 200
    with pytest.raises(NotSent, match="cannot be reached"):
        await ask(SERVICE, environment)
    assert proxy.asked == ["CONNECT service.example:443 HTTP/1.1"]


@pytest.mark.parametrize("unusable", UNUSABLE)
async def test_the_proxy_for_all_stands_in_for_one_that_cannot_be_used(
    unusable: str, proxy: Tunnel
) -> None:
    with pytest.raises(NotSent, match="cannot be reached"):
        await ask(SERVICE, {"https_proxy": unusable, "all_proxy": proxy.url})
    assert proxy.asked == ["CONNECT service.example:443 HTTP/1.1"]


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("unusable", UNUSABLE)
async def test_where_no_proxy_can_be_used_the_sentence_names_the_variable(
    unusable: str, variable: str, service: ScriptedService
) -> None:
    environment = {variable: unusable, "no_proxy": "direct.invalid"}
    assert await ask(service.url, environment) == 200
    with pytest.raises(NotSent) as caught:
        await ask(SERVICE, environment)
    assert str(caught.value).startswith(f"The proxy in {variable} cannot be used: ")
    assert SECRET not in repr(caught.value)
    assert caught.value.__context__ is None
    with pytest.raises(NotSent, match="cannot be reached"):  # asked directly, but not there
        await ask("https://direct.invalid/", environment)


async def test_a_proxy_that_answers_carries_plain_requests(
    service: ScriptedService, proxy: Tunnel
) -> None:
    environment = {"http_proxy": f"127.0.0.1:{service.port}", "https_proxy": proxy.url}
    assert await ask("http://service.example/x", environment) == 200
    assert [asked.target for asked in service.asked] == ["http://service.example/x"]
    assert not proxy.asked


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """A server's certificate for service.example, which oO trusts meanwhile."""
    context, certificate = certified("service.example", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    transport._tls_context.cache_clear()
    yield context
    transport._tls_context.cache_clear()


async def test_a_service_is_asked_through_the_tunnel_of_a_proxy(trusted: ssl.SSLContext) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=trusted)
    async with server, Tunnel(server.sockets[0].getsockname()[1]).serving() as proxy:
        assert await ask(SERVICE, {"HTTPS_PROXY": proxy.url, "NO_PROXY": "[::1]"}) == 204
        assert proxy.asked == ["CONNECT service.example:443 HTTP/1.1"]


def certified(name: str, folder: Path) -> tuple[ssl.SSLContext, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public


# Which variable counts


def test_each_scheme_has_its_proxy_before_that_for_all() -> None:
    environment = {"HTTP_PROXY": "a", "HTTPS_PROXY": "b", "ALL_PROXY": "c"}
    assert variables(environment) == ["HTTPS_PROXY", "ALL_PROXY"]
    assert variables(environment, "http://service.example/") == ["HTTP_PROXY", "ALL_PROXY"]
    assert variables({"HTTP_PROXY": "a"}) == []


def test_lower_case_comes_first_even_where_it_is_empty() -> None:
    assert variables({"HTTPS_PROXY": "a", "https_proxy": "b"}) == ["https_proxy"]
    assert variables({"HTTPS_PROXY": "a", "https_proxy": ""}) == []
    assert variables({"all_proxy": "a", "NO_PROXY": "*", "no_proxy": ""}) == ["all_proxy"]


def test_a_header_that_a_web_server_passes_on_is_no_proxy() -> None:
    plain = "http://service.example/"
    assert variables({"REQUEST_METHOD": "GET", "HTTP_PROXY": "a"}, plain) == []
    assert variables({"REQUEST_METHOD": "GET", "http_proxy": "a"}, plain) == ["http_proxy"]
    assert variables({"REQUEST_METHOD": "GET", "HTTPS_PROXY": "a"}) == ["HTTPS_PROXY"]


printable = st.text(st.characters(codec="ascii", categories=["L", "N"]))


@given(
    st.dictionaries(
        st.sampled_from([*VARIABLES, "REQUEST_METHOD"]),
        printable,
    )
)
def test_the_variables_are_those_that_python_takes(environment: dict[str, str]) -> None:
    ours = os.environ.copy()
    try:
        os.environ.clear()
        os.environ.update(environment)
        expected = getproxies_environment()
    finally:
        os.environ.clear()
        os.environ.update(ours)
    proxies = Proxies({**environment, "no_proxy": ""})
    for scheme in ("http", "https"):
        urls = [proxy.url for proxy in proxies.asked_for(scheme, "service.example")]
        kinds = [kind for kind in (scheme, "all") if kind in expected]
        assert urls == [f"http://{expected[kind]}" for kind in kinds]


# NO_PROXY


@pytest.mark.parametrize(
    ("no_proxy", "direct", "not_direct"),
    [
        ("example.com", ["example.com", "www.example.com", "EXAMPLE.COM."], ["notexample.com"]),
        (".example.com", ["example.com", "a.b.example.com"], ["example.com.evil.net"]),
        ("*.example.com", ["www.example.com"], ["notexample.com"]),
        ("Example.COM", ["example.com"], ["example.org"]),
        ("https://example.com", ["example.com"], ["example.org"]),
        ("http://example.com", [], ["example.com"]),
        ("10.0.0.0/8", ["10.1.2.3", "::ffff:10.1.2.3"], ["11.1.2.3", "service.example"]),
        ("10.1.2.3/8", ["10.9.9.9"], ["11.1.2.3"]),
        ("192.0.2.7", ["192.0.2.7"], ["192.0.2.70", "1.192.0.2.7"]),
        ("fe80::/10", ["fe80::1", "febf::1"], ["fec0::1"]),
        ("[fe80::]/10", ["fe80::1"], ["fec0::1"]),
        ("[2001:db8::1]", ["2001:db8::1", "2001:db8:0::1"], ["2001:db8::2"]),
        ("2001:db8::1", ["2001:db8::1"], ["2001:db8::2"]),
        ("bücher.example", ["xn--bcher-kva.example", "www.xn--bcher-kva.example"], ["b.example"]),
        ("BU\u0308CHER.example", ["xn--bcher-kva.example"], ["bucher.example"]),
        ("xn--bcher-kva.example", ["xn--bcher-kva.example"], []),
        ("x:y, a b;c\td", ["a", "b", "c", "d"], ["x", "y", "xy"]),
        ("*", ["example.com", "192.0.2.7", "2001:db8::1"], []),
        ("example.com,*", ["example.org"], []),
        ("", [], ["example.com"]),
        (".,*.,**", [], ["example.com"]),
    ],
)
def test_an_entry_covers_what_people_mean_by_it(
    no_proxy: str, direct: list[str], not_direct: list[str]
) -> None:
    assert {host: is_direct(no_proxy, host) for host in (*direct, *not_direct)} == {
        **dict.fromkeys(direct, True),
        **dict.fromkeys(not_direct, False),
    }


@pytest.mark.parametrize(
    ("no_proxy", "host"),
    [
        ("example.com:8443", "example.com"),
        ("[2001:db8::1]:8443", "2001:db8::1"),
        ("192.0.2.7:8443", "192.0.2.7"),
    ],
)
def test_an_entry_with_a_port_is_for_that_port_only(no_proxy: str, host: str) -> None:
    assert is_direct(no_proxy, host, 8443)
    assert not is_direct(no_proxy, host)
    assert is_direct(no_proxy.replace("8443", "443"), host)


# Any environment at all


@given(environments, st.sampled_from(["http", "https"]), st.integers(1, 65_535) | st.none())
def test_no_environment_sends_what_is_on_this_machine_through_a_proxy(
    environment: dict[str, str], scheme: str, port: int | None
) -> None:
    proxies = Proxies(environment)
    for host in [*LOOPBACK, "calendar.localhost"]:
        assert proxies.asked_for(scheme, host, port) == []


@settings(max_examples=60)
@given(environments)
@example({"NO_PROXY": "[::1]"})
@example({"all_proxy": "socks://127.0.0.1:3128/"})
def test_no_environment_takes_oo_off_the_network(environment: dict[str, str]) -> None:
    async def story() -> None:
        async with ScriptedService().serving() as service:
            assert await ask(service.url, environment) == 200

    asyncio.run(story())


@given(environments)
def test_no_password_of_a_proxy_is_shown(environment: dict[str, str]) -> None:
    environment = {"https_proxy": f"http://user:{SECRET}@proxy", **environment}
    assert SECRET not in repr(Proxies(environment).asked_for("https", "service.example"))
