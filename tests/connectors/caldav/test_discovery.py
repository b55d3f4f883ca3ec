"""Where calendars are found: on real servers, and on what servers are known to answer."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.caldav.discovery import MAX_REDIRECTS, find_server
from oo_desktop.connectors.caldav.dns import (
    NamedServer,
    NotOffered,
    ServersOfDomain,
    servers_of_domain,
)
from oo_desktop.errors import AuthRequired, SignInError
from oo_desktop.http.client import Http, ServiceClient
from oo_desktop.http.passwords import Credentials, CredentialsError, CredentialsField, address_of
from oo_desktop.testing import FakeClock
from tests.connectors.caldav.name_server import NameServer
from tests.connectors.caldav.servers import PASSWORD, USER, Server
from tests.http.scripted import Asked, Reply, ScriptedService
from tests.http.test_transport_failures import self_signed
from tests.ports import ports_of_nobody

FIELD = CredentialsField
HOME = "/cal/ada/"


class Given:
    """What the person gave, as a token; a refusal of it is final."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.refusal: Exception = AuthRequired("Reconnect.")

    async def access_token(self) -> str:
        return self.secret

    async def renewed(self, refused: str) -> str:
        raise self.refusal


class Finder:
    """Looks for calendars as Ada would. signed_in: the base URLs that were given the password."""

    def __init__(self, http: Http, *, password: str = PASSWORD) -> None:
        self.http = http
        self.password = password
        self.signed_in: list[str] = []
        self.named: tuple[NamedServer, ...] = ()
        self.domains: list[str] = []
        self.refusal: Exception = AuthRequired("Reconnect.")
        self.patience = 30.0
        self.dns: ServersOfDomain = self._dns

    async def find(self, typed: str, user_name: str = USER) -> str:
        return await find_server(
            typed, user_name, self._client, dns=self.dns, patience=self.patience
        )

    async def refusal_of(self, typed: str, user_name: str = USER) -> tuple[FIELD, str]:
        with pytest.raises(CredentialsError) as caught:
            await self.find(typed, user_name)
        assert self.password not in str(caught.value)
        return caught.value.field, str(caught.value)

    async def _dns(self, domain: str) -> tuple[NamedServer, ...]:
        self.domains.append(domain)
        return self.named

    def _client(self, base_url: str) -> ServiceClient:
        self.signed_in.append(base_url)
        secret = Credentials(server=base_url, user_name=USER, password=self.password).secret
        tokens = Given(secret)
        tokens.refusal = self.refusal
        return ServiceClient(
            http=self.http,
            address=address_of,
            tokens=tokens,
            clock=FakeClock(),
            origin_name="CalDAV",
        )


@pytest.fixture
def finder(http: Http) -> Finder:
    return Finder(http)


# Real servers


@pytest.mark.parametrize("path", ["", "/", "/nothing/here/", "{home}", "/ada/", "{home}work/"])
async def test_every_address_of_a_server_leads_to_the_home(
    path: str, server: Server, finder: Finder
) -> None:
    server.make_collection("work", "Work")
    typed = server.url + path.format(home=server.home)
    assert await finder.find(typed) == server.url + server.home


async def test_a_server_of_this_machine_needs_no_scheme(server: Server, finder: Finder) -> None:
    assert await finder.find(server.url.removeprefix("http://")) == server.url + server.home


async def test_a_home_without_calendars_is_one(server: Server, finder: Finder) -> None:
    assert not server.collections()
    assert await finder.find(server.url) == server.url + server.home


@pytest.mark.parametrize("running", ["radicale"], indirect=True)  # the other has no log-in
@pytest.mark.parametrize("path", ["", "{home}", "/nothing/"])
async def test_a_wrong_password_is_told_as_such(path: str, server: Server, http: Http) -> None:
    finder = Finder(http, password="wrong-pass-word")
    field, said = await finder.refusal_of(server.url + path.format(home=server.home))
    assert field is FIELD.PASSWORD
    assert "app password" in said
    assert len(finder.signed_in) == 1


# What servers are known to answer


def props(path: str, *properties: str) -> Reply:
    body = (
        '<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" '
        'xmlns:c="urn:ietf:params:xml:ns:caldav">'
        f"<d:response><d:href>{path}</d:href><d:propstat><d:prop>{''.join(properties)}</d:prop>"
        "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"
    )
    return Reply(207, body.encode(), content_type="application/xml; charset=utf-8")


