"""Find where the calendars of a person are, beginning at what the person typed.

That is the address of a server, of one calendar or anything between, a host, or an e-mail address.

| typed | is asked |
|---|---|
| an address | itself; `/.well-known/caldav` and `/` of its host (RFC 6764, section 6); where a \
Nextcloud at that address has its calendars |
| a host alone | the same; then the servers that DNS names for it |
| an e-mail address | the servers that DNS names for its domain; then the domain's well-known one |

Each is asked for the person's principal (RFC 5397), which names the home of the calendars (RFC
4791, section 6.2.1). Of servers as they are (Radicale, Xandikos, DAViCal, Cyrus, SOGo, sabre/dav):

| a server | here |
|---|---|
| names the home on the principal alone, or on everything (DAViCal) | one question more, or none |
| leads to an absolute http:// address, for it is behind a TLS proxy (Cyrus) | is asked by https |
| answers nobody, who did sign in, with `unauthenticated` (Cyrus, at `/`) | took no password |
| shows a page, or lacks PROPFIND, where it has no calendars (SOGo, a web server) | go on |

The password goes to the host that the person typed, and to one within that host's or the e-mail
address's domain that DNS names for it, over TLS whose certificate is for that host; to no other
(RFC 6764, section 8). A server of another domain is named to the person, who may then type it. The
one exception is iCloud: `caldav.icloud.com` names homes at `pNN-caldav.icloud.com`
(https://github.com/emersion/go-webdav/issues/61 has such an answer).

A password that is refused once is not tried again, elsewhere or otherwise.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from oo_desktop.connectors.caldav.dns import (
    NamedServer,
    NotOffered,
    ServersOfDomain,
    is_within,
    servers_of_domain,
)
from oo_desktop.connectors.caldav.xml import (
    CALDAV,
    DAV,
    Member,
    path_on_host,
    propfind,
    read_multistatus,
)
from oo_desktop.errors import AuthRequired, Rejected, SignInError, Unavailable
from oo_desktop.http.addresses import as_folder, split_url
from oo_desktop.http.client import (
    Answer,
    AnswerLost,
    HostUnknown,
    NotSent,
    ServiceClient,
    Untrusted,
    WebPage,
)
from oo_desktop.http.passwords import CredentialsError, CredentialsField, url_from_typed
from oo_desktop.language import translated, untranslated

FINDING_SECONDS = 60.0
"""How long a person waits at most."""

MAX_REDIRECTS = 5

WELL_KNOWN = "/.well-known/caldav"

_PRINCIPAL = f"{DAV}current-user-principal"
_HOME = f"{CALDAV}calendar-home-set"
_QUESTION = propfind([_PRINCIPAL, _HOME, f"{DAV}resourcetype"])

_E_MAIL = re.compile(r"[^@\s/\\:]+@([^@\s/\\:]+)")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")

_REFUSED = untranslated(
    "The server does not accept this user name and password. Check both; many services want a"
    " password made for oO alone, an app password."
)

_ICLOUD = "caldav.icloud.com"
_ICLOUD_HOME = re.compile(r"p[0-9]{1,3}-caldav\.icloud\.com")


async def find_server(
    typed: str,
    user_name: str,
    client_at: Callable[[str], ServiceClient],
    *,
    dns: ServersOfDomain = servers_of_domain,
    patience: float = FINDING_SECONDS,
) -> str:
    """Return the URL of the person's calendar home, a folder.

    typed: what the person typed; empty: the user name is an e-mail address.
    client_at: makes what signs in at the base URL it is given, as the person.
    patience: seconds for all questions together.

    Raises CredentialsError, which repeats nothing of a server's but its host.
    """
    search = _Search(client_at)
    try:
        async with asyncio.timeout(patience):
            home = await _found(search, typed.strip() or _mail_of(user_name), dns)
    except TimeoutError:
        search.miss(
            _Miss.UNREACHED, translated("The server took too long to answer. Try again later.")
        )
        home = None
    if home is None:
        raise search.failure
    return home


class _Miss(IntEnum):
    """Orders what was met in place of calendars: the most telling is what a person is told."""

    NOTHING = 0
    PAGE = 1
    FORBIDDEN = 2
    UNREACHED = 3
    TROUBLE = 4
    NO_CALENDARS = 5
    ELSEWHERE = 6
    NO_PASSWORD = 7


class _Seen(NamedTuple):
    """Holds what a resource says. at: its URL, where it was in the end."""

    at: str
    member: Member

    def href(self, name: str) -> str | None:
        """Return the first address in a property."""
        found = self.member.properties.get(name)
        texts = () if found is None else (each.text for each in found.iterfind(f"{DAV}href"))
        return next((text.strip() for text in texts if text and text.strip()), None)

    @property
    def is_nobodys(self) -> bool:
        """Return whether the server took no notice of the password (RFC 5397, section 3)."""
        found = self.member.properties.get(_PRINCIPAL)
        return found is not None and found.find(f"{DAV}unauthenticated") is not None


class _Search:
    """Asks servers, and remembers what was met in place of calendars."""

    def __init__(self, client_at: Callable[[str], ServiceClient]) -> None:
        self._client_at = client_at
        self._worst: tuple[_Miss, CredentialsError] = (
            _Miss.NOTHING,
            _error(
                translated("No calendars (CalDAV) were found at this address. Check the address.")
            ),
        )

    @property
    def failure(self) -> CredentialsError:
        """Return what to tell a person whose calendars were not found."""
        return self._worst[1]

    def miss(self, kind: _Miss, message: str) -> None:
        """Remember what was met, unless something more telling was before."""
        if kind > self._worst[0]:
            field = CredentialsField.SERVER
            if kind is _Miss.NO_PASSWORD:
                field = CredentialsField.PASSWORD
            self._worst = kind, _error(message, field)

    def elsewhere(self, host: str, port: int | None) -> None:
        """Remember a server that the password was not sent to."""
        name = host if port in (None, 443) else f"{host}:{port}"
        message = translated(
            "This leads to another server: {server}. If that is right, type it instead.",
            server=name,
        )
        if not _DOMAIN.fullmatch(host):
            message = translated("This leads to another server, where oO does not go.")
        self.miss(_Miss.ELSEWHERE, message)

    async def home_on(self, origin: str, paths: Iterable[str]) -> str | None:
        """Return the URL of the home that the server at `origin` names at one of `paths`.

        Raises CredentialsError where it refuses the password, or wants to be left in peace.
        """
        try:
            for path in dict.fromkeys(paths):
                home = await self._home(f"{origin}{path}")
                if home is not None:
                    return home
        except HostUnknown:
            message = translated(
                "There is no server of this name. Check the name, and your connection."
            )
        except Untrusted:
            message = translated(
                "The server’s certificate is not trusted. Check this computer’s clock, and"
                " whether the network intercepts connections."
            )
        except NotSent:
            message = translated(
                "The server cannot be reached. Check the address, and your connection."
            )
        except AnswerLost:
            message = translated("The server did not answer as it should. Try again later.")
        else:
            return None
        self.miss(_Miss.UNREACHED, message)
        return None

    async def _home(self, url: str) -> str | None:
        """The home that is named at `url`, or by the principal that is."""
        seen = await self._ask(url)
        if seen is None:
            return None
        if seen.is_nobodys:
            self.miss(_Miss.NO_PASSWORD, translated(_REFUSED))
            return None
        principal = seen.href(_PRINCIPAL)
        if seen.href(_HOME) is None and principal is not None:
            seen = await self._ask(self._led(principal, seen.at))
            if seen is None:
                return None
        home = seen.href(_HOME)
        if home is None:
            self.miss(
                _Miss.NO_CALENDARS, translated("The server has no calendars for this user name.")
            )
            return None
        there = await self._ask(self._led(home, seen.at, may_be_icloud=True))
        return as_folder(there.at) if there else None

    async def _ask(self, url: str | None) -> _Seen | None:
        """What is said at `url`, or where it leads to. Raises NotSent and AnswerLost."""
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._answer(url) if url else None
            if url is None or answer is None:
                return None
            if answer.status not in (301, 302, 307, 308):
                return await self._seen(answer, url)
            # The method stays, whichever of them it is: no server means GET (RFC 9110, 15.4.2).
            url = self._led(answer.location or "", url)
        self.miss(
            _Miss.TROUBLE, translated("The server leads from address to address, without end.")
        )
        return None

    async def _seen(self, answer: Answer, url: str) -> _Seen | None:
        if answer.status != 207:
            return None
        try:
            members = (await read_multistatus(answer, url)).members
        except Unavailable:
            self.miss(_Miss.TROUBLE, translated("The server’s answer cannot be read."))
            return None
        path = unquote(urlsplit(url).path).rstrip("/")
        same = (member for member in members if member.path.rstrip("/") == path)
        member = next(same, members[0] if members else None)
        return _Seen(url, member) if member else None

    async def _answer(self, url: str) -> Answer | None:
        origin, path = _split(url)
        try:
            return await self._client_at(f"{origin}/").dav(
                "PROPFIND", path, body=_QUESTION, depth="0", may_lead_on=True
            )
        except (AuthRequired, SignInError):
            raise _error(translated(_REFUSED), CredentialsField.PASSWORD) from None
        except WebPage:
            self.miss(
                _Miss.PAGE,
                translated("There is a web page at this address, but no calendars (CalDAV)."),
            )
        except (NotSent, AnswerLost):
            raise
        except Unavailable as error:
            if error.limited:
                raise _error(
                    translated("The server asked oO to slow down. Try again later.")
                ) from None
            self.miss(
                _Miss.TROUBLE, translated("The server has a problem of its own. Try again later.")
            )
        except Rejected as error:
            # Otherwise it only has no calendars here, which is what there is to find out.
            if error.status == 403:
                self.miss(
                    _Miss.FORBIDDEN, translated("The server does not let oO in at this address.")
                )
        return None

    def _led(self, href: str, at: str, *, may_be_icloud: bool = False) -> str | None:
        """Where `href` leads from `at`; None where the password does not go."""
        path = path_on_host(href, at) if href else None
        if path is not None:
            return f"{_split(at)[0]}{path}"
        there = split_url(href)
        if there is None or there.hostname is None:
            return None
        host, port = there.hostname, there.port
        is_icloud = urlsplit(at).hostname == _ICLOUD and _ICLOUD_HOME.fullmatch(host)
        if may_be_icloud and is_icloud and (there.scheme, port or 443) == ("https", 443):
            return f"https://{host}{there.path or '/'}"
        self.elsewhere(host, port)
        return None


async def _found(search: _Search, typed: str, dns: ServersOfDomain) -> str | None:
    mail = _E_MAIL.fullmatch(typed)
    origin, path = _split(url_from_typed(mail[1] if mail else typed))
    home, domain = None, _domain_of(origin)
    if mail is None:
        nextcloud = f"{path.rstrip('/')}/remote.php/dav/"
        home = await search.home_on(origin, (path, WELL_KNOWN, "/", nextcloud))
    if home is None and domain is not None and path == "/":
        home = await _named_by(search, domain, dns)
    if home is None and mail is not None:
        home = await search.home_on(origin, (WELL_KNOWN,))
    return home


def _domain_of(origin: str) -> str | None:
    """The host at `origin`, where it is one that DNS can say more of."""
    host = urlsplit(origin).netloc
    return host if _DOMAIN.fullmatch(host) and not host.replace(".", "").isdigit() else None


async def _named_by(search: _Search, domain: str, dns: ServersOfDomain) -> str | None:
    """The home on one of the servers that DNS names for `domain`."""
    try:
        servers: Sequence[NamedServer] = await dns(domain)
    except NotOffered:
        raise _error(translated("This domain says that it has no calendars (CalDAV).")) from None
    for server in servers:
        if not is_within(server.host, domain):
            search.elsewhere(server.host, server.port)
            continue
        port = "" if server.port == 443 else f":{server.port}"
        paths = (server.path or WELL_KNOWN, WELL_KNOWN, "/")
        home = await search.home_on(f"https://{server.host}{port}", paths)
        if home is not None:
            return home
    return None


def _mail_of(user_name: str) -> str:
    name = user_name.strip()
    if not _E_MAIL.fullmatch(name):
        raise _error(
            translated("The address of a server is needed, or an e-mail address as the user name.")
        )
    return name


def _split(url: str) -> tuple[str, str]:
    """The origin, and the path on it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path or "/"


def _error(message: str, field: CredentialsField = CredentialsField.SERVER) -> CredentialsError:
    return CredentialsError(message, field=field)
