"""Read the tasks of a calendar, and tell when they are due (RFC 5545, section 3.6.2).

| a VTODO | is |
|---|---|
| STATUS:COMPLETED or CANCELLED, or COMPLETED | done: clients write any |
| PERCENT-COMPLETE:100 | done, unless STATUS says that it is open: programs that open it again, \
such as `ical`, leave the percentage, and Evolution, Nextcloud and Tasks.org do not look at it |
| DUE | due then, also where that is before DTSTART |
| DTSTART and DURATION | due at the end: days of the calendar, then exact seconds |
| DTSTART with a time, DUE a whole day, or the other way round | due as DUE says |
| DTSTART alone | due on that day, and on each after it until it is done; there without a time |
| none of these | not due, but it may have parts that are |
| DUE or DURATION unreadable, DTSTART not | as if it were not there |
| no date can be read, and there is one; its END is missing; RECURRENCE-ID unreadable | left out \
alone, and counted |
| a year before 1900 or after 8999 | as one that cannot be read |
| any other property that cannot be read | as if it were not there |
| RRULE or RDATE unreadable | the date it has, to be looked at only: there is more to it |
| a time without a zone, or with a TZID that nothing explains | floating |
| DATE with a time, a property twice, EXRULE, SEQUENCE, URL | as for events (`calendar`) |
| PRIORITY 1 to 4, 5, 6 to 9 | high, medium, low (section 3.8.1.9): 1, 2, 3 of ours |
| PRIORITY 0, missing, or anything else | none: 4 of ours |
| CATEGORIES, all of them | labels, each once |
| RELATED-TO of the type PARENT, or of none (section 3.2.15) | the UID of what it is a part of |
| VALARM relative to start or end | a reminder, in minutes before it is due |
| VALARM at a fixed time | as for events (`calendar`) |

A rule counts from DTSTART, or from DUE where there is no other: so do Thunderbird and KDE. When an
occurrence is due follows from when it begins: as long after as that of the whole series.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from heapq import merge
from itertools import chain, islice
from typing import NamedTuple

from msgspec.structs import replace

from oo_desktop.connectors.icalendar.calendar import (
    MAX_SUMMARY,
    MAX_UID,
    IcalEntry,
    alarms_at,
    is_for_all_after,
    minutes_before,
    parameter_of,
    read_alone,
    sequence_of,
)
from oo_desktop.connectors.icalendar.events import (
    Series,
    Window,
    known,
    like,
    minus,
    plus,
)
from oo_desktop.connectors.icalendar.lines import Component, Property, Unreadable, content_line
from oo_desktop.connectors.icalendar.recurrence import (
    MAX_BETWEEN_CLOCKS,
    ONCE,
    Key,
    RecurrenceSet,
    repeats_from_component,
)
from oo_desktop.connectors.icalendar.values import (
    UTC_ID,
    IcalMoment,
    Length,
    length_from_property,
    moment_from_property,
    text_from_value,
)
from oo_desktop.connectors.meeting_links import safe_url
from oo_desktop.connectors.plain_text import clean
from oo_desktop.model.signals import YEARS, Day, Due, Fixed, Floating, day_of
from oo_desktop.model.text import NO_TITLE

MAX_LABELS = 20
"""Of one task."""

_MAX_LABEL = 100
"""Characters."""

_MAX_CATEGORIES = 4_000
"""Characters looked at."""

_MAX_LABELS_LOOKED_AT = 200

_PRIORITIES = {str(said): 1 + (said > 4) + (said > 5) for said in range(1, 10)}
"""As the three of section 3.8.1.9: 1 to 4 is high, 5 medium, 6 to 9 low."""

_HUNDRED = re.compile(r"\+?0*100(?:\.0*)?", re.ASCII)
_OPEN = ("NEEDS-ACTION", "IN-PROCESS")
_LISTED = re.compile(r"(?:[^,\\]|\\.)++", re.DOTALL)
"""One value of a list of texts, whose own commas are escaped (section 3.3.11)."""

_NO_LENGTH = Length(0, 0)
_LONG_AGO = datetime(1, 1, 3, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)
"""The shortest time there is."""

TODO_PROPERTIES = frozenset(
    {
        *("UID", "DTSTART", "DUE", "DURATION"),
        *("RRULE", "RDATE", "EXRULE", "EXDATE", "RECURRENCE-ID"),
        *("SEQUENCE", "STATUS", "COMPLETED", "PERCENT-COMPLETE", "PRIORITY", "SUMMARY", "URL"),
        *("CATEGORIES", "RELATED-TO", "ACTION", "TRIGGER", "X-KDE-LIBKCAL-DTRECURRENCE"),
    }
)

UNDO_PROPERTIES = (
    *("DTSTART", "DUE", "DURATION", "RRULE", "STATUS", "COMPLETED", "PERCENT-COMPLETE"),
)
"""What a click may change of a task, and what tells whether others have."""


class IcalTodo(IcalEntry, frozen=True, gc=False, kw_only=True):
    """Holds a VTODO: a task, a series, or what is different about an occurrence of one.

    start: DTSTART, or DUE where there is no other: what its rules count from; of an occurrence
        that says neither, when it was to begin.
    end: DUE, where there is a DTSTART. from_due: start is DUE. dated: it has a date of its own.
    done: nothing is left to do; also where it is cancelled.
    next_one: the beginning of the first occurrence that is not done, as KDE notes it.
    parent: the UID of what it is a part of.
    lines: its content lines that a click may change.
    """

    from_due: bool = False
    dated: bool = True
    done: bool = False
    next_one: IcalMoment | None = None
    priority: int = 4
    labels: tuple[str, ...] = ()
    parent: str | None = None
    lines: tuple[str, ...] = ()


def is_done(component: Component) -> bool:
    """Return whether nothing of a VTODO is left to do."""
    return is_completed(component) or component.value("STATUS").upper() == "CANCELLED"


def is_completed(component: Component) -> bool:
    """Return whether a VTODO says that it was done, as the table above has it."""
    status = component.value("STATUS").upper()
    if status == "COMPLETED" or component.value("COMPLETED"):
        return True
    all_of_it = _HUNDRED.fullmatch(component.value("PERCENT-COMPLETE")) is not None
    return all_of_it and status not in _OPEN


def uid_of(component: Component) -> str | None:
    """Return its UID; None where it has none."""
    return component.value("UID")[:MAX_UID] or None


def todo_from_component(component: Component) -> IcalTodo | None:
    """Return the task in a VTODO; None for one without a date. Raises Unreadable."""
    if component.broken:
        raise Unreadable(component.name)
    recurrence = component.read("RECURRENCE-ID", _moment)
    unread: list[str] = []
    start = read_alone(component, "DTSTART", _moment, unread)
    due = read_alone(component, "DUE", _moment, unread)
    begin, done = start or due or recurrence, is_done(component)
    if start is None and due is None and unread and not done:
        raise Unreadable(unread[0])
    if begin is None:
        return None
    repeats = ONCE
    if recurrence is None:
        repeats = repeats_from_component(component, begin.local, unread)
    length = None
    if start is not None and due is None:
        length = read_alone(component, "DURATION", length_from_property, unread)
    todo = IcalTodo(
        uid=uid_of(component),
        start=begin,
        end=due if start is not None else None,
        length=length,
        from_due=start is None,
        dated=start is not None or due is not None,
        repeats=repeats,
        recurrence=recurrence,
        and_future=recurrence is not None and is_for_all_after(component),
        sequence=sequence_of(component),
        cancelled=component.value("STATUS").upper() == "CANCELLED",
        done=done,
        unread=tuple(unread),
    )
    if done and recurrence is not None:  # it is never shown
        return todo
    return replace(
        todo,
        next_one=read_alone(component, "X-KDE-LIBKCAL-DTRECURRENCE", _moment, unread),
        unread=tuple(unread),
        title=clean(text_from_value(component.value("SUMMARY")[:MAX_SUMMARY])) or NO_TITLE,
        url=safe_url(text_from_value(component.value("URL"))),
        priority=_PRIORITIES.get(component.value("PRIORITY"), 4),
        labels=_labels(component),
        parent=_parent(component),
        reminders=_reminders(component, start, due, length),
        alarms=() if todo.recurs or todo.and_future else alarms_at(component),
        lines=tuple(
            content_line(name, found)
            for name in UNDO_PROPERTIES
            if (found := component.first(name)) is not None
        ),
    )


def _moment(found: Property) -> IcalMoment:
    moment = moment_from_property(found)
    if moment.local.year not in YEARS:
        raise ValueError("too far from now")
    return moment


def _labels(component: Component) -> tuple[str, ...]:
    said = chain.from_iterable(
        _LISTED.findall(found.value[:_MAX_CATEGORIES]) for found in component.all("CATEGORIES")
    )
    labels = (clean(text_from_value(each), longest=_MAX_LABEL) for each in said)
    # Once each, in their order; and no more are looked at than can be shown.
    return tuple(
        islice(
            dict.fromkeys(each for each in islice(labels, _MAX_LABELS_LOOKED_AT) if each),
            MAX_LABELS,
        )
    )


def _parent(component: Component) -> str | None:
    for found in component.all("RELATED-TO"):
        if parameter_of(found, "RELTYPE") in ("", "PARENT"):
            return text_from_value(found.value).strip()[:MAX_UID] or None
    return None


def _reminders(
    component: Component, start: IcalMoment | None, due: IcalMoment | None, length: Length | None
) -> tuple[int, ...] | None:
    last = due or start
    if not component.components or last is None:
        return None
    after_start = timedelta()
    if start is not None and due is not None:
        after_start = due.local - start.local
    elif length is not None:
        after_start = length.nominal()
    minutes = minutes_before(
        component, whole_day=last.whole_day, of_start=after_start, of_end=timedelta()
    )
    return minutes or None


# When it is due


class Shown(NamedTuple):
    """Holds what is shown of a task or a series.

    todo: what speaks for it: an occurrence of its own, or the series.
    original: when the occurrence was to begin; None for what does not repeat.
    again: it is due on each day, and this is not the first.
    """

    todo: IcalTodo
    due: Due
    original: Key | None
    again: bool


class TodoSeries(Series[IcalTodo]):
    """Tells which occurrence of a task is the next to be done, and when it is due.

    That is the first that has a component of its own and is open, or that comes after the last
    that was completed. The others before that were passed over by whoever completed a later one,
    unless that one was moved to before them. Where the first is not due yet, one of the others
    with a component of its own may be: somebody has moved it.
    """

    def shown(self) -> Shown | None:
        """Return what is due by the first day of the window; None where nothing is.

        Raises Unreadable, ValueError and OverflowError where that makes no sense, and TooMuchWork.
        """
        master = max(self._masters, key=lambda each: each.sequence, default=None)
        first = self._window.first
        for found in self._open(master):
            due, is_start = self._due(found, master)
            day = day_of(due, self._window.zone)
            if day <= first:
                again = is_start and day < first
                return Shown(found.todo, Day(first) if again else due, found.original, again)
            self._periods.pacer.step()
        return None

    def _open(self, master: IcalTodo | None) -> "list[_Open]":
        """The first open occurrence, and those after it that have a component of their own."""
        begins = master.start if master else None
        changed = {
            self._zones.named(known(each.recurrence), begins): each for each in self._changed
        }
        passed = self._passed(master, changed)
        found = [
            _Open(at, todo, todo.start, key)
            for key, todo in changed.items()
            # What is said of all that follow says of none that it is open.
            if not todo.done and ((at := self._at(key)) > passed or not todo.and_future)
        ]
        found.sort(key=lambda each: each.order)
        if master is not None and not master.done:
            without_own = next(iter(self._without_own(master, changed, passed)), None)
            if without_own and not (found and found[0].order <= without_own.order):
                found.insert(0, without_own)
        return found

    def _without_own(
        self, master: IcalTodo, changed: Mapping[Key, IcalTodo], passed: datetime
    ) -> "Iterator[_Open]":
        """The open occurrences that have no component of their own, in order."""
        if not master.recurs:
            key = self._zones.key(master.start)
            if key not in changed:
                yield _Open(self._at(key), master, master.start, None)
            return
        later = self._for_all_after()
        recurrence = self._recurrence(master)
        for start in self._starts(master, recurrence, later, passed):
            self._periods.step()
            key = self._zones.key(start)
            if key in changed or start.local.date() in changed or self._at(key) <= passed:
                continue
            if recurrence.is_left_out(start):
                continue
            todo, moved = self._moved(master, start, later)
            if not todo.done:
                yield _Open(self._at(key), todo, moved, key)

    def _passed(self, master: IcalTodo | None, changed: Mapping[Key, IcalTodo]) -> datetime:
        """Until when all occurrences are done that are not said to be open."""
        passed = [_LONG_AGO]
        for key, todo in changed.items():
            if todo.done and not todo.cancelled:
                passed.append(self._until_end(key))
                if todo.dated:
                    passed[-1] = min(passed[-1], self._until_end(self._zones.key(todo.start)))
        if master is not None and master.next_one is not None:
            passed.append(self._at(self._zones.named(master.next_one, master.start)) - _INSTANT)
        return max(passed)

    def _until_end(self, key: Key) -> datetime:
        """The instant of an occurrence; of one that is named by its day, the last of that."""
        if isinstance(key, datetime):
            return key
        return self._at(key, timedelta(days=1)) - _INSTANT

    def _starts(
        self,
        master: IcalTodo,
        recurrence: RecurrenceSet,
        later: Sequence[IcalTodo],
        passed: datetime,
    ) -> Iterator[IcalMoment]:
        """When occurrences begin, as the series' own rules say, as far as any may be due."""
        shift = max([abs(self._shift(each)) for each in later], default=timedelta())
        early = max([_early(each) for each in (master, *later)])
        low = max(master.start.local, minus(passed.replace(tzinfo=None), MAX_BETWEEN_CLOCKS))
        high = plus(self._window.end.replace(tzinfo=None), shift + early + MAX_BETWEEN_CLOCKS)
        given = {like(each, master.start) for each in (master.start, *master.repeats.also)}
        streams: list[Iterable[IcalMoment]] = [sorted(given, key=self._zones.key)]
        streams += [recurrence.named_by(rule, low, high) for rule in master.repeats.rules]
        return merge(*streams, key=self._zones.key)

    def _at(self, key: Key, after: timedelta = timedelta()) -> datetime:
        """An instant that orders occurrences, also where some are named by their day alone."""
        if isinstance(key, datetime):
            return key
        return self._zones.here.to_utc(datetime.combine(key, time()) + after)

    # When it is due

    def _due(self, found: "_Open", master: IcalTodo | None) -> tuple[Due, bool]:
        """When it is due, and whether that is only when it begins."""
        timing, start = found.todo, found.start
        if not timing.dated and master is not None:
            timing = master
        if timing.from_due or not timing.dated:
            return self._due_at(start), False
        if timing.end is not None:
            return self._due_at(_moved_along(timing.end, timing.start, start)), False
        if timing.length is not None:
            return self._due_at(start, timing.length), False
        return self._due_at(start), True

    def _due_at(self, moment: IcalMoment, length: Length = _NO_LENGTH) -> Due:
        local = moment.local + timedelta(days=length.days)
        if local.year not in YEARS:
            raise Unreadable("DUE")
        seconds = timedelta(seconds=length.seconds)
        if moment.whole_day:
            return Day((local + seconds).date())
        zone = self._zones.zone(moment)
        if zone is self._zones.here:
            return Floating(local + seconds)
        return Fixed(zone.to_utc(local) + seconds, zone.name or self._zones.here.name or UTC_ID)


class _Open(NamedTuple):
    """An occurrence that is to be done: what speaks for it, and when it begins.

    original: when it was to begin; None for what does not repeat. order: the same, to be compared.
    """

    order: datetime
    todo: IcalTodo
    start: IcalMoment
    original: Key | None


def _moved_along(end: IcalMoment, start: IcalMoment, moved: IcalMoment) -> IcalMoment:
    """The end of an occurrence that begins at `moved`, by the clock."""
    if end.whole_day:
        by = timedelta(days=moved.local.toordinal() - start.local.toordinal())
    else:
        by = moved.local - start.local
    return end._replace(local=end.local + by)


def _early(todo: IcalTodo) -> timedelta:
    """How long before its beginning it may be due: people write such."""
    if todo.end is None:
        return timedelta()
    return max(todo.start.local - todo.end.local, timedelta())


def may_be_due(todo: IcalTodo, window: Window) -> bool:
    """Return whether it may be due by the first day of the window: False only where it is not.

    Cheap, for there are thousands.
    """
    if todo.recurs or todo.recurrence is not None:
        return True
    return (todo.end or todo.start).local.toordinal() <= window.first.toordinal() + 2
