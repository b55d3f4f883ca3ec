"""Carries out a click on a task: what of its components changes.

Whoever reads and writes them says in which form they come, and how an occurrence is completed; the
tables of what is decided stand there.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum, auto
from typing import NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from oo_desktop.connectors.icalendar import repeating
from oo_desktop.connectors.icalendar.edit import NotEditable, Written, split_line
from oo_desktop.connectors.icalendar.lines import (
    Component,
    Property,
    Unreadable,
    components,
    is_of,
)
from oo_desktop.connectors.icalendar.pacing import Pacer
from oo_desktop.connectors.icalendar.recurrence import Key, Zones, stamp_of
from oo_desktop.connectors.icalendar.repeating import (
    DATES,
    PROGRESS,
    RULES,
    Changes,
    Dates,
    Series,
    are_same,
    dates_of,
    due_changed,
    is_due,
    is_later,
)
from oo_desktop.connectors.icalendar.todos import is_completed
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
from oo_desktop.errors import Rejected
from oo_desktop.language import translated, untranslated
from oo_desktop.model.signals import ActionKind
from oo_desktop.model.source import Action
from oo_desktop.model.zones import zone_named

T = TypeVar("T")

GONE = untranslated("This no longer exists.")
OVER = untranslated("This task was completed or cancelled elsewhere since you clicked.")
LEFT_OUT = untranslated("This occurrence was deleted elsewhere since you clicked.")
OTHER_DATE = untranslated("Its date was changed elsewhere since you clicked.")
OTHER_RULE = untranslated("How it repeats was changed elsewhere since you clicked.")
REPEATS = untranslated(
    "It repeats, and would stop without a date. Please remove the date in another app."
)
WHAT_NOW = {
    ActionKind.DONE: untranslated("Try again to complete the date it has now."),
    ActionKind.REOPEN: untranslated("oO leaves it as it is."),
    ActionKind.RESTORE: untranslated("oO leaves it as it is."),
}
TRY_AGAIN = untranslated("Try again to put it off all the same.")
CHANGED_SINCE = untranslated("This task was changed since it was completed. oO leaves it as it is.")

_WANTED = frozenset(
    {
        *("DTSTART", "DUE", "DURATION", "RECURRENCE-ID", "UID", "SEQUENCE"),
        *("RRULE", "RDATE", "EXDATE", "EXRULE", "STATUS", "COMPLETED", "PERCENT-COMPLETE"),
        *("TZID", "TZOFFSETFROM", "TZOFFSETTO", "X-LIC-LOCATION", "X-WR-TIMEZONE", "TIMEZONE-ID"),
    }
)
_OF_THE_MOMENT = ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "CREATED")
"""What differs between a component and a copy of it that nobody has changed."""


class Completing(Enum):
    """Names how the first occurrence of a series is completed."""

    UNLESS_CHANGED = auto()
    """Its master moves on, as `repeating` has it: not where there is an override."""
    MOVING = auto()
    """Its master moves on, whatever overrides there are."""
    PLAIN = auto()
    """Its master is completed: whoever stores it moves it on."""


class Kept(Protocol):
    """Is what a click carries of what was clicked.

    recurrence: the stamp of the occurrence's original beginning; None for what does not repeat.
    lines: by the property's name its content line, unfolded, of the component that was shown.
    master: the same of the master, where `lines` are of an occurrence's own component.
    """

    @property
    def recurrence(self) -> str | None: ...
    @property
    def lines(self) -> Mapping[str, str]: ...
    @property
    def master(self) -> Mapping[str, str] | None: ...


class Item(NamedTuple):
    """Holds one component: as it is written, and what is read of it."""

    written: Written
    read: Component
    recurrence: IcalMoment | None

    @property
    def is_cancelled(self) -> bool:
        """Return whether it will not happen."""
        return self.read.value("STATUS").upper() == "CANCELLED"

    @property
    def is_done(self) -> bool:
        """Return whether it is completed."""
        return is_completed(self.read)

    @property
    def is_over(self) -> bool:
        """Return whether nothing of it is left to do."""
        return self.is_done or self.is_cancelled

    @property
    def is_for_all_after(self) -> bool:
        """Return whether it is about all that follow as well (RFC 5545, section 3.2.13)."""
        found = self.read.first("RECURRENCE-ID")
        return found is not None and "RANGE" in found.parameters

    @property
    def repeats(self) -> bool:
        """Return whether it is the master of a series."""
        return any(self.read.value(name) for name in ("RRULE", "RDATE"))

    @property
    def sequence(self) -> int:
        """Return how often it was changed, as it says."""
        return _number(self.read.value("SEQUENCE"))

    def lines(self) -> dict[str, str]:
        """Return the first line of each property."""
        return _by_name(self.written.lines())

    def change(self, changes: Changes) -> None:
        """Write these lines. Raises NotEditable."""
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


def _item(written: Written, pacer: Pacer) -> Item:
    """Raises NotEditable where it is read otherwise than it is written."""
    read = next(components(bytes(written), _WANTED, pacer), None)
    if read is None or read.broken or read.name != written.name:
        raise NotEditable
    return Item(written, read, read.read("RECURRENCE-ID", moment_from_property))


class Resource:
    """Is a resource: its task or its event, and the occurrences that have components of their own.

    root: its calendars, as they are written. kind: of its components. zone: that of floating times.

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
        """Return the master as a series; None where it does not repeat. Raises Unreadable."""
        if self.master is None or not self.master.repeats:
            return None
        return Series(self.master.read, self.zones, self.pacer)

    def override(self, stamp: str, series: Series | None) -> Item | None:
        """Return the component of one occurrence, in whichever form or zone its RECURRENCE-ID is;
        None where it has none of its own."""
        original = series.find(stamp) if series is not None else None
        for each in reversed(self.overrides):
            if each.recurrence is None:
                continue
            if self.key(each, series) == stamp:
                return each
            if original is not None and series and series.is_named(original, each.recurrence):
                return each
        return None

    def key(self, override: Item, series: Series | None) -> str:
        """Return the stamp of an override's occurrence."""
        named = known(override.recurrence)
        return stamp_of(self.zones.named(named, series.anchor if series else None))

    def add_override(self, original: IcalMoment, series: Series) -> Item:
        """Write a component for an occurrence, and return it: the master's, without what makes it
        repeat."""
        master = known(self.master)
        lines = master.lines()
        new = master.written.copy()
        new.remove(*RULES)
        new.put(repeating.recurrence_line(original, lines))
        for line in repeating.dates_at(series, original, lines).values():
            if line is not None:
                new.put(line)
        self._calendar(master).add_after(master.written, new)
        return _item(new, self.pacer)

    def take_out(self, item: Item) -> None:
        """Take a component out."""
        self._calendar(item).take_out(item.written)

    def _calendar(self, item: Item) -> Written:
        calendars = self.root.components("VCALENDAR")
        return next(each for each in calendars if item.written in each.components(self.kind))


