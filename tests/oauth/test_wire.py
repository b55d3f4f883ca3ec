"""What a token endpoint answers, and what becomes of each answer to an exchange or a refresh."""

import asyncio
import json
import re
from urllib.parse import parse_qs

import msgspec
import pytest

from oo_desktop.errors import AuthRequired, SignInError, Unavailable
from oo_desktop.http.client import Answer, AnswerLost, Http, NotSent, Untrusted
from oo_desktop.oauth import messages as oauth
from oo_desktop.oauth.messages import ClientRefused, GrantRefused, TokenAnswer
from oo_desktop.testing import FakeClock
from tests.oauth.token_endpoint import (
    FAILURES,
    GOOD,
    REDIRECT,
    SERVICE,
    Endpoint,
    answering,
    exchange,
    refresh,
)

# Exchanging


async def test_a_code_is_redeemed_with_the_verifier_and_the_same_redirect_uri() -> None:
    """An attacker’s code is of no use here: the verifier belongs to this sign-in."""
    endpoint = answering(GOOD)
    answer = await exchange(endpoint)
    assert answer == TokenAnswer("planted-access", "planted-refresh", 3600.0, "data:read_write")
    assert endpoint.asked == [
        (
            "POST",
            SERVICE.token_url,
            {
                "grant_type": "authorization_code",
                "client_id": "tdd_1",
                "code": "the-code",
                "redirect_uri": REDIRECT,
                "code_verifier": "the-verifier",
            },
            None,
        )
    ]


async def test_what_is_optional_may_be_missing() -> None:
    assert await exchange(answering({"access_token": "a"})) == TokenAnswer("a", None, None, None)


@pytest.mark.parametrize(
    ("expires_in", "life"),
    [
        (3600, 3600.0),
        (0.5, 0.5),
        ("3599", 3599.0),
        (315_360_000, 315_360_000.0),
        (None, None),
        (0, None),
        (-1, None),
        (10**12, None),
        (True, None),
        ("soon", None),
        ("-5", None),
        ("9" * 5000, None),
        ([3600], None),
    ],
)
async def test_a_life_that_is_not_sane_is_not_known(expires_in: object, life: float | None) -> None:
    answer = await refresh(answering(GOOD | {"expires_in": expires_in}))
    assert answer.expires_in == life


@pytest.mark.parametrize("token_type", ["bearer", "Bearer", "BEARER"])
async def test_the_token_type_is_compared_without_case(token_type: str) -> None:
    answer = await exchange(answering(GOOD | {"token_type": token_type}))
    assert answer.access_token == "planted-access"


@pytest.mark.parametrize("odd", [{"scope": ["a"]}, {"scope": "x" * 5000}, {"refresh_token": ""}])
async def test_an_odd_optional_value_does_not_cost_the_grant(odd: dict[str, object]) -> None:
    answer = await refresh(answering(GOOD | odd))
    assert answer.access_token == "planted-access"
    assert answer.scope in (None, GOOD["scope"])
    assert answer.refresh_token in (None, GOOD["refresh_token"])


UNUSABLE = [
    {"access_token": ""},
    {"access_token": "a b"},
    {"access_token": "a\n"},
    {"access_token": "ä"},
    {"access_token": "a" * 4097},
    {"access_token": None},
    {"access_token": 5},
    {"refresh_token": "a\r\nX: y"},
    {"refresh_token": 5},
    {"token_type": "mac"},
    {"token_type": None},
]


@pytest.mark.parametrize("odd", UNUSABLE)
async def test_unusable_tokens_are_refused_as_if_the_answer_was_lost(
    odd: dict[str, object],
) -> None:
    with pytest.raises(AnswerLost):
        await refresh(answering(GOOD | odd))
    with pytest.raises(SignInError):
        await exchange(answering(GOOD | odd))


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("invalid_grant", "too long"),
        ("bad_authorization_code", "too long"),
        ("access_denied", "did not give oO access"),
        ("invalid_scope", "newer oO"),
        ("planted <b>error</b>", "did not accept"),
    ],
)
async def test_a_refused_code_ends_the_sign_in_in_plain_words(
    error: str, says: str, status: int
) -> None:
    body = {"error": error, "error_description": "planted text"}
    with pytest.raises(SignInError, match=says) as refusal:
        await exchange(answering(body, status=status))
    assert not isinstance(refusal.value, ClientRefused)
    assert "planted" not in str(refusal.value)


CLIENT_ERRORS = [
    "invalid_client",
    "unauthorized_client",
    "deleted_client",
    "incorrect_application_credentials",
]


