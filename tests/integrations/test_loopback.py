"""What may end a sign-in's wait, and what may not, request by request.

The rows named in docstrings are those of the list of faults and attacks a loopback receiver meets:
RFC 8252, 9207 and 9700, and what other programs' users reported.
"""

import logging

import pytest

from oo_desktop.integrations.loopback import Callback
from tests.integrations.raw_http import (
    CODE,
    PATH,
    STATE,
    get,
    port_of,
    send,
    still_waits,
    visit,
    waiting,
)

GOOD = f"{PATH}?code={CODE}&state={STATE}"


async def test_the_browsers_answer_ends_the_wait() -> None:
    async with waiting() as receiver:
        assert receiver.redirect_uri == f"http://localhost:{port_of(receiver)}{PATH}"
        reply = await visit(receiver, f"{PATH}?state={STATE}&code=4%2F0A+b&scope=x&authuser=0")
        assert reply.status == 200
        assert await receiver.receive() == Callback("4/0A b", None)


@pytest.mark.parametrize(
    "query",
    [
        f"code={CODE}",
        f"code={CODE}&state=",
        f"code={CODE}&state=wrong",
        f"code={CODE}&state={STATE}x",
        f"code={CODE}&state={STATE[:-1]}",
        f"code={CODE}&state={STATE.upper()}",
        f"code={CODE}&state=%C3%A9",
        "",
    ],
)
async def test_a_wrong_or_missing_state_is_refused_and_the_wait_goes_on(query: str) -> None:
    """Rows 1, 26 and 29: also a late callback of an earlier sign-in, and an attacker's code."""
    async with waiting() as receiver:
        reply = await visit(receiver, f"{PATH}?{query}")
        assert reply.status == 400
        assert "start again from oO" in reply.body
        await still_waits(receiver)


@pytest.mark.parametrize("query", ["error=access_denied", "error=access_denied&state=wrong"])
async def test_an_error_without_our_state_cannot_cancel_a_sign_in(query: str) -> None:
    """Row 2."""
    async with waiting() as receiver:
        assert (await visit(receiver, f"{PATH}?{query}")).status == 400
        await still_waits(receiver)


@pytest.mark.parametrize("error", ["access_denied", "server_error"])
async def test_an_error_with_our_state_ends_the_wait_and_the_page_says_so(error: str) -> None:
    """Row 3."""
    async with waiting() as receiver:
        reply = await visit(receiver, f"{PATH}?error={error}&state={STATE}&error_description=No")
        assert reply.status == 200
        assert "Nothing was connected" in reply.body
        assert await receiver.receive() == Callback(None, error)


@pytest.mark.parametrize("query", ["", "&code=", "&error=", "&code=&error=", "&code=a&error=b"])
async def test_our_state_without_one_answer_is_refused(query: str) -> None:
    """Row 4: neither a code nor an error; nor both."""
    async with waiting() as receiver:
        assert (await visit(receiver, f"{PATH}?state={STATE}{query}")).status == 400
        await still_waits(receiver)


