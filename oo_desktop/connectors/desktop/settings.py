"""Reads the section `[desktop]` of config.toml."""

from collections.abc import Mapping

from msgspec import Struct

from oo_desktop.config import section_as
from oo_desktop.connectors.days_ahead import check_days_ahead, days_ahead_setting
from oo_desktop.language import untranslated


class DesktopSettings(Struct, frozen=True, kw_only=True):
    """Says how much of a calendar is shown. days_ahead: whole days after today."""

    days_ahead: int = 1


SETTINGS = (
    days_ahead_setting(
        "desktop",
        label=untranslated("This computer’s calendars alone"),
        meaning=untranslated("The same for this computer’s calendars alone; left out, as for all."),
    ),
)
"""What a person changes by the window or by `oo-desktop set`."""


def settings_from_section(section: Mapping[str, object]) -> DesktopSettings:
    """Return the settings in `[desktop]`. Raises ConfigError, naming the key."""
    settings = section_as(section, DesktopSettings, "desktop")
    check_days_ahead(settings.days_ahead, "desktop")
    return settings
