"""Reads config.toml, the one place settings are kept: oO's own, and the connectors' sections.

A connector owns its section, and is handed it as it stands there (`section_as` reads it). A key
that nobody knows is named in the log and otherwise left alone, so that a file shared with a newer
oO still works; a value that cannot be used is a `ConfigError` that names the key.
"""

import logging
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from oo_desktop.errors import ConfigError
from oo_desktop.folders import Folders, folders_from_environment
from oo_desktop.model.preferences import Notifications, QuickAdd, Show
from oo_desktop.model.signals import MAX_REMINDER_MINUTES

__all__ = [
    "Folders",
    "Sections",
    "Settings",
    "folders_from_environment",
    "section_as",
    "settings_from_file",
    "settings_from_toml",
]

log = logging.getLogger(__name__)

MIN_POLL_SECONDS = 5
"""Seconds. Whatever config.toml says, no service is asked more often."""

MAX_POLL_SECONDS = 24 * 60 * 60
"""Seconds. However rarely one may want it: a list older than a day is about another day."""


MAX_DAYS_AHEAD = 31
"""Whole days after today that any list may show: what needs one now is no calendar."""

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
    show, notifications, quick_add: sections of oO's own.
    sections: everything else, by its name: what is in a section is its connector's to judge.
    origin: where it is from, for sentences.
    """

    poll_interval: float = 120
    undo_seconds: float = 5
    reminder_minutes: int = 10
    hide_titles: bool = False
    show: Show = Show()
    notifications: Notifications = Notifications()
    quick_add: QuickAdd = QuickAdd()
    sections: Sections = msgspec.field(default_factory=Sections)
    origin: str = "config.toml"


def settings_from_file(path: Path) -> Settings:
    """Read `path`; a file that is not there means the defaults. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows' Notepad may put a BOM first
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise ConfigError(f"oO cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.") from error
    return settings_from_toml(text, origin=str(path))


def settings_from_toml(text: str, *, origin: str = "config.toml") -> Settings:
    """Parse and check settings. Raises ConfigError, naming `origin` and the key."""

    try:
        raw = tomllib.loads(text)
        own = {key: raw[key] for key in raw if key in OWN_KEYS}
        settings = msgspec.convert({**own, "origin": origin}, Settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{origin}: {error}.") from error
    except (ValueError, OverflowError, RecursionError) as error:
        # Absurd numbers, dates and depths escape the parser as these.
        raise ConfigError(f"{origin} has a value that is too large, or nested too deep.") from error
    sections = Sections({key: value for key, value in raw.items() if key not in OWN_KEYS})
    return msgspec.structs.replace(_checked(settings), sections=sections)


def section_as(section: Mapping[str, object], form: type[T], name: str) -> T:
    """Return the section `[name]` of config.toml as `form`, a Struct.

    A key that `form` does not have is named in the log. Raises ConfigError, naming the key.
    """
    known = _names(form)
    for key in section:
        if key not in known:
            log.warning("config.toml: unknown setting %r is ignored", f"{name}.{key}")
    whole = msgspec.defstruct("Whole", [(name, form)])  # so that the path in an error is whole
    try:
        found: T = getattr(msgspec.convert({name: dict(section)}, whole), name)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{error}.") from None
    except (ValueError, OverflowError, RecursionError):
        raise ConfigError(f"[{name}] has a value that is too large, or nested too deep.") from None
    return found


def _names(kind: type[Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


OWN_KEYS = frozenset(_names(Settings) - {"sections", "origin"})
"""What config.toml says of oO itself. No connector can be called any of these."""


def _checked(settings: Settings) -> Settings:
    if math.isnan(settings.poll_interval):
        raise ConfigError(f"{settings.origin}: poll_interval must be a number of seconds.")
    if not 0 <= settings.undo_seconds <= 60:
        raise ConfigError(f"{settings.origin}: undo_seconds must be from 0 to 60.")
    if not 0 <= settings.reminder_minutes <= MAX_REMINDER_MINUTES:
        raise ConfigError(
            f"{settings.origin}: reminder_minutes must be from 0 to {MAX_REMINDER_MINUTES}."
        )
    return msgspec.structs.replace(
        settings,
        poll_interval=min(max(settings.poll_interval, MIN_POLL_SECONDS), MAX_POLL_SECONDS),
    )
