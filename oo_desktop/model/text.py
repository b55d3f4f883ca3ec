"""Make texts from services harmless for every channel, and say times in plain words. Pure."""

import re
import unicodedata
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from oo_desktop.model.zones import today_in

MAX_SHOWN_TEXT = 1000
"""Characters of a text from a service that are looked at; nobody reads a longer one in a menu."""

NO_TITLE = "(no title)"
"""Stands for a title of which nothing is left to show."""

BUSY = "Busy"
"""Stands for a title that is kept from whoever looks: of a private event, or where only it is told
when somebody is busy."""

MAX_MARKS = 6
"""Combining marks kept on one character: living languages need up to four, pranks use hundreds."""

JOINERS = {"\u200c", "\u200d"}
"""Invisible, harmless, and needed inside many emoji and scripts."""
_FILLERS = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
"""Letters and marks by their category, and yet nothing to see."""
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_LEFT_TO_RIGHT_MARK = "\u200e"
"""Says that the line reads from left to right, also to those that look for its first letter."""
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
    """Return `text` (plain) as a part of a line that reads from left to right, in any script.

    Unless it is kept to itself, a Hebrew or Arabic title turns the whole line around, and
    `09:00–10:00` before it reads `10:00–09:00`.
    """
    turns = any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text)
    return f"{_LEFT_TO_RIGHT_MARK}{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}" if turns else text


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


def counted(count: int, one: str, many: str) -> str:
    """Say how many there are: `1 click`, `3 clicks`."""
    return f"{count} {one if count == 1 else many}"


def title_text(title: str, most: int) -> str:
    """Return a service's `title` as one plain line of at most `most` characters, never empty."""
    return elided(plain_text(title) or NO_TITLE, most)


def near_day_words(day: date, today: date) -> str | None:
    """Return `yesterday`, `today` or `tomorrow`; None for any other day."""
    return _NEAR_DAYS.get((day - today).days)


def day_words(day: date, today: date) -> str:
    """Return a day as a person would name it: `Yesterday`, `Fri 20 Nov`, `20 Nov 2025`."""
    near = near_day_words(day, today)
    return near.capitalize() if near else date_words(day, today.year)


def date_words(day: date, this_year: int) -> str:
    """Name a day where nobody can tell which one is today: `Fri 20 Nov`, `20 Nov 2025`."""
    if day.year != this_year:
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def weekday_words(day: date, today: date) -> str:
    """Name a coming day in as few words as tell it: `Wed`, `Wed 2 Dec`."""
    near = 0 <= (day - today).days < 7
    return _WEEKDAYS[day.weekday()] if near else date_words(day, today.year)


def moment_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return an instant within a sentence: `09:40`, `yesterday 09:40`, `Fri 20 Nov`."""
    if (local := _in_zone(at, zone)) is None:
        return "long ago" if at < now else "much later"
    today = today_in(zone, now)
    if local.date() == today:
        return f"{local:%H:%M}"
    near = near_day_words(local.date(), today)
    return f"{near} {local:%H:%M}" if near else date_words(local.date(), today.year)


def age_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return how long ago `at` is: `just now`, `2 min ago`, `3 h ago`, `on Fri 20 Nov`."""
    age = now - at
    if age < timedelta(minutes=1):
        return "just now"
    if age < timedelta(hours=1):
        return f"{age // timedelta(minutes=1)} min ago"
    if age < timedelta(hours=24):
        return f"{age // timedelta(hours=1)} h ago"
    if (local := _in_zone(at, zone)) is None:
        return "long ago"
    today = today_in(zone, now)
    near = near_day_words(local.date(), today)
    return f"{near} {local:%H:%M}" if near else f"on {date_words(local.date(), today.year)}"


# Not strftime's: those follow LC_TIME, and half an English sentence in German reads badly.
_NEAR_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


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
    one, several = {"events": ("event", "events"), "tasks": ("task", "tasks")}.get(
        lists or "", ("entry", "entries")
    )
    return f"{counted(count, one, several)} could not be read"
