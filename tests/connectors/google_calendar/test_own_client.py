"""The file of a client that was made in Google's console."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.connectors.google_calendar.own_client import (
    NOT_A_CLIENT,
    ONLY_HALF,
    WEB_CLIENT,
    client_from_file,
)
from oo_desktop.errors import SignInError
from oo_desktop.model.state import MAX_CLIENT_FILE


def file_of(kind: str = "installed", **changes: object) -> str:
    client = {"client_id": "an-id", "client_secret": "a-secret", "token_uri": "https://x"}
    return json.dumps({kind: {**client, **changes}})


def test_the_file_of_a_desktop_client_is_one() -> None:
    client = client_from_file("\ufeff" + file_of())
    assert (client.client_id, client.secret) == ("an-id", "a-secret")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (file_of("web"), WEB_CLIENT),
        (file_of(client_secret=None), ONLY_HALF),
        (json.dumps({"installed": {"client_id": "an-id"}}), ONLY_HALF),
        (file_of(client_id=""), NOT_A_CLIENT),
        (file_of(client_id=5), NOT_A_CLIENT),
        (file_of(client_secret="a b"), NOT_A_CLIENT),
        (file_of(client_secret="a\n"), NOT_A_CLIENT),
        (file_of(client_id="x" * 513), NOT_A_CLIENT),
        (json.dumps({"type": "service_account", "private_key": "a-secret"}), NOT_A_CLIENT),
        ("", NOT_A_CLIENT),
        ("[]", NOT_A_CLIENT),
        ("null", NOT_A_CLIENT),
        ("<html>", NOT_A_CLIENT),
        ("\ud800", NOT_A_CLIENT),
        ("[" * 10_000, NOT_A_CLIENT),
        (file_of() + " " * MAX_CLIENT_FILE, NOT_A_CLIENT),
    ],
)
def test_any_other_file_is_refused_in_a_sentence_without_its_words(
    text: str, sentence: str
) -> None:
    with pytest.raises(SignInError) as caught:
        client_from_file(text)
    assert str(caught.value) == sentence
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_any_text_is_a_client_or_refused(text: str) -> None:
    with pytest.raises(SignInError):
        client_from_file(text)
