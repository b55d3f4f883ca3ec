"""Events in words: from when to when, what, where, how certain, and how soon. Pure.

An event reads `14:00–14:30  Stand-up · Work`, in the next hour with `in 12 min` as well: the time
first, because rows are scanned down their left edge. Whole days read `All day  Holiday`, several of
them `All day, until Wed  Fair`. Times are those of the account's zone, as for tasks; where the
machine's clock shows another time then, the zone is named. That something is not certain is said
in words; the colour of a calendar only stands beside its name.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from oo_desktop.commands.commands import OpenUrl
from oo_desktop.model.signals import Day, day_of, ends_at, time_of
from oo_desktop.model.text import counted, day_words, elided, isolated, plain_text, weekday_words
from oo_desktop.ui.view.account_view import LONGEST_LABEL, AccountWords
from oo_desktop.ui.view.agenda import today_in
from oo_desktop.ui.view.planned import (
    NEXT,
    Happening,
    Planned,
    certainty_words,
    joinable,
    minutes_until,
)
from oo_desktop.ui.view.rows import Row, RowIcon, command_row, id_of_signal

LONGEST_TITLE = 50
LONGEST_SHORT_TITLE = 30
"""Characters of a title within a sentence."""
LONGEST_NAME = 24

MOST_JOINS = 3
"""Meetings offered on top of the menu."""

NEARER = timedelta(minutes=10)
"""What begins within that matters more than what is running."""

LONG = timedelta(hours=24)
"""What lasts as long runs over days, and is no meeting to wait the end of."""


def title_of(event: Happening, most: int = LONGEST_TITLE) -> str:
    return elided(plain_text(event.event.title) or "(no title)", most)


def event_text(
    happening: Happening,
    now: datetime,
    *,
    local_zone: ZoneInfo,
    alone: bool = False,
    account: str = "",
) -> str:
    """All there is to say of it, but for whose it is.

    account: its calendar that goes unnamed (`AccountWords.unnamed_calendar`).
    alone: it stands under no heading that says "Tomorrow".
    """
    event, zone = happening.event, happening.entry.zone
    today = today_in(zone, now)
    near = happening.starts is not None and happening.starts - now <= NEXT
    when = span_words(happening, today)
    beyond = (happening.day - today).days
    if not near and (beyond > 1 or (alone and beyond == 1)):
        when = f"{day_words(happening.day, today)}, {when[0].lower()}{when[1:]}"
    if zone is not local_zone and (place := _other_clock(happening, local_zone)):
        when = f"{when} {place}"
    parts = [f"{when}  {isolated(title_of(happening))}"]
    name = plain_text(event.container.name) if event.container else ""
    if name and elided(name, LONGEST_LABEL) != account:
        parts.append(isolated(elided(name, LONGEST_NAME)))
    if near and event.where and "://" not in event.where and (where := plain_text(event.where)):
        parts.append(isolated(elided(where, LONGEST_NAME)))
    if certainty := certainty_words(event):
        parts.append(certainty)
    if near and happening.starts is not None and happening.starts > now:
        parts.append(soon_words(happening.starts, now))
    return " · ".join(parts)


def soon_words(starts: datetime, now: datetime) -> str:
    return f"in {minutes_until(starts, now)} min"


def span_words(happening: Happening, today: date) -> str:
    """`14:00–14:30`, `All day`; where it ends on another day than it is listed under, that day."""
    event, zone = happening.event, happening.entry.zone
    listed = max(happening.day, today)
    last = last_day(happening)
    goes_on = f"until {weekday_words(last, today)}" if last > listed else ""
    at = time_of(event.start, zone)
    if at is None:
        return f"All day, {goes_on}" if goes_on else "All day"
    end = time_of(event.end, zone)
    if not lasts_days(happening):
        return f"{at:%H:%M}–{end:%H:%M}" if end is not None and end != at else f"{at:%H:%M}"
    if not goes_on:
        return f"until {end:%H:%M}" if end is not None else "until tonight"
    return f"{at:%H:%M}, {goes_on}" if happening.day >= today else goes_on


def until_words(happening: Happening, today: date) -> str:
    """When what is running ends: `until 14:30`."""
    end = time_of(happening.event.end, happening.entry.zone)
    if end is None or lasts_days(happening):
        return f"until {weekday_words(last_day(happening), today)}"
    return f"until {end:%H:%M}"


def last_day(happening: Happening) -> date:
    """The last day on which it happens. An end is exclusive: midnight belongs to the day before."""
    event, zone = happening.event, happening.entry.zone
    end = day_of(event.end, zone)
    at = time_of(event.end, zone)
    before = at is None or (at.hour, at.minute, at.second) == (0, 0, 0)
    if before and end > happening.day:
        end -= timedelta(days=1)
    return max(end, happening.day)


def lasts_days(happening: Happening) -> bool:
    """Whether it runs for a day or more, or its end is a day."""
    event, zone = happening.event, happening.entry.zone
    if happening.starts is None or isinstance(event.end, Day):
        return True
    return ends_at(event.end, zone) - happening.starts >= LONG


def _other_clock(happening: Happening, local_zone: ZoneInfo) -> str:
    """`(New York)` where the clock on the wall shows another time than the account's."""
    zone, starts = happening.entry.zone, happening.starts
    if starts is None:
        return ""
    try:
        same = starts.astimezone(zone).utcoffset() == starts.astimezone(local_zone).utcoffset()
    except (OverflowError, ValueError):  # the ends of the calendar
        return ""
    name = (zone.key or "").rpartition("/")[2].replace("_", " ")
    return "" if same or not name else f"({name})"


