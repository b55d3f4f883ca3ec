"""Defines what a Signal is: one thing the user should see now, normalised and frozen.

Signals are msgspec structs: the store writes and reads them without a second description, and what
it reads back is validated. Every text in them comes from a service: it is data, never markup.

There may be 10,000 of them. Nothing in them can lead back to itself, so the garbage collector need
not look at them (`gc=False`): it would hold the loop for a tenth of a second now and then.
"""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, NewType

from msgspec import Struct

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

ProviderId = NewType("ProviderId", str)
"""Names a connector and the service behind it: `todoist`, `google_calendar`."""

UserId = NewType("UserId", str)
"""The owner of a token, as the provider names that account; an opaque text."""

SignalId = NewType("SignalId", str)
"""Names a signal within one account, as the provider does; an opaque text."""

MAX_REMINDER_MINUTES = 40_320
"""How long before an event a reminder may come: four weeks, the most that Google takes
(developers.google.com/calendar/api/v3/reference/events)."""


MAX_NEW_TASK = 500
"""Characters: as many as Todoist takes for a title (developer.todoist.com/api/v1, "Tasks")."""


class AccountKey(NamedTuple):
    """Names one connected account of one provider."""

    provider: ProviderId
    user_id: UserId


class SignalKey(NamedTuple):
    """Names one signal among those of all accounts. (Two of them may see the same task.)"""

    account: AccountKey
    id: SignalId


class Day(Struct, frozen=True, gc=False, tag="day"):
    """Holds a calendar day in the account's zone."""

    day: date


class Floating(Struct, frozen=True, gc=False, tag="floating"):
    """Holds a wall-clock time in whatever zone the account is in. `at` is naive."""

    at: datetime


class Fixed(Struct, frozen=True, gc=False, tag="fixed"):
    """Holds an instant. `at` is aware (UTC); `zone` (IANA) is where it was planned, to recur."""

    at: datetime
    zone: str


Due = Day | Floating | Fixed
"""When something is due. Which of the three forms it has decides what a journey changes."""


class ActionKind(StrEnum):
    """Names what a user can ask of a signal. A source offers those it can carry out."""

    DONE = "done"
    REOPEN = "reopen"
    """Take back a DONE."""
    LATER_TODAY = "later_today"
    TOMORROW = "tomorrow"
    NEXT_WEEK = "next_week"
    """The coming Monday."""
    NO_DATE = "no_date"
    ON_DAY = "on_day"
    """A day that the user names."""
    RESTORE = "restore"
    """Put back the date a reschedule has changed. Nobody clicks this: undo does."""
    ACCEPT = "accept"
    MAYBE = "maybe"
    DECLINE = "decline"
    ADD = "add"
    """Add the task. Nobody clicks this: it is typed, and the task is not there yet."""
    REMOVE = "remove"
    """Take back an ADD. Nobody clicks this: undo does."""


RESCHEDULES = (
    ActionKind.LATER_TODAY,
    ActionKind.TOMORROW,
    ActionKind.NEXT_WEEK,
    ActionKind.NO_DATE,
    ActionKind.ON_DAY,
)
"""What moves a signal to another time, in the order they are offered."""

REPLIES = (ActionKind.ACCEPT, ActionKind.MAYBE, ActionKind.DECLINE)
"""What answers an invitation."""


class Container(Struct, frozen=True, gc=False):
    """Names the project or calendar a signal lives in. `color` is `#RRGGBB` or None."""

    name: str
    color: str | None = None


class Calendar(Struct, frozen=True, kw_only=True):
    """Describes one calendar of an account.

    color: `#RRGGBB` or None.
    shown: whether its events are on the list; the service's choice until the user makes one.
    problem: one sentence on why its events are missing, or None.
    read_only: what is on it can only be looked at.
    recheck_after: seconds after which the problem may have passed, where that is soon; else None.
    group: what the service lists it under, such as the account it is of; None: under nothing.
    """

    id: str
    name: str
    color: str | None = None
    shown: bool = True
    problem: str | None = None
    read_only: bool = False
    recheck_after: float | None = None
    group: str | None = None


class TaskList(Struct, frozen=True, gc=False, kw_only=True):
    """Names a list that new tasks can go to: a project, a calendar of tasks.

    color: `#RRGGBB` or None.
    """

    id: str
    name: str
    color: str | None = None


