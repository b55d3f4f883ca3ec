"""A user name and an app password, on their way to the keyring and to a server."""

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.errors import SignInError
from oo_desktop.http.passwords import (
    MAX_PASSWORD,
    MAX_USER_NAME,
    Credentials,
    CredentialsError,
    CredentialsField,
    address_of,
    check_credentials,
)

ADDRESS = "https://cal.example/dav"
SERVER, USER_NAME, PASSWORD = CredentialsField


def given_by(**changes: str) -> str:
    given = {"server": ADDRESS, "user_name": "ada", "password": "pass word", **changes}
    return Credentials(**given).secret


def test_what_is_given_is_kept_as_one_text() -> None:
    kept = check_credentials(given_by(server=f" {ADDRESS} ", user_name=" ada\t"))
    assert kept == given_by(server=f"{ADDRESS}/")
    assert check_credentials(kept) == kept


def test_it_is_sent_as_rfc_7617_has_it() -> None:
    server, authorization = address_of(check_credentials(given_by(password="pässwörd")))
    assert server == f"{ADDRESS}/"
    scheme, _, sent = authorization.partition(" ")
    assert (scheme, b64decode(sent).decode()) == ("Basic", "ada:pässwörd")


@pytest.mark.parametrize(
    "text",
    ["", "hunter2", "[" * 10_000, '{"server": "https://cal.example", "user_name": "ada"}'],
    ids=["nothing", "a word", "brackets", "no password"],
)
def test_what_is_no_credentials_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(SignInError, match="are needed") as caught:
        check_credentials(text)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        (given_by(user_name=" "), USER_NAME, "A user name is needed"),
        (given_by(user_name="a:b"), USER_NAME, "cannot be sent"),
        (given_by(user_name="a\nb"), USER_NAME, "cannot be sent"),
        (given_by(user_name="x" * (MAX_USER_NAME + 1)), USER_NAME, "too long"),
        (given_by(password=""), PASSWORD, "A password is needed"),
        (given_by(password="a\nb"), PASSWORD, "cannot be sent"),
        (given_by(password="x" * (MAX_PASSWORD + 1)), PASSWORD, "too long"),
        (given_by(server="https://cal.example/" + "x" * 400), SERVER, "too long"),
        (given_by(server="http://cal.example"), SERVER, "must use https"),
        (given_by(server="https://ada@cal.example"), SERVER, "plain https"),
        (given_by(server=""), SERVER, "plain https"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_field_it_stands_in(
    text: str, field: CredentialsField, words: str
) -> None:
    with pytest.raises(CredentialsError, match=words) as caught:
        check_credentials(text)
    assert caught.value.field is field
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_it_is_in_no_repr() -> None:
    shown = Credentials(server=ADDRESS, user_name="ada", password="hunter2")
    assert "hunter2" not in f"{shown!r} {shown.__rich_repr__()}"


@given(text=st.text())
def test_any_text_is_credentials_or_refused(text: str) -> None:
    with pytest.raises(SignInError):
        check_credentials(text)
