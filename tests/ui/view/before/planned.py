"""What of the planned events is now, next, today and tomorrow. Pure.

An event of whole days never begins or runs as a meeting does: it belongs to its days. One with a
time is now from its start on, and next in the hour before; what is over is not on the agenda.

There may be 2,500 events and a render follows every click, so they are sorted out once, and again
only when one of them comes, goes, begins or is an hour away, or a day ends somewhere.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.model.signals import Day, Event, day_of, ends_at
from oo_desktop.model.state import AppState
from oo_desktop.model.zones import next_midnight
from tests.ui.view.before.agenda import Agenda, Entry, agenda, today_in

NEXT = timedelta(hours=1)
"""How long before its start an event stands under "Next"."""

JOIN = timedelta(minutes=10)
"""How long before its start a meeting can be joined from the menu."""

MINUTE = timedelta(minutes=1)


class Happening(Struct, frozen=True, gc=False):
    """An event on the screen. `starts`: the instant; None for whole days."""

    entry: Entry
    event: Event
    day: date
    starts: datetime | None

    @property
    def join_url(self) -> str | None:
        return self.event.join_url


class Planned(Struct, frozen=True, gc=False):
    """The events, by when they are: each once, in the order they are shown.

    changes_at: when one of them moves to another of these, or None.
    """

    now: tuple[Happening, ...] = ()
    next: tuple[Happening, ...] = ()
    today: tuple[Happening, ...] = ()
    tomorrow: tuple[Happening, ...] = ()
    later: tuple[Happening, ...] = ()
    changes_at: datetime | None = None


def planned(shown: Agenda, now: datetime) -> Planned:
    """The events of `shown`, which is the agenda at `now` (aware)."""
    return _last.planned(shown.events, now)


def entries_of(happenings: Iterable[Happening]) -> tuple[Entry, ...]:
    return tuple([each.entry for each in happenings])


def minutes_until(starts: datetime, now: datetime) -> int:
    """Begun minutes count: what begins in 61 seconds begins in 2 minutes."""
    return -((now - starts) // MINUTE)


def certainty_words(event: Event) -> str:
    """What is still open about it; empty where nothing is. What the user can do comes first."""
    if event.unanswered:
        return "not answered"
    return "maybe" if event.tentative else ""


def next_turn(plan: Planned, now: datetime) -> datetime | None:
    """When what is said of `plan` changes next: by the minute, but only where minutes are told."""
    moments = [] if plan.changes_at is None else [plan.changes_at]
    moments += [
        each.starts - (minutes_until(each.starts, now) - 1) * MINUTE
        for each in plan.next
        if each.starts is not None
    ]
    return min(moments, default=None)


def joinable(plan: Planned, now: datetime, *, ahead: timedelta = JOIN) -> list[Happening]:
    """The meetings with a link that are running or begin within `ahead` (an hour at most).

    The one whose start is nearest comes first: five minutes before the next one, most are ready to
    leave the one they are in; five minutes into it, they are late for it.
    """
    found = [
        (abs(each.starts - now), each.starts > now, number, each)
        for number, each in enumerate((*plan.now, *plan.next))
        if each.join_url and each.starts is not None and each.starts - now <= ahead
    ]
    return [each for _, _, _, each in sorted(found, key=lambda found: found[:3])]


def meeting_to_join(state: AppState, now: datetime, *, local_zone: ZoneInfo) -> Happening | None:
    """The meeting somebody means who wants to join: one that runs, or the next within the hour."""
    plan = planned(agenda(state, now, local_zone=local_zone), now)
    return next(iter(joinable(plan, now, ahead=NEXT)), None)


class _Planner:
    """The events as they were last sorted out."""

    def __init__(self) -> None:
        self._events: tuple[Entry, ...] = ()
        self._since: datetime | None = None
        self._plan = Planned()
        self._known: dict[int, Happening] = {}

    def planned(self, events: tuple[Entry, ...], now: datetime) -> Planned:
        if not events:
            return Planned()
        if events is not self._events or not self._still_right(now):
            self._plan = self._sorted_out(events, now)
            self._events, self._since = events, now
        return self._plan

    def _still_right(self, now: datetime) -> bool:
        until = self._plan.changes_at
        return self._since is not None and self._since <= now and (until is None or now < until)

    def _sorted_out(self, events: tuple[Entry, ...], now: datetime) -> Planned:
        running: list[Happening] = []
        soon: list[Happening] = []
        by_day: tuple[list[Happening], ...] = ([], [], [])  # today, tomorrow, later
        moments: set[datetime] = set()
        todays: dict[ZoneInfo, date] = {}
        for each in self._happenings(events):
            zone = each.entry.zone
            if (today := todays.get(zone)) is None:
                today = todays[zone] = today_in(zone, now)
                moments.add(next_midnight(now, zone))
            starts = each.starts
            if starts is not None and starts <= now:
                running.append(each)
            elif starts is not None and starts - now <= NEXT:
                soon.append(each)
                moments.add(starts)
            else:
                by_day[min(max((each.day - today).days, 0), 2)].append(each)
                if starts is not None:
                    moments.add(starts - NEXT)
        return Planned(
            now=tuple(sorted(running, key=attrgetter("starts"))),
            next=tuple(sorted(soon, key=attrgetter("starts"))),
            today=_times_first(by_day[0]),
            tomorrow=_times_first(by_day[1]),
            later=tuple(by_day[2]),
            changes_at=min(moments, default=None),
        )

    def _happenings(self, events: tuple[Entry, ...]) -> list[Happening]:
        """What follows from their times is worked out once for each."""
        before, self._known = self._known, {}
        found = []
        for entry in events:
            event = entry.signal
            if not isinstance(event, Event):
                continue
            known = before.get(id(event))
            if known is None or known.event is not event or known.entry.zone is not entry.zone:
                known = happening(entry, event)
            elif known.entry != entry:
                known = Happening(entry, event, known.day, known.starts)
            self._known[id(event)] = known
            found.append(known)
        return found


def _times_first(day: list[Happening]) -> tuple[Happening, ...]:
    """Whole days stand apart, below what somebody waits for."""
    return tuple(sorted(day, key=lambda each: each.starts is None))


_last = _Planner()


def happening(entry: Entry, event: Event) -> Happening:
    """`entry`, whose signal is `event`, as what it is."""
    starts = None if isinstance(event.start, Day) else ends_at(event.start, entry.zone)
    return Happening(entry, event, day_of(event.start, entry.zone), starts)
