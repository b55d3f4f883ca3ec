"""Which signals are on the screen, in which order and under which heading.

The tray, the command line and the offscreen rendering all show this one selection, so they cannot
disagree. Pure: state and the time in, values out.
"""

import os
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from oo_desktop.signals.model import (
    AccountKey,
    AnySignal,
    Due,
    Event,
    Task,
    day_of,
    is_overdue,
    sort_key,
    time_of,
)
from oo_desktop.signals.state import (
    AppState,
    is_same_occurrence,
    shown_signals,
    standing_clicks,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A signal on the screen. `zone`: its account's. `pending`: a click on it is on its way."""

    signal: AnySignal
    zone: ZoneInfo
    overdue: bool
    pending: bool


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
    sections: dict[str, list[Entry]] = {"overdue": [], "today": [], "later": []}
    zones = zones_of(state, local_zone)
    clicks = standing_clicks(state.outbox)
    accounts = dict.fromkeys(account.key for account in state.accounts)
    listed = {key: state.signals.get(key, ()) for key in (*accounts, *state.signals)}
    for signal in chain.from_iterable(shown_signals(listed, state.outbox).values()):
        zone = zones.get(signal.account, local_zone)
        section = _section(signal, now, zone)
        if section is not None:
            pending = any(
                is_same_occurrence(click.signal, signal) for click in clicks.get(signal.key, ())
            )
            entry = Entry(signal, zone, section == "overdue", pending)
            sections[section].append(entry)
    for entries in sections.values():
        entries.sort(key=_order)
    return Agenda(*(tuple(sections[name]) for name in ("overdue", "today", "later")))


def zones_of(state: AppState, local_zone: ZoneInfo) -> dict[AccountKey, ZoneInfo]:
    """The zone each account counts its days in."""
    return {
        account.key: (zone_named(account.zone) if account.zone else None) or local_zone
        for account in state.accounts
    }


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, or None where this machine knows none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not found; not a name; a folder of zones
        return None


def machine_zone() -> ZoneInfo:
    """The zone this machine's clock shows, read anew each time: it changes when people travel.

    Where it cannot be told by name (the standard library has no call for that), its offsets are
    still right: they are read from the file the C library reads.
    """
    named = zone_named(os.environ.get("TZ", "").lstrip(":"))
    if named is not None:
        return named
    clock = Path("/etc/localtime")
    path = clock.resolve()
    for folder in path.parents:
        if folder.name == "zoneinfo" and (zone := zone_named(str(path.relative_to(folder)))):
            return zone
    try:
        with clock.open("rb") as file:
            return ZoneInfo.from_file(file, key=None)
    except (OSError, ValueError):
        return ZoneInfo("UTC")


def _section(signal: AnySignal, now: datetime, zone: ZoneInfo) -> str | None:
    if isinstance(signal, Event):
        if has_passed(signal.end, now, zone, exclusive=True):
            return None
        due = signal.start
    elif signal.due is None:
        return "later"
    elif has_passed(signal.due, now, zone):
        return "overdue"
    else:
        due = signal.due
    return "today" if day_of(due, zone) <= today_in(zone, now) else "later"


def has_passed(due: Due, now: datetime, zone: ZoneInfo, *, exclusive: bool = False) -> bool:
    """Whether `due` is over at `now`. `exclusive`: a whole day is over when it begins."""
    if exclusive and time_of(due, zone) is None:
        return day_of(due, zone) <= today_in(zone, now)
    return is_overdue(due, now, zone)


def today_in(zone: tzinfo, now: datetime) -> date:
    return now.astimezone(zone).date()


def next_midnight(zone: tzinfo, now: datetime) -> datetime:
    """When the next day begins in `zone`."""
    return datetime.combine(today_in(zone, now) + timedelta(days=1), time(), zone)


def _order(entry: Entry) -> tuple[date, bool, time, int]:
    match entry.signal:
        case Task() as task:
            return sort_key(task, entry.zone)
        case Event(start=start):
            at = time_of(start, entry.zone)
            return (day_of(start, entry.zone), at is not None, at or time(), 4)
