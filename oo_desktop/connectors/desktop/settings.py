"""Reads the section `[desktop]` of config.toml."""

from collections.abc import Mapping

from msgspec import Struct

from oo_desktop.config import MAX_DAYS_AHEAD, section_as
from oo_desktop.errors import ConfigError
from oo_desktop.model.settings import Kind, Setting


class DesktopSettings(Struct, frozen=True, kw_only=True):
    """Says how much of a calendar is shown. days_ahead: whole days after today."""

    days_ahead: int = 1


SETTINGS = (
    Setting(
        name="desktop.days_ahead",
        kind=Kind.WHOLE,
        default=1,
        heading="Events, this far ahead",
        label="This computer’s calendars alone",
        meaning="The same for this computer’s calendars alone; left out, as for all.",
        most=MAX_DAYS_AHEAD,
        unit=("day", "days"),
        least_words="today only",
    ),
)


def settings_from_section(section: Mapping[str, object]) -> DesktopSettings:
    """Return the settings in `[desktop]`. Raises ConfigError, naming the key."""
    settings = section_as(section, DesktopSettings, "desktop")
    if not 0 <= settings.days_ahead <= MAX_DAYS_AHEAD:
        raise ConfigError(
            f"desktop.days_ahead must be from 0 to {MAX_DAYS_AHEAD}.", key="desktop.days_ahead"
        )
    return settings
