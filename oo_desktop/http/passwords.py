"""Carries a user name and an app password to a server that the person names (RFC 7617).

All three are the account's secret: they travel as one text, as a pasted token does, and are kept in
the keyring as one.
"""

from base64 import b64encode
from typing import Any

import msgspec
from msgspec import Struct

from oo_desktop.errors import ConfigError, SignInError
from oo_desktop.http.addresses import as_folder, check_url

MAX_SERVER = 400
MAX_USER_NAME = 150
MAX_PASSWORD = 150
"""Characters: together they fit into an entry of any keyring."""


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

    Raises SignInError, whose sentence repeats nothing of it but what is wrong with the address.
    """
    try:
        given = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise SignInError("A server, a user name and a password are needed.") from None
    server, user_name = given.server.strip(), given.user_name.strip()
    if not user_name or not given.password:
        raise SignInError("A user name and a password are needed.")
    if ":" in user_name or not (user_name + given.password).isprintable():  # RFC 7617, section 2
        raise SignInError("This user name or password has characters that cannot be sent.")
    if len(user_name) > MAX_USER_NAME or len(given.password) > MAX_PASSWORD:
        raise SignInError("This user name or password is too long for a keyring.")
    if len(server) > MAX_SERVER:
        raise SignInError("This address is too long for a keyring.")
    try:
        check_url(server, "The server’s address")
    except ConfigError as error:
        raise SignInError(str(error)) from None
    return Credentials(
        server=as_folder(server), user_name=user_name, password=given.password
    ).secret


def address_of(secret: str) -> tuple[str, str]:
    """Return the base URL and the Authorization header (Basic) of what `check_credentials` gave."""
    given = _decoder.decode(secret)
    pair = f"{given.user_name}:{given.password}".encode()
    return given.server, f"Basic {b64encode(pair).decode()}"
