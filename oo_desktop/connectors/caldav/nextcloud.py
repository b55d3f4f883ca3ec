"""Get an app password from a Nextcloud by its own sign-in page in the browser, and give it back.

Login flow v2 (https://docs.nextcloud.com/server/latest/developer_manual/client_apis/LoginFlow/):
oO asks for a login, the person agrees to it in the browser, and oO is handed an app password for
which nobody had to type anything. The password is listed there under the name `NAME`, the user
agent of the request that began it (nextcloud/server, core/Service/LoginFlowV2Service.php).

What the server names is on the host that the person typed, and https: it cannot send the person's
browser, or a token, to anybody else.
"""

from typing import Annotated
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Meta, Struct

from oo_desktop.connectors.base import BrowserPassword
from oo_desktop.errors import KEEPS_TRYING, SignInError, Unavailable
from oo_desktop.http.addresses import as_folder, problem_of_url
from oo_desktop.http.answers import Asked
from oo_desktop.http.client import Answer, Http
from oo_desktop.http.passwords import (
    Credentials,
    CredentialsError,
    CredentialsField,
    address_of,
    checked_credentials,
    url_from_typed,
)
from oo_desktop.language import translated, untranslated

NAME = "oO"

MAX_ANSWER_BYTES = 64 * 1024
MAX_URL = 1024
MAX_TOKEN = 512

POLL_SECONDS = 2.0
"""How long to wait between two calls of `poll`."""

_ASKED = Asked("Nextcloud")
_ODD = untranslated("This server’s answer is not that of a Nextcloud. Check the address.")
_NONE_HERE = untranslated("There is no Nextcloud at this address. Check the address.")
_BEHIND = ("/index.php", "/remote.php", "/apps/")
"""What follows the address of a Nextcloud in those of its pages."""

Url = Annotated[str, Meta(min_length=1, max_length=MAX_URL)]


class LoginFlow(Struct, frozen=True, kw_only=True):
    """Holds a login that has begun.

    login: the page that the person opens. endpoint: where to ask whether the person agreed.
    token: what to ask with: whoever has it is handed the password.
    """

    login: str
    endpoint: str
    token: str

    def __repr__(self) -> str:
        return "LoginFlow(…)"

    def __rich_repr__(self) -> list[tuple[str, object]]:  # msgspec's own would show the token
        return []


class _PollWire(Struct):
    token: Annotated[str, Meta(min_length=1, max_length=MAX_TOKEN)]
    endpoint: Url


class _LoginWire(Struct):
    poll: _PollWire
    login: Url


class _GrantWire(Struct):
    server: Url
    login_name: str = msgspec.field(name="loginName")
    app_password: str = msgspec.field(name="appPassword")


_login_decoder = msgspec.json.Decoder(_LoginWire)
_grant_decoder = msgspec.json.Decoder(_GrantWire)


async def begin(http: Http, address: str) -> LoginFlow:
    """Ask the Nextcloud at `address`, as a person types it, for a login; return it.

    Raises CredentialsError, for the address, where that is none of a Nextcloud; Unavailable.
    """
    base = _root(url_from_typed(address))
    answer = await http.request(
        "POST",
        f"{base}index.php/login/v2",
        headers={"User-Agent": NAME},
        max_bytes=MAX_ANSWER_BYTES,
        asked=_ASKED,
    )
    _raise_if_not_now(answer)
    if answer.status != 200:
        raise CredentialsError(translated(_NONE_HERE), field=CredentialsField.SERVER)
    try:
        given = _login_decoder.decode(answer.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        given = None
    if given is None:
        raise CredentialsError(translated(_NONE_HERE), field=CredentialsField.SERVER)
    if not (_is_on(given.login, base) and _is_on(given.poll.endpoint, base)):
        raise CredentialsError(
            translated(
                "This Nextcloud names another address than this one as its own. Type that one, or "
                "ask"
                " who runs it to look at “overwrite.cli.url” and “overwriteprotocol”."
            ),
            field=CredentialsField.SERVER,
        )
    return LoginFlow(login=given.login, endpoint=given.poll.endpoint, token=given.poll.token)


async def poll(http: Http, flow: LoginFlow) -> Credentials | None:
    """Return what the person agreed to give; None as long as that has not happened.

    Their server is where its CalDAV begins. They are handed out once: when that answer is lost
    (AnswerLost), nothing comes of `flow` any more, and it looks like one that nobody agreed to.
    Nextcloud forgets it after 20 minutes.

    Raises SignInError for an answer that cannot be used, Unavailable where asking again may help.
    """
    answer = await http.request(
        "POST",
        flow.endpoint,
        form={"token": flow.token},
        headers={"User-Agent": NAME},
        max_bytes=MAX_ANSWER_BYTES,
        asked=_ASKED,
    )
    if answer.status == 404:
        return None
    _raise_if_not_now(answer)
    try:
        given = _grant_decoder.decode(answer.body) if answer.status == 200 else None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        given = None
    if given is None or not _is_on(given.server, flow.endpoint):
        raise SignInError(translated(_ODD))
    credentials = Credentials(
        server=f"{as_folder(given.server)}remote.php/dav/",
        user_name=given.login_name,
        password=given.app_password,
    )
    return checked_credentials(credentials)


async def revoke(http: Http, credentials: Credentials) -> bool:
    """End the app password in `credentials` at their Nextcloud; return whether it is of no use now.

    False: the server is no Nextcloud, or the password is the person's own. Raises Unavailable.
    """
    if not is_at(credentials.server):
        return False
    base_url, authorization = address_of(credentials.secret)
    answer = await http.request(
        "DELETE",
        f"{_root(base_url)}ocs/v2.php/core/apppassword",
        headers={
            "Authorization": authorization,
            "OCS-APIRequest": "true",
            "User-Agent": NAME,
        },
        max_bytes=MAX_ANSWER_BYTES,
        asked=_ASKED,
    )
    _raise_if_not_now(answer)
    return answer.status in (200, 401) and "html" not in answer.content_type


def page_of(credentials: Credentials) -> str:
    """Return the page of their Nextcloud where a person ends the password in `credentials`."""
    return f"{_root(credentials.server)}index.php/settings/user/security"


def is_at(url: str) -> bool:
    """Return whether calendars at `url` are those of a Nextcloud."""
    return "/remote.php/" in url


SIGN_IN = BrowserPassword(
    name="Nextcloud", begin=begin, poll=poll, revoke=revoke, page_of=page_of, is_at=is_at
)


def _root(url: str) -> str:
    """The address of the Nextcloud that `url` belongs to."""
    parts = urlsplit(url)
    path = parts.path
    for behind in _BEHIND:
        path = path.partition(behind)[0]
    return as_folder(parts._replace(path=path).geturl())


def _is_on(url: str, base: str) -> bool:
    """Whether `url` is an address that oO goes to, on the host and port of `base`."""
    if problem_of_url(url) is not None:
        return False
    return url.isascii() and _place(urlsplit(url)) == _place(urlsplit(base))


def _place(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _raise_if_not_now(answer: Answer) -> None:
    if answer.status == 429 or answer.status >= 500:
        raise Unavailable(
            translated("Nextcloud cannot do this just now ({status}).", status=answer.status),
            outlook=KEEPS_TRYING,
            retry_after=answer.retry_after,
            limited=answer.status == 429,
        )
