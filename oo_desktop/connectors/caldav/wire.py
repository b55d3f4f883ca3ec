"""Holds what oO writes down about a resource: ids of signals, and what undoes a click."""

from collections.abc import Mapping
from urllib.parse import quote, unquote

import msgspec
from msgspec import Struct

from oo_desktop.model.signals import ProviderId, SignalId

CALDAV_ID = ProviderId("caldav")

MAX_SIGNAL_ID = 512
"""Characters of a signal's id: the path of its resource, and which occurrence it is."""

MAX_UNDO = 20_000
"""Characters of a signal's `undo`. A rule may list hundreds of days; nearly all have 300."""


class UndoWire(Struct, frozen=True, gc=False, omit_defaults=True):
    """Holds what a signal carries as `undo`: its component as it was when it was clicked.

    href: the path of its resource, as its server wrote it.
    recurrence: the stamp of the occurrence's original beginning (of its due date, where the series
        has no beginning); None for what does not repeat.
    lines: by the property's name its content line, unfolded, of the component that is shown: the
        occurrence's own where there is one, else the master. Of a task DTSTART, DUE, DURATION,
        RRULE, STATUS, COMPLETED and PERCENT-COMPLETE; of an event DTSTART, DTEND, DURATION, RRULE,
        STATUS and the ATTENDEE that is the owner. Only those that are there.
    master: the same of the master, where `lines` are of an occurrence's own component.
    """

    href: str
    recurrence: str | None = None
    lines: Mapping[str, str] = {}
    master: Mapping[str, str] | None = None


def signal_id(href: str, recurrence: str | None = None) -> SignalId:
    """Return the id of what a resource holds: of the occurrence with that stamp, where it repeats.

    The path is quoted in one way, however its server writes it.
    """
    path = quote(unquote(href), safe="/@")
    return SignalId(path if recurrence is None else f"{path}#{recurrence}")


def undo_text(undo: UndoWire) -> str | None:
    """Return `undo` as JSON; None where that would be too long to be kept with every click."""
    text = msgspec.json.encode(undo).decode()
    return text if len(text) <= MAX_UNDO else None
