"""Which signals are on the screen, in which order and under which heading.

The tray, the command line and the offscreen rendering all show this one selection, so they cannot
disagree. A function of the state and the time; what it remembers of the last call (`_Desk`) only
makes the next one fast: there may be 10,000 signals, and a render follows every click and poll.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import chain
from zoneinfo import ZoneInfo

from msgspec import Struct

from oo_desktop.signals.model import AccountKey, AnySignal, SignalId, SignalKey
from oo_desktop.signals.state import (
    AppState,
    OutboxItem,
    is_same_occurrence,
    shown_signals,
    standing_clicks,
)
from oo_desktop.signals.zones import machine_zone, zone_named
from oo_desktop.ui.placing import Entry, Line, Lines, Placed

__all__ = [
    "Agenda",
    "Entry",
    "agenda",
    "machine_zone",
    "next_midnight",
    "next_moment",
    "today_in",
    "zone_named",
    "zones_of",
]


@dataclass(frozen=True, slots=True)
class Agenda:
    """Everything shown, by section. `later`: what a filter of the user's own brings beyond today,
    and what has no date."""

    overdue: tuple[Entry, ...] = ()
    today: tuple[Entry, ...] = ()
    later: tuple[Entry, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.overdue + self.today + self.later


def agenda(state: AppState, now: datetime, *, local_zone: ZoneInfo) -> Agenda:
    """Sort what `state` shows at `now` (aware). `local_zone` stands in for accounts without one."""
    return _desk.agenda(state, now, local_zone)


def next_moment(state: AppState, now: datetime, *, local_zone: ZoneInfo) -> datetime | None:
    """The next instant at which something on the agenda begins, ends or passes.

    Midnights are not among them. It may be an instant of something that a click hides.
    """
    return _desk.next_moment(state, now, local_zone)


class _Clicked(Struct, frozen=True):
    """What the clicks on the signals of one account make of its list.

    changed: how those are shown that wait for the service; None: not at all.
    moments: when something about them changes.
    """

    changed: Mapping[SignalId, AnySignal | None]
    moments: Sequence[datetime]


class _Desk:
    """The signals as they were last laid out; the same question again costs next to nothing."""

    def __init__(self) -> None:
        self._placed: dict[AccountKey, Placed] = {}
        self._outbox: tuple[OutboxItem, ...] = ()
        self._clicked: dict[AccountKey, _Clicked] = {}
        self._laid_out: list[tuple[Lines, int]] | None = None
        self._agenda = Agenda()

    def agenda(self, state: AppState, now: datetime, local_zone: ZoneInfo) -> Agenda:
        self._look_at(state, local_zone)
        laid_out = [
            (placed.lines(now), bisect_right(self._moments(key), now))
            for key, placed in self._placed.items()
        ]
        if not _is_same(laid_out, self._laid_out):
            self._agenda = self._merged(now)
            self._laid_out = laid_out
        return self._agenda

    def next_moment(self, state: AppState, now: datetime, local_zone: ZoneInfo) -> datetime | None:
        self._look_at(state, local_zone)
        moments = [placed.next_moment(now) for placed in self._placed.values()]
        for key in self._clicked:
            moments += self._moments(key)[bisect_right(self._moments(key), now) :][:1]
        return min((moment for moment in moments if moment is not None), default=None)

    def _look_at(self, state: AppState, local_zone: ZoneInfo) -> None:
        zones = zones_of(state, local_zone)
        placed: dict[AccountKey, Placed] = {}
        for key in (*zones, *state.signals):
            placed[key] = self._place(key, state.signals.get(key, ()), zones.get(key, local_zone))
        if list(placed.items()) != list(self._placed.items()) or state.outbox != self._outbox:
            self._clicked = _clicked(placed, state.outbox)
            self._laid_out = None
        self._placed, self._outbox = placed, state.outbox

    def _place(self, key: AccountKey, listed: tuple[AnySignal, ...], zone: ZoneInfo) -> Placed:
        placed = self._placed.get(key)
        if placed is not None and placed.listed is listed and placed.zone is zone:
            return placed
        return Placed(listed, zone)

    def _moments(self, key: AccountKey) -> Sequence[datetime]:
        clicked = self._clicked.get(key)
        return clicked.moments if clicked else ()

    def _merged(self, now: datetime) -> Agenda:
        accounts = []
        for key, placed in self._placed.items():
            clicked = self._clicked.get(key)
            accounts.append(
                placed.lines_with(clicked.changed, now) if clicked else placed.lines(now)
            )
        return Agenda(*map(_entries, zip(*accounts, strict=True))) if accounts else Agenda()


_desk = _Desk()


def _is_same(laid_out: list[tuple[Lines, int]], before: list[tuple[Lines, int]] | None) -> bool:
    return before is not None and all(
        now[0] is then[0] and now[1] == then[1] for now, then in zip(laid_out, before, strict=True)
    )


def _clicked(
    placed: Mapping[AccountKey, Placed], outbox: tuple[OutboxItem, ...]
) -> dict[AccountKey, _Clicked]:
    """Only what was clicked is looked at: all else is shown as it is listed."""
    touched: dict[AccountKey, dict[SignalId, AnySignal | None]] = {key: {} for key in placed}
    for item in outbox:
        account, id_ = item.key
        if account in touched:
            touched[account][id_] = placed[account].get(id_)
    clicks = standing_clicks(outbox)
    shown = shown_signals(
        {
            account: tuple(signal for signal in signals.values() if signal is not None)
            for account, signals in touched.items()
        },
        outbox,
    )
    return {
        account: found
        for account, signals in touched.items()
        if (found := _changed(signals, shown[account], clicks, placed[account])) is not None
    }


def _changed(
    listed: Mapping[SignalId, AnySignal | None],
    shown: Iterable[AnySignal],
    clicks: Mapping[SignalKey, Sequence[OutboxItem]],
    placed: Placed,
) -> _Clicked | None:
    changed: dict[SignalId, AnySignal | None] = {}
    hidden = {id_ for id_, signal in listed.items() if signal is not None}
    moments: list[datetime] = []
    for signal in shown:
        hidden.discard(signal.id)
        if signal is not listed[signal.id] or _waits(signal, clicks):
            changed[signal.id] = signal
            moments += placed.moments_of(signal)
    changed |= dict.fromkeys(hidden)
    return _Clicked(changed, sorted(moments)) if changed else None


def _waits(signal: AnySignal, clicks: Mapping[SignalKey, Sequence[OutboxItem]]) -> bool:
    return any(is_same_occurrence(click.signal, signal) for click in clicks.get(signal.key, ()))


def _entries(accounts: tuple[list[Line], ...]) -> tuple[Entry, ...]:
    """Of several accounts' lines in one section; among equals, an earlier account comes first."""
    filled = [lines for lines in accounts if lines]
    if len(filled) == 1:
        return tuple([line[3] for line in filled[0]])
    merged = sorted(chain.from_iterable(filled), key=lambda line: line[:2])
    return tuple([line[3] for line in merged])


def zones_of(state: AppState, local_zone: ZoneInfo) -> dict[AccountKey, ZoneInfo]:
    """The zone each account counts its days in."""
    return {account.key: zone_named(account.zone) or local_zone for account in state.accounts}


def today_in(zone: tzinfo, now: datetime) -> date:
    return now.astimezone(zone).date()


def next_midnight(zone: tzinfo, now: datetime) -> datetime:
    """When the next day begins in `zone`."""
    return datetime.combine(today_in(zone, now) + timedelta(days=1), time(), zone)