def principal(href: str) -> str:
    return f"<d:current-user-principal><d:href>{href}</d:href></d:current-user-principal>"


def home(href: str) -> str:
    return f"<c:calendar-home-set><d:href>{href}</d:href></c:calendar-home-set>"


def led(location: str, status: int = 301) -> Reply:
    return Reply(status, headers={"location": location}, content_type=None)


NOBODY = "<d:current-user-principal><d:unauthenticated/></d:current-user-principal>"
PAGE = Reply(200, b"<!DOCTYPE html><title>Welcome</title>", content_type="text/html")
PAGE_404 = Reply(404, b"<html>Not found</html>", content_type="text/html")
ANY = "<d:resourcetype><d:collection/></d:resourcetype>"

Pages = Mapping[str, Reply]


def serve(service: ScriptedService, pages: Pages, *, otherwise: Reply = PAGE_404) -> None:
    """Let `service` answer by path, as long as it is asked properly."""

    def answer(asked: Asked) -> Reply:
        assert asked.method == "PROPFIND"
        assert asked.headers["depth"] == "0"
        assert asked.headers["authorization"].startswith("Basic ")
        return pages.get(asked.path, otherwise)

    service.answer = answer


def root(service: ScriptedService) -> str:
    return f"http://127.0.0.1:{service.port}"


SHAPES: dict[str, tuple[Pages, int]] = {
    "DAViCal names the home everywhere": (
        {"/": props("/", principal("/p/ada/"), home(HOME)), HOME: props(HOME, ANY)},
        2,
    ),
    "sabre names it on the principal": (
        {
            "/": props("/", principal("/p/ada/")),
            "/p/ada/": props("/p/ada/", principal("/p/ada/"), home(HOME)),
            HOME: props(HOME, ANY),
        },
        3,
    ),
    "SOGo is behind a page, its principal has no slash": (
        {
            "/": PAGE,
            "/.well-known/caldav": led("/SOGo/dav/"),
            "/SOGo/dav/": props("/SOGo/dav/", principal("ada")),
            "/SOGo/dav/ada": props("/SOGo/dav/ada/", home("/SOGo/dav/ada/Calendar/")),
            "/SOGo/dav/ada/Calendar/": props("/SOGo/dav/ada/Calendar/", ANY),
        },
        5,
    ),
    "Xandikos leads to its root": (
        {
            "/.well-known/caldav": led("/", 302),
            "/": props("/", principal("/ada/")),
            "/ada/": props("/ada/", home(HOME)),
            HOME: props(HOME, ANY),
        },
        3,
    ),
    "a home that is led on to its slash": (
        {
            "/": props("/", home("/cal/ada")),
            "/cal/ada": led("/cal/ada/", 308),
            HOME: props(HOME, ANY),
        },
        3,
    ),
    "a refusal to say anything at the root": (
        {
            "/": Reply(405, content_type=None),
            "/.well-known/caldav": led("/dav", 307),
            "/dav": props("/dav/", home(HOME)),
            HOME: props(HOME, ANY),
        },
        4,
    ),
    "a web server that does not know PROPFIND": (
        {
            "/": Reply(501, b"<html>", content_type="text/html"),
            "/.well-known/caldav": props("/.well-known/caldav", home(HOME)),
            HOME: props(HOME, ANY),
        },
        3,
    ),
    "a Nextcloud of whose folder its web server says nothing": (
        {
            "/": PAGE,
            "/remote.php/dav/": props("/remote.php/dav/", principal("/p/ada/")),
            "/p/ada/": props("/p/ada/", home(HOME)),
            HOME: props(HOME, ANY),
        },
        5,
    ),
    "an empty answer with a good status": (
        {
            "/": Reply(204, content_type=None),
            "/.well-known/caldav": props("/.well-known/caldav", home(HOME)),
            HOME: props(HOME, ANY),
        },
        3,
    ),
}


