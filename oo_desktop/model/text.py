"""Make texts from services harmless for every channel, and say times in plain words. Pure."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from oo_desktop.language import (
    ENGLISH,
    code,
    formats,
    is_right_to_left,
    plural,
    translated,
    untranslated,
)
from oo_desktop.model.zones import today_in

MAX_SHOWN_TEXT = 1000
"""Characters of a text from a service that are looked at; nobody reads a longer one in a menu."""

NO_TITLE = untranslated("(no title)")
"""Stands for a title of which nothing is left to show."""

BUSY = untranslated("Busy")
"""Stands for a title that is kept from whoever looks: of a private event, or where only it is told
when somebody is busy."""

MAX_MARKS = 6
"""Combining marks kept on one character: living languages need up to four, pranks use hundreds."""

JOINERS = {"\u200c", "\u200d"}
"""Invisible, harmless, and needed inside many emoji and scripts."""
_FILLERS = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
"""Letters and marks by their category, and yet nothing to see."""
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_LEFT_TO_RIGHT_MARK, _RIGHT_TO_LEFT_MARK = "\u200e", "\u200f"
"""Say how the line reads, also to those that look for its first letter."""
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_SPACES = re.compile(r"\s+")


def plain_text(text: str) -> str:
    """Return one line of `text` with nothing in it that is not shown.

    Control characters and line ends become a space, invisible direction marks go (a title must not
    turn the rest of the line around), half characters become `�`, and piles of accents end. Where
    nothing to see is left, nothing is left.
    """
    return _plain(text[:MAX_SHOWN_TEXT])


@lru_cache(maxsize=2048)
def _plain(text: str) -> str:
    """Remembered, for the menu shows the same few hundred titles again and again."""
    kept: list[str] = []
    marks = 0
    for char in text:
        shown = _shown(char)
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if shown and marks <= MAX_MARKS:
            kept.append(shown)
    plain = _SPACES.sub(" ", "".join(kept)).strip()
    return "" if is_blank(plain) else plain


def isolated(text: str) -> str:
    """Return `text` (plain) as a part of a line that reads as oO's language does, in any script.

    Unless it is kept to itself, a Hebrew or Arabic title turns the whole line around, and
    `09:00–10:00` before it reads `10:00–09:00`; so does a Latin one within an Arabic line.
    """
    if text.isascii() and not is_right_to_left():
        return text  # most are, and each row of a menu asks
    directions = {unicodedata.bidirectional(char) for char in text}
    if is_right_to_left():
        turns = "L" in directions or not directions & _RIGHT_TO_LEFT
        mark = _RIGHT_TO_LEFT_MARK
    else:
        turns, mark = bool(directions & _RIGHT_TO_LEFT), _LEFT_TO_RIGHT_MARK
    return f"{mark}{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}" if turns else text


def is_blank(text: str) -> bool:
    """Return whether `text` shows nothing: spaces, joiners, fillers, or not even those."""
    return all(
        unicodedata.category(char) in {"Cf", "Zs", "Zl", "Zp"}
        or char in _FILLERS
        or "\ufe00" <= char <= "\ufe0f"  # choose how the character before is drawn
        or "\U000e0100" <= char <= "\U000e01ef"
        for char in text
    )


def _shown(char: str) -> str:
    match unicodedata.category(char):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cs":
            return "\ufffd"
        case "Cf":  # joiners and tags make up emoji and some scripts' letters
            return char if char in JOINERS or "\U000e0020" <= char <= "\U000e007f" else ""
        case "Cn":
            return "" if ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF else char
        case _:
            return char


def elided(text: str, most: int) -> str:
    """Return at most `most` characters of `text`, ended by `…` where something was cut off.

    Never cuts between a character and the marks, joiners or modifiers that belong to it.
    """
    if len(text) <= most:
        return text
    end = most - 1
    while end > 0 and _continues(text, end):
        end -= 1
    return (text[:end].rstrip() or text[: most - 1]) + "…"


def _continues(text: str, at: int) -> bool:
    char, before = text[at], text[at - 1]
    return (
        unicodedata.category(char) in {"Mn", "Me", "Mc", "Cf"}
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or before == "\u200d"
        or ("\U0001f1e6" <= char <= "\U0001f1ff" and _odd_flags_before(text, at))
    )


def _odd_flags_before(text: str, at: int) -> bool:
    start = at
    while start > 0 and "\U0001f1e6" <= text[start - 1] <= "\U0001f1ff":
        start -= 1
    return (at - start) % 2 == 1


def sentence(text: str) -> str:
    """Return `text` (plain) ended by a full stop, unless it ends itself."""
    return text if not text or text[-1] in ".!?…" else f"{text}."


def title_text(title: str, most: int) -> str:
    """Return a service's `title` as one plain line of at most `most` characters, never empty."""
    return elided(plain_text(title) or translated(NO_TITLE), most)


def near_day_words(day: date, today: date) -> str | None:
    """Return `yesterday`, `today` or `tomorrow`; None for any other day."""
    match (day - today).days:
        case -1:
            return translated("yesterday")
        case 0:
            return translated("today")
        case 1:
            return translated("tomorrow")
        case _:
            return None


