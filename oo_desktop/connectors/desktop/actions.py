"""Carries out a click on a task of this computer's lists: read anew, compared, written in place.

What happened elsewhere since the click decides, as on a CalDAV server: see `icalendar.changes`. A
series moves on as Evolution Data Server's own programs move it (`Completing.MOVES_ON`), so that all
show the same; where the list's server does that itself (`task-handle-recur`), the master is simply
completed. A component that was made for one occurrence stays when its date is put back: to remove
one would leave its occurrence out for good.

Local lists take any write, also one that is based on something old, so everything is read right
before it is written. Lists of a server are written with the flag that refuses a stale write, and
with X-EVOLUTION-CALDAV-ETAG as it was read, by which the service knows what is stale.

| the service says | the click |
|---|---|
| there is no such task | done, of a DONE; else refused: it no longer exists |
| out of sync: changed on the server | its server is looked at, and all begins anew, once; then it \
waits |
| its server cannot be reached, refuses the sign-in or does not answer | waits: nothing is queued \
there |
| no answer, or it went away | waits; what it did shows when the task is read again |
| may not be written; an operation that the list does not have | refused |
| there is no such list any more | refused |

Invitations cannot be answered: the answer is an iTIP message, which the service sends by a mail
account of Evolution, if there is one, and nothing tells whether it has.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from oo_desktop.connectors.desktop.bus import EdsCode, EdsError
from oo_desktop.connectors.desktop.wire import (
    TASK_HANDLE_RECUR,
    UndoWire,
    uids_query,
    undo_from_text,
)
from oo_desktop.connectors.icalendar.changes import (
    FORGOTTEN,
    GONE,
    NOT_EDITABLE,
    Completing,
    change,
)
from oo_desktop.connectors.icalendar.edit import NotEditable, Written, parse, split_line
from oo_desktop.connectors.icalendar.pacing import Pacer, TooMuchWork, run_paced
from oo_desktop.connectors.icalendar.zones import zone_from_name
from oo_desktop.errors import Rejected, Unavailable
from oo_desktop.model.signals import ActionKind, SignalId
from oo_desktop.model.source import Action

MAX_ATTEMPTS = 2
"""How often a task is read because it changed between reading and writing."""

MAX_WORK_SECONDS = 2.0
"""Of computing for one click."""

MAX_COMPONENTS = 1_000
"""Of one task: its series, and the occurrences with components of their own."""

MAX_CHARACTERS = 1_000_000
"""Of all of them."""

MAX_LOOKS = 12
LOOK_SECONDS = 0.25
"""How often, and how far apart, it is seen whether the service has looked at its server."""

KEEPS_CHANGING = "This keeps changing on the server. oO tries again."
NO_ANSWER = "Evolution Data Server did not answer. oO tries again."
UNREACHED = "The server of this list cannot be reached at the moment. oO tries again."
SIGN_IN = (
    "The server of this list refuses the sign-in. Open GNOME Settings (Online Accounts) or "
    "Calendar, which asks for it; oO tries again."
)
READ_ONLY = "Nothing can be changed in this list."
NO_LIST = "This list is no longer on this computer."

_TASK = "VTODO"

_WAITS = {
    EdsCode.SIGN_IN: (SIGN_IN, False),
    EdsCode.OFFLINE: (UNREACHED, False),
    EdsCode.REFUSED_CONNECTION: (UNREACHED, False),
    EdsCode.TIMED_OUT: (NO_ANSWER, True),
    EdsCode.NO_REPLY: (NO_ANSWER, True),
    EdsCode.NO_SERVICE: (NO_ANSWER, False),
    EdsCode.OTHER: (NO_ANSWER, True),
}
"""What passes, in words; and whether the service may have done it all the same."""

_NEVER = {
    EdsCode.DENIED: READ_ONLY,
    EdsCode.NOT_SUPPORTED: READ_ONLY,
    EdsCode.NO_SOURCE: NO_LIST,
    EdsCode.WRONG_KIND: NO_LIST,
    EdsCode.INVALID: NOT_EDITABLE,
    EdsCode.BAD_QUERY: NOT_EDITABLE,
    EdsCode.EXISTS: NOT_EDITABLE,
}

_ANEW = frozenset({EdsCode.OUT_OF_SYNC, EdsCode.GONE, EdsCode.NO_OBJECT})
"""What says that nothing was written, and that it is worth looking again."""


class OpenedList(Protocol):
    """Is a list that the service has open; see `source.OpenedList`. Methods raise EdsError, and
    Unavailable where there is no bus."""

    @property
    def writable(self) -> bool: ...

    @property
    def capabilities(self) -> frozenset[str]: ...

    async def query(self, text: str) -> Sequence[str]: ...

    async def modify(self, component: str) -> None: ...

    async def refresh(self) -> None: ...

    async def zone(self, zone_id: str) -> str | None: ...


class OpenedLists(Protocol):
    """Opens lists."""

    async def opened(self, uid: str) -> OpenedList:
        """Return a list, opened. Raises EdsError, and Unavailable where there is no service."""
        ...


async def act(
    lists: OpenedLists,
    signal_id: SignalId,
    action: Action,
    *,
    now: datetime,
    zone: ZoneInfo,
    look_seconds: float = LOOK_SECONDS,
) -> None:
    """Carry out a click. Raises Rejected and Unavailable.

    zone: the machine's, in which times without a zone are.
    look_seconds: after which it is seen, again and again, whether a server was looked at.
    """
    undo = undo_from_text(action.undo, signal_id)
    if undo is None:
        raise Rejected(FORGOTTEN)
    for attempt in range(MAX_ATTEMPTS):
        try:
            if attempt:
                await _look_at_server(lists, undo, look_seconds)
            await _act(lists, undo, action, now=now, zone=zone)
        except EdsError as error:
            code = error.code
        else:
            return
        if code not in _ANEW:
            raise _failure(code)
    raise Unavailable(KEEPS_CHANGING, reached=False)


async def _act(
    lists: OpenedLists, undo: UndoWire, action: Action, *, now: datetime, zone: ZoneInfo
) -> None:
    opened = await lists.opened(undo.list_uid)
    seen = await _read(opened, undo.uid)
    if not seen and action.kind is ActionKind.DONE:
        return
    if not seen:
        raise Rejected(GONE, status=404)
    by_server = TASK_HANDLE_RECUR in opened.capabilities
    completing = Completing.BY_SERVER if by_server else Completing.MOVES_ON
    zones = await _zones(opened, seen)

    def new_texts(pacer: Pacer) -> list[str]:
        return changed(
            seen, zones, undo, action, now=now, zone=zone, pacer=pacer, completing=completing
        )

    new = await _paced(new_texts)
    if new and not opened.writable:
        raise Rejected(READ_ONLY)
    for text in new:  # it is one
        await opened.modify(text)


async def _read(opened: OpenedList, uid: str) -> tuple[str, ...]:
    """All components of a UID. Raises Rejected where they are more than a task could be."""
    found = tuple(await opened.query(uids_query([uid])))
    if len(found) > MAX_COMPONENTS or sum(map(len, found)) > MAX_CHARACTERS:
        raise Rejected(NOT_EDITABLE)
    return found


async def _look_at_server(lists: OpenedLists, undo: UndoWire, look_seconds: float) -> None:
    """Have the service look at its server, and wait until it has another version, or long enough.

    `Refresh` returns at once, and what it brings comes a moment later.
    """
    opened = await lists.opened(undo.list_uid)
    seen = await _read(opened, undo.uid)
    await opened.refresh()
    for _ in range(MAX_LOOKS):
        await asyncio.sleep(look_seconds)
        if await _read(opened, undo.uid) != seen:
            return


async def _zones(opened: OpenedList, texts: Iterable[str]) -> list[str]:
    """The VTIMEZONEs of zones whose names explain nothing."""
    names = {name for text in texts for name in _zone_ids(text)}
    unknown = sorted(name for name in names if zone_from_name(name) is None)
    found = [await opened.zone(name) for name in unknown]
    return [text for text in found if text is not None]


def _zone_ids(text: str) -> Iterable[str]:
    for line in text.replace("\r\n ", "").replace("\r\n\t", "").split("\r\n"):
        if ";TZID=" in line.upper():
            with suppress(NotEditable):
                _, parameters, _ = split_line(line)
                yield from (
                    value.strip('"') for name, value in parameters if name.upper() == "TZID"
                )


def changed(
    texts: Sequence[str],
    zones: Sequence[str],
    undo: UndoWire,
    action: Action,
    *,
    now: datetime,
    zone: ZoneInfo,
    pacer: Pacer,
    completing: Completing,
) -> list[str]:
    """Return the components that are to be written; none where nothing is left to do.

    texts: all components of the task, bare. zones: the VTIMEZONEs of what names explain nothing.
    Raises Rejected and TooMuchWork.
    """
    root = _calendar([*zones, *texts], pacer)
    before = {bytes(each) for each in _tasks(root)}
    written = change(
        root,
        undo,
        action,
        owner=frozenset(),
        now=now,
        zone=zone,
        pacer=pacer,
        completing=completing,
    )
    if not written:
        return []
    new = [bytes(each) for each in _tasks(root)]
    try:
        return [each.decode() for each in new if each not in before]
    except UnicodeDecodeError:
        pass
    raise Rejected(NOT_EDITABLE)


def _calendar(texts: Iterable[str], pacer: Pacer) -> Written:
    """Raises Rejected for what is not written as components are."""
    inner = "".join(text if text.endswith("\n") else f"{text}\r\n" for text in texts)
    try:
        root = parse(f"BEGIN:VCALENDAR\r\n{inner}END:VCALENDAR\r\n".encode(), pacer)
        if len(root.components()) == 1:
            return root
    except (NotEditable, UnicodeEncodeError):
        pass
    raise Rejected(NOT_EDITABLE)


def _tasks(root: Written) -> list[Written]:
    return [each for calendar in root.components() for each in calendar.components(_TASK)]


async def _paced(new_texts: Callable[[Pacer], list[str]]) -> list[str]:
    try:
        return await run_paced(new_texts, max_seconds=MAX_WORK_SECONDS)
    except TooMuchWork:
        pass
    raise Rejected(NOT_EDITABLE)


def _failure(code: EdsCode) -> Rejected | Unavailable:
    if (never := _NEVER.get(code)) is not None:
        return Rejected(never)
    fact, reached = _WAITS.get(code, (NO_ANSWER, True))
    return Unavailable(fact, reached=reached)
