"""Carries out a click on a task of this computer's lists: read, compared, changed in a few lines,
written back.

What is decided is CalDAV's (`icalendar.todo_clicks`), by the lines that the click carries
(`UndoWire`), for what other programs have done since:

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

| completed is | and written |
|---|---|
| a task, an occurrence with a component of its own | STATUS, COMPLETED and PERCENT-COMPLETE |
| the first occurrence of one rule, whatever overrides there are | the master, moved to the next \
one, as programs of GNOME do (e_cal_util_mark_task_complete_sync) |
| the same, where the list's capabilities say `task-handle-recur` | the master, completed: its \
server moves it on |
| the last of a series | the master, completed |
| any other occurrence, or that of RDATE or of several rules | an override, completed |

DUE keeps its distance from DTSTART, COUNT is less by as many occurrences as were passed, and what
has no DTSTART counts from DUE (`icalendar.repeating`). GNOME's programs agree for usual series; of
others they give a DUE to one that has none, make one of COUNT with EXDATE longer, end one without
DTSTART, and put one without a zone into UTC (libecal 3.46.4).

What is written is one component (ModifyObjects, "this"), which all lists take. An override that
says no more than its master is taken out only where the list's capabilities say `remove-only-this`
(files): of others version 3.46 ends the occurrences before it, too, by an EXRULE. There it stays.

A list on a server checks that nobody has changed it there: the flag to fail is always given, and
X-EVOLUTION-CALDAV-ETAG stays as it is. A list in a file checks nothing, so it is read right before.

| the service | the click |
|---|---|
| finds nothing of that UID, or has no such list | done, of a DONE; else refused |
| the list cannot be written to, permission denied, not supported | refused |
| out of sync, or gone when it is written | refreshed, and from the start once more; then it waits |
| invalid | refused |
| any other error, an answer that is lost | waits; what it did shows when it is read again |

An invitation is not answered. That is to tell its organizer, and EDS itself tells nobody: of a
CalDAV list the server may do that, of the others GNOME's programs send a mail for the user, which
oO does not do. An answer of which nobody hears would be worse than none.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from oo_desktop.connectors.desktop.bus import EdsCode, EdsError
from oo_desktop.connectors.desktop.reading import MAX_COMPONENT, unknown_zones
from oo_desktop.connectors.desktop.wire import (
    REMOVE_ONLY_THIS,
    TASK_HANDLE_RECUR,
    UndoWire,
    uids_query,
    undo_from_text,
)
from oo_desktop.connectors.icalendar.edit import NotEditable, Written, parse
from oo_desktop.connectors.icalendar.lines import components
from oo_desktop.connectors.icalendar.objects import OBJECT_PROPERTIES
from oo_desktop.connectors.icalendar.pacing import Pacer, TooMuchWork, run_paced
from oo_desktop.connectors.icalendar.todo_clicks import GONE, Click, Completing, Item, Resource
from oo_desktop.connectors.icalendar.values import text_from_value
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import REPLIES, ActionKind, SignalId
from oo_desktop.model.source import Action

T = TypeVar("T")

MAX_ATTEMPTS = 2
"""How often a task is read because it changed between reading and writing."""

MAX_WORK_SECONDS = 2.0
"""Of computing for one click."""

MAX_COMPONENTS = 2_000
"""Of one series."""

MAX_ZONES = 20
"""Zones that are asked for by their names."""

REFRESH_SECONDS = 1.0
"""What a refresh takes until it shows: it is answered before it is over."""

FORGOTTEN = untranslated(
    "oO no longer knows how this was when you clicked. Please change it in another app."
)
NO_LIST = untranslated("This list is no longer on this computer.")
READ_ONLY = untranslated(
    "You may not change this list. Ask its owner to let you, or change a copy."
)
NOT_OFFERED = untranslated("oO cannot do this here. Please do it in another app.")
NOT_EDITABLE = untranslated(
    "oO cannot change this safely, as it is written. Please change it in another app."
)
NOT_TAKEN = untranslated("The list does not take this change. Please make it in another app.")
KEEPS_CHANGING = untranslated("This keeps changing elsewhere. oO tries again.")
UNSIGNED = untranslated(
    "The list waits for its password: open GNOME Settings (Online Accounts) or Calendar."
)
UNREACHABLE = untranslated("The server of this list cannot be reached. oO tries again.")
SILENT = untranslated("Evolution Data Server does not answer. oO tries again.")
FAILED = untranslated("Evolution Data Server could not change this. oO tries again.")

_NEVER = {
    EdsCode.DENIED: READ_ONLY,
    EdsCode.NOT_SUPPORTED: READ_ONLY,
    EdsCode.INVALID: NOT_TAKEN,
    EdsCode.EXISTS: NOT_TAKEN,
    EdsCode.BAD_QUERY: NOT_EDITABLE,
}
_NOT_NOW = {
    EdsCode.SIGN_IN: UNSIGNED,
    EdsCode.OFFLINE: UNREACHABLE,
    EdsCode.REFUSED_CONNECTION: UNREACHABLE,
    EdsCode.TIMED_OUT: SILENT,
    EdsCode.NO_REPLY: SILENT,
    EdsCode.NO_OBJECT: SILENT,
    EdsCode.NO_SERVICE: SILENT,
}
_NO_LIST = frozenset({EdsCode.NO_SOURCE, EdsCode.WRONG_KIND})
_CERTAINLY_NOT = frozenset({EdsCode.REFUSED_CONNECTION, EdsCode.NO_SERVICE, EdsCode.NO_OBJECT})
"""What says that nothing was done."""


class OpenedList(Protocol):
    """Is a list that is open. Its methods raise EdsError and Unavailable."""

    @property
    def capabilities(self) -> frozenset[str]:
        """Return what its service says it can do."""
        ...

    @property
    def owner(self) -> frozenset[str]:
        """Return what names its owner among the guests, in small letters: `mailto:…`."""
        ...

    async def query(self, text: str) -> Sequence[str]:
        """Return the components that a query finds, each without a VCALENDAR."""
        ...

    async def zone(self, zone_id: str) -> str | None:
        """Return the VTIMEZONE of that name; None where the list knows none."""
        ...

    async def modify(self, component: str) -> None:
        """Write one component, unless it was changed since."""
        ...

    async def remove(self, uid: str, recurrence: str) -> None:
        """Take out the component of one occurrence, unless it was changed since."""
        ...

    async def refresh(self) -> None:
        """Have its server looked at; what comes of it is seen later."""
        ...


class OpenedLists(Protocol):
    """Opens lists."""

    async def opened(self, uid: str) -> OpenedList:
        """Return a list, opened, as it is now. Raises EdsError and Unavailable."""
        ...


async def act(
    lists: OpenedLists,
    signal_id: SignalId,
    action: Action,
    *,
    now: datetime,
    zone: ZoneInfo,
    refresh_seconds: float = REFRESH_SECONDS,
) -> None:
    """Carry out a click. Raises Rejected and Unavailable.

    zone: the machine's, in which times without a zone are. refresh_seconds: see REFRESH_SECONDS.
    """
    undo = undo_from_text(action.undo, signal_id)
    if undo is None:
        raise Rejected(translated(FORGOTTEN))
    if action.kind in REPLIES:
        raise Rejected(translated(NOT_OFFERED))
    try:
        opened = await lists.opened(undo.list_uid)
        for attempt in range(MAX_ATTEMPTS):
            if attempt:
                await opened.refresh()
                await asyncio.sleep(refresh_seconds)
            change = await _change(opened, undo, action, now, zone)
            is_last = attempt + 1 == MAX_ATTEMPTS
            if change is None or await _wrote(opened, undo, change, is_last=is_last):
                return
    except EdsError as error:
        code = error.code
    else:
        raise Unavailable(translated(KEEPS_CHANGING), reached=False)
    if code not in _NO_LIST:
        raise _failure(code, reached=False)
    if action.kind is not ActionKind.DONE:
        raise Rejected(translated(NO_LIST), status=404)


def _failure(code: EdsCode, *, reached: bool) -> Rejected | Unavailable:
    if code in _NEVER:
        return Rejected(translated(_NEVER[code]))
    return Unavailable(translated(_NOT_NOW.get(code, FAILED)), reached=reached)


# What the list is asked


async def _change(
    opened: OpenedList, undo: UndoWire, action: Action, now: datetime, zone: ZoneInfo
) -> "Change | None":
    """What is to be written; None where nothing is left to do."""
    texts = await opened.query(uids_query([undo.uid]))
    if not texts:
        if action.kind is ActionKind.DONE:
            return None
        raise Rejected(translated(GONE), status=404)
    if len(texts) > MAX_COMPONENTS or any(len(text) > MAX_COMPONENT for text in texts):
        raise Rejected(translated(NOT_EDITABLE))
    names = await _paced(lambda pacer: _zone_ids(texts, pacer))
    zones = {name: text for name in names if (text := await opened.zone(name)) is not None}
    moves_by_itself = TASK_HANDLE_RECUR in opened.capabilities
    # Whether the list can be written is left to the service to say: just after it was started anew
    # it calls every list read-only.
    return await _paced(
        lambda pacer: changed(
            texts,
            undo,
            action,
            zones=zones,
            completing=Completing.PLAIN if moves_by_itself else Completing.MOVING,
            may_take_out=REMOVE_ONLY_THIS in opened.capabilities,
            owner=opened.owner,
            now=now,
            zone=zone,
            pacer=pacer,
        )
    )


def _zone_ids(texts: Sequence[str], pacer: Pacer) -> list[str]:
    found = (
        name
        for text in texts
        for each in components(text.encode(), OBJECT_PROPERTIES, pacer)
        for name in unknown_zones(each)
    )
    return list(islice(dict.fromkeys(found), MAX_ZONES))


async def _paced(work: Callable[[Pacer], T]) -> T:
    try:
        return await run_paced(work, max_seconds=MAX_WORK_SECONDS)
    except (TooMuchWork, UnicodeError):
        pass
    raise Rejected(translated(NOT_EDITABLE))


async def _wrote(opened: OpenedList, undo: UndoWire, change: "Change", *, is_last: bool) -> bool:
    """Whether the list has taken it; False where it has changed since it was read.

    While the service is being started anew it may call a good component invalid, or known already;
    so what it says of one counts the second time.
    """
    try:
        if isinstance(change, Removal):
            await opened.remove(undo.uid, change.recurrence)
        else:
            await opened.modify(change)
    except EdsError as error:
        code = error.code
    else:
        return True
    if code in (EdsCode.OUT_OF_SYNC, EdsCode.GONE):
        return False
    if code in (EdsCode.INVALID, EdsCode.EXISTS) and not is_last:
        return False
    raise _failure(code, reached=code not in _CERTAINLY_NOT)


# What is written


class Removal(NamedTuple):
    """Names the override that is to be taken out, by the value of its RECURRENCE-ID."""

    recurrence: str


Change = str | Removal
"""A component that is to be written, or one that is to be taken out."""


def changed(
    texts: Sequence[str],
    undo: UndoWire,
    action: Action,
    *,
    zones: Mapping[str, str],
    completing: Completing,
    may_take_out: bool,
    owner: frozenset[str],
    now: datetime,
    zone: ZoneInfo,
    pacer: Pacer,
) -> Change | None:
    """Return what is to be written of a task; None where nothing is left to do.

    texts: all components of its UID. zones: VTIMEZONEs by the names that explain nothing.
    completing, may_take_out, owner: as `Click` has them.
    Raises Rejected and TooMuchWork.
    """
    try:
        root = _calendar(texts, zones, pacer)
        (calendar,) = root.components("VCALENDAR")
        before = {id(each): (each, bytes(each)) for each in calendar.components("VTODO")}
        resource = Resource(root, "VTODO", zone, pacer)
        items = [*resource.overrides, *([resource.master] if resource.master else [])]
        if len(before) != len(texts) or any(not _is_of_uid(each, undo.uid) for each in items):
            raise NotEditable
        click = Click(
            *(resource, undo, action, owner, now),
            completing=completing,
            may_take_out=may_take_out,
        )
        if not click.carry_out():
            return None
        after = {id(each): (each, bytes(each)) for each in calendar.components("VTODO")}
        written = [text for key, (_, text) in after.items() if before.get(key) != after[key]]
        removed = [each for each in items if id(each.written) not in after]
        if len(written) + len(removed) != 1:
            raise NotEditable
        if removed:
            return Removal(removed[0].read.value("RECURRENCE-ID"))
        return written[0].decode()
    except (NotEditable, ValueError, OverflowError):  # ValueError: Unreadable is one
        pass
    raise Rejected(translated(NOT_EDITABLE))


def _is_of_uid(item: Item, uid: str) -> bool:
    said = item.read.value("UID")
    return uid in (said, text_from_value(said))


def _calendar(texts: Sequence[str], zones: Mapping[str, str], pacer: Pacer) -> Written:
    """The components as those of one calendar, with the zones of that name."""
    defined = [_zone(name, text, pacer) for name, text in zones.items()]
    inner = [*defined, *(text if text.endswith("\n") else f"{text}\r\n" for text in texts)]
    return parse(f"{_BEGIN}{''.join(inner)}{_END}".encode(), pacer)


def _zone(name: str, text: str, pacer: Pacer) -> str:
    """Its VTIMEZONE, however the list calls it in there; empty where it makes no sense."""
    if len(text) > MAX_COMPONENT:
        return ""
    try:
        root = parse(f"{_BEGIN}{text.rstrip()}\r\n{_END}".encode(), pacer)
        (calendar,) = root.components("VCALENDAR")
        (found,) = calendar.components()
        found.put(f"TZID:{name}")
    except (NotEditable, ValueError):
        return ""
    return bytes(found).decode() if found.name == "VTIMEZONE" else ""


_BEGIN = "BEGIN:VCALENDAR\r\n"
_END = "END:VCALENDAR\r\n"