@pytest.mark.parametrize(("pages", "questions"), SHAPES.values(), ids=SHAPES)
async def test_a_server_is_taken_as_it_is(
    pages: Pages, questions: int, service: ScriptedService, finder: Finder
) -> None:
    serve(service, pages)
    found = await finder.find(root(service))
    assert found in (f"{root(service)}{HOME}", f"{root(service)}/SOGo/dav/ada/Calendar/")
    assert len(service.asked) == questions


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_an_absolute_address_of_the_same_server_is_its_path(
    scheme: str, service: ScriptedService, finder: Finder
) -> None:
    own = f"{scheme}://127.0.0.1:{service.port}"
    serve(
        service,
        {
            "/.well-known/caldav": led(f"{own}/dav/calendars"),
            "/dav/calendars": props("/dav/calendars", principal(f"{own}/p/")),
            "/p/": props(f"{own}/p/", home(f"{own}{HOME}")),
            HOME: props(HOME, ANY),
        },
    )
    assert await finder.find(f"{root(service)}/index.html") == f"{root(service)}{HOME}"


async def test_a_server_that_took_no_notice_of_the_password_did_not_accept_it(
    service: ScriptedService, finder: Finder
) -> None:
    serve(service, {"/": props("/", NOBODY), "/.well-known/caldav": props("/", NOBODY)})
    field, said = await finder.refusal_of(root(service))
    assert (field, "does not accept" in said) == (FIELD.PASSWORD, True)


async def test_nobody_at_the_root_may_be_somebody_below(
    service: ScriptedService, finder: Finder
) -> None:
    pages = {
        "/": props("/", NOBODY),
        "/.well-known/caldav": led("/dav/"),
        "/dav/": props("/dav/", home(HOME)),
        HOME: props(HOME, ANY),
    }
    serve(service, pages)
    assert await finder.find(root(service)) == f"{root(service)}{HOME}"


@pytest.mark.parametrize(
    "challenge",
    ["Basic", 'basic realm="SOGo"', 'Digest realm="a", nonce="b", Basic realm="c"', None],
)
@pytest.mark.parametrize("refusal", [AuthRequired("No."), SignInError("No.")], ids=repr)
async def test_a_refused_password_is_not_sent_again(
    refusal: Exception, challenge: str | None, service: ScriptedService, finder: Finder
) -> None:
    finder.refusal = refusal
    headers = {} if challenge is None else {"www-authenticate": challenge}
    refused = Reply(401, headers=headers, content_type="text/plain")
    serve(service, {"/": refused}, otherwise=props("/", home(HOME)))
    field, _ = await finder.refusal_of(root(service))
    assert field is FIELD.PASSWORD
    assert len(service.asked) == 1


async def test_a_page_that_says_401_is_not_the_servers_word(
    service: ScriptedService, finder: Finder
) -> None:
    pages = {
        "/": Reply(401, b"<html>Log in</html>", content_type="text/html"),
        "/.well-known/caldav": props("/", home(HOME)),
        HOME: props(HOME, ANY),
    }
    serve(service, pages)
    assert await finder.find(root(service)) == f"{root(service)}{HOME}"


BROKEN = Reply(207, b"<d:multistatus", content_type="application/xml")

