"""Puts events in words: from when to when, what, where, how certain, and how soon. Pure.

An event reads `14:00–14:30  Stand-up · Work`, in the next hour with `in 12 min` as well: the time
first, because rows are scanned down their left edge. Whole days read `All day  Holiday`, several of
them `All day, until Wed  Fair`. Times are those of the account's zone, as for tasks; where the
machine's clock shows another time then, the zone is named. That something is not certain is said
in words; the colour of a calendar only stands beside its name.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from oo_desktop.agenda.plan import NEXT_WITHIN, Plan, PlannedEvent, minutes_until
from oo_desktop.commands.commands import OpenUrl
from oo_desktop.model.signals import Day, Event, day_of, ends_at, time_of
from oo_desktop.model.text import (
    counted,
    day_words,
    elided,
    isolated,
    place_of_zone,
    plain_text,
    title_text,
    weekday_words,
)
from oo_desktop.model.zones import today_in
from oo_desktop.ui.view.accounts import MAX_LABEL, AccountWords
from oo_desktop.ui.view.rows import Row, RowIcon, command_row, id_of_signal

MAX_ROW_TITLE = 50
MAX_SHORT_TITLE = 30
"""Characters of a title within a sentence."""
MAX_ROW_NAME = 24

MAX_JOIN_ROWS = 3
"""Meetings offered on top of the menu."""

NEARER = timedelta(minutes=10)
"""What begins within that matters more than what is running."""

DAYS_LONG = timedelta(hours=24)
"""What lasts as long runs over days, and is no meeting to wait the end of."""


def event_title(event: PlannedEvent, most: int = MAX_ROW_TITLE) -> str:
    """Return its title in at most `most` characters."""
    return title_text(event.event.title, most)


def event_text(
    planned: PlannedEvent,
    now: datetime,
    *,
    local_zone: ZoneInfo,
    alone: bool = False,
    account: str = "",
) -> str:
    """Say all there is to say of it, but for whose it is.

    account: its calendar that goes unnamed (`AccountWords.unnamed_calendar`).
    alone: it stands under no heading that says "Tomorrow".
    """
    event, zone = planned.event, planned.entry.zone
    today = today_in(zone, now)
    near = planned.starts is not None and planned.starts - now <= NEXT_WITHIN
    when = span_words(planned, today)
    beyond = (planned.day - today).days
    if not near and (beyond > 1 or (alone and beyond == 1)):
        when = f"{day_words(planned.day, today)}, {when[0].lower()}{when[1:]}"
    if zone is not local_zone and (place := other_clock(planned, local_zone)):
        when = f"{when} {place}"
    parts = [f"{when}  {isolated(event_title(planned))}"]
    name = plain_text(event.container.name) if event.container else ""
    if name and elided(name, MAX_LABEL) != account:
        parts.append(isolated(elided(name, MAX_ROW_NAME)))
    if near and event.where and "://" not in event.where and (where := plain_text(event.where)):
        parts.append(isolated(elided(where, MAX_ROW_NAME)))
    if certainty := certainty_words(event):
        parts.append(certainty)
    if near and planned.starts is not None and planned.starts > now:
        parts.append(soon_words(planned.starts, now))
    return " · ".join(parts)


def certainty_words(event: Event) -> str:
    """Say what is still open about it: first what the user can do; empty where nothing is."""
    if event.unanswered:
        return "not answered"
    return "maybe" if event.tentative else ""


def soon_words(starts: datetime, now: datetime) -> str:
    """Say how soon it begins: `in 12 min`."""
    return f"in {minutes_until(starts, now)} min"


def span_words(planned: PlannedEvent, today: date) -> str:
    """Say when it is: `14:00–14:30`, `All day`; and the day it ends on, if it is another one."""
    event, zone = planned.event, planned.entry.zone
    listed = max(planned.day, today)
    last = last_day(planned)
    goes_on = f"until {weekday_words(last, today)}" if last > listed else ""
    at = time_of(event.start, zone)
    if at is None:
        return f"All day, {goes_on}" if goes_on else "All day"
    end = time_of(event.end, zone)
    if not lasts_days(planned):
        return f"{at:%H:%M}–{end:%H:%M}" if end is not None and end != at else f"{at:%H:%M}"
    if not goes_on:
        return f"until {end:%H:%M}" if end is not None else "until tonight"
    return f"{at:%H:%M}, {goes_on}" if planned.day >= today else goes_on


def until_words(planned: PlannedEvent, today: date) -> str:
    """Say when what is running ends: `until 14:30`."""
    end = time_of(planned.event.end, planned.entry.zone)
    if end is None or lasts_days(planned):
        return f"until {weekday_words(last_day(planned), today)}"
    return f"until {end:%H:%M}"


def last_day(planned: PlannedEvent) -> date:
    """Return the last day on which it happens.

    An end is exclusive: midnight belongs to the day before.
    """
    event, zone = planned.event, planned.entry.zone
    end = day_of(event.end, zone)
    at = time_of(event.end, zone)
    before = at is None or (at.hour, at.minute, at.second) == (0, 0, 0)
    if before and end > planned.day:
        end -= timedelta(days=1)
    return max(end, planned.day)


def lasts_days(planned: PlannedEvent) -> bool:
    """Return whether it runs for a day or more, or its end is a day."""
    event, zone = planned.event, planned.entry.zone
    if planned.starts is None or isinstance(event.end, Day):
        return True
    return ends_at(event.end, zone) - planned.starts >= DAYS_LONG


def other_clock(planned: PlannedEvent, local_zone: ZoneInfo) -> str:
    """Return `(New York)` where the clock on the wall shows another time than the account's."""
    zone, starts = planned.entry.zone, planned.starts
    if starts is None:
        return ""
    try:
        same = starts.astimezone(zone).utcoffset() == starts.astimezone(local_zone).utcoffset()
    except (OverflowError, ValueError):  # the ends of the calendar
        return ""
    name = place_of_zone(zone.key)
    return "" if same or not name else f"({name})"


