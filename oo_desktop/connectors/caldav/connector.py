"""Makes the connector of CalDAV servers.

What reads and writes is imported when an account is first asked for: it takes a megabyte, and most
people have none.
"""

import asyncio
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from oo_desktop.connectors.base import Connector, ConnectorContext, Password
from oo_desktop.connectors.caldav import nextcloud
from oo_desktop.connectors.caldav.presets import PRESETS
from oo_desktop.connectors.caldav.settings import settings_from_section
from oo_desktop.connectors.caldav.wire import CALDAV_ID
from oo_desktop.http.client import ServiceClient
from oo_desktop.language import untranslated
from oo_desktop.model.signals import NewTask, SignalId, UserId
from oo_desktop.model.source import Action, Added, Snapshot
from oo_desktop.model.state import Listed

if TYPE_CHECKING:
    from oo_desktop.connectors.caldav.source import CalDavSource


def connector(section: Mapping[str, object]) -> Connector:
    """Return the connector that `[caldav]` sets up. Raises ConfigError."""
    settings = settings_from_section(section)
    return Connector(
        id=CALDAV_ID,
        name="CalDAV",
        sign_in=Password(find_server=_find_server, presets=PRESETS, browser=nextcloud.SIGN_IN),
        source=lambda given: LateSource(given, days_ahead=settings.days_ahead),
        saved=untranslated("saved tasks and events"),
        lists=Listed.TASKS,
    )


class LateSource:
    """Is a `CalDavSource` from when it is first asked for something."""

    id = CALDAV_ID
    understands_marks = False
    has_inbox = False

    def __init__(self, given: ConnectorContext, *, days_ahead: int) -> None:
        self._given = given
        self._days_ahead = days_ahead
        self._source: CalDavSource | None = None

    async def fetch_signals(self, user_id: UserId) -> Snapshot:
        """Return what `CalDavSource` does."""
        return await (await self._made()).fetch_signals(user_id)

    async def act(self, user_id: UserId, signal_id: SignalId, action: Action) -> None:
        """Do what `CalDavSource` does."""
        await (await self._made()).act(user_id, signal_id, action)

    async def add(self, user_id: UserId, task: NewTask, *, may_be_added: bool) -> Added:
        """Return what `CalDavSource` does."""
        return await (await self._made()).add(user_id, task, may_be_added=may_be_added)

    async def remove(
        self, user_id: UserId, task: NewTask, signal_id: SignalId | None, *, uuid: str
    ) -> None:
        """Do what `CalDavSource` does."""
        await (await self._made()).remove(user_id, task, signal_id, uuid=uuid)

    async def _made(self) -> "CalDavSource":
        if self._source is None:
            await asyncio.to_thread(import_module, "oo_desktop.connectors.caldav.source")
        return self._imported()

    def _imported(self) -> "CalDavSource":
        from oo_desktop.connectors.caldav.source import CalDavSource

        if self._source is None:  # else somebody else was here, while one waited
            self._source = CalDavSource(
                client=self._given.clients,
                days_ahead=self._days_ahead,
                chosen=self._given.calendars,
                may_write=self._given.may_write,
                has_list=self._given.has_list,
            )
        return self._source


async def _find_server(
    typed: str, user_name: str, client_at: Callable[[str], ServiceClient]
) -> str:
    discovery = await asyncio.to_thread(import_module, "oo_desktop.connectors.caldav.discovery")
    url: str = await discovery.find_server(typed, user_name, client_at)
    return url
