"""Carries out a click on a resource: read anew, compared, changed in a few lines, put back.

The resource is read just before it is written, and written with the ETag it was read with, so that
nothing is ever put over what was not seen. What happened elsewhere since the click decides, by the
lines that the click carries (`UndoWire`):

| elsewhere, the task was | DONE | DONE of an occurrence | reschedule | REOPEN | RESTORE |
|---|---|---|---|---|---|
| renamed, given other alarms | written | written | written | written | written |
| completed, cancelled | done | done | refused | written; refused if cancelled | refused |
| deleted, the occurrence left out | done | done | refused | refused | refused |
| moved on by its rule | – | done | refused | refused | refused |
| given another date | written | refused; done if it may have been this click | refused | by its \
kind | refused |
| given the date that was wished for | written | as above | done | as by its kind | written |
| made to repeat, or no more | refused with another date, else written | the same | the same | \
refused | refused |

"Written": the click is carried out, nothing else is changed. "Done": nothing is left to do, and
nothing is written. "Refused": nothing is written either, and the click comes back with its reason.

An occurrence is known by its RECURRENCE-ID, so none is taken for another: what its own component
says it is given another date does not matter for DONE. Where the master has moved on to a later
occurrence of the rule it had at the click, the one that was clicked is over: so most clients
complete one (`repeating`), and it is what oO itself did, where only the answer was lost.
A DONE that insists completes the occurrence that there is now, but only where it cannot have been
done by an attempt before.

REOPEN takes back what DONE has written: the progress of the component as it was at the click; an
override that DONE has made, if nobody has changed it; or the dates and the COUNT of the master, if
it is what DONE has made of it. It never takes back what was completed after that. RESTORE puts the
dates of the click back, of an invitation the answer.

An answer to an invitation (RFC 6638, section 3.2.2.1: what an attendee may change) changes the
owner's PARTSTAT and takes RSVP away, in the occurrence's component if there is one, else in that
of the event or series; SEQUENCE stays, it is its organizer's. As for Google's: an event that was
moved, cancelled or answered elsewhere since is refused.

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
from oo_desktop.connectors.icalendar.edit import (
    NotEditable,
    Written,
    parse,
    split_line,
    with_parameter,
)
from oo_desktop.connectors.icalendar.pacing import Pacer, TooMuchWork, run_paced
from oo_desktop.connectors.icalendar.repeating import (
    dates_of,
    is_same,
)
from oo_desktop.connectors.icalendar.todo_clicks import (
    GONE,
    Click,
    Clicked,
    Item,
    Resource,
    is_owner,
    known,
    seal,
)
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.http.client import Refused, ServiceClient
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import REPLIES, ActionKind, SignalId
from oo_desktop.model.source import Action

MAX_ATTEMPTS = 2
"""How often a resource is read because it changed between reading and writing."""

MAX_WORK_SECONDS = 2.0
"""Of computing for one click."""

FORGOTTEN = untranslated(
    "oO no longer knows how this was when you clicked. Please change it in another app."
)

CANCELLED = untranslated("This event was cancelled.")
NOT_INVITED = untranslated("You are not invited to this event any more.")
ANSWERED_ELSEWHERE = untranslated("You answered this elsewhere since you clicked.")
MOVED = untranslated("This event was moved since you clicked. Please look at it again.")

NOT_EDITABLE = untranslated(
    "oO cannot change this safely, as it is written. Please change it in another app."
)
NO_VERSION = untranslated(
    "The server does not tell versions apart, so oO could overwrite something. Please \
change this in another app."
)
KEEPS_CHANGING = untranslated("This keeps changing on the server. oO tries again.")
LOCKED = untranslated("This is locked on the server just now. oO tries again.")
READ_ONLY = untranslated(
    "You may not change this on the server. Ask its owner to let you, or change a copy."
)
TOO_LARGE = untranslated("The server takes no more for this. Please shorten it in another app.")
FULL = untranslated("The server has no space left for this account. Please make some.")
NOT_TAKEN = untranslated("The server does not take this change. Please make it in another app.")

PARTSTATS = {
    ActionKind.ACCEPT: "ACCEPTED",
    ActionKind.MAYBE: "TENTATIVE",
    ActionKind.DECLINE: "DECLINED",
}
_UNANSWERED = "NEEDS-ACTION"


CALENDAR_TYPE = "text/calendar; charset=utf-8"
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

    def change(body: bytes, pacer: Pacer) -> bytes | None:
        return changed(body, undo, action, owner=owner, now=now, zone=zone, pacer=pacer)

    for _ in range(MAX_ATTEMPTS):
        seen = await read_resource(client, undo.href)
        if seen is None:
            if action.kind is ActionKind.DONE:
                return
            raise Rejected(translated(GONE), status=404)
        new = await _paced(change, seen.body)
        if new is None:
            return
        etag = seen.etag or await strong_etag(client, undo.href, seen.body)
        if etag is not None and await _wrote(client, undo.href, new, etag):
            return
    raise Unavailable(translated(KEEPS_CHANGING), reached=False)


def _undo(signal_id: SignalId, action: Action) -> UndoWire:
    """What the click carries. Raises Rejected where that is not known, or is of something else."""
    try:
        undo = msgspec.json.decode(action.undo or "", type=UndoWire)
    except (msgspec.DecodeError, UnicodeError):
        undo = None
    if undo is None or unquote(undo.href) != unquote(signal_id.partition("#")[0]):
        raise Rejected(translated(FORGOTTEN))
    return undo


# What the server is asked


class Seen(NamedTuple):
    """Holds a resource as it was read. etag: where it is a strong one."""

    body: bytes
    etag: str | None


async def read_resource(client: ServiceClient, href: str) -> Seen | None:
    """Return a resource; None where there is no such one (any more). Raises SourceError."""
    try:
        answer = await client.dav("GET", href)
    except Refused as error:
        if error.status not in (404, 410):
            raise
        return None
    if answer.status != 200:
        raise Unavailable(translated(KEEPS_CHANGING), reached=False)
    return Seen(answer.body, _strong(answer.etag))


def _strong(etag: str | None) -> str | None:
    """An ETag that If-Match can have (RFC 9110, section 13.1.1): no `W/"…"` ever matches."""
    return etag if etag is not None and _STRONG.fullmatch(etag) else None


async def strong_etag(client: ServiceClient, href: str, body: bytes) -> str | None:
    """Return the strong ETag of `body`; None where the resource is another by now.

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
        raise Rejected(translated(NO_VERSION))
    again = await read_resource(client, href)
    return etag if again is not None and again.body == body else None


