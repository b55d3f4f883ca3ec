"""Read the objects of a collection, and make signals of what is due or happening.

An object holds one UID: a task or an event, with what is different about its occurrences (RFC 4791,
section 4.1): a resource of CalDAV, or what a list of the desktop has of one UID. What is due is
decided here, in the zone of the machine, and never by a server's filter: no two of them mean the
same by it.

| an object | is |
|---|---|
| a task that does not repeat | shown while it is open and due today or before |
| a task that does | shown once: the first occurrence with a component of its own that is open, \
or that comes after the last completed one (`todos`) |
| an occurrence alone | of the series of that UID in the same collection: Nextcloud Tasks writes \
so; without one it stands for itself |
| … that is done, and whose RECURRENCE-ID is its DUE | that beginning at its DTSTART: as Nextcloud \
Tasks means it |
| RELATED-TO its own UID | a part of nothing |
| a series that others have moved on, or copied under another UID | what it says now |
| a task that is done | nothing, also as the parent of others |
| an event | as in calendar links; one in which its owner is a guest of somebody else's can be \
answered, where the server sends answers |
| tasks of several UIDs, several signals under one id | the first; others count as unread |
| a VTIMEZONE | the zone of that name in this object alone: Outlook calls several zones alike, \
and icalendar and vobject, and so Xandikos and Radicale, take them for one |
| no calendar, or one that does not end | counted, and left out alone |

What a click must know later (`undo`) are the content lines it may change, as they are now.
"""

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from heapq import merge
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.connectors.icalendar.calendar import (
    EVENT_PROPERTIES,
    CalendarReading,
    CalendarTooLarge,
    IcalCalendar,
    IncompleteCalendar,
    newest,
    parameter_of,
)
from oo_desktop.connectors.icalendar.events import (
    MAX_EVENTS,
    Occurrence,
    TooManyEvents,
    Window,
    event_from_occurrence,
    occurrences_from_calendar,
    order_of,
    reminders_of,
    zone_of_floating,
)
from oo_desktop.connectors.icalendar.lines import (
    Component,
    Unreadable,
    content_line,
    is_of,
)
from oo_desktop.connectors.icalendar.pacing import Pacer, run_paced
from oo_desktop.connectors.icalendar.recurrence import Zones, stamp_of
from oo_desktop.connectors.icalendar.todos import (
    TODO_PROPERTIES,
    IcalTodo,
    Shown,
    TodoSeries,
    is_done,
    may_be_due,
    todo_from_component,
    uid_of,
)
from oo_desktop.connectors.icalendar.values import IcalMoment, moment_from_property
from oo_desktop.connectors.icalendar.zones import IanaZone, Zone
from oo_desktop.model.signals import (
    REPLIES,
    RESCHEDULES,
    ActionKind,
    AnySignal,
    Container,
    Day,
    Event,
    ProviderId,
    SignalId,
    Task,
    UserId,
    begins_at,
    sort_key,
)
from oo_desktop.model.source import Snapshot

OBJECT_PROPERTIES = EVENT_PROPERTIES | TODO_PROPERTIES | {"ORGANIZER"}

_REPLY_PROPERTIES = ("DTSTART", "DTEND", "DURATION", "RRULE", "STATUS", "ATTENDEE")
"""What tells whether an invitation is still the one that was answered."""

_NAME_END = re.compile("[;:]")

_SORTED_AT_ONCE = 500
"""Signals; while something is sorted, Python lets no other thread run."""

_KEY = operator.itemgetter(0)

_ANSWERS = {
    "ACCEPTED": ActionKind.ACCEPT,
    "TENTATIVE": ActionKind.MAYBE,
    "DECLINED": ActionKind.DECLINE,
}

_ALL = (ActionKind.DONE, *RESCHEDULES)
_MOVING = tuple(kind for kind in _ALL if kind is not ActionKind.NO_DATE)
"""To take its date away would end a series: that is for its owner to do, elsewhere."""


