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
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import msgspec

from oo_desktop.connectors.caldav import repeating
from oo_desktop.connectors.caldav.edit import (
    NotEditable,
    Written,
    parse,
    split_line,
    with_parameter,
)
from oo_desktop.connectors.caldav.repeating import (
    DATES,
    PROGRESS,
    RULES,
    Changes,
    Dates,
    Key,
    Series,
    Zones,
    are_same,
    dates_of,
    due_changed,
    is_due,
    is_later,
    is_same,
    stamp_of,
)
from oo_desktop.connectors.caldav.wire import UndoWire
from oo_desktop.connectors.caldav.xml import (
    DAV,
    NotXml,
    element_from_body,
    propfind,
    read_multistatus,
)
from oo_desktop.connectors.icalendar.lines import (
    Component,
    Property,
    Unreadable,
    components,
    is_of,
)
from oo_desktop.connectors.icalendar.pacing import Pacer, TooMuchWork, run_paced
from oo_desktop.connectors.icalendar.values import (
    IcalMoment,
    moment_from_property,
    zone_id_from_text,
)
from oo_desktop.connectors.icalendar.zones import (
    IanaZone,
    Zone,
    zone_from_name,
    zones_from_component,
)
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.http.client import Refused, ServiceClient
from oo_desktop.model.signals import REPLIES, ActionKind, SignalId
from oo_desktop.model.source import Action
from oo_desktop.model.zones import zone_named

T = TypeVar("T")

MAX_ATTEMPTS = 2
"""How often a resource is read because it changed between reading and writing."""

MAX_WORK_SECONDS = 2.0
"""Of computing for one click."""

FORGOTTEN = "oO no longer knows how this was when you clicked. Please change it in another app."
GONE = "This no longer exists on the server."
OVER = "This task was completed or cancelled elsewhere since you clicked."
LEFT_OUT = "This occurrence was deleted elsewhere since you clicked."
OTHER_DATE = "Its date was changed elsewhere since you clicked."
OTHER_RULE = "How it repeats was changed elsewhere since you clicked."
REPEATS = "It repeats, and would stop without a date. Please remove the date in another app."
WHAT_NOW = {
    ActionKind.DONE: "Try again to complete the date it has now.",
    ActionKind.REOPEN: "oO leaves it as it is.",
    ActionKind.RESTORE: "oO leaves it as it is.",
}
TRY_AGAIN = "Try again to put it off all the same."
CHANGED_SINCE = "This task was changed since it was completed. oO leaves it as it is."

CANCELLED = "This event was cancelled."
NOT_INVITED = "You are not invited to this event any more."
ANSWERED_ELSEWHERE = "You answered this elsewhere since you clicked."
MOVED = "This event was moved since you clicked. Please look at it again."

NOT_EDITABLE = "oO cannot change this safely, as it is written. Please change it in another app."
NO_VERSION = "The server does not tell versions apart, so oO could overwrite something. Please \
change this in another app."
KEEPS_CHANGING = "This keeps changing on the server. oO tries again."
LOCKED = "This is locked on the server just now. oO tries again."
READ_ONLY = "You may not change this on the server. Ask its owner to let you, or change a copy."
TOO_LARGE = "The server takes no more for this. Please shorten it in another app."
FULL = "The server has no space left for this account. Please make some."
NOT_TAKEN = "The server does not take this change. Please make it in another app."

PARTSTATS = {
    ActionKind.ACCEPT: "ACCEPTED",
    ActionKind.MAYBE: "TENTATIVE",
    ActionKind.DECLINE: "DECLINED",
}
_UNANSWERED = "NEEDS-ACTION"

