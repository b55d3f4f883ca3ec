"""Settings, frozen, and the folders things live in.

`config.toml` is the one place settings are kept. A key oO does not know is named in the log and
otherwise left alone, so that a file shared with a newer oO still works; a value it cannot use is a
`ConfigError` that names the key.
"""

import logging
import math
import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from oo_desktop.errors import ConfigError
from oo_desktop.folders import Folders, folders_from_environment

__all__ = [
    "Folders",
    "GoogleCalendarSettings",
    "Sections",
    "Settings",
    "TodoistSettings",
    "check_url",
    "folders_from_environment",
    "is_loopback",
    "settings_from_file",
    "settings_from_toml",
]

log = logging.getLogger(__name__)

MINIMUM_POLL_INTERVAL = 5
"""Seconds. Whatever config.toml says, no service is asked more often."""

MAXIMUM_POLL_INTERVAL = 24 * 60 * 60
"""Seconds. However rarely one may want it: a list older than a day is about another day."""


LONGEST_REMINDER = 40320
"""Minutes: four weeks, as with Google (developers.google.com/calendar/api/v3/reference/events)."""

LONGEST_VIEW = 31
"""Days ahead. A list of what needs one now is no calendar."""


class TodoistSettings(Struct, frozen=True, kw_only=True):
    """Where Todoist is, and what to ask it for (developer.todoist.com/api/v1)."""

    api_url: str = "https://api.todoist.com/api/v1/"
    authorize_url: str = "https://app.todoist.com/oauth/authorize"
    token_url: str = "https://api.todoist.com/oauth/access_token"  # noqa: S105  # an address
    register_url: str = "https://api.todoist.com/oauth/register"
    client_id: str = ""
    callback_ports: tuple[int, ...] = (8771, 8772, 8773, 8774, 8775)
    filter: str = "(today | overdue) & (assigned to: me | !assigned)"


class GoogleCalendarSettings(Struct, frozen=True, kw_only=True):
    """Where Google is, and as which client to sign in there (developers.google.com/identity).

    client_id, client_secret: of a “Desktop app” client; together or, once the secret is in the
        keyring, the id alone. Empty: the one brought as a file.
    days_ahead: whole days after today whose events are shown.
    """

    api_url: str = "https://www.googleapis.com/calendar/v3/"
    authorize_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
    revoke_url: str = "https://oauth2.googleapis.com/revoke"
    client_id: str = ""
    client_secret: str = ""
    days_ahead: int = 1

    def __repr__(self) -> str:
        return f"GoogleCalendarSettings(api_url={self.api_url!r}, client_id={self.client_id!r}, …)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own would show the secret
        return [("api_url", self.api_url), ("client_id", self.client_id)]


class Sections(dict[str, dict[str, Any]]):
    """The sections that are not oO's own, as they stand there. They may hold secrets."""

    def __repr__(self) -> str:
        return f"Sections({', '.join(map(repr, self))})"

    def __rich_repr__(self) -> list[str]:
        return list(self)