async def _wrote(client: ServiceClient, href: str, body: bytes, etag: str) -> bool:
    """Whether the server has taken `body`; False where the resource has changed since."""
    try:
        answer = await client.dav("PUT", href, body=body, content_type=CALENDAR_TYPE, if_match=etag)
    except Refused as error:
        if error.status in (404, 410, 412):
            return False
        failure = failure_of_write(error)
    else:
        if answer.status != 207:
            return True
        failure = Rejected(translated(NOT_TAKEN), status=207)
    raise failure


def failure_of_write(error: Refused) -> Rejected | Unavailable:
    """Return what to say where the server says no to a write.

    RFC 4791, section 5.3.2.1; RFC 4331, section 6.
    """
    if error.status == 423:
        return Unavailable(translated(LOCKED), reached=False)
    names = _preconditions(error.body)
    for said, sentence in (
        (("quota-not-exceeded", "sufficient-disk-space"), FULL),
        (("max-resource-size", "max-instances", "max-attendees-per-instance"), TOO_LARGE),
        (("need-privileges",), READ_ONLY),
    ):
        if names & set(said):
            return Rejected(translated(sentence), status=error.status)
    if error.status == 413:
        return Rejected(translated(TOO_LARGE), status=413)
    if error.status in (403, 405) and not names:
        return Rejected(translated(READ_ONLY), status=error.status)
    return Rejected(translated(NOT_TAKEN), status=error.status)


def _preconditions(body: bytes) -> set[str]:
    """The names of what a refusal says was not fulfilled (RFC 4918, section 16)."""
    try:
        error = element_from_body(body, Pacer())
    except (NotXml, TooMuchWork):
        return set()
    return {each.tag.rpartition("}")[2] for each in error}


