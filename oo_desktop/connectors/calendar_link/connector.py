"""Makes the connector of calendar links.

What reads a calendar is imported when an account is first asked for: it takes a megabyte, and not
everybody has one.
"""

import asyncio
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from oo_desktop.connectors.base import Connector, ConnectorContext, SecretLink
from oo_desktop.connectors.calendar_link.schedule import poll_after
from oo_desktop.connectors.calendar_link.settings import ICS, settings_from_section
from oo_desktop.http.secret_link import LinkClient
from oo_desktop.language import untranslated
from oo_desktop.model.signals import UserId
from oo_desktop.model.source import Identity, Snapshot

if TYPE_CHECKING:
    from oo_desktop.connectors.calendar_link.source import IcsSource

WHERE = untranslated(
    "In Google Calendar it is in the calendar’s settings under “Integrate calendar”; Outlook and "
    "Nextcloud offer one when you publish or share a calendar."
)


def connector(section: Mapping[str, object]) -> Connector:
    """Return the connector that `[ics]` sets up. Raises ConfigError."""
    settings = settings_from_section(section)
    return Connector(
        id=ICS,
        name=untranslated("Calendar link"),
        sign_in=SecretLink(identity=_identity, where=WHERE),
        source=lambda given: LateSource(given, days_ahead=settings.days_ahead),
        poll_after=poll_after,
        connect=untranslated("Add a calendar link…"),
        connect_another=untranslated("Add another calendar link…"),
        saved=untranslated("saved events"),
    )


class LateSource:
    """Is an `IcsSource` from when it is first asked for something."""

    id = ICS

    def __init__(self, given: ConnectorContext, *, days_ahead: int) -> None:
        self._given = given
        self._days_ahead = days_ahead
        self._source: IcsSource | None = None

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        """Return what `IcsSource` does."""
        await _import()
        return await self._imported().fetch_signals(user_id)

    def _imported(self) -> "IcsSource":
        from oo_desktop.connectors.calendar_link.source import IcsSource

        if self._source is None:  # else somebody else was here, while one waited
            self._source = IcsSource(link=self._given.links, days_ahead=self._days_ahead)
        return self._source


async def _identity(client: LinkClient) -> Identity:
    await _import()
    from oo_desktop.connectors.calendar_link.source import identity

    return await identity(client)


async def _import() -> None:
    """Not on the loop, which it would hold for long."""
    await asyncio.to_thread(import_module, "oo_desktop.connectors.calendar_link.source")