FAILURES: dict[str, tuple[Pages, Reply, str]] = {
    "nothing but pages": ({}, PAGE, "a web page"),
    "nothing at all": ({}, PAGE_404, "No calendars"),
    "forbidden": ({}, Reply(403, content_type=None), "does not let oO in"),
    "its own trouble": ({}, Reply(500, content_type=None), "problem of its own"),
    "no time for us": ({}, Reply(429, content_type=None), "slow down"),
    "WebDAV without calendars": ({}, props("/", principal("/"), ANY), "no calendars for"),
    "nothing of a principal": ({}, props("/", ANY), "no calendars for"),
    "an empty home": ({}, props("/", home(" ")), "no calendars for"),
    "no XML": ({}, BROKEN, "cannot be read"),
    "no member": (
        {},
        Reply(207, b'<d:multistatus xmlns:d="DAV:"/>', content_type="application/xml"),
        "No calendars",
    ),
    "a home that is not there": ({"/": props("/", home("/gone/"))}, PAGE_404, "No calendars"),
    "a home that is a page": ({"/": props("/", home("/page/"))}, PAGE, "a web page"),
    "a principal that is not there": ({"/": props("/", principal("/gone/"))}, PAGE_404, "No cal"),
    "a circle": ({}, led("/"), "without end"),
    "a redirect to nowhere": ({}, Reply(301, content_type=None), "No calendars"),
    "a redirect that changes the question": ({}, led("/dav/", 303), "No calendars"),
    "a redirect to another server": ({}, led("https://dav.example.com/x"), "dav.example.com"),
    "a redirect to another port": ({}, led("http://127.0.0.1:1/x"), "127.0.0.1:1"),
    "a redirect to a file": ({}, led("file:///etc/passwd"), "No calendars"),
    "a redirect to no address": ({}, led("http://[::1"), "did not answer"),
    "a redirect that walks up": ({}, led("/a/%2e%2e/b"), "No calendars"),
    "another server's home": (
        {"/": props("/", home("https://dav.example.com:8443/ada/"))},
        PAGE_404,
        "dav.example.com:8443",
    ),
    "another server's principal": (
        {"/": props("/", principal("https://dav.example.com/ada/"))},
        PAGE_404,
        "dav.example.com",
    ),
    "iCloud's home, elsewhere": (
        {"/": props("/", home("https://p01-caldav.icloud.com/1/"))},
        PAGE_404,
        "p01-caldav.icloud.com",
    ),
    "a server with a name that is none": (
        {"/": props("/", home("https://evil.example&lt;b&gt;/ada/"))},
        PAGE_404,
        "where oO does not go",
    ),
    "a server without a scheme": ({"/": props("/", home("//evil.example/"))}, PAGE_404, "No cal"),
}


@pytest.mark.parametrize(("pages", "otherwise", "words"), FAILURES.values(), ids=FAILURES)
async def test_what_was_met_in_place_of_calendars_is_told(
    pages: Pages, otherwise: Reply, words: str, service: ScriptedService, finder: Finder
) -> None:
    serve(service, pages, otherwise=otherwise)
    field, said = await finder.refusal_of(root(service))
    assert field is FIELD.SERVER
    assert words in said
    assert {base_url.rstrip("/") for base_url in finder.signed_in} == {root(service)}
    assert len(service.asked) <= 4 * (MAX_REDIRECTS + 1)


async def test_the_most_telling_of_what_was_met_is_told(
    service: ScriptedService, finder: Finder
) -> None:
    serve(service, {"/dav": props("/dav", ANY)}, otherwise=Reply(500, content_type=None))
    assert "no calendars for" in (await finder.refusal_of(f"{root(service)}/dav"))[1]


# What cannot be reached


async def test_a_port_that_nobody_listens_on_is_told(finder: Finder) -> None:
    (port,) = ports_of_nobody(1)
    field, said = await finder.refusal_of(f"http://127.0.0.1:{port}")
    assert (field, "cannot be reached" in said) == (FIELD.SERVER, True)
    assert len(finder.signed_in) == 1


async def test_a_name_that_nobody_knows_is_told(finder: Finder) -> None:
    assert "no server of this name" in (await finder.refusal_of("nowhere.invalid"))[1]


async def test_a_certificate_that_nobody_vouches_for_is_told(
    finder: Finder, tmp_path: Path
) -> None:
    async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    listener = await asyncio.start_server(nothing, "127.0.0.1", 0, ssl=self_signed(tmp_path))
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        assert "certificate" in (await finder.refusal_of(f"https://127.0.0.1:{port}"))[1]


async def test_a_server_that_never_answers_is_told(service: ScriptedService) -> None:
    serve(service, {}, otherwise=Reply(raw=b"", then="hang"))
    hasty = Http(clock=FakeClock(), deadline=0.2)
    assert "did not answer" in (await Finder(hasty).refusal_of(root(service)))[1]
    await hasty.aclose()


async def test_nobody_waits_longer_than_a_person_does(
    service: ScriptedService, finder: Finder
) -> None:
    serve(service, {}, otherwise=Reply(raw=b"", then="hang"))
    finder.patience = 0.2
    assert "took too long" in (await finder.refusal_of(root(service)))[1]


# What is typed


