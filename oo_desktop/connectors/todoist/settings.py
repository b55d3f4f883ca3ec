"""Reads the section `[todoist]` of config.toml."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.config import section_as
from oo_desktop.errors import ConfigError
from oo_desktop.http.addresses import as_folder, check_url
from oo_desktop.language import translated, untranslated
from oo_desktop.model.settings import Kind, Setting

FILTER = "(today | overdue) & (assigned to: me | !assigned)"
"""English keywords are understood whatever language the account has, so `lang` is left off."""


class TodoistSettings(Struct, frozen=True, kw_only=True):
    """Says where Todoist is, and what to ask it for (developer.todoist.com/api/v1)."""

    api_url: str = "https://api.todoist.com/api/v1/"
    authorize_url: str = "https://app.todoist.com/oauth/authorize"
    token_url: str = "https://api.todoist.com/oauth/access_token"  # noqa: S105  # an address
    register_url: str = "https://api.todoist.com/oauth/register"
    client_id: str = ""
    callback_ports: tuple[int, ...] = (8771, 8772, 8773, 8774, 8775)
    filter: str = FILTER


SETTINGS = (
    Setting(
        name="todoist.filter",
        kind=Kind.TEXT,
        default=FILTER,
        heading="Todoist",
        label=untranslated("Which tasks, as a filter in Todoist’s own words"),
        meaning=untranslated("Which of Todoist’s tasks are listed, as a filter in its own words."),
        least=1,
        most=1024,
    ),
)
"""What a person changes by the window or by `oo-desktop set`."""


def settings_from_section(section: Mapping[str, object]) -> TodoistSettings:
    """Return the settings in `[todoist]`. Raises ConfigError, naming the key."""
    settings = section_as(section, TodoistSettings, "todoist")
    for key in ("api_url", "authorize_url", "token_url", "register_url"):
        check_url(getattr(settings, key), f"todoist.{key}")
    if not 1 <= len(settings.filter) <= 1024:
        raise ConfigError(
            translated("todoist.filter must have 1 to 1024 characters."), key="todoist.filter"
        )
    if not 1 <= len(settings.callback_ports) <= 10 or not all(
        1024 <= port <= 65535 for port in settings.callback_ports
    ):
        raise ConfigError(
            translated("todoist.callback_ports must be 1 to 10 ports from 1024 to 65535."),
            key="todoist.callback_ports",
        )
    return replace(settings, api_url=as_folder(settings.api_url))
