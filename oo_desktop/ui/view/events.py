"""Puts events in words: from when to when, what, where, how certain, and how soon. Pure.

An event reads `14:00–14:30  Stand-up · Work`, in the next hour with `in 12 min` as well: the time
first, because rows are scanned down their left edge. Whole days read `All day  Holiday`, several of
them `All day, until Wed  Fair`. Times are those of the account's zone, as for tasks; where the
machine's clock shows another time then, the zone is named. That something is not certain is said
in words; the colour of a calendar only stands beside its name.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oo_desktop.agenda.plan import NEXT_WITHIN, Plan, PlannedEvent, minutes_until
from oo_desktop.commands.commands import OpenUrl
from oo_desktop.language import plural, translated
from oo_desktop.model.signals import Day, Event, day_of, ends_at, time_of
from oo_desktop.model.text import (
    clock_words,
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
from oo_desktop.ui.view.icon import RowIcon
from oo_desktop.ui.view.rows import Row, command_row, id_of_signal

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
    beyond = (planned.day - today).days
    named = not near and (beyond > 1 or (alone and beyond == 1))
    when = span_words(planned, today, day=day_words(planned.day, today) if named else "")
    if zone is not local_zone:
        when = with_other_clock(when, planned, local_zone)
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
        # Translators: of an invitation
        return translated("not answered")
    # Translators: of an event that is not certain
    return translated("maybe") if event.tentative else ""


def soon_words(starts: datetime, now: datetime) -> str:
    """Say how soon it begins: `in 12 min`."""
    # Translators: how soon an event begins; “min” is short for minutes
    return plural("in {count} min", "in {count} min", minutes_until(starts, now))


def span_words(planned: PlannedEvent, today: date, *, day: str = "") -> str:
    """Say when it is: `14:00–14:30`, `All day`; and the day it ends on, if it is another one.

    day: what day that is, to be said first: `Wed 2 Dec, all day`.
    """
    at = time_of(planned.event.start, planned.entry.zone)
    if at is None:
        return _days_words(planned, today, day)
    times = _times_words(planned, at, today)
    # Translators: a day, and when on it: “Wed 2 Dec, 14:00–14:30”
    return translated("{day}, {times}", day=day, times=times) if day else times


def _last_day_words(planned: PlannedEvent, today: date) -> str | None:
    """The day it ends on, if that is another one than it is listed on."""
    last = last_day(planned)
    return weekday_words(last, today) if last > max(planned.day, today) else None


def _days_words(planned: PlannedEvent, today: date, day: str) -> str:
    last = _last_day_words(planned, today)
    if last is None:
        return translated("{day}, all day", day=day) if day else translated("All day")
    if day:
        return translated("{day}, all day, until {end}", day=day, end=last)
    return translated("All day, until {end}", end=last)


def _times_words(planned: PlannedEvent, at: time, today: date) -> str:
    end = time_of(planned.event.end, planned.entry.zone)
    start = clock_words(at)
    if not lasts_days(planned):
        if end is None or end == at:
            return start
        return translated("{start}–{end}", start=start, end=clock_words(end))
    last = _last_day_words(planned, today)
    if last is None:
        return until_words(clock_words(end)) if end is not None else translated("until tonight")
    if planned.day < today:
        return until_words(last)
    # Translators: from a time on this day until another day: “14:00, until Wed”
    return translated("{start}, until {end}", start=start, end=last)


def until_words(end: str) -> str:
    """Say until when: `until 14:30`."""
    # Translators: {end} is a time or a day
    return translated("until {end}", end=end)


def end_words(planned: PlannedEvent, today: date) -> str:
    """Say when what is running ends: `14:30`, `Wed`."""
    end = time_of(planned.event.end, planned.entry.zone)
    if end is None or lasts_days(planned):
        return weekday_words(last_day(planned), today)
    return clock_words(end)


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


def with_other_clock(when: str, planned: PlannedEvent, local_zone: ZoneInfo) -> str:
    """Return `14:00 (New York)` where the clock on the wall shows another time than that one."""
    zone, starts = planned.entry.zone, planned.starts
    if starts is None:
        return when
    try:
        same = starts.astimezone(zone).utcoffset() == starts.astimezone(local_zone).utcoffset()
    except (OverflowError, ValueError):  # the ends of the calendar
        return when
    name = place_of_zone(zone.key)
    if same or not name:
        return when
    # Translators: a time, and the place whose clock shows it: “14:00 (New York)”
    return translated("{time} ({place})", time=when, place=name)


# What is said of all of them


def summary_words(plan: Plan, now: datetime, *, tasks: bool) -> str | None:
    """Say what the first line says of events: the one that matters now, or how many are today.

    tasks: whether that line tells of tasks first.
    """
    near = _nearest(plan, now)
    if near is not None and near.starts is not None:
        title = isolated(event_title(near, MAX_SHORT_TITLE))
        if near.starts > now:
            # Translators: how soon an event begins; “min” is short for minutes
            return plural(
                "{title} in {count} min",
                "{title} in {count} min",
                minutes_until(near.starts, now),
                title=title,
            )
        end = end_words(near, today_in(near.entry.zone, now))
        # Translators: when an event that runs ends: a time or a day
        return translated("{title} until {end}", title=title, end=end)
    return count_words(plan, tasks=tasks)


def count_words(plan: Plan, *, tasks: bool) -> str | None:
    """Say how many events there are today; None: none.

    tasks: whether the line tells of tasks first.
    """
    count = len(plan.now) + len(plan.next) + len(plan.today)
    if not count:
        return None
    if tasks:
        return plural("{count} event", "{count} events", count)
    return plural("{count} event today", "{count} events today", count)


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
        yield translated("Now: {event}", event=text(each))
    coming = (each for each in (*plan.next, *plan.today, *plan.tomorrow) if each.starts is not None)
    for each in list(coming)[:1]:
        yield translated("Next event: {event}", event=text(each))


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
            title = isolated(event_title(each, MAX_SHORT_TITLE))
            text = translated("Join “{title}”", title=title)
            yield command_row(row_id, text, OpenUrl(each.join_url), icon=RowIcon.JOIN)
