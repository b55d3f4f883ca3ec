"""Carries out a click on a resource: read anew, compared, changed in a few lines, put back.

The resource is read just before it is written, and written with the ETag it was read with, so that
nothing is ever put over what was not seen. What happened elsewhere since the click decides: see
`icalendar.changes`.

| the server | the click |
|---|---|
| 404 or 410 when it is read | done, of a DONE; else refused: it no longer exists |
| 412, 404, 410 when it is written | from the start, once more; then it waits |
| 423: locked; 507: full; any other 5xx | waits |
| 207 to what was written | refused: one that answers so has refused it (Xandikos 0.2.8) |
| any other 2xx | done; what is stored the next poll reads |
| no answer | waits; what it did shows when it is read again |
| no strong ETag with the resource | asked for it (PROPFIND), and the resource read once more |
| no strong ETag at all | refused: it could be put over something else |
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import msgspec

from oo_desktop.connectors.caldav.wire import UndoWire
from oo_desktop.connectors.caldav.xml import (
    DAV,
    NotXml,
    element_from_body,
    propfind,
    read_multistatus,
)
from oo_desktop.connectors.icalendar.changes import FORGOTTEN, GONE, NOT_EDITABLE, change
from oo_desktop.connectors.icalendar.edit import NotEditable, parse
from oo_desktop.connectors.icalendar.pacing import Pacer, TooMuchWork, run_paced
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.http.client import Refused, ServiceClient
from oo_desktop.model.signals import ActionKind, SignalId
from oo_desktop.model.source import Action

MAX_ATTEMPTS = 2
"""How often a resource is read because it changed between reading and writing."""

MAX_WORK_SECONDS = 2.0
"""Of computing for one click."""

NO_VERSION = "The server does not tell versions apart, so oO could overwrite something. Please \
change this in another app."
KEEPS_CHANGING = "This keeps changing on the server. oO tries again."
LOCKED = "This is locked on the server just now. oO tries again."
READ_ONLY = "You may not change this on the server. Ask its owner to let you, or change a copy."
TOO_LARGE = "The server takes no more for this. Please shorten it in another app."
FULL = "The server has no space left for this account. Please make some."
NOT_TAKEN = "The server does not take this change. Please make it in another app."

_CALENDAR_TYPE = "text/calendar; charset=utf-8"
_GETETAG = f"{DAV}getetag"
_STRONG = re.compile(r'"[^"]*"')


async def act(
    client: ServiceClient,
    signal_id: SignalId,
    action: Action,
    *,
    owner: frozenset[str],
    now: datetime,
    zone: ZoneInfo,
) -> None:
    """Carry out a click. Raises SourceError and VaultError.

    owner: what names the account's owner among the guests, in small letters: `mailto:…`, paths.
    zone: the machine's, in which times without a zone are.
    """
    undo = _undo(signal_id, action)

    def new_body(body: bytes, pacer: Pacer) -> bytes | None:
        return changed(body, undo, action, owner=owner, now=now, zone=zone, pacer=pacer)

    for _ in range(MAX_ATTEMPTS):
        seen = await _read(client, undo.href)
        if seen is None:
            if action.kind is ActionKind.DONE:
                return
            raise Rejected(GONE, status=404)
        new = await _paced(new_body, seen.body)
        if new is None:
            return
        etag = seen.etag or await _strong_etag(client, undo.href, seen.body)
        if etag is not None and await _wrote(client, undo.href, new, etag):
            return
    raise Unavailable(KEEPS_CHANGING, reached=False)


def _undo(signal_id: SignalId, action: Action) -> UndoWire:
    """What the click carries. Raises Rejected where that is not known, or is of something else."""
    try:
        undo = msgspec.json.decode(action.undo or "", type=UndoWire)
    except (msgspec.DecodeError, UnicodeError):
        undo = None
    if undo is None or unquote(undo.href) != unquote(signal_id.partition("#")[0]):
        raise Rejected(FORGOTTEN)
    return undo


# What the server is asked


class _Seen(NamedTuple):
    """A resource as it was read. etag: where it is a strong one."""

    body: bytes
    etag: str | None


async def _read(client: ServiceClient, href: str) -> _Seen | None:
    """None: there is no such resource any more."""
    try:
        answer = await client.dav("GET", href)
    except Refused as error:
        if error.status not in (404, 410):
            raise
        return None
    if answer.status != 200:
        raise Unavailable(KEEPS_CHANGING, reached=False)
    return _Seen(answer.body, _strong(answer.etag))


def _strong(etag: str | None) -> str | None:
    """An ETag that If-Match can have (RFC 9110, section 13.1.1): no `W/"…"` ever matches."""
    return etag if etag is not None and _STRONG.fullmatch(etag) else None


async def _strong_etag(client: ServiceClient, href: str, body: bytes) -> str | None:
    """The strong ETag of `body`; None where the resource is another by now.

    It is read again after that was asked: were it changed before, its ETag would be that of
    something nobody has seen. Raises Rejected where the server has none.
    """
    base_url = await client.base_url()
    try:
        answer = await client.dav("PROPFIND", href, body=propfind([_GETETAG]), depth="0")
    except Refused as error:
        if error.status not in (404, 410):
            raise
        return None
    found = await read_multistatus(answer, base_url)
    etag = next((each.text(_GETETAG) for each in found.members), None)
    if _strong(etag) is None:
        raise Rejected(NO_VERSION)
    again = await _read(client, href)
    return etag if again is not None and again.body == body else None


async def _wrote(client: ServiceClient, href: str, body: bytes, etag: str) -> bool:
    """Whether the server has taken `body`; False where the resource has changed since."""
    try:
        answer = await client.dav(
            "PUT", href, body=body, content_type=_CALENDAR_TYPE, if_match=etag
        )
    except Refused as error:
        if error.status in (404, 410, 412):
            return False
        failure = _failure(error)
    else:
        if answer.status != 207:
            return True
        failure = Rejected(NOT_TAKEN, status=207)
    raise failure


def _failure(error: Refused) -> Rejected | Unavailable:
    """What to say where the server says no (RFC 4791, section 5.3.2.1; RFC 4331, section 6)."""
    if error.status == 423:
        return Unavailable(LOCKED, reached=False)
    names = _preconditions(error.body)
    for said, sentence in (
        (("quota-not-exceeded", "sufficient-disk-space"), FULL),
        (("max-resource-size", "max-instances", "max-attendees-per-instance"), TOO_LARGE),
        (("need-privileges",), READ_ONLY),
    ):
        if names & set(said):
            return Rejected(sentence, status=error.status)
    if error.status == 413:
        return Rejected(TOO_LARGE, status=413)
    if error.status in (403, 405) and not names:
        return Rejected(READ_ONLY, status=error.status)
    return Rejected(NOT_TAKEN, status=error.status)


def _preconditions(body: bytes) -> set[str]:
    """The names of what a refusal says was not fulfilled (RFC 4918, section 16)."""
    try:
        error = element_from_body(body, Pacer())
    except (NotXml, TooMuchWork):
        return set()
    return {each.tag.rpartition("}")[2] for each in error}


async def _paced(new_body: Callable[[bytes, Pacer], bytes | None], body: bytes) -> bytes | None:
    try:
        return await run_paced(lambda pacer: new_body(body, pacer), max_seconds=MAX_WORK_SECONDS)
    except TooMuchWork:
        pass
    raise Rejected(NOT_EDITABLE)


def changed(
    body: bytes,
    undo: UndoWire,
    action: Action,
    *,
    owner: frozenset[str],
    now: datetime,
    zone: ZoneInfo,
    pacer: Pacer,
) -> bytes | None:
    """Return the resource as it is to be written; None where nothing is left to do.

    Raises Rejected and TooMuchWork.
    """
    try:
        root = parse(body, pacer)
    except NotEditable:
        root = None
    if root is None:
        raise Rejected(NOT_EDITABLE)
    if change(root, undo, action, owner=owner, now=now, zone=zone, pacer=pacer):
        return bytes(root)
    return None
