"""Which signals are on the screen, in which order and under which heading.

The tray, the command line and the offscreen rendering all show this one selection, so they cannot
disagree. A function of the state and the time; what it remembers of the last call (`_Desk`) only
makes the next one fast: there may be 10,000 signals, and a render follows every click and poll.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import chain
from operator import is_
from typing import NamedTuple
from zoneinfo import ZoneInfo

from oo_desktop.signals.model import AccountKey, AnySignal, Event
from oo_desktop.signals.state import AppState, OutboxItem
from oo_desktop.signals.zones import zone_named
from oo_desktop.ui.clicks import Clicks
from oo_desktop.ui.placing import Entry, Line, Lines, Placed, Section

__all__ = [
    "Agenda",
    "Entry",
    "agenda",
    "next_moment",
    "today_in",
    "zones_of",
]


@dataclass(frozen=True, slots=True)
class Agenda:
    """Everything shown: what there is to do, by section, and what happens, in its order.

    later: what a filter of the user's own brings beyond today, and what has no date.
    events: those that are not over; each meeting once, on however many calendars it stands.
    """

    overdue: tuple[Entry, ...] = ()
    today: tuple[Entry, ...] = ()
    later: tuple[Entry, ...] = ()
    events: tuple[Entry, ...] = ()


def agenda(state: AppState, now: datetime, *, local_zone: ZoneInfo) -> Agenda:
    """Sort what `state` shows at `now` (aware). `local_zone` stands in for accounts without one."""
    return _desk.agenda(state, now, local_zone)


def next_moment(state: AppState, now: datetime, *, local_zone: ZoneInfo) -> datetime | None:
    """The next instant at which something on the agenda begins, ends or passes.

    Midnights are not among them. It may be an instant of something that a click hides.
    """
    return _desk.next_moment(state, now, local_zone)


class _Merged(NamedTuple):
    """What was made of several accounts' lines in one section."""

    lines: list[list[Line]]
    entries: tuple[Entry, ...]

    def is_of(self, lines: list[list[Line]]) -> bool:
        return len(self.lines) == len(lines) and all(map(is_, self.lines, lines))


class _Desk:
    """The signals as they were last laid out; the same question again costs next to nothing."""

    def __init__(self) -> None:
        self._placed: dict[AccountKey, Placed] = {}
        self._outbox: tuple[OutboxItem, ...] = ()
        self._clicks = Clicks()
        self._laid_out: list[tuple[Lines, int]] | None = None
        self._agenda = Agenda()
        self._merged_before: dict[Section, _Merged] = {}

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

    def _place(self, key: AccountKey, listed: tuple[AnySignal, ...], zone: ZoneInfo) -> Placed:
        placed = self._placed.get(key)
        if placed is not None and placed.listed is listed and placed.zone is zone:
            return placed
        return Placed(listed, zone)

    def _merged(self, now: datetime) -> Agenda:
        accounts = []
        for key, placed in self._placed.items():
            changed = self._clicks.changed(key)
            accounts.append(placed.lines_with(changed, now) if changed else placed.lines(now))
        return Agenda(*(self._section(section, accounts) for section in Section))

    def _section(self, section: Section, accounts: list[Lines]) -> tuple[Entry, ...]:
        """The very same tuple as before where nothing in it has changed: much is made of it."""
        filled = [lines[section] for lines in accounts if lines[section]]
        before = self._merged_before.get(section)
        if before is not None and before.is_of(filled):
            return before.entries
        entries = _entries(filled)
        if section is Section.EVENTS:
            entries = _without_twins(entries, chain.from_iterable(filled))
        self._merged_before[section] = _Merged(filled, entries)
        return entries


_desk = _Desk()


def _is_same(laid_out: list[tuple[Lines, int]], before: list[tuple[Lines, int]] | None) -> bool:
    return before is not None and all(
        now[0] is then[0] and now[1] == then[1] for now, then in zip(laid_out, before, strict=True)
    )


def _entries(filled: list[list[Line]]) -> tuple[Entry, ...]:
    """Of several accounts' lines in one section; among equals, an earlier account comes first."""
    if len(filled) == 1:
        return tuple([line[3] for line in filled[0]])
    merged = sorted(chain.from_iterable(filled), key=lambda line: line[:2])
    return tuple([line[3] for line in merged])


def _without_twins(events: tuple[Entry, ...], in_order: Iterable[Line]) -> tuple[Entry, ...]:
    """`events`, each meeting once: as the first account has it whose user has said they will come,
    or else the first. in_order: the same events, account after account."""
    shown: dict[str, Entry] = {}
    for _, _, _, entry in in_order:
        event = entry.signal
        if isinstance(event, Event) and event.twin is not None:
            first = shown.setdefault(event.twin, entry)
            if event.is_certain and not is_certain(first):
                shown[event.twin] = entry
    if not shown:
        return events
    return tuple(
        [entry for entry in events if (twin := _twin(entry)) is None or shown[twin] is entry]
    )


def _twin(entry: Entry) -> str | None:
    return entry.signal.twin if isinstance(entry.signal, Event) else None


def is_certain(entry: Entry) -> bool:
    """Whether it is certain that it happens, and that the user comes."""
    return not isinstance(entry.signal, Event) or entry.signal.is_certain


def zones_of(state: AppState, local_zone: ZoneInfo) -> dict[AccountKey, ZoneInfo]:
    """The zone each account counts its days in."""
    return {account.key: zone_named(account.zone) or local_zone for account in state.accounts}


def today_in(zone: tzinfo, now: datetime) -> date:
    return now.astimezone(zone).date()