class Adding(Struct, frozen=True, kw_only=True):
    """Says what a new task of an account can have.

    lists: those it can go to, the service's own choice first. marks: whether it understands labels,
    notes, and words on how a task repeats. floats: whether a time is one on the clock of the
    account, which has a zone of its own; else it is an instant.
    """

    lists: tuple[TaskList, ...] = ()
    marks: bool = False
    floats: bool = False


class Signal(Struct, frozen=True, gc=False, kw_only=True):
    """Holds what tasks and events have in common; always one of the two.

    actions: what the user can ask; empty for what can only be looked at.
    undo: what the connector needs to change this signal and to put it back as it was, in its own
        words (JSON text); kept with the click.
    """

    id: SignalId
    source: ProviderId
    user_id: UserId
    title: str
    url: str | None = None
    container: Container | None = None
    actions: tuple[ActionKind, ...] = ()
    undo: str | None = None

    @property
    def account(self) -> AccountKey:
        """Return the account it is listed in."""
        return AccountKey(self.source, self.user_id)

    @property
    def key(self) -> SignalKey:
        """Return its name among the signals of all accounts."""
        return SignalKey(self.account, self.id)


class Task(Signal, frozen=True, kw_only=True, tag="task"):
    """Describes something to do.

    due: the due date, or the deadline of a task that has nothing else; then `by_deadline`.
    priority: 1 (most urgent) … 4 (none), whatever the service counts like; None where it has none.
    labels: what its owner files it under, as the service has it.
    parent: the id of the task it is a part of, whether that is listed or not; None: of none.
    reminders: minutes before it is due at which to remind of it; None: as the settings say.
    """

    due: Due | None = None
    by_deadline: bool = False
    recurring: bool = False
    priority: int | None = None
    labels: tuple[str, ...] = ()
    parent: SignalId | None = None
    reminders: tuple[int, ...] | None = None


class NewTask(Struct, frozen=True, gc=False, kw_only=True):
    """Describes a task that is to be added, as it was understood when it was typed.

    Whenever it is sent, "tomorrow" is the day after it was typed.

    uuid: made then, and kept: the service recognises by it what it has added already.
    text, typed_at: what was typed, and when (aware).
    repeats: words on how it repeats, for services that understand them: `every friday at 9:00`.
        Then `due` is None. Empty: it does not repeat.
    priority: 1 (most urgent) … 4 (none).
    list: the id of the list it goes to; None: the one for what names none.
    """

    uuid: str
    text: str
    typed_at: datetime
    title: str
    due: Due | None = None
    repeats: str = ""
    priority: int = 4
    labels: tuple[str, ...] = ()
    description: str = ""
    list: str | None = None


class Event(Signal, frozen=True, kw_only=True, tag="event"):
    """Describes something that happens. `end` is exclusive: a whole day ends on the next.

    join_url: where to take part, https only.
    where: the place in words, as its owner wrote it.
    tentative: not yet certain, or answered with "maybe".
    unanswered: whoever's calendar it is on was invited, and has not said whether they will come.
    twin: what the same meeting has in common on all calendars it stands on; None: it stands alone.
        On those of other accounts, other meetings may have it, too: see `is_copy_of`.
    reminders: minutes before the start at which to remind of it, negative ones after the midnight
        that a whole day begins with; None: as the settings say.
    """

    start: Due
    end: Due
    join_url: str | None = None
    where: str | None = None
    tentative: bool = False
    unanswered: bool = False
    twin: str | None = None
    reminders: tuple[int, ...] | None = None

    @property
    def is_certain(self) -> bool:
        """Return whether nothing is open: neither that it happens, nor that the user comes."""
        return not (self.tentative or self.unanswered)

    @property
    def meeting(self) -> str | None:
        """Return `twin`, and on a second line the title, which tells between accounts; or None."""
        return None if self.twin is None else f"{self.twin}\n{' '.join(self.title.split())}"

    def is_copy_of(self, other: "Event") -> bool:
        """Return whether both are one meeting.

        Within an account `twin` tells. Between two it is not enough: there are calendars that
        number their events 1, 2, 3. There the title agrees as well, or place and end.
        """
        if self.twin is None or self.twin != other.twin:
            return False
        if self.account == other.account:
            return True
        if self.title.split() == other.title.split():
            return True
        return self.where is not None and self.where == other.where and _ends_with(self, other)


