"""Makes the connector of calendar links."""

from collections.abc import Mapping

from oo_desktop.connectors.base import Connector, SecretLink
from oo_desktop.connectors.calendar_link.settings import settings_from_section
from oo_desktop.connectors.calendar_link.source import IcsSource, identity, poll_after
from oo_desktop.language import untranslated

WHERE = untranslated(
    "In Google Calendar it is in the calendar’s settings under “Integrate calendar”; Outlook and "
    "Nextcloud offer one when you publish or share a calendar."
)


def connector(section: Mapping[str, object]) -> Connector:
    """Return the connector that `[ics]` sets up. Raises ConfigError."""
    settings = settings_from_section(section)
    return Connector(
        id=IcsSource.id,
        name=untranslated("Calendar link"),
        sign_in=SecretLink(identity=identity, where=WHERE),
        source=lambda given: IcsSource(link=given.links, days_ahead=settings.days_ahead),
        poll_after=poll_after,
        connect=untranslated("Add a calendar link…"),
        connect_another=untranslated("Add another calendar link…"),
        saved=untranslated("saved events"),
    )
