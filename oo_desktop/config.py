"""Settings, frozen, and the folders things live in.

`config.toml` is the one place settings are kept. A key oO does not know is named in the log and
otherwise left alone, so that a file shared with a newer oO still works; a value it cannot use is a
`ConfigError` that names the key.
"""

import logging
import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from oo_desktop.errors import ConfigError

log = logging.getLogger(__name__)

MINIMUM_POLL_INTERVAL = 5
"""Seconds. Whatever config.toml says, no service is asked more often."""


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


class Folders(Struct, frozen=True):
    """Where oO keeps its files: settings, the database, and the socket and locks of a session."""

    config: Path
    data: Path
    runtime: Path

    @property
    def config_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def database(self) -> Path:
        return self.data / "oo.db"

    def create(self) -> None:
        """Make the folders, readable by this user only."""
        for folder in (self.config, self.data, self.runtime):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def folders_from_environment(environment: Mapping[str, str] = os.environ) -> Folders:
    """`OO_DESKTOP_HOME` puts everything under one folder; otherwise the platform's own places."""
    home = environment.get("OO_DESKTOP_HOME")
    if home:
        folder = Path(home).absolute()
        return Folders(folder, folder, folder)
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("oo-desktop", appauthor=False)
    return Folders(dirs.user_config_path, dirs.user_data_path, dirs.user_runtime_path)


def settings_from_file(path: Path) -> Settings:
    """Read `path`; a file that is not there means the defaults. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"oO cannot read {path}: {error}.") from error
    return settings_from_toml(text, origin=str(path))


def settings_from_toml(text: str, *, origin: str = "config.toml") -> Settings:
    """Parse and check settings. Raises ConfigError, naming `origin` and the key."""
    try:
        raw = tomllib.loads(text)
        settings = msgspec.convert(raw, Settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{origin}: {error}.") from error
    for key in _unknown_keys(raw):
        log.warning("%s: unknown setting %s is ignored", origin, key)
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
    if not 0 <= settings.undo_seconds <= 60:
        raise ConfigError(f"{origin}: undo_seconds must be from 0 to 60.")
    return msgspec.structs.replace(
        settings,
        poll_interval=max(settings.poll_interval, MINIMUM_POLL_INTERVAL),
        todoist=msgspec.structs.replace(todoist, api_url=todoist.api_url.rstrip("/") + "/"),
    )


def _check_url(url: str, key: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise ConfigError(f"{key} is not a URL.") from error
    if not host or parts.username or parts.password:
        raise ConfigError(f"{key} must be a plain https URL.")
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