class Invitation(Struct, frozen=True, gc=False):
    """Holds what an event says that somebody else organizes.

    recurrence: of which occurrence; None: of all. answer: the owner's PARTSTAT.
    tentative: the event itself is not certain. lines: as they are kept for an undo.
    """

    recurrence: IcalMoment | None
    answer: str
    tentative: bool
    lines: tuple[str, ...]


class CalendarObject(Struct, frozen=True, gc=False, kw_only=True):
    """Holds what is kept of one object. It can be lost; then the object is read again.

    Nothing in it leads back to it, so the garbage collector need not look at thousands of them.

    name: names it at its service: its path, as a server wrote it, or its UID.
    etag: as the server gave it.
    uid: that of its task, where that is open: what others name as their parent.
    tasks: that task, and what is different about its occurrences, as far as they have a date.
    events: its events, where it holds any that are not over. invitations: those among them.
    zones: those it describes, by their TZID.
    unread: how many things in it cannot be read, and are missing.
    """

    name: str
    etag: str | None = None
    uid: str | None = None
    tasks: tuple[IcalTodo, ...] = ()
    events: IcalCalendar | None = None
    invitations: tuple[Invitation, ...] = ()
    zones: Mapping[str, Zone] = {}
    unread: int = 0


class Found(NamedTuple):
    """Holds the signals of a collection, and how many are missing because they cannot be read."""

    signals: tuple[AnySignal, ...]
    unread: int


class Recorded(NamedTuple):
    """Holds what is to be known of a signal when it is clicked.

    name: of its object. recurrence: the stamp of the occurrence's original beginning; None for what
        does not repeat.
    lines: by their names the content lines that a click may change, of what is shown.
    master: the same of the series, where an occurrence's own component is shown.
    """

    name: str
    recurrence: str | None
    lines: Mapping[str, str]
    master: Mapping[str, str] | None = None


class Words(NamedTuple):
    """Tells how a connector writes down what it says of objects.

    source: whose signals they are.
    id_of: returns the id of a signal by its object's name, and which occurrence it is.
    undo_of: returns a signal's `undo`; None where it would be too long.
    """

    source: ProviderId
    id_of: Callable[[str, str | None], SignalId]
    undo_of: Callable[[Recorded], str | None]


# An object


def object_from_components(
    name: str,
    etag: str | None,
    found: Iterable[Component],
    *,
    since: date,
    owner: frozenset[str],
    pacer: Pacer,
) -> CalendarObject:
    """Read an object: all of it that can still matter.

    found: its components, as `components` gives them, with OBJECT_PROPERTIES and the owner's
        ATTENDEE; that of the calendar is the last.
    since: events that were over before that day are dropped. Tasks are kept while they are open.
    owner: what names the account's owner among the guests, in small letters: `mailto:…`, paths.

    What cannot be read is counted, and never raised. Raises TooMuchWork.
    """
    reading = _Reading(since, owner)
    try:
        for component in found:
            reading.take(component)
            pacer.step()
        return reading.object(name, etag)
    except (IncompleteCalendar, CalendarTooLarge):
        return CalendarObject(name=name, etag=etag, unread=1)