_WANTED = frozenset(
    {
        *("DTSTART", "DUE", "DURATION", "RECURRENCE-ID", "UID", "SEQUENCE"),
        *("RRULE", "RDATE", "EXDATE", "EXRULE", "STATUS", "COMPLETED", "PERCENT-COMPLETE"),
        *("TZID", "TZOFFSETFROM", "TZOFFSETTO", "X-LIC-LOCATION", "X-WR-TIMEZONE", "TIMEZONE-ID"),
    }
)
_OF_THE_MOMENT = ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "CREATED")
"""What differs between a component and a copy of it that nobody has changed."""

_MAX_SEQUENCE = 2**31 - 2

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
            raise Rejected(GONE, status=404)
        new = await _paced(change, seen.body)
        if new is None:
            return
        etag = seen.etag or await strong_etag(client, undo.href, seen.body)
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
        raise Unavailable(KEEPS_CHANGING, reached=False)
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
        raise Rejected(NO_VERSION)
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
        failure = Rejected(NOT_TAKEN, status=207)
    raise failure


def failure_of_write(error: Refused) -> Rejected | Unavailable:
    """Return what to say where the server says no to a write.

    RFC 4791, section 5.3.2.1; RFC 4331, section 6.
    """
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


async def _paced(change: Callable[[bytes, Pacer], bytes | None], body: bytes) -> bytes | None:
    try:
        return await run_paced(lambda pacer: change(body, pacer), max_seconds=MAX_WORK_SECONDS)
    except TooMuchWork:
        pass
    raise Rejected(NOT_EDITABLE)


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
        resource = _Resource(root, _kind(root, action), zone, pacer)
        if resource.kind == "VEVENT":
            is_written = _Reply(resource, undo, action, owner, now).carry_out()
        else:
            is_written = _Click(resource, undo, action, owner, now).carry_out()
        return bytes(resource.root) if is_written else None
    except (NotEditable, ValueError, OverflowError):  # ValueError: Unreadable is one
        pass
    raise Rejected(NOT_EDITABLE)


def _kind(root: Written, action: Action) -> str:
    """Which components a click is about: of RESTORE, which takes back either, what is there."""
    here = {each.name for calendar in root.components() for each in calendar.components()}
    is_of_event = action.kind is ActionKind.RESTORE and "VTODO" not in here and "VEVENT" in here
    return "VEVENT" if is_of_event or action.kind in REPLIES else "VTODO"


class _Item(NamedTuple):
    """One component: as it is written, and what is read of it."""

    written: Written
    read: Component
    recurrence: IcalMoment | None

    @property
    def is_cancelled(self) -> bool:
        return self.read.value("STATUS").upper() == "CANCELLED"

    @property
    def is_done(self) -> bool:
        return (
            self.read.value("STATUS").upper() == "COMPLETED"
            or bool(self.read.value("COMPLETED"))
            or self.read.value("PERCENT-COMPLETE") == "100"
        )

    @property
    def is_over(self) -> bool:
        return self.is_done or self.is_cancelled

    @property
    def is_for_all_after(self) -> bool:
        found = self.read.first("RECURRENCE-ID")
        return found is not None and "RANGE" in found.parameters

    @property
    def repeats(self) -> bool:
        return any(self.read.value(name) for name in ("RRULE", "RDATE"))

    @property
    def sequence(self) -> int:
        return _number(self.read.value("SEQUENCE"))

    def lines(self) -> dict[str, str]:
        """The first line of each property."""
        return _by_name(self.written.lines())

    def change(self, changes: Changes) -> None:
        for name, line in changes.items():
            if line is None:
                self.written.remove(name)
            else:
                self.written.put(line)


