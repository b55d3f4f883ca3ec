"""Checks the link of a subscribed calendar, and fetches what it leads to.

Whoever has the link reads the calendar: it is the account's secret. It comes from the keyring for
each request and is in no log, no repr and no exception; no error here names more than a host.

| answer | becomes |
|---|---|
| 200 | the calendar; what it is worth, its reader says |
| 304, where there was something to ask with | `NotModified` |
| 301, 302, 303, 307, 308 | followed, five times at most, each address checked |
| 401, 403, 404, 410 | `AuthRequired`: the link is no longer valid, another one is needed |
| a web page with 200 | the same: it asks to sign in. (No captive portal can answer over TLS.) |
| 429; 503 that names a time | `Unavailable`, limited |
| everything else | `Unavailable` |

Redirects lead where their server wants. So they may leave for https only, and not for this computer
or the network it is in, unless the link itself leads there. (A name is looked up here, and once
more when it is connected to: a server that gives two answers reaches an address inside, but learns
nothing of what that says.)
"""

import asyncio
import hashlib
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import unquote, urljoin, urlsplit

from msgspec import Struct

from oo_desktop.errors import CARRIES_ON, KEEPS_TRYING, AuthRequired, SignInError, Unavailable
from oo_desktop.http.addresses import in_ascii, split_url
from oo_desktop.http.answers import Asked
from oo_desktop.http.client import Answer, Http
from oo_desktop.language import plural, translated, untranslated
from oo_desktop.model.signals import UserId

MAX_LINK = 900
"""Characters: an entry of a keyring may hold no more than 2,560 bytes (Windows)."""

MAX_CALENDAR_BYTES = 20 * 1024 * 1024
FOLLOWING_SECONDS = 40.0
"""Seconds for all redirects together."""

MAX_REDIRECTS = 5

INVALID = untranslated("This calendar link is no longer valid. Please paste the current one.")
_NOT_A_LINK = untranslated(
    "This is not a calendar link. It begins with https:// or webcal:// and often ends with .ics."
)
_ASKED = Asked(
    unusable=untranslated("The calendar sent an answer that oO cannot use."),
    untrusted=untranslated(
        "The calendar’s certificate is not trusted. Check this computer’s clock, and whether the"
        " network intercepts connections."
    ),
    unreachable=untranslated("The calendar cannot be reached."),
    silent=untranslated("The calendar did not answer."),
)

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")

_WEBCAL = re.compile(r"(webcals?):(?://)?", re.IGNORECASE)
"""What calendars write before an address, or in place of its scheme."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""The addresses of a host; none where it is not known."""


class BadLink(SignInError):
    """Says that what was given is no link that oO could subscribe to."""


class Fetched(Struct, frozen=True):
    """Holds a body, and what to ask with next time.

    owner: the e-mail address of whose calendar it is, where the link says it.
    charset: what the body is said to be written in.
    """

    body: bytes
    etag: str | None = None
    last_modified: str | None = None
    owner: str | None = None
    charset: str | None = None

    def __repr__(self) -> str:
        return f"Fetched({len(self.body)} bytes)"


class NotModified(Struct, frozen=True):
    """Says that nothing has changed since."""


def check_link(text: str) -> str:
    """Return the address `text` means: https, except for this computer; in ASCII (RFC 3987, 3.1).

    Raises BadLink, whose sentence repeats nothing of it.
    """
    link = text.strip()
    if not link or len(link) > MAX_LINK + 20 or not link.isprintable():
        raise BadLink(translated(_NOT_A_LINK))
    if " " in link or "\\" in link:
        raise BadLink(translated(_NOT_A_LINK))
    webcal = _WEBCAL.match(link)
    if webcal is not None:
        link = link[webcal.end() :]
        if _SCHEME.match(link):  # an address as it is, as some write behind “webcal:”
            webcal = None
        else:
            link = f"https://{link}"
    parts = in_ascii(link)
    if parts is None:
        raise BadLink(translated(_NOT_A_LINK))
    inside = _is_inside(parts.hostname or "", only_this_computer=True)
    if inside and webcal is not None and webcal[1].lower() == "webcal":
        parts = parts._replace(scheme="http")  # a server of this computer has no certificate
    if "@" in parts.netloc:
        raise BadLink(translated("A calendar link with a name or password in it cannot be used."))
    if parts.scheme == "http" and not inside:
        raise BadLink(
            translated("This link is not encrypted. Please use one that begins with https://.")
        )
    link = parts._replace(fragment="").geturl()
    if len(link) > MAX_LINK:
        raise BadLink(
            plural(
                "This link is too long: oO takes up to {count} character.",
                "This link is too long: oO takes up to {count} characters.",
                MAX_LINK,
            )
        )
    return link