class _Reading:
    """What has been read of a resource so far."""

    def __init__(self, since: date, owner: frozenset[str]) -> None:
        self._owner = owner
        self._calendar = CalendarReading(since)
        self._tasks: list[IcalTodo] = []
        self._invitations: list[Invitation] = []
        self._uid: str | None = None
        self._unread = 0

    def take(self, component: Component) -> None:
        if component.name == "VTODO":
            try:
                self._take_task(component)
            except (ValueError, OverflowError):
                self._unread += 1
            return
        self._calendar.take(component)
        if component.name == "VEVENT":
            self._take_invitation(component)

    def _take_task(self, component: Component) -> None:
        todo = todo_from_component(component)
        if todo is not None:
            self._tasks.append(todo)
        if (todo is None or todo.recurrence is None) and not is_done(component):
            self._uid = uid_of(component)

    def _take_invitation(self, component: Component) -> None:
        guest, organizer = component.first("ATTENDEE"), component.first("ORGANIZER")
        if guest is None or organizer is None or is_of(organizer, self._owner):
            return
        try:
            recurrence = component.read("RECURRENCE-ID", moment_from_property)
        except Unreadable:
            return
        self._invitations.append(
            Invitation(
                recurrence,
                parameter_of(guest, "PARTSTAT") or "NEEDS-ACTION",  # RFC 5545, section 3.2.12
                component.value("STATUS").upper() == "TENTATIVE",
                _lines(component, _REPLY_PROPERTIES),
            )
        )

    def object(self, name: str, etag: str | None) -> CalendarObject:
        calendar = self._calendar.calendar(b"")
        events = calendar if calendar.series else None
        tasks = _that_matter(tuple(newest(self._of_one_uid())))
        lost = sum(n for each, n in calendar.left_out.items() if each.component == "VEVENT")
        return CalendarObject(
            name=name,
            etag=etag,
            uid=self._uid,
            tasks=tasks,
            events=events,
            invitations=tuple(self._invitations) if events else (),
            zones=calendar.zones if tasks else {},
            unread=self._unread + (0 if events else lost),
        )

    def _of_one_uid(self) -> Iterator[IcalTodo]:
        for task in self._tasks:
            if task.uid == self._tasks[0].uid:
                yield task
            elif not task.done:
                self._unread += 1


def _that_matter(tasks: tuple[IcalTodo, ...]) -> tuple[IcalTodo, ...]:
    """What of an object can matter for what is shown, until somebody writes it anew.

    Of a series that is the last completed occurrence, of those that are named in one form: a year
    of a daily task holds hundreds of others.
    """
    if all(task.done and task.recurrence is None for task in tasks):
        return ()
    if not any(task.recurs for task in tasks):
        return tasks
    last: dict[tuple[str | None, bool], IcalTodo] = {}
    for task in tasks:
        if _is_completed(task) and task.recurrence is not None:
            form = task.recurrence.zone_id, task.recurrence.whole_day
            before = last.get(form)
            if before is None or task.recurrence > (before.recurrence or task.recurrence):
                last[form] = task
    kept = {id(task) for task in last.values()}
    return tuple(task for task in tasks if id(task) in kept or not _is_completed(task))


def _is_completed(task: IcalTodo) -> bool:
    """Whether it is an occurrence that was completed, and it alone."""
    return task.recurrence is not None and not task.and_future and task.done and not task.cancelled


def _lines(component: Component, names: Iterable[str]) -> tuple[str, ...]:
    properties = ((name, component.first(name)) for name in names)
    return tuple(content_line(name, found) for name, found in properties if found is not None)


# A collection


def signals_from_objects(
    objects: Iterable[CalendarObject],
    window: Window,
    *,
    words: Words,
    user_id: UserId,
    container: Container,
    may_write: bool,
    may_reply: bool,
    pacer: Pacer,
) -> Found:
    """Return what the objects of one collection show in `window`, tasks first.

    window: `first` is today, `zone` the machine's. may_write: tasks can be changed.
    may_reply: invitations can be answered.

    Raises TooManyEvents and TooMuchWork.
    """
    showing = _Showing(words, window, user_id, container, pacer)
    objects = tuple(objects)
    tasks = showing.tasks(objects, may_write=may_write)
    events = showing.events(objects, may_reply=may_reply)
    found: dict[SignalId, AnySignal] = {}
    signals: Iterable[AnySignal] = chain(tasks, events)
    for signal in signals:
        if found.setdefault(signal.id, signal) is not signal:
            showing.unread += 1
    return Found(tuple(found.values()), showing.unread)


class _Due(NamedTuple):
    """A task that is due, in which object that stands, and its series, if that stands there."""

    shown: Shown
    home: CalendarObject
    master: IcalTodo | None

    @property
    def recurrence(self) -> str | None:
        original = self.shown.original
        return None if original is None else stamp_of(original)