@pytest.mark.parametrize(
    "typed",
    [
        "http://cal.example.com",
        "ftp://cal.example.com",
        "https://ada:hunter2@cal.example.com",
        "ada@cal.example.com/dav",
        "cal.example.com?hunter2",
        "cal example com",
        "cal.example.com:99999",
        "[::1",
        "]",
        "https://",
        "x" * 401,
        "straße.example",
        "cal.example.com\\@evil.example",
        "a\x00b",
    ],
)
async def test_an_address_that_is_none_is_refused_unasked(typed: str, finder: Finder) -> None:
    field, said = await finder.refusal_of(typed)
    assert field is FIELD.SERVER
    assert "hunter2" not in said
    assert not finder.signed_in


async def test_without_a_server_the_user_name_is_an_e_mail_address(finder: Finder) -> None:
    field, said = await finder.refusal_of("  ", "ada")
    assert (field, "e-mail address" in said) == (FIELD.SERVER, True)
    assert not finder.signed_in


# Servers with a name, behind TLS: the network is a stand-in, for no test may reach them


class Network:
    """Answers by "host/path". asked: what was asked with the password, in order."""

    def __init__(self, pages: Pages, *, otherwise: Reply = PAGE_404) -> None:
        self.pages = pages
        self.otherwise = otherwise
        self.asked: list[str] = []

    def finder(self) -> Finder:
        transport = httpx.MockTransport(self._answer)
        return Finder(Http(clock=FakeClock(), transport=transport))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.scheme == "https"
        assert "authorization" in request.headers
        netloc = request.url.netloc.decode()
        self.asked.append(f"{netloc}{request.url.path}")
        reply = self.pages.get(self.asked[-1], self.otherwise)
        headers = {**reply.headers, "content-type": reply.content_type or ""}
        return httpx.Response(
            reply.status, headers=headers, stream=httpx.ByteStream(reply.payload())
        )


def calendars_at(host: str, begin: str = "/.well-known/caldav") -> dict[str, Reply]:
    return {f"{host}{begin}": props(begin, home(HOME)), f"{host}{HOME}": props(HOME, ANY)}


ICLOUD = "caldav.icloud.com"
ICLOUD_HOME = "p37-caldav.icloud.com"


def icloud(home_url: str) -> dict[str, Reply]:
    """What https://github.com/emersion/go-webdav/issues/61 shows."""
    return {
        f"{ICLOUD}/": props("/", principal("/98706/principal/")),
        f"{ICLOUD}/98706/principal/": props("/98706/principal/", home(home_url)),
        f"{ICLOUD_HOME}/98706/calendars/": props("/98706/calendars/", ANY),
    }


async def test_icloud_alone_keeps_its_homes_elsewhere() -> None:
    network = Network(icloud(f"https://{ICLOUD_HOME}:443/98706/calendars/"))
    found = await network.finder().find(ICLOUD)
    assert found == f"https://{ICLOUD_HOME}/98706/calendars/"
    assert network.asked[-1] == f"{ICLOUD_HOME}/98706/calendars/"


@pytest.mark.parametrize(
    "home_url",
    [
        f"http://{ICLOUD_HOME}/98706/calendars/",
        f"https://{ICLOUD_HOME}:8443/98706/calendars/",
        f"https://{ICLOUD_HOME}.evil.example/98706/calendars/",
        "https://p37-caldav.icloud.com.cn/98706/calendars/",
        "https://evil-p37-caldav.icloud.com/98706/calendars/",
        "https://p-caldav.icloud.com/98706/calendars/",
    ],
)
async def test_nothing_that_looks_like_icloud_is_given_the_password(home_url: str) -> None:
    network = Network(icloud(home_url))
    _, said = await network.finder().refusal_of(ICLOUD)
    assert "another server" in said
    assert {asked.split("/")[0] for asked in network.asked} == {ICLOUD}


async def test_icloud_does_not_lead_to_a_principal_elsewhere() -> None:
    network = Network({f"{ICLOUD}/": props("/", principal(f"https://{ICLOUD_HOME}/98706/"))})
    assert "another server" in (await network.finder().refusal_of(ICLOUD))[1]


@pytest.mark.parametrize(
    ("typed", "user_name"), [("ada@example.com", "x"), ("", "ada@example.com")]
)
async def test_an_e_mail_address_leads_to_the_server_that_dns_names(
    typed: str, user_name: str
) -> None:
    network = Network(calendars_at("dav.example.com:8443", "/dav/"))
    finder = network.finder()
    finder.named = (NamedServer("dav.example.com", 8443, "/dav/"),)
    assert await finder.find(typed, user_name) == f"https://dav.example.com:8443{HOME}"
    assert finder.domains == ["example.com"]
    assert network.asked == ["dav.example.com:8443/dav/", f"dav.example.com:8443{HOME}"]


