"""Beginning a sign-in, registering for it, and what it says when it fails."""

import logging
import re
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.google_calendar.settings import GoogleCalendarSettings
from oo_desktop.connectors.todoist.settings import TodoistSettings
from oo_desktop.errors import OoError, SignInError, Unavailable
from oo_desktop.http.client import Answer, AnswerLost, NotSent, Untrusted
from oo_desktop.oauth import messages as oauth
from oo_desktop.oauth.messages import SignInAttempt, TokenAnswer
from tests.oauth.token_endpoint import (
    FAILURES,
    REDIRECT,
    SECRETS,
    SERVICE,
    Endpoint,
    answering,
    exchange,
    refresh,
    register,
)

# Beginning


def test_the_challenge_is_the_one_of_rfc_7636() -> None:
    attempt = SignInAttempt("state", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert attempt.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize("settings", [TodoistSettings(), GoogleCalendarSettings()])
def test_a_genuine_service_answers_in_one_name_only(
    settings: TodoistSettings | GoogleCalendarSettings,
) -> None:
    page = settings.authorize_url
    assert oauth.issuers("https://me", authorize_url=page, own_page=page) == {"https://me"}


def test_a_stand_in_answers_in_its_services_name_or_that_of_an_address_above_its_page() -> None:
    page = "http://127.0.0.1:8000/oauth/authorize?hl=en"
    assert oauth.issuers("https://me", authorize_url=page, own_page="https://me/authorize") == {
        "https://me",
        "http://127.0.0.1:8000",
        "http://127.0.0.1:8000/",
        "http://127.0.0.1:8000/oauth",
        "http://127.0.0.1:8000/oauth/",
    }


def test_each_attempt_has_fresh_secrets_of_full_strength() -> None:
    attempts = [oauth.new_attempt() for _ in range(100)]
    assert len({attempt.state for attempt in attempts}) == 100
    assert len({attempt.verifier for attempt in attempts}) == 100
    for attempt in attempts:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", attempt.state)  # 256 bits
        assert re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", attempt.verifier)


def test_the_authorize_url_asks_for_a_code_with_pkce() -> None:
    attempt = oauth.new_attempt()
    url = oauth.authorize_url(SERVICE, client_id="tdd_1", redirect_uri=REDIRECT, attempt=attempt)
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == SERVICE.authorize_url
    assert parse_qs(parts.query, strict_parsing=True) == {
        "client_id": ["tdd_1"],
        "response_type": ["code"],
        "redirect_uri": [REDIRECT],
        "scope": ["data:read_write"],
        "state": [attempt.state],
        "code_challenge": [attempt.challenge],
        "code_challenge_method": ["S256"],
    }
    assert attempt.verifier not in url


def test_an_authorize_url_with_a_query_of_its_own_keeps_it() -> None:
    service = msgspec.structs.replace(SERVICE, authorize_url="http://localhost:1/a?tenant=x#frag")
    url = oauth.authorize_url(
        service, client_id="a b&c", redirect_uri=REDIRECT, attempt=oauth.new_attempt()
    )
    query = parse_qs(urlsplit(url).query)
    assert (query["tenant"], query["client_id"]) == (["x"], ["a b&c"])
    assert "+" not in url


# Registering


async def test_oo_registers_as_a_public_client_that_can_refresh() -> None:
    endpoint = answering({"client_id": "tdd_0123", "client_secret_expires_at": 0}, status=201)
    uris = (REDIRECT, REDIRECT.replace("8771", "8772"))
    client_id = await oauth.register(endpoint, SERVICE, redirect_uris=uris)
    assert client_id == "tdd_0123"
    assert endpoint.asked == [
        (
            "POST",
            SERVICE.register_url,
            None,
            {
                "client_name": "oO desktop",
                "redirect_uris": list(uris),
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
                "token_endpoint_auth_method": "none",
                "scope": "data:read_write",
            },
        )
    ]


@pytest.mark.parametrize("error", ["invalid_client_metadata", "invalid_scope", "planted"])
async def test_a_refused_registration_ends_the_sign_in(error: str) -> None:
    with pytest.raises(SignInError, match="did not let oO register"):
        await register(answering({"error": error}, status=400))


async def test_a_client_that_would_need_a_secret_is_not_taken() -> None:
    answer = {"client_id": "x", "token_endpoint_auth_method": "client_secret_post"}
    with pytest.raises(SignInError, match="secret"):
        await register(answering(answer, status=201))


@pytest.mark.parametrize("status", [404, 429, 500, 503, 302])
async def test_a_registration_that_cannot_be_had_now_is_unavailable(status: int) -> None:
    with pytest.raises(Unavailable) as refusal:
        await register(answering({"error": "planted"}, status=status, retry_after=7))
    assert refusal.value.retry_after == 7
    assert refusal.value.limited is (status == 429)


@pytest.mark.parametrize(
    "body", [b"<html>", b"", b"{", {}, {"client_id": ""}, {"client_id": 5}, {"client_id": "a\n"}]
)
async def test_a_registration_that_makes_no_sense_is_unavailable(body: object) -> None:
    with pytest.raises(Unavailable):
        await register(answering(body, status=201))


@pytest.mark.parametrize("failure", [NotSent("x"), AnswerLost("x"), Untrusted("Check the clock.")])
async def test_a_registration_without_an_answer_keeps_its_kind(failure: Unavailable) -> None:
    with pytest.raises(type(failure)) as raised:
        await register(Endpoint(failure))
    assert "again" in str(raised.value) or str(raised.value) == "Check the clock."


async def test_a_service_without_registration_needs_a_configured_client() -> None:
    endpoint = answering({})
    service = msgspec.structs.replace(SERVICE, register_url=None)
    with pytest.raises(SignInError, match=r"config\.toml"):
        await oauth.register(endpoint, service, redirect_uris=(REDIRECT,))
    assert endpoint.asked == []


# Callbacks


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("access_denied", "You did not give oO access"),
        ("invalid_application_status", "switched this app off"),
        ("invalid_scope", "newer oO"),
        ("unsupported_response_type", "newer oO"),
        ("unauthorized_client", "settings"),
        ("server_error", "little while"),
        ("temporarily_unavailable", "little while"),
        ("<script>planted</script>", "did not accept the sign-in"),
        ("", "did not accept the sign-in"),
    ],
)
def test_a_callbacks_error_is_said_in_plain_words(error: str, says: str) -> None:
    assert says in oauth.denied_reason(error)
    assert "planted" not in oauth.denied_reason(error)