async def _paced(change: Callable[[bytes, Pacer], bytes | None], body: bytes) -> bytes | None:
    try:
        return await run_paced(lambda pacer: change(body, pacer), max_seconds=MAX_WORK_SECONDS)
    except TooMuchWork:
        pass
    raise Rejected(translated(NOT_EDITABLE))


# What is written


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
        resource = Resource(root, _kind(root, action), zone, pacer)
        if resource.kind == "VEVENT":
            is_written = _Reply(resource, undo, action, owner, now).carry_out()
        else:
            is_written = Click(resource, undo, action, owner, now).carry_out()
        return bytes(resource.root) if is_written else None
    except (NotEditable, ValueError, OverflowError):  # ValueError: Unreadable is one
        pass
    raise Rejected(translated(NOT_EDITABLE))


def _kind(root: Written, action: Action) -> str:
    """Which components a click is about: of RESTORE, which takes back either, what is there."""
    here = {each.name for calendar in root.components() for each in calendar.components()}
    is_of_event = action.kind is ActionKind.RESTORE and "VTODO" not in here and "VEVENT" in here
    return "VEVENT" if is_of_event or action.kind in REPLIES else "VTODO"


# Invitations


class _Reply:
    """An answer to an invitation. `carry_out` tells whether anything was written."""

    def __init__(
        self,
        resource: Resource,
        undo: UndoWire,
        action: Action,
        owner: frozenset[str],
        now: datetime,
    ) -> None:
        self._resource = resource
        self._undo = undo
        self._action = action
        self._owner = owner
        self._now = now
        self._series = resource.series()

    def carry_out(self) -> bool:
        clicked = self._undo.lines.get("ATTENDEE")
        wished, rsvp = self._wished(clicked)
        stamp = self._undo.recurrence
        own = self._resource.override(stamp, self._series) if stamp is not None else None
        item = own or self._resource.master
        if item is None:
            raise Rejected(translated(GONE), status=404)
        if item.is_cancelled:
            raise Rejected(translated(CANCELLED))
        mine = [each for each in item.written.lines("ATTENDEE") if is_owner(each, self._owner)]
        if not mine:
            raise Rejected(translated(NOT_INVITED))
        now = _partstat(mine[0])
        if now == wished:
            return False
        if not self._action.insists:
            self._check_start(own)
            is_undo = self._action.kind is ActionKind.RESTORE
            if clicked is not None and not is_undo and now != _partstat(clicked):
                raise Rejected(translated(ANSWERED_ELSEWHERE))

        def answered(line: str) -> str:
            if not is_owner(line, self._owner):
                return line
            return with_parameter(with_parameter(line, "PARTSTAT", wished), "RSVP", rsvp)

        item.written.rewrite("ATTENDEE", answered)
        changes = seal(item, frozenset(), self._now)
        item.change({name: line for name, line in changes.items() if name != "SEQUENCE"})
        return True

    def _wished(self, clicked: str | None) -> tuple[str, str | None]:
        """PARTSTAT and RSVP as they shall be."""
        if self._action.kind in REPLIES:
            return PARTSTATS[self._action.kind], None
        if clicked is None:
            raise Rejected(translated(FORGOTTEN))
        return _partstat(clicked), _parameter(clicked, "RSVP")

    def _check_start(self, own: Item | None) -> None:
        """Raises Rejected where nobody has agreed to when it is now."""
        resource, series, stamp = self._resource, self._series, self._undo.recurrence
        if own is not None:
            start = dates_of(own.read).start
        elif stamp is None:
            start = dates_of(known(resource.master).read).start
        else:
            start = series.find(stamp) if series is not None else None
        clicked = Clicked(self._undo, resource, series).dates.start
        if clicked is not None and not is_same(start, clicked, resource.zones):
            raise Rejected(translated(MOVED))


def _partstat(line: str) -> str:
    return (_parameter(line, "PARTSTAT") or _UNANSWERED).strip('"').upper()


def _parameter(line: str, name: str) -> str | None:
    return next((value for key, value in split_line(line)[1] if key.upper() == name), None)
