"""Read the questions of WebDAV, and write the answers, in sabre/dav's spelling."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape

DAV_NS = "DAV:"
CALDAV_NS = "urn:ietf:params:xml:ns:caldav"
CS_NS = "http://calendarserver.org/ns/"
APPLE_NS = "http://apple.com/ns/ical/"

_PREFIXES = {DAV_NS: "d", CALDAV_NS: "cal", CS_NS: "cs"}
_DECLARED = "".join(f' xmlns:{prefix}="{space}"' for space, prefix in _PREFIXES.items())
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REASONS = {200: "OK", 403: "Forbidden", 404: "Not Found"}

CALENDAR_DATA = f"{{{CALDAV_NS}}}calendar-data"

Properties = Mapping[str, str]
"""What a resource has: names as `{namespace}name`, values as XML."""


class NotAsked(Exception):
    """Says that a body is no question."""


def question(body: bytes) -> Element | None:
    """Return the root of a request's body; None if there is no body. Raises NotAsked."""
    if not body.strip():
        return None
    try:
        return fromstring(body)  # noqa: S314  # expat bounds entities, the sandbox the body
    except ParseError as error:
        raise NotAsked from error


def names_in(asked: Element | None) -> list[str] | None:
    """Return the properties asked for; None for all of them (RFC 4918, section 9.1)."""
    prop = None if asked is None else asked.find(f"{{{DAV_NS}}}prop")
    return None if prop is None else [each.tag for each in prop]


def text(value: str) -> str:
    """Return a text as XML, without what XML cannot hold."""
    return escape(_NO_XML.sub("", value))


def href(path: str) -> str:
    """Return a path as an element."""
    return f"<d:href>{text(path_as_href(path))}</d:href>"


def path_as_href(path: str) -> str:
    """Quote a path as sabre/dav does: small letters in the hexadecimal digits, `@` as it is."""
    quoted = quote(path, safe="/@:")
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)


def response(path: str, properties: Properties, names: list[str] | None) -> str:
    """Return what a resource has of `names`, and which of them it has not (section 13.2.1)."""
    wanted = list(properties) if names is None else names
    found = [_element(name, properties[name]) for name in wanted if name in properties]
    missing = [_element(name, "") for name in wanted if name not in properties]
    parts = [_propstat(found, 200), _propstat(missing, 404) if missing else ""]
    return f"<d:response>{href(path)}{''.join(parts)}</d:response>"


def gone(path: str) -> str:
    """Return that there is no such resource (RFC 6578, section 3.5; RFC 4791, section 7.9)."""
    return f"<d:response>{href(path)}{_status(404)}</d:response>"


def multistatus(responses: Iterable[str], *, sync_token: str = "") -> bytes:
    """Return the body of a 207 answer. sync_token: where a client may go on; empty: none."""
    token = f"<d:sync-token>{text(sync_token)}</d:sync-token>" if sync_token else ""
    return _document(f"<d:multistatus{_DECLARED}>{''.join(responses)}{token}</d:multistatus>")


def error(exception: str, message: str, condition: str = "") -> bytes:
    """Return the body of an error: sabre/dav's exception, and what RFCs call a precondition."""
    said = f"<s:exception>Sabre\\DAV\\Exception\\{exception}</s:exception>"
    said += f"<s:message>{text(message)}</s:message>"
    space = f'{_DECLARED} xmlns:s="http://sabredav.org/ns"'
    return _document(f"<d:error{space}>{said}{f'<{condition}/>' if condition else ''}</d:error>")


def _document(root: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>\n{root}\n'.encode()


def _element(name: str, inner: str) -> str:
    space, _, local = name.removeprefix("{").rpartition("}")
    if space in _PREFIXES:
        tag = f"{_PREFIXES[space]}:{local}"
        return f"<{tag}>{inner}</{tag}>"
    declared = escape(space, {'"': "&quot;"})
    return f'<x1:{local} xmlns:x1="{declared}">{inner}</x1:{local}>'


def _propstat(elements: list[str], status: int) -> str:
    return f"<d:propstat><d:prop>{''.join(elements)}</d:prop>{_status(status)}</d:propstat>"


def _status(status: int) -> str:
    return f"<d:status>HTTP/1.1 {status} {_REASONS[status]}</d:status>"
