"""A user name and an app password, on their way to the keyring and to a server."""

from base64 import b64decode
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oo_desktop.errors import SignInError
from oo_desktop.http.passwords import (
    MAX_PASSWORD,
    MAX_SERVER,
    MAX_USER_NAME,
    Credentials,
    CredentialsError,
    CredentialsField,
    address_of,
    checked_credentials,
    credentials_from_text,
    label_of,
    server_and_user_name,
    typed_credentials,
    url_from_typed,
    user_id_of,
)
from oo_desktop.integrations.vault import MAX_ENTRY_CHARACTERS, Tokens

ADDRESS = "https://cal.example/dav"
SERVER, USER_NAME, PASSWORD = CredentialsField


def given_by(
    *,
    server: str = ADDRESS,
    user_name: str = "ada",
    password: str = "pass word",  # opens nothing
    made_for_us: bool = False,
) -> Credentials:
    return Credentials(
        server=server, user_name=user_name, password=password, made_for_us=made_for_us
    )


def test_what_is_given_is_kept_as_one_text() -> None:
    kept = checked_credentials(given_by(server=f" {ADDRESS} ", user_name=" ada\t"))
    assert kept == given_by(server=f"{ADDRESS}/")
    assert credentials_from_text(kept.secret) == kept == checked_credentials(kept)


def test_an_entry_of_an_older_version_is_read() -> None:
    text = '{"server": "https://cal.example/", "user_name": "ada", "password": "pass word"}'
    assert credentials_from_text(text) == given_by(server="https://cal.example/")


def test_it_is_sent_as_rfc_7617_has_it() -> None:
    secret = checked_credentials(given_by(password="pässwörd")).secret
    server, authorization = address_of(secret)
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
        credentials_from_text(text)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("credentials", "field", "words"),
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
    credentials: Credentials, field: CredentialsField, words: str
) -> None:
    with pytest.raises(CredentialsError, match=words) as caught:
        checked_credentials(credentials)
    assert caught.value.field is field
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_it_is_in_no_repr() -> None:
    shown = Credentials(server=ADDRESS, user_name="ada", password="hunter2")
    assert "hunter2" not in f"{shown!r} {shown.__rich_repr__()}"


@given(text=st.text())
def test_any_text_is_credentials_or_refused(text: str) -> None:
    with pytest.raises(SignInError):
        credentials_from_text(text)


@pytest.mark.parametrize("server", ["", "cal.example", "ada@example.com", "icloud"])
def test_the_server_may_be_anything_before_it_was_looked_for(server: str) -> None:
    assert typed_credentials(given_by(server=f" {server}\n")) == given_by(server=server)


@pytest.mark.parametrize("made_for_us", [False, True])
def test_what_is_kept_fits_into_an_entry_of_any_keyring(*, made_for_us: bool) -> None:
    kept = checked_credentials(
        given_by(
            server=f"https://cal.example/{'x' * (MAX_SERVER - 30)}",
            user_name="x" * MAX_USER_NAME,
            password="x" * MAX_PASSWORD,
            made_for_us=made_for_us,
        )
    )
    assert len(msgspec.json.encode(Tokens(access=kept.secret)).decode()) <= MAX_ENTRY_CHARACTERS


@pytest.mark.parametrize("character", ['"', "\\"])
def test_what_takes_more_room_in_a_keyring_than_it_looks_is_refused(character: str) -> None:
    server = f"https://cal.example/{'x' * (MAX_SERVER - 30)}"
    with pytest.raises(CredentialsError, match="too long together"):
        checked_credentials(given_by(server=server, password=character * MAX_PASSWORD))


@pytest.mark.parametrize(
    ("server", "user_name", "user_id", "label"),
    [
        (
            "https://cal.example/dav/ada/",
            "ada",
            "ada@cal.example/dav/ada/",
            "ada@cal.example",
        ),
        (
            "https://CAL.example:8443/",
            "ada@example.com",
            "ada%40example.com@cal.example:8443/",
            "ada@example.com (cal.example:8443)",
        ),
        (
            "http://127.0.0.1:5232/ada%40home/",
            "ä/d a",
            "%C3%A4%2Fd%20a@127.0.0.1:5232/ada%40home/",
            "ä/d a@127.0.0.1:5232",
        ),
        ("http://[::1]:5232/", "ada", "ada@[::1]:5232/", "ada@[::1]:5232"),
    ],
)
def test_an_account_is_a_user_name_at_a_server(
    server: str, user_name: str, user_id: str, label: str
) -> None:
    kept = checked_credentials(given_by(server=server, user_name=user_name))
    assert (user_id_of(kept), label_of(kept)) == (user_id, label)
    assert server_and_user_name(user_id_of(kept)) == (server.lower(), user_name)


@given(
    user_name=st.text(min_size=1, max_size=20).filter(
        lambda name: name.isprintable() and ":" not in name and name == name.strip()
    )
)
def test_a_user_name_is_read_back_from_the_account(user_name: str) -> None:
    kept = checked_credentials(given_by(user_name=user_name))
    assert server_and_user_name(user_id_of(kept)) == (f"{ADDRESS}/", user_name)


# What is typed


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("cal.example.com", "https://cal.example.com/"),
        (" Cal.Example.com:8443/Dav ", "https://cal.example.com:8443/Dav"),
        ("https://cal.example.com/dav/", "https://cal.example.com/dav/"),
        ("localhost:5232", "http://localhost:5232/"),
        ("[::1]:5232/ada", "http://[::1]:5232/ada"),
        ("https://localhost", "https://localhost/"),
        ("münchen.example", "https://xn--mnchen-3ya.example/"),
        ("cal.example.com/käse", "https://cal.example.com/k%C3%A4se"),
        ("cal.example.com/Ada King/", "https://cal.example.com/Ada%20King/"),
    ],
)
def test_an_address_is_taken_as_it_was_meant(typed: str, url: str) -> None:
    assert url_from_typed(typed) == url


@given(typed=st.text())
def test_any_text_is_an_address_or_refused(typed: str) -> None:
    with suppress(CredentialsError):
        url = url_from_typed(typed)
        assert url.startswith(("https://", "http://"))
        assert url.isascii()
