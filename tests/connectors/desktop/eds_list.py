"""A list of tasks that checks what Evolution Data Server checks, without a bus; and clicks on it.

As seen with version 3.46.4, with a list in a file and one on a CalDAV server (Radicale 3).
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from oo_desktop.connectors.desktop import actions
from oo_desktop.connectors.desktop.bus import EdsCode, EdsError
from oo_desktop.connectors.desktop.wire import (
    REMOVE_ONLY_THIS,
    Named,
    UndoWire,
    signal_id,
    undo_text,
)
from oo_desktop.model.signals import ActionKind, Due
from oo_desktop.model.source import Action

NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
LIST = "system-task-list"
UID = "1@example.com"
ETAG = "X-EVOLUTION-CALDAV-ETAG"
KEPT = ("DTSTART", "DUE", "DURATION", "RRULE", "STATUS", "COMPLETED", "PERCENT-COMPLETE")

Key = tuple[str, str]


def lines_of(component: str) -> dict[str, str]:
    """Return the lines by their names, unfolded; BEGIN and END left out."""
    unfolded = re.sub(r"\r\n[ \t]", "", component)
    lines = [each for each in unfolded.split("\r\n") if each]
    named = {re.split("[:;]", each, maxsplit=1)[0].upper(): each for each in lines}
    return {name: line for name, line in named.items() if name not in ("BEGIN", "END")}


def value_of(component: str, name: str) -> str:
    return lines_of(component).get(name, "").partition(":")[2]


def key_of(component: str) -> Key:
    return value_of(component, "UID"), value_of(component, "RECURRENCE-ID")


class EdsList:
    """Is a list that is open. on_server: it is on one, which `elsewhere` changes unseen.

    written: each component that was taken. before: what happens just before the next write.
    error: of the next write. is_lost: its answer is lost after it was carried out.
    """

    def __init__(self, *components: str, on_server: bool = False) -> None:
        self.on_server = on_server
        self.writable = True
        self.capabilities = frozenset() if on_server else frozenset({REMOVE_ONLY_THIS})
        self.owner: frozenset[str] = frozenset()
        self.objects = {key_of(each): each for each in components}
        self.server = dict(self.objects)
        self.version = 1
        self.seen = 1
        self.written: list[str] = []
        self.removed: list[Key] = []
        self.queries: list[str] = []
        self.refreshed = 0
        self.before: Callable[[], None] | None = None
        self.error: EdsCode | None = None
        self.is_lost = False
        self.zones: dict[str, str] = {}

    async def opened(self, uid: str) -> "EdsList":
        if uid != LIST:
            raise EdsError(EdsCode.NO_SOURCE)
        return self

    async def query(self, text: str) -> Sequence[str]:
        self.queries.append(text)
        found = re.fullmatch(r'\(uid\? "((?:[^"\\]|\\.)*)"\)', text)
        if found is None:
            raise EdsError(EdsCode.BAD_QUERY)
        uid = re.sub(r"\\(.)", r"\1", found[1])
        inner = [each for (of, _), each in self.objects.items() if of == uid]
        if not self.on_server:
            return inner
        end = "END:VTODO\r\n"
        return [each.replace(end, f"{ETAG}:{self.seen}\r\n{end}") for each in inner]

    async def zone(self, zone_id: str) -> str | None:
        return self.zones.get(zone_id)

    async def refresh(self) -> None:
        self.refreshed += 1
        self.objects, self.seen = dict(self.server), self.version

    async def modify(self, component: str) -> None:
        assert component.startswith("BEGIN:VTODO\r\n")
        assert component.endswith("END:VTODO\r\n")
        if component.count("BEGIN:VTODO") != 1:
            raise EdsError(EdsCode.INVALID)
        self._check(component)
        uid = re.sub(r"\\(.)", r"\1", key_of(component)[0])
        if uid not in {of for of, _ in self.objects}:
            raise EdsError(EdsCode.GONE)
        self.written.append(component)
        self._store(component)
        self._answer()

    async def remove(self, uid: str, recurrence: str) -> None:
        assert REMOVE_ONLY_THIS in self.capabilities, "would leave an EXRULE"
        self._check(None)
        if (uid, recurrence) not in self.objects:
            raise EdsError(EdsCode.GONE)
        del self.objects[uid, recurrence]
        self.removed.append((uid, recurrence))
        self.server = dict(self.objects)
        self._answer()

    def elsewhere(self, component: str | None, key: Key | None = None) -> None:
        """Another program has written this; None: has deleted what `key` names."""
        key = key or key_of(component or "")
        if component is None:
            self.server = {each: text for each, text in self.server.items() if each != key}
        else:
            self.server[key] = component
        self.version += 1
        if not self.on_server:
            self.objects = dict(self.server)

    def _check(self, component: str | None) -> None:
        before, self.before = self.before, None
        if before is not None:
            before()
        error, self.error = self.error, None
        if error is not None:
            raise EdsError(error)
        if not self.writable:
            raise EdsError(EdsCode.NOT_SUPPORTED)
        is_checked = self.on_server and component is not None
        if is_checked and value_of(component or "", ETAG) != f"{self.version}":
            raise EdsError(EdsCode.OUT_OF_SYNC)

    def _store(self, component: str) -> None:
        component = component.replace(f"{ETAG}:{self.version}\r\n", "")
        self.objects[key_of(component)] = component
        self.server = dict(self.objects)
        self.version += 1
        self.seen = self.version

    def _answer(self) -> None:
        is_lost, self.is_lost = self.is_lost, False
        if is_lost:
            raise EdsError(EdsCode.NO_REPLY)

    def master(self) -> str:
        return self.objects[UID, ""]


def undo_of(component: str, stamp: str | None = None, master: str | None = None) -> UndoWire:
    """Return what a click on a component carries."""
    return UndoWire(LIST, UID, stamp, _kept(component), _kept(master) if master else None)


def _kept(component: str) -> dict[str, str]:
    return {name: line for name, line in lines_of(component).items() if name in KEPT}


async def carry_out(
    lists: actions.OpenedLists,
    kind: ActionKind,
    undo: UndoWire,
    *,
    due: Due | None = None,
    may_be_done: bool = False,
    insists: bool = False,
) -> None:
    """Carry out a click, as the outbox asks for it."""
    named = signal_id(Named(undo.list_uid, undo.uid, undo.recurrence))
    assert named is not None
    action = Action(
        kind=kind,
        uuid="u",
        undo=undo_text(undo),
        due=due,
        may_be_done=may_be_done,
        insists=insists,
    )
    await actions.act(lists, named, action, now=NOW, zone=ZONE, refresh_seconds=0)