@pytest.mark.parametrize(
    "extra",
    [
        "code=other",
        f"state={STATE}",
        "%63ode=other",
        "error=a&error=b",
        "iss=https://a.example&iss=https://a.example",
    ],
)
async def test_a_repeated_parameter_is_refused(extra: str) -> None:
    """Row 5, also when the name is written with escapes."""
    async with waiting() as receiver:
        assert (await visit(receiver, f"{GOOD}&{extra}")).status == 400
        await still_waits(receiver)


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    "issuer", ["https%3A%2F%2Fevil.example", "https%3A%2F%2Ftodoist.com%2F", ""]
)
async def test_an_answer_in_anothers_name_is_refused_and_logged(
    issuer: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Row 6 (RFC 9207: compared as it is, character by character)."""
    async with waiting(issuers=["https://todoist.com"]) as receiver:
        assert (await visit(receiver, f"{GOOD}&iss={issuer}")).status == 400
        warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
        assert len(warnings) == 1
        assert "evil" not in caplog.text
        await still_waits(receiver)


@pytest.mark.parametrize("issuers", [["https://todoist.com"], ["x", "https://todoist.com"], []])
async def test_a_right_issuer_and_one_nobody_asked_about_are_accepted(issuers: list[str]) -> None:
    """Row 6."""
    async with waiting(issuers=issuers) as receiver:
        reply = await visit(receiver, f"{GOOD}&iss=https%3A%2F%2Ftodoist.com")
        assert reply.status == 200
        assert await receiver.receive() == Callback(CODE, None)


async def test_a_missing_issuer_is_accepted() -> None:
    """Row 6: whether a service sends one is not certain."""
    async with waiting(issuers=["https://todoist.com"]) as receiver:
        await still_waits(receiver)


@pytest.mark.parametrize("query", ["code=another", "error=access_denied", f"code={CODE}"])
async def test_the_first_answer_wins_and_a_repeat_is_told_so(query: str) -> None:
    """Row 7."""
    async with waiting() as receiver:
        await still_waits(receiver)
        reply = await visit(receiver, f"{PATH}?{query}&state={STATE}")
        assert reply.status == 200
        assert "Already received" in reply.body
        assert await receiver.receive() == Callback(CODE, None)


async def test_a_stranger_learns_nothing_after_the_answer_came() -> None:
    """Row 7: the neutral page is for who knows the state."""
    async with waiting() as receiver:
        await still_waits(receiver)
        assert (await visit(receiver, f"{PATH}?code=x&state=wrong")).status == 400


@pytest.mark.parametrize(
    "target", ["/favicon.ico", "/", "/robots.txt", "/apple-touch-icon.png", "/.well-known/x"]
)
async def test_what_browsers_ask_for_unasked_is_not_found(target: str) -> None:
    """Row 8."""
    async with waiting() as receiver:
        assert (await visit(receiver, target)).status == 404
        await still_waits(receiver)


@pytest.mark.parametrize(
    "target",
    [
        f"{PATH}/",
        f"/{PATH}",
        PATH.upper(),
        PATH.replace("/todoist/", "/google_calendar/"),
        PATH.replace("todoist", "%74odoist"),
        PATH.replace("/todoist", "/x/../todoist"),
        PATH.replace("/todoist", "/x/%2e%2e/todoist"),
        f"{PATH};a=b",
        f"http://localhost{PATH}",
        "*",
        "localhost:80",
    ],
)
async def test_only_exactly_our_path_is_served(target: str) -> None:
    """Row 9: the raw path is compared, byte by byte."""
    async with waiting() as receiver:
        assert (await visit(receiver, f"{target}?code={CODE}&state={STATE}")).status in (400, 404)
        await still_waits(receiver)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "get"])
async def test_nothing_but_a_get_is_allowed(method: str) -> None:
    """Row 10: answered at once, though the body that was announced never comes."""
    async with waiting() as receiver:
        reply = await visit(receiver, GOOD, "Content-Length: 1000", method=method)
        assert reply.status == 405
        assert reply.headers["allow"] == "GET"
        await still_waits(receiver)


async def test_a_head_request_gets_no_body_and_uses_up_nothing() -> None:
    """Row 10: link previews and scanners send HEAD before the browser comes."""
    async with waiting() as receiver:
        reply = await visit(receiver, GOOD, method="HEAD")
        assert (reply.status, reply.body) == (405, "")
        await still_waits(receiver)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:{port}",
        "localhost.evil.example:{port}",
        "localhost",
        "localhost:1",
        "localhost:{port}0",
        "localhost:{port}@evil.example",
        "0.0.0.0:{port}",
        "127.0.0.2:{port}",
        "[::]:{port}",
        "",
    ],
)
async def test_a_foreign_host_is_refused(host: str) -> None:
    """Row 11: a page whose name was rebound to 127.0.0.1 (DNS rebinding)."""
    async with waiting() as receiver:
        named = host.format(port=port_of(receiver))
        raw = f"GET {GOOD} HTTP/1.1\r\nHost: {named}\r\n\r\n".encode()
        assert (await send(receiver, raw)).status in (400, 421)
        await still_waits(receiver)


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1\r\n",
        "HTTP/1.0\r\n",
        "HTTP/1.1\r\nHost: localhost:{port}\r\nHost: localhost:{port}\r\n",
        "HTTP/1.1\r\nHost: localhost:{port}\r\nhost: evil.example\r\n",
        "HTTP/1.0\r\nHost: localhost:{port}\r\nHost: localhost:{port}\r\n",
    ],
)
async def test_a_missing_or_repeated_host_is_refused(head: str) -> None:
    """Row 11."""
    async with waiting() as receiver:
        raw = f"GET {GOOD} {head.format(port=port_of(receiver))}\r\n".encode()
        assert (await send(receiver, raw)).status == 400
        await still_waits(receiver)


@pytest.mark.parametrize(
    ("advertise", "accepted"),
    [
        ("localhost", {"localhost", "LocalHost", "127.0.0.1", "[::1]"}),
        ("127.0.0.1", {"127.0.0.1"}),
    ],
)
async def test_the_hosts_accepted_are_those_of_the_address_given_out(
    advertise: str, accepted: set[str]
) -> None:
    """Rows 11 and 20."""
    async with waiting(advertise=advertise) as receiver:
        for host in ("localhost", "LocalHost", "127.0.0.1", "[::1]"):
            raw = f"GET / HTTP/1.1\r\nHost: {host}:{port_of(receiver)}\r\n\r\n".encode()
            assert (await send(receiver, raw)).status == (404 if host in accepted else 421)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
async def test_a_script_of_another_page_is_refused(origin: str) -> None:
    """Row 12."""
    async with waiting() as receiver:
        reply = await visit(receiver, GOOD, f"Origin: {origin}")
        assert reply.status == 403
        assert not [name for name in reply.headers if name.startswith("access-control-")]
        await still_waits(receiver)


async def test_a_navigation_from_the_consent_page_is_served() -> None:
    """Rows 12 and 32: cross-site, with or without a Referer, and never with CORS headers."""
    async with waiting() as receiver:
        reply = await visit(
            receiver,
            GOOD,
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Mode: navigate",
            "Sec-Fetch-Dest: document",
            "Referer: https://app.todoist.com/",
            "Upgrade-Insecure-Requests: 1",
        )
        assert reply.status == 200
        assert not [name for name in reply.headers if name.startswith("access-control-")]


async def test_a_page_of_our_own_may_ask() -> None:
    """Row 12: only a foreign origin is refused."""
    async with waiting() as receiver:
        own = f"Origin: http://localhost:{port_of(receiver)}"
        assert (await visit(receiver, GOOD, own)).status == 200


@pytest.mark.parametrize(
    "query",
    [
        f"code=%&state={STATE}",
        f"code=a%4&state={STATE}",
        f"code=%zz&state={STATE}",
        f"code=a%00b&state={STATE}",
        f"code=a%0d%0ab&state={STATE}",
        f"code=a%7fb&state={STATE}",
        f"code=caf%C3%A9&state={STATE}",
        f"code=a%FF&state={STATE}",
        f"code={'a' * 2049}&state={STATE}",
        f"error={'a' * 257}&state={STATE}",
        f"error=a%0ab&state={STATE}",
        f"code=a&state={STATE}%00",
        f"code=a&state={STATE}#fragment",
        f"state={STATE}&code=a#fragment",
    ],
)
async def test_malformed_or_overlong_values_are_refused(query: str) -> None:
    """Row 16."""
    async with waiting() as receiver:
        assert (await visit(receiver, f"{PATH}?{query}")).status == 400
        await still_waits(receiver)


@pytest.mark.parametrize("raw", [b"\xc3\xa9", b"\x00", b"\x7f", b" ", b"\t"])
async def test_raw_bytes_no_url_can_have_are_refused(raw: bytes) -> None:
    """Row 16."""
    async with waiting() as receiver:
        request = get(receiver, f"{PATH}?code=a@b&state={STATE}").replace(b"@", raw)
        assert (await send(receiver, request)).status == 400
        await still_waits(receiver)


async def test_unknown_parameters_are_ignored_however_odd_they_are() -> None:
    """Row 16 (RFC 6749, 4.1.2): a sloppy `error_description` spoils nothing."""
    async with waiting() as receiver:
        reply = await visit(receiver, f"{GOOD}&x=100%&x=%FF&&=&error_description=%00&codes=1")
        assert reply.status == 200
        assert await receiver.receive() == Callback(CODE, None)


async def test_the_longest_code_is_accepted() -> None:
    """Row 16."""
    async with waiting() as receiver:
        code = "a" * 2048
        assert (await visit(receiver, f"{PATH}?code={code}&state={STATE}")).status == 200
        assert await receiver.receive() == Callback(code, None)