class _Showing:
    """What one collection shows."""

    def __init__(
        self, words: Words, window: Window, user_id: UserId, container: Container, pacer: Pacer
    ) -> None:
        self._words = words
        self._window = window
        self._here = IanaZone(window.zone)
        self._user_id = user_id
        self._container = container
        self._pacer = pacer
        self.unread = 0

    # Tasks

    def tasks(self, objects: Iterable[CalendarObject], *, may_write: bool) -> Iterator[Task]:
        open_ones: dict[str, CalendarObject] = {}
        series: dict[str, list[CalendarObject]] = {}
        for each in objects:
            self.unread += each.unread
            if each.uid is not None:
                open_ones.setdefault(each.uid, each)
            if each.tasks and self._may_be_due(each):
                series.setdefault(each.tasks[0].uid or each.name, []).append(each)
            self._pacer.step()
        due = [found for alike in series.values() for found in self._due(alike)]
        ids = {uid: self._id(found) for found in due if (uid := found.shown.todo.uid) is not None}
        for found in due:
            uid, parent = found.shown.todo.parent, None
            if uid is not None and uid != found.shown.todo.uid:
                if uid not in ids and uid in open_ones:
                    ids[uid] = self._words.id_of(open_ones[uid].name, None)
                parent = ids.get(uid)
            yield self._task(found, parent, may_write=may_write)
            self._pacer.step()

    def _id(self, due: _Due) -> SignalId:
        return self._words.id_of(due.home.name, due.recurrence)

    def _may_be_due(self, each: CalendarObject) -> bool:
        return len(each.tasks) > 1 or may_be_due(each.tasks[0], self._window)

    def _due(self, alike: Sequence[CalendarObject]) -> Iterator[_Due]:
        """What is due of the objects of one UID. Occurrences alone belong to the first series."""
        whole = [each for each in alike if any(task.recurrence is None for task in each.tasks)]
        alone = [each for each in alike if all(task.recurrence is not None for task in each.tasks)]
        for homes in [[*whole[:1], *alone], *([each] for each in whole[1:])]:
            try:
                found = self._first_due(homes)
            except (ValueError, OverflowError):
                self.unread += 1
                continue
            if found is not None:
                yield found
            self._pacer.step()

    def _first_due(self, homes: Sequence[CalendarObject]) -> _Due | None:
        tasks: list[IcalTodo] = []
        home_of: dict[int, CalendarObject] = {}
        zones: dict[str, Zone] = {}
        for home in homes:
            own = home.tasks if home is homes[0] else map(as_named_by_start, home.tasks)
            for task in own:
                tasks.append(task)
                home_of[id(task)] = home
            zones = {**home.zones, **zones}
        entries = tasks if len(homes) == 1 else tuple(newest(tasks))
        shown = TodoSeries(entries, Zones(zones, self._here), self._window, self._pacer).shown()
        if shown is None:
            return None
        home = home_of[id(shown.todo)]
        return _Due(shown, home, next((t for t in home.tasks if t.recurrence is None), None))

    def _task(self, due: _Due, parent: SignalId | None, *, may_write: bool) -> Task:
        todo = due.shown.todo
        recurring = due.shown.original is not None
        undo = self._words.undo_of(_recorded(due)) if may_write and todo.is_whole else None
        return Task(
            id=self._id(due),
            source=self._words.source,
            user_id=self._user_id,
            title=todo.title,
            url=todo.url,
            container=self._container,
            actions=() if undo is None else _MOVING if recurring else _ALL,
            undo=undo,
            due=due.shown.due,
            recurring=recurring,
            priority=todo.priority,
            labels=todo.labels,
            parent=parent,
            reminders=() if due.shown.again else reminders_of(todo, due.shown.due, self._here),
        )

    # Events

    def events(self, objects: Iterable[CalendarObject], *, may_reply: bool) -> list[Event]:
        found: list[tuple[tuple[float, bool], Event]] = []
        for each in objects:
            if each.events is not None:
                left_out = Counter(each.events.left_out)
                here = zone_of_floating(each.events, self._window)
                for occurrence in occurrences_from_calendar(
                    each.events, self._window, left_out, self._pacer
                ):
                    event = self._event(each, occurrence, here, may_reply=may_reply)
                    found.append((order_of(occurrence, self._window), event))
                    if len(found) > MAX_EVENTS:
                        raise TooManyEvents
                self.unread += sum(n for lost, n in left_out.items() if lost.component == "VEVENT")
            self._pacer.step()
        found.sort(key=lambda pair: pair[0])
        return [event for _, event in found]

    def _event(
        self, home: CalendarObject, each: Occurrence, here: IanaZone, *, may_reply: bool
    ) -> Event:
        entry = each.entry
        repeats = bool(entry.recurrence or entry.repeats.rules or entry.repeats.also)
        original = stamp_of(each.original) if repeats else None
        event = event_from_occurrence(
            each,
            here,
            id_=self._words.id_of(home.name, original),
            source=self._words.source,
            user_id=self._user_id,
            container=self._container,
        )
        said = next((one for one in home.invitations if one.recurrence == entry.recurrence), None)
        if said is None or not may_reply:
            return event
        undo = self._words.undo_of(Recorded(home.name, original, lines_by_name(said.lines)))
        given = _ANSWERS.get(said.answer)
        return replace(
            event,
            tentative=said.tentative or said.answer == "TENTATIVE",
            unanswered=said.answer == "NEEDS-ACTION",
            actions=() if undo is None else tuple(kind for kind in REPLIES if kind is not given),
            undo=undo,
        )