def _ends_with(one: Event, other: Event) -> bool:
    ends = one.end, other.end
    if isinstance(ends[0], Fixed) and isinstance(ends[1], Fixed):
        return ends[0].at == ends[1].at  # in whichever zone each was planned
    return ends[0] == ends[1]


def shown_copies(events: Iterable[Event]) -> frozenset[int]:
    """Return the `id()` of those events that stand for their meeting, each once: the first copy
    that is certain, or else the first. What has no twin stands for itself, and is not in it."""
    meetings: dict[str, list[list[Event]]] = {}
    for event in events:
        if event.twin is not None:
            alike = meetings.setdefault(event.twin, [])
            copies = next((each for each in alike if event.is_copy_of(each[0])), None)
            if copies is None:
                alike.append([event])
            else:
                copies.append(event)
    return frozenset(
        id(next((event for event in copies if event.is_certain), copies[0]))
        for alike in meetings.values()
        for copies in alike
    )


AnySignal = Task | Event
"""The closed set of signals, for decoding and for exhaustive matching."""


YEARS = range(1900, 9000)
"""Those that are taken: far enough from the ends of time for the arithmetic of zones and days."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day_from_text(text: str) -> Day | None:
    """Return the day that `2026-11-22` names; None for any other text, and outside of `YEARS`."""
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
    return Day(day) if day is not None and day.year in YEARS else None


def day_of(due: Due, zone: "ZoneInfo") -> date:
    """Return the calendar day `due` falls on in the account's `zone`."""
    match due:
        case Day(day):
            return day
        case Floating(at):
            return at.date()
        case Fixed(at):
            return _in_zone(at, zone).date()


def time_of(due: Due, zone: "ZoneInfo") -> time | None:
    """Return the wall-clock time of `due` in the account's `zone`; None for a whole day."""
    match due:
        case Day():
            return None
        case Floating(at):
            return at.time()
        case Fixed(at):
            return _in_zone(at, zone).time()


def _in_zone(at: datetime, zone: "ZoneInfo") -> datetime:
    try:
        return at.astimezone(zone)
    except OverflowError:  # the first and last day of the calendar: a zone leads out of it
        return at


def _utc(at: datetime, zone: "ZoneInfo") -> datetime:
    """In UTC: a time that the clocks skip compares equal to nothing but its like in that zone."""
    try:
        return at.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return at.replace(tzinfo=UTC)


def begins_at(due: Due, zone: "ZoneInfo") -> datetime:
    """Return the instant (UTC) at which `due` begins: a day does at midnight in `zone`."""
    if isinstance(due, Fixed):  # not by matching: it is asked of thousands, five times as fast
        return due.at
    at = due.at if isinstance(due, Floating) else datetime.combine(due.day, time())
    return _utc(at, zone)


def ends_at(due: Due, zone: "ZoneInfo") -> datetime:
    """Return the instant (UTC) from which `due` has passed: a day has when the next one begins."""
    if not isinstance(due, Day):
        return begins_at(due, zone)
    if due.day == date.max:  # people do write 9999-12-31; no day follows
        return datetime.max.replace(tzinfo=UTC)
    return _utc(datetime.combine(due.day + timedelta(days=1), time()), zone)


def sort_key(task: Task, zone: "ZoneInfo") -> tuple[date, bool, time, int]:
    """Return what orders tasks of any accounts: day, whole days first, time, most urgent first.

    What a service knows beyond that (an order set by hand) is the order the source returned them
    in, which a stable sort keeps.
    """
    if task.due is None:
        return (date.max, False, time(), task.priority or 4)
    at = time_of(task.due, zone)
    return (day_of(task.due, zone), at is not None, at or time(), task.priority or 4)


def stamp(moment: Day | Fixed) -> str:
    """Return the moment as a short text: `20261122T090000Z`, or `20261122`."""
    match moment:
        case Day(day):
            return day.strftime("%Y%m%d")
        case Fixed(at):
            return at.strftime("%Y%m%dT%H%M%SZ")
