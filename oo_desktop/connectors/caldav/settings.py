"""Reads the section `[caldav]` of config.toml."""

from collections.abc import Mapping

from msgspec import Struct

from oo_desktop.config import MAX_DAYS_AHEAD, section_as
from oo_desktop.errors import ConfigError
from oo_desktop.model.settings import Kind, Setting


class CalDavSettings(Struct, frozen=True, kw_only=True):
    """Says how much of a calendar is shown. days_ahead: whole days after today."""

    days_ahead: int = 1


SETTINGS = (
    Setting(
        name="caldav.days_ahead",
        kind=Kind.WHOLE,
        default=1,
        heading="Events, this far ahead",
        label="CalDAV servers alone",
        meaning="The same for CalDAV servers alone; left out, as for all calendars.",
        most=MAX_DAYS_AHEAD,
        unit=("day", "days"),
        least_words="today only",
    ),
)
"""What a person changes by the window or by `oo-desktop set`."""


def settings_from_section(section: Mapping[str, object]) -> CalDavSettings:
    """Return the settings in `[caldav]`. Raises ConfigError, naming the key."""
    settings = section_as(section, CalDavSettings, "caldav")
    if not 0 <= settings.days_ahead <= MAX_DAYS_AHEAD:
        raise ConfigError(
            f"caldav.days_ahead must be from 0 to {MAX_DAYS_AHEAD}.", key="caldav.days_ahead"
        )
    return settings