def as_named_by_start(task: IcalTodo) -> IcalTodo:
    """Return an occurrence that stands alone, named by its beginning, as the table above has it."""
    named, due = task.recurrence, task.end
    if named is None or due is None or not task.done or due.local != named.local:
        return task
    return replace(task, recurrence=task.start)


def _recorded(due: _Due) -> Recorded:
    todo, master = due.shown.todo, due.master
    is_own = todo.recurrence is not None and master is not None
    return Recorded(
        due.home.name,
        due.recurrence,
        lines_by_name(todo.lines),
        lines_by_name(master.lines) if is_own and master is not None else None,
    )


def lines_by_name(lines: Iterable[str]) -> dict[str, str]:
    """Return content lines by the names of their properties."""
    return {_NAME_END.split(line, maxsplit=1)[0]: line for line in lines}


# Several collections


async def put_together(parts: Sequence[Found], zone: ZoneInfo, known: Snapshot) -> Snapshot:
    """Return what several collections show, in one order, and how much is missing; with the
    signals of `known` where it was put together of the very same parts."""
    made_of, before = tuple(parts), known.made_of
    signals, unread = known.signals, sum(each.unread for each in made_of)
    if (
        isinstance(before, tuple)
        and len(before) == len(made_of)
        and all(map(operator.is_, made_of, before))
    ):
        made_of = before
    else:
        signals = await run_paced(lambda pacer: in_order(made_of, zone, pacer))
    return Snapshot(signals=signals, unread=unread, made_of=made_of)


def in_order(parts: Sequence[Found], zone: ZoneInfo, pacer: Pacer) -> tuple[AnySignal, ...]:
    """Return the signals of several collections: tasks first, by when they are due; events by when
    they begin, whole days first; where all is equal as the collections are. What two of them list
    is listed once."""
    tasks: dict[SignalId, tuple[tuple[object, ...], AnySignal]] = {}
    events: dict[SignalId, tuple[tuple[object, ...], AnySignal]] = {}
    for number, part in enumerate(parts):
        for each in part.signals:
            pacer.step()
            if isinstance(each, Task):
                key = (sort_key(each, zone), number, each.id)
                tasks.setdefault(each.id, (key, each))
            else:
                is_timed = not isinstance(each.start, Day)
                begin = begins_at(each.start, zone)
                events.setdefault(each.id, ((begin, is_timed, number, each.id), each))
    ordered: list[AnySignal] = []
    for found in (tasks, events):
        pairs = list(found.values())
        runs: list[list[tuple[tuple[object, ...], AnySignal]]] = []
        for start in range(0, len(pairs), _SORTED_AT_ONCE):
            runs.append(sorted(pairs[start : start + _SORTED_AT_ONCE], key=_KEY))
            pacer.step()
        for _, each in merge(*runs, key=_KEY):
            ordered.append(each)
            pacer.step()
    return tuple(ordered)
