"""Reads config.toml, the one place settings are kept: oO's own, and the connectors' sections.

A connector owns its section, and is handed it as it stands there (`section_as` reads it). A key
that nobody knows is named in the log and otherwise left alone, so that a file shared with a newer
oO still works. A value that cannot be used is a `Mistake`: it is named with its line, and what
counted before goes on counting in its place.
"""

import logging
import math
import stat
import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_origin

import msgspec
from msgspec import Struct

from oo_desktop.errors import ConfigError
from oo_desktop.folders import Folders, folders_from_environment
from oo_desktop.language import translated, untranslated
from oo_desktop.model.icon_style import IconStyle
from oo_desktop.model.preferences import (
    ClockTime,
    Language,
    Notifications,
    QuickAdd,
    Show,
)
from oo_desktop.model.signals import MAX_REMINDER_MINUTES

__all__ = [
    "Folders",
    "Mistake",
    "Reading",
    "Sections",
    "Settings",
    "folders_from_environment",
    "line_of",
    "section_as",
    "settings_from_text",
    "settings_from_toml",
    "text_of",
    "with_value",
]

log = logging.getLogger(__name__)

MIN_POLL_SECONDS = 5
"""Seconds. Whatever config.toml says, no service is asked more often."""

MAX_POLL_SECONDS = 24 * 60 * 60
"""Seconds. However rarely one may want it: a list older than a day is about another day."""

MAX_UNDO_SECONDS = 60

MAX_DAYS_AHEAD = 31
"""Whole days after today that any list may show: what needs one now is no calendar."""

MAX_FILE = 256 * 1024
"""Bytes of config.toml."""

T = TypeVar("T", bound=Struct)


class Sections(dict[str, Any]):
    """Holds what is not oO's own, as it stands there: it may have secrets, and is not printed."""

    def __repr__(self) -> str:
        return f"Sections({', '.join(map(repr, self))})"

    def __rich_repr__(self) -> list[str]:
        return list(self)


class Settings(Struct, frozen=True, kw_only=True):
    """Holds everything a person can set.

    poll_interval: seconds between polls of an account, at least 5.
    undo_seconds: how long a click waits before it is sent, so that undo costs nothing.
    reminder_minutes: how long before an event a reminder comes where its calendar names no time of
        its own; it is for calendars of every kind, and so in no section. 0: none then.
    hide_titles: whether the screen leaves out what tasks and events are called.
    icon: how the tray icon is drawn. language: that of all that is said.
    show, notifications, quick_add: sections of oO's own.
    sections: everything else, by its name: what is in a section is its connector's to judge.
    origin: where it is from, for sentences.
    """

    poll_interval: float = 120
    undo_seconds: float = 5
    reminder_minutes: int = 10
    hide_titles: bool = False
    icon: IconStyle = IconStyle.AUTO
    language: Language = Language.AUTO
    show: Show = Show()
    notifications: Notifications = Notifications()
    quick_add: QuickAdd = QuickAdd()
    sections: Sections = msgspec.field(default_factory=Sections)
    origin: str = "config.toml"


class Mistake(Struct, frozen=True, kw_only=True):
    """Says what of config.toml cannot be used.

    key: whose value it is, `todoist.filter`; empty: the file cannot be read as a whole.
    why: a sentence that names the key and repeats no value.
    is_bounded: the nearest value that can be used is used.
    """

    key: str = ""
    why: str
    is_bounded: bool = False


class Reading(NamedTuple):
    """Holds the settings that count, and what of the file does not."""

    settings: Settings
    mistakes: tuple[Mistake, ...] = ()