# Secrets


def test_no_repr_shows_a_secret() -> None:
    shown = [
        SignInAttempt("the-state", "the-verifier"),
        TokenAnswer("planted-access", "planted-refresh", 3600, "planted-scope"),
        [TokenAnswer("planted-access", None, None, None)],
    ]
    for value in shown:
        assert not any(secret in f"{value!r} {value}" for secret in SECRETS)


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
async def test_no_error_or_log_shows_a_secret(
    failure: Answer | Unavailable, caplog: pytest.LogCaptureFixture
) -> None:
    """Row 31: looked for in the whole chain of exceptions, as a report would print it."""
    caplog.set_level(logging.DEBUG)
    for ask in (exchange, refresh, register):
        with pytest.raises(OoError) as raised:
            await ask(Endpoint(failure))
        error: BaseException | None = raised.value
        while error is not None:
            assert not any(secret in f"{error!r} {error}" for secret in SECRETS)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert not any(secret in caplog.text for secret in SECRETS)


@given(st.integers(100, 599), st.sampled_from(["application/json", "text/html", ""]), st.binary())
async def test_whatever_comes_back_only_our_errors_come_out(
    status: int, content_type: str, body: bytes
) -> None:
    for ask in (exchange, refresh, register):
        with pytest.raises(OoError):
            await ask(Endpoint(Answer(status, content_type, body)))
