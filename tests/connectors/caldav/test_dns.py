"""Which servers a domain names for its calendars, as a real name server says it."""

import socket
from collections.abc import AsyncIterator

import pytest
from dns.exception import DNSException
from dns.resolver import Resolver

from oo_desktop.connectors.caldav.dns import (
    MAX_PATH,
    MAX_RECORDS,
    MAX_SERVERS,
    NamedServer,
    NotOffered,
    is_within,
    servers_of_domain,
    system_resolver,
)
from tests.connectors.caldav.name_server import NameServer

DOMAIN = "example.com"
NAME = f"_caldavs._tcp.{DOMAIN}."


@pytest.fixture
async def names() -> AsyncIterator[NameServer]:
    async with NameServer().serving() as names:
        yield names


async def found(names: NameServer, domain: str = DOMAIN) -> tuple[NamedServer, ...]:
    return await servers_of_domain(domain, resolver=names.resolver)


async def test_a_domain_names_its_server_and_where_to_begin(names: NameServer) -> None:
    names.serve(DOMAIN, "0 1 443 Dav.Example.com.", path="/dav/")
    assert await found(names) == (NamedServer("dav.example.com", 443, "/dav/"),)


async def test_only_servers_that_speak_tls_are_asked_for(names: NameServer) -> None:
    names.records["_caldav._tcp.example.com.", "SRV"] = ["0 1 80 dav.example.com."]
    assert await found(names) == ()
    assert names.asked == [(NAME, "SRV")]


async def test_a_domain_without_a_path_names_its_server_alone(names: NameServer) -> None:
    names.serve(DOMAIN, "0 1 8443 example.com.")
    assert await found(names) == (NamedServer("example.com", 8443, None),)
    assert names.asked == [(NAME, "SRV"), (NAME, "TXT")]


async def test_the_lowest_priority_comes_first(names: NameServer) -> None:
    names.serve(DOMAIN, "20 1 443 c.example.com.", "5 1 443 a.example.com.", "9 1 443 b.example.")
    hosts = [server.host for server in await found(names)]
    assert hosts == ["a.example.com", "b.example", "c.example.com"]


async def test_of_one_priority_the_weight_decides(names: NameServer) -> None:
    names.serve(DOMAIN, "0 1 443 light.example.com.", "0 65000 443 heavy.example.com.")
    first = [(await found(names))[0].host for _ in range(10)]
    assert first.count("heavy.example.com") > 7


async def test_no_more_servers_are_taken_than_anybody_would_ask(names: NameServer) -> None:
    names.serve(DOMAIN, *(f"{number} 0 443 h{number}.example.com." for number in range(9)))
    assert len(await found(names)) == MAX_SERVERS


async def test_a_domain_may_say_that_it_has_no_calendars(names: NameServer) -> None:
    names.serve(DOMAIN, "0 0 0 .")
    with pytest.raises(NotOffered):
        await found(names)


@pytest.mark.parametrize(
    "record",
    [
        "0 0 0 dav.example.com.",
        "0 0 443 .",
        r"0 0 443 a\032b.example.com.",
        r"0 0 443 a\@b.example.com.",
        r"0 0 443 a\.b.example\000.",
        "0 0 443 -a.example.com.",
        r"0 0 443 \226\128\174.example.com.",
    ],
)
async def test_what_is_no_host_and_port_is_left_out(record: str, names: NameServer) -> None:
    names.serve(DOMAIN, record, "1 0 443 dav.example.com.")
    assert await found(names) == (NamedServer("dav.example.com", 443, None),)


@pytest.mark.parametrize(
    ("texts", "path"),
    [
        (['"path=/dav"'], "/dav"),
        (['"v=1" "PATH=/dav" "path=/other"'], "/dav"),
        (['"pathology=/x"'], None),
        (['"path"'], None),
        (['"path="'], None),
        (['"path=dav"'], None),
        (['"path=//evil.example/"'], None),
        (['"path=https://evil.example/"'], None),
        ([r'"path=/a\032b"'], None),
        ([r'"path=/\226\128\174"'], None),
        ([r'"path=/a\010b"'], None),
        ([" ".join(f'"x{number}={"y" * 200}"' for number in range(9)) + ' "path=/dav"'], "/dav"),
    ],
    ids=str,
)
async def test_a_path_is_taken_only_where_it_is_one(
    texts: list[str], path: str | None, names: NameServer
) -> None:
    names.serve(DOMAIN, "0 0 443 dav.example.com.")
    names.records[NAME, "TXT"] = texts
    assert [server.path for server in await found(names)] == [path]
    assert path is None or len(path) <= MAX_PATH


async def test_a_long_answer_is_asked_for_again_over_tcp(names: NameServer) -> None:
    names.serve(DOMAIN, "0 1 443 dav.example.com.")
    names.truncates = True
    assert await found(names) == (NamedServer("dav.example.com", 443, None),)


async def test_more_records_than_any_domain_has_are_none(names: NameServer) -> None:
    names.truncates = True  # they come over TCP
    names.serve(DOMAIN, *(f"0 0 443 h{number}.example.com." for number in range(MAX_RECORDS + 1)))
    assert await found(names) == ()


@pytest.mark.parametrize("raw", [b"", b"\x00" * 12, b"x", b"\xff" * 600], ids=repr)
async def test_a_server_that_says_nothing_of_use_names_none(raw: bytes, names: NameServer) -> None:
    names.raw = raw
    assert await found(names) == ()


async def test_where_nobody_listens_there_are_none() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        names = NameServer()
        names.port = taken.getsockname()[1]
    assert await found(names) == ()


async def test_a_machine_without_name_servers_knows_none() -> None:
    def resolver() -> Resolver:
        raise DNSException

    assert await servers_of_domain(DOMAIN, resolver=resolver) == ()


@pytest.mark.parametrize("domain", ["", "a..b", "x" * 64 + ".example", "a." * 200 + "example"])
async def test_what_is_no_domain_has_none(domain: str, names: NameServer) -> None:
    assert await found(names, domain) == ()
    assert not names.asked


@pytest.mark.parametrize(
    ("host", "within"),
    [
        ("example.com", True),
        ("dav.example.com", True),
        ("badexample.com", False),
        ("example.com.evil.net", False),
    ],
)
def test_a_host_belongs_to_a_domain_by_whole_labels(host: str, within: bool) -> None:
    assert is_within(host, "example.com") is within


def test_the_machines_own_servers_are_asked_with_little_patience() -> None:
    try:
        assert system_resolver().lifetime < 5
    except DNSException:
        pytest.skip("this machine has no name servers")