def _by_name(lines: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        found.setdefault(re.split("[:;]", line, maxsplit=1)[0].strip().upper(), line)
    return found


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0


def _item(written: Written, pacer: Pacer) -> _Item:
    """Raises NotEditable where it is read otherwise than it is written."""
    read = next(components(bytes(written), _WANTED, pacer), None)
    if read is None or read.broken or read.name != written.name:
        raise NotEditable
    return _Item(written, read, read.read("RECURRENCE-ID", moment_from_property))


class _Resource:
    """A resource: its task or its event, and the occurrences that have components of their own.

    Of what is there twice, the one with the higher SEQUENCE counts, else the later one. Several
    tasks in one resource (RFC 4791, section 4.1, forbids them) cannot be told apart by an id:
    Raises NotEditable.
    """

    def __init__(self, root: Written, kind: str, zone: ZoneInfo, pacer: Pacer) -> None:
        self.root = root
        self.kind = kind
        self.pacer = pacer
        calendars = root.components("VCALENDAR")
        items = [_item(each, pacer) for inner in calendars for each in inner.components(kind)]
        if len({each.read.value("UID") for each in items}) > 1:
            raise NotEditable
        items.sort(key=lambda each: each.sequence)
        self.master = next((each for each in reversed(items) if each.recurrence is None), None)
        self.overrides = [each for each in items if each.recurrence is not None]
        self.zones = self._zones_of(calendars, zone)

    def _zones_of(self, calendars: Iterable[Written], zone: ZoneInfo) -> Zones:
        defined: dict[str, Zone] = {}
        name = None
        for calendar in calendars:
            head = Component("VCALENDAR")
            for each in components(bytes(calendar), _WANTED, self.pacer):
                head = each
                if each.name == "VTIMEZONE":
                    with suppress(ValueError, OverflowError):
                        defined |= zones_from_component(each)
            name = name or zone_id_from_text(head.value("X-WR-TIMEZONE", "TIMEZONE-ID"))
        named = zone_from_name(name or "")
        return Zones(defined, IanaZone(zone_named(named.name if named else None) or zone))

    def series(self) -> Series | None:
        """The master as a series; None where it does not repeat."""
        if self.master is None or not self.master.repeats:
            return None
        return Series(self.master.read, self.zones, self.pacer)

    def override(self, stamp: str, series: Series | None) -> _Item | None:
        """The component of one occurrence, in whichever form or zone its RECURRENCE-ID is."""
        original = series.find(stamp) if series is not None else None
        for each in reversed(self.overrides):
            if each.recurrence is None:
                continue
            if self.key(each, series) == stamp:
                return each
            if original is not None and series and series.is_named(original, each.recurrence):
                return each
        return None

    def key(self, override: _Item, series: Series | None) -> str:
        """The stamp of an override's occurrence."""
        named = _known(override.recurrence)
        return stamp_of(self.zones.named(named, series.anchor if series else None))

    def add_override(self, original: IcalMoment, series: Series) -> _Item:
        """Write a component for an occurrence: the master's, without what makes it repeat."""
        master = _known(self.master)
        lines = master.lines()
        new = master.written.copy()
        new.remove(*RULES)
        new.put(repeating.recurrence_line(original, lines))
        for line in repeating.dates_at(series, original, lines).values():
            if line is not None:
                new.put(line)
        self._calendar(master).add_after(master.written, new)
        return _item(new, self.pacer)

    def take_out(self, item: _Item) -> None:
        self._calendar(item).take_out(item.written)

    def _calendar(self, item: _Item) -> Written:
        calendars = self.root.components("VCALENDAR")
        return next(each for each in calendars if item.written in each.components(self.kind))


def _known(value: T | None) -> T:
    if value is None:
        raise NotEditable
    return value


class _Clicked:
    """What was clicked, by the lines that the click carries. Raises NotEditable, Unreadable.

    is_own: the lines are of the occurrence's own component, or of what does not repeat. Those of a
    master that repeats by RDATE alone, which is not kept with a click, are known by the master.
    """

    def __init__(self, undo: UndoWire, resource: _Resource, series: Series | None) -> None:
        self.lines = undo.lines
        self.stamp = undo.recurrence
        master = resource.master
        is_listed = master is not None and master.repeats and not master.read.value("RRULE")
        self.is_own = (
            undo.recurrence is None
            or undo.master is not None
            or ("RRULE" not in undo.lines and not is_listed)
        )
        read = _item(_with_lines(resource.kind, undo.lines), resource.pacer).read
        self.series: Series | None = None
        if self.is_own or undo.recurrence is None:
            self.dates = dates_of(read)
            return
        self.series = Series(read, resource.zones, resource.pacer)
        original = self.series.find(undo.recurrence)
        if original is None and series is not None:  # EXDATE and RDATE are not kept with a click
            original = series.find(undo.recurrence)
        self.dates = self.series.dates if original is None else self.series.dates_on(original)

    def only(self, names: Iterable[str]) -> Changes:
        """What puts these properties back as they were."""
        return {name: self.lines.get(name) for name in names}


def _with_lines(kind: str, lines: Mapping[str, str]) -> Written:
    written = Written(kind, f"BEGIN:{kind}\r\n".encode(), (), f"END:{kind}\r\n".encode())
    for name, line in lines.items():
        if [name] != list(_by_name([line])):
            raise NotEditable
        written.put(line)
    return written


class _Place(NamedTuple):
    """Where a task is written: its component, or the occurrence that has none of its own."""

    item: _Item | None
    original: IcalMoment | None
    dates: Dates


class _Click:
    """A click on a task. `carry_out` tells whether anything was written; raises Rejected."""

    def __init__(
        self,
        resource: _Resource,
        undo: UndoWire,
        action: Action,
        owner: frozenset[str],
        now: datetime,
    ) -> None:
        self._resource = resource
        self._action = action
        self._owner = owner
        self._now = now
        self._zones = resource.zones
        self._series = resource.series()
        self._stamp = undo.recurrence
        self._clicked = _Clicked(undo, resource, self._series)

    def carry_out(self) -> bool:
        match self._action.kind:
            case ActionKind.DONE:
                return self._done()
            case ActionKind.REOPEN:
                return self._reopened()
            case ActionKind.RESTORE:
                return self._restored()
            case _:  # one of RESCHEDULES
                return self._rescheduled()

    def _conflict(self, what: str) -> Rejected:
        return Rejected(f"{what} {WHAT_NOW.get(self._action.kind, TRY_AGAIN)}")

    def _own(self) -> _Item | None:
        """The component of the occurrence that was clicked, where it has one."""
        if self._stamp is None:
            return None
        return self._resource.override(self._stamp, self._series)

    # Done

    def _done(self) -> bool:
        own, master = self._own(), self._resource.master
        if own is not None:
            return not own.is_over and self._complete(own)
        if master is None or master.is_over:
            return False
        if self._series is None:
            return self._done_alone(master)
        if self._stamp is None:
            if self._action.insists:
                return self._complete_place(self._place_now())
            if not are_same(self._series.dates, self._clicked.dates, self._zones):
                raise self._conflict(OTHER_RULE)
            return self._complete_occurrence(self._series.anchor)
        original = self._series.find(self._stamp)
        if original is not None:
            left_out = self._series.is_left_out(original)
            return not left_out and self._complete_occurrence(original)
        if self._action.may_be_done or self._has_moved_on():
            return False
        if self._action.insists:
            return self._complete_place(self._place_now())
        raise self._conflict(OTHER_DATE)

    def _done_alone(self, master: _Item) -> bool:
        """What does not repeat now; it may have done so when it was clicked."""
        if self._stamp is None or self._action.insists or self._is_that(master):
            return self._complete(master)
        if self._action.may_be_done:
            return False
        raise self._conflict(OTHER_RULE)

    def _is_that(self, master: _Item) -> bool:
        """Whether a task that repeats no more is the occurrence that was clicked."""
        dates = dates_of(master.read)
        anchor = dates.start or dates.due
        return anchor is not None and stamp_of(self._zones.key(anchor)) == self._stamp

    def _has_moved_on(self) -> bool:
        """Whether the master begins now with a later occurrence of the rule it had."""
        before, series = self._clicked.series, self._series
        if before is None or series is None or self._stamp is None:
            return False
        key = series.key(series.anchor)
        clicked = before.find(self._stamp)
        return (
            clicked is not None
            and is_later(key, before.key(clicked))
            and before.find(stamp_of(key)) is not None
        )

    def _complete_place(self, place: _Place) -> bool:
        if place.item is not None:
            return self._complete(place.item)
        return self._complete_occurrence(_known(place.original))

    def _complete_occurrence(self, original: IcalMoment) -> bool:
        """As `repeating` has it."""
        series, master = _known(self._series), _known(self._resource.master)
        if original == series.anchor and series.is_plain and not self._resource.overrides:
            try:
                changes = repeating.moved_on(series, master.lines())
            except Unreadable:
                pass
            else:
                if changes is None:
                    return self._complete(master)
                return self._change(master, changes)
        return self._complete(self._resource.add_override(original, series))

    def _complete(self, item: _Item) -> bool:
        return self._change(
            item,
            {
                "STATUS": "STATUS:COMPLETED",
                "COMPLETED": f"COMPLETED:{utc_text(self._now)}",
                "PERCENT-COMPLETE": "PERCENT-COMPLETE:100",
            },
        )

    def _change(self, item: _Item, changes: Changes) -> bool:
        if item.is_for_all_after:
            raise NotEditable  # it is the end of the series, not an occurrence of it
        item.change(changes)
        item.change(_seal(item, self._owner, self._now))
        return True

    # Where it is

    def _place(self) -> _Place:
        """Where what was clicked is now. Raises Rejected where it is nowhere, or over."""
        own, master, series = self._own(), self._resource.master, self._series
        found = own or master
        if found is None:
            raise Rejected(GONE, status=404)
        if found.is_over:
            raise Rejected(OVER)
        if own is not None:
            return _Place(own, None, dates_of(own.read))
        if series is None:
            if self._stamp is not None and not self._action.insists and not self._is_that(found):
                raise self._conflict(OTHER_RULE)
            return _Place(found, None, dates_of(found.read))
        if self._stamp is None:
            return self._place_now()
        original = series.find(self._stamp)
        if original is None and self._action.insists:
            return self._place_now()
        if original is None:
            raise self._conflict(OTHER_DATE)
        if series.is_left_out(original):
            raise Rejected(LEFT_OUT)
        return _Place(None, original, series.dates_on(original))

    def _place_now(self) -> _Place:
        """The occurrence of the series that is shown: the first open one of those that have their
        own components and those that come after the last completed one."""
        series = _known(self._series)
        own = [
            (self._zones.named(_known(each.recurrence), series.anchor), each)
            for each in self._resource.overrides
        ]
        last: Key | None = None
        first: tuple[Key, _Item] | None = None
        for key, each in own:
            if each.is_done and (last is None or is_later(key, last)):
                last = key
            if not each.is_over and (first is None or is_later(first[0], key)):
                first = key, each
        over = [_known(each.recurrence) for _, each in own if each.is_over]
        for original in series.originals(last):
            if first is not None and not is_later(first[0], series.key(original)):
                break
            if not any(series.is_named(original, each) for each in over):
                return _Place(None, original, series.dates_on(original))
        if first is None:
            raise Rejected(OVER)
        return _Place(first[1], None, dates_of(first[1].read))

    # Another time

    def _rescheduled(self) -> bool:
        place, due = self._place(), self._action.due
        repeats = self._series is not None or (place.item and place.item.recurrence is not None)
        if due is None and repeats:
            raise Rejected(REPEATS)
        if is_due(place.dates, due, self._zones):
            return False
        if not self._action.insists and not self._is_as_clicked(place):
            raise self._conflict(OTHER_DATE)
        item = place.item
        if item is None:
            item = self._resource.add_override(_known(place.original), _known(self._series))
        changes = due_changed(dates_of(item.read), due, item.lines(), self._zones)
        return self._change(item, changes)

    def _is_as_clicked(self, place: _Place) -> bool:
        return are_same(place.dates, self._clicked.dates, self._zones)

    def _restored(self) -> bool:
        place = self._place()
        if self._stamp is None and self._series is not None:
            raise self._conflict(OTHER_RULE)
        if self._is_as_clicked(place):
            return False
        insists = self._action.insists
        if place.item is None or not (
            insists or is_due(place.dates, self._action.due, self._zones)
        ):
            raise self._conflict(OTHER_DATE)
        if self._clicked.is_own:
            return self._change(place.item, self._clicked.only(DATES))
        if self._is_untouched(place.item):
            self._resource.take_out(place.item)
            return True
        series = self._series
        original = series.find(_known(self._stamp)) if series is not None else None
        if series is None or original is None:
            raise self._conflict(OTHER_RULE)
        lines = repeating.dates_at(series, original, _known(self._resource.master).lines())
        return self._change(place.item, {**dict.fromkeys(DATES), **lines})

    def _is_untouched(self, item: _Item) -> bool:
        """Whether nobody has changed a component that a click has made of the master."""
        master = self._resource.master
        if master is None or item.recurrence is None or item.is_for_all_after:
            return False
        return _lasting(item) == _lasting(master)

    # Not done

    def _reopened(self) -> bool:
        own, master = self._own(), self._resource.master
        found = own or master
        if found is None:
            raise Rejected(GONE, status=404)
        if found.is_cancelled:
            raise Rejected(OVER)
        if own is not None:
            return own.is_done and self._reopen_own(own)
        if self._stamp is not None:
            return self._move_back(found)
        if not found.is_done:
            return False
        if self._series is not None:
            raise self._conflict(OTHER_RULE)
        return self._change(found, self._clicked.only(PROGRESS))

    def _reopen_own(self, own: _Item) -> bool:
        if self._clicked.is_own:
            return self._change(own, self._clicked.only(PROGRESS))
        if self._is_untouched(own) and not self._has_later_done(own):
            self._resource.take_out(own)
            return True
        return self._change(own, self._clicked.only(PROGRESS))

    def _has_later_done(self, own: _Item) -> bool:
        """Whether an occurrence is only shown where it has a component of its own."""
        anchor = self._series.anchor if self._series else None
        key = self._zones.named(_known(own.recurrence), anchor)
        return any(
            each.is_done and is_later(self._zones.named(_known(each.recurrence), anchor), key)
            for each in self._resource.overrides
        )

    def _move_back(self, master: _Item) -> bool:
        """Put the master back where it was, if it is what completing its occurrence made of it."""
        series, stamp = self._series, _known(self._stamp)
        if series is None or self._clicked.series is None:
            raise Rejected(CHANGED_SINCE)
        original = series.find(stamp)
        if not master.is_done and original is not None:
            return False
        back = self._clicked.only((*DATES, "RRULE", *PROGRESS))
        before = _changed_copy(master, back, self._resource.pacer)
        earlier = Series(before.read, self._zones, self._resource.pacer)
        if stamp_of(earlier.key(earlier.anchor)) != stamp or not earlier.is_plain:
            raise Rejected(CHANGED_SINCE)
        changes = repeating.moved_on(earlier, before.lines())
        made = before if changes is None else _changed_copy(before, changes, self._resource.pacer)
        if (
            master.is_done is not (changes is None)
            or not are_same(dates_of(made.read), series.dates, self._zones)
            or _rule(made) != _rule(master)
        ):
            raise Rejected(CHANGED_SINCE)
        return self._change(master, back)


def _changed_copy(item: _Item, changes: Changes, pacer: Pacer) -> _Item:
    copy = item._replace(written=item.written.copy())
    copy.change(changes)
    return _item(copy.written, pacer)


def _rule(item: _Item) -> frozenset[str]:
    """The parts of a rule, which servers write in any order."""
    parts = item.read.value("RRULE").upper().split(";")
    return frozenset(part.strip() for part in parts if part.strip())


def _lasting(item: _Item) -> list[str]:
    """What a component says but for what a click changes; servers write it in any order."""
    passing = (*DATES, *PROGRESS, *RULES, *_OF_THE_MOMENT, "RECURRENCE-ID")
    lines = [line for line in item.written.lines() if not {*_by_name([line])} & {*passing}]
    return sorted([*lines, *(each.text() for each in item.written.components())])


def utc_text(at: datetime) -> str:
    """Return an instant as RFC 5545 writes it (section 3.3.5, form 2)."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _seal(item: _Item, owner: frozenset[str], now: datetime) -> Changes:
    """What every change changes (RFC 5545, sections 3.8.7.2 to 4). SEQUENCE is the organizer's."""
    at = utc_text(now)
    changes = {"DTSTAMP": f"DTSTAMP:{at}", "LAST-MODIFIED": f"LAST-MODIFIED:{at}"}
    organizer = item.written.line("ORGANIZER")
    if organizer is None or _is_of(organizer, owner):
        changes["SEQUENCE"] = f"SEQUENCE:{item.sequence + 1}"
    return changes


# Invitations


class _Reply:
    """An answer to an invitation. `carry_out` tells whether anything was written."""

    def __init__(
        self,
        resource: _Resource,
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
            raise Rejected(GONE, status=404)
        if item.is_cancelled:
            raise Rejected(CANCELLED)
        mine = [each for each in item.written.lines("ATTENDEE") if _is_of(each, self._owner)]
        if not mine:
            raise Rejected(NOT_INVITED)
        now = _partstat(mine[0])
        if now == wished:
            return False
        if not self._action.insists:
            self._check_start(own)
            is_undo = self._action.kind is ActionKind.RESTORE
            if clicked is not None and not is_undo and now != _partstat(clicked):
                raise Rejected(ANSWERED_ELSEWHERE)

        def answered(line: str) -> str:
            if not _is_of(line, self._owner):
                return line
            return with_parameter(with_parameter(line, "PARTSTAT", wished), "RSVP", rsvp)

        item.written.rewrite("ATTENDEE", answered)
        changes = _seal(item, frozenset(), self._now)
        item.change({name: line for name, line in changes.items() if name != "SEQUENCE"})
        return True

    def _wished(self, clicked: str | None) -> tuple[str, str | None]:
        """PARTSTAT and RSVP as they shall be."""
        if self._action.kind in REPLIES:
            return PARTSTATS[self._action.kind], None
        if clicked is None:
            raise Rejected(FORGOTTEN)
        return _partstat(clicked), _parameter(clicked, "RSVP")

    def _check_start(self, own: _Item | None) -> None:
        """Raises Rejected where nobody has agreed to when it is now."""
        resource, series, stamp = self._resource, self._series, self._undo.recurrence
        if own is not None:
            start = dates_of(own.read).start
        elif stamp is None:
            start = dates_of(_known(resource.master).read).start
        else:
            start = series.find(stamp) if series is not None else None
        clicked = _Clicked(self._undo, resource, series).dates.start
        if clicked is not None and not is_same(start, clicked, resource.zones):
            raise Rejected(MOVED)


def _partstat(line: str) -> str:
    return (_parameter(line, "PARTSTAT") or _UNANSWERED).strip('"').upper()


def _parameter(line: str, name: str) -> str | None:
    return next((value for key, value in split_line(line)[1] if key.upper() == name), None)


def _is_of(line: str, owner: frozenset[str]) -> bool:
    """Whether an ATTENDEE or ORGANIZER is the owner."""
    try:
        _, parameters, value = split_line(line)
    except NotEditable:
        return False
    # The first of a name counts, as for what is changed.
    said = {name.upper(): text.strip('"') for name, text in reversed(parameters)}
    return is_of(Property(said, value), owner)
