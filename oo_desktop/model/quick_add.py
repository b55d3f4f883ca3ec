"""Reads what a person types for a new task: its date, time, priority and list, among its title.

English words, those of the language that is spoken (`quick_add_words.py`), and dates in numbers.
What is not understood stays in the title, and so does whatever stands in quotation marks. Of
several dates, times, priorities or lists the last one counts, and the others are words: a title
comes first, and its date last.

| typed | is |
|---|---|
| `today`, `tomorrow`, `day after tomorrow` | that day |
| `friday`, `on fri`, `this friday` | the next one; `this` may be today |
| `next friday`, `next week` | that day of the week after this one; its Monday |
| `next month`, `next year` | its first day |
| `weekend`, `this weekend` | the next Saturday |
| `24 Dec`, `Dec 24th`, `24 December 2026` | that day; without a year, the next one |
| `2026-12-24`, `24.12.2026`, `24.12.` | that day |
| `24/12/2026`, `12/24/2026` | that day, where only one of both orders makes a date |
| `in 3 days`, `in a week`, `in 2 months` | so much later |
| `in 2 hours`, `in 30 min` | that day and time, to the minute |
| `18:00`, `at 18:00`, `9am`, `9:30 pm` | that time; without a day, the next one |
| `at 9`, `noon` | the same, where nothing but a date and the like follows |
| `tonight` | today |
| `tonight at 8`, `9pm tonight`, `this evening at 8` | today; what is before five, after midnight |
| `friday evening at 8`, `at 3 in the afternoon` | that time in that part of the day |
| `p1` … `p4` | the priority; 1 is the most urgent |
| `#Groceries` | the list of that name, where there is one; a space may be written `\\ ` |
| `@label` | a label; for services that have all of these, as the rows below |
| `every friday at 9:00`, `daily` | how it repeats, in words for the service |
| `// and so on` | the rest is a note |

Where another language than English is spoken, numbers are day and month (`am 24.12`, `le 24/12`;
`24/12` at the end), and a repetition is put into English for the service: `jeden Freitag um 9:00`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.language import code, translated, untranslated
from oo_desktop.model.quick_add_words import WORDS, Units, Words
from oo_desktop.model.signals import (
    MAX_NEW_TASK,
    YEARS,
    Adding,
    Day,
    Due,
    Fixed,
    Floating,
    NewTask,
    TaskList,
    day_of,
    time_of,
)
from oo_desktop.model.text import clock_words, date_words, near_day_words

MAX_AHEAD = 1000
"""The most days, weeks or months that `in …` may say."""

NO_PRIORITY = 4


class Understood(Struct, frozen=True, kw_only=True):
    """Holds what was understood.

    spans: where in the text stands what is not of the title, in order, as (begin, end).
    sentence: what it comes to, but for the title; empty where that is nothing.
    """

    title: str
    due: Due | None = None
    repeats: str = ""
    priority: int = NO_PRIORITY
    labels: tuple[str, ...] = ()
    description: str = ""
    list: TaskList | None = None
    spans: tuple[tuple[int, int], ...] = ()
    sentence: str = ""

    def task(self, text: str, *, uuid: str, typed_at: datetime) -> NewTask:
        """Return what is to be added; `text`: what was typed."""
        return NewTask(
            uuid=uuid,
            text=text,
            typed_at=typed_at,
            title=self.title,
            due=self.due,
            repeats=self.repeats,
            priority=self.priority,
            labels=self.labels,
            description=self.description,
            list=self.list.id if self.list else None,
        )


def typed_text(text: str) -> str:
    """Return `text` as it can be sent: half characters become `�`, control characters a space."""
    return "".join(map(_sendable, text))


def _sendable(char: str) -> str:
    match unicodedata.category(char):
        case "Cs":
            return "\ufffd"
        case "Cc":
            return " "
        case _:
            return char


def understood(
    text: str,
    *,
    now: datetime,
    zone: ZoneInfo,
    adding: Adding = Adding(),  # noqa: B008  # it is frozen
    into: TaskList | None = None,
) -> Understood:
    """Return what `text` says of a new task; of a longer one than MAX_NEW_TASK, its beginning.

    now: aware. zone: the account's. into: where it goes if the text names no list.

    The title is empty only where the text is blank.
    """
    text = typed_text(text[:MAX_NEW_TASK])
    reading = _Reading(text, now.astimezone(zone).replace(tzinfo=None), adding)
    title = _without(text, reading.spans)
    if not title:  # whoever adds “tomorrow” means a task of that name
        reading = _Reading("", reading.now, adding)
        title = " ".join(text.split())
    found = Understood(
        title=title,
        due=reading.due(zone, floats=adding.floats),
        repeats=reading.repeats,
        priority=reading.priority,
        labels=reading.labels,
        description=reading.description,
        list=reading.list or into or next(iter(adding.lists), None),
        spans=tuple(reading.spans),
    )
    name = found.list.name if found.list else ""
    return replace(found, sentence=sentence(found, name, now, zone))


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The title: what is left of the text, as it stands there; where something is cut out, one
    space."""
    pieces, at = [], 0
    for begin, end in spans:
        pieces.append(text[at:begin].strip())
        at = end
    pieces.append(text[at:].strip())
    return " ".join(filter(None, pieces))


