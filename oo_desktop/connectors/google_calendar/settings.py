"""Reads the section `[google_calendar]` of config.toml."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from oo_desktop.config import section_as
from oo_desktop.connectors.days_ahead import check_days_ahead, days_ahead_setting
from oo_desktop.errors import ConfigError
from oo_desktop.http.addresses import as_folder, check_url
from oo_desktop.language import translated, untranslated


class GoogleCalendarSettings(Struct, frozen=True, kw_only=True):
    """Says where Google is, and as which client to sign in (developers.google.com/identity).

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


SETTINGS = (
    days_ahead_setting(
        "google_calendar",
        label=untranslated("All calendars"),
        meaning=untranslated("How many days after today events are listed of."),
    ),
)
"""What a person changes by the window or by `oo-desktop set`."""


def settings_from_section(section: Mapping[str, object]) -> GoogleCalendarSettings:
    """Return the settings in `[google_calendar]`. Raises ConfigError, naming the key."""
    settings = section_as(section, GoogleCalendarSettings, "google_calendar")
    for key in ("api_url", "authorize_url", "token_url", "revoke_url"):
        check_url(getattr(settings, key), f"google_calendar.{key}")
    for name in ("client_id", "client_secret"):
        value = getattr(settings, name)
        key = f"google_calendar.{name}"
        # Neither can have a space, and a secret must not end up in the sentence.
        if len(value) > 512 or not value.isascii() or not value.isprintable() or " " in value:
            raise ConfigError(
                translated("{key} is not one that Google gives out.", key=key), key=key
            )
    if settings.client_secret and not settings.client_id:
        raise ConfigError(
            translated("google_calendar.client_secret needs its client_id beside it."),
            key="google_calendar.client_secret",
        )
    check_days_ahead(settings.days_ahead, "google_calendar")
    return replace(settings, api_url=as_folder(settings.api_url))