# What is said of all of them


def summary_words(plan: Plan, now: datetime, *, tasks: bool) -> str | None:
    """Say what the first line says of events: the one that matters now, or how many are today.

    tasks: whether that line tells of tasks first.
    """
    near = _nearest(plan, now)
    if near is not None and near.starts is not None:
        title = isolated(event_title(near, MAX_SHORT_TITLE))
        if near.starts > now:
            return f"{title} {soon_words(near.starts, now)}"
        return f"{title} {until_words(near, today_in(near.entry.zone, now))}"
    return count_words(plan, tasks=tasks)


def count_words(plan: Plan, *, tasks: bool) -> str | None:
    """Say how many events there are today; None: none.

    tasks: whether the line tells of tasks first.
    """
    count = len(plan.now) + len(plan.next) + len(plan.today)
    if not count:
        return None
    words = counted(count, "event", "events")
    return words if tasks else f"{words} today"


def _nearest(plan: Plan, now: datetime) -> PlannedEvent | None:
    first = next(iter(plan.next), None)
    if first is not None and first.starts is not None and first.starts - now <= NEARER:
        return first
    running = (each for each in reversed(plan.now) if not lasts_days(each))
    return next(running, first)


def tooltip_lines(
    plan: Plan, now: datetime, local_zone: ZoneInfo, accounts: AccountWords
) -> Iterator[str]:
    """Yield what is running, and the next event, today or tomorrow."""

    def text(each: PlannedEvent) -> str:
        account = accounts.unnamed_calendar(each.event.account)
        return event_text(each, now, local_zone=local_zone, alone=True, account=account)

    for each in [each for each in plan.now if not lasts_days(each)][-1:]:
        yield f"Now: {text(each)}"
    coming = (each for each in (*plan.next, *plan.today, *plan.tomorrow) if each.starts is not None)
    for each in list(coming)[:1]:
        yield f"Next event: {text(each)}"


def next_minute(plan: Plan, now: datetime) -> datetime | None:
    """Return when the minutes that are told of `plan` change next; None where none are told."""
    moments = [
        each.starts - timedelta(minutes=minutes_until(each.starts, now) - 1)
        for each in plan.next
        if each.starts is not None
    ]
    return min(moments, default=None)


def join_rows(plan: Plan, now: datetime) -> Iterator[Row]:
    """Yield the meetings to take part in now, one click away."""
    for each in plan.joinable(now)[:MAX_JOIN_ROWS]:
        if each.join_url:
            row_id = id_of_signal("join", each.event.key)
            text = f"Join “{event_title(each, MAX_SHORT_TITLE)}”"
            yield command_row(row_id, text, OpenUrl(each.join_url), icon=RowIcon.JOIN)