# Finding


class _Token(NamedTuple):
    """Something that can be understood, and where. last: only if no word of the title follows."""

    begin: int
    end: int
    kind: str
    value: object
    last: bool = False


_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»")
_LIST_MARK = re.compile(r"(?<!\S)#(?=\S)")
_WORD = re.compile(r"\S+")
_NOTE = re.compile(r"(?:(?<=\s)|^)//(?=\s|$)")

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAY_NAMES = {
    **{name: number for number, name in enumerate(_WEEKDAYS)},
    **{name[:3]: number for number, name in enumerate(_WEEKDAYS)},
    "tues": 1,
    "thur": 3,
    "thurs": 3,
}
_MONTH_NAMES = {
    **{name: number for number, name in enumerate(_MONTHS, 1)},
    **{name[:3]: number for number, name in enumerate(_MONTHS, 1)},
    "sept": 9,
}
_SPELLED = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}

_DAY_NAME = f"(?:{'|'.join(sorted(_DAY_NAMES, key=len, reverse=True))})"
_MONTH_NAME = f"(?:{'|'.join(sorted(_MONTH_NAMES, key=len, reverse=True))})"
_COUNT = f"(?:[0-9]{{1,4}}|{'|'.join(_SPELLED)})"
_CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?:\s?[ap]m)?|(?:1[0-2]|0?[1-9])\s?[ap]m"
_ON = r"(?:(?:on|by|due)\s+)?"

_UNIT = rf"(?:days?|weekdays?|workdays?|weekends?|weeks?|months?|quarters?|years?|{_DAY_NAME}s?)"
_RULE = (
    rf"every!?\s+(?:(?:other|[0-9]{{1,3}}(?:st|nd|rd|th)?)\s+)?{_UNIT}"
    rf"(?:(?:,\s*|\s+and\s+){_DAY_NAME}s?)*"
    rf"|every!?\s+[0-9]{{1,2}}(?:st|nd|rd|th)?(?:\s+{_MONTH_NAME})?"
    r"|daily|weekly|monthly|yearly"
)


def _pattern(form: str) -> re.Pattern[str]:
    """Of whole words, in capitals or not; a comma after them goes with them."""
    return re.compile(rf"(?<!\S)(?:{form})(?:[,،](?=\s)|(?!\S))", re.IGNORECASE)


_PRIORITY = _pattern("p(?P<priority>[1-4])")
_LABEL = re.compile(r"(?<!\S)@(?P<label>[^\s@#,]{1,60})(?!\S)")
_REPEATS = _pattern(
    rf"(?P<rule>(?:{_RULE})(?:\s+(?:at\s+)?(?:{_CLOCK})|\s+at\s+(?:[01]?[0-9]|2[0-3]))?)"
)


def _masked(pattern: re.Pattern[str], text: str) -> str:
    for found in pattern.finditer(text.translate(_DIGITS)):
        text = text[: found.start()] + "\0" * len(found[0]) + text[found.end() :]
    return text


_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")


class _Reading:
    """Everything that is understood of a text. now: the wall clock in the account's zone."""

    def __init__(self, text: str, now: datetime, adding: Adding) -> None:
        self.now = now
        self.description = ""
        self._note: list[tuple[int, int]] = []
        masked = _masked(_QUOTED, text)
        if adding.marks and (note := _NOTE.search(masked)):
            self.description = " ".join(text[note.end() :].split())
            self._note = [(note.start(), len(text))]
            masked = masked[: note.start()]
        reader = _reader(code())
        for pattern in reader.never if adding.marks else (*reader.never, *reader.rules):
            # No date: of a rule that the service or oO does not take, a day would be wrong.
            masked = _masked(pattern, masked)
        tokens = list(_tokens(masked, now, adding, reader))
        self._taken = _taken(masked, tokens)
        self.spans = [*sorted((each.begin, each.end) for each in self._taken), *self._note]

    def _last(self, kind: str) -> object:
        return next((each.value for each in reversed(self._taken) if each.kind == kind), None)

    @property
    def priority(self) -> int:
        found = self._last("priority")
        return found if isinstance(found, int) else NO_PRIORITY

    @property
    def repeats(self) -> str:
        return str(self._last("rule") or "")

    @property
    def labels(self) -> tuple[str, ...]:
        said = (str(each.value) for each in self._taken if each.kind == "label")
        return tuple(dict.fromkeys(said))

    @property
    def list(self) -> TaskList | None:
        found = self._last("list")
        return found if isinstance(found, TaskList) else None

    def due(self, zone: ZoneInfo, *, floats: bool) -> Due | None:
        """When it is due: today or later where only a time is said."""
        moment, said_day, said_at = (self._last(kind) for kind in ("moment", "day", "time"))
        day = said_day if isinstance(said_day, date) else None
        at = said_at if isinstance(said_at, time) else None
        if isinstance(moment, datetime):
            day, at = moment.date(), moment.time()
        if day is None and at is None:
            return None
        if day is None:
            at = at or time()
            day = self.now.date() + timedelta(days=at <= self.now.time())
        if at is None:
            return Day(day)
        local = datetime.combine(day, at)
        if floats:
            return Floating(local)
        try:
            return Fixed(local.replace(tzinfo=zone).astimezone(UTC), zone.key or "UTC")
        except OverflowError:
            return Day(day)


