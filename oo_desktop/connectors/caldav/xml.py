"""Write the questions of WebDAV and CalDAV, and read the answers (RFC 4918, 4791, 6578).

An answer is hostile: no document type, so no entities of its own; bounded in depth and in number of
elements; read in pieces. Control characters, which XML cannot hold, are taken out before: any
client may store one in a title, and three servers then answer with XML that no parser takes
(Radicale 3.1.8, Xandikos 0.2.8, Cyrus 3.6.1). The standard library's parser does: with expat 2.4
and later it has limits of its own, and lxml brings 4 MB and more strictness.

| an answer | is read as |
|---|---|
| a href with a host | its path, where that is the host that was asked; http counts as https, for \
servers behind a proxy write so; of any other host: left out |
| a href without a leading slash | relative to what was asked |
| a property with a status that is not 2xx | not there |
| a member with a status and no properties | a member with that status |
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser, tostring

from oo_desktop.connectors.icalendar.pacing import Pacer, TooMuchWork, run_paced
from oo_desktop.errors import KEEPS_TRYING, Unavailable
from oo_desktop.http.client import Answer
from oo_desktop.language import translated

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDAR_SERVER = "{http://calendarserver.org/ns/}"
APPLE_ICAL = "{http://apple.com/ns/ical/}"

MAX_DEPTH = 40
"""Elements within each other: a property of an answer stands at six."""

MAX_ELEMENTS = 1_000_000

_PIECE_BYTES = 16_384
_AT_ONCE_BYTES = 32_768
"""An answer of that size is read in less than a millisecond."""

_CONTROLS = bytes({*range(32)} - set(b"\t\n\r"))
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));"
)
_LONGEST_REFERENCE = 32
"""Bytes: nobody writes more zeros than that."""

_STATUS = re.compile(r"HTTP/[0-9.]{1,5} ([1-5][0-9]{2})\b")


class NotXml(Exception):
    """Says that something is no XML that is fit to be read."""


class Member(NamedTuple):
    """Holds what an answer says of one resource.

    href: its path as the server wrote it, to be sent back so. path: the same, to be compared.
    status: of the resource itself, where the answer has one.
    properties: those it has, by their names.
    """

    href: str
    path: str
    status: int | None
    properties: Mapping[str, Element]

    def text(self, name: str) -> str | None:
        """Return the text of a property, without the white space around it; None if it has none."""
        found = self.properties.get(name)
        text = "" if found is None else (found.text or "").strip()
        return text or None


class MultiStatus(NamedTuple):
    """Holds a 207 answer. sync_token: where the next question may go on (RFC 6578)."""

    members: tuple[Member, ...]
    sync_token: str | None


async def read_multistatus(answer: Answer, asked: str) -> MultiStatus:
    """Return what is in `answer`. Raises Unavailable, repeating nothing, for what is no 207.

    asked: the URL it answers to.
    """
    failure = Unavailable(translated("The server’s answer cannot be read."), outlook=KEEPS_TRYING)
    if answer.status != 207:
        raise failure
    try:
        if len(answer.body) <= _AT_ONCE_BYTES:
            return multistatus_from_body(answer.body, asked, Pacer())
        return await run_paced(lambda pacer: multistatus_from_body(answer.body, asked, pacer))
    except (NotXml, TooMuchWork):
        pass
    raise failure


def multistatus_from_body(body: bytes, asked: str, pacer: Pacer) -> MultiStatus:
    """Read a multistatus (RFC 4918, section 13). Raises NotXml and TooMuchWork."""
    root = element_from_body(body, pacer)
    if root.tag != f"{DAV}multistatus":
        raise NotXml
    members: list[Member] = []
    for response in root.findall(f"{DAV}response"):
        members += _members(response, asked)
        pacer.step()
    token = (root.findtext(f"{DAV}sync-token") or "").strip()
    return MultiStatus(tuple(members), token or None)


def element_from_body(body: bytes, pacer: Pacer) -> Element:
    """Return the root of what is written in `body`. Raises NotXml and TooMuchWork."""
    parser = XMLParser(target=_BoundedBuilder())  # noqa: S314  # without a document type there is nothing to expand
    try:
        for piece in _pieces(body):
            parser.feed(_CONTROL_REFERENCE.sub(b"", piece.translate(None, _CONTROLS)))
            pacer.step()
        root = parser.close()
    except (ParseError, ValueError, LookupError):  # LookupError: an encoding nobody knows
        raise NotXml from None
    if not isinstance(root, Element):
        raise NotXml
    return root


def _pieces(body: bytes) -> Iterator[bytes]:
    """`body` in pieces, of which none ends within a reference to a character."""
    start = 0
    while start < len(body):
        end = start + _PIECE_BYTES
        begun = body.rfind(b"&", max(start + 1, end - _LONGEST_REFERENCE), end)
        if begun > start and body.find(b";", begun, end) < 0:
            end = begun
        yield body[start:end]
        start = end


class _BoundedBuilder(TreeBuilder):
    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise NotXml
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:  # noqa: ARG002  # as it is called
        raise NotXml


def _members(response: Element, asked: str) -> Iterable[Member]:
    """One member, or as many as one status is said of (RFC 4918, section 14.24)."""
    found: dict[str, Element] = {}
    for propstat in response.findall(f"{DAV}propstat"):
        status = _status(propstat)
        if status is None or 200 <= status < 300:
            found |= {each.tag: each for each in propstat.iterfind(f"{DAV}prop/*")}
    for href in response.findall(f"{DAV}href"):
        path = path_on_host((href.text or "").strip(), asked)
        if path is not None:
            yield Member(path, unquote(path), _status(response), found)


def _status(element: Element) -> int | None:
    found = _STATUS.match((element.findtext(f"{DAV}status") or "").strip())
    return int(found[1]) if found else None


def path_on_host(href: str, asked: str) -> str | None:
    """Return the path that `href` names on the host of the URL `asked`; None for another host."""
    if href.startswith("/") and not href.startswith("//"):
        return href
    try:
        here, there = urlsplit(asked), urlsplit(urljoin(asked, href))
        same = there.hostname == here.hostname and _port(there) == _port(here)
    except ValueError:
        return None
    if not same or there.scheme not in ("http", "https") or not there.path.startswith("/"):
        return None
    return there.path


def _port(parts: SplitResult) -> int | None:
    """None: the usual one of its scheme."""
    port = parts.port
    return None if port in (80, 443) else port


# Questions


def propfind(names: Iterable[str]) -> bytes:
    """Return the body of a PROPFIND for these properties (RFC 4918, section 9.1)."""
    return written(_element(f"{DAV}propfind", _properties(names)))


def sync_collection(token: str, names: Iterable[str]) -> bytes:
    """Return the body of a REPORT of what has changed since `token` (RFC 6578, section 3.2).

    token: empty for all there is.
    """
    return written(
        _element(
            f"{DAV}sync-collection",
            _text(f"{DAV}sync-token", token),
            _text(f"{DAV}sync-level", "1"),
            _properties(names),
        )
    )


def multiget(hrefs: Iterable[str], names: Iterable[str]) -> bytes:
    """Return the body of a REPORT of these resources (RFC 4791, section 7.9)."""
    asked = [_text(f"{DAV}href", href) for href in hrefs]
    return written(_element(f"{CALDAV}calendar-multiget", _properties(names), *asked))


def _properties(names: Iterable[str]) -> Element:
    return _element(f"{DAV}prop", *map(Element, names))


def _text(name: str, text: str) -> Element:
    element = Element(name)
    element.text = text
    return element


def _element(name: str, *inner: Element) -> Element:
    element = Element(name)
    element.extend(inner)
    return element


def written(element: Element) -> bytes:
    """Return `element` as the body of a request."""
    body: bytes = tostring(element, encoding="utf-8", xml_declaration=True)
    return body
