"""Reads the section `[ics]` of config.toml."""

from collections.abc import Mapping

from msgspec import Struct

from oo_desktop.config import section_as
from oo_desktop.connectors.days_ahead import check_days_ahead, days_ahead_setting
from oo_desktop.language import untranslated
from oo_desktop.model.signals import ProviderId

ICS = ProviderId("ics")


class CalendarLinkSettings(Struct, frozen=True, kw_only=True):
    """Says how much of a calendar is shown. days_ahead: whole days after today."""

    days_ahead: int = 1


SETTINGS = (
    days_ahead_setting(
        "ics",
        label=untranslated("Calendar links alone"),
        meaning=untranslated("The same for calendar links alone; left out, as for all calendars."),
    ),
)
"""What a person changes by the window or by `oo-desktop set`."""


def settings_from_section(section: Mapping[str, object]) -> CalendarLinkSettings:
    """Return the settings in `[ics]`. Raises ConfigError, naming the key."""
    settings = section_as(section, CalendarLinkSettings, "ics")
    check_days_ahead(settings.days_ahead, "ics")
    return settings