class Settings(Struct, frozen=True, kw_only=True):
    """Everything a person can set.

    poll_interval: seconds between polls of an account, at least 5.
    undo_seconds: how long a click waits before it is sent, so that undo costs nothing.
    reminder_minutes: how long before an event a reminder comes where its calendar names no time of
        its own; it is for calendars of every kind, and so in no section. 0: none then.
    plug_ins: the sections of plug-ins, by their ids; what is in them is theirs to judge.
    """

    poll_interval: float = 120
    undo_seconds: float = 5
    reminder_minutes: int = 10
    todoist: TodoistSettings = TodoistSettings()
    google_calendar: GoogleCalendarSettings = GoogleCalendarSettings()
    plug_ins: Sections = msgspec.field(default_factory=Sections)


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
        settings = msgspec.convert({key: raw[key] for key in raw if key in OWN_KEYS}, Settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{origin}: {error}.") from error
    except (ValueError, OverflowError, RecursionError) as error:
        # Absurd numbers, dates and depths escape the parser as these.
        raise ConfigError(f"{origin} holds a value that is too large or too deep.") from error
    others = {key: value for key, value in raw.items() if key not in OWN_KEYS}
    sections = Sections({key: value for key, value in others.items() if isinstance(value, dict)})
    for key in [*(key for key in others if key not in sections), *_unknown_keys(raw)]:
        log.warning("%s: unknown setting %r is ignored", origin, key)
    return msgspec.structs.replace(_checked(settings, origin), plug_ins=sections)


def _unknown_keys(raw: dict[str, object]) -> list[str]:
    unknown = []
    for section, kind in (
        ("todoist", TodoistSettings),
        ("google_calendar", GoogleCalendarSettings),
    ):
        inner = raw.get(section)
        if isinstance(inner, dict):
            unknown += [f"{section}.{key}" for key in inner if key not in _names(kind)]
    return unknown


def _names(kind: type[Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


OWN_KEYS = frozenset(_names(Settings) - {"plug_ins"})
"""What config.toml says of oO itself. No plug-in can be called any of these."""


def _checked(settings: Settings, origin: str) -> Settings:
    if math.isnan(settings.poll_interval):
        raise ConfigError(f"{origin}: poll_interval must be a number of seconds.")
    if not 0 <= settings.undo_seconds <= 60:
        raise ConfigError(f"{origin}: undo_seconds must be from 0 to 60.")
    if not 0 <= settings.reminder_minutes <= LONGEST_REMINDER:
        raise ConfigError(f"{origin}: reminder_minutes must be from 0 to {LONGEST_REMINDER}.")
    return msgspec.structs.replace(
        settings,
        poll_interval=min(
            max(settings.poll_interval, MINIMUM_POLL_INTERVAL), MAXIMUM_POLL_INTERVAL
        ),
        todoist=_checked_todoist(settings.todoist, f"{origin}: todoist"),
        google_calendar=_checked_google(settings.google_calendar, f"{origin}: google_calendar"),
    )


def _checked_todoist(todoist: TodoistSettings, origin: str) -> TodoistSettings:
    for key in ("api_url", "authorize_url", "token_url", "register_url"):
        check_url(getattr(todoist, key), f"{origin}.{key}")
    if not 1 <= len(todoist.filter) <= 1024:
        raise ConfigError(f"{origin}.filter must have 1 to 1024 characters.")
    if not 1 <= len(todoist.callback_ports) <= 10 or not all(
        1024 <= port <= 65535 for port in todoist.callback_ports
    ):
        raise ConfigError(f"{origin}.callback_ports must be 1 to 10 ports from 1024 to 65535.")
    return msgspec.structs.replace(todoist, api_url=_as_folder(todoist.api_url))


def _checked_google(google: GoogleCalendarSettings, origin: str) -> GoogleCalendarSettings:
    for key in ("api_url", "authorize_url", "token_url", "revoke_url"):
        check_url(getattr(google, key), f"{origin}.{key}")
    for key in ("client_id", "client_secret"):
        value = getattr(google, key)
        # Neither can have a space, and a secret must not end up in the sentence.
        if len(value) > 512 or not value.isascii() or not value.isprintable() or " " in value:
            raise ConfigError(f"{origin}.{key} is not one that Google gives out.")
    if google.client_secret and not google.client_id:
        raise ConfigError(f"{origin}.client_secret needs its client_id beside it.")
    if not 0 <= google.days_ahead <= LONGEST_VIEW:
        raise ConfigError(f"{origin}.days_ahead must be from 0 to {LONGEST_VIEW}.")
    return msgspec.structs.replace(google, api_url=_as_folder(google.api_url))


def _as_folder(url: str) -> str:
    return url.rstrip("/") + "/"


def check_url(url: str, key: str) -> None:
    """Raises ConfigError, naming `key`, for what oO asks nothing of."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"{key} is not a URL.") from error
    # urlsplit() silently drops some of these characters, and other readers of the URL would not.
    odd = any(char.isspace() or not char.isprintable() or char == "\\" for char in url)
    if odd or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(f"{key} must be a plain https URL, without a name, “?” or “#” in it.")
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return
    raise ConfigError(f"{key} must use https: http is for addresses on this machine only.")


def is_loopback(host: str) -> bool:
    """Whether `host` can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
