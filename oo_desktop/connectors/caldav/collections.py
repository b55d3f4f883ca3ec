"""Read which calendars and task lists an account has, and who its owner is.

One question tells of all collections, with the marks that change whenever one of them does: it is
all that a poll costs while nothing changes.

| a collection | is |
|---|---|
| without `calendar` in its type (SOGo's `.ics` and `.xml`, address books) | left out |
| an inbox, an outbox, a subscription, or in a trash bin (Nextcloud) | left out |
| said to hold neither events nor tasks | left out |
| that does not say what it holds (RFC 4791, 5.2.3), or says everything | looked at |
| without a privilege to write (RFC 3744, 5.5) | read-only |
| that does not say what may be done there | one that can be written to |
"""

import html
import re
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element

from msgspec import Struct

from oo_desktop.connectors.caldav.errors import NO_HOME, TOO_MANY, UNREADABLE
from oo_desktop.connectors.caldav.xml import (
    APPLE_ICAL,
    CALDAV,
    CALENDAR_SERVER,
    DAV,
    Member,
    path_on_host,
    propfind,
    read_multistatus,
)
from oo_desktop.connectors.plain_text import clean
from oo_desktop.errors import KEEPS_TRYING, Rejected, Unavailable
from oo_desktop.http.client import Refused, ServiceClient
from oo_desktop.language import translated

_MOVED = (301, 308)
"""For good (RFC 9110, sections 15.4.2 and 15.4.9); what leads on for now may be a network's."""

MAX_COLLECTIONS = 1000
MAX_MARK = 4096
"""Characters of a mark or a token; what is longer is none."""

MAX_ADDRESSES = 100
"""Addresses of an owner that are looked at."""

NEXTCLOUD = "{http://nextcloud.com/ns}"

RESOURCE_TYPE = f"{DAV}resourcetype"
GET_ETAG = f"{DAV}getetag"

_NAME = f"{DAV}displayname"
_COMPONENTS = f"{CALDAV}supported-calendar-component-set"
_PRIVILEGES = f"{DAV}current-user-privilege-set"
_CTAG = f"{CALENDAR_SERVER}getctag"
_TOKEN = f"{DAV}sync-token"
_COLOR = f"{APPLE_ICAL}calendar-color"
_ORDER = f"{APPLE_ICAL}calendar-order"
_ASKED = (RESOURCE_TYPE, _NAME, _COMPONENTS, _PRIVILEGES, _CTAG, _TOKEN, _COLOR, _ORDER)

_CALENDAR = f"{CALDAV}calendar"
_NEVER_SHOWN = frozenset(
    {
        f"{CALDAV}schedule-inbox",
        f"{CALDAV}schedule-outbox",
        f"{CALENDAR_SERVER}subscribed",
        f"{NEXTCLOUD}trash-bin",
        f"{NEXTCLOUD}deleted-calendar",
    }
)
_SHOWN_COMPONENTS = frozenset({"VEVENT", "VTODO"})
_WRITING = frozenset(f"{DAV}{each}" for each in ("all", "write", "write-content", "bind"))

_PRINCIPAL = f"{DAV}current-user-principal"
_OWNER = f"{DAV}owner"
_ADDRESSES = f"{CALDAV}calendar-user-address-set"
_SCHEDULES = "calendar-auto-schedule"

_HEX_COLOR = re.compile(r"#[0-9A-Fa-f]{6}(?=(?:[0-9A-Fa-f]{2})?$)")
_LAST_ORDER = float("inf")


class Marks(NamedTuple):
    """Holds what changes with a collection (equal or not, and nothing else can be told of it).

    ctag: of Apple's extension (caldav-ctag). token: where to go on asking what changed (RFC 6578).
    """

    ctag: str | None
    token: str | None


class Collection(Struct, frozen=True, kw_only=True):
    """Describes a calendar or task list.

    href: its path as the server wrote it. path: the same, to be compared. marks: None where the
    server gives neither. holds: the components it says it is for; empty: it does not say.
    """

    href: str
    path: str
    name: str
    color: str | None
    read_only: bool
    marks: Marks | None
    holds: frozenset[str] = frozenset()

    @property
    def takes_tasks(self) -> bool:
        """Return whether a new task can go there."""
        return not self.read_only and (not self.holds or "VTODO" in self.holds)

    @property
    def id(self) -> str:
        """Return what names it in the account: its path, quoted in one way."""
        return quote(self.path, safe="/@")

    @property
    def token(self) -> str | None:
        return self.marks.token if self.marks else None


class Owner(Struct, frozen=True):
    """Says whose account it is, and whether its server delivers answers to invitations.

    addresses: what names the owner among guests, in small letters: `mailto:…`, and paths.
    """

    addresses: frozenset[str] = frozenset()
    may_reply: bool = False