def known(value: T | None) -> T:
    """Return `value`. Raises NotEditable where it is None."""
    if value is None:
        raise NotEditable
    return value


class Clicked:
    """Is what was clicked, by the lines that the click carries. Raises NotEditable, Unreadable.

    is_own: the lines are of the occurrence's own component, or of what does not repeat. Those of a
    master that repeats by RDATE alone, which is not kept with a click, are known by the master.
    """

    def __init__(self, undo: Kept, resource: Resource, series: Series | None) -> None:
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
        """Return what puts these properties back as they were."""
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

    item: Item | None
    original: IcalMoment | None
    dates: Dates


class Click:
    """Is a click on a task.

    owner: what names its list's owner among the guests, in small letters: `mailto:…`, paths.
    may_take_out: an override that says no more than its master can be taken out; else it stays.
    """

    def __init__(
        self,
        resource: Resource,
        undo: Kept,
        action: Action,
        owner: frozenset[str],
        now: datetime,
        *,
        completing: Completing = Completing.UNLESS_CHANGED,
        may_take_out: bool = True,
    ) -> None:
        self._completing = completing
        self._may_take_out = may_take_out
        self._resource = resource
        self._action = action
        self._owner = owner
        self._now = now
        self._zones = resource.zones
        self._series = resource.series()
        self._stamp = undo.recurrence
        self._clicked = Clicked(undo, resource, self._series)

    def carry_out(self) -> bool:
        """Change the resource, and return whether anything of it was changed.

        Raises Rejected, NotEditable, Unreadable and TooMuchWork, ValueError and OverflowError.
        """
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
        now = WHAT_NOW.get(self._action.kind, TRY_AGAIN)
        return Rejected(f"{translated(what)} {translated(now)}")

    def _own(self) -> Item | None:
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

    def _done_alone(self, master: Item) -> bool:
        """What does not repeat now; it may have done so when it was clicked."""
        if self._stamp is None or self._action.insists or self._is_that(master):
            return self._complete(master)
        if self._action.may_be_done:
            return False
        raise self._conflict(OTHER_RULE)

    def _is_that(self, master: Item) -> bool:
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
        return self._complete_occurrence(known(place.original))

    def _complete_occurrence(self, original: IcalMoment) -> bool:
        series, master = known(self._series), known(self._resource.master)
        is_first = original == series.anchor
        if is_first and self._completing is Completing.PLAIN:
            return self._complete(master)
        moves = self._completing is Completing.MOVING or not self._resource.overrides
        if is_first and series.is_plain and moves:
            try:
                changes = repeating.moved_on(series, master.lines())
            except Unreadable:
                pass
            else:
                if changes is None:
                    return self._complete(master)
                return self._change(master, changes)
        return self._complete(self._resource.add_override(original, series))

    def _complete(self, item: Item) -> bool:
        return self._change(
            item,
            {
                "STATUS": "STATUS:COMPLETED",
                "COMPLETED": f"COMPLETED:{utc_text(self._now)}",
                "PERCENT-COMPLETE": "PERCENT-COMPLETE:100",
            },
        )

    def _change(self, item: Item, changes: Changes) -> bool:
        if item.is_for_all_after:
            raise NotEditable  # it is the end of the series, not an occurrence of it
        item.change(changes)
        item.change(seal(item, self._owner, self._now))
        return True

    # Where it is

    def _place(self) -> _Place:
        """Where what was clicked is now. Raises Rejected where it is nowhere, or over."""
        own, master, series = self._own(), self._resource.master, self._series
        found = own or master
        if found is None:
            raise Rejected(translated(GONE), status=404)
        if found.is_over:
            raise Rejected(translated(OVER))
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
            raise Rejected(translated(LEFT_OUT))
        return _Place(None, original, series.dates_on(original))

    def _place_now(self) -> _Place:
        """The occurrence of the series that is shown: the first open one of those that have their
        own components and those that come after the last completed one."""
        series = known(self._series)
        own = [
            (self._zones.named(known(each.recurrence), series.anchor), each)
            for each in self._resource.overrides
        ]
        last: Key | None = None
        first: tuple[Key, Item] | None = None
        for key, each in own:
            if each.is_done and (last is None or is_later(key, last)):
                last = key
            if not each.is_over and (first is None or is_later(first[0], key)):
                first = key, each
        over = [known(each.recurrence) for _, each in own if each.is_over]
        for original in series.originals(last):
            if first is not None and not is_later(first[0], series.key(original)):
                break
            if not any(series.is_named(original, each) for each in over):
                return _Place(None, original, series.dates_on(original))
        if first is None:
            raise Rejected(translated(OVER))
        return _Place(first[1], None, dates_of(first[1].read))

    # Another time

    def _rescheduled(self) -> bool:
        place, due = self._place(), self._action.due
        repeats = self._series is not None or (place.item and place.item.recurrence is not None)
        if due is None and repeats:
            raise Rejected(translated(REPEATS))
        if is_due(place.dates, due, self._zones):
            return False
        if not self._action.insists and not self._is_as_clicked(place):
            raise self._conflict(OTHER_DATE)
        item = place.item
        if item is None:
            item = self._resource.add_override(known(place.original), known(self._series))
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
        if self._is_needless(place.item):
            self._resource.take_out(place.item)
            return True
        series = self._series
        original = series.find(known(self._stamp)) if series is not None else None
        if series is None or original is None:
            raise self._conflict(OTHER_RULE)
        lines = repeating.dates_at(series, original, known(self._resource.master).lines())
        return self._change(place.item, {**dict.fromkeys(DATES), **lines})

    def _is_needless(self, item: Item) -> bool:
        """Whether nobody has changed a component that a click has made of the master, and it can
        go again."""
        master = self._resource.master
        if (
            not self._may_take_out
            or master is None
            or item.recurrence is None
            or item.is_for_all_after
        ):
            return False
        return _lasting(item) == _lasting(master)

    # Not done

    def _reopened(self) -> bool:
        own, master = self._own(), self._resource.master
        found = own or master
        if found is None:
            raise Rejected(translated(GONE), status=404)
        if found.is_cancelled:
            raise Rejected(translated(OVER))
        if own is not None:
            return own.is_done and self._reopen_own(own)
        if self._stamp is not None:
            return self._move_back(found)
        if not found.is_done:
            return False
        if self._series is not None:
            raise self._conflict(OTHER_RULE)
        return self._change(found, self._clicked.only(PROGRESS))

    def _reopen_own(self, own: Item) -> bool:
        if self._clicked.is_own:
            return self._change(own, self._clicked.only(PROGRESS))
        if self._is_needless(own) and not self._has_later_done(own):
            self._resource.take_out(own)
            return True
        return self._change(own, self._clicked.only(PROGRESS))

    def _has_later_done(self, own: Item) -> bool:
        """Whether an occurrence is only shown where it has a component of its own."""
        anchor = self._series.anchor if self._series else None
        key = self._zones.named(known(own.recurrence), anchor)
        return any(
            each.is_done and is_later(self._zones.named(known(each.recurrence), anchor), key)
            for each in self._resource.overrides
        )

    def _move_back(self, master: Item) -> bool:
        """Put the master back where it was, if it is what completing its occurrence made of it."""
        series, stamp = self._series, known(self._stamp)
        if series is None or self._clicked.series is None:
            raise Rejected(translated(CHANGED_SINCE))
        original = series.find(stamp)
        if not master.is_done and original is not None:
            return False
        back = self._clicked.only((*DATES, "RRULE", *PROGRESS))
        before = _changed_copy(master, back, self._resource.pacer)
        earlier = Series(before.read, self._zones, self._resource.pacer)
        if stamp_of(earlier.key(earlier.anchor)) != stamp or not earlier.is_plain:
            raise Rejected(translated(CHANGED_SINCE))
        changes = repeating.moved_on(earlier, before.lines())
        made = before if changes is None else _changed_copy(before, changes, self._resource.pacer)
        if (
            master.is_done is not (changes is None)
            or not are_same(dates_of(made.read), series.dates, self._zones)
            or _rule(made) != _rule(master)
        ):
            raise Rejected(translated(CHANGED_SINCE))
        return self._change(master, back)