def text_of(path: Path) -> str:
    """Return what stands in `path`; nothing where there is no such file. Raises ConfigError."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # to open a pipe would wait for its other end
            raise ConfigError(translated("oO cannot read {path}: it is no file.", path=path))
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(
            translated("oO cannot read {path}: {reason}.", path=path, reason=error.strerror)
        ) from error
    if len(raw) > MAX_FILE:
        raise ConfigError(
            translated("{path} is larger than {size} KB.", path=path, size=MAX_FILE // 1024)
        )
    try:
        return raw.decode("utf-8-sig")  # Windows' Notepad may put a BOM first
    except UnicodeDecodeError as error:
        raise ConfigError(translated("{path} is not UTF-8 text.", path=path)) from error


def settings_from_text(
    text: str, *, origin: str = "config.toml", before: Settings | None = None
) -> Reading:
    """Return the settings in `text`, as far as they can be used.

    What is in the connectors' sections is not judged here.

    before: what counts in place of what cannot be used; left off: the defaults.
    """
    before = before or Settings()
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _unreadable(before, f"{error}.")
    except (ValueError, OverflowError, RecursionError):
        # Absurd numbers, dates and depths escape the parser as these.
        return _unreadable(
            before, translated("It has a value that is too large, or nested too deep.")
        )
    own = {key: raw[key] for key in raw if key in OWN_KEYS}
    sections = Sections({key: value for key, value in raw.items() if key not in OWN_KEYS})
    settings, mistakes = _own_settings(own, before)
    return Reading(
        msgspec.structs.replace(settings, sections=sections, origin=origin), tuple(mistakes)
    )


def settings_from_toml(text: str, *, origin: str = "config.toml") -> Settings:
    """Return the settings in `text`. Raises ConfigError, naming `origin` and the key."""
    settings, mistakes = settings_from_text(text, origin=origin)
    for mistake in mistakes:
        if not mistake.is_bounded:
            raise ConfigError(f"{origin}: {mistake.why}", key=mistake.key)
    return settings


def _unreadable(before: Settings, why: str) -> Reading:
    return Reading(before, (Mistake(why=f"{why[:1].upper()}{why[1:]}"),))


def line_of(text: str, key: str) -> int | None:
    """Return the line at which `key`, such as `todoist.filter`, gets its value; None: not found.

    The parser tells no lines. So this asks it: the value is on the first line that names the key
    and up to which the text has it.
    """
    names = key.split(".")
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if names[-1] not in line:
            continue
        for end in range(number, len(lines) + 1):  # a value may take several
            raw = _parsed("\n".join(lines[:end]))
            if raw is not None:
                if _has(raw, names):
                    return number
                break
    return None


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except (ValueError, OverflowError, RecursionError):
        return None


def _has(raw: object, names: Sequence[str]) -> bool:
    for name in names:
        if not isinstance(raw, dict) or name not in raw:
            return False
        raw = raw[name]
    return True


def with_value(sections: Mapping[str, Any], key: str, other: Mapping[str, Any]) -> Sections:
    """Return `sections` with the value that `other` has for `key`; without one where it has none.

    key: `section.name`, or a section.
    """
    section, _, name = key.partition(".")
    mine, others = sections.get(section), other.get(section)
    changed = {each: value for each, value in sections.items() if each != section}
    if name and isinstance(mine, dict):
        kept = {each: value for each, value in mine.items() if each != name}
        if isinstance(others, dict) and name in others:
            kept[name] = others[name]
        changed[section] = kept
    elif others is not None:
        changed[section] = others
    return Sections(changed)


def section_as(section: Mapping[str, object], form: type[T], name: str) -> T:
    """Return the section `[name]` of config.toml as `form`, a Struct.

    A key that `form` does not have is named in the log. Raises ConfigError, naming the key.
    """
    for key in section:
        if key not in _names(form):
            log.warning("config.toml: unknown setting %r is ignored", f"{name}.{key}")
    values = {}
    for field in msgspec.structs.fields(form):
        key = field.encode_name
        if key in section:
            values[field.name] = _value(section[key], field.type, f"{name}.{key}")
        elif field.required:
            whole = f"{name}.{key}"
            raise ConfigError(translated("{key} is missing.", key=whole), key=name)
    return form(**values)


def _names(kind: type[Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


OWN_KEYS = frozenset(_names(Settings) - {"sections", "origin"})
"""What config.toml says of oO itself. No connector can be called any of these."""

_MUST_BE: Mapping[object, str] = {
    bool: untranslated("{key} must be true or false."),
    int: untranslated("{key} must be a whole number."),
    float: untranslated("{key} must be a number."),
    str: untranslated("{key} must be a text, in quotes."),
    ClockTime: untranslated("{key} must be a time of day, such as “22:30”."),
}

_OF_ANOTHER_KIND = untranslated("{key} is not of the kind that is wanted.")


def _value(value: object, kind: Any, key: str) -> Any:
    """Raises ConfigError, in words: what msgspec says is not for everybody."""
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, ValueError, OverflowError, RecursionError):
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            # Translators: a word that is quoted, in the quotation marks of the language
            *others, last = (translated("“{word}”", word=each.value) for each in kind)
            # Translators: {others} are words with commas between them: “auto”, “light” or “dark”.
            must = translated(
                "{key} must be {others} or {last}.", key=key, others=", ".join(others), last=last
            )
        else:
            plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
            must = translated(_MUST_BE.get(kind) or _MUST_BE.get(plain, _OF_ANOTHER_KIND), key=key)
        raise ConfigError(must, key=key) from None


def _own_settings(own: Mapping[str, object], before: Settings) -> tuple[Settings, list[Mistake]]:
    mistakes: list[Mistake] = []
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        key = field.encode_name
        if key not in own:
            continue
        try:
            if isinstance(field.type, type) and issubclass(field.type, Struct):
                part, wrong = _own_section(own[key], key, getattr(before, key))
                mistakes += wrong
                found[key] = part
            else:
                found[key], bounded = _bounded(key, _value(own[key], field.type, key))
                mistakes += bounded
        except ConfigError as error:
            mistakes.append(Mistake(key=error.key, why=str(error)))
            found[key] = getattr(before, key)
    return Settings(**found), mistakes


def _own_section(section: object, name: str, before: Struct) -> tuple[Struct, list[Mistake]]:
    """Raises ConfigError where it is no section at all."""
    if not isinstance(section, dict):
        raise ConfigError(translated("{name} must be a section, [{name}].", name=name), key=name)
    mistakes: list[Mistake] = []
    found: dict[str, Any] = {}
    fields = {field.encode_name: field for field in msgspec.structs.fields(type(before))}
    for key, value in section.items():
        if key not in fields:
            log.warning("config.toml: unknown setting %r is ignored", f"{name}.{key}")
            continue
        try:
            found[key] = _value(value, fields[key].type, f"{name}.{key}")
        except ConfigError as error:
            mistakes.append(Mistake(key=error.key, why=str(error)))
            found[key] = getattr(before, key)
    return type(before)(**found), mistakes


_BOUNDS: Mapping[str, tuple[float, float]] = {
    "undo_seconds": (0, MAX_UNDO_SECONDS),
    "reminder_minutes": (0, MAX_REMINDER_MINUTES),
}


def _bounded(key: str, value: Any) -> tuple[Any, list[Mistake]]:
    """Raises ConfigError for what is out of bounds, but for the poll interval: any that is meant
    to be short or long is kept within its own."""
    if key == "poll_interval":
        if math.isnan(value):
            raise ConfigError(translated("poll_interval must be a number of seconds."), key=key)
        used = min(max(value, MIN_POLL_SECONDS), MAX_POLL_SECONDS)
        if used == value:
            return value, []
        why = translated(
            "poll_interval must be from {least} to {most}: oO uses {used}.",
            least=MIN_POLL_SECONDS,
            most=MAX_POLL_SECONDS,
            used=used,
        )
        return used, [Mistake(key=key, why=why, is_bounded=True)]
    if key in _BOUNDS:
        least, most = _BOUNDS[key]
        if not least <= value <= most:
            raise ConfigError(
                translated(
                    "{key} must be from {least} to {most}.", key=key, least=least, most=most
                ),
                key=key,
            )
    return value, []
