"""Make signals of what a list of this computer answers: pure, apart from the pace.

Evolution Data Server answers bare components, without a VCALENDAR and without their VTIMEZONEs, and
expands nothing. So a series is read from its components alone (`icalendar.objects`), and a zone
whose name explains nothing is asked for by its name.

| | |
|---|---|
| what is asked of a task list | what is open, and all series: what was completed of one counts |
| what is asked of a calendar | what its own rules say of the days shown, and a day around them |
| … and then | all there is of the series among that: an occurrence that was moved away is found \
by nothing else |
| what is listened to | the same, but all series of a calendar, for the same reason |
| a component longer than `MAX_COMPONENT`, without a UID, or with one that cannot be asked for | \
left out alone, and counted |
| STATUS:CANCELLED, an invitation that the list's owner has declined | left out |
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from oo_desktop.connectors.desktop.sources import List, ListKind
from oo_desktop.connectors.desktop.wire import (
    DESKTOP_ID,
    Named,
    UndoWire,
    signal_id,
    undo_text,
)
from oo_desktop.connectors.icalendar.calendar import MAX_UID
from oo_desktop.connectors.icalendar.events import Window
from oo_desktop.connectors.icalendar.lines import (
    Component,
    Property,
    Unreadable,
    components,
)
from oo_desktop.connectors.icalendar.objects import (
    OBJECT_PROPERTIES,
    CalendarObject,
    Found,
    Recorded,
    Words,
    object_from_components,
    signals_from_objects,
)
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.connectors.icalendar.values import text_from_value
from oo_desktop.connectors.icalendar.zones import zone_from_name
from oo_desktop.model.signals import Container, SignalId, UserId

MAX_COMPONENTS = 10_000
"""Of one list. What it holds in all is some more; these are open, or on now."""

MAX_COMPONENT = 1_000_000
"""Characters of one component."""

MAX_ZONES = 20
"""Zones of one list that are asked for by their names."""

MAX_ZONE_ID = 200

_LONGEST_STAMP = "20261129T090000Z"
_AROUND = timedelta(days=1)
"""The service knows fewer zones by their names than we do, and takes the others for UTC."""

_ENTRY = {ListKind.TASKS: "VTODO", ListKind.CALENDAR: "VEVENT"}
_TIMES = ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID", "EXDATE", "RDATE")
_REPEATS = ("RRULE", "RDATE", "RECURRENCE-ID")


class TooManyComponents(Exception):
    """Says that a list holds more than anyone could look at."""


class Components(Struct, frozen=True):
    """Holds what a list has answered.

    by_uid: all components of one UID. series: the UIDs of those that repeat.
    zone_ids: those whose names explain nothing. unread: how many cannot be read.
    """

    by_uid: Mapping[str, Sequence[Component]]
    series: tuple[str, ...]
    zone_ids: tuple[str, ...]
    unread: int


# What is asked


def query_to_read(kind: ListKind, window: Window) -> str:
    """Return the query for what a list may show in `window`."""
    return _OPEN if kind is ListKind.TASKS else _on_in(window)


def query_to_watch(kind: ListKind, window: Window) -> str:
    """Return the query for what can change what a list shows in `window`.

    An occurrence that is moved out of it was in it by the rule of its series alone, and nothing is
    told of that series.
    """
    return _OPEN if kind is ListKind.TASKS else f"(or {_on_in(window)} (has-recurrences?))"


_OPEN = "(or (not (is-completed?)) (has-recurrences?))"


def _on_in(window: Window) -> str:
    begin, end = window.begin - _AROUND, window.end + _AROUND
    return f"(occur-in-time-range? {_time(begin)} {_time(end)})"


def _time(at: datetime) -> str:
    return f'(make-time "{at:%Y%m%dT%H%M%SZ}")'


# What comes


def components_from_texts(
    texts: Sequence[str], one: List, owner: frozenset[str], pacer: Pacer
) -> Components:
    """Read what a list has answered.

    owner: what names its owner among the guests of an event, in small letters: `mailto:…`.
    Raises TooManyComponents and TooMuchWork.
    """
    if len(texts) > MAX_COMPONENTS:
        raise TooManyComponents
    by_uid: dict[str, list[Component]] = {}
    zone_ids: dict[str, None] = {}
    unread = 0
    for text in texts:
        found = _read(text, _ENTRY[one.kind], owner, pacer)
        uid = None if found is None else _uid(found, one)
        if found is None or uid is None:
            unread += 1
            continue
        by_uid.setdefault(uid, []).append(found)
        zone_ids |= dict.fromkeys(unknown_zones(found))
        pacer.step()
    series = tuple(uid for uid, all_ in by_uid.items() if any(map(_repeats, all_)))
    return Components(by_uid, series, tuple(zone_ids)[:MAX_ZONES], unread)


def _read(text: str, name: str, owner: frozenset[str], pacer: Pacer) -> Component | None:
    if len(text) > MAX_COMPONENT:
        return None
    found = components(text.encode(), OBJECT_PROPERTIES, pacer, with_value={"ATTENDEE": owner})
    return next((each for each in found if each.name == name), None)


def _uid(found: Component, one: List) -> str | None:
    uid = text_from_value(found.value("UID"))[:MAX_UID]  # so queries compare it
    named = Named(one.uid, uid, _LONGEST_STAMP)
    return None if signal_id(named) is None else uid


def _repeats(component: Component) -> bool:
    return any(component.first(name) is not None for name in _REPEATS)


def unknown_zones(component: Component) -> Iterator[str]:
    """Yield the names of zones of its times that explain nothing."""
    for name in _TIMES:
        for found in component.all(name):
            zone_id = found.parameters.get("TZID", "")
            may_be_asked = len(zone_id) <= MAX_ZONE_ID and zone_id.isprintable()
            if zone_id and may_be_asked and zone_from_name(zone_id) is None:
                yield zone_id


def objects_from_components(
    read: Components,
    zones: Mapping[str, str],
    *,
    first: date,
    owner: frozenset[str],
    pacer: Pacer,
) -> tuple[CalendarObject, ...]:
    """Return what is kept of what a list has answered.

    zones: the VTIMEZONEs of those of its `zone_ids` that it knows, by these.
    first: the first day that is shown. owner: as above.

    Raises TooMuchWork.
    """
    known = {
        zone_id: defined
        for zone_id, text in zones.items()
        if (defined := _defined(zone_id, text, pacer)) is not None
    }
    return tuple(
        _object(uid, all_, known, first, owner, pacer) for uid, all_ in read.by_uid.items()
    )


def signals_from_list(
    one: List,
    objects: Sequence[CalendarObject],
    window: Window,
    *,
    user_id: UserId,
    may_write: bool,
    pacer: Pacer,
) -> Found:
    """Return what a list shows in `window`. may_write: its tasks can be changed.

    Raises TooManyEvents and TooMuchWork.
    """
    return signals_from_objects(
        objects,
        window,
        words=_words(one),
        user_id=user_id,
        container=Container(one.name, one.color),
        may_write=may_write,
        may_reply=False,
        pacer=pacer,
    )


def _defined(zone_id: str, text: str, pacer: Pacer) -> Component | None:
    if len(text) > MAX_COMPONENT:
        return None
    found = components(text.encode(), OBJECT_PROPERTIES, pacer)
    defined = next((each for each in found if each.name == "VTIMEZONE"), None)
    if defined is not None:
        defined.properties["TZID"] = [Property({}, zone_id)]  # however the service calls it
    return defined


def _object(
    uid: str,
    entries: Sequence[Component],
    zones: Mapping[str, Component],
    first: date,
    owner: frozenset[str],
    pacer: Pacer,
) -> CalendarObject:
    asked = {zone_id for each in entries for zone_id in unknown_zones(each)} if zones else set()
    needed = [zones[zone_id] for zone_id in sorted(asked & zones.keys())]
    calendar = Component("VCALENDAR")  # it comes without
    return object_from_components(
        uid,
        None,
        [*needed, *entries, calendar],
        since=first - timedelta(days=3),
        owner=owner,
        pacer=pacer,
    )


def _words(one: List) -> Words:
    def id_of(uid: str, recurrence: str | None) -> SignalId:
        found = signal_id(Named(one.uid, uid, recurrence))
        if found is None:  # all of these were left out when they were read
            raise Unreadable("UID")
        return found

    def undo_of(recorded: Recorded) -> str | None:
        return undo_text(UndoWire(one.uid, *recorded))

    return Words(DESKTOP_ID, id_of, undo_of)