def _changed_copy(item: Item, changes: Changes, pacer: Pacer) -> Item:
    copy = item._replace(written=item.written.copy())
    copy.change(changes)
    return _item(copy.written, pacer)


def _rule(item: Item) -> frozenset[str]:
    """The parts of a rule, which servers write in any order."""
    parts = item.read.value("RRULE").upper().split(";")
    return frozenset(part.strip() for part in parts if part.strip())


def _lasting(item: Item) -> list[str]:
    """What a component says but for what a click changes; servers write it in any order."""
    passing = (*DATES, *PROGRESS, *RULES, *_OF_THE_MOMENT, "RECURRENCE-ID")
    lines = [line for line in item.written.lines() if not {*_by_name([line])} & {*passing}]
    return sorted([*lines, *(each.text() for each in item.written.components())])


def utc_text(at: datetime) -> str:
    """Return an instant as RFC 5545 writes it (section 3.3.5, form 2)."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def seal(item: Item, owner: frozenset[str], now: datetime) -> Changes:
    """Return what every change changes (RFC 5545, sections 3.8.7.2 to 4). SEQUENCE is the
    organizer's."""
    at = utc_text(now)
    changes = {"DTSTAMP": f"DTSTAMP:{at}", "LAST-MODIFIED": f"LAST-MODIFIED:{at}"}
    organizer = item.written.line("ORGANIZER")
    if organizer is None or is_owner(organizer, owner):
        changes["SEQUENCE"] = f"SEQUENCE:{item.sequence + 1}"
    return changes


def is_owner(line: str, owner: frozenset[str]) -> bool:
    """Return whether an ATTENDEE or ORGANIZER is the owner."""
    try:
        _, parameters, value = split_line(line)
    except NotEditable:
        return False
    # The first of a name counts, as for what is changed.
    said = {name.upper(): text.strip('"') for name, text in reversed(parameters)}
    return is_of(Property(said, value), owner)
