"""A CalDAV server within the test, which can answer as each of those that real ones differ from."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from oo_desktop.connectors.caldav.xml import DAV, element_from_body
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.http.client import Answer
from oo_desktop.http.passwords import Credentials, address_of
from oo_desktop.testing import Sent, StandIn
from tests.connectors.caldav.servers import PASSWORD, USER

HOST = "https://dav.example"
HOME = "/dav/ada/"
PRINCIPAL = "/principals/ada/"
CREDENTIALS = Credentials(server=HOST + HOME, user_name=USER, password=PASSWORD)

NAMESPACES = (
    'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:s="http://calendarserver.org/ns/"'
    ' xmlns:i="http://apple.com/ns/ical/" xmlns:n="http://nextcloud.com/ns"'
)
NOTHING = Answer(404, "text/html", b"<html>Nothing here")
_CALENDAR = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"


@dataclass(kw_only=True)
class Shelf:
    """A collection: its resources by name, and when each was last changed."""

    name: str = "Work"
    properties: str = ""
    resources: dict[str, str] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    revision: int = 0

    def put(self, name: str, text: str) -> None:
        self.resources[name] = text
        self._note(name)

    def delete(self, name: str) -> None:
        del self.resources[name]
        self._note(name)

    def _note(self, name: str) -> None:
        self.revision += 1
        self.changed[name] = self.revision


@dataclass(kw_only=True)
class Manners:
    """How a server answers.

    marks: what it gives of a collection. sync_data: whether a sync-collection brings data.
    unknown_token: what it makes of one it does not know: a status; all its members, with no word of
    what is gone; or nothing, and the same token again. part: how many it names at once.
    leaves_out: it says nothing of a resource in a multiget that is not there. poison: names of
    resources that break the whole answer with data, as no XML or with 500. weak: its ETags are.
    frozen: its marks never change. mute: a multiget says nothing of those.
    too_large: how many resources with data are too much. home_extra: more members of the home.
    says_nothing: lists are empty, without even what was asked for. never_ends: there is always more
    to come. listed_too: names of what is gone when it is asked for. endless: how many more
    resources it names, without data. strangers: paths that it gives in place
    of those of the resources of these names.
    """

    marks: Literal["both", "ctag", "none"] = "both"
    sync_data: bool = True
    unknown_token: int | Literal["all", "echo"] = 403
    part: int = 0
    leaves_out: bool = False
    poison: frozenset[str] = frozenset()
    poison_is: Literal["no XML", "500"] = "no XML"
    weak: bool = False
    frozen: bool = False
    mute: frozenset[str] = frozenset()
    small_hex: bool = False
    too_large: int = 0
    home_extra: str = ""
    says_nothing: bool = False
    never_ends: bool = False
    listed_too: tuple[str, ...] = ()
    strangers: Mapping[str, str] = field(default_factory=dict)
    sync_extra: str = ""
    endless: int = 0
    dav: str = "1, 3, calendar-access, calendar-auto-schedule"
    addresses: tuple[str, ...] = ("mailto:Ada@example.com", PRINCIPAL)


class DavStandIn(StandIn):
    """The server. asked: each request, as its method, its path and what kind of report it is.

    status: instead of any answer, for those requests.
    """

    authorization = address_of(CREDENTIALS.secret)[1]

    def __init__(self, **manners: object) -> None:
        self.manners = Manners(**manners)  # type: ignore[arg-type]  # a test's own words
        self.shelves: dict[str, Shelf] = {"work": Shelf()}
        self.asked: list[str] = []
        self.status: dict[str, int] = {}

    @property
    def work(self) -> Shelf:
        return self.shelves["work"]

    def taken(self) -> list[str]:
        """Return what was asked since the last time."""
        taken, self.asked = self.asked, []
        return taken

    def token(self, shelf: Shelf) -> str:
        return f"{HOST}/sync/{0 if self.manners.frozen else shelf.revision}"

    # Answering

    def answer(self, sent: Sent) -> Answer:
        path = "/" + sent.path
        report = ""
        if sent.method == "REPORT":
            report = element_from_body(sent.content or b"", Pacer()).tag.partition("}")[2]
        said = f"{sent.method} {path}" + (f" {report}" if report else "")
        self.asked.append(said)
        for asked, status in self.status.items():
            if said.startswith(asked):
                return Answer(status, "text/html", b"<html>No", asks_password=status == 401)
        slug, _, name = path.removeprefix(HOME).partition("/")
        shelf = self.shelves.get(slug)
        if shelf is not None:
            return self._of_shelf(sent, slug, shelf, name, report)
        match sent.method, path:
            case "OPTIONS", _:
                classes = frozenset(each.strip() for each in self.manners.dav.split(","))
                return Answer(200, "", b"", dav=classes)
            case "PROPFIND", "/dav/ada":
                return self._home(sent)
            case "PROPFIND", "/principals/ada":
                return self._principal()
        return NOTHING

    def _of_shelf(self, sent: Sent, slug: str, shelf: Shelf, name: str, report: str) -> Answer:
        body = sent.content or b""
        match sent.method, report:
            case "PROPFIND", _:
                return self._list(slug, shelf)
            case "REPORT", "sync-collection":
                return self._sync(slug, shelf, body)
            case "REPORT", "calendar-multiget":
                return self._multiget(body)
            case "GET", _ if name in shelf.resources:
                text = shelf.resources[name]
                return Answer(200, "text/calendar", text.encode(), etag=self._etag(text))
            case "PUT", _:
                return self._put(shelf, name, sent)
            case "DELETE", _ if name in shelf.resources:
                return self._delete(shelf, name, sent)
        return NOTHING

    def _home(self, sent: Sent) -> Answer:
        own = (
            f"<d:current-user-principal><d:href>{PRINCIPAL}</d:href></d:current-user-principal>"
            "<d:resourcetype><d:collection/></d:resourcetype>"
        )
        members = [found(HOME, own)]
        if sent.headers.get("Depth") == "1":
            for slug, each in self.shelves.items():
                members.append(found(f"{HOME}{slug}/", self._about(each)))
            members.append(self.manners.home_extra)
        return multistatus([] if self.manners.says_nothing else members)

    def _about(self, shelf: Shelf) -> str:
        marks = {
            "both": f"<s:getctag>{self.token(shelf)}</s:getctag>"
            f"<d:sync-token>{self.token(shelf)}</d:sync-token>",
            "ctag": f"<s:getctag>{self.token(shelf)}</s:getctag>",
            "none": "",
        }[self.manners.marks]
        name = f"<d:displayname>{escape(shelf.name)}</d:displayname>"
        return f"{_CALENDAR}{name}{marks}{shelf.properties}"

    def _principal(self) -> Answer:
        hrefs = "".join(f"<d:href>{each}</d:href>" for each in self.manners.addresses)
        home = f"<c:calendar-home-set><d:href>{HOME}</d:href></c:calendar-home-set>"
        addresses = f"<c:calendar-user-address-set>{hrefs}</c:calendar-user-address-set>"
        return multistatus([found(PRINCIPAL, home + addresses)])

    def _list(self, slug: str, shelf: Shelf) -> Answer:
        members = [found(f"{HOME}{slug}/", _CALENDAR)]
        members += [self._member(slug, name, data=False) for name in shelf.resources]
        members += [found(f"{HOME}{slug}/{each}", "") for each in self.manners.listed_too]
        return multistatus([] if self.manners.says_nothing else members)

    def _sync(self, slug: str, shelf: Shelf, body: bytes) -> Answer:
        token = element_from_body(body, Pacer()).findtext(f"{DAV}sync-token") or ""
        named = list(shelf.resources)
        since = re.fullmatch(rf"{HOST}/sync/([0-9]+)(\.[0-9]+)?", token)
        if since is not None and int(since[1]) <= shelf.revision:
            begun = int(since[1])
            named = [name for name, at in shelf.changed.items() if at > begun]
        elif token and self.manners.unknown_token == "echo":
            return multistatus([], token)
        elif token and self.manners.unknown_token != "all":
            return Answer(int(self.manners.unknown_token), "text/html", b"<html>No such token")
        if self.manners.never_ends:
            more = f"<d:response><d:href>{HOME}{slug}/</d:href>{status(507)}</d:response>"
            return self._with_data(slug, named, self.token(shelf), more)
        part, before = self.manners.part, int(since[2][1:]) if since and since[2] else 0
        if not part:
            return self._with_data(slug, named, self.token(shelf))
        begun = 0 if since is None else int(since[1])
        if before + part >= len(named):
            return self._with_data(slug, named[before:], self.token(shelf))
        more = f"<d:response><d:href>{HOME}{slug}/</d:href>{status(507)}</d:response>"
        on = f"{HOST}/sync/{begun}.{before + part}"
        return self._with_data(slug, named[before : before + part], on, more)

    def _with_data(self, slug: str, names: list[str], token: str, more: str = "") -> Answer:
        data = self.manners.sync_data
        broken = self._broken(names) if data else None
        members = [self._member(slug, name, data=data) for name in names]
        members += [found(f"{HOME}{slug}/{each}", "") for each in range(self.manners.endless)]
        return broken or multistatus([*members, self.manners.sync_extra, more], token)

    def _multiget(self, body: bytes) -> Answer:
        hrefs = [each.text or "" for each in element_from_body(body, Pacer()).iter(f"{DAV}href")]
        asked = [unquote(each).removeprefix(HOME).partition("/") for each in hrefs]
        members = []
        for slug, _, name in asked:
            there = slug in self.shelves and name in self.shelves[slug].resources
            if name not in self.manners.mute and (there or not self.manners.leaves_out):
                members.append(self._member(slug, name, data=True))
        return self._broken([name for *_, name in asked]) or multistatus(members)

    def _broken(self, names: list[str]) -> Answer | None:
        too_large = 0 < self.manners.too_large < len(names)
        if not too_large and not self.manners.poison & set(names):
            return None
        if self.manners.poison_is == "500":
            return Answer(500, "text/html", b"<html>Trouble")
        return Answer(207, "application/xml", b"<d:multistatus")

    def _member(self, slug: str, name: str, *, data: bool) -> str:
        href = HOME + slug + "/" + quote(name, safe="@")
        href = self.manners.strangers.get(name, href)
        if self.manners.small_hex:
            href = re.sub("%..", lambda hexed: hexed[0].lower(), href)
        text = self.shelves[slug].resources.get(name)
        if text is None:
            return f"<d:response><d:href>{href}</d:href>{status(404)}</d:response>"
        properties = f"<d:getetag>{escape(self._etag(text))}</d:getetag>"
        if data:
            properties += f"<c:calendar-data>{escape(text)}</c:calendar-data>"
        return found(href, properties)

    def _etag(self, text: str) -> str:
        return ("W/" if self.manners.weak else "") + f'"{sha256(text.encode()).hexdigest()[:16]}"'

    def _put(self, shelf: Shelf, name: str, sent: Sent) -> Answer:
        before = shelf.resources.get(name)
        wanted = sent.headers.get("If-Match")
        if wanted is not None and (before is None or wanted != self._etag(before)):
            return Answer(412, "text/html", b"<html>Changed")
        if sent.headers.get("If-None-Match") and before is not None:
            return Answer(412, "text/html", b"<html>There already")
        text = (sent.content or b"").decode()
        shelf.put(name, text)
        return Answer(201 if before is None else 204, "", b"", etag=self._etag(text))

    def _delete(self, shelf: Shelf, name: str, sent: Sent) -> Answer:
        if sent.headers.get("If-Match") != self._etag(shelf.resources[name]):
            return Answer(412, "text/html", b"<html>Changed")
        shelf.delete(name)
        return Answer(204, "", b"")


def status(code: int) -> str:
    return f"<d:status>HTTP/1.1 {code} Status</d:status>"


def found(href: str, properties: str) -> str:
    """Return a member that has these properties."""
    return (
        f"<d:response><d:href>{href}</d:href><d:propstat><d:prop>{properties}</d:prop>"
        f"{status(200)}</d:propstat></d:response>"
    )


def multistatus(members: Iterable[str], token: str = "") -> Answer:
    told = f"<d:sync-token>{escape(token)}</d:sync-token>" if token else ""
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><d:multistatus {NAMESPACES}>'
        f"{''.join(members)}{told}</d:multistatus>"
    )
    return Answer(207, "application/xml", body.encode())