# What is said of all of them


def summary_words(plan: Planned, now: datetime, *, tasks: bool) -> str | None:
    """What the first line says of events: the one that matters now, or how many there are today.

    tasks: whether that line tells of tasks first.
    """
    near = _nearest(plan, now)
    if near is not None and near.starts is not None:
        title = isolated(title_of(near, LONGEST_SHORT_TITLE))
        if near.starts > now:
            return f"{title} {soon_words(near.starts, now)}"
        return f"{title} {until_words(near, today_in(near.entry.zone, now))}"
    count = len(plan.now) + len(plan.today)
    if not count:
        return None
    words = counted(count, "event", "events")
    return words if tasks else f"{words} today"


def _nearest(plan: Planned, now: datetime) -> Happening | None:
    first = next(iter(plan.next), None)
    if first is not None and first.starts is not None and first.starts - now <= NEARER:
        return first
    running = (each for each in reversed(plan.now) if not lasts_days(each))
    return next(running, first)


def tooltip_lines(
    plan: Planned, now: datetime, local_zone: ZoneInfo, accounts: AccountWords
) -> Iterator[str]:
    """What is running, and the next event, today or tomorrow."""

    def text(each: Happening) -> str:
        account = accounts.unnamed_calendar(each.event.account)
        return event_text(each, now, local_zone=local_zone, alone=True, account=account)

    for each in [each for each in plan.now if not lasts_days(each)][-1:]:
        yield f"Now: {text(each)}"
    coming = (each for each in (*plan.next, *plan.today, *plan.tomorrow) if each.starts is not None)
    for each in list(coming)[:1]:
        yield f"Next event: {text(each)}"


def join_rows(plan: Planned, now: datetime) -> Iterator[Row]:
    """The meetings to take part in now, one click away."""
    for each in joinable(plan, now)[:MOST_JOINS]:
        if each.join_url:
            row_id = id_of_signal("join", each.event.key)
            text = f"Join “{title_of(each, LONGEST_SHORT_TITLE)}”"
            yield command_row(row_id, text, OpenUrl(each.join_url), icon=RowIcon.JOIN)