def _taken(text: str, tokens: Sequence[_Token]) -> list[_Token]:
    """Those that count: the last of a kind, but each label; none within another; in their order.

    Read from the end, so that it is known what follows.
    """
    taken: list[_Token] = []
    begin, settled = len(text), set[str]()
    # Where two end together, the longer one says more.
    for each in sorted(tokens, key=lambda one: (one.end, -one.begin), reverse=True):
        if each.end > begin or each.kind in settled:
            continue
        if each.last and not _is_blank_after(text, each.end, taken):
            continue
        taken.insert(0, each)
        begin = each.begin
        settled.update(_SETTLES.get(each.kind, (each.kind,)))
    return taken


def _is_blank_after(text: str, at: int, taken: Sequence[_Token]) -> bool:
    """Whether no word of the title follows."""
    for each in taken:
        if text[at : each.begin].strip():
            return False
        at = each.end
    return not text[at:].strip()


_SETTLES: Mapping[str, tuple[str, ...]] = {
    "rule": ("rule", "day", "time", "moment"),
    "day": ("day", "rule", "moment"),
    "time": ("time", "rule", "moment"),
    "moment": ("moment", "rule", "day", "time"),
    "label": (),
}
"""What says no more beside it, by kind; of others only the kind itself. What repeats says when."""


def _tokens(text: str, now: datetime, adding: Adding, reader: "_Reader") -> Iterator[_Token]:
    for found in _PRIORITY.finditer(text):
        yield _Token(*found.span(), "priority", int(found["priority"]))
    yield from _list_tokens(text, _lists_by_name(adding.lists))
    if adding.marks:
        for found in _LABEL.finditer(text):
            yield _Token(*found.span(), "label", found["label"])
    yield from _worded_tokens(text.translate(_DIGITS), now, adding, reader)


def _worded_tokens(text: str, now: datetime, adding: Adding, reader: "_Reader") -> Iterator[_Token]:
    for pattern, rule in reader.rules.items() if adding.marks else ():
        for found in pattern.finditer(text):
            with suppress(ValueError):  # `jeden Tag 18 Uhr morgens`
                yield _Token(*found.span(), "rule", rule(found))
    for form in reader.forms:
        for found in form.pattern.finditer(text):
            if _means_another(form, found):
                continue
            if (value := _value(form, found, now)) is not None:
                span = found.span("said") if "said" in form.pattern.groupindex else found.span()
                yield _Token(*span, form.kind, value, form.last)


def _means_another(form: "_Form", found: re.Match[str]) -> bool:
    """Whether a word beside it says so: in `guten Morgen` nothing is of tomorrow."""
    if form.words is None:
        return False
    before = found.string[: found.start()].split()[-1:]
    after = found.string[found.end() :].split(maxsplit=1)[:1]
    return any(re.fullmatch(form.words.not_after, word, re.IGNORECASE) for word in before) or any(
        re.fullmatch(form.words.not_before, word, re.IGNORECASE) for word in after
    )


def _value(form: "_Form", found: re.Match[str], now: datetime) -> "_Value | None":
    """What the words mean; None where that is nothing, as of 31 Feb."""
    try:
        value = form.value(found, now)
    except (ValueError, OverflowError):
        return None
    return None if isinstance(value, date) and value.year not in YEARS else value


@lru_cache(maxsize=8)
def _lists_by_name(lists: tuple[TaskList, ...]) -> Mapping[str, TaskList]:
    """The first of a name, in small letters and with single spaces; there may be hundreds."""
    return {_plain_name(each.name): each for each in reversed(lists) if each.name.strip()}