@pytest.mark.parametrize("error", CLIENT_ERRORS)
async def test_a_client_id_the_service_does_not_know_is_told_apart(error: str) -> None:
    for status in (400, 401):
        with pytest.raises(ClientRefused):
            await exchange(answering({"error": error}, status=status))
        with pytest.raises(ClientRefused):
            await refresh(answering({"error": error}, status=status))


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
async def test_a_code_is_never_sent_twice(failure: Answer | Unavailable) -> None:
    """Row 28: a code that comes twice may end the tokens already given for it (RFC 9700)."""
    endpoint = Endpoint(failure)
    with pytest.raises(SignInError, match=r"again|clock") as refusal:
        await exchange(endpoint)
    assert len(endpoint.asked) == 1
    assert not isinstance(refusal.value, ClientRefused)
    assert "keeps trying" not in str(refusal.value)


# Refreshing


async def test_a_refresh_sends_the_token_once_and_takes_the_rotated_one() -> None:
    endpoint = answering(GOOD)
    assert (await refresh(endpoint)).refresh_token == "planted-refresh"
    assert endpoint.asked == [
        (
            "POST",
            SERVICE.token_url,
            {
                "grant_type": "refresh_token",
                "client_id": "tdd_1",
                "refresh_token": "planted-refresh-0",
            },
            None,
        )
    ]


async def test_an_answer_without_a_refresh_token_says_so() -> None:
    """Within the grace of a repeated refresh; the caller decides which one it keeps."""
    body = {name: value for name, value in GOOD.items() if name != "refresh_token"}
    assert (await refresh(answering(body))).refresh_token is None


@pytest.mark.parametrize("status", [400, 401])
async def test_a_grant_is_refused_only_by_the_word_for_it(status: int) -> None:
    body = {"error": "invalid_grant", "error_description": "Token planted expired"}
    with pytest.raises(GrantRefused, match="Todoist no longer accepts") as refusal:
        await refresh(answering(body, status=status))
    assert isinstance(refusal.value, AuthRequired)
    assert "planted" not in str(refusal.value)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, "application/json", b'{"error": "invalid_request"}'),
        Answer(400, "application/json", b'{"error": "bad_authorization_code"}'),
        Answer(400, "application/json", b'{"error": 5}'),
        Answer(400, "text/html", b"<html>invalid_grant</html>"),
        Answer(401, "", b""),
        Answer(403, "application/json", b'{"error": "invalid_grant"}'),
        Answer(404, "text/plain", b"invalid_grant"),
        Answer(429, "application/json", b'{"error": "invalid_grant"}', 30),
        Answer(500, "application/json", b'{"error": "invalid_grant"}'),
        Answer(503, "text/html", b"<html>", 30),
        Answer(302, "", b""),
        Answer(200, "text/html", b"<html>Welcome to the hotel</html>"),
        Answer(200, "text/plain", b"ok"),
        Answer(204, "", b""),
    ],
    ids=lambda answer: f"{answer.status} {answer.body[:30]!r}",
)
async def test_any_other_whole_answer_is_no_sign_out_and_certainly_no_refresh(
    answer: Answer,
) -> None:
    with pytest.raises(Unavailable) as refusal:
        await refresh(Endpoint(answer))
    assert type(refusal.value) is Unavailable
    assert refusal.value.retry_after == answer.retry_after
    assert refusal.value.limited is (answer.status == 429)


@pytest.mark.parametrize(
    "body", [b'{"access_token": "planted', b"{}", b"", b"[]", b'"x"', b"null", b"\xff", b"[" * 9999]
)
async def test_json_that_cannot_be_read_may_be_a_refresh_that_was_done(body: bytes) -> None:
    with pytest.raises(AnswerLost):
        await refresh(answering(body))


async def test_a_json_object_cut_short_counts_whatever_it_is_called() -> None:
    with pytest.raises(AnswerLost):
        await refresh(answering(b'{"access_token": "planted', content_type=""))


@pytest.mark.parametrize("failure", [NotSent("x"), AnswerLost("x"), Untrusted("x")])
async def test_a_refresh_without_an_answer_keeps_its_kind(failure: Unavailable) -> None:
    """What may be sent again, and what may not, is decided by exactly this."""
    endpoint = Endpoint(failure)
    with pytest.raises(Unavailable) as raised:
        await refresh(endpoint)
    assert raised.value is failure
    assert len(endpoint.asked) == 1


async def test_an_error_that_comes_as_a_success_is_an_error() -> None:
    with pytest.raises(GrantRefused):
        await refresh(answering({"error": "invalid_grant"}))


# Over a real socket


async def test_it_works_with_the_real_http_client() -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.findall(rb"(?i)content-length: (\d+)", head)[0])
        asked.append(head + await reader.readexactly(length))
        body = json.dumps(GOOD).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    service = msgspec.structs.replace(SERVICE, token_url=f"http://127.0.0.1:{port}/token")
    http = Http(clock=FakeClock())
    try:
        answer = await oauth.refresh(http, service, client_id="tdd_1", refresh_token="r+/=&")
    finally:
        await http.aclose()
        server.close()
        await server.wait_closed()
    assert answer.access_token == "planted-access"
    head, _, form = asked[0].partition(b"\r\n\r\n")
    assert b"application/x-www-form-urlencoded" in head
    assert parse_qs(form.decode())["refresh_token"] == ["r+/=&"]
