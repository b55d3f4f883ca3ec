"""Reads the resources of a CalDAV collection; what they show is told as for any other objects."""

from collections.abc import Iterable
from datetime import date

from oo_desktop.connectors.caldav.wire import (
    CALDAV_ID,
    MAX_SIGNAL_ID,
    UndoWire,
    signal_id,
    undo_text,
)
from oo_desktop.connectors.icalendar import objects
from oo_desktop.connectors.icalendar.events import Window
from oo_desktop.connectors.icalendar.lines import components, utf8_from_body
from oo_desktop.connectors.icalendar.objects import (
    OBJECT_PROPERTIES,
    CalendarObject,
    Found,
    Recorded,
    Words,
    object_from_components,
)
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.model.signals import Container, UserId

_LONGEST_STAMP = len("#20261129T090000Z")


def _undo_of(recorded: Recorded) -> str | None:
    return undo_text(UndoWire(*recorded))


_WORDS = Words(CALDAV_ID, signal_id, _undo_of)


def object_from_body(
    href: str, etag: str | None, body: bytes, *, since: date, owner: frozenset[str], pacer: Pacer
) -> CalendarObject:
    """Read a resource, as `object_from_components` does. Raises TooMuchWork."""
    if len(signal_id(href)) + _LONGEST_STAMP > MAX_SIGNAL_ID:
        return CalendarObject(name=href, etag=etag, unread=1)
    body = utf8_from_body(body, None, pacer)
    found = components(body, OBJECT_PROPERTIES, pacer, with_value={"ATTENDEE": owner})
    return object_from_components(href, etag, found, since=since, owner=owner, pacer=pacer)


def signals_from_objects(
    resources: Iterable[CalendarObject],
    window: Window,
    *,
    user_id: UserId,
    container: Container,
    may_write: bool,
    may_reply: bool,
    pacer: Pacer,
) -> Found:
    """Return what the resources of one collection show, as `objects.signals_from_objects` does.

    Raises TooManyEvents and TooMuchWork.
    """
    return objects.signals_from_objects(
        resources,
        window,
        words=_WORDS,
        user_id=user_id,
        container=container,
        may_write=may_write,
        may_reply=may_reply,
        pacer=pacer,
    )
