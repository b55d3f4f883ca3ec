"""Which signals are on the screen, in which order and under which heading.

The tray, the command line and the offscreen rendering all show this one selection, so they cannot
disagree. A function of the state and the time; what it remembers of the last call (`_Desk`) only
makes the next one fast: there may be 10,000 signals, and a render follows every click and poll.
What a poll brings is `placed_ahead`, bit by bit, so that a render finds the most of it done.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import chain
from operator import is_
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from oo_desktop.model.signals import AccountKey, AnySignal, Event
from oo_desktop.model.state import AppState, OutboxItem
from oo_desktop.model.zones import zone_named
from tests.ui.view.before.clicks import Clicks
from tests.ui.view.before.placing import Entries, Entry, Line, Lines, Placed, Section

__all__ = [
    "Agenda",
    "Entries",
    "Entry",
    "agenda",
    "next_moment",
    "placed_ahead",
    "today_in",
    "zones_of",
]


_NONE = Entries()


@dataclass(frozen=True, slots=True)
class Agenda:
    """Everything shown: what there is to do, by section, and what happens, in its order.

    later: what a filter of the user's own brings beyond today, and what has no date.
    events: those that are not over; each meeting once, on however many calendars it stands.
    """

    overdue: Entries = _NONE
    today: Entries = _NONE
    later: Entries = _NONE
    events: tuple[Entry, ...] = ()


def agenda(state: AppState, now: datetime, *, local_zone: ZoneInfo) -> Agenda:
    """Sort what `state` shows at `now` (aware). `local_zone` stands in for accounts without one."""
    return _desk.agenda(state, now, local_zone)


def next_moment(state: AppState, now: datetime, *, local_zone: ZoneInfo) -> datetime | None:
    """The next instant at which something on the agenda begins, ends or passes.

    Midnights are not among them. It may be an instant of something that a click hides.
    """
    return _desk.next_moment(state, now, local_zone)


def placed_ahead(
    key: AccountKey, listed: tuple[AnySignal, ...], zone: ZoneInfo, now: datetime
) -> Iterator[None]:
    """The steps of what a render would otherwise have to do with a new list; any thread may go
    through them. zone: the one the account counts its days in."""
    return _desk.place_ahead(key, listed, zone, now)


T = TypeVar("T")


class _Merged(NamedTuple, Generic[T]):
    """What was made of several accounts' lines in one section."""

    lines: list[list[Line]]
    made: T

    def is_of(self, lines: list[list[Line]]) -> bool:
        return len(self.lines) == len(lines) and all(map(is_, self.lines, lines))


