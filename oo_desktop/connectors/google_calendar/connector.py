"""Makes the connector of Google Calendar."""

from collections.abc import Mapping

from oo_desktop.connectors.base import Connector
from oo_desktop.connectors.google_calendar import wire
from oo_desktop.connectors.google_calendar.schedule import poll_after
from oo_desktop.connectors.google_calendar.settings import settings_from_section
from oo_desktop.connectors.google_calendar.sign_in import google_sign_in
from oo_desktop.connectors.google_calendar.source import GoogleCalendarSource, identity
from oo_desktop.language import untranslated


def connector(section: Mapping[str, object]) -> Connector:
    """Return the connector that `[google_calendar]` sets up. Raises ConfigError."""
    settings = settings_from_section(section)
    return Connector(
        id=wire.GOOGLE_CALENDAR,
        name="Google Calendar",
        home="https://calendar.google.com",
        sign_in=google_sign_in(settings, identity=identity),
        source=lambda given: GoogleCalendarSource(
            client=given.clients,
            days_ahead=settings.days_ahead,
            chosen=given.calendars,
            may_write=given.may_write,
            has_list=given.has_list,
        ),
        poll_after=poll_after,
        saved=untranslated("saved events"),
    )
