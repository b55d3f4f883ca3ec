"""Carries a user name and an app password to a server that the person names (RFC 7617).

All three are the account's secret: they travel as one text, as a pasted token does, and are kept in
the keyring as one.
"""

from base64 import b64encode
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from oo_desktop.errors import ConfigError, SignInError
from oo_desktop.http.addresses import as_folder, check_url

MAX_SERVER = 400
MAX_USER_NAME = 150
MAX_PASSWORD = 150
"""Characters: together they fit into an entry of any keyring."""


class CredentialsField(StrEnum):
    """Names the parts of credentials, as a form has them."""

    SERVER = "server"
    USER_NAME = "user_name"
    PASSWORD = "password"  # noqa: S105  # the name of a field


class CredentialsError(SignInError):
    """Says that credentials cannot be used. field: the part that a person has to look at."""

    def __init__(self, message: str, *, field: CredentialsField) -> None:
        super().__init__(message)
        self.field = field


class Credentials(Struct, frozen=True, kw_only=True):
    """Holds what a person signs in with. server: the base URL of its API."""

    server: str
    user_name: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own would show the password
        return []

    @property
    def secret(self) -> str:
        """Return all of it as one text, which `check_credentials` takes."""
        return msgspec.json.encode(self).decode()


_decoder = msgspec.json.Decoder(Credentials)


def check_credentials(text: str) -> str:
    """Return `text`, a `Credentials.secret`, as it is kept.

    Raises CredentialsError, whose sentence repeats nothing of it but what is wrong with the
    address; SignInError for what is no such text.
    """
    try:
        given = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise SignInError("A server, a user name and a password are needed.") from None
    server = given.server.strip()
    if len(server) > MAX_SERVER:
        raise CredentialsError(
            "This address is too long for a keyring.", field=CredentialsField.SERVER
        )
    try:
        check_url(server, "The server’s address")
    except ConfigError as error:
        raise CredentialsError(str(error), field=CredentialsField.SERVER) from None
    user_name = given.user_name.strip()
    _check_word(user_name, "user name", MAX_USER_NAME, CredentialsField.USER_NAME)
    if ":" in user_name:  # RFC 7617, section 2
        raise CredentialsError(
            "This user name has characters that cannot be sent.", field=CredentialsField.USER_NAME
        )
    _check_word(given.password, "password", MAX_PASSWORD, CredentialsField.PASSWORD)
    return Credentials(
        server=as_folder(server), user_name=user_name, password=given.password
    ).secret


def _check_word(word: str, name: str, most: int, field: CredentialsField) -> None:
    if not word:
        raise CredentialsError(f"A {name} is needed.", field=field)
    if not word.isprintable():  # RFC 7617, section 2
        raise CredentialsError(f"This {name} has characters that cannot be sent.", field=field)
    if len(word) > most:
        raise CredentialsError(f"This {name} is too long for a keyring.", field=field)


def address_of(secret: str) -> tuple[str, str]:
    """Return the base URL and the Authorization header (Basic) of what `check_credentials` gave."""
    given = _decoder.decode(secret)
    pair = f"{given.user_name}:{given.password}".encode()
    return given.server, f"Basic {b64encode(pair).decode()}"
