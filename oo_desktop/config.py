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
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from oo_desktop.errors import ConfigError
from oo_desktop.folders import Folders, folders_from_environment

__all__ = [
    "Folders",
    "Settings",
    "TodoistSettings",
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


class TodoistSettings(Struct, frozen=True, kw_only=True):
    """Where Todoist is, and what to ask it for (developer.todoist.com/api/v1)."""

    api_url: str = "https://api.todoist.com/api/v1/"
    authorize_url: str = "https://app.todoist.com/oauth/authorize"
    token_url: str = "https://api.todoist.com/oauth/access_token"  # noqa: S105  # an address
    register_url: str = "https://api.todoist.com/oauth/register"
    client_id: str = ""
    callback_ports: tuple[int, ...] = (8771, 8772, 8773, 8774, 8775)
    filter: str = "(today | overdue) & (assigned to: me | !assigned)"


class Settings(Struct, frozen=True, kw_only=True):
    """Everything a person can set.

    poll_interval: seconds between polls of an account, at least 5.
    undo_seconds: how long a click waits before it is sent, so that undo costs nothing.
    """

    poll_interval: float = 120
    undo_seconds: float = 5
    todoist: TodoistSettings = TodoistSettings()


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
        settings = msgspec.convert(raw, Settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{origin}: {error}.") from error
    except (ValueError, OverflowError, RecursionError) as error:
        # Absurd numbers, dates and depths escape the parser as these.
        raise ConfigError(f"{origin} holds a value that is too large or too deep.") from error
    for key in _unknown_keys(raw):
        log.warning("%s: unknown setting %r is ignored", origin, key)
    return _checked(settings, origin)


def _unknown_keys(raw: dict[str, object]) -> list[str]:
    known = {field.encode_name for field in msgspec.structs.fields(Settings)}
    known_todoist = {field.encode_name for field in msgspec.structs.fields(TodoistSettings)}
    todoist = raw.get("todoist")
    inner = todoist if isinstance(todoist, dict) else {}
    return [key for key in raw if key not in known] + [
        f"todoist.{key}" for key in inner if key not in known_todoist
    ]


def _checked(settings: Settings, origin: str) -> Settings:
    todoist = settings.todoist
    for key in ("api_url", "authorize_url", "token_url", "register_url"):
        _check_url(getattr(todoist, key), f"{origin}: todoist.{key}")
    if not 1 <= len(todoist.filter) <= 1024:
        raise ConfigError(f"{origin}: todoist.filter must have 1 to 1024 characters.")
    if not 1 <= len(todoist.callback_ports) <= 10 or not all(
        1024 <= port <= 65535 for port in todoist.callback_ports
    ):
        raise ConfigError(
            f"{origin}: todoist.callback_ports must be 1 to 10 ports from 1024 to 65535."
        )
    if math.isnan(settings.poll_interval):
        raise ConfigError(f"{origin}: poll_interval must be a number of seconds.")
    if not 0 <= settings.undo_seconds <= 60:
        raise ConfigError(f"{origin}: undo_seconds must be from 0 to 60.")
    return msgspec.structs.replace(
        settings,
        poll_interval=min(
            max(settings.poll_interval, MINIMUM_POLL_INTERVAL), MAXIMUM_POLL_INTERVAL
        ),
        todoist=msgspec.structs.replace(todoist, api_url=todoist.api_url.rstrip("/") + "/"),
    )


def _check_url(url: str, key: str) -> None:
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
