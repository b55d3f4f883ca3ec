"""Makes the connector of CalDAV servers."""

from collections.abc import Mapping

from oo_desktop.connectors.base import Connector, Password
from oo_desktop.connectors.caldav import nextcloud
from oo_desktop.connectors.caldav.discovery import find_server
from oo_desktop.connectors.caldav.presets import PRESETS
from oo_desktop.connectors.caldav.settings import settings_from_section
from oo_desktop.connectors.caldav.source import CalDavSource
from oo_desktop.connectors.caldav.wire import CALDAV_ID
from oo_desktop.model.state import Listed


def connector(section: Mapping[str, object]) -> Connector:
    """Return the connector that `[caldav]` sets up. Raises ConfigError."""
    settings = settings_from_section(section)
    return Connector(
        id=CALDAV_ID,
        name="CalDAV",
        sign_in=Password(find_server=find_server, presets=PRESETS, browser=nextcloud.SIGN_IN),
        source=lambda given: CalDavSource(
            client=given.clients,
            days_ahead=settings.days_ahead,
            chosen=given.calendars,
            may_write=given.may_write,
            has_list=given.has_list,
        ),
        saved="saved tasks and events",
        lists=Listed.TASKS,
    )
