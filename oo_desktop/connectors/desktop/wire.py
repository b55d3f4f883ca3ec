"""Holds what oO writes down about the lists of this computer, and what Evolution Data Server calls
its services, objects and interfaces.

Names and signatures are the same from version 3.34 (2019) to 3.60 (2026), by the XML in its sources
(src/private); a number in a name counts the changes of the interface, so that no other is taken.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote

import msgspec
from msgspec import Struct

from oo_desktop.model.signals import ProviderId, SignalId, UserId

DESKTOP_ID = ProviderId("desktop")

USER_ID = UserId("this-computer")
"""There is one account: whose session it is."""

SOURCES_NAME = "org.gnome.evolution.dataserver.Sources5"
CALENDAR_NAME = "org.gnome.evolution.dataserver.Calendar8"

MANAGER_PATH = "/org/gnome/evolution/dataserver/SourceManager"
FACTORY_PATH = "/org/gnome/evolution/dataserver/CalendarFactory"

SOURCE_INTERFACE = "org.gnome.evolution.dataserver.Source"
FACTORY_INTERFACE = "org.gnome.evolution.dataserver.CalendarFactory"
CALENDAR_INTERFACE = "org.gnome.evolution.dataserver.Calendar"
VIEW_INTERFACE = "org.gnome.evolution.dataserver.CalendarView"

OBJECT_MANAGER_INTERFACE = "org.freedesktop.DBus.ObjectManager"
PROPERTIES_INTERFACE = "org.freedesktop.DBus.Properties"

TASK_HANDLE_RECUR = "task-handle-recur"
"""A capability of a list: its server moves a series on by itself (e-cal-client.h)."""

REMOVE_ONLY_THIS = "remove-only-this"
"""A capability of a list: one override can be taken out, and nothing else happens."""

MAX_SIGNAL_ID = 512
"""Characters of a signal's id."""

MAX_UNDO = 20_000
"""Characters of a signal's `undo`. A rule may list hundreds of days; nearly all have 300."""

_STAMP = re.compile(r"[0-9]{8}(?:T[0-9]{6}Z)?")
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""What no text on the bus can hold, or none that means one thing in a query."""


class Named(NamedTuple):
    """Tells what an id of a signal names.

    list_uid: of the calendar or task list.
    uid: of the component in it, as queries compare it: the text, not its escaped value.
    recurrence: the stamp of the occurrence's original beginning; None for what does not repeat.
    """

    list_uid: str
    uid: str
    recurrence: str | None = None


class UndoWire(Struct, frozen=True, gc=False, omit_defaults=True):
    """Holds what a signal carries as `undo`: its component as it was when it was clicked.

    list_uid, uid, recurrence: as `Named` has them. Of a series that has no beginning, the stamp is
        that of the due date.
    lines: by the property's name its content line, unfolded, of the component that is shown: the
        occurrence's own where there is one, else the master. DTSTART, DUE, DURATION, RRULE, STATUS,
        COMPLETED and PERCENT-COMPLETE, as far as they are there.
    master: the same of the master, where `lines` are of an occurrence's own component.
    """

    list_uid: str
    uid: str
    recurrence: str | None = None
    lines: Mapping[str, str] = {}
    master: Mapping[str, str] | None = None


def signal_id(named: Named) -> SignalId | None:
    """Return the id of a signal; None where it would be too long, or could not be asked for."""
    if not is_uid(named.list_uid) or not is_uid(named.uid):
        return None
    text = "#".join(quote(part, safe="@") for part in named if part is not None)
    return SignalId(text) if len(text) <= MAX_SIGNAL_ID else None


def named_from_id(id_: str) -> Named | None:
    """Return what the id of a signal names; None for what `signal_id` has never made."""
    parts = id_.split("#") if len(id_) <= MAX_SIGNAL_ID else []
    if len(parts) not in (2, 3):
        return None
    try:
        named = Named(*(unquote(part, errors="strict") for part in parts))
        if named.recurrence is not None and not _STAMP.fullmatch(named.recurrence):
            return None
        return named if signal_id(named) == id_ else None
    except UnicodeError:
        return None


def is_uid(text: str) -> bool:
    """Return whether a UID can be asked for."""
    return bool(text) and _UNFIT.search(text) is None


def undo_text(undo: UndoWire) -> str | None:
    """Return `undo` as JSON; None where that would be too long to be kept with every click."""
    text = msgspec.json.encode(undo).decode()
    return text if len(text) <= MAX_UNDO else None


def undo_from_text(text: str | None, id_: str) -> UndoWire | None:
    """Return what `undo_text` has made for the signal of that id; None for anything else."""
    try:
        undo = msgspec.json.decode(text or "", type=UndoWire)
    except (msgspec.DecodeError, UnicodeError):
        return None
    named = Named(undo.list_uid, undo.uid, undo.recurrence)
    return undo if named == named_from_id(id_) else None


def uids_query(uids: Iterable[str]) -> str:
    r"""Return the query for all components of these UIDs: masters and exceptions.

    It is an expression of E-Sexp, whose texts are GScanner's: `\` and `"` are escaped. Each of
    `uids` is one by `is_uid`.
    """
    each = [f'(uid? "{uid.translate(_ESCAPED)}")' for uid in uids]
    return each[0] if len(each) == 1 else f"(or {' '.join(each)})"


_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"'})