def day_words(day: date, today: date) -> str:
    """Return a day as a heading names it: `Yesterday`, `Fri 20 Nov`, `20 Nov 2025`."""
    match (day - today).days:
        case -1:
            return translated("Yesterday")
        case 0:
            return translated("Today")
        case 1:
            return translated("Tomorrow")
        case _:
            return date_words(day, today.year)


def date_words(day: date, this_year: int) -> str:
    """Name a day where nobody can tell which one is today: `Fri 20 Nov`, `20 Nov 2025`."""
    parts = {"day": day.day, "month": _month_words(day.month)}
    month_first = code() == ENGLISH and formats().month_first
    if day.year != this_year:
        if month_first:
            return translated("{month} {day}, {year}", **parts, year=day.year)
        # Translators: a date, 20 Nov 2025
        return translated("{day} {month} {year}", **parts, year=day.year)
    weekday = _weekday_words(day.weekday())
    if month_first:
        return translated("{weekday}, {month} {day}", **parts, weekday=weekday)
    # Translators: a date, Fri 20 Nov
    return translated("{weekday} {day} {month}", **parts, weekday=weekday)


def weekday_words(day: date, today: date) -> str:
    """Name a coming day in as few words as tell it: `Wed`, `Wed 2 Dec`."""
    near = 0 <= (day - today).days < 7
    return _weekday_words(day.weekday()) if near else date_words(day, today.year)


def clock_words(at: datetime | time) -> str:
    """Return a time of day as this session writes it: `09:40`, or `9:40 AM`.

    at: as the clock on the reader's wall shows it.
    """
    if not formats().hours_12:
        return f"{at:%H:%M}"
    shown = f"{at.hour % 12 or 12}:{at:%M}"
    # Translators: of the clock with twelve hours
    return (
        translated("{time} AM", time=shown) if at.hour < 12 else translated("{time} PM", time=shown)
    )


def moment_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return an instant within a sentence: `09:40`, `yesterday 09:40`, `Fri 20 Nov`."""
    if (local := _in_zone(at, zone)) is None:
        return translated("long ago") if at < now else translated("much later")
    today = today_in(zone, now)
    if local.date() == today:
        return clock_words(local)
    return _near_moment_words(local, today) or date_words(local.date(), today.year)


def _near_moment_words(local: datetime, today: date) -> str | None:
    match (local.date() - today).days:
        case -1:
            return translated("yesterday {time}", time=clock_words(local))
        case 0:
            return translated("today {time}", time=clock_words(local))
        case 1:
            return translated("tomorrow {time}", time=clock_words(local))
        case _:
            return None


def age_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return how long ago `at` is: `just now`, `2 min ago`, `3 h ago`, `on Fri 20 Nov`."""
    age = now - at
    if age < timedelta(minutes=1):
        return translated("just now")
    if age < timedelta(hours=1):
        minutes = age // timedelta(minutes=1)
        # Translators: “min” is short for minutes
        return plural("{count} min ago", "{count} min ago", minutes)
    if age < timedelta(hours=24):
        # Translators: “h” is short for hours
        return plural("{count} h ago", "{count} h ago", age // timedelta(hours=1))
    if (local := _in_zone(at, zone)) is None:
        return translated("long ago")
    today = today_in(zone, now)
    if near := _near_moment_words(local, today):
        return near
    # Translators: “on” a day, after “this was seen”
    return translated("on {date}", date=date_words(local.date(), today.year))


def _weekday_words(weekday: int) -> str:
    # Not strftime's: those follow LC_TIME, and half an English sentence in German reads badly.
    return translated(_WEEKDAYS[weekday])


def _month_words(month: int) -> str:
    return translated(_MONTHS[month - 1])


_WEEKDAYS = (
    untranslated("Mon"),
    untranslated("Tue"),
    untranslated("Wed"),
    untranslated("Thu"),
    untranslated("Fri"),
    untranslated("Sat"),
    untranslated("Sun"),
)
_MONTHS = (
    untranslated("Jan"),
    untranslated("Feb"),
    untranslated("Mar"),
    untranslated("Apr"),
    untranslated("May"),
    untranslated("Jun"),
    untranslated("Jul"),
    untranslated("Aug"),
    untranslated("Sep"),
    untranslated("Oct"),
    untranslated("Nov"),
    untranslated("Dec"),
)


def _in_zone(at: datetime, zone: tzinfo) -> datetime | None:
    """None beyond the ends of the calendar."""
    try:
        return at.astimezone(zone)
    except (OverflowError, ValueError):
        return None


def place_of_zone(name: str | None) -> str:
    """Return what an IANA zone is called where its times stand: `New York`; empty for none."""
    return (name or "").rpartition("/")[2].replace("_", " ")


def unread_words(count: int, lists: str | None) -> str:
    """Return `3 events could not be read`. lists: `events`, `tasks`; None: both, or unknown."""
    match lists:
        case "events":
            return plural(
                "{count} event could not be read", "{count} events could not be read", count
            )
        case "tasks":
            return plural(
                "{count} task could not be read", "{count} tasks could not be read", count
            )
        case _:
            return plural(
                "{count} entry could not be read", "{count} entries could not be read", count
            )