def user_id_from_link(link: str) -> UserId:
    """Return a name for the account of a link, which tells nothing of it."""
    return UserId(hashlib.sha256(link.encode()).hexdigest()[:16])


def host_of(link: str) -> str:
    """Return the host, which is no secret."""
    return urlsplit(link).hostname or ""


def _owner_of(link: str) -> str | None:
    """The e-mail address in the path of a link: those of Google name their calendar so."""
    names = (unquote(part, errors="ignore") for part in urlsplit(link).path.split("/"))
    return next((name.lower() for name in names if _ADDRESS.fullmatch(name)), None)


def _is_inside(host: str, *, only_this_computer: bool = False) -> bool:
    """Whether a host is, as it is written, this computer or one of its own network."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback if only_this_computer else not address.is_global


async def resolved(host: str) -> Sequence[str]:
    """Return the addresses of `host` as this machine knows them; none where it knows none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(str(address[4][0]) for address in found)


class LinkClient:
    """Asks for one calendar. Raises nothing but SourceError and VaultError.

    secret: gives the link; may raise VaultError.
    """

    def __init__(
        self,
        *,
        http: Http,
        secret: Callable[[], Awaitable[str]],
        deadline: float = FOLLOWING_SECONDS,
        max_bytes: int = MAX_CALENDAR_BYTES,
        resolve: Resolve = resolved,
    ) -> None:
        self._http = http
        self._secret = secret
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._resolve = resolve

    async def link(self) -> str:
        """Return the link itself, for who names the account after it. Raises VaultError."""
        return await self._secret()

    async def get(
        self, etag: str | None = None, last_modified: str | None = None
    ) -> Fetched | NotModified:
        """Ask for the calendar, and follow where it leads.

        etag, last_modified: as they came with the one that is known.

        Returns NotModified only where one of them was given. Raises SourceError and VaultError.
        """
        headers = {"Accept": "text/calendar, */*;q=0.1"}
        if etag is not None:
            headers["If-None-Match"] = etag
        if last_modified is not None:
            headers["If-Modified-Since"] = last_modified
        owner = None
        try:
            async with asyncio.timeout(self._deadline):
                link = await self._secret()
                owner = _owner_of(link)
                answer = await self._followed(link, headers)
        except TimeoutError:
            answer = None
        if answer is None:
            raise Unavailable(translated(_ASKED.silent), outlook=KEEPS_TRYING)
        if answer.status == 304 and (etag is not None or last_modified is not None):
            return NotModified()
        if answer.status == 200:
            return Fetched(answer.body, answer.etag, answer.last_modified, owner, answer.charset)
        raise _error(answer)

    async def _followed(self, link: str, headers: dict[str, str]) -> Answer:
        at = link
        may_go_inside = await self._leads_inside(host_of(link))
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._http.request(
                "GET", at, headers=headers, max_bytes=self._max_bytes, asked=_ASKED
            )
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            at = await self._target(at, answer, may_go_inside=may_go_inside)
        raise Unavailable(
            translated("This calendar link leads from address to address, without end."),
            outlook=KEEPS_TRYING,
        )

    async def _target(self, at: str, answer: Answer, *, may_go_inside: bool) -> str:
        """Where a redirect leads, if oO goes there."""
        parts = split_url(_joined(at, answer.location or ""))
        refusal = Unavailable(
            translated("This calendar link leads to an address that oO does not follow.")
        )
        if parts is None or "@" in parts.netloc:
            raise refusal
        host = parts.hostname or ""
        if parts.scheme == "http" and not _is_inside(host, only_this_computer=True):
            raise refusal
        if not may_go_inside and await self._leads_inside(host):
            raise refusal
        return parts._replace(fragment="").geturl()

    async def _leads_inside(self, host: str) -> bool:
        if _is_inside(host):
            return True
        return any(map(_is_inside, await self._resolve(host)))


def _joined(at: str, location: str) -> str:
    try:
        return urljoin(at, location) if location else ""
    except ValueError:
        return ""


def _error(answer: Answer) -> AuthRequired | Unavailable:
    status = answer.status
    if status in (401, 403, 404, 410):
        return AuthRequired(translated(INVALID))
    if status == 429 or (status == 503 and answer.retry_after is not None):
        return Unavailable(
            translated("The calendar’s server asked oO to slow down."),
            outlook=CARRIES_ON,
            retry_after=answer.retry_after,
            limited=True,
        )
    return Unavailable(
        translated("The calendar’s server has a problem of its own ({status}).", status=status),
        outlook=KEEPS_TRYING,
    )
