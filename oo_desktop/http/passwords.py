"""Carries a user name and an app password to a server that the person names (RFC 7617).

All three are the account's secret: they travel as one text, as a pasted token does, and are kept in
the keyring as one.
"""

import re
from base64 import b64encode
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.errors import SignInError
from oo_desktop.http.addresses import (
    UrlProblem,
    as_folder,
    in_ascii,
    is_loopback,
    problem_of_url,
    split_url,
)
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import UserId

MAX_SERVER = 400
MAX_USER_NAME = 150
MAX_PASSWORD = 150
"""Characters: together they fit into an entry of any keyring, where `MAX_SECRET` holds as well."""

MAX_SECRET = 1000
"""Characters of it all as it stands in the keyring: a quotation mark in it takes two or more."""


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


class Credentials(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Holds what a person signs in with.

    server: the base URL of its API; until that was found, what the person knows of it.
    made_for_us: the server made the password for oO, which may have it ended; else a person did.
    """

    server: str
    user_name: str
    password: str
    made_for_us: bool = False

    def __repr__(self) -> str:
        return "Credentials(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own would show the password
        return []

    @property
    def secret(self) -> str:
        """Return all of it as one text, which `credentials_from_text` reads."""
        return msgspec.json.encode(self).decode()


_decoder = msgspec.json.Decoder(Credentials)

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class _Said(NamedTuple):
    """What is said of a user name or a password that cannot be used."""

    field: CredentialsField
    missing: str
    unsendable: str
    too_long: str


_USER_NAME = _Said(
    CredentialsField.USER_NAME,
    missing=untranslated("A user name is needed."),
    unsendable=untranslated("This user name has characters that cannot be sent."),
    too_long=untranslated("This user name is too long for a keyring."),
)
_PASSWORD = _Said(
    CredentialsField.PASSWORD,
    missing=untranslated("A password is needed."),
    unsendable=untranslated("This password has characters that cannot be sent."),
    too_long=untranslated("This password is too long for a keyring."),
)
_OF_SERVER = {
    UrlProblem.NOT_A_URL: untranslated("The server’s address is not a URL."),
    UrlProblem.NOT_PLAIN: untranslated(
        "The server’s address must be a plain https URL, without a name, “?” or “#” in it."
    ),
    UrlProblem.NOT_ENCRYPTED: untranslated(
        "The server’s address must use https: http is for addresses on this machine only."
    ),
}


def credentials_from_text(text: str) -> Credentials:
    """Return what stands in `text`, a `Credentials.secret`. Raises SignInError for all else."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise SignInError(translated("A server, a user name and a password are needed.")) from None


def url_from_typed(typed: str) -> str:
    """Return the URL that a person who typed a server's address means: https but on this machine.

    Raises CredentialsError, which repeats nothing of it.
    """
    text = typed.strip()[: MAX_SERVER + 1]
    if not _SCHEME.match(text):
        parts = split_url(f"http://{text}")
        is_here = parts is not None and is_loopback(parts.hostname or "")
        text = f"{'http' if is_here else 'https'}://{text}"
    parts = in_ascii(text)
    if parts is None or len(text) > MAX_SERVER:
        raise CredentialsError(
            translated("This is no address of a server. It looks like https://cal.example.com."),
            field=CredentialsField.SERVER,
        )
    path = parts.path.replace(" ", "%20") or "/"  # user names have them, and paths user names
    url = parts._replace(netloc=parts.netloc.lower(), path=path).geturl()
    _check_server(url)
    return url


def typed_credentials(given: Credentials) -> Credentials:
    """Return `given` as a person may have typed it, trimmed, before its server is looked for.

    Raises CredentialsError for a user name or a password that no server can be sent.
    """
    server, user_name = given.server.strip(), given.user_name.strip()
    if len(server) > MAX_SERVER:
        raise CredentialsError(
            translated("This address is too long for a keyring."), field=CredentialsField.SERVER
        )
    _check_word(user_name, _USER_NAME, MAX_USER_NAME)
    if ":" in user_name:  # RFC 7617, section 2
        raise CredentialsError(translated(_USER_NAME.unsendable), field=_USER_NAME.field)
    _check_word(given.password, _PASSWORD, MAX_PASSWORD)
    return replace(given, server=server, user_name=user_name)


def checked_credentials(given: Credentials) -> Credentials:
    """Return `given` as it is kept, its server with a slash at the end.

    Raises CredentialsError, whose sentence repeats nothing of it but what is wrong with the
    address.
    """
    typed = typed_credentials(given)
    _check_server(typed.server)
    kept = replace(typed, server=as_folder(typed.server))
    if len(msgspec.json.encode(kept.secret).decode()) > MAX_SECRET:
        raise CredentialsError(
            translated("This address, user name and password are too long together for a keyring."),
            field=CredentialsField.SERVER,
        )
    return kept


def _check_server(url: str) -> None:
    problem = problem_of_url(url)
    if problem is not None:
        raise CredentialsError(translated(_OF_SERVER[problem]), field=CredentialsField.SERVER)


def _check_word(word: str, said: _Said, most: int) -> None:
    if not word:
        raise CredentialsError(translated(said.missing), field=said.field)
    if not word.isprintable():  # RFC 7617, section 2
        raise CredentialsError(translated(said.unsendable), field=said.field)
    if len(word) > most:
        raise CredentialsError(translated(said.too_long), field=said.field)


def address_of(secret: str) -> tuple[str, str]:
    """Return the base URL and the Authorization header (Basic) of a `Credentials.secret`."""
    given = _decoder.decode(secret)
    pair = f"{given.user_name}:{given.password}".encode()
    return given.server, f"Basic {b64encode(pair).decode()}"


# Whose account it is


def user_id_of(kept: Credentials) -> UserId:
    """Return whose account it is: a user name at a server, `ada%40example.com@dav.example/ada/`.

    `server_and_user_name` reads it back.
    """
    parts = urlsplit(kept.server)
    return UserId(f"{quote(kept.user_name, safe='')}@{parts.netloc.lower()}{parts.path}")


def server_and_user_name(user_id: UserId) -> tuple[str, str]:
    """Return the server's URL and the user name in a `user_id_of`.

    It names no scheme: only a server on this machine may do without https, and is taken to.
    """
    name, _, place = user_id.partition("@")
    host = urlsplit(f"//{place}").hostname or ""
    return f"{'http' if is_loopback(host) else 'https'}://{place}", unquote(name)


def label_of(kept: Credentials) -> str:
    """Return what the screen calls the account."""
    host = urlsplit(kept.server).netloc.lower()
    name = kept.user_name
    return f"{name} ({host})" if "@" in name else f"{name}@{host}"