def _plain_name(name: str) -> str:
    return " ".join(name.replace("\\ ", " ").split()).casefold()


def _list_tokens(text: str, lists: Mapping[str, TaskList]) -> Iterator[_Token]:
    """Each `#` with as many words after it as make a name; a comma after them goes with them."""
    most = max((name.count(" ") for name in lists), default=0) + 1
    for mark in _LIST_MARK.finditer(text):
        for word in islice(_WORD.finditer(text, mark.end()), most):
            words = text[mark.end() : word.end()]
            found = lists.get(_plain_name(words)) or lists.get(_plain_name(words.removesuffix(",")))
            if found is not None:
                yield _Token(mark.start(), word.end(), "list", found)


# What the words mean

_Value = date | datetime | time


class _Form(NamedTuple):
    """Group `said` of the pattern is what it takes; without one, all of it. words: of a language
    whose `not_after` and `not_before` count."""

    kind: str
    pattern: re.Pattern[str]
    value: Callable[[re.Match[str], datetime], _Value]
    last: bool = False
    words: Words | None = None


def _form(
    kind: str,
    form: str,
    value: Callable[[re.Match[str], datetime], _Value],
    *,
    last: bool = False,
    words: Words | None = None,
) -> _Form:
    return _Form(kind, _pattern(form), value, last, words)


def _count(word: str) -> int:
    count = _SPELLED.get(word.lower()) or int(word)
    if count > MAX_AHEAD:
        raise ValueError
    return count


def _coming(number: int, today: date, *, with_today: bool = False) -> date:
    """The next day of that number in a week."""
    ahead = (number - today.weekday()) % 7
    return today + timedelta(days=ahead if ahead or with_today else 7)


def _weekday(found: re.Match[str], now: datetime) -> date:
    number, which = _DAY_NAMES[found["weekday"].lower()], (found["which"] or "").lower()
    if which == "next":
        monday = now.date() - timedelta(days=now.weekday())
        return monday + timedelta(days=7 + number)
    return _coming(number, now.date(), with_today=which == "this")


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError


def _later(found: re.Match[str], now: datetime) -> date:
    count, unit = _count(found["count"]), found["unit"].lower()
    if unit.startswith("month"):
        return _months_later(now.date(), count)
    if unit.startswith("year"):
        return _months_later(now.date(), 12 * count)
    return now.date() + timedelta(days=count * (7 if unit.startswith("week") else 1))


def _soon(found: re.Match[str], now: datetime) -> datetime:
    hours = found["unit"].lower().startswith("h")
    count = _count(found["count"])
    later = now + (timedelta(hours=count) if hours else timedelta(minutes=count))
    return later.replace(second=0, microsecond=0)


def _next(found: re.Match[str], now: datetime) -> date:
    return _start_of_next(found["unit"].lower(), now.date())


def _start_of_next(unit: str, today: date) -> date:
    match unit:
        case "week":
            return _coming(0, today)
        case "month":
            return _months_later(today.replace(day=1), 1)
        case _:
            return date(today.year + 1, 1, 1)


def _named(found: re.Match[str], now: datetime) -> date:
    """A day of a month; without a year, the next one there is."""
    month, number = _MONTH_NAMES[found["month"].lower()], int(found["day"])
    return _next_one(found["year"], month, number, now.date())


def _next_one(year: str | None, month: int, number: int, today: date) -> date:
    if year:
        return date(int(year), month, number)
    for ahead in range(9):  # 29 February
        try:
            day = date(today.year + ahead, month, number)
        except ValueError:
            continue
        if day >= today:
            return day
    raise ValueError


def _numbered(found: re.Match[str], now: datetime) -> date:
    return _next_one(found["year"], int(found["month"]), int(found["day"]), now.date())


def _slashed(found: re.Match[str], _now: datetime) -> date:
    """Day and month in either order: where both make a date, nobody can tell which was meant."""
    one, other, year = int(found["one"]), int(found["other"]), int(found["year"])
    if one <= 12 and other <= 12 and one != other:
        raise ValueError
    return date(year, other, one) if other <= 12 else date(year, one, other)


