"""Works out what "later today", "tomorrow" and "next week" mean: pure arithmetic of time.

The new date is decided at the click, in the zone of the account, and written down with it: sent
three days later it must not mean another day. What the user did not ask to change stays: a whole
day stays a whole day, a time keeps its time of day (a fixed one that of the zone it was planned
in), and what recurs is moved without its rule being touched. Only "later today" gives a time to a
whole day, for that is all "later" can mean then.

| due is | later today |
|---|---|
| nothing, or a day that is over | today, the whole day |
| today, the whole day | the next full hour at least two hours from now |
| a time of an earlier day whose hour is still ahead | today at that time |
| any other time, over or today | the next full hour at least two hours from now and from it |
| a later day | never: that would be earlier |

Where there is no such hour before midnight it cannot be asked for.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from oo_desktop.model.signals import (
    RESCHEDULES,
    ActionKind,
    AnySignal,
    Day,
    Due,
    Fixed,
    Floating,
    Task,
    day_of,
    ends_at,
)
from oo_desktop.model.zones import zone_named

MIN_LATER = timedelta(hours=2)
"""The least that "later today" means where the signal has no time of its own to keep."""

MIN_AHEAD = timedelta(minutes=30)
"""A time of day that is nearer than this is not worth moving to."""

_HOUR = timedelta(hours=1)


def rescheduled(kind: ActionKind, due: Due | None, *, now: datetime, zone: ZoneInfo) -> Due | None:
    """Return where `kind` (one of RESCHEDULES) moves what is due at `due`; None: to no date.

    now: aware. zone: the account's. Raises ValueError where that makes no sense at this hour, and
    at the ends of the calendar.
    """
    try:
        today = now.astimezone(zone).date()
        match kind:
            case ActionKind.NO_DATE:
                return None
            case ActionKind.TOMORROW:
                return _on(today + timedelta(days=1), due, zone)
            case ActionKind.NEXT_WEEK:
                return _on(today + timedelta(days=7 - today.weekday()), due, zone)
            case ActionKind.LATER_TODAY:
                return _later(due, now, today, zone)
            case _:
                raise ValueError(f"{kind} does not move anything")
    except OverflowError:
        raise ValueError("the calendar has no such day") from None


def moved_to(day: date, due: Due | None, *, zone: ZoneInfo) -> Due:
    """Return `due` on another `day` of the account's `zone`, at the time of day that it has.

    Raises ValueError at the ends of the calendar.
    """
    try:
        return _on(day, due, zone)
    except OverflowError:
        raise ValueError("the calendar has no such day") from None


def possible_actions(signal: AnySignal, now: datetime, zone: ZoneInfo) -> tuple[ActionKind, ...]:
    """Return those of the signal's actions that would change something at `now`, in order.

    ON_DAY is none of them: which day is not known here.
    """
    return tuple(
        kind
        for kind in signal.actions
        if kind not in RESCHEDULES or _changes(kind, signal, now, zone)
    )


def _changes(kind: ActionKind, signal: AnySignal, now: datetime, zone: ZoneInfo) -> bool:
    if not isinstance(signal, Task):
        return False
    if kind is ActionKind.ON_DAY:  # that takes a day as well
        return False
    if kind is ActionKind.NO_DATE:
        # A deadline stays; and what recurs would stop doing so, which is more than was asked for.
        return signal.due is not None and not signal.by_deadline and not signal.recurring
    try:
        return rescheduled(kind, signal.due, now=now, zone=zone) != signal.due
    except ValueError:
        return False


def _on(day: date, due: Due | None, zone: ZoneInfo) -> Due:
    match due:
        case None | Day():
            return Day(day)
        case Floating(at):
            return Floating(datetime.combine(day, at.time()))
        case Fixed():
            return _fixed_on(day, due, zone)
    assert_never(due)


def _fixed_on(day: date, due: Fixed, zone: ZoneInfo) -> Fixed:
    """Moved by whole days in its own zone, so that it falls on `day` in the account's.

    Seen from elsewhere, the same time on three days in a row can miss a day that is an hour
    shorter, and meet one that is longer twice: then the account's time of day decides.
    """
    own = zone_named(due.zone) or zone
    planned = due.at.astimezone(own)
    # The account's day may begin a day earlier or later than that of the due's own zone.
    near = day + (planned.date() - day_of(due, zone))
    wanted = datetime.combine(day, due.at.astimezone(zone).time())
    found = [
        at
        for days in (0, -1, 1)
        if (at := _at(near + timedelta(days=days), planned.time(), own)).astimezone(zone).date()
        == day
    ]
    if not found:
        at = _at(day, wanted.time(), zone)
        if at.astimezone(zone).date() != day:  # a day that this zone has skipped
            raise ValueError("the calendar has no such day there")
        return Fixed(at, due.zone)
    return Fixed(
        min(found, key=lambda at: abs(at.astimezone(zone).replace(tzinfo=None) - wanted)), due.zone
    )


def _at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """In UTC. A time that the clocks skip comes as much later; of one they repeat, the first."""
    return datetime.combine(day, at.replace(fold=0), zone).astimezone(UTC)


def _later(due: Due | None, now: datetime, today: date, zone: ZoneInfo) -> Due:
    if due is None:
        return Day(today)
    before = day_of(due, zone)
    if before > today:
        raise ValueError("it is not due yet")
    if isinstance(due, Day):
        if before < today:
            return Day(today)
        return _floating(_hour_after(now, today, zone))
    if before < today:
        moved = _on(today, due, zone)
        if ends_at(moved, zone) >= now + MIN_AHEAD:
            return moved
    at = _hour_after(max(now, ends_at(due, zone)), today, zone)
    return Fixed(at.astimezone(UTC), due.zone) if isinstance(due, Fixed) else _floating(at)


def _floating(at: datetime) -> Floating:
    return Floating(at.replace(tzinfo=None))


def _hour_after(moment: datetime, today: date, zone: ZoneInfo) -> datetime:
    """The first full hour on the account's clock at least MIN_LATER after `moment`, in its zone.

    Where the clocks show an hour twice, the second is passed over: a floating time means the
    first. Raises ValueError where that hour is not today.
    """
    at = moment.astimezone(UTC) + MIN_LATER
    while True:
        local = at.astimezone(zone)
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        if not past and not local.fold:
            break
        at += _HOUR - past
    if local.date() != today:
        raise ValueError("the day is nearly over")
    return local