class _Desk:
    """The signals as they were last laid out; the same question again costs next to nothing."""

    def __init__(self) -> None:
        self._placed: dict[AccountKey, Placed] = {}
        self._ahead: dict[AccountKey, Placed] = {}
        self._outbox: tuple[OutboxItem, ...] = ()
        self._clicks = Clicks()
        self._laid_out: list[tuple[Lines, int]] | None = None
        self._agenda = Agenda()
        self._to_do: dict[Section, _Merged[Entries]] = {}
        self._events: _Merged[tuple[Entry, ...]] = _Merged([], ())

    def agenda(self, state: AppState, now: datetime, local_zone: ZoneInfo) -> Agenda:
        self._look_at(state, local_zone)
        laid_out = [
            (placed.lines(now), bisect_right(self._clicks.moments(key), now))
            for key, placed in self._placed.items()
        ]
        if not _is_same(laid_out, self._laid_out):
            self._agenda = self._merged(now)
            self._laid_out = laid_out
        return self._agenda

    def next_moment(self, state: AppState, now: datetime, local_zone: ZoneInfo) -> datetime | None:
        self._look_at(state, local_zone)
        moments = [placed.next_moment(now) for placed in self._placed.values()]
        for key in self._placed:
            moments += self._clicks.moments(key)[bisect_right(self._clicks.moments(key), now) :][:1]
        return min((moment for moment in moments if moment is not None), default=None)

    def _look_at(self, state: AppState, local_zone: ZoneInfo) -> None:
        zones = zones_of(state, local_zone)
        placed = {
            key: self._place(key, state.signals.get(key, ()), zones.get(key, local_zone))
            for key in dict.fromkeys((*zones, *state.signals))
        }
        if list(placed.items()) != list(self._placed.items()) or state.outbox != self._outbox:
            self._clicks.follow(state.outbox, placed)
            self._laid_out = None
        self._placed, self._outbox = placed, state.outbox

    def place_ahead(
        self, key: AccountKey, listed: tuple[AnySignal, ...], zone: ZoneInfo, now: datetime
    ) -> Iterator[None]:
        placed = self._placed.get(key)
        if placed is not None and placed.is_of(listed, zone):
            return
        placed = Placed(listed, zone)
        yield from placed.steps()
        placed.lines(now)
        self._ahead[key] = placed

    def _place(self, key: AccountKey, listed: tuple[AnySignal, ...], zone: ZoneInfo) -> Placed:
        for placed in (self._placed.get(key), self._ahead.pop(key, None)):
            if placed is not None and placed.is_of(listed, zone):
                return placed
        placed = Placed(listed, zone)
        deque(placed.steps(), maxlen=0)
        return placed

    def _merged(self, now: datetime) -> Agenda:
        accounts = []
        for key, placed in self._placed.items():
            changed = self._clicks.changed(key)
            accounts.append(placed.lines_with(changed, now) if changed else placed.lines(now))
        overdue, today, later, events = (
            [lines[section] for lines in accounts if lines[section]] for section in Section
        )
        return Agenda(
            self._entries(Section.OVERDUE, overdue),
            self._entries(Section.TODAY, today),
            self._entries(Section.LATER, later),
            self._events_of(events),
        )

    # The very same answer as before where nothing in it has changed: much is made of it.

    def _entries(self, section: Section, filled: list[list[Line]]) -> Entries:
        before = self._to_do.get(section)
        if before is None or not before.is_of(filled):
            entries = Entries(_together(filled), overdue=section is Section.OVERDUE)
            before = self._to_do[section] = _Merged(filled, entries)
        return before.made

    def _events_of(self, filled: list[list[Line]]) -> tuple[Entry, ...]:
        if not self._events.is_of(filled):
            lines = _without_twins(_together(filled), chain.from_iterable(filled))
            self._events = _Merged(filled, Entries(lines).first(None))
        return self._events.made


_desk = _Desk()


def _is_same(laid_out: list[tuple[Lines, int]], before: list[tuple[Lines, int]] | None) -> bool:
    return before is not None and all(
        now[0] is then[0] and now[1] == then[1] for now, then in zip(laid_out, before, strict=True)
    )


def _together(filled: list[list[Line]]) -> list[Line]:
    """Of several accounts' lines in one section; among equals, an earlier account comes first."""
    if len(filled) == 1:
        return filled[0]
    return sorted(chain.from_iterable(filled), key=lambda line: line[:2])


def _without_twins(events: list[Line], in_order: Iterable[Line]) -> list[Line]:
    """`events`, each meeting once: as the first account has it whose user has said they will come,
    or else the first. in_order: the same events, account after account."""
    shown: dict[str, Line] = {}
    for line in in_order:
        if (twin := _twin(line)) is not None:
            first = shown.setdefault(twin, line)
            if _is_certain(line) and not _is_certain(first):
                shown[twin] = line
    if not shown:
        return events
    return [line for line in events if (twin := _twin(line)) is None or shown[twin] is line]


def _twin(line: Line) -> str | None:
    event = line[4]
    return event.twin if isinstance(event, Event) else None


def _is_certain(line: Line) -> bool:
    """Whether it is certain that it happens, and that the user comes."""
    event = line[4]
    return not isinstance(event, Event) or event.is_certain


def zones_of(state: AppState, local_zone: ZoneInfo) -> dict[AccountKey, ZoneInfo]:
    """The zone each account counts its days in."""
    return {account.key: zone_named(account.zone) or local_zone for account in state.accounts}


def today_in(zone: tzinfo, now: datetime) -> date:
    return now.astimezone(zone).date()