async def test_dns_may_say_no_path_and_more_servers_than_one() -> None:
    network = Network(calendars_at("b.example.com"))
    finder = network.finder()
    finder.named = (
        NamedServer("a.example.com", 443, "/x"),
        NamedServer("b.example.com", 443, None),
    )
    assert await finder.find("ada@example.com") == f"https://b.example.com{HOME}"
    assert network.asked[:4] == [
        "a.example.com/x",
        "a.example.com/.well-known/caldav",
        "a.example.com/",
        "b.example.com/.well-known/caldav",
    ]


async def test_where_dns_names_nothing_the_domain_is_asked_itself() -> None:
    network = Network(calendars_at("example.com"))
    assert await network.finder().find("ada@Example.com") == f"https://example.com{HOME}"
    assert network.asked[0] == "example.com/.well-known/caldav"


async def test_a_server_of_another_domain_is_named_and_not_asked() -> None:
    network = Network(calendars_at("dav.provider.example"))
    finder = network.finder()
    finder.named = (NamedServer("dav.provider.example", 443, "/"),)
    field, said = await finder.refusal_of("ada@example.com")
    assert field is FIELD.SERVER
    assert "dav.provider.example" in said
    assert network.asked == ["example.com/.well-known/caldav"]


async def test_a_host_that_has_no_calendars_itself_may_be_a_domain_that_does() -> None:
    network = Network({"example.com/": PAGE, **calendars_at("dav.example.com")})
    finder = network.finder()
    finder.named = (NamedServer("dav.example.com", 443, None),)
    assert await finder.find("example.com") == f"https://dav.example.com{HOME}"


async def test_a_name_server_and_a_calendar_server_lead_to_the_home_together() -> None:
    network = Network(calendars_at("dav.example.com", "/dav/"))
    async with NameServer().serving() as names:
        names.serve("example.com", "0 1 443 dav.example.com.", path="/dav/")
        finder = network.finder()
        finder.dns = partial(servers_of_domain, resolver=names.resolver)
        assert await finder.find("ada@example.com") == f"https://dav.example.com{HOME}"


HREFS = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["https://", "http://", "//", "/", "", "https:", "ftp://", "\\\\"]),
        st.sampled_from(
            ["cal.example.com", "evil.example", "cal.example.com.evil.example", ICLOUD]
        ),
        st.sampled_from(
            ["", "@evil.example", ":443", ":8443", "\\@evil.example", "#@evil.example"]
        ),
        st.sampled_from(["", "/", "//evil.example/", "/..", "/%2e%2e/", "/a b", "?x=y", "/ada/"]),
    ),
)


@given(location=HREFS, person=HREFS, calendars=HREFS)
def test_no_answer_of_a_server_sends_the_password_to_another(
    location: str, person: str, calendars: str
) -> None:
    host = "cal.example.com"
    network = Network(
        {
            f"{host}/": led(location),
            f"{host}/.well-known/caldav": props("/", principal(escape(person))),
        },
        otherwise=props("/", home(escape(calendars))),
    )
    finder = network.finder()
    with suppress(CredentialsError):
        assert asyncio.run(finder.find(host)).startswith(f"https://{host}/")
    assert {asked.partition("/")[0] for asked in network.asked} == {host}


@pytest.mark.parametrize("typed", ["example.com/dav", "example.com:8443", "192.0.2.1", "ada@host"])
async def test_dns_is_not_asked_about_what_is_no_domain_alone(typed: str) -> None:
    finder = Network({}).finder()
    await finder.refusal_of(typed)
    assert not finder.domains


async def test_a_domain_that_has_no_calendars_by_its_own_word_is_left_alone() -> None:
    async def dns(domain: str) -> tuple[NamedServer, ...]:
        raise NotOffered

    def nobody(base_url: str) -> ServiceClient:
        raise AssertionError(base_url)

    with pytest.raises(CredentialsError, match="says that it has no calendars"):
        await find_server("ada@example.com", "ada", nobody, dns=dns)