async def collections_of(client: ServiceClient) -> tuple[Collection, ...]:
    """Return the account's collections, in their owner's order, else by name. Asks once.

    Raises as the client does, and Rejected for a home that is gone or has moved, and for too many.
    """
    home = await client.base_url()
    try:
        answer = await client.dav(
            "PROPFIND", _path(home), body=propfind(_ASKED), depth="1", may_lead_on=True
        )
    except Refused as error:
        failure = Rejected(translated(NO_HOME), status=error.status) if _is_gone(error) else error
    else:
        if answer.status in _MOVED:
            raise Rejected(translated(NO_HOME), status=answer.status)
        members = (await read_multistatus(answer, home)).members
        if not members:  # a list names at least what was asked for
            raise Unavailable(translated(UNREADABLE), outlook=KEEPS_TRYING)
        itself = _same(unquote(_path(home)))
        found: dict[str, tuple[float, Collection]] = {}
        for member in members:
            if _same(member.path) != itself and _is_shown(member):
                found[_same(member.path)] = _order(member), _collection(member)
        if len(found) <= MAX_COLLECTIONS:
            ordered = sorted(
                found.values(), key=lambda each: (each[0], each[1].name.casefold(), each[1].path)
            )
            return tuple(each for _, each in ordered)
        failure = Rejected(translated(TOO_MANY))
    raise failure


async def owner_of(client: ServiceClient) -> Owner:
    """Return whose account it is. Raises as the client does."""
    home = await client.base_url()
    answer = await client.dav("OPTIONS", _path(home))
    may_reply = _SCHEDULES in answer.dav
    answer = await client.dav(
        "PROPFIND", _path(home), body=propfind((_PRINCIPAL, _OWNER)), depth="0"
    )
    principal = None
    for member in (await read_multistatus(answer, home)).members:
        for name in (_PRINCIPAL, _OWNER):
            principal = principal or _href_in(member, name, home)
    if principal is None:
        return Owner(may_reply=may_reply)
    answer = await client.dav("PROPFIND", principal, body=propfind((_ADDRESSES,)), depth="0")
    addresses = {unquote(principal).lower()}
    for member in (await read_multistatus(answer, home)).members:
        given = member.properties.get(_ADDRESSES)
        for element in [] if given is None else given.findall(f"{DAV}href")[:MAX_ADDRESSES]:
            address = (element.text or "").strip()
            path = path_on_host(address, home)
            if address and len(address) <= MAX_MARK:
                addresses.add((unquote(path) if path else address).lower())
    return Owner(frozenset(addresses), may_reply)


def mark(text: str | None) -> str | None:
    """Return an ETag, mark or token as it is kept: None for one that is absurdly long."""
    return text if text and len(text) <= MAX_MARK else None


def _path(home: str) -> str:
    return urlsplit(home).path or "/"


def _same(path: str) -> str:
    """`path` to be compared: some servers leave the last slash of a collection out."""
    return path.rstrip("/")


def _is_gone(error: Refused) -> bool:
    return error.status in (404, 410)


def _is_shown(member: Member) -> bool:
    if member.status is not None and not 200 <= member.status < 300:
        return False
    types = {each.tag for each in _inside(member, RESOURCE_TYPE)}
    if _CALENDAR not in types or types & _NEVER_SHOWN:
        return False
    components = _components(member)
    return not components or bool(components & _SHOWN_COMPONENTS)


def _components(member: Member) -> frozenset[str]:
    return frozenset(each.get("name", "").upper() for each in _inside(member, _COMPONENTS))


def _collection(member: Member) -> Collection:
    marks = Marks(mark(member.text(_CTAG)), mark(member.text(_TOKEN)))
    color = _HEX_COLOR.match(member.text(_COLOR) or "")
    return Collection(
        href=member.href,
        path=member.path,
        name=_name(member),
        color=color[0] if color else None,
        read_only=_is_read_only(member),
        marks=marks if any(marks) else None,
        holds=_components(member),
    )


def _name(member: Member) -> str:
    """Its name as plain text, else the last part of its path. (DAViCal escapes a name twice.)"""
    last = member.path.rstrip("/").rpartition("/")[2]
    name = clean(html.unescape(member.text(_NAME) or "")) or clean(last)
    # Translators: what a calendar is called that has no name.
    return name or translated("Calendar")


def _is_read_only(member: Member) -> bool:
    if _PRIVILEGES not in member.properties:
        return False
    granted = {each.tag for one in _inside(member, _PRIVILEGES) for each in one}
    return not granted & _WRITING


def _order(member: Member) -> float:
    text = member.text(_ORDER) or ""
    return float(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else _LAST_ORDER


def _inside(member: Member, name: str) -> list[Element]:
    found = member.properties.get(name)
    return [] if found is None else list(found)


def _href_in(member: Member, name: str, asked: str) -> str | None:
    found = next(iter(_inside(member, name)), None)
    href = "" if found is None or found.tag != f"{DAV}href" else (found.text or "").strip()
    return path_on_host(href, asked) if href else None