def _clock(found: re.Match[str], _now: datetime) -> time:
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    half = (found["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute)


_HOUR, _MINUTE = r"(?P<hour>[01]?[0-9]|2[0-3])", r"(?P<minute>[0-5][0-9])"
_PART = r"(?:(?P<before>morning)|(?P<after>afternoon|evening)|(?P<night>night))"
_IN_A_PART = (
    r"(?:in\s+the\s+(?:(?P<before>morning)|(?P<after>afternoon|evening))|at\s+(?P<night>night))"
)


def _clock_in(found: re.Match[str], _now: datetime | None = None) -> time:
    groups = found.groupdict()
    hour, minute = int(found["hour"]), int(groups.get("minute") or groups.get("more") or 0)
    before, after, night = (groups.get(each) for each in ("before", "after", "night"))
    if (before or after) and not 1 <= hour <= (12 if before else 23):
        raise ValueError
    if hour == 12 and (before or night):
        hour = 0
    elif hour < 12 and (after or (night and hour >= 6)):
        hour += 12
    return time(hour, minute)


def _today_at(found: re.Match[str], now: datetime) -> datetime:
    """At night the day is not over at midnight: `tonight at 1` is tomorrow's."""
    at, is_next_day = _clock_in(found), False
    if found.groupdict().get("night"):
        is_next_day = at.hour < _NIGHT_ENDS
        if _NIGHT_ENDS <= at.hour < 12:
            at = at.replace(hour=at.hour + 12)
    return datetime.combine(now.date() + timedelta(days=is_next_day), at)


_NIGHT_ENDS = 5
"""O'clock."""


def _forms_of_the_parts_of_a_day() -> Iterator[_Form]:
    """An hour with a part of the day: the evening at eight is not in the morning."""
    hours = rf"at\s+{_HOUR}(?::{_MINUTE})?"
    for tonight, at in (
        ("(?P<night>tonight)", rf"{hours}(?:\s?(?P<after>pm))?"),
        ("(?P<night>tonight)", rf"{_HOUR}:{_MINUTE}(?:\s?(?P<after>pm))?"),
        ("(?P<night>tonight)", rf"{_HOUR}\s?(?P<after>pm)"),
        (rf"this\s+{_PART}", hours),
    ):
        yield _form("moment", rf"{tonight}\s+{at}", _today_at)
        yield _form("moment", rf"{at}\s+{tonight}", _today_at)
    yield _form("day", "tonight", lambda _, now: now.date())
    days = rf"(?:today|tomorrow|tmrw|{_DAY_NAME})"
    yield _form("time", rf"{days}\s+(?P<said>{_PART}\s+{hours})", _clock_in)
    # In `quiz night at 8` the night belongs to the title.
    yield _form("time", rf"{_PART}\s+(?P<said>at\s+{_HOUR}:{_MINUTE})", _clock_in)
    yield _form("time", rf"{_PART}\s+(?P<said>at\s+{_HOUR})", _clock_in, last=True)
    yield _form("time", rf"(?:at\s+)?{_HOUR}(?::{_MINUTE})?\s+{_IN_A_PART}", _clock_in)


_FORMS = (
    *_forms_of_the_parts_of_a_day(),
    _form("day", rf"{_ON}today", lambda _, now: now.date()),
    _form("day", rf"{_ON}(?:tomorrow|tmrw)", lambda _, now: now.date() + timedelta(days=1)),
    _form(
        "day",
        rf"{_ON}(?:the\s+)?day\s+after\s+tomorrow",
        lambda _, now: now.date() + timedelta(days=2),
    ),
    _form(
        "day",
        rf"{_ON}(?:(?P<which>next|this)\s+)?(?P<weekday>{'|'.join(_WEEKDAYS)})",
        _weekday,
    ),
    _form("day", rf"(?P<which>on|by|due|next|this)\s+(?P<weekday>{_DAY_NAME})", _weekday),
    _form("day", rf"(?P<which>)(?P<weekday>{_DAY_NAME})", _weekday, last=True),
    _form("day", rf"{_ON}next\s+(?P<unit>week|month|year)", _next),
    _form(
        "day",
        r"(?:(?:on|this)\s+)?(?:the\s+)?weekend",
        lambda _, now: _coming(5, now.date()),
        last=True,
    ),
    _form("day", rf"in\s+(?P<count>{_COUNT})\s+(?P<unit>days?|weeks?|months?|years?)", _later),
    _form(
        "moment",
        rf"in\s+(?P<count>{_COUNT})\s?(?P<unit>hours?|h|minutes?|mins?|min)",
        _soon,
    ),
    _form(
        "day",
        rf"{_ON}(?P<day>[0-3]?[0-9])(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?P<month>{_MONTH_NAME})\.?"
        r"(?:,?\s+(?P<year>[0-9]{4}))?",
        _named,
    ),
    _form(
        "day",
        rf"{_ON}(?P<month>{_MONTH_NAME})\.?\s+(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?"
        r"(?:,?\s+(?P<year>[0-9]{4}))?",
        _named,
    ),
    _form(
        "day", rf"{_ON}(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})", _numbered
    ),
    _form(
        "day", rf"{_ON}(?P<year>[0-9]{{4}})/(?P<month>[0-9]{{2}})/(?P<day>[0-9]{{2}})", _numbered
    ),
    _form(
        "day",
        rf"{_ON}(?P<day>[0-3]?[0-9])\.\s?(?P<month>[01]?[0-9])\.\s?(?P<year>[0-9]{{4}})?",
        _numbered,
    ),
    _form(
        "day", rf"{_ON}(?P<one>[0-9]{{1,2}})/(?P<other>[0-9]{{1,2}})/(?P<year>[0-9]{{4}})", _slashed
    ),
    _form(
        "time",
        r"(?:at\s+)?(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])(?:\s?(?P<half>[ap]m))?",
        _clock,
    ),
    _form("time", r"(?:at\s+)?(?P<hour>1[0-2]|0?[1-9])(?P<minute>)\s?(?P<half>[ap]m)", _clock),
    _form("time", r"at\s+(?P<hour>[01]?[0-9]|2[0-3])(?P<minute>)(?P<half>)", _clock, last=True),
    _form("time", r"(?:at\s+)?noon", lambda *_: time(12), last=True),
)


# In other languages


class _Reader(NamedTuple):
    """Holds what is read where a language is spoken. rules: of a repetition, with what says it in
    English. never: what is neither a rule nor a date."""

    forms: Sequence[_Form]
    rules: Mapping[re.Pattern[str], Callable[[re.Match[str]], str]]
    never: Sequence[re.Pattern[str]] = ()


_DAY, _YEAR = r"(?P<day>[0-3]?[0-9])", r"(?P<year>[0-9]{4})"


def _english_rule(found: re.Match[str]) -> str:
    return " ".join(found["rule"].split())


def _english_rule_at(found: re.Match[str]) -> str:
    at = _clock_in(found)
    return f"{_english_rule(found)} at {at.hour}:{at.minute:02}"


_AT = rf"at\s+{_HOUR}(?::{_MINUTE})?"
_ENGLISH = _Reader(
    _FORMS,
    {
        _pattern(rf"(?P<rule>{_RULE})\s+{_PART}\s+{_AT}"): _english_rule_at,
        _pattern(rf"(?P<rule>{_RULE})\s+{_AT}\s+{_IN_A_PART}"): _english_rule_at,
        _REPEATS: _english_rule,
    },
)


@lru_cache(maxsize=8)
def _reader(language: str) -> _Reader:
    words = WORDS.get(language)
    if words is None:
        return _ENGLISH
    forms = (
        *_FORMS,
        *_near_forms(words),
        *_weekday_forms(words),
        *_date_forms(words),
        *_clock_forms(words),
    )
    rule = _rule_form(words)
    repeats = _pattern(rf"{rule}(?:\s+{_rule_clock_form(words)})?")
    weekday = _any(words.weekdays, words.every_weekdays, words.short_weekdays)
    listed = rf"(?:(?:[,،]\s*|\s+{_any([words.also])}){weekday})*"
    # `jeden zweiten Freitag`, `los lunes`
    simple = rf"(?:{_UNNAMED.sub('?:', rule)})(?:[,،]|(?!\S))"
    odd = rf"(?!{simple})(?:(?:{words.every})\s+[^\s\0]+|{words.always})\s+{weekday}{listed}"
    return _Reader(forms, {**_ENGLISH.rules, repeats: partial(_rule, words)}, (_pattern(odd),))


def _any(*words: Sequence[str]) -> str:
    return f"(?:{'|'.join(word for each in words for word in each)})"


def _index(words: Sequence[str], typed: str) -> int:
    return next(at for at, word in enumerate(words) if re.fullmatch(word, typed, re.IGNORECASE))


def _near_forms(words: Words) -> Iterator[_Form]:
    by = rf"(?:(?:{words.by})\s+)?"
    near = (words.today, words.tomorrow, words.day_after_tomorrow)
    for ahead, word in enumerate(near):
        yield _form("day", rf"{by}(?:{word})", partial(_days_later, ahead), words=words)
    for unit in ("week", "month", "year"):
        word = getattr(words, f"next_{unit}")
        yield _form("day", rf"{by}(?:{word})", partial(_next_unit, unit))
    yield _form("day", words.weekend, lambda _, now: _coming(5, now.date()), last=True)
    count = rf"(?P<count>[0-9]{{1,4}}|{_any(words.counts)})"
    for kind, value in ("day", _units_later), ("moment", _soon_in_units):
        units = slice(4) if kind == "day" else slice(4, 6)
        for named, number, last in (
            (words.units, count + r"\s+", False),
            (words.one, "(?P<one>)", True),
            (words.two, "(?P<two>)", False),
        ):
            unit = rf"(?P<unit>{_any(named[units])})"
            form = rf"(?:{words.within})\s+{number}{unit}"
            yield _form(kind, form, partial(value, words, named), last=last)


def _days_later(days: int, _found: re.Match[str], now: datetime) -> date:
    return now.date() + timedelta(days=days)


def _next_unit(unit: str, _found: re.Match[str], now: datetime) -> date:
    return _start_of_next(unit, now.date())


def _count_of(words: Words, found: re.Match[str]) -> int:
    groups = found.groupdict()
    if "count" not in groups:
        return 1 if "one" in groups else 2
    count = found["count"]
    return _count(count if count.isdecimal() else str(_index(words.counts, count) + 1))


def _units_later(words: Words, units: Units, found: re.Match[str], now: datetime) -> date:
    count, unit = _count_of(words, found), _index(units, found["unit"])
    if unit >= 2:
        return _months_later(now.date(), count * (12 if unit == 3 else 1))
    return now.date() + timedelta(days=count * (7 if unit else 1))


def _soon_in_units(words: Words, units: Units, found: re.Match[str], now: datetime) -> datetime:
    count = _count_of(words, found)
    hours = _index(units, found["unit"]) == 4
    later = now + (timedelta(hours=count) if hours else timedelta(minutes=count))
    return later.replace(second=0, microsecond=0)


def _weekday_forms(words: Words) -> Iterator[_Form]:
    which = rf"(?:(?P<this>{words.this})|(?P<following>{words.following})|(?:{words.coming}))"
    after = rf"(?:(?P<following_it>{words.following})|(?:{words.coming}))"
    on = rf"(?:{words.on})"
    long, short = (rf"(?P<weekday>{_any(each)})" for each in (words.weekdays, words.short_weekdays))
    value = partial(_weekday_in, words)
    for form, last in (
        (rf"(?:{on}\s+)?(?:{which}\s+)?{long}(?:\s+{after})?", False),
        (rf"(?:{on}\s+)?(?:{which}|{on})\s+{short}", False),
        (rf"(?:{on}\s+)?{short}\s+{after}", False),
        (rf"(?P<weekday>{words.bare_weekdays})\.?", True),
    ):
        yield _form("day", form, value, last=last, words=words)


def _weekday_in(words: Words, found: re.Match[str], now: datetime) -> date:
    groups, name = found.groupdict(), found["weekday"]
    number = _index((*words.weekdays, *words.short_weekdays), name) % 7
    if groups.get("following") or groups.get("following_it"):
        return _coming(0, now.date()) + timedelta(days=number)
    return _coming(number, now.date(), with_today=bool(groups.get("this")))


def _date_forms(words: Words) -> Iterator[_Form]:
    on, of = rf"(?:{words.on_date})\s+", rf"(?:(?:{words.of})\s+)?"
    month = rf"(?P<month>{_any(words.months)})\.?"
    yield _form(
        "day",
        rf"(?:{on})?{_DAY}(?:{words.ordinal})?\s+{of}{month}(?:\s+{of}{_YEAR})?",
        partial(_named_in, words),
    )
    number = r"(?P<month>[01]?[0-9])"
    yield _form("day", rf"{on}{_DAY}(?:/{number}(?:/{_YEAR})?)", _numbered)
    yield _form("day", rf"{on}{_DAY}\.{number}(?P<year>)", _numbered)
    yield _form("day", rf"{on}{_DAY}\.\s?{number}\.\s?{_YEAR}?", _numbered)
    yield _form("day", rf"{_DAY}/{number}/{_YEAR}", _numbered)
    two_digits = r"(?P<day>[0-3][0-9])/(?P<month>[01][0-9])(?P<year>)"
    yield _form("day", two_digits, _numbered, last=True)  # in a title `10/12` is ten of twelve


def _named_in(words: Words, found: re.Match[str], now: datetime) -> date:
    month = _index(words.months, found["month"]) + 1
    return _next_one(found["year"], month, int(found["day"]), now.date())


def _clock_forms(words: Words) -> Sequence[_Form]:
    at, mark = rf"(?:(?:{words.at})\s+)", rf"(?:{words.hour_mark})"
    half = _half_form(words)
    any_half = rf"(?:\s?{half})?"
    unsure = r"(?!\s+[0-5][0-9](?!\S))"  # `18 Uhr 30 Gäste`
    certain = at if words.is_duration else f"{at}?"
    alone = [(rf"{at}{_HOUR}", True)] if words.hour_alone else []
    days = _any(
        (words.today, words.tomorrow, words.day_after_tomorrow), words.weekdays, words.months
    )
    forms = (
        (rf"{at}?{_HOUR}:{_MINUTE}(?:\s?{mark})?{any_half}", False),
        (rf"{at}?{_HOUR}\.{_MINUTE}\s?{mark}{any_half}", False),
        (rf"{certain}{_HOUR}\s?{mark}{_MINUTE}?{any_half}{unsure}", False),
        (rf"{certain}{_HOUR}\s?{mark}\s+{_MINUTE}", True),
        (rf"{at}{_HOUR}\s?{half}", False),
        (rf"(?P<after>{words.evening})\s+{at}?{_HOUR}(?::{_MINUTE})?(?:\s?{mark})?", False),
        *alone,
        (rf"{days}\s+(?P<said>{_HOUR}\s?{mark}{_MINUTE}?{any_half}){unsure}", False),
    )
    return (
        *(_form("time", form, _clock_in, last=last) for form, last in forms),
        _form("time", words.noon, lambda *_: time(12), last=True),
    )


def _half_form(words: Words) -> str:
    return (
        rf"(?:(?P<before>{words.before_noon})|(?P<after>{words.after_noon})"
        rf"|(?P<night>{words.at_night}))"
    )


_UNNAMED = re.compile(r"\?P<[a-z_]+>")


def _rule_form(words: Words) -> str:
    weekday = _any(words.every_weekdays)
    listed = rf"{weekday}(?:(?:[,،]\s*|\s+{_any([words.also])}){weekday})*"
    single = "|".join((words.daily, words.weekly, words.monthly, words.yearly))
    return (
        rf"(?:(?:{words.every})\s+(?:(?P<weekdays>{listed})|(?P<unit>{_any(words.every_units)}))"
        rf"|(?P<single>{single}))"
    )


def _rule_clock_form(words: Words) -> str:
    mark = rf"(?:{words.hour_mark})"
    alone = "|(?(at)|(?!))" if words.hour_alone else ""
    return (
        rf"(?P<at>(?:{words.at})\s+)?{_HOUR}"
        rf"(?::{_MINUTE}(?:\s?{mark})?|\s?{mark}(?P<more>[0-5][0-9])?{alone})(?:\s?{_half_form(words)})?"
    )


def _rule(words: Words, found: re.Match[str]) -> str:
    """In English: `every friday at 9:00`."""
    if weekdays := found["weekdays"]:
        names = re.split(rf"[,،]\s*|\s+{_any([words.also])}", weekdays, flags=re.IGNORECASE)
        rule = "every " + ", ".join(_WEEKDAYS[_index(words.every_weekdays, each)] for each in names)
    elif unit := found["unit"]:
        rule = f"every {Units._fields[_index(words.every_units, unit)]}"
    else:
        single = (words.daily, words.weekly, words.monthly, words.yearly)
        rule = ("daily", "weekly", "monthly", "yearly")[_index(single, found["single"])]
    if found["hour"]:
        clock = _clock_in(found)
        rule += f" at {clock.hour}:{clock:%M}"
    return rule


# Telling

_SENTENCES: Mapping[tuple[str, bool, bool], str] = {
    ("", False, False): untranslated("No date"),
    ("", False, True): untranslated("No date, in {list}"),
    ("", True, False): untranslated("No date, priority {priority}"),
    ("", True, True): untranslated("No date, priority {priority}, in {list}"),
    ("due", False, False): untranslated("Due {when}"),
    ("due", False, True): untranslated("Due {when}, in {list}"),
    ("due", True, False): untranslated("Due {when}, priority {priority}"),
    ("due", True, True): untranslated("Due {when}, priority {priority}, in {list}"),
    ("repeats", False, False): untranslated("Repeats {when}"),
    ("repeats", False, True): untranslated("Repeats {when}, in {list}"),
    ("repeats", True, False): untranslated("Repeats {when}, priority {priority}"),
    ("repeats", True, True): untranslated("Repeats {when}, priority {priority}, in {list}"),
}
"""By when it is, whether it has a priority, and whether it has a list."""


def sentence(found: Understood | NewTask, name: str, now: datetime, zone: ZoneInfo) -> str:
    """Say what a new task comes to, but for its title: `Due tomorrow at 18:00, in Groceries`.

    name: of its list; empty: it names none.
    """
    when = "repeats" if found.repeats else "due" if found.due else ""
    form = _SENTENCES[when, found.priority != NO_PRIORITY, bool(name)]
    words = found.repeats or (due_words(found.due, now, zone) if found.due else "")
    return translated(form, when=words, priority=found.priority, list=name)


def due_words(due: Due, now: datetime, zone: ZoneInfo) -> str:
    """Return when it is due, within a sentence: `tomorrow at 18:00`, `Thu 24 Dec`.

    now: aware. zone: the account's.
    """
    day, at, today = day_of(due, zone), time_of(due, zone), now.astimezone(zone).date()
    words = near_day_words(day, today) or date_words(day, today.year)
    if at is None:
        return words
    # Translators: a day and a time, “tomorrow at 18:00”
    return translated("{day} at {time}", day=words, time=clock_words(at))
