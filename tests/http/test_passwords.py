"""A user name and an app password, on their way to the keyring and to a server."""

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.errors import SignInError
from oo_desktop.http.passwords import MAX_PASSWORD, Credentials, address_of, check_credentials

SERVER = "https://cal.example/dav"


def given_by(**changes: str) -> str:
    given = {"server": SERVER, "user_name": "ada", "password": "pass word", **changes}
    return Credentials(**given).secret


def test_what_is_given_is_kept_as_one_text() -> None:
    kept = check_credentials(given_by(server=f" {SERVER} ", user_name=" ada\t"))
    assert kept == given_by(server=f"{SERVER}/")
    assert check_credentials(kept) == kept


def test_it_is_sent_as_rfc_7617_has_it() -> None:
    server, authorization = address_of(check_credentials(given_by(password="pässwörd")))
    assert server == f"{SERVER}/"
    scheme, _, sent = authorization.partition(" ")
    assert (scheme, b64decode(sent).decode()) == ("Basic", "ada:pässwörd")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "are needed"),
        ("hunter2", "are needed"),
        ("[" * 10_000, "are needed"),
        ('{"server": "https://cal.example", "user_name": "ada"}', "are needed"),
        (given_by(user_name=" "), "are needed"),
        (given_by(password=""), "are needed"),
        (given_by(user_name="a:b"), "cannot be sent"),
        (given_by(password="a\nb"), "cannot be sent"),
        (given_by(password="x" * (MAX_PASSWORD + 1)), "too long"),
        (given_by(server="https://cal.example/" + "x" * 400), "too long"),
        (given_by(server="http://cal.example"), "must use https"),
        (given_by(server="https://ada@cal.example"), "plain https"),
        (given_by(server=""), "plain https"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(SignInError, match=words) as caught:
        check_credentials(text)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_it_is_in_no_repr() -> None:
    shown = Credentials(server=SERVER, user_name="ada", password="hunter2")
    assert "hunter2" not in f"{shown!r} {shown.__rich_repr__()}"


@given(text=st.text())
def test_any_text_is_credentials_or_refused(text: str) -> None:
    with pytest.raises(SignInError):
        check_credentials(text)
